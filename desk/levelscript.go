package desk

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"skranke"
	"skranke/store"
)

// An escalation level may run a script. The transaction in which a ticket
// reaches the level stores that the run is owed; the script runs after it, for
// it may take minutes and makes transactions of its own:
//
//	owed --claim--> leased --the script has ended, well or not--> gone
//	 ^                 |---- this process stops meanwhile
//	 |                 |---- it died, and the lease is over
//	 |<----------------|     the second time: given up, gone
//
// A script that fails is not run again: what it stored stays, so that it may do
// that twice, and what it fails at is likely to be there the next time as well.
// One that was cut off with its process is run once more, for that says nothing
// of the script; no more than once, for it may be what ends the process.

// scriptLease is how long a claimed run belongs to who claimed it, and
// scriptDeadline how long it may take. Both are longer than any setting lets a
// script run.
const (
	scriptLease    = 15 * time.Minute
	scriptDeadline = 12 * time.Minute
)

// maxScriptBegun is how often a run is begun before it is given up.
const maxScriptBegun = 2

// owesScript stores that the script of the level t has reached is to be run. A
// script that is gone is passed over: it must not keep the ticket, and those
// that wait behind it, from the rest.
//
// Spec: ticket/escalate.3
func (d *Desk) owesScript(ctx context.Context, tx *store.WriteTx, t *skranke.Ticket, level skranke.AlertLevel) error {
	if level.Script == 0 {
		return nil
	}
	_, err := tx.Script(ctx, level.Script)
	if isRefusal(err, skranke.CodeCustomError) {
		d.log.WarnContext(ctx, "an escalation level names a script that is gone", "script", level.Script, "priority", t.Priority, "level", level.Level)
		return nil
	}
	if err != nil {
		return err
	}
	return tx.AddScriptRun(ctx, &store.ScriptRun{Ticket: t.ID, Level: level.Level, Script: level.Script})
}

// runOwedScripts runs the scripts that tickets are owed, one after the other,
// and returns how many it has begun. Those of a ticket run in the order in which
// it reached the levels, also if several processes call this.
//
// Spec: ticket/escalate.3
func (d *Desk) runOwedScripts(ctx context.Context) (count int, err error) {
	for ctx.Err() == nil {
		run, err := d.claimScript(ctx)
		if err != nil {
			return count, fmt.Errorf("taking a script that is owed: %w", err)
		}
		if run == nil {
			return count, nil
		}
		log := d.log.With("ticket", run.Ticket, "level", run.Level, "script", run.Script)
		switch {
		case d.opts.Scripts == nil:
			log.WarnContext(ctx, "the script of an escalation level was left out: no scripts are run here")
		case run.Begun > maxScriptBegun:
			log.ErrorContext(ctx, "the script of an escalation level was given up: each time it ran, the process ended", "begun", run.Begun-1)
		default:
			count++
			name, err := d.runLevelScript(ctx, run)
			if err != nil && ctx.Err() != nil {
				log.WarnContext(ctx, "the script of an escalation level was cut off, the server stops", "name", name, "error", err)
				return count, d.settleScript(ctx, run, (*store.WriteTx).ReleaseScriptRun)
			}
			if err != nil {
				log.ErrorContext(ctx, "the script of an escalation level failed, it is not run again", "name", name, "error", err)
			} else {
				log.InfoContext(ctx, "the script of an escalation level has run", "name", name)
			}
		}
		if err := d.settleScript(ctx, run, (*store.WriteTx).DeleteScriptRun); err != nil {
			return count, err
		}
	}
	return count, nil
}

// claimScript takes the run that is owed longest, nil if none is. Nobody else
// gets it until it is settled or the lease ends.
func (d *Desk) claimScript(ctx context.Context) (run *store.ScriptRun, err error) {
	now := d.now()
	err = d.db.Read(ctx, func(tx *store.ReadTx) (err error) { // most looks find nothing and need not write
		run, err = tx.DueScriptRun(ctx, now)
		return err
	})
	if err != nil || run == nil {
		return nil, err
	}
	err = d.db.Write(ctx, func(tx *store.WriteTx) (err error) {
		if run, err = tx.DueScriptRun(ctx, now); err != nil || run == nil {
			return err
		}
		claimed, err := tx.ClaimScriptRun(ctx, run, now.Add(scriptLease))
		if !claimed {
			run = nil
		}
		return err
	})
	return run, err
}

// runLevelScript runs a script for nobody in particular and returns its name,
// as far as that is known.
func (d *Desk) runLevelScript(ctx context.Context, run *store.ScriptRun) (name string, err error) {
	ctx, cancel := context.WithTimeout(ctx, scriptDeadline)
	defer cancel()
	var script *skranke.Script
	var user *skranke.User
	err = d.db.Read(ctx, func(tx *store.ReadTx) (err error) {
		if script, err = tx.Script(ctx, run.Script); err != nil {
			return err
		}
		user, err = tx.User(ctx, skranke.SystemUser)
		return err
	})
	if err != nil {
		return "", err
	}
	_, err = d.runScript(ctx, system(viaClock), script, user, map[string]string{
		"ticketId": strconv.FormatInt(int64(run.Ticket), 10), "level": strconv.Itoa(run.Level),
	})
	return script.IncludeID, err
}

// settleScript stores how a run went.
func (d *Desk) settleScript(ctx context.Context, run *store.ScriptRun, settle func(*store.WriteTx, context.Context, *store.ScriptRun) error) error {
	err := d.settle(ctx, func(ctx context.Context, tx *store.WriteTx) error { return settle(tx, ctx, run) })
	if err != nil {
		return fmt.Errorf("storing that a script has ended: %w", err)
	}
	return nil
}

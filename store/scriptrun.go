package store

import (
	"context"
	"fmt"
	"time"

	"skranke"
)

// ScriptRun is a script that a ticket is owed for reaching an escalation level.
type ScriptRun struct {
	ID     int64
	Ticket skranke.TicketID
	Level  int
	Script skranke.ScriptID
	Begun  int // how often somebody has begun it
}

// AddScriptRun stores a run nobody has begun and sets its ID.
func (tx *WriteTx) AddScriptRun(ctx context.Context, r *ScriptRun) error {
	var err error
	r.ID, err = tx.number(ctx, `INSERT INTO script_run (ticket_id, level, script_id, begun) VALUES ($1, $2, $3, 0) RETURNING id`,
		num(r.Ticket), num(r.Level), num(r.Script))
	if err != nil {
		return fmt.Errorf("storing a script run of ticket %d: %w", r.Ticket, err)
	}
	return nil
}

// DueScriptRun returns the oldest run that nobody is at and that waits for no
// older one of its ticket, nil if there is none.
func (tx *ReadTx) DueScriptRun(ctx context.Context, now time.Time) (*ScriptRun, error) {
	run := new(ScriptRun)
	found, err := tx.one(ctx, `SELECT r.id, r.ticket_id, r.level, r.script_id, r.begun FROM script_run r
		WHERE (r.leased_until IS NULL OR r.leased_until <= $1)
			AND NOT EXISTS (SELECT 1 FROM script_run o WHERE o.ticket_id = r.ticket_id AND o.id < r.id)
		ORDER BY r.id LIMIT 1`,
		func(r *rows) {
			*run = ScriptRun{ID: r.int64(), Ticket: id[skranke.TicketID](r), Level: r.int(), Script: id[skranke.ScriptID](r), Begun: r.int()}
		}, moment(now))
	if err != nil {
		return nil, fmt.Errorf("looking for due scripts: %w", err)
	}
	if !found {
		return nil, nil
	}
	return run, nil
}

// ClaimScriptRun leases the run, counts that as a beginning and says whether it
// was still as r says: it is given to one caller only.
func (tx *WriteTx) ClaimScriptRun(ctx context.Context, r *ScriptRun, until time.Time) (bool, error) {
	n, err := tx.exec(ctx, `UPDATE script_run SET leased_until = $3, begun = begun + 1 WHERE id = $1 AND begun = $2`,
		num(r.ID), num(r.Begun), moment(until))
	if err != nil {
		return false, fmt.Errorf("claiming script run %d: %w", r.ID, err)
	}
	if n > 0 {
		r.Begun++
	}
	return n > 0, nil
}

// ReleaseScriptRun ends the lease of a run, unless somebody else has begun it
// since: whoever looks next may begin it.
func (tx *WriteTx) ReleaseScriptRun(ctx context.Context, r *ScriptRun) error {
	_, err := tx.exec(ctx, `UPDATE script_run SET leased_until = NULL WHERE id = $1 AND begun = $2`, num(r.ID), num(r.Begun))
	if err != nil {
		return fmt.Errorf("releasing script run %d: %w", r.ID, err)
	}
	return nil
}

// DeleteScriptRun deletes a run, unless somebody else has begun it since.
func (tx *WriteTx) DeleteScriptRun(ctx context.Context, r *ScriptRun) error {
	_, err := tx.exec(ctx, `DELETE FROM script_run WHERE id = $1 AND begun = $2`, num(r.ID), num(r.Begun))
	if err != nil {
		return fmt.Errorf("deleting script run %d: %w", r.ID, err)
	}
	return nil
}

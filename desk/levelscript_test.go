package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// engine runs scripts that are written in Go.
type engine func(ctx context.Context, run ScriptRun) (string, error)

func (e engine) RunScript(ctx context.Context, run ScriptRun) (string, error) { return e(ctx, run) }

// runs is what was run, as "source ticket level".
type runs []string

func (r *runs) note(run ScriptRun) {
	*r = append(*r, strings.Join([]string{run.Source, run.Variables["ticketId"], run.Variables["level"]}, " "))
}

// runsScripts puts a desk in the place of the one there is that runs scripts
// with e, nil for none, and says what it logs.
func (w *world) runsScripts(e ScriptEngine) *bytes.Buffer {
	w.t.Helper()
	log := new(bytes.Buffer)
	w.desk.opts.Scripts = e
	w.desk.opts.Log = slog.New(slog.NewTextHandler(log, nil))
	w.restart()
	return log
}

// runsOwed runs the scripts that are owed.
func (w *world) runsOwed() int {
	w.t.Helper()
	n, err := w.desk.runOwedScripts(w.t.Context())
	if err != nil {
		w.t.Fatalf("running what is owed: %v", err)
	}
	return n
}

// owes says whether a script is owed, whoever is at it.
func (w *world) owes() bool {
	w.t.Helper()
	var run *store.ScriptRun
	w.read(func(tx *store.ReadTx) (err error) {
		run, err = tx.DueScriptRun(w.t.Context(), w.now.Add(1000*time.Hour))
		return err
	})
	return run != nil
}

func (w *world) script(source string) skranke.ScriptID {
	w.t.Helper()
	s := &skranke.Script{IncludeID: source, Source: source}
	if err := w.desk.SetScript(w.t.Context(), s); err != nil {
		w.t.Fatal(err)
	}
	return s.ID
}

// atLevel makes a ticket of that priority, whose next level is due.
func (w *world) atLevel(priority skranke.PriorityID) skranke.TicketID {
	w.t.Helper()
	ticket := &skranke.Ticket{Status: skranke.Active, Owner: skranke.SystemUser, Priority: priority, AlertTimeout: w.now}
	w.write(func(tx *store.WriteTx) error { return tx.InsertTicket(w.t.Context(), ticket) })
	return ticket.ID
}

func (w *world) wantRuns(got runs, want ...string) {
	w.t.Helper()
	if !slices.Equal(got, want) {
		w.t.Errorf("got runs %q, want %q", got, want)
	}
}

// Each level runs its script once, after those of the levels below, as the
// system user and by the rules of the port.
func TestLevelsRunScripts(t *testing.T) {
	inWorld(t, func(w *world) {
		var ran runs
		w.runsScripts(engine(func(ctx context.Context, run ScriptRun) (string, error) {
			ran.note(run)
			if user, ok := run.User.(map[string]any); !ok || user["id"] != int64(skranke.SystemUser) {
				t.Errorf("got user %v, want the system user", run.User)
			}
			if len(run.Variables) != 2 {
				t.Errorf("got variables %v, want ticketId and level", run.Variables)
			}
			_, err := run.Host(ctx, "ticket.set", fmt.Appendf(nil, `{"id": %s, "values": {"title": "level %s"}}`, run.Variables["ticketId"], run.Variables["level"]))
			return "", err
		}))
		low, high := w.script("low"), w.script("high")
		priority := w.priority(&skranke.Priority{Levels: []skranke.AlertLevel{
			{Level: 4, Timeout: 10, Script: high}, {Level: 3, Timeout: 10}, {Level: 2, Timeout: 10, Script: low},
		}})
		first := w.atLevel(priority)
		// ticket.escalate.3: nothing runs before the level is reached, nor in its transaction.
		if n := w.runsOwed(); n != 0 || w.owes() {
			t.Errorf("got %d runs before the level, want none", n)
		}
		w.passes(0)
		if len(ran) != 0 || !w.owes() {
			t.Errorf("got runs %q in the transaction of the level, want none yet", ran)
		}
		second := w.atLevel(priority)
		for range 3 {
			w.passes(10 * time.Minute)
		}
		if n := w.runsOwed(); n != 4 || w.owes() {
			t.Errorf("got %d runs, want 4 and no more to do", n)
		}
		w.wantRuns(ran, fmt.Sprint("low ", first, " 2"), fmt.Sprint("low ", second, " 2"), fmt.Sprint("high ", first, " 4"), fmt.Sprint("high ", second, " 4"))
		if n := w.runsOwed(); n != 0 {
			t.Errorf("got %d runs a second time, want none", n)
		}
		log := w.logged(first, logSetTicket)
		if got := w.ticket(first); got.Title != "level 4" || len(log) != 2 || log[0].User != skranke.SystemUser || log[0].Via != viaClock {
			t.Errorf("got title %q and log %+v, want what the scripts set, by the system user", got.Title, log)
		}
	})
}

// What is owed survives the process, also if it dies while the script runs: then
// it is run once more when the lease is over, and no more than that.
func TestLevelScriptsSurviveRestarts(t *testing.T) {
	inWorld(t, func(w *world) {
		var ran runs
		run := engine(func(_ context.Context, run ScriptRun) (string, error) {
			ran.note(run)
			return "", nil
		})
		w.runsScripts(run)
		priority := w.priority(&skranke.Priority{Levels: []skranke.AlertLevel{{Level: 1, Script: w.script("s")}}})
		dies := func() {
			t.Helper()
			w.restart()
			if run, err := w.desk.claimScript(t.Context()); err != nil || run == nil {
				t.Fatalf("got %v, %v, want a run to take", run, err)
			}
			w.restart()
			w.now = w.now.Add(scriptLease - time.Millisecond)
			if n := w.runsOwed(); n != 0 {
				t.Errorf("got %d runs while the lease lasts, want none", n)
			}
			w.now = w.now.Add(time.Millisecond)
		}
		// ticket.escalate.3
		first := w.atLevel(priority)
		w.passes(0)
		w.restart()
		if n := w.runsOwed(); n != 1 || w.owes() {
			t.Errorf("got %d runs after a restart, want 1", n)
		}
		second := w.atLevel(priority)
		w.passes(0)
		dies()
		if n := w.runsOwed(); n != 1 || w.owes() {
			t.Errorf("got %d runs after the process died, want 1", n)
		}
		w.atLevel(priority)
		w.passes(0)
		dies()
		dies()
		log := w.runsScripts(run)
		if n := w.runsOwed(); n != 0 || w.owes() {
			t.Errorf("got %d runs after the process died twice, want none and nothing left", n)
		}
		w.wantRuns(ran, fmt.Sprint("s ", first, " 1"), fmt.Sprint("s ", second, " 1"))
		if text := log.String(); !strings.Contains(text, "given up") || !strings.Contains(text, "begun=2") {
			t.Errorf("got log %s, want that it was given up", text)
		}
	})
}

// A script that is cut off because the server stops runs once more as soon as
// it is there again.
func TestLevelScriptsAreCutOff(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx, stop := context.WithCancel(t.Context())
		var ran runs
		log := w.runsScripts(engine(func(ctx context.Context, run ScriptRun) (string, error) {
			ran.note(run)
			stop()
			return "", ctx.Err()
		}))
		priority := w.priority(&skranke.Priority{Levels: []skranke.AlertLevel{{Level: 1, Script: w.script("s")}}})
		ticket := w.atLevel(priority)
		w.passes(0)
		// ticket.escalate.3
		if n, err := w.desk.runOwedScripts(ctx); n != 1 || err != nil || !w.owes() {
			t.Errorf("got %d runs, %v, want one that stays owed", n, err)
		}
		if !strings.Contains(log.String(), "cut off") {
			t.Errorf("got log %s, want that it was cut off", log)
		}
		w.restart()
		if n := w.runsOwed(); n != 1 || w.owes() {
			t.Errorf("got %d runs after the restart, want 1", n)
		}
		w.wantRuns(ran, fmt.Sprint("s ", ticket, " 1"), fmt.Sprint("s ", ticket, " 1"))
	})
}

// A script that fails is logged, is not run again and keeps nobody else from
// theirs. Neither does one that is gone.
func TestLevelScriptsFail(t *testing.T) {
	inWorld(t, func(w *world) {
		var ran runs
		log := w.runsScripts(engine(func(_ context.Context, run ScriptRun) (string, error) {
			ran.note(run)
			if run.Source == "bad" {
				return "", errors.New("missing is not defined at line 3")
			}
			return "printed", nil
		}))
		good, bad := w.script("good"), w.script("bad")
		priority := w.priority(&skranke.Priority{Levels: []skranke.AlertLevel{{Level: 1, Timeout: 1, Script: bad}, {Level: 2, Timeout: 1, Script: good}, {Level: 3, Timeout: 1, Script: 99}}})
		ticket := w.atLevel(priority)
		w.passes(0)
		w.passes(time.Minute)
		if n := w.passes(time.Minute); n != 1 || w.ticket(ticket).AlertLevel != 3 {
			t.Errorf("got %d tickets changed by a level whose script is gone, want 1", n)
		}
		// ticket.escalate.3
		if n := w.runsOwed(); n != 2 || w.owes() {
			t.Errorf("got %d runs, want 2 and nothing left", n)
		}
		w.passes(2 * scriptLease)
		if n := w.runsOwed(); n != 0 {
			t.Errorf("got %d runs later, want none", n)
		}
		w.wantRuns(ran, fmt.Sprint("bad ", ticket, " 1"), fmt.Sprint("good ", ticket, " 2"))
		for _, want := range []string{"missing is not defined at line 3", fmt.Sprint("ticket=", ticket), "level=1", "name=bad", "script=99"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log does not say %q:\n%s", want, log)
			}
		}
	})
}

// Where no scripts are run, what is owed goes, and the log says so.
func TestLevelScriptsAreOff(t *testing.T) {
	inWorld(t, func(w *world) {
		priority := w.priority(&skranke.Priority{Levels: []skranke.AlertLevel{{Level: 1, Script: w.script("s")}}})
		log := w.runsScripts(nil)
		ticket := w.atLevel(priority)
		// ticket.escalate.3
		if n := w.passes(0); n != 1 || !w.owes() {
			t.Errorf("got %d tickets at the level, want 1", n)
		}
		if n := w.runsOwed(); n != 0 || w.owes() {
			t.Errorf("got %d runs, want none and nothing left", n)
		}
		if text := log.String(); !strings.Contains(text, "no scripts are run here") || !strings.Contains(text, fmt.Sprint("ticket=", ticket)) {
			t.Errorf("got log %s, want what was left out", text)
		}
	})
}

// A level names a script that is there, and it stays while a level names it.
func TestLevelsKeepTheirScripts(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := t.Context()
		p := &skranke.Priority{Name: "High", Levels: []skranke.AlertLevel{{Level: 1, Script: 7}}}
		if err := w.desk.AddPriority(ctx, p); !isRefusal(err, skranke.CodeCustomError) {
			t.Errorf("got %v for a script there is not, want a refusal", err)
		}
		script := w.script("s")
		p.Levels[0].Script = script
		if err := w.desk.AddPriority(ctx, p); err != nil {
			t.Fatal(err)
		}
		if err := w.desk.DeleteScript(ctx, "s"); !isRefusal(err, skranke.CodeCustomError) {
			t.Errorf("got %v for deleting a script that a level runs, want a refusal", err)
		}
		w.atLevel(p.ID)
		w.passes(0)
		err := w.desk.SetPriority(ctx, p.ID, func(p *skranke.Priority) error {
			p.Levels[0].Script = 0
			return nil
		})
		if err := errors.Join(err, w.desk.DeleteScript(ctx, "S")); err != nil {
			t.Error(err)
		}
		if w.owes() {
			t.Error("a script that is gone is still owed")
		}
	})
}

// Two processes on one database run each script once, and those of a ticket one
// after the other.
func TestTwoDesksRunScriptsOnce(t *testing.T) {
	const tickets = 12
	dir, database, now := t.TempDir(), storetest.Database(t), noon
	var mu sync.Mutex
	levels, running := map[string][]string{}, map[string]bool{}
	run := engine(func(_ context.Context, run ScriptRun) (string, error) {
		ticket := run.Variables["ticketId"]
		mu.Lock()
		if running[ticket] {
			t.Errorf("two scripts of ticket %s run at once", ticket)
		}
		running[ticket] = true
		levels[ticket] = append(levels[ticket], run.Variables["level"])
		mu.Unlock()
		mu.Lock()
		running[ticket] = false
		mu.Unlock()
		return "", nil
	})
	var desks [2]*Desk
	var w *world
	for i := range desks {
		db, err := store.Open(t.Context(), store.Options{Dir: dir, Memory: 32 << 20, Database: database})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		opts := Options{Now: func() time.Time { return now }, PasswordCost: PasswordCost{MemoryKiB: 64, Passes: 1}, Scripts: run}
		if desks[i], err = New(t.Context(), db, opts); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			w = &world{t: t, db: db, desk: desks[0], now: now}
		}
	}
	w.user(&skranke.User{ID: skranke.SystemUser, UserName: "system", Status: skranke.UserSystem})
	script := w.script("s")
	priority := w.priority(&skranke.Priority{Levels: []skranke.AlertLevel{{Level: 1, Script: script}, {Level: 2, Script: script}}})
	for range tickets {
		w.atLevel(priority)
	}
	var counts [2]int
	var working sync.WaitGroup
	for i, d := range desks {
		working.Go(func() {
			for range 3 {
				if _, err := d.DoDue(t.Context()); err != nil {
					t.Errorf("desk %d: %v", i, err)
				}
				n, err := d.runOwedScripts(t.Context())
				if err != nil {
					t.Errorf("desk %d: %v", i, err)
				}
				counts[i] += n
			}
		})
	}
	working.Wait()
	// ticket.escalate.3
	if counts[0]+counts[1] != 2*tickets || w.owes() {
		t.Errorf("got %d and %d runs, want %d together and nothing left", counts[0], counts[1], 2*tickets)
	}
	if len(levels) != tickets {
		t.Errorf("got runs of %d tickets, want %d", len(levels), tickets)
	}
	for ticket, ran := range levels {
		if !slices.Equal(ran, []string{"1", "2"}) {
			t.Errorf("ticket %s: got levels %q, want 1 and 2", ticket, ran)
		}
	}
}

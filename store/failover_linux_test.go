package store_test

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"skranke/store"
	"skranke/store/storetest"
)

// pairOf is a primary with a standby it waits for, and the database on the
// primary or on whichever of them is one.
func pairOf(t *testing.T, both bool) (primary, standby *storetest.Server, db *store.DB) {
	t.Helper()
	primary, standby = storetest.NewServer(t), storetest.NewServer(t)
	primary.Init()
	standby.Follow(primary)
	url := primary.URL()
	if both {
		url = primary.URL(standby)
	}
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Database: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.Hurry(500 * time.Millisecond)
	return primary, standby, db
}

// A write that waits for a standby which is away is answered in time, by nobody
// knows whether it was done; the next ones are not begun. When the standby is
// back all is well, and nothing was done twice.
func TestPostgresStandbyAway(t *testing.T) {
	t.Parallel()
	primary, standby, db := pairOf(t, false)
	runs := 0
	try := func(detail string) error {
		return db.Write(t.Context(), func(tx *store.WriteTx) error { runs++; return note(t.Context(), tx, detail) })
	}
	standby.Kill()
	if err := try("first"); !errors.Is(err, store.ErrUnknown) || runs != 1 {
		t.Errorf("got %v after %d runs, want ErrUnknown after one", err, runs)
	}
	equal(t, logged(t, db), map[string]int{}) // reads go on
	standby.Start()
	db.Hurry(time.Hour)
	if err := try("second"); err != nil {
		t.Errorf("with the standby: %v", err)
	}
	equal(t, logged(t, db), map[string]int{"first": 1, "second": 1})

	// Somebody has the server wait no longer: that is no acknowledgement.
	standby.Kill()
	outcome := make(chan error, 1)
	go func() { outcome <- try("third") }()
	primary.Await("SELECT COUNT(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND backend_type = 'client backend'", "1")
	if err := <-outcome; !errors.Is(err, store.ErrUnknown) {
		t.Errorf("got %v, want ErrUnknown", err)
	}
	standby.Start()
	if err := try("fourth"); err != nil {
		t.Error(err)
	}
	equal(t, logged(t, db), map[string]int{"first": 1, "second": 1, "third": 1, "fourth": 1})
}

// A server that is frozen keeps its connections and answers nobody. That is
// noticed, also in the middle of a write, and the one that was promoted in its
// place is found.
func TestPostgresFrozen(t *testing.T) {
	t.Parallel()
	primary, standby, db := pairOf(t, true)
	write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return note(ctx, tx, "first") })
	runs := 0
	write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
		runs++
		if err := note(ctx, tx, "second"); err != nil {
			return err
		}
		if runs == 1 {
			primary.Signal(syscall.SIGSTOP)
			standby.Promote()
		}
		return note(ctx, tx, "third")
	})
	want := map[string]int{"first": 1, "second": 1, "third": 1}
	equal(t, logged(t, db), want)

	// It thaws, and is left alone.
	primary.Signal(syscall.SIGCONT)
	for range 3 {
		standby.Query("SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'skranke'")
		equal(t, logged(t, db), want)
	}
	write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return note(ctx, tx, "fourth") })
	if got := primary.Query("SELECT COUNT(*) FROM action_log WHERE ticket_id = 7"); got != "1" {
		t.Errorf("got %s entries in the former primary, want 1", got)
	}
}

// A primary that is set to be read from only is not written to, and another one
// is waited for.
func TestPostgresReadOnly(t *testing.T) {
	t.Parallel()
	primary, standby, db := pairOf(t, true)
	write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return note(ctx, tx, "first") })
	before := versions(t, db)
	primary.Query("ALTER SYSTEM SET default_transaction_read_only = on")
	primary.Query("SELECT pg_reload_conf()")
	primary.Await("SHOW default_transaction_read_only", "on")
	done := make(chan error, 1)
	go func() {
		done <- db.Write(t.Context(), func(tx *store.WriteTx) error { return note(t.Context(), tx, "second") })
	}()
	standby.Promote()
	if err := <-done; err != nil {
		t.Errorf("a write while a server takes over: %v", err)
	}
	equal(t, logged(t, db), map[string]int{"first": 1, "second": 1})
	if got := primary.Query("SELECT COUNT(*) FROM action_log WHERE ticket_id = 7"); got != "1" {
		t.Errorf("got %s entries in the former primary, want 1", got)
	}
	// What is remembered of the former primary may not be known to this one, whatever it has counted.
	if after := versions(t, db); after[0] == before[0] || after[1] == before[1] {
		t.Errorf("got versions %d, want others than those of the former primary, %d", after, before)
	}
}

// versions are those of the lists and of people.
func versions(t *testing.T, db *store.DB) (list [2]int64) {
	t.Helper()
	read(t, db, func(ctx context.Context, tx *store.ReadTx) (err error) {
		if list[0], err = tx.CatalogVersion(ctx); err == nil {
			list[1], err = tx.PeopleVersion(ctx)
		}
		return err
	})
	return list
}

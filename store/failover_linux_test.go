package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

// lone is a server without a standby, and its database, opened with a URL that is
// content with any primary.
func lone(t *testing.T) (server *storetest.Server, db *store.DB) {
	t.Helper()
	server = storetest.NewServer(t)
	server.Init()
	url := strings.Replace(server.URL(), "target_session_attrs=any", "target_session_attrs=primary", 1)
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Database: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.Impatient(500 * time.Millisecond)
	return server, db
}

// noHang ends what would never come to an end.
func noHang(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// A primary that takes no writes is as good as away, also to read from and also if
// the URL is content with it: calls get an answer, few sessions are tried, and it
// is found again when it takes writes.
func TestPostgresTakesNoWrites(t *testing.T) {
	t.Parallel()
	server, db := lone(t)
	const sessions = "SELECT sessions FROM pg_stat_database WHERE datname = 'skranke'"
	for name, do := range map[string]struct{ on, then, off string }{
		"the database, for new sessions": {
			on:   "ALTER DATABASE skranke SET default_transaction_read_only = on",
			then: "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'skranke'",
			off:  "BEGIN READ WRITE; ALTER DATABASE skranke RESET default_transaction_read_only; COMMIT",
		},
		"the server, for those there are as well": {
			on:   "ALTER SYSTEM SET default_transaction_read_only = on",
			then: "SELECT pg_reload_conf()",
			off:  "ALTER SYSTEM RESET default_transaction_read_only",
		},
	} {
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return note(ctx, tx, name) })
		server.Query(do.on)
		server.Query(do.then)
		server.Await("SHOW default_transaction_read_only", "on")
		before := server.Query(sessions)
		ctx := noHang(t)
		err := db.Write(ctx, func(tx *store.WriteTx) error { return note(ctx, tx, "refused") })
		if err == nil || ctx.Err() != nil {
			t.Errorf("%s: a write: got %v, want an error in time", name, err)
		}
		if err := db.CheckSchema(ctx); err == nil || ctx.Err() != nil {
			t.Errorf("%s: a read: got %v, want an error in time", name, err)
		}
		var tried int
		fmt.Sscan(server.Query(strings.Replace(sessions, " FROM", " - "+before+" FROM", 1)), &tried)
		if tried > 40 {
			t.Errorf("%s: %d sessions were tried, want few", name, tried)
		}
		server.Query(do.off)
		server.Query("SELECT pg_reload_conf()")
		server.Await("SHOW default_transaction_read_only", "off")
		for err := db.CheckSchema(ctx); err != nil; err = db.CheckSchema(ctx) {
			if ctx.Err() != nil {
				t.Fatalf("%s: afterwards: %v", name, err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return note(ctx, tx, "after") })
	}
	equal(t, logged(t, db), map[string]int{"the database, for new sessions": 1, "the server, for those there are as well": 1, "after": 2})
}

// What ends the session it runs in, each time, is not run for ever, and keeps
// nobody else from writing and reading.
func TestPostgresEndsItsSession(t *testing.T) {
	t.Parallel()
	server, db := lone(t)
	server.Query(`CREATE FUNCTION perish() RETURNS BIGINT LANGUAGE plpgsql AS $$ BEGIN
		PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(60);
		RETURN 0;
	END $$`)
	server.Query(`CREATE FUNCTION perish_instead() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN PERFORM perish(); RETURN NEW; END $$`)
	server.Query(`CREATE TRIGGER perish BEFORE INSERT ON action_log FOR EACH ROW EXECUTE FUNCTION perish_instead()`)
	server.Query(`ALTER TABLE failure RENAME TO failure_before`)
	server.Query(`CREATE VIEW failure AS SELECT subject, at FROM failure_before WHERE perish() = 0`)
	server.Query(`INSERT INTO failure_before (subject, at) VALUES ('a', 1)`)
	const killed = `SELECT sessions_killed FROM pg_stat_database WHERE datname = 'skranke'`
	ctx := noHang(t)
	for what, try := range map[string]func() error{
		"the first of a write": func() error {
			return db.Write(ctx, func(tx *store.WriteTx) error { return note(ctx, tx, "perishes") })
		},
		"a later one of a write": func() error {
			return db.Write(ctx, func(tx *store.WriteTx) error {
				return errors.Join(tx.SetSetting(ctx, "a", "b"), note(ctx, tx, "perishes"))
			})
		},
		"the first of a read": func() error {
			return db.Read(ctx, func(tx *store.ReadTx) error { _, err := tx.Failures(ctx, "a", time.Time{}); return err })
		},
		"a short read": func() error {
			return db.ReadShort(ctx, func(tx *store.ReadTx) error { _, err := tx.Failures(ctx, "a", time.Time{}); return err })
		},
	} {
		before := server.Query(killed)
		done := make(chan error, 1)
		go func() { done <- try() }()
		others := 0
		for ended := false; !ended; {
			select {
			case err := <-done:
				ended = true
				if err == nil || ctx.Err() != nil {
					t.Errorf("%s: got %v, want an error in time", what, err)
				}
			default:
			}
			write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return tx.SetSetting(ctx, "c", "d") })
			if err := db.CheckSchema(ctx); err != nil {
				t.Errorf("%s: another read meanwhile: %v", what, err)
			}
			others++
		}
		var attempts int
		fmt.Sscan(server.Query(strings.Replace(killed, " FROM", " - "+before+" FROM", 1)), &attempts)
		if attempts < 2 || attempts > 8 || others < 2 {
			t.Errorf("%s: run %d times, while others wrote %d times, want few of it and some of the others", what, attempts, others)
		}
	}
	equal(t, logged(t, db), map[string]int{})
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

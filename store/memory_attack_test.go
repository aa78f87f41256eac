package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"skranke"
)

// A log that begins anew changes nothing stored; one that has grown, was
// recovered and begins anew does, though it counts the same commits.
func TestBeatFollows(t *testing.T) {
	old := beat{3007000, 0, 0, 1, 7, 20, 0xaaaa, 0xbbbb, 0x01000000, 0x1234, 5, 6}
	anew := old
	anew[4], anew[8], anew[9], anew[10], anew[11] = 0, 0x02000000, 0x9876, 7, 8
	if !anew.follows(&old) {
		t.Error("the same state with an empty log is taken for another one")
	}
	for name, change := range map[string]func(*beat){
		"frames were written":         func(b *beat) { b[4] = 1 },
		"a commit was counted":        func(b *beat) { b[2]++ },
		"other frames, recovered":     func(b *beat) { b[6]++ },
		"other frames, recovered too": func(b *beat) { b[7]++ },
		"another number of pages":     func(b *beat) { b[5]++ },
		"the log began anew twice":    func(b *beat) { b[8] = 0x03000000 },
		"the log did not begin":       func(b *beat) { b[8] = old[8] },
	} {
		other := anew
		change(&other)
		if other.follows(&old) {
			t.Errorf("%s: taken for the same state", name)
		}
	}
}

// Every ticket has a stamp of its own, whatever its id.
func TestStampedReadsOfAnyID(t *testing.T) {
	var s stampedReads
	ids := []skranke.TicketID{1, 511, 512, 513, -1, -511, -512, -513, 1 << 62, -1 << 62, 1<<63 - 1, -1 << 63}
	for i, id := range ids {
		if got := s.get(id); got != 0 {
			t.Errorf("ticket %d has the stamp %d of another one", id, got)
		}
		s.set(id, int64(i+1))
	}
	for i, id := range ids {
		if got := s.get(id); got != int64(i+1) {
			t.Errorf("ticket %d: got stamp %d, want %d", id, got, i+1)
		}
	}
}

// Which version a row holds stands in its column, not in the number SQLite has
// given it: that may be any after the table was filled anew.
func TestMemoryKnowsVersionsByTheirIDs(t *testing.T) {
	own, _ := twoProcesses(t)
	ctx := t.Context()
	err := own.Write(ctx, func(tx *WriteTx) error {
		for _, sql := range []string{
			`UPDATE catalog SET rowid = rowid + 10`,
			`UPDATE catalog SET rowid = 23 - id`,
			`UPDATE catalog SET rowid = rowid - 20`,
			`UPDATE catalog SET version = 100 * id`,
		} {
			if _, err := tx.exec(ctx, sql); err != nil {
				return err
			}
		}
		return tx.InsertTicket(ctx, &skranke.Ticket{})
	})
	if err != nil {
		t.Fatal(err)
	}
	var got *TicketRead
	read := func(tx *ReadTx) {
		if r, err := tx.TicketFor(ctx, 1, Viewer{}, TicketParts{}); err == nil {
			got = r
		}
	}
	for range 2 {
		remembers(own, read)
	}
	if err := own.Write(ctx, func(tx *WriteTx) error { return tx.changedPeople(ctx, nil) }); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		remembers(own, read)
		if got.CatalogVersion != 100 || got.PeopleVersion != 201 {
			t.Errorf("got versions %d and %d, want 100 and 201", got.CatalogVersion, got.PeopleVersion)
		}
	}
}

// What is remembered of a session is as old as the record: it says nothing about
// one that would seem to be close to its end, as its last use may be later.
func TestMemoryLeavesOldSessionsToTheDatabase(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	db, err := Open(t.Context(), Options{Dir: t.TempDir(), Memory: 32 << 20, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if db.memory == nil {
		t.Skip("databases cannot be watched on this system")
	}
	ctx := t.Context()
	sid := SessionID{1}
	write := func(fn func(*WriteTx) error) {
		t.Helper()
		if err := db.Write(ctx, fn); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx *WriteTx) error {
		return tx.InsertSession(ctx, &Session{ID: sid, LastUsed: now, TTL: time.Hour})
	})
	var got *Session
	read := func(tx *ReadTx) {
		if s, err := tx.Session(ctx, sid); err == nil {
			got = s
		}
	}
	remembers(db, read)
	if !remembers(db, read) {
		t.Error("a session is not remembered")
	}
	now = now.Add(time.Hour) // the last moment it would be alive if it was not used
	used := now.Add(-time.Second)
	write(func(tx *WriteTx) error { return tx.TouchSessions(ctx, []SessionTouch{{ID: sid, LastUsed: used}}) })
	if remembers(db, read); !got.LastUsed.Equal(used) {
		t.Errorf("close to its end: got last use %s, want %s", got.LastUsed, used)
	}
}

// panicking is a connection that panics at a commit, once.
type panicking struct {
	*sqliteConn
	panicked bool
}

func (p *panicking) commit() error {
	if !p.panicked {
		p.panicked = true
		panic("no commit today")
	}
	return p.sqliteConn.commit()
}

// A panic while committing undoes the write and holds up nobody, nor does what
// was noted of it get lost or taken for done.
func TestPanicWhileCommitting(t *testing.T) {
	own, _ := twoProcesses(t)
	ctx := t.Context()
	insert := func(tx *WriteTx) error { return tx.InsertTicket(ctx, &skranke.Ticket{Title: "old"}) }
	if err := own.Write(ctx, insert); err != nil {
		t.Fatal(err)
	}
	retitle := func(title string) func(*WriteTx) error {
		return func(tx *WriteTx) error {
			row, err := tx.Ticket(ctx, 1)
			if err != nil {
				return err
			}
			row.Title = title
			return tx.UpdateTicket(ctx, row)
		}
	}
	title := func() (title string) {
		t.Helper()
		err := own.ReadShort(ctx, func(tx *ReadTx) error {
			read, err := tx.TicketFor(ctx, 1, Viewer{}, TicketParts{})
			if err == nil {
				title = read.Ticket.Title
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return title
	}
	for range 2 {
		title()
	}
	own.writer = &panicking{sqliteConn: own.writer.(*sqliteConn)}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is gone")
			}
		}()
		own.Write(ctx, retitle("lost"))
	}()
	if got := title(); got != "old" {
		t.Errorf("after the panic: got title %q, want %q", got, "old")
	}
	if err := own.Write(ctx, retitle("new")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := title(); got != "new" {
			t.Errorf("after the next write: got title %q, want %q", got, "new")
		}
	}
}

// A closed database remembers nothing.
func TestMemoryOfAClosedDatabase(t *testing.T) {
	own, foreign := twoProcesses(t)
	ctx := t.Context()
	if err := own.Write(ctx, func(tx *WriteTx) error { return tx.InsertTicket(ctx, &skranke.Ticket{}) }); err != nil {
		t.Fatal(err)
	}
	read := func(tx *ReadTx) { tx.TicketFor(ctx, 1, Viewer{}, TicketParts{}) }
	remembers(own, read)
	if !remembers(own, read) {
		t.Error("nothing is remembered")
	}
	if err := errors.Join(own.Close(), foreign.Close()); err != nil {
		t.Fatal(err)
	}
	if err := own.ReadShort(ctx, func(*ReadTx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want %v", err, ErrClosed)
	}
}

// Another program makes the log empty, rewrites the whole database and changes
// rows without saying so; a long result, a read that ends early and one whose
// caller has gone leave nothing wrong behind.
func TestMemoryBesideOtherPrograms(t *testing.T) {
	own, foreign := twoProcesses(t)
	ctx := t.Context()
	err := own.Write(ctx, func(tx *WriteTx) error { return tx.InsertTicket(ctx, &skranke.Ticket{Title: "0"}) })
	if err != nil {
		t.Fatal(err)
	}
	title := func() (title string) {
		t.Helper()
		err := own.ReadShort(ctx, func(tx *ReadTx) error {
			read, err := tx.TicketFor(ctx, 1, Viewer{}, TicketParts{})
			if err == nil {
				title = read.Ticket.Title
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return title
	}
	other, err := foreign.dialect.open(ctx, foreign.target, true)
	if err != nil {
		t.Fatal(err)
	}
	defer other.close()
	for _, sql := range []string{
		`PRAGMA wal_checkpoint(TRUNCATE)`,
		`UPDATE ticket SET title = '1'`,
		`PRAGMA wal_checkpoint(RESTART)`,
		`PRAGMA wal_checkpoint(TRUNCATE)`,
		`UPDATE ticket SET title = '2'`,
		`VACUUM`,
		`PRAGMA wal_checkpoint(TRUNCATE)`,
		`UPDATE ticket SET title = '` + strings.Repeat("3", 2*biggestRecord) + `'`,
		`UPDATE ticket SET title = '4'`,
	} {
		if err := other.script(ctx, sql); err != nil {
			t.Fatalf("%.60s: %v", sql, err)
		}
		var want string
		err := own.Read(ctx, func(tx *ReadTx) error {
			row, err := tx.Ticket(ctx, 1)
			if err == nil {
				want = row.Title
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if got := title(); got != want {
				t.Errorf("after %.60s: got title %.20q, want %.20q", sql, got, want)
			}
		}
	}
	// Nobody takes the database out of the mode that makes it watchable.
	if err := other.script(ctx, `PRAGMA busy_timeout = 0; PRAGMA journal_mode = delete`); !errors.Is(err, errBusy) {
		t.Errorf("leaving the write-ahead log: got %v, want it refused", err)
	}
}

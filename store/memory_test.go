package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"skranke"
)

// twoProcesses opens a database twice, as two processes would; the first
// remembers.
func twoProcesses(t *testing.T) (own, foreign *DB) {
	dir := t.TempDir()
	var dbs [2]*DB
	for i := range dbs {
		db, err := Open(t.Context(), Options{Dir: dir, Memory: 32 << 20})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Errorf("closing: %v", err)
			}
		})
		dbs[i] = db
	}
	if dbs[0].memory == nil {
		t.Skip("databases cannot be watched on this system")
	}
	return dbs[0], dbs[1]
}

// remembers says whether a short read of fn needs no database.
func remembers(db *DB, fn func(*ReadTx)) bool {
	runs, last := 0, false
	db.ReadShort(context.Background(), func(tx *ReadTx) error {
		runs++
		fn(tx)
		last = tx.at != nil && !tx.missed
		return nil
	})
	return runs == 1 && last
}

// However tickets, sessions and all they hang on are changed, by this process or
// another, in writes that succeed or fail: what is remembered is what is stored.
func TestMemoryIsExact(t *testing.T) {
	own, foreign := twoProcesses(t)
	ctx := t.Context()
	w := &memoryWorld{rand: rand.New(rand.NewPCG(7, 11)), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(own.Write(ctx, func(tx *WriteTx) error {
		for range w.people() {
			if err := tx.InsertCompany(ctx, &skranke.Company{}); err != nil {
				return err
			}
			if err := tx.InsertCustomer(ctx, &skranke.Customer{}); err != nil {
				return err
			}
		}
		return tx.InsertTicket(ctx, &skranke.Ticket{Title: "first"})
	}))
	tickets, sessions := 0, 0
	for step := range 1000 {
		db := own
		if w.rand.IntN(8) == 0 {
			db = foreign
		}
		change, name := w.change()
		switch w.rand.IntN(6) {
		case 0: // undone
			undone := errors.New("undone")
			if err := db.Write(ctx, func(tx *WriteTx) error { return errors.Join(change(ctx, tx), undone) }); !errors.Is(err, undone) {
				t.Fatalf("step %d, %s: got %v", step, name, err)
			}
		case 1: // beside others in one transaction, of which one is undone
			second, _ := w.change()
			var all sync.WaitGroup
			for i, fn := range []func(context.Context, *WriteTx) error{change, second, change} {
				all.Go(func() {
					err := db.Write(ctx, func(tx *WriteTx) error {
						if err := fn(ctx, tx); err != nil {
							return err
						}
						if i == 1 {
							return context.Canceled
						}
						return nil
					})
					if err != nil && i != 1 {
						t.Errorf("step %d, %s: %v", step, name, err)
					}
				})
			}
			all.Wait()
		default:
			if err := db.Write(ctx, func(tx *WriteTx) error { return change(ctx, tx) }); err != nil {
				t.Fatalf("step %d, %s: %v", step, name, err)
			}
		}
		what := fmt.Sprintf("step %d, %s", step, name)
		for range 2 {
			if remembers(own, func(tx *ReadTx) { w.compareTicket(t, own, tx, what) }) {
				tickets++
			}
			if remembers(own, func(tx *ReadTx) { w.compareSession(t, own, tx, what) }) {
				sessions++
			}
		}
		if t.Failed() {
			return
		}
	}
	if tickets < 250 || sessions < 250 {
		t.Errorf("of 2000 reads each only %d of tickets and %d of sessions needed no database", tickets, sessions)
	}
}

// sessionTTL is long or for ever: the clock of the databases is not that of the test.
func sessionTTL(n int) time.Duration { return time.Duration(n%2) * 100 * 365 * 24 * time.Hour }

// memoryWorld makes changes at random.
type memoryWorld struct {
	rand    *rand.Rand
	now     time.Time
	ticket  skranke.TicketID // looked at and changed most
	session SessionID
}

func (w *memoryWorld) people() int { return 4 }

func (w *memoryWorld) customer() skranke.CustomerID {
	return skranke.CustomerID(1 + w.rand.IntN(w.people()))
}

// compareTicket reads a ticket from tx and from the database.
func (w *memoryWorld) compareTicket(t *testing.T, db *DB, tx *ReadTx, what string) {
	ctx := t.Context()
	viewer := Viewer{Customer: w.customer(), Company: skranke.CompanyID(w.rand.IntN(w.people() + 1))}
	want := TicketParts{Internal: w.rand.IntN(2) == 0, Extra: w.rand.IntN(2) == 0, ReadBy: w.rand.IntN(4) > 0}
	ticket := w.ticket
	if w.rand.IntN(2) == 0 {
		ticket = 1
	}
	got, gotErr := tx.TicketFor(ctx, ticket, viewer, want)
	if tx.missed || errors.Is(gotErr, errNotShort) {
		return // it is asked again
	}
	db.Read(ctx, func(tx *ReadTx) error {
		stored, err := tx.TicketFor(ctx, ticket, viewer, want)
		if err != nil || gotErr != nil {
			if fmt.Sprint(err) != fmt.Sprint(gotErr) {
				t.Errorf("%s: ticket %d: got error %v, stored is %v", what, ticket, gotErr, err)
			}
			return nil
		}
		if !want.ReadBy {
			got.Ticket.ReadByCustomer, stored.Ticket.ReadByCustomer = time.Time{}, time.Time{}
		}
		if stored.Connected { // then colleagues do not matter
			got.Colleague, stored.Colleague = false, false
		}
		if !reflect.DeepEqual(got, stored) {
			t.Errorf("%s: ticket %d for %v, %v:\ngot    %+v\nstored %+v", what, ticket, viewer, want, got, stored)
		}
		return nil
	})
}

// compareSession reads a session from tx and from the database.
func (w *memoryWorld) compareSession(t *testing.T, db *DB, tx *ReadTx, what string) {
	ctx := t.Context()
	got, gotErr := tx.Session(ctx, w.session)
	if tx.missed {
		return // it is asked again
	}
	db.Read(ctx, func(tx *ReadTx) error {
		stored, err := tx.Session(ctx, w.session)
		if got != nil && stored != nil && !got.LastUsed.After(stored.LastUsed) {
			got.LastUsed = stored.LastUsed // which is not kept up with
		}
		if !reflect.DeepEqual(got, stored) || fmt.Sprint(err) != fmt.Sprint(gotErr) {
			t.Errorf("%s: session: got %+v, %v\nstored %+v, %v", what, got, gotErr, stored, err)
		}
		return nil
	})
}

// change returns something to do to the database, the same however often it is run.
func (w *memoryWorld) change() (fn func(context.Context, *WriteTx) error, name string) {
	w.now = w.now.Add(time.Second)
	now, customer, other, n := w.now, w.customer(), w.customer(), w.rand.IntN(1000)
	if w.rand.IntN(4) == 0 || w.ticket == 0 {
		w.ticket = skranke.TicketID(1 + w.rand.IntN(20))
	}
	ticket, session := w.ticket, w.session
	word := strconv.Itoa(n)
	set := func(change func(*skranke.Ticket)) func(context.Context, *WriteTx) error {
		return func(ctx context.Context, tx *WriteTx) error {
			row, err := tx.Ticket(ctx, ticket)
			if skranke.CodeOf(err) == skranke.CodeUnknownTicket {
				return tx.InsertTicket(ctx, &skranke.Ticket{ID: ticket, Title: word, Customers: []skranke.CustomerID{customer}})
			}
			if err != nil {
				return err
			}
			change(row)
			return tx.UpdateTicket(ctx, row)
		}
	}
	switch w.rand.IntN(14) {
	case 0:
		return set(func(t *skranke.Ticket) { t.Title = word }), "title"
	case 1:
		return set(func(t *skranke.Ticket) { t.Customers = []skranke.CustomerID{customer, other} }), "customers"
	case 2:
		return set(func(t *skranke.Ticket) {
			t.Extra = []skranke.ExtraValue{{Field: 3, Value: skranke.Value{Set: true, Text: word, Int: int64(n)}}}
		}), "extra value"
	case 3, 4:
		return func(ctx context.Context, tx *WriteTx) error {
			return tx.InsertMessage(ctx, &skranke.Message{Ticket: 1, SLevel: skranke.SLevel(1 + n%2), CreatedAt: now})
		}, "message"
	case 5:
		return func(ctx context.Context, tx *WriteTx) error {
			row, err := tx.Customer(ctx, customer)
			if err != nil {
				return err
			}
			row.Company = skranke.CompanyID(1 + n%w.people())
			row.Retired = n%5 == 0
			return tx.UpdateCustomer(ctx, row)
		}, "company"
	case 6:
		w.session = SessionID{byte(n), byte(n >> 8), byte(w.rand.IntN(256)), byte(w.rand.IntN(256))}
		session = w.session
		return func(ctx context.Context, tx *WriteTx) error {
			err := tx.InsertSession(ctx, &Session{ID: session, Customer: customer, LastUsed: now, TTL: sessionTTL(n)})
			if errors.Is(err, ErrExists) { // done before, in the same transaction
				return nil
			}
			return err
		}, "session"
	case 7:
		return func(ctx context.Context, tx *WriteTx) error {
			_, err := tx.DeleteSession(ctx, session)
			return err
		}, "log-out"
	case 8:
		return func(ctx context.Context, tx *WriteTx) error {
			return tx.TouchSessions(ctx, []SessionTouch{{ID: session, LastUsed: now}})
		}, "touch"
	case 9:
		return func(ctx context.Context, tx *WriteTx) error {
			return tx.SetSetting(ctx, "word", word)
		}, "setting"
	case 10: // beside the ticket itself, as no method does today
		return func(ctx context.Context, tx *WriteTx) error {
			_, err := tx.exec(ctx, `UPDATE extra_value SET text_value = $1 WHERE owner_id = $2`, text(word), num(ticket))
			return err
		}, "extra value alone"
	case 11:
		return func(ctx context.Context, tx *WriteTx) error {
			_, err := tx.exec(ctx, `DELETE FROM ticket_customer WHERE ticket_id = $1 AND rank > 0`, num(ticket))
			return err
		}, "customers alone"
	default:
		return func(ctx context.Context, tx *WriteTx) error {
			_, err := tx.StampRead(ctx, []ReadStamp{{ticket, now, customer}, {1, now, customer}}, time.Hour)
			return err
		}, "read stamps"
	}
}

// What a write has reported as done every later read sees, whoever else is
// reading and writing.
func TestMemoryKeepsUp(t *testing.T) {
	own, foreign := twoProcesses(t)
	ctx := t.Context()
	const tickets, rounds = 5, 60
	for range tickets {
		err := own.Write(ctx, func(tx *WriteTx) error { return tx.InsertTicket(ctx, &skranke.Ticket{Title: "0"}) })
		if err != nil {
			t.Fatal(err)
		}
	}
	var done [tickets + 1]atomic.Int64
	var writing, reading sync.WaitGroup
	for i, db := range []*DB{own, own, foreign} {
		writing.Go(func() {
			for round := range rounds {
				id := skranke.TicketID(1 + (i+round)%tickets)
				var n int
				err := db.Write(ctx, func(tx *WriteTx) error {
					row, err := tx.Ticket(ctx, id)
					if err != nil {
						return err
					}
					n, _ = strconv.Atoi(row.Title)
					n++
					row.Title = strconv.Itoa(n)
					return tx.UpdateTicket(ctx, row)
				})
				if err != nil {
					t.Errorf("writing: %v", err)
					return
				}
				for old := done[id].Load(); old < int64(n) && !done[id].CompareAndSwap(old, int64(n)); old = done[id].Load() {
				}
			}
		})
	}
	over := make(chan struct{})
	for range 3 {
		reading.Go(func() {
			for id := skranke.TicketID(1); ; id = 1 + id%tickets {
				select {
				case <-over:
					return
				default:
				}
				least := done[id].Load()
				err := own.ReadShort(ctx, func(tx *ReadTx) error {
					row, err := tx.TicketFor(ctx, id, Viewer{}, TicketParts{})
					if err != nil {
						return err
					}
					if n, _ := strconv.ParseInt(row.Ticket.Title, 10, 64); n < least && !tx.missed {
						if tx.at == nil || tx.memory.still(tx.at) {
							t.Errorf("ticket %d: read %d after %d was written", id, n, least)
						}
					}
					return nil
				})
				if err != nil {
					t.Errorf("reading: %v", err)
					return
				}
			}
		})
	}
	writing.Wait()
	close(over)
	reading.Wait()
}

// One commit of another process is enough to forget all, one of ours only what
// it changed.
func TestMemoryForgets(t *testing.T) {
	own, foreign := twoProcesses(t)
	ctx := t.Context()
	write := func(db *DB, fn func(*WriteTx) error) {
		t.Helper()
		if err := db.Write(ctx, fn); err != nil {
			t.Fatal(err)
		}
	}
	knows := func(id skranke.TicketID) bool {
		return remembers(own, func(tx *ReadTx) { tx.TicketFor(ctx, id, Viewer{}, TicketParts{}) })
	}
	for range 3 {
		write(own, func(tx *WriteTx) error { return tx.InsertTicket(ctx, &skranke.Ticket{}) })
	}
	if knows(1) || knows(2) {
		t.Error("tickets are remembered before they were read")
	}
	if !knows(1) || !knows(2) {
		t.Error("tickets are not remembered")
	}
	write(own, func(tx *WriteTx) error {
		return tx.InsertMessage(ctx, &skranke.Message{Ticket: 1, CreatedAt: time.Now()})
	})
	if knows(1) || !knows(2) || !knows(1) {
		t.Error("after a message in ticket 1, that alone is to be forgotten")
	}
	write(foreign, func(tx *WriteTx) error { return tx.SetSetting(ctx, "a", "b") })
	if knows(1) || knows(2) {
		t.Error("after another process has written, all is to be forgotten")
	}
	if !knows(1) || !knows(2) {
		t.Error("nothing is remembered any more")
	}
}

// The write-ahead log is copied into the database as it grows, and is bounded
// however much is written.
func TestLogIsBounded(t *testing.T) {
	own, _ := twoProcesses(t)
	dir := filepath.Dir(own.target)
	size := func(name string) int64 {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	write := func(i int) {
		large := strings.Repeat(string(rune('a'+i%26)), 5<<20)
		if err := own.Write(t.Context(), func(tx *WriteTx) error { return tx.SetSetting(t.Context(), "large", large) }); err != nil {
			t.Fatal(err)
		}
	}
	write(0)
	for end := time.Now().Add(30 * time.Second); size("skranke.db") < 5<<20; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the database has %d bytes, the log %d", size("skranke.db"), size("skranke.db-wal"))
		}
	}
	for i := range 40 {
		write(i)
	}
	const page = 4096 + 24
	if most := int64(longestLog*page + 2*5<<20); size("skranke.db-wal") > most {
		t.Errorf("the log has grown to %d bytes, want at most %d", size("skranke.db-wal"), most)
	}
}

// The write-ahead log begins anew again and again, in the middle of large
// transactions too; that is no reason to forget.
func TestMemoryOutlivesTheLog(t *testing.T) {
	own, _ := twoProcesses(t)
	ctx := t.Context()
	for range 2 {
		err := own.Write(ctx, func(tx *WriteTx) error { return tx.InsertTicket(ctx, &skranke.Ticket{}) })
		if err != nil {
			t.Fatal(err)
		}
	}
	read := func(tx *ReadTx) { tx.TicketFor(ctx, 1, Viewer{}, TicketParts{}) }
	remembers(own, read)
	begun, salt := 0, own.memory.beat()[beatSalt]
	for i := range 40 {
		large := strings.Repeat(string(rune('a'+i%26)), 1<<20) // every page of it is another one
		err := own.Write(ctx, func(tx *WriteTx) error {
			for n := range 3 { // more than fits the page cache
				if err := tx.SetSetting(ctx, strconv.Itoa(n), strconv.Itoa(i)+large); err != nil {
					return err
				}
			}
			remembers(own, read) // asks the database if need be
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		remembers(own, read) // finds out the version of the lists
		if !remembers(own, read) {
			t.Fatalf("forgotten after %d writes, when the log had begun %d times", i+1, begun)
		}
		if now := own.memory.beat()[beatSalt]; now != salt {
			begun, salt = begun+1, now
		}
		if era := own.memory.now.Load().era; era > 1 {
			t.Fatalf("everything was forgotten %d times, the log has begun %d times", era-1, begun)
		}
	}
	if begun == 0 {
		t.Error("the log has never begun anew: this test tests nothing")
	}
}

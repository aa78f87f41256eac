package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// wire stands between the store and a PostgreSQL server and fails as told.
type wire struct {
	t       testing.TB
	target  *pgconn.Config
	network string
	addr    string
	url     string

	mu     sync.Mutex
	conns  []net.Conn
	refuse int    // how many connections to close at once
	trap   []byte // cuts the wire when it passes; nil for never
	after  bool   // ... only when the server has answered it; the answer is lost
	caught int
}

func newWire(t testing.TB, target string) *wire {
	t.Helper()
	config, err := pgconn.ParseConfig(target)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{t: t, target: config}
	w.network, w.addr = pgconn.NetworkAddress(config.Host, config.Port)
	user := url.User(config.User)
	if config.Password != "" {
		user = url.UserPassword(config.User, config.Password)
	}
	w.url = (&url.URL{Scheme: "postgres", User: user, Host: ln.Addr().String(), Path: "/" + config.Database, RawQuery: "sslmode=disable"}).String()
	var working sync.WaitGroup
	working.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			working.Go(func() { w.serve(conn) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		w.cut()
		working.Wait()
	})
	return w
}

func (w *wire) serve(client net.Conn) {
	defer client.Close()
	w.mu.Lock()
	if w.refuse > 0 {
		w.refuse--
		w.mu.Unlock()
		return
	}
	w.mu.Unlock()
	server, err := net.Dial(w.network, w.addr)
	if err != nil {
		w.t.Errorf("the server cannot be reached: %v", err)
		return
	}
	defer server.Close()
	w.mu.Lock()
	w.conns = append(w.conns, client, server)
	w.mu.Unlock()
	trapped := make(chan struct{})
	go func() {
		defer server.Close()
		defer client.Close()
		buf := make([]byte, 1<<16)
		for {
			n, err := client.Read(buf)
			if n > 0 {
				switch caught, after := w.catch(buf[:n]); {
				case caught && !after:
					return
				case caught:
					close(trapped)
				}
				if _, err := server.Write(buf[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 1<<16)
	for {
		n, err := server.Read(buf)
		select {
		case <-trapped: // it has answered what was to be answered
			return
		default:
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
		if err != nil {
			return
		}
	}
}

// catch says whether the trap is in what passes, once.
func (w *wire) catch(b []byte) (caught, after bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.trap == nil || !bytes.Contains(b, w.trap) {
		return false, false
	}
	w.trap = nil
	w.caught++
	return true, w.after
}

// cut ends all connections.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

// openOver opens the database of target over a wire.
func openOver(t *testing.T) (*store.DB, *wire) {
	t.Helper()
	w := newWire(t, storetest.Postgres(t))
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Database: w.url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, w
}

// onPostgres leaves a test out where tests run on SQLite alone.
func onPostgres(t *testing.T) {
	t.Helper()
	if !storetest.WithPostgres() {
		t.Skip("tests are to run on SQLite alone")
	}
}

func logged(t *testing.T, db *store.DB) map[string]int {
	t.Helper()
	times := map[string]int{}
	read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
		entries, err := tx.Logs(ctx, 7)
		for _, e := range entries {
			times[e.Detail]++
		}
		return err
	})
	return times
}

func note(ctx context.Context, tx *store.WriteTx, detail string) error {
	return tx.Log(ctx, []store.LogEntry{{Action: 40, Ticket: 7, Detail: detail}})
}

// A write whose connection is lost before the commit is done on a new one.
func TestPostgresLostInTransaction(t *testing.T) {
	onPostgres(t)
	db, w := openOver(t)
	runs := 0
	write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
		runs++
		if err := note(ctx, tx, "first"); err != nil {
			return err
		}
		if runs == 1 {
			w.cut()
		}
		return note(ctx, tx, "second")
	})
	equal(t, logged(t, db), map[string]int{"first": 1, "second": 1})
	if runs != 2 {
		t.Errorf("ran %d times, want 2", runs)
	}

	// Between transactions nobody notices, however often.
	for range 3 {
		w.cut()
		equal(t, logged(t, db), map[string]int{"first": 1, "second": 1})
	}
	w.cut()
	runs = 0
	write(t, db, func(ctx context.Context, tx *store.WriteTx) error { runs++; return note(ctx, tx, "third") })
	equal(t, logged(t, db), map[string]int{"first": 1, "second": 1, "third": 1})
	if runs != 1 {
		t.Errorf("ran %d times, want 1", runs)
	}
	w.cut()
	err := db.ReadShort(t.Context(), func(tx *store.ReadTx) error { _, err := tx.CatalogVersion(t.Context()); return err })
	if err != nil {
		t.Errorf("a short read: %v", err)
	}

	// In the middle of a read it cannot be helped; the next one is well.
	err = db.Read(t.Context(), func(tx *store.ReadTx) error {
		if _, err := tx.CatalogVersion(t.Context()); err != nil {
			return err
		}
		w.cut()
		_, err := tx.CatalogVersion(t.Context())
		return err
	})
	if err == nil {
		t.Error("a read on two connections is no snapshot")
	}
	logged(t, db)
}

// When the connection is lost at the commit, nobody knows whether it was done:
// an error says so, and it is not done again.
func TestPostgresLostAtCommit(t *testing.T) {
	onPostgres(t)
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("after %t", after), func(t *testing.T) {
			db, w := openOver(t)
			w.cut() // a new connection names its statements anew
			w.mu.Lock()
			w.trap, w.after = []byte("COMMIT\x00"), after
			w.mu.Unlock()
			runs := 0
			err := db.Write(t.Context(), func(tx *store.WriteTx) error { runs++; return note(t.Context(), tx, "once") })
			if err == nil {
				t.Error("reported as done, which nobody knows")
			}
			w.mu.Lock()
			caught := w.caught
			w.mu.Unlock()
			if runs != 1 || caught != 1 {
				t.Errorf("ran %d times with %d cuts, want once with one", runs, caught)
			}
			want := map[string]int{}
			if after {
				want["once"] = 1
			}
			equal(t, logged(t, db), want)
			write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return note(ctx, tx, "next") })
			want["next"] = 1
			equal(t, logged(t, db), want)
		})
	}
}

// A server that is away for a while is waited for.
func TestPostgresIsWaitedFor(t *testing.T) {
	onPostgres(t)
	db, w := openOver(t)
	for range 2 {
		w.mu.Lock()
		w.refuse = 3
		w.mu.Unlock()
		w.cut()
		var group sync.WaitGroup
		for i := range 4 {
			group.Go(func() {
				var err error
				if i == 0 {
					err = db.Write(t.Context(), func(tx *store.WriteTx) error { return tx.SetSetting(t.Context(), "a", "b") })
				} else {
					err = db.Read(t.Context(), func(tx *store.ReadTx) error { _, err := tx.Catalog(t.Context()); return err })
				}
				if err != nil {
					t.Errorf("call %d: %v", i, err)
				}
			})
		}
		group.Wait()
		w.mu.Lock()
		left := w.refuse
		w.mu.Unlock()
		if left != 0 {
			t.Errorf("%d connections were not tried", left)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	w.mu.Lock()
	w.refuse = 1 << 30
	w.mu.Unlock()
	w.cut()
	cancelled := make(chan error, 1)
	go func() {
		cancelled <- db.Read(ctx, func(tx *store.ReadTx) error { _, err := tx.Catalog(ctx); return err })
	}()
	cancel()
	if err := <-cancelled; !errors.Is(err, context.Canceled) {
		t.Errorf("who does not wait any longer got %v, want context.Canceled", err)
	}
}

// TestPostgresKilledSessions ends all sessions again and again while many write:
// what was reported as done is there once, what was not is there once at most.
func TestPostgresKilledSessions(t *testing.T) {
	onPostgres(t)
	target := storetest.Postgres(t)
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Database: target})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	killer, err := pgconn.Connect(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer killer.Close(context.Background())
	const writers, rounds = 4, 30
	var mu sync.Mutex
	outcome := map[string]error{}
	var group sync.WaitGroup
	for writer := range writers {
		group.Go(func() {
			for round := range rounds {
				detail := fmt.Sprintf("%d.%d", writer, round)
				err := db.Write(t.Context(), func(tx *store.WriteTx) error {
					if err := tx.SetSetting(t.Context(), "last", detail); err != nil {
						return err
					}
					return note(t.Context(), tx, detail)
				})
				mu.Lock()
				outcome[detail] = err
				mu.Unlock()
				if writer == 0 && round%5 == 4 {
					mu.Lock()
					_, err := killer.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
						WHERE datname = current_database() AND pid <> pg_backend_pid()`).ReadAll()
					mu.Unlock()
					if err != nil {
						t.Errorf("killing: %v", err)
					}
				}
			}
		})
	}
	group.Wait()
	times := logged(t, db)
	done := 0
	for detail, err := range outcome {
		if n := times[detail]; err == nil && n != 1 || n > 1 {
			t.Errorf("%s: there %d times after %v", detail, n, err)
		}
		if err == nil {
			done++
		}
	}
	if done < writers*rounds/2 {
		t.Errorf("only %d of %d writes were done", done, writers*rounds)
	}
	if len(outcome) != writers*rounds {
		t.Errorf("%d outcomes, want %d", len(outcome), writers*rounds)
	}
}

// Results larger than what is taken at once come whole, also when other
// statements run between, and when several are open.
func TestLargeResults(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const many = 3000
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			for range many {
				if err := tx.InsertCompany(ctx, &skranke.Company{Name: "a", Domains: []string{"b.example"}, Note: strings.Repeat("x", 100)}); err != nil {
					return err
				}
			}
			return nil
		})
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			var seen, inner int
			err := tx.EachCompany(ctx, func(c *skranke.Company) error {
				if seen++; int(c.ID) != seen || len(c.Domains) != 1 || len(c.Note) != 100 {
					return fmt.Errorf("company %d came as number %d: %+v", c.ID, seen, c)
				}
				if seen%1000 != 0 {
					return nil
				}
				inner = 0
				err := tx.EachCompany(ctx, func(*skranke.Company) error {
					if inner++; inner == 500 {
						return io.EOF
					}
					return nil
				})
				if !errors.Is(err, io.EOF) {
					return fmt.Errorf("half a result inside: %v", err)
				}
				return nil
			})
			if seen != many {
				t.Errorf("got %d companies, want %d", seen, many)
			}
			return err
		})
	})
}

// Ids that were given never come again by themselves, and new ones go on after them.
func TestIDsGoOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, given := range []skranke.CompanyID{0, 2, 50, 7, 0, 51, 0} {
			c := &skranke.Company{ID: given}
			err := db.Write(t.Context(), func(tx *store.WriteTx) error { return tx.InsertCompany(t.Context(), c) })
			switch {
			case given == 51:
				if !errors.Is(err, store.ErrExists) {
					t.Errorf("51 again: got %v, want ErrExists", err)
				}
			case err != nil:
				t.Errorf("%d: %v", given, err)
			}
			if given == 0 && c.ID != 1 && c.ID != 51 && c.ID != 52 {
				t.Errorf("got id %d", c.ID)
			}
		}
	})
}

// What begins a part goes to the server with the first statement in it, twice if
// the part is one of another, and is prepared once.
func TestNestedParts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if n, err := db.Nested(t.Context()); err != nil || n != 7 {
			t.Errorf("got %d, %v, want 7", n, err)
		}
	})
}

package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

func open(t testing.TB, dir string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatalf("opening database: %v", err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestOpenAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "for us")
	db := open(t, dir)
	write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return tx.SetSetting(ctx, "name", hard) })
	if err := db.Close(); err != nil {
		t.Fatalf("closing: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	for _, err := range []error{
		db.Read(t.Context(), func(*store.ReadTx) error { return nil }),
		db.Write(t.Context(), func(*store.WriteTx) error { return nil }),
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("after closing: got %v, want ErrClosed", err)
		}
	}

	db = open(t, dir)
	read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
		settings, err := tx.Settings(ctx)
		equal(t, settings, map[string]string{"name": hard})
		return err
	})
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("got folder %v (%v), want it closed to others", info.Mode(), err)
	}
}

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "skranke.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, open := range []func(context.Context, store.Options) (*store.DB, error){store.Open, store.Inspect, store.Glance} {
		db, err := open(t.Context(), store.Options{Dir: dir})
		if err == nil {
			db.Close()
		}
		if !errors.Is(err, store.ErrDamaged) {
			t.Errorf("a text file: got %v, want ErrDamaged", err)
		}
	}
}

// TestSnapshot reads two numbers that every write keeps equal.
func TestSnapshot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return errors.Join(tx.InsertUser(ctx, &skranke.User{}), tx.InsertCompany(ctx, &skranke.Company{}))
		})
		ctx, stop := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer stop()
		var group sync.WaitGroup
		group.Go(func() {
			for n := 1; ctx.Err() == nil; n++ {
				word := fmt.Sprint(n)
				err := db.Write(t.Context(), func(tx *store.WriteTx) error {
					return errors.Join(
						tx.UpdateUser(t.Context(), &skranke.User{ID: 1, Email: word}),
						tx.UpdateCompany(t.Context(), &skranke.Company{ID: 1, Note: word}),
					)
				})
				if err != nil {
					t.Errorf("writing: %v", err)
					return
				}
			}
		})
		var seen sync.Map
		for range 3 {
			group.Go(func() {
				for ctx.Err() == nil {
					err := db.Read(t.Context(), func(tx *store.ReadTx) error {
						company, err := tx.Company(t.Context(), 1)
						if err != nil {
							return err
						}
						time.Sleep(2 * time.Millisecond)
						user, err := tx.User(t.Context(), 1)
						if err != nil {
							return err
						}
						if user.Email != company.Note {
							t.Errorf("got %q and %q in one snapshot", user.Email, company.Note)
						}
						seen.Store(user.Email, true)
						return nil
					})
					if err != nil {
						t.Errorf("reading: %v", err)
						return
					}
				}
			})
		}
		group.Wait()
		states := 0
		seen.Range(func(any, any) bool { states++; return true })
		if states < 3 {
			t.Errorf("saw %d states, want the writer to have gone on meanwhile", states)
		}
	})
}

func TestWriteIsAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		boom := errors.New("boom")
		err := db.Write(t.Context(), func(tx *store.WriteTx) error {
			if err := tx.SetSetting(t.Context(), "a", "1"); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Errorf("got %v, want the function's own error", err)
		}

		func() {
			defer func() {
				if got := recover(); got != "panic" {
					t.Errorf("recovered %v, want the panic to go on", got)
				}
			}()
			db.Write(t.Context(), func(tx *store.WriteTx) error {
				if err := tx.SetSetting(t.Context(), "b", "1"); err != nil {
					t.Error(err)
				}
				panic("panic")
			})
		}()
		func() {
			defer func() { recover() }()
			db.Read(t.Context(), func(tx *store.ReadTx) error { panic("panic") })
		}()

		ctx, cancel := context.WithCancel(t.Context())
		err = db.Write(ctx, func(tx *store.WriteTx) error {
			err := tx.SetSetting(ctx, "c", "1")
			cancel()
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled before the commit: got %v, want context.Canceled", err)
		}

		write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return tx.SetSetting(ctx, "d", "1") })
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			settings, err := tx.Settings(ctx)
			equal(t, settings, map[string]string{"d": "1"})
			return err
		})
	})
}

func TestCancelledContext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, background)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		ran := false
		for _, err := range []error{
			db.Read(gone, func(*store.ReadTx) error { ran = true; return nil }),
			db.Write(gone, func(*store.WriteTx) error { ran = true; return nil }),
			db.Read(t.Context(), func(tx *store.ReadTx) error { _, err := tx.Ticket(gone, 1); return err }),
			db.Write(t.Context(), func(tx *store.WriteTx) error { return tx.SetSetting(gone, "a", "1") }),
		} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled", err)
			}
		}
		if ran {
			t.Error("the function ran although its caller had gone")
		}

		// A caller in the queue can go, and one in the middle of a long read.
		write(t, db, func(context.Context, *store.WriteTx) error {
			short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			err := db.Write(short, func(*store.WriteTx) error { return nil })
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("waiting for another write: got %v, want context.DeadlineExceeded", err)
			}
			return nil
		})
		mid, cancel := context.WithCancel(t.Context())
		rows := 0
		err := db.Read(mid, func(tx *store.ReadTx) error {
			return tx.EachCustomer(mid, func(*skranke.Customer) error { rows++; cancel(); return nil })
		})
		if !errors.Is(err, context.Canceled) || rows != 1 {
			t.Errorf("cancelled while reading: got %v after %d rows, want context.Canceled after 1", err, rows)
		}
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			_, err := tx.Ticket(ctx, 1)
			return err
		})
	})
}

// TestNestedReads runs a query inside the rows of the same query.
func TestNestedReads(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, background)
		pairs := 0
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			return tx.EachAttachment(ctx, func(*skranke.Attachment) error {
				return tx.EachAttachment(ctx, func(*skranke.Attachment) error { pairs++; return nil })
			})
		})
		if pairs != 4 {
			t.Errorf("got %d pairs, want 4", pairs)
		}
		boom := errors.New("boom")
		err := db.Read(t.Context(), func(tx *store.ReadTx) error {
			return tx.EachAttachment(t.Context(), func(*skranke.Attachment) error { return boom })
		})
		if !errors.Is(err, boom) {
			t.Errorf("got %v, want the function's own error", err)
		}
	})
}

// TestManyReaders asks for more reads at once than there are connections.
func TestManyReaders(t *testing.T) {
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Readers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 20 {
				err := db.Read(t.Context(), func(tx *store.ReadTx) error { _, err := tx.Catalog(t.Context()); return err })
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

// TestTwoPrograms lets two open databases on one folder write in turn and at
// the same time, as the server and the command line do.
func TestTwoPrograms(t *testing.T) {
	storetest.EachKind(t, func(t *testing.T, open func(dir string) *store.DB) {
		dir := t.TempDir()
		one, two := open(dir), open(dir)
		write(t, one, func(ctx context.Context, tx *store.WriteTx) error {
			return tx.InsertUser(ctx, &skranke.User{Email: "a"})
		})
		read(t, two, func(ctx context.Context, tx *store.ReadTx) error { _, err := tx.User(ctx, 1); return err })
		write(t, two, func(ctx context.Context, tx *store.WriteTx) error {
			return tx.UpdateUser(ctx, &skranke.User{ID: 1, Email: "b"})
		})
		read(t, one, func(ctx context.Context, tx *store.ReadTx) error {
			u, err := tx.User(ctx, 1)
			if err == nil && u.Email != "b" {
				t.Errorf("got %q, want what the other has written", u.Email)
			}
			return err
		})

		const each = 30
		var group sync.WaitGroup
		for _, db := range []*store.DB{one, two, one, two} {
			group.Go(func() {
				for range each {
					err := db.Write(t.Context(), func(tx *store.WriteTx) error {
						return tx.Log(t.Context(), []store.LogEntry{{Action: 40, Ticket: 7}})
					})
					if err != nil {
						t.Errorf("writing: %v", err)
					}
				}
			})
		}
		group.Wait()
		read(t, one, func(ctx context.Context, tx *store.ReadTx) error {
			entries, err := tx.Logs(ctx, 7)
			if len(entries) != 4*each {
				t.Errorf("got %d entries, want %d", len(entries), 4*each)
			}
			return err
		})
	})
}

func TestTextsAreCleaned(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, background)
		bad, good := "a\xff\x00b\xc3", "a\uFFFDb\uFFFD"
		m := &skranke.Message{Ticket: 1, Body: bad, To: []string{bad}, Author: bad}
		c := &skranke.Customer{UserName: bad, Emails: []string{bad}, Extra: []skranke.ExtraValue{{Field: 1, Value: skranke.TextValue(bad)}}}
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return errors.Join(tx.InsertMessage(ctx, m), tx.InsertCustomer(ctx, c))
		})
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			gotM, err := tx.Message(ctx, m.ID)
			if err != nil {
				return err
			}
			equal(t, []string{gotM.Body, gotM.To[0], gotM.Author}, []string{good, good, good})
			gotC, err := tx.CustomerByUserName(ctx, bad)
			if err != nil {
				return err
			}
			equal(t, []string{gotC.UserName, gotC.Emails[0], gotC.Extra[0].Value.Text}, []string{good, good, good})
			return nil
		})
	})
}

// TestOpenAtOnce makes a new database from several programs at the same time.
func TestOpenAtOnce(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			db, err := store.Open(t.Context(), store.Options{Dir: dir})
			if err != nil {
				t.Errorf("opening: %v", err)
				return
			}
			defer db.Close()
			err = db.Read(t.Context(), func(tx *store.ReadTx) error { _, err := tx.Catalog(t.Context()); return err })
			if err != nil {
				t.Errorf("reading: %v", err)
			}
		})
	}
	group.Wait()
}

// A short read runs its one statement without a transaction; one that turns out
// longer is run again in one, on one snapshot.
func TestReadShort(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		count := func() {
			write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
				return tx.SetSetting(ctx, "n", time.Now().String())
			})
		}
		runs := 0
		err := db.ReadShort(ctx, func(tx *store.ReadTx) error {
			runs++
			_, err := tx.CatalogVersion(ctx)
			return err
		})
		if err != nil || runs != 1 {
			t.Errorf("one statement: %d runs, %v, want 1 run", runs, err)
		}
		runs = 0
		err = db.ReadShort(ctx, func(tx *store.ReadTx) error {
			runs++
			first, err := tx.CatalogVersion(ctx)
			if err != nil {
				return err
			}
			count() // another connection writes in between
			second, err := tx.CatalogVersion(ctx)
			if err != nil {
				return fmt.Errorf("second statement: %w", err)
			}
			if first != second {
				t.Errorf("two statements of one read saw versions %d and %d", first, second)
			}
			return nil
		})
		if err != nil || runs != 2 {
			t.Errorf("two statements: %d runs, %v, want 2 runs", runs, err)
		}
		refusal := skranke.Err(skranke.CodeUnknownTicket, "")
		if err := db.ReadShort(ctx, func(*store.ReadTx) error { return refusal }); !errors.Is(err, refusal) {
			t.Errorf("got %v, want the function's own error", err)
		}
	})
}

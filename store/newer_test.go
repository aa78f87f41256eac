package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// A database of any schema keeps all its rows when it is brought up to date. That
// of a server, too, may be of the first ones: each step is committed by itself, and
// the program that makes them may be killed.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	for version := 1; version <= int(store.NewestSchema()); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			storetest.EachNew(t, func(t *testing.T, o store.Options) { store.Upgrade(t, o, version) })
		})
	}
}

// A program that goes on after a newer one has brought its database up to date
// neither writes nor reads any more. What it has acknowledged is there.
func TestTwoVersions(t *testing.T) {
	t.Parallel()
	storetest.EachNew(t, func(t *testing.T, o store.Options) {
		var said lines
		o.Log = slog.New(slog.NewTextHandler(&said, nil))
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		open := func(schema int64) *store.DB {
			db, err := store.OpenAs(ctx, o, schema)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			return db
		}
		former := store.NewestSchema() - 1
		o.Memory = 1 << 20
		writes, reads, probed := open(former), open(former), open(former)
		write(t, writes, func(ctx context.Context, tx *store.WriteTx) error {
			return errors.Join(note(ctx, tx, "first"), tx.InsertTicket(ctx, &skranke.Ticket{ID: 7}))
		})
		lists := func(db *store.DB) (version int64, err error) { // as a getTicket finds it
			err = db.ReadShort(ctx, func(tx *store.ReadTx) error {
				read, err := tx.TicketFor(ctx, 7, store.Viewer{}, store.TicketParts{Internal: true})
				if err == nil {
					version = read.CatalogVersion
					read.Release()
				}
				return err
			})
			return version, err
		}
		before, err := lists(reads)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if again, err := lists(reads); err != nil || again != before {
				t.Fatalf("got version %d, %v, want %d", again, err, before)
			}
		}
		if err := probed.CheckSchema(ctx); err != nil {
			t.Errorf("as long as there is no other: %v", err)
		}

		// Several write until they are refused.
		acknowledged := map[string]int{"first": 1}
		var mu sync.Mutex
		var group sync.WaitGroup
		started := make(chan struct{}, 3)
		for writer := range cap(started) {
			group.Go(func() {
				for n := 0; ; n++ {
					detail := fmt.Sprintf("%d.%d", writer, n)
					err := writes.Write(ctx, func(tx *store.WriteTx) error { return note(ctx, tx, detail) })
					if errors.Is(err, store.ErrNewerSchema) {
						return
					}
					if err != nil {
						t.Errorf("%s: got %v, want ErrNewerSchema", detail, err)
						return
					}
					mu.Lock()
					acknowledged[detail] = 1
					mu.Unlock()
					if n == 0 {
						started <- struct{}{}
					}
				}
			})
		}
		for range cap(started) {
			select {
			case <-started:
			case <-ctx.Done():
				t.Fatal("the former program does not write")
			}
		}
		now := open(store.NewestSchema())
		group.Wait()
		equal(t, logged(t, now), acknowledged)

		// Who compares the version of the lists notices at once, others from then on.
		if after, err := lists(reads); err != nil || after == before {
			t.Errorf("got version %d, %v, want another than %d", after, err, before)
		}
		err = reads.Read(ctx, func(tx *store.ReadTx) error { _, err := tx.Catalog(ctx); return err })
		if !errors.Is(err, store.ErrNewerSchema) {
			t.Errorf("reading the lists: got %v, want ErrNewerSchema", err)
		}
		for range 2 { // the reason is one of its own, however often it is asked for
			if err := probed.CheckSchema(ctx); !errors.Is(err, store.ErrNewerSchema) {
				t.Errorf("looking for the schema: got %v, want ErrNewerSchema", err)
			}
		}
		for name, db := range map[string]*store.DB{"who writes": writes, "who reads": reads, "who was probed": probed} {
			err := db.Write(ctx, func(tx *store.WriteTx) error { return note(ctx, tx, "late") })
			if !errors.Is(err, store.ErrNewerSchema) {
				t.Errorf("%s: a write: got %v, want ErrNewerSchema", name, err)
			}
			if _, err := lists(db); !errors.Is(err, store.ErrNewerSchema) {
				t.Errorf("%s: a read: got %v, want ErrNewerSchema", name, err)
			}
		}
		if _, err := store.OpenAs(ctx, o, former); !errors.Is(err, store.ErrNewerSchema) {
			t.Errorf("the former program, started again: got %v, want ErrNewerSchema", err)
		}
		if got := said.with("replace it"); got != 3 {
			t.Errorf("got %d lines in the log, want one of each that was refused", got)
		}

		write(t, now, func(ctx context.Context, tx *store.WriteTx) error { return note(ctx, tx, "new") })
		acknowledged["new"] = 1
		equal(t, logged(t, now), acknowledged)
	})
}

// lines is what a log was told.
type lines struct {
	mu  sync.Mutex
	all strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

// with counts the lines that say something.
func (l *lines) with(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.all.String(), what)
}

package store_test

import (
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// A removal is begun once at a time, and only of what no attachment has.
func TestRemovals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, now := t.Context(), time.UnixMilli(1_000_000)
		used, free := strings.Repeat("a", 64), strings.Repeat("b", 64)
		write := func(fn func(*store.WriteTx) error) {
			t.Helper()
			if err := db.Write(ctx, fn); err != nil {
				t.Fatal(err)
			}
		}
		write(func(tx *store.WriteTx) error {
			return tx.InsertAttachment(ctx, &skranke.Attachment{SHA256: used, CreatedAt: now})
		})
		last := int64(0)
		begin := func(sha string, again bool) {
			t.Helper()
			write(func(tx *store.WriteTx) error {
				got, err := tx.BeginRemoval(ctx, sha, now, now.Add(time.Hour))
				if again && got <= last || !again && got != 0 {
					t.Errorf("begun as number %d after %d, want a later one is %t, else 0", got, last, again)
				}
				last = max(last, got)
				return err
			})
		}
		end := func(number int64) {
			t.Helper()
			write(func(tx *store.WriteTx) error { return tx.EndRemoval(ctx, free, number) })
		}
		want := func(begun int64, pending bool) {
			t.Helper()
			err := db.Read(ctx, func(tx *store.ReadTx) error {
				n, p, err := tx.Removals(ctx, free, now)
				if n != begun || p != pending {
					t.Errorf("got %d, pending %t, want %d and %t", n, p, begun, pending)
				}
				if err != nil {
					return err
				}
				any, err := tx.AnyRemoval(ctx, now)
				if any != pending {
					t.Errorf("any is pending: got %t, want %t", any, pending)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		want(0, false)
		begin(used, false)
		begin(free, true)
		begin(free, false)
		want(last, true)
		end(last)
		want(last, false)
		first := last
		begin(free, true) // in the same millisecond
		end(first)        // says nothing of the second
		want(last, true)
		now = now.Add(time.Hour)
		want(last, false)
		begin(free, true)
		end(last)
		write(func(tx *store.WriteTx) error { return tx.PruneRemovals(ctx, now) })
		want(last, false)
		now = now.Add(2 * time.Hour)
		write(func(tx *store.WriteTx) error { return tx.PruneRemovals(ctx, now) })
		want(0, false)
		begin(free, true) // those that are forgotten do not come again
		want(last, true)
		now = now.Add(-time.Hour)
		end(last)
		begin(free, true) // by a clock that is behind
	})
}

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
		begin := func(sha string, want int64) {
			t.Helper()
			write(func(tx *store.WriteTx) error {
				got, err := tx.BeginRemoval(ctx, sha, now, now.Add(time.Hour))
				if got != want {
					t.Errorf("begun as number %d, want %d", got, want)
				}
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
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		want(0, false)
		begin(used, 0)
		begin(free, 1)
		begin(free, 0)
		want(1, true)
		end(1)
		want(1, false)
		begin(free, 2)
		end(1) // says nothing of the second
		want(2, true)
		now = now.Add(time.Hour)
		want(2, false)
		begin(free, 3)
		write(func(tx *store.WriteTx) error { return tx.PruneRemovals(ctx, now) })
		want(3, true)
		write(func(tx *store.WriteTx) error { return tx.PruneRemovals(ctx, now.Add(2*time.Hour)) })
		want(0, false)
	})
}

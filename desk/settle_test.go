package desk

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// breaking is a desk whose database fails at what contains some text, as often
// as it is told.
func breaking(t *testing.T, at string, as error) (d *Desk, db *store.DB, times *atomic.Int64) {
	t.Helper()
	times = new(atomic.Int64)
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Database: storetest.Database(t), Fail: func(doing string) error {
		if strings.Contains(doing, at) && times.Add(-1) >= 0 {
			return as
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if d, err = New(t.Context(), db, Options{PasswordCost: PasswordCost{MemoryKiB: 64, Passes: 1}}); err != nil {
		t.Fatal(err)
	}
	return d, db, times
}

// That a mail was sent is stored, though not at once; or it would be sent again.
func TestSettle(t *testing.T) {
	t.Parallel()
	d, db, times := breaking(t, "DELETE FROM outbox", errors.New("the database is away"))
	err := db.Write(t.Context(), func(tx *store.WriteTx) error {
		return tx.Enqueue(t.Context(), &store.Job{Kind: JobMail, Payload: `{"to":["a@b.example"]}`})
	})
	if err != nil {
		t.Fatal(err)
	}
	mail, err := d.ClaimMail(t.Context())
	if err != nil || mail == nil {
		t.Fatalf("got %v, %v, want the mail", mail, err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	times.Store(2)
	if err := d.MailSent(ended, mail); err == nil || times.Load() != 1 {
		t.Errorf("got %v with %d failures left, want one try when there is no time left", err, times.Load())
	}
	if err := d.MailSent(t.Context(), mail); err != nil || times.Load() >= 0 {
		t.Errorf("got %v with %d failures left, want it to be stored after them", err, times.Load())
	}
	if list, err := d.Outbox(t.Context()); err != nil || len(list) > 0 {
		t.Errorf("got %v, %v, want an empty outbox", list, err)
	}
}

// Readings whose storing ended nobody knows how are not counted again; those
// that certainly were not stored are.
func TestReadingsAreCountedOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		as   error
		want bool
	}{{store.ErrUnknown, true}, {errors.New("the disk is full"), false}} {
		d, _, times := breaking(t, "commit", c.as)
		d.faqReads.add(skranke.FaqEntryID(1))
		times.Store(1)
		if err := d.Flush(t.Context()); !errors.Is(err, c.as) {
			t.Errorf("got %v, want %v", err, c.as)
		}
		if got := d.faqReads.empty(); got != c.want {
			t.Errorf("after %q: got %t, want nothing to be left to count is %t", c.as, got, c.want)
		}
	}
}

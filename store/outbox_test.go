package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

func TestOutbox(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
		var ids []int64
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			for _, j := range []store.Job{
				{Kind: "a", Due: at.Add(time.Minute)}, {Kind: "a", Due: at}, {Kind: "b", Due: at.Add(-time.Hour)}, {Kind: "c", Due: at.Add(-time.Hour)},
			} {
				if err := tx.Enqueue(ctx, &j); err != nil {
					return err
				}
				ids = append(ids, j.ID)
			}
			return nil
		})
		due := func(at time.Time, kinds ...string) int64 {
			t.Helper()
			var job *store.Job
			err := db.Read(t.Context(), func(tx *store.ReadTx) (err error) {
				job, err = tx.DueJob(t.Context(), at, kinds...)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if job == nil {
				return 0
			}
			return job.ID
		}
		change := func(id int64, edit func(*store.Job)) {
			t.Helper()
			write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
				j, err := tx.Job(ctx, id)
				if err != nil {
					return err
				}
				edit(j)
				ok, err := tx.UpdateJob(ctx, j)
				if !ok {
					t.Errorf("job %d: got no such job", id)
				}
				return err
			})
		}
		wants := func(what string, got, want int64) {
			t.Helper()
			if got != want {
				t.Errorf("%s: got job %d, want %d", what, got, want)
			}
		}
		wants("the one due longest", due(at, "a", "b"), ids[2])
		wants("only the kind asked for", due(at, "a"), ids[1])
		wants("before anything is due", due(at.Add(-time.Millisecond), "a"), 0)
		change(ids[1], func(j *store.Job) { j.LeasedUntil = at.Add(time.Hour) })
		wants("leased", due(at, "a"), 0)
		wants("leased, another one due", due(at.Add(time.Minute), "a"), ids[0])
		wants("after the lease", due(at.Add(time.Hour), "a"), ids[1])
		parked := store.Job{ID: ids[1], Kind: "a", Payload: "p", Due: at.Add(time.Second), FailingSince: at, Parked: at, Attempts: 7, LastError: "e"}
		change(ids[1], func(j *store.Job) { parked.Created = j.Created; *j = parked })
		wants("parked", due(at.Add(24*time.Hour), "a"), ids[0])
		err := db.Read(t.Context(), func(tx *store.ReadTx) error {
			j, err := tx.Job(t.Context(), ids[1])
			if err == nil && (!j.Parked.Equal(at) || !j.FailingSince.Equal(at) || !j.Due.Equal(parked.Due) || !j.LeasedUntil.IsZero() || j.Attempts != 7 || j.LastError != "e" || j.Payload != "p") {
				t.Errorf("got %+v, want %+v", *j, parked)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			for _, want := range []bool{true, false} {
				if ok, err := tx.DeleteJob(ctx, ids[0]); ok != want || err != nil {
					t.Errorf("deleting: got %t, %v, want %t", ok, err, want)
				}
			}
			ok, err := tx.UpdateJob(ctx, &store.Job{ID: ids[0]})
			if ok {
				t.Error("a job that is gone was updated")
			}
			return err
		})
	})
}

// The bell rings once a job is committed, and only then.
func TestEnqueuedRings(t *testing.T) {
	db := storetest.Open(t)
	rings := func() bool {
		select {
		case <-db.Enqueued():
			return true
		default:
			return false
		}
	}
	enqueue := func(ctx context.Context, tx *store.WriteTx) error {
		err := tx.Enqueue(ctx, &store.Job{Kind: "a"})
		if rings() {
			t.Error("it rings before the commit")
		}
		return err
	}
	write(t, db, enqueue)
	write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return tx.Enqueue(ctx, &store.Job{Kind: "a"}) })
	if !rings() || rings() {
		t.Error("after two commits: want one ring")
	}
	stop := errors.New("stop")
	err := db.Write(t.Context(), func(tx *store.WriteTx) error { return errors.Join(enqueue(t.Context(), tx), stop) })
	if !errors.Is(err, stop) || rings() {
		t.Errorf("a write that failed: got %v, or a ring", err)
	}
	write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return tx.SetSetting(ctx, "a", "1") })
	if rings() {
		t.Error("it rings for nothing")
	}
}

func TestOneTimePasswords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
		one, other := store.OneTimeHash{1}, store.OneTimeHash{2}
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return errors.Join(
				tx.InsertCustomer(ctx, &skranke.Customer{ID: 1, UserName: "kari"}), tx.InsertCustomer(ctx, &skranke.Customer{ID: 2, UserName: "ola"}),
				tx.AddOneTimePassword(ctx, 1, one, at), tx.AddOneTimePassword(ctx, 1, other, at.Add(time.Hour)))
		})
		fits := func(customer skranke.CustomerID, hash store.OneTimeHash, at time.Time, want bool) {
			t.Helper()
			err := db.Read(t.Context(), func(tx *store.ReadTx) error {
				got, err := tx.FitsOneTime(t.Context(), customer, hash, at)
				if got != want {
					t.Errorf("customer %d, hash %x at %v: got %t, want %t", customer, hash[:1], at, got, want)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		before := at.Add(-time.Millisecond)
		fits(1, one, before, true)
		fits(1, one, at, false)
		fits(1, other, at, true)
		fits(2, one, before, false)
		fits(0, one, before, false)
		fits(1, store.OneTimeHash{}, before, false)
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return tx.PruneOneTimePasswords(ctx, at) })
		fits(1, one, before, false) // it is gone
		fits(1, other, before, true)
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			n, err := tx.DeleteOneTimePasswords(ctx, 1)
			if n != 1 {
				t.Errorf("deleting those of a customer: got %d, want 1", n)
			}
			return err
		})
		fits(1, other, before, false)
	})
}

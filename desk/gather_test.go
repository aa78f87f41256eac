package desk

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

func to(v int) func(int) int { return func(int) int { return v } }

func TestGathered(t *testing.T) {
	var g gathered[string, int]
	want := func(what string, e glance[string, int], key string, value int, known bool) {
		t.Helper()
		if got, ok := e.get(key); got != value || ok != known {
			t.Errorf("%s: %s is %d %v, want %d %v", what, key, got, ok, value, known)
		}
	}
	want("at first", g.glance(), "a", 0, false)
	g.update("a", to(1))
	before := g.glance()
	g.take()
	want("while it is written", g.glance(), "a", 1, true)
	g.update("a", func(old int) int { return old + 1 }) // goes on from what is being written
	want("replaced meanwhile", g.glance(), "a", 2, true)
	g.written()
	want("after that", g.glance(), "a", 2, true)
	g.take()
	g.written()
	want("once it is stored", g.glance(), "a", 0, false)
	want("for who looked before", before, "a", 1, true)
	if !g.empty() {
		t.Error("something is left")
	}

	g.update("a", to(1))
	g.update("b", to(1))
	g.take()
	g.update("b", to(2))
	g.putBack() // what could not be written is kept, unless it was replaced
	want("put back", g.glance(), "a", 1, true)
	want("put back", g.glance(), "b", 2, true)
	g.take()
	g.putBack()
	want("put back again", g.glance(), "a", 1, true)
	g.forget("a")
	want("forgotten", g.glance(), "a", 0, false)
}

// Whoever looks finds each change in what is gathered or in what is stored,
// however often that is taken, stored and put back meanwhile.
func TestGatheredIsNeverMissed(t *testing.T) {
	const keys, changes, people = 100, 5000, 4
	var (
		g      gathered[int, int]
		stored [keys]atomic.Int64
		work   sync.WaitGroup
		done   = make(chan struct{})
	)
	for p := range people {
		work.Go(func() {
			for n := 1; n <= changes; n++ {
				key, mine := n*7%keys, n*people+p
				g.update(key, func(old int) int { return max(old, mine) })
				e := g.glance()
				inStore := int(stored[key].Load())
				if gathered, _ := e.get(key); max(gathered, inStore) < mine {
					t.Errorf("key %d: got %d and %d in store, want at least %d", key, gathered, inStore, mine)
				}
			}
		})
	}
	go func() { work.Wait(); close(done) }()
	flush := func(fails bool) {
		taken := g.take()
		if fails {
			g.putBack()
			return
		}
		for key, v := range taken.all() {
			stored[key].Store(max(stored[key].Load(), int64(v)))
		}
		g.written()
	}
	for n := 0; ; n++ {
		select {
		case <-done:
			flush(false)
			if !g.empty() || g.len() != 0 {
				t.Error("something is left")
			}
			for key := range stored {
				want := 0
				for n := 1; n <= changes; n++ {
					if n*7%keys == key {
						want = n*people + people - 1
					}
				}
				if got := stored[key].Load(); got != int64(want) {
					t.Errorf("key %d: got %d in the end, want %d", key, got, want)
				}
			}
			return
		default:
			flush(n%3 == 0)
		}
	}
}

// A flush that fails keeps everything for the next one.
func TestFailedFlushLosesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		ticket := &skranke.Ticket{Status: skranke.Active, SLevel: skranke.External}
		w.write(func(tx *store.WriteTx) error { return tx.InsertTicket(t.Context(), ticket) })
		w.desk.stampRead(ticket.ID, 7)
		ended, end := context.WithCancel(t.Context())
		end()
		if err := w.desk.Flush(ended); err == nil {
			t.Fatal("a flush without time succeeded")
		}
		w.now = w.now.Add(time.Hour)
		if err := w.desk.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.read(func(tx *store.ReadTx) error { // customer.getTicket.26
			stored, err := tx.Ticket(t.Context(), ticket.ID)
			if err == nil && !stored.ReadByCustomer.Equal(noon) {
				t.Errorf("read at %v, want %v", stored.ReadByCustomer, noon)
			}
			return err
		})
	})
}

// What is gathered by the thousand waits for some ticks, a little for none.
func TestPatience(t *testing.T) {
	p := patience{many: 10, ticks: 3}
	var got []bool
	for _, waiting := range []int{0, 10, 11, 11, 11, 11, 5, 11} {
		got = append(got, p.over(waiting))
	}
	if want := []bool{true, true, false, false, true, false, true, false}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

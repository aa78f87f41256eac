package desk

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"skranke"
)

// Who has failed least comes first, and equal addresses take turns.
func TestHashLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hashLine{most: 1, room: 10}
		if err := h.enter(t.Context(), "first", 0); err != nil {
			t.Fatal(err)
		}
		var order []string
		var mu sync.Mutex
		come := func(address string, failures int) {
			go func() {
				if err := h.enter(t.Context(), address, failures); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, address)
			}()
			synctest.Wait()
		}
		for range 3 {
			come("guesser", 7)
		}
		come("a", 0)
		come("a", 0)
		come("a", 0)
		come("b", 0)
		come("other guesser", 3)
		for range 9 {
			h.leave()
			synctest.Wait()
		}
		want := []string{"a", "b", "a", "a", "other guesser", "guesser", "guesser", "guesser"}
		if len(order) != len(want) {
			t.Fatalf("got %v, want %v", order, want)
		}
		for i := range want {
			if order[i] != want[i] {
				t.Fatalf("got %v, want %v", order, want)
			}
		}
		if h.running != 0 || h.waiting != 0 || len(h.lanes) != 0 {
			t.Errorf("left over: %d, %d, %d lanes", h.running, h.waiting, len(h.lanes))
		}
	})
}

// A full line takes who is better than the worst of it, who is refused, and
// nobody else.
func TestHashLineIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hashLine{most: 1, room: 3}
		if err := h.enter(t.Context(), "first", 0); err != nil {
			t.Fatal(err)
		}
		ended := map[string][]error{}
		var mu sync.Mutex
		ctx, stop := context.WithCancel(t.Context())
		come := func(address string, failures int) {
			go func() {
				err := h.enter(ctx, address, failures)
				mu.Lock()
				defer mu.Unlock()
				ended[address] = append(ended[address], err)
			}()
			synctest.Wait()
		}
		refused := func(address string) bool {
			all := ended[address]
			return len(all) == 1 && errors.Is(all[0], ErrCrowded) && skranke.CodeOf(all[0]) == skranke.CodeCustomError
		}
		come("guesser", 2)
		come("portal", 0)
		come("portal", 0)
		come("worse", 3)
		if !refused("worse") {
			t.Errorf("somebody worse: got %v", ended)
		}
		come("customer", 0)
		if !refused("guesser") || ended["customer"] != nil {
			t.Errorf("somebody better: got %v", ended)
		}
		come("another", 0)
		if !refused("portal") || ended["another"] != nil {
			t.Errorf("an equal with less of the line: got %v", ended)
		}
		come("one more", 0)
		if !refused("one more") {
			t.Errorf("an equal where all have as much: got %v", ended)
		}
		stop()
		synctest.Wait()
		for address, count := range map[string]int{"portal": 2, "customer": 1, "another": 1} {
			if len(ended[address]) != count || !errors.Is(ended[address][count-1], context.Canceled) {
				t.Errorf("%s: got %v, want that of who has gone", address, ended[address])
			}
		}
		h.leave()
		if h.running != 0 || h.waiting != 0 || len(h.lanes) != 0 {
			t.Errorf("left over: %d, %d, %d lanes", h.running, h.waiting, len(h.lanes))
		}
	})
}

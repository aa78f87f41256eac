package main

import (
	"io"
	"testing"
	"time"
)

// While somebody attacks, every good call is answered well, and the server's
// memory stays within its bound. How fast is not for a test.
func TestSiege(t *testing.T) {
	o := &options{
		sizes: []int{200}, connections: []int{1}, rounds: 1, brief: 300 * time.Millisecond, calls: 100_000, only: attackNames(),
		own: 75, entries: 100, cache: t.TempDir(), progress: io.Discard,
	}
	all, err := siege(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Assaults) != len(attacks)+1 {
		t.Errorf("got %d assaults, want each attack and all of them", len(all.Assaults))
	}
	for _, a := range all.Assaults {
		t.Logf("%s: %d good calls, %d MiB", a.Name, a.Calls, a.Peak>>20)
		if a.Calls == 0 || a.Peak == 0 || a.Peak > siegeMemory {
			t.Errorf("%s: got %d good calls and %d MiB, want some and at most %d", a.Name, a.Calls, a.Peak>>20, siegeMemory>>20)
		}
	}
}

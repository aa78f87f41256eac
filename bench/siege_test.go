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

// What costs more than it may is told, and nothing else.
func TestBreached(t *testing.T) {
	held := &sieges{Assaults: []assault{
		{Name: "a", Alone: true, Ratio50: siegeLatency, Peak: siegeMemory}, {Name: "all of them", Ratio50: 2 * siegeLatency},
	}}
	if err := held.breached(); err != nil {
		t.Errorf("got %v", err)
	}
	held.Assaults[0].Ratio50 += 0.1
	held.Assaults[1].Peak = siegeMemory + 1<<20
	want := "a: good calls took 2.10 times as long, more than 2.0\nall of them: the server took 257 MiB, more than 256"
	if err := held.breached(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

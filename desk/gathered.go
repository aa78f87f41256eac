package desk

import (
	"hash/maphash"
	"iter"
	"sync"
	"sync/atomic"
)

// gathered collects changes that need not be durable before a call is answered,
// so that many of them share one write. A change stays visible to get while it
// is being written. Calls rarely meet at a lock: there is one for each drawer.
type gathered[K comparable, V any] struct {
	turn sync.Mutex // of those that take and give back
	now  atomic.Pointer[shelves[K, V]]
}

// shelves are what is gathered at some moment. There is always one pending;
// writing is nil if nothing is being written.
type shelves[K comparable, V any] struct {
	pending, writing *shelf[K, V]
}

// drawers is how many parts a shelf has.
const drawers = 64

type shelf[K comparable, V any] [drawers]drawer[K, V]

type drawer[K comparable, V any] struct {
	mu     sync.Mutex
	values map[K]V
	usual  int  // how many values to make room for
	taken  bool // to be written: nothing may be put in any more
}

var drawerSeed = maphash.MakeSeed()

func (s *shelf[K, V]) drawer(key K) *drawer[K, V] {
	return &s[maphash.Comparable(drawerSeed, key)%drawers]
}

func (s *shelf[K, V]) get(key K) (v V, ok bool) {
	if s == nil {
		return v, false
	}
	d := s.drawer(key)
	d.mu.Lock()
	defer d.mu.Unlock()
	v, ok = d.values[key]
	return v, ok
}

// all walks over what was taken.
func (s *shelf[K, V]) all() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if s == nil {
			return
		}
		for i := range s {
			for key, v := range s[i].values {
				if !yield(key, v) {
					return
				}
			}
		}
	}
}

func (s *shelf[K, V]) len() int {
	if s == nil {
		return 0
	}
	n := 0
	for i := range s {
		s[i].mu.Lock()
		n += len(s[i].values)
		s[i].mu.Unlock()
	}
	return n
}

// shelves returns what is gathered now.
func (g *gathered[K, V]) shelves() *shelves[K, V] {
	if now := g.now.Load(); now != nil {
		return now
	}
	g.now.CompareAndSwap(nil, &shelves[K, V]{pending: new(shelf[K, V])})
	return g.now.Load()
}

// update replaces the value gathered for key by what change makes of it.
func (g *gathered[K, V]) update(key K, change func(V) V) {
	for !g.shelves().update(key, change) {
		// It was taken between the two: there is another one now.
	}
}

// set replaces the value gathered for key, whatever it is.
func (g *gathered[K, V]) set(key K, v V) {
	for !g.shelves().pending.drawer(key).set(key, v) {
		// As in update.
	}
}

func (d *drawer[K, V]) set(key K, v V) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.taken {
		return false
	}
	d.put(key, v)
	return true
}

// put puts v in; the caller holds mu.
func (d *drawer[K, V]) put(key K, v V) {
	if d.values == nil {
		d.values = make(map[K]V, d.usual)
	}
	d.values[key] = v
}

func (s *shelves[K, V]) update(key K, change func(V) V) bool {
	d := s.pending.drawer(key)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.taken {
		return false
	}
	old, ok := d.values[key]
	if !ok {
		old, _ = s.writing.get(key)
	}
	d.put(key, change(old))
	return true
}

// A glance holds what was gathered and not yet stored at some moment.
type glance[K comparable, V any] struct {
	of *gathered[K, V]
	at *shelves[K, V]
}

// glance is to be taken before a snapshot of the database whose values are then
// replaced by gathered ones: what is stored between the two is in both, and
// nothing is missed.
func (g *gathered[K, V]) glance() glance[K, V] { return glance[K, V]{g, g.shelves()} }

// get returns what is gathered for key by now, else what was at the glance.
func (e glance[K, V]) get(key K) (V, bool) {
	now := e.of.shelves()
	v, ok := now.get(key)
	if !ok && now != e.at {
		v, ok = e.at.get(key)
	}
	return v, ok
}

func (s *shelves[K, V]) get(key K) (V, bool) {
	if v, ok := s.pending.get(key); ok {
		return v, true
	}
	return s.writing.get(key)
}

// empty says whether everything gathered is stored.
func (g *gathered[K, V]) empty() bool {
	now := g.shelves()
	return now.pending.len()+now.writing.len() == 0
}

// len is how much waits to be written.
func (g *gathered[K, V]) len() int { return g.shelves().pending.len() }

func (g *gathered[K, V]) forget(key K) {
	d := g.shelves().pending.drawer(key)
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.taken {
		delete(d.values, key)
	}
}

// take hands out what is to be written, nil for nothing; written or putBack must
// follow. Nobody changes it any more.
func (g *gathered[K, V]) take() *shelf[K, V] {
	g.turn.Lock()
	defer g.turn.Unlock()
	pending := g.shelves().pending
	if pending.len() == 0 {
		return nil
	}
	// All at once, so that no change follows one that did not see it. As many will
	// come again, mostly: growing to that would cost more than the room.
	next := new(shelf[K, V])
	for i := range pending {
		pending[i].mu.Lock()
		pending[i].taken = true
		next[i].usual = len(pending[i].values)
	}
	g.now.Store(&shelves[K, V]{pending: next, writing: pending})
	for i := range pending {
		pending[i].mu.Unlock()
	}
	return pending
}

func (g *gathered[K, V]) written() {
	g.turn.Lock()
	defer g.turn.Unlock()
	g.now.Store(&shelves[K, V]{pending: g.shelves().pending})
}

// putBack returns what could not be written, unless it was replaced meanwhile.
func (g *gathered[K, V]) putBack() {
	g.turn.Lock()
	defer g.turn.Unlock()
	now := g.shelves()
	for key, v := range now.writing.all() {
		d := now.pending.drawer(key)
		d.mu.Lock()
		if _, newer := d.values[key]; !newer {
			d.put(key, v)
		}
		d.mu.Unlock()
	}
	g.now.Store(&shelves[K, V]{pending: now.pending})
}

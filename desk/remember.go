package desk

import (
	"sync"
	"sync/atomic"
	"time"

	"skranke/store"
)

// remembered is a session as it stood at some version of sessions and people,
// and when it was used last.
type remembered struct {
	actor  Actor
	kind   Kind
	ttl    time.Duration
	people int64
	nanos  atomic.Int64 // of the last use, since 1970
	known  atomic.Int64 // of the last use that is stored, as far as is known here
	fresh  atomic.Bool  // a use was not gathered yet
}

func newRemembered(a Actor, kind Kind, ttl time.Duration, people int64, used, stored time.Time) *remembered {
	r := &remembered{actor: a, kind: kind, ttl: ttl, people: people}
	r.nanos.Store(used.UnixNano())
	r.known.Store(stored.UnixNano())
	return r
}

// used is when the session was used last, as far as is known here.
func (r *remembered) used() time.Time { return time.Unix(0, r.nanos.Load()).UTC() }

// stored is the last use others can know of.
func (r *remembered) stored() time.Time { return time.Unix(0, r.known.Load()).UTC() }

// use restarts the idle clock and says true, unless it has run out as far as is
// known here: another process may have seen the session since. first says that
// nothing was to be gathered before.
func (r *remembered) use(now time.Time) (live, first bool) {
	if idleTooLong(r.used(), now, r.ttl) {
		return false, false
	}
	r.nanos.Store(now.UnixNano())
	if !r.fresh.Load() { // seldom: to write costs the other processors their copy
		r.fresh.Store(true)
		return true, true
	}
	return true, false
}

// maxRemembered bounds each of the two generations of sessions in memory: some
// fifty megabytes when both are full.
const maxRemembered = 128 << 10

// sessionMemory remembers the sessions used lately. How a session was used is
// kept with it and gathered at times, not with every call. It has parts, so that
// calls rarely meet at a lock.
type sessionMemory struct {
	uses  *gathered[store.SessionID, touch]
	parts [sessionParts]sessionPart
}

const sessionParts = 64

// sessionPart is the sessions of some ids: when the young generation is full it
// becomes the old one, and what nobody asked for since is forgotten.
type sessionPart struct {
	mu         sync.Mutex
	young, old map[store.SessionID]*remembered
}

// part is that of an id, whose bytes are as good as drawn at random.
func (m *sessionMemory) part(id store.SessionID) *sessionPart { return &m.parts[id[0]%sessionParts] }

func (m *sessionMemory) get(id store.SessionID) (*remembered, bool) {
	p := m.part(id)
	p.mu.Lock()
	defer p.mu.Unlock()
	if r, ok := p.young[id]; ok {
		return r, true
	}
	r, ok := p.old[id]
	if ok {
		m.add(p, id, r)
	}
	return r, ok
}

func (m *sessionMemory) put(id store.SessionID, r *remembered) {
	p := m.part(id)
	p.mu.Lock()
	defer p.mu.Unlock()
	m.add(p, id, r)
}

func (m *sessionMemory) add(p *sessionPart, id store.SessionID, r *remembered) {
	if p.young == nil || len(p.young) >= maxRemembered/sessionParts {
		m.gatherFrom(p.old)
		p.young, p.old = make(map[store.SessionID]*remembered), p.young
	}
	p.young[id] = r
}

// gather hands over how the sessions were used since the last time.
func (m *sessionMemory) gather() {
	for i := range m.parts {
		p := &m.parts[i]
		p.mu.Lock()
		m.gatherFrom(p.young)
		m.gatherFrom(p.old)
		p.mu.Unlock()
	}
}

func (m *sessionMemory) gatherFrom(generation map[store.SessionID]*remembered) {
	for id, r := range generation {
		m.gatherUse(id, r)
	}
}

func (m *sessionMemory) gatherUse(id store.SessionID, r *remembered) {
	if !r.fresh.Swap(false) {
		return
	}
	used := r.used() // after the swap: a later use says so anew
	m.uses.update(id, func(t touch) touch {
		t.used = latest(t.used, used)
		return t
	})
}

// gatherOne is gather for one session.
func (m *sessionMemory) gatherOne(id store.SessionID) {
	if r, ok := m.peek(id); ok {
		m.gatherUse(id, r)
	}
}

// noteStored notes that a use is in the database.
func (m *sessionMemory) noteStored(id store.SessionID, used time.Time) {
	if r, ok := m.peek(id); ok && used.After(r.stored()) {
		r.known.Store(used.UnixNano())
	}
}

// peek is get without a say in what is forgotten.
func (m *sessionMemory) peek(id store.SessionID) (*remembered, bool) {
	p := m.part(id)
	p.mu.Lock()
	defer p.mu.Unlock()
	if r, ok := p.young[id]; ok {
		return r, true
	}
	r, ok := p.old[id]
	return r, ok
}

package desk

import (
	"cmp"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"skranke"
	"skranke/store"
)

// remembered is a session as it stood at some version of sessions and people,
// and when it was used last. It is small, since each call looks into one that no
// processor has looked at lately.
type remembered struct {
	id       store.SessionID
	customer skranke.CustomerID
	company  skranke.CompanyID
	user     skranke.UserID
	auth     skranke.UserID
	people   int64
	ttl      time.Duration
	nanos    atomic.Int64 // of the last use, since 1970
	known    atomic.Int64 // of the last use that is stored, as far as is known here
	fresh    atomic.Bool  // a use was not gathered yet
	access   bool         // to the tickets of the company
	kind     Kind
}

func newRemembered(a Actor, kind Kind, ttl time.Duration, people int64, used, stored time.Time) *remembered {
	r := &remembered{
		id: a.Session, customer: a.Customer, company: a.Company, access: a.CompanyAccess, user: a.User, auth: a.Auth,
		kind: kind, ttl: ttl, people: people,
	}
	r.nanos.Store(used.UnixNano())
	r.known.Store(stored.UnixNano())
	return r
}

// actor is who acts in the session.
func (r *remembered) actor() Actor {
	return Actor{Session: r.id, Customer: r.customer, Company: r.company, CompanyAccess: r.access, User: r.user, Auth: r.auth}
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
// thirty-five megabytes when both are full.
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
	young, old map[sessionMark]*remembered
}

// sessionMark is a part of a session's id, whose bytes are as good as drawn at
// random. Sessions that share one push each other out.
type sessionMark uint64

func markOf(id *store.SessionID) sessionMark { return sessionMark(binary.LittleEndian.Uint64(id[:])) }

func (m *sessionMemory) part(mark sessionMark) *sessionPart { return &m.parts[mark%sessionParts] }

// get returns the session of id. It stays in memory for another while.
func (m *sessionMemory) get(id store.SessionID) (*remembered, bool) {
	mark := markOf(&id)
	p := m.part(mark)
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.young[mark]
	if r == nil {
		if r = p.old[mark]; r == nil {
			return nil, false
		}
		m.add(p, mark, r)
	}
	return r, r.id == id
}

// peek is get without a say in what is forgotten.
func (m *sessionMemory) peek(id store.SessionID) (*remembered, bool) {
	mark := markOf(&id)
	p := m.part(mark)
	p.mu.Lock()
	defer p.mu.Unlock()
	r := cmp.Or(p.young[mark], p.old[mark])
	return r, r != nil && r.id == id
}

func (m *sessionMemory) put(r *remembered) {
	mark := markOf(&r.id)
	p := m.part(mark)
	p.mu.Lock()
	defer p.mu.Unlock()
	m.add(p, mark, r)
}

func (m *sessionMemory) add(p *sessionPart, mark sessionMark, r *remembered) {
	if p.young == nil || len(p.young) >= maxRemembered/sessionParts {
		m.gatherFrom(p.old)
		p.young, p.old = make(map[sessionMark]*remembered), p.young
	}
	if other := cmp.Or(p.young[mark], p.old[mark]); other != nil && other.id != r.id {
		m.gatherUse(other)
	}
	p.young[mark] = r
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

func (m *sessionMemory) gatherFrom(generation map[sessionMark]*remembered) {
	for _, r := range generation {
		m.gatherUse(r)
	}
}

func (m *sessionMemory) gatherUse(r *remembered) {
	if !r.fresh.Swap(false) {
		return
	}
	used := r.used() // after the swap: a later use says so anew
	m.uses.update(r.id, func(t touch) touch {
		t.used = latest(t.used, used)
		return t
	})
}

// gatherOne is gather for one session.
func (m *sessionMemory) gatherOne(id store.SessionID) {
	if r, ok := m.peek(id); ok {
		m.gatherUse(r)
	}
}

// noteStored notes that a use is in the database.
func (m *sessionMemory) noteStored(id store.SessionID, used time.Time) {
	if r, ok := m.peek(id); ok && used.After(r.stored()) {
		r.known.Store(used.UnixNano())
	}
}

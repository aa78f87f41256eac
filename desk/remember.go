package desk

import (
	"sync"
	"sync/atomic"
	"time"

	"skranke/store"
)

// remembered is a session as it stood at some version of sessions and people.
type remembered struct {
	actor  Actor
	kind   Kind
	ttl    time.Duration
	people int64
	used   atomic.Int64 // Unix nanoseconds of the last use
}

func newRemembered(a Actor, kind Kind, ttl time.Duration, people int64, used time.Time) *remembered {
	r := &remembered{actor: a, kind: kind, ttl: ttl, people: people}
	r.used.Store(used.UnixNano())
	return r
}

// use restarts the idle clock and says true, unless it has run out as far as is
// known here: another process may have seen the session since.
func (r *remembered) use(now time.Time) bool {
	if idleTooLong(time.Unix(0, r.used.Load()), now, r.ttl) {
		return false
	}
	r.used.Store(now.UnixNano())
	return true
}

// maxRemembered bounds each of the two generations of sessions in memory: some
// forty megabytes when both are full.
const maxRemembered = 100_000

// sessionMemory remembers the sessions used lately: when the young generation is
// full it becomes the old one, and what nobody asked for since is forgotten.
type sessionMemory struct {
	mu         sync.Mutex
	young, old map[store.SessionID]*remembered
}

func (m *sessionMemory) get(id store.SessionID) (*remembered, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, ok := m.young[id]; ok {
		return r, true
	}
	r, ok := m.old[id]
	if ok {
		m.add(id, r)
	}
	return r, ok
}

func (m *sessionMemory) put(id store.SessionID, r *remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(id, r)
}

func (m *sessionMemory) add(id store.SessionID, r *remembered) {
	if m.young == nil || len(m.young) >= maxRemembered {
		m.young, m.old = make(map[store.SessionID]*remembered), m.young
	}
	m.young[id] = r
}

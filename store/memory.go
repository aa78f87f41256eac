package store

import (
	"context"
	"encoding/binary"
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/VictoriaMetrics/fastcache"

	"skranke"
)

// memory keeps what is read all the time - tickets and sessions, as records of
// the statements that read them - and is exact: it answers only as long as the
// pulse of the database shows that nobody has committed anything it does not know
// of. After a commit of this process what that changed is forgotten and the rest
// still holds; after one of another process, or any doubt, everything is forgotten.
//
// A nil memory remembers nothing.
type memory struct {
	pulse pulse
	cache *fastcache.Cache // bounds itself; outside of Go's heap
	now   atomic.Pointer[state]

	// mu is held from before a commit until it is known what it changed, and
	// while a record is added: so both happen at a known state of the database.
	mu sync.Mutex
}

// pulse tells whether a database has changed. It says no if that cannot be told
// right now.
type pulse interface {
	beat() (beat, bool)
	close() error
}

// beatWords is the size of a beat in words of 32 bits.
const beatWords = 12

// beat stands for a state of the database: no two have the same one.
type beat [beatWords]uint32

// The words of a beat that say something, as SQLite's file format has them.
const (
	beatCommits = 2 // counts the commits that have written something, since the last recovery
	beatFrames  = 4 // in the write-ahead log
	beatSalt    = 8 // counted up when the log begins anew; big-endian. The next word is drawn at random
)

// follows says whether b is old after the write-ahead log has begun anew, which
// writers do before they write and long before they commit. Nothing stored
// changes by that. All else stays as it is, above all the checksum of the frames:
// that tells it from a log that has grown and was recovered before.
func (b *beat) follows(old *beat) bool {
	anew := *old
	anew[beatFrames] = 0
	anew[beatSalt] = bits.ReverseBytes32(bits.ReverseBytes32(old[beatSalt]) + 1)
	copy(anew[beatSalt+1:], b[beatSalt+1:]) // the random word and the checksum of it all
	return *b == anew
}

// state is a state of the database the memory is right for.
type state struct {
	beat    beat
	era     uint32        // of records: those of older eras are forgotten
	persons uint32        // counts changes of customers and users in the era
	catalog int64         // version of the lists, 0 if it is not known
	people  int64         // version of sessions and people, 0 if it is not known
	stamps  *stampedReads // since the records of the era were made
}

// What is remembered, each kind by its id.
const (
	memoTicket byte = iota + 1
	memoSession
)

// biggestRecord bounds what is worth keeping.
const biggestRecord = 16 << 10

// newMemory makes a memory of at most that many bytes. It returns nil where the
// database cannot be watched.
func newMemory(ctx context.Context, db *DB, size int64) (*memory, error) {
	if size <= 0 || db.dialect.pulse == nil {
		return nil, nil
	}
	p, err := db.dialect.pulse(ctx, db.target)
	if err != nil || p == nil {
		return nil, err
	}
	return &memory{pulse: p, cache: fastcache.New(int(size))}, nil
}

func (m *memory) close() error {
	if m == nil {
		return nil
	}
	m.now.Store(nil)
	m.cache.Reset() // gives the memory back to other caches
	return m.pulse.close()
}

// beat is that of the database right now, nil if it cannot be told.
func (m *memory) beat() *beat {
	if m == nil {
		return nil
	}
	if b, ok := m.pulse.beat(); ok {
		return &b
	}
	return nil
}

// present is the state the memory is right for if it is that of the database, else nil.
func (m *memory) present() *state {
	if m == nil {
		return nil
	}
	now := m.now.Load()
	if now == nil || !m.still(now) {
		return nil
	}
	return now
}

// still says whether nothing was committed since.
func (m *memory) still(at *state) bool {
	b, ok := m.pulse.beat()
	return ok && b == at.beat
}

// memoKey is the key of a record: its kind, its era and its id.
type memoKey struct {
	buf [1 + 4 + 32]byte
	n   int
}

func (k *memoKey) bytes() []byte { return k.buf[:k.n] }

func newMemoKey(at *state, kind byte) (k memoKey) {
	k.buf[0] = kind
	binary.LittleEndian.PutUint32(k.buf[1:], at.era)
	k.n = 5
	return k
}

func ticketKey(at *state, id skranke.TicketID) memoKey {
	k := newMemoKey(at, memoTicket)
	binary.LittleEndian.PutUint64(k.buf[k.n:], uint64(id))
	k.n += 8
	return k
}

func sessionKey(at *state, id *SessionID) memoKey {
	k := newMemoKey(at, memoSession)
	k.n += copy(k.buf[k.n:], id[:])
	return k
}

// get returns the record of key, and how often persons had changed when it was made.
func (m *memory) get(key *memoKey) (r record, persons uint32, ok bool) {
	var room [512]byte
	found := m.cache.Get(room[:0], key.bytes())
	if len(found) < personsSize {
		return "", 0, false
	}
	return record(found[personsSize:]), binary.LittleEndian.Uint32(found), true
}

// personsSize is the size of what stands before a record.
const personsSize = 4

// A finding is what a statement found while the database was in some state.
type finding struct {
	as              beat
	catalog, people int64 // the versions it found, 0 if it did not look
	key             func(*state) memoKey
	record          []byte // after room for the count of persons
}

// keep remembers a finding. It gives up if that is not how the database is right
// now, or somebody is at it.
func (m *memory) keep(f *finding) {
	if len(f.record) > biggestRecord || !m.mu.TryLock() {
		return
	}
	defer m.mu.Unlock()
	if b, ok := m.pulse.beat(); !ok || b != f.as {
		return
	}
	// Nobody here is committing: if the state is another one, it is by others.
	now := m.now.Load()
	switch {
	case now == nil:
		now = m.begin(nil, f.as)
	case now.beat == f.as:
	case f.as.follows(&now.beat):
		same := *now
		same.beat = f.as
		now = &same
		m.now.Store(now)
	default:
		now = m.begin(now, f.as)
	}
	if f.catalog != 0 && now.catalog == 0 || f.people != 0 && now.people == 0 {
		knowing := *now
		knowing.catalog, knowing.people = max(now.catalog, f.catalog), max(now.people, f.people)
		now = &knowing
		m.now.Store(now)
	}
	binary.LittleEndian.PutUint32(f.record, now.persons)
	key := f.key(now)
	m.cache.Set(key.bytes(), f.record)
}

// begin starts a new era at a state of which nothing is known. The caller holds mu.
func (m *memory) begin(old *state, at beat) *state {
	now := &state{beat: at, era: 1, stamps: new(stampedReads)}
	if old != nil {
		now.era = old.era + 1
	}
	m.now.Store(now)
	return now
}

// committing is to be called before the writer commits; what it returns, right
// afterwards.
func (m *memory) committing(writer conn) (committed func()) {
	w, ok := writer.(watchable)
	if m == nil || !ok {
		return func() {}
	}
	m.mu.Lock()
	before, known := m.pulse.beat()
	return func() {
		defer m.mu.Unlock()
		c := w.changed()
		defer c.reset()
		old := m.now.Load()
		if old == nil {
			return
		}
		after, ok := m.pulse.beat()
		if !ok { // another one is committing already
			m.begin(old, beat{})
			return
		}
		switch alone := known && (before == old.beat || before.follows(&old.beat)); {
		case alone && !c.written && after == old.beat:
		case alone && c.written && !c.lost && after[beatCommits] == before[beatCommits]+1:
			m.now.Store(m.apply(old, after, c))
		default: // others have committed before or after us
			m.begin(old, after)
		}
	}
}

// apply forgets what a commit has changed and returns the state after it. The
// caller holds mu.
func (m *memory) apply(old *state, after beat, c *changes) *state {
	now := *old
	now.beat = after
	for _, id := range c.tickets {
		k := ticketKey(old, id)
		m.cache.Del(k.bytes())
	}
	for i := range c.sessions {
		k := sessionKey(old, &c.sessions[i])
		m.cache.Del(k.bytes())
	}
	if c.persons {
		now.persons++
	}
	if c.catalog.changed {
		now.catalog = c.catalog.version
	}
	if c.people.changed {
		now.people = c.people.version
	}
	for _, s := range c.stamps {
		if !now.stamps.set(s.ticket, s.at) {
			return m.begin(old, after)
		}
	}
	return &now
}

// stampedReads are the read stamps written since the records of an era were
// made. They only grow later, so that whichever is the latest is the right one:
// that of a record, or one in here. They stand by the thousand in the order of
// the tickets' ids, eight bytes each.
type stampedReads struct {
	mu    sync.RWMutex
	pages map[skranke.TicketID]*stampPage
}

const stampPageBits = 9

type stampPage [1 << stampPageBits]atomic.Int64

// maxStampPages bounds the stamps to 64 MiB.
const maxStampPages = 16 << 10

// set notes a stamp, unless there are too many.
func (s *stampedReads) set(ticket skranke.TicketID, at int64) bool {
	page := s.page(ticket)
	if page == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.pages) >= maxStampPages {
			return false
		}
		if s.pages == nil {
			s.pages = map[skranke.TicketID]*stampPage{}
		}
		page = new(stampPage)
		s.pages[ticket>>stampPageBits] = page
	}
	if stamp := &page[stampPlace(ticket)]; stamp.Load() < at {
		stamp.Store(at)
	}
	return true
}

// get returns the stamp of a ticket, 0 if there is none.
func (s *stampedReads) get(ticket skranke.TicketID) int64 {
	page := s.page(ticket)
	if page == nil {
		return 0
	}
	return page[stampPlace(ticket)].Load()
}

func (s *stampedReads) page(ticket skranke.TicketID) *stampPage {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.pages[ticket>>stampPageBits]
}

// stampPlace is the place of a ticket on its page, of negative ids as well.
func stampPlace(ticket skranke.TicketID) uint64 { return uint64(ticket) % (1 << stampPageBits) }

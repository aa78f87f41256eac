package soap

import (
	"context"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"time"
)

// errCrowded refuses a call that there is no room for at the moment.
var errCrowded = &refusal{faultServer, "the server is busy: try again in a moment"}

// traffic counts what callers take of the server, in all and by address, and
// lets nobody take more than [Limits] says.
type traffic struct {
	limits    *Limits
	unlimited []netip.Prefix
	now       func() time.Time

	heavy    chan struct{} // a place for each large body that is taken apart at the moment
	spooling chan struct{} // and for each large parameter that is written meanwhile, not in such a place

	strangers *lane // those who may call no port count as one: nobody is owed that they are many

	mu      sync.Mutex
	lanes   map[netip.Addr]*lane
	all     load
	queue   []*lane // those in which calls wait, the next one first
	waiting int
	slowed  int
}

// load is what calls in progress take.
type load struct {
	reading int // bodies
	refused int // bodies, of which the rest is taken
	calls   int // methods
	held    int64
	spooled int64
}

// lane is the callers of one address, of IPv6 those of one network.
type lane struct {
	load
	free    bool // its limits are those of all together
	present int  // requests
	waiting []*waiter
	bad     float64 // calls that failed as a guess does, those long ago forgotten
	at      time.Time
}

// waiter is a call that waits for its turn.
type waiter struct {
	turn    chan struct{} // closed when it is
	granted bool
}

func newTraffic(l *Limits, unlimited []netip.Prefix) *traffic {
	half := max(1, runtime.GOMAXPROCS(0)/2)
	return &traffic{
		limits: l, unlimited: unlimited, now: time.Now, lanes: map[netip.Addr]*lane{}, strangers: &lane{},
		heavy: make(chan struct{}, half), spooling: make(chan struct{}, half),
	}
}

// laneOf is what an address is counted as: whoever has one address of an IPv6
// network has all of them.
func laneOf(addr netip.Addr) netip.Addr {
	if !addr.Is6() || addr.Is4In6() {
		return addr.Unmap()
	}
	return netip.PrefixFrom(addr.WithZone(""), 64).Masked().Addr()
}

// manyLanes is how many addresses are remembered before those are forgotten
// that have nothing on record.
const manyLanes = 10_000

// arrive counts a request of addr; leave must follow.
func (t *traffic) arrive(addr netip.Addr) *lane {
	key := laneOf(addr)
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lanes[key]
	if l == nil {
		if len(t.lanes) >= manyLanes {
			t.sweep()
		}
		l = &lane{}
		l.free = slices.ContainsFunc(t.unlimited, func(p netip.Prefix) bool { return p.Contains(addr.Unmap().WithZone("")) })
		t.lanes[key] = l
	}
	l.present++
	return l
}

func (t *traffic) leave(l *lane) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l.present-- // the lane stays until there are too many: its next call comes soon
}

// sweep forgets the addresses nobody calls from and whose record has lapsed; if
// there is none, some that nobody calls from.
func (t *traffic) sweep() {
	before := len(t.lanes)
	for key, l := range t.lanes {
		if t.forgive(l); l.present == 0 && l.bad == 0 {
			delete(t.lanes, key)
		}
	}
	for key, l := range t.lanes {
		if len(t.lanes) < before-before/10 {
			return
		}
		if l.present == 0 {
			delete(t.lanes, key)
		}
	}
}

// startReading lets a body be read, unless too many are; then endReading must follow.
func (t *traffic) startReading(l *lane) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all.reading >= t.limits.Reading || !l.free && l.reading >= t.limits.ReadingEach {
		return false
	}
	t.all.reading++
	l.reading++
	return true
}

func (t *traffic) endReading(l *lane) {
	t.mu.Lock()
	t.all.reading--
	l.reading--
	t.mu.Unlock()
}

// startLingering lets the rest of a refused body be taken, unless many are; then
// endLingering must follow. These places are not those of bodies that are read:
// whoever sends what is refused must not have them.
func (t *traffic) startLingering(l *lane) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all.refused >= max(1, t.limits.Reading/4) || !l.free && l.refused >= max(1, t.limits.ReadingEach/4) {
		return false
	}
	t.all.refused++
	l.refused++
	return true
}

func (t *traffic) endLingering(l *lane) {
	t.mu.Lock()
	t.all.refused--
	l.refused--
	t.mu.Unlock()
}

// start waits until it is a call's turn; then end must follow. It returns
// errCrowded if too many wait or it has waited too long, or the error of ctx.
// The lanes have their turns one after another.
func (t *traffic) start(ctx context.Context, l *lane) error {
	t.mu.Lock()
	if t.mayCall(l) && len(l.waiting) == 0 {
		t.all.calls++
		l.calls++
		t.mu.Unlock()
		return nil
	}
	if t.waiting >= t.limits.Waiting || !l.free && len(l.waiting) >= t.limits.WaitingEach {
		t.mu.Unlock()
		return errCrowded
	}
	w := &waiter{turn: make(chan struct{})}
	if len(l.waiting) == 0 {
		t.queue = append(t.queue, l)
	}
	l.waiting = append(l.waiting, w)
	t.waiting++
	t.mu.Unlock()

	patience := time.NewTimer(t.limits.WaitTimeout)
	defer patience.Stop()
	err := error(errCrowded)
	select {
	case <-w.turn:
		return nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-patience.C:
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if w.granted {
		return nil
	}
	l.waiting = slices.DeleteFunc(l.waiting, func(other *waiter) bool { return other == w })
	t.waiting--
	if len(l.waiting) == 0 {
		t.queue = slices.DeleteFunc(t.queue, func(other *lane) bool { return other == l })
	}
	return err
}

func (t *traffic) mayCall(l *lane) bool {
	return t.all.calls < t.limits.Calls && (l.free || l.calls < t.limits.CallsEach)
}

func (t *traffic) end(l *lane) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all.calls--
	l.calls--
	for {
		i := slices.IndexFunc(t.queue, t.mayCall)
		if i < 0 {
			return
		}
		next := t.queue[i]
		w := next.waiting[0]
		next.waiting = slices.Delete(next.waiting, 0, 1)
		t.queue = slices.Delete(t.queue, i, i+1)
		if len(next.waiting) > 0 {
			t.queue = append(t.queue, next)
		}
		t.waiting--
		t.all.calls++
		next.calls++
		w.granted = true
		close(w.turn)
	}
}

// reserve takes bytes of memory and of disk for a request, or returns false.
func (t *traffic) reserve(l *lane, memory, disk int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all.held+memory > t.limits.Together || t.all.spooled+disk > t.limits.Spool {
		return false
	}
	if !l.free && (l.held+memory > t.limits.TogetherEach || l.spooled+disk > t.limits.SpoolEach) {
		return false
	}
	t.take(l, memory, disk)
	return true
}

// giveBack ends a reservation.
func (t *traffic) giveBack(l *lane, memory, disk int64) {
	t.mu.Lock()
	t.take(l, -memory, -disk)
	t.mu.Unlock()
}

func (t *traffic) take(l *lane, memory, disk int64) {
	t.all.held += memory
	l.held += memory
	t.all.spooled += disk
	l.spooled += disk
}

// maxSlowed is how many answers may be held back at once.
const maxSlowed = 1000

// isBad counts a call that failed as guesses do, and tells whether there were
// too many of them from the lane lately.
func (t *traffic) isBad(l *lane) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forgive(l)
	if l.free {
		return false
	}
	l.bad = min(l.bad+1, float64(t.limits.BadCalls)+1)
	return l.bad > float64(t.limits.BadCalls)
}

// hold waits before an answer is given: whoever guesses waits, and costs nothing
// while he does. It returns false at once if too many wait already: then the
// connection had better end.
func (t *traffic) hold(ctx context.Context) bool {
	t.mu.Lock()
	if t.slowed >= maxSlowed {
		t.mu.Unlock()
		return false
	}
	t.slowed++
	t.mu.Unlock()

	timer := time.NewTimer(t.limits.Penalty)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	t.mu.Lock()
	t.slowed--
	t.mu.Unlock()
	return true
}

// forgive takes what has lapsed from a lane's record: as many calls a minute as
// may be bad.
func (t *traffic) forgive(l *lane) {
	now := t.now()
	if l.bad > 0 {
		l.bad = max(0, l.bad-now.Sub(l.at).Minutes()*float64(t.limits.BadCalls))
	}
	l.at = now
}

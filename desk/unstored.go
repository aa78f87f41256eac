package desk

import (
	"slices"
	"sync"
	"time"

	"skranke/store"
)

// failure is a failed try, with what is to be logged of it.
type failure struct {
	try     try
	at      time.Time
	entries []store.LogEntry
}

// unstoredFailures are those the database could not take: on a full disk the
// brake would count nothing otherwise, and guessing would cost nothing.
type unstoredFailures struct {
	mu     sync.Mutex
	list   []*failure // oldest first
	filled bool       // since it was empty
}

// maxUnstored bounds them: some ten megabytes at most. When there are as many,
// nobody can log in by a password any more. That costs little, since sessions
// cannot be stored either, and to forget some would let them be guessed away.
const maxUnstored = 10_000

// unstoredCount is how many failures of a try's name and address are unstored.
type unstoredCount struct {
	name, address int
	full          bool // there may be others of which nothing is known
}

// countUnstored is to be called before the snapshot in which the stored ones are
// counted: what is stored between the two counts twice for once, and nothing is
// missed.
func (d *Desk) countUnstored(t try) unstoredCount {
	return d.unstored.count(t, d.now().Add(-d.opts.Brake.Window))
}

func (u *unstoredFailures) count(t try, since time.Time) (n unstoredCount) {
	u.mu.Lock()
	defer u.mu.Unlock()
	n.full = u.full(since)
	for _, f := range u.list {
		if f.at.Before(since) {
			continue
		}
		if f.try.name == t.name {
			n.name++
		}
		if f.try.address == t.address {
			n.address++
		}
	}
	return n
}

// full says whether there is no room. The caller holds mu.
func (u *unstoredFailures) full(since time.Time) bool {
	return len(u.list) >= maxUnstored && !u.list[0].at.Before(since)
}

// add keeps a failure until it is stored. Those before since, which count no more,
// make room for it; without room the brake holds everybody anyway. first says that
// there was none before, filled that there is no room left, once each until all
// are stored.
func (u *unstoredFailures) add(f *failure, since time.Time) (first, filled bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.full(since) {
		return false, false
	}
	if len(u.list) >= maxUnstored {
		u.list = slices.DeleteFunc(u.list, func(f *failure) bool { return f.at.Before(since) })
	}
	u.list = append(u.list, f)
	filled = len(u.list) >= maxUnstored && !u.filled
	u.filled = u.filled || filled
	return len(u.list) == 1, filled
}

// waiting are those to be stored; remove must follow when they are.
func (u *unstoredFailures) waiting() []*failure {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.list)
}

// remove forgets the failures, which are stored.
func (u *unstoredFailures) remove(stored []*failure) {
	u.mu.Lock()
	defer u.mu.Unlock()
	gone := make(map[*failure]bool, len(stored))
	for _, f := range stored {
		gone[f] = true
	}
	u.list = slices.DeleteFunc(u.list, func(f *failure) bool { return gone[f] })
	u.filled = u.filled && len(u.list) > 0
}

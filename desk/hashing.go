package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"skranke"
)

// ErrCrowded is in the chain of a refusal, with CodeCustomError, when too many
// wait for their passwords to be hashed.
var ErrCrowded = errors.New("too many passwords are being checked at once")

func crowded() error {
	return fmt.Errorf("%w: %w", ErrCrowded, skranke.Err(skranke.CodeCustomError, ""))
}

// hashLine is where those stand whose passwords are to be hashed: a hash takes
// megabytes for tens of milliseconds, so only so many are computed at once. The
// addresses that have failed least lately come first, and equal ones take turns.
type hashLine struct {
	most int // hashes at once
	room int // who may wait: a line of seconds is as much as anybody waits for

	mu      sync.Mutex
	running int
	waiting int
	lanes   []*hashLane // in which somebody waits, the next one of equals first
}

// hashLane is those who wait from one address.
type hashLane struct {
	address  string
	failures int
	waiting  []chan bool // tells once whether it is one's turn or another has got the place
}

// enter waits for the right to hash; then leave must follow. It returns
// ErrCrowded if the line is full of those who are no worse, or the error of ctx.
func (h *hashLine) enter(ctx context.Context, address string, failures int) error {
	h.mu.Lock()
	if h.running < h.most {
		h.running++
		h.mu.Unlock()
		return nil
	}
	lane := h.lane(address)
	lane.failures = failures
	if h.waiting >= h.room && !h.displace(lane) {
		h.drop(lane)
		h.mu.Unlock()
		return crowded()
	}
	turn := make(chan bool, 1)
	lane.waiting = append(lane.waiting, turn)
	h.waiting++
	h.mu.Unlock()

	select {
	case mine := <-turn:
		if !mine {
			return crowded()
		}
		return nil
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case mine := <-turn: // in the same moment
		if mine {
			h.next()
		}
	default:
		lane.waiting = slices.DeleteFunc(lane.waiting, func(other chan bool) bool { return other == turn })
		h.waiting--
		h.drop(lane)
	}
	return ctx.Err()
}

// leave gives the right to the next one.
func (h *hashLine) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next()
}

func (h *hashLine) next() {
	if len(h.lanes) == 0 {
		h.running--
		return
	}
	lane := slices.MinFunc(h.lanes, func(a, b *hashLane) int { return a.failures - b.failures }) // the first of equals
	lane.waiting[0] <- true
	lane.waiting = slices.Delete(lane.waiting, 0, 1)
	h.waiting--
	h.lanes = slices.DeleteFunc(h.lanes, func(other *hashLane) bool { return other == lane })
	if len(lane.waiting) > 0 {
		h.lanes = append(h.lanes, lane)
	}
}

// lane is that of the address, at the end of the line if there was none.
func (h *hashLine) lane(address string) *hashLane {
	for _, l := range h.lanes {
		if l.address == address {
			return l
		}
	}
	l := &hashLane{address: address}
	h.lanes = append(h.lanes, l)
	return l
}

// drop forgets a lane in which nobody waits.
func (h *hashLine) drop(lane *hashLane) {
	if len(lane.waiting) == 0 {
		h.lanes = slices.DeleteFunc(h.lanes, func(other *hashLane) bool { return other == lane })
	}
}

// displace takes the last place of the worst lane away, if that is worse than
// the lane of who comes: it has failed more, or as much and holds more places.
func (h *hashLine) displace(by *hashLane) bool {
	worst := slices.MaxFunc(h.lanes, func(a, b *hashLane) int {
		if a.failures != b.failures {
			return a.failures - b.failures
		}
		return len(a.waiting) - len(b.waiting)
	})
	worse := worst.failures > by.failures || worst.failures == by.failures && len(worst.waiting) > len(by.waiting)+1
	if !worse || len(worst.waiting) == 0 {
		return false
	}
	last := len(worst.waiting) - 1
	worst.waiting[last] <- false
	worst.waiting = worst.waiting[:last]
	h.waiting--
	h.drop(worst)
	return true
}

package desk

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"skranke"
	"skranke/store"
)

// tally counts, so that many counts share one write and none is lost.
type tally[K comparable] struct {
	mu      sync.Mutex
	pending map[K]int64
	writing map[K]int64
}

func (t *tally[K]) add(key K) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pending == nil {
		t.pending = make(map[K]int64)
	}
	t.pending[key]++
}

// empty says whether everything counted is stored.
func (t *tally[K]) empty() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.pending)+len(t.writing) == 0
}

// take hands out what is to be written; written or putBack must follow.
func (t *tally[K]) take() map[K]int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writing, t.pending = t.pending, nil
	return t.writing
}

func (t *tally[K]) written() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writing = nil
}

// putBack returns what could not be written.
func (t *tally[K]) putBack() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pending == nil {
		t.pending = t.writing
	} else {
		for key, n := range t.writing {
			t.pending[key] += n
		}
	}
	t.writing = nil
}

// readStamp says when a ticket was read last, and by which of its customers.
// There may be a great many: so it has no pointer to follow.
type readStamp struct {
	unixMilli int64
	reader    skranke.CustomerID
}

func (s readStamp) at() time.Time { return time.UnixMilli(s.unixMilli).UTC() }

// touch is the last use of a session and the error it ended with, if any.
type touch struct {
	used    time.Time
	failed  bool
	lastErr skranke.Code
}

// patience lets what is gathered by the thousand wait for more of it, as what
// stands together is written together. It belongs to one goroutine.
type patience struct {
	many  int // so many wait
	ticks int // for at most that many ticks
	past  int
}

// over says, at each tick, whether so many are to be written now.
func (p *patience) over(waiting int) bool {
	p.past++
	if waiting > p.many && p.past < p.ticks {
		return false
	}
	p.past = 0
	return true
}

// portion is how much is written in one transaction: other writes wait for it.
const portion = 2000

// Flush writes the gathered read stamps, session times and read counts. What was
// gathered before the call is stored when it returns nil.
func (d *Desk) Flush(ctx context.Context) error { return d.flush(ctx, true) }

// flush is Flush, but leaves the session times if sessions is false. They are
// exact in memory and only matter in the database to another process and after
// a crash, so they are written less often.
func (d *Desk) flush(ctx context.Context, sessions bool) error {
	d.flushing.Lock()
	defer d.flushing.Unlock()
	reads, faqReads := d.reads.take(), d.faqReads.take()
	var touches *shelf[store.SessionID, touch]
	if sessions {
		d.sessions.gather()
		touches = d.touches.take()
	}
	err := d.writeGathered(ctx, reads, touches)
	if err == nil && len(faqReads) > 0 {
		err = d.db.Write(ctx, func(tx *store.WriteTx) error { return tx.CountFaqReads(ctx, faqCounts(faqReads)) })
		if errors.Is(err, store.ErrUnknown) { // a reading rather not counted than twice
			d.faqReads.written()
		}
	}
	if err != nil {
		d.reads.putBack()
		d.touches.putBack()
		d.faqReads.putBack()
		return err
	}
	d.reads.written()
	d.touches.written()
	d.faqReads.written()
	for id, t := range touches.all() {
		d.sessions.noteStored(id, t.used)
	}
	return nil
}

// writeGathered writes what may be written twice.
func (d *Desk) writeGathered(ctx context.Context, reads *shelf[skranke.TicketID, readStamp], touches *shelf[store.SessionID, touch]) error {
	stamps := make([]store.ReadStamp, 0, reads.len())
	for id, r := range reads.all() {
		stamps = append(stamps, store.ReadStamp{Ticket: id, At: r.at(), Customer: r.reader})
	}
	used := make([]store.SessionTouch, 0, touches.len())
	for id, t := range touches.all() {
		row := store.SessionTouch{ID: id, LastUsed: t.used}
		if t.failed {
			row.LastError = &t.lastErr
		}
		used = append(used, row)
	}
	slices.SortFunc(stamps, func(a, b store.ReadStamp) int { return cmp.Compare(a.Ticket, b.Ticket) })
	for some := range slices.Chunk(stamps, portion) {
		if err := d.db.Write(ctx, func(tx *store.WriteTx) error { return stampRead(ctx, tx, some) }); err != nil {
			return err
		}
	}
	slices.SortFunc(used, func(a, b store.SessionTouch) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	for some := range slices.Chunk(used, portion) {
		if err := d.db.Write(ctx, func(tx *store.WriteTx) error { return tx.TouchSessions(ctx, some) }); err != nil {
			return err
		}
	}
	return nil
}

func faqCounts(reads map[skranke.FaqEntryID]int64) []store.FaqReads {
	counts := make([]store.FaqReads, 0, len(reads))
	for id, n := range reads {
		counts = append(counts, store.FaqReads{Entry: id, Reads: n})
	}
	return counts
}

// stampRead writes read stamps and logs the readings that are worth it.
func stampRead(ctx context.Context, tx *store.WriteTx, stamps []store.ReadStamp) error {
	fresh, err := tx.StampRead(ctx, stamps, quietReading)
	if err != nil {
		return err
	}
	entries := make([]store.LogEntry, len(fresh))
	for i, r := range fresh {
		entries[i] = store.LogEntry{At: r.At, Action: logReadTicket, Ticket: r.Ticket, Customer: r.Customer}
	}
	return tx.Log(ctx, entries)
}

// quietReading is how long a customer who reads the same ticket again and again
// does so without another line in the log: portals ask all the time.
const quietReading = time.Hour

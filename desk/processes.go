package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"skranke/store"
)

// Several processes may serve one database. How a session is used is gathered in
// the memory of whoever saw it, and the others hear of it when that is stored. So
// that none of them takes a session for idle which is in use elsewhere, uses that
// others wait for are stored soon, and a session that looks idle gets a little
// longer while there are others. Whoever is alone is exact.
const (
	// touchInterval is how often the uses of sessions are written, unless a great
	// many wait.
	touchInterval = 30 * time.Second

	// touchDelay is longer than a use may wait for that, however many do.
	touchDelay = 3 * time.Minute

	// useTolerance is longer than a use takes to be stored that others wait for:
	// a tick and a wait for other writes. It also bears with clocks that differ.
	useTolerance = 10 * time.Second

	// announceInterval is how often a process says that it is there, and
	// presenceLife how long it counts as being there if it does not.
	announceInterval = 10 * time.Minute
	presenceLife     = 30 * time.Minute
)

// Announce tells the other processes on the database that this one keeps sessions
// as well. It is to be called before the first call is answered; Run sees to it
// that it stays known, and Close takes it back.
func (d *Desk) Announce(ctx context.Context) error {
	now := d.now()
	err := d.db.Write(ctx, func(tx *store.WriteTx) error {
		if err := tx.PruneProcesses(ctx, now.Add(-presenceLife)); err != nil {
			return err
		}
		return tx.SeeProcess(ctx, d.id, now)
	})
	if err != nil {
		return fmt.Errorf("telling other processes of this one: %w", err)
	}
	d.announced.Store(now.UnixNano())
	return nil
}

// stayKnown announces the process when it is time to.
func (d *Desk) stayKnown(ctx context.Context) error {
	if last := time.Unix(0, d.announced.Load()); d.now().Sub(last) < announceInterval {
		return nil
	}
	return d.Announce(ctx)
}

// withdraw takes back what Announce said.
func (d *Desk) withdraw(ctx context.Context) error {
	if d.announced.Load() == 0 {
		return nil
	}
	return d.db.Write(ctx, func(tx *store.WriteTx) error { return tx.ForgetProcess(ctx, d.id) })
}

// idle says whether the session has been quiet for too long, as far as is known
// here and allowing for uses that others have yet to store.
//
// Spec: types/session.4
func (d *Desk) idle(ctx context.Context, tx *store.ReadTx, s *store.Session, now time.Time) (bool, error) {
	if !idleTooLong(s.LastUsed, now, s.TTL) {
		return false, nil
	}
	if idleTooLong(s.LastUsed, now, s.TTL+useTolerance) {
		return true, nil
	}
	others, err := tx.OtherProcesses(ctx, d.id, now.Add(-presenceLife))
	return !others, err
}

// used has a use of a session, which others know the use at stored of, written
// before they would take the session for idle.
func (d *Desk) used(id store.SessionID, now, stored time.Time, ttl time.Duration) {
	if ttl == 0 || now.Add(touchDelay).Before(stored.Add(ttl)) {
		return // it is written in time anyway
	}
	due := latest(now, stored.Add(ttl/2)) // a short life is no reason to write every call
	d.urgent.update(id, func(before time.Time) time.Time {
		if before.IsZero() || due.Before(before) {
			return due
		}
		return before
	})
}

// storeUrgent writes the uses others wait for.
func (d *Desk) storeUrgent(ctx context.Context) error {
	waiting, now := d.urgent.take(), d.now()
	if waiting == nil {
		return nil
	}
	var touches []store.SessionTouch
	for id, due := range waiting.all() {
		if due.After(now) {
			d.urgent.set(id, due)
			continue
		}
		d.sessions.gatherOne(id)
		if t, ok := d.touches.glance().get(id); ok { // else it is written
			touches = append(touches, store.SessionTouch{ID: id, LastUsed: t.used})
		}
	}
	for some := range slices.Chunk(touches, portion) {
		if err := d.db.Write(ctx, func(tx *store.WriteTx) error { return tx.TouchSessions(ctx, some) }); err != nil {
			d.urgent.putBack()
			return err
		}
	}
	d.urgent.written()
	for _, t := range touches {
		d.sessions.noteStored(t.ID, t.LastUsed)
	}
	return nil
}

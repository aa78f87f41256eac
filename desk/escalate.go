package desk

import (
	"context"
	"time"

	"skranke"
	"skranke/store"
)

// The events this desk raises.
//
// Spec: ticket/escalate.1
const (
	eventNew      = skranke.EscalateNew
	eventNewInfo  = skranke.EscalateNewInfo
	eventOwner    = skranke.EscalateOwner
	eventClosed   = skranke.EscalateClosed
	eventPriority = skranke.EscalatePriority
)

// raise does to the escalation of t what its priority says about the event; a
// new ticket gets its deadline as well. The caller stores t. A ticket whose
// priority is gone is left alone.
//
// Spec: ticket/escalate.2, ticket/escalate.3, ticket/newTicket.11
func (d *Desk) raise(ctx context.Context, tx *store.WriteTx, t *skranke.Ticket, event skranke.EscalateEvent) error {
	c, err := d.catalogOf(ctx, &tx.ReadTx)
	if err != nil {
		return err
	}
	p, ok := c.priority(t.Priority)
	if !ok {
		return nil
	}
	now := d.now()
	if event == eventNew && p.Deadline > 0 {
		t.Deadline = d.alertTime(t.CreatedAt, p.Deadline, p)
	}
	switch p.Actions[event] {
	case skranke.EscalateStop:
		d.stopAlert(t, now, p)
	case skranke.EscalateContinue:
		d.continueAlert(t, now, p)
	case skranke.EscalateRestart:
		t.AlertLevel, t.AlertTimeout, t.AlertStop = 0, time.Time{}, 0
		d.continueAlert(t, now, p)
	}
	return nil
}

// stopAlert keeps what is left until the next level, as the priority counts.
// A level that is overdue keeps a second, or the ticket would look as if
// nothing had been counted.
func (d *Desk) stopAlert(t *skranke.Ticket, now time.Time, p *skranke.Priority) {
	if t.AlertTimeout.IsZero() {
		return
	}
	left := d.hoursOf(p).between(now, t.AlertTimeout).Truncate(time.Second)
	t.AlertTimeout, t.AlertStop = time.Time{}, max(left, time.Second)
}

// continueAlert counts on towards the next level: from where it stopped, or
// the whole way if nothing was counted yet. Above the last level there is
// nothing to count to.
func (d *Desk) continueAlert(t *skranke.Ticket, now time.Time, p *skranke.Priority) {
	if !t.AlertTimeout.IsZero() {
		return
	}
	next, ok := p.LevelAfter(t.AlertLevel)
	switch {
	case !ok:
		t.AlertStop = 0
	case t.AlertStop > 0:
		t.AlertTimeout, t.AlertStop = d.hoursOf(p).after(now, t.AlertStop), 0
	default:
		t.AlertTimeout = d.alertTime(now, next.Timeout, p)
	}
}

// aCentury is the longest time an alert or deadline may be away, in minutes:
// more would not fit a time.
const aCentury = 100 * 366 * 24 * 60

// alertTime is the moment so many minutes after from, as the priority counts
// them.
//
// Spec: ticket/escalate.3
func (d *Desk) alertTime(from time.Time, minutes int, p *skranke.Priority) time.Time {
	return d.hoursOf(p).after(from, time.Duration(min(max(minutes, 0), aCentury))*time.Minute)
}

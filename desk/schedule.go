package desk

import (
	"context"
	"fmt"
	"sync"
	"time"

	"skranke"
	"skranke/store"
)

// How often the desk looks for what the clock is to do, how many tickets it
// takes in one transaction, so that callers who write need not wait for long,
// and how many such transactions it makes at a time.
const (
	scheduleInterval = 5 * time.Second
	scheduleBatch    = 25
	scheduleBatches  = 20
)

// RunSchedule does what the clock says until ctx ends: see DoDue. The scripts
// of escalation levels run beside that, for they take their time.
func (d *Desk) RunSchedule(ctx context.Context) {
	tick := time.NewTicker(scheduleInterval)
	defer tick.Stop()
	looked := make(chan struct{}, 1)
	var scripts sync.WaitGroup
	defer scripts.Wait()
	scripts.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-looked:
				d.background(ctx, "running scripts of escalation levels", func(ctx context.Context) error {
					_, err := d.runOwedScripts(ctx)
					return err
				})
			}
		}
	})
	for {
		d.background(ctx, "looking for due tickets", func(ctx context.Context) error {
			count, err := d.DoDue(ctx)
			d.looks.note(count, err)
			return err
		})
		select {
		case looked <- struct{}{}:
		default: // it is at it, and will look once more
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// DoDue wakes the postponed tickets whose time has come and raises the alerts
// that are due. It returns how many tickets it has changed, a bounded number:
// the rest waits for the next call. What is due stands in the tickets alone and
// is claimed in the transaction that does it, so that nothing happens twice,
// nor is lost when the process ends, however many processes call this.
//
// Spec: ticket/escalate.3, ticket/notify.5
func (d *Desk) DoDue(ctx context.Context) (count int, err error) {
	wakened, err := d.doDue(ctx, (*store.ReadTx).DueActivations, d.activate)
	if err != nil {
		return wakened, fmt.Errorf("waking tickets: %w", err)
	}
	alerts, err := d.doDue(ctx, (*store.ReadTx).DueAlerts, d.alert)
	if err != nil {
		return wakened + alerts, fmt.Errorf("raising alerts: %w", err)
	}
	return wakened + alerts, nil
}

// doDue does something to the due tickets that look finds, batch by batch.
func (d *Desk) doDue(ctx context.Context, look func(*store.ReadTx, context.Context, time.Time, int) ([]store.Due, error),
	do func(context.Context, *store.WriteTx, store.Due, time.Time) (bool, error)) (count int, err error) {
	now := d.now()
	for range scheduleBatches {
		var due []store.Due
		err := d.db.Read(ctx, func(tx *store.ReadTx) (err error) { // most looks find nothing and need not write
			due, err = look(tx, ctx, now, scheduleBatch)
			return err
		})
		if err != nil || len(due) == 0 {
			return count, err
		}
		var done int
		err = d.db.Write(ctx, func(tx *store.WriteTx) error {
			done = 0
			for _, ticket := range due {
				claimed, err := do(ctx, tx, ticket, now)
				if err != nil {
					return fmt.Errorf("ticket %d: %w", ticket.Ticket, err)
				}
				if claimed {
					done++
				}
			}
			return nil
		})
		if err != nil {
			return count, err
		}
		count += done
	}
	return count, nil
}

// recordClock logs what the clock did to a ticket.
func (d *Desk) recordClock(ctx context.Context, tx *store.WriteTx, action int, before, after *skranke.Ticket) error {
	return d.record(ctx, tx, system(viaClock), action, rowTicket, int64(after.ID), ticketChanges(before, after))
}

// activate wakes a postponed ticket, unless somebody else has done so. No event
// stands for that, so the escalation goes on as it stands; alerts that came due
// while the ticket slept come now.
//
// Spec: ticket/escalate.1, types/enums
func (d *Desk) activate(ctx context.Context, tx *store.WriteTx, due store.Due, now time.Time) (bool, error) {
	claimed, err := tx.ClaimActivation(ctx, due)
	if err != nil || !claimed {
		return false, err
	}
	t, err := tx.Ticket(ctx, due.Ticket)
	if err != nil {
		return false, err
	}
	before := *t
	before.Activate = due.At
	t.Status, t.LastChanged = skranke.Active, now
	if t.TicketStatus, err = tx.DefaultTicketStatus(ctx, skranke.Active); err != nil {
		return false, err
	}
	if err := tx.UpdateTicket(ctx, t); err != nil {
		return false, err
	}
	if err := d.tellOwner(ctx, tx, t, notice(t, skranke.NotifyActivated, "Ticket activated", skranke.SystemUser, now)); err != nil {
		return false, err
	}
	return true, d.recordClock(ctx, tx, logActivated, &before, t)
}

// alert brings a ticket to its next level, unless somebody else has done so:
// its owner is told, the level's actions follow, and the time to the level
// after it begins. A ticket whose priority has no such level, or is gone, just
// stops counting.
//
// Spec: ticket/escalate.3, ticket/notify.5
func (d *Desk) alert(ctx context.Context, tx *store.WriteTx, due store.Due, now time.Time) (bool, error) {
	claimed, err := tx.ClaimAlert(ctx, due)
	if err != nil || !claimed {
		return false, err
	}
	t, err := tx.Ticket(ctx, due.Ticket)
	if err != nil {
		return false, err
	}
	c, err := d.catalogOf(ctx, &tx.ReadTx)
	if err != nil {
		return false, err
	}
	p, ok := c.priority(t.Priority)
	if !ok {
		return true, nil
	}
	level, ok := p.LevelAfter(t.AlertLevel)
	if !ok {
		return true, nil
	}
	before := *t
	before.AlertTimeout = due.At
	t.AlertLevel, t.AlertStop = level.Level, 0
	d.continueAlert(t, now, p)
	if err := d.tellOwner(ctx, tx, t, notice(t, skranke.NotifyAlert, fmt.Sprintf("Alert level %d", level.Level), skranke.SystemUser, now)); err != nil {
		return false, err
	}
	if err := d.reassign(ctx, tx, t, level.Reassign, now); err != nil {
		return false, err
	}
	if err := tx.UpdateTicket(ctx, t); err != nil {
		return false, err
	}
	if err := d.alertLetters(ctx, tx, c, t, level, now); err != nil {
		return false, err
	}
	if err := d.owesScript(ctx, tx, t, level); err != nil {
		return false, err
	}
	return true, d.recordClock(ctx, tx, logEscalated, &before, t)
}

// reassign gives a ticket that has reached a level to another user and tells
// him and the old owner. It raises no event, or a priority that starts again
// with a new owner would do so for ever.
//
// Spec: ticket/escalate.1, ticket/notify.4
func (d *Desk) reassign(ctx context.Context, tx *store.WriteTx, t *skranke.Ticket, to skranke.UserID, now time.Time) error {
	if to == 0 || to == t.Owner {
		return nil
	}
	err := checkOwner(ctx, tx, to)
	if isRefusal(err, skranke.CodeInvalidOwner) {
		d.log.WarnContext(ctx, "an escalation level names a user who may own no tickets", "user", to, "priority", t.Priority, "level", t.AlertLevel)
		return nil
	}
	if err != nil {
		return err
	}
	old := t.Owner
	t.Owner, t.ReadStatus, t.LastChanged = to, skranke.Red, now
	return d.tellOfNewOwner(ctx, tx, t, old, skranke.SystemUser, now)
}

// alertLetters mails what a level says, a letter to each.
//
// Spec: ticket/escalate.3
func (d *Desk) alertLetters(ctx context.Context, tx *store.WriteTx, c *catalog, t *skranke.Ticket, level skranke.AlertLevel, now time.Time) error {
	customer, err := customerOrNone(ctx, &tx.ReadTx, t.Customer())
	if err != nil {
		return err
	}
	if customer != nil && len(customer.Emails) > 0 {
		if err := d.alertLetter(ctx, tx, t, level.ToCustomer, addresses(customer.Emails[:1]), now); err != nil {
			return err
		}
	}
	users := [...]struct {
		template skranke.TemplateID
		user     skranke.UserID
	}{{level.ToOwner, t.Owner}, {level.ToMaster, 0}}
	if category, ok := c.categories[t.Category]; ok {
		users[1].user = category.Master
	}
	for _, to := range users {
		if to.template == 0 || to.user == 0 || to.user == skranke.SystemUser {
			continue
		}
		user, err := userOrNone(ctx, &tx.ReadTx, to.user)
		if err != nil {
			return err
		}
		if user == nil {
			continue
		}
		if err := d.alertLetter(ctx, tx, t, to.template, addresses([]string{user.Email}), now); err != nil {
			return err
		}
	}
	return d.alertLetter(ctx, tx, t, level.ToOthers, addresses([]string{level.Others}), now)
}

// alertLetter mails what the reply template makes of t, a letter to each
// address. A template that is gone, empty or cannot be filled in is passed over:
// it must not keep the ticket, and those that wait behind it, from the rest.
func (d *Desk) alertLetter(ctx context.Context, tx *store.WriteTx, t *skranke.Ticket, id skranke.TemplateID, to []string, now time.Time) error {
	if id == 0 || len(to) == 0 {
		return nil
	}
	system, err := userOrNone(ctx, &tx.ReadTx, skranke.SystemUser)
	if err != nil {
		return err
	}
	if system == nil {
		system = &skranke.User{ID: skranke.SystemUser}
	}
	template, err := tx.ReplyTemplate(ctx, id)
	m := &skranke.Message{Ticket: t.ID, SLevel: skranke.External, CreatedAt: now, CreatedBy: skranke.SystemUser}
	all := letter{To: to, Subject: t.Title}
	all.dropRepeated()
	if err == nil {
		err = d.fillFromTemplate(ctx, tx, system, t, m, &all, template)
	}
	if isRefusal(err, skranke.CodeCustomError) || err == nil && len(template.Bodies) == 0 {
		d.log.WarnContext(ctx, "an escalation letter was left out", "template", id, "ticket", t.ID, "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	for _, address := range all.To { // they need not know of one another
		one := all
		one.To = []string{address}
		if err := d.enqueueLetter(ctx, tx, t, m, one); err != nil {
			return err
		}
	}
	return nil
}

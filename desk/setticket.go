package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"skranke"
	"skranke/store"
)

// ChangeTicket gives a ticket new values, all of them or none: pairs apply in
// their order, a new owner or priority the server is to choose comes after all
// of them. It returns CodeUnknownTicket, or for the first pair that does not fit
// CodeInvalidField, CodeInvalidExtraField, CodeInvalidCategory,
// CodeInvalidPriority, CodeInvalidSLevel, CodeInvalidOwner,
// CodeUnknownCustomerID or CodeUnknownTicketStatus.
//
// Spec: ticket/setTicket
func (d *Desk) ChangeTicket(ctx context.Context, a Actor, id skranke.TicketID, pairs []Pair) error {
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		t, err := tx.Ticket(ctx, id)
		if err != nil || len(pairs) == 0 {
			return err
		}
		c, err := d.catalogOf(ctx, &tx.ReadTx)
		if err != nil {
			return err
		}
		before := *t
		before.Customers, before.Extra = slices.Clone(t.Customers), slices.Clone(t.Extra)
		e := &ticketEdit{desk: d, tx: tx, catalog: c, actor: a, before: &before, ticket: t, now: d.now()}
		for _, pair := range pairs {
			if err := e.apply(ctx, pair); err != nil {
				return err
			}
		}
		if err := e.choose(ctx); err != nil {
			return err
		}
		t.LastChanged = e.now
		if err := e.raise(ctx); err != nil {
			return err
		}
		if err := tx.UpdateTicket(ctx, t); err != nil {
			return err
		}
		if err := e.tell(ctx); err != nil {
			return err
		}
		return d.record(ctx, tx, a, logSetTicket, rowTicket, int64(t.ID), ticketChanges(&before, t))
	})
}

// ticketEdit is a change of one ticket.
type ticketEdit struct {
	desk         *Desk
	tx           *store.WriteTx
	catalog      *catalog
	actor        Actor
	before       *skranke.Ticket
	ticket       *skranke.Ticket
	now          time.Time
	extra        []Pair // those so far
	delegate     bool   // the owner is still to be chosen
	findPriority bool   // so is the priority
}

// apply makes one pair count. Names of standard fields need no prefix; those
// that can only be read are none here.
//
// Spec: ticket/setTicket.1, ticket/setTicket.6, ticket/setTicket.8, ticket/common.6
func (e *ticketEdit) apply(ctx context.Context, pair Pair) error {
	t, value := e.ticket, strings.TrimSpace(pair.Value)
	name := strings.TrimPrefix(skranke.Fold(strings.TrimSpace(pair.Field)), "ticket.")
	unfit := skranke.Err(skranke.CodeInvalidField, "value does not fit %s", name)
	switch name {
	case "title":
		t.Title = skranke.Cut(pair.Value, skranke.MaxTitle)
	case "status":
		return e.status(ctx, value)
	case "owner":
		return e.owner(ctx, value)
	case "customerid":
		return e.customer(ctx, value)
	case "category":
		id, _ := skranke.ParseID(value)
		if _, ok := e.catalog.categories[skranke.CategoryID(id)]; !ok {
			return skranke.Err(skranke.CodeInvalidCategory, "no category %q", value)
		}
		t.Category = skranke.CategoryID(id)
	case "priority":
		if e.findPriority = value == "-1"; e.findPriority {
			return nil
		}
		id, _ := skranke.ParseID(value)
		t.Priority = skranke.PriorityID(id)
		return checkPriority(e.catalog, e.actor, t.Priority)
	case "slevel":
		id, _ := skranke.ParseID(value)
		t.SLevel = skranke.SLevel(id)
		return checkSLevel(t.SLevel)
	case "filteraddress":
		if t.FilterAddress = value; value == "" {
			return nil
		}
		if _, ok := parseAddress(value); !ok || skranke.Longer(value, maxText) {
			return unfit
		}
	case "filterid": // there are no mailboxes with ids
		if value != "-1" && value != "" {
			return unfit
		}
	case "createdat":
		at, ok := e.moment(value)
		if !ok || at.IsZero() {
			return unfit
		}
		t.CreatedAt = at
	case "dbilastsynchronized":
		at, ok := e.moment(value)
		if !ok {
			return unfit
		}
		t.SyncedAt = at
	case "dbikey":
		return setText(pair, maxText, &t.ExtKey)
	case "dbiagentid":
		id, ok := skranke.ParseID(value)
		if value == "-1" || value == "" {
			t.ExtTable = 0
			return nil
		}
		if ok {
			var err error
			if ok, err = rowExists(ctx, e.tx, Row{rowSyncAgent, id}); err != nil {
				return err
			}
		}
		if !ok {
			return unfit
		}
		t.ExtTable = id
	default:
		return e.extraValue(ctx, pair, name)
	}
	return nil
}

// moment reads a date-time, "" as none.
func (e *ticketEdit) moment(value string) (time.Time, bool) {
	v, _, ok := skranke.TypeDateTime.Parse(value, e.desk.opts.Zone)
	if !ok || !v.Set {
		return time.Time{}, ok
	}
	return time.UnixMilli(v.Int).UTC(), true
}

func (e *ticketEdit) extraValue(ctx context.Context, pair Pair, name string) error {
	if _, isExtra := e.catalog.extraField(skranke.DomainTicket, name); !isExtra {
		return unknownField(skranke.DomainTicket, name)
	}
	// Each is checked in its turn, so that the first bad pair decides.
	e.extra = append(e.extra, pair)
	values, err := e.desk.applyExtra(ctx, &e.tx.ReadTx, e.catalog, e.actor, skranke.DomainTicket, e.before.Extra, e.extra)
	e.ticket.Extra = values
	return err
}

// status opens, closes or deletes the ticket. What is closed already keeps when
// that was.
//
// Spec: ticket/setTicket.2
func (e *ticketEdit) status(ctx context.Context, word string) error {
	t, was := e.ticket, e.ticket.Status
	switch skranke.Fold(word) {
	case "open", "1":
		t.Status, t.ClosedAt, t.TimeToClose = skranke.Active, time.Time{}, 0
	case "close", "2":
		t.Status = skranke.Closed
		if was != skranke.Closed {
			t.ClosedAt, t.TimeToClose = e.now, timeToClose(t, e.now)
		}
	case "delete", "4":
		t.Status = skranke.Deleted
	default:
		return skranke.Err(skranke.CodeUnknownTicketStatus, "status %q", word)
	}
	t.Activate = time.Time{}
	var err error
	t.TicketStatus, err = e.tx.DefaultTicketStatus(ctx, t.Status)
	return err
}

// timeToClose is how long a ticket closed now was open, 0 of one nobody knows
// the age of.
func timeToClose(t *skranke.Ticket, now time.Time) time.Duration {
	if t.CreatedAt.IsZero() {
		return 0
	}
	return max(now.Sub(t.CreatedAt), 0)
}

// owner makes somebody the owner; -1 leaves the choice until the category is known.
//
// Spec: ticket/setTicket.5
func (e *ticketEdit) owner(ctx context.Context, value string) error {
	if e.delegate = value == "-1"; e.delegate {
		return nil
	}
	id, _ := skranke.ParseID(value)
	e.ticket.Owner = skranke.UserID(id)
	return checkOwner(ctx, e.tx, e.ticket.Owner)
}

// customer connects a customer; -1 disconnects all.
//
// Spec: ticket/setTicket.3
func (e *ticketEdit) customer(ctx context.Context, value string) error {
	if value == "-1" {
		e.ticket.Customers = nil
		return nil
	}
	id, _ := skranke.ParseID(value)
	customer, err := liveCustomer(ctx, &e.tx.ReadTx, skranke.CustomerID(id))
	if err == nil && !slices.Contains(e.ticket.Customers, customer.ID) {
		e.ticket.Customers = append(e.ticket.Customers, customer.ID)
	}
	return err
}

// choose picks the priority and owner that were left to the server, and marks
// what a new owner has seen.
//
// Spec: ticket/setTicket.4, ticket/setTicket.5
func (e *ticketEdit) choose(ctx context.Context) error {
	t := e.ticket
	var primary *skranke.Customer
	if t.Customer() != 0 && (e.delegate || e.findPriority) {
		var err error
		if primary, err = e.tx.Customer(ctx, t.Customer()); err != nil {
			return err
		}
	}
	if e.findPriority {
		var err error
		if t.Priority, err = automaticPriority(ctx, e.tx, e.catalog, primary); err != nil {
			return err
		}
	}
	if e.delegate {
		t.Owner = skranke.SystemUser
		if category, ok := e.catalog.categories[t.Category]; ok {
			var err error
			if t.Owner, err = e.desk.delegate(ctx, e.tx, category, primary); err != nil {
				return err
			}
		}
	}
	if t.Owner != e.before.Owner {
		t.ReadStatus = skranke.Red
		if t.Owner == e.actor.User {
			t.ReadStatus = skranke.Green
		}
	}
	return nil
}

// raise tells the escalation what has happened.
//
// Spec: ticket/escalate.1
func (e *ticketEdit) raise(ctx context.Context) error {
	for _, event := range [...]struct {
		what     skranke.EscalateEvent
		happened bool
	}{
		{eventPriority, e.ticket.Priority != e.before.Priority},
		{eventOwner, e.ticket.Owner != e.before.Owner},
		{eventClosed, e.ticket.Status == skranke.Closed && e.before.Status != skranke.Closed},
	} {
		if !event.happened {
			continue
		}
		if err := e.desk.raise(ctx, e.tx, e.ticket, event.what); err != nil {
			return err
		}
	}
	return nil
}

// tell notifies the old owner and the new one, and the owner of a ticket that
// was opened again; never the acting user. Who keeps an eye on the ticket is
// told what the new owner is.
//
// Spec: ticket/notify.4, ticket/notify.6
func (e *ticketEdit) tell(ctx context.Context) error {
	t, actor := e.ticket, e.actor.User
	if t.Owner != e.before.Owner {
		if err := e.desk.tellOfNewOwner(ctx, e.tx, t, e.before.Owner, actor, e.now); err != nil {
			return err
		}
	}
	if t.Status == skranke.Active && (e.before.Status == skranke.Closed || e.before.Status == skranke.Postponed) {
		return e.desk.tellOwner(ctx, e.tx, t, notice(t, skranke.NotifyActivated, "Ticket opened again", actor, e.now), actor)
	}
	return nil
}

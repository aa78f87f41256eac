package desk

import (
	"context"
	"slices"
	"strings"

	"skranke"
	"skranke/store"
)

// FieldValue is one requested value: the name as it was asked for, its type and
// its value.
type FieldValue struct {
	Name  string
	Type  skranke.Type
	Value skranke.Value
	Blank bool // there is no row to have a value: it prints as nothing, not as unset
}

// TicketView is what a caller gets of a ticket: the fields he named and the ids
// of the messages he may read.
type TicketView struct {
	Fields   []FieldValue
	Messages []skranke.MessageID
}

// Ticket returns the named fields of a ticket and the ids of its messages,
// oldest first. Names nobody knows are skipped. To a customer, tickets and
// messages that are not his to read do not exist, a merged ticket is its
// master, and a successful reading of his own ticket is stamped.
// It returns CodeUnknownTicket if a may not read the ticket.
//
// Spec: customer/getTicket, ticket/getTicket
func (d *Desk) Ticket(ctx context.Context, a Actor, id skranke.TicketID, names []string) (*TicketView, error) {
	var view *TicketView
	err := d.readStamping(ctx, func(tx *store.ReadTx, stamps stampGlance) (stamp ticketStamp, err error) {
		view, stamp, _, err = d.viewTicket(ctx, tx, a, id, names, stamps)
		return stamp, err
	})
	return view, err
}

// TicketByKey is Resume, Ticket and Settle in one. It costs one statement where
// they cost two: whom the key belongs to is remembered from an earlier call, and
// the snapshot the ticket is read from tells whether that still holds.
//
// Spec: customer/getTicket, ticket/getTicket, types/session
func (d *Desk) TicketByKey(ctx context.Context, key string, kind Kind, id skranke.TicketID, names []string) (*TicketView, error) {
	a, people, err := d.recall(ctx, key, kind)
	if err != nil {
		d.Settle(a, err)
		return nil, err
	}
	var view *TicketView
	// The read may run several times, so a stays who was remembered: whoever stands in the
	// snapshot is found out anew each time.
	who := a
	touches := d.touches.glance()
	err = d.readStamping(ctx, func(tx *store.ReadTx, stamps stampGlance) (ticketStamp, error) {
		view = nil
		v, stamp, version, err := d.viewTicket(ctx, tx, a, id, names, stamps)
		if version == 0 { // there is no ticket to tell
			var unread error
			if version, unread = tx.PeopleVersion(ctx); unread != nil {
				return ticketStamp{}, unread
			}
		}
		if who = a; version != people {
			if who, err = d.standing(ctx, tx, key, kind, touches); err != nil {
				return ticketStamp{}, err
			}
			v, stamp, _, err = d.viewTicket(ctx, tx, who, id, names, stamps)
		}
		view = v
		return stamp, err
	})
	d.Settle(who, err)
	return view, err
}

// ticketStamp says whose reading of which ticket is to be stamped; the zero
// ticketStamp, nobody's.
type ticketStamp struct {
	ticket skranke.TicketID
	reader skranke.CustomerID
}

type stampGlance = glance[skranke.TicketID, readStamp]

// readStamping runs read in a snapshot and stamps what it says was read. The
// stamps it is handed are those the snapshot may not know yet.
func (d *Desk) readStamping(ctx context.Context, read func(*store.ReadTx, stampGlance) (ticketStamp, error)) error {
	var stamp ticketStamp
	stamps := d.reads.glance()
	err := d.db.ReadShort(ctx, func(tx *store.ReadTx) (err error) {
		stamp, err = read(tx, stamps)
		return err
	})
	if err == nil && stamp.reader != 0 {
		d.stampRead(stamp.ticket, stamp.reader)
	}
	return err
}

// viewTicket is what a gets of the ticket. people is the version of sessions and
// people in the snapshot, 0 if the ticket does not exist.
func (d *Desk) viewTicket(ctx context.Context, tx *store.ReadTx, a Actor, id skranke.TicketID, names []string, stamps stampGlance) (view *TicketView, stamp ticketStamp, people int64, err error) {
	parts := partsNamed(names)
	read, err := d.readTicket(ctx, tx, a, id, parts)
	if read != nil {
		people = read.PeopleVersion
		defer read.Release()
	}
	if err != nil {
		return nil, stamp, people, err
	}
	if parts.ReadBy {
		if stamp, ok := stamps.get(read.Ticket.ID); ok && stamp.at().After(read.Ticket.ReadByCustomer) {
			read.Ticket.ReadByCustomer = stamp.at()
		}
	}
	catalog, err := d.catalogAt(ctx, tx, read.CatalogVersion)
	if err != nil {
		return nil, stamp, people, err
	}
	primary, err := primaryName(ctx, tx, a, &read.Ticket, names)
	if err != nil {
		return nil, stamp, people, err
	}
	if read.Connected {
		stamp = ticketStamp{read.Ticket.ID, a.Customer}
	}
	fields := catalog.ticketValues(a, &read.Ticket, primary, names)
	return &TicketView{Fields: fields, Messages: slices.Clone(read.Messages)}, stamp, people, nil
}

// partsNamed is what of a ticket has to be read for those names. What is no
// standard field may be an extra one.
func partsNamed(names []string) (parts store.TicketParts) {
	for _, name := range names {
		field, standard := skranke.TicketFields.Lookup(strings.TrimSpace(name), ^skranke.Use(0))
		parts.Extra = parts.Extra || !standard
		parts.ReadBy = parts.ReadBy || standard && field.Name == skranke.FieldReadByCustomer
	}
	return parts
}

// readTicket reads the ticket as a may see it. A ticket that exists comes back
// with the refusal as well, for the versions of the snapshot.
func (d *Desk) readTicket(ctx context.Context, tx *store.ReadTx, a Actor, id skranke.TicketID, parts store.TicketParts) (*store.TicketRead, error) {
	if !a.IsCustomer() {
		parts.Internal = true
		return tx.TicketFor(ctx, id, store.Viewer{}, parts)
	}
	viewer := store.Viewer{Customer: a.Customer, Company: a.Company}
	read, err := tx.TicketFor(ctx, id, viewer, parts)
	if err != nil {
		return nil, err
	}
	if read.Ticket.Status == skranke.Merged {
		if read, err = d.masterOf(ctx, tx, viewer, read, parts); err != nil {
			return nil, err
		}
	}
	if !mayRead(a, read) {
		return read, skranke.Err(skranke.CodeUnknownTicket, "customer %d may not read ticket %d", a.Customer, id)
	}
	return read, nil
}

// masterOf follows a merged ticket to the ticket it stands for.
//
// Spec: types/acl.6
func (d *Desk) masterOf(ctx context.Context, tx *store.ReadTx, viewer store.Viewer, read *store.TicketRead, parts store.TicketParts) (*store.TicketRead, error) {
	seen := map[skranke.TicketID]bool{}
	for read.Ticket.Status == skranke.Merged {
		if seen[read.Ticket.ID] {
			return nil, skranke.Err(skranke.CodeUnknownTicket, "ticket %d is merged in a circle", read.Ticket.ID)
		}
		seen[read.Ticket.ID] = true
		next, err := tx.TicketFor(ctx, read.Ticket.MergedInto, viewer, parts)
		if err != nil {
			return nil, err
		}
		read = next
	}
	return read, nil
}

// mayRead is the rule of what customers see: external tickets that are not
// deleted, their own and, with company access, their colleagues'.
//
// Spec: types/access, types/acl.1, types/acl.2, types/acl.5
func mayRead(a Actor, read *store.TicketRead) bool {
	t := &read.Ticket
	return t.Status != skranke.Deleted && t.SLevel == skranke.External &&
		(read.Connected || a.CompanyAccess && read.Colleague)
}

// mayWrite is the rule of where customers may add messages: their own external
// tickets, and internal ones they made themselves.
//
// Spec: types/access, customer/addMessage.1
func mayWrite(a Actor, read *store.TicketRead) bool {
	t := &read.Ticket
	madeIt := t.Customer() == a.Customer && t.CreatedBy == skranke.SystemUser
	return t.Status != skranke.Deleted && read.Connected && (t.SLevel == skranke.External || madeIt)
}

// stampRead gathers that a customer has read his ticket now.
//
// Spec: customer/getTicket.26
func (d *Desk) stampRead(id skranke.TicketID, reader skranke.CustomerID) {
	d.reads.set(id, readStamp{d.now().UnixMilli(), reader})
}

// use is the way of reading one row by id that is open to a.
func (a Actor) use() skranke.Use {
	if a.IsCustomer() {
		return skranke.CustomerGet
	}
	return skranke.AgentGet
}

// primaryName is the name of the primary customer, read only if a user asks for it.
func primaryName(ctx context.Context, tx *store.ReadTx, a Actor, t *skranke.Ticket, names []string) (skranke.CustomerName, error) {
	asked := func(name string) bool { return strings.HasPrefix(skranke.Fold(strings.TrimSpace(name)), "customer.") }
	if a.IsCustomer() || t.Customer() == 0 || !slices.ContainsFunc(names, asked) {
		return skranke.CustomerName{}, nil
	}
	customer, err := tx.Customer(ctx, t.Customer())
	if err != nil {
		return skranke.CustomerName{}, err
	}
	return skranke.CustomerName{First: customer.FirstName, Last: customer.LastName}, nil
}

// ticketValues picks the named values of t, for users also those of its primary
// customer. Names a may not use are left out.
//
// Spec: customer/getTicket.9, customer/getTicket.10, customer/getTicket.12
func (c *catalog) ticketValues(a Actor, t *skranke.Ticket, primary skranke.CustomerName, names []string) []FieldValue {
	values := make([]FieldValue, 0, len(names))
	for _, name := range names {
		name = strings.TrimSpace(name)
		if field, ok := skranke.TicketFields.Lookup(name, a.use()); ok {
			values = append(values, FieldValue{Name: name, Type: field.Type, Value: field.Of(t)})
			continue
		}
		if field, ok := c.readableExtra(a, skranke.DomainTicket, name); ok {
			values = append(values, FieldValue{Name: name, Type: field.Type(), Value: extraValue(t.Extra, field.ID)})
			continue
		}
		if field, ok := skranke.FoundFields.Lookup(name, a.use()); ok {
			values = append(values, FieldValue{Name: name, Type: field.Type, Value: field.Of(&skranke.FoundTicket{Ticket: *t, Name: primary})})
		}
	}
	return values
}

// readableExtra finds an extra field, if a may see it, by x_<id> or, with the
// domain's prefix, its database name or its label, in this order.
//
// Spec: types/extra.2, types/extra.3, types/extra.4, ticket/common.6
func (c *catalog) readableExtra(a Actor, domain skranke.Domain, name string) (*skranke.ExtraField, bool) {
	prefix := len(domain.String()) + 1
	if (len(name) <= prefix || !strings.EqualFold(name[:prefix], domain.String()+".")) && !isNumbered(name) {
		return nil, false
	}
	field, ok := c.extraField(domain, name)
	if !ok {
		field, ok = c.byLabel[foldExtra(domain, name)]
	}
	return field, ok && (field.External() || !a.IsCustomer())
}

// isNumbered says whether name is x_<id>.
func isNumbered(name string) bool {
	if len(name) < 2 || !strings.EqualFold(name[:2], "x_") {
		return false
	}
	_, ok := skranke.ParseID(name[2:])
	return ok
}

func extraValue(values []skranke.ExtraValue, id skranke.ExtraFieldID) skranke.Value {
	for i := range values {
		if values[i].Field == id {
			return values[i].Value
		}
	}
	return skranke.Value{}
}

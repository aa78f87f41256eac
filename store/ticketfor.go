package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"skranke"
)

// Viewer is the customer a ticket is read for. The zero Viewer is nobody.
type Viewer struct {
	Customer skranke.CustomerID
	Company  skranke.CompanyID // his own now, 0 if he has none
}

// TicketParts are what TicketFor reads beside the ticket and its external messages.
type TicketParts struct {
	Internal bool // the internal messages as well
	Extra    bool // the extra values
	ReadBy   bool // when a customer has read it last; else that may be an earlier time
}

// TicketRead is a ticket with all that decides who may see it and what.
type TicketRead struct {
	Ticket         skranke.Ticket // with extra values, if asked for; of the customers only the primary one
	Messages       []skranke.MessageID
	Connected      bool  // the viewer is a customer of the ticket
	Colleague      bool  // a customer of the ticket belongs to the viewer's company now
	CatalogVersion int64 // of the same snapshot, as is
	PeopleVersion  int64

	// Room for the usual ticket, so that reading one takes memory once.
	customer [1]skranke.CustomerID
	messages [8]skranke.MessageID
}

var ticketReads = sync.Pool{New: func() any { return new(TicketRead) }}

// Release lets the memory of t serve for other tickets. Nothing in t may be used
// afterwards but values copied from it. Nobody has to call it.
func (t *TicketRead) Release() {
	*t = TicketRead{}
	ticketReads.Put(t)
}

// ticketFor reads a ticket in one statement of four parts, told apart by the
// first column: the ticket, its extra values, its messages, its customers with
// their companies. The parts share columns where the types agree. It asks for no
// viewer, so that what it finds serves all of them.
var ticketFor = `
SELECT 0, (SELECT version FROM catalog WHERE id = 2), (SELECT version FROM catalog WHERE id = 1), 0e0, ` + tickets.columns + `
FROM ticket t WHERE t.id = $1
UNION ALL
SELECT 1, v.int_value, v.field_id, v.real_value, 0, v.text_value` + restOfTicket + `
FROM extra_value v WHERE v.domain = 1 AND v.owner_id = $1
UNION ALL
SELECT 2, m.created_at, m.id, 0e0, m.slevel, ''` + restOfTicket + `
FROM message m WHERE m.ticket_id = $1
UNION ALL
SELECT 3, x.customer_id, c.company_id, 0e0, 0, ''` + restOfTicket + `
FROM ticket_customer x JOIN customer c ON c.id = x.customer_id WHERE x.ticket_id = $1`

// restOfTicket stands for the columns of a ticket after its id and title.
var restOfTicket = strings.Repeat(", NULL", tickets.width-2)

// TicketFor reads a ticket, what v is to it and, oldest first, the ids of its
// messages, as far as want names them. It decides
// nothing: whether v may see the ticket is for the caller to say.
// It returns CodeUnknownTicket if there is no such ticket.
func (tx *ReadTx) TicketFor(ctx context.Context, ticket skranke.TicketID, v Viewer, want TicketParts) (*TicketRead, error) {
	t := ticketReads.Get().(*TicketRead)
	t.Ticket.Customers = t.customer[:0:1]
	r, companiesHold := tx.ticketParts(ctx, t, ticket)
	defer r.close()
	var (
		found bool
		room  [8]int64
		times = room[:0] // of the messages
	)
	for r.next() {
		part, n, m, f := r.int(), r.int64(), r.int64(), r.float()
		if !found && part != 0 {
			break // left over from nothing: rows of a ticket that is not there
		}
		switch part {
		case 0:
			found = true
			t.PeopleVersion, t.CatalogVersion = tx.version(n), tx.version(m)
			scanTicket(r, &t.Ticket)
			t.Connected = v.Customer != 0 && t.Ticket.Customer() == v.Customer
		case 1:
			r.skip(1)
			value := skranke.ExtraValue{Field: skranke.ExtraFieldID(m), Value: skranke.Value{Set: true, Int: n, Float: f, Text: r.text()}}
			if !want.Extra {
				continue
			}
			t.Ticket.Extra = append(t.Ticket.Extra, value)
		case 2:
			message, level := skranke.MessageID(m), id[skranke.SLevel](r)
			if !want.Internal && level != skranke.External {
				continue
			}
			if t.Messages == nil {
				t.Messages = t.messages[:0]
			}
			// The statement cannot ask for the order of one part. Databases walk
			// the index that has it, mostly.
			place := len(times)
			for place > 0 && (n < times[place-1] || n == times[place-1] && message < t.Messages[place-1]) {
				place--
			}
			times, t.Messages = slices.Insert(times, place, n), slices.Insert(t.Messages, place, message)
		case 3:
			t.Connected = t.Connected || v.Customer != 0 && skranke.CustomerID(n) == v.Customer
			t.Colleague = t.Colleague || v.Company != 0 && skranke.CompanyID(m) == v.Company
		}
	}
	if r.err != nil {
		return nil, fmt.Errorf("reading ticket %d: %w", ticket, r.err)
	}
	if !found {
		return nil, tickets.unknown(int64(ticket))
	}
	// A customer knows his own ticket whatever his colleagues are.
	if !companiesHold && v.Company != 0 && !t.Connected {
		return nil, tx.miss().err
	}
	if tx.at != nil && !tx.bringUpToDate(t, want) {
		return nil, tx.miss().err
	}
	if len(t.Ticket.Customers) == 0 {
		t.Ticket.Customers = nil
	}
	slices.SortFunc(t.Ticket.Extra, func(a, b skranke.ExtraValue) int { return cmp.Compare(a.Field, b.Field) })
	return t, nil
}

// ticketParts finds what ticketFor finds. companiesHold says whether the
// companies in it are those of now. What it finds out later about the versions
// must stand in t when the rows are closed.
func (tx *ReadTx) ticketParts(ctx context.Context, t *TicketRead, ticket skranke.TicketID) (r *rows, companiesHold bool) {
	if tx.at != nil {
		return tx.remembered(ticketKey(tx.at, ticket))
	}
	return tx.recorded(ctx,
		func(at *state) memoKey { return ticketKey(at, ticket) },
		func() (catalog, people int64) { return t.CatalogVersion, t.PeopleVersion },
		ticketFor, num(ticket)), true
}

// bringUpToDate replaces what a record does not keep up with. It says no if that
// is not known.
func (tx *ReadTx) bringUpToDate(t *TicketRead, want TicketParts) bool {
	if want.ReadBy {
		if at := tx.at.stamps.get(t.Ticket.ID); at != 0 && (t.Ticket.ReadByCustomer.IsZero() || at > t.Ticket.ReadByCustomer.UnixMilli()) {
			t.Ticket.ReadByCustomer = time.UnixMilli(at).UTC()
		}
	}
	t.CatalogVersion, t.PeopleVersion = tx.at.catalog, tx.at.people
	return t.CatalogVersion != 0 && t.PeopleVersion != 0
}

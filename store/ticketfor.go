package store

import (
	"context"
	"fmt"
	"strings"

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
	extra    [8]skranke.ExtraValue
	messages [8]skranke.MessageID
}

// ticketFor reads a ticket in one statement of three parts, told apart by the
// first column: the ticket, its extra values, its messages. The parts share
// columns where the types agree. The primary customer stands in the ticket
// itself and is looked at first; a plus keeps SQLite from walking an index that
// begins with the viewer or his company, of whom there are many rows.
var ticketFor = `
SELECT 0, (SELECT version FROM catalog WHERE id = 2), (SELECT version FROM catalog WHERE id = 1), 0e0,
	CASE WHEN $2 = 0 THEN FALSE WHEN t.customer_id = $2 THEN TRUE ELSE EXISTS (
		SELECT 1 FROM ticket_customer x WHERE x.ticket_id = t.id AND +x.customer_id = $2) END,
	CASE WHEN $3 = 0 THEN FALSE WHEN $2 <> 0 AND t.customer_id = $2 THEN TRUE WHEN $3 = (SELECT company_id FROM customer WHERE id = t.customer_id) THEN TRUE ELSE EXISTS (
		SELECT 1 FROM ticket_customer x JOIN customer c ON c.id = x.customer_id
		WHERE x.ticket_id = t.id AND +c.company_id = $3) END,
	` + tickets.columns + `
FROM ticket t WHERE t.id = $1
UNION ALL
SELECT 1, v.int_value, v.field_id, v.real_value, FALSE, FALSE, 0, v.text_value` + restOfTicket + `
FROM extra_value v WHERE $5 AND v.domain = 1 AND v.owner_id = $1
UNION ALL
SELECT 2, m.created_at, m.id, 0e0, FALSE, FALSE, 0, ''` + restOfTicket + `
FROM message m WHERE m.ticket_id = $1 AND ($4 OR m.slevel = 2)`

// restOfTicket stands for the columns of a ticket after its id and title.
var restOfTicket = strings.Repeat(", NULL", strings.Count(tickets.columns, ",")-1)

// TicketFor reads a ticket, what v is to it and, oldest first, the ids of its
// messages, as far as want names them. It decides
// nothing: whether v may see the ticket is for the caller to say.
// It returns CodeUnknownTicket if there is no such ticket.
func (tx *ReadTx) TicketFor(ctx context.Context, ticket skranke.TicketID, v Viewer, want TicketParts) (*TicketRead, error) {
	r := tx.query(ctx, ticketFor, num(ticket), num(v.Customer), num(v.Company), flag(want.Internal), flag(want.Extra))
	defer r.close()
	var (
		t      *TicketRead
		sorted = true
		lastAt int64
		lastID skranke.MessageID
	)
	for r.next() {
		part, n := r.int(), r.int64()
		if part == 0 {
			t = new(TicketRead)
			t.Ticket.Customers = t.customer[:0:1]
			t.PeopleVersion, t.CatalogVersion = n, r.int64()
			r.skip(1)
			t.Connected = r.bool()
			t.Colleague = r.bool()
			scanTicket(r, &t.Ticket)
			continue
		}
		if t == nil {
			break // left over from nothing: rows of a ticket that is not there
		}
		if part == 1 {
			value := skranke.ExtraValue{Field: id[skranke.ExtraFieldID](r), Value: skranke.Value{Set: true, Int: n, Float: r.float()}}
			r.skip(3)
			value.Value.Text = r.text()
			if t.Ticket.Extra == nil {
				t.Ticket.Extra = t.extra[:0]
			}
			t.Ticket.Extra = append(t.Ticket.Extra, value)
			continue
		}
		message := id[skranke.MessageID](r)
		if n < lastAt || n == lastAt && message < lastID {
			sorted = false
		}
		lastAt, lastID = n, message
		if t.Messages == nil {
			t.Messages = t.messages[:0]
		}
		t.Messages = append(t.Messages, message)
	}
	if r.err != nil {
		return nil, fmt.Errorf("reading ticket %d: %w", ticket, r.err)
	}
	if t == nil {
		return nil, tickets.unknown(int64(ticket))
	}
	if len(t.Ticket.Customers) == 0 {
		t.Ticket.Customers = nil
	}
	// The statement cannot ask for the order of one part. Databases walk the
	// index that has it; should one not, the ids are read again.
	if !sorted {
		ids, err := tx.MessageIDs(ctx, ticket, want.Internal)
		if err != nil {
			return nil, err
		}
		t.Messages = ids
	}
	return t, nil
}

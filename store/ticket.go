package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"skranke"
)

var tickets = newTable("ticket", skranke.CodeUnknownTicket, `
	title, created_at, last_changed, replied_at, closed_at, activate_at, read_by_customer, read_by_owner,
	category_id, priority_id, orig_category_id, orig_priority_id, status, ticket_status_id, slevel, read_status,
	origin, has_attachment, num_messages, num_replies, time_to_close, customer_id, company_id, owner_id, created_by,
	author, merged_into, filter_address, ext_table, ext_key, synced_at, alert_level, alert_timeout, alert_stop, deadline`,
	`title_fold, author_fold, filter_address_fold`).readAs("read_by_customer", readByCustomer)

// scanTicket reads the columns of tickets. Of the customers only the primary
// one stands there; it goes into a slice the caller provides room for.
func scanTicket(r *rows, t *skranke.Ticket) {
	t.ID = id[skranke.TicketID](r)
	t.Title = r.text()
	t.CreatedAt = r.moment()
	t.LastChanged = r.moment()
	t.RepliedAt = r.moment()
	t.ClosedAt = r.moment()
	t.Activate = r.moment()
	t.ReadByCustomer = r.moment()
	t.ReadByOwner = r.moment()
	t.Category = id[skranke.CategoryID](r)
	t.Priority = id[skranke.PriorityID](r)
	t.OrigCategory = id[skranke.CategoryID](r)
	t.OrigPriority = id[skranke.PriorityID](r)
	t.Status = id[skranke.Status](r)
	t.TicketStatus = r.int64()
	t.SLevel = id[skranke.SLevel](r)
	t.ReadStatus = id[skranke.ReadStatus](r)
	t.Origin = id[skranke.Origin](r)
	t.HasAttachment = r.bool()
	t.NumMessages = r.int()
	t.NumReplies = r.int()
	t.TimeToClose = r.span()
	if customer := id[skranke.CustomerID](r); customer != 0 {
		t.Customers = append(t.Customers[:0], customer)
	}
	t.Company = id[skranke.CompanyID](r)
	t.Owner = id[skranke.UserID](r)
	t.CreatedBy = id[skranke.UserID](r)
	t.Author = r.text()
	t.MergedInto = id[skranke.TicketID](r)
	t.FilterAddress = r.text()
	t.ExtTable = r.int64()
	t.ExtKey = r.text()
	t.SyncedAt = r.moment()
	t.AlertLevel = r.int()
	t.AlertTimeout = r.moment()
	t.AlertStop = r.span()
	t.Deadline = r.moment()
}

// ticketArgs are the values in the order scanTicket reads them, then the folded ones.
func ticketArgs(t *skranke.Ticket) []arg {
	return []arg{
		text(t.Title), moment(t.CreatedAt), moment(t.LastChanged), moment(t.RepliedAt), moment(t.ClosedAt),
		moment(t.Activate), moment(t.ReadByCustomer), moment(t.ReadByOwner),
		num(t.Category), num(t.Priority), num(t.OrigCategory), num(t.OrigPriority),
		num(t.Status), num(t.TicketStatus), num(t.SLevel), num(t.ReadStatus), num(t.Origin),
		flag(t.HasAttachment), num(t.NumMessages), num(t.NumReplies), span(t.TimeToClose),
		num(t.Customer()), num(t.Company), num(t.Owner), num(t.CreatedBy),
		text(t.Author), num(t.MergedInto), text(t.FilterAddress), num(t.ExtTable), text(t.ExtKey), moment(t.SyncedAt),
		num(t.AlertLevel), moment(t.AlertTimeout), span(t.AlertStop), moment(t.Deadline),
		folded(t.Title), folded(t.Author), folded(t.FilterAddress),
	}
}

// Ticket returns the ticket with all its customers and extra values.
// It returns CodeUnknownTicket if there is none.
func (tx *ReadTx) Ticket(ctx context.Context, id skranke.TicketID) (*skranke.Ticket, error) {
	t := new(skranke.Ticket)
	err := tickets.row(ctx, tx, int64(id), func(r *rows) { scanTicket(r, t) })
	if err != nil {
		return nil, err
	}
	return t, tx.fillTicket(ctx, t)
}

// EachTicket hands fn every ticket by ascending id.
func (tx *ReadTx) EachTicket(ctx context.Context, fn func(*skranke.Ticket) error) error {
	return eachRow(ctx, tx, tickets, scanTicket, func(t *skranke.Ticket) error { return tx.fillTicket(ctx, t) }, fn)
}

// fillTicket reads what other tables hold of the ticket.
func (tx *ReadTx) fillTicket(ctx context.Context, t *skranke.Ticket) error {
	var err error
	if t.Customers, err = tx.ticketCustomers(ctx, t.ID); err != nil {
		return err
	}
	t.Extra, err = tx.extra(ctx, skranke.DomainTicket, int64(t.ID))
	return err
}

func (tx *ReadTx) ticketCustomers(ctx context.Context, ticket skranke.TicketID) ([]skranke.CustomerID, error) {
	var customers []skranke.CustomerID
	err := tx.each(ctx, `SELECT customer_id FROM ticket_customer WHERE ticket_id = $1 ORDER BY rank`,
		func(r *rows) { customers = append(customers, id[skranke.CustomerID](r)) }, num(ticket))
	if err != nil {
		return nil, fmt.Errorf("reading customers of ticket %d: %w", ticket, err)
	}
	return customers, nil
}

// MessageIDs returns the ids of the ticket's messages, oldest first; those of
// internal messages only if internal is set. An unknown ticket has none.
func (tx *ReadTx) MessageIDs(ctx context.Context, ticket skranke.TicketID, internal bool) ([]skranke.MessageID, error) {
	var ids []skranke.MessageID
	err := tx.each(ctx, `SELECT id FROM message
		WHERE ticket_id = $1 AND ($2 OR slevel = 2) ORDER BY created_at NULLS FIRST, id`,
		func(r *rows) { ids = append(ids, id[skranke.MessageID](r)) }, num(ticket), flag(internal))
	if err != nil {
		return nil, fmt.Errorf("reading messages of ticket %d: %w", ticket, err)
	}
	return ids, nil
}

// InsertTicket stores a new ticket with its customers and extra values. An ID
// of 0 is replaced by a new one. A customer named twice counts once.
// It returns ErrExists if the id is in use, ErrReference for an unknown customer.
func (tx *WriteTx) InsertTicket(ctx context.Context, t *skranke.Ticket) error {
	id, err := tickets.add(ctx, tx, int64(t.ID), ticketArgs(t))
	if err != nil {
		return err
	}
	t.ID = skranke.TicketID(id)
	if err := tx.addTicketCustomers(ctx, t); err != nil {
		return err
	}
	if err := tx.addExtra(ctx, skranke.DomainTicket, id, t.Extra, nil); err != nil {
		return err
	}
	return tx.indexTitles(ctx, t.ID)
}

// UpdateTicket writes the whole ticket with its customers and extra values anew.
// It returns CodeUnknownTicket if there is none, ErrReference for an unknown customer.
func (tx *WriteTx) UpdateTicket(ctx context.Context, t *skranke.Ticket) error {
	if err := tickets.change(ctx, tx, int64(t.ID), ticketArgs(t)); err != nil {
		return err
	}
	before, err := tx.ticketCustomers(ctx, t.ID)
	if err != nil {
		return err
	}
	if !slices.Equal(before, t.Customers) {
		if _, err := tx.exec(ctx, `DELETE FROM ticket_customer WHERE ticket_id = $1`, num(t.ID)); err != nil {
			return fmt.Errorf("clearing customers of ticket %d: %w", t.ID, err)
		}
		if err := tx.addTicketCustomers(ctx, t); err != nil {
			return err
		}
	}
	if err := tx.setExtra(ctx, skranke.DomainTicket, int64(t.ID), t.Extra); err != nil {
		return err
	}
	return tx.indexTitles(ctx, t.ID)
}

func (tx *WriteTx) addTicketCustomers(ctx context.Context, t *skranke.Ticket) error {
	for rank, customer := range t.Customers {
		if slices.Contains(t.Customers[:rank], customer) {
			continue
		}
		_, err := tx.exec(ctx, `INSERT INTO ticket_customer (ticket_id, rank, customer_id) VALUES ($1, $2, $3)`,
			num(t.ID), num(rank), num(customer))
		if err != nil {
			return fmt.Errorf("connecting customer %d to ticket %d: %w", customer, t.ID, err)
		}
	}
	return nil
}

// readByCustomer is when a customer of the ticket t read it last.
const readByCustomer = `COALESCE((SELECT s.at FROM ticket_read s WHERE s.ticket_id = t.id
	AND (t.read_by_customer IS NULL OR s.at > t.read_by_customer)), t.read_by_customer)`

// ReadStamp says that a customer connected to the ticket has read it.
type ReadStamp struct {
	Ticket   skranke.TicketID
	At       time.Time
	Customer skranke.CustomerID
}

// StampRead sets when tickets were last read by a customer and returns the
// stamps that are worth a line in the log: those that do not follow another one
// of the same customer within quiet. An older stamp never replaces a newer one.
// The stamps come back in the order of their tickets.
func (tx *WriteTx) StampRead(ctx context.Context, stamps []ReadStamp, quiet time.Duration) ([]ReadStamp, error) {
	// In the order of the table, so that each of its pages is changed once.
	slices.SortFunc(stamps, func(a, b ReadStamp) int { return cmp.Compare(a.Ticket, b.Ticket) })
	fresh := stamps[:0:0]
	for _, s := range stamps {
		again, err := tx.exec(ctx, `UPDATE ticket_read SET at = $2
			WHERE ticket_id = $1 AND at < $2 AND customer_id = $3 AND logged_at > $4`,
			num(s.Ticket), moment(s.At), num(s.Customer), moment(s.At.Add(-quiet)))
		if err != nil {
			return nil, fmt.Errorf("stamping ticket %d as read again: %w", s.Ticket, err)
		}
		if again > 0 {
			continue
		}
		first, err := tx.exec(ctx, `INSERT INTO ticket_read AS r (ticket_id, at, customer_id, logged_at) VALUES ($1, $2, $3, $2)
			ON CONFLICT (ticket_id) DO UPDATE SET at = excluded.at, customer_id = excluded.customer_id, logged_at = excluded.at
			WHERE r.at < excluded.at`, num(s.Ticket), moment(s.At), num(s.Customer))
		if err != nil {
			return nil, fmt.Errorf("stamping ticket %d as read: %w", s.Ticket, err)
		}
		if first > 0 {
			fresh = append(fresh, s)
		}
	}
	return fresh, nil
}

// OpenTickets counts the tickets of status Active of each user. Users without
// any are not in the map.
func (tx *ReadTx) OpenTickets(ctx context.Context, users []skranke.UserID) (map[skranke.UserID]int, error) {
	counts := make(map[skranke.UserID]int, len(users))
	for _, user := range users {
		n, err := tx.number(ctx, `SELECT COUNT(*) FROM ticket WHERE status = $1 AND owner_id = $2`,
			num(skranke.Active), num(user))
		if err != nil {
			return nil, fmt.Errorf("counting tickets of user %d: %w", user, err)
		}
		if n > 0 {
			counts[user] = int(n)
		}
	}
	return counts, nil
}

// TicketState is a ticket and what its owner has seen of it.
type TicketState struct {
	Ticket skranke.TicketID
	Read   skranke.ReadStatus
}

// ActiveTicketsOf lists the tickets of status Active the user owns, by ascending id.
func (tx *ReadTx) ActiveTicketsOf(ctx context.Context, owner skranke.UserID) ([]TicketState, error) {
	var list []TicketState
	err := tx.each(ctx, `SELECT id, read_status FROM ticket WHERE status = $1 AND owner_id = $2 ORDER BY id`,
		func(r *rows) {
			list = append(list, TicketState{id[skranke.TicketID](r), id[skranke.ReadStatus](r)})
		}, num(skranke.Active), num(owner))
	if err != nil {
		return nil, fmt.Errorf("reading active tickets of user %d: %w", owner, err)
	}
	return list, nil
}

// LatestTicket is what decides whether a customer's next ticket goes to the same owner.
type LatestTicket struct {
	Ticket    skranke.TicketID // 0 if there is none
	Owner     skranke.UserID
	CreatedAt time.Time
}

// LatestTicketOf finds the newest ticket in the category that has the customer
// as its primary one.
func (tx *ReadTx) LatestTicketOf(ctx context.Context, customer skranke.CustomerID, category skranke.CategoryID) (LatestTicket, error) {
	var latest LatestTicket
	_, err := tx.one(ctx, `SELECT id, owner_id, created_at FROM ticket
		WHERE customer_id = $1 AND category_id = $2 AND created_at IS NOT NULL
		ORDER BY created_at DESC, id DESC LIMIT 1`,
		func(r *rows) {
			latest.Ticket = id[skranke.TicketID](r)
			latest.Owner = id[skranke.UserID](r)
			latest.CreatedAt = r.moment()
		}, num(customer), num(category))
	if err != nil {
		return LatestTicket{}, fmt.Errorf("reading latest ticket of customer %d: %w", customer, err)
	}
	return latest, nil
}

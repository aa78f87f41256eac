package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"skranke"
)

// LogEntry is something that was done, by whom and from where. Ids are 0 where
// they do not apply.
type LogEntry struct {
	At       time.Time
	Action   int
	Ticket   skranke.TicketID
	Message  skranke.MessageID
	User     skranke.UserID
	Customer skranke.CustomerID
	Addr     string
	Detail   string
}

// Log appends entries to the log of actions. Those of one ticket keep their order.
func (tx *WriteTx) Log(ctx context.Context, entries []LogEntry) error {
	// In the order of the index, so that each of its pages is changed once.
	entries = slices.SortedStableFunc(slices.Values(entries), func(a, b LogEntry) int { return cmp.Compare(a.Ticket, b.Ticket) })
	for i := range entries {
		e := &entries[i]
		_, err := tx.exec(ctx, `INSERT INTO action_log
				(at, action, ticket_id, message_id, user_id, customer_id, addr, detail)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			moment(e.At), num(e.Action), num(e.Ticket), num(e.Message), num(e.User), num(e.Customer), text(e.Addr), text(e.Detail))
		if err != nil {
			return fmt.Errorf("logging action %d: %w", e.Action, err)
		}
	}
	return nil
}

// Logs returns the log entries of a ticket, oldest first.
func (tx *ReadTx) Logs(ctx context.Context, ticket skranke.TicketID) ([]LogEntry, error) {
	var entries []LogEntry
	err := tx.each(ctx, `SELECT at, action, ticket_id, message_id, user_id, customer_id, addr, detail
		FROM action_log WHERE ticket_id = $1 ORDER BY id`,
		func(r *rows) {
			entries = append(entries, LogEntry{
				At: r.moment(), Action: r.int(), Ticket: id[skranke.TicketID](r), Message: id[skranke.MessageID](r),
				User: id[skranke.UserID](r), Customer: id[skranke.CustomerID](r), Addr: r.text(), Detail: r.text(),
			})
		}, num(ticket))
	if err != nil {
		return nil, fmt.Errorf("reading log of ticket %d: %w", ticket, err)
	}
	return entries, nil
}

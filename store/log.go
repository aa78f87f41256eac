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
	Changes  []Change
}

// Change is a value that was changed: what it is by its documented number, and
// how it reads before and after.
type Change struct {
	What     int
	From, To string
}

// Log appends entries to the log of actions. Those of one ticket keep their order.
func (tx *WriteTx) Log(ctx context.Context, entries []LogEntry) error {
	// In the order of the index, so that each of its pages is changed once.
	entries = slices.SortedStableFunc(slices.Values(entries), func(a, b LogEntry) int { return cmp.Compare(a.Ticket, b.Ticket) })
	for i := range entries {
		e := &entries[i]
		entry, err := actions.add(ctx, tx, 0, []arg{
			moment(e.At), num(e.Action), num(e.Ticket), num(e.Message), num(e.User), num(e.Customer), text(e.Addr), text(e.Detail),
		})
		if err != nil {
			return fmt.Errorf("logging action %d: %w", e.Action, err)
		}
		for rank, c := range e.Changes {
			_, err := tx.exec(ctx, `INSERT INTO change_value (log_id, rank, what, from_value, to_value) VALUES ($1, $2, $3, $4, $5)`,
				num(entry), num(rank), num(c.What), text(c.From), text(c.To))
			if err != nil {
				return fmt.Errorf("logging what action %d changed: %w", e.Action, err)
			}
		}
	}
	return nil
}

var actions = newTable("action_log", skranke.CodeCustomError, `
	at, action, ticket_id, message_id, user_id, customer_id, addr, detail`, "")

// Logs returns the log entries of a ticket, oldest first.
func (tx *ReadTx) Logs(ctx context.Context, ticket skranke.TicketID) ([]LogEntry, error) {
	var entries []LogEntry
	byID := map[int64]int{} // where the entry of that id stands
	err := tx.each(ctx, `SELECT id, at, action, ticket_id, message_id, user_id, customer_id, addr, detail
		FROM action_log WHERE ticket_id = $1 ORDER BY id`,
		func(r *rows) {
			byID[r.int64()] = len(entries)
			entries = append(entries, LogEntry{
				At: r.moment(), Action: r.int(), Ticket: id[skranke.TicketID](r), Message: id[skranke.MessageID](r),
				User: id[skranke.UserID](r), Customer: id[skranke.CustomerID](r), Addr: r.text(), Detail: r.text(),
			})
		}, num(ticket))
	if err != nil {
		return nil, fmt.Errorf("reading log of ticket %d: %w", ticket, err)
	}
	err = tx.each(ctx, `SELECT c.log_id, c.what, c.from_value, c.to_value FROM action_log l
		JOIN change_value c ON c.log_id = l.id WHERE l.ticket_id = $1 ORDER BY c.log_id, c.rank`,
		func(r *rows) {
			e := &entries[byID[r.int64()]]
			e.Changes = append(e.Changes, Change{r.int(), r.text(), r.text()})
		}, num(ticket))
	if err != nil {
		return nil, fmt.Errorf("reading what was changed in ticket %d: %w", ticket, err)
	}
	return entries, nil
}

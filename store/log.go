package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"skranke"
)

// LogEntry is something that was done: what, to which row, by whom and from
// where. Ids are 0 where they do not apply.
type LogEntry struct {
	ID       int64
	At       time.Time
	Action   int
	Kind     string // of the row it was done to
	Row      int64
	Ticket   skranke.TicketID
	Message  skranke.MessageID
	User     skranke.UserID // who acted; he or the customer, nobody for somebody anonymous
	Customer skranke.CustomerID
	Auth     skranke.UserID // who had logged in, if it was not the one who acted
	Addr     string
	Via      string // the method that was called
	Detail   string
	Changes  []Change
}

// Change is a value that was changed: its name, its documented number, 0 if it
// has none, and how it reads before and after.
type Change struct {
	What     int
	Name     string
	From, To string
}

// Log appends entries to the log of actions. Those of one ticket keep their order.
func (tx *WriteTx) Log(ctx context.Context, entries []LogEntry) error {
	// In the order of the index, so that each of its pages is changed once.
	entries = slices.SortedStableFunc(slices.Values(entries), func(a, b LogEntry) int { return cmp.Compare(a.Ticket, b.Ticket) })
	for i := range entries {
		e := entries[i]
		e.ID = 0
		if err := tx.InsertLog(ctx, &e); err != nil {
			return err
		}
	}
	return nil
}

// InsertLog stores an entry of the log and sets its id if that is 0. It returns
// ErrExists if the id is in use.
func (tx *WriteTx) InsertLog(ctx context.Context, e *LogEntry) (err error) {
	if e.ID, err = actions.add(ctx, tx, e.ID, e.values()); err != nil {
		return fmt.Errorf("logging action %d: %w", e.Action, err)
	}
	if err := tx.logChanges(ctx, e.ID, e.Changes); err != nil {
		return fmt.Errorf("logging what action %d changed: %w", e.Action, err)
	}
	return nil
}

// UpdateLog replaces an entry of the log. It returns CodeCustomError if there is
// none of its id.
func (tx *WriteTx) UpdateLog(ctx context.Context, e *LogEntry) error {
	if err := actions.change(ctx, tx, e.ID, e.values()); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM change_value WHERE log_id = $1`, num(e.ID)); err != nil {
		return fmt.Errorf("replacing log entry %d: %w", e.ID, err)
	}
	return tx.logChanges(ctx, e.ID, e.Changes)
}

func (e *LogEntry) values() []arg {
	return []arg{
		moment(e.At), num(e.Action), num(e.Ticket), num(e.Message), num(e.User), num(e.Customer), text(e.Addr), text(e.Detail),
		text(e.Kind), num(e.Row), num(e.Auth), text(e.Via),
	}
}

// logChanges stores the values an entry of the log changed.
func (tx *WriteTx) logChanges(ctx context.Context, entry int64, changes []Change) error {
	for rank, c := range changes {
		_, err := tx.exec(ctx, `INSERT INTO change_value (log_id, rank, what, from_value, to_value, name) VALUES ($1, $2, $3, $4, $5, $6)`,
			num(entry), num(rank), num(c.What), text(c.From), text(c.To), text(c.Name))
		if err != nil {
			return err
		}
	}
	return nil
}

var actions = newTable("action_log", skranke.CodeCustomError, `
	at, action, ticket_id, message_id, user_id, customer_id, addr, detail, kind, row_id, auth_id, via`, "")

// LogFilter says which entries of the log are wanted. What is zero does not
// matter; an entry must meet all the rest.
type LogFilter struct {
	Ticket   *skranke.TicketID  // 0 for entries of no ticket
	Customer skranke.CustomerID // who acted, or whom it was done to
	User     skranke.UserID     // who acted, had logged in, or whom it was done to
	Since    time.Time
	Actions  []int
}

// where is the condition of f and its parameters.
func (f LogFilter) where() (string, []arg) {
	var terms []string
	var args []arg
	place := func(a arg) string {
		args = append(args, a)
		return fmt.Sprintf("$%d", len(args))
	}
	if f.Ticket != nil {
		terms = append(terms, "a.ticket_id = "+place(num(*f.Ticket)))
	}
	if f.Customer != 0 {
		id := place(num(f.Customer))
		terms = append(terms, "(a.customer_id = "+id+" OR a.kind = 'customer' AND a.row_id = "+id+")")
	}
	if f.User != 0 {
		id := place(num(f.User))
		terms = append(terms, "(a.user_id = "+id+" OR a.auth_id = "+id+" OR a.kind = 'user' AND a.row_id = "+id+")")
	}
	if !f.Since.IsZero() {
		terms = append(terms, "a.at >= "+place(moment(f.Since)))
	}
	if len(f.Actions) > 0 {
		places := make([]string, len(f.Actions))
		for i, action := range f.Actions {
			places[i] = place(num(action))
		}
		terms = append(terms, "a.action IN ("+strings.Join(places, ", ")+")")
	}
	if len(terms) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(terms, " AND "), args
}

// EachLog hands fn the entries of the log that f wants, oldest first. Only one
// is in memory at a time.
func (tx *ReadTx) EachLog(ctx context.Context, f LogFilter, fn func(*LogEntry) error) error {
	where, args := f.where()
	r := tx.query(ctx, "SELECT "+actions.columns+" FROM action_log a"+where+" ORDER BY a.id", args...)
	defer r.close()
	for r.next() {
		e := &LogEntry{
			ID: r.int64(), At: r.moment(), Action: r.int(), Ticket: id[skranke.TicketID](r), Message: id[skranke.MessageID](r),
			User: id[skranke.UserID](r), Customer: id[skranke.CustomerID](r), Addr: r.text(), Detail: r.text(),
			Kind: r.text(), Row: r.int64(), Auth: id[skranke.UserID](r), Via: r.text(),
		}
		err := tx.each(ctx, `SELECT what, name, from_value, to_value FROM change_value WHERE log_id = $1 ORDER BY rank`,
			func(r *rows) { e.Changes = append(e.Changes, Change{r.int(), r.text(), r.text(), r.text()}) }, num(e.ID))
		if err != nil {
			return fmt.Errorf("reading what log entry %d changed: %w", e.ID, err)
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	if r.err != nil {
		return fmt.Errorf("reading the log: %w", r.err)
	}
	return nil
}

// Logs returns the log entries of a ticket, or with 0 those of none, oldest first.
func (tx *ReadTx) Logs(ctx context.Context, ticket skranke.TicketID) ([]LogEntry, error) {
	var entries []LogEntry
	err := tx.EachLog(ctx, LogFilter{Ticket: &ticket}, func(e *LogEntry) error {
		entries = append(entries, *e)
		return nil
	})
	return entries, err
}

// PruneLog deletes entries from before a moment, at most so many of the oldest,
// and returns how many there were.
func (tx *WriteTx) PruneLog(ctx context.Context, before time.Time, most int) (int, error) {
	var old []int64
	err := tx.each(ctx, `SELECT id, at FROM action_log ORDER BY id LIMIT $1`, func(r *rows) {
		if entry, at := r.int64(), r.moment(); at.Before(before) {
			old = append(old, entry)
		}
	}, num(most))
	if err != nil {
		return 0, fmt.Errorf("looking for old log entries: %w", err)
	}
	for _, entry := range old {
		if _, err := tx.exec(ctx, `DELETE FROM change_value WHERE log_id = $1`, num(entry)); err != nil {
			return 0, fmt.Errorf("deleting what log entry %d changed: %w", entry, err)
		}
		if err := actions.drop(ctx, tx, entry); err != nil {
			return 0, err
		}
	}
	return len(old), nil
}

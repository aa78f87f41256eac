package desk

import (
	"context"
	"strconv"
	"strings"
	"time"

	"skranke"
	"skranke/store"
)

// AuditFilter says which entries of the log somebody wants to see. What is zero
// does not matter; an entry must meet all the rest.
type AuditFilter struct {
	Ticket   skranke.TicketID   // entries of the ticket and its messages
	Customer skranke.CustomerID // who acted, or whom it was done to
	User     skranke.UserID     // who acted, had logged in, or whom it was done to
	Since    time.Time
	Actions  []string
}

// AuditEntry is an entry of the log for people. Ids are 0 where they do not apply.
type AuditEntry struct {
	ID       int64
	At       time.Time
	Action   string
	Kind     string // of the row it was done to
	Row      int64
	Ticket   skranke.TicketID
	Message  skranke.MessageID
	User     skranke.UserID // who acted; or the customer, or nobody: somebody anonymous
	Customer skranke.CustomerID
	LoggedIn skranke.UserID // who had logged in, if it was not the one who acted
	Addr     string
	Via      string // the method that was called
	Detail   string
	Changes  []AuditChange
}

// AuditChange is a value that was changed, before and after.
type AuditChange struct {
	Name          string
	Number        int // the documented one, 0 if there is none
	Before, After string
}

// Secret says that the log only knows that the value was changed.
func (c *AuditChange) Secret() bool { return c.Before == "" && c.After == "" }

// Audit hands fn the entries of the log that f wants, oldest first. It returns
// CodeCustomError for an action there is not.
func (d *Desk) Audit(ctx context.Context, f AuditFilter, fn func(*AuditEntry) error) error {
	wanted := store.LogFilter{Customer: f.Customer, User: f.User, Since: f.Since}
	if f.Ticket != 0 {
		wanted.Ticket = &f.Ticket
	}
	for _, name := range f.Actions {
		number, err := actionNumber(name)
		if err != nil {
			return err
		}
		wanted.Actions = append(wanted.Actions, number)
	}
	return d.db.Read(ctx, func(tx *store.ReadTx) error {
		return tx.EachLog(ctx, wanted, func(e *store.LogEntry) error { return fn(auditEntry(e)) })
	})
}

func auditEntry(e *store.LogEntry) *AuditEntry {
	out := &AuditEntry{
		ID: e.ID, At: e.At, Action: actionName(e.Action), Kind: e.Kind, Row: e.Row, Ticket: e.Ticket, Message: e.Message,
		User: e.User, Customer: e.Customer, LoggedIn: e.Auth, Addr: e.Addr, Via: e.Via, Detail: e.Detail,
	}
	switch { // entries of old versions, and readings
	case e.Kind != "":
	case e.Message != 0:
		out.Kind, out.Row = rowMessage, int64(e.Message)
	case e.Ticket != 0:
		out.Kind, out.Row = rowTicket, int64(e.Ticket)
	}
	for _, c := range e.Changes {
		if c.Name == "" {
			c = named(c)
		}
		out.Changes = append(out.Changes, AuditChange{c.Name, c.What, c.From, c.To})
	}
	return out
}

// actionName is an action's name, its number if it is none of ours.
func actionName(number int) string {
	for _, a := range logActions {
		if a.Number == number {
			return a.Name
		}
	}
	return strconv.Itoa(number)
}

func actionNumber(name string) (int, error) {
	for _, a := range logActions {
		if a.Name == name {
			return a.Number, nil
		}
	}
	number, err := strconv.Atoi(name)
	if err != nil {
		return 0, skranke.Err(skranke.CodeCustomError, "there is no action %q", skranke.Cut(name, maxLogged))
	}
	return number, nil
}

// AuditEntries hands fn every entry of the log.
func (o *Outgo) AuditEntries(ctx context.Context, fn func(*AuditEntry) error) error {
	return o.tx.EachLog(ctx, store.LogFilter{}, func(e *store.LogEntry) error { return fn(auditEntry(e)) })
}

// PutAuditEntry stores an entry of the log. The row it was done to need not be
// there any more.
func (in *Intake) PutAuditEntry(ctx context.Context, e *AuditEntry) error {
	action, err := actionNumber(e.Action)
	if err != nil {
		return err
	}
	err = in.refer(ctx, []Row{{rowTicket, int64(e.Ticket)}, {rowMessage, int64(e.Message)}, {rowCustomer, int64(e.Customer)}, {rowUser, int64(e.User)}, {rowUser, int64(e.LoggedIn)}})
	if err != nil {
		return err
	}
	row := &store.LogEntry{
		ID: e.ID, At: e.At, Action: action, Kind: e.Kind, Row: e.Row, Ticket: e.Ticket, Message: e.Message,
		User: e.User, Customer: e.Customer, Auth: e.LoggedIn, Addr: e.Addr, Via: e.Via, Detail: e.Detail,
	}
	for _, c := range e.Changes {
		row.Changes = append(row.Changes, store.Change{What: c.Number, Name: c.Name, From: c.Before, To: c.After})
	}
	err = in.put("audit", func() int64 { return row.ID }, skranke.CodeCustomError,
		func() error { return in.tx.UpdateLog(ctx, row) }, func() error { return in.tx.InsertLog(ctx, row) })
	e.ID = row.ID
	return err
}

// named gives a change its name that old versions kept without one. They wrote
// extra values as x_1=value.
func named(c store.Change) store.Change {
	if c.What == logTicketExtra {
		var to string
		c.Name, c.From, _ = strings.Cut(c.From, "=")
		_, to, _ = strings.Cut(c.To, "=")
		c.To = to
		return c
	}
	for _, v := range ticketLog {
		if v.what == c.What {
			c.Name = v.name
		}
	}
	for _, v := range messageLog {
		if v.what == c.What {
			c.Name = v.name
		}
	}
	return c
}

// AuditedValues lists the names of the values the log keeps of each kind of row
// that has a fixed set of them.
func AuditedValues() map[string][]string {
	return map[string][]string{
		rowTicket:     namesOf(ticketLog),
		rowMessage:    namesOf(messageLog),
		rowCustomer:   namesOf(customerLog),
		rowCompany:    namesOf(companyLog),
		rowUser:       namesOf(userLog),
		rowAttachment: namesOf(attachmentLog),
	}
}

func namesOf[T any](values []logged[T]) []string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = v.name
	}
	return names
}

// settingAuditDays is for how many days entries of the log are kept.
const settingAuditDays = "audit_days"

// auditBatch is how many entries of the log are deleted at once, so that callers
// who write need not wait for long.
const auditBatch = 500

// sweepLog deletes the entries of the log that nobody wants kept any longer.
func (d *Desk) sweepLog(ctx context.Context) error {
	c, err := d.currentCatalog(ctx)
	if err != nil {
		return err
	}
	days, ok := skranke.ParseID(strings.TrimSpace(c.settings[settingAuditDays]))
	if !ok {
		return nil
	}
	before := d.now().AddDate(0, 0, -int(days))
	for {
		var gone int
		err := d.db.Write(ctx, func(tx *store.WriteTx) (err error) {
			gone, err = tx.PruneLog(ctx, before, auditBatch)
			return err
		})
		if err != nil || gone < auditBatch {
			return err
		}
	}
}

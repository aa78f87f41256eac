package desk

import (
	"context"
	"time"

	"skranke"
	"skranke/store"
)

// Actions of the change log, by their documented numbers.
//
// Spec: types/enums
const (
	logActivated   = 8
	logEscalated   = 9
	logSetTicket   = 15
	logAddMessage  = 16
	logNewTicket   = 17
	logCloseTicket = 39
	logReadTicket  = 40

	logMessageAdded  = 10011
	logMessageEdited = 10024
)

// Actions no number is documented for: these are our own.
const (
	logSetUser = iota + 20001
	logNewCustomer
	logSetCustomer
	logNewCompany
	logSetCompany
	logAddAttachment
	logDeleteAttachment
	logNewExtraRow
	logSetExtraRow
	logDeleteExtraRow
	logScoreFaqEntry
	logLogIn
	logLogOut
	logFailedLogIn
	logSendPassword
	logMailPassword
	logAllocNotifications
	logFetchNotifications
	logReportIdle
)

// LogAction is a kind of entry of the log.
type LogAction struct {
	Number int
	Name   string
	Doc    string
}

// logActions are all actions, in the order people read them in.
var logActions = []LogAction{
	{logNewTicket, "new-ticket", "A ticket was made."},
	{logSetTicket, "set-ticket", "Values of a ticket were set."},
	{logCloseTicket, "close-ticket", "A customer closed a ticket."},
	{logReadTicket, "read-ticket", "A customer read a ticket of his. Readings are gathered, many are one entry; it has neither address nor method."},
	{logActivated, "activate-ticket", "The clock woke a postponed ticket."},
	{logEscalated, "escalate-ticket", "The clock brought a ticket to its next alert level."},
	{logAddMessage, "reply-to-ticket", "What a new message changed in its ticket."},
	{logMessageAdded, "add-message", "A message was added."},
	{logMessageEdited, "edit-message", "Values of a message were set; also what that changed in its ticket. A message that was moved has an entry with each of the two tickets."},
	{logAddAttachment, "add-attachment", "A file was stored."},
	{logDeleteAttachment, "delete-attachment", "A file was deleted; by the system, if it was never linked."},
	{logNewCustomer, "new-customer", "A customer was made."},
	{logSetCustomer, "set-customer", "Values of a customer were set, or a one-time password became his password."},
	{logNewCompany, "new-company", "A company was made."},
	{logSetCompany, "set-company", "Values of a company were set."},
	{logSetUser, "set-user", "Values of a user were set."},
	{logNewExtraRow, "new-extra-row", "A row of an extra table was made."},
	{logSetExtraRow, "set-extra-row", "Values of a row of an extra table were set."},
	{logDeleteExtraRow, "delete-extra-row", "A row of an extra table was deleted."},
	{logScoreFaqEntry, "score-faq-entry", "Somebody voted for an entry of the FAQ."},
	{logLogIn, "log-in", "A session was opened."},
	{logLogOut, "log-out", "A session was ended by who had it."},
	{logFailedLogIn, "failed-log-in", "A name and a password did not fit. Of a name nobody has, the name is not kept: it may be a password. Tries the brake held back are not recorded."},
	{logSendPassword, "send-password", "Somebody asked for a one-time password."},
	{logMailPassword, "mail-password", "A one-time password was drawn and mailed."},
	{logAllocNotifications, "alloc-notifications", "A client reserved a user's notifications."},
	{logFetchNotifications, "fetch-notifications", "Notifications were fetched, and so deleted. Finding none is not recorded."},
	{logReportIdle, "report-idle", "A client reported how long its user has been idle."},
}

// LogActions lists the kinds of entries of the log.
func LogActions() []LogAction { return append([]LogAction(nil), logActions...) }

// rowExtraRow is a kind of row that nothing but the log refers to.
const rowExtraRow = "extra_row"

// What writes by itself, where entries name the method that was called.
const (
	viaClock   = "clock"   // alerts, postponed tickets
	viaOutbox  = "outbox"  // mail that leaves
	viaSweep   = "sweep"   // what nobody needs any more
	viaCommand = "command" // the command line
)

// system is who acts if nobody in particular does.
func system(via string) Actor {
	return Actor{User: skranke.SystemUser, Auth: skranke.SystemUser, Via: via}
}

// entry is a line of the log about what a did to a row.
func (a Actor) entry(at time.Time, action int, kind string, id int64) store.LogEntry {
	e := store.LogEntry{At: at, Action: action, Kind: kind, Row: id, User: a.User, Customer: a.Customer, Addr: a.address(), Via: a.Via}
	if a.Auth != a.User {
		e.Auth = a.Auth
	}
	if kind == rowTicket {
		e.Ticket = skranke.TicketID(id)
	}
	return e
}

// ownEntry is a line of the log about what a did with his own session.
func (a Actor) ownEntry(at time.Time, action int) store.LogEntry {
	if a.IsCustomer() {
		return a.entry(at, action, rowCustomer, int64(a.Customer))
	}
	return a.entry(at, action, rowUser, int64(a.User))
}

func (a Actor) address() string {
	if !a.Addr.IsValid() {
		return ""
	}
	return a.Addr.String()
}

// record logs that a changed values of a row, unless he changed none. It is
// called in the transaction that changes them.
//
// Spec: ticket/common.18
func (d *Desk) record(ctx context.Context, tx *store.WriteTx, a Actor, action int, kind string, id int64, changes []store.Change) error {
	if len(changes) == 0 {
		return nil
	}
	e := a.entry(d.now(), action, kind, id)
	e.Changes = changes
	return tx.Log(ctx, []store.LogEntry{e})
}

package desk

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"skranke"
	"skranke/store"
)

// tellOfNewTicket tells the owner of t that it is his; he may be the acting
// user. A ticket nobody owns is told of to the members of its category, if the
// category wants that, and to the category's address. The ticket is stored.
//
// Spec: ticket/notify.2
func (d *Desk) tellOfNewTicket(ctx context.Context, tx *store.WriteTx, a Actor, t *skranke.Ticket) error {
	n := skranke.Notification{
		Type:      skranke.NotifyNewTicket,
		CreatedBy: a.User,
		Ticket:    t.ID,
		Message:   eventLine("New ticket", t),
		CreatedAt: t.CreatedAt,
	}
	if t.Owner != skranke.SystemUser {
		return d.notify(ctx, tx, t, t.Owner, n)
	}
	c, err := d.catalogOf(ctx, &tx.ReadTx)
	if err != nil {
		return err
	}
	category, ok := c.categories[t.Category]
	if !ok {
		return nil
	}
	if category.Flags&skranke.CategoryNotifyMembers != 0 {
		for _, member := range category.Members {
			if err := d.notify(ctx, tx, t, member.User, n); err != nil {
				return err
			}
		}
	}
	return d.mailNotice(ctx, tx, t, addresses([]string{category.NotificationEmail}), n.Message)
}

// tellOfNewMessage tells the owner of t that it has a new message, also if he
// wrote it himself. Of a ticket nobody owns nobody is told.
//
// Spec: ticket/notify.3
func (d *Desk) tellOfNewMessage(ctx context.Context, tx *store.WriteTx, a Actor, t *skranke.Ticket) error {
	if t.Owner == skranke.SystemUser {
		return nil
	}
	return d.notify(ctx, tx, t, t.Owner, skranke.Notification{
		Type:      skranke.NotifyNewMessage,
		CreatedBy: a.User,
		Ticket:    t.ID,
		Message:   eventLine("New message", t),
		CreatedAt: d.now(),
	})
}

// notify tells a user of n by the ways his settings name. Users who are gone
// are passed over.
//
// Spec: ticket/notify.1
func (d *Desk) notify(ctx context.Context, tx *store.WriteTx, t *skranke.Ticket, to skranke.UserID, n skranke.Notification) error {
	user, err := tx.User(ctx, to)
	if missing(err) || err == nil && user.Status == skranke.UserDeleted {
		return nil
	}
	if err != nil {
		return err
	}
	n.User = to
	if user.NotifyMask.Wants(n.Type) {
		if err := tx.InsertNotification(ctx, &n); err != nil {
			return fmt.Errorf("notifying user %d: %w", to, err)
		}
	}
	if user.EmailMask.Wants(n.Type) {
		return d.mailNotice(ctx, tx, t, addresses([]string{user.Email}), n.Message)
	}
	return nil
}

// notificationLife is how long a notification waits for its user.
//
// Spec: ticket/notify.8
const notificationLife = 7 * 24 * time.Hour

// mailNotice mails a line about t, unless to is empty.
func (d *Desk) mailNotice(ctx context.Context, tx *store.WriteTx, t *skranke.Ticket, to []string, line string) error {
	for _, address := range to { // a letter each: they need not know of one another
		l := letter{To: []string{address}, Subject: line}
		if err := d.enqueueLetter(ctx, tx, t, &skranke.Message{Body: line + "\n"}, l); err != nil {
			return err
		}
	}
	return nil
}

// eventLine is what a notification says: one line naming event and ticket.
//
// Spec: ticket/getUserNotifications, types/enums
func eventLine(event string, t *skranke.Ticket) string {
	return skranke.Cut(oneLine(fmt.Sprintf("%s, #%d, %s", event, t.ID, t.Title)), skranke.MaxNotification)
}

// oneLine puts s on one line, without control characters.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s))
}

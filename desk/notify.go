package desk

import (
	"context"
	"fmt"
	"slices"
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
	n := notice(t, skranke.NotifyNewTicket, "New ticket", a.User, t.CreatedAt)
	if t.Owner != skranke.SystemUser {
		return d.tellOwner(ctx, tx, t, n)
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
			if err := d.notify(ctx, tx, t, member.User, n, skranke.NotifyMask.Wants); err != nil {
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
	return d.tellOwner(ctx, tx, t, notice(t, skranke.NotifyNewMessage, "New message", a.User, d.now()))
}

// tellOfNewOwner tells the old owner of t that it was taken from him, and the
// new one that it is his; never who did it.
//
// Spec: ticket/notify.4
func (d *Desk) tellOfNewOwner(ctx context.Context, tx *store.WriteTx, t *skranke.Ticket, old, by skranke.UserID, at time.Time) error {
	if old != by && old != skranke.SystemUser && old != 0 {
		n := notice(t, skranke.NotifyTakeOver, "Ticket taken over", by, at)
		if err := d.notify(ctx, tx, t, old, n, skranke.NotifyMask.Wants); err != nil {
			return err
		}
	}
	return d.tellOwner(ctx, tx, t, notice(t, skranke.NotifyNewTicket, "New ticket", by, at), by, old)
}

// NotifyOf tells a user of something in words of the caller's own, about a
// ticket or, with 0, about none. It returns CodeUnknownUserID for a user who is
// not there, deleted or the system user, CodeUnknownTicket, and CodeCustomError
// for nothing to say.
//
// Spec: ticket/getUserNotifications.5, types/enums
func (d *Desk) NotifyOf(ctx context.Context, a Actor, to skranke.UserID, ticket skranke.TicketID, text string) error {
	line := skranke.Cut(oneLine(text), skranke.MaxNotification)
	if line == "" {
		return skranke.Err(skranke.CodeCustomError, "a notification needs a message")
	}
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		user, err := tx.User(ctx, to)
		if err != nil {
			return err
		}
		if to == skranke.SystemUser || user.Status == skranke.UserDeleted {
			return skranke.Err(skranke.CodeUnknownUserID, "no user %d", to)
		}
		t := new(skranke.Ticket)
		if ticket != 0 {
			if t, err = tx.Ticket(ctx, ticket); err != nil {
				return err
			}
		}
		return d.notify(ctx, tx, t, to, skranke.Notification{
			Type: skranke.NotifyCustom, CreatedBy: a.User, Ticket: t.ID, Message: line, CreatedAt: d.now(),
		}, skranke.NotifyMask.Wants)
	})
}

// notice is what is told of an event that befell t.
func notice(t *skranke.Ticket, event skranke.NotificationType, line string, by skranke.UserID, at time.Time) skranke.Notification {
	return skranke.Notification{Type: event, CreatedBy: by, Ticket: t.ID, Message: eventLine(line, t), CreatedAt: at}
}

// tellOwner tells the owner of t of n, and those who have t among their
// favourites, each once and nobody of those who need not be told. Of a ticket
// nobody owns nobody is told.
//
// Spec: ticket/notify.6
func (d *Desk) tellOwner(ctx context.Context, tx *store.WriteTx, t *skranke.Ticket, n skranke.Notification, but ...skranke.UserID) error {
	if t.Owner == skranke.SystemUser || t.Owner == 0 {
		return nil
	}
	if !slices.Contains(but, t.Owner) {
		if err := d.notify(ctx, tx, t, t.Owner, n, skranke.NotifyMask.Wants); err != nil {
			return err
		}
	}
	followers, err := tx.FavouritesOf(ctx, t.ID)
	if err != nil {
		return err
	}
	for _, user := range followers {
		if user == t.Owner || slices.Contains(but, user) {
			continue
		}
		if err := d.notify(ctx, tx, t, user, n, skranke.NotifyMask.WantsOfFavourites); err != nil {
			return err
		}
	}
	return nil
}

// notify tells a user of n by the ways whose mask wants it. Users who are gone
// are passed over.
//
// Spec: ticket/notify.1
func (d *Desk) notify(ctx context.Context, tx *store.WriteTx, t *skranke.Ticket, to skranke.UserID, n skranke.Notification,
	wants func(skranke.NotifyMask, skranke.NotificationType) bool) error {
	user, err := tx.User(ctx, to)
	if missing(err) || err == nil && user.Status == skranke.UserDeleted {
		return nil
	}
	if err != nil {
		return err
	}
	n.User = to
	if wants(user.NotifyMask, n.Type) {
		if err := tx.InsertNotification(ctx, &n); err != nil {
			return fmt.Errorf("notifying user %d: %w", to, err)
		}
	}
	if wants(user.EmailMask, n.Type) {
		return d.mailNotice(ctx, tx, t, addresses([]string{user.Email}), n.Message)
	}
	return nil
}

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

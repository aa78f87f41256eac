package store

import (
	"context"
	"fmt"
	"time"

	"skranke"
)

// InsertNotification stores a new notification. An ID of 0 is replaced by a new one.
// It returns ErrExists if the id is in use.
func (tx *WriteTx) InsertNotification(ctx context.Context, n *skranke.Notification) error {
	id, err := notifications.add(ctx, tx, int64(n.ID), []arg{
		num(n.User), num(n.Type), num(n.CreatedBy), num(n.Ticket), text(n.Message), moment(n.CreatedAt),
	})
	if err != nil {
		return err
	}
	n.ID = skranke.NotificationID(id)
	return nil
}

var notifications = newTable("notification", skranke.CodeCustomError, `
	user_id, type, created_by, ticket_id, message, created_at`, "")

func scanNotification(r *rows, n *skranke.Notification) {
	n.ID = id[skranke.NotificationID](r)
	n.User = id[skranke.UserID](r)
	n.Type = id[skranke.NotificationType](r)
	n.CreatedBy = id[skranke.UserID](r)
	n.Ticket = id[skranke.TicketID](r)
	n.Message = r.text()
	n.CreatedAt = r.moment()
}

// Notifications returns what waits for the user, oldest first.
func (tx *ReadTx) Notifications(ctx context.Context, user skranke.UserID) ([]skranke.Notification, error) {
	var all []skranke.Notification
	err := tx.each(ctx, `SELECT `+notifications.columns+` FROM notification n WHERE n.user_id = $1 ORDER BY n.id`,
		func(r *rows) {
			var n skranke.Notification
			scanNotification(r, &n)
			all = append(all, n)
		}, num(user))
	if err != nil {
		return nil, fmt.Errorf("reading notifications of user %d: %w", user, err)
	}
	return all, nil
}

// DeleteNotifications deletes the user's notifications up to and including the
// one of that id and returns how many there were.
func (tx *WriteTx) DeleteNotifications(ctx context.Context, user skranke.UserID, last skranke.NotificationID) (int, error) {
	n, err := tx.exec(ctx, `DELETE FROM notification WHERE user_id = $1 AND id <= $2`, num(user), num(last))
	if err != nil {
		return 0, fmt.Errorf("deleting notifications of user %d: %w", user, err)
	}
	return int(n), nil
}

// PruneNotifications deletes the notifications older than before and returns
// how many there were.
func (tx *WriteTx) PruneNotifications(ctx context.Context, before time.Time) (int, error) {
	n, err := tx.exec(ctx, `DELETE FROM notification WHERE created_at < $1`, moment(before))
	if err != nil {
		return 0, fmt.Errorf("deleting old notifications: %w", err)
	}
	return int(n), nil
}

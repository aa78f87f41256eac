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

// NotificationKey is the right of one client to fetch a user's notifications.
type NotificationKey struct {
	User   skranke.UserID
	ID     SessionID // the SHA-256 of the key, as of a session's
	Source string    // what the client calls itself
	Used   time.Time
}

// NotificationKeyFits says whether the user's key is the one of that id, and
// returns its source and last use. Without any key found is false.
func (tx *ReadTx) NotificationKeyFits(ctx context.Context, user skranke.UserID, key SessionID) (k NotificationKey, found, fits bool, err error) {
	found, err = tx.one(ctx, `SELECT source, used_at, id = $2 FROM notification_key WHERE user_id = $1`,
		func(r *rows) {
			k = NotificationKey{User: user, Source: r.text(), Used: r.moment()}
			fits = r.bool()
		}, num(user), blob(key[:]))
	if err != nil {
		return k, false, false, fmt.Errorf("reading notification key of user %d: %w", user, err)
	}
	return k, found, fits, nil
}

// SetNotificationKey makes k the only key of its user.
func (tx *WriteTx) SetNotificationKey(ctx context.Context, k NotificationKey) error {
	_, err := tx.exec(ctx, `INSERT INTO notification_key (user_id, id, source, used_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, source = excluded.source, used_at = excluded.used_at`,
		num(k.User), blob(k.ID[:]), text(k.Source), num(k.Used.UnixMilli()))
	if err != nil {
		return fmt.Errorf("storing notification key of user %d: %w", k.User, err)
	}
	return nil
}

// SetIdle notes how long the user has done nothing, and when his client said so.
func (tx *WriteTx) SetIdle(ctx context.Context, user skranke.UserID, idle time.Duration, at time.Time) error {
	_, err := tx.exec(ctx, `INSERT INTO user_idle (user_id, seconds, reported_at) VALUES ($1, $2, $3)
		ON CONFLICT (user_id) DO UPDATE SET seconds = excluded.seconds, reported_at = excluded.reported_at`,
		num(user), num(int64(idle/time.Second)), num(at.UnixMilli()))
	if err != nil {
		return fmt.Errorf("storing idle time of user %d: %w", user, err)
	}
	return nil
}

// Idle is how long the user had done nothing when his client said so last.
func (tx *ReadTx) Idle(ctx context.Context, user skranke.UserID) (time.Duration, error) {
	n, err := tx.number(ctx, `SELECT seconds FROM user_idle WHERE user_id = $1`, num(user))
	if err != nil {
		return 0, fmt.Errorf("reading idle time of user %d: %w", user, err)
	}
	return time.Duration(n) * time.Second, nil
}

package desk

import (
	"context"
	"strconv"
	"strings"
	"time"

	"skranke"
	"skranke/store"
)

// notificationKeyLife is how long a key to notifications lives unused.
//
// Spec: ticket/allocUserNotifications.1
const notificationKeyLife = 5 * time.Minute

// AllocateNotifications gives the client that calls itself source the right to
// fetch the acting user's notifications, and returns the key to them. It returns
// CodeNotificationViolation while another source holds a key it has used lately,
// CodeCustomError for a source that is too long.
//
// Spec: ticket/allocUserNotifications
func (d *Desk) AllocateNotifications(ctx context.Context, a Actor, source string) (string, error) {
	if err := checkLengths(length{"source", source, maxText}); err != nil {
		return "", err
	}
	key, err := newKey()
	if err != nil {
		return "", err
	}
	err = d.db.Write(ctx, func(tx *store.WriteTx) error {
		now := d.now()
		held, found, _, err := tx.NotificationKeyFits(ctx, a.User, store.SessionID{})
		if err != nil {
			return err
		}
		if found && held.Source != source && now.Sub(held.Used) <= notificationKeyLife {
			return skranke.Err(skranke.CodeNotificationViolation, "another client holds the notifications of user %d", a.User)
		}
		if err := tx.SetNotificationKey(ctx, store.NotificationKey{User: a.User, ID: sessionID(key), Source: source, Used: now}); err != nil {
			return err
		}
		changes := append(oneChange("source", held.Source, source), store.Change{Name: "key"}) // a secret
		return d.record(ctx, tx, a, logAllocNotifications, rowUser, int64(a.User), changes)
	})
	if err != nil {
		return "", err
	}
	return key, nil
}

// FetchNotifications hands out what waits for the acting user, oldest first,
// once: no other call gets the same. The key lives on. It returns
// CodeNotificationViolation if the key is not, or not any more, the user's.
//
// Spec: ticket/getUserNotifications
func (d *Desk) FetchNotifications(ctx context.Context, a Actor, key string) ([]skranke.Notification, error) {
	id := sessionID(strings.TrimSpace(key))
	var waiting []skranke.Notification
	err := d.db.Write(ctx, func(tx *store.WriteTx) error {
		now := d.now()
		held, _, fits, err := tx.NotificationKeyFits(ctx, a.User, id)
		if err != nil {
			return err
		}
		if !fits || now.Sub(held.Used) > notificationKeyLife {
			return skranke.Err(skranke.CodeNotificationViolation, "not the key to the notifications of user %d", a.User)
		}
		held.ID, held.Used = id, now
		if err := tx.SetNotificationKey(ctx, held); err != nil {
			return err
		}
		if waiting, err = tx.Notifications(ctx, a.User); err != nil || len(waiting) == 0 {
			return err
		}
		if _, err = tx.DeleteNotifications(ctx, a.User, waiting[len(waiting)-1].ID); err != nil {
			return err
		}
		changes := make([]store.Change, len(waiting))
		for i, n := range waiting {
			changes[i] = logChange(0, "notification "+strconv.FormatInt(int64(n.ID), 10), n.Message, "")
		}
		return d.record(ctx, tx, a, logFetchNotifications, rowUser, int64(a.User), changes)
	})
	if err != nil {
		return nil, err
	}
	return waiting, nil
}

// ReportIdle notes how many seconds the acting user has done nothing. It returns
// CodeCustomError for what is no such number.
//
// Spec: ticket/setUserIdleTime
func (d *Desk) ReportIdle(ctx context.Context, a Actor, seconds string) error {
	n, err := strconv.ParseInt(strings.TrimSpace(seconds), 10, 32)
	if err != nil || n < 0 {
		return skranke.Err(skranke.CodeCustomError, "%q is no number of seconds", skranke.Cut(seconds, maxLogged))
	}
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		was, err := tx.Idle(ctx, a.User)
		if err != nil {
			return err
		}
		is := time.Duration(n) * time.Second
		if err := tx.SetIdle(ctx, a.User, is, d.now()); err != nil {
			return err
		}
		return d.record(ctx, tx, a, logReportIdle, rowUser, int64(a.User), oneChange("idle_seconds", logSeconds(was).String(), logSeconds(is).String()))
	})
}

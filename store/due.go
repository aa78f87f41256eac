package store

import (
	"context"
	"fmt"
	"time"

	"skranke"
)

// Due is a ticket that something is to be done to since the moment At.
type Due struct {
	Ticket skranke.TicketID
	At     time.Time
}

// That the times are not null is said as well for the partial indexes.
const (
	dueAlerts = `SELECT id, alert_timeout FROM ticket
		WHERE status = 1 AND alert_timeout IS NOT NULL AND alert_timeout <= $1 ORDER BY alert_timeout, id LIMIT $2`
	dueActivations = `SELECT id, activate_at FROM ticket
		WHERE status = 3 AND activate_at IS NOT NULL AND activate_at <= $1 ORDER BY activate_at, id LIMIT $2`
)

// DueAlerts returns the active tickets that have reached their next escalation
// level by now, the longest waiting first, limit at most.
func (tx *ReadTx) DueAlerts(ctx context.Context, now time.Time, limit int) ([]Due, error) {
	return tx.due(ctx, dueAlerts, now, limit)
}

// DueActivations returns the postponed tickets whose time to wake up has come
// by now, the longest waiting first, limit at most.
func (tx *ReadTx) DueActivations(ctx context.Context, now time.Time, limit int) ([]Due, error) {
	return tx.due(ctx, dueActivations, now, limit)
}

func (tx *ReadTx) due(ctx context.Context, sql string, now time.Time, limit int) ([]Due, error) {
	var list []Due
	err := tx.each(ctx, sql, func(r *rows) {
		list = append(list, Due{id[skranke.TicketID](r), r.moment()})
	}, moment(now), num(limit))
	if err != nil {
		return nil, fmt.Errorf("looking for due tickets: %w", err)
	}
	return list, nil
}

// ClaimAlert takes the alert off the ticket and says whether it was still as
// due says: it is given to one caller only.
func (tx *WriteTx) ClaimAlert(ctx context.Context, due Due) (bool, error) {
	return tx.claim(ctx, `UPDATE ticket SET alert_timeout = NULL WHERE id = $1 AND status = 1 AND alert_timeout = $2`, due)
}

// ClaimActivation takes the time to wake up off the ticket and says whether it
// was still as due says: it is given to one caller only.
func (tx *WriteTx) ClaimActivation(ctx context.Context, due Due) (bool, error) {
	return tx.claim(ctx, `UPDATE ticket SET activate_at = NULL WHERE id = $1 AND status = 3 AND activate_at = $2`, due)
}

func (tx *WriteTx) claim(ctx context.Context, sql string, due Due) (bool, error) {
	n, err := tx.exec(ctx, sql, num(due.Ticket), moment(due.At))
	if err != nil {
		return false, fmt.Errorf("claiming ticket %d: %w", due.Ticket, err)
	}
	return n > 0, nil
}

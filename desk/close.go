package desk

import (
	"context"
	"time"

	"skranke"
	"skranke/store"
)

// CloseTicket closes a ticket the customer may read, a colleague's with company
// access included. Closing a closed ticket changes nothing and is no error.
// It returns CodeUnknownTicket if a may not read the ticket.
//
// Spec: customer/closeTicket
func (d *Desk) CloseTicket(ctx context.Context, a Actor, id skranke.TicketID) error {
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		read, err := d.readTicket(ctx, &tx.ReadTx, a, id, store.TicketParts{})
		if err != nil {
			return err
		}
		t, err := tx.Ticket(ctx, read.Ticket.ID)
		if err != nil || t.Status == skranke.Closed {
			return err
		}
		before, now := *t, d.now()
		t.Status, t.ClosedAt, t.LastChanged, t.Activate = skranke.Closed, now, now, time.Time{}
		t.TimeToClose = 0 // of a ticket nobody knows the age of
		if !t.CreatedAt.IsZero() {
			t.TimeToClose = max(now.Sub(t.CreatedAt), 0)
		}
		if t.TicketStatus, err = tx.DefaultTicketStatus(ctx, skranke.Closed); err != nil {
			return err
		}
		if err := d.raise(ctx, tx, t, eventClosed); err != nil {
			return err
		}
		if err := tx.UpdateTicket(ctx, t); err != nil {
			return err
		}
		return d.record(ctx, tx, a, logCloseTicket, rowTicket, int64(t.ID), ticketChanges(&before, t))
	})
}

package store

import (
	"context"
	"fmt"

	"skranke"
)

var statuses = newTable("ticket_status", skranke.CodeUnknownTicketStatus, `
	name, base, no_reopen, is_default`, "")

func scanTicketStatus(r *rows, s *skranke.TicketStatus) {
	s.ID = r.int64()
	s.Name = r.text()
	s.Base = id[skranke.Status](r)
	s.NoReopen = r.bool()
	s.Default = r.bool()
}

func ticketStatusArgs(s *skranke.TicketStatus) []arg {
	return []arg{text(s.Name), num(s.Base), flag(s.NoReopen), flag(s.Default)}
}

// TicketStatus returns the status. It returns CodeUnknownTicketStatus if there is none.
func (tx *ReadTx) TicketStatus(ctx context.Context, id int64) (*skranke.TicketStatus, error) {
	s := new(skranke.TicketStatus)
	if err := statuses.row(ctx, tx, id, func(r *rows) { scanTicketStatus(r, s) }); err != nil {
		return nil, err
	}
	return s, nil
}

// EachTicketStatus hands fn every status by ascending id.
func (tx *ReadTx) EachTicketStatus(ctx context.Context, fn func(*skranke.TicketStatus) error) error {
	return eachRow(ctx, tx, statuses, scanTicketStatus, nil, fn)
}

// DefaultTicketStatus is the id of the status that tickets of the base status
// get by themselves, 0 if there is none.
func (tx *ReadTx) DefaultTicketStatus(ctx context.Context, base skranke.Status) (int64, error) {
	id, err := tx.number(ctx, `SELECT id FROM ticket_status WHERE base = $1 AND is_default ORDER BY id LIMIT 1`, num(base))
	if err != nil {
		return 0, fmt.Errorf("reading default status of base status %d: %w", base, err)
	}
	return id, nil
}

// StaysOnReply says whether tickets of the status stay as they are when a
// customer answers. An unknown status does not hold them.
func (tx *ReadTx) StaysOnReply(ctx context.Context, status int64) (bool, error) {
	n, err := tx.number(ctx, `SELECT 1 FROM ticket_status WHERE id = $1 AND no_reopen`, num(status))
	if err != nil {
		return false, fmt.Errorf("reading ticket status %d: %w", status, err)
	}
	return n != 0, nil
}

// InsertTicketStatus stores a new status. An ID of 0 is replaced by a new one.
// It returns ErrExists if the id is in use.
func (tx *WriteTx) InsertTicketStatus(ctx context.Context, s *skranke.TicketStatus) (err error) {
	s.ID, err = statuses.add(ctx, tx, s.ID, ticketStatusArgs(s))
	return err
}

// UpdateTicketStatus writes the whole status anew. It returns
// CodeUnknownTicketStatus if there is none.
func (tx *WriteTx) UpdateTicketStatus(ctx context.Context, s *skranke.TicketStatus) error {
	return statuses.change(ctx, tx, s.ID, ticketStatusArgs(s))
}

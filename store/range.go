package store

import (
	"context"

	"skranke"
)

// No documented code stands for an unknown range.
var ranges = newTable("address_range", skranke.CodeCustomError, `port, from_addr, to_addr`, "")

func scanRange(r *rows, a *skranke.Range) {
	a.ID = id[skranke.RangeID](r)
	a.Port = skranke.Port(r.text())
	a.From = r.text()
	a.To = r.text()
}

// EachRange hands fn every range of addresses by ascending id.
func (tx *ReadTx) EachRange(ctx context.Context, fn func(*skranke.Range) error) error {
	return eachRow(ctx, tx, ranges, scanRange, nil, fn)
}

// InsertRange stores a new range. An ID of 0 is replaced by a new one. It
// returns ErrExists if the id is in use.
func (tx *WriteTx) InsertRange(ctx context.Context, a *skranke.Range) error {
	id, err := ranges.add(ctx, tx, int64(a.ID), []arg{text(string(a.Port)), text(a.From), text(a.To)})
	if err != nil {
		return err
	}
	a.ID = skranke.RangeID(id)
	return tx.changed(ctx, nil)
}

// DeleteRange deletes the range. It returns CodeCustomError if there is none.
func (tx *WriteTx) DeleteRange(ctx context.Context, id skranke.RangeID) error {
	return tx.changed(ctx, ranges.drop(ctx, tx, int64(id)))
}

package desk

import (
	"context"
	"errors"
	"time"

	"skranke/store"
)

// What has happened outside of the database, such as that a mail was sent, must
// be stored, or it happens again. So storing it goes on while the database is
// away: settleTime is how long one attempt may take, settlePause what lies
// between two, and settlePatience for how long they are made. Leases are longer
// by more than that than what is done under them.
const (
	settleTime     = 10 * time.Second
	settlePause    = time.Second
	settlePatience = 2 * time.Minute
)

// settle runs a write that may be done twice until it is stored. When ctx ends
// it is tried for the last time.
func (d *Desk) settle(ctx context.Context, write func(context.Context, *store.WriteTx) error) error {
	for end := time.Now().Add(settlePatience); ; {
		last := ctx.Err() != nil || time.Now().After(end)
		err := d.settleOnce(ctx, write)
		if err == nil || last || errors.Is(err, store.ErrClosed) || IsTold(err) {
			return err
		}
		d.log.WarnContext(ctx, "something that is done could not be stored, will try again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(settlePause):
		}
	}
}

func (d *Desk) settleOnce(ctx context.Context, write func(context.Context, *store.WriteTx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	return d.db.Write(ctx, func(tx *store.WriteTx) error { return write(ctx, tx) })
}

package desk

import (
	"context"

	"skranke"
	"skranke/store"
)

// PutFavourite stores a favourite. Its ticket must be there: else it returns
// NotYet.
func (in *Intake) PutFavourite(ctx context.Context, f *skranke.Favourite) error {
	if f.User <= skranke.SystemUser {
		return skranke.Err(skranke.CodeUnknownUserID, "a favourite needs a user")
	}
	if err := in.need(ctx, Row{rowTicket, int64(f.Ticket)}); err != nil {
		return err
	}
	if err := in.refer(ctx, []Row{{rowUser, int64(f.User)}}); err != nil {
		return err
	}
	return in.tx.AddFavourite(ctx, *f)
}

// Favourites hands fn every favourite, by ticket, then user.
func (o *Outgo) Favourites(ctx context.Context, fn func(*skranke.Favourite) error) error {
	return o.tx.EachFavourite(ctx, fn)
}

// AddFavourite puts a ticket among a user's favourites; it may be there already.
// It returns CodeUnknownTicket or CodeUnknownUserID if there is no such row.
func (d *Desk) AddFavourite(ctx context.Context, f skranke.Favourite) error {
	return d.change(ctx, func(in *Intake) error { return in.PutFavourite(ctx, &f) })
}

// DeleteFavourite takes a ticket out of a user's favourites. It returns
// CodeCustomError if it is not among them.
func (d *Desk) DeleteFavourite(ctx context.Context, f skranke.Favourite) error {
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		found, err := tx.DeleteFavourite(ctx, f)
		if err == nil && !found {
			err = skranke.Err(skranke.CodeCustomError, "ticket %d is no favourite of user %d", f.Ticket, f.User)
		}
		return err
	})
}

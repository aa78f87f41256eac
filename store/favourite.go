package store

import (
	"context"
	"fmt"

	"skranke"
)

// AddFavourite puts a ticket, which must be there, among a user's favourites.
// It may be there already.
func (tx *WriteTx) AddFavourite(ctx context.Context, f skranke.Favourite) error {
	_, err := tx.exec(ctx, `INSERT INTO favourite (ticket_id, user_id) VALUES ($1, $2) ON CONFLICT (ticket_id, user_id) DO NOTHING`,
		num(f.Ticket), num(f.User))
	if err != nil {
		return fmt.Errorf("storing a favourite of user %d: %w", f.User, err)
	}
	return nil
}

// DeleteFavourite takes a ticket out of a user's favourites and says whether it
// was among them.
func (tx *WriteTx) DeleteFavourite(ctx context.Context, f skranke.Favourite) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM favourite WHERE ticket_id = $1 AND user_id = $2`, num(f.Ticket), num(f.User))
	if err != nil {
		return false, fmt.Errorf("deleting a favourite of user %d: %w", f.User, err)
	}
	return n > 0, nil
}

// FavouritesOf returns the users who have the ticket among their favourites, by
// id.
func (tx *ReadTx) FavouritesOf(ctx context.Context, ticket skranke.TicketID) ([]skranke.UserID, error) {
	var users []skranke.UserID
	err := tx.each(ctx, `SELECT user_id FROM favourite WHERE ticket_id = $1 ORDER BY user_id`,
		func(r *rows) { users = append(users, id[skranke.UserID](r)) }, num(ticket))
	if err != nil {
		return nil, fmt.Errorf("reading who has ticket %d among his favourites: %w", ticket, err)
	}
	return users, nil
}

// EachFavourite hands fn every favourite, by ticket, then user.
func (tx *ReadTx) EachFavourite(ctx context.Context, fn func(*skranke.Favourite) error) error {
	r := tx.query(ctx, `SELECT ticket_id, user_id FROM favourite ORDER BY ticket_id, user_id`)
	defer r.close()
	for r.next() {
		ticket := id[skranke.TicketID](r)
		f := &skranke.Favourite{User: id[skranke.UserID](r), Ticket: ticket}
		if err := fn(f); err != nil {
			return err
		}
	}
	if r.err != nil {
		return fmt.Errorf("reading all favourites: %w", r.err)
	}
	return nil
}

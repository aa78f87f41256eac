package store

import (
	"context"
	"fmt"
	"time"

	"skranke"
)

// OneTimeHash is the SHA-256 of a password that was mailed: who reads the
// database learns none. A fast hash is enough, because such passwords are drawn
// and cannot be guessed.
type OneTimeHash [32]byte

// AddOneTimePassword keeps a password for the customer until it expires. Those
// he has already stay.
func (tx *WriteTx) AddOneTimePassword(ctx context.Context, customer skranke.CustomerID, hash OneTimeHash, expires time.Time) error {
	_, err := tx.exec(ctx, `INSERT INTO one_time_password (hash, customer_id, expires_at) VALUES ($1, $2, $3)`,
		blob(hash[:]), num(customer), num(expires.UnixMilli()))
	if err != nil {
		return fmt.Errorf("storing a one-time password: %w", err)
	}
	return nil
}

// FitsOneTime says whether the hash is one the customer may use at that time.
func (tx *ReadTx) FitsOneTime(ctx context.Context, customer skranke.CustomerID, hash OneTimeHash, now time.Time) (bool, error) {
	n, err := tx.number(ctx, `SELECT COUNT(*) FROM one_time_password WHERE hash = $1 AND customer_id = $2 AND expires_at > $3`,
		blob(hash[:]), num(customer), num(now.UnixMilli()))
	if err != nil {
		return false, fmt.Errorf("reading one-time passwords: %w", err)
	}
	return n > 0, nil
}

// DeleteOneTimePasswords forgets those of a customer and returns how many there
// were.
func (tx *WriteTx) DeleteOneTimePasswords(ctx context.Context, customer skranke.CustomerID) (int, error) {
	n, err := tx.exec(ctx, `DELETE FROM one_time_password WHERE customer_id = $1`, num(customer))
	if err != nil {
		return 0, fmt.Errorf("deleting one-time passwords: %w", err)
	}
	return int(n), nil
}

// PruneOneTimePasswords forgets those that have expired.
func (tx *WriteTx) PruneOneTimePasswords(ctx context.Context, now time.Time) error {
	if _, err := tx.exec(ctx, `DELETE FROM one_time_password WHERE expires_at <= $1`, num(now.UnixMilli())); err != nil {
		return fmt.Errorf("deleting one-time passwords: %w", err)
	}
	return nil
}

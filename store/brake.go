package store

import (
	"context"
	"fmt"
	"time"
)

// AddFailure notes a failed try of subject, a name or an address the caller
// makes up.
func (tx *WriteTx) AddFailure(ctx context.Context, subject string, at time.Time) error {
	_, err := tx.exec(ctx, `INSERT INTO failure (subject, at) VALUES ($1, $2)`, text(subject), num(at.UnixMilli()))
	if err != nil {
		return fmt.Errorf("noting a failed try: %w", err)
	}
	return nil
}

// Failures counts the failed tries of subject at or after since.
func (tx *ReadTx) Failures(ctx context.Context, subject string, since time.Time) (int, error) {
	n, err := tx.number(ctx, `SELECT COUNT(*) FROM failure WHERE subject = $1 AND at >= $2`,
		text(subject), num(since.UnixMilli()))
	if err != nil {
		return 0, fmt.Errorf("counting failed tries: %w", err)
	}
	return int(n), nil
}

// PruneFailures forgets the failed tries before the given time.
func (tx *WriteTx) PruneFailures(ctx context.Context, before time.Time) error {
	if _, err := tx.exec(ctx, `DELETE FROM failure WHERE at < $1`, num(before.UnixMilli())); err != nil {
		return fmt.Errorf("forgetting failed tries: %w", err)
	}
	return nil
}

// ForgetFailures forgets the failed tries of a subject.
func (tx *WriteTx) ForgetFailures(ctx context.Context, subject string) error {
	if _, err := tx.exec(ctx, `DELETE FROM failure WHERE subject = $1`, text(subject)); err != nil {
		return fmt.Errorf("forgetting failed tries: %w", err)
	}
	return nil
}

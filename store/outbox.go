package store

import (
	"context"
	"fmt"
	"time"
)

// Job is something to be done outside of the database once the transaction
// that enqueued it is committed, such as a mail to be sent.
type Job struct {
	ID      int64
	Kind    string
	Payload string
	Due     time.Time // not before; zero for at once
}

// Enqueue adds a job and sets its ID.
func (tx *WriteTx) Enqueue(ctx context.Context, j *Job) error {
	now := tx.now()
	due := j.Due
	if due.IsZero() {
		due = now
	}
	var err error
	j.ID, err = tx.number(ctx, `INSERT INTO outbox (kind, created_at, due_at, attempts, last_error, payload)
		VALUES ($1, $2, $3, 0, '', $4) RETURNING id`,
		text(j.Kind), moment(now), num(due.UnixMilli()), text(j.Payload))
	if err != nil {
		return fmt.Errorf("enqueueing %s: %w", j.Kind, err)
	}
	return nil
}

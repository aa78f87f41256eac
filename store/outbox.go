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

// Outbox returns every job that waits, by ascending id.
func (tx *ReadTx) Outbox(ctx context.Context) ([]Job, error) {
	var jobs []Job
	err := tx.each(ctx, `SELECT id, kind, payload, due_at FROM outbox ORDER BY id`,
		func(r *rows) {
			jobs = append(jobs, Job{ID: r.int64(), Kind: r.text(), Payload: r.text(), Due: r.moment()})
		})
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	return jobs, nil
}

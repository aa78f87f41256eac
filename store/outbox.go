package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Job is something to be done outside of the database once the transaction
// that enqueued it is committed, such as a mail to be sent.
type Job struct {
	ID      int64
	Kind    string
	Payload string
	Due     time.Time // not before; zero for at once

	// What became of it so far. Enqueue passes over it.
	Created      time.Time
	LeasedUntil  time.Time // somebody is at it until then; zero if nobody is
	FailingSince time.Time // zero if no attempt has failed
	Parked       time.Time // when it was given up; zero if it was not
	Attempts     int       // that failed
	LastError    string
}

const jobColumns = `id, kind, payload, due_at, created_at, leased_until, failing_since, parked_at, attempts, last_error`

func scanJob(r *rows) Job {
	return Job{
		ID:           r.int64(),
		Kind:         r.text(),
		Payload:      r.text(),
		Due:          r.moment(),
		Created:      r.moment(),
		LeasedUntil:  r.moment(),
		FailingSince: r.moment(),
		Parked:       r.moment(),
		Attempts:     r.int(),
		LastError:    r.text(),
	}
}

// Enqueue adds a job and sets its ID. Whoever listens to Enqueued hears of it
// after the commit.
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
	tx.enqueued = true
	return nil
}

// Enqueued delivers a value after jobs were committed by this process; several
// commits may share one. It serves one listener.
func (db *DB) Enqueued() <-chan struct{} { return db.bell }

func (db *DB) ring() {
	select {
	case db.bell <- struct{}{}:
	default: // it rings already
	}
}

// Outbox returns every job, by ascending id.
func (tx *ReadTx) Outbox(ctx context.Context) ([]Job, error) {
	var jobs []Job
	err := tx.each(ctx, `SELECT `+jobColumns+` FROM outbox ORDER BY id`, func(r *rows) { jobs = append(jobs, scanJob(r)) })
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	return jobs, nil
}

// Job returns one job, nil if there is none of that id.
func (tx *ReadTx) Job(ctx context.Context, id int64) (*Job, error) {
	return tx.job(ctx, `SELECT `+jobColumns+` FROM outbox WHERE id = $1`, num(id))
}

// DueJob returns the job of one of the kinds that has been due longest and that
// nobody is at, nil if there is none.
func (tx *ReadTx) DueJob(ctx context.Context, now time.Time, kinds ...string) (*Job, error) {
	args := []arg{num(now.UnixMilli())}
	for _, kind := range kinds {
		args = append(args, text(kind))
	}
	in := make([]string, len(kinds))
	for i := range kinds {
		in[i] = "$" + strconv.Itoa(i+2)
	}
	return tx.job(ctx, `SELECT `+jobColumns+` FROM outbox
		WHERE parked_at IS NULL AND due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
			AND kind IN (`+strings.Join(in, ", ")+`) ORDER BY due_at, id LIMIT 1`, args...)
}

func (tx *ReadTx) job(ctx context.Context, sql string, args ...arg) (*Job, error) {
	var job Job
	found, err := tx.one(ctx, sql, func(r *rows) { job = scanJob(r) }, args...)
	if err != nil {
		return nil, fmt.Errorf("reading a job: %w", err)
	}
	if !found {
		return nil, nil
	}
	return &job, nil
}

// UpdateJob writes everything but the kind and the time of creation anew and
// says whether the job is there.
func (tx *WriteTx) UpdateJob(ctx context.Context, j *Job) (bool, error) {
	n, err := tx.exec(ctx, `UPDATE outbox SET payload = $2, due_at = $3, leased_until = $4, failing_since = $5,
			parked_at = $6, attempts = $7, last_error = $8 WHERE id = $1`,
		num(j.ID), text(j.Payload), num(j.Due.UnixMilli()), moment(j.LeasedUntil), moment(j.FailingSince),
		moment(j.Parked), num(j.Attempts), text(j.LastError))
	if err != nil {
		return false, fmt.Errorf("updating job %d: %w", j.ID, err)
	}
	return n > 0, nil
}

// DeleteJob takes a job out of the outbox and says whether it was there.
func (tx *WriteTx) DeleteJob(ctx context.Context, id int64) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM outbox WHERE id = $1`, num(id))
	if err != nil {
		return false, fmt.Errorf("deleting job %d: %w", id, err)
	}
	return n > 0, nil
}

package store

import (
	"context"
	"fmt"
	"time"
)

// OutboxFigures is how the outbox stands.
type OutboxFigures struct {
	Waiting int64     // jobs that were not given up
	Oldest  time.Time // when the oldest of them was enqueued; zero without one
	Parked  int64     // jobs that were given up
}

// OutboxFigures counts the jobs in the outbox.
func (tx *ReadTx) OutboxFigures(ctx context.Context) (f OutboxFigures, err error) {
	_, err = tx.one(ctx, `SELECT COUNT(*), MIN(created_at) FROM outbox WHERE parked_at IS NULL`, func(r *rows) {
		f.Waiting, f.Oldest = r.int64(), r.moment()
	})
	if err == nil {
		f.Parked, err = tx.number(ctx, `SELECT COUNT(*) FROM outbox WHERE parked_at IS NOT NULL`)
	}
	if err != nil {
		return f, fmt.Errorf("counting the outbox: %w", err)
	}
	return f, nil
}

// LiveSessions counts the sessions that have not expired.
func (tx *ReadTx) LiveSessions(ctx context.Context, now time.Time) (int64, error) {
	n, err := tx.number(ctx, `SELECT COUNT(*) FROM session WHERE ttl = 0 OR last_used + ttl >= $1`, num(now.UnixMilli()))
	if err != nil {
		return 0, fmt.Errorf("counting sessions: %w", err)
	}
	return n, nil
}

// AttachmentFigures counts the attachments and their bytes; equal contents,
// which are kept once, count each time. It looks at every attachment.
func (tx *ReadTx) AttachmentFigures(ctx context.Context) (count, bytes int64, err error) {
	_, err = tx.one(ctx, `SELECT COUNT(*), COALESCE(SUM(size), 0) FROM attachment`, func(r *rows) { count, bytes = r.int64(), r.int64() })
	if err != nil {
		return 0, 0, fmt.Errorf("counting attachments: %w", err)
	}
	return count, bytes, nil
}

// ManyFailures returns the subjects that have failed least times or oftener
// since a moment, and how often.
func (tx *ReadTx) ManyFailures(ctx context.Context, since time.Time, least int) (map[string]int, error) {
	all := map[string]int{}
	err := tx.each(ctx, `SELECT subject, COUNT(*) FROM failure WHERE at >= $1 GROUP BY subject HAVING COUNT(*) >= $2`,
		func(r *rows) { all[r.text()] = r.int() }, num(since.UnixMilli()), num(least))
	if err != nil {
		return nil, fmt.Errorf("counting failed tries: %w", err)
	}
	return all, nil
}

package store

import (
	"context"
	"fmt"
	"time"
)

// SeeProcess notes that the process of that id keeps sessions of this database
// in memory.
func (tx *WriteTx) SeeProcess(ctx context.Context, process string, at time.Time) error {
	_, err := tx.exec(ctx, `INSERT INTO process (id, seen_at) VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`, text(process), moment(at))
	if err != nil {
		return fmt.Errorf("noting a process: %w", err)
	}
	return nil
}

// ForgetProcess takes back what SeeProcess noted.
func (tx *WriteTx) ForgetProcess(ctx context.Context, process string) error {
	if _, err := tx.exec(ctx, `DELETE FROM process WHERE id = $1`, text(process)); err != nil {
		return fmt.Errorf("forgetting a process: %w", err)
	}
	return nil
}

// PruneProcesses forgets the processes not seen since before.
func (tx *WriteTx) PruneProcesses(ctx context.Context, before time.Time) error {
	if _, err := tx.exec(ctx, `DELETE FROM process WHERE seen_at < $1`, moment(before)); err != nil {
		return fmt.Errorf("forgetting processes: %w", err)
	}
	return nil
}

// OtherProcesses says whether a process other than that of the id was seen at or
// after since.
func (tx *ReadTx) OtherProcesses(ctx context.Context, process string, since time.Time) (bool, error) {
	n, err := tx.number(ctx, `SELECT COUNT(*) FROM process WHERE id <> $1 AND seen_at >= $2`, text(process), moment(since))
	if err != nil {
		return false, fmt.Errorf("looking for other processes: %w", err)
	}
	return n > 0, nil
}

package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrUnsettled says that contents may still be removed, at any moment: the store
// was asked to and has not answered.
var ErrUnsettled = errors.New("whether the contents are removed is not known")

// Removals returns the number of the removal of the contents that was begun last, and
// whether it may still take effect. If it may not, contents that are stored afterwards
// stay as long as the number does. It is 0 before the first, and a while after the last.
func (tx *ReadTx) Removals(ctx context.Context, sha256 string, now time.Time) (begun int64, pending bool, err error) {
	_, err = tx.one(ctx, `SELECT number, until, ended FROM file_removal WHERE sha256 = $1`, func(r *rows) {
		begun = r.int64()
		until := r.moment()
		pending = !r.bool() && until.After(now)
	}, text(sha256))
	if err != nil {
		return 0, false, fmt.Errorf("looking for removals of the contents %s: %w", sha256, err)
	}
	return begun, pending, nil
}

// AnyRemoval says whether a removal of any contents may still take effect.
func (tx *ReadTx) AnyRemoval(ctx context.Context, now time.Time) (pending bool, err error) {
	pending, err = tx.one(ctx, `SELECT 1 FROM file_removal WHERE NOT ended AND until > $1 LIMIT 1`, func(*rows) {}, num(now.UnixMilli()))
	if err != nil {
		return false, fmt.Errorf("looking for removals: %w", err)
	}
	return pending, nil
}

// BeginRemoval notes that the contents are going to be removed, which must not
// happen before that is committed, nor take effect after until unless it is begun
// anew. It returns the removal's number, 0 if an attachment has the contents or
// another removal may still take effect. Numbers are times, in milliseconds, or later
// than the one before: those of removals that are forgotten must not come again, or
// who has read one would not see that there was another.
func (tx *WriteTx) BeginRemoval(ctx context.Context, sha256 string, now, until time.Time) (number int64, err error) {
	number, err = tx.number(ctx, `INSERT INTO file_removal (sha256, number, until, ended)
		SELECT CAST($1 AS TEXT), CAST($3 AS BIGINT), CAST($2 AS BIGINT), FALSE WHERE NOT EXISTS (SELECT 1 FROM attachment WHERE sha256 = $1)
		ON CONFLICT (sha256) DO UPDATE SET until = excluded.until, ended = FALSE,
			number = CASE WHEN file_removal.number < excluded.number THEN excluded.number ELSE file_removal.number + 1 END
		WHERE file_removal.ended OR file_removal.until <= $3 RETURNING number`,
		text(sha256), num(until.UnixMilli()), num(now.UnixMilli()))
	if err != nil {
		return 0, fmt.Errorf("beginning to remove the contents %s: %w", sha256, err)
	}
	return number, nil
}

// EndRemoval notes that the removal of that number can take no effect any more. If a
// later one was begun it does nothing.
func (tx *WriteTx) EndRemoval(ctx context.Context, sha256 string, number int64) error {
	_, err := tx.exec(ctx, `UPDATE file_removal SET ended = TRUE WHERE sha256 = $1 AND number = $2`, text(sha256), num(number))
	if err != nil {
		return fmt.Errorf("ending the removal of the contents %s: %w", sha256, err)
	}
	return nil
}

// PruneRemovals forgets removals that could take no effect since that time, which is
// long ago: longer than clocks differ.
func (tx *WriteTx) PruneRemovals(ctx context.Context, before time.Time) error {
	if _, err := tx.exec(ctx, `DELETE FROM file_removal WHERE until < $1`, num(before.UnixMilli())); err != nil {
		return fmt.Errorf("forgetting removals: %w", err)
	}
	return nil
}

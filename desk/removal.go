package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"skranke/store"
)

// Files are removed while others store the same contents, also in other processes,
// and what is removed is in no transaction. So whoever removes files says so in the
// database before, if no attachment has them, and again when they are certainly
// gone; and a row that names a file is written only if no removal was begun since
// before the file was stored, else the file is stored anew. A removal that nobody
// has heard of again, because the store did not answer or the server was killed,
// may still take effect: until it cannot, nobody gets an attachment with those contents.

const (
	// removedAtOnce is how many files are removed between two transactions, and
	// removalTime how long that may take: what is not begun by then is left.
	removedAtOnce = 20
	removalTime   = time.Minute

	// removalDoubt is how long a removal may take effect after it was noted. Requests
	// to a bucket are signed with their time, and good for a quarter of an hour by the
	// clock of the store, which may differ by as much; so may those of two servers.
	removalDoubt = time.Hour

	// keepRemoval is longer than anybody stores a file before he writes its row.
	keepRemoval = 24 * time.Hour

	// manyFaults is when a sweep gives up.
	manyFaults = 3
)

// removeFiles removes those files that still no attachment has. Files kept since
// limit stay: their row may be on its way.
func (d *Desk) removeFiles(ctx context.Context, unused []string, limit time.Time) error {
	var faults []error
	for shas := range slices.Chunk(unused, removedAtOnce) {
		removals, err := d.beginRemovals(ctx, shas)
		if err != nil {
			return errors.Join(append(faults, err)...)
		}
		faults = append(faults, d.removeSome(ctx, removals, limit)...)
		if err := d.endRemovals(ctx, removals); err != nil {
			faults = append(faults, err)
		}
		if len(faults) >= manyFaults || ctx.Err() != nil {
			break
		}
	}
	return errors.Join(faults...)
}

// removal is one that was noted in the database.
type removal struct {
	sha    string
	number int64
	open   bool // it may still take effect
}

func (d *Desk) beginRemovals(ctx context.Context, shas []string) (removals []removal, err error) {
	err = d.db.Write(ctx, func(tx *store.WriteTx) error {
		removals = removals[:0]
		now := d.now()
		for _, sha := range shas {
			number, err := tx.BeginRemoval(ctx, sha, now, now.Add(removalDoubt))
			if err != nil {
				return err
			}
			if number != 0 {
				removals = append(removals, removal{sha: sha, number: number})
			}
		}
		return nil
	})
	return removals, err
}

// removeSome removes files and marks what stays in doubt.
func (d *Desk) removeSome(ctx context.Context, removals []removal, limit time.Time) (faults []error) {
	ctx, cancel := context.WithTimeout(ctx, removalTime)
	defer cancel()
	for i := range removals {
		err := d.db.Blobs().RemoveOlder(ctx, removals[i].sha, limit)
		removals[i].open = errors.Is(err, store.ErrUnsettled)
		if err != nil {
			faults = append(faults, err)
		}
		if len(faults) == manyFaults || ctx.Err() != nil {
			break
		}
	}
	return faults
}

func (d *Desk) endRemovals(ctx context.Context, removals []removal) error {
	return d.settle(ctx, func(ctx context.Context, tx *store.WriteTx) error {
		for _, r := range removals {
			if r.open {
				continue
			}
			if err := tx.EndRemoval(ctx, r.sha, r.number); err != nil {
				return err
			}
		}
		return nil
	})
}

var (
	// errBeingRemoved refuses to make an attachment.
	errBeingRemoved = errors.New("the same contents are being removed, and the store has not said that they are: try again within the hour")

	// errRemovedMeanwhile has contents stored once more.
	errRemovedMeanwhile = errors.New("the contents were removed meanwhile")
)

// writeWith stores contents for good and then writes what names them. The caller
// aborts them.
func (d *Desk) writeWith(ctx context.Context, contents *store.BlobWriter, write func(*store.WriteTx) error) error {
	for {
		before, err := d.awaitRemoval(ctx, contents.Name())
		if err != nil {
			return err
		}
		if _, _, err := contents.Commit(ctx); err != nil {
			return err
		}
		err = d.db.Write(ctx, func(tx *store.WriteTx) error {
			begun, _, err := tx.Removals(ctx, contents.Name(), d.now())
			if err != nil {
				return err
			}
			if begun != before {
				return errRemovedMeanwhile
			}
			return write(tx)
		})
		if !errors.Is(err, errRemovedMeanwhile) {
			return err
		}
	}
}

// awaitRemoval waits until no removal of the contents can take effect, and returns
// how many there were.
func (d *Desk) awaitRemoval(ctx context.Context, sha string) (begun int64, err error) {
	end, pause := time.Now().Add(d.removalPatience), 10*time.Millisecond
	for {
		pending := false
		err := d.db.ReadShort(ctx, func(tx *store.ReadTx) (err error) {
			begun, pending, err = tx.Removals(ctx, sha, d.now())
			return err
		})
		if err != nil || !pending {
			return begun, err
		}
		if time.Now().After(end) {
			return 0, fmt.Errorf("%w: %s", errBeingRemoved, sha)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		pause = min(2*pause, time.Second)
	}
}

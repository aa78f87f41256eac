package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
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
	// removedAtOnce is how many removals are announced at a time, and removalTime how
	// long they may take: what is not begun by then is left.
	removedAtOnce = 20
	removalTime   = time.Minute

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
		if err := d.endRemovals(ctx); err != nil {
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
}

// endedRemovals are those that can take no effect any more, until that is stored: as
// long as it is not, nobody gets an attachment with those contents.
type endedRemovals struct {
	mu   sync.Mutex
	list []removal
}

func (e *endedRemovals) add(r removal) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, r)
}

// waiting are those to be stored; remove must follow when they are.
func (e *endedRemovals) waiting() []removal {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.list)
}

// remove forgets the removals, which are stored.
func (e *endedRemovals) remove(stored []removal) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = slices.DeleteFunc(e.list, func(r removal) bool { return slices.Contains(stored, r) })
}

func (d *Desk) beginRemovals(ctx context.Context, shas []string) (removals []removal, err error) {
	err = d.db.Write(ctx, func(tx *store.WriteTx) error {
		removals = removals[:0]
		now := d.now()
		for _, sha := range shas {
			number, err := tx.BeginRemoval(ctx, sha, now, now.Add(d.db.Blobs().RemovalDoubt()))
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

// removeSome removes files and keeps in mind what does not stay in doubt.
func (d *Desk) removeSome(ctx context.Context, removals []removal, limit time.Time) (faults []error) {
	ctx, cancel := context.WithTimeout(ctx, removalTime)
	defer cancel()
	for _, r := range removals {
		var err error
		if len(faults) < manyFaults && ctx.Err() == nil {
			err = d.db.Blobs().RemoveOlder(ctx, r.sha, limit)
		}
		if err != nil {
			faults = append(faults, err)
		}
		if !errors.Is(err, store.ErrUnsettled) {
			d.ended.add(r)
		}
	}
	return faults
}

// endRemovals stores which removals have ended. It is done at intervals too, as those
// who wait for the first of some are not to wait for the last, and until it succeeds.
func (d *Desk) endRemovals(ctx context.Context) error {
	waiting := d.ended.waiting()
	if len(waiting) == 0 {
		return nil
	}
	err := d.settleOnce(ctx, func(ctx context.Context, tx *store.WriteTx) error {
		for _, r := range waiting {
			if err := tx.EndRemoval(ctx, r.sha, r.number); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing which files are removed: %w", err)
	}
	d.ended.remove(waiting)
	return nil
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
// the number of the last one.
func (d *Desk) awaitRemoval(ctx context.Context, sha string) (begun int64, err error) {
	pending, err := d.whilePending(ctx, func() (pending bool, err error) {
		err = d.db.ReadShort(ctx, func(tx *store.ReadTx) error {
			begun, pending, err = tx.Removals(ctx, sha, d.now())
			return err
		})
		return pending, err
	})
	if err == nil && pending {
		err = fmt.Errorf("%w: %s", errBeingRemoved, sha)
	}
	return begun, err
}

// whilePending looks for removals again and again until none is pending, with some
// patience, and returns what it saw last.
func (d *Desk) whilePending(ctx context.Context, look func() (bool, error)) (pending bool, err error) {
	end, pause := time.Now().Add(d.removalPatience), 10*time.Millisecond
	for {
		if pending, err = look(); err != nil || !pending || time.Now().After(end) {
			return pending, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return pending, ctx.Err()
		}
		pause = min(2*pause, time.Second)
	}
}

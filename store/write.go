package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// writeTries is how often a write is tried when the database is busy. Each
	// try waits long; those undone by others come back at once and try more often.
	writeTries = 4

	// writePatience is how long a write goes on trying, so that everybody gets an
	// answer while another process holds the database, however many wait.
	writePatience = writeTries * busyTimeout

	// lostPause lies between two tries whose connection was lost; the next ones are
	// twice as long each. What ends its connection is not to keep a server from all else.
	lostPause = 100 * time.Millisecond

	// maxParts is how many writes at most share a commit.
	maxParts = 32
)

// errUndone says that a write has to be done again because another one in the
// same transaction went wrong.
var errUndone = fmt.Errorf("%w: a write beside it failed", errBusy)

// group is an open transaction and the writes that share it, so that they wait
// for the disk once instead of one after the other. A write that finds others
// waiting leaves the transaction open to them; whoever finds nobody waiting
// commits for all. So nothing waits for company, and nothing is reported as
// done before it is on disk.
type group struct {
	parts int           // writes in it that are done
	done  chan struct{} // closed after the commit
	err   error         // of the commit; to be read after done
}

// Write runs fn in a transaction and commits it; when Write returns nil, the
// changes are on disk. If fn returns an error or panics, nothing is changed.
// Writes of this process take turns. fn may be run again, on a fresh
// transaction, if another process held the database, a write beside it failed
// or the connection was lost, so it must have no effects outside of it. If it is
// lost while the server commits, nobody knows whether the changes are there: the
// error is ErrUnknown, and fn is not run again. It is ErrNewerSchema if a newer
// skranke has changed the schema meanwhile.
func (db *DB) Write(ctx context.Context, fn func(*WriteTx) error) error {
	if err := db.admit(ctx); err != nil {
		return err
	}
	end := time.Now().Add(writePatience)
	for try := 1; ; try++ {
		err := db.write(ctx, fn, end)
		tries := writeTries
		if errors.Is(err, errUndone) {
			tries *= 4
		}
		if !errors.Is(err, errBusy) && !errors.Is(err, errLost) || errors.Is(err, errAway) || try >= tries || time.Now().After(end) {
			return db.noteNewer(ctx, err)
		}
		db.log.WarnContext(ctx, "database busy or away, writing again", "try", try, "error", err)
		if errors.Is(err, errLost) && restAfter(ctx, try) != nil {
			return err
		}
	}
}

// restAfter waits before the next try on a new connection, after so many were
// lost. The error is that of ctx.
func restAfter(ctx context.Context, lost int) error {
	if lost == 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(lostPause << (lost - 1)):
		return nil
	}
}

func (db *DB) write(ctx context.Context, fn func(*WriteTx) error, end time.Time) (err error) {
	db.waiting.Add(1)
	err = db.enterWrite(ctx, end)
	db.waiting.Add(-1)
	if err != nil {
		return err
	}
	g, err := db.join(ctx)
	if err != nil {
		<-db.writeTurn
		return err
	}
	tx := &WriteTx{ReadTx: ReadTx{conn: db.writer, dialect: db.dialect, now: db.now}}
	returned, kept := false, false
	defer func() {
		db.leave(g, returned, kept)
		if kept {
			err = db.await(g)
		}
		if kept && err == nil && tx.enqueued {
			db.ring()
		}
	}()
	err = fn(tx)
	returned = true
	if err == nil {
		err = ctx.Err()
	}
	kept = err == nil
	return err
}

// enterWrite waits for the turn to write, but not beyond end.
func (db *DB) enterWrite(ctx context.Context, end time.Time) error {
	patient, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	err := db.enter(patient, db.writeTurn)
	if err != nil && ctx.Err() == nil && patient.Err() != nil {
		return fmt.Errorf("%w: others are waiting to write for too long", errBusy)
	}
	return err
}

// join begins a part of the open transaction, or the transaction. The caller
// holds the turn.
func (db *DB) join(ctx context.Context) (*group, error) {
	if db.writer == nil {
		if err := db.openWriter(ctx); err != nil {
			return nil, err
		}
	}
	if g := db.group; g != nil {
		if err := db.writer.mark(); err != nil {
			db.giveUp(errUndone)
			return nil, fmt.Errorf("beginning to write: %w", err)
		}
		return g, nil
	}
	if err := db.begin(ctx); err != nil {
		if db.writer.rollback() != nil {
			db.dropWriter()
		}
		return nil, fmt.Errorf("beginning to write: %w", err)
	}
	db.group = &group{done: make(chan struct{})}
	return db.group, nil
}

// begin begins a transaction that does nothing if the schema is newer than this
// program.
func (db *DB) begin(ctx context.Context) error {
	if err := db.writer.begin(ctx, true); err != nil || db.schema == 0 {
		return err
	}
	return db.writer.expect(ctx, db.schema)
}

// leave ends a part, commits if nobody else is waiting, and gives the turn back.
func (db *DB) leave(g *group, returned, kept bool) {
	defer func() { <-db.writeTurn }()
	c := db.writer
	switch {
	case !returned || !c.active():
		// A panic, or an error that has undone the whole transaction: whatever
		// state the connection is in, nobody shall meet it again.
		db.giveUp(errUndone)
	case kept && g.parts > 0:
		if c.keep() != nil {
			db.giveUp(errUndone)
		}
	case !kept && g.parts > 0:
		if c.undo() != nil {
			db.giveUp(errUndone)
		}
	case !kept:
		if c.rollback() != nil {
			db.dropWriter()
		}
		db.end(nil)
	}
	if db.group != g { // it has ended
		return
	}
	if kept {
		g.parts++
	}
	if db.waiting.Load() == 0 || g.parts >= maxParts {
		db.commit()
	}
}

// await returns what became of the group. Those it was left open to may have
// gone away without a write: then whoever comes first commits.
func (db *DB) await(g *group) error {
	select {
	case <-g.done:
		return g.err
	default:
	}
	select {
	case <-g.done:
	case db.writeTurn <- struct{}{}:
		db.commitFor(g)
		<-g.done
	}
	return g.err
}

// commitFor commits if the group is still open, and gives the turn back.
func (db *DB) commitFor(g *group) {
	defer func() { <-db.writeTurn }()
	if db.group == g {
		db.commit()
	}
}

// commit commits the open transaction. The caller holds the turn.
func (db *DB) commit() {
	err := db.commitWatched()
	if err != nil {
		err = fmt.Errorf("committing: %w", err)
		if db.writer.rollback() != nil {
			db.dropWriter()
		}
	}
	db.end(err)
	db.checkpoint()
}

// commitWatched commits and lets the memory know. After a panic nobody knows what
// was committed, and nobody shall meet the connection again.
func (db *DB) commitWatched() error {
	committed := db.memory.committing(db.writer)
	returned := false
	defer func() {
		committed()
		if !returned {
			db.giveUp(errors.New("store: a panic while committing"))
		}
	}()
	err := db.commitTimed()
	returned = true
	return err
}

// giveUp throws the open transaction away together with its connection.
func (db *DB) giveUp(err error) {
	db.end(err)
	db.dropWriter()
}

// end tells all who share the open transaction that it is over.
func (db *DB) end(err error) {
	db.group.err = err
	close(db.group.done)
	db.group = nil
}

// dropWriter closes the writing connection, which rolls back; the next write
// opens a new one.
func (db *DB) dropWriter() {
	c := db.writer
	db.writer = nil
	if err := c.close(); err != nil {
		db.log.Warn("closing a broken database connection", "error", err)
	}
}

package store

import (
	"context"
	"errors"
	"sync/atomic"

	"skranke"
)

// changes are what a transaction has changed of what may be remembered.
type changes struct {
	tickets  []skranke.TicketID
	sessions []SessionID
	stamps   []readStamp // since the last mark may still be undone
	marked   int         // stamps at the mark
	persons  bool        // customers or users
	catalog  versionChange
	people   versionChange
	lost     bool // something was changed, and it is not known what
	written  bool // it was committed, and there was something to write
}

type readStamp struct {
	ticket skranke.TicketID
	at     int64 // Unix milliseconds
}

// versionChange is what became of a version; the version is 0 if that is not sure.
type versionChange struct {
	changed bool
	version int64
}

// reset forgets all, for the next transaction.
func (c *changes) reset() {
	*c = changes{tickets: c.tickets[:0], sessions: c.sessions[:0], stamps: c.stamps[:0]}
}

func (c *changes) mark() { c.marked = len(c.stamps) }

// undo takes back what was noted since the mark and must not be taken for done.
// What is forgotten needlessly does no harm.
func (c *changes) undo() {
	c.stamps = c.stamps[:c.marked]
	c.catalog.version, c.people.version = 0, 0
}

// watchable is a connection that can note what its transactions change.
type watchable interface {
	watch()            // from now on
	changed() *changes // by the transaction that has just ended
	logged() int       // how long the write-ahead log was after the last commit, in pages
	checkpoint() error // copies what it can of the log into the database
}

// openWriter opens the writing connection. The caller holds its turn.
func (db *DB) openWriter(ctx context.Context) error {
	c, err := db.connect(ctx, true)
	if err != nil {
		return err
	}
	db.writer = c
	db.watchWriter()
	return nil
}

// watchWriter has the writing connection, if there is one, tell the memory what
// it changes.
func (db *DB) watchWriter() {
	if w, ok := db.writer.(watchable); ok && db.memory != nil {
		w.watch()
	}
}

const (
	// checkpointEvery is how much the write-ahead log grows between two
	// checkpoints, in pages: SQLite's own habit.
	checkpointEvery = 1000

	// longestLog is where writes wait for a checkpoint. One beside them never gets
	// to the end of a log that is written all the time, so it does not begin anew.
	longestLog = 8 * checkpointEvery
)

// checkpoints are those of the write-ahead log.
type checkpoints struct {
	last    int // how long the log was at the last one; who writes has it
	running atomic.Bool
}

// checkpoint has the write-ahead log copied into the database when it has grown:
// beside those who write, for to copy takes as long as many writes. The caller
// holds the turn to write.
func (db *DB) checkpoint() {
	w, ok := db.writer.(watchable)
	if !ok {
		return
	}
	at := &db.checkpoints
	length := w.logged()
	if length < at.last { // it has begun anew
		at.last = 0
	}
	switch {
	case length-at.last < checkpointEvery:
	case length >= longestLog:
		at.last = length
		db.noteCheckpoint(w.checkpoint())
	case at.running.CompareAndSwap(false, true):
		at.last = length
		go func() {
			defer at.running.Store(false)
			db.noteCheckpoint(db.read(context.Background(), func(tx *ReadTx) error { return tx.conn.(watchable).checkpoint() }, true))
		}()
	}
}

func (db *DB) noteCheckpoint(err error) {
	if err != nil && !errors.Is(err, ErrClosed) {
		db.log.Warn("after a commit", "error", err)
	}
}

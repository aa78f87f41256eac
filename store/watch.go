package store

import (
	"context"

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
	tidy() error       // does what need not be done before a commit is answered
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

// tidyWriter does what the last commit has left undone.
func (db *DB) tidyWriter() {
	w, ok := db.writer.(watchable)
	if !ok {
		return
	}
	if err := w.tidy(); err != nil {
		db.log.Warn("tidying after a commit", "error", err)
	}
}

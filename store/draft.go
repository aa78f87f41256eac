package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"skranke"
)

// openDraft opens a connection to an SQLite database that is worth nothing until
// it is complete: so nothing is waited for until it is on disk, and what could
// undo a transaction is kept in memory. There may be one connection.
func openDraft(ctx context.Context, path string, writer bool) (conn, error) {
	c, err := connect(ctx, path, writer)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	err = c.script(ctx, `PRAGMA journal_mode = memory;
		PRAGMA synchronous = off;`)
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// newDraft makes an empty SQLite database of a version of the schema in dir,
// that nobody else knows of. finishDraft ends it.
func newDraft(ctx context.Context, dir string, schema int64, like *DB) (*DB, error) {
	kind := sqlite
	kind.open, kind.pulse = openDraft, nil
	db := &DB{
		dialect:   &kind,
		target:    filepath.Join(dir, databaseFile),
		log:       slog.New(slog.DiscardHandler),
		now:       like.now,
		closed:    make(chan struct{}),
		readTurn:  make(chan struct{}, 1),
		writeTurn: make(chan struct{}, 1),
		bell:      make(chan struct{}, 1),
	}
	if err := db.migrate(ctx, schema); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// finishDraft makes a database like any other out of a draft and closes it.
func (db *DB) finishDraft(ctx context.Context) error {
	err := db.writer.script(ctx, `PRAGMA journal_mode = wal`)
	return errors.Join(err, db.Close())
}

// writeTo writes the database, as the open transaction sees it, into a new SQLite
// file: a copy of its pages, or, of another kind of database, of its rows.
// faqWords is for the latter, whose tables are returned. progress is told how many
// bytes are done.
func (db *DB) writeTo(ctx context.Context, tx *ReadTx, path string, faqWords func(*skranke.FaqEntry) FaqWords, progress func(done int64)) ([]CopiedTable, error) {
	if s, ok := tx.conn.(snapshotter); ok {
		return nil, s.snapshot(ctx, path, progress)
	}
	schema, err := tx.number(ctx, schemaVersion)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "draft-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	draft, err := newDraft(ctx, dir, schema, db)
	if err != nil {
		return nil, err
	}
	defer draft.Close()
	before := int64(0) // bytes of the tables that are complete
	tables, err := tx.copyTo(ctx, draft, CopyOptions{FaqWords: faqWords, Progress: func(t CopiedTable, done bool) {
		progress(before + t.Bytes)
		if done {
			before += t.Bytes
		}
	}})
	if err != nil {
		return nil, err
	}
	if err := draft.finishDraft(ctx); err != nil {
		return nil, err
	}
	if err := os.Rename(draft.target, path); err != nil {
		return nil, err
	}
	return tables, syncFile(path)
}

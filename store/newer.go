package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// newer knows whether a newer skranke has changed the schema under a database
// that this program has open. From then on this program neither writes, for it
// would leave out what it does not know of, nor reads, for what it knows may lie
// elsewhere by now.
type newer struct {
	seen atomic.Bool // for good: a schema never goes back under an open database
	told atomic.Int64
}

// tellNewer is how often the log is told while calls are refused.
const tellNewer = time.Minute

// admit returns ErrNewerSchema if a newer schema was seen.
func (db *DB) admit(ctx context.Context) error {
	if !db.newer.seen.Load() {
		return nil
	}
	now := time.Now().UnixNano()
	if told := db.newer.told.Load(); (told == 0 || now-told > int64(tellNewer)) && db.newer.told.CompareAndSwap(told, now) {
		db.log.ErrorContext(ctx, "a newer program has brought the database up to date: this one refuses all calls, replace it", "schema", db.schema)
	}
	return fmt.Errorf("%w: this program knows its schema up to version %d", ErrNewerSchema, db.schema)
}

// noteNewer looks whether err says that the schema is newer than this program, and
// remembers it. It returns what to answer instead.
func (db *DB) noteNewer(ctx context.Context, err error) error {
	if db.schema == 0 || !errors.Is(err, ErrNewerSchema) {
		return err
	}
	db.newer.seen.Store(true)
	return db.admit(ctx)
}

// schemaVersion is a query of the version of the schema.
const schemaVersion = `SELECT COALESCE(MAX(version), 0) FROM migration`

// knowSchema returns ErrNewerSchema if the schema is newer than this program.
func (tx *ReadTx) knowSchema(ctx context.Context) error {
	if tx.schema == 0 {
		return nil
	}
	have, err := tx.number(ctx, schemaVersion)
	if err != nil {
		return fmt.Errorf("looking for the version of the schema: %w", err)
	}
	if have > tx.schema {
		return ErrNewerSchema
	}
	return nil
}

// CheckSchema returns ErrNewerSchema if the schema is not that of this program:
// a newer skranke has changed it while this one has the database open.
func (db *DB) CheckSchema(ctx context.Context) error {
	var have int64
	err := db.Read(ctx, func(tx *ReadTx) (err error) {
		have, err = tx.number(ctx, schemaVersion)
		return err
	})
	if err != nil {
		return fmt.Errorf("looking for the version of the schema: %w", err)
	}
	if have > db.schema {
		db.newer.seen.Store(true)
	}
	if have != db.schema {
		return fmt.Errorf("%w: its schema is version %d, this program knows %d", ErrNewerSchema, have, db.schema)
	}
	return nil
}

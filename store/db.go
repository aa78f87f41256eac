// Package store keeps tickets, customers, sessions and all else in a database
// and the contents of attachments in files. It knows SQL and no rule of the
// help desk: who may see what is decided by its callers. Start with Open, then
// Read and Write; ticket.go shows how a row is read and written.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Options say where and how to open a database.
type Options struct {
	// Dir holds skranke.db and the folder blobs. It is made if it is missing.
	Dir string

	// Database is the URL of a PostgreSQL database to be used instead of
	// skranke.db, "" for none.
	Database string

	// Bucket keeps the contents of attachments instead of the folder blobs, if it
	// is not the zero value; files on their way are still spooled there.
	Bucket Bucket

	// Readers is how many reads may run at the same time; 0 picks a number
	// fit for the machine.
	Readers int

	// Memory is how many bytes may be spent on remembering tickets and sessions
	// that were read, so that reading them again needs no database; 0 is none.
	Memory int64

	// Log may be nil.
	Log *slog.Logger

	// Now tells the time; nil is time.Now.
	Now func() time.Time

	// Fail is for tests: what it returns before an operation, such as a statement
	// or a commit, is the error of that operation, which is not done then. Nothing
	// may be remembered meanwhile.
	Fail func(doing string) error
}

// DB is an open database. It may be used by many goroutines, and other
// processes may use the same folder meanwhile.
type DB struct {
	dialect *dialect
	target  string
	log     *slog.Logger
	now     func() time.Time
	fail    func(doing string) error
	blobs   *Blobs

	schema int64 // the newest version this program knows; 0 if it does not mind
	newer  newer

	closed    chan struct{}
	closeOnce sync.Once

	readTurn chan struct{} // a place for each read that may run
	idleMu   sync.Mutex
	idle     []conn // open reading connections; the last used is taken first

	writeTurn chan struct{} // one place
	waiting   atomic.Int32  // writes waiting for it
	writer    conn          // nil until needed; belongs to the holder of the turn, as does group
	group     *group        // nil unless a transaction is open

	checkpoints checkpoints // belongs to the holder of the turn as well

	bell chan struct{} // holds one ring
	work work          // what was done

	memory *memory // nil if nothing is remembered
}

// Open opens the database in o.Dir, makes it if it is missing and brings its
// schema up to date. It returns ErrDamaged if the file is no database, and
// ErrNewerSchema if a newer skranke has brought it up to date; if one does so
// later, while the database is open, so do all reads and writes.
func Open(ctx context.Context, o Options) (*DB, error) { return openAs(ctx, o, NewestSchema()) }

// openAs is Open for a program that knows the schema up to a version.
func openAs(ctx context.Context, o Options, schema int64) (*DB, error) {
	if o.Readers <= 0 {
		o.Readers = max(4, runtime.GOMAXPROCS(0))
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening database: %w", err)
	}
	kind := &sqlite
	if o.Database != "" {
		var err error
		if kind, err = postgres(o.Database); err != nil {
			return nil, err
		}
	}
	blobs, err := openBlobs(filepath.Join(o.Dir, "blobs"), o.Bucket)
	if err != nil {
		return nil, err
	}
	db := &DB{
		dialect:   kind,
		target:    filepath.Join(o.Dir, "skranke.db"),
		log:       o.Log,
		now:       o.Now,
		fail:      o.Fail,
		blobs:     blobs,
		closed:    make(chan struct{}),
		readTurn:  make(chan struct{}, o.Readers),
		writeTurn: make(chan struct{}, 1),
		bell:      make(chan struct{}, 1),
	}
	if err := db.migrate(ctx, schema); err != nil {
		db.Close()
		return nil, err
	}
	db.schema = schema
	if db.memory, err = newMemory(ctx, db, o.Memory); err != nil {
		db.Close()
		return nil, err
	}
	db.watchWriter()
	return db, nil
}

// Close waits for running transactions and closes all connections. Whoever
// reads or writes later gets ErrClosed. Closing twice is no error.
func (db *DB) Close() error {
	var errs []error
	db.closeOnce.Do(func() {
		close(db.closed)
		for range cap(db.readTurn) {
			db.readTurn <- struct{}{}
		}
		db.writeTurn <- struct{}{}
		for _, c := range db.idle {
			errs = append(errs, c.close())
		}
		db.idle = nil
		if db.group != nil {
			db.commit()
		}
		if db.writer != nil {
			errs = append(errs, db.writer.close())
			db.writer = nil
		}
		errs = append(errs, db.memory.close())
	})
	return errors.Join(errs...)
}

// Blobs gives the contents of attachments.
func (db *DB) Blobs() *Blobs { return db.blobs }

// ReadTx is one snapshot of the database: what others write meanwhile does not
// show. It serves one goroutine and ends with the function it was handed to.
type ReadTx struct {
	conn    conn
	dialect *dialect
	now     func() time.Time
	schema  int64 // that the program knows, 0 if it need not be looked at any more

	short bool // there is no transaction: one statement is all
	begun bool // a short read has run it

	memory *memory // nil if nothing is remembered
	as     *beat   // how the database was when the transaction began, nil if that is not known
	at     *state  // there is no database: all comes from the memory, right for this state
	missed bool    // something was not remembered
}

// WriteTx is a transaction that changes the database.
type WriteTx struct {
	ReadTx
	enqueued bool // a job waits for the commit
}

// Read runs fn on one snapshot of the database. The error is fn's own, the
// context's if it ended first, or that of the database.
func (db *DB) Read(ctx context.Context, fn func(*ReadTx) error) error {
	return db.read(ctx, fn, false)
}

// readLong is Read for an fn that reads everything, in a command, not in a server:
// a connection never gives back the memory it takes for that.
func (db *DB) readLong(ctx context.Context, fn func(*ReadTx) error) error {
	return db.Read(ctx, func(tx *ReadTx) error {
		if err := tx.takeTime(ctx); err != nil {
			return err
		}
		return fn(tx)
	})
}

// takeTime readies the transaction for reading or writing everything.
func (tx *ReadTx) takeTime(ctx context.Context) error {
	return tx.each(ctx, tx.dialect.unhurried, func(*rows) {})
}

// ReadShort is Read for an fn that mostly runs a single statement, which is a
// snapshot without a transaction around it. An fn that runs more is run again,
// in one; so it must not mind being run twice.
// What is remembered since an earlier read needs no database; then, too, fn may
// be run again.
func (db *DB) ReadShort(ctx context.Context, fn func(*ReadTx) error) error {
	if now := db.memory.present(); now != nil && !db.newer.seen.Load() {
		tx := ReadTx{dialect: db.dialect, now: db.now, memory: db.memory, at: now}
		if err := fn(&tx); !tx.missed && db.memory.still(now) {
			return err
		}
	}
	err := db.read(ctx, fn, true)
	if errors.Is(err, errNotShort) {
		return db.read(ctx, fn, false)
	}
	return err
}

// errNotShort ends a short read at its second statement.
var errNotShort = errors.New("store: a short read is not short")

func (db *DB) read(ctx context.Context, fn func(*ReadTx) error, short bool) error {
	if err := db.admit(ctx); err != nil {
		return err
	}
	if err := db.enter(ctx, db.readTurn); err != nil {
		return err
	}
	defer func() { <-db.readTurn }()

	c, err := db.reader(ctx)
	if err != nil {
		return err
	}
	sound := false
	defer func() {
		if !sound { // a failed end, or a panic: nobody shall meet this connection again
			c.close()
			return
		}
		db.idleMu.Lock()
		db.idle = append(db.idle, c)
		db.idleMu.Unlock()
	}()

	tx := &ReadTx{conn: c, dialect: db.dialect, now: db.now, schema: db.schema, short: short, memory: db.memory, as: db.memory.beat()}
	if short {
		err := fn(tx)
		sound = true
		return db.noteNewer(ctx, err)
	}
	if err := c.begin(ctx, false); err != nil {
		sound = c.rollback() == nil
		return fmt.Errorf("beginning to read: %w", err)
	}
	if err := fn(tx); err != nil {
		sound = c.rollback() == nil
		return db.noteNewer(ctx, err)
	}
	if err := c.commit(); err != nil {
		return fmt.Errorf("ending a read: %w", err)
	}
	sound = true
	return nil
}

// reader takes an open connection or opens one. The caller holds a turn.
func (db *DB) reader(ctx context.Context) (conn, error) {
	db.idleMu.Lock()
	if n := len(db.idle); n > 0 {
		c := db.idle[n-1]
		db.idle = db.idle[:n-1]
		db.idleMu.Unlock()
		return c, nil
	}
	db.idleMu.Unlock()
	return db.connect(ctx, false)
}

// enter waits for a free place among the turns.
func (db *DB) enter(ctx context.Context, turns chan struct{}) error {
	select {
	case <-db.closed:
		return ErrClosed
	default:
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case turns <- struct{}{}:
		return nil
	default:
	}
	select {
	case turns <- struct{}{}:
		return nil
	case <-db.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// query runs a statement with results; the rows must be closed.
func (tx *ReadTx) query(ctx context.Context, sql string, args ...arg) *rows {
	if tx.at != nil {
		return tx.miss()
	}
	if tx.short && tx.begun {
		return &rows{err: errNotShort}
	}
	tx.begun = true
	return tx.conn.query(ctx, sql, args)
}

// remembered replays what a statement found that was recorded under key. ok says
// whether no person was changed since.
func (tx *ReadTx) remembered(key memoKey) (r *rows, personsHold bool) {
	found, persons, ok := tx.memory.get(&key)
	if !ok {
		return tx.miss(), false
	}
	return &rows{record: found}, persons == tx.at.persons
}

// miss sends the read to the database.
func (tx *ReadTx) miss() *rows {
	tx.missed = true
	return &rows{err: errNotRemembered}
}

// errNotRemembered ends a read from memory.
var errNotRemembered = errors.New("store: that is not remembered")

// recorded runs a statement whose result hangs on nothing but the rows that
// key's record is forgotten with, and remembers what it finds. versions tells,
// afterwards, the versions of the lists and of people that were found, 0 for none.
func (tx *ReadTx) recorded(ctx context.Context, key func(*state) memoKey, versions func() (catalog, people int64), sql string, args ...arg) *rows {
	r := tx.query(ctx, sql, args...)
	if tx.as == nil || r.err != nil {
		return r
	}
	return &rows{cur: &recorder{cur: r.cur, buf: make([]byte, personsSize, 512), keep: func(record []byte) {
		f := finding{as: *tx.as, key: key, record: record}
		f.catalog, f.people = versions()
		tx.memory.keep(&f)
	}}}
}

// one runs a statement of which at most one row matters. If there is one, read
// gets it.
func (tx *ReadTx) one(ctx context.Context, sql string, read func(*rows), args ...arg) (bool, error) {
	r := tx.query(ctx, sql, args...)
	defer r.close()
	if !r.next() {
		return false, r.err
	}
	read(r)
	return true, nil
}

// each runs a statement and hands read every row.
func (tx *ReadTx) each(ctx context.Context, sql string, read func(*rows), args ...arg) error {
	r := tx.query(ctx, sql, args...)
	defer r.close()
	for r.next() {
		read(r)
	}
	return r.err
}

// number runs a statement with one number as result, 0 if it has no row.
func (tx *ReadTx) number(ctx context.Context, sql string, args ...arg) (int64, error) {
	var n int64
	_, err := tx.one(ctx, sql, func(r *rows) { n = r.int64() }, args...)
	return n, err
}

// exec runs a statement and returns how many rows it changed.
func (tx *WriteTx) exec(ctx context.Context, sql string, args ...arg) (int64, error) {
	return tx.conn.exec(ctx, sql, args)
}

// Check looks through the whole database for damage. It takes a while.
func (db *DB) Check(ctx context.Context) error {
	if db.dialect.check == "" {
		return nil
	}
	return db.Read(ctx, func(tx *ReadTx) error {
		var faults []error
		err := tx.each(ctx, db.dialect.check, func(r *rows) {
			if fault := r.text(); fault != "ok" {
				faults = append(faults, errors.New(fault))
			}
		})
		if err != nil {
			return fmt.Errorf("checking the database: %w", err)
		}
		return errors.Join(faults...)
	})
}

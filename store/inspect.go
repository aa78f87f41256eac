package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// databaseFile is the name of the database in its folder.
const databaseFile = "skranke.db"

// Inspect opens the database in o.Dir for reading, as it is: nothing is made,
// brought up to date or changed. Other processes may be using it. It returns
// fs.ErrNotExist if there is none, ErrNoTables if that on a server is none of
// ours, ErrNewerSchema if a newer skranke has brought it up to date.
func Inspect(ctx context.Context, o Options) (*DB, error) {
	db, err := inspect(ctx, o, "mode=ro")
	if err == nil || o.Database != "" || errors.Is(err, ErrNewerSchema) || errors.Is(err, fs.ErrNotExist) || ctx.Err() != nil {
		return db, err
	}
	// Beside a database that may be in use SQLite makes a file, and on a disk
	// that can only be read it cannot. If there is no log of changes, nobody
	// uses it.
	if info, statErr := os.Stat(filepath.Join(o.Dir, databaseFile+"-wal")); statErr == nil && info.Size() > 0 {
		return nil, err
	}
	db, immutable := inspect(ctx, o, "immutable=1")
	if immutable != nil {
		return nil, err
	}
	return db, nil
}

// Glance is Inspect that leaves nothing beside a database of files which nobody
// has open: SQLite's helpers would belong to who looks, and the server could not
// use them. Should somebody open it meanwhile, what is read may be wrong.
func Glance(ctx context.Context, o Options) (*DB, error) {
	open := slices.ContainsFunc([]string{"-wal", "-shm"}, func(helper string) bool {
		_, err := os.Stat(filepath.Join(o.Dir, databaseFile+helper))
		return !errors.Is(err, fs.ErrNotExist)
	})
	if o.Database != "" || open {
		return Inspect(ctx, o)
	}
	return inspect(ctx, o, "immutable=1")
}

// inspect is Inspect with a parameter of SQLite's: mode=ro looks at a database
// that may be in use, immutable=1 at a file nobody changes, without leaving
// files of its own beside it.
func inspect(ctx context.Context, o Options, how string) (*DB, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	db := &DB{
		dialect:   &sqlite,
		log:       o.Log,
		now:       o.Now,
		blobs:     &Blobs{shelf: &folders{filepath.Join(o.Dir, "blobs")}, spool: filepath.Join(o.Dir, "blobs", spool)},
		closed:    make(chan struct{}),
		readTurn:  make(chan struct{}, max(2, o.Readers)),
		writeTurn: make(chan struct{}, 1),
		bell:      make(chan struct{}, 1),
	}
	if o.Bucket.URL != "" {
		db.blobs.spool = os.TempDir()
		if err := db.blobs.use(o.Bucket); err != nil {
			return nil, err
		}
	}
	if o.Database != "" {
		var err error
		if db.dialect, err = postgres(o.Database); err != nil {
			return nil, err
		}
	} else {
		path, err := filepath.Abs(filepath.Join(o.Dir, databaseFile))
		if err == nil {
			_, err = os.Stat(path)
		}
		if err != nil {
			return nil, fmt.Errorf("inspecting a database: %w", err)
		}
		db.target = (&url.URL{Scheme: "file", Path: path, RawQuery: how}).String()
	}
	if _, err := db.Schema(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// IsInstallation says whether there is an installation with its database in dir,
// not a backup, of which that is a part as well: whatever else is missing, an
// installation has a place for files on their way.
func IsInstallation(dir string) bool {
	for _, name := range [...]string{databaseFile, filepath.Join("blobs", spool)} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	_, err := os.Stat(filepath.Join(dir, manifestFile))
	return errors.Is(err, fs.ErrNotExist)
}

// Schema is the version of the database's schema. It returns ErrNewerSchema if
// this program does not know it, ErrNoTables if it has none.
func (db *DB) Schema(ctx context.Context) (have int64, err error) {
	newest := NewestSchema()
	err = db.Read(ctx, func(tx *ReadTx) error {
		if _, ok := tx.conn.(snapshotter); !ok {
			names, err := tx.tableNames(ctx)
			if err == nil && !slices.Contains(names, "migration") {
				err = ErrNoTables
			}
			if err != nil {
				return err
			}
		}
		have, err = tx.number(ctx, schemaVersion)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("looking for the version of the schema: %w", err)
	}
	if have > newest {
		return have, fmt.Errorf("%w: its schema is version %d, this program knows %d", ErrNewerSchema, have, newest)
	}
	return have, nil
}

// NewestSchema is the version databases are brought up to.
func NewestSchema() int64 {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	return int64(len(names))
}

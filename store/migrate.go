package store

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"
)

// The migrations in order. The list only ever grows: a file that was released
// is not changed.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step of the schema.
type migration struct {
	version int64
	name    string
	script  string
}

// migrations reads the steps. File names begin with their number, counted from
// 1 without gaps.
func migrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var list []migration
	for _, name := range names { // sorted
		base := name[len("migrations/"):]
		version, err := strconv.ParseInt(base[:min(4, len(base))], 10, 64)
		if err != nil || version != int64(len(list)+1) {
			return nil, fmt.Errorf("migration %s is not number %d", base, len(list)+1)
		}
		script, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		list = append(list, migration{version: version, name: base, script: string(script)})
	}
	return list, nil
}

// fills are what steps do after their script because SQL cannot: folding texts.
var fills = map[string]func(context.Context, *WriteTx) error{
	"0006_names.sql": foldNames,
}

// migrate brings the schema up to a version, each step in a transaction of its own.
func (db *DB) migrate(ctx context.Context, version int64) error {
	list, err := migrations(migrationFiles)
	if err != nil {
		return err
	}
	for _, m := range list[:version] {
		err := db.Write(ctx, func(tx *WriteTx) error { return db.migrateTo(ctx, tx, m, version) })
		if err != nil {
			return err
		}
	}
	return nil
}

// migrateTo runs one step, of those up to newest, if it was not run yet. Another process may be doing
// the same, so what was done is looked up inside the transaction.
func (db *DB) migrateTo(ctx context.Context, tx *WriteTx, m migration, newest int64) error {
	const history = `CREATE TABLE IF NOT EXISTS migration (
		version BIGINT NOT NULL PRIMARY KEY,
		name {TEXT} NOT NULL,
		applied_at BIGINT
	)`
	if err := tx.conn.script(ctx, db.dialect.words.Replace(history)); err != nil {
		return err
	}
	have, err := tx.number(ctx, schemaVersion)
	if err != nil {
		return err
	}
	if have > newest {
		return fmt.Errorf("%w: its schema is version %d, this program knows %d", ErrNewerSchema, have, newest)
	}
	if have >= m.version {
		return nil
	}
	db.log.InfoContext(ctx, "changing the database schema", "migration", m.name)
	if err := db.run(ctx, tx, m); err != nil {
		return fmt.Errorf("bringing the database up to date, %s: %w", m.name, err)
	}
	return nil
}

// run runs one step and notes that it was.
func (db *DB) run(ctx context.Context, tx *WriteTx, m migration) error {
	if err := tx.conn.script(ctx, db.dialect.words.Replace(m.script)); err != nil {
		return err
	}
	if fill := fills[m.name]; fill != nil {
		if err := fill(ctx, tx); err != nil {
			return err
		}
	}
	_, err := tx.exec(ctx, `INSERT INTO migration (version, name, applied_at) VALUES ($1, $2, $3)`,
		num(m.version), text(m.name), moment(db.now()))
	return tx.changed(ctx, err) // which older programs notice
}

// SchemaName is made of the migrations this program knows: it differs whenever
// they do.
func SchemaName() (string, error) {
	list, err := migrations(migrationFiles)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, m := range list {
		fmt.Fprintf(hash, "%s\n%s\n%s\n", m.name, m.script, postgresFaqIndex.create+postgresTitleIndex)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}

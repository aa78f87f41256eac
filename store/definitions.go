package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
)

// definition is how a part of the schema is defined.
type definition struct {
	kind string // table, column, index, ...
	of   string // the table it belongs to
	text string // the same wherever the schema lies
}

// definitions are those of the schema, by the names of its parts.
func (tx *ReadTx) definitions(ctx context.Context) (map[string]definition, error) {
	all := map[string]definition{}
	err := tx.each(ctx, tx.dialect.definitions, func(r *rows) {
		d := definition{kind: r.text()}
		name := r.text()
		d.of, d.text = r.text(), strings.Join(strings.Fields(r.text()), " ")
		all[name] = d
	})
	if err != nil {
		return nil, fmt.Errorf("listing what the schema is made of: %w", err)
	}
	return all, nil
}

// fresh is what a new database is like: its tables, and which of their columns
// are declared to name rows of others. Every kind of database has these, but for
// what its indexes keep.
type fresh struct {
	definitions map[string]definition
	declared    []reference
}

// newFresh finds out what a new database of that schema is like.
func newFresh(ctx context.Context, schema int64, like *DB) (*fresh, error) {
	dir, err := os.MkdirTemp("", "skranke-verify-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	db, err := newDraft(ctx, dir, schema, like)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	f := new(fresh)
	err = db.Write(ctx, func(tx *WriteTx) error { // a draft has one connection
		if f.definitions, err = tx.definitions(ctx); err != nil {
			return err
		}
		return tx.each(ctx, `SELECT t.name, f."from", f."table" FROM pragma_table_list() t, pragma_foreign_key_list(t.name) f
			WHERE t.type = 'table' AND t.schema = 'main' ORDER BY t.name, f.id`, func(r *rows) {
			f.declared = append(f.declared, reference{table: r.text(), column: r.text(), to: r.text()})
		})
	})
	return f, err
}

// has says whether the table is ours: one of every database, or the rows of an
// extra table.
func (f *fresh) has(table string) bool {
	_, extra := extraTableOf(table)
	return extra || f.definitions[table].kind == "table"
}

// definedAnew are the definitions a new database of the same kind would have. A
// server makes them apart, in a transaction that is rolled back, which takes the
// right to make temporary tables and holds up nobody.
func (db *DB) definedAnew(ctx context.Context, schema int64) (all map[string]definition, err error) {
	list, err := migrations(migrationFiles)
	if err != nil {
		return nil, err
	}
	c, err := db.dialect.open(ctx, db.target, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.begin(ctx, false); err != nil {
		return nil, err
	}
	defer c.rollback()
	tx := &WriteTx{ReadTx: ReadTx{conn: c, dialect: db.dialect, now: db.now}}
	for _, sql := range db.dialect.apart {
		if _, err := tx.exec(ctx, sql); err != nil {
			return nil, err
		}
	}
	anew := &DB{dialect: db.dialect, now: db.now, log: slog.New(slog.DiscardHandler)}
	for _, m := range list[:schema] {
		if err := anew.migrateTo(ctx, tx, m, int64(len(list))); err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return tx.definitions(ctx)
}

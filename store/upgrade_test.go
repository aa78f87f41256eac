package store

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
)

// OpenAs is Open for a program that knows the schema up to a version.
func OpenAs(ctx context.Context, o Options, schema int64) (*DB, error) { return openAs(ctx, o, schema) }

// oldDatabase makes a database of files, of an older schema, with two rows in each
// of its tables, and returns its folder.
func oldDatabase(t *testing.T, version int) string {
	t.Helper()
	dir := t.TempDir()
	makeOld(t, Options{Dir: dir}, version)
	return dir
}

// makeOld makes a database of an older schema, with two rows in each of its tables.
func makeOld(t *testing.T, o Options, version int) {
	t.Helper()
	db := bare(t, o)
	defer db.Close()
	ctx := t.Context()
	if err := db.migrate(ctx, int64(version)); err != nil {
		t.Fatal(err)
	}
	w, err := db.blobs.Create()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	fmt.Fprint(w, "x")
	sha, _, err := w.Commit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(ctx, func(tx *WriteTx) error { return fillAll(ctx, tx, sha) }); err != nil {
		t.Fatal(err)
	}
}

// bare is a database that was not brought up to date.
func bare(t *testing.T, o Options) *DB {
	t.Helper()
	kind := &sqlite
	if o.Database != "" {
		var err error
		if kind, err = postgres(o.Database); err != nil {
			t.Fatal(err)
		}
	}
	blobs, err := openBlobs(filepath.Join(o.Dir, "blobs"), Bucket{})
	if err != nil {
		t.Fatal(err)
	}
	return &DB{
		dialect: kind, target: filepath.Join(o.Dir, databaseFile), log: slog.New(slog.DiscardHandler), now: time.Now, blobs: blobs,
		closed: make(chan struct{}), readTurn: make(chan struct{}, 2), writeTurn: make(chan struct{}, 1), bell: make(chan struct{}, 1),
	}
}

// fillAll puts two rows into every table: whole numbers and texts are the number of
// the row, so that all of them name rows that are there.
func fillAll(ctx context.Context, tx *WriteTx, sha string) error {
	names, tables, err := tx.allTables(ctx)
	if err != nil {
		return err
	}
	for _, table := range names { // those others refer to first
		if table == "catalog" || notCompared(table) {
			continue
		}
		for row := range 2 {
			if err := fillRow(ctx, tx, table, tables[table], row+1, sha); err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
		}
	}
	if err := countOn(ctx, tx); err != nil {
		return err
	}
	for row := int64(1); row <= 2; row++ {
		if err := tx.MakeExtraRows(ctx, skranke.ExtraTableID(row)); err != nil {
			return err
		}
		if err := tx.indexFaqEntry(ctx, skranke.FaqEntryID(row), FaqWords{Head: "title", Body: "answer"}); err != nil {
			return err
		}
	}
	return nil
}

// countOn has every sequence know of the two rows of its table.
func countOn(ctx context.Context, tx *WriteTx) error {
	var counted []string
	err := tx.each(ctx, tx.dialect.sequences, func(r *rows) { counted = append(counted, r.text()) })
	if err != nil {
		return err
	}
	for _, table := range counted {
		for _, sql := range tx.dialect.setSequence {
			if err := tx.each(ctx, strings.ReplaceAll(sql, "@", table), func(*rows) {}, num(2)); err != nil {
				return err
			}
		}
	}
	return nil
}

func fillRow(ctx context.Context, tx *WriteTx, table string, columns []column, row int, sha string) error {
	var names []string
	var values []arg
	for _, c := range columns {
		value := num(row)
		switch kind := columnKinds[strings.ToLower(c.kind)]; {
		case kind == argBool:
			value = flag(false)
		case kind == argFloat:
			value = float(float64(row))
		case kind == argBlob:
			value = blob([]byte{byte(row)})
		case table == "attachment" && c.name == "sha256":
			value = text(sha)
		case table == "attachment" && c.name == "size", table == "faq_entry" && c.name == "score":
			value = num(1)
		case strings.HasSuffix(c.name, "_list"):
			value = text("[]")
		case kind == argText:
			value = text(fmt.Sprint(row))
		}
		names, values = append(names, `"`+c.name+`"`), append(values, value)
	}
	list := strings.Join(names, ", ")
	_, err := tx.exec(ctx, "INSERT INTO "+table+" ("+list+") VALUES "+rowPlaces(1, len(names)), values...)
	return err
}

// notCompared says whether the table is not data: its rows are others after an upgrade.
func notCompared(table string) bool { return table == "migration" || ofIndex(table) }

// allTables lists the tables, those others refer to first, and their columns.
func (tx *ReadTx) allTables(ctx context.Context) (names []string, tables map[string][]column, err error) {
	if names, err = tx.tableNames(ctx); err != nil {
		return nil, nil, err
	}
	tables = map[string][]column{}
	for _, table := range names {
		err := tx.each(ctx, tx.dialect.columns, func(r *rows) {
			tables[table] = append(tables[table], column{name: r.text(), kind: r.text()})
		}, text(table))
		if err != nil {
			return nil, nil, err
		}
	}
	return names, tables, nil
}

// allRows is every value of every row of those columns, by table.
func allRows(t *testing.T, db *DB, tables map[string][]column) map[string][]string {
	t.Helper()
	quoted := `quote("%s")`
	if db.dialect.name != sqlite.name {
		quoted = `quote_nullable(CAST("%s" AS TEXT))`
	}
	all := map[string][]string{}
	err := db.Read(t.Context(), func(tx *ReadTx) error {
		for table, columns := range tables {
			if notCompared(table) {
				continue
			}
			names := make([]string, len(columns))
			for i, c := range columns {
				names[i] = fmt.Sprintf(quoted, c.name)
			}
			err := tx.each(t.Context(), "SELECT "+strings.Join(names, " || ',' || ")+" FROM "+table, func(r *rows) { all[table] = append(all[table], r.text()) })
			if err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			slices.Sort(all[table])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// everyTable lists the tables of a database and their columns.
func everyTable(t *testing.T, db *DB) (tables map[string][]column) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *ReadTx) (err error) {
		_, tables, err = tx.allTables(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// faultsIn are the faults of the installation in dir.
func faultsIn(t *testing.T, dir string) []string {
	t.Helper()
	return faultsOf(t, Options{Dir: dir}, nil)
}

func faultsOf(t *testing.T, o Options, words func(*skranke.FaqEntry) FaqWords) (faults []string) {
	t.Helper()
	v, err := Verify(t.Context(), o, VerifyOptions{FaqWords: words, Report: func(f Fault) { faults = append(faults, f.String()) }})
	if err != nil {
		t.Fatal(err)
	}
	if v.Faults != len(faults) {
		t.Errorf("got a count of %d faults, want %d", v.Faults, len(faults))
	}
	return faults
}

// Upgrade makes a database of an older schema and brings it up to date. It keeps
// all its rows, whoever else is doing the same at the moment.
func Upgrade(t *testing.T, o Options, version int) {
	makeOld(t, o, version)
	words := func(*skranke.FaqEntry) FaqWords { return FaqWords{Head: "title", Body: "answer"} }
	if faults := faultsOf(t, o, words); len(faults) > 0 { // the rehearsal
		t.Errorf("before: got %q, want no fault", faults)
	}
	before, err := inspect(t.Context(), o, "mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	if schema, err := before.Schema(t.Context()); err != nil || schema != int64(version) {
		t.Errorf("after looking: got schema %d, %v, want %d as it was", schema, err, version)
	}
	tables := everyTable(t, before)
	delete(tables, "catalog") // counts upgrades as well
	want := allRows(t, before, tables)
	for table, rows := range want {
		if len(rows) < 2 && !strings.HasPrefix(table, "y_") {
			t.Errorf("%s: got %d rows to begin with, want two", table, len(rows))
		}
	}

	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			db, err := Open(context.WithoutCancel(t.Context()), o)
			if err != nil {
				t.Errorf("opening: %v", err)
				return
			}
			if err := db.Close(); err != nil {
				t.Errorf("closing: %v", err)
			}
		})
	}
	group.Wait()
	got := allRows(t, before, tables)
	for table := range want {
		if !slices.Equal(got[table], want[table]) {
			t.Errorf("%s: got %q, want %q", table, got[table], want[table])
		}
	}
	if schema, err := before.Schema(t.Context()); err != nil || schema != NewestSchema() {
		t.Errorf("after: got schema %d, %v, want %d", schema, err, NewestSchema())
	}
	if faults := faultsOf(t, o, words); len(faults) > 0 {
		t.Errorf("after: got %q, want no fault", faults)
	}
}

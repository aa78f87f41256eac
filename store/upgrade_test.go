package store

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
)

// oldDatabase makes a database of an older schema, with two rows in each of its
// tables, and returns its folder.
func oldDatabase(t *testing.T, version int) string {
	t.Helper()
	dir := t.TempDir()
	blobs, err := openBlobs(filepath.Join(dir, "blobs"), Bucket{})
	if err != nil {
		t.Fatal(err)
	}
	db := bare(dir, blobs)
	defer db.Close()
	ctx := t.Context()
	list, err := migrations(migrationFiles)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list[:version] {
		err := db.Write(ctx, func(tx *WriteTx) error { return db.migrateTo(ctx, tx, m, int64(len(list))) })
		if err != nil {
			t.Fatal(err)
		}
	}
	w, err := blobs.Create()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "x")
	sha, _, err := w.Commit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(ctx, func(tx *WriteTx) error { return fillAll(ctx, tx, sha) }); err != nil {
		t.Fatal(err)
	}
	return dir
}

// bare is a database that was not brought up to date.
func bare(dir string, blobs *Blobs) *DB {
	return &DB{
		dialect: &sqlite, target: filepath.Join(dir, databaseFile), log: slog.New(slog.DiscardHandler), now: time.Now, blobs: blobs,
		closed: make(chan struct{}), readTurn: make(chan struct{}, 2), writeTurn: make(chan struct{}, 1), bell: make(chan struct{}, 1),
	}
}

// fillAll puts two rows into every table: whole numbers and texts are the number of
// the row, so that all of them name rows that are there.
func fillAll(ctx context.Context, tx *WriteTx, sha string) error {
	if _, err := tx.exec(ctx, `PRAGMA defer_foreign_keys = on`); err != nil {
		return err
	}
	v := &verifier{tx: &tx.ReadTx}
	tables, err := v.tables(ctx)
	if err != nil {
		return err
	}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		if table == "migration" || table == "catalog" || strings.HasPrefix(table, "faq_index") || strings.HasPrefix(table, "ticket_title") {
			continue
		}
		for row := range 2 {
			var names, values []string
			for _, c := range tables[table] {
				value := fmt.Sprint(row + 1)
				switch {
				case c.kind == "BOOLEAN":
					value = "0"
				case c.kind == "BLOB":
					value = fmt.Sprintf("x'0%d'", row+1)
				case table == "attachment" && c.name == "sha256":
					value = "'" + sha + "'"
				case table == "attachment" && c.name == "size", table == "faq_entry" && c.name == "score":
					value = "1"
				case strings.HasSuffix(c.name, "_list"):
					value = "'[]'"
				case c.kind == "TEXT":
					value = "'" + value + "'"
				}
				names, values = append(names, `"`+c.name+`"`), append(values, value)
			}
			if _, err := tx.exec(ctx, "INSERT INTO "+table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(values, ", ")+")"); err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
		}
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

// allRows is every value of every row of those columns, by table.
func allRows(t *testing.T, db *DB, tables map[string][]column) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := db.Read(t.Context(), func(tx *ReadTx) error {
		for table, columns := range tables {
			if table == "migration" || strings.HasPrefix(table, "faq_index") || strings.HasPrefix(table, "ticket_title") {
				continue
			}
			names := make([]string, len(columns))
			for i, c := range columns {
				names[i] = `quote("` + c.name + `")`
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
		tables, err = (&verifier{tx: tx}).tables(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// faultsIn are the faults of the installation in dir.
func faultsIn(t *testing.T, dir string) (faults []string) {
	t.Helper()
	v, err := Verify(t.Context(), Options{Dir: dir}, VerifyOptions{Report: func(f Fault) { faults = append(faults, f.String()) }})
	if err != nil {
		t.Fatal(err)
	}
	if v.Faults != len(faults) {
		t.Errorf("got a count of %d faults, want %d", v.Faults, len(faults))
	}
	return faults
}

// A database of any released schema keeps all its rows when it is brought up to
// date, whoever else is doing the same at the moment.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	for version := 1; version <= int(NewestSchema()); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			dir := oldDatabase(t, version)
			if faults := faultsIn(t, dir); len(faults) > 0 { // the rehearsal
				t.Errorf("before: got %q, want no fault", faults)
			}
			before, err := inspect(t.Context(), Options{Dir: dir}, "mode=ro")
			if err != nil {
				t.Fatal(err)
			}
			defer before.Close()
			if schema, err := before.Schema(t.Context()); err != nil || schema != int64(version) {
				t.Errorf("after looking: got schema %d, %v, want %d as it was", schema, err, version)
			}
			tables := everyTable(t, before)
			want := allRows(t, before, tables)
			for table, rows := range want {
				if len(rows) < 2 && !strings.HasPrefix(table, "y_") {
					t.Errorf("%s: got %d rows to begin with, want two", table, len(rows))
				}
			}

			var group sync.WaitGroup
			for range 3 {
				group.Go(func() {
					db, err := Open(context.WithoutCancel(t.Context()), Options{Dir: dir})
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
			if faults := faultsIn(t, dir); len(faults) > 0 {
				t.Errorf("after: got %q, want no fault", faults)
			}
		})
	}
}

package store

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"skranke"
)

// rowWise is an installation whose backups are made row by row, as those of
// PostgreSQL are.
func rowWise(t *testing.T, dir string) *DB {
	t.Helper()
	db, err := inspect(t.Context(), Options{Dir: dir}, "mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, c := range db.idle {
		c.close()
	}
	db.idle = nil
	db.fail = func(string) error { return nil } // such connections copy no pages
	return db
}

// A backup that is made row by row holds what one page by page does, of the oldest
// schema, too.
func TestBackupByRows(t *testing.T) {
	t.Parallel()
	words := BackupOptions{FaqWords: func(*skranke.FaqEntry) FaqWords { return FaqWords{Head: "title", Body: "answer"} }}
	for _, version := range []int{1, int(NewestSchema())} {
		dir := oldDatabase(t, version)
		db := rowWise(t, dir)
		tables := everyTable(t, db)
		want := allRows(t, db, tables)
		to := filepath.Join(t.TempDir(), "backup")
		var told, most int64
		words.Progress = func(done, total int64) { told, most = max(told, done), total }
		m, err := db.BackupTo(t.Context(), to, words)
		if err != nil {
			t.Fatalf("schema %d: %v", version, err)
		}
		if m.Schema != int64(version) || m.Rows["ticket"] != 2 || m.Contents.Files != 1 || told != most {
			t.Errorf("schema %d: got %+v, progress %d of %d", version, m, told, most)
		}
		if got, want := names(t, to), []string{"blobs", manifestFile, databaseFile}; !slices.Equal(got, want) {
			t.Errorf("schema %d: got %q, want %q", version, got, want)
		}
		made, err := inspect(t.Context(), Options{Dir: to}, "immutable=1")
		if err != nil {
			t.Fatal(err)
		}
		got := allRows(t, made, tables)
		for table := range want {
			if !slices.Equal(got[table], want[table]) {
				t.Errorf("schema %d, %s: got %q, want %q", version, table, got[table], want[table])
			}
		}
		made.Close()
		if faults, err := BackupIn(to).faults(t); err != nil || len(faults) > 0 {
			t.Errorf("schema %d: got %q, %v, want no fault", version, faults, err)
		}
		restored := t.TempDir()
		if _, err := BackupIn(to).RestoreTo(t.Context(), Options{Dir: restored}, RestoreOptions{}); err != nil {
			t.Fatal(err)
		}
		if faults := faultsIn(t, restored); len(faults) > 0 {
			t.Errorf("schema %d, restored: got %q, want no fault", version, faults)
		}
	}
}

// A table that lost rows while it was copied shows.
func TestTablesChangedMeanwhile(t *testing.T) {
	t.Parallel()
	err := allCopied([]CopiedTable{{Name: "ticket", Rows: 2}, {Name: "message", Rows: 0}}, map[string]int64{"ticket": 2, "message": 3})
	if err == nil || !strings.Contains(err.Error(), "message has 0 rows, not 3") {
		t.Errorf("got %v, want that messages are missing", err)
	}
}

// What ends a backup row by row, and when: nothing is left of it.
func TestFailedBackupByRows(t *testing.T) {
	t.Parallel()
	dir := oldDatabase(t, int(NewestSchema()))
	statements := 0
	db := rowWise(t, dir)
	db.fail = func(string) error { statements++; return nil }
	to := t.TempDir()
	o := BackupOptions{FaqWords: func(*skranke.FaqEntry) FaqWords { return FaqWords{} }}
	if _, err := db.BackupTo(t.Context(), filepath.Join(to, "whole"), o); err != nil {
		t.Fatal(err)
	}
	last := statements
	for _, n := range []int{1, last / 3, 2 * last / 3, last - 1} {
		statements = 0
		db := rowWise(t, dir)
		db.fail = func(string) error {
			if statements++; statements >= n {
				return errFull
			}
			return nil
		}
		if _, err := db.BackupTo(t.Context(), filepath.Join(to, "part"), o); err == nil || !strings.Contains(err.Error(), errFull.Error()) {
			t.Errorf("statement %d of %d: got %v, want %v", n, last, err, errFull)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	o.Progress = func(int64, int64) { stop() }
	if _, err := rowWise(t, dir).BackupTo(stopped, filepath.Join(to, "part"), o); err == nil {
		t.Error("stopped: got no error")
	}
	if got := names(t, to); !slices.Equal(got, []string{"whole"}) {
		t.Errorf("got %q, want the whole backup alone", got)
	}
	if got := names(t, filepath.Join(dir, "blobs", spool)); len(got) > 0 {
		t.Errorf("left in the spool: %q", got)
	}
}

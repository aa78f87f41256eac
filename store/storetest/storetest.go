// Package storetest runs tests on every kind of database skranke can use.
//
// SKRANKE_TEST_POSTGRES is the URL of a PostgreSQL server whose user may create
// databases. SKRANKE_TEST_DATABASE chooses what tests run on: sqlite or postgres
// alone; without it Each runs on both kinds, Open on SQLite.
package storetest

import (
	"os"
	"testing"

	"skranke/store"
)

// Each runs fn as a subtest on a new, empty database of each kind.
func Each(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachKind(t, func(t *testing.T, open func(dir string) *store.DB) { fn(t, open(t.TempDir())) })
}

// EachKind runs fn as a subtest for each kind of database. open opens the same
// one each time, as a process of its own would; it is closed when the test ends.
func EachKind(t *testing.T, fn func(t *testing.T, open func(dir string) *store.DB)) {
	t.Helper()
	eachDatabase(t, func(t *testing.T, url string) {
		fn(t, func(dir string) *store.DB { return open(t, store.Options{Dir: dir, Database: url, Memory: memory}) })
	})
}

// EachFailing is EachKind with databases that fail as store.Options.Fail has it.
func EachFailing(t *testing.T, fail func(doing string) error, fn func(t *testing.T, open func(dir string) *store.DB)) {
	t.Helper()
	eachDatabase(t, func(t *testing.T, url string) {
		fn(t, func(dir string) *store.DB { return open(t, store.Options{Dir: dir, Database: url, Fail: fail}) })
	})
}

// eachDatabase runs fn as a subtest for each kind of database, with what
// store.Options.Database is to be.
func eachDatabase(t *testing.T, fn func(t *testing.T, url string)) {
	t.Helper()
	only := os.Getenv("SKRANKE_TEST_DATABASE")
	if only != "postgres" {
		t.Run("SQLite", func(t *testing.T) { fn(t, "") })
	}
	if only != "sqlite" {
		t.Run("PostgreSQL", func(t *testing.T) { fn(t, Postgres(t)) })
	}
}

// EachNew runs fn as a subtest for each kind of database. The options are those of
// one that is not there yet.
func EachNew(t *testing.T, fn func(t *testing.T, o store.Options)) {
	t.Helper()
	only := os.Getenv("SKRANKE_TEST_DATABASE")
	if only != "postgres" {
		t.Run("SQLite", func(t *testing.T) { fn(t, store.Options{Dir: t.TempDir()}) })
	}
	if only != "sqlite" {
		t.Run("PostgreSQL", func(t *testing.T) { fn(t, store.Options{Dir: t.TempDir(), Database: EmptyPostgres(t)}) })
	}
}

// Open opens a new, empty database that is closed when the test ends.
func Open(t testing.TB) *store.DB {
	t.Helper()
	return open(t, store.Options{Dir: t.TempDir(), Database: Database(t), Memory: memory})
}

// memory is for what is remembered, as servers have it.
const memory = 32 << 20

// Database is what store.Options.Database is to be for a new database of the
// kind tests are to run on.
func Database(t testing.TB) string {
	t.Helper()
	if os.Getenv("SKRANKE_TEST_DATABASE") == "postgres" {
		return Postgres(t)
	}
	return ""
}

func open(t testing.TB, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("opening database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing database: %v", err)
		}
	})
	return db
}

// WithPostgres says whether tests are to run on PostgreSQL.
func WithPostgres() bool { return os.Getenv("SKRANKE_TEST_DATABASE") != "sqlite" }

// Package storetest runs tests on every kind of database skranke can use.
package storetest

import (
	"testing"

	"skranke/store"
)

// Each runs fn as a subtest on a new, empty database of each kind.
func Each(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { fn(t, Open(t)) })
}

// Open opens a new, empty SQLite database that is closed when the test ends.
func Open(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
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

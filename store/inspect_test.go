package store

import (
	"errors"
	"io/fs"
	"os"
	"testing"
)

// Who glances at a database nobody has open leaves nothing beside it; at one
// that is open he sees the newest commit.
func TestGlance(t *testing.T) {
	dir := t.TempDir()
	if _, err := Glance(t.Context(), Options{Dir: dir}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a database: got %v", err)
	}
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), func(tx *WriteTx) error { return tx.SetSetting(t.Context(), "a", "newest") }); err != nil {
		t.Fatal(err)
	}
	glance := func() (value string) {
		seen, err := Glance(t.Context(), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer seen.Close()
		if err := seen.Read(t.Context(), func(tx *ReadTx) error {
			all, err := tx.Settings(t.Context())
			value = all["a"]
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := seen.Write(t.Context(), func(tx *WriteTx) error { return tx.SetSetting(t.Context(), "a", "glanced") }); err == nil {
			t.Error("who glances can write")
		}
		return value
	}
	if got := glance(); got != "newest" {
		t.Errorf("an open database: got %q", got)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := glance(); got != "newest" {
		t.Errorf("a closed database: got %q", got)
	}
	if after, err := os.ReadDir(dir); err != nil || len(after) != len(before) {
		t.Errorf("left %v, %v; before there were %v", after, err, before)
	}
}

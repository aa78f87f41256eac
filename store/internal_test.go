package store

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestNewerSchemaIsRefused(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(tx *WriteTx) error {
		_, err := tx.exec(t.Context(), `INSERT INTO migration (version, name) VALUES (9999, 'from the future')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := Open(t.Context(), Options{Dir: dir}); !errors.Is(err, ErrNewerSchema) || strings.Contains(err.Error(), ".sql") {
		t.Errorf("got %v, want ErrNewerSchema and no step that was not run", err)
	}
}

func TestMigrationNumbers(t *testing.T) {
	for _, c := range []struct {
		files []string
		ok    bool
	}{
		{[]string{"0001_init.sql", "0002_more.sql"}, true},
		{[]string{"0001_init.sql", "0003_gap.sql"}, false},
		{[]string{"0001_init.sql", "0001_twice.sql"}, false},
		{[]string{"init.sql"}, false},
	} {
		files := fstest.MapFS{}
		for _, name := range c.files {
			files["migrations/"+name] = &fstest.MapFile{}
		}
		if list, err := migrations(files); (err == nil) != c.ok || c.ok && len(list) != len(c.files) {
			t.Errorf("%v: got %d migrations, %v", c.files, len(list), err)
		}
	}
}

// TestFailedMigrationLeavesNothing runs a step that breaks halfway.
func TestFailedMigrationLeavesNothing(t *testing.T) {
	db, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	broken := migration{version: 9999, name: "broken", script: `CREATE TABLE half (id {ID}); CREATE TABLE half (id {ID});`}
	step := func(m migration) error {
		return db.Write(t.Context(), func(tx *WriteTx) error { return db.migrateTo(t.Context(), tx, m, 9999) })
	}
	if err := step(broken); err == nil {
		t.Fatal("the broken step ran")
	}
	broken.script = `CREATE TABLE half (id {ID});`
	if err := step(broken); err != nil {
		t.Errorf("after repair: %v", err)
	}
}

// TestConnections checks what durability and safety rest on.
func TestConnections(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	for _, writer := range []bool{true, false} {
		c, err := openSQLite(t.Context(), path, writer)
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		tx := &ReadTx{conn: c}
		queryOnly := int64(1)
		if writer {
			queryOnly = 0
		}
		for pragma, want := range map[string]int64{"synchronous": 2, "foreign_keys": 1, "query_only": queryOnly, "trusted_schema": 0} {
			got, err := tx.number(t.Context(), `PRAGMA `+pragma)
			if err != nil || got != want {
				t.Errorf("writer %t: got %s = %d (%v), want %d", writer, pragma, got, err, want)
			}
		}
		var mode string
		if _, err := tx.one(t.Context(), `PRAGMA journal_mode`, func(r *rows) { mode = r.text() }); err != nil || mode != "wal" {
			t.Errorf("writer %t: got journal mode %q (%v), want wal", writer, mode, err)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	for _, c := range [][2]string{
		{`SELECT $2, $1`, `SELECT ?2, ?1`},
		{`SELECT $12 || '$1' || $1`, `SELECT ?12 || '$1' || ?1`},
		{`SELECT 'it''s $1', $1, '$'`, `SELECT 'it''s $1', ?1, '$'`},
		{`SELECT $x, $`, `SELECT $x, $`},
	} {
		if got := numbered(c[0]); got != c[1] {
			t.Errorf("got %s, want %s", got, c[1])
		}
	}
	// Bound by number, not by first appearance.
	c, err := openSQLite(t.Context(), filepath.Join(t.TempDir(), "test.db"), true)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	tx := &ReadTx{conn: c}
	_, err = tx.one(t.Context(), `SELECT $2, $1, $2`, func(r *rows) {
		if got := r.text() + r.text() + r.text(); got != "bab" {
			t.Errorf("got %s, want bab", got)
		}
	}, text("a"), text("b"))
	if err != nil {
		t.Fatal(err)
	}
}

// TestStatementsAreBounded runs more different queries than a connection keeps.
func TestStatementsAreBounded(t *testing.T) {
	c, err := openSQLite(t.Context(), filepath.Join(t.TempDir(), "test.db"), true)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	tx := &ReadTx{conn: c}
	outer := tx.query(t.Context(), `SELECT 7`)
	if !outer.next() {
		t.Fatal(outer.err)
	}
	for i := range 3 * maxStatements {
		n, err := tx.number(t.Context(), `SELECT $1 + `+string(rune('0'+i%10))+` -- `+places(i), num(1))
		if err != nil || n != int64(1+i%10) {
			t.Fatalf("got %d (%v)", n, err)
		}
	}
	if n := len(c.(*sqliteConn).stmts); n > maxStatements {
		t.Errorf("keeps %d statements, want at most %d", n, maxStatements)
	}
	if got := outer.int64(); got != 7 {
		t.Errorf("a running statement was let go: got %d, want 7", got)
	}
	outer.close()
	if _, err := tx.number(t.Context(), `SELECT $1`, num(1), num(2)); err == nil {
		t.Error("a value too many was taken")
	}
	if n := c.(*sqliteConn).busy; n != 0 {
		t.Errorf("%d statements are in use, want 0", n)
	}
}

// TestGroupWithoutCompany leaves the transaction open for somebody who never
// comes: the write must be on disk all the same.
func TestGroupWithoutCompany(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.waiting.Add(1)
	defer db.waiting.Add(-1)
	for _, value := range []string{"1", "2"} {
		err := db.Write(t.Context(), func(tx *WriteTx) error { return tx.SetSetting(t.Context(), "a", value) })
		if err != nil {
			t.Fatal(err)
		}
		err = db.Read(t.Context(), func(tx *ReadTx) error {
			settings, err := tx.Settings(t.Context())
			if settings["a"] != value {
				t.Errorf("got %v, want what was reported as written: %s", settings, value)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestTicketForWalksIndexes looks at the plan of the statement every reading
// of a ticket rests on: no table may be read through.
func TestTicketForWalksIndexes(t *testing.T) {
	db, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var plan []string
	err = db.Read(t.Context(), func(tx *ReadTx) error {
		return tx.each(t.Context(), `EXPLAIN QUERY PLAN `+ticketFor, func(r *rows) {
			r.skip(3)
			plan = append(plan, r.text())
		}, num(1))
	})
	if err != nil {
		t.Fatal(err)
	}
	whole := strings.Join(plan, "\n")
	if strings.Contains(whole, "SCAN") || strings.Contains(whole, "TEMP B-TREE") {
		t.Errorf("got plan\n%s", whole)
	}
	for _, want := range []string{
		"SEARCH t USING INTEGER PRIMARY KEY (rowid=?)",
		"SEARCH v USING PRIMARY KEY (domain=? AND owner_id=?)",
		"SEARCH m USING COVERING INDEX message_ticket (ticket_id=?)",
		"SEARCH x USING PRIMARY KEY (ticket_id=?)",
		"SEARCH c USING INTEGER PRIMARY KEY (rowid=?)",
		"SEARCH s USING INTEGER PRIMARY KEY (rowid=?)",
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("the plan lacks %q:\n%s", want, whole)
		}
	}
}

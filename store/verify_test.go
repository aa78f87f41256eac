package store

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/ext/fts5"

	"skranke"
)

// tamper runs SQL on a database behind everybody's back.
func tamper(t *testing.T, dir, sql string) {
	t.Helper()
	c, err := sqlite3.Open(filepath.Join(dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := fts5.Register(c); err != nil {
		t.Fatal(err)
	}
	if err := c.Exec("PRAGMA foreign_keys = off; PRAGMA writable_schema = on; " + sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// OldDatabase is the folder of an installation with rows in every table, for tests
// outside of the package.
func OldDatabase(t *testing.T) string { return oldDatabase(t, int(NewestSchema())) }

// OldSchema makes the tables of an older schema in a PostgreSQL database.
func OldSchema(t *testing.T, url string, version int64) {
	t.Helper()
	db := bare(t, Options{Dir: t.TempDir(), Database: url})
	defer db.Close()
	if err := db.migrate(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}

// theBlob is the path of the only contents of oldDatabase.
func theBlob(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "blobs", "??", "*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("got %q, %v, want one file", found, err)
	}
	return found[0]
}

// flip changes a bit of a file.
func flip(t *testing.T, path string, at int64) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if at < 0 {
		at += int64(len(text))
	}
	text[at] ^= 0x10
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestVerifyFindsFaults(t *testing.T) {
	t.Parallel()
	dir := oldDatabase(t, int(NewestSchema()))
	if faults := faultsIn(t, dir); len(faults) > 0 {
		t.Fatalf("got %q, want no fault", faults)
	}
	all := []struct{ sql, want string }{
		{`DELETE FROM company WHERE id = 2`, "ticket 2: company_id names company 2, which is not there"},
		{`UPDATE message SET ticket_id = 44 WHERE id = 1`, "message 1: ticket_id names ticket 44, which is not there"},
		{`INSERT INTO ticket_customer VALUES (1, 7, 99)`, "ticket_customer 1,7: customer_id names customer 99, which is not there"},
		{`UPDATE ticket SET category_id = 99 WHERE id = 2`, "ticket 2: category_id names category 99, which is not there"},
		{`UPDATE extra_value SET domain = 3, owner_id = 55 WHERE owner_id = 1`, "extra_value 3,55,1: owner_id names company 55"},
		{`UPDATE priority_level SET reassign = 77 WHERE priority_id = 2`, "priority_level 2,2: reassign names agent 77"},
		{`UPDATE ticket SET status = 6 WHERE id = 1`, "ticket 1: status is 6, which stands for nothing"},
		{`UPDATE agent SET status = 127 WHERE id = 2; UPDATE agent SET status = 5 WHERE id = 1`, "agent 1: status is 5"},
		{`UPDATE extra_field SET kind = 9 WHERE id = 2`, "extra_field 2: kind stands for no type"},
		{`UPDATE ticket SET title = 'Other' WHERE id = 1`, "ticket 1: title_fold is not what follows from title"},
		{`UPDATE customer SET full_name = 'Other' WHERE id = 1`, "customer 1: name_fold"},
		{`UPDATE ticket SET created_at = 'monday' WHERE id = 1`, "ticket 1: created_at: is text, not integer"},
		{`UPDATE message SET body = CAST(x'41ff42' AS TEXT) WHERE id = 2`, "message 2: body: is a text with bytes"},
		{`UPDATE message SET html_body = x'4142' WHERE id = 2`, "message 2: html_body: is blob, not text"},
		{`UPDATE ticket SET has_attachment = 2 WHERE id = 1`, "ticket 1: has_attachment: is 2, neither true nor false"},
		{`UPDATE ticket SET customer_id = 2 WHERE id = 1`, "ticket 1: customer_id is 2, which is not the first"},
		{`UPDATE faq_entry SET score = 9 WHERE id = 1`, "faq_entry 1: score is 9"},
		{`UPDATE outbox SET payload = '{"to":' WHERE id = 1`, "outbox 1: payload is damaged"},
		{`UPDATE message SET to_list = '{' WHERE id = 1`, "message 1: to_list is no list"},
		{`UPDATE attachment SET size = 9 WHERE id = 2`, "attachment 2: size is 9, its contents have 1 bytes"},
		{`UPDATE attachment SET sha256 = '../../etc/passwd' WHERE id = 1`, "attachment 1: the file with its contents is missing"},
		{`DELETE FROM faq_index WHERE rowid = 2`, "faq_entry 2: is not in the index"},
		{`INSERT INTO faq_index (rowid, head, body) VALUES (9, 'a', 'b')`, "faq_index 9: there is no such entry"},
		{`INSERT INTO ticket (title, title_fold, author, author_fold, filter_address, filter_address_fold, ext_key, category_id, priority_id, orig_category_id, orig_priority_id,
			status, ticket_status_id, slevel, read_status, origin, has_attachment, num_messages, num_replies, time_to_close, customer_id, company_id, owner_id, created_by,
			merged_into, ext_table, alert_level, alert_stop) VALUES ('long', 'long', '', '', '', '', '', 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0);
			DELETE FROM ticket_title_late WHERE ticket_id = 3`, "ticket 3: is not found by its title"},
		{`UPDATE sqlite_sequence SET seq = 1 WHERE name = 'ticket'`, "sqlite_sequence ticket: the last id given is said to be 1, but there is 3"},
		{`DELETE FROM catalog WHERE id = 2`, "catalog 2: is missing"},
		{`UPDATE migration SET name = 'other' WHERE version = 1`, `migration 1: is "other"`},
		{`DROP INDEX message_ticket`, "message_ticket: there is no such index"},
		{`DROP TABLE user_idle`, "user_idle: there is no such table"},
		{`DROP TABLE y_2`, "extra_table 2: has no table for its rows"},
		{`UPDATE sqlite_schema SET sql = replace(sql, 'WHERE status <> 3', 'WHERE status = 3') WHERE name = 'agent_login'`, "agent_login: is defined otherwise"},
	}
	for _, c := range all {
		tamper(t, dir, c.sql)
	}
	faults := faultsIn(t, dir)
	for _, c := range all {
		if !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, c.want) }) {
			t.Errorf("%s:\ngot %q\nwant %q", c.sql, faults, c.want)
		}
	}
}

func TestVerifyFindsDamagedFiles(t *testing.T) {
	t.Parallel()
	whole := oldDatabase(t, int(NewestSchema()))
	info, err := os.Stat(filepath.Join(whole, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		damage func(dir string)
		want   string
	}{
		{"a bit of an attachment", func(dir string) { flip(t, theBlob(t, dir), 0) }, "attachment 1: the file with its contents is damaged"},
		{"no attachment", func(dir string) { os.Remove(theBlob(t, dir)) }, "attachment 2: the file with its contents is missing"},
		{"a cut off database", func(dir string) { os.Truncate(filepath.Join(dir, databaseFile), info.Size()/2) }, "malformed"},
		// The header of the page the schema leads to for the tickets.
		{"a bit of a page", func(dir string) { flip(t, filepath.Join(dir, databaseFile), rootOf(t, dir, "ticket")) }, "database"},
	} {
		dir := copyDir(t, whole)
		c.damage(dir)
		var faults []string
		_, err := Verify(t.Context(), Options{Dir: dir}, VerifyOptions{Report: func(f Fault) { faults = append(faults, f.String()) }})
		if err != nil {
			faults = append(faults, err.Error())
		}
		if !strings.Contains(strings.Join(faults, "\n"), c.want) {
			t.Errorf("%s: got %q, want %q", c.name, faults, c.want)
		}
	}
}

// rootOf is where the first page of a table begins.
func rootOf(t *testing.T, dir, table string) int64 {
	t.Helper()
	db, err := Inspect(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var at int64
	err = db.Read(t.Context(), func(tx *ReadTx) error {
		at, err = tx.number(t.Context(), `SELECT (rootpage - 1) * (SELECT page_size FROM pragma_page_size()) FROM sqlite_schema WHERE name = $1`, text(table))
		return err
	})
	if err != nil || at == 0 {
		t.Fatalf("got %d, %v", at, err)
	}
	return at
}

// Whoever adds a column that names rows tells verify of it.
func TestEveryReferenceIsKnown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tables := everyTable(t, db)
	known := map[string]bool{}
	for _, r := range references {
		known[r.table+"."+r.column] = true
		known[r.to+".id"] = true
	}
	for _, name := range namesNothing {
		known[name] = true
	}
	err = db.Read(t.Context(), func(tx *ReadTx) error {
		return tx.each(t.Context(), `SELECT t.name, f."from" FROM pragma_table_list() t, pragma_foreign_key_list(t.name) f`,
			func(r *rows) { known[r.text()+"."+r.text()] = true })
	})
	if err != nil {
		t.Fatal(err)
	}
	exists := map[string]bool{}
	for table, columns := range tables {
		for _, c := range columns {
			name := table + "." + c.name
			exists[name] = true
			if (strings.HasSuffix(c.name, "_id") || c.name == "created_by" || c.name == "changed_by") && !known[name] {
				t.Errorf("%s is neither in references nor in namesNothing of verifyrules.go, nor declared", name)
			}
		}
	}
	for name := range known {
		if !exists[name] {
			t.Errorf("%s: there is no such column", name)
		}
	}
	for _, e := range enumerated {
		if !exists[e.table+"."+e.column] {
			t.Errorf("%s.%s: there is no such column", e.table, e.column)
		}
	}
	for _, f := range foldedTexts {
		if !exists[f.table+"."+f.text] || !exists[f.table+"."+f.fold] {
			t.Errorf("%s.%s: there is no such column", f.table, f.fold)
		}
	}
	for table, columns := range tables {
		for _, c := range columns {
			if !strings.HasSuffix(c.name, "_fold") || table == "customer" && c.name == "name_fold" {
				continue
			}
			known := false
			for _, f := range foldedTexts {
				known = known || f.table == table && f.fold == c.name
			}
			if !known {
				t.Errorf("%s: not in foldedTexts of verifyrules.go", fmt.Sprintf("%s.%s", table, c.name))
			}
		}
	}
}

// An entry of the FAQ is found by all its words, and by its title's as such.
func TestVerifyFindsLostWords(t *testing.T) {
	t.Parallel()
	dir := oldDatabase(t, int(NewestSchema()))
	for _, c := range []struct {
		words FaqWords
		want  int // entries that are not found by them
	}{
		{FaqWords{Head: "title title", Body: "answer title"}, 0},
		{FaqWords{Head: "titl", Body: "answer"}, 2},
		{FaqWords{Head: "title", Body: "answer other"}, 2},
	} {
		var faults []string
		_, err := Verify(t.Context(), Options{Dir: dir}, VerifyOptions{
			FaqWords: func(*skranke.FaqEntry) FaqWords { return c.words },
			Report:   func(f Fault) { faults = append(faults, f.String()) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(faults) != c.want || c.want > 0 && faults[0] != "faq_entry 1: is not found by all its words" {
			t.Errorf("%+v: got %q, want %d faults", c.words, faults, c.want)
		}
	}
}

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"skranke/store/storetest"
)

// A backup of either kind of database becomes an installation of either kind, with
// the same commands.
func TestPostgresBackupAndRestore(t *testing.T) {
	if !storetest.WithPostgres() {
		t.Skip("tests are to run on SQLite alone")
	}
	embedded := filled(t)
	embedded.do("", "import", embedded.file("extra.jsonl", `{"kind":"extra_table","id":3,"table_name":"y_orders","label":"Orders","display":9}
{"kind":"extra_field","id":8,"domain":"table","table":3,"field_name":"x_sum","label":"Sum","type":"float"}
{"kind":"extra_field","id":9,"domain":"table","table":3,"field_name":"x_name","label":"Name","type":"text"}
{"kind":"extra_row","table":3,"id":7,"extra":{"x_8":1.5,"x_9":"Blåbær"}}
`))
	embedded.do("", "faq", "add", "-title", "Blåbær", "-question", "Hvor?", "-answer", "<p>I skogen</p>")
	want := embedded.do("", "export")
	wsdl := embedded.do("", "wsdl", "show", "customer")
	made := filepath.Join(filepath.Dir(embedded.dir), "backup")
	embedded.do("", "backup", made)

	url := storetest.Postgres(t)
	server := newInstallation(t)
	settings := server.file("skranke.toml", fmt.Sprintf("database = %q\n", url))
	on := func(args ...string) []string { return append([]string{"-config", settings}, args...) }
	out := server.do("", on("restore", made)...)
	if !strings.HasPrefix(out, server.dir+" and PostgreSQL: restored as of ") || strings.Contains(out, url) {
		t.Errorf("got %q", out)
	}
	for _, name := range entries(t, server.dir) {
		if strings.HasPrefix(name, "skranke.db") || strings.HasPrefix(name, ".") {
			t.Errorf("there is %s in the data directory", name)
		}
	}
	if out := server.do("", on("verify")...); !strings.HasPrefix(out, server.dir+": no fault in ") {
		t.Errorf("verify: got %q", out)
	}
	if got := server.do("", on("export")...); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := server.do("", on("wsdl", "show", "customer")...); got != wsdl {
		t.Error("the adopted WSDL is another one")
	}

	to := filepath.Join(filepath.Dir(server.dir), "backups")
	if err := os.Mkdir(to, 0o700); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 3; n++ {
		out := server.do("", on("backup", "-keep", "2", "-link", filepath.Join(to, fmt.Sprint("day-", n)))...)
		if !strings.Contains(out, "1 attachments") {
			t.Errorf("got %q", out)
		}
	}
	if got := entries(t, to); len(got) != 2 {
		t.Errorf("got %q, want two backups", got)
	}
	if _, err := os.Stat(filepath.Join(server.dir, backupMarker)); err != nil {
		t.Errorf("nothing tells doctor of the backup: %v", err)
	}
	last := filepath.Join(to, "day-3")
	if out := server.do("", "verify", last); !strings.HasPrefix(out, last+": no fault in ") {
		t.Errorf("verify: got %q", out)
	}
	back := newInstallation(t)
	back.do("", "restore", last)
	if got := back.do("", "export"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	tar := server.do("", on("backup", "-")...)
	streamed := newInstallation(t)
	streamed.do(tar, "restore", "-")
	if got := streamed.do("", "export"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, add := range []func(...string) string{
		func(args ...string) string { return embedded.do("", args...) },
		func(args ...string) string { return server.do("", on(args...)...) },
		func(args ...string) string { return back.do("", args...) },
	} { // what comes next has the same id
		if got := strings.TrimSpace(add("ticket", "add", "-title", "Next", "-category", "1", "-customer", "1")); got != "2" {
			t.Errorf("got ticket %q, want 2", got)
		}
	}

	// What is filled stays as it is, and a damaged backup goes nowhere.
	server.refuse(exitFailed, "nothing was restored: ", on("restore", made)...)
	server.refuse(exitFailed, "overwrites nothing", on("backup", last)...)
	server.refuse(exitFailed, "no such file", on("backup", filepath.Join(to, "no", "folder"))...)
	found, err := filepath.Glob(filepath.Join(server.dir, "blobs", "??", "*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("got %q, %v", found, err)
	}
	if err := os.Remove(found[0]); err != nil {
		t.Fatal(err)
	}
	code, _, errs := server.try("", on("backup", "-keep", "1", filepath.Join(to, "day-4"))...)
	if code != exitFailed || !strings.Contains(errs, filepath.Base(found[0])) || !strings.Contains(errs, "has lost the contents of 1 attachments") {
		t.Errorf("got exit code %d, %q", code, errs)
	}
	code, faults, _ := server.try("", on("verify")...)
	if code != exitFailed || !strings.Contains(faults, "attachment 1: the file with its contents is missing") {
		t.Errorf("verify: got exit code %d, %q", code, faults)
	}
	if got := entries(t, to); len(got) != 3 {
		t.Errorf("got %q, want three backups", got)
	}

	nowhere := newInstallation(t)
	parameter := "?search_path=nowhere"
	if strings.Contains(url, "?") {
		parameter = "&search_path=nowhere"
	}
	settings = nowhere.file("skranke.toml", fmt.Sprintf("database = %q\n", url+parameter))
	nowhere.refuse(exitFailed, "no tables of skranke: name another one", on("backup", filepath.Join(to, "day-5"))...)
	nowhere.refuse(exitFailed, "no tables of skranke: name another one", on("verify")...)
}

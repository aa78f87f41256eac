package main

import (
	"path/filepath"
	"strings"
	"testing"

	"skranke/store/storetest"
)

// An installation goes to PostgreSQL and comes back the same, with the ids that
// come next, the FAQ's index, attachments, adopted WSDLs and extra tables.
func TestCopyThereAndBack(t *testing.T) {
	if !storetest.WithPostgres() {
		t.Skip("tests are to run on SQLite alone")
	}
	url := storetest.Postgres(t)
	i := filled(t)
	i.do("", "import", i.file("extra.jsonl", `{"kind":"extra_table","id":3,"table_name":"y_orders","label":"Orders","display":9}
{"kind":"extra_field","id":8,"domain":"table","table":3,"field_name":"x_sum","label":"Sum","type":"float"}
{"kind":"extra_field","id":9,"domain":"table","table":3,"field_name":"x_name","label":"Name","type":"text"}
{"kind":"extra_field","id":10,"domain":"table","table":3,"field_name":"x_at","label":"At","type":"datetime"}
{"kind":"extra_row","table":3,"id":7,"extra":{"x_8":1.5,"x_9":"Blåbær"}}
{"kind":"extra_row","table":3,"id":9,"extra":{"x_8":-2}}
`))
	i.do("", "faq", "add", "-title", "Blåbær", "-question", "Hvor?", "-answer", "<p>I skogen</p>")
	want := i.do("", "export")
	wsdl := i.do("", "wsdl", "show", "customer")

	out := i.do("", "copy", "-from", i.dir, "-to", url)
	if !strings.Contains(out, "every table was read back and is the same") || strings.Contains(out, "DIFFERS") {
		t.Errorf("got %q", out)
	}
	i.refuse(exitFailed, "not empty", "copy", "-from", i.dir, "-to", url)
	i.refuse(exitUsage, "same database", "copy", "-from", i.dir, "-to", i.dir)
	i.refuse(exitFailed, "no installation", "copy", "-from", filepath.Join(t.TempDir(), "none"), "-to", url)

	back := newInstallation(t)
	out = i.do("", "copy", "-from", url, "-to", back.dir)
	if !strings.Contains(out, "and 1 attachments") {
		t.Errorf("got %q, want the attachment copied", out)
	}
	if got := back.do("", "export"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := back.do("", "wsdl", "show", "customer"); got != wsdl {
		t.Error("the adopted WSDL is another one")
	}
	for _, one := range []installation{i, back} { // what comes next has the same id
		one.do("", "ticket", "add", "-title", "Next", "-category", "1", "-customer", "1")
	}
	if a, b := i.do("", "export"), back.do("", "export"); strings.Count(a, "\n") != strings.Count(b, "\n") || !strings.Contains(b, `"title":"Next"`) {
		t.Errorf("after another ticket got\n%s\nwant\n%s", b, a)
	}
}

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// installation is a data directory, and the commands run on it.
type installation struct {
	t   *testing.T
	dir string
}

func newInstallation(t *testing.T) installation {
	return installation{t, filepath.Join(t.TempDir(), "data")}
}

// try runs a command with text on stdin.
func (i installation) try(stdin string, args ...string) (code int, stdout, stderr string) {
	i.t.Helper()
	var out, errs bytes.Buffer
	code = run(i.t.Context(), append([]string{"-data", i.dir}, args...), strings.NewReader(stdin), &out, &errs, nil)
	return code, out.String(), errs.String()
}

// do runs a command that has to succeed and returns what it printed.
func (i installation) do(stdin string, args ...string) string {
	i.t.Helper()
	code, out, errs := i.try(stdin, args...)
	if code != exitOK {
		i.t.Fatalf("%q: got exit code %d, %s", args, code, errs)
	}
	return out
}

// refuse runs a command that has to fail with code and say want.
func (i installation) refuse(code int, want string, args ...string) {
	i.t.Helper()
	got, out, errs := i.try("", args...)
	if got != code || !strings.Contains(errs, want) || out != "" {
		i.t.Errorf("%q: got exit code %d, %q on stdout and %q, want %d and %q", args, got, out, errs, code, want)
	}
}

// file writes a file beside the installation.
func (i installation) file(name, text string) string {
	i.t.Helper()
	path := filepath.Join(filepath.Dir(i.dir), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		i.t.Fatal(err)
	}
	return path
}

func TestSetup(t *testing.T) {
	i := newInstallation(t)
	for _, args := range [][]string{{"user", "list"}, {"export"}, {"range", "list"}, {"wsdl", "adopt", "x"}} {
		i.refuse(exitFailed, "there is no installation in "+i.dir, args...)
	}
	if _, err := os.Stat(i.dir); err == nil {
		t.Error("a command that only looks made an installation")
	}
	i.refuse(exitFailed, "the password is empty", "setup")

	out := i.do("hemmelig\n", "setup", "-user", "kari", "-name", "Kari Mari Nordmann", "-category", "Hjelp")
	if !strings.Contains(out, "made user 2, kari, an administrator") {
		t.Errorf("got %q", out)
	}
	if out := i.do("", "setup"); !strings.Contains(out, "there is an administrator already") {
		t.Errorf("setup again: got %q", out)
	}
	i.refuse(exitFailed, `there is a user "Kari" already`, "setup", "-user", "Kari", "-password-file", i.file("p", "x"))
	for _, want := range []struct{ command, text string }{
		{"user", `{"kind":"user","id":2,"login_name":"kari","user_name":"kari","first_name":"Kari Mari","last_name":"Nordmann","status":1,"access":64}`},
		{"category", `"name":"Hjelp"`}, {"priority", `"name":"Normal"`},
	} {
		if got := i.do("", want.command, "list", "-json"); !strings.Contains(got, want.text) {
			t.Errorf("%s list: got %s, want %s", want.command, got, want.text)
		}
	}
	// types.portaccess.4: this machine alone may call a new installation.
	if got, want := i.do("", "range", "list"), "ID  PORT      FROM       TO\n1   customer  127.0.0.1"; !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 7 {
		t.Errorf("range list: got %s", got)
	}
}

// Every kind of row can be added, looked at and changed in every field.
func TestNouns(t *testing.T) {
	i := newInstallation(t)
	i.do("pw\n", "setup")
	i.do("print(1)", "script", "set", "late")
	for _, tt := range []struct {
		noun     string
		add, set []string
		want     string // in what show -json prints after both
	}{
		{"company", []string{"-name", "Bær & Bakst", "-domains", "a.example, b.example"}, []string{"-our-contact", "2"}, `"name":"Bær & Bakst","our_contact":2,"domains":["a.example","b.example"]`},
		{"customer", []string{"-user-name", "ola", "-emails", "ola@a.example", "-company", "1"}, []string{"-company-access", "-phone", "1"}, `"user_name":"ola","phone":"1","company":1,"company_access":true,"emails":["ola@a.example"]`},
		{"user", []string{"-login-name", "per", "-email", "per@a.example", "-admin"}, []string{"-status", "2"}, `"login_name":"per","email":"per@a.example","status":2,"access":64`},
		{"category", []string{"-name", "Salg", "-members", `[{"user":2,"weight":3}]`}, []string{"-lag", "1m30.5s", "-flags", "1"}, `"name":"Salg","flags":1,"method":4,"lag":90.5,"members":[{"user":2,"weight":3}]`},
		{"priority", []string{"-name", "Høy", "-external", "-levels", `[{"level":1,"timeout":30,"script":1}]`}, []string{"-external=false", "-default"}, `"name":"Høy","default":true,"actions":[-1,-1,-1,-1,-1,-1],"levels":[{"level":1,"timeout":30,"script":1}]`},
		{"status", []string{"-name", "Venter", "-base", "3"}, []string{"-no-reopen"}, `"name":"Venter","base":3,"no_reopen":true`},
		{"field", []string{"-domain", "ticket", "-type", "text", "-field-name", "x_ordre", "-label", "Ordre"}, []string{"-flags", "2"}, `"domain":"ticket","field_name":"x_ordre","label":"Ordre","type":"text","flags":2`},
		{"language", []string{"-name", "Norsk", "-code", "nb"}, []string{"-default"}, `"name":"Norsk","code":"nb","default":true`},
		{"language-category", []string{"-language", "1", "-category", "1", "-name", "Salg"}, []string{"-name", "Sal"}, `"language":1,"category":1,"name":"Sal"`},
		{"country", []string{"-name", "Norge", "-english-name", "Norway"}, []string{"-name", "Noreg"}, `"name":"Noreg","english_name":"Norway"`},
		{"business", []string{"-name", "Bakeri"}, []string{"-name", "Bakst"}, `"name":"Bakst"`},
		{"contact-category", []string{"-name", "Kunde"}, []string{"-name", "Kunder"}, `"name":"Kunder"`},
		{"sync-agent", []string{"-name", "ERP", "-id-string", "erp-1"}, []string{"-name", "Old"}, `"name":"Old","id_string":"erp-1"`},
		{"folder", []string{"-name", "Svar"}, []string{"-description", "Ofte"}, `"name":"Svar","description":"Ofte"`},
		{"template", []string{"-name", "Takk", "-bodies", `[{"flags":3,"plain":"Takk!"}]`}, []string{"-folder", "1"}, `"folder":1,"name":"Takk","bodies":[{"id":1,"flags":3,"plain":"Takk!"}]`},
	} {
		id := strings.TrimSpace(i.do("pw\n", append([]string{tt.noun, "add"}, tt.add...)...))
		i.do("", append(append([]string{tt.noun, "set"}, tt.set...), id)...)
		got := i.do("", tt.noun, "show", "-json", id)
		if !strings.Contains(got, tt.want) || !json.Valid([]byte(got)) {
			t.Errorf("%s: got %s, want %s", tt.noun, got, tt.want)
		}
		if list := i.do("", tt.noun, "list", "-json"); !strings.Contains(list, got) {
			t.Errorf("%s list: got %s, want %s in it", tt.noun, list, got)
		}
		if list := i.do("", tt.noun, "list"); !strings.HasPrefix(list, "ID  ") || !strings.Contains(list, "\n"+id+" ") {
			t.Errorf("%s list: got %s", tt.noun, list)
		}
		if got := i.do("", tt.noun, "show", id); !strings.HasPrefix(got, "id: "+id+"\n") {
			t.Errorf("%s show: got %s", tt.noun, got)
		}
		i.refuse(exitFailed, "9999", tt.noun, "show", "9999")
		i.refuse(exitUsage, "takes one argument", tt.noun, "show")
		if slices.Contains([]string{"customer", "user", "company"}, tt.noun) {
			i.refuse(exitFailed, "no "+tt.noun+` is called "x"; "skranke `+tt.noun+` list" lists them`, tt.noun, "show", "x")
		} else {
			i.refuse(exitUsage, `"x" is no id`, tt.noun, "show", "x")
		}
		i.refuse(exitUsage, "nothing to change", tt.noun, "set", id)
		i.refuse(exitUsage, "at least one field, such as -", tt.noun, "add")
		i.refuse(exitFailed, "9999", append(append([]string{tt.noun, "set"}, tt.set...), "9999")...)
	}
	for _, tt := range []struct {
		want string
		args []string
	}{
		{"user name already taken", []string{"customer", "add", "-user-name", "OLA", "-no-password"}},
		{"user name already taken", []string{"user", "add", "-login-name", "Per", "-no-password"}},
		{"company not found", []string{"customer", "add", "-company", "7"}},
		{"is no e-mail address", []string{"customer", "add", "-emails", "ola"}},
		{"-company-access: want true or false", []string{"customer", "set", "-company-access=ja", "1"}},
		{"-lag: want a duration with its unit, such as 90s, 30m or 1h30m, got 30", []string{"category", "set", "-lag", "30", "1"}},
		{"-lag: want a duration of at most 596523 hours", []string{"category", "set", "-lag", "600000h", "1"}},
		{"-priority: want a whole number", []string{"customer", "set", "-priority", "høy", "1"}},
		{"would stand below itself", []string{"category", "set", "-parent", "2", "2"}},
		{"cannot change", []string{"field", "set", "-type", "date", "1"}},
		{"there is no user 77", []string{"category", "set", "-master", "77", "1"}},
	} {
		if tt.want == "would stand below itself" {
			i.refuse(exitFailed, "is its own parent", tt.args...)
			i.do("", "category", "set", "-parent", "2", "1")
			i.refuse(exitFailed, tt.want, "category", "set", "-parent", "1", "2")
			continue
		}
		i.refuse(exitFailed, tt.want, tt.args...)
	}
	for given, want := range map[string]string{"30m": "lag: 30m", "90s": "lag: 1m30s", "2h": "lag: 2h", "24h5s": "lag: 24h0m5s", "500ms": "lag: 500ms", "0": "", "": ""} {
		got := i.do("", "category", "set", "-lag", given, "1") + i.do("", "category", "show", "1")
		if strings.Contains(got, "lag: ") != (want != "") || want != "" && !strings.Contains(got, want+"\n") {
			t.Errorf("-lag %s: got %s, want %s", given, got, want)
		}
	}
	if got := i.do("", "customer", "set", "-phone", "", "1") + i.do("", "customer", "show", "-json", "1"); strings.Contains(got, "phone") {
		t.Errorf("an empty text does not take the value away: %s", got)
	}
	for _, noun := range []string{"customer", "user"} {
		if got := i.do("", noun, "list", "-json") + i.do("", noun, "show", "1"); strings.Contains(got, "password") || strings.Contains(got, "argon2id") {
			t.Errorf("%s: a hashed password is shown: %s", noun, got)
		}
	}
}

// People and companies go by their names as well as by their ids.
func TestNames(t *testing.T) {
	i := newInstallation(t)
	i.do("pw\n", "setup", "-user", "kari", "-name", "Kari Nordmann")
	i.do("", "company", "add", "-name", "Bær & Bakst")
	i.do("", "company", "add", "-name", "Twice")
	i.do("", "company", "add", "-name", "twice")
	i.do("", "customer", "add", "-no-password", "-user-name", "Ola", "-emails", "home@a.example")
	i.do("", "customer", "add", "-emails", "home@a.example, 7@a.example")
	i.do("", "customer", "add", "-no-password", "-user-name", "1")
	i.do("", "user", "set", "-email", "kari@a.example", "KARI")
	i.do("", "customer", "set", "-phone", "5", "ola")
	i.do("", "company", "set", "-phone", "6", "bær & bakst")
	i.do("new\n", "user", "password", "kari@A.example")
	i.do("new\n", "customer", "password", " ola ")
	for _, tt := range []struct{ noun, name, want string }{
		{"customer", "OLA", "id: 1\n"}, {"customer", "7@a.example", "id: 2\n"}, {"customer", "1", "phone: 5\n"}, {"company", "Bær & Bakst", "phone: 6\n"}, {"user", "kari@a.example", "id: 2\n"},
	} {
		if got := i.do("", tt.noun, "show", tt.name); !strings.Contains(got, tt.want) {
			t.Errorf("%s show %s: got %s, want %q in it", tt.noun, tt.name, got, tt.want)
		}
	}
	i.refuse(exitFailed, `"home@a.example" may be customer 1, 2: name one by its id`, "customer", "show", "home@a.example")
	i.refuse(exitFailed, `"TWICE" may be company 2, 3: name one by its id`, "company", "set", "-phone", "1", "TWICE")
	i.refuse(exitFailed, `no user is called "nobody"`, "user", "password", "nobody")
	i.refuse(exitUsage, "the id or the name of a customer", "customer", "show", "")
	i.refuse(exitUsage, "the id or the name of a user", "user", "show", "a", "b")
}

// Extra fields are set one by one, by id or by database name.
func TestExtraFieldsByName(t *testing.T) {
	i := newInstallation(t)
	i.do("pw\n", "setup")
	for _, domain := range []string{"ticket", "customer", "company"} {
		i.do("", "field", "add", "-domain", domain, "-type", "text", "-field-name", "x_paper", "-label", "Paper")
		i.do("", "field", "add", "-domain", domain, "-type", "integer", "-field-name", "x_count", "-label", "Count")
	}
	i.do("", "ticket", "add", "-category", "1", "x_paper=A4", "-extra", "x_2=7")
	i.do("", "customer", "add", "x_paper=A5")
	i.do("", "company", "add", "-name", "Bakeriet", "x_5=A6")
	i.do("", "ticket", "set", "1", "x_1=A3=x", "-title", "Paper")
	i.do("", "company", "set", "bakeriet", "x_count=4")
	for noun, want := range map[string]string{"ticket": `"extra":{"x_1":"A3=x","x_2":7}`, "customer": `"extra":{"x_3":"A5"}`, "company": `"extra":{"x_5":"A6","x_6":4}`} {
		if got := i.do("", noun, "show", "-json", "1"); !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", noun, got, want)
		}
	}
	i.do("", "ticket", "set", "1", "x_paper=")
	if got := i.do("", "ticket", "show", "-json", "1"); !strings.Contains(got, `"extra":{"x_2":7}`) {
		t.Errorf("an empty text does not take the value away: %s", got)
	}
	i.refuse(exitFailed, `no extra field "x_9"`, "ticket", "set", "1", "x_9=1")
	i.refuse(exitFailed, "does not fit extra field 2", "ticket", "set", "1", "x_2=x")
	i.refuse(exitUsage, `"A4" sets no extra field: want FIELD=VALUE`, "ticket", "set", "1", "A4")
	i.refuse(exitUsage, `"A4" sets no extra field`, "ticket", "add", "-category", "1", "A4")
	i.refuse(exitUsage, "takes one argument", "category", "set", "-name", "x", "1", "x_1=A4")
}

func TestFavourites(t *testing.T) {
	i := newInstallation(t)
	i.do("pw\n", "setup", "-user", "kari")
	i.do("", "ticket", "add", "-category", "1")
	i.do("", "favourite", "add", "kari", "1")
	i.do("", "favourite", "add", "2", "1")
	if got := i.do("", "favourite", "list") + i.do("", "favourite", "list", "-json"); got != "TICKET  USER\n1       2\n"+`{"kind":"favourite","user":2,"ticket":1}`+"\n" {
		t.Errorf("got %s", got)
	}
	i.refuse(exitFailed, "no ticket 9", "favourite", "add", "kari", "9")
	i.refuse(exitFailed, `no user is called "ola"`, "favourite", "add", "ola", "1")
	i.refuse(exitUsage, "takes two arguments", "favourite", "add", "kari")
	i.refuse(exitUsage, `"x" is no id`, "favourite", "add", "kari", "x")
	i.do("", "favourite", "delete", "KARI", "1")
	i.refuse(exitFailed, "ticket 1 is no favourite of user 2", "favourite", "delete", "kari", "1")
}

func TestTicketAndMessage(t *testing.T) {
	i := newInstallation(t)
	i.do("pw\n", "setup", "-user", "kari", "-name", "Kari Nordmann")
	i.do("", "field", "add", "-domain", "ticket", "-type", "text", "-label", "Ordre")
	i.do("", "customer", "add", "-first-name", "Ola")
	i.refuse(exitUsage, "needs a category", "ticket", "add", "-title", "x")
	i.refuse(exitFailed, "category not valid", "ticket", "add", "-category", "9")
	i.refuse(exitFailed, "user not found", "ticket", "add", "-as", "nobody", "-category", "1")
	i.do("", "ticket", "add", "-as", "kari", "-title", "Kaldt <her>", "-category", "1", "-customer", "1", "-extra", "x_1=A4", "-owner", "2")
	got := i.do("", "ticket", "show", "-json", "1")
	for _, want := range []string{`"title":"Kaldt <her>"`, `"customers":[1]`, `"owner":2,"created_by":2,"author":"Kari Nordmann"`, `"extra":{"x_1":"A4"}`, `"slevel":2`} {
		if !strings.Contains(got, want) {
			t.Errorf("ticket show: no %s in %s", want, got)
		}
	}
	note := i.file("notat æ.txt", "innhold")
	i.do("Vi ser på det.\n", "message", "add", "-as", "kari", "-attach", note, "1")
	i.do("", "message", "add", "-internal", "-body", "bare for oss", "1")
	i.refuse(exitUsage, "the message is empty", "message", "add", "1")
	i.refuse(exitFailed, "ticket not found", "message", "add", "-body", "x", "7")
	i.refuse(exitFailed, "no such file", "message", "add", "-body", "x", "-attach", note+"x", "1")
	list := i.do("", "message", "list", "-json")
	for _, want := range []string{`"slevel":2,"type":1,`, `"body":"Vi ser på det.\n","attachments":[1]}`, `"slevel":1,`, `"body":"bare for oss"}`} {
		if !strings.Contains(list, want) {
			t.Errorf("message list: no %s in %s", want, list)
		}
	}
	i.do("", "ticket", "add", "-category", "1")
	i.do("", "message", "add", "-body", "second ticket", "2")
	if got := i.do("", "message", "list", "-ticket", "1"); strings.Count(got, "\n") != 3 || strings.Index(got, "Vi ser") > strings.Index(got, "bare for oss") || strings.Contains(got, "second") {
		t.Errorf("message list -ticket: got %s", got)
	}
	if got := i.do("", "message", "list", "-json", "-ticket", "2"); strings.Count(got, "\n") != 1 || !strings.Contains(got, "second ticket") {
		t.Errorf("message list -ticket: got %s", got)
	}
	i.refuse(exitUsage, `"x" is no id`, "message", "list", "-ticket", "x")
	i.refuse(exitFailed, "ticket 9", "message", "list", "-ticket", "9")
	all := i.do("", "export")
	if !strings.Contains(all, `"name":"notat æ.txt","content_type":"text/plain; charset=utf-8","size":7`) {
		t.Errorf("no attachment in %s", all)
	}
	i.do("", "ticket", "set", "-priority", "1", "-title", "Varmt", "1")
	if got := i.do("", "ticket", "show", "1"); !strings.Contains(got, "title: Varmt\n") {
		t.Errorf("ticket show: got %s", got)
	}
}

func TestRanges(t *testing.T) {
	i := newInstallation(t)
	i.do("pw\n", "setup")
	if got := i.do("", "range", "add", "all", "10.0.0.0", "10.0.0.9"); got != "7\n8\n9\n" {
		t.Errorf("got %q", got)
	}
	i.do("", "range", "delete", "8")
	i.refuse(exitFailed, "range 8", "range", "delete", "8")
	i.refuse(exitFailed, "no network address", "range", "add", "ticket", "localhost")
	i.refuse(exitFailed, "is no range", "range", "add", "ticket", "10.0.0.9", "10.0.0.1")
	i.refuse(exitFailed, "is no range", "range", "add", "ticket", "10.0.0.9", "::1")
	i.refuse(exitFailed, `port "ftp" is none of`, "range", "add", "ftp", "10.0.0.1")
	i.refuse(exitUsage, "takes a port", "range", "add", "ticket")
	i.refuse(exitUsage, "takes a port", "range", "add", "ticket", "10.0.0.1", "10.0.0.2", "10.0.0.3")
	i.refuse(exitUsage, `"10.0.0.0/33" is no network`, "range", "add", "ticket", "10.0.0.0/33")
	i.refuse(exitUsage, "did you mean 10.0.0.0/8, or 10.1.2.3 alone?", "range", "add", "ticket", "10.1.2.3/8")
	if got := i.do("", "range", "list", "-json"); strings.Count(got, "\n") != 8 || !strings.Contains(got, `{"kind":"range","id":9,"port":"admin","from":"10.0.0.0","to":"10.0.0.9"}`) {
		t.Errorf("got %s", got)
	}
	i.do("", "range", "add", "ticket", "172.16.0.0/12", "192.0.2.7", "fd00::/9", "192.0.2.8/32", "0.0.0.0/0")
	got := i.do("", "range", "list", "-json")
	for _, want := range []string{`"from":"172.16.0.0","to":"172.31.255.255"`, `"from":"192.0.2.7"}`, `"from":"fd00::","to":"fd7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff"`, `"from":"192.0.2.8","to":"192.0.2.8"`, `"from":"0.0.0.0","to":"255.255.255.255"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

func TestMoving(t *testing.T) {
	one := newInstallation(t)
	one.do("pw\n", "setup")
	one.do("Hei\n", "customer", "add", "-user-name", "ola")
	one.do("", "ticket", "add", "-category", "1", "-customer", "1")
	one.do("", "message", "add", "-body", "Hei", "-attach", one.file("a.txt", "innhold"), "1")
	backup := one.file("backup.jsonl", "")
	one.do("", "export", backup)
	want, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	if got := one.do("", "export"); got != string(want) {
		t.Errorf("export to stdout differs from that to a file")
	}

	two := newInstallation(t)
	if out := two.do("", "import", backup); !strings.Contains(out, "1 ticket, 1 message") {
		t.Errorf("import: got %q", out)
	}
	if got := two.do("", "export"); got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	three := newInstallation(t)
	three.do(string(want), "import", "-")
	if got := three.do("", "export"); got != string(want) {
		t.Errorf("through stdin: got\n%s\nwant\n%s", got, want)
	}

	apart := one.file("apart.jsonl", "")
	one.do("", "export", "-files", "contents", apart)
	text, err := os.ReadFile(apart)
	if err != nil || bytes.Contains(text, []byte(`"data"`)) || !bytes.Contains(text, []byte(`"file":"contents/`)) {
		t.Errorf("export -files: got %s, %v", text, err)
	}
	four := newInstallation(t)
	four.do("", "import", apart)
	if got := four.do("", "export"); got != string(want) {
		t.Errorf("from files: got\n%s\nwant\n%s", got, want)
	}

	one.refuse(exitUsage, "-files needs a FILE", "export", "-files", "x")
	one.refuse(exitUsage, "below that of FILE", "export", "-files", "../x", backup)
	one.refuse(exitFailed, "skranke: open "+backup+"x: no such file or directory", "import", backup+"x")
	one.refuse(exitFailed, "is a directory", "import", filepath.Dir(backup))
	one.refuse(exitUsage, "takes one argument", "import")
	bad := one.file("bad.jsonl", `{"kind":"customer","id":5,"user_name":"a","password":"pw"}`+"\n"+`{"kind":"customer","id":5}`+"\n")
	one.refuse(exitFailed, "bad.jsonl:2: customer 5: this id stands further up as well", "import", bad)
	code, out, errs := one.try("", "import", "-partial", bad)
	if code != exitFailed || !strings.Contains(out, "imported 1 rows: 1 customer") || !strings.Contains(errs, "bad.jsonl:2: ") ||
		!strings.Contains(errs, "1 of 2 lines were left out") || !strings.Contains(errs, "1 passwords stood in") {
		t.Errorf("import -partial: got %d, %q, %q", code, out, errs)
	}
}

// What gzip packed is read; other forms are told once, with what to do.
func TestImportOfWhatIsNoText(t *testing.T) {
	const row = `{"kind":"customer","id":5,"first_name":"Åse"}` + "\n"
	packed := func(text string) string {
		var b strings.Builder
		z := gzip.NewWriter(&b)
		io.WriteString(z, text)
		z.Close()
		return b.String()
	}
	i := newInstallation(t)
	for _, text := range []string{row, packed(row), packed("") + packed(row)} {
		for _, out := range []string{i.do(text, "import", "-"), i.do("", "import", i.file("rows.jsonl", text))} {
			if out != "imported 1 rows: 1 customer\n" {
				t.Errorf("%.20q: got %q", text, out)
			}
		}
	}
	inUTF16 := func(order binary.AppendByteOrder, text string) string {
		var b []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, unit)
		}
		return string(b)
	}
	for text, want := range map[string]string{
		inUTF16(binary.LittleEndian, "\ufeff"+row): `is UTF-16: make it UTF-8 first, for instance with "iconv -f UTF-16 -t UTF-8"`,
		inUTF16(binary.BigEndian, "\ufeff"+row):    `is UTF-16: make it UTF-8 first, for instance with "iconv -f UTF-16 -t UTF-8"`,
		inUTF16(binary.LittleEndian, row):          `is UTF-16: make it UTF-8 first, for instance with "iconv -f UTF-16LE -t UTF-8"`,
		inUTF16(binary.BigEndian, row):             `is UTF-16: make it UTF-8 first, for instance with "iconv -f UTF-16BE -t UTF-8"`,
		packed(inUTF16(binary.BigEndian, row)):     `is UTF-16: make it UTF-8 first, for instance with "iconv -f UTF-16BE -t UTF-8"`,
		"PK\x03\x04\x14\x00\x00":                   `is a zip archive: unpack it first, for instance with "unzip"`,
		"BZh91AY":                                  `is packed with bzip2: unpack it first with "bunzip2"`,
		"\xfd7zXZ\x00\x00":                         `is packed with xz: unpack it first with "unxz"`,
		"\x28\xb5\x2f\xfd\x04":                     `is packed with zstd: unpack it first with "unzstd"`,
	} {
		file := i.file("rows", text)
		if code, out, errs := i.try("", "import", "-partial", file); code != exitFailed || out != "" || errs != "skranke: "+file+" "+want+"\n" {
			t.Errorf("%q: got exit code %d, %q, %q, want %s", text, code, out, errs, want)
		}
		if code, _, errs := i.try(text, "import", "-"); code != exitFailed || errs != "skranke: stdin "+want+"\n" {
			t.Errorf("%q through stdin: got exit code %d, %q", text, code, errs)
		}
	}
	i.refuse(exitFailed, "unexpected EOF", "import", i.file("cut.gz", packed(row)[:30]))
	if got := i.do("", "export"); !strings.Contains(got, "Åse") {
		t.Errorf("got %s", got)
	}
}

// An export to something that is no file leaves it what it is.
func TestExportToADevice(t *testing.T) {
	i := newInstallation(t)
	i.do("pw\n", "setup")
	before, err := os.Stat(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	i.do("", "export", os.DevNull)
	after, err := os.Stat(os.DevNull)
	if err != nil || after.Mode() != before.Mode() {
		t.Errorf("%s: got mode %v, %v, want %v", os.DevNull, after.Mode(), err, before.Mode())
	}
}

func TestPasswordCommands(t *testing.T) {
	i := newInstallation(t)
	i.do("pw\n", "setup")
	i.do("pw\n", "customer", "add", "-user-name", "ola")
	i.do("ny\n", "customer", "password", "1")
	i.do("", "user", "password", "-password-file", i.file("p", "nytt\n"), "2")
	i.refuse(exitFailed, "stands for nobody in particular", "user", "password", "-password-file", i.file("p", "nytt\n"), "1")
	i.refuse(exitFailed, "customer not found", "customer", "password", "-password-file", i.file("p", "nytt\n"), "9")
	i.refuse(exitFailed, "the password is empty", "customer", "password", "1")
}

func TestWSDLCommands(t *testing.T) {
	i := newInstallation(t)
	own := i.do("", "wsdl", "show", "customer")
	if !strings.Contains(own, `location="http://127.0.0.1:8080/scripts/SOAP?action=customer"`) || !strings.Contains(own, `style="rpc"`) {
		t.Errorf("got %.300s", own)
	}
	if got := i.do("", "wsdl", "show", "-style", "doc", "-listen", ":99", "-path-prefix", "/Cust1", "ticket"); !strings.Contains(got, `location="http://127.0.0.1:99/Cust1/soap/ticket"`) {
		t.Errorf("got %.300s", got)
	}
	i.refuse(exitUsage, "a port: customer, ticket", "wsdl", "show", "faq")
	i.refuse(exitUsage, "want rpc or doc", "wsdl", "show", "-style", "x", "ticket")

	i.do("pw\n", "setup")
	const original = "../../soap/testdata/wsdl/original-guess.wsdl"
	out := i.do("", "wsdl", "adopt", original)
	for _, want := range []string{"adopted as the WSDL of the port customer", "harmless", "it also answers at /any/customer, beside /scripts/SOAP?action=customer\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
	if strings.Contains(out, "BREAKS    ") {
		t.Errorf("something breaks: %s", out)
	}
	i.do("", "wsdl", "adopt", "-check", original)
	adopted := i.do("", "wsdl", "show", "-public-url", "https://help.example.com", "-path-prefix", "/Cust1", "customer")
	if adopted == own || !strings.Contains(adopted, `location="https://help.example.com/any/customer"`) {
		t.Errorf("got %.300s", adopted)
	}
	text, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	at := func(address string) string {
		return i.file("moved.xml", strings.Replace(string(text), "http://127.0.0.1:8099/any/customer", "http://help.example"+address, 1))
	}
	i.refuse(exitFailed, "the adopted WSDL of the port customer has the same address, /ANY/customer", "wsdl", "adopt", "-port", "ticket", at("/ANY/customer"))
	i.refuse(exitFailed, `"skranke wsdl drop customer"`, "wsdl", "adopt", "-check", "-port", "ticket", at("/any/customer?action=ticket"))
	for _, c := range []struct{ address, want string }{
		{"/Cust1/CS/scripts/soap.exe?action=customer", "it also answers at /Cust1/CS/scripts/soap.exe?action=customer, beside /scripts/SOAP?action=customer"},
		{"/Scripts/soap.exe?action=customer", "its path is one that answers anyway: /Scripts/soap.exe?action=customer"},
		{"/HealthZ", "this server's own /HealthZ): programs have to call"},
		{"/soap/ticket", "the address in it, /soap/ticket, is that of the port ticket): programs have to call /scripts/SOAP?action=customer"},
	} {
		if out := i.do("", "wsdl", "adopt", "-port", "customer", at(c.address)); !strings.Contains(out, c.want) {
			t.Errorf("%s: no %q in %s", c.address, c.want, out)
		}
	}
	if out := i.do("", "wsdl", "adopt", "-path-prefix", "/Cust1/CS", at("/Cust1/CS/scripts/soap.exe?action=customer")); !strings.Contains(out, "answers anyway: /Cust1/CS/scripts/soap.exe?action=customer") {
		t.Errorf("with path_prefix: got %s", out)
	}
	i.do("", "wsdl", "adopt", "-port", "customer", at("/soap/ticket"))
	if got := i.do("", "wsdl", "show", "customer"); !strings.Contains(got, `location="http://127.0.0.1:8080/scripts/SOAP?action=customer"`) {
		t.Errorf("got %.300s", got)
	}
	other := i.file("other.xml", strings.NewReplacer(`"logout"`, `"goodbye"`, `"op"`, `"comparison"`).Replace(string(text)))
	if code, out, stderr := execute(t, nil, "wsdl", "adopt", "-data", i.dir, "-check", other); code != exitFailed ||
		!strings.Contains(stderr, "2 differences that break an operation") || !strings.Contains(out, "BREAKS    member comparison of CriteriaStruct") {
		t.Errorf("got %d, %s%s", code, out, stderr)
	}
	i.do("", "wsdl", "drop", "customer")
	if got := i.do("", "wsdl", "show", "customer"); got != own {
		t.Errorf("after drop: got %.300s", got)
	}
	i.refuse(exitFailed, "has no adopted WSDL", "wsdl", "drop", "customer")
	i.refuse(exitFailed, "not a WSDL", "wsdl", "adopt", i.file("x.xml", "<html/>"))
	i.refuse(exitUsage, "unknown port", "wsdl", "adopt", "-port", "faq", original)
}

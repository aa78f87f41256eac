package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"skranke/config"
	"skranke/server"
	"skranke/store"
	"skranke/store/storetest"
)

// diagnose runs one check and compares how it went.
func (i installation) diagnose(name string, want verdict, says string, flags ...string) {
	i.t.Helper()
	code, out, errs := i.try("", append(append([]string{"doctor"}, flags...), name)...)
	got, _, _ := strings.Cut(out, " ")
	if verdict(got) != want || !strings.Contains(out, says) {
		i.t.Errorf("%s: got %q, want %s and %q", name, out, want, says)
	}
	if wantCode := map[verdict]int{fine: exitOK, doubt: exitOK, failure: exitFailed}[want]; code != wantCode {
		i.t.Errorf("%s: got exit code %d, want %d: %s", name, code, wantCode, errs)
	}
}

func healthy(t *testing.T) installation {
	t.Helper()
	i := newInstallation(t)
	i.do("Correct-horse-1\n", "setup", "-user", "kari")
	return i
}

func TestDoctorOnAHealthyInstallation(t *testing.T) {
	i := healthy(t)
	mails := filepath.Join(filepath.Dir(i.dir), "mail")
	code, out, errs := i.try("", "doctor", "-json", "-mail-folder", mails, "-mail-from", "a@example.com", "-time-zone", "Europe/Oslo", "-password-min-length", "10")
	if code != exitOK {
		t.Errorf("got exit code %d: %s\n%s", code, errs, out)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	all := checks()
	if len(lines) != len(all) {
		t.Fatalf("got %d lines for %d checks:\n%s", len(lines), len(all), out)
	}
	machine := []string{"space", "files", "zone"} // depend on where the test runs
	for n, line := range lines {
		var got struct{ Name, Verdict, Text string }
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if got.Name != all[n].name || got.Text == "" || got.Verdict != "ok" && !strings.Contains(strings.Join(machine, " "), got.Name) {
			t.Errorf("got %s", line)
		}
	}
}

func TestDoctorWithoutAnInstallation(t *testing.T) {
	i := newInstallation(t)
	i.diagnose("data", failure, "is not there")
	i.diagnose("schema", failure, "there is no database")
	i.diagnose("parked", failure, "see the check schema")
	i.diagnose("blobs", failure, "see the check schema")
	if _, err := os.Stat(i.dir); !os.IsNotExist(err) {
		t.Errorf("doctor has made something: %v", err)
	}
	i.refuse(exitUsage, `no check "nonsense"`, "doctor", "nonsense")
	if out := i.do("", "doctor", "list"); strings.Count(out, "\n") != len(checks()) || !strings.Contains(out, "public_url") {
		t.Errorf("got %s", out)
	}
}

func TestDataThatAreNone(t *testing.T) {
	i := newInstallation(t)
	if err := os.Mkdir(i.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(i.dir, "skranke.db"), bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	const next = "this is no database of skranke, or a damaged one; restore a backup into an empty directory"
	for _, args := range [][]string{{"serve", "-listen", "127.0.0.1:0"}, {"customer", "list"}, {"verify"}, {"backup", i.dir + "-copy"}} {
		i.refuse(exitFailed, next, args...)
	}
	i.diagnose("schema", failure, "this is no database of skranke, or a damaged one: restore a backup")
}

func TestDoctorOnFiles(t *testing.T) {
	i := healthy(t)
	i.diagnose("data", fine, i.dir)
	if err := os.Chmod(i.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	i.diagnose("data", doubt, "chmod 700")
	if code, _, _ := i.try("", "doctor", "-strict", "data"); code != exitFailed {
		t.Errorf("-strict: got exit code %d for a warning", code)
	}

	i.diagnose("strays", fine, "none")
	folder := filepath.Join(i.dir, "blobs", "ab")
	stray := filepath.Join(folder, "ab"+strings.Repeat("0", 62))
	spooled := filepath.Join(i.dir, "blobs", "spool", "left")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{stray, spooled} {
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	i.diagnose("strays", fine, "none") // they may be in the making
	for _, name := range []string{stray, spooled} {
		if err := os.Chtimes(name, time.Time{}, time.Now().Add(-30*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	i.diagnose("strays", doubt, "2 files")

	i.diagnose("backup", fine, "not known")
	marker := filepath.Join(i.dir, backupMarker)
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	i.diagnose("backup", fine, "ago")
	if err := os.Chtimes(marker, time.Time{}, time.Now().Add(-72*time.Hour)); err != nil {
		t.Fatal(err)
	}
	i.diagnose("backup", doubt, "3 days old")

	i.diagnose("wsdl", fine, "0 adopted")
	i.do("", "wsdl", "adopt", i.file("own.xml", i.do("", "wsdl", "show", "customer")))
	i.diagnose("wsdl", fine, "1 adopted")
	for _, port := range []string{"customer", "ticket"} {
		text := strings.Replace(i.do("", "wsdl", "show", port), "/scripts/SOAP?action="+port, "/cgi", 1)
		if err := os.WriteFile(filepath.Join(i.dir, "wsdl-"+port+".xml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	i.diagnose("wsdl", doubt, "have the same address, /cgi")
	i.do("", "wsdl", "drop", "ticket")
	if err := os.WriteFile(filepath.Join(i.dir, "wsdl-customer.xml"), []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	i.diagnose("wsdl", failure, "wsdl drop customer")
}

func TestDoctorOnTheDatabase(t *testing.T) {
	i := healthy(t)
	i.diagnose("schema", fine, "version")
	i.diagnose("database", fine, "undamaged")
	i.diagnose("blobs", fine, "0 attachments")
	content := filepath.Join(i.dir, "skranke.db")
	text, err := os.ReadFile(content)
	if err != nil {
		t.Fatal(err)
	}
	for n := 100; n < len(text); n++ { // the header stays
		text[n] = 0xAA
	}
	if err := os.WriteFile(content, text, 0o600); err != nil {
		t.Fatal(err)
	}
	i.diagnose("schema", failure, "restore a backup")
	i.diagnose("database", failure, "see the check schema")
}

func TestDoctorOnPeople(t *testing.T) {
	i := newInstallation(t)
	i.do("admin\n", "setup", "-user", "admin")
	i.diagnose("passwords", failure, "skranke user password")
	i.diagnose("brakes", fine, "none")
	i.diagnose("parked", fine, "0 wait")
	i.diagnose("ranges", fine, "ranges")

	good := healthy(t)
	good.diagnose("passwords", doubt, "password_min_length")
	good.diagnose("passwords", fine, "none is obvious", "-password-min-length", "10")
	for _, line := range strings.Split(strings.TrimSpace(good.do("", "range", "list")), "\n")[1:] {
		good.do("", "range", "delete", strings.Fields(line)[0])
	}
	good.diagnose("ranges", doubt, "nobody may call the port")
	good.do("", "range", "add", "all", "0.0.0.0", "255.255.255.255")
	good.diagnose("ranges", doubt, "everybody may call the port")
}

func TestDoctorOnSettings(t *testing.T) {
	i := healthy(t)
	i.diagnose("config", failure, "unknown key", "-config", i.file("bad.toml", "nonsense = 1\n"))
	i.diagnose("space", failure, "see the check config", "-config", i.file("bad.toml", "nonsense = 1\n"))
	i.diagnose("config", doubt, "without TLS", "-listen", ":8080")
	mailed := []string{"-mail-folder", filepath.Join(filepath.Dir(i.dir), "mail"), "-mail-from", "a@example.com"}
	i.diagnose("config", fine, "no configuration file", mailed...)
	i.diagnose("mail", fine, "written into", mailed...)
	i.diagnose("mail", doubt, "no mail leaves")
	i.diagnose("public_url", fine, "empty")
	i.diagnose("traces", fine, "none are sent")
	i.diagnose("public_url", doubt, "Set public_url", "-trusted-proxies", "10.0.0.1")
	i.diagnose("proxies", fine, "1 trusted", "-trusted-proxies", "10.0.0.1")
	i.diagnose("proxies", doubt, "public network", "-trusted-proxies", "8.8.0.0/16")
	i.diagnose("proxies", failure, "anybody", "-trusted-proxies", "0.0.0.0/0")
	i.diagnose("clock", fine, "UTC")
	i.diagnose("zone", fine, "Europe/Oslo", "-time-zone", "Europe/Oslo")
}

func TestDoctorAsksTheMailServer(t *testing.T) {
	i := healthy(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(conn, "220 mail.example\r\n")
			lines := bufio.NewScanner(conn)
			for lines.Scan() {
				if strings.HasPrefix(lines.Text(), "MAIL") {
					t.Error("doctor sends a mail")
				}
				if strings.HasPrefix(lines.Text(), "QUIT") {
					fmt.Fprint(conn, "221 bye\r\n")
					break
				}
				fmt.Fprint(conn, "250 mail.example\r\n")
			}
			conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	if err := greet(t.Context(), ln.Addr().String(), "127.0.0.1", "none", time.Minute); err != nil {
		t.Errorf("got %v from a server that answers", err)
	}
	if err := greet(t.Context(), ln.Addr().String(), "127.0.0.1", "starttls", time.Minute); err == nil || !strings.Contains(err.Error(), "does not offer STARTTLS") {
		t.Errorf("got %v from a server without STARTTLS", err)
	}
	ln.Close()
	<-served
	i.diagnose("mail", failure, "smtp_port", "-smtp-host", "127.0.0.1", "-smtp-port", port, "-smtp-security", "none")
}

// What is at public_url is asked as clients would, and every answer that is not
// ours has its own advice.
func TestDoctorAsksPublicURL(t *testing.T) {
	i := healthy(t)
	answer := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/desk/soap/customer" {
			t.Errorf("got %s %s", r.Method, r.URL)
		}
		answer(w, r)
	}))
	defer web.Close()
	flags := []string{"-public-url", web.URL, "-path-prefix", "/desk"}
	say := func(status int, text string) {
		answer = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(status)
			io.WriteString(w, text)
		}
	}
	conf := config.Default()
	conf.Data, conf.PublicURL, conf.PathPrefix = i.dir, web.URL, "/desk"
	s, err := server.Open(t.Context(), server.Options{Config: conf})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()

	i.diagnose("public_url", failure, "the proxy does not reach the server", flags...)
	say(http.StatusMovedPermanently, "")
	i.diagnose("public_url", failure, `sends elsewhere, to "https://elsewhere.example/"`, flags...)
	say(http.StatusNotFound, "")
	i.diagnose("public_url", failure, "path_prefix", flags...)
	say(http.StatusUnauthorized, "who are you?")
	i.diagnose("public_url", failure, "401", flags...)
	for _, text := range []string{"<html>Welcome to the web server!</html>", "", "{}", `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>`} {
		say(http.StatusOK, text)
		i.diagnose("public_url", failure, "is no skranke", flags...)
	}
	say(http.StatusForbidden, "<faultstring>address not permitted</faultstring>")
	i.diagnose("public_url", fine, "range list", flags...)
	answer = s.Handler().ServeHTTP
	i.diagnose("public_url", fine, "its WSDL says the same", flags...)
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/desk/soap/customer", nil)
	r.RemoteAddr = "127.0.0.1:1"
	s.Handler().ServeHTTP(w, r)
	say(http.StatusOK, strings.ReplaceAll(w.Body.String(), web.URL, "http://old.example"))
	i.diagnose("public_url", failure, `names "http://old.example/desk/soap/customer" instead`, flags...)

	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	i.diagnose("public_url", doubt, "does not trust", "-public-url", secure.URL)
	web.Close()
	i.diagnose("public_url", doubt, "no answer", flags...)
}

func TestDoctorAsksTheCollector(t *testing.T) {
	i := healthy(t)
	status := http.StatusOK
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/traces" {
			t.Errorf("got %s", r.URL)
		}
		w.WriteHeader(status)
	}))
	defer collector.Close()
	i.diagnose("traces", fine, "takes them", "-otlp-endpoint", collector.URL)
	status = http.StatusForbidden
	i.diagnose("traces", failure, "otlp_headers", "-otlp-endpoint", collector.URL)
}

// Doctor leaves everything as it is, also what the server would put right at once.
func TestDoctorChangesNothing(t *testing.T) {
	i := filled(t)
	if err := os.RemoveAll(filepath.Join(i.dir, "blobs", "spool")); err != nil {
		t.Fatal(err)
	}
	state := func() string {
		var b strings.Builder
		err := filepath.WalkDir(i.dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			var text []byte
			if !d.IsDir() {
				if text, err = os.ReadFile(path); err != nil {
					return err
				}
			}
			fmt.Fprintf(&b, "%s %x\n", path, sha256.Sum256(text))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	before := state()
	_, out, errs := i.try("", "doctor")
	if got := state(); got != before {
		t.Errorf("got\n%s\nwant\n%s", got, before)
	}
	if strings.Contains(out, "not looked at") || errs != "skranke: 1 of "+strconv.Itoa(len(checks()))+" checks failed\n" {
		t.Errorf("got %s %s, want all but the password to be fine", out, errs)
	}
}

// A database of an older version is left to the server, and what needs a newer
// one is no failure.
func TestDoctorOnAnOlderDatabase(t *testing.T) {
	p := &patient{db: &store.DB{}, schema: judgeSchema(1, 2, "here")}
	if got := p.make(t.Context(), check{needs: needsDesk}); got.verdict != doubt || !strings.Contains(got.text, "see the check schema") {
		t.Errorf("got %+v", got)
	}
}

// In PostgreSQL doctor looks at all it looks at elsewhere, and may have no more
// than the right to read.
func TestDoctorOnPostgres(t *testing.T) {
	if !storetest.WithPostgres() {
		t.Skip("tests are to run on SQLite alone")
	}
	database := storetest.Postgres(t)
	i := newInstallation(t)
	in := func(url string) func(stdin string, args ...string) (int, string, string) {
		return func(stdin string, args ...string) (code int, stdout, stderr string) {
			var out, errs bytes.Buffer
			code = run(t.Context(), append([]string{"-data", i.dir}, args...), strings.NewReader(stdin), &out, &errs, []string{"SKRANKE_DATABASE=" + url})
			return code, out.String(), errs.String()
		}
	}
	if code, _, errs := in(database)("Correct-horse-1\n", "setup", "-user", "kari"); code != exitOK {
		t.Fatal(errs)
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("default_transaction_read_only", "on")
	q.Set("target_session_attrs", "read-only")
	u.RawQuery = q.Encode()
	code, out, errs := in(u.String())("", "doctor", "-password-min-length", "10", "schema", "blobs", "strays", "ranges", "passwords", "brakes", "parked")
	if code != exitOK || strings.Count(out, "ok  ") != 7 {
		t.Errorf("got exit code %d: %s %s", code, out, errs)
	}
	q.Set("search_path", "nowhere")
	u.RawQuery = q.Encode()
	if _, out, _ := in(u.String())("", "doctor", "schema"); !strings.Contains(out, "not skranke's yet") {
		t.Errorf("got %s", out)
	}
}

func TestJudgements(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for n, c := range []struct {
		got  finding
		want verdict
	}{
		{judgeSpace(10 << 30), fine}, {judgeSpace(1 << 30), doubt}, {judgeSpace(1 << 20), failure},
		{judgeFiles(65536, 8192), fine}, {judgeFiles(1024, 8192), doubt},
		{judgeClock(now, now), fine}, {judgeClock(now, now.Add(time.Hour)), failure}, {judgeClock(time.Unix(0, 0), time.Time{}), failure},
		{judgeRanges(nil), doubt},
		{judgeSchema(3, 3, "here"), fine}, {judgeSchema(2, 3, "here"), doubt},
	} {
		if c.got.verdict != c.want || c.got.text == "" {
			t.Errorf("%d: got %+v, want %s", n, c.got, c.want)
		}
	}
}

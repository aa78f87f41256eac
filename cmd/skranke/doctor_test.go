package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	i.diagnose("public_url", fine, "https://x.example", "-public-url", "https://x.example")
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
	} {
		if c.got.verdict != c.want || c.got.text == "" {
			t.Errorf("%d: got %+v, want %s", n, c.got, c.want)
		}
	}
}

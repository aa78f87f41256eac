package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"skranke/store"
)

// filled is an installation with a ticket, an attachment and an adopted WSDL.
func filled(t *testing.T) installation {
	i := newInstallation(t)
	i.do("pw\n", "setup")
	i.do("Hei\n", "customer", "add", "-user-name", "ola")
	i.do("", "ticket", "add", "-title", "Blåbær", "-category", "1", "-customer", "1")
	i.do("", "message", "add", "-body", "Hei", "-attach", i.file("a.txt", "innhold"), "1")
	i.do("", "wsdl", "adopt", "../../soap/testdata/wsdl/original-guess.wsdl")
	return i
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// A backup that is made while the server runs, in each of its forms, becomes an
// installation with the same contents.
func TestBackupAndRestore(t *testing.T) {
	i := filled(t)
	r := start(t, "serve", "-data", i.dir, "-listen", "127.0.0.1:0")
	defer r.end()
	i.do("", "message", "add", "-body", "while the server runs", "1")
	want := i.do("", "export")
	wsdl := i.do("", "wsdl", "show", "customer")
	to := filepath.Join(filepath.Dir(i.dir), "backups")
	if err := os.Mkdir(to, 0o700); err != nil {
		t.Fatal(err)
	}
	folder, tar, packed := filepath.Join(to, "folder"), filepath.Join(to, "file.tar"), filepath.Join(to, "file.tgz")
	if out := i.do("", "backup", folder); !strings.Contains(out, "1 attachments") {
		t.Errorf("got %q", out)
	}
	i.do("", "backup", tar)
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte(i.do("", "backup", "-"))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(packed, z.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{folder, tar, packed, "-"} {
		stdin := ""
		if from == "-" {
			stdin = z.String()
		}
		if out := i.do(stdin, "verify", from); !strings.HasPrefix(out, from+": no fault in ") {
			t.Errorf("verify %s: got %q", from, out)
		}
		n := newInstallation(t)
		if out := n.do(stdin, "restore", from); !strings.Contains(out, ": restored as of ") {
			t.Errorf("restore %s: got %q", from, out)
		}
		if out := n.do("", "verify"); !strings.HasPrefix(out, n.dir+": no fault in ") {
			t.Errorf("verify after restore %s: got %q", from, out)
		}
		if got := n.do("", "export"); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", from, got, want)
		}
		if got := n.do("", "wsdl", "show", "customer"); got != wsdl {
			t.Errorf("%s: got another WSDL", from)
		}
		n.refuse(exitFailed, "is not empty: there is blobs", "restore", folder)
	}
	if out := i.do("", "verify"); !strings.Contains(out, "no fault") {
		t.Errorf("verify while the server runs: got %q", out)
	}
	if got := entries(t, to); !slices.Equal(got, []string{"file.tar", "file.tgz", "folder"}) {
		t.Errorf("got %q", got)
	}
	i.refuse(exitFailed, "overwrites nothing", "backup", folder)
	i.refuse(exitFailed, "overwrites nothing", "backup", tar)
	i.refuse(exitFailed, "no such file", "backup", filepath.Join(to, "no", "folder"))
	i.refuse(exitFailed, "no complete backup", "verify", i.file("x", "no tar file at all"))
	newInstallation(t).refuse(exitFailed, "no complete backup", "restore", to)
	newInstallation(t).refuse(exitFailed, "no such file", "restore", folder+"x")
	i.refuse(exitUsage, "takes one argument", "backup")
	i.refuse(exitUsage, "takes one argument", "restore")
	i.refuse(exitUsage, "one argument at most", "verify", "a", "b")
	i.refuse(exitUsage, "by the digits", "backup", "-keep", "2", folder)
	i.refuse(exitUsage, "want a number", "backup", "-keep", "-2", folder+"1")
	i.refuse(exitUsage, "stdout is none", "backup", "-link", "-")
	i.refuse(exitUsage, "needs a folder", "backup", "-link", tar+"1.tar")
	none := newInstallation(t)
	none.refuse(exitFailed, "there is no installation in ", "backup", folder+"1")
	none.refuse(exitFailed, "there is no installation in ", "verify")
}

func TestBackupKeep(t *testing.T) {
	i := filled(t)
	to := filepath.Join(filepath.Dir(i.dir), "backups")
	if err := os.Mkdir(to, 0o700); err != nil {
		t.Fatal(err)
	}
	others := []string{"day-1x", "day-x", "night-1"}
	for _, name := range others {
		i.do("", "backup", filepath.Join(to, name))
	}
	if err := os.Mkdir(filepath.Join(to, "day-77"), 0o700); err != nil { // no backup: it stays
		t.Fatal(err)
	}
	for n := 1; n <= 4; n++ {
		i.do("", "backup", "-keep", "2", "-link", filepath.Join(to, fmt.Sprintf("day-%d", n)))
	}
	if got, want := entries(t, to), append([]string{"day-1x", "day-3", "day-4", "day-77", "day-x"}, "night-1"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	blob := func(day string) os.FileInfo {
		found, err := filepath.Glob(filepath.Join(to, day, "blobs", "??", "*"))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: got %q, %v", day, found, err)
		}
		info, err := os.Stat(found[0])
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	if !os.SameFile(blob("day-3"), blob("day-4")) {
		t.Error("-link has copied")
	}
	if os.SameFile(blob("day-4"), blob("night-1")) {
		t.Error("without -link a backup shares its files")
	}
	if out := i.do("", "verify", filepath.Join(to, "day-4")); !strings.Contains(out, "no fault") {
		t.Errorf("got %q", out)
	}
	if _, err := os.Stat(filepath.Join(i.dir, backupMarker)); err != nil {
		t.Errorf("nothing tells doctor of the backup: %v", err)
	}
	out := i.do("", "backup", to+"/")
	name, _, _ := strings.Cut(out, ": ")
	if ok, err := filepath.Match(filepath.Join(to, "skranke-????????-??????"), name); !ok || err != nil {
		t.Errorf("got %q", out)
	}

	// A backup of a damaged installation is made, told of, and removes none.
	found, err := filepath.Glob(filepath.Join(i.dir, "blobs", "??", "*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("got %q, %v", found, err)
	}
	if err := os.Remove(found[0]); err != nil {
		t.Fatal(err)
	}
	code, _, errs := i.try("", "backup", "-keep", "1", filepath.Join(to, "day-5"))
	if code != exitFailed || !strings.Contains(errs, filepath.Base(found[0])) || !strings.Contains(errs, "has lost the contents of 1 attachments") {
		t.Errorf("got exit code %d, %q", code, errs)
	}
	if got := entries(t, to); !slices.Contains(got, "day-5") || !slices.Contains(got, "day-3") {
		t.Errorf("got %q", got)
	}
	code, faults, errs := i.try("", "verify")
	if code != exitFailed || !strings.Contains(faults, "attachment 1: the file with its contents is missing") || !strings.Contains(errs, "1 faults") {
		t.Errorf("verify: got exit code %d, %q, %q", code, faults, errs)
	}
}

// What backup has written is never taken for a data directory, and what is
// looked at stays as it is.
func TestVerifyWithoutManifest(t *testing.T) {
	i := filled(t)
	made := filepath.Join(filepath.Dir(i.dir), "backup")
	i.do("", "backup", made)
	if err := os.Remove(filepath.Join(made, "manifest.json")); err != nil {
		t.Fatal(err)
	}
	before := entries(t, made)
	i.refuse(exitFailed, "no complete backup: there is no manifest.json in "+made+": it was not completed, or not all of it was copied; use another one. If it is a data directory, name it with -data",
		"verify", made)
	if got := entries(t, made); !slices.Equal(got, before) {
		t.Errorf("got %q, want %q as before", got, before)
	}
	if out := i.do("", "verify", i.dir); !strings.HasPrefix(out, i.dir+": no fault in ") {
		t.Errorf("a data directory: got %q", out)
	}
	if out := (installation{t, made}).do("", "verify"); !strings.HasPrefix(out, made+": no fault in ") {
		t.Errorf("named with -data: got %q", out)
	}
}

// On a terminal a restore shows its files.
func TestRestoreShowsFiles(t *testing.T) {
	i := filled(t)
	made := filepath.Join(filepath.Dir(i.dir), "backup")
	i.do("", "backup", made)
	var shown bytes.Buffer
	to := store.Options{Dir: t.TempDir()}
	if _, err := store.BackupIn(made).RestoreTo(t.Context(), to, restoring(&meter{w: &shown})); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`[0-9.]+ MiB of [0-9.]+ MiB, [0-9]+ %`).MatchString(shown.String()) {
		t.Errorf("got %q, want how much is there of how much", shown.String())
	}
}

// verify tells of an adopted WSDL that cannot be used.
func TestVerifyWSDL(t *testing.T) {
	i := filled(t)
	if err := os.WriteFile(filepath.Join(i.dir, "wsdl-customer.xml"), []byte("<html/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, faults, _ := i.try("", "verify", i.dir)
	if code != exitFailed || !strings.Contains(faults, "file wsdl-customer.xml: cannot be used: ") {
		t.Errorf("got exit code %d, %q", code, faults)
	}
}

// What the book shows is what the commands print, but for the numbers.
func TestBackupBook(t *testing.T) {
	book, err := os.ReadFile("../../docs/backup.md")
	if err != nil {
		t.Fatal(err)
	}
	data, err := filepath.Abs("../../demo/data.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Chdir(dir)
	shell := exec.Command("mkdir", "backups")
	if err := shell.Run(); err != nil {
		t.Fatal(err)
	}
	i := installation{t, filepath.Join(dir, "skranke-data")}
	i.do("pw\n", "setup")
	i.do("", "import", data)

	type shown struct{ command, output string }
	var all []shown
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllSubmatch(book, -1) {
		for line := range strings.Lines(string(block[1])) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				all = append(all, shown{command: strings.TrimSpace(command)})
			} else {
				all[len(all)-1].output += line
			}
		}
	}
	if len(all) < 8 {
		t.Fatalf("got %d commands, want more in the book", len(all))
	}
	numbers := regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)
	plain := func(text string) string { return numbers.ReplaceAllString(text, "N") }
	for _, s := range all {
		var out bytes.Buffer
		command, into, _ := strings.Cut(s.command, " | gzip > ")
		words := strings.Fields(command)
		switch {
		case words[0] != "skranke":
			text, err := exec.Command(words[0], words[1:]...).CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %v: %s", s.command, err, text)
			}
			out.Write(text)
		case into != "":
			file, err := os.Create(into)
			if err != nil {
				t.Fatal(err)
			}
			z := gzip.NewWriter(file)
			run(t.Context(), words[1:], strings.NewReader(""), z, &out, nil)
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			if err := file.Close(); err != nil {
				t.Fatal(err)
			}
		default:
			run(t.Context(), words[1:], strings.NewReader(""), &out, &out, nil)
		}
		if got := out.String(); plain(got) != plain(s.output) {
			t.Errorf("%s: got\n%s\nthe book shows\n%s", s.command, got, s.output)
		}
	}
}

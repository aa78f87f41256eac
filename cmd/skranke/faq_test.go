package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFaqCommands(t *testing.T) {
	data, articles := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "articles")
	for name, text := range map[string]string{
		"index.md": "ignored at the top", "a.md": "# A *question*\n\nAnswer", "sub/index.md": "---\ntitle: Sub\n---\n", "sub/b.md": "---\ntitle: B\n---\nMore",
	} {
		file := filepath.Join(articles, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	empty := filepath.Join(t.TempDir(), "empty.jsonl")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	good := func(want string, args ...string) {
		t.Helper()
		code, out, errs := execute(t, nil, append(args, "-data", data)...)
		if code != exitOK || !strings.Contains(out, want) {
			t.Errorf("%q: got exit code %d, %q and %q, want %q", args, code, out, errs, want)
		}
	}
	bad := func(code int, want string, args ...string) {
		t.Helper()
		got, out, errs := execute(t, nil, append(args, "-data", data)...)
		if got != code || !strings.Contains(errs, want) {
			t.Errorf("%q: got exit code %d, %q and %q, want %d and %q", args, got, out, errs, code, want)
		}
	}
	bad(exitFailed, "there is no installation", "faq", "import", articles)
	good("imported nothing", "import", empty)
	good("nothing was changed; it would be: 3 added, 0 changed, 0 unchanged", "faq", "import", "-dry-run", articles)
	good("added     sub/b.md\n3 added, 0 changed, 0 unchanged", "faq", "import", "-access", "registered", articles)
	good("0 added, 0 changed, 3 unchanged", "faq", "import", articles)
	if err := os.WriteFile(filepath.Join(articles, "a.md"), []byte("# A question\n\nBetter answer"), 0o644); err != nil {
		t.Fatal(err)
	}
	good("changed   a.md\n0 added, 1 changed, 2 unchanged", "faq", "import", articles)
	good("3 added", "faq", "import", "-source", "elsewhere", articles)
	good("answer: <p>Better answer</p>\nhtml: true\naccess: registered\nstate: published", "faq", "show", "1")
	good("Sub", "faq-folder", "list")
	good("5\n", "faq", "add", "-title", "By hand", "-question", "?", "-answer", "!")
	good("", "faq", "set", "-state", "unpublished", "5")
	good("state: unpublished", "faq", "show", "5")
	good("1\n", "faq-group", "add", "-folder", "1", "-description", "Best", "-entries", `[{"entry": 5, "position": 1}]`)
	good("Best", "faq-group", "list")
	good("", "faq", "delete", "5")
	good("", "faq-group", "delete", "1")

	bad(exitFailed, "is not empty", "faq-folder", "delete", "1")
	bad(exitFailed, "5", "faq", "delete", "5")
	bad(exitUsage, "one argument", "faq", "import")
	bad(exitUsage, `-access "all"`, "faq", "import", "-access", "all", articles)
	bad(exitUsage, `-state "new"`, "faq", "import", "-state", "new", articles)
	bad(exitFailed, "missing: no such file or directory", "faq", "import", filepath.Join(articles, "missing"))
	bad(exitFailed, "99", "faq", "import", "-folder", "99", articles)
}

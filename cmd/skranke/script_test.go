package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Scripts are stored, looked at and deleted by their include id.
func TestScriptCommands(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	file := filepath.Join(t.TempDir(), "a.js")
	if err := os.WriteFile(file, []byte("\ufeffprint('æ')\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "nothing.jsonl")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	step := func(code int, stdout, stderr string, args ...string) {
		t.Helper()
		got, out, errs := execute(t, nil, append(args, "-data", data)...)
		if got != code || !strings.Contains(out, stdout) || !strings.Contains(errs, stderr) {
			t.Errorf("%q: got exit code %d, %q and %q, want %d, %q and %q", args, got, out, errs, code, stdout, stderr)
		}
	}
	step(exitOK, "", "", "import", empty)
	step(exitOK, "1\n", "", "script", "set", "-description", "Greets", "-file", file, "Greeting")
	step(exitOK, "1\n", "", "script", "set", "-file", file, "greeting")
	step(exitOK, "Greets", "", "script", "list")
	step(exitOK, "print('æ')\n", "", "script", "show", "GREETING")
	step(exitOK, `"source":"print('æ')\n"`, "", "export")
	step(exitFailed, "", `no script "other"`, "script", "show", "other")
	step(exitFailed, "", "needs an include id", "script", "set", "-file", file, " ")
	step(exitFailed, "", "no such file", "script", "set", "-file", file+"x", "a")
	step(exitUsage, "", "one argument", "script", "delete")
	step(exitOK, "1\n", "", "priority", "add", "-name", "High", "-levels", `[{"level":1,"script":1}]`)
	step(exitFailed, "", "there is no script 2", "priority", "set", "-levels", `[{"level":1,"script":2}]`, "1")
	step(exitFailed, "", `level 1 of priority 1 runs script "greeting"`, "script", "delete", "greeting")
	step(exitOK, "", "", "priority", "set", "-levels", "[]", "1")
	step(exitOK, "", "", "script", "delete", "greeting")
	step(exitFailed, "", `no script "greeting"`, "script", "delete", "greeting")
}

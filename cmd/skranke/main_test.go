package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"skranke/config"
)

// execute runs the program with the environment env and nothing on stdin.
func execute(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	var environ []string
	for name, value := range env {
		environ = append(environ, name+"="+value)
	}
	code = run(t.Context(), args, strings.NewReader(""), &out, &errs, environ)
	return code, out.String(), errs.String()
}

func TestHelp(t *testing.T) {
	code, all, stderr := execute(t, nil)
	if code != exitOK || stderr != "" {
		t.Fatalf("no arguments: got exit code %d and %q on stderr, want 0 and nothing", code, stderr)
	}
	for _, args := range [][]string{{"help"}, {"-h"}, {"-help"}, {"--help"}, {"-data", "x", "-h"}} {
		if code, got, _ := execute(t, nil, args...); code != exitOK || got != all {
			t.Errorf("%q: got exit code %d and\n%s\nwant 0 and the same as without arguments", args, code, got)
		}
	}
	for _, want := range []string{"-config FILE", "-data DIR", "Exit codes\n  0 ", "\n  1 ", "\n  2 ", "Examples\n  skranke "} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	_, family, _ := execute(t, nil, "help", "config")
	if _, got, _ := execute(t, nil, "config", "-h"); got != family || !strings.Contains(family, "config show") {
		t.Errorf("config -h: got\n%s\nwant the same as help config:\n%s", got, family)
	}
}

// Whoever adds a command is held to the same standard of help.
func TestEveryCommandExplainsItself(t *testing.T) {
	_, all, _ := execute(t, nil)
	seen := map[string]bool{}
	for _, cmd := range commands() {
		if seen[cmd.name] {
			t.Errorf("%s: listed twice", cmd.name)
		}
		seen[cmd.name] = true
		if words := strings.Fields(cmd.name); len(words) < 1 || len(words) > 2 || strings.Join(words, " ") != cmd.name {
			t.Errorf("got name %q, want one or two words", cmd.name)
		}
		if !slices.Contains(groups(), cmd.group) {
			t.Errorf("%s: unknown group %q", cmd.name, cmd.group)
		}
		if cmd.summary == "" || strings.HasSuffix(cmd.summary, ".") || strings.Contains(cmd.summary, "\n") {
			t.Errorf("%s: got summary %q, want one line without a full stop", cmd.name, cmd.summary)
		}
		if cmd.about == "" || len(cmd.examples) == 0 {
			t.Errorf("%s: nothing about it, or no example", cmd.name)
		}
		for _, e := range cmd.examples {
			if !strings.Contains(e, "skranke "+cmd.name) {
				t.Errorf("%s: its example %q does not show it", cmd.name, e)
			}
		}
		for _, key := range cmd.keys {
			if !slices.Contains(config.Keys(), key) {
				t.Errorf("%s: unknown setting %q", cmd.name, key)
			}
		}
		if !strings.Contains(all, "  "+cmd.name+" ") || !strings.Contains(all, cmd.summary) {
			t.Errorf("%s: not in the list of commands", cmd.name)
		}

		words := strings.Fields(cmd.name)
		code, text, stderr := execute(t, nil, append([]string{"help"}, words...)...)
		if code != exitOK || stderr != "" || !strings.Contains(text, cmd.about) || !strings.Contains(text, cmd.examples[0]) {
			t.Errorf("help %s: got exit code %d, %q, %q", cmd.name, code, stderr, text)
		}
		for _, h := range []string{"-h", "--help"} {
			if code, got, _ := execute(t, nil, append(words, h)...); code != exitOK || got != text {
				t.Errorf("%s %s: got exit code %d and\n%s\nwant the same as help", cmd.name, h, code, got)
			}
		}
		code, _, stderr = execute(t, nil, append(words, "-no-such-flag")...)
		if code != exitUsage || !strings.Contains(stderr, "unknown flag -no-such-flag") || !strings.Contains(stderr, "skranke help "+cmd.name) {
			t.Errorf("%s -no-such-flag: got exit code %d and %q", cmd.name, code, stderr)
		}
	}
}

// What a flag takes stands in its help: the documents are not beside the program.
func TestHelpListsTheTypesOfExtraFields(t *testing.T) {
	i := newInstallation(t)
	i.do("pw\n", "setup")
	_, _, refused := i.try("", "field", "add", "-domain", "ticket", "-type", "nonsense")
	_, words, _ := strings.Cut(strings.TrimSpace(refused), "want one of ")
	help := i.do("", "help", "field", "add")
	if want := "The type of its values: " + words + "."; words == "" || !strings.Contains(help, want) {
		t.Errorf("got\n%s\nwant %q, as in %q", help, want, refused)
	}
	for _, cmd := range commands() {
		fs, _ := (&call{}).prepare(cmd)
		fs.VisitAll(func(f *flag.Flag) {
			if strings.Contains(f.Usage, "see above") || strings.Contains(f.Usage, "docs/import-format.md") {
				t.Errorf("%s -%s: %s", cmd.name, f.Name, f.Usage)
			}
		})
	}
}

func TestUsageErrors(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string // first line on stderr
	}{
		{[]string{"verson"}, `unknown command "verson"; did you mean "version"?`},
		{[]string{"zzz"}, `unknown command "zzz"`},
		{[]string{"confg", "show"}, `unknown command "confg"; did you mean "config"?`},
		{[]string{"config"}, `config what? Want one of: describe, show, test, service`},
		{[]string{"config", "shwo"}, `unknown command "config shwo"; did you mean "config show"?`},
		{[]string{"config", "remove"}, `unknown command "config remove"; after "config" comes one of: describe, show, test, service`},
		{[]string{"config", "show", "-lisen", "x"}, `unknown flag -lisen; did you mean -listen?`},
		{[]string{"config", "show", "-session-idle", "30"}, `invalid value "30" for flag -session-idle: a number without a unit (s, m or h); want a duration from 1s to 8760h, such as "90s", "30m" or "1h30m"`},
		{[]string{"config", "show", "-data"}, `flag needs an argument: -data`},
		{[]string{"config", "show", "it"}, `config show takes no arguments, but was given "it"`},
		{[]string{"version", "--", "-h"}, `version takes no arguments, but was given "-h"`},
		{[]string{"-listen", ":80", "version"}, `unknown flag -listen; only -config and -data may stand before the command`},
		{[]string{"help", "verson"}, `unknown command "verson"; did you mean "version"?`},
		{[]string{"help", "version", "please"}, `no help on "version please"`},
	} {
		code, stdout, stderr := execute(t, nil, tt.args...)
		first, _, _ := strings.Cut(stderr, "\n")
		if code != exitUsage || stdout != "" || first != "skranke: "+tt.want {
			t.Errorf("%q: got exit code %d, stdout %q, and\n%s\nwant 2, nothing, and\nskranke: %s", tt.args, code, stdout, first, tt.want)
		}
	}
}

func TestVersion(t *testing.T) {
	code, stdout, stderr := execute(t, nil, "version")
	if code != exitOK || stderr != "" || !strings.HasPrefix(stdout, "skranke ") || !strings.Contains(stdout, " go1.") || strings.Count(stdout, "\n") != 1 {
		t.Errorf("got exit code %d, %q, %q, want 0 and one line with the versions", code, stdout, stderr)
	}
}

func TestParseTakesFlagsAnywhere(t *testing.T) {
	for _, tt := range []struct{ args, plain, data string }{
		{"a -data x b", "a b", "x"},
		{"-data x a b", "a b", "x"},
		{"a b -data=x", "a b", "x"},
		{"-data x -- -data y", "-data y", "x"},
		{"a -- -b", "a -b", ""},
		{"a - b", "a - b", ""},
		{"", "", ""},
	} {
		fs := flag.NewFlagSet("test", flag.ContinueOnError)
		fs.SetOutput(io.Discard)
		data := fs.String("data", "", "")
		got, err := parse(fs, strings.Fields(tt.args))
		if err != nil {
			t.Errorf("%q: %v", tt.args, err)
		}
		if strings.Join(got, " ") != tt.plain || *data != tt.data {
			t.Errorf("%q: got %q and data %q, want %q and %q", tt.args, got, *data, tt.plain, tt.data)
		}
	}
}

func TestConfigDescribe(t *testing.T) {
	var want bytes.Buffer
	if err := config.Describe(&want); err != nil {
		t.Fatal(err)
	}
	if code, got, _ := execute(t, nil, "config", "describe"); code != exitOK || got != want.String() {
		t.Errorf("got exit code %d and\n%s\nwant 0 and\n%s", code, got, want.String())
	}
}

func TestConfigShow(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("skranke.toml", []byte("log_level = \"warn\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"SKRANKE_PATH_PREFIX": "/desk"}
	code, out, stderr := execute(t, env, "-data", "here", "config", "show", "-listen", "localhost:1")
	if code != exitOK || stderr != "" {
		t.Fatalf("got exit code %d and %q", code, stderr)
	}
	if code, got, stderr := execute(t, map[string]string{"SKRANKE_PATH_PREFIX": "/desk", "SKRANKE_LISTN": "secret"}, "-data", "here", "config", "show", "-listen", "localhost:1"); code != exitOK || got != out ||
		stderr != "skranke: warning: environment SKRANKE_LISTN sets nothing: there is no such setting; did you mean \"SKRANKE_LISTEN\"?\n" {
		t.Errorf("with a mistyped variable: got exit code %d, %q and\n%s", code, stderr, got)
	}
	for _, want := range []string{
		`log_level = "warn" # skranke.toml:1`,
		`path_prefix = "/desk" # environment SKRANKE_PATH_PREFIX`,
		`data = "here" # flag -data`,
		`listen = "localhost:1" # flag -listen`,
		`session_idle = "30m" # default`,
	} {
		found := false
		for line := range strings.Lines(out) {
			found = found || strings.Join(strings.Fields(line), " ") == want
		}
		if !found {
			t.Errorf("no line %s in\n%s", want, out)
		}
	}
}

func TestConfigTest(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	code, out, stderr := execute(t, nil, "config", "test")
	if code != exitOK || out != "the settings are good (no configuration file)\n" || stderr != "" {
		t.Errorf("defaults: got exit code %d, %q, %q", code, out, stderr)
	}
	if _, err := os.Stat("skranke-data"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got a data directory made by a test of the settings (%v), want none", err)
	}

	file := filepath.Join(dir, "my.toml")
	if err := os.WriteFile(file, []byte("listen = \":8080\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, stderr = execute(t, map[string]string{"SKRANKE_CONFIG": file}, "config", "test")
	if code != exitOK || out != "the settings are good ("+file+")\n" || !strings.HasPrefix(stderr, `skranke: warning: listen = ":8080" answers other machines without TLS`) {
		t.Errorf("open to the network: got exit code %d, %q, %q, want 0 and a warning", code, out, stderr)
	}

	if err := os.WriteFile(file, []byte("listn = 1\nlog_level = \"x\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, stderr = execute(t, nil, "config", "test", "-config", file)
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if code != exitFailed || out != "" || len(lines) != 2 || !strings.HasPrefix(lines[0], "skranke: "+file+":1: listn: unknown key") || !strings.HasPrefix(lines[1], "skranke: "+file+":2: log_level") {
		t.Errorf("bad file: got exit code %d, %q and\n%s\nwant 1 and two marked lines", code, out, stderr)
	}

	code, _, stderr = execute(t, nil, "config", "test", "-config", "gone.toml")
	if code != exitFailed || !strings.Contains(stderr, "gone.toml does not exist") {
		t.Errorf("file missing: got exit code %d, %q", code, stderr)
	}
	code, _, stderr = execute(t, nil, "config", "test", "-data", file)
	if code != exitFailed || !strings.Contains(stderr, "flag -data: data = ") || !strings.Contains(stderr, "is a file") {
		t.Errorf("data is a file: got exit code %d, %q", code, stderr)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("nobody reads") }

func TestOutputThatFailsIsAFailure(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"version"}, {"config", "describe"}, {"config", "show"}} {
		var errs bytes.Buffer
		code := run(context.Background(), args, nil, brokenPipe{}, &errs, nil)
		if code != exitFailed || !strings.Contains(errs.String(), "nobody reads") {
			t.Errorf("%q: got exit code %d and %q, want 1 and why", args, code, errs.String())
		}
	}
}

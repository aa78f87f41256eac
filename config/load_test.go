package config_test

import (
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"skranke/config"
)

func writeFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "skranke.toml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func environ(m map[string]string) func(string) string {
	return func(name string) string { return m[name] }
}

func parseFlags(t *testing.T, args ...string) *config.Flags {
	t.Helper()
	fs := flag.NewFlagSet("test", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	f := config.AddFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatalf("parsing %q: %v", args, err)
	}
	return f
}

func TestLoadDefaults(t *testing.T) {
	got, from, err := config.Load(config.Input{})
	if err != nil {
		t.Fatal(err)
	}
	if want := config.Default(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, key := range config.Keys() {
		if got := from[key].String(); got != "default" {
			t.Errorf("source of %s: got %q, want default", key, got)
		}
	}
}

// types.session.3: 30 minutes unless set. types.sec.1: 10, 50, 15 minutes.
// types.sec.4: no password policy unless set. types.limit.2: 64 and 32 MiB.
func TestDefaultsAreTheContract(t *testing.T) {
	c := config.Default()
	if got, want := c.SessionIdle, 30*time.Minute; got != want {
		t.Errorf("session_idle: got %v, want %v", got, want)
	}
	if c.LoginFailuresPerName != 10 || c.LoginFailuresPerAddress != 50 || c.LoginFailureWindow != 15*time.Minute {
		t.Errorf("login brake: got %d, %d, %v, want 10, 50, 15m", c.LoginFailuresPerName, c.LoginFailuresPerAddress, c.LoginFailureWindow)
	}
	if c.PasswordMinLength != 0 || c.PasswordNeedsDigit || c.PasswordNeedsLower || c.PasswordNeedsUpper || c.PasswordNeedsSpecial {
		t.Errorf("password policy: got on, want off")
	}
	if got, want := c.MaxRequestBytes(), int64(64<<20); got != want {
		t.Errorf("largest request: got %d, want %d", got, want)
	}
	if got, want := c.MaxAttachmentBytes(), int64(32<<20); got != want {
		t.Errorf("largest attachment: got %d, want %d", got, want)
	}
}

func TestLoadOrder(t *testing.T) {
	file := writeFile(t, `
listen = "127.0.0.1:1001"
data = "/from/file"
path_prefix = "/Cust1/CS/"
trusted_proxies = ["10.1.2.3/8", "::1"]
log_level = "debug"
`)
	c, from, err := config.Load(config.Input{
		File:   file,
		Getenv: environ(map[string]string{"SKRANKE_LISTEN": "127.0.0.1:1002", "SKRANKE_DATA": "/from/env", "SKRANKE_TIME_ZONE": "Europe/Oslo", "SKRANKE_LOG_LEVEL": ""}),
		Flags:  parseFlags(t, "-listen", "127.0.0.1:1003", "-password-needs-digit"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Listen, "127.0.0.1:1003"; got != want {
		t.Errorf("listen: got %q, want %q", got, want)
	}
	if got, want := c.Data, "/from/env"; got != want {
		t.Errorf("data: got %q, want %q", got, want)
	}
	if got, want := c.PathPrefix, "/Cust1/CS"; got != want {
		t.Errorf("path_prefix: got %q, want %q", got, want)
	}
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	if got := c.TrustedProxies; !reflect.DeepEqual(got, proxies) {
		t.Errorf("trusted_proxies: got %v, want %v", got, proxies)
	}
	if got, want := c.LogLevel, slog.LevelDebug; got != want {
		t.Errorf("log_level: got %v, want %v (an empty variable counts as unset)", got, want)
	}
	if !c.PasswordNeedsDigit {
		t.Errorf("password_needs_digit: got false, want true")
	}
	for key, want := range map[string]string{
		"listen":               "flag -listen",
		"password_needs_digit": "flag -password-needs-digit",
		"data":                 "environment SKRANKE_DATA",
		"time_zone":            "environment SKRANKE_TIME_ZONE",
		"path_prefix":          file + ":4",
		"trusted_proxies":      file + ":5",
		"session_idle":         "default",
	} {
		if got := from[key].String(); got != want {
			t.Errorf("source of %s: got %q, want %q", key, got, want)
		}
	}
}

// types.session.9
func TestUserIdle(t *testing.T) {
	for _, tt := range []struct {
		autologout string
		want       time.Duration
	}{
		{`""`, 20 * time.Minute},
		{`"0"`, 0},
		{`"0s"`, 0},
		{`"45m"`, 45 * time.Minute},
	} {
		c, _, err := config.Load(config.Input{File: writeFile(t, "session_idle = \"20m\"\nautologout = "+tt.autologout)})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.UserIdle(); got != tt.want {
			t.Errorf("autologout = %s: got %v, want %v", tt.autologout, got, tt.want)
		}
	}
	c, _, err := config.Load(config.Input{File: writeFile(t, `session_idle = "20m"`)})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.UserIdle(), 20*time.Minute; got != want {
		t.Errorf("no autologout: got %v, want %v", got, want)
	}
}

func TestBadFile(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`listn = ":80"`, `FILE:1: listn: unknown key; did you mean "listen"? ("skranke config describe" lists all keys)`},
		{`public-url = ""`, `FILE:1: public-url: unknown key; did you mean "public_url"? ("skranke config describe" lists all keys)`},
		{`colour = 7`, `FILE:1: colour: unknown key ("skranke config describe" lists all keys)`},
		{"[server]\nlisten = \":80\"", `FILE:1: server: unknown section; all keys stand at the top, without [server]`},
		{"[a.b]\nc = 1", `FILE: a: unknown section; all keys stand at the top, without [a]`},
		{"server.listen = 1", `FILE: server: unknown section; all keys stand at the top, without [server]`},
		{"[[proxy]]\nc = 1", `FILE:1: proxy: unknown section; all keys stand at the top, without [proxy]`},
		{"data.dir = 1", `FILE: data: not a text in quotes; want a directory`},
		{"\n\nlisten = \"8080\"", `FILE:3: listen = "8080": only a port; write "127.0.0.1:8080"; want host:port, such as "127.0.0.1:8080", or ":8080" for every interface`},
		{`listen = "http://localhost:1"`, `FILE:1: listen = "http://localhost:1": a URL; that belongs in public_url; want host:port, such as "127.0.0.1:8080", or ":8080" for every interface`},
		{`listen = "localhost:http"`, `FILE:1: listen = "localhost:http": the port must be a number from 0 to 65535; want host:port, such as "127.0.0.1:8080", or ":8080" for every interface`},
		{`listen = 8080`, `FILE:1: listen = "8080": not a text in quotes; want host:port, such as "127.0.0.1:8080", or ":8080" for every interface`},
		{`max_request_mib = "64"`, `FILE:1: max_request_mib = "64": not a whole number; numbers stand without quotes; want a whole number from 1 to 1024`},
		{`max_request_mib = 0`, `FILE:1: max_request_mib = "0": out of range; want a whole number from 1 to 1024`},
		{`session_idle = "30"`, `FILE:1: session_idle = "30": a number without a unit (s, m or h); want a duration from 1s to 8760h, such as "90s", "30m" or "1h30m"`},
		{`session_idle = "-5m"`, `FILE:1: session_idle = "-5m": out of range; want a duration from 1s to 8760h, such as "90s", "30m" or "1h30m"`},
		{`autologout = "soon"`, `FILE:1: autologout = "soon": not a duration; want "" (as session_idle), "0" (never) or a duration up to 8760h, such as "30m"`},
		{`password_needs_digit = "yes"`, `FILE:1: password_needs_digit = "yes": not true or false; these stand without quotes; want true or false`},
		{`time_zone = "Oslo"`, `FILE:1: time_zone = "Oslo": no such time zone; want a zone name such as "Europe/Oslo", "UTC" or "Local"`},
		{`time_zone = ""`, `FILE:1: time_zone: empty; want a zone name such as "Europe/Oslo", "UTC" or "Local"`},
		{`log_level = "wran"`, `FILE:1: log_level = "wran": unknown level; did you mean "warn"?; want debug, info, warn or error`},
		{`log_format = "xml"`, `FILE:1: log_format = "xml": unknown choice; want text or json`},
		{`trusted_proxies = "10.0.0.0/8"`, `FILE:1: trusted_proxies = "10.0.0.0/8": not a list; lists stand in [ ]; want a list of networks or addresses, such as ["10.0.0.0/8", "::1"]`},
		{`trusted_proxies = ["proxy"]`, `FILE:1: trusted_proxies = "proxy": "proxy" is neither a network nor an address; want a list of networks or addresses, such as ["10.0.0.0/8", "::1"]`},
		{`data = ""`, `FILE:1: data: empty; want a directory`},
		{`listen = 127.0.0.1:8080`, `FILE:1:10: Invalid float value: "127.0.0.1" (texts stand in "quotes", numbers, true and false do not)`},
	} {
		file := writeFile(t, tt.text)
		_, _, err := config.Load(config.Input{File: file})
		if err == nil {
			t.Errorf("%s: got no error, want %s", tt.text, tt.want)
			continue
		}
		if got := strings.ReplaceAll(err.Error(), file, "FILE"); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

func TestPublicURL(t *testing.T) {
	for _, tt := range []struct{ in, want, wrong string }{
		{in: "", want: ""},
		{in: "https://help.example.com", want: "https://help.example.com"},
		{in: "https://help.example.com/", want: "https://help.example.com"},
		{in: "http://[::1]:8080/desk/", want: "http://[::1]:8080/desk"},
		{in: "help.example.com", wrong: "must begin with http:// or https://"},
		{in: "ftp://help.example.com", wrong: "must begin with http:// or https://"},
		{in: "https:///x", wrong: "no host name"},
		{in: "https://a@b.example", wrong: "must not hold a user name or password"},
		{in: "https://b.example/?action=ticket", wrong: "must have no query"},
		{in: "https://b.example/?", wrong: "must have no query"},
		{in: "https://b.example/#x", wrong: "must have no fragment"},
		{in: "https://b.example:99999", wrong: "the port must be a number"},
		{in: "https://b.exa mple", wrong: "invalid character"},
	} {
		c, _, err := config.Load(config.Input{Getenv: environ(map[string]string{"SKRANKE_PUBLIC_URL": tt.in})})
		if tt.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%q: got %v, want an error with %q", tt.in, err, tt.wrong)
			}
			continue
		}
		if err != nil || c.PublicURL != tt.want {
			t.Errorf("%q: got %q, %v, want %q", tt.in, c.PublicURL, err, tt.want)
		}
	}
}

func TestPathPrefix(t *testing.T) {
	for _, tt := range []struct{ in, want, wrong string }{
		{in: "/", want: ""},
		{in: "/Cust12345/CS", want: "/Cust12345/CS"},
		{in: "/Cust12345/CS//", want: "/Cust12345/CS"},
		{in: "Cust", wrong: "must start with a slash"},
		{in: "//x", wrong: "must not have empty parts"},
		{in: "/a/../b", wrong: "must not have empty parts, nor the parts . and .. in it"},
		{in: "/{x}", wrong: "must be a plain path"},
		{in: "/a b", wrong: "must be a plain path"},
	} {
		c, _, err := config.Load(config.Input{Getenv: environ(map[string]string{"SKRANKE_PATH_PREFIX": tt.in})})
		if tt.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%q: got %v, want an error with %q", tt.in, err, tt.wrong)
			}
			continue
		}
		if err != nil || c.PathPrefix != tt.want {
			t.Errorf("%q: got %q, %v, want %q", tt.in, c.PathPrefix, err, tt.want)
		}
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	file := writeFile(t, "listn = 1\nlog_format = \"xml\"\n")
	_, _, err := config.Load(config.Input{File: file, Getenv: environ(map[string]string{"SKRANKE_MAX_REQUEST_MIB": "many"})})
	if err == nil {
		t.Fatal("got no error, want three")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 3 {
		t.Fatalf("got %d problems, want 3:\n%v", len(lines), err)
	}
	if want := `environment SKRANKE_MAX_REQUEST_MIB: max_request_mib = "many": not a whole number; want a whole number from 1 to 1024`; lines[2] != want {
		t.Errorf("got %s\nwant %s", lines[2], want)
	}
	var p *config.Problem
	if !errors.As(err, &p) || p.Key != "listn" || p.Source.Line != 1 {
		t.Errorf("got %+v, want the problem of listn in line 1", p)
	}
}

func TestFlagIsCheckedAtOnce(t *testing.T) {
	fs := flag.NewFlagSet("test", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	config.AddFlags(fs, "session_idle")
	err := fs.Parse([]string{"-session-idle", "30"})
	if err == nil || !strings.Contains(err.Error(), "a number without a unit") || !strings.Contains(err.Error(), `such as "90s"`) {
		t.Errorf("got %v, want what is wrong and what is allowed", err)
	}
	if fs.Lookup("listen") != nil {
		t.Errorf("got a flag -listen, want only the key that was named")
	}
}

func TestFindFile(t *testing.T) {
	t.Chdir(t.TempDir())
	env := environ(map[string]string{"SKRANKE_CONFIG": "env.toml"})
	if got := config.FindFile("", nil); got != "" {
		t.Errorf("nothing there: got %q, want none", got)
	}
	if err := os.WriteFile(config.DefaultFile, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := config.FindFile("", nil); got != config.DefaultFile {
		t.Errorf("default file there: got %q, want %q", got, config.DefaultFile)
	}
	if got := config.FindFile("", env); got != "env.toml" {
		t.Errorf("variable set: got %q, want env.toml", got)
	}
	if got := config.FindFile("flag.toml", env); got != "flag.toml" {
		t.Errorf("flag given: got %q, want flag.toml", got)
	}
	_, _, err := config.Load(config.Input{File: "flag.toml"})
	if err == nil || !strings.Contains(err.Error(), "flag.toml does not exist") {
		t.Errorf("named file missing: got %v, want an error that says so", err)
	}
}

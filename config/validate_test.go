package config_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"skranke/config"
)

func TestValidateWarnings(t *testing.T) {
	proxy := []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}
	for _, tt := range []struct {
		name string
		edit func(*config.Config)
		want []string // how each warning begins
	}{
		{"defaults", func(c *config.Config) {}, nil},
		{"localhost", func(c *config.Config) { c.Listen = "localhost:80" }, nil},
		{"IPv6 loopback", func(c *config.Config) { c.Listen = "[::1]:80" }, nil},
		{"every interface", func(c *config.Config) { c.Listen = ":80" }, []string{`listen = ":80" answers other machines`}},
		{"plain public_url", func(c *config.Config) { c.Listen = "0.0.0.0:80"; c.PublicURL = "http://h.example" }, []string{`listen = "0.0.0.0:80" answers other machines`}},
		{"behind a proxy", func(c *config.Config) {
			c.Listen, c.PublicURL, c.TrustedProxies = ":80", "https://h.example", proxy
		}, nil},
		{"proxy not listed", func(c *config.Config) { c.PublicURL = "https://h.example" }, []string{"public_url is https"}},
		{"everybody is a proxy", func(c *config.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("::/0")} }, []string{"trusted_proxies holds ::/0"}},
		{"attachment too large to send", func(c *config.Config) { c.MaxAttachmentMiB = 48 }, []string{"max_attachment_mib = 48 never fits: base64 needs max_request_mib of at least 65"}},
	} {
		c := config.Default()
		c.Data = t.TempDir()
		tt.edit(&c)
		got, err := c.Validate(nil)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if len(got) != len(tt.want) {
			t.Errorf("%s: got warnings %q, want %q", tt.name, got, tt.want)
			continue
		}
		for i := range got {
			if !strings.HasPrefix(got[i], tt.want[i]) {
				t.Errorf("%s: got %q, want it to begin %q", tt.name, got[i], tt.want[i])
			}
		}
	}
}

func TestValidateData(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ data, wrong string }{
		{dir, ""},
		{filepath.Join(dir, "new", "deeper"), ""},
		{file, file + " is a file"},
		{filepath.Join(file, "below"), file + " is a file"},
		{filepath.Join(file, "far", "below"), file + " is a file"},
		{"/proc/skranke", "cannot write in /"},
	} {
		c := config.Default()
		c.Data = tt.data
		_, err := c.Validate(config.Provenance{"data": {Kind: config.FromEnv, Name: "SKRANKE_DATA"}})
		if tt.wrong == "" {
			if err != nil {
				t.Errorf("%s: got %v, want no error", tt.data, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.wrong) || !strings.HasPrefix(err.Error(), "environment SKRANKE_DATA: data = ") {
			t.Errorf("%s: got %v, want where it was set and %q", tt.data, err, tt.wrong)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 {
		t.Errorf("got %d entries in the directory afterwards, want the one that was there", len(left))
	}
}

func TestValidateChecksEveryValue(t *testing.T) {
	c := config.Config{Data: t.TempDir()}
	_, err := c.Validate(nil)
	if err == nil {
		t.Fatal("got no error for a Config of zeros, want one")
	}
	for _, key := range []string{"listen", "max_request_mib", "max_attachment_mib", "time_zone", "session_idle", "login_failures_per_name", "log_format"} {
		if !strings.Contains("\n"+err.Error(), "\n"+key) {
			t.Errorf("no line about %s in\n%v", key, err)
		}
	}
}

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
		{"mail by SMTP", func(c *config.Config) { c.SMTPHost, c.MailFrom = "post.example", "help@desk.example" }, nil},
		{"mail in clear on this machine", func(c *config.Config) {
			c.SMTPHost, c.MailFrom, c.SMTPSecurity = "127.0.0.1", "help@desk.example", "none"
		}, nil},
		{"mail without sender", func(c *config.Config) { c.SMTPHost = "post.example" }, []string{"mail can leave, but mail_from is empty"}},
		{"two ways for mail", func(c *config.Config) {
			c.SMTPHost, c.MailFrom, c.MailFolder = "post.example", "help@desk.example", "mails"
		}, []string{`mail_folder = "mails" has no effect`}},
		{"mail in clear", func(c *config.Config) {
			c.SMTPHost, c.MailFrom, c.SMTPSecurity = "post.example", "help@desk.example", "none"
		}, []string{`smtp_security = "none" sends mails in clear`}},
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

func TestValidateMail(t *testing.T) {
	dir := t.TempDir()
	file, empty := filepath.Join(dir, "secret"), filepath.Join(dir, "empty")
	for name, text := range map[string]string{file: "hunter2\r\nsecond line\n", empty: "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		edit  func(*config.Config)
		wrong string
	}{
		{func(c *config.Config) { c.SMTPPasswordFile = file }, ""},
		{func(c *config.Config) { c.MailFolder = filepath.Join(dir, "new") }, ""},
		{func(c *config.Config) { c.SMTPPassword, c.SMTPPasswordFile = "hunter2", file }, "smtp_password is set too"},
		{func(c *config.Config) { c.SMTPPasswordFile = filepath.Join(dir, "none") }, "no such file"},
		{func(c *config.Config) { c.SMTPPasswordFile = empty }, "first line is empty"},
		{func(c *config.Config) { c.MailFolder = file }, "is a file"},
		{func(c *config.Config) { c.MailFrom = "not an address" }, "mail_from"},
		{func(c *config.Config) { c.MailFrom = "a@b.example\r\nBcc: c@d.example" }, "mail_from"},
		{func(c *config.Config) { c.SMTPHost = "post.example:25" }, "that belongs in smtp_port"},
		{func(c *config.Config) { c.SMTPHost = "smtp://post" }, "smtp_host"},
		{func(c *config.Config) { c.SMTPPort = 65536 }, "smtp_port"},
		{func(c *config.Config) { c.SMTPSecurity = "ssl" }, "smtp_security"},
		{func(c *config.Config) { c.MailRetryFor = 0 }, "mail_retry_for"},
	} {
		c := config.Default()
		c.Data = dir
		tt.edit(&c)
		_, err := c.Validate(nil)
		if tt.wrong == "" && err != nil || tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
			t.Errorf("got %v, want %q", err, tt.wrong)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a secret shows in %v", err)
		}
	}
}

func TestSMTPSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("hunter2\r\nsecond line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	if c.Mailing() {
		t.Error("got mail leaving by default")
	}
	c.SMTPPassword = "plain"
	if got, err := c.SMTPSecret(); got != "plain" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	c.SMTPPassword, c.SMTPPasswordFile = "", file
	if got, err := c.SMTPSecret(); got != "hunter2" || err != nil {
		t.Errorf("from a file: got %q, %v", got, err)
	}
	for security, want := range map[string]string{"starttls": "[::1]:587", "tls": "[::1]:465", "none": "[::1]:25"} {
		c.SMTPHost, c.SMTPSecurity, c.SMTPPort = "::1", security, 0
		if got := c.SMTPAddress(); got != want {
			t.Errorf("%s: got %q, want %q", security, got, want)
		}
	}
	if c.SMTPPort = 2525; c.SMTPAddress() != "[::1]:2525" || !c.Mailing() {
		t.Errorf("got %q", c.SMTPAddress())
	}
}

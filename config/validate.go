package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
)

// Validate checks the whole configuration: every value by itself, for a Config
// that did not come from Load, and whether the data directory can be written,
// or made if it is missing. It changes nothing on disk that stays. from may be
// nil; it only makes messages more precise.
//
// The warnings are whole sentences about settings that work but are likely to
// be regretted. The error holds every *Problem found.
func (c Config) Validate(from Provenance) (warnings []string, err error) {
	l := loader{conf: reflect.ValueOf(&c).Elem(), opts: options(), from: from}
	for _, o := range l.opts {
		text := o.text(l.conf)
		if err := o.set(l.conf, text); err != nil {
			l.refuse(o, text, from[o.key], err)
		}
	}
	if len(l.problems) == 0 {
		if err := checkData(c.Data); err != nil {
			l.problems = append(l.problems, &Problem{
				Key: "data", Value: c.Data, Source: from["data"], Wrong: err.Error(),
				Want: "a directory this user may write in; choose another with -data DIR, or change its owner",
			})
		}
	}
	if len(l.problems) == 0 {
		l.problems = append(l.problems, c.mailProblems(from)...)
		l.problems = append(l.problems, c.bucketProblems(from)...)
	}
	if err := errors.Join(l.problems...); err != nil {
		return nil, err
	}
	return c.warnings(), nil
}

// mailProblems are settings of mail that exclude each other or cannot work.
func (c Config) mailProblems(from Provenance) []error {
	var all []error
	refuse := func(key, value, wrong, want string) {
		all = append(all, &Problem{Key: key, Value: value, Source: from[key], Wrong: wrong, Want: want})
	}
	if c.SMTPPassword != "" && c.SMTPPasswordFile != "" {
		refuse("smtp_password_file", c.SMTPPasswordFile, "smtp_password is set too", "one of both")
	} else if _, err := c.SMTPSecret(); err != nil {
		refuse("smtp_password_file", c.SMTPPasswordFile, "cannot be used: "+reason(err).Error(), "a file this user may read, with the password in its first line")
	}
	if c.SMTPHost == "" && c.MailFolder != "" {
		if err := checkData(c.MailFolder); err != nil {
			refuse("mail_folder", c.MailFolder, err.Error(), "a directory this user may write in")
		}
	}
	return all
}

// bucketProblems are files that cannot be read.
func (c Config) bucketProblems(from Provenance) []error {
	if c.Attachments == "" || c.BucketCredentialsFile == "" {
		return nil
	}
	f, err := os.Open(c.BucketCredentialsFile)
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		return nil
	}
	return []error{&Problem{Key: "bucket_credentials_file", Value: c.BucketCredentialsFile, Source: from["bucket_credentials_file"],
		Wrong: "cannot be used: " + reason(err).Error(), Want: "a file this user may read"}}
}

func (c Config) warnings() []string {
	var all []string
	warn := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }

	secure := strings.HasPrefix(c.PublicURL, "https://")
	if !loopback(c.Listen) && !secure {
		warn("listen = %q answers other machines without TLS: passwords and session keys can be read on the way. Put a TLS proxy in front and set public_url to its https address, or listen on 127.0.0.1.", c.Listen)
	}
	if secure && len(c.TrustedProxies) == 0 {
		warn("public_url is https, so a proxy stands in front, but trusted_proxies is empty: every client will seem to come from the proxy's address, and the login brake will count them as one. List the proxy's network.")
	}
	for _, p := range c.TrustedProxies {
		if p.Bits() == 0 {
			warn("trusted_proxies holds %s, which is everybody: any client can pretend to come from any address. List the proxy's own network.", p)
		}
	}
	// Base64 takes four bytes for three; the rest is room for the envelope.
	if need := c.MaxAttachmentMiB*4/3 + 1; need > c.MaxRequestMiB {
		warn("max_attachment_mib = %d never fits: base64 needs max_request_mib of at least %d, not %d.", c.MaxAttachmentMiB, need, c.MaxRequestMiB)
	}
	if c.Mailing() && c.MailFrom == "" {
		warn("mail can leave, but mail_from is empty: mails that belong to no mailbox, such as passwords, wait until it is set, or the setting config.defaultMail.")
	}
	if host, plain := strings.CutPrefix(c.BucketEndpoint, "http://"); plain && c.Attachments != "" && !loopback(host) && !loopback(host+":80") {
		warn("bucket_endpoint = %q is reached without TLS: attachments can be read on the way.", c.BucketEndpoint)
	}
	if c.Attachments == "" && (c.BucketEndpoint != "" || c.BucketRegion != "" || c.BucketCredentialsFile != "") {
		warn("bucket_endpoint, bucket_region and bucket_credentials_file have no effect: attachments is empty.")
	}
	if c.SMTPHost != "" && c.MailFolder != "" {
		warn("mail_folder = %q has no effect, because smtp_host is set: take one of both away.", c.MailFolder)
	}
	if c.SMTPHost != "" && c.SMTPSecurity == "none" && !loopback(net.JoinHostPort(c.SMTPHost, "25")) {
		warn(`smtp_security = "none" sends mails in clear to another machine, one-time passwords too: use starttls or tls.`)
	}
	if u, err := url.Parse(c.TracesURL()); err == nil && u.Host != "" {
		if u.Port() == "4317" {
			warn("the collector %s has the port at which collectors take gRPC, but traces are sent by HTTP: set otlp_endpoint to the port for that, mostly 4318.", c.TracesURL())
		}
		if c.OTLPHeaders != "" && u.Scheme == "http" && !loopback(net.JoinHostPort(u.Hostname(), "4318")) {
			warn("otlp_headers go to %s in clear: use its https address.", c.TracesURL())
		}
	}
	return all
}

// loopback reports whether a server on listen can be reached from its own
// machine only.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// checkData reports why dir cannot be the data directory: it, or the nearest
// parent that exists, is no directory or takes no new file.
func checkData(dir string) error {
	at, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	for {
		info, err := os.Stat(at)
		if err == nil && !info.IsDir() {
			return fmt.Errorf("%s is a file", at)
		}
		if err == nil {
			return checkWritable(at)
		}
		// Below a file the system says "not a directory"; going up finds the file.
		missing := errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
		parent := filepath.Dir(at)
		if !missing || parent == at {
			return fmt.Errorf("cannot look at %s: %w", at, reason(err))
		}
		at = parent
	}
}

func checkWritable(dir string) error {
	f, err := os.CreateTemp(dir, ".skranke-write-test-*")
	if err != nil {
		return fmt.Errorf("cannot write in %s: %w", dir, reason(err))
	}
	name := f.Name()
	return errors.Join(f.Close(), os.Remove(name))
}

// reason is err without the path, which the message names already.
func reason(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

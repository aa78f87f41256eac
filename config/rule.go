package config

import (
	"errors"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// rule is the form of a text setting: clean checks a value and brings it into
// its normal form, want says what is allowed, example what it may look like.
type rule struct {
	want, placeholder string
	clean             func(string) (string, error)
}

// rules are the forms an is tag may name. A tag with bars in it is a choice.
var rules = map[string]rule{
	"address":   {`host:port, such as "127.0.0.1:8080", or ":8080" for every interface`, "HOST:PORT", cleanAddress},
	"address?":  {`host:port, such as "127.0.0.1:9090", or "" for none`, "HOST:PORT", optional(cleanAddress)},
	"url":       {`an absolute http or https address without query, such as "https://help.example.com"`, "URL", cleanURL},
	"prefix":    {`a path that starts with a slash, such as "/Cust12345/CS"`, "PATH", cleanPrefix},
	"path":      {"a directory", "DIR", cleanPath},
	"folder":    {`a directory, or "" for none`, "DIR", optional(cleanPath)},
	"file":      {`a file, or "" for none`, "FILE", optional(cleanPath)},
	"host":      {`a host name or network address without port, or "" for none`, "HOST", optional(cleanHost)},
	"postgres":  {`a URL such as "postgres://user:password@host/database", or "" for none`, "URL", optional(cleanPostgres)},
	"collector": {`an http or https address without query, such as "http://127.0.0.1:4318", or "" or "none" for none`, "URL", optional(cleanCollector)},
	"headers":   {`NAME=VALUE,NAME=VALUE with the names of HTTP headers, or "" for none`, "NAME=VALUE,...", optional(cleanHeaders)},
	"pairs":     {`NAME=VALUE,NAME=VALUE, or "" for none`, "NAME=VALUE,...", optional(cleanPairs)},
	"mailbox":   {`an address such as "help@example.com" or "Help desk <help@example.com>", or "" for none`, "ADDRESS", optional(cleanMailbox)},
	"bucket":    {`a URL such as "s3://bucket/prefix", or "" for none`, "URL", optional(cleanBucket)},
	"endpoint":  {`an http or https address without path, such as "https://minio.example.com:9000", or "" for Amazon`, "URL", optional(cleanEndpoint)},
}

func ruleOf(is string) rule {
	if strings.Contains(is, "|") {
		choices := strings.Split(is, "|")
		return rule{oneOf(choices), is, func(s string) (string, error) {
			for _, c := range choices {
				if strings.EqualFold(s, c) {
					return c, nil
				}
			}
			return "", errors.New("unknown choice" + didYouMean(s, choices))
		}}
	}
	return rules[is]
}

// cleanPostgres says nothing of the value in its errors: a password may be in it.
func cleanPostgres(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", errors.New("not a URL that begins with postgres://")
	}
	return s, nil
}

var bucketForm = regexp.MustCompile(`^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]+)*/?$`)

// cleanBucket takes as a prefix only what every store and tool writes the same.
func cleanBucket(s string) (string, error) {
	if !bucketForm.MatchString(s) {
		return "", errors.New("not of the form s3://bucket/prefix, of letters, digits, dots, dashes and slashes")
	}
	return strings.TrimSuffix(s, "/"), nil
}

// cleanEndpoint says nothing of the value in its errors: credentials may be in it.
func cleanEndpoint(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return "", errors.New("not a URL that begins with http:// or https:// and names a host")
	case u.User != nil:
		return "", errors.New("must not hold a user name or password: see bucket_credentials_file")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("must end after the host: the bucket stands in attachments")
	}
	return u.Scheme + "://" + u.Host, nil
}

func oneOf(choices []string) string {
	last := len(choices) - 1
	return strings.Join(choices[:last], ", ") + " or " + choices[last]
}

func cleanAddress(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		if _, numErr := strconv.Atoi(s); numErr == nil {
			return "", errors.New(`only a port; write "127.0.0.1:` + s + `"`)
		}
		if strings.Contains(s, "://") {
			return "", errors.New("a URL; that belongs in public_url")
		}
		var addrErr *net.AddrError
		if errors.As(err, &addrErr) {
			return "", errors.New(addrErr.Err)
		}
		return "", err
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", errors.New("the port must be a number from 0 to 65535")
	}
	if host == "*" {
		host = ""
	}
	if strings.ContainsAny(host, " /\\?#@") {
		return "", errors.New("not a host name or network address before the colon")
	}
	if strings.Contains(host, ":") {
		if _, err := netip.ParseAddr(host); err != nil {
			return "", errors.New("not an IPv6 address between the brackets")
		}
	}
	return net.JoinHostPort(host, port), nil
}

func cleanURL(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	u, err := url.Parse(s)
	var urlErr *url.Error
	switch {
	case errors.As(err, &urlErr):
		return "", urlErr.Err
	case err != nil:
		return "", err
	case u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("must begin with http:// or https://")
	case u.Hostname() == "":
		return "", errors.New("no host name")
	case u.User != nil:
		return "", errors.New("must not hold a user name or password: it is printed in every WSDL")
	case u.RawQuery != "" || u.ForceQuery:
		return "", errors.New("must have no query: everything from the ? on has to go")
	case strings.Contains(s, "#"):
		return "", errors.New("must have no fragment: everything from the # on has to go")
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", errors.New("the port must be a number from 1 to 65535")
		}
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func cleanPrefix(s string) (string, error) {
	switch {
	case s == "":
		return "", nil
	case !strings.HasPrefix(s, "/"):
		return "", errors.New("must start with a slash")
	case strings.ContainsAny(s, "?#%{}\\ \t\r\n"):
		return "", errors.New(`must be a plain path, without blanks and without ? # % { } \`)
	}
	s = strings.TrimRight(s, "/")
	if s == "" {
		return "", nil
	}
	for _, part := range strings.Split(s[1:], "/") {
		if part == "" || part == "." || part == ".." {
			return "", errors.New("must not have empty parts, nor the parts . and .. in it")
		}
	}
	return s, nil
}

func cleanPath(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", errors.New("empty")
	}
	if strings.ContainsRune(s, 0) {
		return "", errors.New("holds a NUL character")
	}
	return s, nil
}

// optional lets an empty text pass.
func optional(clean func(string) (string, error)) func(string) (string, error) {
	return func(s string) (string, error) {
		if strings.TrimSpace(s) == "" {
			return "", nil
		}
		return clean(s)
	}
}

func cleanHost(s string) (string, error) {
	s = strings.TrimSpace(s)
	bare := strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	if _, err := netip.ParseAddr(bare); err == nil {
		return bare, nil
	}
	if strings.ContainsAny(s, ":") {
		return "", errors.New("with a port; that belongs in smtp_port")
	}
	if strings.ContainsAny(s, " \t\r\n/\\?#@[]") {
		return "", errors.New("not a host name")
	}
	return s, nil
}

func cleanMailbox(s string) (string, error) {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return "", errors.New("not an address")
	}
	if a.Name == "" {
		return a.Address, nil
	}
	return strings.TrimSpace(s), nil
}

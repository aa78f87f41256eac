package config

import (
	"errors"
	"net/url"
	"strings"
)

// TracesURL is where traces are sent, "" if nowhere.
func (c Config) TracesURL() string {
	if c.OTLPTracesEndpoint != "" || c.OTLPEndpoint == "" {
		return c.OTLPTracesEndpoint
	}
	return strings.TrimRight(c.OTLPEndpoint, "/") + "/v1/traces"
}

// TracesHeader is otlp_headers, taken apart.
func (c Config) TracesHeader() map[string]string { return knownPairs(c.OTLPHeaders) }

// TracesResource is otlp_attributes, taken apart, and the name of the service.
func (c Config) TracesResource() map[string]string {
	all := knownPairs(c.OTLPAttributes)
	if c.OTLPService != "" {
		all["service.name"] = c.OTLPService
	} else if all["service.name"] == "" {
		all["service.name"] = "skranke"
	}
	return all
}

// cleanCollector lets none stand for nothing, which an empty variable cannot.
func cleanCollector(s string) (string, error) {
	if strings.EqualFold(s, "none") {
		return "", nil
	}
	if u, err := url.Parse(s); err == nil && u.User != nil {
		return "", errors.New("must not hold a user name or password: collectors that want one take it in otlp_headers")
	}
	if _, err := cleanURL(s); err != nil {
		return "", err
	}
	return s, nil // a slash at its end means something
}

func cleanPairs(s string) (string, error) {
	_, err := pairs(s)
	return s, err
}

// cleanHeaders says nothing of values in its errors: keys are among them.
func cleanHeaders(s string) (string, error) {
	all, err := pairs(s)
	if err != nil {
		return "", err
	}
	for name, value := range all {
		if strings.ContainsFunc(name, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
		}) {
			return "", errors.New("a name that no HTTP header can have")
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return "", errors.New("a value that no HTTP header can have")
		}
	}
	return s, nil
}

// pairs takes NAME=VALUE,NAME=VALUE apart, as W3C Baggage has it and with it
// OpenTelemetry: values are percent-encoded.
func pairs(s string) (map[string]string, error) {
	all := map[string]string{}
	for part := range strings.SplitSeq(s, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, value, found := strings.Cut(part, "=")
		if name = strings.TrimSpace(name); !found || name == "" {
			return nil, errors.New("not NAME=VALUE, with commas between several")
		}
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if err != nil {
			return nil, errors.New("a % that is not followed by two hexadecimal digits")
		}
		all[name] = value
	}
	return all, nil
}

// knownPairs is pairs for a text that was checked.
func knownPairs(s string) map[string]string {
	all, err := pairs(s)
	if err != nil {
		return map[string]string{}
	}
	return all
}

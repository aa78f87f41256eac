package config

import (
	"regexp"
	"slices"
	"strings"
)

// envPrefix begins the variables of all settings.
const envPrefix = "SKRANKE_"

// Getenv is os.Getenv for the variables of environ, which are as os.Environ
// gives them.
func Getenv(environ []string) func(name string) string {
	values := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	return func(name string) string { return values[name] }
}

// Strays are warnings of variables of environ that look like settings and are
// none. They are not refused, as unknown keys of a file are: others write into
// an environment, too. Values are not repeated, one may be a password.
func Strays(environ []string) []string {
	known := []string{"SKRANKE_CONFIG"}
	for _, o := range options() {
		known = append(known, o.env())
	}
	var warnings []string
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if value == "" || !strings.HasPrefix(name, envPrefix) || slices.Contains(known, name) || isForeign(name, value) {
			continue
		}
		warnings = append(warnings, "environment "+name+" sets nothing: there is no such setting"+didYouMean(name, known))
	}
	slices.Sort(warnings)
	return warnings
}

// ofKubernetes are the variables Kubernetes sets in every container for each
// service, of which one may be called skranke or skranke-metrics.
var ofKubernetes = regexp.MustCompile(`^SKRANKE(_[A-Z0-9]+)*(_SERVICE_HOST|_SERVICE_PORT(_[A-Z0-9_]+)?|_PORT_[0-9]+_(TCP|UDP|SCTP)(_[A-Z]+)?)$`)

// isForeign says whether a variable is meant for somebody else: the tests, or
// whoever asks Kubernetes where a service is.
func isForeign(name, value string) bool {
	for _, prefix := range [...]string{"SKRANKE_TEST_", "SKRANKE_REQUIRE_", "SKRANKE_SOAK_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return ofKubernetes.MatchString(name) || strings.HasSuffix(name, "_PORT") && strings.Contains(value, "://")
}

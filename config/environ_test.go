package config_test

import (
	"slices"
	"strings"
	"testing"

	"skranke/config"
)

func TestStrays(t *testing.T) {
	known := []string{"SKRANKE_CONFIG=x.toml"}
	for _, key := range config.Keys() {
		known = append(known, "SKRANKE_"+strings.ToUpper(key)+"=x")
	}
	for _, tt := range []struct {
		environ []string
		want    []string
	}{
		{nil, nil},
		{known, nil},
		{[]string{"PATH=/bin", "SKRANKE=1", "skranke_listn=1", "LISTEN=1", "=C:=x", ""}, nil},
		{[]string{"SKRANKE_LISTN="}, nil}, // as good as unset, like that of a setting
		// The tests' own, and what Kubernetes tells of a service called skranke.
		{[]string{"SKRANKE_TEST_DATABASE=sqlite", "SKRANKE_REQUIRE_TOOLKITS=1", "SKRANKE_SOAK_DATABASE=x"}, nil},
		{[]string{"SKRANKE_SERVICE_HOST=10.0.0.7", "SKRANKE_SERVICE_PORT=8080", "SKRANKE_SERVICE_PORT_HTTP=8080", "SKRANKE_PORT=tcp://10.0.0.7:8080", "SKRANKE_PORT_8080_TCP_ADDR=10.0.0.7"}, nil},
		{[]string{"SKRANKE_METRICS_SERVICE_HOST=10.0.0.8", "SKRANKE_METRICS_PORT=tcp://10.0.0.8:9090", "SKRANKE_METRICS_PORT_9090_TCP=tcp://10.0.0.8:9090"}, nil},
		{[]string{"SKRANKE_PORT=8080"}, []string{"environment SKRANKE_PORT sets nothing: there is no such setting"}},
		{[]string{"SKRANKE_SMTP_PASWORD=secret", "SKRANKE_LISTN=foo", "SKRANKE_COLOUR=7"}, []string{
			"environment SKRANKE_COLOUR sets nothing: there is no such setting",
			`environment SKRANKE_LISTN sets nothing: there is no such setting; did you mean "SKRANKE_LISTEN"?`,
			`environment SKRANKE_SMTP_PASWORD sets nothing: there is no such setting; did you mean "SKRANKE_SMTP_PASSWORD"?`,
		}},
	} {
		if got := config.Strays(tt.environ); !slices.Equal(got, tt.want) {
			t.Errorf("%q:\n got %q\nwant %q", tt.environ, got, tt.want)
		}
	}
}

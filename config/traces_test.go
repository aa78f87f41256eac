package config_test

import (
	"fmt"
	"strings"
	"testing"

	"skranke/config"
)

func TestTraces(t *testing.T) {
	for _, tt := range []struct {
		name     string
		env      map[string]string
		url      string
		header   map[string]string
		resource map[string]string
	}{
		{name: "nothing", resource: map[string]string{"service.name": "skranke"}},
		{name: "the variables of OpenTelemetry", env: map[string]string{
			"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318/mine/", "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Basic%20YTpi==, x-scope=a%2Cb",
			"OTEL_SERVICE_NAME": "desk", "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,deployment.environment.name=pr%C3%B8ve,",
		}, url: "http://collector:4318/mine/v1/traces", header: map[string]string{"Authorization": "Basic YTpi==", "x-scope": "a,b"},
			resource: map[string]string{"service.name": "desk", "deployment.environment.name": "prøve"}},
		{name: "a whole path", env: map[string]string{
			"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://traces.example/in/",
			"OTEL_EXPORTER_OTLP_HEADERS": "a=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "b=2", "OTEL_RESOURCE_ATTRIBUTES": "service.name=other",
		}, url: "https://traces.example/in/", header: map[string]string{"b": "2"}, resource: map[string]string{"service.name": "other"}},
		{name: "ours before those of OpenTelemetry", env: map[string]string{
			"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317", "SKRANKE_OTLP_ENDPOINT": "http://127.0.0.1:4318",
		}, url: "http://127.0.0.1:4318/v1/traces", resource: map[string]string{"service.name": "skranke"}},
		{name: "switched off", env: map[string]string{
			"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "SKRANKE_OTLP_ENDPOINT": "none",
		}, resource: map[string]string{"service.name": "skranke"}},
	} {
		c, _, err := config.Load(config.Input{Getenv: environ(tt.env)})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := c.TracesURL(); got != tt.url {
			t.Errorf("%s: got URL %q, want %q", tt.name, got, tt.url)
		}
		if got := c.TracesHeader(); fmt.Sprint(got) != fmt.Sprint(tt.header) {
			t.Errorf("%s: got header %v, want %v", tt.name, got, tt.header)
		}
		if got := c.TracesResource(); fmt.Sprint(got) != fmt.Sprint(tt.resource) {
			t.Errorf("%s: got resource %v, want %v", tt.name, got, tt.resource)
		}
	}
}

func TestBadTraces(t *testing.T) {
	for _, tt := range []struct{ name, text, wrong string }{
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "environment OTEL_EXPORTER_OTLP_ENDPOINT: otlp_endpoint"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://x/", "must begin with http:// or https://"},
		{"SKRANKE_OTLP_ENDPOINT", "http://a:secret@x/", "otlp_headers"},
		{"SKRANKE_OTLP_HEADERS", "a", "not NAME=VALUE"},
		{"SKRANKE_OTLP_HEADERS", "=secret", "not NAME=VALUE"},
		{"SKRANKE_OTLP_HEADERS", "a=secret%zz", "hexadecimal"},
		{"SKRANKE_OTLP_HEADERS", "two words=secret", "a name that no HTTP header can have"},
		{"SKRANKE_OTLP_HEADERS", "a=secret%0d%0ab: c", "a value that no HTTP header can have"},
		{"SKRANKE_OTLP_RATIO", "1.5", "out of range"},
		{"SKRANKE_OTLP_RATIO", "NaN", "out of range"},
		{"SKRANKE_OTLP_RATIO", "half", "not a number"},
	} {
		_, _, err := config.Load(config.Input{Getenv: environ(map[string]string{tt.name: tt.text})})
		if err == nil || !strings.Contains(err.Error(), tt.wrong) {
			t.Errorf("%s=%s: got %v, want %q", tt.name, tt.text, err, tt.wrong)
		}
		if err != nil && strings.Contains(tt.name, "HEADERS") && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s=%s: got %v", tt.name, tt.text, err)
		}
	}
	for text, want := range map[string]float64{"otlp_ratio = 0.25": 0.25, "otlp_ratio = 0": 0, "otlp_ratio = 1": 1} {
		if c, _, err := config.Load(config.Input{File: writeFile(t, text)}); err != nil || c.OTLPRatio != want {
			t.Errorf("%s: got %v, %v", text, c.OTLPRatio, err)
		}
	}
	if _, _, err := config.Load(config.Input{File: writeFile(t, `otlp_ratio = "1"`)}); err == nil || !strings.Contains(err.Error(), "without quotes") {
		t.Errorf("a quoted number: got %v", err)
	}
}

func TestTraceWarnings(t *testing.T) {
	c := config.Default()
	c.Data = t.TempDir()
	c.OTLPHeaders = "authorization=x"
	for url, want := range map[string]string{
		"":                          "",
		"http://127.0.0.1:4318":     "",
		"https://collector.example": "",
		"http://collector.example":  "in clear",
		"http://localhost:4317":     "gRPC",
	} {
		c.OTLPEndpoint = url
		warnings, err := c.Validate(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(warnings, " "); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", url, got, want)
		}
	}
}

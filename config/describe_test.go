package config_test

import (
	"bytes"
	"flag"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"skranke/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

const exampleFile = "../skranke.example.toml"

func TestDescribeIsTheExampleFile(t *testing.T) {
	var got bytes.Buffer
	if err := config.Describe(&got); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(exampleFile, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s is not what Describe prints; go test ./config -update writes it anew. Got:\n%s", exampleFile, got.String())
	}
}

func TestExampleFileHoldsTheDefaults(t *testing.T) {
	var text bytes.Buffer
	if err := config.Describe(&text); err != nil {
		t.Fatal(err)
	}
	asIs, _, err := config.Load(config.Input{File: writeFile(t, text.String())})
	if err != nil || !reflect.DeepEqual(asIs, config.Default()) {
		t.Errorf("as it stands: got %+v, %v, want the defaults", asIs, err)
	}

	live := regexp.MustCompile(`(?m)^#([a-z])`).ReplaceAllString(text.String(), "$1")
	c, from, err := config.Load(config.Input{File: writeFile(t, live)})
	if err != nil {
		t.Fatal(err)
	}
	if want := config.Default(); !reflect.DeepEqual(c, want) {
		t.Errorf("with every line live: got %+v, want %+v", c, want)
	}
	for _, key := range config.Keys() {
		if from[key].Kind != config.FromFile {
			t.Errorf("%s: got source %v, want the file", key, from[key])
		}
	}
}

func TestShowCanBeReadBack(t *testing.T) {
	file := writeFile(t, "trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nautologout = \"0\"\ndata = 'C:\\desk \"x\"'\nmax_request_mib = 100\n")
	c, from, err := config.Load(config.Input{File: file, Flags: parseFlags(t, "-session-idle", "90m")})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := c.Show(&text, from); err != nil {
		t.Fatal(err)
	}
	again, _, err := config.Load(config.Input{File: writeFile(t, text.String())})
	if err != nil {
		t.Fatalf("%v in\n%s", err, text.String())
	}
	if !reflect.DeepEqual(again, c) {
		t.Errorf("got %+v, want %+v", again, c)
	}
	for _, want := range []string{
		`session_idle = "1h30m" +# flag -session-idle`,
		`max_request_mib = 100 +# ` + regexp.QuoteMeta(file) + `:4`,
		`log_format = "text" +# default`,
	} {
		if !regexp.MustCompile(`(?m)^` + want + `$`).MatchString(text.String()) {
			t.Errorf("no line %s in\n%s", want, text.String())
		}
	}
	if n := strings.Count(text.String(), "\n"); n != len(config.Keys()) {
		t.Errorf("got %d lines, want one per key, %d", n, len(config.Keys()))
	}
}

package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"skranke/deploy"
)

// program runs a command to its end.
func program(args ...string) (code int, out, complaint string) {
	var stdout, stderr bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(""), &stdout, &stderr, nil)
	return code, stdout.String(), stderr.String()
}

func TestHealth(t *testing.T) {
	r := start(t, "serve", "-listen", "127.0.0.1:0", "-data", t.TempDir())
	if code, out, complaint := program("health", "-url", r.base+"/"); code != exitOK || out != "ready\n" {
		t.Errorf("got %d %q %s", code, out, complaint)
	}
	r.end()
	if code, _, complaint := program("health", "-url", r.base); code != exitFailed || !strings.Contains(complaint, "is the server running") {
		t.Errorf("got %d %s", code, complaint)
	}
	for status, want := range map[int]string{http.StatusServiceUnavailable: "is not ready: stopping", http.StatusOK: "that is no skranke", http.StatusNotFound: "that is no skranke"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			w.Write([]byte("stopping\n"))
		}))
		if code, _, complaint := program("health", "-url", s.URL); code != exitFailed || !strings.Contains(complaint, want) {
			t.Errorf("%d: got %d %s", status, code, complaint)
		}
		s.Close()
	}
	if code, _, _ := program("health", "extra"); code != exitUsage {
		t.Errorf("got %d for an argument", code)
	}
}

func TestOnThisMachine(t *testing.T) {
	for listen, want := range map[string]string{":8080": "127.0.0.1:8080", "0.0.0.0:1": "127.0.0.1:1", "[::]:1": "127.0.0.1:1", "10.1.2.3:1": "10.1.2.3:1", "[::1]:1": "[::1]:1", "host:1": "host:1"} {
		if got := onThisMachine(listen); got != want {
			t.Errorf("%s: got %s, want %s", listen, got, want)
		}
	}
}

func TestServeMetrics(t *testing.T) {
	r := start(t, "serve", "-listen", "127.0.0.1:0", "-metrics-listen", "127.0.0.1:0", "-data", t.TempDir())
	defer r.end()
	var address string
	for range 6000 {
		if _, rest, ok := strings.Cut(r.errors.String(), "on=127.0.0.1:"); ok {
			if port, _, ok := strings.Cut(rest, "\n"); ok {
				address = "http://127.0.0.1:" + port
				break
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := r.ask(`<nothing xmlns="urn:skranke:customer"/>`); err != nil {
		t.Fatal(err)
	}
	res, err := http.Get(address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(res.Body); err != nil || !strings.Contains(text.String(), `skranke_calls_total{code="fault",method="unknown",port="customer"} 1`) {
		t.Errorf("got %v, %s", err, text.String())
	}
}

// The unit that is printed is the one in the sources, and starts the server.
func TestConfigService(t *testing.T) {
	_, out, _ := program("config", "service")
	file, err := os.ReadFile("../../deploy/skranke.service")
	if err != nil {
		t.Fatal(err)
	}
	if out != string(file) || out != deploy.Service || !strings.Contains(out, "ExecStart=/usr/local/bin/skranke serve\n") {
		t.Errorf("got %s", out)
	}
}

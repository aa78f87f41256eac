package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"skranke/config"
	"skranke/desk"
	"skranke/store"
)

// told is what a collector of traces was told.
type told struct {
	mu   sync.Mutex
	text bytes.Buffer
	span []span
}

type span struct {
	TraceID      string
	ParentSpanID string
	Name         string
}

// collect is a collector of traces.
func collect(t *testing.T) (*told, string) {
	t.Helper()
	all := &told{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("got %s, %v", r.URL, err)
		}
		var request struct {
			ResourceSpans []struct{ ScopeSpans []struct{ Spans []span } }
		}
		if err := json.Unmarshal(body, &request); err != nil {
			t.Errorf("%v in %s", err, body)
			return
		}
		all.mu.Lock()
		defer all.mu.Unlock()
		all.text.Write(body)
		for _, r := range request.ResourceSpans {
			for _, s := range r.ScopeSpans {
				all.span = append(all.span, s.Spans...)
			}
		}
	}))
	t.Cleanup(s.Close)
	return all, s.URL
}

// Every call and every mail is told, below the caller's span if there is one;
// the log names the same trace. Nothing of what people are called, write or keep
// secret is told. What waits when the server stops is told, too.
func TestTraces(t *testing.T) {
	all, url := collect(t)
	var said quietLog
	conf := config.Default()
	conf.Data, conf.OTLPEndpoint, conf.LogLevel = t.TempDir(), url, slog.LevelDebug
	conf.MailFolder, conf.MailFrom = filepath.Join(t.TempDir(), "mail"), "desk@skog.example"
	log := slog.New(slog.NewJSONHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := Open(t.Context(), Options{Config: conf, Log: log, Version: "v1", PasswordCost: desk.PasswordCost{MemoryKiB: 8, Passes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := s.Desk.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	secrets := talk(t, s)
	const trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for _, flags := range []string{"01", "00"} {
		r := httptest.NewRequest("POST", "/soap/customer", strings.NewReader("junk"))
		r.RemoteAddr = "127.0.0.1:999"
		r.Header.Set("Traceparent", "00-"+trace+"-"+parent+"-"+flags)
		s.Handler().ServeHTTP(httptest.NewRecorder(), r)
	}
	mail, err := json.Marshal(desk.Mail{To: []string{"ragnhild@skog.example"}, Subject: "Blåbær", Plain: "Blåbær"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.db.Write(t.Context(), func(tx *store.WriteTx) error {
		return tx.Enqueue(t.Context(), &store.Job{Kind: desk.JobMail, Payload: string(mail)})
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Mail.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	waiting := s.spans.Figures().Waiting
	_, stop := serve(t, s)
	stop()
	if got := ask(s.Metrics("v1"), "GET", "/metrics", "").Body.String(); waiting == 0 || !strings.Contains(got, "skranke_spans_waiting 0\n") || strings.Contains(got, "skranke_spans_sent_total 0\n") || !strings.Contains(got, "skranke_spans_dropped_total 0\n") {
		t.Errorf("%d spans waited, and the metrics do not say what became of them", waiting)
	}

	if len(all.span) != waiting {
		t.Errorf("got %d spans, want %d", len(all.span), waiting)
	}
	below := 0
	for _, one := range all.span {
		if one.TraceID == trace && one.ParentSpanID == parent {
			below++
		}
		if one.Name != "mail/send" && !strings.Contains(said.buf.String(), `"trace":"`+one.TraceID+`"`) {
			t.Errorf("no line of the log has the trace of %+v", one)
		}
	}
	if below != 1 { // the other one's trace is not recorded
		t.Errorf("got %d spans below the caller's, want 1", below)
	}
	for _, name := range []string{"customer/getTicket", "ticket/login", "customer/unknown", "mail/send"} {
		if !slices.ContainsFunc(all.span, func(s span) bool { return s.Name == name }) {
			t.Errorf("no span is called %s", name)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(strings.ToLower(all.text.String()), strings.ToLower(secret)) {
			t.Errorf("%q is in the spans:\n%s", secret, all.text.String())
		}
	}
	if !strings.Contains(all.text.String(), `{"key":"service.name","value":{"stringValue":"skranke"}},{"key":"service.version","value":{"stringValue":"v1"}}`) {
		t.Errorf("got %s", all.text.String())
	}
}

// Without a collector there is nothing that could cost anything.
func TestNoTraces(t *testing.T) {
	s := open(t, nil)
	if s.spans != nil {
		t.Error("got a way to a collector that nobody has named")
	}
	s.runTraces(context.Background())()
}

package watch

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/soap"
)

type nothing struct{}

func meter() *Meter {
	op := soap.Method("getTicket", "", func(context.Context, *nothing) (nothing, error) { return nothing{}, nil })
	return NewMeter([]*soap.Port{{Name: "customer", Ops: []soap.Op{op}}})
}

func scrape(t *testing.T, m *Meter, source Source, accept string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	Metrics(m, source, "v1", slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func quiet(context.Context) (Figures, error) { return Figures{Desk: &desk.Figures{MailParked: 3}}, nil }

// Whatever callers send, there are no more series than were declared.
func TestCalls(t *testing.T) {
	m := meter()
	for _, o := range []soap.Observation{
		{Port: "customer", Op: "getTicket", Code: "0", Duration: 300 * time.Microsecond},
		{Port: "customer", Op: "getTicket", Code: "0", Duration: time.Hour},
		{Port: "customer", Op: "getTicket", Code: "35"},
		{Port: "customer", Op: "getTicket", Code: "36"},
		{Port: "customer", Op: "getTicket", Code: "99999999999999999999"},
		{Port: "customer", Op: "getTicket", Code: "-1"},
		{Port: "customer", Op: "getTicket", Fault: true, Refused: "busy"},
		{Port: "customer", Op: "made up 1", Code: "0"},
		{Port: "customer", Op: "made up 2", Code: "0"},
		{Port: "made up", Op: "getTicket", Fault: true, Refused: "made up"},
	} {
		m.Observe(o)
	}
	m.Closed(CloserAddress)
	m.Closed("made up")
	got := scrape(t, m, quiet, "")
	for _, want := range []string{
		`skranke_connections_closed_total{limit="address"} 1`,
		`skranke_connections_closed_total{limit="all"} 0`,
		`skranke_calls_total{code="0",method="getTicket",port="customer"} 2`,
		`skranke_calls_total{code="35",method="getTicket",port="customer"} 1`,
		`skranke_calls_total{code="other",method="getTicket",port="customer"} 3`,
		`skranke_calls_total{code="fault",method="getTicket",port="customer"} 1`,
		`skranke_calls_total{code="0",method="unknown",port="customer"} 2`,
		`skranke_calls_total{code="fault",method="unknown",port="unknown"} 1`,
		`skranke_call_duration_seconds_bucket{method="getTicket",port="customer",le="0.0005"} 6`,
		`skranke_call_duration_seconds_bucket{method="getTicket",port="customer",le="30"} 6`,
		`skranke_call_duration_seconds_count{method="getTicket",port="customer"} 7`,
		`skranke_refused_total{limit="busy"} 1`,
		`skranke_refused_total{limit="size"} 0`,
		`skranke_mail_parked 3`,
		`skranke_database_up 1`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no %s in\n%s", want, grep(got, "skranke_"))
		}
	}
	if strings.Contains(got, "made up") {
		t.Error("callers made a label")
	}
}

func grep(text, word string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) && !strings.HasPrefix(line, "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestEveryDocumentedCodeHasItsPlace(t *testing.T) {
	for code := skranke.CodeOK; int(code) < documented; code++ {
		if got := place(&soap.Observation{Code: code.String()}); got != int(code) {
			t.Errorf("code %s: got place %d", code, got)
		}
	}
	if got := place(&soap.Observation{Code: skranke.Code(documented).String()}); got != otherCode {
		t.Errorf("code %d: got place %d, want other", documented, got)
	}
}

func TestTracedCallsAreExemplars(t *testing.T) {
	m := meter()
	m.Observe(soap.Observation{Port: "customer", Op: "getTicket", Code: "0", Duration: 2 * time.Second, Trace: "4bf92f3577b34da6a3ce929d0e0e4736"})
	got := scrape(t, m, quiet, "application/openmetrics-text")
	if want := `le="2.5"} 1 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 2.0`; !strings.Contains(got, want) {
		t.Errorf("no %s in\n%s", want, grep(got, "getTicket"))
	}
}

// A database that is down takes its own figures away, nothing else.
func TestScrapeWithoutDatabase(t *testing.T) {
	m := meter()
	m.Observe(soap.Observation{Port: "customer", Op: "getTicket", Code: "0"})
	got := scrape(t, m, func(context.Context) (Figures, error) { return Figures{DatabaseBytes: 7}, errors.New("down") }, "")
	for _, want := range []string{"skranke_database_up 0", "skranke_database_bytes 7", `skranke_calls_total{code="0"`, "go_goroutines"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "skranke_sessions") {
		t.Error("got a number of sessions nobody has read")
	}
}

func TestNotify(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	env := map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "2000"}
	getenv := func(key string) string { return env[key] }
	receive := func() string {
		buf := make([]byte, 100)
		n, err := socket.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
	if err := Notify(t.Context(), getenv, "READY=1"); err != nil {
		t.Fatal(err)
	}
	if got := receive(); got != "READY=1" {
		t.Errorf("got %q, want READY=1", got)
	}
	if err := Notify(t.Context(), func(string) string { return "" }, "READY=1"); err != nil {
		t.Errorf("without a socket: %v", err)
	}
	if err := Notify(t.Context(), func(string) string { return path + "x" }, "READY=1"); err == nil {
		t.Error("got no error for a socket that is not there")
	}

	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		KeepAlive(ctx, getenv, func(context.Context) bool { return true })
	}()
	for range 2 {
		if got := receive(); got != "WATCHDOG=1" {
			t.Errorf("got %q, want WATCHDOG=1", got)
		}
	}
	stop()
	<-ended
	for text, want := range map[string]time.Duration{"": 0, "x": 0, "-5": 0, "30000000": 15 * time.Second, "99999999999999999": 0} {
		if got := Watchdog(func(string) string { return text }); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	m := meter()
	o := soap.Observation{Port: "customer", Op: "getTicket", Code: "0", Duration: 80 * time.Microsecond}
	for b.Loop() {
		m.Observe(o)
	}
}

package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/config"
	"skranke/desk"
	"skranke/soap"
	"skranke/store/storetest"
)

func ask(h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:999"
	h.ServeHTTP(w, r)
	return w
}

// Both addresses are there whatever path_prefix is, and only as they are written.
func TestHealthAddresses(t *testing.T) {
	for _, prefix := range []string{"", "/Cust1/CS", "/healthz", "/readyz"} {
		s := open(t, func(c *config.Config) { c.PathPrefix = prefix })
		for _, path := range []string{"/healthz", "/readyz"} {
			if w := ask(s.Handler(), "GET", path, ""); w.Code != 200 || w.Body.String() != "ok\n" {
				t.Errorf("prefix %q, GET %s: got %d %s", prefix, path, w.Code, w.Body)
			}
			if w := ask(s.Handler(), "POST", path, ""); w.Code != 405 {
				t.Errorf("prefix %q, POST %s: got %d, want 405", prefix, path, w.Code)
			}
			for _, other := range []string{prefix + path + "/", prefix + "/" + path, prefix + "/soap/.." + path, prefix + strings.ToUpper(path), "/x" + path, path + "/soap/customer/x"} {
				if w := ask(s.Handler(), "GET", other, ""); w.Code != 404 {
					t.Errorf("prefix %q, GET %s: got %d, want 404", prefix, other, w.Code)
				}
			}
		}
		if w := ask(s.Handler(), "GET", prefix+"/soap/customer", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "definitions") {
			t.Errorf("prefix %q: got %d for the WSDL", prefix, w.Code)
		}
		for _, path := range []string{"/metrics", prefix + "/metrics"} {
			if w := ask(s.Handler(), "GET", path, ""); w.Code != 404 {
				t.Errorf("GET %s on the main listener: got %d, want 404", path, w.Code)
			}
		}
	}
}

func TestNotReady(t *testing.T) {
	s := open(t, nil)
	check := func(want string) {
		t.Helper()
		s.ready.until = time.Time{}
		w := ask(s.Handler(), "GET", "/readyz", "")
		if w.Code != 503 || w.Body.String() != want+"\n" {
			t.Errorf("got %d %q, want 503 %q", w.Code, w.Body, want)
		}
	}
	spool := s.SpoolDir()
	if err := os.RemoveAll(spool); err != nil {
		t.Fatal(err)
	}
	check(reasonDisk)
	if err := os.Mkdir(spool, 0o700); err != nil {
		t.Fatal(err)
	}
	s.ready.until = time.Time{}
	if w := ask(s.Handler(), "GET", "/readyz", ""); w.Code != 200 {
		t.Errorf("got %d after it was repaired", w.Code)
	}
	if left, err := os.ReadDir(spool); err != nil || len(left) > 0 {
		t.Errorf("left in the spool: %v, %v", left, err)
	}
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	check(reasonDatabase)
	if w := ask(s.Handler(), "GET", "/healthz", ""); w.Code != 200 {
		t.Errorf("got %d: the process lives", w.Code)
	}
	s.ready.stopping.Store(true)
	check(reasonStopping)
}

// One probe runs at a time, however many ask, and its result counts for a while.
func TestReadinessIsProbedOnce(t *testing.T) {
	release, probes := make(chan struct{}), 0
	r := readiness{probe: func(context.Context) string { probes++; <-release; return "why" }}
	var asking sync.WaitGroup
	asking.Go(func() { r.reason() })
	for {
		r.mu.Lock()
		running := r.running
		r.mu.Unlock()
		if running != nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	for range 20 {
		asking.Go(func() {
			if got := r.reason(); got != "why" {
				t.Errorf("got %q, want why", got)
			}
		})
	}
	close(release)
	asking.Wait()
	r.until = time.Now().Add(time.Hour)
	seen := probes
	if r.reason(); probes != seen {
		t.Error("a fresh result was not used")
	}
}

// While the server takes leave it says so, and still answers calls.
func TestReadyzWhileStopping(t *testing.T) {
	s := open(t, func(c *config.Config) { c.ShutdownDelay = 200 * time.Millisecond })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stopMetrics := s.ServeMetrics(metrics, "v1")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, ln) }()
	if got := get(t, "http://"+ln.Addr().String()+"/readyz"); got != "ok\n" {
		t.Errorf("got %q, want ok", got)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := get(t, "http://"+metrics.Addr().String()+"/readyz"); got != reasonStopping+"\n" {
		t.Errorf("got %q, want %q", got, reasonStopping)
	}
	if got := get(t, "http://"+metrics.Addr().String()+"/metrics"); !strings.Contains(got, "skranke_stopping 1\n") {
		t.Error("the metrics do not say that it stops")
	}
	stopMetrics()
}

func TestMetricsListener(t *testing.T) {
	s := open(t, nil)
	h := s.Metrics("v1")
	if w := ask(s.Handler(), "POST", "/soap/customer", "junk"); w.Code != 500 {
		t.Fatalf("got %d for junk", w.Code)
	}
	got := ask(h, "GET", "/metrics", "").Body.String()
	for _, want := range []string{`skranke_calls_total{code="fault",method="unknown",port="customer"} 1`, "skranke_sessions 0", "skranke_attachments_bytes 0", "skranke_database_up 1", "process_open_fds"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "skranke_database_bytes 0\n") && s.conf.Database == "" || strings.Contains(got, "skranke_database_commits_total 0\n") {
		t.Error("nothing was counted of the database")
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/": 404, "/soap/customer": 404, "/metrics/": 404} {
		if w := ask(h, "GET", path, ""); w.Code != want {
			t.Errorf("GET %s: got %d, want %d", path, w.Code, want)
		}
	}
}

// Whatever a log line says, it names the call and no mail address.
func TestLogLines(t *testing.T) {
	var said bytes.Buffer
	log := slog.New(callLog{slog.NewTextHandler(&said, nil)}).With("to", "kari@example.com")
	log.Warn("mail", "reason", "550 <ola.nordmann@example.com>: unknown", "error", errors.New("kari@example.com; per@example.com: no"))
	if strings.Contains(said.String(), "@") || strings.Count(said.String(), "(address)") != 4 {
		t.Errorf("got %s", said.String())
	}

	said.Reset()
	op := soap.Method("boom", "", func(ctx context.Context, _ *struct{}) (out struct{}, _ error) {
		log.InfoContext(ctx, "inside")
		return out, nil
	})
	port := &soap.Port{Name: "p", Service: "p", Namespace: "urn:p", Ops: []soap.Op{op}, Code: func(context.Context, string, error) (string, *soap.Fault) { return "0", nil }}
	var seen soap.Observation
	h := soap.NewHandler(soap.Options{Ports: []*soap.Port{port}, Log: log, Observe: func(o soap.Observation) { seen = o }})
	r := httptest.NewRequest("POST", "/soap/p", strings.NewReader(`<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><boom xmlns="urn:p"/></Body></Envelope>`))
	r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	h.ServeHTTP(httptest.NewRecorder(), r)
	if !strings.Contains(said.String(), "request="+seen.RequestID) || !strings.Contains(said.String(), "trace=4bf92f3577b34da6a3ce929d0e0e4736") {
		t.Errorf("call %s: got %s", seen.RequestID, said.String())
	}
}

// A client that takes its time over a small body is told apart from slow work.
func TestSlowClient(t *testing.T) {
	t.Parallel()
	seen := make(chan soap.Observation, 1)
	s := open(t, nil)
	s.told = func(o soap.Observation) { seen <- o }
	base, stop := serve(t, s)
	defer stop()
	v := visit(t, base)
	body := `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><nothing/></Body></Envelope>`
	v.say(fmt.Sprintf("POST /soap/customer HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body)))
	v.hear() // from here on the server waits
	const pause = 30 * time.Millisecond
	time.Sleep(pause)
	v.say(body)
	v.hear()
	if o := <-seen; o.Waited < pause || o.Duration < o.Waited {
		t.Errorf("took %v, waited %v, want at least %v", o.Duration, o.Waited, pause)
	}
}

// A call that waits for its client is no slow one.
func TestSlowCall(t *testing.T) {
	for _, c := range []struct {
		took, waited time.Duration
		want         string
	}{
		{3 * time.Second, 0, `level=WARN msg="slow call" port=customer method=getTicket code=0 fault=false took=3s waited=0s`},
		{3 * time.Second, 2 * time.Second, `level=WARN msg="slow call" port=customer method=getTicket code=0 fault=false took=3s waited=2s`},
		{3 * time.Second, 2*time.Second + 1, ""},
		{time.Second - 1, 0, ""},
	} {
		var said bytes.Buffer
		s := open(t, func(conf *config.Config) { conf.SlowCall = time.Second })
		s.log = slog.New(slog.NewTextHandler(&said, nil))
		s.observe(soap.Observation{Port: "customer", Op: "getTicket", Code: "0", Duration: c.took, Waited: c.waited})
		if got := said.String(); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("took %v, waited %v: got %q, want %q", c.took, c.waited, got, c.want)
		}
	}
}

// quietLog is what a server has logged, from several goroutines.
type quietLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *quietLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// However much is logged, nothing of what people are called, write or keep
// secret is in it.
func TestNothingPersonalIsLogged(t *testing.T) {
	for _, slow := range []bool{false, true} {
		said := &quietLog{}
		conf := config.Default()
		conf.Data = t.TempDir()
		conf.LogLevel = slog.LevelDebug
		conf.SlowCall = time.Hour
		if slow {
			conf.SlowCall = time.Nanosecond
		}
		log := slog.New(slog.NewJSONHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug}))
		s, err := Open(t.Context(), Options{Config: conf, Log: log, PasswordCost: desk.PasswordCost{MemoryKiB: 8, Passes: 1}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Desk.Seed(t.Context()); err != nil {
			t.Fatal(err)
		}
		secrets := talk(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		text := said.buf.String()
		for _, secret := range secrets {
			if strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
				t.Errorf("%q is in the log:\n%s", secret, text)
			}
		}
		level := "DEBUG"
		if slow {
			level = "WARN"
		}
		if want := fmt.Sprintf(`"level":%q`, level); !strings.Contains(text, want) || !strings.Contains(text, `"method":"getTicket"`) || !strings.Contains(text, `"request":"`) {
			t.Errorf("the calls are not in the log with %s:\n%s", want, text)
		}
	}
}

// talk makes calls of all kinds and returns what must not be told.
func talk(t *testing.T, s *Server) []string {
	t.Helper()
	user := &skranke.User{LoginName: "lagneskog", UserName: "lagneskog", FirstName: "Ragnhild", Email: "ragnhild@skog.example", Status: skranke.UserNormal, Access: skranke.AccessAdministration}
	if err := s.Desk.AddUser(t.Context(), user, "Hemmelig-123"); err != nil {
		t.Fatal(err)
	}
	call := func(port, body string) string {
		w := ask(s.Handler(), "POST", "/soap/"+port, `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>`+body+`</Body></Envelope>`)
		return w.Body.String()
	}
	between := func(text, from, to string) string {
		_, rest, _ := strings.Cut(text, from)
		found, _, _ := strings.Cut(rest, to)
		return found
	}
	answer := call("ticket", `<loginByPassword xmlns="urn:skranke:ticket"/>`) // no such method
	if !strings.Contains(answer, "Fault") {
		t.Fatalf("got %s", answer)
	}
	call("ticket", `<login xmlns="urn:skranke:ticket"><username>lagneskog</username><password>Feil-passord</password></login>`)
	answer = call("ticket", `<login xmlns="urn:skranke:ticket"><username>lagneskog</username><password>Hemmelig-123</password></login>`)
	key := between(answer, "<sessionKey>", "</sessionKey>")
	if key == "" {
		t.Fatalf("no session: %s", answer)
	}
	call("ticket", `<getTicket xmlns="urn:skranke:ticket"><sessionKey>`+key+`</sessionKey><ticketId>7</ticketId></getTicket>`)
	call("customer", `<getTicket xmlns="urn:skranke:customer"><sessionKey>`+key+`</sessionKey><ticketId>Blåbærsyltetøy</ticketId></getTicket>`)
	call("ticket", `<newTicket xmlns="urn:skranke:ticket"><sessionKey>`+key+`</sessionKey><title>Blåbærsyltetøy</title></newTicket>`)
	call("ticket", `<findTickets xmlns="urn:skranke:ticket"><sessionKey>`+key+`</sessionKey><criteria><item><field>Blåbærsyltetøy</field><value>Blåbærsyltetøy</value></item></criteria></findTickets>`)
	call("ticket", `<newCustomer xmlns="urn:skranke:ticket"><sessionKey>`+key+`</sessionKey><fields><item><field>customer.email</field><value>ragnhild@skog.example</value></item></fields></newCustomer>`)
	call("customer", `<ragnhild xmlns="urn:skranke:customer"/>`)
	call("customer", "junk from ragnhild")
	return []string{"lagneskog", "Ragnhild", "skog.example", "Hemmelig-123", "Feil-passord", key, "Blåbær"}
}

// A server that cannot reach where attachments lie says so.
func TestNotReadyWithoutTheBucket(t *testing.T) {
	s3 := storetest.NewS3(t)
	s := open(t, func(c *config.Config) {
		in := s3.Bucket()
		c.Attachments, c.BucketEndpoint, c.BucketRegion = in.URL, in.Endpoint, in.Region
		c.BucketAddressing, c.BucketCredentialsFile = in.Addressing, in.CredentialsFile
	})
	for _, fault := range []storetest.Fault{storetest.None, storetest.Busy, storetest.Denied, storetest.Lost, storetest.None} {
		s3.Break(func(string, string) storetest.Fault { return fault })
		s.ready.until = time.Time{}
		w, code, body := ask(s.Handler(), "GET", "/readyz", ""), 503, reasonFiles
		if fault == storetest.None {
			code, body = 200, "ok"
		}
		if w.Code != code || w.Body.String() != body+"\n" {
			t.Errorf("fault %d: got %d %q, want %d %q", fault, w.Code, w.Body, code, body)
		}
	}
}

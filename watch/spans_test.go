package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke/soap"
)

// The messages of OTLP, as its JSON encoding has them. Decoding is strict:
// names, numbers in quotes and numbers without are what the protocol says.
type (
	otlpRequest struct {
		ResourceSpans []struct {
			Resource struct {
				Attributes []otlpAttribute `json:"attributes"`
			} `json:"resource"`
			ScopeSpans []struct {
				Scope struct {
					Name    string `json:"name"`
					Version string `json:"version"`
				} `json:"scope"`
				Spans []otlpSpan `json:"spans"`
			} `json:"scopeSpans"`
		} `json:"resourceSpans"`
	}
	otlpSpan struct {
		TraceID    string          `json:"traceId"`
		SpanID     string          `json:"spanId"`
		Parent     *string         `json:"parentSpanId"`
		Flags      uint32          `json:"flags"`
		Name       string          `json:"name"`
		Kind       int             `json:"kind"`
		Start      string          `json:"startTimeUnixNano"`
		End        string          `json:"endTimeUnixNano"`
		Attributes []otlpAttribute `json:"attributes"`
		Status     *struct {
			Code int `json:"code"`
		} `json:"status"`
	}
	otlpAttribute struct {
		Key   string `json:"key"`
		Value struct {
			String *string `json:"stringValue"`
			Int    *string `json:"intValue"`
		} `json:"value"`
	}
)

// read decodes a request and returns its spans.
func (r *otlpRequest) read(body []byte) ([]otlpSpan, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("%w in %s", err, body)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("more behind the request: %v", err)
	}
	if len(r.ResourceSpans) != 1 || len(r.ResourceSpans[0].ScopeSpans) != 1 {
		return nil, fmt.Errorf("got %s", body)
	}
	return r.ResourceSpans[0].ScopeSpans[0].Spans, nil
}

func attributes(list []otlpAttribute) map[string]string {
	all := map[string]string{}
	for _, a := range list {
		switch {
		case a.Value.String != nil && a.Value.Int == nil:
			all[a.Key] = *a.Value.String
		case a.Value.Int != nil && a.Value.String == nil:
			all[a.Key] = "#" + *a.Value.Int
		default:
			all[a.Key] = "?"
		}
	}
	return all
}

// collector is a collector of OTLP over HTTP.
type collector struct {
	*httptest.Server
	got chan []otlpSpan // of each request it took

	mu      sync.Mutex
	asked   int
	answers []func(http.ResponseWriter) // for the next requests; then it takes them
	last    *http.Request
	message otlpRequest
}

func newCollector(t *testing.T, answers ...func(http.ResponseWriter)) *collector {
	t.Helper()
	c := &collector{got: make(chan []otlpSpan, 100), answers: answers}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asked++
		c.last, c.message = r, otlpRequest{}
		spans, err := c.message.read(body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		if len(c.answers) > 0 {
			answer := c.answers[0]
			c.answers = c.answers[1:]
			answer(w)
			return
		}
		io.WriteString(w, "{}")
		c.got <- spans
	}))
	t.Cleanup(c.Close)
	return c
}

func status(code int, header ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		io.WriteString(w, `{"code":1,"message":"because"}`)
	}
}

// teller is a Spans with a clock that goes on when it is waited for.
type teller struct {
	*Spans
	mu    sync.Mutex
	time  time.Time
	waits []time.Duration
	said  bytes.Buffer
	stop  func()
}

// newTeller makes a Spans for a collector. Nothing runs yet.
func newTeller(t *testing.T, o SpanOptions) *teller {
	t.Helper()
	tell := &teller{time: time.Unix(1_800_000_000, 0)}
	o.Log = slog.New(slog.NewTextHandler(&tell.said, nil))
	tell.Spans = NewSpans(o)
	tell.now = func() time.Time {
		tell.mu.Lock()
		defer tell.mu.Unlock()
		return tell.time
	}
	tell.after = func(d time.Duration) <-chan time.Time {
		tell.mu.Lock()
		defer tell.mu.Unlock()
		tell.waits = append(tell.waits, d)
		tell.time = tell.time.Add(d)
		c := make(chan time.Time, 1)
		c <- tell.time
		return c
	}
	return tell
}

// run starts it; stop ends it.
func (tell *teller) run(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tell.Run(ctx)
	}()
	tell.stop = func() { cancel(); <-ended }
}

const (
	someTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	someSpan  = "00f067aa0ba902b7"
)

func someCall() soap.Observation {
	return soap.Observation{Port: "customer", Op: "getTicket", Code: "0", Trace: someTrace, Parent: someSpan, Sampled: true,
		RequestID: "r1", Start: time.Unix(1_700_000_000, 5), Duration: 1500 * time.Microsecond, BytesIn: 300, BytesOut: 4000}
}

// The requests are what OTLP says, and the spans what the conventions for RPC say.
func TestSpansOnTheWire(t *testing.T) {
	c := newCollector(t)
	tell := newTeller(t, SpanOptions{URL: c.URL + "/base/v1/traces", Ratio: 1, Version: "v1", Header: map[string]string{"Authorization": "Bearer x"},
		Resource: map[string]string{"service.name": `sk"ran\ke`, "deployment.environment.name": "prøve\x01"}})
	call := someCall()
	tell.Call(call)
	call.Op, call.Code, call.Fault, call.Parent, call.Refused = "", "", true, "", "busy"
	tell.Call(call)
	call = someCall()
	call.Code = "7"
	tell.Call(call)
	call.Code = "13"
	tell.Call(call)
	tell.Mail(Mail{ID: 12, Start: time.Unix(1_700_000_000, 0), Duration: time.Second, Failure: "refused"})
	tell.run(t)
	got := <-c.got
	tell.stop()

	if c.last.Method != "POST" || c.last.URL.Path != "/base/v1/traces" || c.last.Header.Get("Content-Type") != "application/json" ||
		c.last.Header.Get("Authorization") != "Bearer x" || c.last.Header.Get("User-Agent") != "skranke/v1" {
		t.Errorf("got %s %s %v", c.last.Method, c.last.URL, c.last.Header)
	}
	if r := c.message.ResourceSpans[0]; fmt.Sprint(attributes(r.Resource.Attributes)) != fmt.Sprint(map[string]string{"service.name": `sk"ran\ke`, "deployment.environment.name": "prøve\x01"}) ||
		r.ScopeSpans[0].Scope.Name != "skranke" || r.ScopeSpans[0].Scope.Version != "v1" {
		t.Errorf("got %+v", r)
	}
	if len(got) != 5 {
		t.Fatalf("got %d spans, want 5", len(got))
	}
	ids := map[string]bool{}
	for i, s := range got {
		if !regexp.MustCompile("^[0-9a-f]{32}$").MatchString(s.TraceID) || !regexp.MustCompile("^[0-9a-f]{16}$").MatchString(s.SpanID) || ids[s.SpanID] {
			t.Errorf("span %d: got ids %q %q", i, s.TraceID, s.SpanID)
		}
		ids[s.SpanID] = true
		from, errFrom := strconv.ParseUint(s.Start, 10, 64)
		to, errTo := strconv.ParseUint(s.End, 10, 64)
		if errFrom != nil || errTo != nil || to <= from {
			t.Errorf("span %d: got times %q %q", i, s.Start, s.End)
		}
	}
	first := got[0]
	if first.TraceID != someTrace || first.Parent == nil || *first.Parent != someSpan || first.Flags != 0x301 || first.Name != "customer/getTicket" || first.Kind != 2 ||
		first.Start != "1700000000000000005" || first.End != "1700000000001500005" || first.Status != nil {
		t.Errorf("got %+v", first)
	}
	for i, want := range []struct {
		name       string
		attributes map[string]string
		failed     bool
	}{
		{"customer/getTicket", map[string]string{"rpc.method": "customer/getTicket", "rpc.status_code": "0", "rpc.system": "soap", "rpc.system.name": "soap", "rpc.service": "customer",
			"skranke.request_id": "r1", "http.request.body.size": "#300", "http.response.body.size": "#4000"}, false},
		{"customer/unknown", map[string]string{"rpc.method": "_OTHER", "rpc.system": "soap", "rpc.system.name": "soap", "rpc.service": "customer",
			"skranke.request_id": "r1", "skranke.refused": "busy", "http.request.body.size": "#300", "http.response.body.size": "#4000", "error.type": "fault"}, true},
		{"customer/getTicket", map[string]string{"rpc.method": "customer/getTicket", "rpc.status_code": "7", "rpc.system": "soap", "rpc.system.name": "soap", "rpc.service": "customer",
			"skranke.request_id": "r1", "http.request.body.size": "#300", "http.response.body.size": "#4000", "error.type": "7"}, true},
		{"customer/getTicket", map[string]string{"rpc.method": "customer/getTicket", "rpc.status_code": "13", "rpc.system": "soap", "rpc.system.name": "soap", "rpc.service": "customer",
			"skranke.request_id": "r1", "http.request.body.size": "#300", "http.response.body.size": "#4000"}, false},
		{"mail/send", map[string]string{"skranke.mail": "#12", "error.type": "refused"}, true},
	} {
		s := got[i]
		if failed := s.Status != nil && s.Status.Code == 2; s.Name != want.name || failed != want.failed || fmt.Sprint(attributes(s.Attributes)) != fmt.Sprint(want.attributes) {
			t.Errorf("span %d: got %s %v %t, want %s %v %t", i, s.Name, attributes(s.Attributes), failed, want.name, want.attributes, want.failed)
		}
	}
	if root := got[1]; root.Parent != nil || root.Flags != 0x101 {
		t.Errorf("a root: got %+v", root)
	}
	if mail := got[4]; mail.Parent != nil || mail.Kind != 3 || mail.TraceID == someTrace {
		t.Errorf("a mail: got %+v", mail)
	}
	if f := tell.Figures(); f != (SpanFigures{Sent: 5}) {
		t.Errorf("got %+v", f)
	}
}

// Calls of traces that nobody records are not told; of those that begin here as
// many as the ratio says are.
func TestSampling(t *testing.T) {
	tell := newTeller(t, SpanOptions{URL: "http://127.0.0.1:1", Ratio: 0})
	call := someCall()
	call.Sampled = false
	tell.Call(call)
	call.Trace, call.Sampled = "", true
	tell.Call(call)
	tell.Mail(Mail{ID: 1})
	if f := tell.Figures(); f.Waiting != 0 || f.Dropped != 0 {
		t.Errorf("got %+v, want nothing", f)
	}
	for range 1000 {
		if got := tell.NewTrace(); got != "" {
			t.Fatalf("ratio 0: got %q", got)
		}
	}
	some := NewSpans(SpanOptions{Ratio: 0.5})
	begun := 0
	for range 1000 {
		if id := some.NewTrace(); id != "" {
			begun++
		}
	}
	if begun == 0 || begun == 1000 { // by chance once in 2^1000
		t.Errorf("ratio 0.5: got %d of 1000", begun)
	}
	if id := NewSpans(SpanOptions{Ratio: 1}).NewTrace(); len(id) != 32 {
		t.Errorf("ratio 1: got %q", id)
	}
}

// A full line makes nobody wait: what does not fit is dropped and counted. The
// rest goes in batches of a bounded size.
func TestFullLine(t *testing.T) {
	c := newCollector(t)
	tell := newTeller(t, SpanOptions{URL: c.URL})
	for range lineLength + 10 {
		tell.Call(someCall())
	}
	if f := tell.Figures(); f != (SpanFigures{Waiting: lineLength, Dropped: 10}) {
		t.Errorf("got %+v", f)
	}
	tell.run(t)
	for range lineLength / batchSize {
		if got := len(<-c.got); got != batchSize {
			t.Errorf("got a batch of %d, want %d", got, batchSize)
		}
	}
	tell.stop()
	if f := tell.Figures(); f != (SpanFigures{Sent: lineLength, Dropped: 10}) {
		t.Errorf("got %+v", f)
	}
}

// A collector that is busy, or away, is asked again: when it says, else at
// growing intervals. The log hears of it once, and once when it is over.
func TestCollectorAway(t *testing.T) {
	date := time.Unix(1_800_000_000, 0).Add(time.Minute).UTC().Format(http.TimeFormat)
	hang := func(w http.ResponseWriter) { panic(http.ErrAbortHandler) }
	c := newCollector(t, status(503, "Retry-After", "7"), status(429), status(502), status(504, "Retry-After", "-3"), hang, status(503, "Retry-After", date))
	c.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	tell := newTeller(t, SpanOptions{URL: c.URL})
	tell.Call(someCall())
	tell.run(t)
	if got := len(<-c.got); got != 1 {
		t.Errorf("got %d spans", got)
	}
	tell.stop()
	if c.asked != 7 {
		t.Errorf("got %d requests, want 7", c.asked)
	}
	if f := tell.Figures(); f != (SpanFigures{Sent: 1}) {
		t.Errorf("got %+v", f)
	}
	waits := tell.waits[1:] // the first was for other spans
	if len(waits) != 6 || waits[0] != 7*time.Second {
		t.Fatalf("got waits %v, want 7s first", waits)
	}
	for i, want := range []time.Duration{0, 2, 4, 8, 16} {
		if want *= time.Second; i > 0 && (waits[i] < want/2 || waits[i] > want) {
			t.Errorf("wait %d: got %v, want %v to %v", i, waits[i], want/2, want)
		}
	}
	if said := tell.said.String(); strings.Count(said, "\n") != 2 || !strings.Contains(said, "will try again") || !strings.Contains(said, "again") || strings.Contains(said, someTrace) {
		t.Errorf("said %s", said)
	}
}

// A batch is given up after a while, and the log is told no more about the same
// trouble for a while.
func TestCollectorStaysAway(t *testing.T) {
	c := newCollector(t)
	url := c.URL
	c.Close()
	tell := newTeller(t, SpanOptions{URL: url})
	for range 3 {
		tell.Call(someCall())
		tell.deliver(t.Context(), t.Context(), tell.gather(t.Context(), nil))
	}
	if f := tell.Figures(); f != (SpanFigures{Dropped: 3}) {
		t.Errorf("got %+v", f)
	}
	if said := tell.said.String(); strings.Count(said, "\n") != 1 {
		t.Errorf("said %s", said)
	}
	for _, wait := range tell.waits {
		if wait > maxPause {
			t.Errorf("got a wait of %v", wait)
		}
	}
}

// What the collector refuses for good is not sent again.
func TestRefusedSpans(t *testing.T) {
	c := newCollector(t, status(400), status(302, "Location", "/elsewhere"),
		func(w http.ResponseWriter) {
			io.WriteString(w, `{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too\nold"}}`)
		},
		func(w http.ResponseWriter) { io.WriteString(w, `{"partialSuccess":{"rejectedSpans":1}}`) },
		func(w http.ResponseWriter) { io.WriteString(w, `{"partialSuccess":{}}`) },
		func(w http.ResponseWriter) { io.WriteString(w, `taken`) },
	)
	tell := newTeller(t, SpanOptions{URL: c.URL})
	for i, want := range []SpanFigures{{Dropped: 1}, {Dropped: 2}, {Dropped: 3, Sent: 1}, {Dropped: 4, Sent: 2}, {Dropped: 4, Sent: 4}, {Dropped: 4, Sent: 6}} {
		batch := []event{{call: someCall()}, {call: someCall()}}
		if i < 2 {
			batch = batch[:1]
		}
		tell.deliver(t.Context(), t.Context(), batch)
		if f := tell.Figures(); f != want {
			t.Errorf("answer %d: got %+v, want %+v", i, f, want)
		}
	}
	if c.asked != 6 {
		t.Errorf("got %d requests, want 6", c.asked)
	}
	if said := tell.said.String(); strings.Count(said, "\n") != 2 || !strings.Contains(said, "because") {
		t.Errorf("said %s", said)
	}
}

// At the end what waits is sent, once; a collector that hangs holds nobody up
// for long, and none is waited for that is away.
func TestLastSpans(t *testing.T) {
	c := newCollector(t)
	tell := newTeller(t, SpanOptions{URL: c.URL})
	for range batchSize + 1 {
		tell.Call(someCall())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tell.Run(ctx)
	if f := tell.Figures(); f != (SpanFigures{Sent: batchSize + 1}) {
		t.Errorf("got %+v", f)
	}

	away := newCollector(t, status(503), status(503))
	tell = newTeller(t, SpanOptions{URL: away.URL})
	for range batchSize + 1 {
		tell.Call(someCall())
	}
	tell.Run(ctx)
	if f := tell.Figures(); f != (SpanFigures{Dropped: batchSize + 1}) || len(tell.waits) != 0 {
		t.Errorf("got %+v and waits %v", f, tell.waits)
	}

	asked := make(chan struct{})
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(asked)
		<-release
	}))
	tell = newTeller(t, SpanOptions{URL: hanging.URL})
	tell.last = 50 * time.Millisecond
	tell.Call(someCall())
	tell.run(t)
	<-asked
	tell.stop()
	if f := tell.Figures(); f != (SpanFigures{Dropped: 1}) {
		t.Errorf("a collector that hangs: got %+v", f)
	}
	close(release)
	hanging.Close()
}

func TestTry(t *testing.T) {
	var body []byte
	answer := http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(answer)
	}))
	defer s.Close()
	spans := NewSpans(SpanOptions{URL: s.URL})
	if err := spans.Try(t.Context()); err != nil || string(body) != `{"resourceSpans":[]}` {
		t.Errorf("got %v, and the collector %s", err, body)
	}
	answer = http.StatusUnauthorized
	if err := spans.Try(t.Context()); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkSpans(b *testing.B) {
	s := NewSpans(SpanOptions{})
	o := someCall()
	body := make([]byte, 0, 1<<20)
	for b.Loop() {
		s.Call(o)
		e := <-s.line
		body = appendEvent(append(body[:0], '['), &e)
	}
}

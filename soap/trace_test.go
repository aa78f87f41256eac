package soap_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"skranke/soap"
)

// The id of a call is the trusted proxy's, if it is a sane one, and then it is
// answered; strangers name no ids, but traces, if they are well-formed.
func TestRequestID(t *testing.T) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	made := regexp.MustCompile("^[0-9a-f]{16}$")
	for _, trusted := range []bool{true, false} {
		var seen soap.Observation
		o := soap.Options{Observe: func(o soap.Observation) { seen = o }}
		if trusted {
			o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		}
		_, s := serve(t, o)
		for _, c := range []struct{ id, parent, trace string }{
			{"abc-1.2:3_Z", "00-" + trace + "-00f067aa0ba902b7-01", trace},
			{strings.Repeat("a", 64), "01-" + trace + "-00f067aa0ba902b7-01-more", trace},
			{"", "", ""},
			{"two words", "00-" + trace + "-00f067aa0ba902b7-01-more", ""},
			{"a=\"b", "00-" + strings.ToUpper(trace) + "-00f067aa0ba902b7-01", ""},
			{strings.Repeat("a", 65), "00-00000000000000000000000000000000-00f067aa0ba902b7-01", ""},
			{"bl\xe5", "ff-" + trace + "-00f067aa0ba902b7-01", ""},
			{"", trace, ""},
		} {
			r, err := http.NewRequest("POST", s.URL+"/soap/customer", strings.NewReader(envelope("<n:logout/>")))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "text/xml")
			r.Header.Set("X-Request-Id", c.id)
			r.Header.Set("Traceparent", c.parent)
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			answered := res.Header.Get("X-Request-Id")
			if given := trusted && c.trace != ""; given && (seen.RequestID != c.id || answered != c.id) ||
				!given && (!made.MatchString(seen.RequestID) || answered != "") {
				t.Errorf("trusted %t, id %q: got %q, answered %q", trusted, c.id, seen.RequestID, answered)
			}
			if seen.Trace != c.trace {
				t.Errorf("traceparent %q: got %q, want %q", c.parent, seen.Trace, c.trace)
			}
		}
	}
}

// What a call belongs to is told as its traceparent says it; a call that names
// no trace gets one if there is somebody to name it.
func TestTrace(t *testing.T) {
	const trace, parent, made = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "0af7651916cd43dd8448eb211c80319c"
	var seen soap.Observation
	var caller soap.Caller
	op := soap.Method("op", "", func(ctx context.Context, _ *nothing) (out nothing, _ error) {
		caller = soap.CallerFrom(ctx)
		return out, nil
	})
	p := &soap.Port{Name: "p", Service: "s", Namespace: "urn:p", Ops: []soap.Op{op},
		Code: func(context.Context, string, error) (string, *soap.Fault) { return "0", nil }}
	names := ""
	_, with := serve(t, soap.Options{Ports: []*soap.Port{p}, Observe: func(o soap.Observation) { seen = o }, NewTrace: func() string { return names }})
	_, without := serve(t, soap.Options{Ports: []*soap.Port{p}, Observe: func(o soap.Observation) { seen = o }})
	for _, c := range []struct {
		header, names       string
		off                 bool
		wantTrace, wantFrom string
		wantSampled         bool
	}{
		{header: "00-" + trace + "-" + parent + "-01", names: made, wantTrace: trace, wantFrom: parent, wantSampled: true},
		{header: "00-" + trace + "-" + parent + "-01", off: true, wantTrace: trace, wantFrom: parent, wantSampled: true},
		{header: "00-" + trace + "-" + parent + "-00", names: made, wantTrace: trace, wantFrom: parent},
		{header: "00-" + trace + "-" + parent + "-0a", names: made, wantTrace: trace, wantFrom: parent},
		{header: "00-" + trace + "-" + parent + "-fb", names: made, wantTrace: trace, wantFrom: parent, wantSampled: true},
		{header: "00-" + trace + "-0000000000000000-01", names: made, wantTrace: made, wantSampled: true},
		{header: "nonsense", names: made, wantTrace: made, wantSampled: true},
		{names: made, wantTrace: made, wantSampled: true},
		{names: ""},
		{header: "nonsense", off: true},
	} {
		s := with
		if c.off {
			s = without
		}
		names = c.names
		headers := []string{}
		if c.header != "" {
			headers = append(headers, "Traceparent: "+c.header)
		}
		if r := send(t, "POST", s.URL+"/soap/p", envelope("<n:op/>"), headers...); r.status != 200 {
			t.Fatalf("%+v: got %d", c, r.status)
		}
		if seen.Trace != c.wantTrace || seen.Parent != c.wantFrom || seen.Sampled != c.wantSampled || seen.Start.IsZero() {
			t.Errorf("%+v: got %+v", c, seen)
		}
		if caller.Trace != c.wantTrace {
			t.Errorf("%+v: the method sees %q", c, caller.Trace)
		}
	}
}

// What keeps a call from its method is told by the name of the limit.
func TestRefused(t *testing.T) {
	var seen soap.Observation
	_, s := serve(t, soap.Options{Observe: func(o soap.Observation) { seen = o }, Limits: soap.Limits{Body: 2000}})
	send(t, "POST", s.URL+"/soap/customer", envelope("<n:logout/>"))
	if seen.Refused != "" {
		t.Errorf("got %q for a call that reached its method", seen.Refused)
	}
	send(t, "POST", s.URL+"/soap/customer", "junk")
	if seen.Refused != "" || !seen.Fault {
		t.Errorf("junk: got %+v", seen)
	}
	send(t, "POST", s.URL+"/soap/customer", envelope(strings.Repeat(" ", 3000)+"<n:logout/>"))
	if seen.Refused != "size" {
		t.Errorf("got %q, want size", seen.Refused)
	}
}

// How long a call waits for its client is told apart from what it works.
func TestWaited(t *testing.T) {
	const pause = 50 * time.Millisecond
	op := soap.Method("op", "", func(context.Context, *nothing) (out nothing, _ error) {
		time.Sleep(pause)
		return out, nil
	})
	p := &soap.Port{Name: "p", Service: "s", Namespace: "urn:p", Ops: []soap.Op{op},
		Code: func(context.Context, string, error) (string, *soap.Fault) { return "0", nil }}
	seen := make(chan soap.Observation, 1)
	_, s := serve(t, soap.Options{Ports: []*soap.Port{p}, Observe: func(o soap.Observation) { seen <- o }})
	small := `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><op xmlns="urn:p"/></Body></Envelope>`
	for _, c := range []struct {
		name, body string
		pauses     time.Duration
	}{
		{"in three pieces", small, 3},
		{"a large one", strings.Replace(small, "<Body>", strings.Repeat("\n", 300<<10)+"<Body>", 1), 1}, // between its other pieces the server works
	} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /soap/p HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(c.body))
		in := bufio.NewReader(conn)
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
			t.Fatalf("%s: got %q, %v", c.name, line, err)
		}
		for at := range 3 { // from here on the server waits
			time.Sleep(pause)
			io.WriteString(conn, c.body[at*len(c.body)/3:(at+1)*len(c.body)/3])
		}
		if o := <-seen; o.Code != "0" || o.Waited < c.pauses*pause || o.Duration-o.Waited < pause {
			t.Errorf("%s: got code %q, took %v, waited %v, want at least %v and, for the method, %v more", c.name, o.Code, o.Duration, o.Waited, c.pauses*pause, pause)
		}
	}
}

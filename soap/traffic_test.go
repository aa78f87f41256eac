package soap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func testTraffic(l Limits, unlimited ...string) *traffic {
	l = l.withDefaults()
	var nets []netip.Prefix
	for _, n := range unlimited {
		nets = append(nets, netip.MustParsePrefix(n))
	}
	return newTraffic(&l, nets)
}

func (t *traffic) from(addr string) *lane { return t.arrive(netip.MustParseAddr(addr)) }

// Calls beyond those that may run wait; addresses have their turns one after
// another, however many calls of one of them wait.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := testTraffic(Limits{Calls: 1, CallsEach: 1, Waiting: 5, WaitingEach: 4, WaitTimeout: time.Minute})
		a, b := tr.from("10.0.0.1"), tr.from("10.0.0.2")
		if err := tr.start(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var order []*lane
		var calls sync.WaitGroup
		for _, l := range []*lane{a, a, a, a, b} {
			calls.Go(func() {
				if err := tr.start(t.Context(), l); err != nil {
					t.Error(err)
				}
				mu.Lock()
				order = append(order, l)
				mu.Unlock()
				tr.end(l)
			})
			synctest.Wait()
		}
		if err := tr.start(t.Context(), a); err != errCrowded {
			t.Errorf("one call too many of the address: got %v", err)
		}
		if err := tr.start(t.Context(), b); err != errCrowded {
			t.Errorf("one call too many of all: got %v", err)
		}
		tr.end(a)
		calls.Wait()
		if len(order) != 5 || order[0] != a || order[1] != b {
			t.Errorf("got the turns %v, want that of the other address second", order)
		}
		if tr.all != (load{}) || tr.waiting != 0 || len(tr.queue) != 0 {
			t.Errorf("left are %+v, %d waiting, %d lanes", tr.all, tr.waiting, len(tr.queue))
		}
	})
}

// A call waits only so long, and not for a caller who has gone.
func TestWaitingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := testTraffic(Limits{Calls: 2, CallsEach: 1, WaitTimeout: time.Minute})
		a := tr.from("10.0.0.1")
		if err := tr.start(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := tr.start(t.Context(), a); err != errCrowded || time.Since(began) != time.Minute {
			t.Errorf("got %v after %v, want a refusal after a minute", err, time.Since(began))
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := tr.start(ctx, a); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want that of the caller who went", err)
		}
		if tr.waiting != 0 || len(tr.queue) != 0 || len(a.waiting) != 0 {
			t.Errorf("somebody still waits: %d, %d lanes", tr.waiting, len(tr.queue))
		}
		if err := tr.start(t.Context(), tr.from("10.0.0.2")); err != nil {
			t.Errorf("another address: got %v", err)
		}
	})
}

// No address may have everything; those of one IPv6 network are one, and some
// are free of that.
func TestShares(t *testing.T) {
	tr := testTraffic(Limits{Reading: 3, ReadingEach: 2, Together: 100, TogetherEach: 60, Spool: 1000, SpoolEach: 600}, "192.0.2.0/24")
	a := tr.from("2001:db8::1")
	if tr.from("2001:db8::ffff:1") != a || tr.from("2001:db8:0:1::1") == a {
		t.Error("an IPv6 network is not one lane")
	}
	if tr.from("::ffff:10.0.0.1") != tr.from("10.0.0.1") {
		t.Error("an IPv4 address in an IPv6 one is another lane")
	}
	b, free := tr.from("10.0.0.1"), tr.from("192.0.2.7")
	for i, want := range []bool{true, true, false} {
		if got := tr.startReading(a); got != want {
			t.Errorf("body %d of an address: got %v, want %v", i, got, want)
		}
	}
	if !tr.startReading(b) || tr.startReading(b) {
		t.Error("another address has not one body, which is left of all")
	}
	tr.endReading(a)
	if !tr.startReading(free) || !tr.reserve(free, 90, 900) || tr.reserve(free, 20, 0) {
		t.Error("a free address has not everything there is")
	}
	tr.giveBack(free, 90, 900)
	for _, r := range []struct {
		memory, disk int64
		want         bool
	}{{60, 600, true}, {1, 0, false}, {0, 1, false}} {
		if got := tr.reserve(a, r.memory, r.disk); got != r.want {
			t.Errorf("%+v: got %v", r, got)
		}
	}
	if !tr.reserve(b, 40, 400) || tr.reserve(b, 1, 0) || tr.reserve(b, 0, 1) {
		t.Error("another address has not what is left")
	}
}

// Who makes many bad calls gets the answers late, and as before when some time
// has passed.
func TestPunishment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := testTraffic(Limits{BadCalls: 3, Penalty: time.Second}, "192.0.2.0/24")
		late := func(addr string) time.Duration {
			l := tr.from(addr)
			defer tr.leave(l)
			began := time.Now()
			if tr.isBad(l) && !tr.hold(t.Context()) {
				t.Error("it is hopeless already")
			}
			return time.Since(began)
		}
		for i, want := range []time.Duration{0, 0, 0, time.Second, time.Second} {
			if got := late("10.0.0.1"); got != want {
				t.Errorf("bad call %d: got it %v late, want %v", i, got, want)
			}
		}
		if got := late("10.0.0.2"); got != 0 {
			t.Errorf("another address: %v late", got)
		}
		for range 5 {
			if got := late("192.0.2.1"); got != 0 {
				t.Errorf("a free address: %v late", got)
			}
		}
		time.Sleep(time.Minute)
		if got := late("10.0.0.1"); got != 0 {
			t.Errorf("after a minute: %v late", got)
		}

		tr.slowed = maxSlowed
		l := tr.from("10.0.0.3")
		for i := range 4 {
			if got := tr.isBad(l); got != (i == 3) {
				t.Errorf("bad call %d among very many: got %v", i, got)
			}
		}
		if tr.hold(t.Context()) {
			t.Error("one more was held back than may be")
		}
	})
}

// Calls there was no room for, and those of addresses that may not call at all,
// however many these are, are answered late.
func TestLateAnswers(t *testing.T) {
	type nothing struct{}
	full := false
	call := Method("logout", "", func(ctx context.Context, _ *nothing) (nothing, error) {
		if full {
			AnswerLate(ctx)
		}
		return nothing{}, nil
	})
	synctest.Test(t, func(t *testing.T) {
		h := NewHandler(Options{
			Ports:  []*Port{{Name: "customer", Service: "customerService", Namespace: "urn:x", Ops: []Op{call}, Code: func(context.Context, string, error) (string, *Fault) { return "0", nil }}},
			Allow:  func(_ context.Context, _ string, addr netip.Addr) bool { return addr.String() == "10.0.0.1" },
			Limits: Limits{BadCalls: 2, Penalty: time.Second},
		})
		late := func(from string) time.Duration {
			began := time.Now()
			r := httptest.NewRequest("POST", "/soap/customer", strings.NewReader(`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><logout/></s:Body></s:Envelope>`))
			r.RemoteAddr = from + ":1"
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if allowed := from == "10.0.0.1"; (w.Code == http.StatusOK) != allowed {
				t.Errorf("%s: got %d %s", from, w.Code, w.Body)
			}
			return time.Since(began)
		}
		for i, want := range []time.Duration{0, 0, time.Second} {
			if got := late(fmt.Sprint("10.0.1.", i)); got != want {
				t.Errorf("stranger %d: got it %v late, want %v", i, got, want)
			}
		}
		for range 3 {
			if got := late("10.0.0.1"); got != 0 {
				t.Errorf("who may call: %v late", got)
			}
		}
		full = true
		if got := late("10.0.0.1"); got != time.Second {
			t.Errorf("without room: %v late, want %v", got, time.Second)
		}
	})
}

// Addresses are not remembered for ever.
func TestLanesAreForgotten(t *testing.T) {
	tr := testTraffic(Limits{})
	stay := tr.from("192.0.2.1")
	for i := range 3 * manyLanes {
		l := tr.arrive(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
		l.bad = float64(i % 2)
		l.at = tr.now()
		tr.leave(l)
	}
	if len(tr.lanes) > manyLanes {
		t.Errorf("remembers %d addresses", len(tr.lanes))
	}
	if tr.from("192.0.2.1") != stay {
		t.Error("somebody who calls at the moment was forgotten")
	}
}

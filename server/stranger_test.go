package server

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"skranke/config"
	"skranke/desk"
)

// The log tells of whom a port does not answer, behind a proxy too, but once of
// each and not of everybody there is.
func TestStrangersAreTold(t *testing.T) {
	conf := config.Default()
	conf.Data, conf.TrustedProxies = t.TempDir(), []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	var said bytes.Buffer
	s, err := Open(t.Context(), Options{Config: conf, Log: slog.New(slog.NewTextHandler(&said, nil)), PasswordCost: desk.PasswordCost{MemoryKiB: 8, Passes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	call := func(from string) {
		r := httptest.NewRequest("POST", "/scripts/SOAP?action=customer", strings.NewReader("<x/>"))
		r.RemoteAddr = "127.0.0.1:999"
		r.Header.Set("X-Forwarded-For", from)
		s.Handler().ServeHTTP(httptest.NewRecorder(), r)
	}
	call("203.0.113.9")
	call("203.0.113.9")
	call("2001:db8::7")
	for i := range 2 * maxStrangers {
		call(fmt.Sprintf("198.51.100.%d", i))
	}
	for what, want := range map[string]int{
		"level=WARN msg=\"address not permitted;": maxStrangers, "port=customer address=203.0.113.9 ": 1, "address=2001:db8::7 ": 1, "address=198.51.100.0 ": 1,
	} {
		if got := strings.Count(said.String(), what); got != want {
			t.Errorf("got %d lines with %s, want %d, in\n%s", got, what, want, &said)
		}
	}
}

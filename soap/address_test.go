package soap_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"skranke/soap"
)

// addresses returns the soap:address locations in a WSDL.
func addresses(wsdl string) []string {
	var list []string
	for _, piece := range strings.Split(wsdl, `location="`)[1:] {
		location, _, _ := strings.Cut(piece, `"`)
		list = append(list, location)
	}
	return list
}

// TestAddresses holds types.transport.1, 2 and 3: which address leads where.
func TestAddresses(t *testing.T) {
	for _, prefix := range []string{"", "/Cust1/CS"} {
		l, s := serve(t, soap.Options{Prefix: prefix})
		for _, c := range []struct {
			path, wsdl, address string // "" for not found
		}{
			{"/scripts/SOAP?action=customer", "rpc", "/scripts/SOAP?action=customer"},
			{"/scripts/soap?action=customer", "rpc", "/scripts/soap?action=customer"},
			{"/scripts/SOAP.exe?action=customer", "rpc", "/scripts/SOAP.exe?action=customer"},
			{"/scripts/soap.exe?action=CUSTOMER", "rpc", "/scripts/soap.exe?action=customer"},
			{"/Scripts/soap.fcgi?Action=Customer&wsdl", "rpc", "/Scripts/soap.fcgi?action=customer"},
			{"/scripts/soap?wsdl&x=1&action=customer", "rpc", "/scripts/soap?action=customer"},
			{"/soap/customer?wsdl", "document", "/soap/customer"},
			{"/soap/customer?WSDL", "document", "/soap/customer"},
			{"/soap/customer", "document", "/soap/customer"},
			{"/SOAP/Customer/", "document", "/soap/customer"},
			{"/soap/customer/rpc?wsdl", "rpc", "/soap/customer/rpc"},
			{"/soap/customer/RPC/", "rpc", "/soap/customer/rpc"},
			{"//scripts/SOAP?action=customer", "rpc", "/scripts/SOAP?action=customer"},
			{"/scripts///soap.exe//?action=customer", "rpc", "/scripts/soap.exe?action=customer"},
			{"//soap//customer//?wsdl", "document", "/soap/customer"},
			{"///soap/customer//rpc", "rpc", "/soap/customer/rpc"},
			{"/scripts/SOAP", "", ""},
			{"/scripts/SOAP?action=", "", ""},
			{"/scripts/SOAP?action=nobody", "", ""},
			{"/scripts/SOAP?action=%zz", "", ""},
			{"/scripts/other?action=customer", "", ""},
			{"/scripts/?action=customer", "", ""},
			{"/soap/nobody?wsdl", "", ""},
			{"/soap/", "", ""},
			{"/soap", "", ""},
			{"/soap/customer/other", "", ""},
			{"/soap/customer/rpc/more", "", ""},
			{"//scripts//other?action=customer", "", ""},
			{"//", "", ""},
			{"/", "", ""},
			{"/" + strings.Repeat("soap/", 1000), "", ""},
		} {
			for _, method := range []string{"GET", "HEAD", "POST", "DELETE", "OPTIONS"} {
				body := ""
				if method == "POST" {
					body = envelope("<n:logout><n:sessionKey>k</n:sessionKey></n:logout>")
				}
				r := send(t, method, s.URL+prefix+c.path, body)
				if got := r.header.Get("Content-Type"); got != "text/xml; charset=UTF-8" {
					t.Errorf("%s %s: got Content-Type %q", method, c.path, got)
				}
				want := http.StatusOK
				switch {
				case method == "DELETE" || method == "OPTIONS":
					want = http.StatusMethodNotAllowed
					if r.header.Get("Allow") != "GET, HEAD, POST" || !strings.Contains(r.body, "<faultstring>method not allowed") {
						t.Errorf("%s %s: got Allow %q and %s", method, c.path, r.header.Get("Allow"), r.body)
					}
				case c.wsdl == "":
					want = http.StatusNotFound
					if method != "HEAD" && !strings.Contains(r.body, "<faultcode>SOAP-ENV:Client</faultcode>") {
						t.Errorf("%s %s: got %s, want a fault", method, c.path, r.body)
					}
				case method == "GET":
					if !strings.Contains(r.body, `<soap:binding style="`+c.wsdl+`"`) {
						t.Errorf("%s %s: got no WSDL in style %s", method, c.path, c.wsdl)
					}
					if got := addresses(r.body); len(got) != 1 || got[0] != s.URL+prefix+c.address {
						t.Errorf("%s %s: got addresses %v, want %s", method, c.path, got, s.URL+prefix+c.address)
					}
				case method == "HEAD":
					if r.body != "" || r.header.Get("Content-Length") == "" {
						t.Errorf("%s %s: got %d bytes", method, c.path, len(r.body))
					}
				case method == "POST":
					if in, _ := l.take(); in != (session{"k"}) {
						t.Errorf("%s %s: got call %+v", method, c.path, in)
					}
				}
				if r.status != want {
					t.Errorf("%s %s: got status %d, want %d", method, c.path, r.status, want)
				}
			}
		}
		if prefix != "" {
			if r := send(t, "GET", s.URL+"/soap/customer?wsdl", ""); r.status != http.StatusNotFound {
				t.Errorf("without the prefix: got status %d, want 404", r.status)
			}
		}
	}
}

// TestPrefixInAnyCase holds that the prefix is as little sensitive to case and
// doubled slashes as what follows it, as on the server clients come from.
func TestPrefixInAnyCase(t *testing.T) {
	l, s := serve(t, soap.Options{Prefix: "/Cust12345/CS"})
	for path, want := range map[string]string{
		"/cust12345/cs/Scripts/soap.exe?action=customer":   "/Cust12345/CS/Scripts/soap.exe?action=customer",
		"/CUST12345/CS/soap/customer":                      "/Cust12345/CS/soap/customer",
		"//cust12345//cs//scripts//SOAP?action=customer":   "/Cust12345/CS/scripts/SOAP?action=customer",
		"/cust12345/scripts/SOAP?action=customer":          "",
		"/cust12345/csscripts/SOAP?action=customer":        "",
		"/cust12345/cs/cust12345/cs/SOAP?action=customer":  "",
		"/scripts/SOAP?action=customer":                    "",
		"/cust12345/cs2/scripts/SOAP?action=customer":      "",
		"/x/cust12345/cs/scripts/SOAP?action=customer":     "",
		"/Cust1234%35/%43S/scripts/SOAP?action=customer":   "/Cust12345/CS/scripts/SOAP?action=customer",
		"/cust12345/cs/soap/customer/rpc?anything=else":    "/Cust12345/CS/soap/customer/rpc",
		"/cust12345/cs/scripts/soap.fcgi/?ACTION=CUSTOMER": "/Cust12345/CS/scripts/soap.fcgi?action=customer",
	} {
		r := send(t, "GET", s.URL+path, "")
		if want == "" {
			if r.status != http.StatusNotFound {
				t.Errorf("GET %s: got status %d, want 404", path, r.status)
			}
			continue
		}
		if got := addresses(r.body); r.status != http.StatusOK || len(got) != 1 || got[0] != s.URL+want {
			t.Errorf("GET %s: got %d and addresses %v, want %s", path, r.status, got, want)
		}
		send(t, "POST", s.URL+path, envelope("<n:logout><n:sessionKey>k</n:sessionKey></n:logout>"))
		if in, _ := l.take(); in != (session{"k"}) {
			t.Errorf("POST %s: got call %+v", path, in)
		}
	}
}

// TestPublicAddress holds where the address in a WSDL comes from.
func TestPublicAddress(t *testing.T) {
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct {
		name    string
		options soap.Options
		headers []string
		want    string
	}{
		{"Host", soap.Options{}, []string{"Host: desk.example.org:81"}, "http://desk.example.org:81/soap/customer"},
		{"untrusted headers", soap.Options{}, []string{"Host: desk", "X-Forwarded-Host: evil", "X-Forwarded-Proto: https"}, "http://desk/soap/customer"},
		{"trusted headers", soap.Options{TrustedProxies: local}, []string{"Host: inner", "X-Forwarded-Host: desk.example.org, x", "X-Forwarded-Proto: https"}, "https://desk.example.org/soap/customer"},
		{"PublicURL", soap.Options{TrustedProxies: local, PublicURL: "https://public.example.org/", Prefix: "/a"}, []string{"X-Forwarded-Host: x"}, "https://public.example.org/a/soap/customer"},
		{"a Host that is markup", soap.Options{TrustedProxies: local}, []string{`X-Forwarded-Host: a"><script>`}, "http://localhost/soap/customer"},
		{"IPv6", soap.Options{}, []string{"Host: [::1]:8080"}, "http://[::1]:8080/soap/customer"},
	} {
		_, s := serve(t, c.options)
		r := send(t, "GET", s.URL+c.options.Prefix+"/soap/customer?wsdl", "", c.headers...)
		if got := addresses(r.body); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
	}
}

// TestAllow holds types.portaccess.1 and 5: who may call is decided before the
// call is read, by the peer's address or what a trusted proxy says, and guards
// the WSDL too.
func TestAllow(t *testing.T) {
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		name    string
		trusted []netip.Prefix
		forward string
		want    string
	}{
		{"peer", nil, "", "127.0.0.1"},
		{"untrusted header", nil, "192.0.2.1", "127.0.0.1"},
		{"trusted header", local, "192.0.2.1", "192.0.2.1"},
		{"a chain, forged at its beginning", local, "198.51.100.9, 192.0.2.1, 10.1.1.1", "192.0.2.1"},
		{"only proxies", local, "10.0.0.2", "10.0.0.2"},
		{"mapped", local, "::ffff:192.0.2.1", "192.0.2.1"},
		{"with a port", local, "192.0.2.1:999", "192.0.2.1"},
		{"junk", local, "unknown", "127.0.0.1"},
	} {
		var asked, called netip.Addr
		allowed := true
		p := &soap.Port{Name: "p", Service: "s", Namespace: "urn:p",
			Code: func(context.Context, string, error) (string, *soap.Fault) { return "0", nil },
			Ops: []soap.Op{soap.Method("op", "", func(ctx context.Context, _ *nothing) (nothing, error) {
				called = soap.CallerFrom(ctx).Addr
				if got := soap.CallerFrom(ctx); got.Port != "p" || got.RequestID == "" || got.Secure {
					return nothing{}, fmt.Errorf("caller %+v", got)
				}
				return nothing{}, nil
			})},
		}
		_, s := serve(t, soap.Options{Ports: []*soap.Port{p}, TrustedProxies: c.trusted,
			Allow: func(_ context.Context, port string, addr netip.Addr) bool {
				asked = addr
				return port == "p" && allowed
			}})
		r := send(t, "POST", s.URL+"/soap/p", envelope("<n:op/>"), "X-Forwarded-For: "+c.forward)
		if r.status != 200 || asked.String() != c.want || called != asked {
			t.Errorf("%s: asked for %v, called by %v, want %s", c.name, asked, called, c.want)
		}
		allowed, called = false, netip.Addr{}
		if got := faultText(t, send(t, "POST", s.URL+"/soap/p", "not even XML"), "Client"); got != "address not permitted" {
			t.Errorf("%s: got %q", c.name, got)
		}
		r = send(t, "GET", s.URL+"/soap/p?wsdl", "")
		if r.status != http.StatusForbidden || !strings.Contains(r.body, "<faultstring>address not permitted</faultstring>") || called.IsValid() {
			t.Errorf("%s: got %d %s", c.name, r.status, r.body)
		}
	}
}

// TestKeepAlive makes several calls, good and bad, on one connection.
func TestKeepAlive(t *testing.T) {
	l, s := serve(t, soap.Options{})
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	for i := range 20 {
		body := envelope(fmt.Sprintf("<n:logout><sessionKey>%d</sessionKey></n:logout>", i))
		if i%3 == 0 {
			body = "<broken" + body
		}
		res, err := client.Post(s.URL+"/soap/customer", "text/xml", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if in, _ := l.take(); i%3 != 0 && in != (session{fmt.Sprint(i)}) {
			t.Errorf("call %d: got %+v", i, in)
		}
	}
}

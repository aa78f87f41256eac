package soap

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// place is what the path of a request leads to.
type place struct {
	table    *portTable // nil: no such port
	style    Style      // of the WSDL there, and of calls that do not show their own
	spelt    string     // the documented path as the request has it, without the prefix
	found    bool       // the path is one of ours
	adoption *adoption  // whose address it is
}

// old says whether it is the documented address, where an adopted WSDL is served.
func (p *place) old() bool { return p.spelt != "" }

// path is the port's address below the prefix.
func (p *place) path() string {
	switch {
	case p.old():
		return p.spelt + "?action=" + url.QueryEscape(p.table.Name)
	case p.style == RPC:
		return "/soap/" + url.PathEscape(p.table.Name) + "/rpc"
	}
	return "/soap/" + url.PathEscape(p.table.Name)
}

// locate takes the address of a request apart. Nothing in it is sensitive to
// case, and slashes may be doubled. Documented addresses go before those of
// adopted WSDLs, and are found without a look at these.
func (h *handler) locate(r *http.Request) place {
	path := plainPath(r.URL.Path)
	at, name := documented(h.prefix, path, r.URL.RawQuery)
	if at.found {
		at.table = h.port(name)
	}
	if at.table != nil || h.Adopted == nil {
		return at
	}
	if r.Method == http.MethodPost {
		if a := h.adoptedAt(path, r.URL.RawQuery, false); a.table != nil {
			return a
		}
	}
	if a := h.adoptedAt(path, r.URL.RawQuery, true); a.table != nil {
		return a
	}
	return at
}

// plainPath is a path without doubled slashes and without one at its end.
func plainPath(path string) string {
	if strings.Contains(path, "//") {
		var b strings.Builder
		for i := range len(path) {
			if path[i] != '/' || i == 0 || path[i-1] != '/' {
				b.WriteByte(path[i])
			}
		}
		path = b.String()
	}
	return strings.TrimSuffix(path, "/")
}

// documented tells what the address below prefix is, and the port it names, if
// it is found.
func documented(prefix, path, query string) (at place, port string) {
	path, ok := cutFold(path, prefix)
	if !ok || len(path) > 256 {
		return place{}, ""
	}
	if rest, ok := cutFold(path, "/scripts/"); ok {
		program := func(name string) bool { return strings.EqualFold(rest, name) }
		if !slices.ContainsFunc(programs, program) {
			return place{}, ""
		}
		port, _ = parameter(query, "action")
		return place{style: RPC, spelt: path, found: true}, port
	}
	rest, ok := cutFold(path, "/soap/")
	if !ok {
		return place{}, ""
	}
	port, below, deeper := strings.Cut(rest, "/")
	if !deeper {
		return place{style: Document, found: true}, port
	}
	if !strings.EqualFold(below, "rpc") {
		return place{}, ""
	}
	return place{style: RPC, found: true}, port
}

// programs are the names of the documented address.
var programs = []string{"soap", "soap.exe", "soap.fcgi"}

func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return s[len(prefix):], true
}

// port returns the port called name, whatever its case, or nil.
func (h *handler) port(name string) *portTable {
	for _, t := range h.tables {
		if strings.EqualFold(t.Name, name) {
			return t
		}
	}
	return nil
}

// parameter returns the first value that the query has for key, whatever its case.
func parameter(query, key string) (string, bool) {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		if !strings.EqualFold(name, key) {
			continue
		}
		if value, err := url.QueryUnescape(value); err == nil {
			return value, true
		}
	}
	return "", false
}

// trusted tells whether the peer is a proxy whose headers count.
func (h *handler) trusted(peer netip.Addr) bool {
	for _, p := range h.TrustedProxies {
		if p.Contains(peer) {
			return true
		}
	}
	return false
}

// peer returns the address of the other end of the connection.
func peer(r *http.Request) netip.Addr {
	p, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return p.Addr().Unmap().WithZone("")
}

// caller returns who calls: the peer, or, behind trusted proxies, the last
// address in X-Forwarded-For that is not one of them.
func (h *handler) caller(r *http.Request) (addr netip.Addr, secure bool) {
	addr, secure = peer(r), r.TLS != nil
	if len(h.TrustedProxies) == 0 || !h.trusted(addr) {
		return addr, secure
	}
	if proto := firstOf(r.Header.Get("X-Forwarded-Proto")); proto != "" {
		secure = strings.EqualFold(proto, "https")
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := parseHop(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		addr = hop
		if !h.trusted(addr) {
			break
		}
	}
	return addr, secure
}

func parseHop(s string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return a.Unmap().WithZone(""), true
	}
	if p, err := netip.ParseAddrPort(s); err == nil {
		return p.Addr().Unmap().WithZone(""), true
	}
	return netip.Addr{}, false
}

func firstOf(list string) string {
	first, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(first)
}

// base returns the server's own address as the caller sees it, without the path.
func (h *handler) base(r *http.Request) string {
	if h.PublicURL != "" {
		return strings.TrimSuffix(h.PublicURL, "/")
	}
	host := r.Host
	_, secure := h.caller(r)
	if len(h.TrustedProxies) > 0 && h.trusted(peer(r)) {
		if forwarded := firstOf(r.Header.Get("X-Forwarded-Host")); forwarded != "" {
			host = forwarded
		}
	}
	if !plainHost(host) {
		host = "localhost"
	}
	if secure {
		return "https://" + host
	}
	return "http://" + host
}

// plainHost tells whether host may stand in an address.
func plainHost(host string) bool {
	for _, c := range host {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.ContainsRune(".-_:[]", c), c >= 0x80:
		default:
			return false
		}
	}
	return host != ""
}

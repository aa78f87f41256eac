package soap

import (
	"net/url"
	"strings"
)

// adoption is an adopted WSDL made ready for the port it was adopted for.
type adoption struct {
	wsdl    *Adopted
	answers map[*Op][]*member // the parts of answers that it declares differently
	target  target
	path    string // of its address, as it stands in it; "" if that does not lead to the port
}

// adoption returns that of the port, or nil. See Options.Adopted for now.
func (h *handler) adoption(t *portTable, now bool) *adoption {
	if h.Adopted == nil {
		return nil
	}
	wsdl := h.Adopted(t.Name, now)
	if wsdl == nil {
		return nil
	}
	if known := t.adopted.Load(); known != nil && known.wsdl == wsdl {
		return known
	}
	a := h.newAdoption(t, wsdl)
	t.adopted.Store(a)
	return a
}

func (h *handler) newAdoption(t *portTable, wsdl *Adopted) *adoption {
	a := &adoption{wsdl: wsdl}
	_, a.answers = wsdl.compare(t.Port)
	at, ok := targetOf(wsdl.Path)
	if !ok {
		return a
	}
	if owner := PortAt(h.Ports, h.prefix, wsdl.Path); owner == nil || owner == t.Port {
		a.target, a.path = at, wsdl.Path
	}
	return a
}

// adoptedAt finds the port whose adopted WSDL has this address.
func (h *handler) adoptedAt(path, query string, now bool) place {
	for _, t := range h.tables {
		a := h.adoption(t, now)
		if a != nil && a.path != "" && a.target.meets(path, query) {
			return place{table: t, style: a.wsdl.Style, found: true, adoption: a}
		}
	}
	return place{}
}

// PortAt returns the one of ports whose documented address below prefix address,
// a path with its query, is, or nil.
func PortAt(ports []*Port, prefix, address string) *Port {
	path, query, _ := strings.Cut(address, "?")
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	at, name := documented(prefix, plainPath(path), query)
	if !at.found {
		return nil
	}
	for _, p := range ports {
		if strings.EqualFold(p.Name, name) {
			return p
		}
	}
	return nil
}

// target is what leads to a port in the address of an adopted WSDL.
type target struct {
	path  string      // as plainPath has it
	query [][2]string // all of it has to be in the query of a request
}

// targetOf takes a path with its query apart.
func targetOf(address string) (t target, ok bool) {
	u, err := url.ParseRequestURI(address)
	if err != nil || !strings.HasPrefix(address, "/") {
		return target{}, false
	}
	t.path = plainPath(u.Path)
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if name == "" || strings.EqualFold(name, "wsdl") {
			continue
		}
		if value, ok := parameter(pair, name); ok {
			t.query = append(t.query, [2]string{name, value})
		}
	}
	return t, true
}

// meets tells whether a request of that path and query is for t.
func (t *target) meets(path, query string) bool {
	if !strings.EqualFold(path, t.path) {
		return false
	}
	for _, want := range t.query {
		if value, ok := parameter(query, want[0]); !ok || !strings.EqualFold(value, want[1]) {
			return false
		}
	}
	return true
}

// AddressIs tells whether the path of a's address is that one, in any case.
func (a *Adopted) AddressIs(path string) bool {
	t, ok := targetOf(a.Path)
	return ok && strings.EqualFold(t.path, plainPath(path))
}

// Clashes tells whether a request may be meant for the address of a as well as
// for that of b: the paths are the same, and no parameter of the query has one
// value here and another there.
func (a *Adopted) Clashes(b *Adopted) bool {
	x, ok := targetOf(a.Path)
	y, same := targetOf(b.Path)
	if !ok || !same || !strings.EqualFold(x.path, y.path) {
		return false
	}
	for _, p := range x.query {
		for _, q := range y.query {
			if strings.EqualFold(p[0], q[0]) && !strings.EqualFold(p[1], q[1]) {
				return false
			}
		}
	}
	return true
}

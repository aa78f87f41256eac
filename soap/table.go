package soap

import (
	"bytes"
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// portTable is a port made ready for calls.
type portTable struct {
	*Port
	ops   map[string]*Op // by name and alias, as spelt and in lower case
	known map[string]string
	wsdl  [2]*template // by Style
	forms forms

	adopted atomic.Pointer[adoption] // the one met last
}

// newTable panics if the port is not complete or declares a name twice.
func newTable(p *Port) *portTable {
	if p.Code == nil || p.Name == "" || p.Service == "" || p.Namespace == "" {
		panic("soap: port " + p.Name + " needs a Name, Service, Namespace and Code")
	}
	t := &portTable{Port: p, ops: make(map[string]*Op), known: make(map[string]string)}
	t.forms.seed = maphash.MakeSeed()
	for i := range p.Ops {
		op := &p.Ops[i]
		for _, name := range append([]string{op.name}, op.aliases...) {
			if other := t.ops[strings.ToLower(name)]; other != nil && other != op {
				panic("soap: port " + p.Name + " has two operations called " + name)
			}
			t.ops[strings.ToLower(name)] = op
			t.ops[name] = op
		}
	}
	for _, space := range []string{p.Namespace, envelope11, envelope12, encoding11, encoding12, schema, instance} {
		t.known[space] = space
	}
	for s := range t.wsdl {
		t.wsdl[s] = newTemplate(p, Style(s))
	}
	return t
}

// lookup returns the operation called name, whatever its case, or nil.
func (t *portTable) lookup(name []byte) *Op {
	if op := t.ops[string(name)]; op != nil {
		return op
	}
	if len(name) > 256 {
		return nil
	}
	return t.ops[string(bytes.ToLower(name))]
}

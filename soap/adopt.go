package soap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const (
	wsdlSpace   = "http://schemas.xmlsoap.org/wsdl/"
	wsdlSoap11  = "http://schemas.xmlsoap.org/wsdl/soap/"
	wsdlSoap12  = "http://schemas.xmlsoap.org/wsdl/soap12/"
	maxWSDLSize = 8 << 20
)

// Adopted is a WSDL that an operator saved from another server, so that proxies
// made from it keep working here.
type Adopted struct {
	Namespace string // of calls
	Service   string
	PortType  string
	Path      string // path and query of the first address
	Style     Style
	Arrays    map[string]string // array types by name: what they hold, as in Part.Type
	Structs   map[string][]Part
	Ops       []AdoptedOp

	raw   []byte // UTF-8
	holes []hole // where addresses stand in raw, in order
	items map[string]string
	space string // its own: some toolkits call in that one
}

// AdoptedOp is one operation of an adopted WSDL.
type AdoptedOp struct {
	Name     string // of the element that calls it
	Response string // of the element that answers; "" in RPC style, where it goes without saying
	In, Out  []Part
}

type hole struct{ from, to int64 }

// element is a node of a parsed WSDL.
type element struct {
	space, local string
	attrs        map[string]value
	children     []*element
}

// value is an attribute's value, also read as a qualified name.
type value struct {
	text         string
	space, local string
	at           hole
}

// ParseWSDL reads a WSDL 1.1 that stands in one document. It refuses what the
// reader of requests refuses, document types above all.
func ParseWSDL(r io.Reader) (*Adopted, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxWSDLSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading the WSDL: %w", err)
	}
	if len(raw) > maxWSDLSize {
		return nil, fmt.Errorf("the WSDL is larger than %d bytes", maxWSDLSize)
	}
	if raw, err = toUTF8(raw); err != nil {
		return nil, err
	}
	root, err := parseElements(raw)
	if err != nil {
		return nil, err
	}
	if root.space != wsdlSpace || root.local != "definitions" {
		return nil, fmt.Errorf("not a WSDL 1.1: the root element is %s", quoted(root.local))
	}
	a := &Adopted{raw: raw, Arrays: map[string]string{}, Structs: map[string][]Part{}, items: map[string]string{}}
	p := &wsdlReader{a: a, root: root}
	if err := p.read(); err != nil {
		return nil, err
	}
	return a, nil
}

var encodingDeclaration = regexp.MustCompile(`^(\s*<\?xml[^>]*?encoding\s*=\s*)("[^"]*"|'[^']*')`)

// toUTF8 returns raw in UTF-8, with a declaration that says so.
func toUTF8(raw []byte) ([]byte, error) {
	var h headReader
	src, err := h.utf8Source(bytes.NewReader(raw), "")
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(src)
	if err != nil {
		return nil, err
	}
	return encodingDeclaration.ReplaceAll(text, []byte(`${1}"UTF-8"`)), nil
}

// parseElements reads raw into a tree.
func parseElements(raw []byte) (*element, error) {
	var rd reader
	l := Limits{Depth: 64, Elements: 200_000, Attributes: 256}
	rd.reset(bytes.NewReader(raw), l, nil)
	root := &element{}
	stack := []*element{root}
	for {
		t, err := rd.next()
		if err != nil {
			return nil, err
		}
		switch t {
		case tokenStart:
			e := &element{space: rd.space, local: string(rd.local), attrs: make(map[string]value, len(rd.attrs))}
			for i := range rd.attrs {
				a := &rd.attrs[i]
				if string(a.prefix) == "xmlns" {
					continue
				}
				prefix, local, ok := strings.Cut(string(a.value), ":")
				if !ok {
					prefix, local = "", string(a.value)
				}
				space, _ := rd.lookup([]byte(prefix))
				e.attrs[string(a.local)] = value{string(a.value), space, local, hole{a.offset, a.offset + a.length}}
			}
			top := stack[len(stack)-1]
			top.children = append(top.children, e)
			stack = append(stack, e)
		case tokenClose:
			stack = stack[:len(stack)-1]
		case tokenEnd:
			return root.children[0], nil
		}
	}
}

// all returns the children called local, in any namespace.
func (e *element) all(local string) []*element {
	var list []*element
	for _, c := range e.children {
		if c.local == local {
			list = append(list, c)
		}
	}
	return list
}

// child returns the first child called local, or an empty element.
func (e *element) child(local string) *element {
	for _, c := range e.children {
		if c.local == local {
			return c
		}
	}
	return &element{}
}

// named returns the child called local whose name is name, or nil.
func (e *element) named(local, name string) *element {
	for _, c := range e.children {
		if c.local == local && c.attrs["name"].text == name {
			return c
		}
	}
	return nil
}

func (e *element) soap(local string) *element {
	for _, c := range e.children {
		if c.local == local && (c.space == wsdlSoap11 || c.space == wsdlSoap12) {
			return c
		}
	}
	return nil
}

// wsdlReader finds its way through the parts of a WSDL.
type wsdlReader struct {
	a       *Adopted
	root    *element
	types   map[string]*element // complex types by name
	globals map[string]*element // elements of the schemas by name
	busy    map[string]bool     // types being described
}

func (p *wsdlReader) read() error {
	p.types, p.globals, p.busy = map[string]*element{}, map[string]*element{}, map[string]bool{}
	for _, s := range p.root.child("types").all("schema") {
		for _, c := range s.children {
			switch c.local {
			case "complexType", "simpleType":
				p.types[c.attrs["name"].text] = c
			case "element":
				p.globals[c.attrs["name"].text] = c
			}
		}
	}
	service, port, binding := p.soapPort()
	if binding == nil {
		return errors.New("the WSDL has no service with a SOAP port" + p.imports())
	}
	a := p.a
	a.Service = service.attrs["name"].text
	a.PortType = binding.attrs["type"].local
	a.Path = pathOf(port.soap("address").attrs["location"].text)
	if binding.soap("binding").attrs["style"].text != "rpc" {
		a.Style = Document
	}
	for _, s := range p.root.all("service") {
		for _, sp := range s.all("port") {
			if address := sp.soap("address"); address != nil {
				if location, ok := address.attrs["location"]; ok {
					a.holes = append(a.holes, location.at)
				}
			}
		}
	}
	slices.SortFunc(a.holes, func(x, y hole) int { return int(x.from - y.from) })

	portType := p.root.named("portType", a.PortType)
	if portType == nil {
		return fmt.Errorf("the WSDL has no portType %s%s", quoted(a.PortType), p.imports())
	}
	for _, o := range binding.all("operation") {
		if err := p.operation(o, portType); err != nil {
			return err
		}
	}
	if len(a.Ops) == 0 {
		return errors.New("the WSDL has no operations")
	}
	a.space = p.root.attrs["targetNamespace"].text
	if a.Namespace == "" {
		a.Namespace = a.space
	}
	for name := range p.types {
		p.describe(name)
	}
	return a.checkNames()
}

// checkNames refuses what cannot be the name of an element: answers are to have it.
func (a *Adopted) checkNames() error {
	check := func(parts []Part, what string) error {
		for _, part := range parts {
			if !validName([]byte(part.Name)) {
				return fmt.Errorf("%s has a part that is called %s, which is no name", what, quoted(part.Name))
			}
		}
		return nil
	}
	for _, op := range a.Ops {
		if err := errors.Join(check(op.In, op.Name), check(op.Out, op.Name)); err != nil {
			return err
		}
	}
	for name, members := range a.Structs {
		if err := check(members, name); err != nil {
			return err
		}
	}
	return nil
}

// imports is a hint for a WSDL in several files.
func (p *wsdlReader) imports() string {
	for _, i := range p.root.all("import") {
		return ": it imports " + quoted(i.attrs["location"].text) + "; it must be one document"
	}
	return ""
}

// soapPort returns the first service port with a SOAP binding.
func (p *wsdlReader) soapPort() (service, port, binding *element) {
	for _, s := range p.root.all("service") {
		for _, sp := range s.all("port") {
			b := p.root.named("binding", sp.attrs["binding"].local)
			if b != nil && b.soap("binding") != nil && sp.soap("address") != nil {
				return s, sp, b
			}
		}
	}
	return nil, nil, nil
}

// pathOf is the path of an address, with its query, "" if it has none.
func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" || u.Host == "" && !strings.HasPrefix(u.Path, "/") {
		return ""
	}
	return u.RequestURI()
}

func (p *wsdlReader) operation(bound, portType *element) error {
	name := bound.attrs["name"].text
	o := portType.named("operation", name)
	if o == nil {
		return fmt.Errorf("operation %s is bound, but not in the portType", quoted(name))
	}
	op := AdoptedOp{Name: name}
	body := bound.child("input").soap("body")
	if p.a.Namespace == "" && body != nil {
		p.a.Namespace = body.attrs["namespace"].text
	}
	var err error
	var wrapper value
	if op.In, wrapper, err = p.message(o.child("input")); err != nil {
		return fmt.Errorf("operation %s: %w", quoted(name), err)
	}
	if wrapper.local != "" {
		op.Name = wrapper.local
		if p.a.Namespace == "" {
			p.a.Namespace = wrapper.space
		}
	}
	if op.Out, wrapper, err = p.message(o.child("output")); err != nil {
		return fmt.Errorf("operation %s: %w", quoted(name), err)
	}
	op.Response = wrapper.local
	p.a.Ops = append(p.a.Ops, op)
	return nil
}

// message returns the parts that the input or output e names, and the element
// that wraps them in document style.
func (p *wsdlReader) message(e *element) ([]Part, value, error) {
	name := e.attrs["message"].local
	if name == "" {
		return nil, value{}, nil
	}
	m := p.root.named("message", name)
	if m == nil {
		return nil, value{}, fmt.Errorf("there is no message %s%s", quoted(name), p.imports())
	}
	var parts []Part
	for _, part := range m.all("part") {
		ref, ok := part.attrs["element"]
		if !ok {
			parts = append(parts, Part{Name: part.attrs["name"].text, Type: p.label(part.attrs["type"])})
			continue
		}
		global := p.globals[ref.local]
		if global == nil {
			return nil, value{}, fmt.Errorf("there is no element %s", quoted(ref.local))
		}
		content := global
		if t, ok := global.attrs["type"]; ok {
			if content = p.types[t.local]; content == nil {
				content = &element{}
			}
		} else {
			content = global.child("complexType")
		}
		return p.members(content), ref, nil
	}
	return parts, value{}, nil
}

// members lists the elements of a complex type.
func (p *wsdlReader) members(t *element) []Part {
	var parts []Part
	for _, group := range []string{"sequence", "all"} {
		for _, e := range t.child(group).all("element") {
			part := Part{Name: e.attrs["name"].text, Optional: e.attrs["minOccurs"].text == "0"}
			if ref, ok := e.attrs["ref"]; ok {
				part.Name = ref.local
			}
			part.Type = p.label(e.attrs["type"])
			if part.repeated = many(e); part.repeated {
				part.Type += "[]"
			}
			parts = append(parts, part)
		}
	}
	return parts
}

func many(e *element) bool {
	n := e.attrs["maxOccurs"].text
	return n != "" && n != "0" && n != "1"
}

// label returns the type that v names, as Part.Type has it.
func (p *wsdlReader) label(v value) string {
	local, dimensions := v.local, ""
	if i := strings.IndexByte(local, '['); i >= 0 { // of an arrayType
		local, dimensions = local[:i], strings.Repeat("[]", strings.Count(local, "["))
	}
	if p.types[local] != nil && v.space != schema {
		return p.describe(local) + dimensions
	}
	switch local {
	case "boolean":
		local = "bool"
	case "integer", "long", "short", "byte", "unsignedInt", "unsignedShort", "unsignedLong", "nonNegativeInteger", "positiveInteger":
		local = "int"
	case "base64":
		local = "base64Binary"
	}
	return local + dimensions
}

// describe notes the type called name in Arrays or Structs and returns its label.
func (p *wsdlReader) describe(name string) string {
	if elem, ok := p.a.Arrays[name]; ok {
		return elem
	}
	if _, ok := p.a.Structs[name]; ok || p.busy[name] {
		return name
	}
	p.busy[name] = true
	defer delete(p.busy, name)
	t := p.types[name]
	if t.local == "simpleType" {
		return p.label(t.child("restriction").attrs["base"])
	}
	restriction := t.child("complexContent").child("restriction")
	if restriction.attrs["base"].local == "Array" {
		for _, a := range restriction.all("attribute") {
			if of, ok := a.attrs["arrayType"]; ok {
				p.a.Arrays[name] = p.label(of)
			}
		}
		if _, ok := p.a.Arrays[name]; !ok {
			p.a.Arrays[name] = p.label(restriction.child("sequence").child("element").attrs["type"]) + "[]"
		}
		return p.a.Arrays[name]
	}
	if list := t.child("sequence").all("element"); len(list) == 1 && many(list[0]) {
		p.a.Arrays[name] = p.label(list[0].attrs["type"]) + "[]"
		p.a.items[name] = list[0].attrs["name"].text
		return p.a.Arrays[name]
	}
	p.a.Structs[name] = p.members(t)
	return name
}

// append appends the WSDL with address in place of every address in it.
func (a *Adopted) append(b []byte, address string) []byte {
	done := int64(0)
	for _, h := range a.holes {
		b = append(b, a.raw[done:h.from]...)
		b = appendEscaped(b, address, true)
		done = h.to
	}
	return append(b, a.raw[done:]...)
}

// WriteWSDL writes the WSDL as it was saved, with address in place of every
// address in it.
func (a *Adopted) WriteWSDL(w io.Writer, address string) error {
	_, err := w.Write(a.append(nil, address))
	return err
}

package soap

import (
	"io"
)

// template is a WSDL that lacks only its address.
type template struct{ head, tail string }

// addressMark stands where the address goes. No declaration can contain it.
const addressMark = "\x00"

func newTemplate(p *Port, style Style) *template {
	text := string(appendWSDL(nil, p, style))
	for i := range text {
		if text[i] == addressMark[0] {
			return &template{text[:i], text[i+1:]}
		}
	}
	panic("soap: WSDL without an address")
}

func (t *template) append(b []byte, address string) []byte {
	b = append(b, t.head...)
	b = appendEscaped(b, address, true)
	return append(b, t.tail...)
}

// WriteWSDL writes the declaration of p in the given style. The same port always
// gives the same bytes.
func WriteWSDL(w io.Writer, p *Port, style Style, address string) error {
	_, err := w.Write(newTemplate(p, style).append(nil, address))
	return err
}

// wsdlWriter collects the text of a WSDL.
type wsdlWriter struct {
	buf     []byte
	style   Style
	structs []*typ
	arrays  []*typ
	seen    map[string]*typ
}

func (w *wsdlWriter) add(pieces ...string) {
	for _, p := range pieces {
		w.buf = append(w.buf, p...)
	}
}

func appendWSDL(b []byte, p *Port, style Style) []byte {
	w := &wsdlWriter{buf: b, style: style, seen: map[string]*typ{}}
	for i := range p.Ops {
		for _, dir := range []direction{in, out} {
			for _, m := range p.Ops[i].published(dir) {
				w.collect(p, m.typ)
			}
		}
	}
	space := string(appendEscaped(nil, p.Namespace, true))
	w.add(`<?xml version="1.0" encoding="UTF-8"?>`, "\n",
		`<wsdl:definitions name="`, p.Service, `" targetNamespace="`, space, `"`, "\n",
		`  xmlns:tns="`, space, `"`, "\n",
		`  xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"`, "\n")
	if style == RPC {
		w.add(`  xmlns:soapenc="`, encoding11, `"`, "\n")
	}
	w.add(`  xmlns:xsd="`, schema, `">`, "\n<wsdl:types>\n")
	w.schema(p, space)
	w.add("</wsdl:types>\n")
	for i := range p.Ops {
		w.messages(&p.Ops[i])
	}
	w.add(`<wsdl:portType name="`, p.Service, `PortType">`, "\n")
	for i := range p.Ops {
		name := p.Ops[i].name
		w.add(`  <wsdl:operation name="`, name, `">`, "\n",
			`    <wsdl:input message="tns:`, name, `Request"/>`, "\n",
			`    <wsdl:output message="tns:`, name, `Response"/>`, "\n",
			"  </wsdl:operation>\n")
	}
	w.add("</wsdl:portType>\n")
	w.binding(p, space)
	w.add(`<wsdl:service name="`, p.Service, `">`, "\n",
		`  <wsdl:port name="`, p.Service, `Port" binding="tns:`, p.Service, `Binding"><soap:address location="`, addressMark, `"/></wsdl:port>`, "\n",
		"</wsdl:service>\n</wsdl:definitions>\n")
	return w.buf
}

// collect notes t and the types it is made of, each once, by name. Two
// different types of one name in one port would be a contradiction.
func (w *wsdlWriter) collect(p *Port, t *typ) {
	if t.simple() {
		return
	}
	if other := w.seen[t.name]; other != nil {
		if !other.same(t) {
			panic("soap: port " + p.Name + " has two types called " + t.name)
		}
		return
	}
	w.seen[t.name] = t
	if t.kind == kindArray {
		w.collect(p, t.elem)
		w.arrays = append(w.arrays, t)
		return
	}
	for _, m := range t.members {
		w.collect(p, m.typ)
	}
	w.structs = append(w.structs, t)
}

// same tells whether two types would be published alike.
func (t *typ) same(o *typ) bool {
	if t == o {
		return true
	}
	if t.name != o.name || (t.elem == nil) != (o.elem == nil) {
		return false
	}
	if t.elem != nil {
		return t.elem.same(o.elem)
	}
	a, b := shown(t.members), shown(o.members)
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].name != b[i].name || !a[i].typ.same(b[i].typ) {
			return false
		}
	}
	return true
}

// shown are the members of a message or struct that are published.
func shown(members []*member) []*member {
	var list []*member
	for _, m := range members {
		if !m.hidden {
			list = append(list, m)
		}
	}
	return list
}

// qualified is the type's name in a WSDL.
func (t *typ) qualified() string {
	if t.simple() {
		return "xsd:" + t.name
	}
	return "tns:" + t.name
}

// element declares m as an element. In document style what has a natural empty
// form may be left out; booleans and numbers must be there, or proxies in C#
// grow a second property for each.
func (w *wsdlWriter) element(indent string, m *member) {
	w.add(indent, `<xsd:element name="`, m.name, `" type="`, m.typ.qualified(), `"`)
	if w.style == Document && m.typ.name != "boolean" && m.typ.name != "int" {
		w.add(` minOccurs="0"`)
	}
	w.add("/>\n")
}

func (w *wsdlWriter) schema(p *Port, space string) {
	form := "unqualified"
	if w.style == Document {
		form = "qualified"
	}
	w.add(`<xsd:schema targetNamespace="`, space, `" elementFormDefault="`, form, `">`, "\n")
	if w.style == RPC {
		w.add(`  <xsd:import namespace="`, encoding11, `"/>`, "\n")
	}
	for _, t := range w.structs {
		w.add(`  <xsd:complexType name="`, t.name, `"><xsd:sequence>`, "\n")
		for _, m := range shown(t.members) {
			w.element("    ", m)
		}
		w.add("  </xsd:sequence></xsd:complexType>\n")
	}
	for _, t := range w.arrays {
		if w.style == RPC {
			w.add(`  <xsd:complexType name="`, t.name, `"><xsd:complexContent><xsd:restriction base="soapenc:Array">`, "\n",
				`    <xsd:attribute ref="soapenc:arrayType" wsdl:arrayType="`, t.elem.qualified(), `[]"/>`, "\n",
				"  </xsd:restriction></xsd:complexContent></xsd:complexType>\n")
			continue
		}
		w.add(`  <xsd:complexType name="`, t.name, `"><xsd:sequence>`, "\n",
			`    <xsd:element name="item" type="`, t.elem.qualified(), `" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType>`, "\n")
	}
	if w.style == Document {
		for i := range p.Ops {
			w.wrapper(p.Ops[i].name, p.Ops[i].published(in))
			w.wrapper(p.Ops[i].name+"Response", p.Ops[i].published(out))
		}
	}
	w.add("</xsd:schema>\n")
}

// wrapper declares the element that holds the parts of a message.
func (w *wsdlWriter) wrapper(name string, parts []*member) {
	w.add(`  <xsd:element name="`, name, `"><xsd:complexType><xsd:sequence>`, "\n")
	for _, m := range parts {
		w.element("    ", m)
	}
	w.add("  </xsd:sequence></xsd:complexType></xsd:element>\n")
}

func (w *wsdlWriter) messages(op *Op) {
	message := func(name, element string, parts []*member) {
		w.add(`<wsdl:message name="`, name, `">`, "\n")
		if w.style == Document {
			w.add(`  <wsdl:part name="parameters" element="tns:`, element, `"/>`, "\n")
		} else {
			for _, m := range parts {
				w.add(`  <wsdl:part name="`, m.name, `" type="`, m.typ.qualified(), `"/>`, "\n")
			}
		}
		w.add("</wsdl:message>\n")
	}
	message(op.name+"Request", op.name, op.published(in))
	message(op.name+"Response", op.name+"Response", op.published(out))
}

func (w *wsdlWriter) binding(p *Port, space string) {
	style, body := "rpc", `<soap:body use="encoded" namespace="`+space+`" encodingStyle="`+encoding11+`"/>`
	if w.style == Document {
		style, body = "document", `<soap:body use="literal"/>`
	}
	w.add(`<wsdl:binding name="`, p.Service, `Binding" type="tns:`, p.Service, `PortType">`, "\n",
		`  <soap:binding style="`, style, `" transport="http://schemas.xmlsoap.org/soap/http"/>`, "\n")
	for i := range p.Ops {
		w.add(`  <wsdl:operation name="`, p.Ops[i].name, `"><soap:operation soapAction=""/>`, "\n",
			"    <wsdl:input>", body, "</wsdl:input>\n",
			"    <wsdl:output>", body, "</wsdl:output>\n",
			"  </wsdl:operation>\n")
	}
	w.add("</wsdl:binding>\n")
}

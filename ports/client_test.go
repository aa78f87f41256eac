package ports_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"skranke/soap"
)

// A part of a message as the manual names it.
type part struct {
	name, typ string
	aliases   []string
	optional  bool
}

func (p part) String() string {
	return fmt.Sprintf("%s %s aliases %q optional %v", p.name, p.typ, p.aliases, p.optional)
}

// A method is one entry of testdata/documented.txt.
type method struct{ in, out []part }

// documented reads what the manual says: methods by "port name", members of
// structs by "port struct name".
var documented = sync.OnceValues(func() (map[string]method, error) {
	text, err := os.ReadFile("testdata/documented.txt")
	if err != nil {
		return nil, err
	}
	methods := map[string]method{}
	current := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if !strings.HasPrefix(line, "\t") {
			current = line
			if _, twice := methods[current]; twice {
				return nil, fmt.Errorf("testdata/documented.txt: %s stands there twice", current)
			}
			methods[current] = method{}
			continue
		}
		direction, list, _ := strings.Cut(strings.TrimSpace(line), " ")
		var parts []part
		for item := range strings.SplitSeq(strings.TrimSpace(list), ", ") {
			name, typ, ok := strings.Cut(item, " ")
			if !ok {
				return nil, fmt.Errorf("testdata/documented.txt: %s: %q", current, item)
			}
			names := strings.Split(strings.TrimSuffix(name, "?"), "|")
			parts = append(parts, part{names[0], typ, names[1:], strings.HasSuffix(name, "?")})
		}
		m := methods[current]
		if direction == "out" {
			m.out = parts
		} else {
			m.in = parts
		}
		methods[current] = m
	}
	return methods, nil
})

func methodsOf(t testing.TB) map[string]method {
	t.Helper()
	methods, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	return methods
}

// pair is a ValuePairStruct of a request.
type pair struct{ field, value string }

// absent stands for an argument that is not sent.
type absent struct{}

// verbatim is an argument that is sent as it is, as the content of its element.
type verbatim string

const (
	envelopeSpace = "http://schemas.xmlsoap.org/soap/envelope/"
	encodingSpace = "http://schemas.xmlsoap.org/soap/encoding/"
)

// request writes the envelope of a call in the style of the client.
func request(t testing.TB, style soap.Style, port, name string, args []any) []byte {
	t.Helper()
	m, ok := methodsOf(t)[port+" "+name]
	if !ok || len(args) > len(m.in) {
		t.Fatalf("calling %s.%s with %d arguments: the manual has no such method", port, name, len(args))
	}
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="` + envelopeSpace + `">`)
	if style == soap.RPC {
		b.WriteString(`<e:Body e:encodingStyle="` + encodingSpace + `" xmlns:c="` + encodingSpace +
			`" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="http://www.w3.org/2001/XMLSchema">` +
			`<n:` + name + ` xmlns:n="urn:skranke:` + port + `">`)
	} else {
		b.WriteString(`<e:Body><` + name + ` xmlns="urn:skranke:` + port + `">`)
	}
	for i, arg := range args {
		writeArgument(t, &b, style, m.in[i].name, arg)
	}
	if style == soap.RPC {
		b.WriteString(`</n:` + name + `></e:Body></e:Envelope>`)
	} else {
		b.WriteString(`</` + name + `></e:Body></e:Envelope>`)
	}
	return b.Bytes()
}

func writeArgument(t testing.TB, b *bytes.Buffer, style soap.Style, name string, arg any) {
	t.Helper()
	open := func(name, typ string) {
		b.WriteString("<" + name)
		if style == soap.RPC {
			b.WriteString(` i:type="x:` + typ + `"`)
		}
		b.WriteString(">")
	}
	array := func(elem string, n int) {
		b.WriteString("<" + name)
		if style == soap.RPC {
			fmt.Fprintf(b, ` i:type="c:Array" c:arrayType="%s[%d]"`, elem, n)
		}
		b.WriteString(">")
	}
	text := func(name, typ, s string) {
		open(name, typ)
		if err := xml.EscapeText(b, []byte(s)); err != nil {
			t.Fatal(err)
		}
		b.WriteString("</" + name + ">")
	}
	switch arg := arg.(type) {
	case absent:
	case string:
		text(name, "string", arg)
	case bool:
		text(name, "boolean", fmt.Sprint(arg))
	case verbatim:
		b.WriteString("<" + name + ">" + string(arg) + "</" + name + ">")
	case []string:
		array("x:string", len(arg))
		for _, s := range arg {
			text("item", "string", s)
		}
		b.WriteString("</" + name + ">")
	case []pair:
		array("n:ValuePairStruct", len(arg))
		for _, p := range arg {
			b.WriteString("<item>")
			text("field", "string", p.field)
			text("value", "string", p.value)
			b.WriteString("</item>")
		}
		b.WriteString("</" + name + ">")
	case []criterion:
		array("n:CriteriaStruct", len(arg))
		for _, c := range arg {
			b.WriteString("<item>")
			text("field", "string", c.field)
			text("op", "string", c.op)
			text("value", "string", c.value)
			b.WriteString("</item>")
		}
		b.WriteString("</" + name + ">")
	default:
		t.Fatalf("argument %s is a %T", name, arg)
	}
}

// node is an element of an answer.
type node struct {
	name, text string
	kids       []*node
	attrs      map[string]string
}

func (n *node) kid(name string) *node {
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

func parse(text []byte) (*node, error) {
	root := &node{}
	open := []*node{root}
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		top := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			n := &node{name: token.Name.Local, attrs: map[string]string{}}
			for _, a := range token.Attr {
				n.attrs[a.Name.Local] = a.Value
			}
			top.kids = append(top.kids, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.text += string(token)
		}
	}
}

// answer is what a call got back.
type answer struct {
	t      testing.TB
	call   string // for messages
	status int
	header http.Header
	raw    string
	fault  string // faultstring, "" if it is no fault
	code   string // errorCode, "" if there is none
	parts  []*node
}

func readAnswer(t testing.TB, call string, res *http.Response) answer {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %v", call, err)
	}
	a := answer{t: t, call: call, status: res.StatusCode, header: res.Header, raw: string(body)}
	root, err := parse(body)
	if err != nil {
		t.Fatalf("%s: the answer is not XML: %v\n%s", call, err, body)
	}
	envelope := root.kid("Envelope")
	if envelope == nil || envelope.kid("Body") == nil || len(envelope.kid("Body").kids) == 0 {
		t.Fatalf("%s: no envelope in\n%s", call, body)
	}
	wrapper := envelope.kid("Body").kids[0]
	if wrapper.name == "Fault" {
		a.fault = wrapper.kid("faultstring").text
		return a
	}
	a.parts = wrapper.kids
	if len(a.parts) > 0 && a.parts[0].name == "errorCode" {
		a.code = a.parts[0].text
	}
	return a
}

// want reports an answer with another errorCode.
func (a answer) want(code string) answer {
	a.t.Helper()
	if a.fault != "" || a.code != code || a.status != http.StatusOK {
		a.t.Errorf("%s: got errorCode %q fault %q status %d, want %q", a.call, a.code, a.fault, a.status, code)
	}
	return a
}

// must ends the test on another errorCode than 0.
func (a answer) must() answer {
	a.t.Helper()
	if a.fault != "" || a.code != "0" {
		a.t.Fatalf("%s: got errorCode %q fault %q", a.call, a.code, a.fault)
	}
	return a
}

func (a answer) part(name string) *node {
	a.t.Helper()
	for _, p := range a.parts {
		if p.name == name {
			return p
		}
	}
	a.t.Fatalf("%s: no part %s in\n%s", a.call, name, a.raw)
	return nil
}

func (a answer) text(name string) string {
	a.t.Helper()
	return a.part(name).text
}

// list is an array of texts.
func (a answer) list(name string) []string {
	a.t.Helper()
	list := []string{}
	for _, item := range a.part(name).kids {
		list = append(list, item.text)
	}
	return list
}

// rows is an array of structs: their members joined with a stroke.
func (a answer) rows(name string) []string {
	a.t.Helper()
	rows := []string{}
	for _, item := range a.part(name).kids {
		rows = append(rows, members(item))
	}
	return rows
}

func members(n *node) string {
	var texts []string
	for _, m := range n.kids {
		texts = append(texts, m.text)
	}
	return strings.Join(texts, "|")
}

// empty reports an answer whose parts after the errorCode are not all present
// and empty.
func (a answer) empty(port, name string) answer {
	a.t.Helper()
	want := methodsOf(a.t)[port+" "+name].out
	if len(a.parts) != len(want) {
		a.t.Errorf("%s: got %d parts, want %d:\n%s", a.call, len(a.parts), len(want), a.raw)
		return a
	}
	for i, p := range a.parts[1:] {
		if p.name != want[i+1].name {
			a.t.Errorf("%s: part %d is %s, want %s", a.call, i+1, p.name, want[i+1].name)
		}
		if p.attrs["nil"] != "" {
			a.t.Errorf("%s: part %s is nil, want it empty", a.call, p.name)
		}
		items := len(p.kids)
		if !strings.HasSuffix(want[i+1].typ, "[]") {
			for _, m := range p.kids { // a struct with empty members
				if m.text == "" && len(m.kids) == 0 {
					items--
				}
			}
		}
		nothing := ""
		if want[i+1].typ == "bool" {
			nothing = "false"
		}
		if p.text != nothing || items != 0 {
			a.t.Errorf("%s: part %s is not empty:\n%s", a.call, p.name, a.raw)
		}
	}
	return a
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

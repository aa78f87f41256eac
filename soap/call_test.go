package soap_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"skranke/soap"
)

// TestBind holds how the parts of a call find their parameters.
func TestBind(t *testing.T) {
	l, s := serve(t, soap.Options{})
	crit := CriteriaStruct{"f", "o", "v"}
	for _, c := range []struct {
		name, body string
		want       any
	}{
		// types.transport.9, ticket.common.3
		{"by name in any order", `<n:getTicket><ticketFields><a>x</a></ticketFields><ticketId>1</ticketId><sessionKey>k</sessionKey></n:getTicket>`,
			getTicketIn{session{"k"}, "1", []string{"x"}}},
		{"names in any case", `<n:GETticket><TICKETID>1</TICKETID><sessionkey>k</sessionkey></n:GETticket>`, getTicketIn{session{"k"}, "1", nil}},
		{"other namespaces", `<q:getTicket xmlns:q="urn:q"><w:ticketId xmlns:w="urn:w">1</w:ticketId></q:getTicket>`, getTicketIn{TicketID: "1"}},
		{"no namespace", `<getTicket><ticketId>1</ticketId></getTicket>`, getTicketIn{TicketID: "1"}},
		{"alias", `<n:getTicket><id>1</id></n:getTicket>`, getTicketIn{TicketID: "1"}},
		{"by position, no name known", `<n:getTicket><p0>k</p0><p1>1</p1><p2><a>x</a></p2></n:getTicket>`, getTicketIn{session{"k"}, "1", []string{"x"}}},
		{"by position, too few", `<n:getTicket><p0>k</p0><p1>1</p1></n:getTicket>`, getTicketIn{session{"k"}, "1", nil}},
		{"by position, too many", `<n:getTicket><p0>k</p0><p1>1</p1><p2/><p3>z</p3></n:getTicket>`, getTicketIn{session{"k"}, "1", nil}},
		{"left over, by place", `<n:getTicket><ticketId>1</ticketId><key>k</key><ticketFields><a>x</a></ticketFields></n:getTicket>`,
			getTicketIn{session{"k"}, "1", []string{"x"}}},
		{"left over, in sequence", `<n:getTicket><key>k</key><ticketId>1</ticketId></n:getTicket>`, getTicketIn{session{"k"}, "1", nil}},
		{"unknown and nothing free", `<n:logout><sessionKey>k</sessionKey><more>x</more></n:logout>`, session{"k"}},
		{"repeated scalar", `<n:logout><sessionKey>k</sessionKey><sessionKey>x</sessionKey></n:logout>`, session{"k"}},
		{"repeated array element", `<n:getTicket><ticketFields>a</ticketFields><ticketId>1</ticketId><ticketFields>b</ticketFields></n:getTicket>`,
			getTicketIn{TicketID: "1", TicketFields: []string{"a", "b"}}},
		{"scalar for an array", `<n:getTicket><ticketFields>a</ticketFields></n:getTicket>`, getTicketIn{TicketFields: []string{"a"}}},
		{"struct for an array of structs", `<n:findTickets><searchCriteria><field>f</field><op>o</op><value>v</value></searchCriteria></n:findTickets>`,
			findTicketsIn{SearchCriteria: []CriteriaStruct{crit}}},
		{"struct members by name", `<n:findTickets><searchCriteria><x><VALUE>v</VALUE><zzz>?</zzz><n:op>o</n:op><field>f</field></x><y><op>p</op></y></searchCriteria></n:findTickets>`,
			findTicketsIn{SearchCriteria: []CriteriaStruct{crit, {Op: "p"}}}},
		{"empty items keep their place", `<n:getTicket><ticketFields><a/><b>x</b><c xsi:nil="true"/></ticketFields></n:getTicket>`,
			getTicketIn{TicketFields: []string{"", "x", ""}}},
		{"nil is absent", `<n:getTicket><sessionKey xsi:nil="1">k</sessionKey><ticketFields xsi:nil="true"><a>x</a></ticketFields></n:getTicket>`, getTicketIn{}},
		{"nothing at all", `<n:getTicket/>`, getTicketIn{}},

		// Texts.
		{"CDATA, comments, references", `<n:logout><sessionKey>a<![CDATA[<b>]]]]><!-- x --><![CDATA[>]]>&#x263A;&#38;<?pi x?>&amp;</sessionKey></n:logout>`, session{"a<b>]]>☺&&"}},
		{"blanks are kept", "<n:logout><sessionKey>  a b \n</sessionKey></n:logout>", session{"  a b \n"}},
		{"line ends", "<n:logout><sessionKey>a\r\nb\rc&#xD;\n<![CDATA[\r\n\r]]></sessionKey></n:logout>", session{"a\nb\nc\r\n\n\n"}},
		{"base64 by type", `<n:logout><sessionKey xsi:type="SOAP-ENC:base64">w6bDuMOl</sessionKey></n:logout>`, session{"æøå"}},
		{"base64 of Latin-1", `<n:logout><sessionKey xsi:type="xsd:base64Binary">5vjl</sessionKey></n:logout>`, session{"æøå"}},
		{"base64 in lines, with a NUL", `<n:logout><sessionKey xsi:type="nowhere:base64Binary">YQ
			BiAA==</sessionKey></n:logout>`, session{"ab"}},
		{"any other type", `<n:logout><sessionKey xsi:type="xsd:dateTime">12</sessionKey></n:logout>`, session{"12"}},
		{"undeclared prefix of an attribute", `<n:logout><sessionKey q:type="q:string">k</sessionKey></n:logout>`, session{"k"}},

		// References.
		{"references to siblings", `<x:arr xmlns:x="u" id="i1"><a href="#i2"/><b>y</b></x:arr><n:getTicket><sessionKey href="#i3"/><ticketFields href="#i1"/></n:getTicket><y id="i2">x</y><z id="i3">k</z>`,
			getTicketIn{session{"k"}, "", []string{"x", "y"}}},
		{"reference in place", `<n:getTicket><ticketFields><a id="r">x</a><b href="#r"/></ticketFields></n:getTicket>`, getTicketIn{TicketFields: []string{"x", "x"}}},
		{"SOAP 1.2 reference", `<n:getTicket xmlns:e="http://www.w3.org/2003/05/soap-encoding"><ticketFields><a e:id="r">x</a><b e:ref="r"/></ticketFields></n:getTicket>`,
			getTicketIn{TicketFields: []string{"x", "x"}}},
		{"reference of a reference", `<n:logout><sessionKey href="#a"/></n:logout><x id="a" href="#b"/><x id="b">k</x>`, session{"k"}},
		{"wrapper by reference", `<n:logout href="#a"/><x id="a"><sessionKey>k</sessionKey></x>`, session{"k"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := send(t, "POST", s.URL+"/soap/customer", envelope(c.body))
			in, _ := l.take()
			if in, ok := in.(getTicketIn); ok && len(in.TicketFields) == 0 {
				in.TicketFields = nil
			}
			if !reflect.DeepEqual(in, c.want) {
				t.Errorf("got  %+v\nwant %+v\n%s", in, c.want, r.body)
			}
		})
	}
}

// TestBool holds ticket.common.4: true, false, 1 and 0 in any case, ” is false,
// other text is a fault.
func TestBool(t *testing.T) {
	type in struct {
		Flag   bool   `soap:"flag"`
		Number string `soap:"number,int"`
		Secret string `soap:"secret,hidden"`
	}
	var got in
	p := &soap.Port{Name: "p", Service: "s", Namespace: "urn:p",
		Code: func(context.Context, string, error) (string, *soap.Fault) { return "0", nil },
		Ops: []soap.Op{soap.Method("op", "", func(_ context.Context, i *in) (nothing, error) {
			got = *i
			return nothing{}, nil
		}).Alias("misspelt")},
	}
	_, s := serve(t, soap.Options{Ports: []*soap.Port{p}})
	for text, want := range map[string]string{"true": "true", "TRUE": "true", "1": "true", " True ": "true", "false": "false", "0": "false", "": "false", "False": "false",
		"yes": "fault", "2": "fault", "-1": "fault"} {
		got = in{}
		r := send(t, "POST", s.URL+"/soap/p", envelope("<op><flag>"+text+"</flag></op>"))
		if want == "fault" {
			if f := faultText(t, r, "Client"); f != `"flag" must be true or false` {
				t.Errorf("%q: got %q, want a fault", text, f)
			}
			continue
		}
		if fmt.Sprint(got.Flag) != want {
			t.Errorf("%q: got %v, want %s", text, got.Flag, want)
		}
	}
	// A hidden part is read by name only; numbers are texts.
	send(t, "POST", s.URL+"/soap/p", envelope("<op><a>1</a><b>x7</b><c>no</c></op>"))
	if want := (in{true, "x7", ""}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	send(t, "POST", s.URL+"/soap/p", envelope("<op><secret>s</secret></op>"))
	if want := (in{false, "", "s"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// ticket.common.19: a misspelt name is understood, and answered under its own name.
	if r := send(t, "POST", s.URL+"/soap/p", envelope("<n:misspelt/>")); !strings.Contains(r.body, "<misspeltResponse xmlns=") {
		t.Errorf("got %s, want a misspeltResponse", r.body)
	}
}

// TestCharsets reads a call in each charset and way to name it.
func TestCharsets(t *testing.T) {
	l, s := serve(t, soap.Options{})
	const text = "æøå ÆØÅ"
	body := func(declaration string) string {
		return declaration + strings.TrimPrefix(envelope("<n:logout><sessionKey>"+text+"</sessionKey></n:logout>"), `<?xml version="1.0" encoding="utf-8"?>`)
	}
	latin := func(s string) string {
		b, err := charmap.ISO8859_1.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	wide := func(s string, big, mark bool) string {
		var b []byte
		if mark {
			s = "\uFEFF" + s
		}
		for _, u := range utf16.Encode([]rune(s)) {
			if big {
				b = append(b, byte(u>>8), byte(u))
			} else {
				b = append(b, byte(u), byte(u>>8))
			}
		}
		return string(b)
	}
	for _, c := range []struct{ name, body, contentType string }{
		{"UTF-8", body(""), "text/xml; charset=utf-8"},
		{"UTF-8, quoted", body(""), `text/xml; charset="UTF-8"`},
		{"nothing said", body(""), ""},
		{"only declared, single quotes", body("<?xml version='1.0' encoding='utf-8'?>"), "text/xml"},
		{"UTF-8 mark", "\uFEFF" + body(`<?xml version="1.0" encoding="utf-8"?>`), "text/xml"},
		{"UTF-8 mark against the header", "\uFEFF" + body(""), "text/xml; charset=iso-8859-1"},
		{"blanks before the declaration", "\r\n " + body(`<?xml version="1.0"?>`), "text/xml"},
		{"Latin-1 in the header", latin(body("")), "text/xml; charset=ISO-8859-1"},
		{"Latin-1 declared", latin(body(`<?xml version="1.0" encoding="iso-8859-1"?>`)), "text/xml"},
		{"Latin-1 header against the declaration", latin(body(`<?xml version="1.0" encoding="utf-8"?>`)), "text/xml; charset=latin1"},
		{"Windows", latin(body("")), "text/xml; charset=windows-1252"},
		{"Latin-9", latin(body("")), "text/xml; charset=iso-8859-15"},
		{"UTF-16 LE with mark", wide(body(""), false, true), "text/xml; charset=utf-16"},
		{"UTF-16 BE with mark", wide(body(""), true, true), "text/xml"},
		{"UTF-16 LE", wide(body(`<?xml version="1.0" encoding="utf-16"?>`), false, false), "text/xml; charset=utf-16"},
		{"UTF-16 BE", wide(body(`<?xml version="1.0" encoding="utf-16"?>`), true, false), "text/xml; charset=utf-16"},
		{"UTF-16 said, UTF-8 sent", body(`<?xml version="1.0" encoding="utf-16"?>`), "text/xml"},
		{"broken header", body(""), "text/xml; charset=utf-8; charset; ="},
		{"wrong media type", body(""), "application/octet-stream"},
		{"SOAP 1.2's", body(""), `application/soap+xml; charset=utf-8; action=""`},
	} {
		r := send(t, "POST", s.URL+"/soap/customer", c.body, "Content-Type: "+c.contentType)
		if in, _ := l.take(); in != (session{text}) {
			t.Errorf("%s: got %+v, want %q; %s", c.name, in, text, r.body)
		}
	}
}

// TestStyle holds which style answers which call, to the letter.
func TestStyle(t *testing.T) {
	_, s := serve(t, soap.Options{})
	const rpc, doc = "/soap/customer/rpc", "/soap/customer"
	var got strings.Builder
	for _, c := range []struct{ name, path, text string }{
		{"encodingStyle on the wrapper", doc, envelope(`<n:findTickets s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><sessionKey>k</sessionKey></n:findTickets>`)},
		{"encodingStyle on the Body", doc, strings.Replace(envelope(`<q:getTicket xmlns:q="urn:other"><ticketFields><i>ticket.title</i></ticketFields></q:getTicket>`), "<s:Body>", `<s:Body s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">`, 1)},
		{"encodingStyle, no namespace", doc, envelope(`<getTicket s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><ticketFields><i>ticket.title</i></ticketFields></getTicket>`)},
		{"empty encodingStyle", doc, envelope(`<n:getErrorMessage s:encodingStyle=""><n:sessionKey>k</n:sessionKey></n:getErrorMessage>`)},
		{"qualified", rpc, envelope(`<n:findTickets><n:sessionKey>k</n:sessionKey></n:findTickets>`)},
		{"qualified in an awkward namespace", rpc, envelope(`<q:getErrorMessage xmlns:q="urn:&quot;&lt;&amp;'"><q:sessionKey>k</q:sessionKey></q:getErrorMessage>`)},
		{"xsi:type", doc, envelope(`<n:faq_getEntry><sessionKey xsi:type="xsd:string">k</sessionKey></n:faq_getEntry>`)},
		{"unqualified", rpc, envelope(`<n:findTickets><sessionKey>k</sessionKey></n:findTickets>`)},
		{"unqualified, no namespace", rpc, envelope(`<getErrorMessage><sessionKey>k</sessionKey></getErrorMessage>`)},
		{"no parameters at the RPC address", rpc, envelope(`<n:getErrorMessage/>`)},
		{"no parameters at the other address", doc, envelope(`<n:getErrorMessage/>`)},
		{"SOAP 1.2 encoded", doc, strings.ReplaceAll(envelope(`<n:findTickets s:encodingStyle="http://www.w3.org/2003/05/soap-encoding"><sessionKey>k</sessionKey></n:findTickets>`), "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")},
		{"SOAP 1.2 literal", doc, strings.ReplaceAll(envelope(`<n:getErrorMessage><n:sessionKey>k</n:sessionKey></n:getErrorMessage>`), "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")},
		{"attachment encoded", doc, envelope(`<n:getAttachment s:encodingStyle="x"/>`)},
		{"attachment literal", doc, envelope(`<n:getAttachment/>`)},
		{"error code with empty parts", doc, envelope(`<n:login s:encodingStyle="x"><username>u</username><password>wrong</password></n:login>`)},
		{"missing attachment", doc, envelope(`<n:getAttachment><n:attachmentId>gone</n:attachmentId></n:getAttachment>`)},
		{"fault 1.1", doc, envelope(`<n:what/>`)},
		{"fault 1.2", doc, strings.ReplaceAll(envelope(`<n:what/>`), "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")},
	} {
		r := send(t, "POST", s.URL+c.path, c.text)
		wellFormed(t, []byte(r.body))
		if r.header.Get("Content-Length") != fmt.Sprint(len(r.body)) {
			t.Errorf("%s: got Content-Length %q of %d", c.name, r.header.Get("Content-Length"), len(r.body))
		}
		text := strings.ReplaceAll(r.body, base64.StdEncoding.EncodeToString(labData()), "(base64 of the lab's data)")
		fmt.Fprintf(&got, "# %s\n%d %s\n%s\n\n", c.name, r.status, r.header.Get("Content-Type"), text)
	}
	golden(t, "testdata/answers.golden", got.String())
}

// TestText holds types.transport.11 and the escaping of answers: what comes in
// goes out, forbidden characters are dropped.
func TestText(t *testing.T) {
	type io struct {
		Text string `soap:"text"`
	}
	answer := ""
	p := &soap.Port{Name: "p", Service: "s", Namespace: "urn:p",
		Code: func(context.Context, string, error) (string, *soap.Fault) { return "0", nil },
		Ops:  []soap.Op{soap.Method("op", "", func(context.Context, *io) (io, error) { return io{answer}, nil }).Plain()},
	}
	_, s := serve(t, soap.Options{Ports: []*soap.Port{p}})
	for in, want := range map[string]string{
		"a<b>&\"'c":       `a&lt;b&gt;&amp;"'c`,
		"\r\n\t \n":       "&#xD;\n\t \n",
		"æ 漢 😀 \u0085":    "æ 漢 😀 \u0085",
		"a\x00b\x1b\x0bc": "abc",
		"a\uFFFEb\uFFFFc": "abc",
		"a\xffb":          "a\uFFFDb",
		"\uFFFD":          "\uFFFD",
		"]]>":             "]]&gt;",
		"\xed\xa0\x80x":   "\uFFFD\uFFFD\uFFFDx",
		"plain":           "plain",
	} {
		answer = in
		r := send(t, "POST", s.URL+"/soap/p", envelope("<n:op/>"))
		_, rest, _ := strings.Cut(r.body, "<text>")
		if got, _, _ := strings.Cut(rest, "</text>"); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestFaults holds what becomes of errors that are not codes.
func TestFaults(t *testing.T) {
	var log bytes.Buffer
	var seen []soap.Observation
	l := &lab{}
	p := l.port()
	p.Ops = append(p.Ops, soap.Method("boom", "", func(context.Context, *nothing) (nothing, error) { panic("secret reason") }))
	_, s := serve(t, soap.Options{Ports: []*soap.Port{p}, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Observe: func(o soap.Observation) { seen = append(seen, o) }})

	l.err = fmt.Errorf("wrapped: %w", &soap.Fault{Client: true, Text: "a <client> fault"})
	if got := faultText(t, send(t, "POST", s.URL+"/soap/customer", envelope("<n:logout/>")), "Client"); got != "a &lt;client&gt; fault" {
		t.Errorf("got %q", got)
	}
	l.err = &soap.Fault{Text: "a server fault"}
	if got := faultText(t, send(t, "POST", s.URL+"/soap/customer", envelope("<n:logout/>")), "Server"); got != "a server fault" {
		t.Errorf("got %q", got)
	}
	l.err = errors.New("SELECT secret")
	if r := send(t, "POST", s.URL+"/soap/customer", envelope("<n:logout/>")); r.status != 200 || !strings.Contains(r.body, "<errorCode>7</errorCode>") || strings.Contains(r.body, "secret") {
		t.Errorf("got %d %s, want code 7", r.status, r.body)
	}
	r := send(t, "POST", s.URL+"/soap/customer", envelope("<n:boom/>"))
	if got := faultText(t, r, "Server"); got != "internal error" {
		t.Errorf("got %q, want an internal error", got)
	}
	if id := r.header.Get("X-Request-Id"); id == "" || !strings.Contains(log.String(), id) || !strings.Contains(log.String(), "secret reason") {
		t.Errorf("got request id %q and log %s", id, log.String())
	}
	send(t, "POST", s.URL+"/soap/customer", "junk")
	if len(seen) != 5 {
		t.Fatalf("got %d observations, want 5", len(seen))
	}
	for i, want := range []soap.Observation{{Op: "logout", Fault: true}, {Op: "logout", Fault: true}, {Op: "logout", Code: "7"}, {Op: "boom", Fault: true}, {Fault: true}} {
		o := seen[i]
		if o.Op != want.Op || o.Code != want.Code || o.Fault != want.Fault || o.Port != "customer" || o.BytesIn == 0 || o.BytesOut == 0 || o.RequestID == "" || o.Duration <= 0 {
			t.Errorf("observation %d: got %+v, want %+v", i, o, want)
		}
	}
}

// TestBlob holds what methods see of binary parameters, small and large, bound
// by name, by place and through references, and that no file stays behind.
func TestBlob(t *testing.T) {
	dir := t.TempDir()
	l, s := serve(t, soap.Options{SpoolDir: dir})
	large := bytes.Repeat(labData(), 300)
	b64 := base64.StdEncoding.EncodeToString
	lines := func(s string) string {
		var b strings.Builder
		for len(s) > 76 {
			b.WriteString(s[:76] + "\r\n")
			s = s[76:]
		}
		return b.String() + s
	}
	for _, c := range []struct {
		name, body string
		want       []byte
		bad        bool
	}{
		{"small", `<n:addAttachment><data>` + b64([]byte("abc")) + `</data></n:addAttachment>`, []byte("abc"), false},
		{"large", `<n:addAttachment><data>` + b64(large) + `</data></n:addAttachment>`, large, false},
		{"large, in lines", `<n:addAttachment><n:DATA xsi:type="xsd:string">` + lines(b64(large)) + `</n:DATA></n:addAttachment>`, large, false},
		{"large, by place", `<n:addAttachment><a/><b/><c/><d>` + b64(large) + `</d></n:addAttachment>`, large, false},
		{"large, by reference", `<n:addAttachment><data href="#d"/></n:addAttachment><x id="d">` + b64(large) + `</x>`, large, false},
		{"small, by reference", `<n:addAttachment><data href="#d"/></n:addAttachment><x id="d">` + b64([]byte("abc")) + `</x>`, []byte("abc"), false},
		{"CDATA", `<n:addAttachment><data><![CDATA[` + b64(large) + `]]></data></n:addAttachment>`, large, false},
		{"without padding", `<n:addAttachment><data>YWI</data></n:addAttachment>`, nil, true},
		{"half padded", `<n:addAttachment><data>YQ=</data></n:addAttachment>`, nil, true},
		{"padded too much", `<n:addAttachment><data>YWI==</data></n:addAttachment>`, nil, true},
		{"padded a whole group", `<n:addAttachment><data>YWJj====</data></n:addAttachment>`, nil, true},
		{"padding alone", `<n:addAttachment><data>=</data></n:addAttachment>`, nil, true},
		{"padding apart", "<n:addAttachment><data>Y\n Q=\t=\r\n</data></n:addAttachment>", []byte("a"), false},
		{"missing", `<n:addAttachment/>`, nil, false},
		{"empty", `<n:addAttachment><data/></n:addAttachment>`, nil, false},
		{"nil", `<n:addAttachment><data xsi:nil="true">YQ==</data></n:addAttachment>`, nil, false},
		{"not base64", `<n:addAttachment><data>a*b</data></n:addAttachment>`, nil, true},
		{"text after padding", `<n:addAttachment><data>YQ==YQ==</data></n:addAttachment>`, nil, true},
		{"one character", `<n:addAttachment><data>Y</data></n:addAttachment>`, nil, true},
		{"repeated", `<n:addAttachment>` + strings.Repeat(`<data>`+b64(large)+`</data>`, 10) + `</n:addAttachment>`, large, false},
	} {
		r := send(t, "POST", s.URL+"/soap/customer", envelope(c.body))
		_, blob := l.take()
		switch {
		case blob == nil:
			t.Errorf("%s: got no call: %s", c.name, r.body)
		case c.bad != (blob.Err != nil):
			t.Errorf("%s: got error %v", c.name, blob.Err)
		case !c.bad && !bytes.Equal(blob.Data, c.want):
			t.Errorf("%s: got %d bytes, want %d", c.name, len(blob.Data), len(c.want))
		}
		if files, _ := os.ReadDir(dir); len(files) != 0 {
			t.Errorf("%s: got %v left behind", c.name, files)
		}
	}
	// A long text where a blob might have come is still a text.
	r := send(t, "POST", s.URL+"/soap/customer", envelope(`<n:addAttachment><a>k</a><b>`+strings.Repeat("a long name ", 10_000)+`</b><c/><d>YQ==</d></n:addAttachment>`))
	in, blob := l.take()
	if got, ok := in.(addAttachmentIn); !ok || len(got.AttachmentName) != 120_000 || string(blob.Data) != "a" {
		t.Errorf("got %.300s", r.body)
	}
}

// A large parameter for which the disk has no room is a failure of the method.
// types.transport.7
func TestBlobWithoutDisk(t *testing.T) {
	var seen soap.Observation
	_, s := serve(t, soap.Options{SpoolDir: filepath.Join(t.TempDir(), "missing"), Observe: func(o soap.Observation) { seen = o }})
	large := base64.StdEncoding.EncodeToString(bytes.Repeat(labData(), 300))
	for _, c := range []struct{ name, address, body string }{
		{"by name", "/soap/customer", `<n:addAttachment><n:data>` + large + `</n:data><n:contentType/></n:addAttachment>`},
		{"by place", "/soap/customer/rpc", `<n:addAttachment><a/><b/><c/><d>` + large + `</d></n:addAttachment>`},
		{"by reference", "/soap/customer/rpc", `<n:addAttachment><data href="#d"/></n:addAttachment><x id="d">` + large + `</x>`},
	} {
		r := send(t, "POST", s.URL+c.address, envelope(c.body))
		if r.status != 200 || !strings.Contains(r.body, "errorCode") || !strings.Contains(r.body, ">7</") || !strings.Contains(r.body, "addAttachmentResponse") {
			t.Errorf("%s: got %d %s, want errorCode 7", c.name, r.status, r.body)
		}
		if seen.Op != "addAttachment" || seen.Code != "7" || seen.Fault {
			t.Errorf("%s: observed %+v", c.name, seen)
		}
	}
	r := send(t, "POST", s.URL+"/soap/customer", envelope(`<x id="d">`+large+`</x><n:addAttachment><data href="#d"/></n:addAttachment>`))
	if got := faultText(t, r, "Server"); got != "internal error" {
		t.Errorf("before the method is known: got %q", got)
	}
	if r := send(t, "POST", s.URL+"/soap/customer", envelope(`<n:addAttachment><data>YWJj</data></n:addAttachment>`)); !strings.Contains(r.body, ">0</") {
		t.Errorf("what needs no disk: got %s", r.body)
	}
}

// TestBlobKept holds that a file a method takes stays.
func TestBlobKept(t *testing.T) {
	dir := t.TempDir()
	type in struct {
		Data *soap.Blob `soap:"data"`
	}
	var path string
	p := &soap.Port{Name: "p", Service: "s", Namespace: "urn:p",
		Code: func(context.Context, string, error) (string, *soap.Fault) { return "0", nil },
		Ops: []soap.Op{soap.Method("op", "", func(_ context.Context, i *in) (nothing, error) {
			path = i.Data.Path()
			return nothing{}, os.Rename(path, path+".kept")
		})},
	}
	_, s := serve(t, soap.Options{Ports: []*soap.Port{p}, SpoolDir: dir})
	for _, data := range [][]byte{[]byte("abc"), bytes.Repeat(labData(), 200)} {
		send(t, "POST", s.URL+"/soap/p", envelope("<n:op><data>"+base64.StdEncoding.EncodeToString(data)+"</data></n:op>"))
		if got, err := os.ReadFile(path + ".kept"); err != nil || !bytes.Equal(got, data) {
			t.Errorf("got %d bytes (%v), want %d", len(got), err, len(data))
		}
	}
}

// TestStream sends a large attachment, which cannot be held back.
func TestStream(t *testing.T) {
	_, s := serve(t, soap.Options{})
	r := send(t, "POST", s.URL+"/soap/customer", envelope("<n:getAttachment><n:attachmentId>large</n:attachmentId></n:getAttachment>"))
	_, rest, _ := strings.Cut(r.body, "<data>")
	text, _, ok := strings.Cut(rest, "</data>")
	got, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || !bytes.Equal(got, bytes.Repeat(labData(), 1000)) {
		t.Errorf("got %d bytes (%v)", len(got), err)
	}
	if strings.ContainsAny(text, "\r\n") {
		t.Error("got line breaks in base64")
	}
}

// TestStreamBreaks holds that content which cannot be read is a code when
// nothing has been sent, and a broken answer, not a short one, when it has.
func TestStreamBreaks(t *testing.T) {
	type out struct {
		Data soap.Stream `soap:"data"`
	}
	size := int64(0)
	p := &soap.Port{Name: "p", Service: "s", Namespace: "urn:p",
		Code: func(_ context.Context, _ string, err error) (string, *soap.Fault) {
			if err != nil {
				return "27", nil
			}
			return "0", nil
		},
		Ops: []soap.Op{soap.Method("op", "", func(context.Context, *nothing) (out, error) {
			return out{soap.Stream{Open: func() (io.ReadCloser, error) {
				zeros := io.LimitReader(zeroReader{}, size)
				return io.NopCloser(io.MultiReader(zeros, brokenReader{})), nil
			}}}, nil
		})},
	}
	_, s := serve(t, soap.Options{Ports: []*soap.Port{p}})
	size = 1000
	if r := send(t, "POST", s.URL+"/soap/p", envelope("<n:op/>")); !strings.Contains(r.body, "<errorCode>27</errorCode><data></data>") {
		t.Errorf("got %.300s, want code 27", r.body)
	}
	size = 1 << 20
	res, err := http.Post(s.URL+"/soap/p", "text/xml", strings.NewReader(envelope("<n:op/>")))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("got a whole answer, want a broken one")
	}
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

package soap_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"skranke/soap"
)

// faultText returns the text of a fault, after checking that it is one, in XML,
// with the status and code it must have.
func faultText(t *testing.T, r reply, code string) string {
	t.Helper()
	wellFormed(t, []byte(r.body))
	if r.status != http.StatusInternalServerError {
		t.Errorf("got status %d, want 500: %.300s", r.status, r.body)
	}
	want := "text/xml; charset=UTF-8"
	open, end := "<faultstring>", "</faultstring>"
	codeElement := "<faultcode>SOAP-ENV:" + code + "</faultcode>"
	if strings.Contains(r.body, "http://www.w3.org/2003/05/soap-envelope") {
		want = "application/soap+xml; charset=UTF-8"
		open, end = `<SOAP-ENV:Text xml:lang="en">`, "</SOAP-ENV:Text>"
		codeElement = "<SOAP-ENV:Value>SOAP-ENV:" + code + "</SOAP-ENV:Value>"
	}
	if got := r.header.Get("Content-Type"); got != want {
		t.Errorf("got Content-Type %q, want %q", got, want)
	}
	if !strings.Contains(r.body, codeElement) {
		t.Errorf("got no %s in %.300s", codeElement, r.body)
	}
	_, rest, _ := strings.Cut(r.body, open)
	text, _, _ := strings.Cut(rest, end)
	return text
}

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

// TestAttack sends what nobody should send. Each gets a fault that says why, in
// bounded time and memory, and nothing reaches a method.
func TestAttack(t *testing.T) {
	l, s := serve(t, soap.Options{Limits: soap.Limits{Body: 4 << 20, Text: 1 << 20, Elements: 5000}})
	wide := strings.Repeat("<item>x</item>", 2000)
	ticket := func(inner string) string { return envelope("<n:getTicket>" + inner + "</n:getTicket>") }
	doctype := func(d string) string {
		return strings.Replace(envelope("<n:logout><sessionKey>&a;</sessionKey></n:logout>"), "<s:Envelope", d+"<s:Envelope", 1)
	}
	lol := `<!DOCTYPE x [<!ENTITY a "lol">` + strings.Repeat(`<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">`, 20) + `]>`
	var attributes, doubling strings.Builder
	for i := range 50_000 { // a million bytes
		fmt.Fprintf(&attributes, ` a%d="1"`, i)
	}
	doubling.WriteString(`<n:findTickets><searchCriteria>` + strings.Repeat(`<i href="#a"/>`, 2000) + `</searchCriteria></n:findTickets>` +
		`<x id="a"><field>a</field><op>b</op><value>c</value></x>`)
	shared := `<n:getTicket><ticketFields>` + strings.Repeat(`<i href="#t"/>`, 100) + `</ticketFields></n:getTicket><x id="t">` + strings.Repeat("x", 100_000) + `</x>`

	for _, a := range []struct {
		name, body, want string
		headers          []string
		code             string // Client if empty
	}{
		{"entity bomb", doctype(lol), "document type declarations are not allowed", nil, ""},
		{"external entity", doctype(`<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>`), "document type declarations are not allowed", nil, ""},
		{"external document type", doctype(`<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">`), "document type declarations are not allowed", nil, ""},
		{"document type, lower case", doctype(`<!doctype html>`), "document type declarations are not allowed", nil, ""},
		{"undefined entity", envelope("<n:logout><sessionKey>&nbsp;</sessionKey></n:logout>"), `entity "nbsp" is not defined`, nil, ""},
		{"character reference to NUL", envelope("<n:logout><sessionKey>&#0;</sessionKey></n:logout>"), "character reference", nil, ""},
		{"character reference to a surrogate", envelope("<n:logout><sessionKey>&#xD800;</sessionKey></n:logout>"), "character reference", nil, ""},
		{"character reference beyond Unicode", envelope("<n:logout><sessionKey>&#99999999999;</sessionKey></n:logout>"), "character reference", nil, ""},
		{"lone ampersand", envelope("<n:logout><sessionKey>a & b</sessionKey></n:logout>"), "an &amp; that begins no reference", nil, ""},
		{"endless reference", envelope("<n:logout><sessionKey>&" + strings.Repeat("a", 100_000) + ";</sessionKey></n:logout>"), "an &amp; that begins no reference", nil, ""},
		{"depth", envelope("<n:getTicket>" + strings.Repeat("<a>", 100_000)), "nested deeper than 64", nil, ""},
		{"depth in the header", strings.Replace(envelope("<n:logout/>"), "<s:Body>", "<s:Header>"+strings.Repeat("<a>", 100)+strings.Repeat("</a>", 100)+"</s:Header><s:Body>", 1), "nested deeper than 64", nil, ""},
		{"fifty thousand attributes", envelope("<n:logout" + attributes.String() + "/>"), "a tag or name is too long", nil, ""},
		{"a hundred attributes", envelope("<n:logout" + attributes.String()[:900] + "/>"), "more than 64 attributes", nil, ""},
		{"a million elements", ticket("<ticketFields>" + strings.Repeat("<i/>", 1_000_000)), "more than 5000 elements", nil, ""},
		{"reference to itself", envelope(`<n:getTicket id="w"><sessionKey href="#a"/></n:getTicket><x id="a" href="#a"/>`), "references lead from one to the other without an end", nil, ""},
		{"references in a circle", envelope(`<n:getTicket><ticketFields href="#a"/></n:getTicket><x id="a" href="#b"/><x id="b" href="#a"/>`), "references lead from one to the other without an end", nil, ""},
		{"array that holds itself", envelope(`<n:getTicket><ticketFields href="#a"/></n:getTicket><x id="a"><i href="#a"/></x>`), "must be text, but holds elements", nil, ""},
		{"references that multiply", envelope(doubling.String()), "more than 5000 values", nil, ""},
		{"one text a hundred times", envelope(shared), "larger than 2097152 bytes together", nil, ""},
		{"reference to nothing", envelope(`<n:getTicket><ticketFields href="#nothing"/></n:getTicket>`), `a reference leads to "nothing"`, nil, ""},
		{"reference to a file", envelope(`<n:getTicket><ticketFields href="file:///etc/passwd"/></n:getTicket>`), `a reference leads to "file:///etc/passwd"`, nil, ""},
		{"truncated", envelope("<n:getTicket><sessionKey>a")[:200], "the document ends too early", nil, ""},
		{"truncated in CDATA", envelope("<n:logout><sessionKey><![CDATA[x")[:len(envelope(""))-20], "the document ends too early", nil, ""},
		{"truncated in a comment", `<!-- `, "the document ends too early", nil, ""},
		{"text after the root", envelope("<n:logout/>") + "junk", "text after the root element", nil, ""},
		{"second root", envelope("<n:logout/>") + "<x/>", "a second root element", nil, ""},
		{"two messages", envelope("<n:logout/>") + envelope("<n:logout/>"), "an XML declaration that is not at the beginning", nil, ""},
		{"invalid UTF-8", envelope("<n:logout><sessionKey>\xff\xfe</sessionKey></n:logout>"), "invalid UTF-8", nil, ""},
		{"Latin-1 that is not declared", envelope("<n:logout><sessionKey>K\xe5re</sessionKey></n:logout>"),
			"such as ISO-8859-1, has to name it in the header Content-Type or in the XML declaration", nil, ""},
		{"Latin-1 in an attribute", envelope("<n:logout a=\"K\xe5re\"/>"), "such as ISO-8859-1, has to name it", nil, ""},
		{"Latin-1 in a comment", envelope("<!-- K\xe5re --><n:logout/>"), "such as ISO-8859-1, has to name it", nil, ""},
		{"overlong UTF-8", envelope("<n:logout><sessionKey>\xc0\xaf</sessionKey></n:logout>"), "invalid UTF-8", nil, ""},
		{"half a character", envelope("<n:logout><sessionKey>\xc3</sessionKey></n:logout>"), "invalid UTF-8", nil, ""},
		{"NUL", envelope("<n:logout><sessionKey>\x00</sessionKey></n:logout>"), "character U+0000 is not allowed", nil, ""},
		{"escape character", envelope("<n:logout><sessionKey>\x1b[31m</sessionKey></n:logout>"), "character U+001B is not allowed", nil, ""},
		{"U+FFFF", envelope("<n:logout><sessionKey>\uffff</sessionKey></n:logout>"), "character U+FFFF is not allowed", nil, ""},
		{"huge name", envelope("<" + strings.Repeat("a", 1_000_000) + "/>"), "a tag or name is too long", nil, ""},
		{"huge attribute", envelope(`<n:logout a="` + strings.Repeat("a", 1_000_000) + `"/>`), "a tag or name is too long", nil, ""},
		{"attribute twice", envelope(`<n:logout a="1" a="2"/>`), `attribute "a" given twice`, nil, ""},
		{"attribute twice by namespace", envelope(`<n:logout xmlns:p="u" xmlns:q="u" p:a="1" q:a="2"/>`), `attribute "a" given twice`, nil, ""},
		{"namespace twice", envelope(`<n:logout xmlns:p="u" xmlns:p="v"/>`), `attribute "p" given twice`, nil, ""},
		{"undeclared prefix", envelope(`<q:logout/>`), `prefix "q" is not declared`, nil, ""},
		{"attribute without quotes", envelope(`<n:logout a=1/>`), "without quotes", nil, ""},
		{"< in an attribute", envelope(`<n:logout a="<"/>`), "a &lt; inside a tag", nil, ""},
		{"wrong end tag", envelope(`<n:logout></n:login>`), "end tag", nil, ""},
		{"]]> in text", envelope(`<n:logout><sessionKey>]]></sessionKey></n:logout>`), "]]&gt; in text", nil, ""},
		{"-- in a comment", envelope(`<!-- a -- b --><n:logout/>`), "-- inside a comment", nil, ""},
		{"late XML declaration", envelope(`<?xml version="1.0"?><n:logout/>`), "an XML declaration that is not at the beginning", nil, ""},
		{"large text", ticket("<sessionKey>" + strings.Repeat("a", 1<<20+1) + "</sessionKey>"), "larger than 1048576 bytes", nil, ""},
		{"many large texts", ticket("<ticketFields>" + strings.Repeat("<i>"+strings.Repeat("a", 1<<19)+"</i>", 5) + "</ticketFields>"), "larger than 2097152 bytes together", nil, ""},
		{"too large", envelope("<n:logout/>" + strings.Repeat(" ", 5<<20)), "the request is larger than 4194304 bytes", nil, ""},
		{"gzip bomb", gzipped(envelope("<n:logout/>" + strings.Repeat(" ", 64<<20))), "the request is larger than 4194304 bytes", []string{"Content-Encoding: gzip"}, ""},
		{"gzip in gzip in gzip", gzipped(gzipped(gzipped(envelope("<n:logout/>")))), "unknown Content-Encoding", []string{"Content-Encoding: gzip, gzip, gzip"}, ""},
		{"broken gzip", "\x1f\x8b" + envelope("<n:logout/>"), "could not be read to its end", []string{"Content-Encoding: gzip"}, ""},
		{"truncated gzip", gzipped(envelope("<n:logout/>"))[:100], "could not be read to its end", []string{"Content-Encoding: gzip"}, ""},
		{"unknown encoding", envelope("<n:logout/>"), "unknown Content-Encoding", []string{"Content-Encoding: br"}, ""},
		{"unknown charset", envelope("<n:logout/>"), `the character set "klingon" is not known`, []string{"Content-Type: text/xml; charset=klingon"}, ""},
		{"empty", "", "there is no XML document", nil, ""},
		{"blank", "  \r\n\t ", "there is no XML document", nil, ""},
		{"HTML", "<html><body>hi</body></html>", `its root element is "html", not Envelope`, nil, ""},
		{"JSON", `{"op":"login"}`, "text before the root element", nil, ""},
		{"form", "op=login&user=x", "text before the root element", []string{"Content-Type: application/x-www-form-urlencoded"}, ""},
		{"no namespace", "<Envelope><Body><logout/></Body></Envelope>", "neither that of SOAP 1.1 nor of SOAP 1.2", nil, "VersionMismatch"},
		{"draft namespace", `<e:Envelope xmlns:e="http://www.w3.org/2001/06/soap-envelope"><e:Body/></e:Envelope>`, "neither that of SOAP 1.1 nor of SOAP 1.2", nil, "VersionMismatch"},
		{"no Body", `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"/>`, "the Envelope has no Body", nil, ""},
		{"two Bodies", strings.Replace(envelope("<n:logout/>"), "</s:Body>", "</s:Body><s:Body/>", 1), "the Envelope has two Bodies", nil, ""},
		{"empty Body", envelope(""), "the Body is empty", nil, ""},
		{"text in the Body", envelope("logout"), "text where only elements may stand", nil, ""},
		{"unknown operation", envelope("<n:dropTables/>"), `unknown operation "dropTables"`, nil, ""},
		{"element before the Body", strings.Replace(envelope("<n:logout/>"), "<s:Body>", "<x/><s:Body>", 1), "neither Header nor Body", nil, ""},
		{"mustUnderstand", strings.Replace(envelope("<n:logout/>"), "<s:Body>", `<s:Header><w:Security xmlns:w="urn:w" s:mustUnderstand="1"/></s:Header><s:Body>`, 1), `the header "Security" must be understood, but is not`, nil, "MustUnderstand"},
		{"multipart", "--x\r\n\r\n" + envelope("<n:logout/>"), "multipart messages (MTOM, SOAP with Attachments) are not supported", []string{"Content-Type: multipart/related; boundary=x"}, ""},
		{"elements for a text", envelope("<n:logout><sessionKey><b>x</b></sessionKey></n:logout>"), `"sessionKey" must be text, but holds elements`, nil, ""},
		{"false base64", envelope(`<n:logout><sessionKey xsi:type="xsd:base64Binary">!!</sessionKey></n:logout>`), `"sessionKey" is said to be base64, but is not`, nil, ""},
		{"a name that is markup", envelope(`<n:x-&lt;script&gt;/>`), "is no name", nil, ""},
	} {
		t.Run(a.name, func(t *testing.T) {
			start := time.Now()
			r := send(t, "POST", s.URL+"/soap/customer", a.body, a.headers...)
			code := a.code
			if code == "" {
				code = "Client"
			}
			if got := faultText(t, r, code); !strings.Contains(got, a.want) || got == "" {
				t.Errorf("got fault %.300q, want %q in it", got, a.want)
			}
			if d := time.Since(start); d > hangs {
				t.Errorf("took %v", d)
			}
			if in, _ := l.take(); in != nil {
				t.Errorf("a method was called with %+v", in)
			}
		})
	}
	t.Run("arrays with false counts", func(t *testing.T) { // arrayType is ignored
		r := send(t, "POST", s.URL+"/soap/customer", ticket(`<sessionKey>k</sessionKey><ticketFields e:arrayType="xsd:string[2000000000]" xmlns:e="http://schemas.xmlsoap.org/soap/encoding/">`+wide+`</ticketFields>`))
		in, _ := l.take()
		if got, ok := in.(getTicketIn); r.status != 200 || !ok || len(got.TicketFields) != 2000 {
			t.Errorf("got %.200s, want 2000 fields", r.body)
		}
	})
}

// hangs is what no request may take however slow the machine; it is no measure
// of speed.
const hangs = 30 * time.Second

// TestCostlyShapes sends what costs more the more of it is compared with each
// other. Each is answered in about the time it takes to read it.
func TestCostlyShapes(t *testing.T) {
	l, s := serve(t, soap.Options{})
	var spaces, attributes, ids strings.Builder
	for i := range 60 {
		fmt.Fprintf(&spaces, ` xmlns:p%d="u%d"`, i, i)
		fmt.Fprintf(&attributes, ` p%d:x=""`, i)
	}
	for i := range 45_000 {
		fmt.Fprintf(&ids, `<x id="%05d"/>`, i)
	}
	for _, c := range []struct {
		name, body string
		ok         bool
	}{
		{"attributes of many namespaces", `<n:getTicket` + spaces.String() + `><ticketFields` + spaces.String()[:700] + `>` + strings.Repeat(`<i`+attributes.String()+`/>`, 6000) + `</ticketFields></n:getTicket>`, true},
		{"more attributes than anybody needs", `<n:getTicket` + spaces.String() + `><ticketFields>` + strings.Repeat(`<i`+attributes.String()+`/>`, 90_000) + `</ticketFields></n:getTicket>`, false},
		{"references among many", `<n:getTicket><ticketFields>` + strings.Repeat(`<i href="#last"/>`, 45_000) + `</ticketFields></n:getTicket>` + ids.String() + `<x id="last">f</x>`, true},
	} {
		start := time.Now()
		r := send(t, "POST", s.URL+"/soap/customer", envelope(c.body))
		if in, _ := l.take(); (in != nil) != c.ok || (r.status == 200) != c.ok {
			t.Errorf("%s: got status %d: %.300s", c.name, r.status, r.body)
		}
		if d := time.Since(start); d > hangs {
			t.Errorf("%s: took %v", c.name, d)
		}
	}
}

// TestManyLargeAtOnce sends large requests side by side: together they get no
// more memory than there is for them, and small ones go on.
func TestManyLargeAtOnce(t *testing.T) {
	_, s := serve(t, soap.Options{Limits: soap.Limits{Together: 3 << 20}})
	large := envelope("<n:getTicket><sessionKey>" + strings.Repeat("a", 2<<20) + "</sessionKey></n:getTicket>")
	many := envelope("<n:getTicket><ticketFields>" + strings.Repeat("<i/>", 20_000) + "</ticketFields></n:getTicket>")
	post := func(body string) reply { return send(t, "POST", s.URL+"/soap/customer", body) }
	const busy = "too many large requests at once"

	first, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	head, tail := large[:len(large)-200], large[len(large)-200:]
	fmt.Fprintf(first, "POST /soap/customer HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", len(large), head)
	time.Sleep(time.Second) // nobody says when it has been read; it takes a few milliseconds
	for _, body := range []string{large, many} {
		if got := faultText(t, post(body), "Server"); !strings.Contains(got, busy) {
			t.Errorf("a second one: got %q", got)
		}
	}
	if r := post(envelope("<n:logout/>")); r.status != 200 {
		t.Errorf("a small one: got %s", r.body)
	}
	io.WriteString(first, tail)
	answer := make([]byte, 4096)
	if n, err := io.ReadAtLeast(first, answer, 15); err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 200") {
		t.Errorf("the first: got %q, %v", answer[:n], err)
	}
	// What was reserved is free again, however a request ended; a moment after
	// its answer.
	for _, body := range []string{large, large[:len(large)-50], large, many, many[:len(many)-50], large} {
		want := 200
		if !strings.HasSuffix(body, "Envelope>") {
			want = 500
		}
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			r := post(body)
			if r.status == want && !strings.Contains(r.body, busy) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("what was reserved is not given back: %s", r.body)
			}
		}
	}
}

// TestSlowBody holds a connection open without sending.
func TestSlowBody(t *testing.T) {
	_, s := serve(t, soap.Options{Limits: soap.Limits{IdleTimeout: 200 * time.Millisecond, ReadTimeout: time.Second}})
	for _, c := range []struct {
		name  string
		pause time.Duration // between bytes
	}{{"silence", time.Hour}, {"one byte at a time", 50 * time.Millisecond}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST /soap/customer HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 100000\r\n\r\n<?xml")
			done := make(chan struct{})
			defer close(done)
			go func() {
				for {
					select {
					case <-done:
						return
					case <-time.After(c.pause):
						conn.Write([]byte(" "))
					}
				}
			}()
			start := time.Now()
			conn.SetReadDeadline(start.Add(10 * time.Second))
			answer := make([]byte, 4096)
			n, err := io.ReadAtLeast(conn, answer, 500)
			if got := string(answer[:n]); !strings.Contains(got, "the request came too slowly") || !strings.Contains(got, "500 Internal") {
				t.Errorf("got %q (%v), want a fault", got, err)
			}
			if d := time.Since(start); d > 8*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

// TestCompressed reads each form of compression that clients use.
func TestCompressed(t *testing.T) {
	l, s := serve(t, soap.Options{})
	plain := envelope("<n:logout><sessionKey>æøå</sessionKey></n:logout>")
	pack := func(open func(io.Writer) io.WriteCloser) string {
		var b bytes.Buffer
		w := open(&b)
		io.WriteString(w, plain)
		w.Close()
		return b.String()
	}
	raw := pack(func(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, 9); return f })
	for _, c := range []struct{ encoding, body string }{
		{"gzip", gzipped(plain)},
		{"x-gzip", gzipped(plain)},
		{"GZIP", gzipped(plain)},
		{"gzip, gzip", gzipped(gzipped(plain))},
		{"deflate", pack(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })},
		{"deflate", raw},
		{"identity", plain},
	} {
		r := send(t, "POST", s.URL+"/soap/customer", c.body, "Content-Encoding: "+c.encoding)
		if in, _ := l.take(); r.status != 200 || in != (session{"æøå"}) {
			t.Errorf("%s: got %+v, %s", c.encoding, in, r.body)
		}
	}
}

package soap

import (
	"io"
	"net/http"
	"reflect"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"
)

// Style is the shape of a WSDL and of calls.
type Style uint8

const (
	RPC      Style = iota // RPC/encoded: xsi:type and arrayType on everything
	Document              // document/literal wrapped
)

func (s Style) String() string {
	if s == RPC {
		return "rpc/encoded"
	}
	return "document/literal"
}

// manner is how one answer is written.
type manner struct {
	encoded   bool   // RPC/encoded
	qualified bool   // literal: parts in the namespace of the wrapper
	soap12    bool   //
	space     string // of the wrapper; may be empty
	types     string // of the structs: space, or the port's own if that is empty
	wrapper   string // local name of the call's wrapper
}

// fragments are the ready-made tags of a member. An encoded array lacks its
// count, which stands between encoded and encodedEnd.
type fragments struct {
	literal, encoded, encodedEnd string
	encoded12                    string // SOAP 1.2 counts arrays in another attribute
	close                        string
}

// typesPrefix is the prefix of the request's namespace in encoded answers.
const typesPrefix = "ns1"

func fragmentsOf(name string, t *typ) fragments {
	f := fragments{literal: "<" + name + ">", close: "</" + name + ">"}
	if t.kind != kindArray {
		f.encoded = "<" + name + ` xsi:type="` + t.qname() + `">`
		f.encoded12 = f.encoded
		return f
	}
	f.encodedEnd = `]">`
	item12 := "SOAP-ENC:Array"
	dimensions := ""
	inner := t.elem
	for ; inner.kind == kindArray; inner = inner.elem {
		dimensions += "[]"
	}
	if t.elem.kind != kindArray {
		item12 = inner.qname()
	}
	f.encoded = "<" + name + ` xsi:type="SOAP-ENC:Array" SOAP-ENC:arrayType="` + inner.qname() + dimensions + "["
	f.encoded12 = "<" + name + ` xsi:type="SOAP-ENC:Array" SOAP-ENC:itemType="` + item12 + `" SOAP-ENC:arraySize="`
	return f
}

// qname is the type as an encoded answer names it.
func (t *typ) qname() string {
	if t.simple() {
		return "xsd:" + t.name
	}
	return typesPrefix + ":" + t.name
}

// flushSize is where an answer stops to be held back: a smaller one has a
// Content-Length and may still become a fault.
const flushSize = 64 << 10

// answer is the body of a response as it grows.
type answer struct {
	manner
	buf     []byte
	w       http.ResponseWriter
	control *http.ResponseController
	idle    time.Duration
	started bool // something has been sent
	sent    int64
	err     error // of sending; the rest is not sent then
}

const envelopeBegin = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<SOAP-ENV:Envelope xmlns:SOAP-ENV="`

const (
	encodedBegin11 = envelopeBegin + envelope11 + `" xmlns:SOAP-ENC="` + encoding11 + `" xmlns:xsi="` + instance + `" xmlns:xsd="` + schema + `"><SOAP-ENV:Body>`
	encodedBegin12 = envelopeBegin + envelope12 + `" xmlns:SOAP-ENC="` + encoding12 + `" xmlns:xsi="` + instance + `" xmlns:xsd="` + schema + `"><SOAP-ENV:Body>`
	literalBegin11 = envelopeBegin + envelope11 + `"><SOAP-ENV:Body>`
	literalBegin12 = envelopeBegin + envelope12 + `"><SOAP-ENV:Body>`
	envelopeEnd    = "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
)

func (a *answer) begin() {
	switch {
	case a.encoded && a.soap12:
		a.buf = append(a.buf, encodedBegin12...)
	case a.encoded:
		a.buf = append(a.buf, encodedBegin11...)
	case a.soap12:
		a.buf = append(a.buf, literalBegin12...)
	default:
		a.buf = append(a.buf, literalBegin11...)
	}
}

// open writes the wrapper's start tag. A literal answer with qualified parts has
// the namespace as its default one, the others have a prefix for it.
func (a *answer) open() {
	a.buf = append(a.buf, '<')
	a.buf = append(a.buf, a.wrapperPrefix()...)
	a.buf = append(a.buf, a.wrapper...)
	a.buf = append(a.buf, "Response"...)
	switch {
	case a.encoded:
		a.buf = append(a.buf, ` xmlns:`+typesPrefix+`="`...)
		a.buf = appendEscaped(a.buf, a.types, true)
		a.buf = append(a.buf, `" SOAP-ENV:encodingStyle="`...)
		if a.soap12 {
			a.buf = append(a.buf, encoding12...)
		} else {
			a.buf = append(a.buf, encoding11...)
		}
		a.buf = append(a.buf, '"')
	case a.space == "":
	case a.qualified:
		a.buf = append(a.buf, ` xmlns="`...)
		a.buf = appendEscaped(a.buf, a.space, true)
		a.buf = append(a.buf, '"')
	default:
		a.buf = append(a.buf, ` xmlns:`+typesPrefix+`="`...)
		a.buf = appendEscaped(a.buf, a.space, true)
		a.buf = append(a.buf, '"')
	}
	a.buf = append(a.buf, '>')
}

func (a *answer) close() {
	a.buf = append(a.buf, "</"...)
	a.buf = append(a.buf, a.wrapperPrefix()...)
	a.buf = append(a.buf, a.wrapper...)
	a.buf = append(a.buf, "Response>"+envelopeEnd...)
}

func (a *answer) wrapperPrefix() string {
	if a.space == "" || !a.encoded && a.qualified {
		return ""
	}
	return typesPrefix + ":"
}

// text writes a part that is a string.
func (a *answer) text(m *member, s string) {
	a.tag(m)
	a.buf = appendEscaped(a.buf, s, false)
	a.buf = append(a.buf, m.text.close...)
}

// tag writes the start tag of m, which is no array.
func (a *answer) tag(m *member) {
	if a.encoded {
		a.buf = append(a.buf, m.text.encoded...)
	} else {
		a.buf = append(a.buf, m.text.literal...)
	}
}

// value writes v as m says. Streams are not for here.
func (a *answer) value(m *member, v reflect.Value) {
	switch t := m.typ; t.kind {
	case kindString:
		s := v.String()
		if s == "" && t.name == "int" {
			s = "0" // an empty xsd:int is none, and breaks typed proxies
		}
		a.text(m, s)
	case kindBool:
		a.tag(m)
		a.buf = strconv.AppendBool(a.buf, v.Bool())
		a.buf = append(a.buf, m.text.close...)
	case kindInt:
		a.tag(m)
		a.buf = strconv.AppendInt(a.buf, v.Int(), 10)
		a.buf = append(a.buf, m.text.close...)
	case kindStruct:
		a.tag(m)
		for _, inner := range t.members {
			a.value(inner, field(v, inner))
		}
		a.buf = append(a.buf, m.text.close...)
	case kindArray:
		n := v.Len()
		switch {
		case !a.encoded:
			a.buf = append(a.buf, m.text.literal...)
		case a.soap12:
			a.buf = append(a.buf, m.text.encoded12...)
			a.buf = strconv.AppendInt(a.buf, int64(n), 10)
			a.buf = append(a.buf, `">`...)
		default:
			a.buf = append(a.buf, m.text.encoded...)
			a.buf = strconv.AppendInt(a.buf, int64(n), 10)
			a.buf = append(a.buf, m.text.encodedEnd...)
		}
		for i := range n {
			a.value(t.item, v.Index(i))
			if len(a.buf) >= flushSize {
				a.flush()
			}
		}
		a.buf = append(a.buf, m.text.close...)
	}
	if len(a.buf) >= flushSize {
		a.flush()
	}
}

// stream writes the content of src as base64 on one line. The error is that of
// reading src.
func (a *answer) stream(m *member, src io.Reader) error {
	a.tag(m)
	if src == nil {
		a.buf = append(a.buf, m.text.close...)
		return nil
	}
	chunk := chunks.Get().(*[chunkSize]byte)
	defer chunks.Put(chunk)
	for a.err == nil { // else nobody listens
		n, err := io.ReadFull(src, chunk[:])
		a.buf = appendBase64(a.buf, chunk[:n])
		if len(a.buf) >= flushSize {
			a.flush()
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return err
		}
	}
	a.buf = append(a.buf, m.text.close...)
	return nil
}

// chunkSize is how much of a stream is read at a time; it is divisible by three.
const chunkSize = 48 << 10

var chunks = sync.Pool{New: func() any { return new([chunkSize]byte) }}

var (
	xmlType11 = []string{"text/xml; charset=UTF-8"}
	xmlType12 = []string{"application/soap+xml; charset=UTF-8"}
)

func (a *answer) header(h http.Header) {
	if a.soap12 {
		h["Content-Type"] = xmlType12
	} else {
		h["Content-Type"] = xmlType11
	}
}

// flush sends what there is; from here on the answer is chunked.
func (a *answer) flush() {
	if !a.started {
		a.started = true
		a.header(a.w.Header())
		a.w.WriteHeader(http.StatusOK)
	}
	a.send()
}

// send writes the buffer, giving the client a limited time to take it. The next
// call on the connection has a time of its own.
func (a *answer) send() {
	if a.err == nil {
		a.control.SetWriteDeadline(time.Now().Add(a.idle))
		_, a.err = a.w.Write(a.buf)
	}
	a.sent += int64(len(a.buf))
	a.buf = a.buf[:0]
}

// selfMeasured is up to what size net/http finds out the Content-Length of an
// answer itself, and without garbage.
const selfMeasured = 2 << 10

// finish sends the rest with the given status.
func (a *answer) finish(status int) {
	if a.started {
		a.send()
		return
	}
	h := a.w.Header()
	a.header(h)
	if len(a.buf) > selfMeasured {
		h["Content-Length"] = []string{strconv.Itoa(len(a.buf))}
	}
	a.started = true
	a.control.SetWriteDeadline(time.Now().Add(a.idle))
	a.w.WriteHeader(status)
	_, a.err = a.w.Write(a.buf)
	a.sent += int64(len(a.buf))
}

// fault writes a whole envelope with a fault.
func (a *answer) fault(kind faultKind, text string) {
	a.buf = a.buf[:0]
	if a.soap12 {
		code := [...]string{"Sender", "Receiver", "VersionMismatch", "MustUnderstand"}[kind]
		a.buf = append(a.buf, literalBegin12+"<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:"...)
		a.buf = append(a.buf, code...)
		a.buf = append(a.buf, `</SOAP-ENV:Value></SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en">`...)
		a.buf = appendEscaped(a.buf, text, false)
		a.buf = append(a.buf, "</SOAP-ENV:Text></SOAP-ENV:Reason></SOAP-ENV:Fault>"+envelopeEnd...)
		return
	}
	code := [...]string{"Client", "Server", "VersionMismatch", "MustUnderstand"}[kind]
	a.buf = append(a.buf, literalBegin11+"<SOAP-ENV:Fault><faultcode>SOAP-ENV:"...)
	a.buf = append(a.buf, code...)
	a.buf = append(a.buf, "</faultcode><faultstring>"...)
	a.buf = appendEscaped(a.buf, text, false)
	a.buf = append(a.buf, "</faultstring></SOAP-ENV:Fault>"+envelopeEnd...)
}

// special tells the bytes that appendEscaped has to look at.
var special = func() (t [256]bool) {
	for c := range t {
		t[c] = c < 0x20 && c != '\t' && c != '\n' || c >= 0x80 || c == '&' || c == '<' || c == '>'
	}
	return
}()

// appendEscaped appends s as XML text, or as an attribute's value. Characters
// that XML 1.0 forbids are dropped, bytes that are not UTF-8 become U+FFFD.
func appendEscaped(b []byte, s string, attribute bool) []byte {
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if !special[c] && !(attribute && (c == '"' || c == '\t' || c == '\n')) {
			i++
			continue
		}
		width, replacement := 1, ""
		switch {
		case c == '&':
			replacement = "&amp;"
		case c == '<':
			replacement = "&lt;"
		case c == '>':
			replacement = "&gt;"
		case c == '\r':
			replacement = "&#xD;"
		case c == '"':
			replacement = "&quot;"
		case c == '\t':
			replacement = "&#x9;"
		case c == '\n':
			replacement = "&#xA;"
		case c >= 0x80:
			char, size := utf8.DecodeRuneInString(s[i:])
			if char != utf8.RuneError && validChar(char) || size > 1 && char == utf8.RuneError {
				i += size
				continue
			}
			width = size
			if size == 1 {
				replacement = "\uFFFD"
			}
		}
		b = append(b, s[done:i]...)
		b = append(b, replacement...)
		i += width
		done = i
	}
	return append(b, s[done:]...)
}

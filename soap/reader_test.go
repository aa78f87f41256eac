package soap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// transcript reads a document and tells what it says, one token a line; texts
// that follow each other are one.
func transcript(src io.Reader) (string, error) {
	var rd reader
	rd.reset(src, Limits{}.withDefaults(), nil)
	var b strings.Builder
	text := ""
	flush := func() {
		if text != "" {
			fmt.Fprintf(&b, "text %q\n", text)
			text = ""
		}
	}
	for {
		t, err := rd.next()
		if err != nil {
			return b.String(), err
		}
		switch t {
		case tokenText:
			text += string(rd.text)
			continue
		case tokenStart:
			flush()
			fmt.Fprintf(&b, "start %q %q\n", rd.space, rd.local)
			for i := range rd.attrs {
				a := &rd.attrs[i]
				fmt.Fprintf(&b, "  %q=%q\n", a.local, a.value)
			}
		case tokenClose:
			flush()
			b.WriteString("end\n")
		case tokenEnd:
			return b.String(), nil
		}
	}
}

// oracle is transcript by encoding/xml.
func oracle(doc []byte) (string, error) {
	d := xml.NewDecoder(bytes.NewReader(doc))
	var b strings.Builder
	text, depth := "", 0
	flush := func() {
		if text != "" {
			fmt.Fprintf(&b, "text %q\n", text)
			text = ""
		}
	}
	for {
		t, err := d.Token()
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			if depth > 0 {
				text += string(t)
			}
		case xml.StartElement:
			flush()
			depth++
			fmt.Fprintf(&b, "start %q %q\n", t.Name.Space, t.Name.Local)
			for _, a := range t.Attr {
				fmt.Fprintf(&b, "  %q=%q\n", a.Name.Local, a.Value)
			}
		case xml.EndElement:
			flush()
			depth--
			b.WriteString("end\n")
		}
	}
}

var readerSeeds = []string{
	`<a/>`, `<a>x</a>`, "\r\n <?xml version='1.0'?><a b=\"1\" c='2'>x&lt;&#65;&#x42;<!-- c --><b/><![CDATA[<]]]]><![CDATA[>]]>\r\n\ry</a>\n<!-- end --><?pi?>",
	`<p:a xmlns:p="u" xmlns="v"><b p:c="d"/></p:a>`, `<a xmlns=""><æøå ü="1"/></a>`, `<a>]]></a>`, `<a b="<"/>`, `<a b="&amp;&#9;"/>`, `<a`, `<a><b></a></b>`,
	`<!DOCTYPE a><a/>`, `<a/><b/>`, `<a b="1" b="2"/>`, "<a>\xff</a>", "<a>\x00</a>", `<a>&x;</a>`, `<a b=c/>`, `<a><![CDATA[x</a>`, `<a><!-- -- --></a>`, `<a:b:c/>`, `<1/>`, `<a ="1"/>`,
	"<a b='\r\n\t'/>", "<a>\uFEFF\U0001F600</a>", `<a><?xml version="1.0"?></a>`, `<a></a >`, `<a></ a>`, `< a/>`, `<a>&#xFFFE;</a>`, `<a>&#x110000;</a>`,
}

// FuzzReader compares the reader with encoding/xml, and with itself when it is
// given the document byte by byte. What it accepts must mean the same there;
// what it refuses and encoding/xml takes must be one of the things it is
// stricter about.
func FuzzReader(f *testing.F) {
	for _, s := range readerSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if len(doc) > 1<<16 {
			return
		}
		got, err := transcript(bytes.NewReader(doc))
		bytewise, err2 := transcript(iotest.OneByteReader(bytes.NewReader(doc)))
		if got != bytewise && err == nil || (err == nil) != (err2 == nil) {
			t.Fatalf("whole:\n%s%v\nbyte by byte:\n%s%v", got, err, bytewise, err2)
		}
		want, oracleErr := oracle(doc)
		switch {
		case err == nil && oracleErr != nil:
			if !laxer(doc, oracleErr) {
				t.Errorf("accepted, but encoding/xml says %v", oracleErr)
			}
		case err == nil && got != want:
			if !bytes.ContainsAny(doc, "\t\r\n") { // it does not normalise white space in attributes
				t.Errorf("got\n%swant\n%s", got, want)
			}
		case err != nil && oracleErr == nil:
			if !stricter(doc, err) {
				t.Errorf("refused with %v, but encoding/xml accepts it:\n%s", err, want)
			}
		}
	})
}

// laxer tells what encoding/xml refuses and we, on purpose, do not: versions and
// encodings in the XML declaration, which charset.go has dealt with, and names
// of XML 1.0's fifth edition.
func laxer(doc []byte, err error) bool {
	var syntax *xml.SyntaxError
	if !errors.As(err, &syntax) {
		return strings.Contains(err.Error(), "encoding") || strings.Contains(err.Error(), "version")
	}
	return strings.Contains(syntax.Msg, "invalid XML name") && utf8.RuneCount(doc) < len(doc)
}

// stricter tells what we refuse and encoding/xml does not.
func stricter(doc []byte, err error) bool {
	m, ok := readProblem(err)
	if !ok {
		return false
	}
	switch { // it does not look into comments and instructions
	case strings.Contains(m.text, "invalid UTF-8"):
		return !utf8.Valid(doc)
	case strings.Contains(m.text, "is not allowed"):
		return bytes.Contains(doc, []byte("<!--")) || bytes.Contains(doc, []byte("<?"))
	case strings.Contains(m.text, "ends too early"): // in the nine bytes of <!DOCTYPE
		return bytes.Contains(doc, []byte("<!"))
	}
	for _, s := range []string{"document type declarations", "a <! that is neither", "a second root element", "outside the root element",
		"after the root element", "before the root element", "there is no XML document", "given twice", "is not declared",
		"nested deeper", "more than", "too long", "character reference", "is no name", "an XML declaration", "no space before an attribute", "instruction without a name"} {
		if strings.Contains(m.text, s) {
			return true
		}
	}
	return false
}

// TestReaderWindow moves a document through the window byte by byte, so that
// every construct crosses its edge somewhere.
func TestReaderWindow(t *testing.T) {
	doc := `<?xml version="1.0"?><a xmlns:p="u" b="&lt;1">æ&amp;&#x1F600;` + "\r\n" + `<![CDATA[x]]]]><p:b/><!-- y --><?z q?>😀</a>`
	want, err := transcript(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	for pad := windowSize - len(doc) - 5; pad < windowSize+5; pad++ {
		text := strings.Repeat("x", pad)
		got, err := transcript(strings.NewReader("<r>" + text + doc[len(`<?xml version="1.0"?>`):] + "</r>"))
		if err != nil {
			t.Fatalf("after %d bytes: %v", pad, err)
		}
		want := "start \"\" \"r\"\ntext \"" + text + "\"\n" + want + "end\n"
		if got != want {
			t.Fatalf("after %d bytes: got another reading", pad)
		}
	}
}

// TestReaderTag holds that a tag which fills the window is no endless loop.
func TestReaderTag(t *testing.T) {
	for _, doc := range []string{
		"<a>" + strings.Repeat(" ", windowSize-20) + `<b c="` + strings.Repeat("d", windowSize-10),
		"<" + strings.Repeat("a", 2*windowSize),
		"<a></" + strings.Repeat("a", 2*windowSize),
		"<?" + strings.Repeat("a", 2*windowSize),
		"<a " + strings.Repeat(" ", 2*windowSize),
	} {
		if _, err := transcript(iotest.HalfReader(strings.NewReader(doc))); err == nil {
			t.Errorf("%.20q: got no error", doc)
		}
	}
}

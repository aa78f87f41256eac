package soap

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// formTable is a port with the operations of the captured requests.
func formTable(names ...string) *portTable {
	p := &Port{Name: "p", Service: "s", Namespace: "urn:p",
		Code: func(context.Context, string, error) (string, *Fault) { return "0", nil }}
	for _, name := range names {
		p.Ops = append(p.Ops, Method(name, "", func(context.Context, *benchIn) (benchOut, error) { return benchOut{}, nil }))
	}
	return newTable(p)
}

// read tells everything there is to tell of a request, and whether its form was known.
func read(t *portTable, request []byte, charset string, known bool) string {
	l := Limits{Elements: 500}.withDefaults()
	d := new(document)
	d.reset(t, l, os.TempDir(), newTraffic(&l, nil), new(lane))
	defer d.release()
	take := d.take
	if !known {
		take = func(src io.Reader, charset string, _ int64) error { return d.parse(src, charset) }
	}
	if err := take(bytes.NewReader(request), charset, int64(len(request))); err != nil {
		return "refused: " + err.Error()
	}
	var b strings.Builder
	fmt.Fprintln(&b, d.op.name, d.wrapper, d.soap12, d.encoded, d.body)
	for _, n := range d.nodes {
		fmt.Fprintf(&b, "%q %q %q %q %d %d %d %d %t %t %t %t %d\n", d.bytes(n.name), d.bytes(n.text), d.bytes(n.href), n.space,
			n.first, n.last, n.sibling, n.blob, n.nested, n.null, n.base64, n.typed, n.raw)
		if !n.text.empty() && d.str(n.text) != string(d.bytes(n.text)) {
			fmt.Fprintf(&b, "but %q\n", d.str(n.text))
		}
	}
	for _, id := range d.ids {
		fmt.Fprintf(&b, "%q %d\n", d.bytes(id.name), id.node)
	}
	return b.String()
}

func hasForm(t *portTable, request []byte) bool { return t.forms.find(t.forms.sum(request)) != nil }

// Captured requests are read alike whether their form is known or not, and so
// is what differs from them a little.
func TestFormsAreExact(t *testing.T) {
	files, err := filepath.Glob("testdata/wire/*.http")
	if err != nil || len(files) < 170 {
		t.Fatalf("got %d captured requests, %v", len(files), err)
	}
	draw := rand.New(rand.NewPCG(1, 1))
	formed := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		request := []byte(plainly.Replace(string(body)))
		name := strings.TrimSuffix(filepath.Base(file), ".http")
		table := formTable(name[strings.LastIndexByte(name, '-')+1:])
		want := read(table, request, "utf-8", false)
		for range 3 {
			if got := read(table, request, "utf-8", true); got != want {
				t.Fatalf("%s: got\n%s, want\n%s", name, got, want)
			}
		}
		if !hasForm(table, request) {
			continue
		}
		formed++
		for range 200 {
			other := changed(draw, request)
			want := read(table, other, "utf-8", false)
			if got := read(table, other, "utf-8", true); got != want {
				t.Fatalf("%s: %q\ngot\n%s, want\n%s", name, other, got, want)
			}
		}
	}
	if formed < 100 {
		t.Errorf("got a form of %d requests of %d, want most", formed, len(files))
	}
}

// plainly leaves texts that can be part of a form.
var plainly = strings.NewReplacer("Æ", "E", "Ø", "O", "Å", "A", "æ", "e", "ø", "o", "å", "a", "&amp;", "", "&lt;", "", "&gt;", "", "&quot;", "", "\r", "")

// changed is the request with a piece put in, taken out or replaced.
func changed(draw *rand.Rand, request []byte) []byte {
	pieces := []string{"", "1", "text", " ", "\r", "\n", "&amp;", "&", "<", ">", "]]>", "<x/>", "<!-- c -->", "<![CDATA[c]]>", "å", "\xff", "\x00",
		"\"", "'", "/", strings.Repeat("x", 100), "<?p?>"}
	at := draw.IntN(len(request) + 1)
	if draw.IntN(2) == 0 { // where a text stands
		at = max(0, bytes.IndexByte(request[at:], '>')+1+at)
	}
	end := min(len(request), at+draw.IntN(3))
	piece := pieces[draw.IntN(len(pieces))]
	return append(append(append([]byte(nil), request[:at]...), piece...), request[end:]...)
}

const formHead = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>`
const formFoot = `</e:Body></e:Envelope>`

// A form is learned from the second request of it, and holds nothing of its texts.
func TestFormIsLearned(t *testing.T) {
	table := formTable("login")
	request := func(password string) []byte {
		return []byte(formHead + `<login><username>johndoe</username><password>` + password + `</password></login>` + formFoot)
	}
	for i, known := range []bool{false, false, true} {
		if got := hasForm(table, request("x")); got != known {
			t.Fatalf("after %d requests: got %t, want %t", i, got, known)
		}
		read(table, request("secret"), "utf-8", true)
	}
	f := table.forms.find(table.forms.sum(request("x")))
	if held := fmt.Sprintf("%q %q", f.literals, f.arena); strings.Contains(held, "secret") || strings.Contains(held, "johndoe") {
		t.Errorf("got a form that holds %s", held)
	}
	if got := read(table, request("another"), "utf-8", true); !strings.Contains(got, `"another"`) {
		t.Errorf("got %s, want another password", got)
	}
}

// What a form cannot be told from is never learned as one.
func TestNoForm(t *testing.T) {
	for name, request := range map[string]string{
		"comment":             formHead + `<login><username>a</username><!-- <x>b</x> --></login>` + formFoot,
		"CDATA":               formHead + `<login><username><![CDATA[a]]></username></login>` + formFoot,
		"reference":           formHead + `<login><username>a&amp;b</username></login>` + formFoot,
		"text in the header":  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><x>secret</x></e:Header><e:Body><login/>` + formFoot,
		"text among elements": formHead + `<login>secret<username>a</username></login>` + formFoot,
		"mark":                "\xef\xbb\xbf" + formHead + `<login><username>a</username></login>` + formFoot,
		"large":               formHead + `<login><username>` + strings.Repeat("a", formSize) + `</username></login>` + formFoot,
		"many elements":       formHead + `<login>` + strings.Repeat("<a></a>", formNodes) + `</login>` + formFoot,
	} {
		table := formTable("login")
		want := read(table, []byte(request), "utf-8", false)
		for range 3 {
			if got := read(table, []byte(request), "utf-8", true); got != want {
				t.Errorf("%s: got\n%s, want\n%s", name, got, want)
			}
		}
		if hasForm(table, []byte(request)) {
			t.Errorf("%s: got a form", name)
		}
	}
}

// The character set is part of a form, and so is white space between tags.
func TestFormsOfOtherKinds(t *testing.T) {
	table := formTable("login")
	request := formHead + `<login><username a="1>2">a</username><x/></login>` + formFoot
	for range 3 {
		read(table, []byte(request), "utf-8", true)
	}
	if !hasForm(table, []byte(request)) {
		t.Fatal("got no form")
	}
	for _, other := range []struct{ text, charset string }{
		{strings.ReplaceAll(request, ">a<", ">+AOU-<"), "utf-7"},
		{strings.ReplaceAll(request, ">a<", ">~{!!~}<"), "hz-gb-2312"},
		{strings.ReplaceAll(request, "<x/>", " <x/>"), "utf-8"},
		{strings.ReplaceAll(request, "<x/>", "a<x/>"), "utf-8"},
		{strings.ReplaceAll(request, "1>2", "1>3"), "utf-8"},
	} {
		want := read(table, []byte(other.text), other.charset, false)
		if got := read(table, []byte(other.text), other.charset, true); got != want {
			t.Errorf("%s in %s: got\n%s, want\n%s", other.text, other.charset, got, want)
		}
	}
}

// FuzzForms reads a request where the form of another one is known.
func FuzzForms(f *testing.F) {
	f.Add([]byte(formHead+`<login><username>a</username><password>b</password></login>`+formFoot), []byte(formHead+`<login><username>c</username><password></password></login>`+formFoot))
	f.Add([]byte(formHead+`<login> <a href="#x"/><b x="1>2">t</b></login><m id="x">u</m>`+formFoot), []byte(formHead+`<login> <a href="#x"/><b x="1>2">&lt;</b></login><m id="x">u</m>`+formFoot))
	f.Fuzz(func(t *testing.T, known, request []byte) {
		table := formTable("login")
		read(table, known, "utf-8", true)
		read(table, known, "utf-8", true)
		for _, request := range [][]byte{known, request} {
			want := read(table, request, "utf-8", false)
			if got := read(table, request, "utf-8", true); got != want {
				t.Errorf("%q after %q: got\n%s, want\n%s", request, known, got, want)
			}
		}
	})
}

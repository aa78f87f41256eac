package ports_test

import (
	"bytes"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke/ports"
	"skranke/soap"
)

var update = flag.Bool("update", false, "rewrite golden files")

// declared are the ports as they are served; no desk is needed to look at them.
func declared() []*soap.Port {
	return ports.New(nil, time.UTC, slog.New(slog.DiscardHandler)).All()
}

// The WSDLs of the ports only change on purpose: proxies are generated from them.
func TestDeclarationsAreGolden(t *testing.T) {
	for _, port := range declared() {
		for style, word := range map[soap.Style]string{soap.RPC: "rpc", soap.Document: "doc"} {
			var got bytes.Buffer
			if err := soap.WriteWSDL(&got, port, style, "http://desk.example/soap/"+port.Name); err != nil {
				t.Fatal(err)
			}
			file := "testdata/" + port.Name + "-" + word + ".wsdl"
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s is not what the port declares now; go test ./ports -update rewrites it\n%s", file, firstDifference(string(want), got.String()))
			}
		}
	}
}

// Every declared method has the parts the manual names, in its order and with
// its types, and no other.
func TestDeclarationsAreTheDocumentedOnes(t *testing.T) {
	documented := methodsOf(t)
	seen := map[string]bool{}
	for _, port := range declared() {
		for _, op := range port.Ops {
			name := port.Name + " " + op.Name()
			seen[name] = true
			want, ok := documented[name]
			if !ok {
				t.Errorf("%s is declared but stands not in testdata/documented.txt", name)
				continue
			}
			// customer.getTicket.21, types.transport.4, types.transport.5, types.transport.6, ticket.common.4
			sameParts(t, name+" request", op.In(), want.in)
			sameParts(t, name+" answer", op.Out(), want.out)
		}
	}
	// All of both ports. ticket.common.1, customer.common.5
	for port, want := range map[string]int{"ticket": 40, "customer": 33} {
		published, must := 0, 0
		for name := range seen {
			if strings.HasPrefix(name, port+" ") {
				published++
			}
		}
		for name := range documented {
			if !strings.HasPrefix(name, port+" ") || strings.Contains(name, " struct ") {
				continue
			}
			must++
			if !seen[name] {
				t.Errorf("%s is not declared any more", name)
			}
		}
		if must != want || published != want {
			t.Errorf("the %s port has %d methods, %d of them in testdata/documented.txt, want %d", port, published, must, want)
		}
	}
	if seen["ticket getErrorMessage"] {
		t.Error("the ticket port has no getErrorMessage")
	}
}

// customer.common.5: the methods of the customer port answer to their names in
// any case and without the underscore.
func TestMethodsAreCalledByOtherSpellings(t *testing.T) {
	w := newWorld(t)
	for name := range methodsOf(t) {
		port, method, _ := strings.Cut(name, " ")
		if port != "customer" || strings.HasPrefix(method, "struct ") {
			continue
		}
		plain := w.customer(method)
		for _, other := range []string{strings.ToUpper(method), strings.ToLower(method), strings.ReplaceAll(method, "_", "")} {
			body := bytes.ReplaceAll(request(t, w.style, "customer", method, nil), []byte("n:"+method), []byte("n:"+other))
			if a := w.post("customer", other, body); a.fault != "" || a.code != plain.code || len(a.parts) != len(plain.parts) {
				t.Errorf("%s as %s: got code %q, fault %q, want %q", method, other, a.code, a.fault, plain.code)
			}
		}
	}
}

func sameParts(t *testing.T, what string, got []soap.Part, want []part) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("%s: part %d, %v, is missing", what, i, want[i])
		case i >= len(want):
			t.Errorf("%s: part %d, %v, is not documented", what, i, got[i])
		case got[i].Name != want[i].name || got[i].Type != want[i].typ || got[i].Optional != want[i].optional || !slices.Equal(got[i].Aliases, want[i].aliases):
			t.Errorf("%s: part %d: got %v, want %v", what, i, got[i], want[i])
		}
	}
}

// The structs have the documented members in the documented order.
func TestStructsAreTheDocumentedOnes(t *testing.T) {
	for _, port := range declared() {
		var text bytes.Buffer
		if err := soap.WriteWSDL(&text, port, soap.Document, "http://desk.example/"); err != nil {
			t.Fatal(err)
		}
		root, err := parse(text.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		declared := map[string][]string{}
		for _, complex := range root.kid("definitions").kid("types").kid("schema").kids {
			if complex.name != "complexType" || strings.HasPrefix(complex.attrs["name"], "ArrayOf") {
				continue
			}
			var members []string
			for _, m := range complex.kid("sequence").kids {
				members = append(members, m.attrs["name"]+" "+strings.TrimPrefix(m.attrs["type"], "xsd:"))
			}
			declared[complex.attrs["name"]] = members
		}
		for name, members := range declared {
			documented, ok := methodsOf(t)[port.Name+" struct "+name]
			if !ok {
				t.Errorf("port %s declares %s, which stands not in testdata/documented.txt", port.Name, name)
			}
			var want []string
			for _, p := range documented.in {
				want = append(want, p.name+" "+wsdlType(p.typ))
			}
			same(t, port.Name+" "+name, members, want) // types.struct.1, tt.struct.1
		}
	}
}

// wsdlType is how the declaration in document style names a type.
func wsdlType(typ string) string {
	if elem, isArray := strings.CutSuffix(typ, "[]"); isArray {
		return "tns:ArrayOf" + elem
	}
	return strings.Replace(typ, "bool", "boolean", 1)
}

// What the server hands out at the documented address is what the golden files hold.
func TestDeclarationIsServed(t *testing.T) {
	w := newWorld(t)
	get := func(path string) (int, string) {
		res, err := w.http.Client().Get(w.http.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	for _, port := range []string{"customer", "ticket"} {
		golden, err := os.ReadFile("testdata/" + port + "-rpc.wsdl")
		if err != nil {
			t.Fatal(err)
		}
		// types.transport.1, types.transport.2, types.transport.3
		for _, program := range []string{"SOAP", "soap", "SOAP.exe", "soap.exe"} {
			path := "/scripts/" + program + "?action=" + strings.ToUpper(port)
			status, text := get(path)
			if status != http.StatusOK || !strings.Contains(text, `name="`+port+`Service"`) {
				t.Errorf("GET %s: status %d", path, status)
			}
			at := strings.Index(text, `location="`) + len(`location="`)
			address, _, _ := strings.Cut(text[at:], `"`)
			if plain := strings.Replace(text, address, "http://desk.example/soap/"+port, 1); plain != string(golden) {
				t.Errorf("GET %s is not the golden declaration:\n%s", path, firstDifference(string(golden), plain))
			}
			res, err := w.http.Client().Post(strings.ReplaceAll(address, "&amp;", "&"), "text/xml",
				bytes.NewReader(request(t, soap.RPC, port, "logout", []any{"no key"})))
			if err != nil {
				t.Fatal(err)
			}
			readAnswer(t, "calling the address in "+path, res).want("5")
			res.Body.Close()
		}
	}
	for _, path := range []string{"/scripts/SOAP", "/scripts/SOAP?action=", "/scripts/SOAP?action=agent"} {
		if status, _ := get(path); status != http.StatusNotFound { // types.transport.3
			t.Errorf("GET %s: status %d, want 404", path, status)
		}
	}
}

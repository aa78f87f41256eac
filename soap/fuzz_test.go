package soap_test

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"skranke/soap"
)

// FuzzEnvelope sends any body to a port that declares every type. There must be
// an answer, in XML, with status 200 or a fault.
func FuzzEnvelope(f *testing.F) {
	files, err := filepath.Glob("testdata/wire/*.http")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		f.Add(body, "text/xml; charset=utf-8")
	}
	f.Add([]byte(envelope(`<n:everything><flag>1</flag><asks><i><column>a</column></i><j href="#x"/></asks><data>YQ==</data><text href="#y"/></n:everything><x id="x"/><y id="y">eA</y>`)), "text/xml")
	f.Add([]byte(envelope(`<n:everything><a/><b/><c/><d/><e/><f/><g/><h/></n:everything>`)), "application/soap+xml; charset=utf-16")
	wide := widePort()
	l := &lab{}
	wide.Ops = append(wide.Ops, l.port().Ops...)
	h := soap.NewHandler(soap.Options{Ports: []*soap.Port{wide}, SpoolDir: f.TempDir(), Limits: soap.Limits{Body: 1 << 20, Elements: 2000, BadCalls: 1 << 30}}) // nothing is answered late
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		r := httptest.NewRequest("POST", "/soap/wide", bytes.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 && !strings.Contains(w.Body.String(), ":Fault>") {
			t.Errorf("got status %d and %s", w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "internal error") {
			t.Errorf("got %s", w.Body)
		}
		wellFormed(t, w.Body.Bytes())
	})
}

// FuzzWSDL adopts anything.
func FuzzWSDL(f *testing.F) {
	for _, name := range []string{"lab-rpc.wsdl", "lab-doc.wsdl", "original-guess.wsdl"} {
		raw, err := os.ReadFile("testdata/wsdl/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	port := (&lab{}).port()
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := soap.ParseWSDL(bytes.NewReader(raw))
		if err != nil {
			return
		}
		a.Diff(port)
		var b bytes.Buffer
		if err := a.WriteWSDL(&b, "http://x.invalid/a"); err != nil {
			t.Fatal(err)
		}
		if _, err := soap.ParseWSDL(&b); err != nil {
			t.Errorf("the WSDL served back is refused: %v", err)
		}
	})
}

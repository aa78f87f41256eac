package soap_test

import (
	"bytes"
	"context"
	"os"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"skranke/soap"
)

// TestAdopt reads what the original's WSDL most probably looked like, and
// serves it back.
func TestAdopt(t *testing.T) {
	a := adopt(t, "original-guess.wsdl")
	if a.Namespace != "urn:customer" || a.Service != "customerService" || a.PortType != "customerServicePortType" || a.Style != soap.RPC || a.Path == "" {
		t.Errorf("got %q %q %q %v %q", a.Namespace, a.Service, a.PortType, a.Style, a.Path)
	}
	wantArrays := map[string]string{"ArrayOfstring": "string[]", "ArrayOfResultStruct": "ResultStruct[]", "ArrayOfArrayOfResultStruct": "ResultStruct[][]",
		"ArrayOfCriteriaStruct": "CriteriaStruct[]", "ArrayOfFaqLinkStruct": "FaqLinkStruct[]", "ArrayOfFaqParentStruct": "FaqParentStruct[]"}
	if !reflect.DeepEqual(a.Arrays, wantArrays) {
		t.Errorf("got arrays %v", a.Arrays)
	}
	if len(a.Ops) != 8 || a.Ops[2].Name != "findTickets" || !reflect.DeepEqual(a.Ops[2].Out[1], soap.Part{Name: "searchResult", Type: "ResultStruct[][]"}) {
		t.Errorf("got operations %+v", a.Ops)
	}
	for _, d := range a.Diff((&lab{}).port()) {
		t.Errorf("got difference %v", d)
	}
	raw, err := os.ReadFile("testdata/wsdl/original-guess.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	_, s := serve(t, soap.Options{Adopted: func(port string) *soap.Adopted {
		if port != "customer" {
			t.Errorf("got port %q", port)
		}
		return a
	}})
	r := send(t, "GET", s.URL+"/scripts/SOAP?action=customer", "")
	old := addresses(string(raw))
	if want := strings.ReplaceAll(string(raw), `"`+old[len(old)-1]+`"`, `"`+s.URL+`/scripts/SOAP?action=customer"`); r.body != want {
		t.Errorf("got another WSDL than the adopted one:\n%s", r.body)
	}
	for _, path := range []string{"/soap/customer?wsdl", "/soap/customer/rpc?wsdl"} {
		if r := send(t, "GET", s.URL+path, ""); !strings.Contains(r.body, labSpace) {
			t.Errorf("%s: got the adopted WSDL, want the port's own", path)
		}
	}
}

// TestAdoptForms reads the WSDLs made here and elsewhere, also in UTF-16.
func TestAdoptForms(t *testing.T) {
	for _, name := range []string{"lab-rpc.wsdl", "lab-doc.wsdl", "customer-rpc.golden.wsdl", "customer-doc.golden.wsdl"} {
		a := adopt(t, name)
		for _, d := range a.Diff((&lab{}).port()) {
			t.Errorf("%s: got difference %v", name, d)
		}
	}
	for _, name := range []string{"wide-rpc.golden.wsdl", "wide-doc.golden.wsdl"} {
		for _, d := range adopt(t, name).Diff(widePort()) {
			t.Errorf("%s: got difference %v", name, d)
		}
	}
	raw, err := os.ReadFile("testdata/wsdl/lab-rpc.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(raw), "UTF-8", "utf-16", 1)
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	a, err := soap.ParseWSDL(strings.NewReader(wide))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := a.WriteWSDL(&b, "http://127.0.0.1:8099/rpc/customer"); err != nil || b.String() != string(raw) {
		t.Errorf("got %v and\n%.300s", err, b.String())
	}
}

// TestDiff holds what is told about a WSDL that does not fit.
func TestDiff(t *testing.T) {
	raw, err := os.ReadFile("testdata/wsdl/original-guess.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		old, new string
		want     string
		fatal    bool
	}{
		{`"logout"`, `"goodbye"`, "goodbye: the WSDL has this operation, the port has not", true},
		{`"logout"`, `"goodbye"`, "logout: the port has this operation, the WSDL has not", false},
		{`<part name="username"`, `<part name="user"`, "login: part user of the request is called username here; it is taken by its place", false},
		{`<part name="sessionKey" type="xsd:string"/><!-- ns__login::sessionKey -->`, `<part name="key" type="xsd:string"/>`, "login: part key of the answer is not given here", true},
		{`<part name="sessionKey" type="xsd:string"/><!-- ns__login::sessionKey -->`, ``, "login: part sessionKey of the answer is not in the WSDL", true},
		{`<part name="ticketFields" type="ns:ArrayOfstring"/>`, `<part name="ticketFields" type="xsd:string"/>`, "getTicket: part ticketFields of the request is string in the WSDL and string[] here", true},
		{`<part name="messageIds" type="ns:ArrayOfstring"/>`, `<part name="messageIds" type="ns:ArrayOfResultStruct"/>`, "getTicket: part messageIds of the answer is ResultStruct[] in the WSDL and string[] here", true},
		{`<part name="hasHtml" type="xsd:boolean"/>`, `<part name="hasHtml" type="xsd:string"/>`, "faq_getEntry: part hasHtml of the answer is string in the WSDL and bool here", false},
		{`<element name="op" type="xsd:string"`, `<element name="operator" type="xsd:string"`, "member operator of CriteriaStruct is not known here", false},
	} {
		a, err := soap.ParseWSDL(strings.NewReader(strings.ReplaceAll(string(raw), c.old, c.new)))
		if err != nil {
			t.Fatalf("%s: %v", c.new, err)
		}
		found := false
		list := a.Diff((&lab{}).port())
		for _, d := range list {
			found = found || d.String() == c.want && d.Fatal == c.fatal
		}
		if !found {
			t.Errorf("%s: got %v, want %q", c.new, list, c.want)
		}
	}
	port := (&lab{}).port()
	port.Ops[0] = soap.Method("login", "", func(context.Context, *struct {
		Password string `soap:"password"`
		Username string `soap:"username"`
	}) (loginOut, error) {
		return loginOut{}, nil
	})
	list := adopt(t, "lab-rpc.wsdl").Diff(port)
	if len(list) != 2 || list[0].Fatal || list[0].String() != "login: part username of the request is number 1 in the WSDL and 2 here" {
		t.Errorf("got %v, want the changed order", list)
	}
}

// TestAdoptRefuses holds what is no WSDL.
func TestAdoptRefuses(t *testing.T) {
	raw, err := os.ReadFile("testdata/wsdl/lab-rpc.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	lab := string(raw)
	for _, c := range []struct{ text, want string }{
		{"", "there is no XML document"},
		{"<html/>", "not a WSDL 1.1"},
		{`<description xmlns="http://www.w3.org/ns/wsdl"/>`, "not a WSDL 1.1"},
		{`<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>`, "no service with a SOAP port"},
		{`<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"><import location="b.wsdl"/></definitions>`, `it imports "b.wsdl"; it must be one document`},
		{`<!DOCTYPE x []>` + lab, "document type declarations are not allowed"},
		{lab[:len(lab)/2], "the document ends too early"},
		{strings.Replace(lab, `<wsdl:message name="loginRequest">`, `<wsdl:message name="x">`, 1), `operation "login": there is no message "loginRequest"`},
		{strings.Repeat(" ", 9<<20) + lab, "larger than"},
	} {
		if _, err := soap.ParseWSDL(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: got %v, want %q", c.text, err, c.want)
		}
	}
}

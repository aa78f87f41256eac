package soap_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
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
	_, s := serve(t, soap.Options{Adopted: func(port string, _ bool) *soap.Adopted {
		if port != "customer" {
			t.Errorf("got port %q", port)
		}
		return a
	}})
	old := addresses(string(raw))
	for _, path := range []string{"/scripts/SOAP?action=customer", "/any/customer", "/any/customer?wsdl"} {
		r := send(t, "GET", s.URL+path, "")
		if want := strings.ReplaceAll(string(raw), `"`+old[len(old)-1]+`"`, `"`+s.URL+`/any/customer"`); r.body != want {
			t.Errorf("%s: got another WSDL than the adopted one:\n%s", path, r.body)
		}
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
		{`<part name="sessionKey" type="xsd:string"/><!-- ns__login::sessionKey -->`, `<part name="key" type="xsd:string"/>`, "login: part key of the answer is called sessionKey here", false},
		{`<part name="sessionKey" type="xsd:string"/><!-- ns__login::sessionKey -->`, `<part name="sessionKey" type="xsd:string"/><part name="name" type="xsd:string"/>`, "login: part name of the answer is not given here", true},
		{`<part name="sessionKey" type="xsd:string"/><!-- ns__login::sessionKey -->`, `<part name="name" type="xsd:boolean"/>`, "login: part name of the answer is not given here", true},
		{`<part name="sessionKey" type="xsd:string"/><!-- ns__login::sessionKey -->`, ``, "login: part sessionKey of the answer is not in the WSDL", false},
		{`<part name="ticketFields" type="ns:ArrayOfstring"/>`, `<part name="ticketFields" type="xsd:string"/>`, "getTicket: part ticketFields of the request is string in the WSDL and string[] here", true},
		{`<part name="messageIds" type="ns:ArrayOfstring"/>`, `<part name="messageIds" type="ns:ArrayOfResultStruct"/>`, "getTicket: part messageIds of the answer is ResultStruct[] in the WSDL and string[] here", true},
		{`<part name="hasHtml" type="xsd:boolean"/>`, `<part name="hasHtml" type="xsd:string"/>`, "faq_getEntry: part hasHtml of the answer is string in the WSDL and bool here", false},
		{`<part name="score" type="xsd:string"/>`, `<part name="score" type="xsd:boolean"/>`, "faq_getEntry: part score of the answer is bool in the WSDL and string here", true},
		{`<part name="title" type="xsd:string"/>`, `<part name="title" type="xsd:base64Binary"/>`, "faq_getEntry: part title of the answer is base64Binary in the WSDL and string here", true},
		{`<element name="op" type="xsd:string"`, `<element name="operator" type="xsd:string"`, "member operator of CriteriaStruct is not known here: what a call says in it is lost", true},
		{`<element name="op" type="xsd:string"`, `<element name="operator" type="xsd:string"`, "member op of CriteriaStruct is not in the WSDL", false},
		{`<element name="type" type="xsd:string" minOccurs="0" maxOccurs="1"/><!-- ns__ResultStruct`, `<element name="kind" type="xsd:string"/><!-- x`, "member kind of ResultStruct is called type here", false},
		{`<element name="type" type="xsd:string" minOccurs="0" maxOccurs="1"/><!-- ns__ResultStruct`, `<element name="type" type="xsd:boolean"/><!-- x`, "member type of ResultStruct is bool in the WSDL and string here", true},
		{`ResultStruct`, `Row`, "getTicket: part ticketResult of the answer is Row[] in the WSDL and ResultStruct[] here", false},
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
	// Answers in the port's own namespace follow the port.
	own := strings.ReplaceAll(strings.ReplaceAll(string(raw), `"urn:customer"`, `"`+labSpace+`"`), "ResultStruct", "Row")
	a, err := soap.ParseWSDL(strings.NewReader(own))
	if err != nil {
		t.Fatal(err)
	}
	if list := a.Diff((&lab{}).port()); len(list) != 2 || !list[0].Fatal || !list[1].Fatal {
		t.Errorf("another name of a struct in the port's own namespace: got %v, want two that are fatal", list)
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

type (
	fileStruct struct {
		Name string `soap:"name"`
		Size string `soap:"size"`
	}
	filesOut struct {
		Files []fileStruct `soap:"files"`
		Names []string     `soap:"fileNames,hidden"`
		Count string       `soap:"count"`
		Data  soap.Stream  `soap:"data,string"`
	}
)

func filesPort() *soap.Port {
	return &soap.Port{
		Name: "files", Service: "filesService", Namespace: "urn:ours",
		Code: func(context.Context, string, error) (string, *soap.Fault) { return "0", nil },
		Ops: []soap.Op{
			soap.Method("list", "", func(context.Context, *nothing) (filesOut, error) {
				return filesOut{
					Files: []fileStruct{{"a", "1"}, {"b", ""}}, Names: []string{"a", "b"}, Count: "2",
					Data: soap.Stream{Size: 1, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil }},
				}, nil
			}),
			soap.Method("same", "", func(context.Context, *nothing) (loginOut, error) { return loginOut{"k"}, nil }),
		},
	}
}

// adopted is the WSDL of filesPort with changes, in another namespace and with
// another address.
func adopted(t *testing.T, style soap.Style, address string, changes ...string) *soap.Adopted {
	t.Helper()
	var b bytes.Buffer
	if err := soap.WriteWSDL(&b, filesPort(), style, "http://old.example"+address); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("no %s in\n%s", changes[i], text)
		}
		text = strings.ReplaceAll(text, changes[i], changes[i+1])
	}
	a, err := soap.ParseWSDL(strings.NewReader(strings.ReplaceAll(text, "urn:ours", "urn:theirs")))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// serveAdopted serves filesPort with that adopted WSDL.
func serveAdopted(t *testing.T, a *soap.Adopted, o soap.Options) *httptest.Server {
	t.Helper()
	o.Ports = []*soap.Port{filesPort()}
	o.Adopted = func(string, bool) *soap.Adopted { return a }
	_, s := serve(t, o)
	return s
}

// TestAdoptedAnswers holds that calls in the namespace of an adopted WSDL are
// answered with its parts, names and types, and others are not.
func TestAdoptedAnswers(t *testing.T) {
	const encoded = ` s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"`
	for _, c := range []struct {
		name    string
		style   soap.Style
		changes []string
		want    string // of list
		diff    int
	}{
		{"as it is", soap.RPC, nil, `<errorCode xsi:type="xsd:string">0</errorCode>` +
			`<files xsi:type="SOAP-ENC:Array" SOAP-ENC:arrayType="ns1:fileStruct[2]"><item xsi:type="ns1:fileStruct"><name xsi:type="xsd:string">a</name><size xsi:type="xsd:string">1</size></item>` +
			`<item xsi:type="ns1:fileStruct"><name xsi:type="xsd:string">b</name><size xsi:type="xsd:string"></size></item></files>` +
			`<count xsi:type="xsd:string">2</count><data xsi:type="xsd:string">eA==</data>`, 0},
		{"names and types", soap.RPC, []string{
			"fileStruct", "FStruct", `name="name"`, `name="fileName"`,
			`<xsd:element name="size" type="xsd:string"/>`, `<xsd:element name="size" type="xsd:int"/>`,
			`<wsdl:part name="count" type="xsd:string"/>`, `<wsdl:part name="fileCount" type="xsd:int"/>`,
			`<wsdl:part name="data" type="xsd:string"/>`, `<wsdl:part name="data" type="xsd:base64Binary"/>`,
		}, `<errorCode xsi:type="xsd:string">0</errorCode>` +
			`<files xsi:type="SOAP-ENC:Array" SOAP-ENC:arrayType="ns1:FStruct[2]"><item xsi:type="ns1:FStruct"><fileName xsi:type="xsd:string">a</fileName><size xsi:type="xsd:int">1</size></item>` +
			`<item xsi:type="ns1:FStruct"><fileName xsi:type="xsd:string">b</fileName><size xsi:type="xsd:int">0</size></item></files>` +
			`<fileCount xsi:type="xsd:int">2</fileCount><data xsi:type="xsd:base64Binary">eA==</data>`, 6},
		{"a hidden part, another order and one less", soap.RPC, []string{
			`<wsdl:part name="files" type="tns:ArrayOfFileStruct"/>` + "\n", "",
			`<wsdl:part name="count" type="xsd:string"/>` + "\n", "",
			`<wsdl:part name="data" type="xsd:string"/>`, `<wsdl:part name="data" type="xsd:string"/><wsdl:part name="fileNames" type="tns:ArrayOfString"/><wsdl:part name="count" type="xsd:string"/>`,
			"</xsd:schema>", `<xsd:complexType name="ArrayOfString"><xsd:complexContent><xsd:restriction base="soapenc:Array"><xsd:attribute ref="soapenc:arrayType" wsdl:arrayType="xsd:string[]"/></xsd:restriction></xsd:complexContent></xsd:complexType></xsd:schema>`,
		}, `<errorCode xsi:type="xsd:string">0</errorCode><data xsi:type="xsd:string">eA==</data>` +
			`<fileNames xsi:type="SOAP-ENC:Array" SOAP-ENC:arrayType="xsd:string[2]"><item xsi:type="xsd:string">a</item><item xsi:type="xsd:string">b</item></fileNames>` +
			`<count xsi:type="xsd:string">2</count>`, 2},
		{"another name of errorCode", soap.RPC, []string{`name="errorCode"`, `name="result"`},
			`<result xsi:type="xsd:string">0</result>` +
				`<files xsi:type="SOAP-ENC:Array" SOAP-ENC:arrayType="ns1:fileStruct[2]"><item xsi:type="ns1:fileStruct"><name xsi:type="xsd:string">a</name><size xsi:type="xsd:string">1</size></item>` +
				`<item xsi:type="ns1:fileStruct"><name xsi:type="xsd:string">b</name><size xsi:type="xsd:string"></size></item></files>` +
				`<count xsi:type="xsd:string">2</count><data xsi:type="xsd:string">eA==</data>`, 2},
		{"names of items", soap.Document, []string{`name="item"`, `name="fileStruct"`},
			`<errorCode>0</errorCode><files><fileStruct><name>a</name><size>1</size></fileStruct><fileStruct><name>b</name><size></size></fileStruct></files><count>2</count><data>eA==</data>`, 1},
	} {
		a := adopted(t, c.style, "/old", c.changes...)
		list := a.Diff(filesPort())
		for _, d := range list {
			if d.Fatal {
				t.Errorf("%s: got fatal difference %v", c.name, d)
			}
		}
		if len(list) != c.diff {
			t.Errorf("%s: got differences %q, want %d", c.name, list, c.diff)
		}
		s := serveAdopted(t, a, soap.Options{})
		style := encoded
		if c.style == soap.Document {
			style = ""
		}
		ask := func(path, space string) string {
			t.Helper()
			parameter := `<q xmlns="` + space + `"/>` // a document call shows its style by it
			if c.style == soap.RPC {
				parameter = ""
			}
			r := send(t, "POST", s.URL+path, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"`+style+`><s:Body><o:list xmlns:o="`+space+`">`+parameter+`</o:list></s:Body></s:Envelope>`)
			_, parts, _ := strings.Cut(r.body, "listResponse")
			_, parts, _ = strings.Cut(parts, ">")
			parts, _, _ = strings.Cut(parts, "</ns1:listResponse")
			parts, _, _ = strings.Cut(parts, "</listResponse")
			return parts
		}
		for _, path := range []string{"/scripts/SOAP?action=files", "/soap/files", "/old"} {
			if got := ask(path, "urn:theirs"); got != c.want {
				t.Errorf("%s: %s: got\n%s\nwant\n%s", c.name, path, got, c.want)
			}
		}
		if got := ask("/old", "urn:whatever"); got != c.want {
			t.Errorf("%s: in another namespace, at its address: got\n%s", c.name, got)
		}
		for _, path := range []string{"/scripts/SOAP?action=files", "/old"} {
			if got := ask(path, "urn:ours"); got == c.want && c.diff > 0 {
				t.Errorf("%s: %s: a call in the port's own namespace got\n%s", c.name, path, got)
			}
		}
		if got := ask("/scripts/SOAP?action=files", "urn:whatever"); got == c.want && c.diff > 0 {
			t.Errorf("%s: a call in another namespace got\n%s", c.name, got)
		}
	}
	// Some toolkits call in the namespace of the WSDL as a whole.
	whole := serveAdopted(t, adopted(t, soap.RPC, "/old", `targetNamespace="urn:ours"`, `targetNamespace="urn:whole"`, `name="sessionKey"`, `name="key"`), soap.Options{})
	for space, part := range map[string]string{"urn:whole": "<key", "urn:theirs": "<key", "urn:whatever": "<sessionKey"} {
		if r := send(t, "POST", whole.URL+"/soap/files", `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><same xmlns="`+space+`"/></s:Body></s:Envelope>`); !strings.Contains(r.body, part) {
			t.Errorf("a call in %s: no %s in %s", space, part, r.body)
		}
	}
	// Without parameters a call is taken to be in the style of its WSDL.
	s := serveAdopted(t, adopted(t, soap.Document, "/old"), soap.Options{})
	if r := send(t, "POST", s.URL+"/scripts/SOAP?action=files", `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><same xmlns="urn:theirs"/></s:Body></s:Envelope>`); !strings.Contains(r.body, "<sessionKey>k<") {
		t.Errorf("a call without parameters: got %s", r.body)
	}
	// What fits nothing here is told, and the rest answered.
	a := adopted(t, soap.RPC, "/old", `<wsdl:part name="count" type="xsd:string"/>`, `<wsdl:part name="count" type="xsd:string"/><wsdl:part name="pages" type="xsd:string"/>`)
	if list := a.Diff(filesPort()); len(list) != 1 || !list[0].Fatal || list[0].String() != "list: part pages of the answer is not given here" {
		t.Errorf("got %v", list)
	}
	a = adopted(t, soap.Document, "/old", `<xsd:element name="files" type="tns:ArrayOfFileStruct" minOccurs="0"/>`, `<xsd:element name="files" type="tns:fileStruct" minOccurs="0" maxOccurs="unbounded"/>`)
	if list := a.Diff(filesPort()); len(list) != 1 || !list[0].Fatal || list[0].String() != "list: part files of the answer is repeated in the WSDL and one array here" {
		t.Errorf("got %v", list)
	}
}

// TestAdoptedAddress holds that the address in an adopted WSDL leads to its
// port, beside the documented ones, and never in place of another port's.
func TestAdoptedAddress(t *testing.T) {
	call := `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><same xmlns="urn:theirs"/></s:Body></s:Envelope>`
	for _, c := range []struct {
		address, asked string
		want           string // the address in the WSDL; "" for not found
	}{
		{"/any/files", "/any/files", "/any/files"},
		{"/any/files", "/ANY/Files/?WSDL", "/any/files"},
		{"/any/files", "//any///files?x=1", "/any/files"},
		{"/any/files", "/any/file", ""},
		{"/any/files", "/any/files/more", ""},
		{"/any/files", "/CS/any/files", ""},
		{"/any/files.cgi", "/any/files.cgi?wsdl", "/any/files.cgi"},
		{"/Cust1/CS/scripts/soap.exe?action=files", "/cust1/cs/scripts/SOAP.EXE?wsdl&ACTION=Files", "/Cust1/CS/scripts/soap.exe?action=files"},
		{"/Cust1/CS/scripts/soap.exe?action=files", "/Cust1/CS/scripts/soap.exe?action=other", ""},
		{"/Cust1/CS/scripts/soap.exe?action=files", "/Cust1/CS/scripts/soap.exe", ""},
		{"/a%20b/f?x=%C3%A6&y&wsdl", "/A%20b/F?y&x=%c3%86", "/a%20b/f?x=%C3%A6&amp;y&amp;wsdl"},
		{"/a?x=1&y=2", "/a?x=1", ""},
		{"", "/", "/"},
		{"", "/x", ""},
		// Documented addresses come first.
		{"/CS/soap/files", "/CS/soap/files/rpc", "/CS/soap/files/rpc"},
		{"/CS/Scripts/soap.exe?action=files", "/CS/scripts/SOAP?action=files", "/CS/Scripts/soap.exe?action=files"},
		{"/cs/scripts/soap.exe?module=files", "/CS/scripts/soap.exe?module=files", "/cs/scripts/soap.exe?module=files"},
		{"/cs/soap/other", "/CS/scripts/SOAP?action=files", "/CS/scripts/SOAP?action=files"},
	} {
		other := &soap.Port{Name: "other", Service: "o", Namespace: "urn:o", Ops: []soap.Op{method[nothing, nothing]()},
			Code: func(context.Context, string, error) (string, *soap.Fault) { return "9", nil }}
		a := adopted(t, soap.RPC, c.address)
		_, s := serve(t, soap.Options{Ports: []*soap.Port{other, filesPort()}, Prefix: "/CS", Adopted: func(port string, _ bool) *soap.Adopted {
			if port == "files" {
				return a
			}
			return nil
		}})
		r := send(t, "GET", s.URL+c.asked, "")
		status := http.StatusOK
		if c.want == "" {
			status = http.StatusNotFound
		}
		if got := addresses(r.body); r.status != status || c.want != "" && (len(got) != 1 || got[0] != s.URL+c.want) {
			t.Errorf("%s, GET %s: got %d and addresses %v, want %s", c.address, c.asked, r.status, got, c.want)
		}
		r = send(t, "POST", s.URL+c.asked, call)
		if r.status != status || c.want != "" && !strings.Contains(r.body, `<sessionKey xsi:type="xsd:string">k<`) {
			t.Errorf("%s, POST %s: got %d %s", c.address, c.asked, r.status, r.body)
		}
		if r := send(t, "POST", s.URL+"/CS/soap/other", `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><op xmlns="urn:o"/></s:Body></s:Envelope>`); !strings.Contains(r.body, "<errorCode>9<") {
			t.Errorf("%s: the other port is gone: got %s", c.address, r.body)
		}
	}

	// With a public address the WSDL leads there; who may not call gets nothing.
	s := serveAdopted(t, adopted(t, soap.RPC, "/old?action=f"), soap.Options{PublicURL: "https://help.example", Prefix: "/CS"})
	for _, path := range []string{"/old?action=F", "/CS/scripts/SOAP?action=files"} {
		if got := addresses(send(t, "GET", s.URL+path, "").body); len(got) != 1 || got[0] != "https://help.example/old?action=f" {
			t.Errorf("GET %s: got %v", path, got)
		}
	}
	s = serveAdopted(t, adopted(t, soap.RPC, "/old"), soap.Options{Allow: func(context.Context, string, netip.Addr) bool { return false }})
	if r := send(t, "GET", s.URL+"/old", ""); r.status != http.StatusForbidden {
		t.Errorf("GET by somebody who may not: got %d", r.status)
	}
	if got := faultText(t, send(t, "POST", s.URL+"/old", call), "Client"); got != "address not permitted" {
		t.Errorf("POST by somebody who may not: got %q", got)
	}
}

// TestAdoptedAsked holds that calls to documented addresses in the port's own
// namespace ask for no adopted WSDL, and others do not ask for the newest.
func TestAdoptedAsked(t *testing.T) {
	asked, newest := 0, 0
	a := adopted(t, soap.RPC, "/old")
	_, s := serve(t, soap.Options{Ports: []*soap.Port{filesPort()}, Adopted: func(_ string, now bool) *soap.Adopted {
		asked++
		if now {
			newest++
		}
		return a
	}})
	ask := func(path, space string) {
		t.Helper()
		r := send(t, "POST", s.URL+path, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><same xmlns="`+space+`"/></s:Body></s:Envelope>`)
		if r.status != http.StatusOK {
			t.Errorf("%s: got %d", path, r.status)
		}
	}
	ask("/scripts/soap.exe?action=files", "urn:ours")
	ask("/soap/files", "urn:ours")
	if asked != 0 {
		t.Errorf("own calls asked %d times for an adopted WSDL", asked)
	}
	ask("/old", "urn:theirs")
	ask("/soap/files", "urn:theirs")
	if asked == 0 || newest != 0 {
		t.Errorf("other calls asked %d times, %d times for the newest", asked, newest)
	}
}

// TestClashes holds when two adopted addresses cannot be told apart.
func TestClashes(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"/x", "/x", true},
		{"/x", "/X/", true},
		{"//x?wsdl", "/x", true},
		{"/x", "/y", false},
		{"/x?action=a", "/x?action=b", false},
		{"/x?action=a", "/X?ACTION=A", true},
		{"/x?action=a", "/x", true},
		{"/x?action=a", "/x?module=b", true},
		{"/x?action=a&v=1", "/x?v=2&action=a", false},
	} {
		a, b := adopted(t, soap.RPC, c.a), adopted(t, soap.RPC, c.b)
		if a.Clashes(b) != c.want || b.Clashes(a) != c.want {
			t.Errorf("%s and %s: got %v, want %v", c.a, c.b, a.Clashes(b), c.want)
		}
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
		{strings.Replace(lab, `<wsdl:part name="errorCode"`, `<wsdl:part`, 1), `a part that is called "", which is no name`},
		{strings.Replace(lab, `<wsdl:part name="errorCode"`, `<wsdl:part name="a b"`, 1), `a part that is called "a b", which is no name`},
		{strings.Repeat(" ", 9<<20) + lab, "larger than"},
	} {
		if _, err := soap.ParseWSDL(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: got %v, want %q", c.text, err, c.want)
		}
	}
}

// Two operations of a WSDL that mean one method are answered as the first says.
func TestAdoptedTwice(t *testing.T) {
	type out struct {
		Rows []string `soap:"rows"`
		N    string   `soap:"n"`
	}
	p := &soap.Port{Name: "customer", Service: "customerService", Namespace: "urn:own", Ops: []soap.Op{method[nothing, out]().Alias("search")},
		Code: func(context.Context, string, error) (string, *soap.Fault) { return "0", nil }}
	a, err := soap.ParseWSDL(strings.NewReader(`<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:old" targetNamespace="urn:old">
<message name="i"/><message name="o1"><part name="errorCode" type="x:string"/><part name="n" type="x:string"/></message>
<message name="o2"><part name="errorCode" type="x:string"/><part name="n" type="x:string"/><part name="count" type="x:string"/></message>
<portType name="P"><operation name="op"><input message="t:i"/><output message="t:o1"/></operation><operation name="search"><input message="t:i"/><output message="t:o2"/></operation></portType>
<binding name="B" type="t:P"><s:binding style="rpc"/><operation name="op"><input><s:body namespace="urn:old"/></input></operation><operation name="search"><input><s:body namespace="urn:old"/></input></operation></binding>
<service name="S"><port name="p" binding="t:B"><s:address location="http://h/old"/></port></service></definitions>`))
	if err != nil {
		t.Fatal(err)
	}
	fatal := ""
	for _, d := range a.Diff(p) {
		if d.Fatal {
			fatal += d.String() + "\n"
		}
	}
	if want := "search: the WSDL has this operation as op, too, and is answered as it says there\n"; fatal != want {
		t.Errorf("got %q, want %q", fatal, want)
	}
	_, s := serve(t, soap.Options{Ports: []*soap.Port{p}, Adopted: func(string, bool) *soap.Adopted { return a }})
	for _, op := range []string{"op", "search"} {
		r := send(t, "POST", s.URL+"/old", `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:`+op+` xmlns:n="urn:old"/></e:Body></e:Envelope>`)
		if !strings.Contains(r.body, "<errorCode") || !strings.Contains(r.body, "<n") || strings.Contains(r.body, "<rows") || strings.Contains(r.body, "<count") {
			t.Errorf("%s: got %s", op, r.body)
		}
	}
}

package soap_test

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"skranke/soap"
)

// capture is a request as a real toolkit sent it.
type capture struct {
	name, client, style, variant, op string
	req                              *http.Request
}

func captures(t *testing.T) []capture {
	t.Helper()
	files, err := filepath.Glob("testdata/wire/*.http")
	if err != nil || len(files) < 170 {
		t.Fatalf("got %d captured requests (%v), want at least 170", len(files), err)
	}
	var list []capture
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		c := capture{name: strings.TrimSuffix(filepath.Base(file), ".http"), req: req}
		words := strings.Split(c.name, "-")
		c.op = words[len(words)-1]
		for i, w := range words {
			if w == "rpc" || w == "doc" || w == "nowsdl" {
				c.client, c.style, c.variant = strings.Join(words[:i], "-"), w, strings.Join(words[i+1:len(words)-1], "-")
				break
			}
		}
		list = append(list, c)
	}
	return list
}

const labSession = "sesjon-Æ&1"

// wanted is what a capture says, as the lab's methods must see it.
func (c capture) wanted() any {
	s := session{labSession}
	criteria := []CriteriaStruct{{"ticket.title", "OperatorContains", "blåbær & <ø>"}, {"ticket.id", "OperatorGt", "0"}}
	switch c.op {
	case "login":
		return loginIn{"blåbær", "pæss<&>"}
	case "getTicket":
		in := getTicketIn{s, "1012", []string{"ticket.title", "ticket.created_at"}}
		switch {
		case strings.Contains(c.variant, "null"), strings.Contains(c.variant, "empty"):
			in.TicketFields = nil
		}
		return in
	case "findTickets":
		in := findTicketsIn{s, criteria, []string{"ticket.id", "ticket.title"}}
		return in
	case "addAttachment":
		return addAttachmentIn{session: s, AttachmentName: "blåbær.bin", ContentType: "application/octet-stream"}
	case "getAttachment":
		return getAttachmentIn{s, "55"}
	case "faq_getEntry":
		return faqGetEntryIn{s, "12"}
	}
	return s
}

// TestReplay sends every captured request to a server and looks at what the
// method got and in which style it is answered.
func TestReplay(t *testing.T) {
	l, s := serve(t, soap.Options{})
	for _, c := range captures(t) {
		t.Run(c.name, func(t *testing.T) {
			address := s.URL + map[string]string{"rpc": "/soap/customer/rpc", "doc": "/soap/customer", "nowsdl": "/scripts/SOAP?action=customer"}[c.style]
			if c.op == "wsdl" {
				address += "?wsdl"
			}
			req, err := http.NewRequest(c.req.Method, address, c.req.Body)
			if err != nil {
				t.Fatal(err)
			}
			req.Header = c.req.Header
			req.ContentLength = c.req.ContentLength
			req.TransferEncoding = c.req.TransferEncoding
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			in, blob := l.take()
			if res.StatusCode != http.StatusOK {
				t.Fatalf("got status %d, want 200: %s", res.StatusCode, body)
			}
			if c.op == "wsdl" {
				if want := map[string]string{"rpc": `style="rpc"`, "doc": `style="document"`}[c.style]; !strings.Contains(string(body), want) {
					t.Errorf("got a WSDL without %s", want)
				}
				return
			}
			if want := c.wanted(); !reflect.DeepEqual(in, want) {
				t.Errorf("got  %+v\nwant %+v", in, want)
			}
			if c.op == "addAttachment" && blob != nil && !bytes.Equal(blob.Data, labData()) {
				t.Errorf("got %d bytes, want the lab's 1000 bytes", len(blob.Data))
			}
			wellFormed(t, body)
		})
	}
}

func wellFormed(t *testing.T, body []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("the answer is not well-formed: %v\n%s", err, body)
		}
	}
}

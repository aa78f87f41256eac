package soap_test

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"skranke/soap"
)

// capture is a request as a real toolkit sent it.
type capture struct {
	name, client, style, variant, op string
	raw                              []byte
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
		c := capture{name: strings.TrimSuffix(filepath.Base(file), ".http"), raw: raw, req: req}
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

// TestReplay sends every captured request, byte by byte but for its address, and
// compares what the method got, and the style of the answer, with a golden file.
func TestReplay(t *testing.T) {
	l, s := serve(t, soap.Options{Limits: soap.Limits{IdleTimeout: 5 * time.Second}})
	var got strings.Builder
	for _, c := range captures(t) {
		address := map[string]string{"rpc": "/soap/customer/rpc", "doc": "/soap/customer", "nowsdl": "/scripts/SOAP?action=customer"}[c.style]
		if c.op == "wsdl" {
			address += "?wsdl"
		}
		status, contentType, body := c.replay(t, s.Listener.Addr().String(), address)
		in, blob := l.take()
		if status != http.StatusOK {
			t.Errorf("%s: got status %d, want 200: %s", c.name, status, body)
			continue
		}
		wellFormed(t, body)
		fmt.Fprintf(&got, "%s | %s, %s", c.name, contentType, styleOf(body))
		if in != nil {
			fmt.Fprintf(&got, " | %+v", in)
		}
		if blob != nil {
			fmt.Fprintf(&got, " | %d bytes", len(blob.Data))
			if want := labData(); len(blob.Data) > 0 && !bytes.Equal(blob.Data, want) {
				t.Errorf("%s: the attachment is not the one that was sent", c.name)
			}
		}
		got.WriteString("\n")
	}
	golden(t, "testdata/replay.golden", got.String())
}

// replay writes the capture to a connection of its own, with another address.
func (c capture) replay(t *testing.T, server, address string) (status int, contentType string, body []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	method, rest, _ := bytes.Cut(c.raw, []byte(" "))
	_, rest, _ = bytes.Cut(rest, []byte(" "))
	if _, err := fmt.Fprintf(conn, "%s %s %s", method, address, rest); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	for {
		res, err := http.ReadResponse(in, c.req)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if res.StatusCode == http.StatusContinue {
			continue
		}
		defer res.Body.Close()
		if body, err = io.ReadAll(res.Body); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		return res.StatusCode, res.Header.Get("Content-Type"), body
	}
}

// styleOf tells how an answer is written.
func styleOf(body []byte) string {
	text := string(body)
	switch {
	case strings.Contains(text, "wsdl:definitions"):
		if strings.Contains(text, `soap:binding style="rpc"`) {
			return "WSDL A"
		}
		return "WSDL B"
	case strings.Contains(text, "encodingStyle="):
		return "A"
	case strings.Contains(text, "Response xmlns="):
		return "B"
	case strings.Contains(text, ":Fault>"):
		return "fault"
	}
	return "literal, unqualified"
}

// golden compares got with a file; -update writes it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		switch {
		case i >= len(g):
			t.Fatalf("%s, line %d: got no such line\nwant %s", file, i+1, w[i])
		case i >= len(w):
			t.Fatalf("%s, line %d:\ngot  %s\nwant no such line", file, i+1, g[i])
		case g[i] != w[i]:
			t.Fatalf("%s, line %d:\ngot  %s\nwant %s", file, i+1, g[i], w[i])
		}
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

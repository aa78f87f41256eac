package soap_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"skranke/soap"
)

// benchCall is a getTicket of some 450 bytes, as a proxy made from the RPC WSDL sends it.
const benchCall = `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:t="` + labSpace + `"><soap:Body><t:getTicket xmlns="` + labSpace + `"><sessionKey>0123456789abcdef0123456789abcdef</sessionKey><ticketId>1012</ticketId><ticketFields><item>ticket.title</item><item>ticket.owner</item></ticketFields></t:getTicket></soap:Body></soap:Envelope>`

// sink is a ResponseWriter that keeps nothing.
type sink struct {
	header http.Header
	n      int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(int)             {}
func (s *sink) Write(p []byte) (int, error) { s.n += len(p); return len(p), nil }
func (s *sink) reset()                      { clear(s.header); s.n = 0 }

// benchmarkServe measures whole calls through the handler: parse, bind, write.
func benchmarkServe(b *testing.B, body string, rows int) {
	type out struct {
		TicketResult []ResultStruct `soap:"ticketResult"`
		MessageIDs   []string       `soap:"messageIds"`
	}
	answer := out{MessageIDs: []string{"7", "8"}}
	for range rows {
		answer.TicketResult = append(answer.TicketResult, ResultStruct{"ticket.title", "Printeren på rom 4 står & går", "TypeVarchar"})
	}
	p := &soap.Port{Name: "customer", Service: "customerService", Namespace: labSpace,
		Code: func(context.Context, string, error) (string, *soap.Fault) { return "0", nil },
		Ops: []soap.Op{soap.Method("getTicket", "", func(_ context.Context, in *getTicketIn) (out, error) {
			if in.TicketID == "" {
				return out{}, nil
			}
			return answer, nil
		})},
	}
	h := soap.NewHandler(soap.Options{Ports: []*soap.Port{p}})
	w := &sink{header: http.Header{}}
	text := strings.NewReader(body)
	req, err := http.NewRequest("POST", "/soap/customer", nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.RemoteAddr = "127.0.0.1:1234"
	req.ContentLength = int64(len(body))
	req.Body = io.NopCloser(text)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		w.reset()
		text.Reset(body)
		h.ServeHTTP(w, req)
	}
	if w.n < 300 {
		b.Fatalf("got an answer of %d bytes", w.n)
	}
}

func BenchmarkServe(b *testing.B)         { benchmarkServe(b, benchCall, 2) }
func BenchmarkServe16Rows(b *testing.B)   { benchmarkServe(b, benchCall, 16) }
func BenchmarkServe1000Rows(b *testing.B) { benchmarkServe(b, benchCall, 1000) }

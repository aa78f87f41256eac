package soap

import (
	"context"
	"reflect"
	"strings"
	"testing"
)

type benchRow struct {
	Field string `soap:"field"`
	Value string `soap:"value"`
	Type  string `soap:"type"`
}

type benchIn struct {
	SessionKey   string   `soap:"sessionKey"`
	TicketID     string   `soap:"ticketId"`
	TicketFields []string `soap:"ticketFields"`
}

type benchOut struct {
	TicketResult []benchRow `soap:"ticketResult"`
	MessageIDs   []string   `soap:"messageIds"`
}

const benchCall = `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:t="urn:bench"><soap:Body soap:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><t:getTicket><sessionKey>0123456789abcdef0123456789abcdef</sessionKey><ticketId>1012</ticketId><ticketFields><item>ticket.title</item></ticketFields></t:getTicket></soap:Body></soap:Envelope>`

func benchTable() *portTable {
	return newTable(&Port{Name: "p", Service: "s", Namespace: "urn:bench",
		Code: func(context.Context, string, error) (string, *Fault) { return "0", nil },
		Ops: []Op{Method("getTicket", "", func(context.Context, *benchIn) (benchOut, error) {
			return benchOut{}, nil
		})},
	})
}

// BenchmarkDecode reads a getTicket of some 450 bytes into its struct.
func BenchmarkDecode(b *testing.B) {
	t := benchTable()
	l := Limits{}.withDefaults()
	src := strings.NewReader("")
	b.SetBytes(int64(len(benchCall)))
	b.ReportAllocs()
	for b.Loop() {
		src.Reset(benchCall)
		d := documents.Get().(*document)
		d.reset(t, l, "", newTraffic(&l, nil), new(lane))
		if err := d.parse(src, "utf-8"); err != nil {
			b.Fatal(err)
		}
		_, v := d.op.make()
		if err := d.bind(v); err != nil {
			b.Fatal(err)
		}
		d.release()
	}
}

// BenchmarkEncode writes an answer of 16 structs, encoded.
func BenchmarkEncode(b *testing.B) {
	t := benchTable()
	var out benchOut
	for range 16 {
		out.TicketResult = append(out.TicketResult, benchRow{"ticket.title", "Printeren på rom 4 står & går", "TypeVarchar"})
	}
	c := &call{table: t, code: "0", parts: t.Ops[0].answer}
	c.answer.manner = manner{encoded: true, space: "urn:bench", types: "urn:bench", wrapper: "getTicket"}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.write(reflect.ValueOf(&out).Elem(), nil); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(c.answer.buf)))
}

type benchFile struct {
	Data *Blob `soap:"data"`
}

// BenchmarkBlob reads an attachment of 10 MiB into a file.
func BenchmarkBlob(b *testing.B) {
	t := newTable(&Port{Name: "p", Service: "s", Namespace: "urn:bench",
		Code: func(context.Context, string, error) (string, *Fault) { return "0", nil },
		Ops: []Op{Method("put", "", func(context.Context, *benchFile) (struct{}, error) {
			return struct{}{}, nil
		})},
	})
	text := `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><put><data>` +
		strings.Repeat("QUJD", 10<<20/3) + `</data></put></e:Body></e:Envelope>`
	l := Limits{}.withDefaults()
	dir := b.TempDir()
	src := strings.NewReader("")
	b.SetBytes(10 << 20)
	b.ReportAllocs()
	for b.Loop() {
		src.Reset(text)
		d := documents.Get().(*document)
		d.reset(t, l, dir, newTraffic(&l, nil), new(lane))
		if err := d.parse(src, "utf-8"); err != nil {
			b.Fatal(err)
		}
		_, v := d.op.make()
		if err := d.bind(v); err != nil {
			b.Fatal(err)
		}
		d.release()
	}
}

package brisk

import (
	"bufio"
	"io"
	"net/http"
	"testing"
)

// BenchmarkCall is one small call after another on one connection, here and by
// net/http alone.
func BenchmarkCall(b *testing.B) {
	for name, addr := range map[string]string{"brisk": run(b, echo).addr, "net/http": runPlain(b)} {
		b.Run(name, func(b *testing.B) {
			conn := dial(b, addr)
			in := bufio.NewReader(conn)
			call := []byte(request("/declared?n=1500", "<a/>"))
			b.ReportAllocs()
			for b.Loop() {
				conn.Write(call)
				r, err := http.ReadResponse(in, nil)
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, r.Body)
			}
		})
	}
}

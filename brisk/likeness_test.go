package brisk

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// send sends what it is given, each piece a while after the other, says that this
// is all and returns what was answered. What lies between answers that are broken
// off is not compared with anything.
func send(t testing.TB, addr string, pieces ...string) string {
	t.Helper()
	conn := dial(t, addr)
	for i, piece := range pieces {
		if i > 0 {
			time.Sleep(2 * time.Millisecond)
		}
		io.WriteString(conn, piece)
	}
	conn.CloseWrite()
	got, _ := io.ReadAll(conn)
	conn.SetLinger(0) // fuzzing would use up the ports
	conn.Close()
	return tidy(got)
}

// tidy is answers with their headers in order and without their dates.
func tidy(answers []byte) string {
	var b strings.Builder
	in := bufio.NewReader(bytes.NewReader(answers))
	for asked := false; ; {
		r, err := http.ReadResponse(in, &http.Request{Method: http.MethodPost})
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return b.String()
		}
		if err != nil {
			return b.String() + "and no answer: " + err.Error()
		}
		r.Header.Del("Date")
		body, err := io.ReadAll(r.Body)
		if r.StatusCode == http.StatusContinue && asked {
			continue // it may be said twice: here, and when net/http has taken over
		}
		asked = r.StatusCode == http.StatusContinue
		fmt.Fprintf(&b, "%s %s close=%v length=%d %v\n", r.Proto, r.Status, r.Close, r.ContentLength, r.TransferEncoding)
		r.Header.Write(&b)
		fmt.Fprintf(&b, "%q %v\n", body, err)
	}
}

// request is one as clients send it.
func request(path, body string, headers ...string) string {
	return "POST " + path + " HTTP/1.1\r\nHost: desk.example:8080\r\nContent-Type: text/xml; charset=utf-8\r\nSOAPAction: \"\"\r\n" +
		strings.Join(append(headers, ""), "\r\n") + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// pieces cuts a call into so many.
func pieces(call string, n int) (all []string) {
	for part := range slices.Chunk([]byte(call), len(call)/n+1) {
		all = append(all, string(part))
	}
	return all
}

// scripts are what clients may send, whether nice or not.
var scripts = []struct {
	name   string
	pieces []string
	here   bool // all of it is answered here
}{
	{"a call", []string{request("/", "<a/>")}, true},
	{"calls of other lengths", []string{request("/", "<a/>"), request("/", "<b/><b/><b/>"), request("/", "<c/>")}, true},
	{"calls to other places", []string{request("/a?x=1", "<a/>"), request("/b", "<b/>")}, true},
	{"calls at once", []string{request("/", "<a/>") + request("/b", "<b/>") + request("/", "<a/>")}, true},
	{"a call and a half at once", []string{request("/", "<a/>") + request("/b", "<b/>")[:40], request("/b", "<b/>")[40:]}, true},
	{"head and body apart", []string{request("/", "<a/>")[:len(request("/", "<a/>"))-4], "<a/>"}, true},
	{"byte by byte", strings.Split(request("/", "<a/>"), ""), false},
	{"in ten pieces", pieces(request("/", "<a/>"), 10), true},
	{"a line's end too many", []string{request("/", "<a/>") + "\r\n", request("/", "<a/>"), "\r\n", request("/", "<a/>")}, true},
	{"line's ends before", []string{"\r\n" + request("/", "<a/>")}, false},
	{"keeping alive", []string{request("/", "<a/>", "Connection: Keep-Alive", "Keep-Alive: 300")}, true},
	{"a large call", []string{request("/", strings.Repeat("x", 10000))}, true},
	{"a large call between small ones", []string{request("/", "<a/>"), request("/", strings.Repeat("x", 10000)), request("/", "<a/>")}, true},
	{"too large a call", []string{request("/", strings.Repeat("x", 30000))}, false},
	{"too large a call after another", []string{request("/", "<a/>"), request("/", strings.Repeat("x", 30000)), request("/", "<a/>")}, false},
	{"a hundred thousand", []string{request("/", strings.Repeat("x", 100000))}, false},
	{"too large a head", []string{request("/", "<a/>", "Cookie: "+strings.Repeat("x", 3000))}, false},
	{"much too large a head", []string{request("/", "<a/>", "Cookie: "+strings.Repeat("x", 20000))}, false},
	{"200 without a body", []string{request("/nothing", "<a/>"), request("/", "<a/>")}, true},
	{"204", []string{request("/status?n=204", "<a/>"), request("/", "<a/>")}, true},
	{"304", []string{request("/status?n=304", "<a/>"), request("/", "<a/>")}, true},
	{"no status", []string{request("/status?n=1", "<a/>"), request("/", "<a/>")}, true},
	{"404", []string{request("/status?n=404", "<a/>"), request("/", "<a/>")}, true},
	{"500", []string{request("/status?n=500", "<a/>"), request("/", "<a/>")}, true},
	{"an unusual status", []string{request("/status?n=299", "<a/>"), request("/", "<a/>")}, true},
	{"an answer of one byte", []string{request("/bytes?n=1", "<a/>")}, true},
	{"an answer of 2,048", []string{request("/bytes?n=2048", "<a/>")}, true},
	{"an answer of 2,049", []string{request("/bytes?n=2049", "<a/>"), request("/", "<a/>")}, true},
	{"an answer of 100,000", []string{request("/bytes?n=100000", "<a/>"), request("/", "<a/>")}, true},
	{"an answer of declared 100", []string{request("/declared?n=100", "<a/>")}, true},
	{"an answer of declared 100,000", []string{request("/declared?n=100000", "<a/>"), request("/", "<a/>")}, true},
	{"an answer of declared 0", []string{request("/declared?n=0", "<a/>"), request("/", "<a/>")}, true},
	{"an answer longer than declared", []string{request("/long", "<a/>"), request("/", "<a/>")}, true},
	{"an answer shorter than declared", []string{request("/short", "<a/>"), request("/", "<a/>")}, true},
	{"an answer in two parts", []string{request("/flush", "<a/>"), request("/", "<a/>")}, true},
	{"an answer of no type", []string{request("/sniff", "<a/>"), request("/", "<a/>")}, true},
	{"an answer that closes", []string{request("/close", "<a/>"), request("/", "<a/>")}, true},
	{"an answer that closes, calls at once", []string{request("/close", "<a/>") + request("/", "<a/>")}, true},
	{"a call that is broken off", []string{request("/abort", "<a/>"), request("/", "<a/>")}, true},
	{"a call that panics", []string{request("/panic", "<a/>"), request("/", "<a/>")}, true},
	{"a GET", []string{"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"}, false},
	{"a GET and a call", []string{"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", request("/", "<a/>")}, false},
	{"a call and a GET", []string{request("/", "<a/>"), "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"}, false},
	{"HTTP/1.0", []string{"POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\n<a/>"}, false},
	{"HTTP/1.0 that stays", []string{"POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\n<a/>"}, false},
	{"HTTP/1.2", []string{"POST / HTTP/1.2\r\nHost: a\r\nContent-Length: 4\r\n\r\n<a/>"}, false},
	{"HTTP/2.0", []string{"POST / HTTP/2.0\r\nHost: a\r\nContent-Length: 4\r\n\r\n<a/>"}, false},
	{"without a body", []string{request("/", "")}, false},
	{"without a length", []string{"POST / HTTP/1.1\r\nHost: a\r\n\r\n"}, false},
	{"without a host", []string{"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n<a/>"}, false},
	{"an empty host", []string{"POST / HTTP/1.1\r\nHost:\r\nContent-Length: 4\r\n\r\n<a/>"}, false},
	{"two hosts", []string{request("/", "<a/>", "Host: b")}, false},
	{"a host that is none", []string{"POST / HTTP/1.1\r\nHost: a b\r\nContent-Length: 4\r\n\r\n<a/>"}, false},
	{"an absolute address", []string{"POST http://other/x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n<a/>"}, false},
	{"chunks", []string{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\n0\r\n\r\n"}, false},
	{"chunks and a length", []string{request("/", "4\r\n<a/>\r\n0\r\n\r\n", "Transfer-Encoding: chunked")}, false},
	{"two lengths", []string{request("/", "<a/>", "Content-Length: 4")}, false},
	{"two lengths that differ", []string{request("/", "<a/>", "Content-Length: 5")}, false},
	{"a length with a sign", []string{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\n<a/>"}, false},
	{"a length with zeros", []string{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0004\r\n\r\n<a/>"}, true},
	{"a length with more zeros", []string{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 000004\r\n\r\n<a/>"}, false},
	{"a length with spaces", []string{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:   4  \r\n\r\n<a/>"}, true},
	{"lengths with and without", []string{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n<a/>", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4 \r\n\r\n<a/>"}, true},
	{"a length of two numbers", []string{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\n<a/>"}, false},
	{"a length that changes its kind", []string{request("/", "<a/>"), strings.Replace(request("/", "<a/>"), "Length: 4", "Length: x", 1)}, false},
	{"a length of zero after another", []string{request("/", "<a/>"), request("/", ""), request("/", "<a/>")}, false},
	{"a length in other letters", []string{"POST / HTTP/1.1\r\nHost: a\r\ncontent-LENGTH: 4\r\n\r\n<a/>"}, true},
	{"a space before the colon", []string{request("/", "<a/>", "X-A : b")}, false},
	{"a folded line", []string{request("/", "<a/>", "X-A: b", " c")}, false},
	{"a folded length", []string{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n 4\r\n\r\n<a/>"}, false},
	{"a line that is none", []string{request("/", "<a/>", "nothing")}, false},
	{"a NUL", []string{request("/", "<a/>", "X-A: \x00")}, false},
	{"a carriage return", []string{request("/", "<a/>", "X-A: a\rX-B: b")}, false},
	{"lines that end without", []string{"POST / HTTP/1.1\nHost: a\nContent-Length: 4\n\n<a/>"}, false},
	{"a line that ends without", []string{request("/", "<a/>", "X-A: a\nX-B: b")}, false},
	{"letters of Latin 1", []string{request("/", "<a/>", "X-A: \xe6\xf8\xe5")}, false},
	{"an underscore", []string{request("/", "<a/>", "X_A: a")}, false},
	{"the same header twice", []string{request("/", "<a/>", "X-A: a", "x-a: b")}, true},
	{"asking to go on", []string{request("/", "<a/>", "Expect: 100-continue"), request("/", "<b/>", "Expect: 100-Continue")}, true},
	{"asking to go on, head first", []string{request("/", "<a/>", "Expect: 100-continue")[:len(request("/", "<a/>", "Expect: 100-continue"))-4], "<a/>", request("/", "<b/>")}, true},
	{"asking to go on with much", []string{request("/", strings.Repeat("x", 30000), "Expect: 100-continue")}, false},
	{"asking to go on, then nothing", []string{request("/", "<a/>", "Expect: 100-continue")[:len(request("/", "<a/>", "Expect: 100-continue"))-4]}, false},
	{"asking twice", []string{request("/", "<a/>", "Expect: 100-continue", "Expect: 100-continue")}, true},
	{"expecting something else", []string{request("/", "<a/>", "Expect: nothing")}, false},
	{"wanting to close", []string{request("/", "<a/>", "Connection: close"), request("/", "<a/>")}, false},
	{"wanting to close at last", []string{request("/", "<a/>"), request("/", "<a/>", "Connection: close"), request("/", "<a/>")}, false},
	{"wanting something else", []string{request("/", "<a/>", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c")}, false},
	{"trailers", []string{request("/", "<a/>", "Trailer: X-A")}, false},
	{"a body that ends early", []string{request("/", "<a/>")[:len(request("/", "<a/>"))-1]}, false},
	{"a head that ends early", []string{"POST / HTTP/1.1\r\nHost: a\r\n"}, false},
	{"a line that ends early", []string{"POST / HT"}, false},
	{"another body that ends early", []string{request("/", "<a/>"), request("/", "<a/>")[:len(request("/", "<a/>"))-1]}, false},
	{"another head that ends early", []string{request("/", "<a/>"), "POST / HTTP/1.1\r\nHost: a\r\n"}, false},
	{"a method in small letters", []string{"post / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n<a/>"}, false},
	{"two spaces", []string{"POST  / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n<a/>"}, false},
	{"an address with a space", []string{"POST /a b HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n<a/>"}, false},
	{"an address that is none", []string{"POST /% HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n<a/>"}, false},
	{"TLS", []string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"}, false},
	{"nothing", nil, true},
}

// Whatever a client sends is answered as net/http does, and what is a plain call
// is answered here.
func TestAsNetHTTP(t *testing.T) {
	plain := runPlain(t)
	for _, s := range scripts {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, echo)
			want, got := send(t, plain, s.pieces...), send(t, r.addr, s.pieces...)
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if _, resumed := r.diary.read(); (resumed == 0) != s.here {
				t.Errorf("handed over %d times", resumed)
			}
		})
	}
}

// FuzzAsNetHTTP sends two pieces of anything.
func FuzzAsNetHTTP(f *testing.F) {
	for _, s := range scripts {
		all := strings.Join(s.pieces, "")
		f.Add([]byte(all), len(all)/2)
	}
	plain, r := runPlain(f), run(f, echo)
	f.Fuzz(func(t *testing.T, all []byte, at int) {
		at = min(max(at, 0), len(all))
		one, two := string(all[:at]), string(all[at:])
		if want, got := send(t, plain, one, two), send(t, r.addr, one, two); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

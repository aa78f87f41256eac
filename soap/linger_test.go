package soap_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"skranke/soap"
)

// Clients that look for the answer only when all of their request is sent learn
// why it was refused, however much that is.
func TestRefusedWhileSending(t *testing.T) {
	const limit = 1 << 20
	_, s := serve(t, soap.Options{Limits: soap.Limits{Body: limit, Elements: 100, Text: limit}})
	begin, end, _ := strings.Cut(envelope("<n:getTicket><n:ticketFields>|</n:ticketFields></n:getTicket>"), "|")
	items := strings.Repeat("<i>x</i>", 3*limit/8)
	for name, c := range map[string]struct{ head, body, want string }{
		"too large": { // types.limit.2
			fmt.Sprintf("Content-Length: %d\r\n", len(begin)+len(items)+len(end)), begin + items + end, "the request is larger than",
		},
		"too large, in chunks": {
			"Transfer-Encoding: chunked\r\n", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", 3*limit, strings.Repeat(" ", 3*limit)), "the request is larger than",
		},
		"too many elements": {
			fmt.Sprintf("Content-Length: %d\r\n", limit-1), begin + items[:limit-1-len(begin)], "more than 100 elements",
		},
		"malformed": {
			fmt.Sprintf("Content-Length: %d\r\n", limit-1), "<<" + items[:limit-3], "malformed XML",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, s.Listener.Addr())
			// Little fits into the system's buffers, so that the client does wait for the server.
			conn.(*net.TCPConn).SetWriteBuffer(16 << 10)
			request := "POST /soap/customer HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n" + c.head + "\r\n" + c.body
			if _, err := io.WriteString(conn, request); err != nil {
				t.Fatalf("sending: %v", err)
			}
			time.Sleep(20 * time.Millisecond) // it takes a while to look
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatalf("the answer: %v", err)
			}
			got, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != http.StatusInternalServerError || !bytes.Contains(got, []byte(c.want)) {
				t.Errorf("got %s %s (%v), want a fault with %q", res.Status, got, err, c.want)
			}
			if !res.Close {
				t.Error("the connection stays open")
			}
		})
	}
}

// Who never ends is not listened to for ever.
func TestLingerEnds(t *testing.T) {
	_, s := serve(t, soap.Options{Limits: soap.Limits{Body: 1 << 20}})
	conn := dial(t, s.Listener.Addr())
	fmt.Fprint(conn, "POST /soap/customer HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n")
	var err error
	piece := fmt.Sprintf("%x\r\n%s\r\n", 1<<16, strings.Repeat(" ", 1<<16))
	sent := 0
	for ; sent < 1<<30; sent += 1 << 16 {
		if _, err = io.WriteString(conn, piece); err != nil {
			break
		}
	}
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) || sent < 1<<20 {
		t.Errorf("%d bytes were taken, and then %v; want an end", sent, err)
	}
}

func dial(t *testing.T, addr net.Addr) net.Conn {
	t.Helper()
	conn, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(hangs))
	return conn
}

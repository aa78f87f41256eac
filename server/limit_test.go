package server

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke/brisk"
	"skranke/config"
	"skranke/watch"
)

// hangs is what nothing may take, however slow the machine.
const hangs = 30 * time.Second

// visitor is a connection to a server.
type visitor struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func visit(t *testing.T, base string) *visitor {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(hangs))
	return &visitor{t, conn, bufio.NewReader(conn)}
}

func (v *visitor) say(text string) {
	v.t.Helper()
	if _, err := io.WriteString(v.conn, text); err != nil {
		v.t.Fatal(err)
	}
}

// hear reads an answer.
func (v *visitor) hear() *http.Response {
	v.t.Helper()
	res, err := http.ReadResponse(v.in, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		v.t.Fatal(err)
	}
	res.Body.Close()
	return res
}

const wsdlRequest = "GET /soap/customer?wsdl HTTP/1.1\r\nHost: x\r\n\r\n"

// However many idle connections there are, who comes with a call gets in, and
// who is in a call stays.
func TestConnections(t *testing.T) {
	for limit, change := range map[string]func(*config.Config){
		watch.CloserAll:     func(c *config.Config) { c.MaxConnections = 16 },
		watch.CloserAddress: func(c *config.Config) { c.MaxConnectionsPerAddress = 16 },
	} {
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			s := open(t, change)
			base, stop := serve(t, s)
			defer stop()
			busy := visit(t, base)
			body := `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><logout/></s:Body></s:Envelope>`
			busy.say("POST /soap/customer HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nExpect: 100-continue\r\nContent-Length: 103\r\n\r\n")
			if res := busy.hear(); res.StatusCode != http.StatusContinue { // so it is in a call
				t.Fatalf("got %s", res.Status)
			}
			for range 40 {
				v := visit(t, base)
				v.say(wsdlRequest)
				if res := v.hear(); res.StatusCode != http.StatusOK {
					t.Errorf("one more: got %s", res.Status)
				}
			}
			busy.say(body + strings.Repeat(" ", 103-len(body)))
			if res := busy.hear(); res.StatusCode != http.StatusOK {
				t.Errorf("the busy one: got %s", res.Status)
			}
			metrics := ask(s.Metrics("v1"), "GET", "/metrics", "").Body.String()
			for _, want := range []string{"skranke_connections 16\n", fmt.Sprintf("skranke_connections_closed_total{limit=%q} 25\n", limit)} {
				if !strings.Contains(metrics, want) { // of the 41 that came
					t.Errorf("no %s in\n%s", want, metrics)
				}
			}
		})
	}
}

// An unlimited network has all the connections there are.
func TestUnlimitedConnections(t *testing.T) {
	s := open(t, func(c *config.Config) {
		c.MaxConnectionsPerAddress = 1
		c.UnlimitedFrom = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	base, stop := serve(t, s)
	defer stop()
	var all []*visitor
	for range 20 {
		all = append(all, visit(t, base))
	}
	for _, v := range all {
		v.say(wsdlRequest)
		if res := v.hear(); res.StatusCode != http.StatusOK {
			t.Errorf("got %s", res.Status)
		}
	}
}

// pipes are connections a test has the states of.
func pipes(t *testing.T, n int) []net.Conn {
	all := make([]net.Conn, n)
	for i := range all {
		near, far := net.Pipe()
		t.Cleanup(func() { near.Close(); far.Close() })
		all[i] = newPatientConn(near)
	}
	return all
}

func closed(conn net.Conn) bool {
	return errors.Is(conn.(*patientConn).Conn.SetDeadline(time.Time{}), io.ErrClosedPipe)
}

func ignore(string) {}

// That which has done nothing for the longest time goes first.
func TestOldestIdleConnectionGoes(t *testing.T) {
	for name, c := range map[string]*connections{"in all": newConnections(4, 100, nil, ignore), "of an address": newConnections(100, 4, nil, ignore)} {
		all := pipes(t, 7)
		for _, conn := range all[:4] {
			c.changed(conn, http.StateNew)
			c.changed(conn, http.StateActive)
		}
		for _, i := range []int{2, 1, 0} { // the last one stays busy
			c.changed(all[i], http.StateIdle)
		}
		c.changed(all[1], http.StateActive)
		c.changed(all[1], http.StateIdle)
		for i, want := range []int{2, 0, 1} {
			c.changed(all[4+i], http.StateNew)
			for k, conn := range all[:5+i] {
				gone := k == want || i > 0 && k == 2 || i > 1 && k == 0
				if closed(conn) != gone {
					t.Errorf("%s: after %d more connection %d is closed: %v", name, i+1, k, !gone)
				}
			}
		}
	}
}

// Where all are busy there is no room, and nobody who is busy suffers.
func TestAllConnectionsBusy(t *testing.T) {
	c := newConnections(2, 2, nil, ignore)
	conns := pipes(t, 3)
	for i, conn := range conns {
		c.changed(conn, http.StateNew)
		if i < 2 {
			c.changed(conn, http.StateActive)
		}
	}
	if !closed(conns[2]) || closed(conns[0]) || closed(conns[1]) {
		t.Error("not the third is closed")
	}
	c.changed(conns[2], http.StateClosed) // the server tells that, too
	for _, conn := range conns[:2] {
		c.changed(conn, http.StateIdle)
		c.changed(conn, http.StateClosed)
	}
	for i, conn := range conns {
		if conn.(*patientConn).counted.Load() != nil {
			t.Errorf("connection %d is still counted", i)
		}
	}
	if len(c.all.members) != 0 || len(c.peers) != 0 {
		t.Errorf("left are %d connections of %d peers", len(c.all.members), len(c.peers))
	}
}

// A connection that is handed over is the one that was counted, and none if it had
// to go meanwhile.
func TestHandedOverConnections(t *testing.T) {
	c := newConnections(2, 2, nil, ignore)
	conns := pipes(t, 3)
	for _, conn := range conns {
		c.changed(conn, http.StateNew)
	}
	for _, conn := range conns {
		c.changed(&brisk.Resumed{Conn: conn}, http.StateNew)
	}
	if !closed(conns[0]) || closed(conns[1]) || closed(conns[2]) || c.count() != 2 {
		t.Errorf("%d are counted", c.count())
	}
	c.changed(&brisk.Resumed{Conn: conns[1]}, http.StateActive)
	if conns[1].(*patientConn).counted.Load().idle.Load() != 0 {
		t.Error("who is handed over is not busy")
	}
	for _, conn := range conns {
		c.changed(&brisk.Resumed{Conn: conn}, http.StateClosed)
	}
	if c.count() != 0 {
		t.Errorf("%d are still counted", c.count())
	}
}

// Nobody keeps a connection by announcing a body that never comes, whatever he
// asks for: what is answered without its body has an end as well.
func TestBodiesThatNeverCome(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *config.Config) { c.MaxConnections = 8 })
	base, stop := serve(t, s)
	defer stop()
	var waiting sync.WaitGroup
	for _, line := range []string{
		"POST /nothing HTTP/1.1", "PUT /soap/customer HTTP/1.1", "GET /soap/customer?wsdl HTTP/1.1", "GET /healthz HTTP/1.1",
		"POST /soap/customer HTTP/1.1\r\nContent-Type: multipart/related", "POST /soap/customer HTTP/1.1\r\nContent-Type: text/xml",
	} {
		v := visit(t, base)
		v.say(line + "\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
		waiting.Go(func() {
			if _, err := io.Copy(io.Discard, v.conn); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%q: the connection stays", line)
			}
		})
	}
	waiting.Wait()
	v := visit(t, base)
	v.say(wsdlRequest)
	if res := v.hear(); res.StatusCode != http.StatusOK {
		t.Errorf("afterwards: got %s", res.Status)
	}
}

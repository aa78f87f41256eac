package server

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// patient accepts connections whose deadlines cost little. A call moves those of
// its connection ten times, nearly always to later; telling the system each time
// was a twentieth of what a call takes.
type patient struct{ net.Listener }

func (l patient) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newPatientConn(c), nil
}

// patientConn is a connection as any other.
type patientConn struct {
	net.Conn
	reads, writes deadline
	counted       atomic.Pointer[connection] // among connections, nil if it is not
}

func newPatientConn(c net.Conn) *patientConn {
	return &patientConn{Conn: c, reads: deadline{tell: c.SetReadDeadline}, writes: deadline{tell: c.SetWriteDeadline}}
}

func (c *patientConn) Read(p []byte) (n int, err error) {
	for {
		if !c.reads.begin() {
			return 0, os.ErrDeadlineExceeded
		}
		n, err = c.Conn.Read(p)
		if !c.reads.end(err) {
			return n, err
		}
	}
}

func (c *patientConn) Write(p []byte) (n int, err error) {
	for {
		if !c.writes.begin() {
			return n, os.ErrDeadlineExceeded
		}
		m, err := c.Conn.Write(p[n:])
		n += m
		if !c.writes.end(err) {
			return n, err
		}
	}
}

func (c *patientConn) SetReadDeadline(t time.Time) error  { return c.reads.set(t) }
func (c *patientConn) SetWriteDeadline(t time.Time) error { return c.writes.set(t) }

func (c *patientConn) SetDeadline(t time.Time) error {
	return errors.Join(c.reads.set(t), c.writes.set(t))
}

// CloseWrite lets the other end read what was answered before the connection goes.
func (c *patientConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// deadline is that of one direction of a connection. The system knows one that is
// not later: where that ends a wait too early, the wait is taken up again.
type deadline struct {
	tell func(time.Time) error

	mu      sync.Mutex
	want    time.Time // zero for none
	told    time.Time // what the system knows, zero for none
	running int       // waits
}

// longAgo is before any deadline that means a time: such a one ends a wait at
// once, as net/http does at the end of each call.
var longAgo = time.Unix(1<<30, 0)

func isPast(t time.Time) bool { return !t.IsZero() && t.Before(longAgo) }

func (d *deadline) set(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.want = t
	if isPast(t) && d.running == 0 { // begin sees it
		return nil
	}
	if t.IsZero() || !d.told.IsZero() && !t.Before(d.told) {
		return nil
	}
	d.told = t
	return d.tell(t)
}

// begin says whether to wait; then end must follow.
func (d *deadline) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if isPast(d.want) {
		return false
	}
	d.running++
	return true
}

// end says whether a wait that ended with err is to be taken up again, since it
// was not its time yet.
func (d *deadline) end(err error) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running--
	if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	if !d.want.IsZero() && !d.want.After(time.Now()) {
		return false
	}
	d.told = d.want
	return d.tell(d.want) == nil
}

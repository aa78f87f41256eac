package brisk

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"
)

const (
	usual    = 4 << 10                // what a connection has room for all the time
	most     = 16 << 10               // what a request may have, its head included
	patience = 200 * time.Millisecond // for the rest of a request: heads and bodies may come apart
)

// What a connection is doing, for those who want to close it.
const (
	idle   = iota // it waits for a call
	busy          // a call has begun
	closed        // it was idle
)

// conn is a connection that is served here, by one goroutine.
type conn struct {
	net.Conn
	server *Server
	state  atomic.Int32
	leave  context.CancelFunc // ends the context of its requests

	room  []byte // for in, of the usual size
	in    []byte // what has come and was not answered
	known head   // of the last request
	call  http.Request
	body  body
	watch watch

	waited time.Duration // for the rest of the request
}

// body is that of a request, which has come.
type body struct{ bytes.Reader }

// Close implements io.Closer.
func (*body) Close() error { return nil }

func newConn(s *Server, raw net.Conn) *conn {
	c := &conn{Conn: raw, server: s, room: make([]byte, usual)}
	c.in = c.room[:0]
	c.known.remote = raw.RemoteAddr().String()
	c.known.ctx, c.leave = context.WithCancel(s.base)
	c.watch.init(c)
	return c
}

// serve answers requests until none comes, or one that is not for here.
func (c *conn) serve() {
	defer c.server.forget(c)
	defer c.leave()
	web := c.server.Web
	wait := cmp.Or(web.ReadHeaderTimeout, web.ReadTimeout)
	for c.await(wait) && c.state.CompareAndSwap(idle, busy) {
		size, ok := c.receive()
		if !ok {
			c.SetDeadline(time.Time{})
			c.server.rest.give(&Resumed{c.Conn, bytes.Clone(c.in)})
			return
		}
		if !c.answer(size) {
			break
		}
		c.server.tell(c.Conn, http.StateIdle)
		c.state.Store(idle)
		if c.server.stopping.Load() {
			break
		}
		wait = cmp.Or(web.IdleTimeout, web.ReadTimeout)
	}
	c.Conn.Close()
	c.server.tell(c.Conn, http.StateClosed)
}

// await waits for a request to begin: for as much of it as net/http does.
func (c *conn) await(wait time.Duration) bool {
	enough := 1
	if c.known.before != nil { // it is not the first
		enough = 4
	}
	if len(c.in) < enough {
		c.SetReadDeadline(until(wait))
	}
	for len(c.in) < enough {
		if !c.read() {
			return false
		}
	}
	if enough == 4 { // some clients send a line's end or two behind what they POST
		ends := enough - len(bytes.TrimLeft(c.in[:enough], "\r\n"))
		c.in = c.in[ends:]
	}
	return true
}

// until is the end of what begins now; without a limit there is none.
func until(limit time.Duration) time.Time {
	if limit <= 0 {
		return time.Time{}
	}
	return time.Now().Add(limit)
}

// read reads what comes next.
func (c *conn) read() bool {
	n, _ := c.Read(c.in[len(c.in):cap(c.in)])
	c.in = c.in[:len(c.in)+n]
	return n > 0
}

// receive reads the rest of a request and returns its size, or false if it is not
// for here or does not come. The connection is active once the head has come.
func (c *conn) receive() (size int, ok bool) {
	c.waited = 0
	if size = c.known.match(c.in); 0 < size && size <= len(c.in) && !c.known.asks { // as mostly
		c.server.tell(c.Conn, http.StateActive)
		return size, true
	}
	begun, active := time.Now(), false
	c.SetReadDeadline(begun.Add(patience))
	for {
		size, ok = c.known.measure(c.in)
		if !ok || size > most || len(c.in) >= most {
			return 0, false
		}
		if size > 0 && !active {
			active = true
			c.server.tell(c.Conn, http.StateActive)
			if c.known.asks {
				c.goOn()
			}
		}
		if size > 0 && size <= len(c.in) {
			c.waited = time.Since(begun)
			return size, true
		}
		c.in = slices.Grow(c.in, max(1, size-len(c.in)))
		if !c.read() {
			return 0, false
		}
	}
}

// goOn tells a client that asks whether to send its body that it should. The body
// takes the time of a way there and back.
func (c *conn) goOn() {
	c.SetWriteDeadline(until(patience))
	if _, err := io.WriteString(c.Conn, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
		c.Conn.Close() // an answer behind half of that would be none
	}
	c.SetReadDeadline(until(10 * patience))
}

// answer answers the request that is the first so many bytes of what has come, and
// says whether there may be a next one.
func (c *conn) answer(size int) bool {
	c.call = c.known.request
	c.call.ContentLength = int64(c.known.length)
	c.call.Body = &c.body
	c.body.Reset(c.in[size-c.known.length : size])
	c.SetWriteDeadline(until(c.server.Web.WriteTimeout))
	w := responses.Get().(*response)
	w.begin(c)
	c.watch.begin()
	ok := c.perform(w)
	ahead := c.watch.end()
	ok = ok && w.finish()
	w.end()
	c.body.Reset(nil) // what waits for a call keeps the usual room only
	c.in = append(c.in, ahead...)[size:]
	if len(c.in) <= usual {
		c.in = append(c.room[:0], c.in...)
	}
	return ok
}

// perform has the handler answer the call. It says whether that was done.
func (c *conn) perform(w *response) (done bool) {
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			c.server.logf("brisk: panic serving %s: %v\n%s", c.known.remote, p, debug.Stack())
		}
	}()
	c.server.Web.Handler.ServeHTTP(w, &c.call)
	return true
}

// Package brisk serves HTTP as net/http does, at less cost for what clients of
// a SOAP server send: one small POST after another, on a connection that stays.
// Such a request, once it has come whole, is answered here. Everything else is
// left to net/http, which takes the connection over with the first byte that
// nobody has answered: a request that is large, slow, not POSTed, chunked, wants
// the connection closed, or is anything but plain.
package brisk

import (
	"context"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server answers what it can itself, and has Web answer the rest. Of Web's
// settings it keeps Handler, BaseContext, ConnState, IdleTimeout, WriteTimeout,
// ReadHeaderTimeout (until the first byte of a connection), ReadTimeout in the
// place of those that are not set, and ErrorLog. A Handler must change nothing of
// a request and keep nothing of it but its strings beyond the call; its context
// ends with the connection, not with the call. ConnState is told of a connection
// that is handed over as if it were new; it is a [*Resumed] then.
type Server struct {
	Web *http.Server

	base     context.Context
	stopping atomic.Bool
	rest     rest

	mu       sync.Mutex
	listener net.Listener
	conns    map[*conn]bool
}

// New returns a server for what web would serve.
func New(web *http.Server) *Server {
	return &Server{
		Web: web, base: context.Background(), conns: map[*conn]bool{},
		rest: rest{conns: make(chan net.Conn), errs: make(chan error), asks: make(chan struct{}), closed: make(chan struct{})},
	}
}

// Serve answers on ln, which it closes, until Shutdown or Close; then it returns
// http.ErrServerClosed.
func (s *Server) Serve(ln net.Listener) error {
	defer ln.Close()
	if s.Web.BaseContext != nil {
		s.base = s.Web.BaseContext(ln)
	}
	s.rest.addr = ln.Addr()
	s.mu.Lock()
	s.listener = ln
	s.mu.Unlock()
	go s.accept(ln)
	err := s.Web.Serve(&s.rest)
	if !s.stopping.Load() {
		s.Close()
	}
	return err
}

// accept starts to serve each connection that comes. Of errors net/http knows
// which pass, and when to go on.
func (s *Server) accept(ln net.Listener) {
	for !s.stopping.Load() {
		raw, err := ln.Accept()
		switch {
		case err == nil:
			s.welcome(raw)
		case !s.stopping.Load() && s.rest.fail(err):
		default:
			return
		}
	}
}

func (s *Server) welcome(raw net.Conn) {
	c := newConn(s, raw)
	s.mu.Lock()
	late := s.stopping.Load()
	if !late {
		s.conns[c] = true
	}
	s.mu.Unlock()
	if late {
		raw.Close()
		return
	}
	s.tell(raw, http.StateNew) // before anything comes, as net/http does
	go c.serve()
}

// forget is told of each connection that is served here no more.
func (s *Server) forget(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
}

func (s *Server) tell(raw net.Conn, state http.ConnState) {
	if s.Web.ConnState != nil {
		s.Web.ConnState(raw, state)
	}
}

func (s *Server) logf(format string, args ...any) {
	if s.Web.ErrorLog != nil {
		s.Web.ErrorLog.Printf(format, args...)
	} else {
		log.Printf(format, args...)
	}
}

// Shutdown takes no more connections, closes those that are idle, and waits for
// the calls that have begun, or returns the error of ctx; Close ends those.
func (s *Server) Shutdown(ctx context.Context) error {
	serving := s.stop()
	for pause := time.Millisecond; !s.closeIdle(); pause = min(2*pause, 500*time.Millisecond) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
	if serving {
		s.rest.settle(ctx)
	}
	return s.Web.Shutdown(ctx)
}

// Close closes everything at once.
func (s *Server) Close() error {
	s.stop()
	s.mu.Lock()
	for c := range s.conns {
		c.Conn.Close()
		c.leave()
	}
	s.mu.Unlock()
	return s.Web.Close()
}

// stop takes no more connections and says whether there could have been any.
func (s *Server) stop() (serving bool) {
	s.stopping.Store(true)
	s.Web.SetKeepAlivesEnabled(false)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return false
	}
	s.listener.Close()
	return true
}

// closeIdle closes the connections that wait for a call, and says whether there
// are no others.
func (s *Server) closeIdle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if c.state.CompareAndSwap(idle, closed) {
			c.Conn.Close()
		}
	}
	return len(s.conns) == 0
}

// rest is the listener of net/http: it accepts what is handed over, and fails as
// that of the server does.
type rest struct {
	addr   net.Addr
	conns  chan net.Conn
	errs   chan error
	asks   chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (r *rest) Accept() (net.Conn, error) {
	for {
		select {
		case c := <-r.conns:
			return c, nil
		case err := <-r.errs:
			return nil, err
		case <-r.asks:
		case <-r.closed:
			return nil, net.ErrClosed
		}
	}
}

func (r *rest) Close() error {
	r.once.Do(func() { close(r.closed) })
	return nil
}

func (r *rest) Addr() net.Addr { return r.addr }

// settle waits until net/http has come back for more: then it knows of every
// connection it was given.
func (r *rest) settle(ctx context.Context) {
	select {
	case r.asks <- struct{}{}:
	case <-r.closed:
	case <-ctx.Done():
	}
}

// give hands a connection over, or closes it if nobody takes it any more.
func (r *rest) give(c net.Conn) {
	select {
	case r.conns <- c:
	case <-r.closed:
		c.Close()
	}
}

// fail hands an error over, and says whether net/http has taken it and may go on
// after a pause.
func (r *rest) fail(err error) bool {
	select {
	case r.errs <- err:
		return true
	case <-r.closed:
		return false
	}
}

// Resumed is a connection that was handed over to net/http.
type Resumed struct {
	net.Conn
	begun []byte // what has come already
}

// NetConn is the connection that the listener has accepted.
func (r *Resumed) NetConn() net.Conn { return r.Conn }

func (r *Resumed) Read(p []byte) (int, error) {
	if len(r.begun) == 0 {
		return r.Conn.Read(p)
	}
	n := copy(p, r.begun)
	if r.begun = r.begun[n:]; len(r.begun) == 0 {
		r.begun = nil
	}
	return n, nil
}

// CloseWrite lets the other end read what was answered before the connection goes.
func (r *Resumed) CloseWrite() error {
	if half, ok := r.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

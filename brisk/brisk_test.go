package brisk

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"weak"
)

// hangs is what nothing may take, however slow the machine.
const hangs = 30 * time.Second

// echo tells what has reached it, in the way its path asks for.
func echo(w http.ResponseWriter, r *http.Request) {
	got, err := io.ReadAll(r.Body)
	n, _ := strconv.Atoi(r.URL.Query().Get("n"))
	n = min(n, 1<<18)
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	switch r.URL.Path {
	case "/status":
		w.Header().Set("X-Kind", "a\r\nb") // a header must not become two
		if n < 100 || n > 199 {
			w.WriteHeader(n)
		}
		w.WriteHeader(http.StatusTeapot)
	case "/bytes": // of a length that is not declared, in pieces of a thousand
		for ; n > 0; n -= 1000 {
			w.Write(bytes.Repeat([]byte("x"), min(n, 1000)))
		}
	case "/declared":
		w.Header().Set("Content-Length", strconv.Itoa(n))
		w.Write(bytes.Repeat([]byte("x"), n))
	case "/short":
		w.Header().Set("Content-Length", "10")
		w.Write([]byte("short"))
	case "/long":
		w.Header().Set("Content-Length", "3")
		_, err := w.Write([]byte("long"))
		if errors.Is(err, http.ErrContentLength) {
			w.Write([]byte("yes"))
		}
	case "/close":
		w.Header().Set("Connection", "close")
		w.Write([]byte("bye"))
	case "/flush":
		w.Write([]byte("a"))
		http.NewResponseController(w).Flush()
		w.Write([]byte("b"))
	case "/sniff":
		w.Header().Del("Content-Type")
		w.Write([]byte("<!DOCTYPE html><p>"))
	case "/nothing":
	case "/abort":
		panic(http.ErrAbortHandler)
	case "/panic":
		panic("at the counter")
	default:
		fmt.Fprintf(w, "%s %s %s %s %d %q %v\n", r.Method, r.URL, r.Proto, r.Host, r.ContentLength, got, err)
		names := []string{}
		for name := range r.Header {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			fmt.Fprintf(w, "%s: %q\n", name, r.Header[name])
		}
	}
}

// diary is what a server has told of its connections.
type diary struct {
	mu      sync.Mutex
	states  []http.ConnState
	resumed int
}

func (d *diary) note(conn net.Conn, state http.ConnState) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := conn.(*Resumed); ok && state == http.StateNew {
		d.resumed++
	}
	d.states = append(d.states, state)
}

func (d *diary) read() (states []http.ConnState, resumed int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.states), d.resumed
}

// silent is for servers that will have something to tell.
var silent = log.New(io.Discard, "", 0)

// running is a server that runs.
type running struct {
	*Server
	addr  string
	diary diary
	ended chan error
}

func run(t testing.TB, handler http.HandlerFunc, change ...func(*http.Server)) *running {
	t.Helper()
	ln := listen(t)
	r := &running{addr: ln.Addr().String(), ended: make(chan error, 1)}
	web := &http.Server{Handler: handler, ErrorLog: silent, ConnState: r.diary.note}
	for _, f := range change {
		f(web)
	}
	r.Server = New(web)
	go func() { r.ended <- r.Serve(ln) }()
	t.Cleanup(func() { r.Close() })
	return r
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// runPlain runs net/http alone.
func runPlain(t testing.TB) (addr string) {
	t.Helper()
	ln := listen(t)
	web := &http.Server{Handler: http.HandlerFunc(echo), ErrorLog: silent}
	go web.Serve(ln)
	t.Cleanup(func() { web.Close() })
	return ln.Addr().String()
}

func dial(t testing.TB, addr string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(hangs))
	return conn.(*net.TCPConn)
}

// A connection keeps the last head, and nothing else of what that came with.
func TestKeptHead(t *testing.T) {
	h := head{ctx: t.Context()}
	in := []byte(request("/", "<a/>"))
	came := weak.Make(&in[0])
	if size, ok := h.measure(in); size != len(in) || !ok {
		t.Fatalf("a call of %d bytes has %d, %v", len(in), size, ok)
	}
	runtime.GC()
	if came.Value() != nil {
		t.Error("what has come is kept")
	}
	runtime.KeepAlive(&h)
}

// A connection that waits keeps no more room after a large call than before.
func TestKeptRoom(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	go io.WriteString(far, request("/", strings.Repeat("x", 10000)))
	c := newConn(New(&http.Server{Handler: http.HandlerFunc(echo)}), near)
	size, ok := 0, c.await(hangs)
	if ok {
		size, ok = c.receive()
	}
	go io.Copy(io.Discard, far)
	if !ok || !c.answer(size) {
		t.Fatal("the call is not answered")
	}
	if cap(c.in) > usual || c.body.Size() > 0 {
		t.Errorf("kept are room for %d bytes and a body of %d", cap(c.in), c.body.Size())
	}
}

// Who takes only half of the word to go on gets no answer behind it.
func TestHalfToldToGoOn(t *testing.T) {
	near, far := net.Pipe()
	c := newConn(New(&http.Server{Handler: http.HandlerFunc(echo)}), near)
	received := make(chan bool)
	go func() {
		defer near.Close()
		size, ok := 0, c.await(hangs)
		if ok {
			size, ok = c.receive()
		}
		received <- ok
		if ok {
			c.answer(size)
		}
	}()
	io.WriteString(far, request("/", "<a/>", "Expect: 100-continue"))
	io.ReadFull(far, make([]byte, 5))
	wait(t, received, "the call")
	if rest, err := io.ReadAll(far); len(rest) > 0 || err != nil {
		t.Errorf("got %q and %v, want the end", rest, err)
	}
}

// exchange sends a call on a connection that stays and returns the answer's body.
func exchange(t *testing.T, conn net.Conn, in *bufio.Reader, call string) string {
	t.Helper()
	if _, err := io.WriteString(conn, call); err != nil {
		t.Fatal(err)
	}
	return receive(t, in)
}

func receive(t *testing.T, in *bufio.Reader) string {
	t.Helper()
	r, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// A client that waits, however long, is answered here all the same; one that sends
// half a request and waits is net/http's.
func TestSlowClients(t *testing.T) {
	r := run(t, echo)
	conn := dial(t, r.addr)
	in := bufio.NewReader(conn)
	exchange(t, conn, in, request("/", "<a/>"))
	time.Sleep(2 * patience)
	exchange(t, conn, in, request("/", "<a/>"))
	if _, resumed := r.diary.read(); resumed != 0 {
		t.Errorf("handed over %d times after a pause between calls", resumed)
	}
	call := request("/", "<slow/>")
	io.WriteString(conn, call[:len(call)-3])
	for end := time.Now().Add(hangs); ; time.Sleep(time.Millisecond) {
		if _, resumed := r.diary.read(); resumed == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("half a call is not handed over")
		}
	}
	if got := exchange(t, conn, in, call[len(call)-3:]); !strings.Contains(got, `"<slow/>"`) {
		t.Errorf("the call was answered with %q", got)
	}
}

// Nobody waits for ever: neither for a first call nor for a next one.
func TestIdleClients(t *testing.T) {
	r := run(t, echo, func(web *http.Server) {
		web.ReadHeaderTimeout, web.IdleTimeout = 300*time.Millisecond, 100*time.Millisecond
	})
	silent, once := dial(t, r.addr), dial(t, r.addr)
	exchange(t, once, bufio.NewReader(once), request("/", "<a/>"))
	for name, conn := range map[string]net.Conn{"has called once": once, "has never called": silent} {
		if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("who %s reads %d bytes and %v, want the end", name, n, err)
		}
	}
}

// counter is a handler whose calls wait until they are let go or nobody waits for
// them any more.
type counter struct {
	begun chan struct{}
	open  chan struct{}
	ended chan error // of the context
}

func newCounter() *counter {
	return &counter{make(chan struct{}, 10), make(chan struct{}), make(chan error, 10)}
}

func (c *counter) serve(w http.ResponseWriter, r *http.Request) {
	c.begun <- struct{}{}
	select {
	case <-c.open:
	case <-r.Context().Done():
	}
	c.ended <- r.Context().Err()
	fmt.Fprint(w, "done")
}

// wait waits for something to be sent.
func wait[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(hangs):
		t.Fatal("nothing came: " + what)
		panic("unreachable")
	}
}

func TestClientLeaves(t *testing.T) {
	c := newCounter()
	r := run(t, c.serve)
	conn := dial(t, r.addr)
	io.WriteString(conn, request("/", "<a/>"))
	wait(t, c.begun, "the call")
	conn.Close()
	if err := wait(t, c.ended, "the end of the call"); !errors.Is(err, context.Canceled) {
		t.Errorf("the call of a client that has left ended with %v", err)
	}
}

// A client that sends its next call before it has the answer is still there, and
// the next call is no other for having been waited for.
func TestClientGoesAhead(t *testing.T) {
	c := newCounter()
	r := run(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			c.serve(w, r)
			return
		}
		echo(w, r)
	})
	conn := dial(t, r.addr)
	in := bufio.NewReader(conn)
	io.WriteString(conn, request("/slow", "<a/>"))
	wait(t, c.begun, "the call")
	time.Sleep(2 * late) // the client is being watched
	io.WriteString(conn, request("/next", "<b/>"))
	time.Sleep(late)
	close(c.open)
	if err := wait(t, c.ended, "the end of the call"); err != nil {
		t.Errorf("the call ended with %v", err)
	}
	if got := receive(t, in); got != "done" {
		t.Errorf("the first answer is %q", got)
	}
	if got := receive(t, in); !strings.HasPrefix(got, "POST /next HTTP/1.1") || !strings.Contains(got, `"<b/>"`) {
		t.Errorf("the second answer is %q", got)
	}
	if got := exchange(t, conn, in, request("/last", "<c/>")); !strings.Contains(got, `"<c/>"`) {
		t.Errorf("the last answer is %q", got)
	}
	if _, resumed := r.diary.read(); resumed != 0 {
		t.Errorf("handed over %d times", resumed)
	}
}

// A long call whose client waits ends as usual, and so does the next one.
func TestLongCalls(t *testing.T) {
	c := newCounter()
	r := run(t, c.serve)
	conn := dial(t, r.addr)
	in := bufio.NewReader(conn)
	for range 3 {
		io.WriteString(conn, request("/", "<a/>"))
		wait(t, c.begun, "the call")
		time.Sleep(2 * late)
		c.open <- struct{}{}
		if got := receive(t, in); got != "done" {
			t.Errorf("the answer is %q", got)
		}
		if err := wait(t, c.ended, "the end of the call"); err != nil {
			t.Errorf("the call ended with %v", err)
		}
	}
}

// A stop closes who waits for nothing, answers the calls that have begun, here and
// handed over, and tells their clients that there will be no other.
func TestShutdown(t *testing.T) {
	c := newCounter()
	r := run(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/quick" {
			echo(w, r)
			return
		}
		c.serve(w, r)
	})
	quiet, elsewhere, here, there := dial(t, r.addr), dial(t, r.addr), dial(t, r.addr), dial(t, r.addr)
	exchange(t, elsewhere, bufio.NewReader(elsewhere), request("/quick", "<a/>", "X_A: a"))
	io.WriteString(here, request("/", "<a/>"))
	wait(t, c.begun, "a call")
	io.WriteString(there, request("/", "<a/>", "X_A: a"))
	wait(t, c.begun, "another call")
	stopped := make(chan error, 1)
	go func() { stopped <- r.Shutdown(t.Context()) }()
	for name, conn := range map[string]net.Conn{"here": quiet, "handed over": elsewhere} {
		if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("%s: an idle connection reads %d bytes and %v, want the end", name, n, err)
		}
	}
	select {
	case err := <-stopped:
		t.Fatalf("the stop did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if conn, err := net.Dial("tcp", r.addr); err == nil {
		conn.Close()
		t.Error("there are still new connections")
	}
	close(c.open)
	for name, conn := range map[string]net.Conn{"here": here, "handed over": there} {
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(answer.Body); string(got) != "done" || err != nil || !answer.Close {
			t.Errorf("%s: answered %q, %v, close %v", name, got, err, answer.Close)
		}
	}
	if err := wait(t, stopped, "the stop"); err != nil {
		t.Error(err)
	}
	if err := wait(t, r.ended, "the end of Serve"); err != http.ErrServerClosed {
		t.Errorf("Serve returned %v", err)
	}
}

// A call that takes longer than there is patience is cut off by Close.
func TestShutdownWithoutPatience(t *testing.T) {
	c := newCounter()
	r := run(t, c.serve)
	conn := dial(t, r.addr)
	io.WriteString(conn, request("/", "<a/>"))
	wait(t, c.begun, "the call")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := r.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown returned %v", err)
	}
	r.Close()
	if err := wait(t, c.ended, "the end of the call"); err == nil {
		t.Error("the call does not know that it was cut off")
	}
	wait(t, r.ended, "the end of Serve")
}

func TestServeAfterClose(t *testing.T) {
	s := New(&http.Server{Handler: http.HandlerFunc(echo)})
	s.Close()
	ln := listen(t)
	if err := s.Serve(ln); err != http.ErrServerClosed {
		t.Errorf("Serve returned %v", err)
	}
	if _, err := ln.Accept(); err == nil {
		t.Error("the listener is open")
	}
}

// States are told as net/http tells them.
func TestStates(t *testing.T) {
	r := run(t, echo)
	conn := dial(t, r.addr)
	in := bufio.NewReader(conn)
	exchange(t, conn, in, request("/", "<a/>"))
	exchange(t, conn, in, request("/", "<a/>"))
	conn.Close()
	want := []http.ConnState{http.StateNew, http.StateActive, http.StateIdle, http.StateActive, http.StateIdle, http.StateClosed}
	for end := time.Now().Add(hangs); ; time.Sleep(time.Millisecond) {
		states, _ := r.diary.read()
		if slices.Equal(states, want) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("got %v, want %v", states, want)
		}
	}
}

// faulty is a listener that fails at first.
type faulty struct {
	net.Listener
	errs []error
}

func (f *faulty) Accept() (net.Conn, error) {
	if len(f.errs) > 0 {
		err := f.errs[0]
		f.errs = f.errs[1:]
		return nil, err
	}
	return f.Listener.Accept()
}

// What can never become a request for here is not waited for.
func TestHopelessHeads(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "P": true, "POST /": true, "POST / HTTP/1.1\r\nHost: a\r\n": true,
		"GET / HTTP/1.1\r\n": false, "\n": false, "POST / HTTP/1.1\nHost: a\n": false, "POST http": false,
	} {
		if size, ok := new(head).measure([]byte(text)); size != 0 || ok != want {
			t.Errorf("%q: got %d, %v, want 0, %v", text, size, ok, want)
		}
	}
}

// A server that never served stops.
func TestShutdownBeforeServe(t *testing.T) {
	s := New(&http.Server{Handler: http.HandlerFunc(echo)})
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// Too many open files pass, what does not pass ends the server.
func TestAcceptFails(t *testing.T) {
	s := New(&http.Server{Handler: http.HandlerFunc(echo), ErrorLog: silent})
	ln := &faulty{listen(t), []error{&net.OpError{Op: "accept", Err: syscall.EMFILE}}}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ln) }()
	if got := send(t, ln.Addr().String(), request("/", "<a/>")); !strings.Contains(got, "200 OK") {
		t.Errorf("answered %s", got)
	}
	s.Close()
	wait(t, ended, "the end of Serve")

	broken := errors.New("broken")
	if err := New(&http.Server{}).Serve(&faulty{listen(t), []error{broken}}); err != broken {
		t.Errorf("Serve returned %v", err)
	}
}

// Many clients at once get what is theirs.
func TestManyClients(t *testing.T) {
	r := run(t, echo)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			conn := dial(t, r.addr)
			in := bufio.NewReader(conn)
			for j := range 200 {
				body := fmt.Sprintf("<a>%d</a>", i*j*j)
				if got := exchange(t, conn, in, request("/"+strconv.Itoa(i), body)); !strings.HasPrefix(got, fmt.Sprintf("POST /%d HTTP", i)) || !strings.Contains(got, strconv.Quote(body)) {
					t.Errorf("%d gets %q", i, got)
					return
				}
			}
		})
	}
	wg.Wait()
}

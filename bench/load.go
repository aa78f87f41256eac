package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// load is calls of one kind.
type load struct {
	addr string
	step step
	most int // steps of a slot, if they are to be fewer than the options say
}

// step makes a call, or several that belong together, through c and looks
// whether the answer is a good one.
type step func(c *client, draw *rand.Rand) error

// outcome is what became of a slot of calls.
type outcome struct {
	took  time.Duration
	times []time.Duration // of each call
}

// run makes calls through that many connections until the time is up or so many
// are made. Each slot of a run has its own seed, so that no two draw alike.
func (l *load) run(ctx context.Context, connections, calls int, slot time.Duration, seed uint64) (outcome, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		all   outcome
		errs  []error
		ready = make(chan struct{})
		until time.Time
	)
	if l.most > 0 {
		calls = min(calls, l.most)
	}
	dialled := make([]*client, connections)
	for i := range dialled {
		c, err := dial(ctx, l.addr)
		if err != nil {
			return outcome{}, err
		}
		defer c.conn.Close()
		dialled[i] = c
	}
	for i, c := range dialled {
		wg.Go(func() {
			<-ready
			times, err := l.drive(ctx, c, max(1, calls/connections), until, rand.New(rand.NewPCG(seed, uint64(i))))
			mu.Lock()
			defer mu.Unlock()
			all.times = append(all.times, times...)
			if err != nil {
				errs = append(errs, err)
				cancel()
			}
		})
	}
	start := time.Now()
	until = start.Add(slot)
	close(ready)
	wg.Wait()
	all.took = time.Since(start)
	if len(errs) > 0 {
		return all, errs[0]
	}
	return all, context.Cause(ctx)
}

// drive takes steps through one connection: one at least, whatever the time.
func (l *load) drive(ctx context.Context, c *client, calls int, until time.Time, draw *rand.Rand) ([]time.Duration, error) {
	var times []time.Duration
	c.conn.SetDeadline(until.Add(30 * time.Second))
	for len(times) == 0 || len(times) < calls && time.Now().Before(until) && ctx.Err() == nil {
		c.took = 0
		if err := l.step(c, draw); err != nil {
			return times, err
		}
		times = append(times, c.took)
	}
	return times, nil
}

// client is one connection. It does just enough of HTTP/1.1 for the answers
// of a net/http server, so that the load takes little of the processors.
type client struct {
	conn   net.Conn
	port   string // that calls go to
	in     *bufio.Reader
	body   []byte        // of the next call
	got    []byte        // body of the last answer
	took   time.Duration // what calls took since it was set to 0
	header http.Header   // of the last answer, if it is not nil before
	sent   []byte
}

func dial(ctx context.Context, addr string) (*client, error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, port: "customer", in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// The head of a request, behind the port, as PHP's SoapClient sends it in
// RPC/encoded mode.
const requestHead = " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Keep-Alive\r\n" +
	"User-Agent: PHP-SOAP/8.2.36\r\nContent-Type: text/xml; charset=utf-8\r\nSOAPAction: \"\"\r\nContent-Length: "

// call sends c.body and reads the answer into c.got. An answer that is not a
// success is an error.
func (c *client) call() error {
	start := time.Now()
	if err := c.exchange(); err != nil {
		return err
	}
	c.took += time.Since(start)
	if !bytes.Contains(c.got[:min(len(c.got), 2000)], success) {
		return fmt.Errorf("refused: %.2000s", c.got)
	}
	return nil
}

var success = []byte(">0</errorCode>")

func (c *client) exchange() error {
	c.sent = append(c.sent[:0], "POST /scripts/SOAP?action="...)
	c.sent = append(append(c.sent, c.port...), requestHead...)
	c.sent = strconv.AppendInt(c.sent, int64(len(c.body)), 10)
	c.sent = append(c.sent, "\r\n\r\n"...)
	rest := c.body
	if len(rest) < 64<<10 { // one packet is better than two
		c.sent, rest = append(c.sent, rest...), nil
	}
	if _, err := c.conn.Write(c.sent); err != nil {
		return err
	}
	if len(rest) > 0 {
		if _, err := c.conn.Write(rest); err != nil {
			return err
		}
	}
	length, chunked, err := c.readHead()
	if err != nil {
		return err
	}
	c.got = c.got[:0]
	if !chunked {
		return c.read(length)
	}
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if err := c.read(int(size)); err != nil {
			return err
		}
		if _, err := c.in.ReadSlice('\n'); err != nil || size == 0 {
			return err
		}
	}
}

// read appends n bytes of the answer to c.got.
func (c *client) read(n int) error {
	have := len(c.got)
	c.got = slices.Grow(c.got, n)[:have+n]
	_, err := io.ReadFull(c.in, c.got[have:])
	return err
}

var (
	statusOK         = []byte("HTTP/1.1 200 ")
	contentLength    = []byte("Content-Length:")
	transferEncoding = []byte("Transfer-Encoding: chunked")
)

// readHead reads the head of an answer: the length of its body, or that it
// comes in chunks.
func (c *client) readHead() (length int, chunked bool, err error) {
	length = -1
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, false, err
		}
		if first && !bytes.HasPrefix(line, statusOK) {
			rest, _ := c.in.Peek(c.in.Buffered())
			return 0, false, fmt.Errorf("answered %s%s", line, rest)
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if bytes.HasPrefix(line, contentLength) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(contentLength):]))); err != nil {
				return 0, false, err
			}
		}
		chunked = chunked || bytes.Equal(line, transferEncoding)
		if name, value, ok := strings.Cut(string(line), ": "); ok && c.header != nil {
			c.header.Set(name, value)
		}
	}
	if length < 0 && !chunked {
		return 0, false, errors.New("an answer without Content-Length")
	}
	return length, chunked, nil
}

// sample takes one step and returns the whole answer, for the floor to give.
func (l *load) sample(ctx context.Context) (*fixed, error) {
	c, err := dial(ctx, l.addr)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	c.header = http.Header{}
	if err := l.step(c, rand.New(rand.NewPCG(1, 1))); err != nil {
		return nil, err
	}
	// Every server writes these itself.
	c.header.Del("Date")
	c.header.Del("Transfer-Encoding")
	return &fixed{Header: c.header, Body: c.got}, nil
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// load is calls of getTicket for tickets drawn at random over all of a help
// desk, each with the key of somebody who may read the ticket.
type load struct {
	addr    string
	tickets int
	own     int // percent of calls by the ticket's own customer
}

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
			times, err := l.drive(ctx, c, calls/connections, until, rand.New(rand.NewPCG(seed, uint64(i))))
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

// drive makes calls through one connection.
func (l *load) drive(ctx context.Context, c *client, calls int, until time.Time, draw *rand.Rand) ([]time.Duration, error) {
	var times []time.Duration
	c.conn.SetDeadline(until.Add(30 * time.Second))
	for now := time.Now(); len(times) < max(1, calls) && now.Before(until) && ctx.Err() == nil; {
		id, key := l.pick(draw)
		answer, err := c.call(id, key)
		if err != nil {
			return times, fmt.Errorf("ticket %d: %w", id, err)
		}
		done := time.Now()
		times = append(times, done.Sub(now))
		if !bytes.Contains(answer, success) {
			return times, fmt.Errorf("ticket %d refused: %s", id, answer)
		}
		now = done
	}
	return times, nil
}

var success = []byte(">0</errorCode>")

// fits says whether body is the answer about that ticket.
func fits(body []byte, id int) bool {
	return bytes.Contains(body, success) && bytes.Contains(body, []byte(html.EscapeString(titleOf(id)))) &&
		bytes.Count(body, []byte("<item")) >= 3+5
}

// pick draws a ticket and the session key of a reader.
func (l *load) pick(draw *rand.Rand) (id int, key string) {
	id = readable(draw.IntN(max(1, l.tickets/2)))
	customer := customerOf(id, l.tickets)
	if draw.IntN(100) >= l.own {
		customer = chiefOf(customer)
	}
	return id, keyOf(customer)
}

// client is one connection. It does just enough of HTTP/1.1 for the answers
// of a net/http server, so that the load takes little of the processors.
type client struct {
	conn net.Conn
	in   *bufio.Reader
	sent []byte
	body []byte
}

func dial(ctx context.Context, addr string) (*client, error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 16<<10)}, nil
}

// The request as PHP's SoapClient sends it in RPC/encoded mode.
const (
	requestHead = "POST /scripts/SOAP?action=customer HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Keep-Alive\r\n" +
		"User-Agent: PHP-SOAP/8.2.36\r\nContent-Type: text/xml; charset=utf-8\r\nSOAPAction: \"\"\r\nContent-Length: "
	bodyToKey = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="urn:skranke:customer" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/" SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><SOAP-ENV:Body><ns1:getTicket><sessionKey xsi:type="xsd:string">`
	keyToID   = `</sessionKey><ticketId xsi:type="xsd:string">`
	bodyAfter = `</ticketId><ticketFields SOAP-ENC:arrayType="xsd:string[3]" xsi:type="ns1:ArrayOfString"><item xsi:type="xsd:string">ticket.title</item><item xsi:type="xsd:string">ticket.created_at</item><item xsi:type="xsd:string">ticket.category</item></ticketFields></ns1:getTicket></SOAP-ENV:Body></SOAP-ENV:Envelope>
`
)

// appendBody appends the body of the call.
func appendBody(b []byte, id int, key string) []byte {
	b = append(b, bodyToKey...)
	b = append(b, key...)
	b = append(b, keyToID...)
	b = strconv.AppendInt(b, int64(id), 10)
	return append(b, bodyAfter...)
}

// call makes a call and returns the body of the answer, good until the next call.
func (c *client) call(id int, key string) ([]byte, error) {
	c.body = appendBody(c.body[:0], id, key)
	c.sent = append(c.sent[:0], requestHead...)
	c.sent = strconv.AppendInt(c.sent, int64(len(c.body)), 10)
	c.sent = append(c.sent, "\r\n\r\n"...)
	c.sent = append(c.sent, c.body...)
	if _, err := c.conn.Write(c.sent); err != nil {
		return nil, err
	}
	length, err := c.readHead()
	if err != nil {
		return nil, err
	}
	if cap(c.body) < length {
		c.body = make([]byte, length)
	}
	c.body = c.body[:length]
	_, err = io.ReadFull(c.in, c.body)
	return c.body, err
}

var (
	statusOK      = []byte("HTTP/1.1 200 ")
	contentLength = []byte("Content-Length:")
)

// readHead reads the head of an answer and returns the length of its body.
func (c *client) readHead() (int, error) {
	length := -1
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if first && !bytes.HasPrefix(line, statusOK) {
			rest, _ := c.in.Peek(c.in.Buffered())
			return 0, fmt.Errorf("answered %s%s", line, rest)
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if bytes.HasPrefix(line, contentLength) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(contentLength):]))); err != nil {
				return 0, err
			}
		}
	}
	if length < 0 {
		return 0, errors.New("an answer without Content-Length")
	}
	return length, nil
}

// sample makes one call in the ordinary way and returns the whole answer, for
// the floor to give.
func (l *load) sample(ctx context.Context) (*fixed, error) {
	id := readable(max(1, l.tickets/2) / 2)
	body := appendBody(nil, id, keyOf(customerOf(id, l.tickets)))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.addr+"/scripts/SOAP?action=customer", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.Header.Set("SOAPAction", `""`)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	answer := &fixed{Header: got.Header}
	if answer.Body, err = io.ReadAll(got.Body); err != nil {
		return nil, err
	}
	if got.StatusCode != http.StatusOK || !fits(answer.Body, id) {
		return nil, fmt.Errorf("ticket %d: status %d, %s", id, got.StatusCode, answer.Body)
	}
	// Both servers write these themselves.
	answer.Header.Del("Date")
	answer.Header.Del("Content-Length")
	return answer, nil
}

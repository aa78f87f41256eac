package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"skranke"
)

// What a siege may cost: the memory the server takes under any attack, with the
// settings of a siege, and how much longer good calls take at the median under
// each attack alone. All of them together are shown and not bounded: a machine of
// two processors that runs them has little left for anybody.
const (
	siegeMemory  = 256 << 20
	siegeLatency = 2.0
)

// attack is what somebody does who means no good.
type attack struct {
	name  string
	each  int // connections
	drive func(ctx context.Context, addr string, n int) error
}

// attacks go on until ctx ends. An error ends a connection; then there is
// another one.
var attacks = []attack{
	{"idle connections", 5000, idleConnection},
	{"slow headers", 200, slowly("POST /soap/customer HTTP/1.1\r\nHost: x\r\nX-A: ")},
	{"slow bodies", 200, slowly("POST /soap/customer HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 1000000\r\n\r\n<?xml version=\"1.0\"?>")},
	{"bodies that never come", 200, slowly("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 1000000\r\n\r\n")},
	{"huge bodies", 50, hugeBodies("")},
	{"huge bodies of no XML", 50, hugeBodies("<<")},
	{"answers nobody reads", 100, deaf},
	{"inflated bodies", 50, atFullRate(inflated)},
	{"guessed passwords", 32, atFullRate(guessedPassword)},
	{"guesses from all over", 64, fromAllOver(1, guessedPassword)},
	{"guessed keys", 32, atFullRate(guessedKey)},
	{"malformed XML", 32, atFullRate(malformedXML)},
	{"strangers", 32, fromAllOver(128, guessedKey)},
}

func attackNames() []string {
	var names []string
	for _, a := range attacks {
		names = append(names, a.name)
	}
	return names
}

const besiegerRole = "besieger"

// besiege is the role of who attacks. Its arguments are the address and the
// names of the attacks. It begins to serve when all its connections were made
// once. It is less important than those it shares the machine with: what counts
// is what the attack costs the server, not what it costs to make.
func besiege(args []string, in io.Reader, out io.Writer) error {
	if err := syscall.Setpriority(syscall.PRIO_PGRP, 0, 19); err != nil {
		return err
	}
	addr := args[0]
	ctx, stop := context.WithCancel(context.Background())
	var made, all sync.WaitGroup
	for _, a := range attacks {
		if !slices.Contains(args[1:], a.name) {
			continue
		}
		for n := range a.each {
			made.Add(1)
			all.Go(func() {
				first := sync.OnceFunc(made.Done)
				defer first()
				for ctx.Err() == nil {
					err := a.drive(context.WithValue(ctx, firstKey{}, first), addr, n)
					first()
					if err != nil {
						pause(ctx, 50*time.Millisecond)
					}
				}
			})
		}
	}
	made.Wait()
	err := converse(in, out, addr, func(question) error { return errors.New("a besieger answers nothing") })
	stop()
	all.Wait()
	return err
}

// firstKey leads to what an attack calls when it has made its connection.
type firstKey struct{}

func pause(ctx context.Context, long time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(long):
	}
}

// connect makes a connection that ends with ctx.
func connect(ctx context.Context, addr string) (net.Conn, func(), error) {
	return connectFrom(ctx, nil, addr)
}

// connectFrom makes one from an address of this machine.
func connectFrom(ctx context.Context, from net.Addr, addr string) (net.Conn, func(), error) {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second, LocalAddr: from}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	ctx.Value(firstKey{}).(func())()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	return conn, func() { stop(); conn.Close() }, nil
}

// idleConnection says nothing, or is silent after an answer.
func idleConnection(ctx context.Context, addr string, n int) error {
	conn, end, err := connect(ctx, addr)
	if err != nil {
		return err
	}
	defer end()
	if n%2 == 0 {
		if _, err := io.WriteString(conn, "HEAD /soap/customer?wsdl HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return err
		}
	}
	_, err = io.Copy(io.Discard, conn)
	pause(ctx, time.Second) // closed by the server: there are too many
	return err
}

// slowly sends the beginning of a request and then a byte now and then.
func slowly(beginning string) func(context.Context, string, int) error {
	return func(ctx context.Context, addr string, _ int) error {
		conn, end, err := connect(ctx, addr)
		if err != nil {
			return err
		}
		defer end()
		for _, err = io.WriteString(conn, beginning); err == nil; _, err = conn.Write([]byte{'x'}) {
			pause(ctx, 100*time.Millisecond)
		}
		return err
	}
}

// hugeSize is how large a huge body is.
const hugeSize = 60 << 20

// hugeBodies sends files as fast as it can, with a key nobody has. They begin with
// begin, which may be what has them refused.
func hugeBodies(begin string) func(ctx context.Context, addr string, n int) error {
	return func(ctx context.Context, addr string, n int) error {
		conn, end, err := connect(ctx, addr)
		if err != nil {
			return err
		}
		defer end()
		head := begin + string(text(text(open(nil, "addAttachment", wrongKey(n)), "attachmentName", "x"), "contentType", "")) + "<data>"
		foot := string(shut([]byte("</data>"), "addAttachment"))
		piece := []byte(strings.Repeat("QUJD", 16<<10))
		pieces := hugeSize / len(piece)
		answers := bufio.NewReader(conn)
		for {
			_, err := fmt.Fprintf(conn, "POST /soap/customer HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", len(head)+pieces*len(piece)+len(foot), head)
			for n := 0; n < pieces && err == nil; n++ {
				_, err = conn.Write(piece)
			}
			if err == nil {
				_, err = io.WriteString(conn, foot)
			}
			if err == nil {
				err = readAnswer(answers)
			}
			if err != nil {
				return err
			}
		}
	}
}

// deaf asks for long answers and reads none.
func deaf(ctx context.Context, addr string, _ int) error {
	conn, end, err := connect(ctx, addr)
	if err != nil {
		return err
	}
	defer end()
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetReadBuffer(4 << 10)
	}
	for err == nil {
		_, err = io.WriteString(conn, strings.Repeat("GET /soap/customer?wsdl HTTP/1.1\r\nHost: x\r\n\r\n", 20))
	}
	return err
}

// atFullRate makes one call after the other.
func atFullRate(body func(n int) []byte) func(context.Context, string, int) error {
	return func(ctx context.Context, addr string, n int) error {
		conn, end, err := connect(ctx, addr)
		if err != nil {
			return err
		}
		defer end()
		for err == nil {
			err = callWith(conn, body(n))
		}
		return err
	}
}

// Loopback addresses from 127.1 on may call the server, those from 127.128 on
// may not.
var fromNear = skranke.Range{Port: skranke.PortCustomer, From: "127.1.0.0", To: "127.127.255.255"}

// fromAllOver makes a few calls from one of millions of loopback addresses,
// those from 127.first on, and then from another one.
func fromAllOver(first int, body func(n int) []byte) func(context.Context, string, int) error {
	return func(ctx context.Context, addr string, n int) error {
		from := &net.TCPAddr{IP: net.IPv4(127, byte(first+rand.IntN(127)), byte(rand.IntN(256)), byte(1+rand.IntN(250)))}
		conn, end, err := connectFrom(ctx, from, addr)
		if err != nil {
			return err
		}
		defer end()
		for range 20 {
			if err := callWith(conn, body(n)); err != nil {
				return err
			}
		}
		return nil
	}
}

// callWith makes a call and reads its answer.
func callWith(conn net.Conn, body []byte) error {
	request := fmt.Appendf(nil, "POST /soap/customer HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n%sContent-Length: %d\r\n\r\n", encoding(body), len(body))
	if _, err := conn.Write(append(request, body...)); err != nil {
		return err
	}
	return readAnswer(bufio.NewReader(conn))
}

// encoding is the header a compressed body needs.
func encoding(body []byte) string {
	if bytes.HasPrefix(body, []byte{0x1F, 0x8B}) {
		return "Content-Encoding: gzip\r\n"
	}
	return ""
}

func readAnswer(in *bufio.Reader) error {
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.Close {
		return io.EOF
	}
	return nil
}

func wrongKey(n int) string { return fmt.Sprintf("%08x%08x%016x", n, rand.Uint32(), rand.Uint64()) }

func guessedKey(n int) []byte { return appendGetTicket(nil, 1, wrongKey(n)) }

func guessedPassword(n int) []byte {
	b := append([]byte(envelope), "login>"...)
	b = text(text(b, "username", fmt.Sprintf("user%d.%d", n, rand.Uint32())), "password", "guess")
	return shut(b, "login")
}

// bomb is a huge body that is sent as a small one.
var bomb = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	z.Write(open(nil, "addAttachment", wrongKey(0)))
	fmt.Fprintf(z, "<data>%s", strings.Repeat("QUJD", hugeSize/4))
	z.Write(shut([]byte("</data>"), "addAttachment"))
	z.Close()
	return b.Bytes()
})

func inflated(int) []byte { return bomb() }

func malformedXML(n int) []byte {
	whole := appendGetTicket(nil, 1, wrongKey(n))
	return whole[:len(whole)-1-rand.IntN(len(whole)/2)]
}

// assault is what one attack did to the calls of somebody who means well.
type assault struct {
	Name    string   `json:"name"`
	Alone   bool     `json:"alone"` // nobody else attacked
	Calls   int      `json:"calls"`
	Under   quantile `json:"under"`
	Normal  quantile `json:"normal"` // just before, round by round
	Ratio50 float64  `json:"ratio_p50"`
	Ratio99 float64  `json:"ratio_p99"` // both of the round in the middle
	Peak    int64    `json:"peak"`      // memory of the server, at most
}

// quantile is how long calls took.
type quantile struct {
	P50 time.Duration `json:"p50"`
	P99 time.Duration `json:"p99"`
}

func quantiles(times []time.Duration) quantile {
	slices.Sort(times)
	return quantile{times[len(times)/2], times[len(times)*99/100]}
}

// sieges is what a siege has shown.
type sieges struct {
	Assaults      []assault `json:"assaults"`
	PerConnection int64     `json:"idle_connection_bytes"`
	Bound         int64     `json:"memory_bound"`
}

// breached tells what cost more than it may.
func (s *sieges) breached() error {
	var errs []error
	for _, a := range s.Assaults {
		if a.Peak > siegeMemory {
			errs = append(errs, fmt.Errorf("%s: the server took %d MiB, more than %d", a.Name, a.Peak>>20, siegeMemory>>20))
		}
		if a.Alone && a.Ratio50 > siegeLatency {
			errs = append(errs, fmt.Errorf("%s: good calls took %.2f times as long, more than %.1f", a.Name, a.Ratio50, siegeLatency))
		}
	}
	return errors.Join(errs...)
}

// siege lays siege to a server, with each attack alone and with all of them,
// while one caller reads tickets.
func siege(ctx context.Context, o *options) (all *sieges, err error) {
	if err := os.MkdirAll(o.cache, 0o700); err != nil {
		return nil, err
	}
	dir, err := helpDesk(ctx, o, o.sizes[0])
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp(o.cache, "siege-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	if err := os.CopyFS(scratch, os.DirFS(dir)); err != nil {
		return nil, err
	}
	server, err := start(ctx, skrankeRole, scratch, besieged)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	good := load{addr: server.addr, step: o.callers(o.sizes[0]).getTicket}
	if _, err := good.run(ctx, 1, o.calls, o.brief, 1); err != nil { // warms up
		return nil, err
	}
	all = &sieges{Bound: siegeMemory}
	if all.PerConnection, err = idleBytes(ctx, server, good); err != nil {
		return nil, err
	}
	o.say("  %d bytes an idle connection", all.PerConnection)
	for _, name := range o.only {
		one, err := o.assault(ctx, server, good, name, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all.Assaults = append(all.Assaults, one)
	}
	if len(o.only) < 2 {
		return all, nil
	}
	one, err := o.assault(ctx, server, good, "all of them", o.only...)
	all.Assaults = append(all.Assaults, one)
	return all, err
}

// idleConnections is how many are held to see what one takes.
const idleConnections = 2000

// idleBytes is what an idle connection takes of the server's memory, one that
// has made a call before.
func idleBytes(ctx context.Context, server *child, good load) (int64, error) {
	before, err := server.ask("rest", "")
	if err != nil {
		return 0, err
	}
	draw := rand.New(rand.NewPCG(1, 1))
	for range idleConnections {
		c, err := dial(ctx, good.addr)
		if err != nil {
			return 0, err
		}
		defer c.conn.Close()
		if err := good.step(c, draw); err != nil {
			return 0, err
		}
	}
	after, err := server.ask("rest", "")
	return (after.RSS - before.RSS) / idleConnections, err
}

// assault measures calls without and with attacks, in turn.
func (o *options) assault(ctx context.Context, server *child, good load, name string, attacks ...string) (assault, error) {
	a := assault{Name: name, Alone: len(attacks) == 1}
	if _, err := server.ask("rest", ""); err != nil {
		return a, err
	}
	var normal, under []time.Duration
	var ratios50, ratios99 []float64
	for round := range uint64(o.rounds) {
		if err := calm(ctx, server); err != nil {
			return a, err
		}
		before, err := good.run(ctx, 1, o.calls, o.brief, 2*round+2)
		if err != nil {
			return a, err
		}
		besieger, err := start(ctx, besiegerRole, append([]string{server.addr}, attacks...)...)
		if err != nil {
			return a, err
		}
		during, err := good.run(ctx, 1, o.calls, o.brief, 2*round+3)
		if err := errors.Join(err, besieger.stop()); err != nil {
			return a, err
		}
		normal, under = append(normal, before.times...), append(under, during.times...)
		b, u := quantiles(before.times), quantiles(during.times)
		ratios50 = append(ratios50, float64(u.P50)/float64(b.P50))
		ratios99 = append(ratios99, float64(u.P99)/float64(b.P99))
	}
	used, err := server.ask("usage", "")
	if err != nil {
		return a, err
	}
	slices.Sort(ratios50)
	slices.Sort(ratios99)
	a.Calls, a.Under, a.Normal, a.Peak = len(under), quantiles(under), quantiles(normal), used.Peak
	a.Ratio50, a.Ratio99 = ratios50[len(ratios50)/2], ratios99[len(ratios99)/2]
	o.say("  %-23s %6d good calls, p50 %.2f of normal (%.2f to %.2f), p99 %.2f (%.2f to %.2f); %d MiB", name, a.Calls,
		a.Ratio50, ratios50[0], ratios50[len(ratios50)-1], a.Ratio99, ratios99[0], ratios99[len(ratios99)-1], a.Peak>>20)
	return a, nil
}

// calm waits until the server has got over the last attack, so that what is
// normal is measured without it.
func calm(ctx context.Context, server *child) error {
	const glance, patience = 50 * time.Millisecond, 60
	last, err := server.ask("usage", "")
	for range patience {
		if err != nil {
			return err
		}
		pause(ctx, glance)
		var now usage
		if now, err = server.ask("usage", ""); err == nil && now.CPU-last.CPU < glance/10 {
			return ctx.Err()
		}
		last = now
	}
	return errors.Join(err, ctx.Err())
}

// writeSiege prints what a siege has shown.
func writeSiege(w io.Writer, all *sieges, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(all)
	}
	fmt.Fprintf(w, `
One caller reads tickets, one after another, while somebody on the same machine and at the same address attacks, and while
nobody does, in turn. The ratios are those of the round in the middle; at the median and under one attack it may be %.1f at most.
Memory is the most the server took; its bound is %d MiB. An idle connection, after a call, takes %.1f KiB of it.

`, siegeLatency, all.Bound>>20, float64(all.PerConnection)/1024)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "attack\tgood calls\tp50 ms\tnormally\tratio\tp99 ms\tnormally\tratio\tmemory MiB\t")
	for _, a := range all.Assaults {
		fmt.Fprintf(t, "%s\t%d\t%.3f\t%.3f\t%.2f\t%.3f\t%.3f\t%.2f\t%d\t\n", a.Name, a.Calls, milliseconds(a.Under.P50),
			milliseconds(a.Normal.P50), a.Ratio50, milliseconds(a.Under.P99), milliseconds(a.Normal.P99), a.Ratio99, a.Peak>>20)
	}
	return t.Flush()
}

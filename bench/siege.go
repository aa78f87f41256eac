package main

import (
	"bufio"
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
)

// siegeMemory is what the server may take under any attack, with the settings
// of a siege.
const siegeMemory = 256 << 20

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
	{"huge bodies", 50, hugeBodies},
	{"answers nobody reads", 100, deaf},
	{"guessed passwords", 32, atFullRate(guessedPassword)},
	{"guessed keys", 32, atFullRate(guessedKey)},
	{"malformed XML", 32, atFullRate(malformedXML)},
}

const besiegerRole = "besieger"

// besiege is the role of who attacks. Its arguments are the address and the
// names of the attacks. It begins to serve when all its connections were made
// once. It is less important than those it shares the machine with: what counts
// is what the attack costs the server, not what it costs to make.
func besiege(args []string, in io.Reader, out io.Writer) error {
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19); err != nil {
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
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", addr)
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

// hugeBodies sends files as fast as it can, with a key nobody has.
func hugeBodies(ctx context.Context, addr string, n int) error {
	conn, end, err := connect(ctx, addr)
	if err != nil {
		return err
	}
	defer end()
	head := string(text(text(open(nil, "addAttachment", wrongKey(n)), "attachmentName", "x"), "contentType", "")) + "<data>"
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
		answers := bufio.NewReader(conn)
		for err == nil {
			body := body(n)
			request := fmt.Appendf(nil, "POST /soap/customer HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n", len(body))
			if _, err = conn.Write(append(request, body...)); err == nil {
				err = readAnswer(answers)
			}
		}
		return err
	}
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

func malformedXML(n int) []byte {
	whole := appendGetTicket(nil, 1, wrongKey(n))
	return whole[:len(whole)-1-rand.IntN(len(whole)/2)]
}

// assault is what one attack did to the calls of somebody who means well.
type assault struct {
	Name     string        `json:"name"`
	Calls    int           `json:"calls"`
	P50, P99 time.Duration // of the calls
	Ratio50  float64       `json:"ratio_p50"` // to the calls just before
	Ratio99  float64       `json:"ratio_p99"`
	Peak     int64         `json:"peak"` // memory of the server, at most
}

// siege lays siege to a server, with each attack alone and with all of them,
// while one caller reads tickets.
func siege(ctx context.Context, o *options) (all []assault, err error) {
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
	if _, err := good.run(ctx, 1, o.calls, o.slot, 1); err != nil { // warms up
		return nil, err
	}
	var names []string
	for _, a := range attacks {
		names = append(names, a.name)
		one, err := o.assault(ctx, server, good, a.name, a.name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.name, err)
		}
		all = append(all, one)
	}
	one, err := o.assault(ctx, server, good, "all of them", names...)
	return append(all, one), err
}

func (o *options) assault(ctx context.Context, server *child, good load, name string, attacks ...string) (_ assault, err error) {
	if _, err := server.ask("rest", ""); err != nil {
		return assault{}, err
	}
	before, err := good.run(ctx, 1, o.calls, o.slot, 2)
	if err != nil {
		return assault{}, err
	}
	besieger, err := start(ctx, besiegerRole, append([]string{server.addr}, attacks...)...)
	if err != nil {
		return assault{}, err
	}
	defer func() { err = errors.Join(err, besieger.stop()) }()
	under, err := good.run(ctx, 1, o.calls, o.slot, 3)
	if err != nil {
		return assault{}, err
	}
	used, err := server.ask("usage", "")
	if err != nil {
		return assault{}, err
	}
	slices.Sort(before.times)
	slices.Sort(under.times)
	at := func(times []time.Duration, percent int) time.Duration { return times[len(times)*percent/100] }
	a := assault{Name: name, Calls: len(under.times), P50: at(under.times, 50), P99: at(under.times, 99), Peak: used.Peak}
	a.Ratio50 = float64(a.P50) / float64(at(before.times, 50))
	a.Ratio99 = float64(a.P99) / float64(at(before.times, 99))
	o.say("  %-21s %6d good calls, p50 %v, normally %v; %d MiB", name, a.Calls, a.P50, at(before.times, 50), a.Peak>>20)
	return a, nil
}

// writeSiege prints what a siege has shown.
func writeSiege(w io.Writer, all []assault, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(all)
	}
	fmt.Fprintf(w, `
One caller reads tickets, one after another, while somebody on the same machine and at the same address attacks. Of it is
the time of a call under the attack by that just before it. Memory is the most the server took; it may take %d MiB.

`, siegeMemory>>20)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "attack\tgood calls\tp50 ms\tp99 ms\tof it p50\tp99\tmemory MiB\t")
	for _, a := range all {
		fmt.Fprintf(t, "%s\t%d\t%.3f\t%.3f\t%.2f\t%.2f\t%d\t\n", a.Name, a.Calls, milliseconds(a.P50), milliseconds(a.P99), a.Ratio50, a.Ratio99, a.Peak>>20)
	}
	return t.Flush()
}

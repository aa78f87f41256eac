package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// town is two servers on one database, callers of both, and tickets that the
// clock is to escalate.
type town struct {
	t        *testing.T
	places   [2]*place
	servers  [2]*process
	ledger   *ledger
	callers  []*caller
	clockers []string // tickets nobody but the clock touches
}

// callersEach is how many call each of the two servers.
const callersEach = 2

// found makes the installation, whose database is found at two addresses.
func found(t *testing.T, databases [2]string) *town {
	t.Helper()
	dir := t.TempDir()
	w := &town{t: t}
	for i := range w.places {
		w.places[i] = &place{program: program, data: filepath.Join(dir, "data"), mails: filepath.Join(dir, "mails"), database: databases[i]}
	}
	p, clock := w.places[0], 2*callersEach+1
	if err := p.furnish(t.Context(), clock); err != nil {
		t.Fatal(err)
	}
	w.ledger = newLedger(clock)
	w.ledger.doubtful = true
	script := filepath.Join(dir, "late.js")
	if err := os.WriteFile(script, []byte(`ticket.addMessage({ticket: Number(getVariable("ticketId")), body: "late-" + getVariable("ticketId") + " with 0"});`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"script", "set", "-file", script, "late"}, {"priority", "set", "-levels", `[{"level":1,"timeout":600,"script":1}]`, "1"}} {
		if _, err := p.do(t.Context(), "", args...); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range w.places {
		server, err := p.start()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { server.cmd.Process.Kill(); <-server.done })
		if err := server.await(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.servers[i] = server
	}
	var token atomic.Int64
	for n := range clock {
		c := &caller{
			number: n + 1, base: w.servers[n%2].base, client: &http.Client{Transport: &http.Transport{}}, ledger: w.ledger,
			rand: rand.New(rand.NewPCG(1, uint64(n))), tokens: func() string { return fmt.Sprintf("t%d-%d", n+1, token.Add(1)) },
		}
		if err := c.logIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.callers = append(w.callers, c)
	}
	c := w.callers[clock-1]
	w.callers = w.callers[:clock-1]
	for range 12 {
		if err := c.newTicket(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.clockers = c.tickets
	return w
}

// windUp has the clock find one ticket after the other from now on.
func (w *town) windUp(database *storetest.Server) {
	w.t.Helper()
	database.Query(fmt.Sprintf(`UPDATE ticket SET alert_timeout = CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT) + (id - %s) * 500
		WHERE id IN (%s)`, w.clockers[0], strings.Join(w.clockers, ", ")))
}

// load is what the callers do until it ends: one write after the other, and a
// read after each, whatever becomes of the database. Each call must be answered,
// with 0 or 7.
type load struct {
	*town
	ended chan struct{}
	done  sync.WaitGroup

	mu      sync.Mutex
	acks    map[*caller]int // writes that were acknowledged
	refused map[string]int  // calls that were answered with 7, by method
	slowest time.Duration
	failure error
}

func (w *town) begin() *load {
	l := &load{town: w, ended: make(chan struct{}), acks: map[*caller]int{}, refused: map[string]int{}}
	for _, c := range w.callers {
		l.done.Go(func() { l.work(c) })
	}
	w.t.Cleanup(l.end)
	return l
}

func (l *load) work(c *caller) {
	defer c.client.CloseIdleConnections()
	for {
		l.make(c, c.write, 1)
		if len(c.tickets) > 0 {
			l.make(c, func(ctx context.Context) error {
				_, err := c.call(ctx, "customer", "getTicket", "sessionKey", c.customer, "ticketId", c.ticket(), "ticketFields*", "<item>ticket.title</item>")
				return err
			}, 0)
		}
		select {
		case <-l.ended:
			return
		default:
		}
	}
}

func (l *load) make(c *caller, call func(context.Context) error, worth int) {
	start := time.Now()
	err := call(context.Background())
	took := time.Since(start)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slowest = max(l.slowest, took)
	var r *refusal
	switch {
	case err == nil:
		l.acks[c] += worth
	case errors.As(err, &r) && r.code == "7":
		l.refused[r.method]++
	case l.failure == nil:
		l.failure = fmt.Errorf("a call of customer %d, after %v: %w", c.number, took, err)
	}
}

// progress waits until each caller has made so many more writes, and says how
// long that took.
func (l *load) progress(writes int) time.Duration {
	l.t.Helper()
	start := time.Now()
	l.mu.Lock()
	before := maps.Clone(l.acks)
	l.mu.Unlock()
	for ; ; time.Sleep(2 * time.Millisecond) {
		behind := 0
		l.mu.Lock()
		for _, c := range l.callers {
			if l.acks[c] < before[c]+writes {
				behind++
			}
		}
		failure := l.failure
		l.mu.Unlock()
		switch {
		case failure != nil:
			l.t.Fatalf("%v; the servers said: %s%s", failure, l.servers[0].log(), l.servers[1].log())
		case behind == 0:
			return time.Since(start)
		case time.Since(start) > startTime:
			l.t.Fatalf("%d callers do not get on, refused %v; the servers said: %s%s", behind, l.refused, l.servers[0].log(), l.servers[1].log())
		}
	}
}

// end lets all calls end.
func (l *load) end() {
	select {
	case <-l.ended:
	default:
		close(l.ended)
	}
	l.done.Wait()
}

// settle ends the load, waits until the clock and the mail have done theirs, stops
// the servers and looks whether everything is there once.
func (l *load) settle(database *storetest.Server) {
	t := l.t
	t.Helper()
	l.end()
	if l.failure != nil {
		t.Error(l.failure)
	}
	ids := strings.Join(l.clockers, ", ")
	database.Await("SELECT COUNT(*) FROM ticket WHERE alert_level = 1 AND alert_timeout IS NULL AND id IN ("+ids+")", fmt.Sprint(len(l.clockers)))
	// What was claimed by a write whose answer was lost is left until the claim ends.
	database.Await("SELECT COUNT(*) FROM script_run WHERE leased_until IS NULL", "0")
	database.Await("SELECT COUNT(*) FROM outbox WHERE leased_until IS NULL", "0")
	for _, server := range l.servers {
		if err := server.stop(); err != nil {
			t.Error(err)
		}
	}
	s := &soaking{options: &options{}, place: &place{data: l.places[0].data, mails: l.places[0].mails, database: database.URL()}, ledger: l.ledger}
	_, leased, err := s.waiting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	faults, twice, err := l.ledger.sent(l.places[0].mails, leased)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.everything(t.Context()); err != nil {
		t.Fatal(err)
	}
	faults = append(faults, s.sum.faults...)
	if len(faults) > 0 || twice > 0 {
		t.Errorf("got %d mails twice, %q, want no fault", twice, faults)
	}
	l.escalated(database, s)
	t.Logf("%d acknowledged writes, %v answers of 7, the slowest call took %v, %d mails and %s scripts are left to the end of a claim", l.ledger.acks, l.refused,
		l.slowest.Round(time.Millisecond), len(leased), database.Query("SELECT COUNT(*) FROM script_run"))
}

// escalated looks whether the clock has done everything once.
func (l *load) escalated(database *storetest.Server, s *soaking) {
	t := l.t
	t.Helper()
	db, err := store.Inspect(t.Context(), s.store())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const escalated = 9 // as the log names it
	times := map[skranke.TicketID]int{}
	err = db.Read(t.Context(), func(tx *store.ReadTx) error {
		return tx.EachLog(t.Context(), store.LogFilter{}, func(e *store.LogEntry) error {
			if e.Action == escalated {
				times[e.Ticket]++
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(times) != len(l.clockers) {
		t.Errorf("got %v, want the %d tickets %v to be escalated", times, len(l.clockers), l.clockers)
	}
	for ticket, n := range times {
		if n != 1 {
			t.Errorf("ticket %d was escalated %d times", ticket, n)
		}
	}
}

// relay stands at an address of its own before a database, which may come and go.
func relay(t *testing.T, database *storetest.Server) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				server, err := net.Dial("unix", database.Socket())
				if err != nil {
					return
				}
				defer server.Close()
				go func() {
					io.Copy(server, client)
					server.Close()
				}()
				io.Copy(client, server)
			}()
		}
	}()
	return ln.Addr().String()
}

// A database that is restarted, with and without a farewell, is come back to.
// Nothing acknowledged is lost, nothing is done twice.
func TestPostgresRestart(t *testing.T) {
	t.Parallel()
	database := storetest.NewServer(t)
	database.Init()
	w := found(t, [2]string{database.URL(), "postgres://skranke@" + relay(t, database) + "/skranke?sslmode=disable"})
	l := w.begin()
	w.windUp(database)
	l.progress(5)
	for _, mode := range []string{"fast", "immediate", "fast", "immediate"} {
		start := time.Now()
		database.Restart(mode)
		restarted := time.Since(start)
		l.progress(1)
		t.Logf("restart -m %s took %v, after %v everybody has written", mode, restarted.Round(time.Millisecond), time.Since(start).Round(time.Millisecond))
		l.progress(4)
	}
	l.settle(database)
}

// A primary that dies is replaced by its standby. Nothing acknowledged is lost,
// nothing is done twice, and the former primary is left alone when it is back.
func TestPostgresFailOver(t *testing.T) {
	t.Parallel()
	a, b := storetest.NewServer(t), storetest.NewServer(t)
	a.Init()
	b.Follow(a)
	w := found(t, [2]string{
		strings.Replace(a.URL(b), "=any", "=read-write", 1),
		"postgres://skranke@" + relay(t, a) + "," + relay(t, b) + "/skranke?sslmode=disable&target_session_attrs=read-write",
	})
	l := w.begin()
	w.windUp(a)
	l.progress(10)

	start := time.Now()
	a.Kill()
	b.Promote()
	promoted := time.Since(start)
	l.progress(1)
	t.Logf("the standby took over %v after the end of the primary, after %v everybody has written", promoted.Round(time.Millisecond), time.Since(start).Round(time.Millisecond))
	l.progress(10)

	// The former primary comes back as if nothing had happened, waiting for no standby.
	a.Free()
	a.Start()
	before := a.Query("SELECT CONCAT((SELECT MAX(id) FROM action_log), ' ', (SELECT COUNT(*) FROM message))")
	for range 3 {
		hangUp(b)
		l.progress(2)
	}
	if after := a.Query("SELECT CONCAT((SELECT MAX(id) FROM action_log), ' ', (SELECT COUNT(*) FROM message))"); after != before {
		t.Errorf("got %s in the former primary, want %s: it was written to", after, before)
	}

	// It comes back as a standby.
	a.Kill()
	a.Follow(b)
	for range 3 {
		hangUp(b)
		l.progress(2)
	}
	l.settle(b)
}

// hangUp ends all sessions of skranke.
func hangUp(database *storetest.Server) {
	database.Query("SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'skranke'")
}

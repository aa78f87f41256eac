package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/server"
)

func TestMain(m *testing.M) {
	if role := roleOf(os.Args); role != nil { // this binary is its own child
		if err := role(os.Args[2:], os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// The whole run, with little of everything: it ends, every call is answered
// well, and it says something of every server. How fast is not for a test.
func TestRun(t *testing.T) {
	cache, profiles := t.TempDir(), t.TempDir()
	var table, progress bytes.Buffer
	small := []string{"-tickets", "30,200", "-connections", "1,2", "-rounds", "1", "-slot", "20ms", "-brief", "20ms", "-settle", "0",
		"-calls", "50", "-entries", "100", "-file", "100", "-cache", cache}
	if err := run(t.Context(), append(small, "-profile", profiles), &table, &progress); err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	for _, want := range []string{"floor", "findTickets: company's", "faq_findEntries: two words", "newTicket, addMessage", "agent's findTickets: newest 50", "agent's newTicket, addMessage3", "getAttachment", "base64 -d"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("nothing of %s:\n%s", want, &table)
		}
	}
	for _, name := range []string{"cpu.pprof", "allocs.pprof"} {
		if info, err := os.Stat(filepath.Join(profiles, name)); err != nil || info.Size() == 0 {
			t.Errorf("profile %s: got %v, %v", name, info, err)
		}
	}

	progress.Reset()
	var out bytes.Buffer
	if err := run(t.Context(), append(small, "-json"), &out, &progress); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(progress.String(), "made") {
		t.Errorf("made the help desks twice:\n%s", &progress)
	}
	var got struct {
		Rows   []row
		Trials []trow
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Rows) != 6 {
		t.Fatalf("got %d rows, want 3 servers with 1 and 2 connections", len(got.Rows))
	}
	for _, r := range got.Rows {
		if r.PerSecond.Median <= 0 || r.CPU.Median <= 0 || r.Allocs <= 0 || r.IdleRSS <= 0 || (r.Tickets > 0) != (r.Ratio != nil) {
			t.Errorf("got %+v", r)
		}
	}
	if len(got.Trials) != 5*2+4*2+3+3*2+2 {
		t.Fatalf("got %d trials, want 9 searches of 2 help desks, 3 of the FAQ, 3 writes by 1 and 16 callers, and a file up and down", len(got.Trials))
	}
	for _, r := range got.Trials {
		if r.PerSecond.Median <= 0 || r.CPU.Median <= 0 || r.Ratio.Median <= 0 || r.P50 <= 0 || (r.Yardstick == yardFloor) != (r.Answer > 0) {
			t.Errorf("got %+v", r)
		}
	}
	left, err := filepath.Glob(filepath.Join(cache, "scratch*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Every regular has 50 tickets of his own, behind those of the others.
func TestRegulars(t *testing.T) {
	for _, tickets := range []int{30, 1_000, 20_000} {
		has := make(map[int]bool)
		for n := range regularCount(tickets) {
			for k := range ticketsPerRegular {
				has[ticketOf(n, k, tickets)] = true
			}
		}
		for id := tickets + 1; id <= tickets+ticketsPerRegular*regularCount(tickets); id++ {
			if !has[id] {
				t.Errorf("%d tickets: ticket %d is nobody's", tickets, id)
			}
		}
		if len(has) != ticketsPerRegular*regularCount(tickets) {
			t.Errorf("%d tickets: got %d of regulars", tickets, len(has))
		}
	}
}

// What was not asked for is neither measured nor printed.
func TestOnly(t *testing.T) {
	var table, progress bytes.Buffer
	args := []string{"-only", "faq", "-tickets", "30,200", "-rounds", "1", "-brief", "10ms", "-settle", "0", "-entries", "100", "-cache", t.TempDir()}
	if err := run(t.Context(), args, &table, &progress); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(table.String(), "getTicket:") || strings.Contains(table.String(), "fsync") || strings.Count(table.String(), "faq_findEntries: ") != 3 {
		t.Errorf("got\n%s", &table)
	}
	if strings.Contains(progress.String(), "made 200") {
		t.Errorf("made a help desk for nothing:\n%s", &progress)
	}
}

func TestFlagsThatCannotBe(t *testing.T) {
	for _, args := range [][]string{{"-tickets", "0"}, {"-connections", "1,x"}, {"-own", "101"}, {"-rounds", "0"}, {"-only", "login"}, {"-entries", "0"}, {"again"}} {
		if _, err := parse(args, io.Discard); err == nil {
			t.Errorf("%q: got no error", args)
		}
	}
}

// Every ticket has a customer who is there, and a chief of the same company.
func TestWhoReads(t *testing.T) {
	for _, tickets := range []int{1, 9, 30, 1_000, 10_005, 20_000} {
		has := make(map[int]int)
		for id := 1; id <= tickets; id++ {
			customer := customerOf(id, tickets)
			if customer < 1 || customer > customerCount(tickets) {
				t.Fatalf("ticket %d of %d: got customer %d of %d", id, tickets, customer, customerCount(tickets))
			}
			if chief := chiefOf(customer); (chief-1)/customersPerCompany != (customer-1)/customersPerCompany {
				t.Fatalf("customer %d: got chief %d of another company", customer, chief)
			}
			has[customer]++
		}
		if tickets%blockSize == 0 && has[1] != ticketsPerCustomer {
			t.Errorf("%d tickets: customer 1 has %d", tickets, has[1])
		}
	}
}

const benchTickets = 2_000

// openDesk opens a help desk, with what a server does beside the calls.
func openDesk(b *testing.B) *server.Server {
	b.Helper()
	o := &options{cache: b.TempDir(), entries: entriesPerFolder, progress: io.Discard}
	dir, err := helpDesk(b.Context(), o, benchTickets)
	if err != nil {
		b.Fatal(err)
	}
	s, err := openServer(b.Context(), dir)
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(b.Context()))
	var running sync.WaitGroup
	running.Go(func() { s.Desk.Run(ctx) })
	b.Cleanup(func() {
		stop()
		running.Wait()
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

var fields = []string{"ticket.title", "ticket.created_at", "ticket.category"}

// BenchmarkDeskResume finds out who a key belongs to.
func BenchmarkDeskResume(b *testing.B) {
	s := openDesk(b)
	draw := rand.New(rand.NewPCG(1, 1))
	b.ReportAllocs()
	for b.Loop() {
		key := keyOf(1 + draw.IntN(customerCount(benchTickets)))
		if _, err := s.Desk.Resume(b.Context(), key, desk.ForCustomer); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDeskTicket reads a ticket as its customer, in process.
func BenchmarkDeskTicket(b *testing.B) {
	s := openDesk(b)
	draw := rand.New(rand.NewPCG(1, 1))
	b.ReportAllocs()
	for b.Loop() {
		id := readable(draw.IntN(benchTickets / 2))
		actor := desk.Actor{Customer: skranke.CustomerID(customerOf(id, benchTickets))}
		view, err := s.Desk.Ticket(b.Context(), actor, skranke.TicketID(id), fields)
		if err != nil || len(view.Fields) != 3 || len(view.Messages) != 5 {
			b.Fatalf("ticket %d: got %+v, %v", id, view, err)
		}
	}
}

// BenchmarkPortsGetTicket makes whole calls without a network: the handler reads
// the envelope and writes the answer.
func BenchmarkPortsGetTicket(b *testing.B) {
	s := openDesk(b)
	one := getTicketCaller(b, s)
	b.ReportAllocs()
	for b.Loop() {
		one()
	}
}

func BenchmarkPortsGetTicketParallel(b *testing.B) {
	s := openDesk(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for one := getTicketCaller(b, s); pb.Next(); {
			one()
		}
	})
}

// getTicketCaller makes a function that calls getTicket for a ticket at random.
func getTicketCaller(b *testing.B, s *server.Server) func() {
	l := callers{tickets: benchTickets, own: 75}
	draw := rand.New(rand.NewPCG(rand.Uint64(), 1))
	var body []byte
	var reader bytes.Reader
	answer := timed{httptest.NewRecorder()}
	r, err := http.NewRequestWithContext(context.WithoutCancel(b.Context()), http.MethodPost, "/scripts/SOAP?action=customer", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.Header.Set("SOAPAction", `""`)
	r.RemoteAddr = "127.0.0.1:1234"
	r.Body = io.NopCloser(&reader)
	return func() {
		id, key := l.pick(draw)
		body = appendGetTicket(body[:0], id, key)
		reader.Reset(body)
		r.ContentLength = int64(len(body))
		answer.Body.Reset()
		clear(answer.Header())
		s.Handler().ServeHTTP(answer, r)
		if answer.Code != http.StatusOK || !bytes.Contains(answer.Body.Bytes(), success) {
			b.Errorf("ticket %d: got %d %s", id, answer.Code, answer.Body)
		}
	}
}

// timed is a recorder that takes deadlines, as connections do.
type timed struct{ *httptest.ResponseRecorder }

func (timed) SetReadDeadline(time.Time) error  { return nil }
func (timed) SetWriteDeadline(time.Time) error { return nil }

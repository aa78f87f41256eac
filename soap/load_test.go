package soap_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"skranke/soap"
)

// A body must come at a pace, even if it never stops coming.
func TestPace(t *testing.T) {
	_, s := serve(t, soap.Options{Limits: soap.Limits{Grace: 100 * time.Millisecond, Rate: 1 << 30}})
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(hangs))
	fmt.Fprintf(conn, "POST /soap/customer HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 1000000\r\n\r\n<?xml")
	go func() {
		for _, err := conn.Write([]byte(" ")); err == nil; _, err = conn.Write([]byte(" ")) {
			time.Sleep(time.Millisecond)
		}
	}()
	answer := make([]byte, 4096)
	n, err := io.ReadAtLeast(conn, answer, 500)
	if got := string(answer[:n]); !strings.Contains(got, "the request came too slowly") {
		t.Errorf("got %q (%v), want a fault", got, err)
	}
}

// Where too many bodies are being read a further call is told to come again.
func TestCrowded(t *testing.T) {
	_, s := serve(t, soap.Options{Limits: soap.Limits{Reading: 1}})
	var slow []net.Conn
	begin := func() { // a body that does not end; it may come while a call is read, and be refused itself
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		slow = append(slow, conn)
		fmt.Fprintf(conn, "POST /soap/customer HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<")
	}
	call := func() reply { return send(t, "POST", s.URL+"/soap/customer", envelope("<n:logout/>")) }
	until := time.Now().Add(hangs)
	begin()
	r := call()
	for ; r.status == 200; r = call() {
		if begin(); time.Now().After(until) {
			t.Fatal("nothing is refused")
		}
	}
	if got := faultText(t, r, "Server"); got != "the server is busy: try again in a moment" || r.header.Get("Retry-After") == "" {
		t.Errorf("got %q, Retry-After %q", got, r.header.Get("Retry-After"))
	}
	for _, conn := range slow {
		conn.Close()
	}
	for r = call(); r.status != 200; r = call() {
		if time.Now().After(until) {
			t.Fatal("everything is refused")
		}
	}
}

// Whoever guesses gets the same answers, but late, and others are not concerned.
func TestGuessesAreSlowedDown(t *testing.T) {
	const penalty = 300 * time.Millisecond
	l, s := serve(t, soap.Options{
		Guess:  func(code string) bool { return code == "2" },
		Limits: soap.Limits{BadCalls: 2, Penalty: penalty},
	})
	call := func(body string) (reply, time.Duration) {
		began := time.Now()
		r := send(t, "POST", s.URL+"/soap/customer", body)
		return r, time.Since(began)
	}
	guess := envelope("<n:logout><sessionKey>guess</sessionKey></n:logout>")
	l.err = codeError("2")
	for i := range 4 {
		r, took := call(guess)
		if r.status != 200 || !strings.Contains(r.body, ">2</errorCode>") {
			t.Fatalf("got %s", r.body)
		}
		if i >= 2 && took < penalty {
			t.Errorf("guess %d was answered within %v", i, took)
		}
	}
	if r, took := call("no XML"); took < penalty || r.status != 500 {
		t.Errorf("garbage: got status %d within %v", r.status, took)
	}
	l.mu.Lock()
	l.err = nil
	l.mu.Unlock()
	if r, _ := call(guess); r.status != 200 {
		t.Errorf("a good call: got %s", r.body)
	}
}

// Large parameters have only so much of the disk.
func TestSpoolIsBounded(t *testing.T) {
	dir := t.TempDir()
	_, s := serve(t, soap.Options{SpoolDir: dir, Limits: soap.Limits{Spool: 1 << 20, SpoolEach: 1 << 20}})
	data := func(size int) string { return base64.StdEncoding.EncodeToString(make([]byte, size)) }
	for _, c := range []struct {
		call string
		ok   bool
	}{
		{"<data>" + data(900_000) + "</data></n:addAttachment>", true},
		{"<data>" + data(1_200_000) + "</data></n:addAttachment>", false},
		{`<data href="#d"/></n:addAttachment><x id="d">` + data(1_200_000) + "</x>", false},
		{`<data href="#d"/></n:addAttachment><x id="d">` + data(300_000) + "</x>", true},
		{"<data>" + data(900_000) + "</data></n:addAttachment>", true},
	} {
		r := send(t, "POST", s.URL+"/soap/customer", envelope("<n:addAttachment>"+c.call))
		if c.ok && r.status != 200 {
			t.Errorf("%d bytes: got %s", len(c.call), r.body)
		}
		if !c.ok && !strings.Contains(faultText(t, r, "Server"), "try again") {
			t.Errorf("%d bytes: got %s", len(c.call), r.body)
		}
	}
	for until := time.Now().Add(hangs); ; time.Sleep(time.Millisecond) {
		left, err := os.ReadDir(dir)
		if err == nil && len(left) == 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("left behind: %v, %v", left, err)
		}
	}
}

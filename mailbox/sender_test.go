package mailbox_test

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"skranke"
	"skranke/desk"
	"skranke/mailbox"
)

var update = flag.Bool("update", false, "rewrite golden files")

var toKari = desk.MessageDraft{Body: "b", To: []string{"kari@acme.example"}}

// A server that is busy gets the mail later, at growing intervals.
func TestBusyServer(t *testing.T) {
	for _, where := range []string{"MAIL", "kari@acme.example", "DATA"} {
		w := newWorld(t)
		office := openPostOffice(t)
		sender := w.sender(office)
		office.answer(where, 451, "try again later")
		w.message(toKari)
		before := time.Duration(0)
		for n := 1; n <= 3; n++ {
			w.deliver(sender)
			w.deliver(sender) // not due yet
			e := w.only()
			wait := e.Due.Sub(w.now())
			if e.Attempts != n || e.Parked || !strings.Contains(e.LastError, `451 "try again later"`) || wait <= before {
				t.Errorf("%s: after %d attempts: got %+v", where, n, e)
			}
			before = wait
			w.advance(wait)
		}
		office.answer(where, 0, "")
		w.deliver(sender)
		if len(office.got()) != 1 || len(w.outbox()) != 0 {
			t.Errorf("%s: got %d mails and %d in the outbox, want one mail", where, len(office.got()), len(w.outbox()))
		}
	}
}

// A mail that was tried for too long is given up, and tried anew when asked to.
func TestGivenUp(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	sender := w.sender(office)
	office.answer("DATA", 451, "later")
	w.message(toKari)
	w.advance(100 * 24 * time.Hour) // waiting for somebody to deliver it does not count
	began := w.now()
	for !func() bool { w.deliver(sender); return w.only().Parked }() {
		w.advance(w.only().Due.Sub(w.now()))
	}
	if age := w.now().Sub(began); age < 66*time.Hour || age > 72*time.Hour {
		t.Errorf("given up after %v, want nearly 72 hours", age)
	}
	if n := w.only().Attempts; n < 15 || n > 40 {
		t.Errorf("tried %d times", n)
	}
	w.advance(100 * time.Hour)
	w.deliver(sender)
	if len(office.got()) != 0 {
		t.Error("a parked mail was sent")
	}
	office.answer("DATA", 0, "")
	if _, err := w.desk.RetryMail(t.Context(), w.only().ID+1); err == nil {
		t.Error("retrying a mail there is not: got no error")
	}
	if n, err := w.desk.RetryMail(t.Context(), w.only().ID); n != 1 || err != nil {
		t.Errorf("got %d, %v, want one", n, err)
	}
	w.deliver(sender)
	if len(office.got()) != 1 {
		t.Errorf("got %d mails, want one", len(office.got()))
	}
}

// Each try is told with how it went.
func TestObservedDeliveries(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	var told []mailbox.Delivery
	sender := w.sender(office, func(o *mailbox.Options) { o.Observe = func(d mailbox.Delivery) { told = append(told, d) } })
	w.message(toKari)
	id := w.only().ID
	for _, c := range []struct {
		code int
		want mailbox.Outcome
	}{{451, mailbox.PutOff}, {550, mailbox.Refused}, {0, mailbox.Sent}} {
		office.answer("DATA", c.code, "no")
		w.deliver(sender)
		last := told[len(told)-1]
		if last.Mail != id || last.Outcome != c.want || last.Start.IsZero() || last.Duration <= 0 {
			t.Errorf("%d: got %+v, want %s of mail %d", c.code, last, c.want, id)
		}
		if c.want == mailbox.Refused {
			if _, err := w.desk.RetryMail(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		} else if c.want == mailbox.PutOff {
			w.advance(w.only().Due.Sub(w.now()))
		}
	}
	if w.deliver(sender); len(told) != 3 {
		t.Errorf("got %d tries, want 3", len(told))
	}
}

// What a server refuses for good is parked at once, and says why.
func TestRefusedForGood(t *testing.T) {
	for _, where := range []string{"MAIL", "kari@acme.example", "DATA"} {
		w := newWorld(t)
		office := openPostOffice(t)
		office.answer(where, 550, "no such thing\r\n550 "+strings.Repeat("x", 1000))
		w.message(toKari)
		w.message(desk.MessageDraft{Body: "b", To: []string{"ola@acme.example"}})
		w.deliver(w.sender(office))
		parked := 0
		for _, e := range w.outbox() {
			if e.Parked {
				parked++
			}
			if !e.Parked || !strings.Contains(e.LastError, "550 ") || len(e.LastError) > 400 || strings.ContainsAny(e.LastError, "\r\n") {
				t.Errorf("%s: got %+v", where, e)
			}
		}
		want := 2
		if strings.Contains(where, "@") {
			want = 1 // the other one arrives, over the same connection
		}
		if parked != want || len(office.got()) != 2-want {
			t.Errorf("%s: got %d parked and %d mails, want %d parked", where, parked, len(office.got()), want)
		}
		w.advance(1000 * time.Hour)
		w.deliver(w.sender(office))
		if len(office.got()) != 2-want {
			t.Errorf("%s: a parked mail was sent", where)
		}
	}
}

// Of several recipients each gets the mail once, whatever becomes of the others.
func TestSomeRecipientsRefused(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	sender := w.sender(office)
	office.answer("ola@acme.example", 550, "no mailbox here")
	office.answer("siv@acme.example", 552, "mailbox full") // which RFC 5321 wants taken for 452
	w.message(desk.MessageDraft{Body: "b", To: []string{"kari@acme.example", "ola@acme.example"}, Bcc: []string{"siv@acme.example"}})
	w.deliver(sender)
	e := w.only()
	same(t, "left", e.Mail.Recipients(), []string{"ola@acme.example", "siv@acme.example"})
	if e.Parked || !strings.Contains(e.LastError, "no mailbox") || !strings.Contains(e.LastError, "mailbox full") {
		t.Errorf("got %+v, want it to wait for siv", e)
	}
	office.answer("siv@acme.example", 0, "")
	w.advance(time.Hour)
	w.deliver(sender)
	if e = w.only(); !e.Parked {
		t.Errorf("got %+v, want it parked for ola", e)
	}
	same(t, "left", e.Mail.Recipients(), []string{"ola@acme.example"})
	mails := office.got()
	if len(mails) != 2 {
		t.Fatalf("got %d mails, want two", len(mails))
	}
	same(t, "first", mails[0].to, []string{"kari@acme.example"})
	same(t, "second", mails[1].to, []string{"siv@acme.example"})
	if strings.Contains(string(mails[1].raw), "siv@") || string(mails[0].raw) != string(mails[1].raw) {
		t.Error("the copies differ, or bcc shows")
	}
}

func TestManyRecipients(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t, func(s *smtp.Server) { s.MaxRecipients = 100 })
	var to []string
	for n := range 250 {
		to = append(to, fmt.Sprintf("c%d@acme.example", n))
	}
	w.message(desk.MessageDraft{Body: "b", Bcc: to})
	w.deliver(w.sender(office))
	var got []string
	for _, m := range office.got() {
		got = append(got, m.to...)
	}
	same(t, "recipients", got, to)
	if len(w.outbox()) != 0 {
		t.Errorf("got %+v left", w.only())
	}
}

func TestNobodyListens(t *testing.T) {
	w := newWorld(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	w.message(toKari)
	w.message(toKari)
	sender := w.sender(&postOffice{addr: ln.Addr().String()})
	if err := sender.Deliver(t.Context()); err == nil {
		t.Error("got no error")
	}
	list := w.outbox()
	if len(list) != 2 || list[0].Attempts != 1 || list[0].Parked || list[1].Attempts != 0 || !strings.Contains(list[0].LastError, "refused") {
		t.Errorf("got %+v, want both waiting and only one tried", list)
	}
	ln, err = net.Listen("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	office := openPostOfficeOn(t, ln)
	w.advance(5 * time.Minute)
	w.deliver(sender)
	if len(office.got()) != 2 {
		t.Errorf("when it is back: got %d mails, want 2", len(office.got()))
	}
}

// A connection that dies in the middle of a mail leaves nothing half delivered.
func TestCutConnection(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	office.cut = 1
	w.message(desk.MessageDraft{Body: strings.Repeat("long enough\n", 100_000), To: []string{"kari@acme.example"}})
	w.message(toKari)
	w.deliver(w.sender(office))
	if e := w.only(); len(office.got()) != 1 || e.Parked || e.Attempts != 1 {
		t.Errorf("got %d mails and %+v, want the second mail and the first one waiting", len(office.got()), e)
	}
	w.advance(time.Hour)
	w.deliver(w.sender(office))
	if len(office.got()) != 2 {
		t.Errorf("got %d mails, want both", len(office.got()))
	}
}

// A server that stops reading is left in time, and what it has read by then is
// never taken for a whole mail.
func TestStalledServer(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	office.stall = make(chan struct{})
	w.message(desk.MessageDraft{
		Body: "b", To: []string{"kari@acme.example"},
		Attachments: []skranke.AttachmentID{w.file("large", "application/zip", make([]byte, 24<<20))},
	})
	sender := w.sender(office, func(o *mailbox.Options) { o.Timeout = 300 * time.Millisecond })
	w.deliver(sender)
	if e := w.only(); e.Parked || e.Attempts != 1 {
		t.Errorf("got %+v, want it to wait", e)
	}
	close(office.stall)
	office.wait(t, 1, 1)
	if n := len(office.got()); n != 0 {
		t.Errorf("got %d mails, want none", n)
	}
	w.advance(time.Hour)
	w.deliver(w.sender(office))
	if mails := office.got(); len(mails) != 1 || len(open(t, mails[0].raw).files[0].contents) != 24<<20 {
		t.Errorf("got %d mails, want the whole one", len(mails))
	}
}

// A mail whose attachment is lost while it is being sent is broken off, not
// ended where it is.
func TestAttachmentLostMeanwhile(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	office.stall = make(chan struct{})
	first, second := w.file("large", "application/zip", make([]byte, 24<<20)), w.file("small", "text/plain", []byte("gone soon"))
	w.message(desk.MessageDraft{Body: "b", To: []string{"kari@acme.example"}, Attachments: []skranke.AttachmentID{first, second}})
	sender := w.sender(office)
	done := make(chan error, 1)
	go func() { done <- sender.Deliver(t.Context()) }()
	office.wait(t, 1, 0)
	w.lose(second)
	close(office.stall)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	office.wait(t, 1, 1)
	if e := w.only(); len(office.got()) != 0 || e.Attempts != 1 {
		t.Errorf("got %d mails and %+v, want none", len(office.got()), e)
	}
	w.advance(time.Hour)
	w.deliver(sender)
	if e := w.only(); len(office.got()) != 0 || !e.Parked {
		t.Errorf("got %d mails and %+v, want it parked", len(office.got()), e)
	}
}

// Who dies between sending a mail and noting it sends it again: at least once.
// Both copies have the same Message-Id.
func TestDiedBeforeNoting(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	w.message(toKari)
	claimed, err := w.desk.ClaimMail(t.Context())
	if err != nil || claimed == nil {
		t.Fatalf("got %v, %v, want a mail", claimed, err)
	}
	if err := w.sender(office).Send(t.Context(), claimed.Mail); err != nil {
		t.Fatal(err)
	}
	w.deliver(w.sender(office)) // it is still the other's
	if _, err := w.desk.RetryMail(t.Context(), claimed.ID); err == nil {
		t.Error("a mail somebody is at could be retried")
	}
	if n, err := w.desk.RetryMail(t.Context()); n != 0 || err != nil {
		t.Errorf("retrying all: got %d, %v, want none", n, err)
	}
	if len(office.got()) != 1 || !w.only().Sending {
		t.Fatalf("got %d mails, want one, and it still claimed", len(office.got()))
	}
	w.advance(15 * time.Minute)
	w.deliver(w.sender(office))
	mails := office.got()
	if len(mails) != 2 || len(w.outbox()) != 0 {
		t.Fatalf("got %d mails, want two", len(mails))
	}
	if a, b := open(t, mails[0].raw).header.Get("Message-Id"), open(t, mails[1].raw).header.Get("Message-Id"); a != b {
		t.Errorf("got ids %q and %q, want the same", a, b)
	}
	// What the first one says now does not count any more.
	w.message(toKari)
	late := claimed
	late.ID = w.only().ID
	if err := w.desk.MailFailed(t.Context(), late, desk.MailFailure{Reason: "late", Permanent: true}); err != nil || w.only().Parked {
		t.Errorf("got %v and %+v, want no change", err, w.only())
	}
}

// Several processes send each mail once.
func TestManySenders(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	ticket := w.ticket("Help")
	for n := range 40 {
		w.message(desk.MessageDraft{Ticket: ticket, Body: "b", To: []string{fmt.Sprintf("c%d@acme.example", n)}})
	}
	var all sync.WaitGroup
	for range 4 {
		sender := mailbox.New(w.newDesk(), mailbox.Options{Addr: office.addr, Security: mailbox.None})
		all.Go(func() {
			if err := sender.Deliver(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	seen := map[string]int{}
	for _, m := range office.got() {
		seen[m.to[0]]++
	}
	if len(seen) != 40 || len(office.got()) != 40 {
		t.Errorf("got %d mails to %d people, want 40 to 40", len(office.got()), len(seen))
	}
}

// Run sends what is enqueued at once, and stops when it is told to.
func TestRun(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	sender := w.sender(office, func(o *mailbox.Options) { o.Poll = time.Hour })
	go func() { defer close(ended); sender.Run(ctx) }()
	for n := 1; n <= 3; n++ {
		w.message(toKari)
		for began := time.Now(); len(office.got()) < n; time.Sleep(time.Millisecond) {
			if time.Since(began) > 10*time.Second {
				t.Fatalf("mail %d did not leave", n)
			}
		}
	}
	stop()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("it goes on after the end")
	}
	if list := w.outbox(); len(list) != 0 {
		t.Errorf("got %+v left", list)
	}
}

// Without a way out mails wait, untouched.
func TestNoWayOut(t *testing.T) {
	w := newWorld(t)
	w.message(toKari)
	sender := mailbox.New(w.desk, mailbox.Options{})
	sender.Run(t.Context()) // returns
	w.deliver(sender)
	if err := sender.Send(t.Context(), desk.Mail{To: []string{"kari@acme.example"}, From: "a@b.example"}); err == nil {
		t.Error("sending: got no error")
	}
	if e := w.only(); e.Sending || e.Attempts != 0 || e.Parked {
		t.Errorf("got %+v, want it untouched", e)
	}
}

func TestEncryptedConnections(t *testing.T) {
	server, client := certificate(t)
	secure := func(s *smtp.Server) { s.TLSConfig = server }
	logIn := func(o *mailbox.Options) { o.User, o.Password, o.TLS = "desk", "s3cret", client }
	for _, tt := range []struct {
		name     string
		security mailbox.Security
		implicit bool
		server   func(*smtp.Server)
		change   func(*mailbox.Options)
		wrong    string // of the error; "" if the mail arrives
	}{
		{"STARTTLS", mailbox.StartTLS, false, secure, logIn, ""},
		{"TLS", mailbox.TLS, true, secure, logIn, ""},
		{"not offered", mailbox.StartTLS, false, func(*smtp.Server) {}, logIn, "does not offer STARTTLS"},
		{"unknown certificate", mailbox.StartTLS, false, secure, func(o *mailbox.Options) {}, "certificate"},
		{"unknown certificate from the start", mailbox.TLS, true, secure, func(o *mailbox.Options) {}, "certificate"},
		{"wrong password", mailbox.StartTLS, false, secure, func(o *mailbox.Options) { logIn(o); o.Password = "hunter2" }, "535"},
	} {
		w := newWorld(t)
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if tt.implicit {
			ln = tlsListener{ln, server}
		}
		office := openPostOfficeOn(t, ln, tt.server)
		sender := w.sender(office, func(o *mailbox.Options) { o.Security = tt.security }, tt.change)
		w.message(toKari)
		err = sender.Deliver(t.Context())
		if tt.wrong == "" {
			if err != nil || len(office.got()) != 1 || office.secured != 1 || office.logins != 1 {
				t.Errorf("%s: got %v, %d mails, %d of them encrypted, %d logins, want one of each", tt.name, err, len(office.got()), office.secured, office.logins)
			}
			continue
		}
		// The fault is in the settings: no mail is given up for it.
		e := w.only()
		if err == nil || len(office.got()) != 0 || e.Parked || !strings.Contains(e.LastError, tt.wrong) || strings.Contains(e.LastError, "hunter2") {
			t.Errorf("%s: got %v and %+v, want it to wait", tt.name, err, e)
		}
	}
}

func TestInternationalAddresses(t *testing.T) {
	w := newWorld(t)
	mail := desk.Mail{From: "a@b.example", To: []string{"kåre@blåbær.example"}}
	office := openPostOffice(t)
	if err := w.sender(office).Send(t.Context(), mail); err == nil {
		t.Error("to a server that knows none: got no error")
	}
	office = openPostOffice(t, func(s *smtp.Server) { s.EnableSMTPUTF8 = true })
	if err := w.sender(office).Send(t.Context(), mail); err != nil || !office.got()[0].utf8 {
		t.Errorf("got %v", err)
	}
	mail.To = []string{"kari@acme.example"}
	if err := w.sender(office).Send(t.Context(), mail); err != nil || office.got()[1].utf8 {
		t.Errorf("got %v, want UTF-8 only asked for where it is needed", err)
	}
}

// A mail whose attachment is lost is parked, not sent without it.
func TestLostAttachment(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	file := w.file("a", "text/plain", []byte("gone soon"))
	w.message(desk.MessageDraft{Body: "b", To: []string{"kari@acme.example"}, Attachments: []skranke.AttachmentID{file}})
	w.lose(file)
	w.deliver(w.sender(office))
	if e := w.only(); len(office.got()) != 0 || !e.Parked || !strings.Contains(e.LastError, "attachment") {
		t.Errorf("got %d mails and %+v, want it parked", len(office.got()), e)
	}
}

func TestFolder(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "deep", "mail")
	zone := time.FixedZone("CET", 3600)
	err := mailbox.New(w.desk, mailbox.Options{Folder: dir, From: "Brukerstøtte <help@desk.example>", Zone: zone}).Send(t.Context(), desk.Mail{
		To: []string{"Kari Nordmann <kari@acme.example>"}, Bcc: []string{"boss@desk.example"}, MessageID: "<1@skranke>", Subject: "Blåbær og " + strings.Repeat("rømme ", 20),
		Header: []string{"X-Priority: 1"},
		Plain:  "Hei på deg.\n", HTML: "<p>Hei på deg.</p>", Attachments: []skranke.AttachmentID{w.file("blå bær.txt", "text/plain", []byte("bær"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 || filepath.Ext(files[0]) != ".eml" {
		t.Fatalf("got %v, %v, want one .eml file", files, err)
	}
	got, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	text := string(got)
	from, to := strings.Index(text, "Date: "), strings.Index(text, "From: ")
	if _, err := time.Parse("Date: Mon, 02 Jan 2006 15:04:05 +0100\r\n", text[from:to]); err != nil {
		t.Error(err)
	}
	text = text[:from] + "Date: Mon, 02 Mar 2026 13:00:00 +0100\r\n" + text[to:]
	const golden = "testdata/folder.eml"
	if *update {
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s is not what is written now; go test ./mailbox -update rewrites it. Got\n%s", golden, text)
	}
}

// A mail that is written again replaces its file.
func TestFolderHoldsEachMailOnce(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	sender := mailbox.New(w.desk, mailbox.Options{Folder: dir})
	w.message(toKari)
	w.message(toKari)
	w.deliver(sender)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 || len(w.outbox()) != 0 {
		t.Errorf("got %v, %v, want two files and nothing left", files, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w.message(toKari)
	if err := sender.Deliver(t.Context()); err == nil || w.only().Attempts != 1 || w.only().Parked {
		t.Errorf("no folder: got %v and %+v, want it to wait", err, w.only())
	}
}

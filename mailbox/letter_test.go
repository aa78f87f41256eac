package mailbox_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/mailbox"
)

// What addMessage3 mails arrives as it was written.
func TestLetterArrives(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	picture := make([]byte, 300_000)
	for i := range picture {
		picture[i] = byte(rand.Uint32())
	}
	body := "Hei Kari,\n.\n..to prikker\nFrom here on æøå €\n" + strings.Repeat("lang ", 500) + "=3D\n"
	m := w.message(desk.MessageDraft{
		Ticket: w.ticket("Skjermen står på hodet – hjelp!"), SLevel: skranke.Internal, // ticket.mail.1: also an internal one
		Body: body, HTMLBody: "<p>Hei <b>Kåre</b></p>",
		Attachments: []skranke.AttachmentID{
			w.file("bilde.png", "image/png", picture), w.file("måling 1.txt", "text/plain; charset=latin1", []byte("x\n")), w.file("empty", "nonsense", nil),
		},
		To:  []string{"Kari Nordmann <kari@acme.example>, not an address; ola@acme.example", "KARI@acme.example"},
		Cc:  []string{`"Ås, Åse" <aase@acme.example>`},
		Bcc: []string{"boss@secret.example", "ola@acme.example"},
	})
	w.deliver(w.sender(office))
	mails := office.got()
	if len(mails) != 1 || len(w.outbox()) != 0 {
		t.Fatalf("got %d mails and %d in the outbox, want one mail", len(mails), len(w.outbox()))
	}
	got := mails[0]
	// ticket.mail.2: illegal ones are left out, each gets one copy
	same(t, "envelope", got.to, []string{"kari@acme.example", "ola@acme.example", "aase@acme.example", "boss@secret.example"})
	if got.from != "help@desk.example" || got.utf8 {
		t.Errorf("got it from %q, UTF-8 %t", got.from, got.utf8)
	}
	if bytes.Contains(bytes.ToLower(got.raw), []byte("boss@")) || bytes.Contains(bytes.ToLower(got.raw), []byte("\nbcc:")) { // ticket.mail.2
		t.Error("bcc shows")
	}
	o := open(t, got.raw)
	if want := fmt.Sprintf("[ejTag: %d] Skjermen står på hodet – hjelp!", m.Ticket); o.subject != want { // ticket.mail.3
		t.Errorf("got subject %q, want %q", o.subject, want)
	}
	for name, want := range map[string][]string{
		"From": {`"Brukerstøtte" <help@desk.example>`}, // ticket.mail.3
		"To":   {`"Kari Nordmann" <kari@acme.example>`, `<ola@acme.example>`},
		"Cc":   {`"Ås, Åse" <aase@acme.example>`},
	} {
		list, err := o.header.AddressList(name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var texts []string
		for _, a := range list {
			if a.Name == "" {
				texts = append(texts, "<"+a.Address+">")
				continue
			}
			texts = append(texts, fmt.Sprintf("%q <%s>", a.Name, a.Address))
		}
		same(t, name, texts, want)
	}
	if id := o.header.Get("Message-Id"); id != m.MessageID || id == "" { // ticket.mail.4
		t.Errorf("got Message-Id %q, stored is %q", id, m.MessageID)
	}
	if at, err := o.header.Date(); err != nil || !at.Equal(noon) {
		t.Errorf("got date %v, %v", at, err)
	}
	if _, ok := o.header["Auto-Submitted"]; ok {
		t.Error("a letter somebody wrote says that it is automatic")
	}
	// ticket.mail.4: both parts, and all attachments
	if o.plain != body || o.html != "<p>Hei <b>Kåre</b></p>" {
		t.Errorf("got %q and %q", o.plain, o.html)
	}
	same(t, "parts", o.kinds, []string{"multipart/mixed", "multipart/alternative", "text/plain", "text/html", "image/png", "text/plain", "application/octet-stream"})
	if len(o.files) != 3 || o.files[0].name != "bilde.png" || o.files[1].name != "måling 1.txt" || o.files[2].name != "empty" {
		t.Fatalf("got files %+v", o.files)
	}
	if !bytes.Equal(o.files[0].contents, picture) || string(o.files[1].contents) != "x\n" || len(o.files[2].contents) != 0 {
		t.Error("attachments have changed on the way")
	}
}

// ticket.mail.1: no recipients, no mail
func TestNoRecipientsNoLetter(t *testing.T) {
	w := newWorld(t)
	w.message(desk.MessageDraft{Body: "b", To: []string{"nonsense"}, Bcc: []string{" ; "}})
	if list := w.outbox(); len(list) != 0 {
		t.Errorf("got %+v, want nothing", list)
	}
}

func TestPlainLetter(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	w.message(desk.MessageDraft{Body: "only text\n", Bcc: []string{"kari@acme.example"}})
	w.deliver(w.sender(office))
	o := open(t, office.got()[0].raw)
	same(t, "parts", o.kinds, []string{"text/plain"})
	if o.plain != "only text\n" || o.header.Get("To") != "undisclosed-recipients:;" {
		t.Errorf("got %q to %q", o.plain, o.header.Get("To"))
	}
}

// Mails no person wrote say so, that no machine answers them.
func TestNoticesAreMarked(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	_, err := w.desk.NewTicket(t.Context(), w.ada, desk.TicketDraft{
		Title: "Fire", SLevel: skranke.External, Category: 1, Priority: 1, Owner: ada, Customers: []skranke.CustomerID{kari}, Notify: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.desk.SendPassword(t.Context(), desk.Actor{}, "kari@acme.example"); err != nil {
		t.Fatal(err)
	}
	w.deliver(w.sender(office))
	mails := office.got()
	if len(mails) != 2 {
		t.Fatalf("got %d mails, want a notice and a password", len(mails))
	}
	seen := map[string]bool{}
	for _, m := range mails {
		o := open(t, m.raw)
		id := o.header.Get("Message-Id")
		if o.header.Get("Auto-Submitted") != "auto-generated" || !strings.HasSuffix(id, "@skranke>") || seen[id] {
			t.Errorf("got %v, want it marked and with an id of its own", o.header)
		}
		seen[id] = true
	}
}

// A password that was asked for arrives, and opens the door.
func TestPasswordArrives(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	office.answer("DATA", 451, "later")
	if err := w.desk.SendPassword(t.Context(), desk.Actor{}, "KARI@acme.example"); err != nil {
		t.Fatal(err)
	}
	w.deliver(w.sender(office))
	if e := w.only(); e.Mail.Plain != "" || e.Attempts != 1 {
		t.Errorf("got %+v, want it to wait without a text", e)
	}
	office.answer("DATA", 0, "")
	w.advance(time.Hour)
	w.deliver(w.sender(office))
	o := open(t, office.got()[0].raw)
	_, rest, _ := strings.Cut(o.plain, "Engangspassord: ")
	password, _, _ := strings.Cut(rest, "\n")
	if _, err := w.desk.LogInCustomer(t.Context(), desk.Credentials{Name: "kari", Password: password}); err != nil {
		t.Errorf("logging in with %q: %v", password, err)
	}
}

// Nothing anybody writes becomes a line of the head, or ends a part.
func TestNothingIsInjected(t *testing.T) {
	for _, evil := range []string{
		"x\r\nBcc: victim@evil.example", "x\nX-Evil: 1", "x\r\n\r\n<b>body</b>", "x\rX-Evil: 1", "x\u2028X-Evil: 1", "x\x00y", "\r\n.\r\nMAIL FROM:<a@b>",
		"=?utf-8?q?=0D=0AX-Evil:_1?=", strings.Repeat("x", 3000), strings.Repeat("æ", 3000), "a  b\tc", "", "\xff\xfe", `"quoted" \ <a@b>`,
	} {
		w := newWorld(t)
		office := openPostOffice(t)
		sender := w.sender(office)
		err := sender.Send(t.Context(), desk.Mail{
			From: "Help <help@desk.example>", To: []string{"kari@acme.example"}, Message: 1, MessageID: "<id@desk.example>" + evil,
			Subject: evil, Plain: "--=_\r\n" + evil + "\r\n.\r\n", HTML: "<p>" + evil,
			Header: []string{
				"X-Good: " + evil, evil, "Bcc: victim@evil.example", "X Bad: 1", "Content-Type: text/evil", "Resent-To: a@b.example",
				"Subject: other", "X-Skranke-Envelope-To: a@b.example", "Reply-To: Åse <aase@acme.example>" + evil, ": x", "Æ: x",
			},
			Attachments: []skranke.AttachmentID{w.file(evil+".txt", "text/plain"+evil, []byte("x"))},
		})
		if err != nil {
			t.Errorf("%.40q: %v", evil, err)
			continue
		}
		mails := office.got()
		if len(mails) != 1 {
			t.Errorf("%.40q: got %d mails", evil, len(mails))
			continue
		}
		same(t, "envelope", mails[0].to, []string{"kari@acme.example"})
		o := open(t, mails[0].raw)
		var names []string
		for name := range o.header {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			if !slices.Contains([]string{"Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Reply-To", "Subject", "To", "X", "X-Good"}, name) || len(o.header[name]) != 1 {
				t.Errorf("%.40q: got line %s: %q", evil, name, o.header[name])
			}
		}
		same(t, "parts", o.kinds, []string{"multipart/mixed", "multipart/alternative", "text/plain", "text/html", o.kinds[len(o.kinds)-1]})
		if len(o.files) != 1 || strings.ContainsAny(o.files[0].name, "\r\n/\\") {
			t.Errorf("%.40q: got files %q", evil, o.files)
		}
		if evil == "=?utf-8?q?=0D=0AX-Evil:_1?=" && o.subject != evil {
			t.Errorf("a subject that looks encoded: got %q, want it as it was", o.subject)
		}
	}
}

// Addresses that would say more than an address are refused before anything is sent.
func TestBadAddresses(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	for _, m := range []desk.Mail{
		{To: []string{"kari@acme.example> SIZE=1\r\nRCPT TO:<victim@evil.example"}},
		{To: []string{"nobody"}}, {},
		{To: []string{"kari@acme.example"}, From: "no address"},
		{To: []string{"kari@acme.example"}, From: "a@b.example\r\nX: y"},
	} {
		if err := w.sender(office).Send(t.Context(), m); err == nil {
			t.Errorf("%+v was sent", m)
		}
	}
	if mails := office.got(); len(mails) != 0 {
		t.Errorf("got %d mails, want none", len(mails))
	}
}

// The sender is the mail's, else that of the settings.
func TestSenderOfSettings(t *testing.T) {
	w := newWorld(t)
	office := openPostOffice(t)
	mail := desk.Mail{To: []string{"kari@acme.example"}, Subject: "s"}
	if err := w.sender(office).Send(t.Context(), mail); err != nil {
		t.Fatal(err)
	}
	if got := office.got()[0].from; got != "fallback@desk.example" {
		t.Errorf("got it from %q", got)
	}
	err := w.sender(office, func(o *mailbox.Options) { o.From = "" }).Send(t.Context(), mail)
	if err == nil || !strings.Contains(err.Error(), "mail_from") {
		t.Errorf("without any: got %v", err)
	}
}

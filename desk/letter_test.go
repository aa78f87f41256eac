package desk

import (
	"net/mail"
	"slices"
	"strings"
	"testing"

	"skranke"
	"skranke/store"
)

func TestAddresses(t *testing.T) {
	// ticket.mail.2
	for _, c := range []struct {
		in   []string
		want []string
	}{
		{[]string{"a@b"}, []string{"a@b"}},
		{[]string{" a@b.example "}, []string{"a@b.example"}},
		{[]string{"Ann Other <ann@b.example>"}, []string{"Ann Other <ann@b.example>"}},
		{[]string{"<ann@b.example>"}, []string{"ann@b.example"}},
		{[]string{"a@b, c@d;e@f"}, []string{"a@b", "c@d", "e@f"}},
		{[]string{`"Other, Ann" <ann@b>; c@d`}, []string{`"Other, Ann" <ann@b>`, "c@d"}},
		{[]string{"Åse Ødegård <aase@b>"}, []string{"Åse Ødegård <aase@b>"}},
		{[]string{"a@b", "nonsense", "", "@", "a@", "@b", "a b@c", "a@b c", "<>"}, []string{"a@b"}},
		{[]string{"a@b\r\nBcc: evil@c"}, nil},
		{[]string{"Evil\r\nBcc: x <a@b>"}, nil},
		{[]string{`odd"quote <a@b>, c@d`}, []string{"c@d"}},
		{[]string{strings.Repeat("a", 2000) + "@b"}, nil},
		{[]string{"group: a@b, c@d;"}, []string{"c@d"}},
		{nil, nil},
	} {
		got := addresses(c.in)
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
		for _, address := range got {
			if again := addresses([]string{address}); !slices.Equal(again, []string{address}) {
				t.Errorf("%q: got %q when read again", address, again)
			}
			if _, err := mail.ParseAddress(address); err != nil {
				t.Errorf("%q: %v", address, err)
			}
		}
	}
}

func TestLetterDropsRepeated(t *testing.T) {
	// ticket.mail.2
	l := letter{
		To:  []string{"a@b", "A@B", "Ann <ann@b>"},
		Cc:  []string{"ann@b", "c@d"},
		Bcc: []string{"C <c@d>", "e@f", "a@b"},
	}
	l.dropRepeated()
	if !slices.Equal(l.To, []string{"a@b", "Ann <ann@b>"}) || !slices.Equal(l.Cc, []string{"c@d"}) || !slices.Equal(l.Bcc, []string{"e@f"}) {
		t.Errorf("got to %q, cc %q, bcc %q; want each address once, where it stood first", l.To, l.Cc, l.Bcc)
	}
}

func TestTaggedSubject(t *testing.T) {
	// ticket.mail.3
	for _, c := range []struct{ subject, tag, want string }{
		{"Printer", "ejTag:", "[ejTag: 1012] Printer"},
		{"", "ejTag:", "[ejTag: 1012]"},
		{"Re: Printer [ejTag: 1012]", "ejTag:", "Re: Printer [ejTag: 1012]"},
		{"Re: ejTag:1012 Printer", "ejTag:", "Re: ejTag:1012 Printer"},
		{"[ejtag: 1012] Re: [ejTag: 1012] Printer", "ejTag:", "[ejtag: 1012] Re:  Printer"},
		{"[ejTag: 7] Printer", "ejTag:", "[ejTag: 1012] Printer"},
		{"[ejTag: 10123] Printer", "ejTag:", "[ejTag: 1012] Printer"},
		{"Printer", "case (x) #", "[case (x) # 1012] Printer"},
		{"Printer\r\nBcc: evil@c", "ejTag:", "[ejTag: 1012] Printer  Bcc: evil@c"},
		{"ejTag: 99999999999999999999", "ejTag:", "[ejTag: 1012]"},
	} {
		if got := taggedSubject(c.subject, c.tag, 1012); got != c.want {
			t.Errorf("%q with tag %q: got %q, want %q", c.subject, c.tag, got, c.want)
		}
	}
}

func TestHeaderLines(t *testing.T) {
	// ticket.mail.3
	const header = "X-Team: support\r\nfrom: evil@c\nTo: evil@c\nCC: evil@c\nBcc: evil@c\nSubject: no\nX-Long: one\n two\n" +
		"no header\n: nameless\nBad Name: x\nContent-Type: text/html\nMessage-ID: <x@y>\nBcc:\n evil@c\nReply-To: desk@b"
	want := []string{"X-Team: support", "X-Long: one two", "Reply-To: desk@b"}
	if got := headerLines(header); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMessageIsMailed(t *testing.T) {
	inWorld(t, func(w *world) {
		user := w.user(&skranke.User{ID: 2})
		customer := w.customer(&skranke.Customer{Emails: []string{"customer@example.org"}})
		category := w.category(&skranke.Category{})
		ticket := w.newTicket(Actor{User: user}, TicketDraft{Title: "Printer", Category: category, Owner: user, Customers: []skranke.CustomerID{customer}})
		var file skranke.Attachment
		w.write(func(tx *store.WriteTx) error { return tx.InsertAttachment(t.Context(), &file) })

		// ticket.mail.1
		w.addMessage(Actor{User: user}, MessageDraft{Ticket: ticket.ID, Body: "no recipients"})
		w.addMessage(Actor{User: user}, MessageDraft{Ticket: ticket.ID, Body: "no legal ones", To: []string{"nobody"}, Cc: []string{" "}})
		if got := w.mails(); len(got) != 0 {
			t.Fatalf("got mails %v, want none without a legal recipient", got)
		}
		// ticket.mail.1, ticket.mail.2, ticket.mail.3, ticket.mail.4
		m := w.addMessage(Actor{User: user}, MessageDraft{
			Ticket: ticket.ID, SLevel: skranke.Internal, Body: "plain", HTMLBody: "<b>html</b>",
			Attachments: []skranke.AttachmentID{file.ID},
			To:          []string{"a@b, wrong"}, Cc: []string{"C <c@d>", "a@b"}, Bcc: []string{"secret@e"},
		})
		mails := w.mails()
		if len(mails) != 1 {
			t.Fatalf("got mails %v, want one", mails)
		}
		got := mails[0]
		if !slices.Equal(got.To, []string{"a@b"}) || !slices.Equal(got.Cc, []string{"C <c@d>"}) || !slices.Equal(got.Bcc, []string{"secret@e"}) {
			t.Errorf("got to %q, cc %q, bcc %q", got.To, got.Cc, got.Bcc)
		}
		if !slices.Equal(m.To, got.To) || !slices.Equal(m.Cc, got.Cc) || !slices.Equal(m.Bcc, got.Bcc) {
			t.Errorf("got message to %q, cc %q, bcc %q; want those of the mail", m.To, m.Cc, m.Bcc)
		}
		if got.Plain != "plain" || got.HTML != "<b>html</b>" || !slices.Equal(got.Attachments, []skranke.AttachmentID{file.ID}) {
			t.Errorf("got mail %+v, want both bodies and the attachment", got)
		}
		if got.MessageID == "" || got.MessageID != m.MessageID || got.Message != m.ID || got.Ticket != ticket.ID {
			t.Errorf("got mail id %q of message %d, want that of the message, %q", got.MessageID, got.Message, m.MessageID)
		}
		if want := taggedSubject("Printer", "ejTag:", ticket.ID); got.Subject != want || !strings.Contains(want, "ejTag: ") {
			t.Errorf("got subject %q, want %q", got.Subject, want)
		}
		for _, line := range got.Header {
			if strings.Contains(line, "secret@e") {
				t.Errorf("got header line %q, which gives a bcc away", line)
			}
		}
		if got.From != "" {
			t.Errorf("got from %q, want the installation's own", got.From)
		}
	})
}

func TestMailSender(t *testing.T) {
	inWorld(t, func(w *world) {
		user := w.user(&skranke.User{ID: 2})
		ticket := w.newTicket(Actor{User: user}, TicketDraft{Category: w.category(&skranke.Category{}), Owner: user})
		from := func() string {
			w.addMessage(Actor{User: user}, MessageDraft{Ticket: ticket.ID, To: []string{"a@b"}})
			mails := w.mails()
			return mails[len(mails)-1].From
		}
		// ticket.mail.3
		w.setting(settingDefaultMail, "Desk <desk@example.org>")
		if got := from(); got != "Desk <desk@example.org>" {
			t.Errorf("got from %q, want the default", got)
		}
		ticket = w.ticket(ticket.ID)
		ticket.FilterAddress = "sales@example.org"
		w.write(func(tx *store.WriteTx) error { return tx.UpdateTicket(t.Context(), ticket) })
		if got := from(); got != "sales@example.org" {
			t.Errorf("got from %q, want the ticket's filter address", got)
		}
	})
}

func TestRefusedMessageMailsNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		user := w.user(&skranke.User{ID: 2, NotifyMask: everyWay})
		ticket := w.newTicket(Actor{User: user}, TicketDraft{Category: w.category(&skranke.Category{}), Owner: user})
		// ticket.common.8
		_, err := w.desk.AddMessage(t.Context(), Actor{User: user}, MessageDraft{
			Ticket: ticket.ID, SLevel: skranke.External, To: []string{"a@b"}, Notify: true, Attachments: []skranke.AttachmentID{99},
		})
		if skranke.CodeOf(err) != skranke.CodeUnknownAttachment {
			t.Errorf("got %v, want code 16", err)
		}
		if len(w.mails())+len(w.notifications(user)) != 0 {
			t.Errorf("got mails %v, notifications %v; want none", w.mails(), w.notifications(user))
		}
	})
}

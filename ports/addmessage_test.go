package ports_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/store"
)

func messageID(t testing.TB, a answer, part string) skranke.MessageID {
	t.Helper()
	id, err := strconv.ParseInt(a.must().text(part), 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", a.call, err)
	}
	return skranke.MessageID(id)
}

func TestCustomerAddMessage(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		w.clock.advance(time.Minute)
		before := w.ticket(1012)
		body := " <b>verbatim</b>\r\n \U0001F600 "
		a := w.customer("addMessage", key, body, "1012", "2", []string{"51", "50", "51", ""}).want("0")
		id := messageID(t, a, "messageId")
		got := w.message(id)
		got.CreatedAt = got.CreatedAt.UTC()
		want := skranke.Message{ // customer.addMessage.6; types.input.1: the body is not trimmed
			ID: id, Ticket: 1012, SLevel: skranke.External, Kind: skranke.Plain, Body: body, CreatedAt: morning.Add(time.Minute),
			CreatedBy: skranke.SystemUser, Customer: kari, Author: "Kari Nordmann", Attachments: []skranke.AttachmentID{51, 50}, // customer.addMessage.3, customer.addMessage.5
		}
		if g, want := fmt.Sprintf("%+v", *got), fmt.Sprintf("%+v", want); g != want {
			t.Errorf("stored:\n got %s\nwant %s", g, want)
		}
		b := w.customer("getTicket", key, "1012", []string{}).want("0")
		same(t, "messages", b.list("messageIds"), []string{"15", "11", "13", "14", a.text("messageId")}) // customer.addMessage.4
		c := w.customer("getMessage", key, a.text("messageId"), []string{"message.body", "message.html_body", "message.author"}).want("0")
		same(t, "read", c.rows("messageResult"), []string{"message.body|" + body + "|TypeClob", "message.html_body||TypeClob", "message.author|Kari Nordmann|TypeVarchar"})
		same(t, "files", c.rows("attachmentInfo"), []string{"51|stray.txt|text/plain", "50|mine.txt|text/plain"})

		// customer.addMessage.7: this, and nothing else, changes of the ticket
		after := w.ticket(1012)
		before.LastChanged, before.NumMessages, before.ReadStatus = after.LastChanged, before.NumMessages+1, skranke.Yellow
		if !after.LastChanged.Equal(morning.Add(time.Minute)) {
			t.Errorf("last changed %v", after.LastChanged)
		}
		if g, want := fmt.Sprintf("%+v", *after), fmt.Sprintf("%+v", *before); g != want {
			t.Errorf("ticket:\n got %s\nwant %s", g, want)
		}
		same(t, "log", w.logActions(1012), []string{"16 customer 1 user 0 message false", "10011 customer 1 user 0 message true"}) // customer.addMessage.9

		// customer.addMessage.2, customer.addMessage.4: an internal message is never seen again
		a = w.customer("addMessage", key, "", "1012", "1", []string{}).want("0") // and a body may be empty
		w.customer("getMessage", key, a.text("messageId"), []string{}).want("18")
		if got := w.customer("getTicket", key, "1012", []string{}).want("0").list("messageIds"); slices.Contains(got, a.text("messageId")) || len(got) != 5 {
			t.Errorf("after an internal message: got %q", got)
		}
		if got := w.ticket(1012).SLevel; got != skranke.External { // the level is the message's, not the ticket's
			t.Errorf("the ticket has the level %d now", got)
		}

		// has_attachment follows the files
		w.customer("addMessage", key, "b", "1017", "2").want("0")
		if w.ticket(1017).HasAttachment {
			t.Error("has_attachment without a file")
		}
	})
}

func TestWhereCustomersMayWrite(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		// customer.addMessage.1, types.acl.3, types.acl.6
		for name, may := range map[string][]int{
			"kari": {1012, 1014, 1017, 1019, 1020, 1026, 1027, 1028, 1029, 1031},
			"ola":  {1012, 1016, 1019, 1020},
			"siv":  {1018, 1024},
			"lone": {1017, 1025, 1032},
			"lars": {}, "gro": {},
		} {
			key := w.logIn(name)
			for id := 1011; id <= 1035; id++ {
				if slices.Contains(may, id) {
					a := w.customer("addMessage", key, "b", fmt.Sprint(id), "2", []string{}).want("0")
					master := map[int]skranke.TicketID{1019: 1012, 1020: 1012, 1024: 1018}[id]
					if master == 0 {
						master = skranke.TicketID(id)
					}
					if got := w.message(messageID(t, a, "messageId")).Ticket; got != master { // types.acl.6
						t.Errorf("%s wrote to %d: the message went to %d", name, id, got)
					}
					continue
				}
				w.unchanged(func() {
					w.customer("addMessage", key, "b", fmt.Sprint(id), "2", []string{}).want("13").empty("customer", "addMessage") // types.acl.4
				})
			}
		}
		// types.acl.3: what company access opens may be read and closed, not written to
		key := w.logIn("kari")
		w.customer("addMessage", key, "b", "1016", "2", []string{}).want("13")
		w.customer("closeTicket", key, "1016").want("0")
		w.customer("closeTicket", key, "1018").want("13")
		if got := w.ticket(1016).Status; got != skranke.Closed {
			t.Errorf("a colleague's ticket has the status %d after closing", got)
		}
		// Internal, but made by himself: only then may he write
		w.updateTicket(1014, func(t *skranke.Ticket) { t.CreatedBy = ada })
		w.customer("addMessage", key, "b", "1014", "2", []string{}).want("13")
	})
}

func TestCustomerAddMessageRefused(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		for _, test := range []struct {
			key, ticket, sLevel string
			files               []string
			code                string
		}{
			{key, "", "2", nil, "13"}, {key, "x", "2", nil, "13"}, {key, "-1", "2", nil, "13"}, {key, "99999999999", "2", nil, "13"},
			{key, "1012", "", nil, "10"}, {key, "1012", "0", nil, "10"}, {key, "1012", "3", nil, "10"}, {key, "1012", "02", nil, "10"}, {key, "1012", "x", nil, "10"}, // customer.addMessage.2
			// customer.addMessage.5
			{key, "1012", "2", []string{"50", "99"}, "16"}, {key, "1012", "2", []string{"50", "1"}, "16"}, {key, "1012", "2", []string{"52"}, "16"},
			{key, "1012", "2", []string{"53"}, "16"}, {key, "1012", "2", []string{"x"}, "16"}, {key, "1012", "2", []string{"-1"}, "16"}, {key, "1012", "2", []string{"0", "50"}, "16"},
			// the first failure in the order of the parameters decides
			{"", "1018", "3", []string{"99"}, "5"}, {key, "1018", "3", []string{"99"}, "13"}, {key, "1012", "3", []string{"99"}, "10"},
		} {
			w.unchanged(func() { // customer.common.3
				a := w.customer("addMessage", test.key, "b", test.ticket, test.sLevel, test.files)
				a.call = fmt.Sprintf("addMessage %+v", test)
				a.want(test.code).empty("customer", "addMessage")
			})
		}
		w.customer("addMessage", key, "b", "1012", " 2 ", []string{" 0050 "}).want("0") // types.input.1, types.input.2
		w.customer("addMessage", key, "b", "1012", "2", []string{"50"}).want("16")      // now it is linked

		// customer.addMessage.5: files of reply templates and of the FAQ are linked too, whoever stored them
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			for _, id := range []skranke.AttachmentID{60, 61} {
				if err := tx.InsertAttachment(ctx, &skranke.Attachment{ID: id, Name: "prices.txt"}); err != nil {
					return err
				}
			}
			if err := tx.InsertReplyTemplate(ctx, &skranke.ReplyTemplate{Name: "offer", Attachments: []skranke.AttachmentID{60}}); err != nil {
				return err
			}
			entry := &skranke.FaqEntry{Title: "for us", Attachments: []skranke.AttachmentID{61}}
			return tx.InsertFaqEntry(ctx, entry, desk.FaqWords(entry))
		})
		for _, id := range []string{"60", "61"} {
			w.unchanged(func() { w.customer("addMessage", key, "b", "1012", "2", []string{id}).want("16") })
		}
	})
}

func TestCustomerReopens(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		for _, id := range []string{"1027", "1028", "1029"} {
			w.customer("addMessage", key, "b", id, "2", []string{}).want("0")
		}
		for _, id := range []skranke.TicketID{1027, 1028} { // customer.addMessage.8
			got := w.ticket(id)
			if got.Status != skranke.Active || got.TicketStatus != statusOpen || !got.ClosedAt.IsZero() || !got.Activate.IsZero() {
				t.Errorf("ticket %d: got %+v", id, got)
			}
		}
		if got := w.ticket(1029); got.Status != skranke.Closed || got.TicketStatus != statusFinal || got.ClosedAt.IsZero() { // customer.addMessage.8
			t.Errorf("a ticket closed for good was opened: %+v", got)
		}
		for id, want := range map[skranke.TicketID]skranke.ReadStatus{1027: skranke.Red, 1028: skranke.Yellow} { // customer.addMessage.7: only green changes
			if got := w.ticket(id).ReadStatus; got != want {
				t.Errorf("read status of %d: got %d, want %d", id, got, want)
			}
		}
		// The default status of closed tickets may forbid it too, also where a ticket names none.
		w.updateTicket(1028, func(t *skranke.Ticket) { t.Status, t.TicketStatus, t.ClosedAt = skranke.Closed, 0, hour(10) })
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.UpdateTicketStatus(ctx, &skranke.TicketStatus{ID: statusClosed, Name: "Done", Base: skranke.Closed, Default: true, NoReopen: true})
		})
		w.customer("addMessage", key, "b", "1028", "2", []string{}).want("0")
		if got := w.ticket(1028).Status; got != skranke.Closed {
			t.Errorf("a ticket whose status stays was opened: %d", got)
		}
	})
}

// A clock that was set back does not turn the order of messages round.
func TestNewMessagesAreTheLast(t *testing.T) {
	w := newWorld(t)
	key := w.logIn("kari")
	a := w.customer("addMessage", key, "b", "1012", "2", []string{}).must()
	w.clock.advance(-time.Hour)
	b := w.customer("addMessage", key, "b", "1012", "2", []string{}).must()
	got := w.customer("getTicket", key, "1012", []string{}).list("messageIds")
	if want := []string{a.text("messageId"), b.text("messageId")}; !slices.Equal(got[len(got)-2:], want) { // customer.addMessage.4
		t.Errorf("got %q, want them to end with %q", got, want)
	}
	w.updateCustomer(una, func(c *skranke.Customer) { c.FullName = strings.Repeat("ø", 300) })
	ticket := w.customer("newTicket", w.logIn("una"), "", "2", "1", "1").must().text("ticketId")
	c := w.customer("addMessage", w.logIn("una"), "", ticket, "2")
	if got := w.message(messageID(t, c, "messageId")).Author; got != strings.Repeat("ø", 255) { // types.limit.1: authors are cut
		t.Errorf("author of %d characters", len([]rune(got)))
	}
}

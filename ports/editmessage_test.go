package ports_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

func TestEditMessage(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		w.updateUser(bo, func(u *skranke.User) { u.NotifyMask = ^skranke.NotifyMask(0) })
		w.updateTicket(1012, func(t *skranke.Ticket) { t.NumMessages, t.HasAttachment = 6, true })
		w.clock.advance(time.Minute)
		now := morning.Add(time.Minute)
		edit := func(message string, pairs ...pair) {
			t.Helper()
			a := w.agent("editMessage", key, message, pairs)
			a.call = fmt.Sprintf("editMessage %s %v", message, pairs)
			same(t, "id", []string{a.want("0").text("messageID")}, []string{strings.TrimLeft(message, " 0")}) // ticket.editMessage.2
		}
		w.unchanged(func() { edit("11") }) // ticket.editMessage.5

		before, ticket := w.message(11), w.ticket(1012)
		// ticket.editMessage.1, ticket.editMessage.3, ticket.common.6: every field, the last value counts
		edit(" 011", pair{"message.timeSpent", "90"}, pair{" TIMESPENT ", "30"}, pair{"timeCharge", "15"}, pair{"customerId", "3"}, pair{"createdAt", "2020-05-06 07-08-09.123"},
			pair{"createdBy", "7"}, pair{"author", strings.Repeat("ø", 300)}, pair{"slevel", "1"}, pair{"messageId", "<a@example.no>"}, pair{"emailHeader", "X: y\r\n"},
			pair{"debugInfo", "d"}, pair{"important", "TRUE"}, pair{"mailSorter", "rule"}, pair{"inlineImages", "1"}, pair{"type", "Plain"}, pair{"body", " new "})
		want := *before
		want.TimeSpent, want.TimeCharge, want.Customer, want.CreatedAt = 30, 15, siv, time.Date(2020, 5, 6, 5, 8, 9, 123e6, time.UTC)
		want.CreatedBy, want.Author, want.SLevel, want.MessageID, want.Header = bo, strings.Repeat("ø", 255), skranke.Internal, "<a@example.no>", "X: y\r\n"
		want.DebugInfo, want.Important, want.MailSorter, want.InlineImages, want.Kind, want.Body = "d", true, "rule", true, skranke.Plain, " new "
		want.ChangedAt, want.ChangedBy = now, ada
		got := w.message(11)
		got.CreatedAt, got.ChangedAt = got.CreatedAt.UTC(), got.ChangedAt.UTC()
		if g, want := fmt.Sprintf("%+v", *got), fmt.Sprintf("%+v", want); g != want {
			t.Errorf("stored:\n got %s\nwant %s", g, want)
		}
		ticket.LastChanged = w.ticket(1012).LastChanged // ticket.editMessage.3: nothing else
		if g, want := fmt.Sprintf("%+v", *w.ticket(1012)), fmt.Sprintf("%+v", *ticket); g != want || !ticket.LastChanged.Equal(now) {
			t.Errorf("ticket:\n got %s\nwant %s", g, want)
		}
		same(t, "of Bo", w.notifications(bo), []string{})
		if n := w.mails(); n != 0 {
			t.Errorf("%d mails went out", n)
		}
		same(t, "log", w.logActions(1012), []string{"10024 customer 0 user 2 message true"}) // ticket.common.18
		same(t, "changes", w.changed(1012), []string{
			"10002 created_at: " + before.CreatedAt.UTC().Format("2006-01-02T15:04:05.000Z") + " > 2020-05-06T05:08:09.123Z",
			fmt.Sprintf("10003 created_by: %d > 7", before.CreatedBy), "10004 author: Ada Byron Lind > " + strings.Repeat("ø", 255), "10005 slevel: 2 > 1", "10007 message_id:  > <a@example.no>", "10008 time_spent: 0 > 30",
			"10009 body: first >  new ", "10011 header:  > X: y\r\n", "10013 mail_sorter:  > rule", "10015 customer: 0 > 3", "10016 debug_info:  > d", "20001 time_charge: 0 > 15",
			"20002 important: 0 > 1", "20003 inline_images: 0 > 1",
		})
		if entries := w.logs(1012); entries[0].Message != 11 || entries[0].Addr == "" {
			t.Errorf("logged %+v", entries[0])
		}

		// ticket.editMessage.4
		for _, test := range []struct {
			pairs []pair
			body  string
			html  string
			kind  skranke.MessageKind
		}{
			{[]pair{{"bodyHtml", "<b>x</b>"}}, " new ", "<b>x</b>", skranke.HTML},
			{[]pair{{"type", "1"}, {"htmlBody", "<i>"}}, " new ", "<i>", skranke.Plain},
			{[]pair{{"html_body", "<p>"}, {"html_body", ""}, {"body", "b"}}, "b", "", skranke.Plain},
			{[]pair{{"type", " HTML "}}, "b", "", skranke.HTML},
			{[]pair{{"type", "plain"}}, "b", "", skranke.Plain},
			{[]pair{{"type", "2"}, {"customerId", "-1"}, {"important", ""}, {"timeSpent", ""}, {"message_id", ""}}, "b", "", skranke.HTML},
		} {
			edit("11", test.pairs...)
			if got := w.message(11); got.Body != test.body || got.HTMLBody != test.html || got.Kind != test.kind {
				t.Errorf("%v: got %q, %q, %d", test.pairs, got.Body, got.HTMLBody, got.Kind)
			}
		}
		if got := w.message(11); got.Customer != 0 || got.Important || got.TimeSpent != 0 || got.MessageID != "" || got.TimeCharge != 15 || len(got.Attachments) != 2 {
			t.Errorf("got %+v", got)
		}

		// A message that moves takes its files along, and both tickets are counted anew.
		w.clock.advance(time.Minute)
		edit("12", pair{"ticketId", "1030"})
		edit("11", pair{"ticketId", "1030"})
		from, to := w.ticket(1012), w.ticket(1030)
		if from.NumMessages != 4 || from.HasAttachment || to.NumMessages != 2 || !to.HasAttachment || !from.LastChanged.Equal(to.LastChanged) || !to.LastChanged.Equal(now.Add(time.Minute)) {
			t.Errorf("moved:\nfrom %+v\nto   %+v", from, to)
		}
		same(t, "moved", w.changed(1012), []string{"10001 ticket: 1012 > 1030", "18 ticket.has_attachment: 1 > 0", "0 ticket.num_messages: 5 > 4"})
		same(t, "moved", w.changed(1030), []string{"10001 ticket: 1012 > 1030", "0 ticket.num_messages: 1 > 2"})
	})
}

func TestEditMessageRefuses(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		for _, bad := range []struct{ code, field, value string }{
			{"17", "", "x"}, {"17", "nonsense", "x"}, {"17", "attachments", "1"}, {"17", "ticket.title", "x"}, {"17", "changed_at", "2020-01-01"}, {"17", "id", "1"},
			{"12", "x_1", ""}, {"12", "message.x_110", "v"}, {"12", "X_name", "v"},
			{"10", "slevel", ""}, {"10", "slevel", "0"}, {"10", "slevel", "3"}, {"10", "slevel", "x"},
			{"13", "ticketId", ""}, {"13", "ticketId", "-1"}, {"13", "ticketId", "9999"}, {"13", "ticketId", "x"},
			{"31", "customerId", ""}, {"31", "customerId", "0"}, {"31", "customerId", "99"}, {"31", "customerId", "7"}, {"31", "customerId", "x"},
			{"34", "createdBy", ""}, {"34", "createdBy", "-1"}, {"34", "createdBy", "99"}, {"34", "createdBy", "x"},
			{"17", "createdAt", ""}, {"17", "createdAt", "yesterday"}, {"17", "type", ""}, {"17", "type", "3"}, {"17", "type", "text"},
			{"17", "timeSpent", "x"}, {"17", "timeSpent", "-1"}, {"17", "timeSpent", "2147483648"}, {"17", "timeCharge", "1.5"}, {"17", "important", "yes"}, {"17", "inlineImages", "2"},
			{"17", "messageId", strings.Repeat("x", 851)}, {"17", "messageId", "<a>\r\nBcc: b@example.no"}, {"17", "mailSorter", strings.Repeat("x", 256)}, // ticket.common.17
		} {
			w.unchanged(func() { // ticket.editMessage.1, ticket.common.8
				a := w.agent("editMessage", key, "11", []pair{{"body", "new"}, {"ticketId", "1030"}, {bad.field, bad.value}, {"type", "nonsense"}})
				a.call = fmt.Sprintf("editMessage %+v", bad)
				a.want(bad.code).empty("ticket", "editMessage")
			})
		}
		w.unchanged(func() {
			for _, bad := range []string{"", "9999", "x", "0", "-1"} {
				w.agent("editMessage", key, bad, []pair{{"nonsense", ""}}).want("18")
				w.agent("editMessage", key, bad, []pair{}).want("18")
			}
			w.agent("editMessage", "nonsense", "11", []pair{{"body", "x"}}).want("5")
		})
		kari := w.logIn("kari")
		w.unchanged(func() { w.agent("editMessage", kari, "11", []pair{{"body", "x"}}).want("5") })
		setting := func(value string) {
			w.write(func(ctx context.Context, tx *store.WriteTx) error {
				return tx.SetSetting(ctx, "message_editing", value)
			})
		}
		setting("off")
		w.unchanged(func() { // ticket.editMessage.6
			w.agent("editMessage", key, "11", []pair{{"body", "x"}}).want("6").empty("ticket", "editMessage")
			w.agent("editMessage", key, "9999", []pair{}).want("6") // types.check_order
		})
		setting("on")
		w.agent("editMessage", key, "11", []pair{{"body", "x"}}).want("0")
		w.updateUser(ada, func(u *skranke.User) { u.Access = 0 })
		w.unchanged(func() { w.agent("editMessage", key, "11", []pair{{"body", "y"}}).want("4") })
	})
}

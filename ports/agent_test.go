package ports_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

// newTicketArgs are the arguments of an agent's newTicket that would do.
type newTicketArgs struct {
	key, sLevel, category, priority, owner string
	customers                              []string
	extra                                  []pair
	notify                                 any
}

func (w *world) newTicket(a newTicketArgs) answer {
	w.t.Helper()
	if a.notify == nil {
		a.notify = false
	}
	answer := w.agent("newTicket", a.key, "title", a.sLevel, a.category, a.priority, a.owner, a.customers, a.extra, a.notify)
	answer.call = fmt.Sprintf("ticket.newTicket %+v", a)
	return answer
}

// addMessage3 adds a message as an agent, with what it needs at least.
func (w *world) addMessage3(key, ticket, body, html string, rest ...any) answer {
	w.t.Helper()
	return w.agent("addMessage3", append([]any{key, body, html, "", ticket}, rest...)...)
}

func (w *world) notifications(user skranke.UserID) []string {
	w.t.Helper()
	list := []string{}
	w.read(func(ctx context.Context, tx *store.ReadTx) error {
		waiting, err := tx.Notifications(ctx, user)
		for _, n := range waiting {
			list = append(list, fmt.Sprintf("type %d ticket %d by %d", n.Type, n.Ticket, n.CreatedBy))
		}
		return err
	})
	return list
}

func (w *world) mails() (n int) {
	w.t.Helper()
	w.read(func(ctx context.Context, tx *store.ReadTx) error {
		jobs, err := tx.Outbox(ctx)
		n = len(jobs)
		return err
	})
	return n
}

func TestAgentNewTicket(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		a := w.agent("newTicket", key, " Title ", "1", "2", "3", "7", []string{"2", "1", "2", ""}, []pair{{"ticket.x_110", "v"}, {"x_internal", "inner"}}, false).want("0")
		id := ticketID(t, a)
		got := w.ticket(id)
		got.CreatedAt, got.LastChanged = got.CreatedAt.UTC(), got.LastChanged.UTC()
		// ticket.newTicket.1, ticket.newTicket.2, ticket.newTicket.3, ticket.newTicket.4, ticket.newTicket.5, ticket.newTicket.6,
		// ticket.newTicket.7, ticket.newTicket.8, ticket.common.6, ticket.common.11, ticket.common.13, types.extra.6
		want := skranke.Ticket{
			ID: id, Title: " Title ", CreatedAt: morning, LastChanged: morning, Category: hardware, OrigCategory: hardware, Priority: high, OrigPriority: high,
			Status: skranke.Active, TicketStatus: statusOpen, SLevel: skranke.Internal, ReadStatus: skranke.Red, Origin: skranke.OriginInternal,
			Customers: []skranke.CustomerID{ola, kari}, Company: acme, Owner: bo, CreatedBy: ada, Author: "Ada Byron Lind",
			Extra: []skranke.ExtraValue{{Field: 110, Value: skranke.TextValue("v")}, {Field: extraInternal, Value: skranke.TextValue("inner")},
				{Field: extraDefault, Value: skranke.TextValue("usual")}, {Field: extraDefaultInner, Value: skranke.TextValue("inner")}},
		}
		if g, want := fmt.Sprintf("%+v", *got), fmt.Sprintf("%+v", want); g != want {
			t.Errorf("stored:\n got %s\nwant %s", g, want)
		}
		same(t, "log", w.logActions(id), []string{"17 customer 0 user 2 message false"}) // ticket.common.18
		// ticket.newTicket.10: the id works at once
		w.agent("getTicket", key, a.text("ticketId"), []string{}).want("0")
		w.addMessage3(key, a.text("ticketId"), "b", "", "2").want("0")

		// ticket.newTicket.4, ticket.newTicket.8
		for owner, want := range map[string]struct {
			user   skranke.UserID
			status skranke.ReadStatus
		}{"1": {skranke.SystemUser, skranke.Red}, "2": {ada, skranke.Green}, "3": {nora, skranke.Red}, " 07 ": {bo, skranke.Red}} {
			got := w.ticket(ticketID(t, w.newTicket(newTicketArgs{key: key, sLevel: "2", category: "1", priority: "1", owner: owner})))
			if got.Owner != want.user || got.ReadStatus != want.status || got.Company != 0 || len(got.Customers) != 0 { // ticket.newTicket.5: no customers
				t.Errorf("owner %q: got %+v", owner, got)
			}
		}
		var turns []skranke.UserID
		for _, owner := range []string{"-1", "", "-1"} { // ticket.newTicket.4: by turns
			turns = append(turns, w.ticket(ticketID(t, w.newTicket(newTicketArgs{key: key, sLevel: "2", category: "1", priority: "1", owner: owner}))).Owner)
		}
		if !slices.Equal(turns, []skranke.UserID{ada, bo, ada}) {
			t.Errorf("delegated to %v", turns)
		}
		// ticket.newTicket.3
		for _, test := range []struct {
			priority  string
			customers []string
			want      skranke.PriorityID
		}{
			{"-1", []string{"2", "3"}, high}, {"", []string{"3", "2"}, alsoLow}, {"-1", []string{"1"}, normal}, {"-1", nil, normal}, {"6", nil, idle},
		} {
			if got := w.ticket(ticketID(t, w.newTicket(newTicketArgs{key: key, sLevel: "2", category: "1", priority: test.priority, owner: "1", customers: test.customers}))); got.Priority != test.want || got.OrigPriority != test.want {
				t.Errorf("priority %q of customers %q: got %d, want %d", test.priority, test.customers, got.Priority, test.want)
			}
		}
		// ticket.newTicket.11
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			p := skranke.Priority{ID: high, Name: "High", Deadline: 60, Levels: []skranke.AlertLevel{{Level: 1, Timeout: 30}}}
			p.Actions[skranke.EscalateNew] = skranke.EscalateRestart
			return tx.UpdatePriority(ctx, &p)
		})
		if got := w.ticket(ticketID(t, w.newTicket(newTicketArgs{key: key, sLevel: "2", category: "1", priority: "3", owner: "1"}))); !got.Deadline.Equal(morning.Add(time.Hour)) || !got.AlertTimeout.Equal(morning.Add(30*time.Minute)) {
			t.Errorf("deadline %v, alert %v", got.Deadline, got.AlertTimeout)
		}
		// types.limit.1, ticket.common.17
		long := w.agent("newTicket", key, strings.Repeat("å", 300), "2", "1", "1", "1").want("0")
		if got := w.ticket(ticketID(t, long)).Title; got != strings.Repeat("å", 255) {
			t.Errorf("a title of 300 characters is stored as %q", got)
		}
	})
}

func TestAgentNewTicketNotifies(t *testing.T) {
	w := newWorld(t)
	key := w.logInUser("ada")
	make := func(owner string, notify any) string {
		return w.newTicket(newTicketArgs{key: key, sLevel: "2", category: "1", priority: "1", owner: owner, customers: []string{"9"}, notify: notify}).must().text("ticketId")
	}
	// ticket.newTicket.9, ticket.common.4: '' and nothing are false
	for _, no := range []any{false, "", "0", "FALSE", absent{}} {
		make("7", no)
	}
	same(t, "of Bo", w.notifications(bo), []string{})
	var want []string
	for _, yes := range []any{true, "1", "True"} {
		want = append(want, "type 1 ticket "+make("7", yes)+" by 2")
	}
	same(t, "of Bo", w.notifications(bo), want)
	own := make("2", true) // also the acting user
	same(t, "of Ada", w.notifications(ada), []string{"type 1 ticket " + own + " by 2"})
	make("1", true)
	same(t, "of Ada", w.notifications(ada), []string{"type 1 ticket " + own + " by 2"})
	if got := w.mails(); got != 0 { // the customers get no mail
		t.Errorf("%d mails were sent", got)
	}
	w.unchanged(func() {
		for _, bad := range []string{"yes", "2", "maybe"} { // ticket.common.4, types.ftype.4, types.transport.7
			if a := w.newTicket(newTicketArgs{key: key, sLevel: "2", category: "1", priority: "1", owner: "1", notify: bad}); a.fault == "" || a.status != 500 {
				t.Errorf("sendNotification %q: got %s", bad, a.raw)
			}
		}
	})
}

func TestAgentNewTicketRefused(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		good := newTicketArgs{key: key, sLevel: "2", category: "1", priority: "1", owner: "-1", customers: []string{"1"}, notify: true}
		refused := func(code string, change func(*newTicketArgs)) {
			t.Helper()
			a := good
			change(&a)
			w.unchanged(func() { w.newTicket(a).want(code).empty("ticket", "newTicket") }) // ticket.newTicket.10, ticket.common.2, ticket.common.8
		}
		for _, bad := range []string{"", "0", "3", "x", "-1"} { // ticket.newTicket.1
			refused("10", func(a *newTicketArgs) { a.sLevel = bad })
		}
		for _, bad := range []string{"", "0", "99", "-1", "x"} { // ticket.newTicket.2, ticket.common.5
			refused("8", func(a *newTicketArgs) { a.category = bad })
		}
		for _, bad := range []string{"4", "99", "0", "x"} { // ticket.newTicket.3
			refused("9", func(a *newTicketArgs) { a.priority = bad })
		}
		for _, bad := range []string{"0", "4", "5", "99", "-2", "x"} { // ticket.newTicket.4
			refused("29", func(a *newTicketArgs) { a.owner = bad })
		}
		for _, bad := range []string{"7", "99", "0", "-1", "x"} { // ticket.newTicket.5
			refused("31", func(a *newTicketArgs) { a.customers = []string{"1", bad} })
		}
		for _, bad := range []pair{ // ticket.newTicket.6, ticket.common.6, ticket.common.17
			{"x_999", ""}, {"x_301", "1"}, {"x_202", "1"}, {"ticket.title", "1"}, {"title", "1"}, {"status", "2"}, {"x_204", "1"}, {"x_206", ""}, {"x_101", "x"}, {"x_110", strings.Repeat("x", 256)},
			{"Colour", "1"}, {"ticket.Colour", "1"}, // types.extra.2
		} {
			refused("12", func(a *newTicketArgs) { a.extra = []pair{bad} })
		}
		w.newTicket(newTicketArgs{key: key, sLevel: "2", category: "1", priority: "1", owner: "1", customers: []string{"6"}, extra: []pair{{"x_203", "hidden"}}}).want("0") // a retired customer, a hidden field
		// ticket.common.7: the first failure decides
		order := []struct {
			code  string
			spoil func(*newTicketArgs)
		}{
			{"5", func(a *newTicketArgs) { a.key = "" }}, {"10", func(a *newTicketArgs) { a.sLevel = "" }}, {"8", func(a *newTicketArgs) { a.category = "" }},
			{"9", func(a *newTicketArgs) { a.priority = "x" }}, {"29", func(a *newTicketArgs) { a.owner = "0" }},
			{"31", func(a *newTicketArgs) { a.customers = []string{"99"} }}, {"12", func(a *newTicketArgs) { a.extra = []pair{{"x", ""}} }},
		}
		for i := range order {
			refused(order[i].code, func(a *newTicketArgs) {
				for _, o := range order[i:] {
					o.spoil(a)
				}
			})
		}
	})
}

func TestAgentGetTicket(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		a := w.agent("getTicket", key, "1012", []string{
			"ticket.cust_id", "TICKET.author", "no.such", "ticket.created_by", "ticket.owned_by", "ticket.slevel", "ticket.filter_address", "title",
			"ticket_last_changed", "ticket.x_201", "ticket.x_202", "ticket.x_203", "ticket.category", "ticket.priority", "ticket.replied_at", "ticket.cust_id", "",
		}).want("0")
		// ticket.getTicket.1, ticket.getTicket.2, ticket.getTicket.6, ticket.common.5, ticket.common.6, ticket.common.13
		same(t, "fields", a.rows("ticketResult"), []string{
			"ticket.cust_id|1|TypeCustomerId", "TICKET.author|Kari Nordmann|TypeVarchar", "ticket.created_by|1|TypeUserId", "ticket.owned_by|2|TypeUserId",
			"ticket.slevel|2|TypeInteger", "ticket.filter_address||TypeVarchar", "ticket_last_changed|2021-01-25 10-00-00.000|TypeDateTime",
			"ticket.x_201|do not show|TypeVarchar", "ticket.x_203|do not show|TypeVarchar", "ticket.category|1|TypeForeignKey",
			"ticket.priority|1|TypeForeignKey", "ticket.replied_at|2021-01-25 09-00-00.000|TypeDateTime", "ticket.cust_id|1|TypeCustomerId",
		})
		// Tolerated beside the documented ones
		b := w.agent("getTicket", key, "1012", []string{"customer.id", "Customer.FirstName", "customer.lastname", "ticket.alert_level", "customer.phone"}).want("0")
		same(t, "of the customer", b.rows("ticketResult"), []string{"customer.id|1|TypeCustomerId", "Customer.FirstName|Kari|TypeVarchar", "customer.lastname|Nordmann|TypeVarchar", "ticket.alert_level|0|TypeInteger"})
		b = w.agent("getTicket", key, "1030", []string{"customer.id", "customer.firstname"}).want("0")
		same(t, "of no customer", b.rows("ticketResult"), []string{"customer.id|-1|TypeCustomerId", "customer.firstname||TypeVarchar"})
		// ticket.getTicket.4: internal ones too, by time, then id
		same(t, "messages", a.list("messageIds"), []string{"15", "11", "12", "13", "14", "16"})
		same(t, "messages", w.agent("getTicket", key, "1012").want("0").list("messageIds"), []string{"15", "11", "12", "13", "14", "16"})
		if w.style.String() != "document/literal" {
			for _, item := range a.part("messageIds").kids { // ticket.common.4
				if got := item.attrs["type"]; !strings.HasSuffix(got, ":int") {
					t.Errorf("a message id has the type %s", got)
				}
			}
		}
		// ticket.getTicket.3, ticket.getTicket.5, ticket.common.13: nothing is hidden, nothing followed
		for id, status := range map[string]string{"1012": "1", "1013": "1", "1015": "4", "1018": "1", "1019": "5", "1021": "5", "1026": "1", "1027": "3", "1028": "2", "1030": "1"} {
			a := w.agent("getTicket", key, id, []string{"ticket.id", "ticket.status"}).want("0")
			same(t, "ticket "+id, a.rows("ticketResult"), []string{"ticket.id|" + id + "|TypeRequestId", "ticket.status|" + status + "|TypeInteger"})
		}
		a = w.agent("getTicket", key, "1030", []string{"ticket.cust_id", "ticket.closed_at", "ticket.x_116", "ticket.x_106"}).want("0") // ticket.common.16
		same(t, "unset", a.rows("ticketResult"), []string{"ticket.cust_id|-1|TypeCustomerId", "ticket.closed_at||TypeDateTime", "ticket.x_116|-1|TypeCustomerId", "ticket.x_106|0|TypeBool"})
		for _, bad := range []string{"", "0", "-1", "9999", "x", "1012.0", "99999999999999999999"} { // ticket.common.5
			w.agent("getTicket", key, bad, []string{"ticket.id"}).want("13").empty("ticket", "getTicket")
		}
		w.unchanged(func() { // ticket.common.15
			for id := 1011; id < 1035; id++ {
				w.agent("getTicket", key, fmt.Sprint(id), []string{"ticket.id"})
				w.agent("getMessage", key, fmt.Sprint(id-1001), []string{"message.id"})
			}
			if err := w.desk.Flush(context.Background()); err != nil {
				t.Error(err)
			}
		})
	})
}

func TestAgentGetMessage(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		// ticket.getMessage.1, ticket.getMessage.2
		a := w.agent("getMessage", key, "12", []string{"message.slevel", "none", "message.body", "message.html_body", "message.header", "message.id", "message.created_at", "message.author"}).want("0")
		same(t, "message 12", a.rows("messageResult"), []string{
			"message.slevel|1|TypeInteger", "message.body|among us|TypeClob", "message.html_body||TypeClob", "message.header||TypeClob",
			"message.id|12|TypeInteger", "message.created_at|2021-01-25 10-00-00.000|TypeDateTime", "message.author||TypeVarchar",
		})
		same(t, "files", a.rows("attachmentInfo"), []string{"3|inner.txt|text/plain|key-of-file-3"}) // ticket.getMessage.3, ticket.getMessage.4
		for range 2 {                                                                                // in linking order, also when no field is asked; the key never changes
			same(t, "files of 11", w.agent("getMessage", key, "11").want("0").rows("attachmentInfo"), []string{"2|smile.png|image/png|key-of-file-2", "1|log.txt|text/plain|key-of-file-1"})
		}
		for i, name := range []string{"attachmentId", "attachmentName", "contentType", "attachmentKey"} {
			if got := a.part("attachmentInfo").kids[0].kids[i].name; got != name {
				t.Errorf("member %d is %s, want %s", i, got, name)
			}
		}
		// The whole header, and both names of the HTML part
		a = w.agent("getMessage", key, "13", []string{"message.md_body", "message.html_body", "message.slevel", "message.header"}).want("0")
		got := a.rows("messageResult")
		same(t, "message 13", got[:3], []string{"message.md_body|<p>same&nbsp;moment</p>\r\n|TypeClob", "message.html_body|<p>same&nbsp;moment</p>\r\n|TypeClob", "message.slevel|2|TypeInteger"})
		if !strings.Contains(got[3], "hidden@example.no") {
			t.Errorf("header: got %q", got[3])
		}
		for _, id := range []string{"20", "21", "22", "24"} {
			w.agent("getMessage", key, id, []string{}).want("0")
		}
		for _, bad := range []string{"", "0", "-1", "999", "x"} {
			w.agent("getMessage", key, bad, []string{"message.id"}).want("18").empty("ticket", "getMessage")
		}
	})
}

func TestAgentAddMessage(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("bo")
		w.clock.advance(time.Minute)
		now := morning.Add(time.Minute)
		for _, test := range []struct {
			body, html         string
			wantBody, wantHTML string
			kind               skranke.MessageKind
		}{
			// ticket.addMessage3.1, ticket.addMessage3.2, ticket.addMessage3.3, ticket.addMessage.1, ticket.addMessage.8
			{" plain\r\n ", "", " plain\r\n ", "", skranke.Plain},
			{"plain", "<p onclick='x()'>html</p><script>y</script>", "plain", "<p onclick='x()'>html</p><script>y</script>", skranke.HTML},
			{"", "<p>only&nbsp;<b>html</b></p>", "", "<p>only&nbsp;<b>html</b></p>", skranke.HTML},
			{"", "", "", "", skranke.Plain},
		} {
			a := w.addMessage3(key, "1018", test.body, test.html, "2", []string{}, false).want("0")
			m := w.message(messageID(t, a, "messageID"))
			if test.wantBody == "" && test.html != "" { // a text rendering
				if !strings.Contains(m.Body, "only") || !strings.Contains(m.Body, "html") || strings.ContainsAny(m.Body, "<>&") {
					t.Errorf("the text of %q is %q", test.html, m.Body)
				}
				test.wantBody = m.Body
			}
			if m.Body != test.wantBody || m.HTMLBody != test.wantHTML || m.Kind != test.kind || m.SLevel != skranke.External || m.CreatedBy != bo ||
				m.Customer != 0 || m.Author != "Bo Berg" || !m.CreatedAt.Equal(now) || m.Ticket != 1018 {
				t.Errorf("%+v: stored %+v", test, m)
			}
			ids := w.agent("getTicket", key, "1018").list("messageIds")
			if ids[len(ids)-1] != a.text("messageID") { // ticket.addMessage.2
				t.Errorf("the new message %s is not the last of %q", a.text("messageID"), ids)
			}
		}
		got := w.ticket(1018)
		// ticket.addMessage.4
		if got.NumMessages != 4 || !got.LastChanged.Equal(now) || !got.RepliedAt.Equal(now) || got.HasAttachment || got.NumReplies != 4 {
			t.Errorf("ticket: %+v", got)
		}
		w.clock.advance(time.Minute)
		w.addMessage3(key, "1018", "b", "", "2").want("0") // the first answer stays the first
		if got := w.ticket(1018); !got.RepliedAt.Equal(now) {
			t.Errorf("replied at %v, want %v", got.RepliedAt, now)
		}
		w.addMessage3(key, "1016", "b", "", "1", []string{"3", "52", "3", "53"}).want("0") // ticket.addMessage.5, ticket.addMessage.6
		if got := w.ticket(1016); !got.RepliedAt.IsZero() || !got.HasAttachment {
			t.Errorf("after an internal message with files: %+v", got)
		}
		second := w.addMessage3(key, "1016", "b", "", "1", []string{"53"}).want("0") // one file may hang on several messages
		if got := w.message(messageID(t, second, "messageID")).Attachments; !slices.Equal(got, []skranke.AttachmentID{53}) {
			t.Errorf("files %v", got)
		}
		ids := w.agent("getTicket", key, "1016").list("messageIds")
		same(t, "files", w.agent("getMessage", key, ids[1]).rows("attachmentInfo"), []string{
			"3|inner.txt|text/plain|key-of-file-3", "52|olas.txt|text/plain|key-of-file-52", "53|adas.txt|text/plain|key-of-file-53",
		})
		same(t, "log", w.logActions(1016)[:2], []string{"16 customer 0 user 7 message false", "10011 customer 0 user 7 message true"}) // ticket.common.18

		// ticket.addMessage.4: green turns yellow, but not by the owner's own message
		adas := w.logInUser("ada")
		w.addMessage3(adas, "1012", "b", "", "2").want("0")
		if got := w.ticket(1012).ReadStatus; got != skranke.Green {
			t.Errorf("read status after the owner wrote: %d", got)
		}
		w.addMessage3(key, "1012", "b", "", "2").want("0")
		if got := w.ticket(1012).ReadStatus; got != skranke.Yellow {
			t.Errorf("read status after another wrote: %d", got)
		}
		// ticket.addMessage.3, ticket.addMessage3.4, ticket.addMessage2.1: nothing of this changes
		for _, id := range []skranke.TicketID{1013, 1015, 1019, 1026, 1027, 1028, 1029} {
			before := w.ticket(id)
			w.addMessage3(key, fmt.Sprint(id), "b", "", "2").want("0")
			after := w.ticket(id)
			after.LastChanged, after.NumMessages, after.NumReplies, after.RepliedAt = before.LastChanged, before.NumMessages, before.NumReplies, before.RepliedAt
			if g, want := fmt.Sprintf("%+v", *after), fmt.Sprintf("%+v", *before); g != want {
				t.Errorf("ticket %d:\n got %s\nwant %s", id, g, want)
			}
		}
	})
}

func TestAgentAddMessageRefused(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		for _, test := range []struct {
			key, template, ticket, sLevel string
			files                         []string
			code                          string
		}{
			{key, "999", "1012", "2", nil, "7"}, {key, "x", "1012", "2", nil, "7"}, {key, "99999999999999", "1012", "2", nil, "7"}, // ticket.addMessage2.3
			{key, "", "9999", "2", nil, "13"}, {key, "", "", "2", nil, "13"}, {key, "", "x", "2", nil, "13"},
			{key, "", "1012", "", nil, "10"}, {key, "", "1012", "3", nil, "10"}, {key, "", "1012", "0", nil, "10"}, // ticket.addMessage.5
			{key, "", "1012", "2", []string{"1", "99"}, "16"}, {key, "", "1012", "2", []string{"x"}, "16"}, {key, "", "1012", "2", []string{"0"}, "16"}, // ticket.addMessage.6
			// ticket.addMessage.8, ticket.common.7
			{"", "999", "9999", "3", []string{"99"}, "5"}, {key, "999", "9999", "3", []string{"99"}, "7"}, {key, "0", "9999", "3", []string{"99"}, "13"}, {key, "-5", "1012", "3", []string{"99"}, "10"},
		} {
			w.unchanged(func() { // ticket.common.8
				a := w.agent("addMessage3", test.key, "b", "<p>", test.template, test.ticket, test.sLevel, test.files, true, []string{"to@example.no"}, []string{}, []string{})
				a.call = fmt.Sprintf("addMessage3 %+v", test)
				a.want(test.code).empty("ticket", "addMessage3")
			})
		}
		for _, none := range []string{"", " 0 ", "-1", "-99"} { // ticket.addMessage2.2
			a := w.agent("addMessage3", key, "my own", "", none, "1012", " 2 ", []string{}).want("0")
			if got := w.message(messageID(t, a, "messageID")).Body; got != "my own" {
				t.Errorf("replyTemplateId %q: got body %q", none, got)
			}
		}
	})
}

func TestAgentAddMessageTells(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("bo")
		w.addMessage3(key, "1012", "b", "", "2", []string{}, false).want("0")
		w.addMessage3(key, "1012", "b", "", "2").want("0") // a missing boolean is false: types.ftype.4
		same(t, "of Ada", w.notifications(ada), []string{})
		w.addMessage3(key, "1012", "b", "", "1", []string{}, true).want("0") // ticket.addMessage.7
		same(t, "of Ada", w.notifications(ada), []string{"type 2 ticket 1012 by 7"})
		w.addMessage3(key, "1016", "b", "", "1", []string{}, true).want("0") // of nobody
		if got := w.mails(); got != 0 {                                      // ticket.addMessage.1: no recipients, no mail
			t.Errorf("%d mails without a recipient", got)
		}
		// ticket.addMessage2.4: illegal addresses are passed over; the recipients stay with the message and are no customers
		a := w.addMessage3(key, "1016", "b", "", "1", []string{}, false, []string{"Per <per@example.no>", "nonsense", "per@example.no"}, []string{"cc@example.no"}, []string{"bcc@example.no"}).want("0")
		m := w.message(messageID(t, a, "messageID"))
		if got := fmt.Sprint(m.To, m.Cc, m.Bcc); !strings.Contains(got, "per@example.no") || !strings.Contains(got, "cc@example.no") || strings.Contains(got, "nonsense") {
			t.Errorf("recipients %s", got)
		}
		if got := w.mails(); got != 1 {
			t.Errorf("%d mails, want 1", got)
		}
		if got := w.ticket(1016).Customers; !slices.Equal(got, []skranke.CustomerID{ola}) {
			t.Errorf("customers %v", got)
		}
		w.addMessage3(key, "1016", "b", "", "1", []string{}, false, []string{"nonsense"}, []string{""}).want("0")
		if got := w.mails(); got != 1 {
			t.Errorf("%d mails after illegal addresses, want 1", got)
		}
		w.addMessage3(key, "1016", "b", "", "1", []string{}, false, "one@example.no").want("0") // ticket.common.3: a scalar is an array of one
		if got := w.mails(); got != 2 {
			t.Errorf("%d mails, want 2", got)
		}
	})
}

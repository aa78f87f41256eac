package e2e

import (
	"slices"
	"testing"
)

// TestTicketPort calls every method of the ticket port through every
// toolkit, in both styles.
func TestTicketPort(t *testing.T) {
	for _, k := range toolkits {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			need(t, k.name, k.has)
			for _, style := range styles {
				t.Run(style, func(t *testing.T) {
					d := start(t).declares(t, "ticket", style)
					c := k.connect(t, d)
					checkTicketPort(t, c)
					wantCalled(t, c, d)
				})
			}
		})
	}
}

func checkTicketPort(t *testing.T, c *client) {
	// ticket.login.1
	r := c.call(t, "login", demo.agent, demo.agentPassword)
	r.wantCode(t, "0")
	key := r.text(t, "sessionKey")
	if !sessionKey.MatchString(key) {
		t.Fatalf("sessionKey: got %q", key)
	}

	// ticket.login.4
	t.Run("login refused", func(t *testing.T) {
		for _, login := range [][2]string{{demo.agent, demo.agentPassword + "x"}, {"nobody", demo.agentPassword}} {
			r := c.call(t, "login", login[0], login[1])
			r.wantCode(t, "2")
			if got := r.text(t, "sessionKey"); got != "" {
				t.Errorf("sessionKey: got %q, want none", got)
			}
		}
		// ticket.common.10
		c.call(t, "login", demo.clerk, demo.agentPassword).wantCode(t, "4")
	})

	var ticket string
	// ticket.newTicket.4 ticket.newTicket.5 ticket.newTicket.6 ticket.newTicket.10 ticket.getTicket.1 ticket.getTicket.2
	t.Run("newTicket", func(t *testing.T) {
		r := c.call(t, "newTicket", key, hardTitle, "2", demo.category, demo.priority, "1",
			[]string{demo.customerID}, []pair{{"ticket." + demo.extraText, hardTitle}}, false)
		r.wantCode(t, "0")
		if ticket = r.text(t, "ticketId"); !number.MatchString(ticket) {
			t.Fatalf("ticketId: got %q", ticket)
		}
		fields := []result{
			{"ticket.id", ticket, "TypeRequestId"},
			{"ticket.title", hardTitle, "TypeVarchar"},
			{"ticket.cust_id", demo.customerID, "TypeCustomerId"},
			{"ticket.owned_by", "1", "TypeUserId"},
			{"ticket.slevel", "2", "TypeInteger"},
			{"ticket." + demo.extraText, hardTitle, "TypeVarchar"},
			{"ticket.has_attachment", "0", "TypeBool"},
		}
		r = c.call(t, "getTicket", key, ticket, slices.Insert(names(fields), 2, "no such field"))
		r.wantCode(t, "0")
		wantEqual(t, "ticketResult", r.results(t, "ticketResult"), fields)
		wantEqual(t, "messageIds", r.list(t, "messageIds"), nil)
	})
	if t.Failed() {
		return
	}

	// ticket.newTicket.1 ticket.newTicket.4 ticket.newTicket.5 ticket.newTicket.6 ticket.newTicket.10 ticket.common.2
	t.Run("newTicket refused", func(t *testing.T) {
		for _, call := range []struct{ level, owner, customer, field, code string }{
			{"3", demo.agentID, demo.customerID, demo.extraText, "10"},
			{"2", demo.missing, demo.customerID, demo.extraText, "29"},
			{"2", demo.agentID, demo.missing, demo.extraText, "31"},
			{"2", demo.agentID, demo.customerID, "title", "12"},
		} {
			r := c.call(t, "newTicket", key, "refused "+hardTitle, call.level, demo.category, demo.priority, call.owner,
				[]string{call.customer}, []pair{{"ticket." + call.field, "x"}}, true)
			r.wantCode(t, call.code)
			if got := r.text(t, "ticketId"); got != "" {
				t.Errorf("ticketId: got %q, want none", got)
			}
		}
		r := c.call(t, "findTickets", key, []criterion{{"ticket.title", "OperatorEquals", "refused " + hardTitle}}, []string{"ticket.id"}, "", "", true)
		r.wantCode(t, "0")
		wantTable(t, r, nil)
	})

	// ticket.addMessage3.1 ticket.addMessage3.2 ticket.addMessage3.3 ticket.addMessage3.4 ticket.getTicket.4 ticket.getMessage.1 ticket.getMessage.2 ticket.common.13
	t.Run("addMessage3", func(t *testing.T) {
		const html = `<p class="x">Får du «logget» inn? &amp; <b>ÆØÅ</b></p>`
		r := c.call(t, "addMessage3", key, c.body(hardBody), html, "", ticket, "2", []string{}, false,
			[]string{"Kåre Ås <kare@example.com>", "ola@example.com"}, []string{"kopi@example.com"}, []string{})
		r.wantCode(t, "0")
		outer := r.text(t, "messageID")
		r = c.call(t, "addMessage3", key, "bare for oss", "", "", ticket, "1", []string{}, false, []string{}, []string{}, []string{})
		r.wantCode(t, "0")
		inner := r.text(t, "messageID")

		r = c.call(t, "getTicket", key, ticket, []string{"ticket.status"})
		r.wantCode(t, "0")
		wantEqual(t, "ticketResult", r.results(t, "ticketResult"), []result{{"ticket.status", "1", "TypeInteger"}})
		wantEqual(t, "messageIds", r.list(t, "messageIds"), []string{outer, inner})

		for _, m := range []message{
			{id: outer, fields: []result{
				{"message.slevel", "2", "TypeInteger"}, {"message.body", c.body(hardBody), "TypeClob"},
				{"message.html_body", html, "TypeClob"}, {"message.header", "", "TypeClob"},
			}},
			{id: inner, fields: []result{
				{"message.slevel", "1", "TypeInteger"}, {"message.body", "bare for oss", "TypeClob"}, {"message.html_body", "", "TypeClob"},
			}},
		} {
			r := c.call(t, "getMessage", key, m.id, names(m.fields))
			r.wantCode(t, "0")
			wantEqual(t, "messageResult", r.results(t, "messageResult"), m.fields)
			wantEqual(t, "attachmentInfo", files(t, r), nil)
		}
	})

	// ticket.common.2
	t.Run("addMessage3 refused", func(t *testing.T) {
		r := c.call(t, "addMessage3", key, "x", "", "", demo.missing, "2", []string{}, true, []string{}, []string{}, []string{})
		r.wantCode(t, "13")
		if got := r.text(t, "messageID"); got != "" {
			t.Errorf("messageID: got %q, want none", got)
		}
	})

	// ticket.getTicket.4 ticket.common.13
	t.Run("getTicket with internal messages", func(t *testing.T) {
		r := c.call(t, "getTicket", key, demo.ticket, names(demo.page))
		r.wantCode(t, "0")
		wantEqual(t, "ticketResult", r.results(t, "ticketResult"), demo.page)
		ids := r.list(t, "messageIds")
		for _, m := range append(slices.Clone(demo.messageIDs), demo.internal.id) {
			if !slices.Contains(ids, m) {
				t.Errorf("messageIds: got %q, want %s among them", ids, m)
			}
		}
	})

	// ticket.getMessage.1 ticket.getMessage.3
	for _, m := range append(slices.Clone(demo.messages), demo.internal) {
		t.Run("getMessage "+m.id, func(t *testing.T) {
			r := c.call(t, "getMessage", key, m.id, slices.Insert(names(m.fields), 1, "no such field"))
			r.wantCode(t, "0")
			wantEqual(t, "messageResult", r.results(t, "messageResult"), m.fields)
			wantEqual(t, "attachmentInfo", files(t, r), m.files)
		})
	}

	t.Run("getTicket of an unknown ticket", func(t *testing.T) {
		r := c.call(t, "getTicket", key, demo.missing, []string{"ticket.title"})
		r.wantCode(t, "13")
		wantEqual(t, "ticketResult", r.results(t, "ticketResult"), nil)
		wantEqual(t, "messageIds", r.list(t, "messageIds"), nil)
	})

	checkAgentLists(t, c, key)
	checkPeople(t, c, key)
	checkExtraTables(t, c, key)
	checkAgentWork(t, c, key)

	// ticket.logout.1
	t.Run("logout", func(t *testing.T) {
		c.call(t, "logout", key).wantCode(t, "0")
		c.call(t, "logout", key).wantCode(t, "5")
		c.call(t, "getTicket", key, demo.ticket, []string{"ticket.title"}).wantCode(t, "5")
	})
}

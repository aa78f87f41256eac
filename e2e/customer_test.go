package e2e

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	sessionKey = regexp.MustCompile(`^[0-9A-Za-z]{32}$`)
	number     = regexp.MustCompile(`^[1-9][0-9]*$`)
	moment     = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d-\d\d-\d\d\.\d{3}$`)
)

// Texts that a careless encoder spoils.
const (
	hardTitle = `Blåbærsyltetøy & <æøå> "ÆØÅ" 'x' € 100 % ]]> &amp;`
	hardBody  = "Hei,\r\n\r\nsyltetøyet kom ikke fram & <b>ÆØÅ</b> &lt;\r\n\t«Sitat» – 5 €\r\n  Hilsen Ola"
)

// The texts of the error codes the checks meet.
const (
	noError         = "no error"
	unknownTicket   = "ticket not found or not accessible"
	unknownMessage  = "message not found or not accessible"
	invalidCategory = "category not valid"
	unknownUser     = "user id not found"
	invalidSession  = "session key expired or not valid"
)

// TestCustomerPort calls every method of the customer port through
// every toolkit, in both styles.
func TestCustomerPort(t *testing.T) {
	for _, k := range toolkits {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			need(t, k.name, k.has)
			for _, style := range styles {
				t.Run(style, func(t *testing.T) {
					s := start(t)
					d := s.declares(t, "customer", style)
					c := k.connect(t, d)
					checkCustomerPort(t, s, c)
					wantCalled(t, c, d)
				})
			}
		})
	}
}

func checkCustomerPort(t *testing.T, s *server, c *client) {
	// customer.login.1 customer.login.2 types.transport.1
	r := c.call(t, "login", demo.customer, demo.password)
	r.wantCode(t, "0")
	key := r.text(t, "sessionKey")
	if !sessionKey.MatchString(key) {
		t.Fatalf("sessionKey: got %q", key)
	}

	// customer.login.1 customer.login.2 types.transport.8
	t.Run("login refused", func(t *testing.T) {
		r := c.call(t, "login", demo.customer, demo.password+"x")
		r.wantCode(t, "1")
		if got := r.text(t, "sessionKey"); got != "" {
			t.Errorf("sessionKey: got %q, want none", got)
		}
	})

	// customer.checkPassword.1
	t.Run("checkPassword", func(t *testing.T) {
		c.call(t, "checkPassword", demo.customer, demo.password).wantCode(t, "0")
		c.call(t, "checkPassword", demo.customer, demo.password+"æ").wantCode(t, "1")
	})

	// customer.getTicket.1 customer.getTicket.21 customer.getTicket.22
	t.Run("getTicket as on its page", func(t *testing.T) {
		r := c.call(t, "getTicket", key, demo.ticket, names(demo.page))
		r.wantCode(t, "0")
		wantEqual(t, "ticketResult", r.results(t, "ticketResult"), demo.page)
		wantEqual(t, "messageIds", r.list(t, "messageIds"), demo.messageIDs)
	})

	// customer.getTicket.3 customer.getTicket.4 customer.getTicket.5 customer.getTicket.6 customer.getTicket.7
	// customer.getTicket.8 customer.getTicket.9 customer.getTicket.10 customer.getTicket.13 customer.getTicket.14
	// customer.getTicket.15 types.ftype.1 types.ftype.2
	t.Run("getTicket with every field", func(t *testing.T) {
		// An illegal name first, one here and there between the legal ones, and last.
		var asked []string
		for i, name := range names(demo.fields) {
			if i < len(demo.illegal) {
				asked = append(asked, demo.illegal[i])
			}
			asked = append(asked, name)
		}
		r := c.call(t, "getTicket", key, demo.ticket, append(asked, "no such field"))
		r.wantCode(t, "0")
		got := r.results(t, "ticketResult")
		for i := range got {
			// customer.getTicket.26: it was read a moment ago.
			if got[i].field == demo.read {
				if !moment.MatchString(got[i].value) {
					t.Errorf("%s after a reading: got %q, want a moment", demo.read, got[i].value)
				}
				got[i].value = ""
			}
		}
		wantEqual(t, "ticketResult", got, demo.fields)
		wantEqual(t, "messageIds", r.list(t, "messageIds"), demo.messageIDs)
	})

	// customer.getTicket.11
	t.Run("getTicket without fields", func(t *testing.T) {
		r := c.call(t, "getTicket", key, demo.ticket, []string{})
		r.wantCode(t, "0")
		wantEqual(t, "ticketResult", r.results(t, "ticketResult"), nil)
		wantEqual(t, "messageIds", r.list(t, "messageIds"), demo.messageIDs)
	})

	// customer.getTicket.14 customer.getTicket.16
	t.Run("getTicket without messages", func(t *testing.T) {
		r := c.call(t, "getTicket", key, demo.emptyTicket, names(demo.empty))
		r.wantCode(t, "0")
		wantEqual(t, "ticketResult", r.results(t, "ticketResult"), demo.empty)
		wantEqual(t, "messageIds", r.list(t, "messageIds"), nil)
	})

	// types.ftype.2
	t.Run("getTicket of a closed ticket", func(t *testing.T) {
		r := c.call(t, "getTicket", key, demo.closedTicket, names(demo.closed))
		r.wantCode(t, "0")
		wantEqual(t, "ticketResult", r.results(t, "ticketResult"), demo.closed)
	})

	// customer.getTicket.25 types.acl.6
	t.Run("getTicket of a merged ticket", func(t *testing.T) {
		r := c.call(t, "getTicket", key, demo.mergedTicket, []string{"ticket.id"})
		r.wantCode(t, "0")
		wantEqual(t, "ticketResult", r.results(t, "ticketResult"), []result{{"ticket.id", demo.ticket, "TypeRequestId"}})
		wantEqual(t, "messageIds", r.list(t, "messageIds"), demo.messageIDs)
	})

	// customer.getTicket.2 customer.getTicket.24 types.acl.1 types.acl.4
	t.Run("getTicket of a ticket that is not for the customer", func(t *testing.T) {
		for _, ticket := range append(slices.Clone(demo.hiddenTickets), demo.missing, demo.ticket+"x", "") {
			r := c.call(t, "getTicket", key, ticket, []string{"ticket.id"})
			r.wantCode(t, "13")
			wantEqual(t, "ticketResult", r.results(t, "ticketResult"), nil)
			wantEqual(t, "messageIds", r.list(t, "messageIds"), nil)
			wantLastError(t, c, key, unknownTicket)
		}
	})

	// customer.getTicket.19 customer.getTicket.20 customer.getTicket.29 customer.getErrorMessage.2 types.transport.7 types.error.1 types.error.2
	t.Run("getTicket of an unknown ticket", func(t *testing.T) {
		r := c.call(t, "getTicket", key, demo.missing, []string{"ticket.title"})
		r.wantCode(t, "13")
		wantEqual(t, "ticketResult", r.results(t, "ticketResult"), nil)
		wantEqual(t, "messageIds", r.list(t, "messageIds"), nil)
		wantLastError(t, c, key, unknownTicket)
	})

	// customer.getTicket.17 customer.getMessage.1 customer.getMessage.2 customer.getMessage.3
	// customer.getMessage.5 customer.getMessage.6 types.transport.11
	for _, m := range demo.messages {
		t.Run("getMessage "+m.id, func(t *testing.T) {
			want := append(slices.Clone(m.fields), result{"message.header", m.header, "TypeClob"})
			r := c.call(t, "getMessage", key, m.id, slices.Insert(names(want), 1, "no such field"))
			r.wantCode(t, "0")
			wantEqual(t, "messageResult", r.results(t, "messageResult"), want)
			wantEqual(t, "attachmentInfo", files(t, r), keyless(m.files))
		})
	}

	// customer.getMessage.4
	t.Run("getMessage of a message that is not for the customer", func(t *testing.T) {
		for _, message := range append(demo.hiddenMessages, demo.missing) {
			r := c.call(t, "getMessage", key, message, []string{"message.body"})
			r.wantCode(t, "18")
			wantEqual(t, "messageResult", r.results(t, "messageResult"), nil)
			wantEqual(t, "attachmentInfo", files(t, r), nil)
		}
		wantLastError(t, c, key, unknownMessage)
	})

	checkFindTickets(t, c, key)

	// customer.newTicket.1 customer.newTicket.6 customer.addMessage.3 customer.addMessage.4 customer.getTicket.27
	// types.extra.6
	t.Run("a ticket of one's own", func(t *testing.T) {
		r := c.call(t, "newTicket", key, hardTitle, "2", demo.category, demo.priority, []pair{{demo.extraText, hardTitle}})
		r.wantCode(t, "0")
		ticket := r.text(t, "ticketId")
		if !number.MatchString(ticket) {
			t.Fatalf("ticketId: got %q", ticket)
		}

		r = c.call(t, "addMessage", key, c.body(hardBody), ticket, "2", []string{demo.stray.id})
		r.wantCode(t, "0")
		message := r.text(t, "messageId")
		r = c.call(t, "addMessage", key, "bare for dere", ticket, "1", []string{})
		r.wantCode(t, "0")
		c.call(t, "getMessage", key, r.text(t, "messageId"), []string{}).wantCode(t, "18")

		fields := []result{
			{"ticket." + demo.extraText, hardTitle, "TypeVarchar"},
			{"ticket.id", ticket, "TypeRequestId"},
			{"ticket.title", hardTitle, "TypeVarchar"},
			{"ticket.category", demo.category, "TypeForeignKey"},
			{"ticket.priority", demo.priority, "TypeForeignKey"},
			{"ticket.status", "1", "TypeInteger"},
			{"ticket.closed_at", "", "TypeDateTime"},
			{"ticket.has_attachment", "1", "TypeBool"},
			demo.extraDefault,
		}
		r = c.call(t, "getTicket", key, ticket, names(fields))
		r.wantCode(t, "0")
		wantEqual(t, "ticketResult", r.results(t, "ticketResult"), fields)
		wantEqual(t, "messageIds", r.list(t, "messageIds"), []string{message})

		fields = []result{{"message.body", c.body(hardBody), "TypeClob"}, {"message.html_body", "", "TypeClob"}, {"message.id", message, "TypeInteger"}}
		r = c.call(t, "getMessage", key, message, names(fields))
		r.wantCode(t, "0")
		wantEqual(t, "messageResult", r.results(t, "messageResult"), fields)
		wantEqual(t, "attachmentInfo", files(t, r), keyless([]file{demo.stray}))
	})

	// customer.newTicket.2 customer.newTicket.3 customer.newTicket.4 customer.newTicket.6
	t.Run("newTicket refused", func(t *testing.T) {
		for _, call := range []struct{ level, category, priority, extra, code string }{
			{"3", demo.category, demo.priority, demo.extraText, "10"},
			{"2", demo.internalCategory, demo.priority, demo.extraText, "8"},
			{"2", demo.category, demo.internalPriority, demo.extraText, "9"},
			{"2", demo.category, "-1", "x_999999", "12"},
			{"2", demo.missing, "-1", demo.extraText, "8"},
		} {
			r := c.call(t, "newTicket", key, "x", call.level, call.category, call.priority, []pair{{call.extra, "y"}})
			r.wantCode(t, call.code)
			if got := r.text(t, "ticketId"); got != "" {
				t.Errorf("ticketId: got %q, want none", got)
			}
		}
		wantLastError(t, c, key, invalidCategory)
	})

	// customer.addMessage.1 customer.addMessage.5
	t.Run("addMessage refused", func(t *testing.T) {
		for _, ticket := range append(slices.Clone(demo.hiddenTickets), demo.colleagueTicket, demo.missing) {
			c.call(t, "addMessage", key, "x", ticket, "2", []string{}).wantCode(t, "13")
		}
		c.call(t, "addMessage", key, "x", demo.ticket, "2", []string{demo.missing}).wantCode(t, "16")
		// It has a message by now.
		c.call(t, "addMessage", key, "x", demo.ticket, "2", []string{demo.stray.id}).wantCode(t, "16")
	})

	// customer.getExtraFields.1 customer.getExtraFields.2 customer.getExtraFields.3 customer.getExtraFields.4
	t.Run("getExtraFields", func(t *testing.T) {
		for domain, want := range demo.extraFields {
			r := c.call(t, "getExtraFields", key, domain)
			r.wantCode(t, "0")
			var got []extraField
			for _, m := range r.structs(t, "extraFields") {
				got = append(got, extraField{m["fieldName"].text, m["displayField"].text, m["fieldId"].text, m["fieldType"].text})
			}
			wantEqual(t, domain, got, want)
		}
		c.call(t, "getExtraFields", key, "kunde").wantCode(t, "11")
	})

	// customer.getPriorities.1 customer.getPriorities.2
	t.Run("getPriorities", func(t *testing.T) {
		r := c.call(t, "getPriorities", key)
		r.wantCode(t, "0")
		var got []priority
		for _, m := range r.structs(t, "priorities") {
			got = append(got, priority{m["id"].text, m["name"].text, m["sortOrder"].text})
		}
		wantEqual(t, "priorities", got, demo.priorities)
	})

	// customer.getCategories.1 customer.getCategories.2 customer.getCategories.3 customer.getCategories.4
	// customer.getCategories.5 types.session.6
	t.Run("getCategories", func(t *testing.T) {
		for _, key := range []string{key, ""} {
			r := c.call(t, "getCategories", key)
			r.wantCode(t, "0")
			wantEqual(t, "categoryIds", categories(t, r, "categoryIds"), demo.categories)
		}
		r := c.call(t, "getCategories", "no such key")
		r.wantCode(t, "5")
		wantEqual(t, "categoryIds", categories(t, r, "categoryIds"), nil)

		r = c.call(t, "login", demo.englishCustomer, demo.password)
		r.wantCode(t, "0")
		r = c.call(t, "getCategories", r.text(t, "sessionKey"))
		r.wantCode(t, "0")
		wantEqual(t, "categoryIds", categories(t, r, "categoryIds"), demo.englishCategories)
	})

	// customer.getCategory.1 customer.getCategory.2
	t.Run("getCategory", func(t *testing.T) {
		for _, want := range demo.categories {
			r := c.call(t, "getCategory", key, want.id)
			r.wantCode(t, "0")
			wantEqual(t, "category", categories(t, r, "category"), []category{want})
		}
		r := c.call(t, "getCategory", key, demo.internalCategory)
		r.wantCode(t, "8")
		wantEqual(t, "category", slices.DeleteFunc(categories(t, r, "category"), func(c category) bool { return c == category{} }), nil)
	})

	// customer.loginAsCustomer.1 customer.loginAsCustomer.2 customer.loginAsCustomer.3 customer.loginAsCustomer.4
	// types.acl.7
	t.Run("loginAsCustomer", func(t *testing.T) {
		r := c.call(t, "loginAsCustomer", demo.agent, demo.agentPassword, demo.customer)
		r.wantCode(t, "0")
		other := r.text(t, "sessionKey")
		if !sessionKey.MatchString(other) || other == key {
			t.Fatalf("sessionKey: got %q, the first was %q", other, key)
		}
		r = c.call(t, "getTicket", other, demo.ticket, names(demo.page))
		r.wantCode(t, "0")
		wantEqual(t, "ticketResult", r.results(t, "ticketResult"), demo.page)
		c.call(t, "logout", other).wantCode(t, "0")

		c.call(t, "loginAsCustomer", demo.agent, demo.agentPassword+"x", demo.customer).wantCode(t, "1")
		c.call(t, "loginAsCustomer", demo.agent, demo.agentPassword, "nobody").wantCode(t, "3")
		c.call(t, "loginAsCustomer", demo.clerk, demo.agentPassword, demo.customer).wantCode(t, "4")
	})

	checkCloseTicket(t, c, key)
	checkAttachments(t, c, key)
	checkOwnValues(t, c, key)
	checkNewCustomer(t, s, c)
	checkLanguages(t, c, key)
	checkFaq(t, c, key)

	// customer.logout.1 customer.logout.2 customer.getTicket.18 types.session.1 types.session.5 types.lasterror.4
	t.Run("logout", func(t *testing.T) {
		other := logIn(t, c, demo.customer)
		c.call(t, "logout", key).wantCode(t, "0")
		r := c.call(t, "getTicket", key, demo.ticket, []string{"ticket.title"})
		r.wantCode(t, "5")
		wantEqual(t, "ticketResult", r.results(t, "ticketResult"), nil)
		c.call(t, "logout", key).wantCode(t, "5")
		wantLastError(t, c, key, invalidSession)
		c.call(t, "getTicket", other, demo.ticket, []string{}).wantCode(t, "0")
	})
}

// body is the text as it arrives when this toolkit sends it.
func (c *client) body(text string) string {
	if c.dropsCR {
		return strings.ReplaceAll(text, "\r\n", "\n")
	}
	return text
}

func names(fields []result) []string {
	var all []string
	for _, f := range fields {
		all = append(all, f.field)
	}
	return all
}

func files(t *testing.T, r answer) []file {
	t.Helper()
	var all []file
	for _, m := range r.structs(t, "attachmentInfo") {
		all = append(all, file{m["attachmentId"].text, m["attachmentName"].text, m["contentType"].text, m["attachmentKey"].text})
	}
	return all
}

// keyless is how customers see files.
func keyless(files []file) []file {
	var all []file
	for _, f := range files {
		f.key = ""
		all = append(all, f)
	}
	return all
}

func categories(t *testing.T, r answer, part string) []category {
	t.Helper()
	var all []category
	for _, m := range r.structs(t, part) {
		all = append(all, category{m["id"].text, m["realCategoryId"].text, m["name"].text, m["parentId"].text})
	}
	return all
}

func wantLastError(t *testing.T, c *client, key, want string) {
	t.Helper()
	// customer.getErrorMessage.1 types.transport.5
	if got := c.call(t, "getErrorMessage", key).text(t, "errorMessage"); got != want {
		t.Errorf("getErrorMessage: got %q, want %q", got, want)
	}
}

func wantEqual[E comparable](t *testing.T, what string, got, want []E) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, any(got), any(want))
	}
}

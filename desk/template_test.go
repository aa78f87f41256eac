package desk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

// office is a world with a user, a customer of a company, a category and a
// ticket, and all that a template may name of them.
type office struct {
	*world
	user     skranke.UserID
	customer skranke.CustomerID
	company  skranke.CompanyID
	norsk    skranke.LanguageID
	svensk   skranke.LanguageID
	ticket   *skranke.Ticket
}

func inOffice(t *testing.T, fn func(o *office)) {
	t.Helper()
	inWorld(t, func(w *world) {
		o := &office{world: w}
		norsk, svensk := skranke.Language{Name: "Norsk", Code: "no"}, skranke.Language{Name: "Svenska", Code: "sv"}
		field := skranke.ExtraField{Domain: skranke.DomainTicket, FieldName: "x_floor", Kind: skranke.ExtraInteger}
		status := skranke.TicketStatus{Name: "With supplier", Base: skranke.Active}
		w.write(func(tx *store.WriteTx) error {
			for _, l := range []*skranke.Language{&norsk, &svensk} {
				if err := tx.InsertLanguage(t.Context(), l); err != nil {
					return err
				}
			}
			if err := tx.InsertTicketStatus(t.Context(), &status); err != nil {
				return err
			}
			return tx.InsertExtraField(t.Context(), &field)
		})
		o.norsk, o.svensk = norsk.ID, svensk.ID
		o.user = w.user(&skranke.User{FirstName: "Una", LastName: "User", UserName: "una", LoginName: "una1", Email: "una@example.org", PasswordHash: "secret hash"})
		boss := w.user(&skranke.User{UserName: "boss", Email: "boss@example.org"})
		o.company = w.company(&skranke.Company{Name: "Acme", Language: o.svensk, OurContact: boss, Domains: []string{"acme.example", "acme.test"}})
		o.customer = w.customer(&skranke.Customer{
			FirstName: "Carl", LastName: "Customer", UserName: "carl", PasswordHash: "secret hash", Company: o.company,
			Language: o.norsk, Emails: []string{"carl@acme.example", "c@acme.test"},
		})
		top := w.category(&skranke.Category{Name: "Hardware"})
		category := w.category(&skranke.Category{Name: "Printers", ExternalName: "Things that print", Parent: top})
		priority := w.priority(&skranke.Priority{Name: "High"})
		o.ticket = w.newTicket(Actor{User: o.user}, TicketDraft{
			Title: "Fire <1>", Category: category, Priority: priority, Owner: o.user, Customers: []skranke.CustomerID{o.customer},
			Extra: []Pair{{"x_floor", "7"}},
		})
		o.ticket.TicketStatus = status.ID
		w.write(func(tx *store.WriteTx) error { return tx.UpdateTicket(t.Context(), o.ticket) })
		fn(o)
	})
}

// answer adds a message made with a template of one default body.
func (o *office) answer(body skranke.TemplateBody, draft MessageDraft) *skranke.Message {
	o.t.Helper()
	body.Flags |= skranke.BodyDefault
	draft.Template = o.template(&skranke.ReplyTemplate{Bodies: []skranke.TemplateBody{body}})
	draft.Ticket = o.ticket.ID
	return o.addMessage(Actor{User: o.user}, draft)
}

func TestTemplateLanguage(t *testing.T) {
	inOffice(t, func(o *office) {
		all := []skranke.TemplateBody{
			{ID: 90, Plain: "first"},
			{ID: 91, Plain: "default", Flags: skranke.BodyDefault},
			{ID: 92, Plain: "svensk", Language: o.svensk},
			{ID: 93, Plain: "norsk", Language: o.norsk},
		}
		// ticket.template.1
		c, err := o.desk.currentCatalog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		without := *c
		without.languages = nil
		norsk, svensk := &skranke.Customer{Language: o.norsk}, &skranke.Company{Language: o.svensk}
		for _, c := range []struct {
			catalog  *catalog
			bodies   []skranke.TemplateBody
			customer *skranke.Customer
			company  *skranke.Company
			want     string
		}{
			{c, all, norsk, svensk, "norsk"},
			{c, all, &skranke.Customer{}, svensk, "svensk"},
			{c, all[:3], norsk, svensk, "svensk"},
			{c, all[:2], norsk, svensk, "default"},
			{c, all, nil, nil, "default"},
			{c, []skranke.TemplateBody{all[2], all[0]}, nil, nil, "first"},
			{&without, all, norsk, svensk, "default"},
		} {
			got := c.catalog.templateBody(&skranke.ReplyTemplate{Bodies: c.bodies}, c.customer, c.company)
			if got == nil || got.Plain != c.want {
				t.Errorf("got body %+v, want %s", got, c.want)
			}
		}
		for i := range all {
			all[i].ID = 0
		}
		id := o.template(&skranke.ReplyTemplate{Bodies: all})
		if m := o.addMessage(Actor{User: o.user}, MessageDraft{Ticket: o.ticket.ID, Template: id, Body: "dropped"}); m.Body != "norsk" {
			t.Errorf("got body %q, want that in the customer's language", m.Body)
		}
		empty := o.template(&skranke.ReplyTemplate{})
		if m := o.addMessage(Actor{User: o.user}, MessageDraft{Ticket: o.ticket.ID, Template: empty, Body: "dropped"}); m.Body != "" || m.HTMLBody != "" {
			t.Errorf("got body %q of a template without bodies, want none", m.Body)
		}
	})
}

func TestTemplateGetsMessage(t *testing.T) {
	const plain, html = "[[message.body]]|%messsage.body%|[[message.bodyPlain]]", "[[message.bodyHtml]]|[[message.body]]"
	both := skranke.TemplateBody{Flags: skranke.BodyPlain | skranke.BodyHTML, Plain: plain, HTML: html}
	inOffice(t, func(o *office) {
		// ticket.template.2
		m := o.answer(both, MessageDraft{Body: "1 < 2\r\n& more"})
		if want := "1 < 2\r\n& more"; m.Body != want+"|"+want+"|"+want {
			t.Errorf("got body %q", m.Body)
		}
		if want := "1 &lt; 2<br>\n&amp; more|1 &lt; 2\r\n&amp; more"; m.HTMLBody != want {
			t.Errorf("got HTML %q, want %q", m.HTMLBody, want)
		}
		m = o.answer(both, MessageDraft{Body: "text", HTMLBody: "<i>html</i>"})
		if m.HTMLBody != "<i>html</i>|text" {
			t.Errorf("got HTML %q, want the caller's", m.HTMLBody)
		}
		m = o.answer(both, MessageDraft{HTMLBody: "<i>html</i>"})
		if m.Body != "html|html|html" || m.Kind != skranke.HTML {
			t.Errorf("got body %q of kind %d, want the text of the HTML", m.Body, m.Kind)
		}
		m = o.answer(both, MessageDraft{})
		if m.Body != "||" || m.HTMLBody != "|" {
			t.Errorf("got body %q, HTML %q; want no values", m.Body, m.HTMLBody)
		}
		// ticket.template.5
		if m = o.answer(skranke.TemplateBody{Plain: "Thank you."}, MessageDraft{Body: "lost"}); m.Body != "Thank you." {
			t.Errorf("got body %q, want the template's alone", m.Body)
		}
	})
}

func TestTemplateParts(t *testing.T) {
	body := skranke.TemplateBody{Plain: "plain [[ticket.title]]", HTML: "<p>html</p><p>[[ticket.title]]</p>"}
	inOffice(t, func(o *office) {
		// ticket.template.4, ticket.template.6, ticket.addMessage2.5
		for _, c := range []struct {
			flags       skranke.TemplateBodyFlags
			plain, html string
			kind        skranke.MessageKind
		}{
			{skranke.BodyPlain | skranke.BodyHTML, "plain Fire <1>", "<p>html</p><p>Fire &lt;1&gt;</p>", skranke.HTML},
			{skranke.BodyPlain, "plain Fire <1>", "", skranke.Plain},
			{skranke.BodyHTML, "html\n\nFire <1>", "<p>html</p><p>Fire &lt;1&gt;</p>", skranke.HTML},
			{0, "plain Fire <1>", "", skranke.Plain},
		} {
			body.Flags = c.flags
			m := o.answer(body, MessageDraft{HTMLBody: "<b>lost</b>"})
			if m.Body != c.plain || m.HTMLBody != c.html || m.Kind != c.kind {
				t.Errorf("flags %d: got %q, %q, kind %d; want %q, %q, %d", c.flags, m.Body, m.HTMLBody, m.Kind, c.plain, c.html, c.kind)
			}
		}
	})
}

func TestTemplateLetterAndAttachments(t *testing.T) {
	inOffice(t, func(o *office) {
		files := make([]skranke.Attachment, 3)
		o.write(func(tx *store.WriteTx) error {
			for i := range files {
				if err := tx.InsertAttachment(t.Context(), &files[i]); err != nil {
					return err
				}
			}
			return nil
		})
		one, two, three := files[0].ID, files[1].ID, files[2].ID
		id := o.template(&skranke.ReplyTemplate{
			Attachments: []skranke.AttachmentID{two, three},
			Bodies: []skranke.TemplateBody{{
				Flags: skranke.BodyDefault | skranke.BodyPlain, Subject: "Re: [[ticket.title]]\n[[customer.firstname]]",
				Header: "X-Team: [[ticket.id]]\nTo: evil@example.org", Plain: "Hello",
			}},
		})
		m := o.addMessage(Actor{User: o.user}, MessageDraft{
			Ticket: o.ticket.ID, Template: id, To: []string{"a@b"}, Attachments: []skranke.AttachmentID{one, two},
		})
		// ticket.template.7
		if want := []skranke.AttachmentID{one, two, three}; !slices.Equal(m.Attachments, want) {
			t.Errorf("got attachments %v, want %v", m.Attachments, want)
		}
		// ticket.mail.3, ticket.mail.4, ticket.template.3
		mail := o.mails()[0]
		if want := taggedSubject("Re: Fire <1> Carl", "ejTag:", o.ticket.ID); mail.Subject != want {
			t.Errorf("got subject %q, want %q", mail.Subject, want)
		}
		if !slices.Equal(mail.Header, []string{"X-Team: [[ticket.id]]"}) || !slices.Equal(mail.Attachments, m.Attachments) || mail.Plain != "Hello" {
			t.Errorf("got mail %+v", mail)
		}
	})
}

func TestTemplateUnknown(t *testing.T) {
	inOffice(t, func(o *office) {
		// ticket.addMessage2.2, ticket.addMessage2.3
		for _, draft := range []MessageDraft{{Template: 4711}, {BadTemplate: true}} {
			draft.Ticket, draft.SLevel, draft.Body, draft.To = o.ticket.ID, skranke.External, "x", []string{"a@b"}
			_, err := o.desk.AddMessage(t.Context(), Actor{User: o.user}, draft)
			if skranke.CodeOf(err) != skranke.CodeCustomError {
				t.Errorf("%+v: got %v, want code 7", draft, err)
			}
		}
		if got := o.world.ticket(o.ticket.ID); got.NumMessages != 0 || len(o.mails()) != 0 {
			t.Errorf("got %d messages and mails %v, want nothing", got.NumMessages, o.mails())
		}
		if m := o.addMessage(Actor{User: o.user}, MessageDraft{Ticket: o.ticket.ID, Template: -1, Body: "mine"}); m.Body != "mine" {
			t.Errorf("got body %q, want the caller's", m.Body)
		}
	})
}

func TestTemplateVariables(t *testing.T) {
	inOffice(t, func(o *office) {
		for name, value := range map[string]string{
			"config.companyName": "Skranke & Sons", "config.cgiUrl": "https://desk.example.org/scripts/",
			"config.smtpHost": "mail.internal", "config.warning": "w", "config.wwwPath": "/srv",
		} {
			o.setting(name, value)
		}
		value := func(name string) string {
			t.Helper()
			return o.answer(skranke.TemplateBody{Plain: "[[" + name + "]]"}, MessageDraft{SLevel: skranke.Internal, Body: "mine"}).Body
		}
		id := idText(o.ticket.ID)
		for name, want := range map[string]string{
			// tt.var.1
			"customer.password": "", "config.smtpHost": "", "config.smtpPort": "", "config.warning": "", "config.wwwPath": "",
			"session.key": "", "sessionKey": "", "customer.passwordHash": "", "user.password": "",
			"ticket.urlWithSession": "https://desk.example.org/scripts/ticket?action=listTicket&ticketId=" + id,
			"ticket.url":            "https://desk.example.org/scripts/ticket?action=listTicket&ticketId=" + id,
			"ticket.customerUrlEnc": "https%3A%2F%2Fdesk.example.org%2Fscripts%2Fcustomer%3Faction%3DlistTicket%26ticketId%3D" + id,
			// tt.var.2, ticket.template.5
			"user.name": "Una User", "user.email": "una@example.org", "user.id": idText(o.user), "user.loginname": "una1",
			"customer.name": "Carl Customer", "customer.email": "carl@acme.example", "customer.language": "no",
			"customer.title": "", "makeSalutation(customer.id)": "Carl Customer", "makeSalutation(77)": "",
			"company.name": "Acme", "company.domain": "acme.example, acme.test",
			"company.ourContact.name": "boss", "ourContact.email": "boss@example.org", "company.ourSalesContact.name": "",
			"company.primaryContact.email": "",
			"ticket.id":                    id, "ticket.title": "Fire <1>", "ticket.priority": "High", "ticket.status": "Active",
			"ticket.ticketStatus": "With supplier", "ticket.slevel": "External", "ticket.ownerFullName": "Una User",
			"ticket.category": "Printers", "ticket.category.fullname": "Hardware/Printers", "ticket.category.externalName": "Things that print",
			"ticket.customerName": "Carl Customer", "ticket.x_floor": "7", "ticket.x_nothing": "", "customer.x_floor": "",
			"message.body": "mine", "message.slevel": "Internal", "message.slevelInteger": "1", "message.author": "Una User",
			"config.companyName": "Skranke & Sons", "config.tag": "ejTag:", "config.mailTag": "ejTag:",
			// tt.var.3
			"ticket.createdAtRaw": "2026-03-02 12:00:00", "ticket.createdAt": "2026-03-02 12:00", "ticket.closedAt": "", "ticket.closedAtRaw": "",
		} {
			if got := value(name); got != want {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
		tree := value("PARSER_TREE")
		if !strings.Contains(tree, "customer.name = Carl Customer\n") {
			t.Errorf("got tree %q, want the variables in it", tree)
		}
		for _, secret := range []string{"secret hash", "mail.internal", "/srv"} {
			if strings.Contains(tree, secret) {
				t.Errorf("got %q in the tree, which is a secret", secret)
			}
		}
		o.write(func(tx *store.WriteTx) error {
			return tx.UpdateUser(t.Context(), &skranke.User{ID: o.user, Status: skranke.UserNormal, Language: "Norwegian"})
		})
		if got, want := value("ticket.createdAt"), "02.03.2026 12:00"; got != want { // tt.var.3
			t.Errorf("got %q, want %q for a Norwegian user", got, want)
		}
	})
}

func TestTemplateVariablesOfNobody(t *testing.T) {
	inOffice(t, func(o *office) {
		o.ticket.Customers, o.ticket.Owner, o.ticket.Category = nil, skranke.SystemUser, 4711
		o.write(func(tx *store.WriteTx) error { return tx.UpdateTicket(t.Context(), o.ticket) })
		// tt.var.2
		const names = "[[customer.id]][[customer.name]][[customer.email]][[customer.language]][[customer.x_floor]][[company.name]]" +
			"[[company.ourContact.name]][[company.primaryContact.email]][[ourContact.name]][[ticket.customerName]][[ticket.customer]]" +
			"[[ticket.ownerFullName]][[ticket.category]][[ticket.category.fullname]][[makeSalutation(customer.id)]]"
		if m := o.answer(skranke.TemplateBody{Plain: names}, MessageDraft{}); m.Body != "" {
			t.Errorf("got %q, want nothing", m.Body)
		}
	})
}

// documented are the names a template may use.
const documented = `
user access dictionary email firstname id language lastname loginname middlename name signature status username
customer bestName cellphone deleted email firstname id language lastname middlename mrmrs name note ourContact password phone salutation title username
company adr department domain fax id name note ourContact ourContact.cellphone ourContact.email ourContact.name ourContact.phone ourSalesContact ourSalesContact.cellphone ourSalesContact.email ourSalesContact.name ourSalesContact.phone phone primaryContact.email primaryContact.id
ourContact email name
ticket activate alertLevel author category category.externalName category.fullname category.id category.name closedAt closedAtRaw createdAt createdAtRaw customer customerName customerUrl customerUrlEnc customerUrlOld dbiAgentId dbiKey deadline id lastChanged lastChangedRaw ownerCellphone ownerFullName ownerUsername priority readByCustomer readByCustomerRaw readByOwner readByOwnerRaw slevel status ticketStatus title url urlWithSession userUrl
message id slevel slevelInteger createdAt createdAtRaw author body bodyHtml bodyPlain header mailSorter messageCategory
config adminMail cgiBin cgiUrl cgiUrlInternal companyAddress companyName defaultMail gfxUrl mailTag panicMail smtpHost smtpPort tag uniqueId warning wwwPath`

func TestTemplateKnowsDocumentedNames(t *testing.T) {
	v := &templateVars{
		catalog: &catalog{}, zone: time.UTC, user: &skranke.User{}, ticket: &skranke.Ticket{}, message: &skranke.Message{},
	}
	for line := range strings.Lines(strings.TrimSpace(documented)) {
		fields := strings.Fields(line)
		for _, name := range fields[1:] { // ticket.template.5
			if _, _, ok := v.variable(skranke.Fold(fields[0] + "." + name)); !ok {
				t.Errorf("%s.%s is unknown", fields[0], name)
			}
		}
	}
}

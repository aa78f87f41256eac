package ports_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"skranke"
	"skranke/store"
)

const marker = "MUSTNOTSHOW"

// readableMessages are the messages each may read.
var readableMessages = map[string][]int{
	"kari": {11, 13, 14, 15, 23, 24}, "ola": {11, 13, 14, 15, 23, 24}, "siv": {22}, "lone": {}, "lars": {}, "gro": {}, "tove": {}, "": {},
}

// mark writes the marker into every text the caller may not see.
func mark(ctx context.Context, tx *store.WriteTx, caller string) error {
	var tickets []skranke.TicketID
	if err := tx.EachTicket(ctx, func(t *skranke.Ticket) error { tickets = append(tickets, t.ID); return nil }); err != nil {
		return err
	}
	known := map[skranke.CustomerID]bool{} // whose names may show
	for _, id := range tickets {
		t, err := tx.Ticket(ctx, id)
		if err != nil {
			return err
		}
		if slices.Contains(readable[caller], int(id)) && t.Status != skranke.Merged {
			for _, c := range t.Customers {
				known[c] = true
			}
		} else {
			t.Title, t.Author = marker+" title", marker+" author"
			t.Extra = append(t.Extra, skranke.ExtraValue{Field: 110, Value: skranke.TextValue(marker + " public field")})
		}
		t.FilterAddress = marker + "@example.no"
		for _, field := range []skranke.ExtraFieldID{extraInternal, extraGone, extraHidden} {
			t.Extra = append(t.Extra, skranke.ExtraValue{Field: field, Value: skranke.TextValue(marker + " field")})
		}
		if err := tx.UpdateTicket(ctx, t); err != nil {
			return err
		}
	}
	for id := 10; id <= 25; id++ {
		m, err := tx.Message(ctx, skranke.MessageID(id))
		if err != nil {
			continue
		}
		m.Bcc, m.MessageID = []string{marker + "@example.no"}, marker
		m.Header = "Bcc: " + marker + "\r\n " + marker + "\r\nSubject: x\r\n"
		if !slices.Contains(readableMessages[caller], id) {
			m.Body, m.HTMLBody, m.Header, m.Author = marker, "<p>"+marker, "From: "+marker, marker
		}
		if err := tx.UpdateMessage(ctx, m); err != nil {
			return err
		}
	}
	own, err := tx.CustomerByUserName(ctx, caller)
	if err != nil {
		own = new(skranke.Customer)
	}
	var customers []skranke.Customer
	if err := tx.EachCustomer(ctx, func(c *skranke.Customer) error { customers = append(customers, *c); return nil }); err != nil {
		return err
	}
	for _, c := range customers {
		c.Extra = append(c.Extra, skranke.ExtraValue{Field: extraOfCustomer2, Value: skranke.TextValue(marker)})
		if c.ID != own.ID {
			c.Note, c.Phone, c.ExtKey, c.Emails = marker, marker, marker, []string{marker + "@example.no"}
			c.Extra = append(c.Extra, skranke.ExtraValue{Field: extraOfCustomer, Value: skranke.TextValue(marker)})
			if !known[c.ID] {
				c.FirstName, c.LastName, c.FullName = marker, marker, marker
			}
		}
		if err := tx.UpdateCustomer(ctx, &c); err != nil {
			return err
		}
	}
	for _, id := range []skranke.CompanyID{acme, beta} {
		c, err := tx.Company(ctx, id)
		if err != nil {
			return err
		}
		if c.ID != own.Company {
			c.Name, c.Note, c.Address, c.Domains = marker, marker, marker, []string{marker}
			if err := tx.UpdateCompany(ctx, c); err != nil {
				return err
			}
		}
	}
	var users []skranke.User
	if err := tx.EachUser(ctx, func(u *skranke.User) error { users = append(users, *u); return nil }); err != nil {
		return err
	}
	for _, u := range users {
		u.FirstName, u.LastName, u.Email, u.LoginName = marker, marker, marker, fmt.Sprint(marker, u.ID)
		if err := tx.UpdateUser(ctx, &u); err != nil {
			return err
		}
	}
	return markLists(ctx, tx)
}

func markLists(ctx context.Context, tx *store.WriteTx) error {
	lists, err := tx.Catalog(ctx)
	if err != nil {
		return err
	}
	for _, c := range lists.Categories {
		if !c.External() {
			c.Name, c.ExternalName = marker, marker
		}
		if c.ExternalName != "" {
			c.Name = marker // the inner name
		}
		c.NotificationEmail = marker
		if err := tx.UpdateCategory(ctx, &c); err != nil {
			return err
		}
	}
	for _, p := range lists.Priorities {
		if p.Deleted || !p.External {
			p.Name = marker
			if err := tx.UpdatePriority(ctx, &p); err != nil {
				return err
			}
		}
	}
	for _, f := range lists.ExtraFields {
		if !f.External() {
			f.Label = fmt.Sprintf("%s %d", marker, f.ID)
			if err := tx.UpdateExtraField(ctx, &f); err != nil {
				return err
			}
		}
	}
	return markCompanies(ctx, tx)
}

// markCompanies gives every company an internal value.
func markCompanies(ctx context.Context, tx *store.WriteTx) error {
	field := &skranke.ExtraField{ID: 403, Domain: skranke.DomainCompany, Kind: skranke.ExtraText, Label: marker}
	if err := tx.InsertExtraField(ctx, field); err != nil {
		return err
	}
	for _, id := range []skranke.CompanyID{acme, beta} {
		c, err := tx.Company(ctx, id)
		if err != nil {
			return err
		}
		c.Extra = append(c.Extra, skranke.ExtraValue{Field: field.ID, Value: skranke.TextValue(marker)})
		if err := tx.UpdateCompany(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// markedFile is the first attachment markFiles makes.
const markedFile = 60

// markFiles stores files nobody but agents may have: of nobody, of somebody
// deleted, and of messages that are internal or in such tickets.
func (w *world) markFiles() {
	w.t.Helper()
	content, err := w.db.Blobs().Create()
	if err != nil {
		w.t.Fatal(err)
	}
	defer content.Abort()
	if _, err := content.Write([]byte(marker)); err != nil {
		w.t.Fatal(err)
	}
	sha, size, err := content.Commit(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for i, uploader := range []skranke.Uploader{{}, {Customer: dag}, {User: ada}, {User: ada}, {Customer: dag}} {
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.InsertAttachment(ctx, &skranke.Attachment{
				ID: skranke.AttachmentID(markedFile + i), Name: marker, ContentType: marker, SHA256: sha, Size: size,
				Key: fmt.Sprint(marker, i), CreatedAt: morning, Uploader: uploader,
			})
		})
	}
	w.attach(1012, skranke.Internal, "63")
	w.attach(1013, skranke.External, "64")
}

// candidates are the values to try for a part of a request.
func candidates(p part, key string) []any {
	numbers := func(from, to int) (list []any) {
		for n := from; n <= to; n++ {
			list = append(list, fmt.Sprint(n))
		}
		return list
	}
	switch strings.ToLower(p.name) {
	case "sessionkey":
		return []any{key}
	case "ticketid":
		return numbers(1011, 1035)
	case "messageid":
		return numbers(10, 25)
	case "categoryid":
		return numbers(0, 9)
	case "attachmentid":
		return numbers(1, markedFile+5)
	case "searchcriteria":
		return []any{
			[]criterion{}, []criterion{{"ticket.id", "OperatorIn", "1-2000"}}, []criterion{{"ticket.title", "OperatorContains", marker}},
			[]criterion{{"ticket.slevel", "OperatorEquals", "1"}, {"ticket.x_201", "OperatorContains", marker}},
		}
	case "customerfields", "companyfields": // one illegal name would refuse them all, so one by one
		lists := []any{customerFields, companyFields}
		for _, name := range []string{"customer.company", "customer.email", "customer.password", "company.department", "company.domains"} {
			lists = append(lists, []string{name})
		}
		for id := 299; id <= 404; id++ {
			if id <= 303 || id >= 400 {
				lists = append(lists, []string{fmt.Sprintf("customer.x_%d", id)}, []string{fmt.Sprintf("company.x_%d", id)}, []string{fmt.Sprintf("x_%d", id)})
			}
		}
		return lists
	case "domain":
		return []any{"ticket", "customer", "company"}
	}
	if strings.HasSuffix(p.typ, "Struct[]") {
		return []any{verbatim("")}
	}
	if !strings.HasSuffix(p.typ, "[]") {
		return numbers(1, 3)
	}
	names := slices.Clone(ticketFields)
	names = append(names, messageFields...)
	names = append(names,
		"ticket.author", "ticket.filter_address", "ticket.owned_by", "ticket.cust_id", "customer.id", "customer.firstname", "customer.lastname",
		"customer.name", "customer.note", "customer.phone", "company.name", "company.note", "company.address", "message.slevel", "message.bcc", "message.to")
	for id := 100; id <= 410; id++ {
		names = append(names, fmt.Sprintf("ticket.x_%d", id), fmt.Sprintf("customer.x_%d", id), fmt.Sprintf("message.x_%d", id))
	}
	return []any{names}
}

// No reading method of the customer port shows any caller a text he may not
// see, whatever he asks for. Methods that are declared later are tried as well.
func TestNothingInternalIsEverAnswered(t *testing.T) {
	for caller := range readableMessages {
		t.Run("as "+caller, func(t *testing.T) {
			w := newWorld(t)
			w.write(func(ctx context.Context, tx *store.WriteTx) error { return mark(ctx, tx, caller) })
			w.markFiles()
			key := ""
			if caller != "" {
				key = w.logIn(caller)
			}
			calls := 0
			for _, op := range declared()[0].Ops {
				if !strings.HasPrefix(op.Name(), "get") && !strings.HasPrefix(op.Name(), "find") {
					continue
				}
				combinations := [][]any{{}}
				for _, p := range methodsOf(t)["customer "+op.Name()].in {
					var longer [][]any
					for _, args := range combinations {
						for _, value := range candidates(p, key) {
							longer = append(longer, append(slices.Clone(args), value))
						}
					}
					combinations = longer
				}
				for _, args := range combinations {
					calls++
					// customer.getTicket.2, customer.getTicket.15, types.acl.1, types.acl.4, types.extra.3, customer.getMessage.6,
					// customer.findTickets.6, customer.getAttachment.3, customer.getCustomer.2, customer.getCompany.2
					if a := w.customer(op.Name(), args...); strings.Contains(a.raw, marker) {
						t.Errorf("%s %.80q shows what is internal:\n%.2000s", op.Name(), args, a.raw)
					}
				}
			}
			if calls < 50 {
				t.Errorf("only %d calls were made", calls)
			}
		})
	}
	// The same questions show it all to an agent, so the marker is where it should be.
	w := newWorld(t)
	w.write(func(ctx context.Context, tx *store.WriteTx) error { return mark(ctx, tx, "lars") })
	key := w.agent("login", marker+"2", userPassword).must().text("sessionKey")
	w.markFiles()
	for id := markedFile; id < markedFile+5; id++ {
		if got := w.attachment(fmt.Sprint(id)); got.Name != marker || got.Size != int64(len(marker)) {
			t.Errorf("file %d is not marked: %+v", id, got)
		}
	}
	for _, field := range []string{"ticket.title", "ticket.author", "ticket.filter_address", "ticket.x_201", "ticket.x_203", "ticket.x_110"} {
		if a := w.agent("getTicket", key, "1013", []string{field}).must(); !strings.Contains(a.raw, marker) {
			t.Errorf("%s is not marked: %s", field, a.raw)
		}
	}
}

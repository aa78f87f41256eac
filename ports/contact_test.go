package ports_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"skranke"
	"skranke/desk"
	"skranke/store"
)

func (w *world) companyRow(id skranke.CompanyID) *skranke.Company {
	w.t.Helper()
	var c *skranke.Company
	w.read(func(ctx context.Context, tx *store.ReadTx) (err error) {
		c, err = tx.Company(ctx, id)
		return err
	})
	return c
}

// refusedUsers calls a method with every key that may not, before anything else
// of the call is looked at.
func (w *world) refusedUsers(name string, rest ...any) {
	w.t.Helper()
	lost := w.logInUser("bo")
	w.updateUser(bo, func(u *skranke.User) { u.Access = 0 })
	defer w.updateUser(bo, func(u *skranke.User) { u.Access = skranke.AccessAdministration })
	for key, code := range map[string]string{"": "5", "no key": "5", w.logIn("kari"): "5", lost: "4"} { // ticket.common.7, ticket.common.9, ticket.common.10
		w.agent(name, append([]any{key}, rest...)...).want(code).empty("ticket", name)
	}
}

func TestAgentNewCustomer(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		mails := w.mails()
		id := w.agent("newCustomer", key).must().text("customerId")
		// ticket.newCustomer.1
		want := skranke.Customer{ID: 12}
		want.Registered = morning
		got := *w.customerRow(12)
		got.Registered = got.Registered.UTC()
		if id != "12" || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) || w.mails() != mails {
			t.Errorf("got id %s, %d mails and\n%+v", id, w.mails()-mails, got)
		}
		a := w.agent("getCustomer", key, id, []string{"customer.id", "customer.company", "customer.name", "customer.language", "customer.username"}).must()
		same(t, "the new customer", a.rows("customerResult"), []string{"customer.id|12|TypeCustomerId", "customer.company|-1|TypeCompanyId",
			"customer.name||TypeVarchar", "customer.language||TypeVarchar", "customer.username||TypeVarchar"})
		same(t, "addresses", a.list("customerEmail"), []string{})
		// ticket.newCustomer.2
		w.agent("setCustomer", key, id, []pair{{"firstname", "Nina"}}).want("0")
		w.newTicket(newTicketArgs{key: key, sLevel: "2", category: "1", priority: "-1", owner: "1", customers: []string{id}}).want("0")
		if next := w.agent("newCustomer", key).must().text("customerId"); next != "13" {
			t.Errorf("the next customer got id %s", next)
		}
		w.unchanged(func() { w.refusedUsers("newCustomer") })
	})
}

func TestAgentNewCompany(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		// ticket.newCompany.1, ticket.newCompany.2
		for i, name := range []any{"Acme", " Ünïcode & <Co> ", "", absent{}, strings.Repeat("æ", 219)} {
			id := w.agent("newCompany", key, name).must().text("companyId")
			text, _ := name.(string)
			want := skranke.Company{ID: skranke.CompanyID(3 + i), Name: text}
			want.Registered = morning
			got := *w.companyRow(want.ID)
			got.Registered = got.Registered.UTC()
			if id != fmt.Sprint(3+i) || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("%q: got id %s and\n%+v", name, id, got)
			}
		}
		w.unchanged(func() {
			w.agent("newCompany", key, strings.Repeat("æ", 220)).want("7").empty("ticket", "newCompany") // ticket.newCompany.2, ticket.common.17
			w.refusedUsers("newCompany", "Name")
		})
	})
}

func TestAgentGetCustomer(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addPersonFields)
		w.updateCustomer(kari, func(c *skranke.Customer) {
			c.Phone, c.CellPhone, c.Note, c.Language, c.ExtTable, c.ExtKey = "+47 22", "+47 9", "a\r\n<b> & c", 2, 3, "k-1"
			c.Emails = []string{"z@example.no", "a@example.no", "m@example.no"}
			c.Extra = []skranke.ExtraValue{{Field: extraOfCustomer, Value: skranke.TextValue("38")}, {Field: extraOfCustomer2, Value: skranke.TextValue("grim")},
				{Field: shoeHidden, Value: skranke.TextValue("hidden")}}
		})
		key := w.logInUser("ada")
		names := []string{"customer.password", "customer.company", "customer.extKey", "customer.extTable", "customer.username", "customer.language", "customer.note",
			"customer.cellphone", "customer.phone", "customer.lastname", "customer.firstname", "customer.name", "customer.id", "customer.x_301", "x_302", "customer.x_304"}
		a := w.agent("getCustomer", key, " 01 ", names).want("0")
		// ticket.getCustomer.2, ticket.getCustomer.3, ticket.getCustomer.5, ticket.common.6, ticket.common.13
		same(t, "Kari", a.rows("customerResult"), []string{
			"customer.password||TypeVarchar", "customer.company|1|TypeCompanyId", "customer.extKey|k-1|TypeVarchar", "customer.extTable|3|TypeForeignKey",
			"customer.username|Kari|TypeVarchar", "customer.language|no|TypeVarchar", "customer.note|a\r\n<b> & c|TypeClob", "customer.cellphone|+47 9|TypeVarchar",
			"customer.phone|+47 22|TypeVarchar", "customer.lastname|Nordmann|TypeVarchar", "customer.firstname|Kari|TypeVarchar", "customer.name|Kari Nordmann|TypeVarchar",
			"customer.id|1|TypeCustomerId", "customer.x_301|38|TypeVarchar", "x_302|grim|TypeVarchar", "customer.x_304|hidden|TypeVarchar"})
		emails := []string{"z@example.no", "a@example.no", "m@example.no"}
		same(t, "addresses", a.list("customerEmail"), emails) // ticket.getCustomer.4
		for _, nothing := range []any{[]string{}, absent{}, []string{"", " "}} {
			a := w.agent("getCustomer", key, "1", nothing).want("0")
			same(t, "nothing asked", a.rows("customerResult"), []string{})
			same(t, "addresses", a.list("customerEmail"), emails) // ticket.getCustomer.4
		}
		// ticket.getCustomer.5, ticket.common.5
		a = w.agent("getCustomer", key, "11", []string{" Customer.NAME", "customer.id", "customer.id", "customer.language", "customer.extTable", "customer.extKey"}).want("0")
		same(t, "Gro", a.rows("customerResult"), []string{"Customer.NAME|Gro Haug|TypeVarchar", "customer.id|11|TypeCustomerId", "customer.id|11|TypeCustomerId",
			"customer.language||TypeVarchar", "customer.extTable|-1|TypeForeignKey", "customer.extKey||TypeVarchar"}) // ticket.getCustomer.2
		w.agent("getCustomer", key, "6", []string{"customer.id"}).want("0") // retired, not gone
		// ticket.getCustomer.1
		for name, code := range map[string]string{"customer.shoe": "17", "firstname": "17", "company.name": "17", "customer.passwordHash": "17", "person.firstname": "17",
			"customer.x_999": "12", "customer.x_303": "12", "customer.x_401": "12", "x_nothing": "12"} {
			w.agent("getCustomer", key, "1", []string{"customer.id", name}).want(code).empty("ticket", "getCustomer")
		}
		for _, id := range []string{"7", "99", "0", "-1", "", "x", "1.0", "99999999999999999999"} {
			w.agent("getCustomer", key, id, []string{"customer.nothing"}).want("31").empty("ticket", "getCustomer")
		}
		w.unchanged(func() { w.refusedUsers("getCustomer", "1", []string{"customer.id"}) }) // ticket.common.15
	})
}

func TestAgentSetCustomer(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addPersonFields)
		key := w.logInUser("ada")
		w.agent("setCustomer", key, "2", []pair{
			{"name", "Ola the Great"}, {"firstname", "Olaf"}, {" LastName ", " Berg"}, {"customer.phone", "1"}, {"cellphone", "2"}, {"note", "a\r\nb"},
			{"username", " Olaf "}, {"password", "nytt "}, {"email", "o@example.no"}, {"email", " O@EXAMPLE.NO "}, {"email", "p@example.no"},
			{"language", "NO"}, {"company", "2"}, {"x_301", "44"}, {"customer.x_302", "glad"}, {"x_304", "hid"}, {"phone", "3"},
		}).want("0")
		got := w.customerRow(ola)
		// ticket.setCustomer.2, ticket.setCustomer.3, ticket.setCustomer.6, ticket.setCustomer.7, ticket.common.6
		if got.FullName != "Ola the Great" || got.FirstName != "Olaf" || got.LastName != " Berg" || got.Phone != "3" || got.CellPhone != "2" || got.Note != "a\r\nb" ||
			got.UserName != "Olaf" || strings.Join(got.Emails, " ") != "o@example.no p@example.no" || got.Language != 2 || got.Company != beta || !got.Updated.Equal(morning) ||
			fmt.Sprint(got.Extra) != fmt.Sprint([]skranke.ExtraValue{{Field: 301, Value: skranke.TextValue("44")}, {Field: 302, Value: skranke.TextValue("glad")}, {Field: 304, Value: skranke.TextValue("hid")}}) {
			t.Errorf("stored %+v", *got)
		}
		w.customer("login", "olaf", "nytt ").want("0") // ticket.setCustomer.5: at once
		w.customer("login", "olaf", customerPassword).want("1")
		w.holdsNoText("nytt ")

		set := func(code string, pairs ...pair) {
			t.Helper()
			a := w.agent("setCustomer", key, "2", pairs)
			a.call = fmt.Sprint("setCustomer ", pairs)
			a.want(code).empty("ticket", "setCustomer")
		}
		set("0")                                               // ticket.setCustomer.7
		set("0", pair{"name", "a"}, pair{"display_name", "b"}) // ticket.setCustomer.3
		set("0", pair{"firstname", "c"})
		if got := w.customerRow(ola); got.FullName != "b" || got.FirstName != "c" || got.LastName != " Berg" {
			t.Errorf("names: %+v", *got)
		}
		for value, want := range map[string]skranke.LanguageID{"1": 1, " english ": 1, "no": 2, "NORSK": 2, "": 0, "-1": 0} { // ticket.setCustomer.6
			set("0", pair{"language", value})
			if got := w.customerRow(ola).Language; got != want {
				t.Errorf("language %q: got %d, want %d", value, got, want)
			}
		}
		w.updateCustomer(ola, func(c *skranke.Customer) { c.CompanyAccess = true })
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.SetSetting(ctx, "customer_company_choice", "off")
		})
		for value, want := range map[string]skranke.CompanyID{"-1": 0, " 01 ": acme} { // ticket.setCustomer.6: no effect on company access, and no choice of the customer's
			set("0", pair{"company", value})
			if got := w.customerRow(ola); got.Company != want || !got.CompanyAccess {
				t.Errorf("company %q: got %d, access %v", value, got.Company, got.CompanyAccess)
			}
		}
		set("0", pair{"username", "OLAF"}) // ticket.setCustomer.4: his own
		set("0", pair{"username", "  "})
		set("0", pair{"username", "dag"}) // of somebody deleted
		set("0", pair{"username", ""})
		if got := w.customerRow(ola).UserName; got != "" {
			t.Errorf("user name %q, want none", got)
		}
		session := w.logIn("siv")
		w.agent("setCustomer", key, "3", []pair{{"password", "annet"}}).want("0")
		w.customer("getCustomer", session, []string{}).want("5") // sessions opened with the old password have ended
		w.customer("login", "siv", "annet").want("0")

		w.unchanged(func() {
			for _, bad := range []struct {
				pair pair
				code string
			}{
				// ticket.setCustomer.1
				{pair{"shoe", "1"}, "17"}, {pair{"", "1"}, "17"}, {pair{"id", "9"}, "17"}, {pair{"extKey", "9"}, "17"}, {pair{"extTable", "9"}, "17"}, {pair{"person.firstname", "x"}, "17"},
				{pair{"x_999", "1"}, "12"}, {pair{"x_303", "1"}, "12"}, {pair{"x_305", "1"}, "12"}, {pair{"x_308", "one"}, "12"}, {pair{"x_307", ""}, "12"},
				{pair{"x_309", "99"}, "12"}, {pair{"x_401", "1"}, "12"}, {pair{"x_301", strings.Repeat("x", 256)}, "12"},
				{pair{"Shoe size", "38"}, "17"}, // types.extra.2
				// ticket.setCustomer.2, ticket.common.17
				{pair{"email", "nobody"}, "17"}, {pair{"email", ""}, "17"}, {pair{"email", "a@b@c"}, "17"}, {pair{"email", strings.Repeat("x", 240) + "@example.no"}, "17"},
				{pair{"firstname", strings.Repeat("x", 100)}, "17"}, {pair{"name", strings.Repeat("x", 200)}, "17"}, {pair{"phone", strings.Repeat("x", 240)}, "17"},
				{pair{"note", strings.Repeat("x", 2048)}, "17"}, {pair{"username", strings.Repeat("x", 255)}, "17"},
				{pair{"username", "KARI"}, "14"},                                                                                                // ticket.setCustomer.4
				{pair{"password", ""}, "15"},                                                                                                    // ticket.setCustomer.5
				{pair{"language", "martian"}, "23"}, {pair{"language", "0"}, "23"}, {pair{"company", "99"}, "30"}, {pair{"company", "x"}, "30"}, // ticket.setCustomer.6
			} {
				set(bad.code, pair{"phone", "changed"}, pair{"email", "more@example.no"}, bad.pair, pair{"cellphone", "changed"}) // ticket.common.8
			}
			set("12", pair{"x_999", "1"}, pair{"shoe", "1"}) // ticket.common.7: the first decides
			set("17", pair{"shoe", "1"}, pair{"x_999", "1"})
			set("15", pair{"password", ""}, pair{"password", "good enough"}) // ticket.setCustomer.1: every pair is to be valid
			for _, id := range []string{"7", "99", "0", "-1", "", "x"} {
				w.agent("setCustomer", key, id, []pair{{"shoe", "1"}}).want("31").empty("ticket", "setCustomer")
			}
			w.refusedUsers("setCustomer", "2", []pair{{"phone", "4"}})
		})
	})
}

func TestAgentSetCustomerPolicy(t *testing.T) {
	w := newWorld(t, func(o *desk.Options) { o.Password = desk.PasswordPolicy{MinLength: 8, Digit: true} })
	key := w.logInUser("ada")
	w.agent("setCustomer", key, "2", []pair{{"password", "weak"}}).want("7") // ticket.setCustomer.5, types.sec.4
	w.agent("setCustomer", key, "2", []pair{{"password", ""}}).want("15")
	w.agent("setCustomer", key, "2", []pair{{"password", "Long enough 1"}}).want("0")
	w.customer("login", "ola", "Long enough 1").want("0")
}

func TestAgentSetCustomerWithoutLanguages(t *testing.T) {
	w := newWorldOf(t, func(ctx context.Context, tx *store.WriteTx) error {
		for _, fill := range []func(context.Context, *store.WriteTx) error{addRanges, addUsers} {
			if err := fill(ctx, tx); err != nil {
				return err
			}
		}
		return tx.InsertCustomer(ctx, &skranke.Customer{ID: kari})
	})
	key := w.logInUser("ada")
	for _, value := range []string{"no", "", "-1", "1"} {
		w.unchanged(func() {
			w.agent("setCustomer", key, "1", []pair{{"phone", "1"}, {"language", value}}).want("19").empty("ticket", "setCustomer")
		})
	}
}

func TestAgentGetCompany(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addPersonFields)
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.UpdateCompany(ctx, &skranke.Company{ID: acme, Name: "Acme & Sønner", Address: "Gata 1\n0150 Oslo", ExtTable: 7, ExtKey: "c-7", Note: "good <one>",
				Phone: "22", Fax: "23", PrimContact: ola, Extra: []skranke.ExtraValue{{Field: extraOfCompany, Value: skranke.BoolValue(true)},
					{Field: companyInner, Value: skranke.TextValue("inner")}}})
		})
		key := w.logInUser("ada")
		// ticket.getCompany.1, ticket.getCompany.2, ticket.common.6
		a := w.agent("getCompany", key, "1", []string{"company.primContact", "company.fax", "company.phone", "company.note", "", "company.extKey", "company.extTable",
			"company.address", " Company.Name", "company.id", "company.x_401", "company.x_403", "x_vip"}).want("0")
		same(t, "Acme", a.rows("companyResult"), []string{"company.primContact|2|TypeCustomerId", "company.fax|23|TypeVarchar", "company.phone|22|TypeVarchar",
			"company.note|good <one>|TypeClob", "company.extKey|c-7|TypeVarchar", "company.extTable|7|TypeForeignKey", "company.address|Gata 1\n0150 Oslo|TypeVarchar",
			"Company.Name|Acme & Sønner|TypeVarchar", "company.id|1|TypeCompanyId", "company.x_401|1|TypeBool", "company.x_403|inner|TypeVarchar", "x_vip|1|TypeBool"})
		a = w.agent("getCompany", key, "2", []string{"company.primContact", "company.extTable", "company.extKey"}).want("0")
		same(t, "Beta", a.rows("companyResult"), []string{"company.primContact|-1|TypeCustomerId", "company.extTable|-1|TypeForeignKey", "company.extKey||TypeVarchar"})
		same(t, "nothing", w.agent("getCompany", key, "2", []string{}).want("0").rows("companyResult"), []string{})
		for name, code := range map[string]string{"company.shoe": "17", "name": "17", "contact.name": "17", "company.domain": "17", "customer.id": "17", "company.Important": "17",
			"company.x_301": "12", "company.x_999": "12"} { // ticket.getCompany.1
			w.agent("getCompany", key, "1", []string{"company.id", name}).want(code).empty("ticket", "getCompany")
		}
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.UpdateCompany(ctx, &skranke.Company{ID: beta, Name: "Beta", Deleted: true})
		})
		for _, id := range []string{"2", "99", "0", "-1", "", "x"} {
			w.agent("getCompany", key, id, []string{"company.nothing"}).want("30").empty("ticket", "getCompany")
		}
		w.unchanged(func() { w.refusedUsers("getCompany", "1", []string{"company.id"}) })
	})
}

// addCardLists gives people and companies something to choose from.
func addCardLists(ctx context.Context, tx *store.WriteTx) error {
	for _, add := range []func() error{
		func() error {
			return tx.InsertCountry(ctx, &skranke.Country{ID: 47, Name: "Norge", EnglishName: "Norway"})
		},
		func() error {
			return tx.InsertCountry(ctx, &skranke.Country{ID: 49, Name: "Deutschland", EnglishName: "Germany"})
		},
		func() error { return tx.InsertBusiness(ctx, &skranke.Business{ID: 5, Name: "Bakery"}) },
		func() error { return tx.InsertContactCategory(ctx, &skranke.ContactCategory{ID: 6, Name: "Supplier"}) },
		func() error {
			return tx.InsertSyncAgent(ctx, &skranke.SyncAgent{ID: 7, Name: "ERP", IDString: "erp-1"})
		},
	} {
		if err := add(); err != nil {
			return err
		}
	}
	return nil
}

func TestAgentSetCompany(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addPersonFields)
		w.write(addCardLists)
		key := w.logInUser("ada")
		w.agent("setCompany", key, "1", []pair{{"name", "Acme AS"}, {" NOTE ", "n\r\n"}, {"company.phone", "1"}, {"fax", "2"}, {"countryId", "47"}, {"ticketPriorityId", "3"},
			{"ourContact", "2"}, {"primContact", "1"}, {"ourSalesContact", "7"}, {"domain", " acme.no,ACME.com ,, acme.org"}, {"department", "Head"}, {"contactCategory", "6"},
			{"contactBusiness", "05"}, {"x_401", "1"}, {"company.x_403", "in"}, {"phone", "3"}}).want("0")
		got := w.companyRow(acme)
		// ticket.setCompany.2, ticket.setCompany.3, ticket.setCompany.4, ticket.setCompany.5
		if got.Name != "Acme AS" || got.Note != "n\r\n" || got.Phone != "3" || got.Fax != "2" || got.Country != 47 || got.Priority != high || got.OurContact != ada || got.OurSales != bo ||
			got.PrimContact != kari || strings.Join(got.Domains, " ") != "acme.no ACME.com acme.org" || got.Department != "Head" || got.Category != 6 || got.Business != 5 ||
			!got.Updated.Equal(morning) || len(got.Extra) != 2 {
			t.Errorf("stored %+v", *got)
		}
		a := w.agent("findCompanies", key, []criterion{{"contact.id", "OperatorEquals", "1"}}, []string{"contact.our_contact", "contact.priority_id", "contact.domain_name"}, "", "", true).want("0")
		sameTable(t, "read back", a.table("searchResult"), [][]string{{"contact.our_contact|2|TypeUserId", "contact.priority_id|3|TypeForeignKey",
			"contact.domain_name|acme.no,ACME.com,acme.org|TypeVarchar"}})
		// ticket.setCompany.3: the company's priority is that of its customers' tickets
		if got := w.ticket(ticketID(t, w.newTicket(newTicketArgs{key: key, sLevel: "2", category: "1", priority: "-1", owner: "1", customers: []string{"1"}}))).Priority; got != high {
			t.Errorf("a new ticket has priority %d", got)
		}
		set := func(code string, pairs ...pair) {
			t.Helper()
			a := w.agent("setCompany", key, "1", pairs)
			a.call = fmt.Sprint("setCompany ", pairs)
			a.want(code).empty("ticket", "setCompany")
		}
		set("0") // ticket.setCompany.5
		references := []string{"countryId", "ticketPriorityId", "ourContact", "primContact", "ourSalesContact", "contactCategory", "contactBusiness"}
		w.unchanged(func() {
			for name, code := range map[string]string{"countryId": "17", "contactCategory": "17", "contactBusiness": "17", "ticketPriorityId": "9", "ourContact": "34",
				"ourSalesContact": "34", "primContact": "31"} { // ticket.setCompany.2
				for _, value := range []string{"99", "x", "0", "-2", "1.5"} {
					set(code, pair{"name", "changed"}, pair{name, value}, pair{"domain", "changed"})
				}
			}
			set("9", pair{"ticketPriorityId", "4"}) // deleted ones
			set("34", pair{"ourContact", "5"})
			set("31", pair{"primContact", "7"})
			for _, bad := range []struct {
				pair pair
				code string
			}{
				// ticket.setCompany.1, ticket.setCompany.5
				{pair{"company", "1"}, "17"}, {pair{"address", "Gata 2"}, "17"}, {pair{"id", "2"}, "17"}, {pair{"extKey", "2"}, "17"}, {pair{"", "2"}, "17"}, {pair{"contact.name", "2"}, "17"},
				{pair{"x_999", "1"}, "12"}, {pair{"x_301", "1"}, "12"}, {pair{"x_401", "maybe"}, "12"},
				{pair{"Important", "1"}, "17"}, // types.extra.2
				{pair{"name", strings.Repeat("x", 220)}, "17"}, {pair{"department", strings.Repeat("x", 220)}, "17"}, {pair{"phone", strings.Repeat("x", 240)}, "17"},
				{pair{"fax", strings.Repeat("x", 240)}, "17"}, {pair{"domain", "a.no," + strings.Repeat("x", 256)}, "17"},
			} {
				set(bad.code, pair{"name", "changed"}, bad.pair, pair{"fax", "changed"})
			}
			set("12", pair{"x_999", "1"}, pair{"shoe", "1"})
			set("17", pair{"shoe", "1"}, pair{"x_999", "1"})
			for _, id := range []string{"99", "0", "-1", "", "x"} {
				w.agent("setCompany", key, id, []pair{{"shoe", "1"}}).want("30").empty("ticket", "setCompany")
			}
			w.refusedUsers("setCompany", "1", []pair{{"phone", "4"}})
		})
		for i, name := range references { // ticket.setCompany.2
			set("0", pair{name, []string{"-1", "", " "}[i%3]})
		}
		set("0", pair{"domain", ""}) // ticket.setCompany.4
		if got := w.companyRow(acme); len(got.Domains) != 0 || got.Country != 0 || got.Priority != 0 || got.OurContact != 0 || got.OurSales != 0 || got.PrimContact != 0 || got.Category != 0 || got.Business != 0 {
			t.Errorf("after unsetting: %+v", *got)
		}
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.UpdateCompany(ctx, &skranke.Company{ID: beta, Name: "Beta", Deleted: true})
		})
		w.agent("setCompany", key, "2", []pair{}).want("30")
	})
}

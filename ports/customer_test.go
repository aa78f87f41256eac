package ports_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/store"
)

// Extra fields of customers beside those of the world.
const (
	shoeGone      = 303
	shoeHidden    = 304
	shoeReadOnly  = 305
	shoeOnce      = 306
	shoeNotEmpty  = 307
	shoeInteger   = 308
	shoeCompany   = 309
	shoeBool      = 310
	shoeUsername  = 311 // labelled username
	companyHidden = 402
	companyInner  = 403
)

func addPersonFields(ctx context.Context, tx *store.WriteTx) error {
	const public = skranke.ExtraPublic
	fields := []skranke.ExtraField{
		{ID: shoeGone, Flags: public | skranke.ExtraDeleted}, {ID: shoeHidden, Flags: public | skranke.ExtraHidden},
		{ID: shoeReadOnly, Flags: public | skranke.ExtraReadOnly}, {ID: shoeOnce, Flags: public | skranke.ExtraCannotChange},
		{ID: shoeNotEmpty, Flags: public | skranke.ExtraNotEmpty}, {ID: shoeInteger, Flags: public, Kind: skranke.ExtraInteger},
		{ID: shoeCompany, Flags: public, Kind: skranke.ExtraCompany}, {ID: shoeBool, Flags: public, Kind: skranke.ExtraBool},
		{ID: shoeUsername, Flags: public, Label: "username"},
		{ID: companyHidden, Flags: public | skranke.ExtraHidden, Domain: skranke.DomainCompany}, {ID: companyInner, Domain: skranke.DomainCompany},
	}
	for _, f := range fields {
		f.FieldName = fmt.Sprint("x_field_", f.ID)
		if f.Domain == 0 || f.ID < 400 {
			f.Domain = skranke.DomainCustomer
		}
		if f.Kind == 0 {
			f.Kind = skranke.ExtraText
		}
		if err := tx.InsertExtraField(ctx, &f); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) customerRow(id skranke.CustomerID) *skranke.Customer {
	w.t.Helper()
	var c *skranke.Customer
	w.read(func(ctx context.Context, tx *store.ReadTx) (err error) {
		c, err = tx.Customer(ctx, id)
		return err
	})
	return c
}

// The fields of a customer, as the manual prints them.
var customerFields = []string{
	"customer.id", "customer.name", "customer.firstname", "customer.lastname", "customer.phone", "customer.cellphone",
	"customer.note", "customer.language", "customer.username", "customer.extTable", "customer.extKey",
}

func TestGetCustomer(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addPersonFields)
		w.updateCustomer(kari, func(c *skranke.Customer) {
			c.Phone, c.CellPhone, c.Note, c.Language, c.ExtTable, c.ExtKey = "+47 22", "+47 9", "a\r\n<b> & c", 2, 3, "k-1"
			c.Emails = []string{"z@example.no", "a@example.no", "m@example.no"}
			c.Extra = []skranke.ExtraValue{{Field: extraOfCustomer, Value: skranke.TextValue("38")}, {Field: extraOfCustomer2, Value: skranke.TextValue("grim")}}
		})
		key := w.logIn("kari")
		names := append(slices.Clone(customerFields), "customer.x_301", "customer.x_308", "customer.x_309", "customer.x_310")
		a := w.customer("getCustomer", key, names).want("0")
		// customer.getCustomer.1, customer.getCustomer.5
		same(t, "Kari", a.rows("customerResult"), []string{
			"customer.id|1|TypeCustomerId", "customer.name|Kari Nordmann|TypeVarchar", "customer.firstname|Kari|TypeVarchar", "customer.lastname|Nordmann|TypeVarchar",
			"customer.phone|+47 22|TypeVarchar", "customer.cellphone|+47 9|TypeVarchar", "customer.note|a\r\n<b> & c|TypeClob", "customer.language|no|TypeVarchar",
			"customer.username|Kari|TypeVarchar", "customer.extTable|3|TypeForeignKey", "customer.extKey|k-1|TypeVarchar",
			"customer.x_301|38|TypeVarchar", "customer.x_308||TypeInteger", "customer.x_309|-1|TypeCompanyId", "customer.x_310|0|TypeBool",
		})
		emails := []string{"z@example.no", "a@example.no", "m@example.no"}
		same(t, "addresses", a.list("customerEmail"), emails) // customer.getCustomer.4: in the order of their rank
		if len(a.parts) != 3 || a.parts[1].name != "customerResult" || a.parts[2].name != "customerEmail" {
			t.Errorf("got other parts:\n%s", a.raw)
		}

		// customer.getCustomer.1: in the order asked for, as spelled; types.input.1, types.input.3, types.input.4, types.extra.2
		a = w.customer("getCustomer", key, []string{" Customer.LASTNAME\n", "", "x_301", "customer.id", "  ", "customer.X_00301", "customer.id"}).want("0")
		same(t, "in another order", a.rows("customerResult"), []string{"Customer.LASTNAME|Nordmann|TypeVarchar", "x_301|38|TypeVarchar", "customer.id|1|TypeCustomerId",
			"customer.X_00301|38|TypeVarchar", "customer.id|1|TypeCustomerId"})
		// customer.getCustomer.3, customer.getCustomer.6
		for _, nothing := range []any{[]string{}, absent{}, verbatim(""), []string{"", " "}} {
			a := w.customer("getCustomer", key, nothing).want("0")
			same(t, "nothing asked", a.rows("customerResult"), []string{})
			same(t, "addresses", a.list("customerEmail"), emails)
		}
		// What is not set.
		a = w.customer("getCustomer", w.logIn("una"), customerFields).want("0")
		same(t, "Una", a.rows("customerResult"), []string{
			"customer.id|10|TypeCustomerId", "customer.name||TypeVarchar", "customer.firstname||TypeVarchar", "customer.lastname||TypeVarchar",
			"customer.phone||TypeVarchar", "customer.cellphone||TypeVarchar", "customer.note||TypeClob", "customer.language||TypeVarchar",
			"customer.username|una|TypeVarchar", "customer.extTable|-1|TypeForeignKey", "customer.extKey||TypeVarchar"})
		same(t, "no addresses", a.list("customerEmail"), []string{})
		w.updateCustomer(una, func(c *skranke.Customer) { c.FirstName, c.LastName = "", "Berg " }) // customer.getCustomer.5: trimmed
		same(t, "a last name alone", w.customer("getCustomer", w.logIn("una"), []string{"customer.name"}).want("0").rows("customerResult"), []string{"customer.name|Berg|TypeVarchar"})

		// customer.getErrorMessage.4, customer.getCustomer.2
		w.customer("getCustomer", key, []string{"kuztumer.name"}).want("17").empty("customer", "getCustomer")
		if got := w.lastError(key); got != skranke.CodeInvalidField.Text() {
			t.Errorf("the last error is %q", got)
		}
		for bad, code := range map[string]string{
			"customer.password": "17", "customer.company": "17", "customer.email": "17", // customer.getCustomer.5
			"name": "17", "customer": "17", "customer.": "17", "company.name": "17", "ticket.title": "17", "ticket.x_110": "17", "customer.mood": "17",
			"customer.x_302": "12", "x_302": "12", "customer.x_303": "12", "customer.x_304": "12", "customer.x_999": "12", "customer.x_401": "12",
			"customer.x_110": "12", "customer.x_": "12", "customer.x_mood": "12",
			"customer.x_shoe": "12", "x_shoe": "12", "customer.Shoe size": "17", // types.extra.2: neither the database name nor the label
		} {
			for place := range 3 { // wherever it stands
				asked := slices.Insert([]string{"customer.id", "customer.x_301"}, place, bad)
				w.customer("getCustomer", key, asked).want(code).empty("customer", "getCustomer")
			}
		}
		if w.customer("getCustomer", key, []string{"customer.x_302"}); w.lastError(key) != skranke.CodeInvalidExtraField.Text() {
			t.Errorf("the last error is %q", w.lastError(key))
		}
		w.customer("getCustomer", "", names).want("5").empty("customer", "getCustomer")
		w.customer("getCustomer", w.logInUser("ada"), names).want("5")
		w.customer("getCustomer", "x", []string{"kuztumer.name"}).want("5")
		w.unchanged(func() { w.customer("getCustomer", key, names).must() })
	})
}

// The fields of a company, as the manual prints them.
var companyFields = []string{
	"company.id", "company.name", "company.address", "company.extTable", "company.extKey", "company.note", "company.phone", "company.fax", "company.primContact",
}

func TestGetCompany(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addPersonFields)
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.UpdateCompany(ctx, &skranke.Company{ID: acme, Name: "Acme & Sønner", Address: "Gata 1\n0150 Oslo", ExtTable: 7, ExtKey: "c-7", Note: "good <one>",
				Phone: "22", Fax: "23", PrimContact: ola, Extra: []skranke.ExtraValue{{Field: extraOfCompany, Value: skranke.BoolValue(true)}}})
		})
		key := w.logIn("kari")
		names := append(slices.Clone(companyFields), "company.x_401")
		// customer.getCompany.1, customer.getCompany.4
		same(t, "Acme", w.customer("getCompany", key, names).want("0").rows("companyResult"), []string{
			"company.id|1|TypeCompanyId", "company.name|Acme & Sønner|TypeVarchar", "company.address|Gata 1\n0150 Oslo|TypeVarchar", "company.extTable|7|TypeForeignKey",
			"company.extKey|c-7|TypeVarchar", "company.note|good <one>|TypeClob", "company.phone|22|TypeVarchar", "company.fax|23|TypeVarchar",
			"company.primContact|2|TypeCustomerId", "company.x_401|1|TypeBool"})
		same(t, "Beta", w.customer("getCompany", w.logIn("siv"), names).want("0").rows("companyResult"), []string{
			"company.id|2|TypeCompanyId", "company.name|Beta|TypeVarchar", "company.address||TypeVarchar", "company.extTable|-1|TypeForeignKey",
			"company.extKey||TypeVarchar", "company.note||TypeClob", "company.phone||TypeVarchar", "company.fax||TypeVarchar", "company.primContact|-1|TypeCustomerId",
			"company.x_401|0|TypeBool"})
		same(t, "in another order", w.customer("getCompany", key, []string{"company.fax", "x_401", "company.fax", "COMPANY.id"}).want("0").rows("companyResult"),
			[]string{"company.fax|23|TypeVarchar", "x_401|1|TypeBool", "company.fax|23|TypeVarchar", "COMPANY.id|1|TypeCompanyId"})
		w.customer("getCompany", key, []string{}).want("0").empty("customer", "getCompany")
		w.customer("getCompany", key).want("0").empty("customer", "getCompany")

		// customer.getCompany.5, types.input.1, types.input.4: four items as the manual prints them, one of them null
		const printed = `<item>company.id</item><item>company.name</item><item> company.phone</item><item i:nil="true" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"/>`
		want := []string{"company.id|1|TypeCompanyId", "company.name|Acme & Sønner|TypeVarchar", "company.phone|22|TypeVarchar"}
		same(t, "the printed example", w.customer("getCompany", key, verbatim(printed)).want("0").rows("companyResult"), want)
		// The table calls the parameter customerFields.
		body := bytes.ReplaceAll(request(t, w.style, "customer", "getCompany", []any{key, []string{"company.id"}}), []byte("companyFields"), []byte("customerFields"))
		same(t, "by its other name", w.post("customer", "getCompany", body).want("0").rows("companyResult"), want[:1])

		// customer.getCompany.3: each field, with its type and no value
		var blank []string
		for _, row := range w.customer("getCompany", key, names).must().rows("companyResult") {
			column := strings.Split(row, "|")
			blank = append(blank, column[0]+"||"+column[2])
		}
		alone := w.logIn("lone")
		same(t, "without a company", w.customer("getCompany", alone, names).want("0").rows("companyResult"), blank)

		// customer.getCompany.2, customer.getCompany.4: with a company or without
		for bad, code := range map[string]string{
			"customer.name": "17", "company.department": "17", "company.domains": "17", "company": "17", "name": "17", "company.nothing": "17", "ticket.x_110": "17",
			"company.x_402": "12", "company.x_403": "12", "x_403": "12", "company.x_301": "12", "company.x_999": "12", "company.x_": "12",
			"company.x_vip": "12", "x_vip": "12", "company.Important": "17", // types.extra.2
		} {
			for place := range 3 {
				asked := slices.Insert([]string{"company.id", "company.x_401"}, place, bad)
				w.customer("getCompany", key, asked).want(code).empty("customer", "getCompany")
				w.customer("getCompany", alone, asked).want(code).empty("customer", "getCompany")
			}
		}
		if got := w.lastError(alone); got != skranke.CodeInvalidField.Text() && got != skranke.CodeInvalidExtraField.Text() {
			t.Errorf("the last error is %q", got)
		}
		w.customer("getCompany", "", names).want("5").empty("customer", "getCompany")

		// A company that was deleted is none.
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.UpdateCompany(ctx, &skranke.Company{ID: acme, Name: "Acme & Sønner", Phone: "22", Deleted: true})
		})
		same(t, "of a deleted company", w.customer("getCompany", key, names).want("0").rows("companyResult"), blank)
	})
}

func TestSetCustomer(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addPersonFields)
		key := w.logIn("kari")
		w.updateCustomer(kari, func(c *skranke.Customer) { c.Emails = []string{"kari@example.no"} })
		// customer.setCustomer.10: the example of the manual
		a := w.customer("setCustomer", key, []pair{{"name", "Johnny X"}, {"email", "johnny@x.com"}}).want("0")
		if len(a.parts) != 1 {
			t.Errorf("the answer has %d parts, want the errorCode alone", len(a.parts))
		}
		a = w.customer("getCustomer", key, []string{"customer.name", "customer.firstname", "customer.lastname"}).must()
		same(t, "name", a.rows("customerResult"), []string{"customer.name|Johnny X|TypeVarchar", "customer.firstname|Johnny|TypeVarchar", "customer.lastname|X|TypeVarchar"})
		same(t, "addresses", a.list("customerEmail"), []string{"kari@example.no", "johnny@x.com"}) // customer.setCustomer.3

		// customer.setCustomer.2, customer.setCustomer.9: every legal field, with and without the domain
		for _, prefix := range []string{"", "customer.", " CUSTOMER."} {
			p := func(field, value string) pair { return pair{prefix + field, value + prefix} }
			w.customer("setCustomer", key, []pair{p("firstname", "F"), p("lastname", "L"), p("phone", "+47"), p("cellphone", "9"), p("note", " n\r\n<o> "),
				{prefix + "language", "en"}, {prefix + "company", "1"}, {prefix + "x_301", "38"}, {prefix + "email", "johnny@x.com"}, {prefix + "password", customerPassword}}).want("0")
			got := w.customerRow(kari)
			if got.FirstName != "F"+prefix || got.LastName != "L"+prefix || got.Phone != "+47"+prefix || got.CellPhone != "9"+prefix || got.Note != " n\r\n<o> "+prefix ||
				got.Language != 1 || got.Company != acme || len(got.Extra) != 1 || got.Extra[0].Value.Text != "38" || got.UserName != "Kari" {
				t.Errorf("%q: got %+v", prefix, got)
			}
		}
		// customer.setCustomer.9: nothing to set is no failure
		for _, nothing := range []any{[]pair{}, absent{}, verbatim("")} {
			w.unchanged(func() { w.customer("setCustomer", key, nothing).want("0") })
		}

		// customer.setCustomer.5
		for _, c := range []struct {
			pairs       []pair
			first, last string
		}{
			{[]pair{{"name", "Anna Maria Berg"}}, "Anna Maria", "Berg"}, {[]pair{{"display_name", "Cher"}}, "Cher", ""},
			{[]pair{{"name", "A B"}, {"display_name", "C D"}}, "C", "D"}, {[]pair{{"display_name", "A B"}, {"name", "C D"}}, "C", "D"},
			{[]pair{{"firstname", "Eva"}, {"name", "C D"}}, "Eva", "D"}, {[]pair{{"name", "C D"}, {"lastname", "Foss"}}, "C", "Foss"},
			{[]pair{{"lastname", "1"}, {"name", "C D"}, {"firstname", "2"}, {"lastname", "3"}}, "2", "3"}, // customer.setCustomer.4: the last value
			{[]pair{{"firstname", "Only"}}, "Only", "3"}, {[]pair{{"name", ""}}, "", ""}, {[]pair{{"name", " Åse  Øye "}}, "Åse", "Øye"},
		} {
			w.customer("setCustomer", key, c.pairs).want("0")
			if got := w.customerRow(kari); got.FirstName != c.first || got.LastName != c.last {
				t.Errorf("%q: got %q %q, want %q %q", c.pairs, got.FirstName, got.LastName, c.first, c.last)
			}
		}
		// customer.setCustomer.4: every e-mail address adds, one that is there already changes nothing
		w.customer("setCustomer", key, []pair{{"email", " b@x.no\n"}, {"email", "JOHNNY@X.COM"}, {"email", "c@x.no"}, {"email", "B@x.no"}, {"phone", "1"}, {"phone", "2"}}).want("0")
		same(t, "addresses", w.customer("getCustomer", key, []string{}).must().list("customerEmail"), []string{"kari@example.no", "johnny@x.com", "b@x.no", "c@x.no"})
		if got := w.customerRow(kari).Phone; got != "2" { // customer.setCustomer.4
			t.Errorf("got phone %q, want the last", got)
		}
		w.customer("setCustomer", w.logIn("ola"), []pair{{"email", "b@x.no"}}).want("0") // an address may be shared
		// Only one's own record: customer.setCustomer.1
		if got := w.customerRow(siv); got.FirstName != "Siv" || len(got.Emails) != 0 {
			t.Errorf("somebody else was changed: %+v", got)
		}
	})
}

func TestSetCustomerLanguageAndCompany(t *testing.T) {
	w := newWorld(t)
	key := w.logIn("kari")
	// customer.setCustomer.7
	for _, c := range [][2]string{{"no", "no"}, {"en", "en"}, {" NORSK ", "no"}, {"1", "en"}, {" 2", "no"}, {"-1", ""}, {"NO", "no"}, {"", ""}} {
		w.customer("setCustomer", key, []pair{{"language", c[0]}}).want("0")
		same(t, "language "+c[0], w.customer("getCustomer", key, []string{"customer.language"}).must().rows("customerResult"), []string{"customer.language|" + c[1] + "|TypeVarchar"})
	}
	for _, unknown := range []string{"xx", "0", "99", "en,no", "-2"} {
		w.unchanged(func() { w.customer("setCustomer", key, []pair{{"language", unknown}}).want("23") })
	}
	if got := w.lastError(key); got != skranke.CodeUnknownLanguage.Text() {
		t.Errorf("the last error is %q", got)
	}

	// customer.setCustomer.8
	w.customer("setCustomer", key, []pair{{"company", "01"}}).want("0") // no change
	same(t, "still among colleagues", w.find(key), everything)
	w.customer("setCustomer", key, []pair{{"company", "2"}, {"company", "1"}}).want("0") // the last counts: no change
	same(t, "still among colleagues", w.find(key), everything)
	own := []string{"1012", "1017", "1027", "1028", "1029", "1031"}
	w.customer("setCustomer", key, []pair{{"company", " 2 "}}).want("0")
	if got := w.customerRow(kari); got.Company != beta || got.CompanyAccess {
		t.Errorf("got company %d, access %v", got.Company, got.CompanyAccess)
	}
	same(t, "of a new company", w.find(key), own)
	w.customer("getTicket", key, "1018", []string{}).want("13") // of her new colleague
	same(t, "the new company", w.customer("getCompany", key, []string{"company.name"}).must().rows("companyResult"), []string{"company.name|Beta|TypeVarchar"})
	w.customer("setCustomer", key, []pair{{"company", "1"}}).want("0")
	same(t, "back again, without access", w.find(key), own)
	w.updateCustomer(kari, func(c *skranke.Customer) { c.CompanyAccess = true })
	w.customer("setCustomer", key, []pair{{"company", "-1"}}).want("0")
	if got := w.customerRow(kari); got.Company != 0 || got.CompanyAccess {
		t.Errorf("got company %d, access %v", got.Company, got.CompanyAccess)
	}
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		return tx.InsertCompany(ctx, &skranke.Company{ID: 3, Name: "Gone", Deleted: true})
	})
	for _, unknown := range []string{"3", "99", "0", "x", "-2", "1.0", "Acme"} {
		w.unchanged(func() { w.customer("setCustomer", key, []pair{{"phone", "1"}, {"company", unknown}}).want("30") })
	}
	if got := w.lastError(key); got != skranke.CodeUnknownCompany.Text() {
		t.Errorf("the last error is %q", got)
	}
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		return tx.SetSetting(ctx, "customer_company_choice", "off")
	})
	w.unchanged(func() { w.customer("setCustomer", key, []pair{{"phone", "1"}, {"company", "1"}}).want("4") })
}

// customer.setCustomer.1, types.limit.1, types.ftype.5: one bad pair refuses all, the first one decides.
func TestSetCustomerRefuses(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addPersonFields)
		key := w.logIn("kari")
		w.customer("setCustomer", key, []pair{{"x_306", "once"}, {"x_307", "not empty"}, {"x_308", "-7"}, {"x_309", "1"}, {"x_310", "TRUE"}}).want("0")
		w.customer("setCustomer", key, []pair{{"x_306", "once"}, {"x_308", ""}, {"x_309", "-1"}, {"customer.x_310", "0"}}).want("0") // types.extra.4, types.ftype.4
		long := func(n int) string { return strings.Repeat("ø", n) }
		bad := []struct{ field, value, code string }{
			{"username", "x", "17"}, {"id", "2", "17"}, {"extTable", "1", "17"}, {"extKey", "x", "17"}, {"customer.username", "x", "17"}, {"customer.id", "2", "17"}, // customer.setCustomer.9
			{"bogus", "", "17"}, {"", "x", "17"}, {"customer.", "x", "17"}, {"ticket.title", "x", "17"}, {"company.name", "x", "17"}, {"customer.name.x", "x", "17"}, {"emails", "a@b.no", "17"},
			{"email", "", "17"}, {"email", "a", "17"}, {"email", "a@", "17"}, {"email", "@b", "17"}, {"email", "a@b@c", "17"}, {"email", "@", "17"}, // customer.setCustomer.4
			{"firstname", long(100), "17"}, {"lastname", long(100), "17"}, {"name", long(99) + " " + long(100), "17"}, {"display_name", long(200), "17"},
			{"phone", long(240), "17"}, {"cellphone", long(240), "17"}, {"note", long(2048), "17"}, {"email", long(235) + "@x.no", "17"},
			{"password", "", "15"}, {"language", "xx", "23"}, {"company", "99", "30"},
			{"x_302", "x", "12"}, {"x_303", "x", "12"}, {"x_304", "x", "12"}, {"x_305", "x", "12"}, {"x_999", "x", "12"}, {"x_401", "1", "12"}, {"x_110", "x", "12"}, {"customer.x_302", "x", "12"}, // types.extra.3, types.extra.4
			{"x_306", "twice", "12"}, {"x_307", "", "12"}, {"x_308", "many", "12"}, {"x_309", "99", "12"}, {"x_309", "2", "12"}, {"x_310", "yes", "12"}, {"x_301", long(256), "12"}, {"x_", "x", "12"},
			{"x_shoe", "45", "12"}, {"customer.x_shoe", "45", "12"}, {"Shoe size", "45", "17"}, {"customer.Shoe size", "45", "17"}, // types.extra.2
		}
		good := []pair{{"phone", "112"}, {"email", "new@x.no"}, {"name", "New Name"}, {"password", "new"}, {"company", "2"}, {"language", "2"}, {"x_301", "45"}}
		for _, b := range bad {
			for _, place := range []int{0, 3, len(good)} {
				w.unchanged(func() {
					w.customer("setCustomer", key, slices.Insert(slices.Clone(good), place, pair{b.field, b.value})).want(b.code)
				})
			}
		}
		for i, first := range bad { // the first bad pair decides
			second := bad[(i+11)%len(bad)]
			w.unchanged(func() {
				w.customer("setCustomer", key, []pair{{"phone", "1"}, {first.field, first.value}, {second.field, second.value}}).want(first.code)
			})
			var code skranke.Code
			fmt.Sscan(first.code, &code)
			if got := w.lastError(key); got != code.Text() {
				t.Errorf("%q: the last error is %q", first, got)
			}
		}
		// A name may be too long for one of its parts, unless a later pair replaces that.
		w.unchanged(func() { w.customer("setCustomer", key, append(good, pair{"name", long(150)})).want("17") })
		w.customer("setCustomer", key, []pair{{"name", long(150)}, {"firstname", "Kari"}}).want("0")
		w.customer("login", "kari", customerPassword).want("0") // the password is the old one
		for _, dead := range []string{"", "x", w.logInUser("ada")} {
			w.unchanged(func() { w.customer("setCustomer", dead, []pair{{"bogus", "x"}}).want("5") })
		}
		// What just fits: types.input.5
		w.customer("setCustomer", key, []pair{{"firstname", long(99)}, {"lastname", long(99)}, {"phone", long(239)}, {"cellphone", long(239)}, {"note", long(2047)},
			{"email", long(234) + "@x.no"}, {"x_301", long(255)}, {"name", long(99) + " " + long(99)}}).want("0")
	})
}

func TestSetCustomerPassword(t *testing.T) {
	w := newWorld(t, func(o *desk.Options) {
		o.Password = desk.PasswordPolicy{MinLength: 6, Digit: true}
	})
	key, other := w.logIn("kari"), w.logIn("kari")
	const fresh = " nytt-passord-7 "
	w.customer("setCustomer", key, []pair{{"password", "forgotten-1"}, {"password", fresh}}).want("0")
	// customer.setCustomer.6: at once, exactly as sent, and nobody is thrown out
	w.customer("login", "kari", fresh).want("0")
	for _, wrong := range []string{customerPassword, "forgotten-1", strings.TrimSpace(fresh), ""} {
		w.customer("login", "kari", wrong).want("1")
	}
	w.customer("getCustomer", key, []string{}).want("0")
	w.customer("getCustomer", other, []string{}).want("0")
	for _, c := range []struct{ password, code string }{{"", "15"}, {"abc1", "7"}, {"abcdefgh", "7"}} { // types.sec.4
		w.unchanged(func() {
			w.customer("setCustomer", key, []pair{{"phone", "1"}, {"password", c.password}}).want(c.code)
			w.customer("setCustomer", key, []pair{{"password", c.password}, {"password", "good-enough-1"}}).want(c.code)
			w.customer("setCustomer", key, []pair{{"password", "good-enough-1"}, {"password", c.password}}).want(c.code)
		})
	}
	w.customer("login", "kari", fresh).want("0")
	w.restart()
	w.customer("login", "kari", fresh).want("0")
	w.holdsNoText("nytt-passord-7", "good-enough-1") // types.sec.3
	if strings.Contains(w.log.String(), "passord") {
		t.Error("the log holds the password")
	}
}

// Changes of one customer at the same moment all count.
func TestSetCustomerAtOnce(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	want := []string{}
	for i := range 8 {
		key, address := w.logIn("kari"), fmt.Sprintf("kari%d@example.no", i)
		want = append(want, address)
		all.Go(func() { w.customer("setCustomer", key, []pair{{"email", address}}).want("0") })
	}
	all.Wait()
	got := w.customerRow(kari).Emails
	slices.Sort(got)
	same(t, "addresses", got, want)
}

func TestNewCustomer(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		before := w.sessions()
		a := w.customer("newCustomer", " Anna Æ ", " pass ").want("0") // types.input.1
		if len(a.parts) != 1 || w.sessions() != before {
			t.Errorf("the answer has %d parts, want the errorCode alone and no session", len(a.parts)) // customer.newCustomer.1
		}
		key := w.customer("login", "anna æ", " pass ").want("0").text("sessionKey") // customer.newCustomer.1
		w.customer("login", "anna æ", "pass").want("1")
		a = w.customer("getCustomer", key, customerFields).must()
		id := strings.Split(a.rows("customerResult")[0], "|")[1]
		got := *w.customerRow(skranke.CustomerID(idOf(t, id)))
		if got.PasswordHash == "" || strings.Contains(got.PasswordHash, "pass ") {
			t.Errorf("got the hash %q", got.PasswordHash)
		}
		got.PasswordHash, got.Registered = "", got.Registered.UTC()
		want := skranke.Customer{ID: got.ID, UserName: "Anna Æ"}
		want.Registered = morning
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) { // customer.newCustomer.4
			t.Errorf("got %+v, want %+v", got, want)
		}
		same(t, "addresses", a.list("customerEmail"), []string{})
		same(t, "tickets", w.find(key), []string{})
		w.customer("setCustomer", key, []pair{{"name", "Anna Æ"}, {"email", "anna@example.no"}}).want("0") // customer.newCustomer.1
		w.customer("newTicket", key, "first", "2", "1", "-1", []pair{}).want("0")

		for _, c := range []struct{ name, password, code string }{
			{"kari", "x", "14"}, {" KARI\n", "x", "14"}, {"ANNA æ", "x", "14"}, {"anna Æ", "x", "14"}, {"rita", "x", "14"}, {"nils", "x", "14"}, // customer.newCustomer.2, customer.newCustomer.3
			{"bjørn", "", "15"},                                                     // customer.newCustomer.2
			{"", "x", "7"}, {" \t", "x", "7"}, {strings.Repeat("å", 255), "x", "7"}, // types.limit.1
			{"kari", "", "14"}, {"", "", "7"}, // types.check_order: the name before the password
		} {
			w.unchanged(func() { w.customer("newCustomer", c.name, c.password).want(c.code) })
		}
		w.customer("newCustomer").want("7")
		w.customer("newCustomer", "bjørn").want("15")
		w.customer("newCustomer", strings.Repeat("å", 254), "x").want("0") // types.input.5
		w.customer("newCustomer", "dag", "x").want("0")                    // customer.newCustomer.3: the other Dag is deleted
		w.customer("login", "dag", "x").want("0")
		w.customer("newCustomer", "ada", "x").want("0") // users are other people
		w.customer("login", "ada", userPassword).want("1")

		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.SetSetting(ctx, "self_registration", "off")
		})
		for _, c := range [][2]string{{"bjørn", "x"}, {"kari", "x"}, {"", ""}} { // types.module.2, types.check_order: before any parameter
			w.unchanged(func() { w.customer("newCustomer", c[0], c[1]).want("6") })
		}
	})
	w := newWorld(t, func(o *desk.Options) {
		o.Password = desk.PasswordPolicy{MinLength: 4, Upper: true}
	})
	for _, c := range [][2]string{{"", "15"}, {"Abc", "7"}, {"abcdef", "7"}, {"Abcd", "0"}} { // types.sec.4
		w.customer("newCustomer", "bjørn", c[0]).want(c[1])
	}
}

// customer.newCustomer.3: of many who want one name at the same moment one gets it.
func TestNewCustomerAtOnce(t *testing.T) {
	w := newWorld(t)
	for round := range 5 {
		codes := make([]string, 8)
		var all sync.WaitGroup
		for i := range codes {
			name := fmt.Sprintf("Håkon %d", round)
			if i%2 == 0 {
				name = strings.ToUpper(name)
			}
			all.Go(func() { codes[i] = w.customer("newCustomer", name, fmt.Sprint("password ", i)).code })
		}
		all.Wait()
		winner := slices.Index(codes, "0")
		if winner < 0 {
			t.Fatalf("nobody got the name: %q", codes)
		}
		for i, code := range codes {
			password := fmt.Sprint("password ", i)
			if i != winner && code != "14" {
				t.Errorf("got %q for the same name, want one 0 and else 14", codes)
			}
			if got := w.customer("checkPassword", fmt.Sprintf("håkon %d", round), password).code; (got == "0") != (i == winner) {
				t.Errorf("password of try %d, which was answered %s: checkPassword says %s", i, code, got)
			}
		}
	}
}

// An address has a share of what needs no log-in: registering and storing files.
func TestAnonymousSharesOfAddresses(t *testing.T) {
	w := newWorld(t, func(o *desk.Options) { o.Brake = desk.Brake{RegistrationsPerAddress: 2, UploadsPerAddress: 3} })
	w.from = "10.0.0.9"
	w.customer("newCustomer", "first", "x").want("0")
	w.customer("newCustomer", "kari", "x").want("14") // is not counted
	w.customer("newCustomer", "second", "x").want("0")
	for range 3 {
		w.upload("", "a.txt", "text/plain", "a")
	}
	w.unchanged(func() {
		w.customer("newCustomer", "third", "x").want("7")
		w.customer("addAttachment", "", "a.txt", "text/plain", b64([]byte("a"))).want("7")
	})
	w.upload(w.logIn("kari"), "a.txt", "text/plain", "a")
	w.from = "10.0.0.10"
	w.customer("newCustomer", "third", "x").want("0")
	w.upload("", "a.txt", "text/plain", "a")
	w.from = "10.0.0.9"
	w.clock.advance(16 * time.Minute)
	w.customer("newCustomer", "fourth", "x").want("0")
	w.upload("", "a.txt", "text/plain", "a")
}

// types.sec.1 for newCustomer: whoever looks for names in use is soon told nothing any more.
func TestNewCustomerIsBraked(t *testing.T) {
	w := newWorld(t, func(o *desk.Options) { o.Brake = desk.Brake{PerAddress: 5, PerName: 3} })
	w.from = "10.0.0.9"
	for range 5 {
		w.customer("newCustomer", "kari", "x").want("14")
	}
	w.unchanged(func() { w.customer("newCustomer", "free name", "x").want("14") })
	w.from = "10.0.0.10"
	w.customer("newCustomer", "free name", "x").want("0")
	w.customer("login", "kari", customerPassword).want("0") // her own log-in is not braked by it
}

package ports_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"skranke"
	"skranke/store"
)

func TestCategories(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		kari, tove, siv := w.logIn("kari"), w.logIn("tove"), w.logIn("siv")
		// customer.getCategories.1, customer.getCategories.4, customer.getCategories.5, types.struct.3
		tree := []string{"3|3|Apps|-1", "1|1|Help|-1", "6|6|Account|1", "7|7|account|1", "4|4|billing|1"}
		norwegian := []string{"1|1|assistanse|-1", "5|5|Hemmelig|-1", "1|1|Hjelp|-1"} // customer.getCategories.2, customer.getCategories.3
		list := func(key string) []string {
			t.Helper()
			a := w.customer("getCategories", key).want("0")
			for _, c := range a.part("categoryIds").kids {
				for i, name := range []string{"id", "realCategoryId", "name", "parentId"} {
					if c.kids[i].name != name {
						t.Errorf("member %d is %s, want %s", i, c.kids[i].name, name)
					}
				}
			}
			return a.rows("categoryIds")
		}
		same(t, "of Kari", list(kari), tree)
		same(t, "of nobody", list(" "), tree)            // types.session.6, customer.common.2
		same(t, "of Tove", list(tove), norwegian)        // her own language
		same(t, "of Siv, by Beta", list(siv), norwegian) // types.module.1: her company's
		w.customer("getCategories", "x").want("5").empty("customer", "getCategories")
		w.customer("getCategories", w.logInUser("ada")).want("5") // types.session.7: never taken for nobody

		one := func(key, id string) string {
			t.Helper()
			return members(w.customer("getCategory", key, id).want("0").part("category"))
		}
		for _, want := range tree { // customer.getCategory.1, customer.getCategory.2
			id, _, _ := strings.Cut(want, "|")
			for _, key := range []string{kari, ""} { // customer.getCategory.3
				if got := one(key, " 00"+id); got != want {
					t.Errorf("category %s: got %s, want %s", id, got, want)
				}
			}
		}
		if got := one(tove, "1"); got != "1|1|Hjelp|-1" { // customer.getCategory.4: the first by id
			t.Errorf("got %s", got)
		}
		if got := one(siv, "5"); got != "5|5|Hemmelig|-1" { // internal, but the language has it
			t.Errorf("got %s", got)
		}
		for _, bad := range []struct{ key, id, code string }{
			{kari, "2", "8"}, {kari, "5", "8"}, {kari, "99", "8"}, {kari, "", "8"}, {kari, "-1", "8"}, {kari, "x", "8"}, {"", "5", "8"}, {"", "", "8"},
			{tove, "4", "8"}, {"x", "1", "5"}, {"x", "99", "5"},
		} {
			w.customer("getCategory", bad.key, bad.id).want(bad.code).empty("customer", "getCategory")
		}
		w.customer("getCategory", kari).want("8") // the call the manual's example makes
		w.customer("getCategory").want("8")

		// The default language's own categories are for those who have no other, and for nobody.
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.InsertLanguageCategory(ctx, &skranke.LanguageCategory{Language: 1, Category: billing, Name: "Money"})
		})
		same(t, "of nobody", list(""), []string{"4|4|Money|-1"}) // customer.getCategories.2, customer.getCategory.3
		same(t, "of Kari", list(kari), []string{"4|4|Money|-1"}) // types.module.1
		same(t, "of Tove", list(tove), norwegian)
		w.updateCustomer(9, func(c *skranke.Customer) { c.Language = 77 }) // unknown, so none
		same(t, "of Tove without a language", list(tove), []string{"4|4|Money|-1"})
		w.customer("getCategory", "", "1").want("8")
	})
}

func TestPriorities(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		a := w.customer("getPriorities", w.logIn("kari")).want("0")
		// customer.getPriorities.1, customer.getPriorities.2, customer.getPriorities.3
		same(t, "priorities", a.rows("priorities"), []string{"1|Low|10", "5|Also low|10", "2|Normal|20"})
		for i, name := range []string{"id", "name", "sortOrder"} {
			if got := a.part("priorities").kids[0].kids[i].name; got != name {
				t.Errorf("member %d is %s, want %s", i, got, name)
			}
		}
	})
}

func TestExtraFieldsAreListed(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		list := func(domain string) []string {
			t.Helper()
			return w.customer("getExtraFields", key, domain).want("0").rows("extraFields")
		}
		// customer.getExtraFields.1, customer.getExtraFields.2, customer.getExtraFields.3, customer.getExtraFields.4, types.extra.1
		want := []string{"ticket.x_210|First|210|TypeVarchar"}
		for _, kind := range extraKinds {
			want = append(want, fmt.Sprintf("ticket.x_%d|A %s|%d|%s", 100+kind, kind, 100+kind, kind.Type()))
		}
		for _, f := range []string{"204|Read only", "205|Once", "206|Not empty", "207|Default", "209|Misnamed", "211|Title", "212|Colour", "213|x_color"} {
			id, label, _ := strings.Cut(f, "|")
			want = append(want, "ticket.x_"+id+"|"+label+"|"+id+"|TypeVarchar")
		}
		same(t, "of tickets", list("ticket"), want)
		same(t, "of tickets", list(" TICKET\n"), want) // customer.getExtraFields.4, types.input.1
		same(t, "of customers", list("customer"), []string{"customer.x_301|Shoe size|301|TypeVarchar"})
		same(t, "of companies", list("company"), []string{"company.x_401|Important|401|TypeBool"})
		for _, domain := range []string{"", "tickets", "user", "message", "ticket.", "x"} { // customer.getExtraFields.1
			w.customer("getExtraFields", key, domain).want("11").empty("customer", "getExtraFields")
		}
		w.customer("getExtraFields", key).want("11")
		// customer.getExtraFields.4: getTicket takes each of these names and tells the same type
		for _, row := range want {
			column := strings.Split(row, "|")
			got := w.customer("getTicket", key, "1031", []string{column[0]}).want("0").rows("ticketResult")
			if len(got) != 1 || !strings.HasPrefix(got[0], column[0]+"|") || !strings.HasSuffix(got[0], "|"+column[3]) {
				t.Errorf("getTicket %s: got %q, want type %s", column[0], got, column[3])
			}
		}
	})
}

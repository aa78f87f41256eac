package ports_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"skranke"
	"skranke/store"
)

func TestLanguages(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			for _, l := range []skranke.Language{
				{ID: 9, Name: "Svenska", Code: "se", VirtualDomain: "se.desk.example"}, {ID: 4, Name: "Dansk & Føroyskt", Code: "dk"},
			} {
				if err := tx.InsertLanguage(ctx, &l); err != nil {
					return err
				}
			}
			return nil
		})
		// customer.getLanguages.1, customer.getLanguages.3
		want := []string{"en|English|", "no|Norsk|", "dk|Dansk & Føroyskt|", "se|Svenska|se.desk.example"}
		a := w.customer("getLanguages").want("0")
		same(t, "languages", a.rows("languageEntries"), want)
		for i, name := range []string{"languageCode", "languageName", "virtualDomain"} {
			if got := a.part("languageEntries").kids[0].kids[i].name; got != name {
				t.Errorf("member %d is %s, want %s", i, got, name)
			}
		}
		// customer.getLanguages.3: a key is not looked at
		for _, key := range []string{"", "not live", w.logIn("kari")} {
			body := request(t, w.style, "customer", "getLanguages", nil)
			end := bytes.LastIndex(body, []byte("</n:getLanguages>"))
			if end < 0 {
				end = bytes.LastIndex(body, []byte("</getLanguages>"))
			}
			body = append(append(bytes.Clone(body[:end]), []byte("<sessionKey>"+key+"</sessionKey>")...), body[end:]...)
			same(t, "with a key", w.post("customer", "getLanguages", body).want("0").rows("languageEntries"), want)
		}
		// Every code is one setCustomer takes.
		key := w.logIn("kari")
		for _, row := range want {
			code, _, _ := strings.Cut(row, "|")
			w.customer("setCustomer", key, []pair{{"language", code}}).want("0")
			same(t, code, w.customer("getCustomer", key, []string{"customer.language"}).must().rows("customerResult"), []string{"customer.language|" + code + "|TypeVarchar"})
		}
	})
}

// An installation without languages does not have the module.
func TestWithoutLanguages(t *testing.T) {
	w := newWorldOf(t, func(ctx context.Context, tx *store.WriteTx) error {
		for _, c := range []skranke.Category{
			{ID: help, Name: "Support desk", ExternalName: "Help"}, {ID: hardware, Parent: help, Name: "Hardware", Flags: skranke.CategoryInternal},
			{ID: apps, Parent: hardware, Name: "Apps"}, {ID: billing, Parent: help, Name: "billing"},
		} {
			if err := tx.InsertCategory(ctx, &c); err != nil {
				return err
			}
		}
		if err := addRanges(ctx, tx); err != nil {
			return err
		}
		return tx.InsertCustomer(ctx, &skranke.Customer{ID: kari, UserName: "kari", PasswordHash: customerHash})
	})
	key := w.logIn("kari")
	w.customer("getLanguages").want("19").empty("customer", "getLanguages") // customer.getLanguages.2
	for _, value := range []string{"no", "", "-1", "nonsense"} {            // customer.setCustomer.7
		w.unchanged(func() { w.customer("setCustomer", key, []pair{{"phone", "1"}, {"language", value}}).want("19") })
	}
	if got := w.lastError(key); got != skranke.CodeNoLicense.Text() {
		t.Errorf("the last error is %q", got)
	}
	// customer.getCustLangCategories.5: what getCategories lists
	want := []string{"3|3|Apps|-1", "1|1|Help|-1", "4|4|billing|1"}
	for _, key := range []string{"", key} {
		same(t, "getCategories", w.customer("getCategories", key).want("0").rows("categoryIds"), want)
		same(t, "getCustLangCategories", w.customer("getCustLangCategories", key).want("0").rows("categoryIds"), want)
	}
}

func TestLanguageCategories(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		list := func(key string) []string {
			t.Helper()
			return w.customer("getCustLangCategories", key).want("0").rows("categoryIds")
		}
		kari, tove, siv := w.logIn("kari"), w.logIn("tove"), w.logIn("siv")
		// customer.getCustLangCategories.1, customer.getCustLangCategories.2, customer.getCustLangCategories.3, customer.getCustLangCategories.4
		norwegian := []string{"21|1|Hjelp|-1", "22|1|assistanse|21", "23|5|Hemmelig|21"}
		same(t, "of Tove", list(tove), norwegian)
		same(t, "of Siv, by Beta", list(siv), norwegian) // types.module.1
		for _, key := range []string{"", kari} {         // customer.getCustLangCategories.4: the default language has none
			w.customer("getCustLangCategories", key).want("0").empty("customer", "getCustLangCategories")
		}
		for i, name := range []string{"id", "realCategoryId", "name", "parentId"} {
			if got := w.customer("getCustLangCategories", tove).part("categoryIds").kids[0].kids[i].name; got != name {
				t.Errorf("member %d is %s, want %s", i, got, name)
			}
		}
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			for _, c := range []skranke.LanguageCategory{
				{ID: 30, Language: 2, Category: billing, Parent: 23, Name: "Regning"}, {ID: 31, Language: 2, Category: apps, Parent: 99, Name: "æpper"},
				{ID: 32, Language: 2, Category: apps, Name: "hjelp"}, {ID: 33, Language: 1, Category: billing, Parent: 21, Name: "Bills"},
				{ID: 34, Language: 1, Category: help, Parent: 33, Name: "Help"},
				{ID: 35, Language: 1, Category: help, Parent: 36, Name: "Round"}, {ID: 36, Language: 1, Category: help, Parent: 35, Name: "about"},
			} {
				if err := tx.InsertLanguageCategory(ctx, &c); err != nil {
					return err
				}
			}
			return nil
		})
		// A parent that is not listed, of another language or not there at all, leaves its children at the top.
		same(t, "of Tove", list(tove), []string{"21|1|Hjelp|-1", "22|1|assistanse|21", "23|5|Hemmelig|21", "30|4|Regning|23", "32|3|hjelp|-1", "31|3|æpper|-1"})
		english := []string{"33|4|Bills|-1", "34|1|Help|33", "36|1|about|-1", "35|1|Round|36"} // parents in a circle are listed once
		same(t, "of Kari", list(kari), english)
		same(t, "of nobody", list(" "), english) // customer.getCustLangCategories.1: the default language
		// customer.getCustLangCategories.3: newTicket takes the real category's id
		w.customer("newTicket", tove, "x", "2", "5", "-1", []pair{}).want("0")
		w.customer("newTicket", tove, "x", "2", "23", "-1", []pair{}).want("8")
		for _, dead := range []string{"x", w.logInUser("ada")} {
			w.customer("getCustLangCategories", dead).want("5").empty("customer", "getCustLangCategories")
		}
		// types.module.1: the language as it is now
		w.customer("setCustomer", kari, []pair{{"language", "no"}}).want("0")
		same(t, "of Kari, who speaks Norwegian now", list(kari), list(tove))
		w.customer("setCustomer", tove, []pair{{"language", "-1"}}).want("0")
		same(t, "of Tove, who speaks no language", list(tove), english)
	})
}

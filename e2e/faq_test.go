package e2e

import (
	"slices"
	"testing"
)

func checkFaq(t *testing.T, c *client, key string) {
	// customer.faq_getCategory.3 customer.faq_getCategory.4 customer.faq_getCategory.5 customer.faq_getCategory.6
	// types.faq.1 types.faq.2 types.faq.4 types.faq.5 types.struct.2
	t.Run("faq_getCategory", func(t *testing.T) {
		for _, as := range []struct {
			key     string
			folders map[string]faqFolder
		}{{key, demo.faq}, {"", demo.anonymousFaq}} {
			for id, want := range as.folders {
				r := c.call(t, "faq_getCategory", as.key, id)
				r.wantCode(t, "0")
				var got faqFolder
				for _, m := range r.structs(t, "faqSubCategories") {
					got.below = append(got.below, faqSub{m["id"].text, m["name"].text, m["description"].text})
				}
				got.entries = faqEntries(t, r["faqEntries"])
				got.path = faqPath(t, r)
				wantEqual(t, id+" faqSubCategories", got.below, want.below)
				wantEqual(t, id+" faqEntries", got.entries, want.entries)
				wantEqual(t, id+" faqParents", got.path, want.path)

				groups := r.structs(t, "faqGroups")
				if len(groups) != len(want.groups) {
					t.Fatalf("%s faqGroups: got %v, want %v", id, groups, want.groups)
				}
				for i, g := range want.groups {
					if got := groups[i]["id"].text + " " + groups[i]["description"].text; got != g.id+" "+g.description {
						t.Errorf("%s faqGroups: got %q, want %v", id, got, g)
					}
					wantEqual(t, id+" entries of group "+g.id, faqEntries(t, groups[i]["entries"]), g.entries)
				}
			}
		}
	})

	// customer.faq_getCategory.2 types.faq.7
	t.Run("faq_getCategory refused", func(t *testing.T) {
		for _, folder := range append(slices.Clone(demo.hiddenFolders), demo.missing) {
			c.call(t, "faq_getCategory", key, folder).wantCode(t, "20")
		}
		r := c.call(t, "faq_getCategory", "", demo.registeredFolder)
		r.wantCode(t, "20")
		for _, part := range []string{"faqSubCategories", "faqEntries", "faqParents", "faqGroups"} {
			if got := r.structs(t, part); len(got) > 0 {
				t.Errorf("%s: got %v, want nothing", part, got)
			}
		}
	})

	// customer.faq_getMostReadEntries.1 customer.faq_getMostReadEntries.2 customer.faq_getMostReadEntries.3
	// customer.faq_getMostReadEntries.4 customer.faq_getMostPopularEntries.1 customer.faq_getMostPopularEntries.2
	// customer.faq_findEntries.1 customer.faq_findEntries.2 customer.faq_findEntries.3 customer.faq_findEntries.4
	// customer.faq_findEntries2.1 customer.faq_findEntries2.2 customer.faq_findEntries2.3 customer.faq_findEntries2.4
	// customer.faq_getGroupEntries.1 customer.faq_getGroupEntries.2
	t.Run("lists of entries", func(t *testing.T) {
		english := logIn(t, c, demo.englishCustomer)
		for _, call := range demo.faqLists {
			k := map[string]string{"customer": key, "english": english, "": ""}[call.as]
			r := c.call(t, call.method, append([]any{k}, call.args...)...)
			r.wantCode(t, "0")
			part := methods["customer"][call.method].out[1]
			wantEqual(t, call.method, faqEntries(t, r[part]), call.want)
		}
	})

	t.Run("lists of entries refused", func(t *testing.T) {
		c.call(t, "faq_findEntries", key, "x", demo.hiddenFolders[0]).wantCode(t, "20")
		c.call(t, "faq_findEntries2", key, "x", []string{"-1", demo.missing}).wantCode(t, "20")
		c.call(t, "faq_getGroupEntries", key, demo.missing).wantCode(t, "25")
		c.call(t, "faq_getMostReadEntries", key, "-1", "many").wantCode(t, "7")
		c.call(t, "faq_getMostPopularEntries", "no such key", "-1", "1").wantCode(t, "5")
	})

	// customer.faq_getEntry.1 customer.faq_getEntry.2 customer.faq_getEntry.3 customer.faq_getEntry.4 customer.faq_getEntry.5
	t.Run("faq_getEntry", func(t *testing.T) {
		for _, want := range demo.faqPages {
			r := c.call(t, "faq_getEntry", key, want.id)
			r.wantCode(t, "0")
			for part, text := range map[string]string{"title": want.title, "question": want.question, "answer": want.answer, "score": want.score} {
				if got := r.text(t, part); got != text {
					t.Errorf("%s of entry %s: got %q, want %q", part, want.id, got, text)
				}
			}
			if got := r.boolean(t, "hasHtml"); got != (want.html == "1") {
				t.Errorf("hasHtml of entry %s: got %t, want %s", want.id, got, want.html)
			}
			var links []faqLink
			for _, m := range r.structs(t, "links") {
				links = append(links, faqLink{m["name"].text, m["url"].text})
			}
			wantEqual(t, "links", links, want.links)
			wantEqual(t, "attachmentInfo", files(t, r), want.files)
			wantEqual(t, "faqParents", faqPath(t, r), want.path)
		}
		for _, entry := range append(slices.Clone(demo.hiddenEntries), demo.missing) {
			c.call(t, "faq_getEntry", key, entry).wantCode(t, "21")
		}
		c.call(t, "faq_getEntry", "", demo.registeredEntry).wantCode(t, "21")
	})

	// customer.faq_scoreEntry.1 customer.faq_scoreEntry.2 customer.faq_scoreEntry.3
	t.Run("faq_scoreEntry", func(t *testing.T) {
		c.call(t, "faq_scoreEntry", key, demo.unscoredEntry, "8").wantCode(t, "0")
		for _, score := range []string{"11", "-1", "x", ""} {
			c.call(t, "faq_scoreEntry", key, demo.unscoredEntry, score).wantCode(t, "22")
		}
		c.call(t, "faq_scoreEntry", "", demo.registeredEntry, "8").wantCode(t, "21")
		r := c.call(t, "faq_getEntry", "", demo.unscoredEntry)
		r.wantCode(t, "0")
		if got := r.text(t, "score"); got != "80" {
			t.Errorf("score: got %s, want 80", got)
		}
	})
}

func faqEntries(t *testing.T, v value) []faqEntry {
	t.Helper()
	var all []faqEntry
	for _, m := range v.structs(t, "entries") {
		all = append(all, faqEntry{m["id"].text, m["question"].text, m["title"].text, m["hasHtml"].text, m["score"].text, m["fullName"].text, m["parentId"].text})
	}
	return all
}

func faqPath(t *testing.T, r answer) []faqStep {
	t.Helper()
	var all []faqStep
	for _, m := range r.structs(t, "faqParents") {
		all = append(all, faqStep{m["id"].text, m["name"].text})
	}
	return all
}

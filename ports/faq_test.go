package ports_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/soap"
	"skranke/store"
)

// faqFolders are the folders of the FAQ that most tests look at.
func faqFolders() []skranke.FaqFolder {
	return []skranke.FaqFolder{
		{ID: 1, Name: "Products", Description: "All <we> make", Access: skranke.FaqEveryone, SortOrder: 2},
		{ID: 2, Parent: 1, Name: "Printers", Access: skranke.FaqEveryone, SortOrder: 5},
		{ID: 3, Parent: 1, Name: "Members", Access: skranke.FaqRegistered, SortOrder: 1},
		{ID: 14, Parent: 3, Name: "Open below members", Access: skranke.FaqEveryone},
		{ID: 4, Name: "Staff", Access: skranke.FaqInternal},
		{ID: 5, Parent: 4, Name: "Open below staff", Access: skranke.FaqEveryone},
		{ID: 6, Name: "Scripted", Access: skranke.FaqEveryone, AccessCheck: "return 1"},
		{ID: 7, Parent: 6, Name: "Open below scripted", Access: skranke.FaqEveryone},
		{ID: 8, Name: "Norsk", Access: skranke.FaqEveryone, SortOrder: 1},
		{ID: 9, Parent: 8, Name: "Klient", Access: skranke.FaqRegistered},
		{ID: 10, Name: "Private", Access: skranke.FaqPrivate},
		{ID: 11, Parent: 12, Name: "Circle", Access: skranke.FaqEveryone},
		{ID: 12, Parent: 11, Name: "Circle", Access: skranke.FaqEveryone},
		{ID: 13, Parent: 999, Name: "Orphan", Access: skranke.FaqEveryone},
		{ID: 15, Parent: 1, Name: "No level", Access: 9},
	}
}

func faqEntry(id skranke.FaqEntryID, folder skranke.FaqFolderID, title string, change ...func(*skranke.FaqEntry)) *skranke.FaqEntry {
	e := &skranke.FaqEntry{
		ID: id, Folder: folder, Title: title, Question: "How about " + title + "?", Answer: "So.",
		Access: skranke.FaqEveryone, State: skranke.FaqPublished,
	}
	for _, c := range change {
		c(e)
	}
	return e
}

func faqEntries() []*skranke.FaqEntry {
	return []*skranke.FaqEntry{
		faqEntry(100, 2, "Paper", func(e *skranke.FaqEntry) {
			e.Question, e.Answer, e.HTML, e.Keywords = "Why does it <jam>?", `<p>Open the <b>fuser</b>&nbsp;door</p><script>var hiddenword</script>`, true, "pappír støtta"
			e.Links = []skranke.FaqLink{{Name: "Z manual", URL: "https://example.org/?a=1&b=2"}, {Name: "A film", URL: "https://example.org/film"}}
			e.Attachments = []skranke.AttachmentID{902, 901}
			e.VoteSum, e.Votes, e.ReadCount = 80, 1, 5
		}),
		faqEntry(101, 2, "Toner", func(e *skranke.FaqEntry) { e.SortOrder, e.ReadCount = -1, 9 }),
		faqEntry(102, 2, "For members", func(e *skranke.FaqEntry) { e.Access, e.ReadCount = skranke.FaqRegistered, 20 }),
		faqEntry(103, 2, "For staff", func(e *skranke.FaqEntry) { e.Access, e.ReadCount = skranke.FaqInternal, 30 }),
		faqEntry(104, 2, "For me", func(e *skranke.FaqEntry) { e.Access, e.ReadCount = skranke.FaqPrivate, 30 }),
		faqEntry(105, 2, "Draft", func(e *skranke.FaqEntry) { e.State, e.ReadCount = skranke.FaqUnpublished, 30 }),
		faqEntry(106, 2, "State expired", func(e *skranke.FaqEntry) { e.State, e.ReadCount = skranke.FaqExpired, 30 }),
		faqEntry(107, 2, "Past", func(e *skranke.FaqEntry) { e.ExpireAt, e.ReadCount = morning.Add(-time.Second), 30 }),
		faqEntry(108, 2, "Soon", func(e *skranke.FaqEntry) { e.PublishAt, e.ReadCount = morning.Add(time.Hour), 30 }),
		faqEntry(109, 2, "Until noon", func(e *skranke.FaqEntry) { e.ExpireAt = morning.Add(2 * time.Hour) }),
		faqEntry(110, 3, "Member talk"),
		faqEntry(111, 14, "Deep member talk"),
		faqEntry(112, 4, "Staff talk", func(e *skranke.FaqEntry) { e.ReadCount = 40 }),
		faqEntry(113, 5, "Deep staff talk", func(e *skranke.FaqEntry) { e.ReadCount = 40 }),
		faqEntry(114, 6, "Scripted talk", func(e *skranke.FaqEntry) { e.ReadCount = 40 }),
		faqEntry(115, 7, "Deep scripted talk", func(e *skranke.FaqEntry) { e.ReadCount = 40 }),
		faqEntry(116, 8, "Norsk prat"),
		faqEntry(117, 9, "Norsk medlemsprat"),
		faqEntry(118, 10, "Private talk"),
		faqEntry(119, 11, "Circle talk"),
		faqEntry(120, 13, "Orphan talk"),
		faqEntry(121, 0, "Top"),
		faqEntry(122, 15, "No level talk"),
		faqEntry(123, 777, "Nowhere talk"),
	}
}

func addFaq(ctx context.Context, tx *store.WriteTx) error {
	folders := faqFolders()
	for i := range folders {
		if err := tx.InsertFaqFolder(ctx, &folders[i]); err != nil {
			return err
		}
	}
	for _, id := range []skranke.AttachmentID{901, 902} {
		a := &skranke.Attachment{ID: id, Name: fmt.Sprintf("file %d.pdf", id), ContentType: "application/pdf", CreatedAt: morning}
		if err := tx.InsertAttachment(ctx, a); err != nil {
			return err
		}
	}
	for _, e := range faqEntries() {
		if err := tx.InsertFaqEntry(ctx, e, desk.FaqWords(e)); err != nil {
			return err
		}
	}
	for _, g := range []skranke.FaqGroup{
		{ID: 51, Folder: 1, Description: "Best & brightest", Entries: []skranke.FaqGroupEntry{
			{Entry: 101, SortPos: 2}, {Entry: 116, SortPos: 1}, {Entry: 103, SortPos: 0}, {Entry: 102, SortPos: 3}, {Entry: 100, SortPos: 2}}},
		{ID: 50, Folder: 1, Description: "Nothing to see", Entries: []skranke.FaqGroupEntry{{Entry: 112}}},
		{ID: 52, Folder: 4, Description: "Of staff", Entries: []skranke.FaqGroupEntry{{Entry: 100}}},
		{ID: 53, Description: "At the top", Entries: []skranke.FaqGroupEntry{{Entry: 100}}},
		{ID: 54, Folder: 3, Description: "Of members", Entries: []skranke.FaqGroupEntry{{Entry: 100}}},
	} {
		if err := tx.InsertFaqGroup(ctx, &g); err != nil {
			return err
		}
	}
	return tx.UpdateLanguage(ctx, &skranke.Language{ID: 2, Name: "Norsk", Code: "no", FaqRoot: 8})
}

func newFaqWorld(t *testing.T, change ...func(*desk.Options)) *world {
	t.Helper()
	w := newWorld(t, change...)
	w.write(addFaq)
	return w
}

// memberIDs is the first member of each struct: its id.
func (a answer) memberIDs(part string) string {
	a.t.Helper()
	var ids []string
	for _, item := range a.part(part).kids {
		ids = append(ids, item.kid("id").text)
	}
	return strings.Join(ids, " ")
}

func wantIDs(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// putFaq stores entries, replacing those of the same id.
func (w *world) putFaq(entries ...*skranke.FaqEntry) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		for _, e := range entries {
			err := tx.UpdateFaqEntry(ctx, e, desk.FaqWords(e))
			if skranke.CodeOf(err) == skranke.CodeInvalidFaqEntry {
				err = tx.InsertFaqEntry(ctx, e, desk.FaqWords(e))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *world) faqEntry(id skranke.FaqEntryID) *skranke.FaqEntry {
	w.t.Helper()
	var found *skranke.FaqEntry
	w.read(func(ctx context.Context, tx *store.ReadTx) (err error) {
		found, err = tx.FaqEntry(ctx, id)
		return err
	})
	return found
}

func TestFaqGetCategory(t *testing.T) {
	w := newFaqWorld(t)
	key := w.logIn("kari")

	// customer.faq_getCategory.1: -1 is the top node; types.faq.3, types.faq.4
	top := w.customer("faq_getCategory", "", "-1").must()
	same(t, "top folders", top.rows("faqSubCategories"), []string{"8|Norsk|", "1|Products|All <we> make"})
	// customer.faq_getCategory.7; FaqEntryStruct.parentId -1; types.struct.2
	same(t, "top entries", top.rows("faqEntries"), []string{"121|How about Top?|Top|0|0|Top|-1"})
	// customer.faq_getCategory.4
	same(t, "top parents", top.rows("faqParents"), []string{})
	wantIDs(t, "top groups", top.memberIDs("faqGroups"), "53")

	// customer.faq_getCategory.3, types.faq.2, types.faq.4, types.faq.5, types.faq.7
	printers := w.customer("faq_getCategory", "", " 002 ").must()
	same(t, "entries", printers.rows("faqEntries"), []string{
		"101|How about Toner?|Toner|0|0|Products/Printers/Toner|2",
		"100|Why does it <jam>?|Paper|1|80|Products/Printers/Paper|2",
		"109|How about Until noon?|Until noon|0|0|Products/Printers/Until noon|2",
	})
	same(t, "parents", printers.rows("faqParents"), []string{"1|Products", "2|Printers"})
	same(t, "folders of a leaf", printers.rows("faqSubCategories"), []string{})

	// types.faq.1: a session sees more
	wantIDs(t, "entries for a customer", w.customer("faq_getCategory", key, "2").must().memberIDs("faqEntries"), "101 100 102 109")
	wantIDs(t, "folders for nobody", w.customer("faq_getCategory", "", "1").must().memberIDs("faqSubCategories"), "2")
	wantIDs(t, "folders for a customer", w.customer("faq_getCategory", key, "1").must().memberIDs("faqSubCategories"), "3 2")

	// customer.faq_getCategory.5, customer.faq_getCategory.6, types.struct.4
	products := w.customer("faq_getCategory", "", "1").must()
	wantIDs(t, "groups", products.memberIDs("faqGroups"), "50 51")
	groups := products.part("faqGroups").kids
	if got := groups[0].kid("description").text; got != "Nothing to see" || len(groups[0].kid("entries").kids) != 0 {
		t.Errorf("the empty group is %q with %d entries", got, len(groups[0].kid("entries").kids))
	}
	var rows []string
	for _, e := range groups[1].kid("entries").kids {
		rows = append(rows, members(e))
	}
	same(t, "entries of a group", rows, []string{
		"116|How about Norsk prat?|Norsk prat|0|0|Norsk/Norsk prat|8",
		"100|Why does it <jam>?|Paper|1|80|Products/Printers/Paper|2",
		"101|How about Toner?|Toner|0|0|Products/Printers/Toner|2",
	})

	// customer.faq_getCategory.2, types.faq.1, types.faq.2, types.faq.3, types.acl.4: all alike 20
	for _, id := range []string{"3", "14", "4", "5", "6", "7", "10", "11", "12", "13", "15", "999", "", "x", "-2", "2147483648", "1.0"} {
		w.customer("faq_getCategory", "", id).want("20").empty("customer", "faq_getCategory")
	}
	for _, id := range []string{"4", "5", "6", "7", "10", "11", "13", "15", "999"} {
		w.customer("faq_getCategory", key, id).want("20").empty("customer", "faq_getCategory")
		if got := w.lastError(key); got != skranke.CodeInvalidFaqCategory.Text() {
			t.Errorf("last error of %s: %q", id, got)
		}
	}
	w.customer("faq_getCategory", key, "14").must()
}

// 0 is the root of the language: the customer's, else his company's, else the
// default one.
func TestFaqLanguageRoot(t *testing.T) {
	w := newFaqWorld(t)
	titles := func(user string) string {
		key := ""
		if user != "" {
			key = w.logIn(user)
		}
		return w.customer("faq_getCategory", key, "0").must().memberIDs("faqEntries")
	}
	// types.module.1
	wantIDs(t, "his own language", titles("tove"), "116")
	wantIDs(t, "his company's", titles("siv"), "116")
	wantIDs(t, "the default has no root", titles("kari"), "121")
	wantIDs(t, "anonymous", titles(""), "121")
	// customer.faq_findEntries.2
	wantIDs(t, "found", w.customer("faq_findEntries", w.logIn("tove"), "prat talk toner medlemsprat", "0").must().memberIDs("faqEntries"), "116 117")
	same(t, "path to a language root", w.customer("faq_getCategory", w.logIn("tove"), "0").must().rows("faqParents"), []string{"8|Norsk"})
	wantIDs(t, "read", w.customer("faq_getMostReadEntries", w.logIn("tove"), "0", "").must().memberIDs("faqEntries"), "116 117")

	root := func(language skranke.LanguageID, folder skranke.FaqFolderID) {
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.UpdateLanguage(ctx, &skranke.Language{ID: language, Default: language == 1, FaqRoot: folder})
		})
	}
	root(1, 2)
	wantIDs(t, "the default language's", titles(""), "101 100 109")
	root(1, 3)
	w.customer("faq_getCategory", "", "0").want("20")
	w.customer("faq_getMostPopularEntries", "", "0", "").want("20")
	root(1, 888) // gone: as if it had none
	wantIDs(t, "root that is gone", titles(""), "121")
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFaqGetEntry(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addFaq)
		key := w.logIn("kari")
		a := w.customer("faq_getEntry", "", "100").must()
		var parts []string
		for _, p := range a.parts {
			parts = append(parts, p.name)
		}
		same(t, "parts", parts, []string{"errorCode", "title", "question", "answer", "links", "attachmentInfo", "hasHtml", "score", "faqParents"})
		// customer.faq_getEntry.2, customer.faq_getEntry.5, types.faq.6
		for part, want := range map[string]string{
			"title": "Paper", "question": "Why does it <jam>?", "score": "80", "hasHtml": "true",
			"answer": `<p>Open the <b>fuser</b>&nbsp;door</p><script>var hiddenword</script>`,
		} {
			if got := a.text(part); got != want {
				t.Errorf("%s: got %q, want %q", part, got, want)
			}
		}
		// customer.faq_getEntry.3, customer.faq_getEntry.4
		same(t, "links", a.rows("links"), []string{"Z manual|https://example.org/?a=1&b=2", "A film|https://example.org/film"})
		same(t, "attachments", a.rows("attachmentInfo"), []string{"902|file 902.pdf|application/pdf", "901|file 901.pdf|application/pdf"})
		same(t, "parents", a.rows("faqParents"), []string{"1|Products", "2|Printers"})
		plain := w.customer("faq_getEntry", "", "121").must()
		same(t, "parents at the top", plain.rows("faqParents"), []string{})
		if plain.text("hasHtml") != "false" || plain.text("score") != "0" {
			t.Errorf("got hasHtml %s, score %s", plain.text("hasHtml"), plain.text("score"))
		}

		file := w.customer("addAttachment", "", "manual.txt", "text/plain", "aGVp").must().text("attachmentId")
		w.customer("getAttachment", "", file).want("16")
		toner := w.faqEntry(101)
		toner.Attachments = []skranke.AttachmentID{skranke.AttachmentID(atoi(t, file))}
		w.putFaq(toner)
		same(t, "attachment", w.customer("faq_getEntry", "", "101").must().rows("attachmentInfo"), []string{file + "|manual.txt|text/plain"})
		if got := w.customer("getAttachment", "", file).must().text("data"); got != "aGVp" {
			t.Errorf("got the data %q", got)
		}
		w.customer("deleteAttachment", file).want("24") // customer.deleteAttachment.1

		// customer.faq_getEntry.1, types.faq.1, types.faq.2, types.faq.3, types.faq.7, types.acl.4
		for _, id := range []string{"102", "110", "111"} {
			w.customer("faq_getEntry", "", id).want("21").empty("customer", "faq_getEntry")
			w.customer("faq_getEntry", key, id).must()
		}
		for _, id := range []string{"103", "104", "105", "106", "107", "108", "112", "113", "114", "115", "118", "119", "120", "122", "123", "999", "", "0", "-1", "abc"} {
			w.customer("faq_getEntry", "", id).want("21").empty("customer", "faq_getEntry")
			w.customer("faq_getEntry", key, id).want("21").empty("customer", "faq_getEntry")
			if got := w.lastError(key); got != skranke.CodeInvalidFaqEntry.Text() {
				t.Errorf("last error of %s: %q", id, got)
			}
		}
	})
}

// What is shown depends on the time of the call.
func TestFaqTimes(t *testing.T) {
	w := newFaqWorld(t)
	w.customer("faq_getEntry", "", "109").must()
	w.clock.advance(time.Hour)
	w.customer("faq_getEntry", "", "108").must()
	w.clock.advance(time.Hour)
	w.customer("faq_getEntry", "", "109").must() // not past it yet
	w.clock.advance(time.Second)
	w.customer("faq_getEntry", "", "109").want("21")
}

// customer.faq_getEntry.6: only faq_getEntry counts, and it counts exactly.
func TestFaqReadsAreCounted(t *testing.T) {
	w := newFaqWorld(t)
	const callers, calls = 8, 25
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for range calls {
				w.customer("faq_getEntry", "", "101").want("0")
			}
		})
	}
	for range 5 { // while they are gathered
		if err := w.desk.Flush(context.Background()); err != nil {
			t.Error(err)
		}
	}
	all.Wait()
	w.customer("faq_getEntry", "", "103").want("21")
	w.customer("faq_getCategory", "", "2").must()
	w.customer("faq_findEntries", "", "toner", "-1").must()
	w.customer("faq_getGroupEntries", "", "51").must()
	w.customer("faq_getMostReadEntries", "", "-1", "").must()
	w.customer("faq_getEntry", "", "101").must()
	w.restart() // a clean stop loses nothing
	if got := w.faqEntry(101).ReadCount; got != 9+callers*calls+1 {
		t.Errorf("got %d reads, want %d", got, 9+callers*calls+1)
	}
	if got := w.faqEntry(103).ReadCount; got != 30 {
		t.Errorf("a refused call was counted: %d", got)
	}
}

func TestFaqFindEntries(t *testing.T) {
	w := newFaqWorld(t)
	key := w.logIn("kari")
	find := func(words, category string) string {
		t.Helper()
		return w.customer("faq_findEntries", "", words, category).must().memberIDs("faqEntries")
	}
	// customer.faq_findEntries.4: title, question, answer, keywords; one word is enough
	wantIDs(t, "title", find("PAPER", "-1"), "100")
	wantIDs(t, "question", find("jam", "-1"), "100")
	wantIDs(t, "answer", find("nothing FUSER", "-1"), "100")
	wantIDs(t, "keywords", find("pappir", "-1"), "100")
	wantIDs(t, "the beginning of a word", find("pap", "-1"), "100")
	wantIDs(t, "the middle of a word", find("aper", "-1"), "")
	wantIDs(t, "markup is no text", find("script hiddenword nbsp", "-1"), "")
	same(t, "members", w.customer("faq_findEntries", "", "fuser", "-1").must().rows("faqEntries"),
		[]string{"100|Why does it <jam>?|Paper|1|80|Products/Printers/Paper|2"})

	// customer.faq_findEntries.5
	for _, words := range []string{"", "  \t ", "?! -- \"' * ( ^", "\u0301"} {
		w.customer("faq_findEntries", "", words, "-1").want("0").empty("customer", "faq_findEntries")
	}
	// customer.faq_findEntries.2
	wantIDs(t, "below", find("toner prat", "1"), "101")
	wantIDs(t, "beside", find("toner", "8"), "")
	wantIDs(t, "whole tree", find("toner prat", "-1"), "101 116")
	// customer.faq_findEntries.3, types.faq.1
	wantIDs(t, "anonymous", find("members talk", "-1"), "")
	wantIDs(t, "customer", w.customer("faq_findEntries", key, "members talk", "-1").must().memberIDs("faqEntries"), "102 110 111")
	for _, id := range []string{"3", "4", "5", "6", "7", "11", "999", "", "x"} {
		w.customer("faq_findEntries", "", "toner", id).want("20").empty("customer", "faq_findEntries")
	}
	w.customer("faq_findEntries", "", "", "999").want("20") // also without words
}

// customer.faq_findEntries.1, customer.faq_findEntries.4: the best 10 first,
// chosen among those the caller sees.
func TestFaqRanking(t *testing.T) {
	w := newFaqWorld(t)
	for i := range 30 {
		id := skranke.FaqEntryID(200 + i)
		w.putFaq(faqEntry(id, 2, "entry", func(e *skranke.FaqEntry) {
			e.Answer = "zebra lion"
			switch {
			case i < 12: // two words each, but hidden
				e.Access = skranke.FaqRegistered
			case i == 15:
				e.Answer = "zebra lion tiger"
			case i == 20:
				e.Answer, e.Keywords = "zebra", "Lion"
			case i == 21:
				e.Answer, e.Keywords = "nothing", "Lion ZEBRA zebra"
			case i == 22:
				e.Answer, e.Title = "zebra zebra zebra", "zebra"
			case i == 23:
				e.Answer, e.Title, e.Question = "zebra", "x", "tiger?"
			}
		}))
	}
	got := w.customer("faq_findEntries", "", "zebra LION tiger zebra ZEBRA", "-1").must().memberIDs("faqEntries")
	wantIDs(t, "ranked", got, "215 221 220 212 213 214 216 217 218 219")
	got = w.customer("faq_findEntries", "", "zebra", "-1").must().memberIDs("faqEntries")
	wantIDs(t, "title and keywords first", got, "221 222 212 213 214 215 216 217 218 219")
}

// customer.faq_findEntries.4, customer.faq_findEntries.6: readers of several
// languages and keyboards, and an index that is never behind.
func TestFaqFindsAtOnce(t *testing.T) {
	w := newFaqWorld(t)
	e := faqEntry(300, 2, "Blåbær på Straße, café Ærøskøbing, MÜLLER und über Ålesund")
	w.putFaq(e)
	find := func(words string) string {
		return w.customer("faq_findEntries", "", words, "-1").must().memberIDs("faqEntries")
	}
	for _, word := range []string{
		"blåbær", "BLÅBÆR", "blabaer", "Blaabaer", "blåb", "bla\u030abær", "strasse", "STRASSE", "straße", "STRAẞE", "cafe", "CAFÉ",
		"aeroskobing", "aeroeskoebing", "muller", "mueller", "Müller", "ueber", "uber", "aalesund", "alesund",
	} {
		if got := find(word); got != "300" {
			t.Errorf("%q found %q", word, got)
		}
	}
	w.putFaq(faqEntry(301, 2, "blabaer"))
	wantIDs(t, "typed without the letters", find("BLÅBÆR"), "300 301")
	e.Title, e.Question = "Tyttebær", ""
	w.putFaq(e)
	wantIDs(t, "old words are forgotten", find("blåbær"), "301")
	wantIDs(t, "new words are known", find("tyttebær"), "300")
	e.Access = skranke.FaqInternal
	w.putFaq(e)
	wantIDs(t, "access is looked at now", find("tyttebær"), "")
	w.write(func(ctx context.Context, tx *store.WriteTx) error { return tx.DeleteFaqEntry(ctx, 301) })
	wantIDs(t, "deleted", find("blabaer"), "")
	w.putFaq(faqEntry(302, 2, "e-mail C++ SSH/TLS 802.11"))
	for _, word := range []string{"e-mail", "E-MA", "c++", "tls", "ssh/tls", "802", "mail"} {
		if got := find(word); got != "302" {
			t.Errorf("%q found %q", word, got)
		}
	}
}

func TestFaqFindEntries2(t *testing.T) {
	w := newFaqWorld(t)
	key := w.logIn("kari")
	find := func(words string, categories ...string) string {
		t.Helper()
		return w.customer("faq_findEntries2", "", words, categories).must().memberIDs("faqEntries")
	}
	// customer.faq_findEntries2.3
	wantIDs(t, "in the order of the categories", find("prat toner", "8", "2"), "116 101")
	wantIDs(t, "and the other way", find("prat toner", "2", "8"), "101 116")
	// customer.faq_findEntries2.2
	wantIDs(t, "once", find("paper toner", "2", "1", "-1", "2"), "100 101")
	// customer.faq_findEntries2.4, types.input.4
	wantIDs(t, "no category", find("prat toner"), "101 116")
	wantIDs(t, "empty categories", find("prat toner", "", " "), "101 116")
	if got := w.customer("faq_findEntries2", "", "toner").must().memberIDs("faqEntries"); got != "101" {
		t.Errorf("without the array: got %q", got)
	}
	wantIDs(t, "0", w.customer("faq_findEntries2", w.logIn("tove"), "prat toner", []string{"0"}).must().memberIDs("faqEntries"), "116")
	// customer.faq_findEntries2.5
	for _, bad := range []string{"999", "4", "3", "x"} {
		w.customer("faq_findEntries2", "", "toner", []string{"2", bad}).want("20").empty("customer", "faq_findEntries2")
	}
	w.customer("faq_findEntries2", key, "toner", []string{"2", "3"}).must()

	// customer.faq_findEntries2.1, customer.faq_findEntries2.3: 10 of each, counted before duplicates go
	for i := range 30 {
		w.putFaq(faqEntry(skranke.FaqEntryID(400+i), []skranke.FaqFolderID{2, 8}[i%2], "giraffe"))
	}
	wantIDs(t, "10 each", find("giraffe", "2", "8"),
		"400 402 404 406 408 410 412 414 416 418 401 403 405 407 409 411 413 415 417 419")
	wantIDs(t, "places of duplicates stay used", find("giraffe", "2", "-1"),
		"400 402 404 406 408 410 412 414 416 418 401 403 405 407 409")
}

func TestFaqGetGroupEntries(t *testing.T) {
	w := newFaqWorld(t)
	key := w.logIn("kari")
	// customer.faq_getGroupEntries.1, customer.faq_getGroupEntries.2
	same(t, "entries", w.customer("faq_getGroupEntries", "", "51").must().rows("entries"), []string{
		"116|How about Norsk prat?|Norsk prat|0|0|Norsk/Norsk prat|8",
		"100|Why does it <jam>?|Paper|1|80|Products/Printers/Paper|2",
		"101|How about Toner?|Toner|0|0|Products/Printers/Toner|2",
	})
	wantIDs(t, "for a customer", w.customer("faq_getGroupEntries", key, "51").must().memberIDs("entries"), "116 100 101 102")
	w.customer("faq_getGroupEntries", "", "50").want("0").empty("customer", "faq_getGroupEntries")
	wantIDs(t, "at the top", w.customer("faq_getGroupEntries", "", "53").must().memberIDs("entries"), "100")
	// customer.faq_getGroupEntries.3, types.faq.7, types.acl.4
	w.customer("faq_getGroupEntries", key, "54").must()
	for _, id := range []string{"54", "52", "999", "", "-1", "0", "x"} {
		w.customer("faq_getGroupEntries", "", id).want("25").empty("customer", "faq_getGroupEntries")
	}
	w.customer("faq_getGroupEntries", key, "52").want("25")
	if got := w.lastError(key); got != skranke.CodeInvalidFaqGroup.Text() {
		t.Errorf("last error: %q", got)
	}
}

func TestFaqMostRead(t *testing.T) {
	w := newFaqWorld(t)
	key := w.logIn("kari")
	read := func(category, count string) string {
		t.Helper()
		return w.customer("faq_getMostReadEntries", "", category, count).must().memberIDs("faqEntries")
	}
	// customer.faq_getMostReadEntries.1, customer.faq_getMostReadEntries.2, customer.faq_getMostReadEntries.3
	wantIDs(t, "all", read("-1", ""), "101 100 109 116 121")
	wantIDs(t, "below a category", read("1", ""), "101 100 109")
	wantIDs(t, "invisible ones use no places", read("-1", "2"), "101 100")
	wantIDs(t, "a customer sees more", w.customer("faq_getMostReadEntries", key, "1", "3").must().memberIDs("faqEntries"), "102 101 100")
	same(t, "members", w.customer("faq_getMostReadEntries", "", "-1", "1").must().rows("faqEntries"),
		[]string{"101|How about Toner?|Toner|0|0|Products/Printers/Toner|2"})
	for range 3 {
		w.customer("faq_getEntry", "", "109").must()
	}
	wantIDs(t, "a reading counts at once", read("1", " 3 "), "101 100 109")
	for range 7 {
		w.customer("faq_getEntry", "", "109").must()
	}
	wantIDs(t, "and changes the order", read("1", "3"), "109 101 100")
	// customer.faq_getMostReadEntries.4
	for _, count := range []string{"0", "-1", "-7", "00", "2147483648", "99999999999999999999", "-99999999999999999999"} {
		wantIDs(t, "count "+count, read("2", count), "109 101 100")
	}
	for _, method := range []string{"faq_getMostReadEntries", "faq_getMostPopularEntries"} {
		for _, count := range []string{"x", "1.5", "1e3", "--1", "-", "+1"} {
			w.customer(method, "", "-1", count).want("7").empty("customer", method)
			w.customer(method, "", "999", count).want("20") // the first parameter is looked at first
		}
		for _, category := range []string{"3", "4", "6", "7", "11", "999", "", "x"} {
			w.customer(method, "", category, "5").want("20").empty("customer", method)
		}
	}
}

func TestFaqMostPopular(t *testing.T) {
	w := newFaqWorld(t)
	votes := func(id skranke.FaqEntryID, sum, votes, reads int64) {
		e := w.faqEntry(id)
		e.VoteSum, e.Votes, e.ReadCount = sum, votes, reads
		w.putFaq(e)
	}
	// customer.faq_getMostPopularEntries.2: score, votes, reads, id
	votes(100, 80, 1, 0)
	votes(101, 160, 2, 0)
	votes(109, 160, 2, 1)
	votes(116, 90, 1, 0)
	votes(103, 100, 1, 50)
	// customer.faq_getMostPopularEntries.1
	a := w.customer("faq_getMostPopularEntries", "", "-1", "").must()
	wantIDs(t, "all", a.memberIDs("faqEntries"), "116 109 101 100 121")
	wantIDs(t, "some of a category", w.customer("faq_getMostPopularEntries", "", "1", "2").must().memberIDs("faqEntries"), "109 101")
}

func TestFaqScoreEntry(t *testing.T) {
	w := newFaqWorld(t)
	kari, ola := w.logIn("kari"), w.logIn("ola")
	score := func(id string) string {
		t.Helper()
		return w.customer("faq_getEntry", kari, id).must().text("score")
	}
	vote := func(key, id, vote, want string) {
		t.Helper()
		w.customer("faq_scoreEntry", key, id, vote).must()
		if got := score(id); got != want {
			t.Errorf("after a vote of %s: got score %s, want %s", vote, got, want)
		}
	}
	// customer.faq_scoreEntry.3, types.faq.6
	vote("", "101", "8", "80")
	vote(kari, "101", " 7 ", "75")
	vote(ola, "101", "010", "83")
	// customer.faq_scoreEntry.4: one vote for each customer, a second one replaces it
	vote(kari, "101", "8", "87")
	vote(kari, "101", "0", "60")
	vote("", "101", "0", "45") // each anonymous one counts
	if e := w.faqEntry(101); e.Votes != 4 || e.VoteSum != 180 {
		t.Errorf("got %d votes of %d, want 4 of 180", e.Votes, e.VoteSum)
	}
	vote("", "109", "1", "10")
	vote("", "109", "0", "5")
	vote("", "109", "0", "3")

	// customer.faq_scoreEntry.1
	before := *w.faqEntry(100)
	for _, bad := range []string{"", "-1", "11", "5.5", "5,5", "x", "+5", "1e1", "99999999999999999999"} {
		w.customer("faq_scoreEntry", kari, "100", bad).want("22").empty("customer", "faq_scoreEntry")
		w.customer("faq_scoreEntry", kari, "999", bad).want("21") // the first parameter is looked at first
	}
	if after := w.faqEntry(100); after.Votes != before.Votes || after.VoteSum != before.VoteSum {
		t.Errorf("a refused vote was counted: %+v", after)
	}
	w.customer("faq_scoreEntry", kari, "100", "11").want("22")
	if got := w.lastError(kari); got != skranke.CodeFaqScoreOutOfRange.Text() {
		t.Errorf("last error: %q", got)
	}
	// customer.faq_scoreEntry.2
	w.customer("faq_scoreEntry", "", "102", "5").want("21").empty("customer", "faq_scoreEntry")
	vote(kari, "102", "5", "50")
	for _, id := range []string{"103", "105", "107", "112", "114", "999", ""} {
		w.customer("faq_scoreEntry", kari, id, "5").want("21")
	}
}

// customer.faq_scoreEntry.4: votes given at the same moment are all counted.
func TestFaqVotesAtOnce(t *testing.T) {
	w := newFaqWorld(t)
	keys := []string{"", "", w.logIn("kari"), w.logIn("ola"), w.logIn("siv"), ""}
	var all sync.WaitGroup
	for i, key := range keys {
		all.Go(func() {
			for n := range 5 {
				w.customer("faq_scoreEntry", key, "121", strconv.Itoa((i+n)%11)).want("0")
			}
		})
	}
	all.Wait()
	// The three anonymous callers vote 0..4, 1..5 and 5..9; of the others the last vote stays.
	if e := w.faqEntry(121); e.Votes != 18 || e.VoteSum != 10*(10+15+35+6+7+8) {
		t.Errorf("got %d votes of %d in all, want 18 of %d", e.Votes, e.VoteSum, 10*(10+15+35+6+7+8))
	}
}

// Anonymous votes are braked by address, those of customers are not.
func TestFaqVotesAreBraked(t *testing.T) {
	w := newFaqWorld(t, func(o *desk.Options) { o.Brake.VotesPerAddress = 3 })
	for range 3 {
		w.customer("faq_scoreEntry", "", "121", "10").must()
	}
	w.customer("faq_scoreEntry", "", "121", "10").want("7")
	w.customer("faq_scoreEntry", "", "100", "10").want("7")
	if e := w.faqEntry(121); e.Votes != 3 {
		t.Errorf("got %d votes, want 3", e.Votes)
	}
	w.customer("faq_scoreEntry", w.logIn("kari"), "121", "10").must()
	w.from = "10.0.0.9"
	w.customer("faq_scoreEntry", "", "121", "10").must()
	w.from = ""
	w.clock.advance(16 * time.Minute)
	w.customer("faq_scoreEntry", "", "121", "10").must()
}

var faqCalls = []struct {
	method, bad string
	args        []any
	aliases     []string
}{
	{"faq_findEntries", "20", []any{"toner", "999"}, []string{"faqfindEntries", "FAQ_FINDENTRIES"}},
	{"faq_findEntries2", "20", []any{"toner", []string{"999"}}, []string{"faqFindEntries2"}},
	{"faq_getCategory", "20", []any{"999"}, []string{"faqgetCategory"}},
	{"faq_getEntry", "21", []any{"999"}, []string{"faqGetEntry"}},
	{"faq_getGroupEntries", "25", []any{"999"}, []string{"faqgetGroupEntries", "faqgetGroupEnties"}},
	{"faq_getMostPopularEntries", "20", []any{"999", "x"}, []string{"faqgetMostPopularEntries"}},
	{"faq_getMostReadEntries", "20", []any{"999", "x"}, []string{"faqgetMostReadEntries", "faq_getMostReadEntires"}},
	{"faq_scoreEntry", "21", []any{"999", "x"}, []string{"faqscoreEntry"}},
}

// customer.common.1, customer.common.4, types.module.2: the session first, then
// the licence, then the parameters.
func TestFaqOrderOfChecks(t *testing.T) {
	w := newFaqWorld(t)
	key, dead := w.logIn("kari"), strings.Repeat("x", 32)
	user := w.logInUser("ada")
	module := func(value string) {
		w.write(func(ctx context.Context, tx *store.WriteTx) error { return tx.SetSetting(ctx, "faq_module", value) })
	}
	for _, c := range faqCalls {
		with := func(key string) []any { return append([]any{key}, c.args...) }
		w.customer(c.method, with(dead)...).want("5").empty("customer", c.method)
		w.customer(c.method, with(user)...).want("5")
		w.customer(c.method, with("")...).want(c.bad)
		w.customer(c.method, with(key)...).want(c.bad)
		module("off")
		w.customer(c.method, with(dead)...).want("5")
		w.customer(c.method, with("")...).want("19").empty("customer", c.method)
		w.customer(c.method, with(key)...).want("19").empty("customer", c.method)
		if got := w.lastError(key); got != skranke.CodeNoLicense.Text() {
			t.Errorf("%s: last error %q", c.method, got)
		}
		module("on")
	}
}

// Page titles and misprints of the manual are understood.
func TestFaqNames(t *testing.T) {
	w := newFaqWorld(t)
	for _, c := range faqCalls {
		for _, name := range c.aliases {
			body := request(t, soap.RPC, "customer", c.method, append([]any{""}, c.args...))
			body = bytes.ReplaceAll(body, []byte("n:"+c.method), []byte("n:"+name))
			if a := w.post("customer", c.method, body); a.code != c.bad {
				t.Errorf("%s: got code %q fault %q, want %s", name, a.code, a.fault, c.bad)
			}
		}
	}
	var names []string
	for _, port := range declared() {
		if port.Name == "customer" {
			for _, op := range port.Ops {
				names = append(names, op.Name())
			}
		}
	}
	for _, c := range faqCalls {
		if !slices.Contains(names, c.method) {
			t.Errorf("%s is not published", c.method)
		}
	}
}

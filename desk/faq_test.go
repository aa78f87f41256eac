package desk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// randomFaq is an FAQ made by chance: folders in circles, folders of folders
// that are gone, levels that are none.
type randomFaq struct {
	folders map[skranke.FaqFolderID]skranke.FaqFolder
	entries map[skranke.FaqEntryID]skranke.FaqEntry
	groups  []skranke.FaqGroup
}

func newRandomFaq(r *rand.Rand) *randomFaq {
	f := &randomFaq{folders: map[skranke.FaqFolderID]skranke.FaqFolder{}, entries: map[skranke.FaqEntryID]skranke.FaqEntry{}}
	folders, entries := 1+r.IntN(25), r.IntN(60)
	// Most folders are open, else hardly anything would ever show.
	level := func() skranke.FaqAccess {
		if r.IntN(3) > 0 {
			return skranke.FaqEveryone
		}
		return skranke.FaqAccess(r.IntN(6))
	}
	for i := range folders {
		folder := skranke.FaqFolder{ID: skranke.FaqFolderID(i + 1), Name: fmt.Sprint("folder ", i), Access: level(), SortOrder: r.IntN(3)}
		switch parent := r.IntN(10); {
		case parent < 3:
		case parent < 9:
			folder.Parent = skranke.FaqFolderID(r.IntN(i + 1))
		default: // perhaps itself, perhaps one that is not there
			folder.Parent = skranke.FaqFolderID(1 + r.IntN(folders+2))
		}
		if r.IntN(12) == 0 {
			folder.AccessCheck = "return 1;"
		}
		f.folders[folder.ID] = folder
	}
	times := []time.Time{{}, {}, {}, noon.Add(-time.Minute), noon.Add(time.Minute)}
	for i := range entries {
		e := skranke.FaqEntry{
			ID: skranke.FaqEntryID(i + 1), Folder: skranke.FaqFolderID(r.IntN(folders + 3)), Title: fmt.Sprint("word ", i),
			Access: level(), State: []skranke.FaqState{0, 1, 2, 2, 2, 2, 2, 3}[r.IntN(8)],
			PublishAt: times[r.IntN(len(times))], ExpireAt: times[r.IntN(len(times))],
			SortOrder: r.IntN(3), ReadCount: int64(r.IntN(5)), Votes: 1, VoteSum: int64(r.IntN(5)),
		}
		f.entries[e.ID] = e
	}
	for i := range r.IntN(6) {
		g := skranke.FaqGroup{ID: skranke.FaqGroupID(i + 1), Folder: skranke.FaqFolderID(r.IntN(folders + 3))}
		for id := range f.entries {
			if r.IntN(3) == 0 {
				g.Entries = append(g.Entries, skranke.FaqGroupEntry{Entry: id, SortPos: r.IntN(3)})
			}
		}
		f.groups = append(f.groups, g)
	}
	return f
}

func (f *randomFaq) store(ctx context.Context, tx *store.WriteTx) error {
	for _, folder := range f.folders {
		if err := tx.InsertFaqFolder(ctx, &folder); err != nil {
			return err
		}
	}
	for _, e := range f.entries {
		if err := tx.InsertFaqEntry(ctx, &e, FaqWords(&e)); err != nil {
			return err
		}
	}
	for _, g := range f.groups {
		if err := tx.InsertFaqGroup(ctx, &g); err != nil {
			return err
		}
	}
	return nil
}

// open is the rule of who sees a folder, told again in the plainest way.
func (f *randomFaq) open(id skranke.FaqFolderID, need skranke.FaqAccess) bool {
	for range len(f.folders) + 1 {
		if id == 0 {
			return true
		}
		folder, ok := f.folders[id]
		if !ok || folder.AccessCheck != "" || folder.Access < need || folder.Access > skranke.FaqEveryone {
			return false
		}
		id = folder.Parent
	}
	return false // a circle
}

func (f *randomFaq) shown(e skranke.FaqEntry, need skranke.FaqAccess) bool {
	return e.State == skranke.FaqPublished && e.Access >= need && e.Access <= skranke.FaqEveryone && f.open(e.Folder, need) &&
		!e.PublishAt.After(noon) && (e.ExpireAt.IsZero() || !e.ExpireAt.Before(noon))
}

func (f *randomFaq) inside(id, root skranke.FaqFolderID) bool {
	for range len(f.folders) + 1 {
		if id == root {
			return true
		}
		id = f.folders[id].Parent
	}
	return false
}

// shownIn lists the entries in and below the root that are shown, in order.
func (f *randomFaq) shownIn(root skranke.FaqFolderID, need skranke.FaqAccess, order func(a, b skranke.FaqEntry) int) []skranke.FaqEntryID {
	var list []skranke.FaqEntry
	for _, e := range f.entries {
		if f.shown(e, need) && (root == 0 || f.inside(e.Folder, root)) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b skranke.FaqEntry) int {
		if order != nil && order(a, b) != 0 {
			return order(a, b)
		}
		return int(a.ID - b.ID)
	})
	ids := make([]skranke.FaqEntryID, len(list))
	for i, e := range list {
		ids[i] = e.ID
	}
	return ids
}

func idsOf(list []FaqListed) []skranke.FaqEntryID {
	ids := make([]skranke.FaqEntryID, len(list))
	for i, e := range list {
		ids[i] = e.ID
	}
	return ids
}

// Whatever the tree looks like, every way to look at the FAQ shows exactly what
// its caller may see: types.faq.1, types.faq.2, types.faq.3, types.faq.7,
// customer.faq_getMostReadEntries.3, customer.faq_findEntries.4.
func TestFaqShowsWhatItMay(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		faq := newRandomFaq(r)
		inWorld(t, func(w *world) {
			w.write(func(tx *store.WriteTx) error { return faq.store(w.t.Context(), tx) })
			customer := w.customer(&skranke.Customer{UserName: "kari"})
			faq.look(w, seed, Actor{}, skranke.FaqEveryone)
			faq.look(w, seed, Actor{Customer: customer}, skranke.FaqRegistered)
			faq.look(w, seed, Actor{User: skranke.SystemUser}, skranke.FaqInternal)
		})
	}
}

// look compares all that the desk shows to a with what it ought to.
func (f *randomFaq) look(w *world, seed uint64, a Actor, need skranke.FaqAccess) {
	w.t.Helper()
	ctx, d := w.t.Context(), w.desk
	compare := func(what string, got []FaqListed, want []skranke.FaqEntryID) {
		w.t.Helper()
		if !slices.Equal(idsOf(got), want) {
			w.t.Errorf("seed %d, level %d, %s: got %v, want %v", seed, need, what, idsOf(got), want)
		}
	}
	refused := func(what string, err error, code skranke.Code) {
		w.t.Helper()
		if skranke.CodeOf(err) != code {
			w.t.Errorf("seed %d, level %d, %s: got %v, want code %d", seed, need, what, err, code)
		}
	}
	byReads := func(a, b skranke.FaqEntry) int { return int(b.ReadCount - a.ReadCount) }
	byScore := func(a, b skranke.FaqEntry) int {
		if c := b.Score() - a.Score(); c != 0 {
			return c
		}
		return byReads(a, b)
	}
	for root := skranke.FaqFolderID(0); int(root) <= len(f.folders)+2; root++ {
		asked := root
		if root == 0 {
			asked = FaqTop
		}
		what := fmt.Sprint("folder ", root)
		view, err := d.FaqCategory(ctx, a, asked)
		if !f.open(root, need) {
			refused(what, err, skranke.CodeInvalidFaqCategory)
			_, err = d.FindFaqEntries(ctx, a, "word", []skranke.FaqFolderID{asked})
			refused("search in "+what, err, skranke.CodeInvalidFaqCategory)
			_, err = d.FaqMostRead(ctx, a, asked, FaqCount{})
			refused("most read in "+what, err, skranke.CodeInvalidFaqCategory)
			continue
		}
		if err != nil {
			w.t.Fatalf("seed %d: %v", seed, err)
		}
		for _, e := range view.Entries {
			if e.Folder != root || !f.shown(f.entries[e.ID], need) {
				w.t.Errorf("seed %d, level %d: %s shows entry %d", seed, need, what, e.ID)
			}
		}
		for _, sub := range view.Folders {
			if f.folders[sub.ID].Parent != root || !f.open(sub.ID, need) {
				w.t.Errorf("seed %d, level %d: %s shows folder %d", seed, need, what, sub.ID)
			}
		}
		for _, g := range view.Groups {
			for _, e := range g.Entries {
				if !f.shown(f.entries[e.ID], need) {
					w.t.Errorf("seed %d, level %d: group %d shows entry %d", seed, need, g.ID, e.ID)
				}
			}
		}
		visible := f.shownIn(root, need, nil)
		found, err := d.FindFaqEntries(ctx, a, "word", []skranke.FaqFolderID{asked})
		if err != nil {
			w.t.Fatalf("seed %d: %v", seed, err)
		}
		compare("search in "+what, found, visible[:min(len(visible), maxFaqHits)])
		for _, count := range []int{0, 3} {
			cut := func(list []skranke.FaqEntryID) []skranke.FaqEntryID {
				if count > 0 {
					return list[:min(len(list), count)]
				}
				return list
			}
			read, err := d.FaqMostRead(ctx, a, asked, FaqCount{Max: count})
			if err != nil {
				w.t.Fatalf("seed %d: %v", seed, err)
			}
			compare("most read in "+what, read, cut(f.shownIn(root, need, byReads)))
			popular, err := d.FaqMostPopular(ctx, a, asked, FaqCount{Max: count})
			if err != nil {
				w.t.Fatalf("seed %d: %v", seed, err)
			}
			compare("most popular in "+what, popular, cut(f.shownIn(root, need, byScore)))
		}
	}
	for _, g := range f.groups {
		list, err := d.FaqGroup(ctx, a, g.ID)
		if !f.open(g.Folder, need) {
			refused(fmt.Sprint("group ", g.ID), err, skranke.CodeInvalidFaqGroup)
			continue
		}
		for _, e := range list {
			if !f.shown(f.entries[e.ID], need) {
				w.t.Errorf("seed %d, level %d: group %d shows entry %d", seed, need, g.ID, e.ID)
			}
		}
	}
	for id, e := range f.entries {
		// Reading would change what is read most, so votes out of range tell.
		code := skranke.CodeInvalidFaqEntry
		if f.shown(e, need) {
			code = skranke.CodeFaqScoreOutOfRange
		}
		refused(fmt.Sprint("entry ", id), d.ScoreFaqEntry(ctx, a, id, 99), code)
	}
}

// A file is as open as the most open entry it is linked to.
func TestFaqFiles(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := w.t.Context()
		customer := w.customer(&skranke.Customer{UserName: "kari"})
		w.write(func(tx *store.WriteTx) error {
			for id := skranke.AttachmentID(1); id <= 4; id++ {
				if err := tx.InsertAttachment(ctx, &skranke.Attachment{ID: id}); err != nil {
					return err
				}
			}
			entry := func(access skranke.FaqAccess, files ...skranke.AttachmentID) error {
				return tx.InsertFaqEntry(ctx, &skranke.FaqEntry{State: skranke.FaqPublished, Access: access, Attachments: files}, store.FaqWords{})
			}
			return errors.Join(entry(skranke.FaqEveryone, 1), entry(skranke.FaqRegistered, 1, 2), entry(skranke.FaqInternal, 2, 3))
		})
		see := func(a Actor) string {
			seen := ""
			w.read(func(tx *store.ReadTx) error {
				for id := skranke.AttachmentID(1); id <= 5; id++ {
					entries, err := tx.FaqEntriesWith(ctx, id)
					if err != nil {
						return err
					}
					ok, err := w.desk.anyFaqEntryShown(ctx, tx, a, entries)
					if err != nil {
						return err
					}
					if ok {
						seen += fmt.Sprint(id)
					}
				}
				return nil
			})
			return seen
		}
		if got := see(Actor{}); got != "1" {
			t.Errorf("nobody in particular sees %q", got)
		}
		if got := see(Actor{Customer: customer}); got != "12" {
			t.Errorf("a customer sees %q", got)
		}
		// customer.deleteAttachment.1
		err := w.db.Write(ctx, func(tx *store.WriteTx) error { return tx.DeleteAttachment(ctx, 3) })
		if skranke.CodeOf(err) != skranke.CodeAttachmentInUse {
			t.Errorf("deleting a file of an entry: %v", err)
		}
		w.setting(settingFaqModule, " OFF ")
		if got := see(Actor{Customer: customer}); got != "" {
			t.Errorf("while the FAQ is off he sees %q", got)
		}
	})
}

// Counts of readings survive a write that fails.
func TestTallyLosesNothing(t *testing.T) {
	var counts tally[int]
	var all sync.WaitGroup
	total := map[int]int64{}
	for range 4 {
		all.Go(func() {
			for i := range 1000 {
				counts.add(i % 3)
			}
		})
	}
	for i := range 200 {
		for key, n := range counts.take() {
			if i%2 == 0 {
				total[key] += n
			}
		}
		if i%2 == 0 {
			counts.written()
		} else {
			counts.putBack()
		}
	}
	all.Wait()
	// The rounds above may have written all there was; what is taken last must be something.
	counts.add(0)
	for key, n := range counts.take() {
		total[key] += n
	}
	if counts.empty() {
		t.Error("empty before what was taken is written")
	}
	counts.written()
	if !counts.empty() || total[0] != 4*334+1 || total[1] != 4*333 || total[2] != 4*333 {
		t.Errorf("got %v, empty %v", total, counts.empty())
	}
}

func TestFaqSpellings(t *testing.T) {
	for word, want := range map[string]string{
		"Blåbær": "blabaer blaabaer", "BLÅBÆR": "blabaer blaabaer", "bla\u030abær": "blabaer blaabaer", "blabaer": "blabaer",
		"Straße": "strasse", "STRASSE": "strasse", "STRAẞE": "strasse", "Müller": "muller mueller", "été": "ete", "Øl": "ol oel", "Ǿ": "o oe",
		"Œuvre": "oeuvre", "Łódź": "lodz", "İstanbul": "istanbul", "ﬁnn": "finn", "ＡＢＣ": "abc", "λόγος": "λογος", "ΛΌΓΟΣ": "λογος", "がか": "か\u3099か", "42": "42",
		"\u0301": "",
	} {
		var got []string
		for _, token := range faqTokens(word) {
			got = append(got, faqSpellings(token)...)
		}
		// A Greek word has one last letter in capitals and two in small ones; either is folded.
		if joined := strings.ReplaceAll(strings.Join(got, " "), "σ", "ς"); joined != want {
			t.Errorf("%q: got %q, want %q", word, joined, want)
		}
	}
}

func TestFaqTerms(t *testing.T) {
	for words, want := range map[string]string{
		"":                      "[]",
		" \t\r\n ":              "[]",
		"-- ?":                  "[]",
		"toner Toner TONER":     "[[[toner]]]",
		"e-mail mail":           "[[[e] [mail]] [[mail]]]",
		`"quoted" AND (x OR y)`: "[[[quoted]] [[and]] [[x]] [[or]] [[y]]]",
		"Blåbær blabaer":        "[[[blabaer blaabaer]] [[blabaer]]]",
	} {
		if got := fmt.Sprint(faqTerms(words)); got != want {
			t.Errorf("%q: got %s, want %s", words, got, want)
		}
	}
	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprint("w", i))
	}
	if n := len(faqTerms(strings.Join(many, " "))); n != maxFaqTerms {
		t.Errorf("got %d terms, want %d", n, maxFaqTerms)
	}
	if n := len(faqTerms(strings.Join(many, "-"))[0]); n != maxFaqParts {
		t.Errorf("got %d parts, want %d", n, maxFaqParts)
	}
	if n := len(faqTerms(strings.Repeat("x", 1000))[0][0][0]); n != maxFaqWord {
		t.Errorf("got a word of %d, want %d", n, maxFaqWord)
	}
}

// Whatever somebody types, the search understands it, and a title is found by
// each of its own words.
func FuzzFaqSearch(f *testing.F) {
	for _, s := range []string{"Blåbær på brød", `a"b* (c OR d) NEAR/2 ^e {x}:y - + AND NOT`, "e-mail", "ﷺ \x00\xff", "İ ß ẞ ſ", "a\u0301\u0301´ ¨x", "漢字 が", "\xf4³ "} {
		f.Add(s)
	}
	db := storetest.Open(f)
	f.Fuzz(func(t *testing.T, s string) {
		terms := faqTerms(s)
		undo := errors.New("only trying")
		err := db.Write(t.Context(), func(tx *store.WriteTx) error {
			e := &skranke.FaqEntry{Title: s}
			if err := tx.InsertFaqEntry(t.Context(), e, FaqWords(e)); err != nil {
				return err
			}
			hits, err := tx.FindFaqEntries(t.Context(), terms)
			if err != nil {
				return err
			}
			want := []store.FaqHit{{Entry: e.ID, Terms: len(terms), Heads: len(terms)}}
			if len(terms) > 0 && !slices.Equal(hits, want) {
				t.Errorf("%q: terms %q got %+v, want %+v", s, terms, hits, want)
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Error(err)
		}
	})
}

// fillFaq makes n entries of some 60 words in 200 folders, two of three open to
// everyone. All have the word "printer", every 100th has "fuser".
func fillFaq(b *testing.B, db *store.DB, n int) {
	b.Helper()
	ctx := b.Context()
	r := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 5000)
	for i := range words {
		for range 3 + r.IntN(8) {
			words[i] += string("abcdefghiklmnoprstuvyåäöæø"[r.IntN(21)])
		}
	}
	err := db.Write(ctx, func(tx *store.WriteTx) error {
		for i := range 200 {
			f := &skranke.FaqFolder{Parent: skranke.FaqFolderID(i / 3), Name: fmt.Sprint("Folder ", i), Access: skranke.FaqEveryone}
			if err := tx.InsertFaqFolder(ctx, f); err != nil {
				return err
			}
		}
		for i := range n {
			text := "the printer"
			for range 60 {
				text += " " + words[int(float64(len(words))*r.Float64()*r.Float64())]
			}
			if i%100 == 0 {
				text += " fuser"
			}
			e := &skranke.FaqEntry{
				Folder: skranke.FaqFolderID(1 + i%200), Title: words[i%len(words)] + " entry", Question: "Why?", Answer: text,
				Access: skranke.FaqEveryone, State: skranke.FaqPublished,
			}
			if i%3 == 0 {
				e.Access = skranke.FaqInternal
			}
			if err := tx.InsertFaqEntry(ctx, e, FaqWords(e)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkFindFaqEntries searches 10,000 entries.
func BenchmarkFindFaqEntries(b *testing.B) {
	db := storetest.Open(b)
	fillFaq(b, db, 10_000)
	d, err := New(b.Context(), db, Options{PasswordCost: PasswordCost{MemoryKiB: 64, Passes: 1}})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name, words string
		folder      skranke.FaqFolderID
	}{
		{"rare", "fuser", FaqTop},
		{"everywhere", "printer", FaqTop},
		{"beginning", "pr", FaqTop},
		{"three words", "fuser printer entry", FaqTop},
		{"one letter", "e", FaqTop},
		{"everywhere in a small folder", "printer", 190},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				list, err := d.FindFaqEntries(b.Context(), Actor{}, c.words, []skranke.FaqFolderID{c.folder})
				if err != nil || len(list) != maxFaqHits {
					b.Fatalf("got %d entries, %v", len(list), err)
				}
			}
		})
	}
	b.Run("most read", func(b *testing.B) {
		for b.Loop() {
			if list, err := d.FaqMostRead(b.Context(), Actor{}, FaqTop, FaqCount{Max: 10}); err != nil || len(list) != 10 {
				b.Fatalf("got %d entries, %v", len(list), err)
			}
		}
	})
}

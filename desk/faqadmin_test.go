package desk

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

func (w *world) importFaq(tree *FaqPages, trial bool) string {
	w.t.Helper()
	changes, err := w.desk.ImportFaq(w.t.Context(), tree, trial)
	if err != nil {
		return err.Error()
	}
	var list []string
	for _, c := range changes {
		list = append(list, fmt.Sprintf("%s %s %d", c.Kind, c.Path, c.ID))
	}
	return strings.Join(list, ", ")
}

// A trial says what would be added and adds nothing.
func TestImportFaqTrial(t *testing.T) {
	inWorld(t, func(w *world) {
		tree := &FaqPages{
			Source: "docs", Access: skranke.FaqEveryone, State: skranke.FaqPublished,
			Folders: []FaqPage{{Path: "a", Title: "A"}},
			Pages:   []FaqPage{{Path: "a/x.md", Title: "X", Question: "X?", Answer: "<p>xylophone</p>"}},
		}
		for range 2 {
			if got, want := w.importFaq(tree, true), "added a/ 0, added a/x.md 0"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		if list, err := w.desk.FindFaqEntries(t.Context(), Actor{}, "xylo", nil); err != nil || len(list) != 0 {
			t.Errorf("got %+v, %v, want nothing", list, err)
		}
	})
}

// A path keeps its id, votes and reads however often it is imported.
func TestImportFaq(t *testing.T) {
	inWorld(t, func(w *world) {
		order, internal := 7, skranke.FaqInternal
		tree := &FaqPages{
			Source: "docs", Access: skranke.FaqEveryone, State: skranke.FaqPublished,
			Folders: []FaqPage{{Path: "a", Title: "A"}, {Path: "a/b", Title: "B", SortOrder: &order}},
			Pages:   []FaqPage{{Path: "a/b/x.md", Title: "X", Question: "X?", Answer: "<p>xylophone</p>"}, {Path: "y.md", Title: "Y", Access: &internal}},
		}
		expect := func(what, got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("%s: got %q, want %q", what, got, want)
			}
		}
		expect("first", w.importFaq(tree, false), "added a/ 1, added a/b/ 2, added a/b/x.md 1, added y.md 2")
		expect("again", w.importFaq(tree, false), "unchanged a/ 1, unchanged a/b/ 2, unchanged a/b/x.md 1, unchanged y.md 2")

		list, err := w.desk.FindFaqEntries(t.Context(), Actor{}, "xylo", nil)
		if err != nil || len(list) != 1 || list[0].FullName != "A/B/X" {
			t.Fatalf("got %+v, %v", list, err)
		}
		if err := w.desk.ScoreFaqEntry(t.Context(), Actor{}, 1, 9); err != nil {
			t.Fatal(err)
		}
		err = w.desk.SetFaqEntry(t.Context(), 1, func(e *skranke.FaqEntry) error {
			e.State, e.Keywords = skranke.FaqUnpublished, "by hand"
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Hour)
		tree.Pages[0].Answer, tree.Folders[0].Title = "<p>trumpet</p>", "AA"
		expect("second trial", w.importFaq(tree, true), "changed a/ 1, unchanged a/b/ 2, changed a/b/x.md 1, unchanged y.md 2")
		expect("second", w.importFaq(tree, false), "changed a/ 1, unchanged a/b/ 2, changed a/b/x.md 1, unchanged y.md 2")
		w.read(func(tx *store.ReadTx) error {
			e, err := tx.FaqEntry(t.Context(), 1)
			if err != nil {
				return err
			}
			if e.Answer != "<p>trumpet</p>" || e.Score() != 90 || e.State != skranke.FaqUnpublished || e.Keywords != "by hand" || !e.ChangedAt.Equal(w.now) || !e.CreatedAt.Equal(noon) {
				t.Errorf("got %+v", e)
			}
			return nil
		})

		tree.Pages[1].Title = strings.Repeat("x", 256)
		tree.Folders[0].Title = "AAA"
		if got := w.importFaq(tree, false); !strings.HasPrefix(got, "y.md: ") {
			t.Errorf("a title too long: %s", got)
		}
		tree.Pages[1].Title, tree.Folder = "Y", 99
		for _, trial := range []bool{true, false} {
			if _, err := w.desk.ImportFaq(t.Context(), tree, trial); skranke.CodeOf(err) != skranke.CodeInvalidFaqCategory {
				t.Errorf("into a folder that is not there: %v", err)
			}
		}
		w.read(func(tx *store.ReadTx) error {
			f, err := tx.FaqFolder(t.Context(), 1)
			if err == nil && f.Name != "AA" {
				t.Errorf("a refused import left %q", f.Name)
			}
			return err
		})
	})
}

func TestDeleteFaq(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx, d := t.Context(), w.desk
		folder := &skranke.FaqFolder{Name: "F", Access: skranke.FaqEveryone}
		if err := d.AddFaqFolder(ctx, folder); err != nil {
			t.Fatal(err)
		}
		entry := &skranke.FaqEntry{Folder: folder.ID, Title: "E", Access: skranke.FaqEveryone, State: skranke.FaqPublished}
		if err := d.AddFaqEntry(ctx, entry); err != nil {
			t.Fatal(err)
		}
		group := &skranke.FaqGroup{Folder: folder.ID, Entries: []skranke.FaqGroupEntry{{Entry: entry.ID}}}
		if err := d.AddFaqGroup(ctx, group); err != nil {
			t.Fatal(err)
		}
		customer := w.customer(&skranke.Customer{UserName: "kari"})
		if err := d.ScoreFaqEntry(ctx, Actor{Customer: customer}, entry.ID, 3); err != nil {
			t.Fatal(err)
		}
		if _, err := d.FaqEntry(ctx, Actor{}, entry.ID); err != nil {
			t.Fatal(err)
		}
		if err := d.DeleteFaqFolder(ctx, folder.ID); skranke.CodeOf(err) != skranke.CodeCustomError {
			t.Errorf("a folder that is not empty: %v", err)
		}
		if err := d.DeleteFaqEntry(ctx, entry.ID); err != nil {
			t.Error(err)
		}
		if err := d.Flush(ctx); err != nil { // its reading was still gathered
			t.Error(err)
		}
		if list, err := d.FaqGroup(ctx, Actor{}, group.ID); err != nil || len(list) != 0 {
			t.Errorf("got %v, %v", list, err)
		}
		if err := d.DeleteFaqGroup(ctx, group.ID); err != nil {
			t.Error(err)
		}
		if err := d.DeleteFaqFolder(ctx, folder.ID); err != nil {
			t.Error(err)
		}
		for code, err := range map[skranke.Code]error{
			skranke.CodeInvalidFaqCategory: d.DeleteFaqFolder(ctx, folder.ID),
			skranke.CodeInvalidFaqEntry:    d.DeleteFaqEntry(ctx, entry.ID),
			skranke.CodeInvalidFaqGroup:    d.DeleteFaqGroup(ctx, group.ID),
		} {
			if skranke.CodeOf(err) != code {
				t.Errorf("deleting twice: got %v, want code %d", err, code)
			}
		}
	})
}

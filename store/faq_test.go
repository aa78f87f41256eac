package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

func fullFaqEntry() *skranke.FaqEntry {
	return &skranke.FaqEntry{
		Folder: 3, Title: hard, Question: hard + "?", Answer: "<p>" + hard, HTML: true, Keywords: "nøkkel " + hard,
		Access: skranke.FaqRegistered, State: skranke.FaqPublished, PublishAt: at(1), ExpireAt: at(2), CreatedAt: at(3), ChangedAt: at(4),
		CreatedBy: 5, SortOrder: -6, Source: "docs/a.md", ReadCount: 7, Votes: 2, VoteSum: 150,
		Links:       []skranke.FaqLink{{Name: hard, URL: "https://example.org/?a=1&b=2"}, {Name: "a", URL: ""}},
		Attachments: []skranke.AttachmentID{2, 1, 2},
	}
}

func TestFaqRoundTrip(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		folder := &skranke.FaqFolder{Parent: 9, Name: hard, Description: hard + ".", Access: skranke.FaqInternal, AccessCheck: hard, SortOrder: -1, Source: "docs"}
		entry, empty := fullFaqEntry(), &skranke.FaqEntry{}
		group := &skranke.FaqGroup{Folder: 3, Description: hard, Entries: []skranke.FaqGroupEntry{{Entry: 2, SortPos: -1}, {Entry: 1, SortPos: 4}}}
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return errors.Join(
				tx.InsertAttachment(ctx, &skranke.Attachment{}), tx.InsertAttachment(ctx, &skranke.Attachment{}),
				tx.InsertFaqFolder(ctx, folder),
				tx.InsertFaqEntry(ctx, entry, store.FaqWords{}), tx.InsertFaqEntry(ctx, empty, store.FaqWords{}),
				tx.InsertFaqGroup(ctx, group), tx.InsertFaqGroup(ctx, &skranke.FaqGroup{}),
			)
		})
		check := func() {
			t.Helper()
			read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
				gotFolder, err := tx.FaqFolder(ctx, 1)
				equal(t, gotFolder, folder)
				gotEntry, err2 := tx.FaqEntry(ctx, 1)
				equal(t, gotEntry, entry)
				gotEmpty, err3 := tx.FaqEntry(ctx, 2)
				equal(t, gotEmpty, empty)
				gotGroup, err4 := tx.FaqGroup(ctx, 1)
				equal(t, gotGroup, group)
				listed := *entry
				listed.Answer, listed.Keywords, listed.Links, listed.Attachments = "", "", nil, nil
				gotListed, err5 := tx.ListedFaqEntry(ctx, 1)
				equal(t, gotListed, &listed)
				in, err6 := tx.FaqEntriesIn(ctx, entry.Folder)
				equal(t, in, []skranke.FaqEntry{listed})
				catalog, err7 := tx.Catalog(ctx)
				equal(t, catalog.FaqFolders, []skranke.FaqFolder{*folder})
				return errors.Join(err, err2, err3, err4, err5, err6, err7)
			})
		}
		check()
		folder.Name, folder.AccessCheck = "other", ""
		entry.Title, entry.Links, entry.Attachments, entry.VoteSum = "other", entry.Links[1:], []skranke.AttachmentID{1}, 40
		group.Entries = group.Entries[1:]
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return errors.Join(tx.UpdateFaqFolder(ctx, folder), tx.UpdateFaqEntry(ctx, entry, store.FaqWords{}), tx.UpdateFaqGroup(ctx, group))
		})
		check()
	})
}

func TestFaqRefusals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return errors.Join(
				tx.InsertFaqFolder(ctx, &skranke.FaqFolder{Source: "a"}), tx.InsertFaqFolder(ctx, &skranke.FaqFolder{Parent: 1}),
				tx.InsertFaqEntry(ctx, &skranke.FaqEntry{Folder: 2, Source: "a"}, store.FaqWords{}), tx.InsertFaqGroup(ctx, &skranke.FaqGroup{Folder: 2}),
			)
		})
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			_, folder := tx.FaqFolder(ctx, 9)
			wantCode(t, folder, skranke.CodeInvalidFaqCategory)
			_, entry := tx.FaqEntry(ctx, 9)
			wantCode(t, entry, skranke.CodeInvalidFaqEntry)
			_, listed := tx.ListedFaqEntry(ctx, 9)
			wantCode(t, listed, skranke.CodeInvalidFaqEntry)
			_, group := tx.FaqGroup(ctx, 9)
			wantCode(t, group, skranke.CodeInvalidFaqGroup)
			id, err := tx.FaqFolderBySource(ctx, "a")
			equal(t, id, skranke.FaqFolderID(1))
			none, err2 := tx.FaqEntryBySource(ctx, "")
			equal(t, none, skranke.FaqEntryID(0))
			return errors.Join(err, err2)
		})
		for name, fails := range map[string]struct {
			do   func(context.Context, *store.WriteTx) error
			want error
		}{
			"source of a folder twice": {func(ctx context.Context, tx *store.WriteTx) error {
				return tx.InsertFaqFolder(ctx, &skranke.FaqFolder{Source: "a"})
			}, store.ErrExists},
			"source of an entry twice": {func(ctx context.Context, tx *store.WriteTx) error {
				return tx.InsertFaqEntry(ctx, &skranke.FaqEntry{Source: "a"}, store.FaqWords{})
			}, store.ErrExists},
			"unknown attachment": {func(ctx context.Context, tx *store.WriteTx) error {
				return tx.InsertFaqEntry(ctx, &skranke.FaqEntry{Attachments: []skranke.AttachmentID{77}}, store.FaqWords{})
			}, store.ErrReference},
			"unknown entry in a group": {func(ctx context.Context, tx *store.WriteTx) error {
				return tx.InsertFaqGroup(ctx, &skranke.FaqGroup{Entries: []skranke.FaqGroupEntry{{Entry: 77}}})
			}, store.ErrReference},
			"folder with a folder": {func(ctx context.Context, tx *store.WriteTx) error { return tx.DeleteFaqFolder(ctx, 1) }, store.ErrReference},
			"folder with an entry": {func(ctx context.Context, tx *store.WriteTx) error { return tx.DeleteFaqFolder(ctx, 2) }, store.ErrReference},
		} {
			err := db.Write(t.Context(), func(tx *store.WriteTx) error { return fails.do(t.Context(), tx) })
			if !errors.Is(err, fails.want) {
				t.Errorf("%s: got %v, want %v", name, err, fails.want)
			}
		}
	})
}

// The index follows every change in its own transaction, and back.
func TestFaqIndex(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		find := func(tx *store.ReadTx, terms ...store.FaqTerm) string {
			hits, err := tx.FindFaqEntries(t.Context(), terms)
			if err != nil {
				t.Error(err)
			}
			slices.SortFunc(hits, func(a, b store.FaqHit) int { return int(a.Entry - b.Entry) })
			return fmt.Sprint(hits)
		}
		word := func(spellings ...string) store.FaqTerm { return store.FaqTerm{spellings} }
		e := &skranke.FaqEntry{}
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			if err := tx.InsertFaqEntry(ctx, e, store.FaqWords{Head: "toner printer", Body: "blabaer blaabaer printer"}); err != nil {
				return err
			}
			equal(t, find(&tx.ReadTx, word("ton")), "[{1 1 1}]")
			return tx.InsertFaqEntry(ctx, &skranke.FaqEntry{}, store.FaqWords{Body: "toner mail"})
		})
		read(t, db, func(_ context.Context, tx *store.ReadTx) error {
			for _, c := range []struct {
				terms []store.FaqTerm
				want  string
			}{
				{[]store.FaqTerm{word("toner"), word("printer"), word("nothing")}, "[{1 2 2} {2 1 0}]"},
				{[]store.FaqTerm{word("x", "blaab")}, "[{1 1 0}]"},
				{[]store.FaqTerm{{{"toner"}, {"ma"}}}, "[{2 1 0}]"}, // both parts
				{[]store.FaqTerm{{{"ton"}, {"mail"}}}, "[]"},        // only the last may begin a word
				{[]store.FaqTerm{word("oner")}, "[]"},
				{[]store.FaqTerm{word(`"`)}, "[]"},
				{[]store.FaqTerm{word("and"), word("head"), word("near"), word("漢")}, "[]"},
				{nil, "[]"},
			} {
				if got := find(tx, c.terms...); got != c.want {
					t.Errorf("%q: got %s, want %s", c.terms, got, c.want)
				}
			}
			return nil
		})
		undo := errors.New("undo")
		err := db.Write(t.Context(), func(tx *store.WriteTx) error {
			if err := tx.UpdateFaqEntry(t.Context(), e, store.FaqWords{Head: "changed"}); err != nil {
				return err
			}
			equal(t, find(&tx.ReadTx, word("changed"), word("printer")), "[{1 1 1}]")
			return undo
		})
		if !errors.Is(err, undo) {
			t.Error(err)
		}
		read(t, db, func(_ context.Context, tx *store.ReadTx) error {
			equal(t, find(tx, word("changed"), word("printer")), "[{1 1 1}]")
			return nil
		})
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return tx.DeleteFaqEntry(ctx, 1) })
		read(t, db, func(_ context.Context, tx *store.ReadTx) error {
			equal(t, find(tx, word("toner")), "[{2 1 0}]")
			return nil
		})
	})
}

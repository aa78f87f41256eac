package store

import (
	"context"
	"fmt"

	"skranke"
)

var (
	faqFolders = newTable("faq_folder", skranke.CodeInvalidFaqCategory, `
		parent_id, name, description, access, access_check, sort_order, source`, "")

	faqGroups = newTable("faq_group", skranke.CodeInvalidFaqGroup, `folder_id, description`, "")
)

func scanFaqFolder(r *rows, f *skranke.FaqFolder) {
	f.ID = id[skranke.FaqFolderID](r)
	f.Parent = id[skranke.FaqFolderID](r)
	f.Name = r.text()
	f.Description = r.text()
	f.Access = id[skranke.FaqAccess](r)
	f.AccessCheck = r.text()
	f.SortOrder = r.int()
	f.Source = r.text()
}

func faqFolderArgs(f *skranke.FaqFolder) []arg {
	return []arg{
		num(f.Parent), text(f.Name), text(f.Description), num(f.Access), text(f.AccessCheck), num(f.SortOrder),
		text(f.Source),
	}
}

// FaqFolder returns the folder. It returns CodeInvalidFaqCategory if there is none.
func (tx *ReadTx) FaqFolder(ctx context.Context, id skranke.FaqFolderID) (*skranke.FaqFolder, error) {
	f := new(skranke.FaqFolder)
	if err := faqFolders.row(ctx, tx, int64(id), func(r *rows) { scanFaqFolder(r, f) }); err != nil {
		return nil, err
	}
	return f, nil
}

// EachFaqFolder hands fn every folder of the FAQ by ascending id.
func (tx *ReadTx) EachFaqFolder(ctx context.Context, fn func(*skranke.FaqFolder) error) error {
	return eachRow(ctx, tx, faqFolders, scanFaqFolder, nil, fn)
}

// InsertFaqFolder stores a new folder. An ID of 0 is replaced by a new one. It
// returns ErrExists if the id or the source is in use.
func (tx *WriteTx) InsertFaqFolder(ctx context.Context, f *skranke.FaqFolder) error {
	id, err := faqFolders.add(ctx, tx, int64(f.ID), faqFolderArgs(f))
	if err != nil {
		return err
	}
	f.ID = skranke.FaqFolderID(id)
	return tx.changed(ctx, nil)
}

// UpdateFaqFolder writes the whole folder anew. It returns
// CodeInvalidFaqCategory if there is none.
func (tx *WriteTx) UpdateFaqFolder(ctx context.Context, f *skranke.FaqFolder) error {
	return tx.changed(ctx, faqFolders.change(ctx, tx, int64(f.ID), faqFolderArgs(f)))
}

// DeleteFaqFolder deletes the folder. It returns CodeInvalidFaqCategory if
// there is none, ErrReference if a folder, entry or group lies in it.
func (tx *WriteTx) DeleteFaqFolder(ctx context.Context, id skranke.FaqFolderID) error {
	for _, inside := range [...]string{
		`SELECT 1 FROM faq_folder WHERE parent_id = $1 LIMIT 1`,
		`SELECT 1 FROM faq_entry WHERE folder_id = $1 LIMIT 1`,
		`SELECT 1 FROM faq_group WHERE folder_id = $1 LIMIT 1`,
	} {
		n, err := tx.number(ctx, inside, num(id))
		if err != nil {
			return fmt.Errorf("looking into FAQ folder %d: %w", id, err)
		}
		if n != 0 {
			return fmt.Errorf("deleting FAQ folder %d: %w", id, ErrReference)
		}
	}
	return tx.changed(ctx, faqFolders.drop(ctx, tx, int64(id)))
}

// FaqFolderBySource returns the id of the folder imported from the path, 0 if
// there is none.
func (tx *ReadTx) FaqFolderBySource(ctx context.Context, source string) (skranke.FaqFolderID, error) {
	n, err := tx.number(ctx, `SELECT id FROM faq_folder WHERE source = $1 AND source <> ''`, text(source))
	if err != nil {
		return 0, fmt.Errorf("looking for FAQ folder %q: %w", source, err)
	}
	return skranke.FaqFolderID(n), nil
}

func scanFaqGroup(r *rows, g *skranke.FaqGroup) {
	g.ID = id[skranke.FaqGroupID](r)
	g.Folder = id[skranke.FaqFolderID](r)
	g.Description = r.text()
}

// FaqGroup returns the group with its entries. It returns CodeInvalidFaqGroup
// if there is none.
func (tx *ReadTx) FaqGroup(ctx context.Context, id skranke.FaqGroupID) (*skranke.FaqGroup, error) {
	g := new(skranke.FaqGroup)
	if err := faqGroups.row(ctx, tx, int64(id), func(r *rows) { scanFaqGroup(r, g) }); err != nil {
		return nil, err
	}
	return g, tx.fillFaqGroup(ctx, g)
}

// FaqGroupsIn returns the groups that lie in the folder, by id.
func (tx *ReadTx) FaqGroupsIn(ctx context.Context, folder skranke.FaqFolderID) ([]skranke.FaqGroup, error) {
	var list []skranke.FaqGroup
	err := tx.each(ctx, `SELECT `+faqGroups.columns+` FROM faq_group f WHERE f.folder_id = $1 ORDER BY f.id`,
		func(r *rows) {
			var g skranke.FaqGroup
			scanFaqGroup(r, &g)
			list = append(list, g)
		}, num(folder))
	if err != nil {
		return nil, fmt.Errorf("reading groups of FAQ folder %d: %w", folder, err)
	}
	for i := range list {
		if err := tx.fillFaqGroup(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// EachFaqGroup hands fn every group by ascending id.
func (tx *ReadTx) EachFaqGroup(ctx context.Context, fn func(*skranke.FaqGroup) error) error {
	return eachRow(ctx, tx, faqGroups, scanFaqGroup, func(g *skranke.FaqGroup) error { return tx.fillFaqGroup(ctx, g) }, fn)
}

func (tx *ReadTx) fillFaqGroup(ctx context.Context, g *skranke.FaqGroup) error {
	err := tx.each(ctx, `SELECT entry_id, sort_pos FROM faq_group_entry WHERE group_id = $1 ORDER BY sort_pos, entry_id`,
		func(r *rows) {
			g.Entries = append(g.Entries, skranke.FaqGroupEntry{Entry: id[skranke.FaqEntryID](r), SortPos: r.int()})
		}, num(g.ID))
	if err != nil {
		return fmt.Errorf("reading entries of FAQ group %d: %w", g.ID, err)
	}
	return nil
}

// InsertFaqGroup stores a new group with its entries. An ID of 0 is replaced by
// a new one. It returns ErrExists if the id is in use or an entry named twice,
// ErrReference for an unknown entry.
func (tx *WriteTx) InsertFaqGroup(ctx context.Context, g *skranke.FaqGroup) error {
	id, err := faqGroups.add(ctx, tx, int64(g.ID), []arg{num(g.Folder), text(g.Description)})
	if err != nil {
		return err
	}
	g.ID = skranke.FaqGroupID(id)
	return tx.addFaqGroupEntries(ctx, g)
}

// UpdateFaqGroup writes the whole group anew. It returns CodeInvalidFaqGroup if
// there is none, else as InsertFaqGroup.
func (tx *WriteTx) UpdateFaqGroup(ctx context.Context, g *skranke.FaqGroup) error {
	if err := faqGroups.change(ctx, tx, int64(g.ID), []arg{num(g.Folder), text(g.Description)}); err != nil {
		return err
	}
	if err := tx.clearFaqGroup(ctx, g.ID); err != nil {
		return err
	}
	return tx.addFaqGroupEntries(ctx, g)
}

// DeleteFaqGroup deletes the group; its entries stay. It returns
// CodeInvalidFaqGroup if there is none.
func (tx *WriteTx) DeleteFaqGroup(ctx context.Context, id skranke.FaqGroupID) error {
	if err := tx.clearFaqGroup(ctx, id); err != nil {
		return err
	}
	return faqGroups.drop(ctx, tx, int64(id))
}

func (tx *WriteTx) clearFaqGroup(ctx context.Context, id skranke.FaqGroupID) error {
	if _, err := tx.exec(ctx, `DELETE FROM faq_group_entry WHERE group_id = $1`, num(id)); err != nil {
		return fmt.Errorf("clearing FAQ group %d: %w", id, err)
	}
	return nil
}

func (tx *WriteTx) addFaqGroupEntries(ctx context.Context, g *skranke.FaqGroup) error {
	for _, e := range g.Entries {
		_, err := tx.exec(ctx, `INSERT INTO faq_group_entry (group_id, entry_id, sort_pos) VALUES ($1, $2, $3)`,
			num(g.ID), num(e.Entry), num(e.SortPos))
		if err != nil {
			return fmt.Errorf("adding entry %d to FAQ group %d: %w", e.Entry, g.ID, err)
		}
	}
	return nil
}

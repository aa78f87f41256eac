package desk

import (
	"cmp"
	"context"
	"slices"

	"skranke"
	"skranke/store"
)

// TemplateFolders lists the folders of reply templates: parents before children,
// siblings by name. Folders whose parents are gone or form a circle stand at the
// top.
//
// Spec: ticket/getReplyTemplateFolders
func (d *Desk) TemplateFolders(ctx context.Context) ([]skranke.TemplateFolder, error) {
	var all []skranke.TemplateFolder
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		all = all[:0]
		return tx.EachTemplateFolder(ctx, func(f *skranke.TemplateFolder) error {
			all = append(all, *f)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return folderTree(all), nil
}

func folderTree(all []skranke.TemplateFolder) []skranke.TemplateFolder {
	slices.SortFunc(all, func(a, b skranke.TemplateFolder) int {
		return cmp.Or(cmp.Compare(skranke.Fold(a.Name), skranke.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	children := make(map[skranke.TemplateFolderID][]skranke.TemplateFolder)
	known := make(map[skranke.TemplateFolderID]bool, len(all))
	for _, f := range all {
		known[f.ID] = true
	}
	var roots []skranke.TemplateFolder
	for _, f := range all {
		if !known[f.Parent] {
			f.Parent = 0
			roots = append(roots, f)
			continue
		}
		children[f.Parent] = append(children[f.Parent], f)
	}
	tree := make([]skranke.TemplateFolder, 0, len(all))
	listed := make(map[skranke.TemplateFolderID]bool, len(all))
	var list func(f skranke.TemplateFolder)
	list = func(f skranke.TemplateFolder) {
		if listed[f.ID] {
			return
		}
		listed[f.ID] = true
		tree = append(tree, f)
		for _, child := range children[f.ID] {
			list(child)
		}
	}
	for _, f := range roots {
		list(f)
	}
	for _, f := range all { // what is left is in a circle
		if !listed[f.ID] {
			f.Parent = 0
			list(f)
		}
	}
	return tree
}

// AllFolders stands for the reply templates of all folders.
const AllFolders skranke.TemplateFolderID = -1

// ReplyTemplates lists the reply templates directly in a folder, or all of them,
// by folder and name, and says which folder it was. It returns CodeCustomError
// if there is no such folder.
//
// Spec: ticket/getReplyTemplates
func (d *Desk) ReplyTemplates(ctx context.Context, folder skranke.TemplateFolderID) ([]skranke.ReplyTemplate, skranke.TemplateFolder, error) {
	var list []skranke.ReplyTemplate
	var of skranke.TemplateFolder
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		list = list[:0]
		if folder != AllFolders {
			f, err := tx.TemplateFolder(ctx, folder)
			if err != nil {
				return err
			}
			of = *f
		}
		return tx.EachReplyTemplate(ctx, func(t *skranke.ReplyTemplate) error {
			if folder == AllFolders || t.Folder == folder {
				list = append(list, *t)
			}
			return nil
		})
	})
	slices.SortFunc(list, func(a, b skranke.ReplyTemplate) int {
		return cmp.Or(cmp.Compare(a.Folder, b.Folder), cmp.Compare(skranke.Fold(a.Name), skranke.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return list, of, err
}

// ReplyTemplate returns the texts of a reply template in a language as they are
// stored, those of its default body if it has none in that language, and empty
// ones if it has none at all. named says that the caller wants a language, which
// may be one there is not. It returns CodeCustomError if there is no such
// template, CodeUnknownLanguage if the installation has languages, but not that
// one.
//
// Spec: ticket/getReplyTemplate
func (d *Desk) ReplyTemplate(ctx context.Context, id skranke.TemplateID, language skranke.LanguageID, named bool) (skranke.TemplateBody, error) {
	var body skranke.TemplateBody
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		c, err := d.catalogOf(ctx, tx)
		if err != nil {
			return err
		}
		t, err := tx.ReplyTemplate(ctx, id)
		if err != nil {
			return err
		}
		if _, known := c.languages[language]; named && !known && len(c.languages) > 0 {
			return skranke.Err(skranke.CodeUnknownLanguage, "no language %d", language)
		}
		if b := c.templateBody(t, &skranke.Customer{Language: language}, nil); b != nil {
			body = *b
		}
		return nil
	})
	return body, err
}

package desk

import (
	"cmp"
	"context"
	"slices"

	"skranke"
	"skranke/store"
)

// Languages lists the languages of customers by id. It returns CodeNoLicense
// where there are none: an installation has the language module as soon as it
// has a language.
//
// Spec: customer/getLanguages
func (d *Desk) Languages(ctx context.Context) ([]skranke.Language, error) {
	c, err := d.currentCatalog(ctx)
	if err != nil {
		return nil, err
	}
	if len(c.languages) == 0 {
		return nil, skranke.Err(skranke.CodeNoLicense, "there are no languages here")
	}
	list := make([]skranke.Language, 0, len(c.languages))
	for _, l := range c.languages {
		list = append(list, *l)
	}
	slices.SortFunc(list, func(a, b skranke.Language) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

// LanguageCategory is a category as a language names and places it.
type LanguageCategory struct {
	ID     int64 // of the language's own category
	Parent int64 // 0 at the top
	Real   skranke.CategoryID
	Name   string
}

// LanguageCategories lists the categories of the caller's language, parents
// before children, siblings by name. One whose parent is not listed stands at
// the top. Without languages it is the external categories themselves.
//
// Spec: customer/getCustLangCategories
func (d *Desk) LanguageCategories(ctx context.Context, a Actor) (list []LanguageCategory, err error) {
	err = d.db.Read(ctx, func(tx *store.ReadTx) error {
		c, err := d.catalogOf(ctx, tx)
		if err != nil {
			return err
		}
		if len(c.languages) == 0 {
			list = nil
			for _, e := range c.externalCategories {
				list = append(list, LanguageCategory{ID: int64(e.ID), Parent: int64(e.Parent), Real: e.ID, Name: e.Name})
			}
			return nil
		}
		language, err := c.languageOf(ctx, tx, a)
		list = c.languageTrees[language]
		return err
	})
	return list, err
}

// languageTree lists the categories of one language depth first. Those whose
// parents form a circle are listed as if they had none.
func languageTree(rows []LanguageCategory) []LanguageCategory {
	slices.SortFunc(rows, func(a, b LanguageCategory) int {
		return cmp.Or(cmp.Compare(skranke.Fold(a.Name), skranke.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	known := make(map[int64]bool, len(rows))
	for _, row := range rows {
		known[row.ID] = true
	}
	listed := make(map[int64]bool, len(rows))
	tree := make([]LanguageCategory, 0, len(rows))
	var list func(row LanguageCategory)
	list = func(row LanguageCategory) {
		if listed[row.ID] {
			return
		}
		listed[row.ID] = true
		tree = append(tree, row)
		for _, child := range rows {
			if child.Parent == row.ID {
				list(child)
			}
		}
	}
	for i := range rows {
		if !known[rows[i].Parent] {
			rows[i].Parent = 0
			list(rows[i])
		}
	}
	for _, row := range rows {
		if !listed[row.ID] {
			row.Parent = 0
			list(row)
		}
	}
	return tree
}

package store

import (
	"context"

	"skranke"
)

var languageCategories = newTable("language_category", skranke.CodeInvalidCategory, `
	language_id, category_id, parent_id, name`, "")

func scanLanguageCategory(r *rows, c *skranke.LanguageCategory) {
	c.ID = r.int64()
	c.Language = id[skranke.LanguageID](r)
	c.Category = id[skranke.CategoryID](r)
	c.Parent = r.int64()
	c.Name = r.text()
}

func languageCategoryArgs(c *skranke.LanguageCategory) []arg {
	return []arg{num(c.Language), num(c.Category), num(c.Parent), text(c.Name)}
}

// EachLanguageCategory hands fn every language's category by ascending id.
func (tx *ReadTx) EachLanguageCategory(ctx context.Context, fn func(*skranke.LanguageCategory) error) error {
	return eachRow(ctx, tx, languageCategories, scanLanguageCategory, nil, fn)
}

// InsertLanguageCategory stores a language's name for a category. An ID of 0 is
// replaced by a new one. It returns ErrExists if the id is in use.
func (tx *WriteTx) InsertLanguageCategory(ctx context.Context, c *skranke.LanguageCategory) error {
	id, err := languageCategories.add(ctx, tx, c.ID, languageCategoryArgs(c))
	if err != nil {
		return err
	}
	c.ID = id
	return tx.changed(ctx, nil)
}

// UpdateLanguageCategory writes the whole row anew. It returns
// CodeInvalidCategory if there is none.
func (tx *WriteTx) UpdateLanguageCategory(ctx context.Context, c *skranke.LanguageCategory) error {
	return tx.changed(ctx, languageCategories.change(ctx, tx, c.ID, languageCategoryArgs(c)))
}

package store

import (
	"context"
	"fmt"

	"skranke"
)

// The rows of the table of versions.
const (
	catalogVersionID = 1
	peopleVersionID  = 2
)

// Catalog is what changes seldom and is read all the time. The lists hold all
// rows, also deleted ones, by ascending id.
type Catalog struct {
	Version            int64 // grows with every change of any of the others, save the counters of categories
	Categories         []skranke.Category
	Priorities         []skranke.Priority
	ExtraFields        []skranke.ExtraField
	ExtraTables        []skranke.ExtraTable
	Languages          []skranke.Language
	LanguageCategories []skranke.LanguageCategory
	Ranges             []skranke.Range
	FaqFolders         []skranke.FaqFolder
	Settings           map[string]string
}

// Catalog reads the catalog. It returns ErrNewerSchema if a newer skranke has
// changed the schema, which counts as a change of the catalog: so whoever compares
// versions learns of that, too, in the snapshot that has it.
func (tx *ReadTx) Catalog(ctx context.Context) (*Catalog, error) {
	if err := tx.knowSchema(ctx); err != nil {
		return nil, err
	}
	c := new(Catalog)
	var err error
	if c.Version, err = tx.CatalogVersion(ctx); err != nil {
		return nil, err
	}
	if err = tx.EachCategory(ctx, into(&c.Categories)); err != nil {
		return nil, err
	}
	if err = tx.EachPriority(ctx, into(&c.Priorities)); err != nil {
		return nil, err
	}
	if err = tx.EachExtraField(ctx, into(&c.ExtraFields)); err != nil {
		return nil, err
	}
	if err = tx.EachExtraTable(ctx, into(&c.ExtraTables)); err != nil {
		return nil, err
	}
	if err = tx.EachLanguage(ctx, into(&c.Languages)); err != nil {
		return nil, err
	}
	if err = tx.EachLanguageCategory(ctx, into(&c.LanguageCategories)); err != nil {
		return nil, err
	}
	if err = tx.EachRange(ctx, into(&c.Ranges)); err != nil {
		return nil, err
	}
	if err = tx.EachFaqFolder(ctx, into(&c.FaqFolders)); err != nil {
		return nil, err
	}
	c.Settings, err = tx.Settings(ctx)
	return c, err
}

// into makes a function that appends what it is handed to list.
func into[T any](list *[]T) func(*T) error {
	return func(row *T) error {
		*list = append(*list, *row)
		return nil
	}
}

// CatalogVersion is the version of the catalog in this snapshot. As long as it
// is the same, so is the catalog.
func (tx *ReadTx) CatalogVersion(ctx context.Context) (int64, error) {
	if tx.at != nil && tx.at.catalog != 0 {
		return tx.at.catalog, nil
	}
	version, err := tx.number(ctx, `SELECT version FROM catalog WHERE id = 1`)
	if err != nil {
		return 0, fmt.Errorf("reading catalog version: %w", err)
	}
	return tx.version(version), nil
}

// PeopleVersion is the version of sessions and people in this snapshot. As long
// as it is the same, every session still stands as it did, but for its times.
func (tx *ReadTx) PeopleVersion(ctx context.Context) (int64, error) {
	if tx.at != nil && tx.at.people != 0 {
		return tx.at.people, nil
	}
	version, err := tx.number(ctx, `SELECT version FROM catalog WHERE id = 2`)
	if err != nil {
		return 0, fmt.Errorf("reading people version: %w", err)
	}
	return tx.version(version), nil
}

// version makes a version that was read one of the server it was read from: one
// that has taken over without knowing the last changes counts the same numbers
// for others.
func (tx *ReadTx) version(n int64) int64 {
	if tx.conn == nil { // from memory, which no other server has been before
		return n
	}
	return n + tx.conn.era()<<40
}

// changedPeople counts the people's version up if err is nil, and returns err.
// Everything that may end a session or change what it may do ends with it.
func (tx *WriteTx) changedPeople(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `UPDATE catalog SET version = version + 1 WHERE id = 2`); err != nil {
		return fmt.Errorf("counting people version: %w", err)
	}
	return nil
}

// changed counts the catalog's version up if err is nil, and returns err.
// Everything that changes the catalog ends with it.
func (tx *WriteTx) changed(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `UPDATE catalog SET version = version + 1 WHERE id = 1`); err != nil {
		return fmt.Errorf("counting catalog version: %w", err)
	}
	return nil
}

// Settings returns all settings.
func (tx *ReadTx) Settings(ctx context.Context) (map[string]string, error) {
	settings := map[string]string{}
	err := tx.each(ctx, `SELECT name, value FROM setting ORDER BY name`,
		func(r *rows) { settings[r.text()] = r.text() })
	if err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	return settings, nil
}

// SetSetting stores a setting, replacing the old value.
func (tx *WriteTx) SetSetting(ctx context.Context, key, value string) error {
	_, err := tx.exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, text(key), text(value))
	if err != nil {
		return fmt.Errorf("storing setting %s: %w", key, err)
	}
	return tx.changed(ctx, nil)
}

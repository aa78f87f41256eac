package desk

import (
	"strings"
	"testing"

	"skranke"
	"skranke/store"
)

// A database name says which field is meant. Fields that have shared one so far
// go on doing so.
func TestFieldNamesAreOneFieldsAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		field := func(domain skranke.Domain, flags skranke.ExtraFlags) *skranke.ExtraField {
			return &skranke.ExtraField{Domain: domain, Kind: skranke.ExtraText, FieldName: "x_paper", Flags: flags}
		}
		old := field(skranke.DomainTicket, 0)
		w.write(func(tx *store.WriteTx) error {
			if err := tx.InsertExtraField(t.Context(), old); err != nil {
				return err
			}
			return tx.InsertExtraField(t.Context(), field(skranke.DomainTicket, 0))
		})
		good := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		refused := func(what string, err error) {
			t.Helper()
			if skranke.CodeOf(err) != skranke.CodeInvalidExtraField || !strings.Contains(err.Error(), `has the database name "x_paper" already`) {
				t.Errorf("%s: got %v, want it refused", what, err)
			}
		}
		rename := func(id skranke.ExtraFieldID, edit func(*skranke.ExtraField)) error {
			return w.desk.SetExtraField(t.Context(), id, func(f *skranke.ExtraField) error { edit(f); return nil })
		}
		good("another value of one that shares a name", rename(old.ID, func(f *skranke.ExtraField) { f.Label = "Paper" }))
		refused("a third one", w.desk.AddExtraField(t.Context(), field(skranke.DomainTicket, 0)))
		good("another domain", w.desk.AddExtraField(t.Context(), field(skranke.DomainCustomer, 0)))
		gone := field(skranke.DomainTicket, skranke.ExtraDeleted)
		good("a deleted one", w.desk.AddExtraField(t.Context(), gone))
		refused("a deleted one that comes back", rename(gone.ID, func(f *skranke.ExtraField) { f.Flags = 0 }))
		nameless := field(skranke.DomainTicket, 0)
		nameless.FieldName = ""
		good("no name", w.desk.AddExtraField(t.Context(), nameless))
		refused("a name for one that had none", rename(nameless.ID, func(f *skranke.ExtraField) { f.FieldName = "x_paper" }))
		good("a name of its own", rename(old.ID, func(f *skranke.ExtraField) { f.FieldName = "x_other" }))
		refused("the old name again", rename(old.ID, func(f *skranke.ExtraField) { f.FieldName = "x_paper" }))
		for _, name := range []string{"y_one", "y_two"} {
			table := &skranke.ExtraTable{TableName: name, Label: name}
			good(name, w.desk.AddExtraTable(t.Context(), table))
			column := field(skranke.DomainTable, 0)
			column.Table = table.ID
			good("a column of "+name, w.desk.AddExtraField(t.Context(), column))
			twice := *column
			refused("a second column of "+name, w.desk.AddExtraField(t.Context(), &twice))
		}
	})
}

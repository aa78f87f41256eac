package desk

import (
	"slices"
	"testing"

	"skranke"
	"skranke/store"
)

// What may not be changed may be set once, and set again to what it is.
func TestFieldsThatCannotChange(t *testing.T) {
	inWorld(t, func(w *world) {
		once := &skranke.ExtraField{Domain: skranke.DomainCustomer, FieldName: "x_once", Kind: skranke.ExtraText, Flags: skranke.ExtraPublic | skranke.ExtraCannotChange}
		full := &skranke.ExtraField{Domain: skranke.DomainCustomer, FieldName: "x_full", Kind: skranke.ExtraText, Flags: skranke.ExtraPublic | skranke.ExtraNotEmpty}
		w.write(func(tx *store.WriteTx) error {
			if err := tx.InsertExtraField(t.Context(), once); err != nil {
				return err
			}
			return tx.InsertExtraField(t.Context(), full)
		})
		has := func(id skranke.ExtraFieldID, text string) []skranke.ExtraValue {
			return []skranke.ExtraValue{{Field: id, Value: skranke.TextValue(text)}}
		}
		// types.extra.4
		for _, test := range []struct {
			old   []skranke.ExtraValue
			pairs []Pair
			want  []skranke.ExtraValue // nil for a refusal
		}{
			{nil, []Pair{{"x_1", "a"}}, has(once.ID, "a")},
			{has(once.ID, "a"), []Pair{{"x_1", "a"}}, has(once.ID, "a")},
			{has(once.ID, "a"), []Pair{{"x_1", "b"}}, nil},
			{has(once.ID, "a"), []Pair{{"x_1", ""}}, nil},
			{nil, []Pair{{"x_1", "a"}, {"customer.x_1", "b"}}, has(once.ID, "b")}, // in one call the last value counts
			{has(full.ID, "a"), []Pair{{"x_2", ""}}, nil},
			{has(full.ID, "a"), []Pair{{"x_2", "b"}}, has(full.ID, "b")},
		} {
			w.read(func(tx *store.ReadTx) error {
				c, err := w.desk.catalogOf(t.Context(), tx)
				if err != nil {
					return err
				}
				got, err := w.desk.applyExtra(t.Context(), tx, c, Actor{Customer: 1}, skranke.DomainCustomer, test.old, test.pairs)
				if test.want == nil && skranke.CodeOf(err) != skranke.CodeInvalidExtraField || test.want != nil && (err != nil || !slices.Equal(got, test.want)) {
					t.Errorf("%v to %v: got %v, %v, want %v", test.pairs, test.old, got, err, test.want)
				}
				return nil
			})
		}
	})
}

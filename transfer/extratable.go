package transfer

import (
	"context"
	"errors"
	"fmt"

	"skranke"
	"skranke/desk"
)

// ExtraTableTable is how definitions of extra tables look in a file.
var ExtraTableTable = table("extra_table", []column[skranke.ExtraTable]{
	{"id", idDoc, func(t *skranke.ExtraTable) any { return &t.ID }},
	{"table_name", "Its database name: y_ and small letters, digits, _; at most 64 characters. No other table has it.", func(t *skranke.ExtraTable) any { return &t.TableName }},
	{"label", "Its outward name, at most 128 characters.", func(t *skranke.ExtraTable) any { return &t.Label }},
	{"flags", "Sum of: 1 hidden, 256 deleted.", func(t *skranke.ExtraTable) any { return &t.Flags }},
	{"display", "The extra_field that stands for a row where others point to it; left out: its id.", func(t *skranke.ExtraTable) any { return &t.Display }},
	{"order", "The extra_field its rows are sorted by when nobody says; left out: the id.", func(t *skranke.ExtraTable) any { return &t.Order }},
})

// ExtraRowTable is how rows of extra tables look in a file.
var ExtraRowTable = table("extra_row", []column[skranke.ExtraRow]{
	{"table", "The extra_table it belongs to.", func(r *skranke.ExtraRow) any { return &r.Table }},
	{"id", "Its id in the table, from 1 to 2147483647. Each table counts its rows by itself. Without one the row is new and gets the next free id.", func(r *skranke.ExtraRow) any { return &r.ID }},
	{"extra", "Its values: see above. Rows of extra tables that they point to may be missing: they may have been deleted.", func(r *skranke.ExtraRow) any { return &r.Values }},
})

// extraRows is the kind of the rows of extra tables, whose ids are their
// table's own.
func extraRows() kind {
	t := ExtraRowTable
	return kind{
		word:   t.Kind,
		fields: t.Fields,
		put: func(ctx context.Context, l *loading, members []member) (int64, error) {
			row := new(skranke.ExtraRow)
			_, err := t.read(row, members, func(id skranke.ExtraFieldID) (*skranke.ExtraField, error) { return l.in.ExtraField(ctx, id) })
			given, word := int64(row.ID), fmt.Sprintf("%s of %d", t.Kind, row.Table)
			if err != nil {
				return given, err
			}
			if err := l.once(word, given); err != nil {
				return given, err
			}
			err = l.in.PutExtraRow(ctx, row)
			var wait *desk.NotYet
			if errors.As(err, &wait) {
				l.notYet(word, given)
			}
			return given, err
		},
		each: func(ctx context.Context, w *writer) error {
			return w.out.ExtraRows(ctx, func(row *skranke.ExtraRow) error { return writeRow(ctx, w, t, row) })
		},
	}
}

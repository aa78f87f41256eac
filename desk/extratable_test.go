package desk

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"skranke"
	"skranke/store"
)

// rowOf stores a row of an extra table.
func (w *world) rowOf(table skranke.ExtraTableID, pairs ...Pair) skranke.ExtraRowID {
	w.t.Helper()
	id, err := w.desk.PutExtraRow(w.t.Context(), Actor{}, fmt.Sprint(table), "-1", pairs)
	if err != nil {
		w.t.Fatalf("storing a row: %v", err)
	}
	return id
}

// Extra fields of tickets may point to rows of one extra table.
func TestTicketsPointToRowsOfExtraTables(t *testing.T) {
	inWorld(t, func(w *world) {
		places, others := w.table("y_places"), w.table("y_others")
		row := w.rowOf(places)
		w.rowOf(others)
		w.rowOf(others)
		field := func(target skranke.ExtraTableID) skranke.ExtraFieldID {
			f := &skranke.ExtraField{Domain: skranke.DomainTicket, Kind: skranke.ExtraTableRow, Target: target, Label: "Place"}
			if err := w.desk.AddExtraField(w.t.Context(), f); err != nil {
				w.t.Fatal(err)
			}
			return f.ID
		}
		place, nowhere := field(places), field(0)
		w.priority(&skranke.Priority{Name: "Normal", External: true, Default: true})
		agent := Actor{User: skranke.SystemUser, Auth: skranke.SystemUser}
		category := w.category(&skranke.Category{Name: "Help", Method: skranke.DelegateNone})
		for _, test := range []struct { // types.extra.5
			field skranke.ExtraFieldID
			value string
			code  skranke.Code
		}{
			{place, fmt.Sprint(row), skranke.CodeOK},
			{place, "-1", skranke.CodeOK},
			{place, "", skranke.CodeOK},
			{place, "2", skranke.CodeInvalidExtraField}, // there is one in the other table
			{place, "x", skranke.CodeInvalidExtraField},
			{nowhere, "1", skranke.CodeInvalidExtraField},
			{nowhere, "-1", skranke.CodeOK},
		} {
			_, err := w.desk.NewTicket(w.t.Context(), agent, TicketDraft{
				Title: "t", SLevel: skranke.Internal, Category: category, Priority: AutomaticPriority, Owner: skranke.SystemUser,
				Extra: []Pair{{fmt.Sprint("x_", test.field), test.value}},
			})
			if got := skranke.CodeOf(err); got != test.code {
				w.t.Errorf("field %d of a ticket = %q: got %v (%v), want %v", test.field, test.value, got, err, test.code)
			}
		}
	})
}

// What makes no sense is refused, and leaves nothing of a column behind.
func TestExtraTableDefinitionsAreChecked(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := w.t.Context()
		table, other := w.table("y_one"), w.table("y_two")
		column := w.column(table, skranke.ExtraText)
		for _, bad := range []skranke.ExtraTable{{TableName: "one"}, {TableName: "y_"}, {TableName: "y_One"}, {TableName: "y_one"}, {TableName: "y_" + strings.Repeat("x", 63)}, {Label: strings.Repeat("ø", 129)}} {
			if err := w.desk.AddExtraTable(ctx, &bad); err == nil {
				w.t.Errorf("table %+v was taken", bad)
			}
		}
		for _, bad := range []skranke.ExtraField{
			{Domain: skranke.DomainTable, Kind: skranke.ExtraText},
			{Domain: skranke.DomainTable, Kind: skranke.ExtraText, Table: 99},
			{Domain: skranke.DomainTicket, Kind: skranke.ExtraText, Table: table},
			{Domain: skranke.DomainTable, Kind: skranke.ExtraText, Table: table, Target: other},
			{Domain: skranke.DomainTable, Kind: skranke.ExtraTableRow, Table: table, Target: 99},
			{Domain: skranke.DomainTable, Kind: 99, Table: table},
		} {
			if err := w.desk.AddExtraField(ctx, &bad); err == nil {
				w.t.Errorf("column %+v was taken", bad)
			}
		}
		again := w.column(table, skranke.ExtraTableRow) // has the id, and so the column, of what was refused last
		w.rowOf(table, Pair{fmt.Sprint(again.ID), "-1"})
		for what, edit := range map[string]func(*skranke.ExtraField) error{
			"table":  func(f *skranke.ExtraField) error { f.Table = other; return nil },
			"domain": func(f *skranke.ExtraField) error { f.Domain, f.Table = skranke.DomainTicket, 0; return nil },
			"type":   func(f *skranke.ExtraField) error { f.Kind = skranke.ExtraInteger; return nil },
		} {
			if err := w.desk.SetExtraField(ctx, column.ID, edit); !isRefusal(err, skranke.CodeInvalidExtraField) {
				w.t.Errorf("changing the %s of a column: got %v", what, err)
			}
			err := w.desk.Import(ctx, func(in *Intake) error {
				f := *column
				return errors.Join(edit(&f), in.PutExtraField(ctx, &f))
			})
			if !isRefusal(err, skranke.CodeInvalidExtraField) {
				w.t.Errorf("importing a column with another %s: got %v", what, err)
			}
		}
		for _, table := range []skranke.ExtraTableID{other, 99} {
			if err := w.desk.SetExtraTable(ctx, table, func(t *skranke.ExtraTable) error { t.Display = column.ID; return nil }); err == nil {
				w.t.Errorf("table %d shows a column of another", table)
			}
		}
		err := w.desk.Import(ctx, func(in *Intake) error {
			return in.PutExtraRow(ctx, &skranke.ExtraRow{Table: other, Values: []skranke.ExtraValue{{Field: column.ID, Value: skranke.TextValue("x")}}})
		})
		if !isRefusal(err, skranke.CodeInvalidExtraField) {
			w.t.Errorf("importing a value of another table's column: got %v", err)
		}
	})
}

// Columns may come while the table is searched and filled.
func TestColumnsComeWhileOthersSearch(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := w.t.Context()
		table := w.table("y_busy")
		first := w.column(table, skranke.ExtraInteger)
		w.rowOf(table, Pair{fmt.Sprint(first.ID), "1"})
		stop := make(chan struct{})
		var others sync.WaitGroup
		for range 2 {
			others.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					if _, err := w.desk.PutExtraRow(ctx, Actor{}, "y_busy", "-1", []Pair{{fmt.Sprint(first.ID), "2"}}); err != nil {
						w.t.Errorf("storing a row: %v", err)
						return
					}
					query := RowQuery{Table: "y_busy", Order: fmt.Sprint(first.ID), Limit: "5", Criteria: []RowCriterion{{Column: fmt.Sprint(first.ID), Op: "OperatorGt", Value: "0"}}}
					found, err := w.desk.QueryExtraTable(ctx, query)
					if err != nil || len(found) == 0 {
						w.t.Errorf("searching: %d rows, %v", len(found), err)
						return
					}
				}
			})
		}
		for range 15 {
			w.column(table, skranke.ExtraText)
		}
		close(stop)
		others.Wait()
		found, err := w.desk.QueryExtraTable(ctx, RowQuery{Table: "y_busy", Limit: "1"})
		if err != nil || len(found) != 1 || len(found[0]) != 17 {
			w.t.Errorf("got %v, %v, want one row of 17 values", found, err)
		}
		w.read(func(tx *store.ReadTx) error {
			fields := []*skranke.ExtraField{first}
			return tx.EachExtraRow(ctx, table, fields, func(row *skranke.ExtraRow) error {
				if n := row.Value(first.ID).Int; n != 1 && n != 2 {
					w.t.Errorf("row %d holds %d", row.ID, n)
				}
				return nil
			})
		})
	})
}

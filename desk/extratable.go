package desk

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"skranke"
	"skranke/store"
)

// ExtraTable is the definition of an extra table and its columns, in their order.
type ExtraTable struct {
	skranke.ExtraTable
	Columns []skranke.ExtraField
}

// extraTable is an extra table as the catalog holds it.
type extraTable struct {
	skranke.ExtraTable
	columns []*skranke.ExtraField // not deleted ones, in order
}

// extraTablesOf puts tables and their columns together.
//
// Spec: ticket/getExtraTables.1
func extraTablesOf(tables []skranke.ExtraTable, fields []skranke.ExtraField) []*extraTable {
	var list []*extraTable
	for i := range tables {
		if !tables[i].Exists() {
			continue
		}
		t := &extraTable{ExtraTable: tables[i]}
		for j := range fields {
			if f := &fields[j]; f.Table == t.ID && f.Exists() {
				t.columns = append(t.columns, f)
			}
		}
		sortFields(t.columns)
		list = append(list, t)
	}
	return list
}

// table finds an extra table by its id or database name.
//
// Spec: ticket/getExtraTable.2, ticket/getExtraTable.3
func (c *catalog) table(name string) (*extraTable, error) {
	name = strings.TrimSpace(name)
	id, isID := skranke.ParseID(name)
	for _, t := range c.tables {
		if isID && int64(t.ID) == id || t.TableName != "" && t.TableName == skranke.Fold(name) {
			return t, nil
		}
	}
	return nil, skranke.Err(skranke.CodeUnknownExtraTable, "no extra table %q", name)
}

// rowID is how callers name the id of a row among the columns.
const rowID = "-1"

// column finds a column by its id, x_<id> or database name; nil is the row's id.
//
// Spec: ticket/queryExtraTable.1
func (t *extraTable) column(name string) (*skranke.ExtraField, error) {
	name = skranke.Fold(strings.TrimSpace(name))
	if name == rowID {
		return nil, nil
	}
	if id, ok := skranke.ParseID(strings.TrimPrefix(name, "x_")); ok {
		for _, f := range t.columns {
			if int64(f.ID) == id {
				return f, nil
			}
		}
	}
	for _, f := range t.columns {
		if f.FieldName != "" && f.FieldName == name {
			return f, nil
		}
	}
	return nil, skranke.Err(skranke.CodeInvalidExtraField, "extra table %d has no column %q", t.ID, name)
}

// settable is a column for which a caller may name a value: not the row's id.
func (t *extraTable) settable(name string) (*skranke.ExtraField, error) {
	f, err := t.column(name)
	if err == nil && f == nil {
		return nil, skranke.Err(skranke.CodeInvalidExtraField, "the id of a row cannot be written")
	}
	return f, err
}

// byID finds a column that is not deleted by its id, nil if there is none.
func (t *extraTable) byID(id skranke.ExtraFieldID) *skranke.ExtraField {
	for _, f := range t.columns {
		if f.ID == id {
			return f
		}
	}
	return nil
}

func (t *extraTable) shown() ExtraTable {
	out := ExtraTable{ExtraTable: t.ExtraTable, Columns: make([]skranke.ExtraField, len(t.columns))}
	for i, f := range t.columns {
		out.Columns[i] = *f
	}
	return out
}

// ExtraTables lists all extra tables, without what is deleted.
//
// Spec: ticket/getExtraTables
func (d *Desk) ExtraTables(ctx context.Context) ([]ExtraTable, error) {
	c, err := d.currentCatalog(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]ExtraTable, len(c.tables))
	for i, t := range c.tables {
		list[i] = t.shown()
	}
	return list, nil
}

// ExtraTable returns one extra table by id or database name, or
// CodeUnknownExtraTable.
//
// Spec: ticket/getExtraTable
func (d *Desk) ExtraTable(ctx context.Context, name string) (ExtraTable, error) {
	c, err := d.currentCatalog(ctx)
	if err != nil {
		return ExtraTable{}, err
	}
	t, err := c.table(name)
	if err != nil {
		return ExtraTable{}, err
	}
	return t.shown(), nil
}

// PutExtraRow stores a row of an extra table: a new one if row is "-1", else
// the named columns of that row. It returns the row's id, or
// CodeUnknownExtraTable, CodeCustomError for a row that is not there, and
// CodeInvalidExtraField for columns and values that do not fit.
//
// Spec: ticket/insertIntoExtraTable
func (d *Desk) PutExtraRow(ctx context.Context, a Actor, table, row string, pairs []Pair) (skranke.ExtraRowID, error) {
	var id skranke.ExtraRowID
	err := d.db.Write(ctx, func(tx *store.WriteTx) error {
		c, err := d.catalogOf(ctx, &tx.ReadTx)
		if err != nil {
			return err
		}
		t, err := c.table(table)
		if err != nil {
			return err
		}
		if strings.TrimSpace(row) == rowID {
			id, err = d.insertExtraRow(ctx, tx, a, t, pairs)
			return err
		}
		n, _ := skranke.ParseID(row)
		id = skranke.ExtraRowID(n)
		return d.updateExtraRow(ctx, tx, a, t, id, pairs)
	})
	return id, err
}

// Spec: ticket/insertIntoExtraTable.4, ticket/insertIntoExtraTable.5
func (d *Desk) insertExtraRow(ctx context.Context, tx *store.WriteTx, a Actor, t *extraTable, pairs []Pair) (skranke.ExtraRowID, error) {
	values, err := d.applyPairs(ctx, &tx.ReadTx, nil, pairs, t.settable)
	if err != nil {
		return 0, err
	}
	row := &skranke.ExtraRow{Table: t.ID, Values: d.defaultsOf(t.columns, values)}
	for _, f := range t.columns {
		if f.Flags&skranke.ExtraNotEmpty != 0 && isEmpty(f, row.Value(f.ID)) {
			return 0, skranke.Err(skranke.CodeInvalidExtraField, "column %d may not be empty", f.ID)
		}
	}
	if err := tx.InsertExtraRow(ctx, row, t.columns); err != nil {
		return 0, err
	}
	return row.ID, d.recordExtraRow(ctx, tx, a, logNewExtraRow, row, nil, row.Values)
}

// recordExtraRow logs what a did to a row of an extra table, also if it has no
// values.
func (d *Desk) recordExtraRow(ctx context.Context, tx *store.WriteTx, a Actor, action int, row *skranke.ExtraRow, before, after []skranke.ExtraValue) error {
	e := a.entry(d.now(), action, rowExtraRow, int64(row.ID))
	e.Detail = Row{rowExtraTable, int64(row.Table)}.String()
	e.Changes = extraChanges(0, before, after)
	return tx.Log(ctx, []store.LogEntry{e})
}

func (d *Desk) updateExtraRow(ctx context.Context, tx *store.WriteTx, a Actor, t *extraTable, id skranke.ExtraRowID, pairs []Pair) error {
	row, err := tx.ExtraRow(ctx, t.ID, t.columns, id)
	if err != nil {
		return err
	}
	if row == nil {
		return skranke.Err(skranke.CodeCustomError, "extra table %d has no row %d", t.ID, id)
	}
	before := slices.Clone(row.Values)
	if row.Values, err = d.applyPairs(ctx, &tx.ReadTx, row.Values, pairs, t.settable); err != nil {
		return err
	}
	if _, err = tx.UpdateExtraRow(ctx, row, t.columns); err != nil || len(extraChanges(0, before, row.Values)) == 0 {
		return err
	}
	return d.recordExtraRow(ctx, tx, a, logSetExtraRow, row, before, row.Values)
}

// DeleteExtraRow deletes a row of an extra table, if it is there. It returns
// CodeUnknownExtraTable.
//
// Spec: ticket/deleteExtraTableRow
func (d *Desk) DeleteExtraRow(ctx context.Context, a Actor, table, row string) error {
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		c, err := d.catalogOf(ctx, &tx.ReadTx)
		if err != nil {
			return err
		}
		t, err := c.table(table)
		if err != nil {
			return err
		}
		id, ok := skranke.ParseID(row)
		if !ok {
			return nil
		}
		old, err := tx.ExtraRow(ctx, t.ID, t.columns, skranke.ExtraRowID(id))
		if err != nil || old == nil {
			return err
		}
		if err := tx.DeleteExtraRow(ctx, t.ID, old.ID); err != nil {
			return err
		}
		return d.recordExtraRow(ctx, tx, a, logDeleteExtraRow, old, old.Values, nil)
	})
}

// AddExtraTable stores the definition of a new extra table and sets its id.
// Its columns are added by AddExtraField.
func (d *Desk) AddExtraTable(ctx context.Context, t *skranke.ExtraTable) error {
	return add(ctx, d, t, func(t *skranke.ExtraTable) { t.ID = 0 },
		func(in *Intake, t *skranke.ExtraTable) error { return in.PutExtraTable(ctx, t) })
}

// SetExtraTable changes what edit changes of a definition. It returns
// CodeUnknownExtraTable, and CodeInvalidExtraField for columns it does not have.
func (d *Desk) SetExtraTable(ctx context.Context, id skranke.ExtraTableID, edit func(*skranke.ExtraTable) error) error {
	return set(ctx, d, func(tx *store.WriteTx) (*skranke.ExtraTable, error) { return tx.ExtraTable(ctx, id) }, edit,
		func(t, old *skranke.ExtraTable) { t.ID = old.ID },
		func(in *Intake, t *skranke.ExtraTable) error {
			for _, column := range [...]skranke.ExtraFieldID{t.Display, t.Order} {
				if column == 0 {
					continue
				}
				if f, err := in.ExtraField(ctx, column); err != nil || f.Table != t.ID {
					return skranke.Err(skranke.CodeInvalidExtraField, "extra table %d has no column %d", t.ID, column)
				}
			}
			return in.PutExtraTable(ctx, t)
		})
}

// PutExtraTable stores the definition of an extra table. No two that are not
// deleted have the same database name.
func (in *Intake) PutExtraTable(ctx context.Context, t *skranke.ExtraTable) error {
	if err := checkExtraTable(t); err != nil {
		return err
	}
	err := in.tx.EachExtraTable(ctx, func(other *skranke.ExtraTable) error {
		if t.TableName != "" && t.Exists() && other.TableName == t.TableName && other.Exists() && other.ID != t.ID {
			return skranke.Err(skranke.CodeCustomError, "extra table %d is called %q", other.ID, t.TableName)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := in.refer(ctx, []Row{{rowExtraField, int64(t.Display)}, {rowExtraField, int64(t.Order)}}); err != nil {
		return err
	}
	insert := func() error {
		if err := in.tx.InsertExtraTable(ctx, t); err != nil {
			return err
		}
		return in.tx.MakeExtraRows(ctx, t.ID)
	}
	return in.put(rowExtraTable, func() int64 { return int64(t.ID) }, skranke.CodeUnknownExtraTable,
		func() error { return in.tx.UpdateExtraTable(ctx, t) }, insert)
}

// PutExtraRow stores a row of an extra table, which must be there with its
// columns: else it returns NotYet. Rows of extra tables that it points to need
// not be there: they may have been deleted.
func (in *Intake) PutExtraRow(ctx context.Context, row *skranke.ExtraRow) error {
	if row.Table == 0 {
		return skranke.Err(skranke.CodeUnknownExtraTable, "a row needs an extra table")
	}
	if err := in.need(ctx, Row{rowExtraTable, int64(row.Table)}); err != nil {
		return err
	}
	related, err := in.extra(ctx, skranke.DomainTable, row.Values)
	if err != nil {
		return err
	}
	for _, v := range row.Values {
		if f := in.fields[v.Field]; f.Table != row.Table {
			return skranke.Err(skranke.CodeInvalidExtraField, "x_%d is a column of extra table %d, not of %d", f.ID, f.Table, row.Table)
		}
	}
	if err := in.refer(ctx, related); err != nil {
		return err
	}
	columns, err := in.columnsOf(ctx, row.Table)
	if err != nil {
		return err
	}
	update := func() error {
		there, err := in.tx.UpdateExtraRow(ctx, row, columns)
		if err == nil && !there {
			return skranke.Err(skranke.CodeCustomError, "extra table %d has no row %d", row.Table, row.ID)
		}
		return err
	}
	return in.put("row of extra_table "+strconv.FormatInt(int64(row.Table), 10), func() int64 { return int64(row.ID) }, skranke.CodeCustomError,
		update, func() error { return in.tx.InsertExtraRow(ctx, row, columns) })
}

// columnsOf are the columns of an extra table, deleted ones too.
func (in *Intake) columnsOf(ctx context.Context, table skranke.ExtraTableID) ([]*skranke.ExtraField, error) {
	if in.columns == nil {
		if err := in.loadFields(ctx); err != nil {
			return nil, err
		}
		in.columns = map[skranke.ExtraTableID][]*skranke.ExtraField{}
		for _, id := range slices.Sorted(maps.Keys(in.fields)) {
			f := in.fields[id]
			in.columns[f.Table] = append(in.columns[f.Table], f)
		}
	}
	return in.columns[table], nil
}

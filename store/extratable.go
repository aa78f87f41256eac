package store

import (
	"context"
	"fmt"
	"strconv"

	"skranke"
)

var extraTables = newTable("extra_table", skranke.CodeUnknownExtraTable, `
	table_name, label, flags, display_id, order_id`, "")

func scanExtraTable(r *rows, t *skranke.ExtraTable) {
	t.ID = id[skranke.ExtraTableID](r)
	t.TableName = r.text()
	t.Label = r.text()
	t.Flags = id[skranke.ExtraTableFlags](r)
	t.Display = id[skranke.ExtraFieldID](r)
	t.Order = id[skranke.ExtraFieldID](r)
}

func extraTableArgs(t *skranke.ExtraTable) []arg {
	return []arg{text(t.TableName), text(t.Label), num(t.Flags), num(t.Display), num(t.Order)}
}

// EachExtraTable hands fn every extra table by ascending id.
func (tx *ReadTx) EachExtraTable(ctx context.Context, fn func(*skranke.ExtraTable) error) error {
	return eachRow(ctx, tx, extraTables, scanExtraTable, nil, fn)
}

// ExtraTable returns one extra table, or CodeUnknownExtraTable.
func (tx *ReadTx) ExtraTable(ctx context.Context, id skranke.ExtraTableID) (*skranke.ExtraTable, error) {
	t := new(skranke.ExtraTable)
	return t, extraTables.row(ctx, tx, int64(id), func(r *rows) { scanExtraTable(r, t) })
}

// InsertExtraTable stores the definition of a new extra table; MakeExtraRows
// makes room for its rows. An ID of 0 is replaced by a new one. It returns
// ErrExists if the id is in use.
func (tx *WriteTx) InsertExtraTable(ctx context.Context, t *skranke.ExtraTable) error {
	id, err := extraTables.add(ctx, tx, int64(t.ID), extraTableArgs(t))
	if err != nil {
		return err
	}
	t.ID = skranke.ExtraTableID(id)
	return tx.changed(ctx, nil)
}

// UpdateExtraTable writes the whole definition anew. It returns
// CodeUnknownExtraTable if there is none.
func (tx *WriteTx) UpdateExtraTable(ctx context.Context, t *skranke.ExtraTable) error {
	return tx.changed(ctx, extraTables.change(ctx, tx, int64(t.ID), extraTableArgs(t)))
}

// rowsName is the table that holds the rows of an extra table. Names are made
// of numbers alone: what people call a table is no SQL.
func rowsName(table skranke.ExtraTableID) string {
	return "y_" + strconv.FormatInt(int64(table), 10)
}

// columnName is the column of a field.
func columnName(field skranke.ExtraFieldID) string {
	return "x_" + strconv.FormatInt(int64(field), 10)
}

// searchColumn is the column that holds what searches compare and sort by.
func searchColumn(f *skranke.ExtraField) string {
	if f.Type().IsText() {
		return columnName(f.ID) + "_fold"
	}
	return columnName(f.ID)
}

// MakeExtraRows makes room for the rows of a new extra table.
func (tx *WriteTx) MakeExtraRows(ctx context.Context, table skranke.ExtraTableID) error {
	return tx.define(ctx, "CREATE TABLE "+rowsName(table)+" (id {ID})")
}

// AddExtraColumn makes room for the values of a new field of an extra table.
func (tx *WriteTx) AddExtraColumn(ctx context.Context, f *skranke.ExtraField) error {
	name := rowsName(f.Table)
	add := "ALTER TABLE " + name + " ADD COLUMN "
	column := columnName(f.ID)
	script := ""
	switch t := f.Type(); {
	case t.IsText():
		script = add + column + " {TEXT}; " + add + column + "_fold {TEXT}"
	case t == skranke.TypeFloat:
		script = add + column + " DOUBLE PRECISION"
	default:
		script = add + column + " BIGINT"
	}
	if index := extraIndex(f); index != "" {
		script += "; CREATE INDEX " + index + " ON " + name + " (" + searchColumn(f) + ")"
	}
	return tx.define(ctx, script)
}

// extraIndex is the index of a column of an extra table, "" if one would not
// help: long texts are looked through, and truth values are halves of the table.
func extraIndex(f *skranke.ExtraField) string {
	if t := f.Type(); t == skranke.TypeClob || t == skranke.TypeBool {
		return ""
	}
	return rowsName(f.Table) + "_" + columnName(f.ID)
}

// define changes the schema.
func (tx *WriteTx) define(ctx context.Context, script string) error {
	if err := tx.conn.script(ctx, tx.dialect.words.Replace(script)); err != nil {
		return fmt.Errorf("defining an extra table: %w", err)
	}
	return nil
}

package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"skranke"
)

// columnsOf lists the columns the fields are read from, each after a comma.
func columnsOf(fields []*skranke.ExtraField) string {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(", r." + columnName(f.ID))
	}
	return b.String()
}

// scanExtraRow reads a row of the columns id and those of the fields.
func scanExtraRow(r *rows, table skranke.ExtraTableID, fields []*skranke.ExtraField) *skranke.ExtraRow {
	row := &skranke.ExtraRow{Table: table, ID: id[skranke.ExtraRowID](r)}
	for _, f := range fields {
		col := r.take()
		if r.cur.null(col) {
			continue
		}
		v := skranke.Value{Set: true}
		switch t := f.Type(); {
		case t.IsText():
			v.Text = r.cur.text(col)
		case t == skranke.TypeFloat:
			v.Float = r.cur.float(col)
		default:
			v.Int = r.cur.int64(col)
		}
		row.Values = append(row.Values, skranke.ExtraValue{Field: f.ID, Value: v})
	}
	return row
}

// ExtraRow reads the fields of one row of an extra table, nil if there is none
// of that id.
func (tx *ReadTx) ExtraRow(ctx context.Context, table skranke.ExtraTableID, fields []*skranke.ExtraField, id skranke.ExtraRowID) (*skranke.ExtraRow, error) {
	var row *skranke.ExtraRow
	_, err := tx.one(ctx, "SELECT r.id"+columnsOf(fields)+" FROM "+rowsName(table)+" r WHERE r.id = $1",
		func(r *rows) { row = scanExtraRow(r, table, fields) }, num(id))
	if err != nil {
		return nil, fmt.Errorf("reading row %d of extra table %d: %w", id, table, err)
	}
	return row, nil
}

// EachExtraRow hands fn the fields of every row of an extra table by ascending id.
func (tx *ReadTx) EachExtraRow(ctx context.Context, table skranke.ExtraTableID, fields []*skranke.ExtraField, fn func(*skranke.ExtraRow) error) error {
	return tx.FindExtraRows(ctx, ExtraRowSearch{Table: table, Fields: fields}, func(row *skranke.ExtraRow) (bool, error) {
		return true, fn(row)
	})
}

// extraRowArgs are the columns that the fields are written to, and what the row
// has in them.
func extraRowArgs(row *skranke.ExtraRow, fields []*skranke.ExtraField) (columns []string, values []arg) {
	for _, f := range fields {
		v := row.Value(f.ID)
		column, value, fold := columnName(f.ID), arg{}, arg{}
		switch t := f.Type(); {
		case !v.Set:
		case t.IsText():
			value, fold = text(v.Text), folded(v.Text)
		case t == skranke.TypeFloat:
			value = float(v.Float)
		default:
			value = num(v.Int)
		}
		columns, values = append(columns, column), append(values, value)
		if f.Type().IsText() {
			columns, values = append(columns, column+"_fold"), append(values, fold)
		}
	}
	return columns, values
}

// InsertExtraRow stores a new row of an extra table with the fields, which are
// all it can have values of. An ID of 0 is replaced by a new one. It returns
// ErrExists if the id is in use.
func (tx *WriteTx) InsertExtraRow(ctx context.Context, row *skranke.ExtraRow, fields []*skranke.ExtraField) error {
	columns, values := extraRowArgs(row, fields)
	name := rowsName(row.Table)
	insert := "INSERT INTO " + name
	var err error
	switch {
	case row.ID != 0:
		columns, values = append(columns, "id"), append(values, num(row.ID))
		insert += " (" + strings.Join(columns, ", ") + ") VALUES (" + places(len(columns)) + ")"
		_, err = tx.exec(ctx, insert+tx.dialect.usedIn(name), values...)
	case len(columns) == 0:
		_, err = tx.one(ctx, insert+" DEFAULT VALUES RETURNING id", func(r *rows) { row.ID = id[skranke.ExtraRowID](r) })
	default:
		insert += " (" + strings.Join(columns, ", ") + ") VALUES (" + places(len(columns)) + ") RETURNING id"
		_, err = tx.one(ctx, insert, func(r *rows) { row.ID = id[skranke.ExtraRowID](r) }, values...)
	}
	if err != nil {
		return fmt.Errorf("inserting into extra table %d: %w", row.Table, err)
	}
	return nil
}

// UpdateExtraRow writes the fields of a row anew and says whether it is there.
func (tx *WriteTx) UpdateExtraRow(ctx context.Context, row *skranke.ExtraRow, fields []*skranke.ExtraField) (bool, error) {
	columns, values := extraRowArgs(row, fields)
	set := "id = id"
	for i, c := range columns {
		set += ", " + c + " = $" + strconv.Itoa(i+2)
	}
	n, err := tx.exec(ctx, "UPDATE "+rowsName(row.Table)+" SET "+set+" WHERE id = $1", append([]arg{num(row.ID)}, values...)...)
	if err != nil {
		return false, fmt.Errorf("updating row %d of extra table %d: %w", row.ID, row.Table, err)
	}
	return n > 0, nil
}

// DeleteExtraRow deletes a row of an extra table, if it is there.
func (tx *WriteTx) DeleteExtraRow(ctx context.Context, table skranke.ExtraTableID, id skranke.ExtraRowID) error {
	if _, err := tx.exec(ctx, "DELETE FROM "+rowsName(table)+" WHERE id = $1", num(id)); err != nil {
		return fmt.Errorf("deleting row %d of extra table %d: %w", id, table, err)
	}
	return nil
}

// RowCondition is a criterion on a field of an extra table, or on the id of its
// rows if Field is nil.
type RowCondition struct {
	Field     *skranke.ExtraField
	Criterion skranke.Criterion
}

func (c *RowCondition) matches(row *skranke.ExtraRow) bool {
	if c.Field == nil {
		return c.Criterion.Matches(skranke.IntValue(int64(row.ID)))
	}
	return c.Criterion.Matches(row.Value(c.Field.ID))
}

// ExtraRowSearch says which rows of an extra table to find and in which order.
type ExtraRowSearch struct {
	Table  skranke.ExtraTableID
	Fields []*skranke.ExtraField // to be read; those of conditions need not be among them
	Any    [][]RowCondition      // a row is found that meets all conditions of any of these; without any, every row
	Order  *skranke.ExtraField   // nil for the id, which also breaks ties
	Desc   bool
	Limit  int // at most so many rows; 0 for no limit
}

// FindExtraRows hands fn the rows a search finds, in order, until there are no
// more or fn says so. Conditions the database cannot judge as exactly as
// skranke.Criterion does are judged here, row by row.
func (tx *ReadTx) FindExtraRows(ctx context.Context, s ExtraRowSearch, fn func(*skranke.ExtraRow) (more bool, err error)) error {
	groups, exact := s.tests()
	fields := s.Fields
	if !exact {
		fields = s.judged()
	}
	var q statement
	q.add("SELECT r.id" + columnsOf(fields) + " FROM " + rowsName(s.Table) + " r WHERE ")
	q.anyOf(groups)
	switch {
	case s.Order == nil && s.Desc:
		q.add(" ORDER BY r.id DESC")
	case s.Order == nil:
		q.add(" ORDER BY r.id")
	case s.Desc:
		q.add(" ORDER BY r." + searchColumn(s.Order) + " DESC NULLS LAST, r.id")
	default:
		q.add(" ORDER BY r." + searchColumn(s.Order) + " NULLS FIRST, r.id")
	}
	if s.Limit > 0 && exact {
		q.add(" LIMIT ", num(s.Limit))
	}
	r := tx.query(ctx, q.sql.String(), q.args...)
	defer r.close()
	for found := 0; (s.Limit == 0 || found < s.Limit) && r.next(); {
		row := scanExtraRow(r, s.Table, fields)
		if !exact && !s.matches(row) {
			continue
		}
		found++
		if more, err := fn(row); err != nil || !more {
			return err
		}
	}
	if r.err != nil {
		return fmt.Errorf("finding rows of extra table %d: %w", s.Table, r.err)
	}
	return nil
}

// tests are the conditions the statement carries: every row that is found
// passes all tests of some group. exact says that no other row does.
func (s *ExtraRowSearch) tests() (groups [][]*test, exact bool) {
	count := 0
	for _, all := range s.Any {
		count += len(all)
	}
	if len(s.Any) == 0 || len(s.Any) > maxConditions {
		return nil, len(s.Any) == 0
	}
	exact = true
	for _, all := range s.Any {
		var group []*test
		for i := range all {
			column := "r.id"
			if all[i].Field != nil {
				column = "r." + searchColumn(all[i].Field)
			}
			t := newTest(&all[i].Criterion, column, false)
			if t == nil || len(group) >= maxConditions/len(s.Any) && count > maxConditions {
				exact = false
				continue
			}
			group = append(group, t)
		}
		if len(group) == 0 {
			return nil, false
		}
		groups = append(groups, group)
	}
	return groups, exact
}

// anyOf appends the condition that all tests of some group are passed.
func (q *statement) anyOf(groups [][]*test) {
	if len(groups) == 0 {
		q.add("TRUE")
	}
	for i, group := range groups {
		if i > 0 {
			q.add(" OR ")
		}
		for j, t := range group {
			if j > 0 {
				q.add(" AND ")
			}
			q.add("(")
			t.write(q)
			if t.unset {
				q.add(" OR NOT COALESCE(" + t.isset + ", FALSE)")
			}
			q.add(")")
		}
	}
}

// judged are the fields to read so that every condition can be judged.
func (s *ExtraRowSearch) judged() []*skranke.ExtraField {
	fields := append([]*skranke.ExtraField(nil), s.Fields...)
	has := make(map[skranke.ExtraFieldID]bool, len(fields))
	for _, f := range fields {
		has[f.ID] = true
	}
	for _, all := range s.Any {
		for i := range all {
			if f := all[i].Field; f != nil && !has[f.ID] {
				has[f.ID] = true
				fields = append(fields, f)
			}
		}
	}
	return fields
}

func (s *ExtraRowSearch) matches(row *skranke.ExtraRow) bool {
	for _, all := range s.Any {
		met := true
		for i := range all {
			if met = all[i].matches(row); !met {
				break
			}
		}
		if met {
			return true
		}
	}
	return false
}

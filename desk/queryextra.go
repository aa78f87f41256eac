package desk

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"skranke"
	"skranke/store"
)

// RowCriterion is a criterion on rows of an extra table as a caller sent it.
type RowCriterion struct {
	Column, Op, Value string
	Logical           string // joins it with the next one: and, or
}

// RowQuery is a search for rows of an extra table as a caller sent it.
type RowQuery struct {
	Table     string
	Columns   []string // none: the id and all columns
	Criteria  []RowCriterion
	Order     string // a column; "": the table's own order
	Limit     string // at most so many rows; "": no limit
	Ascending string // "": true
}

// RowValue is one value of a row that was found.
type RowValue struct {
	Column skranke.ExtraFieldID // 0 for the id of the row
	FieldValue
}

// maxCells is how many values a search of an extra table returns at most; it
// returns fewer rows then.
const maxCells = 1 << 20

// maxRowCriteria is how many criteria a search of an extra table may have: each
// row may have to be judged by each.
const maxRowCriteria = 1000

// QueryExtraTable returns values of the rows of an extra table that meet the
// criteria. It returns CodeUnknownExtraTable, CodeInvalidExtraField for columns
// the table does not have, and CodeIllegalCriterias.
//
// Spec: ticket/queryExtraTable
func (d *Desk) QueryExtraTable(ctx context.Context, query RowQuery) ([][]RowValue, error) {
	var found [][]RowValue
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		found = nil
		c, err := d.catalogOf(ctx, tx)
		if err != nil {
			return err
		}
		t, err := c.table(query.Table)
		if err != nil {
			return err
		}
		columns, err := t.queried(query.Columns)
		if err != nil {
			return err
		}
		search, err := d.rowSearch(t, query)
		if err != nil {
			return err
		}
		search.Limit = max(1, min(search.Limit, maxCells/len(columns)))
		for _, f := range columns {
			if f != nil && !slices.Contains(search.Fields, f) {
				search.Fields = append(search.Fields, f)
			}
		}
		var rows []*skranke.ExtraRow
		err = tx.FindExtraRows(ctx, search, func(row *skranke.ExtraRow) (bool, error) {
			rows = append(rows, row)
			return true, nil
		})
		if err != nil {
			return err
		}
		titles := titleFinder{desk: d, tx: tx, catalog: c, known: map[relation]string{}}
		for _, row := range rows {
			values, err := titles.row(ctx, row, columns)
			if err != nil {
				return err
			}
			found = append(found, values)
		}
		return nil
	})
	return found, err
}

// queried are the columns of a result; nil stands for the id of the row.
//
// Spec: ticket/queryExtraTable.2, ticket/queryExtraTable.4
func (t *extraTable) queried(names []string) ([]*skranke.ExtraField, error) {
	if len(names) == 0 {
		return append([]*skranke.ExtraField{nil}, t.columns...), nil
	}
	columns := make([]*skranke.ExtraField, len(names))
	for i, name := range names {
		var err error
		if columns[i], err = t.column(name); err != nil {
			return nil, err
		}
	}
	return columns, nil
}

// rowOps are the operators of searches in extra tables.
//
// Spec: ticket/queryExtraTable.7
var rowOps = []skranke.Op{
	skranke.OpContains, skranke.OpBeginsWith, skranke.OpEquals, skranke.OpNotEquals, skranke.OpIn,
	skranke.OpGt, skranke.OpLt, skranke.OpGte, skranke.OpLte,
}

// rowSearch makes what the database looks for of a query.
//
// Spec: ticket/queryExtraTable.8, ticket/queryExtraTable.9
func (d *Desk) rowSearch(t *extraTable, query RowQuery) (store.ExtraRowSearch, error) {
	search := store.ExtraRowSearch{Table: t.ID, Order: t.byID(t.Order)}
	var err error
	if search.Any, err = d.alternatives(t, query.Criteria); err != nil {
		return search, err
	}
	if strings.TrimSpace(query.Order) != "" {
		if search.Order, err = t.column(query.Order); err != nil {
			return search, err
		}
	}
	if search.Limit, err = searchLimit(query.Limit); err != nil {
		return search, err
	}
	ascending := true
	if text := strings.TrimSpace(query.Ascending); text != "" {
		var ok bool
		if ascending, ok = skranke.ParseBool(text); !ok {
			return search, skranke.Err(skranke.CodeIllegalCriterias, "%q is no direction", text)
		}
	}
	search.Desc = !ascending
	return search, nil
}

// alternatives reads criteria into groups of conditions: a row must meet all
// conditions of one of them. And binds tighter than or.
//
// Spec: ticket/queryExtraTable.5, ticket/queryExtraTable.6
func (d *Desk) alternatives(t *extraTable, criteria []RowCriterion) ([][]store.RowCondition, error) {
	if len(criteria) > maxRowCriteria {
		return nil, skranke.Err(skranke.CodeIllegalCriterias, "more than %d criteria", maxRowCriteria)
	}
	var groups [][]store.RowCondition
	begins := true // the next condition begins a group
	for i, wanted := range criteria {
		condition, err := d.rowCondition(t, wanted)
		if err != nil {
			return nil, err
		}
		if begins {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], condition)
		if i == len(criteria)-1 {
			break
		}
		switch skranke.Fold(strings.TrimSpace(wanted.Logical)) {
		case "", "and":
			begins = false
		case "or":
			begins = true
		default:
			return nil, skranke.Err(skranke.CodeIllegalCriterias, "%q joins no criteria", wanted.Logical)
		}
	}
	return groups, nil
}

func (d *Desk) rowCondition(t *extraTable, wanted RowCriterion) (store.RowCondition, error) {
	field, err := t.column(wanted.Column)
	if err != nil {
		return store.RowCondition{}, err
	}
	op, ok := skranke.ParseOp(wanted.Op)
	if !ok || !slices.Contains(rowOps, op) {
		return store.RowCondition{}, skranke.Err(skranke.CodeIllegalCriterias, "no operator %q", wanted.Op)
	}
	typ := skranke.TypeInteger
	if field != nil {
		typ = field.Type()
	}
	criterion, err := skranke.NewCriterion(typ, op, wanted.Value, d.opts.Zone)
	return store.RowCondition{Field: field, Criterion: criterion}, err
}

// relation is a row that a value of a kind of extra field points to.
type relation struct {
	kind   skranke.ExtraKind
	target skranke.ExtraTableID
	id     int64
}

// titleFinder finds what related rows are called, each once.
type titleFinder struct {
	desk    *Desk
	tx      *store.ReadTx
	catalog *catalog
	known   map[relation]string
}

// row is what a caller gets of a row: a value for each column, and behind that
// of a relation what the related row is called.
//
// Spec: ticket/queryExtraTable.3
func (f *titleFinder) row(ctx context.Context, row *skranke.ExtraRow, columns []*skranke.ExtraField) ([]RowValue, error) {
	values := make([]RowValue, 0, len(columns))
	for _, field := range columns {
		if field == nil {
			values = append(values, RowValue{0, FieldValue{Name: "id", Type: skranke.TypeInteger, Value: skranke.IntValue(int64(row.ID))}})
			continue
		}
		value := row.Value(field.ID)
		values = append(values, RowValue{field.ID, FieldValue{Name: field.Label, Type: field.Type(), Value: value}})
		if !field.Type().IsID() {
			continue
		}
		title, err := f.title(ctx, field, value)
		if err != nil {
			return nil, err
		}
		values = append(values, RowValue{field.ID, FieldValue{Name: field.Label + " (value)", Type: skranke.TypeVarchar, Value: skranke.TextValue(title)}})
	}
	return values, nil
}

// title is what the row is called that the value of a relation points to, "" if
// there is none.
func (f *titleFinder) title(ctx context.Context, field *skranke.ExtraField, value skranke.Value) (string, error) {
	if !value.Set || value.Int <= 0 {
		return "", nil
	}
	switch field.Kind {
	case skranke.ExtraCategory:
		return f.catalog.categoryPath(skranke.CategoryID(value.Int)), nil
	case skranke.ExtraPriority:
		if p, ok := f.catalog.priority(skranke.PriorityID(value.Int)); ok {
			return p.Name, nil
		}
		return "", nil
	}
	key := relation{field.Kind, field.Target, value.Int}
	title, ok := f.known[key]
	if ok {
		return title, nil
	}
	var err error
	if field.Kind == skranke.ExtraTableRow {
		title, err = f.rowTitle(ctx, field.Target, skranke.ExtraRowID(value.Int))
	} else {
		title, err = f.tx.RowTitle(ctx, field.Kind, value.Int)
	}
	f.known[key] = title
	return title, err
}

// rowTitle is the value of a row's display field, its id if its table has none.
func (f *titleFinder) rowTitle(ctx context.Context, table skranke.ExtraTableID, id skranke.ExtraRowID) (string, error) {
	i := slices.IndexFunc(f.catalog.tables, func(t *extraTable) bool { return t.ID == table })
	if i < 0 {
		return "", nil
	}
	display := f.catalog.tables[i].byID(f.catalog.tables[i].Display)
	var fields []*skranke.ExtraField
	if display != nil {
		fields = append(fields, display)
	}
	row, err := f.tx.ExtraRow(ctx, table, fields, id)
	switch {
	case err != nil || row == nil:
		return "", err
	case display == nil:
		return strconv.FormatInt(int64(id), 10), nil
	case !row.Value(display.ID).Set:
		return "", nil
	}
	return display.Type().Format(row.Value(display.ID), f.desk.opts.Zone), nil
}

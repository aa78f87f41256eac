package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"skranke"
)

// Place is where a search finds a value: at the end of a path. Extra is set if
// that is an extra field.
type Place struct {
	Path  *skranke.Path
	Extra *skranke.ExtraField
}

// Type is the type of the values there.
func (p *Place) Type() skranke.Type {
	if p.Extra != nil {
		return p.Extra.Type()
	}
	return p.Path.Column.Type
}

// PlaceCondition is a criterion on the values at a place.
type PlaceCondition struct {
	Place     Place
	Criterion skranke.Criterion
}

// PathSearch says which rows of a table to find, and what of them.
type PathSearch struct {
	Root   *skranke.PathTable
	Where  []PlaceCondition
	Values []Place
}

// FindByPaths hands fn the values of what is found by ascending id, until there
// is no more or fn says so. A row is found once for every combination of the
// rows that the paths of its values lead to, if some combination of rows meets
// all conditions; paths that share their first joins share these rows.
//
// Spec: ticket/findCustomers.3, ticket/findCustomers.4, tt/dot.2
func (tx *ReadTx) FindByPaths(ctx context.Context, s PathSearch, fn func([]skranke.Value) (more bool, err error)) error {
	q := newPathQuery(s)
	sql := q.write(s)
	r := tx.query(ctx, sql, q.where.args...)
	defer r.close()
	var last []int64
	for r.next() {
		row := make([]int64, q.ids) // what tells this combination from others
		for i := range row {
			row[i] = r.int64()
		}
		if slices.Equal(row, last) {
			continue
		}
		values := make([]skranke.Value, len(q.places))
		for i := range q.places {
			var err error
			if values[i], err = q.places[i].read(ctx, tx, r); err != nil {
				return err
			}
		}
		if !q.meets(values) {
			continue
		}
		last = row
		if more, err := fn(values[:len(s.Values)]); err != nil || !more {
			return err
		}
	}
	if r.err != nil {
		return fmt.Errorf("finding by paths: %w", r.err)
	}
	return nil
}

// pathQuery is the statement of a search by paths as it is put together.
type pathQuery struct {
	joins  []pathJoin
	byName map[string]int // rows of joins by the name Path.Row gives them
	places []placed       // what is read of each row: the values, then what is judged here
	judged []judged
	ids    int // columns that come first
	where  statement
}

// pathJoin is a joined table; its alias is j and its number, which counts from 1.
type pathJoin struct {
	skranke.PathJoin
	from  int
	of    *skranke.PathTable // of the row it starts from
	inner bool               // some path demands it
	shown bool               // values are read of its rows, so each is found
}

// placed is a place and the alias of its row.
type placed struct {
	Place
	at int
}

// judged is a condition the statement does not carry, on the value of places.
type judged struct {
	place     int
	criterion *skranke.Criterion
}

func newPathQuery(s PathSearch) *pathQuery {
	q := &pathQuery{byName: map[string]int{}}
	for _, place := range s.Values {
		q.places = append(q.places, placed{place, q.join(place.Path, true)})
	}
	for i := range s.Where {
		c := &s.Where[i]
		p := placed{c.Place, q.join(c.Place.Path, false)}
		if i < maxConditions && q.condition(p, &c.Criterion) {
			continue
		}
		q.judged = append(q.judged, judged{len(q.places), &c.Criterion})
		q.places = append(q.places, p)
	}
	return q
}

// join adds the joins of the path that are not there yet and returns the row
// the path leads to.
func (q *pathQuery) join(p *skranke.Path, shown bool) int {
	at, table := 0, p.Root
	for i, step := range p.Joins {
		name := p.Row(i + 1)
		n, known := q.byName[name]
		if !known {
			q.joins = append(q.joins, pathJoin{PathJoin: step, from: at, of: table})
			n = len(q.joins)
			q.byName[name] = n
		}
		j := &q.joins[n-1]
		j.inner = j.inner || step.Inner
		j.shown = j.shown || shown
		at, table = n, step.Table
	}
	return at
}

// condition appends the criterion if the database judges it exactly.
func (q *pathQuery) condition(p placed, c *skranke.Criterion) bool {
	if p.Extra != nil {
		return q.where.extraCondition(c, p.Extra.Domain, rowKey(p.Path.End(), p.at), p.Extra.ID)
	}
	column := tableOf(p.Path.End()).columns[p.Path.Column.Name]
	return q.where.columnCondition(c, ofRow(column.sql, p.at), ofRow(column.folded, p.at))
}

// ofRow is an expression of a table for the row of that number.
func ofRow(expression string, n int) string {
	return strings.ReplaceAll(expression, "@", "j"+strconv.Itoa(n))
}

// write puts the statement together. It holds nothing a caller wrote but
// parameters.
func (q *pathQuery) write(s PathSearch) string {
	ids := []string{rowKey(s.Root, 0)}
	for i, j := range q.joins {
		if j.Many && j.shown {
			ids = append(ids, rowKey(j.Table, i+1))
		}
	}
	q.ids = len(ids)
	var b strings.Builder
	b.WriteString("SELECT " + strings.Join(ids, ", "))
	for _, p := range q.places {
		b.WriteString(", " + p.expression())
	}
	b.WriteString(" FROM " + tableOf(s.Root).from + " j0")
	for i, j := range q.joins {
		b.WriteString(j.clause(i + 1))
	}
	b.WriteString(" WHERE " + present(s.Root, 0) + q.where.sql.String())
	b.WriteString(" ORDER BY " + strings.Join(ids, ", "))
	return b.String()
}

func present(t *skranke.PathTable, n int) string {
	if tableOf(t).present == "" {
		return "TRUE"
	}
	return ofRow(tableOf(t).present, n)
}

func (j *pathJoin) clause(n int) string {
	word := " LEFT JOIN "
	if j.inner {
		word = " JOIN "
	}
	on := rowKey(j.Table, n) + " = " + valueIn(j.of, j.Column, j.from)
	if j.Many {
		on = valueIn(j.Table, j.Column, n) + " = " + rowKey(j.of, j.from)
	}
	return word + tableOf(j.Table).from + " j" + strconv.Itoa(n) + " ON " + on + " AND " + present(j.Table, n)
}

// expression is what is read of a place: of an extra field the row that may
// have a value.
func (p *placed) expression() string {
	if p.Extra != nil {
		return rowKey(p.Path.End(), p.at)
	}
	return valueIn(p.Path.End(), p.Path.Column, p.at)
}

// read takes the value of the place from the next column.
func (p *placed) read(ctx context.Context, tx *ReadTx, r *rows) (skranke.Value, error) {
	if p.Extra == nil {
		return r.value(p.Path.Column.Type), nil
	}
	owner := r.value(skranke.TypeInteger)
	if !owner.Set {
		return skranke.Value{}, nil
	}
	values, err := tx.extra(ctx, p.Extra.Domain, owner.Int)
	return last(values, p.Extra.ID), err
}

// value reads the next column as a value of the type, unset for NULL.
func (r *rows) value(t skranke.Type) skranke.Value {
	col := r.take()
	switch {
	case r.cur.null(col):
		return skranke.Value{}
	case t.IsText():
		return skranke.TextValue(r.cur.text(col))
	case t == skranke.TypeFloat:
		return skranke.Value{Set: true, Float: r.cur.float(col)}
	case t.IsID():
		return skranke.IDValue(r.cur.int64(col))
	}
	return skranke.IntValue(r.cur.int64(col))
}

// meets judges the conditions the statement does not carry.
func (q *pathQuery) meets(values []skranke.Value) bool {
	for _, j := range q.judged {
		if !j.criterion.Matches(values[j.place]) {
			return false
		}
	}
	return true
}

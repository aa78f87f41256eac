package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"skranke"
)

// table is a table of rows with ids and the statements every such table needs.
// The order of its columns is that in which a row is read and written.
type table struct {
	name    string
	columns string // the columns a row is read from, id first, each with the table's letter
	missing skranke.Code

	insert   string // without an id, which the database then gives
	insertID string
	update   string // $1 is the id
	byID     string
	all      string // by ascending id
	remove   string

	width int // how many columns there are
}

// newTable describes a table. The columns are those after the id; extra ones
// are written after them but never read: they hold folded texts.
func newTable(name string, missing skranke.Code, columns, folded string) *table {
	letter := name[:1]
	read := split(columns)
	write := append(split(columns), split(folded)...)
	t := &table{name: name, missing: missing, columns: letter + ".id", width: 1 + len(read)}
	for _, c := range read {
		t.columns += ", " + letter + "." + c
	}
	var set, later strings.Builder // later: the values when $1 is the id
	for i, c := range write {
		if i > 0 {
			set.WriteString(", ")
			later.WriteString(", ")
		}
		value := "$" + strconv.Itoa(i+2)
		set.WriteString(c + " = " + value)
		later.WriteString(value)
	}
	list := strings.Join(write, ", ")
	t.insert = "INSERT INTO " + name + " (" + list + ") VALUES (" + places(len(write)) + ") RETURNING id"
	t.insertID = "INSERT INTO " + name + " (id, " + list + ") VALUES ($1, " + later.String() + ")"
	t.update = "UPDATE " + name + " SET " + set.String() + " WHERE id = $1"
	t.byID = "SELECT " + t.columns + " FROM " + name + " " + letter + " WHERE " + letter + ".id = $1"
	t.all = "SELECT " + t.columns + " FROM " + name + " " + letter + " ORDER BY " + letter + ".id"
	t.remove = "DELETE FROM " + name + " WHERE id = $1"
	return t
}

// readAs has the column read as the value of an expression, in which the rows of
// the table go by its letter.
func (t *table) readAs(column, expression string) *table {
	column = t.name[:1] + "." + column + ","
	for _, list := range []*string{&t.columns, &t.byID, &t.all} {
		*list = strings.Replace(*list, column, expression+",", 1)
	}
	return t
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })
}

// places lists the placeholders $1 to $n.
func places(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		if i > 1 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i))
	}
	return b.String()
}

// unknown is the refusal for an id that is not in the table.
func (t *table) unknown(id int64) error {
	word := strings.ReplaceAll(t.name, "_", " ")
	switch t.name { // tables that people know by another name
	case "agent":
		word = "user"
	case "address_range":
		word = "range"
	}
	if t.missing == skranke.CodeCustomError { // whose own words say nothing
		return skranke.Err(t.missing, "there is no %s %d", word, id)
	}
	return skranke.Err(t.missing, "%s %d", word, id)
}

// row reads the row of that id, refusing if there is none.
func (t *table) row(ctx context.Context, tx *ReadTx, id int64, read func(*rows)) error {
	found, err := tx.one(ctx, t.byID, read, num(id))
	if err != nil {
		return fmt.Errorf("reading %s %d: %w", t.name, id, err)
	}
	if !found {
		return t.unknown(id)
	}
	return nil
}

// add inserts a row and returns its id: the given one, or a new one for 0.
// An id that is in use gives ErrExists.
func (t *table) add(ctx context.Context, tx *WriteTx, id int64, values []arg) (int64, error) {
	var err error
	if id == 0 {
		r := tx.query(ctx, t.insert, values...)
		defer r.close()
		for r.next() {
			id = r.int64()
		}
		err = r.err
	} else {
		_, err = tx.exec(ctx, t.insertID+tx.dialect.usedIn(t.name), append([]arg{num(id)}, values...)...)
	}
	if err != nil {
		return 0, fmt.Errorf("inserting into %s: %w", t.name, err)
	}
	return id, nil
}

// change writes the whole row anew, refusing if there is none.
func (t *table) change(ctx context.Context, tx *WriteTx, id int64, values []arg) error {
	n, err := tx.exec(ctx, t.update, append([]arg{num(id)}, values...)...)
	if err != nil {
		return fmt.Errorf("updating %s %d: %w", t.name, id, err)
	}
	if n == 0 {
		return t.unknown(id)
	}
	return nil
}

// drop deletes the row, refusing if there is none.
func (t *table) drop(ctx context.Context, tx *WriteTx, id int64) error {
	n, err := tx.exec(ctx, t.remove, num(id))
	if err != nil {
		return fmt.Errorf("deleting %s %d: %w", t.name, id, err)
	}
	if n == 0 {
		return t.unknown(id)
	}
	return nil
}

// eachRow hands fn every row of the table by ascending id. scan reads a row,
// fill adds what other tables hold of it and may be nil. Only one row is in
// memory at a time.
func eachRow[T any](ctx context.Context, tx *ReadTx, t *table, scan func(*rows, *T), fill func(*T) error, fn func(*T) error) error {
	r := tx.query(ctx, t.all)
	defer r.close()
	for r.next() {
		row := new(T)
		scan(r, row)
		if fill != nil {
			if err := fill(row); err != nil {
				return err
			}
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	if r.err != nil {
		return fmt.Errorf("reading all of %s: %w", t.name, r.err)
	}
	return nil
}

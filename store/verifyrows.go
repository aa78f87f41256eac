package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// column is a column as the database describes it.
type column struct {
	name, kind string
	key        int64 // its place in the primary key, 0 if it is not in it
}

// tables lists the tables and their columns, but not those an index keeps.
func (v *verifier) tables(ctx context.Context) (map[string][]column, error) {
	all := map[string][]column{}
	err := v.tx.each(ctx, v.tx.dialect.stored, func(r *rows) {
		table := r.text()
		all[table] = append(all[table], column{r.text(), r.text(), r.int64()})
	})
	return all, err
}

// keyOf is what tells a row of the table from others; of stands before its columns.
func (v *verifier) keyOf(columns []column, of string) string {
	var keys []column
	for _, c := range columns {
		if c.key > 0 {
			keys = append(keys, c)
		}
	}
	if len(keys) == 0 {
		return v.tx.dialect.row
	}
	slices.SortFunc(keys, func(a, b column) int { return cmp.Compare(a.key, b.key) })
	parts := make([]string, len(keys))
	for i, c := range keys {
		parts[i] = "CAST(" + of + c.name + " AS TEXT)"
		if c.holds() == argBlob {
			parts[i] = strings.ReplaceAll(v.tx.dialect.hex, "@", of+c.name)
		}
	}
	return strings.Join(parts, ` || ',' || `)
}

// holds is the kind of the column's values, argNull for what an index keeps.
func (c *column) holds() argKind { return columnKinds[strings.ToLower(c.kind)] }

// values looks at every value of every row of our tables: texts whether they are
// such as could be stored and, in a database that does not see to that itself,
// whether each is of the type of its column.
func (v *verifier) values(ctx context.Context) error {
	for _, table := range slices.Sorted(maps.Keys(v.stored)) {
		if !v.fresh.has(table) { // somebody else's
			continue
		}
		s := &scan{v: v, table: table, columns: v.stored[table]}
		// Between two looks at its pages nobody may give the table others.
		err := v.tx.apart(func() error { return s.run(ctx) })
		if over(ctx, err) {
			return err
		}
		if err != nil {
			v.fault(table, "", "cannot be read: %v", plainly(err))
		}
	}
	return nil
}

// scan is the look at the rows of a table.
type scan struct {
	v       *verifier
	table   string
	columns []column
	once    bool  // no row is read again
	rows    int64 // looked at so far
}

// pagesLooked is how many pages are read at once: as many faults as these can
// have are held in memory.
const pagesLooked = 4096

func (s *scan) run(ctx context.Context) error {
	s.v.tell("values of " + s.table)
	count := s.v.tx.dialect.pages.count
	if count == "" {
		s.once = true
		found, err := s.read(ctx, "TRUE")
		s.take(found)
		return err
	}
	if err := s.v.tx.each(ctx, "SELECT 1 FROM "+s.table+" LIMIT 0", func(*rows) {}); err != nil { // locks it
		return err
	}
	pages, err := s.v.tx.number(ctx, strings.ReplaceAll(count, "@", s.table))
	for from := int64(0); from < pages && err == nil; from += pagesLooked {
		err = s.pages(ctx, from, min(from+pagesLooked, pages))
	}
	return err
}

// pages looks at the rows of the pages up to the one before to. What cannot be
// read is looked for in ever fewer of them.
func (s *scan) pages(ctx context.Context, from, to int64) error {
	found, err := s.read(ctx, s.v.tx.dialect.pages.between, num(from), num(to))
	switch {
	case err == nil:
		s.take(found)
		return nil
	case over(ctx, err):
		return err
	case to-from == 1:
		return s.page(ctx, from)
	}
	middle := from + (to-from)/2
	if err := s.pages(ctx, from, middle); err != nil {
		return err
	}
	return s.pages(ctx, middle, to)
}

// page looks at the rows of a page one by one.
func (s *scan) page(ctx context.Context, page int64) error {
	d := s.v.tx.dialect
	var places, keys []string
	err := s.v.tx.apart(func() error {
		return s.v.tx.each(ctx, "SELECT "+d.row+", "+s.v.keyOf(s.columns, "")+" FROM "+s.table+" WHERE "+d.pages.between, func(r *rows) {
			places, keys = append(places, r.text()), append(keys, r.text())
		}, num(page), num(page+1))
	})
	if over(ctx, err) {
		return err
	}
	if err != nil {
		s.v.fault(s.table, "", "the rows of page %d cannot be read: %v", page, plainly(err))
		return nil
	}
	for i, place := range places {
		found, err := s.read(ctx, d.pages.one, text(place))
		if over(ctx, err) {
			return err
		}
		if err != nil {
			s.v.fault(s.table, keys[i], "cannot be read: %v", plainly(err))
			found = scanned{rows: 1}
		}
		s.take(found)
	}
	return nil
}

// scanned is what was found in some rows.
type scanned struct {
	rows   int64
	faults []Fault
}

// read looks at the rows of which the condition is true.
func (s *scan) read(ctx context.Context, where string, args ...arg) (found scanned, err error) {
	list := make([]string, len(s.columns))
	for i, c := range s.columns {
		list[i] = c.name
		if s.v.tx.dialect.typeOf != "" {
			list[i] = strings.ReplaceAll(s.v.tx.dialect.typeOf, "@", c.name) + ", " + c.name
		}
	}
	sql := "SELECT " + s.v.keyOf(s.columns, "") + ", " + strings.Join(list, ", ") + " FROM " + s.table + " WHERE " + where
	err = s.v.tx.apart(func() error {
		return s.v.tx.each(ctx, sql, func(r *rows) {
			found.rows++
			key := r.text()
			for _, c := range s.columns {
				if complaint := s.check(r, c); complaint != "" {
					found.faults = append(found.faults, Fault{s.table, key, c.name + ": " + complaint})
				}
			}
			if s.once && found.rows == toldRows {
				s.take(found)
				found = scanned{}
			}
		}, args...)
	})
	return found, err
}

// take counts what was found. What an index keeps is no row.
func (s *scan) take(found scanned) {
	for _, f := range found.faults {
		s.v.fault(f.Table, f.ID, "%s", f.Text)
	}
	if ofIndex(s.table) {
		return
	}
	s.v.found.Rows += found.rows
	before := s.rows / toldRows
	if s.rows += found.rows; s.rows/toldRows > before {
		s.v.tell(fmt.Sprintf("values of %s, %d rows", s.table, s.rows))
	}
}

// check reads a value, and its type before it if the database lets that be
// another one than the column's, and returns what is wrong with it.
func (s *scan) check(r *rows, c column) string {
	typ := ""
	if s.v.tx.dialect.typeOf != "" {
		typ = r.text()
	}
	col := r.take()
	kind := c.holds()
	want := sqliteTypes[kind]
	switch {
	case r.cur.null(col), want == "": // whether it may be null, the database knows
		return ""
	case typ != "" && typ != want && !(want == "real" && typ == "integer"):
		return fmt.Sprintf("is %s, not %s", typ, want)
	case kind == argBool && r.cur.int64(col)&^1 != 0:
		return fmt.Sprintf("is %d, neither true nor false", r.cur.int64(col))
	case kind == argText:
		if text := r.cur.text(col); !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return "is a text with bytes that cannot have been stored: it is damaged"
		}
	}
	return ""
}

// sqliteTypes are the types values of each kind have.
var sqliteTypes = [...]string{argNull: "", argInt: "integer", argBool: "integer", argFloat: "real", argText: "text", argBlob: "blob"}

// sequences looks whether ids that were given will come again.
func (v *verifier) sequences(ctx context.Context) error {
	v.each(ctx, v.tx.dialect.sequence, v.tx.dialect.sequences, func(r *rows) {
		name, last := r.text(), r.int64()
		if v.stored[name] == nil {
			if v.tx.dialect.apart == nil { // elsewhere it may be somebody else's
				v.fault(v.tx.dialect.sequence, name, "there is no such table")
			}
			return
		}
		if !v.fresh.has(name) {
			return
		}
		newest, err := v.tx.number(ctx, "SELECT COALESCE(MAX(id), 0) FROM "+name)
		if err == nil && newest > last {
			v.fault(v.tx.dialect.sequence, name, "the last id given is said to be %d, but there is %d", last, newest)
		}
	})
	return nil
}

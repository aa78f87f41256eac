// Package transfer carries an installation in and out as JSON Lines: one JSON
// object a line, each a row of some kind. It knows how rows look in a file and
// holds no rule of the help desk. Start with kinds.go, which names every kind
// and field; docs/import-format.md says the same for people.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"skranke"
	"skranke/desk"
)

// A column is one field of a kind of row.
type column[T any] struct {
	name string // in files
	doc  string // one line for people
	at   func(*T) any
}

// Table is how the rows of one kind look in a file. It also reads and prints
// their fields one by one, for the command line.
type Table[T any] struct {
	Kind    string
	columns []column[T]
	aside   []Field // fields of a file that are no members of T
	byName  map[string]int
}

// Field describes a field of a kind for documentation.
type Field struct {
	Name, Type, Doc string
	Words           []string // the values it may have, where Doc only points to a list of them
}

func table[T any](kind string, columns []column[T], aside ...Field) *Table[T] {
	t := &Table[T]{Kind: kind, columns: columns, aside: aside, byName: make(map[string]int, len(columns))}
	for i, c := range columns {
		t.byName[c.name] = i
	}
	return t
}

// Fields lists the fields in the order they are written in.
func (t *Table[T]) Fields() []Field {
	var list []Field
	row := new(T)
	for _, c := range t.columns {
		list = append(list, Field{c.name, typeWord(c.at(row)), c.doc, wordsOf(c.at(row))})
	}
	return append(list, t.aside...)
}

// Definitions finds the definition of an extra field, which says how its
// values look.
type Definitions func(skranke.ExtraFieldID) (*skranke.ExtraField, error)

// Append appends the row as a JSON object without its closing brace; fields
// that are not set are left out.
func (t *Table[T]) appendOpen(b []byte, row *T, defs Definitions) ([]byte, error) {
	b = append(b, '{')
	if t.Kind != "" {
		b = append(b, `"kind":`...)
		b = appendString(b, t.Kind)
	}
	for i := range t.columns {
		at := t.columns[i].at(row)
		if isUnset(at) {
			continue
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(appendString(b, t.columns[i].name), ':')
		var err error
		if b, err = appendValue(b, at, defs); err != nil {
			return b, fmt.Errorf("%s: %w", t.columns[i].name, err)
		}
	}
	return b, nil
}

// Append appends the row as a JSON object; fields that are not set are left out.
func (t *Table[T]) Append(b []byte, row *T, defs Definitions) ([]byte, error) {
	b, err := t.appendOpen(b, row, defs)
	return append(b, '}'), err
}

// read sets the fields of row from the members of an object. Members that are
// aside are returned.
func (t *Table[T]) read(row *T, members []member, defs Definitions) (aside map[string][]byte, err error) {
	for _, m := range members {
		if m.name == "kind" && t.Kind != "" {
			continue
		}
		if i, ok := t.byName[m.name]; ok {
			if err := readValue(m.value, t.columns[i].at(row), defs); err != nil {
				return nil, inField(m.name, err)
			}
			if m.name != "password_hash" { // an empty one says something, unlike none
				continue
			}
		} else if !t.isAside(m.name) {
			return nil, badf("unknown field %q: a %s has %s", m.name, t.word(), t.names())
		}
		if aside == nil {
			aside = map[string][]byte{}
		}
		aside[m.name] = m.value
	}
	return aside, nil
}

func (t *Table[T]) isAside(name string) bool {
	for _, f := range t.aside {
		if f.Name == name {
			return true
		}
	}
	return false
}

func (t *Table[T]) word() string {
	if t.Kind == "" {
		return reflect.TypeFor[T]().Name()
	}
	return t.Kind
}

func (t *Table[T]) names() string {
	var names []string
	for _, f := range t.Fields() {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// Set gives a field of row the value text, as somebody types it: durations with
// their unit, lists with commas or as JSON, objects as JSON.
func (t *Table[T]) Set(row *T, field, text string, defs Definitions) error {
	i, ok := t.byName[field]
	if !ok {
		return badf("unknown field %q: a %s has %s", field, t.word(), t.names())
	}
	at := t.columns[i].at(row)
	reflect.ValueOf(at).Elem().SetZero()
	if text == "" {
		return nil
	}
	if d, ok := at.(*time.Duration); ok {
		return inField(field, readDuration(text, d))
	}
	return inField(field, readValue(typed(text, at), at, defs))
}

// Text is the field of row as Set reads it.
func (t *Table[T]) Text(row *T, field string, defs Definitions) string {
	i, ok := t.byName[field]
	if !ok {
		return ""
	}
	at := t.columns[i].at(row)
	if isUnset(at) {
		return ""
	}
	if s, ok := plainText(at); ok {
		return s
	}
	b, err := appendValue(nil, at, defs)
	if err != nil {
		return ""
	}
	return strings.Trim(string(b), `"`)
}

// kind is a kind of row, with the ways in and out of the desk.
type kind struct {
	word   string
	fields func() []Field
	put    func(ctx context.Context, l *loading, members []member) (id int64, err error)
	each   func(ctx context.Context, w *writer) error
}

// kindOf joins a table with its ways in and out.
func kindOf[T any](t *Table[T], id func(*T) int64, each func(*desk.Outgo, context.Context, func(*T) error) error,
	put func(ctx context.Context, l *loading, row *T, aside map[string][]byte) error) kind {
	return kind{
		word:   t.Kind,
		fields: t.Fields,
		put: func(ctx context.Context, l *loading, members []member) (int64, error) {
			row := new(T)
			aside, err := t.read(row, members, func(id skranke.ExtraFieldID) (*skranke.ExtraField, error) { return l.in.ExtraField(ctx, id) })
			if err != nil {
				return id(row), err
			}
			if err := l.once(t.Kind, id(row)); err != nil {
				return id(row), err
			}
			given := id(row)
			err = put(ctx, l, row, aside)
			var wait *desk.NotYet
			if errors.As(err, &wait) {
				l.notYet(t.Kind, given)
			}
			return given, err
		},
		each: func(ctx context.Context, w *writer) error {
			return each(w.out, ctx, func(row *T) error { return writeRow(ctx, w, t, row) })
		},
	}
}

// plain is a put of a kind that is nothing but its fields.
func plain[T any](put func(*desk.Intake, context.Context, *T) error) func(context.Context, *loading, *T, map[string][]byte) error {
	return func(ctx context.Context, l *loading, row *T, _ map[string][]byte) error { return put(l.in, ctx, row) }
}

package ports

import (
	"strconv"
	"strings"

	"skranke"
	"skranke/desk"
)

// ResultStruct is one named value of an answer.
type ResultStruct struct {
	Field string `soap:"field"`
	Value string `soap:"value"`
	Type  string `soap:"type"`
}

// ValuePairStruct is one named value of a request.
type ValuePairStruct struct {
	Field string `soap:"field"`
	Value string `soap:"value"`
}

// CriteriaStruct is one condition of a search.
type CriteriaStruct struct {
	Field string `soap:"field"`
	Op    string `soap:"op"`
	Value string `soap:"value"`
}

// ExtraFieldsStruct describes an extra field.
type ExtraFieldsStruct struct {
	FieldName    string `soap:"fieldName"`
	DisplayField string `soap:"displayField"`
	FieldID      string `soap:"fieldId"`
	FieldType    string `soap:"fieldType"`
}

// PriorityStruct describes a priority.
type PriorityStruct struct {
	ID        string `soap:"id"`
	Name      string `soap:"name"`
	SortOrder string `soap:"sortOrder"`
}

func (p *Ports) results(values []desk.FieldValue) []ResultStruct {
	list := make([]ResultStruct, len(values))
	for i, v := range values {
		list[i] = ResultStruct{Field: v.Name, Type: v.Type.String()}
		if !v.Blank {
			list[i].Value = v.Type.Format(v.Value, p.zone)
		}
	}
	return list
}

func (p *Ports) resultRows(found [][]desk.FieldValue) [][]ResultStruct {
	rows := make([][]ResultStruct, len(found))
	for i, row := range found {
		rows[i] = p.results(row)
	}
	return rows
}

func pairs(list []ValuePairStruct) []desk.Pair {
	out := make([]desk.Pair, len(list))
	for i, pair := range list {
		out[i] = desk.Pair{Field: pair.Field, Value: pair.Value}
	}
	return out
}

// criteria drops items that say nothing, as nil items arrive.
//
// Spec: types/input.4
func criteria(list []CriteriaStruct) []desk.Criterion {
	out := make([]desk.Criterion, 0, len(list))
	for _, c := range list {
		if c != (CriteriaStruct{}) {
			out = append(out, desk.Criterion{Field: c.Field, Op: c.Op, Value: c.Value})
		}
	}
	return out
}

func priorities(list []skranke.Priority) []PriorityStruct {
	out := make([]PriorityStruct, len(list))
	for i, p := range list {
		out[i] = PriorityStruct{number(p.ID), p.Name, strconv.Itoa(p.SortOrder)}
	}
	return out
}

func extraFields(list []skranke.ExtraField) []ExtraFieldsStruct {
	out := make([]ExtraFieldsStruct, len(list))
	for i, f := range list {
		id := number(f.ID)
		out[i] = ExtraFieldsStruct{f.Domain.String() + ".x_" + id, f.Label, id, f.Type().String()}
	}
	return out
}

// text trims the outer white space of a name, key or number.
//
// Spec: types/input.1
func text(s string) string { return strings.TrimSpace(s) }

// id reads an id. What cannot be one becomes 0, which no row has.
//
// Spec: types/input.2
func id[T ~int64](s string) T {
	n, _ := skranke.ParseID(s)
	return T(n)
}

// ids reads a list of ids; empty items are dropped.
//
// Spec: types/input.4
func ids[T ~int64](list []string) []T {
	out := make([]T, 0, len(list))
	for _, s := range list {
		if text(s) != "" {
			out = append(out, id[T](s))
		}
	}
	return out
}

// idOrAutomatic reads an id for which -1 or nothing lets the server choose.
func idOrAutomatic[T ~int64](s string, automatic T) T {
	if s = text(s); s == "" || s == "-1" {
		return automatic
	}
	return id[T](s)
}

// sLevel reads a security level; what is none becomes 0.
func sLevel(s string) skranke.SLevel {
	switch text(s) {
	case "1":
		return skranke.Internal
	case "2":
		return skranke.External
	}
	return 0
}

// number prints an id; 0 prints as -1, none.
func number[T ~int64](id T) string {
	if id <= 0 {
		return "-1"
	}
	return strconv.FormatInt(int64(id), 10)
}

// numbers prints ids as number does. They share one piece of memory.
func numbers[T ~int64](ids []T) []string {
	var room [256]byte
	text := room[:0]
	for _, id := range ids {
		if id <= 0 {
			id = -1
		}
		text = append(strconv.AppendInt(text, int64(id), 10), ' ')
	}
	rest := string(text)
	list := make([]string, len(ids))
	for i := range list {
		list[i], rest, _ = strings.Cut(rest, " ")
	}
	return list
}

// templateID reads the id of a reply template: nothing, 0 and negative numbers
// mean none; bad is true for what can be neither.
//
// Spec: ticket/addMessage2.2, ticket/addMessage2.3
func templateID(s string) (template skranke.TemplateID, bad bool) {
	s = text(s)
	n, err := strconv.ParseInt(s, 10, 64)
	if s == "" || err == nil && n <= 0 {
		return 0, false
	}
	template = id[skranke.TemplateID](s)
	return template, template == 0
}

package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"skranke"
	"skranke/desk"
)

// bad is a fault of what was read, in words for the person who wrote it.
type bad struct {
	field string
	text  string
}

func (e *bad) Error() string {
	if e.field != "" {
		return e.field + ": " + e.text
	}
	return e.text
}

func badf(format string, args ...any) error { return &bad{text: fmt.Sprintf(format, args...)} }

// inField says in which field the fault is.
func inField(name string, err error) error {
	var b *bad
	if errors.As(err, &b) {
		field := name
		if b.field != "" {
			field += "." + b.field
		}
		return &bad{field, b.text}
	}
	return err
}

const (
	momentForm = "2006-01-02T15:04:05.000Z"
	dateForm   = time.DateOnly
	clockForm  = "15:04:05.000"
)

// appendString appends s as a JSON string. Only what JSON demands is escaped,
// so that files can be read and searched.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c < ' ' || c == 0x7f:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			b = append(b, c)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r)
			i += n
			continue
		}
		i++
	}
	return append(b, '"')
}

// isUnset says whether the value at points to stands for nothing, and so need
// not be written.
func isUnset(at any) bool {
	switch p := at.(type) {
	case *time.Time:
		return p.IsZero()
	}
	v := reflect.ValueOf(at).Elem()
	if v.Kind() == reflect.Slice {
		return v.Len() == 0
	}
	return v.IsZero()
}

func appendValue(b []byte, at any, defs Definitions) ([]byte, error) {
	switch p := at.(type) {
	case *string:
		return appendString(b, *p), nil
	case *time.Time:
		return append(append(append(b, '"'), p.UTC().Format(momentForm)...), '"'), nil
	case *time.Duration:
		return strconv.AppendFloat(b, float64(p.Milliseconds())/1000, 'f', -1, 64), nil
	case *skranke.Domain:
		if *p < skranke.DomainTicket || *p > skranke.DomainTable {
			return b, fmt.Errorf("%d has no word", *p)
		}
		return appendString(b, p.String()), nil
	case *skranke.ExtraKind:
		return appendWord(b, p.String(), int(*p))
	case *skranke.FaqAccess:
		return appendWord(b, p.String(), int(*p))
	case *skranke.FaqState:
		return appendWord(b, p.String(), int(*p))
	case *[]skranke.FaqLink:
		return appendObjects(b, linkTable, *p)
	case *[]desk.AuditChange:
		return appendObjects(b, auditChangeTable, *p)
	case *[]skranke.FaqGroupEntry:
		return appendObjects(b, groupEntryTable, *p)
	case *[]skranke.ExtraValue:
		return appendExtra(b, *p, defs)
	case *[]skranke.CategoryMember:
		return appendObjects(b, memberTable, *p)
	case *[]skranke.AlertLevel:
		return appendObjects(b, levelTable, *p)
	case *[]skranke.OfficeHours:
		return appendObjects(b, hoursTable, *p)
	case *skranke.Clock:
		return appendString(b, p.String()), nil
	case *[]skranke.TemplateBody:
		return appendObjects(b, bodyTable, *p)
	}
	v := reflect.ValueOf(at).Elem()
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool()), nil
	case reflect.Int, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10), nil
	case reflect.Uint32:
		return strconv.AppendUint(b, v.Uint(), 10), nil
	case reflect.String:
		return appendString(b, v.String()), nil
	case reflect.Slice, reflect.Array:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = appendValue(b, v.Index(i).Addr().Interface(), defs); err != nil {
				return b, err
			}
		}
		return append(b, ']'), nil
	}
	return b, fmt.Errorf("no way to write a %T", at)
}

// appendWord appends the word of a value that has one.
func appendWord(b []byte, word string, n int) ([]byte, error) {
	if word == "" {
		return b, fmt.Errorf("%d has no word", n)
	}
	return appendString(b, word), nil
}

func appendObjects[T any](b []byte, t *Table[T], list []T) ([]byte, error) {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = t.Append(b, &list[i], nil); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

// appendExtra appends extra values as an object, each value as its field's type has it.
func appendExtra(b []byte, values []skranke.ExtraValue, defs Definitions) ([]byte, error) {
	sorted := slices.Clone(values)
	slices.SortFunc(sorted, func(a, b skranke.ExtraValue) int { return int(a.Field - b.Field) })
	b = append(b, '{')
	first := true
	for _, v := range sorted {
		if !v.Value.Set {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		f, err := defs(v.Field)
		if err != nil {
			return b, err
		}
		b = append(b, `"x_`...)
		b = strconv.AppendInt(b, int64(v.Field), 10)
		b = append(b, `":`...)
		b = appendExtraValue(b, f.Type(), v.Value)
	}
	return append(b, '}'), nil
}

func appendExtraValue(b []byte, t skranke.Type, v skranke.Value) []byte {
	form := ""
	switch {
	case t.IsText():
		return appendString(b, v.Text)
	case t == skranke.TypeBool:
		return strconv.AppendBool(b, v.Int != 0)
	case t == skranke.TypeFloat:
		return strconv.AppendFloat(b, v.Float, 'g', -1, 64)
	case t == skranke.TypeDate:
		form = dateForm
	case t == skranke.TypeDateTime:
		form = momentForm
	case t == skranke.TypeTime:
		form = clockForm
	default:
		return strconv.AppendInt(b, v.Int, 10)
	}
	b = append(b, '"')
	b = time.UnixMilli(v.Int).UTC().AppendFormat(b, form)
	return append(b, '"')
}

// readValue reads a JSON value into what at points to. null leaves it alone.
func readValue(raw []byte, at any, defs Definitions) error {
	if string(raw) == "null" {
		return nil
	}
	switch p := at.(type) {
	case *string:
		return readString(raw, p)
	case *time.Time:
		return readMoment(raw, p)
	case *time.Duration:
		return readSpan(raw, p)
	case *skranke.Domain:
		return readWord(raw, p, parseDomain, "ticket, customer, company or table")
	case *skranke.ExtraKind:
		return readWord(raw, p, skranke.ParseExtraKind, "one of "+strings.Join(extraKindWords(), ", "))
	case *skranke.FaqAccess:
		return readWord(raw, p, skranke.ParseFaqAccess, "private, internal, registered or everyone")
	case *skranke.FaqState:
		return readWord(raw, p, skranke.ParseFaqState, "unpublished, published or expired")
	case *[]skranke.FaqLink:
		return readObjects(raw, linkTable, p)
	case *[]desk.AuditChange:
		return readObjects(raw, auditChangeTable, p)
	case *[]skranke.FaqGroupEntry:
		return readObjects(raw, groupEntryTable, p)
	case *[]skranke.ExtraValue:
		return readExtra(raw, p, defs)
	case *[]skranke.CategoryMember:
		return readObjects(raw, memberTable, p)
	case *[]skranke.AlertLevel:
		return readObjects(raw, levelTable, p)
	case *[]skranke.OfficeHours:
		return readObjects(raw, hoursTable, p)
	case *skranke.Clock:
		return readWord(raw, p, skranke.ParseClock, "a time of day from 00:00 to 24:00")
	case *[]skranke.TemplateBody:
		return readObjects(raw, bodyTable, p)
	}
	v := reflect.ValueOf(at).Elem()
	switch v.Kind() {
	case reflect.Bool:
		if s := string(raw); s != "true" && s != "false" {
			return badf("want true or false, got %s", brief(raw))
		}
		v.SetBool(raw[0] == 't')
		return nil
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			return badf("want a whole number, got %s", brief(raw))
		}
		v.SetInt(n)
		return nil
	case reflect.Uint32:
		n, err := strconv.ParseUint(string(raw), 10, 32)
		if err != nil {
			return badf("want a whole number from 0 to %d, got %s", uint32(math.MaxUint32), brief(raw))
		}
		v.SetUint(n)
		return nil
	case reflect.String:
		var s string
		if err := readString(raw, &s); err != nil {
			return err
		}
		v.SetString(s)
		return nil
	case reflect.Slice:
		return readList(raw, v, defs)
	case reflect.Array:
		items, err := split(raw)
		if err != nil || len(items) != v.Len() {
			return badf("want a list of %d numbers, got %s", v.Len(), brief(raw))
		}
		for i, item := range items {
			if err := readValue(item, v.Index(i).Addr().Interface(), defs); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("no way to read a %T", at)
}

// parseDomain reads a domain, that of columns of extra tables too.
func parseDomain(word string) (skranke.Domain, bool) {
	if word == skranke.DomainTable.String() {
		return skranke.DomainTable, true
	}
	return skranke.ParseDomain(word)
}

// readWord reads a value that stands for itself as a word.
func readWord[T any](raw []byte, at *T, parse func(string) (T, bool), want string) error {
	var word string
	if err := readString(raw, &word); err != nil {
		return err
	}
	v, ok := parse(word)
	if !ok {
		return badf("unknown word %q: want %s", word, want)
	}
	*at = v
	return nil
}

func readList(raw []byte, v reflect.Value, defs Definitions) error {
	items, err := split(raw)
	if err != nil {
		return err
	}
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		if err := readValue(item, list.Index(i).Addr().Interface(), defs); err != nil {
			return err
		}
	}
	v.SetZero()
	if len(items) > 0 {
		v.Set(list)
	}
	return nil
}

// split returns the items of a JSON array.
func split(raw []byte) ([]json.RawMessage, error) {
	var items []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &items) != nil {
		return nil, badf("want a list in [], got %s", brief(raw))
	}
	return items, nil
}

func readObjects[T any](raw []byte, t *Table[T], list *[]T) error {
	items, err := split(raw)
	if err != nil {
		return err
	}
	*list = nil
	for _, item := range items {
		members, err := membersOf(item)
		if err != nil {
			return err
		}
		var row T
		if _, err := t.read(&row, members, nil); err != nil {
			return err
		}
		*list = append(*list, row)
	}
	return nil
}

func readString(raw []byte, s *string) error {
	if raw[0] != '"' {
		return badf("want a text in quotes, got %s", brief(raw))
	}
	if err := json.Unmarshal(raw, s); err != nil {
		return badf("not a text: %s", brief(raw))
	}
	return nil
}

func readMoment(raw []byte, at *time.Time) error {
	var text string
	if err := readString(raw, &text); err != nil {
		return err
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return badf("want a moment with its zone, such as 2021-01-25T12:05:09Z or 2021-01-25T13:05:09.120+01:00, got %q", text)
	}
	*at = t.UTC().Truncate(time.Millisecond)
	return nil
}

// readSpan reads seconds with up to three decimals.
func readSpan(raw []byte, d *time.Duration) error {
	seconds, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.Abs(seconds) > math.MaxInt32 {
		return badf("want a number of seconds, got %s", brief(raw))
	}
	*d = time.Duration(math.Round(seconds*1000)) * time.Millisecond
	return nil
}

// readDuration reads a duration as somebody types it. A number alone is refused:
// a file counts seconds, other systems minutes.
func readDuration(text string, d *time.Duration) error {
	span, err := time.ParseDuration(strings.TrimSpace(text))
	if err != nil {
		return badf("want a duration with its unit, such as 90s, 30m or 1h30m, got %s", brief([]byte(text)))
	}
	if span.Abs() > math.MaxInt32*time.Second {
		return badf("want a duration of at most %d hours, got %s", math.MaxInt32/3600, brief([]byte(text)))
	}
	*d = span.Round(time.Millisecond)
	return nil
}

// durationText is d as readDuration reads it, without units that are zero.
func durationText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// readExtra reads an object of extra values. It needs their definitions.
func readExtra(raw []byte, values *[]skranke.ExtraValue, defs Definitions) error {
	members, err := membersOf(raw)
	if err != nil {
		return err
	}
	*values = nil
	for _, m := range members {
		number, ok := strings.CutPrefix(m.name, "x_")
		id, isID := skranke.ParseID(number)
		if !ok || !isID || strconv.FormatInt(id, 10) != number {
			return badf("%q names no extra field: want x_ and the field's id", m.name)
		}
		f, err := defs(skranke.ExtraFieldID(id))
		if err != nil {
			return err
		}
		v, err := readExtraValue(m.value, f)
		if err != nil {
			return inField(m.name, err)
		}
		if v.Set {
			*values = append(*values, skranke.ExtraValue{Field: f.ID, Value: v})
		}
	}
	slices.SortFunc(*values, func(a, b skranke.ExtraValue) int { return int(a.Field - b.Field) })
	return nil
}

func readExtraValue(raw []byte, f *skranke.ExtraField) (skranke.Value, error) {
	t := f.Type()
	if string(raw) == "null" {
		return skranke.Value{}, nil
	}
	switch {
	case t.IsText():
		v := skranke.Value{Set: true}
		return v, readString(raw, &v.Text)
	case t == skranke.TypeBool:
		var b bool
		err := readValue(raw, &b, nil)
		return skranke.BoolValue(b), err
	case t == skranke.TypeFloat:
		x, err := strconv.ParseFloat(string(raw), 64)
		if err != nil {
			return skranke.Value{}, badf("want a number, got %s", brief(raw))
		}
		return skranke.Value{Set: true, Float: x}, nil
	case t == skranke.TypeDateTime:
		var at time.Time
		err := readMoment(raw, &at)
		return skranke.IntValue(at.UnixMilli()), err
	case t == skranke.TypeDate:
		at, err := readForm(raw, dateForm, "a date such as 2021-01-25")
		return skranke.IntValue(at.UnixMilli()), err
	case t == skranke.TypeTime:
		at, err := readForm(raw, "15:04:05", "a time of day such as 13:05:09.120")
		midnight := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
		return skranke.IntValue(at.Sub(midnight).Milliseconds()), err
	}
	var n int64
	err := readValue(raw, &n, nil)
	return skranke.IntValue(n), err
}

func readForm(raw []byte, form, want string) (time.Time, error) {
	var text string
	if err := readString(raw, &text); err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(form, text)
	if err != nil {
		return time.Time{}, badf("want %s, got %q", want, text)
	}
	return at, nil
}

// typed makes JSON of what somebody typed for a value of at's type.
func typed(text string, at any) []byte {
	switch at.(type) {
	case *string, *time.Time, *skranke.Domain, *skranke.ExtraKind, *skranke.FaqAccess, *skranke.FaqState:
		return appendString(nil, text)
	}
	v := reflect.TypeOf(at).Elem()
	switch {
	case v.Kind() == reflect.String:
		return appendString(nil, text)
	case (v.Kind() == reflect.Slice || v.Kind() == reflect.Array) && !strings.HasPrefix(text, "[") && !strings.HasPrefix(text, "{"):
		b := []byte{'['}
		for i, item := range strings.Split(text, ",") {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, typed(strings.TrimSpace(item), reflect.New(v.Elem()).Interface())...)
		}
		return append(b, ']')
	}
	if raw := []byte(strings.TrimSpace(text)); json.Valid(raw) {
		return raw
	}
	return appendString(nil, text) // the complaint shows it
}

// plainText is a value that prints as it is.
func plainText(at any) (string, bool) {
	v := reflect.ValueOf(at).Elem()
	if v.Kind() == reflect.String {
		return v.String(), true
	}
	switch p := at.(type) {
	case *[]string:
		return strings.Join(*p, ", "), true
	case *time.Duration:
		return durationText(*p), true
	}
	return "", false
}

// typeWord names the type of what at points to, for documentation.
func typeWord(at any) string {
	switch at.(type) {
	case *time.Time:
		return "moment"
	case *time.Duration:
		return "seconds"
	case *skranke.Domain:
		return "domain"
	case *skranke.ExtraKind:
		return "type word"
	case *skranke.FaqAccess, *skranke.FaqState:
		return "word"
	case *[]skranke.ExtraValue:
		return "object of extra values"
	case *[]skranke.CategoryMember, *[]skranke.AlertLevel, *[]skranke.OfficeHours, *[]skranke.TemplateBody, *[]skranke.FaqLink, *[]skranke.FaqGroupEntry, *[]desk.AuditChange:
		return "list of objects"
	}
	t := reflect.TypeOf(at).Elem()
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "list of " + typeWord(reflect.New(t.Elem()).Interface())
	case reflect.Array:
		return fmt.Sprintf("list of %d numbers", t.Len())
	}
	return "number"
}

// wordsOf are the words that what at points to may be, nil if Doc has them or it
// is no word.
func wordsOf(at any) []string {
	if _, ok := at.(*skranke.ExtraKind); ok {
		return extraKindWords()
	}
	return nil
}

func extraKindWords() []string {
	var words []string
	for k := skranke.ExtraKind(0); k <= skranke.ExtraFAQ; k++ {
		if k.Type() != 0 {
			words = append(words, k.String())
		}
	}
	return words
}

// brief is the beginning of a JSON value, for messages.
func brief(raw []byte) string {
	const most = 40
	if len(raw) <= most {
		return string(raw)
	}
	return string(bytes.ToValidUTF8(raw[:most], nil)) + "..."
}

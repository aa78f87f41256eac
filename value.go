package skranke

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Type is the type of a field's value, as ResultStruct.type names it.
type Type uint8

// The 13 documented types.
const (
	TypeInteger Type = iota + 1
	TypeClob
	TypeDate
	TypeDateTime
	TypeTime
	TypeBool
	TypeVarchar
	TypeForeignKey
	TypeFloat
	TypeCustomerID
	TypeCompanyID
	TypeRequestID
	TypeUserID
)

var typeNames = [...]string{
	TypeInteger:    "TypeInteger",
	TypeClob:       "TypeClob",
	TypeDate:       "TypeDate",
	TypeDateTime:   "TypeDateTime",
	TypeTime:       "TypeTime",
	TypeBool:       "TypeBool",
	TypeVarchar:    "TypeVarchar",
	TypeForeignKey: "TypeForeignKey",
	TypeFloat:      "TypeFloat",
	TypeCustomerID: "TypeCustomerId",
	TypeCompanyID:  "TypeCompanyId",
	TypeRequestID:  "TypeRequestId",
	TypeUserID:     "TypeUserId",
}

// String is the name on the wire.
//
// Spec: types/ftype.1
func (t Type) String() string {
	if int(t) >= len(typeNames) {
		return ""
	}
	return typeNames[t]
}

// IsID says whether values of the type are ids of rows, where -1 and 0 mean none.
func (t Type) IsID() bool {
	switch t {
	case TypeForeignKey, TypeCustomerID, TypeCompanyID, TypeRequestID, TypeUserID:
		return true
	}
	return false
}

// IsText says whether values of the type are texts.
func (t Type) IsText() bool { return t == TypeVarchar || t == TypeClob }

// Value is one value of a field. The zero Value is unset. Which member counts
// follows from the field's type: Text for texts, Float for TypeFloat, else Int.
// A date or date-time is an instant in milliseconds since 1970 UTC, a date
// midnight UTC of its day, a time of day milliseconds since midnight.
type Value struct {
	Set   bool
	Int   int64
	Float float64
	Text  string
}

// IntValue is a set value of a number, id, bool or time type.
func IntValue(n int64) Value { return Value{Set: true, Int: n} }

// TextValue is a set text.
func TextValue(s string) Value { return Value{Set: true, Text: s} }

// IDValue is a reference; 0 and below are unset.
func IDValue(id int64) Value { return Value{Set: id > 0, Int: id} }

// TimeValue is an instant; the zero time is unset.
func TimeValue(t time.Time) Value {
	if t.IsZero() {
		return Value{}
	}
	return Value{Set: true, Int: t.UnixMilli()}
}

// BoolValue is a set truth value.
func BoolValue(b bool) Value {
	if b {
		return IntValue(1)
	}
	return IntValue(0)
}

// Format prints v as the ports do; zone is the installation's time zone.
// An unset value prints as "", an unset reference as -1, an unset bool as 0.
//
// Spec: types/field_types
func (t Type) Format(v Value, zone *time.Location) string {
	if !v.Set {
		return t.unset()
	}
	switch t {
	case TypeVarchar, TypeClob:
		return v.Text
	case TypeBool:
		if v.Int != 0 {
			return "1"
		}
		return "0"
	case TypeDate:
		return string(appendDate(make([]byte, 0, 10), time.UnixMilli(v.Int).UTC()))
	case TypeDateTime:
		at := time.UnixMilli(v.Int).In(zone)
		b := append(appendDate(make([]byte, 0, 23), at), ' ')
		return string(appendClock(b, at.Hour(), at.Minute(), at.Second(), at.Nanosecond()/1e6))
	case TypeTime:
		ms := int(v.Int)
		return string(appendClock(make([]byte, 0, 12), ms/3600000, ms/60000%60, ms/1000%60, ms%1000))
	case TypeFloat:
		return strconv.FormatFloat(v.Float, 'f', -1, 64)
	default:
		return strconv.FormatInt(v.Int, 10)
	}
}

func (t Type) unset() string {
	switch {
	case t.IsID():
		return "-1"
	case t == TypeBool:
		return "0"
	}
	return ""
}

func appendDate(b []byte, at time.Time) []byte {
	year, month, day := at.Date()
	b = appendPadded(b, year, 4)
	b = appendPadded(append(b, '-'), int(month), 2)
	return appendPadded(append(b, '-'), day, 2)
}

// appendClock joins the parts with hyphens: the manual prints times so, for
// all three time types.
func appendClock(b []byte, hour, minute, second, ms int) []byte {
	b = appendPadded(b, hour, 2)
	b = appendPadded(append(b, '-'), minute, 2)
	b = appendPadded(append(b, '-'), second, 2)
	return appendPadded(append(b, '.'), ms, 3)
}

func appendPadded(b []byte, n, width int) []byte {
	for limit := pow10(width - 1); n < limit && limit > 1; limit /= 10 {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, int64(n), 10)
}

func pow10(n int) int {
	p := 1
	for ; n > 0; n-- {
		p *= 10
	}
	return p
}

// Precision is the smallest part of a moment that was written down.
type Precision uint8

// The precisions a date may be given with.
const (
	ToMilli Precision = iota
	ToSecond
	ToMinute
	ToDay
)

// Parse reads text as a caller sends it; ok is false if it does not fit the
// type. "" is the unset value. Dates carry how precisely they were given.
//
// Spec: types/ftype.3, types/ftype.4
func (t Type) Parse(text string, zone *time.Location) (v Value, p Precision, ok bool) {
	if t.IsText() {
		return TextValue(text), ToMilli, true
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return Value{}, ToMilli, true
	}
	switch t {
	case TypeBool:
		b, ok := ParseBool(text)
		return BoolValue(b), ToMilli, ok
	case TypeDate:
		at, p, ok := parseMoment(text, time.UTC)
		day := at.Truncate(24 * time.Hour)
		return IntValue(day.UnixMilli()), p, ok
	case TypeDateTime:
		at, p, ok := parseMoment(text, zone)
		return IntValue(at.UnixMilli()), p, ok
	case TypeTime:
		ms, p, ok := parseClock(text)
		return IntValue(ms), p, ok
	case TypeFloat:
		f, ok := parseFloat(text)
		return Value{Set: true, Float: f}, ToMilli, ok
	default:
		n, err := strconv.ParseInt(text, 10, 64)
		if t.IsID() && err == nil && (n == -1 || n == 0) {
			return Value{}, ToMilli, true
		}
		return IntValue(n), ToMilli, err == nil
	}
}

// ParseBool reads 1, 0, true and false in any case.
func ParseBool(text string) (b, ok bool) {
	switch strings.ToLower(text) {
	case "1", "true":
		return true, true
	case "0", "false":
		return false, true
	}
	return false, false
}

// parseFloat takes an optional sign and digits with at most one point: no
// exponent, no infinity.
func parseFloat(text string) (float64, bool) {
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || strings.Trim(digits, "0123456789.") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// parseMoment reads yyyy-mm-dd, optionally followed by a blank or T and a clock.
func parseMoment(text string, zone *time.Location) (time.Time, Precision, bool) {
	day, clock := text, ""
	if i := strings.IndexAny(text, " T"); i >= 0 {
		day, clock = text[:i], text[i+1:]
	}
	at, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil || at.Year() < 1 {
		return time.Time{}, ToMilli, false
	}
	if clock == "" {
		return at, ToDay, len(day) == len(text)
	}
	ms, p, ok := parseClock(clock)
	year, month, date := at.Date()
	seconds := int(ms / 1000)
	return time.Date(year, month, date, seconds/3600, seconds/60%60, seconds%60, int(ms%1000)*1e6, zone), p, ok
}

// clockParts are the hours, minutes and seconds of a time of day.
var clockParts = [...]struct {
	limit int
	ms    int64
}{{24, 3600000}, {60, 60000}, {60, 1000}}

// parseClock reads hh-mm, hh-mm-ss or hh-mm-ss.f to .fff, with colons as well,
// into milliseconds since midnight.
func parseClock(text string) (int64, Precision, bool) {
	clock, fraction, hasFraction := strings.Cut(text, ".")
	parts := strings.FieldsFunc(clock, func(r rune) bool { return r == '-' || r == ':' })
	if len(parts) < 2 || len(parts) > 3 || len(clock) != 3*len(parts)-1 {
		return 0, ToMilli, false
	}
	ms, p := int64(0), ToMinute
	for i, part := range parts {
		n, ok := digits(part)
		if !ok || len(part) != 2 || n >= clockParts[i].limit {
			return 0, ToMilli, false
		}
		ms += int64(n) * clockParts[i].ms
	}
	if len(parts) == 3 {
		p = ToSecond
	}
	if !hasFraction {
		return ms, p, true
	}
	n, ok := digits(fraction)
	if !ok || len(parts) != 3 || len(fraction) > 3 {
		return 0, ToMilli, false
	}
	for i := len(fraction); i < 3; i++ {
		n *= 10
	}
	return ms + int64(n), ToMilli, true
}

func digits(s string) (int, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// ParseID reads the id of a row: digits, leading zeros allowed, 1 to 2147483647.
// Anything else is false, which callers treat as an id that does not exist.
//
// Spec: types/input.2
func ParseID(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	if len(text) > 20 {
		text = strings.TrimLeft(text, "0")
	}
	n, ok := digits(text)
	return int64(n), ok && n >= 1 && n <= math.MaxInt32
}

package skranke

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Op is a search operator.
type Op uint8

// The operators.
const (
	OpContains Op = iota + 1
	OpBeginsWith
	OpEquals
	OpNotEquals
	OpGt
	OpLt
	OpGte
	OpLte
	OpIn
	OpNotIn
	OpEmpty
)

var opNames = map[string]Op{
	"operatorcontains":   OpContains,
	"operatorbeginswith": OpBeginsWith,
	"operatorequals":     OpEquals,
	"operatornotequals":  OpNotEquals,
	"operatorgt":         OpGt,
	"operatorlt":         OpLt,
	"operatorgte":        OpGte,
	"operatorlte":        OpLte,
	"operatorin":         OpIn,
	"operatornotin":      OpNotIn,
	"operatorempty":      OpEmpty,
}

// ParseOp reads an operator's name, ignoring case and outer blanks.
//
// Spec: types/op.8
func ParseOp(name string) (Op, bool) {
	op, ok := opNames[Fold(strings.TrimSpace(name))]
	return op, ok
}

// Fits says whether the operator may be used with values of the type: lists of
// numbers only fit integers and references.
//
// Spec: types/op.4, types/op.5
func (o Op) Fits(t Type) bool {
	return o != OpIn && o != OpNotIn || t == TypeInteger || t.IsID()
}

// Span is a range of numbers, both ends inclusive.
type Span struct{ Low, High int64 }

// Criterion is one condition on the values of a field.
type Criterion struct {
	Type Type
	Op   Op

	Text  string  // folded; for texts, and for Contains and BeginsWith on any type
	Float float64 // for TypeFloat
	Low   int64   // for the other types: the value, for moments the start of the interval
	High  int64   // for Equals and NotEquals: the last value of the interval
	Spans []Span  // for In and NotIn: ascending, with gaps between them
	zone  *time.Location
}

// NewCriterion reads the value of a criterion. It returns CodeIllegalCriterias
// if the value does not fit the type and operator.
//
// Spec: types/operators
func NewCriterion(t Type, op Op, value string, zone *time.Location) (Criterion, error) {
	c := Criterion{Type: t, Op: op, zone: zone}
	misfit := Err(CodeIllegalCriterias, "value does not fit %v and operator %d", t, op)
	switch {
	case !op.Fits(t):
		return c, Err(CodeIllegalCriterias, "operator %d does not fit %v", op, t)
	case op == OpEmpty:
		return c, nil
	case op == OpIn || op == OpNotIn:
		spans, ok := parseSpans(value)
		if !ok {
			return c, misfit
		}
		c.Spans = spans
		return c, nil
	case t.IsText() || op == OpContains || op == OpBeginsWith:
		c.Text = Fold(value)
		return c, nil
	case t.IsID():
		n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		c.Low, c.High = n, n
		if err != nil {
			return c, misfit
		}
		return c, nil
	}
	v, precision, ok := t.Parse(value, zone)
	if !ok || !v.Set {
		return c, misfit
	}
	c.Float, c.Low, c.High = v.Float, v.Int, v.Int
	if t == TypeDateTime || t == TypeTime {
		c.High = c.endOf(precision)
	}
	return c, nil
}

// endOf is the last millisecond of the interval that starts at Low. A day ends
// where the next one starts in the zone, which need not be 24 hours later.
//
// Spec: types/op.3
func (c *Criterion) endOf(p Precision) int64 {
	switch p {
	case ToSecond:
		return c.Low + 999
	case ToMinute:
		return c.Low + 59999
	case ToDay:
		return time.UnixMilli(c.Low).In(c.zone).AddDate(0, 0, 1).UnixMilli() - 1
	}
	return c.Low
}

// Matches says whether a field with value v meets the criterion.
//
// Spec: types/op.1, types/op.2, types/op.3, types/op.6, types/op.7
func (c *Criterion) Matches(v Value) bool {
	switch c.Op {
	case OpContains:
		return strings.Contains(c.folded(v), c.Text)
	case OpBeginsWith:
		return strings.HasPrefix(c.folded(v), c.Text)
	case OpEmpty:
		return !v.Set || c.Type.IsText() && v.Text == "" || c.Type.IsID() && (v.Int == 0 || v.Int == -1)
	case OpNotEquals:
		return !c.equals(v)
	case OpNotIn:
		return !v.Set || !c.listed(v.Int)
	case OpIn:
		return v.Set && c.listed(v.Int)
	case OpEquals:
		return c.equals(v)
	}
	if !v.Set {
		return false
	}
	order := c.compare(v)
	switch c.Op {
	case OpGt:
		return order > 0
	case OpLt:
		return order < 0
	case OpGte:
		return order >= 0
	case OpLte:
		return order <= 0
	}
	return false
}

func (c *Criterion) folded(v Value) string { return Fold(c.Type.Format(v, c.zone)) }

func (c *Criterion) equals(v Value) bool {
	switch {
	case c.Type.IsText():
		return Fold(v.Text) == c.Text
	case !v.Set:
		return false
	case c.Type == TypeFloat:
		return v.Float == c.Float
	}
	return c.Low <= v.Int && v.Int <= c.High
}

func (c *Criterion) compare(v Value) int {
	switch {
	case c.Type.IsText():
		return cmp.Compare(Fold(v.Text), c.Text)
	case c.Type == TypeFloat:
		return cmp.Compare(v.Float, c.Float)
	}
	return cmp.Compare(v.Int, c.Low)
}

func (c *Criterion) listed(n int64) bool {
	i, _ := slices.BinarySearchFunc(c.Spans, n, func(s Span, n int64) int { return cmp.Compare(s.High, n) })
	return i < len(c.Spans) && c.Spans[i].Low <= n
}

// manySpans is how many spans of a list are gathered before they are joined,
// so that a list of many bytes that says little takes little memory.
const manySpans = 4096

// parseSpans reads a list like "1,2-4,-8--5". Blanks do not matter; a minus at
// the start of a number is its sign. The spans come in ascending order, with
// gaps between them.
//
// Spec: types/op.5
func parseSpans(list string) ([]Span, bool) {
	if strings.ContainsAny(list, " \t\r\n") {
		list = listBlanks.Replace(list)
	}
	if list == "" {
		return nil, true
	}
	var spans []Span
	limit := manySpans
	for item := range strings.SplitSeq(list, ",") {
		low, high := item, item
		if i := strings.IndexByte(item, '-'); i > 0 {
			low, high = item[:i], item[i+1:]
		} else if i == 0 {
			if j := strings.IndexByte(item[1:], '-'); j > 0 {
				low, high = item[:j+1], item[j+2:]
			}
		}
		from, err1 := strconv.ParseInt(low, 10, 64)
		to, err2 := strconv.ParseInt(high, 10, 64)
		if err1 != nil || err2 != nil || from > to {
			return nil, false
		}
		if len(spans) == limit {
			spans = joinSpans(spans)
			limit = max(manySpans, 2*len(spans))
		}
		spans = append(spans, Span{from, to})
	}
	return joinSpans(spans), true
}

var listBlanks = strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "")

// joinSpans sorts the spans, in place, and makes one of those that touch.
func joinSpans(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.Low, b.Low) })
	joined := spans[:0]
	for _, s := range spans {
		if n := len(joined); n > 0 && (s.Low <= joined[n-1].High || s.Low-1 == joined[n-1].High) {
			joined[n-1].High = max(joined[n-1].High, s.High)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

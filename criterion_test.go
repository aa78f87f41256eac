package skranke_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke"
)

func TestCriterion(t *testing.T) {
	oslo := zone(t, "Europe/Oslo")
	unset := skranke.Value{}
	text, number := skranke.TextValue, skranke.IntValue
	at := func(s string) skranke.Value {
		v, _, ok := skranke.TypeDateTime.Parse(s, oslo)
		if !ok {
			t.Fatalf("%q is no moment", s)
		}
		return v
	}
	tests := []struct {
		typ   skranke.Type
		op    string
		value string
		field skranke.Value
		want  bool
	}{
		// types.op.1
		{skranke.TypeVarchar, "OperatorContains", "BÆR", text("Blåbærsyltetøy"), true},
		{skranke.TypeVarchar, "OperatorContains", "bar", text("Blåbærsyltetøy"), false},
		{skranke.TypeVarchar, "OperatorContains", "", unset, true},
		{skranke.TypeVarchar, "OperatorContains", "100%_", text("gir 100%_ rabatt"), true},
		{skranke.TypeVarchar, "OperatorContains", "100%_", text("gir 1000 rabatt"), false},
		{skranke.TypeClob, "OperatorBeginsWith", "blå", text("Blåbær"), true},
		{skranke.TypeClob, "OperatorBeginsWith", "bær", text("Blåbær"), false},
		{skranke.TypeDateTime, "OperatorContains", "-02 13-", at("2021-03-02 13:30"), true},
		{skranke.TypeDateTime, "OperatorBeginsWith", "2021-03", at("2021-03-02 13:30"), true},
		{skranke.TypeInteger, "OperatorContains", "1", number(210), true},
		{skranke.TypeForeignKey, "OperatorContains", "1", unset, true}, // printed as -1
		// types.op.2
		{skranke.TypeVarchar, "OperatorEquals", "ÅPEN", text("åpen"), true},
		{skranke.TypeVarchar, "OperatorEquals", "", unset, true},
		{skranke.TypeVarchar, "OperatorEquals", "x", unset, false},
		{skranke.TypeVarchar, "OperatorGt", "b", text("C"), true},
		{skranke.TypeVarchar, "OperatorLte", "z", unset, false},
		{skranke.TypeInteger, "OperatorEquals", "7", number(7), true},
		{skranke.TypeInteger, "OperatorGt", "9", number(10), true}, // by number, not text
		{skranke.TypeInteger, "OperatorGte", "-3", number(-3), true},
		{skranke.TypeInteger, "OperatorLt", "0", unset, false},
		{skranke.TypeForeignKey, "OperatorEquals", "-1", unset, false},
		{skranke.TypeBool, "OperatorEquals", "true", number(1), true},
		{skranke.TypeBool, "OperatorEquals", "0", number(1), false},
		{skranke.TypeFloat, "OperatorLt", "2.5", skranke.Value{Set: true, Float: 2.25}, true},
		{skranke.TypeFloat, "OperatorEquals", "2.50", skranke.Value{Set: true, Float: 2.5}, true},
		// types.op.3
		{skranke.TypeDateTime, "OperatorEquals", "2021-03-02", at("2021-03-02 23:59:59.999"), true},
		{skranke.TypeDateTime, "OperatorEquals", "2021-03-02", at("2021-03-03"), false},
		{skranke.TypeDateTime, "OperatorEquals", "2021-03-28", at("2021-03-28 23:30"), true}, // a day of 23 hours
		{skranke.TypeDateTime, "OperatorEquals", "2021-03-02 13-30", at("2021-03-02 13:30:59.999"), true},
		{skranke.TypeDateTime, "OperatorEquals", "2021-03-02 13-30-00", at("2021-03-02 13:30:01"), false},
		{skranke.TypeDateTime, "OperatorGt", "2021-03-02", at("2021-03-02 00:00:00.001"), true},
		{skranke.TypeDateTime, "OperatorLte", "2021-03-02", at("2021-03-02 00:00"), true},
		{skranke.TypeDateTime, "OperatorLte", "2021-03-02", at("2021-03-02 00:01"), false},
		{skranke.TypeDateTime, "OperatorNotEquals", "2021-03-02", at("2021-03-02 12:00"), false},
		{skranke.TypeTime, "OperatorEquals", "13:05", number(13*3600000 + 5*60000 + 30000), true},
		// types.op.4
		{skranke.TypeInteger, "OperatorIn", "1,2-4,8-10", number(9), true},
		{skranke.TypeInteger, "OperatorIn", "1,2-4,8-10", number(5), false},
		{skranke.TypeForeignKey, "OperatorIn", " 1 , 2 - 4 ", number(3), true},
		// types.op.5
		{skranke.TypeInteger, "OperatorIn", "-5--3", number(-4), true},
		{skranke.TypeInteger, "OperatorIn", "-5-3", number(0), true},
		{skranke.TypeInteger, "OperatorIn", "", number(1), false},
		{skranke.TypeInteger, "OperatorNotIn", "", number(1), true},
		{skranke.TypeInteger, "OperatorNotIn", "1-3", unset, true},
		{skranke.TypeInteger, "OperatorNotIn", "1-3", number(2), false},
		// types.op.6
		{skranke.TypeVarchar, "OperatorEmpty", "ignored", text(""), true},
		{skranke.TypeVarchar, "OperatorEmpty", "", text(" "), false},
		{skranke.TypeDateTime, "OperatorEmpty", "not a date", unset, true},
		{skranke.TypeInteger, "OperatorEmpty", "", number(0), false},
		{skranke.TypeForeignKey, "OperatorEmpty", "", skranke.Value{Set: true, Int: -1}, true},
		// types.op.7
		{skranke.TypeVarchar, "OperatorNotEquals", "x", unset, true},
		{skranke.TypeVarchar, "OperatorNotEquals", "", unset, false},
		{skranke.TypeInteger, "OperatorNotEquals", "7", unset, true},
		{skranke.TypeInteger, "OperatorNotEquals", "7", number(7), false},
		// types.op.8
		{skranke.TypeInteger, " operatorequals ", "7", number(7), true},
	}
	for _, test := range tests {
		op, ok := skranke.ParseOp(test.op)
		if !ok {
			t.Errorf("%q is no operator", test.op)
			continue
		}
		c, err := skranke.NewCriterion(test.typ, op, test.value, oslo)
		if err != nil {
			t.Errorf("%v %s %q: %v", test.typ, test.op, test.value, err)
			continue
		}
		if got := c.Matches(test.field); got != test.want {
			t.Errorf("%v %s %q on %+v: got %v, want %v", test.typ, test.op, test.value, test.field, got, test.want)
		}
	}
}

func TestCriterionRefuses(t *testing.T) {
	// types.op.5, types.ftype.5
	tests := []struct {
		typ   skranke.Type
		op    skranke.Op
		value string
	}{
		{skranke.TypeInteger, skranke.OpIn, "4-2"},
		{skranke.TypeInteger, skranke.OpIn, "1,,2"},
		{skranke.TypeInteger, skranke.OpIn, "1,"},
		{skranke.TypeInteger, skranke.OpNotIn, "one"},
		{skranke.TypeInteger, skranke.OpIn, "1-2-3"},
		{skranke.TypeInteger, skranke.OpIn, "99999999999999999999"},
		{skranke.TypeRequestID, skranke.OpEquals, "abc"},
		{skranke.TypeRequestID, skranke.OpGt, ""},
		{skranke.TypeInteger, skranke.OpEquals, ""},
		{skranke.TypeDateTime, skranke.OpEquals, "yesterday"},
		{skranke.TypeBool, skranke.OpEquals, "maybe"},
		{skranke.TypeVarchar, skranke.OpIn, "1"}, // types.op.4
		{skranke.TypeDateTime, skranke.OpNotIn, "1"},
		{skranke.TypeBool, skranke.OpIn, "1"},
	}
	for _, test := range tests {
		if _, err := skranke.NewCriterion(test.typ, test.op, test.value, time.UTC); skranke.CodeOf(err) != skranke.CodeIllegalCriterias {
			t.Errorf("%v %d %q: got %v, want code 28", test.typ, test.op, test.value, err)
		}
	}
	for _, name := range []string{"", "Equals", "OperatorLike", "Operator In"} {
		if op, ok := skranke.ParseOp(name); ok {
			t.Errorf("%q is taken for operator %d", name, op)
		}
	}
}

func FuzzCriterion(f *testing.F) {
	f.Add(uint8(1), uint8(9), "1,2-4,8-10")
	f.Add(uint8(4), uint8(3), "2021-03-02 13-30")
	f.Add(uint8(7), uint8(1), "bær%")
	f.Fuzz(func(t *testing.T, typ, op uint8, value string) {
		typ, op = typ%13+1, op%11+1
		c, err := skranke.NewCriterion(skranke.Type(typ), skranke.Op(op), value, time.UTC)
		if err != nil {
			if skranke.CodeOf(err) != skranke.CodeIllegalCriterias {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		v, _, ok := skranke.Type(typ).Parse(value, time.UTC)
		if !ok || !v.Set {
			return
		}
		matches := c.Matches(v)
		switch skranke.Op(op) {
		case skranke.OpContains:
			if skranke.Type(typ).IsText() && !matches {
				t.Errorf("%q does not contain itself", value)
			}
		case skranke.OpEquals, skranke.OpGte, skranke.OpLte:
			if !matches {
				t.Errorf("type %d %q does not meet operator %d with itself", typ, value, op)
			}
		case skranke.OpGt, skranke.OpLt, skranke.OpNotEquals:
			if matches {
				t.Errorf("type %d %q meets operator %d with itself", typ, value, op)
			}
		}
	})
}

// A list says the same however it is written, and takes as much memory as it has
// gaps.
func TestSpansOfLongLists(t *testing.T) {
	// types.op.5
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		var list []string
		var plain []skranke.Span
		for range r.IntN(40) {
			low := int64(r.IntN(200) - 100)
			high := low + int64(r.IntN(8))
			if r.IntN(3) == 0 {
				list, high = append(list, fmt.Sprint(low)), low
			} else {
				list = append(list, fmt.Sprintf("%d-%d", low, high))
			}
			plain = append(plain, skranke.Span{low, high})
		}
		c, err := skranke.NewCriterion(skranke.TypeInteger, skranke.OpIn, strings.Join(list, " ,\t"), time.UTC)
		if err != nil {
			t.Fatalf("%q: %v", list, err)
		}
		for n := int64(-110); n < 120; n++ {
			want := slices.ContainsFunc(plain, func(s skranke.Span) bool { return s.Low <= n && n <= s.High })
			if got := c.Matches(skranke.IntValue(n)); got != want {
				t.Fatalf("%d in %q: got %t, want %t, spans %v", n, list, got, want, c.Spans)
			}
		}
	}
	c, err := skranke.NewCriterion(skranke.TypeInteger, skranke.OpIn, strings.Repeat("1,5-9,2,", 100_000)+"9223372036854775807,-9223372036854775808", time.UTC)
	want := []skranke.Span{{math.MinInt64, math.MinInt64}, {1, 2}, {5, 9}, {math.MaxInt64, math.MaxInt64}}
	if err != nil || !slices.Equal(c.Spans, want) || cap(c.Spans) > 10_000 {
		t.Errorf("got spans %v of %d, %v, want %v", c.Spans[:min(10, len(c.Spans))], cap(c.Spans), err, want)
	}
}

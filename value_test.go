package skranke_test

import (
	"testing"
	"time"

	"skranke"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestFormat(t *testing.T) {
	oslo := zone(t, "Europe/Oslo")
	moment := skranke.TimeValue(time.Date(2021, 1, 25, 12, 5, 9, 7e6, time.UTC))
	tests := []struct {
		typ   skranke.Type
		value skranke.Value
		want  string
	}{
		// types.ftype.2: every value is a string
		{skranke.TypeInteger, skranke.IntValue(-42), "-42"},
		{skranke.TypeInteger, skranke.Value{}, ""},
		{skranke.TypeClob, skranke.TextValue("a\r\nb"), "a\r\nb"},
		{skranke.TypeClob, skranke.Value{}, ""},
		{skranke.TypeVarchar, skranke.TextValue(" blåbær "), " blåbær "},
		{skranke.TypeVarchar, skranke.Value{}, ""},
		{skranke.TypeDate, moment, "2021-01-25"},
		{skranke.TypeDate, skranke.Value{}, ""},
		{skranke.TypeDateTime, moment, "2021-01-25 13-05-09.007"},
		{skranke.TypeDateTime, skranke.TimeValue(time.Time{}), ""},
		{skranke.TypeDateTime, skranke.TimeValue(time.Date(987, 6, 5, 0, 0, 0, 0, time.UTC)), "0987-06-05 00-43-00.000"},
		{skranke.TypeTime, skranke.IntValue(13*3600000 + 5*60000 + 9*1000 + 70), "13-05-09.070"},
		{skranke.TypeTime, skranke.Value{}, ""},
		{skranke.TypeBool, skranke.BoolValue(true), "1"},
		{skranke.TypeBool, skranke.BoolValue(false), "0"},
		{skranke.TypeBool, skranke.Value{}, "0"},
		{skranke.TypeFloat, skranke.Value{Set: true, Float: 1234567.5}, "1234567.5"},
		{skranke.TypeFloat, skranke.Value{Set: true, Float: 1e21}, "1000000000000000000000"},
		{skranke.TypeFloat, skranke.Value{}, ""},
		{skranke.TypeForeignKey, skranke.IDValue(7), "7"},
		{skranke.TypeForeignKey, skranke.IDValue(0), "-1"},
		{skranke.TypeCustomerID, skranke.Value{}, "-1"},
		{skranke.TypeCompanyID, skranke.Value{}, "-1"},
		{skranke.TypeRequestID, skranke.IDValue(1012), "1012"},
		{skranke.TypeUserID, skranke.Value{}, "-1"},
	}
	for _, test := range tests {
		if got := test.typ.Format(test.value, oslo); got != test.want {
			t.Errorf("%v of %+v: got %q, want %q", test.typ, test.value, got, test.want)
		}
	}
}

func TestParse(t *testing.T) {
	oslo := zone(t, "Europe/Oslo")
	at := func(hour, minute, second, ms int) int64 {
		return time.Date(2021, 1, 25, hour, minute, second, ms*1e6, oslo).UnixMilli()
	}
	const bad = -999
	tests := []struct {
		typ       skranke.Type
		text      string
		want      int64
		precision skranke.Precision
	}{
		// types.ftype.3
		{skranke.TypeDateTime, "2021-01-25", at(0, 0, 0, 0), skranke.ToDay},
		{skranke.TypeDateTime, "2021-01-25 13-05", at(13, 5, 0, 0), skranke.ToMinute},
		{skranke.TypeDateTime, "2021-01-25T13:05", at(13, 5, 0, 0), skranke.ToMinute},
		{skranke.TypeDateTime, "2021-01-25 13-05-09", at(13, 5, 9, 0), skranke.ToSecond},
		{skranke.TypeDateTime, "2021-01-25 13:05:09.7", at(13, 5, 9, 700), skranke.ToMilli},
		{skranke.TypeDateTime, " 2021-01-25 13-05-09.007 ", at(13, 5, 9, 7), skranke.ToMilli},
		{skranke.TypeDateTime, "2021-01-25 24-00", bad, 0},
		{skranke.TypeDateTime, "2021-01-25 13-60", bad, 0},
		{skranke.TypeDateTime, "2021-01-25 13", bad, 0},
		{skranke.TypeDateTime, "2021-01-25 ", at(0, 0, 0, 0), skranke.ToDay},
		{skranke.TypeDateTime, "2021-01-25T", bad, 0},
		{skranke.TypeDateTime, "2021-01-25 13-05-09.0000", bad, 0},
		{skranke.TypeDateTime, "2021-01-25 13-05-09Z", bad, 0},
		{skranke.TypeDateTime, "2021-02-30", bad, 0},
		{skranke.TypeDateTime, "2021-1-5", bad, 0},
		{skranke.TypeDateTime, "0000-01-01", bad, 0},
		{skranke.TypeDate, "2021-01-25 13-05", time.Date(2021, 1, 25, 0, 0, 0, 0, time.UTC).UnixMilli(), skranke.ToMinute},
		{skranke.TypeTime, "13:05", 13*3600000 + 5*60000, skranke.ToMinute},
		{skranke.TypeTime, "13-05-09.25", 13*3600000 + 5*60000 + 9250, skranke.ToMilli},
		{skranke.TypeTime, "1-5", bad, 0},
		// types.ftype.4
		{skranke.TypeBool, "TRUE", 1, 0},
		{skranke.TypeBool, "0", 0, 0},
		{skranke.TypeBool, "yes", bad, 0},
		{skranke.TypeInteger, "-12", -12, 0},
		{skranke.TypeInteger, "+12", 12, 0},
		{skranke.TypeInteger, "12.0", bad, 0},
		{skranke.TypeInteger, "99999999999999999999", bad, 0},
		{skranke.TypeForeignKey, "7", 7, 0},
	}
	for _, test := range tests {
		value, precision, ok := test.typ.Parse(test.text, oslo)
		if test.want == bad {
			if ok {
				t.Errorf("%v %q: got %+v, want a refusal", test.typ, test.text, value)
			}
			continue
		}
		if !ok || !value.Set || value.Int != test.want || precision != test.precision {
			t.Errorf("%v %q: got %+v precision %d ok %v, want %d precision %d", test.typ, test.text, value, precision, ok, test.want, test.precision)
		}
	}
	// types.ftype.4: '' unsets, as do -1 and 0 for references
	for _, typ := range []skranke.Type{skranke.TypeInteger, skranke.TypeDate, skranke.TypeBool, skranke.TypeFloat} {
		if value, _, ok := typ.Parse(" ", oslo); !ok || value.Set {
			t.Errorf("%v of nothing: got %+v ok %v, want unset", typ, value, ok)
		}
	}
	for _, text := range []string{"-1", "0", ""} {
		if value, _, ok := skranke.TypeCustomerID.Parse(text, oslo); !ok || value.Set {
			t.Errorf("reference %q: got %+v ok %v, want unset", text, value, ok)
		}
	}
}

func TestParseFloat(t *testing.T) {
	tests := map[string]float64{"1.5": 1.5, "-0.25": -0.25, "+3": 3, "7.": 7, ".5": .5}
	for text, want := range tests {
		if value, _, ok := skranke.TypeFloat.Parse(text, time.UTC); !ok || value.Float != want {
			t.Errorf("%q: got %v ok %v, want %v", text, value.Float, ok, want)
		}
	}
	for _, text := range []string{"1e3", "1,5", "1.2.3", "NaN", "Inf", "--1", "+", ".", "0x1p2"} {
		if value, _, ok := skranke.TypeFloat.Parse(text, time.UTC); ok {
			t.Errorf("%q: got %v, want a refusal", text, value.Float)
		}
	}
}

func TestParseID(t *testing.T) {
	// types.input.2, types.input.1
	for text, want := range map[string]int64{"1012": 1012, " 1012\n": 1012, "0001012": 1012, "2147483647": 2147483647, "00000000000000000000000000000000007": 7} {
		if got, ok := skranke.ParseID(text); !ok || got != want {
			t.Errorf("%q: got %d ok %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "+1", "1.0", "1e3", "2147483648", "9999999999999999999999", "1 2", "abc", "１２"} {
		if got, ok := skranke.ParseID(text); ok {
			t.Errorf("%q: got %d, want none", text, got)
		}
	}
}

func TestFold(t *testing.T) {
	// types.op.1
	same := [][2]string{{"BLÅBÆR", "blåbær"}, {"ΣΊΣΥΦΟΣ", "σίσυφος"}, {"K", "K"}, {"ſtraße", "STRAẞE"}, {"Ǆ", "ǆ"}}
	for _, pair := range same {
		if a, b := skranke.Fold(pair[0]), skranke.Fold(pair[1]); a != b {
			t.Errorf("%q folds to %q, %q to %q, want the same", pair[0], a, pair[1], b)
		}
	}
	if a, b := skranke.Fold("å"), skranke.Fold("a"); a == b {
		t.Errorf("å and a fold alike: %q", a)
	}
	if got := skranke.Fold("Ticket.ID"); got != "ticket.id" {
		t.Errorf("got %q, want ticket.id", got)
	}
}

func TestCut(t *testing.T) {
	// types.input.5, types.limit.1
	for _, test := range []struct {
		text string
		n    int
		want string
	}{{"blåbær", 3, "blå"}, {"blåbær", 6, "blåbær"}, {"🐟🐟🐟", 2, "🐟🐟"}, {"", 1, ""}} {
		if got := skranke.Cut(test.text, test.n); got != test.want {
			t.Errorf("Cut(%q, %d): got %q, want %q", test.text, test.n, got, test.want)
		}
	}
	if skranke.Longer("ååå", 3) || !skranke.Longer("åååå", 3) {
		t.Error("Longer does not count code points")
	}
}

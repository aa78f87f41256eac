package skranke_test

import (
	"testing"
	"time"

	"skranke"
)

// FuzzParse holds that what was read of any text is printed so that it reads
// back as the same, in a zone with hours that come twice and hours that never do.
func FuzzParse(f *testing.F) {
	for typ, text := range map[uint8]string{
		0: "-7", 2: "2021-02-29", 3: "2021-10-31 02-30-00.5", 4: "23:59:59.999", 5: "TRUE", 8: "-0000.50", 9: "-1",
	} {
		f.Add(typ, text)
	}
	for _, text := range []string{"2021-03-28T02:30", "0001-01-01", "9999-12-31 23-59", "2021-1-1", "2021-01-25 13-05-09.000Z", "1e9", "+.5", "00012", "\u0663"} {
		for typ := range uint8(13) {
			f.Add(typ, text)
		}
	}
	oslo := zone(f, "Europe/Oslo")
	f.Fuzz(func(t *testing.T, typ uint8, text string) {
		kind := skranke.Type(typ%13 + 1)
		for _, at := range []*time.Location{time.UTC, oslo} {
			v, _, ok := kind.Parse(text, at)
			if !ok {
				continue
			}
			printed := kind.Format(v, at)
			again, _, ok := kind.Parse(printed, at)
			if !ok {
				t.Fatalf("%v: %q was read and printed as %q, which is not read", kind, text, printed)
			}
			if got := kind.Format(again, at); got != printed {
				t.Errorf("%v: %q was printed as %q, then as %q", kind, text, printed, got)
			}
			if at == time.UTC && kind != skranke.TypeBool && again != v {
				t.Errorf("%v: %q is %+v, printed and read %+v", kind, text, v, again)
			}
		}
	})
}

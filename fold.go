package skranke

import (
	"strings"
	"unicode"
)

// Fold maps s so that two texts that differ only in case become equal, by
// Unicode simple folding. Searches and unique names compare folded texts.
//
// Spec: types/op.1
func Fold(s string) string {
	return strings.Map(foldRune, s)
}

// foldRune picks the smallest rune of r's folding orbit, save that ASCII
// letters become small ones, which keeps folded names readable in the database.
func foldRune(r rune) rune {
	if r < 0x80 {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	low := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		if next < low {
			low = next
		}
	}
	if low < 0x80 { // the Kelvin sign and the long s fold to k and s
		return unicode.ToLower(low)
	}
	return low
}

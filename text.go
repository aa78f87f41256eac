package skranke

import "unicode/utf8"

// Cut shortens s to at most n code points.
//
// Spec: types/limit.1
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// Longer says whether s has more than n code points.
func Longer(s string, n int) bool { return len(s) > n && utf8.RuneCountInString(s) > n }

// Lengths of stored texts, in code points.
//
// Spec: types/limits
const (
	MaxTitle      = 255
	MaxAuthor     = 255
	MaxFileName   = 255
	MaxUserName   = 254
	MaxExtraText  = 255
	MaxLoginName  = 63
	MaxFolderName = 64
)

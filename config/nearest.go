package config

import "strings"

// Nearest returns the candidate most like word, for a "did you mean"; "" when
// none is near enough to be what was meant. Letter case, and - for _, cost
// nothing.
func Nearest(word string, candidates []string) string {
	best, bestDist := "", 1+min(max(1, len(word)/3), 3)
	for _, c := range candidates {
		if d := distance(plain(word), plain(c)); d < bestDist {
			best, bestDist = c, d
		}
	}
	return best
}

func didYouMean(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return `; did you mean "` + near + `"?`
	}
	return ""
}

func plain(s string) string {
	return strings.ReplaceAll(strings.ToLower(s), "-", "_")
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b.
func distance(a, b string) int {
	// Long words are no typing mistakes, and the table grows with the product.
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	prev, cur, next := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range cur {
		cur[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(cur[j]+1, next[j-1]+1, cur[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], prev[j-2]+1)
			}
		}
		if prev == nil {
			prev = make([]int, len(b)+1)
		}
		prev, cur, next = cur, next, prev
	}
	return cur[len(b)]
}

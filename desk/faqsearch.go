package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"skranke"
	"skranke/store"
)

const (
	maxFaqHits   = 10   // entries found in each folder
	maxFaqSearch = 4096 // code points of a search; the rest does not count
	maxFaqTerms  = 32   // words of a search that are looked at
	maxFaqParts  = 8    // parts of such a word
	maxFaqWord   = 64   // code points; the rest of a longer word does not count
)

// FindFaqEntries searches each of the folders with all below it for words
// separated by blanks, and returns at most 10 entries of each that a sees: those
// with more different words first, then those with more of them in title or
// keywords, then by id. The folders come in the given order; an entry found
// before does not come again. No folders means the whole tree. It returns
// CodeInvalidFaqCategory if a does not see one of the folders.
//
// Spec: customer/faq_findEntries, customer/faq_findEntries2
func (d *Desk) FindFaqEntries(ctx context.Context, a Actor, words string, folders []skranke.FaqFolderID) (list []FaqListed, err error) {
	if len(folders) == 0 {
		folders = []skranke.FaqFolderID{FaqTop}
	}
	err = d.viewFaq(ctx, a, func(v *faqView) error {
		roots := make([]*faqNode, len(folders))
		for i, id := range folders {
			if roots[i], err = v.folder(ctx, id); err != nil {
				return err
			}
		}
		hits, err := v.tx.FindFaqEntries(ctx, faqTerms(words))
		if err != nil {
			return err
		}
		slices.SortFunc(hits, func(a, b store.FaqHit) int {
			return cmp.Or(cmp.Compare(b.Terms, a.Terms), cmp.Compare(b.Heads, a.Heads), cmp.Compare(a.Entry, b.Entry))
		})
		list, err = v.pick(ctx, hits, roots)
		return err
	})
	return list, err
}

// pick takes the best of the hits in each of the folders.
func (v *faqView) pick(ctx context.Context, hits []store.FaqHit, roots []*faqNode) ([]FaqListed, error) {
	var list []FaqListed
	read := make(map[skranke.FaqEntryID]*skranke.FaqEntry)
	listed := make(map[skranke.FaqEntryID]bool)
	searched := make(map[*faqNode]bool)
	for _, root := range roots {
		if searched[root] {
			continue
		}
		searched[root] = true
		found := 0
		for _, hit := range hits {
			if found == maxFaqHits {
				break
			}
			e := read[hit.Entry]
			if e == nil {
				var err error
				if e, err = v.tx.ListedFaqEntry(ctx, hit.Entry); err != nil {
					return nil, err
				}
				read[hit.Entry] = e
			}
			if !v.c.faq.folders[e.Folder].below(root) || !v.sees(e) {
				continue
			}
			found++
			if !listed[e.ID] {
				listed[e.ID] = true
				list = append(list, v.listed(e))
			}
		}
	}
	return list, nil
}

// faqTerms reads the words of a search. Words that differ in case or accents
// alone count once; what has neither letter nor digit is no word.
func faqTerms(words string) []store.FaqTerm {
	var terms []store.FaqTerm
	seen := make(map[string]bool)
	for word := range strings.FieldsSeq(skranke.Cut(words, maxFaqSearch)) {
		var term store.FaqTerm
		key := ""
		for _, part := range faqTokens(word) {
			if spellings := faqSpellings(part); len(spellings) > 0 && len(term) < maxFaqParts {
				term = append(term, spellings)
				key += " " + strings.Join(spellings, "|")
			}
		}
		if len(term) == 0 || seen[key] {
			continue
		}
		seen[key] = true
		if terms = append(terms, term); len(terms) == maxFaqTerms {
			break
		}
	}
	return terms
}

// FaqWords is what searches find the entry by.
//
// Spec: customer/faq_findEntries.4
func FaqWords(e *skranke.FaqEntry) store.FaqWords {
	answer := e.Answer
	if e.HTML {
		answer = textOf(answer)
	}
	return store.FaqWords{Head: faqIndexed(e.Title, e.Keywords), Body: faqIndexed(e.Question, answer)}
}

// faqIndexed lists every spelling of every word of the texts, each once.
func faqIndexed(texts ...string) string {
	var b strings.Builder
	seen := make(map[string]bool)
	for _, text := range texts {
		for _, word := range faqTokens(text) {
			for _, spelling := range faqSpellings(word) {
				if !seen[spelling] {
					seen[spelling] = true
					b.WriteString(spelling + " ")
				}
			}
		}
	}
	return strings.TrimSuffix(b.String(), " ")
}

// faqTokens cuts a text into words: runs of letters, digits and the marks on them.
// Bytes that are no text end a word; what stands around them would be normalised
// now so, now otherwise.
func faqTokens(text string) []string {
	return strings.FieldsFunc(norm.NFKC.String(strings.ToValidUTF8(text, " ")), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
}

// ownLetters are letters of their own to some readers, which others type as the
// plain letter beneath them, and others again as two.
var ownLetters = map[rune]struct{ plain, two string }{
	'å': {"a", "aa"}, 'ä': {"a", "ae"}, 'æ': {"ae", "ae"},
	'ö': {"o", "oe"}, 'ø': {"o", "oe"}, 'œ': {"oe", "oe"}, 'ü': {"u", "ue"},
	'ß': {"ss", "ss"}, 'þ': {"th", "th"}, 'ð': {"d", "d"}, 'đ': {"d", "d"}, 'ł': {"l", "l"}, 'ı': {"i", "i"},
}

// faqSpellings is how a word is kept and looked for: folded to lower case,
// without accents, and with the letters that many keyboards lack in each of the
// two ways in which people do without them. "Blåbær" is kept as "blabaer" and
// "blaabaer", and so is what is looked for: the two words meet if they have one
// spelling in common. So blåbær, BLABAER and Blaabær find each other, Müller is
// found by Muller and by Mueller, Straße by STRASSE, café by cafe.
func faqSpellings(word string) []string {
	var plain, two strings.Builder
	n := 0
	for _, r := range strings.ToLower(skranke.Fold(word)) {
		if n++; n > maxFaqWord {
			break
		}
		if own, ok := ownLetters[r]; ok {
			plain.WriteString(own.plain)
			two.WriteString(own.two)
			continue
		}
		for _, bare := range norm.NFD.String(string(r)) {
			if isAccent(bare) {
				continue
			}
			if own, ok := ownLetters[bare]; ok { // ø with an accent
				plain.WriteString(own.plain)
				two.WriteString(own.two)
				continue
			}
			plain.WriteRune(bare)
			two.WriteRune(bare)
		}
	}
	switch {
	case plain.Len() == 0:
		return nil
	case plain.String() == two.String():
		return []string{plain.String()}
	}
	return []string{plain.String(), two.String()}
}

// isAccent says whether r is one of the marks that stand above and below Latin,
// Greek and Cyrillic letters. Those of other scripts are not accents.
func isAccent(r rune) bool { return 0x300 <= r && r <= 0x36f }

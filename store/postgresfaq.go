package store

import "strings"

// postgresFaqIndex keeps the words of an entry in one tsvector, none of them
// changed by a dictionary: each has a letter before it that says whether it is
// one of the head or one of the whole entry.
var postgresFaqIndex = faqIndex{
	create: `CREATE TABLE faq_index (id BIGINT NOT NULL PRIMARY KEY, words TSVECTOR NOT NULL);
		CREATE INDEX faq_index_words ON faq_index USING gin (words)`,
	put: `INSERT INTO faq_index (id, words)
		VALUES ($1, array_to_tsvector(string_to_array(TRIM($2 || ' ' || $3), ' ')))`,
	drop:  `DELETE FROM faq_index WHERE id = $1`,
	key:   `id`,
	match: `SELECT id FROM faq_index WHERE words @@ CAST($1 AS tsquery)`,
	pack:  packWords,
	term:  tsquery,
}

const (
	headWord, wholeWord = "h", "w"

	// maxTSWord and maxTSWords bound a word and all of an entry; the database
	// takes 2 KiB and 1 MiB.
	maxTSWord  = 1500
	maxTSWords = 900_000
)

// packWords lists each word once, as many as the index takes.
func packWords(w FaqWords) FaqWords {
	seen := map[string]bool{}
	size := 0
	list := func(kind, words string) string {
		var b strings.Builder
		for _, word := range strings.Fields(words) {
			word = kind + cutWord(word)
			if seen[word] || size+len(word) > maxTSWords {
				continue
			}
			seen[word] = true
			size += len(word) + 1
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(word)
		}
		return b.String()
	}
	head := list(headWord, w.Head)
	return FaqWords{Head: head, Body: list(wholeWord, w.Head+" "+w.Body)}
}

// cutWord is the beginning of a word that is too long for the index.
func cutWord(word string) string {
	if len(word) > maxTSWord {
		word = strings.ToValidUTF8(word[:maxTSWord], "")
	}
	return word
}

// tsquery is, for example, ('he') & ('hpost':* | 'hmail':*).
func tsquery(t FaqTerm, head bool) string {
	kind := wholeWord
	if head {
		kind = headWord
	}
	quote := strings.NewReplacer(`\`, `\\`, `'`, `''`)
	var b strings.Builder
	for i, part := range t {
		if i > 0 {
			b.WriteString(" & ")
		}
		b.WriteByte('(')
		for j, spelling := range part {
			if j > 0 {
				b.WriteString(" | ")
			}
			b.WriteString("'" + quote.Replace(kind+cutWord(spelling)) + "'")
			if i == len(t)-1 {
				b.WriteString(":*")
			}
		}
		b.WriteByte(')')
	}
	return b.String()
}

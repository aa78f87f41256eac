package store

import (
	"context"
	"fmt"
	"strings"

	"skranke"
)

// FaqWords is what a search finds an entry by: words separated by blanks, made
// of letters, digits and marks only, and already folded. Case, accents and
// markup are none of this package's business.
type FaqWords struct {
	Head string // of title and keywords
	Body string // of the texts
}

// FaqTerm is one word to search for. An entry fits if it has all the parts; a
// part is there if one of its spellings is. The last part may also begin a
// longer word. Spellings are of the same make as FaqWords.
type FaqTerm [][]string

// FaqHit is an entry a search has found.
type FaqHit struct {
	Entry skranke.FaqEntryID
	Terms int // how many of the terms fit the entry
	Heads int // how many of them fit its title and keywords alone
}

// FindFaqEntries returns the entries that at least one of the terms fits, in no
// order. It looks at no rights.
func (tx *ReadTx) FindFaqEntries(ctx context.Context, terms []FaqTerm) ([]FaqHit, error) {
	var hits []FaqHit
	place := make(map[skranke.FaqEntryID]int)
	find := func(term FaqTerm, head bool) error {
		return tx.each(ctx, tx.dialect.faq.match, func(r *rows) {
			entry := id[skranke.FaqEntryID](r)
			i, ok := place[entry]
			if !ok {
				i = len(hits)
				place[entry] = i
				hits = append(hits, FaqHit{Entry: entry})
			}
			if head {
				hits[i].Heads++
			} else {
				hits[i].Terms++
			}
		}, text(tx.dialect.faq.term(term, head)))
	}
	for _, term := range terms {
		for _, head := range [...]bool{false, true} {
			if err := find(term, head); err != nil {
				return nil, fmt.Errorf("searching the FAQ: %w", err)
			}
		}
	}
	return hits, nil
}

func (tx *WriteTx) indexFaqEntry(ctx context.Context, id skranke.FaqEntryID, words FaqWords) error {
	if err := tx.unindexFaqEntry(ctx, id); err != nil {
		return err
	}
	if pack := tx.dialect.faq.pack; pack != nil {
		words = pack(words)
	}
	if _, err := tx.exec(ctx, tx.dialect.faq.put, num(id), text(words.Head), text(words.Body)); err != nil {
		return fmt.Errorf("indexing FAQ entry %d: %w", id, err)
	}
	return nil
}

func (tx *WriteTx) unindexFaqEntry(ctx context.Context, id skranke.FaqEntryID) error {
	if _, err := tx.exec(ctx, tx.dialect.faq.drop, num(id)); err != nil {
		return fmt.Errorf("unindexing FAQ entry %d: %w", id, err)
	}
	return nil
}

// faqIndex is the full text index of a database. Its columns are the id of an
// entry and its FaqWords.
type faqIndex struct {
	create string // {FAQ_INDEX} of the migrations
	put    string // $1 is the id, $2 the head, $3 the body
	drop   string // $1 is the id
	key    string // the column of the ids in faq_index
	match  string // gives the ids that fit $1, which term makes

	// pack changes words into what put takes; nil if that is the same.
	pack func(FaqWords) FaqWords

	// term writes a term in the query language of the index; head looks for it
	// in titles and keywords alone.
	term func(t FaqTerm, head bool) string
}

var sqliteFaqIndex = faqIndex{
	// The words are cut and folded before they come here, so the simplest
	// tokenizer does. The index keeps no copy of the text.
	create: `CREATE VIRTUAL TABLE faq_index USING fts5 (head, body, content = '', contentless_delete = 1,
		detail = column, prefix = '1 2 3', tokenize = 'ascii')`,
	put:   `INSERT INTO faq_index (rowid, head, body) VALUES ($1, $2, $3)`,
	drop:  `DELETE FROM faq_index WHERE rowid = $1`,
	key:   `rowid`,
	match: `SELECT rowid FROM faq_index WHERE faq_index MATCH $1`,
	term:  fts5Term,
}

// fts5Term is, for example, head : (("e") AND ("post" * OR "mail" *)).
func fts5Term(t FaqTerm, head bool) string {
	var b strings.Builder
	if head {
		b.WriteString("head : ")
	}
	b.WriteByte('(')
	for i, part := range t {
		if i > 0 {
			b.WriteString(" AND ")
		}
		b.WriteByte('(')
		for j, spelling := range part {
			if j > 0 {
				b.WriteString(" OR ")
			}
			b.WriteString(`"` + strings.ReplaceAll(spelling, `"`, `""`) + `"`)
			if i == len(t)-1 {
				b.WriteString(" *")
			}
		}
		b.WriteByte(')')
	}
	b.WriteByte(')')
	return b.String()
}

package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"skranke"
)

// titleIndex leads from a part of a title to tickets. It only narrows: whether a
// title fits, the condition on ticket.title_fold says, so that an answer is the
// same without it.
type titleIndex struct {
	create string // {TITLE_INDEX} of the migrations

	// A database that can look for parts of a column by an index of it needs
	// nothing else. For others, what was written lately is noted by triggers
	// and indexed by many tickets at once, which costs a hundredth of doing it
	// ticket by ticket.
	waiting string   // how many tickets are noted
	catchUp []string // index them

	// query is what the index is asked for folded parts of a title, "" if it
	// cannot tell; nil for databases that find their way themselves.
	query      func(parts []string) string
	candidates string // gives the ids of all tickets that may have the parts; $@ is the query
	ordered    string // what is indexed and its tickets, as rows i and t: comes in the order of i.rowid
	matching   string // which of ordered are candidates, none of them in unordered; the number of the query follows
	unordered  string // what is not indexed yet and its tickets, as rows i and t

	// So few candidates are looked at one by one; with so many, walking through
	// all tickets comes by enough of them.
	few, many int
}

var sqliteTitleIndex = titleIndex{
	// Titles are folded before they come here. Without positions, sizes and the
	// text itself the index takes some sixty bytes a ticket.
	create: `CREATE VIRTUAL TABLE ticket_title USING fts5 (title, content = '', columnsize = 0,
			detail = none, tokenize = 'trigram case_sensitive 1');
		INSERT INTO ticket_title (rowid, title) SELECT id, title_fold FROM ticket ORDER BY id;
		CREATE TABLE ticket_title_late (
			ticket_id INTEGER PRIMARY KEY REFERENCES ticket (id),
			was TEXT -- what the index has of it, NULL for nothing
		);
		CREATE TRIGGER ticket_title_new AFTER INSERT ON ticket BEGIN
			INSERT OR IGNORE INTO ticket_title_late (ticket_id) VALUES (NEW.id);
		END;
		CREATE TRIGGER ticket_title_changed AFTER UPDATE OF title_fold ON ticket WHEN NEW.title_fold <> OLD.title_fold BEGIN
			INSERT OR IGNORE INTO ticket_title_late (ticket_id, was) VALUES (OLD.id, OLD.title_fold);
		END`,
	waiting: `SELECT COUNT(*) FROM ticket_title_late`,
	catchUp: []string{
		`INSERT INTO ticket_title (ticket_title, rowid, title)
			SELECT 'delete', l.ticket_id, l.was FROM ticket_title_late l WHERE l.was IS NOT NULL ORDER BY l.ticket_id`,
		`INSERT INTO ticket_title (rowid, title)
			SELECT l.ticket_id, t.title_fold FROM ticket_title_late l CROSS JOIN ticket t ON t.id = l.ticket_id ORDER BY l.ticket_id`,
		`DELETE FROM ticket_title_late`,
	},
	query:      trigrams,
	candidates: `SELECT i.rowid FROM ticket_title i WHERE i.ticket_title MATCH $@ UNION ALL SELECT l.ticket_id FROM ticket_title_late l`,
	matching:   `NOT EXISTS (SELECT 1 FROM ticket_title_late l WHERE l.ticket_id = i.rowid) AND i.ticket_title MATCH $`,
	ordered:    `ticket_title i CROSS JOIN ticket t ON t.id = i.rowid`,
	unordered:  `ticket_title_late i CROSS JOIN ticket t ON t.id = i.ticket_id`,
	few:        1000,
	many:       20_000,
}

// Of a database that does not bring pg_trgm, lets nobody add it, or has it in a
// schema that is not looked into, titles are read one after the other. For tables
// that will be gone soon nothing is installed.
const postgresTitleIndex = `DO $$ BEGIN
		IF current_schema() NOT LIKE 'pg\_temp%' THEN
			CREATE EXTENSION IF NOT EXISTS pg_trgm;
		END IF;
		CREATE INDEX ticket_title ON ticket USING gin (title_fold gin_trgm_ops);
	EXCEPTION WHEN undefined_file OR undefined_object OR insufficient_privilege OR feature_not_supported THEN
		RAISE NOTICE 'pg_trgm is not there: searches for words of titles are slow';
	END $$`

const (
	// lateTitles is how many tickets wait for the index: each search looks
	// through them.
	lateTitles = 128

	// everyTitle is how often it is looked whether enough are waiting: at each
	// ticket whose id is a multiple of it.
	everyTitle = 16
)

// indexTitles brings the index up to date if it is worth it. The ticket was
// written just now.
func (tx *WriteTx) indexTitles(ctx context.Context, ticket skranke.TicketID) error {
	titles := &tx.dialect.titles
	if len(titles.catchUp) == 0 || ticket%everyTitle != 0 {
		return nil
	}
	n, err := tx.number(ctx, titles.waiting)
	if err != nil || n < lateTitles {
		return err
	}
	for _, sql := range titles.catchUp {
		if _, err := tx.exec(ctx, sql); err != nil {
			return fmt.Errorf("indexing titles: %w", err)
		}
	}
	return nil
}

// maxTrigrams is how many pieces of a title are looked for at once: more narrow
// no further.
const maxTrigrams = 30

// trigrams asks for all pieces of three characters of the parts. It is "" if
// they have none.
func trigrams(parts []string) string {
	var b strings.Builder
	n := 0
	for _, part := range parts {
		for _, piece := range pieces(part) {
			if n == maxTrigrams {
				return b.String()
			}
			if n > 0 {
				b.WriteString(" AND ")
			}
			b.WriteString(`"` + strings.ReplaceAll(piece, `"`, `""`) + `"`)
			n++
		}
	}
	return b.String()
}

// pieces are those of three characters that a text has.
func pieces(text string) (all []string) {
	runes := []rune(text)
	for i := 0; i+3 <= len(runes); i++ {
		all = append(all, string(runes[i:i+3]))
	}
	return all
}

// titleParts are the texts that stand in the title of every ticket that meets
// the conditions.
func titleParts(where []Condition) []string {
	var parts []string
	for _, c := range where {
		if c.Column != "t.title" || c.Extra != 0 {
			continue
		}
		switch c.Criterion.Op {
		case skranke.OpContains, skranke.OpBeginsWith, skranke.OpEquals:
			parts = append(parts, clean(c.Criterion.Text))
		}
	}
	return parts
}

// way is how the tickets of a search are come by.
type way uint8

const (
	anyWay          way = iota // the database's own
	byCandidates               // the candidates of the index, sorted
	amongCandidates            // all in their order, the candidates picked
	inOrder                    // the candidates as the index has them, by their ids
)

// titleWay finds the way of a search, and what the index is asked on it.
func (tx *ReadTx) titleWay(ctx context.Context, s TicketSearch) (way, string, error) {
	titles := &tx.dialect.titles
	if titles.query == nil {
		return anyWay, "", nil
	}
	match := titles.query(titleParts(s.Where))
	if match == "" {
		return anyWay, "", nil
	}
	byID := s.By == nil && (s.Order == "" || s.Order == "t.id")
	sharp := slices.ContainsFunc(s.Where, isSharp)
	if byID && !sharp {
		return inOrder, match, nil
	}
	n, err := tx.number(ctx, `SELECT COUNT(*) FROM (`+strings.ReplaceAll(titles.candidates, "@", "1")+` LIMIT $2) n`,
		text(match), num(titles.many))
	switch {
	case err != nil:
		return anyWay, "", fmt.Errorf("asking the index of titles: %w", err)
	case n < int64(titles.few):
		return byCandidates, match, nil
	case sharp || n >= int64(titles.many):
		return anyWay, "", nil
	case s.By == nil && s.Order == "t.created_at":
		return amongCandidates, match, nil
	}
	return byCandidates, match, nil
}

// isSharp says that few tickets meet the condition, and that an index finds them.
func isSharp(c Condition) bool {
	if c.Extra != 0 || c.Column != "t.id" && c.Column != "t.customer_id" {
		return false
	}
	switch c.Criterion.Op {
	case skranke.OpEquals, skranke.OpIn:
		return true
	case skranke.OpGt, skranke.OpGte, skranke.OpLt, skranke.OpLte:
		return c.Column == "t.id"
	}
	return false
}

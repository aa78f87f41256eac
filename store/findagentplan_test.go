package store

import (
	"strings"
	"testing"
	"time"

	"skranke"
)

// An agent's search is led by an index wherever there is one for it, and comes
// out of it in its order: who asks for fifty tickets has the database read about
// fifty, not look through or sort them all.
func TestAgentsSearchesUseIndexes(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	small := sqlite
	small.titles.few, small.titles.many = 10, 90
	db.dialect = &small
	err = db.Write(t.Context(), func(tx *WriteTx) error {
		for i := range 100 {
			title := "The printer is on fire"
			switch {
			case i%2 == 0:
				title = "The screen shows nothing"
			case i%25 == 1:
				title = "The projector in room 7"
			}
			if err := tx.InsertTicket(t.Context(), &skranke.Ticket{Title: title, CreatedAt: time.UnixMilli(int64(i))}); err != nil {
				return err
			}
		}
		_, err := tx.exec(t.Context(), `DELETE FROM ticket_title_late`)
		for id := 1; id <= 100 && err == nil; id++ {
			_, err = tx.exec(t.Context(), `INSERT INTO ticket_title (rowid, title) SELECT id, title_fold FROM ticket WHERE id = $1`, num(id))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	is := func(column string, typ skranke.Type, op skranke.Op, n int64) Condition {
		return Condition{Column: column, Criterion: skranke.Criterion{Type: typ, Op: op, Low: n, High: n}}
	}
	title := func(op skranke.Op, part string) Condition {
		return Condition{Column: "t.title", Criterion: skranke.Criterion{Type: skranke.TypeVarchar, Op: op, Text: part}}
	}
	kept := is("t.status", skranke.TypeInteger, skranke.OpNotEquals, int64(skranke.Deleted))
	closed := is("t.status", skranke.TypeInteger, skranke.OpEquals, int64(skranke.Closed))
	list := skranke.Criterion{Type: skranke.TypeRequestID, Op: skranke.OpIn}
	for i := range int64(2000) {
		list.Spans = append(list.Spans, skranke.Span{Low: 3 * i, High: 3 * i})
	}
	const byID, byAge, titles = "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)", "SCAN t USING INDEX ticket_created", "VIRTUAL TABLE"
	for _, c := range []struct {
		name   string
		where  Condition
		order  string
		uses   string
		index  bool // of titles
		sorted bool
	}{
		{"the newest", kept, "t.created_at", byAge, false, false},
		{"the newest of a status", closed, "t.created_at", "SEARCH t USING INDEX ticket_of_status (status=?)", false, false},
		{"a part", title(skranke.OpContains, "rint"), "", byID, true, false},
		{"a beginning", title(skranke.OpBeginsWith, "the sc"), "", byID, true, false},
		{"a whole title", title(skranke.OpEquals, "the screen"), "", byID, true, false},
		{"two letters", title(skranke.OpContains, "pr"), "", "SCAN t\n", false, false},
		{"the newest with a rare word", title(skranke.OpContains, "projector"), "t.created_at", byID, true, true},
		{"the newest with a word", title(skranke.OpContains, "print"), "t.created_at", byAge, true, false},
		{"the newest with what nearly all have", title(skranke.OpContains, "the"), "t.created_at", byAge, false, false},
		{"a list of ids", Condition{Column: "t.id", Criterion: list}, "", byID, false, false},
	} {
		for _, desc := range []bool{false, true} {
			search := TicketSearch{Where: []Condition{c.where, kept}, Order: c.order, Desc: desc, Limit: 50}
			plan := planOf(t, db, search)
			if !strings.Contains(plan, c.uses) || strings.Contains(plan, titles) != c.index || strings.Contains(plan, "TEMP B-TREE FOR ORDER BY") != c.sorted {
				t.Errorf("%s, descending %t: got plan\n%s", c.name, desc, plan)
			}
		}
	}
}

// planOf is how the database goes about the search: what the last of its
// statements on the tickets does.
func planOf(t *testing.T, db *DB, search TicketSearch) string {
	t.Helper()
	var plan strings.Builder
	err := db.Read(t.Context(), func(tx *ReadTx) error {
		watch := &spy{conn: tx.conn}
		seen := *tx
		seen.conn = watch
		if err := seen.FindTickets(t.Context(), search, func(*skranke.FoundTicket) (bool, error) { return false, nil }); err != nil {
			return err
		}
		for i, sql := range watch.sql {
			if !strings.Contains(sql, "first_name") {
				continue
			}
			err := tx.each(t.Context(), "EXPLAIN QUERY PLAN "+sql, func(r *rows) {
				r.skip(3)
				plan.WriteString(r.text() + "\n")
			}, watch.args[i]...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan.String()
}

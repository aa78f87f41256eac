package store

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke"
)

// titlePieces are what titles and what is looked for in them are made of: letters
// that fold, the signs of patterns and of query languages, and short pieces.
var titlePieces = []string{"Blåbær", "BLÅBÆRSAFT", "straße", "STRASSE", "ſchöne Grüße", "100%", "a_b", "*", "?", `"quoted"`, `'`, `back\slash`,
	"AND", "OR", "NOT", "NEAR(", "title:", "printer", "Printing", "int", "øl", "Å", "🐟🐠🐡", "e\u0301te", " ", "  ", "İstanbul", "K\u212A", "x", "fire"}

func randomTitle(r *rand.Rand) string {
	var words []string
	for range r.IntN(5) {
		words = append(words, titlePieces[r.IntN(len(titlePieces))])
	}
	return strings.Join(words, []string{" ", "", "-"}[r.IntN(3)])
}

// titleCriterion looks for a part of a title that is there, mostly.
func titleCriterion(r *rand.Rand, titles []string) skranke.Criterion {
	part := []rune(titles[r.IntN(len(titles))])
	if r.IntN(5) == 0 {
		part = []rune(randomTitle(r))
	}
	ops := []skranke.Op{skranke.OpContains, skranke.OpContains, skranke.OpBeginsWith, skranke.OpEquals, skranke.OpNotEquals, skranke.OpGt, skranke.OpLte, skranke.OpEmpty}
	op := ops[r.IntN(len(ops))]
	if len(part) > 0 && op != skranke.OpEquals {
		from := r.IntN(len(part))
		if op == skranke.OpBeginsWith {
			from = 0
		}
		part = part[from : from+1+r.IntN(len(part)-from)]
	}
	c, err := skranke.NewCriterion(skranke.TypeVarchar, op, string(part), time.UTC)
	if err != nil {
		panic(err)
	}
	return c
}

// TestTitleSearchAgainstPlainEvaluation compares searches for titles with a plain
// evaluation, on every way there is to the tickets, while titles are indexed, wait
// for it and change.
func TestTitleSearchAgainstPlainEvaluation(t *testing.T) {
	// types.op.1, types.op.2, types.op.6, types.op.7
	t.Parallel()
	db, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	small := sqlite
	small.titles.few, small.titles.many = 4, 40 // so that each way is gone
	db.dialect = &small
	r := rand.New(rand.NewPCG(11, 12))
	all := map[skranke.TicketID]*skranke.Ticket{}
	write := func(tx *WriteTx, n int) error {
		for range n {
			ticket := &skranke.Ticket{Title: randomTitle(r), CreatedAt: time.UnixMilli(int64(r.IntN(50))).UTC(), Status: skranke.Status(1 + r.IntN(3))}
			if err := tx.InsertTicket(t.Context(), ticket); err != nil {
				return err
			}
			all[ticket.ID] = ticket
		}
		for range n / 4 {
			ticket := all[skranke.TicketID(1+r.IntN(len(all)))]
			ticket.Title = randomTitle(r)
			if err := tx.UpdateTicket(t.Context(), ticket); err != nil {
				return err
			}
		}
		return nil
	}
	ways, found := map[way]int{}, 0
	for range 6 {
		if err := db.Write(t.Context(), func(tx *WriteTx) error { return write(tx, 77) }); err != nil {
			t.Fatal(err)
		}
		tickets := slices.SortedFunc(maps.Values(all), func(a, b *skranke.Ticket) int { return cmp.Compare(a.ID, b.ID) })
		titles := make([]string, len(tickets))
		for i := range tickets {
			titles[i] = tickets[i].Title
		}
		for range 100 {
			s := TicketSearch{Order: []string{"", "t.id", "t.created_at", "t.created_at", "t.title"}[r.IntN(5)], Desc: r.IntN(2) == 0, Limit: []int{0, 1, 7, 50}[r.IntN(4)]}
			for range 1 + r.IntN(2) {
				s.Where = append(s.Where, Condition{Column: "t.title", Criterion: titleCriterion(r, titles)})
			}
			switch r.IntN(4) {
			case 0:
				s.Where = append(s.Where, Condition{Column: "t.status", Criterion: skranke.Criterion{Type: skranke.TypeInteger, Op: skranke.OpEquals, Low: 1, High: 1}})
			case 1:
				s.Where = append(s.Where, Condition{Column: "t.id", Criterion: skranke.Criterion{Type: skranke.TypeRequestID, Op: skranke.OpGt, Low: int64(r.IntN(len(all)))}})
			}
			want := plainTitles(tickets, s)
			var got []skranke.TicketID
			err := db.Read(t.Context(), func(tx *ReadTx) error {
				way, _, err := tx.titleWay(t.Context(), s)
				if err != nil {
					return err
				}
				ways[way]++
				return tx.FindTickets(t.Context(), s, func(f *skranke.FoundTicket) (bool, error) {
					got = append(got, f.ID)
					return true, nil
				})
			})
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("search %+v: got %v, %v, want %v", s, got, err, want)
			}
			found += len(got)
		}
	}
	for _, w := range []way{anyWay, byCandidates, amongCandidates, inOrder} {
		if ways[w] < 10 {
			t.Errorf("way %d was gone %d times: the test looks at too little", w, ways[w])
		}
	}
	if found < 2000 {
		t.Errorf("only %d tickets were found", found)
	}
}

func plainTitles(tickets []*skranke.Ticket, s TicketSearch) []skranke.TicketID {
	var found []*skranke.Ticket
	for _, ticket := range tickets {
		if meets(&skranke.FoundTicket{Ticket: *ticket}, s.Where) {
			found = append(found, ticket)
		}
	}
	slices.SortFunc(found, func(a, b *skranke.Ticket) int {
		order := cmp.Compare(a.ID, b.ID)
		switch s.Order {
		case "t.created_at":
			order = cmp.Or(a.CreatedAt.Compare(b.CreatedAt), order)
		case "t.title":
			order = cmp.Or(cmp.Compare(skranke.Fold(a.Title), skranke.Fold(b.Title)), order)
		}
		if s.Desc {
			return -order
		}
		return order
	})
	var ids []skranke.TicketID
	for _, ticket := range found {
		if s.Limit == 0 || len(ids) < s.Limit {
			ids = append(ids, ticket.ID)
		}
	}
	return ids
}

// What waits for the index stays little, whatever is written, and in what order.
func TestTitlesAreIndexedInBatches(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ids := rand.New(rand.NewPCG(1, 2)).Perm(1000)
	err = db.Write(t.Context(), func(tx *WriteTx) error {
		for _, id := range ids {
			ticket := &skranke.Ticket{ID: skranke.TicketID(id + 1), Title: fmt.Sprintf("Printer %d is on fire", id)}
			if err := tx.InsertTicket(t.Context(), ticket); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Read(t.Context(), func(tx *ReadTx) error {
		waiting, err := tx.number(t.Context(), sqlite.titles.waiting)
		if err != nil {
			return err
		}
		indexed, err := tx.number(t.Context(), `SELECT COUNT(*) FROM ticket_title i WHERE i.ticket_title MATCH $1`, text(trigrams([]string{"printer"})))
		if waiting >= 2*lateTitles || waiting+indexed != 1000 {
			t.Errorf("got %d waiting and %d indexed tickets, want fewer than %d and all the others", waiting, indexed, 2*lateTitles)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

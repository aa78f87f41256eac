package store

import (
	"strings"
	"testing"

	"skranke"
)

// The list of the newest tickets comes out of an index in its order: an agent
// who asks for fifty of them has the database read fifty, not sort them all.
func TestFindTicketsNewestIsNotSorted(t *testing.T) {
	db, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	kept := Condition{Column: "t.status", Criterion: skranke.Criterion{Type: skranke.TypeInteger, Op: skranke.OpNotEquals,
		Low: int64(skranke.Deleted), High: int64(skranke.Deleted)}}
	for _, desc := range []bool{true, false} {
		var plan []string
		err := db.Read(t.Context(), func(tx *ReadTx) error {
			watch := &spy{conn: tx.conn}
			seen := *tx
			seen.conn = watch
			search := TicketSearch{Where: []Condition{kept}, Order: "t.created_at", Desc: desc}
			err := seen.FindTickets(t.Context(), search, func(*skranke.FoundTicket) (bool, error) { return true, nil })
			if err != nil {
				return err
			}
			return tx.each(t.Context(), "EXPLAIN QUERY PLAN "+watch.sql[0], func(r *rows) {
				r.skip(3)
				plan = append(plan, r.text())
			}, watch.args[0]...)
		})
		if err != nil {
			t.Fatal(err)
		}
		if whole := strings.Join(plan, "\n"); plan[0] != "SCAN t USING INDEX ticket_created" || strings.Contains(whole, "TEMP B-TREE") {
			t.Errorf("descending %t: got plan\n%s", desc, whole)
		}
	}
}

package store

import (
	"context"
	"strings"
	"testing"

	"skranke"
)

// spy remembers the statements of the connection it stands before.
type spy struct {
	conn
	sql  []string
	args [][]arg
}

func (s *spy) query(ctx context.Context, sql string, args []arg) *rows {
	s.sql, s.args = append(s.sql, sql), append(s.args, args)
	return s.conn.query(ctx, sql, args)
}

// A customer's search begins with the tickets he may read, whatever else is
// asked: no criterion may tempt the database to read through a table, or
// through all tickets of a status, owner or month, which in a help desk of
// years are nearly all.
func TestFindTicketsBeginsWithTheCustomersOwn(t *testing.T) {
	db, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	equals := func(column string, typ skranke.Type, n int64) Condition {
		return Condition{Column: column, Criterion: skranke.Criterion{Type: typ, Op: skranke.OpEquals, Low: n, High: n}}
	}
	compare := func(column string, typ skranke.Type, op skranke.Op, n int64) Condition {
		return Condition{Column: column, Criterion: skranke.Criterion{Type: typ, Op: op, Low: n, High: n}}
	}
	title := func(op skranke.Op) Condition {
		return Condition{Column: "t.title", Criterion: skranke.Criterion{Type: skranke.TypeVarchar, Op: op, Text: "fire"}}
	}
	extra := equals("", skranke.TypeInteger, 7)
	extra.Extra, extra.Domain = 3, skranke.DomainTicket
	for name, where := range map[string][]Condition{
		"nothing":       nil,
		"a status":      {equals("t.status", skranke.TypeInteger, 1)},
		"status, owner": {equals("t.status", skranke.TypeInteger, 1), equals("t.owner_id", skranke.TypeInteger, 2)},
		"an id":         {equals("t.id", skranke.TypeRequestID, 5)},
		"ids": {compare("t.id", skranke.TypeRequestID, skranke.OpGte, 5),
			compare("t.id", skranke.TypeRequestID, skranke.OpLte, 9)},
		"a customer": {equals("t.customer_id", skranke.TypeCustomerID, 5), equals("t.category_id", skranke.TypeForeignKey, 5),
			compare("t.created_at", skranke.TypeDateTime, skranke.OpGt, 5)},
		"a word":      {title(skranke.OpContains)},
		"a beginning": {title(skranke.OpBeginsWith)},
		"an extra":    {extra},
	} {
		for company, reading := range map[skranke.CompanyID]string{
			0: "SEARCH x USING COVERING INDEX ticket_customer_by (customer_id=?",
			4: "SEARCH k USING COVERING INDEX customer_company (company_id=?)",
		} {
			var plan []string
			err := db.Read(t.Context(), func(tx *ReadTx) error {
				watch := &spy{conn: tx.conn}
				seen := *tx
				seen.conn = watch
				search := TicketSearch{Of: &Viewer{Customer: 1, Company: company}, Where: where, Extra: []skranke.Domain{skranke.DomainTicket}}
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
			whole := strings.Join(plan, "\n")
			if plan[0] != "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)" || !strings.Contains(whole, reading) || strings.Contains(whole, "SCAN") {
				t.Errorf("%s, company %d: got plan\n%s", name, company, whole)
			}
		}
	}
}

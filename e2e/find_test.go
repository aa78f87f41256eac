package e2e

import (
	"slices"
	"testing"
)

// A search is what findTickets is asked and the tickets it finds.
type search struct {
	name     string
	criteria []criterion
	tickets  []string
}

func checkFindTickets(t *testing.T, c *client, key string) {
	// customer.findTickets.1 customer.findTickets.2 customer.findTickets.3 customer.findTickets.4 customer.findTickets.6
	// customer.findTickets.7
	for _, s := range demo.searches {
		t.Run("findTickets "+s.name, func(t *testing.T) {
			r := c.call(t, "findTickets", key, s.criteria, []string{"ticket.id"})
			r.wantCode(t, "0")
			var want [][]result
			for _, ticket := range s.tickets {
				want = append(want, []result{{"ticket.id", ticket, "TypeRequestId"}})
			}
			wantTable(t, r, want)
		})
	}

	some := []criterion{{"ticket.id", "OperatorIn", demo.closedTicket + "," + demo.ticket}}
	one := []criterion{{"ticket.id", "OperatorEquals", demo.closedTicket}}

	// customer.findTickets.11
	t.Run("findTickets as on its page", func(t *testing.T) {
		of := demo.searches[0]
		r := c.call(t, "findTickets", key, of.criteria, []string{"ticket.id", "ticket.title"})
		r.wantCode(t, "0")
		var got []string
		for _, row := range r.table(t, "searchResult") {
			if len(row) != 2 || row[0].field != "ticket.id" || row[1].field != "ticket.title" || row[1].value == "" {
				t.Fatalf("row: got %q, want an id and a title", row)
			}
			got = append(got, row[0].value)
		}
		wantEqual(t, "tickets", got, of.tickets)
	})

	// customer.findTickets.5
	t.Run("findTickets with rows of three fields", func(t *testing.T) {
		fields := names(demo.page)
		r := c.call(t, "findTickets", key, some, slices.Insert(fields, 1, "no such field"))
		r.wantCode(t, "0")
		wantTable(t, r, [][]result{demo.page, demo.closedPage})
		r = c.call(t, "findTickets", key, one, names(demo.page))
		r.wantCode(t, "0")
		wantTable(t, r, [][]result{demo.closedPage})
	})

	// types.transport.10
	t.Run("findTickets with rows of no field", func(t *testing.T) {
		for _, fields := range [][]string{{}, {"no such field"}} {
			r := c.call(t, "findTickets", key, some, fields)
			r.wantCode(t, "0")
			wantTable(t, r, c.emptyRows(2))
			r = c.call(t, "findTickets", key, one, fields)
			r.wantCode(t, "0")
			wantTable(t, r, c.emptyRows(1))
		}
	})

	// customer.findTickets.8
	t.Run("findTickets refused", func(t *testing.T) {
		r := c.call(t, "findTickets", key, []criterion{{"ticket.id", "OperatorIn", "4-2"}}, []string{"ticket.id"})
		r.wantCode(t, "28")
		wantTable(t, r, nil)
		r = c.call(t, "findTickets", "", []criterion{}, []string{"ticket.id"})
		r.wantCode(t, "5")
		wantTable(t, r, nil)
	})
}

// emptyRows is n rows of no field as this toolkit shows them.
func (c *client) emptyRows(n int) [][]result {
	if c.dropsRows && c.style == rpc {
		return nil
	}
	return make([][]result, n)
}

func wantTable(t *testing.T, r answer, want [][]result) {
	t.Helper()
	got := r.table(t, "searchResult")
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("searchResult:\n got %q\nwant %q", got, want)
	}
}

func checkCloseTicket(t *testing.T, c *client, key string) {
	// customer.closeTicket.1 customer.closeTicket.2 customer.closeTicket.3 customer.closeTicket.4
	t.Run("closeTicket", func(t *testing.T) {
		r := c.call(t, "newTicket", key, "x", "2", demo.category, "-1", []pair{})
		r.wantCode(t, "0")
		ticket := r.text(t, "ticketId")
		closed := func(ticket string) string {
			t.Helper()
			c.call(t, "closeTicket", key, ticket).wantCode(t, "0")
			r := c.call(t, "getTicket", key, ticket, []string{"ticket.status", "ticket.closed_at", "ticket.last_changed"})
			r.wantCode(t, "0")
			got := r.results(t, "ticketResult")
			if len(got) != 3 || got[0].value != "2" || !moment.MatchString(got[1].value) || got[1].value != got[2].value {
				t.Fatalf("ticketResult: got %q, want a ticket closed when it was last changed", got)
			}
			return got[1].value
		}
		first := closed(ticket)
		if again := closed(ticket); again != first {
			t.Errorf("closed_at: got %s after closing again, was %s", again, first)
		}
		closed(demo.colleagueTicket)
		for _, ticket := range append(slices.Clone(demo.hiddenTickets), demo.missing) {
			c.call(t, "closeTicket", key, ticket).wantCode(t, "13")
		}
		wantLastError(t, c, key, unknownTicket)
	})
}

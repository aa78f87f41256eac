package desk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"skranke"
)

var (
	agentNames = append([]string{"ticket.cust_id", "ticket.created_by", "ticket.owned_by", "customer.firstname", "customer.lastname", "CUSTOMER.FirstName",
		"ticket.alert_level", "ticket.filter_address", "customer.phone"}, searchNames...)
	agentTexts = append([]string{"ÅSE", "zo", "Anne", "last", "e"}, searchTexts...)
	agentRows  = []string{"", "", "", "0", "-3", "1", "7", "20", "1000000", "many", "1.5"}
)

// agentField finds a field of the ticket port, legal in criteria and in results.
func (s *searchWorld) agentField(name string) (skranke.Type, func(*skranke.FoundTicket) skranke.Value) {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "ticket_last_changed" {
		name = "ticket.last_changed"
	}
	for _, f := range skranke.FoundFields.All() {
		if f.Name == name && f.Use&skranke.AgentMatch != 0 {
			return f.Type, f.Of
		}
	}
	for _, f := range s.fields {
		if name == fmt.Sprint("ticket.x_", f.ID) || name == "ticket."+f.FieldName || name == "ticket."+f.Label {
			return f.Type(), func(t *skranke.FoundTicket) skranke.Value { return extraValue(t.Extra, f.ID) }
		}
	}
	for _, f := range s.related {
		prefix := f.Domain.String() + "."
		if name == prefix+fmt.Sprint("x_", f.ID) || name == prefix+f.FieldName || name == prefix+strings.ToLower(f.Label) {
			return f.Type(), func(t *skranke.FoundTicket) skranke.Value { return extraValue(s.values[t.Customer()], f.ID) }
		}
	}
	return 0, nil
}

// agentName draws the name of a field, now and then of one that is not.
func (s *searchWorld) agentName() string {
	if s.rand.IntN(6) == 0 {
		f := choose(s.rand, s.related)
		return f.Domain.String() + "." + choose(s.rand, []string{fmt.Sprint("x_", f.ID), f.FieldName, f.Label})
	}
	if s.rand.IntN(2) == 0 {
		f := choose(s.rand, s.fields)
		return "ticket." + choose(s.rand, []string{fmt.Sprint("x_", f.ID), f.FieldName, f.Label, strings.ToUpper(f.FieldName)})
	}
	return choose(s.rand, agentNames)
}

// agentCriterion draws a criterion; most of them are legal.
func (s *searchWorld) agentCriterion() Criterion {
	r := s.rand
	for {
		c := Criterion{Field: s.agentName(), Op: choose(r, searchOps)}
		c.Value = choose(r, choose(r, [][]string{agentTexts, searchDates, searchNumbers}))
		if _, _, legal := s.parse(c); legal || r.IntN(20) == 0 {
			return c
		}
	}
}

func (s *searchWorld) parse(c Criterion) (parsed skranke.Criterion, value func(*skranke.FoundTicket) skranke.Value, legal bool) {
	typ, value := s.agentField(c.Field)
	op, isOp := skranke.ParseOp(c.Op)
	if value == nil || !isOp {
		return parsed, nil, false
	}
	parsed, err := skranke.NewCriterion(typ, op, c.Value, time.UTC)
	return parsed, value, err == nil
}

// plainAgent evaluates an agent's search over all tickets, one criterion after
// the other. refused says that it is not legal.
func (s *searchWorld) plainAgent(search TicketSearch) (found []*skranke.FoundTicket, refused bool) {
	limit := len(s.tickets)
	if search.MaxRows != "" {
		n, err := strconv.Atoi(search.MaxRows)
		if err != nil {
			return nil, true
		}
		if n > 0 {
			limit = min(limit, n)
		}
	}
	status := false
	found = slices.Clone(s.tickets)
	for _, wanted := range search.Criteria {
		c, value, legal := s.parse(wanted)
		if !legal {
			return nil, true
		}
		status = status || strings.ToLower(strings.TrimSpace(wanted.Field)) == "ticket.status"
		found = slices.DeleteFunc(found, func(t *skranke.FoundTicket) bool { return !c.Matches(value(t)) })
	}
	if !status {
		found = slices.DeleteFunc(found, func(t *skranke.FoundTicket) bool { return t.Status == 4 })
	}
	_, value := s.agentField(search.OrderBy)
	slices.SortFunc(found, func(a, b *skranke.FoundTicket) int {
		order := cmp.Compare(a.ID, b.ID)
		if value != nil {
			order = cmp.Or(compareValues(value(a), value(b)), order)
		}
		if !search.Ascending {
			return -order
		}
		return order
	})
	return found[:min(limit, len(found))], false
}

// compareValues has what is not set before all that is.
func compareValues(a, b skranke.Value) int {
	if !a.Set || !b.Set {
		return cmp.Compare(strconv.FormatBool(a.Set), strconv.FormatBool(b.Set))
	}
	return cmp.Or(cmp.Compare(skranke.Fold(a.Text), skranke.Fold(b.Text)), cmp.Compare(a.Float, b.Float), cmp.Compare(a.Int, b.Int))
}

// TestSearchTicketsAgainstPlainEvaluation compares random searches of agents
// with a plain evaluation over the same tickets: which are found, in which
// order, how many of them, and what is told of each.
func TestSearchTicketsAgainstPlainEvaluation(t *testing.T) {
	// ticket.search.1, ticket.search.2, ticket.search.3, ticket.search.4, ticket.search.5, ticket.search.6
	// ticket.findTickets.1, ticket.findTickets.2, ticket.findTickets.3, ticket.findTickets.4, ticket.findTickets.5, ticket.findTickets.6
	inWorld(t, func(w *world) {
		s := newSearchWorld(w, 3, 120)
		a := Actor{User: s.users[1], Auth: s.users[1]}
		found, refusals, cut := 0, 0, 0
		for i := range 3000 {
			search := TicketSearch{Fields: []string{"ticket.id"}, MaxRows: choose(s.rand, agentRows), OrderBy: s.agentName(), Ascending: s.rand.IntN(2) == 0}
			for range s.rand.IntN(4) {
				search.Criteria = append(search.Criteria, s.agentCriterion())
			}
			for range s.rand.IntN(3) {
				search.Fields = append(search.Fields, s.agentName())
			}
			want, refused := s.plainAgent(search)
			rows, err := w.desk.SearchTickets(t.Context(), a, search)
			if refused {
				refusals++
				if skranke.CodeOf(err) != skranke.CodeIllegalCriterias || rows != nil {
					t.Fatalf("search %d %+v: got %d rows, %v, want code 28 alone", i, search, len(rows), err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("search %d %+v: %v", i, search, err)
			}
			got := make([]skranke.TicketID, len(rows))
			for j, row := range rows {
				got[j] = skranke.TicketID(row[0].Value.Int)
			}
			ids := make([]skranke.TicketID, len(want))
			for j, ticket := range want {
				ids[j] = ticket.ID
			}
			if !slices.Equal(got, ids) {
				t.Fatalf("search %d %+v:\ngot  %v\nwant %v", i, search, got, ids)
			}
			for j, row := range rows {
				if told := s.told(want[j], search.Fields); !slices.Equal(row, told) {
					t.Fatalf("search %d %+v, ticket %d: got %+v, want %+v", i, search, got[j], row, told)
				}
			}
			found += len(got)
			if n, _ := strconv.Atoi(search.MaxRows); n == len(got) {
				cut++
			}
		}
		if found < 20000 || refusals < 500 || cut < 100 {
			t.Errorf("only %d tickets were found, %d searches refused and %d cut: the test looks at too little", found, refusals, cut)
		}
	})
}

// told is what a search tells of a ticket; names nobody knows are left out.
func (s *searchWorld) told(t *skranke.FoundTicket, names []string) []FieldValue {
	var row []FieldValue
	for _, name := range names {
		if typ, value := s.agentField(name); value != nil {
			row = append(row, FieldValue{Name: strings.TrimSpace(name), Type: typ, Value: value(t)})
		}
	}
	return row
}

// Nobody waits for a search without end, whatever it looks for.
func TestSearchesAreGivenUp(t *testing.T) {
	inWorld(t, func(w *world) {
		w.priority(&skranke.Priority{Name: "Any"})
		a := Actor{Customer: w.customer(&skranke.Customer{FirstName: "Ola"})}
		w.newTicket(a, TicketDraft{Category: w.category(&skranke.Category{Name: "Any"})})
		w.desk.opts.SearchTime = time.Nanosecond // it is over before it begins
		for what, search := range map[string]func() ([][]FieldValue, error){
			"a customer's": func() ([][]FieldValue, error) { return w.desk.FindTickets(t.Context(), a, nil, nil) },
			"an agent's": func() ([][]FieldValue, error) {
				return w.desk.SearchTickets(t.Context(), Actor{User: 1}, TicketSearch{})
			},
			"by paths": func() ([][]FieldValue, error) { return w.desk.FindCustomers(t.Context(), nil, nil, "") },
		} {
			if rows, err := search(); !errors.Is(err, errSearchTime) || skranke.CodeOf(err) != skranke.CodeCustomError || rows != nil {
				t.Errorf("%s: got %d rows, %v, want it to be given up", what, len(rows), err)
			}
		}
	})
}

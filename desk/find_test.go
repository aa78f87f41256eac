package desk

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

// searchWorld is a world of random tickets of four customers, for comparing
// searches with a plain evaluation.
type searchWorld struct {
	*world
	rand    *rand.Rand
	tickets []*skranke.FoundTicket
	company map[skranke.CustomerID]skranke.CompanyID
	fields  []skranke.ExtraField
	users   []skranke.UserID

	related []skranke.ExtraField // of customers and companies
	values  map[skranke.CustomerID][]skranke.ExtraValue
}

var searchTexts = []string{"", "Blåbær & <saft>", "BLÅBÆR", "100%_sikker", "ß straße", "  to  mellomrom ", "a", "Z", "’–emoji🐟", `back\slash`}

// firstNames are those of the customers: in the order of their code points they
// would stand otherwise.
var firstNames = []string{"", "åse", "Zoë", "anne", "ÅSE"}

func newSearchWorld(w *world, seed uint64, tickets int) *searchWorld {
	s := &searchWorld{world: w, rand: rand.New(rand.NewPCG(seed, 7)), company: map[skranke.CustomerID]skranke.CompanyID{}, values: map[skranke.CustomerID][]skranke.ExtraValue{}}
	s.users = []skranke.UserID{skranke.SystemUser, w.user(&skranke.User{LoginName: "berit"}), w.user(&skranke.User{LoginName: "arne"})}
	for i, kind := range []skranke.ExtraKind{skranke.ExtraText, skranke.ExtraInteger, skranke.ExtraText, skranke.ExtraFloat} {
		f := skranke.ExtraField{ID: skranke.ExtraFieldID(101 + i), Domain: skranke.DomainCustomer, FieldName: fmt.Sprint("x_related", i), Label: fmt.Sprint("Related ", i), Kind: kind}
		if i >= 2 {
			f.Domain = skranke.DomainCompany
		}
		w.write(func(tx *store.WriteTx) error { return tx.InsertExtraField(w.t.Context(), &f) })
		s.related = append(s.related, f)
	}
	ofFirm := []skranke.ExtraValue{{Field: 103, Value: skranke.TextValue("Blåbær & <saft>")}, {Field: 104, Value: skranke.Value{Set: true, Float: 0.5}}}
	firm := w.company(&skranke.Company{Name: "Fjord AS", Extra: ofFirm})
	for id := skranke.CustomerID(1); id <= 4; id++ {
		c := &skranke.Customer{ID: id, FirstName: firstNames[id], LastName: "Last"}
		if id != 2 {
			c.Extra = []skranke.ExtraValue{{Field: 101, Value: skranke.TextValue(choose(s.rand, searchTexts[1:]))}, {Field: 102, Value: skranke.IntValue(int64(id))}}
		}
		s.values[id] = c.Extra
		if id < 3 {
			c.Company = firm
			s.values[id] = append(slices.Clone(c.Extra), ofFirm...)
		}
		w.customer(c)
		s.company[id] = c.Company
	}
	kinds := []skranke.ExtraKind{skranke.ExtraInteger, skranke.ExtraClob, skranke.ExtraDate, skranke.ExtraDateTime, skranke.ExtraTime,
		skranke.ExtraBool, skranke.ExtraTimeSpan, skranke.ExtraFloat, skranke.ExtraText, skranke.ExtraCustomer, skranke.ExtraCategory}
	for i, kind := range kinds {
		f := skranke.ExtraField{ID: skranke.ExtraFieldID(i + 1), Domain: skranke.DomainTicket, FieldName: "x_" + kind.String(), Label: kind.String(), Kind: kind, Flags: skranke.ExtraPublic}
		w.write(func(tx *store.WriteTx) error { return tx.InsertExtraField(w.t.Context(), &f) })
		s.fields = append(s.fields, f)
	}
	w.write(func(tx *store.WriteTx) error {
		for range tickets {
			t := s.randomTicket()
			if err := tx.InsertTicket(w.t.Context(), &t.Ticket); err != nil {
				return err
			}
			if c := t.Customer(); c != 0 {
				t.Name = skranke.CustomerName{First: firstNames[c], Last: "Last"}
			}
			s.tickets = append(s.tickets, t)
		}
		return nil
	})
	return s
}

func choose[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (s *searchWorld) moment() time.Time {
	if s.rand.IntN(4) == 0 {
		return time.Time{}
	}
	return time.Date(2021, 3, 28, s.rand.IntN(48), s.rand.IntN(3)*30, s.rand.IntN(2)*30, s.rand.IntN(2)*5e8, time.UTC)
}

func (s *searchWorld) randomTicket() *skranke.FoundTicket {
	r := s.rand
	t := &skranke.FoundTicket{Ticket: skranke.Ticket{
		Title: choose(r, searchTexts), CreatedAt: s.moment(), LastChanged: s.moment(), RepliedAt: s.moment(), ClosedAt: s.moment(),
		ReadByCustomer: s.moment(), Category: skranke.CategoryID(r.IntN(4)), Priority: skranke.PriorityID(r.IntN(3)),
		Status: skranke.Status(1 + r.IntN(5)), SLevel: skranke.SLevel(r.IntN(3)), HasAttachment: r.IntN(2) == 0,
		Owner: choose(r, s.users), CreatedBy: choose(r, s.users), Author: choose(r, searchTexts),
	}}
	for _, c := range r.Perm(4)[:r.IntN(3)] {
		t.Customers = append(t.Customers, skranke.CustomerID(c+1))
	}
	for _, f := range s.fields {
		if v := s.extraValue(f); v.Set {
			t.Extra = append(t.Extra, skranke.ExtraValue{Field: f.ID, Value: v})
		}
	}
	return t
}

func (s *searchWorld) extraValue(f skranke.ExtraField) skranke.Value {
	r := s.rand
	if r.IntN(3) == 0 {
		return skranke.Value{}
	}
	switch f.Type() {
	case skranke.TypeVarchar, skranke.TypeClob:
		return skranke.TextValue(choose(r, searchTexts))
	case skranke.TypeFloat:
		return skranke.Value{Set: true, Float: float64(r.IntN(9)-4) / 4}
	case skranke.TypeBool:
		return skranke.IntValue(int64(r.IntN(2)))
	case skranke.TypeDate:
		return skranke.TimeValue(time.Date(2021, 3, 27+r.IntN(3), 0, 0, 0, 0, time.UTC))
	case skranke.TypeDateTime:
		return skranke.TimeValue(s.moment())
	case skranke.TypeTime:
		return skranke.IntValue(int64(r.IntN(48)) * 1800000)
	case skranke.TypeInteger:
		return skranke.IntValue(int64(r.IntN(9) - 4))
	}
	return skranke.IDValue(int64(1 + r.IntN(4)))
}

var (
	searchOps = []string{"OperatorContains", "OperatorBeginsWith", "OperatorEquals", "OperatorNotEquals", "OperatorGt", "OperatorLt",
		"OperatorGte", "OperatorLte", "OperatorIn", "OperatorNotIn", "OperatorEmpty", "operatorequals", "OperatorLike"}
	searchNames = []string{"ticket.id", "ticket.title", "ticket.created_at", "ticket.category", "ticket.status", "ticket.replied_at", "ticket.closed_at",
		"ticket.priority", "ticket.read_by_customer", "ticket.has_attachment", "ticket.last_changed", "ticket_last_changed", " Ticket.TITLE ",
		"ticket.author", "customer.id", "ticket.slevel", "ticket.nonsense", ""}
	searchNumbers = []string{"0", "1", "2", "-1", "3-4", "1,3-4", "", "-3--1", "7", "1-2,,3"}
	searchDates   = []string{"2021-03-28", "2021-03-29", "2021-03-28 12-30", "2021-03-28T12:30:00", "2021-03-28 12-30-30.500", "03-28", "12:30", "00-00-00"}
)

func (s *searchWorld) criterion() Criterion {
	r := s.rand
	c := Criterion{Field: choose(r, searchNames), Op: choose(r, searchOps)}
	if r.IntN(2) == 0 {
		f := choose(r, s.fields)
		c.Field = "ticket." + choose(r, []string{fmt.Sprint("x_", f.ID), f.FieldName, f.Label, strings.ToUpper(f.FieldName)})
	}
	switch r.IntN(4) {
	case 0:
		c.Value = choose(r, searchTexts)
	case 1:
		c.Value = choose(r, searchDates)
	default:
		c.Value = choose(r, searchNumbers)
	}
	return c
}

// plain evaluates a search over all tickets, one criterion after the other.
// refused says that a value does not fit.
func (s *searchWorld) plain(a Actor, criteria []Criterion) (ids []skranke.TicketID, refused bool) {
	type condition struct {
		skranke.Criterion
		value func(*skranke.FoundTicket) skranke.Value
	}
	var conditions []condition
	for _, c := range criteria {
		op, isOp := skranke.ParseOp(c.Op)
		typ, value := s.field(c.Field)
		if value == nil || !isOp || (op == skranke.OpIn || op == skranke.OpNotIn) && typ != skranke.TypeInteger && !typ.IsID() {
			continue
		}
		parsed, err := skranke.NewCriterion(typ, op, c.Value, time.UTC)
		if err != nil {
			return nil, true
		}
		conditions = append(conditions, condition{parsed, value})
	}
	for _, t := range s.tickets {
		own := slices.Contains(t.Customers, a.Customer)
		firms := slices.ContainsFunc(t.Customers, func(c skranke.CustomerID) bool { return a.Company != 0 && s.company[c] == a.Company })
		fits := t.SLevel == 2 && t.Status != 4 && t.Status != 5 && (own || a.CompanyAccess && firms)
		for _, c := range conditions {
			fits = fits && c.Matches(c.value(t))
		}
		if fits {
			ids = append(ids, t.ID)
		}
	}
	return ids, false
}

func (s *searchWorld) field(name string) (skranke.Type, func(*skranke.FoundTicket) skranke.Value) {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "ticket_last_changed" {
		name = "ticket.last_changed"
	}
	for _, f := range skranke.TicketFields.All() {
		if f.Name == name && f.Use&skranke.CustomerMatch != 0 {
			return f.Type, func(t *skranke.FoundTicket) skranke.Value { return f.Of(&t.Ticket) }
		}
	}
	for _, f := range s.fields {
		if name == fmt.Sprint("ticket.x_", f.ID) || name == "ticket."+f.FieldName || name == "ticket."+f.Label {
			return f.Type(), func(t *skranke.FoundTicket) skranke.Value { return extraValue(t.Extra, f.ID) }
		}
	}
	return 0, nil
}

// TestFindTicketsAgainstPlainEvaluation compares random searches with a plain
// evaluation over the same tickets.
func TestFindTicketsAgainstPlainEvaluation(t *testing.T) {
	// customer.findTickets.1, customer.findTickets.2, customer.findTickets.3, customer.findTickets.4
	// customer.findTickets.6, customer.findTickets.7, customer.findTickets.8, types.acl.6, types.acl.5
	inWorld(t, func(w *world) {
		s := newSearchWorld(w, 1, 150)
		found, refusals := 0, 0
		for i := range 3000 {
			customer := skranke.CustomerID(1 + s.rand.IntN(4))
			a := Actor{Customer: customer, Company: s.company[customer], CompanyAccess: s.rand.IntN(2) == 0}
			criteria := make([]Criterion, s.rand.IntN(4))
			for j := range criteria {
				criteria[j] = s.criterion()
			}
			want, refused := s.plain(a, criteria)
			rows, err := w.desk.FindTickets(t.Context(), a, criteria, []string{"ticket.id"})
			if refused {
				refusals++
				if skranke.CodeOf(err) != skranke.CodeIllegalCriterias {
					t.Fatalf("search %d %+v: got %v, want code 28", i, criteria, err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("search %d %+v: %v", i, criteria, err)
			}
			got := make([]skranke.TicketID, len(rows))
			for j, row := range rows {
				got[j] = skranke.TicketID(row[0].Value.Int)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("search %d of %+v for %+v: got %v, want %v", i, a, criteria, got, want)
			}
			found += len(got)
		}
		if found < 1000 || refusals < 100 {
			t.Errorf("only %d tickets were found and %d searches refused: the test looks at too little", found, refusals)
		}
	})
}

func TestFindTicketsWithManyCriteria(t *testing.T) {
	inWorld(t, func(w *world) {
		s := newSearchWorld(w, 2, 80)
		a := Actor{Customer: 1}
		all, err := w.desk.FindTickets(t.Context(), a, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		criteria := slices.Repeat([]Criterion{{"ticket.title", "OperatorContains", ""}}, 2000)
		criteria = append(criteria, Criterion{"ticket.title", "OperatorNotEquals", strings.Repeat("å", 70000)},
			Criterion{"ticket.title", "OperatorNotEquals", "no such title"},
			Criterion{"ticket.id", "OperatorIn", strings.Repeat("1-9999,", 5000) + "1"})
		got, err := s.desk.FindTickets(t.Context(), a, criteria, nil)
		if err != nil || len(got) != len(all) || len(all) == 0 {
			t.Errorf("got %d tickets, %v, want all %d", len(got), err, len(all))
		}
	})
}

func TestFindTicketsSeesGatheredReads(t *testing.T) {
	// customer.findTickets.10
	inWorld(t, func(w *world) {
		category := w.category(&skranke.Category{Name: "Any"})
		w.priority(&skranke.Priority{Name: "Any"})
		a := Actor{Customer: w.customer(&skranke.Customer{FirstName: "Ola"})}
		id := w.newTicket(a, TicketDraft{Category: category}).ID
		unread := []Criterion{{"ticket.read_by_customer", "OperatorEmpty", ""}}
		for range 2 { // searching is not reading
			if rows, err := w.desk.FindTickets(t.Context(), a, unread, nil); err != nil || len(rows) != 1 {
				t.Fatalf("got %d unread tickets, %v, want 1", len(rows), err)
			}
		}
		if _, err := w.desk.Ticket(t.Context(), a, id, nil); err != nil {
			t.Fatal(err)
		}
		if rows, err := w.desk.FindTickets(t.Context(), a, unread, nil); err != nil || len(rows) != 0 {
			t.Errorf("got %d unread tickets after reading, %v, want none", len(rows), err)
		}
	})
}

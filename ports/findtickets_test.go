package ports_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/store"
)

// criterion is a CriteriaStruct of a request.
type criterion struct{ field, op, value string }

// everything are the tickets Kari finds without criteria: her own, those she is
// a further customer of, and those of her company.
var everything = []string{"1012", "1016", "1017", "1027", "1028", "1029", "1031", "1033"}

func except(list []string, out ...string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(out, s) })
}

// table is an array of arrays of structs: rows of members joined with strokes.
func (a answer) table(name string) [][]string {
	a.t.Helper()
	table := [][]string{}
	for _, outer := range a.part(name).kids {
		row := []string{}
		for _, inner := range outer.kids {
			row = append(row, members(inner))
		}
		table = append(table, row)
	}
	return table
}

// found are the ids of the tickets of an answer that was asked for ticket.id alone.
func (a answer) found() []string {
	a.t.Helper()
	ids := []string{}
	for _, row := range a.table("searchResult") {
		if len(row) != 1 {
			a.t.Fatalf("%s: got %d fields of a ticket, want its id alone:\n%s", a.call, len(row), a.raw)
		}
		ids = append(ids, strings.Split(row[0], "|")[1])
	}
	return ids
}

func (w *world) find(key string, criteria ...criterion) []string {
	w.t.Helper()
	return w.customer("findTickets", key, criteria, []string{"ticket.id"}).want("0").found()
}

func TestFindTickets(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		// customer.findTickets.11: the example of the manual
		a := w.customer("findTickets", key, []criterion{{"ticket.id", "OperatorGt", "0"}}, []string{"ticket.id", "ticket.title"}).want("0")
		var want [][]string
		for _, id := range everything { // customer.findTickets.7
			want = append(want, []string{"ticket.id|" + id + "|TypeRequestId", "ticket.title|" + w.ticket(idOf(t, id)).Title + "|TypeVarchar"})
		}
		sameTable(t, "the example", a.table("searchResult"), want)
		for i, name := range []string{"field", "value", "type"} { // customer.findTickets.5
			if got := a.part("searchResult").kids[0].kids[0].kids[i].name; got != name {
				t.Errorf("member %d is %s, want %s", i, got, name)
			}
		}
		if len(a.parts) != 2 || a.parts[1].name != "searchResult" {
			t.Errorf("got the parts %v, want errorCode and searchResult", a.parts)
		}

		// customer.findTickets.3: no criteria, in each of the ways to say so
		same(t, "an empty list", w.find(key), everything)
		same(t, "an empty element", w.customer("findTickets", key, verbatim(""), []string{"ticket.id"}).want("0").found(), everything)
		same(t, "no list", w.customer("findTickets", key, absent{}, []string{"ticket.id"}).want("0").found(), everything)
		const nilItem = `<item i:nil="true" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"/>`
		same(t, "a nil item", w.customer("findTickets", key, verbatim(nilItem), []string{"ticket.id"}).want("0").found(), everything) // types.input.4

		// customer.findTickets.7: no hits are no failure
		w.customer("findTickets", key, []criterion{{"ticket.title", "OperatorContains", "no such title"}}, []string{"ticket.id"}).want("0").empty("customer", "findTickets")
		same(t, "nothing of one's own", w.find(w.logIn("tove")), []string{})

		// types.transport.10: a ticket of which nothing was asked still stands there
		for _, fields := range []any{[]string{}, absent{}, []string{"ticket.slevel", "nothing", ""}} {
			a := w.customer("findTickets", key, []criterion{{"ticket.status", "OperatorEquals", "2"}}, fields).want("0")
			sameTable(t, fmt.Sprintf("asking for %q", fields), a.table("searchResult"), [][]string{{}, {}})
		}

		w.unchanged(func() { w.find(key) }) // customer.findTickets.10
		w.customer("findTickets", "", []criterion{}, []string{}).want("5").empty("customer", "findTickets")
		w.customer("findTickets", w.logInUser("ada"), []criterion{}, []string{}).want("5") // types.session.7
		// types.check_order: the key goes before the criteria
		w.customer("findTickets", "x", []criterion{{"ticket.id", "OperatorEquals", "abc"}}, []string{}).want("5")
	})
}

func idOf(t testing.TB, text string) skranke.TicketID {
	t.Helper()
	n, ok := skranke.ParseID(text)
	if !ok {
		t.Fatalf("%q is no id", text)
	}
	return skranke.TicketID(n)
}

func sameTable(t testing.TB, what string, got, want [][]string) {
	t.Helper()
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// Each operator on each type of field, on the tickets of the world.
func TestFindTicketsOperators(t *testing.T) {
	w := newWorld(t)
	key := w.logIn("kari")
	tests := []struct{ field, op, value, want string }{ // want: "all", or ids, or "-" and those not found
		// types.op.1: texts ignore case; other types are searched as they are printed
		{"ticket.title", "OperatorContains", "OF ", "1016 1017 1033"},
		{"ticket.title", "OperatorContains", "<ON> & \"FIRE\"", "1012"},
		{"ticket.title", "OperatorContains", "", "all"},
		{"ticket.title", "OperatorContains", "%", ""},
		{"ticket.title", "OperatorContains", "_", ""},
		{"ticket.title", "OperatorBeginsWith", "CLOSED", "1028 1029"},
		{"ticket.title", "OperatorBeginsWith", "fire", ""},
		{"ticket.id", "OperatorContains", "02", "1027 1028 1029"},
		{"ticket.id", "OperatorBeginsWith", "103", "1031 1033"},
		{"ticket.created_at", "OperatorContains", " 08-00-00.000", "-1031"},
		{"ticket.created_at", "OperatorBeginsWith", "2021-01", "-1031"},
		{"ticket.category", "OperatorContains", "-1", "1031"},
		{"ticket.has_attachment", "OperatorContains", "1", "1012"},
		{"ticket.x_104", "OperatorContains", "13-05-09.000", "1012"},
		// types.op.2: by number, by time, by folded text; what is not set matches no value
		{"ticket.title", "OperatorEquals", "POSTPONED", "1027"},
		{"ticket.title", "OperatorEquals", "", "1031"},
		{"ticket.title", "OperatorGt", "OF R", "1012 1027 1033"},
		{"ticket.title", "OperatorGte", "Closed For Good", "1012 1016 1017 1027 1029 1033"},
		{"ticket.id", "OperatorEquals", " 01012 ", "1012"},
		{"ticket.id", "OperatorGt", "999", "all"}, // as texts 1012 is less
		{"ticket.id", "OperatorGte", "1029", "1029 1031 1033"},
		{"ticket.id", "OperatorLt", "1016", "1012"},
		{"ticket.id", "OperatorLte", "1016", "1012 1016"},
		{"ticket.status", "OperatorEquals", "2", "1028 1029"},
		{"ticket.status", "OperatorGt", "1", "1027 1028 1029"},
		{"ticket.category", "OperatorEquals", "1", "-1031"},
		{"ticket.category", "OperatorEquals", "-1", ""},
		{"ticket.category", "OperatorEquals", "0", ""},
		{"ticket.category", "OperatorLt", "1", ""},
		{"ticket.priority", "OperatorLte", "1", "1012"},
		{"ticket.has_attachment", "OperatorEquals", "True", "1012"},
		{"ticket.has_attachment", "OperatorEquals", "0", "-1012"},
		{"ticket.x_101", "OperatorLt", "-41", "1012"},
		{"ticket.x_108", "OperatorGt", "1234567.49", "1012"},
		{"ticket.x_108", "OperatorEquals", "1234567.50", "1012"},
		{"ticket.x_108", "OperatorLt", "1234567.5", ""},
		{"ticket.x_110", "OperatorEquals", "", "-1012"},
		{"ticket.x_106", "OperatorEquals", "1", "1012"},
		{"ticket.x_106", "OperatorEquals", "0", ""},
		{"ticket.x_103", "OperatorEquals", "2021-02-03", "1012"},
		{"ticket.x_107", "OperatorGte", "90", "1012"},
		{"ticket.x_116", "OperatorEquals", "2", "1012"},
		{"ticket.x_102", "OperatorContains", "TEXT <B>", "1012"},
		// types.op.3, types.ftype.3: a moment given less precisely is an interval
		{"ticket.created_at", "OperatorEquals", "2021-01-25", "-1031"},
		{"ticket.created_at", "OperatorEquals", "2021-01-25 08-00", "-1031"},
		{"ticket.created_at", "OperatorEquals", "2021-01-25T08:00:00", "-1031"},
		{"ticket.created_at", "OperatorEquals", "2021-01-25 08-00-00.001", ""},
		{"ticket.created_at", "OperatorEquals", "2021-01-24", ""},
		{"ticket.created_at", "OperatorGt", "2021-01-25", "-1031"},
		{"ticket.created_at", "OperatorGt", "2021-01-25 08-00", ""},
		{"ticket.created_at", "OperatorGte", "2021-01-25 08-00", "-1031"},
		{"ticket.created_at", "OperatorLt", "2021-01-25 08-00", ""},
		{"ticket.created_at", "OperatorLt", "2021-01-26", "-1031"},
		{"ticket.created_at", "OperatorLte", "2021-01-25 08-00-00", "-1031"},
		{"ticket.created_at", "OperatorLte", "2021-01-25", ""},
		{"ticket.closed_at", "OperatorGte", "2021-01-25 11:00", "1028 1029"},
		{"ticket.replied_at", "OperatorEquals", "2021-01-25 09:00", "1012"},
		{"ticket.read_by_customer", "OperatorEquals", "2021-01-25 07:00:00.0", "1012"},
		{"ticket.last_changed", "OperatorGt", "2021-01-25 09:59", "1012"},
		{"ticket_last_changed", "OperatorEmpty", "", "-1012"},
		{"ticket.x_105", "OperatorEquals", "13:05", "1012"},
		{"ticket.x_104", "OperatorEquals", "2021-01-25 13-05", "1012"},
		// types.op.4: lists of numbers and ranges
		{"ticket.id", "OperatorIn", "1012, 1016 - 1017 ,1033", "1012 1016 1017 1033"},
		{"ticket.status", "OperatorIn", "2-3,8-10", "1027 1028 1029"},
		{"ticket.category", "OperatorIn", "1", "-1031"},
		{"ticket.x_101", "OperatorIn", "-50--42", "1012"},
		{"ticket.x_116", "OperatorIn", "1-3", "1012"},
		{"ticket.title", "OperatorIn", "1", "all"}, // does not fit the type, so it is illegal
		{"ticket.created_at", "OperatorIn", "1", "all"},
		{"ticket.has_attachment", "OperatorIn", "1", "all"},
		{"ticket.x_108", "OperatorNotIn", "not even a list", "all"},
		// types.op.5
		{"ticket.id", "OperatorNotIn", "1012-1029", "1031 1033"},
		{"ticket.category", "OperatorNotIn", "1", "1031"},
		{"ticket.x_101", "OperatorNotIn", "-42", "-1012"},
		{"ticket.id", "OperatorIn", "", ""},
		{"ticket.id", "OperatorIn", " \t", ""},
		{"ticket.id", "OperatorNotIn", "", "all"},
		// types.op.6
		{"ticket.title", "OperatorEmpty", "whatever", "1031"},
		{"ticket.category", "OperatorEmpty", "", "1031"},
		{"ticket.created_at", "OperatorEmpty", "no date", "1031"},
		{"ticket.status", "OperatorEmpty", "", ""},
		{"ticket.x_110", "OperatorEmpty", "", "-1012"},
		{"ticket.x_116", "OperatorEmpty", "", "-1012"},
		{"ticket.x_106", "OperatorEmpty", "", "-1012"},
		// types.op.7: documented on the ticket port only, and accepted
		{"ticket.id", "OperatorNotEquals", "1012", "-1012"},
		{"ticket.title", "OperatorNotEquals", "", "-1031"},
		{"ticket.category", "OperatorNotEquals", "1", "1031"},
		{"ticket.created_at", "OperatorNotEquals", "2021-01-25", "1031"},
		{"ticket.x_101", "OperatorNotEquals", "-42", "-1012"},
		{"ticket.x_110", "OperatorNotEquals", "SHORT", "-1012"},
		// types.op.8, types.input.1, types.input.3
		{" TICKET.Status\n", "\toperatorEQUALS ", "3", "1027"},
		// types.extra.2: the id, with and without the domain, the database name, the label
		{"x_110", "OperatorEquals", "short", "1012"},
		{"ticket.x_0110", "OperatorEquals", "short", "1012"},
		{"ticket.x_kind_text", "OperatorEquals", "short", "1012"},
		{"ticket.Shortly not there", "OperatorEquals", "short", "all"},
		{"ticket.COLOUR", "OperatorEquals", "red", "1012"},
		{"ticket.x_color", "OperatorEquals", "red", "1012"},     // a database name goes before a label
		{"ticket.x_210", "OperatorEquals", "of 210", "1012"},    // an id goes before a database name
		{"ticket.title", "OperatorEquals", "not the title", ""}, // a standard field goes before a label
		// customer.findTickets.2, types.extra.3: illegal names and operators are as if they were not there
		{"ticket.x_201", "OperatorEquals", "do not show", "all"},
		{"ticket.x_202", "OperatorEmpty", "", "all"},
		{"ticket.x_203", "OperatorEquals", "nothing", "all"},
		{"ticket.x_internal", "OperatorEquals", "nothing", "all"},
		{"ticket.internal", "OperatorEquals", "nothing", "all"},
		{"ticket.x_301", "OperatorEquals", "nothing", "all"},
		{"customer.x_301", "OperatorEquals", "nothing", "all"},
		{"ticket.x_999", "OperatorEquals", "nothing", "all"},
		{"ticket.author", "OperatorEquals", "nothing", "all"}, // a field of results only
		{"ticket.created_by", "OperatorEquals", "999", "all"},
		{"customer.id", "OperatorEquals", "999", "all"},
		{"customer.firstname", "OperatorEquals", "nothing", "all"},
		{"ticket.slevel", "OperatorEquals", "1", "all"},
		{"ticket.owned_by", "OperatorEquals", "999", "all"},
		{"ticket.cust_id", "OperatorEquals", "999", "all"},
		{"ticket.filter_address", "OperatorEquals", "nothing", "all"},
		{"message.body", "OperatorContains", "nothing", "all"},
		{"ticket", "OperatorEquals", "abc", "all"},
		{"", "OperatorEquals", "abc", "all"},
		{"ticket.id", "", "abc", "all"},
		{"ticket.id", "Equals", "1012", "all"},
		{"ticket.id", "OperatorLike", "1012", "all"},
		{"ticket.id", "=", "1012", "all"},
	}
	for _, test := range tests {
		want := strings.Fields(test.want)
		if test.want == "all" {
			want = everything
		} else if out, ok := strings.CutPrefix(test.want, "-"); ok {
			want = except(everything, strings.Fields(out)...)
		}
		// customer.findTickets.1, customer.findTickets.4
		same(t, fmt.Sprintf("%q", test), w.find(key, criterion{test.field, test.op, test.value}), want)
	}
}

func TestFindTicketsCriteriaTogether(t *testing.T) {
	w := newWorld(t)
	key := w.logIn("kari")
	of, active := criterion{"ticket.title", "OperatorContains", "of "}, criterion{"ticket.status", "OperatorEquals", "1"}
	same(t, "two criteria", w.find(key, of, active), []string{"1016", "1017", "1033"}) // customer.findTickets.3
	same(t, "three", w.find(key, of, active, criterion{"ticket.id", "OperatorLt", "1033"}), []string{"1016", "1017"})
	same(t, "none meets both", w.find(key, criterion{"ticket.id", "OperatorEquals", "1012"}, criterion{"ticket.id", "OperatorEquals", "1016"}), []string{})
	same(t, "one field twice", w.find(key, criterion{"ticket.id", "OperatorGt", "1012"}, criterion{"ticket.id", "OperatorLt", "1017"}), []string{"1016"})
	// customer.findTickets.2: the illegal one goes, the others stay; its value is not looked at
	same(t, "an illegal one among them", w.find(key, criterion{"ticket.nonsense", "OperatorEquals", "x"}, of, criterion{"ticket.id", "OperatorNonsense", "abc"}, active),
		[]string{"1016", "1017", "1033"})
	if !strings.Contains(w.log.String(), "ticket.nonsense") {
		t.Error("the log does not tell that a criterion was ignored")
	}

	// customer.findTickets.8, types.op.5, types.ftype.5
	for _, bad := range []criterion{
		{"ticket.id", "OperatorEquals", "abc"}, {"ticket.id", "OperatorEquals", ""}, {"ticket.id", "OperatorGt", "1.5"},
		{"ticket.id", "OperatorIn", "4-2"}, {"ticket.id", "OperatorIn", "1,,2"}, {"ticket.id", "OperatorIn", "1-2-3"}, {"ticket.id", "OperatorNotIn", "a"},
		{"ticket.status", "OperatorLt", "many"}, {"ticket.created_at", "OperatorGt", "yesterday"}, {"ticket.created_at", "OperatorEquals", "2021-02-30"},
		{"ticket.created_at", "OperatorEquals", "2021-01-25 24-00"}, {"ticket.created_at", "OperatorEquals", ""}, {"ticket.created_at", "OperatorEquals", "2021-01-25 08-00Z"},
		{"ticket.has_attachment", "OperatorEquals", "yes"}, {"ticket.x_108", "OperatorEquals", "1,5"}, {"ticket.x_108", "OperatorEquals", "1e3"},
		{"ticket.x_101", "OperatorIn", "x"}, {"ticket.x_105", "OperatorEquals", "noon"}, {"ticket.x_116", "OperatorEquals", "Ola"},
	} {
		w.customer("findTickets", key, []criterion{of, bad, active}, []string{"ticket.id"}).want("28").empty("customer", "findTickets")
		if got := w.lastError(key); got != skranke.CodeIllegalCriterias.Text() {
			t.Errorf("%q: the last error is %q", bad, got)
		}
	}
}

// customer.findTickets.6, types.acl.1, types.acl.2, types.acl.5, types.acl.6: a search
// finds what the caller may read and no more, whatever the criteria.
func TestWhoFindsWhichTickets(t *testing.T) {
	w := newWorld(t)
	attempts := [][]criterion{
		{}, {{"ticket.id", "OperatorIn", "1-2000"}}, {{"ticket.slevel", "OperatorEquals", "1"}}, {{"ticket.status", "OperatorIn", "0-9"}},
		{{"ticket.id", "OperatorNotIn", ""}}, {{"ticket.title", "OperatorContains", ""}}, {{"1=1 OR ticket.id", "OperatorEquals", "1"}},
		{{"ticket.title", "OperatorNotEquals", `' OR 1=1 --`}}, {{"ticket.title", "OperatorNotEquals", "x') OR ('1'='1"}},
	}
	for name, may := range readable {
		want := []string{}
		for _, id := range may {
			if w.ticket(skranke.TicketID(id)).Status != skranke.Merged { // types.acl.6: never listed itself
				want = append(want, fmt.Sprint(id))
			}
		}
		key := w.logIn(name)
		for _, criteria := range attempts {
			same(t, fmt.Sprintf("%s %q", name, criteria), w.find(key, criteria...), want)
		}
		same(t, name+" looking for what is deleted", w.find(key, criterion{"ticket.status", "OperatorIn", "4,5"}), []string{})
		agents := w.customer("loginAsCustomer", "ada", userPassword, name).must().text("sessionKey")
		same(t, name+" by an agent", w.find(agents), want) // types.acl.7
	}
	// Company access counts as it is now.
	key := w.logIn("gro")
	same(t, "Gro", w.find(key), []string{})
	w.updateCustomer(gro, func(c *skranke.Customer) { c.CompanyAccess = true })
	same(t, "Gro with company access", w.find(key), []string{"1012", "1016", "1017", "1027", "1028", "1029", "1031", "1033"})
	w.updateCustomer(gro, func(c *skranke.Customer) { c.Company = 0 })
	same(t, "Gro of no company", w.find(key), []string{}) // types.acl.5
	w.updateTicket(1018, func(t *skranke.Ticket) { t.SLevel = skranke.Internal })
	same(t, "Siv, once her ticket is internal", w.find(w.logIn("siv")), []string{})
}

func TestFindTicketsFields(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		get := func(id string, names ...string) []string {
			t.Helper()
			table := w.customer("findTickets", key, []criterion{{"ticket.id", "OperatorEquals", id}}, names).want("0").table("searchResult")
			if len(table) != 1 {
				t.Fatalf("ticket %s: found %d times", id, len(table))
			}
			return table[0]
		}
		names := append(slices.Clone(ticketFields), "ticket.last_changed", "ticket.author", "ticket.created_by", "customer.id", "customer.firstname", "customer.lastname")
		// customer.findTickets.5, customer.findTickets.9
		same(t, "all fields of 1012", get("1012", names...), []string{
			"ticket.id|1012|TypeRequestId", "ticket.title|Printer <on> & \"fire\"|TypeVarchar", "ticket.created_at|2021-01-25 08-00-00.000|TypeDateTime",
			"ticket.category|1|TypeForeignKey", "ticket.status|1|TypeInteger", "ticket.replied_at|2021-01-25 09-00-00.000|TypeDateTime",
			"ticket.closed_at||TypeDateTime", "ticket.priority|1|TypeForeignKey", "ticket.read_by_customer|2021-01-25 07-00-00.000|TypeDateTime",
			"ticket.has_attachment|1|TypeBool", "ticket_last_changed|2021-01-25 10-00-00.000|TypeDateTime", "ticket.last_changed|2021-01-25 10-00-00.000|TypeDateTime",
			"ticket.author|Kari Nordmann|TypeVarchar", "ticket.created_by|1|TypeUserId", "customer.id|1|TypeCustomerId", "customer.firstname|Kari|TypeVarchar",
			"customer.lastname|Nordmann|TypeVarchar",
		})
		// customer.findTickets.9: the primary customer, also of a ticket Kari is only a further customer of
		same(t, "the primary customer", get("1017", "customer.lastname", "customer.firstname", "customer.id"),
			[]string{"customer.lastname||TypeVarchar", "customer.firstname|Lone|TypeVarchar", "customer.id|4|TypeCustomerId"})
		same(t, "what is not set", get("1031", "ticket.title", "ticket.created_at", "ticket.category", "ticket.author", "ticket.x_101", "ticket.x_106", "ticket.x_116"), []string{
			"ticket.title||TypeVarchar", "ticket.created_at||TypeDateTime", "ticket.category|-1|TypeForeignKey", "ticket.author||TypeVarchar",
			"ticket.x_101||TypeInteger", "ticket.x_106|0|TypeBool", "ticket.x_116|-1|TypeCustomerId"})
		// customer.findTickets.5: illegal ones are skipped, the others keep their places and spellings
		same(t, "among illegal ones", get("1012", "ticket.slevel", " TICKET.Id\n", "", "ticket.x_201", "ticket.status", "customer.note", "ticket.x_202", "ticket.status", "customer.x_301", "ticket.owned_by"),
			[]string{"TICKET.Id|1012|TypeRequestId", "ticket.status|1|TypeInteger", "ticket.status|1|TypeInteger"})
		// customer.findTickets.5, types.extra.2, types.extra.3
		same(t, "extra fields", get("1012", "ticket.x_110", "ticket.X_Color", "ticket.Colour", "ticket.x_internal", "ticket.x_108"),
			[]string{"ticket.x_110|short|TypeVarchar", "ticket.X_Color|red|TypeVarchar", "ticket.Colour|red|TypeVarchar", "ticket.x_108|1234567.5|TypeFloat"})
		// customer.findTickets.5: exactly what getTicket says
		for _, id := range everything {
			asked := append(slices.Clone(ticketFields), "ticket.x_101", "ticket.x_110", "ticket.x_999", "nothing")
			found := get(id, asked...)
			same(t, "getTicket "+id, w.customer("getTicket", key, id, asked).must().rows("ticketResult"), found)
		}
	})
	// customer.findTickets.9: a ticket without customers, which no customer finds, has neither id nor names.
	lost := new(skranke.FoundTicket)
	for name, want := range map[string]string{"customer.id": "-1", "customer.firstname": "", "customer.lastname": ""} {
		f, ok := skranke.FoundFields.Lookup(name, skranke.CustomerFind)
		if !ok {
			t.Fatalf("%s is no field of results", name)
		}
		if got := f.Type.Format(f.Of(lost), time.UTC); got != want {
			t.Errorf("%s of a ticket of nobody: got %q, want %q", name, got, want)
		}
	}
}

// customer.findTickets.7: there is no limit on the number of tickets.
func TestFindTicketsHasNoLimit(t *testing.T) {
	const many = 3000
	w := newWorld(t)
	w.write(addManyTickets(many, siv))
	a := w.customer("findTickets", w.logIn("siv"), []criterion{}, []string{"ticket.id"}).must()
	ids := a.found()
	if len(ids) != many+1 {
		t.Errorf("got %d tickets, want %d", len(ids), many+1)
	}
	if !slices.IsSortedFunc(ids, func(a, b string) int { return int(idOf(t, a) - idOf(t, b)) }) {
		t.Error("the tickets are not in the order of their ids")
	}
}

// FuzzFindTickets holds that no criterion and no field name makes the server
// fail, or shows a ticket its caller may not read.
func FuzzFindTickets(f *testing.F) {
	for _, seed := range [][4]string{
		{"ticket.id", "OperatorIn", "1,2-4,1012-1031", "ticket.title"}, {"ticket.created_at", "OperatorEquals", "2021-03-28 02-30", "ticket.x_104"},
		{"ticket.x_103", "OperatorNotIn", "2021-02-29", "customer.id"}, {"ticket.x_108", "OperatorLt", "-.5", "x_108"},
		{"ticket.title", "OperatorContains", "%_\\'\"", "ticket.ſtatus"}, {"ticket.x_105", "OperatorGte", "13:05:09.1", " ticket.id "},
		{"TICKET.\u212A", "OperatorEmpty", "", "ticket.x_99999999999999999999"}, {"ticket.x_-1", "OperatorBeginsWith", "\u0130", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	w := newWorld(f, func(o *desk.Options) { o.SessionIdle = 24 * time.Hour })
	key := w.logIn("kari")
	f.Fuzz(func(t *testing.T, field, op, value, name string) {
		w.t = t
		a := w.customer("findTickets", key, []criterion{{field, op, value}}, []string{"ticket.id", name, name})
		if a.fault != "" || a.code != "0" && a.code != "28" {
			t.Fatalf("got code %q, fault %q", a.code, a.fault)
		}
		last := ""
		for _, row := range a.table("searchResult") {
			id := strings.Split(row[0], "|")[1]
			if !slices.Contains(everything, id) || id <= last || len(row)%2 != 1 || len(row) == 3 && row[1] != row[2] {
				t.Errorf("found %q after ticket %q", row, last)
			}
			last = id
		}
	})
}

func addManyTickets(n int, customer skranke.CustomerID) func(context.Context, *store.WriteTx) error {
	return func(ctx context.Context, tx *store.WriteTx) error {
		for i := range n {
			ticket := &skranke.Ticket{Title: fmt.Sprint("number ", i), Status: skranke.Active, SLevel: skranke.External, Customers: []skranke.CustomerID{customer}, CreatedAt: morning}
			if err := tx.InsertTicket(ctx, ticket); err != nil {
				return err
			}
		}
		return nil
	}
}

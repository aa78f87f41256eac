package ports_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

func ticketID(t testing.TB, a answer) skranke.TicketID {
	t.Helper()
	id, err := strconv.ParseInt(a.must().text("ticketId"), 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", a.call, err)
	}
	return skranke.TicketID(id)
}

// logActions are the actions the log holds of a ticket.
func (w *world) logActions(ticket skranke.TicketID) []string {
	w.t.Helper()
	actions := []string{}
	w.read(func(ctx context.Context, tx *store.ReadTx) error {
		entries, err := tx.Logs(ctx, ticket)
		for _, e := range entries {
			actions = append(actions, fmt.Sprintf("%d customer %d user %d message %v", e.Action, e.Customer, e.User, e.Message != 0))
		}
		return err
	})
	return actions
}

func TestCustomerNewTicket(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		a := w.customer("newTicket", key, " Title <1> ", "2", "1", "1", []pair{{"x_110", "short"}}).want("0")
		id := ticketID(t, a)
		got := w.ticket(id)
		// customer.newTicket.1, customer.newTicket.8, types.extra.6; the title is not trimmed: types.input.1
		want := &skranke.Ticket{
			ID: id, Title: " Title <1> ", CreatedAt: morning, LastChanged: morning, Category: help, OrigCategory: help, Priority: low, OrigPriority: low,
			Status: skranke.Active, TicketStatus: statusOpen, SLevel: skranke.External, ReadStatus: skranke.Red, Origin: skranke.OriginCustomerCentre,
			Customers: []skranke.CustomerID{kari}, Company: acme, Owner: ada, CreatedBy: skranke.SystemUser, Author: "Kari Nordmann",
			Extra: []skranke.ExtraValue{{Field: 110, Value: skranke.TextValue("short")}, {Field: extraDefault, Value: skranke.TextValue("usual")}, {Field: extraDefaultInner, Value: skranke.TextValue("inner")}},
		}
		got.CreatedAt, got.LastChanged = got.CreatedAt.UTC(), got.LastChanged.UTC()
		if g, want := fmt.Sprintf("%+v", *got), fmt.Sprintf("%+v", *want); g != want {
			t.Errorf("stored:\n got %s\nwant %s", g, want)
		}
		same(t, "log", w.logActions(id), []string{"17 customer 1 user 0 message false"}) // customer.newTicket.10
		b := w.customer("getTicket", key, a.text("ticketId"), []string{"ticket.x_207", "ticket.x_208"}).want("0")
		same(t, "read", b.rows("ticketResult"), []string{"ticket.x_207|usual|TypeVarchar"})
		if got := b.list("messageIds"); len(got) != 0 { // customer.newTicket.1
			t.Errorf("a new ticket has the messages %q", got)
		}
		w.customer("addMessage", key, "b", a.text("ticketId"), "2", []string{}).want("0")                               // customer.newTicket.1
		if next := ticketID(t, w.customer("newTicket", key, "", "2", "1", "1", []pair{})); w.ticket(next).Owner != bo { // by turns: customer.newTicket.8
			t.Errorf("the second ticket went to user %d, want %d", w.ticket(next).Owner, bo)
		}
		unassigned := ticketID(t, w.customer("newTicket", key, "", "2", "4", "1", []pair{}))
		if got := w.ticket(unassigned).Owner; got != skranke.SystemUser { // customer.newTicket.8
			t.Errorf("a ticket of a category that delegates nothing went to user %d", got)
		}

		// customer.newTicket.2, customer.newTicket.9
		inner := ticketID(t, w.customer("newTicket", key, "inner", " 1 ", "1", "1", []pair{}))
		if got := w.ticket(inner).SLevel; got != skranke.Internal {
			t.Errorf("sLevel 1 stored %d", got)
		}
		w.customer("getTicket", key, fmt.Sprint(inner), []string{}).want("13")
		w.customer("addMessage", key, "b", fmt.Sprint(inner), "2", []string{}).want("0")

		// The title may be empty, and is cut to what fits: types.limit.1, types.input.5
		long := ticketID(t, w.customer("newTicket", key, strings.Repeat("å", 255)+"x", "2", "1", "1", []pair{}))
		if got := w.ticket(long).Title; got != strings.Repeat("å", 255) {
			t.Errorf("a title of 256 characters is stored as %q", got)
		}
		// The customer's name, else his first address, else his user name
		for name, author := range map[string]string{"tove": "tove@example.no", "una": "una", "gro": "Gro Haug", "ola": "Ola"} {
			id := ticketID(t, w.customer("newTicket", w.logIn(name), "", "2", "1", "1", []pair{}))
			if got := w.ticket(id).Author; got != author {
				t.Errorf("ticket of %s: author %q, want %q", name, got, author)
			}
		}
		if got := w.ticket(ticketID(t, w.customer("newTicket", w.logIn("una"), "", "2", "1", "1", []pair{}))); got.Company != 0 || got.ClosedAt != (time.Time{}) {
			t.Errorf("stored %+v", got)
		}
	})
}

func TestCustomerNewTicketRefused(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key, norwegian := w.logIn("kari"), w.logIn("tove")
		extra := func(field, value string) []pair { return []pair{{"x_110", "good"}, {field, value}} }
		for _, test := range []struct {
			key, sLevel, category, priority string
			extra                           []pair
			code                            string
		}{
			// customer.newTicket.2
			{key, "", "1", "1", nil, "10"}, {key, "0", "1", "1", nil, "10"}, {key, "3", "1", "1", nil, "10"}, {key, "-1", "1", "1", nil, "10"}, {key, "external", "1", "1", nil, "10"},
			// customer.newTicket.3
			{key, "2", "2", "1", nil, "8"}, {key, "2", "5", "1", nil, "8"}, {key, "2", "99", "1", nil, "8"}, {key, "2", "", "1", nil, "8"}, {key, "2", "-1", "1", nil, "8"}, {key, "2", "0", "1", nil, "8"}, {key, "2", "x", "1", nil, "8"},
			{norwegian, "2", "4", "1", nil, "8"}, // external, but her language does not have it
			// customer.newTicket.4
			{key, "2", "1", "3", nil, "9"}, {key, "2", "1", "4", nil, "9"}, {key, "2", "1", "99", nil, "9"}, {key, "2", "1", "0", nil, "9"}, {key, "2", "1", "-2", nil, "9"}, {key, "2", "1", "x", nil, "9"},
			// customer.newTicket.6, types.extra.3, types.extra.4, types.extra.5, types.ftype.4, types.ftype.5, types.limit.1
			{key, "2", "1", "1", extra("x_999", ""), "12"}, {key, "2", "1", "1", extra("x_301", "1"), "12"}, {key, "2", "1", "1", extra("customer.x_301", "1"), "12"},
			{key, "2", "1", "1", extra("x_201", "1"), "12"}, {key, "2", "1", "1", extra("x_202", "1"), "12"}, {key, "2", "1", "1", extra("x_203", "1"), "12"},
			{key, "2", "1", "1", extra("x_204", "1"), "12"}, {key, "2", "1", "1", extra("x_206", ""), "12"}, {key, "2", "1", "1", extra("title", "1"), "12"},
			{key, "2", "1", "1", extra("ticket.title", "1"), "12"}, {key, "2", "1", "1", extra("", "1"), "12"}, {key, "2", "1", "1", extra("x_", "1"), "12"},
			// types.extra.2: database names and labels are for reading and searching tickets
			{key, "2", "1", "1", extra("x_color", "1"), "12"}, {key, "2", "1", "1", extra("ticket.x_color", "1"), "12"}, {key, "2", "1", "1", extra("Colour", "1"), "12"},
			{key, "2", "1", "1", extra("ticket.Colour", "1"), "12"}, {key, "2", "1", "1", extra("x_kind_text", "1"), "12"},
			{key, "2", "1", "1", extra("x_101", "twelve"), "12"}, {key, "2", "1", "1", extra("x_101", "1.0"), "12"}, {key, "2", "1", "1", extra("x_103", "3.2.2021"), "12"},
			{key, "2", "1", "1", extra("x_104", "2021-02-30"), "12"}, {key, "2", "1", "1", extra("x_105", "25:00"), "12"}, {key, "2", "1", "1", extra("x_106", "yes"), "12"},
			{key, "2", "1", "1", extra("x_108", "1e3"), "12"}, {key, "2", "1", "1", extra("x_110", strings.Repeat("å", 256)), "12"},
			{key, "2", "1", "1", extra("x_116", "7"), "12"}, {key, "2", "1", "1", extra("x_117", "99"), "12"}, {key, "2", "1", "1", extra("x_118", "1015"), "12"},
			{key, "2", "1", "1", extra("x_118", "1018"), "12"}, {key, "2", "1", "1", extra("x_117", "2"), "12"}, // types.acl.4: what is not his to see does not exist
			{key, "2", "1", "1", extra("x_119", "5"), "12"}, {key, "2", "1", "1", extra("x_122", "99"), "12"}, {key, "2", "1", "1", extra("x_124", "99"), "12"}, {key, "2", "1", "1", extra("x_125", "4"), "12"},
			// types check order: the first failure in the order of the parameters decides
			{"", "3", "99", "99", extra("x_999", ""), "5"}, {key, "3", "99", "99", extra("x_999", ""), "10"}, {key, "2", "99", "99", extra("x_999", ""), "8"}, {key, "2", "1", "99", extra("x_999", ""), "9"},
		} {
			w.unchanged(func() { // customer.common.3: no ticket, no turn taken
				a := w.customer("newTicket", test.key, "t", test.sLevel, test.category, test.priority, test.extra)
				a.call = fmt.Sprintf("newTicket %+v", test)
				a.want(test.code).empty("customer", "newTicket")
			})
		}
	})
}

func TestAutomaticPriority(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		made := func(name, priority string) skranke.PriorityID {
			t.Helper()
			return w.ticket(ticketID(t, w.customer("newTicket", w.logIn(name), "", "2", "1", priority, []pair{}))).Priority
		}
		for _, choose := range []string{"-1", "", " -1 "} { // customer.newTicket.4, customer.newTicket.5
			for name, want := range map[string]skranke.PriorityID{
				"ola":  high,   // his own, though internal
				"kari": normal, // neither she nor Acme has one: the default
				"una":  normal,
			} {
				if got := made(name, choose); got != want {
					t.Errorf("priority %q of %s: got %d, want %d", choose, name, got, want)
				}
			}
		}
		siv := func() skranke.PriorityID { // of a company with a language of its own
			return w.ticket(ticketID(t, w.customer("newTicket", w.logIn("siv"), "", "2", "1", "-1", []pair{}))).Priority
		}
		if got := siv(); got != alsoLow { // her own is deleted: Beta's
			t.Errorf("got %d, want %d", got, alsoLow)
		}
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.UpdatePriority(ctx, &skranke.Priority{ID: normal, Name: "Normal", SortOrder: 20, External: true})
		})
		if got := made("kari", "-1"); got != idle { // no default: the least important, though internal
			t.Errorf("without a default: got %d, want %d", got, idle)
		}
		if got := w.ticket(ticketID(t, w.customer("newTicket", w.logIn("kari"), "", "2", "1", "-1", []pair{}))); got.OrigPriority != got.Priority {
			t.Errorf("original priority %d, want %d", got.OrigPriority, got.Priority)
		}
	})
}

func TestExtraValuesAreTaken(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		taken := func(name string, pairs []pair, read ...string) []string {
			t.Helper()
			a := w.customer("newTicket", key, name, "2", "1", "1", pairs).want("0")
			if a.code != "0" {
				return nil
			}
			return w.customer("getTicket", key, a.text("ticketId"), read).want("0").rows("ticketResult")
		}
		// customer.newTicket.6, types.ftype.3, types.ftype.4, types.extra.5
		for _, v := range []struct{ field, in, out string }{
			{"101", " -7 ", "-7"}, {"101", "+7", "7"}, {"101", "", ""}, {"102", " long\n", " long\n"}, {"103", "2021-02-03", "2021-02-03"}, {"103", "", ""},
			{"104", "2021-02-03", "2021-02-03 00-00-00.000"}, {"104", "2021-02-03T13:05", "2021-02-03 13-05-00.000"}, {"104", "2021-02-03 13-05-09.25", "2021-02-03 13-05-09.250"},
			{"104", "2021-07-03 13:05:09", "2021-07-03 13-05-09.000"}, {"105", "13:05", "13-05-00.000"}, {"106", "TRUE", "1"}, {"106", "0", "0"}, {"106", "", "0"},
			{"107", "90", "90"}, {"108", "1234567.50", "1234567.5"}, {"110", " kept ", " kept "}, {"110", strings.Repeat("å", 255), strings.Repeat("å", 255)},
			{"116", "2", "2"}, {"116", "6", "6"}, {"116", "-1", "-1"}, {"116", "", "-1"}, {"117", "1", "1"}, {"118", "1012", "1012"}, {"119", "2", "2"},
			{"122", "1", "1"}, {"123", "http://example.no/", "http://example.no/"}, {"124", "5", "5"}, {"125", "3", "3"}, {"120", "-1", "-1"}, {"126", "", "-1"},
			{"207", "mine", "mine"}, {"207", "", ""}, {"205", "first", "first"}, {"206", "x", "x"},
		} {
			got := taken(v.field+"="+v.in, []pair{{"x_" + v.field, v.in}}, "ticket.x_"+v.field)
			if len(got) != 1 || !strings.HasPrefix(got[0], "ticket.x_"+v.field+"|"+v.out+"|") {
				t.Errorf("x_%s = %q: got %q, want %q", v.field, v.in, got, v.out)
			}
		}
		// customer.newTicket.7, types.extra.1, types.extra.2: spellings, and the last value counts
		same(t, "twice", taken("twice", []pair{{"x_110", "a"}, {"ticket.x_110", "b"}, {" TICKET.X_00110 ", "c"}, {"x_212", "d"}, {"ticket.x_205", "e"}, {"x_210", "f"}},
			"ticket.x_110", "ticket.x_212", "ticket.x_205", "ticket.x_210", "ticket.x_209"), []string{
			"ticket.x_110|c|TypeVarchar", "ticket.x_212|d|TypeVarchar", "ticket.x_205|e|TypeVarchar", "ticket.x_210|f|TypeVarchar", "ticket.x_209||TypeVarchar",
		})
		// Members in another order, and under another name of the parameter
		const swapped = `<item><value>v</value><field>x_110</field><more/></item><item><FIELD>x_212</FIELD></item>`
		a := w.customer("newTicket", key, "t", "2", "1", "1", verbatim(swapped)).want("0") // tt.struct.4
		same(t, "swapped", w.customer("getTicket", key, a.text("ticketId"), []string{"ticket.x_110", "ticket.x_212"}).rows("ticketResult"),
			[]string{"ticket.x_110|v|TypeVarchar", "ticket.x_212||TypeVarchar"})
		body := strings.ReplaceAll(string(request(t, w.style, "customer", "newTicket", []any{key, "t", "2", "1", "1", []pair{{"x_110", "alias"}}})), "extraField", "extraFields")
		a = w.post("customer", "newTicket", []byte(body)).want("0")
		same(t, "alias", w.customer("getTicket", key, a.text("ticketId"), []string{"ticket.x_110"}).rows("ticketResult"), []string{"ticket.x_110|alias|TypeVarchar"})
	})
}

// customer.newTicket.3: the categories newTicket takes are exactly those getCategories lists.
func TestOpenCategoriesAreTheListedOnes(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		for _, name := range []string{"kari", "tove", "siv", "una"} {
			key := w.logIn(name)
			var listed []string
			for _, c := range w.customer("getCategories", key).must().part("categoryIds").kids {
				listed = append(listed, c.kid("id").text)
			}
			for id := range 10 {
				number := fmt.Sprint(id)
				want, one := "8", "8"
				if slices.Contains(listed, number) {
					want, one = "0", "0"
				}
				w.customer("newTicket", key, "t", "2", number, "1", []pair{}).want(want) // customer.getCategories.3
				w.customer("getCategory", key, number).want(one)                         // customer.getCategory.4
			}
		}
	})
}

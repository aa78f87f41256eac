package ports_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/soap"
	"skranke/store"
)

// The fields of a ticket, as the manual prints them for the customer port.
var ticketFields = []string{
	"ticket.id", "ticket.title", "ticket.created_at", "ticket.category", "ticket.status", "ticket.replied_at",
	"ticket.closed_at", "ticket.priority", "ticket.read_by_customer", "ticket.has_attachment", "ticket_last_changed",
}

func TestGetTicket(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		// customer.getTicket.1, customer.getTicket.4, customer.getTicket.5, customer.getTicket.7, customer.getTicket.8,
		// customer.getTicket.9, customer.getTicket.19, customer.getTicket.27, types.ftype.1, types.ftype.2
		a := w.customer("getTicket", key, "1012", ticketFields).want("0")
		same(t, "all fields of 1012", a.rows("ticketResult"), []string{
			"ticket.id|1012|TypeRequestId",
			"ticket.title|Printer <on> & \"fire\"|TypeVarchar",
			"ticket.created_at|2021-01-25 08-00-00.000|TypeDateTime",
			"ticket.category|1|TypeForeignKey",
			"ticket.status|1|TypeInteger",
			"ticket.replied_at|2021-01-25 09-00-00.000|TypeDateTime",
			"ticket.closed_at||TypeDateTime",
			"ticket.priority|1|TypeForeignKey",
			"ticket.read_by_customer|2021-01-25 07-00-00.000|TypeDateTime",
			"ticket.has_attachment|1|TypeBool",
			"ticket_last_changed|2021-01-25 10-00-00.000|TypeDateTime",
		})
		// customer.getTicket.15, customer.getTicket.16: 12 is internal, 16 of no level; 13 and 14 are of one moment
		same(t, "messages of 1012", a.list("messageIds"), []string{"15", "11", "13", "14"})
		// customer.getTicket.21: the order of the answer
		if len(a.parts) != 3 || a.parts[0].name != "errorCode" || a.parts[1].name != "ticketResult" || a.parts[2].name != "messageIds" {
			t.Errorf("got the parts in another order:\n%s", a.raw)
		}
		for i, member := range []string{"field", "value", "type"} { // customer.getTicket.5
			if got := a.part("ticketResult").kids[0].kids[i].name; got != member {
				t.Errorf("member %d is %s, want %s", i, got, member)
			}
		}
		for _, id := range a.list("messageIds") { // customer.getTicket.17
			w.customer("getMessage", key, id, []string{}).want("0")
		}
		if strings.Count(a.raw, "nil=") > 0 {
			t.Errorf("nil in\n%s", a.raw)
		}

		// customer.getTicket.22
		a = w.customer("getTicket", key, "1012", []string{"ticket.title", "ticket.created_at", "ticket.category"}).want("0")
		same(t, "the example", a.rows("ticketResult"), []string{
			"ticket.title|Printer <on> & \"fire\"|TypeVarchar",
			"ticket.created_at|2021-01-25 08-00-00.000|TypeDateTime",
			"ticket.category|1|TypeForeignKey",
		})

		// What is not set has its unset form: customer.getTicket.7, types.ftype.2
		a = w.customer("getTicket", key, "1031", ticketFields).want("0")
		same(t, "nothing set", a.rows("ticketResult"), []string{
			"ticket.id|1031|TypeRequestId", "ticket.title||TypeVarchar", "ticket.created_at||TypeDateTime", "ticket.category|-1|TypeForeignKey",
			"ticket.status|1|TypeInteger", "ticket.replied_at||TypeDateTime", "ticket.closed_at||TypeDateTime", "ticket.priority|-1|TypeForeignKey",
			"ticket.read_by_customer||TypeDateTime", "ticket.has_attachment|0|TypeBool", "ticket_last_changed||TypeDateTime",
		})
		if got := a.list("messageIds"); len(got) != 0 { // customer.getTicket.16: none is no failure
			t.Errorf("a ticket without messages answers %q", got)
		}
		for ticket, status := range map[string]string{"1027": "3", "1028": "2", "1029": "2"} { // the base status, not the user-defined one
			a = w.customer("getTicket", key, ticket, []string{"ticket.status", "ticket.closed_at"}).want("0")
			if got := a.rows("ticketResult")[0]; got != "ticket.status|"+status+"|TypeInteger" {
				t.Errorf("ticket %s: got %s", ticket, got)
			}
		}
		same(t, "closed", a.rows("ticketResult"), a.rows("ticketResult"))
	})
}

func TestTicketFieldNames(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		get := func(names ...string) []string {
			t.Helper()
			a := w.customer("getTicket", key, "1012", names).want("0")
			same(t, "messages whatever is asked", a.list("messageIds"), []string{"15", "11", "13", "14"}) // customer.getTicket.15
			return a.rows("ticketResult")
		}
		// customer.getTicket.3, customer.getTicket.11
		illegal := []string{
			"ticket.author", "customer.id", "ticket.cust_id", "ticket.owned_by", "ticket.created_by", "ticket.slevel", "ticket.filter_address",
			"ticket.alert_level", "customer.firstname", "title", "ticket", "ticket.", "", " ", "ticket.title.x", "ticket.x_", "ticket.x_abc",
			"t.title", "ticket.title\x00", "nothing", "ticket_title", "message.body", "ticket.password",
		}
		for i, name := range illegal {
			illegal[i] = strings.ReplaceAll(name, "\x00", "?")
		}
		same(t, "nothing asked", get(), []string{})
		same(t, "illegal names", get(illegal...), []string{}) // customer.getTicket.4
		a := w.customer("getTicket", key, "1012").want("0")   // customer.getTicket.11: no array at all
		if len(a.rows("ticketResult")) != 0 || len(a.list("messageIds")) != 4 {
			t.Errorf("without ticketFields: got %s", a.raw)
		}
		// customer.getTicket.10: wherever an illegal name stands, the others keep their places
		const status, id, category = "ticket.status|1|TypeInteger", "ticket.id|1012|TypeRequestId", "ticket.category|1|TypeForeignKey"
		for place := range 4 {
			for _, bad := range illegal {
				names := slices.Insert([]string{"ticket.status", "ticket.id", "ticket.category"}, place, bad)
				same(t, fmt.Sprintf("%q", names), get(names...), []string{status, id, category})
			}
		}
		same(t, "another order", get("ticket.category", "ticket.id"), []string{category, id})                                                   // customer.getTicket.9
		same(t, "twice", get("ticket.id", "ticket.status", "ticket.id", "TICKET.ID"), []string{id, status, id, "TICKET.ID|1012|TypeRequestId"}) // customer.getTicket.12
		// customer.getTicket.6, types.input.1, types.input.3, types.input.4
		same(t, "spellings", get(" Ticket.Status\n", "", "TICKET_LAST_CHANGED", "ticket.last_changed", "ticket.X_110"), []string{
			"Ticket.Status|1|TypeInteger", "TICKET_LAST_CHANGED|2021-01-25 10-00-00.000|TypeDateTime",
			"ticket.last_changed|2021-01-25 10-00-00.000|TypeDateTime", "ticket.X_110|short|TypeVarchar",
		})
		// types.input.4: a nil item is dropped
		const nilItem = `<item i:nil="true" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"/><item>ticket.id</item>`
		a = w.customer("getTicket", key, "1012", verbatim(nilItem)).want("0")
		same(t, "nil item", a.rows("ticketResult"), []string{id})
	})
}

func TestTicketExtraFields(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		get := func(ticket string, names ...string) []string {
			t.Helper()
			return w.customer("getTicket", key, ticket, names).want("0").rows("ticketResult")
		}
		var names, unset []string
		for _, kind := range extraKinds {
			name := fmt.Sprintf("ticket.x_%d", 100+kind)
			names = append(names, name)
			empty := ""
			if kind.Type().IsID() {
				empty = "-1"
			} else if kind.Type() == skranke.TypeBool {
				empty = "0"
			}
			unset = append(unset, name+"|"+empty+"|"+kind.Type().String())
		}
		// customer.getTicket.8, customer.getTicket.13, types.extra.1, types.ftype.1
		same(t, "all kinds", get("1012", names...), []string{
			"ticket.x_101|-42|TypeInteger", "ticket.x_102|long\r\ntext <b>|TypeClob", "ticket.x_103|2021-02-03|TypeDate",
			"ticket.x_104|2021-01-25 13-05-09.000|TypeDateTime", "ticket.x_105|13-05-09.000|TypeTime", "ticket.x_106|1|TypeBool",
			"ticket.x_107|90|TypeInteger", "ticket.x_108|1234567.5|TypeFloat", "ticket.x_110|short|TypeVarchar", "ticket.x_116|2|TypeCustomerId",
			"ticket.x_117|-1|TypeCompanyId", "ticket.x_118|-1|TypeRequestId", "ticket.x_119|-1|TypeUserId", "ticket.x_120|-1|TypeForeignKey",
			"ticket.x_122|-1|TypeForeignKey", "ticket.x_123||TypeVarchar", "ticket.x_124|-1|TypeForeignKey", "ticket.x_125|-1|TypeForeignKey",
			"ticket.x_126|-1|TypeForeignKey",
		})
		same(t, "none set", get("1031", names...), unset) // customer.getTicket.14
		// customer.getTicket.14, types.extra.3, types.extra.4: unknown, of another domain, internal, deleted, hidden
		same(t, "not to be seen", get("1012", "ticket.x_999", "ticket.x_301", "customer.x_301", "customer.x_110", "company.x_401", "x_201", "x_301", "x_first", "First",
			"ticket.x_201", "ticket.x_internal", "ticket.Internal", "ticket.x_202", "ticket.x_gone", "ticket.Gone", "ticket.x_203", "ticket.Hidden", "ticket.x_208"), []string{})
		// types.extra.2: x_<digits>, then the database name, then the label; a standard field goes before all
		same(t, "spellings", get("1012", "ticket.x_210", "ticket.x_first", "ticket.FIRST", "ticket.x_209", "ticket.Misnamed", "ticket.title",
			"ticket.x_liketitle", "ticket.x_color", "ticket.x_213", "ticket.Colour", "ticket.a text", "ticket.x_00110", "X_110"), []string{
			"ticket.x_210|of 210|TypeVarchar", "ticket.x_first|of 210|TypeVarchar", "ticket.FIRST|of 210|TypeVarchar",
			"ticket.x_209|of 209|TypeVarchar", "ticket.Misnamed|of 209|TypeVarchar", "ticket.title|Printer <on> & \"fire\"|TypeVarchar",
			"ticket.x_liketitle|not the title|TypeVarchar", "ticket.x_color|red|TypeVarchar", "ticket.x_213|not red|TypeVarchar",
			"ticket.Colour|red|TypeVarchar", "ticket.a text|short|TypeVarchar", "ticket.x_00110|short|TypeVarchar",
			"X_110|short|TypeVarchar",
		})
	})
}

// Who may read which ticket.
var readable = map[string][]int{
	"kari": {1012, 1016, 1017, 1019, 1020, 1027, 1028, 1029, 1031, 1033}, // own, second, colleagues', merged
	"ola":  {1012, 1016, 1019, 1020},
	"siv":  {1018, 1024},
	"lone": {1017, 1025},
	"lars": {},
	"gro":  {},
	"tove": {},
}

func TestWhoMayReadTickets(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		for name, may := range readable {
			key := w.logIn(name)
			for id := 1011; id <= 1035; id++ {
				// customer.getTicket.2, customer.getTicket.23, types.acl.1, types.acl.2, types.acl.4, types.acl.5, types.acl.6
				if !slices.Contains(may, id) {
					w.unchanged(func() {
						w.customer("getTicket", key, fmt.Sprint(id), ticketFields).want("13").empty("customer", "getTicket")
					})
					continue
				}
				a := w.customer("getTicket", key, fmt.Sprint(id), []string{"ticket.id"}).want("0")
				master := map[int]int{1019: 1012, 1020: 1012, 1024: 1018}[id]
				if master == 0 {
					master = id
				}
				// customer.getTicket.25, types.acl.6
				same(t, name, a.rows("ticketResult"), []string{fmt.Sprintf("ticket.id|%d|TypeRequestId", master)})
			}
		}
		// types.acl.2: company access opens what the company's people have now
		gro2 := w.logIn("gro")
		w.customer("getTicket", gro2, "1012", []string{}).want("13")
		w.updateCustomer(gro, func(c *skranke.Customer) { c.CompanyAccess = true })
		w.customer("getTicket", gro2, "1012", []string{}).want("0")
		w.customer("getTicket", gro2, "1018", []string{}).want("13")
		w.updateCustomer(gro, func(c *skranke.Customer) { c.Company = beta })
		w.customer("getTicket", gro2, "1012", []string{}).want("13")
		w.customer("getTicket", gro2, "1018", []string{}).want("0")
		w.updateCustomer(gro, func(c *skranke.Customer) { c.Company = 0 })
		w.customer("getTicket", gro2, "1025", []string{}).want("13") // types.acl.5: Lone is of no company either
		w.updateCustomer(lone, func(c *skranke.Customer) { c.Company = acme })
		w.updateCustomer(gro, func(c *skranke.Customer) { c.Company = acme })
		w.customer("getTicket", gro2, "1025", []string{}).want("0") // the customer's present company counts
	})
}

func TestRefusedTicketsLookAlike(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("siv")
		want := w.customer("getTicket", key, "999999", ticketFields).want("13").empty("customer", "getTicket").raw // customer.getTicket.29
		for _, id := range []string{                                                                               // customer.getTicket.24, types.acl.4, types.input.2
			"1012", "1013", "1014", "1015", "1019", "1020", "1021", "1022", "1023", "1025", "1026", "1030", "1032", "1034",
			"", "0", "-1", "+1018", "1018.0", "1e3", "abc", "10 18", "2147483648", "99999999999999999999999", "１０１８", "1018;DROP TABLE ticket", "' OR 1=1 --",
		} {
			w.unchanged(func() { // customer.common.3
				a := w.customer("getTicket", key, id, ticketFields).want("13")
				if a.raw != want {
					t.Errorf("ticket %q can be told from one that is not there:\n%s\n%s", id, a.raw, want)
				}
			})
			if got := w.lastError(key); got != skranke.CodeUnknownTicket.Text() { // customer.getTicket.20, customer.getTicket.24
				t.Errorf("ticket %q: last error %q", id, got)
			}
		}
		w.customer("getTicket", key, absent{}, ticketFields).want("13")
		for _, id := range []string{" 1018 ", "001018", "\t1018\n", "0000000000000000000000001018"} { // types.input.1, types.input.2
			w.customer("getTicket", key, id, []string{}).want("0")
		}
	})
}

func TestReadingIsStamped(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		karis, olas, adas := w.logIn("kari"), w.logIn("ola"), w.logInUser("ada")
		stamp := func(port, key, ticket string) string {
			t.Helper()
			a := w.call(port, "getTicket", key, ticket, []string{"ticket.read_by_customer"}).want("0")
			return strings.Split(a.rows("ticketResult")[0], "|")[1]
		}
		// customer.getTicket.26: the value is the one before the call, and the next call sees this one
		for i, want := range []string{"2021-01-25 07-00-00.000", "2021-01-25 13-05-09.000", "2021-01-25 13-06-09.000"} {
			if got := stamp("customer", karis, "1012"); got != want {
				t.Errorf("reading %d: got %q, want %q", i, got, want)
			}
			w.clock.advance(time.Minute)
		}
		if got := stamp("ticket", adas, "1012"); got != "2021-01-25 13-07-09.000" { // ticket.getTicket.6
			t.Errorf("the agent sees %q", got)
		}
		if got := stamp("ticket", adas, "1012"); got != "2021-01-25 13-07-09.000" { // ticket.common.15: an agent's reading does not count
			t.Errorf("the agent's reading was stamped: %q", got)
		}
		if got := stamp("customer", olas, "1019"); got != "2021-01-25 13-07-09.000" { // the secondary customer, by a merged number
			t.Errorf("Ola sees %q", got)
		}
		if got := stamp("customer", karis, "1012"); got != "2021-01-25 13-08-09.000" { // Ola's counted
			t.Errorf("after Ola: got %q", got)
		}

		// A colleague's reading does not count, a failing one neither.
		for range 2 {
			if got := stamp("customer", karis, "1016"); got != "" {
				t.Errorf("a colleague's reading was stamped: %q", got)
			}
		}
		w.customer("getMessage", olas, "23", []string{}).want("0") // customer.getMessage.6: reading a message changes nothing
		if got := stamp("customer", olas, "1016"); got != "" {
			t.Errorf("reading a message was stamped: %q", got)
		}

		// Kept after a restart; nothing else has changed.
		before := w.ticket(1012)
		w.restart()
		after := w.ticket(1012)
		if got, want := after.ReadByCustomer, morning.Add(3*time.Minute); !got.Equal(want) {
			t.Errorf("after a restart: got %v, want %v", got, want)
		}
		if !after.LastChanged.Equal(hour(9)) || after.NumMessages != before.NumMessages || after.ReadStatus != before.ReadStatus {
			t.Errorf("reading changed the ticket: %+v", after)
		}
		w.read(func(ctx context.Context, tx *store.ReadTx) error {
			entries, err := tx.Logs(ctx, 1012)
			if len(entries) == 0 || entries[len(entries)-1].Action != 40 || entries[len(entries)-1].Customer == 0 {
				t.Errorf("the log holds %+v, want action 40", entries)
			}
			return err
		})
		if got := stamp("customer", karis, "1012"); got != "2021-01-25 13-08-09.000" {
			t.Errorf("after a restart: got %q", got)
		}
	})
}

// However the stamps are written meanwhile, each reading sees the one before it.
func TestStampsDoNotGetLost(t *testing.T) {
	w := newWorld(t)
	key := w.logIn("kari")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if err := w.desk.Flush(context.Background()); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	body := request(t, w.style, "customer", "getTicket", []any{key, "1012", []string{"ticket.read_by_customer"}})
	last := ""
	for i := range 300 {
		got := w.post("customer", "getTicket", body).want("0").rows("ticketResult")[0]
		if i > 0 && got != last {
			t.Fatalf("reading %d: got %q, want %q", i, got, last) // customer.getTicket.26
		}
		last = "ticket.read_by_customer|" + skranke.TypeDateTime.Format(skranke.TimeValue(w.clock.now()), w.opts.Zone) + "|TypeDateTime"
		w.clock.advance(time.Millisecond)
	}
	close(stop)
	wg.Wait()
}

// All values of an answer are of one moment: while messages are added, the time
// of the last change and the number of messages always belong together.
func TestTicketIsOneSnapshot(t *testing.T) {
	w := newWorld(t)
	reader, writer := w.logIn("kari"), w.logIn("ola")
	const rounds = 60
	var wg sync.WaitGroup
	add := request(t, w.style, "customer", "addMessage", []any{writer, "b", "1016", "2", []string{}})
	done := make(chan struct{})
	wg.Go(func() {
		defer close(done)
		for range rounds {
			w.clock.advance(time.Second)
			w.post("customer", "addMessage", add).want("0")
		}
	})
	get := request(t, soap.Document, "customer", "getTicket", []any{reader, "1016", []string{"ticket.last_changed"}})
	seen := map[int]bool{}
	for going := true; going; {
		select {
		case <-done:
			going = false
		default:
		}
		a := w.post("customer", "getTicket", get).want("0")
		n := len(a.list("messageIds")) - 1 // one was there before
		want := ""
		if n > 0 {
			at := morning.Add(time.Duration(n) * time.Second)
			want = skranke.TypeDateTime.Format(skranke.TimeValue(at), w.opts.Zone)
		}
		same(t, fmt.Sprintf("after %d messages", n), a.rows("ticketResult"), []string{"ticket.last_changed|" + want + "|TypeDateTime"}) // customer.getTicket.28
		seen[n] = true
	}
	wg.Wait()
	if !seen[rounds] || len(seen) < 3 {
		t.Errorf("only saw the states %v; the test shows nothing", seen)
	}
}

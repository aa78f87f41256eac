package ports_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

// changed lists what the last entry of a ticket's log says was changed.
func (w *world) changed(id skranke.TicketID) []string {
	w.t.Helper()
	entries := w.logs(id)
	if len(entries) == 0 {
		w.t.Fatalf("ticket %d has no log", id)
	}
	list := []string{}
	for _, c := range entries[len(entries)-1].Changes {
		if c.What != 3 { // last changed
			list = append(list, fmt.Sprintf("%d %s: %s > %s", c.What, c.Name, c.From, c.To))
		}
	}
	return list
}

func TestSetTicket(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.InsertSyncAgent(ctx, &skranke.SyncAgent{ID: 4, Name: "CRM"})
		})
		w.clock.advance(time.Minute)
		now := morning.Add(time.Minute)
		set := func(ticket string, pairs ...pair) {
			t.Helper()
			a := w.agent("setTicket", key, ticket, pairs)
			a.call = fmt.Sprintf("setTicket %s %v", ticket, pairs)
			a.want("0")
		}
		// ticket.setTicket.1, ticket.setTicket.4, ticket.setTicket.6, ticket.setTicket.7, ticket.setTicket.8, ticket.setTicket.9, ticket.common.6
		set("1018", pair{"ticket.title", "first"}, pair{" TITLE ", " last "}, pair{"slevel", "1"}, pair{"ticket.category", "2"}, pair{"ticket.priority", "3"},
			pair{"ticket.filterAddress", "desk@example.no"}, pair{"ticket.createdAt", "2020-05-06 07-08-09.123"}, pair{"ticket.dbiAgentId", "4"}, pair{"ticket.dbiKey", "K"},
			pair{"ticket.dbiLastSynchronized", "2020-05-07"}, pair{"ticket.x_110", "v"}, pair{"x_internal", "i"}, pair{"ticket.filterId", "-1"})
		got := w.ticket(1018)
		if got.Title != " last " || got.SLevel != skranke.Internal || got.Category != hardware || got.OrigCategory != help || got.Priority != high || got.FilterAddress != "desk@example.no" ||
			!got.CreatedAt.Equal(time.Date(2020, 5, 6, 5, 8, 9, 123e6, time.UTC)) || got.ExtTable != 4 || got.ExtKey != "K" || !got.SyncedAt.Equal(time.Date(2020, 5, 6, 22, 0, 0, 0, time.UTC)) ||
			!got.LastChanged.Equal(now) || got.Owner != skranke.SystemUser {
			t.Errorf("stored %+v", got)
		}
		same(t, "log", w.logActions(1018), []string{"15 customer 0 user 2 message false"})
		same(t, "changes", w.changed(1018), []string{ // ticket.common.18
			"1 created_at: 2021-01-25T07:00:00.000Z > 2020-05-06T05:08:09.123Z", "2 title: of Siv >  last ", "22 slevel: 2 > 1", "23 category: 1 > 2", "24 priority: 0 > 3",
			"30 ext_table: 0 > 4", "31 ext_key:  > K", "32 synced_at:  > 2020-05-06T22:00:00.000Z", "37 filter_address:  > desk@example.no", "33 x_110:  > v", "33 x_201:  > i",
		})
		set("1018", pair{"dbiLastSynchronized", ""}, pair{"dbiAgentId", "-1"}, pair{"filterAddress", ""}, pair{"x_110", ""}, pair{"title", strings.Repeat("å", 300)})
		if got := w.ticket(1018); !got.SyncedAt.IsZero() || got.ExtTable != 0 || got.FilterAddress != "" || got.Title != strings.Repeat("å", 255) { // types.limit.1
			t.Errorf("stored %+v", got)
		}
		w.unchanged(func() { set("1018") }) // ticket.setTicket.9

		// ticket.setTicket.2, ticket.setTicket.11, ticket.addMessage3.4
		set("1018", pair{"ticket.status", "close"})
		if got := w.ticket(1018); got.Status != skranke.Closed || got.TicketStatus != statusClosed || !got.ClosedAt.Equal(now) || got.TimeToClose <= 0 {
			t.Errorf("closed: %+v", got)
		}
		w.clock.advance(time.Minute)
		set("1018", pair{"ticket.status", " CLOSE "}) // closed already
		if got := w.ticket(1018); !got.ClosedAt.Equal(now) {
			t.Errorf("closed again at %v", got.ClosedAt)
		}
		set("1018", pair{"status", "4"})
		if got := w.ticket(1018); got.Status != skranke.Deleted {
			t.Errorf("deleted: %+v", got)
		}
		w.agent("getTicket", key, "1018").want("0")
		set("1018", pair{"status", "Open"})
		if got := w.ticket(1018); got.Status != skranke.Active || got.TicketStatus != statusOpen || !got.ClosedAt.IsZero() || got.TimeToClose != 0 {
			t.Errorf("opened: %+v", got)
		}
		set("1027", pair{"status", "1"})
		if got := w.ticket(1027); got.Status != skranke.Active || !got.Activate.IsZero() {
			t.Errorf("opened: %+v", got)
		}

		// ticket.setTicket.3, ticket.setTicket.4
		customers := func(id skranke.TicketID, want ...skranke.CustomerID) {
			t.Helper()
			if got := w.ticket(id).Customers; !slices.Equal(got, want) {
				t.Errorf("customers of %d: got %v, want %v", id, got, want)
			}
		}
		set("1030", pair{"customerId", "3"})
		customers(1030, siv)
		set("1030", pair{"customerId", "3"}, pair{"ticket.customerId", "01"})
		customers(1030, siv, kari)
		set("1030", pair{"customerId", "-1"}, pair{"customerId", "5"}, pair{"customerId", "6"})
		customers(1030, lars, rita)
		same(t, "changes", w.changed(1030), []string{"25 customers: 3,1 > 5,6"})
		set("1030", pair{"customerId", "-1"})
		customers(1030)

		// ticket.setTicket.5, ticket.setTicket.4
		owner := func(id string, want skranke.UserID, read skranke.ReadStatus, pairs ...pair) {
			t.Helper()
			set(id, pairs...)
			n := skranke.TicketID(atoi(t, id))
			if got := w.ticket(n); got.Owner != want || got.ReadStatus != read {
				t.Errorf("%v: owner %d, read status %d", pairs, got.Owner, got.ReadStatus)
			}
		}
		owner("1030", bo, skranke.Red, pair{"ticket.owner", "7"})
		owner("1030", ada, skranke.Green, pair{"owner", "2"})
		w.updateTicket(1030, func(t *skranke.Ticket) { t.ReadStatus = skranke.Yellow })
		owner("1030", ada, skranke.Yellow, pair{"owner", "2"}) // no new one
		owner("1030", skranke.SystemUser, skranke.Red, pair{"owner", "-1"}, pair{"owner", "1"})
		owner("1030", ada, skranke.Green, pair{"owner", "-1"}) // by turns, of help
		owner("1030", bo, skranke.Red, pair{"owner", "-1"})
		owner("1030", skranke.SystemUser, skranke.Red, pair{"owner", "-1"}, pair{"category", "4"}) // by the new category, which delegates to nobody
		set("1030", pair{"priority", "-1"}, pair{"customerId", "2"})
		if got := w.ticket(1030).Priority; got != high { // Ola's, who came after it
			t.Errorf("priority %d", got)
		}
	})
}

func TestSetTicketRefuses(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		for _, bad := range []struct{ code, field, value string }{
			{"17", "", "x"}, {"17", "ticket.owned_by", "2"}, {"17", "ticket.created_at", "2020-01-01"}, {"17", "ticket.id", "1"}, {"17", "nonsense", "x"}, {"17", "customer.title", "x"},
			{"12", "ticket.x_999", "x"}, {"12", "x_202", "x"}, {"12", "x_204", "x"}, {"12", "x_101", "x"}, {"12", "x_206", ""}, {"12", "x_301", "x"},
			{"17", "Colour", "x"}, {"17", "ticket.Colour", "x"}, // types.extra.2
			{"32", "status", ""}, {"32", "status", "3"}, {"32", "status", "postponed"}, {"32", "status", "5"},
			{"31", "customerId", ""}, {"31", "customerId", "99"}, {"31", "customerId", "7"}, {"31", "customerId", "x"},
			{"29", "owner", ""}, {"29", "owner", "0"}, {"29", "owner", "4"}, {"29", "owner", "5"}, {"29", "owner", "99"}, {"29", "owner", "x"},
			{"10", "slevel", ""}, {"10", "slevel", "3"}, {"10", "slevel", "0"}, {"8", "category", ""}, {"8", "category", "99"}, {"8", "category", "-1"},
			{"9", "priority", "4"}, {"9", "priority", ""}, {"9", "priority", "99"},
			{"17", "filterAddress", "nonsense"}, {"17", "filterAddress", strings.Repeat("x", 255) + "@example.no"}, {"17", "filterId", "3"},
			{"17", "createdAt", ""}, {"17", "createdAt", "yesterday"}, {"17", "dbiLastSynchronized", "x"}, {"17", "dbiAgentId", "9"}, {"17", "dbiAgentId", "x"},
			{"17", "dbiKey", strings.Repeat("x", 256)},
		} {
			w.unchanged(func() { // ticket.setTicket.1, ticket.common.8
				a := w.agent("setTicket", key, "1012", []pair{{"title", "new"}, {"customerId", "-1"}, {"owner", "-1"}, {bad.field, bad.value}, {"status", "nonsense"}})
				a.call = fmt.Sprintf("setTicket %+v", bad)
				a.want(bad.code)
			})
		}
		for _, bad := range []string{"", "9999", "x", "0", "-1"} {
			w.agent("setTicket", key, bad, []pair{{"nonsense", ""}}).want("13")
			w.agent("setTicket", key, bad, []pair{}).want("13")
		}
		w.agent("setTicket", w.logIn("kari"), "1012", []pair{{"title", "x"}}).want("5")
	})
}

// ticket.setTicket.10, ticket.notify.4, ticket.escalate.1
func TestSetTicketTells(t *testing.T) {
	w := newWorld(t)
	for _, user := range []skranke.UserID{ada, bo, emil} {
		w.updateUser(user, func(u *skranke.User) { u.NotifyMask = ^skranke.NotifyMask(0) })
	}
	key := w.logInUser("bo")
	set := func(id string, pairs ...pair) {
		t.Helper()
		w.agent("setTicket", key, id, pairs).must()
	}
	set("1012", pair{"owner", "6"})
	same(t, "of Ada", w.notifications(ada), []string{"type 64 ticket 1012 by 7"})
	same(t, "of Emil", w.notifications(emil), []string{"type 1 ticket 1012 by 7"})
	set("1012", pair{"owner", "7"}) // who does it himself
	set("1012", pair{"status", "close"})
	set("1012", pair{"status", "open"})
	set("1012", pair{"owner", "1"})
	same(t, "of Emil", w.notifications(emil), []string{"type 1 ticket 1012 by 7", "type 64 ticket 1012 by 7"})
	same(t, "of Bo", w.notifications(bo), []string{})
	set("1028", pair{"owner", "6"}, pair{"status", "open"})
	set("1028", pair{"status", "open"}) // open already
	same(t, "of Emil", w.notifications(emil)[2:], []string{"type 1 ticket 1028 by 7", "type 8 ticket 1028 by 7"})

	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		p := skranke.Priority{ID: high, Name: "High", Levels: []skranke.AlertLevel{{Level: 1, Timeout: 30}}}
		for event := range p.Actions {
			p.Actions[event] = skranke.EscalateNothing
		}
		p.Actions[skranke.EscalatePriority], p.Actions[skranke.EscalateClosed], p.Actions[skranke.EscalateOwner] = skranke.EscalateRestart, skranke.EscalateStop, skranke.EscalateContinue
		return tx.UpdatePriority(ctx, &p)
	})
	alert := func(what string, timeout time.Time, stop time.Duration) {
		t.Helper()
		if got := w.ticket(1016); !got.AlertTimeout.Equal(timeout) || got.AlertStop != stop {
			t.Errorf("%s: alert at %v, stopped %v before", what, got.AlertTimeout, got.AlertStop)
		}
	}
	set("1016", pair{"priority", "3"})
	alert("priority", morning.Add(30*time.Minute), 0)
	w.clock.advance(10 * time.Minute)
	set("1016", pair{"status", "close"})
	alert("closed", time.Time{}, 20*time.Minute)
	set("1016", pair{"status", "close"}, pair{"priority", "3"}) // nothing new
	alert("closed", time.Time{}, 20*time.Minute)
	set("1016", pair{"owner", "2"})
	alert("owner", morning.Add(30*time.Minute), 0)
}

func TestAgentFindTickets(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		find := func(criteria []criterion, rest ...any) answer {
			t.Helper()
			a := w.agent("findTickets", append([]any{key, criteria, []string{"ticket.id"}}, rest...)...)
			a.call = fmt.Sprintf("findTickets %v %v", criteria, rest)
			return a
		}
		all := []string{}
		for id := 1012; id <= 1034; id++ {
			if id != 1015 {
				all = append(all, fmt.Sprint(id))
			}
		}
		// ticket.search.1, ticket.search.6, ticket.findTickets.1, ticket.findTickets.5: merged ones too, deleted ones not
		same(t, "all", find(nil, "", "", true).want("0").found(), all)
		same(t, "all", find([]criterion{{}, {}}, "0", "", true).want("0").found(), all) // ticket.search.1
		same(t, "deleted", find([]criterion{{"ticket.status", "OperatorGte", "4"}}, "", "", true).want("0").found(), []string{"1015", "1019", "1020", "1021", "1022", "1023", "1024", "1034"})
		same(t, "none", find([]criterion{{"ticket.id", "OperatorEquals", "1015"}}, "", "", true).want("0").found(), []string{})
		same(t, "one", find([]criterion{{"ticket.id", "OperatorEquals", "1015"}, {"ticket.status", "operatorNotEquals", "1"}}, "", "", true).want("0").found(), []string{"1015"})
		// ticket.search.5, ticket.findTickets.4
		backwards := slices.Clone(all)
		slices.Reverse(backwards)
		same(t, "the last", find(nil, " 3 ", "nonsense", false).want("0").found(), backwards[:3])
		same(t, "the first", find(nil, "2", "", true).want("0").found(), all[:2])
		for _, none := range []string{"0", "-7", ""} {
			same(t, "no limit", find(nil, none, "ticket.id", true).want("0").found(), all)
		}
		same(t, "by title", find([]criterion{{"ticket.title", "OperatorBeginsWith", "OF "}}, "4", "TICKET.title", false).want("0").found(), []string{"1018", "1033", "1016", "1030"})
		same(t, "by an extra field", find([]criterion{{"ticket.x_101", "OperatorEquals", "-42"}}, "1", "ticket.x_101", true).want("0").found(), []string{"1012"})
		w.updateTicket(1018, func(t *skranke.Ticket) { t.Extra = []skranke.ExtraValue{{Field: 101, Value: skranke.IntValue(7)}} })
		same(t, "by an extra field", find(nil, "2", "ticket.x_101", false).want("0").found(), []string{"1018", "1012"})
		// ticket.findTickets.2
		same(t, "of Kari", find([]criterion{{"customer.lastname", "OperatorContains", "NORD"}, {"ticket.slevel", "OperatorEquals", "1"}}, "", "", true).want("0").found(), []string{"1013", "1014"})
		same(t, "of nobody", find([]criterion{{"customer.id", "OperatorEmpty", ""}}, "", "", true).want("0").found(), []string{"1030"}) // ticket.findTickets.6
		a := w.agent("findTickets", key, []criterion{{"ticket.id", "OperatorIn", "1012,1030"}}, []string{
			"customer.id", "none", "customer.firstname", "ticket.owned_by", "ticket.x_201", "ticket.cust_id", "customer.lastname"}, "", "", true).want("0")
		if got, want := fmt.Sprint(a.table("searchResult")), fmt.Sprint([][]string{ // ticket.search.4
			{"customer.id|1|TypeCustomerId", "customer.firstname|Kari|TypeVarchar", "ticket.owned_by|2|TypeUserId", "ticket.x_201|do not show|TypeVarchar", "ticket.cust_id|1|TypeCustomerId", "customer.lastname|Nordmann|TypeVarchar"},
			{"customer.id|-1|TypeCustomerId", "customer.firstname||TypeVarchar", "ticket.owned_by|1|TypeUserId", "ticket.x_201||TypeVarchar", "ticket.cust_id|-1|TypeCustomerId", "customer.lastname||TypeVarchar"},
		}); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
		if got := w.agent("findTickets", key, []criterion{{"ticket.id", "OperatorIn", "1012,1030"}}, []string{"none"}, "", "", true).want("0").table("searchResult"); len(got) != 2 || len(got[0])+len(got[1]) != 0 {
			t.Errorf("no legal field: got %v", got)
		}
		for _, bad := range []criterion{ // ticket.search.2, ticket.search.3, ticket.findTickets.3
			{"nonsense", "OperatorEquals", "1"}, {"title", "OperatorEquals", "1"}, {"ticket.filter_address", "OperatorEquals", "1"}, {"ticket.x_202", "OperatorEquals", "1"},
			{"ticket.id", "OperatorLike", "1"}, {"ticket.id", "", "1"}, {"ticket.title", "OperatorIn", "1"}, {"ticket.id", "OperatorEquals", "x"}, {"ticket.created_at", "OperatorGt", "x"},
		} {
			find([]criterion{{"ticket.id", "OperatorGt", "0"}, bad}, "", "", true).want("28").empty("ticket", "findTickets")
		}
		find(nil, "many", "", true).want("28").empty("ticket", "findTickets")
		w.agent("findTickets", w.logIn("kari"), []criterion{}, []string{}).want("5")
	})
}

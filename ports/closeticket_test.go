package ports_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

// logs are the entries about a ticket in the change log.
func (w *world) logs(id skranke.TicketID) []store.LogEntry {
	w.t.Helper()
	var entries []store.LogEntry
	w.read(func(ctx context.Context, tx *store.ReadTx) (err error) {
		entries, err = tx.Logs(ctx, id)
		return err
	})
	return entries
}

func TestCloseTicket(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		a := w.customer("closeTicket", key, " 0001012\n").want("0") // customer.closeTicket.1, types.input.1, types.input.2
		if len(a.parts) != 1 {
			t.Errorf("the answer has %d parts, want the errorCode alone", len(a.parts))
		}
		got := w.ticket(1012)
		// customer.closeTicket.2, customer.closeTicket.3
		if got.Status != skranke.Closed || !got.ClosedAt.Equal(morning) || !got.LastChanged.Equal(morning) || got.TicketStatus != statusClosed ||
			got.TimeToClose != morning.Sub(hour(7)) {
			t.Errorf("got status %d (%d), closed %v, changed %v after %v", got.Status, got.TicketStatus, got.ClosedAt, got.LastChanged, got.TimeToClose)
		}
		want := []string{"ticket.status|2|TypeInteger", "ticket.closed_at|2021-01-25 13-05-09.000|TypeDateTime", "ticket.last_changed|2021-01-25 13-05-09.000|TypeDateTime"}
		same(t, "read back", w.customer("getTicket", key, "1012", []string{"ticket.status", "ticket.closed_at", "ticket.last_changed"}).must().rows("ticketResult"), want)
		// customer.closeTicket.5
		if !slices.ContainsFunc(w.logs(1012), func(e store.LogEntry) bool { return e.Action == 39 }) {
			t.Errorf("the log does not tell that 1012 was closed: %+v", w.logs(1012))
		}

		// customer.closeTicket.4: closed again later, nothing changes
		w.clock.advance(20 * time.Minute)
		w.unchanged(func() {
			w.customer("closeTicket", key, "1012").want("0")
			w.customer("closeTicket", key, "1029").want("0") // closed for good stays so
		})

		// customer.closeTicket.3: a postponed ticket will not come up any more
		w.customer("closeTicket", key, "1027").want("0")
		if got := w.ticket(1027); got.Status != skranke.Closed || !got.Activate.IsZero() || got.TicketStatus != statusClosed {
			t.Errorf("got status %d (%d), activate %v", got.Status, got.TicketStatus, got.Activate)
		}
		// What the moment of creation is not known of has taken no time.
		w.customer("closeTicket", key, "1031").want("0")
		if got := w.ticket(1031); got.Status != skranke.Closed || got.TimeToClose != 0 {
			t.Errorf("a ticket of unknown age: status %d, open for %v", got.Status, got.TimeToClose)
		}

		// types.acl.6: what was merged stands for its master
		w.updateTicket(1012, func(t *skranke.Ticket) { t.Status, t.ClosedAt = skranke.Active, time.Time{} })
		w.customer("closeTicket", key, "1020").want("0")
		if master, merged := w.ticket(1012), w.ticket(1020); master.Status != skranke.Closed || merged.Status != skranke.Merged {
			t.Errorf("got the master in status %d, the merged in %d", master.Status, merged.Status)
		}
	})
}

// customer.closeTicket.1, types.acl.2, types.acl.3, types.acl.4: whoever may read a
// ticket may close it, and nobody else; the refusals look all the same.
func TestWhoClosesTickets(t *testing.T) {
	for name, may := range readable {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			key := w.logIn(name)
			refused := w.customer("closeTicket", key, "99999").want("13").raw
			for id := 1011; id <= 1035; id++ {
				if slices.Contains(may, id) {
					w.customer("closeTicket", key, fmt.Sprint(id)).want("0")
					continue
				}
				w.unchanged(func() { // customer.common.3
					if a := w.customer("closeTicket", key, fmt.Sprint(id)).want("13"); a.raw != refused {
						t.Errorf("%d is refused with another answer:\n%s\n%s", id, a.raw, refused)
					}
				})
				if got := w.lastError(key); got != skranke.CodeUnknownTicket.Text() {
					t.Errorf("%d: the last error is %q", id, got)
				}
			}
			for _, id := range []string{"", "0", "-1", "x", "1012.0", "10 12", "99999999999", "+1012"} { // types.input.2
				w.unchanged(func() { w.customer("closeTicket", key, id).want("13") })
			}
		})
	}
	w := newWorld(t)
	w.unchanged(func() {
		w.customer("closeTicket", "", "1012").want("5")
		w.customer("closeTicket", w.logInUser("ada"), "1012").want("5")
	})
	// A further customer closes, and so does a colleague, though he may not write: types.acl.3
	w.customer("addMessage", w.logIn("kari"), "x", "1016", "2", []string{}).want("13")
	w.customer("closeTicket", w.logIn("kari"), "1016").want("0")
	w.customer("closeTicket", w.customer("loginAsCustomer", "ada", userPassword, "ola").must().text("sessionKey"), "1012").want("0") // types.acl.7
}

// Of many who close one ticket at the same moment one does; all are told it is closed.
func TestCloseTicketAtOnce(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for _, name := range []string{"kari", "ola", "kari", "ola"} {
		key := w.logIn(name)
		all.Go(func() { w.customer("closeTicket", key, "1012").want("0") })
	}
	all.Wait()
	closings := 0
	for _, e := range w.logs(1012) {
		if e.Action == 39 {
			closings++
		}
	}
	if closings != 1 {
		t.Errorf("the ticket was closed %d times, want once", closings)
	}
}

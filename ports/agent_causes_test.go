package ports_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/store"
)

// What causes a notification reaches the user's client through the port, once,
// and nobody whose key is not the live one.
func TestNotificationCauses(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		for _, user := range []skranke.UserID{ada, bo, emil} {
			w.updateUser(user, func(u *skranke.User) { u.NotifyMask = 1<<11 - 1 })
		}
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			p := skranke.Priority{ID: high, Name: "High", Levels: []skranke.AlertLevel{{Level: 1, Timeout: 30}, {Level: 2, Timeout: 30, Reassign: bo}}}
			for event := range p.Actions {
				p.Actions[event] = skranke.EscalateNothing
			}
			p.Actions[skranke.EscalateNew], p.Actions[skranke.EscalateRead] = skranke.EscalateRestart, skranke.EscalateRestart
			return tx.UpdatePriority(ctx, &p)
		})
		sessions := map[skranke.UserID]string{ada: w.logInUser("ada"), bo: w.logInUser("bo"), emil: w.agent("loginAsUser", "6", "ada", userPassword).must().text("sessionKey")}
		keys := map[skranke.UserID]string{}
		for user, session := range sessions {
			keys[user] = w.alloc(session, "desk")
		}
		// fetched is what each user's client gets, without the words.
		fetched := func(user skranke.UserID) []string {
			t.Helper()
			list := []string{}
			for _, row := range w.agent("getUserNotifications", sessions[user], keys[user]).want("0").rows("userNotifications") {
				list = append(list, strings.Join(strings.Split(row, "|")[:3], "|"))
			}
			return list
		}
		by := sessions[bo]
		ticket := w.newTicket(newTicketArgs{key: by, sLevel: "2", category: "1", priority: fmt.Sprint(high), owner: "2", notify: true}).must().text("ticketId")
		id, ok := skranke.ParseID(ticket)
		if !ok {
			t.Fatalf("ticket %q", ticket)
		}
		if err := w.desk.AddFavourite(t.Context(), skranke.Favourite{User: emil, Ticket: skranke.TicketID(id)}); err != nil {
			t.Fatal(err)
		}
		due := func(span time.Duration) {
			t.Helper()
			for user := range sessions { // a use in time keeps the keys
				same(t, "nothing so far", fetched(user), []string{})
			}
			for ; span > 0; span -= 10 * time.Minute { // sessions live on
				w.clock.advance(10 * time.Minute)
				for _, session := range sessions {
					w.agent("getActiveTicketsStatus", session).must()
				}
			}
			if n, err := w.desk.DoDue(t.Context()); err != nil || n != 1 {
				t.Fatalf("got %d tickets changed, %v; want 1", n, err)
			}
			for user, session := range sessions { // half an hour is too long for a key
				w.agent("getUserNotifications", session, keys[user]).want("26").empty("ticket", "getUserNotifications")
				keys[user] = w.alloc(session, "another desk")
			}
		}
		of := func(kind int, by skranke.UserID) string { return fmt.Sprintf("%d|%d|%s", kind, by, ticket) }
		no := []string{}
		message := []any{by, "body", "", ticket, "1", no, true, no, no, no}
		for _, cause := range []struct {
			name  string
			do    func()
			wants map[skranke.UserID][]string
		}{
			{"a new ticket", func() {}, map[skranke.UserID][]string{ada: {of(1, bo)}}},                                                                                   // ticket.notify.2
			{"addMessage", func() { w.agent("addMessage", by, "body", ticket, "2", no, true).must() }, map[skranke.UserID][]string{ada: {of(2, bo)}, emil: {of(2, bo)}}}, // ticket.notify.3, ticket.notify.6
			{"addMessage2", func() { w.agent("addMessage2", message...).must() }, map[skranke.UserID][]string{ada: {of(2, bo)}, emil: {of(2, bo)}}},
			{"addMessage3", func() { w.addMessage3(by, ticket, "body", "<p>", "1", no, true, no, no, no).must() }, map[skranke.UserID][]string{ada: {of(2, bo)}, emil: {of(2, bo)}}},
			{"quiet messages", func() { w.addMessage3(by, ticket, "body", "<p>", "1", no, false, no, no, no).must() }, nil},
			{"reading", func() { // ticket.escalate.1: the priority would begin anew
				before := w.ticket(skranke.TicketID(id)).AlertTimeout
				w.clock.advance(time.Minute)
				w.agent("getTicket", by, ticket, []string{"ticket.title"}).must()
				w.agent("getActiveTicketsStatus", by).must()
				if after := w.ticket(skranke.TicketID(id)).AlertTimeout; before.IsZero() || !after.Equal(before) {
					t.Errorf("reading moved the next alert from %v to %v", before, after)
				}
			}, nil},
			{"an alert", func() { due(30 * time.Minute) }, map[skranke.UserID][]string{ada: {of(4, skranke.SystemUser)}, emil: {of(4, skranke.SystemUser)}}}, // ticket.notify.5
			{"an alert that reassigns", func() { due(30 * time.Minute) }, map[skranke.UserID][]string{ // ticket.escalate.3
				ada: {of(4, 1), of(64, 1)}, bo: {of(1, 1)}, emil: {of(4, 1), of(1, 1)},
			}},
			{"taken over", func() { w.agent("setTicket", by, ticket, []pair{{"owner", "2"}}).must() }, map[skranke.UserID][]string{ada: {of(1, bo)}, emil: {of(1, bo)}}}, // ticket.notify.4
			{"given away", func() { w.agent("setTicket", sessions[emil], ticket, []pair{{"owner", "7"}}).must() }, map[skranke.UserID][]string{ada: {of(64, emil)}, bo: {of(1, emil)}}},
			{"opened again", func() {
				w.agent("setTicket", sessions[ada], ticket, []pair{{"status", "close"}}).must()
				w.agent("setTicket", sessions[ada], ticket, []pair{{"status", "open"}}).must()
			}, map[skranke.UserID][]string{bo: {of(8, ada)}, emil: {of(8, ada)}}},
			{"woken up", func() {
				err := w.desk.SetTicketRow(t.Context(), skranke.TicketID(id), func(row *skranke.Ticket) error {
					row.Status, row.Activate = skranke.Postponed, w.clock.now().Add(time.Hour)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				due(time.Hour)
			}, map[skranke.UserID][]string{bo: {of(8, 1)}, emil: {of(8, 1)}}},
			{"a script's own words", func() {
				if err := w.desk.NotifyOf(t.Context(), desk.Actor{User: bo, Auth: bo}, emil, skranke.TicketID(id), "Lunch"); err != nil {
					t.Fatal(err)
				}
			}, map[skranke.UserID][]string{emil: {of(1024, bo)}}}, // ticket.getUserNotifications.5
		} {
			cause.do()
			for user, session := range sessions {
				w.agent("allocUserNotifications", session, "yet another desk").want("26").empty("ticket", "allocUserNotifications")
				want := cause.wants[user]
				if want == nil {
					want = no
				}
				same(t, fmt.Sprintf("%s: user %d", cause.name, user), fetched(user), want)
			}
		}
	})
}

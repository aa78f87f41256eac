package desk

import (
	"slices"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

// favourite puts the ticket among the favourites of each user.
func (w *world) favourite(ticket skranke.TicketID, users ...skranke.UserID) {
	w.t.Helper()
	for _, user := range users {
		if err := w.desk.AddFavourite(w.t.Context(), skranke.Favourite{User: user, Ticket: ticket}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// told is what waits for the user, which is forgotten.
func (w *world) told(user skranke.UserID) []skranke.NotificationType {
	w.t.Helper()
	list := w.notifications(user)
	if len(list) > 0 {
		w.write(func(tx *store.WriteTx) error {
			_, err := tx.DeleteNotifications(w.t.Context(), user, list[len(list)-1].ID)
			return err
		})
	}
	return types(list)
}

// Who has a ticket among his favourites is told what its owner is told, once.
func TestNotifyOfFavourites(t *testing.T) {
	inWorld(t, func(w *world) {
		const every = skranke.NotifyMask(1<<11 - 1)
		const hot = skranke.NotifyMask(skranke.NotifyFavourites)
		owner := w.user(&skranke.User{ID: 2, NotifyMask: every})
		next := w.user(&skranke.User{ID: 3, NotifyMask: every})
		eager := w.user(&skranke.User{ID: 4, NotifyMask: every, Email: "four@example.org", EmailMask: hot | skranke.NotifyMask(skranke.NotifyAlert)})
		cold := w.user(&skranke.User{ID: 5, NotifyMask: every &^ hot})
		picky := w.user(&skranke.User{ID: 6, NotifyMask: hot | skranke.NotifyMask(skranke.NotifyNewMessage)})
		gone := w.user(&skranke.User{ID: 7, NotifyMask: every, Status: skranke.UserDeleted})
		stranger := w.user(&skranke.User{ID: 8, NotifyMask: every})
		priority := w.startsAtOnce(skranke.Priority{Levels: []skranke.AlertLevel{{Level: 1, Timeout: 60}, {Level: 2, Timeout: 60, Reassign: next}}})
		ticket := w.newTicket(Actor{User: stranger}, TicketDraft{Title: "No heat", Category: w.category(&skranke.Category{}), Priority: priority, Owner: owner, Notify: true}).ID
		w.favourite(ticket, owner, owner, eager, cold, picky, gone)
		other := w.newTicket(Actor{User: stranger}, TicketDraft{Category: w.category(&skranke.Category{}), Priority: w.priority(&skranke.Priority{}), Owner: stranger}).ID
		w.favourite(other, eager)
		w.told(owner)

		set := func(actor skranke.UserID, field, value string) {
			t.Helper()
			if err := w.desk.ChangeTicket(t.Context(), Actor{User: actor}, ticket, []Pair{{field, value}}); err != nil {
				t.Fatal(err)
			}
		}
		// ticket.notify.6
		for _, step := range []struct {
			name string
			do   func()
			want map[skranke.UserID][]skranke.NotificationType
		}{
			{"a quiet message", func() { w.addMessage(Actor{User: stranger}, MessageDraft{Ticket: ticket}) }, nil},
			{"a message", func() { w.addMessage(Actor{User: eager}, MessageDraft{Ticket: ticket, Notify: true}) }, map[skranke.UserID][]skranke.NotificationType{
				owner: {skranke.NotifyNewMessage}, eager: {skranke.NotifyNewMessage}, picky: {skranke.NotifyNewMessage},
			}},
			{"closed", func() { set(stranger, "ticket.status", "close") }, nil},
			{"opened by the owner", func() { set(owner, "ticket.status", "open") }, map[skranke.UserID][]skranke.NotificationType{eager: {skranke.NotifyActivated}}},
			{"an alert", func() {
				set(stranger, "ticket.owner", "3")
				set(stranger, "ticket.owner", "2")
				w.tellNobody()
				w.passes(time.Hour)
			}, map[skranke.UserID][]skranke.NotificationType{
				owner: {skranke.NotifyAlert}, eager: {skranke.NotifyAlert},
			}},
			{"an alert that reassigns", func() { w.passes(time.Hour) }, map[skranke.UserID][]skranke.NotificationType{
				owner: {skranke.NotifyAlert, skranke.NotifyTakeOver}, next: {skranke.NotifyNewTicket}, eager: {skranke.NotifyAlert, skranke.NotifyNewTicket},
			}},
			{"a new owner", func() { set(stranger, "ticket.owner", "2") }, map[skranke.UserID][]skranke.NotificationType{
				owner: {skranke.NotifyNewTicket}, next: {skranke.NotifyTakeOver}, eager: {skranke.NotifyNewTicket},
			}},
			{"taken by one who has it", func() { set(eager, "ticket.owner", "4") }, map[skranke.UserID][]skranke.NotificationType{owner: {skranke.NotifyTakeOver}}},
			{"given to nobody", func() { set(stranger, "ticket.owner", "1") }, map[skranke.UserID][]skranke.NotificationType{eager: {skranke.NotifyTakeOver}}},
			{"a message nobody owns", func() { w.addMessage(Actor{User: stranger}, MessageDraft{Ticket: ticket, Notify: true}) }, nil}, // ticket.notify.3
		} {
			step.do()
			for _, user := range []skranke.UserID{owner, next, eager, cold, picky, gone, stranger} {
				if got := w.told(user); !slices.Equal(got, step.want[user]) {
					t.Errorf("%s: user %d is told %v, want %v", step.name, user, got, step.want[user])
				}
			}
		}
		if mails := w.mails(); len(mails) != 2 || mails[0].To[0] != "four@example.org" {
			t.Errorf("got mails %v, want the two alerts by mail to who wants favourites by mail", mails)
		}

		if err := w.desk.DeleteFavourite(t.Context(), skranke.Favourite{User: eager, Ticket: ticket}); err != nil {
			t.Error(err)
		}
		set(stranger, "ticket.owner", "2")
		if got := w.told(eager); len(got) != 0 {
			t.Errorf("told %v of what is no favourite any more", got)
		}
	})
}

// tellNobody forgets what waits for anybody.
func (w *world) tellNobody() {
	w.t.Helper()
	for user := skranke.UserID(1); user < 10; user++ {
		w.told(user)
	}
}

func TestFavouritesNeedUserAndTicket(t *testing.T) {
	inWorld(t, func(w *world) {
		user := w.user(&skranke.User{ID: 2})
		ticket := w.newTicket(Actor{User: user}, TicketDraft{Category: w.category(&skranke.Category{}), Owner: user}).ID
		for _, c := range []struct {
			f    skranke.Favourite
			want skranke.Code
		}{
			{skranke.Favourite{User: user, Ticket: ticket + 1}, skranke.CodeUnknownTicket},
			{skranke.Favourite{User: 4711, Ticket: ticket}, skranke.CodeUnknownUserID},
			{skranke.Favourite{User: skranke.SystemUser, Ticket: ticket}, skranke.CodeUnknownUserID},
			{skranke.Favourite{Ticket: ticket}, skranke.CodeUnknownUserID},
		} {
			if err := w.desk.AddFavourite(t.Context(), c.f); skranke.CodeOf(err) != c.want {
				t.Errorf("%+v: got %v, want code %d", c.f, err, c.want)
			}
		}
		if err := w.desk.DeleteFavourite(t.Context(), skranke.Favourite{User: user, Ticket: ticket}); skranke.CodeOf(err) != skranke.CodeCustomError {
			t.Errorf("taking out what is not in: got %v, want code 7", err)
		}
	})
}

package desk

import (
	"strings"
	"testing"
	"time"

	"skranke"
)

const everyWay = skranke.NotifyMask(skranke.NotifyNewTicket | skranke.NotifyNewMessage)

func TestNotifyByMask(t *testing.T) {
	inWorld(t, func(w *world) {
		both := w.user(&skranke.User{ID: 2, Email: "two@example.org", NotifyMask: everyWay, EmailMask: everyWay})
		popUp := w.user(&skranke.User{ID: 3, Email: "three@example.org", NotifyMask: skranke.NotifyMask(skranke.NotifyNewTicket)})
		byMail := w.user(&skranke.User{ID: 4, Email: "four@example.org", EmailMask: skranke.NotifyMask(skranke.NotifyNewTicket)})
		none := w.user(&skranke.User{ID: 5, Email: "five@example.org", NotifyMask: skranke.NotifyMask(skranke.NotifyAlert)})
		category := w.category(&skranke.Category{})

		// ticket.notify.1, ticket.notify.2
		for _, c := range []struct {
			owner        skranke.UserID
			popUps, mail int
		}{{both, 1, 1}, {popUp, 1, 0}, {byMail, 0, 1}, {none, 0, 0}} {
			before := len(w.mails())
			ticket := w.newTicket(Actor{User: both}, TicketDraft{Title: "Printer\non fire", Category: category, Owner: c.owner, Notify: true})
			got := w.notifications(c.owner)
			if len(got) != c.popUps {
				t.Errorf("owner %d: got notifications %v, want %d", c.owner, got, c.popUps)
			}
			for _, n := range got {
				if n.Type != skranke.NotifyNewTicket || n.CreatedBy != both || n.Ticket != ticket.ID || !n.CreatedAt.Equal(w.now) {
					t.Errorf("owner %d: got notification %+v", c.owner, n)
				}
				if !strings.HasPrefix(n.Message, "New ticket, #") || !strings.HasSuffix(n.Message, ", Printer on fire") {
					t.Errorf("owner %d: got message %q, want event, number and title on one line", c.owner, n.Message)
				}
			}
			mails := w.mails()[before:]
			if len(mails) != c.mail {
				t.Errorf("owner %d: got mails %v, want %d", c.owner, mails, c.mail)
			}
			for _, m := range mails {
				if m.Ticket != ticket.ID || len(m.To) != 1 || !strings.Contains(m.Plain, "Printer on fire") {
					t.Errorf("owner %d: got mail %+v", c.owner, m)
				}
			}
		}
	})
}

func TestNotifyOnlyWhenAsked(t *testing.T) {
	inWorld(t, func(w *world) {
		owner := w.user(&skranke.User{ID: 2, Email: "two@example.org", NotifyMask: everyWay, EmailMask: everyWay})
		category := w.category(&skranke.Category{
			NotificationEmail: "team@example.org", Flags: skranke.CategoryNotifyMembers,
			Members: members(skranke.CategoryMember{User: owner}),
		})
		// ticket.notify.2, ticket.notify.3
		ticket := w.newTicket(Actor{User: owner}, TicketDraft{Category: category, Owner: owner})
		w.newTicket(Actor{User: owner}, TicketDraft{Category: category, Owner: skranke.SystemUser})
		w.addMessage(Actor{User: owner}, MessageDraft{Ticket: ticket.ID, Body: "quiet"})
		if got := w.notifications(owner); len(got) != 0 {
			t.Errorf("got notifications %v, want none", got)
		}
		if got := w.mails(); len(got) != 0 {
			t.Errorf("got mails %v, want none", got)
		}
	})
}

func TestNotifyOfUnassignedTicket(t *testing.T) {
	inWorld(t, func(w *world) {
		w.user(&skranke.User{ID: 2, NotifyMask: everyWay})
		w.user(&skranke.User{ID: 3, NotifyMask: everyWay, Email: "three@example.org", EmailMask: everyWay})
		gone := w.user(&skranke.User{ID: 4, NotifyMask: everyWay, Status: skranke.UserDeleted})
		list := members(skranke.CategoryMember{User: 2}, skranke.CategoryMember{User: 3}, skranke.CategoryMember{User: gone}, skranke.CategoryMember{User: 99})
		loud := w.category(&skranke.Category{Members: list, Flags: skranke.CategoryNotifyMembers})
		mailed := w.category(&skranke.Category{Members: list, NotificationEmail: "team@example.org, nonsense; Boss <boss@example.org>"})
		draft := TicketDraft{Title: "Who?", Owner: skranke.SystemUser, Notify: true}

		// ticket.notify.2
		draft.Category = loud
		w.newTicket(Actor{User: 2}, draft)
		for user, want := range map[skranke.UserID]int{2: 1, 3: 1, gone: 0, skranke.SystemUser: 0} {
			if got := w.notifications(user); len(got) != want {
				t.Errorf("user %d: got %v, want %d notifications", user, got, want)
			}
		}
		if got := w.mails(); len(got) != 1 || got[0].To[0] != "three@example.org" {
			t.Errorf("got mails %v, want one to the member who wants them", got)
		}
		draft.Category = mailed
		w.newTicket(Actor{User: 2}, draft)
		if got := w.notifications(2); len(got) != 1 {
			t.Errorf("got %v, want no notification of a category that asks for none", got)
		}
		got := w.mails()[1:]
		if len(got) != 2 || got[0].To[0] != "team@example.org" || got[1].To[0] != "Boss <boss@example.org>" {
			t.Errorf("got mails %v, want one to each address of the category", got)
		}
	})
}

func TestNotifyOfNewMessage(t *testing.T) {
	inWorld(t, func(w *world) {
		owner := w.user(&skranke.User{ID: 2, NotifyMask: everyWay})
		other := w.user(&skranke.User{ID: 3, NotifyMask: everyWay})
		category := w.category(&skranke.Category{NotificationEmail: "team@example.org"})
		owned := w.newTicket(Actor{User: owner}, TicketDraft{Title: strings.Repeat("ø", 300), Category: category, Owner: owner})
		free := w.newTicket(Actor{User: owner}, TicketDraft{Category: category, Owner: skranke.SystemUser})

		// ticket.notify.3
		w.addMessage(Actor{User: other}, MessageDraft{Ticket: owned.ID, Notify: true})
		w.addMessage(Actor{User: owner}, MessageDraft{Ticket: owned.ID, Notify: true})
		w.addMessage(Actor{User: other}, MessageDraft{Ticket: free.ID, Notify: true})
		got := w.notifications(owner)
		if len(got) != 2 || got[0].CreatedBy != other || got[1].CreatedBy != owner {
			t.Fatalf("got notifications %v, want one by each writer", got)
		}
		if got[0].Type != skranke.NotifyNewMessage || len([]rune(got[0].Message)) != skranke.MaxNotification {
			t.Errorf("got type %d and a message of %d letters, want 2 and %d", got[0].Type, len([]rune(got[0].Message)), skranke.MaxNotification)
		}
		if len(w.notifications(other)) != 0 || len(w.mails()) != 0 {
			t.Errorf("got notifications %v and mails %v for others, want none", w.notifications(other), w.mails())
		}
	})
}

func TestNotificationsEnd(t *testing.T) {
	inWorld(t, func(w *world) {
		owner := w.user(&skranke.User{ID: 2, NotifyMask: everyWay})
		category := w.category(&skranke.Category{})
		draft := TicketDraft{Category: category, Owner: owner, Notify: true}
		w.newTicket(Actor{User: owner}, draft)
		w.now = w.now.Add(24 * time.Hour)
		w.newTicket(Actor{User: owner}, draft)
		// ticket.notify.8
		for _, c := range []struct {
			later time.Duration
			want  int
		}{{6 * 24 * time.Hour, 2}, {time.Minute, 1}, {24 * time.Hour, 0}} {
			w.now = w.now.Add(c.later)
			if err := w.desk.sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := w.notifications(owner); len(got) != c.want {
				t.Errorf("%v later: got %v, want %d notifications", c.later, got, c.want)
			}
		}
	})
}

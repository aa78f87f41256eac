package desk

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

const byClock = skranke.NotifyMask(skranke.NotifyAlert | skranke.NotifyActivated | skranke.NotifyNewTicket | skranke.NotifyTakeOver)

// startsAtOnce makes a priority that counts from the making of a ticket on.
func (w *world) startsAtOnce(p skranke.Priority) skranke.PriorityID {
	w.t.Helper()
	p.Actions = actions(map[skranke.EscalateEvent]skranke.EscalateAction{
		eventNew: skranke.EscalateRestart, eventNewInfo: skranke.EscalateStop, eventOwner: skranke.EscalateRestart, eventClosed: skranke.EscalateContinue,
	})
	return w.priority(&p)
}

// passes puts the clock forward and lets the desk do what is due.
func (w *world) passes(span time.Duration) int {
	w.t.Helper()
	w.now = w.now.Add(span)
	return w.doDue()
}

func (w *world) doDue() int {
	w.t.Helper()
	n, err := w.desk.DoDue(w.t.Context())
	if err != nil {
		w.t.Fatalf("doing what is due: %v", err)
	}
	return n
}

// restart puts a new desk in the place of the old one.
func (w *world) restart() {
	w.t.Helper()
	if err := w.desk.Close(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	opts := w.desk.opts
	var err error
	if w.desk, err = New(w.t.Context(), w.db, opts); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) logged(ticket skranke.TicketID, action int) []store.LogEntry {
	w.t.Helper()
	var list []store.LogEntry
	w.read(func(tx *store.ReadTx) error {
		all, err := tx.Logs(w.t.Context(), ticket)
		for _, e := range all {
			if e.Action == action {
				list = append(list, e)
			}
		}
		return err
	})
	return list
}

func types(list []skranke.Notification) (all []skranke.NotificationType) {
	for _, n := range list {
		all = append(all, n.Type)
	}
	return all
}

func TestAlertsComeOnceAndInOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		owner := w.user(&skranke.User{ID: 2, NotifyMask: byClock})
		category := w.category(&skranke.Category{})
		priority := w.startsAtOnce(skranke.Priority{Levels: []skranke.AlertLevel{{Level: 4, Timeout: 60}, {Level: 2, Timeout: 30}}})
		ticket := w.newTicket(Actor{User: owner}, TicketDraft{Title: "No heat", Category: category, Priority: priority, Owner: owner}).ID
		if n := w.passes(30*time.Minute - time.Second); n != 0 {
			t.Errorf("got %d tickets changed before the time, want 0", n)
		}
		w.restart()
		// ticket.escalate.1, ticket.escalate.3, ticket.notify.5
		if n := w.passes(time.Second); n != 1 {
			t.Errorf("got %d tickets changed, want 1", n)
		}
		w.restart()
		if n := w.doDue(); n != 0 {
			t.Errorf("got %d tickets changed a second time, want 0", n)
		}
		got := w.ticket(ticket)
		if want := noon.Add(90 * time.Minute); got.AlertLevel != 2 || !got.AlertTimeout.Equal(want) || got.Owner != owner {
			t.Errorf("got level %d of %d, next at %v; want 2 and %v", got.AlertLevel, got.Owner, got.AlertTimeout, want)
		}
		told := w.notifications(owner)
		if len(told) != 1 || told[0].Type != skranke.NotifyAlert || told[0].CreatedBy != skranke.SystemUser || told[0].Ticket != ticket ||
			!told[0].CreatedAt.Equal(w.now) || !strings.HasPrefix(told[0].Message, "Alert level 2, #") || !strings.HasSuffix(told[0].Message, ", No heat") {
			t.Errorf("got notifications %+v, want one alert", told)
		}
		if n := w.passes(time.Hour); n != 1 {
			t.Errorf("got %d tickets changed at the last level, want 1", n)
		}
		if got := w.ticket(ticket); got.AlertLevel != 4 || !got.AlertTimeout.IsZero() || got.AlertStop != 0 {
			t.Errorf("got level %d, next at %v, left %v; want 4 and nothing more", got.AlertLevel, got.AlertTimeout, got.AlertStop)
		}
		if n := w.passes(1000 * time.Hour); n != 0 {
			t.Errorf("got %d tickets changed after the last level, want 0", n)
		}
		log := w.logged(ticket, 9)
		if len(log) != 2 || log[0].User != skranke.SystemUser || !slices.Contains(log[0].Changes, store.Change{What: 13, Name: "alert_level", From: "0", To: "2"}) {
			t.Errorf("got log %+v, want two escalations", log)
		}
		if mails := w.mails(); len(mails) != 0 {
			t.Errorf("got mails %v, want none", mails)
		}
	})
}

func TestAlertsCountOfficeHours(t *testing.T) {
	inWorld(t, func(w *world) {
		owner := w.user(&skranke.User{ID: 2, NotifyMask: byClock})
		category := w.category(&skranke.Category{})
		priority := w.startsAtOnce(skranke.Priority{Deadline: 9 * 60, Schedule: true, Hours: weekdays(), Levels: []skranke.AlertLevel{{Level: 1, Timeout: 60}}})
		w.now = time.Date(2026, 3, 6, 15, 30, 0, 0, time.UTC) // a Friday
		made := w.newTicket(Actor{User: owner}, TicketDraft{Category: category, Priority: priority, Owner: owner})
		monday := time.Date(2026, 3, 9, 8, 30, 0, 0, time.UTC)
		// ticket.escalate.3, ticket.newTicket.11
		if !made.AlertTimeout.Equal(monday) || !made.Deadline.Equal(monday.Add(24*time.Hour)) {
			t.Errorf("got alert at %v, deadline %v; want %v and a day later", made.AlertTimeout, made.Deadline, monday)
		}
		// ticket.escalate.2
		w.now = w.now.Add(15 * time.Minute)
		w.addMessage(Actor{User: owner}, MessageDraft{Ticket: made.ID})
		if got := w.ticket(made.ID); got.AlertStop != 45*time.Minute {
			t.Errorf("got %v left, want 45 minutes of office time", got.AlertStop)
		}
		w.now = time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC)
		if err := w.desk.ChangeTicket(t.Context(), Actor{User: owner}, made.ID, []Pair{{Field: "status", Value: "close"}}); err != nil {
			t.Fatal(err)
		}
		if got := w.ticket(made.ID); !got.AlertTimeout.Equal(monday.Add(15 * time.Minute)) {
			t.Errorf("got alert at %v, want 45 minutes after Monday's opening", got.AlertTimeout)
		}
	})
}

func TestLevelActions(t *testing.T) {
	inWorld(t, func(w *world) {
		w.setting(settingDefaultMail, "desk@example.org")
		first := w.user(&skranke.User{ID: 2, NotifyMask: byClock, Email: "first@example.org"})
		second := w.user(&skranke.User{ID: 3, NotifyMask: byClock, Email: "second@example.org"})
		master := w.user(&skranke.User{ID: 4, NotifyMask: byClock, Email: "master@example.org"})
		gone := w.user(&skranke.User{ID: 5, Status: skranke.UserDeleted})
		category := w.category(&skranke.Category{Master: master})
		customer := w.customer(&skranke.Customer{FirstName: "Kari", Emails: []string{"kari@example.org", "home@example.org"}})
		letter := func(text string) skranke.TemplateID {
			return w.template(&skranke.ReplyTemplate{Bodies: []skranke.TemplateBody{{Flags: skranke.BodyDefault | skranke.BodyPlain, Subject: "Late", Plain: text}}})
		}
		tooMuch := letter(strings.Repeat("[[ticket.title]]", maxRendered/200+1))
		empty := w.template(&skranke.ReplyTemplate{})
		priority := w.startsAtOnce(skranke.Priority{Levels: []skranke.AlertLevel{
			{Level: 1, Timeout: 10, Reassign: second, ToCustomer: letter("Sorry, [[customer.firstname]]"), ToOwner: letter("Hurry, [[ticket.ownerUsername]]"),
				ToMaster: letter("Level [[ticket.alertLevel]]"), ToOthers: letter("See"), Others: "a@example.org, B <b@example.org>; nonsense, A@example.org"},
			{Level: 2, Timeout: 10, Reassign: gone, ToCustomer: 99, ToOwner: tooMuch, ToMaster: empty, ToOthers: 1},
		}})
		made := w.newTicket(Actor{User: first}, TicketDraft{Title: strings.Repeat("long ", 40), Category: category, Priority: priority, Owner: first, Customers: []skranke.CustomerID{customer}})
		// ticket.escalate.3
		w.passes(10 * time.Minute)
		got := w.ticket(made.ID)
		if got.Owner != second || got.ReadStatus != skranke.Red || got.AlertLevel != 1 || !got.AlertTimeout.Equal(noon.Add(20*time.Minute)) {
			t.Errorf("got %+v, want it with user %d at level 1", got, second)
		}
		// ticket.notify.4, ticket.notify.5
		if told := types(w.notifications(first)); !slices.Equal(told, []skranke.NotificationType{skranke.NotifyAlert, skranke.NotifyTakeOver}) {
			t.Errorf("got %v for the old owner", told)
		}
		if told := types(w.notifications(second)); !slices.Equal(told, []skranke.NotificationType{skranke.NotifyNewTicket}) {
			t.Errorf("got %v for the new owner", told)
		}
		if told := types(w.notifications(master)); len(told) != 0 {
			t.Errorf("got %v for the master, want none", told)
		}
		want := []struct{ to, body string }{
			{"kari@example.org", "Sorry, Kari"}, {"second@example.org", "Hurry, "}, {"master@example.org", "Level 1"},
			{"a@example.org", "See"}, {"B <b@example.org>", "See"},
		}
		mails := w.mails()
		if len(mails) != len(want) {
			t.Fatalf("got %d mails %+v, want %d", len(mails), mails, len(want))
		}
		for i, m := range mails {
			if !slices.Equal(m.To, []string{want[i].to}) || m.Plain != want[i].body || m.From != "desk@example.org" ||
				!strings.HasSuffix(m.Subject, "Late") || m.Ticket != made.ID || !m.Automatic() || len(m.Cc)+len(m.Bcc) != 0 {
				t.Errorf("got mail %+v, want %v", m, want[i])
			}
		}
		// What cannot be done is passed over.
		if n := w.passes(10 * time.Minute); n != 1 {
			t.Errorf("got %d tickets changed, want 1", n)
		}
		if got := w.ticket(made.ID); got.Owner != second || got.AlertLevel != 2 || !got.AlertTimeout.IsZero() {
			t.Errorf("got owner %d, level %d, next at %v; want %d, 2, none", got.Owner, got.AlertLevel, got.AlertTimeout, second)
		}
		if n := len(w.mails()) - len(mails); n != 0 {
			t.Errorf("got %d more mails, want none", n)
		}
		if told := types(w.notifications(second)); !slices.Equal(told, []skranke.NotificationType{skranke.NotifyNewTicket, skranke.NotifyAlert}) {
			t.Errorf("got %v for the owner", told)
		}
	})
}

func TestPostponedTicketsWakeUp(t *testing.T) {
	inWorld(t, func(w *world) {
		owner := w.user(&skranke.User{ID: 2, NotifyMask: byClock})
		status := &skranke.TicketStatus{Name: "Open", Base: skranke.Active, Default: true}
		w.write(func(tx *store.WriteTx) error { return tx.InsertTicketStatus(t.Context(), status) })
		category := w.category(&skranke.Category{})
		priority := w.startsAtOnce(skranke.Priority{Levels: []skranke.AlertLevel{{Level: 1, Timeout: 30}}})
		sleep := func(owner skranke.UserID, activate time.Time) skranke.TicketID {
			made := w.newTicket(Actor{User: 2}, TicketDraft{Category: category, Priority: priority, Owner: owner})
			made.Status, made.Activate, made.TicketStatus = skranke.Postponed, activate, 0
			w.write(func(tx *store.WriteTx) error { return tx.UpdateTicket(t.Context(), made) })
			return made.ID
		}
		owned, free, forever := sleep(owner, noon.Add(time.Hour)), sleep(skranke.SystemUser, noon.Add(time.Hour)), sleep(owner, time.Time{})
		// ticket.escalate.3: those who sleep are not pressed for.
		if n := w.passes(time.Hour - time.Millisecond); n != 0 {
			t.Errorf("got %d tickets changed before the time, want 0", n)
		}
		w.restart()
		if n := w.passes(time.Millisecond); n != 4 { // two wake up, and their alerts are overdue
			t.Errorf("got %d changes, want 4", n)
		}
		if n := w.doDue(); n != 0 {
			t.Errorf("got %d changes a second time, want 0", n)
		}
		for _, id := range []skranke.TicketID{owned, free} {
			got := w.ticket(id)
			if got.Status != skranke.Active || !got.Activate.IsZero() || got.TicketStatus != status.ID || !got.LastChanged.Equal(w.now) || got.AlertLevel != 1 {
				t.Errorf("got %+v, want it awake and at level 1", got)
			}
			// tt.enums: LogActionOfPort, LogChangeTicket
			log := w.logged(id, 8)
			if len(log) != 1 || !slices.Contains(log[0].Changes, store.Change{What: 26, Name: "status", From: "3", To: "1"}) ||
				!slices.Contains(log[0].Changes, store.Change{What: 28, Name: "activate_at", From: "2026-03-02T13:00:00.000Z"}) {
				t.Errorf("got log %+v, want one activation", log)
			}
		}
		if got := w.ticket(forever); got.Status != skranke.Postponed {
			t.Errorf("got status %d of a ticket without a time, want it asleep", got.Status)
		}
		told := w.notifications(owner)
		if !slices.Equal(types(told), []skranke.NotificationType{skranke.NotifyActivated, skranke.NotifyAlert}) || told[0].CreatedBy != skranke.SystemUser || told[0].Ticket != owned {
			t.Errorf("got notifications %+v, want the activation and the alert", told)
		}
		if told := w.notifications(skranke.SystemUser); len(told) != 0 {
			t.Errorf("got notifications %+v for nobody", told)
		}
	})
}

func TestOnlyActiveTicketsAlert(t *testing.T) {
	inWorld(t, func(w *world) {
		owner := w.user(&skranke.User{ID: 2, NotifyMask: byClock})
		priority := w.startsAtOnce(skranke.Priority{Levels: []skranke.AlertLevel{{Level: 1, Timeout: 1}}})
		gone := w.priority(&skranke.Priority{Deleted: true, Levels: []skranke.AlertLevel{{Level: 1, Timeout: 1}}})
		for status := skranke.Active; status <= skranke.Merged; status++ {
			w.write(func(tx *store.WriteTx) error {
				return tx.InsertTicket(t.Context(), &skranke.Ticket{Status: status, Owner: owner, Priority: priority, AlertTimeout: noon})
			})
		}
		w.write(func(tx *store.WriteTx) error {
			return tx.InsertTicket(t.Context(), &skranke.Ticket{Status: skranke.Active, Owner: owner, Priority: gone, AlertTimeout: noon})
		})
		w.passes(0)
		if n := w.doDue(); n != 0 {
			t.Errorf("got %d changes a second time, want 0: also a ticket without priority stops counting", n)
		}
		if told := w.notifications(owner); len(told) != 1 {
			t.Errorf("got notifications %+v, want that of the active ticket", told)
		}
	})
}

// Two processes on one database work at the same tickets: each alert and each
// activation happens once, and what one look leaves the next finds.
func TestTwoDesksDoNothingTwice(t *testing.T) {
	const tickets = scheduleBatch*scheduleBatches + 7
	dir, database, now := t.TempDir(), storetest.Database(t), noon
	var dbs [2]*store.DB
	var desks [2]*Desk
	for i := range desks {
		var err error
		if dbs[i], err = store.Open(t.Context(), store.Options{Dir: dir, Memory: 32 << 20, Database: database}); err != nil {
			t.Fatal(err)
		}
		defer dbs[i].Close()
		if desks[i], err = New(t.Context(), dbs[i], Options{Now: func() time.Time { return now }, PasswordCost: PasswordCost{MemoryKiB: 64, Passes: 1}}); err != nil {
			t.Fatal(err)
		}
	}
	w := &world{t: t, db: dbs[0], desk: desks[0]}
	owner := w.user(&skranke.User{ID: 2, NotifyMask: byClock, EmailMask: byClock, Email: "two@example.org", Status: skranke.UserNormal})
	priority := w.priority(&skranke.Priority{Levels: []skranke.AlertLevel{{Level: 1, Timeout: 30}, {Level: 2, Timeout: 30}}})
	w.write(func(tx *store.WriteTx) error {
		for i := range tickets {
			ticket := &skranke.Ticket{Status: skranke.Active, Owner: owner, Priority: priority, AlertTimeout: noon}
			if i%5 == 0 {
				ticket.Status, ticket.AlertTimeout, ticket.Activate = skranke.Postponed, time.Time{}, noon
			}
			if err := tx.InsertTicket(t.Context(), ticket); err != nil {
				return err
			}
		}
		return nil
	})
	var counts [2]int
	var working sync.WaitGroup
	for i, d := range desks {
		working.Go(func() {
			for range 2 {
				n, err := d.DoDue(t.Context())
				if err != nil {
					t.Errorf("desk %d: %v", i, err)
				}
				counts[i] += n
			}
		})
	}
	working.Wait()
	if counts[0]+counts[1] != tickets {
		t.Errorf("got %d and %d changes, want %d together", counts[0], counts[1], tickets)
	}
	seen := map[skranke.TicketID]int{}
	for _, n := range w.notifications(owner) {
		seen[n.Ticket]++
	}
	for ticket, n := range seen {
		if n != 1 {
			t.Errorf("got %d notifications of ticket %d, want 1", n, ticket)
		}
	}
	if len(seen) != tickets || len(w.mails()) != tickets {
		t.Errorf("got notifications of %d tickets and %d mails, want %d of each", len(seen), len(w.mails()), tickets)
	}
}

// A look does a bounded number of tickets.
func TestLooksAreBounded(t *testing.T) {
	inWorld(t, func(w *world) {
		priority := w.priority(&skranke.Priority{Levels: []skranke.AlertLevel{{Level: 1, Timeout: 1}}})
		const most = scheduleBatch * scheduleBatches
		w.write(func(tx *store.WriteTx) error {
			for range most + 1 {
				if err := tx.InsertTicket(t.Context(), &skranke.Ticket{Status: skranke.Active, Owner: 1, Priority: priority, AlertTimeout: noon}); err != nil {
					return err
				}
			}
			return nil
		})
		if first, second := w.doDue(), w.doDue(); first != most || second != 1 {
			t.Errorf("got %d and %d tickets, want %d and 1", first, second, most)
		}
	})
}

package desk

import (
	"net/netip"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// Two programs on one database are one help desk: what one does the other knows
// in its next call, and what is to happen once happens once.
func TestTwoDesksAreOne(t *testing.T) {
	storetest.EachKind(t, func(t *testing.T, open func(dir string) *store.DB) {
		ctx, dir := t.Context(), t.TempDir()
		now := noon
		var worlds [2]*world
		for i := range worlds {
			db := open(dir)
			desk, err := New(ctx, db, Options{
				Now: func() time.Time { return now }, Zone: time.UTC, Brake: Brake{PerName: 4},
				PasswordCost: PasswordCost{MemoryKiB: 64, Passes: 1},
			})
			if err != nil {
				t.Fatal(err)
			}
			worlds[i] = &world{t: t, db: db, desk: desk, now: now}
		}
		here, there := worlds[0], worlds[1]
		here.user(&skranke.User{ID: skranke.SystemUser, UserName: "system", Status: skranke.UserSystem})
		key, ticket, customer := rememberedWorld(here)
		here.wantTicket(key, ticket, skranke.CodeOK)

		// Logged in here, called there; logged out here, refused there.
		there.wantTicket(key, ticket, skranke.CodeOK)
		there.wantTicket(key, ticket, skranke.CodeOK) // remembered by now
		second, err := there.desk.LogInCustomer(ctx, Credentials{Name: "kari", Password: "pw", From: netip.MustParseAddr("127.0.0.1")})
		if err != nil {
			t.Fatal(err)
		}
		here.wantTicket(second, ticket, skranke.CodeOK)
		if err := here.desk.LogOut(ctx, Actor{}, key, ForCustomer); err != nil {
			t.Fatal(err)
		}
		there.wantTicket(key, ticket, skranke.CodeInvalidSessionKey)
		there.wantTicket(second, ticket, skranke.CodeOK)

		// A category gets another name here and has it there.
		agent := Actor{User: here.user(&skranke.User{ID: 2, UserName: "ada", NotifyMask: byClock, EmailMask: byClock, Email: "ada@example.org"}), Auth: 2}
		for _, name := range []string{"One", "Two"} {
			here.write(func(tx *store.WriteTx) error {
				return tx.UpdateCategory(ctx, &skranke.Category{ID: 1, Name: name})
			})
			found, err := there.desk.Category(ctx, agent, 1)
			if err != nil || found.Name != name {
				t.Errorf("got category %q, %v, want %q", found.Name, err, name)
			}
		}

		// Wrong passwords count wherever they are tried: two here and two there
		// make the right one useless.
		for i := range 4 {
			if err := worlds[i%2].desk.CheckCustomer(ctx, Credentials{Name: "kari", Password: "wrong"}); err == nil {
				t.Error("a wrong password fits")
			}
		}
		for i, w := range worlds {
			if err := w.desk.CheckCustomer(ctx, Credentials{Name: "kari", Password: "pw"}); err == nil {
				t.Errorf("desk %d lets the right password through after four wrong ones", i)
			}
		}
		now = now.Add(time.Hour)
		if err := there.desk.CheckCustomer(ctx, Credentials{Name: "kari", Password: "pw"}); err != nil {
			t.Errorf("after an hour: %v", err)
		}

		// Who holds the right to a user's notifications here holds it there.
		notices, err := here.desk.AllocateNotifications(ctx, agent, "here")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := there.desk.AllocateNotifications(ctx, agent, "there"); skranke.CodeOf(err) != skranke.CodeNotificationViolation {
			t.Errorf("another client: got %v, want a refusal", err)
		}
		if _, err := there.desk.FetchNotifications(ctx, agent, notices); err != nil {
			t.Errorf("with the key given out here: %v", err)
		}

		// An alert is raised once, and the mail that tells of it sent once.
		priority := here.priority(&skranke.Priority{Levels: []skranke.AlertLevel{{Level: 1, Timeout: 30}}})
		here.write(func(tx *store.WriteTx) error {
			return tx.InsertTicket(ctx, &skranke.Ticket{Status: skranke.Active, Owner: agent.User, Priority: priority, AlertTimeout: now, Customers: []skranke.CustomerID{customer}})
		})
		count := 0
		for _, w := range worlds {
			n, err := w.desk.DoDue(ctx)
			if err != nil {
				t.Fatal(err)
			}
			count += n
		}
		if count != 1 {
			t.Errorf("the alert was raised %d times, want once", count)
		}
		waiting := len(here.mails())
		if waiting == 0 {
			t.Fatal("no mail tells of the alert")
		}
		now = time.Now().Add(time.Hour) // the mail was made by the clock of the store
		claimed := map[int64]int{}
		for i := range 2*waiting + 2 {
			m, err := worlds[i%2].desk.ClaimMail(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if m != nil {
				claimed[m.ID]++
			}
		}
		for id, n := range claimed {
			if n != 1 {
				t.Errorf("mail %d was given out %d times", id, n)
			}
		}
		if len(claimed) != waiting {
			t.Errorf("%d of %d mails were given out", len(claimed), waiting)
		}
	})
}

// The latest use of a session and reading of a ticket counts, whichever program
// saw it and whatever the other has yet to write.
func TestTheLatestUseCounts(t *testing.T) {
	storetest.EachKind(t, func(t *testing.T, open func(dir string) *store.DB) {
		ctx, dir := t.Context(), t.TempDir()
		now := noon
		var worlds [2]*world
		for i := range worlds {
			db := open(dir)
			desk, err := New(ctx, db, Options{
				Now: func() time.Time { return now }, Zone: time.UTC, SessionIdle: 30 * time.Minute,
				PasswordCost: PasswordCost{MemoryKiB: 64, Passes: 1},
			})
			if err != nil {
				t.Fatal(err)
			}
			worlds[i] = &world{t: t, db: db, desk: desk, now: now}
		}
		here, there := worlds[0], worlds[1]
		key, ticket, _ := rememberedWorld(here)
		here.wantTicket(key, ticket, skranke.CodeOK)
		now = now.Add(20 * time.Minute)
		there.wantTicket(key, ticket, skranke.CodeOK)
		if err := there.desk.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		now = now.Add(20 * time.Minute)
		view, err := here.desk.TicketByKey(ctx, key, ForCustomer, ticket, []string{"ticket.read_by_customer"})
		if err != nil {
			t.Fatalf("40 minutes after its last use here, 20 after the one there: %v", err)
		}
		if want := noon.Add(20 * time.Minute); len(view.Fields) != 1 || view.Fields[0].Value != skranke.TimeValue(want) {
			t.Errorf("got %+v, want read at %s", view.Fields, want)
		}
	})
}

package desk

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
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

// clock is a time several goroutines look at while a test sets it.
type clock struct{ nanos atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(0, c.nanos.Load()).UTC() }
func (c *clock) set(after time.Duration) { c.nanos.Store(noon.Add(after).UnixNano()) }

// inTwoWorlds runs fn with two desks on one database, which know of each other,
// and a clock that stands at noon. A session lives for idle.
func inTwoWorlds(t *testing.T, idle time.Duration, fn func(c *clock, here, there *world)) {
	t.Helper()
	storetest.EachKind(t, func(t *testing.T, open func(dir string) *store.DB) {
		dir, c := t.TempDir(), new(clock)
		c.set(0)
		var worlds [2]*world
		for i := range worlds {
			db := open(dir)
			desk, err := New(t.Context(), db, Options{
				Now: c.now, Zone: time.UTC, SessionIdle: idle, PasswordCost: PasswordCost{MemoryKiB: 64, Passes: 1},
				FlushInterval: time.Millisecond, // the clock of a test does not wait for a second to pass
			})
			if err == nil {
				err = desk.Announce(t.Context())
			}
			if err != nil {
				t.Fatal(err)
			}
			worlds[i] = &world{t: t, db: db, desk: desk}
		}
		fn(c, worlds[0], worlds[1])
	})
}

// running runs the background work of a desk until the test ends.
func (w *world) running() {
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { w.desk.Run(ctx) })
	w.t.Cleanup(func() { stop(); work.Wait() })
}

// awaitStored waits until everybody knows that the session was used now and, by
// its customer, the ticket read. It does not wait for session times that nobody
// waits for: those are written every half minute.
func (w *world) awaitStored(key string, ticket skranke.TicketID) {
	w.t.Helper()
	now := w.desk.now()
	for end := time.Now().Add(2 * touchInterval / 3); ; time.Sleep(time.Millisecond) {
		used := w.lastUsed(key)
		if used.Equal(now) && w.ticket(ticket).ReadByCustomer.Equal(now) {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("the last use that is stored is %s, want %s", used, now)
		}
	}
}

// lastUsed is the last use of the session that is stored.
func (w *world) lastUsed(key string) (used time.Time) {
	w.t.Helper()
	w.read(func(tx *store.ReadTx) error {
		s, err := tx.Session(w.t.Context(), sessionID(key))
		if err == nil {
			used = s.LastUsed
		}
		return err
	})
	return used
}

// The latest use of a session and reading of a ticket counts, whichever program
// saw it: a use others wait for reaches them, though session times are seldom
// written.
//
// types.session.3, types.session.4
func TestTheLatestUseCounts(t *testing.T) {
	for _, c := range []struct{ idle, used, called time.Duration }{
		{30 * time.Minute, 28 * time.Minute, 50 * time.Minute},
		{40 * time.Second, 33 * time.Second, 60 * time.Second},
		{40 * time.Second, 19 * time.Second, 51 * time.Second},
	} {
		t.Run(fmt.Sprint(c.idle, " used after ", c.used), func(t *testing.T) {
			inTwoWorlds(t, c.idle, func(clock *clock, here, there *world) {
				key, ticket, _ := rememberedWorld(here)
				here.wantTicket(key, ticket, skranke.CodeOK)
				there.wantTicket(key, ticket, skranke.CodeOK)
				clock.set(c.used)
				there.wantTicket(key, ticket, skranke.CodeOK)
				clock.set(max(c.used, c.idle/2)) // no sooner it is worth a write
				there.wantTicket(key, ticket, skranke.CodeOK)
				there.running()
				there.awaitStored(key, ticket)
				used := clock.now()

				clock.set(c.called)
				if err := here.desk.sweep(here.t.Context()); err != nil {
					here.t.Fatal(err)
				}
				view, err := here.desk.TicketByKey(here.t.Context(), key, ForCustomer, ticket, []string{"ticket.read_by_customer"})
				if err != nil {
					here.t.Fatalf("after %s, used elsewhere after %s: %v", c.called, c.used, err)
				}
				if len(view.Fields) != 1 || view.Fields[0].Value != skranke.TimeValue(used) {
					here.t.Errorf("got %+v, want read at %s", view.Fields, used)
				}
			})
		})
	}
}

// While a use waits to be stored nobody takes the session for idle, and nobody
// sweeps it; one that is idle for a while longer has ended for all.
//
// types.session.3, types.session.4
func TestUsesOnTheirWayCount(t *testing.T) {
	const idle = 30 * time.Minute
	inTwoWorlds(t, idle, func(clock *clock, here, there *world) {
		key, ticket, _ := rememberedWorld(here)
		here.wantTicket(key, ticket, skranke.CodeOK)
		clock.set(idle - time.Second)
		if err := there.desk.stayKnown(there.t.Context()); err != nil {
			there.t.Fatal(err)
		}
		there.wantTicket(key, ticket, skranke.CodeOK) // for the first time
		clock.set(idle + time.Second)
		if err := here.desk.sweep(here.t.Context()); err != nil {
			here.t.Fatal(err)
		}
		here.wantTicket(key, ticket, skranke.CodeOK)
		there.wantTicket(key, ticket, skranke.CodeOK)

		clock.set(2*idle + time.Second + useTolerance + time.Millisecond)
		here.wantTicket(key, ticket, skranke.CodeInvalidSessionKey)
		there.wantTicket(key, ticket, skranke.CodeInvalidSessionKey)
	})
}

// A use counts whatever was called, also where the session was never seen before.
func TestUsesOfAllCallsAreStoredInTime(t *testing.T) {
	inTwoWorlds(t, 30*time.Minute, func(clock *clock, here, there *world) {
		key, _, _ := rememberedWorld(here)
		clock.set(28 * time.Minute)
		if _, err := there.desk.Resume(t.Context(), key, ForCustomer); err != nil {
			t.Fatal(err)
		}
		if err := there.desk.storeUrgent(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := here.lastUsed(key); !got.Equal(clock.now()) {
			here.t.Errorf("the last use that is stored is %s, want %s", got, clock.now())
		}
	})
}

// Without another process a session ends when it ends, also when there was one
// that has stopped, or was lost half an hour ago.
//
// types.session.4
func TestWhoIsAloneIsExact(t *testing.T) {
	for name, c := range map[string]struct {
		leave func(there *world) error
		idle  time.Duration // twice of it is looked at
	}{
		"stopped": {func(there *world) error { return there.desk.Close(there.t.Context()) }, 10 * time.Minute},
		"lost":    {func(*world) error { return nil }, 20 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			inTwoWorlds(t, c.idle, func(clock *clock, here, there *world) {
				key, ticket, _ := rememberedWorld(here)
				here.wantTicket(key, ticket, skranke.CodeOK)
				if err := c.leave(there); err != nil {
					there.t.Fatal(err)
				}
				clock.set(c.idle)
				here.wantTicket(key, ticket, skranke.CodeOK)
				clock.set(2*c.idle + time.Millisecond)
				here.wantTicket(key, ticket, skranke.CodeInvalidSessionKey)
			})
		})
	}
}

// A process stays known as long as it runs.
func TestProcessesStayKnown(t *testing.T) {
	inTwoWorlds(t, 2*time.Hour, func(clock *clock, here, there *world) {
		for minutes := range 100 {
			clock.set(time.Duration(minutes) * time.Minute)
			if err := there.desk.stayKnown(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		here.read(func(tx *store.ReadTx) error {
			for of, want := range map[*world]bool{here: true, there: false} {
				known, err := tx.OtherProcesses(t.Context(), of.desk.id, clock.now().Add(-presenceLife))
				if err != nil || known != want {
					here.t.Errorf("another process is known: got %v, %v, want %v", known, err, want)
				}
			}
			return nil
		})
	})
}

// Uses nobody waits for do not cost a write of their own.
func TestUsesAreGathered(t *testing.T) {
	inTwoWorlds(t, 30*time.Minute, func(clock *clock, here, there *world) {
		key, ticket, _ := rememberedWorld(here)
		there.wantTicket(key, ticket, skranke.CodeOK)
		want := noon
		for minutes := range 60 {
			clock.set(time.Duration(minutes) * time.Minute)
			there.wantTicket(key, ticket, skranke.CodeOK)
			there.wantTicket(key, ticket, skranke.CodeOK)
			if err := there.desk.storeUrgent(t.Context()); err != nil {
				t.Fatal(err)
			}
			if minutes == 27 || minutes == 54 { // three minutes before others would take it for idle
				want = clock.now()
			}
			if got := there.lastUsed(key); !got.Equal(want) {
				there.t.Fatalf("after %d minutes the last use that is stored is %s, want %s", minutes, got, want)
			}
			there.desk.sessions.gather() // as every half minute
		}
	})
}

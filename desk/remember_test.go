package desk

import (
	"net/netip"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

// rememberedWorld has a customer with a session and a ticket of his.
func rememberedWorld(w *world) (key string, ticket skranke.TicketID, customer skranke.CustomerID) {
	category := w.category(&skranke.Category{Name: "Any"})
	w.priority(&skranke.Priority{Name: "Any"})
	firm := w.company(&skranke.Company{Name: "Fjord AS"})
	hash, err := w.desk.hashPassword(w.t.Context(), "pw")
	if err != nil {
		w.t.Fatal(err)
	}
	customer = w.customer(&skranke.Customer{UserName: "kari", PasswordHash: hash, Company: firm})
	ticket = w.newTicket(Actor{Customer: customer}, TicketDraft{Title: "Hei", Category: category}).ID
	if key, err = w.desk.LogInCustomer(w.t.Context(), Credentials{Name: "kari", Password: "pw", From: netip.MustParseAddr("127.0.0.1")}); err != nil {
		w.t.Fatal(err)
	}
	return key, ticket, customer
}

func (w *world) wantTicket(key string, id skranke.TicketID, want skranke.Code) {
	w.t.Helper()
	_, err := w.desk.TicketByKey(w.t.Context(), key, ForCustomer, id, []string{"ticket.title"})
	if got := skranke.CodeOf(err); got != want {
		w.t.Errorf("reading ticket %d: got code %d (%v), want %d", id, got, err, want)
	}
}

// A session that is remembered must not outlive its end or its person's
// standing, also when another program changed that behind the desk's back.
func TestRememberedSessionsKeepUp(t *testing.T) {
	// types.session.8, customer.getTicket.18, customer.logout.1
	change := func(w *world, id skranke.CustomerID, edit func(*skranke.Customer)) {
		w.write(func(tx *store.WriteTx) error {
			c, err := tx.Customer(w.t.Context(), id)
			if err != nil {
				return err
			}
			edit(c)
			return tx.UpdateCustomer(w.t.Context(), c)
		})
	}
	for name, c := range map[string]struct {
		end  func(w *world, key string, customer skranke.CustomerID)
		want skranke.Code
	}{
		"nothing happens": {func(*world, string, skranke.CustomerID) {}, skranke.CodeOK},
		"logged out": {func(w *world, key string, _ skranke.CustomerID) {
			w.desk.LogOut(w.t.Context(), Actor{}, key, ForCustomer)
		}, skranke.CodeInvalidSessionKey},
		"session deleted elsewhere": {func(w *world, key string, _ skranke.CustomerID) {
			w.write(func(tx *store.WriteTx) error {
				_, err := tx.DeleteSession(w.t.Context(), sessionID(key))
				return err
			})
		}, skranke.CodeInvalidSessionKey},
		"customer retired": {func(w *world, _ string, id skranke.CustomerID) {
			change(w, id, func(c *skranke.Customer) { c.Retired = true })
		}, skranke.CodeInvalidSessionKey},
		"customer deleted": {func(w *world, _ string, id skranke.CustomerID) {
			change(w, id, func(c *skranke.Customer) { c.Deleted = true })
		}, skranke.CodeInvalidSessionKey},
		"customer renamed": {func(w *world, _ string, id skranke.CustomerID) {
			change(w, id, func(c *skranke.Customer) { c.FirstName = "Kari" })
		}, skranke.CodeOK},
		"idle too long":        {func(w *world, _ string, _ skranke.CustomerID) { w.now = w.now.Add(30*time.Minute + time.Millisecond) }, skranke.CodeInvalidSessionKey},
		"idle nearly too long": {func(w *world, _ string, _ skranke.CustomerID) { w.now = w.now.Add(30 * time.Minute) }, skranke.CodeOK},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				key, ticket, customer := rememberedWorld(w)
				w.wantTicket(key, ticket, skranke.CodeOK)
				w.wantTicket(key, ticket, skranke.CodeOK)
				c.end(w, key, customer)
				w.wantTicket(key, ticket, c.want)
				if c.want == skranke.CodeOK {
					w.wantTicket(key, 999, skranke.CodeUnknownTicket)
				} else {
					w.wantTicket(key, 999, c.want)
				}
			})
		})
	}
}

// What a remembered customer may see follows his company at once.
func TestRememberedCompanyAccessKeepsUp(t *testing.T) {
	// types.acl.2, types.session.10
	inWorld(t, func(w *world) {
		key, ticket, customer := rememberedWorld(w)
		colleague := w.customer(&skranke.Customer{UserName: "per", Company: 1})
		his := w.newTicket(Actor{Customer: colleague}, TicketDraft{Category: w.ticket(ticket).Category}).ID
		w.wantTicket(" "+key+"\n", ticket, skranke.CodeOK)
		w.wantTicket(key, his, skranke.CodeUnknownTicket)
		for _, access := range []bool{true, false} {
			w.write(func(tx *store.WriteTx) error {
				c, err := tx.Customer(t.Context(), customer)
				if err != nil {
					return err
				}
				c.CompanyAccess = access
				return tx.UpdateCustomer(t.Context(), c)
			})
			want := skranke.CodeUnknownTicket
			if access {
				want = skranke.CodeOK
			}
			w.wantTicket(key, his, want)
		}
		if _, err := w.desk.TicketByKey(t.Context(), key, ForUser, ticket, nil); skranke.CodeOf(err) != skranke.CodeInvalidSessionKey {
			t.Errorf("a customer's key as a user's: got %v, want code 5", err) // types.session.7
		}
	})
}

// A session used by another process lives, though this one saw it last long ago.
func TestRememberedSessionUsedElsewhere(t *testing.T) {
	inWorld(t, func(w *world) {
		key, ticket, _ := rememberedWorld(w)
		w.wantTicket(key, ticket, skranke.CodeOK)
		if err := w.desk.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Hour)
		w.write(func(tx *store.WriteTx) error {
			return tx.TouchSessions(t.Context(), []store.SessionTouch{{ID: sessionID(key), LastUsed: w.now.Add(-time.Minute)}})
		})
		w.wantTicket(key, ticket, skranke.CodeOK)
	})
}

func TestSessionMemoryForgetsTheUnused(t *testing.T) {
	var uses gathered[store.SessionID, touch]
	m := sessionMemory{uses: &uses}
	id := func(n int) store.SessionID { return store.SessionID{byte(n), byte(n >> 8), byte(n >> 16), 1} }
	for n := range 3 * maxRemembered {
		m.put(newRemembered(Actor{Session: id(n), Customer: skranke.CustomerID(n)}, ForCustomer, 0, 1, noon, noon))
		r, ok := m.get(id(0))
		if !ok || r.actor().Customer != 0 {
			t.Fatalf("session 0, in use all the time, is forgotten after %d others", n)
		}
		if n < 2 {
			if r, ok := m.get(id(n)); ok {
				r.use(noon.Add(time.Minute))
			}
		}
	}
	if touch, _ := uses.glance().get(id(1)); !touch.used.Equal(noon.Add(time.Minute)) {
		t.Errorf("got %v as the last use of a forgotten session, want what it was", touch.used)
	}
	if _, ok := m.get(id(1)); ok {
		t.Error("a session nobody used is still there")
	}
	n := 0
	for i := range m.parts {
		n += len(m.parts[i].young) + len(m.parts[i].old)
	}
	if n > 2*maxRemembered {
		t.Errorf("%d sessions are remembered, want at most %d", n, 2*maxRemembered)
	}
}

// Two sessions whose ids begin alike are two, and neither's use is lost.
func TestSessionsOfOneMark(t *testing.T) {
	var uses gathered[store.SessionID, touch]
	m := sessionMemory{uses: &uses}
	one, two := store.SessionID{7: 1, 31: 1}, store.SessionID{7: 1, 31: 2}
	put := func(id store.SessionID, customer skranke.CustomerID) {
		m.put(newRemembered(Actor{Session: id, Customer: customer}, ForCustomer, 0, 1, noon, noon))
	}
	put(one, 1)
	if r, ok := m.get(one); ok {
		r.use(noon.Add(time.Minute))
	}
	if _, ok := m.get(two); ok {
		t.Error("a session is there that was never put")
	}
	put(two, 2)
	if r, ok := m.get(two); !ok || r.actor().Customer != 2 || r.actor().Session != two {
		t.Errorf("the second session is %v, %v", r, ok)
	}
	if _, ok := m.get(one); ok {
		t.Error("both are there")
	}
	if _, ok := m.peek(one); ok {
		t.Error("both are there for who only looks")
	}
	if touch, _ := uses.glance().get(one); !touch.used.Equal(noon.Add(time.Minute)) {
		t.Errorf("got %v as the last use of the session that was pushed out, want what it was", touch.used)
	}
}

// Uses that are only known to memory count where the row of the session is read,
// and are written with what else was gathered.
func TestUsesInMemoryCount(t *testing.T) {
	inWorld(t, func(w *world) {
		key, ticket, _ := rememberedWorld(w)
		w.wantTicket(key, ticket, skranke.CodeOK)
		w.now = w.now.Add(29 * time.Minute)
		w.wantTicket(key, ticket, skranke.CodeOK)
		w.now = w.now.Add(29 * time.Minute)
		if _, err := w.desk.Resume(t.Context(), key, ForCustomer); err != nil { // types/session.3
			t.Errorf("a session used 29 minutes ago: %v", err)
		}
		w.now = w.now.Add(20 * time.Minute)
		w.wantTicket(key, ticket, skranke.CodeOK)
		if err := w.desk.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		err := w.db.Read(t.Context(), func(tx *store.ReadTx) error {
			s, err := tx.Session(t.Context(), sessionID(key))
			if err == nil && !s.LastUsed.Equal(w.now) {
				t.Errorf("got %v as the last use, want %v", s.LastUsed, w.now)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

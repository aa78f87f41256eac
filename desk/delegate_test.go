package desk

import (
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

// owners makes n delegated tickets and returns their owners.
func (w *world) owners(n int, draft TicketDraft) []skranke.UserID {
	w.t.Helper()
	draft.Owner = DelegatedOwner
	var got []skranke.UserID
	for range n {
		got = append(got, w.newTicket(Actor{User: 2}, draft).Owner)
	}
	return got
}

func wantOwners(t *testing.T, got []skranke.UserID, want ...skranke.UserID) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got owners %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("got owners %v, want %v", got, want)
		}
	}
}

func members(list ...skranke.CategoryMember) []skranke.CategoryMember { return list }

func TestDelegateAvailability(t *testing.T) {
	inWorld(t, func(w *world) {
		for id, status := range map[skranke.UserID]skranke.UserStatus{
			2: skranke.UserNotAvailable, 3: skranke.UserDeleted, 4: skranke.UserReadOnly, 5: skranke.UserNormal, 6: skranke.UserNormal,
		} {
			w.user(&skranke.User{ID: id, Status: status})
		}
		all := members(skranke.CategoryMember{User: 2}, skranke.CategoryMember{User: 3}, skranke.CategoryMember{User: 4},
			skranke.CategoryMember{User: 5}, skranke.CategoryMember{User: 6})
		even := w.category(&skranke.Category{Name: "even", Method: skranke.DelegateEven, Members: all})
		present := w.category(&skranke.Category{Name: "present", Method: skranke.DelegateEven, Members: all, Flags: skranke.CategoryOnlyLoggedInUsers})

		// ticket.delegate.1
		wantOwners(t, w.owners(3, TicketDraft{Category: even}), 5, 6, 5)
		wantOwners(t, w.owners(1, TicketDraft{Category: present}), skranke.SystemUser)
		w.write(func(tx *store.WriteTx) error {
			return tx.InsertSession(t.Context(), &store.Session{ID: store.SessionID{1}, User: 6, Auth: 6, LastUsed: w.now, TTL: time.Hour})
		})
		wantOwners(t, w.owners(2, TicketDraft{Category: present}), 6, 6)
		w.now = w.now.Add(2 * time.Hour)
		wantOwners(t, w.owners(1, TicketDraft{Category: present}), skranke.SystemUser)
	})
}

func TestDelegateToOurContact(t *testing.T) {
	inWorld(t, func(w *world) {
		for id := skranke.UserID(2); id <= 5; id++ {
			w.user(&skranke.User{ID: id})
		}
		away := w.user(&skranke.User{Status: skranke.UserNotAvailable})
		company := w.company(&skranke.Company{OurContact: 4})
		known := w.customer(&skranke.Customer{OurContact: 3, Company: company})
		colleague := w.customer(&skranke.Customer{Company: company})
		orphan := w.customer(&skranke.Customer{OurContact: away, Company: company})
		stranger := w.customer(&skranke.Customer{})
		category := w.category(&skranke.Category{Method: skranke.DelegateNone, Flags: skranke.CategoryToOurContact})
		plain := w.category(&skranke.Category{Method: skranke.DelegateNone})

		// ticket.delegate.2
		for customer, want := range map[skranke.CustomerID]skranke.UserID{
			known: 3, colleague: 4, orphan: 4, stranger: skranke.SystemUser,
		} {
			wantOwners(t, w.owners(1, TicketDraft{Category: category, Customers: []skranke.CustomerID{customer}}), want)
		}
		wantOwners(t, w.owners(1, TicketDraft{Category: plain, Customers: []skranke.CustomerID{known}}), skranke.SystemUser)
		wantOwners(t, w.owners(1, TicketDraft{Category: category}), skranke.SystemUser)
	})
}

func TestDelegateLag(t *testing.T) {
	inWorld(t, func(w *world) {
		for id := skranke.UserID(2); id <= 4; id++ {
			w.user(&skranke.User{ID: id})
		}
		customer := w.customer(&skranke.Customer{})
		everyone := members(skranke.CategoryMember{User: 3}, skranke.CategoryMember{User: 4})
		lagged := w.category(&skranke.Category{Method: skranke.DelegateEven, Members: everyone, Lag: 10 * time.Minute})
		other := w.category(&skranke.Category{Method: skranke.DelegateEven, Members: everyone, Lag: -time.Minute})
		draft := TicketDraft{Category: lagged, Customers: []skranke.CustomerID{customer}}

		// ticket.delegate.3
		wantOwners(t, w.owners(3, draft), 3, 3, 3)
		w.now = w.now.Add(10*time.Minute - time.Second)
		wantOwners(t, w.owners(1, draft), 3)
		w.now = w.now.Add(10 * time.Minute)
		wantOwners(t, w.owners(1, draft), 4)
		wantOwners(t, w.owners(2, TicketDraft{Category: other, Customers: draft.Customers}), 3, 4) // another category, and off
		w.write(func(tx *store.WriteTx) error {
			return tx.UpdateUser(t.Context(), &skranke.User{ID: 4, Status: skranke.UserNotAvailable})
		})
		wantOwners(t, w.owners(1, draft), 3)
	})
}

func TestDelegateMethods(t *testing.T) {
	inWorld(t, func(w *world) {
		for id := skranke.UserID(2); id <= 5; id++ {
			w.user(&skranke.User{ID: id})
		}
		// Members stand in no order; delegation goes by the user's id.
		list := members(skranke.CategoryMember{User: 5, Weight: 1}, skranke.CategoryMember{User: 3, Weight: 2},
			skranke.CategoryMember{User: 4, Weight: 0})
		make := func(method skranke.DelegateMethod) skranke.CategoryID {
			return w.category(&skranke.Category{Method: method, Members: list})
		}

		// ticket.delegate.4, ticket.delegate.5
		even := make(skranke.DelegateEven)
		wantOwners(t, w.owners(4, TicketDraft{Category: even}), 3, 4, 5, 3)
		weighted := make(skranke.DelegateWeighted)
		got := w.owners(6, TicketDraft{Category: weighted})
		count := map[skranke.UserID]int{}
		for _, owner := range got {
			count[owner]++
		}
		if count[3] != 4 || count[5] != 2 || count[4] != 0 {
			t.Errorf("got weighted owners %v, want 3 four times, 5 twice, 4 never", got)
		}
		// 3 has six tickets so far, 4 one, 5 three or four.
		fewest := make(skranke.DelegateFewest)
		wantOwners(t, w.owners(2, TicketDraft{Category: fewest}), 4, 4)
		wantOwners(t, w.owners(1, TicketDraft{Category: make(skranke.DelegateNone)}), skranke.SystemUser)
		wantOwners(t, w.owners(1, TicketDraft{Category: make(0)}), skranke.SystemUser)

		counters := map[skranke.CategoryID]int64{even: 4, weighted: 6, fewest: 0}
		w.read(func(tx *store.ReadTx) error {
			return tx.EachCategory(t.Context(), func(c *skranke.Category) error {
				if want, ok := counters[c.ID]; ok && c.Counter != want {
					t.Errorf("got counter %d of category %d, want %d", c.Counter, c.ID, want)
				}
				return nil
			})
		})
	})
}

func TestDelegateFewestTie(t *testing.T) {
	inWorld(t, func(w *world) {
		for id := skranke.UserID(2); id <= 4; id++ {
			w.user(&skranke.User{ID: id})
		}
		fewest := w.category(&skranke.Category{Method: skranke.DelegateFewest,
			Members: members(skranke.CategoryMember{User: 4}, skranke.CategoryMember{User: 3})})
		// ticket.delegate.4
		wantOwners(t, w.owners(4, TicketDraft{Category: fewest}), 3, 4, 3, 4)
	})
}

func TestDelegateToMaster(t *testing.T) {
	inWorld(t, func(w *world) {
		for id := skranke.UserID(2); id <= 3; id++ {
			w.user(&skranke.User{ID: id})
		}
		away := w.user(&skranke.User{Status: skranke.UserNotAvailable})
		gone := w.user(&skranke.User{Status: skranke.UserDeleted})
		// ticket.delegate.6
		for _, c := range []struct {
			category skranke.Category
			want     skranke.UserID
		}{
			{skranke.Category{Master: 3, Flags: skranke.CategoryDefaultToMaster}, 3},
			{skranke.Category{Master: away, Flags: skranke.CategoryDefaultToMaster}, away},
			{skranke.Category{Master: 3}, skranke.SystemUser},
			{skranke.Category{Master: gone, Flags: skranke.CategoryDefaultToMaster}, skranke.SystemUser},
			{skranke.Category{Master: 4711, Flags: skranke.CategoryDefaultToMaster}, skranke.SystemUser},
			{skranke.Category{Flags: skranke.CategoryDefaultToMaster}, skranke.SystemUser},
		} {
			wantOwners(t, w.owners(1, TicketDraft{Category: w.category(&c.category)}), c.want)
		}
	})
}

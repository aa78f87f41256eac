package store_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// at is a fixed time, n minutes on.
func at(n int) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 123e6, time.UTC).Add(time.Duration(n) * time.Minute)
}

func write(t testing.TB, db *store.DB, fn func(ctx context.Context, tx *store.WriteTx) error) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *store.WriteTx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatalf("writing: %v", err)
	}
}

func read(t testing.TB, db *store.DB, fn func(ctx context.Context, tx *store.ReadTx) error) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx *store.ReadTx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatalf("reading: %v", err)
	}
}

func equal(t testing.TB, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func wantCode(t testing.TB, err error, want skranke.Code) {
	t.Helper()
	if got := skranke.CodeOf(err); err == nil || got != want {
		t.Errorf("got code %d (%v), want %d", got, err, want)
	}
}

// hard is a text with all that goes wrong easily.
const hard = `Blåbærsyltetøy & <b>"grøt"</b> 'it''s' $1 ?1 \ % _ 漢字 🎉` + "\r\n\t" + `]]>`

func insertCustomers(ctx context.Context, tx *store.WriteTx, all ...skranke.Customer) error {
	for i := range all {
		if err := tx.InsertCustomer(ctx, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

func fullTicket() *skranke.Ticket {
	return &skranke.Ticket{
		Title: hard, CreatedAt: at(1), LastChanged: at(2), RepliedAt: at(3), ClosedAt: at(4), Activate: at(5),
		ReadByCustomer: at(6), ReadByOwner: at(7), Category: 11, Priority: 12, OrigCategory: 13, OrigPriority: 14,
		Status: skranke.Closed, TicketStatus: 15, SLevel: skranke.External, ReadStatus: skranke.Yellow,
		Origin: skranke.OriginEmail, HasAttachment: true, NumMessages: 16, NumReplies: 17, TimeToClose: 90 * time.Minute,
		Customers: []skranke.CustomerID{2, 1}, Company: 18, Owner: 19, CreatedBy: 20, Author: "Åse " + hard, MergedInto: 21,
		FilterAddress: "øst@example.no",
		Extra: []skranke.ExtraValue{
			{Field: 3, Value: skranke.TextValue(hard)},
			{Field: 5, Value: skranke.IntValue(-1 << 63)},
			{Field: 6, Value: skranke.IntValue(0)},
			{Field: 7, Value: skranke.Value{Set: true, Float: 0.1 + 0.2}},
			{Field: 9, Value: skranke.TextValue("")},
		},
	}
}

func TestTicketRoundTrip(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		full, empty := fullTicket(), &skranke.Ticket{}
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			if err := insertCustomers(ctx, tx, skranke.Customer{UserName: "a"}, skranke.Customer{UserName: "b"}); err != nil {
				return err
			}
			return errors.Join(tx.InsertTicket(ctx, full), tx.InsertTicket(ctx, empty))
		})
		if full.ID != 1 || empty.ID != 2 {
			t.Fatalf("got ids %d and %d, want 1 and 2", full.ID, empty.ID)
		}
		check := func() {
			t.Helper()
			read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
				for _, want := range []*skranke.Ticket{full, empty} {
					got, err := tx.Ticket(ctx, want.ID)
					if err != nil {
						return err
					}
					equal(t, got, want)
					r, err := tx.TicketFor(ctx, want.ID, store.Viewer{}, store.TicketParts{Internal: true, Extra: true})
					if err != nil {
						return err
					}
					primary := *want
					primary.Customers = nil
					if c := want.Customer(); c != 0 {
						primary.Customers = []skranke.CustomerID{c}
					}
					equal(t, r.Ticket, primary)
				}
				_, err := tx.Ticket(ctx, 3)
				wantCode(t, err, skranke.CodeUnknownTicket)
				_, err = tx.TicketFor(ctx, 3, store.Viewer{}, store.TicketParts{Internal: true, Extra: true})
				wantCode(t, err, skranke.CodeUnknownTicket)
				return nil
			})
		}
		check()

		full.Customers = []skranke.CustomerID{1, 2}
		full.Extra = append(full.Extra[1:3:3], skranke.ExtraValue{Field: 8, Value: skranke.TextValue("new")})
		full.Extra[0].Value = skranke.IntValue(42)
		full.Title, full.ClosedAt = "changed", time.Time{}
		empty.ClosedAt = at(9)
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			wantCode(t, tx.UpdateTicket(ctx, &skranke.Ticket{ID: 3}), skranke.CodeUnknownTicket)
			return errors.Join(tx.UpdateTicket(ctx, full), tx.UpdateTicket(ctx, empty))
		})
		check()
	})
}

// TestTicketFor holds the reading of a ticket together with its viewer.
//
// customer.getTicket.23
func TestTicketFor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ticket := fullTicket()
		ticket.Customers = []skranke.CustomerID{1, 2}
		other := &skranke.Ticket{Title: "other", Customers: []skranke.CustomerID{4}}
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			err := insertCustomers(ctx, tx, skranke.Customer{Company: 5}, skranke.Customer{Company: 6},
				skranke.Customer{Company: 6}, skranke.Customer{})
			if err != nil {
				return err
			}
			if err := errors.Join(tx.InsertTicket(ctx, ticket), tx.InsertTicket(ctx, other)); err != nil {
				return err
			}
			for _, m := range []skranke.Message{
				{Ticket: 1, SLevel: skranke.External, CreatedAt: at(5)},
				{Ticket: 1, SLevel: skranke.Internal, CreatedAt: at(1)},
				{Ticket: 1, SLevel: skranke.External, CreatedAt: at(1)},
				{Ticket: 2, SLevel: skranke.External, CreatedAt: at(1)},
				{Ticket: 1, SLevel: skranke.External, CreatedAt: at(0)},
				{Ticket: 1, SLevel: 0, CreatedAt: at(9)},
			} {
				if err := tx.InsertMessage(ctx, &m); err != nil {
					return err
				}
			}
			return nil
		})
		for _, c := range []struct {
			name                 string
			viewer               store.Viewer
			ticket               skranke.TicketID
			internal             bool
			connected, colleague bool
			messages             []skranke.MessageID
		}{
			{"nobody", store.Viewer{}, 1, true, false, false, []skranke.MessageID{5, 2, 3, 1, 6}},
			{"primary", store.Viewer{Customer: 1, Company: 5}, 1, false, true, true, []skranke.MessageID{5, 3, 1}},
			{"secondary", store.Viewer{Customer: 2}, 1, false, true, false, []skranke.MessageID{5, 3, 1}},
			{"colleague", store.Viewer{Customer: 3, Company: 6}, 1, false, false, true, []skranke.MessageID{5, 3, 1}},
			{"stranger", store.Viewer{Customer: 4, Company: 7}, 1, false, false, false, []skranke.MessageID{5, 3, 1}},
			{"no company is no common company", store.Viewer{Customer: 1, Company: 0}, 2, false, false, false, []skranke.MessageID{4}},
		} {
			t.Run(c.name, func(t *testing.T) {
				read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
					got, err := tx.TicketFor(ctx, c.ticket, c.viewer, store.TicketParts{Internal: c.internal, Extra: true})
					if err != nil {
						return err
					}
					if got.Connected != c.connected || got.Colleague != c.colleague {
						t.Errorf("got connected %t, colleague %t, want %t, %t", got.Connected, got.Colleague, c.connected, c.colleague)
					}
					equal(t, got.Messages, c.messages)
					ids, err := tx.MessageIDs(ctx, c.ticket, c.internal)
					equal(t, ids, c.messages)
					if version, _ := tx.CatalogVersion(ctx); got.CatalogVersion != version {
						t.Errorf("got catalog version %d, want %d", got.CatalogVersion, version)
					}
					return err
				})
			})
		}
	})
}

func TestStampRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return errors.Join(
				tx.InsertTicket(ctx, &skranke.Ticket{}),
				tx.InsertTicket(ctx, &skranke.Ticket{ReadByCustomer: at(9), LastChanged: at(1)}),
			)
		})
		stamp := func(stamps []store.ReadStamp, want ...store.ReadStamp) {
			t.Helper()
			write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
				logged, err := tx.StampRead(ctx, stamps, time.Hour)
				if !slices.Equal(logged, want) {
					t.Errorf("stamping %v: to log are %v, want %v", stamps, logged, want)
				}
				return err
			})
		}
		stamp([]store.ReadStamp{{1, at(5), 3}, {2, at(8), 3}, {77, at(8), 3}}, store.ReadStamp{1, at(5), 3}, store.ReadStamp{2, at(8), 3}, store.ReadStamp{77, at(8), 3})
		stamp([]store.ReadStamp{{1, at(3), 3}})
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			for id, want := range map[skranke.TicketID]time.Time{1: at(5), 2: at(9)} {
				got, err := tx.Ticket(ctx, id)
				if err != nil {
					return err
				}
				if !got.ReadByCustomer.Equal(want) {
					t.Errorf("ticket %d: got %v, want %v", id, got.ReadByCustomer, want)
				}
			}
			return nil
		})
	})
}

// TestDelegation holds what the choice of an owner reads.
//
// ticket.delegate.3, ticket.delegate.4, ticket.delegate.5
func TestDelegation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			if err := insertCustomers(ctx, tx, skranke.Customer{}, skranke.Customer{}); err != nil {
				return err
			}
			for _, ticket := range []skranke.Ticket{
				{Customers: []skranke.CustomerID{1}, Category: 3, Owner: 7, Status: skranke.Active, CreatedAt: at(1)},
				{Customers: []skranke.CustomerID{1, 2}, Category: 3, Owner: 8, Status: skranke.Closed, CreatedAt: at(5)},
				{Customers: []skranke.CustomerID{1}, Category: 3, Owner: 7, Status: skranke.Active, CreatedAt: at(2)},
				{Customers: []skranke.CustomerID{2, 1}, Category: 3, Owner: 9, Status: skranke.Active, CreatedAt: at(8)},
				{Customers: []skranke.CustomerID{1}, Category: 4, Owner: 9, Status: skranke.Postponed, CreatedAt: at(9)},
			} {
				if err := tx.InsertTicket(ctx, &ticket); err != nil {
					return err
				}
			}
			return tx.InsertCategory(ctx, &skranke.Category{Counter: 5})
		})
		version := catalogVersion(t, db)
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			open, err := tx.OpenTickets(ctx, []skranke.UserID{7, 8, 9, 10})
			if err != nil {
				return err
			}
			equal(t, open, map[skranke.UserID]int{7: 2, 9: 1})
			latest, err := tx.LatestTicketOf(ctx, 1, 3)
			if err != nil {
				return err
			}
			equal(t, latest, store.LatestTicket{Ticket: 2, Owner: 8, CreatedAt: at(5)})
			latest, err = tx.LatestTicketOf(ctx, 2, 4)
			equal(t, latest, store.LatestTicket{})
			return err
		})
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			for want := int64(5); want < 8; want++ {
				got, err := tx.NextDelegation(ctx, 1)
				if err != nil || got != want {
					t.Errorf("got counter %d (%v), want %d", got, err, want)
				}
			}
			_, err := tx.NextDelegation(ctx, 2)
			wantCode(t, err, skranke.CodeInvalidCategory)
			return nil
		})
		if got := catalogVersion(t, db); got != version {
			t.Errorf("got catalog version %d, want %d: the counter does not count", got, version)
		}
	})
}

func TestReferences(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, background)
		for name, insert := range map[string]func(ctx context.Context, tx *store.WriteTx) error{
			"message of no ticket": func(ctx context.Context, tx *store.WriteTx) error {
				return tx.InsertMessage(ctx, &skranke.Message{Ticket: 9})
			},
			"message with no attachment": func(ctx context.Context, tx *store.WriteTx) error {
				return tx.InsertMessage(ctx, &skranke.Message{Ticket: 1, Attachments: []skranke.AttachmentID{9}})
			},
			"ticket of nobody we know": func(ctx context.Context, tx *store.WriteTx) error {
				return tx.InsertTicket(ctx, &skranke.Ticket{Customers: []skranke.CustomerID{9}})
			},
			"ticket given to an unknown": func(ctx context.Context, tx *store.WriteTx) error {
				return tx.UpdateTicket(ctx, &skranke.Ticket{ID: 1, Customers: []skranke.CustomerID{9}})
			},
		} {
			err := db.Write(t.Context(), func(tx *store.WriteTx) error { return insert(t.Context(), tx) })
			if !errors.Is(err, store.ErrReference) {
				t.Errorf("%s: got %v, want ErrReference", name, err)
			}
		}
		// A customer named twice counts once.
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return tx.UpdateTicket(ctx, &skranke.Ticket{ID: 1, Customers: []skranke.CustomerID{2, 1, 2}})
		})
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			got, err := tx.Ticket(ctx, 1)
			if err == nil {
				equal(t, got.Customers, []skranke.CustomerID{2, 1})
			}
			return err
		})
	})
}

func TestAttachmentLinks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, background)
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return errors.Join(
				tx.InsertAttachment(ctx, &skranke.Attachment{Name: "c", SHA256: "cc"}),
				tx.InsertMessage(ctx, &skranke.Message{Ticket: 1, Attachments: []skranke.AttachmentID{3, 1, 3}}),
				tx.InsertMessage(ctx, &skranke.Message{Ticket: 1, Attachments: []skranke.AttachmentID{3}}),
			)
		})
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			all, err := tx.Attachments(ctx, 1)
			if err != nil {
				return err
			}
			if len(all) != 3 || all[0].Name != "c" || all[1].ID != 1 || all[2].ID != 3 {
				t.Errorf("got %+v, want attachments 3, 1, 3", all)
			}
			links, err := tx.AttachmentLinks(ctx, 3)
			if err != nil {
				return err
			}
			equal(t, links, []skranke.MessageID{1, 2})
			for sha, want := range map[string]bool{"cc": true, "dd": false} {
				if got, err := tx.BlobInUse(ctx, sha); err != nil || got != want {
					t.Errorf("contents %s: got in use %t (%v), want %t", sha, got, err, want)
				}
			}
			return nil
		})
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			wantCode(t, tx.DeleteAttachment(ctx, 3), skranke.CodeAttachmentInUse)
			wantCode(t, tx.DeleteAttachment(ctx, 9), skranke.CodeUnknownAttachment)
			return tx.DeleteAttachment(ctx, 2)
		})
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			_, err := tx.Attachment(ctx, 2)
			wantCode(t, err, skranke.CodeUnknownAttachment)
			return nil
		})
	})
}

func TestLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		entries := []store.LogEntry{
			{At: at(1), Action: 40, Kind: "message", Row: 8, Ticket: 7, Message: 8, User: 9, Customer: 10, Auth: 11, Addr: "::1", Via: "ticket.op", Detail: hard,
				Changes: []store.Change{{What: 2, Name: "title", From: hard, To: "x"}, {Name: "password"}}},
			{Ticket: 7},
			{At: at(2), Action: 41, Ticket: 8},
			{At: at(3), Action: 42, Kind: "user", Row: 9},
			{At: at(4), Action: 43, Kind: "customer", Row: 9},
		}
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return tx.Log(ctx, entries) })
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			all, err := tx.Logs(ctx, 7)
			if err != nil {
				return err
			}
			for i := range all {
				if all[i].ID == 0 {
					t.Errorf("entry %d has no id", i)
				}
				all[i].ID = 0
			}
			equal(t, all, entries[:2])
			nobody := skranke.TicketID(0)
			for _, c := range []struct {
				name string
				f    store.LogFilter
				want []int
			}{
				{"all", store.LogFilter{}, []int{42, 43, 40, 0, 41}},
				{"no ticket", store.LogFilter{Ticket: &nobody}, []int{42, 43}},
				{"user", store.LogFilter{User: 9}, []int{42, 40}},
				{"who had logged in", store.LogFilter{User: 11}, []int{40}},
				{"customer", store.LogFilter{Customer: 9}, []int{43}},
				{"who acted", store.LogFilter{Customer: 10}, []int{40}},
				{"since", store.LogFilter{Since: at(3)}, []int{42, 43}},
				{"actions", store.LogFilter{Actions: []int{41, 40}}, []int{40, 41}},
				{"all of it", store.LogFilter{User: 9, Since: at(2), Actions: []int{40, 42}}, []int{42}},
			} {
				var got []int
				err := tx.EachLog(ctx, c.f, func(e *store.LogEntry) error { got = append(got, e.Action); return nil })
				if err != nil {
					return err
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("%s: got %v, want %v", c.name, got, c.want)
				}
			}
			return nil
		})
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			for _, c := range []struct{ most, want int }{{2, 0}, {3, 1}, {10, 2}, {10, 0}} { // those of tickets come later
				if got, err := tx.PruneLog(ctx, at(3), c.most); err != nil || got != c.want {
					t.Errorf("of the oldest %d: got %d, %v, want %d", c.most, got, err, c.want)
				}
			}
			return nil
		})
	})
}

// TestExtraNamedTwice writes lists in which a field stands twice.
func TestExtraNamedTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		one, two, unset := skranke.TextValue("one"), skranke.TextValue("two"), skranke.Value{}
		for _, values := range [][]skranke.Value{{one, two}, {two, one, two}, {one, unset, two}} {
			var list []skranke.ExtraValue
			for _, v := range values {
				list = append(list, skranke.ExtraValue{Field: 4, Value: v})
			}
			fresh, changed, cleared := &skranke.Ticket{Extra: list}, &skranke.Ticket{Extra: []skranke.ExtraValue{{Field: 4, Value: one}}}, &skranke.Ticket{Extra: list}
			write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
				if err := errors.Join(tx.InsertTicket(ctx, fresh), tx.InsertTicket(ctx, changed), tx.InsertTicket(ctx, cleared)); err != nil {
					return err
				}
				changed.Extra = list
				cleared.Extra = append(list, skranke.ExtraValue{Field: 4})
				return errors.Join(tx.UpdateTicket(ctx, changed), tx.UpdateTicket(ctx, cleared))
			})
			read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
				for _, c := range []struct {
					id   skranke.TicketID
					want []skranke.ExtraValue
				}{
					{fresh.ID, []skranke.ExtraValue{{Field: 4, Value: two}}},
					{changed.ID, []skranke.ExtraValue{{Field: 4, Value: two}}},
					{cleared.ID, nil},
				} {
					got, err := tx.Ticket(ctx, c.id)
					if err != nil {
						return err
					}
					equal(t, got.Extra, c.want)
				}
				return nil
			})
		}
	})
}

package store_test

import (
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

func TestTicketStatus(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		list := []skranke.TicketStatus{
			{ID: 10, Name: "Open", Base: skranke.Active},
			{ID: 11, Name: "New", Base: skranke.Active, Default: true},
			{ID: 12, Name: "Done", Base: skranke.Closed, NoReopen: true},
		}
		err := db.Write(ctx, func(tx *store.WriteTx) error {
			for i := range list {
				if err := tx.InsertTicketStatus(ctx, &list[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Read(ctx, func(tx *store.ReadTx) error {
			for base, want := range map[skranke.Status]int64{skranke.Active: 11, skranke.Closed: 0} {
				if got, err := tx.DefaultTicketStatus(ctx, base); err != nil || got != want {
					t.Errorf("got default %d of base status %d (%v), want %d", got, base, err, want)
				}
			}
			for id, want := range map[int64]bool{10: false, 12: true, 0: false, 99: false} {
				if got, err := tx.StaysOnReply(ctx, id); err != nil || got != want {
					t.Errorf("got %v for status %d (%v), want %v", got, id, err, want)
				}
			}
			got, err := tx.TicketStatus(ctx, 12)
			if err == nil && *got != list[2] {
				t.Errorf("got %+v, want %+v", *got, list[2])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestRowExists(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		err := db.Write(ctx, func(tx *store.WriteTx) error {
			for _, err := range []error{
				tx.InsertUser(ctx, &skranke.User{ID: 1, Status: skranke.UserNormal}),
				tx.InsertUser(ctx, &skranke.User{ID: 2, Status: skranke.UserDeleted}),
				tx.InsertCustomer(ctx, &skranke.Customer{ID: 1}),
				tx.InsertCustomer(ctx, &skranke.Customer{ID: 2, Deleted: true}),
				tx.InsertCompany(ctx, &skranke.Company{ID: 1}),
				tx.InsertCompany(ctx, &skranke.Company{ID: 2, Deleted: true}),
				tx.InsertPriority(ctx, &skranke.Priority{ID: 1, Levels: []skranke.AlertLevel{{Level: 1, Timeout: 5}}}),
				tx.InsertPriority(ctx, &skranke.Priority{ID: 2, Deleted: true}),
				tx.InsertCategory(ctx, &skranke.Category{ID: 1}),
				tx.InsertTicket(ctx, &skranke.Ticket{ID: 1, Status: skranke.Closed}),
				tx.InsertTicket(ctx, &skranke.Ticket{ID: 2, Status: skranke.Deleted}),
				tx.InsertAttachment(ctx, &skranke.Attachment{ID: 1}),
			} {
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Read(ctx, func(tx *store.ReadTx) error {
			for _, kind := range []skranke.ExtraKind{
				skranke.ExtraUser, skranke.ExtraCustomer, skranke.ExtraCompany, skranke.ExtraPriority, skranke.ExtraCategory,
				skranke.ExtraTicket, skranke.ExtraAttachment,
			} {
				for id, want := range map[int64]bool{1: true, 2: false, 3: false, 0: false, -1: false} { // types.extra.5
					if got, err := tx.RowExists(ctx, kind, id); err != nil || got != want {
						t.Errorf("%s %d: got %v (%v), want %v", kind, id, got, err, want)
					}
				}
			}
			got, err := tx.RowExists(ctx, skranke.ExtraTableRow, 1)
			if got {
				t.Errorf("got a row of an extra table, want none")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestNotifications(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
		var all [3]skranke.Notification
		err := db.Write(ctx, func(tx *store.WriteTx) error {
			for i := range all {
				all[i] = skranke.Notification{
					User: 5, Type: skranke.NotifyAlert, CreatedBy: 1, Ticket: 9, Message: "one line", CreatedAt: at.Add(time.Duration(i) * time.Hour),
				}
				if err := tx.InsertNotification(ctx, &all[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		waiting := func() (got []skranke.Notification) {
			t.Helper()
			err := db.Read(ctx, func(tx *store.ReadTx) (err error) {
				got, err = tx.Notifications(ctx, 5)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if got := waiting(); len(got) != 3 || got[0] != all[0] || got[2] != all[2] {
			t.Errorf("got %+v, want %+v", got, all)
		}
		err = db.Write(ctx, func(tx *store.WriteTx) error {
			if n, err := tx.PruneNotifications(ctx, all[1].CreatedAt); err != nil || n != 1 {
				t.Errorf("got %d pruned (%v), want the oldest", n, err)
			}
			n, err := tx.DeleteNotifications(ctx, 5, all[1].ID)
			if n != 1 {
				t.Errorf("got %d deleted, want one", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := waiting(); len(got) != 1 || got[0] != all[2] {
			t.Errorf("got %+v, want the newest alone", got)
		}
	})
}

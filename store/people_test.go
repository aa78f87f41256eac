package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

func TestCustomerNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return insertCustomers(ctx, tx,
				skranke.Customer{UserName: "Bjørn Å", Emails: []string{"BJØRN@example.no", "b@example.no"}},
				skranke.Customer{UserName: ""},
				skranke.Customer{UserName: "", Emails: []string{"B@Example.no"}},
				skranke.Customer{UserName: "gone", Deleted: true, Emails: []string{"b@example.no"}},
				skranke.Customer{UserName: "Gone", Deleted: true},
			)
		})
		add := func(c *skranke.Customer) error {
			return db.Write(t.Context(), func(tx *store.WriteTx) error { return tx.InsertCustomer(t.Context(), c) })
		}
		if err := add(&skranke.Customer{UserName: "BJØRN å"}); !errors.Is(err, store.ErrExists) {
			t.Errorf("a name that differs in case only: got %v, want ErrExists", err)
		}
		if err := add(&skranke.Customer{UserName: "GONE"}); err != nil {
			t.Errorf("the name of a deleted customer: got %v, want it to be free", err)
		}
		err := db.Write(t.Context(), func(tx *store.WriteTx) error {
			return tx.UpdateCustomer(t.Context(), &skranke.Customer{ID: 4, UserName: "gone"})
		})
		if !errors.Is(err, store.ErrExists) {
			t.Errorf("waking a customer whose name is taken: got %v, want ErrExists", err)
		}
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			c, err := tx.CustomerByUserName(ctx, "bjørn å")
			if err != nil {
				return err
			}
			equal(t, c.ID, skranke.CustomerID(1))
			equal(t, c.Emails, []string{"BJØRN@example.no", "b@example.no"})
			for _, name := range []string{"", "nobody", "bjørn a"} {
				_, err = tx.CustomerByUserName(ctx, name)
				wantCode(t, err, skranke.CodeUnknownCustomer)
			}
			found, err := tx.CustomersByEmail(ctx, "b@EXAMPLE.no")
			if err != nil {
				return err
			}
			if len(found) != 2 || found[0].ID != 1 || found[1].ID != 3 {
				t.Errorf("got %+v, want customers 1 and 3", found)
			}
			found, err = tx.CustomersByEmail(ctx, "x@example.no")
			if len(found) != 0 {
				t.Errorf("got %+v, want none", found)
			}
			return err
		})
	})
}

func TestUserNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		add := func(u skranke.User) error {
			return db.Write(t.Context(), func(tx *store.WriteTx) error { return tx.InsertUser(t.Context(), &u) })
		}
		for _, u := range []skranke.User{
			{LoginName: "", UserName: "System", Status: skranke.UserSystem},
			{LoginName: "Ærlig", UserName: "kari", Status: skranke.UserNormal},
			{LoginName: "Kari", UserName: "other", Status: skranke.UserNotAvailable},
			{LoginName: "gone", UserName: "gone", Status: skranke.UserDeleted},
		} {
			if err := add(u); err != nil {
				t.Fatal(err)
			}
		}
		for _, u := range []skranke.User{
			{LoginName: "ÆRLIG", Status: skranke.UserNormal},
			{UserName: "KARI", Status: skranke.UserNormal},
		} {
			if err := add(u); !errors.Is(err, store.ErrExists) {
				t.Errorf("%+v: got %v, want ErrExists", u, err)
			}
		}
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			for name, want := range map[string]skranke.UserID{"ærlig": 2, "KARI": 3, "Other": 3, "system": 1} {
				u, err := tx.UserByLogin(ctx, name)
				if err != nil {
					return err
				}
				if u.ID != want {
					t.Errorf("%q: got user %d, want %d", name, u.ID, want)
				}
			}
			for _, name := range []string{"", "gone"} {
				_, err := tx.UserByLogin(ctx, name)
				wantCode(t, err, skranke.CodeUserNotFound)
			}
			all, err := tx.Users(ctx)
			if len(all) != 4 || all[3].LoginName != "gone" {
				t.Errorf("got %+v, want all four users", all)
			}
			return err
		})
		if err := add(skranke.User{LoginName: "Gone", Status: skranke.UserNormal}); err != nil {
			t.Errorf("the name of a deleted user: got %v, want it to be free", err)
		}
	})
}

func TestSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return errors.Join(
				insertCustomers(ctx, tx, skranke.Customer{Company: 5, CompanyAccess: true},
					skranke.Customer{Retired: true}, skranke.Customer{Deleted: true}),
				tx.InsertUser(ctx, &skranke.User{Status: skranke.UserNormal, Access: 1<<31 | skranke.AccessAdministration}),
				tx.InsertUser(ctx, &skranke.User{Status: skranke.UserNotAvailable, Access: 1}),
				tx.InsertUser(ctx, &skranke.User{Status: skranke.UserDeleted}),
			)
		})
		sid := func(n byte) (id store.SessionID) { id[0], id[31] = n, 0xff; return id }
		code := skranke.CodeInvalidField
		for _, c := range []struct {
			name string
			in   store.Session
			want func(*store.Session) // what is to be read besides
		}{
			{"customer", store.Session{Customer: 1, LastUsed: at(1), TTL: 30 * time.Minute, LastError: code, Created: at(0), Addr: hard, Origin: 3},
				func(s *store.Session) { s.Company, s.CompanyAccess, s.Alive = 5, true, true }},
			{"retired customer", store.Session{Customer: 2, LastUsed: at(1)}, func(*store.Session) {}},
			{"deleted customer", store.Session{Customer: 3, LastUsed: at(1)}, func(*store.Session) {}},
			{"unknown customer", store.Session{Customer: 9, LastUsed: at(1)}, func(*store.Session) {}},
			{"user", store.Session{User: 1, Auth: 1, LastUsed: at(1)},
				func(s *store.Session) { s.Alive, s.AuthAccess = true, 1<<31|skranke.AccessAdministration }},
			{"user acted for", store.Session{User: 1, Auth: 2, LastUsed: at(1)}, func(s *store.Session) { s.Alive, s.AuthAccess = true, 1 }},
			{"deleted user acted for", store.Session{User: 3, Auth: 1, LastUsed: at(1)},
				func(s *store.Session) { s.AuthAccess = 1<<31 | skranke.AccessAdministration }},
			{"deleted authenticating user", store.Session{User: 1, Auth: 3, LastUsed: at(1)}, func(*store.Session) {}},
			{"nobody", store.Session{LastUsed: at(1)}, func(*store.Session) {}},
		} {
			t.Run(c.name, func(t *testing.T) {
				c.in.ID = sid(1)
				write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return tx.InsertSession(ctx, &c.in) })
				err := db.Write(t.Context(), func(tx *store.WriteTx) error { return tx.InsertSession(t.Context(), &c.in) })
				if !errors.Is(err, store.ErrExists) {
					t.Errorf("the same key again: got %v, want ErrExists", err)
				}
				read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
					got, err := tx.Session(ctx, sid(1))
					if err != nil {
						return err
					}
					c.want(&c.in)
					if c.in.PeopleVersion, err = tx.PeopleVersion(ctx); err != nil {
						return err
					}
					equal(t, *got, c.in)
					_, err = tx.Session(ctx, sid(2))
					wantCode(t, err, skranke.CodeInvalidSessionKey)
					return nil
				})
				write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
					for _, want := range []bool{true, false} {
						got, err := tx.DeleteSession(ctx, sid(1))
						if err != nil || got != want {
							t.Errorf("deleting: got %t (%v), want %t", got, err, want)
						}
					}
					return nil
				})
			})
		}

		// Touching keeps what is newest and passes over what is gone.
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			ok := skranke.CodeOK
			return errors.Join(
				tx.InsertSession(ctx, &store.Session{ID: sid(1), Customer: 1, LastUsed: at(5)}),
				tx.InsertSession(ctx, &store.Session{ID: sid(2), Customer: 1, LastUsed: at(5), TTL: 10 * time.Minute}),
				tx.InsertSession(ctx, &store.Session{ID: sid(3), User: 1, Auth: 2, LastUsed: at(5), TTL: 11 * time.Minute, LastError: code}),
				tx.TouchSessions(ctx, []store.SessionTouch{
					{ID: sid(1), LastUsed: at(7), LastError: &code}, {ID: sid(1), LastUsed: at(6)},
					{ID: sid(3), LastError: &ok}, {ID: sid(9), LastUsed: at(7), LastError: &code},
				}),
			)
		})
		alive := func() (ids []byte) {
			read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
				for n := range byte(10) {
					if _, err := tx.Session(ctx, sid(n)); err == nil {
						ids = append(ids, n)
					}
				}
				return nil
			})
			return ids
		}
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			one, err := tx.Session(ctx, sid(1))
			if err != nil {
				return err
			}
			if !one.LastUsed.Equal(at(7)) || one.LastError != code {
				t.Errorf("got last use %v and error %d, want %v and %d", one.LastUsed, one.LastError, at(7), code)
			}
			three, err := tx.Session(ctx, sid(3))
			if err != nil {
				return err
			}
			if !three.LastUsed.Equal(at(5)) || three.LastError != 0 {
				t.Errorf("got last use %v and error %d, want %v and 0", three.LastUsed, three.LastError, at(5))
			}
			return nil
		})
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			for _, c := range []struct {
				now  time.Time
				want int
			}{{at(15), 0}, {at(15).Add(time.Millisecond), 1}} {
				if n, err := tx.DeleteExpiredSessions(ctx, c.now); err != nil || n != c.want {
					t.Errorf("expired at %v: got %d (%v), want %d", c.now, n, err, c.want)
				}
			}
			return nil
		})
		equal(t, alive(), []byte{1, 3})
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			if n, err := tx.DeleteSessionsOf(ctx, 0, 2); err != nil || n != 1 {
				t.Errorf("sessions user 2 opened: got %d (%v), want 1", n, err)
			}
			return nil
		})
		equal(t, alive(), []byte{1})
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			if n, err := tx.DeleteSessionsOf(ctx, 1, 0); err != nil || n != 1 {
				t.Errorf("sessions of customer 1: got %d (%v), want 1", n, err)
			}
			return nil
		})
		equal(t, alive(), []byte(nil))
	})
}

func TestFailures(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return errors.Join(tx.AddFailure(ctx, "a", at(1)), tx.AddFailure(ctx, "a", at(2)), tx.AddFailure(ctx, "a", at(2)),
				tx.AddFailure(ctx, "b", at(2)))
		})
		count := func(subject string, since time.Time, want int) {
			t.Helper()
			read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
				n, err := tx.Failures(ctx, subject, since)
				if n != want {
					t.Errorf("got %d failures of %s, want %d", n, subject, want)
				}
				return err
			})
		}
		count("a", at(0), 3)
		count("a", at(2), 2)
		count("a", at(3), 0)
		count("b", at(0), 1)
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return tx.PruneFailures(ctx, at(2)) })
		count("a", at(0), 2)
	})
}

// What may end a session or change what it may do counts the people's version
// up; using a session does not.
func TestPeopleVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		version := func() (v int64) {
			read(t, db, func(ctx context.Context, tx *store.ReadTx) (err error) {
				v, err = tx.PeopleVersion(ctx)
				return err
			})
			return v
		}
		customer := &skranke.Customer{FirstName: "Kari"}
		user := &skranke.User{LoginName: "ola", Status: skranke.UserNormal}
		session := func(n byte) *store.Session {
			return &store.Session{ID: store.SessionID{n}, Customer: 1, LastUsed: at(1)}
		}
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return errors.Join(tx.InsertCustomer(ctx, customer), tx.InsertUser(ctx, user),
				tx.InsertSession(ctx, session(1)), tx.InsertSession(ctx, session(2)))
		})
		for _, c := range []struct {
			name   string
			change func(tx *store.WriteTx) error
			counts bool
		}{
			{"using a session", func(tx *store.WriteTx) error {
				return tx.TouchSessions(ctx, []store.SessionTouch{{ID: store.SessionID{1}, LastUsed: at(2)}})
			}, false},
			{"opening a session", func(tx *store.WriteTx) error { return tx.InsertSession(ctx, session(3)) }, false},
			{"changing a customer", func(tx *store.WriteTx) error { return tx.UpdateCustomer(ctx, customer) }, true},
			{"changing a user", func(tx *store.WriteTx) error { return tx.UpdateUser(ctx, user) }, true},
			{"ending a session", func(tx *store.WriteTx) error {
				_, err := tx.DeleteSession(ctx, store.SessionID{1})
				return err
			}, true},
			{"ending a customer's sessions", func(tx *store.WriteTx) error {
				_, err := tx.DeleteSessionsOf(ctx, 1, 0)
				return err
			}, true},
		} {
			before := version()
			if err := db.Write(ctx, c.change); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if counted := version() != before; counted != c.counts {
				t.Errorf("%s counts the version up: %v, want %v", c.name, counted, c.counts)
			}
		}
	})
}

package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// filled is a T of which every field has a value of its own, ids of the row
// itself aside. Fields added to a kind are thus tested from their first day.
func filled[T any](n int) *T {
	row := new(T)
	fillValue(reflect.ValueOf(row).Elem(), &n)
	if id := reflect.ValueOf(row).Elem().FieldByName("ID"); id.IsValid() {
		id.SetZero()
	}
	return row
}

func fillValue(v reflect.Value, n *int) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(at(*n)))
		return
	case time.Duration:
		v.SetInt(int64(time.Duration(*n) * time.Minute))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString(fmt.Sprintf("%d %s", *n, hard))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint32:
		v.SetUint(uint64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.1)
	case reflect.Struct:
		for i := range v.NumField() {
			fillValue(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillValue(v.Index(0), n)
		fillValue(v.Index(1), n)
	case reflect.Array:
		for i := range v.Len() {
			fillValue(v.Index(i), n)
		}
	default:
		panic("cannot fill " + v.Type().String())
	}
}

// kind is how one kind of row is written and read.
type kind[T any] struct {
	insert func(*store.WriteTx, context.Context, *T) error
	update func(*store.WriteTx, context.Context, *T) error // nil if there is none
	each   func(*store.ReadTx, context.Context, func(*T) error) error
	refer  func(*T)                                                // points references at rows that are there; may be nil
	one    func(*store.ReadTx, context.Context, int64) (*T, error) // may be nil
	code   skranke.Code                                            // for a row that is not there
}

func rowID[T any](row *T) reflect.Value { return reflect.ValueOf(row).Elem().FieldByName("ID") }

func (k kind[T]) test(t *testing.T) {
	t.Helper()
	t.Run(strings.TrimPrefix(fmt.Sprintf("%T", *new(T)), "skranke."), func(t *testing.T) {
		storetest.Each(t, func(t *testing.T, db *store.DB) {
			write(t, db, background)
			version := catalogVersion(t, db)
			full, zero, last := filled[T](100), new(T), filled[T](300)
			rowID(last).SetInt(1000)
			if k.refer != nil {
				k.refer(full)
				k.refer(zero)
				k.refer(last)
			}
			// The background may hold rows of the kind; these come after them.
			var before []T
			list := func() []T {
				t.Helper()
				var all []T
				read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
					all = nil
					return k.each(tx, ctx, func(row *T) error { all = append(all, *row); return nil })
				})
				return all
			}
			before = list()
			check := func(want ...*T) {
				t.Helper()
				got := list()
				if len(got) != len(before)+len(want) {
					t.Fatalf("got %d rows, want %d", len(got), len(before)+len(want))
				}
				for i, w := range want {
					equal(t, got[len(before)+i], *w)
				}
				if k.one == nil {
					return
				}
				read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
					for _, w := range want {
						got, err := k.one(tx, ctx, rowID(w).Int())
						if err != nil {
							return err
						}
						equal(t, got, w)
					}
					_, err := k.one(tx, ctx, 999)
					wantCode(t, err, k.code)
					return nil
				})
			}

			write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
				return errors.Join(k.insert(tx, ctx, full), k.insert(tx, ctx, zero), k.insert(tx, ctx, last))
			})
			first := int64(len(before) + 1)
			if rowID(full).Int() != first || rowID(zero).Int() != first+1 || rowID(last).Int() != 1000 {
				t.Errorf("got ids %v, %v, %v, want %d, %d, 1000", rowID(full), rowID(zero), rowID(last), first, first+1)
			}
			check(full, zero, last)

			// A given id is kept, ids go on above it, and it cannot be given twice.
			next := filled[T](600)
			if k.refer != nil {
				k.refer(next)
			}
			write(t, db, func(ctx context.Context, tx *store.WriteTx) error { return k.insert(tx, ctx, next) })
			if rowID(next).Int() != 1001 {
				t.Errorf("got id %v after 1000, want 1001", rowID(next))
			}
			err := db.Write(t.Context(), func(tx *store.WriteTx) error {
				twice := filled[T](900)
				if k.refer != nil {
					k.refer(twice)
				}
				rowID(twice).SetInt(1000)
				return k.insert(tx, t.Context(), twice)
			})
			if !errors.Is(err, store.ErrExists) {
				t.Errorf("inserting id 1000 twice: got %v, want ErrExists", err)
			}
			check(full, zero, last, next)

			if k.update != nil {
				*full, *zero = *zero, *full
				id := rowID(full).Int()
				rowID(full).SetInt(rowID(zero).Int())
				rowID(zero).SetInt(id)
				*last = *filled[T](1200)
				if k.refer != nil {
					k.refer(last)
				}
				rowID(last).SetInt(1000)
				write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
					missing := filled[T](1500)
					rowID(missing).SetInt(999)
					if k.refer != nil {
						k.refer(missing)
					}
					wantCode(t, k.update(tx, ctx, missing), k.code)
					return errors.Join(k.update(tx, ctx, full), k.update(tx, ctx, zero), k.update(tx, ctx, last))
				})
				check(full, zero, last, next)
			}

			switch any(full).(type) {
			case *skranke.Ticket, *skranke.Message, *skranke.Attachment, *skranke.Customer, *skranke.Company, *skranke.User,
				*skranke.Country, *skranke.Business, *skranke.ContactCategory, *skranke.SyncAgent:
				if got := catalogVersion(t, db); got != version {
					t.Errorf("got catalog version %d, want %d: this is no part of the catalog", got, version)
				}
			default:
				writes := int64(4)
				if k.update != nil {
					writes += 3
				}
				if got := catalogVersion(t, db); got != version+writes {
					t.Errorf("got catalog version %d, want %d", got, version+writes)
				}
			}
		})
	})
}

// background inserts what other rows refer to.
func background(ctx context.Context, tx *store.WriteTx) error {
	return errors.Join(
		tx.InsertCustomer(ctx, &skranke.Customer{UserName: "first"}),
		tx.InsertCustomer(ctx, &skranke.Customer{UserName: "second"}),
		tx.InsertTicket(ctx, &skranke.Ticket{}),
		tx.InsertAttachment(ctx, &skranke.Attachment{}),
		tx.InsertAttachment(ctx, &skranke.Attachment{}),
	)
}

func catalogVersion(t testing.TB, db *store.DB) (version int64) {
	t.Helper()
	read(t, db, func(ctx context.Context, tx *store.ReadTx) (err error) {
		version, err = tx.CatalogVersion(ctx)
		return err
	})
	return version
}

// TestRoundTrip writes and reads every kind of row with every field set and unset.
func TestRoundTrip(t *testing.T) {
	kind[skranke.Ticket]{
		insert: (*store.WriteTx).InsertTicket, update: (*store.WriteTx).UpdateTicket, each: (*store.ReadTx).EachTicket,
		one: func(tx *store.ReadTx, ctx context.Context, id int64) (*skranke.Ticket, error) {
			return tx.Ticket(ctx, skranke.TicketID(id))
		},
		code: skranke.CodeUnknownTicket,
		refer: func(t *skranke.Ticket) {
			if t.Customers != nil {
				t.Customers = []skranke.CustomerID{2, 1}
			}
		},
	}.test(t)
	kind[skranke.Message]{
		insert: (*store.WriteTx).InsertMessage, update: (*store.WriteTx).UpdateMessage, each: (*store.ReadTx).EachMessage,
		one: func(tx *store.ReadTx, ctx context.Context, id int64) (*skranke.Message, error) {
			return tx.Message(ctx, skranke.MessageID(id))
		},
		code: skranke.CodeUnknownMessage,
		refer: func(m *skranke.Message) {
			m.Ticket = 1
			if m.Attachments != nil {
				m.Attachments = []skranke.AttachmentID{2, 1}
			}
		},
	}.test(t)
	kind[skranke.Attachment]{
		insert: (*store.WriteTx).InsertAttachment, each: (*store.ReadTx).EachAttachment,
		one: func(tx *store.ReadTx, ctx context.Context, id int64) (*skranke.Attachment, error) {
			return tx.Attachment(ctx, skranke.AttachmentID(id))
		},
		code: skranke.CodeUnknownAttachment,
	}.test(t)
	kind[skranke.Customer]{
		insert: (*store.WriteTx).InsertCustomer, update: (*store.WriteTx).UpdateCustomer, each: (*store.ReadTx).EachCustomer,
		one: func(tx *store.ReadTx, ctx context.Context, id int64) (*skranke.Customer, error) {
			return tx.Customer(ctx, skranke.CustomerID(id))
		},
		code: skranke.CodeUnknownCustomerID,
	}.test(t)
	kind[skranke.Company]{
		insert: (*store.WriteTx).InsertCompany, update: (*store.WriteTx).UpdateCompany, each: (*store.ReadTx).EachCompany,
		one: func(tx *store.ReadTx, ctx context.Context, id int64) (*skranke.Company, error) {
			return tx.Company(ctx, skranke.CompanyID(id))
		},
		code: skranke.CodeUnknownCompany,
	}.test(t)
	kind[skranke.User]{
		insert: (*store.WriteTx).InsertUser, update: (*store.WriteTx).UpdateUser, each: (*store.ReadTx).EachUser,
		one: func(tx *store.ReadTx, ctx context.Context, id int64) (*skranke.User, error) {
			return tx.User(ctx, skranke.UserID(id))
		},
		code: skranke.CodeUnknownUserID,
	}.test(t)
	kind[skranke.Category]{
		insert: (*store.WriteTx).InsertCategory, update: (*store.WriteTx).UpdateCategory, each: (*store.ReadTx).EachCategory,
		code: skranke.CodeInvalidCategory,
	}.test(t)
	kind[skranke.Priority]{
		insert: (*store.WriteTx).InsertPriority, update: (*store.WriteTx).UpdatePriority, each: (*store.ReadTx).EachPriority,
		code: skranke.CodeInvalidPriority,
	}.test(t)
	kind[skranke.ExtraField]{
		insert: (*store.WriteTx).InsertExtraField, update: (*store.WriteTx).UpdateExtraField, each: (*store.ReadTx).EachExtraField,
		code: skranke.CodeInvalidExtraField,
	}.test(t)
	kind[skranke.Language]{
		insert: (*store.WriteTx).InsertLanguage, update: (*store.WriteTx).UpdateLanguage, each: (*store.ReadTx).EachLanguage,
		code: skranke.CodeUnknownLanguage,
	}.test(t)
	kind[skranke.Country]{
		insert: (*store.WriteTx).InsertCountry, update: (*store.WriteTx).UpdateCountry, each: (*store.ReadTx).EachCountry,
		code: skranke.CodeInvalidField,
	}.test(t)
	kind[skranke.Business]{
		insert: (*store.WriteTx).InsertBusiness, update: (*store.WriteTx).UpdateBusiness, each: (*store.ReadTx).EachBusiness,
		code: skranke.CodeInvalidField,
	}.test(t)
	kind[skranke.ContactCategory]{
		insert: (*store.WriteTx).InsertContactCategory, update: (*store.WriteTx).UpdateContactCategory, each: (*store.ReadTx).EachContactCategory,
		code: skranke.CodeInvalidField,
	}.test(t)
	kind[skranke.SyncAgent]{
		insert: (*store.WriteTx).InsertSyncAgent, update: (*store.WriteTx).UpdateSyncAgent, each: (*store.ReadTx).EachSyncAgent,
		code: skranke.CodeInvalidField,
	}.test(t)
	kind[skranke.Range]{
		insert: (*store.WriteTx).InsertRange, each: (*store.ReadTx).EachRange,
	}.test(t)
}

// TestCatalog reads back what the catalog is made of, in one piece.
func TestCatalog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c, p, f, l, r := filled[skranke.Category](1), filled[skranke.Priority](2), filled[skranke.ExtraField](3), filled[skranke.Language](4), filled[skranke.Range](5)
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			return errors.Join(tx.InsertCategory(ctx, c), tx.InsertPriority(ctx, p), tx.InsertExtraField(ctx, f),
				tx.InsertLanguage(ctx, l), tx.InsertRange(ctx, r),
				tx.SetSetting(ctx, "a", "1"), tx.SetSetting(ctx, "b", ""), tx.SetSetting(ctx, "a", hard))
		})
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			got, err := tx.Catalog(ctx)
			if err != nil {
				return err
			}
			equal(t, got.Categories, []skranke.Category{*c})
			equal(t, got.Priorities, []skranke.Priority{*p})
			equal(t, got.ExtraFields, []skranke.ExtraField{*f})
			equal(t, got.Languages, []skranke.Language{*l})
			equal(t, got.Ranges, []skranke.Range{*r})
			equal(t, got.Settings, map[string]string{"a": hard, "b": ""})
			if version, _ := tx.CatalogVersion(ctx); got.Version != version {
				t.Errorf("got version %d, want %d", got.Version, version)
			}
			counts, err := tx.Counts(ctx)
			if counts["category"] != 1 || counts["range"] != 1 || counts["ticket"] != 0 {
				t.Errorf("got counts %v", counts)
			}
			return err
		})
		version := catalogVersion(t, db)
		write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
			wantCode(t, tx.DeleteRange(ctx, 9), skranke.CodeCustomError)
			return tx.DeleteRange(ctx, 1)
		})
		if got := catalogVersion(t, db); got != version+1 {
			t.Errorf("got catalog version %d after a deletion, want %d", got, version+1)
		}
	})
}

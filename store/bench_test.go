package store

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"skranke"
)

// fill makes n tickets, each with 8 extra values, 4 messages and 1 of 10,000 customers.
func fill(b *testing.B, db *DB, n int) {
	b.Helper()
	ctx := b.Context()
	err := db.Write(ctx, func(tx *WriteTx) error {
		at := time.UnixMilli(1_700_000_000_000)
		ticket := &skranke.Ticket{
			Title: "The printer is on fire", CreatedAt: at, LastChanged: at, Category: 5, Priority: 2, OrigCategory: 5,
			OrigPriority: 2, Status: skranke.Active, SLevel: skranke.External, ReadStatus: skranke.Red,
			Origin: skranke.OriginCustomerCentre, NumMessages: 4, Owner: 7, CreatedBy: skranke.SystemUser, Author: "Kari Nordmann",
		}
		message := &skranke.Message{Ticket: 1, SLevel: skranke.External, CreatedAt: at, Author: "Kari Nordmann", Body: longText}
		err := errors.Join(
			tx.InsertCustomer(ctx, &skranke.Customer{FirstName: "Kari", LastName: "Nordmann"}),
			tx.InsertTicket(ctx, ticket),
			tx.InsertMessage(ctx, message),
		)
		if err != nil {
			return err
		}
		return tx.conn.script(ctx, multiply(customers, 10_000)+multiply(tickets, n)+`
			UPDATE customer SET company_id = id % 500 + 1;
			UPDATE ticket SET title = 'The printer on floor ' || id || ' is on fire', created_at = created_at + id,
				customer_id = id % 10000 + 1;
			INSERT INTO ticket_customer (ticket_id, rank, customer_id) SELECT id, 0, customer_id FROM ticket;
			INSERT INTO extra_value (domain, owner_id, field_id, int_value, real_value, text_value, text_fold)
				SELECT 1, t.id, c.id, t.id, 0.5 * t.id, 'value ' || t.id, 'value ' || t.id
				FROM ticket t JOIN customer c ON c.id <= 8;
			`+multiply(messages, 4*n)+`
			UPDATE message SET ticket_id = id % `+strconv.Itoa(n)+` + 1, slevel = 1 + (id > `+strconv.Itoa(n)+`),
				created_at = created_at + id, body = substr(body, 1, 200 + id % 800);`)
	})
	if err != nil {
		b.Fatal(err)
	}
}

// multiply copies row 1 of the table until there are n.
func multiply(t *table, n int) string {
	_, columns, _ := strings.Cut(t.insert, "(")
	columns, _, _ = strings.Cut(columns, ")")
	return `WITH RECURSIVE seq(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM seq WHERE i < ` + strconv.Itoa(n) + `)
		INSERT INTO ` + t.name + ` (id, ` + columns + `) SELECT seq.i, ` + columns + ` FROM seq, ` + t.name + ` WHERE id = 1;`
}

const longText = `Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et
dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo
consequat. Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur.
Excepteur sint occaecat cupidatat non proident, sunt in culpa qui officia deserunt mollit anim id est laborum. Lorem
ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua.
Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat. Duis aute
irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur. Excepteur sint occaecat
cupidatat non proident, sunt in culpa qui officia deserunt mollit anim id est laborum.`

func openBench(b *testing.B) (*DB, int) {
	b.Helper()
	n := 100_000
	if testing.Short() {
		n = 2_000
	}
	db, err := Open(b.Context(), Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	fill(b, db, n)
	return db, n
}

// cpu is the processor time this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkTicketFor reads tickets at random, each in a snapshot of its own.
func BenchmarkTicketFor(b *testing.B) {
	db, n := openBench(b)
	ctx := b.Context()
	one := func() {
		ticket := skranke.TicketID(1 + rand.IntN(n))
		viewer := Viewer{Customer: skranke.CustomerID(ticket)%10_000 + 1}
		viewer.Company = skranke.CompanyID(viewer.Customer)%500 + 1
		err := db.Read(ctx, func(tx *ReadTx) error {
			got, err := tx.TicketFor(ctx, ticket, viewer, TicketParts{Extra: true})
			if err == nil && (!got.Connected || !got.Colleague || len(got.Messages) != 3 || len(got.Ticket.Extra) != 8) {
				b.Fatalf("got %+v", got)
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.Run("alone", func(b *testing.B) {
		b.ReportAllocs()
		before := cpu()
		for b.Loop() {
			one()
		}
		b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		before := cpu()
		b.SetParallelism(2)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				one()
			}
		})
		b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
	})
}

// BenchmarkNewTicket stores a ticket with 8 extra values and a message, on disk.
func BenchmarkNewTicket(b *testing.B) {
	db, err := Open(b.Context(), Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	ctx := b.Context()
	ticket := skranke.Ticket{Title: "The printer is on fire", CreatedAt: time.UnixMilli(1_700_000_000_000)}
	for i := range 8 {
		ticket.Extra = append(ticket.Extra, skranke.ExtraValue{Field: skranke.ExtraFieldID(i + 1), Value: skranke.TextValue("value")})
	}
	one := func() {
		err := db.Write(ctx, func(tx *WriteTx) error {
			t := ticket
			if err := tx.InsertTicket(ctx, &t); err != nil {
				return err
			}
			return tx.InsertMessage(ctx, &skranke.Message{Ticket: t.ID, Body: longText})
		})
		if err != nil {
			b.Error(err)
		}
	}
	for _, writers := range []int{1, 4, 16} {
		b.Run(strconv.Itoa(writers)+" writers", func(b *testing.B) {
			b.ReportAllocs()
			before := cpu()
			b.SetParallelism((writers + 1) / runtime.GOMAXPROCS(0))
			if writers == 1 {
				for b.Loop() {
					one()
				}
			} else {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						one()
					}
				})
			}
			b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}

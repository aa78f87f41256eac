package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"skranke"
	"skranke/store"
)

// What is long is cut so that it shows where the two differ, between characters.
func TestLongValuesAreCut(t *testing.T) {
	text := func(n int) string { return strings.Repeat("ø", n) }
	for _, c := range []struct{ from, to, wantFrom, wantTo string }{
		{"a", "b", "a", "b"},
		{text(MaxLogged), "", text(MaxLogged), ""},
		{text(MaxLogged + 1), "", text(MaxLogged-1) + "…", ""},
		{text(3000) + "a", text(3000) + "b", "…" + text(100) + "a", "…" + text(100) + "b"},
		{text(3000), text(3000) + "b", "…" + text(100), "…" + text(100) + "b"},
		{text(50) + "a" + text(3000), text(50) + "b", text(50) + "a" + text(MaxLogged-52) + "…", text(50) + "b"},
		{text(3000) + "æ", text(3000) + "å", "…" + text(100) + "æ", "…" + text(100) + "å"}, // which begin with the same byte
		{text(3000) + "æ" + text(3000), "", text(MaxLogged-1) + "…", ""},
	} {
		got := logChange(1, "x", c.from, c.to)
		if want := (store.Change{What: 1, Name: "x", From: c.wantFrom, To: c.wantTo}); got != want {
			t.Errorf("got %q > %q, want %q > %q", got.From, got.To, want.From, want.To)
		}
		if !utf8.ValidString(got.From) || !utf8.ValidString(got.To) {
			t.Errorf("cut within a character: %q > %q", got.From, got.To)
		}
	}
}

// audited reads the log as people see it.
func (w *world) audited(f AuditFilter) []string {
	w.t.Helper()
	list := []string{}
	err := w.desk.Audit(w.t.Context(), f, func(e *AuditEntry) error {
		line := fmt.Sprintf("%s %s %d", e.Action, e.Kind, e.Row)
		for _, c := range e.Changes {
			line += fmt.Sprintf(" %s:%s>%s", c.Name, c.Before, c.After)
		}
		list = append(list, line)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// Entries that versions without names of values wrote are read like others.
func TestOldEntriesOfTheLog(t *testing.T) {
	inWorld(t, func(w *world) {
		w.write(func(tx *store.WriteTx) error {
			return tx.Log(t.Context(), []store.LogEntry{
				{Action: logSetTicket, Ticket: 7, User: 2, Changes: []store.Change{
					{What: 2, From: "old", To: "new"}, {What: 33, From: "x_5=", To: "x_5=a=b"},
				}},
				{Action: logMessageEdited, Ticket: 7, Message: 8, User: 2, Changes: []store.Change{{What: 10009, From: "b", To: "c"}}},
				{Action: 4711, Ticket: 7},
			})
		})
		got := w.audited(AuditFilter{Ticket: 7})
		want := []string{"set-ticket ticket 7 title:old>new x_5:>a=b", "edit-message message 8 body:b>c", "4711 ticket 7"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		err := w.desk.Audit(t.Context(), AuditFilter{Actions: []string{"nothing"}}, func(*AuditEntry) error { return nil })
		if skranke.CodeOf(err) != skranke.CodeCustomError {
			t.Errorf("an action there is not: got %v", err)
		}
	})
}

// The log is kept for ever, or for as many days as the setting says.
func TestSweepLog(t *testing.T) {
	inWorld(t, func(w *world) {
		for day := range 3 {
			w.write(func(tx *store.WriteTx) error {
				entries := make([]store.LogEntry, auditBatch)
				for i := range entries {
					entries[i] = store.LogEntry{At: noon.AddDate(0, 0, day), Action: logSetTicket, Changes: []store.Change{{What: 2, From: "a"}}}
				}
				return tx.Log(t.Context(), entries)
			})
		}
		w.now = noon.AddDate(0, 0, 3)
		left := func(want int, value string) {
			t.Helper()
			if value != "" {
				if err := w.desk.SetSetting(t.Context(), settingAuditDays, value); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.desk.sweepLog(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := len(w.audited(AuditFilter{})); got != want {
				t.Errorf("audit_days %q: %d entries are left, want %d", value, got, want)
			}
		}
		left(3*auditBatch, "")
		left(3*auditBatch, "for ever")
		left(3*auditBatch, "0")
		left(3*auditBatch, "3")
		left(2*auditBatch, "2")
		left(auditBatch, " 1 ")
		w.now = w.now.Add(time.Millisecond)
		left(0, "")
	})
}

// Uploads nobody linked are deleted by the system, which the log says.
func TestSweptUploadsAreRecorded(t *testing.T) {
	inWorld(t, func(w *world) {
		id, err := w.desk.StoreAttachment(t.Context(), Actor{}, "a.txt", "text/plain", strings.NewReader("a"))
		if err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(keepStray + time.Second)
		if err := w.desk.sweepAttachments(t.Context()); err != nil {
			t.Fatal(err)
		}
		var swept []store.LogEntry
		w.read(func(tx *store.ReadTx) error {
			return tx.EachLog(t.Context(), store.LogFilter{Actions: []int{logDeleteAttachment}}, func(e *store.LogEntry) error {
				swept = append(swept, *e)
				return nil
			})
		})
		if len(swept) != 1 || swept[0].Row != int64(id) || swept[0].User != skranke.SystemUser || swept[0].Via != viaSweep ||
			!slices.Contains(swept[0].Changes, store.Change{Name: "name", From: "a.txt"}) {
			t.Errorf("got %+v", swept)
		}
	})
}

// A write that is refused or given up leaves no record.
//
// ticket.common.8
func TestRefusedWritesLeaveNoRecord(t *testing.T) {
	inWorld(t, func(w *world) {
		customer := w.customer(&skranke.Customer{FirstName: "Ola"})
		err := w.desk.ChangeCustomer(t.Context(), Actor{User: skranke.SystemUser}, customer, []Pair{{"phone", "1"}, {"nothing", "x"}})
		if skranke.CodeOf(err) != skranke.CodeInvalidField {
			t.Errorf("got %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.desk.ChangeCustomer(ctx, Actor{User: skranke.SystemUser}, customer, []Pair{{"phone", "1"}}); err == nil {
			t.Error("a call that was given up succeeded")
		}
		if got := w.audited(AuditFilter{}); len(got) != 0 {
			t.Errorf("got %q, want nothing", got)
		}
		if err := w.desk.ChangeCustomer(t.Context(), Actor{User: skranke.SystemUser}, customer, []Pair{{"phone", "1"}}); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("set-customer customer %d phone:>1 updated:>2026-03-02T12:00:00.000Z", customer)
		if got := w.audited(AuditFilter{Customer: customer}); !slices.Equal(got, []string{want}) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// BenchmarkAddMessage adds messages of a customer to one ticket, by one caller
// and by several who share commits.
func BenchmarkAddMessage(b *testing.B) {
	db, err := store.Open(b.Context(), store.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	d, err := New(b.Context(), db, Options{PasswordCost: PasswordCost{MemoryKiB: 64, Passes: 1}})
	if err != nil {
		b.Fatal(err)
	}
	category, customer := &skranke.Category{Name: "Help"}, &skranke.Customer{FirstName: "Kari"}
	err = db.Write(b.Context(), func(tx *store.WriteTx) error {
		if err := tx.InsertUser(b.Context(), &skranke.User{ID: skranke.SystemUser, Status: skranke.UserSystem}); err != nil {
			return err
		}
		if err := tx.InsertCategory(b.Context(), category); err != nil {
			return err
		}
		return tx.InsertCustomer(b.Context(), customer)
	})
	if err != nil {
		b.Fatal(err)
	}
	a := Actor{Customer: customer.ID}
	ticket, err := d.NewTicket(b.Context(), a, TicketDraft{SLevel: skranke.External, Category: category.ID, Priority: AutomaticPriority})
	if err != nil {
		b.Fatal(err)
	}
	body := strings.Repeat("The printer is on fire. ", 20)
	add := func(b *testing.B) {
		_, err := d.AddMessage(b.Context(), a, MessageDraft{Ticket: ticket, SLevel: skranke.External, Body: body})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			add(b)
		}
	})
	b.Run("many", func(b *testing.B) {
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				add(b)
			}
		})
	})
}

package desk

import (
	"encoding/json"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// noon is when the clock of a world stands at first.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// world is a desk on an empty database, with a clock the test sets.
type world struct {
	t    *testing.T
	db   *store.DB
	desk *Desk
	now  time.Time
}

// inWorld runs fn on a new world for each kind of database.
func inWorld(t *testing.T, fn func(w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, db: db, now: noon}
		var err error
		w.desk, err = New(t.Context(), db, Options{
			Now:          func() time.Time { return w.now },
			Zone:         time.UTC,
			PasswordCost: PasswordCost{MemoryKiB: 64, Passes: 1},
		})
		if err != nil {
			t.Fatalf("making a desk: %v", err)
		}
		w.user(&skranke.User{ID: skranke.SystemUser, UserName: "system", Status: skranke.UserSystem})
		fn(w)
	})
}

func (w *world) write(fn func(tx *store.WriteTx) error) {
	w.t.Helper()
	if err := w.db.Write(w.t.Context(), fn); err != nil {
		w.t.Fatalf("writing: %v", err)
	}
}

func (w *world) read(fn func(tx *store.ReadTx) error) {
	w.t.Helper()
	if err := w.db.Read(w.t.Context(), fn); err != nil {
		w.t.Fatalf("reading: %v", err)
	}
}

func (w *world) user(u *skranke.User) skranke.UserID {
	w.t.Helper()
	if u.Status == 0 {
		u.Status = skranke.UserNormal
	}
	w.write(func(tx *store.WriteTx) error { return tx.InsertUser(w.t.Context(), u) })
	return u.ID
}

func (w *world) category(c *skranke.Category) skranke.CategoryID {
	w.t.Helper()
	w.write(func(tx *store.WriteTx) error { return tx.InsertCategory(w.t.Context(), c) })
	return c.ID
}

func (w *world) priority(p *skranke.Priority) skranke.PriorityID {
	w.t.Helper()
	w.write(func(tx *store.WriteTx) error { return tx.InsertPriority(w.t.Context(), p) })
	return p.ID
}

func (w *world) company(c *skranke.Company) skranke.CompanyID {
	w.t.Helper()
	w.write(func(tx *store.WriteTx) error { return tx.InsertCompany(w.t.Context(), c) })
	return c.ID
}

func (w *world) customer(c *skranke.Customer) skranke.CustomerID {
	w.t.Helper()
	w.write(func(tx *store.WriteTx) error { return tx.InsertCustomer(w.t.Context(), c) })
	return c.ID
}

func (w *world) template(r *skranke.ReplyTemplate) skranke.TemplateID {
	w.t.Helper()
	w.write(func(tx *store.WriteTx) error { return tx.InsertReplyTemplate(w.t.Context(), r) })
	return r.ID
}

func (w *world) setting(name, value string) {
	w.t.Helper()
	w.write(func(tx *store.WriteTx) error { return tx.SetSetting(w.t.Context(), name, value) })
}

// newTicket makes a ticket through the desk.
func (w *world) newTicket(a Actor, draft TicketDraft) *skranke.Ticket {
	w.t.Helper()
	if draft.SLevel == 0 {
		draft.SLevel = skranke.External
	}
	if draft.Priority == 0 {
		draft.Priority = AutomaticPriority
	}
	id, err := w.desk.NewTicket(w.t.Context(), a, draft)
	if err != nil {
		w.t.Fatalf("making a ticket: %v", err)
	}
	return w.ticket(id)
}

func (w *world) ticket(id skranke.TicketID) *skranke.Ticket {
	w.t.Helper()
	var t *skranke.Ticket
	w.read(func(tx *store.ReadTx) (err error) {
		t, err = tx.Ticket(w.t.Context(), id)
		return err
	})
	return t
}

// addMessage adds a message through the desk.
func (w *world) addMessage(a Actor, draft MessageDraft) *skranke.Message {
	w.t.Helper()
	if draft.SLevel == 0 {
		draft.SLevel = skranke.External
	}
	id, err := w.desk.AddMessage(w.t.Context(), a, draft)
	if err != nil {
		w.t.Fatalf("adding a message: %v", err)
	}
	var m *skranke.Message
	w.read(func(tx *store.ReadTx) (err error) {
		m, err = tx.Message(w.t.Context(), id)
		return err
	})
	return m
}

// notifications are what waits for the user.
func (w *world) notifications(user skranke.UserID) []skranke.Notification {
	w.t.Helper()
	var all []skranke.Notification
	w.read(func(tx *store.ReadTx) (err error) {
		all, err = tx.Notifications(w.t.Context(), user)
		return err
	})
	return all
}

// mails are those in the outbox.
func (w *world) mails() []Mail {
	w.t.Helper()
	var mails []Mail
	w.read(func(tx *store.ReadTx) error {
		jobs, err := tx.Outbox(w.t.Context())
		for _, job := range jobs {
			var m Mail
			if job.Kind != JobMail {
				w.t.Errorf("got a job of kind %q in the outbox, want %q", job.Kind, JobMail)
			}
			if err := json.Unmarshal([]byte(job.Payload), &m); err != nil {
				return err
			}
			mails = append(mails, m)
		}
		return err
	})
	return mails
}

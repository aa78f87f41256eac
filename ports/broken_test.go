package ports_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"skranke"
	"skranke/desk"
	"skranke/ports"
	"skranke/soap"
	"skranke/store"
)

// breaker fails the n-th operation of a database from where it was set.
type breaker struct {
	mu    sync.Mutex
	left  int
	doing string // what failed
}

func (b *breaker) set(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left, b.doing = n, ""
}

func (b *breaker) failed() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.doing
}

func (b *breaker) fail(doing string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == 0 {
		return nil
	}
	if b.left--; b.left > 0 {
		return nil
	}
	b.doing = doing
	return errors.New("the disk is broken")
}

// beside is a second server over the database of w, whose operations fail, as
// store.Options.Fail has it.
func (w *world) beside(fail func(doing string) error) *world {
	w.t.Helper()
	other := w.failing(fail)
	w.t.Cleanup(other.close)
	return other
}

// failing is beside for who closes it himself.
func (w *world) failing(fail func(doing string) error) *world {
	w.t.Helper()
	db, err := store.Open(w.t.Context(), store.Options{Dir: w.dir, Database: w.database, Now: w.clock.now, Log: w.opts.Log, Fail: fail})
	if err != nil {
		w.t.Fatal(err)
	}
	d, err := desk.New(w.t.Context(), db, w.opts)
	if err != nil {
		w.t.Fatal(err)
	}
	other := *w
	other.db, other.desk = db, d
	other.http = httptest.NewServer(soap.NewHandler(soap.Options{Ports: ports.New(d, w.opts.Zone, w.opts.Log).All(), SpoolDir: db.Blobs().SpoolDir()}))
	return &other
}

// When a newer program has taken the database over, every call is answered with 7,
// and the log hears of that once, not with each call.
func TestOvertaken(t *testing.T) {
	w := newWorld(t)
	key := w.logIn("kari")
	var overtaken atomic.Bool
	old := w.failing(func(doing string) error {
		if overtaken.Load() && doing == "begin" {
			return store.ErrNewerSchema
		}
		return nil
	})
	defer old.db.Close()
	defer old.http.Close()
	calls := func(want string) {
		t.Helper()
		for range 3 {
			if got := old.customer("addMessage", key, "body", "1012", "2", []string{}).text("errorCode"); got != want {
				t.Errorf("addMessage: got %s, want %s", got, want)
			}
			if got := old.customer("getTicket", key, "1012", []string{"ticket.title"}).text("errorCode"); got != want {
				t.Errorf("getTicket: got %s, want %s", got, want)
			}
		}
	}
	calls("0")
	overtaken.Store(true)
	calls("7")
	if told, failed := strings.Count(w.log.String(), "a newer program"), strings.Count(w.log.String(), "call failed"); told != 1 || failed != 0 {
		t.Errorf("got %d lines of the newer program and %d of calls, want one and none:\n%s", told, failed, w.log)
	}
}

// Whatever operation of the database fails, the answer is 7, nothing is half
// done, nothing of it is told to the caller, and the next call finds all well.
func TestBrokenDatabase(t *testing.T) {
	w := newWorld(t)
	b := new(breaker)
	broken := w.beside(b.fail)
	key, agent := w.logIn("kari"), w.logInUser("ada")
	fields := []string{"ticket.title", "ticket.x_110"}
	standing := func() string {
		text := fmt.Sprint(w.find(key), w.mails())
		for _, id := range []skranke.TicketID{1012, 1018} {
			text += fmt.Sprintf("\n%+v %v", *w.ticket(id), w.logActions(id))
			w.read(func(ctx context.Context, tx *store.ReadTx) error {
				messages, err := tx.MessageIDs(ctx, id, true)
				text += fmt.Sprint(messages)
				return err
			})
		}
		return text
	}
	for _, c := range []struct {
		name string
		call func(n int) answer
	}{
		{"getTicket", func(int) answer { return broken.customer("getTicket", key, "1012", fields) }},
		{"findTickets", func(int) answer {
			return broken.customer("findTickets", key, []criterion{{"ticket.id", "OperatorEquals", "1012"}}, fields)
		}},
		{"newTicket", func(n int) answer {
			return broken.customer("newTicket", key, fmt.Sprint("title ", n), "2", "1", "1", []pair{{"x_110", "short"}})
		}},
		{"addMessage", func(n int) answer {
			return broken.customer("addMessage", key, fmt.Sprint("body ", n), "1012", "2", []string{"51"})
		}},
		{"setTicket", func(n int) answer {
			return broken.agent("setTicket", agent, "1018", []pair{{"ticket.title", fmt.Sprint("title ", n)}, {"ticket.x_110", fmt.Sprint(n)}})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			const most = 500
			before := standing()
			for n := 1; ; n++ {
				b.set(n)
				a := c.call(n)
				doing := b.failed()
				b.set(0)
				switch code := a.text("errorCode"); {
				case doing == "" && code == "0":
					t.Logf("%d operations", n-1)
					if n == 1 {
						t.Error("nothing has failed")
					}
					return
				case code == "0" && c.name == "getTicket" && slices.Equal(a.rows("ticketResult"), w.customer("getTicket", key, "1012", fields).rows("ticketResult")):
					// It could do without.
				case code != "7":
					t.Errorf("operation %d, %.100s: got %s, want 7", n, doing, code)
				}
				if after := standing(); after != before {
					t.Errorf("operation %d, %.100s: something was done\n got %s\nwant %s", n, doing, after, before)
					before = after
				}
				if n == most {
					t.Fatalf("still not through after %d operations", n)
				}
			}
		})
	}
}

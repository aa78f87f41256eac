package desk

import (
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

// actions makes the actions of a priority that answers one event and leaves
// the others alone.
func actions(on map[skranke.EscalateEvent]skranke.EscalateAction) (all [skranke.EscalateEvents]skranke.EscalateAction) {
	for event := range all {
		all[event] = skranke.EscalateNothing
	}
	for event, action := range on {
		all[event] = action
	}
	return all
}

func TestRaise(t *testing.T) {
	levels := []skranke.AlertLevel{{Level: 5, Timeout: 60}, {Level: 2, Timeout: 30}}
	running := skranke.Ticket{AlertLevel: 2, AlertTimeout: noon.Add(20 * time.Minute)}
	stopped := skranke.Ticket{AlertLevel: 2, AlertStop: 20 * time.Minute}
	for _, c := range []struct {
		name   string
		before skranke.Ticket
		action skranke.EscalateAction
		want   skranke.Ticket
	}{
		// ticket.escalate.2
		{"nothing while running", running, skranke.EscalateNothing, running},
		{"nothing while stopped", stopped, skranke.EscalateNothing, stopped},
		{"stop", running, skranke.EscalateStop, stopped},
		{"stop twice", stopped, skranke.EscalateStop, stopped},
		{"stop what was never begun", skranke.Ticket{}, skranke.EscalateStop, skranke.Ticket{}},
		{"stop what is overdue", skranke.Ticket{AlertTimeout: noon.Add(-time.Hour)}, skranke.EscalateStop, skranke.Ticket{AlertStop: time.Second}},
		{"continue", stopped, skranke.EscalateContinue, running},
		{"continue while running", running, skranke.EscalateContinue, running},
		// ticket.escalate.3
		{"restart", running, skranke.EscalateRestart, skranke.Ticket{AlertTimeout: noon.Add(30 * time.Minute)}},
		{"restart while stopped", stopped, skranke.EscalateRestart, skranke.Ticket{AlertTimeout: noon.Add(30 * time.Minute)}},
		{"continue from nothing", skranke.Ticket{}, skranke.EscalateContinue, skranke.Ticket{AlertTimeout: noon.Add(30 * time.Minute)}},
		{"continue between levels", skranke.Ticket{AlertLevel: 2}, skranke.EscalateContinue, skranke.Ticket{AlertLevel: 2, AlertTimeout: noon.Add(time.Hour)}},
		{"continue above the last level", skranke.Ticket{AlertLevel: 5}, skranke.EscalateContinue, skranke.Ticket{AlertLevel: 5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				got := c.before
				got.Priority = w.priority(&skranke.Priority{Levels: levels, Actions: actions(map[skranke.EscalateEvent]skranke.EscalateAction{eventOwner: c.action})})
				w.write(func(tx *store.WriteTx) error { return w.desk.raise(t.Context(), tx, &got, eventOwner) })
				if got.AlertLevel != c.want.AlertLevel || !got.AlertTimeout.Equal(c.want.AlertTimeout) || got.AlertStop != c.want.AlertStop {
					t.Errorf("got level %d, next at %v, left %v; want %d, %v, %v", got.AlertLevel, got.AlertTimeout, got.AlertStop,
						c.want.AlertLevel, c.want.AlertTimeout, c.want.AlertStop)
				}
			})
		})
	}
}

func TestRaiseWithoutPriority(t *testing.T) {
	inWorld(t, func(w *world) {
		gone := w.priority(&skranke.Priority{Deleted: true, Deadline: 5})
		bare := w.priority(&skranke.Priority{Actions: actions(map[skranke.EscalateEvent]skranke.EscalateAction{eventNew: skranke.EscalateRestart})})
		for _, priority := range []skranke.PriorityID{0, gone, bare} {
			got := skranke.Ticket{Priority: priority, AlertLevel: 3}
			w.write(func(tx *store.WriteTx) error { return w.desk.raise(t.Context(), tx, &got, eventNew) })
			if !got.AlertTimeout.IsZero() || !got.Deadline.IsZero() {
				t.Errorf("priority %d: got next level at %v, deadline %v; want neither", priority, got.AlertTimeout, got.Deadline)
			}
		}
	})
}

func TestNewTicketAndMessageEscalate(t *testing.T) {
	inWorld(t, func(w *world) {
		user := w.user(&skranke.User{ID: 2})
		category := w.category(&skranke.Category{})
		priority := w.priority(&skranke.Priority{
			Deadline: 120, Levels: []skranke.AlertLevel{{Level: 1, Timeout: 15}},
			Actions: actions(map[skranke.EscalateEvent]skranke.EscalateAction{
				eventNew: skranke.EscalateRestart, eventNewInfo: skranke.EscalateStop,
			}),
		})
		// ticket.escalate.1, ticket.newTicket.11
		ticket := w.newTicket(Actor{User: user}, TicketDraft{Category: category, Priority: priority, Owner: user})
		if want := noon.Add(15 * time.Minute); !ticket.AlertTimeout.Equal(want) {
			t.Errorf("got next level at %v, want %v", ticket.AlertTimeout, want)
		}
		if want := noon.Add(2 * time.Hour); !ticket.Deadline.Equal(want) {
			t.Errorf("got deadline %v, want %v", ticket.Deadline, want)
		}
		w.now = w.now.Add(5 * time.Minute)
		w.addMessage(Actor{User: user}, MessageDraft{Ticket: ticket.ID})
		if got := w.ticket(ticket.ID); !got.AlertTimeout.IsZero() || got.AlertStop != 10*time.Minute {
			t.Errorf("got next level at %v, left %v; want it stopped with 10 minutes left", got.AlertTimeout, got.AlertStop)
		}
	})
}

func TestAlertTimeIsBounded(t *testing.T) {
	inWorld(t, func(w *world) {
		far := w.desk.alertTime(noon, 1<<31-1, &skranke.Priority{})
		if !far.After(noon) || far.Year() > noon.Year()+101 {
			t.Errorf("got %v, want about a century after %v", far, noon)
		}
		if got := w.desk.alertTime(noon, -5, &skranke.Priority{}); !got.Equal(noon) {
			t.Errorf("got %v for minutes below 0, want %v", got, noon)
		}
	})
}

package store

import (
	"strings"
	"testing"
	"time"
)

// The looks for due tickets are made every few seconds: they read what is due
// from an index and nothing else.
func TestDueTicketsAreFoundByIndex(t *testing.T) {
	db, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for sql, want := range map[string]string{
		dueAlerts:      "SEARCH ticket USING COVERING INDEX ticket_alert (status=? AND alert_timeout>? AND alert_timeout<?)",
		dueActivations: "SEARCH ticket USING COVERING INDEX ticket_activate (status=? AND activate_at>? AND activate_at<?)",
	} {
		var plan []string
		err := db.Read(t.Context(), func(tx *ReadTx) error {
			return tx.each(t.Context(), "EXPLAIN QUERY PLAN "+sql, func(r *rows) {
				r.skip(3)
				plan = append(plan, r.text())
			}, moment(time.Now()), num(5))
		})
		if err != nil || len(plan) != 1 || !strings.HasPrefix(plan[0], want) {
			t.Errorf("got %v, plan %q; want %s", err, plan, want)
		}
	}
}

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke/store/storetest"
)

// program is what the tests run; it is built once.
var program string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "skranke-soak-*")
	if err == nil {
		defer os.RemoveAll(dir)
		program, err = build(context.Background(), dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// Servers that are killed while callers write lose nothing. And if they did, it
// would be seen.
func TestSoak(t *testing.T) {
	t.Parallel()
	o := &options{kills: 4, most: time.Minute, seed: 1, callers: 3, dir: t.TempDir(), database: storetest.Database(t), program: program, told: t.Output()}
	s, err := soak(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(&s.sum)
	if len(s.sum.faults) > 0 || s.sum.kills == 0 || s.sum.acks < s.sum.kills-s.sum.early {
		t.Fatalf("got %v, want kills, a write before each and no fault", &s.sum)
	}

	ticket, attachment := s.storeBoth(t)
	blob := filepath.Join(s.place.data, "blobs", s.ledger.files["attachment "+attachment][:2], s.ledger.files["attachment "+attachment])
	if err := os.Remove(blob); err != nil {
		t.Fatal(err)
	}
	mails, err := filepath.Glob(filepath.Join(s.place.mails, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, mail := range mails {
		if err := os.Remove(mail); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.ledger.made("ticket", "999999", "never there"); err != nil {
		t.Fatal(err)
	}
	if err := s.ledger.message("999999", "never there", nil); err != nil {
		t.Fatal(err)
	}
	s.ledger.mailed("t0-0")
	if err := s.ledger.made("ticket", "999999", "again"); err == nil {
		t.Error("an id that was given twice went by")
	}
	if _, err := s.place.do(t.Context(), "", "ticket", "set", "-title", "another", ticket); err != nil {
		t.Fatal(err)
	}
	if err := s.everything(t.Context()); err != nil {
		t.Fatal(err)
	}
	faults, _, err := s.ledger.sent(s.place.mails, nil)
	if err != nil {
		t.Fatal(err)
	}
	faults = append(faults, s.sum.faults...)
	for _, want := range []string{
		"attachment " + attachment + ": was acknowledged and its file is gone", "attachment " + attachment + ": the file with its contents is missing", "ticket 999999: was acknowledged and is gone",
		"message 999999: was acknowledged and is gone", "ticket " + ticket + `: is "another", acknowledged was`, "ticket " + ticket + " is there by half",
		"the mail to t0-0 was acknowledged and never sent",
	} {
		if !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, want) }) {
			t.Errorf("got %q, want %q among them", faults, want)
		}
	}
}

// storeBoth stores a ticket and an attachment while nobody is killed.
func (s *soaking) storeBoth(t *testing.T) (ticket, attachment string) {
	t.Helper()
	server, err := s.place.start()
	if err != nil {
		t.Fatal(err)
	}
	defer server.cmd.Process.Kill()
	if err := server.await(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.meet(t.Context(), server.base); err != nil {
		t.Fatal(err)
	}
	c := s.callers[0]
	c.own, c.agents = nil, nil
	for _, write := range []func(context.Context) error{c.newTicket, c.addAttachment} {
		if err := write(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := server.stop(); err != nil {
		t.Fatal(err)
	}
	return c.tickets[len(c.tickets)-1], append(c.own, c.agents...)[0]
}

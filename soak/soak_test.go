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
	o := &options{kills: 4, most: time.Minute, seed: 1, callers: 3, dir: t.TempDir(), program: program, told: t.Output()}
	s, err := soak(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(&s.sum)
	if len(s.sum.faults) > 0 || s.sum.kills == 0 || s.sum.acks < 10 {
		t.Fatalf("got %v, want kills, acknowledged writes and no fault", &s.sum)
	}

	blobs, err := filepath.Glob(filepath.Join(s.place.data, "blobs", "??", "*"))
	if err != nil || len(blobs) == 0 {
		t.Fatalf("got %q, %v, want files of attachments", blobs, err)
	}
	if err := os.Remove(blobs[0]); err != nil {
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
	if _, err := s.place.do(t.Context(), "", "ticket", "set", "-title", "another", "1"); err != nil {
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
		"its file is gone", "the file with its contents is missing", "ticket 999999: was acknowledged and is gone",
		"message 999999: was acknowledged and is gone", `ticket 1: is "another", acknowledged was`, "ticket 1 is there by half",
		"the mail to t0-0 was acknowledged and never sent",
	} {
		if !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, want) }) {
			t.Errorf("got %q, want %q among them", faults, want)
		}
	}
}

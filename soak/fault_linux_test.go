package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"skranke/store"
)

// house is an installation with a running server and one caller.
type house struct {
	t      *testing.T
	place  *place
	server *process
	caller *caller
}

// open furnishes an installation whose data are in dir, and starts its server.
func open(t *testing.T, dir string) *house {
	t.Helper()
	h := &house{t: t, place: &place{program: program, data: filepath.Join(dir, "data"), mails: filepath.Join(t.TempDir(), "mails")}}
	if err := h.place.furnish(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	token := 0
	h.caller = &caller{number: 1, rand: rand.New(rand.NewPCG(1, 1)), ledger: newLedger(1), client: &http.Client{Transport: &http.Transport{}}, tokens: func() string {
		token++
		return fmt.Sprintf("t1-%d", token)
	}}
	h.start()
	if err := h.caller.logIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) start() {
	h.t.Helper()
	var err error
	if h.server, err = h.place.start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { h.server.cmd.Process.Kill(); <-h.server.done })
	if err := h.server.await(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	h.caller.base = h.server.base
}

// refused makes a write and says whether it was refused as something that
// cannot be done now. Any other end than that or success fails the test.
func (h *house) refused(write func(context.Context) error) bool {
	h.t.Helper()
	err := write(h.t.Context())
	var r *refusal
	if errors.As(err, &r) && r.code == "7" {
		return true
	}
	if err != nil {
		h.t.Fatalf("got %v, want an answer of 0 or 7; the server said: %s", err, h.server.log())
	}
	return false
}

// reads looks whether what was stored can be read.
func (h *house) reads() {
	h.t.Helper()
	c := h.caller
	if a, err := c.call(h.t.Context(), "customer", "getTicket", "sessionKey", c.customer, "ticketId", c.tickets[0], "ticketFields*", "<item>ticket.title</item>"); err != nil || !strings.HasPrefix(a["value"], "t1-") {
		h.t.Errorf("getTicket: got %v, %v", a, err)
	}
	if a, err := c.call(h.t.Context(), "customer", "getAttachment", "sessionKey", c.customer, "attachmentId", c.own[0]); err != nil || a["data"] == "" {
		h.t.Errorf("getAttachment: got %v, %v", a, err)
	}
}

// whole stops the server and looks whether everything is there that was acknowledged.
func (h *house) whole() {
	h.t.Helper()
	if err := h.server.stop(); err != nil {
		h.t.Error(err)
	}
	s := &soaking{options: &options{}, place: h.place, ledger: h.caller.ledger}
	if err := s.everything(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	if len(s.sum.faults) > 0 {
		h.t.Errorf("got %q, want no fault", s.sum.faults)
	}
}

// storeBoth stores a ticket and an attachment of the customer.
func (h *house) storeBoth() {
	h.t.Helper()
	if h.refused(h.caller.newTicket) {
		h.t.Fatalf("a new ticket was refused; the server said: %s", h.server.log())
	}
	for len(h.caller.own) == 0 {
		if h.refused(h.caller.addAttachment) {
			h.t.Fatalf("a new attachment was refused; the server said: %s", h.server.log())
		}
	}
}

// smallDisk is a folder on a disk of so many bytes.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		if os.Getenv("SKRANKE_REQUIRE_TOOLKITS") != "" {
			t.Fatalf("no small disk: %v", err)
		}
		t.Skipf("needs the right to mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	})
	return dir
}

// fill leaves no byte free on a disk and returns the file that does so.
func fill(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 64<<10); len(block) > 0; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// On a full disk writes are refused, reads go on, and when there is room again
// so do writes.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 32<<20)
	h := open(t, disk)
	h.storeBoth()
	filler := fill(t, disk)
	refused := 0
	for range 300 {
		if h.refused(h.caller.write) {
			refused++
		}
		if refused == 20 {
			break
		}
	}
	if refused < 20 {
		t.Errorf("got %d refusals, want writes to be refused on a full disk", refused)
	}
	for range 5 {
		h.reads()
	}

	// A backup to the full disk leaves nothing; one from it to elsewhere is made.
	before := names(t, disk)
	if out, err := h.place.do(t.Context(), "", "backup", filepath.Join(disk, "backup")); err == nil || !strings.Contains(err.Error(), "not enough space") {
		t.Errorf("a backup to a full disk: got %q, %v", out, err)
	}
	if out, err := h.place.do(t.Context(), "", "backup", filepath.Join(disk, "backup.tar")); err == nil {
		t.Errorf("a backup to a full disk: got %q, %v", out, err)
	}
	if got := names(t, disk); fmt.Sprint(got) != fmt.Sprint(before) {
		t.Errorf("a backup to a full disk: got %q, want as before %q", got, before)
	}
	elsewhere := filepath.Join(t.TempDir(), "backup")
	for _, args := range [][]string{{"backup", elsewhere}, {"verify", elsewhere}} {
		if _, err := h.place.do(t.Context(), "", args...); err != nil {
			t.Error(err)
		}
	}

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		if h.refused(h.caller.write) {
			t.Errorf("a write was refused though there is room; the server said: %s", h.server.log())
		}
	}
	h.whole()
}

func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// An installation on a disk that can only be read can be verified and backed
// up; a server says that it cannot start.
func TestReadOnlyDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 32<<20)
	h := open(t, disk)
	h.storeBoth()
	if err := h.server.stop(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "backup")
	for _, args := range [][]string{{"verify"}, {"backup", to}, {"verify", to}} {
		if _, err := h.place.do(t.Context(), "", args...); err != nil {
			t.Error(err)
		}
	}
	server, err := h.place.start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.cmd.Process.Kill() })
	if err := server.await(t.Context()); err == nil || !strings.Contains(server.log(), "read-only") {
		t.Errorf("got %v, %s, want a server that ends and says why", err, server.log())
	}
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	h.start()
	h.storeBoth()
	h.whole()
}

// A server that may not write files any more refuses attachments that need one,
// and takes them again when it may.
func TestLostFolder(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir())
	h.storeBoth()
	blobs := filepath.Join(h.place.data, "blobs")
	if err := os.Rename(blobs, blobs+".away"); err != nil {
		t.Fatal(err)
	}
	refused := false
	for range 5 {
		refused = h.refused(h.caller.addAttachment)
		if !refused {
			t.Error("an attachment was stored without a folder")
		}
		if h.refused(h.caller.newTicket) {
			t.Error("a ticket was refused, which needs no file")
		}
	}
	if err := os.Rename(blobs+".away", blobs); err != nil {
		t.Fatal(err)
	}
	h.reads()
	for range 5 {
		if h.refused(h.caller.addAttachment) {
			t.Errorf("an attachment was refused; the server said: %s", h.server.log())
		}
	}
	h.whole()
}

// While another process holds the database for longer than anybody waits,
// writes are refused and reads go on; afterwards writes work again.
func TestLockedDatabase(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir())
	h.storeBoth()
	db, err := store.Open(t.Context(), store.Options{Dir: h.place.data})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	held, release := make(chan bool), make(chan bool)
	var holding sync.WaitGroup
	holding.Go(func() {
		err := db.Write(t.Context(), func(*store.WriteTx) error {
			close(held)
			<-release
			return nil
		})
		if err != nil {
			t.Errorf("holding the database: %v", err)
		}
	})
	<-held
	answered := make(chan error, 1)
	go func() { answered <- h.caller.newTicket(t.Context()) }()
	h.reads()
	if !h.refused(func(context.Context) error { return <-answered }) {
		t.Error("a ticket was stored though another process has the database")
	}
	close(release)
	holding.Wait()
	for range 5 {
		if h.refused(h.caller.newTicket) {
			t.Errorf("a ticket was refused; the server said: %s", h.server.log())
		}
	}
	h.whole()
}

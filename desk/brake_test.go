package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// fullWorld is a world on a disk that can be filled: then nothing can be written.
type fullWorld struct {
	*world
	full *atomic.Bool
	log  *bytes.Buffer
	open func() *Desk // another process on its database
}

func inFullWorld(t *testing.T, fn func(w *fullWorld)) {
	t.Helper()
	var full atomic.Bool
	fail := func(doing string) error {
		if full.Load() && strings.HasPrefix(strings.TrimSpace(doing), "INSERT") {
			return errors.New("the disk is full")
		}
		return nil
	}
	storetest.EachFailing(t, fail, func(t *testing.T, open func(dir string) *store.DB) {
		full.Store(false)
		dir := t.TempDir()
		w := &fullWorld{world: &world{t: t, now: noon}, full: &full, log: new(bytes.Buffer)}
		w.open = func() *Desk {
			w.db = open(dir)
			d, err := New(t.Context(), w.db, Options{
				Now: func() time.Time { return w.now }, Zone: time.UTC, Log: slog.New(slog.NewTextHandler(w.log, nil)),
				Brake: Brake{PerName: 4, PerAddress: 6}, PasswordCost: PasswordCost{MemoryKiB: 64, Passes: 1},
			})
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		w.desk = w.open()
		hash, err := w.desk.hashPassword(t.Context(), "pw")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"kari", "ola"} {
			w.customer(&skranke.Customer{UserName: name, PasswordHash: hash})
		}
		fn(w)
	})
}

// try checks a customer's password from an address.
func (w *fullWorld) try(name, password, from string, want skranke.Code) {
	w.t.Helper()
	err := w.desk.CheckCustomer(w.t.Context(), Credentials{Name: name, Password: password, From: netip.MustParseAddr(from)})
	if got := skranke.CodeOf(err); got != want {
		w.t.Errorf("%s with %q from %s: got code %d (%v), want %d", name, password, from, got, err, want)
	}
}

// wantLogged wants lines of the log that contain the text.
func (w *fullWorld) wantLogged(text string, times int) {
	w.t.Helper()
	if got := strings.Count(w.log.String(), text); got != times {
		w.t.Errorf("%q is logged %d times, want %d:\n%s", text, got, times, w.log)
	}
}

const refusedLogin = skranke.CodeIncorrectLoginCustomer

// A brake that cannot store what it counts holds all the same, for names and for
// addresses, until the window is over.
func TestTheBrakeHoldsOnAFullDisk(t *testing.T) {
	// types.sec.1, types.sec.2
	inFullWorld(t, func(w *fullWorld) {
		w.try("kari", "wrong", "192.0.2.1", refusedLogin)
		w.try("nobody", "wrong", "192.0.2.2", refusedLogin)
		w.full.Store(true)
		for range 3 {
			w.try("kari", "pw", "192.0.2.3", skranke.CodeOK)
			w.try("kari", "wrong", "192.0.2.1", refusedLogin)
			w.try("nobody", "wrong", "192.0.2.2", refusedLogin)
		}
		w.try("kari", "pw", "192.0.2.3", refusedLogin)
		w.try("ola", "pw", "192.0.2.1", skranke.CodeOK) // four failures do not hold an address
		for range 2 {
			w.try("ola", "wrong", "192.0.2.1", refusedLogin)
		}
		w.try("ola", "pw", "192.0.2.1", refusedLogin) // six do
		w.try("ola", "pw", "192.0.2.3", skranke.CodeOK)
		w.wantLogged("failed log-ins cannot be stored", 1)

		w.now = w.now.Add(15*time.Minute + time.Millisecond)
		w.try("kari", "pw", "192.0.2.1", skranke.CodeOK)
	})
}

// What was counted in memory is stored once that goes, with what is to be logged
// of it, and counts for other processes then.
func TestUnstoredFailuresAreStored(t *testing.T) {
	inFullWorld(t, func(w *fullWorld) {
		w.full.Store(true)
		for range 4 {
			w.try("kari", "wrong", "192.0.2.1", refusedLogin)
		}
		if err := w.desk.storeUnstored(t.Context()); err == nil {
			t.Error("a full disk has taken something")
		}
		if f, err := w.desk.Figures(t.Context()); err != nil || f.NamesBraked != 1 {
			t.Errorf("got %+v, %v, want a name that is braked", f, err)
		}
		w.full.Store(false)
		w.now = w.now.Add(time.Minute)
		for range 2 {
			if err := w.desk.storeUnstored(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		w.read(func(tx *store.ReadTx) error {
			for subject, want := range map[string]int{"name:customer:kari": 4, "address:192.0.2.1": 4} {
				if n, err := tx.Failures(t.Context(), subject, noon); err != nil || n != want {
					t.Errorf("got %d failures of %s, %v, want %d", n, subject, err, want)
				}
			}
			logged := 0
			err := tx.EachLog(t.Context(), store.LogFilter{}, func(e *store.LogEntry) error {
				if e.Action == logFailedLogIn && e.At.Equal(noon) {
					logged++
				}
				return nil
			})
			if logged != 4 {
				t.Errorf("%d failed log-ins are in the log, want 4", logged)
			}
			return err
		})
		w.wantLogged("failed log-ins are stored again", 1)
		w.try("kari", "pw", "192.0.2.3", refusedLogin)
		w.desk = w.open()
		w.try("kari", "pw", "192.0.2.3", refusedLogin)
		w.now = noon.Add(15*time.Minute + time.Millisecond)
		w.try("kari", "pw", "192.0.2.3", skranke.CodeOK)
	})
}

// When memory is full of failures nobody can guess on, until they lapse.
func TestTheBrakeHoldsWithFullMemory(t *testing.T) {
	inFullWorld(t, func(w *fullWorld) {
		for i := range maxUnstored - 1 {
			w.desk.unstored.add(&failure{try: newTry("customer", fmt.Sprint("somebody", i), netip.Addr{}), at: noon}, noon)
		}
		w.full.Store(true)
		w.try("ola", "pw", "192.0.2.1", skranke.CodeOK)
		for range 3 {
			w.try("kari", "wrong", "192.0.2.1", refusedLogin)
		}
		w.try("ola", "pw", "192.0.2.2", refusedLogin)
		w.wantLogged("memory is full", 1)
		if n := len(w.desk.unstored.waiting()); n != maxUnstored {
			t.Errorf("%d failures are in memory, want %d", n, maxUnstored)
		}
		w.now = w.now.Add(15*time.Minute + time.Millisecond)
		w.try("ola", "pw", "192.0.2.2", skranke.CodeOK)
		w.try("kari", "wrong", "192.0.2.1", refusedLogin)
		if n := len(w.desk.unstored.waiting()); n != 1 {
			t.Errorf("%d failures are in memory after the others have lapsed, want 1", n)
		}
	})
}

// Who hangs up before he is answered is counted as well.
func TestFailuresOfWhoHangsUpCount(t *testing.T) {
	inFullWorld(t, func(w *fullWorld) {
		gone, hangUp := context.WithCancel(t.Context())
		hangUp()
		for range 4 {
			w.desk.failed(gone, customerTry("kari", netip.Addr{}))
		}
		w.try("kari", "pw", "192.0.2.1", refusedLogin)
		w.wantLogged("cannot be stored", 0)
	})
}

// Who was given a new password logs in with it at once, whatever was tried under
// his name before; other names and the address stay as they are.
func TestNewPasswordForgives(t *testing.T) {
	inFullWorld(t, func(w *fullWorld) {
		ctx := t.Context()
		for range 4 {
			w.try("kari", "wrong", "192.0.2.1", refusedLogin)
			w.try("ola", "wrong", "192.0.2.2", refusedLogin)
		}
		w.try("kari", "pw", "192.0.2.3", refusedLogin)
		var kari skranke.CustomerID
		w.read(func(tx *store.ReadTx) error {
			c, err := tx.CustomerByUserName(ctx, "kari")
			kari = c.ID
			return err
		})
		if err := w.desk.SetCustomerPassword(ctx, kari, "new one"); err != nil {
			t.Fatal(err)
		}
		w.try(" KARI", "new one", "192.0.2.3", skranke.CodeOK)
		w.try("ola", "pw", "192.0.2.3", refusedLogin)

		for range 4 {
			w.try("kari", "wrong", "192.0.2.4", refusedLogin)
		}
		pairs := []Pair{{"password", "a third"}}
		if err := w.desk.ChangeCustomer(ctx, Actor{Customer: kari}, kari, pairs); err != nil {
			t.Fatal(err)
		}
		w.try("kari", "a third", "192.0.2.3", refusedLogin) // his own change is no help for who guesses
		if err := w.desk.ChangeCustomer(ctx, Actor{User: 1}, kari, pairs); err != nil {
			t.Fatal(err)
		}
		w.try("kari", "a third", "192.0.2.3", skranke.CodeOK)

		w.user(&skranke.User{Status: skranke.UserSystem})
		user := w.user(&skranke.User{LoginName: "kn", UserName: "Kari Nordmann", Status: skranke.UserNormal, Access: skranke.AccessAdministration})
		for range 4 {
			for _, name := range []string{"kn", "kari nordmann"} {
				w.desk.failed(ctx, userTry(name, netip.Addr{}))
			}
		}
		if err := w.desk.SetUserPassword(ctx, user, "new one"); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"kn", "Kari Nordmann"} {
			if _, err := w.desk.LogInUser(ctx, Credentials{Name: name, Password: "new one"}); err != nil {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

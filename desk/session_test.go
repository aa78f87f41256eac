package desk

import (
	"net/netip"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

// keyOf opens a session of a new customer.
func (w *world) keyOf(name string) string {
	w.t.Helper()
	hash, err := w.desk.hashPassword(w.t.Context(), "secret")
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(func(tx *store.WriteTx) error {
		return tx.InsertCustomer(w.t.Context(), &skranke.Customer{UserName: name, PasswordHash: hash})
	})
	key, err := w.desk.LogInCustomer(w.t.Context(), Credentials{Name: name, Password: "secret", From: netip.MustParseAddr("192.0.2.1")})
	if err != nil {
		w.t.Fatal(err)
	}
	return key
}

// The sweep takes dead sessions away and no other: one used a moment ago,
// which the database has not heard of yet, stays.
func TestSweepSparesTheLiving(t *testing.T) {
	inWorld(t, func(w *world) {
		used, unused := w.keyOf("used"), w.keyOf("unused")
		w.now = w.now.Add(20 * time.Minute)
		if _, err := w.desk.Resume(t.Context(), used, ForCustomer); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(10 * time.Minute)
		if err := w.desk.sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{used, unused} { // types.session.4: idle for exactly as long as it lives
			if _, err := w.desk.LastError(t.Context(), key, ForCustomer); err != nil {
				t.Fatal(err)
			}
			if code, _ := w.desk.LastError(t.Context(), key, ForCustomer); code != skranke.CodeOK {
				t.Errorf("the sweep ended a session that was live: code %d", code)
			}
		}
		w.now = w.now.Add(30*time.Minute + touchDelay + time.Millisecond)
		if err := w.desk.sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.read(func(tx *store.ReadTx) error {
			for _, key := range []string{used, unused} { // types.session.3
				if _, err := tx.Session(t.Context(), sessionID(key)); skranke.CodeOf(err) != skranke.CodeInvalidSessionKey {
					t.Errorf("a dead session was kept: %v", err)
				}
			}
			return nil
		})
	})
}

// Letters and digits of a key are all equally likely to be drawn.
func TestKeysUseTheWholeAlphabet(t *testing.T) {
	count := map[byte]int{}
	const keys = 2000
	for range keys {
		key, err := newKey()
		if err != nil || len(key) != keyLength {
			t.Fatalf("got %q, %v", key, err)
		}
		for i := range key {
			count[key[i]]++
		}
	}
	mean := keys * keyLength / len(keyAlphabet)
	for i := range keyAlphabet { // types.session.2
		if n := count[keyAlphabet[i]]; n < mean*3/4 || n > mean*5/4 {
			t.Errorf("%q was drawn %d times, want about %d", keyAlphabet[i], n, mean)
		}
	}
	if len(count) != len(keyAlphabet) {
		t.Errorf("%d characters were drawn, want %d", len(count), len(keyAlphabet))
	}
}

package store

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"
)

// A server that cannot be reached is waited for so long and no longer; once it is
// known to be away, each call tries once.
func TestPostgresPatience(t *testing.T) {
	s, err := newPgServer("postgres://skranke@/skranke?host=" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s.patience = 10 * time.Millisecond
	for range 2 {
		if _, err := s.dial(t.Context(), true); !errors.Is(err, errLost) {
			t.Errorf("got %v, want errLost", err)
		}
		if s.downSince.IsZero() {
			t.Error("it was not noticed that the server is away")
		}
	}
	if _, err := postgres("mysql://localhost/skranke"); err == nil || !strings.Contains(err.Error(), "postgres://") {
		t.Errorf("got %v, want to be told how a URL begins", err)
	}
	if _, err := postgres("postgres://skranke:geheim@host:port/skranke"); err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v, want an error without the password", err)
	}
}

// Bounds are those of the server on how long a transaction that reads everything
// may take.
func (db *DB) Bounds(ctx context.Context) (list []string, err error) {
	err = db.readLong(ctx, func(tx *ReadTx) error {
		return tx.each(ctx, `SELECT setting FROM pg_settings WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout')`,
			func(r *rows) { list = append(list, r.text()) })
	})
	return list, err
}

func TestDecimal(t *testing.T) {
	number := func(weight int16, sign uint16, digits ...uint16) []byte {
		b := binary.BigEndian.AppendUint16(nil, uint16(len(digits)))
		b = binary.BigEndian.AppendUint16(b, uint16(weight))
		b = binary.BigEndian.AppendUint16(b, sign)
		b = binary.BigEndian.AppendUint16(b, 0)
		for _, d := range digits {
			b = binary.BigEndian.AppendUint16(b, d)
		}
		return b
	}
	for want, v := range map[float64][]byte{
		0: number(0, 0), 12345678: number(1, 0, 1234, 5678), -1.5: number(0, 0x4000, 1, 5000), 0.25: number(-1, 0, 2500),
	} {
		if got := decimal(v); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if got := decimal([]byte{1}); got != 0 {
		t.Errorf("got %v for half a number", got)
	}
}

func TestPackWords(t *testing.T) {
	long := strings.Repeat("å", maxTSWord)
	got := packWords(FaqWords{Head: "a b a", Body: "b c " + long})
	if got.Head != "ha hb" || got.Body != "wa wb wc w"+long[:maxTSWord] {
		t.Errorf("got %.40q and %.40q", got.Head, got.Body)
	}
	if got, want := tsquery(FaqTerm{{"e"}, {"po'st", "mail"}}, true), `('he') & ('hpo''st':* | 'hmail':*)`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

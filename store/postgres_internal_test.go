package store

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A server that cannot be reached is waited for so long and no longer; once it is
// known to be away, one call at a time finds out whether it still is, and the
// others are told at once.
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
	s.tried = time.Now().Add(-pgPause)
	if err := s.enter(); err != nil {
		t.Errorf("after a pause: got %v, want a try", err)
	}
	for range 2 {
		if err := s.enter(); !errors.Is(err, errLost) {
			t.Errorf("while somebody tries: got %v, want errLost", err)
		}
	}
	if waited := s.leave(t.Context(), nil); waited != 0 || s.enter() != nil {
		t.Errorf("after a success: got %v, want none to be told that the server is away", waited)
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

// Nested asks for a number in a part of a part of a transaction.
func (db *DB) Nested(ctx context.Context) (n int64, err error) {
	err = db.Read(ctx, func(tx *ReadTx) error {
		return tx.apart(func() error {
			return tx.apart(func() error {
				n, err = tx.number(ctx, `SELECT 7`)
				return err
			})
		})
	})
	return n, err
}

// Hurry makes an open PostgreSQL database give up after bound what it waits for,
// but for a server that is to come, which it waits for as long as a test lasts.
func (db *DB) Hurry(bound time.Duration) {
	s := db.writer.(*pgConn).server
	s.silence, s.commitTime, s.patience = bound, bound, time.Hour
}

// Impatient makes an open PostgreSQL database wait for a server so long and no longer.
func (db *DB) Impatient(patience time.Duration) { db.writer.(*pgConn).server.patience = patience }

// Hosts are tried one by one, each with all ways to speak to it. What is refused
// for good by all of them is not waited for.
func TestPostgresHosts(t *testing.T) {
	s, err := newPgServer("postgres://skranke@db1:1,db2:2/skranke?sslmode=prefer")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.hosts) != 2 || s.hosts[0].Host != "db1" || s.hosts[1].Host != "db2" || s.hosts[1].Port != 2 {
		t.Fatalf("got %+v, want db1 and db2", s.hosts)
	}
	for _, h := range s.hosts {
		if len(h.Fallbacks) != 1 || h.Fallbacks[0].Host != h.Host || h.TLSConfig == nil || h.Fallbacks[0].TLSConfig != nil {
			t.Errorf("got %+v, want %s with TLS, then without", h, h.Host)
		}
	}
	for code, want := range map[string]bool{"28P01": false, "3D000": false, "57P03": true, "53300": true} {
		if got := mayPass(&pgconn.PgError{Code: code}); got != want {
			t.Errorf("%s: got %t, want %t", code, got, want)
		}
	}
	if !mayPass(pgconn.ErrReadOnlyConnection) {
		t.Error("a server that is read from only is not waited for")
	}
}

// A server that another one was promoted after is not gone to, and sessions with
// it are not used any more.
func TestPostgresPast(t *testing.T) {
	s := &pgServer{timelines: map[string]string{}}
	session := func(cluster, timeline string) *pgSession {
		return &pgSession{server: s, cluster: cluster, timeline: timeline}
	}
	old := session("7", "00000001")
	if err := s.meet(old); err != nil || !old.usable() {
		t.Fatalf("got %v, want a usable session", err)
	}
	late, same := session("7", "00000001"), session("7", "00000002")
	promoted := session("7", "00000002")
	if err := s.meet(promoted); err != nil || !promoted.usable() || old.usable() {
		t.Errorf("got %v, %t, %t, want only the session with the later server to be usable", err, promoted.usable(), old.usable())
	}
	if err := s.meet(late); !s.isPast(late) || !errors.Is(err, errPast) || !errors.Is(err, errLost) {
		t.Errorf("got %v, want errPast, after which the other is looked for", err)
	}
	if err := s.meet(same); err != nil || !same.usable() || !promoted.usable() {
		t.Errorf("got %v, want both sessions to be usable", err)
	}
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

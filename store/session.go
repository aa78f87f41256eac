package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"skranke"
)

// SessionID is the SHA-256 of a session's key: who reads the database learns no key.
type SessionID [32]byte

// Session is an open session of a customer or a user.
type Session struct {
	ID        SessionID
	Customer  skranke.CustomerID
	User      skranke.UserID // the user acted for, 0 for customers
	Auth      skranke.UserID // the user whose password opened the session, 0 for customers
	LastUsed  time.Time      // or earlier, if it is remembered and alive
	TTL       time.Duration  // how long it lives unused, 0 for ever
	LastError skranke.Code
	Created   time.Time
	Addr      string
	Origin    int

	// How the person stands now. Read only; InsertSession passes over it.
	Company       skranke.CompanyID // the customer's
	CompanyAccess bool
	Alive         bool           // the customer, or both users, may have sessions at all
	AuthAccess    skranke.Access // of the user Auth
	PeopleVersion int64          // of the snapshot all this was read in
}

// Session returns the session with the present standing of its person, also if
// it has expired. It returns CodeInvalidSessionKey if there is none.
func (tx *ReadTx) Session(ctx context.Context, sid SessionID) (*Session, error) {
	s := &Session{ID: sid}
	r := tx.sessionRow(ctx, s)
	defer r.close()
	if !r.next() {
		if r.err != nil {
			return nil, fmt.Errorf("reading session: %w", r.err)
		}
		return nil, skranke.Err(skranke.CodeInvalidSessionKey, "no such session")
	}
	s.Customer = id[skranke.CustomerID](r)
	s.User = id[skranke.UserID](r)
	s.Auth = id[skranke.UserID](r)
	s.LastUsed = r.moment()
	s.TTL = r.span()
	s.LastError = id[skranke.Code](r)
	s.Created = r.moment()
	s.Origin = r.int()
	s.Addr = r.text()
	s.Company = id[skranke.CompanyID](r)
	s.CompanyAccess = r.bool()
	customer := r.bool()
	user, auth := id[skranke.UserStatus](r), id[skranke.UserStatus](r)
	s.AuthAccess = id[skranke.Access](r)
	s.PeopleVersion = tx.version(r.int64())
	if s.Customer != 0 {
		s.Alive = customer
	} else {
		s.Alive = user.MayLogIn() && auth.MayLogIn()
	}
	r.next() // to the end, or it would not be remembered
	if tx.at == nil {
		return s, nil
	}
	// A record does not keep up with the last use: it may only say that the session
	// lives, and long before it would not, as the caller looks at the clock again.
	s.PeopleVersion = tx.at.people
	if s.PeopleVersion == 0 || s.TTL > 0 && tx.now().Sub(s.LastUsed) > s.TTL/2 {
		return nil, tx.miss().err
	}
	return s, nil
}

// sessionLastUsed is the place of last_used among the columns of the table.
const sessionLastUsed = 4

const sessionByID = `
		SELECT s.customer_id, s.user_id, s.auth_id, s.last_used, s.ttl, s.last_error, s.created_at, s.origin, s.addr,
			COALESCE(c.company_id, 0), COALESCE(c.company_access, FALSE),
			COALESCE(NOT c.deleted AND NOT c.retired, FALSE),
			COALESCE(u.status, 0), COALESCE(a.status, 0), COALESCE(a.access, 0),
			(SELECT version FROM catalog WHERE id = 2)
		FROM session s
		LEFT JOIN customer c ON c.id = s.customer_id
		LEFT JOIN agent u ON u.id = s.user_id
		LEFT JOIN agent a ON a.id = s.auth_id
		WHERE s.id = $1`

// sessionRow finds the row of a session. What it finds out later about the
// version must stand in s when the row is closed.
func (tx *ReadTx) sessionRow(ctx context.Context, s *Session) *rows {
	if tx.at == nil {
		return tx.recorded(ctx,
			func(at *state) memoKey { return sessionKey(at, &s.ID) },
			func() (catalog, people int64) { return 0, s.PeopleVersion },
			sessionByID, blob(s.ID[:]))
	}
	r, personsHold := tx.remembered(sessionKey(tx.at, &s.ID))
	if !personsHold {
		return tx.miss()
	}
	return r
}

// InsertSession stores a new session. It returns ErrExists if its id is in use.
func (tx *WriteTx) InsertSession(ctx context.Context, s *Session) error {
	_, err := tx.exec(ctx, `INSERT INTO session
			(id, customer_id, user_id, auth_id, last_used, ttl, last_error, created_at, origin, addr)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		blob(s.ID[:]), num(s.Customer), num(s.User), num(s.Auth), num(s.LastUsed.UnixMilli()), span(s.TTL),
		num(s.LastError), moment(s.Created), num(s.Origin), text(s.Addr))
	if err != nil {
		return fmt.Errorf("storing session: %w", err)
	}
	return nil
}

// DeleteSession ends a session and says whether there was one.
func (tx *WriteTx) DeleteSession(ctx context.Context, sid SessionID) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM session WHERE id = $1`, blob(sid[:]))
	if err != nil {
		return false, fmt.Errorf("deleting session: %w", err)
	}
	if n == 0 {
		return false, nil
	}
	return true, tx.changedPeople(ctx, nil)
}

// SessionTouch is what a call leaves in its session.
type SessionTouch struct {
	ID        SessionID
	LastUsed  time.Time     // an older one never replaces a newer one; zero changes nothing
	LastError *skranke.Code // nil changes nothing
}

// TouchSessions notes calls in their sessions. Sessions that are gone are
// passed over.
func (tx *WriteTx) TouchSessions(ctx context.Context, touches []SessionTouch) error {
	// In the order of the index, so that each of its pages is looked at once.
	slices.SortFunc(touches, func(a, b SessionTouch) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	for _, t := range touches {
		if !t.LastUsed.IsZero() {
			_, err := tx.exec(ctx, `UPDATE session SET last_used = $2 WHERE id = $1 AND last_used < $2`,
				blob(t.ID[:]), moment(t.LastUsed))
			if err != nil {
				return fmt.Errorf("touching session: %w", err)
			}
		}
		if t.LastError != nil {
			_, err := tx.exec(ctx, `UPDATE session SET last_error = $2 WHERE id = $1 AND last_error <> $2`,
				blob(t.ID[:]), num(*t.LastError))
			if err != nil {
				return fmt.Errorf("noting last error of session: %w", err)
			}
		}
	}
	return nil
}

// DeleteExpiredSessions deletes the sessions not used for their TTL and
// returns how many there were.
func (tx *WriteTx) DeleteExpiredSessions(ctx context.Context, now time.Time) (int, error) {
	n, err := tx.exec(ctx, `DELETE FROM session WHERE ttl > 0 AND last_used + ttl < $1`, num(now.UnixMilli()))
	if err != nil {
		return 0, fmt.Errorf("deleting expired sessions: %w", err)
	}
	return int(n), nil
}

// DeleteSessionsOf deletes all sessions of a customer, or those a user opened
// or is acted for in, and returns how many there were. The other id is 0.
func (tx *WriteTx) DeleteSessionsOf(ctx context.Context, customer skranke.CustomerID, user skranke.UserID) (int, error) {
	var all int64
	for _, who := range [...]struct {
		column string
		id     int64
	}{{"customer_id", int64(customer)}, {"user_id", int64(user)}, {"auth_id", int64(user)}} {
		if who.id == 0 {
			continue
		}
		n, err := tx.exec(ctx, `DELETE FROM session WHERE `+who.column+` = $1`, num(who.id))
		if err != nil {
			return 0, fmt.Errorf("deleting sessions: %w", err)
		}
		all += n
	}
	return int(all), tx.changedPeople(ctx, nil)
}

// UsersWithSession returns the users acted for in a session that has not
// expired at that time.
func (tx *ReadTx) UsersWithSession(ctx context.Context, now time.Time) (map[skranke.UserID]bool, error) {
	live := map[skranke.UserID]bool{}
	err := tx.each(ctx, `SELECT DISTINCT user_id FROM session WHERE user_id <> 0 AND (ttl = 0 OR last_used + ttl >= $1)`,
		func(r *rows) { live[id[skranke.UserID](r)] = true }, num(now.UnixMilli()))
	if err != nil {
		return nil, fmt.Errorf("reading users with a session: %w", err)
	}
	return live, nil
}

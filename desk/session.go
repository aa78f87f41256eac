package desk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"skranke"
	"skranke/store"
)

// Actor is who makes a call: a customer, or a user acting for himself or, after
// loginAsUser, for another.
type Actor struct {
	Session       store.SessionID
	Customer      skranke.CustomerID // 0 for users
	Company       skranke.CompanyID  // the customer's present company
	CompanyAccess bool
	User          skranke.UserID // who acts; 0 for customers
	Auth          skranke.UserID // whose password opened the session; 0 for a customer's own
	Addr          netip.Addr
	Via           string // the method he called, for the log
}

// IsCustomer says whether a customer makes the call.
func (a Actor) IsCustomer() bool { return a.Customer != 0 }

// Kind is what a session key opens.
type Kind int

// The kinds of session.
const (
	ForCustomer Kind = iota
	ForUser          // of an administrator
	ForAnyUser       // also one who has lost that right since
)

// Credentials are a user name and password as somebody sent them, and where from.
type Credentials struct {
	Name, Password string
	From           netip.Addr
	Via            string // the method that was called, for the log
}

// caller is who sends the credentials, known or not.
func (c Credentials) caller() Actor { return Actor{Addr: c.From, Via: c.Via} }

const (
	keyLength   = 32
	keyAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// LogInCustomer opens a session for a customer and returns its key. A one-time
// password that was mailed to him becomes his password by that.
// It returns CodeIncorrectLoginCustomer for every refusal.
//
// Spec: customer/login, customer/sendPassword.3
func (d *Desk) LogInCustomer(ctx context.Context, c Credentials) (string, error) {
	id, oneTime, err := d.proveCustomer(ctx, c)
	if err != nil {
		return "", err
	}
	if oneTime {
		adopted, err := d.adoptOneTimePassword(ctx, id, c)
		if err != nil {
			return "", err
		}
		if !adopted { // by another call a moment ago: now it is the password, or gone
			return d.LogInCustomer(ctx, c)
		}
	}
	return d.openSession(ctx, &store.Session{Customer: id, TTL: d.opts.SessionIdle}, c)
}

// CheckCustomer tells by its error whether LogInCustomer would succeed.
//
// Spec: customer/checkPassword
func (d *Desk) CheckCustomer(ctx context.Context, c Credentials) error {
	_, _, err := d.proveCustomer(ctx, c)
	return err
}

// LogInAsCustomer opens a session for the customer of that user name with the
// credentials of an administrator. It returns CodeIncorrectLoginCustomer if
// they are wrong, CodeInsufficientRights if the user is no administrator, and
// only then CodeUnknownCustomer.
//
// Spec: customer/loginAsCustomer
func (d *Desk) LogInAsCustomer(ctx context.Context, c Credentials, customerName string) (string, error) {
	auth, err := d.proveAdministrator(ctx, c)
	if skranke.CodeOf(err) == skranke.CodeIncorrectLoginUser {
		return "", skranke.Err(skranke.CodeIncorrectLoginCustomer, "user login refused")
	}
	if err != nil {
		return "", err
	}
	var id skranke.CustomerID
	err = d.db.Read(ctx, func(tx *store.ReadTx) error {
		customer, err := tx.CustomerByUserName(ctx, strings.TrimSpace(customerName))
		if missing(err) || err == nil && customer.Retired {
			return skranke.Err(skranke.CodeUnknownCustomer, "no active customer %q", customerName)
		}
		if err != nil {
			return err
		}
		id = customer.ID
		return nil
	})
	if err != nil {
		return "", err
	}
	return d.openSession(ctx, &store.Session{Customer: id, Auth: auth, TTL: d.opts.SessionIdle}, c)
}

// LogInUser opens a session for an administrator and returns its key. It
// returns CodeIncorrectLoginUser if name or password are wrong or the user may
// not log in, and CodeInsufficientRights without administration rights.
//
// Spec: ticket/login
func (d *Desk) LogInUser(ctx context.Context, c Credentials) (string, error) {
	user, err := d.proveAdministrator(ctx, c)
	if err != nil {
		return "", err
	}
	return d.openUserSession(ctx, user, user, c)
}

// LogInAsUser opens a session that acts for a user with the credentials of an
// administrator, and returns its key. It refuses the credentials as LogInUser
// does, and only then returns CodeUnknownUserID if nobody may act for that user:
// he is unknown, deleted, the system user, or may have no sessions at all.
//
// Spec: ticket/loginAsUser
func (d *Desk) LogInAsUser(ctx context.Context, c Credentials, id skranke.UserID) (string, error) {
	auth, err := d.proveAdministrator(ctx, c)
	if err != nil {
		return "", err
	}
	err = d.db.Read(ctx, func(tx *store.ReadTx) error {
		user, err := tx.User(ctx, id)
		if err == nil && (id == skranke.SystemUser || !user.Status.MayLogIn()) {
			return skranke.Err(skranke.CodeUnknownUserID, "nobody may act for user %d", id)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return d.openUserSession(ctx, id, auth, c)
}

func (d *Desk) openUserSession(ctx context.Context, user, auth skranke.UserID, c Credentials) (string, error) {
	idle := max(d.opts.UserIdle, 0) // 0: the session never ends by itself
	return d.openSession(ctx, &store.Session{User: user, Auth: auth, TTL: idle}, c)
}

func (d *Desk) openSession(ctx context.Context, s *store.Session, c Credentials) (string, error) {
	key, err := newKey()
	if err != nil {
		return "", err
	}
	s.ID, s.Created, s.LastUsed = sessionID(key), d.now(), d.now()
	a := sessionActor(s, c.caller())
	s.Addr = a.address()
	s.Origin = sessionFromSOAP
	err = d.db.Write(ctx, func(tx *store.WriteTx) error {
		if err := tx.InsertSession(ctx, s); err != nil {
			return err
		}
		return tx.Log(ctx, []store.LogEntry{a.ownEntry(s.Created, logLogIn)})
	})
	if err != nil {
		return "", fmt.Errorf("opening a session: %w", err)
	}
	return key, nil
}

// sessionActor is who acts in the session when caller calls.
func sessionActor(s *store.Session, caller Actor) Actor {
	caller.Customer, caller.User, caller.Auth = s.Customer, s.User, s.Auth
	return caller
}

// sessionFromSOAP is the documented origin of sessions opened through a port.
const sessionFromSOAP = 1

// newKey draws a session key: 32 letters and digits.
//
// Spec: types/session.2
func newKey() (string, error) {
	key := make([]byte, 0, keyLength)
	var draw [2 * keyLength]byte
	for len(key) < keyLength {
		if _, err := rand.Read(draw[:]); err != nil {
			return "", fmt.Errorf("drawing a session key: %w", err)
		}
		for _, b := range draw {
			// 248 is the largest multiple of 62 in a byte: above it letters
			// would not be equally likely.
			if b < 248 && len(key) < keyLength {
				key = append(key, keyAlphabet[b%62])
			}
		}
	}
	return string(key), nil
}

// sessionID is what is stored of a key.
func sessionID(key string) store.SessionID { return sha256.Sum256([]byte(key)) }

// Resume returns who may act with the key and restarts the session's idle
// clock. It returns CodeInvalidSessionKey if the key is not live or opens
// another kind of session, and CodeInsufficientRights if the user who logged in
// has lost the administration right.
//
// Spec: types/session, ticket/common.10
func (d *Desk) Resume(ctx context.Context, key string, kind Kind) (Actor, error) {
	s, err := d.liveSession(ctx, key, kind)
	if err != nil {
		return Actor{}, err
	}
	return actorOf(s, kind)
}

// actorOf is who acts in the session, with CodeInsufficientRights for a user who
// lacks the administration right.
func actorOf(s *store.Session, kind Kind) (Actor, error) {
	a := Actor{
		Session:       s.ID,
		Customer:      s.Customer,
		Company:       s.Company,
		CompanyAccess: s.CompanyAccess,
		User:          s.User,
		Auth:          s.Auth,
	}
	if kind == ForUser && s.AuthAccess&skranke.AccessAdministration == 0 {
		return a, skranke.Err(skranke.CodeInsufficientRights, "user %d is no administrator", s.Auth)
	}
	return a, nil
}

// recall is Resume from memory where it can be. What it returns holds as long as
// the version of sessions and people is the one it returns as well.
func (d *Desk) recall(ctx context.Context, key string, kind Kind) (Actor, int64, error) {
	id, err := keyID(key)
	if err != nil {
		return Actor{}, 0, err
	}
	if known, ok := d.sessions.get(id); ok && known.kind == kind {
		now := d.now()
		live, first := known.use(now)
		if first {
			d.used(id, now, known.stored(), known.ttl)
		}
		if live {
			return known.actor(), known.people, nil
		}
	}
	s, err := d.liveSession(ctx, key, kind)
	if err != nil {
		return Actor{}, 0, err
	}
	a, err := actorOf(s, kind)
	return a, s.PeopleVersion, err
}

// standing is who the key belongs to in the snapshot of tx, which touches are
// older than.
func (d *Desk) standing(ctx context.Context, tx *store.ReadTx, key string, kind Kind, touches touchGlance) (Actor, error) {
	id, err := keyID(key)
	if err != nil {
		return Actor{}, err
	}
	s, err := tx.Session(ctx, id)
	if err != nil {
		return Actor{}, err
	}
	if err := d.checkLive(ctx, tx, s, kind, touches); err != nil {
		return Actor{}, err
	}
	return actorOf(s, kind)
}

// keyID is what is stored of a key somebody sent.
//
// Spec: types/session.10
func keyID(key string) (store.SessionID, error) {
	key = strings.TrimSpace(key)
	if len(key) != keyLength {
		return store.SessionID{}, skranke.Err(skranke.CodeInvalidSessionKey, "a key of %d characters", len(key))
	}
	return sessionID(key), nil
}

// liveSession finds the session of key and restarts its idle clock.
func (d *Desk) liveSession(ctx context.Context, key string, kind Kind) (*store.Session, error) {
	id, err := keyID(key)
	if err != nil {
		return nil, err
	}
	var s *store.Session
	touches := d.touches.glance()
	err = d.db.ReadShort(ctx, func(tx *store.ReadTx) (err error) {
		if s, err = tx.Session(ctx, id); err != nil {
			return err
		}
		return d.checkLive(ctx, tx, s, kind, touches)
	})
	return s, err
}

// checkLive returns CodeInvalidSessionKey unless the session, as the snapshot of
// tx has it, is live. Its idle clock begins anew, and it is remembered. touches
// are those the snapshot may not know yet.
//
// Spec: types/session.3, types/session.4, types/session.7, types/session.8
func (d *Desk) checkLive(ctx context.Context, tx *store.ReadTx, s *store.Session, kind Kind, touches touchGlance) error {
	stored := s.LastUsed
	if known, ok := d.sessions.get(s.ID); ok {
		stored = latest(stored, known.stored())
		s.LastUsed = latest(s.LastUsed, known.used())
	}
	if t, ok := touches.get(s.ID); ok {
		s.LastUsed = latest(s.LastUsed, t.used) // another process may have seen the session since
		if t.failed {
			s.LastError = t.lastErr
		}
	}
	now := d.now()
	switch {
	case (s.Customer != 0) != (kind == ForCustomer):
		return skranke.Err(skranke.CodeInvalidSessionKey, "a key of another port")
	case !s.Alive:
		return skranke.Err(skranke.CodeInvalidSessionKey, "the person may not log in any more")
	}
	idle, err := d.idle(ctx, tx, s, now)
	if err != nil {
		return err
	}
	if idle {
		return skranke.Err(skranke.CodeInvalidSessionKey, "idle since %s", s.LastUsed.Format(time.RFC3339))
	}
	d.touches.update(s.ID, func(t touch) touch { t.used = now; return t })
	d.used(s.ID, now, stored, s.TTL)
	if a, err := actorOf(s, kind); err == nil {
		d.sessions.put(newRemembered(a, kind, s.TTL, s.PeopleVersion, now, stored))
	}
	return nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

type touchGlance = glance[store.SessionID, touch]

func idleTooLong(last, now time.Time, limit time.Duration) bool {
	return limit > 0 && now.Sub(last) > limit
}

// Settle remembers how a call of the session ended: a refusal becomes its last
// error, success leaves the old one.
//
// Spec: types/lasterror.2
func (d *Desk) Settle(a Actor, err error) {
	if err == nil || a.Session == (store.SessionID{}) {
		return
	}
	code := skranke.CodeOf(err)
	d.touches.update(a.Session, func(t touch) touch {
		t.used, t.failed, t.lastErr = d.now(), true, code
		return t
	})
}

// LastError is the code of the session's last error, CodeOK if there was none.
// A key that is not live gives CodeInvalidSessionKey.
//
// Spec: customer/getErrorMessage, types/lasterror.3, types/lasterror.4
func (d *Desk) LastError(ctx context.Context, key string, kind Kind) (skranke.Code, error) {
	s, err := d.liveSession(ctx, key, kind)
	if skranke.CodeOf(err) == skranke.CodeInvalidSessionKey {
		return skranke.CodeInvalidSessionKey, nil
	}
	if err != nil {
		return 0, err
	}
	return s.LastError, nil
}

// LogOut ends the session of the key, which caller sends. It returns
// CodeInvalidSessionKey if the key is not live.
//
// Spec: customer/logout, ticket/logout
func (d *Desk) LogOut(ctx context.Context, caller Actor, key string, kind Kind) error {
	s, err := d.liveSession(ctx, key, kind)
	if err != nil {
		return err
	}
	ended := false
	err = d.db.Write(ctx, func(tx *store.WriteTx) (err error) {
		if ended, err = tx.DeleteSession(ctx, s.ID); err != nil || !ended {
			return err
		}
		return tx.Log(ctx, []store.LogEntry{sessionActor(s, caller).ownEntry(d.now(), logLogOut)})
	})
	d.touches.forget(s.ID)
	if err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	if !ended {
		return skranke.Err(skranke.CodeInvalidSessionKey, "ended by another call")
	}
	return nil
}

// stored is what a password is compared with. The zero value fits none.
type stored struct {
	hash    string
	oneTime bool // the password is one that was mailed to the person
	who     Row  // who has the name, barred or not

	failures int // of the address lately
}

// proveCustomer returns the customer the credentials belong to, and whether
// they hold a one-time password instead of his own. Unknown names, wrong
// passwords and barred persons all fail alike, in the same time: one-time
// passwords are looked for whether there can be any or not.
func (d *Desk) proveCustomer(ctx context.Context, c Credentials) (id skranke.CustomerID, oneTime bool, err error) {
	c.Name = strings.TrimSpace(c.Name)
	refused := skranke.Err(skranke.CodeIncorrectLoginCustomer, "")
	mailed := oneTimeHash(c.Password)
	oneTime, err = d.prove(ctx, customerTry(c.Name, c.From), c, refused, func(tx *store.ReadTx) (stored, error) {
		customer, err := tx.CustomerByUserName(ctx, c.Name)
		who := Row{}
		if err == nil {
			who = Row{rowCustomer, int64(customer.ID)}
		}
		if missing(err) || err == nil && customer.Retired {
			customer, err = new(skranke.Customer), nil
		}
		if err != nil {
			return stored{}, err
		}
		id = customer.ID
		fits, err := tx.FitsOneTime(ctx, customer.ID, mailed, d.now())
		return stored{hash: customer.PasswordHash, oneTime: fits, who: who}, err
	})
	return id, oneTime, err
}

// proveAdministrator returns the user the credentials belong to.
func (d *Desk) proveAdministrator(ctx context.Context, c Credentials) (skranke.UserID, error) {
	c.Name = strings.TrimSpace(c.Name)
	refused := skranke.Err(skranke.CodeIncorrectLoginUser, "")
	var found skranke.User
	_, err := d.prove(ctx, userTry(c.Name, c.From), c, refused, func(tx *store.ReadTx) (stored, error) {
		user, err := tx.UserByLogin(ctx, c.Name)
		if missing(err) {
			return stored{}, nil
		}
		if err != nil {
			return stored{}, err
		}
		who := Row{rowUser, int64(user.ID)}
		if !user.Status.MayLogIn() {
			return stored{who: who}, nil
		}
		found = *user
		return stored{hash: user.PasswordHash, who: who}, nil
	})
	if err != nil {
		return 0, err
	}
	if found.Access&skranke.AccessAdministration == 0 {
		return 0, skranke.Err(skranke.CodeInsufficientRights, "user %d is no administrator", found.ID)
	}
	return found.ID, nil
}

// prove returns nil if the password fits what lookup finds, else refused, and
// whether it fits as a one-time password alone. The brake is looked at again
// once it is this try's turn to hash, so that many guesses sent at once do not
// slip past it.
func (d *Desk) prove(ctx context.Context, t try, c Credentials, refused error, lookup func(*store.ReadTx) (stored, error)) (oneTime bool, err error) {
	seen, err := d.lookUnlessBraked(ctx, t, refused, lookup)
	if err != nil {
		return false, err
	}
	if err := d.hashing.enter(ctx, t.address, seen.failures); err != nil {
		return false, err
	}
	defer d.hashing.leave()
	want, err := d.lookUnlessBraked(ctx, t, refused, lookup)
	if err != nil {
		return false, err
	}
	fits, err := d.passwordFits(want.hash, c.Password)
	if err != nil || fits {
		return false, err
	}
	if want.oneTime {
		return true, nil
	}
	d.failed(ctx, t, c.caller().entry(d.now(), logFailedLogIn, want.who.Kind, want.who.ID))
	return false, refused
}

func (d *Desk) lookUnlessBraked(ctx context.Context, t try, refused error, lookup func(*store.ReadTx) (stored, error)) (found stored, err error) {
	unstored := d.countUnstored(t)
	err = d.db.Read(ctx, func(tx *store.ReadTx) error {
		failures, braked, err := d.braked(ctx, tx, t, unstored)
		if err != nil {
			return err
		}
		if braked {
			return refused
		}
		found, err = lookup(tx)
		found.failures = failures
		return err
	})
	return found, err
}

// missing says whether err is the refusal of a row that is not there.
func missing(err error) bool {
	switch skranke.CodeOf(err) {
	case skranke.CodeUnknownCustomer, skranke.CodeUnknownCustomerID, skranke.CodeUnknownUserID, skranke.CodeUserNotFound:
		return true
	}
	return false
}

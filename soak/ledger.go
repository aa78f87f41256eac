package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"skranke"
	"skranke/desk"
	"skranke/store"
)

// ledger knows what was acknowledged, and finds what is not there.
type ledger struct {
	mu       sync.Mutex
	values   map[string]*value // of "ticket 7" and "customer 1": their text
	files    map[string]string // attachments: the SHA-256 of their contents
	messages map[string]message
	shut     map[string]bool // closed tickets
	mails    map[string]bool
	fresh    []string          // keys of what was acknowledged since the last look
	born     map[string]string // what a new row was made of: its key
	acks     int
	unknown  int // calls nobody answered

	// An answer of 7 leaves open whether a write was done: the database may have
	// gone away at its commit.
	doubtful bool
}

// value is a text that is written again and again, by one caller.
type value struct {
	last    string   // acknowledged
	pending []string // written since, without an answer: one of them may be there instead
}

type message struct {
	body  string
	files []string
}

func newLedger(callers int) *ledger {
	l := &ledger{values: map[string]*value{}, files: map[string]string{}, messages: map[string]message{}, shut: map[string]bool{}, mails: map[string]bool{}, born: map[string]string{}}
	for n := range callers {
		l.values[fmt.Sprint("customer ", n+1)] = &value{last: "start"}
	}
	return l
}

// made notes a new ticket or attachment. It is an error if the id was given before.
func (l *ledger) made(kind, id, text string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := kind + " " + id
	_, ticket := l.values[key]
	_, file := l.files[key]
	if ticket || file || id == "" {
		return fault(fmt.Sprintf("the id of %s was given twice", key))
	}
	if kind == "ticket" {
		l.values[key] = &value{last: text}
	} else {
		sum := sha256.Sum256([]byte(text))
		l.files[key] = hex.EncodeToString(sum[:])
	}
	l.born[kind+" "+tokenOf(text)] = key
	l.acks++
	l.fresh = append(l.fresh, key)
	return nil
}

// message notes a message and the attachments linked to it.
func (l *ledger) message(id, body string, files []string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := "message " + id
	if _, ok := l.messages[key]; ok || id == "" {
		return fault(fmt.Sprintf("the id of %s was given twice", key))
	}
	l.messages[key] = message{body, files}
	l.born["message "+tokenOf(body)] = key
	l.acks++
	l.fresh = append(l.fresh, key)
	return nil
}

// change notes that a value is about to be written. What it returns takes the
// outcome and returns it.
func (l *ledger) change(kind, id, text string) func(error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := kind + " " + id
	v := l.values[key]
	v.pending = append(v.pending, text)
	l.fresh = append(l.fresh, key)
	return func(err error) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		var r *refusal
		switch {
		case err == nil:
			v.last, v.pending = text, nil
			l.acks++
		case errors.As(err, &r) && !(l.doubtful && r.code == "7"):
			v.pending = v.pending[:len(v.pending)-1]
		}
		return err
	}
}

func (l *ledger) closed(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut["ticket "+id] = true
	l.acks++
	l.fresh = append(l.fresh, "ticket "+id)
}

func (l *ledger) mailed(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mails[token] = true
}

// fault is something that must not be. It is no error of a call.
type fault string

func (f fault) Error() string { return string(f) }

// look looks for what was acknowledged: since the last look, or all of it.
func (l *ledger) look(ctx context.Context, db *store.DB, all bool) (faults []string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys := l.fresh
	if all {
		keys = nil
		for key := range l.values {
			keys = append(keys, key)
		}
		for key := range l.files {
			keys = append(keys, key)
		}
		for key := range l.messages {
			keys = append(keys, key)
		}
	}
	l.fresh = nil
	err = db.Read(ctx, func(tx *store.ReadTx) error {
		for _, key := range keys {
			complaint, err := l.find(ctx, db, tx, key)
			if err != nil {
				return err
			}
			if complaint != "" {
				faults = append(faults, key+": "+complaint)
			}
		}
		return nil
	})
	return faults, err
}

// find returns what is wrong with a row, "" if it is as it was acknowledged.
func (l *ledger) find(ctx context.Context, db *store.DB, tx *store.ReadTx, key string) (string, error) {
	kind, number, _ := strings.Cut(key, " ")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return "", err
	}
	var refused *skranke.Error
	gone := func(err error) (string, error) {
		if errors.As(err, &refused) {
			return "was acknowledged and is gone", nil
		}
		return "", err
	}
	switch kind {
	case "ticket":
		t, err := tx.Ticket(ctx, skranke.TicketID(id))
		if err != nil {
			return gone(err)
		}
		if l.shut[key] && t.Status != skranke.Closed {
			return "was closed and is not", nil
		}
		return l.values[key].settle(t.Title), nil
	case "customer":
		c, err := tx.Customer(ctx, skranke.CustomerID(id))
		if err != nil {
			return gone(err)
		}
		return l.values[key].settle(c.FirstName), nil
	case "attachment":
		a, err := tx.Attachment(ctx, skranke.AttachmentID(id))
		if err != nil {
			return gone(err)
		}
		return sameContents(ctx, db, a, l.files[key])
	}
	m, err := tx.Message(ctx, skranke.MessageID(id))
	if err != nil {
		return gone(err)
	}
	want := l.messages[key]
	if m.Body != want.body || fmt.Sprint(m.Attachments) != "["+strings.Join(want.files, " ")+"]" {
		return fmt.Sprintf("is %q with %v, acknowledged was %q with %v", m.Body, m.Attachments, want.body, want.files), nil
	}
	return "", nil
}

// settle says what is wrong with a value as it was found. A write nobody
// answered is done or not from now on.
func (v *value) settle(found string) string {
	if found == v.last || slices.Contains(v.pending, found) {
		v.last, v.pending = found, nil
		return ""
	}
	return fmt.Sprintf("is %q, acknowledged was %q, and perhaps one of %q", found, v.last, v.pending)
}

func sameContents(ctx context.Context, db *store.DB, a *skranke.Attachment, want string) (string, error) {
	f, size, err := db.Blobs().Open(ctx, a.SHA256)
	if skranke.CodeOf(err) == skranke.CodeFileNotFound {
		return "was acknowledged and its file is gone", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != want || a.SHA256 != want || size != a.Size {
		return "has other contents than were stored", nil
	}
	return "", nil
}

// tokenOf is the part of a text that no other row was made of.
func tokenOf(text string) string {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return ""
	}
	return fields[0]
}

// doubles looks for what was made twice, acknowledged or not.
func (l *ledger) doubles(ctx context.Context, db *store.DB) (faults []string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := map[string]string{}
	see := func(kind string, id any, text string) {
		key, made := fmt.Sprint(kind, " ", id), kind+" "+tokenOf(text)
		if first := cmp.Or(seen[made], l.born[made]); first != "" && first != key {
			faults = append(faults, fmt.Sprintf("%s was made of %q, as was %s", key, tokenOf(text), first))
		}
		seen[made] = key
	}
	err = db.Read(ctx, func(tx *store.ReadTx) error {
		return errors.Join(
			tx.EachTicket(ctx, func(t *skranke.Ticket) error { see("ticket", t.ID, t.Title); return nil }),
			tx.EachMessage(ctx, func(m *skranke.Message) error { see("message", m.ID, m.Body); return nil }),
			tx.EachAttachment(ctx, func(a *skranke.Attachment) error {
				see("attachment", a.ID, strings.TrimSuffix(a.Name, ".txt"))
				return nil
			}),
		)
	})
	return faults, err
}

var bodyOf = regexp.MustCompile(`^\S+ with (\d+)$`)

// halves looks through everything for what is there by half, acknowledged or not.
func halves(ctx context.Context, db *store.DB) (faults []string, err error) {
	err = db.Read(ctx, func(tx *store.ReadTx) error {
		err := tx.EachTicket(ctx, func(t *skranke.Ticket) error {
			if len(t.Extra) != 1 || t.Extra[0].Value.Text != t.Title || len(t.Customers) != 1 {
				faults = append(faults, fmt.Sprintf("ticket %d is there by half: %q, %v, customers %v", t.ID, t.Title, t.Extra, t.Customers))
			}
			return nil
		})
		if err != nil {
			return err
		}
		err = tx.EachCustomer(ctx, func(c *skranke.Customer) error {
			if c.FirstName != c.LastName {
				faults = append(faults, fmt.Sprintf("customer %d is changed by half: %q and %q", c.ID, c.FirstName, c.LastName))
			}
			return nil
		})
		if err != nil {
			return err
		}
		return tx.EachMessage(ctx, func(m *skranke.Message) error {
			match := bodyOf.FindStringSubmatch(m.Body)
			if match == nil || match[1] != fmt.Sprint(len(m.Attachments)) {
				faults = append(faults, fmt.Sprintf("message %d is there by half: %q and attachments %v", m.ID, m.Body, m.Attachments))
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return faults, nil
}

// verify looks through the whole database, as the command of that name does.
func verify(ctx context.Context, o store.Options) (faults []string, err error) {
	_, err = store.Verify(ctx, o, store.VerifyOptions{
		FaqWords: desk.FaqWords,
		Report:   func(f store.Fault) { faults = append(faults, f.String()) },
	})
	return faults, err
}

var recipient = regexp.MustCompile(`(?m)^To:\s+<?([a-z0-9-]+)@mail\.example`)

// sent compares the mails in the folder, and those in the outbox, with those
// that were acknowledged. It returns how many came twice.
func (l *ledger) sent(folder string, outbox []string) (faults []string, twice int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	files, err := filepath.Glob(filepath.Join(folder, "*.eml"))
	if err != nil {
		return nil, 0, err
	}
	seen := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, 0, err
		}
		m := recipient.FindSubmatch(text)
		if m == nil {
			faults = append(faults, fmt.Sprintf("the mail %s is to nobody: %.200q", filepath.Base(file), text))
			continue
		}
		seen[string(m[1])]++
	}
	for token := range l.mails {
		waits := slices.ContainsFunc(outbox, func(payload string) bool { return strings.Contains(payload, `"`+token+`@mail.example`) })
		if seen[token] == 0 && !waits {
			faults = append(faults, "the mail to "+token+" was acknowledged and never sent")
		}
	}
	for _, n := range seen {
		twice += n - 1
	}
	return faults, twice, nil
}

// Package desk holds the rules of the help desk: who may see and change what,
// what a change entails, and who is told. It knows nothing of SOAP, HTML or
// SQL, and it is the only room that opens transactions. Start with ticket.go.
package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"skranke"
	"skranke/store"
)

// Options are the settings of an installation that steer its rules.
type Options struct {
	SessionIdle   time.Duration // a customer's session dies when idle longer; default 30 minutes
	UserIdle      time.Duration // the same for users; 0 means SessionIdle, below 0 never
	Brake         Brake
	Password      PasswordPolicy
	MaxAttachment int64         // bytes; default 32 MiB
	MailTag       string        // marks the ticket number in mail subjects; default "ejTag:"
	Mailing       bool          // somebody takes mails from the outbox
	MailRetryFor  time.Duration // how long a failing mail is tried again; default 3 days
	NoticeLife    time.Duration // how long a notification waits for its user; default 7 days
	SearchTime    time.Duration // how long a search may take; default 30 seconds
	BaseURL       string        // where clients find this server, unless the installation's settings say so; may be ""
	Log           *slog.Logger
	Now           func() time.Time
	PasswordCost  PasswordCost   // zero value: the default cost
	FlushInterval time.Duration  // how long a gathered change waits; default a second
	Zone          *time.Location // of dates without one; default the server's
	Scripts       ScriptEngine   // nil: no scripts are run
}

// Desk answers every use case of the help desk. Its methods may be called from
// many goroutines at once.
type Desk struct {
	db       *store.DB
	opts     Options
	log      *slog.Logger
	now      func() time.Time
	catalog  atomic.Pointer[catalog]
	reads    gathered[skranke.TicketID, readStamp]
	touches  gathered[store.SessionID, touch]
	urgent   gathered[store.SessionID, time.Time] // when the use of a session is to be stored
	sessions sessionMemory
	faqReads tally[skranke.FaqEntryID]
	hashing  *hashLine
	dummy    string // hashed when there is no password to compare with
	flushing sync.Mutex
	looks    looks // of the schedule
	unstored unstoredFailures
	ended    endedRemovals

	id        string       // of this process, among those on the database
	announced atomic.Int64 // when it was last, in nanoseconds since 1970; 0 for never

	removalPatience time.Duration // how long a call waits for files to be removed
}

// New makes a desk over db. Call Run to keep its background work going and
// Close before the database is closed.
func New(ctx context.Context, db *store.DB, opts Options) (*Desk, error) {
	opts.setDefaults()
	d := &Desk{
		db:      db,
		opts:    opts,
		log:     opts.Log,
		now:     opts.Now,
		id:      rand.Text(),
		hashing: &hashLine{most: opts.PasswordCost.AtOnce, room: opts.PasswordCost.Waiting},

		removalPatience: 10 * time.Second,
	}
	d.sessions.uses = &d.touches
	dummy, err := d.hashPassword(ctx, "no such password")
	if err != nil {
		return nil, err
	}
	d.dummy = dummy
	return d, db.Read(ctx, func(tx *store.ReadTx) error {
		_, err := d.reloadCatalog(ctx, tx)
		return err
	})
}

func (o *Options) setDefaults() {
	if o.SessionIdle == 0 {
		o.SessionIdle = 30 * time.Minute
	}
	if o.UserIdle == 0 {
		o.UserIdle = o.SessionIdle
	}
	if o.MaxAttachment == 0 {
		o.MaxAttachment = 32 << 20
	}
	if o.FlushInterval == 0 {
		o.FlushInterval = time.Second
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.MailRetryFor == 0 {
		o.MailRetryFor = 72 * time.Hour
	}
	if o.NoticeLife == 0 {
		o.NoticeLife = 7 * 24 * time.Hour
	}
	if o.MailTag == "" {
		o.MailTag = "ejTag:"
	}
	if o.SearchTime == 0 {
		o.SearchTime = 30 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Brake.setDefaults()
	o.PasswordCost.setDefaults()
}

// Run does the desk's background work until ctx ends: it writes gathered read
// stamps and session times, notices changes other processes made to lists and
// address ranges, tells them of this one, and sweeps dead sessions.
func (d *Desk) Run(ctx context.Context) {
	var beside sync.WaitGroup // what must not wait for the rest, and what the rest must not wait for
	defer beside.Wait()
	beside.Go(func() {
		every(ctx, d.opts.FlushInterval, func() {
			d.background(ctx, "telling other processes of this one", d.stayKnown)
			d.background(ctx, "writing session times others wait for", d.storeUrgent)
			// That these fail was told when there was something to be stored.
			_ = d.storeUnstored(ctx)
			_ = d.endRemovals(ctx)
		})
	})
	beside.Go(func() {
		every(ctx, time.Hour, func() {
			d.background(ctx, "sweeping files", d.sweepAttachments)
			d.background(ctx, "sweeping the log", d.sweepLog)
		})
	})
	tick := time.NewTicker(d.opts.FlushInterval)
	defer tick.Stop()
	sessions := time.NewTicker(touchInterval)
	defer sessions.Stop()
	sweep := time.NewTicker(sweepInterval)
	defer sweep.Stop()
	stamps, touches := patience{many: 2000, ticks: 10}, patience{many: 20_000, ticks: 4}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if stamps.over(d.reads.len()) {
				d.background(ctx, "writing what was read", func(ctx context.Context) error { return d.flush(ctx, false) })
			}
			d.background(ctx, "reading the lists", d.refreshCatalog)
		case <-sessions.C:
			d.sessions.gather()
			if touches.over(d.touches.len()) {
				d.background(ctx, "writing session times", d.Flush)
			}
		case <-sweep.C:
			d.background(ctx, "sweeping", d.sweep)
		}
	}
}

// every does some work at intervals until ctx ends.
func every(ctx context.Context, interval time.Duration, work func()) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			work()
		}
	}
}

// sweepInterval is how often what has expired is deleted. Whether it has is
// decided when it is used, so that may be seldom: it writes all session times.
const sweepInterval = 10 * time.Minute

func (d *Desk) background(ctx context.Context, what string, work func(context.Context) error) {
	if err := work(ctx); err != nil && ctx.Err() == nil && !IsTold(err) {
		d.log.ErrorContext(ctx, what+" failed, will try again", "error", err)
	}
}

// IsTold says whether the log hears of the error once in a while, and so not each
// time it happens: a newer program has taken the database over from this one.
func IsTold(err error) bool { return errors.Is(err, store.ErrNewerSchema) }

// Close writes what is still gathered. Call it after the last call was answered
// and before the database is closed.
func (d *Desk) Close(ctx context.Context) error {
	if err := errors.Join(d.Flush(ctx), d.storeUnstored(ctx), d.endRemovals(ctx), d.withdraw(ctx)); err != nil {
		return fmt.Errorf("writing gathered changes: %w", err)
	}
	return nil
}

// sweep removes what has no meaning any more: dead sessions, old failures and
// notifications nobody fetched.
func (d *Desk) sweep(ctx context.Context) error {
	if err := d.Flush(ctx); err != nil { // or sessions used a moment ago would look dead
		return err
	}
	now := d.now()
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		if _, err := tx.DeleteExpiredSessions(ctx, now.Add(-touchDelay)); err != nil { // others have theirs in memory
			return err
		}
		if _, err := tx.PruneNotifications(ctx, now.Add(-d.opts.NoticeLife)); err != nil {
			return err
		}
		if err := tx.PruneOneTimePasswords(ctx, now); err != nil {
			return err
		}
		return tx.PruneFailures(ctx, now.Add(-max(d.opts.Brake.Window, passwordMailPause)))
	})
}

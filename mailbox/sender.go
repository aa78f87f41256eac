// Package mailbox brings mail out of the house: it takes mails from the desk's
// outbox, writes them as MIME and hands them to an SMTP server or, for trying
// things out, into a folder. What becomes of a mail is the desk's to decide.
// Start with sender.go.
package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"skranke"
	"skranke/desk"
)

// Security is how a connection to an SMTP server is encrypted.
type Security string

// The kinds of security.
const (
	StartTLS Security = "starttls" // begins in clear and goes on only if it can be encrypted
	TLS      Security = "tls"      // from the first byte
	None     Security = "none"     // never
)

// Options say how mail leaves. With neither Addr nor Folder none does.
type Options struct {
	From string // of mails that name no sender; may be ""

	Addr           string // host:port of the SMTP server
	Security       Security
	User, Password string      // User "" logs in nowhere
	TLS            *tls.Config // nil trusts what the system trusts

	Folder string // of .eml files; only counts without Addr

	Timeout time.Duration  // of a connection and of each command; default a minute
	Poll    time.Duration  // how often the outbox is looked at; default 5 seconds
	Zone    *time.Location // of the dates of mails; nil is UTC
	Log     *slog.Logger   // nil is silent

	Observe func(Delivery) // is told of each try to deliver a mail; may be nil
}

// Delivery is a try to deliver a mail of the outbox.
type Delivery struct {
	Mail     int64
	Start    time.Time
	Duration time.Duration
	Outcome  Outcome
}

// Outcome is how a try went.
type Outcome string

// The outcomes.
const (
	Sent    Outcome = "sent"
	PutOff  Outcome = "put-off" // it will be tried again, for some recipients at least
	Refused Outcome = "refused" // for good
)

// Sender delivers the mails in the outbox of a desk.
type Sender struct {
	desk *desk.Desk
	opts Options
	log  *slog.Logger
}

// New makes a sender for the mails of d.
func New(d *desk.Desk, o Options) *Sender {
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	if o.Poll == 0 {
		o.Poll = 5 * time.Second
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Sender{d, o, o.Log}
}

// Enabled says whether mail can leave at all.
func (s *Sender) Enabled() bool { return s.opts.Addr != "" || s.opts.Folder != "" }

// maxPause is how long the server is left alone at most when it does not answer.
const maxPause = 5 * time.Minute

// grace is how long a delivery that has begun may go on after the end.
const grace = 10 * time.Second

// Run delivers mails until ctx ends: at once when this process has enqueued
// one, else every few seconds. A delivery that has begun then is finished if
// that does not take long. Run returns at once if no mail can leave; then mails
// wait.
func (s *Sender) Run(ctx context.Context) {
	if !s.Enabled() {
		return
	}
	pause := time.Duration(0)
	for {
		err := s.Deliver(ctx)
		wait, wake := s.opts.Poll, s.desk.MailQueued()
		if err != nil && ctx.Err() == nil {
			pause = min(max(2*pause, s.opts.Poll), maxPause)
			wait, wake = pause, nil // new mail does not bring the server back
			s.log.WarnContext(ctx, "mail cannot leave, will try again", "in", pause, "error", err)
		} else {
			pause = 0
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-time.After(wait):
		}
	}
}

// Deliver delivers all mails that are due. The error says that the server, or
// the outbox, cannot be used now; mails that were refused are no error.
func (s *Sender) Deliver(ctx context.Context) error {
	if !s.Enabled() {
		return nil
	}
	var line transport // opened for the first mail, then shared
	defer func() {
		if line != nil {
			line.close()
		}
	}()
	for ctx.Err() == nil {
		mail, err := s.desk.ClaimMail(ctx)
		if err != nil || mail == nil {
			return err
		}
		if line, err = s.deliver(ctx, line, mail); err != nil {
			return err
		}
	}
	return nil
}

// deliver sends a claimed mail and tells the desk how it went. It returns the
// transport for the next mail, nil if it cannot be used any more.
func (s *Sender) deliver(ctx context.Context, line transport, mail *desk.QueuedMail) (transport, error) {
	work, done := outliving(ctx)
	defer done()
	outcome := Sent
	if s.opts.Observe != nil {
		start := time.Now()
		defer func() { s.opts.Observe(Delivery{mail.ID, start, time.Since(start), outcome}) }()
	}
	left, err := s.sendOver(work, &line, mail)
	if err == nil && len(left) == 0 {
		s.log.DebugContext(ctx, "mail sent", "mail", mail.ID, "ticket", mail.Ticket)
		return line, s.desk.MailSent(ctx, mail)
	}
	failure := desk.MailFailure{Permanent: isPermanent(err)}
	var broken *brokenError
	if errors.As(err, &broken) {
		line.close()
		line = nil
	}
	if err != nil {
		failure.Reason = reason(err)
	} else {
		failure.Reason, failure.Permanent, failure.Left = left.summary()
	}
	if outcome = PutOff; failure.Permanent {
		outcome = Refused
	}
	s.log.WarnContext(ctx, "mail was not delivered", "mail", mail.ID, "ticket", mail.Ticket, "for_good", failure.Permanent, "reason", failure.Reason)
	if err := s.desk.MailFailed(ctx, mail, failure); err != nil {
		return line, err
	}
	var unusable *unusableError
	if errors.As(err, &unusable) {
		return line, err
	}
	return line, nil
}

// outliving is a context that ends a while after ctx does, and never lasts
// longer than a mail belongs to who has claimed it.
func outliving(ctx context.Context) (context.Context, func()) {
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), desk.MailDeadline)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return work, func() { stop(); cancel() }
}

// Send sends a mail at once, past the outbox, and returns an error unless
// everybody it is for has got it.
func (s *Sender) Send(ctx context.Context, m desk.Mail) error {
	if !s.Enabled() {
		return errors.New("no way to send mail is set: set smtp_host, or mail_folder")
	}
	var line transport
	left, err := s.sendOver(ctx, &line, &desk.QueuedMail{Created: time.Now(), Mail: m})
	if line != nil {
		line.close()
	}
	if err != nil {
		return err
	}
	if len(left) > 0 {
		text, _, _ := left.summary()
		return errors.New(text)
	}
	return nil
}

// sendOver sends a mail over line, which it opens if it is nil. It returns those
// it did not reach.
func (s *Sender) sendOver(ctx context.Context, line *transport, mail *desk.QueuedMail) (refusals, error) {
	letter, err := s.compose(ctx, mail)
	if err != nil {
		return nil, err
	}
	if *line == nil {
		opened, err := s.open(ctx)
		if err != nil {
			return nil, &unusableError{err}
		}
		*line = opened
	}
	return (*line).send(ctx, letter)
}

// transport hands mails on. It serves one goroutine.
type transport interface {
	// send sends the letter and returns the recipients that were refused. An
	// error means that nobody got it; a *brokenError also that the transport
	// can only be closed.
	send(ctx context.Context, l *letter) (refusals, error)
	close()
}

func (s *Sender) open(ctx context.Context) (transport, error) {
	if s.opts.Addr != "" {
		return s.dial(ctx)
	}
	return openFolder(s.opts.Folder)
}

// refusal is a recipient who did not get a mail.
type refusal struct {
	to        string
	err       error
	permanent bool
}

type refusals []refusal

// summary is the reason to keep, whether nobody is worth another try, and who
// is left.
func (r refusals) summary() (text string, permanent bool, left []string) {
	permanent = true
	for _, one := range r {
		if text != "" {
			text += "; "
		}
		text += one.to + ": " + reason(one.err)
		permanent = permanent && one.permanent
		left = append(left, one.to)
	}
	return text, permanent, left
}

// unusableError says that no mail can leave now, whichever it is.
type unusableError struct{ err error }

func (e *unusableError) Error() string { return e.err.Error() }
func (e *unusableError) Unwrap() error { return e.err }

// brokenError says that a connection is of no use any more.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

// permanentError says that a mail cannot be sent as it is.
type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

func isPermanent(err error) bool {
	var permanent *permanentError
	return errors.As(err, &permanent)
}

// reason is an error for people.
func reason(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return "it took too long"
	}
	return skranke.Cut(fmt.Sprint(err), 250)
}

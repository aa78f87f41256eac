package desk

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"skranke/store"
)

// looks counts how often the schedule was looked at.
type looks struct{ done, failed, changed atomic.Int64 }

func (l *looks) note(changed int, err error) {
	l.done.Add(1)
	l.changed.Add(int64(changed))
	if err != nil {
		l.failed.Add(1)
	}
}

// Figures is how the help desk stands, for whoever watches over it. It holds
// numbers only, nothing of anybody.
type Figures struct {
	Sessions        int64         // that are open
	MailWaiting     int64         // mails that have not left and were not given up
	MailOldest      time.Duration // how long the oldest of them has waited
	MailParked      int64         // mails that were given up
	Looks           int64         // at what the clock is to do, by this process
	LooksFailed     int64
	Due             int64         // tickets those looks have changed
	Late            time.Duration // how long the ticket that is most overdue has waited for a look
	NamesBraked     int           // names nobody can log in with at the moment, for too many failures
	AddressesBraked int
}

// Figures reads how the help desk stands.
func (d *Desk) Figures(ctx context.Context) (*Figures, error) {
	f := &Figures{Looks: d.looks.done.Load(), LooksFailed: d.looks.failed.Load(), Due: d.looks.changed.Load()}
	now := d.now()
	age := func(t time.Time) time.Duration { return max(0, now.Sub(t)) }
	err := d.db.Read(ctx, func(tx *store.ReadTx) (err error) {
		if f.Sessions, err = tx.LiveSessions(ctx, now); err != nil {
			return err
		}
		outbox, err := tx.OutboxFigures(ctx)
		if err != nil {
			return err
		}
		f.MailWaiting, f.MailParked = outbox.Waiting, outbox.Parked
		if !outbox.Oldest.IsZero() {
			f.MailOldest = age(outbox.Oldest)
		}
		for _, look := range []func(context.Context, time.Time, int) ([]store.Due, error){tx.DueActivations, tx.DueAlerts} {
			due, err := look(ctx, now, 1)
			if err != nil {
				return err
			}
			if len(due) > 0 {
				f.Late = max(f.Late, age(due[0].At))
			}
		}
		return d.countBraked(ctx, tx, f)
	})
	if err != nil {
		return nil, fmt.Errorf("reading figures: %w", err)
	}
	return f, nil
}

func (d *Desk) countBraked(ctx context.Context, tx *store.ReadTx, f *Figures) error {
	b := d.opts.Brake
	since := d.now().Add(-b.Window)
	many, err := tx.ManyFailures(ctx, since, 1)
	if err != nil {
		return err
	}
	for _, f := range d.unstored.waiting() {
		if f.at.Before(since) {
			continue
		}
		for _, subject := range f.try.subjects() {
			many[subject]++
		}
	}
	for subject, n := range many {
		switch {
		case b.PerName > 0 && n >= b.PerName && strings.HasPrefix(subject, "name:"):
			f.NamesBraked++
		case b.PerAddress > 0 && n >= b.PerAddress && strings.HasPrefix(subject, "address:"):
			f.AddressesBraked++
		}
	}
	return nil
}

// AttachmentFigures counts the attachments and their bytes. It looks at each of
// them, so it is not for every minute.
func (d *Desk) AttachmentFigures(ctx context.Context) (count, bytes int64, err error) {
	err = d.db.Read(ctx, func(tx *store.ReadTx) (err error) {
		count, bytes, err = tx.AttachmentFigures(ctx)
		return err
	})
	return count, bytes, err
}

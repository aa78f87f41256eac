package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"skranke"
	"skranke/store"
)

// The outbox holds what has to leave the house: rows written in the
// transaction that stores what they tell of. Whoever delivers mails claims one,
// sends it and says how that went:
//
//	waiting --ClaimMail--> leased --MailSent--> gone
//	   ^                     |----MailFailed--> waiting, later each time
//	   |                     |                  or parked: given up
//	   |<--- lease is over --|                    |
//	   |<----------------- RetryMail -------------|
//
// A mail is sent at least once: who dies between sending it and MailSent leaves
// it leased, and when the lease is over it is sent again, with the same
// Message-Id.

// mailLease is how long a claimed mail belongs to who claimed it. It is longer
// than any delivery may take.
const mailLease = 15 * time.Minute

// MailDeadline is how long a delivery may take after ClaimMail.
const MailDeadline = mailLease - 5*time.Minute

// How long a failed mail waits: at first, and at most. Each time doubles it.
const (
	firstMailPause = time.Minute
	maxMailPause   = 4 * time.Hour
)

// maxMailError is how much of the reason of a failure is kept, in characters.
const maxMailError = 300

// QueuedMail is a mail taken from the outbox to be sent.
type QueuedMail struct {
	ID      int64
	Created time.Time
	Mail

	lease   time.Time
	payload Mail // as it is stored
}

// MailQueued delivers a value soon after this process has committed a mail. It
// serves one listener.
func (d *Desk) MailQueued() <-chan struct{} { return d.db.Enqueued() }

// ClaimMail takes the mail that has been due longest, nil if none is. Nobody
// else gets it until MailSent or MailFailed says how it went, or the lease ends.
// Requests for passwords turn into mails here.
func (d *Desk) ClaimMail(ctx context.Context) (*QueuedMail, error) {
	for {
		var job *store.Job
		now := d.now()
		err := d.db.Read(ctx, func(tx *store.ReadTx) (err error) { // most looks find nothing and need not write
			job, err = tx.DueJob(ctx, now, JobMail, jobPassword)
			return err
		})
		if err != nil || job == nil {
			return nil, err
		}
		var mail *QueuedMail
		err = d.db.Write(ctx, func(tx *store.WriteTx) (err error) {
			mail = nil
			job, err = tx.DueJob(ctx, now, JobMail, jobPassword)
			if err != nil || job == nil {
				return err
			}
			if job.Kind == jobPassword {
				return d.answerPasswordRequest(ctx, tx, job)
			}
			mail, err = d.claim(ctx, tx, job, now)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("taking a mail from the outbox: %w", err)
		}
		if mail != nil {
			return mail, nil
		}
	}
}

// claim leases the job. A mail that cannot be sent at all, and one that nobody
// may have any more, gives nil.
func (d *Desk) claim(ctx context.Context, tx *store.WriteTx, job *store.Job, now time.Time) (*QueuedMail, error) {
	mail := &QueuedMail{ID: job.ID, Created: job.Created, lease: now.Add(mailLease)}
	if err := json.Unmarshal([]byte(job.Payload), &mail.payload); err != nil {
		job.Parked, job.LastError = now, "the row cannot be read"
		_, err := tx.UpdateJob(ctx, job)
		return nil, err
	}
	mail.Mail = mail.payload
	if mail.PasswordFor != 0 {
		wanted, err := d.writePasswordMail(ctx, tx, &mail.Mail)
		if err != nil {
			return nil, err
		}
		if !wanted {
			_, err := tx.DeleteJob(ctx, job.ID)
			return nil, err
		}
	}
	job.LeasedUntil = mail.lease
	_, err := tx.UpdateJob(ctx, job)
	return mail, err
}

// MailSent takes a mail that everybody got out of the outbox. It waits for a
// database that is away, and goes on for a moment after ctx has ended.
func (d *Desk) MailSent(ctx context.Context, m *QueuedMail) error {
	err := d.settle(ctx, func(ctx context.Context, tx *store.WriteTx) error {
		_, err := tx.DeleteJob(ctx, m.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("noting that mail %d is sent: %w", m.ID, err)
	}
	return nil
}

// MailFailure says why a mail did not reach everybody.
type MailFailure struct {
	Reason    string   // for people; without secrets
	Permanent bool     // trying again is of no use
	Left      []string // the recipients who did not get it; nil for all
}

// MailFailed puts a mail off, or parks it if it is of no use to try again or
// was tried long enough. It does nothing if the lease is over, for then the
// mail may be somebody else's. Of ctx the same holds as for MailSent.
func (d *Desk) MailFailed(ctx context.Context, m *QueuedMail, f MailFailure) error {
	now := d.now()
	err := d.settle(ctx, func(ctx context.Context, tx *store.WriteTx) error {
		job, err := tx.Job(ctx, m.ID)
		if err != nil || job == nil || !job.LeasedUntil.Equal(m.lease.Truncate(time.Millisecond)) {
			return err
		}
		if f.Left != nil {
			left := m.payload
			left.Left = f.Left
			payload, err := json.Marshal(left)
			if err != nil {
				return err
			}
			job.Payload = string(payload)
		}
		job.LeasedUntil = time.Time{}
		job.Attempts++
		job.LastError = skranke.Cut(oneLine(f.Reason), maxMailError)
		if job.FailingSince.IsZero() {
			job.FailingSince = now
		}
		job.Due = now.Add(mailPause(job.Attempts))
		if f.Permanent || job.Due.Sub(job.FailingSince) > d.opts.MailRetryFor {
			job.Parked = now
		}
		_, err = tx.UpdateJob(ctx, job)
		return err
	})
	if err != nil {
		return fmt.Errorf("noting that mail %d failed: %w", m.ID, err)
	}
	return nil
}

// mailPause is how long to wait after so many failures: twice as long each
// time, give or take a fifth, so that what failed together is not tried together.
func mailPause(failures int) time.Duration {
	pause := maxMailPause
	if failures <= 8 {
		pause = min(firstMailPause<<(failures-1), maxMailPause)
	}
	return pause + time.Duration((rand.Float64()-0.5)*0.4*float64(pause))
}

// DefaultSender is the address mails come from that are about no ticket, "" if
// none is set here.
func (d *Desk) DefaultSender(ctx context.Context) (from string, err error) {
	err = d.db.Read(ctx, func(tx *store.ReadTx) error {
		from, err = d.sender(ctx, tx, new(skranke.Ticket))
		return err
	})
	return from, err
}

// OutboxEntry is a row of the outbox as people look at it.
type OutboxEntry struct {
	ID        int64
	Kind      string
	Mail      Mail // the zero value if it is none
	Created   time.Time
	Due       time.Time
	Sending   bool // somebody is at it
	Parked    bool // given up
	Attempts  int  // that failed
	LastError string
}

// Outbox lists what has not left the house yet, by id.
func (d *Desk) Outbox(ctx context.Context) ([]OutboxEntry, error) {
	now := d.now()
	var list []OutboxEntry
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		jobs, err := tx.Outbox(ctx)
		for _, job := range jobs {
			e := OutboxEntry{
				ID: job.ID, Kind: job.Kind, Created: job.Created, Due: job.Due,
				Sending: job.LeasedUntil.After(now), Parked: !job.Parked.IsZero(),
				Attempts: job.Attempts, LastError: job.LastError,
			}
			if job.Kind == JobMail && json.Unmarshal([]byte(job.Payload), &e.Mail) != nil {
				e.Mail = Mail{}
			}
			list = append(list, e)
		}
		return err
	})
	return list, err
}

// RetryMail makes mails due at once and forgets their failures, also those of
// parked ones. Without ids it does so for all that nobody is at. It returns how
// many there were, and CodeCustomError for an id that is none, or that somebody
// is at.
func (d *Desk) RetryMail(ctx context.Context, ids ...int64) (count int, err error) {
	now := d.now()
	err = d.db.Write(ctx, func(tx *store.WriteTx) error {
		count = 0
		all := ids
		if len(ids) == 0 {
			jobs, err := tx.Outbox(ctx)
			if err != nil {
				return err
			}
			for _, job := range jobs {
				if !job.LeasedUntil.After(now) {
					all = append(all, job.ID)
				}
			}
		}
		for _, id := range all {
			job, err := tx.Job(ctx, id)
			if err != nil {
				return err
			}
			if job == nil {
				return skranke.Err(skranke.CodeCustomError, "there is no mail %d in the outbox", id)
			}
			if job.LeasedUntil.After(now) {
				return skranke.Err(skranke.CodeCustomError, "mail %d is being sent", id)
			}
			job.Due, job.Attempts, job.FailingSince, job.Parked = now, 0, time.Time{}, time.Time{}
			if _, err := tx.UpdateJob(ctx, job); err != nil {
				return err
			}
			count++
		}
		return nil
	})
	return count, err
}

// MailAttachment opens a file a mail takes along. The caller closes it. It
// returns CodeUnknownAttachment, or CodeFileNotFound if the contents are lost.
func (d *Desk) MailAttachment(ctx context.Context, id skranke.AttachmentID) (*skranke.Attachment, io.ReadCloser, error) {
	var file *skranke.Attachment
	err := d.db.Read(ctx, func(tx *store.ReadTx) (err error) {
		file, err = tx.Attachment(ctx, id)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	contents, size, err := d.db.Blobs().Open(ctx, file.SHA256)
	if err != nil {
		return nil, nil, err
	}
	if size != file.Size {
		return nil, nil, errors.Join(skranke.Err(skranke.CodeFileNotFound, "attachment %d has %d bytes, not %d", id, size, file.Size), contents.Close())
	}
	return file, contents, nil
}

package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"skranke"
	"skranke/store"
)

// OpenAttachment returns an attachment and its content, which the caller closes.
// It returns CodeUnknownAttachment if a may not have it, CodeFileNotFound if
// the file itself is missing.
//
// Spec: customer/getAttachment
func (d *Desk) OpenAttachment(ctx context.Context, a Actor, id skranke.AttachmentID) (*skranke.Attachment, io.ReadCloser, error) {
	var file *skranke.Attachment
	err := d.db.Read(ctx, func(tx *store.ReadTx) (err error) {
		if file, err = tx.Attachment(ctx, id); err != nil {
			return err
		}
		return d.checkAttachment(ctx, tx, a, file)
	})
	if err != nil {
		return nil, nil, err
	}
	content, _, err := d.db.Blobs().Open(ctx, file.SHA256)
	if err != nil {
		return nil, nil, err
	}
	return file, content, nil
}

// checkAttachment returns CodeUnknownAttachment if a customer, or somebody
// anonymous, may not have the file: one readable link is enough, and who stored
// a file that hangs on nothing may have it back.
//
// Spec: types/access, customer/getAttachment.1, customer/getAttachment.3
func (d *Desk) checkAttachment(ctx context.Context, tx *store.ReadTx, a Actor, file *skranke.Attachment) error {
	entries, err := tx.FaqEntriesWith(ctx, file.ID)
	if err != nil {
		return err
	}
	shown, err := d.anyFaqEntryShown(ctx, tx, a, entries)
	if shown || err != nil {
		return err
	}
	refused := skranke.Err(skranke.CodeUnknownAttachment, "attachment %d is not customer %d's to read", file.ID, a.Customer)
	if !a.IsCustomer() {
		return refused
	}
	messages, err := tx.AttachmentLinks(ctx, file.ID)
	if err != nil {
		return err
	}
	for _, id := range messages {
		m, err := tx.Message(ctx, id)
		if err != nil {
			return err
		}
		err = d.checkMessage(ctx, tx, a, m)
		if err == nil {
			return nil
		}
		if skranke.CodeOf(err) != skranke.CodeUnknownMessage {
			return err
		}
	}
	if len(entries)+len(messages) == 0 && file.Uploader.Customer == a.Customer {
		return nil
	}
	return refused
}

// anyFaqEntryShown says whether a sees one of the entries. While the FAQ is
// switched off nobody sees any.
func (d *Desk) anyFaqEntryShown(ctx context.Context, tx *store.ReadTx, a Actor, ids []skranke.FaqEntryID) (bool, error) {
	if len(ids) == 0 {
		return false, nil
	}
	v, err := d.faqView(ctx, tx, a)
	if skranke.CodeOf(err) == skranke.CodeNoLicense {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		e, err := tx.FaqEntry(ctx, id)
		if err != nil || v.sees(e) {
			return err == nil, err
		}
	}
	return false, nil
}

// DeleteAttachment removes an attachment that hangs on nothing; whoever may call
// the port may do it. Its file goes with the next sweep. It returns
// CodeUnknownAttachment if there is none, CodeAttachmentInUse if it is linked.
//
// Spec: customer/deleteAttachment
func (d *Desk) DeleteAttachment(ctx context.Context, a Actor, id skranke.AttachmentID) error {
	return d.db.Write(ctx, func(tx *store.WriteTx) error { return d.deleteAttachment(ctx, tx, a, id) })
}

func (d *Desk) deleteAttachment(ctx context.Context, tx *store.WriteTx, a Actor, id skranke.AttachmentID) error {
	file, err := tx.Attachment(ctx, id)
	if err != nil {
		return err
	}
	if err := tx.DeleteAttachment(ctx, id); err != nil {
		return err
	}
	return d.record(ctx, tx, a, logDeleteAttachment, rowAttachment, int64(id), changesOf(attachmentLog, file, nil))
}

// How long uploads nobody linked are kept, and files nobody names: a file is
// there before its row is.
//
// Spec: customer/addAttachment.7
const (
	keepStray = 24 * time.Hour
	keepFile  = time.Hour
)

// sweepAttachments removes uploads that were never linked, what a killed server
// left of some, and files that no attachment has any more.
func (d *Desk) sweepAttachments(ctx context.Context) error {
	now := d.now()
	err := d.db.Write(ctx, func(tx *store.WriteTx) error {
		stray, err := tx.StrayAttachments(ctx, now.Add(-keepStray))
		if err != nil {
			return err
		}
		for _, id := range stray {
			if err := d.deleteAttachment(ctx, tx, system(viaSweep), id); err != nil {
				return err
			}
		}
		return tx.PruneRemovals(ctx, now.Add(-keepRemoval))
	})
	if err != nil {
		return fmt.Errorf("sweeping uploads: %w", err)
	}
	if err := d.db.Blobs().SweepSpool(now.Add(-keepStray)); err != nil {
		return err
	}
	unused, err := d.unusedFiles(ctx, now.Add(-keepFile))
	if err != nil || len(unused) == 0 {
		return err
	}
	if err := d.claimFiles(ctx); errors.Is(err, store.ErrHeld) {
		return nil // the next sweep finds them again
	} else if err != nil {
		return err
	}
	return d.removeFiles(ctx, unused, now.Add(-keepFile))
}

// settingInstallation names the installation, so that a bucket can say whose it is.
const settingInstallation = "installation"

// claimFiles returns an error if the files belong to another installation: none
// of its files would seem to be of use. Both have been told the same bucket then.
func (d *Desk) claimFiles(ctx context.Context) error {
	mine, err := d.db.Blobs().Claim(ctx, func() (name string, err error) {
		err = d.db.Write(ctx, func(tx *store.WriteTx) error {
			settings, err := tx.Settings(ctx)
			if err != nil {
				return err
			}
			if name = settings[settingInstallation]; name != "" {
				return nil
			}
			if name, err = newKey(); err != nil {
				return err
			}
			return tx.SetSetting(ctx, settingInstallation, name)
		})
		return name, err
	})
	if err == nil && !mine {
		err = errors.New("the bucket belongs to another installation: nothing is removed; give this one a prefix of its own")
	}
	return err
}

// lookedUp is how many files are looked up at a time. Listing them may take long
// where they lie on other machines, and no transaction is to be open meanwhile.
const lookedUp = 500

// unusedFiles lists the files stored before limit that no attachment has.
func (d *Desk) unusedFiles(ctx context.Context, limit time.Time) (unused []string, err error) {
	var some []string
	lookUp := func() error {
		defer func() { some = some[:0] }()
		return d.db.Read(ctx, func(tx *store.ReadTx) error {
			for _, sha := range some {
				used, err := tx.BlobInUse(ctx, sha)
				if err != nil {
					return err
				}
				if !used {
					unused = append(unused, sha)
				}
			}
			return nil
		})
	}
	err = d.db.Blobs().Each(ctx, func(sha string, _ int64, stored time.Time) error {
		if !stored.Before(limit) {
			return nil
		}
		if some = append(some, sha); len(some) < lookedUp {
			return nil
		}
		return lookUp()
	})
	if err != nil {
		return nil, err
	}
	return unused, lookUp()
}

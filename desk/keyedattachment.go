package desk

import (
	"context"
	"crypto/subtle"
	"io"

	"skranke"
	"skranke/store"
)

// OpenKeyedAttachment returns an attachment and its content, which the caller
// closes, to who knows its key. It returns CodeUnknownAttachment if there is
// none or the key is another, CodeInvalidSessionKey to somebody anonymous unless
// a public FAQ entry has the file, CodeFileNotFound if the file itself is missing.
//
// Spec: ticket/getAttachment
func (d *Desk) OpenKeyedAttachment(ctx context.Context, a Actor, id skranke.AttachmentID, key string) (*skranke.Attachment, io.ReadCloser, error) {
	var file *skranke.Attachment
	err := d.db.Read(ctx, func(tx *store.ReadTx) (err error) {
		if file, err = tx.Attachment(ctx, id); err != nil {
			return err
		}
		if file.Key == "" || subtle.ConstantTimeCompare([]byte(key), []byte(file.Key)) == 0 {
			return skranke.Err(skranke.CodeUnknownAttachment, "not the key of attachment %d", id)
		}
		if a.User != 0 {
			return nil
		}
		entries, err := tx.FaqEntriesWith(ctx, id)
		if err != nil {
			return err
		}
		shown, err := d.anyFaqEntryShown(ctx, tx, a, entries)
		if err == nil && !shown {
			return skranke.Err(skranke.CodeInvalidSessionKey, "attachment %d is not public", id)
		}
		return err
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

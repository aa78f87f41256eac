package store

import (
	"context"
	"fmt"
	"time"

	"skranke"
)

var attachments = newTable("attachment", skranke.CodeUnknownAttachment, `
	name, content_type, size, sha256, access_key, created_at, uploader_customer_id, uploader_user_id`, "")

func scanAttachment(r *rows, a *skranke.Attachment) {
	a.ID = id[skranke.AttachmentID](r)
	a.Name = r.text()
	a.ContentType = r.text()
	a.Size = r.int64()
	a.SHA256 = r.text()
	a.Key = r.text()
	a.CreatedAt = r.moment()
	a.Uploader.Customer = id[skranke.CustomerID](r)
	a.Uploader.User = id[skranke.UserID](r)
}

func attachmentArgs(a *skranke.Attachment) []arg {
	return []arg{
		text(a.Name), text(a.ContentType), num(a.Size), text(a.SHA256), text(a.Key), moment(a.CreatedAt),
		num(a.Uploader.Customer), num(a.Uploader.User),
	}
}

// Attachment describes the attachment. It returns CodeUnknownAttachment if there is none.
func (tx *ReadTx) Attachment(ctx context.Context, id skranke.AttachmentID) (*skranke.Attachment, error) {
	a := new(skranke.Attachment)
	if err := attachments.row(ctx, tx, int64(id), func(r *rows) { scanAttachment(r, a) }); err != nil {
		return nil, err
	}
	return a, nil
}

// Attachments describes the attachments of a message in the order they were linked in.
func (tx *ReadTx) Attachments(ctx context.Context, message skranke.MessageID) ([]skranke.Attachment, error) {
	var all []skranke.Attachment
	err := tx.each(ctx, `SELECT `+attachments.columns+` FROM message_attachment ma
		JOIN attachment a ON a.id = ma.attachment_id WHERE ma.message_id = $1 ORDER BY ma.rank`,
		func(r *rows) {
			var a skranke.Attachment
			scanAttachment(r, &a)
			all = append(all, a)
		}, num(message))
	if err != nil {
		return nil, fmt.Errorf("reading attachments of message %d: %w", message, err)
	}
	return all, nil
}

// AttachmentLinks returns the ids of the messages the attachment is linked to, ascending.
func (tx *ReadTx) AttachmentLinks(ctx context.Context, attachment skranke.AttachmentID) ([]skranke.MessageID, error) {
	var links []skranke.MessageID
	err := tx.each(ctx, `SELECT DISTINCT message_id FROM message_attachment WHERE attachment_id = $1 ORDER BY message_id`,
		func(r *rows) { links = append(links, id[skranke.MessageID](r)) }, num(attachment))
	if err != nil {
		return nil, fmt.Errorf("reading links of attachment %d: %w", attachment, err)
	}
	return links, nil
}

// EachAttachment hands fn every attachment by ascending id.
func (tx *ReadTx) EachAttachment(ctx context.Context, fn func(*skranke.Attachment) error) error {
	return eachRow(ctx, tx, attachments, scanAttachment, nil, fn)
}

func (tx *ReadTx) attachmentIDs(ctx context.Context, message skranke.MessageID) ([]skranke.AttachmentID, error) {
	var ids []skranke.AttachmentID
	err := tx.each(ctx, `SELECT attachment_id FROM message_attachment WHERE message_id = $1 ORDER BY rank`,
		func(r *rows) { ids = append(ids, id[skranke.AttachmentID](r)) }, num(message))
	if err != nil {
		return nil, fmt.Errorf("reading attachments of message %d: %w", message, err)
	}
	return ids, nil
}

// InsertAttachment stores the description of a file. An ID of 0 is replaced by
// a new one. It returns ErrExists if the id is in use.
func (tx *WriteTx) InsertAttachment(ctx context.Context, a *skranke.Attachment) error {
	id, err := attachments.add(ctx, tx, int64(a.ID), attachmentArgs(a))
	if err != nil {
		return err
	}
	a.ID = skranke.AttachmentID(id)
	return nil
}

// DeleteAttachment forgets an attachment; its file stays. It returns
// CodeUnknownAttachment if there is none, CodeAttachmentInUse if anything is
// linked to it.
func (tx *WriteTx) DeleteAttachment(ctx context.Context, id skranke.AttachmentID) error {
	named, err := tx.number(ctx, attachmentNamed+` v.int_value = $1`, num(id))
	if err != nil {
		return fmt.Errorf("looking for links of attachment %d: %w", id, err)
	}
	if named != 0 {
		return skranke.Err(skranke.CodeAttachmentInUse, "an extra field points to attachment %d", id)
	}
	// Asked for instead of tried: after a refusal the caller may go on, which some
	// databases do not allow after an error.
	linked, err := tx.AttachmentLinked(ctx, id)
	if err != nil {
		return err
	}
	if linked {
		return skranke.Err(skranke.CodeAttachmentInUse, "attachment %d", id)
	}
	return attachments.drop(ctx, tx, int64(id))
}

// BlobInUse says whether an attachment has the contents of that name.
func (tx *ReadTx) BlobInUse(ctx context.Context, sha256 string) (bool, error) {
	n, err := tx.number(ctx, `SELECT 1 FROM attachment WHERE sha256 = $1 LIMIT 1`, text(sha256))
	if err != nil {
		return false, fmt.Errorf("looking for attachments with contents %s: %w", sha256, err)
	}
	return n != 0, nil
}

// attachmentNamed looks for an extra value that points to an attachment; 22 is
// skranke.ExtraAttachment.
const attachmentNamed = `SELECT 1 FROM extra_field f JOIN extra_value v ON v.field_id = f.id WHERE f.kind = 22 AND`

// AttachmentLinked says whether a message, a reply template or an FAQ entry is
// linked to the attachment.
func (tx *ReadTx) AttachmentLinked(ctx context.Context, attachment skranke.AttachmentID) (bool, error) {
	n, err := tx.number(ctx, `SELECT 1 WHERE EXISTS (SELECT 1 FROM message_attachment WHERE attachment_id = $1)
		OR EXISTS (SELECT 1 FROM template_attachment WHERE attachment_id = $1)
		OR EXISTS (SELECT 1 FROM faq_attachment WHERE attachment_id = $1)`, num(attachment))
	if err != nil {
		return false, fmt.Errorf("looking for links of attachment %d: %w", attachment, err)
	}
	return n != 0, nil
}

// StrayAttachments returns the ids of attachments that were stored before that
// time and are linked to nothing.
func (tx *ReadTx) StrayAttachments(ctx context.Context, before time.Time) ([]skranke.AttachmentID, error) {
	var stray []skranke.AttachmentID
	err := tx.each(ctx, `SELECT id FROM attachment a WHERE created_at < $1
		AND NOT EXISTS (SELECT 1 FROM message_attachment l WHERE l.attachment_id = a.id)
		AND NOT EXISTS (SELECT 1 FROM template_attachment l WHERE l.attachment_id = a.id)
		AND NOT EXISTS (SELECT 1 FROM faq_attachment l WHERE l.attachment_id = a.id)
		AND NOT EXISTS (`+attachmentNamed+` v.int_value = a.id)
		ORDER BY id`,
		func(r *rows) { stray = append(stray, id[skranke.AttachmentID](r)) }, moment(before))
	if err != nil {
		return nil, fmt.Errorf("looking for attachments linked to nothing: %w", err)
	}
	return stray, nil
}

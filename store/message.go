package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"skranke"
)

var messages = newTable("message", skranke.CodeUnknownMessage, `
	ticket_id, slevel, kind, created_at, created_by, customer_id, author, message_id, to_list, cc_list, bcc_list,
	time_spent, time_charge, important, inline_images, mail_sorter, changed_at, changed_by, debug_info,
	body, html_body, header`, "")

func scanMessage(r *rows, m *skranke.Message) {
	m.ID = id[skranke.MessageID](r)
	m.Ticket = id[skranke.TicketID](r)
	m.SLevel = id[skranke.SLevel](r)
	m.Kind = id[skranke.MessageKind](r)
	m.CreatedAt = r.moment()
	m.CreatedBy = id[skranke.UserID](r)
	m.Customer = id[skranke.CustomerID](r)
	m.Author = r.text()
	m.MessageID = r.text()
	m.To = r.list()
	m.Cc = r.list()
	m.Bcc = r.list()
	m.TimeSpent = r.int()
	m.TimeCharge = r.int()
	m.Important = r.bool()
	m.InlineImages = r.bool()
	m.MailSorter = r.text()
	m.ChangedAt = r.moment()
	m.ChangedBy = id[skranke.UserID](r)
	m.DebugInfo = r.text()
	m.Body = r.text()
	m.HTMLBody = r.text()
	m.Header = r.text()
}

func messageArgs(m *skranke.Message) []arg {
	return []arg{
		num(m.Ticket), num(m.SLevel), num(m.Kind), moment(m.CreatedAt), num(m.CreatedBy), num(m.Customer),
		text(m.Author), text(m.MessageID), list(m.To), list(m.Cc), list(m.Bcc),
		num(m.TimeSpent), num(m.TimeCharge), flag(m.Important), flag(m.InlineImages),
		text(m.MailSorter), moment(m.ChangedAt), num(m.ChangedBy), text(m.DebugInfo),
		text(m.Body), text(m.HTMLBody), text(m.Header),
	}
}

// list is a list of texts as a JSON array, "" if it is empty.
func list(items []string) arg {
	if len(items) == 0 {
		return text("")
	}
	cleaned := make([]string, len(items))
	for i, item := range items {
		cleaned[i] = clean(item)
	}
	encoded, _ := json.Marshal(cleaned) // cannot fail on texts
	return text(string(encoded))
}

// list reads what the function of that name wrote.
func (r *rows) list() []string {
	encoded := r.text()
	if encoded == "" {
		return nil
	}
	var items []string
	if err := json.Unmarshal([]byte(encoded), &items); err != nil && r.err == nil {
		r.err = fmt.Errorf("reading a list: %w", err)
	}
	return items
}

// Message returns the message with the ids of its attachments in the order
// they were linked in. It returns CodeUnknownMessage if there is none.
func (tx *ReadTx) Message(ctx context.Context, id skranke.MessageID) (*skranke.Message, error) {
	m := new(skranke.Message)
	err := messages.row(ctx, tx, int64(id), func(r *rows) { scanMessage(r, m) })
	if err != nil {
		return nil, err
	}
	return m, tx.fillMessage(ctx, m)
}

// EachMessage hands fn every message by ascending id.
func (tx *ReadTx) EachMessage(ctx context.Context, fn func(*skranke.Message) error) error {
	return eachRow(ctx, tx, messages, scanMessage, func(m *skranke.Message) error { return tx.fillMessage(ctx, m) }, fn)
}

func (tx *ReadTx) fillMessage(ctx context.Context, m *skranke.Message) error {
	var err error
	m.Attachments, err = tx.attachmentIDs(ctx, m.ID)
	return err
}

// InsertMessage stores a new message and links its attachments. An ID of 0 is
// replaced by a new one. It returns ErrExists if the id is in use, ErrReference
// for an unknown ticket or attachment.
func (tx *WriteTx) InsertMessage(ctx context.Context, m *skranke.Message) error {
	id, err := messages.add(ctx, tx, int64(m.ID), messageArgs(m))
	if err != nil {
		return err
	}
	m.ID = skranke.MessageID(id)
	return tx.addAttachmentLinks(ctx, m)
}

// UpdateMessage writes the whole message and its links anew. It returns
// CodeUnknownMessage if there is none, ErrReference for an unknown attachment.
func (tx *WriteTx) UpdateMessage(ctx context.Context, m *skranke.Message) error {
	if err := messages.change(ctx, tx, int64(m.ID), messageArgs(m)); err != nil {
		return err
	}
	before, err := tx.attachmentIDs(ctx, m.ID)
	if err != nil || slices.Equal(before, m.Attachments) {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM message_attachment WHERE message_id = $1`, num(m.ID)); err != nil {
		return fmt.Errorf("clearing attachments of message %d: %w", m.ID, err)
	}
	return tx.addAttachmentLinks(ctx, m)
}

func (tx *WriteTx) addAttachmentLinks(ctx context.Context, m *skranke.Message) error {
	for rank, attachment := range m.Attachments {
		_, err := tx.exec(ctx, `INSERT INTO message_attachment (message_id, rank, attachment_id) VALUES ($1, $2, $3)`,
			num(m.ID), num(rank), num(attachment))
		if err != nil {
			return fmt.Errorf("linking attachment %d to message %d: %w", attachment, m.ID, err)
		}
	}
	return nil
}

// LastMessageAt is when the newest message of the ticket was made, the zero
// time if it has none.
func (tx *ReadTx) LastMessageAt(ctx context.Context, ticket skranke.TicketID) (time.Time, error) {
	var last time.Time
	_, err := tx.one(ctx, `SELECT MAX(created_at) FROM message WHERE ticket_id = $1`,
		func(r *rows) { last = r.moment() }, num(ticket))
	if err != nil {
		return time.Time{}, fmt.Errorf("reading time of the last message of ticket %d: %w", ticket, err)
	}
	return last, nil
}

// TicketHasAttachment says whether any message of the ticket has an attachment.
func (tx *ReadTx) TicketHasAttachment(ctx context.Context, ticket skranke.TicketID) (bool, error) {
	n, err := tx.number(ctx, `SELECT 1 FROM message m JOIN message_attachment a ON a.message_id = m.id WHERE m.ticket_id = $1 LIMIT 1`, num(ticket))
	if err != nil {
		return false, fmt.Errorf("reading whether ticket %d has attachments: %w", ticket, err)
	}
	return n != 0, nil
}

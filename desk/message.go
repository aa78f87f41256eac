package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"skranke"
	"skranke/store"
)

// MessageView is what a caller gets of a message: the fields he named and all
// its attachments.
type MessageView struct {
	Fields      []FieldValue
	Attachments []skranke.Attachment
}

// Message returns the named fields of a message and its attachments in the
// order they were linked. Names nobody knows are skipped.
// It returns CodeUnknownMessage if a may not read the message.
//
// Spec: customer/getMessage, ticket/getMessage
func (d *Desk) Message(ctx context.Context, a Actor, id skranke.MessageID, names []string) (*MessageView, error) {
	var view *MessageView
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		m, err := tx.Message(ctx, id)
		if err != nil {
			return err
		}
		if err := d.checkMessage(ctx, tx, a, m); err != nil {
			return err
		}
		files, err := tx.Attachments(ctx, id)
		if err != nil {
			return err
		}
		view = &MessageView{Fields: messageValues(a, m, names), Attachments: files}
		return nil
	})
	return view, err
}

// checkMessage returns CodeUnknownMessage if a may not read m.
//
// Spec: types/access, customer/getMessage.4
func (d *Desk) checkMessage(ctx context.Context, tx *store.ReadTx, a Actor, m *skranke.Message) error {
	if !a.IsCustomer() {
		return nil
	}
	hidden := skranke.Err(skranke.CodeUnknownMessage, "customer %d may not read message %d", a.Customer, m.ID)
	if m.SLevel != skranke.External {
		return hidden
	}
	_, err := d.readTicket(ctx, tx, a, m.Ticket, store.TicketParts{})
	if skranke.CodeOf(err) == skranke.CodeUnknownTicket {
		return hidden
	}
	return err
}

func messageValues(a Actor, m *skranke.Message, names []string) []FieldValue {
	values := make([]FieldValue, 0, len(names))
	for _, name := range names {
		name = strings.TrimSpace(name)
		field, ok := skranke.MessageFields.Lookup(name, a.use())
		if !ok {
			continue
		}
		value := field.Of(m)
		if a.IsCustomer() && field.Name == "message.header" {
			value.Text = withoutBcc(value.Text)
		}
		values = append(values, FieldValue{Name: name, Type: field.Type, Value: value})
	}
	return values
}

// withoutBcc takes the Bcc lines, with their continuation lines, out of a raw
// mail header.
//
// Spec: customer/getMessage.6
func withoutBcc(header string) string {
	var kept strings.Builder
	dropping := false
	for line := range strings.Lines(header) {
		continues := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")
		if !continues {
			name, _, _ := strings.Cut(line, ":")
			name = strings.ToLower(strings.TrimSpace(name))
			dropping = name == "bcc" || name == "resent-bcc"
		}
		if !dropping {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// MessageDraft is a message somebody wants to add to a ticket.
type MessageDraft struct {
	Ticket      skranke.TicketID
	SLevel      skranke.SLevel
	Body        string
	HTMLBody    string                 // users only
	Template    skranke.TemplateID     // reply template to use, 0 for none; users only
	BadTemplate bool                   // a template was named that cannot exist
	Attachments []skranke.AttachmentID // 0 for an id that cannot exist
	Notify      bool                   // tell the owner; users only
	To, Cc, Bcc []string               // who gets the message by mail; users only
}

// AddMessage adds a message to a ticket and returns its id. A customer's
// message makes a closed or postponed ticket active again; a user's never
// touches the status, and is mailed to the addresses of the draft.
// It returns CodeCustomError for an unknown reply template, CodeUnknownTicket
// if a may not write to the ticket, CodeInvalidSLevel, or CodeUnknownAttachment
// if an attachment is not his to link; then nothing is stored or sent.
//
// Spec: customer/addMessage, ticket/addMessage, ticket/addMessage2, ticket/addMessage3
func (d *Desk) AddMessage(ctx context.Context, a Actor, draft MessageDraft) (skranke.MessageID, error) {
	var id skranke.MessageID
	err := d.db.Write(ctx, func(tx *store.WriteTx) error {
		template, err := d.draftTemplate(ctx, tx, a, draft)
		if err != nil {
			return err
		}
		t, err := d.writableTicket(ctx, tx, a, draft.Ticket)
		if err != nil {
			return err
		}
		if err := checkSLevel(draft.SLevel); err != nil {
			return err
		}
		files, err := linkable(ctx, tx, a, draft.Attachments)
		if err != nil {
			return err
		}
		last, err := tx.LastMessageAt(ctx, t.ID)
		if err != nil {
			return err
		}
		before := *t
		m := &skranke.Message{
			Ticket:      t.ID,
			SLevel:      draft.SLevel,
			Kind:        skranke.Plain,
			Body:        draft.Body,
			HTMLBody:    draft.HTMLBody,
			CreatedAt:   d.after(last),
			CreatedBy:   a.User,
			Attachments: files,
		}
		if a.IsCustomer() {
			err = d.customerWrote(ctx, tx, a, t, m)
		} else {
			err = d.userWrote(ctx, tx, a, t, m, draft, template)
		}
		if err != nil {
			return err
		}
		id = m.ID
		changed := a.entry(m.CreatedAt, logAddMessage, rowTicket, int64(t.ID))
		changed.Changes = ticketChanges(&before, t)
		added := a.entry(m.CreatedAt, logMessageAdded, rowMessage, int64(m.ID))
		added.Ticket, added.Message, added.Changes = t.ID, m.ID, changesOf(messageLog, nil, m)
		return tx.Log(ctx, []store.LogEntry{changed, added})
	})
	return id, err
}

// after is now, but never before a moment of the past that must stay the past,
// should the clock have been set back in between.
func (d *Desk) after(past time.Time) time.Time {
	if now := d.now(); now.After(past) {
		return now
	}
	return past
}

// writableTicket reads the whole ticket if a may add messages to it.
func (d *Desk) writableTicket(ctx context.Context, tx *store.WriteTx, a Actor, id skranke.TicketID) (*skranke.Ticket, error) {
	if !a.IsCustomer() {
		return tx.Ticket(ctx, id)
	}
	viewer := store.Viewer{Customer: a.Customer, Company: a.Company}
	read, err := tx.TicketFor(ctx, id, viewer, store.TicketParts{})
	if err != nil {
		return nil, err
	}
	if read, err = d.masterOf(ctx, &tx.ReadTx, viewer, read, store.TicketParts{}); err != nil {
		return nil, err
	}
	if !mayWrite(a, read) {
		return nil, skranke.Err(skranke.CodeUnknownTicket, "customer %d may not write to ticket %d", a.Customer, id)
	}
	return tx.Ticket(ctx, read.Ticket.ID)
}

// linkable checks that a may link the attachments and drops repetitions.
// Customers may link files that hang on nothing yet and were stored by
// themselves or anonymously; users any file.
//
// Spec: customer/addMessage.5, ticket/addMessage.6
func linkable(ctx context.Context, tx *store.WriteTx, a Actor, ids []skranke.AttachmentID) ([]skranke.AttachmentID, error) {
	files := make([]skranke.AttachmentID, 0, len(ids))
	for _, id := range ids {
		if slices.Contains(files, id) {
			continue
		}
		file, err := tx.Attachment(ctx, id)
		if err != nil {
			return nil, err
		}
		files = append(files, id)
		if !a.IsCustomer() {
			continue
		}
		linked, err := tx.AttachmentLinked(ctx, id)
		if err != nil {
			return nil, err
		}
		own := file.Uploader.User == 0 && (file.Uploader.Customer == a.Customer || file.Uploader.Customer == 0)
		if !own || linked {
			return nil, skranke.Err(skranke.CodeUnknownAttachment, "attachment %d is not customer %d's to link", id, a.Customer)
		}
	}
	return files, nil
}

// customerWrote stores a customer's message and what it does to the ticket.
//
// Spec: customer/addMessage.6, customer/addMessage.7, customer/addMessage.8
func (d *Desk) customerWrote(ctx context.Context, tx *store.WriteTx, a Actor, t *skranke.Ticket, m *skranke.Message) error {
	customer, err := tx.Customer(ctx, a.Customer)
	if err != nil {
		return err
	}
	m.CreatedBy, m.Customer = skranke.SystemUser, a.Customer
	m.Author = skranke.Cut(customer.AuthorName(), skranke.MaxAuthor)
	if err := d.reopen(ctx, tx, t); err != nil {
		return err
	}
	if t.ReadStatus == skranke.Green {
		t.ReadStatus = skranke.Yellow
	}
	return d.storeMessage(ctx, tx, t, m)
}

// reopen makes a closed or postponed ticket active again, unless its
// user-defined status forbids that.
func (d *Desk) reopen(ctx context.Context, tx *store.WriteTx, t *skranke.Ticket) error {
	if t.Status != skranke.Closed && t.Status != skranke.Postponed {
		return nil
	}
	status := t.TicketStatus
	if status == 0 {
		var err error
		if status, err = tx.DefaultTicketStatus(ctx, t.Status); err != nil {
			return err
		}
	}
	stays, err := tx.StaysOnReply(ctx, status)
	if err != nil || stays {
		return err
	}
	t.Status, t.ClosedAt, t.Activate, t.TimeToClose = skranke.Active, time.Time{}, time.Time{}, 0
	t.TicketStatus, err = tx.DefaultTicketStatus(ctx, skranke.Active)
	return err
}

// userWrote stores a user's message, mails it and tells the owner.
//
// Spec: ticket/addMessage.1, ticket/addMessage.4, ticket/addMessage2, ticket/addMessage3
func (d *Desk) userWrote(ctx context.Context, tx *store.WriteTx, a Actor, t *skranke.Ticket, m *skranke.Message, draft MessageDraft, template *skranke.ReplyTemplate) error {
	user, err := tx.User(ctx, a.User)
	if err != nil {
		return err
	}
	m.Author = skranke.Cut(user.Name(), skranke.MaxAuthor)
	letter := letter{To: addresses(draft.To), Cc: addresses(draft.Cc), Bcc: addresses(draft.Bcc), Subject: t.Title}
	letter.dropRepeated()
	m.To, m.Cc, m.Bcc = letter.To, letter.Cc, letter.Bcc
	if template != nil {
		if err := d.fillFromTemplate(ctx, tx, user, t, m, &letter, template); err != nil {
			return err
		}
	}
	if m.HTMLBody != "" {
		m.Kind = skranke.HTML
		if m.Body == "" {
			m.Body = textOf(m.HTMLBody)
		}
	}
	if m.SLevel == skranke.External {
		t.NumReplies++
		if t.RepliedAt.IsZero() {
			t.RepliedAt = m.CreatedAt
		}
	}
	if t.ReadStatus == skranke.Green && t.Owner != a.User {
		t.ReadStatus = skranke.Yellow
	}
	if letter.hasRecipients() {
		if m.MessageID, err = newMessageID(); err != nil {
			return err
		}
	}
	if err := d.storeMessage(ctx, tx, t, m); err != nil {
		return err
	}
	if letter.hasRecipients() {
		if err := d.enqueueLetter(ctx, tx, t, m, letter); err != nil {
			return err
		}
	}
	if !draft.Notify {
		return nil
	}
	return d.tellOfNewMessage(ctx, tx, a, t)
}

// storeMessage inserts m and updates its ticket.
func (d *Desk) storeMessage(ctx context.Context, tx *store.WriteTx, t *skranke.Ticket, m *skranke.Message) error {
	if err := tx.InsertMessage(ctx, m); err != nil {
		return err
	}
	t.LastChanged = m.CreatedAt
	t.NumMessages++
	t.HasAttachment = t.HasAttachment || len(m.Attachments) > 0
	if err := d.raise(ctx, tx, t, eventNewInfo); err != nil {
		return err
	}
	return tx.UpdateTicket(ctx, t)
}

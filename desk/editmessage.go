package desk

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"skranke"
	"skranke/store"
)

// settingMessageEditing says whether users may edit messages.
const settingMessageEditing = "message_editing"

// EditMessage gives a message new values, all of them or none; pairs apply in
// their order. Nobody is told, and status and escalation of the ticket stay. It
// returns CodeOperationIllegal where messages may not be edited,
// CodeUnknownMessage, or for the first pair that does not fit CodeInvalidField,
// CodeInvalidExtraField (messages have no extra fields), CodeInvalidSLevel,
// CodeUnknownTicket, CodeUnknownCustomerID or CodeUnknownUserID.
//
// Spec: ticket/editMessage
func (d *Desk) EditMessage(ctx context.Context, a Actor, id skranke.MessageID, pairs []Pair) error {
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		c, err := d.catalogOf(ctx, &tx.ReadTx)
		if err != nil {
			return err
		}
		if off(c.settings, settingMessageEditing) {
			return skranke.Err(skranke.CodeOperationIllegal, "messages may not be edited here")
		}
		m, err := tx.Message(ctx, id)
		if err != nil || len(pairs) == 0 {
			return err
		}
		before := *m
		e := &messageEdit{tx: tx, zone: d.opts.Zone, message: m}
		for _, pair := range pairs {
			if err := e.apply(ctx, pair); err != nil {
				return err
			}
		}
		if e.newHTML && m.HTMLBody != "" && !e.newKind {
			m.Kind = skranke.HTML
		}
		m.ChangedAt, m.ChangedBy = d.now(), a.User
		if err := tx.UpdateMessage(ctx, m); err != nil {
			return err
		}
		edited := a.entry(m.ChangedAt, logMessageEdited, rowMessage, int64(m.ID))
		edited.Message = m.ID
		changes := changesOf(messageLog, &before, m)
		var entries []store.LogEntry
		for by, ticket := range [...]skranke.TicketID{before.Ticket, m.Ticket} {
			if by > 0 && ticket == before.Ticket {
				continue
			}
			moved, err := messageMoved(ctx, tx, ticket, m, by)
			if err != nil {
				return err
			}
			edited.Ticket, edited.Changes = ticket, slices.Concat(changes, moved)
			entries = append(entries, edited)
		}
		return tx.Log(ctx, entries)
	})
}

// messageMoved marks a ticket as changed by the edit of m, which left it or,
// with by 1, came to it, unless it is where it was. It returns what that changed
// in the ticket.
//
// Spec: ticket/editMessage.3
func messageMoved(ctx context.Context, tx *store.WriteTx, ticket skranke.TicketID, m *skranke.Message, by int) ([]store.Change, error) {
	t, err := tx.Ticket(ctx, ticket)
	if err != nil {
		return nil, err
	}
	before := *t
	t.LastChanged = m.ChangedAt
	switch {
	case by > 0:
		t.NumMessages++
		t.HasAttachment = t.HasAttachment || len(m.Attachments) > 0
	case m.Ticket != ticket:
		t.NumMessages = max(t.NumMessages-1, 0)
		if t.HasAttachment, err = tx.TicketHasAttachment(ctx, ticket); err != nil {
			return nil, err
		}
	}
	changes := ticketChanges(&before, t)
	for i := range changes {
		changes[i].Name = "ticket." + changes[i].Name // beside values of the message
	}
	return changes, tx.UpdateTicket(ctx, t)
}

// messageEdit is a change of one message.
type messageEdit struct {
	tx      *store.WriteTx
	zone    *time.Location
	message *skranke.Message
	newHTML bool // a pair gave the HTML
	newKind bool // a pair gave the type
}

// apply makes one pair count. Names need no prefix.
//
// Spec: ticket/editMessage.1, ticket/common.6
func (e *messageEdit) apply(ctx context.Context, pair Pair) error {
	m, value := e.message, strings.TrimSpace(pair.Value)
	name := strings.TrimPrefix(skranke.Fold(strings.TrimSpace(pair.Field)), "message.")
	switch name {
	case "ticketid":
		id, _ := skranke.ParseID(value)
		m.Ticket = skranke.TicketID(id)
		_, err := e.tx.Ticket(ctx, m.Ticket)
		return err
	case "customerid":
		return e.customer(ctx, value)
	case "createdby":
		return e.creator(ctx, value)
	case "slevel":
		id, _ := skranke.ParseID(value)
		m.SLevel = skranke.SLevel(id)
		return checkSLevel(m.SLevel)
	case "createdat":
		v, _, ok := skranke.TypeDateTime.Parse(value, e.zone)
		if !ok || !v.Set {
			return unfitValue(name)
		}
		m.CreatedAt = time.UnixMilli(v.Int).UTC()
	case "type":
		return e.kind(value)
	case "author":
		m.Author = skranke.Cut(pair.Value, skranke.MaxAuthor)
	case "messageid", "message_id":
		if strings.ContainsFunc(value, unicode.IsControl) { // it stands in headers of mails
			return unfitValue(name)
		}
		return setText(Pair{name, value}, maxMailMessageID, &m.MessageID)
	case "mailsorter":
		return setText(pair, maxText, &m.MailSorter)
	case "timespent":
		return setMinutes(name, value, &m.TimeSpent)
	case "timecharge":
		return setMinutes(name, value, &m.TimeCharge)
	case "important":
		return setFlag(name, value, &m.Important)
	case "inlineimages":
		return setFlag(name, value, &m.InlineImages)
	case "emailheader":
		m.Header = pair.Value
	case "debuginfo":
		m.DebugInfo = pair.Value
	case "body":
		m.Body = pair.Value
	case "bodyhtml", "html_body", "htmlbody":
		m.HTMLBody, e.newHTML = pair.Value, true
	default:
		if strings.HasPrefix(name, "x_") {
			return skranke.Err(skranke.CodeInvalidExtraField, "no extra field %q of a message", name)
		}
		return skranke.Err(skranke.CodeInvalidField, "no field %q of a message", name)
	}
	return nil
}

func unfitValue(name string) error {
	return skranke.Err(skranke.CodeInvalidField, "value does not fit %s", name)
}

// customer says which customer wrote the message; -1 says none did.
func (e *messageEdit) customer(ctx context.Context, value string) error {
	if value == "-1" {
		e.message.Customer = 0
		return nil
	}
	id, _ := skranke.ParseID(value)
	customer, err := liveCustomer(ctx, &e.tx.ReadTx, skranke.CustomerID(id))
	if err == nil {
		e.message.Customer = customer.ID
	}
	return err
}

func (e *messageEdit) creator(ctx context.Context, value string) error {
	id, _ := skranke.ParseID(value)
	user, err := e.tx.User(ctx, skranke.UserID(id))
	if err != nil {
		return err
	}
	if user.Status == skranke.UserDeleted {
		return skranke.Err(skranke.CodeUnknownUserID, "user %d is deleted", id)
	}
	e.message.CreatedBy = user.ID
	return nil
}

func (e *messageEdit) kind(word string) error {
	e.newKind = true
	switch skranke.Fold(word) {
	case "plain", "1":
		e.message.Kind = skranke.Plain
	case "html", "2":
		e.message.Kind = skranke.HTML
	default:
		return unfitValue("type")
	}
	return nil
}

// maxMinutes is the longest time of work, that of an int of the wire.
const maxMinutes = 1<<31 - 1

// setMinutes replaces a time of work; nothing is none.
//
// Spec: ticket/editMessage.3
func setMinutes(name, value string, to *int) error {
	v, _, ok := skranke.TypeInteger.Parse(value, nil)
	if !ok || v.Int < 0 || v.Int > maxMinutes {
		return unfitValue(name)
	}
	*to = int(v.Int)
	return nil
}

func setFlag(name, value string, to *bool) error {
	v, _, ok := skranke.TypeBool.Parse(value, nil)
	if !ok {
		return unfitValue(name)
	}
	*to = v.Int != 0
	return nil
}

package desk

import (
	"strconv"
	"time"

	"skranke"
	"skranke/store"
)

// changes collects what an action changed, for the log.
type changes struct{ list []store.Change }

func (c *changes) text(what int, from, to string) {
	if from != to {
		c.list = append(c.list, store.Change{What: what, From: from, To: to})
	}
}

func (c *changes) number(what int, from, to int64) {
	c.text(what, strconv.FormatInt(from, 10), strconv.FormatInt(to, 10))
}

func (c *changes) moment(what int, from, to time.Time) {
	c.text(what, logTime(from), logTime(to))
}

// logTime is a time as the log keeps it: the same wherever it is read.
func logTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}

// ticketChanges lists the values of a ticket that differ, by their documented
// numbers.
//
// Spec: ticket/common.18
func ticketChanges(before, after *skranke.Ticket) []store.Change {
	var c changes
	c.moment(1, before.CreatedAt, after.CreatedAt)
	c.text(2, before.Title, after.Title)
	c.moment(3, before.LastChanged, after.LastChanged)
	c.moment(6, before.ClosedAt, after.ClosedAt)
	c.number(7, int64(before.TimeToClose/time.Second), int64(after.TimeToClose/time.Second))
	c.number(13, int64(before.AlertLevel), int64(after.AlertLevel))
	c.moment(14, before.AlertTimeout, after.AlertTimeout)
	c.number(17, int64(before.ReadStatus), int64(after.ReadStatus))
	c.number(20, int64(before.AlertStop/time.Second), int64(after.AlertStop/time.Second))
	c.number(22, int64(before.SLevel), int64(after.SLevel))
	c.number(23, int64(before.Category), int64(after.Category))
	c.number(24, int64(before.Priority), int64(after.Priority))
	c.text(25, customerList(before), customerList(after))
	c.number(26, int64(before.Status), int64(after.Status))
	c.moment(28, before.Activate, after.Activate)
	c.number(29, int64(before.Owner), int64(after.Owner))
	c.number(30, before.ExtTable, after.ExtTable)
	c.text(31, before.ExtKey, after.ExtKey)
	c.moment(32, before.SyncedAt, after.SyncedAt)
	for _, v := range before.Extra {
		c.text(33, extraText(v.Field, before.Extra), extraText(v.Field, after.Extra))
	}
	for _, v := range after.Extra {
		if !hasExtra(before.Extra, v.Field) {
			c.text(33, extraText(v.Field, nil), extraText(v.Field, after.Extra))
		}
	}
	c.number(35, before.TicketStatus, after.TicketStatus)
	c.moment(36, before.Deadline, after.Deadline)
	c.text(37, before.FilterAddress, after.FilterAddress)
	return c.list
}

func customerList(t *skranke.Ticket) string {
	list := ""
	for i, id := range t.Customers {
		if i > 0 {
			list += ","
		}
		list += strconv.FormatInt(int64(id), 10)
	}
	return list
}

// extraText names an extra field and its value, whatever its type.
func extraText(field skranke.ExtraFieldID, values []skranke.ExtraValue) string {
	v := extraValue(values, field)
	text := "x_" + strconv.FormatInt(int64(field), 10) + "="
	switch {
	case !v.Set:
	case v.Text != "":
		text += v.Text
	case v.Float != 0:
		text += strconv.FormatFloat(v.Float, 'f', -1, 64)
	default:
		text += strconv.FormatInt(v.Int, 10)
	}
	return text
}

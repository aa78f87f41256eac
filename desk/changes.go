package desk

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"skranke"
	"skranke/store"
)

// logged is a value of a row that the log keeps when it changes.
type logged[T any] struct {
	what int    // its documented number, 0 if it has none
	name string // as docs/import-format.md calls it
	of   func(*T) logValue
}

// logValue is a value as it is compared. It is made a text only if it changed.
type logValue struct {
	kind logKind
	n    int64
	text string
}

type logKind uint8

const (
	logKindText logKind = iota
	logKindNumber
	logKindMoment
	logKindSecret
)

func logText(s string) logValue { return logValue{text: s} }

// logNumber is a number, 0 included.
func logNumber[N ~int | ~int64 | ~uint32](n N) logValue {
	return logValue{kind: logKindNumber, n: int64(n)}
}

func logFlag(b bool) logValue {
	if b {
		return logNumber(1)
	}
	return logNumber(0)
}

// logTime is a time in milliseconds.
func logTime(at time.Time) logValue {
	if at.IsZero() {
		return logValue{}
	}
	return logValue{kind: logKindMoment, n: at.UnixMilli()}
}

func logSeconds(d time.Duration) logValue { return logNumber(int64(d / time.Second)) }

// logIDs is a list of ids.
func logIDs[ID ~int64](ids []ID) logValue {
	if len(ids) == 0 {
		return logValue{}
	}
	var b []byte
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(id), 10)
	}
	return logText(string(b))
}

func logTexts(list []string) logValue { return logText(strings.Join(list, ", ")) }

// logSecret is a value of which the log says that it changed, and nothing else.
//
// Spec: types/sec.3
func logSecret(s string) logValue { return logValue{kind: logKindSecret, text: s} }

// String is the value as the log keeps it: the same wherever it is read.
func (v logValue) String() string {
	switch v.kind {
	case logKindNumber:
		return strconv.FormatInt(v.n, 10)
	case logKindMoment:
		return time.UnixMilli(v.n).UTC().Format("2006-01-02T15:04:05.000Z")
	case logKindSecret:
		return ""
	}
	return v.text
}

// MaxLogged is how many characters of a value the log keeps, and how many of
// what two long values have in common stand before the first difference.
const (
	MaxLogged       = 2000
	maxLoggedBefore = 100
)

// logChange is a value that changed. What is long is cut: where both begin alike,
// at the beginning, so that what differs is kept.
func logChange(what int, name, from, to string) store.Change {
	if skranke.Longer(from, MaxLogged) || skranke.Longer(to, MaxLogged) {
		skip := commonPrefix(from, to)
		for n := 0; skip > 0 && n < maxLoggedBefore; n++ {
			_, size := utf8.DecodeLastRuneInString(from[:skip])
			skip -= size
		}
		from, to = cutLogged(from, skip), cutLogged(to, skip)
	}
	return store.Change{What: what, Name: name, From: from, To: to}
}

// oneChange is logChange for a value that stands alone: none if it did not change.
func oneChange(name, from, to string) []store.Change {
	if from == to {
		return nil
	}
	return []store.Change{logChange(0, name, from, to)}
}

// commonPrefix is how many bytes of whole characters both begin with.
func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) || n > 0 && n < len(b) && !utf8.RuneStart(b[n]) {
		n--
	}
	return n
}

// cutLogged drops the beginning of s and what is too much at its end.
func cutLogged(s string, skip int) string {
	if skip > 0 {
		s = "…" + s[skip:]
	}
	if skranke.Longer(s, MaxLogged) {
		s = skranke.Cut(s, MaxLogged-1) + "…"
	}
	return s
}

// changesOf lists the values in which a row differs before and after. nil is a
// row that is not there: then a value the other has none of is no change.
func changesOf[T any](values []logged[T], before, after *T) []store.Change {
	var list []store.Change
	none := new(T)
	row := func(r *T) *T {
		if r == nil {
			return none
		}
		return r
	}
	for i := range values {
		v := &values[i]
		from, to := v.of(row(before)), v.of(row(after))
		if from == to {
			continue
		}
		was, is := "", ""
		if before != nil {
			was = from.String()
		}
		if after != nil {
			is = to.String()
		}
		list = append(list, logChange(v.what, v.name, was, is))
	}
	return list
}

// extraChanges lists the extra values that differ. what is their documented
// number.
func extraChanges(what int, before, after []skranke.ExtraValue) []store.Change {
	var list []store.Change
	add := func(field skranke.ExtraFieldID) {
		from, to := extraValue(before, field), extraValue(after, field)
		if from != to {
			list = append(list, logChange(what, "x_"+strconv.FormatInt(int64(field), 10), extraText(from), extraText(to)))
		}
	}
	for _, v := range before {
		add(v.Field)
	}
	for _, v := range after {
		if !hasExtra(before, v.Field) {
			add(v.Field)
		}
	}
	return list
}

// extraText is an extra value, whatever its type.
func extraText(v skranke.Value) string {
	switch {
	case !v.Set:
		return ""
	case v.Text != "":
		return v.Text
	case v.Float != 0:
		return strconv.FormatFloat(v.Float, 'f', -1, 64)
	}
	return strconv.FormatInt(v.Int, 10)
}

// ticketLog is what the log keeps of tickets.
//
// Spec: ticket/common.18
var ticketLog = []logged[skranke.Ticket]{
	{1, "created_at", func(t *skranke.Ticket) logValue { return logTime(t.CreatedAt) }},
	{2, "title", func(t *skranke.Ticket) logValue { return logText(t.Title) }},
	{3, "last_changed", func(t *skranke.Ticket) logValue { return logTime(t.LastChanged) }},
	{6, "closed_at", func(t *skranke.Ticket) logValue { return logTime(t.ClosedAt) }},
	{7, "time_to_close", func(t *skranke.Ticket) logValue { return logSeconds(t.TimeToClose) }},
	{11, "author", func(t *skranke.Ticket) logValue { return logText(t.Author) }},
	{12, "created_by", func(t *skranke.Ticket) logValue { return logNumber(t.CreatedBy) }},
	{13, "alert_level", func(t *skranke.Ticket) logValue { return logNumber(t.AlertLevel) }},
	{14, "alert_timeout", func(t *skranke.Ticket) logValue { return logTime(t.AlertTimeout) }},
	{17, "read_status", func(t *skranke.Ticket) logValue { return logNumber(t.ReadStatus) }},
	{18, "has_attachment", func(t *skranke.Ticket) logValue { return logFlag(t.HasAttachment) }},
	{20, "alert_stop", func(t *skranke.Ticket) logValue { return logSeconds(t.AlertStop) }},
	{21, "replied_at", func(t *skranke.Ticket) logValue { return logTime(t.RepliedAt) }},
	{22, "slevel", func(t *skranke.Ticket) logValue { return logNumber(t.SLevel) }},
	{23, "category", func(t *skranke.Ticket) logValue { return logNumber(t.Category) }},
	{24, "priority", func(t *skranke.Ticket) logValue { return logNumber(t.Priority) }},
	{25, "customers", func(t *skranke.Ticket) logValue { return logIDs(t.Customers) }},
	{26, "status", func(t *skranke.Ticket) logValue { return logNumber(t.Status) }},
	{28, "activate_at", func(t *skranke.Ticket) logValue { return logTime(t.Activate) }},
	{29, "owner", func(t *skranke.Ticket) logValue { return logNumber(t.Owner) }},
	{30, "ext_table", func(t *skranke.Ticket) logValue { return logNumber(t.ExtTable) }},
	{31, "ext_key", func(t *skranke.Ticket) logValue { return logText(t.ExtKey) }},
	{32, "synced_at", func(t *skranke.Ticket) logValue { return logTime(t.SyncedAt) }},
	{35, "ticket_status", func(t *skranke.Ticket) logValue { return logNumber(t.TicketStatus) }},
	{36, "deadline", func(t *skranke.Ticket) logValue { return logTime(t.Deadline) }},
	{37, "filter_address", func(t *skranke.Ticket) logValue { return logText(t.FilterAddress) }},
	{0, "origin", func(t *skranke.Ticket) logValue { return logNumber(t.Origin) }},
	{0, "company", func(t *skranke.Ticket) logValue { return logNumber(t.Company) }},
	{0, "num_messages", func(t *skranke.Ticket) logValue { return logNumber(t.NumMessages) }},
	{0, "num_replies", func(t *skranke.Ticket) logValue { return logNumber(t.NumReplies) }},
}

// logTicketExtra is the documented number of a ticket's extra values.
const logTicketExtra = 33

// ticketChanges lists the values of a ticket that differ; before is nil for a
// new one.
func ticketChanges(before, after *skranke.Ticket) []store.Change {
	var extra []skranke.ExtraValue
	if before != nil {
		extra = before.Extra
	}
	return append(changesOf(ticketLog, before, after), extraChanges(logTicketExtra, extra, after.Extra)...)
}

// messageLog is what the log keeps of messages. The numbers above 20000 are our
// own.
//
// Spec: ticket/common.18
var messageLog = []logged[skranke.Message]{
	{10001, "ticket", func(m *skranke.Message) logValue { return logNumber(m.Ticket) }},
	{10002, "created_at", func(m *skranke.Message) logValue { return logTime(m.CreatedAt) }},
	{10003, "created_by", func(m *skranke.Message) logValue { return logNumber(m.CreatedBy) }},
	{10004, "author", func(m *skranke.Message) logValue { return logText(m.Author) }},
	{10005, "slevel", func(m *skranke.Message) logValue { return logNumber(m.SLevel) }},
	{10006, "type", func(m *skranke.Message) logValue { return logNumber(m.Kind) }},
	{10007, "message_id", func(m *skranke.Message) logValue { return logText(m.MessageID) }},
	{10008, "time_spent", func(m *skranke.Message) logValue { return logNumber(m.TimeSpent) }},
	{10009, "body", func(m *skranke.Message) logValue { return logText(m.Body) }},
	{10010, "html_body", func(m *skranke.Message) logValue { return logText(m.HTMLBody) }},
	{10011, "header", func(m *skranke.Message) logValue { return logText(m.Header) }},
	{10013, "mail_sorter", func(m *skranke.Message) logValue { return logText(m.MailSorter) }},
	{10015, "customer", func(m *skranke.Message) logValue { return logNumber(m.Customer) }},
	{10016, "debug_info", func(m *skranke.Message) logValue { return logText(m.DebugInfo) }},
	{20001, "time_charge", func(m *skranke.Message) logValue { return logNumber(m.TimeCharge) }},
	{20002, "important", func(m *skranke.Message) logValue { return logFlag(m.Important) }},
	{20003, "inline_images", func(m *skranke.Message) logValue { return logFlag(m.InlineImages) }},
	{0, "to", func(m *skranke.Message) logValue { return logTexts(m.To) }},
	{0, "cc", func(m *skranke.Message) logValue { return logTexts(m.Cc) }},
	{0, "bcc", func(m *skranke.Message) logValue { return logTexts(m.Bcc) }},
	{0, "attachments", func(m *skranke.Message) logValue { return logIDs(m.Attachments) }},
}

// customerLog is what the log keeps of customers.
var customerLog = []logged[skranke.Customer]{
	{0, "first_name", func(c *skranke.Customer) logValue { return logText(c.FirstName) }},
	{0, "last_name", func(c *skranke.Customer) logValue { return logText(c.LastName) }},
	{0, "full_name", func(c *skranke.Customer) logValue { return logText(c.FullName) }},
	{0, "user_name", func(c *skranke.Customer) logValue { return logText(c.UserName) }},
	{0, "password", func(c *skranke.Customer) logValue { return logSecret(c.PasswordHash) }},
	{0, "phone", func(c *skranke.Customer) logValue { return logText(c.Phone) }},
	{0, "cell_phone", func(c *skranke.Customer) logValue { return logText(c.CellPhone) }},
	{0, "note", func(c *skranke.Customer) logValue { return logText(c.Note) }},
	{0, "company", func(c *skranke.Customer) logValue { return logNumber(c.Company) }},
	{0, "company_access", func(c *skranke.Customer) logValue { return logFlag(c.CompanyAccess) }},
	{0, "language", func(c *skranke.Customer) logValue { return logNumber(c.Language) }},
	{0, "emails", func(c *skranke.Customer) logValue { return logTexts(c.Emails) }},
	{0, "registered", func(c *skranke.Customer) logValue { return logTime(c.Registered) }},
	{0, "updated", func(c *skranke.Customer) logValue { return logTime(c.Updated) }},
}

// customerChanges lists the values of a customer that differ; before is nil for
// a new one.
func customerChanges(before, after *skranke.Customer) []store.Change {
	var extra []skranke.ExtraValue
	if before != nil {
		extra = before.Extra
	}
	return append(changesOf(customerLog, before, after), extraChanges(0, extra, after.Extra)...)
}

// companyLog is what the log keeps of companies.
var companyLog = []logged[skranke.Company]{
	{0, "name", func(c *skranke.Company) logValue { return logText(c.Name) }},
	{0, "department", func(c *skranke.Company) logValue { return logText(c.Department) }},
	{0, "phone", func(c *skranke.Company) logValue { return logText(c.Phone) }},
	{0, "fax", func(c *skranke.Company) logValue { return logText(c.Fax) }},
	{0, "note", func(c *skranke.Company) logValue { return logText(c.Note) }},
	{0, "primary_contact", func(c *skranke.Company) logValue { return logNumber(c.PrimContact) }},
	{0, "our_contact", func(c *skranke.Company) logValue { return logNumber(c.OurContact) }},
	{0, "our_sales_contact", func(c *skranke.Company) logValue { return logNumber(c.OurSales) }},
	{0, "priority", func(c *skranke.Company) logValue { return logNumber(c.Priority) }},
	{0, "domains", func(c *skranke.Company) logValue { return logTexts(c.Domains) }},
	{0, "country", func(c *skranke.Company) logValue { return logNumber(c.Country) }},
	{0, "business", func(c *skranke.Company) logValue { return logNumber(c.Business) }},
	{0, "contact_category", func(c *skranke.Company) logValue { return logNumber(c.Category) }},
	{0, "registered", func(c *skranke.Company) logValue { return logTime(c.Registered) }},
	{0, "updated", func(c *skranke.Company) logValue { return logTime(c.Updated) }},
}

// companyChanges lists the values of a company that differ; before is nil for a
// new one.
func companyChanges(before, after *skranke.Company) []store.Change {
	var extra []skranke.ExtraValue
	if before != nil {
		extra = before.Extra
	}
	return append(changesOf(companyLog, before, after), extraChanges(0, extra, after.Extra)...)
}

// userLog is what the log keeps of users.
var userLog = []logged[skranke.User]{
	{0, "login_name", func(u *skranke.User) logValue { return logText(u.LoginName) }},
	{0, "user_name", func(u *skranke.User) logValue { return logText(u.UserName) }},
	{0, "password", func(u *skranke.User) logValue { return logSecret(u.PasswordHash) }},
	{0, "first_name", func(u *skranke.User) logValue { return logText(u.FirstName) }},
	{0, "middle_name", func(u *skranke.User) logValue { return logText(u.MiddleName) }},
	{0, "last_name", func(u *skranke.User) logValue { return logText(u.LastName) }},
	{0, "email", func(u *skranke.User) logValue { return logText(u.Email) }},
	{0, "language", func(u *skranke.User) logValue { return logText(u.Language) }},
	{0, "status", func(u *skranke.User) logValue { return logNumber(u.Status) }},
}

// attachmentLog is what the log keeps of files. Their keys are secrets.
var attachmentLog = []logged[skranke.Attachment]{
	{0, "name", func(a *skranke.Attachment) logValue { return logText(a.Name) }},
	{0, "content_type", func(a *skranke.Attachment) logValue { return logText(a.ContentType) }},
	{0, "size", func(a *skranke.Attachment) logValue { return logNumber(a.Size) }},
	{0, "sha256", func(a *skranke.Attachment) logValue { return logText(a.SHA256) }},
}

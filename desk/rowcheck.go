package desk

import (
	"context"
	"crypto/sha256"
	"io"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"skranke"
	"skranke/store"
)

// Columns hold so many code points. What a port cuts is not in the list.
//
// Spec: types/limits
const (
	maxPersonName    = 99
	maxFullName      = 199
	maxPhone         = 239
	maxEmail         = 239
	maxNote          = 2047
	maxText          = 255 // of everything without a limit of its own
	maxCompanyName   = 219
	maxUserNamePart  = 127
	maxListName      = 64 // of categories and priorities
	maxLanguageCode  = 5
	maxFieldName     = 64
	maxFieldLabel    = 128
	maxMailMessageID = 850
)

// length is a text and how long it may be.
type length struct {
	what, text string
	max        int
}

// checkLengths refuses the first text that is too long.
//
// Spec: types/limit.1
func checkLengths(lengths ...length) error {
	for _, l := range lengths {
		if skranke.Longer(l.text, l.max) {
			return skranke.Err(skranke.CodeCustomError, "%s has more than %d characters", l.what, l.max)
		}
	}
	return nil
}

// plausibleEmail says whether s has the form of an address: one @ between
// parts that are not empty, and no blanks or control characters.
func plausibleEmail(s string) bool {
	name, host, ok := strings.Cut(s, "@")
	return ok && name != "" && host != "" && !strings.Contains(host, "@") &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

func checkEmail(s string) error {
	if !plausibleEmail(s) {
		return skranke.Err(skranke.CodeCustomError, "%q is no e-mail address: want one @ between a name and a host", s)
	}
	return checkLengths(length{"e-mail address", s, maxEmail})
}

// checkCustomer checks a customer's texts. User name and addresses are trimmed.
func checkCustomer(c *skranke.Customer) error {
	c.UserName = strings.TrimSpace(c.UserName)
	for i := range c.Emails {
		c.Emails[i] = strings.TrimSpace(c.Emails[i])
		if err := checkEmail(c.Emails[i]); err != nil {
			return err
		}
	}
	if err := checkPersonCard(&c.PersonCard); err != nil {
		return err
	}
	return checkLengths(
		length{"first name", c.FirstName, maxPersonName}, length{"last name", c.LastName, maxPersonName},
		length{"full name", c.FullName, maxFullName}, length{"user name", c.UserName, skranke.MaxUserName},
		length{"phone", c.Phone, maxPhone}, length{"cell phone", c.CellPhone, maxPhone},
		length{"note", c.Note, maxNote}, length{"external key", c.ExtKey, maxText})
}

func customerRows(c *skranke.Customer) []Row {
	return append(cardRows(&c.Card), Row{rowCompany, int64(c.Company)}, Row{rowLanguage, int64(c.Language)},
		Row{rowPriority, int64(c.Priority)}, Row{rowUser, int64(c.OurContact)})
}

// customerNameFree returns CodeUserNameExists if another customer has c's user name.
//
// Spec: customer/newCustomer.3
func customerNameFree(ctx context.Context, tx *store.ReadTx, c *skranke.Customer) error {
	if c.UserName == "" || c.Deleted {
		return nil
	}
	other, err := tx.CustomerByUserName(ctx, c.UserName)
	if isRefusal(err, skranke.CodeUnknownCustomer) || err == nil && other.ID == c.ID {
		return nil
	}
	if err != nil {
		return err
	}
	return skranke.Err(skranke.CodeUserNameExists, "customer %d is called %q", other.ID, other.UserName)
}

// checkUser checks a user's texts. Names and address are trimmed.
func checkUser(u *skranke.User) error {
	u.LoginName, u.UserName, u.Email = strings.TrimSpace(u.LoginName), strings.TrimSpace(u.UserName), strings.TrimSpace(u.Email)
	if u.Email != "" {
		if err := checkEmail(u.Email); err != nil {
			return err
		}
	}
	if u.ID == skranke.SystemUser && u.Status != skranke.UserSystem {
		return skranke.Err(skranke.CodeCustomError, "user %d stands for nobody in particular: its status must stay %d", u.ID, skranke.UserSystem)
	}
	return checkLengths(
		length{"login name", u.LoginName, skranke.MaxLoginName}, length{"user name", u.UserName, skranke.MaxLoginName},
		length{"first name", u.FirstName, maxUserNamePart}, length{"middle name", u.MiddleName, maxUserNamePart},
		length{"last name", u.LastName, maxUserNamePart}, length{"language", u.Language, maxText})
}

// userNamesFree returns CodeUserNameExists if another user can be named by one
// of u's names: log-ins take either.
func userNamesFree(ctx context.Context, tx *store.WriteTx, u *skranke.User) error {
	if u.Status == skranke.UserDeleted {
		return nil
	}
	for _, name := range [...]string{u.LoginName, u.UserName} {
		if name == "" {
			continue
		}
		other, err := tx.UserByLogin(ctx, name)
		if isRefusal(err, skranke.CodeUserNotFound) || err == nil && other.ID == u.ID {
			continue
		}
		if err != nil {
			return err
		}
		return skranke.Err(skranke.CodeUserNameExists, "user %d is called %q", other.ID, name)
	}
	return nil
}

func checkCompany(c *skranke.Company) error {
	for i := range c.Domains {
		c.Domains[i] = strings.TrimSpace(c.Domains[i])
		if err := checkLengths(length{"domain", c.Domains[i], maxText}); err != nil {
			return err
		}
	}
	if err := checkCompanyCard(&c.CompanyCard); err != nil {
		return err
	}
	return checkLengths(
		length{"name", c.Name, maxCompanyName}, length{"department", c.Department, maxCompanyName},
		length{"phone", c.Phone, maxPhone}, length{"fax", c.Fax, maxPhone}, length{"external key", c.ExtKey, maxText})
}

func companyRows(c *skranke.Company) []Row {
	return append(cardRows(&c.Card),
		Row{rowCustomer, int64(c.PrimContact)}, Row{rowUser, int64(c.OurContact)}, Row{rowUser, int64(c.OurSales)},
		Row{rowPriority, int64(c.Priority)}, Row{rowLanguage, int64(c.Language)})
}

func checkCategory(c *skranke.Category) error {
	if c.Method < 0 || c.Method > skranke.DelegateNone {
		return skranke.Err(skranke.CodeCustomError, "delegation method %d is none of 0 to %d", c.Method, skranke.DelegateNone)
	}
	if c.Parent != 0 && c.Parent == c.ID {
		return skranke.Err(skranke.CodeInvalidCategory, "category %d is its own parent", c.ID)
	}
	return checkLengths(
		length{"name", c.Name, maxListName}, length{"external name", c.ExternalName, maxText},
		length{"notification address", c.NotificationEmail, maxNote})
}

func categoryRows(c *skranke.Category) []Row {
	rows := []Row{{rowCategory, int64(c.Parent)}, {rowUser, int64(c.Master)}}
	for _, m := range c.Members {
		rows = append(rows, Row{rowUser, int64(m.User)})
	}
	return rows
}

func checkLanguageCategory(c *skranke.LanguageCategory) error {
	if c.Language == 0 {
		return skranke.Err(skranke.CodeUnknownLanguage, "a language's category needs a language")
	}
	return checkLengths(length{"name", c.Name, maxText})
}

func languageCategoryRows(c *skranke.LanguageCategory) []Row {
	return []Row{{rowLanguage, int64(c.Language)}, {rowCategory, int64(c.Category)}, {rowLanguageCategory, c.Parent}}
}

func checkPriorityRow(p *skranke.Priority) error {
	for _, action := range p.Actions {
		if action < skranke.EscalateNothing || action > skranke.EscalateRestart {
			return skranke.Err(skranke.CodeCustomError, "escalation action %d is none of %d to %d", action, skranke.EscalateNothing, skranke.EscalateRestart)
		}
	}
	for i, l := range p.Levels {
		if l.Level < 1 || l.Timeout < 0 {
			return skranke.Err(skranke.CodeCustomError, "escalation levels count from 1 and take no negative time")
		}
		if slices.ContainsFunc(p.Levels[:i], func(o skranke.AlertLevel) bool { return o.Level == l.Level }) {
			return skranke.Err(skranke.CodeCustomError, "escalation level %d stands twice", l.Level)
		}
		if err := checkLengths(length{"others", l.Others, maxNote}); err != nil {
			return err
		}
	}
	for _, h := range p.Hours {
		if err := checkOfficeHours(h); err != nil {
			return err
		}
	}
	return checkLengths(length{"name", p.Name, maxListName})
}

func checkOfficeHours(h skranke.OfficeHours) error {
	if h.From < 0 || h.To < h.From || h.To > skranke.EndOfDay {
		return skranke.Err(skranke.CodeCustomError, "office hours from %v to %v: want the end after the beginning, on the same day", h.From, h.To)
	}
	if h.Date == "" && (h.Weekday < 1 || h.Weekday > 7) || h.Date != "" && h.Weekday != 0 {
		return skranke.Err(skranke.CodeCustomError, "office hours want either a weekday from 1, Monday, to 7 or a date")
	}
	if _, err := time.Parse(time.DateOnly, h.Date); h.Date != "" && err != nil {
		return skranke.Err(skranke.CodeCustomError, "office hours: %q is no date such as 2026-12-24", h.Date)
	}
	return nil
}

// priorityRows are what the levels of a priority name.
func priorityRows(p *skranke.Priority) []Row {
	var rows []Row
	for _, l := range p.Levels {
		rows = append(rows, Row{rowUser, int64(l.Reassign)}, Row{rowTemplate, int64(l.ToCustomer)},
			Row{rowTemplate, int64(l.ToOwner)}, Row{rowTemplate, int64(l.ToMaster)}, Row{rowTemplate, int64(l.ToOthers)}, Row{rowScript, int64(l.Script)})
	}
	return rows
}

func checkTicketStatus(s *skranke.TicketStatus) error {
	if s.Base < skranke.Active || s.Base > skranke.Merged {
		return skranke.Err(skranke.CodeUnknownTicketStatus, "base status %d is none of %d to %d", s.Base, skranke.Active, skranke.Merged)
	}
	return checkLengths(length{"name", s.Name, maxText})
}

func checkLanguage(l *skranke.Language) error {
	l.Code = strings.TrimSpace(l.Code)
	return checkLengths(length{"name", l.Name, maxText}, length{"code", l.Code, maxLanguageCode}, length{"virtual domain", l.VirtualDomain, maxText})
}

var fieldName = regexp.MustCompile(`^x_[a-z0-9_]+$`)

// checkExtraField checks a definition. Its default must fit its type.
func (d *Desk) checkExtraField(f *skranke.ExtraField) error {
	f.FieldName = strings.TrimSpace(f.FieldName)
	_, _, fits := f.Type().Parse(f.Default, d.opts.Zone)
	switch {
	case f.Domain < skranke.DomainTicket || f.Domain > skranke.DomainTable:
		return skranke.Err(skranke.CodeInvalidDomain, "an extra field belongs to tickets, customers, companies or an extra table")
	case (f.Table != 0) != (f.Domain == skranke.DomainTable):
		return skranke.Err(skranke.CodeUnknownExtraTable, "an extra field of the domain table, and no other, names an extra table")
	case f.Type() == 0:
		return skranke.Err(skranke.CodeInvalidExtraField, "extra field of unknown type %d", f.Kind)
	case f.Target != 0 && f.Kind != skranke.ExtraTableRow:
		return skranke.Err(skranke.CodeInvalidExtraField, "an extra field of type %s points to no extra table", f.Kind)
	case f.FieldName != "" && !fieldName.MatchString(f.FieldName):
		return skranke.Err(skranke.CodeInvalidExtraField, "database name %q is not x_ and small letters, digits and _", f.FieldName)
	case !fits:
		return skranke.Err(skranke.CodeInvalidExtraField, "default %q does not fit the type %s", f.Default, f.Kind)
	}
	return checkLengths(length{"database name", f.FieldName, maxFieldName}, length{"label", f.Label, maxFieldLabel}, length{"default", f.Default, maxText})
}

var tableName = regexp.MustCompile(`^y_[a-z0-9_]+$`)

func checkExtraTable(t *skranke.ExtraTable) error {
	t.TableName = strings.TrimSpace(t.TableName)
	if t.TableName != "" && !tableName.MatchString(t.TableName) {
		return skranke.Err(skranke.CodeCustomError, "database name %q is not y_ and small letters, digits and _", t.TableName)
	}
	return checkLengths(length{"database name", t.TableName, maxFieldName}, length{"label", t.Label, maxFieldLabel})
}

// checkRange refuses ranges that would hold nothing: somebody would wonder.
func checkRange(r *skranke.Range) error {
	r.From, r.To = strings.TrimSpace(r.From), strings.TrimSpace(r.To)
	if !slices.Contains(skranke.Ports(), r.Port) {
		return skranke.Err(skranke.CodeCustomError, "port %q is none of %q", r.Port, skranke.Ports())
	}
	for _, end := range [...]string{r.From, r.To} {
		if _, err := netip.ParseAddr(end); err != nil && (end != "" || r.From == "") {
			return skranke.Err(skranke.CodeCustomError, "%q is no network address, such as 192.0.2.7 or 2001:db8::7", end)
		}
	}
	parsed, ok := parseRange(r.From, r.To)
	if !ok || !parsed.contains(parsed.from) {
		return skranke.Err(skranke.CodeCustomError, "from %s to %s is no range: want both ends of one family, the lower first", r.From, r.To)
	}
	return nil
}

func checkTemplateFolder(f *skranke.TemplateFolder) error {
	if f.Parent != 0 && f.Parent == f.ID {
		return skranke.Err(skranke.CodeCustomError, "folder %d is its own parent", f.ID)
	}
	return checkLengths(length{"name", f.Name, skranke.MaxFolderName}, length{"description", f.Description, maxText})
}

func checkReplyTemplate(t *skranke.ReplyTemplate) error {
	return checkLengths(length{"name", t.Name, maxText}, length{"description", t.Description, maxText})
}

func replyTemplateRows(t *skranke.ReplyTemplate) []Row {
	rows := []Row{{rowTemplateFolder, int64(t.Folder)}}
	for _, b := range t.Bodies {
		rows = append(rows, Row{rowLanguage, int64(b.Language)})
	}
	return rows
}

func attachmentRows(ids []skranke.AttachmentID) []Row {
	rows := make([]Row, len(ids))
	for i, id := range ids {
		rows[i] = Row{rowAttachment, int64(id)}
	}
	return rows
}

// checkTicket checks a ticket as another system may have had it: no level and
// no status are known values of old.
func checkTicket(t *skranke.Ticket) error {
	t.Title, t.Author = skranke.Cut(t.Title, skranke.MaxTitle), skranke.Cut(t.Author, skranke.MaxAuthor)
	switch {
	case t.Status < 0 || t.Status > skranke.Merged:
		return skranke.Err(skranke.CodeCustomError, "status %d is none of 0 to %d", t.Status, skranke.Merged)
	case t.SLevel < 0 || t.SLevel > skranke.External:
		return skranke.Err(skranke.CodeInvalidSLevel, "security level %d is none of 0 to %d", t.SLevel, skranke.External)
	case t.ReadStatus < 0 || t.ReadStatus > skranke.Red:
		return skranke.Err(skranke.CodeCustomError, "read status %d is none of 0 to %d", t.ReadStatus, skranke.Red)
	case t.NumMessages < 0 || t.NumReplies < 0 || t.TimeToClose < 0:
		return skranke.Err(skranke.CodeCustomError, "a count or a time is negative")
	}
	for i, c := range t.Customers {
		if slices.Contains(t.Customers[:i], c) {
			return skranke.Err(skranke.CodeUnknownCustomerID, "customer %d stands twice", c)
		}
	}
	return checkLengths(length{"filter address", t.FilterAddress, maxText})
}

func ticketRows(t *skranke.Ticket) []Row {
	return []Row{
		{rowCategory, int64(t.Category)}, {rowPriority, int64(t.Priority)},
		{rowCategory, int64(t.OrigCategory)}, {rowPriority, int64(t.OrigPriority)},
		{rowTicketStatus, t.TicketStatus}, {rowCompany, int64(t.Company)},
		{rowUser, int64(t.Owner)}, {rowUser, int64(t.CreatedBy)}, {rowTicket, int64(t.MergedInto)},
	}
}

func checkMessageRow(m *skranke.Message) error {
	m.Author = skranke.Cut(m.Author, skranke.MaxAuthor)
	switch {
	case m.Ticket == 0:
		return skranke.Err(skranke.CodeUnknownTicket, "a message needs a ticket")
	case m.SLevel < 0 || m.SLevel > skranke.External:
		return skranke.Err(skranke.CodeInvalidSLevel, "security level %d is none of 0 to %d", m.SLevel, skranke.External)
	case m.Kind < 0 || m.Kind > skranke.HTML:
		return skranke.Err(skranke.CodeCustomError, "message type %d is none of 0 to %d", m.Kind, skranke.HTML)
	}
	return checkLengths(length{"message id", m.MessageID, maxMailMessageID}, length{"mail sorter", m.MailSorter, maxText})
}

// cleanAttachment makes name and content type fit to be stored: of the name the
// part after the last slash or backslash, without control characters.
//
// Spec: customer/addAttachment.6
func cleanAttachment(a *skranke.Attachment) {
	if i := strings.LastIndexAny(a.Name, `/\`); i >= 0 {
		a.Name = a.Name[i+1:]
	}
	drop := func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}
	a.Name = skranke.Cut(strings.Map(drop, a.Name), skranke.MaxFileName)
	if strings.TrimSpace(a.Name) == "" {
		a.Name = "attachment"
	}
	a.ContentType = skranke.Cut(a.ContentType, maxText)
	if a.ContentType == "" {
		a.ContentType = "application/octet-stream"
	}
}

// spool takes in contents, to be committed and aborted by the caller. More than
// attachments may have is CodeCustomError.
//
// Spec: types/limit.2
func (d *Desk) spool(contents io.Reader) (*store.BlobWriter, error) {
	w, err := d.db.Blobs().Create()
	if err != nil {
		return nil, err
	}
	if _, err = io.Copy(w, io.LimitReader(contents, d.opts.MaxAttachment+1)); err == nil {
		err = d.checkSize(w.Size())
	}
	if err != nil {
		w.Abort()
		return nil, err
	}
	return w, nil
}

// adopt is spool for a file with that SHA-256 that lies there already. It is gone
// when that was aborted, or after an error.
func (d *Desk) adopt(path string, sum [sha256.Size]byte) (*store.BlobWriter, error) {
	w, err := d.db.Blobs().Adopt(path, sum)
	if err != nil {
		return nil, err
	}
	if err := d.checkSize(w.Size()); err != nil {
		w.Abort()
		return nil, err
	}
	return w, nil
}

func (d *Desk) checkSize(size int64) error {
	if size > d.opts.MaxAttachment {
		return skranke.Err(skranke.CodeCustomError, "an attachment may have %d bytes", d.opts.MaxAttachment)
	}
	return nil
}

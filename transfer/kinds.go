package transfer

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"io"
	"io/fs"
	"slices"

	"skranke"
	"skranke/desk"
)

// kinds are all kinds of row in the order they are written in: what is
// referred to stands before what refers to it, as far as there is such an order.
func kinds() []kind {
	return []kind{
		kindOf(SettingTable, func(*Setting) int64 { return 0 }, eachSetting, putSetting),
		kindOf(RangeTable, func(r *skranke.Range) int64 { return int64(r.ID) }, (*desk.Outgo).Ranges, plain((*desk.Intake).PutRange)),
		kindOf(LanguageTable, func(r *skranke.Language) int64 { return int64(r.ID) }, (*desk.Outgo).Languages, plain((*desk.Intake).PutLanguage)),
		kindOf(PriorityTable, func(r *skranke.Priority) int64 { return int64(r.ID) }, (*desk.Outgo).Priorities, plain((*desk.Intake).PutPriority)),
		kindOf(TicketStatusTable, func(r *skranke.TicketStatus) int64 { return r.ID }, (*desk.Outgo).TicketStatuses, plain((*desk.Intake).PutTicketStatus)),
		kindOf(ExtraTableTable, func(r *skranke.ExtraTable) int64 { return int64(r.ID) }, (*desk.Outgo).ExtraTables, plain((*desk.Intake).PutExtraTable)),
		kindOf(ExtraFieldTable, func(r *skranke.ExtraField) int64 { return int64(r.ID) }, (*desk.Outgo).ExtraFields, plain((*desk.Intake).PutExtraField)),
		kindOf(UserTable, func(r *skranke.User) int64 { return int64(r.ID) }, (*desk.Outgo).Users, putUser),
		kindOf(CountryTable, func(r *skranke.Country) int64 { return int64(r.ID) }, (*desk.Outgo).Countries, plain((*desk.Intake).PutCountry)),
		kindOf(BusinessTable, func(r *skranke.Business) int64 { return int64(r.ID) }, (*desk.Outgo).Businesses, plain((*desk.Intake).PutBusiness)),
		kindOf(ContactCategoryTable, func(r *skranke.ContactCategory) int64 { return int64(r.ID) }, (*desk.Outgo).ContactCategories, plain((*desk.Intake).PutContactCategory)),
		kindOf(SyncAgentTable, func(r *skranke.SyncAgent) int64 { return r.ID }, (*desk.Outgo).SyncAgents, plain((*desk.Intake).PutSyncAgent)),
		kindOf(CategoryTable, func(r *skranke.Category) int64 { return int64(r.ID) }, (*desk.Outgo).Categories, plain((*desk.Intake).PutCategory)),
		kindOf(LanguageCategoryTable, func(r *skranke.LanguageCategory) int64 { return r.ID }, (*desk.Outgo).LanguageCategories, plain((*desk.Intake).PutLanguageCategory)),
		kindOf(CompanyTable, func(r *skranke.Company) int64 { return int64(r.ID) }, (*desk.Outgo).Companies, plain((*desk.Intake).PutCompany)),
		kindOf(CustomerTable, func(r *skranke.Customer) int64 { return int64(r.ID) }, (*desk.Outgo).Customers, putCustomer),
		kindOf(AttachmentTable, func(r *skranke.Attachment) int64 { return int64(r.ID) }, (*desk.Outgo).Attachments, putAttachment),
		kindOf(TemplateFolderTable, func(r *skranke.TemplateFolder) int64 { return int64(r.ID) }, (*desk.Outgo).TemplateFolders, plain((*desk.Intake).PutTemplateFolder)),
		kindOf(ReplyTemplateTable, func(r *skranke.ReplyTemplate) int64 { return int64(r.ID) }, (*desk.Outgo).ReplyTemplates, plain((*desk.Intake).PutReplyTemplate)),
		kindOf(ScriptTable, func(r *skranke.Script) int64 { return int64(r.ID) }, (*desk.Outgo).Scripts, plain((*desk.Intake).PutScript)),
		kindOf(FaqFolderTable, func(r *skranke.FaqFolder) int64 { return int64(r.ID) }, (*desk.Outgo).FaqFolders, plain((*desk.Intake).PutFaqFolder)),
		kindOf(FaqEntryTable, func(r *skranke.FaqEntry) int64 { return int64(r.ID) }, (*desk.Outgo).FaqEntries, plain((*desk.Intake).PutFaqEntry)),
		kindOf(FaqVoteTable, func(*desk.FaqBallot) int64 { return 0 }, (*desk.Outgo).FaqBallots, plain((*desk.Intake).PutFaqBallot)),
		kindOf(FaqGroupTable, func(r *skranke.FaqGroup) int64 { return int64(r.ID) }, (*desk.Outgo).FaqGroups, plain((*desk.Intake).PutFaqGroup)),
		kindOf(TicketTable, func(r *skranke.Ticket) int64 { return int64(r.ID) }, (*desk.Outgo).Tickets, plain((*desk.Intake).PutTicket)),
		kindOf(FavouriteTable, func(*skranke.Favourite) int64 { return 0 }, (*desk.Outgo).Favourites, plain((*desk.Intake).PutFavourite)),
		kindOf(MessageTable, func(r *skranke.Message) int64 { return int64(r.ID) }, (*desk.Outgo).Messages, plain((*desk.Intake).PutMessage)),
		extraRows(),
		kindOf(AuditTable, func(r *desk.AuditEntry) int64 { return r.ID }, (*desk.Outgo).AuditEntries, plain((*desk.Intake).PutAuditEntry)),
	}
}

const idDoc = "The id, from 1 to 2147483647. Without one the row is new and gets the next free id."

// SettingTable is how settings look in a file.
var SettingTable = table("setting", []column[Setting]{
	{"name", "The name of the setting.", func(s *Setting) any { return &s.Name }},
	{"value", "Its value.", func(s *Setting) any { return &s.Value }},
})

// Setting is a value kept in the database under a name.
type Setting struct{ Name, Value string }

func eachSetting(o *desk.Outgo, ctx context.Context, fn func(*Setting) error) error {
	settings, err := o.Settings(ctx)
	if err != nil {
		return err
	}
	var list []Setting
	for name, value := range settings {
		list = append(list, Setting{name, value})
	}
	slices.SortFunc(list, func(a, b Setting) int { return cmp.Compare(a.Name, b.Name) })
	for i := range list {
		if err := fn(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

func putSetting(ctx context.Context, l *loading, s *Setting, _ map[string][]byte) error {
	return l.in.PutSetting(ctx, s.Name, s.Value)
}

// RangeTable is how ranges of addresses look in a file.
var RangeTable = table("range", []column[skranke.Range]{
	{"id", idDoc, func(r *skranke.Range) any { return &r.ID }},
	{"port", "The port it opens: customer, ticket or admin.", func(r *skranke.Range) any { return &r.Port }},
	{"from", "The first address.", func(r *skranke.Range) any { return &r.From }},
	{"to", "The last address; left out for one address alone.", func(r *skranke.Range) any { return &r.To }},
})

// LanguageTable is how languages look in a file.
var LanguageTable = table("language", []column[skranke.Language]{
	{"id", idDoc, func(l *skranke.Language) any { return &l.ID }},
	{"name", "Its name, at most 255 characters.", func(l *skranke.Language) any { return &l.Name }},
	{"code", "Its code, such as nb; at most 5 characters.", func(l *skranke.Language) any { return &l.Code }},
	{"virtual_domain", "The host name customers of the language use.", func(l *skranke.Language) any { return &l.VirtualDomain }},
	{"default", "Customers without a language have this one.", func(l *skranke.Language) any { return &l.Default }},
	{"faq_root", "The faq_folder its customers' FAQ begins at; left out: the top.", func(l *skranke.Language) any { return &l.FaqRoot }},
})

// PriorityTable is how priorities look in a file.
var PriorityTable = table("priority", []column[skranke.Priority]{
	{"id", idDoc, func(p *skranke.Priority) any { return &p.ID }},
	{"name", "Its name, at most 64 characters.", func(p *skranke.Priority) any { return &p.Name }},
	{"sort_order", "A higher one is more important.", func(p *skranke.Priority) any { return &p.SortOrder }},
	{"external", "Customers may choose it.", func(p *skranke.Priority) any { return &p.External }},
	{"default", "Tickets get it when nothing else decides.", func(p *skranke.Priority) any { return &p.Default }},
	{"deleted", "It is kept for old tickets only.", func(p *skranke.Priority) any { return &p.Deleted }},
	{"deadline", "Minutes a ticket may take, 0 for any time.", func(p *skranke.Priority) any { return &p.Deadline }},
	{"actions", "What each event does to the escalation: six numbers for read, owner changed, new information, closed, priority changed, new ticket; -1 nothing, 0 stop, 1 continue, 2 restart. Left out: six times 0.", func(p *skranke.Priority) any { return &p.Actions }},
	{"levels", "Escalation levels: objects with level (1 and up), timeout (minutes after the level before), reassign (a user who gets the ticket), to_customer, to_owner, to_master, to_others (reply_templates to mail), others (addresses with commas) and script (one to run).", func(p *skranke.Priority) any { return &p.Levels }},
	{"schedule", "Deadline and escalation count office hours only.", func(p *skranke.Priority) any { return &p.Schedule }},
	{"hours", "The office hours: objects with weekday (1 Monday to 7 Sunday) or date (such as 2026-12-24, which goes before its weekday), from and to (such as 08:30; neither: closed). Left out: always open.", func(p *skranke.Priority) any { return &p.Hours }},
})

var levelTable = table("", []column[skranke.AlertLevel]{
	{"level", "The level.", func(l *skranke.AlertLevel) any { return &l.Level }},
	{"timeout", "Minutes.", func(l *skranke.AlertLevel) any { return &l.Timeout }},
	{"reassign", "The user who gets the ticket.", func(l *skranke.AlertLevel) any { return &l.Reassign }},
	{"to_customer", "The reply_template mailed to the customer.", func(l *skranke.AlertLevel) any { return &l.ToCustomer }},
	{"to_owner", "The one mailed to the owner.", func(l *skranke.AlertLevel) any { return &l.ToOwner }},
	{"to_master", "The one mailed to the master of the category.", func(l *skranke.AlertLevel) any { return &l.ToMaster }},
	{"to_others", "The one mailed to others.", func(l *skranke.AlertLevel) any { return &l.ToOthers }},
	{"others", "Their addresses, with commas.", func(l *skranke.AlertLevel) any { return &l.Others }},
	{"script", "The script that is run.", func(l *skranke.AlertLevel) any { return &l.Script }},
})

var hoursTable = table("", []column[skranke.OfficeHours]{
	{"weekday", "1 Monday to 7 Sunday.", func(h *skranke.OfficeHours) any { return &h.Weekday }},
	{"date", "A date instead.", func(h *skranke.OfficeHours) any { return &h.Date }},
	{"from", "When it opens.", func(h *skranke.OfficeHours) any { return &h.From }},
	{"to", "When it closes, 24:00 at the latest.", func(h *skranke.OfficeHours) any { return &h.To }},
})

// TicketStatusTable is how user-defined statuses look in a file.
var TicketStatusTable = table("ticket_status", []column[skranke.TicketStatus]{
	{"id", idDoc, func(s *skranke.TicketStatus) any { return &s.ID }},
	{"name", "Its name.", func(s *skranke.TicketStatus) any { return &s.Name }},
	{"base", "The base status it refines: 1 active, 2 closed, 3 postponed, 4 deleted, 5 merged.", func(s *skranke.TicketStatus) any { return &s.Base }},
	{"no_reopen", "A customer's message leaves tickets of this status as they are.", func(s *skranke.TicketStatus) any { return &s.NoReopen }},
	{"default", "Tickets of the base status get it by themselves.", func(s *skranke.TicketStatus) any { return &s.Default }},
})

// ExtraFieldTable is how definitions of extra fields look in a file.
var ExtraFieldTable = table("extra_field", []column[skranke.ExtraField]{
	{"id", idDoc + " Callers name the field x_ and this number.", func(f *skranke.ExtraField) any { return &f.ID }},
	{"domain", "What it extends: ticket, customer or company; or table: it is a column of an extra table.", func(f *skranke.ExtraField) any { return &f.Domain }},
	{"table", "The extra_table whose column it is, for domain table.", func(f *skranke.ExtraField) any { return &f.Table }},
	{"field_name", "Its database name: x_ and small letters, digits, _; at most 64 characters.", func(f *skranke.ExtraField) any { return &f.FieldName }},
	{"label", "Its outward name, at most 128 characters.", func(f *skranke.ExtraField) any { return &f.Label }},
	{"type", "The type of its values: see above.", func(f *skranke.ExtraField) any { return &f.Kind }},
	{"target", "The extra_table whose rows its values point to, for type extra-table.", func(f *skranke.ExtraField) any { return &f.Target }},
	{"flags", "Sum of: 2 public (customers see it), 16 cannot be changed once set, 256 deleted, 2048 read only, 4096 use default, 131072 not empty, 262144 hidden.", func(f *skranke.ExtraField) any { return &f.Flags }},
	{"default", "The value new tickets and rows get with flag 4096, as the ports take it.", func(f *skranke.ExtraField) any { return &f.Default }},
	{"order", "Its place in lists, the lowest first.", func(f *skranke.ExtraField) any { return &f.OrderPos }},
})

// UserTable is how users look in a file.
var UserTable = table("user", []column[skranke.User]{
	{"id", idDoc + " 1 is the system user, which stands for nobody.", func(u *skranke.User) any { return &u.ID }},
	{"login_name", "The name he logs in with, at most 63 characters; no other user has it.", func(u *skranke.User) any { return &u.LoginName }},
	{"user_name", "His user name, at most 63 characters; no other user has it. It logs in as well.", func(u *skranke.User) any { return &u.UserName }},
	{"first_name", "At most 127 characters.", func(u *skranke.User) any { return &u.FirstName }},
	{"middle_name", "At most 127 characters.", func(u *skranke.User) any { return &u.MiddleName }},
	{"last_name", "At most 127 characters.", func(u *skranke.User) any { return &u.LastName }},
	{"email", "His e-mail address.", func(u *skranke.User) any { return &u.Email }},
	{"language", "The language he works in.", func(u *skranke.User) any { return &u.Language }},
	{"status", "1 normal, 2 not available, 3 deleted, 4 read only, 127 system. Only 1 and 2 may log in.", func(u *skranke.User) any { return &u.Status }},
	{"access", "His rights, a bit each; 64 is administration, which the ticket and admin ports demand.", func(u *skranke.User) any { return &u.Access }},
	{"notify_mask", "What pops up for him, a bit for each type of notification.", func(u *skranke.User) any { return &u.NotifyMask }},
	{"email_mask", "What he is told by mail.", func(u *skranke.User) any { return &u.EmailMask }},
	{"sms_mask", "What he wants to be told by text message. Kept for other systems: skranke sends none.", func(u *skranke.User) any { return &u.SMSMask }},
	{"password_hash", hashDoc, func(u *skranke.User) any { return &u.PasswordHash }},
}, passwordField)

const hashDoc = "His password as an export writes it: argon2id, $argon2id$v=19$m=...,t=...,p=1$salt$key. An empty text takes the password away; left out, a person who exists keeps his."

var passwordField = Field{Name: "password", Type: "text", Doc: "His password as it is; it is hashed when it is read. Never written. Not together with password_hash."}

func putUser(ctx context.Context, l *loading, u *skranke.User, aside map[string][]byte) error {
	s, err := l.secret(u.PasswordHash, aside)
	if err != nil {
		return err
	}
	if err := l.in.PutUser(ctx, u, s); err != nil {
		return err
	}
	l.stored(aside, u.PasswordHash)
	return nil
}

// CategoryTable is how categories look in a file.
var CategoryTable = table("category", []column[skranke.Category]{
	{"id", idDoc, func(c *skranke.Category) any { return &c.ID }},
	{"parent", "The category above it; left out at the top.", func(c *skranke.Category) any { return &c.Parent }},
	{"name", "Its name, at most 64 characters.", func(c *skranke.Category) any { return &c.Name }},
	{"external_name", "The name customers see, at most 255 characters; left out: the name.", func(c *skranke.Category) any { return &c.ExternalName }},
	{"flags", "Sum of: 1 internal, 2 only logged-in users get tickets, 4 default to the master, 32 delegate to the customer's contact, 256 notify members.", func(c *skranke.Category) any { return &c.Flags }},
	{"method", "How an owner is picked: 1 even, 2 weighted, 3 fewest open tickets, 4 not at all.", func(c *skranke.Category) any { return &c.Method }},
	{"master", "The user who is its master.", func(c *skranke.Category) any { return &c.Master }},
	{"counter", "How many tickets were delegated by turn so far.", func(c *skranke.Category) any { return &c.Counter }},
	{"lag", "A customer's next ticket within this time goes to the same owner. The column assignment_lag of the original counts it in minutes.", func(c *skranke.Category) any { return &c.Lag }},
	{"notification_email", "Addresses, with commas, that are told of unassigned new tickets.", func(c *skranke.Category) any { return &c.NotificationEmail }},
	{"members", "Who gets its tickets: objects with user and weight.", func(c *skranke.Category) any { return &c.Members }},
})

var memberTable = table("", []column[skranke.CategoryMember]{
	{"user", "The user.", func(m *skranke.CategoryMember) any { return &m.User }},
	{"weight", "His share.", func(m *skranke.CategoryMember) any { return &m.Weight }},
})

// LanguageCategoryTable is how categories of a language look in a file.
var LanguageCategoryTable = table("language_category", []column[skranke.LanguageCategory]{
	{"id", idDoc, func(c *skranke.LanguageCategory) any { return &c.ID }},
	{"language", "The language.", func(c *skranke.LanguageCategory) any { return &c.Language }},
	{"category", "The category it stands for.", func(c *skranke.LanguageCategory) any { return &c.Category }},
	{"parent", "The language_category above it; left out at the top.", func(c *skranke.LanguageCategory) any { return &c.Parent }},
	{"name", "Its name in the language, at most 255 characters.", func(c *skranke.LanguageCategory) any { return &c.Name }},
})

// CompanyTable is how companies look in a file.
var CompanyTable = table("company", slices.Concat([]column[skranke.Company]{
	{"id", idDoc, func(c *skranke.Company) any { return &c.ID }},
	{"name", "Its name, at most 219 characters.", func(c *skranke.Company) any { return &c.Name }},
	{"department", "Its department, at most 219 characters.", func(c *skranke.Company) any { return &c.Department }},
	{"address", "Its postal address.", func(c *skranke.Company) any { return &c.Address }},
	{"phone", "At most 239 characters.", func(c *skranke.Company) any { return &c.Phone }},
	{"fax", "At most 239 characters.", func(c *skranke.Company) any { return &c.Fax }},
	{"note", "Anything about it.", func(c *skranke.Company) any { return &c.Note }},
	{"primary_contact", "The customer who speaks for it.", func(c *skranke.Company) any { return &c.PrimContact }},
	{"our_contact", "The user who looks after it.", func(c *skranke.Company) any { return &c.OurContact }},
	{"our_sales_contact", "The user who sells to it.", func(c *skranke.Company) any { return &c.OurSales }},
	{"priority", "The priority its customers' tickets get.", func(c *skranke.Company) any { return &c.Priority }},
	{"language", "The language of its customers.", func(c *skranke.Company) any { return &c.Language }},
	{"domains", "Its mail domains.", func(c *skranke.Company) any { return &c.Domains }},
	{"external_table", "Which foreign system it comes from.", func(c *skranke.Company) any { return &c.ExtTable }},
	{"external_key", "Its key there, at most 255 characters.", func(c *skranke.Company) any { return &c.ExtKey }},
	{"deleted", "It is kept for old tickets only.", func(c *skranke.Company) any { return &c.Deleted }},
	{"number1", "At most 255 characters.", func(c *skranke.Company) any { return &c.Number1 }},
	{"number2", "At most 255 characters.", func(c *skranke.Company) any { return &c.Number2 }},
	{"org_number", "The number it is registered under, at most 255 characters.", func(c *skranke.Company) any { return &c.OrgNumber }},
	{"stopped", "Nothing is to be delivered to it.", func(c *skranke.Company) any { return &c.Stopped }},
}, cardColumns(func(c *skranke.Company) *skranke.Card { return &c.Card }), []column[skranke.Company]{
	{"extra", "Values of extra fields: see above.", func(c *skranke.Company) any { return &c.Extra }},
}))

// CustomerTable is how customers look in a file.
var CustomerTable = table("customer", slices.Concat([]column[skranke.Customer]{
	{"id", idDoc, func(c *skranke.Customer) any { return &c.ID }},
	{"first_name", "At most 99 characters.", func(c *skranke.Customer) any { return &c.FirstName }},
	{"last_name", "At most 99 characters.", func(c *skranke.Customer) any { return &c.LastName }},
	{"full_name", "At most 199 characters; left out: first and last name.", func(c *skranke.Customer) any { return &c.FullName }},
	{"user_name", "The name he logs in with, at most 254 characters; no other customer who is not deleted has it.", func(c *skranke.Customer) any { return &c.UserName }},
	{"phone", "At most 239 characters.", func(c *skranke.Customer) any { return &c.Phone }},
	{"cell_phone", "At most 239 characters.", func(c *skranke.Customer) any { return &c.CellPhone }},
	{"note", "Anything about him, at most 2047 characters.", func(c *skranke.Customer) any { return &c.Note }},
	{"company", "The company he belongs to.", func(c *skranke.Customer) any { return &c.Company }},
	{"company_access", "He may see the tickets of his colleagues.", func(c *skranke.Customer) any { return &c.CompanyAccess }},
	{"language", "His language.", func(c *skranke.Customer) any { return &c.Language }},
	{"priority", "The priority his tickets get.", func(c *skranke.Customer) any { return &c.Priority }},
	{"our_contact", "The user who looks after him.", func(c *skranke.Customer) any { return &c.OurContact }},
	{"external_table", "Which foreign system he comes from.", func(c *skranke.Customer) any { return &c.ExtTable }},
	{"external_key", "His key there, at most 255 characters.", func(c *skranke.Customer) any { return &c.ExtKey }},
	{"retired", "He may not log in any more.", func(c *skranke.Customer) any { return &c.Retired }},
	{"deleted", "He is kept for old tickets only.", func(c *skranke.Customer) any { return &c.Deleted }},
	{"emails", "His e-mail addresses, the main one first.", func(c *skranke.Customer) any { return &c.Emails }},
	{"middle_name", "At most 99 characters.", func(c *skranke.Customer) any { return &c.MiddleName }},
	{"mr_mrs", "How he is addressed, at most 255 characters.", func(c *skranke.Customer) any { return &c.MrMrs }},
	{"title", "At most 255 characters.", func(c *skranke.Customer) any { return &c.Title }},
	{"salutation", "At most 255 characters.", func(c *skranke.Customer) any { return &c.Salutation }},
	{"department", "At most 255 characters.", func(c *skranke.Customer) any { return &c.Department }},
	{"initials", "At most 255 characters.", func(c *skranke.Customer) any { return &c.Initials }},
	{"number", "His number, at most 255 characters.", func(c *skranke.Customer) any { return &c.Number }},
	{"gender", "A number as the foreign system has it.", func(c *skranke.Customer) any { return &c.Gender }},
	{"birth_year", "The year he was born in.", func(c *skranke.Customer) any { return &c.BirthYear }},
	{"birth_month", "The month, 1 to 12.", func(c *skranke.Customer) any { return &c.BirthMonth }},
	{"birth_day", "The day of the month.", func(c *skranke.Customer) any { return &c.BirthDay }},
	{"rank", "His place among the people of his company.", func(c *skranke.Customer) any { return &c.Rank }},
	{"sent_info", "1 if he was told how to log in.", func(c *skranke.Customer) any { return &c.SentInfo }},
}, cardColumns(func(c *skranke.Customer) *skranke.Card { return &c.Card }), []column[skranke.Customer]{
	{"extra", "Values of extra fields: see above.", func(c *skranke.Customer) any { return &c.Extra }},
	{"password_hash", hashDoc, func(c *skranke.Customer) any { return &c.PasswordHash }},
}), passwordField)

func putCustomer(ctx context.Context, l *loading, c *skranke.Customer, aside map[string][]byte) error {
	s, err := l.secret(c.PasswordHash, aside)
	if err != nil {
		return err
	}
	if err := l.in.PutCustomer(ctx, c, s); err != nil {
		return err
	}
	l.stored(aside, c.PasswordHash)
	return nil
}

// AttachmentTable is how attachments look in a file.
var AttachmentTable = table("attachment", []column[skranke.Attachment]{
	{"id", idDoc, func(a *skranke.Attachment) any { return &a.ID }},
	{"name", "Its file name; what stands before the last slash is dropped, as are control characters and what is beyond 255 characters.", func(a *skranke.Attachment) any { return &a.Name }},
	{"content_type", "Its MIME type; left out: application/octet-stream.", func(a *skranke.Attachment) any { return &a.ContentType }},
	{"size", "Its size in bytes. It may be left out; if it stands there it must fit.", func(a *skranke.Attachment) any { return &a.Size }},
	{"sha256", "The SHA-256 of its contents in small hexadecimal digits. It may be left out; if it stands there it must fit.", func(a *skranke.Attachment) any { return &a.SHA256 }},
	{"key", "What the ticket port demands to hand it out. Left out: a new random one.", func(a *skranke.Attachment) any { return &a.Key }},
	{"created_at", "When it was stored.", func(a *skranke.Attachment) any { return &a.CreatedAt }},
	{"customer", "The customer who stored it.", func(a *skranke.Attachment) any { return &a.Uploader.Customer }},
	{"user", "The user who stored it.", func(a *skranke.Attachment) any { return &a.Uploader.User }},
}, Field{Name: "data", Type: "text", Doc: "Its contents in base64."},
	Field{Name: "file", Type: "text", Doc: "Instead of data: the name of a file with its contents, below the folder of the JSON Lines file, with slashes."})

func putAttachment(ctx context.Context, l *loading, a *skranke.Attachment, aside map[string][]byte) error {
	data, hasData := aside["data"]
	file, hasFile := aside["file"]
	var contents io.Reader
	switch {
	case hasData && hasFile:
		return badf("data and file exclude each other")
	case hasData:
		text, err := base64Text(data)
		if err != nil {
			return inField("data", err)
		}
		contents = &base64Reader{base64.NewDecoder(base64.StdEncoding, bytes.NewReader(text))}
	case hasFile:
		f, err := l.open(file)
		if err != nil {
			return inField("file", err)
		}
		defer f.Close()
		contents = f
	}
	missing, err := l.in.PutAttachment(ctx, a, contents)
	if err == nil && missing {
		l.sum.Lost++
	}
	return err
}

// base64Text is the text in a JSON string that holds base64. It is not copied
// unless something in it is escaped.
func base64Text(raw []byte) ([]byte, error) {
	if len(raw) < 2 || raw[0] != '"' {
		return nil, badf("want a text in quotes, got %s", brief(raw))
	}
	if !bytes.Contains(raw, []byte(`\`)) {
		return raw[1 : len(raw)-1], nil
	}
	var s string
	err := readString(raw, &s)
	return []byte(s), err
}

// base64Reader tells faults of the text from faults of the machine.
type base64Reader struct{ io.Reader }

func (r *base64Reader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = inField("data", badf("not base64: %v", err))
	}
	return n, err
}

// open opens the file a field names.
func (l *loading) open(raw []byte) (fs.File, error) {
	var name string
	if err := readString(raw, &name); err != nil {
		return nil, err
	}
	if l.opts.Files == nil {
		return nil, badf("%q cannot be found: what is imported is no file with a folder", name)
	}
	// A pipe may never end, and everybody who writes would wait for it.
	info, err := fs.Stat(l.opts.Files, name)
	if err != nil {
		return nil, badf("%v", err)
	}
	if !info.Mode().IsRegular() {
		return nil, badf("%q is no file", name)
	}
	f, err := l.opts.Files.Open(name)
	if err != nil {
		return nil, badf("%v", err)
	}
	return f, nil
}

// TemplateFolderTable is how folders of reply templates look in a file.
var TemplateFolderTable = table("template_folder", []column[skranke.TemplateFolder]{
	{"id", idDoc, func(f *skranke.TemplateFolder) any { return &f.ID }},
	{"parent", "The folder above it; left out at the top.", func(f *skranke.TemplateFolder) any { return &f.Parent }},
	{"name", "Its name, at most 64 characters.", func(f *skranke.TemplateFolder) any { return &f.Name }},
	{"description", "At most 255 characters.", func(f *skranke.TemplateFolder) any { return &f.Description }},
})

// ReplyTemplateTable is how reply templates look in a file.
var ReplyTemplateTable = table("reply_template", []column[skranke.ReplyTemplate]{
	{"id", idDoc, func(t *skranke.ReplyTemplate) any { return &t.ID }},
	{"folder", "The folder it lies in.", func(t *skranke.ReplyTemplate) any { return &t.Folder }},
	{"name", "Its name, at most 255 characters.", func(t *skranke.ReplyTemplate) any { return &t.Name }},
	{"description", "At most 255 characters.", func(t *skranke.ReplyTemplate) any { return &t.Description }},
	{"bodies", "A body in each language: objects with id, language, flags (sum of: 1 default, 2 has plain text, 4 has HTML), subject, header, plain, html.", func(t *skranke.ReplyTemplate) any { return &t.Bodies }},
	{"attachments", "The attachments that go with it, in order.", func(t *skranke.ReplyTemplate) any { return &t.Attachments }},
})

// ScriptTable is how scripts look in a file.
var ScriptTable = table("script", []column[skranke.Script]{
	{"id", idDoc, func(s *skranke.Script) any { return &s.ID }},
	{"include_id", "Its name, by which callers run it, at most 255 characters; no other script has it, whatever the case.", func(s *skranke.Script) any { return &s.IncludeID }},
	{"description", "What it is for.", func(s *skranke.Script) any { return &s.Description }},
	{"source", "Its JavaScript.", func(s *skranke.Script) any { return &s.Source }},
})

var bodyTable = table("", []column[skranke.TemplateBody]{
	{"id", "The id.", func(b *skranke.TemplateBody) any { return &b.ID }},
	{"language", "The language.", func(b *skranke.TemplateBody) any { return &b.Language }},
	{"flags", "The flags.", func(b *skranke.TemplateBody) any { return &b.Flags }},
	{"subject", "The subject.", func(b *skranke.TemplateBody) any { return &b.Subject }},
	{"header", "Further header lines.", func(b *skranke.TemplateBody) any { return &b.Header }},
	{"plain", "The plain text.", func(b *skranke.TemplateBody) any { return &b.Plain }},
	{"html", "The HTML.", func(b *skranke.TemplateBody) any { return &b.HTML }},
})

// TicketTable is how tickets look in a file.
var TicketTable = table("ticket", []column[skranke.Ticket]{
	{"id", idDoc, func(t *skranke.Ticket) any { return &t.ID }},
	{"title", "Its title, cut after 255 characters.", func(t *skranke.Ticket) any { return &t.Title }},
	{"created_at", "When it was made.", func(t *skranke.Ticket) any { return &t.CreatedAt }},
	{"last_changed", "When it was changed last.", func(t *skranke.Ticket) any { return &t.LastChanged }},
	{"replied_at", "When the customer was answered first.", func(t *skranke.Ticket) any { return &t.RepliedAt }},
	{"closed_at", "When it was closed.", func(t *skranke.Ticket) any { return &t.ClosedAt }},
	{"activate_at", "When it wakes up, while it is postponed.", func(t *skranke.Ticket) any { return &t.Activate }},
	{"read_by_customer", "When a customer of it read it last.", func(t *skranke.Ticket) any { return &t.ReadByCustomer }},
	{"read_by_owner", "When its owner read it last.", func(t *skranke.Ticket) any { return &t.ReadByOwner }},
	{"category", "Its category.", func(t *skranke.Ticket) any { return &t.Category }},
	{"priority", "Its priority.", func(t *skranke.Ticket) any { return &t.Priority }},
	{"original_category", "The category it was made in.", func(t *skranke.Ticket) any { return &t.OrigCategory }},
	{"original_priority", "The priority it was made with.", func(t *skranke.Ticket) any { return &t.OrigPriority }},
	{"status", "1 active, 2 closed, 3 postponed, 4 deleted, 5 merged.", func(t *skranke.Ticket) any { return &t.Status }},
	{"ticket_status", "Its user-defined status.", func(t *skranke.Ticket) any { return &t.TicketStatus }},
	{"slevel", "1 internal, 2 external: customers see it.", func(t *skranke.Ticket) any { return &t.SLevel }},
	{"read_status", "1 read by the owner, 2 new information, 3 unread.", func(t *skranke.Ticket) any { return &t.ReadStatus }},
	{"origin", "Where it came from: 1 mail, 2 SMS, 3 fax, 4 phone, 5 Facebook, 6 Twitter, 7 inside, 8 customer portal, 9 e-marketing, 10 generated, 11 chat, 12 form.", func(t *skranke.Ticket) any { return &t.Origin }},
	{"has_attachment", "Some message of it has an attachment.", func(t *skranke.Ticket) any { return &t.HasAttachment }},
	{"num_messages", "How many messages it has.", func(t *skranke.Ticket) any { return &t.NumMessages }},
	{"num_replies", "How many of them answer the customer.", func(t *skranke.Ticket) any { return &t.NumReplies }},
	{"time_to_close", "From creation to closing, while it is closed.", func(t *skranke.Ticket) any { return &t.TimeToClose }},
	{"customers", "Its customers, the primary one first.", func(t *skranke.Ticket) any { return &t.Customers }},
	{"company", "The company of the primary customer when it was made.", func(t *skranke.Ticket) any { return &t.Company }},
	{"owner", "The user who owns it; 1 is nobody.", func(t *skranke.Ticket) any { return &t.Owner }},
	{"created_by", "The user who made it; 1 is somebody from outside.", func(t *skranke.Ticket) any { return &t.CreatedBy }},
	{"author", "The name of who made it, cut after 255 characters.", func(t *skranke.Ticket) any { return &t.Author }},
	{"merged_into", "The ticket that stands for it, with status 5.", func(t *skranke.Ticket) any { return &t.MergedInto }},
	{"filter_address", "The address its mail came to, at most 255 characters.", func(t *skranke.Ticket) any { return &t.FilterAddress }},
	{"ext_table", "The foreign system it is kept in step with.", func(t *skranke.Ticket) any { return &t.ExtTable }},
	{"ext_key", "Its key there, at most 255 characters.", func(t *skranke.Ticket) any { return &t.ExtKey }},
	{"synced_at", "When it was last compared with that.", func(t *skranke.Ticket) any { return &t.SyncedAt }},
	{"alert_level", "The escalation level it has reached.", func(t *skranke.Ticket) any { return &t.AlertLevel }},
	{"alert_timeout", "When it reaches the next one.", func(t *skranke.Ticket) any { return &t.AlertTimeout }},
	{"alert_stop", "What was left until then when the counting stopped.", func(t *skranke.Ticket) any { return &t.AlertStop }},
	{"deadline", "When it should be closed.", func(t *skranke.Ticket) any { return &t.Deadline }},
	{"extra", "Values of extra fields: see above.", func(t *skranke.Ticket) any { return &t.Extra }},
})

// FavouriteTable is how favourites of users look in a file.
var FavouriteTable = table("favourite", []column[skranke.Favourite]{
	{"user", "The user whose favourite it is.", func(f *skranke.Favourite) any { return &f.User }},
	{"ticket", "The ticket he keeps an eye on.", func(f *skranke.Favourite) any { return &f.Ticket }},
})

// MessageTable is how messages look in a file.
var MessageTable = table("message", []column[skranke.Message]{
	{"id", idDoc, func(m *skranke.Message) any { return &m.ID }},
	{"ticket", "The ticket it belongs to.", func(m *skranke.Message) any { return &m.Ticket }},
	{"slevel", "1 internal, 2 external: customers see it.", func(m *skranke.Message) any { return &m.SLevel }},
	{"type", "1 plain, 2 with HTML.", func(m *skranke.Message) any { return &m.Kind }},
	{"created_at", "When it was written. Messages are listed in this order.", func(m *skranke.Message) any { return &m.CreatedAt }},
	{"created_by", "The user who wrote it; 1 is somebody from outside.", func(m *skranke.Message) any { return &m.CreatedBy }},
	{"customer", "The customer who wrote it.", func(m *skranke.Message) any { return &m.Customer }},
	{"author", "The name of who wrote it, cut after 255 characters.", func(m *skranke.Message) any { return &m.Author }},
	{"to", "Who got it by mail.", func(m *skranke.Message) any { return &m.To }},
	{"cc", "Who got a copy.", func(m *skranke.Message) any { return &m.Cc }},
	{"bcc", "Who got a copy unseen by the others.", func(m *skranke.Message) any { return &m.Bcc }},
	{"message_id", "Its Message-Id as a mail, at most 850 characters.", func(m *skranke.Message) any { return &m.MessageID }},
	{"header", "Its header as a mail, as it came.", func(m *skranke.Message) any { return &m.Header }},
	{"time_spent", "Minutes of work it took.", func(m *skranke.Message) any { return &m.TimeSpent }},
	{"time_charge", "Minutes to be paid for.", func(m *skranke.Message) any { return &m.TimeCharge }},
	{"important", "It is marked as important.", func(m *skranke.Message) any { return &m.Important }},
	{"inline_images", "Its HTML holds the addresses of its images already.", func(m *skranke.Message) any { return &m.InlineImages }},
	{"mail_sorter", "The rule that sorted its mail in, at most 255 characters.", func(m *skranke.Message) any { return &m.MailSorter }},
	{"debug_info", "Notes of programs about it.", func(m *skranke.Message) any { return &m.DebugInfo }},
	{"changed_at", "When it was last edited.", func(m *skranke.Message) any { return &m.ChangedAt }},
	{"changed_by", "The user who edited it.", func(m *skranke.Message) any { return &m.ChangedBy }},
	{"body", "Its plain text.", func(m *skranke.Message) any { return &m.Body }},
	{"html_body", "Its HTML.", func(m *skranke.Message) any { return &m.HTMLBody }},
	{"attachments", "Its attachments, in order.", func(m *skranke.Message) any { return &m.Attachments }},
})

// FaqFolderTable is how folders of the FAQ look in a file.
var FaqFolderTable = table("faq_folder", []column[skranke.FaqFolder]{
	{"id", idDoc, func(f *skranke.FaqFolder) any { return &f.ID }},
	{"parent", "The folder above it; left out at the top.", func(f *skranke.FaqFolder) any { return &f.Parent }},
	{"name", "Its name, at most 64 characters.", func(f *skranke.FaqFolder) any { return &f.Name }},
	{"description", "What it is about.", func(f *skranke.FaqFolder) any { return &f.Description }},
	{"access", "Who may see it: private, internal, registered or everyone.", func(f *skranke.FaqFolder) any { return &f.Access }},
	{"access_check", "A script of another system that decided who sees it.", func(f *skranke.FaqFolder) any { return &f.AccessCheck }},
	{"sort_order", "Its place in lists, the lowest first.", func(f *skranke.FaqFolder) any { return &f.SortOrder }},
	{"source", "The path it was made from; no other folder has it.", func(f *skranke.FaqFolder) any { return &f.Source }},
})

// FaqEntryTable is how entries of the FAQ look in a file.
var FaqEntryTable = table("faq_entry", []column[skranke.FaqEntry]{
	{"id", idDoc, func(e *skranke.FaqEntry) any { return &e.ID }},
	{"folder", "The folder it lies in; left out at the top.", func(e *skranke.FaqEntry) any { return &e.Folder }},
	{"title", "Its title, at most 255 characters.", func(e *skranke.FaqEntry) any { return &e.Title }},
	{"question", "The question.", func(e *skranke.FaqEntry) any { return &e.Question }},
	{"answer", "The answer.", func(e *skranke.FaqEntry) any { return &e.Answer }},
	{"html", "The answer is HTML.", func(e *skranke.FaqEntry) any { return &e.HTML }},
	{"keywords", "Words a search finds it by, never shown.", func(e *skranke.FaqEntry) any { return &e.Keywords }},
	{"access", "Who may see it: private, internal, registered or everyone.", func(e *skranke.FaqEntry) any { return &e.Access }},
	{"state", "unpublished, published or expired.", func(e *skranke.FaqEntry) any { return &e.State }},
	{"publish_at", "Not shown before.", func(e *skranke.FaqEntry) any { return &e.PublishAt }},
	{"expire_at", "Not shown after.", func(e *skranke.FaqEntry) any { return &e.ExpireAt }},
	{"created_at", "When it was made.", func(e *skranke.FaqEntry) any { return &e.CreatedAt }},
	{"changed_at", "When it was changed last.", func(e *skranke.FaqEntry) any { return &e.ChangedAt }},
	{"created_by", "The user who made it.", func(e *skranke.FaqEntry) any { return &e.CreatedBy }},
	{"sort_order", "Its place in lists, the lowest first.", func(e *skranke.FaqEntry) any { return &e.SortOrder }},
	{"source", "The path it was made from; no other entry has it.", func(e *skranke.FaqEntry) any { return &e.Source }},
	{"read_count", "How often it was read.", func(e *skranke.FaqEntry) any { return &e.ReadCount }},
	{"votes", "How many votes it has, those of faq_vote among them.", func(e *skranke.FaqEntry) any { return &e.Votes }},
	{"vote_sum", "All votes together, each taken ten times.", func(e *skranke.FaqEntry) any { return &e.VoteSum }},
	{"links", "Links: objects with name and url, at most 255 characters each.", func(e *skranke.FaqEntry) any { return &e.Links }},
	{"attachments", "Its attachments, in order.", func(e *skranke.FaqEntry) any { return &e.Attachments }},
})

var linkTable = table("", []column[skranke.FaqLink]{
	{"name", "The name.", func(l *skranke.FaqLink) any { return &l.Name }},
	{"url", "The address.", func(l *skranke.FaqLink) any { return &l.URL }},
})

// FaqVoteTable is how customers' votes for entries of the FAQ look in a file.
var FaqVoteTable = table("faq_vote", []column[desk.FaqBallot]{
	{"entry", "The entry it is for.", func(b *desk.FaqBallot) any { return &b.Entry }},
	{"customer", "The customer who voted.", func(b *desk.FaqBallot) any { return &b.Customer }},
	{"vote", "0 to 10.", func(b *desk.FaqBallot) any { return &b.Vote }},
	{"at", "When he voted.", func(b *desk.FaqBallot) any { return &b.At }},
})

// FaqGroupTable is how groups of FAQ entries look in a file.
var FaqGroupTable = table("faq_group", []column[skranke.FaqGroup]{
	{"id", idDoc, func(g *skranke.FaqGroup) any { return &g.ID }},
	{"folder", "The folder it is shown in; left out at the top.", func(g *skranke.FaqGroup) any { return &g.Folder }},
	{"description", "What it is about.", func(g *skranke.FaqGroup) any { return &g.Description }},
	{"entries", "Its entries: objects with entry and position.", func(g *skranke.FaqGroup) any { return &g.Entries }},
})

var groupEntryTable = table("", []column[skranke.FaqGroupEntry]{
	{"entry", "The entry.", func(e *skranke.FaqGroupEntry) any { return &e.Entry }},
	{"position", "Its place, the lowest first.", func(e *skranke.FaqGroupEntry) any { return &e.SortPos }},
})

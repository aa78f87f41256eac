package store

import "skranke"

// reference is a column that names rows of a table, by their ids.
type reference struct {
	table, key, column, to string
	where                  string // which rows
}

// references are the columns that name rows of other tables, 0 for none, and
// are not declared to. Conditions have AND before them. A column that ends in _id
// stands here, is declared, or is in namesNothing.
var references = []reference{
	{"language", "id", "faq_root_id", "faq_folder", ""},
	{"language_category", "id", "language_id", "language", ""},
	{"language_category", "id", "category_id", "category", ""},
	{"language_category", "id", "parent_id", "language_category", ""},
	{"priority_level", "priority_id, level", "reassign", "agent", ""},
	{"priority_level", "priority_id, level", "to_customer", "template", ""},
	{"priority_level", "priority_id, level", "to_owner", "template", ""},
	{"priority_level", "priority_id, level", "to_master", "template", ""},
	{"priority_level", "priority_id, level", "to_others", "template", ""},
	{"priority_level", "priority_id, level", "script", "script", ""},
	{"category", "id", "parent_id", "category", ""},
	{"category", "id", "master_id", "agent", ""},
	{"category_member", "category_id, rank", "user_id", "agent", ""},
	{"extra_field", "id", "table_id", "extra_table", ""},
	{"extra_field", "id", "target_id", "extra_table", ""},
	{"extra_table", "id", "display_id", "extra_field", ""},
	{"extra_table", "id", "order_id", "extra_field", ""},
	{"extra_value", "domain, owner_id, field_id", "field_id", "extra_field", ""},
	{"extra_value", "domain, owner_id, field_id", "owner_id", "ticket", " AND t.domain = 1"},
	{"extra_value", "domain, owner_id, field_id", "owner_id", "customer", " AND t.domain = 2"},
	{"extra_value", "domain, owner_id, field_id", "owner_id", "company", " AND t.domain = 3"},
	{"company", "id", "prim_contact_id", "customer", ""},
	{"company", "id", "our_contact_id", "agent", ""},
	{"company", "id", "our_sales_id", "agent", ""},
	{"company", "id", "priority_id", "priority", ""},
	{"company", "id", "language_id", "language", ""},
	{"company", "id", "country_id", "country", ""},
	{"company", "id", "business_id", "business", ""},
	{"company", "id", "contact_category_id", "contact_category", ""},
	{"customer", "id", "company_id", "company", ""},
	{"customer", "id", "our_contact_id", "agent", ""},
	{"customer", "id", "priority_id", "priority", ""},
	{"customer", "id", "language_id", "language", ""},
	{"customer", "id", "country_id", "country", ""},
	{"customer", "id", "business_id", "business", ""},
	{"customer", "id", "contact_category_id", "contact_category", ""},
	{"ticket", "id", "category_id", "category", ""},
	{"ticket", "id", "priority_id", "priority", ""},
	{"ticket", "id", "orig_category_id", "category", ""},
	{"ticket", "id", "orig_priority_id", "priority", ""},
	{"ticket", "id", "ticket_status_id", "ticket_status", ""},
	{"ticket", "id", "customer_id", "customer", ""},
	{"ticket", "id", "company_id", "company", ""},
	{"ticket", "id", "owner_id", "agent", ""},
	{"ticket", "id", "created_by", "agent", ""},
	{"ticket", "id", "merged_into", "ticket", ""},
	{"ticket_read", "ticket_id", "ticket_id", "ticket", ""},
	{"ticket_read", "ticket_id", "customer_id", "customer", ""},
	{"message", "id", "created_by", "agent", ""},
	{"message", "id", "changed_by", "agent", ""},
	{"message", "id", "customer_id", "customer", ""},
	{"attachment", "id", "uploader_customer_id", "customer", ""},
	{"attachment", "id", "uploader_user_id", "agent", ""},
	{"template_folder", "id", "parent_id", "template_folder", ""},
	{"template", "id", "folder_id", "template_folder", ""},
	{"template_body", "id", "language_id", "language", ""},
	{"faq_folder", "id", "parent_id", "faq_folder", ""},
	{"faq_entry", "id", "folder_id", "faq_folder", ""},
	{"faq_entry", "id", "created_by", "agent", ""},
	{"faq_vote", "entry_id, customer_id", "customer_id", "customer", ""},
	{"faq_group", "id", "folder_id", "faq_folder", ""},
	{"favourite", "ticket_id, user_id", "user_id", "agent", ""},
	{"notification", "id", "user_id", "agent", ""},
	{"notification", "id", "created_by", "agent", ""},
	{"notification", "id", "ticket_id", "ticket", ""},
	{"notification_key", "user_id", "user_id", "agent", ""},
	{"user_idle", "user_id", "user_id", "agent", ""},
	{"session", "last_used", "customer_id", "customer", ""},
	{"session", "last_used", "user_id", "agent", ""},
	{"session", "last_used", "auth_id", "agent", ""},
	{"action_log", "id", "ticket_id", "ticket", ""},
	{"action_log", "id", "message_id", "message", ""},
	{"action_log", "id", "user_id", "agent", ""},
	{"action_log", "id", "auth_id", "agent", ""},
	{"action_log", "id", "customer_id", "customer", ""},
}

// namesNothing are columns that end in _id and name no row.
var namesNothing = []string{
	"action_log.row_id",  // of many tables, and the row may be gone
	"message.message_id", // of a mail
	"script.include_id",  // a name
}

// enumerated are the columns in which numbers stand for something.
var enumerated = []struct {
	table, key, column string
	from, to           int64
	or                 string
}{
	{"ticket_status", "id", "base", int64(skranke.Active), int64(skranke.Merged), ""},
	{"category", "id", "method", 0, int64(skranke.DelegateNone), ""},
	{"extra_field", "id", "domain", int64(skranke.DomainTicket), int64(skranke.DomainTable), ""},
	{"extra_value", "domain, owner_id, field_id", "domain", int64(skranke.DomainTicket), int64(skranke.DomainCompany), ""},
	{"ticket", "id", "status", 0, int64(skranke.Merged), ""},
	{"ticket", "id", "slevel", 0, int64(skranke.External), ""},
	{"ticket", "id", "read_status", 0, int64(skranke.Red), ""},
	{"message", "id", "slevel", 0, int64(skranke.External), ""},
	{"message", "id", "kind", 0, int64(skranke.HTML), ""},
	{"faq_folder", "id", "access", 0, int64(skranke.FaqEveryone), ""},
	{"faq_entry", "id", "access", 0, int64(skranke.FaqEveryone), ""},
	{"faq_entry", "id", "state", 0, int64(skranke.FaqExpired), ""},
	{"faq_vote", "entry_id, customer_id", "vote", 0, skranke.MaxFaqVote, ""},
	{"agent", "id", "status", 0, int64(skranke.UserReadOnly), " OR t.status = 127"},
	{"priority", "id", "on_read", int64(skranke.EscalateNothing), int64(skranke.EscalateRestart), ""},
	{"priority", "id", "on_owner", int64(skranke.EscalateNothing), int64(skranke.EscalateRestart), ""},
	{"priority", "id", "on_new_info", int64(skranke.EscalateNothing), int64(skranke.EscalateRestart), ""},
	{"priority", "id", "on_closed", int64(skranke.EscalateNothing), int64(skranke.EscalateRestart), ""},
	{"priority", "id", "on_priority", int64(skranke.EscalateNothing), int64(skranke.EscalateRestart), ""},
	{"priority", "id", "on_new", int64(skranke.EscalateNothing), int64(skranke.EscalateRestart), ""},
	{"priority_hours", "priority_id, rank", "weekday", 0, 7, ""},
	{"priority_hours", "priority_id, rank", "opens", 0, int64(skranke.EndOfDay), ""},
	{"priority_hours", "priority_id, rank", "closes", 0, int64(skranke.EndOfDay), ""},
}

// foldedTexts are the columns that hold the folded text of another; the name of
// a customer is folded as well, see folds.
var foldedTexts = []struct{ table, key, text, fold string }{
	{"ticket", "id", "title", "title_fold"},
	{"ticket", "id", "author", "author_fold"},
	{"ticket", "id", "filter_address", "filter_address_fold"},
	{"company", "id", "name", "name_fold"},
	{"company_domain", "company_id", "domain", "domain_fold"},
	{"customer", "id", "user_name", "user_name_fold"},
	{"customer", "id", "first_name", "first_name_fold"},
	{"customer", "id", "last_name", "last_name_fold"},
	{"customer_email", "customer_id", "email", "email_fold"},
	{"agent", "id", "login_name", "login_fold"},
	{"agent", "id", "user_name", "user_name_fold"},
	{"agent", "id", "email", "email_fold"},
	{"extra_value", "owner_id", "text_value", "text_fold"},
	{"script", "id", "include_id", "include_fold"},
}

package skranke

// Columns of tables in dot syntax, by what they hold.
func column(t Type, name, sql string) PathColumn { return PathColumn{Name: name, Type: t, SQL: sql} }
func text(name, sql string) PathColumn           { return column(TypeVarchar, name, sql) }
func number(name, sql string) PathColumn         { return column(TypeInteger, name, sql) }
func truth(name, sql string) PathColumn          { return column(TypeBool, name, sql) }
func moment(name, sql string) PathColumn         { return column(TypeDateTime, name, sql) }

// unkept is a column of the documented tables that nothing is kept for: it is
// never set.
func unkept(t Type, name string) PathColumn { return column(t, name, "NULL") }

// foldedText is a text that also stands folded in its table.
func foldedText(name, sql, folded string) PathColumn {
	return PathColumn{Name: name, Type: TypeVarchar, SQL: sql, Folded: folded}
}

// reference is a column that holds the key of another table.
func reference(name, sql, to string) PathColumn {
	t := TypeForeignKey
	switch to {
	case "person":
		t = TypeCustomerID
	case "contact":
		t = TypeCompanyID
	case "ticket":
		t = TypeRequestID
	case "ejuser":
		t = TypeUserID
	}
	return PathColumn{Name: name, Type: t, SQL: sql, To: to}
}

// Rows that have no id of their own are told apart by their owner's and their place.
const ranked = " * 1000000 + @.rank + 1"

// blanks are the white space that a full name is trimmed of.
const blanks = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

// categoryPath is the names of a category and all above it, joined by "/".
const categoryPath = `(WITH RECURSIVE up (parent_id, path, depth) AS (
	SELECT k.parent_id, k.name, 1 FROM category k WHERE k.id = @.id
	UNION ALL
	SELECT k.parent_id, k.name || '/' || up.path, up.depth + 1 FROM up JOIN category k ON k.id = up.parent_id WHERE up.depth < 100)
	SELECT path FROM up ORDER BY depth DESC LIMIT 1)`

// pathTables are the tables of dot syntax by folded name. Passwords, hashes and
// keys are no columns of theirs.
//
// Spec: tt/dot.4, tt/dot.6
var pathTables = linked([]PathTable{
	{Name: "person", SQL: "customer", Present: "NOT @.deleted", Domain: DomainCustomer, Columns: append([]PathColumn{
		column(TypeCustomerID, "person_id", "@.id"),
		reference("contact_id", "@.company_id", "contact"),
		text("lastname", "@.last_name"),
		text("firstname", "@.first_name"),
		text("middleName", "@.middle_name"),
		foldedText("fullName", "CASE WHEN @.full_name <> '' THEN @.full_name ELSE TRIM(@.first_name || ' ' || @.last_name, '"+blanks+"') END", "@.name_fold"),
		text("mrmrs", "@.mr_mrs"),
		text("title", "@.title"),
		text("salutation", "@.salutation"),
		text("department", "@.department"),
		text("initials", "@.initials"),
		text("person_number", "@.person_number"),
		number("rank", "@.rank"),
		number("gender", "@.gender"),
		number("year_of_birth", "@.birth_year"),
		number("month_of_birth", "@.birth_month"),
		number("day_of_birth", "@.birth_day"),
		number("sentInfo", "@.sent_info"),
		truth("retired", "@.retired"),
		truth("showContactTickets", "@.company_access"),
		reference("supportAssociateId", "@.our_contact_id", "ejuser"),
	}, cardColumns...)},
	{Name: "contact", SQL: "company", Present: "NOT @.deleted", Domain: DomainCompany, Columns: append([]PathColumn{
		column(TypeCompanyID, "contact_id", "@.id"),
		foldedText("name", "@.name", "@.name_fold"),
		text("department", "@.department"),
		text("number1", "@.number1"),
		text("number2", "@.number2"),
		text("orgNr", "@.org_number"),
		truth("xstop", "@.stopped"),
		reference("associate_id", "@.our_sales_id", "ejuser"),
		reference("supportAssociateId", "@.our_contact_id", "ejuser"),
		reference("supportPersonId", "@.prim_contact_id", "person"),
	}, cardColumns...)},
	{Name: "Email", SQL: "customer_email", Columns: []PathColumn{
		number("email_id", "@.customer_id"+ranked),
		reference("person_id", "@.customer_id", "person"),
		reference("contact_id", "NULL", "contact"),
		foldedText("email_address", "@.email", "@.email_fold"),
		unkept(TypeVarchar, "description"),
		number("rank", "@.rank"),
		unkept(TypeVarchar, "protocol"),
		unkept(TypeInteger, "type"),
		unkept(TypeInteger, "bounceCount"),
		unkept(TypeDateTime, "lastBounce"),
		unkept(TypeDateTime, "lastSent"),
	}},
	{Name: "ticket_customers", SQL: "ticket_customer", Columns: []PathColumn{
		number("id", "@.ticket_id"+ranked),
		reference("ticket_id", "@.ticket_id", "ticket"),
		reference("customer_id", "@.customer_id", "person"),
	}},
	{Name: "ticket", SQL: "ticket", Domain: DomainTicket, Columns: []PathColumn{
		column(TypeRequestID, "id", "@.id"),
		foldedText("title", "@.title", "@.title_fold"),
		moment("created_at", "@.created_at"),
		moment("last_changed", "@.last_changed"),
		moment("closed_at", "@.closed_at"),
		moment("replied_at", "@.replied_at"),
		number("status", "@.status"),
		number("slevel", "@.slevel"),
		foldedText("author", "@.author", "@.author_fold"),
		reference("category", "@.category_id", "ej_category"),
		reference("priority", "@.priority_id", "ticket_priority"),
		reference("owned_by", "@.owner_id", "ejuser"),
		reference("created_by", "@.created_by", "ejuser"),
		reference("cust_id", "@.customer_id", "person"),
		truth("has_attachment", "@.has_attachment"),
		number("read_status", "@.read_status"),
	}},
	{Name: "company_domain", SQL: "company_domain", Columns: []PathColumn{
		number("id", "@.company_id"+ranked),
		reference("company_id", "@.company_id", "contact"),
		foldedText("domain_name", "@.domain", "@.domain_fold"),
		number("rank", "@.rank"),
	}},
	{Name: "ej_category", SQL: "category", Columns: []PathColumn{
		number("id", "@.id"),
		reference("parent_id", "@.parent_id", "ej_category"),
		text("name", "@.name"),
		text("fullname", categoryPath),
		text("external_name", "@.external_name"),
	}},
	{Name: "ticket_priority", SQL: "priority", Columns: []PathColumn{
		number("id", "@.id"),
		text("name", "@.name"),
		number("sort_order", "@.sort_order"),
	}},
	{Name: "cust_lang", SQL: "language", Columns: []PathColumn{
		number("id", "@.id"),
		text("name", "@.name"),
		text("lang_code", "@.code"),
		truth("is_default", "@.is_default"),
	}},
	{Name: "ejuser", SQL: "agent", Columns: []PathColumn{
		column(TypeUserID, "id", "@.id"),
		foldedText("loginname", "@.login_name", "@.login_fold"),
		foldedText("username", "@.user_name", "@.user_name_fold"),
		text("firstname", "@.first_name"),
		text("middlename", "@.middle_name"),
		text("lastname", "@.last_name"),
		foldedText("email", "@.email", "@.email_fold"),
	}},
	{Name: "country", SQL: "country", Columns: []PathColumn{
		number("country_id", "@.id"),
		text("name", "@.name"),
		text("english_name", "@.english_name"),
	}},
	{Name: "business", SQL: "business", Columns: []PathColumn{number("business_id", "@.id"), text("name", "@.name")}},
	{Name: "category", SQL: "contact_category", Columns: []PathColumn{number("category_id", "@.id"), text("name", "@.name")}},
	{Name: "dbi_agent", SQL: "sync_agent", Columns: []PathColumn{
		number("id", "@.id"),
		text("name", "@.name"),
		text("id_string", "@.id_string"),
	}},
})

// cardColumns are the columns that persons and companies share.
var cardColumns = []PathColumn{
	reference("country_id", "@.country_id", "country"),
	reference("business_idx", "@.business_id", "business"),
	reference("category_idx", "@.contact_category_id", "category"),
	truth("nomailing", "@.no_mailing"),
	number("source", "@.source"),
	moment("registered", "@.registered"),
	moment("updated", "@.updated"),
	reference("ticketPriorityId", "@.priority_id", "ticket_priority"),
	reference("supportLanguageId", "@.language_id", "cust_lang"),
	reference("dbi_agent_id", "@.ext_table", "dbi_agent"),
	text("dbi_key", "@.ext_key"),
	moment("dbi_last_syncronized", "@.synced_at"),
	moment("dbi_last_modified", "@.sync_modified"),
}

// foundCompany is a company as searches for companies name its fields.
//
// Spec: ticket/findCompanies
var foundCompany = named(&PathTable{Name: "contact", SQL: "company", Present: "NOT @.deleted", Domain: DomainCompany, Columns: []PathColumn{
	column(TypeCompanyID, "contact.id", "@.id"),
	foldedText("contact.name", "@.name", "@.name_fold"),
	column(TypeClob, "contact.note", "@.note"),
	text("contact.phone", "@.phone"),
	text("contact.fax", "@.fax"),
	text("contact.adr", "@.address"),
	reference("contact.our_contact", "@.our_contact_id", "ejuser"),
	reference("contact.priority_id", "@.priority_id", "ticket_priority"),
	text(CompanyDomains, "COALESCE((SELECT STRING_AGG(d.domain, ',' ORDER BY d.rank) FROM company_domain d WHERE d.company_id = @.id), '')"),
}})

// named makes the columns of a table findable by their folded names.
func named(t *PathTable) *PathTable {
	t.byName = make(map[string]*PathColumn, len(t.Columns))
	for i := range t.Columns {
		t.byName[Fold(t.Columns[i].Name)] = &t.Columns[i]
	}
	return t
}

// linked makes the tables findable by their folded names, by which their
// references and Row name them as well.
func linked(tables []PathTable) map[string]*PathTable {
	byName := make(map[string]*PathTable, len(tables))
	for i := range tables {
		t := named(&tables[i])
		t.Name = Fold(t.Name)
		byName[t.Name] = t
		for j := range t.Columns {
			if t.Columns[j].Folded == "" && t.Columns[j].SQL == "NULL" {
				t.Columns[j].Folded = "NULL"
			}
		}
	}
	return byName
}

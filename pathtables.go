package skranke

// Columns of tables in dot syntax, by what they hold.
func column(t Type, name string) PathColumn { return PathColumn{Name: name, Type: t} }
func text(name string) PathColumn           { return column(TypeVarchar, name) }
func number(name string) PathColumn         { return column(TypeInteger, name) }
func truth(name string) PathColumn          { return column(TypeBool, name) }
func moment(name string) PathColumn         { return column(TypeDateTime, name) }

// reference is a column that holds the key of another table.
func reference(name, to string) PathColumn {
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
	return PathColumn{Name: name, Type: t, To: to}
}

// pathTables are the tables of dot syntax by folded name. Passwords, hashes and
// keys are no columns of theirs.
//
// Spec: tt/dot.4, tt/dot.6
var pathTables = linked([]PathTable{
	{Name: "person", Domain: DomainCustomer, Columns: append([]PathColumn{
		column(TypeCustomerID, "person_id"),
		reference("contact_id", "contact"),
		text("lastname"),
		text("firstname"),
		text("middleName"),
		text("fullName"),
		text("mrmrs"),
		text("title"),
		text("salutation"),
		text("department"),
		text("initials"),
		text("person_number"),
		number("rank"),
		number("gender"),
		number("year_of_birth"),
		number("month_of_birth"),
		number("day_of_birth"),
		number("sentInfo"),
		truth("retired"),
		truth("showContactTickets"),
		reference("supportAssociateId", "ejuser"),
	}, cardColumns...)},
	{Name: "contact", Domain: DomainCompany, Columns: append([]PathColumn{
		column(TypeCompanyID, "contact_id"),
		text("name"),
		text("department"),
		text("number1"),
		text("number2"),
		text("orgNr"),
		truth("xstop"),
		reference("associate_id", "ejuser"),
		reference("supportAssociateId", "ejuser"),
		reference("supportPersonId", "person"),
	}, cardColumns...)},
	{Name: "Email", Columns: []PathColumn{
		number("email_id"),
		reference("person_id", "person"),
		reference("contact_id", "contact"),
		text("email_address"),
		column(TypeVarchar, "description"),
		number("rank"),
		column(TypeVarchar, "protocol"),
		column(TypeInteger, "type"),
		column(TypeInteger, "bounceCount"),
		column(TypeDateTime, "lastBounce"),
		column(TypeDateTime, "lastSent"),
	}},
	{Name: "ticket_customers", Columns: []PathColumn{
		number("id"),
		reference("ticket_id", "ticket"),
		reference("customer_id", "person"),
	}},
	{Name: "ticket", Domain: DomainTicket, Columns: []PathColumn{
		column(TypeRequestID, "id"),
		text("title"),
		moment("created_at"),
		moment("last_changed"),
		moment("closed_at"),
		moment("replied_at"),
		number("status"),
		number("slevel"),
		text("author"),
		reference("category", "ej_category"),
		reference("priority", "ticket_priority"),
		reference("owned_by", "ejuser"),
		reference("created_by", "ejuser"),
		reference("cust_id", "person"),
		truth("has_attachment"),
		number("read_status"),
	}},
	{Name: "company_domain", Columns: []PathColumn{
		number("id"),
		reference("company_id", "contact"),
		text("domain_name"),
		number("rank"),
	}},
	{Name: "ej_category", Columns: []PathColumn{
		number("id"),
		reference("parent_id", "ej_category"),
		text("name"),
		text("fullname"),
		text("external_name"),
	}},
	{Name: "ticket_priority", Columns: []PathColumn{
		number("id"),
		text("name"),
		number("sort_order"),
	}},
	{Name: "cust_lang", Columns: []PathColumn{
		number("id"),
		text("name"),
		text("lang_code"),
		truth("is_default"),
	}},
	{Name: "ejuser", Columns: []PathColumn{
		column(TypeUserID, "id"),
		text("loginname"),
		text("username"),
		text("firstname"),
		text("middlename"),
		text("lastname"),
		text("email"),
	}},
	{Name: "country", Columns: []PathColumn{
		number("country_id"),
		text("name"),
		text("english_name"),
	}},
	{Name: "business", Columns: []PathColumn{number("business_id"), text("name")}},
	{Name: "category", Columns: []PathColumn{number("category_id"), text("name")}},
	{Name: "dbi_agent", Columns: []PathColumn{
		number("id"),
		text("name"),
		text("id_string"),
	}},
})

// cardColumns are the columns that persons and companies share.
var cardColumns = []PathColumn{
	reference("country_id", "country"),
	reference("business_idx", "business"),
	reference("category_idx", "category"),
	truth("nomailing"),
	number("source"),
	moment("registered"),
	moment("updated"),
	reference("ticketPriorityId", "ticket_priority"),
	reference("supportLanguageId", "cust_lang"),
	reference("dbi_agent_id", "dbi_agent"),
	text("dbi_key"),
	moment("dbi_last_syncronized"),
	moment("dbi_last_modified"),
}

// foundCompany is a company as searches for companies name its fields.
//
// Spec: ticket/findCompanies
var foundCompany = named(&PathTable{Name: "contact", Domain: DomainCompany, Columns: []PathColumn{
	column(TypeCompanyID, "contact.id"),
	text("contact.name"),
	column(TypeClob, "contact.note"),
	text("contact.phone"),
	text("contact.fax"),
	text("contact.adr"),
	reference("contact.our_contact", "ejuser"),
	reference("contact.priority_id", "ticket_priority"),
	text(CompanyDomains),
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
	}
	return byName
}

package skranke

// Use says what callers of a port may do with a field, a bit each.
type Use uint16

// The uses. Get is reading one row by id, Find a column of a search result,
// Match a search criterion, Set a value to store.
const (
	CustomerGet Use = 1 << iota
	CustomerFind
	CustomerMatch
	CustomerSet
	AgentGet
	AgentFind
	AgentMatch
	AgentSet
)

const (
	customerAll = CustomerGet | CustomerFind | CustomerMatch
	agentAll    = AgentGet | AgentFind | AgentMatch
)

// Field is one value an API caller may name. T is the row it belongs to.
type Field[T any] struct {
	Name   string
	Type   Type
	Column string // where the value is stored; searches build their SQL from it
	Use    Use
	Of     func(*T) Value
}

// Fields is the catalogue of one kind of row.
type Fields[T any] struct {
	list   []Field[T]
	byName map[string]*Field[T]
}

func newFields[T any](list []Field[T], aliases map[string]string) *Fields[T] {
	f := &Fields[T]{list: list, byName: make(map[string]*Field[T], 2*len(list))}
	for i := range list {
		f.byName[Fold(list[i].Name)] = &list[i]
	}
	for alias, name := range aliases {
		f.byName[Fold(alias)] = f.byName[Fold(name)]
	}
	return f
}

// All lists the fields in the order of the documentation.
func (f *Fields[T]) All() []Field[T] { return f.list }

// Lookup finds the field of that name, ignoring case, if it may be used so.
//
// Spec: types/input.3
func (f *Fields[T]) Lookup(name string, use Use) (*Field[T], bool) {
	field, ok := f.byName[name]
	if !ok {
		field, ok = f.byName[Fold(name)]
	}
	return field, ok && field.Use&use != 0
}

// FieldReadByCustomer changes with every reading, so it is read only if asked for.
const FieldReadByCustomer = "ticket.read_by_customer"

// TicketFields is every standard field of a ticket.
//
// Spec: customer/getTicket, customer/findTickets, ticket/getTicket, ticket/findTickets
var TicketFields = newFields([]Field[Ticket]{
	{"ticket.id", TypeRequestID, "t.id", customerAll | agentAll, func(t *Ticket) Value { return IDValue(int64(t.ID)) }},
	{"ticket.title", TypeVarchar, "t.title", customerAll | agentAll | AgentSet, func(t *Ticket) Value { return TextValue(t.Title) }},
	{"ticket.created_at", TypeDateTime, "t.created_at", customerAll | agentAll, func(t *Ticket) Value { return TimeValue(t.CreatedAt) }},
	{"ticket.category", TypeForeignKey, "t.category_id", customerAll | agentAll | AgentSet, func(t *Ticket) Value { return IDValue(int64(t.Category)) }},
	{"ticket.status", TypeInteger, "t.status", customerAll | agentAll | AgentSet, func(t *Ticket) Value { return IntValue(int64(t.Status)) }},
	{"ticket.replied_at", TypeDateTime, "t.replied_at", customerAll | agentAll, func(t *Ticket) Value { return TimeValue(t.RepliedAt) }},
	{"ticket.closed_at", TypeDateTime, "t.closed_at", customerAll | agentAll, func(t *Ticket) Value { return TimeValue(t.ClosedAt) }},
	{"ticket.priority", TypeForeignKey, "t.priority_id", customerAll | agentAll | AgentSet, func(t *Ticket) Value { return IDValue(int64(t.Priority)) }},
	{FieldReadByCustomer, TypeDateTime, "t.read_by_customer", customerAll | agentAll, func(t *Ticket) Value { return TimeValue(t.ReadByCustomer) }},
	{"ticket.has_attachment", TypeBool, "t.has_attachment", customerAll | agentAll, func(t *Ticket) Value { return BoolValue(t.HasAttachment) }},
	{"ticket.last_changed", TypeDateTime, "t.last_changed", customerAll | agentAll, func(t *Ticket) Value { return TimeValue(t.LastChanged) }},
	{"ticket.cust_id", TypeCustomerID, "t.customer_id", agentAll, func(t *Ticket) Value { return IDValue(int64(t.Customer())) }},
	{"ticket.author", TypeVarchar, "t.author", CustomerFind | agentAll, func(t *Ticket) Value { return TextValue(t.Author) }},
	{"ticket.created_by", TypeUserID, "t.created_by", CustomerFind | agentAll, func(t *Ticket) Value { return IDValue(int64(t.CreatedBy)) }},
	{"ticket.owned_by", TypeUserID, "t.owner_id", agentAll, func(t *Ticket) Value { return IDValue(int64(t.Owner)) }},
	{"ticket.slevel", TypeInteger, "t.slevel", agentAll | AgentSet, func(t *Ticket) Value { return IntValue(int64(t.SLevel)) }},
	{"ticket.alert_level", TypeInteger, "t.alert_level", AgentGet, func(t *Ticket) Value { return IntValue(int64(t.AlertLevel)) }},
	{"ticket.filter_address", TypeVarchar, "t.filter_address", AgentGet, func(t *Ticket) Value { return TextValue(t.FilterAddress) }},
}, map[string]string{
	// The getTicket page prints the last field with an underscore.
	"ticket_last_changed": "ticket.last_changed",
})

// FoundFields is every standard field of a ticket in a search: its own, and
// those of its primary customer.
//
// Spec: customer/findTickets, ticket/findTickets
var FoundFields = newFields(append(ofTicket(TicketFields.All()),
	Field[FoundTicket]{"customer.id", TypeCustomerID, "t.customer_id", CustomerFind | agentAll, func(t *FoundTicket) Value { return IDValue(int64(t.Customer())) }},
	Field[FoundTicket]{"customer.firstname", TypeVarchar, "c.first_name", CustomerFind | agentAll, func(t *FoundTicket) Value { return nameValue(t, t.Name.First) }},
	Field[FoundTicket]{"customer.lastname", TypeVarchar, "c.last_name", CustomerFind | agentAll, func(t *FoundTicket) Value { return nameValue(t, t.Name.Last) }},
), map[string]string{
	"ticket_last_changed": "ticket.last_changed",
})

// ofTicket makes fields of a ticket into fields of a found one.
func ofTicket(fields []Field[Ticket]) []Field[FoundTicket] {
	found := make([]Field[FoundTicket], len(fields))
	for i, f := range fields {
		found[i] = Field[FoundTicket]{f.Name, f.Type, f.Column, f.Use, func(t *FoundTicket) Value { return f.Of(&t.Ticket) }}
	}
	return found
}

// nameValue is unset for a ticket without customers, so that it matches no value.
func nameValue(t *FoundTicket, name string) Value {
	return Value{Set: t.Customer() != 0, Text: name}
}

// MessageFields is every standard field of a message.
//
// Spec: customer/getMessage, ticket/getMessage
var MessageFields = newFields([]Field[Message]{
	{"message.id", TypeInteger, "m.id", CustomerGet | AgentGet, func(m *Message) Value { return IntValue(int64(m.ID)) }},
	{"message.body", TypeClob, "m.body", CustomerGet | AgentGet, func(m *Message) Value { return TextValue(m.Body) }},
	{"message.html_body", TypeClob, "m.html_body", CustomerGet | AgentGet, func(m *Message) Value { return TextValue(m.HTMLBody) }},
	{"message.header", TypeClob, "m.header", CustomerGet | AgentGet, func(m *Message) Value { return TextValue(m.Header) }},
	{"message.created_at", TypeDateTime, "m.created_at", CustomerGet | AgentGet, func(m *Message) Value { return TimeValue(m.CreatedAt) }},
	{"message.author", TypeVarchar, "m.author", CustomerGet | AgentGet, func(m *Message) Value { return TextValue(m.Author) }},
	{"message.slevel", TypeInteger, "m.slevel", AgentGet, func(m *Message) Value { return IntValue(int64(m.SLevel)) }},
}, map[string]string{
	"message.md_body":  "message.html_body", // as both editions of the manual print it
	"message.bodyHtml": "message.html_body",
})

// CustomerRecord is a customer as callers read him: with the code of his
// language, which his own row only numbers.
type CustomerRecord struct {
	Customer
	LanguageCode string
}

const customerAndAgent = CustomerGet | AgentGet

// CustomerFields is every standard field of a customer.
//
// Spec: customer/getCustomer, ticket/getCustomer
var CustomerFields = newFields([]Field[CustomerRecord]{
	{"customer.id", TypeCustomerID, "c.id", customerAndAgent, func(c *CustomerRecord) Value { return IDValue(int64(c.ID)) }},
	{"customer.name", TypeVarchar, "c.full_name", customerAndAgent, func(c *CustomerRecord) Value { return TextValue(c.Name()) }},
	{"customer.firstname", TypeVarchar, "c.first_name", customerAndAgent, func(c *CustomerRecord) Value { return TextValue(c.FirstName) }},
	{"customer.lastname", TypeVarchar, "c.last_name", customerAndAgent, func(c *CustomerRecord) Value { return TextValue(c.LastName) }},
	{"customer.phone", TypeVarchar, "c.phone", customerAndAgent, func(c *CustomerRecord) Value { return TextValue(c.Phone) }},
	{"customer.cellphone", TypeVarchar, "c.cell_phone", customerAndAgent, func(c *CustomerRecord) Value { return TextValue(c.CellPhone) }},
	{"customer.note", TypeClob, "c.note", customerAndAgent, func(c *CustomerRecord) Value { return TextValue(c.Note) }},
	{"customer.language", TypeVarchar, "c.language_id", customerAndAgent, func(c *CustomerRecord) Value { return TextValue(c.LanguageCode) }},
	{"customer.username", TypeVarchar, "c.user_name", customerAndAgent, func(c *CustomerRecord) Value { return TextValue(c.UserName) }},
	{"customer.extTable", TypeForeignKey, "c.ext_table", customerAndAgent, func(c *CustomerRecord) Value { return IDValue(c.ExtTable) }},
	{"customer.extKey", TypeVarchar, "c.ext_key", customerAndAgent, func(c *CustomerRecord) Value { return TextValue(c.ExtKey) }},
	{"customer.company", TypeCompanyID, "c.company_id", AgentGet, func(c *CustomerRecord) Value { return IDValue(int64(c.Company)) }},
	// Legal, and always empty: what is stored is a hash.
	{"customer.password", TypeVarchar, "", AgentGet, func(*CustomerRecord) Value { return Value{} }},
}, nil)

// CompanyFields is every standard field of a company.
//
// Spec: customer/getCompany, ticket/getCompany
var CompanyFields = newFields([]Field[Company]{
	{"company.id", TypeCompanyID, "k.id", customerAndAgent, func(c *Company) Value { return IDValue(int64(c.ID)) }},
	{"company.name", TypeVarchar, "k.name", customerAndAgent, func(c *Company) Value { return TextValue(c.Name) }},
	{"company.address", TypeVarchar, "k.address", customerAndAgent, func(c *Company) Value { return TextValue(c.Address) }},
	{"company.extTable", TypeForeignKey, "k.ext_table", customerAndAgent, func(c *Company) Value { return IDValue(c.ExtTable) }},
	{"company.extKey", TypeVarchar, "k.ext_key", customerAndAgent, func(c *Company) Value { return TextValue(c.ExtKey) }},
	{"company.note", TypeClob, "k.note", customerAndAgent, func(c *Company) Value { return TextValue(c.Note) }},
	{"company.phone", TypeVarchar, "k.phone", customerAndAgent, func(c *Company) Value { return TextValue(c.Phone) }},
	{"company.fax", TypeVarchar, "k.fax", customerAndAgent, func(c *Company) Value { return TextValue(c.Fax) }},
	{"company.primContact", TypeCustomerID, "k.prim_contact", customerAndAgent, func(c *Company) Value { return IDValue(int64(c.PrimContact)) }},
}, nil)

package e2e

// What the demo data holds, as far as the checks look at it. Nothing else in
// this package knows a value of it.
var demo = struct {
	customer, password, customerID string
	agent, agentPassword           string

	// The page's own example: three fields of ticket 1012.
	ticket     string
	page       []result
	messageIDs []string

	// Every standard field and every kind of extra field of that ticket, in the
	// order of the manual. What it answers for read_by_customer depends on when
	// it was read before.
	fields []result
	read   string

	emptyTicket   string // no messages
	missingTicket string

	messages    []message
	extraFields []extraField
	priorities  []priority
	categories  []category

	category, priority string // a customer may open tickets with
	extraText          string // x_<id> of a text field of tickets
}{
	customer: "johndoe", password: "pw", customerID: "1",
	agent: "agent", agentPassword: "pw",

	ticket: "1012",
	page: []result{
		{"ticket.title", "Blåbærsyltetøyet kom ikke fram", "TypeVarchar"},
		{"ticket.created_at", "2021-01-25 13-05-09.000", "TypeDateTime"},
		{"ticket.category", "3", "TypeForeignKey"},
	},
	messageIDs: []string{"1", "2", "3"},
	fields: []result{
		{"ticket.id", "1012", "TypeRequestId"},
		{"ticket.title", "Blåbærsyltetøyet kom ikke fram", "TypeVarchar"},
	},
	read: "ticket.read_by_customer",

	emptyTicket:   "1013",
	missingTicket: "999999999",
	messages: []message{
		{id: "1", fields: []result{
			{"message.id", "1", "TypeInteger"},
			{"message.body", "Hei,\r\n\r\næøå & <b>ÆØÅ</b>", "TypeClob"},
		}, files: []file{{"1", "kvittering.pdf", "application/pdf"}}},
	},
	extraFields: []extraField{{"ticket.x_1", "Ordrenummer", "1", "TypeVarchar"}},
	priorities:  []priority{{"1", "Lav", "10"}, {"2", "Normal", "20"}},
	categories:  []category{{"3", "3", "Støtte", "-1"}},
	category:    "3", priority: "2", extraText: "x_1",
}

type message struct {
	id     string
	fields []result
	files  []file
}

type (
	file       struct{ id, name, typ string }
	extraField struct{ name, label, id, typ string }
	priority   struct{ id, name, order string }
	category   struct{ id, real, name, parent string }
)

package e2e

// What the demo data holds, as far as the checks look at it. Nothing else in
// this package knows a value of it.
var demo = struct {
	customer, password, customerID string
	agent, agentPassword           string
	clerk                          string // a user without administration rights, same password

	// The page's own example: three fields of ticket 1012.
	ticket     string
	page       []result
	messageIDs []string

	// Every standard field and every extra field of that ticket, in the order of
	// the manual, before anybody read it; and names of fields that are there but
	// not for customers, or not at all.
	fields  []result
	read    string // the one field that reading the ticket changes
	illegal []string

	emptyTicket   string // no messages, and next to nothing set
	empty         []result
	mergedTicket  string // into ticket
	closedTicket  string
	closed        []result
	hiddenTickets []string // of others, internal, deleted, merged in a ring
	missing       string   // id of nothing

	messages       []message // of ticket, external
	internal       message   // of ticket
	hiddenMessages []string

	extraFields map[string][]extraField // by domain
	priorities  []priority
	categories  []category

	englishCustomer   string // same password
	englishCategories []category

	category, priority string // a customer may open tickets with
	internalCategory   string
	internalPriority   string
	extraText          string // x_<id> of a text field of tickets
	extraDefault       result // what a field with a default has in a new ticket
	stray              file   // the customer uploaded it and nothing has it yet
}{
	customer: "johndoe", password: "pw", customerID: "1",
	agent: "agent", agentPassword: "pw", clerk: "ola",

	ticket: "1012",
	page: []result{
		{"ticket.title", "Blåbærsyltetøyet kom ikke fram", "TypeVarchar"},
		{"ticket.created_at", "2021-01-25 13-05-09.000", "TypeDateTime"},
		{"ticket.category", "3", "TypeForeignKey"},
	},
	messageIDs: []string{"1", "3", "5"},
	fields: []result{
		{"ticket.id", "1012", "TypeRequestId"},
		{"ticket.title", "Blåbærsyltetøyet kom ikke fram", "TypeVarchar"},
		{"ticket.created_at", "2021-01-25 13-05-09.000", "TypeDateTime"},
		{"ticket.category", "3", "TypeForeignKey"},
		{"ticket.status", "1", "TypeInteger"},
		{"ticket.replied_at", "2021-01-25 14-42-17.120", "TypeDateTime"},
		{"ticket.closed_at", "", "TypeDateTime"},
		{"ticket.priority", "2", "TypeForeignKey"},
		{"ticket.read_by_customer", "", "TypeDateTime"},
		{"ticket.has_attachment", "1", "TypeBool"},
		{"ticket_last_changed", "2021-01-26 09-10-45.500", "TypeDateTime"},
		{"ticket.x_1", "BB-2021-0117", "TypeVarchar"},
		{"ticket.x_2", "12", "TypeInteger"},
		{"ticket.x_3", "Lokket på tre av glassene var løst.\r\nEtiketten mangler på ett: «Blåbær & lyng» <uten sukker>.", "TypeClob"},
		{"ticket.x_4", "2021-01-22", "TypeDate"},
		{"ticket.x_5", "2021-01-29 12-30-00.000", "TypeDateTime"},
		{"ticket.x_6", "14-15-30.250", "TypeTime"},
		{"ticket.x_7", "1", "TypeBool"},
		{"ticket.x_8", "5400", "TypeInteger"},
		{"ticket.x_9", "7.25", "TypeFloat"},
		{"ticket.x_10", "2", "TypeCustomerId"},
		{"ticket.x_11", "1", "TypeCompanyId"},
		{"ticket.x_12", "1013", "TypeRequestId"},
		{"ticket.x_13", "2", "TypeUserId"},
		{"ticket.x_14", "7", "TypeForeignKey"},
		{"ticket.x_15", "2", "TypeForeignKey"},
		{"ticket.x_16", "https://sporing.example/?nr=42&land=NO", "TypeVarchar"},
		{"ticket.x_17", "5", "TypeForeignKey"},
		{"ticket.x_18", "3", "TypeForeignKey"},
		{"ticket.x_19", "3", "TypeForeignKey"},
		{"ticket.x_20", "", "TypeVarchar"},
		{"ticket.x_21", "", "TypeInteger"},
		{"ticket.x_22", "", "TypeDateTime"},
		{"ticket.x_23", "0", "TypeBool"},
		{"ticket.x_30", "", "TypeVarchar"},
		{"ticket.last_changed", "2021-01-26 09-10-45.500", "TypeDateTime"},
	},
	read: "ticket.read_by_customer",
	// Internal, hidden and deleted fields, one of customers, and none at all.
	illegal: []string{"ticket.x_24", "ticket.x_25", "ticket.x_26", "ticket.x_27", "ticket.x_999999", "ticket.author", "customer.id", "title"},

	emptyTicket: "1013",
	empty: []result{
		{"ticket.id", "1013", "TypeRequestId"},
		{"ticket.created_at", "2021-02-01 08-00-00.000", "TypeDateTime"},
		{"ticket.replied_at", "", "TypeDateTime"},
		{"ticket.has_attachment", "0", "TypeBool"},
		{"ticket.x_4", "", "TypeDate"},
		{"ticket.x_6", "", "TypeTime"},
		{"ticket.x_9", "", "TypeFloat"},
		{"ticket.x_10", "-1", "TypeCustomerId"},
		{"ticket.x_13", "-1", "TypeUserId"},
		{"ticket.x_17", "-1", "TypeForeignKey"},
	},
	mergedTicket: "1018",
	closedTicket: "1021",
	closed: []result{
		{"ticket.title", "Årsmøte – bestilling av kaffe & «boller» <50 stk.> 🫐", "TypeVarchar"},
		{"ticket.created_at", "2003-06-30 23-59-59.999", "TypeDateTime"},
		{"ticket.status", "2", "TypeInteger"},
		{"ticket.closed_at", "2003-08-01 12-00-00.000", "TypeDateTime"},
	},
	hiddenTickets: []string{"1015", "1016", "1017", "1019"},
	missing:       "999999999",

	messages: []message{
		{
			id: "1",
			fields: []result{
				{"message.author", "John Doe", "TypeVarchar"},
				{"message.body", "Hei,\r\n\r\nsyltetøyet kom ikke fram & jeg lurer på hvor det er <b>blitt av</b>.\r\nÆØÅ æøå «sitat» – 5 €\r\n\tHilsen John", "TypeClob"},
				{"message.html_body", "", "TypeClob"},
				{"message.created_at", "2021-01-25 13-05-09.000", "TypeDateTime"},
			},
			// Customers do not see who got a blind copy.
			header: "Received: from post.example by hjelp.example; Mon, 25 Jan 2021 13:05:08 +0100\r\n" +
				"From: John Doe <john.doe@baer-og-bakst.example>\r\nTo: hjelp@hjelp.example\r\n" +
				"Subject: =?UTF-8?Q?Bl=C3=A5b=C3=A6rsyltet=C3=B8yet_kom_ikke_fram?=\r\nMessage-ID: <demo-1@post.example>\r\n",
			files: []file{{"1", "kvittering.pdf", "application/pdf", "demoKey1demoKey1demoKey1demoKey1"}},
		},
		{
			id: "3",
			fields: []result{
				{"message.id", "3", "TypeInteger"},
				{"message.body", "Hei John,\r\n\r\nvi undersøker saken.\r\n\r\nHilsen Astrid", "TypeClob"},
				{"message.md_body", "<p>Hei John,</p><p>vi <b>undersøker</b> saken.</p><p>Hilsen Astrid &amp; co.</p>", "TypeClob"},
				{"message.html_body", "<p>Hei John,</p><p>vi <b>undersøker</b> saken.</p><p>Hilsen Astrid &amp; co.</p>", "TypeClob"},
				{"message.author", "Astrid Lie Ødegård", "TypeVarchar"},
			},
		},
		{
			id: "5",
			fields: []result{
				{"message.created_at", "2021-01-26 09-10-45.500", "TypeDateTime"},
				// Two characters that XML forbids are gone.
				{"message.body", "Nye glass er sendt i dag. 🫐(to styretegn står foran denne parentesen)\r\n]]> & slutt", "TypeClob"},
			},
			files: []file{
				{"2", "knust glass æøå.png", "image/png", "demoKey2demoKey2demoKey2demoKey2"},
				{"3", "prisliste & vilkår.txt", "text/plain", "demoKey3demoKey3demoKey3demoKey3"},
			},
		},
	},
	internal: message{
		id: "2",
		fields: []result{
			{"message.slevel", "1", "TypeInteger"},
			{"message.body", "Internt: pakken står på terminalen på Alnabru. Ikke si det til kunden ennå.", "TypeClob"},
		},
		files: []file{{"5", "internt notat.txt", "text/plain", "demoKey5demoKey5demoKey5demoKey5"}},
	},
	hiddenMessages: []string{"2", "8", "9"},

	extraFields: map[string][]extraField{
		"ticket": {
			{"ticket.x_1", "Ordrenummer", "1", "TypeVarchar"},
			{"ticket.x_2", "Antall glass", "2", "TypeInteger"},
			{"ticket.x_3", "Beskrivelse av skaden", "3", "TypeClob"},
			{"ticket.x_4", "Levert dato", "4", "TypeDate"},
			{"ticket.x_5", "Hentes kl.", "5", "TypeDateTime"},
			{"ticket.x_6", "Ringes helst kl.", "6", "TypeTime"},
			{"ticket.x_7", "Knust i transport", "7", "TypeBool"},
			{"ticket.x_8", "Ventet (sekunder)", "8", "TypeInteger"},
			{"ticket.x_9", "Vekt i kg", "9", "TypeFloat"},
			{"ticket.x_10", "Mottaker", "10", "TypeCustomerId"},
			{"ticket.x_11", "Butikk", "11", "TypeCompanyId"},
			{"ticket.x_12", "Forrige sak", "12", "TypeRequestId"},
			{"ticket.x_13", "Vår kontakt", "13", "TypeUserId"},
			{"ticket.x_14", "Produkt", "14", "TypeForeignKey"},
			{"ticket.x_15", "Bilde", "15", "TypeForeignKey"},
			{"ticket.x_16", "Sporingslenke", "16", "TypeVarchar"},
			{"ticket.x_17", "Gjelder også", "17", "TypeForeignKey"},
			{"ticket.x_18", "Ønsket prioritet", "18", "TypeForeignKey"},
			{"ticket.x_19", "Nyttig svar", "19", "TypeForeignKey"},
			{"ticket.x_20", "Kampanjekode", "20", "TypeVarchar"},
			{"ticket.x_21", "Rabatt", "21", "TypeInteger"},
			{"ticket.x_22", "Frist", "22", "TypeDateTime"},
			{"ticket.x_23", "Erstattet", "23", "TypeBool"},
			{"ticket.x_30", "Kilde", "30", "TypeVarchar"},
		},
		"customer": {{"customer.x_27", "Kundenummer", "27", "TypeVarchar"}},
		"company":  {{"company.x_29", "Organisasjonsnummer", "29", "TypeVarchar"}},
	},
	priorities: []priority{{"1", "Lav", "10"}, {"2", "Normal", "20"}},
	categories: []category{
		{"1", "1", "Bestilling og levering", "-1"},
		{"2", "2", "Reklamasjon og retur", "1"},
		{"5", "5", "Nettbutikken", "-1"}, // its parent is internal
		{"3", "3", "Støtte", "-1"},
		{"6", "6", "Alt annet", "3"},
	},

	englishCustomer:   "aera",
	englishCategories: []category{{"1", "1", "Orders and delivery", "-1"}, {"3", "3", "Support", "-1"}},

	category: "3", priority: "2", internalCategory: "4", internalPriority: "3",
	extraText:    "x_1",
	extraDefault: result{"ticket.x_30", "portalen", "TypeVarchar"},
	stray:        file{"4", "løst vedlegg.txt", "text/plain", "demoKey4demoKey4demoKey4demoKey4"},
}

type message struct {
	id     string
	fields []result
	header string // as customers see it
	files  []file
}

type (
	file       struct{ id, name, typ, key string }
	extraField struct{ name, label, id, typ string }
	priority   struct{ id, name, order string }
	category   struct{ id, real, name, parent string }
)

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
	deletedTicket string   // one of them

	// Of the same company, which the customer may see and close, no more.
	colleagueTicket string
	missing         string // id of nothing

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

	searches   []search
	closedPage []result // of closedTicket, the fields of page

	publicFile file // of an entry of the FAQ that everyone may see
	publicData string

	self     []result // of the customer
	emails   []string
	ownExtra string   // x_<id> of a text field of customers
	company  []result // of the customer's company

	languages          []language
	languageCategories []category // of englishCustomer

	faq              map[string]faqFolder // some folders, as the customer sees them
	anonymousFaq     map[string]faqFolder
	faqPages         []faqPage
	faqLists         []faqList
	registeredFolder string // not for everyone
	registeredEntry  string
	unscoredEntry    string // for everyone, without votes
	hiddenFolders    []string
	hiddenEntries    []string // internal, unpublished, expired, private, in a private folder

	agentID, clerkID string
	companyID        string // the customer's

	script, scriptVariable string // greets whom the variable names

	active           []activeTicket // of the agent
	agentCategories  []agentCategory
	agentPriorities  []priority
	agentExtraFields []extraField // of customers
	templateFolders  []templateFolder
	templates        map[string][]template // by folder
	templateBodies   []templateBody
	colleagues       [][]result // the customers of the company, whose name is the third field
	cafe             []result   // of another company, its name second, its domains third
	table            table

	mailTag      string
	user         []result            // every field of the agent
	users        map[string][]result // some of others, by id
	normalUsers  []string            // by user name
	workingUsers []string            // those who are not available too
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
	hiddenTickets:   []string{"1015", "1016", "1017", "1019"},
	deletedTicket:   "1017",
	colleagueTicket: "1014",
	missing:         "999999999",

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
	englishCategories: []category{{"2", "2", "Complaints & returns", "-1"}, {"1", "1", "Orders and delivery", "-1"}, {"3", "3", "Support", "-1"}},

	category: "3", priority: "2", internalCategory: "4", internalPriority: "3",
	extraText:    "x_1",
	extraDefault: result{"ticket.x_30", "portalen", "TypeVarchar"},
	stray:        file{"4", "løst vedlegg.txt", "text/plain", "demoKey4demoKey4demoKey4demoKey4"},

	searches: []search{
		{"of the page", []criterion{{"ticket.id", "OperatorGt", "0"}}, []string{"1012", "1013", "1014", "1021", "1022"}},
		{"without criteria", []criterion{}, []string{"1012", "1013", "1014", "1021", "1022"}},
		{"with æøå", []criterion{{"ticket.title", "OperatorContains", "BLÅBÆRsyltetøy"}}, []string{"1012"}},
		{"with & and <>", []criterion{{"ticket.title", "OperatorContains", "& «Boller» <50 STK.> 🫐"}}, []string{"1021"}},
		{"by beginning", []criterion{{"ticket.title", "OperatorBeginsWith", "årsmøte –"}}, []string{"1021"}},
		{"in ranges", []criterion{{"ticket.id", "OperatorIn", "1-1012, 1014,1021-9999"}}, []string{"1012", "1014", "1021", "1022"}},
		{"not in ranges", []criterion{{"ticket.id", "OperatorNotIn", "1012-1020"}}, []string{"1021", "1022"}},
		{"with two criteria", []criterion{{"ticket.status", "OperatorEquals", "1"}, {"ticket.category", "OperatorIn", "1,6"}}, []string{"1013", "1014"}},
		{"by an extra field", []criterion{{"ticket.x_1", "OperatorEquals", "bb-2021-0117"}}, []string{"1012"}},
		{"by time", []criterion{{"ticket.created_at", "OperatorLt", "2003-07-01 00-00-00.000"}}, []string{"1021"}},
		{"by what is not set", []criterion{{"ticket.closed_at", "OperatorEmpty", ""}, {"ticket.replied_at", "OperatorEmpty", ""}}, []string{"1013", "1022"}},
		{"with illegal criteria", []criterion{{"ticket.author", "OperatorEquals", "x"}, {"ticket.title", "OperatorIn", "1"}, {"ticket.id", "OperatorEquals", "1013"}, {"ticket.id", "Operator", "1"}}, []string{"1013"}},
		{"of nothing", []criterion{{"ticket.title", "OperatorContains", "' OR 1=1 --"}}, nil},
		{"of what is not for the customer", []criterion{{"ticket.id", "OperatorIn", "1015-1020,1023"}}, nil},
	},
	closedPage: []result{
		{"ticket.title", "Årsmøte – bestilling av kaffe & «boller» <50 stk.> 🫐", "TypeVarchar"},
		{"ticket.created_at", "2003-06-30 23-59-59.999", "TypeDateTime"},
		{"ticket.category", "2", "TypeForeignKey"},
	},

	publicFile: file{"3", "prisliste & vilkår.txt", "text/plain", ""},
	publicData: "QmzDpWLDpnJzeWx0ZXTDuHkgNDksMDANClR5dHRlYsOmciA1NSwwMA0K",

	self: []result{
		{"customer.id", "1", "TypeCustomerId"},
		{"customer.name", "John Doe", "TypeVarchar"},
		{"customer.firstname", "John", "TypeVarchar"},
		{"customer.lastname", "Doe", "TypeVarchar"},
		{"customer.phone", "+47 73 00 00 10", "TypeVarchar"},
		{"customer.cellphone", "+47 900 00 010", "TypeVarchar"},
		{"customer.note", "Foretrekker e-post.", "TypeClob"},
		{"customer.language", "nb", "TypeVarchar"},
		{"customer.username", "johndoe", "TypeVarchar"},
		{"customer.extTable", "1", "TypeForeignKey"},
		{"customer.extKey", "P-1", "TypeVarchar"},
		{"customer.x_27", "10001", "TypeVarchar"},
	},
	emails:   []string{"john.doe@baer-og-bakst.example", "johndoe@post.example"},
	ownExtra: "x_27",
	company: []result{
		{"company.name", "Bær & Bakst AS", "TypeVarchar"},
		{"company.address", "Syltegata 4\r\n7010 Trondheim", "TypeVarchar"},
		{"company.x_29", "912 345 678", "TypeVarchar"},
	},

	languages:          []language{{"nb", "Norsk bokmål", "hjelp.eksempel.example"}, {"en", "English", "help.eksempel.example"}},
	languageCategories: []category{{"1", "1", "Orders and delivery", "-1"}, {"3", "2", "Complaints & returns", "1"}, {"2", "3", "Support", "-1"}},

	faq: map[string]faqFolder{
		"-1": {below: []faqSub{
			{"1", "Bestilling og levering", "Om bestilling, frakt og levering"},
			{"3", "For kunder", "Bare for kunder som har logget inn"},
			{"5", "In English", "For those who do not read Norwegian"},
		}},
		"1": {
			below:   []faqSub{{"2", "Frakt", "Hva frakten koster"}},
			entries: []faqEntry{faqTime, faqBroken, faqExpress},
			path:    []faqStep{{"1", "Bestilling og levering"}},
			groups: []faqGroup{
				{"1", "Mest spurt om levering", []faqEntry{faqFreight, faqExpress, faqTime}},
				{"2", "Kommer snart <tom>", nil},
			},
		},
		"2": {entries: []faqEntry{faqFreight}, path: []faqStep{{"1", "Bestilling og levering"}, {"2", "Frakt"}}},
		"3": {entries: []faqEntry{faqDiscount}, path: []faqStep{{"3", "For kunder"}}},
	},
	anonymousFaq: map[string]faqFolder{
		"-1": {below: []faqSub{
			{"1", "Bestilling og levering", "Om bestilling, frakt og levering"},
			{"5", "In English", "For those who do not read Norwegian"},
		}},
		"1": {
			below:   []faqSub{{"2", "Frakt", "Hva frakten koster"}},
			entries: []faqEntry{faqTime, faqBroken},
			path:    []faqStep{{"1", "Bestilling og levering"}},
			groups: []faqGroup{
				{"1", "Mest spurt om levering", []faqEntry{faqFreight, faqTime}},
				{"2", "Kommer snart <tom>", nil},
			},
		},
	},
	faqPages: []faqPage{
		{
			faqEntry: faqEntry{id: "2", title: "Fraktpriser", question: "Hva koster frakten til Svalbard?", html: "1", score: "0"},
			answer:   "<p>Frakten er <b>gratis</b> over 500 kr &amp; ellers 99 kr.</p>",
			links:    []faqLink{{"Fraktkalkulator <ny>", "https://frakt.example/?fra=7010&til=9170"}, {"Åpningstider på Svalbard", "https://svalbard.example/åpent"}},
			files:    []file{{"3", "prisliste & vilkår.txt", "text/plain", ""}, {"2", "knust glass æøå.png", "image/png", ""}},
			path:     []faqStep{{"1", "Bestilling og levering"}, {"2", "Frakt"}},
		},
		{
			faqEntry: faqEntry{id: "9", title: "Hasteordre & ekspress", question: "Kan faste kunder få levert samme dag?", html: "0", score: "75"},
			answer:   "Ja: ring <73 00 00 01> før kl. 9.\r\n\r\n\"Ekspress\" koster 250 kr.",
			path:     []faqStep{{"1", "Bestilling og levering"}},
		},
	},
	faqLists: []faqList{
		{"faq_findEntries", "customer", []any{"levering glass", "-1"}, []faqEntry{faqTime, faqBroken, faqExpress}},
		{"faq_findEntries", "customer", []any{"FÅR &", "-1"}, []faqEntry{faqDiscount}},
		{"faq_findEntries", "", []any{"levering GLASS", "-1"}, []faqEntry{faqTime, faqBroken}},
		{"faq_findEntries", "english", []any{"delivery", "0"}, []faqEntry{faqEnglish}},
		{"faq_findEntries", "customer", []any{"ingentingavdette", "-1"}, nil},
		{"faq_findEntries2", "customer", []any{"frakt glass", []string{"2", null, "1"}}, []faqEntry{faqFreight, faqTime, faqBroken}},
		{"faq_findEntries2", "", []any{"delivery", []string{}}, []faqEntry{faqEnglish}},
		{"faq_getGroupEntries", "customer", []any{"1"}, []faqEntry{faqFreight, faqExpress, faqTime}},
		{"faq_getGroupEntries", "", []any{"1"}, []faqEntry{faqFreight, faqTime}},
		{"faq_getGroupEntries", "", []any{"2"}, nil},
		{"faq_getMostReadEntries", "customer", []any{"1", ""}, []faqEntry{faqBroken, faqTime, faqExpress, faqFreight}},
		{"faq_getMostReadEntries", "", []any{"-1", "3"}, []faqEntry{faqBroken, faqTime, faqFreight}},
		{"faq_getMostPopularEntries", "customer", []any{"-1", "3"}, []faqEntry{faqBroken, faqTime, faqExpress}},
		{"faq_getMostPopularEntries", "", []any{"2", "0"}, []faqEntry{faqFreight}},
	},
	registeredFolder: "3", registeredEntry: "9", unscoredEntry: "2",
	hiddenFolders: []string{"4", "6"},
	hiddenEntries: []string{"5", "6", "7", "8", "10"},

	agentID: "2", clerkID: "3", companyID: "1",
	script: "hilsen", scriptVariable: "navn",

	active: []activeTicket{{"1012", "2"}, {"1015", "3"}, {"1016", "1"}},
	agentCategories: []agentCategory{
		{"1", "Bestilling og levering", "-1", false},
		{"2", "Reklamasjon og retur", "1", false},
		{"4", "Drift", "-1", true},
		{"5", "Nettbutikken", "4", false},
		{"3", "Støtte", "-1", false},
		{"6", "Alt annet", "3", false},
	},
	agentPriorities: []priority{{"1", "Lav", "10"}, {"2", "Normal", "20"}, {"3", "Høy", "30"}},
	agentExtraFields: []extraField{
		{"customer.x_27", "Kundenummer", "27", "TypeVarchar"},
		{"customer.x_28", "Kredittgrense", "28", "TypeInteger"},
	},
	templateFolders: []templateFolder{{"1", "Svar som brukes ofte", "Standardsvar", "-1"}, {"2", "Reklamasjon og retur", "Retur", "1"}},
	templates: map[string][]template{
		"1":  {{"1", "Kvittering til kunden", "1"}},
		"-1": {{"1", "Kvittering til kunden", "1"}, {"2", "Med prisliste", "2"}},
	},
	templateBodies: []templateBody{
		{"1", "2", "Your request [[ticket.id]]", "Dear [[customer.firstname]],\r\n\r\nThank you for your message.",
			"<p>Dear [[customer.firstname]],</p><p>Thank you for your message.</p>", true, true},
		{"2", "1", "Retur", "Legg returseddelen i esken.", "", true, false},
	},
	colleagues: [][]result{
		{{"person.person_id", "1", "TypeCustomerId"}, {"person.firstname", "John", "TypeVarchar"}, {"person.contact_id.name", "Bær & Bakst AS", "TypeVarchar"}},
		{{"person.person_id", "2", "TypeCustomerId"}, {"person.firstname", "Kari", "TypeVarchar"}, {"person.contact_id.name", "Bær & Bakst AS", "TypeVarchar"}},
	},
	cafe: []result{{"contact.id", "2", "TypeCompanyId"}, {"contact.name", "Fjord og Fjell Kafé", "TypeVarchar"}, {"contact.domain_name", "fjordogfjell.example,kafe.example", "TypeVarchar"}},
	table: table{
		id: "1", name: "Produkter",
		fields: []tableField{{"31", "Navn", "TypeVarchar", "0"}, {"32", "Vekt i gram", "TypeInteger", "0"}, {"33", "På lager", "TypeBool", "0"}},
		rows: [][]cell{
			{{"0", "-1", "id", "7"}, {"1", "31", "Navn", "Blåbærsyltetøy <uten sukker>"}, {"2", "32", "Vekt i gram", "350"}, {"3", "33", "På lager", "1"}},
			{{"0", "-1", "id", "8"}, {"1", "31", "Navn", "Tyttebær & bringebær"}, {"2", "32", "Vekt i gram", "400"}, {"3", "33", "På lager", "0"}},
		},
	},

	mailTag: "ejTag:",
	user: []result{
		{"user.id", "2", "TypeUserId"},
		{"user.name", "Astrid Lie Ødegård", "TypeVarchar"},
		{"user.firstname", "Astrid", "TypeVarchar"},
		{"user.middlename", "Lie", "TypeVarchar"},
		{"user.lastname", "Ødegård", "TypeVarchar"},
		{"user.email", "astrid@hjelp.example", "TypeVarchar"},
		{"user.loginname", "agent", "TypeVarchar"},
		{"user.username", "agent", "TypeVarchar"},
		{"user.language", "0", "TypeInteger"},
		{"user.status", "1", "TypeInteger"},
	},
	users: map[string][]result{
		"1": {{"user.name", "system", "TypeVarchar"}, {"user.status", "127", "TypeInteger"}},
		"3": {{"user.name", "Ola Nordmann", "TypeVarchar"}, {"user.email", "ola@hjelp.example", "TypeVarchar"}, {"user.status", "1", "TypeInteger"}},
		"4": {{"user.name", "Lise Lesersen", "TypeVarchar"}, {"user.status", "4", "TypeInteger"}},
		"5": {{"user.name", "Bjørn Ås", "TypeVarchar"}, {"user.status", "2", "TypeInteger"}},
		"6": {{"user.name", "Solveig Strøm", "TypeVarchar"}, {"user.status", "3", "TypeInteger"}},
	},
	normalUsers:  []string{"2", "3"},
	workingUsers: []string{"2", "5", "3"},
}

// Entries of the FAQ as lists show them.
var (
	faqTime     = faqEntry{"1", "Hvor lang er leveringstiden?", "Leveringstid", "0", "80", "Bestilling og levering/Leveringstid", "1"}
	faqFreight  = faqEntry{"2", "Hva koster frakten til Svalbard?", "Fraktpriser", "1", "0", "Bestilling og levering/Frakt/Fraktpriser", "2"}
	faqBroken   = faqEntry{"3", "Hva gjør jeg når glassene er knust?", "Knuste glass", "0", "100", "Bestilling og levering/Knuste glass", "1"}
	faqDiscount = faqEntry{"4", "Får faste kunder rabatt?", "Rabatt for faste kunder", "0", "0", "For kunder/Rabatt for faste kunder", "3"}
	faqExpress  = faqEntry{"9", "Kan faste kunder få levert samme dag?", "Hasteordre & ekspress", "0", "75", "Bestilling og levering/Hasteordre & ekspress", "1"}
	faqEnglish  = faqEntry{"11", "How long does delivery take?", "Delivery time", "0", "0", "In English/Delivery time", "5"}
)

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
	language   struct{ code, name, domain string }

	faqEntry struct{ id, question, title, html, score, fullName, parent string }
	faqSub   struct{ id, name, description string }
	faqStep  struct{ id, name string }
	faqLink  struct{ name, url string }
	faqGroup struct {
		id, description string
		entries         []faqEntry
	}
)

// A faqFolder is what faq_getCategory answers.
type faqFolder struct {
	below   []faqSub
	entries []faqEntry
	path    []faqStep
	groups  []faqGroup
}

// A faqPage is what faq_getEntry answers.
type faqPage struct {
	faqEntry
	answer string
	links  []faqLink
	files  []file
	path   []faqStep
}

// A faqList is a call that lists entries: as the customer, the English one or
// nobody.
type faqList struct {
	method, as string
	args       []any
	want       []faqEntry
}

// What users see, the members in declared order.
type (
	activeTicket  struct{ id, read string }
	agentCategory struct {
		id, name, parent string
		internal         bool
	}
	templateFolder struct{ id, description, name, parent string }
	template       struct{ id, description, folder string }
	tableField     struct{ id, name, typ, flags string }
	modulePath     struct{ module, path string }
	cell           struct{ column, field, name, value string }
)

// A templateBody is what getReplyTemplate answers.
type templateBody struct {
	template, language   string
	subject, plain, html string
	hasPlain, hasHTML    bool
}

// A table is an extra table and its rows.
type table struct {
	id, name string
	fields   []tableField
	rows     [][]cell
}

package ports_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/store"
)

// addPeople fills in what searches by paths go along.
func addPeople(ctx context.Context, tx *store.WriteTx) error {
	if err := addPersonFields(ctx, tx); err != nil {
		return err
	}
	if err := addCardLists(ctx, tx); err != nil {
		return err
	}
	registered := time.Date(2021, 1, 24, 23, 30, 0, 0, time.UTC) // in Oslo the 25th
	for id, change := range map[skranke.CompanyID]func(*skranke.Company){
		acme: func(c *skranke.Company) {
			c.Note, c.Phone, c.Fax, c.Address, c.Country, c.PrimContact, c.Department = "good & old", "22", "23", "Gata 1\n0150 Oslo", 47, kari, "Head office"
			c.OurContact, c.OurSales, c.Domains, c.Business, c.Category, c.ExtTable = ada, bo, []string{"acme.no", "Acme.com"}, 5, 6, 7
			c.Number1, c.Number2, c.OrgNumber, c.Stopped, c.NoMailing, c.ExtKey = "n1", "n2", "974", true, true, "c-7"
			c.Extra = []skranke.ExtraValue{{Field: extraOfCompany, Value: skranke.BoolValue(true)}, {Field: companyInner, Value: skranke.TextValue("Inner")}}
		},
		beta: func(c *skranke.Company) { c.Country, c.OurContact = 49, bo },
	} {
		c, err := tx.Company(ctx, id)
		if err != nil {
			return err
		}
		change(c)
		if err := tx.UpdateCompany(ctx, c); err != nil {
			return err
		}
	}
	for id, change := range map[skranke.CustomerID]func(*skranke.Customer){
		kari: func(c *skranke.Customer) {
			c.Emails, c.Country, c.MiddleName, c.MrMrs, c.Title, c.Salutation = []string{"kari@acme.no", "k@home.no"}, 47, "Åse", "Mrs", "CEO", "Dear"
			c.PersonCard.Department, c.Initials, c.Number, c.Gender, c.BirthYear, c.BirthMonth, c.BirthDay = "Board", "KÅN", "P-1", 2, 1970, 5, 17
			c.Rank, c.SentInfo, c.Source, c.NoMailing, c.Registered, c.Language, c.OurContact, c.ExtTable, c.ExtKey = 1, 1, 3, true, registered, 2, ada, 7, "k-1"
			c.Business, c.Category, c.SyncedAt = 5, 6, morning
			c.Extra = []skranke.ExtraValue{{Field: extraOfCustomer, Value: skranke.TextValue("Thirty-Eight")}, {Field: shoeInteger, Value: skranke.IntValue(38)}}
		},
		ola:  func(c *skranke.Customer) { c.Emails, c.Rank = []string{"OLA@acme.no"}, 2 },
		siv:  func(c *skranke.Customer) { c.Country, c.LastName = 49, "Sønner" },
		lone: func(c *skranke.Customer) { c.Emails = []string{"lone@home.no"} },
		dag:  func(c *skranke.Customer) { c.Emails = []string{"dag@acme.no"} },
	} {
		c, err := tx.Customer(ctx, id)
		if err != nil {
			return err
		}
		change(c)
		if err := tx.UpdateCustomer(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// findPeople are the values that paths give for customers who meet the criteria.
func (w *world) findPeople(key string, fields []string, criteria ...criterion) []string {
	w.t.Helper()
	return values(w.agent("findCustomers", key, criteria, fields, "", "", true).want("0"))
}

// values are the rows of a search, their values joined with commas.
func values(a answer) []string {
	a.t.Helper()
	rows := []string{}
	for _, row := range a.table("searchResult") {
		var list []string
		for _, cell := range row {
			list = append(list, strings.Split(cell, "|")[1])
		}
		rows = append(rows, strings.Join(list, ","))
	}
	return rows
}

func TestFindCustomers(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addPeople)
		key := w.logInUser("ada")
		id := []string{"person.person_id"}
		all := []string{"1", "2", "3", "4", "5", "6", "8", "9", "10", "11"}

		// The example of the manual; ticket.findCustomers.5: the order asked for does not matter
		for _, order := range []string{"", "customer.id", "nonsense", "person.lastname"} {
			for _, ascending := range []bool{true, false} {
				a := w.agent("findCustomers", key, []criterion{{"customer.email", "OperatorContains", "@ACME.no"}}, []string{"customer.id", "customer.email"}, "100", order, ascending).want("0")
				sameTable(t, "the example", a.table("searchResult"), [][]string{
					{"customer.id|1|TypeCustomerId", "customer.email|kari@acme.no|TypeVarchar"}, {"customer.id|2|TypeCustomerId", "customer.email|OLA@acme.no|TypeVarchar"}})
			}
		}
		// ticket.findCustomers.1, tt.dot.2, tt.dot.4, tt.dot.6, ticket.common.16: what must work, with its types
		a := w.agent("findCustomers", key, []criterion{{"person.person_id", "OperatorEquals", "1"}, {"customer.email", "OperatorBeginsWith", "kari"}},
			[]string{"person.person_id", "Person.FIRSTNAME", " person.lastname ", "person.contact_id.contact_id", "person.contact_id.name", "person.(Email->person_id).email_address",
				"person.contact_id", "person.fullName", "person.registered", "person.retired", "person.rank", "person.country_id", "person.country_id.country_id", "person.supportAssociateId",
				"person.contact_id.(company_domain -> company_id).domain_name", "person.x_301", "person.x_shoe", "person.x_308", "customer.x_301", "person.contact_id.x_vip",
				"person.contact_id.x_403", "person.dbi_agent_id.id_string", "person.supportLanguageId", "person.supportLanguageId.is_default", "person.ticketPriorityId"}, "1", "", false).want("0")
		sameTable(t, "Kari", a.table("searchResult"), [][]string{{
			"person.person_id|1|TypeCustomerId", "Person.FIRSTNAME|Kari|TypeVarchar", "person.lastname|Nordmann|TypeVarchar", "person.contact_id.contact_id|1|TypeCompanyId",
			"person.contact_id.name|Acme|TypeVarchar", "person.(Email->person_id).email_address|kari@acme.no|TypeVarchar", "person.contact_id|1|TypeCompanyId",
			"person.fullName|Kari Nordmann|TypeVarchar", "person.registered|2021-01-25 00-30-00.000|TypeDateTime", "person.retired|0|TypeBool", "person.rank|1|TypeInteger",
			"person.country_id|47|TypeForeignKey", "person.country_id.country_id|47|TypeInteger", "person.supportAssociateId|2|TypeUserId",
			"person.contact_id.(company_domain -> company_id).domain_name|acme.no|TypeVarchar", "person.x_301|Thirty-Eight|TypeVarchar", "person.x_shoe|Thirty-Eight|TypeVarchar",
			"person.x_308|38|TypeInteger", "customer.x_301|Thirty-Eight|TypeVarchar", "person.contact_id.x_vip|1|TypeBool", "person.contact_id.x_403|Inner|TypeVarchar",
			"person.dbi_agent_id.id_string|erp-1|TypeVarchar", "person.supportLanguageId|2|TypeForeignKey", "person.supportLanguageId.is_default|0|TypeBool",
			"person.ticketPriorityId|-1|TypeForeignKey"}})
		// Everything else of a person and his company.
		same(t, "Kari's card", w.findPeople(key, []string{"person.middleName", "person.mrmrs", "person.title", "person.salutation", "person.department", "person.initials", "person.person_number",
			"person.gender", "person.year_of_birth", "person.month_of_birth", "person.day_of_birth", "person.business_idx.name", "person.category_idx.name", "person.nomailing",
			"person.source", "person.updated", "person.sentInfo", "person.showContactTickets", "person.dbi_key", "person.dbi_last_syncronized", "person.dbi_last_modified",
			"person.country_id.english_name", "person.dbi_agent_id.name", "person.supportLanguageId.lang_code", "person.supportAssociateId.loginname", "person.supportAssociateId.middlename"},
			criterion{"customer.id", "OperatorEquals", "1"}), []string{"Åse,Mrs,CEO,Dear,Board,KÅN,P-1,2,1970,5,17,Bakery,Supplier,1,3,,1,1,k-1,2021-01-25 13-05-09.000,,Norway,ERP,no,ada,Byron"})
		same(t, "Acme's card", w.findPeople(key, []string{"person.contact_id.department", "person.contact_id.number1", "person.contact_id.number2", "person.contact_id.orgNr", "person.contact_id.xstop",
			"person.contact_id.nomailing", "person.contact_id.dbi_key", "person.contact_id.associate_id.username", "person.contact_id.supportAssociateId.email",
			"person.contact_id.supportPersonId.fullName", "person.contact_id.country_id.name", "person.contact_id.business_idx", "person.contact_id.category_idx.category_id"},
			criterion{"customer.id", "OperatorEquals", "2"}), []string{"Head office,n1,n2,974,1,1,c-7,bo,ada@desk.example,Kari Nordmann,Norge,5,6"})
		same(t, "addresses", w.findPeople(key, []string{"person.(Email->person_id).rank", "person.(Email->person_id).person_id", "person.(Email->person_id).contact_id",
			"person.(Email->person_id).description", "person.(Email->person_id).type", "person.(Email->person_id).lastSent", "person.(Email->person_id).email_id"},
			criterion{"customer.id", "OperatorEquals", "1"}), []string{"0,1,-1,,,,1000001", "1,1,-1,,,,1000002"})
		same(t, "tickets", w.findPeople(key, []string{"person.(ticket_customers->customer_id).ticket_id", "person.(ticket_customers->customer_id).ticket_id.title",
			"person.(ticket_customers->customer_id).ticket_id.category.fullname", "person.(ticket_customers->customer_id).ticket_id.priority.name",
			"person.(ticket_customers->customer_id).ticket_id.owned_by.loginname", "person.(ticket_customers->customer_id).ticket_id.status",
			"person.(ticket_customers->customer_id).ticket_id.x_101"},
			criterion{"customer.id", "OperatorEquals", "2"}), []string{`1012,Printer <on> & "fire",Support desk,Low,ada,1,-42`, "1016,of Ola,Support desk,,system,1,"})

		// ticket.findCustomers.6, ticket.search.1, ticket.search.6: without criteria everybody but the deleted, by id
		same(t, "everybody", w.findPeople(key, id), all)
		same(t, "nil criteria", w.agentFind("findCustomers", key, verbatim("<item/><item/>"), id), all)
		same(t, "nobody", w.findPeople(key, id, criterion{"person.lastname", "OperatorEquals", "x"}), []string{}) // ticket.search.6

		// ticket.findCustomers.3, tt.dot.2: outer joins keep people without the row, inner ones do not
		same(t, "left outer", w.findPeople(key, []string{"person.person_id", "person.contact_id.name"}, criterion{"person.person_id", "OperatorLte", "4"}), []string{"1,Acme", "2,Acme", "3,Beta", "4,"})
		same(t, "inner", w.findPeople(key, []string{"person.person_id", "person:contact_id.name"}, criterion{"person.person_id", "OperatorLte", "4"}), []string{"1,Acme", "2,Acme", "3,Beta"})
		same(t, "inner, in a criterion", w.findPeople(key, id, criterion{"person:contact_id.name", "OperatorNotEquals", "nobody"}), []string{"1", "2", "3", "6", "11"})
		same(t, "outer, unset", w.findPeople(key, id, criterion{"person.contact_id.name", "OperatorNotEquals", "acme"}), []string{"3", "4", "5", "8", "9", "10"})
		same(t, "outer, empty", w.findPeople(key, id, criterion{"person.contact_id.name", "OperatorEquals", ""}), []string{"4", "5", "8", "9", "10"})
		// One join: the row of the criterion is the row that is shown, however its name is spelled.
		for _, path := range []string{"person.(Email->person_id).email_address", "PERSON.(EMAIL -&gt; Person_ID).Email_Address", `person.(Email-\>person_id).email_address`, "customer.email"} { // tt.dot.1, tt.dot.3
			same(t, path, w.findPeople(key, []string{"person.person_id", path}, criterion{"customer.email", "OperatorContains", "home"}), []string{"1,k@home.no", "4,lone@home.no"})
		}
		// Both criteria look at one address.
		same(t, "one row for two criteria", w.findPeople(key, id, criterion{"customer.email", "OperatorContains", "kari"}, criterion{"customer.email", "OperatorContains", "home"}), []string{})

		// ticket.findCustomers.4
		same(t, "a row for every address", w.findPeople(key, []string{"person.person_id", "customer.email"}, criterion{"person.person_id", "OperatorLt", "4"}),
			[]string{"1,kari@acme.no", "1,k@home.no", "2,OLA@acme.no", "3,"})
		same(t, "none for criteria", w.findPeople(key, id, criterion{"customer.email", "OperatorContains", "@"}), []string{"1", "2", "4", "9"})
		same(t, "none for criteria judged by what is printed", w.findPeople(key, id, criterion{"person.(Email->person_id).rank", "OperatorContains", ""}), all)
		same(t, "two to-many joins", w.findPeople(key, []string{"customer.email", "person.contact_id.(company_domain->company_id).domain_name"}, criterion{"customer.id", "OperatorEquals", "1"}),
			[]string{"kari@acme.no,acme.no", "kari@acme.no,Acme.com", "k@home.no,acme.no", "k@home.no,Acme.com"})
		same(t, "colleagues", w.findPeople(key, []string{"person.firstname", "person:contact_id:(person->contact_id).firstname"}, criterion{"customer.id", "OperatorEquals", "2"}),
			[]string{"Ola,Kari", "Ola,Ola", "Ola,Rita", "Ola,"}) // Gro has no first name, Dag is deleted

		// ticket.search.4, ticket.findCustomers.2: what is illegal is left out
		a = w.agent("findCustomers", key, []criterion{{"customer.id", "OperatorEquals", "1"}}, []string{"customer.password", "customer.id", "", "person.password", "customer.name", "person.contact_id:name", "person.x_999",
			"person.x_303", "person.x_vip", "person.firstname", "person.(Email->person_id).x_1", "customer.phone"}, "", "", false).want("0")
		sameTable(t, "legal ones", a.table("searchResult"), [][]string{{"customer.id|1|TypeCustomerId", "person.firstname|Kari|TypeVarchar"}})
		for _, none := range []any{[]string{}, []string{"nothing", "customer.name"}, absent{}} {
			a := w.agent("findCustomers", key, []criterion{{"customer.id", "OperatorLt", "3"}}, none).want("0")
			if got := len(a.part("searchResult").kids); got != 2 || len(a.part("searchResult").kids[0].kids) != 0 {
				t.Errorf("without fields: got %d rows, want 2 empty ones:\n%s", got, a.raw)
			}
		}
		// ticket.search.5, ticket.findCustomers.7
		for rows, want := range map[string]int{"": 10, "0": 10, "-1": 10, " 3 ": 3, "1": 1, "10": 10, "11": 10, "10001": 10, "99999999999": 10} {
			if got := len(w.agent("findCustomers", key, []criterion{}, id, rows, "", true).want("0").table("searchResult")); got != want {
				t.Errorf("maxRows %q: got %d rows, want %d", rows, got, want)
			}
		}
		same(t, "the first rows", values(w.agent("findCustomers", key, []criterion{}, []string{"customer.id", "customer.email"}, "2", "", false).want("0")), []string{"1,kari@acme.no", "1,k@home.no"})
		for _, rows := range []string{"x", "1.5", "ten", "1 2", "99999999999999999999"} {
			w.agent("findCustomers", key, []criterion{}, id, rows).want("28").empty("ticket", "findCustomers")
		}
		w.unchanged(func() { w.refusedUsers("findCustomers", []criterion{{"nothing", "", ""}}, id) })
	})
}

// agentFind is a search whose criteria are sent as they stand.
func (w *world) agentFind(method, key string, criteria any, fields []string) []string {
	w.t.Helper()
	return values(w.agent(method, key, criteria, fields).want("0"))
}

// Every operator on every kind of value.
func TestFindCustomersOperators(t *testing.T) {
	w := newWorld(t)
	w.write(addPeople)
	key := w.logInUser("ada")
	for _, test := range []struct{ field, op, value, want string }{
		// ticket.findCustomers.2, ticket.search.2
		{"person.firstname", "OperatorContains", "AR", "1 5"}, {"person.firstname", " operatorBEGINSWITH ", "l", "4 5"}, {"person.firstname", "OperatorEquals", "KARI", "1"},
		{"person.firstname", "OperatorNotEquals", "kari", "2 3 4 5 6 8 9 10 11"}, {"person.firstname", "OperatorEquals", "", "9 10 11"}, {"person.lastname", "OperatorContains", "SØN", "3"},
		{"person.fullName", "OperatorBeginsWith", "gro h", "11"}, {"person.fullName", "OperatorEquals", "kari nordmann", "1"},
		{"person.person_id", "OperatorContains", "1", "1 10 11"}, {"person.person_id", "OperatorBeginsWith", "1", "1 10 11"}, {"person.person_id", "OperatorNotEquals", "1", "2 3 4 5 6 8 9 10 11"},
		{"person.person_id", "OperatorGt", "9", "10 11"}, {"person.person_id", "OperatorGte", "10", "10 11"}, {"person.person_id", "OperatorLt", "2", "1"}, {"person.person_id", "OperatorLte", "2", "1 2"},
		{"person.contact_id", "OperatorEquals", "1", "1 2 6 11"}, {"person.contact_id", "OperatorNotEquals", "1", "3 4 5 8 9 10"}, {"person.contact_id", "OperatorGte", "1", "1 2 3 6 11"},
		{"person.contact_id", "OperatorContains", "-1", "4 5 8 9 10"}, {"person.country_id.english_name", "OperatorContains", "g", "3"}, {"person.country_id.name", "OperatorContains", "g", "1"},
		{"person.registered", "OperatorEquals", "2021-01-25", "1"}, {"person.registered", "OperatorLt", "2021-01-25", ""}, {"person.registered", "OperatorGte", "2021-01-25", "1"},
		{"person.registered", "OperatorBeginsWith", "2021-01-25 00-30", "1"}, {"person.retired", "OperatorEquals", "1", "6"}, {"person.retired", "OperatorNotEquals", "true", "1 2 3 4 5 8 9 10 11"},
		{"person.rank", "OperatorGt", "0", "1 2"}, {"person.rank", "OperatorLte", "1", "1 3 4 5 6 8 9 10 11"},
		{"person.x_301", "OperatorContains", "EIGHT", "1"}, {"person.x_308", "OperatorGt", "37", "1"}, {"person.x_308", "OperatorContains", "8", "1"}, {"person.x_308", "OperatorNotEquals", "38", "2 3 4 5 6 8 9 10 11"},
		{"person.contact_id.x_vip", "OperatorEquals", "1", "1 2 6 11"}, {"person.contact_id.x_403", "OperatorContains", "inner", "1 2 6 11"}, {"person.contact_id.x_403", "OperatorEquals", "", "3 4 5 8 9 10"},
		{"person.(ticket_customers->customer_id).ticket_id.title", "OperatorContains", "of ola", "2"}, {"person.(ticket->cust_id).id", "OperatorEquals", "1018", "3"},
		{"person.(ticket_customers->customer_id).ticket_id.closed_at", "OperatorEquals", "2021-01-25", "1"},
		{"person.(ticket_customers->customer_id).ticket_id.category.fullname", "OperatorEquals", "support DESK", "1 2 3 4 6"},
		{"person.(ticket_customers->customer_id).ticket_id.x_101", "OperatorLt", "0", "1 2"}, {"customer.company", "OperatorEquals", "2", "3"},
		{"person.(Email->person_id).description", "OperatorEquals", "", "1 2 3 4 5 6 8 9 10 11"}, {"person.(Email->person_id).bounceCount", "OperatorEquals", "0", ""},
		{"person.supportAssociateId.firstname", "OperatorEquals", "ada", "1"}, {"person.contact_id.supportAssociateId.email", "OperatorEquals", "ADA@desk.example", "1 2 6 11"},
		{"person.firstname", "OperatorContains", "%", ""}, {"person.fullName", "OperatorContains", "_", ""}, {"person.fullName", "OperatorContains", "' OR 1=1 --", ""},
	} {
		got := strings.Join(w.findPeople(key, []string{"person.person_id"}, criterion{test.field, test.op, test.value}), " ")
		if got != test.want {
			t.Errorf("%s %s %q: got %s, want %s", test.field, test.op, test.value, got, test.want)
		}
	}
	for _, bad := range []criterion{
		// ticket.findCustomers.2, ticket.search.3
		{"person.person_id", "OperatorIn", "1"}, {"person.person_id", "OperatorNotIn", "1"}, {"person.firstname", "OperatorEmpty", ""}, {"person.person_id", "", "1"}, {"person.person_id", "Equals", "1"},
		{"person.firstname", "OperatorLt", "b"}, {"person.firstname", "OperatorGte", "b"}, {"person.retired", "OperatorGt", "0"}, {"person.x_301", "OperatorLte", "b"}, {"person.contact_id.x_vip", "OperatorLt", "1"},
		{"person.nothing", "OperatorEquals", "1"}, {"firstname", "OperatorEquals", "1"}, {"customer.name", "OperatorEquals", "1"}, {"person.password", "OperatorContains", "argon"}, {"customer.password", "OperatorEquals", ""},
		{"person.x_999", "OperatorEquals", "1"}, {"person.x_303", "OperatorEquals", "1"}, {"person:firstname", "OperatorEquals", "1"}, {"", "OperatorEquals", "1"},
		{"person.person_id", "OperatorEquals", "one"}, {"person.rank", "OperatorLt", "1.5"}, {"person.registered", "OperatorLt", "yesterday"}, {"person.retired", "OperatorEquals", "maybe"}, {"person.x_308", "OperatorEquals", "x"},
		{"person." + strings.Repeat("contact_id.(person->contact_id).", 3) + "contact_id.name", "OperatorEquals", "Acme"}, // tt.dot.3
	} {
		w.agent("findCustomers", key, []criterion{{"person.person_id", "OperatorEquals", "1"}, bad}, []string{"person.person_id"}).want("28").empty("ticket", "findCustomers")
	}
}

// A search of more joins, values or criteria than a database takes is answered
// all the same.
func TestFindCustomersWithoutMeasure(t *testing.T) {
	w := newWorld(t)
	w.write(addPeople)
	key := w.logInUser("ada")
	var fields []string
	var criteria []criterion
	first := []string{"contact_id", "supportAssociateId", "country_id", "ticketPriorityId", "supportLanguageId", "business_idx", "category_idx"}
	for _, a := range []string{"", ".contact_id.supportPersonId", ".contact_id.supportPersonId.contact_id.supportPersonId"} {
		for _, b := range first {
			for _, c := range []string{"", ".contact_id", ".supportPersonId", ".country_id"} {
				fields = append(fields, "person"+a+"."+b+c+".name", "person"+a+"."+b+c+".rank")
			}
		}
	}
	for i := range 3000 {
		fields = append(fields, "customer.id")
		criteria = append(criteria, criterion{"person.person_id", "OperatorNotEquals", fmt.Sprint(100 + i)})
	}
	a := w.agent("findCustomers", key, []criterion{{"customer.id", "OperatorEquals", "1"}}, fields, "", "", true).want("0")
	if rows := a.table("searchResult"); len(rows) != 1 || len(rows[0]) != 999 || rows[0][998] != "customer.id|1|TypeCustomerId" {
		t.Errorf("got %d rows", len(rows))
	}
	same(t, "many criteria", w.findPeople(key, []string{"customer.id"}, criteria[:900]...), []string{"1", "2", "3", "4", "5", "6", "8", "9", "10", "11"})
	w.agent("findCustomers", key, criteria, []string{}).want("28")
}

// Paths from many to many to many: nobody waits for such a search to end.
func TestFindCustomersIsGivenUp(t *testing.T) {
	w := newWorld(t, func(o *desk.Options) { o.SearchTime = 300 * time.Millisecond })
	if w.database != "" {
		t.Skip("PostgreSQL looks at the other end of the path first and is done at once")
	}
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		for range 300 {
			if err := tx.InsertCustomer(ctx, &skranke.Customer{Company: acme}); err != nil {
				return err
			}
		}
		return nil
	})
	key := w.logInUser("ada")
	deep := "person" + strings.Repeat(".contact_id.(person->contact_id)", 3) + ".firstname"
	begun := time.Now()
	w.agent("findCustomers", key, []criterion{{deep, "OperatorEquals", "nobody at all"}}, []string{"customer.id"}).want("7").empty("ticket", "findCustomers")
	if took := time.Since(begun); took > 60*time.Second {
		t.Errorf("it took %s", took)
	}
	if !strings.Contains(w.log.String(), "it takes too long") {
		t.Errorf("the log says nothing of it: %s", w.log)
	}
	same(t, "afterwards", w.findPeople(key, []string{"customer.id"}, criterion{"customer.id", "OperatorLt", "3"}), []string{"1", "2"})
}

func TestFindCompanies(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addPeople)
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.InsertCompany(ctx, &skranke.Company{ID: 30, Name: "Acme, gone", Deleted: true})
		})
		key := w.logInUser("ada")
		fields := []string{"contact.id", "contact.name", "contact.note", "contact.phone", "contact.fax", "contact.adr", "contact.our_contact", "contact.priority_id", "contact.domain_name",
			"contact.x_401", "company.x_403", "contact.x_vip"}
		// ticket.findCompanies.1, ticket.findCompanies.4, ticket.findCompanies.5
		for _, order := range []string{"", "customer.id", "contact.name"} {
			for _, ascending := range []bool{true, false} {
				a := w.agent("findCompanies", key, []criterion{}, fields, "", order, ascending).want("0")
				sameTable(t, "all", a.table("searchResult"), [][]string{
					{"contact.id|1|TypeCompanyId", "contact.name|Acme|TypeVarchar", "contact.note|good & old|TypeClob", "contact.phone|22|TypeVarchar", "contact.fax|23|TypeVarchar",
						"contact.adr|Gata 1\n0150 Oslo|TypeVarchar", "contact.our_contact|2|TypeUserId", "contact.priority_id|-1|TypeForeignKey", "contact.domain_name|acme.no,Acme.com|TypeVarchar",
						"contact.x_401|1|TypeBool", "company.x_403|Inner|TypeVarchar", "contact.x_vip|1|TypeBool"},
					{"contact.id|2|TypeCompanyId", "contact.name|Beta|TypeVarchar", "contact.note||TypeClob", "contact.phone||TypeVarchar", "contact.fax||TypeVarchar",
						"contact.adr||TypeVarchar", "contact.our_contact|7|TypeUserId", "contact.priority_id|5|TypeForeignKey", "contact.domain_name||TypeVarchar",
						"contact.x_401|0|TypeBool", "company.x_403||TypeVarchar", "contact.x_vip|0|TypeBool"},
				})
			}
		}
		// ticket.findCompanies.3, ticket.search.4
		a := w.agent("findCompanies", key, []criterion{{"contact.id", "OperatorEquals", "1"}}, []string{"company.name", " Contact.NAME", "", "contact.address", "contact.department", "contact.x_999", "contact.x_301",
			"contact.contact_id", "x_vip", "person.firstname"}, "", "", false).want("0")
		sameTable(t, "legal ones", a.table("searchResult"), [][]string{{"Contact.NAME|Acme|TypeVarchar"}})
		find := func(c ...criterion) string {
			t.Helper()
			return strings.Join(values(w.agent("findCompanies", key, c, []string{"contact.id"}, "", "", true).want("0")), " ")
		}
		for _, test := range []struct{ field, op, value, want string }{
			{"contact.name", "OperatorContains", "ME", "1"}, {"contact.name", "OperatorBeginsWith", "b", "2"}, {"contact.name", "OperatorEquals", "acme", "1"}, {"contact.note", "OperatorContains", "& OLD", "1"},
			{"contact.phone", "OperatorEquals", "22", "1"}, {"contact.fax", "OperatorBeginsWith", "2", "1"}, {"contact.adr", "OperatorContains", "oslo", "1"}, {"contact.our_contact", "OperatorGt", "2", "2"},
			{"contact.priority_id", "OperatorLt", "6", "2"}, {"contact.id", "OperatorLt", "2", "1"}, {"contact.id", "OperatorContains", "2", "2"}, {"contact.x_401", "OperatorEquals", "true", "1"},
			{"company.x_403", "OperatorContains", "inn", "1"}, {"contact.name", "OperatorEquals", "Acme, gone", ""}, // ticket.findCompanies.4: deleted
		} {
			if got := find(criterion{test.field, test.op, test.value}); got != test.want {
				t.Errorf("%s %s %q: got %s, want %s", test.field, test.op, test.value, got, test.want)
			}
		}
		if got := find(criterion{"contact.name", "OperatorContains", "e"}, criterion{"contact.id", "OperatorGt", "1"}); got != "2" {
			t.Errorf("two criteria: got %s", got)
		}
		for _, bad := range []criterion{
			// ticket.findCompanies.1, ticket.findCompanies.2, ticket.search.3
			{"contact.domain_name", "OperatorContains", "acme"}, {" CONTACT.domain_NAME", "OperatorEquals", ""}, {"contact.name", "OperatorLt", "b"}, {"contact.note", "OperatorGt", "b"},
			{"contact.id", "OperatorLte", "2"}, {"contact.id", "OperatorGte", "2"}, {"contact.id", "OperatorIn", "1"}, {"contact.id", "OperatorNotIn", "1"}, {"contact.id", "OperatorNotEquals", "1"},
			{"contact.id", "OperatorEmpty", ""}, {"contact.id", "", "1"}, {"company.name", "OperatorEquals", "Acme"}, {"contact.nothing", "OperatorEquals", "1"}, {"contact.id", "OperatorEquals", "one"},
			{"contact.x_999", "OperatorEquals", "1"}, {"contact.x_301", "OperatorEquals", "1"}, {"contact.x_401", "OperatorLt", "1"}, {"person.firstname", "OperatorEquals", "1"},
		} {
			w.agent("findCompanies", key, []criterion{bad}, []string{"contact.id"}).want("28").empty("ticket", "findCompanies")
		}
		// ticket.search.5
		for rows, want := range map[string]string{"": "1 2", "0": "1 2", "-3": "1 2", "1": "1"} {
			if got := strings.Join(values(w.agent("findCompanies", key, []criterion{}, []string{"contact.id"}, rows).want("0")), " "); got != want {
				t.Errorf("maxRows %q: got %s, want %s", rows, got, want)
			}
		}
		w.agent("findCompanies", key, []criterion{}, []string{"contact.id"}, "many").want("28").empty("ticket", "findCompanies")
		w.unchanged(func() { w.refusedUsers("findCompanies", []criterion{{"nothing", "", ""}}, []string{}) })
	})
}

func TestFindUser(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		for id := range map[skranke.UserID]bool{bo: true, emil: true, dora: true} {
			w.updateUser(id, func(u *skranke.User) { u.Email = "shared@desk.example" })
		}
		key := w.logInUser("ada")
		for _, test := range []struct{ field, value, code, want string }{
			// ticket.findUser.1, ticket.findUser.2
			{"username", "lovelace", "0", "2"}, {"loginname", "ADA", "0", "2"}, {" UserName ", " ada ", "0", "3"}, {"user.loginname", "nora", "0", "3"}, {"USER.EMAIL", "ADA@desk.example", "0", "2"},
			{"loginname", "ron", "0", "4"}, {"loginname", "ad", "35", ""}, {"username", "nora", "35", ""},
			{"email", "Shared@desk.example", "0", fmt.Sprint(min(bo, emil))},                                     // the lowest id
			{"loginname", "dora", "35", ""}, {"loginname", "system", "35", ""}, {"username", "system", "35", ""}, // deleted, and nobody
			// ticket.findUser.3
			{"username", "", "35", ""}, {"loginname", " ", "35", ""}, {"email", "", "35", ""}, {"email", "nobody@desk.example", "35", ""}, {"username", "%", "35", ""},
			{"user.user.email", "ada", "17", ""}, {"name", "ada", "17", ""}, {"firstname", "Ada", "17", ""}, {"", "ada", "17", ""}, {"id", "2", "17", ""},
			// ticket.findUser.4: login name before user name before address
			{"ada", "", "0", "2"}, {"lovelace", "", "0", "2"}, {"ada@desk.example", "", "0", "2"}, {"nobody", "", "35", ""}, {"", "", "35", ""}, {"system", "", "35", ""},
		} {
			a := w.agent("findUser", key, test.field, test.value)
			a.call = fmt.Sprintf("findUser %q %q", test.field, test.value)
			if got := a.want(test.code).text("userId"); got != test.want {
				t.Errorf("%s: got %q, want %q", a.call, got, test.want)
			}
			if test.code != "0" {
				a.empty("ticket", "findUser")
			}
		}
		if got := w.agent("findUser", key, "nora").want("0").text("userId"); got != "3" { // ticket.findUser.4
			t.Errorf("without a value: got %q", got)
		}
		w.unchanged(func() { w.refusedUsers("findUser", "name", "x") })
	})
}

func TestFindCustomerFromEmail(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addPeople)
		w.updateCustomer(nils, func(c *skranke.Customer) { c.Emails, c.UserName = []string{"n@x.no"}, "" })
		w.updateCustomer(ola, func(c *skranke.Customer) { c.Emails = append(c.Emails, "K@Home.no") })
		find := func(code, user, password, email, want string) {
			t.Helper()
			a := w.agent("findCustomerFromEmail", user, password, email)
			a.call = fmt.Sprintf("findCustomerFromEmail %q %q %q", user, password, email)
			if got := a.want(code).text("custUsername"); got != want {
				t.Errorf("%s: got %q, want %q", a.call, got, want)
			}
			if code != "0" {
				a.empty("ticket", "findCustomerFromEmail")
			}
		}
		w.unchanged(func() {
			// ticket.findCustomerFromEmail.2
			find("0", "ada", userPassword, " KARI@acme.NO ", "Kari")
			find("0", "Lovelace", userPassword, "ola@acme.no", "ola")
			find("0", "ada", userPassword, "k@home.no", "Kari") // Ola has it too, and the higher id
			find("0", "ada", userPassword, "n@x.no", "")
			find("0", "ada", userPassword, "t@example.no", "tove") // not the first of hers
			// ticket.findCustomerFromEmail.3
			for _, email := range []string{"", " ", "nobody@acme.no", "acme.no", "%@acme.no", "dag@acme.no"} {
				find("31", "ada", userPassword, email, "")
			}
			// ticket.findCustomerFromEmail.1
			for _, c := range []struct{ code, user, password string }{
				{"2", "ada", "wrong"}, {"2", "", ""}, {"2", "nobody", userPassword}, {"2", "dora", userPassword}, {"2", "ron", userPassword}, {"2", "kari", customerPassword}, {"4", "emil", userPassword},
			} {
				find(c.code, c.user, c.password, "kari@acme.no", "")
				find(c.code, c.user, c.password, "nobody@acme.no", "")
			}
		})
		for range 10 { // ticket.common.20, types.sec.1
			find("2", "nora", "wrong", "kari@acme.no", "")
		}
		find("2", "nora", userPassword, "kari@acme.no", "")
		w.clock.advance(16 * time.Minute)
		find("0", "nora", userPassword, "kari@acme.no", "Kari")
	})
}

package skranke

import (
	"strings"
	"testing"
)

// shape writes a path the way it was understood.
func shape(p *Path) string {
	var b strings.Builder
	b.WriteString(p.Root.Name)
	for _, j := range p.Joins {
		sign := "."
		if j.Inner {
			sign = ":"
		}
		if j.Many {
			b.WriteString(sign + "(" + j.Table.Name + "->" + Fold(j.Column.Name) + ")")
		} else {
			b.WriteString(sign + Fold(j.Column.Name))
		}
	}
	if p.Column != nil {
		return b.String() + "." + Fold(p.Column.Name)
	}
	return b.String() + "." + p.Extra
}

func TestParsePath(t *testing.T) {
	for _, test := range []struct {
		text, want string
		typ        Type
	}{
		// tt.dot.1, tt.dot.2
		{"person.person_id", "person.person_id", TypeCustomerID},
		{" PERSON.FirstName\n", "person.firstname", TypeVarchar},
		{"person.contact_id.contact_id", "person.contact_id.contact_id", TypeCompanyID},
		{"person:contact_id.name", "person:contact_id.name", TypeVarchar},
		{"person.(Email->person_id).email_address", "person.(email->person_id).email_address", TypeVarchar},
		{"person:(Email->person_id).email_address", "person:(email->person_id).email_address", TypeVarchar},
		{"person.(ticket_customers->customer_id).ticket_id.title", "person.(ticket_customers->customer_id).ticket_id.title", TypeVarchar},
		{"person.(ticket_customers->customer_id):ticket_id.category.fullname", "person.(ticket_customers->customer_id):ticket_id.category.fullname", TypeVarchar},
		{"person.contact_id.(person->contact_id).rank", "person.contact_id.(person->contact_id).rank", TypeInteger},
		{"person.fullName", "person.fullname", TypeVarchar}, // tt.dot.6
		// tt.dot.4: references give their ids
		{"person.contact_id", "person.contact_id", TypeCompanyID},
		{"person.supportAssociateId", "person.supportassociateid", TypeUserID},
		{"person.country_id", "person.country_id", TypeForeignKey},
		{"person.country_id.country_id", "person.country_id.country_id", TypeInteger},
		{"person.(ticket->cust_id).cust_id", "person.(ticket->cust_id).cust_id", TypeCustomerID},
		{"person.(ticket_customers->customer_id).ticket_id", "person.(ticket_customers->customer_id).ticket_id", TypeRequestID},
		{"person.registered", "person.registered", TypeDateTime},
		{"person.retired", "person.retired", TypeBool},
		// tt.dot.3: damage done by escaping
		{"person.(Email -> person_id).email_address", "person.(email->person_id).email_address", TypeVarchar},
		{`person.(Email-\>person_id).email_address`, "person.(email->person_id).email_address", TypeVarchar},
		{`person.(Email \-\> person_id).email_address`, "person.(email->person_id).email_address", TypeVarchar},
		{"person.(Email-&gt;person_id).email_address", "person.(email->person_id).email_address", TypeVarchar},
		{"person.(Email -&GT;\tperson_id).email_address", "person.(email->person_id).email_address", TypeVarchar},
		{"person.contact_id.(person->contact_id).contact_id.(person->contact_id).contact_id.supportPersonId.lastname",
			"person.contact_id.(person->contact_id).contact_id.(person->contact_id).contact_id.supportpersonid.lastname", TypeVarchar},
		// tt.dot.5
		{"person.x_301", "person.x_301", 0},
		{"person.contact_id.X_vip", "person.contact_id.x_vip", 0},
		{"person.(ticket->cust_id).x_1", "person.(ticket->cust_id).x_1", 0},
		// aliases
		{"customer.id", "person.person_id", TypeCustomerID},
		{" Customer.Email", "person.(email->person_id).email_address", TypeVarchar},
		{"customer.firstname", "person.firstname", TypeVarchar},
		{"customer.lastname", "person.lastname", TypeVarchar},
		{"customer.company", "person.contact_id", TypeCompanyID},
		{"customer.x_7", "person.x_7", 0},
	} {
		p, ok := ParsePath(test.text)
		if !ok {
			t.Errorf("%q leads nowhere", test.text)
			continue
		}
		if got := shape(p); got != test.want {
			t.Errorf("%q: got %s, want %s", test.text, got, test.want)
		}
		if p.Column != nil && p.Column.Type != test.typ {
			t.Errorf("%q: got type %v, want %v", test.text, p.Column.Type, test.typ)
		}
	}
	deep := strings.Repeat(".contact_id.(person->contact_id)", 3)
	for _, text := range []string{
		"", "person", "person.", ".person_id", "persons.person_id", "p.person_id", "contact.name", "customer.name", "customer.person_id", "ticket.id", // tt.dot.1
		"person.nothing", "person:firstname", "person.contact_id:name", "person.firstname.name", "person..firstname", "person.(Email).email_address", // tt.dot.2
		"person.(Email->contact_id).email_address", "person.(Email->nothing).email_address", "person.(nothing->person_id).id", "person.(contact->contact_id).name",
		"person.(Email->person_id)", "person.(Email->person_id", "person.(Email->person_id).", "person.(Email->person_id)email_address", "person.()", "person.(->).x",
		"person.(Email-person_id).email_address", "person.(Email>person_id).email_address", "person.((Email->person_id)).email_address", "person.( -> ).email_address",
		"person.password", "person.password_hash", "person.user_name_fold", "person.contact_id.deleted", "person.supportAssociateId.password", "person.supportAssociateId.password_hash", // tt.dot.4
		"person.@", "person.person_id; DROP TABLE customer", "person.' OR 1=1", "person.id",
		"person.(Email->person_id).x_1", "person.country_id.x_1", "person.y_1", // tt.dot.5
		"person" + deep + ".contact_id.name", // tt.dot.3: a seventh join
		"person." + strings.Repeat("contact_id.", 1000) + "name",
		"p\u0435rson.person_id", // a Cyrillic e
	} {
		if p, ok := ParsePath(text); ok {
			t.Errorf("%.80q leads to %s", text, shape(p))
		}
	}
	if _, ok := ParsePath("person" + deep + ".firstname"); !ok { // tt.dot.3
		t.Error("six joins are too many")
	}
}

// Every reference leads to a table, and names fold to themselves once.
func TestPathTables(t *testing.T) {
	minimum := map[string]int{"person": 34, "contact": 23, "email": 11, "ticket_customers": 3, "ticket": 16, "company_domain": 4, "ej_category": 5,
		"ticket_priority": 3, "cust_lang": 4, "ejuser": 7, "country": 3, "business": 2, "category": 2, "dbi_agent": 3}
	for name, table := range pathTables {
		if len(table.Columns) != minimum[name] {
			t.Errorf("%s has %d columns, want %d", name, len(table.Columns), minimum[name])
		}
		for _, c := range table.Columns {
			if c.To != "" && pathTables[c.To] == nil {
				t.Errorf("%s.%s leads to %s, which there is not", name, c.Name, c.To)
			}
			if table.byName[Fold(c.Name)] == nil || len(table.byName) != len(table.Columns) {
				t.Errorf("%s.%s is not found by its name", name, c.Name)
			}
		}
	}
}

func FuzzParsePath(f *testing.F) {
	for _, seed := range []string{
		"person.person_id", "person:contact_id.name", "person.(Email->person_id).email_address", `person.(ticket_customers \-&gt; customer_id).ticket_id.title`,
		"customer.email", "person.contact_id.(person->contact_id).x_vip", "contact.x_1", "contact.domain_name", "person.(", ".:()->",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, ok := ParsePath(text)
		if !ok {
			return
		}
		if len(p.Joins) > maxPathJoins || (p.Column == nil) == (p.Extra == "") {
			t.Fatalf("%q: got %+v", text, p)
		}
		at := p.Root
		for _, j := range p.Joins { // every step follows a reference between the rows it joins
			from, to := at, j.Table
			if j.Many {
				from, to = j.Table, at
			}
			if j.Column.To != to.Name || from.byName[Fold(j.Column.Name)] != j.Column {
				t.Fatalf("%q: a step from %s to %s by %s", text, at.Name, j.Table.Name, j.Column.Name)
			}
			at = j.Table
		}
		if p.Column != nil && at.byName[Fold(p.Column.Name)] != p.Column {
			t.Fatalf("%q: ends at %s, which %s has not", text, p.Column.Name, at.Name)
		}
		again, ok := ParsePath(shape(p)) // what is understood can be written down
		if !ok || shape(again) != shape(p) {
			t.Fatalf("%q: understood as %s, which is not understood alike", text, shape(p))
		}
	})
}

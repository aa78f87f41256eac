package e2e

import (
	"encoding/base64"
	"strings"
	"testing"
)

// checkAgentWork calls the methods about tickets that checkTicketPort leaves.
func checkAgentWork(t *testing.T, c *client, key string) {
	newTicket := func(t *testing.T, key, owner string) string {
		t.Helper()
		r := c.call(t, "newTicket", key, hardTitle, "2", demo.category, demo.priority, owner, []string{demo.customerID}, []pair{}, true)
		r.wantCode(t, "0")
		return r.text(t, "ticketId")
	}

	// ticket.loginAsUser.1 ticket.allocUserNotifications.2 ticket.allocUserNotifications.3
	// ticket.getUserNotifications.1 ticket.getUserNotifications.3 ticket.getUserNotifications.4 ticket.notify.2
	t.Run("notifications", func(t *testing.T) {
		r := c.call(t, "loginAsUser", demo.clerkID, demo.agent, demo.agentPassword)
		r.wantCode(t, "0")
		clerk := r.text(t, "sessionKey")
		if !sessionKey.MatchString(clerk) || clerk == key {
			t.Fatalf("sessionKey: got %q, the first was %q", clerk, key)
		}
		for _, user := range []string{demo.missing, "1"} {
			c.call(t, "loginAsUser", user, demo.agent, demo.agentPassword).wantCode(t, "34")
		}
		ticket := newTicket(t, clerk, demo.agentID)

		c.call(t, "setUserIdleTime", key, "5").wantCode(t, "0")
		r = c.call(t, "allocUserNotifications", key, "e2e")
		r.wantCode(t, "0")
		replaced := r.text(t, "notificationKey")
		r = c.call(t, "allocUserNotifications", key, "another source")
		r.wantCode(t, "26")
		if got := r.text(t, "notificationKey"); got != "" {
			t.Errorf("notificationKey: got %q, want none", got)
		}
		r = c.call(t, "allocUserNotifications", key, "e2e")
		r.wantCode(t, "0")
		reserved := r.text(t, "notificationKey")
		r = c.call(t, "getUserNotifications", key, replaced)
		r.wantCode(t, "26")
		if got := r.structs(t, "userNotifications"); len(got) > 0 {
			t.Errorf("userNotifications: got %v, want none", got)
		}
		for _, want := range [][]notification{{{"1", demo.clerkID, ticket}}, nil} {
			r = c.call(t, "getUserNotifications", key, reserved)
			r.wantCode(t, "0")
			var got []notification
			for _, m := range r.structs(t, "userNotifications") {
				got = append(got, notification{m["type"].text, m["createdBy"].text, m["ticketId"].text})
				if text := m["message"].text; !strings.Contains(text, ticket) || !strings.Contains(text, hardTitle) {
					t.Errorf("message: got %q, want the ticket's id %s and title %s in it", text, ticket, hardTitle)
				}
			}
			wantEqual(t, "userNotifications", got, want)
		}
	})

	// ticket.setTicket.1 ticket.addMessage.1 ticket.addMessage2.1
	t.Run("setTicket and older ways to add messages", func(t *testing.T) {
		ticket := newTicket(t, key, demo.agentID)
		holds := func(want ...result) {
			t.Helper()
			r := c.call(t, "getTicket", key, ticket, names(want))
			r.wantCode(t, "0")
			wantEqual(t, "ticketResult", r.results(t, "ticketResult"), want)
		}
		says := func(message string, want ...result) {
			t.Helper()
			r := c.call(t, "getMessage", key, message, names(want))
			r.wantCode(t, "0")
			wantEqual(t, "messageResult", r.results(t, "messageResult"), want)
		}
		c.call(t, "setTicket", key, ticket, []pair{{"title", "x"}, {"nothing", "x"}}).wantCode(t, "17")
		holds(result{"ticket.title", hardTitle, "TypeVarchar"})
		c.call(t, "setTicket", key, ticket, []pair{{"title", "ny " + hardTitle}, {"owner", demo.clerkID}}).wantCode(t, "0")
		holds(result{"ticket.title", "ny " + hardTitle, "TypeVarchar"}, result{"ticket.owned_by", demo.clerkID, "TypeUserId"})

		r := c.call(t, "addMessage", key, c.body(hardBody), ticket, "1", []string{}, false)
		r.wantCode(t, "0")
		inner := r.text(t, "messageID")
		first := []result{
			{"message.body", c.body(hardBody), "TypeClob"}, {"message.html_body", "", "TypeClob"}, {"message.slevel", "1", "TypeInteger"},
			{"message.author", demo.user[1].value, "TypeVarchar"},
		}
		says(inner, first...)
		// ticket.editMessage.1 ticket.editMessage.2
		c.call(t, "editMessage", key, inner, []pair{{"body", "x"}, {"nothing", "x"}}).wantCode(t, "17")
		says(inner, first...)
		r = c.call(t, "editMessage", key, inner, []pair{{"body", hardTitle}})
		r.wantCode(t, "0")
		if got := r.text(t, "messageID"); got != inner {
			t.Errorf("messageID: got %q, want %q", got, inner)
		}
		r = c.call(t, "addMessage2", key, "svar", "-1", ticket, "2", []string{}, false, []string{"kari@example.com"}, []string{}, []string{})
		r.wantCode(t, "0")
		outer := r.text(t, "messageID")
		r = c.call(t, "getTicket", key, ticket, []string{})
		r.wantCode(t, "0")
		wantEqual(t, "messageIds", r.list(t, "messageIds"), []string{inner, outer})
		says(inner, result{"message.body", hardTitle, "TypeClob"})
		says(outer, result{"message.body", "svar", "TypeClob"})
		holds(result{"ticket.status", "1", "TypeInteger"})
	})

	// ticket.findTickets.1 ticket.findTickets.3 ticket.findTickets.5 ticket.search.3 ticket.search.5
	t.Run("findTickets", func(t *testing.T) {
		some := []criterion{{"ticket.id", "OperatorIn", demo.ticket + "," + demo.closedTicket}}
		for ascending, want := range map[bool][][]result{true: {demo.page}, false: {demo.closedPage}} {
			r := c.call(t, "findTickets", key, some, names(demo.page), "1", "ticket.id", ascending)
			r.wantCode(t, "0")
			wantTable(t, r, want)
		}
		r := c.call(t, "findTickets", key, []criterion{{"ticket.id", "OperatorIn", "4-2"}}, names(demo.page), "", "", true)
		r.wantCode(t, "28")
		wantTable(t, r, nil)

		deleted := []criterion{{"ticket.id", "OperatorEquals", demo.deletedTicket}}
		r = c.call(t, "findTickets", key, deleted, []string{"ticket.id"}, "", "", true)
		r.wantCode(t, "0")
		wantTable(t, r, nil)
		r = c.call(t, "findTickets", key, append(deleted, criterion{"ticket.status", "OperatorEquals", "4"}), []string{"ticket.id"}, "", "", true)
		r.wantCode(t, "0")
		wantTable(t, r, [][]result{{{"ticket.id", demo.deletedTicket, "TypeRequestId"}}})
	})

	// ticket.executeScript.1 ticket.executeScript.2 ticket.executeScript.3
	t.Run("executeScript", func(t *testing.T) {
		for _, run := range []struct {
			script     string
			parameters []pair
			want       string
		}{
			{demo.script, []pair{{demo.scriptVariable, "<Åse> & co"}}, "Hei, <Åse> & co!"},
			{strings.ToUpper(demo.script), []pair{{"x", "y"}, {demo.scriptVariable, "Per"}, {demo.scriptVariable, "Kåre\tÅs"}}, "Hei, Kåre\tÅs!"},
			{demo.script, []pair{}, "Hei, !"},
		} {
			r := c.call(t, "executeScript", key, run.script, run.parameters)
			r.wantCode(t, "0")
			if got := r.text(t, "scriptResult"); got != run.want {
				t.Errorf("scriptResult: got %q, want %q", got, run.want)
			}
		}
		for _, script := range []string{"no such script", ""} {
			r := c.call(t, "executeScript", key, script, []pair{})
			r.wantCode(t, "7")
			if got := r.text(t, "scriptResult"); got != "" {
				t.Errorf("scriptResult: got %q, want nothing", got)
			}
		}
	})

	// ticket.addAttachment.1 ticket.getAttachment.1 ticket.getMessage.4
	t.Run("a file of every byte", func(t *testing.T) {
		all := make([]byte, 1000)
		for i := range all {
			all[i] = byte(i)
		}
		r := c.call(t, "addAttachment", key, "alle & <æøå>.bin", "application/x-zip", all)
		r.wantCode(t, "0")
		id := r.text(t, "attachmentId")
		r = c.call(t, "addMessage", key, "se vedlegg", newTicket(t, key, demo.agentID), "2", []string{id}, false)
		r.wantCode(t, "0")
		r = c.call(t, "getMessage", key, r.text(t, "messageID"), []string{})
		r.wantCode(t, "0")
		got := files(t, r)
		if len(got) != 1 {
			t.Fatalf("attachmentInfo: got %v, want one file", got)
		}
		wantKeyedFile(t, c, key, file{id, "alle & <æøå>.bin", "application/x-zip", got[0].key}, base64.StdEncoding.EncodeToString(all))
		for _, m := range demo.messages {
			for _, f := range m.files {
				if f.id == demo.publicFile.id {
					wantKeyedFile(t, c, key, f, demo.publicData)
				}
			}
		}
		r = c.call(t, "getAttachment", key, id, "")
		r.wantCode(t, "16")
		if got := r.text(t, "attachmentName") + r.text(t, "data"); got != "" {
			t.Errorf("attachment: got %q, want nothing", got)
		}
		c.call(t, "getAttachment", "no such key", id, got[0].key).wantCode(t, "5")
	})
}

// A notification is what is known of a NotificationStruct beforehand.
type notification struct{ typ, by, ticket string }

func wantKeyedFile(t *testing.T, c *client, key string, want file, data string) {
	t.Helper()
	r := c.call(t, "getAttachment", key, want.id, want.key)
	r.wantCode(t, "0")
	got := file{want.id, r.text(t, "attachmentName"), r.text(t, "contentType"), want.key}
	wantEqual(t, "attachment", []file{got}, []file{want})
	if got := r.text(t, "data"); got != data {
		t.Errorf("data: got %q, want %q", got, data)
	}
}

// checkAgentLists calls what lists the things that tickets refer to.
func checkAgentLists(t *testing.T, c *client, key string) {
	// ticket.getActiveTicketsStatus.1
	t.Run("getActiveTicketsStatus", func(t *testing.T) {
		r := c.call(t, "getActiveTicketsStatus", key)
		r.wantCode(t, "0")
		var got []activeTicket
		for _, m := range r.structs(t, "ticketStatusResult") {
			got = append(got, activeTicket{m["ticketId"].text, m["readStatus"].text})
		}
		wantEqual(t, "ticketStatusResult", got, demo.active)
	})

	// ticket.getCategories.1 ticket.getPriorities.1 ticket.getExtraFields.1
	t.Run("lists", func(t *testing.T) {
		r := c.call(t, "getCategories", key)
		r.wantCode(t, "0")
		var categories []agentCategory
		for _, m := range r.structs(t, "categoryIds") {
			categories = append(categories, agentCategory{m["id"].text, m["name"].text, m["parentId"].text, boolean(t, "isInternal", m["isInternal"].text)})
		}
		wantEqual(t, "categoryIds", categories, demo.agentCategories)

		r = c.call(t, "getPriorities", key)
		r.wantCode(t, "0")
		var priorities []priority
		for _, m := range r.structs(t, "priorities") {
			priorities = append(priorities, priority{m["id"].text, m["name"].text, m["sortOrder"].text})
		}
		wantEqual(t, "priorities", priorities, demo.agentPriorities)

		r = c.call(t, "getExtraFields", key, "customer")
		r.wantCode(t, "0")
		var fields []extraField
		for _, m := range r.structs(t, "extraFields") {
			fields = append(fields, extraField{m["fieldName"].text, m["displayField"].text, m["fieldId"].text, m["fieldType"].text})
		}
		wantEqual(t, "extraFields", fields, demo.agentExtraFields)
		c.call(t, "getExtraFields", key, "kunde").wantCode(t, "11")
	})

	// ticket.getReplyTemplateFolders.1 ticket.getReplyTemplates.1 ticket.getReplyTemplate.1
	t.Run("reply templates", func(t *testing.T) {
		r := c.call(t, "getReplyTemplateFolders", key)
		r.wantCode(t, "0")
		var folders []templateFolder
		for _, m := range r.structs(t, "replyTemplateFolders") {
			folders = append(folders, templateFolder{m["id"].text, m["description"].text, m["name"].text, m["parent"].text})
		}
		wantEqual(t, "replyTemplateFolders", folders, demo.templateFolders)

		for id, want := range demo.templates {
			r := c.call(t, "getReplyTemplates", key, id)
			r.wantCode(t, "0")
			var got []template
			for _, m := range r.structs(t, "replyTemplates") {
				got = append(got, template{m["id"].text, m["description"].text, m["folder"].text})
			}
			wantEqual(t, "replyTemplates", got, want)
		}
		first := demo.templateFolders[0]
		r = c.call(t, "getReplyTemplates", key, first.id)
		wantEqual(t, "folder", []string{r.text(t, "name"), r.text(t, "description")}, []string{first.name, first.description})

		for _, want := range demo.templateBodies {
			r := c.call(t, "getReplyTemplate", key, want.template, want.language)
			r.wantCode(t, "0")
			got := templateBody{want.template, want.language, r.text(t, "subject"), r.text(t, "plainBody"), r.text(t, "htmlBody"),
				r.boolean(t, "hasPlainBody"), r.boolean(t, "hasHtmlBody")}
			wantEqual(t, "reply template", []templateBody{got}, []templateBody{want})
		}
		c.call(t, "getReplyTemplate", key, demo.missing, "1").wantCode(t, "7")
	})
}

// checkPeople calls what is about customers, companies and users.
func checkPeople(t *testing.T, c *client, key string) {
	// ticket.getCustomer.1 ticket.newCustomer.1 ticket.setCustomer.1
	t.Run("customers", func(t *testing.T) {
		wantPerson(t, c, key, demo.customerID, demo.self, demo.emails)

		r := c.call(t, "newCustomer", key)
		r.wantCode(t, "0")
		id := r.text(t, "customerId")
		unset := []result{
			{"customer.name", "", "TypeVarchar"}, {"customer.firstname", "", "TypeVarchar"}, {"customer.username", "", "TypeVarchar"},
			{"customer.language", "", "TypeVarchar"},
		}
		wantPerson(t, c, key, id, unset, nil)
		c.call(t, "setCustomer", key, id, []pair{{"firstname", "Øyvind"}, {"nothing", "x"}}).wantCode(t, "17")
		wantPerson(t, c, key, id, unset, nil)
		c.call(t, "setCustomer", key, id, []pair{{"firstname", "Øyvind"}, {"note", c.body(hardBody)}, {"email", "oyvind@x.com"}}).wantCode(t, "0")
		wantPerson(t, c, key, id, []result{{"customer.firstname", "Øyvind", "TypeVarchar"}, {"customer.note", c.body(hardBody), "TypeClob"}}, []string{"oyvind@x.com"})

		for _, refused := range []struct{ id, field, code string }{
			{demo.missing, "customer.name", "31"}, {demo.customerID, "customer.nothing", "17"}, {demo.customerID, "customer.x_999999", "12"},
		} {
			r = c.call(t, "getCustomer", key, refused.id, []string{"customer.name", refused.field})
			r.wantCode(t, refused.code)
			wantEqual(t, "customerResult", r.results(t, "customerResult"), nil)
			wantEqual(t, "customerEmail", r.list(t, "customerEmail"), nil)
		}
	})

	// ticket.getCompany.1 ticket.newCompany.1 ticket.setCompany.1
	t.Run("companies", func(t *testing.T) {
		r := c.call(t, "getCompany", key, demo.companyID, names(demo.company))
		r.wantCode(t, "0")
		wantEqual(t, "companyResult", r.results(t, "companyResult"), demo.company)

		r = c.call(t, "newCompany", key, "Åsnes & <sønn>")
		r.wantCode(t, "0")
		id := r.text(t, "companyId")
		c.call(t, "setCompany", key, id, []pair{{"phone", "73"}, {"nothing", "x"}}).wantCode(t, "17")
		c.call(t, "setCompany", key, id, []pair{{"note", hardTitle}}).wantCode(t, "0")
		want := []result{{"company.name", "Åsnes & <sønn>", "TypeVarchar"}, {"company.note", hardTitle, "TypeClob"}, {"company.phone", "", "TypeVarchar"}}
		r = c.call(t, "getCompany", key, id, names(want))
		r.wantCode(t, "0")
		wantEqual(t, "companyResult", r.results(t, "companyResult"), want)
		for _, refused := range []struct{ id, field, code string }{
			{demo.missing, "company.name", "30"}, {demo.companyID, "company.nothing", "17"}, {demo.companyID, "company.x_999999", "12"},
		} {
			r = c.call(t, "getCompany", key, refused.id, []string{"company.name", refused.field})
			r.wantCode(t, refused.code)
			wantEqual(t, "companyResult", r.results(t, "companyResult"), nil)
		}
	})

	// ticket.findCustomers.1 ticket.findCompanies.1 ticket.findCustomerFromEmail.1 ticket.findUser.1
	t.Run("searches", func(t *testing.T) {
		of := []criterion{{"person.contact_id.name", "OperatorContains", demo.colleagues[0][2].value}}
		r := c.call(t, "findCustomers", key, of, names(demo.colleagues[0]), "", "", true)
		r.wantCode(t, "0")
		wantTable(t, r, demo.colleagues)
		r = c.call(t, "findCustomers", key, of, names(demo.colleagues[0]), "1", "", false)
		r.wantCode(t, "0")
		wantTable(t, r, demo.colleagues[:1])
		c.call(t, "findCustomers", key, []criterion{{"nothing", "OperatorEquals", "x"}}, []string{}, "", "", true).wantCode(t, "28")

		r = c.call(t, "findCompanies", key, []criterion{{"contact.name", "OperatorContains", demo.cafe[1].value}}, names(demo.cafe), "", "", true)
		r.wantCode(t, "0")
		wantTable(t, r, [][]result{demo.cafe})
		r = c.call(t, "findCompanies", key, []criterion{{demo.cafe[2].field, "OperatorContains", demo.cafe[2].value}}, names(demo.cafe), "", "", true)
		r.wantCode(t, "28")
		wantTable(t, r, nil)

		r = c.call(t, "findCustomerFromEmail", demo.agent, demo.agentPassword, demo.emails[1])
		r.wantCode(t, "0")
		if got := r.text(t, "custUsername"); got != demo.customer {
			t.Errorf("custUsername: got %q, want %q", got, demo.customer)
		}
		c.call(t, "findCustomerFromEmail", demo.agent, demo.agentPassword, "nobody@x.com").wantCode(t, "31")
		c.call(t, "findCustomerFromEmail", demo.agent, demo.agentPassword+"x", demo.emails[1]).wantCode(t, "2")
		c.call(t, "findCustomerFromEmail", demo.clerk, demo.agentPassword, demo.emails[1]).wantCode(t, "4")

		r = c.call(t, "findUser", key, "username", demo.clerk)
		r.wantCode(t, "0")
		if got := r.text(t, "userId"); got != demo.clerkID {
			t.Errorf("userId: got %q, want %q", got, demo.clerkID)
		}
		c.call(t, "findUser", key, "username", "nobody").wantCode(t, "35")
		c.call(t, "findUser", key, "firstname", demo.clerk).wantCode(t, "17")
	})
}

func wantPerson(t *testing.T, c *client, key, id string, want []result, emails []string) {
	t.Helper()
	r := c.call(t, "getCustomer", key, id, names(want))
	r.wantCode(t, "0")
	wantEqual(t, "customerResult", r.results(t, "customerResult"), want)
	wantEqual(t, "customerEmail", r.list(t, "customerEmail"), emails)
}

// checkExtraTables calls what is about extra tables.
func checkExtraTables(t *testing.T, c *client, key string) {
	want := demo.table

	// ticket.getExtraTables.1 ticket.getExtraTable.1
	t.Run("extra tables", func(t *testing.T) {
		wantTables(t, c.call(t, "getExtraTables", key), "extraTables")
		wantTables(t, c.call(t, "getExtraTable", key, want.id), "extraTable")
		c.call(t, "getExtraTable", key, demo.missing).wantCode(t, "33")
	})

	// ticket.queryExtraTable.1 ticket.insertIntoExtraTable.1 ticket.insertIntoExtraTable.2 ticket.deleteExtraTableRow.1
	t.Run("rows of extra tables", func(t *testing.T) {
		query := func(fields []string, order, most, ascending string, criteria ...rowCriterion) [][]cell {
			t.Helper()
			r := c.call(t, "queryExtraTable", key, want.id, fields, criteria, order, most, ascending)
			r.wantCode(t, "0")
			return rows(t, r)
		}
		wantRows(t, query([]string{}, "", "", "true"), want.rows)
		wantRows(t, query([]string{}, "", "1", "false"), want.rows[1:])
		wantRows(t, query([]string{}, "", "", "true", rowCriterion{want.fields[0].id, "OperatorContains", want.rows[0][1].value, "and"}), want.rows[:1])
		wantRows(t, query([]string{}, "", "", "true", rowCriterion{"-1", "OperatorEquals", want.rows[0][0].value, "or"}, rowCriterion{"-1", "OperatorEquals", want.rows[1][0].value, "and"}), want.rows)
		wantRows(t, query([]string{}, "", "", "true", rowCriterion{"-1", "OperatorEquals", demo.missing, ""}), nil)

		r := c.call(t, "queryExtraTable", key, want.id, []string{}, []rowCriterion{{"999999", "OperatorEquals", "x", ""}}, "", "", "true")
		r.wantCode(t, "12")
		if got := rows(t, r); len(got) > 0 {
			t.Errorf("rows: got %q, want none", got)
		}

		r = c.call(t, "insertIntoExtraTable", key, want.id, "-1", []pair{{want.fields[0].id, hardTitle}, {want.fields[1].id, "12"}})
		r.wantCode(t, "0")
		row := r.text(t, "rowId")
		if !number.MatchString(row) {
			t.Fatalf("rowId: got %q", row)
		}
		r = c.call(t, "insertIntoExtraTable", key, want.id, row, []pair{{want.fields[2].id, "1"}})
		r.wantCode(t, "0")
		if got := r.text(t, "rowId"); got != row {
			t.Errorf("rowId: got %q, want %q", got, row)
		}
		self := rowCriterion{"-1", "OperatorEquals", row, ""}
		wantRows(t, query([]string{want.fields[0].id, want.fields[1].id, want.fields[2].id}, "", "", "true", self), [][]cell{{
			{"0", want.fields[0].id, want.fields[0].name, hardTitle},
			{"1", want.fields[1].id, want.fields[1].name, "12"},
			{"2", want.fields[2].id, want.fields[2].name, "1"},
		}})
		r = c.call(t, "insertIntoExtraTable", key, want.id, "12x", []pair{})
		r.wantCode(t, "7")
		if got := r.text(t, "rowId"); got != "12x" {
			t.Errorf("rowId of a refused call: got %q, want what was sent", got)
		}

		for range 2 {
			c.call(t, "deleteExtraTableRow", key, want.id, row).wantCode(t, "0")
		}
		wantRows(t, query([]string{}, "", "", "true", self), nil)
		c.call(t, "deleteExtraTableRow", key, demo.missing, row).wantCode(t, "33")
	})
}

// wantTables fails the test unless the part is the one extra table of the demo data.
func wantTables(t *testing.T, r answer, part string) {
	t.Helper()
	r.wantCode(t, "0")
	got := r.structs(t, part)
	if len(got) != 1 || got[0]["id"].text != demo.table.id || got[0]["name"].text != demo.table.name || got[0]["flags"].text != "0" {
		t.Fatalf("%s: got %v, want the table %s %s", part, got, demo.table.id, demo.table.name)
	}
	var fields []tableField
	for _, m := range got[0]["fields"].structs(t, "fields") {
		fields = append(fields, tableField{m["id"].text, m["name"].text, m["datatype"].text, m["flags"].text})
	}
	wantEqual(t, "fields", fields, demo.table.fields)
}

func rows(t *testing.T, r answer) [][]cell {
	t.Helper()
	var all [][]cell
	for _, row := range r.structs(t, "rows") {
		var cells []cell
		for _, m := range row["columns"].structs(t, "columns") {
			cells = append(cells, cell{m["columnId"].text, m["extraFieldId"].text, m["name"].text, m["value"].text})
		}
		all = append(all, cells)
	}
	return all
}

func wantRows(t *testing.T, got, want [][]cell) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("rows: got %q, want %q", got, want)
	}
	for i := range want {
		wantEqual(t, "row", got[i], want[i])
	}
}

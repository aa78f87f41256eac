using System;
using ticket;

// The ticket port with the signatures its documentation prints.
static class Ticket {
	static Answer Members(ResultStruct r) { return new Answer().Text("field", r.field).Text("value", r.value).Text("type", r.type); }

	static ValuePairStruct Pair(string field, string value) { return new ValuePairStruct { field = field, value = value }; }

	static CriteriaStruct Criterion(string field, string op, string value) { return new CriteriaStruct { field = field, op = op, value = value }; }

	static ExtraTableCriteriaStruct RowCriterion(string column, string op, string value, string logical) {
		return new ExtraTableCriteriaStruct { columnId = column, op = op, value = value, logicalOp = logical };
	}

	static Answer Members(ExtraTablesStruct t) {
		return new Answer().Text("id", t.id).Text("name", t.name).Text("flags", t.flags).Structs("fields", t.fields, f => new Answer()
			.Text("id", f.id).Text("name", f.name).Text("datatype", f.datatype).Text("flags", f.flags));
	}

	static void Main() {
		var service = new ticketService { Url = Environment.GetEnvironmentVariable("ENDPOINT") };
		Voice.Serve(c => {
			var a = new Answer();
			string text, text2;
			ResultStruct[] results;
			ResultStruct[][] rows;
			switch (c.Method) {
			case "login":
				return a.Text("errorCode", service.login(c.Text(), c.Text(), out text)).Text("sessionKey", text);
			case "logout":
				return a.Text("errorCode", service.logout(c.Text()));
			case "newTicket":
				return a.Text("errorCode", service.newTicket(c.Text(), c.Text(), c.Text(), c.Text(), c.Text(), c.Text(), c.List(), c.Pairs(Pair), c.Bool(), out text))
					.Text("ticketId", text);
			case "addMessage3":
				return a.Text("errorCode", service.addMessage3(c.Text(), c.Text(), c.Text(), c.Text(), c.Text(), c.Text(), c.List(), c.Bool(), c.List(), c.List(), c.List(), out text))
					.Text("messageID", text);
			case "getTicket":
				int[] ids;
				return a.Text("errorCode", service.getTicket(c.Text(), c.Text(), c.List(), out results, out ids))
					.Structs("ticketResult", results, Members).List("messageIds", ids);
			case "getMessage":
				AttachmentInfoStruct[] files;
				return a.Text("errorCode", service.getMessage(c.Text(), c.Text(), c.List(), out results, out files))
					.Structs("messageResult", results, Members).Structs("attachmentInfo", files, f => new Answer()
						.Text("attachmentId", f.attachmentId).Text("attachmentName", f.attachmentName).Text("contentType", f.contentType).Text("attachmentKey", f.attachmentKey));
			case "editMessage":
				return a.Text("errorCode", service.editMessage(c.Text(), c.Text(), c.Pairs(Pair), out text)).Text("messageID", text);
			case "executeScript":
				return a.Text("errorCode", service.executeScript(c.Text(), c.Text(), c.Pairs(Pair), out text)).Text("scriptResult", text);
			case "loginAsUser":
				return a.Text("errorCode", service.loginAsUser(c.Int(), c.Text(), c.Text(), out text)).Text("sessionKey", text);
			case "setTicket":
				return a.Text("errorCode", service.setTicket(c.Text(), c.Text(), c.Pairs(Pair)));
			case "findTickets":
				return a.Text("errorCode", service.findTickets(c.Text(), c.Criteria(Criterion), c.List(), c.Text(), c.Text(), c.Bool(), out rows))
					.Arrays("searchResult", rows, Members);
			case "findCustomers":
				return a.Text("errorCode", service.findCustomers(c.Text(), c.Criteria(Criterion), c.List(), c.Text(), c.Text(), c.Bool(), out rows))
					.Arrays("searchResult", rows, Members);
			case "findCompanies":
				return a.Text("errorCode", service.findCompanies(c.Text(), c.Criteria(Criterion), c.List(), c.Text(), c.Text(), c.Bool(), out rows))
					.Arrays("searchResult", rows, Members);
			case "addMessage":
				return a.Text("errorCode", service.addMessage(c.Text(), c.Text(), c.Text(), c.Text(), c.List(), c.Bool(), out text)).Text("messageID", text);
			case "addMessage2":
				return a.Text("errorCode", service.addMessage2(c.Text(), c.Text(), c.Text(), c.Text(), c.Text(), c.List(), c.Bool(), c.List(), c.List(), c.List(), out text))
					.Text("messageID", text);
			case "addAttachment":
				return a.Text("errorCode", service.addAttachment(c.Text(), c.Text(), c.Text(), c.Bytes(), out text)).Text("attachmentId", text);
			case "getAttachment":
				byte[] data;
				return a.Text("errorCode", service.getAttachment(c.Text(), c.Text(), c.Text(), out text, out text2, out data))
					.Text("attachmentName", text).Text("contentType", text2).Text("data", Convert.ToBase64String(data ?? new byte[0]));
			case "getActiveTicketsStatus":
				ActiveTicketsStruct[] active;
				return a.Text("errorCode", service.getActiveTicketsStatus(c.Text(), out active))
					.Structs("ticketStatusResult", active, t => new Answer().Text("ticketId", t.ticketId).Text("readStatus", t.readStatus));
			case "getCategories":
				CategoryStruct[] categories;
				return a.Text("errorCode", service.getCategories(c.Text(), out categories))
					.Structs("categoryIds", categories, g => new Answer()
						.Text("id", g.id).Text("name", g.name).Text("parentId", g.parentId).Bool("isInternal", g.isInternal));
			case "getPriorities":
				PriorityStruct[] priorities;
				return a.Text("errorCode", service.getPriorities(c.Text(), out priorities))
					.Structs("priorities", priorities, p => new Answer().Text("id", p.id).Text("name", p.name).Text("sortOrder", p.sortOrder));
			case "getExtraFields":
				ExtraFieldsStruct[] fields;
				return a.Text("errorCode", service.getExtraFields(c.Text(), c.Text(), out fields))
					.Structs("extraFields", fields, f => new Answer()
						.Text("fieldName", f.fieldName).Text("displayField", f.displayField).Text("fieldId", f.fieldId).Text("fieldType", f.fieldType));
			case "setUserIdleTime":
				return a.Text("errorCode", service.setUserIdleTime(c.Text(), c.Int()));
			case "allocUserNotifications":
				return a.Text("errorCode", service.allocUserNotifications(c.Text(), c.Text(), out text)).Text("notificationKey", text);
			case "getUserNotifications":
				NotificationStruct[] notifications;
				return a.Text("errorCode", service.getUserNotifications(c.Text(), c.Text(), out notifications))
					.Structs("userNotifications", notifications, n => new Answer()
						.Text("type", n.type).Text("createdBy", n.createdBy).Text("ticketId", n.ticketId).Text("message", n.message));
			case "getReplyTemplateFolders":
				ReplyTemplateFolderStruct[] folders;
				return a.Text("errorCode", service.getReplyTemplateFolders(c.Text(), out folders))
					.Structs("replyTemplateFolders", folders, f => new Answer()
						.Int("id", f.id).Text("description", f.description).Text("name", f.name).Int("parent", f.parent));
			case "getReplyTemplates":
				ReplyTemplateStruct[] templates;
				return a.Text("errorCode", service.getReplyTemplates(c.Text(), c.Int(), out templates, out text, out text2))
					.Structs("replyTemplates", templates, r => new Answer().Int("id", r.id).Text("description", r.description).Int("folder", r.folder))
					.Text("description", text).Text("name", text2);
			case "getReplyTemplate":
				string plain, html;
				bool hasPlain, hasHtml;
				return a.Text("errorCode", service.getReplyTemplate(c.Text(), c.Int(), c.Int(), out text, out text2, out plain, out html, out hasPlain, out hasHtml))
					.Text("subject", text).Text("headers", text2).Text("plainBody", plain).Text("htmlBody", html)
					.Bool("hasPlainBody", hasPlain).Bool("hasHtmlBody", hasHtml);
			case "newCustomer":
				return a.Text("errorCode", service.newCustomer(c.Text(), out text)).Text("customerId", text);
			case "newCompany":
				return a.Text("errorCode", service.newCompany(c.Text(), c.Text(), out text)).Text("companyId", text);
			case "getCustomer":
				string[] emails;
				return a.Text("errorCode", service.getCustomer(c.Text(), c.Text(), c.List(), out results, out emails))
					.Structs("customerResult", results, Members).List("customerEmail", emails);
			case "setCustomer":
				return a.Text("errorCode", service.setCustomer(c.Text(), c.Text(), c.Pairs(Pair)));
			case "getCompany":
				return a.Text("errorCode", service.getCompany(c.Text(), c.Text(), c.List(), out results)).Structs("companyResult", results, Members);
			case "setCompany":
				return a.Text("errorCode", service.setCompany(c.Text(), c.Text(), c.Pairs(Pair)));
			case "findCustomerFromEmail":
				return a.Text("errorCode", service.findCustomerFromEmail(c.Text(), c.Text(), c.Text(), out text)).Text("custUsername", text);
			case "findUser":
				return a.Text("errorCode", service.findUser(c.Text(), c.Text(), c.Text(), out text)).Text("userId", text);
			case "getExtraTables":
				ExtraTablesStruct[] tables;
				return a.Text("errorCode", service.getExtraTables(c.Text(), out tables)).Structs("extraTables", tables, Members);
			case "getExtraTable":
				ExtraTablesStruct table;
				return a.Text("errorCode", service.getExtraTable(c.Text(), c.Text(), out table)).Structs("extraTable", new[] { table }, Members);
			case "queryExtraTable":
				ExtraTableRowStruct[] found;
				return a.Text("errorCode", service.queryExtraTable(c.Text(), c.Text(), c.List(), c.RowCriteria(RowCriterion), c.Text(), c.Text(), c.Text(), out found))
					.Structs("rows", found, r => new Answer().Structs("columns", r.columns, v => new Answer()
						.Text("columnId", v.columnId).Text("extraFieldId", v.extraFieldId).Text("name", v.name).Text("value", v.value)));
			case "insertIntoExtraTable":
				// rowId goes in and comes out, but not as the last of either.
				string key = c.Text(), tableId = c.Text();
				text = c.Text();
				return a.Text("errorCode", service.insertIntoExtraTable(key, tableId, ref text, c.Pairs(Pair))).Text("rowId", text);
			case "deleteExtraTableRow":
				return a.Text("errorCode", service.deleteExtraTableRow(c.Text(), c.Text(), c.Text()));
			}
			throw new ArgumentException("no method " + c.Method);
		});
	}
}

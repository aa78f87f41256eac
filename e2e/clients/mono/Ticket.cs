using System;
using ticket;

// The ticket port with the signatures its documentation prints.
static class Ticket {
	static void Main() {
		var service = new ticketService { Url = Voice.Endpoint };
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
				return a.Text("errorCode", service.newTicket(c.Text(), c.Text(), c.Text(), c.Text(), c.Text(), c.Text(), c.List(), c.Pairs<ValuePairStruct>(), c.Bool(), out text))
					.Text("ticketId", text);
			case "addMessage3":
				return a.Text("errorCode", service.addMessage3(c.Text(), c.Text(), c.Text(), c.Text(), c.Text(), c.Text(), c.List(), c.Bool(), c.List(), c.List(), c.List(), out text))
					.Text("messageID", text);
			case "getTicket":
				int[] ids;
				return a.Text("errorCode", service.getTicket(c.Text(), c.Text(), c.List(), out results, out ids))
					.Structs("ticketResult", results).List("messageIds", ids);
			case "getMessage":
				AttachmentInfoStruct[] files;
				return a.Text("errorCode", service.getMessage(c.Text(), c.Text(), c.List(), out results, out files))
					.Structs("messageResult", results).Structs("attachmentInfo", files);
			case "editMessage":
				return a.Text("errorCode", service.editMessage(c.Text(), c.Text(), c.Pairs<ValuePairStruct>(), out text)).Text("messageID", text);
			case "executeScript":
				return a.Text("errorCode", service.executeScript(c.Text(), c.Text(), c.Pairs<ValuePairStruct>(), out text)).Text("scriptResult", text);
			case "loginAsUser":
				return a.Text("errorCode", service.loginAsUser(c.Int(), c.Text(), c.Text(), out text)).Text("sessionKey", text);
			case "setTicket":
				return a.Text("errorCode", service.setTicket(c.Text(), c.Text(), c.Pairs<ValuePairStruct>()));
			case "findTickets":
				return a.Text("errorCode", service.findTickets(c.Text(), c.Criteria<CriteriaStruct>(), c.List(), c.Text(), c.Text(), c.Bool(), out rows))
					.Arrays("searchResult", rows);
			case "findCustomers":
				return a.Text("errorCode", service.findCustomers(c.Text(), c.Criteria<CriteriaStruct>(), c.List(), c.Text(), c.Text(), c.Bool(), out rows))
					.Arrays("searchResult", rows);
			case "findCompanies":
				return a.Text("errorCode", service.findCompanies(c.Text(), c.Criteria<CriteriaStruct>(), c.List(), c.Text(), c.Text(), c.Bool(), out rows))
					.Arrays("searchResult", rows);
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
					.Text("attachmentName", text).Text("contentType", text2).Bytes("data", data);
			case "getActiveTicketsStatus":
				ActiveTicketsStruct[] active;
				return a.Text("errorCode", service.getActiveTicketsStatus(c.Text(), out active)).Structs("ticketStatusResult", active);
			case "getCategories":
				CategoryStruct[] categories;
				return a.Text("errorCode", service.getCategories(c.Text(), out categories)).Structs("categoryIds", categories);
			case "getPriorities":
				PriorityStruct[] priorities;
				return a.Text("errorCode", service.getPriorities(c.Text(), out priorities)).Structs("priorities", priorities);
			case "getExtraFields":
				ExtraFieldsStruct[] fields;
				return a.Text("errorCode", service.getExtraFields(c.Text(), c.Text(), out fields)).Structs("extraFields", fields);
			case "setUserIdleTime":
				return a.Text("errorCode", service.setUserIdleTime(c.Text(), c.Int()));
			case "allocUserNotifications":
				return a.Text("errorCode", service.allocUserNotifications(c.Text(), c.Text(), out text)).Text("notificationKey", text);
			case "getUserNotifications":
				NotificationStruct[] notifications;
				return a.Text("errorCode", service.getUserNotifications(c.Text(), c.Text(), out notifications))
					.Structs("userNotifications", notifications);
			case "getReplyTemplateFolders":
				ReplyTemplateFolderStruct[] folders;
				return a.Text("errorCode", service.getReplyTemplateFolders(c.Text(), out folders)).Structs("replyTemplateFolders", folders);
			case "getReplyTemplates":
				ReplyTemplateStruct[] templates;
				return a.Text("errorCode", service.getReplyTemplates(c.Text(), c.Int(), out templates, out text, out text2))
					.Structs("replyTemplates", templates)
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
					.Structs("customerResult", results).List("customerEmail", emails);
			case "setCustomer":
				return a.Text("errorCode", service.setCustomer(c.Text(), c.Text(), c.Pairs<ValuePairStruct>()));
			case "getCompany":
				return a.Text("errorCode", service.getCompany(c.Text(), c.Text(), c.List(), out results)).Structs("companyResult", results);
			case "setCompany":
				return a.Text("errorCode", service.setCompany(c.Text(), c.Text(), c.Pairs<ValuePairStruct>()));
			case "findCustomerFromEmail":
				return a.Text("errorCode", service.findCustomerFromEmail(c.Text(), c.Text(), c.Text(), out text)).Text("custUsername", text);
			case "findUser":
				return a.Text("errorCode", service.findUser(c.Text(), c.Text(), c.Text(), out text)).Text("userId", text);
			case "getExtraTables":
				ExtraTablesStruct[] tables;
				return a.Text("errorCode", service.getExtraTables(c.Text(), out tables)).Structs("extraTables", tables);
			case "getExtraTable":
				ExtraTablesStruct table;
				return a.Text("errorCode", service.getExtraTable(c.Text(), c.Text(), out table)).One("extraTable", table);
			case "queryExtraTable":
				ExtraTableRowStruct[] found;
				return a.Text("errorCode", service.queryExtraTable(c.Text(), c.Text(), c.List(), c.RowCriteria<ExtraTableCriteriaStruct>(), c.Text(), c.Text(), c.Text(), out found))
					.Structs("rows", found);
			case "insertIntoExtraTable":
				// rowId goes in and comes out, but not as the last of either.
				string key = c.Text(), tableId = c.Text();
				text = c.Text();
				return a.Text("errorCode", service.insertIntoExtraTable(key, tableId, ref text, c.Pairs<ValuePairStruct>())).Text("rowId", text);
			case "deleteExtraTableRow":
				return a.Text("errorCode", service.deleteExtraTableRow(c.Text(), c.Text(), c.Text()));
			}
			throw new ArgumentException("no method " + c.Method);
		});
	}
}

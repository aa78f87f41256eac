using System;
using customer;

// The customer port with the signatures its documentation prints.
static class Customer {
	static void Main() {
		var service = new customerService { Url = Voice.Endpoint };
		Voice.Serve(c => {
			var a = new Answer();
			string text;
			string[] texts;
			ResultStruct[] results;
			AttachmentInfoStruct[] files;
			CategoryStruct[] categories;
			FaqEntryStruct[] entries;
			FaqParentStruct[] parents;
			switch (c.Method) {
			case "login":
				return a.Text("errorCode", service.login(c.Text(), c.Text(), out text)).Text("sessionKey", text);
			case "loginAsCustomer":
				return a.Text("errorCode", service.loginAsCustomer(c.Text(), c.Text(), c.Text(), out text)).Text("sessionKey", text);
			case "logout":
				return a.Text("errorCode", service.logout(c.Text()));
			case "checkPassword":
				return a.Text("errorCode", service.checkPassword(c.Text(), c.Text()));
			case "sendPassword":
				return a.Text("errorCode", service.sendPassword(c.Text()));
			case "getErrorMessage":
				return a.Text("errorMessage", service.getErrorMessage(c.Text()));
			case "getTicket":
				return a.Text("errorCode", service.getTicket(c.Text(), c.Text(), c.List(), out results, out texts))
					.Structs("ticketResult", results).List("messageIds", texts);
			case "findTickets":
				ResultStruct[][] rows;
				return a.Text("errorCode", service.findTickets(c.Text(), c.Criteria<CriteriaStruct>(), c.List(), out rows)).Arrays("searchResult", rows);
			case "closeTicket":
				return a.Text("errorCode", service.closeTicket(c.Text(), c.Text()));
			case "getMessage":
				return a.Text("errorCode", service.getMessage(c.Text(), c.Text(), c.List(), out results, out files))
					.Structs("messageResult", results).Structs("attachmentInfo", files);
			case "newTicket":
				return a.Text("errorCode", service.newTicket(c.Text(), c.Text(), c.Text(), c.Text(), c.Text(), c.Pairs<ValuePairStruct>(), out text)).Text("ticketId", text);
			case "addMessage":
				return a.Text("errorCode", service.addMessage(c.Text(), c.Text(), c.Text(), c.Text(), c.List(), out text)).Text("messageId", text);
			case "addAttachment":
				return a.Text("errorCode", service.addAttachment(c.Text(), c.Text(), c.Text(), c.Text(), out text)).Text("attachmentId", text);
			case "getAttachment":
				string name, type;
				return a.Text("errorCode", service.getAttachment(c.Text(), c.Text(), out name, out type, out text))
					.Text("attachmentName", name).Text("contentType", type).Text("data", text);
			case "deleteAttachment":
				return a.Text("errorCode", service.deleteAttachment(c.Text()));
			case "getExtraFields":
				ExtraFieldsStruct[] fields;
				return a.Text("errorCode", service.getExtraFields(c.Text(), c.Text(), out fields)).Structs("extraFields", fields);
			case "getPriorities":
				PriorityStruct[] priorities;
				return a.Text("errorCode", service.getPriorities(c.Text(), out priorities)).Structs("priorities", priorities);
			case "getCategories":
				return a.Text("errorCode", service.getCategories(c.Text(), out categories)).Structs("categoryIds", categories);
			case "getCategory":
				CategoryStruct category;
				return a.Text("errorCode", service.getCategory(c.Text(), c.Text(), out category)).One("category", category);
			case "newCustomer":
				return a.Text("errorCode", service.newCustomer(c.Text(), c.Text()));
			case "getCustomer":
				return a.Text("errorCode", service.getCustomer(c.Text(), c.List(), out results, out texts))
					.Structs("customerResult", results).List("customerEmail", texts);
			case "setCustomer":
				return a.Text("errorCode", service.setCustomer(c.Text(), c.Pairs<ValuePairStruct>()));
			case "getCompany":
				return a.Text("errorCode", service.getCompany(c.Text(), c.List(), out results)).Structs("companyResult", results);
			case "getLanguages":
				LanguagesStruct[] languages;
				return a.Text("errorCode", service.getLanguages(out languages)).Structs("languageEntries", languages);
			case "getCustLangCategories":
				return a.Text("errorCode", service.getCustLangCategories(c.Text(), out categories)).Structs("categoryIds", categories);
			case "faq_findEntries":
				return a.Text("errorCode", service.faq_findEntries(c.Text(), c.Text(), c.Text(), out entries)).Structs("faqEntries", entries);
			case "faq_findEntries2":
				return a.Text("errorCode", service.faq_findEntries2(c.Text(), c.Text(), c.List(), out entries)).Structs("faqEntries", entries);
			case "faq_getCategory":
				FaqCategoryStruct[] below;
				FaqGroupStruct[] groups;
				return a.Text("errorCode", service.faq_getCategory(c.Text(), c.Text(), out below, out entries, out parents, out groups))
					.Structs("faqSubCategories", below).Structs("faqEntries", entries)
					.Structs("faqParents", parents).Structs("faqGroups", groups);
			case "faq_getEntry":
				string title, question, answer, score;
				FaqLinkStruct[] links;
				bool html;
				return a.Text("errorCode", service.faq_getEntry(c.Text(), c.Text(), out title, out question, out answer, out links, out files, out html, out score, out parents))
					.Text("title", title).Text("question", question).Text("answer", answer)
					.Structs("links", links).Structs("attachmentInfo", files)
					.Text("hasHtml", html ? "true" : "false").Text("score", score).Structs("faqParents", parents);
			case "faq_getGroupEntries":
				return a.Text("errorCode", service.faq_getGroupEntries(c.Text(), c.Text(), out entries)).Structs("entries", entries);
			case "faq_getMostPopularEntries":
				return a.Text("errorCode", service.faq_getMostPopularEntries(c.Text(), c.Text(), c.Text(), out entries)).Structs("faqEntries", entries);
			case "faq_getMostReadEntries":
				return a.Text("errorCode", service.faq_getMostReadEntries(c.Text(), c.Text(), c.Text(), out entries)).Structs("faqEntries", entries);
			case "faq_scoreEntry":
				return a.Text("errorCode", service.faq_scoreEntry(c.Text(), c.Text(), c.Text()));
			}
			throw new ArgumentException("no method " + c.Method);
		});
	}
}

using System;
using customer;

// The customer port with the signatures its documentation prints.
static class Customer {
	static Answer Members(ResultStruct r) { return new Answer().Text("field", r.field).Text("value", r.value).Text("type", r.type); }

	static Answer Members(AttachmentInfoStruct a) {
		return new Answer().Text("attachmentId", a.attachmentId).Text("attachmentName", a.attachmentName).Text("contentType", a.contentType);
	}

	static Answer Members(CategoryStruct c) {
		return new Answer().Text("id", c.id).Text("realCategoryId", c.realCategoryId).Text("name", c.name).Text("parentId", c.parentId);
	}

	static Answer Members(FaqEntryStruct e) {
		return new Answer().Text("id", e.id).Text("question", e.question).Text("title", e.title).Text("hasHtml", e.hasHtml)
			.Text("score", e.score).Text("fullName", e.fullName).Text("parentId", e.parentId);
	}

	static Answer Members(FaqCategoryStruct c) { return new Answer().Text("id", c.id).Text("name", c.name).Text("description", c.description); }

	static Answer Members(FaqParentStruct p) { return new Answer().Text("id", p.id).Text("name", p.name); }

	static Answer Members(FaqGroupStruct g) {
		return new Answer().Text("description", g.description).Text("id", g.id).Structs("entries", g.entries, Members);
	}

	static void Main() {
		var service = new customerService { Url = Environment.GetEnvironmentVariable("ENDPOINT") };
		Func<string, string, ValuePairStruct> pair = (field, value) => new ValuePairStruct { field = field, value = value };
		Func<string, string, string, CriteriaStruct> criterion = (field, op, value) => new CriteriaStruct { field = field, op = op, value = value };
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
					.Structs("ticketResult", results, Members).List("messageIds", texts);
			case "findTickets":
				ResultStruct[][] rows;
				return a.Text("errorCode", service.findTickets(c.Text(), c.Criteria(criterion), c.List(), out rows)).Arrays("searchResult", rows, Members);
			case "closeTicket":
				return a.Text("errorCode", service.closeTicket(c.Text(), c.Text()));
			case "getMessage":
				return a.Text("errorCode", service.getMessage(c.Text(), c.Text(), c.List(), out results, out files))
					.Structs("messageResult", results, Members).Structs("attachmentInfo", files, Members);
			case "newTicket":
				return a.Text("errorCode", service.newTicket(c.Text(), c.Text(), c.Text(), c.Text(), c.Text(), c.Pairs(pair), out text)).Text("ticketId", text);
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
				return a.Text("errorCode", service.getExtraFields(c.Text(), c.Text(), out fields)).Structs("extraFields", fields,
					f => new Answer().Text("fieldName", f.fieldName).Text("displayField", f.displayField).Text("fieldId", f.fieldId).Text("fieldType", f.fieldType));
			case "getPriorities":
				PriorityStruct[] priorities;
				return a.Text("errorCode", service.getPriorities(c.Text(), out priorities)).Structs("priorities", priorities,
					p => new Answer().Text("id", p.id).Text("name", p.name).Text("sortOrder", p.sortOrder));
			case "getCategories":
				return a.Text("errorCode", service.getCategories(c.Text(), out categories)).Structs("categoryIds", categories, Members);
			case "getCategory":
				CategoryStruct category;
				return a.Text("errorCode", service.getCategory(c.Text(), c.Text(), out category))
					.Structs("category", category == null ? null : new[] { category }, Members);
			case "newCustomer":
				return a.Text("errorCode", service.newCustomer(c.Text(), c.Text()));
			case "getCustomer":
				return a.Text("errorCode", service.getCustomer(c.Text(), c.List(), out results, out texts))
					.Structs("customerResult", results, Members).List("customerEmail", texts);
			case "setCustomer":
				return a.Text("errorCode", service.setCustomer(c.Text(), c.Pairs(pair)));
			case "getCompany":
				return a.Text("errorCode", service.getCompany(c.Text(), c.List(), out results)).Structs("companyResult", results, Members);
			case "getLanguages":
				LanguagesStruct[] languages;
				return a.Text("errorCode", service.getLanguages(out languages)).Structs("languageEntries", languages,
					l => new Answer().Text("languageCode", l.languageCode).Text("languageName", l.languageName).Text("virtualDomain", l.virtualDomain));
			case "getCustLangCategories":
				return a.Text("errorCode", service.getCustLangCategories(c.Text(), out categories)).Structs("categoryIds", categories, Members);
			case "faq_findEntries":
				return a.Text("errorCode", service.faq_findEntries(c.Text(), c.Text(), c.Text(), out entries)).Structs("faqEntries", entries, Members);
			case "faq_findEntries2":
				return a.Text("errorCode", service.faq_findEntries2(c.Text(), c.Text(), c.List(), out entries)).Structs("faqEntries", entries, Members);
			case "faq_getCategory":
				FaqCategoryStruct[] below;
				FaqGroupStruct[] groups;
				return a.Text("errorCode", service.faq_getCategory(c.Text(), c.Text(), out below, out entries, out parents, out groups))
					.Structs("faqSubCategories", below, Members).Structs("faqEntries", entries, Members)
					.Structs("faqParents", parents, Members).Structs("faqGroups", groups, Members);
			case "faq_getEntry":
				string title, question, answer, score;
				FaqLinkStruct[] links;
				bool html;
				return a.Text("errorCode", service.faq_getEntry(c.Text(), c.Text(), out title, out question, out answer, out links, out files, out html, out score, out parents))
					.Text("title", title).Text("question", question).Text("answer", answer)
					.Structs("links", links, l => new Answer().Text("name", l.name).Text("url", l.url)).Structs("attachmentInfo", files, Members)
					.Text("hasHtml", html ? "true" : "false").Text("score", score).Structs("faqParents", parents, Members);
			case "faq_getGroupEntries":
				return a.Text("errorCode", service.faq_getGroupEntries(c.Text(), c.Text(), out entries)).Structs("entries", entries, Members);
			case "faq_getMostPopularEntries":
				return a.Text("errorCode", service.faq_getMostPopularEntries(c.Text(), c.Text(), c.Text(), out entries)).Structs("faqEntries", entries, Members);
			case "faq_getMostReadEntries":
				return a.Text("errorCode", service.faq_getMostReadEntries(c.Text(), c.Text(), c.Text(), out entries)).Structs("faqEntries", entries, Members);
			case "faq_scoreEntry":
				return a.Text("errorCode", service.faq_scoreEntry(c.Text(), c.Text(), c.Text()));
			}
			throw new ArgumentException("no method " + c.Method);
		});
	}
}

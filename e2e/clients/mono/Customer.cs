using System;
using customer;

// The customer port with the signatures its documentation prints.
static class Customer {
	static string[] Members(ResultStruct r) { return new[] { "field", r.field, "value", r.value, "type", r.type }; }

	static string[] Members(AttachmentInfoStruct a) {
		return new[] { "attachmentId", a.attachmentId, "attachmentName", a.attachmentName, "contentType", a.contentType };
	}

	static string[] Members(CategoryStruct c) {
		return new[] { "id", c.id, "realCategoryId", c.realCategoryId, "name", c.name, "parentId", c.parentId };
	}

	static ValuePairStruct Pair(string field, string value) { return new ValuePairStruct { field = field, value = value }; }

	static void Main() {
		var service = new customerService { Url = Environment.GetEnvironmentVariable("ENDPOINT") };
		Voice.Serve(c => {
			var a = new Answer();
			string text;
			string[] ids;
			ResultStruct[] results;
			switch (c.Method) {
			case "login":
				return a.Text("errorCode", service.login(c.Text(), c.Text(), out text)).Text("sessionKey", text);
			case "loginAsCustomer":
				return a.Text("errorCode", service.loginAsCustomer(c.Text(), c.Text(), c.Text(), out text)).Text("sessionKey", text);
			case "logout":
				return a.Text("errorCode", service.logout(c.Text()));
			case "checkPassword":
				return a.Text("errorCode", service.checkPassword(c.Text(), c.Text()));
			case "getErrorMessage":
				return a.Text("errorMessage", service.getErrorMessage(c.Text()));
			case "getTicket":
				return a.Text("errorCode", service.getTicket(c.Text(), c.Text(), c.List(), out results, out ids))
					.Structs("ticketResult", results, Members).List("messageIds", ids);
			case "getMessage":
				AttachmentInfoStruct[] files;
				return a.Text("errorCode", service.getMessage(c.Text(), c.Text(), c.List(), out results, out files))
					.Structs("messageResult", results, Members).Structs("attachmentInfo", files, Members);
			case "newTicket":
				return a.Text("errorCode", service.newTicket(c.Text(), c.Text(), c.Text(), c.Text(), c.Text(), c.Pairs(Pair), out text)).Text("ticketId", text);
			case "addMessage":
				return a.Text("errorCode", service.addMessage(c.Text(), c.Text(), c.Text(), c.Text(), c.List(), out text)).Text("messageId", text);
			case "getExtraFields":
				ExtraFieldsStruct[] fields;
				return a.Text("errorCode", service.getExtraFields(c.Text(), c.Text(), out fields)).Structs("extraFields", fields,
					f => new[] { "fieldName", f.fieldName, "displayField", f.displayField, "fieldId", f.fieldId, "fieldType", f.fieldType });
			case "getPriorities":
				PriorityStruct[] priorities;
				return a.Text("errorCode", service.getPriorities(c.Text(), out priorities)).Structs("priorities", priorities,
					p => new[] { "id", p.id, "name", p.name, "sortOrder", p.sortOrder });
			case "getCategories":
				CategoryStruct[] categories;
				return a.Text("errorCode", service.getCategories(c.Text(), out categories)).Structs("categoryIds", categories, Members);
			case "getCategory":
				CategoryStruct category;
				return a.Text("errorCode", service.getCategory(c.Text(), c.Text(), out category))
					.Structs("category", category == null ? null : new[] { category }, Members);
			}
			throw new ArgumentException("no method " + c.Method);
		});
	}
}

using System;
using ticket;

// The ticket port with the signatures its documentation prints.
static class Ticket {
	static Answer Members(ResultStruct r) { return new Answer().Text("field", r.field).Text("value", r.value).Text("type", r.type); }

	static ValuePairStruct Pair(string field, string value) { return new ValuePairStruct { field = field, value = value }; }

	static void Main() {
		var service = new ticketService { Url = Environment.GetEnvironmentVariable("ENDPOINT") };
		Voice.Serve(c => {
			var a = new Answer();
			string text;
			ResultStruct[] results;
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
			}
			throw new ArgumentException("no method " + c.Method);
		});
	}
}

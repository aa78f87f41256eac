package e2e

// methods is what the clients need to know of the declarations: the names of a
// method's parameters and out parts, in order.
var methods = map[string]map[string]struct{ in, out []string }{
	"customer": {
		"login":           {[]string{"username", "password"}, []string{"errorCode", "sessionKey"}},
		"loginAsCustomer": {[]string{"username", "password", "customerUsername"}, []string{"errorCode", "sessionKey"}},
		"logout":          {[]string{"sessionKey"}, []string{"errorCode"}},
		"checkPassword":   {[]string{"username", "password"}, []string{"errorCode"}},
		"getErrorMessage": {[]string{"sessionKey"}, []string{"errorMessage"}},
		"getTicket":       {[]string{"sessionKey", "ticketId", "ticketFields"}, []string{"errorCode", "ticketResult", "messageIds"}},
		"getMessage":      {[]string{"sessionKey", "messageId", "messageFields"}, []string{"errorCode", "messageResult", "attachmentInfo"}},
		"newTicket":       {[]string{"sessionKey", "title", "sLevel", "categoryId", "priorityId", "extraField"}, []string{"errorCode", "ticketId"}},
		"addMessage":      {[]string{"sessionKey", "messageBody", "ticketId", "sLevel", "attachmentIds"}, []string{"errorCode", "messageId"}},
		"getExtraFields":  {[]string{"sessionKey", "domain"}, []string{"errorCode", "extraFields"}},
		"getPriorities":   {[]string{"sessionKey"}, []string{"errorCode", "priorities"}},
		"getCategories":   {[]string{"sessionKey"}, []string{"errorCode", "categoryIds"}},
		"getCategory":     {[]string{"sessionKey", "categoryId"}, []string{"errorCode", "category"}},
	},
	"ticket": {
		"login":  {[]string{"userName", "password"}, []string{"errorCode", "sessionKey"}},
		"logout": {[]string{"sessionKey"}, []string{"errorCode"}},
		"newTicket": {[]string{"sessionKey", "title", "sLevel", "categoryId", "priorityId", "owner", "customers", "extraFields", "sendNotification"},
			[]string{"errorCode", "ticketId"}},
		"addMessage3": {[]string{"sessionKey", "messageBody", "htmlMessageBody", "replyTemplateId", "ticketId", "sLevel", "attachmentIds", "sendNotification", "to", "cc", "bcc"},
			[]string{"errorCode", "messageID"}},
		"getTicket":  {[]string{"sessionKey", "ticketId", "ticketFields"}, []string{"errorCode", "ticketResult", "messageIds"}},
		"getMessage": {[]string{"sessionKey", "messageId", "messageField"}, []string{"errorCode", "messageResult", "attachmentInfo"}},
	},
}

package e2e

import (
	"regexp"
	"slices"
	"testing"
)

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

		"findTickets":      {[]string{"sessionKey", "searchCriteria", "searchFields"}, []string{"errorCode", "searchResult"}},
		"closeTicket":      {[]string{"sessionKey", "ticketId"}, []string{"errorCode"}},
		"addAttachment":    {[]string{"sessionKey", "attachmentName", "contentType", "data"}, []string{"errorCode", "attachmentId"}},
		"getAttachment":    {[]string{"sessionKey", "attachmentId"}, []string{"errorCode", "attachmentName", "contentType", "data"}},
		"deleteAttachment": {[]string{"attachmentId"}, []string{"errorCode"}},

		"getCustomer":           {[]string{"sessionKey", "customerFields"}, []string{"errorCode", "customerResult", "customerEmail"}},
		"setCustomer":           {[]string{"sessionKey", "customerValues"}, []string{"errorCode"}},
		"getCompany":            {[]string{"sessionKey", "companyFields"}, []string{"errorCode", "companyResult"}},
		"newCustomer":           {[]string{"userName", "password"}, []string{"errorCode"}},
		"sendPassword":          {[]string{"emailCode"}, []string{"errorCode"}},
		"getLanguages":          {nil, []string{"errorCode", "languageEntries"}},
		"getCustLangCategories": {[]string{"sessionKey"}, []string{"errorCode", "categoryIds"}},

		"faq_findEntries":           {[]string{"sessionKey", "searchWords", "categoryId"}, []string{"errorCode", "faqEntries"}},
		"faq_findEntries2":          {[]string{"sessionKey", "searchWords", "categoryIds"}, []string{"errorCode", "faqEntries"}},
		"faq_getCategory":           {[]string{"sessionKey", "categoryId"}, []string{"errorCode", "faqSubCategories", "faqEntries", "faqParents", "faqGroups"}},
		"faq_getEntry":              {[]string{"sessionKey", "entryId"}, []string{"errorCode", "title", "question", "answer", "links", "attachmentInfo", "hasHtml", "score", "faqParents"}},
		"faq_getGroupEntries":       {[]string{"sessionKey", "groupId"}, []string{"errorCode", "entries"}},
		"faq_getMostPopularEntries": {[]string{"sessionKey", "categoryId", "maxEntries"}, []string{"errorCode", "faqEntries"}},
		"faq_getMostReadEntries":    {[]string{"sessionKey", "categoryId", "maxEntries"}, []string{"errorCode", "faqEntries"}},
		"faq_scoreEntry":            {[]string{"sessionKey", "entryId", "score"}, []string{"errorCode"}},
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

var operation = regexp.MustCompile(`<wsdl:operation name="(\w+)"`)

// operations are the methods that a WSDL declares.
func (d declaration) operations(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, m := range operation.FindAllStringSubmatch(d.text, -1) {
		all = append(all, m[1])
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) == 0 {
		t.Fatalf("%s declares no operation", d.wsdl)
	}
	return all
}

// wantCalled fails the test if the declaration has a method that was not called.
//
// customer.common.5
func wantCalled(t *testing.T, c *client, d declaration) {
	t.Helper()
	for _, method := range d.operations(t) {
		if !c.called[method] {
			t.Errorf("the %s port declares %s, which nothing called", d.port, method)
		}
	}
}

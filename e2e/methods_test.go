package e2e

import (
	"maps"
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

		"loginAsUser":             {[]string{"userId", "username", "password"}, []string{"errorCode", "sessionKey"}},
		"setTicket":               {[]string{"sessionKey", "ticketId", "ticketValues"}, []string{"errorCode"}},
		"findTickets":             {[]string{"sessionKey", "searchCriteria", "searchFields", "maxRows", "orderBy", "ascending"}, []string{"errorCode", "searchResult"}},
		"addMessage":              {[]string{"sessionKey", "messageBody", "ticketId", "sLevel", "attachmentIds", "sendNotification"}, []string{"errorCode", "messageID"}},
		"addMessage2":             {[]string{"sessionKey", "messageBody", "replyTemplateId", "ticketId", "sLevel", "attachmentIds", "sendNotification", "to", "cc", "bcc"}, []string{"errorCode", "messageID"}},
		"addAttachment":           {[]string{"sessionKey", "attachmentName", "contentType", "data"}, []string{"errorCode", "attachmentId"}},
		"getAttachment":           {[]string{"sessionKey", "attachmentId", "attachmentKey"}, []string{"errorCode", "attachmentName", "contentType", "data"}},
		"getActiveTicketsStatus":  {[]string{"sessionKey"}, []string{"errorCode", "ticketStatusResult"}},
		"getCategories":           {[]string{"sessionKey"}, []string{"errorCode", "categoryIds"}},
		"getPriorities":           {[]string{"sessionKey"}, []string{"errorCode", "priorities"}},
		"getExtraFields":          {[]string{"sessionKey", "domain"}, []string{"errorCode", "extraFields"}},
		"setUserIdleTime":         {[]string{"sessionKey", "idleTime"}, []string{"errorCode"}},
		"allocUserNotifications":  {[]string{"sessionKey", "source"}, []string{"errorCode", "notificationKey"}},
		"getUserNotifications":    {[]string{"sessionKey", "notificationKey"}, []string{"errorCode", "userNotifications"}},
		"getReplyTemplateFolders": {[]string{"sessionKey"}, []string{"errorCode", "replyTemplateFolders"}},
		"getReplyTemplates":       {[]string{"sessionKey", "folderId"}, []string{"errorCode", "replyTemplates", "description", "name"}},
		"getReplyTemplate":        {[]string{"sessionKey", "replyTemplateId", "languageId"}, []string{"errorCode", "subject", "headers", "plainBody", "htmlBody", "hasPlainBody", "hasHtmlBody"}},
		"newCustomer":             {[]string{"sessionKey"}, []string{"errorCode", "customerId"}},
		"newCompany":              {[]string{"sessionKey", "name"}, []string{"errorCode", "companyId"}},
		"getCustomer":             {[]string{"sessionKey", "customerId", "customerFields"}, []string{"errorCode", "customerResult", "customerEmail"}},
		"setCustomer":             {[]string{"sessionKey", "customerId", "customerValues"}, []string{"errorCode"}},
		"getCompany":              {[]string{"sessionKey", "companyId", "companyFields"}, []string{"errorCode", "companyResult"}},
		"setCompany":              {[]string{"sessionKey", "companyId", "companyValues"}, []string{"errorCode"}},
		"findCustomers":           {[]string{"sessionKey", "searchCriteria", "searchFields", "maxRows", "orderBy", "ascending"}, []string{"errorCode", "searchResult"}},
		"findCustomerFromEmail":   {[]string{"username", "password", "custEmail"}, []string{"errorCode", "custUsername"}},
		"findCompanies":           {[]string{"sessionKey", "searchCriteria", "searchFields", "maxRows", "orderBy", "ascending"}, []string{"errorCode", "searchResult"}},
		"findUser":                {[]string{"sessionKey", "field", "value"}, []string{"errorCode", "userId"}},
		"getExtraTables":          {[]string{"sessionKey"}, []string{"errorCode", "extraTables"}},
		"getExtraTable":           {[]string{"sessionKey", "tableId"}, []string{"errorCode", "extraTable"}},
		"queryExtraTable":         {[]string{"sessionKey", "tableId", "fields", "criterias", "orderByField", "maxEntries", "ascending"}, []string{"errorCode", "rows"}},
		"insertIntoExtraTable":    {[]string{"sessionKey", "tableId", "rowId", "columnValues"}, []string{"errorCode", "rowId"}},
		"editMessage":             {[]string{"sessionKey", "messageId", "values"}, []string{"errorCode", "messageID"}},
		"executeScript":           {[]string{"sessionKey", "includeId", "parameters"}, []string{"errorCode", "scriptResult"}},
		"deleteExtraTableRow":     {[]string{"sessionKey", "tableId", "rowId"}, []string{"errorCode"}},
	},
	"admin": {
		"checkAgentVersion": {[]string{"sessionKey", "version"}, []string{"errorCode", "newVersion", "forceUpgrade"}},
		"getAgent":          {[]string{}, []string{"errorCode", "binaryData"}},
		"getErrorMessage":   {[]string{"sessionKey"}, []string{"errorMessage"}},
		"getModulePaths":    {[]string{"sessionKey"}, []string{"errorCode", "paths"}},
		"getTag":            {[]string{"sessionKey"}, []string{"errorCode", "tag"}},
		"getUser":           {[]string{"sessionKey", "userFields"}, []string{"errorCode", "userResult"}},
		"getUserById":       {[]string{"sessionKey", "userId", "userFields"}, []string{"errorCode", "userResult"}},
		"getUsers":          {[]string{"sessionKey", "includeOnlyNormal"}, []string{"errorCode", "users"}},
		"setUser":           {[]string{"sessionKey", "userValues"}, []string{"errorCode"}},
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

// wantCalled fails the test unless the declaration has the methods of the table
// and every one of them was called.
//
// customer.common.5
func wantCalled(t *testing.T, c *client, d declaration) {
	t.Helper()
	declared := d.operations(t)
	wantEqual(t, "methods of the "+d.port+" port", declared, slices.Sorted(maps.Keys(methods[d.port])))
	for _, method := range declared {
		if !c.called[method] {
			t.Errorf("the %s port declares %s, which nothing called", d.port, method)
		}
	}
}

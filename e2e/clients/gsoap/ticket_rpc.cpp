// The ticket port in RPC/encoded style.
#include "ticketServiceBinding.nsmap"
#include "soapticketServiceBindingProxy.h"

typedef ticketServiceBindingProxy Proxy;

#include "rpc.h"
#include "ticket.h"

int main() {
  return serve([](Call &c, Answer &a) {
    const Text &m = c.method;
    if (m == "login") {
      Text name = c.text(), password = c.text();
      ns1__loginResponse r;
      check(proxy.login(name, password, r));
      a.text("errorCode", r.errorCode).text("sessionKey", r.sessionKey);
    } else if (m == "logout") {
      Text code;
      check(proxy.logout(c.text(), code));
      a.text("errorCode", code);
    } else if (m == "newTicket") {
      Text key = c.text(), title = c.text(), level = c.text(), category = c.text(), priority = c.text(), owner = c.text();
      ArrayOfString *customers = in(c.list());
      ArrayOfValuePairStruct *fields = in(c.pairs());
      ns1__newTicketResponse r;
      check(proxy.newTicket(key, title, level, category, priority, owner, customers, fields, c.boolean(), r));
      a.text("errorCode", r.errorCode).text("ticketId", r.ticketId);
    } else if (m == "addMessage3") {
      Text key = c.text(), body = c.text(), html = c.text(), reply = c.text(), ticket = c.text(), level = c.text();
      ArrayOfString *files = in(c.list());
      bool notify = c.boolean();
      ArrayOfString *to = in(c.list()), *cc = in(c.list()), *bcc = in(c.list());
      ns1__addMessage3Response r;
      check(proxy.addMessage3(key, body, html, reply, ticket, level, files, notify, to, cc, bcc, r));
      a.text("errorCode", r.errorCode).text("messageID", r.messageID);
    } else if (m == "getTicket") {
      Text key = c.text(), id = c.text();
      ns1__getTicketResponse r;
      check(proxy.getTicket(key, id, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("ticketResult", r.ticketResult).list("messageIds", r.messageIds);
    } else if (m == "getMessage") {
      Text key = c.text(), id = c.text();
      ns1__getMessageResponse r;
      check(proxy.getMessage(key, id, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("messageResult", r.messageResult).structs("attachmentInfo", r.attachmentInfo);
    } else if (m == "loginAsUser") {
      int userId = c.number();
      Text username = c.text(), password = c.text();
      ns1__loginAsUserResponse r;
      check(proxy.loginAsUser(userId, username, password, r));
      a.text("errorCode", r.errorCode).text("sessionKey", r.sessionKey);
    } else if (m == "setTicket") {
      Text sessionKey = c.text(), ticketId = c.text();
      ArrayOfValuePairStruct *ticketValues = in(c.pairs());
      Text code;
      check(proxy.setTicket(sessionKey, ticketId, ticketValues, code));
      a.text("errorCode", code);
    } else if (m == "findTickets") {
      Text sessionKey = c.text();
      ArrayOfCriteriaStruct *searchCriteria = in(c.criteria());
      ArrayOfString *searchFields = in(c.list());
      Text maxRows = c.text(), orderBy = c.text();
      bool ascending = c.boolean();
      ns1__findTicketsResponse r;
      check(proxy.findTickets(sessionKey, searchCriteria, searchFields, maxRows, orderBy, ascending, r));
      a.text("errorCode", r.errorCode).arrays("searchResult", r.searchResult);
    } else if (m == "addMessage") {
      Text sessionKey = c.text(), messageBody = c.text(), ticketId = c.text(), sLevel = c.text();
      ArrayOfString *attachmentIds = in(c.list());
      bool sendNotification = c.boolean();
      ns1__addMessageResponse r;
      check(proxy.addMessage(sessionKey, messageBody, ticketId, sLevel, attachmentIds, sendNotification, r));
      a.text("errorCode", r.errorCode).text("messageID", r.messageID);
    } else if (m == "addMessage2") {
      Text sessionKey = c.text(), messageBody = c.text(), replyTemplateId = c.text(), ticketId = c.text(), sLevel = c.text();
      ArrayOfString *attachmentIds = in(c.list());
      bool sendNotification = c.boolean();
      ArrayOfString *to = in(c.list()), *cc = in(c.list()), *bcc = in(c.list());
      ns1__addMessage2Response r;
      check(proxy.addMessage2(sessionKey, messageBody, replyTemplateId, ticketId, sLevel, attachmentIds, sendNotification, to, cc, bcc, r));
      a.text("errorCode", r.errorCode).text("messageID", r.messageID);
    } else if (m == "editMessage") {
      Text sessionKey = c.text(), messageId = c.text();
      ArrayOfValuePairStruct *values = in(c.pairs());
      ns1__editMessageResponse r;
      check(proxy.editMessage(sessionKey, messageId, values, r));
      a.text("errorCode", r.errorCode).text("messageID", r.messageID);
    } else if (m == "addAttachment") {
      Text sessionKey = c.text(), attachmentName = c.text(), contentType = c.text();
      xsd__base64Binary data = *bytes(c.bytes());
      ns1__addAttachmentResponse r;
      check(proxy.addAttachment(sessionKey, attachmentName, contentType, data, r));
      a.text("errorCode", r.errorCode).text("attachmentId", r.attachmentId);
    } else if (m == "getAttachment") {
      Text sessionKey = c.text(), attachmentId = c.text(), attachmentKey = c.text();
      ns1__getAttachmentResponse r;
      check(proxy.getAttachment(sessionKey, attachmentId, attachmentKey, r));
      a.text("errorCode", r.errorCode).text("attachmentName", r.attachmentName).text("contentType", r.contentType).bytes("data", &r.data);
    } else if (m == "getActiveTicketsStatus") {
      Text sessionKey = c.text();
      ns1__getActiveTicketsStatusResponse r;
      check(proxy.getActiveTicketsStatus(sessionKey, r));
      a.text("errorCode", r.errorCode).structs("ticketStatusResult", r.ticketStatusResult);
    } else if (m == "getCategories") {
      Text sessionKey = c.text();
      ns1__getCategoriesResponse r;
      check(proxy.getCategories(sessionKey, r));
      a.text("errorCode", r.errorCode).structs("categoryIds", r.categoryIds);
    } else if (m == "getPriorities") {
      Text sessionKey = c.text();
      ns1__getPrioritiesResponse r;
      check(proxy.getPriorities(sessionKey, r));
      a.text("errorCode", r.errorCode).structs("priorities", r.priorities);
    } else if (m == "getExtraFields") {
      Text sessionKey = c.text(), domain = c.text();
      ns1__getExtraFieldsResponse r;
      check(proxy.getExtraFields(sessionKey, domain, r));
      a.text("errorCode", r.errorCode).structs("extraFields", r.extraFields);
    } else if (m == "setUserIdleTime") {
      Text sessionKey = c.text();
      int idleTime = c.number();
      Text code;
      check(proxy.setUserIdleTime(sessionKey, idleTime, code));
      a.text("errorCode", code);
    } else if (m == "allocUserNotifications") {
      Text sessionKey = c.text(), source = c.text();
      ns1__allocUserNotificationsResponse r;
      check(proxy.allocUserNotifications(sessionKey, source, r));
      a.text("errorCode", r.errorCode).text("notificationKey", r.notificationKey);
    } else if (m == "getUserNotifications") {
      Text sessionKey = c.text(), notificationKey = c.text();
      ns1__getUserNotificationsResponse r;
      check(proxy.getUserNotifications(sessionKey, notificationKey, r));
      a.text("errorCode", r.errorCode).structs("userNotifications", r.userNotifications);
    } else if (m == "getReplyTemplateFolders") {
      Text sessionKey = c.text();
      ns1__getReplyTemplateFoldersResponse r;
      check(proxy.getReplyTemplateFolders(sessionKey, r));
      a.text("errorCode", r.errorCode).structs("replyTemplateFolders", r.replyTemplateFolders);
    } else if (m == "getReplyTemplates") {
      Text sessionKey = c.text();
      int folderId = c.number();
      ns1__getReplyTemplatesResponse r;
      check(proxy.getReplyTemplates(sessionKey, folderId, r));
      a.text("errorCode", r.errorCode).structs("replyTemplates", r.replyTemplates).text("description", r.description).text("name", r.name);
    } else if (m == "getReplyTemplate") {
      Text sessionKey = c.text();
      int replyTemplateId = c.number(), languageId = c.number();
      ns1__getReplyTemplateResponse r;
      check(proxy.getReplyTemplate(sessionKey, replyTemplateId, languageId, r));
      a.text("errorCode", r.errorCode).text("subject", r.subject).text("headers", r.headers).text("plainBody", r.plainBody)
        .text("htmlBody", r.htmlBody).boolean("hasPlainBody", r.hasPlainBody).boolean("hasHtmlBody", r.hasHtmlBody);
    } else if (m == "newCustomer") {
      Text sessionKey = c.text();
      ns1__newCustomerResponse r;
      check(proxy.newCustomer(sessionKey, r));
      a.text("errorCode", r.errorCode).text("customerId", r.customerId);
    } else if (m == "newCompany") {
      Text sessionKey = c.text(), name = c.text();
      ns1__newCompanyResponse r;
      check(proxy.newCompany(sessionKey, name, r));
      a.text("errorCode", r.errorCode).text("companyId", r.companyId);
    } else if (m == "getCustomer") {
      Text sessionKey = c.text(), customerId = c.text();
      ArrayOfString *customerFields = in(c.list());
      ns1__getCustomerResponse r;
      check(proxy.getCustomer(sessionKey, customerId, customerFields, r));
      a.text("errorCode", r.errorCode).structs("customerResult", r.customerResult).list("customerEmail", r.customerEmail);
    } else if (m == "setCustomer") {
      Text sessionKey = c.text(), customerId = c.text();
      ArrayOfValuePairStruct *customerValues = in(c.pairs());
      Text code;
      check(proxy.setCustomer(sessionKey, customerId, customerValues, code));
      a.text("errorCode", code);
    } else if (m == "getCompany") {
      Text sessionKey = c.text(), companyId = c.text();
      ArrayOfString *companyFields = in(c.list());
      ns1__getCompanyResponse r;
      check(proxy.getCompany(sessionKey, companyId, companyFields, r));
      a.text("errorCode", r.errorCode).structs("companyResult", r.companyResult);
    } else if (m == "setCompany") {
      Text sessionKey = c.text(), companyId = c.text();
      ArrayOfValuePairStruct *companyValues = in(c.pairs());
      Text code;
      check(proxy.setCompany(sessionKey, companyId, companyValues, code));
      a.text("errorCode", code);
    } else if (m == "findCustomers") {
      Text sessionKey = c.text();
      ArrayOfCriteriaStruct *searchCriteria = in(c.criteria());
      ArrayOfString *searchFields = in(c.list());
      Text maxRows = c.text(), orderBy = c.text();
      bool ascending = c.boolean();
      ns1__findCustomersResponse r;
      check(proxy.findCustomers(sessionKey, searchCriteria, searchFields, maxRows, orderBy, ascending, r));
      a.text("errorCode", r.errorCode).arrays("searchResult", r.searchResult);
    } else if (m == "findCustomerFromEmail") {
      Text username = c.text(), password = c.text(), custEmail = c.text();
      ns1__findCustomerFromEmailResponse r;
      check(proxy.findCustomerFromEmail(username, password, custEmail, r));
      a.text("errorCode", r.errorCode).text("custUsername", r.custUsername);
    } else if (m == "findCompanies") {
      Text sessionKey = c.text();
      ArrayOfCriteriaStruct *searchCriteria = in(c.criteria());
      ArrayOfString *searchFields = in(c.list());
      Text maxRows = c.text(), orderBy = c.text();
      bool ascending = c.boolean();
      ns1__findCompaniesResponse r;
      check(proxy.findCompanies(sessionKey, searchCriteria, searchFields, maxRows, orderBy, ascending, r));
      a.text("errorCode", r.errorCode).arrays("searchResult", r.searchResult);
    } else if (m == "findUser") {
      Text sessionKey = c.text(), field = c.text(), value = c.text();
      ns1__findUserResponse r;
      check(proxy.findUser(sessionKey, field, value, r));
      a.text("errorCode", r.errorCode).text("userId", r.userId);
    } else if (m == "getExtraTables") {
      Text sessionKey = c.text();
      ns1__getExtraTablesResponse r;
      check(proxy.getExtraTables(sessionKey, r));
      a.text("errorCode", r.errorCode).structs("extraTables", r.extraTables);
    } else if (m == "getExtraTable") {
      Text sessionKey = c.text(), tableId = c.text();
      ns1__getExtraTableResponse r;
      check(proxy.getExtraTable(sessionKey, tableId, r));
      a.text("errorCode", r.errorCode).one("extraTable", r.extraTable);
    } else if (m == "queryExtraTable") {
      Text sessionKey = c.text(), tableId = c.text();
      ArrayOfString *fields = in(c.list());
      ArrayOfExtraTableCriteriaStruct *criterias = in(c.rowCriteria());
      Text orderByField = c.text(), maxEntries = c.text(), ascending = c.text();
      ns1__queryExtraTableResponse r;
      check(proxy.queryExtraTable(sessionKey, tableId, fields, criterias, orderByField, maxEntries, ascending, r));
      a.text("errorCode", r.errorCode).structs("rows", r.rows);
    } else if (m == "insertIntoExtraTable") {
      Text sessionKey = c.text(), tableId = c.text(), rowId = c.text();
      ArrayOfValuePairStruct *columnValues = in(c.pairs());
      ns1__insertIntoExtraTableResponse r;
      check(proxy.insertIntoExtraTable(sessionKey, tableId, rowId, columnValues, r));
      a.text("errorCode", r.errorCode).text("rowId", r.rowId);
    } else if (m == "deleteExtraTableRow") {
      Text sessionKey = c.text(), tableId = c.text(), rowId = c.text();
      Text code;
      check(proxy.deleteExtraTableRow(sessionKey, tableId, rowId, code));
      a.text("errorCode", code);
    } else if (m == "executeScript") {
      Text sessionKey = c.text(), includeId = c.text();
      ArrayOfValuePairStruct *parameters = in(c.pairs());
      ns1__executeScriptResponse r;
      check(proxy.executeScript(sessionKey, includeId, parameters, r));
      a.text("errorCode", r.errorCode).text("scriptResult", r.scriptResult);
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

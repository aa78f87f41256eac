// The ticket port in document/literal style.
#include "ticketServiceBinding.nsmap"
#include "soapticketServiceBindingProxy.h"

typedef ticketServiceBindingProxy Proxy;

#include "doc.h"
#include "ticket.h"

int main() {
  return serve([](Call &c, Answer &a) {
    const Text &m = c.method;
    if (m == "login") {
      _ns1__login q;
      _ns1__loginResponse r;
      q.userName = in(c.text()), q.password = in(c.text());
      check(proxy.login(&q, r));
      a.text("errorCode", r.errorCode).text("sessionKey", r.sessionKey);
    } else if (m == "logout") {
      _ns1__logout q;
      _ns1__logoutResponse r;
      q.sessionKey = in(c.text());
      check(proxy.logout(&q, r));
      a.text("errorCode", r.errorCode);
    } else if (m == "newTicket") {
      _ns1__newTicket q;
      _ns1__newTicketResponse r;
      q.sessionKey = in(c.text()), q.title = in(c.text()), q.sLevel = in(c.text());
      q.categoryId = in(c.text()), q.priorityId = in(c.text()), q.owner = in(c.text());
      q.customers = in(c.list()), q.extraFields = in(c.pairs()), q.sendNotification = c.boolean();
      check(proxy.newTicket(&q, r));
      a.text("errorCode", r.errorCode).text("ticketId", r.ticketId);
    } else if (m == "addMessage3") {
      _ns1__addMessage3 q;
      _ns1__addMessage3Response r;
      q.sessionKey = in(c.text()), q.messageBody = in(c.text()), q.htmlMessageBody = in(c.text());
      q.replyTemplateId = in(c.text()), q.ticketId = in(c.text()), q.sLevel = in(c.text());
      q.attachmentIds = in(c.list()), q.sendNotification = c.boolean();
      q.to = in(c.list()), q.cc = in(c.list()), q.bcc = in(c.list());
      check(proxy.addMessage3(&q, r));
      a.text("errorCode", r.errorCode).text("messageID", r.messageID);
    } else if (m == "getTicket") {
      _ns1__getTicket q;
      _ns1__getTicketResponse r;
      q.sessionKey = in(c.text()), q.ticketId = in(c.text()), q.ticketFields = in(c.list());
      check(proxy.getTicket(&q, r));
      a.text("errorCode", r.errorCode).structs("ticketResult", r.ticketResult).list("messageIds", r.messageIds);
    } else if (m == "getMessage") {
      _ns1__getMessage q;
      _ns1__getMessageResponse r;
      q.sessionKey = in(c.text()), q.messageId = in(c.text()), q.messageField = in(c.list());
      check(proxy.getMessage(&q, r));
      a.text("errorCode", r.errorCode).structs("messageResult", r.messageResult).structs("attachmentInfo", r.attachmentInfo);
    } else if (m == "loginAsUser") {
      _ns1__loginAsUser q;
      _ns1__loginAsUserResponse r;
      q.userId = c.number(), q.username = in(c.text()), q.password = in(c.text());
      check(proxy.loginAsUser(&q, r));
      a.text("errorCode", r.errorCode).text("sessionKey", r.sessionKey);
    } else if (m == "setTicket") {
      _ns1__setTicket q;
      _ns1__setTicketResponse r;
      q.sessionKey = in(c.text()), q.ticketId = in(c.text()), q.ticketValues = in(c.pairs());
      check(proxy.setTicket(&q, r));
      a.text("errorCode", r.errorCode);
    } else if (m == "findTickets") {
      _ns1__findTickets q;
      _ns1__findTicketsResponse r;
      q.sessionKey = in(c.text()), q.searchCriteria = in(c.criteria()), q.searchFields = in(c.list()), q.maxRows = in(c.text());
      q.orderBy = in(c.text()), q.ascending = c.boolean();
      check(proxy.findTickets(&q, r));
      a.text("errorCode", r.errorCode).arrays("searchResult", r.searchResult);
    } else if (m == "addMessage") {
      _ns1__addMessage q;
      _ns1__addMessageResponse r;
      q.sessionKey = in(c.text()), q.messageBody = in(c.text()), q.ticketId = in(c.text()), q.sLevel = in(c.text());
      q.attachmentIds = in(c.list()), q.sendNotification = c.boolean();
      check(proxy.addMessage(&q, r));
      a.text("errorCode", r.errorCode).text("messageID", r.messageID);
    } else if (m == "addMessage2") {
      _ns1__addMessage2 q;
      _ns1__addMessage2Response r;
      q.sessionKey = in(c.text()), q.messageBody = in(c.text()), q.replyTemplateId = in(c.text()), q.ticketId = in(c.text());
      q.sLevel = in(c.text()), q.attachmentIds = in(c.list()), q.sendNotification = c.boolean(), q.to = in(c.list());
      q.cc = in(c.list()), q.bcc = in(c.list());
      check(proxy.addMessage2(&q, r));
      a.text("errorCode", r.errorCode).text("messageID", r.messageID);
    } else if (m == "editMessage") {
      _ns1__editMessage q;
      _ns1__editMessageResponse r;
      q.sessionKey = in(c.text()), q.messageId = in(c.text()), q.values = in(c.pairs());
      check(proxy.editMessage(&q, r));
      a.text("errorCode", r.errorCode).text("messageID", r.messageID);
    } else if (m == "addAttachment") {
      _ns1__addAttachment q;
      _ns1__addAttachmentResponse r;
      q.sessionKey = in(c.text()), q.attachmentName = in(c.text()), q.contentType = in(c.text()), q.data = bytes(c.bytes());
      check(proxy.addAttachment(&q, r));
      a.text("errorCode", r.errorCode).text("attachmentId", r.attachmentId);
    } else if (m == "getAttachment") {
      _ns1__getAttachment q;
      _ns1__getAttachmentResponse r;
      q.sessionKey = in(c.text()), q.attachmentId = in(c.text()), q.attachmentKey = in(c.text());
      check(proxy.getAttachment(&q, r));
      a.text("errorCode", r.errorCode).text("attachmentName", r.attachmentName).text("contentType", r.contentType).bytes("data", r.data);
    } else if (m == "getActiveTicketsStatus") {
      _ns1__getActiveTicketsStatus q;
      _ns1__getActiveTicketsStatusResponse r;
      q.sessionKey = in(c.text());
      check(proxy.getActiveTicketsStatus(&q, r));
      a.text("errorCode", r.errorCode).structs("ticketStatusResult", r.ticketStatusResult);
    } else if (m == "getCategories") {
      _ns1__getCategories q;
      _ns1__getCategoriesResponse r;
      q.sessionKey = in(c.text());
      check(proxy.getCategories(&q, r));
      a.text("errorCode", r.errorCode).structs("categoryIds", r.categoryIds);
    } else if (m == "getPriorities") {
      _ns1__getPriorities q;
      _ns1__getPrioritiesResponse r;
      q.sessionKey = in(c.text());
      check(proxy.getPriorities(&q, r));
      a.text("errorCode", r.errorCode).structs("priorities", r.priorities);
    } else if (m == "getExtraFields") {
      _ns1__getExtraFields q;
      _ns1__getExtraFieldsResponse r;
      q.sessionKey = in(c.text()), q.domain = in(c.text());
      check(proxy.getExtraFields(&q, r));
      a.text("errorCode", r.errorCode).structs("extraFields", r.extraFields);
    } else if (m == "setUserIdleTime") {
      _ns1__setUserIdleTime q;
      _ns1__setUserIdleTimeResponse r;
      q.sessionKey = in(c.text()), q.idleTime = c.number();
      check(proxy.setUserIdleTime(&q, r));
      a.text("errorCode", r.errorCode);
    } else if (m == "allocUserNotifications") {
      _ns1__allocUserNotifications q;
      _ns1__allocUserNotificationsResponse r;
      q.sessionKey = in(c.text()), q.source = in(c.text());
      check(proxy.allocUserNotifications(&q, r));
      a.text("errorCode", r.errorCode).text("notificationKey", r.notificationKey);
    } else if (m == "getUserNotifications") {
      _ns1__getUserNotifications q;
      _ns1__getUserNotificationsResponse r;
      q.sessionKey = in(c.text()), q.notificationKey = in(c.text());
      check(proxy.getUserNotifications(&q, r));
      a.text("errorCode", r.errorCode).structs("userNotifications", r.userNotifications);
    } else if (m == "getReplyTemplateFolders") {
      _ns1__getReplyTemplateFolders q;
      _ns1__getReplyTemplateFoldersResponse r;
      q.sessionKey = in(c.text());
      check(proxy.getReplyTemplateFolders(&q, r));
      a.text("errorCode", r.errorCode).structs("replyTemplateFolders", r.replyTemplateFolders);
    } else if (m == "getReplyTemplates") {
      _ns1__getReplyTemplates q;
      _ns1__getReplyTemplatesResponse r;
      q.sessionKey = in(c.text()), q.folderId = c.number();
      check(proxy.getReplyTemplates(&q, r));
      a.text("errorCode", r.errorCode).structs("replyTemplates", r.replyTemplates).text("description", r.description).text("name", r.name);
    } else if (m == "getReplyTemplate") {
      _ns1__getReplyTemplate q;
      _ns1__getReplyTemplateResponse r;
      q.sessionKey = in(c.text()), q.replyTemplateId = c.number(), q.languageId = c.number();
      check(proxy.getReplyTemplate(&q, r));
      a.text("errorCode", r.errorCode).text("subject", r.subject).text("headers", r.headers).text("plainBody", r.plainBody)
        .text("htmlBody", r.htmlBody).boolean("hasPlainBody", r.hasPlainBody).boolean("hasHtmlBody", r.hasHtmlBody);
    } else if (m == "newCustomer") {
      _ns1__newCustomer q;
      _ns1__newCustomerResponse r;
      q.sessionKey = in(c.text());
      check(proxy.newCustomer(&q, r));
      a.text("errorCode", r.errorCode).text("customerId", r.customerId);
    } else if (m == "newCompany") {
      _ns1__newCompany q;
      _ns1__newCompanyResponse r;
      q.sessionKey = in(c.text()), q.name = in(c.text());
      check(proxy.newCompany(&q, r));
      a.text("errorCode", r.errorCode).text("companyId", r.companyId);
    } else if (m == "getCustomer") {
      _ns1__getCustomer q;
      _ns1__getCustomerResponse r;
      q.sessionKey = in(c.text()), q.customerId = in(c.text()), q.customerFields = in(c.list());
      check(proxy.getCustomer(&q, r));
      a.text("errorCode", r.errorCode).structs("customerResult", r.customerResult).list("customerEmail", r.customerEmail);
    } else if (m == "setCustomer") {
      _ns1__setCustomer q;
      _ns1__setCustomerResponse r;
      q.sessionKey = in(c.text()), q.customerId = in(c.text()), q.customerValues = in(c.pairs());
      check(proxy.setCustomer(&q, r));
      a.text("errorCode", r.errorCode);
    } else if (m == "getCompany") {
      _ns1__getCompany q;
      _ns1__getCompanyResponse r;
      q.sessionKey = in(c.text()), q.companyId = in(c.text()), q.companyFields = in(c.list());
      check(proxy.getCompany(&q, r));
      a.text("errorCode", r.errorCode).structs("companyResult", r.companyResult);
    } else if (m == "setCompany") {
      _ns1__setCompany q;
      _ns1__setCompanyResponse r;
      q.sessionKey = in(c.text()), q.companyId = in(c.text()), q.companyValues = in(c.pairs());
      check(proxy.setCompany(&q, r));
      a.text("errorCode", r.errorCode);
    } else if (m == "findCustomers") {
      _ns1__findCustomers q;
      _ns1__findCustomersResponse r;
      q.sessionKey = in(c.text()), q.searchCriteria = in(c.criteria()), q.searchFields = in(c.list()), q.maxRows = in(c.text());
      q.orderBy = in(c.text()), q.ascending = c.boolean();
      check(proxy.findCustomers(&q, r));
      a.text("errorCode", r.errorCode).arrays("searchResult", r.searchResult);
    } else if (m == "findCustomerFromEmail") {
      _ns1__findCustomerFromEmail q;
      _ns1__findCustomerFromEmailResponse r;
      q.username = in(c.text()), q.password = in(c.text()), q.custEmail = in(c.text());
      check(proxy.findCustomerFromEmail(&q, r));
      a.text("errorCode", r.errorCode).text("custUsername", r.custUsername);
    } else if (m == "findCompanies") {
      _ns1__findCompanies q;
      _ns1__findCompaniesResponse r;
      q.sessionKey = in(c.text()), q.searchCriteria = in(c.criteria()), q.searchFields = in(c.list()), q.maxRows = in(c.text());
      q.orderBy = in(c.text()), q.ascending = c.boolean();
      check(proxy.findCompanies(&q, r));
      a.text("errorCode", r.errorCode).arrays("searchResult", r.searchResult);
    } else if (m == "findUser") {
      _ns1__findUser q;
      _ns1__findUserResponse r;
      q.sessionKey = in(c.text()), q.field = in(c.text()), q.value = in(c.text());
      check(proxy.findUser(&q, r));
      a.text("errorCode", r.errorCode).text("userId", r.userId);
    } else if (m == "getExtraTables") {
      _ns1__getExtraTables q;
      _ns1__getExtraTablesResponse r;
      q.sessionKey = in(c.text());
      check(proxy.getExtraTables(&q, r));
      a.text("errorCode", r.errorCode).structs("extraTables", r.extraTables);
    } else if (m == "getExtraTable") {
      _ns1__getExtraTable q;
      _ns1__getExtraTableResponse r;
      q.sessionKey = in(c.text()), q.tableId = in(c.text());
      check(proxy.getExtraTable(&q, r));
      a.text("errorCode", r.errorCode).one("extraTable", r.extraTable);
    } else if (m == "queryExtraTable") {
      _ns1__queryExtraTable q;
      _ns1__queryExtraTableResponse r;
      q.sessionKey = in(c.text()), q.tableId = in(c.text()), q.fields = in(c.list()), q.criterias = in(c.rowCriteria());
      q.orderByField = in(c.text()), q.maxEntries = in(c.text()), q.ascending = in(c.text());
      check(proxy.queryExtraTable(&q, r));
      a.text("errorCode", r.errorCode).structs("rows", r.rows);
    } else if (m == "insertIntoExtraTable") {
      _ns1__insertIntoExtraTable q;
      _ns1__insertIntoExtraTableResponse r;
      q.sessionKey = in(c.text()), q.tableId = in(c.text()), q.rowId = in(c.text()), q.columnValues = in(c.pairs());
      check(proxy.insertIntoExtraTable(&q, r));
      a.text("errorCode", r.errorCode).text("rowId", r.rowId);
    } else if (m == "deleteExtraTableRow") {
      _ns1__deleteExtraTableRow q;
      _ns1__deleteExtraTableRowResponse r;
      q.sessionKey = in(c.text()), q.tableId = in(c.text()), q.rowId = in(c.text());
      check(proxy.deleteExtraTableRow(&q, r));
      a.text("errorCode", r.errorCode);
    } else if (m == "executeScript") {
      _ns1__executeScript q;
      _ns1__executeScriptResponse r;
      q.sessionKey = in(c.text()), q.includeId = in(c.text()), q.parameters = in(c.pairs());
      check(proxy.executeScript(&q, r));
      a.text("errorCode", r.errorCode).text("scriptResult", r.scriptResult);
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

// The ticket port in document/literal style: wrapper classes with optional
// members, arrays are vectors.
#include "ticketServiceBinding.nsmap"
#include "soapticketServiceBindingProxy.h"
#include "voice.h"

// SOAP_C_UTFSTRING: a std::string is UTF-8, not Latin-1.
static ticketServiceBindingProxy proxy(SOAP_C_UTFSTRING | SOAP_IO_KEEPALIVE);

static Text out(const Text *p) { return p ? *p : ""; }

static Text *in(const Text &v) {
  Text *p = soap_new_std__string(proxy.soap);
  *p = v;
  return p;
}

static ns1__ArrayOfString *in(const List &v) {
  ns1__ArrayOfString *a = soap_new_ns1__ArrayOfString(proxy.soap);
  a->item = v;
  return a;
}

static ns1__ArrayOfValuePairStruct *in(const std::vector<std::pair<Text, Text>> &v) {
  ns1__ArrayOfValuePairStruct *a = soap_new_ns1__ArrayOfValuePairStruct(proxy.soap);
  for (auto &p : v) {
    a->item.push_back(soap_new_ns1__ValuePairStruct(proxy.soap));
    a->item.back()->field = in(p.first), a->item.back()->value = in(p.second);
  }
  return a;
}

static ns1__ArrayOfCriteriaStruct *in(const std::vector<Criterion> &v) {
  ns1__ArrayOfCriteriaStruct *a = soap_new_ns1__ArrayOfCriteriaStruct(proxy.soap);
  for (auto &c : v) {
    a->item.push_back(soap_new_ns1__CriteriaStruct(proxy.soap));
    a->item.back()->field = in(c.field), a->item.back()->op = in(c.op), a->item.back()->value = in(c.value);
  }
  return a;
}

static ns1__ArrayOfExtraTableCriteriaStruct *in(const std::vector<RowCriterion> &v) {
  ns1__ArrayOfExtraTableCriteriaStruct *a = soap_new_ns1__ArrayOfExtraTableCriteriaStruct(proxy.soap);
  for (auto &c : v) {
    a->item.push_back(soap_new_ns1__ExtraTableCriteriaStruct(proxy.soap));
    a->item.back()->columnId = in(c.column), a->item.back()->op = in(c.op), a->item.back()->value = in(c.value), a->item.back()->logicalOp = in(c.logical);
  }
  return a;
}

// Bytes: the words have them in Base64, the proxy has them as they are.
static xsd__base64Binary *bytes(const Text &v) {
  xsd__base64Binary *b = soap_new_xsd__base64Binary(proxy.soap);
  b->__ptr = (unsigned char *)soap_base642s(proxy.soap, v.c_str(), NULL, 0, &b->__size);
  return b;
}

static Text base64(const xsd__base64Binary *b) { return b && b->__size ? soap_s2base64(proxy.soap, b->__ptr, NULL, b->__size) : ""; }

static Answer members(ns1__ResultStruct *r) { return Answer().text("field", out(r->field)).text("value", out(r->value)).text("type", out(r->type)); }
static Answer members(ns1__AttachmentInfoStruct *f) {
  return Answer().text("attachmentId", out(f->attachmentId)).text("attachmentName", out(f->attachmentName))
    .text("contentType", out(f->contentType)).text("attachmentKey", out(f->attachmentKey));
}
static Answer members(ns1__ActiveTicketsStruct *s) {
  return Answer().text("ticketId", out(s->ticketId)).text("readStatus", out(s->readStatus));
}
static Answer members(ns1__CategoryStruct *s) {
  return Answer().text("id", out(s->id)).text("name", out(s->name)).text("parentId", out(s->parentId)).boolean("isInternal", s->isInternal);
}
static Answer members(ns1__PriorityStruct *s) {
  return Answer().text("id", out(s->id)).text("name", out(s->name)).text("sortOrder", out(s->sortOrder));
}
static Answer members(ns1__ExtraFieldsStruct *s) {
  return Answer().text("fieldName", out(s->fieldName)).text("displayField", out(s->displayField)).text("fieldId", out(s->fieldId)).text("fieldType", out(s->fieldType));
}
static Answer members(ns1__NotificationStruct *s) {
  return Answer().text("type", out(s->type)).text("createdBy", out(s->createdBy)).text("ticketId", out(s->ticketId)).text("message", out(s->message));
}
static Answer members(ns1__ReplyTemplateFolderStruct *s) {
  return Answer().text("id", std::to_string(s->id)).text("description", out(s->description)).text("name", out(s->name)).text("parent", std::to_string(s->parent));
}
static Answer members(ns1__ReplyTemplateStruct *s) {
  return Answer().text("id", std::to_string(s->id)).text("description", out(s->description)).text("folder", std::to_string(s->folder));
}
static Answer members(ns1__ExtraTableFieldStruct *s) {
  return Answer().text("id", out(s->id)).text("name", out(s->name)).text("datatype", out(s->datatype)).text("flags", out(s->flags));
}
static Answer members(ns1__ExtraTableColumnStruct *s) {
  return Answer().text("columnId", out(s->columnId)).text("extraFieldId", out(s->extraFieldId)).text("name", out(s->name)).text("value", out(s->value));
}

template <class Array> static std::vector<Answer> structs(Array *a) {
  std::vector<Answer> all;
  if (a) for (auto s : a->item) all.push_back(members(s));
  return all;
}

static Answer members(ns1__ExtraTablesStruct *s) {
  return Answer().text("id", out(s->id)).text("name", out(s->name)).text("flags", out(s->flags)).structs("fields", structs(s->fields));
}
static Answer members(ns1__ExtraTableRowStruct *s) { return Answer().structs("columns", structs(s->columns)); }

static std::vector<std::vector<Answer>> arrays(ns1__ArrayOfArrayOfResultStruct *a) {
  std::vector<std::vector<Answer>> all;
  if (a) for (auto row : a->item) all.push_back(structs(row));
  return all;
}

static List texts(ns1__ArrayOfString *a) { return a ? a->item : List(); }

int main() {
  proxy.soap_endpoint = getenv("ENDPOINT");
  return serve([](Call &c, Answer &a) {
    const Text &m = c.method;
    if (m == "login") {
      _ns1__login q;
      _ns1__loginResponse r;
      q.userName = in(c.text()), q.password = in(c.text());
      check(proxy, proxy.login(&q, r));
      a.text("errorCode", out(r.errorCode)).text("sessionKey", out(r.sessionKey));
    } else if (m == "logout") {
      _ns1__logout q;
      _ns1__logoutResponse r;
      q.sessionKey = in(c.text());
      check(proxy, proxy.logout(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else if (m == "newTicket") {
      _ns1__newTicket q;
      _ns1__newTicketResponse r;
      q.sessionKey = in(c.text()), q.title = in(c.text()), q.sLevel = in(c.text());
      q.categoryId = in(c.text()), q.priorityId = in(c.text()), q.owner = in(c.text());
      q.customers = in(c.list()), q.extraFields = in(c.pairs()), q.sendNotification = c.boolean();
      check(proxy, proxy.newTicket(&q, r));
      a.text("errorCode", out(r.errorCode)).text("ticketId", out(r.ticketId));
    } else if (m == "addMessage3") {
      _ns1__addMessage3 q;
      _ns1__addMessage3Response r;
      q.sessionKey = in(c.text()), q.messageBody = in(c.text()), q.htmlMessageBody = in(c.text());
      q.replyTemplateId = in(c.text()), q.ticketId = in(c.text()), q.sLevel = in(c.text());
      q.attachmentIds = in(c.list()), q.sendNotification = c.boolean();
      q.to = in(c.list()), q.cc = in(c.list()), q.bcc = in(c.list());
      check(proxy, proxy.addMessage3(&q, r));
      a.text("errorCode", out(r.errorCode)).text("messageID", out(r.messageID));
    } else if (m == "getTicket") {
      _ns1__getTicket q;
      _ns1__getTicketResponse r;
      q.sessionKey = in(c.text()), q.ticketId = in(c.text()), q.ticketFields = in(c.list());
      check(proxy, proxy.getTicket(&q, r));
      List ids;
      if (r.messageIds) for (int id : r.messageIds->item) ids.push_back(std::to_string(id));
      a.text("errorCode", out(r.errorCode)).structs("ticketResult", structs(r.ticketResult)).list("messageIds", ids);
    } else if (m == "getMessage") {
      _ns1__getMessage q;
      _ns1__getMessageResponse r;
      q.sessionKey = in(c.text()), q.messageId = in(c.text()), q.messageField = in(c.list());
      check(proxy, proxy.getMessage(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("messageResult", structs(r.messageResult)).structs("attachmentInfo", structs(r.attachmentInfo));
    } else if (m == "loginAsUser") {
      _ns1__loginAsUser q;
      _ns1__loginAsUserResponse r;
      q.userId = c.number(), q.username = in(c.text()), q.password = in(c.text());
      check(proxy, proxy.loginAsUser(&q, r));
      a.text("errorCode", out(r.errorCode)).text("sessionKey", out(r.sessionKey));
    } else if (m == "setTicket") {
      _ns1__setTicket q;
      _ns1__setTicketResponse r;
      q.sessionKey = in(c.text()), q.ticketId = in(c.text()), q.ticketValues = in(c.pairs());
      check(proxy, proxy.setTicket(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else if (m == "findTickets") {
      _ns1__findTickets q;
      _ns1__findTicketsResponse r;
      q.sessionKey = in(c.text()), q.searchCriteria = in(c.criteria()), q.searchFields = in(c.list()), q.maxRows = in(c.text());
      q.orderBy = in(c.text()), q.ascending = c.boolean();
      check(proxy, proxy.findTickets(&q, r));
      a.text("errorCode", out(r.errorCode)).arrays("searchResult", arrays(r.searchResult));
    } else if (m == "addMessage") {
      _ns1__addMessage q;
      _ns1__addMessageResponse r;
      q.sessionKey = in(c.text()), q.messageBody = in(c.text()), q.ticketId = in(c.text()), q.sLevel = in(c.text());
      q.attachmentIds = in(c.list()), q.sendNotification = c.boolean();
      check(proxy, proxy.addMessage(&q, r));
      a.text("errorCode", out(r.errorCode)).text("messageID", out(r.messageID));
    } else if (m == "addMessage2") {
      _ns1__addMessage2 q;
      _ns1__addMessage2Response r;
      q.sessionKey = in(c.text()), q.messageBody = in(c.text()), q.replyTemplateId = in(c.text()), q.ticketId = in(c.text());
      q.sLevel = in(c.text()), q.attachmentIds = in(c.list()), q.sendNotification = c.boolean(), q.to = in(c.list());
      q.cc = in(c.list()), q.bcc = in(c.list());
      check(proxy, proxy.addMessage2(&q, r));
      a.text("errorCode", out(r.errorCode)).text("messageID", out(r.messageID));
    } else if (m == "editMessage") {
      _ns1__editMessage q;
      _ns1__editMessageResponse r;
      q.sessionKey = in(c.text()), q.messageId = in(c.text()), q.values = in(c.pairs());
      check(proxy, proxy.editMessage(&q, r));
      a.text("errorCode", out(r.errorCode)).text("messageID", out(r.messageID));
    } else if (m == "addAttachment") {
      _ns1__addAttachment q;
      _ns1__addAttachmentResponse r;
      q.sessionKey = in(c.text()), q.attachmentName = in(c.text()), q.contentType = in(c.text()), q.data = bytes(c.bytes());
      check(proxy, proxy.addAttachment(&q, r));
      a.text("errorCode", out(r.errorCode)).text("attachmentId", out(r.attachmentId));
    } else if (m == "getAttachment") {
      _ns1__getAttachment q;
      _ns1__getAttachmentResponse r;
      q.sessionKey = in(c.text()), q.attachmentId = in(c.text()), q.attachmentKey = in(c.text());
      check(proxy, proxy.getAttachment(&q, r));
      a.text("errorCode", out(r.errorCode)).text("attachmentName", out(r.attachmentName)).text("contentType", out(r.contentType)).text("data", base64(r.data));
    } else if (m == "getActiveTicketsStatus") {
      _ns1__getActiveTicketsStatus q;
      _ns1__getActiveTicketsStatusResponse r;
      q.sessionKey = in(c.text());
      check(proxy, proxy.getActiveTicketsStatus(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("ticketStatusResult", structs(r.ticketStatusResult));
    } else if (m == "getCategories") {
      _ns1__getCategories q;
      _ns1__getCategoriesResponse r;
      q.sessionKey = in(c.text());
      check(proxy, proxy.getCategories(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("categoryIds", structs(r.categoryIds));
    } else if (m == "getPriorities") {
      _ns1__getPriorities q;
      _ns1__getPrioritiesResponse r;
      q.sessionKey = in(c.text());
      check(proxy, proxy.getPriorities(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("priorities", structs(r.priorities));
    } else if (m == "getExtraFields") {
      _ns1__getExtraFields q;
      _ns1__getExtraFieldsResponse r;
      q.sessionKey = in(c.text()), q.domain = in(c.text());
      check(proxy, proxy.getExtraFields(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("extraFields", structs(r.extraFields));
    } else if (m == "setUserIdleTime") {
      _ns1__setUserIdleTime q;
      _ns1__setUserIdleTimeResponse r;
      q.sessionKey = in(c.text()), q.idleTime = c.number();
      check(proxy, proxy.setUserIdleTime(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else if (m == "allocUserNotifications") {
      _ns1__allocUserNotifications q;
      _ns1__allocUserNotificationsResponse r;
      q.sessionKey = in(c.text()), q.source = in(c.text());
      check(proxy, proxy.allocUserNotifications(&q, r));
      a.text("errorCode", out(r.errorCode)).text("notificationKey", out(r.notificationKey));
    } else if (m == "getUserNotifications") {
      _ns1__getUserNotifications q;
      _ns1__getUserNotificationsResponse r;
      q.sessionKey = in(c.text()), q.notificationKey = in(c.text());
      check(proxy, proxy.getUserNotifications(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("userNotifications", structs(r.userNotifications));
    } else if (m == "getReplyTemplateFolders") {
      _ns1__getReplyTemplateFolders q;
      _ns1__getReplyTemplateFoldersResponse r;
      q.sessionKey = in(c.text());
      check(proxy, proxy.getReplyTemplateFolders(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("replyTemplateFolders", structs(r.replyTemplateFolders));
    } else if (m == "getReplyTemplates") {
      _ns1__getReplyTemplates q;
      _ns1__getReplyTemplatesResponse r;
      q.sessionKey = in(c.text()), q.folderId = c.number();
      check(proxy, proxy.getReplyTemplates(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("replyTemplates", structs(r.replyTemplates)).text("description", out(r.description)).text("name", out(r.name));
    } else if (m == "getReplyTemplate") {
      _ns1__getReplyTemplate q;
      _ns1__getReplyTemplateResponse r;
      q.sessionKey = in(c.text()), q.replyTemplateId = c.number(), q.languageId = c.number();
      check(proxy, proxy.getReplyTemplate(&q, r));
      a.text("errorCode", out(r.errorCode)).text("subject", out(r.subject)).text("headers", out(r.headers)).text("plainBody", out(r.plainBody)).text("htmlBody", out(r.htmlBody)).boolean("hasPlainBody", r.hasPlainBody).boolean("hasHtmlBody", r.hasHtmlBody);
    } else if (m == "newCustomer") {
      _ns1__newCustomer q;
      _ns1__newCustomerResponse r;
      q.sessionKey = in(c.text());
      check(proxy, proxy.newCustomer(&q, r));
      a.text("errorCode", out(r.errorCode)).text("customerId", out(r.customerId));
    } else if (m == "newCompany") {
      _ns1__newCompany q;
      _ns1__newCompanyResponse r;
      q.sessionKey = in(c.text()), q.name = in(c.text());
      check(proxy, proxy.newCompany(&q, r));
      a.text("errorCode", out(r.errorCode)).text("companyId", out(r.companyId));
    } else if (m == "getCustomer") {
      _ns1__getCustomer q;
      _ns1__getCustomerResponse r;
      q.sessionKey = in(c.text()), q.customerId = in(c.text()), q.customerFields = in(c.list());
      check(proxy, proxy.getCustomer(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("customerResult", structs(r.customerResult)).list("customerEmail", texts(r.customerEmail));
    } else if (m == "setCustomer") {
      _ns1__setCustomer q;
      _ns1__setCustomerResponse r;
      q.sessionKey = in(c.text()), q.customerId = in(c.text()), q.customerValues = in(c.pairs());
      check(proxy, proxy.setCustomer(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else if (m == "getCompany") {
      _ns1__getCompany q;
      _ns1__getCompanyResponse r;
      q.sessionKey = in(c.text()), q.companyId = in(c.text()), q.companyFields = in(c.list());
      check(proxy, proxy.getCompany(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("companyResult", structs(r.companyResult));
    } else if (m == "setCompany") {
      _ns1__setCompany q;
      _ns1__setCompanyResponse r;
      q.sessionKey = in(c.text()), q.companyId = in(c.text()), q.companyValues = in(c.pairs());
      check(proxy, proxy.setCompany(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else if (m == "findCustomers") {
      _ns1__findCustomers q;
      _ns1__findCustomersResponse r;
      q.sessionKey = in(c.text()), q.searchCriteria = in(c.criteria()), q.searchFields = in(c.list()), q.maxRows = in(c.text());
      q.orderBy = in(c.text()), q.ascending = c.boolean();
      check(proxy, proxy.findCustomers(&q, r));
      a.text("errorCode", out(r.errorCode)).arrays("searchResult", arrays(r.searchResult));
    } else if (m == "findCustomerFromEmail") {
      _ns1__findCustomerFromEmail q;
      _ns1__findCustomerFromEmailResponse r;
      q.username = in(c.text()), q.password = in(c.text()), q.custEmail = in(c.text());
      check(proxy, proxy.findCustomerFromEmail(&q, r));
      a.text("errorCode", out(r.errorCode)).text("custUsername", out(r.custUsername));
    } else if (m == "findCompanies") {
      _ns1__findCompanies q;
      _ns1__findCompaniesResponse r;
      q.sessionKey = in(c.text()), q.searchCriteria = in(c.criteria()), q.searchFields = in(c.list()), q.maxRows = in(c.text());
      q.orderBy = in(c.text()), q.ascending = c.boolean();
      check(proxy, proxy.findCompanies(&q, r));
      a.text("errorCode", out(r.errorCode)).arrays("searchResult", arrays(r.searchResult));
    } else if (m == "findUser") {
      _ns1__findUser q;
      _ns1__findUserResponse r;
      q.sessionKey = in(c.text()), q.field = in(c.text()), q.value = in(c.text());
      check(proxy, proxy.findUser(&q, r));
      a.text("errorCode", out(r.errorCode)).text("userId", out(r.userId));
    } else if (m == "getExtraTables") {
      _ns1__getExtraTables q;
      _ns1__getExtraTablesResponse r;
      q.sessionKey = in(c.text());
      check(proxy, proxy.getExtraTables(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("extraTables", structs(r.extraTables));
    } else if (m == "getExtraTable") {
      _ns1__getExtraTable q;
      _ns1__getExtraTableResponse r;
      q.sessionKey = in(c.text()), q.tableId = in(c.text());
      check(proxy, proxy.getExtraTable(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("extraTable", {members(r.extraTable)});
    } else if (m == "queryExtraTable") {
      _ns1__queryExtraTable q;
      _ns1__queryExtraTableResponse r;
      q.sessionKey = in(c.text()), q.tableId = in(c.text()), q.fields = in(c.list()), q.criterias = in(c.rowCriteria());
      q.orderByField = in(c.text()), q.maxEntries = in(c.text()), q.ascending = in(c.text());
      check(proxy, proxy.queryExtraTable(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("rows", structs(r.rows));
    } else if (m == "insertIntoExtraTable") {
      _ns1__insertIntoExtraTable q;
      _ns1__insertIntoExtraTableResponse r;
      q.sessionKey = in(c.text()), q.tableId = in(c.text()), q.rowId = in(c.text()), q.columnValues = in(c.pairs());
      check(proxy, proxy.insertIntoExtraTable(&q, r));
      a.text("errorCode", out(r.errorCode)).text("rowId", out(r.rowId));
    } else if (m == "deleteExtraTableRow") {
      _ns1__deleteExtraTableRow q;
      _ns1__deleteExtraTableRowResponse r;
      q.sessionKey = in(c.text()), q.tableId = in(c.text()), q.rowId = in(c.text());
      check(proxy, proxy.deleteExtraTableRow(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else if (m == "executeScript") {
      _ns1__executeScript q;
      _ns1__executeScriptResponse r;
      q.sessionKey = in(c.text()), q.includeId = in(c.text()), q.parameters = in(c.pairs());
      check(proxy, proxy.executeScript(&q, r));
      a.text("errorCode", out(r.errorCode)).text("scriptResult", out(r.scriptResult));
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

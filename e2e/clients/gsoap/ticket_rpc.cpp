// The ticket port in RPC/encoded style: parts are plain values, arrays are
// __ptr and __size.
#include "ticketServiceBinding.nsmap"
#include "soapticketServiceBindingProxy.h"
#include "voice.h"

// SOAP_C_UTFSTRING: a std::string is UTF-8, not Latin-1.
static ticketServiceBindingProxy proxy(SOAP_C_UTFSTRING | SOAP_IO_KEEPALIVE);

static ArrayOfString *in(const List &v) {
  ArrayOfString *a = soap_new_ArrayOfString(proxy.soap);
  a->__ptr = soap_new_std__string(proxy.soap, a->__size = v.size());
  std::copy(v.begin(), v.end(), a->__ptr);
  return a;
}

static ArrayOfValuePairStruct *in(const std::vector<std::pair<Text, Text>> &v) {
  ArrayOfValuePairStruct *a = soap_new_ArrayOfValuePairStruct(proxy.soap);
  a->__ptr = (ns1__ValuePairStruct **)soap_malloc(proxy.soap, v.size() * sizeof(*a->__ptr));
  a->__size = v.size();
  for (size_t i = 0; i < v.size(); i++) {
    a->__ptr[i] = soap_new_ns1__ValuePairStruct(proxy.soap);
    a->__ptr[i]->field = v[i].first, a->__ptr[i]->value = v[i].second;
  }
  return a;
}

static ArrayOfCriteriaStruct *in(const std::vector<Criterion> &v) {
  ArrayOfCriteriaStruct *a = soap_new_ArrayOfCriteriaStruct(proxy.soap);
  a->__ptr = (ns1__CriteriaStruct **)soap_malloc(proxy.soap, v.size() * sizeof(*a->__ptr));
  a->__size = v.size();
  for (size_t i = 0; i < v.size(); i++) {
    a->__ptr[i] = soap_new_ns1__CriteriaStruct(proxy.soap);
    a->__ptr[i]->field = v[i].field, a->__ptr[i]->op = v[i].op, a->__ptr[i]->value = v[i].value;
  }
  return a;
}

static ArrayOfExtraTableCriteriaStruct *in(const std::vector<RowCriterion> &v) {
  ArrayOfExtraTableCriteriaStruct *a = soap_new_ArrayOfExtraTableCriteriaStruct(proxy.soap);
  a->__ptr = (ns1__ExtraTableCriteriaStruct **)soap_malloc(proxy.soap, v.size() * sizeof(*a->__ptr));
  a->__size = v.size();
  for (size_t i = 0; i < v.size(); i++) {
    a->__ptr[i] = soap_new_ns1__ExtraTableCriteriaStruct(proxy.soap);
    a->__ptr[i]->columnId = v[i].column, a->__ptr[i]->op = v[i].op, a->__ptr[i]->value = v[i].value, a->__ptr[i]->logicalOp = v[i].logical;
  }
  return a;
}

// Bytes: the words have them in Base64, the proxy has them as they are.
static xsd__base64Binary bytes(const Text &v) {
  xsd__base64Binary b = xsd__base64Binary();
  b.__ptr = (unsigned char *)soap_base642s(proxy.soap, v.c_str(), NULL, 0, &b.__size);
  return b;
}

static Text base64(const xsd__base64Binary *b) { return b->__size ? soap_s2base64(proxy.soap, b->__ptr, NULL, b->__size) : ""; }

static Answer members(ns1__ResultStruct *r) { return Answer().text("field", r->field).text("value", r->value).text("type", r->type); }
static Answer members(ns1__AttachmentInfoStruct *f) {
  return Answer().text("attachmentId", f->attachmentId).text("attachmentName", f->attachmentName)
    .text("contentType", f->contentType).text("attachmentKey", f->attachmentKey);
}
static Answer members(ns1__ActiveTicketsStruct *s) {
  return Answer().text("ticketId", s->ticketId).text("readStatus", s->readStatus);
}
static Answer members(ns1__CategoryStruct *s) {
  return Answer().text("id", s->id).text("name", s->name).text("parentId", s->parentId).boolean("isInternal", s->isInternal);
}
static Answer members(ns1__PriorityStruct *s) {
  return Answer().text("id", s->id).text("name", s->name).text("sortOrder", s->sortOrder);
}
static Answer members(ns1__ExtraFieldsStruct *s) {
  return Answer().text("fieldName", s->fieldName).text("displayField", s->displayField).text("fieldId", s->fieldId).text("fieldType", s->fieldType);
}
static Answer members(ns1__NotificationStruct *s) {
  return Answer().text("type", s->type).text("createdBy", s->createdBy).text("ticketId", s->ticketId).text("message", s->message);
}
static Answer members(ns1__ReplyTemplateFolderStruct *s) {
  return Answer().text("id", std::to_string(s->id)).text("description", s->description).text("name", s->name).text("parent", std::to_string(s->parent));
}
static Answer members(ns1__ReplyTemplateStruct *s) {
  return Answer().text("id", std::to_string(s->id)).text("description", s->description).text("folder", std::to_string(s->folder));
}
static Answer members(ns1__ExtraTableFieldStruct *s) {
  return Answer().text("id", s->id).text("name", s->name).text("datatype", s->datatype).text("flags", s->flags);
}
static Answer members(ns1__ExtraTableColumnStruct *s) {
  return Answer().text("columnId", s->columnId).text("extraFieldId", s->extraFieldId).text("name", s->name).text("value", s->value);
}

template <class Array> static std::vector<Answer> structs(Array *a) {
  std::vector<Answer> all;
  for (int i = 0; a && i < a->__size; i++) all.push_back(members(a->__ptr[i]));
  return all;
}

static Answer members(ns1__ExtraTablesStruct *s) {
  return Answer().text("id", s->id).text("name", s->name).text("flags", s->flags).structs("fields", structs(s->fields));
}
static Answer members(ns1__ExtraTableRowStruct *s) { return Answer().structs("columns", structs(s->columns)); }

static std::vector<std::vector<Answer>> arrays(ArrayOfArrayOfResultStruct *a) {
  std::vector<std::vector<Answer>> all;
  for (int i = 0; a && i < a->__size; i++) all.push_back(structs(a->__ptr[i]));
  return all;
}

static List texts(ArrayOfString *a) { return a && a->__size ? List(a->__ptr, a->__ptr + a->__size) : List(); }

int main() {
  proxy.soap_endpoint = getenv("ENDPOINT");
  return serve([](Call &c, Answer &a) {
    const Text &m = c.method;
    if (m == "login") {
      Text name = c.text(), password = c.text();
      ns1__loginResponse r;
      check(proxy, proxy.login(name, password, r));
      a.text("errorCode", r.errorCode).text("sessionKey", r.sessionKey);
    } else if (m == "logout") {
      Text code;
      check(proxy, proxy.logout(c.text(), code));
      a.text("errorCode", code);
    } else if (m == "newTicket") {
      Text key = c.text(), title = c.text(), level = c.text(), category = c.text(), priority = c.text(), owner = c.text();
      ArrayOfString *customers = in(c.list());
      ArrayOfValuePairStruct *fields = in(c.pairs());
      ns1__newTicketResponse r;
      check(proxy, proxy.newTicket(key, title, level, category, priority, owner, customers, fields, c.boolean(), r));
      a.text("errorCode", r.errorCode).text("ticketId", r.ticketId);
    } else if (m == "addMessage3") {
      Text key = c.text(), body = c.text(), html = c.text(), reply = c.text(), ticket = c.text(), level = c.text();
      ArrayOfString *files = in(c.list());
      bool notify = c.boolean();
      ArrayOfString *to = in(c.list()), *cc = in(c.list()), *bcc = in(c.list());
      ns1__addMessage3Response r;
      check(proxy, proxy.addMessage3(key, body, html, reply, ticket, level, files, notify, to, cc, bcc, r));
      a.text("errorCode", r.errorCode).text("messageID", r.messageID);
    } else if (m == "getTicket") {
      Text key = c.text(), id = c.text();
      ns1__getTicketResponse r;
      check(proxy, proxy.getTicket(key, id, in(c.list()), r));
      List ids;
      for (int i = 0; i < r.messageIds->__size; i++) ids.push_back(std::to_string(r.messageIds->__ptr[i]));
      a.text("errorCode", r.errorCode).structs("ticketResult", structs(r.ticketResult)).list("messageIds", ids);
    } else if (m == "getMessage") {
      Text key = c.text(), id = c.text();
      ns1__getMessageResponse r;
      check(proxy, proxy.getMessage(key, id, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("messageResult", structs(r.messageResult)).structs("attachmentInfo", structs(r.attachmentInfo));
    } else if (m == "loginAsUser") {
      int userId = c.number();
      Text username = c.text(), password = c.text();
      ns1__loginAsUserResponse r;
      check(proxy, proxy.loginAsUser(userId, username, password, r));
      a.text("errorCode", r.errorCode).text("sessionKey", r.sessionKey);
    } else if (m == "setTicket") {
      Text sessionKey = c.text(), ticketId = c.text();
      ArrayOfValuePairStruct *ticketValues = in(c.pairs());
      Text code;
      check(proxy, proxy.setTicket(sessionKey, ticketId, ticketValues, code));
      a.text("errorCode", code);
    } else if (m == "findTickets") {
      Text sessionKey = c.text();
      ArrayOfCriteriaStruct *searchCriteria = in(c.criteria());
      ArrayOfString *searchFields = in(c.list());
      Text maxRows = c.text(), orderBy = c.text();
      bool ascending = c.boolean();
      ns1__findTicketsResponse r;
      check(proxy, proxy.findTickets(sessionKey, searchCriteria, searchFields, maxRows, orderBy, ascending, r));
      a.text("errorCode", r.errorCode).arrays("searchResult", arrays(r.searchResult));
    } else if (m == "addMessage") {
      Text sessionKey = c.text(), messageBody = c.text(), ticketId = c.text(), sLevel = c.text();
      ArrayOfString *attachmentIds = in(c.list());
      bool sendNotification = c.boolean();
      ns1__addMessageResponse r;
      check(proxy, proxy.addMessage(sessionKey, messageBody, ticketId, sLevel, attachmentIds, sendNotification, r));
      a.text("errorCode", r.errorCode).text("messageID", r.messageID);
    } else if (m == "addMessage2") {
      Text sessionKey = c.text(), messageBody = c.text(), replyTemplateId = c.text(), ticketId = c.text(), sLevel = c.text();
      ArrayOfString *attachmentIds = in(c.list());
      bool sendNotification = c.boolean();
      ArrayOfString *to = in(c.list()), *cc = in(c.list()), *bcc = in(c.list());
      ns1__addMessage2Response r;
      check(proxy, proxy.addMessage2(sessionKey, messageBody, replyTemplateId, ticketId, sLevel, attachmentIds, sendNotification, to, cc, bcc, r));
      a.text("errorCode", r.errorCode).text("messageID", r.messageID);
    } else if (m == "editMessage") {
      Text sessionKey = c.text(), messageId = c.text();
      ArrayOfValuePairStruct *values = in(c.pairs());
      ns1__editMessageResponse r;
      check(proxy, proxy.editMessage(sessionKey, messageId, values, r));
      a.text("errorCode", r.errorCode).text("messageID", r.messageID);
    } else if (m == "addAttachment") {
      Text sessionKey = c.text(), attachmentName = c.text(), contentType = c.text();
      xsd__base64Binary data = bytes(c.bytes());
      ns1__addAttachmentResponse r;
      check(proxy, proxy.addAttachment(sessionKey, attachmentName, contentType, data, r));
      a.text("errorCode", r.errorCode).text("attachmentId", r.attachmentId);
    } else if (m == "getAttachment") {
      Text sessionKey = c.text(), attachmentId = c.text(), attachmentKey = c.text();
      ns1__getAttachmentResponse r;
      check(proxy, proxy.getAttachment(sessionKey, attachmentId, attachmentKey, r));
      a.text("errorCode", r.errorCode).text("attachmentName", r.attachmentName).text("contentType", r.contentType).text("data", base64(&r.data));
    } else if (m == "getActiveTicketsStatus") {
      Text sessionKey = c.text();
      ns1__getActiveTicketsStatusResponse r;
      check(proxy, proxy.getActiveTicketsStatus(sessionKey, r));
      a.text("errorCode", r.errorCode).structs("ticketStatusResult", structs(r.ticketStatusResult));
    } else if (m == "getCategories") {
      Text sessionKey = c.text();
      ns1__getCategoriesResponse r;
      check(proxy, proxy.getCategories(sessionKey, r));
      a.text("errorCode", r.errorCode).structs("categoryIds", structs(r.categoryIds));
    } else if (m == "getPriorities") {
      Text sessionKey = c.text();
      ns1__getPrioritiesResponse r;
      check(proxy, proxy.getPriorities(sessionKey, r));
      a.text("errorCode", r.errorCode).structs("priorities", structs(r.priorities));
    } else if (m == "getExtraFields") {
      Text sessionKey = c.text(), domain = c.text();
      ns1__getExtraFieldsResponse r;
      check(proxy, proxy.getExtraFields(sessionKey, domain, r));
      a.text("errorCode", r.errorCode).structs("extraFields", structs(r.extraFields));
    } else if (m == "setUserIdleTime") {
      Text sessionKey = c.text();
      int idleTime = c.number();
      Text code;
      check(proxy, proxy.setUserIdleTime(sessionKey, idleTime, code));
      a.text("errorCode", code);
    } else if (m == "allocUserNotifications") {
      Text sessionKey = c.text(), source = c.text();
      ns1__allocUserNotificationsResponse r;
      check(proxy, proxy.allocUserNotifications(sessionKey, source, r));
      a.text("errorCode", r.errorCode).text("notificationKey", r.notificationKey);
    } else if (m == "getUserNotifications") {
      Text sessionKey = c.text(), notificationKey = c.text();
      ns1__getUserNotificationsResponse r;
      check(proxy, proxy.getUserNotifications(sessionKey, notificationKey, r));
      a.text("errorCode", r.errorCode).structs("userNotifications", structs(r.userNotifications));
    } else if (m == "getReplyTemplateFolders") {
      Text sessionKey = c.text();
      ns1__getReplyTemplateFoldersResponse r;
      check(proxy, proxy.getReplyTemplateFolders(sessionKey, r));
      a.text("errorCode", r.errorCode).structs("replyTemplateFolders", structs(r.replyTemplateFolders));
    } else if (m == "getReplyTemplates") {
      Text sessionKey = c.text();
      int folderId = c.number();
      ns1__getReplyTemplatesResponse r;
      check(proxy, proxy.getReplyTemplates(sessionKey, folderId, r));
      a.text("errorCode", r.errorCode).structs("replyTemplates", structs(r.replyTemplates)).text("description", r.description).text("name", r.name);
    } else if (m == "getReplyTemplate") {
      Text sessionKey = c.text();
      int replyTemplateId = c.number(), languageId = c.number();
      ns1__getReplyTemplateResponse r;
      check(proxy, proxy.getReplyTemplate(sessionKey, replyTemplateId, languageId, r));
      a.text("errorCode", r.errorCode).text("subject", r.subject).text("headers", r.headers).text("plainBody", r.plainBody).text("htmlBody", r.htmlBody).boolean("hasPlainBody", r.hasPlainBody).boolean("hasHtmlBody", r.hasHtmlBody);
    } else if (m == "newCustomer") {
      Text sessionKey = c.text();
      ns1__newCustomerResponse r;
      check(proxy, proxy.newCustomer(sessionKey, r));
      a.text("errorCode", r.errorCode).text("customerId", r.customerId);
    } else if (m == "newCompany") {
      Text sessionKey = c.text(), name = c.text();
      ns1__newCompanyResponse r;
      check(proxy, proxy.newCompany(sessionKey, name, r));
      a.text("errorCode", r.errorCode).text("companyId", r.companyId);
    } else if (m == "getCustomer") {
      Text sessionKey = c.text(), customerId = c.text();
      ArrayOfString *customerFields = in(c.list());
      ns1__getCustomerResponse r;
      check(proxy, proxy.getCustomer(sessionKey, customerId, customerFields, r));
      a.text("errorCode", r.errorCode).structs("customerResult", structs(r.customerResult)).list("customerEmail", texts(r.customerEmail));
    } else if (m == "setCustomer") {
      Text sessionKey = c.text(), customerId = c.text();
      ArrayOfValuePairStruct *customerValues = in(c.pairs());
      Text code;
      check(proxy, proxy.setCustomer(sessionKey, customerId, customerValues, code));
      a.text("errorCode", code);
    } else if (m == "getCompany") {
      Text sessionKey = c.text(), companyId = c.text();
      ArrayOfString *companyFields = in(c.list());
      ns1__getCompanyResponse r;
      check(proxy, proxy.getCompany(sessionKey, companyId, companyFields, r));
      a.text("errorCode", r.errorCode).structs("companyResult", structs(r.companyResult));
    } else if (m == "setCompany") {
      Text sessionKey = c.text(), companyId = c.text();
      ArrayOfValuePairStruct *companyValues = in(c.pairs());
      Text code;
      check(proxy, proxy.setCompany(sessionKey, companyId, companyValues, code));
      a.text("errorCode", code);
    } else if (m == "findCustomers") {
      Text sessionKey = c.text();
      ArrayOfCriteriaStruct *searchCriteria = in(c.criteria());
      ArrayOfString *searchFields = in(c.list());
      Text maxRows = c.text(), orderBy = c.text();
      bool ascending = c.boolean();
      ns1__findCustomersResponse r;
      check(proxy, proxy.findCustomers(sessionKey, searchCriteria, searchFields, maxRows, orderBy, ascending, r));
      a.text("errorCode", r.errorCode).arrays("searchResult", arrays(r.searchResult));
    } else if (m == "findCustomerFromEmail") {
      Text username = c.text(), password = c.text(), custEmail = c.text();
      ns1__findCustomerFromEmailResponse r;
      check(proxy, proxy.findCustomerFromEmail(username, password, custEmail, r));
      a.text("errorCode", r.errorCode).text("custUsername", r.custUsername);
    } else if (m == "findCompanies") {
      Text sessionKey = c.text();
      ArrayOfCriteriaStruct *searchCriteria = in(c.criteria());
      ArrayOfString *searchFields = in(c.list());
      Text maxRows = c.text(), orderBy = c.text();
      bool ascending = c.boolean();
      ns1__findCompaniesResponse r;
      check(proxy, proxy.findCompanies(sessionKey, searchCriteria, searchFields, maxRows, orderBy, ascending, r));
      a.text("errorCode", r.errorCode).arrays("searchResult", arrays(r.searchResult));
    } else if (m == "findUser") {
      Text sessionKey = c.text(), field = c.text(), value = c.text();
      ns1__findUserResponse r;
      check(proxy, proxy.findUser(sessionKey, field, value, r));
      a.text("errorCode", r.errorCode).text("userId", r.userId);
    } else if (m == "getExtraTables") {
      Text sessionKey = c.text();
      ns1__getExtraTablesResponse r;
      check(proxy, proxy.getExtraTables(sessionKey, r));
      a.text("errorCode", r.errorCode).structs("extraTables", structs(r.extraTables));
    } else if (m == "getExtraTable") {
      Text sessionKey = c.text(), tableId = c.text();
      ns1__getExtraTableResponse r;
      check(proxy, proxy.getExtraTable(sessionKey, tableId, r));
      a.text("errorCode", r.errorCode).structs("extraTable", {members(r.extraTable)});
    } else if (m == "queryExtraTable") {
      Text sessionKey = c.text(), tableId = c.text();
      ArrayOfString *fields = in(c.list());
      ArrayOfExtraTableCriteriaStruct *criterias = in(c.rowCriteria());
      Text orderByField = c.text(), maxEntries = c.text(), ascending = c.text();
      ns1__queryExtraTableResponse r;
      check(proxy, proxy.queryExtraTable(sessionKey, tableId, fields, criterias, orderByField, maxEntries, ascending, r));
      a.text("errorCode", r.errorCode).structs("rows", structs(r.rows));
    } else if (m == "insertIntoExtraTable") {
      Text sessionKey = c.text(), tableId = c.text(), rowId = c.text();
      ArrayOfValuePairStruct *columnValues = in(c.pairs());
      ns1__insertIntoExtraTableResponse r;
      check(proxy, proxy.insertIntoExtraTable(sessionKey, tableId, rowId, columnValues, r));
      a.text("errorCode", r.errorCode).text("rowId", r.rowId);
    } else if (m == "deleteExtraTableRow") {
      Text sessionKey = c.text(), tableId = c.text(), rowId = c.text();
      Text code;
      check(proxy, proxy.deleteExtraTableRow(sessionKey, tableId, rowId, code));
      a.text("errorCode", code);
    } else if (m == "executeScript") {
      Text sessionKey = c.text(), includeId = c.text();
      ArrayOfValuePairStruct *parameters = in(c.pairs());
      ns1__executeScriptResponse r;
      check(proxy, proxy.executeScript(sessionKey, includeId, parameters, r));
      a.text("errorCode", r.errorCode).text("scriptResult", r.scriptResult);
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

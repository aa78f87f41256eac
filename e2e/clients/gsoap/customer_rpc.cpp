// The customer port in RPC/encoded style: parts are plain values, arrays are
// __ptr and __size.
#include "customerServiceBinding.nsmap"
#include "soapcustomerServiceBindingProxy.h"
#include "voice.h"

// SOAP_C_UTFSTRING: a std::string is UTF-8, not Latin-1.
static customerServiceBindingProxy proxy(SOAP_C_UTFSTRING | SOAP_IO_KEEPALIVE);

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

static Answer members(ns1__ResultStruct *r) { return Answer().text("field", r->field).text("value", r->value).text("type", r->type); }
static Answer members(ns1__AttachmentInfoStruct *f) {
  return Answer().text("attachmentId", f->attachmentId).text("attachmentName", f->attachmentName)
    .text("contentType", f->contentType);
}
static Answer members(ns1__ExtraFieldsStruct *f) {
  return Answer().text("fieldName", f->fieldName).text("displayField", f->displayField).text("fieldId", f->fieldId)
    .text("fieldType", f->fieldType);
}
static Answer members(ns1__PriorityStruct *p) { return Answer().text("id", p->id).text("name", p->name).text("sortOrder", p->sortOrder); }
static Answer members(ns1__CategoryStruct *c) {
  return Answer().text("id", c->id).text("realCategoryId", c->realCategoryId).text("name", c->name)
    .text("parentId", c->parentId);
}
static Answer members(ns1__LanguagesStruct *l) {
  return Answer().text("languageCode", l->languageCode).text("languageName", l->languageName)
    .text("virtualDomain", l->virtualDomain);
}
static Answer members(ns1__FaqEntryStruct *e) {
  return Answer().text("id", e->id).text("question", e->question).text("title", e->title)
    .text("hasHtml", e->hasHtml).text("score", e->score).text("fullName", e->fullName).text("parentId", e->parentId);
}
static Answer members(ns1__FaqCategoryStruct *c) {
  return Answer().text("id", c->id).text("name", c->name)
    .text("description", c->description);
}
static Answer members(ns1__FaqParentStruct *p) { return Answer().text("id", p->id).text("name", p->name); }
static Answer members(ns1__FaqLinkStruct *l) { return Answer().text("name", l->name).text("url", l->url); }

template <class Array> static std::vector<Answer> structs(Array *a) {
  std::vector<Answer> all;
  for (int i = 0; a && i < a->__size; i++) all.push_back(members(a->__ptr[i]));
  return all;
}

static Answer members(ns1__FaqGroupStruct *g) {
  return Answer().text("description", g->description).text("id", g->id).structs("entries", structs(g->entries));
}

static std::vector<std::vector<Answer>> arrays(ArrayOfArrayOfResultStruct *a) {
  std::vector<std::vector<Answer>> all;
  for (int i = 0; a && i < a->__size; i++) all.push_back(structs(a->__ptr[i]));
  return all;
}

static List texts(ArrayOfString *a) { return a ? List(a->__ptr, a->__ptr + a->__size) : List(); }

int main() {
  proxy.soap_endpoint = getenv("ENDPOINT");
  return serve([](Call &c, Answer &a) {
    const Text &m = c.method;
    if (m == "login") {
      Text username = c.text(), password = c.text();
      ns1__loginResponse r;
      check(proxy, proxy.login(username, password, r));
      a.text("errorCode", r.errorCode).text("sessionKey", r.sessionKey);
    } else if (m == "loginAsCustomer") {
      Text username = c.text(), password = c.text(), customer = c.text();
      ns1__loginAsCustomerResponse r;
      check(proxy, proxy.loginAsCustomer(username, password, customer, r));
      a.text("errorCode", r.errorCode).text("sessionKey", r.sessionKey);
    } else if (m == "logout") {
      Text code;
      check(proxy, proxy.logout(c.text(), code));
      a.text("errorCode", code);
    } else if (m == "checkPassword") {
      Text username = c.text(), password = c.text(), code;
      check(proxy, proxy.checkPassword(username, password, code));
      a.text("errorCode", code);
    } else if (m == "getErrorMessage") {
      Text message;
      check(proxy, proxy.getErrorMessage(c.text(), message));
      a.text("errorMessage", message);
    } else if (m == "getTicket") {
      Text key = c.text(), id = c.text();
      ns1__getTicketResponse r;
      check(proxy, proxy.getTicket(key, id, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("ticketResult", structs(r.ticketResult));
      a.list("messageIds", texts(r.messageIds));
    } else if (m == "getMessage") {
      Text key = c.text(), id = c.text();
      ns1__getMessageResponse r;
      check(proxy, proxy.getMessage(key, id, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("messageResult", structs(r.messageResult)).structs("attachmentInfo", structs(r.attachmentInfo));
    } else if (m == "newTicket") {
      Text key = c.text(), title = c.text(), level = c.text(), category = c.text(), priority = c.text();
      ns1__newTicketResponse r;
      check(proxy, proxy.newTicket(key, title, level, category, priority, in(c.pairs()), r));
      a.text("errorCode", r.errorCode).text("ticketId", r.ticketId);
    } else if (m == "addMessage") {
      Text key = c.text(), body = c.text(), ticket = c.text(), level = c.text();
      ns1__addMessageResponse r;
      check(proxy, proxy.addMessage(key, body, ticket, level, in(c.list()), r));
      a.text("errorCode", r.errorCode).text("messageId", r.messageId);
    } else if (m == "getExtraFields") {
      Text key = c.text(), domain = c.text();
      ns1__getExtraFieldsResponse r;
      check(proxy, proxy.getExtraFields(key, domain, r));
      a.text("errorCode", r.errorCode).structs("extraFields", structs(r.extraFields));
    } else if (m == "getPriorities") {
      ns1__getPrioritiesResponse r;
      check(proxy, proxy.getPriorities(c.text(), r));
      a.text("errorCode", r.errorCode).structs("priorities", structs(r.priorities));
    } else if (m == "getCategories") {
      ns1__getCategoriesResponse r;
      check(proxy, proxy.getCategories(c.text(), r));
      a.text("errorCode", r.errorCode).structs("categoryIds", structs(r.categoryIds));
    } else if (m == "getCategory") {
      Text key = c.text(), id = c.text();
      ns1__getCategoryResponse r;
      check(proxy, proxy.getCategory(key, id, r));
      a.text("errorCode", r.errorCode).structs("category", {members(r.category)});
    } else if (m == "sendPassword") {
      Text emailCode = c.text();
      Text code;
      check(proxy, proxy.sendPassword(emailCode, code));
      a.text("errorCode", code);
    } else if (m == "findTickets") {
      Text sessionKey = c.text();
      ArrayOfCriteriaStruct *searchCriteria = in(c.criteria());
      ArrayOfString *searchFields = in(c.list());
      ns1__findTicketsResponse r;
      check(proxy, proxy.findTickets(sessionKey, searchCriteria, searchFields, r));
      a.text("errorCode", r.errorCode).arrays("searchResult", arrays(r.searchResult));
    } else if (m == "closeTicket") {
      Text sessionKey = c.text(), ticketId = c.text();
      Text code;
      check(proxy, proxy.closeTicket(sessionKey, ticketId, code));
      a.text("errorCode", code);
    } else if (m == "addAttachment") {
      Text sessionKey = c.text(), attachmentName = c.text(), contentType = c.text(), data = c.text();
      ns1__addAttachmentResponse r;
      check(proxy, proxy.addAttachment(sessionKey, attachmentName, contentType, data, r));
      a.text("errorCode", r.errorCode).text("attachmentId", r.attachmentId);
    } else if (m == "getAttachment") {
      Text sessionKey = c.text(), attachmentId = c.text();
      ns1__getAttachmentResponse r;
      check(proxy, proxy.getAttachment(sessionKey, attachmentId, r));
      a.text("errorCode", r.errorCode).text("attachmentName", r.attachmentName).text("contentType", r.contentType).text("data", r.data);
    } else if (m == "deleteAttachment") {
      Text attachmentId = c.text();
      Text code;
      check(proxy, proxy.deleteAttachment(attachmentId, code));
      a.text("errorCode", code);
    } else if (m == "newCustomer") {
      Text userName = c.text(), password = c.text();
      Text code;
      check(proxy, proxy.newCustomer(userName, password, code));
      a.text("errorCode", code);
    } else if (m == "getCustomer") {
      Text sessionKey = c.text();
      ns1__getCustomerResponse r;
      check(proxy, proxy.getCustomer(sessionKey, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("customerResult", structs(r.customerResult)).list("customerEmail", texts(r.customerEmail));
    } else if (m == "setCustomer") {
      Text sessionKey = c.text();
      Text code;
      check(proxy, proxy.setCustomer(sessionKey, in(c.pairs()), code));
      a.text("errorCode", code);
    } else if (m == "getCompany") {
      Text sessionKey = c.text();
      ns1__getCompanyResponse r;
      check(proxy, proxy.getCompany(sessionKey, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("companyResult", structs(r.companyResult));
    } else if (m == "getLanguages") {
      ns1__getLanguagesResponse r;
      check(proxy, proxy.getLanguages(r));
      a.text("errorCode", r.errorCode).structs("languageEntries", structs(r.languageEntries));
    } else if (m == "getCustLangCategories") {
      Text sessionKey = c.text();
      ns1__getCustLangCategoriesResponse r;
      check(proxy, proxy.getCustLangCategories(sessionKey, r));
      a.text("errorCode", r.errorCode).structs("categoryIds", structs(r.categoryIds));
    } else if (m == "faq_findEntries") {
      Text sessionKey = c.text(), searchWords = c.text(), categoryId = c.text();
      ns1__faq_USCOREfindEntriesResponse r;
      check(proxy, proxy.faq_USCOREfindEntries(sessionKey, searchWords, categoryId, r));
      a.text("errorCode", r.errorCode).structs("faqEntries", structs(r.faqEntries));
    } else if (m == "faq_findEntries2") {
      Text sessionKey = c.text(), searchWords = c.text();
      ns1__faq_USCOREfindEntries2Response r;
      check(proxy, proxy.faq_USCOREfindEntries2(sessionKey, searchWords, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("faqEntries", structs(r.faqEntries));
    } else if (m == "faq_getCategory") {
      Text sessionKey = c.text(), categoryId = c.text();
      ns1__faq_USCOREgetCategoryResponse r;
      check(proxy, proxy.faq_USCOREgetCategory(sessionKey, categoryId, r));
      a.text("errorCode", r.errorCode).structs("faqSubCategories", structs(r.faqSubCategories)).structs("faqEntries", structs(r.faqEntries)).structs("faqParents", structs(r.faqParents))
        .structs("faqGroups", structs(r.faqGroups));
    } else if (m == "faq_getEntry") {
      Text sessionKey = c.text(), entryId = c.text();
      ns1__faq_USCOREgetEntryResponse r;
      check(proxy, proxy.faq_USCOREgetEntry(sessionKey, entryId, r));
      a.text("errorCode", r.errorCode).text("title", r.title).text("question", r.question).text("answer", r.answer)
        .structs("links", structs(r.links)).structs("attachmentInfo", structs(r.attachmentInfo)).boolean("hasHtml", r.hasHtml)
        .text("score", r.score).structs("faqParents", structs(r.faqParents));
    } else if (m == "faq_getGroupEntries") {
      Text sessionKey = c.text(), groupId = c.text();
      ns1__faq_USCOREgetGroupEntriesResponse r;
      check(proxy, proxy.faq_USCOREgetGroupEntries(sessionKey, groupId, r));
      a.text("errorCode", r.errorCode).structs("entries", structs(r.entries));
    } else if (m == "faq_getMostPopularEntries") {
      Text sessionKey = c.text(), categoryId = c.text(), maxEntries = c.text();
      ns1__faq_USCOREgetMostPopularEntriesResponse r;
      check(proxy, proxy.faq_USCOREgetMostPopularEntries(sessionKey, categoryId, maxEntries, r));
      a.text("errorCode", r.errorCode).structs("faqEntries", structs(r.faqEntries));
    } else if (m == "faq_getMostReadEntries") {
      Text sessionKey = c.text(), categoryId = c.text(), maxEntries = c.text();
      ns1__faq_USCOREgetMostReadEntriesResponse r;
      check(proxy, proxy.faq_USCOREgetMostReadEntries(sessionKey, categoryId, maxEntries, r));
      a.text("errorCode", r.errorCode).structs("faqEntries", structs(r.faqEntries));
    } else if (m == "faq_scoreEntry") {
      Text sessionKey = c.text(), entryId = c.text(), score = c.text();
      Text code;
      check(proxy, proxy.faq_USCOREscoreEntry(sessionKey, entryId, score, code));
      a.text("errorCode", code);
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

// The customer port in document/literal style: wrapper classes with optional
// members, arrays are vectors.
#include "customerServiceBinding.nsmap"
#include "soapcustomerServiceBindingProxy.h"
#include "voice.h"

// SOAP_C_UTFSTRING: a std::string is UTF-8, not Latin-1.
static customerServiceBindingProxy proxy(SOAP_C_UTFSTRING | SOAP_IO_KEEPALIVE);

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

static Answer members(ns1__ResultStruct *r) {
  return Answer().text("field", out(r->field)).text("value", out(r->value))
    .text("type", out(r->type));
}
static Answer members(ns1__AttachmentInfoStruct *f) {
  return Answer().text("attachmentId", out(f->attachmentId)).text("attachmentName", out(f->attachmentName))
    .text("contentType", out(f->contentType));
}
static Answer members(ns1__ExtraFieldsStruct *f) {
  return Answer().text("fieldName", out(f->fieldName)).text("displayField", out(f->displayField)).text("fieldId", out(f->fieldId))
    .text("fieldType", out(f->fieldType));
}
static Answer members(ns1__PriorityStruct *p) {
  return Answer().text("id", out(p->id)).text("name", out(p->name))
    .text("sortOrder", out(p->sortOrder));
}
static Answer members(ns1__CategoryStruct *c) {
  return Answer().text("id", out(c->id)).text("realCategoryId", out(c->realCategoryId)).text("name", out(c->name))
    .text("parentId", out(c->parentId));
}
static Answer members(ns1__LanguagesStruct *l) {
  return Answer().text("languageCode", out(l->languageCode)).text("languageName", out(l->languageName))
    .text("virtualDomain", out(l->virtualDomain));
}
static Answer members(ns1__FaqEntryStruct *e) {
  return Answer().text("id", out(e->id)).text("question", out(e->question)).text("title", out(e->title))
    .text("hasHtml", out(e->hasHtml)).text("score", out(e->score)).text("fullName", out(e->fullName)).text("parentId", out(e->parentId));
}
static Answer members(ns1__FaqCategoryStruct *c) {
  return Answer().text("id", out(c->id)).text("name", out(c->name))
    .text("description", out(c->description));
}
static Answer members(ns1__FaqParentStruct *p) { return Answer().text("id", out(p->id)).text("name", out(p->name)); }
static Answer members(ns1__FaqLinkStruct *l) { return Answer().text("name", out(l->name)).text("url", out(l->url)); }

template <class Array> static std::vector<Answer> structs(Array *a) {
  std::vector<Answer> all;
  if (a) for (auto s : a->item) all.push_back(members(s));
  return all;
}

static Answer members(ns1__FaqGroupStruct *g) {
  return Answer().text("description", out(g->description)).text("id", out(g->id)).structs("entries", structs(g->entries));
}

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
      q.username = in(c.text()), q.password = in(c.text());
      check(proxy, proxy.login(&q, r));
      a.text("errorCode", out(r.errorCode)).text("sessionKey", out(r.sessionKey));
    } else if (m == "loginAsCustomer") {
      _ns1__loginAsCustomer q;
      _ns1__loginAsCustomerResponse r;
      q.username = in(c.text()), q.password = in(c.text()), q.customerUsername = in(c.text());
      check(proxy, proxy.loginAsCustomer(&q, r));
      a.text("errorCode", out(r.errorCode)).text("sessionKey", out(r.sessionKey));
    } else if (m == "logout") {
      _ns1__logout q;
      _ns1__logoutResponse r;
      q.sessionKey = in(c.text());
      check(proxy, proxy.logout(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else if (m == "checkPassword") {
      _ns1__checkPassword q;
      _ns1__checkPasswordResponse r;
      q.username = in(c.text()), q.password = in(c.text());
      check(proxy, proxy.checkPassword(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else if (m == "getErrorMessage") {
      _ns1__getErrorMessage q;
      _ns1__getErrorMessageResponse r;
      q.sessionKey = in(c.text());
      check(proxy, proxy.getErrorMessage(&q, r));
      a.text("errorMessage", out(r.errorMessage));
    } else if (m == "getTicket") {
      _ns1__getTicket q;
      _ns1__getTicketResponse r;
      q.sessionKey = in(c.text()), q.ticketId = in(c.text()), q.ticketFields = in(c.list());
      check(proxy, proxy.getTicket(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("ticketResult", structs(r.ticketResult));
      a.list("messageIds", texts(r.messageIds));
    } else if (m == "getMessage") {
      _ns1__getMessage q;
      _ns1__getMessageResponse r;
      q.sessionKey = in(c.text()), q.messageId = in(c.text()), q.messageFields = in(c.list());
      check(proxy, proxy.getMessage(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("messageResult", structs(r.messageResult)).structs("attachmentInfo", structs(r.attachmentInfo));
    } else if (m == "newTicket") {
      _ns1__newTicket q;
      _ns1__newTicketResponse r;
      q.sessionKey = in(c.text()), q.title = in(c.text()), q.sLevel = in(c.text());
      q.categoryId = in(c.text()), q.priorityId = in(c.text()), q.extraField = in(c.pairs());
      check(proxy, proxy.newTicket(&q, r));
      a.text("errorCode", out(r.errorCode)).text("ticketId", out(r.ticketId));
    } else if (m == "addMessage") {
      _ns1__addMessage q;
      _ns1__addMessageResponse r;
      q.sessionKey = in(c.text()), q.messageBody = in(c.text()), q.ticketId = in(c.text());
      q.sLevel = in(c.text()), q.attachmentIds = in(c.list());
      check(proxy, proxy.addMessage(&q, r));
      a.text("errorCode", out(r.errorCode)).text("messageId", out(r.messageId));
    } else if (m == "getExtraFields") {
      _ns1__getExtraFields q;
      _ns1__getExtraFieldsResponse r;
      q.sessionKey = in(c.text()), q.domain = in(c.text());
      check(proxy, proxy.getExtraFields(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("extraFields", structs(r.extraFields));
    } else if (m == "getPriorities") {
      _ns1__getPriorities q;
      _ns1__getPrioritiesResponse r;
      q.sessionKey = in(c.text());
      check(proxy, proxy.getPriorities(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("priorities", structs(r.priorities));
    } else if (m == "getCategories") {
      _ns1__getCategories q;
      _ns1__getCategoriesResponse r;
      q.sessionKey = in(c.text());
      check(proxy, proxy.getCategories(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("categoryIds", structs(r.categoryIds));
    } else if (m == "getCategory") {
      _ns1__getCategory q;
      _ns1__getCategoryResponse r;
      q.sessionKey = in(c.text()), q.categoryId = in(c.text());
      check(proxy, proxy.getCategory(&q, r));
      a.text("errorCode", out(r.errorCode));
      a.structs("category", r.category ? std::vector<Answer>{members(r.category)} : std::vector<Answer>());
    } else if (m == "sendPassword") {
      _ns1__sendPassword q;
      _ns1__sendPasswordResponse r;
      q.emailCode = in(c.text());
      check(proxy, proxy.sendPassword(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else if (m == "findTickets") {
      _ns1__findTickets q;
      _ns1__findTicketsResponse r;
      q.sessionKey = in(c.text()), q.searchCriteria = in(c.criteria()), q.searchFields = in(c.list());
      check(proxy, proxy.findTickets(&q, r));
      a.text("errorCode", out(r.errorCode)).arrays("searchResult", arrays(r.searchResult));
    } else if (m == "closeTicket") {
      _ns1__closeTicket q;
      _ns1__closeTicketResponse r;
      q.sessionKey = in(c.text()), q.ticketId = in(c.text());
      check(proxy, proxy.closeTicket(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else if (m == "addAttachment") {
      _ns1__addAttachment q;
      _ns1__addAttachmentResponse r;
      q.sessionKey = in(c.text()), q.attachmentName = in(c.text()), q.contentType = in(c.text()), q.data = in(c.text());
      check(proxy, proxy.addAttachment(&q, r));
      a.text("errorCode", out(r.errorCode)).text("attachmentId", out(r.attachmentId));
    } else if (m == "getAttachment") {
      _ns1__getAttachment q;
      _ns1__getAttachmentResponse r;
      q.sessionKey = in(c.text()), q.attachmentId = in(c.text());
      check(proxy, proxy.getAttachment(&q, r));
      a.text("errorCode", out(r.errorCode)).text("attachmentName", out(r.attachmentName)).text("contentType", out(r.contentType)).text("data", out(r.data));
    } else if (m == "deleteAttachment") {
      _ns1__deleteAttachment q;
      _ns1__deleteAttachmentResponse r;
      q.attachmentId = in(c.text());
      check(proxy, proxy.deleteAttachment(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else if (m == "newCustomer") {
      _ns1__newCustomer q;
      _ns1__newCustomerResponse r;
      q.userName = in(c.text()), q.password = in(c.text());
      check(proxy, proxy.newCustomer(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else if (m == "getCustomer") {
      _ns1__getCustomer q;
      _ns1__getCustomerResponse r;
      q.sessionKey = in(c.text()), q.customerFields = in(c.list());
      check(proxy, proxy.getCustomer(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("customerResult", structs(r.customerResult)).list("customerEmail", texts(r.customerEmail));
    } else if (m == "setCustomer") {
      _ns1__setCustomer q;
      _ns1__setCustomerResponse r;
      q.sessionKey = in(c.text()), q.customerValues = in(c.pairs());
      check(proxy, proxy.setCustomer(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else if (m == "getCompany") {
      _ns1__getCompany q;
      _ns1__getCompanyResponse r;
      q.sessionKey = in(c.text()), q.companyFields = in(c.list());
      check(proxy, proxy.getCompany(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("companyResult", structs(r.companyResult));
    } else if (m == "getLanguages") {
      _ns1__getLanguages q;
      _ns1__getLanguagesResponse r;
      check(proxy, proxy.getLanguages(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("languageEntries", structs(r.languageEntries));
    } else if (m == "getCustLangCategories") {
      _ns1__getCustLangCategories q;
      _ns1__getCustLangCategoriesResponse r;
      q.sessionKey = in(c.text());
      check(proxy, proxy.getCustLangCategories(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("categoryIds", structs(r.categoryIds));
    } else if (m == "faq_findEntries") {
      _ns1__faq_USCOREfindEntries q;
      _ns1__faq_USCOREfindEntriesResponse r;
      q.sessionKey = in(c.text()), q.searchWords = in(c.text()), q.categoryId = in(c.text());
      check(proxy, proxy.faq_USCOREfindEntries(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("faqEntries", structs(r.faqEntries));
    } else if (m == "faq_findEntries2") {
      _ns1__faq_USCOREfindEntries2 q;
      _ns1__faq_USCOREfindEntries2Response r;
      q.sessionKey = in(c.text()), q.searchWords = in(c.text()), q.categoryIds = in(c.list());
      check(proxy, proxy.faq_USCOREfindEntries2(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("faqEntries", structs(r.faqEntries));
    } else if (m == "faq_getCategory") {
      _ns1__faq_USCOREgetCategory q;
      _ns1__faq_USCOREgetCategoryResponse r;
      q.sessionKey = in(c.text()), q.categoryId = in(c.text());
      check(proxy, proxy.faq_USCOREgetCategory(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("faqSubCategories", structs(r.faqSubCategories)).structs("faqEntries", structs(r.faqEntries)).structs("faqParents", structs(r.faqParents))
        .structs("faqGroups", structs(r.faqGroups));
    } else if (m == "faq_getEntry") {
      _ns1__faq_USCOREgetEntry q;
      _ns1__faq_USCOREgetEntryResponse r;
      q.sessionKey = in(c.text()), q.entryId = in(c.text());
      check(proxy, proxy.faq_USCOREgetEntry(&q, r));
      a.text("errorCode", out(r.errorCode)).text("title", out(r.title)).text("question", out(r.question)).text("answer", out(r.answer))
        .structs("links", structs(r.links)).structs("attachmentInfo", structs(r.attachmentInfo)).boolean("hasHtml", r.hasHtml)
        .text("score", out(r.score)).structs("faqParents", structs(r.faqParents));
    } else if (m == "faq_getGroupEntries") {
      _ns1__faq_USCOREgetGroupEntries q;
      _ns1__faq_USCOREgetGroupEntriesResponse r;
      q.sessionKey = in(c.text()), q.groupId = in(c.text());
      check(proxy, proxy.faq_USCOREgetGroupEntries(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("entries", structs(r.entries));
    } else if (m == "faq_getMostPopularEntries") {
      _ns1__faq_USCOREgetMostPopularEntries q;
      _ns1__faq_USCOREgetMostPopularEntriesResponse r;
      q.sessionKey = in(c.text()), q.categoryId = in(c.text()), q.maxEntries = in(c.text());
      check(proxy, proxy.faq_USCOREgetMostPopularEntries(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("faqEntries", structs(r.faqEntries));
    } else if (m == "faq_getMostReadEntries") {
      _ns1__faq_USCOREgetMostReadEntries q;
      _ns1__faq_USCOREgetMostReadEntriesResponse r;
      q.sessionKey = in(c.text()), q.categoryId = in(c.text()), q.maxEntries = in(c.text());
      check(proxy, proxy.faq_USCOREgetMostReadEntries(&q, r));
      a.text("errorCode", out(r.errorCode)).structs("faqEntries", structs(r.faqEntries));
    } else if (m == "faq_scoreEntry") {
      _ns1__faq_USCOREscoreEntry q;
      _ns1__faq_USCOREscoreEntryResponse r;
      q.sessionKey = in(c.text()), q.entryId = in(c.text()), q.score = in(c.text());
      check(proxy, proxy.faq_USCOREscoreEntry(&q, r));
      a.text("errorCode", out(r.errorCode));
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

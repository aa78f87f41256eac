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

static List members(ns1__ResultStruct *r) { return {"field", out(r->field), "value", out(r->value), "type", out(r->type)}; }
static List members(ns1__AttachmentInfoStruct *f) {
  return {"attachmentId", out(f->attachmentId), "attachmentName", out(f->attachmentName), "contentType", out(f->contentType)};
}
static List members(ns1__ExtraFieldsStruct *f) {
  return {"fieldName", out(f->fieldName), "displayField", out(f->displayField), "fieldId", out(f->fieldId), "fieldType", out(f->fieldType)};
}
static List members(ns1__PriorityStruct *p) { return {"id", out(p->id), "name", out(p->name), "sortOrder", out(p->sortOrder)}; }
static List members(ns1__CategoryStruct *c) {
  return {"id", out(c->id), "realCategoryId", out(c->realCategoryId), "name", out(c->name), "parentId", out(c->parentId)};
}

template <class Array> static std::vector<List> structs(Array *a) {
  std::vector<List> all;
  if (a) for (auto s : a->item) all.push_back(members(s));
  return all;
}

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
      a.list("messageIds", r.messageIds ? r.messageIds->item : List());
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
      a.structs("category", r.category ? std::vector<List>{members(r.category)} : std::vector<List>());
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

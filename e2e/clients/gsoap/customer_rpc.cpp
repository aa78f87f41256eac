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

static List members(ns1__ResultStruct *r) { return {"field", r->field, "value", r->value, "type", r->type}; }
static List members(ns1__AttachmentInfoStruct *f) {
  return {"attachmentId", f->attachmentId, "attachmentName", f->attachmentName, "contentType", f->contentType};
}
static List members(ns1__ExtraFieldsStruct *f) {
  return {"fieldName", f->fieldName, "displayField", f->displayField, "fieldId", f->fieldId, "fieldType", f->fieldType};
}
static List members(ns1__PriorityStruct *p) { return {"id", p->id, "name", p->name, "sortOrder", p->sortOrder}; }
static List members(ns1__CategoryStruct *c) {
  return {"id", c->id, "realCategoryId", c->realCategoryId, "name", c->name, "parentId", c->parentId};
}

template <class Array> static std::vector<List> structs(Array *a) {
  std::vector<List> all;
  for (int i = 0; a && i < a->__size; i++) all.push_back(members(a->__ptr[i]));
  return all;
}

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
      a.list("messageIds", List(r.messageIds->__ptr, r.messageIds->__ptr + r.messageIds->__size));
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
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

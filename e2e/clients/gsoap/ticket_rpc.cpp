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

static Answer members(ns1__ResultStruct *r) { return Answer().text("field", r->field).text("value", r->value).text("type", r->type); }
static Answer members(ns1__AttachmentInfoStruct *f) {
  return Answer().text("attachmentId", f->attachmentId).text("attachmentName", f->attachmentName)
    .text("contentType", f->contentType).text("attachmentKey", f->attachmentKey);
}

template <class Array> static std::vector<Answer> structs(Array *a) {
  std::vector<Answer> all;
  for (int i = 0; a && i < a->__size; i++) all.push_back(members(a->__ptr[i]));
  return all;
}

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
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

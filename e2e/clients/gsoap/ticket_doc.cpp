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

static Answer members(ns1__ResultStruct *r) { return Answer().text("field", out(r->field)).text("value", out(r->value)).text("type", out(r->type)); }
static Answer members(ns1__AttachmentInfoStruct *f) {
  return Answer().text("attachmentId", out(f->attachmentId)).text("attachmentName", out(f->attachmentName))
    .text("contentType", out(f->contentType)).text("attachmentKey", out(f->attachmentKey));
}

template <class Array> static std::vector<Answer> structs(Array *a) {
  std::vector<Answer> all;
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
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

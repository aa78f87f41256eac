// The admin port in document/literal style.
#include "adminServiceBinding.nsmap"
#include "soapadminServiceBindingProxy.h"

typedef adminServiceBindingProxy Proxy;

#include "doc.h"
#include "admin.h"

int main() {
  return serve([](Call &c, Answer &a) {
    const Text &m = c.method;
    if (m == "checkAgentVersion") {
      _ns1__checkAgentVersion q;
      _ns1__checkAgentVersionResponse r;
      q.sessionKey = in(c.text()), q.version = in(c.text());
      check(proxy.checkAgentVersion(&q, r));
      a.text("errorCode", r.errorCode).boolean("newVersion", r.newVersion).boolean("forceUpgrade", r.forceUpgrade);
    } else if (m == "getAgent") {
      _ns1__getAgent q;
      _ns1__getAgentResponse r;
      check(proxy.getAgent(&q, r));
      a.text("errorCode", r.errorCode).bytes("binaryData", r.binaryData);
    } else if (m == "getErrorMessage") {
      _ns1__getErrorMessage q;
      _ns1__getErrorMessageResponse r;
      q.sessionKey = in(c.text());
      check(proxy.getErrorMessage(&q, r));
      a.text("errorMessage", r.errorMessage);
    } else if (m == "getModulePaths") {
      _ns1__getModulePaths q;
      _ns1__getModulePathsResponse r;
      q.sessionKey = in(c.text());
      check(proxy.getModulePaths(&q, r));
      a.text("errorCode", r.errorCode).structs("paths", r.paths);
    } else if (m == "getTag") {
      _ns1__getTag q;
      _ns1__getTagResponse r;
      q.sessionKey = in(c.text());
      check(proxy.getTag(&q, r));
      a.text("errorCode", r.errorCode).text("tag", r.tag);
    } else if (m == "getUser") {
      _ns1__getUser q;
      _ns1__getUserResponse r;
      q.sessionKey = in(c.text()), q.userFields = in(c.list());
      check(proxy.getUser(&q, r));
      a.text("errorCode", r.errorCode).structs("userResult", r.userResult);
    } else if (m == "getUserById") {
      _ns1__getUserById q;
      _ns1__getUserByIdResponse r;
      q.sessionKey = in(c.text()), q.userId = in(c.text()), q.userFields = in(c.list());
      check(proxy.getUserById(&q, r));
      a.text("errorCode", r.errorCode).structs("userResult", r.userResult);
    } else if (m == "getUsers") {
      _ns1__getUsers q;
      _ns1__getUsersResponse r;
      q.sessionKey = in(c.text()), q.includeOnlyNormal = c.boolean();
      check(proxy.getUsers(&q, r));
      a.text("errorCode", r.errorCode).list("users", r.users);
    } else if (m == "setUser") {
      _ns1__setUser q;
      _ns1__setUserResponse r;
      q.sessionKey = in(c.text()), q.userValues = in(c.pairs());
      check(proxy.setUser(&q, r));
      a.text("errorCode", r.errorCode);
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

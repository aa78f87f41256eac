// The admin port in RPC/encoded style.
#include "adminServiceBinding.nsmap"
#include "soapadminServiceBindingProxy.h"

typedef adminServiceBindingProxy Proxy;

#include "rpc.h"
#include "admin.h"

int main() {
  return serve([](Call &c, Answer &a) {
    const Text &m = c.method;
    if (m == "checkAgentVersion") {
      Text key = c.text(), version = c.text();
      ns1__checkAgentVersionResponse r;
      check(proxy.checkAgentVersion(key, version, r));
      a.text("errorCode", r.errorCode).boolean("newVersion", r.newVersion).boolean("forceUpgrade", r.forceUpgrade);
    } else if (m == "getAgent") {
      ns1__getAgentResponse r;
      check(proxy.getAgent(r));
      a.text("errorCode", r.errorCode).bytes("binaryData", &r.binaryData);
    } else if (m == "getErrorMessage") {
      Text message;
      check(proxy.getErrorMessage(c.text(), message));
      a.text("errorMessage", message);
    } else if (m == "getModulePaths") {
      ns1__getModulePathsResponse r;
      check(proxy.getModulePaths(c.text(), r));
      a.text("errorCode", r.errorCode).structs("paths", r.paths);
    } else if (m == "getTag") {
      ns1__getTagResponse r;
      check(proxy.getTag(c.text(), r));
      a.text("errorCode", r.errorCode).text("tag", r.tag);
    } else if (m == "getUser") {
      Text key = c.text();
      ns1__getUserResponse r;
      check(proxy.getUser(key, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("userResult", r.userResult);
    } else if (m == "getUserById") {
      Text key = c.text(), id = c.text();
      ns1__getUserByIdResponse r;
      check(proxy.getUserById(key, id, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("userResult", r.userResult);
    } else if (m == "getUsers") {
      Text key = c.text();
      ns1__getUsersResponse r;
      check(proxy.getUsers(key, c.boolean(), r));
      a.text("errorCode", r.errorCode).list("users", r.users);
    } else if (m == "setUser") {
      Text key = c.text(), code;
      check(proxy.setUser(key, in(c.pairs()), code));
      a.text("errorCode", code);
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

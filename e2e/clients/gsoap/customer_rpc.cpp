// The customer port in RPC/encoded style.
#include "customerServiceBinding.nsmap"
#include "soapcustomerServiceBindingProxy.h"

typedef customerServiceBindingProxy Proxy;

#include "rpc.h"
#include "customer.h"

int main() {
  return serve([](Call &c, Answer &a) {
    const Text &m = c.method;
    if (m == "login") {
      Text username = c.text(), password = c.text();
      ns1__loginResponse r;
      check(proxy.login(username, password, r));
      a.text("errorCode", r.errorCode).text("sessionKey", r.sessionKey);
    } else if (m == "loginAsCustomer") {
      Text username = c.text(), password = c.text(), customer = c.text();
      ns1__loginAsCustomerResponse r;
      check(proxy.loginAsCustomer(username, password, customer, r));
      a.text("errorCode", r.errorCode).text("sessionKey", r.sessionKey);
    } else if (m == "logout") {
      Text code;
      check(proxy.logout(c.text(), code));
      a.text("errorCode", code);
    } else if (m == "checkPassword") {
      Text username = c.text(), password = c.text(), code;
      check(proxy.checkPassword(username, password, code));
      a.text("errorCode", code);
    } else if (m == "getErrorMessage") {
      Text message;
      check(proxy.getErrorMessage(c.text(), message));
      a.text("errorMessage", message);
    } else if (m == "getTicket") {
      Text key = c.text(), id = c.text();
      ns1__getTicketResponse r;
      check(proxy.getTicket(key, id, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("ticketResult", r.ticketResult).list("messageIds", r.messageIds);
    } else if (m == "getMessage") {
      Text key = c.text(), id = c.text();
      ns1__getMessageResponse r;
      check(proxy.getMessage(key, id, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("messageResult", r.messageResult).structs("attachmentInfo", r.attachmentInfo);
    } else if (m == "newTicket") {
      Text key = c.text(), title = c.text(), level = c.text(), category = c.text(), priority = c.text();
      ns1__newTicketResponse r;
      check(proxy.newTicket(key, title, level, category, priority, in(c.pairs()), r));
      a.text("errorCode", r.errorCode).text("ticketId", r.ticketId);
    } else if (m == "addMessage") {
      Text key = c.text(), body = c.text(), ticket = c.text(), level = c.text();
      ns1__addMessageResponse r;
      check(proxy.addMessage(key, body, ticket, level, in(c.list()), r));
      a.text("errorCode", r.errorCode).text("messageId", r.messageId);
    } else if (m == "getExtraFields") {
      Text key = c.text(), domain = c.text();
      ns1__getExtraFieldsResponse r;
      check(proxy.getExtraFields(key, domain, r));
      a.text("errorCode", r.errorCode).structs("extraFields", r.extraFields);
    } else if (m == "getPriorities") {
      ns1__getPrioritiesResponse r;
      check(proxy.getPriorities(c.text(), r));
      a.text("errorCode", r.errorCode).structs("priorities", r.priorities);
    } else if (m == "getCategories") {
      ns1__getCategoriesResponse r;
      check(proxy.getCategories(c.text(), r));
      a.text("errorCode", r.errorCode).structs("categoryIds", r.categoryIds);
    } else if (m == "getCategory") {
      Text key = c.text(), id = c.text();
      ns1__getCategoryResponse r;
      check(proxy.getCategory(key, id, r));
      a.text("errorCode", r.errorCode).one("category", r.category);
    } else if (m == "sendPassword") {
      Text emailCode = c.text();
      Text code;
      check(proxy.sendPassword(emailCode, code));
      a.text("errorCode", code);
    } else if (m == "findTickets") {
      Text sessionKey = c.text();
      ArrayOfCriteriaStruct *searchCriteria = in(c.criteria());
      ArrayOfString *searchFields = in(c.list());
      ns1__findTicketsResponse r;
      check(proxy.findTickets(sessionKey, searchCriteria, searchFields, r));
      a.text("errorCode", r.errorCode).arrays("searchResult", r.searchResult);
    } else if (m == "closeTicket") {
      Text sessionKey = c.text(), ticketId = c.text();
      Text code;
      check(proxy.closeTicket(sessionKey, ticketId, code));
      a.text("errorCode", code);
    } else if (m == "addAttachment") {
      Text sessionKey = c.text(), attachmentName = c.text(), contentType = c.text(), data = c.text();
      ns1__addAttachmentResponse r;
      check(proxy.addAttachment(sessionKey, attachmentName, contentType, data, r));
      a.text("errorCode", r.errorCode).text("attachmentId", r.attachmentId);
    } else if (m == "getAttachment") {
      Text sessionKey = c.text(), attachmentId = c.text();
      ns1__getAttachmentResponse r;
      check(proxy.getAttachment(sessionKey, attachmentId, r));
      a.text("errorCode", r.errorCode).text("attachmentName", r.attachmentName).text("contentType", r.contentType).text("data", r.data);
    } else if (m == "deleteAttachment") {
      Text attachmentId = c.text();
      Text code;
      check(proxy.deleteAttachment(attachmentId, code));
      a.text("errorCode", code);
    } else if (m == "newCustomer") {
      Text userName = c.text(), password = c.text();
      Text code;
      check(proxy.newCustomer(userName, password, code));
      a.text("errorCode", code);
    } else if (m == "getCustomer") {
      Text sessionKey = c.text();
      ns1__getCustomerResponse r;
      check(proxy.getCustomer(sessionKey, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("customerResult", r.customerResult).list("customerEmail", r.customerEmail);
    } else if (m == "setCustomer") {
      Text sessionKey = c.text();
      Text code;
      check(proxy.setCustomer(sessionKey, in(c.pairs()), code));
      a.text("errorCode", code);
    } else if (m == "getCompany") {
      Text sessionKey = c.text();
      ns1__getCompanyResponse r;
      check(proxy.getCompany(sessionKey, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("companyResult", r.companyResult);
    } else if (m == "getLanguages") {
      ns1__getLanguagesResponse r;
      check(proxy.getLanguages(r));
      a.text("errorCode", r.errorCode).structs("languageEntries", r.languageEntries);
    } else if (m == "getCustLangCategories") {
      Text sessionKey = c.text();
      ns1__getCustLangCategoriesResponse r;
      check(proxy.getCustLangCategories(sessionKey, r));
      a.text("errorCode", r.errorCode).structs("categoryIds", r.categoryIds);
    } else if (m == "faq_findEntries") {
      Text sessionKey = c.text(), searchWords = c.text(), categoryId = c.text();
      ns1__faq_USCOREfindEntriesResponse r;
      check(proxy.faq_USCOREfindEntries(sessionKey, searchWords, categoryId, r));
      a.text("errorCode", r.errorCode).structs("faqEntries", r.faqEntries);
    } else if (m == "faq_findEntries2") {
      Text sessionKey = c.text(), searchWords = c.text();
      ns1__faq_USCOREfindEntries2Response r;
      check(proxy.faq_USCOREfindEntries2(sessionKey, searchWords, in(c.list()), r));
      a.text("errorCode", r.errorCode).structs("faqEntries", r.faqEntries);
    } else if (m == "faq_getCategory") {
      Text sessionKey = c.text(), categoryId = c.text();
      ns1__faq_USCOREgetCategoryResponse r;
      check(proxy.faq_USCOREgetCategory(sessionKey, categoryId, r));
      a.text("errorCode", r.errorCode).structs("faqSubCategories", r.faqSubCategories)
        .structs("faqEntries", r.faqEntries).structs("faqParents", r.faqParents)
        .structs("faqGroups", r.faqGroups);
    } else if (m == "faq_getEntry") {
      Text sessionKey = c.text(), entryId = c.text();
      ns1__faq_USCOREgetEntryResponse r;
      check(proxy.faq_USCOREgetEntry(sessionKey, entryId, r));
      a.text("errorCode", r.errorCode).text("title", r.title).text("question", r.question).text("answer", r.answer)
        .structs("links", r.links).structs("attachmentInfo", r.attachmentInfo).boolean("hasHtml", r.hasHtml)
        .text("score", r.score).structs("faqParents", r.faqParents);
    } else if (m == "faq_getGroupEntries") {
      Text sessionKey = c.text(), groupId = c.text();
      ns1__faq_USCOREgetGroupEntriesResponse r;
      check(proxy.faq_USCOREgetGroupEntries(sessionKey, groupId, r));
      a.text("errorCode", r.errorCode).structs("entries", r.entries);
    } else if (m == "faq_getMostPopularEntries") {
      Text sessionKey = c.text(), categoryId = c.text(), maxEntries = c.text();
      ns1__faq_USCOREgetMostPopularEntriesResponse r;
      check(proxy.faq_USCOREgetMostPopularEntries(sessionKey, categoryId, maxEntries, r));
      a.text("errorCode", r.errorCode).structs("faqEntries", r.faqEntries);
    } else if (m == "faq_getMostReadEntries") {
      Text sessionKey = c.text(), categoryId = c.text(), maxEntries = c.text();
      ns1__faq_USCOREgetMostReadEntriesResponse r;
      check(proxy.faq_USCOREgetMostReadEntries(sessionKey, categoryId, maxEntries, r));
      a.text("errorCode", r.errorCode).structs("faqEntries", r.faqEntries);
    } else if (m == "faq_scoreEntry") {
      Text sessionKey = c.text(), entryId = c.text(), score = c.text();
      Text code;
      check(proxy.faq_USCOREscoreEntry(sessionKey, entryId, score, code));
      a.text("errorCode", code);
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

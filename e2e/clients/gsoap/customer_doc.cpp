// The customer port in document/literal style.
#include "customerServiceBinding.nsmap"
#include "soapcustomerServiceBindingProxy.h"

typedef customerServiceBindingProxy Proxy;

#include "doc.h"
#include "customer.h"

int main() {
  return serve([](Call &c, Answer &a) {
    const Text &m = c.method;
    if (m == "login") {
      _ns1__login q;
      _ns1__loginResponse r;
      q.username = in(c.text()), q.password = in(c.text());
      check(proxy.login(&q, r));
      a.text("errorCode", r.errorCode).text("sessionKey", r.sessionKey);
    } else if (m == "loginAsCustomer") {
      _ns1__loginAsCustomer q;
      _ns1__loginAsCustomerResponse r;
      q.username = in(c.text()), q.password = in(c.text()), q.customerUsername = in(c.text());
      check(proxy.loginAsCustomer(&q, r));
      a.text("errorCode", r.errorCode).text("sessionKey", r.sessionKey);
    } else if (m == "logout") {
      _ns1__logout q;
      _ns1__logoutResponse r;
      q.sessionKey = in(c.text());
      check(proxy.logout(&q, r));
      a.text("errorCode", r.errorCode);
    } else if (m == "checkPassword") {
      _ns1__checkPassword q;
      _ns1__checkPasswordResponse r;
      q.username = in(c.text()), q.password = in(c.text());
      check(proxy.checkPassword(&q, r));
      a.text("errorCode", r.errorCode);
    } else if (m == "getErrorMessage") {
      _ns1__getErrorMessage q;
      _ns1__getErrorMessageResponse r;
      q.sessionKey = in(c.text());
      check(proxy.getErrorMessage(&q, r));
      a.text("errorMessage", r.errorMessage);
    } else if (m == "getTicket") {
      _ns1__getTicket q;
      _ns1__getTicketResponse r;
      q.sessionKey = in(c.text()), q.ticketId = in(c.text()), q.ticketFields = in(c.list());
      check(proxy.getTicket(&q, r));
      a.text("errorCode", r.errorCode).structs("ticketResult", r.ticketResult).list("messageIds", r.messageIds);
    } else if (m == "getMessage") {
      _ns1__getMessage q;
      _ns1__getMessageResponse r;
      q.sessionKey = in(c.text()), q.messageId = in(c.text()), q.messageFields = in(c.list());
      check(proxy.getMessage(&q, r));
      a.text("errorCode", r.errorCode).structs("messageResult", r.messageResult).structs("attachmentInfo", r.attachmentInfo);
    } else if (m == "newTicket") {
      _ns1__newTicket q;
      _ns1__newTicketResponse r;
      q.sessionKey = in(c.text()), q.title = in(c.text()), q.sLevel = in(c.text());
      q.categoryId = in(c.text()), q.priorityId = in(c.text()), q.extraField = in(c.pairs());
      check(proxy.newTicket(&q, r));
      a.text("errorCode", r.errorCode).text("ticketId", r.ticketId);
    } else if (m == "addMessage") {
      _ns1__addMessage q;
      _ns1__addMessageResponse r;
      q.sessionKey = in(c.text()), q.messageBody = in(c.text()), q.ticketId = in(c.text());
      q.sLevel = in(c.text()), q.attachmentIds = in(c.list());
      check(proxy.addMessage(&q, r));
      a.text("errorCode", r.errorCode).text("messageId", r.messageId);
    } else if (m == "getExtraFields") {
      _ns1__getExtraFields q;
      _ns1__getExtraFieldsResponse r;
      q.sessionKey = in(c.text()), q.domain = in(c.text());
      check(proxy.getExtraFields(&q, r));
      a.text("errorCode", r.errorCode).structs("extraFields", r.extraFields);
    } else if (m == "getPriorities") {
      _ns1__getPriorities q;
      _ns1__getPrioritiesResponse r;
      q.sessionKey = in(c.text());
      check(proxy.getPriorities(&q, r));
      a.text("errorCode", r.errorCode).structs("priorities", r.priorities);
    } else if (m == "getCategories") {
      _ns1__getCategories q;
      _ns1__getCategoriesResponse r;
      q.sessionKey = in(c.text());
      check(proxy.getCategories(&q, r));
      a.text("errorCode", r.errorCode).structs("categoryIds", r.categoryIds);
    } else if (m == "getCategory") {
      _ns1__getCategory q;
      _ns1__getCategoryResponse r;
      q.sessionKey = in(c.text()), q.categoryId = in(c.text());
      check(proxy.getCategory(&q, r));
      a.text("errorCode", r.errorCode).one("category", r.category);
    } else if (m == "sendPassword") {
      _ns1__sendPassword q;
      _ns1__sendPasswordResponse r;
      q.emailCode = in(c.text());
      check(proxy.sendPassword(&q, r));
      a.text("errorCode", r.errorCode);
    } else if (m == "findTickets") {
      _ns1__findTickets q;
      _ns1__findTicketsResponse r;
      q.sessionKey = in(c.text()), q.searchCriteria = in(c.criteria()), q.searchFields = in(c.list());
      check(proxy.findTickets(&q, r));
      a.text("errorCode", r.errorCode).arrays("searchResult", r.searchResult);
    } else if (m == "closeTicket") {
      _ns1__closeTicket q;
      _ns1__closeTicketResponse r;
      q.sessionKey = in(c.text()), q.ticketId = in(c.text());
      check(proxy.closeTicket(&q, r));
      a.text("errorCode", r.errorCode);
    } else if (m == "addAttachment") {
      _ns1__addAttachment q;
      _ns1__addAttachmentResponse r;
      q.sessionKey = in(c.text()), q.attachmentName = in(c.text()), q.contentType = in(c.text()), q.data = in(c.text());
      check(proxy.addAttachment(&q, r));
      a.text("errorCode", r.errorCode).text("attachmentId", r.attachmentId);
    } else if (m == "getAttachment") {
      _ns1__getAttachment q;
      _ns1__getAttachmentResponse r;
      q.sessionKey = in(c.text()), q.attachmentId = in(c.text());
      check(proxy.getAttachment(&q, r));
      a.text("errorCode", r.errorCode).text("attachmentName", r.attachmentName).text("contentType", r.contentType).text("data", r.data);
    } else if (m == "deleteAttachment") {
      _ns1__deleteAttachment q;
      _ns1__deleteAttachmentResponse r;
      q.attachmentId = in(c.text());
      check(proxy.deleteAttachment(&q, r));
      a.text("errorCode", r.errorCode);
    } else if (m == "newCustomer") {
      _ns1__newCustomer q;
      _ns1__newCustomerResponse r;
      q.userName = in(c.text()), q.password = in(c.text());
      check(proxy.newCustomer(&q, r));
      a.text("errorCode", r.errorCode);
    } else if (m == "getCustomer") {
      _ns1__getCustomer q;
      _ns1__getCustomerResponse r;
      q.sessionKey = in(c.text()), q.customerFields = in(c.list());
      check(proxy.getCustomer(&q, r));
      a.text("errorCode", r.errorCode).structs("customerResult", r.customerResult).list("customerEmail", r.customerEmail);
    } else if (m == "setCustomer") {
      _ns1__setCustomer q;
      _ns1__setCustomerResponse r;
      q.sessionKey = in(c.text()), q.customerValues = in(c.pairs());
      check(proxy.setCustomer(&q, r));
      a.text("errorCode", r.errorCode);
    } else if (m == "getCompany") {
      _ns1__getCompany q;
      _ns1__getCompanyResponse r;
      q.sessionKey = in(c.text()), q.companyFields = in(c.list());
      check(proxy.getCompany(&q, r));
      a.text("errorCode", r.errorCode).structs("companyResult", r.companyResult);
    } else if (m == "getLanguages") {
      _ns1__getLanguages q;
      _ns1__getLanguagesResponse r;
      check(proxy.getLanguages(&q, r));
      a.text("errorCode", r.errorCode).structs("languageEntries", r.languageEntries);
    } else if (m == "getCustLangCategories") {
      _ns1__getCustLangCategories q;
      _ns1__getCustLangCategoriesResponse r;
      q.sessionKey = in(c.text());
      check(proxy.getCustLangCategories(&q, r));
      a.text("errorCode", r.errorCode).structs("categoryIds", r.categoryIds);
    } else if (m == "faq_findEntries") {
      _ns1__faq_USCOREfindEntries q;
      _ns1__faq_USCOREfindEntriesResponse r;
      q.sessionKey = in(c.text()), q.searchWords = in(c.text()), q.categoryId = in(c.text());
      check(proxy.faq_USCOREfindEntries(&q, r));
      a.text("errorCode", r.errorCode).structs("faqEntries", r.faqEntries);
    } else if (m == "faq_findEntries2") {
      _ns1__faq_USCOREfindEntries2 q;
      _ns1__faq_USCOREfindEntries2Response r;
      q.sessionKey = in(c.text()), q.searchWords = in(c.text()), q.categoryIds = in(c.list());
      check(proxy.faq_USCOREfindEntries2(&q, r));
      a.text("errorCode", r.errorCode).structs("faqEntries", r.faqEntries);
    } else if (m == "faq_getCategory") {
      _ns1__faq_USCOREgetCategory q;
      _ns1__faq_USCOREgetCategoryResponse r;
      q.sessionKey = in(c.text()), q.categoryId = in(c.text());
      check(proxy.faq_USCOREgetCategory(&q, r));
      a.text("errorCode", r.errorCode).structs("faqSubCategories", r.faqSubCategories)
        .structs("faqEntries", r.faqEntries).structs("faqParents", r.faqParents)
        .structs("faqGroups", r.faqGroups);
    } else if (m == "faq_getEntry") {
      _ns1__faq_USCOREgetEntry q;
      _ns1__faq_USCOREgetEntryResponse r;
      q.sessionKey = in(c.text()), q.entryId = in(c.text());
      check(proxy.faq_USCOREgetEntry(&q, r));
      a.text("errorCode", r.errorCode).text("title", r.title).text("question", r.question).text("answer", r.answer)
        .structs("links", r.links).structs("attachmentInfo", r.attachmentInfo).boolean("hasHtml", r.hasHtml)
        .text("score", r.score).structs("faqParents", r.faqParents);
    } else if (m == "faq_getGroupEntries") {
      _ns1__faq_USCOREgetGroupEntries q;
      _ns1__faq_USCOREgetGroupEntriesResponse r;
      q.sessionKey = in(c.text()), q.groupId = in(c.text());
      check(proxy.faq_USCOREgetGroupEntries(&q, r));
      a.text("errorCode", r.errorCode).structs("entries", r.entries);
    } else if (m == "faq_getMostPopularEntries") {
      _ns1__faq_USCOREgetMostPopularEntries q;
      _ns1__faq_USCOREgetMostPopularEntriesResponse r;
      q.sessionKey = in(c.text()), q.categoryId = in(c.text()), q.maxEntries = in(c.text());
      check(proxy.faq_USCOREgetMostPopularEntries(&q, r));
      a.text("errorCode", r.errorCode).structs("faqEntries", r.faqEntries);
    } else if (m == "faq_getMostReadEntries") {
      _ns1__faq_USCOREgetMostReadEntries q;
      _ns1__faq_USCOREgetMostReadEntriesResponse r;
      q.sessionKey = in(c.text()), q.categoryId = in(c.text()), q.maxEntries = in(c.text());
      check(proxy.faq_USCOREgetMostReadEntries(&q, r));
      a.text("errorCode", r.errorCode).structs("faqEntries", r.faqEntries);
    } else if (m == "faq_scoreEntry") {
      _ns1__faq_USCOREscoreEntry q;
      _ns1__faq_USCOREscoreEntryResponse r;
      q.sessionKey = in(c.text()), q.entryId = in(c.text()), q.score = in(c.text());
      check(proxy.faq_USCOREscoreEntry(&q, r));
      a.text("errorCode", r.errorCode);
    } else {
      throw std::runtime_error("no method " + m);
    }
  });
}

package ports

import (
	"context"
	"slices"

	"skranke"
	"skranke/desk"
	"skranke/soap"
)

// Customer is the customer port: everything a customer portal needs.
func (p *Ports) Customer() *soap.Port {
	return &soap.Port{
		Name:      string(skranke.PortCustomer),
		Service:   "customerService",
		Namespace: customerNamespace,
		Code:      p.code,
		Ops: slices.Concat([]soap.Op{
			soap.Method("login", "Logs a customer in with his own password.", p.customerLogin),
			soap.Method("loginAsCustomer", "Logs a customer in with the credentials of a user.", p.loginAsCustomer),
			soap.Method("logout", "Ends a session.", p.logOut(desk.ForCustomer)),
			soap.Method("checkPassword", "Tells whether a customer's user name and password are valid.", p.checkPassword),
			soap.Method("sendPassword", "Mails a one-time password to a customer's address.", p.sendPassword),
			soap.Method("getErrorMessage", "Returns the text of the session's last error.", p.lastError(desk.ForCustomer)).Plain(),
			soap.Method("getTicket", "Returns chosen fields of a ticket and the ids of its external messages.", p.customerGetTicket),
			asCustomer(p, "getMessage", "Returns chosen fields of a message and its attachments.", p.customerGetMessage),
			asCustomer(p, "newTicket", "Creates a ticket.", p.customerNewTicket),
			asCustomer(p, "addMessage", "Adds a message to one of the customer's tickets.", p.customerAddMessage),
			asCustomer(p, "findTickets", "Searches the tickets the customer may see.", p.customerFindTickets),
			asCustomer(p, "closeTicket", "Closes a ticket the customer has access to.", p.customerCloseTicket),
			asCustomer(p, "getExtraFields", "Lists the external extra fields of a domain.", p.customerGetExtraFields),
			asCustomer(p, "getPriorities", "Lists the priorities a customer may choose.", p.customerGetPriorities),
			asAnyone(p, "getCategories", "Lists the categories open to the caller.", p.customerGetCategories),
			asAnyone(p, "getCategory", "Returns one category open to the caller.", p.customerGetCategory),
		}, p.attachmentOps(), p.personOps(), p.faqOps()),
	}
}

type customerLoginIn struct {
	UserName string `soap:"username"`
	Password string `soap:"password"`
}

// Spec: customer/login
func (p *Ports) customerLogin(ctx context.Context, in *customerLoginIn) (loginOut, error) {
	key, err := p.desk.LogInCustomer(ctx, credentials(ctx, in.UserName, in.Password))
	return loginOut{key}, err
}

// Spec: customer/checkPassword
func (p *Ports) checkPassword(ctx context.Context, in *customerLoginIn) (struct{}, error) {
	return struct{}{}, p.desk.CheckCustomer(ctx, credentials(ctx, in.UserName, in.Password))
}

type sendPasswordIn struct {
	EmailCode string `soap:"emailCode,alias=email"`
}

// Spec: customer/sendPassword
func (p *Ports) sendPassword(ctx context.Context, in *sendPasswordIn) (struct{}, error) {
	return struct{}{}, p.desk.SendPassword(ctx, callerOf(ctx), in.EmailCode)
}

type loginAsCustomerIn struct {
	UserName         string `soap:"username"`
	Password         string `soap:"password"`
	CustomerUserName string `soap:"customerUsername"`
}

// Spec: customer/loginAsCustomer
func (p *Ports) loginAsCustomer(ctx context.Context, in *loginAsCustomerIn) (loginOut, error) {
	key, err := p.desk.LogInAsCustomer(ctx, credentials(ctx, in.UserName, in.Password), in.CustomerUserName)
	return loginOut{key}, err
}

type getTicketIn struct {
	Session
	TicketID     string   `soap:"ticketId"`
	TicketFields []string `soap:"ticketFields"`
}

type customerGetTicketOut struct {
	TicketResult []ResultStruct `soap:"ticketResult"`
	MessageIDs   []string       `soap:"messageIds"`
}

// Spec: customer/getTicket
func (p *Ports) customerGetTicket(ctx context.Context, in *getTicketIn) (customerGetTicketOut, error) {
	view, err := p.desk.TicketByKey(ctx, in.SessionKey, desk.ForCustomer, id[skranke.TicketID](in.TicketID), in.TicketFields)
	if err != nil {
		return customerGetTicketOut{}, err
	}
	return customerGetTicketOut{p.results(view.Fields), numbers(view.Messages)}, nil
}

type customerGetMessageIn struct {
	Session
	MessageID     string   `soap:"messageId"`
	MessageFields []string `soap:"messageFields"`
}

// AttachmentInfoStruct describes an attachment to customers.
type AttachmentInfoStruct struct {
	AttachmentID   string `soap:"attachmentId"`
	AttachmentName string `soap:"attachmentName"`
	ContentType    string `soap:"contentType"`
}

type customerGetMessageOut struct {
	MessageResult  []ResultStruct         `soap:"messageResult"`
	AttachmentInfo []AttachmentInfoStruct `soap:"attachmentInfo"`
}

// Spec: customer/getMessage
func (p *Ports) customerGetMessage(ctx context.Context, a desk.Actor, in *customerGetMessageIn) (customerGetMessageOut, error) {
	view, err := p.desk.Message(ctx, a, id[skranke.MessageID](in.MessageID), in.MessageFields)
	if err != nil {
		return customerGetMessageOut{}, err
	}
	info := make([]AttachmentInfoStruct, len(view.Attachments))
	for i, f := range view.Attachments {
		info[i] = AttachmentInfoStruct{number(f.ID), f.Name, f.ContentType}
	}
	return customerGetMessageOut{p.results(view.Fields), info}, nil
}

type customerNewTicketIn struct {
	Session
	Title      string            `soap:"title"`
	SLevel     string            `soap:"sLevel"`
	CategoryID string            `soap:"categoryId"`
	PriorityID string            `soap:"priorityId"`
	ExtraField []ValuePairStruct `soap:"extraField,alias=extraFields"`
}

type newTicketOut struct {
	TicketID string `soap:"ticketId"`
}

// Spec: customer/newTicket
func (p *Ports) customerNewTicket(ctx context.Context, a desk.Actor, in *customerNewTicketIn) (newTicketOut, error) {
	ticket, err := p.desk.NewTicket(ctx, a, desk.TicketDraft{
		Title:    in.Title,
		SLevel:   sLevel(in.SLevel),
		Category: id[skranke.CategoryID](in.CategoryID),
		Priority: idOrAutomatic(in.PriorityID, desk.AutomaticPriority),
		Extra:    pairs(in.ExtraField),
	})
	if err != nil {
		return newTicketOut{}, err
	}
	return newTicketOut{number(ticket)}, nil
}

type customerAddMessageIn struct {
	Session
	MessageBody   string   `soap:"messageBody"`
	TicketID      string   `soap:"ticketId"`
	SLevel        string   `soap:"sLevel"`
	AttachmentIDs []string `soap:"attachmentIds"`
}

type customerAddMessageOut struct {
	MessageID string `soap:"messageId"`
}

// Spec: customer/addMessage
func (p *Ports) customerAddMessage(ctx context.Context, a desk.Actor, in *customerAddMessageIn) (customerAddMessageOut, error) {
	message, err := p.desk.AddMessage(ctx, a, desk.MessageDraft{
		Ticket:      id[skranke.TicketID](in.TicketID),
		SLevel:      sLevel(in.SLevel),
		Body:        in.MessageBody,
		Attachments: ids[skranke.AttachmentID](in.AttachmentIDs),
	})
	if err != nil {
		return customerAddMessageOut{}, err
	}
	return customerAddMessageOut{number(message)}, nil
}

type customerFindTicketsIn struct {
	Session
	SearchCriteria []CriteriaStruct `soap:"searchCriteria"`
	SearchFields   []string         `soap:"searchFields"`
}

type findTicketsOut struct {
	SearchResult [][]ResultStruct `soap:"searchResult"`
}

// Spec: customer/findTickets
func (p *Ports) customerFindTickets(ctx context.Context, a desk.Actor, in *customerFindTicketsIn) (findTicketsOut, error) {
	found, err := p.desk.FindTickets(ctx, a, criteria(in.SearchCriteria), in.SearchFields)
	if err != nil {
		return findTicketsOut{}, err
	}
	return findTicketsOut{p.resultRows(found)}, nil
}

type closeTicketIn struct {
	Session
	TicketID string `soap:"ticketId"`
}

// Spec: customer/closeTicket
func (p *Ports) customerCloseTicket(ctx context.Context, a desk.Actor, in *closeTicketIn) (struct{}, error) {
	return struct{}{}, p.desk.CloseTicket(ctx, a, id[skranke.TicketID](in.TicketID))
}

type getExtraFieldsIn struct {
	Session
	Domain string `soap:"domain"`
}

type getExtraFieldsOut struct {
	ExtraFields []ExtraFieldsStruct `soap:"extraFields"`
}

// Spec: customer/getExtraFields
func (p *Ports) customerGetExtraFields(ctx context.Context, a desk.Actor, in *getExtraFieldsIn) (getExtraFieldsOut, error) {
	domain, ok := skranke.ParseDomain(text(in.Domain))
	if !ok {
		return getExtraFieldsOut{}, skranke.Err(skranke.CodeInvalidDomain, "domain %q", in.Domain)
	}
	list, err := p.desk.ExtraFields(ctx, a, domain)
	return getExtraFieldsOut{extraFields(list)}, err
}

type getPrioritiesOut struct {
	Priorities []PriorityStruct `soap:"priorities"`
}

// Spec: customer/getPriorities
func (p *Ports) customerGetPriorities(ctx context.Context, a desk.Actor, _ *Session) (getPrioritiesOut, error) {
	list, err := p.desk.Priorities(ctx, a)
	return getPrioritiesOut{priorities(list)}, err
}

// CategoryStruct describes a category to customers.
type CategoryStruct struct {
	ID             string `soap:"id"`
	RealCategoryID string `soap:"realCategoryId"`
	Name           string `soap:"name"`
	ParentID       string `soap:"parentId"`
}

func categoryStruct(c desk.ListedCategory) CategoryStruct {
	return CategoryStruct{number(c.ID), number(c.ID), c.Name, number(c.Parent)}
}

type customerGetCategoriesOut struct {
	CategoryIDs []CategoryStruct `soap:"categoryIds"`
}

// Spec: customer/getCategories
func (p *Ports) customerGetCategories(ctx context.Context, a desk.Actor, _ *Session) (customerGetCategoriesOut, error) {
	list, err := p.desk.Categories(ctx, a)
	out := make([]CategoryStruct, len(list))
	for i, c := range list {
		out[i] = categoryStruct(c)
	}
	return customerGetCategoriesOut{out}, err
}

type getCategoryIn struct {
	Session
	CategoryID string `soap:"categoryId,optional"`
}

type customerGetCategoryOut struct {
	Category CategoryStruct `soap:"category"`
}

// Spec: customer/getCategory
func (p *Ports) customerGetCategory(ctx context.Context, a desk.Actor, in *getCategoryIn) (customerGetCategoryOut, error) {
	c, err := p.desk.Category(ctx, a, id[skranke.CategoryID](in.CategoryID))
	if err != nil {
		return customerGetCategoryOut{}, err
	}
	return customerGetCategoryOut{categoryStruct(c)}, nil
}

package ports

import (
	"context"
	"slices"

	"skranke"
	"skranke/desk"
	"skranke/soap"
)

// Ticket is the ticket port: what agents and integrations need.
func (p *Ports) Ticket() *soap.Port {
	return &soap.Port{
		Name:      string(skranke.PortTicket),
		Service:   "ticketService",
		Namespace: ticketNamespace,
		Code:      p.code,
		Ops: slices.Concat([]soap.Op{
			soap.Method("login", "Opens a session for an administrator.", p.userLogin),
			soap.Method("logout", "Ends a session.", p.logOut(desk.ForUser)),
			asUser(p, "newTicket", "Creates a ticket without messages.", p.userNewTicket),
			soap.Method("getTicket", "Returns chosen fields of a ticket and the ids of all its messages.", p.userGetTicket),
			asUser(p, "addMessage3", "Adds a message with plain and HTML body, optionally from a reply template, and mails it.", p.addMessage3),
			asUser(p, "getMessage", "Returns chosen fields of a message and its attachments.", p.userGetMessage),
		}, p.agentOps(), p.contactOps(), p.tableOps(), p.scriptOps()),
	}
}

type userLoginIn struct {
	UserName string `soap:"userName"`
	Password string `soap:"password"`
}

// Spec: ticket/login
func (p *Ports) userLogin(ctx context.Context, in *userLoginIn) (loginOut, error) {
	key, err := p.desk.LogInUser(ctx, credentials(ctx, in.UserName, in.Password))
	return loginOut{key}, err
}

type userNewTicketIn struct {
	Session
	Title            string            `soap:"title"`
	SLevel           string            `soap:"sLevel"`
	CategoryID       string            `soap:"categoryId"`
	PriorityID       string            `soap:"priorityId"`
	Owner            string            `soap:"owner"`
	Customers        []string          `soap:"customers"`
	ExtraFields      []ValuePairStruct `soap:"extraFields,alias=extraField"`
	SendNotification bool              `soap:"sendNotification"`
}

// Spec: ticket/newTicket
func (p *Ports) userNewTicket(ctx context.Context, a desk.Actor, in *userNewTicketIn) (newTicketOut, error) {
	ticket, err := p.desk.NewTicket(ctx, a, desk.TicketDraft{
		Title:     in.Title,
		SLevel:    sLevel(in.SLevel),
		Category:  id[skranke.CategoryID](in.CategoryID),
		Priority:  idOrAutomatic(in.PriorityID, desk.AutomaticPriority),
		Owner:     idOrAutomatic(in.Owner, desk.DelegatedOwner),
		Customers: ids[skranke.CustomerID](in.Customers),
		Extra:     pairs(in.ExtraFields),
		Notify:    in.SendNotification,
	})
	if err != nil {
		return newTicketOut{}, err
	}
	return newTicketOut{number(ticket)}, nil
}

type userGetTicketOut struct {
	TicketResult []ResultStruct `soap:"ticketResult"`
	MessageIDs   []int64        `soap:"messageIds"`
}

// Spec: ticket/getTicket
func (p *Ports) userGetTicket(ctx context.Context, in *getTicketIn) (userGetTicketOut, error) {
	view, err := p.desk.TicketByKey(ctx, in.SessionKey, desk.ForUser, id[skranke.TicketID](in.TicketID), in.TicketFields)
	if err != nil {
		return userGetTicketOut{}, err
	}
	messages := make([]int64, len(view.Messages))
	for i, m := range view.Messages {
		messages[i] = int64(m)
	}
	return userGetTicketOut{p.results(view.Fields), messages}, nil
}

type addMessage3In struct {
	Session
	MessageBody      string   `soap:"messageBody"`
	HTMLMessageBody  string   `soap:"htmlMessageBody"`
	ReplyTemplateID  string   `soap:"replyTemplateId"`
	TicketID         string   `soap:"ticketId"`
	SLevel           string   `soap:"sLevel"`
	AttachmentIDs    []string `soap:"attachmentIds"`
	SendNotification bool     `soap:"sendNotification"`
	To               []string `soap:"to"`
	Cc               []string `soap:"cc"`
	Bcc              []string `soap:"bcc"`
}

type userAddMessageOut struct {
	MessageID string `soap:"messageID"`
}

// Spec: ticket/addMessage3
func (p *Ports) addMessage3(ctx context.Context, a desk.Actor, in *addMessage3In) (userAddMessageOut, error) {
	draft := desk.MessageDraft{
		Ticket:      id[skranke.TicketID](in.TicketID),
		SLevel:      sLevel(in.SLevel),
		Body:        in.MessageBody,
		HTMLBody:    in.HTMLMessageBody,
		Attachments: ids[skranke.AttachmentID](in.AttachmentIDs),
		Notify:      in.SendNotification,
		To:          in.To,
		Cc:          in.Cc,
		Bcc:         in.Bcc,
	}
	draft.Template, draft.BadTemplate = templateID(in.ReplyTemplateID)
	message, err := p.desk.AddMessage(ctx, a, draft)
	if err != nil {
		return userAddMessageOut{}, err
	}
	return userAddMessageOut{number(message)}, nil
}

type userGetMessageIn struct {
	Session
	MessageID    string   `soap:"messageId"`
	MessageField []string `soap:"messageField,alias=messageFields"`
}

// keyedAttachment describes an attachment to users: with the key that hands it out.
type keyedAttachment struct {
	AttachmentID   string `soap:"attachmentId"`
	AttachmentName string `soap:"attachmentName"`
	ContentType    string `soap:"contentType"`
	AttachmentKey  string `soap:"attachmentKey"`
}

// SOAPName is the documented name, which the customer port gives to a struct
// with fewer members.
func (keyedAttachment) SOAPName() string { return "AttachmentInfoStruct" }

type userGetMessageOut struct {
	MessageResult  []ResultStruct    `soap:"messageResult"`
	AttachmentInfo []keyedAttachment `soap:"attachmentInfo"`
}

// Spec: ticket/getMessage
func (p *Ports) userGetMessage(ctx context.Context, a desk.Actor, in *userGetMessageIn) (userGetMessageOut, error) {
	view, err := p.desk.Message(ctx, a, id[skranke.MessageID](in.MessageID), in.MessageField)
	if err != nil {
		return userGetMessageOut{}, err
	}
	info := make([]keyedAttachment, len(view.Attachments))
	for i, f := range view.Attachments {
		info[i] = keyedAttachment{number(f.ID), f.Name, f.ContentType, f.Key}
	}
	return userGetMessageOut{p.results(view.Fields), info}, nil
}

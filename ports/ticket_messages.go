package ports

import (
	"context"

	"skranke"
	"skranke/desk"
	"skranke/soap"
)

// messageOps are the older methods of the ticket port that add messages, that which edits them, and
// those that deal with files.
func (p *Ports) messageOps() []soap.Op {
	return []soap.Op{
		asUser(p, "addMessage", "Adds a message in plain text; addMessage3 can do more.", p.userAddMessage),
		asUser(p, "addMessage2", "Adds a message, optionally from a reply template, and mails it; addMessage3 can do more.", p.addMessage2),
		asUser(p, "editMessage", "Changes values of a message, all of them or none.", p.editMessage),
		asUser(p, "addAttachment", "Stores a file, to be linked to a message afterwards.", p.userAddAttachment),
		withOptionalSession(p, desk.ForUser, "getAttachment", "Fetches a file with its key.", p.userGetAttachment),
	}
}

type userAddMessageIn struct {
	Session
	MessageBody      string   `soap:"messageBody"`
	TicketID         string   `soap:"ticketId"`
	SLevel           string   `soap:"sLevel"`
	AttachmentIDs    []string `soap:"attachmentIds"`
	SendNotification bool     `soap:"sendNotification"`
}

// Spec: ticket/addMessage
func (p *Ports) userAddMessage(ctx context.Context, a desk.Actor, in *userAddMessageIn) (userAddMessageOut, error) {
	return p.addMessage3(ctx, a, &addMessage3In{
		MessageBody:      in.MessageBody,
		TicketID:         in.TicketID,
		SLevel:           in.SLevel,
		AttachmentIDs:    in.AttachmentIDs,
		SendNotification: in.SendNotification,
	})
}

type addMessage2In struct {
	Session
	MessageBody      string   `soap:"messageBody"`
	ReplyTemplateID  string   `soap:"replyTemplateId"`
	TicketID         string   `soap:"ticketId"`
	SLevel           string   `soap:"sLevel"`
	AttachmentIDs    []string `soap:"attachmentIds"`
	SendNotification bool     `soap:"sendNotification"`
	To               []string `soap:"to"`
	Cc               []string `soap:"cc"`
	Bcc              []string `soap:"bcc"`
}

// Spec: ticket/addMessage2
func (p *Ports) addMessage2(ctx context.Context, a desk.Actor, in *addMessage2In) (userAddMessageOut, error) {
	return p.addMessage3(ctx, a, &addMessage3In{
		MessageBody:      in.MessageBody,
		ReplyTemplateID:  in.ReplyTemplateID,
		TicketID:         in.TicketID,
		SLevel:           in.SLevel,
		AttachmentIDs:    in.AttachmentIDs,
		SendNotification: in.SendNotification,
		To:               in.To,
		Cc:               in.Cc,
		Bcc:              in.Bcc,
	})
}

type editMessageIn struct {
	Session
	MessageID string            `soap:"messageId"`
	Values    []ValuePairStruct `soap:"values"`
}

// Spec: ticket/editMessage
func (p *Ports) editMessage(ctx context.Context, a desk.Actor, in *editMessageIn) (userAddMessageOut, error) {
	message := id[skranke.MessageID](in.MessageID)
	if err := p.desk.EditMessage(ctx, a, message, pairs(in.Values)); err != nil {
		return userAddMessageOut{}, err
	}
	return userAddMessageOut{number(message)}, nil
}

type userAddAttachmentIn struct {
	Session
	AttachmentName string     `soap:"attachmentName"`
	ContentType    string     `soap:"contentType"`
	Data           *soap.Blob `soap:"data"`
}

// Spec: ticket/addAttachment
func (p *Ports) userAddAttachment(ctx context.Context, a desk.Actor, in *userAddAttachmentIn) (addAttachmentOut, error) {
	return p.storeAttachment(ctx, a, in.AttachmentName, in.ContentType, in.Data)
}

type userGetAttachmentIn struct {
	Session
	AttachmentID  string `soap:"attachmentId"`
	AttachmentKey string `soap:"attachmentKey"`
}

type userGetAttachmentOut struct {
	AttachmentName string      `soap:"attachmentName"`
	ContentType    string      `soap:"contentType"`
	Data           soap.Stream `soap:"data"`
}

// Spec: ticket/getAttachment
func (p *Ports) userGetAttachment(ctx context.Context, a desk.Actor, in *userGetAttachmentIn) (userGetAttachmentOut, error) {
	file, content, err := p.desk.OpenKeyedAttachment(ctx, a, id[skranke.AttachmentID](in.AttachmentID), in.AttachmentKey)
	if err != nil {
		return userGetAttachmentOut{}, err
	}
	return userGetAttachmentOut{file.Name, file.ContentType, stream(content, file.Size)}, nil
}

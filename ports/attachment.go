package ports

import (
	"context"
	"io"

	"skranke"
	"skranke/desk"
	"skranke/soap"
)

// attachmentOps are the methods of the customer port that deal with files.
func (p *Ports) attachmentOps() []soap.Op {
	return []soap.Op{
		asAnyone(p, "addAttachment", "Stores a file, to be linked to a message afterwards.", p.customerAddAttachment),
		asAnyone(p, "getAttachment", "Fetches a file linked to a message or FAQ entry.", p.customerGetAttachment),
		soap.Method("deleteAttachment", "Removes a file that is not linked to anything.", p.deleteAttachment),
	}
}

// The documented C# of the customer port sends and gets files as base64 in a
// string, where the ticket port's has bytes; so they are published.
type customerAddAttachmentIn struct {
	Session
	AttachmentName string     `soap:"attachmentName"`
	ContentType    string     `soap:"contentType"`
	Data           *soap.Blob `soap:"data,string"`
}

type addAttachmentOut struct {
	AttachmentID string `soap:"attachmentId"`
}

// Spec: customer/addAttachment
func (p *Ports) customerAddAttachment(ctx context.Context, a desk.Actor, in *customerAddAttachmentIn) (addAttachmentOut, error) {
	return p.storeAttachment(ctx, a, in.AttachmentName, in.ContentType, in.Data)
}

func (p *Ports) storeAttachment(ctx context.Context, a desk.Actor, name, contentType string, data *soap.Blob) (addAttachmentOut, error) {
	if err := data.Err(); err != nil {
		return addAttachmentOut{}, skranke.Err(skranke.CodeUnknownAttachment, "%v", err)
	}
	if sum, ok := data.Sum(); ok { // it lies in the spool: it only needs its name
		file, err := p.desk.StoreSpooled(ctx, a, name, contentType, data.Path(), sum)
		if err != nil {
			return addAttachmentOut{}, err
		}
		return addAttachmentOut{number(file)}, nil
	}
	content, err := data.Open()
	if err != nil {
		return addAttachmentOut{}, err
	}
	defer content.Close()
	file, err := p.desk.StoreAttachment(ctx, a, name, contentType, content)
	if err != nil {
		return addAttachmentOut{}, err
	}
	return addAttachmentOut{number(file)}, nil
}

type customerGetAttachmentIn struct {
	Session
	AttachmentID string `soap:"attachmentId"`
}

type customerGetAttachmentOut struct {
	AttachmentName string      `soap:"attachmentName"`
	ContentType    string      `soap:"contentType"`
	Data           soap.Stream `soap:"data,string"`
}

// Spec: customer/getAttachment
func (p *Ports) customerGetAttachment(ctx context.Context, a desk.Actor, in *customerGetAttachmentIn) (customerGetAttachmentOut, error) {
	file, content, err := p.desk.OpenAttachment(ctx, a, id[skranke.AttachmentID](in.AttachmentID))
	if err != nil {
		return customerGetAttachmentOut{}, err
	}
	return customerGetAttachmentOut{file.Name, file.ContentType, stream(content, file.Size)}, nil
}

// stream answers content, which is open already: whether the file is there
// decides the errorCode, which comes first.
func stream(content io.ReadCloser, size int64) soap.Stream {
	return soap.Stream{Open: func() (io.ReadCloser, error) { return content, nil }, Size: size}
}

type deleteAttachmentIn struct {
	AttachmentID string `soap:"attachmentId"`
}

// Spec: customer/deleteAttachment
func (p *Ports) deleteAttachment(ctx context.Context, in *deleteAttachmentIn) (struct{}, error) {
	return struct{}{}, p.desk.DeleteAttachment(ctx, callerOf(ctx), id[skranke.AttachmentID](in.AttachmentID))
}

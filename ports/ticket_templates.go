package ports

import (
	"context"

	"skranke"
	"skranke/desk"
	"skranke/soap"
)

// templateOps are the methods of the ticket port about reply templates.
func (p *Ports) templateOps() []soap.Op {
	return []soap.Op{
		asUser(p, "getReplyTemplateFolders", "Lists the folders of reply templates.", p.getReplyTemplateFolders),
		asUser(p, "getReplyTemplates", "Lists the reply templates of a folder, or all.", p.getReplyTemplates),
		asUser(p, "getReplyTemplate", "Returns a reply template in a language.", p.getReplyTemplate),
	}
}

// ReplyTemplateFolderStruct describes a folder of reply templates.
type ReplyTemplateFolderStruct struct {
	ID          int64  `soap:"id"`
	Description string `soap:"description"`
	Name        string `soap:"name"`
	Parent      int64  `soap:"parent"`
}

// ReplyTemplateStruct describes a reply template.
type ReplyTemplateStruct struct {
	ID          int64  `soap:"id"`
	Description string `soap:"description"`
	Folder      int64  `soap:"folder"`
}

// folderNumber is the id of a folder, -1 for none.
func folderNumber(id skranke.TemplateFolderID) int64 {
	if id <= 0 {
		return -1
	}
	return int64(id)
}

type getReplyTemplateFoldersOut struct {
	ReplyTemplateFolders []ReplyTemplateFolderStruct `soap:"replyTemplateFolders"`
}

// Spec: ticket/getReplyTemplateFolders
func (p *Ports) getReplyTemplateFolders(ctx context.Context, _ desk.Actor, _ *Session) (getReplyTemplateFoldersOut, error) {
	list, err := p.desk.TemplateFolders(ctx)
	out := make([]ReplyTemplateFolderStruct, len(list))
	for i, f := range list {
		out[i] = ReplyTemplateFolderStruct{int64(f.ID), f.Description, f.Name, folderNumber(f.Parent)}
	}
	return getReplyTemplateFoldersOut{out}, err
}

type getReplyTemplatesIn struct {
	Session
	FolderID string `soap:"folderId,int"`
}

type getReplyTemplatesOut struct {
	ReplyTemplates []ReplyTemplateStruct `soap:"replyTemplates"`
	Description    string                `soap:"description"`
	Name           string                `soap:"name"`
}

// Spec: ticket/getReplyTemplates
func (p *Ports) getReplyTemplates(ctx context.Context, _ desk.Actor, in *getReplyTemplatesIn) (getReplyTemplatesOut, error) {
	list, folder, err := p.desk.ReplyTemplates(ctx, idOrAutomatic(in.FolderID, desk.AllFolders))
	if err != nil {
		return getReplyTemplatesOut{}, err
	}
	out := make([]ReplyTemplateStruct, len(list))
	for i, t := range list {
		out[i] = ReplyTemplateStruct{int64(t.ID), t.Description, folderNumber(t.Folder)}
		if t.Description == "" {
			out[i].Description = t.Name
		}
	}
	return getReplyTemplatesOut{out, folder.Description, folder.Name}, nil
}

// The manual prints these names with what is left of a prefix p_.
type getReplyTemplateIn struct {
	SessionKey      string `soap:"sessionKey,alias=psessionKey,alias=p_sessionKey,alias=p-sessionKey"`
	ReplyTemplateID string `soap:"replyTemplateId,int,alias=preplyTemplateId,alias=p_replyTemplateId,alias=p-replyTemplateId"`
	LanguageID      string `soap:"languageId,int,alias=planguageId,alias=p_languageId,alias=p-languageId"`
}

func (in *getReplyTemplateIn) key() string { return in.SessionKey }

type getReplyTemplateOut struct {
	Subject      string `soap:"subject"`
	Headers      string `soap:"headers"`
	PlainBody    string `soap:"plainBody"`
	HTMLBody     string `soap:"htmlBody"`
	HasPlainBody bool   `soap:"hasPlainBody"`
	HasHTMLBody  bool   `soap:"hasHtmlBody"`
}

// Spec: ticket/getReplyTemplate
func (p *Ports) getReplyTemplate(ctx context.Context, _ desk.Actor, in *getReplyTemplateIn) (getReplyTemplateOut, error) {
	named := true
	switch text(in.LanguageID) {
	case "", "0", "-1":
		named = false
	}
	b, err := p.desk.ReplyTemplate(ctx, id[skranke.TemplateID](in.ReplyTemplateID), id[skranke.LanguageID](in.LanguageID), named)
	if err != nil {
		return getReplyTemplateOut{}, err
	}
	return getReplyTemplateOut{b.Subject, b.Header, b.Plain, b.HTML, b.Flags&skranke.BodyPlain != 0, b.Flags&skranke.BodyHTML != 0}, nil
}

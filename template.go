package skranke

// Ids of reply templates and what belongs to them.
type (
	TemplateID       int64
	TemplateBodyID   int64
	TemplateFolderID int64
)

// ReplyTemplate is a prepared answer: a body in each language, and files that
// go with all of them.
type ReplyTemplate struct {
	ID          TemplateID
	Folder      TemplateFolderID // 0 for none
	Name        string
	Description string
	Bodies      []TemplateBody // by id
	Attachments []AttachmentID // in order
}

// TemplateBodyFlags steer one body of a reply template.
type TemplateBodyFlags uint32

// The body flags.
const (
	BodyDefault TemplateBodyFlags = 1 // taken when no body fits the customer's language
	BodyPlain   TemplateBodyFlags = 2 // the plain text is used
	BodyHTML    TemplateBodyFlags = 4 // the HTML is used
)

// TemplateBody is a reply template in one language. Its texts may hold
// variables and control codes, save the header lines.
type TemplateBody struct {
	ID       TemplateBodyID
	Language LanguageID // 0 for none
	Flags    TemplateBodyFlags
	Subject  string
	Header   string // extra mail header lines
	Plain    string
	HTML     string
}

// TemplateFolder is a folder of reply templates; folders form a tree.
type TemplateFolder struct {
	ID          TemplateFolderID
	Parent      TemplateFolderID // 0 at the top
	Name        string
	Description string
}

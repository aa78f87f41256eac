package desk

import (
	"context"
	"io"

	"skranke"
	"skranke/store"
)

// Outgo hands out everything an installation keeps, as it was at one moment.
// What each hands out comes by ascending id, deleted rows too, one row in
// memory at a time.
type Outgo struct {
	desk *Desk
	tx   *store.ReadTx
}

// Export runs fn on one snapshot of everything. Others may write meanwhile.
func (d *Desk) Export(ctx context.Context, fn func(*Outgo) error) error {
	return d.db.Read(ctx, func(tx *store.ReadTx) error { return fn(&Outgo{d, tx}) })
}

// Settings returns all settings.
func (o *Outgo) Settings(ctx context.Context) (map[string]string, error) { return o.tx.Settings(ctx) }

// Ranges hands fn every range of addresses.
func (o *Outgo) Ranges(ctx context.Context, fn func(*skranke.Range) error) error {
	return o.tx.EachRange(ctx, fn)
}

// Languages hands fn every language.
func (o *Outgo) Languages(ctx context.Context, fn func(*skranke.Language) error) error {
	return o.tx.EachLanguage(ctx, fn)
}

// Priorities hands fn every priority.
func (o *Outgo) Priorities(ctx context.Context, fn func(*skranke.Priority) error) error {
	return o.tx.EachPriority(ctx, fn)
}

// TicketStatuses hands fn every user-defined status.
func (o *Outgo) TicketStatuses(ctx context.Context, fn func(*skranke.TicketStatus) error) error {
	return o.tx.EachTicketStatus(ctx, fn)
}

// ExtraFields hands fn every definition of an extra field.
func (o *Outgo) ExtraFields(ctx context.Context, fn func(*skranke.ExtraField) error) error {
	return o.tx.EachExtraField(ctx, fn)
}

// ExtraTables hands fn every definition of an extra table.
func (o *Outgo) ExtraTables(ctx context.Context, fn func(*skranke.ExtraTable) error) error {
	return o.tx.EachExtraTable(ctx, fn)
}

// ExtraRows hands fn every row of every extra table, table by table.
func (o *Outgo) ExtraRows(ctx context.Context, fn func(*skranke.ExtraRow) error) error {
	columns := map[skranke.ExtraTableID][]*skranke.ExtraField{}
	err := o.tx.EachExtraField(ctx, func(f *skranke.ExtraField) error {
		columns[f.Table] = append(columns[f.Table], f)
		return nil
	})
	if err != nil {
		return err
	}
	return o.tx.EachExtraTable(ctx, func(t *skranke.ExtraTable) error {
		return o.tx.EachExtraRow(ctx, t.ID, columns[t.ID], fn)
	})
}

// Scripts hands fn every script.
func (o *Outgo) Scripts(ctx context.Context, fn func(*skranke.Script) error) error {
	return o.tx.EachScript(ctx, fn)
}

// Users hands fn every user.
func (o *Outgo) Users(ctx context.Context, fn func(*skranke.User) error) error {
	return o.tx.EachUser(ctx, fn)
}

// Categories hands fn every category.
func (o *Outgo) Categories(ctx context.Context, fn func(*skranke.Category) error) error {
	return o.tx.EachCategory(ctx, fn)
}

// LanguageCategories hands fn every language's name of a category.
func (o *Outgo) LanguageCategories(ctx context.Context, fn func(*skranke.LanguageCategory) error) error {
	return o.tx.EachLanguageCategory(ctx, fn)
}

// Companies hands fn every company.
func (o *Outgo) Companies(ctx context.Context, fn func(*skranke.Company) error) error {
	return o.tx.EachCompany(ctx, fn)
}

// Customers hands fn every customer.
func (o *Outgo) Customers(ctx context.Context, fn func(*skranke.Customer) error) error {
	return o.tx.EachCustomer(ctx, fn)
}

// TemplateFolders hands fn every folder of reply templates.
func (o *Outgo) TemplateFolders(ctx context.Context, fn func(*skranke.TemplateFolder) error) error {
	return o.tx.EachTemplateFolder(ctx, fn)
}

// ReplyTemplates hands fn every reply template.
func (o *Outgo) ReplyTemplates(ctx context.Context, fn func(*skranke.ReplyTemplate) error) error {
	return o.tx.EachReplyTemplate(ctx, fn)
}

// Attachments hands fn every attachment.
func (o *Outgo) Attachments(ctx context.Context, fn func(*skranke.Attachment) error) error {
	return o.tx.EachAttachment(ctx, fn)
}

// Tickets hands fn every ticket.
func (o *Outgo) Tickets(ctx context.Context, fn func(*skranke.Ticket) error) error {
	return o.tx.EachTicket(ctx, fn)
}

// Messages hands fn every message.
func (o *Outgo) Messages(ctx context.Context, fn func(*skranke.Message) error) error {
	return o.tx.EachMessage(ctx, fn)
}

// Counts returns how many rows there are of each kind.
func (o *Outgo) Counts(ctx context.Context) (map[string]int64, error) { return o.tx.Counts(ctx) }

// Contents opens the contents of an attachment. The caller closes them. It
// returns CodeFileNotFound if they are lost.
func (o *Outgo) Contents(ctx context.Context, a *skranke.Attachment) (io.ReadCloser, error) {
	file, _, err := o.desk.db.Blobs().Open(ctx, a.SHA256)
	return file, err
}

// Customer returns one customer, or CodeUnknownCustomerID.
func (o *Outgo) Customer(ctx context.Context, id skranke.CustomerID) (*skranke.Customer, error) {
	return o.tx.Customer(ctx, id)
}

// User returns one user, or CodeUnknownUserID.
func (o *Outgo) User(ctx context.Context, id skranke.UserID) (*skranke.User, error) {
	return o.tx.User(ctx, id)
}

// Company returns one company, or CodeUnknownCompany.
func (o *Outgo) Company(ctx context.Context, id skranke.CompanyID) (*skranke.Company, error) {
	return o.tx.Company(ctx, id)
}

// Ticket returns one ticket, or CodeUnknownTicket.
func (o *Outgo) Ticket(ctx context.Context, id skranke.TicketID) (*skranke.Ticket, error) {
	return o.tx.Ticket(ctx, id)
}

// Message returns one message, or CodeUnknownMessage.
func (o *Outgo) Message(ctx context.Context, id skranke.MessageID) (*skranke.Message, error) {
	return o.tx.Message(ctx, id)
}

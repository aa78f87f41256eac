package desk

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"skranke"
)

// PutSetting stores a setting.
func (in *Intake) PutSetting(ctx context.Context, name, value string) error {
	if strings.TrimSpace(name) == "" {
		return skranke.Err(skranke.CodeCustomError, "a setting needs a name")
	}
	return in.tx.SetSetting(ctx, name, value)
}

// PutRange stores a range of addresses.
func (in *Intake) PutRange(ctx context.Context, r *skranke.Range) error {
	if err := checkRange(r); err != nil {
		return err
	}
	replace := func() error {
		if err := in.tx.DeleteRange(ctx, r.ID); err != nil {
			return err
		}
		return in.tx.InsertRange(ctx, r)
	}
	return in.put("range", func() int64 { return int64(r.ID) }, skranke.CodeCustomError,
		replace, func() error { return in.tx.InsertRange(ctx, r) })
}

// PutLanguage stores a language.
func (in *Intake) PutLanguage(ctx context.Context, l *skranke.Language) error {
	if err := checkLanguage(l); err != nil {
		return err
	}
	if err := in.refer(ctx, []Row{{rowFaqFolder, int64(l.FaqRoot)}}); err != nil {
		return err
	}
	return in.put(rowLanguage, func() int64 { return int64(l.ID) }, skranke.CodeUnknownLanguage,
		func() error { return in.tx.UpdateLanguage(ctx, l) }, func() error { return in.tx.InsertLanguage(ctx, l) })
}

// PutPriority stores a priority.
func (in *Intake) PutPriority(ctx context.Context, p *skranke.Priority) error {
	if err := checkPriorityRow(p); err != nil {
		return err
	}
	if err := in.refer(ctx, priorityRows(p)); err != nil {
		return err
	}
	return in.put(rowPriority, func() int64 { return int64(p.ID) }, skranke.CodeInvalidPriority,
		func() error { return in.tx.UpdatePriority(ctx, p) }, func() error { return in.tx.InsertPriority(ctx, p) })
}

// PutTicketStatus stores a user-defined status.
func (in *Intake) PutTicketStatus(ctx context.Context, s *skranke.TicketStatus) error {
	if err := checkTicketStatus(s); err != nil {
		return err
	}
	return in.put(rowTicketStatus, func() int64 { return s.ID }, skranke.CodeUnknownTicketStatus,
		func() error { return in.tx.UpdateTicketStatus(ctx, s) }, func() error { return in.tx.InsertTicketStatus(ctx, s) })
}

// PutExtraField stores the definition of an extra field. The extra table whose
// column it is must be there: else it returns NotYet.
func (in *Intake) PutExtraField(ctx context.Context, f *skranke.ExtraField) error {
	if err := in.desk.checkExtraField(f); err != nil {
		return err
	}
	if f.Domain == skranke.DomainTable {
		if err := in.need(ctx, Row{rowExtraTable, int64(f.Table)}); err != nil {
			return err
		}
	}
	if err := in.refer(ctx, []Row{{rowExtraTable, int64(f.Target)}}); err != nil {
		return err
	}
	before, err := in.ExtraField(ctx, f.ID)
	var none *NotYet
	if err != nil && !errors.As(err, &none) {
		return err
	}
	if before != nil && (f.Domain == skranke.DomainTable || before.Domain == skranke.DomainTable) &&
		(f.Domain != before.Domain || f.Table != before.Table || f.Kind != before.Kind) {
		return skranke.Err(skranke.CodeInvalidExtraField, "table and type of a column cannot change")
	}
	if err := in.checkFieldName(before, f); err != nil {
		return err
	}
	insert := func() error {
		if err := in.tx.InsertExtraField(ctx, f); err != nil || f.Domain != skranke.DomainTable {
			return err
		}
		return in.tx.AddExtraColumn(ctx, f)
	}
	err = in.put(rowExtraField, func() int64 { return int64(f.ID) }, skranke.CodeInvalidExtraField,
		func() error { return in.tx.UpdateExtraField(ctx, f) }, insert)
	if err == nil {
		copied := *f
		in.fields[f.ID], in.columns = &copied, nil
	}
	return err
}

// checkFieldName refuses a new database name that another field of the domain,
// or of the extra table, has: nobody could tell which one a caller means. Deleted
// fields do not count, and fields that have shared a name so far stay as they are.
func (in *Intake) checkFieldName(before, f *skranke.ExtraField) error {
	kept := before != nil && before.Exists() && before.FieldName == f.FieldName && before.Domain == f.Domain && before.Table == f.Table
	if f.FieldName == "" || !f.Exists() || kept {
		return nil
	}
	for _, other := range in.fields {
		if other.ID != f.ID && other.Exists() && other.FieldName == f.FieldName && other.Domain == f.Domain && other.Table == f.Table {
			return skranke.Err(skranke.CodeInvalidExtraField, "extra field %d of the same domain has the database name %q already", other.ID, f.FieldName)
		}
	}
	return nil
}

// PutCategory stores a category with its members.
func (in *Intake) PutCategory(ctx context.Context, c *skranke.Category) error {
	if err := checkCategory(c); err != nil {
		return err
	}
	if err := in.refer(ctx, categoryRows(c)); err != nil {
		return err
	}
	return in.put(rowCategory, func() int64 { return int64(c.ID) }, skranke.CodeInvalidCategory,
		func() error { return in.tx.UpdateCategory(ctx, c) }, func() error { return in.tx.InsertCategory(ctx, c) })
}

// PutLanguageCategory stores a language's name of a category.
func (in *Intake) PutLanguageCategory(ctx context.Context, c *skranke.LanguageCategory) error {
	if err := checkLanguageCategory(c); err != nil {
		return err
	}
	if err := in.refer(ctx, languageCategoryRows(c)); err != nil {
		return err
	}
	return in.put(rowLanguageCategory, func() int64 { return c.ID }, skranke.CodeInvalidCategory,
		func() error { return in.tx.UpdateLanguageCategory(ctx, c) }, func() error { return in.tx.InsertLanguageCategory(ctx, c) })
}

// PutCompany stores a company.
func (in *Intake) PutCompany(ctx context.Context, c *skranke.Company) error {
	if err := checkCompany(c); err != nil {
		return err
	}
	rows, err := in.extra(ctx, skranke.DomainCompany, c.Extra)
	if err != nil {
		return err
	}
	if err := in.refer(ctx, append(rows, companyRows(c)...)); err != nil {
		return err
	}
	return in.put(rowCompany, func() int64 { return int64(c.ID) }, skranke.CodeUnknownCompany,
		func() error { return in.tx.UpdateCompany(ctx, c) }, func() error { return in.tx.InsertCompany(ctx, c) })
}

// Secret is how a person's password comes along: as it is, or hashed. Without
// either, the person keeps the one he has; with Hashed and no Hash, he loses it.
type Secret struct {
	Password string
	Hash     string
	Hashed   bool
}

// PutCustomer stores a customer. His sessions end if his password changes.
// It returns CodeUserNameExists if somebody else has his user name.
func (in *Intake) PutCustomer(ctx context.Context, c *skranke.Customer, secret Secret) error {
	if err := checkCustomer(c); err != nil {
		return err
	}
	if err := customerNameFree(ctx, &in.tx.ReadTx, c); err != nil {
		return err
	}
	rows, err := in.extra(ctx, skranke.DomainCustomer, c.Extra)
	if err != nil {
		return err
	}
	old := ""
	if before, err := in.tx.Customer(ctx, c.ID); err == nil {
		old = before.PasswordHash
	} else if !isRefusal(err, skranke.CodeUnknownCustomerID) {
		return err
	}
	if c.PasswordHash, err = in.hash(ctx, secret, old); err != nil {
		return err
	}
	if err := in.refer(ctx, append(rows, customerRows(c)...)); err != nil {
		return err
	}
	err = in.put(rowCustomer, func() int64 { return int64(c.ID) }, skranke.CodeUnknownCustomerID,
		func() error { return in.tx.UpdateCustomer(ctx, c) }, func() error { return in.tx.InsertCustomer(ctx, c) })
	if err != nil || c.PasswordHash == old {
		return err
	}
	if _, err := in.tx.DeleteOneTimePasswords(ctx, c.ID); err != nil {
		return err
	}
	if err := forgiveCustomer(ctx, in.tx, c); err != nil {
		return err
	}
	_, err = in.tx.DeleteSessionsOf(ctx, c.ID, 0)
	return err
}

// PutUser stores a user. His sessions end if his password changes.
// It returns CodeUserNameExists if somebody else has his login or user name.
func (in *Intake) PutUser(ctx context.Context, u *skranke.User, secret Secret) error {
	if err := checkUser(u); err != nil {
		return err
	}
	if err := userNamesFree(ctx, in.tx, u); err != nil {
		return err
	}
	if u.ID == 0 { // the first id is not for people
		if err := ensureSystemUser(ctx, in.tx); err != nil {
			return err
		}
	}
	old := ""
	if before, err := in.tx.User(ctx, u.ID); err == nil {
		old = before.PasswordHash
	} else if !isRefusal(err, skranke.CodeUnknownUserID) {
		return err
	}
	var err error
	if u.PasswordHash, err = in.hash(ctx, secret, old); err != nil {
		return err
	}
	err = in.put(rowUser, func() int64 { return int64(u.ID) }, skranke.CodeUnknownUserID,
		func() error { return in.tx.UpdateUser(ctx, u) }, func() error { return in.tx.InsertUser(ctx, u) })
	if err != nil || u.PasswordHash == old {
		return err
	}
	if err := forgiveUser(ctx, in.tx, u); err != nil {
		return err
	}
	_, err = in.tx.DeleteSessionsOf(ctx, 0, u.ID)
	return err
}

// hash is what to store of a secret; old is what is stored by now.
func (in *Intake) hash(ctx context.Context, s Secret, old string) (string, error) {
	switch {
	case s.Hashed:
		return s.Hash, checkHash(s.Hash)
	case s.Password == "":
		return old, nil
	}
	if err := in.desk.opts.Password.check(s.Password); err != nil {
		return "", err
	}
	return in.desk.hashPassword(ctx, s.Password)
}

// checkHash says whether hash is one that log-ins can compare with, at a cost
// that does not stop the server.
func checkHash(hash string) error {
	if hash == "" {
		return nil
	}
	var version int
	var cost PasswordCost
	var rest string
	_, err := fmt.Sscanf(hash, "$argon2id$v=%d$m=%d,t=%d,p=1$%s", &version, &cost.MemoryKiB, &cost.Passes, &rest)
	salt, key, _ := strings.Cut(rest, "$")
	saltBytes, saltErr := base64.RawStdEncoding.DecodeString(salt)
	keyBytes, keyErr := base64.RawStdEncoding.DecodeString(key)
	switch {
	case errors.Join(err, saltErr, keyErr) != nil, version != 19, len(saltBytes) < 8, len(keyBytes) != hashLength:
		return skranke.Err(skranke.CodeCustomError, "the password hash is not of the form $argon2id$v=19$m=...,t=...,p=1$salt$key with a key of %d bytes", hashLength)
	case cost.MemoryKiB < 8 || cost.MemoryKiB > 1<<18 || cost.Passes < 1 || cost.Passes > 32:
		return skranke.Err(skranke.CodeCustomError, "the password hash asks for m=%d KiB, t=%d passes; allowed are 8 to %d KiB and 1 to 32 passes", cost.MemoryKiB, cost.Passes, 1<<18)
	}
	return nil
}

// PutTemplateFolder stores a folder of reply templates.
func (in *Intake) PutTemplateFolder(ctx context.Context, f *skranke.TemplateFolder) error {
	if err := checkTemplateFolder(f); err != nil {
		return err
	}
	if err := in.refer(ctx, []Row{{rowTemplateFolder, int64(f.Parent)}}); err != nil {
		return err
	}
	return in.put(rowTemplateFolder, func() int64 { return int64(f.ID) }, skranke.CodeCustomError,
		func() error { return in.tx.UpdateTemplateFolder(ctx, f) }, func() error { return in.tx.InsertTemplateFolder(ctx, f) })
}

// PutReplyTemplate stores a reply template with its bodies. Its attachments
// must be there: else it returns NotYet.
func (in *Intake) PutReplyTemplate(ctx context.Context, t *skranke.ReplyTemplate) error {
	if err := checkReplyTemplate(t); err != nil {
		return err
	}
	if err := in.need(ctx, attachmentRows(t.Attachments)...); err != nil {
		return err
	}
	if err := in.bodiesFree(ctx, t); err != nil {
		return err
	}
	if err := in.refer(ctx, replyTemplateRows(t)); err != nil {
		return err
	}
	err := in.put(rowTemplate, func() int64 { return int64(t.ID) }, skranke.CodeCustomError,
		func() error { return in.tx.UpdateReplyTemplate(ctx, t) }, func() error { return in.tx.InsertReplyTemplate(ctx, t) })
	if err == nil {
		for _, b := range t.Bodies {
			in.bodies[b.ID] = t.ID
		}
	}
	return err
}

// bodiesFree refuses bodies whose ids belong to another template.
func (in *Intake) bodiesFree(ctx context.Context, t *skranke.ReplyTemplate) error {
	if in.bodies == nil {
		in.bodies = map[skranke.TemplateBodyID]skranke.TemplateID{}
		err := in.tx.EachReplyTemplate(ctx, func(t *skranke.ReplyTemplate) error {
			for _, b := range t.Bodies {
				in.bodies[b.ID] = t.ID
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i, b := range t.Bodies {
		twice := b.ID != 0 && slices.ContainsFunc(t.Bodies[:i], func(o skranke.TemplateBody) bool { return o.ID == b.ID })
		if owner, ok := in.bodies[b.ID]; twice || ok && owner != t.ID {
			return skranke.Err(skranke.CodeCustomError, "body %d belongs to reply template %d already", b.ID, owner)
		}
	}
	return nil
}

// PutAttachment stores an attachment. Its contents are on disk before its row
// is. Without contents (nil) the row must name some that are kept already, or
// else the attachment has lost its file, which missing reports. Size and hash
// that were given and do not fit the contents are refused, and so is another
// attachment in the place of one that a message has: attachments do not change.
func (in *Intake) PutAttachment(ctx context.Context, a *skranke.Attachment, contents io.Reader) (missing bool, err error) {
	cleanAttachment(a)
	before, err := in.tx.Attachment(ctx, a.ID)
	if err != nil && !isRefusal(err, skranke.CodeUnknownAttachment) {
		return false, err
	}
	switch {
	case a.Key != "":
	case before != nil:
		a.Key = before.Key
	default:
		if a.Key, err = newKey(); err != nil {
			return false, err
		}
	}
	if skranke.Longer(a.Key, 255) {
		return false, skranke.Err(skranke.CodeCustomError, "the key has more than 255 characters")
	}
	if contents == nil {
		size, err := in.desk.db.Blobs().Size(ctx, a.SHA256)
		if err == nil {
			a.Size = size
		} else if missing = isRefusal(err, skranke.CodeFileNotFound); !missing {
			return false, err
		}
	} else if err := in.keep(ctx, a, contents); err != nil {
		return false, err
	}
	// Nobody begins to remove any while this transaction lasts.
	if _, pending, err := in.tx.Removals(ctx, a.SHA256, in.desk.now()); err != nil || pending {
		return false, cmp.Or(err, errBeingRemoved)
	}
	rows := []Row{{rowCustomer, int64(a.Uploader.Customer)}, {rowUser, int64(a.Uploader.User)}}
	if err := in.refer(ctx, rows); err != nil {
		return false, err
	}
	replace := func() error {
		if before == nil {
			return skranke.Err(skranke.CodeUnknownAttachment, "attachment %d", a.ID)
		}
		same := *a
		same.CreatedAt = before.CreatedAt
		if same == *before && a.CreatedAt.Equal(before.CreatedAt) {
			return nil
		}
		if err := in.tx.DeleteAttachment(ctx, a.ID); err != nil {
			return err
		}
		return in.tx.InsertAttachment(ctx, a)
	}
	return missing, in.put(rowAttachment, func() int64 { return int64(a.ID) }, skranke.CodeUnknownAttachment,
		replace, func() error { return in.tx.InsertAttachment(ctx, a) })
}

// keep stores the contents of a and compares them with what a says of them.
func (in *Intake) keep(ctx context.Context, a *skranke.Attachment, contents io.Reader) error {
	w, err := in.desk.spool(contents)
	if err != nil {
		return err
	}
	defer w.Abort()
	sha, size, err := w.Commit(ctx)
	switch {
	case err != nil:
		return err
	case a.SHA256 != "" && a.SHA256 != sha:
		return skranke.Err(skranke.CodeUnknownAttachment, "the contents do not have the SHA-256 %s: they are damaged", a.SHA256)
	case a.Size != 0 && a.Size != size:
		return skranke.Err(skranke.CodeUnknownAttachment, "the contents have %d bytes, not %d: they are damaged", size, a.Size)
	}
	a.SHA256, a.Size = sha, size
	return nil
}

// PutTicket stores a ticket. Its customers must be there: else it returns NotYet.
func (in *Intake) PutTicket(ctx context.Context, t *skranke.Ticket) error {
	if err := checkTicket(t); err != nil {
		return err
	}
	customers := make([]Row, len(t.Customers))
	for i, c := range t.Customers {
		customers[i] = Row{rowCustomer, int64(c)}
	}
	if err := in.need(ctx, customers...); err != nil {
		return err
	}
	rows, err := in.extra(ctx, skranke.DomainTicket, t.Extra)
	if err != nil {
		return err
	}
	if err := in.refer(ctx, append(rows, ticketRows(t)...)); err != nil {
		return err
	}
	return in.put(rowTicket, func() int64 { return int64(t.ID) }, skranke.CodeUnknownTicket,
		func() error { return in.tx.UpdateTicket(ctx, t) }, func() error { return in.tx.InsertTicket(ctx, t) })
}

// PutMessage stores a message. Its ticket and attachments must be there: else
// it returns NotYet.
func (in *Intake) PutMessage(ctx context.Context, m *skranke.Message) error {
	if err := checkMessageRow(m); err != nil {
		return err
	}
	if err := in.need(ctx, append(attachmentRows(m.Attachments), Row{rowTicket, int64(m.Ticket)})...); err != nil {
		return err
	}
	if err := in.refer(ctx, []Row{{rowUser, int64(m.CreatedBy)}, {rowUser, int64(m.ChangedBy)}, {rowCustomer, int64(m.Customer)}}); err != nil {
		return err
	}
	return in.put("message", func() int64 { return int64(m.ID) }, skranke.CodeUnknownMessage,
		func() error { return in.tx.UpdateMessage(ctx, m) }, func() error { return in.tx.InsertMessage(ctx, m) })
}

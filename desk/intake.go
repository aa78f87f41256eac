package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"skranke"
	"skranke/store"
)

// Row names a row that others refer to, by its kind's word and its id.
type Row struct {
	Kind string
	ID   int64
}

func (r Row) String() string { return fmt.Sprintf("%s %d", r.Kind, r.ID) }

// The kinds of rows others refer to.
const (
	rowAttachment       = "attachment"
	rowCategory         = "category"
	rowCompany          = "company"
	rowCustomer         = "customer"
	rowExtraField       = "extra_field"
	rowExtraTable       = "extra_table"
	rowFaqEntry         = "faq_entry"
	rowFaqFolder        = "faq_folder"
	rowLanguage         = "language"
	rowLanguageCategory = "language_category"
	rowMessage          = "message"
	rowPriority         = "priority"
	rowScript           = "script"
	rowTemplate         = "reply_template"
	rowTemplateFolder   = "template_folder"
	rowTicket           = "ticket"
	rowTicketStatus     = "ticket_status"
	rowUser             = "user"
)

// NotYet is the refusal of a row that cannot be stored before the row it names
// is. It may be put again later.
type NotYet struct{ Row }

func (e *NotYet) Error() string {
	return fmt.Sprintf("there is no %s, neither in the database nor in what is being imported", e.Row)
}

// Owed is a reference to a row that is not there.
type Owed struct {
	Row
	Mark int // of the row that refers to it
}

// Intake takes in rows with their ids. Putting a row whose id exists replaces
// it, so the same rows may be put twice; an id of 0 makes a new row and is set.
// A row that is refused leaves nothing behind, and further ones may follow.
// Names that must be unique are; references may point to rows that follow.
type Intake struct {
	// Mark is handed back with references that were still owed at the end.
	Mark int

	desk    *Desk
	tx      *store.WriteTx
	known   map[Row]struct{} // rows that were seen to exist
	owed    map[Row][]int    // marks of those who refer to a row not seen yet
	fields  map[skranke.ExtraFieldID]*skranke.ExtraField
	columns map[skranke.ExtraTableID][]*skranke.ExtraField // of fields, by their tables
	bodies  map[skranke.TemplateBodyID]skranke.TemplateID  // which template each body belongs to
}

func newIntake(d *Desk, tx *store.WriteTx) *Intake {
	return &Intake{desk: d, tx: tx, known: map[Row]struct{}{}, owed: map[Row][]int{}}
}

// maxKnown bounds the memory known takes; what it forgets is looked up again.
const maxKnown = 1 << 20

// Import runs fn in one transaction that keeps all rows fn has put, or none if
// fn fails. References still owed at the end are fn's to look at, see Owed.
// Everybody else's writes wait meanwhile.
//
// Nobody can store meanwhile that a file is removed, and fn may put its contents: so
// Import begins when no removal is pending, or when it has waited for long enough.
func (d *Desk) Import(ctx context.Context, fn func(*Intake) error) error {
	pending, err := d.whilePending(ctx, func() (bool, error) { return d.importUnless(ctx, true, fn) })
	if err == nil && pending {
		_, err = d.importUnless(ctx, false, fn)
	}
	return err
}

// importUnless imports, unless it is to heed removals and one may still take effect.
func (d *Desk) importUnless(ctx context.Context, heed bool, fn func(*Intake) error) (pending bool, err error) {
	begun := false
	err = d.writeLists(ctx, func(tx *store.WriteTx) (err error) {
		if begun {
			return errors.New("another process held the database: nothing was imported, try again")
		}
		if heed {
			if pending, err = tx.AnyRemoval(ctx, d.now()); err != nil || pending {
				return cmp.Or(err, errBeingRemoved)
			}
		}
		begun = true
		in := newIntake(d, tx)
		if err := fn(in); err != nil {
			return err
		}
		return ensureSystemUser(ctx, tx)
	})
	if pending {
		return true, nil
	}
	return false, err
}

// Owed returns the references to rows that are still not there.
func (in *Intake) Owed(ctx context.Context) ([]Owed, error) {
	var list []Owed
	for row, marks := range in.owed {
		ok, err := in.exists(ctx, row)
		if err != nil {
			return nil, err
		}
		if ok {
			continue
		}
		for _, mark := range marks {
			list = append(list, Owed{row, mark})
		}
	}
	return list, nil
}

// exists says whether the row is there, deleted or not.
func (in *Intake) exists(ctx context.Context, row Row) (bool, error) {
	if _, ok := in.known[row]; ok {
		return true, nil
	}
	ok, err := rowExists(ctx, in.tx, row)
	if ok {
		in.learn(row)
	}
	return ok, err
}

func (in *Intake) learn(row Row) {
	if len(in.known) >= maxKnown {
		clear(in.known)
	}
	in.known[row] = struct{}{}
}

// rowExists looks for a row in the database. Deleted rows are there as well:
// old tickets go on naming them.
func rowExists(ctx context.Context, tx *store.WriteTx, row Row) (bool, error) {
	var err error
	switch row.Kind {
	case rowAttachment:
		_, err = tx.Attachment(ctx, skranke.AttachmentID(row.ID))
	case rowCompany:
		_, err = tx.Company(ctx, skranke.CompanyID(row.ID))
	case rowCustomer:
		_, err = tx.Customer(ctx, skranke.CustomerID(row.ID))
	case rowFaqEntry:
		_, err = tx.FaqEntry(ctx, skranke.FaqEntryID(row.ID))
	case rowFaqFolder:
		_, err = tx.FaqFolder(ctx, skranke.FaqFolderID(row.ID))
	case rowMessage:
		_, err = tx.Message(ctx, skranke.MessageID(row.ID))
	case rowScript:
		_, err = tx.Script(ctx, skranke.ScriptID(row.ID))
	case rowTicket:
		_, err = tx.Ticket(ctx, skranke.TicketID(row.ID))
	case rowTicketStatus:
		_, err = tx.TicketStatus(ctx, row.ID)
	case rowTemplate:
		_, err = tx.ReplyTemplate(ctx, skranke.TemplateID(row.ID))
	case rowTemplateFolder:
		_, err = tx.TemplateFolder(ctx, skranke.TemplateFolderID(row.ID))
	case rowUser:
		if row.ID == int64(skranke.SystemUser) {
			return true, nil
		}
		_, err = tx.User(ctx, skranke.UserID(row.ID))
	default:
		return inLists(ctx, tx, row)
	}
	var refusal *skranke.Error
	if errors.As(err, &refusal) {
		return false, nil
	}
	return err == nil, err
}

// inLists looks for a row of the kinds that are few.
func inLists(ctx context.Context, tx *store.WriteTx, row Row) (bool, error) {
	found := false
	is := func(id int64) error {
		found = found || id == row.ID
		return nil
	}
	var err error
	switch row.Kind {
	case rowCategory:
		err = tx.EachCategory(ctx, func(c *skranke.Category) error { return is(int64(c.ID)) })
	case rowCountry:
		err = tx.EachCountry(ctx, func(c *skranke.Country) error { return is(int64(c.ID)) })
	case rowBusiness:
		err = tx.EachBusiness(ctx, func(b *skranke.Business) error { return is(int64(b.ID)) })
	case rowContactCategory:
		err = tx.EachContactCategory(ctx, func(c *skranke.ContactCategory) error { return is(int64(c.ID)) })
	case rowSyncAgent:
		err = tx.EachSyncAgent(ctx, func(a *skranke.SyncAgent) error { return is(int64(a.ID)) })
	case rowExtraTable:
		err = tx.EachExtraTable(ctx, func(t *skranke.ExtraTable) error { return is(int64(t.ID)) })
	case rowExtraField:
		err = tx.EachExtraField(ctx, func(f *skranke.ExtraField) error { return is(int64(f.ID)) })
	case rowLanguage:
		err = tx.EachLanguage(ctx, func(l *skranke.Language) error { return is(int64(l.ID)) })
	case rowLanguageCategory:
		err = tx.EachLanguageCategory(ctx, func(c *skranke.LanguageCategory) error { return is(c.ID) })
	case rowPriority:
		err = tx.EachPriority(ctx, func(p *skranke.Priority) error { return is(int64(p.ID)) })
	default:
		return false, fmt.Errorf("looking for %s: unknown kind", row)
	}
	return found, err
}

// refer notes references that may be to rows that follow.
func (in *Intake) refer(ctx context.Context, rows []Row) error {
	for _, row := range rows {
		if row.ID == 0 {
			continue
		}
		ok, err := in.exists(ctx, row)
		if err != nil {
			return err
		}
		if !ok {
			in.owed[row] = append(in.owed[row], in.Mark)
		}
	}
	return nil
}

// need returns NotYet for the first of the rows that is not there.
func (in *Intake) need(ctx context.Context, rows ...Row) error {
	for _, row := range rows {
		ok, err := in.exists(ctx, row)
		if err != nil {
			return err
		}
		if !ok {
			return &NotYet{row}
		}
	}
	return nil
}

// ExtraField returns the definition of an extra field, NotYet if there is none.
func (in *Intake) ExtraField(ctx context.Context, id skranke.ExtraFieldID) (*skranke.ExtraField, error) {
	if err := in.loadFields(ctx); err != nil {
		return nil, err
	}
	f, ok := in.fields[id]
	if !ok {
		return nil, &NotYet{Row{rowExtraField, int64(id)}}
	}
	return f, nil
}

// loadFields reads the definitions of all extra fields, once.
func (in *Intake) loadFields(ctx context.Context) error {
	if in.fields != nil {
		return nil
	}
	fields := map[skranke.ExtraFieldID]*skranke.ExtraField{}
	err := in.tx.EachExtraField(ctx, func(f *skranke.ExtraField) error {
		fields[f.ID] = f
		return nil
	})
	if err == nil {
		in.fields = fields
	}
	return err
}

// extra checks extra values and notes the rows they point to.
func (in *Intake) extra(ctx context.Context, domain skranke.Domain, values []skranke.ExtraValue) ([]Row, error) {
	var rows []Row
	for i, v := range values {
		f, err := in.ExtraField(ctx, v.Field)
		if err != nil {
			return nil, err
		}
		if err := checkExtra(f, domain, v.Value); err != nil {
			return nil, err
		}
		if hasExtra(values[:i], v.Field) {
			return nil, skranke.Err(skranke.CodeInvalidExtraField, "x_%d stands twice", v.Field)
		}
		if row, ok := extraRow(f, v.Value); ok {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// checkExtra says whether v may stand in f.
func checkExtra(f *skranke.ExtraField, domain skranke.Domain, v skranke.Value) error {
	if f.Domain != domain {
		return skranke.Err(skranke.CodeInvalidExtraField, "x_%d is a field of a %s, not of a %s", f.ID, f.Domain, domain)
	}
	if f.Type() == skranke.TypeVarchar && skranke.Longer(v.Text, skranke.MaxExtraText) {
		return skranke.Err(skranke.CodeInvalidExtraField, "x_%d has more than %d characters", f.ID, skranke.MaxExtraText)
	}
	return nil
}

// extraKindRows are the rows that relations point to, as far as they are kept here.
var extraKindRows = map[skranke.ExtraKind]string{
	skranke.ExtraCustomer:   rowCustomer,
	skranke.ExtraCompany:    rowCompany,
	skranke.ExtraTicket:     rowTicket,
	skranke.ExtraUser:       rowUser,
	skranke.ExtraAttachment: rowAttachment,
	skranke.ExtraCategory:   rowCategory,
	skranke.ExtraPriority:   rowPriority,
	skranke.ExtraFAQ:        rowFaqEntry,
}

// extraRow is the row that a relation points to.
func extraRow(f *skranke.ExtraField, v skranke.Value) (Row, bool) {
	kind, ok := extraKindRows[f.Kind]
	return Row{kind, v.Int}, ok && v.Set
}

// isRefusal says whether err is a refusal with that code, and not just any
// error, which would count as CodeCustomError.
func isRefusal(err error, code skranke.Code) bool {
	var refusal *skranke.Error
	return errors.As(err, &refusal) && refusal.Code == code
}

// put replaces the row, or inserts it if there is none of its id.
func (in *Intake) put(kind string, id func() int64, missing skranke.Code, update, insert func() error) error {
	if id() < 0 || id() > maxID {
		return skranke.Err(skranke.CodeCustomError, "%d is no id: it must be from 1 to %d", id(), maxID)
	}
	err := errors.New("no id")
	if id() != 0 {
		err = update()
	}
	if id() == 0 || isRefusal(err, missing) {
		err = insert()
	}
	if errors.Is(err, store.ErrExists) {
		return skranke.Err(skranke.CodeCustomError, "an id or name of %s %d is in use", kind, id())
	}
	if err != nil {
		return err
	}
	in.learn(Row{kind, id()})
	return nil
}

// maxID is the largest id callers of the ports can name.
//
// Spec: types/input.2
const maxID = 1<<31 - 1

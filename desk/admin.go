package desk

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"slices"

	"skranke"
	"skranke/store"
)

// seededSetting remembers that an installation was made ready once, so that an
// operator may take away what it was given.
const seededSetting = "seeded"

// Seed makes a new installation ready: the system user is there, and this
// machine, nobody else, may call every port. On any other it does nothing.
//
// Spec: types/portaccess.4
func (d *Desk) Seed(ctx context.Context) error {
	seeded := false
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		settings, err := tx.Settings(ctx)
		_, seeded = settings[seededSetting]
		return err
	})
	if err != nil || seeded {
		return err
	}
	return d.writeLists(ctx, func(tx *store.WriteTx) error {
		if err := ensureSystemUser(ctx, tx); err != nil {
			return err
		}
		ranges := 0
		err := tx.EachRange(ctx, func(*skranke.Range) error {
			ranges++
			return nil
		})
		if err != nil {
			return err
		}
		for _, port := range skranke.Ports() {
			for _, addr := range [...]string{"127.0.0.1", "::1"} {
				if ranges > 0 {
					continue
				}
				if err := tx.InsertRange(ctx, &skranke.Range{Port: port, From: addr}); err != nil {
					return err
				}
			}
		}
		return tx.SetSetting(ctx, seededSetting, "1")
	})
}

// ensureSystemUser makes the system user, should there be none.
func ensureSystemUser(ctx context.Context, tx *store.WriteTx) error {
	_, err := tx.User(ctx, skranke.SystemUser)
	if !isRefusal(err, skranke.CodeUnknownUserID) {
		return err
	}
	return tx.InsertUser(ctx, &skranke.User{ID: skranke.SystemUser, UserName: "system", Status: skranke.UserSystem})
}

// HasAdministrator says whether anybody may call the ticket and admin ports.
func (d *Desk) HasAdministrator(ctx context.Context) (bool, error) {
	found := false
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		return tx.EachUser(ctx, func(u *skranke.User) error {
			found = found || u.Status.MayLogIn() && u.Access&skranke.AccessAdministration != 0 && u.PasswordHash != ""
			return nil
		})
	})
	return found, err
}

// Operator is who acts on the command line: the user of that login or user
// name, or the system user for "". It returns CodeUserNotFound.
func (d *Desk) Operator(ctx context.Context, name string) (Actor, error) {
	if name == "" {
		return system(viaCommand), nil
	}
	var a Actor
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		u, err := tx.UserByLogin(ctx, name)
		if err == nil {
			a = Actor{User: u.ID, Auth: u.ID, Via: viaCommand}
		}
		return err
	})
	return a, err
}

// writeLists writes what may change the lists held in memory, and makes them
// count at once. Others' changes count within a second.
func (d *Desk) writeLists(ctx context.Context, fn func(*store.WriteTx) error) error {
	if err := d.db.Write(ctx, fn); err != nil {
		return err
	}
	if err := d.refreshCatalog(ctx); err != nil {
		d.log.WarnContext(ctx, "reading the lists failed, will try again", "error", err)
	}
	return nil
}

// change runs put in a transaction and refuses references to rows that are not
// there, with the code of their kind.
func (d *Desk) change(ctx context.Context, put func(*Intake) error) error {
	return d.writeLists(ctx, func(tx *store.WriteTx) error {
		in := newIntake(d, tx)
		err := put(in)
		var missing *NotYet
		if errors.As(err, &missing) {
			return missing.refusal()
		}
		if err != nil {
			return err
		}
		owed, err := in.Owed(ctx)
		if err == nil && len(owed) > 0 {
			return (&NotYet{owed[0].Row}).refusal()
		}
		return err
	})
}

// refusal is e for somebody who has nothing else to hand in.
func (e *NotYet) refusal() error {
	codes := map[string]skranke.Code{
		rowAttachment:   skranke.CodeUnknownAttachment,
		rowCategory:     skranke.CodeInvalidCategory,
		rowCompany:      skranke.CodeUnknownCompany,
		rowCustomer:     skranke.CodeUnknownCustomerID,
		rowExtraField:   skranke.CodeInvalidExtraField,
		rowExtraTable:   skranke.CodeUnknownExtraTable,
		rowFaqEntry:     skranke.CodeInvalidFaqEntry,
		rowFaqFolder:    skranke.CodeInvalidFaqCategory,
		rowLanguage:     skranke.CodeUnknownLanguage,
		rowPriority:     skranke.CodeInvalidPriority,
		rowTicket:       skranke.CodeUnknownTicket,
		rowTicketStatus: skranke.CodeUnknownTicketStatus,
		rowUser:         skranke.CodeUnknownUserID,
	}
	code, ok := codes[e.Kind]
	if !ok {
		code = skranke.CodeCustomError
	}
	return skranke.Err(code, "there is no %s", e.Row)
}

// add puts a copy of row, without its id, and sets row to what was stored.
func add[T any](ctx context.Context, d *Desk, row *T, fresh func(*T), put func(*Intake, *T) error) error {
	var stored T
	err := d.change(ctx, func(in *Intake) error {
		stored = *row // put may run again
		fresh(&stored)
		return put(in, &stored)
	})
	if err == nil {
		*row = stored
	}
	return err
}

// set edits the row find returns and puts it back. edit may run more than once
// and leaves the id alone.
func set[T any](ctx context.Context, d *Desk, find func(*store.WriteTx) (*T, error), edit func(*T) error, keep func(row, old *T), put func(*Intake, *T) error) error {
	return d.change(ctx, func(in *Intake) error {
		row, err := find(in.tx)
		if err != nil {
			return err
		}
		old := *row
		if err := edit(row); err != nil {
			return err
		}
		keep(row, &old)
		return put(in, row)
	})
}

// onlyOne finds one row among few.
func onlyOne[T any](each func(fn func(*T) error) error, is func(*T) bool, code skranke.Code, what string, id int64) (*T, error) {
	var found *T
	err := each(func(row *T) error {
		if is(row) {
			found = row
		}
		return nil
	})
	if err == nil && found == nil {
		return nil, skranke.Err(code, "there is no %s %d", what, id)
	}
	return found, err
}

// AddCustomer stores a new customer and sets his id. password may be "": then
// he cannot log in. It returns CodeUserNameExists, CodeUnknownCompany and the
// codes of his other references, and CodeCustomError for texts and passwords
// that may not be.
func (d *Desk) AddCustomer(ctx context.Context, c *skranke.Customer, password string) error {
	return add(ctx, d, c, func(c *skranke.Customer) { c.ID = 0; d.register(&c.Card) }, func(in *Intake, c *skranke.Customer) error {
		if err := liveCompany(ctx, in.tx, c.Company); err != nil {
			return err
		}
		return in.PutCustomer(ctx, c, Secret{Password: password})
	})
}

// SetCustomer changes what edit changes of a customer. It returns
// CodeUnknownCustomerID, or what AddCustomer does.
func (d *Desk) SetCustomer(ctx context.Context, id skranke.CustomerID, edit func(*skranke.Customer) error) error {
	var company skranke.CompanyID
	return set(ctx, d, func(tx *store.WriteTx) (*skranke.Customer, error) { return tx.Customer(ctx, id) }, edit,
		func(c, old *skranke.Customer) {
			c.ID, company = old.ID, old.Company
			d.update(&c.Card, &old.Card)
		},
		func(in *Intake, c *skranke.Customer) error {
			if c.Company != company {
				if err := liveCompany(ctx, in.tx, c.Company); err != nil {
					return err
				}
			}
			return in.PutCustomer(ctx, c, Secret{})
		})
}

// SetCustomerPassword gives a customer a new password and ends his sessions.
// It returns CodeEmptyPassword or CodeCustomError for one that may not be.
//
// Spec: types/sec.4
func (d *Desk) SetCustomerPassword(ctx context.Context, id skranke.CustomerID, password string) error {
	if err := d.opts.Password.check(password); err != nil {
		return err
	}
	return d.change(ctx, func(in *Intake) error {
		c, err := in.tx.Customer(ctx, id)
		if err != nil {
			return err
		}
		return in.PutCustomer(ctx, c, Secret{Password: password})
	})
}

// liveCompany refuses a company that is not there or is deleted.
func liveCompany(ctx context.Context, tx *store.WriteTx, id skranke.CompanyID) error {
	if id == 0 {
		return nil
	}
	c, err := tx.Company(ctx, id)
	if err == nil && c.Deleted {
		return skranke.Err(skranke.CodeUnknownCompany, "company %d is deleted", id)
	}
	return err
}

// AddUser stores a new user and sets his id. password may be "": then he cannot
// log in. It returns CodeUserNameExists if a user has one of his names.
func (d *Desk) AddUser(ctx context.Context, u *skranke.User, password string) error {
	return add(ctx, d, u, func(u *skranke.User) { u.ID = 0 },
		func(in *Intake, u *skranke.User) error { return in.PutUser(ctx, u, Secret{Password: password}) })
}

// SetUser changes what edit changes of a user. It returns CodeUnknownUserID, or
// what AddUser does.
func (d *Desk) SetUser(ctx context.Context, id skranke.UserID, edit func(*skranke.User) error) error {
	return set(ctx, d, func(tx *store.WriteTx) (*skranke.User, error) { return tx.User(ctx, id) }, edit,
		func(u, old *skranke.User) { u.ID = old.ID },
		func(in *Intake, u *skranke.User) error { return in.PutUser(ctx, u, Secret{}) })
}

// SetUserPassword gives a user a new password and ends his sessions. It returns
// CodeEmptyPassword or CodeCustomError for one that may not be.
//
// Spec: types/sec.4
func (d *Desk) SetUserPassword(ctx context.Context, id skranke.UserID, password string) error {
	if err := d.opts.Password.check(password); err != nil {
		return err
	}
	return d.change(ctx, func(in *Intake) error {
		u, err := in.tx.User(ctx, id)
		if err != nil {
			return err
		}
		if u.Status == skranke.UserSystem {
			return skranke.Err(skranke.CodeCustomError, "user %d stands for nobody in particular and cannot log in", id)
		}
		return in.PutUser(ctx, u, Secret{Password: password})
	})
}

// AddCompany stores a new company and sets its id.
func (d *Desk) AddCompany(ctx context.Context, c *skranke.Company) error {
	return add(ctx, d, c, func(c *skranke.Company) { c.ID = 0; d.register(&c.Card) },
		func(in *Intake, c *skranke.Company) error { return in.PutCompany(ctx, c) })
}

// SetCompany changes what edit changes of a company. It returns CodeUnknownCompany.
func (d *Desk) SetCompany(ctx context.Context, id skranke.CompanyID, edit func(*skranke.Company) error) error {
	return set(ctx, d, func(tx *store.WriteTx) (*skranke.Company, error) { return tx.Company(ctx, id) }, edit,
		func(c, old *skranke.Company) {
			c.ID = old.ID
			d.update(&c.Card, &old.Card)
		},
		func(in *Intake, c *skranke.Company) error { return in.PutCompany(ctx, c) })
}

// AddCategory stores a new category and sets its id.
func (d *Desk) AddCategory(ctx context.Context, c *skranke.Category) error {
	return add(ctx, d, c, func(c *skranke.Category) { c.ID = 0 }, func(in *Intake, c *skranke.Category) error {
		return in.PutCategory(ctx, c)
	})
}

// SetCategory changes what edit changes of a category. It returns
// CodeInvalidCategory for an unknown one, and for a parent that is below it.
func (d *Desk) SetCategory(ctx context.Context, id skranke.CategoryID, edit func(*skranke.Category) error) error {
	find := func(tx *store.WriteTx) (*skranke.Category, error) {
		return onlyOne(func(fn func(*skranke.Category) error) error { return tx.EachCategory(ctx, fn) },
			func(c *skranke.Category) bool { return c.ID == id }, skranke.CodeInvalidCategory, "category", int64(id))
	}
	return set(ctx, d, find, edit, func(c, old *skranke.Category) { c.ID = old.ID },
		func(in *Intake, c *skranke.Category) error {
			if err := in.PutCategory(ctx, c); err != nil {
				return err
			}
			return noCircle(ctx, in.tx, c.ID)
		})
}

// noCircle refuses a category that is among its own parents.
func noCircle(ctx context.Context, tx *store.WriteTx, id skranke.CategoryID) error {
	parents := map[skranke.CategoryID]skranke.CategoryID{}
	err := tx.EachCategory(ctx, func(c *skranke.Category) error {
		parents[c.ID] = c.Parent
		return nil
	})
	if err != nil {
		return err
	}
	for at, steps := parents[id], 0; at != 0 && steps <= len(parents); at, steps = parents[at], steps+1 {
		if at == id {
			return skranke.Err(skranke.CodeInvalidCategory, "category %d would stand below itself", id)
		}
	}
	return nil
}

// AddPriority stores a new priority and sets its id.
func (d *Desk) AddPriority(ctx context.Context, p *skranke.Priority) error {
	return add(ctx, d, p, func(p *skranke.Priority) { p.ID = 0 },
		func(in *Intake, p *skranke.Priority) error { return in.PutPriority(ctx, p) })
}

// SetPriority changes what edit changes of a priority. It returns CodeInvalidPriority.
func (d *Desk) SetPriority(ctx context.Context, id skranke.PriorityID, edit func(*skranke.Priority) error) error {
	find := func(tx *store.WriteTx) (*skranke.Priority, error) {
		return onlyOne(func(fn func(*skranke.Priority) error) error { return tx.EachPriority(ctx, fn) },
			func(p *skranke.Priority) bool { return p.ID == id }, skranke.CodeInvalidPriority, "priority", int64(id))
	}
	return set(ctx, d, find, edit, func(p, old *skranke.Priority) { p.ID = old.ID },
		func(in *Intake, p *skranke.Priority) error { return in.PutPriority(ctx, p) })
}

// AddTicketStatus stores a new user-defined status and sets its id.
func (d *Desk) AddTicketStatus(ctx context.Context, s *skranke.TicketStatus) error {
	return add(ctx, d, s, func(s *skranke.TicketStatus) { s.ID = 0 },
		func(in *Intake, s *skranke.TicketStatus) error { return in.PutTicketStatus(ctx, s) })
}

// SetTicketStatus changes what edit changes of a user-defined status. It
// returns CodeUnknownTicketStatus.
func (d *Desk) SetTicketStatus(ctx context.Context, id int64, edit func(*skranke.TicketStatus) error) error {
	return set(ctx, d, func(tx *store.WriteTx) (*skranke.TicketStatus, error) { return tx.TicketStatus(ctx, id) }, edit,
		func(s, old *skranke.TicketStatus) { s.ID = old.ID },
		func(in *Intake, s *skranke.TicketStatus) error { return in.PutTicketStatus(ctx, s) })
}

// AddExtraField stores the definition of a new extra field and sets its id.
func (d *Desk) AddExtraField(ctx context.Context, f *skranke.ExtraField) error {
	return add(ctx, d, f, func(f *skranke.ExtraField) { f.ID = 0 },
		func(in *Intake, f *skranke.ExtraField) error { return in.PutExtraField(ctx, f) })
}

// SetExtraField changes what edit changes of a definition. Its domain and type
// stay: the values that are stored have them. It returns CodeInvalidExtraField.
func (d *Desk) SetExtraField(ctx context.Context, id skranke.ExtraFieldID, edit func(*skranke.ExtraField) error) error {
	find := func(tx *store.WriteTx) (*skranke.ExtraField, error) {
		return onlyOne(func(fn func(*skranke.ExtraField) error) error { return tx.EachExtraField(ctx, fn) },
			func(f *skranke.ExtraField) bool { return f.ID == id }, skranke.CodeInvalidExtraField, "extra field", int64(id))
	}
	var before skranke.ExtraField
	return set(ctx, d, find, edit, func(f, old *skranke.ExtraField) { f.ID, before = old.ID, *old },
		func(in *Intake, f *skranke.ExtraField) error {
			if f.Domain != before.Domain || f.Table != before.Table || f.Kind != before.Kind {
				return skranke.Err(skranke.CodeInvalidExtraField, "domain and type of an extra field cannot change: add another field, and delete this one")
			}
			return in.PutExtraField(ctx, f)
		})
}

// AddLanguage stores a new language and sets its id.
func (d *Desk) AddLanguage(ctx context.Context, l *skranke.Language) error {
	return add(ctx, d, l, func(l *skranke.Language) { l.ID = 0 },
		func(in *Intake, l *skranke.Language) error { return in.PutLanguage(ctx, l) })
}

// SetLanguage changes what edit changes of a language. It returns CodeUnknownLanguage.
func (d *Desk) SetLanguage(ctx context.Context, id skranke.LanguageID, edit func(*skranke.Language) error) error {
	find := func(tx *store.WriteTx) (*skranke.Language, error) {
		return onlyOne(func(fn func(*skranke.Language) error) error { return tx.EachLanguage(ctx, fn) },
			func(l *skranke.Language) bool { return l.ID == id }, skranke.CodeUnknownLanguage, "language", int64(id))
	}
	return set(ctx, d, find, edit, func(l, old *skranke.Language) { l.ID = old.ID },
		func(in *Intake, l *skranke.Language) error { return in.PutLanguage(ctx, l) })
}

// AddLanguageCategory stores a language's name for a category and sets its id.
// It returns CodeUnknownLanguage or CodeInvalidCategory for one that is not there.
func (d *Desk) AddLanguageCategory(ctx context.Context, c *skranke.LanguageCategory) error {
	return add(ctx, d, c, func(c *skranke.LanguageCategory) { c.ID = 0 },
		func(in *Intake, c *skranke.LanguageCategory) error { return in.PutLanguageCategory(ctx, c) })
}

// SetLanguageCategory changes what edit changes of a language's category. It
// returns CodeInvalidCategory if there is none.
func (d *Desk) SetLanguageCategory(ctx context.Context, id int64, edit func(*skranke.LanguageCategory) error) error {
	find := func(tx *store.WriteTx) (*skranke.LanguageCategory, error) {
		return onlyOne(func(fn func(*skranke.LanguageCategory) error) error { return tx.EachLanguageCategory(ctx, fn) },
			func(c *skranke.LanguageCategory) bool { return c.ID == id }, skranke.CodeInvalidCategory, "language category", id)
	}
	return set(ctx, d, find, edit, func(c, old *skranke.LanguageCategory) { c.ID = old.ID },
		func(in *Intake, c *skranke.LanguageCategory) error { return in.PutLanguageCategory(ctx, c) })
}

// AddReplyTemplate stores a new reply template and sets its id.
func (d *Desk) AddReplyTemplate(ctx context.Context, t *skranke.ReplyTemplate) error {
	return add(ctx, d, t, func(t *skranke.ReplyTemplate) { t.ID, t.Bodies = 0, slices.Clone(t.Bodies) },
		func(in *Intake, t *skranke.ReplyTemplate) error { return in.PutReplyTemplate(ctx, t) })
}

// SetReplyTemplate changes what edit changes of a reply template. It returns
// CodeCustomError if there is none.
func (d *Desk) SetReplyTemplate(ctx context.Context, id skranke.TemplateID, edit func(*skranke.ReplyTemplate) error) error {
	return set(ctx, d, func(tx *store.WriteTx) (*skranke.ReplyTemplate, error) { return tx.ReplyTemplate(ctx, id) }, edit,
		func(t, old *skranke.ReplyTemplate) { t.ID = old.ID },
		func(in *Intake, t *skranke.ReplyTemplate) error { return in.PutReplyTemplate(ctx, t) })
}

// AddTemplateFolder stores a new folder of reply templates and sets its id.
func (d *Desk) AddTemplateFolder(ctx context.Context, f *skranke.TemplateFolder) error {
	return add(ctx, d, f, func(f *skranke.TemplateFolder) { f.ID = 0 },
		func(in *Intake, f *skranke.TemplateFolder) error { return in.PutTemplateFolder(ctx, f) })
}

// SetTemplateFolder changes what edit changes of a folder. It returns
// CodeCustomError if there is none.
func (d *Desk) SetTemplateFolder(ctx context.Context, id skranke.TemplateFolderID, edit func(*skranke.TemplateFolder) error) error {
	return set(ctx, d, func(tx *store.WriteTx) (*skranke.TemplateFolder, error) { return tx.TemplateFolder(ctx, id) }, edit,
		func(f, old *skranke.TemplateFolder) { f.ID = old.ID },
		func(in *Intake, f *skranke.TemplateFolder) error { return in.PutTemplateFolder(ctx, f) })
}

// SetTicketRow changes what edit changes of a ticket, past the rules of the
// desk: nobody is told and no clock is set. It is for putting right what is
// wrong. It returns CodeUnknownTicket.
func (d *Desk) SetTicketRow(ctx context.Context, id skranke.TicketID, edit func(*skranke.Ticket) error) error {
	return set(ctx, d, func(tx *store.WriteTx) (*skranke.Ticket, error) { return tx.Ticket(ctx, id) }, edit,
		func(t, old *skranke.Ticket) { t.ID = old.ID },
		func(in *Intake, t *skranke.Ticket) error { return in.PutTicket(ctx, t) })
}

// Ranges lists who may call which port, by id.
func (d *Desk) Ranges(ctx context.Context) ([]skranke.Range, error) {
	var list []skranke.Range
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		list = nil
		return tx.EachRange(ctx, func(r *skranke.Range) error {
			list = append(list, *r)
			return nil
		})
	})
	return list, err
}

// AddRange lets a range of addresses call a port and sets its id. It returns
// CodeCustomError if it is no range.
//
// Spec: types/portaccess.2
func (d *Desk) AddRange(ctx context.Context, r *skranke.Range) error {
	return add(ctx, d, r, func(r *skranke.Range) { r.ID = 0 },
		func(in *Intake, r *skranke.Range) error { return in.PutRange(ctx, r) })
}

// DeleteRange takes a range away. It returns CodeCustomError if there is none.
//
// Spec: types/portaccess.2
func (d *Desk) DeleteRange(ctx context.Context, id skranke.RangeID) error {
	return d.writeLists(ctx, func(tx *store.WriteTx) error { return tx.DeleteRange(ctx, id) })
}

// StoreAttachment stores a file, linked to nothing yet, and returns its id. Of
// name the part after the last slash or backslash is kept. It returns
// CodeCustomError if the contents are too large.
//
// Spec: customer/addAttachment, types/limit.2
func (d *Desk) StoreAttachment(ctx context.Context, a Actor, name, contentType string, contents io.Reader) (skranke.AttachmentID, error) {
	return d.storeAttachment(ctx, a, name, contentType, func() (*store.BlobWriter, error) { return d.spool(contents) })
}

// StoreSpooled is StoreAttachment for contents that lie in a file already, in
// the folder where blobs are spooled, and whose SHA-256 is known. The file is
// gone after that, also if there was an error.
//
// Spec: customer/addAttachment, types/limit.2
func (d *Desk) StoreSpooled(ctx context.Context, a Actor, name, contentType, path string, sum [sha256.Size]byte) (skranke.AttachmentID, error) {
	return d.storeAttachment(ctx, a, name, contentType, func() (*store.BlobWriter, error) { return d.adopt(path, sum) })
}

func (d *Desk) storeAttachment(ctx context.Context, a Actor, name, contentType string, spool func() (*store.BlobWriter, error)) (skranke.AttachmentID, error) {
	file := skranke.Attachment{
		Name: name, ContentType: contentType,
		Uploader: skranke.Uploader{Customer: a.Customer, User: a.User},
	}
	cleanAttachment(&file)
	var err error
	if file.Key, err = newKey(); err != nil {
		return 0, err
	}
	anonymous := file.Uploader == skranke.Uploader{}
	if anonymous {
		err := d.db.Read(ctx, func(tx *store.ReadTx) error { return d.shareLeft(ctx, tx, a.Addr, d.opts.Brake.uploads()) })
		if err != nil {
			return 0, err
		}
	}
	contents, err := spool()
	if err != nil {
		return 0, err
	}
	defer contents.Abort()
	file.SHA256, file.Size = contents.Name(), contents.Size()
	var id skranke.AttachmentID
	err = d.writeWith(ctx, contents, func(tx *store.WriteTx) error {
		if anonymous {
			if err := d.takeShare(ctx, tx, a.Addr, d.opts.Brake.uploads()); err != nil {
				return err
			}
		}
		row := file
		row.CreatedAt = d.now()
		if err := tx.InsertAttachment(ctx, &row); err != nil {
			return err
		}
		id = row.ID
		return d.record(ctx, tx, a, logAddAttachment, rowAttachment, int64(id), changesOf(attachmentLog, nil, &row))
	})
	return id, err
}

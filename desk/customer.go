package desk

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"skranke"
	"skranke/store"
)

// CustomerView is what a caller gets of a customer: the fields he named and all
// his addresses.
type CustomerView struct {
	Fields []FieldValue
	Emails []string
}

// Customer returns the named fields of a customer and all his e-mail addresses.
// One name that is no field fails the whole call, with CodeInvalidField or, for
// an extra field, CodeInvalidExtraField. A deleted customer is as unknown as one
// who never was: CodeUnknownCustomerID.
//
// Spec: customer/getCustomer, ticket/getCustomer
func (d *Desk) Customer(ctx context.Context, a Actor, id skranke.CustomerID, names []string) (*CustomerView, error) {
	var view *CustomerView
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		c, err := d.catalogOf(ctx, tx)
		if err != nil {
			return err
		}
		customer, err := liveCustomer(ctx, tx, id)
		if err != nil {
			return err
		}
		record := &skranke.CustomerRecord{Customer: *customer}
		if language := c.languages[customer.Language]; language != nil {
			record.LanguageCode = language.Code
		}
		fields, err := namedValues(c, a, skranke.CustomerFields, skranke.DomainCustomer, record, customer.Extra, names)
		if err != nil {
			return err
		}
		view = &CustomerView{Fields: fields, Emails: customer.Emails}
		return nil
	})
	return view, err
}

// liveCustomer reads a customer who is not deleted, else CodeUnknownCustomerID.
func liveCustomer(ctx context.Context, tx *store.ReadTx, id skranke.CustomerID) (*skranke.Customer, error) {
	c, err := tx.Customer(ctx, id)
	if err == nil && c.Deleted {
		return nil, skranke.Err(skranke.CodeUnknownCustomerID, "customer %d is deleted", id)
	}
	return c, err
}

// CompanyOf returns the named fields of the customer's company. A customer
// without one gets every field blank. One name that is no field fails the whole
// call, with or without a company.
//
// Spec: customer/getCompany
func (d *Desk) CompanyOf(ctx context.Context, a Actor, names []string) ([]FieldValue, error) {
	var fields []FieldValue
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		c, err := d.catalogOf(ctx, tx)
		if err != nil {
			return err
		}
		company, err := presentCompany(ctx, tx, a.Company)
		if err != nil {
			return err
		}
		fields, err = namedValues(c, a, skranke.CompanyFields, skranke.DomainCompany, company, company.Extra, names)
		for i := range fields {
			fields[i].Blank = company.ID == 0
		}
		return err
	})
	return fields, err
}

// presentCompany reads a company that is not deleted, else the zero Company.
func presentCompany(ctx context.Context, tx *store.ReadTx, id skranke.CompanyID) (*skranke.Company, error) {
	if id == 0 {
		return new(skranke.Company), nil
	}
	company, err := tx.Company(ctx, id)
	if skranke.CodeOf(err) == skranke.CodeUnknownCompany || err == nil && company.Deleted {
		return new(skranke.Company), nil
	}
	return company, err
}

// namedValues picks the named values of a row, refusing names that are no field
// of it. Empty names are passed over.
//
// Spec: types/input.4, customer/getCustomer.2, customer/getCompany.2
func namedValues[T any](c *catalog, a Actor, catalogue *skranke.Fields[T], domain skranke.Domain, row *T, extra []skranke.ExtraValue, names []string) ([]FieldValue, error) {
	values := make([]FieldValue, 0, len(names))
	for _, name := range names {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		if field, ok := catalogue.Lookup(name, a.use()); ok {
			values = append(values, FieldValue{Name: name, Type: field.Type, Value: field.Of(row)})
			continue
		}
		field, ok := c.callersExtra(a, domain, name)
		if !ok {
			return nil, unknownField(domain, name)
		}
		values = append(values, FieldValue{Name: name, Type: field.Type(), Value: extraValue(extra, field.ID)})
	}
	return values, nil
}

// unknownField is the refusal of a name: names that look like an extra field's
// have a code of their own.
func unknownField(domain skranke.Domain, name string) error {
	short := strings.TrimPrefix(skranke.Fold(name), domain.String()+".")
	if strings.HasPrefix(short, "x_") {
		return skranke.Err(skranke.CodeInvalidExtraField, "no extra field %q of a %s", name, domain)
	}
	return skranke.Err(skranke.CodeInvalidField, "no field %q of a %s", name, domain)
}

// ChangeOwnValues changes values of the customer who calls, all of them or none.
// Pairs apply in order. It returns CodeInvalidField, CodeInvalidExtraField,
// CodeEmptyPassword, CodeUnknownLanguage, CodeNoLicense (no languages here),
// CodeUnknownCompany, CodeInsufficientRights (a company may not be chosen here)
// or CodeCustomError (weak password) for the first pair that is refused.
//
// Spec: customer/setCustomer
func (d *Desk) ChangeOwnValues(ctx context.Context, a Actor, pairs []Pair) error {
	return d.ChangeCustomer(ctx, a, a.Customer, pairs)
}

// ChangeCustomer changes values of a customer, all of them or none, as
// ChangeOwnValues does. A user may change the user name as well, for
// CodeUserNameExists, may always choose the company, which leaves company access
// as it is, and by a new password ends the customer's sessions; to him the full
// name is a value of its own beside first and last name. It returns
// CodeUnknownCustomerID for a customer who is not there or deleted.
//
// Spec: ticket/setCustomer
func (d *Desk) ChangeCustomer(ctx context.Context, a Actor, id skranke.CustomerID, pairs []Pair) error {
	hash, err := d.hashLastPassword(ctx, pairs)
	if err != nil {
		return err
	}
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		c, err := d.catalogOf(ctx, &tx.ReadTx)
		if err != nil {
			return err
		}
		customer, err := liveCustomer(ctx, &tx.ReadTx, id)
		if err != nil {
			return err
		}
		before := *customer
		before.Emails, before.Extra = slices.Clone(customer.Emails), slices.Clone(customer.Extra)
		edit := customerEdit{desk: d, tx: tx, catalog: c, actor: a, customer: customer, before: before}
		for _, pair := range pairs {
			if err := edit.apply(ctx, pair); err != nil {
				return err
			}
		}
		if err := edit.finish(ctx, hash); err != nil {
			return err
		}
		if len(pairs) > 0 {
			customer.Updated = d.now()
		}
		if err := tx.UpdateCustomer(ctx, customer); err != nil {
			return err
		}
		return d.record(ctx, tx, a, logSetCustomer, rowCustomer, int64(id), customerChanges(&before, customer))
	})
}

// hashLastPassword hashes the password the pairs end up with, before a
// transaction is begun: it takes long. "" if they name none, or a refused one,
// which apply then meets in its turn.
func (d *Desk) hashLastPassword(ctx context.Context, pairs []Pair) (string, error) {
	for i := len(pairs) - 1; i >= 0; i-- {
		if settableName(pairs[i].Field) != "password" {
			continue
		}
		if d.opts.Password.check(pairs[i].Value) != nil {
			return "", nil
		}
		return d.hashPassword(ctx, pairs[i].Value)
	}
	return "", nil
}

// settableName is a field of a customer as ChangeOwnValues knows it.
func settableName(field string) string {
	return strings.TrimPrefix(skranke.Fold(strings.TrimSpace(field)), "customer.")
}

// customerEdit applies pairs to a customer.
type customerEdit struct {
	desk     *Desk
	tx       *store.WriteTx
	catalog  *catalog
	actor    Actor
	customer *skranke.Customer
	before   skranke.Customer

	fullName            *string // of a name pair
	firstName, lastName *string
	extra               []Pair
	emails              map[string]bool // all addresses, folded; made when needed
	password            bool
}

// settingCompanyChoice forbids customers to choose a company when it is "off".
const settingCompanyChoice = "customer_company_choice"

func (e *customerEdit) apply(ctx context.Context, pair Pair) error {
	c := e.customer
	switch name := settableName(pair.Field); name {
	case "name", "display_name":
		return e.text(pair, maxFullName, &e.fullName)
	case "firstname":
		return e.text(pair, maxPersonName, &e.firstName)
	case "lastname":
		return e.text(pair, maxPersonName, &e.lastName)
	case "phone":
		return e.set(pair, maxPhone, &c.Phone)
	case "cellphone":
		return e.set(pair, maxPhone, &c.CellPhone)
	case "note":
		return e.set(pair, maxNote, &c.Note)
	case "username":
		return e.userName(ctx, pair)
	case "password":
		e.password = true
		return e.desk.opts.Password.check(pair.Value)
	case "email":
		return e.addEmail(pair)
	case "language":
		return e.language(pair.Value)
	case "company":
		return e.company(ctx, pair.Value)
	default:
		// Each is checked in its turn, so that the first bad pair decides.
		e.extra = append(e.extra, pair)
		if _, ok := e.catalog.extraField(skranke.DomainCustomer, name); !ok {
			return unknownField(skranke.DomainCustomer, name)
		}
		_, err := e.desk.applyExtra(ctx, &e.tx.ReadTx, e.catalog, e.actor, skranke.DomainCustomer, c.Extra, []Pair{pair})
		return err
	}
}

// finish applies what only counts once all pairs are known.
//
// Spec: customer/setCustomer.5
func (e *customerEdit) finish(ctx context.Context, passwordHash string) (err error) {
	c := e.customer
	if err := e.names(); err != nil {
		return err
	}
	if e.password {
		c.PasswordHash = passwordHash
		if _, err := e.tx.DeleteOneTimePasswords(ctx, c.ID); err != nil {
			return err
		}
		if !e.actor.IsCustomer() {
			if err := forgiveCustomer(ctx, e.tx, c); err != nil {
				return err
			}
			if _, err := e.tx.DeleteSessionsOf(ctx, c.ID, 0); err != nil {
				return err
			}
		}
	}
	c.Extra, err = e.desk.applyExtra(ctx, &e.tx.ReadTx, e.catalog, e.actor, skranke.DomainCustomer, c.Extra, e.extra)
	return err
}

// names gives the customer the names of the pairs. What he calls himself is
// split into first and last name, of which the full name follows; a user sets
// each for itself.
//
// Spec: customer/setCustomer.5, ticket/setCustomer.3
func (e *customerEdit) names() error {
	c := e.customer
	if !e.actor.IsCustomer() {
		for _, name := range [...]struct{ from, to *string }{{e.fullName, &c.FullName}, {e.firstName, &c.FirstName}, {e.lastName, &c.LastName}} {
			if name.from != nil {
				*name.to = *name.from
			}
		}
		return nil
	}
	if e.fullName != nil {
		c.FullName = ""
		c.FirstName, c.LastName = splitName(*e.fullName)
	}
	if e.firstName != nil {
		c.FirstName, c.FullName = *e.firstName, ""
	}
	if e.lastName != nil {
		c.LastName, c.FullName = *e.lastName, ""
	}
	if skranke.Longer(c.FirstName, maxPersonName) || skranke.Longer(c.LastName, maxPersonName) {
		return skranke.Err(skranke.CodeInvalidField, "a name too long for its parts")
	}
	return nil
}

// userName gives the customer another user name, or none. Only users may.
//
// Spec: ticket/setCustomer.4, customer/setCustomer.9
func (e *customerEdit) userName(ctx context.Context, pair Pair) error {
	if e.actor.IsCustomer() {
		return unknownField(skranke.DomainCustomer, pair.Field)
	}
	e.customer.UserName = strings.TrimSpace(pair.Value)
	if err := checkLength(Pair{pair.Field, e.customer.UserName}, skranke.MaxUserName); err != nil {
		return err
	}
	return customerNameFree(ctx, &e.tx.ReadTx, e.customer)
}

func (e *customerEdit) text(pair Pair, limit int, to **string) error {
	*to = &pair.Value
	return checkLength(pair, limit)
}

func (e *customerEdit) set(pair Pair, limit int, to *string) error {
	*to = pair.Value
	return checkLength(pair, limit)
}

func checkLength(pair Pair, limit int) error {
	if skranke.Longer(pair.Value, limit) {
		return skranke.Err(skranke.CodeInvalidField, "%s has more than %d characters", pair.Field, limit)
	}
	return nil
}

// splitName splits a full name at its last blank; a single word is the first name.
func splitName(full string) (first, last string) {
	full = strings.TrimSpace(full)
	i := strings.LastIndexByte(full, ' ')
	if i < 0 {
		return full, ""
	}
	return strings.TrimSpace(full[:i]), full[i+1:]
}

// maxOwnEmails is how many addresses a customer may give himself: all are read
// with him whenever he writes.
const maxOwnEmails = 1000

// addEmail adds an address behind the others, unless it is there already.
//
// Spec: customer/setCustomer.3, customer/setCustomer.4
func (e *customerEdit) addEmail(pair Pair) error {
	address := strings.TrimSpace(pair.Value)
	if !plausibleEmail(address) {
		return skranke.Err(skranke.CodeInvalidField, "%q is no e-mail address", address)
	}
	if e.emails == nil {
		e.emails = make(map[string]bool, len(e.customer.Emails))
		for _, known := range e.customer.Emails {
			e.emails[skranke.Fold(known)] = true
		}
	}
	if e.emails[skranke.Fold(address)] {
		return nil
	}
	if e.actor.IsCustomer() && len(e.customer.Emails) >= maxOwnEmails {
		return skranke.Err(skranke.CodeInvalidField, "more than %d e-mail addresses", maxOwnEmails)
	}
	e.emails[skranke.Fold(address)] = true
	e.customer.Emails = append(e.customer.Emails, address)
	return checkLength(Pair{pair.Field, address}, maxEmail)
}

// language takes a language's code, name or id.
//
// Spec: customer/setCustomer.7
func (e *customerEdit) language(value string) error {
	value = strings.TrimSpace(value)
	switch {
	case len(e.catalog.languages) == 0:
		return skranke.Err(skranke.CodeNoLicense, "there are no languages here")
	case value == "" || value == "-1":
		e.customer.Language = 0
		return nil
	}
	found := skranke.LanguageID(0)
	folded := skranke.Fold(value)
	for id, l := range e.catalog.languages {
		named := strconv.FormatInt(int64(id), 10) == value || skranke.Fold(l.Code) == folded || skranke.Fold(l.Name) == folded
		if named && (found == 0 || id < found) {
			found = id
		}
	}
	if found == 0 {
		return skranke.Err(skranke.CodeUnknownLanguage, "no language %q", value)
	}
	e.customer.Language = found
	return nil
}

// company moves the customer to another company. If he did so himself, he sees
// no tickets of his new colleagues until somebody allows it.
//
// Spec: customer/setCustomer.8, ticket/setCustomer.6
func (e *customerEdit) company(ctx context.Context, value string) error {
	if e.actor.IsCustomer() && off(e.catalog.settings, settingCompanyChoice) {
		return skranke.Err(skranke.CodeInsufficientRights, "customers may not choose a company here")
	}
	id := skranke.CompanyID(0)
	if value = strings.TrimSpace(value); value != "-1" {
		n, ok := skranke.ParseID(value)
		if !ok {
			return skranke.Err(skranke.CodeUnknownCompany, "no company %q", value)
		}
		id = skranke.CompanyID(n)
		if err := liveCompany(ctx, e.tx, id); err != nil {
			return err
		}
	}
	e.customer.Company = id
	if e.actor.IsCustomer() {
		e.customer.CompanyAccess = e.before.CompanyAccess && id == e.before.Company
	}
	return nil
}

// settingSelfRegistration forbids strangers to become customers when it is "off".
const settingSelfRegistration = "self_registration"

// Register makes a customer of a stranger, with a user name, a password and
// nothing else. It returns CodeOperationIllegal where that is switched off,
// CodeUserNameExists for a name in use, CodeEmptyPassword, or CodeCustomError for
// no name, one that is too long, or a weak password. Tries to find names in use
// are braked like tries to find a password.
//
// Spec: customer/newCustomer
func (d *Desk) Register(ctx context.Context, c Credentials) error {
	c.Name = strings.TrimSpace(c.Name)
	taken := skranke.Err(skranke.CodeUserNameExists, "user name %q", c.Name)
	t := customerTry("", c.From)
	t.name = "" // a taken name says nothing against whoever has it
	unstored := d.countUnstored(t)
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		settings, err := tx.Settings(ctx)
		if err != nil {
			return err
		}
		if off(settings, settingSelfRegistration) {
			return skranke.Err(skranke.CodeOperationIllegal, "self-registration is switched off")
		}
		if c.Name == "" || skranke.Longer(c.Name, skranke.MaxUserName) {
			return skranke.Err(skranke.CodeCustomError, "a user name of %d bytes", len(c.Name))
		}
		_, braked, err := d.braked(ctx, tx, t, unstored)
		if err != nil {
			return err
		}
		if braked {
			return taken
		}
		if err := customerNameFree(ctx, tx, &skranke.Customer{UserName: c.Name}); err != nil {
			return err
		}
		return d.shareLeft(ctx, tx, c.From, d.opts.Brake.registrations())
	})
	if skranke.CodeOf(err) == skranke.CodeUserNameExists {
		d.failed(ctx, t)
		return err
	}
	if err != nil {
		return err
	}
	if err := d.opts.Password.check(c.Password); err != nil {
		return err
	}
	hash, err := d.hashPassword(ctx, c.Password)
	if err != nil {
		return err
	}
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		if err := d.takeShare(ctx, tx, c.From, d.opts.Brake.registrations()); err != nil {
			return err
		}
		customer := &skranke.Customer{UserName: c.Name, PasswordHash: hash}
		customer.Registered = d.now()
		if err := customerNameFree(ctx, &tx.ReadTx, customer); err != nil {
			return err
		}
		if err := tx.InsertCustomer(ctx, customer); err != nil {
			return err
		}
		return d.record(ctx, tx, c.caller(), logNewCustomer, rowCustomer, int64(customer.ID), customerChanges(nil, customer))
	})
}

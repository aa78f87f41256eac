package desk

import (
	"context"
	"slices"
	"strings"

	"skranke"
	"skranke/store"
)

// NewCustomer makes a customer with nothing set and returns his id.
//
// Spec: ticket/newCustomer
func (d *Desk) NewCustomer(ctx context.Context, a Actor) (skranke.CustomerID, error) {
	var id skranke.CustomerID
	err := d.db.Write(ctx, func(tx *store.WriteTx) error {
		c := new(skranke.Customer)
		c.Registered = d.now()
		if err := tx.InsertCustomer(ctx, c); err != nil {
			return err
		}
		id = c.ID
		return d.record(ctx, tx, a, logNewCustomer, rowCustomer, int64(id), customerChanges(nil, c))
	})
	return id, err
}

// NewCompany makes a company of that name, which others may have and which may
// be empty, and returns its id. It returns CodeCustomError for a name that is
// too long.
//
// Spec: ticket/newCompany
func (d *Desk) NewCompany(ctx context.Context, a Actor, name string) (skranke.CompanyID, error) {
	var id skranke.CompanyID
	err := d.db.Write(ctx, func(tx *store.WriteTx) error {
		c := &skranke.Company{Name: name}
		c.Registered = d.now()
		if err := checkCompany(c); err != nil {
			return err
		}
		if err := tx.InsertCompany(ctx, c); err != nil {
			return err
		}
		id = c.ID
		return d.record(ctx, tx, a, logNewCompany, rowCompany, int64(id), companyChanges(nil, c))
	})
	return id, err
}

// Company returns the named fields of a company. It returns CodeUnknownCompany
// for one that is not there or deleted. One name that is no field fails the
// whole call.
//
// Spec: ticket/getCompany
func (d *Desk) Company(ctx context.Context, a Actor, id skranke.CompanyID, names []string) ([]FieldValue, error) {
	var fields []FieldValue
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		c, err := d.catalogOf(ctx, tx)
		if err != nil {
			return err
		}
		company, err := presentCompany(ctx, tx, id)
		if err != nil {
			return err
		}
		if company.ID == 0 {
			return skranke.Err(skranke.CodeUnknownCompany, "no company %d", id)
		}
		fields, err = namedValues(c, a, skranke.CompanyFields, skranke.DomainCompany, company, company.Extra, names)
		return err
	})
	return fields, err
}

// ChangeCompany changes values of a company, all of them or none. It returns
// CodeUnknownCompany for one that is not there or deleted, else for the first
// pair that is refused CodeInvalidField, CodeInvalidExtraField,
// CodeInvalidPriority, CodeUnknownCustomerID or CodeUnknownUserID.
//
// Spec: ticket/setCompany
func (d *Desk) ChangeCompany(ctx context.Context, a Actor, id skranke.CompanyID, pairs []Pair) error {
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		c, err := d.catalogOf(ctx, &tx.ReadTx)
		if err != nil {
			return err
		}
		company, err := presentCompany(ctx, &tx.ReadTx, id)
		if err != nil {
			return err
		}
		if company.ID == 0 {
			return skranke.Err(skranke.CodeUnknownCompany, "no company %d", id)
		}
		before := *company
		before.Domains, before.Extra = slices.Clone(company.Domains), slices.Clone(company.Extra)
		edit := companyEdit{desk: d, tx: tx, catalog: c, actor: a, company: company}
		for _, pair := range pairs {
			if err := edit.apply(ctx, pair); err != nil {
				return err
			}
		}
		company.Extra, err = d.applyExtra(ctx, &tx.ReadTx, c, a, skranke.DomainCompany, company.Extra, edit.extra)
		if err != nil {
			return err
		}
		if len(pairs) > 0 {
			company.Updated = d.now()
		}
		if err := tx.UpdateCompany(ctx, company); err != nil {
			return err
		}
		return d.record(ctx, tx, a, logSetCompany, rowCompany, int64(id), companyChanges(&before, company))
	})
}

// companyEdit applies pairs to a company.
type companyEdit struct {
	desk    *Desk
	tx      *store.WriteTx
	catalog *catalog
	actor   Actor
	company *skranke.Company
	extra   []Pair
}

// apply changes one value.
//
// Spec: ticket/setCompany.1, ticket/setCompany.2, ticket/setCompany.3
func (e *companyEdit) apply(ctx context.Context, pair Pair) error {
	c := e.company
	switch name := strings.TrimPrefix(skranke.Fold(strings.TrimSpace(pair.Field)), "company."); name {
	case "name":
		return setText(pair, maxCompanyName, &c.Name)
	case "department":
		return setText(pair, maxCompanyName, &c.Department)
	case "note":
		c.Note = pair.Value
		return nil
	case "phone":
		return setText(pair, maxPhone, &c.Phone)
	case "fax":
		return setText(pair, maxPhone, &c.Fax)
	case "domain":
		return e.domains(pair)
	case "countryid":
		return setReference(ctx, e, pair, skranke.CodeInvalidField, rowCountry, &c.Country)
	case "contactcategory":
		return setReference(ctx, e, pair, skranke.CodeInvalidField, rowContactCategory, &c.Category)
	case "contactbusiness":
		return setReference(ctx, e, pair, skranke.CodeInvalidField, rowBusiness, &c.Business)
	case "ticketpriorityid":
		return setReference(ctx, e, pair, skranke.CodeInvalidPriority, rowPriority, &c.Priority)
	case "ourcontact":
		return setReference(ctx, e, pair, skranke.CodeUnknownUserID, rowUser, &c.OurContact)
	case "oursalescontact":
		return setReference(ctx, e, pair, skranke.CodeUnknownUserID, rowUser, &c.OurSales)
	case "primcontact":
		return setReference(ctx, e, pair, skranke.CodeUnknownCustomerID, rowCustomer, &c.PrimContact)
	default:
		return e.extraValue(ctx, pair, name)
	}
}

func (e *companyEdit) extraValue(ctx context.Context, pair Pair, name string) error {
	if _, isExtra := e.catalog.extraField(skranke.DomainCompany, name); !isExtra {
		return unknownField(skranke.DomainCompany, name)
	}
	// Each is checked in its turn, so that the first bad pair decides.
	e.extra = append(e.extra, pair)
	_, err := e.desk.applyExtra(ctx, &e.tx.ReadTx, e.catalog, e.actor, skranke.DomainCompany, e.company.Extra, []Pair{pair})
	return err
}

// domains replaces the company's mail domains.
//
// Spec: ticket/setCompany.4
func (e *companyEdit) domains(pair Pair) error {
	e.company.Domains = nil
	for domain := range strings.SplitSeq(pair.Value, ",") {
		if domain = strings.TrimSpace(domain); domain == "" {
			continue
		}
		if err := checkLength(Pair{pair.Field, domain}, maxText); err != nil {
			return err
		}
		e.company.Domains = append(e.company.Domains, domain)
	}
	return nil
}

func setText(pair Pair, limit int, to *string) error {
	*to = pair.Value
	return checkLength(pair, limit)
}

// setReference makes the value the id of a row of that kind, none for -1 or
// nothing. What names no row, or a deleted one, is refused with the code.
func setReference[T ~int64](ctx context.Context, e *companyEdit, pair Pair, code skranke.Code, kind string, to *T) error {
	value := strings.TrimSpace(pair.Value)
	if value == "" || value == "-1" {
		*to = 0
		return nil
	}
	id, ok := skranke.ParseID(value)
	if ok {
		var err error
		if ok, err = e.present(ctx, Row{kind, id}); err != nil {
			return err
		}
	}
	if !ok {
		return skranke.Err(code, "there is no %s %q", kind, value)
	}
	*to = T(id)
	return nil
}

// present says whether the row is there and not deleted.
func (e *companyEdit) present(ctx context.Context, row Row) (bool, error) {
	switch row.Kind {
	case rowPriority:
		_, ok := e.catalog.priority(skranke.PriorityID(row.ID))
		return ok, nil
	case rowUser:
		u, err := e.tx.User(ctx, skranke.UserID(row.ID))
		if isRefusal(err, skranke.CodeUnknownUserID) {
			return false, nil
		}
		return err == nil && u.Status != skranke.UserDeleted, err
	case rowCustomer:
		_, err := liveCustomer(ctx, &e.tx.ReadTx, skranke.CustomerID(row.ID))
		if isRefusal(err, skranke.CodeUnknownCustomerID) {
			return false, nil
		}
		return err == nil, err
	}
	return rowExists(ctx, e.tx, row)
}

package store

import (
	"context"
	"fmt"
	"slices"

	"skranke"
)

var companies = newTable("company", skranke.CodeUnknownCompany, `
	name, department, address, phone, fax, prim_contact_id, our_contact_id, our_sales_id, priority_id, language_id,
	ext_table, ext_key, deleted, `+cardColumns+`, number1, number2, org_number, stopped, note`,
	`name_fold`)

func scanCompany(r *rows, c *skranke.Company) {
	c.ID = id[skranke.CompanyID](r)
	c.Name = r.text()
	c.Department = r.text()
	c.Address = r.text()
	c.Phone = r.text()
	c.Fax = r.text()
	c.PrimContact = id[skranke.CustomerID](r)
	c.OurContact = id[skranke.UserID](r)
	c.OurSales = id[skranke.UserID](r)
	c.Priority = id[skranke.PriorityID](r)
	c.Language = id[skranke.LanguageID](r)
	c.ExtTable = r.int64()
	c.ExtKey = r.text()
	c.Deleted = r.bool()
	scanCard(r, &c.Card)
	c.Number1 = r.text()
	c.Number2 = r.text()
	c.OrgNumber = r.text()
	c.Stopped = r.bool()
	c.Note = r.text()
}

func companyArgs(c *skranke.Company) []arg {
	args := []arg{
		text(c.Name), text(c.Department), text(c.Address), text(c.Phone), text(c.Fax),
		num(c.PrimContact), num(c.OurContact), num(c.OurSales), num(c.Priority), num(c.Language),
		num(c.ExtTable), text(c.ExtKey), flag(c.Deleted),
	}
	return append(append(args, cardArgs(&c.Card)...),
		text(c.Number1), text(c.Number2), text(c.OrgNumber), flag(c.Stopped), text(c.Note), folded(c.Name))
}

// Company returns the company, also a deleted one. It returns
// CodeUnknownCompany if there is none.
func (tx *ReadTx) Company(ctx context.Context, id skranke.CompanyID) (*skranke.Company, error) {
	c := new(skranke.Company)
	err := companies.row(ctx, tx, int64(id), func(r *rows) { scanCompany(r, c) })
	if err != nil {
		return nil, err
	}
	return c, tx.fillCompany(ctx, c)
}

// EachCompany hands fn every company by ascending id.
func (tx *ReadTx) EachCompany(ctx context.Context, fn func(*skranke.Company) error) error {
	return eachRow(ctx, tx, companies, scanCompany, func(c *skranke.Company) error { return tx.fillCompany(ctx, c) }, fn)
}

// fillCompany reads what other tables hold of the company.
func (tx *ReadTx) fillCompany(ctx context.Context, c *skranke.Company) error {
	var err error
	if c.Domains, err = tx.domains(ctx, c.ID); err != nil {
		return err
	}
	c.Extra, err = tx.extra(ctx, skranke.DomainCompany, int64(c.ID))
	return err
}

func (tx *ReadTx) domains(ctx context.Context, company skranke.CompanyID) ([]string, error) {
	var domains []string
	err := tx.each(ctx, `SELECT domain FROM company_domain WHERE company_id = $1 ORDER BY rank`,
		func(r *rows) { domains = append(domains, r.text()) }, num(company))
	if err != nil {
		return nil, fmt.Errorf("reading domains of company %d: %w", company, err)
	}
	return domains, nil
}

// InsertCompany stores a new company. An ID of 0 is replaced by a new one. It
// returns ErrExists if the id is in use.
func (tx *WriteTx) InsertCompany(ctx context.Context, c *skranke.Company) error {
	id, err := companies.add(ctx, tx, int64(c.ID), companyArgs(c))
	if err != nil {
		return err
	}
	c.ID = skranke.CompanyID(id)
	if err := tx.addDomains(ctx, c); err != nil {
		return err
	}
	return tx.addExtra(ctx, skranke.DomainCompany, id, c.Extra, nil)
}

// UpdateCompany writes the whole company anew. It returns CodeUnknownCompany
// if there is none.
func (tx *WriteTx) UpdateCompany(ctx context.Context, c *skranke.Company) error {
	if err := companies.change(ctx, tx, int64(c.ID), companyArgs(c)); err != nil {
		return err
	}
	before, err := tx.domains(ctx, c.ID)
	if err != nil {
		return err
	}
	if !slices.Equal(before, c.Domains) {
		if _, err := tx.exec(ctx, `DELETE FROM company_domain WHERE company_id = $1`, num(c.ID)); err != nil {
			return fmt.Errorf("clearing domains of company %d: %w", c.ID, err)
		}
		if err := tx.addDomains(ctx, c); err != nil {
			return err
		}
	}
	return tx.setExtra(ctx, skranke.DomainCompany, int64(c.ID), c.Extra)
}

func (tx *WriteTx) addDomains(ctx context.Context, c *skranke.Company) error {
	for rank, domain := range c.Domains {
		_, err := tx.exec(ctx, `INSERT INTO company_domain (company_id, rank, domain, domain_fold) VALUES ($1, $2, $3, $4)`,
			num(c.ID), num(rank), text(domain), folded(domain))
		if err != nil {
			return fmt.Errorf("writing domains of company %d: %w", c.ID, err)
		}
	}
	return nil
}

package store

import (
	"context"
	"fmt"
	"slices"

	"skranke"
)

var customers = newTable("customer", skranke.CodeUnknownCustomerID, `
	first_name, last_name, full_name, user_name, password_hash, phone, cell_phone, company_id, company_access,
	language_id, priority_id, our_contact_id, ext_table, ext_key, retired, deleted, `+cardColumns+`,
	middle_name, mr_mrs, title, salutation, department, initials, person_number, gender, birth_year, birth_month, birth_day,
	rank, sent_info, note`,
	`user_name_fold, name_fold, first_name_fold, last_name_fold`)

func scanCustomer(r *rows, c *skranke.Customer) {
	c.ID = id[skranke.CustomerID](r)
	c.FirstName = r.text()
	c.LastName = r.text()
	c.FullName = r.text()
	c.UserName = r.text()
	c.PasswordHash = r.text()
	c.Phone = r.text()
	c.CellPhone = r.text()
	c.Company = id[skranke.CompanyID](r)
	c.CompanyAccess = r.bool()
	c.Language = id[skranke.LanguageID](r)
	c.Priority = id[skranke.PriorityID](r)
	c.OurContact = id[skranke.UserID](r)
	c.ExtTable = r.int64()
	c.ExtKey = r.text()
	c.Retired = r.bool()
	c.Deleted = r.bool()
	scanCard(r, &c.Card)
	c.MiddleName = r.text()
	c.MrMrs = r.text()
	c.Title = r.text()
	c.Salutation = r.text()
	c.Department = r.text()
	c.Initials = r.text()
	c.Number = r.text()
	c.Gender = r.int()
	c.BirthYear = r.int()
	c.BirthMonth = r.int()
	c.BirthDay = r.int()
	c.Rank = r.int()
	c.SentInfo = r.int()
	c.Note = r.text()
}

func customerArgs(c *skranke.Customer) []arg {
	args := []arg{
		text(c.FirstName), text(c.LastName), text(c.FullName), text(c.UserName), text(c.PasswordHash),
		text(c.Phone), text(c.CellPhone), num(c.Company), flag(c.CompanyAccess),
		num(c.Language), num(c.Priority), num(c.OurContact), num(c.ExtTable), text(c.ExtKey), flag(c.Retired), flag(c.Deleted),
	}
	return append(append(args, cardArgs(&c.Card)...),
		text(c.MiddleName), text(c.MrMrs), text(c.Title), text(c.Salutation), text(c.Department), text(c.Initials),
		text(c.Number), num(c.Gender), num(c.BirthYear), num(c.BirthMonth), num(c.BirthDay), num(c.Rank), num(c.SentInfo),
		text(c.Note), folded(c.UserName), folded(c.Name()), folded(c.FirstName), folded(c.LastName))
}

// Customer returns the customer, also a deleted one. It returns
// CodeUnknownCustomerID if there is none.
func (tx *ReadTx) Customer(ctx context.Context, id skranke.CustomerID) (*skranke.Customer, error) {
	c := new(skranke.Customer)
	err := customers.row(ctx, tx, int64(id), func(r *rows) { scanCustomer(r, c) })
	if err != nil {
		return nil, err
	}
	return c, tx.fillCustomer(ctx, c)
}

// CustomerByUserName finds the customer of that user name, ignoring case. It
// returns CodeUnknownCustomer if there is none or if he is deleted.
func (tx *ReadTx) CustomerByUserName(ctx context.Context, name string) (*skranke.Customer, error) {
	c := new(skranke.Customer)
	found, err := tx.one(ctx, `SELECT `+customers.columns+` FROM customer c
		WHERE c.user_name_fold = $1 AND c.user_name_fold <> '' AND NOT c.deleted`,
		func(r *rows) { scanCustomer(r, c) }, folded(name))
	if err != nil {
		return nil, fmt.Errorf("reading customer by user name: %w", err)
	}
	if !found {
		return nil, skranke.Err(skranke.CodeUnknownCustomer, "no customer %q", name)
	}
	return c, tx.fillCustomer(ctx, c)
}

// CustomersByEmail finds the customers who have the address, ignoring case, by
// ascending id. Deleted ones are left out; finding none is no error.
func (tx *ReadTx) CustomersByEmail(ctx context.Context, email string) ([]*skranke.Customer, error) {
	var found []*skranke.Customer
	err := tx.each(ctx, `SELECT `+customers.columns+` FROM customer c
		WHERE c.id IN (SELECT customer_id FROM customer_email WHERE email_fold = $1) AND NOT c.deleted ORDER BY c.id`,
		func(r *rows) {
			c := new(skranke.Customer)
			scanCustomer(r, c)
			found = append(found, c)
		}, folded(email))
	if err != nil {
		return nil, fmt.Errorf("reading customers by address: %w", err)
	}
	for _, c := range found {
		if err := tx.fillCustomer(ctx, c); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// EachCustomer hands fn every customer by ascending id.
func (tx *ReadTx) EachCustomer(ctx context.Context, fn func(*skranke.Customer) error) error {
	return eachRow(ctx, tx, customers, scanCustomer, func(c *skranke.Customer) error { return tx.fillCustomer(ctx, c) }, fn)
}

// fillCustomer reads what other tables hold of the customer.
func (tx *ReadTx) fillCustomer(ctx context.Context, c *skranke.Customer) error {
	var err error
	if c.Emails, err = tx.emails(ctx, c.ID); err != nil {
		return err
	}
	c.Extra, err = tx.extra(ctx, skranke.DomainCustomer, int64(c.ID))
	return err
}

func (tx *ReadTx) emails(ctx context.Context, customer skranke.CustomerID) ([]string, error) {
	var emails []string
	err := tx.each(ctx, `SELECT email FROM customer_email WHERE customer_id = $1 ORDER BY rank`,
		func(r *rows) { emails = append(emails, r.text()) }, num(customer))
	if err != nil {
		return nil, fmt.Errorf("reading addresses of customer %d: %w", customer, err)
	}
	return emails, nil
}

// InsertCustomer stores a new customer with his addresses and extra values. An
// ID of 0 is replaced by a new one. It returns ErrExists if the id is in use,
// or the user name by a customer who is not deleted.
func (tx *WriteTx) InsertCustomer(ctx context.Context, c *skranke.Customer) error {
	id, err := customers.add(ctx, tx, int64(c.ID), customerArgs(c))
	if err != nil {
		return err
	}
	c.ID = skranke.CustomerID(id)
	if err := tx.addEmails(ctx, c); err != nil {
		return err
	}
	return tx.addExtra(ctx, skranke.DomainCustomer, id, c.Extra, nil)
}

// UpdateCustomer writes the whole customer anew. It returns
// CodeUnknownCustomerID if there is none and ErrExists as InsertCustomer does.
func (tx *WriteTx) UpdateCustomer(ctx context.Context, c *skranke.Customer) error {
	if err := tx.changedPeople(ctx, customers.change(ctx, tx, int64(c.ID), customerArgs(c))); err != nil {
		return err
	}
	before, err := tx.emails(ctx, c.ID)
	if err != nil {
		return err
	}
	if !slices.Equal(before, c.Emails) {
		if _, err := tx.exec(ctx, `DELETE FROM customer_email WHERE customer_id = $1`, num(c.ID)); err != nil {
			return fmt.Errorf("clearing addresses of customer %d: %w", c.ID, err)
		}
		if err := tx.addEmails(ctx, c); err != nil {
			return err
		}
	}
	return tx.setExtra(ctx, skranke.DomainCustomer, int64(c.ID), c.Extra)
}

func (tx *WriteTx) addEmails(ctx context.Context, c *skranke.Customer) error {
	for rank, email := range c.Emails {
		_, err := tx.exec(ctx, `INSERT INTO customer_email (customer_id, rank, email, email_fold) VALUES ($1, $2, $3, $4)`,
			num(c.ID), num(rank), text(email), folded(email))
		if err != nil {
			return fmt.Errorf("writing addresses of customer %d: %w", c.ID, err)
		}
	}
	return nil
}

// foldNames fills the folded names of customers who were stored before there
// were any.
func foldNames(ctx context.Context, tx *WriteTx) error {
	type name struct{ id, first, last arg }
	for after := int64(0); ; {
		var names []name // a few at a time
		err := tx.each(ctx, `SELECT id, first_name, last_name FROM customer WHERE id > $1 ORDER BY id LIMIT 1000`, func(r *rows) {
			after = r.int64()
			names = append(names, name{num(after), folded(r.text()), folded(r.text())})
		}, num(after))
		if err != nil || len(names) == 0 {
			return err
		}
		for _, n := range names {
			if _, err := tx.exec(ctx, `UPDATE customer SET first_name_fold = $2, last_name_fold = $3 WHERE id = $1`, n.id, n.first, n.last); err != nil {
				return err
			}
		}
	}
}

package desk

import (
	"context"

	"skranke"
)

// The kinds of rows that cards of people and companies choose from.
const (
	rowCountry         = "country"
	rowBusiness        = "business"
	rowContactCategory = "contact_category"
	rowSyncAgent       = "sync_agent"
)

func cardRows(c *skranke.Card) []Row {
	return []Row{{rowCountry, int64(c.Country)}, {rowBusiness, int64(c.Business)}, {rowContactCategory, int64(c.Category)}}
}

// register notes when a person or company was made, unless that is told.
func (d *Desk) register(c *skranke.Card) {
	if c.Registered.IsZero() {
		c.Registered = d.now()
	}
}

// update notes that a person or company was changed, unless that is told.
func (d *Desk) update(c, old *skranke.Card) {
	if c.Updated.Equal(old.Updated) {
		c.Updated = d.now()
	}
}

func checkPersonCard(c *skranke.PersonCard) error {
	return checkLengths(
		length{"middle name", c.MiddleName, maxPersonName}, length{"Mr or Mrs", c.MrMrs, maxText},
		length{"title", c.Title, maxText}, length{"salutation", c.Salutation, maxText},
		length{"department", c.Department, maxText}, length{"initials", c.Initials, maxText}, length{"number", c.Number, maxText})
}

func checkCompanyCard(c *skranke.CompanyCard) error {
	return checkLengths(
		length{"first number", c.Number1, maxText}, length{"second number", c.Number2, maxText},
		length{"organisation number", c.OrgNumber, maxText})
}

// PutCountry stores a country.
func (in *Intake) PutCountry(ctx context.Context, c *skranke.Country) error {
	if err := checkLengths(length{"name", c.Name, maxText}, length{"English name", c.EnglishName, maxText}); err != nil {
		return err
	}
	return in.put(rowCountry, func() int64 { return int64(c.ID) }, skranke.CodeInvalidField,
		func() error { return in.tx.UpdateCountry(ctx, c) }, func() error { return in.tx.InsertCountry(ctx, c) })
}

// PutBusiness stores a line of business.
func (in *Intake) PutBusiness(ctx context.Context, b *skranke.Business) error {
	if err := checkLengths(length{"name", b.Name, maxText}); err != nil {
		return err
	}
	return in.put(rowBusiness, func() int64 { return int64(b.ID) }, skranke.CodeInvalidField,
		func() error { return in.tx.UpdateBusiness(ctx, b) }, func() error { return in.tx.InsertBusiness(ctx, b) })
}

// PutContactCategory stores a category of contacts.
func (in *Intake) PutContactCategory(ctx context.Context, c *skranke.ContactCategory) error {
	if err := checkLengths(length{"name", c.Name, maxText}); err != nil {
		return err
	}
	return in.put(rowContactCategory, func() int64 { return int64(c.ID) }, skranke.CodeInvalidField,
		func() error { return in.tx.UpdateContactCategory(ctx, c) }, func() error { return in.tx.InsertContactCategory(ctx, c) })
}

// PutSyncAgent stores a foreign system.
func (in *Intake) PutSyncAgent(ctx context.Context, a *skranke.SyncAgent) error {
	if err := checkLengths(length{"name", a.Name, maxText}, length{"id string", a.IDString, maxText}); err != nil {
		return err
	}
	return in.put(rowSyncAgent, func() int64 { return a.ID }, skranke.CodeInvalidField,
		func() error { return in.tx.UpdateSyncAgent(ctx, a) }, func() error { return in.tx.InsertSyncAgent(ctx, a) })
}

// Countries hands fn every country.
func (o *Outgo) Countries(ctx context.Context, fn func(*skranke.Country) error) error {
	return o.tx.EachCountry(ctx, fn)
}

// Businesses hands fn every line of business.
func (o *Outgo) Businesses(ctx context.Context, fn func(*skranke.Business) error) error {
	return o.tx.EachBusiness(ctx, fn)
}

// ContactCategories hands fn every category of contacts.
func (o *Outgo) ContactCategories(ctx context.Context, fn func(*skranke.ContactCategory) error) error {
	return o.tx.EachContactCategory(ctx, fn)
}

// SyncAgents hands fn every foreign system.
func (o *Outgo) SyncAgents(ctx context.Context, fn func(*skranke.SyncAgent) error) error {
	return o.tx.EachSyncAgent(ctx, fn)
}

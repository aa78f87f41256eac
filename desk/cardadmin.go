package desk

import (
	"context"

	"skranke"
	"skranke/store"
)

// AddCountry stores a new country and sets its id.
func (d *Desk) AddCountry(ctx context.Context, c *skranke.Country) error {
	return add(ctx, d, c, func(c *skranke.Country) { c.ID = 0 },
		func(in *Intake, c *skranke.Country) error { return in.PutCountry(ctx, c) })
}

// SetCountry changes what edit changes of a country. It returns
// CodeInvalidField if there is none.
func (d *Desk) SetCountry(ctx context.Context, id skranke.CountryID, edit func(*skranke.Country) error) error {
	find := func(tx *store.WriteTx) (*skranke.Country, error) {
		return onlyOne(func(fn func(*skranke.Country) error) error { return tx.EachCountry(ctx, fn) },
			func(c *skranke.Country) bool { return c.ID == id }, skranke.CodeInvalidField, "country", int64(id))
	}
	return set(ctx, d, find, edit, func(c, old *skranke.Country) { c.ID = old.ID },
		func(in *Intake, c *skranke.Country) error { return in.PutCountry(ctx, c) })
}

// AddBusiness stores a new line of business and sets its id.
func (d *Desk) AddBusiness(ctx context.Context, b *skranke.Business) error {
	return add(ctx, d, b, func(b *skranke.Business) { b.ID = 0 },
		func(in *Intake, b *skranke.Business) error { return in.PutBusiness(ctx, b) })
}

// SetBusiness changes what edit changes of a line of business. It returns
// CodeInvalidField if there is none.
func (d *Desk) SetBusiness(ctx context.Context, id skranke.BusinessID, edit func(*skranke.Business) error) error {
	find := func(tx *store.WriteTx) (*skranke.Business, error) {
		return onlyOne(func(fn func(*skranke.Business) error) error { return tx.EachBusiness(ctx, fn) },
			func(b *skranke.Business) bool { return b.ID == id }, skranke.CodeInvalidField, "line of business", int64(id))
	}
	return set(ctx, d, find, edit, func(b, old *skranke.Business) { b.ID = old.ID },
		func(in *Intake, b *skranke.Business) error { return in.PutBusiness(ctx, b) })
}

// AddContactCategory stores a new category of contacts and sets its id.
func (d *Desk) AddContactCategory(ctx context.Context, c *skranke.ContactCategory) error {
	return add(ctx, d, c, func(c *skranke.ContactCategory) { c.ID = 0 },
		func(in *Intake, c *skranke.ContactCategory) error { return in.PutContactCategory(ctx, c) })
}

// SetContactCategory changes what edit changes of a category of contacts. It
// returns CodeInvalidField if there is none.
func (d *Desk) SetContactCategory(ctx context.Context, id skranke.ContactCategoryID, edit func(*skranke.ContactCategory) error) error {
	find := func(tx *store.WriteTx) (*skranke.ContactCategory, error) {
		return onlyOne(func(fn func(*skranke.ContactCategory) error) error { return tx.EachContactCategory(ctx, fn) },
			func(c *skranke.ContactCategory) bool { return c.ID == id }, skranke.CodeInvalidField, "category of contacts", int64(id))
	}
	return set(ctx, d, find, edit, func(c, old *skranke.ContactCategory) { c.ID = old.ID },
		func(in *Intake, c *skranke.ContactCategory) error { return in.PutContactCategory(ctx, c) })
}

// AddSyncAgent stores a new foreign system and sets its id.
func (d *Desk) AddSyncAgent(ctx context.Context, a *skranke.SyncAgent) error {
	return add(ctx, d, a, func(a *skranke.SyncAgent) { a.ID = 0 },
		func(in *Intake, a *skranke.SyncAgent) error { return in.PutSyncAgent(ctx, a) })
}

// SetSyncAgent changes what edit changes of a foreign system. It returns
// CodeInvalidField if there is none.
func (d *Desk) SetSyncAgent(ctx context.Context, id int64, edit func(*skranke.SyncAgent) error) error {
	find := func(tx *store.WriteTx) (*skranke.SyncAgent, error) {
		return onlyOne(func(fn func(*skranke.SyncAgent) error) error { return tx.EachSyncAgent(ctx, fn) },
			func(a *skranke.SyncAgent) bool { return a.ID == id }, skranke.CodeInvalidField, "foreign system", id)
	}
	return set(ctx, d, find, edit, func(a, old *skranke.SyncAgent) { a.ID = old.ID },
		func(in *Intake, a *skranke.SyncAgent) error { return in.PutSyncAgent(ctx, a) })
}

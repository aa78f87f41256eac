package store

import (
	"context"

	"skranke"
)

// cardColumns are the columns of a Card in the table of its owner.
const cardColumns = `country_id, business_id, contact_category_id, no_mailing, source, registered, updated, synced_at, sync_modified`

func scanCard(r *rows, c *skranke.Card) {
	c.Country = id[skranke.CountryID](r)
	c.Business = id[skranke.BusinessID](r)
	c.Category = id[skranke.ContactCategoryID](r)
	c.NoMailing = r.bool()
	c.Source = r.int()
	c.Registered = r.moment()
	c.Updated = r.moment()
	c.SyncedAt = r.moment()
	c.SyncModified = r.moment()
}

func cardArgs(c *skranke.Card) []arg {
	return []arg{
		num(c.Country), num(c.Business), num(c.Category), flag(c.NoMailing), num(c.Source),
		moment(c.Registered), moment(c.Updated), moment(c.SyncedAt), moment(c.SyncModified),
	}
}

// The lists cards choose from. A row that is not there is CodeInvalidField:
// they are only named as values of fields.
var (
	countries         = newTable("country", skranke.CodeInvalidField, `name, english_name`, "")
	businesses        = newTable("business", skranke.CodeInvalidField, `name`, "")
	contactCategories = newTable("contact_category", skranke.CodeInvalidField, `name`, "")
	syncAgents        = newTable("sync_agent", skranke.CodeInvalidField, `name, id_string`, "")
)

// EachCountry hands fn every country by ascending id.
func (tx *ReadTx) EachCountry(ctx context.Context, fn func(*skranke.Country) error) error {
	return eachRow(ctx, tx, countries, func(r *rows, c *skranke.Country) {
		c.ID, c.Name, c.EnglishName = id[skranke.CountryID](r), r.text(), r.text()
	}, nil, fn)
}

// InsertCountry stores a new country. An ID of 0 is replaced by a new one. It
// returns ErrExists if the id is in use.
func (tx *WriteTx) InsertCountry(ctx context.Context, c *skranke.Country) error {
	id, err := countries.add(ctx, tx, int64(c.ID), []arg{text(c.Name), text(c.EnglishName)})
	if err == nil {
		c.ID = skranke.CountryID(id)
	}
	return err
}

// UpdateCountry writes the whole country anew. It returns CodeInvalidField if
// there is none.
func (tx *WriteTx) UpdateCountry(ctx context.Context, c *skranke.Country) error {
	return countries.change(ctx, tx, int64(c.ID), []arg{text(c.Name), text(c.EnglishName)})
}

// EachBusiness hands fn every line of business by ascending id.
func (tx *ReadTx) EachBusiness(ctx context.Context, fn func(*skranke.Business) error) error {
	return eachRow(ctx, tx, businesses, func(r *rows, b *skranke.Business) {
		b.ID, b.Name = id[skranke.BusinessID](r), r.text()
	}, nil, fn)
}

// InsertBusiness stores a new line of business. An ID of 0 is replaced by a new
// one. It returns ErrExists if the id is in use.
func (tx *WriteTx) InsertBusiness(ctx context.Context, b *skranke.Business) error {
	id, err := businesses.add(ctx, tx, int64(b.ID), []arg{text(b.Name)})
	if err == nil {
		b.ID = skranke.BusinessID(id)
	}
	return err
}

// UpdateBusiness writes the whole line of business anew. It returns
// CodeInvalidField if there is none.
func (tx *WriteTx) UpdateBusiness(ctx context.Context, b *skranke.Business) error {
	return businesses.change(ctx, tx, int64(b.ID), []arg{text(b.Name)})
}

// EachContactCategory hands fn every category of contacts by ascending id.
func (tx *ReadTx) EachContactCategory(ctx context.Context, fn func(*skranke.ContactCategory) error) error {
	return eachRow(ctx, tx, contactCategories, func(r *rows, c *skranke.ContactCategory) {
		c.ID, c.Name = id[skranke.ContactCategoryID](r), r.text()
	}, nil, fn)
}

// InsertContactCategory stores a new category of contacts. An ID of 0 is
// replaced by a new one. It returns ErrExists if the id is in use.
func (tx *WriteTx) InsertContactCategory(ctx context.Context, c *skranke.ContactCategory) error {
	id, err := contactCategories.add(ctx, tx, int64(c.ID), []arg{text(c.Name)})
	if err == nil {
		c.ID = skranke.ContactCategoryID(id)
	}
	return err
}

// UpdateContactCategory writes the whole category of contacts anew. It returns
// CodeInvalidField if there is none.
func (tx *WriteTx) UpdateContactCategory(ctx context.Context, c *skranke.ContactCategory) error {
	return contactCategories.change(ctx, tx, int64(c.ID), []arg{text(c.Name)})
}

// EachSyncAgent hands fn every foreign system by ascending id.
func (tx *ReadTx) EachSyncAgent(ctx context.Context, fn func(*skranke.SyncAgent) error) error {
	return eachRow(ctx, tx, syncAgents, func(r *rows, a *skranke.SyncAgent) {
		a.ID, a.Name, a.IDString = r.int64(), r.text(), r.text()
	}, nil, fn)
}

// InsertSyncAgent stores a new foreign system. An ID of 0 is replaced by a new
// one. It returns ErrExists if the id is in use.
func (tx *WriteTx) InsertSyncAgent(ctx context.Context, a *skranke.SyncAgent) error {
	id, err := syncAgents.add(ctx, tx, a.ID, []arg{text(a.Name), text(a.IDString)})
	if err == nil {
		a.ID = id
	}
	return err
}

// UpdateSyncAgent writes the whole foreign system anew. It returns
// CodeInvalidField if there is none.
func (tx *WriteTx) UpdateSyncAgent(ctx context.Context, a *skranke.SyncAgent) error {
	return syncAgents.change(ctx, tx, a.ID, []arg{text(a.Name), text(a.IDString)})
}

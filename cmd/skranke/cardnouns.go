package main

import (
	"context"

	"skranke"
	"skranke/desk"
	"skranke/transfer"
)

func countries() *noun[skranke.Country] {
	return &noun[skranke.Country]{
		word: "country", plural: "countries", table: transfer.CountryTable,
		columns: []string{"id", "name", "english_name"},
		id:      func(c *skranke.Country) int64 { return int64(c.ID) },
		each:    (*desk.Outgo).Countries,
		add: func(ctx context.Context, d *desk.Desk, c *skranke.Country, _ *newRow) error {
			return d.AddCountry(ctx, c)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.Country) error) error {
			return d.SetCountry(ctx, skranke.CountryID(id), edit)
		},
		example: `-name Norge -english-name Norway`,
		change:  `-name Noreg`,
	}
}

func businesses() *noun[skranke.Business] {
	return &noun[skranke.Business]{
		word: "business", single: "line of business", plural: "lines of business", table: transfer.BusinessTable,
		columns: []string{"id", "name"},
		id:      func(b *skranke.Business) int64 { return int64(b.ID) },
		each:    (*desk.Outgo).Businesses,
		add: func(ctx context.Context, d *desk.Desk, b *skranke.Business, _ *newRow) error {
			return d.AddBusiness(ctx, b)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.Business) error) error {
			return d.SetBusiness(ctx, skranke.BusinessID(id), edit)
		},
		example: `-name Bakeries`,
		change:  `-name "Bakeries and cafés"`,
	}
}

func contactCategories() *noun[skranke.ContactCategory] {
	return &noun[skranke.ContactCategory]{
		word: "contact-category", single: "category of contacts", plural: "categories of contacts", table: transfer.ContactCategoryTable,
		columns: []string{"id", "name"},
		id:      func(c *skranke.ContactCategory) int64 { return int64(c.ID) },
		each:    (*desk.Outgo).ContactCategories,
		add: func(ctx context.Context, d *desk.Desk, c *skranke.ContactCategory, _ *newRow) error {
			return d.AddContactCategory(ctx, c)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.ContactCategory) error) error {
			return d.SetContactCategory(ctx, skranke.ContactCategoryID(id), edit)
		},
		example: `-name Supplier`,
		change:  `-name Suppliers`,
	}
}

func syncAgents() *noun[skranke.SyncAgent] {
	return &noun[skranke.SyncAgent]{
		word: "sync-agent", single: "foreign system", plural: "foreign systems customers and companies come from", table: transfer.SyncAgentTable,
		columns: []string{"id", "name", "id_string"},
		id:      func(a *skranke.SyncAgent) int64 { return a.ID },
		each:    (*desk.Outgo).SyncAgents,
		add: func(ctx context.Context, d *desk.Desk, a *skranke.SyncAgent, _ *newRow) error {
			return d.AddSyncAgent(ctx, a)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.SyncAgent) error) error {
			return d.SetSyncAgent(ctx, id, edit)
		},
		example: `-name ERP -id-string erp-1`,
		change:  `-name "Old ERP"`,
	}
}

package transfer

import "skranke"

// CountryTable is how countries look in a file.
var CountryTable = table("country", []column[skranke.Country]{
	{"id", idDoc, func(c *skranke.Country) any { return &c.ID }},
	{"name", "Its name, at most 255 characters.", func(c *skranke.Country) any { return &c.Name }},
	{"english_name", "Its English name, at most 255 characters.", func(c *skranke.Country) any { return &c.EnglishName }},
})

// BusinessTable is how lines of business look in a file.
var BusinessTable = table("business", []column[skranke.Business]{
	{"id", idDoc, func(b *skranke.Business) any { return &b.ID }},
	{"name", "Its name, at most 255 characters.", func(b *skranke.Business) any { return &b.Name }},
})

// ContactCategoryTable is how categories of contacts look in a file.
var ContactCategoryTable = table("contact_category", []column[skranke.ContactCategory]{
	{"id", idDoc, func(c *skranke.ContactCategory) any { return &c.ID }},
	{"name", "Its name, at most 255 characters.", func(c *skranke.ContactCategory) any { return &c.Name }},
})

// SyncAgentTable is how foreign systems look in a file.
var SyncAgentTable = table("sync_agent", []column[skranke.SyncAgent]{
	{"id", idDoc + " It is the external_table of customers and companies.", func(a *skranke.SyncAgent) any { return &a.ID }},
	{"name", "Its name, at most 255 characters.", func(a *skranke.SyncAgent) any { return &a.Name }},
	{"id_string", "What the system calls itself, at most 255 characters.", func(a *skranke.SyncAgent) any { return &a.IDString }},
})

// cardColumns are the columns of the card that customers and companies have.
func cardColumns[T any](card func(*T) *skranke.Card) []column[T] {
	return []column[T]{
		{"country", "The country.", func(row *T) any { return &card(row).Country }},
		{"business", "The line of business.", func(row *T) any { return &card(row).Business }},
		{"contact_category", "The category of contacts.", func(row *T) any { return &card(row).Category }},
		{"no_mailing", "No bulk mail is wanted.", func(row *T) any { return &card(row).NoMailing }},
		{"source", "A number as the foreign system has it.", func(row *T) any { return &card(row).Source }},
		{"registered", "When it was made.", func(row *T) any { return &card(row).Registered }},
		{"updated", "When it was changed last.", func(row *T) any { return &card(row).Updated }},
		{"synced_at", "When it was last compared with the foreign system.", func(row *T) any { return &card(row).SyncedAt }},
		{"sync_modified", "When it was last changed there.", func(row *T) any { return &card(row).SyncModified }},
	}
}

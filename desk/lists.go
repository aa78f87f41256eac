package desk

import (
	"cmp"
	"context"
	"slices"

	"skranke"
	"skranke/store"
)

// ListedCategory is a category as a caller sees it: its outward name, and the
// parent only if the caller sees that one as well.
type ListedCategory struct {
	ID       skranke.CategoryID
	Parent   skranke.CategoryID // 0 at the top
	Name     string
	Internal bool

	entry int64 // id of the language's own category, if it is one
}

// Categories lists the categories open to a. Users get all of them, customers
// and anonymous callers the external ones: parents before children, siblings by
// name, one below an internal category at the top. Where the caller's language
// has categories of its own, he gets those instead, all at the top.
//
// Spec: customer/getCategories, ticket/getCategories
func (d *Desk) Categories(ctx context.Context, a Actor) (list []ListedCategory, err error) {
	err = d.db.Read(ctx, func(tx *store.ReadTx) error {
		c, err := d.catalogOf(ctx, tx)
		if err != nil {
			return err
		}
		list, err = c.openCategories(ctx, tx, a)
		return err
	})
	return list, err
}

// Category returns one of the categories open to a, else CodeInvalidCategory.
//
// Spec: customer/getCategory
func (d *Desk) Category(ctx context.Context, a Actor, id skranke.CategoryID) (found ListedCategory, err error) {
	err = d.db.Read(ctx, func(tx *store.ReadTx) error {
		c, err := d.catalogOf(ctx, tx)
		if err != nil {
			return err
		}
		found, err = c.openCategory(ctx, tx, a, id)
		return err
	})
	return found, err
}

// openCategory finds a category a may put tickets in: one that he can list.
//
// Spec: customer/getCategory.4, customer/newTicket.3
func (c *catalog) openCategory(ctx context.Context, tx *store.ReadTx, a Actor, id skranke.CategoryID) (ListedCategory, error) {
	list, err := c.openCategories(ctx, tx, a)
	if err != nil {
		return ListedCategory{}, err
	}
	found := ListedCategory{}
	for _, listed := range list {
		// A language may have several names for one category: the first by id counts.
		if listed.ID == id && (found.ID == 0 || listed.entry < found.entry) {
			found = listed
		}
	}
	if found.ID == 0 {
		return found, skranke.Err(skranke.CodeInvalidCategory, "no category %d here", id)
	}
	return found, nil
}

func (c *catalog) openCategories(ctx context.Context, tx *store.ReadTx, a Actor) ([]ListedCategory, error) {
	if a.User != 0 {
		return c.allCategories, nil
	}
	language, err := c.languageOf(ctx, tx, a)
	if err != nil {
		return nil, err
	}
	if own := c.languageCategories[language]; len(own) > 0 {
		return own, nil
	}
	return c.externalCategories, nil
}

// languageOf is the customer's own language, else his company's, else the
// default one; 0 where there are no languages.
//
// Spec: types/module.1
func (c *catalog) languageOf(ctx context.Context, tx *store.ReadTx, a Actor) (skranke.LanguageID, error) {
	if len(c.languages) == 0 {
		return 0, nil
	}
	if a.IsCustomer() {
		customer, err := tx.Customer(ctx, a.Customer)
		if err != nil {
			return 0, err
		}
		if c.languages[customer.Language] != nil {
			return customer.Language, nil
		}
	}
	if a.Company != 0 {
		company, err := tx.Company(ctx, a.Company)
		if err != nil && skranke.CodeOf(err) != skranke.CodeUnknownCompany {
			return 0, err
		}
		if err == nil && c.languages[company.Language] != nil {
			return company.Language, nil
		}
	}
	for id, language := range c.languages {
		if language.Default {
			return id, nil
		}
	}
	return 0, nil
}

// listCategories prepares what Categories answers.
func (c *catalog) listCategories(own []skranke.LanguageCategory) {
	c.allCategories = listed(c.tree)
	// Without the internal ones, what was below them is at the top.
	external := make(map[skranke.CategoryID]*skranke.Category, len(c.categories))
	for id, category := range c.categories {
		if category.External() {
			external[id] = category
		}
	}
	c.externalCategories = listed(categoryTree(external))
	c.languageCategories = make(map[skranke.LanguageID][]ListedCategory)
	trees := make(map[skranke.LanguageID][]LanguageCategory)
	for _, o := range own {
		if category, ok := c.categories[o.Category]; ok {
			trees[o.Language] = append(trees[o.Language], LanguageCategory{ID: o.ID, Parent: o.Parent, Real: category.ID, Name: o.Name})
			c.languageCategories[o.Language] = append(c.languageCategories[o.Language],
				ListedCategory{ID: category.ID, Name: o.Name, Internal: !category.External(), entry: o.ID})
		}
	}
	c.languageTrees = make(map[skranke.LanguageID][]LanguageCategory, len(trees))
	for language, rows := range trees {
		c.languageTrees[language] = languageTree(rows)
	}
	for _, list := range c.languageCategories {
		slices.SortFunc(list, func(a, b ListedCategory) int {
			return cmp.Or(cmp.Compare(skranke.Fold(a.Name), skranke.Fold(b.Name)), cmp.Compare(a.ID, b.ID), cmp.Compare(a.entry, b.entry))
		})
	}
}

// listed is the tree as its reader sees it: he knows of no other categories, and
// of parents that form a circle the first one listed has none.
func listed(tree []*skranke.Category) []ListedCategory {
	list := make([]ListedCategory, len(tree))
	seen := make(map[skranke.CategoryID]bool, len(tree))
	for i, category := range tree {
		list[i] = ListedCategory{ID: category.ID, Name: category.OutwardName(), Internal: !category.External()}
		if seen[category.Parent] {
			list[i].Parent = category.Parent
		}
		seen[category.ID] = true
	}
	return list
}

// ActiveTickets lists the acting user's own active tickets by ascending id. What
// nobody has noted as read is unread.
//
// Spec: ticket/getActiveTicketsStatus
func (d *Desk) ActiveTickets(ctx context.Context, a Actor) (list []store.TicketState, err error) {
	err = d.db.Read(ctx, func(tx *store.ReadTx) (err error) {
		list, err = tx.ActiveTicketsOf(ctx, a.User)
		return err
	})
	for i := range list {
		if list[i].Read == 0 {
			list[i].Read = skranke.Red
		}
	}
	return list, err
}

// Priorities lists the priorities a may choose, the least important first.
//
// Spec: customer/getPriorities, ticket/getPriorities
func (d *Desk) Priorities(ctx context.Context, a Actor) ([]skranke.Priority, error) {
	c, err := d.currentCatalog(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]skranke.Priority, 0, len(c.priorities))
	for _, p := range c.priorities {
		if p.External || !a.IsCustomer() {
			list = append(list, *p)
		}
	}
	return list, nil
}

// ExtraFields lists the extra fields of a domain that a may see, in their order.
//
// Spec: customer/getExtraFields, ticket/getExtraFields
func (d *Desk) ExtraFields(ctx context.Context, a Actor, domain skranke.Domain) ([]skranke.ExtraField, error) {
	c, err := d.currentCatalog(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]skranke.ExtraField, 0, len(c.byDomain[domain]))
	for _, f := range c.byDomain[domain] {
		if f.External() || !a.IsCustomer() {
			list = append(list, *f)
		}
	}
	return list, nil
}

// currentCatalog returns the catalog as the database has it now.
func (d *Desk) currentCatalog(ctx context.Context) (c *catalog, err error) {
	err = d.db.Read(ctx, func(tx *store.ReadTx) (err error) {
		c, err = d.catalogOf(ctx, tx)
		return err
	})
	return c, err
}

package desk

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"

	"skranke"
	"skranke/store"
)

// catalog is what changes seldom and is needed all the time, held in memory:
// categories, priorities, extra fields, languages, address ranges. It is never
// changed; a new version replaces it.
type catalog struct {
	version    int64
	categories map[skranke.CategoryID]*skranke.Category
	tree       []*skranke.Category // parents before children, siblings by name
	priorities []*skranke.Priority // not deleted ones, least important first
	extra      map[skranke.ExtraFieldID]*skranke.ExtraField
	byDomain   map[skranke.Domain][]*skranke.ExtraField // not deleted ones, in order
	byName     map[extraName]*skranke.ExtraField        // by database name
	byLabel    map[extraName]*skranke.ExtraField
	tables     []*extraTable // not deleted ones, by id
	languages  map[skranke.LanguageID]*skranke.Language

	allCategories      []ListedCategory // as users see them
	externalCategories []ListedCategory // as customers see them
	languageCategories map[skranke.LanguageID][]ListedCategory
	languageTrees      map[skranke.LanguageID][]LanguageCategory
	ranges             map[skranke.Port][]addressRange
	settings           map[string]string
	faq                *faqTree
}

// extraName is a folded name of an extra field, without the domain's prefix.
type extraName struct {
	domain skranke.Domain
	name   string
}

func newCatalog(rows *store.Catalog) *catalog {
	c := &catalog{
		version:    rows.Version,
		categories: make(map[skranke.CategoryID]*skranke.Category, len(rows.Categories)),
		extra:      make(map[skranke.ExtraFieldID]*skranke.ExtraField, len(rows.ExtraFields)),
		byDomain:   make(map[skranke.Domain][]*skranke.ExtraField),
		languages:  make(map[skranke.LanguageID]*skranke.Language, len(rows.Languages)),
		ranges:     make(map[skranke.Port][]addressRange),
		settings:   rows.Settings,
		faq:        newFaqTree(rows.FaqFolders),
	}
	for i := range rows.Categories {
		c.categories[rows.Categories[i].ID] = &rows.Categories[i]
	}
	c.tree = categoryTree(c.categories)
	for i := range rows.Priorities {
		if !rows.Priorities[i].Deleted {
			c.priorities = append(c.priorities, &rows.Priorities[i])
		}
	}
	slices.SortFunc(c.priorities, func(a, b *skranke.Priority) int {
		return cmp.Or(cmp.Compare(a.SortOrder, b.SortOrder), cmp.Compare(a.ID, b.ID))
	})
	for i := range rows.Languages {
		c.languages[rows.Languages[i].ID] = &rows.Languages[i]
	}
	for _, r := range rows.Ranges {
		if parsed, ok := parseRange(r.From, r.To); ok {
			c.ranges[r.Port] = append(c.ranges[r.Port], parsed)
		}
	}
	c.addExtraFields(rows.ExtraFields)
	c.tables = extraTablesOf(rows.ExtraTables, rows.ExtraFields)
	c.listCategories(rows.LanguageCategories)
	return c
}

// addExtraFields makes the fields findable by id, database name and label.
func (c *catalog) addExtraFields(fields []skranke.ExtraField) {
	for i := range fields {
		f := &fields[i]
		c.extra[f.ID] = f
		if f.Exists() && f.Domain != skranke.DomainTable {
			c.byDomain[f.Domain] = append(c.byDomain[f.Domain], f)
		}
	}
	c.byName = namedFields(fields, func(f *skranke.ExtraField) string { return f.FieldName })
	c.byLabel = namedFields(fields, func(f *skranke.ExtraField) string { return f.Label })
	for _, list := range c.byDomain {
		sortFields(list)
	}
}

// namedFields sorts fields by a name they have. Of two that share one the lower
// id wins.
func namedFields(fields []skranke.ExtraField, nameOf func(*skranke.ExtraField) string) map[extraName]*skranke.ExtraField {
	named := make(map[extraName]*skranke.ExtraField, len(fields))
	for i := range fields {
		f := &fields[i]
		name := extraName{f.Domain, skranke.Fold(nameOf(f))}
		if _, taken := named[name]; !taken && f.Exists() && name.name != "" && f.Domain != skranke.DomainTable {
			named[name] = f
		}
	}
	return named
}

// sortFields puts fields in the order they are shown in.
func sortFields(list []*skranke.ExtraField) {
	slices.SortFunc(list, func(a, b *skranke.ExtraField) int {
		return cmp.Or(cmp.Compare(a.OrderPos, b.OrderPos), cmp.Compare(a.ID, b.ID))
	})
}

// foldExtra folds a name with or without the domain's prefix.
func foldExtra(domain skranke.Domain, name string) extraName {
	name = skranke.Fold(strings.TrimSpace(name))
	return extraName{domain, strings.TrimPrefix(name, domain.String()+".")}
}

// numbered finds a field by x_<id>; x_007 is x_7.
func (c *catalog) numbered(name extraName) (*skranke.ExtraField, bool) {
	id, isID := strings.CutPrefix(name.name, "x_")
	n, ok := skranke.ParseID(id)
	if !isID || !ok {
		return nil, false
	}
	f, ok := c.extra[skranke.ExtraFieldID(n)]
	return f, ok && f.Domain == name.domain && f.Exists()
}

// extraField finds a field by x_<id> or its database name, with or without the
// domain's prefix.
func (c *catalog) extraField(domain skranke.Domain, name string) (*skranke.ExtraField, bool) {
	folded := foldExtra(domain, name)
	if f, ok := c.numbered(folded); ok {
		return f, true
	}
	f, ok := c.byName[folded]
	return f, ok
}

// callersExtra finds the field a caller names who neither reads nor searches
// tickets: users as extraField does, customers an external one by x_<id> alone.
//
// Spec: types/extra.2, types/extra.3, ticket/common.6, ticket/getExtraFields.3
func (c *catalog) callersExtra(a Actor, domain skranke.Domain, name string) (*skranke.ExtraField, bool) {
	if !a.IsCustomer() {
		return c.extraField(domain, name)
	}
	f, ok := c.numbered(foldExtra(domain, name))
	return f, ok && f.External()
}

// priority finds a priority that is not deleted.
func (c *catalog) priority(id skranke.PriorityID) (*skranke.Priority, bool) {
	for _, p := range c.priorities {
		if p.ID == id {
			return p, true
		}
	}
	return nil, false
}

// defaultPriority is the priority flagged default, else the least important.
//
// Spec: customer/newTicket.5, ticket/newTicket.3
func (c *catalog) defaultPriority() skranke.PriorityID {
	for _, p := range c.priorities {
		if p.Default {
			return p.ID
		}
	}
	if len(c.priorities) > 0 {
		return c.priorities[0].ID
	}
	return 0
}

// categoryPath names a category with all its parents, top-down.
func (c *catalog) categoryPath(id skranke.CategoryID) string {
	var path []string
	seen := map[skranke.CategoryID]bool{}
	for !seen[id] {
		category, ok := c.categories[id]
		if !ok {
			break
		}
		seen[id] = true
		path = append(path, category.Name)
		id = category.Parent
	}
	slices.Reverse(path)
	return strings.Join(path, "/")
}

// categoryTree lists the categories depth first, siblings by folded name, then
// id. A category whose parents form a circle is listed as if it had none.
func categoryTree(all map[skranke.CategoryID]*skranke.Category) []*skranke.Category {
	children := make(map[skranke.CategoryID][]*skranke.Category)
	for _, c := range all {
		children[c.Parent] = append(children[c.Parent], c)
	}
	for _, siblings := range children {
		slices.SortFunc(siblings, byOutwardName)
	}
	tree := make([]*skranke.Category, 0, len(all))
	seen := make(map[skranke.CategoryID]bool, len(all))
	var list func(c *skranke.Category)
	list = func(c *skranke.Category) {
		if seen[c.ID] {
			return
		}
		seen[c.ID] = true
		tree = append(tree, c)
		for _, child := range children[c.ID] {
			list(child)
		}
	}
	var roots, inner []*skranke.Category
	for _, c := range all {
		if _, hasParent := all[c.Parent]; hasParent {
			inner = append(inner, c)
		} else {
			roots = append(roots, c)
		}
	}
	slices.SortFunc(roots, byOutwardName)
	slices.SortFunc(inner, byOutwardName)
	for _, c := range append(roots, inner...) {
		list(c)
	}
	return tree
}

func byOutwardName(a, b *skranke.Category) int {
	return cmp.Or(cmp.Compare(skranke.Fold(a.OutwardName()), skranke.Fold(b.OutwardName())), cmp.Compare(a.ID, b.ID))
}

// reloadCatalog reads the catalog as tx sees it and makes it the current one,
// unless a newer one is.
func (d *Desk) reloadCatalog(ctx context.Context, tx *store.ReadTx) (*catalog, error) {
	rows, err := tx.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	fresh := newCatalog(rows)
	for {
		current := d.catalog.Load()
		if current != nil && current.version > fresh.version {
			return fresh, nil // tx looks at the past; so must its caller
		}
		if d.catalog.CompareAndSwap(current, fresh) {
			return fresh, nil
		}
	}
}

// catalogAt returns the catalog of the given version, as tx sees it.
func (d *Desk) catalogAt(ctx context.Context, tx *store.ReadTx, version int64) (*catalog, error) {
	if c := d.catalog.Load(); c.version == version {
		return c, nil
	}
	return d.reloadCatalog(ctx, tx)
}

// catalogOf returns the catalog as tx sees it.
func (d *Desk) catalogOf(ctx context.Context, tx *store.ReadTx) (*catalog, error) {
	version, err := tx.CatalogVersion(ctx)
	if err != nil {
		return nil, err
	}
	return d.catalogAt(ctx, tx, version)
}

// refreshCatalog notices what other processes changed.
func (d *Desk) refreshCatalog(ctx context.Context) error {
	return d.db.Read(ctx, func(tx *store.ReadTx) error {
		_, err := d.catalogOf(ctx, tx)
		return err
	})
}

// addressRange is a range of addresses, both ends inclusive.
type addressRange struct{ from, to netip.Addr }

// parseRange reads the ends of a range; to "" means from alone. A range whose
// ends are of different families, or in the wrong order, holds nothing.
//
// Spec: types/portaccess.3
func parseRange(from, to string) (addressRange, bool) {
	low, err := netip.ParseAddr(strings.TrimSpace(from))
	if err != nil {
		return addressRange{}, false
	}
	high := low
	if to = strings.TrimSpace(to); to != "" {
		if high, err = netip.ParseAddr(to); err != nil {
			return addressRange{}, false
		}
	}
	return addressRange{low.Unmap().WithZone(""), high.Unmap().WithZone("")}, true
}

func (r addressRange) contains(addr netip.Addr) bool {
	return addr.Is4() == r.from.Is4() && addr.Is4() == r.to.Is4() &&
		r.from.Compare(addr) <= 0 && addr.Compare(r.to) <= 0
}

// Allowed says whether addr may call the port. A port without ranges refuses
// everybody. Changes made by another process count within a second.
//
// Spec: types/portaccess.1, types/portaccess.3, types/portaccess.4
func (d *Desk) Allowed(port skranke.Port, addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, r := range d.catalog.Load().ranges[port] {
		if r.contains(addr) {
			return true
		}
	}
	return false
}

package desk

import (
	"context"
	"slices"
	"strings"

	"skranke"
	"skranke/store"
)

// Criterion is a search criterion as a caller sent it.
type Criterion struct{ Field, Op, Value string }

// FindTickets returns the named fields of the tickets that meet all criteria,
// by ascending id. A customer finds what he may read, whatever the criteria;
// those with a field or operator that does not exist are ignored, which widens
// the search and is told to the log. It returns CodeIllegalCriterias for a value
// that does not fit its field and operator.
//
// Spec: customer/findTickets
func (d *Desk) FindTickets(ctx context.Context, a Actor, criteria []Criterion, names []string) ([][]FieldValue, error) {
	if err := d.settleReads(ctx, criteria, names); err != nil {
		return nil, err
	}
	var found [][]FieldValue
	err := d.search(ctx, len(criteria), func(ctx context.Context, tx *store.ReadTx) error {
		found = found[:0]
		c, err := d.catalogOf(ctx, tx)
		if err != nil {
			return err
		}
		search := store.TicketSearch{Of: &store.Viewer{Customer: a.Customer}, Where: visible()}
		if a.CompanyAccess {
			search.Of.Company = a.Company
		}
		where, err := d.conditions(ctx, c, a, criteria)
		if err != nil {
			return err
		}
		search.Where = append(search.Where, where...)
		columns, err := c.foundColumns(a, names)
		if err != nil {
			return err
		}
		search.Extra = columns.extra
		return tx.FindTickets(ctx, search, func(t *skranke.FoundTicket) (bool, error) {
			found = append(found, columns.of(t))
			return true, nil
		})
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// settleReads writes the gathered read stamps if a search asks when tickets were
// read, by a criterion or a name.
func (d *Desk) settleReads(ctx context.Context, criteria []Criterion, names []string) error {
	asked := slices.ContainsFunc(names, asksWhenRead) ||
		slices.ContainsFunc(criteria, func(c Criterion) bool { return asksWhenRead(c.Field) })
	if !asked || d.reads.empty() {
		return nil
	}
	return d.flush(ctx, false)
}

func asksWhenRead(name string) bool { return strings.Contains(skranke.Fold(name), "read_by_customer") }

// visible are the conditions a ticket of the customer's must meet for him to
// read it. They say of a search what mayRead says of one ticket.
//
// Spec: types/access, types/acl.6, customer/findTickets.6
func visible() []store.Condition {
	return []store.Condition{
		{Column: "t.slevel", Criterion: equals(skranke.TypeInteger, int64(skranke.External))},
		{Column: "t.status", Criterion: skranke.Criterion{Type: skranke.TypeInteger, Op: skranke.OpNotIn,
			Spans: []skranke.Span{{Low: int64(skranke.Deleted), High: int64(skranke.Merged)}}}},
	}
}

func equals(t skranke.Type, n int64) skranke.Criterion {
	return skranke.Criterion{Type: t, Op: skranke.OpEquals, Low: n, High: n}
}

// maxLogged is how many code points of what a caller sent the log shows.
const maxLogged = 100

// conditions makes what the database looks for of a customer's criteria.
//
// Spec: customer/findTickets.2, customer/findTickets.8
func (d *Desk) conditions(ctx context.Context, c *catalog, a Actor, criteria []Criterion) ([]store.Condition, error) {
	where := make([]store.Condition, 0, len(criteria))
	ignored := 0
	defer func() {
		if ignored > 1 {
			d.log.InfoContext(ctx, "further search criteria ignored", "count", ignored-1)
		}
	}()
	for _, wanted := range criteria {
		condition, typ, ok := c.searchable(a, wanted.Field)
		op, isOp := skranke.ParseOp(wanted.Op)
		if !ok || !isOp || !op.Fits(typ) {
			if ignored++; ignored == 1 { // a line each would be a way to fill the log
				d.log.InfoContext(ctx, "search criterion ignored, so the search is wider",
					"field", skranke.Cut(wanted.Field, maxLogged), "operator", skranke.Cut(wanted.Op, maxLogged))
			}
			continue
		}
		var err error
		condition.Criterion, err = skranke.NewCriterion(typ, op, wanted.Value, d.opts.Zone)
		if err != nil {
			return nil, err
		}
		where = append(where, condition)
	}
	return where, nil
}

// searchable finds the field a criterion names.
func (c *catalog) searchable(a Actor, name string) (store.Condition, skranke.Type, bool) {
	name = strings.TrimSpace(name)
	use := skranke.AgentMatch
	if a.IsCustomer() {
		use = skranke.CustomerMatch
	}
	if field, ok := skranke.FoundFields.Lookup(name, use); ok {
		return store.Condition{Column: field.Column}, field.Type, true
	}
	field, ok := c.foundExtra(a, name)
	if !ok {
		return store.Condition{}, 0, false
	}
	return store.Condition{Extra: field.ID, Domain: field.Domain}, field.Type(), true
}

// foundExtra finds an extra field of a search: of tickets, and for users also of
// the primary customer and his company.
//
// Spec: ticket/findTickets.2
func (c *catalog) foundExtra(a Actor, name string) (*skranke.ExtraField, bool) {
	if field, ok := c.readableExtra(a, skranke.DomainTicket, name); ok || a.IsCustomer() || isNumbered(name) {
		return field, ok
	}
	if field, ok := c.readableExtra(a, skranke.DomainCustomer, name); ok {
		return field, true
	}
	return c.readableExtra(a, skranke.DomainCompany, name)
}

// foundColumns are the columns of a search result: what each row holds.
type foundColumns struct {
	list  []foundColumn
	extra []skranke.Domain // whose extra fields some of them are
}

type foundColumn struct {
	name  string
	typ   skranke.Type
	value func(*skranke.FoundTicket) skranke.Value
	field foundField
}

// foundField is which field a column is of.
type foundField struct {
	standard string
	extra    skranke.ExtraFieldID
}

// A search that names many fields may name none of them too often: the answer
// is held in memory, and a long list of one field makes it grow without bounds.
const (
	manyColumns = 100
	maxRepeats  = 10
)

// checkRepeats returns CodeCustomError if a long list has a field too often.
func (c *foundColumns) checkRepeats() error {
	if len(c.list) <= manyColumns {
		return nil
	}
	times := make(map[foundField]int)
	for _, column := range c.list {
		if times[column.field]++; times[column.field] > maxRepeats {
			return skranke.Err(skranke.CodeCustomError, "field %q is asked for more than %d times", skranke.Cut(column.name, maxLogged), maxRepeats)
		}
	}
	return nil
}

// foundColumns finds the fields a search is to return; unknown names are left
// out. It returns CodeCustomError if they name a field again and again.
//
// Spec: customer/findTickets.5
func (c *catalog) foundColumns(a Actor, names []string) (foundColumns, error) {
	use := skranke.AgentFind
	if a.IsCustomer() {
		use = skranke.CustomerFind
	}
	var columns foundColumns
	for _, name := range names {
		name = strings.TrimSpace(name)
		if field, ok := skranke.FoundFields.Lookup(name, use); ok {
			columns.list = append(columns.list, foundColumn{name, field.Type, field.Of, foundField{standard: field.Name}})
			continue
		}
		if field, ok := c.foundExtra(a, name); ok {
			if !slices.Contains(columns.extra, field.Domain) {
				columns.extra = append(columns.extra, field.Domain)
			}
			columns.list = append(columns.list, foundColumn{name, field.Type(), func(t *skranke.FoundTicket) skranke.Value {
				return extraValue(t.Extra, field.ID)
			}, foundField{extra: field.ID}})
		}
	}
	return columns, columns.checkRepeats()
}

func (c *foundColumns) of(t *skranke.FoundTicket) []FieldValue {
	row := make([]FieldValue, len(c.list))
	for i, column := range c.list {
		row[i] = FieldValue{Name: column.name, Type: column.typ, Value: column.value(t)}
	}
	return row
}

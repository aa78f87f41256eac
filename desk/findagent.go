package desk

import (
	"context"

	"skranke"
	"skranke/store"
)

// TicketSearch is a search of the ticket port as a caller sent it.
type TicketSearch struct {
	Criteria  []Criterion
	Fields    []string
	MaxRows   string
	OrderBy   string // a field; anything else stands for the id
	Ascending bool
}

// SearchTickets returns the named fields of all tickets that meet the criteria.
// Names nobody knows are left out. Deleted tickets are found only if a criterion
// speaks of the status. It returns CodeIllegalCriterias for a criterion whose
// field, operator or value is not legal, and for a maxRows that is no number.
//
// Spec: ticket/findTickets, ticket/search
func (d *Desk) SearchTickets(ctx context.Context, a Actor, s TicketSearch) ([][]FieldValue, error) {
	limit, err := searchLimit(s.MaxRows)
	if err != nil {
		return nil, err
	}
	if err := d.settleReads(ctx, s.Criteria, append(s.Fields[:len(s.Fields):len(s.Fields)], s.OrderBy)); err != nil {
		return nil, err
	}
	var found [][]FieldValue
	err = d.search(ctx, len(s.Criteria), func(ctx context.Context, tx *store.ReadTx) error {
		found = nil
		c, err := d.catalogOf(ctx, tx)
		if err != nil {
			return err
		}
		search := store.TicketSearch{Desc: !s.Ascending, Limit: limit}
		if search.Where, err = d.legalConditions(c, a, s.Criteria); err != nil {
			return err
		}
		columns, err := c.foundColumns(a, s.Fields)
		if err != nil {
			return err
		}
		search.Extra = columns.extra
		c.orderBy(a, s.OrderBy, &search)
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

// legalConditions makes what the database looks for of a user's criteria. To
// ignore one would widen the search unnoticed.
//
// Spec: ticket/search.2, ticket/search.3, ticket/findTickets.5
func (d *Desk) legalConditions(c *catalog, a Actor, criteria []Criterion) ([]store.Condition, error) {
	var where []store.Condition
	deleted := false
	for _, wanted := range criteria {
		condition, typ, ok := c.searchable(a, wanted.Field)
		op, isOp := skranke.ParseOp(wanted.Op)
		if !ok || !isOp {
			return nil, skranke.Err(skranke.CodeIllegalCriterias, "no field %q with operator %q", skranke.Cut(wanted.Field, maxLogged), skranke.Cut(wanted.Op, maxLogged))
		}
		var err error
		if condition.Criterion, err = skranke.NewCriterion(typ, op, wanted.Value, d.opts.Zone); err != nil {
			return nil, err
		}
		deleted = deleted || condition.Column == "t.status"
		where = append(where, condition)
	}
	if !deleted {
		kept := skranke.Criterion{Type: skranke.TypeInteger, Op: skranke.OpNotEquals, Low: int64(skranke.Deleted), High: int64(skranke.Deleted)}
		where = append(where, store.Condition{Column: "t.status", Criterion: kept})
	}
	return where, nil
}

// orderBy makes the search come in the order of the field, if there is one of
// that name.
//
// Spec: ticket/findTickets.4
func (c *catalog) orderBy(a Actor, name string, search *store.TicketSearch) {
	condition, _, ok := c.searchable(a, name)
	if !ok {
		return
	}
	search.Order = condition.Column
	if condition.Extra != 0 {
		search.By = c.extra[condition.Extra]
	}
}

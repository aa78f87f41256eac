package desk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"skranke"
	"skranke/store"
)

// maxFound is how many rows a search of the ticket port returns at most.
//
// Spec: ticket/search.5
const maxFound = 10000

// A search follows so many joins and reads so many values at most: databases
// bound both. What is beyond counts as illegal fields do.
const (
	maxSearchJoins  = 40
	maxSearchValues = 1000
)

// FindCustomers returns the values that names, paths in dot syntax, lead to, for
// the customers who meet all criteria, by ascending id. A customer is found once
// for every combination of rows the names lead to. Names that lead nowhere are
// left out; such a criterion, an operator that does not fit, a value that does
// not, or a maxRows that is no number is CodeIllegalCriterias.
//
// Spec: ticket/findCustomers, ticket/search
func (d *Desk) FindCustomers(ctx context.Context, criteria []Criterion, names []string, maxRows string) ([][]FieldValue, error) {
	return d.findByPaths(ctx, pathSearch{
		root: skranke.PersonTable(), criteria: criteria, names: names, maxRows: maxRows,
		parse: skranke.ParsePath, match: skranke.ParsePath, ops: customerOps,
	})
}

// FindCompanies returns the named fields of the companies that meet all
// criteria, by ascending id, as FindCustomers does.
//
// Spec: ticket/findCompanies, ticket/search
func (d *Desk) FindCompanies(ctx context.Context, criteria []Criterion, names []string, maxRows string) ([][]FieldValue, error) {
	return d.findByPaths(ctx, pathSearch{
		root: skranke.CompanyTable(), criteria: criteria, names: names, maxRows: maxRows,
		parse: skranke.CompanyPath, match: companyMatch, ops: companyOps,
	})
}

// companyMatch finds a field that companies may be looked for by.
//
// Spec: ticket/findCompanies.1
func companyMatch(name string) (*skranke.Path, bool) {
	path, ok := skranke.CompanyPath(name)
	return path, ok && (path.Column == nil || path.Column.Name != skranke.CompanyDomains)
}

// Operators of searches; those marked true only for values that have an order.
//
// Spec: ticket/findCustomers.2, ticket/findCompanies.2
var (
	customerOps = map[skranke.Op]bool{
		skranke.OpContains: false, skranke.OpBeginsWith: false, skranke.OpEquals: false, skranke.OpNotEquals: false,
		skranke.OpLt: true, skranke.OpGt: true, skranke.OpLte: true, skranke.OpGte: true,
	}
	companyOps = map[skranke.Op]bool{
		skranke.OpContains: false, skranke.OpBeginsWith: false, skranke.OpEquals: false,
		skranke.OpLt: true, skranke.OpGt: true,
	}
)

// pathSearch is a search as a caller sent it and what he may search for.
type pathSearch struct {
	root         *skranke.PathTable
	criteria     []Criterion
	names        []string
	maxRows      string
	parse, match func(string) (*skranke.Path, bool)
	ops          map[skranke.Op]bool
}

// findByPaths makes the search. Paths to many rows of many rows multiply, so a
// search that takes too long is given up.
func (d *Desk) findByPaths(ctx context.Context, s pathSearch) ([][]FieldValue, error) {
	var found [][]FieldValue
	err := d.search(ctx, len(s.criteria), func(ctx context.Context, tx *store.ReadTx) error {
		found = nil
		c, err := d.catalogOf(ctx, tx)
		if err != nil {
			return err
		}
		places := placeFinder{catalog: c, joins: map[string]bool{}}
		search := store.PathSearch{Root: s.root}
		for _, wanted := range s.criteria {
			condition, err := d.placeCondition(&places, s, wanted)
			if err != nil {
				return err
			}
			search.Where = append(search.Where, condition)
		}
		var columns []FieldValue
		for _, name := range s.names {
			if place, ok := places.find(name, s.parse); ok {
				columns = append(columns, FieldValue{Name: strings.TrimSpace(name), Type: place.Type()})
				search.Values = append(search.Values, place)
			}
		}
		limit, err := searchLimit(s.maxRows)
		if err != nil {
			return err
		}
		return tx.FindByPaths(ctx, search, func(values []skranke.Value) (bool, error) {
			row := make([]FieldValue, len(columns))
			for i := range row {
				row[i] = columns[i]
				row[i].Value = values[i]
			}
			found = append(found, row)
			return len(found) < limit, nil
		})
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

var errSearchTime = errors.New("given up: it takes too long")

// search runs fn on a snapshot and gives it up after Options.SearchTime.
func (d *Desk) search(ctx context.Context, criteria int, fn func(context.Context, *store.ReadTx) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, d.opts.SearchTime, errSearchTime)
	defer cancel()
	err := d.db.Read(ctx, func(tx *store.ReadTx) error { return fn(ctx, tx) })
	if err != nil && errors.Is(context.Cause(ctx), errSearchTime) {
		return fmt.Errorf("searching for %d criteria: %w", criteria, errSearchTime)
	}
	return err
}

// placeCondition reads a criterion of a search.
//
// Spec: ticket/search.2, ticket/search.3
func (d *Desk) placeCondition(places *placeFinder, s pathSearch, wanted Criterion) (store.PlaceCondition, error) {
	place, ok := places.find(wanted.Field, s.match)
	if !ok {
		return store.PlaceCondition{}, skranke.Err(skranke.CodeIllegalCriterias, "no field %q to look for", wanted.Field)
	}
	op, isOp := skranke.ParseOp(wanted.Op)
	ordered, allowed := s.ops[op]
	if !isOp || !allowed || ordered && !hasOrder(place.Type()) {
		return store.PlaceCondition{}, skranke.Err(skranke.CodeIllegalCriterias, "no operator %q for %q", wanted.Op, wanted.Field)
	}
	criterion, err := skranke.NewCriterion(place.Type(), op, wanted.Value, d.opts.Zone)
	return store.PlaceCondition{Place: place, Criterion: criterion}, err
}

// hasOrder says whether values of the type are greater and less than others:
// numbers, and dates, which count as such.
func hasOrder(t skranke.Type) bool { return !t.IsText() && t != skranke.TypeBool }

// placeFinder finds the places a search names and counts the joins they need.
type placeFinder struct {
	catalog *catalog
	joins   map[string]bool
	values  int
}

func (f *placeFinder) find(name string, parse func(string) (*skranke.Path, bool)) (store.Place, bool) {
	path, ok := parse(name)
	if !ok {
		return store.Place{}, false
	}
	place := store.Place{Path: path}
	if path.Column == nil {
		if place.Extra, ok = f.catalog.extraField(path.End().Domain, path.Extra); !ok {
			return store.Place{}, false
		}
	}
	return place, f.count(path)
}

// count notes the joins of the path; false if they are too many.
func (f *placeFinder) count(path *skranke.Path) bool {
	var fresh []string
	for i := range path.Joins {
		if row := path.Row(i + 1); !f.joins[row] {
			fresh = append(fresh, row)
		}
	}
	if f.values >= maxSearchValues || len(f.joins)+len(fresh) > maxSearchJoins {
		return false
	}
	f.values++
	for _, row := range fresh {
		f.joins[row] = true
	}
	return true
}

// searchLimit reads how many rows a caller wants at most.
//
// Spec: ticket/search.5
func searchLimit(maxRows string) (int, error) {
	maxRows = strings.TrimSpace(maxRows)
	if maxRows == "" {
		return maxFound, nil
	}
	n, err := strconv.ParseInt(maxRows, 10, 64)
	if err != nil {
		return 0, skranke.Err(skranke.CodeIllegalCriterias, "%q is no number of rows", maxRows)
	}
	if n <= 0 || n > maxFound {
		return maxFound, nil
	}
	return int(n), nil
}

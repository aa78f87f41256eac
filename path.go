package skranke

import (
	"maps"
	"slices"
	"strings"
)

// Path is a way in dot syntax from a row, by the references between tables, to
// one of its values: person.contact_id.name is the name of a person's company.
//
// Spec: ticket/findCustomers.1
type Path struct {
	Root   *PathTable
	Joins  []PathJoin
	Column *PathColumn // nil for an extra field
	Extra  string      // x_<id> or x_<name>
}

// PathJoin is a step from one row to another, or to many.
type PathJoin struct {
	Inner  bool        // rows without a partner are left out
	Many   bool        // from the many side: rows of Table whose Column refers to the present one
	Column *PathColumn // a reference of the present row, or with Many of Table
	Table  *PathTable
}

// PathTable is a table as dot syntax names it. Its first column is the key that
// references hold. Where it is kept, the store knows.
type PathTable struct {
	Name    string // folded
	Domain  Domain // of its extra fields, 0 for none
	Columns []PathColumn
	byName  map[string]*PathColumn
}

// PathColumn is one column of a table.
type PathColumn struct {
	Name string
	Type Type
	To   string // the table a reference leads to
}

// PersonTable is where paths of ParsePath begin.
func PersonTable() *PathTable { return pathTables["person"] }

// PathTables are all tables of dot syntax, by name.
func PathTables() []*PathTable {
	return slices.SortedFunc(maps.Values(pathTables), func(a, b *PathTable) int { return strings.Compare(a.Name, b.Name) })
}

// CompanyTable is where paths of CompanyPath begin.
func CompanyTable() *PathTable { return foundCompany }

// Key is the column that references to the table hold.
func (t *PathTable) Key() *PathColumn { return &t.Columns[0] }

// End is the table of the row the whole path leads to.
func (p *Path) End() *PathTable {
	if len(p.Joins) == 0 {
		return p.Root
	}
	return p.Joins[len(p.Joins)-1].Table
}

// Row names the row the first n joins lead to: alike for paths that share it.
//
// Spec: tt/dot.2
func (p *Path) Row(n int) string {
	var b strings.Builder
	for _, j := range p.Joins[:n] {
		if j.Many {
			b.WriteString("(" + j.Table.Name + ">" + j.Column.Name + ")")
		} else {
			b.WriteString("." + j.Column.Name)
		}
	}
	return b.String()
}

// maxPathJoins is how many joins a path may have.
//
// Spec: tt/dot.3
const maxPathJoins = 6

// maxPathLength bounds what is looked at; no path that leads anywhere is longer.
const maxPathLength = 1000

// pathAliases are the names customers' fields have elsewhere.
//
// Spec: ticket/findCustomers
var pathAliases = map[string]string{
	"customer.id":        "person.person_id",
	"customer.email":     "person.(Email->person_id).email_address",
	"customer.firstname": "person.firstname",
	"customer.lastname":  "person.lastname",
	"customer.company":   "person.contact_id",
}

// ParsePath reads a path that begins at a person. It is false for what leads
// nowhere: unknown tables, columns and references, and more than six joins.
//
// Spec: tt/dot.1, tt/dot.2, tt/dot.3, tt/dot.4, tt/dot.5
func ParsePath(text string) (*Path, bool) {
	text = Fold(strings.TrimSpace(text))
	if len(text) > maxPathLength {
		return nil, false
	}
	if path, ok := pathAliases[text]; ok {
		text = Fold(path)
	} else if extra, ok := strings.CutPrefix(text, "customer.x_"); ok {
		text = "person.x_" + extra
	}
	root := PersonTable()
	rest, ok := strings.CutPrefix(text, root.Name)
	p := &Path{Root: root}
	for ok && len(p.Joins) <= maxPathJoins {
		if rest == "" || rest[0] != '.' && rest[0] != ':' {
			return nil, false
		}
		inner := rest[0] == ':'
		rest = rest[1:]
		var step string
		if strings.HasPrefix(rest, "(") {
			step, rest, ok = strings.Cut(rest[1:], ")")
			ok = ok && p.joinMany(step, inner)
			continue
		}
		end := strings.IndexAny(rest, ".:")
		if end < 0 {
			return p, !inner && p.endAt(rest)
		}
		step, rest = rest[:end], rest[end:]
		ok = p.joinOne(step, inner)
	}
	return nil, false
}

// joinOne follows a reference of the present row.
func (p *Path) joinOne(name string, inner bool) bool {
	c := p.End().byName[name]
	if c == nil || c.To == "" {
		return false
	}
	p.Joins = append(p.Joins, PathJoin{Inner: inner, Column: c, Table: pathTables[c.To]})
	return true
}

// joinMany goes to the rows of a table that refer to the present one. step is
// what stands in the brackets: table->reference, where the arrow may have blanks
// around it or have suffered from being escaped.
func (p *Path) joinMany(step string, inner bool) bool {
	name, reference, ok := strings.Cut(step, "-")
	reference = strings.TrimLeft(reference, `\`)
	arrow := strings.TrimPrefix(reference, "&gt;")
	if arrow == reference {
		arrow = strings.TrimPrefix(reference, ">")
	}
	t := pathTables[strings.Trim(name, " \t\\")]
	if !ok || arrow == reference || t == nil {
		return false
	}
	c := t.byName[strings.Trim(arrow, " \t")]
	if c == nil || c.To != p.End().Name {
		return false
	}
	p.Joins = append(p.Joins, PathJoin{Inner: inner, Many: true, Column: c, Table: t})
	return true
}

// endAt ends the path at a column or an extra field.
func (p *Path) endAt(name string) bool {
	if p.Column = p.End().byName[name]; p.Column != nil {
		return true
	}
	p.Extra = name
	return p.End().Domain != 0 && strings.HasPrefix(name, "x_")
}

// CompanyPath finds a field of a search for companies.
//
// Spec: ticket/findCompanies
func CompanyPath(name string) (*Path, bool) {
	name = Fold(strings.TrimSpace(name))
	p := &Path{Root: foundCompany, Column: foundCompany.byName[name]}
	if p.Column != nil {
		return p, true
	}
	for _, prefix := range [...]string{"contact.", "company."} {
		if extra, ok := strings.CutPrefix(name, prefix); ok && strings.HasPrefix(extra, "x_") {
			p.Extra = extra
			return p, true
		}
	}
	return nil, false
}

// CompanyDomains is the field of a company's mail domains, which searches show
// but do not look for.
//
// Spec: ticket/findCompanies.1
const CompanyDomains = "contact.domain_name"

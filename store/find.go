package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"skranke"
)

// Condition is a criterion on a column or, if Extra is set, on that extra field
// of the ticket, of its primary customer or of his company.
type Condition struct {
	Column    string // as the catalogue of fields names it
	Extra     skranke.ExtraFieldID
	Domain    skranke.Domain // of the extra field
	Criterion skranke.Criterion
}

// TicketSearch says which tickets to find and in which order.
type TicketSearch struct {
	Of    *Viewer // only tickets of this customer, and of his company unless that is 0; nil for all
	Where []Condition
	Order string // column; "" for the id, which also breaks ties
	Desc  bool
	By    *skranke.ExtraField // order by this field of the ticket, its customer or his company instead
	Extra []skranke.Domain    // read the extra values that these have, all into FoundTicket.Extra
	Limit int                 // so many at most; 0 for no limit
}

// maxConditions is how many conditions a statement carries: databases bound the
// depth of an expression. The others are looked at one row at a time.
const maxConditions = 50

// FindTickets hands fn the tickets that meet every condition, in order, until
// there are no more, or as many as the limit, or fn says so. Conditions the
// database cannot judge as exactly as skranke.Criterion does are judged here,
// row by row.
func (tx *ReadTx) FindTickets(ctx context.Context, s TicketSearch, fn func(*skranke.FoundTicket) (more bool, err error)) error {
	var where statement
	var rest []Condition
	extra := slices.Clone(s.Extra)
	for i, c := range s.Where {
		if i >= maxConditions || !where.condition(c) {
			rest = append(rest, c)
			if c.Extra != 0 {
				extra = append(extra, c.Domain)
			}
		}
	}
	q, err := tx.ticketQuery(ctx, s, &where)
	if err != nil {
		return fmt.Errorf("finding tickets: %w", err)
	}
	if s.Limit > 0 && len(rest) == 0 {
		q.add(" LIMIT ", num(s.Limit))
	}
	found := 0
	r := tx.query(ctx, q.sql.String(), q.args...)
	defer r.close()
	for r.next() {
		t := new(skranke.FoundTicket)
		scanTicket(r, &t.Ticket)
		t.Name = skranke.CustomerName{First: r.text(), Last: r.text()}
		if err := tx.foundExtra(ctx, t, id[skranke.CompanyID](r), extra); err != nil {
			return err
		}
		if !meets(t, rest) {
			continue
		}
		if more, err := fn(t); err != nil || !more {
			return err
		}
		if found++; found == s.Limit {
			return nil
		}
	}
	if r.err != nil {
		return fmt.Errorf("finding tickets: %w", r.err)
	}
	return nil
}

// foundExtra reads the extra values of the domains. Fields have other numbers in
// each, so they can stand side by side.
func (tx *ReadTx) foundExtra(ctx context.Context, t *skranke.FoundTicket, company skranke.CompanyID, domains []skranke.Domain) error {
	for _, d := range [...]struct {
		domain skranke.Domain
		owner  int64
	}{
		{skranke.DomainTicket, int64(t.ID)}, {skranke.DomainCustomer, int64(t.Customer())}, {skranke.DomainCompany, int64(company)},
	} {
		if d.owner == 0 || !slices.Contains(domains, d.domain) {
			continue
		}
		values, err := tx.extra(ctx, d.domain, d.owner)
		if err != nil {
			return err
		}
		t.Extra = append(t.Extra, values...)
	}
	return nil
}

// extraOwner is the row of a found ticket that has the extra fields of a domain.
//
// Spec: ticket/findTickets.2
func extraOwner(d skranke.Domain) string {
	switch d {
	case skranke.DomainCustomer:
		return "t.customer_id"
	case skranke.DomainCompany:
		return "c.company_id"
	}
	return "t.id"
}

// foundColumns are what FindTickets reads of a ticket, its id first.
var foundColumns = tickets.columns + ", c.first_name, c.last_name, c.company_id"

const foundCustomer = " LEFT JOIN customer c ON c.id = t.customer_id WHERE TRUE"

// ticketQuery begins the statement of a search, without its limit.
func (tx *ReadTx) ticketQuery(ctx context.Context, s TicketSearch, where *statement) (*statement, error) {
	q := &statement{args: where.args}
	if s.Of != nil { // a person's tickets are few; those of a status or an owner may be nearly all
		q.add("SELECT " + foundColumns + " FROM ticket t" + tx.dialect.byKey + foundCustomer)
		q.add(" AND t.id IN (SELECT x.ticket_id FROM ticket_customer x WHERE x.customer_id = ", num(s.Of.Customer))
		if s.Of.Company != 0 {
			q.add(" UNION SELECT x.ticket_id FROM ticket_customer x JOIN customer k ON k.id = x.customer_id WHERE k.company_id = ", num(s.Of.Company))
		}
		q.add(")" + where.sql.String())
		q.order(s)
		return q, nil
	}
	way, match, err := tx.titleWay(ctx, s)
	if err != nil {
		return nil, err
	}
	titles := &tx.dialect.titles
	candidates := ""
	if way != anyWay {
		q.args = append(q.args, text(match))
		candidates = strings.ReplaceAll(titles.candidates, "@", strconv.Itoa(len(q.args)))
	}
	switch way {
	case anyWay:
		q.add("SELECT " + foundColumns + " FROM ticket t" + foundCustomer + where.sql.String())
	case byCandidates:
		q.add("SELECT " + foundColumns + " FROM ticket t" + tx.dialect.byKey + foundCustomer)
		q.add(" AND t.id IN (" + candidates + ")" + where.sql.String())
	case amongCandidates: // the sign keeps the database from beginning with them
		q.add("SELECT " + foundColumns + " FROM ticket t" + foundCustomer)
		q.add(" AND +t.id IN (" + candidates + ")" + where.sql.String())
	case inOrder:
		columns := strings.TrimPrefix(foundColumns, "t.id")
		q.add("SELECT i.rowid" + columns + " FROM " + titles.ordered + foundCustomer + " AND " + titles.matching + strconv.Itoa(len(q.args)) + where.sql.String())
		q.add(" UNION ALL SELECT i.ticket_id" + columns + " FROM " + titles.unordered + foundCustomer + where.sql.String() + " ORDER BY 1")
		if s.Desc {
			q.add(" DESC")
		}
		return q, nil
	}
	q.order(s)
	return q, nil
}

// meets judges the conditions the statement does not carry.
func meets(t *skranke.FoundTicket, conditions []Condition) bool {
	for i := range conditions {
		c := &conditions[i]
		if !c.Criterion.Matches(valueOf(t, c)) {
			return false
		}
	}
	return true
}

func valueOf(t *skranke.FoundTicket, c *Condition) skranke.Value {
	if c.Extra != 0 {
		for _, v := range t.Extra {
			if v.Field == c.Extra {
				return v.Value
			}
		}
		return skranke.Value{}
	}
	for _, f := range skranke.FoundFields.All() {
		if f.Column == c.Column {
			return f.Of(t)
		}
	}
	return skranke.Value{}
}

// statement is a query put together from parts, with its parameters.
type statement struct {
	sql  strings.Builder
	args []arg
}

// add appends text and, behind it, a placeholder for each parameter.
func (q *statement) add(text string, args ...arg) {
	q.sql.WriteString(text)
	for i, a := range args {
		if i > 0 {
			q.sql.WriteString(", ")
		}
		q.args = append(q.args, a)
		fmt.Fprintf(&q.sql, "$%d", len(q.args))
	}
}

// order ends the statement. Texts are ordered as readers expect, by what they
// fold to; what is not set stands first.
func (q *statement) order(s TicketSearch) {
	direction := ""
	if s.Desc {
		direction = " DESC"
	}
	q.add(" ORDER BY ")
	nulls := " NULLS FIRST, "
	if s.Desc {
		nulls = " NULLS LAST, "
	}
	if s.By != nil {
		q.add("(SELECT "+extraColumn(s.By.Type())+" FROM extra_value v WHERE v.domain = ", num(s.By.Domain))
		q.add(" AND v.owner_id = "+extraOwner(s.By.Domain)+" AND v.field_id = ", num(s.By.ID))
		q.add(")" + direction + nulls)
	} else if column := foldedColumn(s.Order); column != "" && column != "t.id" {
		q.add(column + direction + nulls)
	}
	q.add("t.id" + direction)
}

// foldedColumns are the texts that also stand folded in their table. Others are
// judged in Go.
var foldedColumns = map[string]string{
	"t.title":          "t.title_fold",
	"t.author":         "t.author_fold",
	"t.filter_address": "t.filter_address_fold",
	"c.first_name":     "c.first_name_fold",
	"c.last_name":      "c.last_name_fold",
}

func foldedColumn(column string) string {
	if folded, ok := foldedColumns[column]; ok {
		return folded
	}
	return columnExpression(column)
}

// columnExpression is where the value of a column is found.
func columnExpression(column string) string {
	if column == "t.read_by_customer" {
		return readByCustomer
	}
	return column
}

// condition appends c if the database judges it exactly.
func (q *statement) condition(c Condition) bool {
	if c.Extra != 0 {
		return q.extraCondition(&c.Criterion, c.Domain, extraOwner(c.Domain), c.Extra)
	}
	return q.columnCondition(&c.Criterion, c.Column, foldedColumns[c.Column])
}

// columnCondition appends a condition on a column; folded is where a text also
// stands folded, "" for nowhere.
func (q *statement) columnCondition(c *skranke.Criterion, column, folded string) bool {
	if c.Type.IsText() {
		if column = folded; column == "" {
			return false
		}
	}
	t := newTest(c, columnExpression(column), c.Type == skranke.TypeBool)
	if t == nil {
		return false
	}
	q.add(" AND (")
	t.write(q)
	if t.unset {
		q.add(" OR (" + t.isset + ") IS NOT TRUE") // also where an outer join found no row
	}
	q.add(")")
	return true
}

// extraColumn is where values of the type are compared.
func extraColumn(t skranke.Type) string {
	switch {
	case t.IsText():
		return "v.text_fold"
	case t == skranke.TypeFloat:
		return "v.real_value"
	}
	return "v.int_value"
}

// extraCondition appends a condition on an extra field of the row whose id is
// owner. A field that is not set has no row; so a test which that passes is
// written as: no row fails it.
func (q *statement) extraCondition(c *skranke.Criterion, domain skranke.Domain, owner string, field skranke.ExtraFieldID) bool {
	t := newTest(c, extraColumn(c.Type), false)
	if t == nil {
		return false
	}
	exists := " AND EXISTS ("
	if t.unset {
		exists = " AND NOT EXISTS ("
		t.negated = !t.negated
	}
	q.add(exists+"SELECT 1 FROM extra_value v WHERE v.domain = ", num(domain))
	q.add(" AND v.owner_id = "+owner+" AND v.field_id = ", num(field))
	q.add(" AND ")
	t.write(q)
	q.add(")")
	return true
}

// test is a criterion as an expression over one column.
type test struct {
	column  string
	isset   string // holds where the column has a value
	is      string // what a value must meet, a ? for each of args
	args    []arg
	negated bool // a value must not meet it
	unset   bool // a column without a value passes
}

// newTest makes the expression of a criterion, nil if only Go judges it
// exactly. boolean says that the column holds truth values, not numbers.
func newTest(c *skranke.Criterion, column string, boolean bool) *test {
	t := &test{column: column, isset: column + " IS NOT NULL"}
	switch {
	case column == "t.id":
		t.isset = "TRUE" // the key of the table itself; a bound on it would hide the asked one
	case c.Type.IsID():
		t.isset = column + " > 0"
	}
	value := num(c.Low)
	switch {
	case c.Type.IsText():
		value = arg{kind: argText, s: c.Text}
	case c.Type == skranke.TypeFloat:
		value = float(c.Float)
	case boolean:
		value = flag(c.Low != 0)
	}
	switch c.Op {
	case skranke.OpContains, skranke.OpBeginsWith:
		// Other types are searched in the form they are printed in, which only
		// Go knows, and databases bound the length of a pattern.
		if !c.Type.IsText() || len(c.Text) > 1000 {
			return nil
		}
		t.unset = c.Text == ""
		if after := following(c.Text); c.Op == skranke.OpBeginsWith && after != "" {
			t.is, t.args = column+" >= ? AND "+column+" < ?", []arg{text(c.Text), text(after)} // finds its way in an index
			break
		}
		t.is, t.args = column+` LIKE ? ESCAPE '\'`, []arg{text("%" + likePattern.Replace(c.Text) + "%")}
		if c.Op == skranke.OpBeginsWith {
			t.args[0] = text(likePattern.Replace(c.Text) + "%")
		}
	case skranke.OpEquals, skranke.OpNotEquals:
		t.is, t.args = column+" = ?", []arg{value}
		if c.Low != c.High {
			t.is, t.args = column+" BETWEEN ? AND ?", []arg{num(c.Low), num(c.High)}
		}
		t.unset = c.Type.IsText() && c.Text == ""
		if c.Op == skranke.OpNotEquals {
			t.negated, t.unset = true, !t.unset
		}
	case skranke.OpGt, skranke.OpLt, skranke.OpGte, skranke.OpLte:
		t.is, t.args = column+comparisons[c.Op], []arg{value}
	case skranke.OpIn, skranke.OpNotIn:
		if !t.within(c.Spans) {
			return nil
		}
		t.negated = c.Op == skranke.OpNotIn
		t.unset = t.negated
	case skranke.OpEmpty:
		t.is, t.unset = "FALSE", true
		if c.Type.IsText() {
			t.is = column + " = ''"
		}
	}
	return t
}

// following is the first text after all that begin with prefix, in the order of
// databases, which is that of code points; "" if there is none.
func following(prefix string) string {
	r, size := utf8.DecodeLastRuneInString(prefix)
	if size == 0 || r >= unicode.MaxRune || r == utf8.RuneError {
		return ""
	}
	if r++; 0xD800 <= r && r <= 0xDFFF {
		r = 0xE000
	}
	return prefix[:len(prefix)-size] + string(r)
}

var comparisons = map[skranke.Op]string{
	skranke.OpGt: " > ?", skranke.OpLt: " < ?", skranke.OpGte: " >= ?", skranke.OpLte: " <= ?",
}

// likePattern makes the signs of a pattern stand for themselves.
var likePattern = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// maxListed is how many numbers of a list a statement carries.
const maxListed = 10_000

// within makes the test a list of numbers and ranges; false if it is too long.
func (t *test) within(spans []skranke.Span) bool {
	parts := []string{"FALSE"}
	var listed []arg
	for _, s := range spans {
		if s.High-s.Low >= 0 && s.High-s.Low < 3 {
			for n := range s.High - s.Low + 1 {
				listed = append(listed, num(s.Low+n))
			}
			continue
		}
		parts = append(parts, t.column+" BETWEEN ? AND ?")
		t.args = append(t.args, num(s.Low), num(s.High))
	}
	if len(parts) > maxConditions || len(listed) > maxListed {
		return false
	}
	if len(listed) > 0 {
		parts[0] = t.column + " IN (" + strings.Repeat("?, ", len(listed)-1) + "?)"
		t.args = append(listed, t.args...)
	}
	t.is = strings.Join(parts, " OR ")
	if len(parts) > 1 {
		t.is = "(" + t.is + ")"
	}
	return true
}

// write appends: there is a value and it passes.
func (t *test) write(q *statement) {
	not := ""
	if t.negated {
		not = "NOT "
	}
	q.add("(" + t.isset + " AND " + not + "(")
	for i, part := range strings.Split(t.is, "?") {
		if i > 0 {
			q.add("", t.args[i-1])
		}
		q.add(part)
	}
	q.add("))")
}

package store

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"skranke"
)

// Condition is a criterion on a column or, if Extra is set, on an extra field
// of the ticket.
type Condition struct {
	Column    string // as the catalogue of fields names it
	Extra     skranke.ExtraFieldID
	Criterion skranke.Criterion
}

// TicketSearch says which tickets to find and in which order.
type TicketSearch struct {
	Of    *Viewer // only tickets of this customer, and of his company unless that is 0; nil for all
	Where []Condition
	Order string // column; "" for the id, which also breaks ties
	Desc  bool
	By    *skranke.ExtraField // order by this field of the ticket instead
	Extra bool                // read the extra values of what is found
}

// maxConditions is how many conditions a statement carries: databases bound the
// depth of an expression. The others are looked at one row at a time.
const maxConditions = 50

// FindTickets hands fn the tickets that meet every condition, in order, until
// there are no more or fn says so. Conditions the database cannot judge as
// exactly as skranke.Criterion does are judged here, row by row.
func (tx *ReadTx) FindTickets(ctx context.Context, s TicketSearch, fn func(*skranke.FoundTicket) (more bool, err error)) error {
	var q statement
	only := ""
	if s.Of != nil { // a person's tickets are few; those of a status or an owner may be nearly all
		only = tx.dialect.byKey
	}
	q.add("SELECT " + tickets.columns + ", c.first_name, c.last_name FROM ticket t" + only + " LEFT JOIN customer c ON c.id = t.customer_id WHERE TRUE")
	if s.Of != nil {
		q.add(" AND t.id IN (SELECT x.ticket_id FROM ticket_customer x WHERE x.customer_id = ", num(s.Of.Customer))
		if s.Of.Company != 0 {
			q.add(" UNION SELECT x.ticket_id FROM ticket_customer x JOIN customer k ON k.id = x.customer_id WHERE k.company_id = ", num(s.Of.Company))
		}
		q.add(")")
	}
	var rest []Condition
	readExtra := s.Extra
	for i, c := range s.Where {
		if i >= maxConditions || !q.condition(c) {
			rest = append(rest, c)
			readExtra = readExtra || c.Extra != 0
		}
	}
	q.order(s)
	r := tx.query(ctx, q.sql.String(), q.args...)
	defer r.close()
	for r.next() {
		t := new(skranke.FoundTicket)
		scanTicket(r, &t.Ticket)
		t.Name = skranke.CustomerName{First: r.text(), Last: r.text()}
		if readExtra {
			extra, err := tx.extra(ctx, skranke.DomainTicket, int64(t.ID))
			if err != nil {
				return err
			}
			t.Extra = extra
		}
		if !meets(t, rest) {
			continue
		}
		if more, err := fn(t); err != nil || !more {
			return err
		}
	}
	if r.err != nil {
		return fmt.Errorf("finding tickets: %w", r.err)
	}
	return nil
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
		q.add("(SELECT "+extraColumn(s.By.Type())+" FROM extra_value v WHERE v.domain = ", num(skranke.DomainTicket))
		q.add(" AND v.owner_id = t.id AND v.field_id = ", num(s.By.ID))
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
		return q.extraCondition(&c.Criterion, skranke.DomainTicket, "t.id", c.Extra)
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
		if len(c.Spans) > maxConditions {
			return nil
		}
		t.within(c.Spans)
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

func (t *test) within(spans []skranke.Span) {
	parts := []string{"FALSE"}
	for _, s := range spans {
		parts = append(parts, t.column+" BETWEEN ? AND ?")
		t.args = append(t.args, num(s.Low), num(s.High))
	}
	t.is = "(" + strings.Join(parts, " OR ") + ")"
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

package ports_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"skranke"
	"skranke/store"
)

// crowd is random people and everything that paths lead them to, as plain
// tables: what the search of the server is compared with.
type crowd struct {
	r      *rand.Rand
	tables map[string]*plainTable
}

// plainTable is rows of printed values by column; "" and, for references, -1 are
// unset. The rows are in the order of their keys, which stand in column 0.
type plainTable struct {
	columns []plainColumn
	rows    [][]string
}

type plainColumn struct {
	name, to string
	kind     byte // t text, n number, b truth, r reference
}

func (t *plainTable) column(name string) int {
	return slices.IndexFunc(t.columns, func(c plainColumn) bool { return c.name == name })
}

var plainNames = []string{"Ann", "ann", "Bo", "Åse", "åSE", "Straße", "", "%", "a_b", "Kim K."}

func (c *crowd) pick(list []string) string { return list[c.r.IntN(len(list))] }
func (c *crowd) id(n int) int64            { return c.r.Int64N(int64(n)+2) - 1 } // sometimes none, sometimes of nobody

func newCrowd(seed uint64) *crowd {
	return &crowd{r: rand.New(rand.NewPCG(seed, 7)), tables: map[string]*plainTable{
		"person": {columns: []plainColumn{{"person_id", "", 'n'}, {"firstname", "", 't'}, {"lastname", "", 't'}, {"fullName", "", 't'}, {"rank", "", 'n'}, {"retired", "", 'b'},
			{"contact_id", "contact", 'r'}, {"country_id", "country", 'r'}, {"supportAssociateId", "ejuser", 'r'}, {"x_301", "", 't'}}},
		"contact": {columns: []plainColumn{{"contact_id", "", 'n'}, {"name", "", 't'}, {"department", "", 't'}, {"country_id", "country", 'r'}, {"supportPersonId", "person", 'r'},
			{"associate_id", "ejuser", 'r'}, {"x_401", "", 'b'}}},
		"Email":            {columns: []plainColumn{{"email_id", "", 'n'}, {"person_id", "person", 'r'}, {"email_address", "", 't'}, {"rank", "", 'n'}}},
		"company_domain":   {columns: []plainColumn{{"id", "", 'n'}, {"company_id", "contact", 'r'}, {"domain_name", "", 't'}}},
		"country":          {columns: []plainColumn{{"country_id", "", 'n'}, {"name", "", 't'}}},
		"ejuser":           {columns: []plainColumn{{"id", "", 'n'}, {"loginname", "", 't'}, {"firstname", "", 't'}}},
		"ticket":           {columns: []plainColumn{{"id", "", 'n'}, {"title", "", 't'}, {"cust_id", "person", 'r'}, {"owned_by", "ejuser", 'r'}, {"status", "", 'n'}}},
		"ticket_customers": {columns: []plainColumn{{"id", "", 'n'}, {"ticket_id", "ticket", 'r'}, {"customer_id", "person", 'r'}}},
	}}
}

func (c *crowd) add(table string, values ...any) {
	t := c.tables[table]
	row := make([]string, len(values))
	for i, v := range values {
		row[i] = fmt.Sprint(v)
		if n, ok := v.(int64); ok && t.columns[i].kind == 'r' && n <= 0 {
			row[i] = "-1"
		}
		if b, ok := v.(bool); ok {
			row[i] = map[bool]string{true: "1", false: "0"}[b]
		}
	}
	t.rows = append(t.rows, row)
	slices.SortStableFunc(t.rows, func(a, b []string) int {
		x, _ := strconv.Atoi(a[0])
		y, _ := strconv.Atoi(b[0])
		return cmp.Compare(x, y)
	})
}

// fill makes the crowd, in the database and beside it.
func (c *crowd) fill(ctx context.Context, tx *store.WriteTx) error {
	const people, companies, countries, tickets = 12, 4, 3, 10
	for i := range int64(countries) {
		k := skranke.Country{ID: skranke.CountryID(i + 1), Name: c.pick(plainNames)}
		if err := tx.InsertCountry(ctx, &k); err != nil {
			return err
		}
		c.add("country", int64(k.ID), k.Name)
	}
	for _, f := range []skranke.ExtraField{{ID: 301, Domain: skranke.DomainCustomer, Kind: skranke.ExtraText}, {ID: 401, Domain: skranke.DomainCompany, Kind: skranke.ExtraBool}} {
		if err := tx.InsertExtraField(ctx, &f); err != nil {
			return err
		}
	}
	err := tx.EachUser(ctx, func(u *skranke.User) error {
		c.add("ejuser", int64(u.ID), u.LoginName, u.FirstName)
		return nil
	})
	if err != nil {
		return err
	}
	for i := range companies {
		k := skranke.Company{ID: skranke.CompanyID(i + 1), Name: c.pick(plainNames), Department: c.pick(plainNames), PrimContact: skranke.CustomerID(max(c.id(people), 0)),
			OurSales: skranke.UserID(max(c.id(7), 0)), Deleted: c.r.IntN(5) == 0}
		k.Country = skranke.CountryID(max(c.id(countries), 0))
		vip := c.r.IntN(2) == 0
		if vip || c.r.IntN(2) == 0 {
			k.Extra = []skranke.ExtraValue{{Field: 401, Value: skranke.BoolValue(vip)}}
		}
		for range c.r.IntN(3) {
			k.Domains = append(k.Domains, c.pick(plainNames))
		}
		if err := tx.InsertCompany(ctx, &k); err != nil {
			return err
		}
		for rank, d := range k.Domains {
			c.add("company_domain", int64(k.ID)*1000000+int64(rank)+1, int64(k.ID), d)
		}
		extra := any("")
		if k.Extra != nil {
			extra = vip
		}
		if !k.Deleted {
			c.add("contact", int64(k.ID), k.Name, k.Department, int64(k.Country), int64(k.PrimContact), int64(k.OurSales), extra)
		}
	}
	for i := range people {
		p := skranke.Customer{ID: skranke.CustomerID(i + 1), FirstName: c.pick(plainNames), LastName: c.pick(plainNames), Company: skranke.CompanyID(max(c.id(companies), 0)),
			OurContact: skranke.UserID(max(c.id(7), 0)), Retired: c.r.IntN(3) == 0, Deleted: c.r.IntN(6) == 0}
		p.Country, p.Rank = skranke.CountryID(max(c.id(countries), 0)), c.r.IntN(4)
		if c.r.IntN(3) == 0 {
			p.FullName = c.pick(plainNames)
		}
		shoe := c.pick(plainNames)
		if shoe != "" {
			p.Extra = []skranke.ExtraValue{{Field: 301, Value: skranke.TextValue(shoe)}}
		}
		for range c.r.IntN(4) {
			p.Emails = append(p.Emails, c.pick(plainNames))
		}
		if err := tx.InsertCustomer(ctx, &p); err != nil {
			return err
		}
		for rank, e := range p.Emails {
			c.add("Email", int64(p.ID)*1000000+int64(rank)+1, int64(p.ID), e, rank)
		}
		if !p.Deleted {
			c.add("person", int64(p.ID), p.FirstName, p.LastName, p.Name(), p.Rank, p.Retired, int64(p.Company), int64(p.Country), int64(p.OurContact), shoe)
		}
	}
	for i := range tickets {
		t := skranke.Ticket{ID: skranke.TicketID(i + 1), Title: c.pick(plainNames), Owner: skranke.UserID(max(c.id(7), 0)), Status: skranke.Status(1 + c.r.IntN(5))}
		for _, n := range c.r.Perm(people)[:c.r.IntN(4)] {
			t.Customers = append(t.Customers, skranke.CustomerID(n+1))
		}
		if err := tx.InsertTicket(ctx, &t); err != nil {
			return err
		}
		c.add("ticket", int64(t.ID), t.Title, int64(t.Customer()), int64(t.Owner), int(t.Status))
		for rank, n := range t.Customers {
			c.add("ticket_customers", int64(t.ID)*1000000+int64(rank)+1, int64(t.ID), int64(n))
		}
	}
	return nil
}

// plainPath is a random path: the names of its steps, and what each does.
type plainPath struct {
	text   string
	prefix []string // what the first steps of it are called, alike for alike rows
	steps  []plainStep
	column plainColumn
	table  string
}

type plainStep struct {
	inner, many bool
	table       string // of the row it leads to
	column      int    // the reference: of the row before, with many of table
}

func (c *crowd) path(trunks []plainPath) plainPath {
	p := plainPath{text: "person", table: "person"}
	if len(trunks) > 0 && c.r.IntN(2) == 0 { // shares its first joins with another
		trunk := trunks[c.r.IntN(len(trunks))]
		n := c.r.IntN(len(trunk.steps) + 1)
		for _, s := range trunk.steps[:n] {
			c.step(&p, s)
		}
	}
	for len(p.steps) < 3 && c.r.IntN(2) == 0 {
		var ways []plainStep
		for i, col := range c.tables[p.table].columns {
			if col.to != "" {
				ways = append(ways, plainStep{table: col.to, column: i})
			}
		}
		for _, name := range []string{"person", "contact", "Email", "company_domain", "ticket", "ticket_customers"} {
			for i, col := range c.tables[name].columns {
				if col.to == p.table {
					ways = append(ways, plainStep{many: true, table: name, column: i})
				}
			}
		}
		if len(ways) == 0 {
			break
		}
		way := ways[c.r.IntN(len(ways))]
		way.inner = c.r.IntN(4) == 0
		c.step(&p, way)
	}
	columns := c.tables[p.table].columns
	p.column = columns[c.r.IntN(len(columns))]
	p.text += "." + p.column.name
	return p
}

func (c *crowd) step(p *plainPath, s plainStep) {
	sign := "."
	if s.inner {
		sign = ":"
	}
	name := ""
	if s.many {
		name = "(" + s.table + "->" + c.tables[s.table].columns[s.column].name + ")"
	} else {
		name = c.tables[p.table].columns[s.column].name
	}
	p.text += sign + name
	before := ""
	if n := len(p.prefix); n > 0 {
		before = p.prefix[n-1]
	}
	p.prefix = append(p.prefix, before+"/"+name)
	p.steps = append(p.steps, s)
	p.table = s.table
}

type plainCriterion struct {
	path      plainPath
	op, value string
}

func (c *crowd) criterion(trunks []plainPath) plainCriterion {
	p := c.path(trunks)
	ops := []string{"Contains", "BeginsWith", "Equals", "NotEquals"}
	if p.column.kind == 'n' || p.column.kind == 'r' {
		ops = append(ops, "Lt", "Gt", "Lte", "Gte")
	}
	q := plainCriterion{path: p, op: c.pick(ops)}
	switch p.column.kind {
	case 't':
		q.value = c.pick(append(plainNames, "A", "s", "ß", "K"))
	case 'b':
		q.value = c.pick([]string{"0", "1"})
	default:
		q.value = strconv.Itoa(c.r.IntN(13))
	}
	return q
}

// meets judges a printed value, missing if there is no row to have one.
func (q *plainCriterion) meets(value string, missing bool) bool {
	fold := strings.ToLower // of these names as good as folding
	kind := q.path.column.kind
	unset := missing || kind != 't' && value == "" || kind == 'r' && value == "-1"
	printed := value
	if unset {
		printed = map[byte]string{'t': "", 'n': "", 'b': "0", 'r': "-1"}[kind]
		if c := q.path.column.name; kind == 'n' && missing && (c == "person_id" || c == "contact_id" || q.path.idColumn()) {
			printed = "-1"
		}
	}
	equal := !unset && value == q.value
	if kind == 't' {
		equal = fold(printed) == fold(q.value)
	}
	x, _ := strconv.Atoi(value)
	y, _ := strconv.Atoi(q.value)
	switch q.op {
	case "Contains":
		return strings.Contains(fold(printed), fold(q.value))
	case "BeginsWith":
		return strings.HasPrefix(fold(printed), fold(q.value))
	case "Equals":
		return equal
	case "NotEquals":
		return !equal
	case "Lt":
		return !unset && x < y
	case "Gt":
		return !unset && x > y
	case "Lte":
		return !unset && x <= y
	}
	return !unset && x >= y
}

// idColumn says whether the column is the key of a table whose keys have a type
// of their own, which print as -1 when there is no row.
func (p *plainPath) idColumn() bool {
	return p.column.name == "id" && (p.table == "ticket" || p.table == "ejuser")
}

// find walks all combinations of rows the paths lead to, one join after the
// other, and keeps those that meet the criteria.
func (c *crowd) find(fields []plainPath, criteria []plainCriterion) []string {
	type join struct {
		plainStep
		from, name string
		shown      bool
	}
	var joins []*join
	byName := map[string]*join{}
	note := func(p plainPath, shown bool) {
		from := ""
		for i, s := range p.steps {
			j := byName[p.prefix[i]]
			if j == nil {
				j = &join{plainStep: s, from: from, name: p.prefix[i]}
				j.inner = false
				byName[j.name] = j
				joins = append(joins, j)
			}
			j.inner = j.inner || s.inner
			j.shown = j.shown || shown
			from = p.prefix[i]
		}
	}
	for _, p := range fields {
		note(p, true)
	}
	for _, q := range criteria {
		note(q.path, false)
	}
	at := map[string][]string{} // the present row of every join, nil for none
	value := func(p plainPath) (string, bool) {
		row := at[""]
		if n := len(p.prefix); n > 0 {
			row = at[p.prefix[n-1]]
		}
		if row == nil {
			return "", true
		}
		return row[c.tables[p.table].column(p.column.name)], false
	}
	var found []string
	seen := map[string]bool{}
	var walk func(int)
	walk = func(n int) {
		if n < len(joins) {
			j := joins[n]
			var partners [][]string
			if from := at[j.from]; from != nil {
				for _, row := range c.tables[j.table].rows {
					if j.many && row[j.column] == from[0] || !j.many && row[0] == from[j.column] {
						partners = append(partners, row)
					}
				}
			}
			if len(partners) == 0 && !j.inner {
				partners = [][]string{nil}
			}
			for _, row := range partners {
				at[j.name] = row
				walk(n + 1)
			}
			return
		}
		for _, q := range criteria {
			if v, missing := value(q.path); !q.meets(v, missing) {
				return
			}
		}
		key := at[""][0]
		for _, j := range joins {
			if j.shown {
				key += fmt.Sprint("/", j.name, at[j.name])
			}
		}
		if seen[key] {
			return
		}
		seen[key] = true
		line := ""
		for _, p := range fields {
			v, missing := value(p)
			switch {
			case p.column.kind == 'r' && missing, missing && (p.column.name == "person_id" || p.column.name == "contact_id" || p.idColumn()):
				v = "-1"
			case p.column.kind == 'b' && v == "":
				v = "0"
			}
			line += v + ","
		}
		found = append(found, strings.TrimSuffix(line, ","))
	}
	for _, row := range c.tables["person"].rows {
		at[""] = row
		walk(0)
	}
	return found
}

// TestFindCustomersAsPlainly compares searches by random paths over random people
// with what nested loops over plain tables find.
func TestFindCustomersAsPlainly(t *testing.T) {
	hits := 0
	for seed := range uint64(6) {
		c := newCrowd(seed)
		w := newWorldOf(t, func(ctx context.Context, tx *store.WriteTx) error {
			for _, fill := range []func(context.Context, *store.WriteTx) error{addRanges, addUsers, c.fill} {
				if err := fill(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		key := w.logInUser("ada")
		for range 120 {
			fields := []plainPath{{text: "person.person_id", table: "person", column: plainColumn{"person_id", "", 'n'}}}
			for range c.r.IntN(4) {
				fields = append(fields, c.path(fields))
			}
			trunks := slices.Clone(fields)
			var criteria []plainCriterion
			for range c.r.IntN(4) {
				q := c.criterion(trunks)
				criteria, trunks = append(criteria, q), append(trunks, q.path)
			}
			var names []string
			for _, p := range fields {
				names = append(names, p.text)
			}
			var asked []criterion
			for _, q := range criteria {
				asked = append(asked, criterion{q.path.text, "Operator" + q.op, q.value})
			}
			// ticket.findCustomers.1, ticket.findCustomers.3, ticket.findCustomers.4, tt.dot.2
			got, want := w.findPeople(key, names, asked...), c.find(fields, criteria)
			slices.SortStableFunc(got, byNumber) // rows of one person come in an order of their own
			slices.SortStableFunc(want, byNumber)
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d: fields %q criteria %q:\n got %q\nwant %q", seed, names, asked, got, want)
			}
			hits += len(got)
		}
	}
	if hits < 1000 {
		t.Errorf("only %d rows were compared", hits)
	}
}

// byNumber orders rows by the person, then as texts.
func byNumber(a, b string) int {
	x, _ := strconv.Atoi(strings.Split(a, ",")[0])
	y, _ := strconv.Atoi(strings.Split(b, ",")[0])
	return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
}

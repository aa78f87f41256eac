package ports_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"skranke"
	"skranke/desk"
)

// rowCriterion is an ExtraTableCriteriaStruct of a request.
type rowCriterion struct{ column, op, value, logical, maxEntries string }

// rowCriteria are criteria of queryExtraTable as an argument.
func rowCriteria(list ...rowCriterion) verbatim {
	var b strings.Builder
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;")
	for _, c := range list {
		b.WriteString("<item>")
		for _, m := range [...][2]string{{"columnId", c.column}, {"op", c.op}, {"value", c.value}, {"logicalOp", c.logical}, {"maxEntries", c.maxEntries}} {
			if m[1] != "" {
				b.WriteString("<" + m[0] + ">" + escape.Replace(m[1]) + "</" + m[0] + ">")
			}
		}
		b.WriteString("</item>")
	}
	return verbatim(b.String())
}

// tables are extra tables of a world.
type tables struct {
	*world
	key            string
	places, things string            // their ids
	col            map[string]string // the columns of things by kind, and of places, by their ids
}

func (w *world) newColumn(table skranke.ExtraTableID, kind skranke.ExtraKind, change func(*skranke.ExtraField)) string {
	w.t.Helper()
	f := &skranke.ExtraField{Domain: skranke.DomainTable, Table: table, Kind: kind, Label: "A " + kind.String(), FieldName: "x_" + strings.ReplaceAll(kind.String(), "-", "_")}
	if change != nil {
		change(f)
	}
	if err := w.desk.AddExtraField(context.Background(), f); err != nil {
		w.t.Fatalf("adding a column: %v", err)
	}
	return fmt.Sprint(f.ID)
}

func (w *world) newTable(t skranke.ExtraTable) skranke.ExtraTableID {
	w.t.Helper()
	if err := w.desk.AddExtraTable(context.Background(), &t); err != nil {
		w.t.Fatalf("adding an extra table: %v", err)
	}
	return t.ID
}

// withTables makes two extra tables: places with a name, and things with a
// column of each kind, where kind extra-table points to places.
func withTables(w *world) *tables {
	w.t.Helper()
	tb := &tables{world: w, key: w.logInUser("ada"), col: map[string]string{}}
	places := w.newTable(skranke.ExtraTable{TableName: "y_places", Label: "Places"})
	things := w.newTable(skranke.ExtraTable{TableName: "y_things", Label: "Things <all>", Flags: skranke.TableHidden})
	tb.places, tb.things = fmt.Sprint(places), fmt.Sprint(things)
	tb.col["place"] = w.newColumn(places, skranke.ExtraText, func(f *skranke.ExtraField) { f.Label, f.FieldName = "Name", "x_name" })
	for _, kind := range extraKinds {
		tb.col[kind.String()] = w.newColumn(things, kind, func(f *skranke.ExtraField) {
			if kind == skranke.ExtraTableRow {
				f.Target = places
			}
		})
	}
	err := w.desk.SetExtraTable(context.Background(), places, func(t *skranke.ExtraTable) error {
		id, _ := skranke.ParseID(tb.col["place"])
		t.Display = skranke.ExtraFieldID(id)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return tb
}

func (tb *tables) put(table, row string, values ...pair) answer {
	tb.t.Helper()
	return tb.agent("insertIntoExtraTable", tb.key, table, row, values)
}

// thing stores a row of things; columns are named by their kinds.
func (tb *tables) thing(values ...pair) string {
	tb.t.Helper()
	for i := range values {
		values[i].field = tb.col[values[i].field]
	}
	return tb.put(tb.things, "-1", values...).must().text("rowId")
}

func (tb *tables) query(table string, rest ...any) answer {
	tb.t.Helper()
	return tb.agent("queryExtraTable", append([]any{tb.key, table}, rest...)...)
}

// columns are the rows of an answer: their columns, members joined with strokes.
func (a answer) columns() [][]string {
	a.t.Helper()
	rows := [][]string{}
	for _, item := range a.part("rows").kids {
		row := []string{}
		for _, c := range item.kid("columns").kids {
			row = append(row, members(c))
		}
		rows = append(rows, row)
	}
	return rows
}

// ids are the ids of the rows of an answer whose first column they are.
func (a answer) ids() string {
	a.t.Helper()
	var ids []string
	for _, row := range a.want("0").columns() {
		ids = append(ids, strings.Split(row[0], "|")[3])
	}
	return strings.Join(ids, " ")
}

var onlyID = []string{"-1"}

func TestExtraTableDefinitions(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.agent("getExtraTables", w.logInUser("ada")).want("0").empty("ticket", "getExtraTables")
		tb := withTables(w)
		things, _ := skranke.ParseID(tb.things)
		gone := w.newTable(skranke.ExtraTable{TableName: "y_gone", Label: "Gone", Flags: skranke.TableDeleted})
		w.newColumn(skranke.ExtraTableID(things), skranke.ExtraText, func(f *skranke.ExtraField) { f.Flags = skranke.ExtraDeleted })
		first := w.newColumn(skranke.ExtraTableID(things), skranke.ExtraText, func(f *skranke.ExtraField) {
			f.OrderPos, f.FieldName, f.Label, f.Flags = -1, "x_first", "First", skranke.ExtraPublic|skranke.ExtraReadOnly|1<<19
		})

		a := w.agent("getExtraTables", tb.key).want("0")
		list := a.part("extraTables").kids
		if len(list) != 2 { // ticket.getExtraTables.1
			t.Fatalf("got %d tables, want 2:\n%s", len(list), a.raw)
		}
		describe := func(n *node) []string {
			texts := []string{n.kid("id").text + "|" + n.kid("name").text + "|" + n.kid("flags").text}
			for _, c := range n.kid("fields").kids {
				texts = append(texts, members(c))
			}
			return texts
		}
		same(t, "places", describe(list[0]), []string{tb.places + "|Places|0", tb.col["place"] + "|Name|TypeVarchar|0"})
		want := []string{tb.things + "|Things <all>|1", first + "|First|TypeVarchar|526338"} // ticket.getExtraTables.2, ticket.getExtraTables.3
		for _, kind := range extraKinds {
			want = append(want, tb.col[kind.String()]+"|A "+kind.String()+"|"+kind.Type().String()+"|0")
		}
		same(t, "things", describe(list[1]), want)

		for _, name := range []string{tb.things, " 0" + tb.things + " ", "y_things", " Y_Things "} { // ticket.getExtraTable.1, ticket.getExtraTable.3
			same(t, "getExtraTable of "+name, describe(w.agent("getExtraTable", tb.key, name).want("0").part("extraTable")), want)
		}
		for _, name := range []string{"", "0", "-1", "99", "things", fmt.Sprint(gone), "y_gone"} { // ticket.getExtraTable.2, tt.struct.6
			w.agent("getExtraTable", tb.key, name).want("33").empty("ticket", "getExtraTable")
			tb.query(name, onlyID).want("33").empty("ticket", "queryExtraTable")
			w.agent("deleteExtraTableRow", tb.key, name, "1").want("33")
			tb.put(name, "-1").want("33")
		}
		tb.misspelt("getExtraTable", "getExtra", tb.key, tb.things).want("0") // ticket.common.19
	})
}

// misspelt calls a method by another name.
func (tb *tables) misspelt(name, wrong string, args ...any) answer {
	tb.t.Helper()
	body := strings.ReplaceAll(string(request(tb.t, tb.style, "ticket", name, args)), name, wrong)
	return tb.post("ticket", wrong, []byte(body))
}

func TestExtraTablesNeedAnAdministrator(t *testing.T) {
	tb := withTables(newWorld(t))
	row := tb.thing(pair{"integer", "1"})
	tb.updateUser(bo, func(u *skranke.User) { u.Access = skranke.AccessAdministration })
	lost := tb.logInUser("bo")
	tb.updateUser(bo, func(u *skranke.User) { u.Access = 0 })
	for key, code := range map[string]string{"": "5", "no key": "5", tb.logIn("kari"): "5", lost: "4"} { // ticket.common.7, ticket.common.9, ticket.common.10
		tb.agent("getExtraTables", key).want(code).empty("ticket", "getExtraTables")
		tb.agent("getExtraTable", key, "x").want(code).empty("ticket", "getExtraTable")
		tb.agent("queryExtraTable", key, "x").want(code).empty("ticket", "queryExtraTable")
		tb.agent("deleteExtraTableRow", key, tb.things, row).want(code)
		// ticket.insertIntoExtraTable.2
		if got := tb.agent("insertIntoExtraTable", key, tb.things, " 12x ", []pair{}).want(code).text("rowId"); got != " 12x " {
			t.Errorf("got rowId %q back, want the one that was sent", got)
		}
	}
	if got := tb.query(tb.things, onlyID).ids(); got != row {
		t.Errorf("got rows %q, want %q", got, row)
	}
}

// Every kind of column takes a value and gives it back, with the value of the
// row a relation points to.
func TestExtraTableValues(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		tb := withTables(w)
		ctx := context.Background()
		file, err := w.desk.StoreAttachment(ctx, desk.Actor{User: ada, Auth: ada}, "map.pdf", "application/pdf", strings.NewReader("%PDF"))
		if err != nil {
			t.Fatal(err)
		}
		entry := &skranke.FaqEntry{Title: "How & why", Question: "?", Access: skranke.FaqEveryone, State: skranke.FaqPublished}
		if err := w.desk.AddFaqEntry(ctx, entry); err != nil {
			t.Fatal(err)
		}
		place := tb.put(tb.places, "-1", pair{"x_name", "Room 12"}).must().text("rowId")
		values := []struct{ kind, in, out, title string }{
			{"integer", " -42 ", "-42", ""},
			{"long-text", " a\nb <c> ", " a\nb <c> ", ""},
			{"date", "2021-02-03", "2021-02-03", ""},
			{"datetime", "2021-01-25 13:05", "2021-01-25 13-05-00.000", ""},
			{"time", "13:05:09.5", "13-05-09.500", ""},
			{"bool", "true", "1", ""},
			{"timespan", "90", "90", ""},
			{"float", "1234567.5", "1234567.5", ""},
			{"text", " Ærlig ", " Ærlig ", ""},
			{"customer", fmt.Sprint(kari), "1", "Kari Nordmann"},
			{"company", "2", "2", "Beta"},
			{"ticket", "1012", "1012", `Printer <on> & "fire"`},
			{"user", "2", "2", "Lovelace"},
			{"extra-table", place, place, "Room 12"},
			{"attachment", fmt.Sprint(file), fmt.Sprint(file), "map.pdf"},
			{"link", "https://example.com/?a=1&b", "https://example.com/?a=1&b", ""},
			{"category", fmt.Sprint(apps), "3", "Support desk/Hardware/Apps"},
			{"priority", "3", "3", "High"},
			{"faq", fmt.Sprint(entry.ID), fmt.Sprint(entry.ID), "How & why"},
		}
		var pairs []pair
		for i, v := range values {
			name := tb.col[v.kind]
			switch i % 3 { // ticket.queryExtraTable.1, ticket.insertIntoExtraTable.3
			case 1:
				name = "x_" + name
			case 2:
				name = " X_" + strings.ReplaceAll(v.kind, "-", "_")
			}
			pairs = append(pairs, pair{name, v.in})
		}
		id := tb.put(tb.things, " -1 ", pairs...).must().text("rowId") // ticket.insertIntoExtraTable.1
		if id != "1" {
			t.Errorf("got row %q, want the first of its table, 1", id)
		}
		want, unset := []string{}, []string{}
		column := func(n *int, id, name, value string) string {
			*n++
			return fmt.Sprintf("%d|%s|%s|%s", *n-1, id, name, value)
		}
		n, m := 0, 0
		want = append(want, column(&n, "-1", "id", id)) // ticket.queryExtraTable.2, ticket.queryExtraTable.4
		unset = append(unset, column(&m, "-1", "id", "2"))
		for _, v := range values {
			kind, _ := skranke.ParseExtraKind(v.kind)
			none := ""
			if kind.Type().IsID() {
				none = "-1"
			} else if v.kind == "bool" {
				none = "0"
			}
			want = append(want, column(&n, tb.col[v.kind], "A "+v.kind, v.out))
			unset = append(unset, column(&m, tb.col[v.kind], "A "+v.kind, none)) // ticket.common.16
			if v.title != "" {                                                   // ticket.queryExtraTable.3
				want = append(want, column(&n, tb.col[v.kind], "A "+v.kind+" (value)", v.title))
				unset = append(unset, column(&m, tb.col[v.kind], "A "+v.kind+" (value)", ""))
			}
		}
		if id := tb.put(tb.things, "-1").must().text("rowId"); id != "2" { // ticket.insertIntoExtraTable.5
			t.Errorf("got row %q, want 2", id)
		}
		for _, fields := range []any{[]string{}, absent{}, []string{"", " "}} {
			sameTable(t, "all columns", tb.query("y_things", fields).want("0").columns(), [][]string{want, unset})
		}
		// ticket.queryExtraTable.2, ticket.queryExtraTable.4: as asked, also twice
		sameTable(t, "some columns", tb.query(tb.things, []string{"x_bool", " -1 ", tb.col["company"], "-1"}, rowCriteria(rowCriterion{"-1", "OperatorEquals", "1", "", ""})).want("0").columns(),
			[][]string{{"0|" + tb.col["bool"] + "|A bool|1", "1|-1|id|1", "2|" + tb.col["company"] + "|A company|2", "3|" + tb.col["company"] + "|A company (value)|Beta", "4|-1|id|1"}})
		for _, bad := range []string{"0", "999", "x_999", "x_nothing", "id", "A bool", tb.col["place"], "x_name", "things.x_bool"} { // ticket.queryExtraTable.1
			tb.query(tb.things, []string{"-1", bad}).want("12").empty("ticket", "queryExtraTable")
			tb.query(tb.things, onlyID, rowCriteria(rowCriterion{bad, "OperatorEquals", "1", "", ""})).want("12")
			tb.query(tb.things, onlyID, absent{}, bad).want("12")
			tb.put(tb.things, "1", pair{bad, "1"}).want("12")
		}
		tb.query(tb.things, onlyID, rowCriteria(rowCriterion{column: "", op: "OperatorEquals", value: "1"})).want("12")

		// A relation to something that is gone keeps its id and has no value.
		dangling := map[string]string{"customer": "1", "company": "2", "ticket": "1012", "user": "2", "extra-table": place}
		w.updateCustomer(kari, func(c *skranke.Customer) { c.Deleted = true })
		if err := w.desk.SetCompany(ctx, beta, func(c *skranke.Company) error { c.Deleted = true; return nil }); err != nil {
			t.Fatal(err)
		}
		w.updateTicket(1012, func(t *skranke.Ticket) { t.Status = skranke.Deleted })
		tb.misspelt("deleteExtraTableRow", "deleteExtraTableRows", tb.key, tb.places, place).want("0") // ticket.common.19, ticket.deleteExtraTableRow.1
		w.agent("deleteExtraTableRow", tb.key, tb.places, place).want("0")                             // ticket.deleteExtraTableRow.1
		for _, kind := range []string{"customer", "company", "ticket", "extra-table"} {                // ticket.deleteExtraTableRow.2
			sameTable(t, "gone "+kind, tb.query(tb.things, []string{tb.col[kind]}, absent{}, "", "1").want("0").columns(),
				[][]string{{"0|" + tb.col[kind] + "|A " + kind + "|" + dangling[kind], "1|" + tb.col[kind] + "|A " + kind + " (value)|"}})
		}
	})
}

func TestDisplayFields(t *testing.T) {
	tb := withTables(newWorld(t))
	var places skranke.ExtraTableID
	if n, ok := skranke.ParseID(tb.places); ok {
		places = skranke.ExtraTableID(n)
	}
	opened := tb.newColumn(places, skranke.ExtraDate, nil)
	unnamed := tb.put(tb.places, "-1", pair{opened, "2020-02-29"}).must().text("rowId")
	tb.thing(pair{"extra-table", unnamed})
	title := func() string {
		t.Helper()
		return tb.query(tb.things, []string{tb.col["extra-table"]}).want("0").columns()[0][1]
	}
	display := func(id string) {
		t.Helper()
		err := tb.desk.SetExtraTable(context.Background(), places, func(t *skranke.ExtraTable) error {
			n, _ := skranke.ParseID(id)
			t.Display = skranke.ExtraFieldID(n)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	prefix := "1|" + tb.col["extra-table"] + "|A extra-table (value)|"
	for _, step := range []struct{ display, want string }{{tb.col["place"], ""}, {opened, "2020-02-29"}, {"", unnamed}} { // ticket.queryExtraTable.3
		display(step.display)
		if got := title(); got != prefix+step.want {
			t.Errorf("display field %q: got %q, want %q", step.display, got, prefix+step.want)
		}
	}
	if err := tb.desk.SetExtraTable(context.Background(), places, func(t *skranke.ExtraTable) error { t.Flags = skranke.TableDeleted; return nil }); err != nil {
		t.Fatal(err)
	}
	if got := title(); got != prefix {
		t.Errorf("a deleted table: got %q, want nothing", got)
	}
}

// What is refused leaves nothing behind, and gives the rowId back.
func TestInsertIntoExtraTable(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		tb := withTables(w)
		n, _ := skranke.ParseID(tb.things)
		things := skranke.ExtraTableID(n)
		flagged := func(name string, flags skranke.ExtraFlags, def string) {
			tb.col[name] = w.newColumn(things, skranke.ExtraText, func(f *skranke.ExtraField) {
				f.FieldName, f.Label, f.Flags, f.Default = "x_"+name, name, flags, def
			})
		}
		flagged("readonly", skranke.ExtraReadOnly, "")
		flagged("once", skranke.ExtraCannotChange, "")
		flagged("hidden", skranke.ExtraHidden, "")
		flagged("usual", skranke.ExtraUseDefault, "so it is")
		flagged("idle", 0, "no default without its flag")
		all := []string{"-1", tb.col["integer"], tb.col["text"], tb.col["readonly"], tb.col["once"], tb.col["hidden"], tb.col["usual"], tb.col["idle"]}
		values := func() [][]string {
			t.Helper()
			var rows [][]string
			for _, row := range tb.query(tb.things, all).want("0").columns() {
				var texts []string
				for _, c := range row {
					texts = append(texts, strings.Split(c, "|")[3])
				}
				rows = append(rows, texts)
			}
			return rows
		}
		row := tb.thing(pair{"integer", "1"}, pair{"once", "set"}, pair{"hidden", "seen"}, pair{"integer", "2"}) // ticket.common.6
		want := []string{row, "2", "", "", "set", "seen", "so it is", ""}                                        // ticket.insertIntoExtraTable.4, types.extra.6
		sameTable(t, "the new row", values(), [][]string{want})

		if got := tb.put(tb.things, " 0"+row+" ", pair{tb.col["text"], "t"}, pair{tb.col["once"], "set"}, pair{tb.col["usual"], ""}).must().text("rowId"); got != row {
			t.Errorf("updating: got rowId %q, want %q", got, row)
		}
		want[2], want[6] = "t", ""
		sameTable(t, "the changed row", values(), [][]string{want}) // ticket.insertIntoExtraTable.4
		tb.put(tb.things, row).want("0")
		sameTable(t, "the row after no change", values(), [][]string{want})

		for _, bad := range []string{"", "0", "x", "-2", "99", "1.0", "2147483648"} { // ticket.insertIntoExtraTable.1, ticket.insertIntoExtraTable.2
			if got := tb.put(tb.things, bad, pair{tb.col["text"], "u"}).want("7").text("rowId"); got != bad {
				t.Errorf("row %q: got %q back", bad, got)
			}
		}
		long := strings.Repeat("ø", 256)
		for _, bad := range []pair{ // ticket.insertIntoExtraTable.3, types.extra.4, types.extra.5, ticket.common.17
			{"-1", "7"}, {tb.col["readonly"], "x"}, {tb.col["integer"], "1.5"}, {tb.col["integer"], "one"}, {tb.col["text"], long}, {tb.col["link"], long},
			{tb.col["date"], "2021-02-30"}, {tb.col["datetime"], "yesterday"}, {tb.col["time"], "25:00"}, {tb.col["bool"], "yes"}, {tb.col["float"], "1e5"},
			{tb.col["customer"], "999"}, {tb.col["customer"], "x"}, {tb.col["company"], "9"}, {tb.col["ticket"], "1015"}, {tb.col["user"], "5"},
			{tb.col["extra-table"], "1"}, {tb.col["attachment"], "9999"}, {tb.col["category"], "99"}, {tb.col["priority"], "4"}, {tb.col["faq"], "1"},
			{tb.col["place"], "of another table"}, {"", "x"},
		} {
			for _, rowID := range []string{"-1", row} {
				a := tb.put(tb.things, rowID, pair{tb.col["text"], "not stored"}, bad).want("12")
				if got := a.text("rowId"); got != rowID { // ticket.insertIntoExtraTable.2
					t.Errorf("%v: got rowId %q back, want %q", bad, got, rowID)
				}
			}
		}
		tb.put(tb.things, row, pair{tb.col["once"], "again"}).want("12")
		sameTable(t, "the row after refusals", values(), [][]string{want}) // ticket.insertIntoExtraTable.4, ticket.common.8

		// ticket.insertIntoExtraTable.5
		flagged("must", skranke.ExtraNotEmpty, "no default without its flag")
		tb.put(tb.things, "-1").want("12")
		tb.put(tb.things, "-1", pair{tb.col["must"], ""}).want("12")
		tb.put(tb.things, row, pair{tb.col["must"], ""}).want("12")
		tb.put(tb.things, row, pair{tb.col["text"], "t"}).want("0")
		tb.put(tb.things, "-1", pair{tb.col["must"], "m"}).must()
		flagged("filled", skranke.ExtraNotEmpty|skranke.ExtraUseDefault, "by default")
		if rows := len(values()); rows != 2 {
			t.Errorf("got %d rows, want 2", rows)
		}
		last := tb.put(tb.things, "-1", pair{"x_must", "m"}).must().text("rowId")
		got := tb.query(tb.things, []string{"x_filled"}, rowCriteria(rowCriterion{"-1", "OperatorEquals", last, "", ""})).columns()
		sameTable(t, "a mandatory column with a default", got, [][]string{{"0|" + tb.col["filled"] + "|filled|by default"}})
	})
}

// numbered makes rows 1 to n of things with these integers; "" is unset.
func (tb *tables) numbered(integers ...string) {
	tb.t.Helper()
	for _, n := range integers {
		tb.thing(pair{"integer", n})
	}
}

func TestQueryExtraTableOrder(t *testing.T) {
	tb := withTables(newWorld(t))
	for _, row := range [][3]string{{"3", "b", "2"}, {"1", "A", "1"}, {"", "", "-1"}, {"10", "a", "2"}, {"1", "Å", "1"}} {
		tb.thing(pair{"integer", row[0]}, pair{"text", row[1]}, pair{"customer", row[2]}, pair{"float", row[0]})
	}
	ordered := func(order, limit, ascending any) string {
		t.Helper()
		return tb.query(tb.things, onlyID, absent{}, order, limit, ascending).ids()
	}
	// ticket.queryExtraTable.8
	for _, test := range []struct{ order, ascending, want string }{
		{"", "", "1 2 3 4 5"}, {"-1", "true", "1 2 3 4 5"}, {" -1", " FALSE ", "5 4 3 2 1"},
		{tb.col["integer"], "1", "3 2 5 1 4"}, {"x_integer", "0", "4 1 2 5 3"}, {tb.col["float"], "False", "4 1 2 5 3"},
		{tb.col["text"], "true", "3 2 4 1 5"}, {tb.col["text"], "false", "5 1 2 4 3"},
		{tb.col["customer"], "true", "3 2 5 1 4"},
	} {
		if got := ordered(test.order, "", test.ascending); got != test.want {
			t.Errorf("by %q, ascending %q: got %s, want %s", test.order, test.ascending, got, test.want)
		}
	}
	for _, bad := range []string{"yes", "2", "asc", "-1"} {
		tb.query(tb.things, onlyID, absent{}, "", "", bad).want("28").empty("ticket", "queryExtraTable")
	}
	// ticket.queryExtraTable.9
	for limit, want := range map[string]string{"": "3 2 5 1 4", "0": "3 2 5 1 4", "-1": "3 2 5 1 4", " 2 ": "3 2", "1": "3", "99999999": "3 2 5 1 4"} {
		if got := ordered(tb.col["integer"], limit, absent{}); got != want {
			t.Errorf("at most %q: got %s, want %s", limit, got, want)
		}
	}
	for _, bad := range []string{"x", "1.5", "1e3", "one"} {
		tb.query(tb.things, onlyID, absent{}, "", bad).want("28")
	}
	// ticket.queryExtraTable.8: the table's own order
	n, _ := skranke.ParseID(tb.things)
	column, _ := skranke.ParseID(tb.col["text"])
	err := tb.desk.SetExtraTable(context.Background(), skranke.ExtraTableID(n), func(t *skranke.ExtraTable) error {
		t.Order = skranke.ExtraFieldID(column)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := ordered("", "", ""); got != "3 2 4 1 5" {
		t.Errorf("the table's own order: got %s", got)
	}

	// ticket.queryExtraTable.10, tt.struct.3, tt.struct.4
	for _, test := range []struct {
		max      any
		criteria []rowCriterion
		want     string
	}{
		{"", []rowCriterion{{"-1", "OperatorGt", "0", "", "2"}}, "3 2"},
		{absent{}, []rowCriterion{{"-1", "OperatorGt", "0", "and", ""}, {"-1", "OperatorGt", "1", "", " 1 "}, {"-1", "OperatorGt", "0", "", "3"}}, "3"},
		{"3", []rowCriterion{{"-1", "OperatorGt", "0", "", "2"}}, "3 2 4"},
		{"", []rowCriterion{{"", "", "", "", "2"}}, "3 2"},
	} {
		if got := tb.query(tb.things, onlyID, rowCriteria(test.criteria...), "", test.max).ids(); got != test.want {
			t.Errorf("%v, maxEntries %v: got %s, want %s", test.criteria, test.max, got, test.want)
		}
	}
	tb.query(tb.things, onlyID, rowCriteria(rowCriterion{"-1", "OperatorGt", "0", "", "many"})).want("28")
	const shuffled = `<item><VALUE>2</VALUE><unknown>7</unknown><Op>OperatorGte</Op><columnid>-1</columnid></item>`
	if got := tb.query(tb.things, onlyID, verbatim(shuffled), "-1").ids(); got != "2 3 4 5" { // tt.struct.4
		t.Errorf("members in another order: got %s", got)
	}
}

func TestQueryExtraTableOperators(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		tb := withTables(w)
		tb.numbered("5", "12", "", "-3")
		for _, v := range [][2]string{{"text", "Ærlig Talt"}, {"text", "100%"}, {"long-text", "lang_tekst"}, {"date", "2021-01-25"}, {"datetime", "2021-01-25 13:05:09"}, {"bool", "1"}, {"customer", "1"}, {"float", "2.5"}} {
			tb.thing(pair{v[0], v[1]})
		}
		for _, test := range []struct{ column, op, value, want string }{ // ticket.queryExtraTable.7
			{"integer", "OperatorEquals", "12", "2"},
			{"integer", "OperatorGt", "-3", "1 2"},
			{"integer", "OperatorLt", "5", "4"},
			{"integer", "OperatorGte", "5", "1 2"},
			{"integer", "operatorlte ", "5", "1 4"},
			{"integer", "OperatorNotEquals", "5", "2 3 4 5 6 7 8 9 10 11 12"},
			{"integer", "OperatorIn", "-3-0, 11-13", "2 4"},
			{"integer", "OperatorIn", "", ""},
			{"integer", "OperatorContains", "2", "2"},
			{"integer", "OperatorBeginsWith", "-", "4"},
			{"text", "OperatorContains", "G t", "5"},
			{"text", "OperatorContains", "0%", "6"},
			{"text", "OperatorBeginsWith", "ÆRLIG", "5"},
			{"text", "OperatorBeginsWith", "1", "6"},
			{"text", "OperatorEquals", "ærlig talt", "5"},
			{"text", "OperatorEquals", "", "1 2 3 4 7 8 9 10 11 12"},
			{"text", "OperatorGt", "1000", "5"},
			{"long-text", "OperatorContains", "G_T", "7"},
			{"date", "OperatorEquals", "2021-01-25", "8"},
			{"date", "OperatorLt", "2021-01-26", "8"},
			{"datetime", "OperatorEquals", "2021-01-25", "9"},
			{"datetime", "OperatorEquals", "2021-01-25 13:05", "9"},
			{"datetime", "OperatorContains", "13-05-09", "9"},
			{"bool", "OperatorEquals", "true", "10"},
			{"customer", "OperatorEquals", "1", "11"},
			{"customer", "OperatorEquals", "-1", ""},
			{"customer", "OperatorIn", "1-9", "11"},
			{"float", "OperatorGte", "2.5", "12"},
			{"-1", "OperatorIn", "1,3", "1 3"},
		} {
			name := test.column
			if id, ok := tb.col[name]; ok {
				name = id
			}
			if got := tb.query(tb.things, onlyID, rowCriteria(rowCriterion{name, test.op, test.value, "", ""})).ids(); got != test.want {
				t.Errorf("%s %s %q: got %s, want %s", test.column, test.op, test.value, got, test.want)
			}
		}
		for _, bad := range []rowCriterion{
			{tb.col["integer"], "OperatorNotIn", "1", "", ""}, {tb.col["integer"], "OperatorEmpty", "", "", ""}, {tb.col["integer"], "Equals", "1", "", ""},
			{tb.col["integer"], "", "1", "", ""}, {tb.col["integer"], "OperatorEquals", "x", "", ""}, {tb.col["integer"], "OperatorEquals", "", "", ""},
			{tb.col["text"], "OperatorIn", "1", "", ""}, {tb.col["integer"], "OperatorIn", "3-1", "", ""}, {tb.col["date"], "OperatorGt", "soon", "", ""},
			{tb.col["customer"], "OperatorEquals", "kari", "", ""}, {"-1", "OperatorEquals", "x", "", ""},
		} {
			tb.query(tb.things, onlyID, rowCriteria(bad)).want("28").empty("ticket", "queryExtraTable")
		}
		tb.query(tb.things, onlyID, rowCriteria(rowCriterion{"-1", "OperatorGt", "100", "", ""})).want("0").empty("ticket", "queryExtraTable") // ticket.search.6
		const nilItem = `<item i:nil="true" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"/>`
		if got := tb.query(tb.things, onlyID, verbatim(nilItem), "", "3").ids(); got != "1 2 3" { // ticket.search.1, ticket.queryExtraTable.7: no criteria
			t.Errorf("a nil criterion: got %s", got)
		}
	})
}

// The documented examples of and and or: and binds tighter.
func TestQueryExtraTableLogic(t *testing.T) {
	tb := withTables(newWorld(t))
	tb.numbered("1")
	for _, test := range []struct {
		criteria string // T and F with what joins them
		want     bool
	}{ // ticket.queryExtraTable.5, ticket.queryExtraTable.6
		{"T or F and F or", true},
		{"T or T and F and", true},
		{"F and T or T and", true},
		{"F and T or F or", false},
		{"F or", false},
		{"T and", true},
		{"T - F -", false},
		{"T - T", true},
		{"F OR T", true},
		{"T And F", false},
		{"T xor", true}, // the last one's is ignored, whatever it is
		{"F or F or F and T or T", true},
		{"", true},
	} {
		var list []rowCriterion
		for i, word := range strings.Fields(test.criteria) {
			switch {
			case i%2 == 0:
				list = append(list, rowCriterion{tb.col["integer"], "OperatorEquals", map[string]string{"T": "1", "F": "2"}[word], "", ""})
			case word != "-":
				list[len(list)-1].logical = word
			}
		}
		for _, column := range []string{"integer", "-1"} {
			for i := range list {
				if list[i].column != "-1" || column == "-1" {
					list[i].column = map[string]string{"integer": tb.col["integer"], "-1": "-1"}[column]
				}
			}
			got := tb.query(tb.things, onlyID, rowCriteria(list...)).ids() == "1"
			if got != test.want {
				t.Errorf("%s of column %s: got %v, want %v", test.criteria, column, got, test.want)
			}
		}
	}
	for _, bad := range []string{"xor", "&", "or and", "nor"} {
		tb.query(tb.things, onlyID, rowCriteria(rowCriterion{"-1", "OperatorGt", "0", bad, ""}, rowCriterion{"-1", "OperatorGt", "0", "", ""})).want("28").empty("ticket", "queryExtraTable")
	}
	tb.query(tb.things, onlyID, rowCriteria(slices.Repeat([]rowCriterion{{"-1", "OperatorGt", "0", "", ""}}, 1001)...)).want("28")
	// More criteria than a statement carries are judged all the same.
	for _, joint := range []string{"and", "or"} {
		many := slices.Repeat([]rowCriterion{{tb.col["integer"], "OperatorEquals", "2", joint, ""}}, 300)
		if got := tb.query(tb.things, onlyID, rowCriteria(many...)).ids(); got != "" {
			t.Errorf("300 criteria joined by %s that nothing meets: got %s", joint, got)
		}
		many[299].value = "1"
		if got := tb.query(tb.things, onlyID, rowCriteria(many...)).ids(); (got == "1") != (joint == "or") {
			t.Errorf("300 criteria joined by %s, of which the last is met: got %q", joint, got)
		}
	}
}

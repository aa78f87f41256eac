package desk

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

func (w *world) column(table skranke.ExtraTableID, kind skranke.ExtraKind) *skranke.ExtraField {
	w.t.Helper()
	f := &skranke.ExtraField{Domain: skranke.DomainTable, Table: table, Kind: kind, Label: kind.String()}
	if err := w.desk.AddExtraField(w.t.Context(), f); err != nil {
		w.t.Fatalf("adding a column: %v", err)
	}
	return f
}

func (w *world) table(name string) skranke.ExtraTableID {
	w.t.Helper()
	t := &skranke.ExtraTable{TableName: name}
	if err := w.desk.AddExtraTable(w.t.Context(), t); err != nil {
		w.t.Fatalf("adding an extra table: %v", err)
	}
	return t.ID
}

// randomValues are values each kind of column may have, as they are sent; ""
// stands for none. They are few, so that rows share them.
var randomValues = map[skranke.ExtraKind][]string{
	skranke.ExtraInteger:  {"", "-3", "0", "1", "2", "10", "21"},
	skranke.ExtraClob:     {"", "a", "A%b", "a_B", "Æø", "ba", "\U0010FFFF", "x\U0010FFFFy"},
	skranke.ExtraText:     {"", "a", "A", "ab", "a%", "å", "Å b", "\uD7FF", "\uE000", "zz"},
	skranke.ExtraDate:     {"", "2021-01-24", "2021-01-25", "2022-02-01"},
	skranke.ExtraDateTime: {"", "2021-01-25 00:00", "2021-01-25 13:05:09", "2021-01-25 13:05:09.5", "2021-03-28 02:30"},
	skranke.ExtraTime:     {"", "00:00", "13:05:09", "13:05:09.7", "23:59"},
	skranke.ExtraBool:     {"", "0", "1"},
	skranke.ExtraFloat:    {"", "-1.5", "0", "2.25", "10"},
	skranke.ExtraCustomer: {"", "1", "2", "3"},
}

// A search in an extra table finds what plain evaluation of the criteria on
// every row finds, in the order plain sorting gives.
func TestQueryExtraTableIsPlainEvaluation(t *testing.T) {
	inWorld(t, func(w *world) {
		r := rand.New(rand.NewPCG(7, 1))
		for range 3 {
			w.customer(&skranke.Customer{})
		}
		table := w.table("y_random")
		var columns []*skranke.ExtraField
		kinds := []skranke.ExtraKind{skranke.ExtraInteger, skranke.ExtraClob, skranke.ExtraText, skranke.ExtraDate, skranke.ExtraDateTime,
			skranke.ExtraTime, skranke.ExtraBool, skranke.ExtraFloat, skranke.ExtraCustomer}
		for _, kind := range kinds {
			columns = append(columns, w.column(table, kind))
		}
		for range 120 {
			var pairs []Pair
			for _, f := range columns {
				pairs = append(pairs, Pair{fmt.Sprint(f.ID), pick(r, randomValues[f.Kind])})
			}
			if _, err := w.desk.PutExtraRow(t.Context(), Actor{}, fmt.Sprint(table), "-1", pairs); err != nil {
				t.Fatal(err)
			}
		}
		var rows []*skranke.ExtraRow
		w.read(func(tx *store.ReadTx) error {
			rows = nil
			return tx.EachExtraRow(t.Context(), table, columns, func(row *skranke.ExtraRow) error {
				rows = append(rows, row)
				return nil
			})
		})
		found := 0
		for i := range 3000 {
			query := randomQuery(r, columns, i%50 == 0)
			query.Table = fmt.Sprint(table)
			want := plainly(w.t, w.desk, columns, rows, query)
			got, err := w.desk.QueryExtraTable(t.Context(), query)
			if err != nil {
				t.Fatalf("%+v: %v", query, err)
			}
			var ids []int64
			for _, row := range got {
				ids = append(ids, row[0].Value.Int)
			}
			if !slices.Equal(ids, want) {
				w.t.Fatalf("%+v:\n got %v\nwant %v", query, ids, want)
			}
			found += len(ids)
		}
		if found == 0 {
			t.Error("nothing was ever found")
		}
	})
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// randomQuery is a query whose criteria are all legal; a long one has more than
// a statement carries.
func randomQuery(r *rand.Rand, columns []*skranke.ExtraField, long bool) RowQuery {
	query := RowQuery{Columns: []string{"-1"}, Ascending: pick(r, []string{"", "true", "false"})}
	n := r.IntN(5)
	if long {
		n = 60 + r.IntN(60)
	}
	for len(query.Criteria) < n {
		c := RowCriterion{Column: "-1", Value: fmt.Sprint(r.IntN(130)), Logical: pick(r, []string{"", "and", "or"})}
		op := pick(r, []string{"Contains", "BeginsWith", "Equals", "NotEquals", "Gt", "Lt", "Gte", "Lte", "In"})
		typ := skranke.TypeInteger
		if i := r.IntN(len(columns) + 1); i < len(columns) {
			f := columns[i]
			typ, c.Column, c.Value = f.Type(), fmt.Sprint(f.ID), pick(r, randomValues[f.Kind])
		}
		if op == "In" {
			c.Value = pick(r, []string{"1", "1-2", "-5-1,10", "", "20-30, 2"})
		}
		c.Op = "Operator" + op
		parsed, _ := skranke.ParseOp(c.Op)
		if _, err := skranke.NewCriterion(typ, parsed, c.Value, time.UTC); err == nil {
			query.Criteria = append(query.Criteria, c)
		}
	}
	if i := r.IntN(2 * len(columns)); i < len(columns) {
		query.Order = fmt.Sprint(columns[i].ID)
	}
	query.Limit = pick(r, []string{"", "1", "7"})
	return query
}

// plainly answers a query without a database.
func plainly(t *testing.T, d *Desk, columns []*skranke.ExtraField, rows []*skranke.ExtraRow, query RowQuery) []int64 {
	t.Helper()
	field := func(name string) *skranke.ExtraField {
		i := slices.IndexFunc(columns, func(f *skranke.ExtraField) bool { return fmt.Sprint(f.ID) == name })
		if i < 0 {
			return nil
		}
		return columns[i]
	}
	value := func(row *skranke.ExtraRow, f *skranke.ExtraField) (skranke.Type, skranke.Value) {
		if f == nil {
			return skranke.TypeInteger, skranke.IntValue(int64(row.ID))
		}
		return f.Type(), row.Value(f.ID)
	}
	// The truth of the criteria from i on, joined as they say: what is joined by
	// "and" holds together, and "or" begins anew.
	meets := func(row *skranke.ExtraRow) bool {
		result, group := len(query.Criteria) == 0, true
		for i, c := range query.Criteria {
			typ, v := value(row, field(c.Column))
			op, _ := skranke.ParseOp(c.Op)
			criterion, err := skranke.NewCriterion(typ, op, c.Value, d.opts.Zone)
			if err != nil {
				t.Fatal(err)
			}
			group = group && criterion.Matches(v)
			if c.Logical == "or" || i == len(query.Criteria)-1 {
				result, group = result || group, true
			}
		}
		return result
	}
	order := field(query.Order)
	direction := 1
	if query.Ascending == "false" {
		direction = -1
	}
	found := []*skranke.ExtraRow{}
	for _, row := range rows {
		if meets(row) {
			found = append(found, row)
		}
	}
	slices.SortStableFunc(found, func(a, b *skranke.ExtraRow) int {
		if order == nil {
			return direction * cmp.Compare(a.ID, b.ID)
		}
		_, v := value(a, order)
		_, u := value(b, order)
		set := map[bool]int{true: 1}
		by := cmp.Or(cmp.Compare(set[v.Set], set[u.Set]), cmp.Compare(v.Int, u.Int), cmp.Compare(v.Float, u.Float),
			strings.Compare(skranke.Fold(v.Text), skranke.Fold(u.Text)))
		return cmp.Or(direction*by, cmp.Compare(a.ID, b.ID))
	})
	var ids []int64
	for _, row := range found {
		ids = append(ids, int64(row.ID))
	}
	if query.Limit != "" {
		ids = ids[:min(len(ids), int(query.Limit[0]-'0'))]
	}
	return ids
}

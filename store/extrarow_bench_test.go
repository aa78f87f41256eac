package store_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"skranke"
	"skranke/store"
)

var extraRows = flag.Int("extrarows", 1_000_000, "rows of the extra table that BenchmarkExtraRows searches")

// BenchmarkExtraRows searches an extra table of many rows in the ways callers
// do, ten rows at a time.
func BenchmarkExtraRows(b *testing.B) {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	table := &skranke.ExtraTable{TableName: "y_devices"}
	var fields []*skranke.ExtraField
	for i, kind := range []skranke.ExtraKind{skranke.ExtraInteger, skranke.ExtraText, skranke.ExtraDateTime, skranke.ExtraCustomer, skranke.ExtraBool} {
		fields = append(fields, &skranke.ExtraField{ID: skranke.ExtraFieldID(i + 1), Domain: skranke.DomainTable, Table: 1, Kind: kind})
	}
	write(b, db, func(ctx context.Context, tx *store.WriteTx) error {
		table.ID = 0
		if err := tx.InsertExtraTable(ctx, table); err != nil {
			return err
		}
		if err := tx.MakeExtraRows(ctx, table.ID); err != nil {
			return err
		}
		for _, f := range fields {
			if err := tx.AddExtraColumn(ctx, f); err != nil {
				return err
			}
		}
		r := rand.New(rand.NewPCG(1, 1))
		for range *extraRows {
			row := &skranke.ExtraRow{Table: table.ID, Values: []skranke.ExtraValue{
				{Field: 1, Value: skranke.IntValue(r.Int64N(int64(*extraRows)))},
				{Field: 2, Value: skranke.TextValue(fmt.Sprintf("Device %06d", r.IntN(*extraRows)))},
				{Field: 3, Value: skranke.IntValue(1.6e12 + r.Int64N(1e11))},
				{Field: 4, Value: skranke.IDValue(1 + r.Int64N(1000))},
				{Field: 5, Value: skranke.BoolValue(r.IntN(2) == 0)},
			}}
			if err := tx.InsertExtraRow(ctx, row, fields); err != nil {
				return err
			}
		}
		return nil
	})
	is := func(field int, op skranke.Op, value string) store.RowCondition {
		c, err := skranke.NewCriterion(fields[field].Type(), op, value, nil)
		if err != nil {
			b.Fatal(err)
		}
		return store.RowCondition{Field: fields[field], Criterion: c}
	}
	number, name := fmt.Sprint(*extraRows/2), fmt.Sprintf("device %06d", *extraRows/3)
	for _, bench := range []struct {
		name   string
		search store.ExtraRowSearch
	}{
		{"equal number", store.ExtraRowSearch{Any: [][]store.RowCondition{{is(0, skranke.OpEquals, number)}}}},
		{"equal text", store.ExtraRowSearch{Any: [][]store.RowCondition{{is(1, skranke.OpEquals, name)}}}},
		{"beginning of a text", store.ExtraRowSearch{Any: [][]store.RowCondition{{is(1, skranke.OpBeginsWith, name[:12])}}, Order: fields[1]}},
		{"range of numbers", store.ExtraRowSearch{Any: [][]store.RowCondition{{is(0, skranke.OpGt, number)}}, Order: fields[0]}},
		{"relation and truth value", store.ExtraRowSearch{Any: [][]store.RowCondition{{is(3, skranke.OpEquals, "7"), is(4, skranke.OpEquals, "1")}}}},
		{"number or text", store.ExtraRowSearch{Any: [][]store.RowCondition{{is(0, skranke.OpEquals, number)}, {is(1, skranke.OpEquals, name)}}}},
		{"the latest", store.ExtraRowSearch{Order: fields[2], Desc: true}},
		{"part of a text", store.ExtraRowSearch{Any: [][]store.RowCondition{{is(1, skranke.OpContains, name[1:])}}}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			bench.search.Table, bench.search.Fields, bench.search.Limit = table.ID, fields, 10
			for b.Loop() {
				read(b, db, func(ctx context.Context, tx *store.ReadTx) error {
					return tx.FindExtraRows(ctx, bench.search, func(*skranke.ExtraRow) (bool, error) { return true, nil })
				})
			}
		})
	}
}

package store

import (
	"errors"
	"testing"

	"skranke"
)

// The sum of a table does not depend on the order of its rows, and on everything else.
func TestTableSum(t *testing.T) {
	sum := func(rows ...[]arg) string {
		var s tableSum
		for _, r := range rows {
			s.add(r)
		}
		return s.String()
	}
	a, b := []arg{num(1), text("ab"), text("c")}, []arg{num(2), {}, float(0.5)}
	want := sum(a, b)
	if got := sum(b, a); got != want {
		t.Errorf("in another order got %s, want %s", got, want)
	}
	for name, rows := range map[string][][]arg{
		"one missing":         {a},
		"one twice":           {a, b, b},
		"another twice":       {a, a},
		"a border moved":      {{num(1), text("a"), text("bc")}, b},
		"a NULL made 0":       {a, {num(2), num(0), float(0.5)}},
		"another fraction":    {a, {num(2), {}, float(0.25)}},
		"a number for a text": {{num(1), num(2), text("c")}, b},
	} {
		if sum(rows...) == want {
			t.Errorf("%s: the sum is the same", name)
		}
	}
}

// A target that does not give back what it got gets nothing.
func TestCopyThatDiffers(t *testing.T) {
	ctx := t.Context()
	var dbs [2]*DB
	for i := range dbs {
		db, err := Open(ctx, Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		dbs[i] = db
	}
	from, to := dbs[0], dbs[1]
	err := from.Write(ctx, func(tx *WriteTx) error { return tx.InsertCompany(ctx, &skranke.Company{Name: "Fjord AS"}) })
	if err != nil {
		t.Fatal(err)
	}
	spoil := func(sql string) {
		t.Helper()
		if err := to.Write(ctx, func(tx *WriteTx) error { return tx.conn.script(ctx, sql) }); err != nil {
			t.Fatal(err)
		}
	}
	companies := func() (n int64) {
		t.Helper()
		err := to.Read(ctx, func(tx *ReadTx) (err error) { n, err = tx.number(ctx, `SELECT COUNT(*) FROM company`); return err })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	o := CopyOptions{FaqWords: func(*skranke.FaqEntry) FaqWords { return FaqWords{} }}
	spoil(`CREATE TRIGGER spoil AFTER INSERT ON company BEGIN UPDATE company SET name = 'Fjell AS'; END`)
	tables, err := from.CopyTo(ctx, to, o)
	if !errors.Is(err, ErrCopyDiffers) || companies() != 0 {
		t.Errorf("got %v and %d companies, want ErrCopyDiffers and none", err, companies())
	}
	if last := tables[len(tables)-1]; last.Name != "company" || last.Same() {
		t.Errorf("got %+v, want the table that differs", last)
	}
	spoil(`DROP TRIGGER spoil`)
	if _, err := from.CopyTo(ctx, to, o); err != nil || companies() != 1 {
		t.Errorf("got %v and %d companies, want one", err, companies())
	}
	if _, err := from.CopyTo(ctx, to, o); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("again: got %v, want ErrNotEmpty", err)
	}
}

package store

import (
	"strings"
	"testing"

	"skranke"
)

// Every column of dot syntax is kept somewhere, and nothing else is.
func TestEveryPathColumnIsKept(t *testing.T) {
	tables := skranke.PathTables()
	if len(placeTables) != len(tables) {
		t.Errorf("got %d tables, want %d", len(placeTables), len(tables))
	}
	for _, table := range append(tables, skranke.CompanyTable()) {
		kept := tableOf(table)
		if kept.from == "" || len(kept.columns) != len(table.Columns) {
			t.Errorf("table %s: got %q with %d columns, want %d", table.Name, kept.from, len(kept.columns), len(table.Columns))
		}
		for _, c := range table.Columns {
			sql := kept.columns[c.Name].sql
			if sql == "" || strings.ContainsAny(sql, "?$") || strings.Contains(sql, "hash") || strings.Contains(sql, "password") {
				t.Errorf("%s.%s is made of %q", table.Name, c.Name, sql)
			}
		}
	}
}

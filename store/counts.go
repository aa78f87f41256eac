package store

import (
	"context"
	"fmt"
)

// counted are the kinds of rows that are counted, by their words.
var counted = [...]struct {
	word  string
	table *table
}{
	{"attachment", attachments},
	{"category", categories},
	{"company", companies},
	{"customer", customers},
	{"extra field", extraFields},
	{"extra table", extraTables},
	{"language", languages},
	{"message", messages},
	{"priority", priorities},
	{"range", ranges},
	{"reply template", templates},
	{"template folder", templateFolders},
	{"script", scripts},
	{"ticket", tickets},
	{"ticket status", statuses},
	{"user", users},
}

// Counts returns how many rows there are of each kind, by the kind's word.
// Deleted ones count.
func (tx *ReadTx) Counts(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{}
	for _, kind := range counted {
		n, err := tx.number(ctx, `SELECT COUNT(*) FROM `+kind.table.name)
		if err != nil {
			return nil, fmt.Errorf("counting %s: %w", kind.table.name, err)
		}
		counts[kind.word] = n
	}
	return counts, nil
}

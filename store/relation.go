package store

import (
	"context"
	"fmt"

	"skranke"
)

// rowsOf are the statements that find the row a relation of each kind points
// to. Deleted rows are not found.
var rowsOf = map[skranke.ExtraKind]string{
	skranke.ExtraCustomer:   `SELECT 1 FROM customer WHERE id = $1 AND NOT deleted`,
	skranke.ExtraCompany:    `SELECT 1 FROM company WHERE id = $1 AND NOT deleted`,
	skranke.ExtraTicket:     `SELECT 1 FROM ticket WHERE id = $1 AND status <> 4`,
	skranke.ExtraUser:       `SELECT 1 FROM agent WHERE id = $1 AND status <> 3`,
	skranke.ExtraAttachment: `SELECT 1 FROM attachment WHERE id = $1`,
	skranke.ExtraCategory:   `SELECT 1 FROM category WHERE id = $1`,
	skranke.ExtraPriority:   `SELECT 1 FROM priority WHERE id = $1 AND NOT deleted`,
	skranke.ExtraFAQ:        `SELECT 1 FROM faq_entry WHERE id = $1`,
}

// RowExists says whether there is a row of that id, not deleted, of what extra
// fields of the kind point to. Kinds that point to nothing kept here have none.
func (tx *ReadTx) RowExists(ctx context.Context, kind skranke.ExtraKind, id int64) (bool, error) {
	statement, ok := rowsOf[kind]
	if !ok {
		return false, nil
	}
	n, err := tx.number(ctx, statement, num(id))
	if err != nil {
		return false, fmt.Errorf("looking for %s %d: %w", kind, id, err)
	}
	return n != 0, nil
}

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
// fields of the kind point to. Kinds that point to nothing kept here have none,
// and for rows of extra tables the table must be known: see ExtraRowExists.
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

// titlesOf are the statements that find what a row a relation of each kind
// points to is called, with the parts of a name apart. Deleted rows are not found.
var titlesOf = map[skranke.ExtraKind]string{
	skranke.ExtraCustomer:   `SELECT full_name, first_name, last_name FROM customer WHERE id = $1 AND NOT deleted`,
	skranke.ExtraCompany:    `SELECT name, '', '' FROM company WHERE id = $1 AND NOT deleted`,
	skranke.ExtraTicket:     `SELECT title, '', '' FROM ticket WHERE id = $1 AND status <> 4`,
	skranke.ExtraUser:       `SELECT user_name, '', '' FROM agent WHERE id = $1 AND status <> 3`,
	skranke.ExtraAttachment: `SELECT name, '', '' FROM attachment WHERE id = $1`,
	skranke.ExtraFAQ:        `SELECT title, '', '' FROM faq_entry WHERE id = $1`,
}

// RowTitle is what the row of that id that extra fields of the kind point to is
// called; "" if there is none, or it is of a kind that is in the catalog or in
// an extra table.
func (tx *ReadTx) RowTitle(ctx context.Context, kind skranke.ExtraKind, id int64) (string, error) {
	statement, ok := titlesOf[kind]
	if !ok {
		return "", nil
	}
	var c skranke.Customer // whose rule for names does for the others
	_, err := tx.one(ctx, statement, func(r *rows) { c.FullName, c.FirstName, c.LastName = r.text(), r.text(), r.text() }, num(id))
	if err != nil {
		return "", fmt.Errorf("looking for the title of %s %d: %w", kind, id, err)
	}
	return c.Name(), nil
}

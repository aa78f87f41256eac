package store

import (
	"context"
	"fmt"

	"skranke"
)

// extra reads the extra values of a row, by field id. Which member of a value
// counts follows from the field's kind, which this package does not look at:
// it keeps all three.
func (tx *ReadTx) extra(ctx context.Context, d skranke.Domain, owner int64) ([]skranke.ExtraValue, error) {
	var values []skranke.ExtraValue
	err := tx.each(ctx, `SELECT field_id, int_value, real_value, text_value
		FROM extra_value WHERE domain = $1 AND owner_id = $2 ORDER BY field_id`,
		func(r *rows) {
			values = append(values, skranke.ExtraValue{
				Field: id[skranke.ExtraFieldID](r),
				Value: skranke.Value{Set: true, Int: r.int64(), Float: r.float(), Text: r.text()},
			})
		}, num(d), num(owner))
	if err != nil {
		return nil, fmt.Errorf("reading extra values of %s %d: %w", d, owner, err)
	}
	return values, nil
}

// setExtra makes values the extra values of a row. Values not set, and fields
// not named, have no row; of a field named twice the last counts.
func (tx *WriteTx) setExtra(ctx context.Context, d skranke.Domain, owner int64, values []skranke.ExtraValue) error {
	before, err := tx.extra(ctx, d, owner)
	if err != nil {
		return err
	}
	for _, old := range before {
		if last(values, old.Field).Set {
			continue
		}
		_, err := tx.exec(ctx, `DELETE FROM extra_value WHERE domain = $1 AND owner_id = $2 AND field_id = $3`,
			num(d), num(owner), num(old.Field))
		if err != nil {
			return fmt.Errorf("deleting extra field %d of %s %d: %w", old.Field, d, owner, err)
		}
	}
	return tx.addExtra(ctx, d, owner, values, before)
}

// addExtra writes the extra values of a row that differ from those it has.
func (tx *WriteTx) addExtra(ctx context.Context, d skranke.Domain, owner int64, values, before []skranke.ExtraValue) error {
	for _, new := range values {
		v := last(values, new.Field)
		if !v.Set || v != new.Value || v == last(before, new.Field) {
			continue
		}
		_, err := tx.exec(ctx, `INSERT INTO extra_value
				(domain, owner_id, field_id, int_value, real_value, text_value, text_fold)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (domain, owner_id, field_id) DO UPDATE SET int_value = excluded.int_value,
				real_value = excluded.real_value, text_value = excluded.text_value, text_fold = excluded.text_fold`,
			num(d), num(owner), num(new.Field), num(v.Int), float(v.Float), text(v.Text), folded(v.Text))
		if err != nil {
			return fmt.Errorf("writing extra field %d of %s %d: %w", new.Field, d, owner, err)
		}
	}
	return nil
}

// last is the last value of the field in the list, unset if it is not there.
func last(values []skranke.ExtraValue, field skranke.ExtraFieldID) skranke.Value {
	for i := len(values) - 1; i >= 0; i-- {
		if values[i].Field == field {
			return values[i].Value
		}
	}
	return skranke.Value{}
}

// folded is the text searches compare with.
func folded(s string) arg { return text(skranke.Fold(s)) }

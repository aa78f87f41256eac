package desk

import (
	"context"
	"strings"

	"skranke"
	"skranke/store"
)

// Pair is a field and the value a caller wants it to have, both as he sent them.
type Pair struct{ Field, Value string }

// settableExtra finds the extra field a caller names in a pair.
func (c *catalog) settableExtra(a Actor, domain skranke.Domain, name string) (*skranke.ExtraField, error) {
	field, ok := c.callersExtra(a, domain, name)
	if !ok {
		return nil, skranke.Err(skranke.CodeInvalidExtraField, "no extra field %q of a %s", strings.TrimSpace(name), domain)
	}
	return field, nil
}

// applyExtra returns the extra values of a row after pairs were applied to old.
// It returns CodeInvalidExtraField if one of them names no field, one that may
// not be written, or a value that does not fit.
//
// Spec: types/extra.2, types/extra.4, types/extra.5, types/ftype.5
func (d *Desk) applyExtra(ctx context.Context, tx *store.ReadTx, c *catalog, a Actor, domain skranke.Domain, old []skranke.ExtraValue, pairs []Pair) ([]skranke.ExtraValue, error) {
	values, err := d.applyPairs(ctx, tx, old, pairs, func(name string) (*skranke.ExtraField, error) {
		return c.settableExtra(a, domain, name)
	})
	if err != nil || !a.IsCustomer() {
		return values, err
	}
	for _, v := range values {
		if field := c.extra[v.Field]; v.Value != extraValue(old, v.Field) {
			if err := d.checkPointed(ctx, tx, a, field, v.Value); err != nil {
				return nil, err
			}
		}
	}
	return values, nil
}

// checkPointed returns CodeInvalidExtraField if a customer makes a relation
// point to what he may not see: he would learn that it exists.
//
// Spec: types/acl.4, types/extra.5
func (d *Desk) checkPointed(ctx context.Context, tx *store.ReadTx, a Actor, field *skranke.ExtraField, v skranke.Value) error {
	if !v.Set {
		return nil
	}
	var err error
	sees := true
	switch field.Kind {
	case skranke.ExtraTicket:
		_, err = d.readTicket(ctx, tx, a, skranke.TicketID(v.Int), store.TicketParts{})
	case skranke.ExtraAttachment:
		var file *skranke.Attachment
		if file, err = tx.Attachment(ctx, skranke.AttachmentID(v.Int)); err == nil {
			err = d.checkAttachment(ctx, tx, a, file)
		}
	case skranke.ExtraCompany:
		sees = v.Int == int64(a.Company)
	case skranke.ExtraCustomer:
		sees = v.Int == int64(a.Customer)
		if !sees && a.CompanyAccess && a.Company != 0 {
			var other *skranke.Customer
			if other, err = tx.Customer(ctx, skranke.CustomerID(v.Int)); err == nil {
				sees = other.Company == a.Company
			}
		}
	}
	if isRefusal(err, skranke.CodeUnknownTicket) || isRefusal(err, skranke.CodeUnknownAttachment) || err == nil && !sees {
		return skranke.Err(skranke.CodeInvalidExtraField, "extra field %d may not point to what customer %d does not see", field.ID, a.Customer)
	}
	return err
}

// applyPairs is applyExtra for the fields that find finds.
func (d *Desk) applyPairs(ctx context.Context, tx *store.ReadTx, old []skranke.ExtraValue, pairs []Pair, find func(name string) (*skranke.ExtraField, error)) ([]skranke.ExtraValue, error) {
	values := append([]skranke.ExtraValue(nil), old...)
	for _, pair := range pairs {
		field, err := find(pair.Field)
		if err != nil {
			return nil, err
		}
		value, err := d.parseExtra(ctx, tx, field, pair.Value)
		if err != nil {
			return nil, err
		}
		before := extraValue(old, field.ID)
		switch {
		case field.Flags&skranke.ExtraReadOnly != 0:
			return nil, skranke.Err(skranke.CodeInvalidExtraField, "extra field %d may not be written", field.ID)
		case field.Flags&skranke.ExtraCannotChange != 0 && before.Set && before != value:
			return nil, skranke.Err(skranke.CodeInvalidExtraField, "extra field %d may not be changed", field.ID)
		case field.Flags&skranke.ExtraNotEmpty != 0 && isEmpty(field, value):
			return nil, skranke.Err(skranke.CodeInvalidExtraField, "extra field %d may not be empty", field.ID)
		}
		values = putExtra(values, field.ID, value)
	}
	return values, nil
}

// defaultExtra adds the default values of fields that values leaves out.
//
// Spec: types/extra.6
func (d *Desk) defaultExtra(c *catalog, domain skranke.Domain, values []skranke.ExtraValue) []skranke.ExtraValue {
	return d.defaultsOf(c.byDomain[domain], values)
}

// defaultsOf is defaultExtra for a list of fields.
func (d *Desk) defaultsOf(fields []*skranke.ExtraField, values []skranke.ExtraValue) []skranke.ExtraValue {
	for _, field := range fields {
		if field.Flags&skranke.ExtraUseDefault == 0 || hasExtra(values, field.ID) {
			continue
		}
		if value, _, ok := field.Type().Parse(field.Default, d.opts.Zone); ok && value.Set {
			values = putExtra(values, field.ID, value)
		}
	}
	return values
}

// parseExtra reads a value as a caller sent it and checks that it fits.
func (d *Desk) parseExtra(ctx context.Context, tx *store.ReadTx, field *skranke.ExtraField, text string) (skranke.Value, error) {
	misfit := skranke.Err(skranke.CodeInvalidExtraField, "value does not fit extra field %d", field.ID)
	value, _, ok := field.Type().Parse(text, d.opts.Zone)
	switch {
	case !ok:
		return skranke.Value{}, misfit
	case field.Type() == skranke.TypeVarchar && skranke.Longer(text, skranke.MaxExtraText):
		return skranke.Value{}, misfit
	case field.Type().IsText() && text == "":
		return skranke.Value{}, nil
	case !field.Type().IsID() || !value.Set:
		return value, nil
	}
	exists, err := relatedExists(ctx, tx, field, value.Int)
	if err != nil {
		return skranke.Value{}, err
	}
	if !exists {
		return skranke.Value{}, misfit
	}
	return value, nil
}

// relatedExists says whether there is a row of that id of what the field points to.
func relatedExists(ctx context.Context, tx *store.ReadTx, field *skranke.ExtraField, id int64) (bool, error) {
	if field.Kind != skranke.ExtraTableRow {
		return tx.RowExists(ctx, field.Kind, id)
	}
	if field.Target == 0 {
		return false, nil
	}
	row, err := tx.ExtraRow(ctx, field.Target, nil, skranke.ExtraRowID(id))
	return row != nil, err
}

func isEmpty(field *skranke.ExtraField, v skranke.Value) bool {
	return !v.Set || field.Type().IsText() && v.Text == ""
}

func hasExtra(values []skranke.ExtraValue, id skranke.ExtraFieldID) bool {
	for i := range values {
		if values[i].Field == id {
			return true
		}
	}
	return false
}

func putExtra(values []skranke.ExtraValue, id skranke.ExtraFieldID, v skranke.Value) []skranke.ExtraValue {
	for i := range values {
		if values[i].Field == id {
			values[i].Value = v
			return values
		}
	}
	return append(values, skranke.ExtraValue{Field: id, Value: v})
}

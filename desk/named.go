package desk

import (
	"context"
	"slices"

	"skranke"
	"skranke/store"
)

// CustomersNamed returns the ids of the customers who have that user name, or
// that e-mail address, whatever the case.
func (o *Outgo) CustomersNamed(ctx context.Context, name string) ([]skranke.CustomerID, error) {
	var ids []skranke.CustomerID
	named, err := o.tx.CustomerByUserName(ctx, name)
	if err == nil {
		ids = append(ids, named.ID)
	} else if !missing(err) {
		return nil, err
	}
	reached, err := o.tx.CustomersByEmail(ctx, name)
	for _, c := range reached {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// UsersNamed returns the ids of the users who have that login name, user name or
// e-mail address, whatever the case.
func (o *Outgo) UsersNamed(ctx context.Context, name string) ([]skranke.UserID, error) {
	var ids []skranke.UserID
	folded := skranke.Fold(name)
	err := o.tx.EachUser(ctx, func(u *skranke.User) error {
		if folded != "" && slices.Contains([]string{skranke.Fold(u.LoginName), skranke.Fold(u.UserName), skranke.Fold(u.Email)}, folded) {
			ids = append(ids, u.ID)
		}
		return nil
	})
	return ids, err
}

// CompaniesNamed returns the ids of the companies of that name, whatever the
// case.
func (o *Outgo) CompaniesNamed(ctx context.Context, name string) ([]skranke.CompanyID, error) {
	var ids []skranke.CompanyID
	folded := skranke.Fold(name)
	err := o.tx.EachCompany(ctx, func(c *skranke.Company) error {
		if folded != "" && skranke.Fold(c.Name) == folded {
			ids = append(ids, c.ID)
		}
		return nil
	})
	return ids, err
}

// MessagesOf hands fn the messages of a ticket in their order. It returns
// CodeUnknownTicket if there is no such ticket.
func (o *Outgo) MessagesOf(ctx context.Context, ticket skranke.TicketID, fn func(*skranke.Message) error) error {
	if _, err := o.tx.Ticket(ctx, ticket); err != nil {
		return err
	}
	ids, err := o.tx.MessageIDs(ctx, ticket, true)
	if err != nil {
		return err
	}
	for _, id := range ids {
		m, err := o.tx.Message(ctx, id)
		if err != nil {
			return err
		}
		if err := fn(m); err != nil {
			return err
		}
	}
	return nil
}

// MergeExtra returns the extra values of a row of the domain after pairs were
// applied to those it has, as a user would set them. It returns
// CodeInvalidExtraField if one of them names no field, or a value does not fit.
//
// Spec: types/extra.2, types/extra.4
func (d *Desk) MergeExtra(ctx context.Context, domain skranke.Domain, old []skranke.ExtraValue, pairs []Pair) ([]skranke.ExtraValue, error) {
	var values []skranke.ExtraValue
	err := d.db.Read(ctx, func(tx *store.ReadTx) error {
		c, err := d.catalogOf(ctx, tx)
		if err != nil {
			return err
		}
		values, err = d.applyExtra(ctx, tx, c, Actor{User: skranke.SystemUser, Auth: skranke.SystemUser}, domain, slices.Clone(old), pairs)
		return err
	})
	return values, err
}

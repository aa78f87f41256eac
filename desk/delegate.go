package desk

import (
	"cmp"
	"context"
	"slices"

	"skranke"
	"skranke/store"
)

// delegate picks the owner of a new ticket by the rules of its category.
// primary is the ticket's primary customer, nil if it has none. Nobody
// suitable gives the system user, which means unassigned.
//
// Spec: ticket/delegate
func (d *Desk) delegate(ctx context.Context, tx *store.WriteTx, c *skranke.Category, primary *skranke.Customer) (skranke.UserID, error) {
	available, err := d.availability(ctx, tx, c)
	if err != nil {
		return 0, err
	}
	owner, err := d.knownToCustomer(ctx, tx, c, primary, available)
	if owner != 0 || err != nil {
		return owner, err
	}
	members := make([]skranke.CategoryMember, 0, len(c.Members))
	for _, m := range c.Members {
		if available[m.User] {
			members = append(members, m)
		}
	}
	slices.SortFunc(members, func(a, b skranke.CategoryMember) int { return cmp.Compare(a.User, b.User) })
	owner, err = d.nextMember(ctx, tx, c, members)
	if owner != 0 || err != nil {
		return owner, err
	}
	if c.Flags&skranke.CategoryDefaultToMaster == 0 || c.Master == 0 {
		return skranke.SystemUser, nil
	}
	master, err := tx.User(ctx, c.Master)
	if missing(err) || err == nil && master.Status == skranke.UserDeleted {
		return skranke.SystemUser, nil
	}
	return c.Master, err
}

// availability says which users may be given a ticket of the category: those
// of status normal and, if the category asks for it, logged in.
//
// Spec: ticket/delegate.1
func (d *Desk) availability(ctx context.Context, tx *store.WriteTx, c *skranke.Category) (map[skranke.UserID]bool, error) {
	users, err := tx.Users(ctx)
	if err != nil {
		return nil, err
	}
	var live map[skranke.UserID]bool
	if c.Flags&skranke.CategoryOnlyLoggedInUsers != 0 {
		if live, err = tx.UsersWithSession(ctx, d.now()); err != nil {
			return nil, err
		}
	}
	available := make(map[skranke.UserID]bool, len(users))
	for _, u := range users {
		available[u.ID] = u.Status == skranke.UserNormal && (live == nil || live[u.ID])
	}
	return available, nil
}

// knownToCustomer is the user who already looks after the customer: the support
// contact, if the category wants it, else the owner of his latest ticket, if
// that is recent enough. 0 if there is none.
//
// Spec: ticket/delegate.2, ticket/delegate.3
func (d *Desk) knownToCustomer(ctx context.Context, tx *store.WriteTx, c *skranke.Category, primary *skranke.Customer, available map[skranke.UserID]bool) (skranke.UserID, error) {
	if primary == nil {
		return 0, nil
	}
	if c.Flags&skranke.CategoryToOurContact != 0 {
		contacts := []skranke.UserID{primary.OurContact}
		if primary.Company != 0 {
			company, err := tx.Company(ctx, primary.Company)
			if err != nil && skranke.CodeOf(err) != skranke.CodeUnknownCompany {
				return 0, err
			}
			if err == nil {
				contacts = append(contacts, company.OurContact)
			}
		}
		for _, contact := range contacts {
			if available[contact] {
				return contact, nil
			}
		}
	}
	if c.Lag <= 0 {
		return 0, nil
	}
	latest, err := tx.LatestTicketOf(ctx, primary.ID, c.ID)
	if err != nil || latest.Ticket == 0 {
		return 0, err
	}
	if d.now().Sub(latest.CreatedAt) < c.Lag && available[latest.Owner] {
		return latest.Owner, nil
	}
	return 0, nil
}

// nextMember picks among the available members by the category's method; 0 if
// the method picks nobody.
//
// Spec: ticket/delegate.4, ticket/delegate.5
func (d *Desk) nextMember(ctx context.Context, tx *store.WriteTx, c *skranke.Category, members []skranke.CategoryMember) (skranke.UserID, error) {
	switch c.Method {
	case skranke.DelegateEven:
		for i := range members {
			members[i].Weight = 1
		}
		return pickByTurn(ctx, tx, c, members)
	case skranke.DelegateWeighted:
		return pickByTurn(ctx, tx, c, members)
	case skranke.DelegateFewest:
		return pickFewest(ctx, tx, members)
	}
	return 0, nil
}

// pickByTurn gives each member, over as many assignments as the weights add up
// to, exactly his weight.
func pickByTurn(ctx context.Context, tx *store.WriteTx, c *skranke.Category, members []skranke.CategoryMember) (skranke.UserID, error) {
	total := int64(0)
	for _, m := range members {
		total += int64(max(m.Weight, 0))
	}
	if total == 0 {
		return 0, nil
	}
	counter, err := tx.NextDelegation(ctx, c.ID)
	if err != nil {
		return 0, err
	}
	turn := counter % total
	for _, m := range members {
		if turn -= int64(max(m.Weight, 0)); turn < 0 {
			return m.User, nil
		}
	}
	return 0, nil
}

func pickFewest(ctx context.Context, tx *store.WriteTx, members []skranke.CategoryMember) (skranke.UserID, error) {
	if len(members) == 0 {
		return 0, nil
	}
	ids := make([]skranke.UserID, len(members))
	for i, m := range members {
		ids[i] = m.User
	}
	open, err := tx.OpenTickets(ctx, ids)
	if err != nil {
		return 0, err
	}
	return slices.MinFunc(ids, func(a, b skranke.UserID) int {
		return cmp.Or(cmp.Compare(open[a], open[b]), cmp.Compare(a, b))
	}), nil
}

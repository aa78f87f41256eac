package desk

import (
	"context"
	"slices"

	"skranke"
	"skranke/store"
)

// Choices the server makes for a caller.
const (
	AutomaticPriority skranke.PriorityID = -1
	DelegatedOwner    skranke.UserID     = -1
)

// TicketDraft is a ticket somebody wants to make. Ids of 0 are ids that do not
// exist, as a door passes them on for unreadable ones.
type TicketDraft struct {
	Title     string
	SLevel    skranke.SLevel
	Category  skranke.CategoryID
	Priority  skranke.PriorityID // or AutomaticPriority
	Owner     skranke.UserID     // or DelegatedOwner; customers' tickets are always delegated
	Customers []skranke.CustomerID
	Extra     []Pair
	Notify    bool // tell the owner; users' tickets only
}

// NewTicket makes a ticket without messages and returns its id. A customer
// becomes its author and primary customer. It returns CodeInvalidSLevel,
// CodeInvalidCategory, CodeInvalidPriority, CodeInvalidOwner,
// CodeUnknownCustomerID or CodeInvalidExtraField for the first value that does
// not fit, and then nothing is stored.
//
// Spec: customer/newTicket, ticket/newTicket
func (d *Desk) NewTicket(ctx context.Context, a Actor, draft TicketDraft) (skranke.TicketID, error) {
	if a.IsCustomer() {
		draft.Customers, draft.Owner, draft.Notify = []skranke.CustomerID{a.Customer}, DelegatedOwner, false
	}
	var id skranke.TicketID
	err := d.db.Write(ctx, func(tx *store.WriteTx) error {
		t, err := d.draftTicket(ctx, tx, a, draft)
		if err != nil {
			return err
		}
		if err := d.raise(ctx, tx, t, eventNew); err != nil {
			return err
		}
		if err := tx.InsertTicket(ctx, t); err != nil {
			return err
		}
		id = t.ID
		if draft.Notify {
			if err := d.tellOfNewTicket(ctx, tx, a, t); err != nil {
				return err
			}
		}
		return d.record(ctx, tx, a, logNewTicket, rowTicket, int64(t.ID), ticketChanges(nil, t))
	})
	return id, err
}

// draftTicket checks the draft and makes the ticket of it, not stored yet.
func (d *Desk) draftTicket(ctx context.Context, tx *store.WriteTx, a Actor, draft TicketDraft) (*skranke.Ticket, error) {
	c, err := d.catalogOf(ctx, &tx.ReadTx)
	if err != nil {
		return nil, err
	}
	if err := checkSLevel(draft.SLevel); err != nil {
		return nil, err
	}
	open, err := c.openCategory(ctx, &tx.ReadTx, a, draft.Category)
	if err != nil {
		return nil, err
	}
	category := c.categories[open.ID]
	if err := checkPriority(c, a, draft.Priority); err != nil {
		return nil, err
	}
	if err := checkOwner(ctx, tx, draft.Owner); err != nil {
		return nil, err
	}
	customers, err := d.customersOf(ctx, tx, draft.Customers)
	if err != nil {
		return nil, err
	}
	extra, err := d.applyExtra(ctx, &tx.ReadTx, c, a, skranke.DomainTicket, nil, draft.Extra)
	if err != nil {
		return nil, err
	}
	now := d.now()
	t := &skranke.Ticket{
		Title:        skranke.Cut(draft.Title, skranke.MaxTitle),
		CreatedAt:    now,
		LastChanged:  now,
		Category:     category.ID,
		OrigCategory: category.ID,
		Status:       skranke.Active,
		SLevel:       draft.SLevel,
		ReadStatus:   skranke.Red,
		Origin:       skranke.OriginInternal,
		Owner:        draft.Owner,
		CreatedBy:    a.User,
		Extra:        d.defaultExtra(c, skranke.DomainTicket, extra),
	}
	var primary *skranke.Customer
	for _, customer := range customers {
		t.Customers = append(t.Customers, customer.ID)
	}
	if len(customers) > 0 {
		primary = customers[0]
		t.Company = primary.Company
	}
	if t.Priority = draft.Priority; draft.Priority == AutomaticPriority {
		if t.Priority, err = automaticPriority(ctx, tx, c, primary); err != nil {
			return nil, err
		}
	}
	t.OrigPriority = t.Priority
	if t.TicketStatus, err = tx.DefaultTicketStatus(ctx, t.Status); err != nil {
		return nil, err
	}
	if draft.Owner == DelegatedOwner {
		if t.Owner, err = d.delegate(ctx, tx, category, primary); err != nil {
			return nil, err
		}
	}
	return t, d.sign(ctx, tx, a, t, primary)
}

// sign sets who made the ticket.
//
// Spec: customer/newTicket.8, ticket/newTicket.7, ticket/newTicket.8
func (d *Desk) sign(ctx context.Context, tx *store.WriteTx, a Actor, t *skranke.Ticket, primary *skranke.Customer) error {
	if a.IsCustomer() {
		t.CreatedBy, t.Origin = skranke.SystemUser, skranke.OriginCustomerCentre
		t.Author = skranke.Cut(primary.AuthorName(), skranke.MaxAuthor)
		return nil
	}
	user, err := tx.User(ctx, a.User)
	if err != nil {
		return err
	}
	t.Author = skranke.Cut(user.Name(), skranke.MaxAuthor)
	if t.Owner == a.User {
		t.ReadStatus = skranke.Green
	}
	return nil
}

func checkSLevel(level skranke.SLevel) error {
	if level != skranke.Internal && level != skranke.External {
		return skranke.Err(skranke.CodeInvalidSLevel, "security level %d", level)
	}
	return nil
}

func checkPriority(c *catalog, a Actor, id skranke.PriorityID) error {
	if id == AutomaticPriority {
		return nil
	}
	p, ok := c.priority(id)
	if !ok || a.IsCustomer() && !p.External {
		return skranke.Err(skranke.CodeInvalidPriority, "no priority %d here", id)
	}
	return nil
}

// checkOwner accepts delegation, nobody and users who may own tickets.
//
// Spec: ticket/newTicket.4
func checkOwner(ctx context.Context, tx *store.WriteTx, id skranke.UserID) error {
	if id == DelegatedOwner || id == skranke.SystemUser {
		return nil
	}
	user, err := tx.User(ctx, id)
	if missing(err) || err == nil && !user.Status.MayLogIn() {
		return skranke.Err(skranke.CodeInvalidOwner, "user %d may own no tickets", id)
	}
	return err
}

// customersOf reads the customers a ticket is to have; repeated ids count once.
//
// Spec: ticket/newTicket.5
func (d *Desk) customersOf(ctx context.Context, tx *store.WriteTx, ids []skranke.CustomerID) ([]*skranke.Customer, error) {
	customers := make([]*skranke.Customer, 0, len(ids))
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			continue
		}
		customer, err := tx.Customer(ctx, id)
		if err != nil {
			return nil, err
		}
		if customer.Deleted {
			return nil, skranke.Err(skranke.CodeUnknownCustomerID, "customer %d is deleted", id)
		}
		customers = append(customers, customer)
	}
	return customers, nil
}

// automaticPriority is the default of the customer, else of his company, else
// of the installation. Deleted priorities do not count.
//
// Spec: customer/newTicket.5, ticket/newTicket.3
func automaticPriority(ctx context.Context, tx *store.WriteTx, c *catalog, customer *skranke.Customer) (skranke.PriorityID, error) {
	if customer == nil {
		return c.defaultPriority(), nil
	}
	if _, ok := c.priority(customer.Priority); ok {
		return customer.Priority, nil
	}
	if customer.Company == 0 {
		return c.defaultPriority(), nil
	}
	company, err := tx.Company(ctx, customer.Company)
	if err != nil && skranke.CodeOf(err) != skranke.CodeUnknownCompany {
		return 0, err
	}
	if err == nil {
		if _, ok := c.priority(company.Priority); ok {
			return company.Priority, nil
		}
	}
	return c.defaultPriority(), nil
}

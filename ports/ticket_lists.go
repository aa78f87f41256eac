package ports

import (
	"context"
	"strconv"

	"skranke/desk"
	"skranke/soap"
)

// listOps are the methods of the ticket port that list what tickets refer to,
// and the user's own tickets.
func (p *Ports) listOps() []soap.Op {
	return []soap.Op{
		asUser(p, "getActiveTicketsStatus", "Lists the user's active tickets with their read state.", p.getActiveTicketsStatus),
		asUser(p, "getCategories", "Lists all categories.", p.userGetCategories),
		asUser(p, "getPriorities", "Lists all priorities.", p.userGetPriorities),
		asUser(p, "getExtraFields", "Lists the extra fields of a domain, external or not.", p.userGetExtraFields),
	}
}

// ActiveTicketsStruct is a ticket of the user and what he has seen of it.
type ActiveTicketsStruct struct {
	TicketID   string `soap:"ticketId"`
	ReadStatus string `soap:"readStatus"`
}

type getActiveTicketsStatusOut struct {
	TicketStatusResult []ActiveTicketsStruct `soap:"ticketStatusResult"`
}

// Spec: ticket/getActiveTicketsStatus
func (p *Ports) getActiveTicketsStatus(ctx context.Context, a desk.Actor, _ *Session) (getActiveTicketsStatusOut, error) {
	list, err := p.desk.ActiveTickets(ctx, a)
	out := make([]ActiveTicketsStruct, len(list))
	for i, t := range list {
		out[i] = ActiveTicketsStruct{number(t.Ticket), strconv.Itoa(int(t.Read))}
	}
	return getActiveTicketsStatusOut{out}, err
}

// flaggedCategory describes a category to users, who see internal ones as well.
type flaggedCategory struct {
	ID         string `soap:"id"`
	Name       string `soap:"name"`
	ParentID   string `soap:"parentId"`
	IsInternal bool   `soap:"isInternal"`
}

// SOAPName is the documented name, which the customer port gives to a struct
// with other members.
func (flaggedCategory) SOAPName() string { return "CategoryStruct" }

type userGetCategoriesOut struct {
	CategoryIDs []flaggedCategory `soap:"categoryIds"`
}

// Spec: ticket/getCategories
func (p *Ports) userGetCategories(ctx context.Context, a desk.Actor, _ *Session) (userGetCategoriesOut, error) {
	list, err := p.desk.Categories(ctx, a)
	out := make([]flaggedCategory, len(list))
	for i, c := range list {
		out[i] = flaggedCategory{number(c.ID), c.Name, number(c.Parent), c.Internal}
	}
	return userGetCategoriesOut{out}, err
}

// Spec: ticket/getPriorities
func (p *Ports) userGetPriorities(ctx context.Context, a desk.Actor, in *Session) (getPrioritiesOut, error) {
	return p.customerGetPriorities(ctx, a, in)
}

// Spec: ticket/getExtraFields
func (p *Ports) userGetExtraFields(ctx context.Context, a desk.Actor, in *getExtraFieldsIn) (getExtraFieldsOut, error) {
	return p.customerGetExtraFields(ctx, a, in)
}

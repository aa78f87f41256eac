package ports

import (
	"context"

	"skranke"
	"skranke/desk"
	"skranke/soap"
)

// requestOps are the methods of the ticket port that change and find tickets.
func (p *Ports) requestOps() []soap.Op {
	return []soap.Op{
		asUser(p, "setTicket", "Changes values of a ticket, all of them or none.", p.setTicket),
		asUser(p, "findTickets", "Searches tickets.", p.userFindTickets),
	}
}

type setTicketIn struct {
	Session
	TicketID     string            `soap:"ticketId"`
	TicketValues []ValuePairStruct `soap:"ticketValues"`
}

// Spec: ticket/setTicket
func (p *Ports) setTicket(ctx context.Context, a desk.Actor, in *setTicketIn) (struct{}, error) {
	return struct{}{}, p.desk.ChangeTicket(ctx, a, id[skranke.TicketID](in.TicketID), pairs(in.TicketValues))
}

// Spec: ticket/findTickets
func (p *Ports) userFindTickets(ctx context.Context, a desk.Actor, in *searchIn) (findTicketsOut, error) {
	found, err := p.desk.SearchTickets(ctx, a, desk.TicketSearch{
		Criteria:  criteria(in.SearchCriteria),
		Fields:    in.SearchFields,
		MaxRows:   in.MaxRows,
		OrderBy:   in.OrderBy,
		Ascending: in.Ascending,
	})
	if err != nil {
		return findTicketsOut{}, err
	}
	return findTicketsOut{p.resultRows(found)}, nil
}

package skranke

// Favourite is a ticket that a user keeps an eye on: he may be told of it as its
// owner is.
//
// Spec: ticket/notify.6
type Favourite struct {
	User   UserID
	Ticket TicketID
}

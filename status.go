package skranke

// TicketStatus is a status an administrator named; it refines a base status.
type TicketStatus struct {
	ID       int64
	Name     string
	Base     Status
	NoReopen bool // a customer's message leaves the ticket as it is
	Default  bool // the one tickets of the base status get by themselves
}

// Package ports is the documented SOAP interface: the customer, ticket and admin
// ports. It declares every method once, as a struct of what comes in, one of
// what goes out and a function between them, and translates to and from package
// desk. It holds no rule of the help desk. Start with customer.go.
package ports

import (
	"log/slog"
	"time"

	"skranke/desk"
	"skranke/soap"
)

// Ports are the SOAP services over a desk.
type Ports struct {
	desk *desk.Desk
	zone *time.Location
	log  *slog.Logger
}

// New makes the ports. Dates are printed in zone.
func New(d *desk.Desk, zone *time.Location, log *slog.Logger) *Ports {
	return &Ports{desk: d, zone: zone, log: log}
}

// All lists the services in the order of the documentation.
func (p *Ports) All() []*soap.Port {
	return []*soap.Port{p.Customer(), p.Ticket(), p.Admin()}
}

// Namespaces of our own WSDLs. They are frozen: generated proxies carry them.
const (
	customerNamespace = "urn:skranke:customer"
	ticketNamespace   = "urn:skranke:ticket"
	adminNamespace    = "urn:skranke:admin"
)

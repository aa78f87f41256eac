package e2e

import (
	"slices"
	"testing"
)

// TestProxiesOfAnotherServer points proxies that were made from the WSDL of
// another server at this one. Toolkits whose clients are compiled want every
// method of the port in a WSDL; for them TestPageProgram stands in.
func TestProxiesOfAnotherServer(t *testing.T) {
	for _, k := range toolkits {
		if slices.Contains([]string{"mono", "gsoap"}, k.name) {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			need(t, k.name, k.has)
			c := k.connect(t, start(t).another(t))

			r := c.call(t, "login", demo.customer, demo.password)
			r.wantCode(t, "0")
			key := r.text(t, "sessionKey")

			r = c.call(t, "getTicket", key, demo.ticket, names(demo.page))
			r.wantCode(t, "0")
			wantEqual(t, "ticketResult", r.results(t, "ticketResult"), demo.page)
			wantEqual(t, "messageIds", r.list(t, "messageIds"), demo.messageIDs)

			r = c.call(t, "getTicket", key, demo.emptyTicket, []string{"no such field"})
			r.wantCode(t, "0")
			wantEqual(t, "ticketResult", r.results(t, "ticketResult"), nil)
			wantEqual(t, "messageIds", r.list(t, "messageIds"), nil)

			c.call(t, "getTicket", key, demo.missing, []string{"ticket.title"}).wantCode(t, "13")
			wantLastError(t, c, key, unknownTicket)
			c.call(t, "logout", key).wantCode(t, "0")
			c.call(t, "logout", key).wantCode(t, "5")
		})
	}
}

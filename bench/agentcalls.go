package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
)

const (
	noStrings    = ` SOAP-ENC:arrayType="xsd:string[0]" xsi:type="ns1:ArrayOfString"/>`
	noPairs      = `<extraFields SOAP-ENC:arrayType="ns1:ValuePairStruct[0]" xsi:type="ns1:ArrayOfValuePairStruct"/>`
	nobodyIsTold = `<sendNotification xsi:type="xsd:boolean">false</sendNotification>`
	htmlBody     = `&lt;p&gt;Dear Kari,&lt;/p&gt;&lt;p&gt;we send &lt;b&gt;somebody&lt;/b&gt; with a &lt;a href="https://fire.example/"&gt;blanket&lt;/a&gt; &amp;amp; fresh toner.&lt;/p&gt;`
)

// openAgent begins a call of the agent's to the ticket port.
func openAgent(c *client, method string) []byte {
	c.port = "ticket"
	b := append(c.body[:0], agentEnvelope...)
	b = append(b, method...)
	return text(append(b, '>'), "sessionKey", agentKey)
}

// agentNewTicket makes a ticket of a customer and writes the agent's first
// message to it, which is mailed to nobody.
func (l callers) agentNewTicket(c *client, draw *rand.Rand) error {
	customer := strconv.Itoa(1 + draw.IntN(customerCount(l.tickets)))
	b := openAgent(c, "newTicket")
	b = text(text(b, "title", "The printer on floor 7 is on fire"), "sLevel", "2")
	b = text(text(b, "categoryId", strconv.Itoa(1+draw.IntN(categoryCount))), "priorityId", "-1")
	b = text(b, "owner", strconv.Itoa(agent))
	b = append(b, `<customers SOAP-ENC:arrayType="xsd:string[1]" xsi:type="ns1:ArrayOfString">`...)
	b = append(text(b, "item", customer), "</customers>"...)
	b = append(append(b, noPairs...), nobodyIsTold...)
	c.body = shut(b, "newTicket")
	if err := c.call(); err != nil {
		return fmt.Errorf("agent's newTicket: %w", err)
	}
	ticket, err := part(c.got, "ticketId")
	if err != nil {
		return err
	}
	b = openAgent(c, "addMessage3")
	b = text(text(b, "messageBody", messageBody), "htmlMessageBody", htmlBody)
	b = text(text(text(b, "replyTemplateId", "-1"), "ticketId", string(ticket)), "sLevel", "2")
	b = append(append(b, "<attachmentIds"+noStrings...), nobodyIsTold...)
	b = append(b, "<to"+noStrings+"<cc"+noStrings+"<bcc"+noStrings...)
	c.body = shut(b, "addMessage3")
	if err := c.call(); err != nil {
		return fmt.Errorf("addMessage3 to new ticket %s: %w", ticket, err)
	}
	return nil
}

// agentRows is how many tickets an agent's list shows.
const agentRows = 50

// agentFind makes a step of the agent's findTickets that has to find so many
// tickets, in the order of a field. what draws what he looks for.
func agentFind(want int, orderBy, ascending string, what func(draw *rand.Rand) []criterion) step {
	return func(c *client, draw *rand.Rand) error {
		criteria := what(draw)
		b := appendCriteria(openAgent(c, "findTickets"), criteria)
		b = append(b, searchFields...)
		b = text(text(b, "maxRows", strconv.Itoa(agentRows)), "orderBy", orderBy)
		b = append(b, `<ascending xsi:type="xsd:boolean">`+ascending+`</ascending>`...)
		c.body = shut(b, "findTickets")
		if err := c.call(); err != nil {
			return fmt.Errorf("agent's findTickets: %w", err)
		}
		if got := bytes.Count(c.got, []byte("<item")); got != want*(1+5) {
			return fmt.Errorf("agent's findTickets, %v: got %d items of %d tickets: %.2000s", criteria, got, want, c.got)
		}
		return nil
	}
}

// agentNewest asks for the list an agent begins his day with.
func (l callers) agentNewest() step {
	return agentFind(agentRows, "ticket.created_at", "false", func(*rand.Rand) []criterion { return nil })
}

// agentByWord looks for a word that the regulars' tickets alone have, the oldest
// first: all others are looked through before.
func (l callers) agentByWord() step {
	found := min(agentRows, regularCount(l.tickets)*ticketsPerRegular/5)
	return agentFind(found, "", "true", func(*rand.Rand) []criterion {
		return []criterion{{"ticket.title", "OperatorContains", "projector"}}
	})
}

func (l callers) agentByID() step {
	return agentFind(agentRows, "", "true", func(draw *rand.Rand) []criterion {
		from := 1 + draw.IntN(l.tickets)
		return []criterion{
			{"ticket.id", "OperatorGte", strconv.Itoa(from)},
			{"ticket.id", "OperatorLte", strconv.Itoa(from + agentRows - 1)},
		}
	})
}

func (l callers) agentOfCustomer() step {
	return agentFind(ticketsPerRegular, "", "true", func(draw *rand.Rand) []criterion {
		_, customer := l.regular(draw)
		return []criterion{{"customer.id", "OperatorEquals", strconv.Itoa(customer)}}
	})
}

package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"strconv"
	"sync/atomic"

	"skranke"
)

// Requests as PHP's SoapClient writes them in RPC/encoded mode.
const (
	envelope      = envelopeStart + "customer" + envelopeRest
	agentEnvelope = envelopeStart + "ticket" + envelopeRest
	envelopeStart = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="urn:skranke:`
	envelopeRest = `" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/" SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><SOAP-ENV:Body><ns1:`
	ticketFields = `<ticketFields SOAP-ENC:arrayType="xsd:string[3]" xsi:type="ns1:ArrayOfString"><item xsi:type="xsd:string">ticket.title</item><item xsi:type="xsd:string">ticket.created_at</item><item xsi:type="xsd:string">ticket.category</item></ticketFields>`
	searchFields = `<searchFields SOAP-ENC:arrayType="xsd:string[5]" xsi:type="ns1:ArrayOfString"><item xsi:type="xsd:string">ticket.id</item><item xsi:type="xsd:string">ticket.title</item><item xsi:type="xsd:string">ticket.created_at</item><item xsi:type="xsd:string">ticket.status</item><item xsi:type="xsd:string">ticket.category</item></searchFields>`
)

func open(b []byte, method, key string) []byte {
	b = append(b, envelope...)
	b = append(b, method...)
	return text(append(b, '>'), "sessionKey", key)
}

func text(b []byte, name, value string) []byte {
	b = append(b, '<')
	b = append(b, name...)
	b = append(b, ` xsi:type="xsd:string">`...)
	b = append(b, value...)
	b = append(b, "</"...)
	b = append(b, name...)
	return append(b, '>')
}

func shut(b []byte, method string) []byte {
	b = append(b, "</ns1:"...)
	b = append(b, method...)
	return append(b, "></SOAP-ENV:Body></SOAP-ENV:Envelope>\n"...)
}

// callers makes the steps of a help desk of that many tickets.
type callers struct {
	tickets int
	own     int // percent of calls by the ticket's own customer
	entries int // of the FAQ
}

// pick draws a ticket and the session key of a reader.
func (l callers) pick(draw *rand.Rand) (id int, key string) {
	id = readable(draw.IntN(max(1, l.tickets/2)))
	customer := customerOf(id, l.tickets)
	if draw.IntN(100) >= l.own {
		customer = chiefOf(customer)
	}
	return id, keyOf(customer)
}

// eachOnce reads every ticket once, in an order that jumps about, by the reader
// there is for its customer.
func (l callers) eachOnce(reader func(customer int) int) (step step, tickets int) {
	tickets = max(1, l.tickets/2)
	const stride = 611_953 // a prime that divides no size of a help desk
	var next atomic.Int64
	return func(c *client, _ *rand.Rand) error {
		id := readable(int((next.Add(1) * stride) % int64(tickets)))
		c.body = appendGetTicket(c.body[:0], id, keyOf(reader(customerOf(id, l.tickets))))
		if err := c.call(); err != nil {
			return fmt.Errorf("ticket %d: %w", id, err)
		}
		return nil
	}, tickets
}

func themselves(customer int) int { return customer }

// appendGetTicket appends the body of the call.
func appendGetTicket(b []byte, id int, key string) []byte {
	b = open(b, "getTicket", key)
	b = append(b, `<ticketId xsi:type="xsd:string">`...)
	b = strconv.AppendInt(b, int64(id), 10)
	b = append(b, "</ticketId>"...)
	b = append(b, ticketFields...)
	return shut(b, "getTicket")
}

// getTicket reads tickets at random over all of the help desk, each with the
// key of somebody who may read it.
func (l callers) getTicket(c *client, draw *rand.Rand) error {
	id, key := l.pick(draw)
	c.body = appendGetTicket(c.body[:0], id, key)
	if err := c.call(); err != nil {
		return fmt.Errorf("ticket %d: %w", id, err)
	}
	if c.header != nil && !fits(c.got, id) { // once is enough: looking takes time
		return fmt.Errorf("ticket %d: got %s", id, c.got)
	}
	return nil
}

// fits says whether body is the answer about that ticket.
func fits(body []byte, id int) bool {
	return bytes.Contains(body, success) && bytes.Contains(body, []byte(html.EscapeString(titleOf(id)))) &&
		bytes.Count(body, []byte("<item")) >= 3+5
}

// criterion is one of a search.
type criterion struct{ field, op, value string }

func appendCriteria(b []byte, criteria []criterion) []byte {
	b = fmt.Appendf(b, `<searchCriteria SOAP-ENC:arrayType="ns1:CriteriaStruct[%d]" xsi:type="ns1:ArrayOfCriteriaStruct">`, len(criteria))
	for _, one := range criteria {
		b = append(b, `<item xsi:type="ns1:CriteriaStruct">`...)
		b = text(text(text(b, "field", one.field), "op", one.op), "value", one.value)
		b = append(b, "</item>"...)
	}
	return append(b, "</searchCriteria>"...)
}

// find makes a step of findTickets that has to find so many tickets. who draws
// a caller and what he looks for.
func find(want int, who func(draw *rand.Rand) (customer int, criteria []criterion)) step {
	return func(c *client, draw *rand.Rand) error {
		customer, criteria := who(draw)
		b := open(c.body[:0], "findTickets", keyOf(customer))
		b = appendCriteria(b, criteria)
		b = append(b, searchFields...)
		c.body = shut(b, "findTickets")
		if err := c.call(); err != nil {
			return fmt.Errorf("findTickets of customer %d: %w", customer, err)
		}
		if got := bytes.Count(c.got, []byte("<item")); got != want*(1+5) {
			return fmt.Errorf("findTickets of customer %d, %v: got %d items of %d tickets: %.2000s", customer, criteria, got, want, c.got)
		}
		return nil
	}
}

func (l callers) regular(draw *rand.Rand) (n, customer int) {
	n = draw.IntN(regularCount(l.tickets))
	return n, regular(n, l.tickets)
}

func (l callers) findOwn() step {
	return find(ticketsPerRegular, func(draw *rand.Rand) (int, []criterion) {
		_, customer := l.regular(draw)
		return customer, nil
	})
}

func (l callers) findByID() step {
	const many = 10
	return find(many, func(draw *rand.Rand) (int, []criterion) {
		n, customer := l.regular(draw)
		from := draw.IntN(ticketsPerRegular - many + 1)
		return customer, []criterion{
			{"ticket.id", "OperatorGte", strconv.Itoa(ticketOf(n, from, l.tickets))},
			{"ticket.id", "OperatorLte", strconv.Itoa(ticketOf(n, from+many-1, l.tickets))},
		}
	})
}

func (l callers) findByWord() step {
	return find(ticketsPerRegular/5, func(draw *rand.Rand) (int, []criterion) {
		_, customer := l.regular(draw)
		return customer, []criterion{{"ticket.title", "OperatorContains", "projector"}}
	})
}

// findByStatus asks for what nearly all tickets of the help desk are.
func (l callers) findByStatus() step {
	return find(ticketsPerRegular, func(draw *rand.Rand) (int, []criterion) {
		_, customer := l.regular(draw)
		return customer, []criterion{{"ticket.status", "OperatorEquals", strconv.Itoa(int(skranke.Active))}}
	})
}

// findOfCompany finds the tickets of a company, as a colleague with company
// access.
func (l callers) findOfCompany() step {
	companies := max(1, customerCount(l.tickets)/customersPerCompany)
	found := min(l.tickets, customersPerCompany*ticketsPerCustomer)
	return find(found, func(draw *rand.Rand) (int, []criterion) {
		return draw.IntN(companies)*customersPerCompany + 1, nil
	})
}

const messageBody = "Now it burns on both sides, and the toner is green. Can somebody come and look at it, please? We are on the second floor."

func appendAddMessage(b []byte, ticket, key string) []byte {
	b = open(b, "addMessage", key)
	b = text(text(text(b, "messageBody", messageBody), "ticketId", ticket), "sLevel", "2")
	b = append(b, `<attachmentIds SOAP-ENC:arrayType="xsd:string[0]" xsi:type="ns1:ArrayOfString"/>`...)
	return shut(b, "addMessage")
}

// addMessage writes into tickets at random, each as its customer.
func (l callers) addMessage(c *client, draw *rand.Rand) error {
	id := 1 + draw.IntN(l.tickets)
	c.body = appendAddMessage(c.body[:0], strconv.Itoa(id), keyOf(customerOf(id, l.tickets)))
	if err := c.call(); err != nil {
		return fmt.Errorf("addMessage to ticket %d: %w", id, err)
	}
	return nil
}

// newTicket makes a ticket and writes its first message.
func (l callers) newTicket(c *client, draw *rand.Rand) error {
	key := keyOf(1 + draw.IntN(customerCount(l.tickets)))
	b := open(c.body[:0], "newTicket", key)
	b = text(text(b, "title", "The printer on floor 7 is on fire"), "sLevel", "2")
	b = text(text(b, "categoryId", strconv.Itoa(1+draw.IntN(categoryCount))), "priorityId", "-1")
	b = append(b, `<extraField SOAP-ENC:arrayType="ns1:ValuePairStruct[0]" xsi:type="ns1:ArrayOfValuePairStruct"/>`...)
	c.body = shut(b, "newTicket")
	if err := c.call(); err != nil {
		return fmt.Errorf("newTicket: %w", err)
	}
	ticket, err := part(c.got, "ticketId")
	if err != nil {
		return err
	}
	c.body = appendAddMessage(c.body[:0], string(ticket), key)
	if err := c.call(); err != nil {
		return fmt.Errorf("addMessage to new ticket %s: %w", ticket, err)
	}
	return nil
}

// part is the text of a part of an answer.
func part(answer []byte, name string) ([]byte, error) {
	_, rest, ok := bytes.Cut(answer, []byte("<"+name))
	_, rest, opened := bytes.Cut(rest, []byte(">"))
	content, _, shut := bytes.Cut(rest, []byte("</"+name))
	if !ok || !opened || !shut {
		return nil, fmt.Errorf("no %s in the answer: %.2000s", name, answer)
	}
	return content, nil
}

// searchFaq looks for so many words, cut to their beginnings if begin is not 0.
func (l callers) searchFaq(count, begin int) step {
	return func(c *client, draw *rand.Rand) error {
		search := ""
		for i := range count {
			w := word(sought(draw, l.entries))
			if begin > 0 {
				w = w[:begin]
			}
			if i > 0 {
				search += " "
			}
			search += w
		}
		_, customer := l.regular(draw)
		c.body = shut(text(text(open(c.body[:0], "faq_findEntries", keyOf(customer)), "searchWords", search), "categoryId", "-1"), "faq_findEntries")
		if err := c.call(); err != nil {
			return fmt.Errorf("searching for %q: %w", search, err)
		}
		if c.header != nil && !bytes.Contains(c.got, []byte("<item")) {
			return fmt.Errorf("searching for %q found nothing: %s", search, c.got)
		}
		return nil
	}
}

// file is what is sent up and fetched again.
type file struct {
	text   []byte // its base64
	number atomic.Int64
	id     atomic.Value // string: of the attachment sent last
}

func newFile(size int) *file {
	content := make([]byte, size)
	draw := rand.NewChaCha8([32]byte{})
	draw.Read(content)
	return &file{text: base64.StdEncoding.AppendEncode(nil, content)}
}

// content is the file itself.
func (f *file) content() io.Reader {
	return base64.NewDecoder(base64.StdEncoding, bytes.NewReader(f.text))
}

// up sends the file, with another beginning each time, so that none is there
// already.
func (f *file) up(l callers) step {
	return func(c *client, _ *rand.Rand) error {
		b := open(c.body[:0], "addAttachment", keyOf(regular(0, l.tickets)))
		b = text(text(b, "attachmentName", "large.bin"), "contentType", "application/octet-stream")
		b = append(b, `<data xsi:type="xsd:string">`...)
		at := len(b)
		b = append(b, f.text...)
		copy(b[at:], fmt.Sprintf("%012d", f.number.Add(1)))
		b = append(b, "</data>"...)
		c.body = shut(b, "addAttachment")
		if err := c.call(); err != nil {
			return fmt.Errorf("addAttachment: %w", err)
		}
		id, err := part(c.got, "attachmentId")
		if err != nil {
			return err
		}
		f.id.Store(string(id))
		return nil
	}
}

// down fetches the file that was sent last.
func (f *file) down(l callers) step {
	return func(c *client, _ *rand.Rand) error {
		id, ok := f.id.Load().(string)
		if !ok {
			return errors.New("no attachment to fetch")
		}
		c.body = shut(text(open(c.body[:0], "getAttachment", keyOf(regular(0, l.tickets))), "attachmentId", id), "getAttachment")
		if err := c.call(); err != nil {
			return fmt.Errorf("getAttachment: %w", err)
		}
		got, err := part(c.got, "data")
		if err != nil {
			return err
		}
		if len(got) != len(f.text) || !bytes.Equal(got[12:], f.text[12:]) {
			return fmt.Errorf("getAttachment: got %d other characters than the %d sent", len(got), len(f.text))
		}
		return nil
	}
}

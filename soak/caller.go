package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// errGone says that no answer came: the server was killed, and nobody knows
// whether it has done what it was asked for.
var errGone = errors.New("no answer came")

// refusal is an answer with an error code.
type refusal struct{ method, code string }

func (r *refusal) Error() string { return r.method + ": error code " + r.code }

// answerTime is how long a call may take: a hang, on a slow machine.
const answerTime = time.Minute

// caller makes calls, one after the other.
type caller struct {
	base     string
	client   *http.Client
	number   int    // the customer's id
	customer string // session keys
	agent    string
	rand     *rand.Rand
	tokens   func() string
	ledger   *ledger

	tickets []string // of his own
	own     []string // attachments he has stored that are linked to nothing yet
	agents  []string // those the agent has stored, which only he may link
}

var partOf = regexp.MustCompile(`<(\w+)(?: [^>]*)?>([^<]*)</`)

// call makes a call of parts and what is in them; a part whose name ends in *
// is sent as it is. It returns errGone or a refusal.
func (c *caller) call(ctx context.Context, port, method string, parts ...string) (map[string]string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><%s xmlns="urn:skranke:%s">`, method, port)
	for i := 0; i < len(parts); i += 2 {
		name, raw := strings.CutSuffix(parts[i], "*")
		b.WriteString("<" + name + ">")
		if raw {
			b.WriteString(parts[i+1])
		} else if err := xml.EscapeText(&b, []byte(parts[i+1])); err != nil {
			return nil, err
		}
		b.WriteString("</" + name + ">")
	}
	fmt.Fprintf(&b, `</%s></Body></Envelope>`, method)
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/soap/"+port, strings.NewReader(b.String()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	res, err := c.client.Do(req)
	if err == nil {
		defer res.Body.Close()
		var text []byte
		if text, err = io.ReadAll(res.Body); err == nil {
			return answer(method, text)
		}
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s: %w", method, ctx.Err())
	}
	return nil, fmt.Errorf("%w: %v", errGone, err)
}

func answer(method string, text []byte) (map[string]string, error) {
	if !bytes.HasSuffix(bytes.TrimSpace(text), []byte("Envelope>")) {
		return nil, fmt.Errorf("%w: half an answer", errGone)
	}
	parts := map[string]string{}
	for _, m := range partOf.FindAllSubmatch(text, -1) {
		parts[string(m[1])] = string(m[2])
	}
	switch code := parts["errorCode"]; {
	case code == "0":
		return parts, nil
	case code == "":
		return nil, fmt.Errorf("%s: no error code in %s", method, text)
	default:
		return nil, &refusal{method, code}
	}
}

// logIn opens the caller's two sessions.
func (c *caller) logIn(ctx context.Context) error {
	a, err := c.call(ctx, "customer", "login", "username", fmt.Sprintf("c%d", c.number), "password", "pw")
	if err != nil {
		return fmt.Errorf("logging in as customer %d: %w", c.number, err)
	}
	b, err := c.call(ctx, "ticket", "login", "userName", "agent", "password", "pw")
	if err != nil {
		return fmt.Errorf("logging in as agent: %w", err)
	}
	c.customer, c.agent = a["sessionKey"], b["sessionKey"]
	return nil
}

func pair(field, value string) string {
	return "<item><field>" + field + "</field><value>" + value + "</value></item>"
}

func items(list []string) string {
	var b strings.Builder
	for _, s := range list {
		b.WriteString("<item>" + s + "</item>")
	}
	return b.String()
}

// write makes one write that chance picks. Whatever became of it is in the ledger.
func (c *caller) write(ctx context.Context) error {
	dice := c.rand.IntN(100)
	switch {
	case len(c.tickets) == 0 || dice < 20:
		return c.newTicket(ctx)
	case dice < 45:
		return c.addAttachment(ctx)
	case dice < 60:
		return c.addMessage(ctx)
	case dice < 75:
		return c.sendMessage(ctx)
	case dice < 87:
		return c.setTicket(ctx)
	case dice < 95:
		return c.setCustomer(ctx)
	}
	return c.closeTicket(ctx)
}

func (c *caller) ticket() string { return c.tickets[c.rand.IntN(len(c.tickets))] }

func (c *caller) newTicket(ctx context.Context) error {
	token := c.tokens()
	a, err := c.call(ctx, "customer", "newTicket", "sessionKey", c.customer, "title", token, "sLevel", "2", "categoryId", "1", "priorityId", "1",
		"extraField*", pair("x_1", token))
	if err != nil {
		return err
	}
	c.tickets = append(c.tickets, a["ticketId"])
	return c.ledger.made("ticket", a["ticketId"], token)
}

func (c *caller) addAttachment(ctx context.Context) error {
	token := c.tokens()
	text := token
	if c.rand.IntN(4) == 0 { // one that is spooled
		text = strings.Repeat(token+"\n", 1+(200<<10)/len(token))
	}
	port, key, stored := "customer", c.customer, &c.own
	if c.rand.IntN(2) == 0 {
		port, key, stored = "ticket", c.agent, &c.agents
	}
	a, err := c.call(ctx, port, "addAttachment", "sessionKey", key, "attachmentName", token+".txt", "contentType", "text/plain",
		"data", base64.StdEncoding.EncodeToString([]byte(text)))
	if err != nil {
		return err
	}
	*stored = append(*stored, a["attachmentId"])
	return c.ledger.made("attachment", a["attachmentId"], text)
}

// take gives the attachments for the next message; whatever becomes of it, they
// are not used again.
func (c *caller) take(stored *[]string) []string {
	n := c.rand.IntN(min(3, len(*stored)) + 1)
	taken := (*stored)[:n:n]
	*stored = (*stored)[n:]
	return taken
}

func (c *caller) addMessage(ctx context.Context) error {
	files := c.take(&c.own)
	body := fmt.Sprintf("%s with %d", c.tokens(), len(files))
	a, err := c.call(ctx, "customer", "addMessage", "sessionKey", c.customer, "messageBody", body, "ticketId", c.ticket(), "sLevel", "2", "attachmentIds*", items(files))
	if err != nil {
		return err
	}
	return c.ledger.message(a["messageId"], body, files)
}

// sendMessage adds a message that is also mailed, to an address of its own.
func (c *caller) sendMessage(ctx context.Context) error {
	files, token := c.take(&c.agents), c.tokens()
	body := fmt.Sprintf("%s with %d", token, len(files))
	a, err := c.call(ctx, "ticket", "addMessage3", "sessionKey", c.agent, "messageBody", body, "ticketId", c.ticket(), "sLevel", "2",
		"attachmentIds*", items(files), "to*", items([]string{token + "@mail.example"}))
	if err != nil {
		return err
	}
	if err := c.ledger.message(a["messageID"], body, files); err != nil {
		return err
	}
	c.ledger.mailed(token)
	return nil
}

// setTicket gives a ticket another title, and its extra field the same text.
func (c *caller) setTicket(ctx context.Context) error {
	id, token := c.ticket(), c.tokens()
	settled := c.ledger.change("ticket", id, token)
	_, err := c.call(ctx, "ticket", "setTicket", "sessionKey", c.agent, "ticketId", id,
		"ticketValues*", pair("ticket.title", token)+pair("x_1", token))
	return settled(err)
}

// setCustomer gives the customer another first and last name, both the same.
func (c *caller) setCustomer(ctx context.Context) error {
	token := c.tokens()
	settled := c.ledger.change("customer", fmt.Sprint(c.number), token)
	_, err := c.call(ctx, "ticket", "setCustomer", "sessionKey", c.agent, "customerId", fmt.Sprint(c.number),
		"customerValues*", pair("customer.firstname", token)+pair("customer.lastname", token))
	return settled(err)
}

func (c *caller) closeTicket(ctx context.Context) error {
	id := c.ticket()
	_, err := c.call(ctx, "customer", "closeTicket", "sessionKey", c.customer, "ticketId", id)
	if err != nil {
		return err
	}
	for i := range c.tickets { // a message would open it again
		if c.tickets[i] == id {
			c.tickets = append(c.tickets[:i:i], c.tickets[i+1:]...)
			break
		}
	}
	c.ledger.closed(id)
	return nil
}

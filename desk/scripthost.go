package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"skranke"
)

// answers are what scripts may call, each with one object as its argument. Each
// call is a transaction of its own. docs/scripts.md tells of each.
//
// Spec: ticket/executeScript.5
var answers = map[string]func(scriptHost, context.Context, []byte) (any, error){
	"ticket.get":        asked(scriptHost.ticketGet),
	"ticket.find":       asked(scriptHost.ticketFind),
	"ticket.create":     asked(scriptHost.ticketCreate),
	"ticket.set":        asked(scriptHost.ticketSet),
	"ticket.close":      asked(scriptHost.ticketClose),
	"ticket.addMessage": asked(scriptHost.addMessage),
	"message.get":       asked(scriptHost.messageGet),
	"message.set":       asked(scriptHost.messageSet),
	"mail.send":         asked(scriptHost.mailSend),
	"customer.get":      asked(scriptHost.customerGet),
	"customer.find":     asked(scriptHost.customerFind),
	"customer.create":   asked(scriptHost.customerCreate),
	"customer.set":      asked(scriptHost.customerSet),
	"company.get":       asked(scriptHost.companyGet),
	"company.find":      asked(scriptHost.companyFind),
	"company.create":    asked(scriptHost.companyCreate),
	"company.set":       asked(scriptHost.companySet),
	"user.find":         asked(scriptHost.userFind),
	"user.notify":       asked(scriptHost.userNotify),
	"table.query":       asked(scriptHost.tableQuery),
	"table.insert":      asked(scriptHost.tableInsert),
	"table.update":      asked(scriptHost.tableUpdate),
	"table.delete":      asked(scriptHost.tableDelete),
}

func (h scriptHost) ask(ctx context.Context, name string, argument []byte) (any, error) {
	fn, ok := answers[name]
	if !ok {
		return nil, skranke.Err(skranke.CodeCustomError, "there is no %q", name)
	}
	return fn(h, ctx, argument)
}

// asked makes an answer of a func that takes what a script hands over as a
// struct. A member that means nothing is refused, so that a slip of the pen does
// not go unseen.
func asked[In any](fn func(scriptHost, context.Context, In) (any, error)) func(scriptHost, context.Context, []byte) (any, error) {
	return func(h scriptHost, ctx context.Context, argument []byte) (any, error) {
		var in In
		r := json.NewDecoder(bytes.NewReader(argument))
		r.DisallowUnknownFields()
		if err := r.Decode(&in); err != nil {
			return nil, skranke.Err(skranke.CodeCustomError, "the argument does not fit: %v", err)
		}
		return fn(h, ctx, in)
	}
}

// scriptText is a value as a script writes it: a text, a number or a truth
// value, which stands for 1 or 0. null is the empty text.
type scriptText string

// UnmarshalJSON reads any of them.
func (t *scriptText) UnmarshalJSON(raw []byte) error {
	switch c := raw[0]; {
	case c == '"':
		return json.Unmarshal(raw, (*string)(t))
	case c == '-' || c >= '0' && c <= '9':
		*t = scriptText(raw)
	case c == 't':
		*t = "1"
	case c == 'f':
		*t = "0"
	case c == 'n':
		*t = ""
	default:
		return errors.New("want a text, a number, or true or false")
	}
	return nil
}

// scriptValues are values by the names of their fields. A field that takes
// several, one after the other, has a list of them.
type scriptValues map[string]scriptTexts

type scriptTexts []scriptText

// UnmarshalJSON reads one value or a list of them.
func (t *scriptTexts) UnmarshalJSON(raw []byte) error {
	if raw[0] == '[' {
		return json.Unmarshal(raw, (*[]scriptText)(t))
	}
	*t = make(scriptTexts, 1)
	return json.Unmarshal(raw, &(*t)[0])
}

// pairs are the values as pairs, by name.
func (v scriptValues) pairs() []Pair {
	var pairs []Pair
	for _, name := range slices.Sorted(maps.Keys(v)) {
		for _, text := range v[name] {
			pairs = append(pairs, Pair{name, string(text)})
		}
	}
	return pairs
}

// scriptQuery is a search as a script describes it.
type scriptQuery struct {
	Criteria []struct {
		Field string     `json:"field"`
		Op    string     `json:"op"`
		Value scriptText `json:"value"`
	} `json:"criteria"`
	Fields []string `json:"fields"`
	Max    int      `json:"max"`
}

func (q scriptQuery) criteria() []Criterion {
	list := make([]Criterion, len(q.Criteria))
	for i, c := range q.Criteria {
		list[i] = Criterion{Field: c.Field, Op: c.Op, Value: string(c.Value)}
	}
	return list
}

func (q scriptQuery) max() string { return strconv.Itoa(q.Max) }

func (h scriptHost) printed(values []FieldValue) map[string]string {
	fields := make(map[string]string, len(values))
	for _, v := range values {
		if fields[v.Name] = ""; !v.Blank {
			fields[v.Name] = v.Type.Format(v.Value, h.desk.opts.Zone)
		}
	}
	return fields
}

func (h scriptHost) rows(found [][]FieldValue, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	rows := make([]map[string]string, len(found))
	for i, row := range found {
		rows[i] = h.printed(row)
	}
	return rows, nil
}

type ticketFields struct {
	ID     skranke.TicketID `json:"id"`
	Fields []string         `json:"fields"`
}

func (h scriptHost) ticketGet(ctx context.Context, in ticketFields) (any, error) {
	view, err := h.desk.Ticket(ctx, h.actor, in.ID, in.Fields)
	if err != nil {
		return nil, err
	}
	return map[string]any{"fields": h.printed(view.Fields), "messages": append([]skranke.MessageID{}, view.Messages...)}, nil
}

type ticketQuery struct {
	scriptQuery
	OrderBy    string `json:"orderBy"`
	Descending bool   `json:"descending"`
}

func (h scriptHost) ticketFind(ctx context.Context, in ticketQuery) (any, error) {
	return h.rows(h.desk.SearchTickets(ctx, h.actor, TicketSearch{
		Criteria: in.criteria(), Fields: in.Fields, MaxRows: in.max(), OrderBy: in.OrderBy, Ascending: !in.Descending,
	}))
}

type newTicket struct {
	Title     string               `json:"title"`
	SLevel    *skranke.SLevel      `json:"slevel"`
	Category  skranke.CategoryID   `json:"category"`
	Priority  *skranke.PriorityID  `json:"priority"`
	Owner     *skranke.UserID      `json:"owner"`
	Customers []skranke.CustomerID `json:"customers"`
	Extra     scriptValues         `json:"extra"`
	Notify    bool                 `json:"notify"`
}

// or is what at points to, or something else if it points nowhere.
func or[T any](at *T, otherwise T) T {
	if at == nil {
		return otherwise
	}
	return *at
}

func (h scriptHost) ticketCreate(ctx context.Context, in newTicket) (any, error) {
	return h.desk.NewTicket(ctx, h.actor, TicketDraft{
		Title: in.Title, SLevel: or(in.SLevel, skranke.Internal), Category: in.Category, Priority: or(in.Priority, AutomaticPriority),
		Owner: or(in.Owner, DelegatedOwner), Customers: in.Customers, Extra: in.Extra.pairs(), Notify: in.Notify,
	})
}

type ticketValues struct {
	ID     skranke.TicketID `json:"id"`
	Values scriptValues     `json:"values"`
}

func (h scriptHost) ticketSet(ctx context.Context, in ticketValues) (any, error) {
	return nil, h.desk.ChangeTicket(ctx, h.actor, in.ID, in.Values.pairs())
}

type ticketOf struct {
	ID skranke.TicketID `json:"id"`
}

func (h scriptHost) ticketClose(ctx context.Context, in ticketOf) (any, error) {
	return nil, h.desk.ChangeTicket(ctx, h.actor, in.ID, []Pair{{"ticket.status", "close"}})
}

// scriptMessage is a message as a script describes it.
type scriptMessage struct {
	Ticket      skranke.TicketID       `json:"ticket"`
	SLevel      *skranke.SLevel        `json:"slevel"`
	Body        string                 `json:"body"`
	HTMLBody    string                 `json:"htmlBody"`
	Template    skranke.TemplateID     `json:"template"`
	Attachments []skranke.AttachmentID `json:"attachments"`
	Notify      bool                   `json:"notify"`
	To          []string               `json:"to"`
	Cc          []string               `json:"cc"`
	Bcc         []string               `json:"bcc"`
}

func (m scriptMessage) mailed() bool { return len(m.To)+len(m.Cc)+len(m.Bcc) > 0 }

func (h scriptHost) addMessage(ctx context.Context, in scriptMessage) (any, error) {
	if in.mailed() {
		return nil, skranke.Err(skranke.CodeCustomError, "a message with recipients is sent by mail.send")
	}
	return h.message(ctx, in, skranke.Internal)
}

func (h scriptHost) mailSend(ctx context.Context, in scriptMessage) (any, error) {
	if !in.mailed() {
		return nil, skranke.Err(skranke.CodeCustomError, "a mail needs somebody to go to")
	}
	return h.message(ctx, in, skranke.External)
}

func (h scriptHost) message(ctx context.Context, in scriptMessage, level skranke.SLevel) (any, error) {
	return h.desk.AddMessage(ctx, h.actor, MessageDraft{
		Ticket: in.Ticket, SLevel: or(in.SLevel, level), Body: in.Body, HTMLBody: in.HTMLBody, Template: max(in.Template, 0),
		Attachments: in.Attachments, Notify: in.Notify, To: in.To, Cc: in.Cc, Bcc: in.Bcc,
	})
}

type messageFields struct {
	ID     skranke.MessageID `json:"id"`
	Fields []string          `json:"fields"`
}

func (h scriptHost) messageGet(ctx context.Context, in messageFields) (any, error) {
	view, err := h.desk.Message(ctx, h.actor, in.ID, in.Fields)
	if err != nil {
		return nil, err
	}
	files := make([]map[string]any, len(view.Attachments))
	for i, a := range view.Attachments {
		files[i] = map[string]any{"id": a.ID, "name": a.Name, "contentType": a.ContentType}
	}
	return map[string]any{"fields": h.printed(view.Fields), "attachments": files}, nil
}

type messageChange struct {
	ID     skranke.MessageID `json:"id"`
	Values scriptValues      `json:"values"`
}

func (h scriptHost) messageSet(ctx context.Context, in messageChange) (any, error) {
	return nil, h.desk.EditMessage(ctx, h.actor, in.ID, in.Values.pairs())
}

type customerFields struct {
	ID     skranke.CustomerID `json:"id"`
	Fields []string           `json:"fields"`
}

func (h scriptHost) customerGet(ctx context.Context, in customerFields) (any, error) {
	view, err := h.desk.Customer(ctx, h.actor, in.ID, in.Fields)
	if err != nil {
		return nil, err
	}
	return map[string]any{"fields": h.printed(view.Fields), "emails": append([]string{}, view.Emails...)}, nil
}

func (h scriptHost) customerFind(ctx context.Context, in scriptQuery) (any, error) {
	return h.rows(h.desk.FindCustomers(ctx, in.criteria(), in.Fields, in.max()))
}

func (h scriptHost) customerCreate(ctx context.Context, _ struct{}) (any, error) {
	return h.desk.NewCustomer(ctx, h.actor)
}

type customerValues struct {
	ID     skranke.CustomerID `json:"id"`
	Values scriptValues       `json:"values"`
}

func (h scriptHost) customerSet(ctx context.Context, in customerValues) (any, error) {
	return nil, h.desk.ChangeCustomer(ctx, h.actor, in.ID, in.Values.pairs())
}

type companyFields struct {
	ID     skranke.CompanyID `json:"id"`
	Fields []string          `json:"fields"`
}

func (h scriptHost) companyGet(ctx context.Context, in companyFields) (any, error) {
	fields, err := h.desk.Company(ctx, h.actor, in.ID, in.Fields)
	if err != nil {
		return nil, err
	}
	return map[string]any{"fields": h.printed(fields)}, nil
}

func (h scriptHost) companyFind(ctx context.Context, in scriptQuery) (any, error) {
	return h.rows(h.desk.FindCompanies(ctx, in.criteria(), in.Fields, in.max()))
}

type companyNamed struct {
	Name string `json:"name"`
}

func (h scriptHost) companyCreate(ctx context.Context, in companyNamed) (any, error) {
	return h.desk.NewCompany(ctx, h.actor, in.Name)
}

type companyValues struct {
	ID     skranke.CompanyID `json:"id"`
	Values scriptValues      `json:"values"`
}

func (h scriptHost) companySet(ctx context.Context, in companyValues) (any, error) {
	return nil, h.desk.ChangeCompany(ctx, h.actor, in.ID, in.Values.pairs())
}

type userNamed struct {
	Name string `json:"name"`
}

func (h scriptHost) userFind(ctx context.Context, in userNamed) (any, error) {
	return h.desk.FindUser(ctx, in.Name, "")
}

type userNotice struct {
	User    skranke.UserID   `json:"user"`
	Ticket  skranke.TicketID `json:"ticket"`
	Message string           `json:"message"`
}

func (h scriptHost) userNotify(ctx context.Context, in userNotice) (any, error) {
	return nil, h.desk.NotifyOf(ctx, h.actor, in.User, in.Ticket, in.Message)
}

// scriptRows is a search for rows of an extra table as a script describes it.
type scriptRows struct {
	Table    scriptText   `json:"table"`
	Columns  []scriptText `json:"columns"`
	Criteria []struct {
		Column scriptText `json:"column"`
		Op     string     `json:"op"`
		Value  scriptText `json:"value"`
		Join   string     `json:"join"`
	} `json:"criteria"`
	OrderBy    scriptText `json:"orderBy"`
	Descending bool       `json:"descending"`
	Max        int        `json:"max"`
}

func (h scriptHost) tableQuery(ctx context.Context, in scriptRows) (any, error) {
	query := RowQuery{Table: string(in.Table), Order: string(in.OrderBy), Limit: strconv.Itoa(in.Max), Ascending: strconv.FormatBool(!in.Descending)}
	for _, column := range in.Columns {
		query.Columns = append(query.Columns, string(column))
	}
	for _, c := range in.Criteria {
		query.Criteria = append(query.Criteria, RowCriterion{Column: string(c.Column), Op: c.Op, Value: string(c.Value), Logical: c.Join})
	}
	found, err := h.desk.QueryExtraTable(ctx, query)
	if err != nil {
		return nil, err
	}
	rows := make([]map[string]string, len(found))
	for i, values := range found {
		rows[i] = make(map[string]string, len(values))
		for j, v := range values {
			rows[i][rowMember(values, j)] = v.Type.Format(v.Value, h.desk.opts.Zone)
		}
	}
	return rows, nil
}

// rowMember is the name a script finds the value at i of a row by: id, x_5, and
// x_5.value for what the relation in x_5 leads to, which stands behind it.
func rowMember(values []RowValue, i int) string {
	column := values[i].Column
	switch {
	case column == 0:
		return "id"
	case i > 0 && values[i-1].Column == column && values[i-1].Type.IsID() && !values[i].Type.IsID():
		return fmt.Sprintf("x_%d.value", column)
	}
	return fmt.Sprintf("x_%d", column)
}

type rowValues struct {
	Table  scriptText   `json:"table"`
	Values scriptValues `json:"values"`
}

func (h scriptHost) tableInsert(ctx context.Context, in rowValues) (any, error) {
	return h.desk.PutExtraRow(ctx, h.actor, string(in.Table), rowID, in.Values.pairs())
}

type changedRow struct {
	Table  scriptText         `json:"table"`
	ID     skranke.ExtraRowID `json:"id"`
	Values scriptValues       `json:"values"`
}

func (h scriptHost) tableUpdate(ctx context.Context, in changedRow) (any, error) {
	if in.ID < 1 { // -1 would make a row
		return nil, skranke.Err(skranke.CodeCustomError, "there is no row %d", in.ID)
	}
	_, err := h.desk.PutExtraRow(ctx, h.actor, string(in.Table), strconv.FormatInt(int64(in.ID), 10), in.Values.pairs())
	return nil, err
}

type rowOf struct {
	Table scriptText         `json:"table"`
	ID    skranke.ExtraRowID `json:"id"`
}

func (h scriptHost) tableDelete(ctx context.Context, in rowOf) (any, error) {
	return nil, h.desk.DeleteExtraRow(ctx, h.actor, string(in.Table), strconv.FormatInt(int64(in.ID), 10))
}

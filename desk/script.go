package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"skranke"
	"skranke/store"
)

// ScriptEngine runs scripts. It returns what a script printed; its errors say
// why a script did not come to its end, for the log.
type ScriptEngine interface {
	RunScript(ctx context.Context, run ScriptRun) (string, error)
}

// ScriptRun is a script that is run for somebody.
type ScriptRun struct {
	Source    string
	Variables map[string]string
	User      any // what getActiveUser returns
	Host      func(ctx context.Context, name string, argument []byte) (any, error)
	Log       func(text string)
}

// RunScript runs the script of that include id as a and returns what it
// printed. It returns CodeOperationIllegal where no scripts are run,
// CodeCustomError for a script there is not, and another error if it fails;
// what it has stored by then stays.
//
// Spec: ticket/executeScript
func (d *Desk) RunScript(ctx context.Context, a Actor, includeID string, parameters []Pair) (string, error) {
	if d.opts.Scripts == nil {
		return "", skranke.Err(skranke.CodeOperationIllegal, "no scripts are run here")
	}
	var found *skranke.Script
	var user *skranke.User
	err := d.db.Read(ctx, func(tx *store.ReadTx) (err error) {
		if found, err = tx.ScriptCalled(ctx, strings.TrimSpace(includeID)); err != nil {
			return err
		}
		user, err = tx.User(ctx, a.User)
		return err
	})
	if err != nil {
		return "", err
	}
	variables := make(map[string]string, len(parameters))
	for _, p := range parameters {
		variables[p.Field] = p.Value
	}
	host := scriptHost{d, a}
	printed, err := d.opts.Scripts.RunScript(ctx, ScriptRun{
		Source:    found.Source,
		Variables: variables,
		User: map[string]any{
			"id": int64(user.ID), "loginName": user.LoginName, "userName": user.UserName, "name": user.Name(), "email": user.Email, "language": user.Language,
		},
		Host: host.answer,
		Log: func(text string) {
			d.log.InfoContext(ctx, "script says", "script", found.IncludeID, "user", a.User, "text", text)
		},
	})
	if err != nil {
		return "", fmt.Errorf("script %q: %w", found.IncludeID, err)
	}
	return printed, nil
}

// scriptHost answers what a script asks for, under the rights of its caller.
type scriptHost struct {
	desk  *Desk
	actor Actor
}

// answer answers one question. What is no refusal of the desk is for the log:
// the script learns as little as callers do.
func (h scriptHost) answer(ctx context.Context, name string, argument []byte) (any, error) {
	result, err := h.ask(ctx, name, argument)
	var refusal *skranke.Error
	if err == nil || errors.As(err, &refusal) {
		return result, err
	}
	h.desk.log.ErrorContext(ctx, "a call of a script failed", "call", name, "error", err)
	return nil, errors.New(skranke.CodeCustomError.Text())
}

// answers are what scripts may call. docs/scripts.md tells of each.
var answers = map[string]func(scriptHost, context.Context, []byte) (any, error){
	"ticket.get":        scriptHost.ticketGet,
	"ticket.create":     scriptHost.ticketCreate,
	"ticket.addMessage": scriptHost.addMessage,
	"mail.send":         scriptHost.mailSend,
	"customer.get":      scriptHost.customerGet,
	"customer.set":      scriptHost.customerSet,
	"customer.find":     scriptHost.customerFind,
}

func (h scriptHost) ask(ctx context.Context, name string, argument []byte) (any, error) {
	fn, ok := answers[name]
	if !ok {
		return nil, skranke.Err(skranke.CodeCustomError, "there is no %q", name)
	}
	return fn(h, ctx, argument)
}

// readArgument reads what a script hands over. A member that means nothing is
// refused, so that a slip of the pen does not go unseen.
func readArgument(argument []byte, into any) error {
	r := json.NewDecoder(bytes.NewReader(argument))
	r.DisallowUnknownFields()
	if err := r.Decode(into); err != nil {
		return skranke.Err(skranke.CodeCustomError, "the argument does not fit: %v", err)
	}
	return nil
}

func (h scriptHost) printed(values []FieldValue) map[string]string {
	fields := make(map[string]string, len(values))
	for _, v := range values {
		if fields[v.Name] = ""; !v.Blank {
			fields[v.Name] = v.Type.Format(v.Value, h.desk.opts.Zone)
		}
	}
	return fields
}

func (h scriptHost) ticketGet(ctx context.Context, argument []byte) (any, error) {
	var in struct {
		ID     skranke.TicketID `json:"id"`
		Fields []string         `json:"fields"`
	}
	if err := readArgument(argument, &in); err != nil {
		return nil, err
	}
	view, err := h.desk.Ticket(ctx, h.actor, in.ID, in.Fields)
	if err != nil {
		return nil, err
	}
	return map[string]any{"fields": h.printed(view.Fields), "messages": view.Messages}, nil
}

// pairsOf are the pairs of an object, by name.
func pairsOf(values map[string]string) []Pair {
	var pairs []Pair
	for _, name := range slices.Sorted(maps.Keys(values)) {
		pairs = append(pairs, Pair{name, values[name]})
	}
	return pairs
}

func (h scriptHost) ticketCreate(ctx context.Context, argument []byte) (any, error) {
	in := struct {
		Title     string               `json:"title"`
		SLevel    skranke.SLevel       `json:"slevel"`
		Category  skranke.CategoryID   `json:"category"`
		Priority  skranke.PriorityID   `json:"priority"`
		Owner     skranke.UserID       `json:"owner"`
		Customers []skranke.CustomerID `json:"customers"`
		Extra     map[string]string    `json:"extra"`
		Notify    bool                 `json:"notify"`
	}{SLevel: skranke.Internal, Priority: AutomaticPriority, Owner: DelegatedOwner}
	if err := readArgument(argument, &in); err != nil {
		return nil, err
	}
	return h.desk.NewTicket(ctx, h.actor, TicketDraft{
		Title: in.Title, SLevel: in.SLevel, Category: in.Category, Priority: in.Priority, Owner: in.Owner,
		Customers: in.Customers, Extra: pairsOf(in.Extra), Notify: in.Notify,
	})
}

// scriptMessage is a message as a script describes it.
type scriptMessage struct {
	Ticket   skranke.TicketID `json:"ticket"`
	SLevel   skranke.SLevel   `json:"slevel"`
	Body     string           `json:"body"`
	HTMLBody string           `json:"htmlBody"`
	Notify   bool             `json:"notify"`
	To       []string         `json:"to"`
	Cc       []string         `json:"cc"`
	Bcc      []string         `json:"bcc"`
}

func (h scriptHost) addMessage(ctx context.Context, argument []byte) (any, error) {
	in := scriptMessage{SLevel: skranke.Internal}
	if err := readArgument(argument, &in); err != nil {
		return nil, err
	}
	if len(in.To)+len(in.Cc)+len(in.Bcc) > 0 {
		return nil, skranke.Err(skranke.CodeCustomError, "a message with recipients is sent by mail.send")
	}
	return h.message(ctx, in)
}

func (h scriptHost) mailSend(ctx context.Context, argument []byte) (any, error) {
	in := scriptMessage{SLevel: skranke.External}
	if err := readArgument(argument, &in); err != nil {
		return nil, err
	}
	if len(in.To)+len(in.Cc)+len(in.Bcc) == 0 {
		return nil, skranke.Err(skranke.CodeCustomError, "a mail needs somebody to go to")
	}
	return h.message(ctx, in)
}

func (h scriptHost) message(ctx context.Context, in scriptMessage) (any, error) {
	return h.desk.AddMessage(ctx, h.actor, MessageDraft{
		Ticket: in.Ticket, SLevel: in.SLevel, Body: in.Body, HTMLBody: in.HTMLBody, Notify: in.Notify, To: in.To, Cc: in.Cc, Bcc: in.Bcc,
	})
}

func (h scriptHost) customerGet(ctx context.Context, argument []byte) (any, error) {
	var in struct {
		ID     skranke.CustomerID `json:"id"`
		Fields []string           `json:"fields"`
	}
	if err := readArgument(argument, &in); err != nil {
		return nil, err
	}
	view, err := h.desk.Customer(ctx, h.actor, in.ID, in.Fields)
	if err != nil {
		return nil, err
	}
	return map[string]any{"fields": h.printed(view.Fields), "emails": view.Emails}, nil
}

func (h scriptHost) customerSet(ctx context.Context, argument []byte) (any, error) {
	var in struct {
		ID     skranke.CustomerID `json:"id"`
		Values map[string]string  `json:"values"`
	}
	if err := readArgument(argument, &in); err != nil {
		return nil, err
	}
	return nil, h.desk.ChangeCustomer(ctx, h.actor, in.ID, pairsOf(in.Values))
}

func (h scriptHost) customerFind(ctx context.Context, argument []byte) (any, error) {
	var in struct {
		Criteria []struct {
			Field string `json:"field"`
			Op    string `json:"op"`
			Value string `json:"value"`
		} `json:"criteria"`
		Fields []string `json:"fields"`
		Max    int      `json:"max"`
	}
	if err := readArgument(argument, &in); err != nil {
		return nil, err
	}
	var criteria []Criterion
	for _, c := range in.Criteria {
		criteria = append(criteria, Criterion{Field: c.Field, Op: c.Op, Value: c.Value})
	}
	found, err := h.desk.FindCustomers(ctx, criteria, in.Fields, fmt.Sprint(in.Max))
	if err != nil {
		return nil, err
	}
	rows := make([]map[string]string, len(found))
	for i, row := range found {
		rows[i] = h.printed(row)
	}
	return rows, nil
}

// checkScript checks a script's texts. Its name is trimmed.
func checkScript(s *skranke.Script) error {
	if s.IncludeID = strings.TrimSpace(s.IncludeID); s.IncludeID == "" {
		return skranke.Err(skranke.CodeCustomError, "a script needs an include id")
	}
	return checkLengths(length{"include id", s.IncludeID, skranke.MaxIncludeID}, length{"description", s.Description, maxNote})
}

// PutScript stores a script.
func (in *Intake) PutScript(ctx context.Context, s *skranke.Script) error {
	if err := checkScript(s); err != nil {
		return err
	}
	return in.put("script", func() int64 { return int64(s.ID) }, skranke.CodeCustomError,
		func() error { return in.tx.UpdateScript(ctx, s) }, func() error { return in.tx.InsertScript(ctx, s) })
}

// SetScript stores a script under its include id, instead of the one there is,
// and sets its id. A description of "" leaves the one there is.
func (d *Desk) SetScript(ctx context.Context, s *skranke.Script) error {
	if err := checkScript(s); err != nil {
		return err
	}
	return d.change(ctx, func(in *Intake) error {
		stored := *s
		stored.ID = 0
		old, err := in.tx.ScriptCalled(ctx, s.IncludeID)
		if err != nil && !isRefusal(err, skranke.CodeCustomError) {
			return err
		}
		if err == nil {
			if stored.ID = old.ID; stored.Description == "" {
				stored.Description = old.Description
			}
		}
		err = in.PutScript(ctx, &stored)
		s.ID = stored.ID
		return err
	})
}

// Script returns the script of that include id, or CodeCustomError.
func (o *Outgo) Script(ctx context.Context, includeID string) (*skranke.Script, error) {
	return o.tx.ScriptCalled(ctx, strings.TrimSpace(includeID))
}

// DeleteScript deletes the script of that include id. It returns
// CodeCustomError if there is none.
func (d *Desk) DeleteScript(ctx context.Context, includeID string) error {
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		s, err := tx.ScriptCalled(ctx, strings.TrimSpace(includeID))
		if err != nil {
			return err
		}
		return tx.DeleteScript(ctx, s.ID)
	})
}

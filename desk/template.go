package desk

import (
	"context"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"skranke"
	"skranke/store"
)

// draftTemplate reads the reply template a draft names, nil if it names none.
// It returns CodeCustomError if there is no such template.
//
// Spec: ticket/addMessage2.2, ticket/addMessage2.3
func (d *Desk) draftTemplate(ctx context.Context, tx *store.WriteTx, a Actor, draft MessageDraft) (*skranke.ReplyTemplate, error) {
	switch {
	case a.IsCustomer():
		return nil, nil
	case draft.BadTemplate:
		return nil, skranke.Err(skranke.CodeCustomError, "a reply template that cannot exist")
	case draft.Template <= 0:
		return nil, nil
	}
	return tx.ReplyTemplate(ctx, draft.Template)
}

// fillFromTemplate makes the body of m, its attachments and the subject and
// header lines of its letter what the template makes of them. What m held is
// offered to the template as message.body and message.bodyHtml. It returns
// CodeCustomError if the template makes too much.
//
// Spec: ticket/template.1, ticket/template.2, ticket/template.6, ticket/template.7
func (d *Desk) fillFromTemplate(ctx context.Context, tx *store.WriteTx, user *skranke.User, t *skranke.Ticket, m *skranke.Message, l *letter, template *skranke.ReplyTemplate) error {
	c, err := d.catalogOf(ctx, &tx.ReadTx)
	if err != nil {
		return err
	}
	vars, err := d.templateVariables(ctx, &tx.ReadTx, c, user, t, m)
	if err != nil {
		return err
	}
	m.Body, m.HTMLBody = "", ""
	for _, file := range template.Attachments {
		if !slices.Contains(m.Attachments, file) {
			m.Attachments = append(m.Attachments, file)
		}
	}
	body := c.templateBody(template, vars.customer, vars.company)
	if body == nil {
		return nil
	}
	subject, err := render(body.Subject, false, vars)
	if err != nil {
		return err
	}
	if subject = oneLine(subject); subject != "" {
		l.Subject = subject
	}
	l.Headers = headerLines(body.Header)
	if body.Flags&skranke.BodyHTML != 0 {
		if m.HTMLBody, err = render(body.HTML, true, vars); err != nil {
			return err
		}
	}
	if body.Flags&skranke.BodyPlain != 0 || body.Flags&skranke.BodyHTML == 0 {
		m.Body, err = render(body.Plain, false, vars)
		return err
	}
	m.Body = textOf(m.HTMLBody)
	return nil
}

// templateBody picks the body in the customer's language, else in his
// company's, else the default one, else the one made first. Installations
// without languages have the default one only. nil if there is none at all.
//
// Spec: ticket/template.1
func (c *catalog) templateBody(t *skranke.ReplyTemplate, customer *skranke.Customer, company *skranke.Company) *skranke.TemplateBody {
	var wanted []skranke.LanguageID
	if len(c.languages) > 0 && customer != nil {
		wanted = append(wanted, customer.Language)
	}
	if len(c.languages) > 0 && company != nil {
		wanted = append(wanted, company.Language)
	}
	for _, language := range wanted {
		for i := range t.Bodies {
			if language != 0 && t.Bodies[i].Language == language {
				return &t.Bodies[i]
			}
		}
	}
	var first *skranke.TemplateBody
	for i := range t.Bodies {
		b := &t.Bodies[i]
		if b.Flags&skranke.BodyDefault != 0 {
			return b
		}
		if first == nil || b.ID < first.ID {
			first = b
		}
	}
	return first
}

// templateVars is what the variables of a template stand for. Members are nil
// where there is nothing.
type templateVars struct {
	catalog  *catalog
	zone     *time.Location
	mailTag  string
	user     *skranke.User
	customer *skranke.Customer
	company  *skranke.Company
	ticket   *skranke.Ticket
	message  *skranke.Message
	body     string // the caller's text
	bodyHTML string // the same as HTML

	owner      *skranke.User
	ourContact *skranke.User     // the customer's, else the company's
	support    *skranke.User     // the company's support contact
	sales      *skranke.User     // the company's sales contact
	primary    *skranke.Customer // the company's contact person
	status     string            // name of the user-defined status
}

// templateVariables collects what a template for m may name.
//
// Spec: ticket/template.2, ticket/template.5
func (d *Desk) templateVariables(ctx context.Context, tx *store.ReadTx, c *catalog, user *skranke.User, t *skranke.Ticket, m *skranke.Message) (*templateVars, error) {
	v := &templateVars{
		catalog: c, zone: d.opts.Zone, mailTag: d.opts.MailTag,
		user: user, ticket: t, message: m,
		body: m.Body, bodyHTML: m.HTMLBody,
	}
	switch {
	case v.bodyHTML == "":
		v.bodyHTML = htmlOf(v.body)
	case v.body == "":
		v.body = textOf(v.bodyHTML)
	}
	var err error
	if v.customer, err = customerOrNone(ctx, tx, t.Customer()); err != nil {
		return nil, err
	}
	if v.customer != nil {
		if v.company, err = companyOrNone(ctx, tx, v.customer.Company); err != nil {
			return nil, err
		}
		if v.ourContact, err = userOrNone(ctx, tx, v.customer.OurContact); err != nil {
			return nil, err
		}
	}
	if v.company != nil {
		if v.support, err = userOrNone(ctx, tx, v.company.OurContact); err != nil {
			return nil, err
		}
		if v.sales, err = userOrNone(ctx, tx, v.company.OurSales); err != nil {
			return nil, err
		}
		if v.primary, err = customerOrNone(ctx, tx, v.company.PrimContact); err != nil {
			return nil, err
		}
	}
	if v.ourContact == nil {
		v.ourContact = v.support
	}
	if t.Owner != skranke.SystemUser {
		if v.owner, err = userOrNone(ctx, tx, t.Owner); err != nil {
			return nil, err
		}
	}
	status, err := tx.TicketStatus(ctx, t.TicketStatus)
	if err == nil {
		v.status = status.Name
	} else if skranke.CodeOf(err) != skranke.CodeUnknownTicketStatus {
		return nil, err
	}
	return v, nil
}

func customerOrNone(ctx context.Context, tx *store.ReadTx, id skranke.CustomerID) (*skranke.Customer, error) {
	customer, err := tx.Customer(ctx, id)
	if missing(err) || err == nil && customer.Deleted {
		return nil, nil
	}
	return customer, err
}

func companyOrNone(ctx context.Context, tx *store.ReadTx, id skranke.CompanyID) (*skranke.Company, error) {
	company, err := tx.Company(ctx, id)
	if skranke.CodeOf(err) == skranke.CodeUnknownCompany || err == nil && company.Deleted {
		return nil, nil
	}
	return company, err
}

func userOrNone(ctx context.Context, tx *store.ReadTx, id skranke.UserID) (*skranke.User, error) {
	user, err := tx.User(ctx, id)
	if missing(err) || err == nil && user.Status == skranke.UserDeleted {
		return nil, nil
	}
	return user, err
}

// htmlOf is a text as HTML.
//
// Spec: ticket/template.2
func htmlOf(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.ReplaceAll(html.EscapeString(text), "\n", "<br>\n")
}

// variable implements variables. It finds the documented names; those that
// would give a secret away, or belong to something that is not there, are "".
//
// Spec: ticket/template.4, ticket/template.5, tt/template_variables
func (v *templateVars) variable(name string) (value string, markup, ok bool) {
	switch name {
	case "message.bodyhtml", "messsage.bodyhtml": // misspelt so in the documentation
		return v.bodyHTML, true, true
	case "parser_tree":
		return v.tree(), false, true
	}
	if f, ok := templateNames[name]; ok {
		return f(v), false, true
	}
	group, field, _ := strings.Cut(name, ".")
	if group == "config" {
		return v.config(field)
	}
	if strings.HasPrefix(field, "x_") {
		return v.extra(group, field)
	}
	return "", false, false
}

// function implements variables.
func (v *templateVars) function(name, argument string) (string, bool) {
	if name != "makesalutation" {
		return "", false
	}
	if v.customer == nil || argument != strconv.FormatInt(int64(v.customer.ID), 10) {
		return "", true
	}
	return v.customer.Name(), true
}

// extra is the value of an extra field of the ticket, customer or company.
func (v *templateVars) extra(group, field string) (string, bool, bool) {
	domain, ok := skranke.ParseDomain(group)
	if !ok {
		return "", false, false
	}
	f, ok := v.catalog.extraField(domain, field)
	if !ok {
		return "", false, false
	}
	var values []skranke.ExtraValue
	switch {
	case domain == skranke.DomainTicket:
		values = v.ticket.Extra
	case domain == skranke.DomainCustomer && v.customer != nil:
		values = v.customer.Extra
	case domain == skranke.DomainCompany && v.company != nil:
		values = v.company.Extra
	}
	value := extraValue(values, f.ID)
	if !value.Set {
		return "", false, true
	}
	return f.Type().Format(value, v.zone), false, true
}

// secretConfig are the settings templates must not show.
//
// Spec: tt/template_variables
var secretConfig = []string{"smtphost", "smtpport", "warning", "wwwpath"}

// configNames are the documented config variables that come from settings of
// the same name.
var configNames = []string{
	"adminMail", "cgiBin", "cgiUrl", "cgiUrlInternal", "companyAddress", "companyName", "defaultMail", "gfxUrl",
	"panicMail", "uniqueId",
}

func (v *templateVars) config(field string) (string, bool, bool) {
	if field == "tag" || field == "mailtag" {
		return v.mailTag, false, true
	}
	if slices.Contains(secretConfig, field) {
		return "", false, true
	}
	for _, name := range configNames {
		if strings.EqualFold(name, field) {
			return v.catalog.settings["config."+name], false, true
		}
	}
	return "", false, false
}

// tree lists all variables that have a value, a line each.
func (v *templateVars) tree() string {
	names := make([]string, 0, len(templateNames)+len(configNames))
	for name := range templateNames {
		names = append(names, name)
	}
	for _, name := range configNames {
		names = append(names, "config."+skranke.Fold(name))
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		value, _, _ := v.variable(name)
		if value = skranke.Cut(oneLine(value), 255); value != "" {
			b.WriteString(name + " = " + value + "\n")
		}
	}
	return b.String()
}

// templateNames are the variables with a fixed name, by folded name. Those
// skranke keeps nothing for are documented all the same, and empty.
var templateNames = joinNames(
	ofUser("user.", func(v *templateVars) *skranke.User { return v.user }),
	ofUser("ourcontact.", func(v *templateVars) *skranke.User { return v.ourContact }),
	ofUser("company.ourcontact.", func(v *templateVars) *skranke.User { return v.support }),
	ofUser("company.oursalescontact.", func(v *templateVars) *skranke.User { return v.sales }),
	customerNames, companyNames, ticketNames, messageNames,
)

type nameTable map[string]func(*templateVars) string

func joinNames(tables ...nameTable) nameTable {
	all := nameTable{}
	for _, table := range tables {
		for name, value := range table {
			all[name] = value
		}
	}
	return all
}

func nothing(*templateVars) string { return "" }

func decimal[T ~int | ~int64 | ~uint32](n T) string { return strconv.FormatInt(int64(n), 10) }

// idText is an id, "" if it is none.
func idText[T ~int64](id T) string {
	if id <= 0 {
		return ""
	}
	return decimal(id)
}

// ofUser are the variables of one of the users.
func ofUser(prefix string, who func(*templateVars) *skranke.User) nameTable {
	of := func(value func(*skranke.User) string) func(*templateVars) string {
		return func(v *templateVars) string {
			if who(v) == nil {
				return ""
			}
			return value(who(v))
		}
	}
	table := nameTable{}
	for name, value := range map[string]func(*skranke.User) string{
		"id":         func(u *skranke.User) string { return idText(u.ID) },
		"access":     func(u *skranke.User) string { return decimal(u.Access) },
		"email":      func(u *skranke.User) string { return u.Email },
		"firstname":  func(u *skranke.User) string { return u.FirstName },
		"middlename": func(u *skranke.User) string { return u.MiddleName },
		"lastname":   func(u *skranke.User) string { return u.LastName },
		"loginname":  func(u *skranke.User) string { return u.LoginName },
		"username":   func(u *skranke.User) string { return u.UserName },
		"name":       (*skranke.User).Name,
		"language":   func(u *skranke.User) string { return u.Language },
		"status":     func(u *skranke.User) string { return decimal(u.Status) },
		"dictionary": func(*skranke.User) string { return "" },
		"signature":  func(*skranke.User) string { return "" },
		"phone":      func(*skranke.User) string { return "" },
		"cellphone":  func(*skranke.User) string { return "" },
	} {
		table[prefix+name] = of(value)
	}
	return table
}

func ofCustomer(value func(*templateVars, *skranke.Customer) string) func(*templateVars) string {
	return func(v *templateVars) string {
		if v.customer == nil {
			return ""
		}
		return value(v, v.customer)
	}
}

var customerNames = nameTable{
	"customer.id":         ofCustomer(func(_ *templateVars, c *skranke.Customer) string { return idText(c.ID) }),
	"customer.name":       ofCustomer(func(_ *templateVars, c *skranke.Customer) string { return c.Name() }),
	"customer.bestname":   ofCustomer(func(_ *templateVars, c *skranke.Customer) string { return c.AuthorName() }),
	"customer.firstname":  ofCustomer(func(_ *templateVars, c *skranke.Customer) string { return c.FirstName }),
	"customer.lastname":   ofCustomer(func(_ *templateVars, c *skranke.Customer) string { return c.LastName }),
	"customer.username":   ofCustomer(func(_ *templateVars, c *skranke.Customer) string { return c.UserName }),
	"customer.phone":      ofCustomer(func(_ *templateVars, c *skranke.Customer) string { return c.Phone }),
	"customer.cellphone":  ofCustomer(func(_ *templateVars, c *skranke.Customer) string { return c.CellPhone }),
	"customer.note":       ofCustomer(func(_ *templateVars, c *skranke.Customer) string { return c.Note }),
	"customer.deleted":    ofCustomer(func(*templateVars, *skranke.Customer) string { return "0" }),
	"customer.ourcontact": ofCustomer(func(_ *templateVars, c *skranke.Customer) string { return idText(c.OurContact) }),
	"customer.email": ofCustomer(func(_ *templateVars, c *skranke.Customer) string {
		if len(c.Emails) == 0 {
			return ""
		}
		return c.Emails[0]
	}),
	"customer.language": ofCustomer(func(v *templateVars, c *skranke.Customer) string {
		if l, ok := v.catalog.languages[c.Language]; ok {
			return l.Code
		}
		return ""
	}),
	"customer.middlename": nothing,
	"customer.mrmrs":      nothing,
	"customer.salutation": nothing,
	"customer.title":      nothing,
	"customer.password":   nothing, // a secret
}

func ofCompany(value func(*templateVars, *skranke.Company) string) func(*templateVars) string {
	return func(v *templateVars) string {
		if v.company == nil {
			return ""
		}
		return value(v, v.company)
	}
}

var companyNames = nameTable{
	"company.id":              ofCompany(func(_ *templateVars, c *skranke.Company) string { return idText(c.ID) }),
	"company.name":            ofCompany(func(_ *templateVars, c *skranke.Company) string { return c.Name }),
	"company.department":      ofCompany(func(_ *templateVars, c *skranke.Company) string { return c.Department }),
	"company.adr":             ofCompany(func(_ *templateVars, c *skranke.Company) string { return c.Address }),
	"company.phone":           ofCompany(func(_ *templateVars, c *skranke.Company) string { return c.Phone }),
	"company.fax":             ofCompany(func(_ *templateVars, c *skranke.Company) string { return c.Fax }),
	"company.note":            ofCompany(func(_ *templateVars, c *skranke.Company) string { return c.Note }),
	"company.domain":          ofCompany(func(_ *templateVars, c *skranke.Company) string { return strings.Join(c.Domains, ", ") }),
	"company.ourcontact":      ofCompany(func(_ *templateVars, c *skranke.Company) string { return idText(c.OurContact) }),
	"company.oursalescontact": ofCompany(func(_ *templateVars, c *skranke.Company) string { return idText(c.OurSales) }),
	"company.primarycontact.id": ofCompany(func(v *templateVars, c *skranke.Company) string {
		return idText(c.PrimContact)
	}),
	"company.primarycontact.email": ofCompany(func(v *templateVars, _ *skranke.Company) string {
		if v.primary == nil || len(v.primary.Emails) == 0 {
			return ""
		}
		return v.primary.Emails[0]
	}),
}

var ticketNames = nameTable{
	"ticket.id":         func(v *templateVars) string { return idText(v.ticket.ID) },
	"ticket.title":      func(v *templateVars) string { return v.ticket.Title },
	"ticket.author":     func(v *templateVars) string { return v.ticket.Author },
	"ticket.alertlevel": func(v *templateVars) string { return decimal(v.ticket.AlertLevel) },
	"ticket.customer":   func(v *templateVars) string { return idText(v.ticket.Customer()) },
	"ticket.customername": func(v *templateVars) string {
		return customerNames["customer.name"](v)
	},
	"ticket.category":              func(v *templateVars) string { return v.category().Name },
	"ticket.category.id":           func(v *templateVars) string { return idText(v.ticket.Category) },
	"ticket.category.name":         func(v *templateVars) string { return v.category().Name },
	"ticket.category.externalname": func(v *templateVars) string { return v.category().OutwardName() },
	"ticket.category.fullname":     (*templateVars).categoryPath,
	"ticket.priority": func(v *templateVars) string {
		if p, ok := v.catalog.priority(v.ticket.Priority); ok {
			return p.Name
		}
		return ""
	},
	"ticket.status":            func(v *templateVars) string { return statusWords[v.ticket.Status] },
	"ticket.ticketstatus":      func(v *templateVars) string { return v.status },
	"ticket.slevel":            func(v *templateVars) string { return levelWord(v.ticket.SLevel) },
	"ticket.ownerusername":     func(v *templateVars) string { return orNobody(v.owner).UserName },
	"ticket.ownerfullname":     func(v *templateVars) string { return orNobody(v.owner).Name() },
	"ticket.ownercellphone":    nothing,
	"ticket.dbiagentid":        nothing,
	"ticket.dbikey":            nothing,
	"ticket.activate":          func(v *templateVars) string { return v.moment(v.ticket.Activate) },
	"ticket.deadline":          func(v *templateVars) string { return v.moment(v.ticket.Deadline) },
	"ticket.createdat":         func(v *templateVars) string { return v.moment(v.ticket.CreatedAt) },
	"ticket.createdatraw":      func(v *templateVars) string { return v.raw(v.ticket.CreatedAt) },
	"ticket.closedat":          func(v *templateVars) string { return v.moment(v.ticket.ClosedAt) },
	"ticket.closedatraw":       func(v *templateVars) string { return v.raw(v.ticket.ClosedAt) },
	"ticket.lastchanged":       func(v *templateVars) string { return v.moment(v.ticket.LastChanged) },
	"ticket.lastchangedraw":    func(v *templateVars) string { return v.raw(v.ticket.LastChanged) },
	"ticket.readbycustomer":    func(v *templateVars) string { return v.moment(v.ticket.ReadByCustomer) },
	"ticket.readbycustomerraw": func(v *templateVars) string { return v.raw(v.ticket.ReadByCustomer) },
	"ticket.readbyowner":       func(v *templateVars) string { return v.moment(v.ticket.ReadByOwner) },
	"ticket.readbyownerraw":    func(v *templateVars) string { return v.raw(v.ticket.ReadByOwner) },
	"ticket.customerurl":       func(v *templateVars) string { return v.link("customer") },
	"ticket.customerurlold":    func(v *templateVars) string { return v.link("customer") },
	"ticket.customerurlenc":    func(v *templateVars) string { return url.QueryEscape(v.link("customer")) },
	"ticket.url":               func(v *templateVars) string { return v.link("ticket") },
	"ticket.userurl":           func(v *templateVars) string { return v.link("ticket") },
	"ticket.urlwithsession":    func(v *templateVars) string { return v.link("ticket") }, // the session is a secret
}

var messageNames = nameTable{
	"message.id":              func(v *templateVars) string { return idText(v.message.ID) },
	"message.slevel":          func(v *templateVars) string { return levelWord(v.message.SLevel) },
	"message.slevelinteger":   func(v *templateVars) string { return decimal(v.message.SLevel) },
	"message.createdat":       func(v *templateVars) string { return v.moment(v.message.CreatedAt) },
	"message.createdatraw":    func(v *templateVars) string { return v.raw(v.message.CreatedAt) },
	"message.author":          func(v *templateVars) string { return v.message.Author },
	"message.body":            func(v *templateVars) string { return v.body },
	"messsage.body":           func(v *templateVars) string { return v.body }, // misspelt so in the documentation
	"message.bodyplain":       func(v *templateVars) string { return v.body },
	"message.header":          func(v *templateVars) string { return v.message.Header },
	"message.mailsorter":      nothing,
	"message.messagecategory": nothing,
}

var statusWords = map[skranke.Status]string{
	skranke.Active: "Active", skranke.Closed: "Closed", skranke.Postponed: "Postponed",
	skranke.Deleted: "Deleted", skranke.Merged: "Merged",
}

func levelWord(level skranke.SLevel) string {
	if level == skranke.External {
		return "External"
	}
	return "Internal"
}

func orNobody(u *skranke.User) *skranke.User {
	if u == nil {
		return &skranke.User{}
	}
	return u
}

func (v *templateVars) category() *skranke.Category {
	if c, ok := v.catalog.categories[v.ticket.Category]; ok {
		return c
	}
	return &skranke.Category{}
}

// categoryPath names the category with all its parents, top-down.
func (v *templateVars) categoryPath() string { return v.catalog.categoryPath(v.ticket.Category) }

// moment prints a time as the acting user is used to see it.
//
// Spec: tt/template_variables
func (v *templateVars) moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	switch skranke.Fold(v.user.Language) {
	case "1", "no", "nb", "nn", "norwegian":
		return at.In(v.zone).Format("02.01.2006 15:04")
	}
	return at.In(v.zone).Format("2006-01-02 15:04")
}

// raw prints a time so that FORMAT-DATE can read it.
func (v *templateVars) raw(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(v.zone).Format(time.DateTime)
}

// link is the address a person opens the ticket at, "" as long as nobody said
// where the pages are.
func (v *templateVars) link(program string) string {
	base := strings.TrimSuffix(v.catalog.settings["config.cgiUrl"], "/")
	if base == "" {
		return ""
	}
	return base + "/" + program + "?action=listTicket&ticketId=" + decimal(v.ticket.ID)
}

package main

import (
	"context"
	"flag"
	"log/slog"

	"skranke"
	"skranke/desk"
	"skranke/transfer"
)

// warnLevel is the least a command other than serve logs.
const warnLevel = slog.LevelWarn

// nouns are the commands of every kind of row.
func nouns() []command {
	var all []command
	all = append(all, customers().commands()...)
	all = append(all, passwordOf("customer", customerNaming(), func(ctx context.Context, d *desk.Desk, id int64, password string) error {
		return d.SetCustomerPassword(ctx, skranke.CustomerID(id), password)
	}))
	all = append(all, companies().commands()...)
	all = append(all, users().commands()...)
	all = append(all, passwordOf("user", userNaming(), func(ctx context.Context, d *desk.Desk, id int64, password string) error {
		return d.SetUserPassword(ctx, skranke.UserID(id), password)
	}))
	all = append(all, categories().commands()...)
	all = append(all, priorities().commands()...)
	all = append(all, statuses().commands()...)
	all = append(all, extraTables().commands()...)
	all = append(all, extraFields().commands()...)
	all = append(all, languages().commands()...)
	all = append(all, languageCategories().commands()...)
	all = append(all, countries().commands()...)
	all = append(all, businesses().commands()...)
	all = append(all, contactCategories().commands()...)
	all = append(all, syncAgents().commands()...)
	all = append(all, templates().commands()...)
	all = append(all, templateFolders().commands()...)
	all = append(all, scripts()...)
	all = append(all, tickets().commands()...)
	all = append(all, ticketAdd())
	all = append(all, messages().commands()...)
	all = append(all, favourites()...)
	return append(all, messageAdd())
}

// ids makes a naming of a func that has ids of a kind of their own.
func ids[ID ~int64](example string, find func(*desk.Outgo, context.Context, string) ([]ID, error)) *naming {
	return &naming{example, func(o *desk.Outgo, ctx context.Context, name string) ([]int64, error) {
		found, err := find(o, ctx, name)
		list := make([]int64, len(found))
		for i, id := range found {
			list[i] = int64(id)
		}
		return list, err
	}}
}

func customerNaming() *naming { return ids("kari@example.com", (*desk.Outgo).CustomersNamed) }
func userNaming() *naming     { return ids("kari", (*desk.Outgo).UsersNamed) }

func customers() *noun[skranke.Customer] {
	return &noun[skranke.Customer]{
		word: "customer", plural: "customers", table: transfer.CustomerTable,
		columns: []string{"id", "user_name", "first_name", "last_name", "full_name", "company", "emails", "retired", "deleted"},
		id:      func(c *skranke.Customer) int64 { return int64(c.ID) },
		each:    (*desk.Outgo).Customers,
		find: func(o *desk.Outgo, ctx context.Context, id int64) (*skranke.Customer, error) {
			return o.Customer(ctx, skranke.CustomerID(id))
		},
		conceal: func(c *skranke.Customer) { c.PasswordHash = "" },
		named:   customerNaming(),
		extra: func(c *skranke.Customer) (skranke.Domain, *[]skranke.ExtraValue) {
			return skranke.DomainCustomer, &c.Extra
		},
		add: func(ctx context.Context, d *desk.Desk, c *skranke.Customer, x *newRow) error {
			password, err := x.password(ctx, c.UserName != "")
			if err != nil {
				return err
			}
			return d.AddCustomer(ctx, c, password)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.Customer) error) error {
			return d.SetCustomer(ctx, skranke.CustomerID(id), edit)
		},
		fixed:   []string{"password_hash", "password"},
		example: `-user-name kari -first-name Kari -last-name Nordmann -emails kari@example.com -company 1`,
		change:  `-phone "+47 73 00 00 00" -company-access`,
		about:   "A customer with a user name gets a password: it is asked for, or taken from stdin\nor -password-file, and never given on the command line.",
	}
}

func companies() *noun[skranke.Company] {
	return &noun[skranke.Company]{
		word: "company", plural: "companies", table: transfer.CompanyTable,
		columns: []string{"id", "name", "department", "phone", "domains", "deleted"},
		id:      func(c *skranke.Company) int64 { return int64(c.ID) },
		each:    (*desk.Outgo).Companies,
		find: func(o *desk.Outgo, ctx context.Context, id int64) (*skranke.Company, error) {
			return o.Company(ctx, skranke.CompanyID(id))
		},
		named: ids(`"Bakeriet AS"`, (*desk.Outgo).CompaniesNamed),
		extra: func(c *skranke.Company) (skranke.Domain, *[]skranke.ExtraValue) {
			return skranke.DomainCompany, &c.Extra
		},
		add: func(ctx context.Context, d *desk.Desk, c *skranke.Company, _ *newRow) error {
			return d.AddCompany(ctx, c)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.Company) error) error {
			return d.SetCompany(ctx, skranke.CompanyID(id), edit)
		},
		example: `-name "Bakeriet AS" -domains bakeriet.example`,
		change:  `-name "Bakeriet ASA" -our-contact 2`,
	}
}

func users() *noun[skranke.User] {
	return &noun[skranke.User]{
		word: "user", plural: "users", table: transfer.UserTable,
		columns: []string{"id", "login_name", "user_name", "first_name", "last_name", "email", "status", "access"},
		id:      func(u *skranke.User) int64 { return int64(u.ID) },
		each:    (*desk.Outgo).Users,
		find: func(o *desk.Outgo, ctx context.Context, id int64) (*skranke.User, error) {
			return o.User(ctx, skranke.UserID(id))
		},
		conceal: func(u *skranke.User) { u.PasswordHash = "" },
		named:   userNaming(),
		fresh:   func(u *skranke.User) { u.Status = skranke.UserNormal },
		add: func(ctx context.Context, d *desk.Desk, u *skranke.User, x *newRow) error {
			if u.LoginName == "" && u.UserName == "" {
				return x.call.usagef("a user needs a name to log in with: -login-name or -user-name")
			}
			if x.admin {
				u.Access |= skranke.AccessAdministration
			}
			password, err := x.password(ctx, true)
			if err != nil {
				return err
			}
			return d.AddUser(ctx, u, password)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.User) error) error {
			return d.SetUser(ctx, skranke.UserID(id), edit)
		},
		fixed:   []string{"password_hash", "password"},
		example: `-admin -login-name kari -first-name Kari -last-name Nordmann -email kari@example.com`,
		change:  `-email kari@example.org -access 64`,
		about:   "Users are the people who answer. The password of a new one is asked for, or taken\nfrom stdin or -password-file, and never given on the command line.",
	}
}

func categories() *noun[skranke.Category] {
	return &noun[skranke.Category]{
		word: "category", plural: "categories", table: transfer.CategoryTable,
		columns: []string{"id", "parent", "name", "external_name", "flags", "method", "master"},
		id:      func(c *skranke.Category) int64 { return int64(c.ID) },
		each:    (*desk.Outgo).Categories,
		fresh:   func(c *skranke.Category) { c.Method = skranke.DelegateNone },
		add: func(ctx context.Context, d *desk.Desk, c *skranke.Category, x *newRow) error {
			if c.Name == "" {
				return x.call.usagef("a category needs a name: -name")
			}
			return d.AddCategory(ctx, c)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.Category) error) error {
			return d.SetCategory(ctx, skranke.CategoryID(id), edit)
		},
		example: `-name Support -method 1 -members '[{"user":2,"weight":1}]'`,
		change:  `-external-name "Help and support" -flags 0`,
	}
}

func priorities() *noun[skranke.Priority] {
	return &noun[skranke.Priority]{
		word: "priority", plural: "priorities", table: transfer.PriorityTable,
		columns: []string{"id", "name", "sort_order", "external", "default", "deleted"},
		id:      func(p *skranke.Priority) int64 { return int64(p.ID) },
		each:    (*desk.Outgo).Priorities,
		fresh: func(p *skranke.Priority) {
			for i := range p.Actions {
				p.Actions[i] = skranke.EscalateNothing
			}
		},
		add: func(ctx context.Context, d *desk.Desk, p *skranke.Priority, x *newRow) error {
			if p.Name == "" {
				return x.call.usagef("a priority needs a name: -name")
			}
			return d.AddPriority(ctx, p)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.Priority) error) error {
			return d.SetPriority(ctx, skranke.PriorityID(id), edit)
		},
		example: `-name High -sort-order 30 -external -levels '[{"level":1,"timeout":60,"script":1}]'`,
		change:  `-default`,
	}
}

func statuses() *noun[skranke.TicketStatus] {
	return &noun[skranke.TicketStatus]{
		word: "status", single: "ticket status", plural: "user-defined ticket statuses", table: transfer.TicketStatusTable,
		columns: []string{"id", "name", "base", "no_reopen", "default"},
		id:      func(s *skranke.TicketStatus) int64 { return s.ID },
		each:    (*desk.Outgo).TicketStatuses,
		add: func(ctx context.Context, d *desk.Desk, s *skranke.TicketStatus, _ *newRow) error {
			return d.AddTicketStatus(ctx, s)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.TicketStatus) error) error {
			return d.SetTicketStatus(ctx, id, edit)
		},
		example: `-name "Waiting for parts" -base 3`,
		change:  `-no-reopen`,
	}
}

func extraTables() *noun[skranke.ExtraTable] {
	return &noun[skranke.ExtraTable]{
		word: "table", single: "extra table", plural: "extra tables", table: transfer.ExtraTableTable,
		columns: []string{"id", "table_name", "label", "flags", "display", "order"},
		id:      func(t *skranke.ExtraTable) int64 { return int64(t.ID) },
		each:    (*desk.Outgo).ExtraTables,
		add: func(ctx context.Context, d *desk.Desk, t *skranke.ExtraTable, _ *newRow) error {
			return d.AddExtraTable(ctx, t)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.ExtraTable) error) error {
			return d.SetExtraTable(ctx, skranke.ExtraTableID(id), edit)
		},
		example: `-table-name y_equipment -label Equipment`,
		change:  `-label "Our equipment"`,
		about:   "Its columns are added with \"skranke field add -domain table -table ID\". Its rows\nare brought in by \"skranke import\" or by those who call the ticket port.",
	}
}

func extraFields() *noun[skranke.ExtraField] {
	return &noun[skranke.ExtraField]{
		word: "field", single: "extra field", plural: "extra fields", table: transfer.ExtraFieldTable,
		columns: []string{"id", "domain", "table", "type", "field_name", "label", "flags", "order"},
		id:      func(f *skranke.ExtraField) int64 { return int64(f.ID) },
		each:    (*desk.Outgo).ExtraFields,
		add: func(ctx context.Context, d *desk.Desk, f *skranke.ExtraField, _ *newRow) error {
			return d.AddExtraField(ctx, f)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.ExtraField) error) error {
			return d.SetExtraField(ctx, skranke.ExtraFieldID(id), edit)
		},
		example: `-domain ticket -type text -field-name x_order -label "Order number" -flags 2`,
		change:  `-label "Your order number"`,
		about:   "Domain, table and type of an extra field never change once it is there.",
	}
}

func languages() *noun[skranke.Language] {
	return &noun[skranke.Language]{
		word: "language", plural: "languages of customers", table: transfer.LanguageTable,
		columns: []string{"id", "name", "code", "virtual_domain", "default"},
		id:      func(l *skranke.Language) int64 { return int64(l.ID) },
		each:    (*desk.Outgo).Languages,
		add: func(ctx context.Context, d *desk.Desk, l *skranke.Language, _ *newRow) error {
			return d.AddLanguage(ctx, l)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.Language) error) error {
			return d.SetLanguage(ctx, skranke.LanguageID(id), edit)
		},
		example: `-name "Norsk bokmål" -code nb -default`,
		change:  `-virtual-domain hjelp.example.com`,
	}
}

func languageCategories() *noun[skranke.LanguageCategory] {
	return &noun[skranke.LanguageCategory]{
		word: "language-category", single: "category of a language", plural: "categories of languages", table: transfer.LanguageCategoryTable,
		columns: []string{"id", "language", "category", "parent", "name"},
		id:      func(c *skranke.LanguageCategory) int64 { return c.ID },
		each:    (*desk.Outgo).LanguageCategories,
		add: func(ctx context.Context, d *desk.Desk, c *skranke.LanguageCategory, _ *newRow) error {
			return d.AddLanguageCategory(ctx, c)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.LanguageCategory) error) error {
			return d.SetLanguageCategory(ctx, id, edit)
		},
		example: `-language 1 -category 1 -name Reklamasjoner`,
		change:  `-name "Reklamasjoner og retur"`,
	}
}

func templates() *noun[skranke.ReplyTemplate] {
	return &noun[skranke.ReplyTemplate]{
		word: "template", single: "reply template", plural: "reply templates", table: transfer.ReplyTemplateTable,
		columns: []string{"id", "folder", "name", "description"},
		id:      func(t *skranke.ReplyTemplate) int64 { return int64(t.ID) },
		each:    (*desk.Outgo).ReplyTemplates,
		add: func(ctx context.Context, d *desk.Desk, t *skranke.ReplyTemplate, _ *newRow) error {
			return d.AddReplyTemplate(ctx, t)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.ReplyTemplate) error) error {
			return d.SetReplyTemplate(ctx, skranke.TemplateID(id), edit)
		},
		example: `-name Thanks -bodies '[{"flags":3,"subject":"Your request","plain":"Thank you!"}]'`,
		change:  `-folder 1`,
	}
}

func templateFolders() *noun[skranke.TemplateFolder] {
	return &noun[skranke.TemplateFolder]{
		word: "folder", single: "folder of reply templates", plural: "folders of reply templates", table: transfer.TemplateFolderTable,
		columns: []string{"id", "parent", "name", "description"},
		id:      func(f *skranke.TemplateFolder) int64 { return int64(f.ID) },
		each:    (*desk.Outgo).TemplateFolders,
		add: func(ctx context.Context, d *desk.Desk, f *skranke.TemplateFolder, _ *newRow) error {
			return d.AddTemplateFolder(ctx, f)
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.TemplateFolder) error) error {
			return d.SetTemplateFolder(ctx, skranke.TemplateFolderID(id), edit)
		},
		example: `-name "Standard answers"`,
		change:  `-description "What is often needed"`,
	}
}

func tickets() *noun[skranke.Ticket] {
	return &noun[skranke.Ticket]{
		word: "ticket", plural: "tickets", table: transfer.TicketTable,
		columns: []string{"id", "created_at", "status", "slevel", "category", "owner", "customers", "title"},
		id:      func(t *skranke.Ticket) int64 { return int64(t.ID) },
		each:    (*desk.Outgo).Tickets,
		find: func(o *desk.Outgo, ctx context.Context, id int64) (*skranke.Ticket, error) {
			return o.Ticket(ctx, skranke.TicketID(id))
		},
		extra: func(t *skranke.Ticket) (skranke.Domain, *[]skranke.ExtraValue) {
			return skranke.DomainTicket, &t.Extra
		},
		set: func(ctx context.Context, d *desk.Desk, id int64, edit func(*skranke.Ticket) error) error {
			return d.SetTicketRow(ctx, skranke.TicketID(id), edit)
		},
		fixed:  []string{"has_attachment", "num_messages", "num_replies"},
		change: `-owner 2 -priority 1`,
		about:  "This puts values right that are wrong: nobody is told of the change and no clock is set.",
	}
}

func messages() *noun[skranke.Message] {
	return &noun[skranke.Message]{
		word: "message", plural: "messages", table: transfer.MessageTable,
		columns: []string{"id", "ticket", "created_at", "slevel", "author", "body"},
		id:      func(m *skranke.Message) int64 { return int64(m.ID) },
		each:    (*desk.Outgo).Messages,
		find: func(o *desk.Outgo, ctx context.Context, id int64) (*skranke.Message, error) {
			return o.Message(ctx, skranke.MessageID(id))
		},
		within: &within[skranke.Message]{flag: "ticket", doc: "list those of the ticket with this `ID` alone, the oldest first",
			each: func(o *desk.Outgo, ctx context.Context, ticket int64, fn func(*skranke.Message) error) error {
				return o.MessagesOf(ctx, skranke.TicketID(ticket), fn)
			},
		},
	}
}

// passwordOf is the command that gives a person a new password.
func passwordOf(word string, named *naming, set func(context.Context, *desk.Desk, int64, string) error) command {
	var file *string
	return command{
		name:    word + " password",
		group:   groupFill,
		summary: "Give a " + word + " a new password",
		usage:   "[-password-file FILE] " + named.usage(),
		about: `The password is asked for, or taken from stdin or -password-file, and never
given on the command line. Sessions the person has open end.` + named.about(),
		examples: append([]string{"skranke " + word + " password 2"}, named.examples("skranke "+word+" password ")...),
		start: func(fs *flag.FlagSet) action {
			file = passwordFileFlag(fs)
			return func(ctx context.Context, c *call) error {
				row, err := c.rowArg(word, named)
				if err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					id, err := row.find(ctx, d)
					if err != nil {
						return err
					}
					password, err := c.readPassword(ctx, "New password", *file, true)
					if err != nil {
						return err
					}
					return set(ctx, d, id, password)
				})
			}
		},
	}
}

package main

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"skranke"
	"skranke/desk"
)

func ticketAdd() command {
	var t ticketFlags
	return command{
		name:    "ticket add",
		group:   groupFill,
		summary: "Open a ticket",
		usage:   "[flags] [FIELD=VALUE...]",
		about: `Opens a ticket as a user would: its owner is picked by the rules of the category
unless -owner names one. It starts without messages; "skranke message add" adds
them. FIELD=VALUE sets an extra field, as -extra does. Prints the id of the ticket.`,
		examples: []string{
			`skranke ticket add -title "No heat in room 12" -category 1 -customer 7`,
			`skranke ticket add -as kari -title "Order paper" -category 2 -internal x_1=A4`,
		},
		start: func(fs *flag.FlagSet) action {
			t = ticketFlags{}
			t.add(fs)
			return func(ctx context.Context, c *call) error {
				pairs, err := c.extraPairs(c.args)
				if err != nil {
					return err
				}
				t.extra = append(t.extra, pairs...)
				if t.category == 0 {
					return c.usagef("a ticket needs a category: -category (\"skranke category list\" shows them)")
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					a, err := d.Operator(ctx, t.as)
					if err != nil {
						return err
					}
					id, err := d.NewTicket(ctx, a, t.draft())
					if err != nil {
						return err
					}
					return c.print(strconv.FormatInt(int64(id), 10) + "\n")
				})
			}
		},
	}
}

// ticketFlags is what a new ticket is made from.
type ticketFlags struct {
	as, title string
	internal  bool
	notify    bool
	category  int64
	priority  int64
	owner     int64
	customers []skranke.CustomerID
	extra     []desk.Pair
}

func (t *ticketFlags) add(fs *flag.FlagSet) {
	asFlag(fs, &t.as)
	fs.StringVar(&t.title, "title", "", "the `TITLE`")
	fs.BoolVar(&t.internal, "internal", false, "customers do not see the ticket")
	fs.BoolVar(&t.notify, "notify", false, "tell the owner")
	fs.Int64Var(&t.category, "category", 0, "the `ID` of the category")
	fs.Int64Var(&t.priority, "priority", int64(desk.AutomaticPriority), "the `ID` of the priority, -1 for the one that is due")
	fs.Int64Var(&t.owner, "owner", int64(desk.DelegatedOwner), "the `ID` of the owner, 1 for nobody, -1 to have one picked")
	fs.Func("customer", "the `ID` of a customer; may be given more than once, the primary one first", func(text string) error {
		id, ok := skranke.ParseID(text)
		if !ok {
			return fmt.Errorf("want the id of a customer")
		}
		t.customers = append(t.customers, skranke.CustomerID(id))
		return nil
	})
	fs.Func("extra", "an extra field and its value, as `FIELD=VALUE`; may be given more than once", func(text string) error {
		field, value, ok := strings.Cut(text, "=")
		if !ok {
			return fmt.Errorf("want FIELD=VALUE, such as x_1=A4")
		}
		t.extra = append(t.extra, desk.Pair{Field: field, Value: value})
		return nil
	})
}

func asFlag(fs *flag.FlagSet, as *string) {
	fs.StringVar(as, "as", "", "act as the user with this login `NAME`, not as the system")
}

func (t *ticketFlags) draft() desk.TicketDraft {
	return desk.TicketDraft{
		Title:     t.title,
		SLevel:    level(t.internal),
		Category:  skranke.CategoryID(t.category),
		Priority:  skranke.PriorityID(t.priority),
		Owner:     skranke.UserID(t.owner),
		Customers: t.customers,
		Extra:     t.extra,
		Notify:    t.notify,
	}
}

func level(internal bool) skranke.SLevel {
	if internal {
		return skranke.Internal
	}
	return skranke.External
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"text/tabwriter"

	"skranke"
	"skranke/desk"
	"skranke/transfer"
)

// favourites are the commands about the tickets users keep an eye on.
func favourites() []command {
	return []command{
		favouriteList(),
		changeFavourite("add", "Let a user keep an eye on a ticket", `Puts the ticket among the user's favourites. He is then told of it what its owner is
told, if his masks say so; docs/notifications.md tells more.`, (*desk.Desk).AddFavourite),
		changeFavourite("delete", "Take a ticket out of a user's favourites", "He is told of it only if it is his own.", (*desk.Desk).DeleteFavourite),
	}
}

func favouriteList() command {
	var asJSON bool
	return command{
		name:     "favourite list",
		group:    groupInspect,
		summary:  "List the favourites of users",
		usage:    "[-json]",
		about:    "Lists which users keep an eye on which tickets, by ticket.",
		examples: []string{"skranke favourite list", "skranke favourite list -json"},
		start: func(fs *flag.FlagSet) action {
			jsonFlag(fs, &asJSON)
			return func(ctx context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					return d.Export(ctx, func(o *desk.Outgo) error { return c.listFavourites(ctx, o, asJSON) })
				})
			}
		},
	}
}

func (c *call) listFavourites(ctx context.Context, o *desk.Outgo, asJSON bool) error {
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(w, "TICKET\tUSER")
	}
	err := o.Favourites(ctx, func(f *skranke.Favourite) error {
		if !asJSON {
			_, err := fmt.Fprintf(w, "%d\t%d\n", f.Ticket, f.User)
			return err
		}
		line, err := transfer.FavouriteTable.Append(nil, f, nil)
		if err != nil {
			return err
		}
		return c.print(string(line) + "\n")
	})
	return errors.Join(err, w.Flush())
}

func changeFavourite(verb, summary, about string, change func(*desk.Desk, context.Context, skranke.Favourite) error) command {
	return command{
		name:     "favourite " + verb,
		group:    groupFill,
		summary:  summary,
		usage:    "USER TICKET",
		about:    about + "\nUSER is an id, a login name, a user name or an e-mail address.",
		examples: []string{"skranke favourite " + verb + " kari 1012"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				if len(c.args) != 2 {
					return c.usagef("%s takes two arguments, a user and the id of a ticket", c.cmd.name)
				}
				ticket, err := idOf(c.args[1])
				if err != nil {
					return c.usagef("%v", err)
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					user, err := namedRow("user", c.args[0], userNaming()).find(ctx, d)
					if err != nil {
						return err
					}
					return change(d, ctx, skranke.Favourite{User: skranke.UserID(user), Ticket: skranke.TicketID(ticket)})
				})
			}
		},
	}
}

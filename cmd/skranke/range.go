package main

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"text/tabwriter"

	"skranke"
	"skranke/desk"
	"skranke/transfer"
)

func rangeList() command {
	var asJSON bool
	return command{
		name:     "range list",
		group:    groupInspect,
		summary:  "List who may call which port",
		usage:    "[-json]",
		about:    "Lists the ranges of addresses that may call each port. Nobody else may; a port\nwithout ranges answers nobody.",
		examples: []string{"skranke range list", "skranke range list -json"},
		start: func(fs *flag.FlagSet) action {
			jsonFlag(fs, &asJSON)
			return func(ctx context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error { return c.listRanges(ctx, d, asJSON) })
			}
		},
	}
}

func (c *call) listRanges(ctx context.Context, d *desk.Desk, asJSON bool) error {
	list, err := d.Ranges(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(w, "ID\tPORT\tFROM\tTO")
	}
	for i := range list {
		r := &list[i]
		if !asJSON {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", r.ID, r.Port, r.From, r.To)
			continue
		}
		line, err := transfer.RangeTable.Append(nil, r, nil)
		if err != nil {
			return err
		}
		if err := c.print(string(line) + "\n"); err != nil {
			return err
		}
	}
	return w.Flush()
}

func rangeAdd() command {
	return command{
		name:    "range add",
		group:   groupFill,
		summary: "Let addresses call a port",
		usage:   "PORT FROM [TO]",
		about: `Lets the addresses from FROM to TO, both included, call PORT: customer, ticket,
admin, or all for the three of them. Without TO it is FROM alone. A running
server takes notice within a second. Prints the ids of the ranges.`,
		examples: []string{"skranke range add customer 192.0.2.10", "skranke range add all 10.0.0.0 10.255.255.255", "skranke range add ticket 2001:db8::1 2001:db8::ff"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				if len(c.args) < 2 || len(c.args) > 3 {
					return c.usagef("range add takes a port, an address and perhaps a second one")
				}
				ports := []skranke.Port{skranke.Port(c.args[0])}
				if c.args[0] == "all" {
					ports = skranke.Ports()
				}
				to := ""
				if len(c.args) == 3 {
					to = c.args[2]
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					for _, port := range ports {
						r := skranke.Range{Port: port, From: c.args[1], To: to}
						if err := d.AddRange(ctx, &r); err != nil {
							return err
						}
						if err := c.print(strconv.FormatInt(int64(r.ID), 10) + "\n"); err != nil {
							return err
						}
					}
					return nil
				})
			}
		},
	}
}

func rangeDelete() command {
	return command{
		name:     "range delete",
		group:    groupFill,
		summary:  "Take a range of addresses away from a port",
		usage:    "ID",
		about:    "Who was in that range alone may not call the port any more; a running server\ntakes notice within a second.",
		examples: []string{"skranke range delete 3"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				id, err := c.idArg("range")
				if err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error { return d.DeleteRange(ctx, skranke.RangeID(id)) })
			}
		},
	}
}

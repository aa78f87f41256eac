package main

import (
	"context"
	"flag"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
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
		usage:   "PORT FROM [TO] | PORT NETWORK...",
		about: `Lets the addresses from FROM to TO, both included, call PORT: customer, ticket,
admin, or all for the three of them. Without TO it is FROM alone. A NETWORK is
written with its bits, such as 10.0.0.0/8; there may be several. A running server
takes notice within a second. Prints the ids of the ranges.`,
		examples: []string{"skranke range add customer 192.0.2.10", "skranke range add all 10.0.0.0/8 fd00::/8", "skranke range add ticket 192.0.2.10 192.0.2.19"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				ranges, err := c.rangeArgs()
				if err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					for _, r := range ranges {
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

// rangeArgs are the ranges that arguments name, for each port they name.
func (c *call) rangeArgs() ([]skranke.Range, error) {
	networks := len(c.args) > 1 && slices.ContainsFunc(c.args[1:], func(arg string) bool { return strings.Contains(arg, "/") })
	if len(c.args) < 2 || len(c.args) > 3 && !networks {
		return nil, c.usagef("range add takes a port, an address and perhaps a second one, or a port and networks such as 10.0.0.0/8")
	}
	ends := []skranke.Range{{From: c.args[1]}}
	if networks {
		ends = nil
		for _, arg := range c.args[1:] {
			r, err := rangeOf(arg)
			if err != nil {
				return nil, c.usagef("%v", err)
			}
			ends = append(ends, r)
		}
	} else if len(c.args) == 3 {
		ends[0].To = c.args[2]
	}
	ports := []skranke.Port{skranke.Port(c.args[0])}
	if c.args[0] == "all" {
		ports = skranke.Ports()
	}
	var all []skranke.Range
	for _, port := range ports {
		for _, r := range ends {
			r.Port = port
			all = append(all, r)
		}
	}
	return all, nil
}

// rangeOf is the range of a network, or of one address. A network that is
// written by another address than its first is refused: who writes so may mean
// another one.
func rangeOf(arg string) (skranke.Range, error) {
	if !strings.Contains(arg, "/") {
		return skranke.Range{From: arg}, nil
	}
	network, err := netip.ParsePrefix(arg)
	if err != nil {
		return skranke.Range{}, fmt.Errorf("%q is no network, such as 10.0.0.0/8 or fd00::/8", arg)
	}
	if first := network.Masked(); first != network {
		return skranke.Range{}, fmt.Errorf("%s does not begin with its first address; did you mean %s, or %s alone?", network, first, network.Addr())
	}
	last := network.Addr().AsSlice()
	for bit := network.Bits(); bit < 8*len(last); bit++ {
		last[bit/8] |= 1 << (7 - bit%8)
	}
	to, _ := netip.AddrFromSlice(last)
	return skranke.Range{From: network.Addr().String(), To: to.String()}, nil
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

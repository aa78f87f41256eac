package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/transfer"
)

func auditList() command {
	var filter desk.AuditFilter
	var since string
	var asJSON bool
	return command{
		name:    "audit list",
		group:   groupInspect,
		summary: "List who changed what",
		usage:   "[flags]",
		about: `Lists what was done through the ports, oldest first: when, what, by whom, from
where and through which method, and under it each value that changed, before and
after. Of several flags all must fit. docs/audit.md tells what is recorded.`,
		examples: []string{"skranke audit list -ticket 1012", "skranke audit list -user 2 -since 2026-01-31", "skranke audit list -action failed-log-in -json"},
		start: func(fs *flag.FlagSet) action {
			filter = desk.AuditFilter{}
			idFlag(fs, "ticket", "only the `TICKET` of this id and its messages", &filter.Ticket)
			idFlag(fs, "customer", "only what the `CUSTOMER` of this id did, and what was done to him", &filter.Customer)
			idFlag(fs, "user", "only what the `USER` of this id did, also as somebody else, and what was done to him", &filter.User)
			fs.StringVar(&since, "since", "", "only from this `DATE` on, such as 2026-01-31 or \"2026-01-31 12:00:00\"")
			fs.Func("action", "only this `ACTION`; may stand more than once: "+strings.Join(actionNames(), ", "), func(name string) error {
				filter.Actions = append(filter.Actions, name)
				return nil
			})
			jsonFlag(fs, &asJSON)
			return func(ctx context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				if since != "" {
					conf, err := c.load()
					if err != nil {
						return err
					}
					v, _, ok := skranke.TypeDateTime.Parse(since, conf.TimeZone)
					if !ok || !v.Set {
						return c.usagef("%q is no date: want one such as 2026-01-31", since)
					}
					filter.Since = time.UnixMilli(v.Int)
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					return d.Audit(ctx, filter, func(e *desk.AuditEntry) error {
						if !asJSON {
							return c.print(auditText(e))
						}
						line, err := transfer.AuditTable.Append(nil, e, nil)
						if err != nil {
							return err
						}
						return c.print(string(line) + "\n")
					})
				})
			}
		},
	}
}

// idFlag adds a flag that takes an id.
func idFlag[ID ~int64](fs *flag.FlagSet, name, about string, to *ID) {
	fs.Func(name, about, func(text string) error {
		id, ok := skranke.ParseID(text)
		if !ok {
			return fmt.Errorf("want a whole number from 1 on")
		}
		*to = ID(id)
		return nil
	})
}

func actionNames() []string {
	var names []string
	for _, a := range desk.LogActions() {
		names = append(names, a.Name)
	}
	return names
}

// auditText is an entry for people: a line, and one for each value under it.
func auditText(e *desk.AuditEntry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s", e.At.Local().Format("2006-01-02 15:04:05.000"), e.Action)
	if e.Kind != "" && e.Row != 0 {
		fmt.Fprintf(&b, "  %s %d", e.Kind, e.Row)
	}
	if e.Detail != "" {
		fmt.Fprintf(&b, " (%s)", cell(e.Detail))
	}
	if e.Ticket != 0 && e.Kind != "ticket" {
		fmt.Fprintf(&b, " of ticket %d", e.Ticket)
	}
	b.WriteString("  by " + auditWho(e))
	if e.Addr != "" {
		b.WriteString("  from " + e.Addr)
	}
	if e.Via != "" {
		b.WriteString("  " + e.Via)
	}
	b.WriteByte('\n')
	for _, c := range e.Changes {
		if c.Secret() {
			fmt.Fprintf(&b, "    %s: changed\n", c.Name)
			continue
		}
		fmt.Fprintf(&b, "    %s: %q -> %q\n", c.Name, c.Before, c.After)
	}
	return b.String()
}

func auditWho(e *desk.AuditEntry) string {
	who := "somebody anonymous"
	switch {
	case e.Customer != 0:
		who = fmt.Sprintf("customer %d", e.Customer)
	case e.User == skranke.SystemUser:
		who = "system"
	case e.User != 0:
		who = fmt.Sprintf("user %d", e.User)
	}
	if e.LoggedIn != 0 {
		who += fmt.Sprintf(" (user %d had logged in)", e.LoggedIn)
	}
	return who
}

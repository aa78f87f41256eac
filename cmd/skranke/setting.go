package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"skranke/config"
	"skranke/desk"
)

func settingList() command {
	return command{
		name:    "setting list",
		group:   groupInspect,
		summary: "List the settings kept in the database",
		about: `Lists every setting there is and its value, if it has one. docs/settings.md says
what they do. Those of the program are others: see "skranke config show".`,
		examples: []string{"skranke setting list"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error { return c.listSettings(ctx, d) })
			}
		},
	}
}

// listSettings prints the known settings, and what else an import brought.
func (c *call) listSettings(ctx context.Context, d *desk.Desk) error {
	values, err := d.Settings(ctx)
	if err != nil {
		return err
	}
	for _, s := range desk.KnownSettings() {
		if _, ok := values[s.Name]; !ok {
			values[s.Name] = ""
		}
	}
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tVALUE")
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(w, "%s\t%s\n", name, cell(values[name]))
	}
	return w.Flush()
}

func settingSet() command {
	return command{
		name:    "setting set",
		group:   groupFill,
		summary: "Change a setting kept in the database",
		usage:   "NAME [VALUE]",
		about: `Gives the setting the value; without VALUE it comes from stdin, as texts of several
lines do. An empty VALUE takes it away. A running server takes notice within a
second. "skranke setting list" lists the names, docs/settings.md says what they do.`,
		examples: []string{"skranke setting set faq_module off", "skranke setting set config.defaultMail help@example.com", "skranke setting set password_mail.nb < passord.txt"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				if len(c.args) < 1 || len(c.args) > 2 {
					return c.usagef("setting set takes a name and a value, or a name and the value on stdin")
				}
				if err := knownSetting(c.args[0]); err != nil {
					return err
				}
				value := ""
				if len(c.args) == 2 {
					value = c.args[1]
				} else {
					text, err := c.textFromStdin("setting", "after its name")
					if err != nil {
						return err
					}
					value = text
				}
				return c.withDesk(ctx, func(d *desk.Desk) error { return d.SetSetting(ctx, c.args[0], value) })
			}
		},
	}
}

// knownSetting refuses a name the desk would refuse, with a hint.
func knownSetting(name string) error {
	if desk.IsSetting(name) {
		return nil
	}
	var names []string
	for _, s := range desk.KnownSettings() {
		names = append(names, s.Name)
	}
	if near := config.Nearest(name, names); near != "" {
		return fmt.Errorf("there is no setting %q; did you mean %q?", name, near)
	}
	return fmt.Errorf("there is no setting %q; \"skranke setting list\" lists them", name)
}

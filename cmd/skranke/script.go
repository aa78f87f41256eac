package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"skranke"
	"skranke/desk"
	"skranke/transfer"
)

// scripts are the commands about stored scripts.
func scripts() []command {
	n := &noun[skranke.Script]{
		word: "script", plural: "scripts", table: transfer.ScriptTable,
		columns: []string{"id", "include_id", "description"},
		id:      func(s *skranke.Script) int64 { return int64(s.ID) },
		each:    (*desk.Outgo).Scripts,
	}
	return []command{n.list(), scriptShow(), scriptSet(), scriptDelete()}
}

// scriptArg is the one argument of a command that takes an include id.
func (c *call) scriptArg() (string, error) {
	if len(c.args) != 1 {
		return "", c.usagef("%s takes one argument, the include id of a script", c.cmd.name)
	}
	return c.args[0], nil
}

func scriptShow() command {
	return command{
		name:     "script show",
		group:    groupInspect,
		summary:  "Print a script",
		usage:    "INCLUDE-ID",
		about:    "Prints the JavaScript of a script, as \"skranke script set\" took it.",
		examples: []string{"skranke script show greeting"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				name, err := c.scriptArg()
				if err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					return d.Export(ctx, func(o *desk.Outgo) error {
						s, err := o.Script(ctx, name)
						if err != nil {
							return err
						}
						return c.print(s.Source)
					})
				})
			}
		},
	}
}

// maxScript is how large a script may be, in bytes.
const maxScript = 4 << 20

func scriptSet() command {
	var description, file string
	return command{
		name:    "script set",
		group:   groupFill,
		summary: "Store a script, or another one in its place",
		usage:   "[-description TEXT] [-file FILE] INCLUDE-ID",
		about: `Stores the JavaScript in FILE, or on stdin, under INCLUDE-ID, the name by which
the ticket port's executeScript runs it. docs/scripts.md says what it may call.
Prints the id of the script.`,
		examples: []string{"skranke script set -file greeting.js greeting"},
		start: func(fs *flag.FlagSet) action {
			fs.StringVar(&description, "description", "", "what it is for, a `TEXT`; left out, that of the script there is stays")
			fs.StringVar(&file, "file", "", "take it from `FILE`, not from stdin")
			return func(ctx context.Context, c *call) error {
				name, err := c.scriptArg()
				if err != nil {
					return err
				}
				source, err := c.readScript(file)
				if err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					s := skranke.Script{IncludeID: name, Description: description, Source: source}
					if err := d.SetScript(ctx, &s); err != nil {
						return err
					}
					return c.print(fmt.Sprintln(s.ID))
				})
			}
		},
	}
}

func (c *call) readScript(file string) (string, error) {
	from := c.stdin
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return "", err
		}
		defer f.Close()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, maxScript+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("reading the script: %w", err)
	case len(text) > maxScript:
		return "", fmt.Errorf("the script is larger than %d bytes", maxScript)
	case !utf8.Valid(text):
		return "", fmt.Errorf("the script is not UTF-8")
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil
}

func scriptDelete() command {
	return command{
		name:     "script delete",
		group:    groupFill,
		summary:  "Delete a script",
		usage:    "INCLUDE-ID",
		about:    "Nobody can run it any more.",
		examples: []string{"skranke script delete greeting"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				name, err := c.scriptArg()
				if err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error { return d.DeleteScript(ctx, name) })
			}
		},
	}
}

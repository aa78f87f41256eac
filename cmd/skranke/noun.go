package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"skranke"
	"skranke/desk"
	"skranke/server"
	"skranke/transfer"
)

// noun is a kind of row that people look at and change from the command line.
// Its commands, their flags and what they print follow from its table, so they
// are all alike and every field can be changed.
type noun[T any] struct {
	word, plural string // on the command line; in sentences
	single       string // in sentences, if word is not fit for that
	table        *transfer.Table[T]
	columns      []string // fields a list shows
	id           func(*T) int64
	each         func(*desk.Outgo, context.Context, func(*T) error) error
	find         func(*desk.Outgo, context.Context, int64) (*T, error) // nil: by each
	conceal      func(*T)                                              // takes out what nobody may see; may be nil

	add     func(context.Context, *desk.Desk, *T, *newRow) error // nil: no add
	set     func(context.Context, *desk.Desk, int64, func(*T) error) error
	fixed   []string // fields no flag changes
	fresh   func(*T) // what a new row has before its flags; may be nil
	example string   // flags of add that work
	change  string   // flags of set
	about   string   // what add and set should know
}

// newRow is what add knows beside the row.
type newRow struct {
	call       *call
	given      map[string]string
	admin      bool
	noPassword bool
	file       string // of the password
}

// commands are the noun's commands.
func (n *noun[T]) commands() []command {
	list := []command{n.list(), n.show()}
	if n.add != nil {
		list = append(list, n.adding())
	}
	if n.set != nil {
		list = append(list, n.setting())
	}
	return list
}

func (n *noun[T]) one() string {
	if n.single != "" {
		return n.single
	}
	return n.word
}

// article puts the right article before a noun.
func article(noun string) string {
	if strings.ContainsRune("aeio", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

func (n *noun[T]) list() command {
	var asJSON bool
	return command{
		name:     n.word + " list",
		group:    groupInspect,
		summary:  "List the " + n.plural,
		usage:    "[-json]",
		about:    "Lists all " + n.plural + ", deleted ones too, by id.",
		examples: []string{"skranke " + n.word + " list", "skranke " + n.word + " list -json"},
		start: func(fs *flag.FlagSet) action {
			jsonFlag(fs, &asJSON)
			return func(ctx context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					return d.Export(ctx, func(o *desk.Outgo) error { return n.print(ctx, c, o, asJSON) })
				})
			}
		},
	}
}

// print prints all rows, a line each.
func (n *noun[T]) print(ctx context.Context, c *call, o *desk.Outgo, asJSON bool) error {
	defs, err := definitions(ctx, o)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(w, strings.ToUpper(strings.Join(n.columns, "\t")))
	}
	err = n.each(o, ctx, func(row *T) error {
		if asJSON {
			return n.printJSON(c, row, defs)
		}
		cells := make([]string, len(n.columns))
		for i, name := range n.columns {
			cells[i] = cell(n.table.Text(row, name, defs))
		}
		_, err := fmt.Fprintln(w, strings.Join(cells, "\t"))
		return err
	})
	return errors.Join(err, w.Flush())
}

func (n *noun[T]) printJSON(c *call, row *T, defs transfer.Definitions) error {
	if n.conceal != nil {
		n.conceal(row)
	}
	line, err := n.table.Append(nil, row, defs)
	if err != nil {
		return err
	}
	return c.print(string(line) + "\n")
}

// cell is text as it fits into a table.
func cell(text string) string {
	const most = 60
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	if skranke.Longer(text, most) {
		return skranke.Cut(text, most-3) + "..."
	}
	return text
}

func (n *noun[T]) show() command {
	var asJSON bool
	return command{
		name:     n.word + " show",
		group:    groupInspect,
		summary:  "Show everything about one " + n.one(),
		usage:    "[-json] ID",
		about:    "Shows the fields that have a value.",
		examples: []string{"skranke " + n.word + " show 1", "skranke " + n.word + " show -json 1"},
		start: func(fs *flag.FlagSet) action {
			jsonFlag(fs, &asJSON)
			return func(ctx context.Context, c *call) error {
				id, err := c.idArg(n.word)
				if err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					return d.Export(ctx, func(o *desk.Outgo) error { return n.printOne(ctx, c, o, id, asJSON) })
				})
			}
		},
	}
}

// row finds a row by its id.
func (n *noun[T]) row(ctx context.Context, o *desk.Outgo, id int64) (*T, error) {
	if n.find != nil {
		return n.find(o, ctx, id)
	}
	var found *T
	err := n.each(o, ctx, func(row *T) error {
		if n.id(row) == id {
			found = row
		}
		return nil
	})
	if err == nil && found == nil {
		err = fmt.Errorf("there is no %s %d", n.word, id)
	}
	return found, err
}

func (n *noun[T]) printOne(ctx context.Context, c *call, o *desk.Outgo, id int64, asJSON bool) error {
	row, err := n.row(ctx, o, id)
	if err != nil {
		return err
	}
	defs, err := definitions(ctx, o)
	if err != nil {
		return err
	}
	if asJSON {
		return n.printJSON(c, row, defs)
	}
	if n.conceal != nil {
		n.conceal(row)
	}
	for _, f := range n.table.Fields() {
		text := n.table.Text(row, f.Name, defs)
		if text == "" {
			continue
		}
		if strings.ContainsAny(text, "\n\r") {
			text = "\n    " + strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\n    ")
		}
		if err := c.print(f.Name + ": " + text + "\n"); err != nil {
			return err
		}
	}
	return nil
}

func (n *noun[T]) adding() command {
	return command{
		name:    n.word + " add",
		group:   groupFill,
		summary: "Add " + article(n.one()),
		usage:   "[flags]",
		about: strings.TrimSpace("Prints the id of the new "+n.one()+".\n"+n.about) +
			"\nA list is written with commas or as JSON, an object as JSON.",
		examples: []string{"skranke " + n.word + " add " + n.example},
		start: func(fs *flag.FlagSet) action {
			given := n.fieldFlags(fs)
			extra := newRow{given: given}
			n.addFlags(fs, &extra)
			return func(ctx context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				extra.call = c
				return c.withDesk(ctx, func(d *desk.Desk) error {
					row := new(T)
					if n.fresh != nil {
						n.fresh(row)
					}
					if err := n.apply(ctx, d, row, given); err != nil {
						return err
					}
					if err := n.add(ctx, d, row, &extra); err != nil {
						return err
					}
					return c.print(strconv.FormatInt(n.id(row), 10) + "\n")
				})
			}
		},
	}
}

// addFlags adds the flags of add that are no fields.
func (n *noun[T]) addFlags(fs *flag.FlagSet, extra *newRow) {
	switch any(n).(type) {
	case *noun[skranke.User]:
		fs.BoolVar(&extra.admin, "admin", false, "give the right of administration, which the ticket and admin ports demand")
	case *noun[skranke.Customer]:
	default:
		return
	}
	fs.BoolVar(&extra.noPassword, "no-password", false, "set no password: nobody can log in with this name yet")
	fs.StringVar(&extra.file, "password-file", "", "take the password from the first line of `FILE`, not from stdin")
}

// password asks for the password of a new person, unless none is wanted.
func (x *newRow) password(ctx context.Context, wanted bool) (string, error) {
	if x.noPassword || !wanted && x.file == "" {
		return "", nil
	}
	return x.call.readPassword(ctx, "Password", x.file, true)
}

func (n *noun[T]) setting() command {
	return command{
		name:    n.word + " set",
		group:   groupFill,
		summary: "Change " + article(n.one()),
		usage:   "[flags] ID",
		about: strings.TrimSpace("Changes the fields whose flags are given; an empty text takes a value away.\n"+n.about) +
			"\nA list is written with commas or as JSON, an object as JSON; both replace what was there.",
		examples: []string{"skranke " + n.word + " set " + n.change + " 1"},
		start: func(fs *flag.FlagSet) action {
			given := n.fieldFlags(fs)
			return func(ctx context.Context, c *call) error {
				id, err := c.idArg(n.word)
				if err != nil {
					return err
				}
				if len(given) == 0 {
					return c.usagef("nothing to change: name at least one field, such as %s", n.change)
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					defs, err := deskDefinitions(ctx, d)
					if err != nil {
						return err
					}
					return n.set(ctx, d, id, func(row *T) error { return n.fill(row, given, defs) })
				})
			}
		},
	}
}

// fieldFlags adds a flag for each field that may be changed and returns what
// was given.
func (n *noun[T]) fieldFlags(fs *flag.FlagSet) map[string]string {
	given := map[string]string{}
	for _, f := range n.table.Fields() {
		if f.Name == "id" || slices.Contains(n.fixed, f.Name) {
			continue
		}
		take := func(text string) error {
			given[f.Name] = text
			return nil
		}
		about := strings.ReplaceAll(f.Doc, "see above", "see docs/import-format.md")
		flagName := strings.ReplaceAll(f.Name, "_", "-")
		if f.Type == "true or false" {
			fs.BoolFunc(flagName, about, take)
			continue
		}
		fs.Func(flagName, "`"+strings.ToUpper(placeholderOf(f.Type))+"`: "+about, take)
	}
	return given
}

func placeholderOf(typ string) string {
	switch {
	case strings.HasPrefix(typ, "list of "):
		return "list"
	case strings.HasPrefix(typ, "object"):
		return "json"
	}
	return strings.ReplaceAll(typ, " ", "-")
}

func (n *noun[T]) apply(ctx context.Context, d *desk.Desk, row *T, given map[string]string) error {
	defs, err := deskDefinitions(ctx, d)
	if err != nil {
		return err
	}
	return n.fill(row, given, defs)
}

// fill sets the fields that were given.
func (n *noun[T]) fill(row *T, given map[string]string, defs transfer.Definitions) error {
	for _, f := range n.table.Fields() {
		text, ok := given[f.Name]
		if !ok {
			continue
		}
		if err := n.table.Set(row, f.Name, text, defs); err != nil {
			return fmt.Errorf("-%s: %s", strings.ReplaceAll(f.Name, "_", "-"), strings.TrimPrefix(err.Error(), f.Name+": "))
		}
	}
	return nil
}

func jsonFlag(fs *flag.FlagSet, asJSON *bool) {
	fs.BoolVar(asJSON, "json", false, "print JSON, a line for each, as \"skranke import\" reads it")
}

// idArg is the one argument of a command that takes an id.
func (c *call) idArg(word string) (int64, error) {
	if len(c.args) != 1 {
		return 0, c.usagef("%s takes one argument, the id of a %s", c.cmd.name, word)
	}
	id, ok := skranke.ParseID(c.args[0])
	if !ok {
		return 0, c.usagef("%q is no id: want a whole number from 1 on", c.args[0])
	}
	return id, nil
}

// withDesk runs fn on an installation that is there already.
func (c *call) withDesk(ctx context.Context, fn func(*desk.Desk) error) error {
	return c.withServer(ctx, func(s *server.Server) error { return fn(s.Desk) })
}

// withServer is withDesk for those who need more than the desk.
func (c *call) withServer(ctx context.Context, fn func(*server.Server) error) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(conf.Data, "skranke.db")); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no installation in %s: name its directory with -data DIR, or make one with \"skranke setup\"", conf.Data)
	}
	return c.withInstallation(ctx, conf, fn)
}

// withInstallation opens the installation, makes it if it is missing, and runs
// fn on it.
func (c *call) withInstallation(ctx context.Context, conf settings, fn func(*server.Server) error) (err error) {
	logged := conf.Config
	logged.LogLevel = max(logged.LogLevel, warnLevel)
	s, err := server.Open(ctx, server.Options{Config: conf.Config, Log: newLog(c.stderr, logged)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return plainly(fn(s))
}

// plainly is err without the words of an unspecified error before the real ones.
func plainly(err error) error {
	var refusal *skranke.Error
	if errors.As(err, &refusal) && refusal.Code == skranke.CodeCustomError && refusal.Text != "" {
		return errors.New(refusal.Text)
	}
	return err
}

// definitions reads the definitions of extra fields.
func definitions(ctx context.Context, o *desk.Outgo) (transfer.Definitions, error) {
	all := map[skranke.ExtraFieldID]*skranke.ExtraField{}
	err := o.ExtraFields(ctx, func(f *skranke.ExtraField) error {
		all[f.ID] = f
		return nil
	})
	return func(id skranke.ExtraFieldID) (*skranke.ExtraField, error) {
		if f, ok := all[id]; ok {
			return f, nil
		}
		return nil, fmt.Errorf("there is no extra field %d", id)
	}, err
}

func deskDefinitions(ctx context.Context, d *desk.Desk) (defs transfer.Definitions, err error) {
	err = d.Export(ctx, func(o *desk.Outgo) error {
		defs, err = definitions(ctx, o)
		return err
	})
	return defs, err
}

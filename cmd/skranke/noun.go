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
	named        *naming                                               // nil: rows go by their ids alone
	extra        func(*T) (skranke.Domain, *[]skranke.ExtraValue)      // nil: rows have no extra fields
	within       *within[T]                                            // nil: a list shows all rows

	add     func(context.Context, *desk.Desk, *T, *newRow) error // nil: no add
	set     func(context.Context, *desk.Desk, int64, func(*T) error) error
	fixed   []string // fields no flag changes
	fresh   func(*T) // what a new row has before its flags; may be nil
	example string   // flags of add that work
	change  string   // flags of set
	about   string   // what add and set should know
}

// naming finds the ids of the rows somebody means by a name.
type naming struct {
	example string // a name, as it is typed
	find    func(*desk.Outgo, context.Context, string) ([]int64, error)
}

// within narrows a list down to the rows of one other row.
type within[T any] struct {
	flag, doc string // of the flag; the flag is the word of the other row
	each      func(*desk.Outgo, context.Context, int64, func(*T) error) error
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
	var of int64
	cmd := command{
		name:     n.word + " list",
		group:    groupInspect,
		summary:  "List the " + n.plural,
		usage:    "[-json]",
		about:    "Lists all " + n.plural + ", deleted ones too, by id.",
		examples: []string{"skranke " + n.word + " list", "skranke " + n.word + " list -json"},
		start: func(fs *flag.FlagSet) action {
			jsonFlag(fs, &asJSON)
			of = 0
			if n.within != nil {
				fs.Func(n.within.flag, n.within.doc, func(text string) (err error) {
					of, err = idOf(text)
					return err
				})
			}
			return func(ctx context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				each := n.each
				if of != 0 {
					each = func(o *desk.Outgo, ctx context.Context, fn func(*T) error) error {
						return n.within.each(o, ctx, of, fn)
					}
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					return d.Export(ctx, func(o *desk.Outgo) error { return n.print(ctx, c, o, each, asJSON) })
				})
			}
		},
	}
	if n.within != nil {
		cmd.usage = "[-" + n.within.flag + " ID] [-json]"
		cmd.examples = append(cmd.examples, "skranke "+n.word+" list -"+n.within.flag+" 1012")
	}
	return cmd
}

// idOf reads an id.
func idOf(text string) (int64, error) {
	id, ok := skranke.ParseID(text)
	if !ok {
		return 0, fmt.Errorf("%q is no id: want a whole number from 1 on", text)
	}
	return id, nil
}

// print prints rows, a line each.
func (n *noun[T]) print(ctx context.Context, c *call, o *desk.Outgo, each func(*desk.Outgo, context.Context, func(*T) error) error, asJSON bool) error {
	defs, err := definitions(ctx, o)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(w, strings.ToUpper(strings.Join(n.columns, "\t")))
	}
	err = each(o, ctx, func(row *T) error {
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
	if err != nil {
		return err
	}
	return w.Flush()
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
		usage:    "[-json] " + n.named.usage(),
		about:    "Shows the fields that have a value." + n.named.about(),
		examples: append([]string{"skranke " + n.word + " show 1", "skranke " + n.word + " show -json 1"}, n.named.examples("skranke "+n.word+" show ")...),
		start: func(fs *flag.FlagSet) action {
			jsonFlag(fs, &asJSON)
			return func(ctx context.Context, c *call) error {
				row, err := c.rowArg(n.word, n.named)
				if err != nil {
					return err
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					return d.Export(ctx, func(o *desk.Outgo) error {
						id, err := row.of(ctx, o)
						if err != nil {
							return err
						}
						return n.printOne(ctx, c, o, id, asJSON)
					})
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
		usage:   strings.TrimSpace("[flags] " + n.extraUsage()),
		about: strings.TrimSpace("Prints the id of the new "+n.one()+".\n"+n.about) +
			"\nA list is written with commas or as JSON, an object as JSON." + n.extraAbout(),
		examples: []string{"skranke " + n.word + " add " + n.example},
		start: func(fs *flag.FlagSet) action {
			given := n.fieldFlags(fs)
			extra := newRow{given: given}
			n.addFlags(fs, &extra)
			return func(ctx context.Context, c *call) error {
				pairs, err := n.extraArgs(c, c.args)
				if err != nil {
					return err
				}
				if len(given)+len(pairs) == 0 {
					return c.usagef("%s needs at least one field, such as %s", article(n.one()), n.example)
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
					if err := n.fillExtra(ctx, d, row, pairs); err != nil {
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
		usage:   strings.TrimSpace("[flags] " + n.named.usage() + " " + n.extraUsage()),
		about: strings.TrimSpace("Changes the fields whose flags are given; an empty text takes a value away.\n"+n.about) +
			"\nA list is written with commas or as JSON, an object as JSON; both replace what was there." + n.extraAbout() + n.named.about(),
		examples: n.setExamples(),
		start: func(fs *flag.FlagSet) action {
			given := n.fieldFlags(fs)
			return func(ctx context.Context, c *call) error {
				var rest []string
				if n.extra != nil && len(c.args) > 1 {
					c.args, rest = c.args[:1], c.args[1:]
				}
				row, err := c.rowArg(n.word, n.named)
				if err != nil {
					return err
				}
				pairs, err := n.extraArgs(c, rest)
				if err != nil {
					return err
				}
				if len(given)+len(pairs) == 0 {
					return c.usagef("nothing to change: name at least one field, such as %s", n.change)
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					defs, err := deskDefinitions(ctx, d)
					if err != nil {
						return err
					}
					id, err := row.find(ctx, d)
					if err != nil {
						return err
					}
					return n.set(ctx, d, id, func(row *T) error {
						if err := n.fill(row, given, defs); err != nil {
							return err
						}
						return n.fillExtra(ctx, d, row, pairs)
					})
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
		about := strings.ReplaceAll(f.Doc, "see above", listed(f))
		flagName := strings.ReplaceAll(f.Name, "_", "-")
		if f.Type == "true or false" {
			fs.BoolFunc(flagName, about, take)
			continue
		}
		if f.Type == "seconds" { // in files
			about += " With its unit: 90s, 30m, 1h30m."
		}
		fs.Func(flagName, "`"+strings.ToUpper(placeholderOf(f.Type))+"`: "+about, take)
	}
	return given
}

// listed says what the documentation lists above the tables of fields.
func listed(f transfer.Field) string {
	if len(f.Words) > 0 {
		return strings.Join(f.Words, ", ")
	}
	return `an object such as {"x_1":"A4","x_2":12}`
}

func placeholderOf(typ string) string {
	switch {
	case strings.HasPrefix(typ, "list of "):
		return "list"
	case strings.HasPrefix(typ, "object"):
		return "json"
	case typ == "seconds":
		return "duration"
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
	id, err := idOf(c.args[0])
	if err != nil {
		return 0, c.usagef("%v", err)
	}
	return id, nil
}

// rowName is what somebody typed to name a row.
type rowName struct {
	word, text string
	id         int64 // 0: the text is a name
	named      *naming
}

// rowArg is the one argument of a command that takes a row: its id, or a name
// if rows have names.
func (c *call) rowArg(word string, named *naming) (rowName, error) {
	if named == nil {
		id, err := c.idArg(word)
		return rowName{word: word, id: id}, err
	}
	if len(c.args) != 1 || strings.TrimSpace(c.args[0]) == "" {
		return rowName{}, c.usagef("%s takes one argument, the id or the name of %s", c.cmd.name, article(word))
	}
	return namedRow(word, c.args[0], named), nil
}

func namedRow(word, text string, named *naming) rowName {
	id, _ := skranke.ParseID(text)
	return rowName{word, text, id, named}
}

// of finds the id of the row.
func (r rowName) of(ctx context.Context, o *desk.Outgo) (int64, error) {
	if r.id != 0 {
		return r.id, nil
	}
	ids, err := r.named.find(o, ctx, strings.TrimSpace(r.text))
	switch {
	case err != nil:
		return 0, err
	case len(ids) == 0:
		return 0, fmt.Errorf("no %s is called %q; \"skranke %s list\" lists them", r.word, r.text, r.word)
	case len(ids) > 1:
		var list []string
		for _, id := range ids {
			list = append(list, strconv.FormatInt(id, 10))
		}
		return 0, fmt.Errorf("%q may be %s %s: name one by its id", r.text, r.word, strings.Join(list, ", "))
	}
	return ids[0], nil
}

// find is of, on a desk.
func (r rowName) find(ctx context.Context, d *desk.Desk) (id int64, err error) {
	if r.id != 0 {
		return r.id, nil
	}
	err = d.Export(ctx, func(o *desk.Outgo) error {
		id, err = r.of(ctx, o)
		return err
	})
	return id, err
}

// usage is what stands for the row in a command's usage.
func (n *naming) usage() string {
	if n == nil {
		return "ID"
	}
	return "ID|NAME"
}

func (n *naming) about() string {
	if n == nil {
		return ""
	}
	return "\nA name will do as well as the id, where it is one row's alone; a number is an id."
}

// examples are the command before a name.
func (n *naming) examples(command string) []string {
	if n == nil {
		return nil
	}
	return []string{command + n.example}
}

// extraUsage is what stands for extra fields in a command's usage.
func (n *noun[T]) extraUsage() string {
	if n.extra == nil {
		return ""
	}
	return "[FIELD=VALUE...]"
}

func (n *noun[T]) extraAbout() string {
	if n.extra == nil {
		return ""
	}
	return "\nFIELD=VALUE sets one extra field and leaves the others: x_ and its id, or its database\nname (\"skranke field list\" shows them). An empty VALUE takes it away."
}

func (n *noun[T]) setExamples() []string {
	list := []string{"skranke " + n.word + " set " + n.change + " 1"}
	if n.extra != nil {
		list = append(list, "skranke "+n.word+" set 1 x_1=A4")
	}
	return list
}

// extraArgs reads arguments as FIELD=VALUE, if rows have extra fields.
func (n *noun[T]) extraArgs(c *call, args []string) ([]desk.Pair, error) {
	if n.extra == nil && len(args) > 0 {
		return nil, c.noArgs()
	}
	return c.extraPairs(args)
}

// extraPairs reads arguments as FIELD=VALUE.
func (c *call) extraPairs(args []string) ([]desk.Pair, error) {
	var pairs []desk.Pair
	for _, arg := range args {
		field, value, ok := strings.Cut(arg, "=")
		if !ok || field == "" {
			return nil, c.usagef("%q sets no extra field: want FIELD=VALUE, such as x_1=A4", arg)
		}
		pairs = append(pairs, desk.Pair{Field: field, Value: value})
	}
	return pairs, nil
}

// fillExtra sets the extra fields that were given.
func (n *noun[T]) fillExtra(ctx context.Context, d *desk.Desk, row *T, pairs []desk.Pair) error {
	if len(pairs) == 0 {
		return nil
	}
	domain, values := n.extra(row)
	merged, err := d.MergeExtra(ctx, domain, *values, pairs)
	if err == nil {
		*values = merged
	}
	return err
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
	if err := installed(conf); err != nil {
		return err
	}
	return c.withInstallation(ctx, conf, fn)
}

// installed says that there is no installation, if that shows without opening
// it: a database of its own is asked for by name.
func installed(conf settings) error {
	if conf.Database != "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(conf.Data, "skranke.db")); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no installation in %s: name its directory with -data DIR, or make one with \"skranke setup\"", conf.Data)
	}
	return nil
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

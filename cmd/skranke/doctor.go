package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"skranke/config"
	"skranke/desk"
	"skranke/server"
	"skranke/store"
)

// verdict is how a check went.
type verdict string

// The verdicts, from good to bad.
const (
	fine    verdict = "ok"
	doubt   verdict = "warn"
	failure verdict = "fail"
)

// finding is what a check says: how it stands and, unless all is well, what to
// do about it.
type finding struct {
	verdict verdict
	text    string
}

func good(format string, args ...any) finding   { return finding{fine, fmt.Sprintf(format, args...)} }
func doubts(format string, args ...any) finding { return finding{doubt, fmt.Sprintf(format, args...)} }
func fails(format string, args ...any) finding  { return finding{failure, fmt.Sprintf(format, args...)} }

// check is one thing doctor looks at.
type check struct {
	name, about string
	needs       need
	look        func(ctx context.Context, p *patient) finding
}

// need is what must be there for a check to make sense.
type need int

const (
	needsNothing  need = iota
	needsConfig        // settings that can be read
	needsSchema        // to know of the database, even if there is none
	needsDatabase      // a database, open for reading
	needsDesk          // one of this version
)

// patient is the installation that is looked at, as far as it can be opened.
type patient struct {
	call    *call
	conf    settings
	confErr error
	schema  finding    // of the check of that name
	db      *store.DB  // nil if it is not to be had
	desk    *desk.Desk // nil if it is not to be had
	now     time.Time
}

func doctor() command {
	var asJSON, strict *bool
	return command{
		name:    "doctor",
		group:   groupInspect,
		summary: "Look for what is wrong with an installation, and say how to put it right",
		usage:   "[-json] [-strict] [NAME... | list]",
		about: `Makes every check, or the named ones, and tells how each went: ok, warn or fail,
with what to do about it. "skranke doctor list" lists them. Nothing is changed, and
a database of an older version is left as it is. The server may run meanwhile. Run
it as the user the server runs as, with the settings it has. It asks the mail
server, public_url and the collector of traces, which may take some seconds each.
Looking through a large database takes a while.

Exit code 1 means that a check failed; with -strict, also that one warned.`,
		examples: []string{"skranke doctor", "skranke doctor mail parked", "skranke doctor -json -config /etc/skranke.toml"},
		keys:     config.Keys(),
		start: func(fs *flag.FlagSet) action {
			asJSON = fs.Bool("json", false, "print a line of JSON for each check: name, verdict, text")
			strict = fs.Bool("strict", false, "let warnings count as failures")
			return func(ctx context.Context, c *call) error {
				if len(c.args) == 1 && c.args[0] == "list" {
					return c.listChecks()
				}
				chosen, err := c.chosenChecks()
				if err != nil {
					return err
				}
				return c.examine(ctx, chosen, *asJSON, *strict)
			}
		},
	}
}

func (c *call) listChecks() error {
	var b strings.Builder
	for _, k := range checks() {
		fmt.Fprintf(&b, "%-11s %s\n", k.name, k.about)
	}
	return c.print(b.String())
}

func (c *call) chosenChecks() ([]check, error) {
	all := checks()
	if len(c.args) == 0 {
		return all, nil
	}
	var chosen []check
	for _, name := range c.args {
		before := len(chosen)
		for _, k := range all {
			if k.name == name {
				chosen = append(chosen, k)
			}
		}
		if len(chosen) == before {
			return nil, c.usagef("there is no check %q; \"skranke doctor list\" lists them", name)
		}
	}
	return chosen, nil
}

// examine makes the checks and tells how they went.
func (c *call) examine(ctx context.Context, chosen []check, asJSON, strict bool) error {
	p := &patient{call: c, now: time.Now()}
	p.open(ctx, chosen)
	defer p.close()
	count := map[verdict]int{}
	for _, k := range chosen {
		f := p.make(ctx, k)
		if err := ctx.Err(); err != nil {
			return err
		}
		count[f.verdict]++
		line := fmt.Sprintf("%-4s  %-11s %s\n", f.verdict, k.name, f.text)
		if asJSON {
			text, err := json.Marshal(struct {
				Name    string  `json:"name"`
				Verdict verdict `json:"verdict"`
				Text    string  `json:"text"`
			}{k.name, f.verdict, f.text})
			if err != nil {
				return err
			}
			line = string(text) + "\n"
		}
		if err := c.print(line); err != nil {
			return err
		}
	}
	switch {
	case count[failure] > 0:
		return fmt.Errorf("%d of %d checks failed", count[failure], len(chosen))
	case strict && count[doubt] > 0:
		return fmt.Errorf("%d of %d checks warned", count[doubt], len(chosen))
	}
	return nil
}

// make makes a check, unless what it needs is missing.
func (p *patient) make(ctx context.Context, k check) finding {
	switch {
	case k.needs >= needsConfig && p.confErr != nil:
		return fails("not looked at: the settings cannot be read, see the check config")
	case k.needs >= needsDatabase && p.db == nil:
		return fails("not looked at: the database cannot be used, see the check schema")
	case k.needs >= needsDesk && p.desk == nil && p.schema.verdict == doubt:
		return doubts("not looked at: the database is of an older version, see the check schema")
	case k.needs >= needsDesk && p.desk == nil:
		return fails("not looked at: the database cannot be used, see the check schema")
	}
	return k.look(ctx, p)
}

// open opens what the chosen checks need and can be opened without changing
// anything.
func (p *patient) open(ctx context.Context, chosen []check) {
	if p.conf, p.confErr = p.call.load(); p.confErr != nil {
		return
	}
	if !slices.ContainsFunc(chosen, func(k check) bool { return k.needs >= needsSchema }) {
		return
	}
	p.schema = p.openDatabase(ctx)
	if p.schema.verdict != fine {
		return
	}
	quiet := p.conf.Config
	quiet.LogLevel = warnLevel
	d, err := server.Look(ctx, p.db, server.Options{Config: quiet, Log: newLog(p.call.stderr, quiet)})
	if err != nil {
		p.schema = p.unreadable(err)
		return
	}
	p.desk = d
}

func (p *patient) openDatabase(ctx context.Context) finding {
	where := "in " + p.conf.Data
	if p.conf.Database != "" {
		where = "in PostgreSQL"
	}
	look := store.Options{Dir: p.conf.Data, Database: p.conf.Database, Bucket: server.Bucket(p.conf.Config)}
	db, err := store.Glance(ctx, look)
	switch {
	case errors.Is(err, store.ErrNoTables):
		return fails("the database in PostgreSQL is not skranke's yet: see the setting database, or make an installation in it with \"skranke setup\" or \"skranke copy\"")
	case errors.Is(err, fs.ErrNotExist):
		return fails("there is no database in %s: name its directory with -data, or make one with \"skranke setup\"", p.conf.Data)
	case errors.Is(err, store.ErrNewerSchema):
		return fails("%v: run the newer program, or restore a backup from before it", err)
	case errors.Is(err, store.ErrDamaged):
		return fails("%v: restore a backup into an empty directory, or name another one with -data", err)
	case err != nil && p.conf.Database != "":
		return fails("%v: see that PostgreSQL runs and takes this user, the setting database and docs/postgresql.md", err)
	case err != nil:
		return fails("%v: run doctor as the user the server runs as; if the file is damaged, restore a backup", err)
	}
	p.db = db
	have, err := db.Schema(ctx)
	if err != nil {
		return p.unreadable(err)
	}
	return judgeSchema(have, store.NewestSchema(), where)
}

// unreadable is the finding when reading the open database fails.
func (p *patient) unreadable(err error) finding {
	if p.conf.Database != "" {
		return fails("%v: see that PostgreSQL runs, and what its log says", err)
	}
	return fails("%v: see the checks data and database", err)
}

func judgeSchema(have, newest int64, where string) finding {
	if have < newest {
		return doubts("version %d %s, this program's is %d: make a backup, then start the server, which brings it up to date; doctor leaves it as it is", have, where, newest)
	}
	return good("version %d %s", have, where)
}

func (p *patient) close() {
	if p.db != nil {
		p.db.Close()
	}
}

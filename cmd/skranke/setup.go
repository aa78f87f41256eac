package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"skranke"
	"skranke/desk"
	"skranke/server"
)

func setup() command {
	var s setupFlags
	return command{
		name:    "setup",
		group:   groupRun,
		summary: "Make an installation and its first administrator",
		usage:   "[flags]",
		about: `Makes the data directory if it is missing, the first administrator, and a
priority and a category if there are none. What no flag says is asked for when
stdin is a terminal. The password is asked for, or taken from stdin or
-password-file. A user who is there already is left alone.`,
		examples: []string{"skranke setup", "skranke setup -user kari -name \"Kari Nordmann\" -password-file secret.txt", "skranke setup -data /var/lib/skranke -category Support"},
		start: func(fs *flag.FlagSet) action {
			s = setupFlags{}
			fs.StringVar(&s.user, "user", "", "the login `NAME` of the administrator")
			fs.StringVar(&s.name, "name", "", "his full `NAME`")
			fs.StringVar(&s.email, "email", "", "his e-mail `ADDRESS`")
			fs.StringVar(&s.category, "category", "", "the `NAME` of the first category")
			fs.StringVar(&s.priority, "priority", "", "the `NAME` of the first priority")
			s.file = passwordFileFlag(fs)
			return func(ctx context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				conf, err := c.loadValid()
				if err != nil {
					return err
				}
				return c.withInstallation(ctx, conf, func(i *server.Server) error { return c.setup(ctx, i.Desk, conf, &s) })
			}
		},
	}
}

type setupFlags struct {
	user, name, email  string
	category, priority string
	file               *string
}

// setup makes what a new installation needs.
func (c *call) setup(ctx context.Context, d *desk.Desk, conf settings, s *setupFlags) error {
	if err := d.Seed(ctx); err != nil {
		return err
	}
	if err := c.setupAdministrator(ctx, d, s); err != nil {
		return err
	}
	if err := c.setupLists(ctx, d, s); err != nil {
		return err
	}
	return c.print("ready: start the server with \"skranke serve\"" + dataHint(conf) + "\n")
}

func (c *call) setupAdministrator(ctx context.Context, d *desk.Desk, s *setupFlags) error {
	has, err := d.HasAdministrator(ctx)
	if err != nil {
		return err
	}
	if has && s.user == "" {
		return c.print("there is an administrator already\n")
	}
	if s.user, err = c.question("Login name of the administrator", s.user, "admin"); err != nil {
		return err
	}
	if _, err := d.Operator(ctx, s.user); err == nil {
		return fmt.Errorf("there is a user %q already: give him the right with \"skranke user set -access 64 ID\", a password with \"skranke user password ID\"", s.user)
	}
	first, last := splitName(s.name)
	u := &skranke.User{
		LoginName: s.user, UserName: s.user, FirstName: first, LastName: last, Email: s.email,
		Status: skranke.UserNormal, Access: skranke.AccessAdministration,
	}
	password, err := c.readPassword(ctx, "Password of "+s.user, *s.file, true)
	if err != nil {
		return err
	}
	if err := d.AddUser(ctx, u, password); err != nil {
		return err
	}
	return c.print(fmt.Sprintf("made user %d, %s, an administrator\n", u.ID, s.user))
}

// splitName splits a full name at its last blank.
func splitName(name string) (first, last string) {
	name = strings.TrimSpace(name)
	if i := strings.LastIndexByte(name, ' '); i >= 0 {
		return name[:i], name[i+1:]
	}
	return name, ""
}

// setupLists makes a priority and a category, if there are none.
func (c *call) setupLists(ctx context.Context, d *desk.Desk, s *setupFlags) error {
	operator := desk.Actor{User: skranke.SystemUser}
	priorities, err := d.Priorities(ctx, operator)
	if err != nil {
		return err
	}
	if len(priorities) == 0 {
		name, err := c.question("Name of the first priority", s.priority, "Normal")
		if err != nil {
			return err
		}
		p := &skranke.Priority{Name: name, SortOrder: 10, External: true, Default: true}
		for i := range p.Actions {
			p.Actions[i] = skranke.EscalateNothing
		}
		if err := d.AddPriority(ctx, p); err != nil {
			return err
		}
	}
	categories, err := d.Categories(ctx, operator)
	if err != nil || len(categories) > 0 {
		return err
	}
	name, err := c.question("Name of the first category", s.category, "General")
	if err != nil {
		return err
	}
	return d.AddCategory(ctx, &skranke.Category{Name: name, Method: skranke.DelegateNone})
}

// question returns given, or what the person at the terminal answers, or
// otherwise: at once if there is nobody to ask.
func (c *call) question(text, given, otherwise string) (string, error) {
	if given != "" {
		return given, nil
	}
	tty, ok := c.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(tty.Fd())) {
		return otherwise, nil
	}
	fmt.Fprintf(c.stderr, "%s [%s]: ", text, otherwise)
	line, err := bufio.NewReaderSize(tty, 16).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading an answer: %w", err)
	}
	if line = strings.TrimSpace(line); line == "" {
		return otherwise, nil
	}
	return line, nil
}

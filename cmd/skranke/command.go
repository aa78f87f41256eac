package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"skranke/config"
)

// command is one thing skranke can do. Help, the parsing of its command line
// and the did-you-mean all follow from its fields.
type command struct {
	name     string   // one word, or two for a member of a family ("config show")
	group    string   // one of the group constants; where help lists it
	summary  string   // one line, without a full stop
	usage    string   // what follows the name, such as "[flags] FILE"; "" for nothing
	about    string   // what it does and what to know, in paragraphs
	examples []string // whole command lines; help shows them
	keys     []string // settings that have a flag here; config.Keys() for all. -data is always there.

	// start adds the command's own flags to fs and returns what to do once they
	// are parsed. It is also called to print help, so it does nothing else.
	start func(fs *flag.FlagSet) action
}

// action carries a command out. A *usageError ends in exit code 2, any other
// error in 1.
type action func(ctx context.Context, c *call) error

// Groups of commands, in the order help lists them.
const (
	groupRun     = "Run"
	groupFill    = "Fill"
	groupMove    = "Move"
	groupInspect = "Inspect"
)

func groups() []string { return []string{groupRun, groupFill, groupMove, groupInspect} }

// call is one run of the program: what it was given and where it may write.
type call struct {
	cmd            command
	args           []string // what was neither the command's name nor a flag
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
	getenv         func(string) string // looks into environ

	configFile string // -config
	flags      *config.Flags
}

// prepare makes the flag set of cmd and the action to run after it has parsed.
func (c *call) prepare(cmd command) (*flag.FlagSet, action) {
	fs := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // run tells errors its own way
	c.cmd = cmd
	c.addGlobalFlags(fs, cmd.keys...)
	return fs, cmd.start(fs)
}

// addGlobalFlags adds to fs the flags every command has, and those of keys.
func (c *call) addGlobalFlags(fs *flag.FlagSet, keys ...string) {
	fs.StringVar(&c.configFile, "config", "", "read settings from the TOML `FILE`, not from $SKRANKE_CONFIG or ./"+config.DefaultFile)
	// A fresh slice: keys belongs to the command.
	c.flags = config.AddFlags(fs, append([]string{"data"}, keys...)...)
}

// settings is a configuration and where it came from.
type settings struct {
	config.Config
	from config.Provenance
	file string // "" for none
}

// load reads the settings of this call. They are good one by one, but not
// validated as a whole. Warnings go to stderr.
func (c *call) load() (settings, error) {
	for _, w := range config.Strays(c.environ) {
		complain(c.stderr, "warning: "+w)
	}
	file := config.FindFile(c.configFile, c.getenv)
	conf, from, err := config.Load(config.Input{File: file, Getenv: c.getenv, Flags: c.flags})
	if err != nil {
		return settings{}, err
	}
	return settings{conf, from, file}, nil
}

// loadValid is load with Validate. Warnings go to stderr.
func (c *call) loadValid() (settings, error) {
	s, err := c.load()
	if err != nil {
		return settings{}, err
	}
	warnings, err := s.Validate(s.from)
	if err != nil {
		return settings{}, err
	}
	for _, w := range warnings {
		complain(c.stderr, "warning: "+w)
	}
	return s, nil
}

// usagef is a complaint about this call's command line.
func (c *call) usagef(format string, args ...any) error {
	return &usageError{c.cmd.name, fmt.Sprintf(format, args...)}
}

// noArgs refuses arguments, for commands that have none.
func (c *call) noArgs() error {
	if len(c.args) > 0 {
		return c.usagef("%s takes no arguments, but was given %q", c.cmd.name, strings.Join(c.args, " "))
	}
	return nil
}

// print writes text to stdout.
func (c *call) print(text string) error {
	if _, err := io.WriteString(c.stdout, text); err != nil {
		return fmt.Errorf("writing output: %w", err)
	}
	return nil
}

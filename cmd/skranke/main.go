// Command skranke is the whole product in one program: the server and the
// commands that fill, move and inspect an installation. This package reads the
// command line and calls the rooms; it holds no rule of the help desk. Start
// with commands.go, the list of commands, and command.go, what a command is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"skranke/config"
	"skranke/script"
)

// Exit codes. Help prints them; scripts rely on them.
const (
	exitOK     = 0
	exitFailed = 1 // the command was understood and did not succeed
	exitUsage  = 2 // the command line was not understood; nothing was done
)

func main() {
	script.Child()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks the command to end; after it, signals work as usual,
	// so a second one kills a command that hangs.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())
	stop()
	os.Exit(code)
}

// run is the program: args are the words after its name, environ is as
// os.Environ gives it, and the answer is the exit code. It ends soon after ctx
// does.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	c := &call{stdin: stdin, stdout: stdout, stderr: stderr, environ: environ, getenv: config.Getenv(environ)}
	err := dispatch(ctx, c, args)
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		complain(stderr, usage.Error())
		complain(stderr, `run "`+strings.TrimSpace("skranke help "+usage.topic)+`" for help`)
		return exitUsage
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		complain(stderr, "interrupted")
		return exitFailed
	default:
		complain(stderr, err.Error())
		return exitFailed
	}
}

// complain writes text to w, each line marked as ours.
func complain(w io.Writer, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintln(w, "skranke: "+line)
	}
}

// usageError is a command line that was not understood.
type usageError struct {
	topic string // what to ask help about, "" for the whole
	text  string
}

func (e *usageError) Error() string { return e.text }

// dispatch finds the command args name, reads its flags and runs it.
func dispatch(ctx context.Context, c *call, args []string) error {
	if len(args) == 1 && strings.TrimLeft(args[0], "-") == "version" { // what people try first
		args = []string{"version"}
	}
	before, rest, err := globalFlags(args)
	if errors.Is(err, flag.ErrHelp) || err == nil && len(rest) == 0 {
		return c.print(overview())
	}
	if err != nil {
		return err
	}
	first := rest[0]
	cmd, rest, err := find(rest)
	if errors.Is(err, flag.ErrHelp) {
		return c.print(helpOnFamily(first))
	}
	if err != nil {
		return err
	}

	fs, do := c.prepare(cmd)
	c.args, err = parse(fs, append(before, rest...))
	if errors.Is(err, flag.ErrHelp) {
		return c.print(helpOn(cmd))
	}
	if err != nil {
		return &usageError{cmd.name, flagProblem(fs, err)}
	}
	return do(ctx, c)
}

// globalFlags splits off the flags that stand before the command. They mean
// the same as after it.
func globalFlags(args []string) (before, rest []string, err error) {
	fs := flag.NewFlagSet("skranke", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	(&call{}).addGlobalFlags(fs)
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, nil, err
		}
		return nil, nil, &usageError{"", flagProblem(fs, err) + "; only -config and -data may stand before the command"}
	}
	n := len(args) - fs.NArg()
	if n > 0 && args[n-1] == "--" {
		n--
	}
	// Clipped, because the caller appends to it.
	return args[:n:n], fs.Args(), nil
}

// find returns the command whose name begins args and what follows the name.
// It returns flag.ErrHelp when args ask for help on the first word of several
// commands ("config -h").
func find(args []string) (command, []string, error) {
	all := commands()
	for _, words := range []int{2, 1} {
		if len(args) < words {
			continue
		}
		name := strings.Join(args[:words], " ")
		for _, cmd := range all {
			if cmd.name == name {
				return cmd, args[words:], nil
			}
		}
	}
	if members := family(all, args[0]); len(members) > 0 {
		return command{}, nil, familyProblem(args, members)
	}
	return command{}, nil, unknownCommand(all, args[0])
}

// unknownCommand says that name is no command of all, and which may be meant.
func unknownCommand(all []command, name string) error {
	var words []string
	for _, cmd := range all {
		first, _, _ := strings.Cut(cmd.name, " ")
		words = append(words, cmd.name, first)
	}
	text := fmt.Sprintf("unknown command %q", name)
	if near := config.Nearest(name, words); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
	}
	return &usageError{"", text}
}

// familyProblem says what is wrong with args, which begin with the first word
// of members and then name none of them.
func familyProblem(args []string, members []command) error {
	var seconds []string
	for _, cmd := range members {
		_, second, _ := strings.Cut(cmd.name, " ")
		seconds = append(seconds, second)
	}
	if len(args) < 2 {
		return &usageError{args[0], fmt.Sprintf("%s what? Want one of: %s", args[0], strings.Join(seconds, ", "))}
	}
	switch args[1] {
	case "-h", "-help", "--help":
		return flag.ErrHelp
	}
	text := fmt.Sprintf("unknown command %q", args[0]+" "+args[1])
	if near := config.Nearest(args[1], seconds); near != "" {
		text += fmt.Sprintf("; did you mean %q?", args[0]+" "+near)
	} else {
		text += fmt.Sprintf("; after %q comes one of: %s", args[0], strings.Join(seconds, ", "))
	}
	return &usageError{args[0], text}
}

// parse reads flags and arguments in any order: "import x.jsonl -data d" is
// what people type. After -- everything is an argument.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	var plain []string
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		rest := fs.Args()
		if len(rest) == 0 {
			return plain, nil
		}
		if n := len(args) - len(rest); n > 0 && args[n-1] == "--" {
			return append(plain, rest...), nil
		}
		plain = append(plain, rest[0])
		args = rest[1:]
	}
}

// flagProblem is the text of an error of fs.Parse, with a hint for a flag that
// was mistyped.
func flagProblem(fs *flag.FlagSet, err error) string {
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return err.Error()
	}
	var names []string
	fs.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	text := "unknown flag -" + name
	if near := config.Nearest(name, names); near != "" {
		text += "; did you mean -" + near + "?"
	}
	return text
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	// The standard library cannot switch the echo of a terminal off.
	"golang.org/x/term"
)

// maxPassword is the longest line taken for a password, so that a wrong file or
// an endless stdin ends in an answer.
const maxPassword = 4096

// passwordFileFlag adds -password-file, whose value is for readPassword. There
// is no flag for the password itself: argv can be read by everybody on the
// machine and ends up in shell histories.
func passwordFileFlag(fs *flag.FlagSet) *string {
	return fs.String("password-file", "", "take the password from the first line of `FILE`, not from stdin")
}

// readPassword returns a password nobody could look at: the first line of file
// when one is named, else asked for without echo when stdin is a terminal
// (twice if fresh, because a typing mistake in a new password locks out), else
// the first line of stdin. It takes no more of stdin than that line. An empty
// password is an error.
func (c *call) readPassword(ctx context.Context, prompt, file string, fresh bool) (string, error) {
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		defer f.Close()
		return firstLine(f, file)
	}
	tty, ok := c.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(tty.Fd())) {
		return firstLine(c.stdin, "stdin")
	}
	password, err := c.ask(ctx, tty, prompt)
	if err != nil {
		return "", err
	}
	if password == "" {
		return "", errors.New("the password is empty")
	}
	if !fresh {
		return password, nil
	}
	again, err := c.ask(ctx, tty, prompt+" again")
	if err != nil {
		return "", err
	}
	if again != password {
		return "", errors.New("the two passwords differ; nothing was changed")
	}
	return password, nil
}

// ask reads a line from tty without echo. When ctx ends first the terminal gets
// its echo back; the read itself cannot be ended and is left to the exit.
func (c *call) ask(ctx context.Context, tty *os.File, prompt string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	fd := int(tty.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	fmt.Fprint(c.stderr, prompt+": ")
	type line struct {
		text []byte
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		read <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(c.stderr)
		return "", errors.Join(ctx.Err(), term.Restore(fd, state))
	case l := <-read:
		fmt.Fprintln(c.stderr)
		if errors.Is(l.err, io.EOF) {
			return "", errors.New("the password is empty")
		}
		if l.err != nil {
			return "", fmt.Errorf("reading the password: %w", l.err)
		}
		return string(l.text), nil
	}
}

// firstLine reads r up to the end of its first line, byte by byte so that what
// follows stays in r. name is r's name in errors.
func firstLine(r io.Reader, name string) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for {
		n, err := r.Read(one)
		if n == 1 && one[0] == '\n' {
			break
		}
		line = append(line, one[:n]...)
		if len(line) > maxPassword {
			return "", fmt.Errorf("the first line of %s is too long for a password", name)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", fmt.Errorf("reading the password: %w", err)
		}
	}
	password := strings.TrimSuffix(string(line), "\r")
	if password == "" {
		return "", fmt.Errorf("the password is empty: %s has none on its first line; write it there, or name another file with -password-file", name)
	}
	return password, nil
}

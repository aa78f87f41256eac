// Package script runs JavaScript in a process of its own, which the operating
// system holds to limits of memory and time. It knows no tickets: what a script
// may ask of the help desk is a function its caller hands over. Start with
// [Engine.Run]; child.go is what happens on the other side.
package script

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// Limits bound one run.
type Limits struct {
	Time   time.Duration // default 60 seconds
	Output int           // bytes a script may print; default 8 MiB
}

// Engine runs scripts. Make it with New.
type Engine struct {
	limits Limits
	turns  chan struct{} // bounds the memory that scripts take together
}

// atOnce is how many scripts run at once; others wait, which counts as their time.
const atOnce = 4

// New makes an engine, nil if this system cannot hold scripts to limits. The
// program must call [Child] first thing in its main function.
func New(l Limits) *Engine {
	if program == "" {
		return nil
	}
	if l.Time <= 0 {
		l.Time = 60 * time.Second
	}
	if l.Output <= 0 {
		l.Output = 8 << 20
	}
	return &Engine{limits: l, turns: make(chan struct{}, atOnce)}
}

// Run is one run of a script.
type Run struct {
	Source    string
	Variables map[string]string // by the names getVariable finds them by
	User      any               // what getActiveUser returns, made JSON of

	// Host answers what a script asks for by name, with an argument in JSON. What
	// it returns is made JSON of; an error becomes an exception in the script.
	Host func(ctx context.Context, name string, argument []byte) (any, error)

	// Log is told what a script wants in the log.
	Log func(text string)
}

// message is a line from one process to the other.
type message struct {
	// To the child, the first time.
	Source    string            `json:"source,omitempty"`
	Variables map[string]string `json:"variables,omitempty"`
	User      json.RawMessage   `json:"user,omitempty"`
	Seconds   int               `json:"seconds,omitempty"`

	// From the child: one of these.
	Print string          `json:"print,omitempty"`
	Log   string          `json:"log,omitempty"`
	Call  string          `json:"call,omitempty"`
	Arg   json.RawMessage `json:"arg,omitempty"`
	End   bool            `json:"end,omitempty"`

	// The answer to a call.
	Result json.RawMessage `json:"result,omitempty"`

	Error string `json:"error,omitempty"` // of a call, or of the script at its end
}

// maxMessage is the longest line from a child, maxAsked what a script may log
// and ask for altogether, and maxLogged what of it is logged, in lines.
const (
	maxMessage = 16 << 20
	maxAsked   = 100_000
	maxLogged  = 1000
)

// Run runs a script and returns what it printed. The error says why it did not
// come to its end; it is for the log, not for callers.
func (e *Engine) Run(ctx context.Context, run Run) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, e.limits.Time)
	defer cancel()
	select {
	case e.turns <- struct{}{}:
		defer func() { <-e.turns }()
	case <-ctx.Done():
		return "", fmt.Errorf("the script waited for others: %w", ctx.Err())
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = []string{childMark + "=1", "GOMAXPROCS=1"} // and none of ours
	cmd.Dir = "/"
	cmd.WaitDelay = time.Second
	var complaint tail
	cmd.Stderr = &complaint
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("starting a script: %w", err)
	}
	printed, err := e.converse(ctx, run, in, out)
	cancel() // kills it, if it has not ended
	waited := cmd.Wait()
	switch {
	case errors.Is(err, errGone) && complaint.String() != "":
		return "", fmt.Errorf("%w: %s", err, complaint.String())
	case errors.Is(err, errGone):
		return "", fmt.Errorf("%w: %v", err, waited)
	case err != nil:
		return "", err
	}
	return printed, nil
}

// errGone says that the child ended without a word.
var errGone = errors.New("the script went over its limits of time or memory")

// converse serves a child until its script ends.
func (e *Engine) converse(ctx context.Context, run Run, in io.WriteCloser, out io.Reader) (string, error) {
	defer in.Close()
	send := json.NewEncoder(in)
	user, err := json.Marshal(run.User)
	if err != nil {
		return "", fmt.Errorf("telling a script who its user is: %w", err)
	}
	first := message{Source: run.Source, Variables: run.Variables, User: user, Seconds: int(e.limits.Time/time.Second) + 1}
	if err := send.Encode(first); err != nil {
		return "", errGone
	}
	lines := newLines(out)
	var printed bytes.Buffer
	for asked, logged := 0, 0; ; {
		var m message
		if err := lines.next(&m); err != nil {
			return "", err
		}
		switch {
		case m.Print != "":
			if printed.Len()+len(m.Print) > e.limits.Output {
				return "", fmt.Errorf("the script printed more than %d bytes", e.limits.Output)
			}
			printed.WriteString(m.Print)
			continue
		case m.End && m.Error != "":
			return "", errors.New(m.Error)
		case m.End:
			return printed.String(), nil
		}
		if asked++; asked > maxAsked {
			return "", fmt.Errorf("the script asked more than %d times", maxAsked)
		}
		if m.Call == "" {
			if logged++; logged <= maxLogged {
				run.Log(m.Log)
			}
			continue
		}
		var answer message
		result, err := run.Host(ctx, m.Call, m.Arg)
		if err == nil {
			answer.Result, err = json.Marshal(result)
		}
		if err != nil {
			answer = message{Error: err.Error()}
		}
		if err := send.Encode(answer); err != nil {
			return "", errGone
		}
	}
}

// tail keeps the beginning of what a child complains about.
type tail struct{ strings.Builder }

func (t *tail) Write(p []byte) (int, error) {
	if room := 2000 - t.Len(); room > 0 {
		t.Builder.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

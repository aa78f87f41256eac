package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// place is an installation and the program that serves it.
type place struct {
	program  string
	data     string // its directory
	mails    string // folder of the mails that were sent
	database string // URL of a PostgreSQL database, "" for none
}

// command is the program with its settings from the environment.
func (p *place) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.program, args...)
	cmd.Env = append(os.Environ(), "SKRANKE_DATA="+p.data, "SKRANKE_LISTEN=127.0.0.1:0", "SKRANKE_MAIL_FOLDER="+p.mails, "SKRANKE_MAIL_FROM=help@help.example")
	if p.database != "" {
		cmd.Env = append(cmd.Env, "SKRANKE_DATABASE="+p.database)
	}
	return cmd
}

// do runs a command to its end.
func (p *place) do(ctx context.Context, stdin string, args ...string) (string, error) {
	cmd := p.command(ctx, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("skranke %s: %w: %s%s", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String(), nil
}

// process is a running server.
type process struct {
	cmd  *exec.Cmd
	base string // its address, once it has told it
	done chan struct{}
	err  error // how it ended; to be read after done

	mu    sync.Mutex
	said  bytes.Buffer
	ready chan struct{} // closed when it has told its address
	told  bool
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// Write takes what the server says.
func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.said.Len() > 1<<20 { // the newest matters
		p.said.Next(1 << 19)
	}
	p.said.Write(text)
	if !p.told {
		if p.base = address.FindString(p.said.String()); p.base != "" {
			p.told = true
			close(p.ready)
		}
	}
	return len(text), nil
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// start starts a server without waiting for it.
func (p *place) start() (*process, error) {
	s := &process{done: make(chan struct{}), ready: make(chan struct{})}
	s.cmd = p.command(context.Background(), "serve")
	s.cmd.Stdout, s.cmd.Stderr = s, s
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting a server: %w", err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.done)
	}()
	return s, nil
}

// startTime is how long a server may take to start: a hang, on a slow machine.
const startTime = 2 * time.Minute

// await waits until the server answers.
func (p *process) await(ctx context.Context) error {
	select {
	case <-p.ready:
	case <-p.done:
		return fmt.Errorf("the server ended by itself: %v: %s", p.err, p.log())
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(startTime):
		return fmt.Errorf("the server does not start: %s", p.log())
	}
	for {
		res, err := http.Get(p.base + "/scripts/SOAP?action=customer")
		if err == nil {
			return res.Body.Close()
		}
		select {
		case <-p.done:
			return fmt.Errorf("the server ended by itself: %v: %s", p.err, p.log())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// kill ends the server as a power cut would, but for the disk.
func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("killing the server: %w", err)
	}
	<-p.done
	var exit *exec.ExitError
	if errors.As(p.err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled() {
		return nil
	}
	return fmt.Errorf("the server ended by itself: %v: %s", p.err, p.log())
}

// stop asks the server to end.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stopping the server: %w", err)
	}
	select {
	case <-p.done:
	case <-time.After(startTime):
		p.cmd.Process.Kill()
		return fmt.Errorf("the server does not stop: %s", p.log())
	}
	if p.err != nil {
		return fmt.Errorf("the server ended with %v: %s", p.err, p.log())
	}
	return nil
}

// people is what callers need: an agent, a customer for each caller, and extra
// fields that are to be equal to something else.
func people(callers int) string {
	var b strings.Builder
	b.WriteString(`{"kind":"priority","id":1,"name":"Normal","external":true,"default":true}
{"kind":"category","id":1,"name":"Support","method":4}
{"kind":"extra_field","id":1,"domain":"ticket","label":"Token","type":"text","flags":2}
{"kind":"user","id":2,"login_name":"agent","user_name":"Agent","email":"agent@help.example","status":1,"access":64,"password":"pw"}
`)
	for i := range callers {
		fmt.Fprintf(&b, `{"kind":"customer","id":%d,"user_name":"c%d","first_name":"start","last_name":"start","emails":["c%d@x.example"],"password":"pw"}`+"\n", i+1, i+1, i+1)
	}
	return b.String()
}

// furnish makes the installation.
func (p *place) furnish(ctx context.Context, callers int) error {
	if err := os.MkdirAll(p.mails, 0o700); err != nil {
		return err
	}
	file := filepath.Join(filepath.Dir(p.mails), "people.jsonl")
	if err := os.WriteFile(file, []byte(people(callers)), 0o600); err != nil {
		return err
	}
	_, err := p.do(ctx, "", "import", file)
	return err
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/metrics"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// role is what this program does as a child: it serves until stdin ends and
// answers questions, one line each way.
type role func(args []string, in io.Reader, out io.Writer) error

// roleOf is the role a command line asks for, nil if it asks for none.
func roleOf(args []string) role {
	if len(args) < 2 {
		return nil
	}
	switch args[1] {
	case floorRole:
		return serveFloor
	case skrankeRole:
		return serveSkranke
	case besiegerRole:
		return besiege
	}
	return nil
}

// usage is what a child has used so far.
type usage struct {
	CPU    time.Duration
	Allocs uint64
	Bytes  uint64 // allocated
	RSS    int64
	Peak   int64 // of RSS
}

// present is what this process has used so far.
func present() (usage, error) {
	var u usage
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return u, err
	}
	u.CPU = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}, {Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(samples)
	u.Allocs, u.Bytes = samples[0].Value.Uint64(), samples[1].Value.Uint64()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return u, err
	}
	u.RSS, u.Peak = kilobytes(string(status), "VmRSS:"), kilobytes(string(status), "VmHWM:")
	return u, nil
}

func kilobytes(status, name string) int64 {
	_, rest, _ := strings.Cut(status, name)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(fields[0], 10, 64)
	return n << 10
}

// question is a line to a child.
type question struct {
	Word string // "usage", or what else its role knows
	Text string
}

// converse tells the parent the address, then answers questions until in ends.
// Of those but "usage" answer says what they get.
func converse(in io.Reader, out io.Writer, addr string, answer func(question) error) error {
	enc := json.NewEncoder(out)
	if err := enc.Encode(addr); err != nil {
		return err
	}
	dec := json.NewDecoder(in)
	for {
		var q question
		if err := dec.Decode(&q); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if q.Word != "usage" {
			if err := answer(q); err != nil {
				return err
			}
		}
		u, err := present()
		if err != nil {
			return err
		}
		if err := enc.Encode(u); err != nil {
			return err
		}
	}
}

// child is a running child as its parent sees it.
type child struct {
	addr string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *json.Decoder
}

// start runs this program again in a role and waits until it serves.
func start(ctx context.Context, role string, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, self, append([]string{role}, args...)...)}
	c.cmd.Stderr = os.Stderr
	// An interrupt from the keyboard is for the parent, which then ends its children.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	c.out = json.NewDecoder(bufio.NewReader(out))
	if err := c.out.Decode(&c.addr); err != nil {
		return nil, fmt.Errorf("starting the %s: %w", role, errors.Join(err, c.stop()))
	}
	return c, nil
}

// ask puts a question and returns what the child has used.
func (c *child) ask(word, text string) (usage, error) {
	var u usage
	if err := json.NewEncoder(c.in).Encode(question{word, text}); err != nil {
		return u, err
	}
	err := c.out.Decode(&u)
	return u, err
}

// stop ends the child in good order.
func (c *child) stop() error {
	c.in.Close()
	return c.cmd.Wait()
}

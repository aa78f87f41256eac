package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// terminal is a pseudo terminal: the program reads tty, the person types on
// keys and sees screen.
type terminal struct {
	tty, keys *os.File
	mu        sync.Mutex
	screen    bytes.Buffer
}

func ioctl(t *testing.T, f *os.File, request uintptr, arg unsafe.Pointer) {
	t.Helper()
	raw, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var errno syscall.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(arg))
	})
	if err != nil || errno != 0 {
		t.Fatalf("ioctl %#x: %v, %v", request, err, errno)
	}
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	var unlock, number int32
	ioctl(t, keys, syscall.TIOCSPTLCK, unsafe.Pointer(&unlock))
	ioctl(t, keys, syscall.TIOCGPTN, unsafe.Pointer(&number))
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{tty: tty, keys: keys}
	seen := make(chan struct{})
	go func() {
		defer close(seen)
		io.Copy(term, keys) // ends when the terminal is closed
	}()
	t.Cleanup(func() {
		keys.Close()
		<-seen
	})
	return term
}

// Write takes what the terminal shows.
func (tm *terminal) Write(p []byte) (int, error) {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return tm.screen.Write(p)
}

func (tm *terminal) shown() string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return tm.screen.String()
}

func (tm *terminal) echoes(t *testing.T) bool {
	t.Helper()
	var state syscall.Termios
	ioctl(t, tm.keys, syscall.TCGETS, unsafe.Pointer(&state))
	return state.Lflag&syscall.ECHO != 0
}

// waitForEcho waits until the terminal echoes, or does not.
func (tm *terminal) waitForEcho(t *testing.T, want bool) {
	t.Helper()
	for range 500 {
		if tm.echoes(t) == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the echo of the terminal never became %v", want)
}

func (tm *terminal) typeLine(t *testing.T, line string) {
	t.Helper()
	tm.waitForEcho(t, false)
	if _, err := io.WriteString(tm.keys, line+"\n"); err != nil {
		t.Fatal(err)
	}
}

type answer struct {
	password string
	err      error
}

func ask(ctx context.Context, tm *terminal, fresh bool) chan answer {
	c := &call{stdin: tm.tty, stderr: tm.tty}
	done := make(chan answer, 1)
	go func() {
		p, err := c.readPassword(ctx, "Password", "", fresh)
		done <- answer{p, err}
	}()
	return done
}

func TestReadPasswordFromTerminal(t *testing.T) {
	tm := newTerminal(t)
	done := ask(t.Context(), tm, false)
	tm.typeLine(t, "hunter2")
	if a := <-done; a.err != nil || a.password != "hunter2" {
		t.Errorf("got %q, %v, want hunter2", a.password, a.err)
	}
	if !tm.echoes(t) {
		t.Errorf("the terminal was left without echo")
	}
	// A mark, so that all that was shown before it has arrived.
	fmt.Fprint(tm.tty, "END")
	for range 500 {
		if bytes.HasSuffix([]byte(tm.shown()), []byte("END")) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if got, want := tm.shown(), "Password: \r\nEND"; got != want {
		t.Errorf("the terminal shows %q, want %q", got, want)
	}
}

func TestReadNewPasswordFromTerminal(t *testing.T) {
	for _, tt := range []struct{ first, second, wrong string }{
		{"hunter2", "hunter2", ""},
		{"hunter2", "hunter3", "the two passwords differ; nothing was changed"},
	} {
		tm := newTerminal(t)
		done := ask(t.Context(), tm, true)
		tm.typeLine(t, tt.first)
		// The second question is on the screen before its echo goes off.
		for range 500 {
			if bytes.Contains([]byte(tm.shown()), []byte("Password again: ")) {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		tm.typeLine(t, tt.second)
		a := <-done
		if tt.wrong == "" && (a.err != nil || a.password != tt.first) {
			t.Errorf("got %q, %v, want %q", a.password, a.err, tt.first)
		}
		if tt.wrong != "" && (a.err == nil || a.err.Error() != tt.wrong || a.password != "") {
			t.Errorf("got %q, %v, want no password and %q", a.password, a.err, tt.wrong)
		}
	}
}

func TestInterruptedPasswordGivesTheEchoBack(t *testing.T) {
	tm := newTerminal(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := ask(ctx, tm, false)
	tm.waitForEcho(t, false)
	cancel()
	if a := <-done; !errors.Is(a.err, context.Canceled) || a.password != "" {
		t.Errorf("got %q, %v, want no password and %v", a.password, a.err, context.Canceled)
	}
	tm.waitForEcho(t, true)
}

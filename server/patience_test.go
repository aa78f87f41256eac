package server

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// patientPair is a connection that was accepted, and its other end.
func patientPair(t *testing.T) (c, other net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if other, err = net.Dial("tcp", ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if c, err = (patient{ln}).Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); other.Close() })
	return c, other
}

// started reads one byte in the background and waits until that has begun.
func started(t *testing.T, c net.Conn) (done chan error) {
	t.Helper()
	done = make(chan error, 1)
	go func() {
		_, err := c.Read(make([]byte, 1))
		done <- err
	}()
	reads := &c.(*patientConn).reads
	for deadline := time.Now().Add(hangs); ; time.Sleep(time.Millisecond) {
		reads.mu.Lock()
		running := reads.running
		reads.mu.Unlock()
		if running == 1 || len(done) == 1 {
			return done
		}
		if time.Now().After(deadline) {
			t.Fatal("the read does not begin")
		}
	}
}

func ended(t *testing.T, done chan error) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(hangs):
		t.Fatal("the read does not end")
		return nil
	}
}

// soon is a deadline that a test waits for; what is later is not waited for.
const soon = 30 * time.Millisecond

// A read ends at the deadline set last, whatever was set before, and no sooner.
func TestReadDeadlines(t *testing.T) {
	for name, set := range map[string]func(c net.Conn) time.Time{
		"the only one": func(c net.Conn) time.Time {
			end := time.Now().Add(soon)
			c.SetReadDeadline(end)
			return end
		},
		"an earlier one": func(c net.Conn) time.Time {
			c.SetReadDeadline(time.Now().Add(hangs))
			end := time.Now().Add(soon)
			c.SetReadDeadline(end)
			return end
		},
		"a later one": func(c net.Conn) time.Time {
			c.SetReadDeadline(time.Now().Add(soon))
			end := time.Now().Add(3 * soon)
			c.SetReadDeadline(end)
			return end
		},
		"none and one again": func(c net.Conn) time.Time {
			c.SetReadDeadline(time.Now().Add(soon))
			c.SetReadDeadline(time.Time{})
			end := time.Now().Add(2 * soon)
			c.SetReadDeadline(end)
			return end
		},
		"for both directions": func(c net.Conn) time.Time {
			end := time.Now().Add(soon)
			c.SetDeadline(end)
			return end
		},
	} {
		for order, begun := range map[string]bool{"before": false, "while reading": true} {
			t.Run(name+", "+order, func(t *testing.T) {
				t.Parallel()
				c, _ := patientPair(t)
				var done chan error
				var end time.Time
				if begun {
					done = started(t, c)
					end = set(c)
				} else {
					end = set(c)
					done = started(t, c)
				}
				if err := ended(t, done); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("got %v, want that the deadline has passed", err)
				}
				if now := time.Now(); now.Before(end) {
					t.Errorf("the read ended %v before its deadline", end.Sub(now))
				}
			})
		}
	}
}

// A deadline that was taken away ends nothing; the read gets what comes.
func TestNoDeadline(t *testing.T) {
	c, other := patientPair(t)
	c.SetReadDeadline(time.Now().Add(soon))
	done := started(t, c)
	c.SetReadDeadline(time.Time{})
	time.Sleep(2 * soon)
	if _, err := other.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := ended(t, done); err != nil {
		t.Errorf("got %v", err)
	}
}

// The past ends a read at once, one that runs and one that begins, as net/http
// has it between calls; afterwards reading goes on.
func TestPastDeadline(t *testing.T) {
	past := time.Unix(1, 0)
	for name, begun := range map[string]bool{"before": false, "while reading": true} {
		t.Run(name, func(t *testing.T) {
			c, other := patientPair(t)
			c.SetReadDeadline(time.Now().Add(hangs))
			var err error
			if begun {
				done := started(t, c)
				c.SetReadDeadline(past)
				err = ended(t, done)
			} else {
				c.SetReadDeadline(past)
				_, err = c.Read(make([]byte, 1))
			}
			if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
				t.Fatalf("got %v, want a time-out", err)
			}
			c.SetReadDeadline(time.Time{})
			if _, err := other.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
				t.Errorf("afterwards: got %v", err)
			}
		})
	}
}

// Writing to somebody who does not read ends at its deadline too, and says how
// much he may get; a deadline that was moved does not cut the text.
func TestWriteDeadlines(t *testing.T) {
	c, other := patientPair(t)
	much := make([]byte, 64<<20)
	c.SetWriteDeadline(time.Now().Add(soon))
	n, err := c.Write(much)
	if !errors.Is(err, os.ErrDeadlineExceeded) || n == len(much) {
		t.Fatalf("got %d bytes written, %v; want a time-out", n, err)
	}
	const later = 20 * soon
	c.SetWriteDeadline(time.Now().Add(later)) // and later again, before it is over
	time.AfterFunc(soon, func() {
		c.SetWriteDeadline(time.Now().Add(hangs))
		time.Sleep(later)
		io.CopyN(io.Discard, other, int64(n+len(much)))
	})
	if m, err := c.Write(much); err != nil || m != len(much) {
		t.Errorf("got %d bytes written, %v; want all", m, err)
	}
}

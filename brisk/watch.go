package brisk

import (
	"sync"
	"time"
)

// late is when a call has taken so long that it is worth to know whether its
// client is still there.
const late = 100 * time.Millisecond

// watch ends the context of a long call when its client leaves.
type watch struct {
	c     *conn
	timer *time.Timer

	mu      sync.Mutex
	ended   sync.Cond // reading has
	calling bool
	reading bool
	ahead   []byte // what came meanwhile: of the next request
}

func (w *watch) init(c *conn) {
	w.c = c
	w.ended.L = &w.mu
	w.timer = time.AfterFunc(time.Hour, w.look)
	w.timer.Stop()
}

// begin is told that a call begins; end must follow.
func (w *watch) begin() {
	w.mu.Lock()
	w.calling = true
	w.mu.Unlock()
	w.timer.Reset(late)
}

// end returns what has come meanwhile.
func (w *watch) end() (ahead []byte) {
	w.timer.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calling = false
	if w.reading {
		w.c.SetReadDeadline(longAgo)
		for w.reading {
			w.ended.Wait()
		}
	}
	ahead, w.ahead = w.ahead, nil
	return ahead
}

var longAgo = time.Unix(1, 0)

// look waits until something comes or the client leaves or the call ends.
func (w *watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.calling || w.reading || w.ahead != nil {
		return
	}
	w.reading = true
	w.c.SetReadDeadline(time.Time{})
	w.mu.Unlock()
	var b [1]byte
	n, err := w.c.Read(b[:])
	w.mu.Lock()
	w.reading = false
	w.ended.Signal()
	if n > 0 {
		w.ahead = b[:n:n]
	} else if err != nil && w.calling {
		w.c.leave()
	}
}

package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"skranke/store"
)

// The addresses a load balancer asks. They are paths as they stand, whatever
// path_prefix is, and no port can have one.
const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// What an answer to readyPath says instead of ready. Strangers may read it.
const (
	reasonStopping = "stopping"
	reasonSchema   = "the database belongs to another version"
	reasonDatabase = "the database does not answer"
	reasonDisk     = "the disk takes no file"
	reasonFiles    = "the bucket of the attachments does not answer"
	reasonSlow     = "no answer in time"
)

const (
	probeTime  = 10 * time.Second // that a probe may take; who asks has a patience of his own
	probeFresh = time.Second      // that its result counts
)

// readiness knows whether the server can take calls. However many ask, one
// probe runs at a time.
type readiness struct {
	probe    func(context.Context) string // the reason why not, or ""
	stopping atomic.Bool

	mu      sync.Mutex
	running *probing
	last    string
	until   time.Time // last counts
}

type probing struct {
	done   chan struct{}
	reason string // to be read after done
}

// reason says why the server cannot take calls, "" if it can.
func (r *readiness) reason() string {
	if r.stopping.Load() {
		return reasonStopping
	}
	r.mu.Lock()
	p := r.running
	if p == nil {
		if time.Now().Before(r.until) {
			defer r.mu.Unlock()
			return r.last
		}
		p = &probing{done: make(chan struct{})}
		r.running = p
		go r.run(p)
	}
	r.mu.Unlock()
	patience := time.NewTimer(probeTime + probeTime/2)
	defer patience.Stop()
	select {
	case <-p.done:
		return p.reason
	case <-patience.C: // a disk that hangs obeys no deadline
		return reasonSlow
	}
}

func (r *readiness) run(p *probing) {
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	p.reason = r.probe(ctx)
	r.mu.Lock()
	r.running, r.last, r.until = nil, p.reason, time.Now().Add(probeFresh)
	r.mu.Unlock()
	close(p.done)
}

// probe asks the database, the disk, and where attachments are kept.
func (s *Server) probe(ctx context.Context) string {
	reason, err := "", s.db.CheckSchema(ctx)
	switch {
	case errors.Is(err, store.ErrNewerSchema):
		reason = reasonSchema
	case err != nil:
		reason = reasonDatabase
	default:
		if err = writeSome(s.SpoolDir()); err != nil {
			reason = reasonDisk
		} else if err = s.db.Blobs().Probe(ctx); err != nil {
			reason = reasonFiles
		}
	}
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.String("reason", reason), slog.Any("error", err))
	}
	return reason
}

// writeSome writes a small file into dir and removes it.
func writeSome(dir string) error {
	f, err := os.CreateTemp(dir, "ready-*")
	if err != nil {
		return fmt.Errorf("trying the disk: %w", err)
	}
	_, err = f.Write(make([]byte, 4096))
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// serveHTTP answers everything on the main listener.
func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case healthPath:
		tell(w, r, "")
	case readyPath:
		tell(w, r, s.ready.reason())
	default:
		s.calls.ServeHTTP(w, r)
	}
}

// tell answers ok, or 503 and the reason why not.
func tell(w http.ResponseWriter, r *http.Request, reason string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if reason != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, reason+"\n")
		return
	}
	io.WriteString(w, "ok\n")
}

// Alive says whether the database still answers, with an error if need be. It
// returns false only if ctx ends before.
func (s *Server) Alive(ctx context.Context) bool {
	s.db.CheckSchema(ctx)
	return ctx.Err() == nil
}

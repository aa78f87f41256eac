package server

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"skranke/watch"
)

// attachmentFigures are counted seldom, for counting looks at every attachment.
type attachmentFigures struct {
	mu           sync.Mutex
	until        time.Time
	count, bytes int64
}

const attachmentsFresh = 5 * time.Minute

func (s *Server) figures(ctx context.Context) (watch.Figures, error) {
	f := watch.Figures{Database: s.db.Work(), DatabaseBytes: s.databaseBytes(), Connections: s.connections.count(), Stopping: s.ready.stopping.Load()}
	if s.spans != nil {
		f.Spans = s.spans.Figures()
	}
	now, err := s.Desk.Figures(ctx)
	if err != nil {
		return f, err
	}
	a := &s.attachments
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Now().After(a.until) {
		if a.count, a.bytes, err = s.Desk.AttachmentFigures(ctx); err != nil {
			return f, err
		}
		a.until = time.Now().Add(attachmentsFresh)
	}
	f.Desk, f.Attachments, f.AttachmentBytes = now, a.count, a.bytes
	return f, nil
}

// databaseBytes is the size of the database's files, 0 if it lies elsewhere.
func (s *Server) databaseBytes() (size int64) {
	for _, name := range []string{"skranke.db", "skranke.db-wal"} {
		info, err := os.Stat(filepath.Join(s.conf.Data, name))
		if err == nil {
			size += info.Size()
		} else if !errors.Is(err, fs.ErrNotExist) {
			s.log.Debug("looking for the size of the database", "error", err)
		}
	}
	return size
}

// Metrics answers /metrics to Prometheus, and /healthz and /readyz as the main
// listener does. It asks nobody who he is: it has a listener of its own, not
// the main one for peers on this machine alone, because to the server a proxy
// on this machine and everybody behind it are such peers.
func (s *Server) Metrics(version string) http.Handler {
	metrics := watch.Metrics(s.meter, s.figures, version, s.log)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/metrics":
			metrics.ServeHTTP(w, r)
		case healthPath:
			tell(w, r, "")
		case readyPath:
			tell(w, r, s.ready.reason())
		default:
			http.NotFound(w, r)
		}
	})
}

// ServeMetrics answers Metrics on ln until stop is called, which is to be after
// Serve: so /readyz can say that the server is stopping.
func (s *Server) ServeMetrics(ln net.Listener, version string) (stop func()) {
	web := &http.Server{
		Handler: s.Metrics(version), ReadHeaderTimeout: headerTimeout, ReadTimeout: headerTimeout, WriteTimeout: 3 * headerTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := web.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("metrics are served no more", "error", err)
		}
	})
	return func() {
		web.Close()
		serving.Wait()
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"
)

const floorRole = "floor"

// fixed is an answer that is the same for every call.
type fixed struct {
	Header http.Header
	Body   []byte
}

// floor gives the answer it was given last.
type floor struct{ answer atomic.Pointer[fixed] }

func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	answer, header := f.answer.Load(), w.Header()
	for name, values := range answer.Header {
		header[name] = values
	}
	w.Write(answer.Body)
}

// serveFloor is the role of the floor. It has to be told its answer before the
// first call. It is set up as the server is, so that it is the least a server
// of these settings takes.
func serveFloor(_ []string, in io.Reader, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	f := new(floor)
	server := &http.Server{Handler: f, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	err = converse(in, out, listener.Addr().String(), func(q question) error {
		if q.Word != "answer" {
			return fmt.Errorf("the floor knows no %q", q.Word)
		}
		answer := new(fixed)
		if err := json.Unmarshal([]byte(q.Text), answer); err != nil {
			return err
		}
		f.answer.Store(answer)
		return nil
	})
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if shut := server.Shutdown(ctx); shut != nil {
		server.Close()
	}
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

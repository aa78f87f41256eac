package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const floorRole = "floor"

// fixed is an answer that is the same for every call.
type fixed struct {
	Header http.Header
	Body   []byte
}

func (f *fixed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	header := w.Header()
	for name, values := range f.Header {
		header[name] = values
	}
	w.Write(f.Body)
}

// serveFloor is the role of the floor. Its argument is the answer.
func serveFloor(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("the floor needs its answer")
	}
	answer := new(fixed)
	if err := json.Unmarshal([]byte(args[0]), answer); err != nil {
		return err
	}
	return serve(answer, in, out, func(q question) error { return fmt.Errorf("the floor knows no %q", q.Word) })
}

// serve serves handler on loopback until in ends.
func serve(handler http.Handler, in io.Reader, out io.Writer, answer func(question) error) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	err = converse(in, out, listener.Addr().String(), answer)
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

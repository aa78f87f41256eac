package brisk

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
	"sync"
	"time"
)

// response is the http.ResponseWriter of a call. It also has what an
// http.ResponseController asks for.
type response struct {
	c       *conn
	header  http.Header
	status  int
	length  int64          // of the body as declared, or -1
	written int64          // of the body
	held    []byte         // the body's begin, as long as its length is not known
	headed  bool           // the head is written, and nothing held any more
	closing bool           // the connection goes after this
	out     *bufio.Writer  // to the connection
	chunks  io.WriteCloser // to out, if the body goes in chunks
}

const (
	outSize  = 8 << 10
	heldSize = 2 << 10 // longer bodies go in chunks, unless their length is declared
)

var responses = sync.Pool{New: func() any {
	return &response{header: http.Header{}, held: make([]byte, 0, heldSize), out: bufio.NewWriterSize(nil, outSize)}
}}

// begin has the response be that of a call on c.
func (w *response) begin(c *conn) {
	w.c = c
	w.out.Reset(c.Conn)
}

// end gives the response back.
func (w *response) end() {
	w.out.Reset(nil)
	clear(w.header)
	*w = response{header: w.header, held: w.held[:0], out: w.out}
	responses.Put(w)
}

// Header implements http.ResponseWriter.
func (w *response) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter. Only the first call counts;
// informational answers are not sent.
func (w *response) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("brisk: no HTTP status: %d", status)) // as net/http does
	}
	if w.status != 0 || status < 200 {
		return
	}
	w.status, w.length = status, -1
	if declared := w.header["Content-Length"]; len(declared) == 1 {
		if n, err := strconv.ParseUint(declared[0], 10, 63); err == nil {
			w.length = int64(n)
		}
	}
	if w.length < 0 || w.bodiless() {
		delete(w.header, "Content-Length")
	}
	if status == http.StatusNotModified {
		delete(w.header, "Content-Type")
	}
}

// Write implements http.ResponseWriter.
func (w *response) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.bodiless() {
		return 0, http.ErrBodyNotAllowed
	}
	if w.written += int64(len(p)); w.length >= 0 && w.written > w.length {
		return 0, http.ErrContentLength
	}
	if !w.headed && w.length < 0 && len(w.held)+len(p) <= heldSize {
		w.held = append(w.held, p...)
		return len(p), nil
	}
	w.writeHead(p)
	return w.put(p)
}

func (w *response) put(p []byte) (int, error) {
	if w.chunks != nil {
		return w.chunks.Write(p)
	}
	return w.out.Write(p)
}

// bodiless says whether a response has no body because of its status.
func (w *response) bodiless() bool {
	return w.status == http.StatusNoContent || w.status == http.StatusNotModified
}

// excluded are headers that are not the handler's to set.
var excluded = map[string]bool{"Transfer-Encoding": true, "Trailer": true}

// writeHead writes the head, unless it is written, and what was held; next is what
// comes then.
func (w *response) writeHead(next []byte) {
	if w.headed {
		return
	}
	w.headed = true
	w.closing = w.header.Get("Connection") == "close"
	b := w.out.AvailableBuffer()
	b = append(b, "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(w.status), 10)
	b = append(b, ' ')
	if text := http.StatusText(w.status); text != "" {
		b = append(b, text...)
	} else {
		b = append(b, "status code "...)
		b = strconv.AppendInt(b, int64(w.status), 10)
	}
	b = append(b, "\r\nDate: "...)
	b = time.Now().UTC().AppendFormat(b, http.TimeFormat)
	if !w.closing && w.c.server.stopping.Load() {
		w.closing = true
		delete(w.header, "Connection")
		b = append(b, "\r\nConnection: close"...)
	}
	chunked := false
	switch {
	case w.bodiless():
	case w.length < 0:
		chunked = true
		b = append(b, "\r\nTransfer-Encoding: chunked"...)
	case w.header["Content-Length"] == nil:
		b = append(b, "\r\nContent-Length: "...)
		b = strconv.AppendInt(b, w.length, 10)
	}
	b = append(b, "\r\n"...)
	w.out.Write(b)
	if first := w.held; w.header["Content-Type"] == nil {
		if len(first) == 0 {
			first = next
		}
		if len(first) > 0 {
			w.header["Content-Type"] = []string{http.DetectContentType(first)}
		}
	}
	w.header.WriteSubset(w.out, excluded)
	w.out.WriteString("\r\n")
	if chunked {
		w.chunks = httputil.NewChunkedWriter(w.out)
	}
	if len(w.held) > 0 {
		w.put(w.held)
	}
}

// finish sends what is left, and says whether the connection may go on.
func (w *response) finish() bool {
	w.WriteHeader(http.StatusOK)
	if !w.headed && w.length < 0 {
		w.length = w.written
	}
	w.writeHead(nil)
	if w.chunks != nil {
		w.chunks.Close()
		w.out.WriteString("\r\n")
	}
	whole := w.length < 0 || w.bodiless() || w.length == w.written
	return w.out.Flush() == nil && whole && !w.closing
}

// FlushError sends what there is.
func (w *response) FlushError() error {
	w.WriteHeader(http.StatusOK)
	w.writeHead(nil)
	return w.out.Flush()
}

// Waited returns how long the server has waited for the rest of the request before
// the call began.
func (w *response) Waited() time.Duration { return w.c.waited }

// SetWriteDeadline is for an http.ResponseController.
func (w *response) SetWriteDeadline(t time.Time) error { return w.c.SetWriteDeadline(t) }

// SetReadDeadline is for an http.ResponseController. There is nothing to wait for:
// the request has come.
func (w *response) SetReadDeadline(time.Time) error { return nil }

// EnableFullDuplex is for an http.ResponseController. The request has come: an
// answer waits for nothing.
func (w *response) EnableFullDuplex() error { return nil }

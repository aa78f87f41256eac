package brisk

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
)

// head is that of a request, as the connection's last one had it. The next one
// mostly differs in its Content-Length alone: then it need not be read again.
type head struct {
	ctx    context.Context // of the connection's requests
	remote string          // its other end

	before, after []byte       // the number of the Content-Length; nil if there was no request
	length        int          // of the body that was measured last
	request       http.Request // without its body
	asks          bool         // whether to send the body
}

const (
	longest    = 2 << 10 // head, for it is kept
	numberSize = 5       // digits of a Content-Length
)

// measure returns how long the request is that in begins with: 0 if that is not to
// be seen yet. It returns false if the request is not for here.
func (h *head) measure(in []byte) (size int, ok bool) {
	if size := h.match(in); size > 0 {
		return size, true
	}
	end := bytes.Index(in, []byte("\r\n\r\n"))
	if end < 0 {
		line := bytes.IndexByte(in, '\n') // a first line without its own end has others like it
		return 0, bytes.HasPrefix(in, post[:min(len(in), len(post))]) && (line < 0 || in[line-1] == '\r')
	}
	if end > longest || !h.learn(in[:end+4]) {
		return 0, false
	}
	size = h.match(in)
	return size, size > 0
}

var post = []byte("POST /")

// match returns how long the request is that in begins with, 0 if its head is not
// like the known one.
func (h *head) match(in []byte) int {
	if h.before == nil || !bytes.HasPrefix(in, h.before) {
		return 0
	}
	rest := in[len(h.before):]
	digits, length := 0, 0
	for digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '9' {
		if digits == numberSize {
			return 0
		}
		length = 10*length + int(rest[digits]-'0')
		digits++
	}
	if length == 0 || !bytes.HasPrefix(rest[digits:], h.after) {
		return 0
	}
	if length != h.length {
		h.length = length
		h.request.Header["Content-Length"] = []string{string(rest[:digits])}
	}
	return len(h.before) + digits + len(h.after) + length
}

// learn reads a head, and returns false if it is not one for here. What net/http
// would refuse never is.
func (h *head) learn(text []byte) bool {
	before, after, ok := split(text)
	if !ok {
		return false
	}
	r, err := http.ReadRequest(bufio.NewReaderSize(bytes.NewReader(text), 1<<10))
	if err != nil || !plain(r) {
		return false
	}
	r = r.WithContext(h.ctx)
	r.RemoteAddr, r.Body = h.remote, nil // the body would keep text, and all it is a part of
	h.before, h.after, h.length, h.request, h.asks = bytes.Clone(before), bytes.Clone(after), 0, *r, r.Header["Expect"] != nil
	return true
}

// plain says whether there is nothing about a request but what clients that POST
// one call after another on a connection say.
func plain(r *http.Request) bool {
	if r.Proto != "HTTP/1.1" || r.Method != http.MethodPost || len(r.TransferEncoding) > 0 || r.Close {
		return false
	}
	for _, name := range []string{"Upgrade", "Trailer", "Transfer-Encoding"} {
		if r.Header[name] != nil {
			return false
		}
	}
	only := func(name, value string) bool {
		return !slices.ContainsFunc(r.Header[name], func(v string) bool { return !strings.EqualFold(v, value) })
	}
	if !only("Connection", "keep-alive") || !only("Expect", "100-continue") {
		return false
	}
	return r.RequestURI[0] == '/' && r.Host != "" && strings.Trim(r.Host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]") == ""
}

// split finds the number of the one Content-Length in a head of lines that nobody
// can read in two ways.
func split(text []byte) (before, after []byte, ok bool) {
	at := bytes.Index(text, []byte("\r\n")) + 2
	if !isPrintable(text[:at-2]) {
		return nil, nil, false
	}
	for at < len(text)-2 {
		line := text[at : at+bytes.Index(text[at:], []byte("\r\n"))]
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || !isName(name) || !isPrintable(value) {
			return nil, nil, false
		}
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if before != nil {
				return nil, nil, false
			}
			start := at + len(name) + 1
			start += len(value) - len(bytes.TrimLeft(value, " "))
			end := start
			for '0' <= text[end] && text[end] <= '9' {
				end++
			}
			before, after = text[:start], text[end:]
		}
		at += len(line) + 2
	}
	return before, after, before != nil
}

func isPrintable(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// isName says whether a header may be called so. There are other names, but no
// client of ours has one.
func isName(name []byte) bool {
	for _, c := range name {
		if c != '-' && (c < '0' || '9' < c) && (c < 'A' || 'Z' < c) && (c < 'a' || 'z' < c) {
			return false
		}
	}
	return len(name) > 0
}

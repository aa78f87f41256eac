package soap

import (
	"errors"
	"net/http"
	"strings"
)

// identify gives a call the id that ties it to its lines in the log: the one a
// trusted proxy has given it, which is answered too, else a new one. Making one
// costs less than answering it, so callers hear of it in faults alone.
func (h *handler) identify(w http.ResponseWriter, r *http.Request, call *call) {
	c := call.caller
	c.Trace, call.parent, call.sampled = traceOf(r.Header["Traceparent"])
	if c.Trace == "" && h.NewTrace != nil {
		c.Trace = h.NewTrace()
		call.sampled = c.Trace != ""
	}
	if len(h.TrustedProxies) > 0 && h.trusted(peer(r)) {
		if id := r.Header.Get("X-Request-Id"); plainID(id) {
			c.RequestID = id
			w.Header()["X-Request-Id"] = []string{id}
			return
		}
	}
	c.RequestID = newRequestID()
}

// plainID tells whether an id may stand in a log.
func plainID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, ch := range []byte(id) {
		switch {
		case 'a' <= ch && ch <= 'z', 'A' <= ch && ch <= 'Z', '0' <= ch && ch <= '9':
		case ch == '-', ch == '_', ch == '.', ch == ':':
		default:
			return false
		}
	}
	return true
}

// traceOf reads a W3C traceparent header: the trace, the caller's span in it and
// whether the trace is recorded. They are empty if there is no good header:
// version-trace-parent-flags, with 2, 32, 16 and 2 digits.
func traceOf(header []string) (trace, parent string, sampled bool) {
	if len(header) != 1 {
		return "", "", false
	}
	s := header[0]
	if len(s) < 55 || s[2] != '-' || s[35] != '-' || s[52] != '-' || s[:2] == "ff" || len(s) > 55 && (s[:2] == "00" || s[55] != '-') {
		return "", "", false
	}
	trace, parent = s[3:35], s[36:52]
	if !hexDigits(s[:2]) || !hexDigits(trace) || !hexDigits(parent) || !hexDigits(s[53:55]) || onlyZeros(trace) || onlyZeros(parent) {
		return "", "", false
	}
	return trace, parent, strings.IndexByte("13579bdf", s[54]) >= 0
}

func onlyZeros(s string) bool { return strings.Trim(s, "0") == "" }

func hexDigits(s string) bool {
	for _, ch := range []byte(s) {
		if (ch < '0' || '9' < ch) && (ch < 'a' || 'f' < ch) {
			return false
		}
	}
	return true
}

// refusedBy names the limit that has kept a call from its method, "" if it was
// its content.
func refusedBy(err error) string {
	var r *refusal
	switch {
	case errors.Is(err, errTooLarge):
		return "size"
	case errors.Is(err, errTooSlow):
		return "time"
	case !errors.As(err, &r):
		return ""
	case r.text == notPermitted:
		return "address"
	case r.kind == faultServer:
		return "busy"
	}
	return ""
}

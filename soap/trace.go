package soap

import (
	"errors"
	"net/http"
)

// identify gives a call the id that ties it to its lines in the log: the one a
// trusted proxy has given it, which is answered too, else a new one. Making one
// costs less than answering it, so callers hear of it in faults alone.
func (h *handler) identify(w http.ResponseWriter, r *http.Request, c *Caller) {
	c.Trace = traceOf(r.Header["Traceparent"])
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

// traceOf is the trace id in a W3C traceparent header, "" if there is no good one:
// version-trace-parent-flags, with 2, 32, 16 and 2 digits.
func traceOf(header []string) string {
	if len(header) != 1 {
		return ""
	}
	s := header[0]
	if len(s) < 55 || s[2] != '-' || s[35] != '-' || s[52] != '-' || s[:2] == "ff" || len(s) > 55 && (s[:2] == "00" || s[55] != '-') {
		return ""
	}
	if !hexDigits(s[:2]) || !hexDigits(s[3:35]) || !hexDigits(s[36:52]) || !hexDigits(s[53:55]) {
		return ""
	}
	if id := s[3:35]; id != "00000000000000000000000000000000" {
		return id
	}
	return ""
}

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

package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// outcome is what became of a request to the collector.
type outcome struct {
	rejected int64  // spans it did not take, of a request it did
	note     string // what it said about that
	err      error
	again    bool          // after an error: another try may help
	wish     time.Duration // how long it wants to be left alone
}

// maxReply is how much of an answer is read.
const maxReply = 64 << 10

// post makes a request to the collector.
func (s *Spans) post(ctx context.Context, body []byte) outcome {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.opts.URL, bytes.NewReader(body))
	if err != nil {
		return outcome{err: err}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "skranke/"+s.opts.Version)
	for name, value := range s.opts.Header {
		r.Header.Set(name, value)
	}
	res, err := s.client.Do(r)
	if err != nil {
		return outcome{err: err, again: true}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxReply)) // to its end, so that the connection is used again
	switch res.StatusCode {
	case http.StatusOK:
		o := outcome{}
		if err == nil {
			o.rejected, o.note = partial(text)
		}
		return o
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return outcome{err: fmt.Errorf("the collector answered %s", res.Status), again: true, wish: s.wish(res.Header.Get("Retry-After"))}
	}
	return outcome{err: fmt.Errorf("the collector answered %s: %s", res.Status, complaint(text))}
}

// Try makes a request without spans, which a collector answers as any other.
func (s *Spans) Try(ctx context.Context) error {
	defer s.client.CloseIdleConnections()
	return s.post(ctx, []byte(`{"resourceSpans":[]}`)).err
}

// wish reads Retry-After: seconds, or a date.
func (s *Spans) wish(text string) time.Duration {
	if n, err := strconv.Atoi(text); err == nil {
		return min(max(time.Duration(n), 0)*time.Second, maxWish)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(s.now()), 0), maxWish)
	}
	return 0
}

// partial reads how many spans an answer says were rejected, and why. A remark
// without any is a warning.
func partial(text []byte) (rejected int64, note string) {
	var answer struct {
		PartialSuccess struct {
			RejectedSpans json.RawMessage // a number, or a number in quotes
			ErrorMessage  string
		}
	}
	if json.Unmarshal(text, &answer) != nil {
		return 0, "" // whatever it says, it took them
	}
	n, err := strconv.ParseInt(strings.Trim(string(answer.PartialSuccess.RejectedSpans), `"`), 10, 64)
	if err != nil || n < 0 {
		n = 0
	}
	note = answer.PartialSuccess.ErrorMessage
	if n > 0 && note == "" {
		note = "no reason"
	}
	return n, short(note)
}

// complaint is the reason in an answer that refuses.
func complaint(text []byte) string {
	var status struct{ Message string }
	if json.Unmarshal(text, &status) == nil && status.Message != "" {
		return short(status.Message)
	}
	return short(string(text))
}

// short cuts a foreign text to what a line in a log bears.
func short(text string) string {
	if len(text) > 200 {
		text = text[:200]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.TrimSpace(strings.ToValidUTF8(text, "?")))
}

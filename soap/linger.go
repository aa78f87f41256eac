package soap

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Most clients send all of a request before they look for the answer. One whose
// request is refused while it comes would find a broken connection and never
// read why. So the rest of it is still taken, and forgotten, within bounds:
const (
	lingerTime   = 30 * time.Second // in all
	lingerBodies = 4                // so many times what a body may have
)

// sends says whether the client, whose request was refused with err, is likely to
// be sending more of it, and not only the little that net/http waits for.
func (c *call) sends(r *http.Request, err error) bool {
	switch {
	case c.body.ended, errors.Is(err, errTooSlow), r.Header.Get("Expect") != "" && c.body.read == 0:
		return false
	case r.ContentLength < 0:
		return true
	}
	rest := r.ContentLength - c.body.read
	return rest > 0 && rest <= lingerBodies*c.h.Limits.Body
}

// refuseReading refuses a request that was not read to its end, or not understood.
func (c *call) refuseReading(ctx context.Context, r *http.Request, err error) {
	if !c.sends(r, err) {
		c.refuse(ctx, err)
		return
	}
	c.control.EnableFullDuplex() // else net/http reads the rest before it answers
	c.answer.w.Header()["Connection"] = []string{"close"}
	c.refuse(ctx, err)
	c.linger(r.Body)
}

// linger takes what still comes, after the answer.
func (c *call) linger(body io.Reader) {
	if c.control.Flush() != nil || !c.h.traffic.startReading(c.lane) {
		return
	}
	defer c.h.traffic.endReading(c.lane)
	chunk := chunks.Get().(*[chunkSize]byte)
	defer chunks.Put(chunk)
	began := time.Now()
	defer func() { c.body.waited += time.Since(began) }()
	end := began.Add(lingerTime)
	for left := lingerBodies * c.h.Limits.Body; left > 0 && time.Now().Before(end); {
		if c.control.SetReadDeadline(time.Now().Add(lingering)) != nil {
			return
		}
		n, err := body.Read(chunk[:])
		if err != nil {
			return
		}
		left -= int64(n)
	}
}

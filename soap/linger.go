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
// read why. So the rest of it is still taken, and forgotten, at the pace a body
// must have, and within bounds:
const (
	lingerTime   = 2 * time.Minute // in all
	lingerBodies = 4               // so many times what a body may have
)

// sends says whether the client, whose request was refused with err, is likely to
// be sending more of it, and not only the little that net/http waits for.
func (c *call) sends(r *http.Request, err error) bool {
	switch {
	case c.body.ended, errors.Is(err, errTooSlow), err == errCrowded, r.Header.Get("Expect") != "" && c.body.read == 0:
		return false
	case r.ContentLength < 0:
		return true
	}
	rest := r.ContentLength - c.body.read
	return rest > 0 && rest <= lingerBodies*c.h.Limits.Body
}

// refuseReading refuses a request that was not read to its end, or not understood.
func (c *call) refuseReading(ctx context.Context, r *http.Request, err error) {
	if !c.sends(r, err) || !c.h.traffic.startLingering(c.lane) {
		c.refuse(ctx, err)
		return
	}
	defer c.h.traffic.endLingering(c.lane)
	c.control.EnableFullDuplex() // else net/http reads the rest before it answers
	c.answer.w.Header()["Connection"] = []string{"close"}
	c.refuse(ctx, err)
	if c.control.Flush() == nil {
		c.linger(r.Body)
	}
}

// linger takes what still comes, after the answer.
func (c *call) linger(src io.Reader) {
	limits, now := &c.h.Limits, time.Now()
	rest := body{
		src: src, control: &c.control, left: lingerBodies * limits.Body, idle: lingering, clock: now,
		until: now.Add(lingerTime), since: now.Add(limits.Grace), rate: limits.Rate,
	}
	chunk := chunks.Get().(*[chunkSize]byte)
	defer chunks.Put(chunk)
	for err := error(nil); err == nil; {
		_, err = rest.Read(chunk[:])
	}
	rest.done(true)
	c.body.waited += time.Since(now)
}

package soap

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

var (
	errTooLarge = errors.New("soap: body too large")
	errTooSlow  = errors.New("soap: body too slow")
)

// body is the request body under limits of size and time.
type body struct {
	src     io.Reader
	control *http.ResponseController
	left    int64 // bytes it may still have
	read    int64
	idle    time.Duration
	until   time.Time // when it must have come as a whole
	since   time.Time // when the grace ends
	rate    int       // bytes a second from then on
	timed   bool      // a read deadline is set
	clock   time.Time // when the last read ended; zero if that was a while ago
	waited  time.Duration
	heavy   chan struct{}
	working bool // it has a place in heavy
	ended   bool // src has said so
}

// heavySize is what makes a body a large one.
const heavySize = 256 << 10

// Read takes a place among the large bodies that are being taken apart, if this
// is one, until the next Read or rest: the processor is there for others, too.
func (b *body) Read(p []byte) (int, error) {
	b.rest()
	n, err := b.next(p)
	if b.read > heavySize {
		b.work()
	}
	return n, err
}

// work waits for a place, unless the body has one.
func (b *body) work() {
	if b.working || b.heavy == nil {
		return
	}
	b.heavy <- struct{}{}
	b.working = true
}

// rest gives the place back.
func (b *body) rest() {
	if b.working {
		<-b.heavy
		b.working = false
		b.clock = time.Time{}
	}
}

// next reads in time, and counts how long it waits for the client.
func (b *body) next(p []byte) (int, error) {
	if b.control == nil {
		return b.take(p)
	}
	// Between the first reads next to nothing is done, so that small calls need no
	// look at the clock before them.
	now := b.clock
	if b.read > declarationSize || now.IsZero() {
		now = time.Now()
	}
	if b.until.Before(now) {
		return 0, errTooSlow
	}
	deadline := now.Add(b.idle)
	if b.until.Before(deadline) {
		deadline = b.until
	}
	if b.rate > 0 {
		due := b.since.Add(time.Duration(float64(b.read) / float64(b.rate) * float64(time.Second)))
		if due.Before(now) {
			return 0, errTooSlow
		}
		if due.Before(deadline) {
			deadline = due
		}
	}
	if b.control.SetReadDeadline(deadline) == nil {
		b.timed = true
	} else {
		b.control = nil
	}
	n, err := b.take(p)
	b.clock = time.Now()
	b.waited += b.clock.Sub(now)
	return n, err
}

func (b *body) take(p []byte) (int, error) {
	n, err := b.src.Read(p)
	b.ended = err == io.EOF
	b.read += int64(n)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLarge
	}
	if err != nil && err != io.EOF && timedOut(err) {
		return n, errTooSlow
	}
	return n, err
}

func timedOut(err error) bool {
	var timeout net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

// lingering is how long the rest of a body may come that nobody reads.
const lingering = 2 * time.Second

// done takes the deadline away, so that it does not end the method's context.
// If some of the body may be unread it leaves a short one: net/http reads the
// rest before it answers.
func (b *body) done(unread bool) {
	switch {
	case !b.timed:
	case unread && !b.ended:
		b.control.SetReadDeadline(time.Now().Add(lingering))
	default:
		b.control.SetReadDeadline(time.Time{})
	}
}

// bounded limits what a compressed body may grow to. To inflate one that has
// grown large is work for which it needs a place.
type bounded struct {
	src  io.Reader
	body *body
	size int64
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	b.body.rest()
	if b.size > heavySize {
		b.body.work()
	}
	n, err := b.src.Read(p)
	if b.size += int64(n); b.size > heavySize {
		b.body.work()
	}
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// errEncoding is a Content-Encoding that is not understood.
var errEncoding = errors.New("soap: unknown content encoding")

// inflate returns the content of src, which the header encoding says how to read.
func inflate(src *body, encoding string, limit int64) (io.Reader, error) {
	if encoding == "" {
		return src, nil
	}
	b := io.Reader(src)
	layers := 0
	names := strings.Split(encoding, ",")
	for i := len(names) - 1; i >= 0; i-- { // the last one named was applied last
		var err error
		switch strings.ToLower(strings.TrimSpace(names[i])) {
		case "", "identity":
			continue
		case "gzip", "x-gzip":
			var z *gzip.Reader
			if z, err = gzip.NewReader(b); err == nil {
				// One member only: a client that gives the length of the plain
				// text as Content-Length would have us wait for another one.
				z.Multistream(false)
				b = z
			}
		case "deflate":
			b, err = inflateEither(b)
		default:
			return nil, errEncoding
		}
		if err != nil {
			return nil, err
		}
		if layers++; layers > 2 {
			return nil, errEncoding
		}
		b = &bounded{src: b, body: src, left: limit}
	}
	return b, nil
}

// inflateEither reads deflate as the standard has it, in a zlib wrapper, or
// without one, as some clients send it.
func inflateEither(b io.Reader) (io.Reader, error) {
	r := bufio.NewReader(b)
	head, err := r.Peek(2)
	if err != nil {
		return nil, err
	}
	if head[0]&0x0F == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		return zlib.NewReader(r)
	}
	return flate.NewReader(r), nil
}

package watch

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"skranke/soap"
)

// SpanOptions say where spans go. URL is needed.
type SpanOptions struct {
	URL      string            // of the collector's traces, path included
	Header   map[string]string // of each request, for those who want a key
	Resource map[string]string // attributes of this installation, such as service.name
	Version  string
	Ratio    float64      // of the traces that begin here, how many are recorded
	Log      *slog.Logger // nil is silent
}

// Spans tells a collector of OpenTelemetry what calls and mails took, each of
// them as one span: OTLP over HTTP, in its JSON encoding. What is told waits in
// a line of a fixed length, so telling never waits for the collector; what finds
// the line full is dropped and counted.
type Spans struct {
	opts   SpanOptions
	log    *slog.Logger
	client *http.Client
	line   chan event
	head   []byte // of each request

	sent, dropped atomic.Int64

	// What follows is Run's.
	pause     time.Duration // how long the collector was left alone at last, 0 if all is well
	notBefore time.Time     // it is to be left alone until then
	failing   bool
	told      time.Time // when the log was last told that it fails
	loud      bool      // and it is to be told when that is over

	now   func() time.Time
	after func(time.Duration) <-chan time.Time
	last  time.Duration // for all that is left at the end
}

const (
	lineLength = 2048
	batchSize  = 512
	batchDelay = 5 * time.Second // that a span may wait for others

	postTime   = 10 * time.Second // that a request may take
	firstPause = time.Second
	maxPause   = 30 * time.Second
	maxWish    = 5 * time.Minute  // that the collector may ask us to wait
	giveUp     = time.Minute      // that a batch is tried again
	quietTime  = 10 * time.Minute // between two lines in the log about the same trouble
)

// SpanFigures is how telling goes.
type SpanFigures struct {
	Sent, Dropped int64
	Waiting       int
}

// NewSpans makes a line for spans. Run brings them to the collector.
func NewSpans(o SpanOptions) *Spans {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 1
	return &Spans{
		opts: o, log: o.Log, head: appendHead(nil, &o), line: make(chan event, lineLength),
		client: &http.Client{
			Transport: transport, Timeout: postTime,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the header is for nobody else
		},
		now: time.Now, after: time.After, last: 5 * time.Second,
	}
}

// NewTrace names a trace that begins here, "" if it is not to be recorded.
func (s *Spans) NewTrace() string {
	if s.opts.Ratio < 1 && rand.Float64() >= s.opts.Ratio {
		return ""
	}
	return newID() + newID()
}

// newID is a span id, or half a trace id. It is never zero.
func newID() string {
	for {
		if n := rand.Uint64(); n != 0 {
			return fmt.Sprintf("%016x", n)
		}
	}
}

// Mail is a try to deliver a mail.
type Mail struct {
	ID       int64
	Start    time.Time
	Duration time.Duration
	Failure  string // a word for how it failed, "" if it did not
}

// event is a call, or a mail.
type event struct {
	call soap.Observation
	mail *Mail
}

// Call tells of a call, if its trace is recorded.
func (s *Spans) Call(o soap.Observation) {
	if o.Trace != "" && o.Sampled {
		s.tell(event{call: o})
	}
}

// Mail tells of a mail; it is a trace of its own.
func (s *Spans) Mail(m Mail) {
	if trace := s.NewTrace(); trace != "" {
		s.tell(event{call: soap.Observation{Trace: trace}, mail: &m})
	}
}

func (s *Spans) tell(e event) {
	select {
	case s.line <- e:
	default:
		s.dropped.Add(1)
	}
}

// Figures counts spans.
func (s *Spans) Figures() SpanFigures {
	return SpanFigures{Sent: s.sent.Load(), Dropped: s.dropped.Load(), Waiting: len(s.line)}
}

// Run brings spans to the collector until ctx ends, then what is left, for a few
// seconds at most.
func (s *Spans) Run(ctx context.Context) {
	defer s.client.CloseIdleConnections()
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(s.last, cancel) })()
	batch := make([]event, 0, batchSize)
	for {
		if batch = s.gather(ctx, batch[:0]); len(batch) > 0 {
			s.deliver(ctx, work, batch)
		}
		if ctx.Err() != nil && len(batch) < batchSize {
			return
		}
	}
}

// gather takes a batch out of the line: it waits for a first span, then a while
// for others. When ctx has ended it takes what there is.
func (s *Spans) gather(ctx context.Context, batch []event) []event {
	var late <-chan time.Time
	for {
		for len(batch) < batchSize && len(s.line) > 0 {
			batch = append(batch, <-s.line)
		}
		if len(batch) == batchSize || ctx.Err() != nil {
			return batch
		}
		if len(batch) > 0 && late == nil {
			late = s.after(batchDelay)
		}
		select {
		case e := <-s.line:
			batch = append(batch, e)
		case <-late:
			return batch
		case <-ctx.Done():
		}
	}
}

// deliver posts a batch, again and again if that may help. After ctx has ended
// it tries once more, as long as work lasts.
func (s *Spans) deliver(ctx, work context.Context, batch []event) {
	body := s.head[:len(s.head):len(s.head)]
	for i := range batch {
		body = appendEvent(body, &batch[i])
	}
	body = append(body, tail...)

	var since time.Time // the first failure
	for {
		stopping := !s.await(ctx)
		if work.Err() != nil {
			break
		}
		o := s.post(work, body)
		if o.err == nil {
			lost := min(o.rejected, int64(len(batch)))
			s.sent.Add(int64(len(batch)) - lost)
			s.dropped.Add(lost)
			s.pause, s.notBefore = 0, time.Time{}
			if o.note == "" {
				s.recovered()
			} else {
				s.trouble("the collector took spans with a remark", "rejected", o.rejected, "remark", o.note)
			}
			return
		}
		now := s.now()
		if since.IsZero() {
			since = now
		}
		if !o.again {
			s.trouble("the collector refused spans, they are dropped", "error", o.err)
			break
		}
		if stopping {
			s.trouble("spans were not delivered before the end", "error", o.err)
			break
		}
		s.trouble("spans cannot be delivered, will try again", "error", o.err)
		s.pause = min(max(2*s.pause, firstPause), maxPause)
		s.notBefore = now.Add(max(s.pause/2+rand.N(s.pause/2), o.wish))
		if now.Sub(since) >= giveUp {
			break
		}
	}
	s.dropped.Add(int64(len(batch)))
}

// await waits until the collector may be asked again. It returns false if ctx
// ended before.
func (s *Spans) await(ctx context.Context) bool {
	wait := s.notBefore.Sub(s.now())
	if ctx.Err() != nil || s.notBefore.IsZero() || wait <= 0 {
		return ctx.Err() == nil
	}
	select {
	case <-s.after(wait):
		return true
	case <-ctx.Done():
		return false
	}
}

// trouble tells the log that spans get lost, or late, when that begins.
func (s *Spans) trouble(text string, args ...any) {
	if s.failing {
		return
	}
	s.failing = true
	if now := s.now(); s.told.IsZero() || now.Sub(s.told) >= quietTime {
		s.told, s.loud = now, true
		s.log.Warn(text, append(args, "collector", s.opts.URL)...)
	}
}

// recovered tells the log that this is over.
func (s *Spans) recovered() {
	if s.loud {
		s.log.Info("spans are delivered again", "dropped_so_far", s.dropped.Load())
	}
	s.failing, s.loud = false, false
}

package soap

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// Options is how ports are served. Only Ports is needed.
type Options struct {
	Ports  []*Port
	Prefix string // of the paths /scripts/... and /soap/...: "" or "/Cust1/CS"

	// PublicURL, without Prefix, is used in every address in a WSDL. If it is
	// empty the address comes from the request: its Host and TLS, and
	// X-Forwarded-Host and X-Forwarded-Proto from one of TrustedProxies.
	PublicURL      string
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed

	// Allow tells whether addr may use the port, its WSDL included. Nil allows all.
	Allow func(ctx context.Context, port string, addr netip.Addr) bool

	// Adopted returns the WSDL to serve at /scripts/SOAP instead of the port's
	// own, or nil. Its own address answers as well, as long as that is not the
	// documented one of another port, and calls there or in its namespace are
	// answered with its names, unless they are in the namespace of the port. If
	// now is not set it is asked for the sake of a call, must not take time, and
	// may answer as it would have a moment ago.
	Adopted func(port string, now bool) *Adopted

	// Guess tells the codes of answers to somebody who does not know a key or a
	// password. Who gets too many of them gets them late: see [Limits.BadCalls].
	Guess func(code string) bool

	Unlimited []netip.Prefix // whom the limits for one address do not concern

	Limits   Limits
	SpoolDir string // for large binary parameters; os.TempDir if empty
	Log      *slog.Logger

	// NewTrace names the distributed trace of a call that names none; "" leaves
	// it without one. Nil leaves all.
	NewTrace func() string

	// Observe is told of each call, refused ones too, after it was answered.
	Observe func(Observation)
}

// Observation is what became of a call.
type Observation struct {
	Port, Op  string // Op is "" if it was not recognised
	Code      string // the errorCode; "" for a fault
	Fault     bool
	Start     time.Time
	Duration  time.Duration
	Waited    time.Duration // for the body to come, a part of Duration
	RequestID string
	BytesIn   int64
	BytesOut  int64
	Trace     string     // as in Caller
	Parent    string     // the caller's span in it, "" if the trace begins here
	Sampled   bool       // the trace is recorded
	Refused   string     // what kept it from its method: address, size, time or busy; else ""
	Stranger  netip.Addr // who was refused for his address, else the zero Addr
}

// Caller is who makes a call.
type Caller struct {
	Addr      netip.Addr // the zero Addr if it has none
	Port, Op  string     // Op is "" as long as it is not recognised
	RequestID string     // of the log
	Trace     string     // the distributed trace it belongs to, "" if it names none
	Secure    bool       // by TLS, here or at a trusted proxy

	late bool // as AnswerLate says
}

type callerKey struct{}

// CallerFrom returns the caller of the call that ctx belongs to.
func CallerFrom(ctx context.Context) Caller {
	if c, ok := ctx.Value(callerKey{}).(*Caller); ok {
		return *c
	}
	return Caller{}
}

// AnswerLate has the answer to the call that ctx belongs to held back by
// [Limits.Penalty], once its method has returned: for calls there was no room
// for, so that who makes them again does not take the room of others by that.
func AnswerLate(ctx context.Context) {
	if c, ok := ctx.Value(callerKey{}).(*Caller); ok {
		c.late = true
	}
}

// callContext is the context of a call; it knows the caller.
type callContext struct {
	context.Context
	caller Caller
}

func (c *callContext) Value(key any) any {
	if key == (callerKey{}) {
		return &c.caller
	}
	return c.Context.Value(key)
}

type handler struct {
	Options
	prefix  string
	tables  []*portTable
	log     *slog.Logger
	traffic *traffic
}

// NewHandler serves o.Ports:
//
//	/scripts/SOAP?action=PORT  calls, and on GET the RPC/encoded WSDL
//	/soap/PORT                 calls, and on GET the document/literal WSDL
//	/soap/PORT/rpc             calls, and on GET the RPC/encoded WSDL
//
// SOAP may also be soap.exe or soap.fcgi; neither case nor doubled slashes matter.
// The address in an adopted WSDL leads to its port, too. It panics if a port is
// not complete.
func NewHandler(o Options) http.Handler {
	h := &handler{Options: o, prefix: strings.TrimSuffix(o.Prefix, "/"), log: o.Log}
	h.Limits = h.Limits.withDefaults()
	h.traffic = newTraffic(&h.Limits, o.Unlimited)
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	for _, p := range o.Ports {
		if h.port(p.Name) != nil {
			panic("soap: two ports called " + p.Name)
		}
		h.tables = append(h.tables, newTable(p))
	}
	return h
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := h.locate(r)
	switch r.Method {
	case http.MethodPost:
	case http.MethodGet, http.MethodHead:
		h.serveWSDL(w, r, at)
		return
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		writeFault(w, http.StatusMethodNotAllowed, "method not allowed: calls are POSTed, a GET answers the WSDL")
		return
	}
	if at.table == nil {
		writeFault(w, http.StatusNotFound, h.missing(at))
		return
	}
	h.serveCall(w, r, at)
}

// missing explains why there is nothing at an address.
func (h *handler) missing(at place) string {
	if !at.found {
		return "there is no SOAP port at this address"
	}
	return "unknown port: the address must name one, as in /scripts/SOAP?action=PORT or /soap/PORT"
}

// newAnswer is the answer to a request that is no call.
func newAnswer(w http.ResponseWriter) answer {
	return answer{w: w, control: http.NewResponseController(w), idle: Limits{}.withDefaults().IdleTimeout}
}

const notPermitted = "address not permitted"

// writeFault answers a SOAP 1.1 fault to a request that is no call yet.
func writeFault(w http.ResponseWriter, status int, text string) {
	a := newAnswer(w)
	a.fault(faultClient, text)
	a.finish(status)
}

func (h *handler) serveWSDL(w http.ResponseWriter, r *http.Request, at place) {
	if at.table == nil {
		writeFault(w, http.StatusNotFound, h.missing(at))
		return
	}
	addr, _ := h.caller(r)
	if h.Allow != nil && !h.Allow(r.Context(), at.table.Name, addr) {
		writeFault(w, http.StatusForbidden, notPermitted)
		return
	}
	a := newAnswer(w)
	if at.old() {
		at.adoption = h.adoption(at.table, true)
	}
	address := h.base(r) + h.prefix + at.path()
	if at.adoption == nil {
		a.buf = at.table.wsdl[at.style].append(nil, address)
		a.finish(http.StatusOK)
		return
	}
	if at.adoption.path != "" {
		address = h.base(r) + at.adoption.path
	}
	a.buf = at.adoption.wsdl.append(nil, address)
	a.finish(http.StatusOK)
}

// call is one call on its way. Those that have ended serve for others, but for
// what methods may hold on to: the context with the caller.
type call struct {
	h        *handler
	table    *portTable
	style    Style     // of the address
	adoption *adoption // whose address it is, or nil
	ctx      *callContext
	caller   *Caller // in ctx
	start    time.Time
	doc      *document
	parts    []*member // of the answer
	lane     *lane
	body     body
	answer   answer
	control  http.ResponseController
	code     string
	faulted  bool
	refused  string // as in Observation
	parent   string // as in Observation
	sampled  bool   // as in Observation
}

// newRequestID returns what ties a fault to its lines in the log. It is no secret.
func newRequestID() string {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], rand.Uint64())
	return hex.EncodeToString(raw[:])
}

var calls = sync.Pool{New: func() any { return &call{answer: answer{buf: make([]byte, 0, 8<<10)}} }}

// recycle lets the call serve for another one, unless it has grown large.
func (c *call) recycle() {
	buf := c.answer.buf[:0]
	if cap(buf) > 2*flushSize {
		return
	}
	*c = call{answer: answer{buf: buf}}
	calls.Put(c)
}

func (h *handler) serveCall(w http.ResponseWriter, r *http.Request, at place) {
	c := calls.Get().(*call)
	c.h, c.table, c.style, c.adoption, c.start = h, at.table, at.style, at.adoption, time.Now()
	if server, ok := w.(interface{ Waited() time.Duration }); ok { // it has read the body
		c.start = c.start.Add(-server.Waited())
	}
	c.ctx = &callContext{Context: r.Context()}
	c.caller = &c.ctx.caller
	c.caller.Addr, c.caller.Secure = h.caller(r)
	c.caller.Port = at.table.Name
	h.identify(w, r, c)
	c.control = *http.NewResponseController(w)
	c.answer.w, c.answer.control, c.answer.idle = w, &c.control, h.Limits.IdleTimeout

	c.lane = h.traffic.arrive(c.caller.Addr)
	defer h.traffic.leave(c.lane)

	c.serve(r)
	if h.Observe != nil {
		h.Observe(c.observation())
	}
	c.recycle()
}

// observation is what became of the call.
func (c *call) observation() Observation {
	o := Observation{
		Port: c.caller.Port, Op: c.caller.Op, Code: c.code, Fault: c.faulted, Start: c.start, Duration: time.Since(c.start), Waited: c.body.waited,
		Trace: c.caller.Trace, Parent: c.parent, Sampled: c.sampled, Refused: c.refused, RequestID: c.caller.RequestID, BytesIn: c.body.read, BytesOut: c.answer.sent,
	}
	if c.lane == c.h.traffic.strangers {
		o.Stranger = c.caller.Addr
	}
	return o
}

// serve performs the call and sends the answer.
func (c *call) serve(r *http.Request) {
	ctx := c.ctx
	defer c.recover(ctx)
	media, charset := contentType(r.Header.Get("Content-Type"))
	c.answer.soap12 = media == "application/soap+xml"
	if h := c.h; h.Allow != nil && !h.Allow(ctx, c.table.Name, c.caller.Addr) {
		c.lane = h.traffic.strangers
		c.refuse(ctx, &refusal{faultClient, notPermitted})
		return
	}
	if strings.HasPrefix(media, "multipart/") {
		c.refuseReading(ctx, r, refuse("multipart messages (MTOM, SOAP with Attachments) are not supported: send binary content as base64 in the message"))
		return
	}
	d := documents.Get().(*document)
	d.reset(c.table, c.h.Limits, c.h.SpoolDir, c.h.traffic, c.lane)
	c.doc = d
	defer c.release()
	if err := c.read(r, charset); err != nil {
		c.answer.soap12 = d.soap12 || c.answer.soap12 && len(d.nodes) == 0
		c.refuseReading(ctx, r, err)
		return
	}
	c.caller.Op = d.op.name
	c.setManner()
	in, v := d.op.make()
	if err := d.bind(v); err != nil {
		c.refuse(ctx, err)
		return
	}
	c.perform(ctx, in)
}

// release gives back what reading the call has taken.
func (c *call) release() {
	if c.doc != nil {
		c.doc.release()
		c.doc = nil
	}
}

// recover turns a panic into a fault. To be deferred.
func (c *call) recover(ctx context.Context) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	c.h.log.ErrorContext(ctx, "panic in a SOAP call", "port", c.caller.Port, "op", c.caller.Op,
		"request", c.caller.RequestID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if c.answer.started {
		panic(http.ErrAbortHandler)
	}
	c.fault(faultServer, "internal error")
}

// read reads and parses the body.
func (c *call) read(r *http.Request, charset string) error {
	limits := &c.h.Limits
	if !c.h.traffic.startReading(c.lane) {
		return errCrowded
	}
	defer c.h.traffic.endReading(c.lane)
	c.body = body{
		src: r.Body, control: &c.control, left: limits.Body, idle: limits.IdleTimeout,
		until: c.start.Add(limits.ReadTimeout), since: c.start.Add(limits.Grace), rate: limits.Rate, heavy: c.h.traffic.heavy, clock: c.start,
	}
	defer c.body.rest()
	if r.ContentLength > limits.Body {
		return errTooLarge
	}
	defer func() { c.body.done(r.ContentLength < 0 || c.body.read < r.ContentLength) }()
	src, err := inflate(&c.body, r.Header.Get("Content-Encoding"), limits.Body)
	if err != nil {
		return err
	}
	length := r.ContentLength
	if src != &c.body { // that of what is inflated is not known
		length = -1
	}
	err = c.doc.take(src, charset, length)
	if err == nil && r.ContentLength < 0 && !c.body.ended {
		c.body.Read(make([]byte, 64)) // the end of a chunked body stands behind that of a compressed message
	}
	if err == nil && r.ContentLength > c.body.read {
		// The message is whole, but the body is not: a client has compressed it
		// and given the length it had before. The rest will never come.
		c.answer.w.Header()["Connection"] = []string{"close"}
	}
	return err
}

// setManner decides how the answer is written: as the call was.
func (c *call) setManner() {
	d := c.doc
	n := &d.nodes[d.wrapper]
	m := manner{soap12: d.soap12, space: n.space, types: n.space, wrapper: d.op.name}
	if name := d.bytes(n.name); string(name) != m.wrapper {
		m.wrapper = string(name)
	}
	if m.types == "" {
		m.types = c.table.Namespace
	}
	c.parts = d.op.answer
	if m.space != c.table.Namespace {
		c.adopt(m.space)
	}
	typed, inSpace := false, false
	for at := n.first; at != none; at = d.nodes[at].sibling {
		typed = typed || d.nodes[at].typed
		inSpace = inSpace || d.nodes[at].space != ""
	}
	switch {
	case d.encoded:
		m.encoded = true
	case inSpace:
		m.qualified = true
	case typed:
		m.encoded = true
	case n.first == none: // a call without parameters does not show its style
		m.encoded, m.qualified = c.style == RPC, c.style == Document
	}
	c.answer.manner = m
}

// adopt has the call answered as the adopted WSDL declares, if it is in the
// namespace of that or at its address.
func (c *call) adopt(space string) {
	a := c.adoption
	if a == nil {
		a = c.h.adoption(c.table, false)
		if a == nil || space != a.wsdl.Namespace && space != a.wsdl.space {
			return
		}
	}
	c.style = a.wsdl.Style
	if parts, ok := a.answers[c.doc.op]; ok {
		c.parts = parts
	}
}

// perform calls the method and writes what it answered.
func (c *call) perform(ctx context.Context, in any) {
	op := c.doc.op
	if err := c.h.traffic.start(ctx, c.lane); err != nil {
		c.refuse(ctx, err)
		return
	}
	out, err := c.callMethod(ctx, op, in)
	streams, failed := openStreams(c.parts, out)
	defer func() {
		for _, s := range streams {
			s.Close()
		}
	}()
	if err == nil && failed != nil {
		err, out = failed, reflect.New(out.Type()).Elem()
	}
	if !c.settle(ctx, op, err) {
		return
	}
	if c.caller.late {
		c.hold(ctx)
	} else if c.h.Guess != nil && c.h.Guess(c.code) {
		c.punish(ctx)
	}
	err = c.write(out, streams)
	if err == nil {
		c.answer.finish(http.StatusOK)
		return
	}
	c.h.log.ErrorContext(ctx, "reading the content of a SOAP answer", "port", c.caller.Port, "op", op.name,
		"request", c.caller.RequestID, "error", err)
	if c.answer.started {
		panic(http.ErrAbortHandler) // a short answer must not look like a whole one
	}
	if c.settle(ctx, op, err) {
		c.write(reflect.New(out.Type()).Elem(), nil)
		c.answer.finish(http.StatusOK)
	}
}

// callMethod calls the method; it is the call's turn.
func (c *call) callMethod(ctx context.Context, op *Op, in any) (reflect.Value, error) {
	defer c.h.traffic.end(c.lane)
	return op.call(ctx, in)
}

// settle asks the port for the code of err; it answers a fault and returns
// false if it is to be one.
func (c *call) settle(ctx context.Context, op *Op, err error) bool {
	fault := faultIn(err)
	if fault == nil {
		c.code, fault = c.table.Code(ctx, op.name, err)
	}
	if fault == nil {
		return true
	}
	kind := faultServer
	if fault.Client {
		kind = faultClient
	}
	c.fault(kind, fault.Text)
	return false
}

// faultIn returns the fault that err is, or nil.
func faultIn(err error) *Fault {
	if err == nil {
		return nil
	}
	var fault *Fault
	errors.As(err, &fault)
	return fault
}

// openStreams opens the streams of an answer of these parts, in order. What was
// opened is returned even with an error.
func openStreams(parts []*member, out reflect.Value) ([]io.ReadCloser, error) {
	var streams []io.ReadCloser
	for _, m := range parts {
		if m.typ.kind != kindStream {
			continue
		}
		s := field(out, m).Addr().Interface().(*Stream)
		if s.Open == nil {
			streams = append(streams, http.NoBody)
			continue
		}
		content, err := s.Open()
		if err != nil {
			return streams, err
		}
		streams = append(streams, content)
	}
	return streams, nil
}

// write writes the whole envelope.
func (c *call) write(out reflect.Value, streams []io.ReadCloser) error {
	a := &c.answer
	a.buf = a.buf[:0]
	a.begin()
	a.open()
	for _, m := range c.parts {
		if m.index == nil {
			a.text(m, c.code)
			continue
		}
		if m.typ.kind != kindStream {
			a.value(m, field(out, m))
			continue
		}
		var src io.Reader
		if len(streams) > 0 {
			src, streams = streams[0], streams[1:]
		}
		if err := a.stream(m, src); err != nil {
			return err
		}
	}
	a.close()
	return nil
}

// punish holds the answer to a bad call back if its address has made too many.
func (c *call) punish(ctx context.Context) {
	c.release()
	if c.h.traffic.isBad(c.lane) {
		c.hold(ctx)
	}
}

// hold holds the answer back.
func (c *call) hold(ctx context.Context) {
	c.release()
	if !c.h.traffic.hold(ctx) {
		c.answer.w.Header()["Connection"] = []string{"close"}
	}
}

// refuse answers a request that reaches no method.
func (c *call) refuse(ctx context.Context, err error) {
	var spool *errSpool
	if errors.As(err, &spool) {
		c.unkept(ctx, err)
		return
	}
	c.refused = refusedBy(err)
	if err == errBusy || err == errCrowded {
		c.answer.w.Header()["Retry-After"] = []string{"5"}
	} else {
		c.punish(ctx)
	}
	var r *refusal
	if errors.As(err, &r) {
		c.fault(r.kind, r.text)
		return
	}
	if m, ok := readProblem(err); ok {
		c.fault(faultClient, m.Error())
		return
	}
	switch {
	case errors.Is(err, errTooLarge):
		c.answer.w.Header().Set("Connection", "close")
		c.fault(faultClient, fmt.Sprintf("the request is larger than %d bytes", c.h.Limits.Body))
	case errors.Is(err, errTooSlow):
		c.answer.w.Header().Set("Connection", "close")
		c.fault(faultClient, "the request came too slowly")
	case errors.Is(err, errEncoding):
		c.fault(faultClient, "unknown Content-Encoding: gzip and deflate are understood")
	default: // a broken connection or broken compression
		c.fault(faultClient, "the request could not be read to its end")
	}
}

// fault answers a SOAP fault.
func (c *call) fault(kind faultKind, text string) {
	c.faulted, c.code = true, ""
	c.answer.w.Header()["X-Request-Id"] = []string{c.caller.RequestID}
	c.answer.fault(kind, text)
	c.answer.finish(http.StatusInternalServerError)
}

package soap

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"unsafe"
)

const (
	envelope11 = "http://schemas.xmlsoap.org/soap/envelope/"
	envelope12 = "http://www.w3.org/2003/05/soap-envelope"
	encoding11 = "http://schemas.xmlsoap.org/soap/encoding/"
	encoding12 = "http://www.w3.org/2003/05/soap-encoding"
	schema     = "http://www.w3.org/2001/XMLSchema"
	instance   = "http://www.w3.org/2001/XMLSchema-instance"
)

// span is a piece of document.arena.
type span struct{ from, to uint32 }

func (s span) empty() bool { return s.from == s.to }

const none = int32(-1)

// node is an element of the Body.
type node struct {
	name, text, href     span
	space                string
	at                   uint32 // where its tag begins in the document
	first, last, sibling int32
	blob, raw            int32 // in document.blobs and document.raws
	nested               bool  // it has child elements, its text is forgotten
	null                 bool
	base64               bool // its xsi:type says so
	typed                bool // it has an xsi:type
}

type identifier struct {
	name span
	node int32
}

// faultKind is what a request is refused for, in the words of SOAP 1.1.
type faultKind uint8

const (
	faultClient faultKind = iota
	faultServer
	faultVersion
	faultUnderstand
)

// refusal is a request that the engine does not pass on.
type refusal struct {
	kind faultKind
	text string
}

func (r *refusal) Error() string { return r.text }

func refuse(format string, args ...any) error {
	return &refusal{faultClient, fmt.Sprintf(format, args...)}
}

// document is one request as a tree. It is reused; nothing in it survives the
// call but what the binder has copied.
type document struct {
	rd     reader
	head   headReader
	limits Limits
	port   *portTable
	dir    string

	nodes []node
	stack []int32
	arena []byte
	ids   []identifier
	blobs []*Blob
	raws  []*os.File
	held  int64 // bytes of text in memory

	traffic  *traffic
	lane     *lane
	reserved int64 // of the memory there is for all
	spooled  int64 // of the disk

	soap12   bool
	encoded  bool // an encodingStyle on Envelope, Body or wrapper
	op       *Op
	wrapper  int32
	body     bool
	inHeader bool
	skipped  int // depth of the element whose content is not wanted, or 0

	// For take.
	whole []byte // the request
	texts []span // in whole
	names uint32 // so much of arena is names, not texts

	// The binder's.
	shared string // the texts in arena, if it is small
	budget int
	copied int64
	bound  []int32
	sorted bool // ids are
}

var documents = sync.Pool{New: func() any { return new(document) }}

func (d *document) reset(port *portTable, l Limits, dir string, t *traffic, ln *lane) {
	d.limits, d.port, d.dir, d.traffic, d.lane = l, port, dir, t, ln
	d.nodes, d.stack, d.arena, d.ids = d.nodes[:0], d.stack[:0], d.arena[:0], d.ids[:0]
	d.held, d.soap12, d.encoded, d.op, d.wrapper = 0, false, false, nil, none
	d.body, d.inHeader, d.skipped, d.names = false, false, 0, 0
	d.shared, d.budget, d.copied, d.bound, d.sorted = "", l.Elements, 0, d.bound[:0], false
}

// release removes what the call spooled and makes d free for another one.
func (d *document) release() {
	for i, b := range d.blobs {
		b.discard()
		d.blobs[i] = nil
	}
	for i, f := range d.raws {
		f.Close()
		os.Remove(f.Name())
		d.raws[i] = nil
	}
	d.blobs, d.raws = d.blobs[:0], d.raws[:0]
	if d.reserved > 0 || d.spooled > 0 {
		d.traffic.giveBack(d.lane, d.reserved, d.spooled)
	}
	d.reserved, d.spooled, d.traffic, d.lane = 0, 0, nil, nil
	if cap(d.arena) > 1<<20 || cap(d.nodes) > 1<<13 {
		return // a rare giant; let it go
	}
	clear(d.nodes) // they hold names of namespaces
	d.rd.src, d.head.rest, d.op, d.port, d.shared = nil, nil, nil, nil, ""
	documents.Put(d)
}

// errBusy is a large request that there is no memory for at the moment.
var errBusy error = &refusal{faultServer, "the server is reading too many large requests at once: try again"}

const (
	unweighed = 64 << 10  // bytes a request may hold without a reservation
	portion   = 256 << 10 // bytes that are reserved at a time
)

// weigh reserves memory for what the request holds by now. Nobody needs a
// session to send a large request, and a compressed one costs him nothing: many
// at once must not take all the memory there is.
func (d *document) weigh() error {
	holds := int64(len(d.arena)) + int64(len(d.nodes))*int64(unsafe.Sizeof(node{}))
	if holds <= d.reserved+unweighed {
		return nil
	}
	more := max(holds-d.reserved, portion)
	if !d.traffic.reserve(d.lane, more, 0) {
		return errBusy
	}
	d.reserved += more
	return nil
}

// spoolMore reserves disk for bytes that are about to be written.
func (d *document) spoolMore(bytes int) error {
	if !d.traffic.reserve(d.lane, 0, int64(bytes)) {
		return errBusy
	}
	d.spooled += int64(bytes)
	return nil
}

// str is the text of s. Strings of a small request share one allocation.
func (d *document) str(s span) string {
	if s.empty() {
		return ""
	}
	if len(d.arena) > 4096 {
		return string(d.arena[s.from:s.to])
	}
	if d.shared == "" {
		d.shared = string(d.arena[d.names:])
	}
	return d.shared[s.from-d.names : s.to-d.names]
}

func (d *document) bytes(s span) []byte { return d.arena[s.from:s.to] }

func (d *document) keep(b []byte) span {
	from := uint32(len(d.arena))
	d.arena = append(d.arena, b...)
	return span{from, uint32(len(d.arena))}
}

// parse reads the request in src, whose Content-Type names charset.
func (d *document) parse(src io.Reader, charset string) error {
	text, err := d.head.utf8Source(src, charset)
	if err != nil {
		return err
	}
	d.rd.reset(text, d.limits, d.port.known)
	for {
		if b := d.blob(); b != nil {
			take := func(p []byte) (int, error) {
				n, err := b.take(p)
				return n, spoolProblem(err)
			}
			if err := d.rd.drain(take); err != nil {
				return err
			}
		}
		t, err := d.rd.next()
		if err != nil {
			return err
		}
		switch t {
		case tokenStart:
			err = d.start()
		case tokenText:
			err = d.textPiece(d.rd.text)
		case tokenClose:
			err = d.close()
		case tokenEnd:
			return d.complete()
		}
		if err != nil {
			return err
		}
	}
}

// blob is what the text of the innermost element is decoded into, or nil.
func (d *document) blob() *Blob {
	if len(d.blobs) == 0 || len(d.stack) == 0 {
		return nil
	}
	n := &d.nodes[d.stack[len(d.stack)-1]]
	if n.blob == none || n.nested {
		return nil
	}
	return d.blobs[n.blob]
}

// complete checks that a whole call has been read.
func (d *document) complete() error {
	switch {
	case !d.body:
		return refuse("the Envelope has no Body")
	case len(d.nodes) == 0:
		return refuse("the Body is empty: it must hold the call of an operation")
	case d.op == nil:
		return refuse("unknown operation %s", quoted(string(d.bytes(d.nodes[0].name))))
	}
	return nil
}

// start takes a start tag. Depth 1 is the Envelope, 2 Header and Body (or what
// stands beside them), 3 the wrapper and what references lead to.
func (d *document) start() error {
	r := &d.rd
	switch depth := r.depth(); {
	case d.skipped > 0:
		return nil
	case depth == 1:
		return d.startEnvelope()
	case depth == 2:
		switch {
		case string(r.local) == "Body":
			if d.body {
				return refuse("the Envelope has two Bodies")
			}
			d.body = true
			d.noteEncoding()
			return nil
		case string(r.local) == "Header":
			d.inHeader = true
			return nil
		case !d.body:
			return refuse("the Envelope has an element %s that is neither Header nor Body", quoted(string(r.local)))
		}
	case d.inHeader:
		d.skipped = depth
		return d.header()
	}
	return d.startNode()
}

func (d *document) startEnvelope() error {
	r := &d.rd
	if string(r.local) != "Envelope" {
		return refuse("this is not a SOAP message: its root element is %s, not Envelope", quoted(string(r.local)))
	}
	switch r.space {
	case envelope11:
	case envelope12:
		d.soap12 = true
	default:
		return &refusal{faultVersion, "the namespace of the Envelope is neither that of SOAP 1.1 nor of SOAP 1.2"}
	}
	d.noteEncoding()
	return nil
}

// noteEncoding looks for an encodingStyle that claims an encoding.
func (d *document) noteEncoding() {
	for i := range d.rd.attrs {
		a := &d.rd.attrs[i]
		if string(a.local) == "encodingStyle" && len(a.value) > 0 && !bytes.HasSuffix(a.value, []byte("/none")) {
			d.encoded = true
		}
	}
}

// header refuses a header block that must be understood here.
func (d *document) header() error {
	r := &d.rd
	must, mine := false, true
	for i := range r.attrs {
		a := &r.attrs[i]
		switch string(a.local) {
		case "mustUnderstand":
			v := string(bytes.TrimSpace(a.value))
			must = v == "1" || v == "true"
		case "actor", "role":
			switch string(bytes.TrimSpace(a.value)) {
			case "", "http://schemas.xmlsoap.org/soap/actor/next",
				envelope12 + "/role/next", envelope12 + "/role/ultimateReceiver":
			default:
				mine = false
			}
		}
	}
	if must && mine {
		return &refusal{faultUnderstand, "the header " + quoted(string(r.local)) + " must be understood, but is not"}
	}
	return nil
}

// startNode takes an element below the Body, or beside it.
func (d *document) startNode() error {
	r := &d.rd
	if int64(len(d.arena))+int64(len(r.local)) > d.limits.Text*3 {
		return refuse("the request is too large")
	}
	n := node{name: d.keep(r.local), space: r.space, at: uint32(r.tagAt), first: none, last: none, sibling: none, blob: none, raw: none}
	at := int32(len(d.nodes))
	if r.depth() == 3 && d.op == nil {
		if d.op = d.port.lookup(r.local); d.op != nil {
			d.wrapper = at
			d.noteEncoding()
		}
	}
	for i := range r.attrs {
		a := &r.attrs[i]
		switch string(a.local) {
		case "href":
			if len(a.prefix) == 0 {
				n.href = d.keep(a.value)
			}
		case "ref":
			if space := r.attributeSpace(a); space == encoding12 || space == "" {
				n.href = d.keep(a.value)
			}
		case "id":
			if space := r.attributeSpace(a); space == encoding12 || space == "" || space == xmlNamespace {
				d.ids = append(d.ids, identifier{d.keep(a.value), at})
			}
		case "nil", "null":
			if len(a.prefix) > 0 {
				v := bytes.TrimSpace(a.value)
				n.null = string(v) == "1" || bytes.EqualFold(v, []byte("true"))
			}
		case "type":
			if len(a.prefix) == 0 || r.attributeSpace(a) == xmlNamespace {
				break
			}
			// The prefix in the value may be undeclared: only what follows it counts.
			n.typed = true
			v := bytes.TrimSpace(a.value[bytes.IndexByte(a.value, ':')+1:])
			n.base64 = equalFold(v, "base64Binary") || equalFold(v, "base64")
		}
	}
	n.text = span{uint32(len(d.arena)), uint32(len(d.arena))}

	parent := none
	if len(d.stack) > 0 {
		parent = d.stack[len(d.stack)-1]
		p := &d.nodes[parent]
		if !p.nested {
			p.nested = true
			d.held -= int64(p.text.to - p.text.from)
			p.text = span{}
		}
		if p.first == none {
			p.first = at
		} else {
			d.nodes[p.last].sibling = at
		}
		p.last = at
	}
	if parent == d.wrapper && parent != none && d.op.blobs && n.href.empty() && !n.null {
		d.spool(&n)
	}
	d.nodes = append(d.nodes, n)
	d.stack = append(d.stack, at)
	return d.weigh()
}

// spool gives n a blob to decode its text into, if it is called like a part
// that wants one. Repetitions beyond the number of parts get none.
func (d *document) spool(n *node) {
	if len(d.blobs) >= len(d.op.in) {
		return
	}
	for _, m := range d.op.in {
		if m.typ.kind == kindBlob && m.called(d.bytes(n.name)) {
			n.blob = int32(len(d.blobs))
			d.blobs = append(d.blobs, &Blob{dir: d.dir, reserve: d.spoolMore, places: d.traffic.spooling})
			return
		}
	}
}

// textPiece takes a piece of the text of the innermost element.
func (d *document) textPiece(p []byte) error {
	if d.skipped > 0 {
		return nil
	}
	if len(d.stack) == 0 {
		if len(bytes.TrimSpace(p)) > 0 {
			return refuse("text where only elements may stand in a SOAP message")
		}
		return nil
	}
	n := &d.nodes[d.stack[len(d.stack)-1]]
	switch {
	case n.nested:
		return nil
	case n.blob != none:
		return spoolProblem(d.blobs[n.blob].write(p))
	case n.raw != none:
		if err := d.spoolMore(len(p)); err != nil {
			return err
		}
		_, err := d.raws[n.raw].Write(p)
		return spoolProblem(err)
	}
	// A long text of an element that may turn out to be a blob, because it is
	// bound by its position or through a reference, waits in a file.
	size := int64(n.text.to-n.text.from) + int64(len(p))
	if size > spoolSize && d.mayBeBlob() {
		if err := d.spoolMore(int(size)); err != nil {
			return err
		}
		f, err := os.CreateTemp(d.dir, "soap-*.text")
		if err != nil {
			return spoolProblem(err)
		}
		n.raw = int32(len(d.raws))
		d.raws = append(d.raws, f)
		if _, err := f.Write(d.bytes(n.text)); err != nil {
			return spoolProblem(err)
		}
		d.held -= int64(n.text.to - n.text.from)
		d.arena = d.arena[:n.text.from]
		n.text = span{}
		_, err = f.Write(p)
		return spoolProblem(err)
	}
	d.held += int64(len(p))
	if size > d.limits.Text {
		return refuse("the text of %s is larger than %d bytes", quoted(string(d.bytes(n.name))), d.limits.Text)
	}
	if d.held > 2*d.limits.Text {
		return refuse("the texts of the request are larger than %d bytes together", 2*d.limits.Text)
	}
	if n.text.empty() {
		n.text.from = uint32(len(d.arena))
	}
	d.arena = append(d.arena, p...)
	n.text.to = uint32(len(d.arena))
	return d.weigh()
}

// mayBeBlob tells whether the innermost element stands where a blob may be bound
// although its name does not say so.
func (d *document) mayBeBlob() bool {
	if len(d.raws) >= 16 {
		return false
	}
	switch {
	case len(d.stack) == 1: // beside the wrapper: a reference may lead here
		return d.op == nil || d.op.blobs
	case len(d.stack) == 2 && d.stack[0] == d.wrapper && d.op.blobs:
		name := d.bytes(d.nodes[d.stack[1]].name)
		for _, m := range d.op.in {
			if m.called(name) {
				return false
			}
		}
		return true
	}
	return false
}

func (d *document) close() error {
	depth := d.rd.depth() + 1 // of the element that was closed
	switch {
	case d.skipped > 0:
		if depth == d.skipped {
			d.skipped = 0
		}
		return nil
	case len(d.stack) == 0:
		d.inHeader = false
		return nil
	}
	n := &d.nodes[d.stack[len(d.stack)-1]]
	d.stack = d.stack[:len(d.stack)-1]
	if n.nested {
		return nil
	}
	if n.blob != none {
		return spoolProblem(d.blobs[n.blob].finish())
	}
	return nil
}

// errSpool hides from the caller why the server could not keep a large text.
type errSpool struct{ err error }

func (e *errSpool) Error() string { return "soap: spooling a large parameter: " + e.err.Error() }
func (e *errSpool) Unwrap() error { return e.err }

func spoolProblem(err error) error {
	if err == nil || err == errBusy {
		return err
	}
	return &errSpool{err}
}

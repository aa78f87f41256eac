package soap

import (
	"bytes"
	"hash/maphash"
	"io"
	"sync/atomic"
)

// A form is what the requests of a client program have in common: it sends all
// calls of a method as the same bytes but for the texts in them. Where the bytes
// are the same, so is the tree: a request of a known form is not parsed again.
// A form holds nothing of the texts it was learned with.
type form struct {
	sum      uint64
	charset  string   // of the Content-Type
	literals []string // the bytes before, between and behind the texts
	texts    []int32  // the nodes the texts belong to

	// What parsing finds beside the texts.
	nodes   []node
	ids     []identifier
	arena   []byte
	soap12  bool
	encoded bool
	op      *Op
	wrapper int32
}

// What is worth a form: calls are small, files and long messages are not.
const (
	formSize  = 8 << 10 // bytes of a request
	formNodes = 128
	formSets  = 64 // of two forms each
)

// forms are those of a port that were met lately. Callers make up what they
// send, so a form costs little until the same one comes again, and there are
// only so many.
type forms struct {
	seed maphash.Seed
	sets [formSets]struct {
		known [2]atomic.Pointer[form]
		once  atomic.Uint64 // the request met last that had no form
	}
}

// find returns the form of that sum, nil if it is not known.
func (fs *forms) find(sum uint64) *form {
	set := &fs.sets[sum%formSets]
	for i := range set.known {
		if f := set.known[i].Load(); f != nil && f.sum == sum {
			return f
		}
	}
	return nil
}

// learn keeps the form of d, which was parsed from request, if it is the second
// one of it.
func (fs *forms) learn(sum uint64, d *document, request []byte, charset string) {
	set := &fs.sets[sum%formSets]
	if set.once.Swap(sum) != sum {
		return
	}
	if f := d.form(request, charset); f != nil {
		f.sum = sum
		set.known[1].Store(set.known[0].Load())
		set.known[0].Store(f)
	}
}

// sum tells requests apart by their tags and the white space between them.
func (fs *forms) sum(request []byte) uint64 {
	const prime = 1099511628211
	sum := uint64(0)
	for {
		i := bytes.IndexByte(request, '<')
		if i < 0 {
			return sum
		}
		if i == 0 || !isSpace(request[0]) {
			request = request[i:]
		}
		n := bytes.IndexByte(request, '>') + 1
		if n == 0 {
			return sum
		}
		sum = sum*prime ^ maphash.Bytes(fs.seed, request[:n])
		request = request[n:]
	}
}

// take reads the request in src, whose Content-Type names charset, and which has
// that length, or less than 0 if that is not known.
func (d *document) take(src io.Reader, charset string, length int64) error {
	if length <= 0 || length > min(formSize, d.limits.Text) {
		return d.parse(src, charset)
	}
	if d.whole == nil {
		d.whole = make([]byte, formSize)
	}
	n, err := src.Read(d.whole[:length])
	if err != nil && err != io.EOF {
		return err
	}
	request := d.whole[:n]
	if int64(n) < length { // it comes in pieces
		return d.parse(io.MultiReader(bytes.NewReader(request), src), charset)
	}
	forms := &d.port.forms
	sum := forms.sum(request)
	f := forms.find(sum)
	if f != nil && d.fill(f, request, charset) {
		return nil
	}
	if err := d.parse(bytes.NewReader(request), charset); err != nil {
		return err
	}
	if f == nil {
		forms.learn(sum, d, request, charset)
	}
	return nil
}

// fill makes d what parsing the request would, if it is of that form and its
// texts mean nothing but themselves. Else it does nothing.
func (d *document) fill(f *form, request []byte, charset string) bool {
	if f.charset != charset {
		return false
	}
	d.texts = d.texts[:0]
	at := 0
	for i, literal := range f.literals {
		if len(request)-at < len(literal) || string(request[at:at+len(literal)]) != literal {
			return false
		}
		at += len(literal)
		if i == len(f.texts) {
			break
		}
		from := at
		for at < len(request) && plain[request[at]] {
			at++
		}
		d.texts = append(d.texts, span{uint32(from), uint32(at)})
	}
	if at < len(request) {
		return false
	}
	d.nodes, d.ids, d.arena = append(d.nodes[:0], f.nodes...), append(d.ids[:0], f.ids...), append(d.arena[:0], f.arena...)
	d.names = uint32(len(f.arena))
	d.body, d.soap12, d.encoded, d.op, d.wrapper = true, f.soap12, f.encoded, f.op, f.wrapper
	for i, at := range f.texts {
		text := d.texts[i]
		d.nodes[at].text = d.keep(request[text.from:text.to])
	}
	return true
}

// form returns the form of d, which was parsed from request, or nil if it is no
// good one: texts may stand only where an element holds nothing else.
func (d *document) form(request []byte, charset string) *form {
	if !d.head.plain || len(d.nodes) > formNodes || len(d.blobs)+len(d.raws) > 0 {
		return nil
	}
	f := &form{charset: charset, soap12: d.soap12, encoded: d.encoded, op: d.op, wrapper: d.wrapper}
	from, at := 0, 0
	leaf, next := none, int32(0) // the node whose start tag was just read; the one to come
	for {
		gap := bytes.IndexByte(request[at:], '<')
		if gap < 0 {
			break
		}
		text, tag := request[at:at+gap], request[at+gap:]
		width := tagWidth(tag)
		if width < 0 {
			return nil
		}
		if ends := tag[1] == '/'; ends && leaf != none {
			if !allPlain(text) || !bytes.Equal(text, d.bytes(d.nodes[leaf].text)) {
				return nil
			}
			f.literals, f.texts = append(f.literals, string(request[from:at])), append(f.texts, leaf)
			from = at + gap
		} else if len(bytes.TrimSpace(text)) > 0 {
			return nil
		}
		at += gap
		leaf = none
		if next < int32(len(d.nodes)) && d.nodes[next].at == uint32(at) {
			if tag[width-2] != '/' {
				leaf = next
			}
			next++
		}
		at += width
	}
	if next != int32(len(d.nodes)) || len(bytes.TrimSpace(request[at:])) > 0 {
		return nil
	}
	f.literals = append(f.literals, string(request[from:]))
	f.remember(d)
	return f
}

// remember copies what d found beside the texts.
func (f *form) remember(d *document) {
	keep := func(s span) span {
		from := uint32(len(f.arena))
		f.arena = append(f.arena, d.bytes(s)...)
		return span{from, uint32(len(f.arena))}
	}
	for _, n := range d.nodes {
		n.name, n.href, n.text = keep(n.name), keep(n.href), span{}
		f.nodes = append(f.nodes, n)
	}
	for _, id := range d.ids {
		f.ids = append(f.ids, identifier{keep(id.name), id.node})
	}
}

// tagWidth is the length of the tag or processing instruction that begins b, or
// -1 if it is none.
func tagWidth(b []byte) int {
	if len(b) < 3 || b[1] == '!' {
		return -1
	}
	if b[1] == '?' {
		if end := bytes.Index(b[2:], []byte("?>")); end >= 0 {
			return end + 4
		}
		return -1
	}
	quote := byte(0)
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '>':
			return i + 1
		case c == '"' || c == '\'':
			quote = c
		}
	}
	return -1
}

func allPlain(text []byte) bool {
	for _, c := range text {
		if !plain[c] {
			return false
		}
	}
	return true
}

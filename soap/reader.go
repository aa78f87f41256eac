package soap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// A token is what reader.next found.
type token uint8

const (
	tokenEnd   token = iota // of the document
	tokenStart              // reader.space, local, attrs
	tokenText               // a piece of text in reader.text
	tokenClose              // of the innermost open element
)

const (
	windowSize   = 64 << 10 // a tag has to fit
	maxInScope   = 256      // namespace declarations in scope at once
	maxReference = 64       // bytes of an entity or character reference

	// attributesEach is how many attributes a document may have for each of the
	// elements it may have. Encoded calls have two or three.
	attributesEach = 4
)

// reader is a streaming reader of the XML that SOAP allows: no document type,
// no entities but the five, UTF-8 only (charset.go makes it so). It keeps one
// window of the document, and refuses everything that is not well-formed.
type reader struct {
	src  io.Reader
	buf  []byte
	pos  int   // next byte in buf
	end  int   // bytes in buf
	base int64 // offset of buf[0] in the document
	eof  bool

	maxDepth, maxElements, maxAttributes int
	elements, attributes                 int // read so far

	// The start tag last read.
	tagAt int64 // where it begins in the document
	space string
	local []byte
	attrs []attribute
	self  bool // it was an empty-element tag; its close comes next

	text    []byte // the piece of text last read
	inCDATA bool
	rooted  bool // the root element has been seen

	open     []byte // qualified names of the open elements, one after another
	openAt   []int  // where each begins
	bindings []binding
	prefixes []byte
	scratch  []byte
	char     [utf8.UTFMax]byte
	known    map[string]string // namespace names that need no allocation
}

// malformed is a document that is not the XML we read.
type malformed struct {
	text   string
	offset int64
}

func (m *malformed) Error() string {
	return fmt.Sprintf("malformed XML at byte %d: %s", m.offset, m.text)
}

func (r *reader) fail(format string, args ...any) error {
	return &malformed{fmt.Sprintf(format, args...), r.base + int64(r.pos)}
}

// notUTF8 says what to do as well: old clients write ISO-8859-1 without a word.
func (r *reader) notUTF8() error {
	return r.fail("invalid UTF-8; a client that writes another character set, such as ISO-8859-1, has to name it in the header Content-Type or in the XML declaration")
}

// reset makes r ready to read src, keeping its buffers.
func (r *reader) reset(src io.Reader, l Limits, known map[string]string) {
	if r.buf == nil {
		r.buf = make([]byte, windowSize)
	}
	*r = reader{
		src: src, buf: r.buf, known: known,
		maxDepth: l.Depth, maxElements: l.Elements, maxAttributes: l.Attributes,
		attrs: r.attrs[:0], open: r.open[:0], openAt: r.openAt[:0],
		bindings: r.bindings[:0], prefixes: r.prefixes[:0], scratch: r.scratch[:0],
	}
}

// depth is the number of open elements.
func (r *reader) depth() int { return len(r.openAt) }

// offset is the place of the next byte in the document.
func (r *reader) offset() int64 { return r.base + int64(r.pos) }

// fill reads more of the document behind r.end. It may move the window, so only
// distances from r.pos survive it. It returns io.EOF at the end of the document.
func (r *reader) fill() error {
	if r.eof {
		return io.EOF
	}
	if r.end == len(r.buf) || r.rooted && r.pos == r.end { // full, or used up
		keep := max(r.pos-2, 0) // charData looks two bytes back
		if keep == 0 && r.end == len(r.buf) {
			return r.fail("a tag or name is too long")
		}
		copy(r.buf, r.buf[keep:r.end])
		r.base += int64(keep)
		r.pos -= keep
		r.end -= keep
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		if err == io.EOF {
			r.eof = true
		} else if err != nil {
			return err
		}
		if n > 0 {
			return nil
		}
		if r.eof {
			return io.EOF
		}
	}
	return io.ErrNoProgress
}

// need makes n bytes available at r.pos, or reports io.EOF.
func (r *reader) need(n int) error {
	for r.end-r.pos < n {
		if err := r.fill(); err != nil {
			return err
		}
	}
	return nil
}

// next reads one token. After tokenEnd or an error it must not be called again.
func (r *reader) next() (token, error) {
	if r.self {
		r.self = false
		r.pop()
		return tokenClose, nil
	}
	for {
		if r.pos == r.end {
			if err := r.fill(); err == io.EOF {
				return r.finish()
			} else if err != nil {
				return 0, err
			}
		}
		if r.inCDATA {
			if t, err := r.cdata(); t == tokenText || err != nil {
				return t, err
			}
			continue
		}
		c := r.buf[r.pos]
		if c != '<' {
			if r.depth() > 0 {
				return r.charData()
			}
			if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
				if r.rooted {
					return 0, r.fail("text after the root element")
				}
				return 0, r.fail("text before the root element")
			}
			r.pos++
			continue
		}
		if err := r.need(2); err != nil {
			return 0, r.truncated(err)
		}
		switch r.buf[r.pos+1] {
		case '/':
			return tokenClose, r.endTag()
		case '?':
			if err := r.instruction(); err != nil {
				return 0, err
			}
		case '!':
			if err := r.declaration(); err != nil {
				return 0, err
			}
		default:
			if r.rooted && r.depth() == 0 {
				return 0, r.fail("a second root element")
			}
			return tokenStart, r.startTag()
		}
	}
}

func (r *reader) finish() (token, error) {
	switch {
	case r.inCDATA || r.depth() > 0:
		return 0, r.fail("the document ends too early")
	case !r.rooted:
		return 0, r.fail("there is no XML document")
	}
	return tokenEnd, nil
}

// truncated turns the end of the document inside a construct into an error.
func (r *reader) truncated(err error) error {
	if err == io.EOF {
		return r.fail("the document ends too early")
	}
	return err
}

// drain hands the plain text that follows to take, as far as take wants it: it
// returns how much that was. It may want only characters that can be nothing but
// text. What it leaves is the next token.
func (r *reader) drain(take func([]byte) (int, error)) error {
	for !r.inCDATA && !r.self {
		if r.pos == r.end {
			if err := r.fill(); err == io.EOF {
				return nil // next finds that, too
			} else if err != nil {
				return err
			}
		}
		n, err := take(r.buf[r.pos:r.end])
		r.pos += n
		if err != nil || r.pos < r.end {
			return err
		}
	}
	return nil
}

// plain tells the bytes of text that mean themselves; bytes from 0x80 are
// looked at as runes.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = c != '<' && c != '&' && c != '>'
	}
	t['\t'], t['\n'] = true, true
	return
}()

// charData reads a piece of text up to the next thing that is not plain text.
func (r *reader) charData() (token, error) {
	for {
		n, err := r.run(false)
		if err != nil {
			return 0, err
		}
		if n > 0 {
			r.text = r.buf[r.pos : r.pos+n]
			r.pos += n
			return tokenText, nil
		}
		if r.pos == r.end || r.buf[r.pos] >= 0x80 { // nothing, or half a rune
			if err := r.fill(); err != nil {
				return 0, r.truncated(err)
			}
			continue
		}
		if r.buf[r.pos] == '\r' {
			return tokenText, r.lineEnd()
		}
		return tokenText, r.reference()
	}
}

// run measures the plain text at r.pos. In a CDATA section only a closing
// bracket or a carriage return ends it. It stops before a rune that is not
// wholly in the window.
func (r *reader) run(section bool) (int, error) {
	b := r.buf[:r.end]
	i := r.pos
	for i < len(b) {
		c := b[i]
		switch {
		case c >= 0x80:
			char, size := utf8.DecodeRune(b[i:])
			if char == utf8.RuneError && size == 1 {
				if !r.eof && !utf8.FullRune(b[i:]) {
					return i - r.pos, nil
				}
				r.pos = i
				return 0, r.notUTF8()
			}
			if char == 0xFFFE || char == 0xFFFF {
				r.pos = i
				return 0, r.fail("character U+%04X is not allowed", char)
			}
			i += size
		case section:
			if c == ']' || c == '\r' {
				return i - r.pos, nil
			}
			if c < 0x20 && c != '\t' && c != '\n' {
				r.pos = i
				return 0, r.fail("character U+%04X is not allowed", c)
			}
			i++
		case plain[c]:
			i++
		case c == '>':
			if i >= 2 && b[i-1] == ']' && b[i-2] == ']' {
				return 0, r.fail("]]> in text")
			}
			i++
		case c == '<' || c == '&' || c == '\r':
			return i - r.pos, nil
		default:
			r.pos = i
			return 0, r.fail("character U+%04X is not allowed", c)
		}
	}
	return i - r.pos, nil
}

// lineEnd reads a carriage return, with or without a line feed, as a line feed.
func (r *reader) lineEnd() error {
	if err := r.need(2); err != nil && err != io.EOF {
		return err
	}
	if r.pos++; r.pos < r.end && r.buf[r.pos] == '\n' {
		r.pos++
	}
	r.text = append(r.char[:0], '\n')
	return nil
}

// cdata reads a piece of a CDATA section; it returns tokenEnd when the section
// ends without another piece.
func (r *reader) cdata() (token, error) {
	for {
		n, err := r.run(true)
		if err != nil {
			return 0, err
		}
		if n > 0 {
			r.text = r.buf[r.pos : r.pos+n]
			r.pos += n
			return tokenText, nil
		}
		if r.pos == r.end || r.buf[r.pos] >= 0x80 {
			if err := r.fill(); err != nil {
				return 0, r.truncated(err)
			}
			continue
		}
		if r.buf[r.pos] == '\r' {
			return tokenText, r.lineEnd()
		}
		if err := r.need(3); err != nil {
			return 0, r.truncated(err)
		}
		if r.buf[r.pos+1] == ']' && r.buf[r.pos+2] == '>' {
			r.pos += 3
			r.inCDATA = false
			return tokenEnd, nil
		}
		r.text = append(r.char[:0], ']')
		r.pos++
		return tokenText, nil
	}
}

// reference reads an entity or character reference into r.text.
func (r *reader) reference() error {
	n := 1
	for {
		if r.pos+n == r.end {
			if err := r.fill(); err != nil {
				return r.truncated(err)
			}
		}
		c := r.buf[r.pos+n]
		if c == ';' {
			break
		}
		if n++; isSpace(c) || c == '<' || c == '&' || n == maxReference {
			return r.fail("an & that begins no reference")
		}
	}
	char, err := r.resolve(r.buf[r.pos+1 : r.pos+n])
	if err != nil {
		return err
	}
	r.pos += n + 1
	r.text = utf8.AppendRune(r.char[:0], char)
	return nil
}

// resolve returns the character that the reference called name stands for.
func (r *reader) resolve(name []byte) (rune, error) {
	switch string(name) {
	case "lt":
		return '<', nil
	case "gt":
		return '>', nil
	case "amp":
		return '&', nil
	case "quot":
		return '"', nil
	case "apos":
		return '\'', nil
	}
	if len(name) < 2 || name[0] != '#' {
		if !validName(name) {
			return 0, r.fail("an & that begins no reference")
		}
		return 0, r.fail("entity %q is not defined", name)
	}
	digits, radix := name[1:], rune(10)
	if digits[0] == 'x' {
		digits, radix = digits[1:], 16
	}
	var char rune
	for _, c := range digits {
		var d rune
		switch {
		case '0' <= c && c <= '9':
			d = rune(c - '0')
		case radix == 16 && 'a' <= c && c <= 'f':
			d = rune(c-'a') + 10
		case radix == 16 && 'A' <= c && c <= 'F':
			d = rune(c-'A') + 10
		default:
			return 0, r.fail("character reference %q", name)
		}
		if char = char*radix + d; char > unicode.MaxRune {
			return 0, r.fail("character reference %q", name)
		}
	}
	if len(digits) == 0 || !validChar(char) {
		return 0, r.fail("character reference %q", name)
	}
	return char, nil
}

// declaration reads what begins with <!: a comment, or the start of a CDATA section.
func (r *reader) declaration() error {
	for _, d := range []string{"<!--", "<![CDATA["} {
		if err := r.need(len(d)); err == io.EOF {
			if bytes.HasPrefix(r.buf[r.pos:r.end], []byte(d)) {
				return r.truncated(err)
			}
			continue
		} else if err != nil {
			return err
		}
		if string(r.buf[r.pos:r.pos+len(d)]) != d {
			continue
		}
		if d == "<!--" {
			r.pos += len(d)
			return r.skip("--", "a comment")
		}
		if r.depth() == 0 {
			return r.fail("text outside the root element")
		}
		r.pos += len(d)
		r.inCDATA = true
		return nil
	}
	if r.end-r.pos < len("<!DOCTYPE") {
		if err := r.need(len("<!DOCTYPE")); err != nil {
			return r.truncated(err)
		}
	}
	if bytes.EqualFold(r.buf[r.pos:r.pos+len("<!DOCTYPE")], []byte("<!DOCTYPE")) {
		return r.fail("document type declarations are not allowed")
	}
	return r.fail("a <! that is neither a comment nor CDATA")
}

// instruction skips a processing instruction or the XML declaration, which may
// stand only before everything but white space.
func (r *reader) instruction() error {
	first := !r.rooted && len(bytes.TrimSpace(r.buf[:r.pos])) == 0 && r.base == 0
	n := 2
	for { // the target, and one byte behind it
		b := r.buf[r.pos:r.end]
		for n < len(b) && !isSpace(b[n]) && b[n] != '?' {
			n++
		}
		if n < len(b) {
			break
		}
		if err := r.fill(); err != nil {
			return r.truncated(err)
		}
	}
	target := r.buf[r.pos+2 : r.pos+n]
	if !validName(target) {
		return r.fail("a processing instruction without a name")
	}
	if bytes.EqualFold(target, []byte("xml")) && (!first || string(target) != "xml") {
		return r.fail("an XML declaration that is not at the beginning")
	}
	r.pos += n
	return r.skip("?", "a processing instruction")
}

// skip reads up to mark and the > that must follow it. A ? may stand alone
// inside an instruction, a -- may not inside a comment.
func (r *reader) skip(mark, what string) error {
	for {
		b := r.buf[r.pos:r.end]
		i := 0
	scan:
		for i < len(b) {
			c := b[i]
			switch {
			case c == mark[0]:
				break scan
			case c >= 0x80:
				char, size := utf8.DecodeRune(b[i:])
				if char == utf8.RuneError && size == 1 {
					if !r.eof && !utf8.FullRune(b[i:]) {
						break scan
					}
					return r.notUTF8()
				}
				if !validChar(char) {
					return r.fail("character U+%04X is not allowed", char)
				}
				i += size
			case c < 0x20 && !isSpace(c):
				return r.fail("character U+%04X is not allowed", c)
			default:
				i++
			}
		}
		r.pos += i
		if r.pos == r.end || r.buf[r.pos] >= 0x80 {
			if err := r.fill(); err != nil {
				return r.truncated(err)
			}
			continue
		}
		if err := r.need(len(mark) + 1); err != nil {
			return r.truncated(err)
		}
		switch {
		case string(r.buf[r.pos:r.pos+len(mark)]) != mark:
			r.pos++
		case r.buf[r.pos+len(mark)] == '>':
			r.pos += len(mark) + 1
			return nil
		case mark == "--":
			return r.fail("-- inside %s", what)
		default:
			r.pos++
		}
	}
}

func clip(b []byte) []byte {
	if len(b) > 60 {
		return b[:60]
	}
	return b
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// validChar tells whether XML 1.0 allows the character.
func validChar(c rune) bool {
	switch {
	case c < 0x20:
		return c == '\t' || c == '\n' || c == '\r'
	case c >= 0xD800 && c < 0xE000, c == 0xFFFE, c == 0xFFFF:
		return false
	}
	return c <= unicode.MaxRune
}

// readProblem tells whether err is about the document, not about reading it.
func readProblem(err error) (*malformed, bool) {
	var m *malformed
	ok := errors.As(err, &m)
	return m, ok
}

package soap

import (
	"bytes"
	"unicode/utf8"
)

const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

// attribute is valid until the next call of reader.next.
type attribute struct {
	prefix, local, value []byte
	offset, length       int64 // where the value stands, raw, in the document

	// What resolvePrefix has found.
	space              string
	declared, resolved bool
}

// binding is one namespace declaration in scope.
type binding struct {
	from, to int // the prefix, in reader.prefixes
	space    string
	depth    int
}

// startTag reads a start tag into r.space, r.local and r.attrs.
func (r *reader) startTag() error {
	n, err := r.tagEnd()
	if err != nil {
		return err
	}
	r.rooted = true
	if r.elements++; r.elements > r.maxElements {
		return r.fail("more than %d elements", r.maxElements)
	}
	if r.depth() >= r.maxDepth {
		return r.fail("elements nested deeper than %d", r.maxDepth)
	}
	tag := r.buf[r.pos+1 : r.pos+n]
	r.tagAt = r.offset()
	if r.self = len(tag) > 0 && tag[len(tag)-1] == '/'; r.self {
		tag = tag[:len(tag)-1]
	}

	i := nameEnd(tag, 0)
	prefix, local, err := r.splitName(tag[:i])
	if err != nil {
		return err
	}
	r.openAt = append(r.openAt, len(r.open))
	r.open = append(r.open, tag[:i]...)

	r.attrs = r.attrs[:0]
	r.scratch = r.scratch[:0]
	for {
		j := skipSpace(tag, i)
		if j == len(tag) {
			break
		}
		if j == i {
			return r.fail("no space before an attribute")
		}
		i = nameEnd(tag, j)
		a := attribute{}
		if a.prefix, a.local, err = r.splitName(tag[j:i]); err != nil {
			return err
		}
		if i = skipSpace(tag, i); i == len(tag) || tag[i] != '=' {
			return r.fail("attribute %q without a value", a.local)
		}
		if i = skipSpace(tag, i+1); i == len(tag) || tag[i] != '"' && tag[i] != '\'' {
			return r.fail("attribute %q without quotes", a.local)
		}
		width := bytes.IndexByte(tag[i+1:], tag[i])
		if width < 0 {
			return r.fail("attribute %q without its closing quote", a.local)
		}
		raw := tag[i+1 : i+1+width]
		a.offset, a.length = r.tagAt+int64(i+2), int64(width)
		i += width + 2
		if a.value, err = r.attributeValue(raw); err != nil {
			return err
		}
		if len(r.attrs) == r.maxAttributes {
			return r.fail("an element with more than %d attributes", r.maxAttributes)
		}
		if r.attributes++; r.attributes > attributesEach*r.maxElements {
			return r.fail("more than %d attributes", attributesEach*r.maxElements)
		}
		for k := range r.attrs {
			if bytes.Equal(r.attrs[k].local, a.local) && bytes.Equal(r.attrs[k].prefix, a.prefix) {
				return r.fail("attribute %q given twice", a.local)
			}
		}
		r.attrs = append(r.attrs, a)
		if err := r.declare(&r.attrs[len(r.attrs)-1]); err != nil {
			return err
		}
	}
	if err := r.uniqueExpanded(); err != nil {
		return err
	}

	space, ok := r.lookup(prefix)
	if !ok {
		return r.fail("prefix %q is not declared", prefix)
	}
	r.space, r.local = space, local
	r.pos += n + 1
	return nil
}

// uniqueExpanded refuses two attributes of one local name whose different
// prefixes mean the same namespace. Each prefix is looked up only once.
func (r *reader) uniqueExpanded() error {
	for i := range r.attrs {
		a := &r.attrs[i]
		if len(a.prefix) == 0 {
			continue
		}
		for k := range i {
			b := &r.attrs[k]
			if len(b.prefix) == 0 || !bytes.Equal(a.local, b.local) {
				continue
			}
			r.resolvePrefix(a)
			r.resolvePrefix(b)
			if a.declared && b.declared && a.space == b.space {
				return r.fail("attribute %q given twice", a.local)
			}
		}
	}
	return nil
}

func (r *reader) resolvePrefix(a *attribute) {
	if !a.resolved {
		a.space, a.declared = r.lookup(a.prefix)
		a.resolved = true
	}
}

// tagEnd returns the distance from r.pos to the > that ends the tag there.
func (r *reader) tagEnd() (int, error) {
	n := 1
	quote := byte(0)
	for {
		b := r.buf[r.pos:r.end]
		for ; n < len(b); n++ {
			switch c := b[n]; {
			case c == '<':
				return 0, r.fail("a < inside a tag")
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '>':
				return n, nil
			case c == '"' || c == '\'':
				quote = c
			}
		}
		if err := r.fill(); err != nil {
			return 0, r.truncated(err)
		}
	}
}

// endTag reads an end tag and closes the innermost element.
func (r *reader) endTag() error {
	n, err := r.tagEnd()
	if err != nil {
		return err
	}
	name := r.buf[r.pos+2 : r.pos+n]
	end := len(name)
	for end > 0 && isSpace(name[end-1]) {
		end--
	}
	if r.depth() == 0 {
		return r.fail("end tag %q without its start", clip(name[:end]))
	}
	if want := r.open[r.openAt[len(r.openAt)-1]:]; !bytes.Equal(name[:end], want) {
		return r.fail("end tag %q where %q was expected", clip(name[:end]), clip(want))
	}
	r.pos += n + 1
	r.pop()
	return nil
}

// pop closes the innermost element and forgets its namespace declarations.
func (r *reader) pop() {
	depth := len(r.openAt)
	r.open = r.open[:r.openAt[depth-1]]
	r.openAt = r.openAt[:depth-1]
	n := len(r.bindings)
	for n > 0 && r.bindings[n-1].depth == depth {
		n--
		r.prefixes = r.prefixes[:r.bindings[n].from]
	}
	r.bindings = r.bindings[:n]
}

// declare puts a namespace declaration in scope; other attributes it leaves alone.
func (r *reader) declare(a *attribute) error {
	var prefix []byte
	switch {
	case string(a.prefix) == "xmlns":
		prefix = a.local
	case len(a.prefix) == 0 && string(a.local) == "xmlns":
	default:
		return nil
	}
	if len(r.bindings) == maxInScope {
		return r.fail("more than %d namespaces", maxInScope)
	}
	space, ok := r.known[string(a.value)]
	if !ok {
		space = string(a.value)
	}
	from := len(r.prefixes)
	r.prefixes = append(r.prefixes, prefix...)
	r.bindings = append(r.bindings, binding{from, len(r.prefixes), space, r.depth()})
	return nil
}

// lookup returns the namespace that prefix stands for here.
func (r *reader) lookup(prefix []byte) (string, bool) {
	for i := len(r.bindings) - 1; i >= 0; i-- {
		b := &r.bindings[i]
		if string(r.prefixes[b.from:b.to]) == string(prefix) {
			return b.space, true
		}
	}
	if string(prefix) == "xml" {
		return xmlNamespace, true
	}
	return "", len(prefix) == 0
}

// attributeSpace returns the namespace of a, which is none without a prefix. An
// undeclared prefix is no namespace either: some toolkits forget to declare xsi.
func (r *reader) attributeSpace(a *attribute) string {
	if len(a.prefix) == 0 {
		return ""
	}
	space, _ := r.lookup(a.prefix)
	return space
}

// attributeValue resolves references and white space in raw.
func (r *reader) attributeValue(raw []byte) ([]byte, error) {
	simple := true
	for i := 0; i < len(raw); {
		c := raw[i]
		if c < 0x80 {
			if c == '&' || c < 0x20 {
				simple = false
			}
			if c < 0x20 && !isSpace(c) {
				return nil, r.fail("character U+%04X is not allowed", c)
			}
			i++
			continue
		}
		char, size := utf8.DecodeRune(raw[i:])
		if char == utf8.RuneError && size == 1 {
			return nil, r.notUTF8()
		}
		if !validChar(char) {
			return nil, r.fail("character U+%04X is not allowed", char)
		}
		i += size
	}
	if simple {
		return raw, nil
	}
	from := len(r.scratch)
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == '\r' && i+1 < len(raw) && raw[i+1] == '\n':
			// the line feed becomes the blank
		case c < 0x20:
			r.scratch = append(r.scratch, ' ')
		case c == '&':
			n := bytes.IndexByte(raw[i:], ';')
			if n < 0 || n > maxReference {
				return nil, r.fail("an & that begins no reference")
			}
			char, err := r.resolve(raw[i+1 : i+n])
			if err != nil {
				return nil, err
			}
			r.scratch = utf8.AppendRune(r.scratch, char)
			i += n
		default:
			r.scratch = append(r.scratch, c)
		}
	}
	return r.scratch[from:len(r.scratch):len(r.scratch)], nil
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}

// nameEnd returns the end of the name that begins at i.
func nameEnd(b []byte, i int) int {
	for i < len(b) && !isSpace(b[i]) && b[i] != '=' {
		i++
	}
	return i
}

// splitName checks a qualified name and takes it apart.
func (r *reader) splitName(name []byte) (prefix, local []byte, err error) {
	if !validName(name) {
		return nil, nil, r.fail("%q is no name", clip(name))
	}
	i := bytes.IndexByte(name, ':')
	if i < 0 {
		return nil, name, nil
	}
	prefix, local = name[:i], name[i+1:]
	if i == 0 || !validName(local) || bytes.IndexByte(local, ':') >= 0 {
		return nil, nil, r.fail("%q is no name", clip(name))
	}
	return prefix, local, nil
}

// nameByte tells the ASCII bytes of names: 1 may begin one, 2 may not.
var nameByte = func() (t [256]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = 1, 1
	}
	t['_'], t[':'] = 1, 1
	for c := '0'; c <= '9'; c++ {
		t[c] = 2
	}
	t['-'], t['.'] = 2, 2
	return
}()

// validName follows the Name production of XML 1.0.
func validName(name []byte) bool {
	if len(name) == 0 {
		return false
	}
	for i := 0; i < len(name); {
		c := name[i]
		if c < 0x80 {
			if nameByte[c] == 0 || i == 0 && nameByte[c] == 2 {
				return false
			}
			i++
			continue
		}
		char, size := utf8.DecodeRune(name[i:])
		if char == utf8.RuneError && size == 1 || !nameChar(char, i == 0) {
			return false
		}
		i += size
	}
	return true
}

// nameChar tells whether a character beyond ASCII may stand in a name.
func nameChar(c rune, first bool) bool {
	switch {
	case c == 0xD7 || c == 0xF7 || c == 0x37E:
		return false
	case c >= 0xC0 && c <= 0x2FF, c >= 0x370 && c <= 0x1FFF, c == 0x200C, c == 0x200D,
		c >= 0x2070 && c <= 0x218F, c >= 0x2C00 && c <= 0x2FEF, c >= 0x3001 && c <= 0xD7FF,
		c >= 0xF900 && c <= 0xFDCF, c >= 0xFDF0 && c <= 0xFFFD, c >= 0x10000 && c <= 0xEFFFF:
		return true
	}
	return !first && (c == 0xB7 || c >= 0x300 && c <= 0x36F || c == 0x203F || c == 0x2040)
}

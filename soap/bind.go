package soap

import (
	"bytes"
	"encoding/base64"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// bind fills v, the struct of the operation's parts, from the call in d.
func (d *document) bind(v reflect.Value) error {
	wrapper, err := d.follow(d.wrapper)
	if err != nil {
		return err
	}
	d.assign(wrapper)
	for i, m := range d.op.in {
		at := d.bound[i]
		if at == none {
			continue
		}
		f := field(v, m)
		if m.typ.kind == kindArray {
			err = d.bindList(m, f, at)
		} else {
			err = d.bindValue(m.name, m.typ, f, at, 0)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// assign decides which child of the wrapper is which part: d.bound[i] is the
// node of part i, or none. Children go by their names; one that has no known
// name goes by its place if there are as many children as published parts, and
// else to the first part that is still free.
func (d *document) assign(wrapper int32) {
	parts := d.op.in
	d.bound = d.bound[:0]
	for range parts {
		d.bound = append(d.bound, none)
	}
	children, unknown := 0, 0
	for at := d.nodes[wrapper].first; at != none; at = d.nodes[at].sibling {
		children++
		if i := d.partCalled(d.bytes(d.nodes[at].name)); i < 0 {
			unknown++
		} else if d.bound[i] == none {
			d.bound[i] = at
		}
	}
	if unknown == 0 {
		return
	}
	left := unknown
	if children == d.op.open {
		place := -1 // among the parts, hidden ones included
		for at := d.nodes[wrapper].first; at != none; at = d.nodes[at].sibling {
			for place++; parts[place].hidden; place++ {
			}
			if d.bound[place] == none && d.partCalled(d.bytes(d.nodes[at].name)) < 0 {
				d.bound[place] = at
				left--
			}
		}
	}
	free := 0
	for at := d.nodes[wrapper].first; at != none && left > 0; at = d.nodes[at].sibling {
		if d.partCalled(d.bytes(d.nodes[at].name)) >= 0 || d.taken(at) {
			continue
		}
		left--
		for free < len(parts) && (d.bound[free] != none || parts[free].hidden) {
			free++
		}
		if free == len(parts) {
			return
		}
		d.bound[free] = at
	}
}

func (d *document) taken(at int32) bool {
	for _, b := range d.bound {
		if b == at {
			return true
		}
	}
	return false
}

func (d *document) partCalled(name []byte) int {
	for i, m := range d.op.in {
		if m.called(name) {
			return i
		}
	}
	return -1
}

// field returns the field of v that m describes.
func field(v reflect.Value, m *member) reflect.Value {
	if len(m.index) == 1 {
		return v.Field(m.index[0])
	}
	return v.FieldByIndex(m.index)
}

// follow returns the node that a reference in at leads to, or at itself.
func (d *document) follow(at int32) (int32, error) {
	for hops := 0; ; hops++ {
		n := &d.nodes[at]
		if n.href.empty() || n.nested || !n.text.empty() && len(bytes.TrimSpace(d.bytes(n.text))) > 0 {
			return at, nil
		}
		if hops == 16 {
			return 0, refuse("references lead from one to the other without an end")
		}
		id := bytes.TrimPrefix(bytes.TrimSpace(d.bytes(n.href)), []byte("#"))
		if at = d.identified(id); at == none {
			return 0, refuse("a reference leads to %s, which is not in the message", quoted(string(id)))
		}
	}
}

// identified returns the first node with that id, or none.
func (d *document) identified(id []byte) int32 {
	if !d.sorted {
		slices.SortStableFunc(d.ids, func(a, b identifier) int { return bytes.Compare(d.bytes(a.name), d.bytes(b.name)) })
		d.sorted = true
	}
	i, ok := slices.BinarySearchFunc(d.ids, id, func(a identifier, id []byte) int { return bytes.Compare(d.bytes(a.name), id) })
	if !ok {
		return none
	}
	return d.ids[i].node
}

// spend counts a value that is bound: references may multiply them.
func (d *document) spend() error {
	if d.budget--; d.budget < 0 {
		return refuse("more than %d values", d.limits.Elements)
	}
	return nil
}

// bindList binds the array part m, of which at is the first element. Toolkits
// that do not know the array type repeat the element instead.
func (d *document) bindList(m *member, v reflect.Value, at int32) error {
	if err := d.bindValue(m.name, m.typ, v, at, 0); err != nil {
		return err
	}
	if !m.called(d.bytes(d.nodes[at].name)) {
		return nil
	}
	for at = d.nodes[at].sibling; at != none; at = d.nodes[at].sibling {
		if !m.called(d.bytes(d.nodes[at].name)) {
			continue
		}
		more := reflect.New(m.typ.rt).Elem()
		if err := d.bindValue(m.name, m.typ, more, at, 0); err != nil {
			return err
		}
		v.Set(reflect.AppendSlice(v, more))
	}
	return nil
}

// bindValue fills v from the element at; name is for faults.
func (d *document) bindValue(name string, t *typ, v reflect.Value, at int32, depth int) error {
	at, err := d.follow(at)
	if err != nil {
		return err
	}
	if err := d.spend(); err != nil {
		return err
	}
	n := &d.nodes[at]
	if n.null {
		return nil
	}
	switch t.kind {
	case kindString:
		s, err := d.bindText(name, n)
		if err != nil {
			return err
		}
		v.SetString(s)
	case kindBool:
		return d.bindBool(name, v, n)
	case kindBlob:
		b, err := d.bindBlob(name, n)
		if err != nil {
			return err
		}
		v.Set(reflect.ValueOf(b))
	case kindStruct:
		return d.bindStruct(t, v, n, depth)
	case kindArray:
		return d.bindArray(name, t, v, at, depth)
	}
	return nil
}

func (d *document) bindText(name string, n *node) (string, error) {
	if n.nested {
		return "", refuse("%s must be text, but holds elements", quoted(name))
	}
	if n.raw != none {
		return d.rawText(name, n)
	}
	if n.blob != none {
		return "", refuse("%s and a binary parameter share their content", quoted(name))
	}
	if !n.base64 {
		if d.copied += int64(n.text.to - n.text.from); d.copied > 2*d.limits.Text {
			return "", refuse("the texts of the request are larger than %d bytes together", 2*d.limits.Text)
		}
		return d.str(n.text), nil
	}
	return d.decoded(name, d.bytes(n.text))
}

// decoded is a text that a toolkit sent as base64 because it found no other way
// to send characters beyond ASCII.
func (d *document) decoded(name string, text []byte) (string, error) {
	if d.copied += int64(len(text)); d.copied > 2*d.limits.Text {
		return "", refuse("the texts of the request are larger than %d bytes together", 2*d.limits.Text)
	}
	compact := make([]byte, 0, len(text))
	for _, c := range text {
		if !isSpace(c) {
			compact = append(compact, c)
		}
	}
	compact = bytes.TrimRight(compact, "=")
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(compact)))
	if _, err := base64.RawStdEncoding.Decode(out, compact); err != nil {
		return "", refuse("%s is said to be base64, but is not", quoted(name))
	}
	if !utf8.Valid(out) {
		wide := make([]rune, len(out))
		for i, c := range out {
			wide[i] = rune(c)
		}
		return allowed(string(wide)), nil
	}
	return allowed(string(out)), nil
}

// allowed drops the characters that XML could not have carried as text.
func allowed(s string) string {
	return strings.Map(func(c rune) rune {
		if !validChar(c) {
			return -1
		}
		return c
	}, s)
}

// rawText reads back a text that waited in a file.
func (d *document) rawText(name string, n *node) (string, error) {
	f := d.raws[n.raw]
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", spoolProblem(err)
	}
	text, err := io.ReadAll(io.LimitReader(f, d.limits.Text+1))
	if err != nil {
		return "", spoolProblem(err)
	}
	if int64(len(text)) > d.limits.Text {
		return "", refuse("the text of %s is larger than %d bytes", quoted(name), d.limits.Text)
	}
	if n.base64 {
		return d.decoded(name, text)
	}
	if d.copied += int64(len(text)); d.copied > 2*d.limits.Text {
		return "", refuse("the texts of the request are larger than %d bytes together", 2*d.limits.Text)
	}
	return string(text), nil
}

func (d *document) bindBool(name string, v reflect.Value, n *node) error {
	s, err := d.bindText(name, n)
	if err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "1":
		v.SetBool(true)
	case "false", "0", "":
	default:
		return refuse("%s must be true or false", quoted(name))
	}
	return nil
}

// bindBlob returns the blob that was decoded while the request was read, or
// decodes it now.
func (d *document) bindBlob(name string, n *node) (*Blob, error) {
	if n.nested {
		return nil, refuse("%s must be base64 text, but holds elements", quoted(name))
	}
	if n.blob != none {
		return d.blobs[n.blob], nil
	}
	b := &Blob{dir: d.dir, reserve: d.spoolMore, places: d.traffic.spooling}
	d.blobs = append(d.blobs, b)
	if n.raw == none {
		if err := b.write(d.bytes(n.text)); err != nil {
			return nil, spoolProblem(err)
		}
		return b, spoolProblem(b.finish())
	}
	f := d.raws[n.raw]
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, spoolProblem(err)
	}
	buf := make([]byte, 32<<10)
	for {
		k, err := f.Read(buf)
		if err := b.write(buf[:k]); err != nil {
			return nil, spoolProblem(err)
		}
		if err == io.EOF {
			return b, spoolProblem(b.finish())
		}
		if err != nil {
			return nil, spoolProblem(err)
		}
	}
}

func (d *document) bindStruct(t *typ, v reflect.Value, n *node, depth int) error {
	for at := n.first; at != none; at = d.nodes[at].sibling {
		m := t.memberCalled(d.bytes(d.nodes[at].name))
		if m == nil {
			continue
		}
		if err := d.bindValue(m.name, m.typ, field(v, m), at, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (t *typ) memberCalled(name []byte) *member {
	for _, m := range t.members {
		if m.called(name) {
			return m
		}
	}
	return nil
}

// bindArray fills v with the children of the element at, whatever they are
// called. An element without children that has a text is an array of that one
// text, and an element whose children are the members of a struct is an array
// of that one struct.
func (d *document) bindArray(name string, t *typ, v reflect.Value, at int32, depth int) error {
	n := &d.nodes[at]
	if !n.nested {
		if n.raw == none && len(bytes.TrimSpace(d.bytes(n.text))) == 0 {
			return nil
		}
		return d.bindOne(name, t, v, at, depth)
	}
	if t.elem.kind == kindStruct {
		child := &d.nodes[n.first]
		if m := t.elem.memberCalled(d.bytes(child.name)); m != nil && m.typ.kind != kindArray && m.typ.kind != kindStruct &&
			!child.nested && child.href.empty() {
			return d.bindOne(name, t, v, at, depth)
		}
	}
	count := 0
	for c := n.first; c != none; c = d.nodes[c].sibling {
		count++
	}
	if count > d.budget {
		return refuse("more than %d values", d.limits.Elements)
	}
	if texts, ok := v.Addr().Interface().(*[]string); ok { // mostly, and without what reflection takes
		*texts = make([]string, count)
	} else {
		v.Set(reflect.MakeSlice(t.rt, count, count))
	}
	i := 0
	for c := n.first; c != none; c = d.nodes[c].sibling {
		if err := d.bindValue(name, t.elem, v.Index(i), c, depth+1); err != nil {
			return err
		}
		i++
	}
	return nil
}

// bindOne makes v an array of one element, the node at.
func (d *document) bindOne(name string, t *typ, v reflect.Value, at int32, depth int) error {
	v.Set(reflect.MakeSlice(t.rt, 1, 1))
	return d.bindValue(name, t.elem, v.Index(0), at, depth+1)
}

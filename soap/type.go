package soap

import (
	"fmt"
	"reflect"
	"strings"
)

type kind uint8

const (
	kindString kind = iota
	kindBool
	kindInt
	kindStruct
	kindArray
	kindBlob
	kindStream
)

// typ is a Go type as it appears on the wire. Reader, writer and WSDL walk it.
type typ struct {
	kind    kind
	name    string    // "string", "boolean", "int", "base64Binary", the struct's name, "ArrayOf" + element
	elem    *typ      // of an array
	item    *member   // of an array: how an element is written
	members []*member // of a struct
	rt      reflect.Type
}

// member is a part of a message or a member of a struct.
type member struct {
	name     string
	aliases  []string
	optional bool
	hidden   bool
	typ      *typ
	index    []int
	text     fragments
}

// label is the type as Part.Type tells it.
func (t *typ) label() string {
	switch {
	case t.kind == kindArray:
		return t.elem.label() + "[]"
	case t.name == "boolean":
		return "bool"
	}
	return t.name
}

// simple tells whether the type is one of XML Schema's own.
func (t *typ) simple() bool { return t.kind != kindStruct && t.kind != kindArray }

// Named is a struct that is not called on the wire what it is called in Go, as
// when two ports have structs of one name with different members.
type Named interface{ SOAPName() string }

func structName(rt reflect.Type) string {
	if named, ok := reflect.Zero(rt).Interface().(Named); ok {
		return named.SOAPName()
	}
	return rt.Name()
}

// direction tells what a struct is used for.
type direction uint8

const (
	in direction = iota
	out
)

var (
	blobType   = reflect.TypeFor[*Blob]()
	streamType = reflect.TypeFor[Stream]()
)

// builder turns Go types into typ trees; within one operation each struct
// becomes one typ.
type builder struct {
	op   string
	dir  direction
	seen map[reflect.Type]*typ
}

func (b *builder) panic(format string, args ...any) {
	panic("soap: method " + b.op + ": " + fmt.Sprintf(format, args...))
}

// parts returns the members of a message.
func (b *builder) parts(rt reflect.Type) []*member {
	if rt.Kind() != reflect.Struct {
		b.panic("%v is not a struct", rt)
	}
	return b.fields(rt, nil, true, nil)
}

// fields appends the members of rt to list, those of embedded structs in place.
func (b *builder) fields(rt reflect.Type, index []int, top bool, list []*member) []*member {
	for i := range rt.NumField() {
		f := rt.Field(i)
		at := append(index[:len(index):len(index)], i)
		tag, tagged := f.Tag.Lookup("soap")
		if f.Anonymous && !tagged {
			if f.Type.Kind() != reflect.Struct {
				b.panic("%v.%s: only structs can be embedded", rt, f.Name)
			}
			list = b.fields(f.Type, at, top, list)
			continue
		}
		if tag == "-" {
			continue
		}
		if !tagged {
			b.panic("%v.%s has no soap tag", rt, f.Name)
		}
		if !f.IsExported() {
			b.panic("%v.%s is not exported", rt, f.Name)
		}
		m := b.member(rt, f, tag, top)
		m.index = at
		for _, other := range list {
			for _, name := range append([]string{m.name}, m.aliases...) {
				if other.called([]byte(name)) {
					b.panic("%v has two fields called %s", rt, name)
				}
			}
		}
		list = append(list, m)
	}
	return list
}

func (b *builder) member(rt reflect.Type, f reflect.StructField, tag string, top bool) *member {
	options := strings.Split(tag, ",")
	m := &member{name: options[0]}
	if !validName([]byte(m.name)) || strings.Contains(m.name, ":") {
		b.panic("%v.%s: %q is no name for an element", rt, f.Name, m.name)
	}
	published := ""
	for _, o := range options[1:] {
		key, value, _ := strings.Cut(o, "=")
		switch key {
		case "alias":
			m.aliases = append(m.aliases, value)
		case "optional":
			m.optional = true
		case "hidden":
			m.hidden = true
		case "int", "string":
			published = key
		default:
			b.panic("%v.%s: option %q", rt, f.Name, o)
		}
	}
	m.typ = b.typ(f.Type, published)
	if (m.typ.kind == kindBlob || m.typ.kind == kindStream) && !top {
		b.panic("%v.%s: binary content can only be a part of its own", rt, f.Name)
	}
	if m.hidden && b.dir == out && !top {
		b.panic("%v.%s: a struct in an answer hides nothing", rt, f.Name)
	}
	m.text = fragmentsOf(m.name, m.typ)
	return m
}

// typ returns the wire form of rt; published, if not empty, is the name of the
// XML Schema type that the declaration asks for.
func (b *builder) typ(rt reflect.Type, published string) *typ {
	name := func(usual string) string {
		if published != "" {
			return published
		}
		return usual
	}
	switch {
	case rt == blobType && b.dir == in && published != "int":
		return &typ{kind: kindBlob, name: name("base64Binary"), rt: rt}
	case rt == streamType && b.dir == out && published != "int":
		return &typ{kind: kindStream, name: name("base64Binary"), rt: rt}
	case rt.Kind() == reflect.String && published != "string":
		return &typ{kind: kindString, name: name("string"), rt: rt}
	case rt.Kind() == reflect.Bool && published == "":
		return &typ{kind: kindBool, name: "boolean", rt: rt}
	case (rt.Kind() == reflect.Int || rt.Kind() == reflect.Int64) && b.dir == out && published != "string":
		return &typ{kind: kindInt, name: "int", rt: rt}
	case rt.Kind() == reflect.Slice:
		elem := b.typ(rt.Elem(), published)
		if elem.kind == kindBlob || elem.kind == kindStream {
			break
		}
		t := &typ{kind: kindArray, elem: elem, rt: rt, name: "ArrayOf" + strings.ToUpper(elem.name[:1]) + elem.name[1:]}
		t.item = &member{name: "item", typ: elem, text: fragmentsOf("item", elem)}
		return t
	case rt.Kind() == reflect.Struct && published == "" && rt != streamType && rt != blobType.Elem():
		if t, ok := b.seen[rt]; ok {
			if t == nil {
				b.panic("%v contains itself", rt)
			}
			return t
		}
		if rt.Name() == "" || strings.ContainsAny(rt.Name(), "[·") {
			b.panic("%v needs a plain type name", rt)
		}
		b.seen[rt] = nil
		t := &typ{kind: kindStruct, name: structName(rt), rt: rt, members: b.fields(rt, nil, false, nil)}
		b.seen[rt] = t
		return t
	}
	b.panic("type %v with option %q is not supported here", rt, published)
	return nil
}

// called tells whether the element name means m, whatever its case.
func (m *member) called(name []byte) bool {
	if equalFold(name, m.name) {
		return true
	}
	for _, a := range m.aliases {
		if equalFold(name, a) {
			return true
		}
	}
	return false
}

// equalFold compares ignoring the case of ASCII letters.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i, c := range b {
		d := s[i]
		if c == d {
			continue
		}
		if c|0x20 != d|0x20 || c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}

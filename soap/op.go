package soap

import (
	"context"
	"reflect"
	"slices"
)

// Op is one operation of a port. Make it with [Method].
type Op struct {
	name, doc string
	in, out   []*member
	answer    []*member // what the WSDL shows of the answer, errorCode included
	plain     bool
	aliases   []string
	blobs     bool // some part of in is a Blob
	open      int  // parts of in that are not hidden
	make      func() (any, reflect.Value)
	call      func(ctx context.Context, in any) (reflect.Value, error)
	empty     func() reflect.Value // the zero answer
}

// Part is a part of a message, for documentation and tests.
type Part struct {
	Name     string
	Type     string // string, bool, int, base64Binary, a struct's name, or any of them and []
	Aliases  []string
	Optional bool

	repeated bool // of an adopted WSDL: an array without an element around it
}

// Method declares an operation from the function that performs it. I and O are
// structs whose fields are the parts of request and answer, in order; a field is
//
//	Field T `soap:"name,option,..."`
//
// where T is string, bool, a struct, a slice of those, a slice of slices of
// structs, in I also *Blob and in O also int, int64 and Stream. The options are
// alias=x (a further name in requests), optional (for the documentation), hidden
// (read, never published; in O answered to proxies of an adopted WSDL that has
// it), int (a string published as xsd:int and read as text) and string (binary
// content published as xsd:string). Embedded structs are flattened. Method panics
// when a type cannot be declared.
//
// The errorCode is not in O: the engine writes it as the first part, from what
// [Port].Code makes of fn's error. When fn fails, what it returned is still
// answered, so it returns the zero O unless it means something.
func Method[I, O any](name, doc string, fn func(ctx context.Context, in *I) (O, error)) Op {
	if !validName([]byte(name)) {
		panic("soap: " + name + " is no name for a method")
	}
	op := Op{name: name, doc: doc}
	op.in = (&builder{name, in, map[reflect.Type]*typ{}}).parts(reflect.TypeFor[I]())
	op.out = (&builder{name, out, map[reflect.Type]*typ{}}).parts(reflect.TypeFor[O]())
	for _, m := range op.in {
		op.blobs = op.blobs || m.typ.kind == kindBlob
	}
	op.open = len(shown(op.in))
	op.answer = append([]*member{errorCode}, shown(op.out)...)
	op.make = func() (any, reflect.Value) {
		in := new(I)
		return in, reflect.ValueOf(in).Elem()
	}
	op.call = func(ctx context.Context, in any) (reflect.Value, error) {
		out, err := fn(ctx, in.(*I))
		return reflect.ValueOf(&out).Elem(), err
	}
	op.empty = func() reflect.Value { return reflect.ValueOf(new(O)).Elem() }
	return op
}

// Plain returns the operation without the errorCode part: its first part is the
// first field of O.
func (o Op) Plain() Op {
	o.plain = true
	o.answer = shown(o.out)
	return o
}

// Alias returns the operation with further names, which are understood but not
// published. The answer to a call is named as the call was.
func (o Op) Alias(names ...string) Op {
	o.aliases = append(slices.Clone(o.aliases), names...)
	return o
}

// Name is the published name.
func (o Op) Name() string { return o.name }

// Doc is the text given to Method.
func (o Op) Doc() string { return o.doc }

// In lists the published parts of the request.
func (o Op) In() []Part { return partsOf(o.published(in)) }

// Out lists the parts of the answer, errorCode included.
func (o Op) Out() []Part { return partsOf(o.published(out)) }

// errorCode is the part that every operation answers first, unless it is plain.
// It alone has no index: it comes from no field.
var errorCode = func() *member {
	t := &typ{kind: kindString, name: "string"}
	return &member{name: "errorCode", typ: t, text: fragmentsOf("errorCode", t)}
}()

// published returns the members that the WSDL shows.
func (o *Op) published(dir direction) []*member {
	if dir == out {
		return o.answer
	}
	return shown(o.in)
}

func partsOf(list []*member) []Part {
	parts := make([]Part, len(list))
	for i, m := range list {
		parts[i] = Part{Name: m.name, Type: m.typ.label(), Aliases: slices.Clone(m.aliases), Optional: m.optional}
	}
	return parts
}

// Port is a service: a named list of operations in a namespace.
type Port struct {
	Name      string // "customer": in addresses
	Service   string // "customerService": of the WSDL, and the class in generated proxies
	Namespace string
	Ops       []Op

	// Code turns what a method returned, nil too, into the errorCode of the
	// answer. If fault is not nil it is answered instead. Code must be set.
	Code func(ctx context.Context, op string, err error) (code string, fault *Fault)
}

// Fault is a SOAP fault. A method may return one as its error.
type Fault struct {
	Client bool   // the caller's mistake, else the server's
	Text   string // for the caller
}

func (f *Fault) Error() string { return f.Text }

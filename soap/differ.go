package soap

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Difference is something in which an adopted WSDL and a port disagree.
type Difference struct {
	Op    string // "" if it is not about one operation
	Text  string // in plain English
	Fatal bool   // proxies made from the WSDL will not work with the port
}

func (d Difference) String() string {
	if d.Op == "" {
		return d.Text
	}
	return d.Op + ": " + d.Text
}

// Diff compares the WSDL with p. What is not fatal is bridged: names of array
// types may differ, parts of a request may have other names if their number and
// order are those of p, and calls in the namespace of the WSDL, or at its address,
// are answered with its parts, in its order, under its names of parts, structs and
// types.
func (a *Adopted) Diff(p *Port) []Difference {
	list, _ := a.compare(p)
	return list
}

// compare returns the differences, and the parts of those answers that bridge one.
func (a *Adopted) compare(p *Port) ([]Difference, map[*Op][]*member) {
	d := &differ{a: a, own: a.Namespace == p.Namespace, answers: map[*Op][]*member{}}
	d.repeatedItems()
	table := make(map[string]*Op)
	for i := range p.Ops {
		for _, name := range append([]string{p.Ops[i].name}, p.Ops[i].aliases...) {
			table[strings.ToLower(name)] = &p.Ops[i]
		}
	}
	seen := make(map[*Op]AdoptedOp)
	for _, there := range a.Ops {
		here := table[strings.ToLower(there.Name)]
		if here == nil {
			d.add(there.Name, true, "the WSDL has this operation, the port has not")
			continue
		}
		if first, again := seen[here]; again {
			if !slices.EqualFunc(first.Out, there.Out, func(a, b Part) bool { return a.Name == b.Name && a.Type == b.Type }) {
				d.add(there.Name, true, "the WSDL has this operation as %s, too, and is answered as it says there", first.Name)
			}
			continue
		}
		seen[here] = there
		if there.Response != "" && there.Response != there.Name+"Response" {
			d.add(there.Name, true, "the WSDL wants the answer called %s, it is called %sResponse", there.Response, there.Name)
		}
		d.request(there, here)
		d.answer(there, here)
	}
	for i := range p.Ops {
		if _, ok := seen[&p.Ops[i]]; !ok {
			d.add(p.Ops[i].name, false, "the port has this operation, the WSDL has not")
		}
	}
	return append(d.list, d.types...), d.answers
}

type differ struct {
	a       *Adopted
	own     bool // the WSDL has the port's own namespace, whose calls are answered as declared
	list    []Difference
	types   []Difference // of structs and arrays, which many operations have
	answers map[*Op][]*member
	items   map[string]string // what items are called, by the label of their array
}

// add notes a difference, once: structs and arrays are met again and again.
func (d *differ) add(op string, fatal bool, format string, args ...any) {
	found, list := Difference{op, fmt.Sprintf(format, args...), fatal}, &d.list
	if op == "" {
		list = &d.types
	}
	if !slices.Contains(*list, found) {
		*list = append(*list, found)
	}
}

// bridge notes a difference that answers make up for.
func (d *differ) bridge(op, format string, args ...any) { d.add(op, d.own, format, args...) }

// repeatedItems looks at what literal arrays call their items.
func (d *differ) repeatedItems() {
	d.items = map[string]string{}
	for _, array := range slices.Sorted(maps.Keys(d.a.items)) {
		label, item := d.a.Arrays[array], d.a.items[array]
		if other, ok := d.items[label]; ok && other != item {
			d.add("", true, "the items of %s are called %s in the WSDL and %s here", array, item, other)
			continue
		}
		d.items[label] = item
		if item != "item" {
			d.bridge("", "the items of %s are called %s in the WSDL and item here", array, item)
		}
	}
}

// named returns the member called name, whatever its case, or nil.
func named(list []*member, name string) *member {
	for _, m := range list {
		if m.called([]byte(name)) {
			return m
		}
	}
	return nil
}

// wants tells whether one of the parts means m.
func wants(parts []Part, m *member) bool {
	return slices.ContainsFunc(parts, func(p Part) bool { return m.called([]byte(p.Name)) })
}

// text tells whether a type travels as plain characters, so that one may stand
// for another in a request.
func text(label string) bool {
	switch label {
	case "string", "int", "bool", "base64Binary":
		return true
	}
	return false
}

func (d *differ) request(there AdoptedOp, here *Op) {
	mine := here.published(in)
	bound := make([]bool, len(mine))
	for i, part := range there.In {
		m := named(here.in, part.Name)
		if m == nil {
			if i >= len(mine) {
				d.add(there.Name, false, "part %s of the request is not known here and ignored", part.Name)
				continue
			}
			if len(there.In) != len(mine) {
				d.add(there.Name, true, "part %s of the request is not known here", part.Name)
				continue
			}
			d.add(there.Name, false, "part %s of the request is called %s here; it is taken by its place", part.Name, mine[i].name)
			d.requestType(there.Name, part, mine[i])
			bound[i] = true
			continue
		}
		d.requestType(there.Name, part, m)
		if k := slices.Index(mine, m); k >= 0 {
			bound[k] = true
			if k != i {
				d.add(there.Name, false, "part %s of the request is number %d in the WSDL and %d here", part.Name, i+1, k+1)
			}
		}
	}
	for k, m := range mine {
		if !bound[k] {
			d.add(there.Name, false, "part %s of the request is not in the WSDL: it stays empty", m.name)
		}
	}
}

func (d *differ) requestType(op string, part Part, m *member) {
	ok := d.taken(m.typ, part.Type)
	if want := m.typ.label(); part.Type != want {
		d.add(op, !ok, "part %s of the request is %s in the WSDL and %s here", part.Name, part.Type, want)
	}
}

// taken tells whether a t can be read from what the WSDL calls label, and notes
// the members of structs that are lost.
func (d *differ) taken(t *typ, label string) bool {
	if t.kind == kindArray {
		elem, many := strings.CutSuffix(label, "[]")
		return many && d.taken(t.elem, elem)
	}
	if t.kind != kindStruct {
		return label == t.label() || text(label) && text(t.label())
	}
	there, ok := d.a.Structs[label]
	for _, part := range there {
		m := named(t.members, part.Name)
		if m == nil {
			d.add("", true, "member %s of %s is not known here: what a call says in it is lost", part.Name, label)
		} else if !d.taken(m.typ, part.Type) {
			d.add("", true, "member %s of %s is %s in the WSDL and %s here", part.Name, label, part.Type, m.typ.label())
		}
	}
	for _, m := range shown(t.members) {
		if ok && !wants(there, m) {
			d.add("", false, "member %s of %s is not in the WSDL", m.name, label)
		}
	}
	return ok
}

// answer finds out what an answer has to consist of for proxies of the WSDL.
func (d *differ) answer(there AdoptedOp, here *Op) {
	mine := here.answer
	parts, last := []*member(nil), -1
	for i, part := range there.Out {
		m := named(mine, part.Name)
		if m == nil {
			m = named(here.out, part.Name) // a hidden one
		}
		if m == nil && d.inPlace(there.Out, mine, i) {
			m = mine[i]
		}
		if m == nil {
			d.add(there.Name, true, "part %s of the answer is not given here", part.Name)
			continue
		}
		if m.name != part.Name {
			d.bridge(there.Name, "part %s of the answer is called %s here", part.Name, m.name)
		}
		if k := slices.Index(mine, m); k >= 0 {
			if k < last {
				d.bridge(there.Name, "part %s of the answer is number %d in the WSDL and %d here", part.Name, i+1, k+1)
			}
			last = max(last, k)
		}
		parts = append(parts, &member{name: part.Name, index: m.index, typ: d.partType(there.Name, part, m)})
	}
	for _, m := range mine {
		if !slices.ContainsFunc(parts, func(p *member) bool { return slices.Equal(p.index, m.index) }) {
			d.bridge(there.Name, "part %s of the answer is not in the WSDL", m.name)
		}
	}
	if !sameMembers(parts, mine) {
		d.answers[here] = withTags(parts)
	}
}

// inPlace tells whether the part number i goes by its place: there are as many
// as here, and what stands there here is none that the WSDL has elsewhere.
func (d *differ) inPlace(there []Part, mine []*member, i int) bool {
	return len(there) == len(mine) && !wants(there, mine[i]) && d.fits(mine[i].typ, there[i].Type)
}

// partType is the type of m as the WSDL has it, that of here if it does not fit.
func (d *differ) partType(op string, part Part, m *member) *typ {
	fits := d.fits(m.typ, part.Type)
	if want := m.typ.label(); part.Type != want {
		d.add(op, !fits || d.own, "part %s of the answer is %s in the WSDL and %s here", part.Name, part.Type, want)
	}
	if part.repeated {
		d.add(op, true, "part %s of the answer is repeated in the WSDL and one array here", part.Name)
	}
	if !fits {
		return m.typ
	}
	return d.renamed(m.typ, part.Type)
}

// fits tells whether what is written of a t is also what the WSDL calls label.
func (d *differ) fits(t *typ, label string) bool {
	switch t.kind {
	case kindArray:
		elem, many := strings.CutSuffix(label, "[]")
		return many && d.fits(t.elem, elem)
	case kindStruct:
		_, ok := d.a.Structs[label]
		return ok
	}
	switch label {
	case t.label(), "string":
		return true
	case "int":
		return t.kind == kindString // of an id or a number
	case "base64Binary":
		return t.kind == kindStream
	}
	return false
}

// renamed is t, which fits, under the names of the WSDL. What has the same ones
// is the same typ.
func (d *differ) renamed(t *typ, label string) *typ {
	n := *t
	switch {
	case t.kind == kindArray:
		n.elem = d.renamed(t.elem, strings.TrimSuffix(label, "[]"))
		name := "item"
		if other, ok := d.items[label]; ok {
			name = other
		}
		if n.elem == t.elem && name == t.item.name {
			return t
		}
		n.item = &member{name: name, typ: n.elem, text: fragmentsOf(name, n.elem)}
	case t.kind == kindStruct:
		members := d.members(t, label)
		if label == t.name && sameMembers(members, t.members) {
			return t
		}
		n.name, n.members = label, withTags(members)
	case label == t.label():
		return t
	default:
		n.name = label
	}
	return &n
}

// members are those of t as the struct called label has them.
func (d *differ) members(t *typ, label string) []*member {
	var list []*member
	there := d.a.Structs[label]
	for i, part := range there {
		m := named(t.members, part.Name)
		if m == nil && d.inPlace(there, t.members, i) {
			m = t.members[i]
		}
		if m == nil {
			d.add("", false, "member %s of %s is not known here: no answer has it", part.Name, label)
			continue
		}
		if m.name != part.Name {
			d.bridge("", "member %s of %s is called %s here", part.Name, label, m.name)
		}
		member := &member{name: part.Name, index: m.index, typ: m.typ}
		if d.fits(m.typ, part.Type) {
			member.typ = d.renamed(m.typ, part.Type)
		}
		if want := m.typ.label(); part.Type != want {
			d.add("", d.own || !d.fits(m.typ, part.Type), "member %s of %s is %s in the WSDL and %s here", part.Name, label, part.Type, want)
		}
		list = append(list, member)
	}
	for _, m := range t.members {
		if !slices.ContainsFunc(list, func(p *member) bool { return slices.Equal(p.index, m.index) }) {
			d.bridge("", "member %s of %s is not in the WSDL", m.name, label)
		}
	}
	return list
}

// sameMembers tells whether two lists would be written alike.
func sameMembers(a, b []*member) bool {
	return slices.EqualFunc(a, b, func(x, y *member) bool { return x.name == y.name && x.typ == y.typ && slices.Equal(x.index, y.index) })
}

// withTags makes the members ready to be written.
func withTags(list []*member) []*member {
	for _, m := range list {
		m.text = fragmentsOf(m.name, m.typ)
	}
	return list
}

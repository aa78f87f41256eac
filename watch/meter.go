// Package watch makes an installation visible from outside: it counts calls,
// hands the counts to Prometheus, and talks to systemd. It knows no rule of the
// help desk. Start with Meter.
package watch

import (
	"sync/atomic"
	"time"

	"skranke"
	"skranke/soap"
)

// Meter counts calls, and connections that were closed. A call costs it a few atomic additions: every
// combination of port, method and code has its place ahead, so callers cannot
// make it grow either.
type Meter struct {
	ports   []*portMeter
	unknown *portMeter // of a port that was not declared
	refused [len(limits)]atomic.Uint64
	closed  [len(closers)]atomic.Uint64
}

// limits are the values of Observation.Refused.
var limits = [...]string{"address", "size", "time", "busy"}

// The limits that close connections.
const (
	CloserAll     = "all"     // of connections in all
	CloserAddress = "address" // of those from one address
)

var closers = [...]string{CloserAll, CloserAddress}

type portMeter struct {
	name    string
	methods map[string]*methodMeter
	unknown *methodMeter // calls of no method
	all     []*methodMeter
}

// The places of methodMeter.codes behind those of the documented codes.
const (
	documented = int(skranke.CodeUserNotFound) + 1
	fault      = documented
	otherCode  = documented + 1
)

// bounds are the upper ends of the classes of durations.
var bounds = [...]time.Duration{
	100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

type methodMeter struct {
	name    string
	codes   [documented + 2]atomic.Uint64
	classes [len(bounds) + 1]atomic.Uint64
	nanos   atomic.Uint64
	traced  atomic.Pointer[traced]
}

// traced is the last call that named the trace it belongs to.
type traced struct {
	id   string
	took time.Duration
	at   time.Time
}

// unknownMethod is the label of whatever was not declared.
const unknownMethod = "unknown"

// NewMeter counts the calls of ports.
func NewMeter(ports []*soap.Port) *Meter {
	m := &Meter{unknown: newPortMeter(unknownMethod, nil)}
	for _, p := range ports {
		m.ports = append(m.ports, newPortMeter(p.Name, p.Ops))
	}
	return m
}

func newPortMeter(name string, ops []soap.Op) *portMeter {
	p := &portMeter{name: name, methods: map[string]*methodMeter{}, unknown: &methodMeter{name: unknownMethod}}
	for i := range ops {
		method := &methodMeter{name: ops[i].Name()}
		p.methods[method.name] = method
		p.all = append(p.all, method)
	}
	p.all = append(p.all, p.unknown)
	return p
}

// Observe counts a call.
func (m *Meter) Observe(o soap.Observation) {
	method := m.method(o.Port, o.Op)
	method.codes[place(&o)].Add(1)
	method.nanos.Add(uint64(max(0, o.Duration)))
	class := 0
	for class < len(bounds) && o.Duration > bounds[class] {
		class++
	}
	method.classes[class].Add(1)
	if o.Trace != "" {
		method.traced.Store(&traced{o.Trace, o.Duration, time.Now()})
	}
	if o.Refused == "" {
		return
	}
	for i, name := range limits {
		if name == o.Refused {
			m.refused[i].Add(1)
		}
	}
}

// Closed counts a connection that a limit closed: one of the closers.
func (m *Meter) Closed(by string) {
	for i, name := range closers {
		if name == by {
			m.closed[i].Add(1)
		}
	}
}

func (m *Meter) method(port, op string) *methodMeter {
	for _, p := range m.ports {
		if p.name != port {
			continue
		}
		if method := p.methods[op]; method != nil {
			return method
		}
		return p.unknown
	}
	return m.unknown.unknown
}

// place is where a call's outcome is counted.
func place(o *soap.Observation) int {
	if o.Fault {
		return fault
	}
	n := 0
	for _, ch := range []byte(o.Code) {
		if ch < '0' || '9' < ch || n >= documented {
			return otherCode
		}
		n = 10*n + int(ch-'0')
	}
	if o.Code == "" || n >= documented {
		return otherCode
	}
	return n
}

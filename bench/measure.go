package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// contestant is a server under measurement.
type contestant struct {
	name    string
	tickets int // of its help desk, 0 for the floor
	child   *child
	load    load
	settle  time.Duration // see options
	idle    usage         // before the first call
	first   slot          // every ticket read once, before the rounds
}

// slot is one contestant under load in one round.
type slot struct {
	calls         int
	perSecond     float64
	p50, p99      time.Duration
	cpu           time.Duration // per call
	allocs, bytes float64       // per call
	rss           int64         // afterwards
	peak          int64         // of rss until then
}

// measure runs the whole comparison: every contestant in turn in every round,
// with every number of connections, and then the further methods.
func measure(ctx context.Context, o *options) (_ *report, err error) {
	if err := os.MkdirAll(o.cache, 0o700); err != nil {
		return nil, err
	}
	sizes := o.sizes
	if !o.does(groupGetTicket) && !o.does(groupFindTickets) && !o.does(groupAgent) {
		sizes = sizes[:1] // the others would have nothing to do
	}
	var dirs []string
	for _, tickets := range sizes {
		dir, err := helpDesk(ctx, o, tickets)
		if err != nil {
			return nil, err
		}
		dirs = append(dirs, dir)
	}
	scratch, err := o.scratch(dirs[0])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()

	var servers []*contestant
	defer func() {
		for _, c := range servers {
			err = errors.Join(err, c.child.stop())
		}
	}()
	for i, tickets := range sizes {
		c, err := startSkranke(ctx, o, dirs[i], tickets)
		if err != nil {
			return nil, err
		}
		servers = append(servers, c)
	}
	floor, size, err := startFloor(ctx, servers[0])
	if err != nil {
		return nil, err
	}
	servers = slices.Insert(servers, 0, floor)

	time.Sleep(o.settle)
	for _, c := range servers {
		if c.idle, err = c.child.ask("usage", ""); err != nil {
			return nil, err
		}
	}
	r := &report{options: o, answer: size, servers: servers, slots: map[place][]slot{}}
	if o.does(groupGetTicket) {
		if err := r.measureGetTicket(ctx); err != nil {
			return nil, err
		}
	}
	if r.trials, err = o.trials(servers[1:], scratch); err != nil {
		return nil, err
	}
	if o.writes() {
		c, err := startSkranke(ctx, o, scratch, sizes[0])
		if err != nil {
			return nil, err
		}
		servers = append(servers, c)
		for _, t := range r.trials {
			if t.writes {
				t.entrants[0].contestant.child = c.child
				t.entrants[0].contestant.load.addr = c.child.addr
			}
		}
	}
	for _, t := range r.trials {
		if err := t.run(ctx, o, floor); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return r, nil
}

// firstReadings reads every ticket of the help desks, by its customer and then by
// a colleague: what is measured then is a server that has been at work for a while.
func (r *report) firstReadings(ctx context.Context) (err error) {
	for _, c := range r.servers[1:] {
		if c.first, err = c.firstReading(ctx, r.options.callers(c.tickets), themselves); err != nil {
			return err
		}
		// Some readings fell into a commit, and are remembered only now.
		if _, err := c.firstReading(ctx, r.options.callers(c.tickets), chiefOf); err != nil {
			return err
		}
		r.options.say("  first readings of %-20s %8.0f calls/s  %.4f ms CPU/call", c.name, c.first.perSecond, milliseconds(c.first.cpu))
	}
	return nil
}

func (c *contestant) firstReading(ctx context.Context, l callers, reader func(customer int) int) (slot, error) {
	step, tickets := l.eachOnce(reader)
	reading := &contestant{child: c.child, load: load{addr: c.load.addr, step: step}, settle: c.settle}
	s, err := reading.measure(ctx, tickets, time.Hour, 8, 1)
	if err != nil {
		return slot{}, fmt.Errorf("%s, first readings: %w", c.name, err)
	}
	return s, nil
}

func (r *report) measureGetTicket(ctx context.Context) error {
	o := r.options
	if err := r.firstReadings(ctx); err != nil {
		return err
	}
	for _, connections := range o.connections {
		for round := range o.rounds + 1 { // the first one warms up
			for n, c := range r.servers {
				s, err := c.measure(ctx, o.calls, o.slot, connections, uint64(round)<<32|uint64(connections)<<16|uint64(n))
				if err != nil {
					return fmt.Errorf("%s, %d connections: %w", c.name, connections, err)
				}
				if round == 0 {
					continue
				}
				at := place{n, connections}
				r.slots[at] = append(r.slots[at], s)
				o.say("  %d connections, round %d, %-20s %8.0f calls/s  %.4f ms CPU/call", connections, round, c.name, s.perSecond, milliseconds(s.cpu))
			}
		}
	}
	return nil
}

func startSkranke(ctx context.Context, o *options, dir string, tickets int) (*contestant, error) {
	c, err := start(ctx, skrankeRole, dir)
	if err != nil {
		return nil, err
	}
	return &contestant{
		name: fmt.Sprintf("skranke %d", tickets), tickets: tickets, child: c,
		load: load{addr: c.addr, step: o.callers(tickets).getTicket}, settle: o.settle,
	}, nil
}

// startFloor starts a floor that gives an answer of like, and tells its size.
// It gets the same calls.
func startFloor(ctx context.Context, like *contestant) (*contestant, int, error) {
	c, err := start(ctx, floorRole)
	if err != nil {
		return nil, 0, err
	}
	floor := &contestant{name: "floor", child: c}
	size, err := floor.imitate(ctx, like)
	if err != nil {
		return nil, 0, errors.Join(err, c.stop())
	}
	return floor, size, nil
}

// imitate has the floor give an answer of like from now on, whose size it
// returns, and take the same calls.
func (c *contestant) imitate(ctx context.Context, like *contestant) (int, error) {
	answer, err := like.load.sample(ctx)
	if err != nil {
		return 0, err
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return 0, err
	}
	c.load = like.load
	c.load.addr = c.child.addr
	_, err = c.child.ask("answer", string(text))
	return len(answer.Body), err
}

// measure puts c under load for one slot.
func (c *contestant) measure(ctx context.Context, most int, long time.Duration, connections int, seed uint64) (slot, error) {
	before, err := c.child.ask("usage", "")
	if err != nil {
		return slot{}, err
	}
	out, err := c.load.run(ctx, connections, most, long, seed)
	if err != nil {
		return slot{}, err
	}
	time.Sleep(c.settle)
	after, err := c.child.ask("usage", "")
	if err != nil {
		return slot{}, err
	}
	calls := len(out.times)
	slices.Sort(out.times)
	return slot{
		calls:     calls,
		perSecond: float64(calls) / out.took.Seconds(),
		p50:       out.times[calls/2],
		p99:       out.times[calls*99/100],
		cpu:       (after.CPU - before.CPU) / time.Duration(calls),
		allocs:    float64(after.Allocs-before.Allocs) / float64(calls),
		bytes:     float64(after.Bytes-before.Bytes) / float64(calls),
		rss:       after.RSS,
		peak:      after.Peak,
	}, nil
}

// profile runs a server of the largest size on its own, under load from 8
// connections, and has it write profiles.
func profile(ctx context.Context, o *options) (err error) {
	folder, err := filepath.Abs(o.profile)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	tickets := o.sizes[len(o.sizes)-1]
	dir, err := helpDesk(ctx, o, tickets)
	if err != nil {
		return err
	}
	c, err := start(ctx, skrankeRole, dir, "profiled")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	profiled := &contestant{name: "profiled", child: c, load: load{addr: c.addr, step: o.callers(tickets).getTicket}}
	for _, reader := range []func(int) int{themselves, chiefOf} {
		if _, err := profiled.firstReading(ctx, o.callers(tickets), reader); err != nil {
			return err
		}
	}
	if _, err := c.ask("profile", folder); err != nil {
		return err
	}
	out, err := profiled.load.run(ctx, 8, 10*o.calls, 5*o.slot, 2)
	if err != nil {
		return err
	}
	if _, err := c.ask("profiled", folder); err != nil {
		return err
	}
	o.say("profiled %d calls: %s", len(out.times), folder)
	return nil
}

// median is the middle of what of takes from the slots, with the least and the greatest.
func median[T cmp.Ordered](slots []slot, of func(slot) T) (middle, least, most T) {
	all := make([]T, len(slots))
	for i, s := range slots {
		all[i] = of(s)
	}
	slices.Sort(all)
	return all[len(all)/2], all[0], all[len(all)-1]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// What can be measured.
const (
	groupGetTicket   = "getTicket"
	groupFindTickets = "findTickets"
	groupAddMessage  = "addMessage"
	groupNewTicket   = "newTicket"
	groupAttachment  = "attachment"
	groupAgent       = "agent"
	groupFaq         = "faq"
)

var groups = []string{groupGetTicket, groupFindTickets, groupFaq, groupAddMessage, groupNewTicket, groupAgent, groupAttachment}

func (o *options) does(group string) bool { return slices.Contains(o.only, group) }

// writes says whether a help desk will be written to.
func (o *options) writes() bool {
	return o.does(groupAddMessage) || o.does(groupNewTicket) || o.does(groupAgent) || o.does(groupAttachment)
}

// callers are those of a help desk of that many tickets.
func (o *options) callers(tickets int) callers { return callers{tickets, o.own, o.entries} }

// scratch copies a help desk, on the same disk, for what a run writes.
func (o *options) scratch(dir string) (string, error) {
	scratch := filepath.Join(o.cache, fmt.Sprintf("scratch-%d", os.Getpid()))
	if !o.writes() {
		return scratch, nil
	}
	return scratch, os.CopyFS(scratch, os.DirFS(dir))
}

// trial is one kind of call at one number of callers: all that are compared in
// it take turns, round after round.
type trial struct {
	name     string
	callers  int
	yard     string // what it is measured against
	measure  func(ctx context.Context) (float64, error)
	entrants []*entrant

	commits int   // that a step has to wait for
	bytes   int64 // that a step carries
	most    int   // steps of a slot, 0 for as many as there is time for
	writes  bool  // to a help desk of its own

	against []float64 // what the yardstick did, by rounds
	answer  int       // bytes of an answer the floor gives, too
}

// entrant is a server in a trial.
type entrant struct {
	contestant contestant
	slots      []slot
}

// The yardsticks.
const (
	yardFloor  = "floor"       // a bare handler that gives an answer of the same bytes
	yardDisk   = "fsync"       // 4 KiB appended and synced by one, over and over
	yardDecode = "base64 -d"   // of the coreutils, to /dev/null
	yardEncode = "base64 -w 0" // the same
)

// trials lists what is to be measured besides getTicket.
func (o *options) trials(servers []*contestant, scratch string) ([]*trial, error) {
	var all []*trial
	read := func(name string, servers []*contestant, step func(callers) step) {
		t := &trial{name: name, callers: 1, yard: yardFloor}
		for _, c := range servers {
			one := *c
			one.load.step = step(o.callers(c.tickets))
			t.entrants = append(t.entrants, &entrant{contestant: one})
		}
		all = append(all, t)
	}
	if o.does(groupFindTickets) {
		read("findTickets: own, 50", servers, callers.findOwn)
		read("findTickets: own by ids, 10", servers, callers.findByID)
		read("findTickets: own by word, 10", servers, callers.findByWord)
		read("findTickets: own by status, 50", servers, callers.findByStatus)
		read("findTickets: company's, 500", servers, callers.findOfCompany)
	}
	if o.does(groupAgent) {
		read("agent's findTickets: newest 50", servers, callers.agentNewest)
		read("agent's findTickets: by word, 50", servers, callers.agentByWord)
		read("agent's findTickets: by ids, 50", servers, callers.agentByID)
		read("agent's findTickets: customer's, 50", servers, callers.agentOfCustomer)
	}
	if o.does(groupFaq) {
		read("faq_findEntries: a word", servers[:1], func(l callers) step { return l.searchFaq(1, 0) })
		read("faq_findEntries: two words", servers[:1], func(l callers) step { return l.searchFaq(2, 0) })
		read("faq_findEntries: 3 letters", servers[:1], func(l callers) step { return l.searchFaq(1, 3) })
	}

	small := *servers[0]
	people := o.callers(small.tickets)
	write := func(t trial, step step) {
		one := small
		one.load.step = step
		t.writes = true
		t.entrants = []*entrant{{contestant: one}}
		all = append(all, &t)
	}
	disk := func(context.Context) (float64, error) { return syncs(scratch, o.brief) }
	for _, callers := range []int{1, 16} {
		if o.does(groupAddMessage) {
			write(trial{name: "addMessage", callers: callers, yard: yardDisk, measure: disk, commits: 1}, people.addMessage)
		}
		if o.does(groupNewTicket) {
			write(trial{name: "newTicket, addMessage", callers: callers, yard: yardDisk, measure: disk, commits: 2}, people.newTicket)
		}
		if o.does(groupAgent) {
			write(trial{name: "agent's newTicket, addMessage3", callers: callers, yard: yardDisk, measure: disk, commits: 2}, people.agentNewTicket)
		}
	}
	if o.does(groupAttachment) {
		const most = 8 // a round; they fill the disk
		size := o.file << 10
		f := newFile(size)
		content, err := f.store(scratch)
		if err != nil {
			return nil, err
		}
		t := trial{callers: 1, bytes: int64(size), most: most}
		t.name, t.yard = "addAttachment", yardDecode
		t.measure = func(ctx context.Context) (float64, error) { return speed(ctx, size, content+".b64", "base64", "-d") }
		write(t, f.up(people))
		t.name, t.yard = "getAttachment", yardEncode
		t.measure = func(ctx context.Context) (float64, error) { return speed(ctx, size, content, "base64", "-w", "0") }
		write(t, f.down(people))
	}
	return all, nil
}

// run measures everybody in turn, the yardstick first.
func (t *trial) run(ctx context.Context, o *options, floor *contestant) error {
	if t.yard == yardFloor {
		var err error
		if t.answer, err = floor.imitate(ctx, &t.entrants[0].contestant); err != nil {
			return err
		}
		t.measure = func(ctx context.Context) (float64, error) {
			s, err := floor.measure(ctx, o.calls, o.brief, t.callers, 1)
			return s.perSecond, err
		}
	}
	for round := range o.rounds + 1 { // the first one warms up
		against, err := t.measure(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", t.yard, err)
		}
		if round > 0 {
			t.against = append(t.against, against)
		}
		for n, e := range t.entrants {
			s, err := t.slot(ctx, o, &e.contestant, uint64(round)<<32|uint64(t.callers)<<16|uint64(n))
			if err != nil {
				return err
			}
			if round > 0 {
				e.slots = append(e.slots, s)
				o.say("  %-30s %2d callers, round %d, %8d tickets %9.1f a second  %.4f ms CPU  %s %.1f",
					t.name, t.callers, round, e.contestant.tickets, t.rate(s), milliseconds(s.cpu), t.yard, against)
			}
		}
	}
	return nil
}

// slot measures a server once. What it takes of memory is counted from where it
// is after it has given back what it does not need.
func (t *trial) slot(ctx context.Context, o *options, c *contestant, seed uint64) (slot, error) {
	most, idle := o.calls, usage{}
	if t.bytes > 0 {
		var err error
		most = t.most
		if idle, err = c.child.ask("rest", ""); err != nil {
			return slot{}, err
		}
	}
	s, err := c.measure(ctx, most, o.brief, t.callers, seed)
	s.peak -= idle.RSS
	return s, err
}

// rate is what is compared with the yardstick: steps, commits or megabytes a
// second.
func (t *trial) rate(s slot) float64 {
	switch {
	case t.bytes > 0: // what the load does between calls is not the server's
		return float64(t.bytes) / 1e6 / s.p50.Seconds()
	case t.commits > 0:
		return s.perSecond * float64(t.commits)
	}
	return s.perSecond
}

// syncs is how many times a second one can append to a file and have it on disk.
func syncs(dir string, long time.Duration) (float64, error) {
	file, err := os.CreateTemp(dir, "sync-*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	page, n := make([]byte, 4<<10), 0
	start := time.Now()
	for ; time.Since(start) < long; n++ {
		if _, err := file.Write(page); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(start).Seconds(), nil
}

// store writes the file and, beside it, its base64.
func (f *file) store(dir string) (string, error) {
	content, err := io.ReadAll(f.content())
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "file")
	return name, errors.Join(os.WriteFile(name, content, 0o600), os.WriteFile(name+".b64", f.text, 0o600))
}

// speed is how many megabytes of content a second a program takes that reads
// name and whose output nobody wants, its start included.
func speed(ctx context.Context, size int, name string, program ...string) (float64, error) {
	in, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, program[0], program[1:]...)
	cmd.Stdin, cmd.Stderr = in, &said // no Stdout is /dev/null
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, &said)
	}
	return float64(size) / 1e6 / time.Since(start).Seconds(), nil
}

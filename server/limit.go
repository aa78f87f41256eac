package server

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"skranke"
	"skranke/brisk"
	"skranke/config"
	"skranke/soap"
	"skranke/watch"
)

// limits are those of calls.
func limits(c config.Config) soap.Limits {
	return soap.Limits{
		Body:     c.MaxRequestBytes(),
		Rate:     c.MinBodyRate,
		Together: int64(c.BodyMemoryMiB) << 20,
		Spool:    int64(c.BodySpoolMiB) << 20,
		Reading:  c.MaxBodies,
		Calls:    c.MaxCalls,
		Waiting:  16 * c.MaxCalls,
		BadCalls: c.BadCallsPerAddress,
	}
}

// guesses are the codes of answers to who does not know a key or a password.
var guesses = []string{
	skranke.CodeInvalidSessionKey.String(),
	skranke.CodeIncorrectLoginCustomer.String(),
	skranke.CodeIncorrectLoginUser.String(),
}

func isGuess(code string) bool { return slices.Contains(guesses, code) }

// connections keeps their number within bounds: when there are too many, in all
// or from one address, the one that has done nothing for the longest time is
// closed, so that who comes with a call gets in. What waits for its next call
// and what has never said anything does nothing. If all are busy the new one is
// closed.
//
// An address is that of the other end: behind a proxy the proxy's, whose network
// should be among the unlimited ones. Of IPv6 addresses the network counts.
type connections struct {
	most, each int
	unlimited  []netip.Prefix
	closed     func(by string) // is told of each that is closed, with the limit that did it

	clock atomic.Uint64 // counts how often one became idle

	mu    sync.Mutex // is for those that come and go; calls do without
	all   group
	peers map[netip.Addr]*peer
}

// peer is the connections of one address.
type peer struct {
	group
	free bool
}

type connection struct {
	conn *patientConn
	addr netip.Addr
	peer *peer
	idle atomic.Uint64 // since when, as the clock counts; 0 while it is busy
}

// group is connections of which the longest idle one may have to go.
type group struct {
	members map[*connection]bool
	longest []idling // the next ones to go, if they have not been busy since
}

type idling struct {
	connection *connection
	since      uint64
}

// spareFiles is how many files the server needs beside connections.
const spareFiles = 256

func newConnections(most, each int, unlimited []netip.Prefix, closed func(by string)) *connections {
	if files := openFiles(); files > 2*spareFiles {
		most = min(most, files-spareFiles)
	}
	return &connections{
		most: most, each: each, unlimited: unlimited, closed: closed,
		all: group{members: map[*connection]bool{}}, peers: map[netip.Addr]*peer{},
	}
}

// changed is the ConnState of a server that listens patiently. Every call changes
// its connection twice.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	if resumed, ok := conn.(*brisk.Resumed); ok {
		if state == http.StateNew { // counted when it came, and perhaps closed since
			return
		}
		conn = resumed.NetConn()
	}
	patient := conn.(*patientConn)
	switch state {
	case http.StateNew:
		c.add(patient)
	case http.StateActive:
		if k := patient.counted.Load(); k != nil {
			k.idle.Store(0)
		}
	case http.StateIdle:
		if k := patient.counted.Load(); k != nil {
			k.idle.Store(c.clock.Add(1))
		}
	case http.StateClosed, http.StateHijacked:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.remove(patient)
	}
}

func (c *connections) add(conn *patientConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	addr := remote(conn)
	p := c.peers[addr]
	if p == nil {
		p = &peer{group: group{members: map[*connection]bool{}}, free: c.isFree(conn)}
		c.peers[addr] = p
	}
	k := &connection{conn: conn, addr: addr, peer: p}
	k.idle.Store(c.clock.Add(1))
	conn.counted.Store(k)
	c.all.members[k], p.members[k] = true, true
	switch {
	case !p.free && len(p.members) > c.each:
		c.drop(&p.group, watch.CloserAddress)
	case len(c.all.members) > c.most:
		c.drop(&c.all, watch.CloserAll)
	}
}

// drop closes the longest idle connection of a group.
func (c *connections) drop(g *group, by string) {
	conn := g.longestIdle().conn
	c.remove(conn)
	conn.Close()
	c.closed(by)
}

// longestIdle returns the one that has done nothing for the longest time. There
// is one: that which has just come.
func (g *group) longestIdle() *connection {
	for {
		for len(g.longest) > 0 {
			next := g.longest[0]
			g.longest = g.longest[1:]
			if g.members[next.connection] && next.connection.idle.Load() == next.since {
				return next.connection
			}
		}
		g.look()
	}
}

// look finds out which are idle. It takes a share of them, so that who floods
// the server with connections does not have it look at each of his.
func (g *group) look() {
	g.longest = nil
	for k := range g.members {
		if since := k.idle.Load(); since > 0 {
			g.longest = append(g.longest, idling{k, since})
		}
	}
	slices.SortFunc(g.longest, func(a, b idling) int { return cmp.Compare(a.since, b.since) })
	g.longest = slices.Clone(g.longest[:1+(len(g.longest)-1)/16])
}

// count is how many are open.
func (c *connections) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.all.members)
}

// remove forgets a connection, if it was not forgotten before.
func (c *connections) remove(conn *patientConn) {
	k := conn.counted.Swap(nil)
	if k == nil {
		return
	}
	delete(c.all.members, k)
	delete(k.peer.members, k)
	if len(k.peer.members) == 0 {
		delete(c.peers, k.addr)
	}
}

func (c *connections) isFree(conn net.Conn) bool {
	addr, _ := netip.ParseAddrPort(conn.RemoteAddr().String())
	for _, p := range c.unlimited {
		if p.Contains(addr.Addr().Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

// remote is what the other end is counted as.
func remote(conn net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	addr := at.Addr().Unmap().WithZone("")
	if addr.Is6() {
		return netip.PrefixFrom(addr, 64).Masked().Addr()
	}
	return addr
}

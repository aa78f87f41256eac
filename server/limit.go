package server

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"

	"skranke"
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

	mu    sync.Mutex
	open  map[net.Conn]*connection
	order *list.List // of *connection: the idle ones, the longest idle first, and busy ones in between
	peers map[netip.Addr]*peer
}

// peer is the connections of one address.
type peer struct {
	open  int
	order *list.List
	free  bool
}

type connection struct {
	conn         net.Conn
	addr         netip.Addr
	peer         *peer
	inAll, inOne *list.Element // its places in the order of all and of its peer
	busy         bool
}

// spareFiles is how many files the server needs beside connections.
const spareFiles = 256

func newConnections(most, each int, unlimited []netip.Prefix, closed func(by string)) *connections {
	if files := openFiles(); files > 2*spareFiles {
		most = min(most, files-spareFiles)
	}
	return &connections{
		most: most, each: each, unlimited: unlimited, closed: closed,
		open: map[net.Conn]*connection{}, order: list.New(), peers: map[netip.Addr]*peer{},
	}
}

// changed is the ConnState of a server.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.add(conn)
	case http.StateActive:
		if k := c.open[conn]; k != nil {
			k.busy = true
		}
	case http.StateIdle:
		c.rest(c.open[conn])
	case http.StateClosed, http.StateHijacked:
		c.remove(c.open[conn])
	}
}

func (c *connections) add(conn net.Conn) {
	addr := remote(conn)
	p := c.peers[addr]
	if p == nil {
		p = &peer{order: list.New(), free: c.isFree(conn)}
		c.peers[addr] = p
	}
	k := &connection{conn: conn, addr: addr, peer: p}
	c.open[conn] = k
	p.open++
	k.inAll, k.inOne = c.order.PushBack(k), p.order.PushBack(k)
	switch {
	case !p.free && p.open > c.each:
		c.drop(p.order, watch.CloserAddress)
	case len(c.open) > c.most:
		c.drop(c.order, watch.CloserAll)
	}
}

// drop closes the longest idle connection. There is one: that which has just come.
func (c *connections) drop(order *list.List, by string) {
	at := order.Front()
	for at.Value.(*connection).busy {
		at = at.Next()
	}
	k := at.Value.(*connection)
	c.remove(k)
	k.conn.Close()
	c.closed(by)
}

// count is how many are open.
func (c *connections) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open)
}

// rest puts a connection behind all that have been idle for longer. It happens
// with every call: so it makes no garbage.
func (c *connections) rest(k *connection) {
	if k == nil {
		return
	}
	k.busy = false
	c.order.MoveToBack(k.inAll)
	k.peer.order.MoveToBack(k.inOne)
}

func (c *connections) remove(k *connection) {
	if k == nil {
		return
	}
	c.order.Remove(k.inAll)
	k.peer.order.Remove(k.inOne)
	delete(c.open, k.conn)
	if k.peer.open--; k.peer.open == 0 {
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

package soap

import (
	"context"
	"crypto/sha256"
	"hash"
	"net/http"
	"os"
	"sync"
)

// piece is what a blob hands to its spooler at a time. It holds a little more
// than what may stay in memory, so that the decoder may write beyond its end.
type piece [spoolSize + 64]byte

var pieces = sync.Pool{New: func() any { return new(piece) }}

// spooler hashes a blob and writes it to its file, while the next piece of it is
// read and decoded.
type spooler struct {
	pieces chan []byte // each one from the pool of that name
	ended  chan struct{}
	file   *os.File
	hash   hash.Hash
	turns  chan struct{} // a place for each spooler that may work at the moment; nil: all may
	err    error         // of writing; nobody may read it before ended
}

// newSpooler begins to write f. The spooler's finish must follow.
func newSpooler(f *os.File, turns chan struct{}) *spooler {
	s := &spooler{turns: turns, pieces: make(chan []byte, 2), ended: make(chan struct{}), file: f, hash: sha256.New()}
	go s.write()
	return s
}

func (s *spooler) write() {
	defer close(s.ended)
	for p := range s.pieces {
		if s.err == nil {
			s.add(p)
		}
		pieces.Put((*piece)(p[:cap(p)]))
	}
}

// add takes a turn for each piece: writing may keep a processor waiting for the
// disk, and many at once would keep all of them.
func (s *spooler) add(p []byte) {
	if s.turns != nil {
		s.turns <- struct{}{}
		defer func() { <-s.turns }()
	}
	s.hash.Write(p)
	_, s.err = s.file.Write(p)
}

// finish waits until everything was written and returns its SHA-256.
func (s *spooler) finish() (sum [sha256.Size]byte, err error) {
	close(s.pieces)
	<-s.ended
	s.hash.Sum(sum[:0])
	return sum, s.err
}

// unkept answers a call of which the server could not keep a large parameter,
// on a full disk for one: if its method is known by then, as a failure of that.
func (c *call) unkept(ctx context.Context, err error) {
	op := c.doc.op
	if op == nil || op.plain {
		c.h.log.ErrorContext(ctx, "SOAP request not taken", "port", c.caller.Port, "request", c.caller.RequestID, "error", err)
		c.fault(faultServer, "internal error")
		return
	}
	c.caller.Op = op.name
	c.setManner()
	if c.settle(ctx, op, err) && c.write(op, op.empty(), nil) == nil {
		c.answer.finish(http.StatusOK)
	}
}

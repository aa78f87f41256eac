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

// spooler hashes a blob and writes it to its file: while the next piece of it is
// read and decoded, if it has a place for that, else in the turn of who decodes
// it. Many that worked beside that would keep all processors from small calls.
type spooler struct {
	pieces chan []byte // each one from the pool of that name; nil without a place
	ended  chan struct{}
	file   *os.File
	hash   hash.Hash
	places chan struct{} // that there are; nil: as many as anybody wants
	err    error         // of writing; nobody may read it before ended
}

// newSpooler begins to write f. The spooler's finish must follow.
func newSpooler(f *os.File, places chan struct{}) *spooler {
	s := &spooler{places: places, file: f, hash: sha256.New()}
	if places != nil {
		select {
		case places <- struct{}{}:
		default:
			return s
		}
	}
	s.pieces, s.ended = make(chan []byte, 2), make(chan struct{})
	go s.write()
	return s
}

// take takes a piece, which belongs to the spooler from then on.
func (s *spooler) take(p []byte) {
	if s.pieces == nil {
		s.add(p)
		return
	}
	s.pieces <- p
}

func (s *spooler) write() {
	defer close(s.ended)
	for p := range s.pieces {
		s.add(p)
	}
	if s.places != nil {
		<-s.places
	}
}

func (s *spooler) add(p []byte) {
	if s.err == nil {
		s.hash.Write(p)
		_, s.err = s.file.Write(p)
	}
	pieces.Put((*piece)(p[:cap(p)]))
}

// finish waits until everything was written and returns its SHA-256.
func (s *spooler) finish() (sum [sha256.Size]byte, err error) {
	if s.pieces != nil {
		close(s.pieces)
		<-s.ended
	}
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
	if c.settle(ctx, op, err) && c.write(op.empty(), nil) == nil {
		c.answer.finish(http.StatusOK)
	}
}

package store

import (
	"encoding/binary"
	"math"
)

// recorder is a cursor that writes down what is read from another one, in the
// order it is read.
type recorder struct {
	cur   cursor
	buf   []byte
	rows  int
	ended bool         // there was a last row
	keep  func([]byte) // gets the record of a result with rows that was read to its end, once
}

func (c *recorder) step() (bool, error) {
	more, err := c.cur.step()
	if err != nil {
		return more, err
	}
	c.ended = !more
	if more {
		c.rows++
	}
	c.buf = appendFlag(c.buf, more)
	return more, nil
}

func (c *recorder) int64(col int) int64 {
	n := c.cur.int64(col)
	c.buf = binary.AppendVarint(c.buf, n)
	return n
}

func (c *recorder) float(col int) float64 {
	f := c.cur.float(col)
	c.buf = binary.AppendUvarint(c.buf, math.Float64bits(f))
	return f
}

func (c *recorder) text(col int) string {
	s := c.cur.text(col)
	c.buf = binary.AppendUvarint(c.buf, uint64(len(s)))
	c.buf = append(c.buf, s...)
	return s
}

func (c *recorder) null(col int) bool {
	null := c.cur.null(col)
	c.buf = appendFlag(c.buf, null)
	return null
}

func (c *recorder) done() {
	c.cur.done()
	if c.ended && c.rows > 0 && c.keep != nil {
		c.keep(c.buf)
	}
	c.keep = nil
}

func appendFlag(buf []byte, flag bool) []byte {
	if flag {
		return append(buf, 1)
	}
	return append(buf, 0)
}

// replay is a cursor over a record. It must be read as the recorder was.
type replay struct {
	rest string
}

func (c *replay) step() (bool, error) { return c.flag(), nil }
func (c *replay) null(int) bool       { return c.flag() }
func (c *replay) done()               {}
func (c *replay) float(int) float64   { return math.Float64frombits(c.uvarint()) }

func (c *replay) int64(int) int64 {
	n := c.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

func (c *replay) text(int) string {
	n := c.uvarint()
	s := c.rest[:n]
	c.rest = c.rest[n:]
	return s
}

func (c *replay) flag() bool {
	set := c.rest[0] != 0
	c.rest = c.rest[1:]
	return set
}

// uvarint is binary.Uvarint of a string.
func (c *replay) uvarint() uint64 {
	var n uint64
	for i := 0; ; i++ {
		b := c.rest[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			c.rest = c.rest[i+1:]
			return n
		}
	}
}

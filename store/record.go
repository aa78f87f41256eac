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

// record is what a recorder has written down. It must be read as the recorder was.
type record string

func (r *record) float() float64 { return math.Float64frombits(r.uvarint()) }

func (r *record) int64() int64 {
	n := r.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

func (r *record) text() string {
	n := r.uvarint()
	s := (*r)[:n]
	*r = (*r)[n:]
	return string(s)
}

func (r *record) flag() bool {
	set := (*r)[0] != 0
	*r = (*r)[1:]
	return set
}

// uvarint is binary.Uvarint of a string.
func (r *record) uvarint() uint64 {
	s := *r
	if b := s[0]; b < 0x80 { // most are small
		*r = s[1:]
		return uint64(b)
	}
	var n uint64
	for i := 0; ; i++ {
		b := s[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			*r = s[i+1:]
			return n
		}
	}
}

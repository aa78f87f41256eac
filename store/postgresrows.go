package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
)

const (
	// pgFirstRows is how many rows of a result are taken at first, pgMoreRows
	// how many each time after. Another statement may run between.
	pgFirstRows = 128
	pgMoreRows  = 512

	// bigResult is the room a cursor does not keep for the next result.
	bigResult = 1 << 16
)

// The types of PostgreSQL we meet.
const (
	oidBool, oidBytes, oidInt8, oidInt2, oidInt4, oidText, oidFloat8, oidNumeric = 16, 17, 20, 21, 23, 25, 701, 1700
)

// oidOf is the type a parameter is declared as; the server finds that of a NULL.
var oidOf = [...]uint32{argNull: 0, argInt: oidInt8, argBool: oidBool, argFloat: oidFloat8, argText: oidText, argBlob: oidBytes}

// encode lays out the values of a statement as the types it was prepared with.
func (s *pgSession) encode(args []arg, types []uint32) error {
	need := 0
	for i := range args {
		need += 8 + len(args[i].s)
	}
	if cap(s.params) < need {
		s.params = make([]byte, 0, need)
	}
	buf := s.params[:0]
	s.values = s.values[:0]
	for i := range args {
		a, start := &args[i], len(buf)
		if a.kind == argNull {
			s.values = append(s.values, nil)
			continue
		}
		whole, number := a.kind == argInt || a.kind == argBool, a.kind != argText && a.kind != argBlob
		switch t := types[i]; {
		case t == oidInt8 && whole:
			buf = binary.BigEndian.AppendUint64(buf, uint64(a.n))
		case t == oidInt4 && whole && int64(int32(a.n)) == a.n:
			buf = binary.BigEndian.AppendUint32(buf, uint32(a.n))
		case t == oidInt2 && whole && int64(int16(a.n)) == a.n:
			buf = binary.BigEndian.AppendUint16(buf, uint16(a.n))
		case t == oidBool && whole:
			buf = append(buf, byte(a.n))
		case t == oidFloat8 && a.kind == argFloat:
			buf = binary.BigEndian.AppendUint64(buf, math.Float64bits(a.f))
		case t == oidFloat8 && whole:
			buf = binary.BigEndian.AppendUint64(buf, math.Float64bits(float64(a.n)))
		case (t == oidText || t == oidBytes) && !number:
			buf = append(buf, a.s...)
		default:
			return fmt.Errorf("value %d does not fit type %d", i+1, t)
		}
		s.values = append(s.values, buf[start:len(buf):len(buf)])
	}
	if cap(buf) > bigResult {
		s.params = nil
	}
	return nil
}

// pgCursor holds the rows of a result that have come so far. Rows that are left
// with the server stand in a portal.
type pgCursor struct {
	rows    rows
	conn    *pgConn
	ctx     context.Context
	portal  string
	busy    bool
	reads   bool // of a query
	limit   uint32
	tag     string // what the server says it did; "" before
	more    bool   // the server has more rows
	columns []uint32
	buf     []byte
	fields  []pgField // of all rows in buf
	row     int       // the present one counts from 1
}

// pgField is where a value lies; a negative size is NULL.
type pgField struct{ at, size int }

func (c *pgCursor) take(reads bool) {
	c.busy, c.reads = true, reads
	c.tag, c.more, c.columns = "", false, nil
	c.clear()
}

func (c *pgCursor) clear() {
	if cap(c.buf) > bigResult {
		c.buf, c.fields = nil, nil
	}
	c.buf, c.fields, c.row = c.buf[:0], c.fields[:0], 0
}

// add copies a row that has come.
func (c *pgCursor) add(values [][]byte) {
	for _, v := range values {
		f := pgField{at: len(c.buf), size: len(v)}
		if v == nil {
			f.size = -1
		}
		c.buf = append(c.buf, v...)
		c.fields = append(c.fields, f)
	}
}

func (c *pgCursor) step() (bool, error) {
	if err := c.ctx.Err(); err != nil {
		return false, err
	}
	if c.row++; c.row*len(c.columns) <= len(c.fields) {
		return len(c.columns) > 0, nil
	}
	if !c.more {
		if c.conn.lost {
			return false, errGone
		}
		return false, nil
	}
	if err := c.fetch(); err != nil {
		return false, err
	}
	c.row = 1
	return len(c.fields) > 0, nil
}

// fetch takes the next rows.
func (c *pgCursor) fetch() error {
	if err := c.conn.usable(c.ctx); err != nil {
		return err
	}
	c.clear()
	c.more = false
	s := c.conn.session
	err := s.run(c.ctx, []pgStep{{sql: "fetching", cursor: c, limit: pgMoreRows, fetch: true}})
	c.conn.after(err)
	return err
}

func (c *pgCursor) done() {
	if c.busy {
		c.busy, c.more, c.ctx = false, false, nil
		c.clear()
	}
}

// value is the present row's value of a column, nil for NULL.
func (c *pgCursor) value(col int) []byte {
	f := c.fields[(c.row-1)*len(c.columns)+col]
	if f.size < 0 {
		return nil
	}
	return c.buf[f.at : f.at+f.size]
}

func (c *pgCursor) null(col int) bool { return c.fields[(c.row-1)*len(c.columns)+col].size < 0 }

func (c *pgCursor) int64(col int) int64 {
	v := c.value(col)
	if len(v) == 0 {
		return 0
	}
	switch c.columns[col] {
	case oidInt8:
		return int64(binary.BigEndian.Uint64(v))
	case oidInt4:
		return int64(int32(binary.BigEndian.Uint32(v)))
	case oidInt2:
		return int64(int16(binary.BigEndian.Uint16(v)))
	case oidBool:
		return int64(v[0])
	}
	return int64(c.float(col))
}

func (c *pgCursor) float(col int) float64 {
	v := c.value(col)
	if len(v) == 0 {
		return 0
	}
	switch c.columns[col] {
	case oidFloat8:
		return math.Float64frombits(binary.BigEndian.Uint64(v))
	case oidNumeric:
		return decimal(v)
	case oidText:
		f, _ := strconv.ParseFloat(string(v), 64)
		return f
	}
	return float64(c.int64(col))
}

func (c *pgCursor) text(col int) string {
	v := c.value(col)
	switch t := c.columns[col]; {
	case v == nil:
		return ""
	case t == oidInt8, t == oidInt4, t == oidInt2, t == oidBool:
		return strconv.FormatInt(c.int64(col), 10)
	case t == oidFloat8, t == oidNumeric:
		return strconv.FormatFloat(c.float(col), 'g', -1, 64)
	}
	return string(v)
}

// decimal reads a number of PostgreSQL's type NUMERIC: digits of base 10000, the
// first one weighing 10000 to the power of weight.
func decimal(v []byte) float64 {
	if len(v) < 8 {
		return 0
	}
	digits, weight := int(binary.BigEndian.Uint16(v)), int(int16(binary.BigEndian.Uint16(v[2:])))
	n := 0.0
	for i := range min(digits, (len(v)-8)/2) {
		n += float64(binary.BigEndian.Uint16(v[8+2*i:])) * math.Pow(10000, float64(weight-i))
	}
	if binary.BigEndian.Uint16(v[4:]) == 0x4000 {
		n = -n
	}
	return n
}

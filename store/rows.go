package store

import "time"

// cursor is the result of a statement as a driver gives it.
// Columns count from 0 and may be read in any order, each any number of times.
type cursor interface {
	step() (bool, error)
	int64(col int) int64
	float(col int) float64
	text(col int) string
	null(col int) bool
	done() // gives the statement back; no column may be read after it
}

// rows walks over the result of a query. Each reading method takes the next
// column of the present row, so a row is read in the order its columns are
// named in. An error of the query itself shows in err, after next said no.
//
//	r := tx.query(ctx, "SELECT ...")
//	defer r.close()
//	for r.next() { ... }
//	return r.err
type rows struct {
	cur    cursor // nil if they are read from a record
	record record
	col    int
	err    error
}

func (r *rows) next() bool {
	if r.err != nil {
		return false
	}
	if r.cur == nil {
		return r.record.flag()
	}
	r.col = 0
	var ok bool
	ok, r.err = r.cur.step()
	return ok
}

// close gives the statement back. It may be called more than once.
func (r *rows) close() {
	if r.cur != nil {
		r.cur.done()
	}
}

// take is the number of the next column.
func (r *rows) take() int {
	r.col++
	return r.col - 1
}

// skip passes over n columns.
func (r *rows) skip(n int) { r.col += n }

func (r *rows) int64() int64 {
	if r.cur == nil {
		return r.record.int64()
	}
	return r.cur.int64(r.take())
}

func (r *rows) float() float64 {
	if r.cur == nil {
		return r.record.float()
	}
	return r.cur.float(r.take())
}

func (r *rows) text() string {
	if r.cur == nil {
		return r.record.text()
	}
	return r.cur.text(r.take())
}

// null says whether the column read last is NULL.
func (r *rows) null() bool {
	if r.cur == nil {
		return r.record.flag()
	}
	return r.cur.null(r.col - 1)
}

func (r *rows) int() int   { return int(r.int64()) }
func (r *rows) bool() bool { return r.int64() != 0 }

// span reads a duration stored in milliseconds.
func (r *rows) span() time.Duration {
	return time.Duration(r.int64()) * time.Millisecond
}

// moment reads a time stored in Unix milliseconds, the zero time for NULL.
func (r *rows) moment() time.Time {
	n := r.int64()
	if n == 0 && r.null() {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// id reads the next column as an id or another named number.
func id[T ~int | ~int64 | ~uint32](r *rows) T { return T(r.int64()) }

package store

import (
	"strings"
	"time"
)

// argKind says which member of an arg counts.
type argKind uint8

const (
	argNull argKind = iota
	argInt
	argBool
	argFloat
	argText
	argBlob
)

// arg is one parameter of a statement. It is a plain value, so that handing
// numbers to a statement costs no memory.
type arg struct {
	kind argKind
	n    int64
	f    float64
	s    string
}

// num is a whole number: an id, a count, a code, flags.
func num[T ~int | ~int64 | ~uint32](n T) arg { return arg{kind: argInt, n: int64(n)} }

// flag is a truth value.
func flag(b bool) arg {
	a := arg{kind: argBool}
	if b {
		a.n = 1
	}
	return a
}

// float is a number with a fraction.
func float(f float64) arg { return arg{kind: argFloat, f: f} }

// text is a text, made fit for every database.
func text(s string) arg { return arg{kind: argText, s: clean(s)} }

// blob is raw bytes.
func blob(b []byte) arg { return arg{kind: argBlob, s: string(b)} }

// moment is a time in Unix milliseconds, NULL for the zero time.
func moment(t time.Time) arg {
	if t.IsZero() {
		return arg{}
	}
	return arg{kind: argInt, n: t.UnixMilli()}
}

// span is a duration in milliseconds.
func span(d time.Duration) arg { return arg{kind: argInt, n: d.Milliseconds()} }

// clean makes s valid UTF-8 without NUL: PostgreSQL refuses both faults, and
// SQLite cuts a text at a NUL in some of its functions.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return s
}

package soap

import "time"

// Limits bounds what one call may cost. A field that is zero has the default
// given beside it.
type Limits struct {
	Body        int64         // bytes of a request body, before and after inflating: 64 MiB
	Text        int64         // bytes of one text in a request that is held in memory: 16 MiB; all texts together may have twice that
	Together    int64         // bytes that all requests in progress may hold in memory, those below 64 KiB not counted: 128 MiB
	Depth       int           // nested elements: 64
	Elements    int           // elements in a request, and again values reached through references: 100,000
	Attributes  int           // attributes of one element: 64
	ReadTimeout time.Duration // reading a whole body: 10 minutes
	IdleTimeout time.Duration // silence while a body is read or an answer is written: 30 seconds
}

func (l Limits) withDefaults() Limits {
	if l.Body <= 0 {
		l.Body = 64 << 20
	}
	if l.Text <= 0 {
		l.Text = 16 << 20
	}
	if l.Together <= 0 {
		l.Together = 128 << 20
	}
	if l.Depth <= 0 {
		l.Depth = 64
	}
	if l.Elements <= 0 {
		l.Elements = 100_000
	}
	if l.Attributes <= 0 {
		l.Attributes = 64
	}
	if l.ReadTimeout <= 0 {
		l.ReadTimeout = 10 * time.Minute
	}
	if l.IdleTimeout <= 0 {
		l.IdleTimeout = 30 * time.Second
	}
	// Texts are addressed with 32 bits.
	l.Text = min(l.Text, 512<<20)
	return l
}

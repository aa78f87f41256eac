package soap

import "time"

// Limits bounds what one call may cost. A field that is zero has the default
// given beside it.
type Limits struct {
	Body       int64 // bytes of a request body, before and after inflating: 64 MiB
	Text       int64 // bytes of one text in a request that is held in memory: 16 MiB; all texts together may have twice that
	Depth      int   // nested elements: 64
	Elements   int   // elements in a request, and again values reached through references: 100,000
	Attributes int   // attributes of one element: 64

	ReadTimeout time.Duration // reading a whole body: 10 minutes
	IdleTimeout time.Duration // silence while a body is read or an answer is written: 30 seconds
	Grace       time.Duration // how long a body may come as slowly as it likes: 10 seconds
	Rate        int           // bytes a second it must have come with after that: 1 KiB

	// What all requests in progress may take together, and those of one address.
	// Requests below 64 KiB count for neither memory nor disk.
	Together, TogetherEach int64         // bytes of memory: 64 MiB, 48 MiB
	Spool, SpoolEach       int64         // bytes of large parameters on disk: 4 GiB, 3 GiB
	Reading, ReadingEach   int           // bodies being read: 512, 256; and a quarter of that of refused ones that still come
	Calls, CallsEach       int           // methods being performed: 64, 48
	Waiting, WaitingEach   int           // calls waiting to be: 1024, 768
	WaitTimeout            time.Duration // how long one waits: 20 seconds

	// An address may have so many bad calls a minute: requests that are no
	// calls, and answers that Options.Guess knows. Further ones are answered late,
	// by Penalty: 300, one second.
	BadCalls int
	Penalty  time.Duration
}

func (l Limits) withDefaults() Limits {
	set(&l.Body, 64<<20)
	set(&l.Text, 16<<20)
	set(&l.Depth, 64)
	set(&l.Elements, 100_000)
	set(&l.Attributes, 64)
	set(&l.ReadTimeout, 10*time.Minute)
	set(&l.IdleTimeout, 30*time.Second)
	set(&l.Grace, 10*time.Second)
	set(&l.Rate, 1<<10)
	set(&l.Together, 64<<20)
	set(&l.TogetherEach, l.Together/4*3)
	set(&l.Spool, 4<<30)
	set(&l.SpoolEach, l.Spool/4*3)
	set(&l.Reading, 512)
	set(&l.ReadingEach, max(1, l.Reading/2))
	set(&l.Calls, 64)
	set(&l.CallsEach, max(1, l.Calls*3/4))
	set(&l.Waiting, 1024)
	set(&l.WaitingEach, max(1, l.Waiting*3/4))
	set(&l.WaitTimeout, 20*time.Second)
	set(&l.BadCalls, 300)
	set(&l.Penalty, time.Second)
	// Texts are addressed with 32 bits.
	l.Text = min(l.Text, 512<<20)
	return l
}

// set gives a limit its default.
func set[T int | int64 | time.Duration](limit *T, value T) {
	if *limit <= 0 {
		*limit = value
	}
}

package soap

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"os"
)

// spoolSize is where a blob leaves memory.
const spoolSize = 64 << 10

// errBase64 is what [Blob.Err] returns.
var errBase64 = errors.New("soap: malformed base64")

// Blob is the decoded content of a base64 parameter. Up to 64 KiB it lives in
// memory, beyond that in a file which the engine removes after the call, unless
// Keep or Path was called. A nil Blob, which stands for a parameter that was not
// sent, is empty.
type Blob struct {
	dir  string
	data []byte // what is in memory: all of it, or what the spooler has not got yet
	file *os.File
	path string
	size int64
	sum  [sha256.Size]byte // of the content, if it is in a file
	err  error
	kept bool

	reserve func(bytes int) error // of disk; nil: there is enough
	places  chan struct{}         // of spoolers
	spool   *spooler              // while the text comes in, from spoolSize on
	group   [4]byte               // characters of a group that is not whole yet
	n       int                   // how many
	padding int
}

// Stream is binary content that a method answers. Open is called once, after
// the method, and may be nil: no content. Size is a hint.
type Stream struct {
	Open func() (io.ReadCloser, error)
	Size int64
}

// Size is the number of decoded bytes.
func (b *Blob) Size() int64 {
	if b == nil {
		return 0
	}
	return b.size
}

// Err is not nil if the text was not base64. What could be decoded is still there.
func (b *Blob) Err() error {
	if b == nil {
		return nil
	}
	return b.err
}

// Open returns the content from its beginning. It may be called again.
func (b *Blob) Open() (io.ReadCloser, error) {
	switch {
	case b == nil:
		return io.NopCloser(bytes.NewReader(nil)), nil
	case b.path == "":
		return io.NopCloser(bytes.NewReader(b.data)), nil
	}
	return os.Open(b.path)
}

// Sum returns the SHA-256 of the content if that outgrew memory, and so was
// hashed on its way into the file that Path returns.
func (b *Blob) Sum() (sum [sha256.Size]byte, ok bool) {
	if b == nil || b.path == "" || b.size <= spoolSize {
		return sum, false
	}
	return b.sum, true
}

// Keep leaves the file, if there is one, to the caller.
func (b *Blob) Keep() {
	if b != nil {
		b.kept = true
	}
}

// Path returns a file that holds the content, making it if need be, so that a
// store may rename it. The file then belongs to the caller. It returns "" if the
// file could not be made.
func (b *Blob) Path() string {
	if b == nil {
		return ""
	}
	if b.path == "" {
		if err := b.spill(); err != nil {
			return ""
		}
		if err := b.closeFile(); err != nil {
			return ""
		}
	}
	b.kept = true
	return b.path
}

// spill moves the content from memory to a file.
func (b *Blob) spill() error {
	if err := b.create(); err != nil {
		return err
	}
	_, err := b.file.Write(b.data)
	b.forget()
	return err
}

func (b *Blob) create() error {
	f, err := os.CreateTemp(b.dir, "soap-*.part")
	if err != nil {
		return err
	}
	b.file, b.path = f, f.Name()
	return nil
}

// forget gives the memory back.
func (b *Blob) forget() {
	if cap(b.data) == cap(piece{}) {
		pieces.Put((*piece)(b.data[:cap(b.data)]))
	}
	b.data = nil
}

func (b *Blob) closeFile() error {
	if b.file == nil {
		return nil
	}
	err := b.file.Close()
	b.file = nil
	return err
}

// discard removes the file unless somebody took it.
func (b *Blob) discard() {
	if b.spool != nil {
		b.spool.finish()
		b.spool = nil
	}
	b.forget()
	b.closeFile()
	if b.path != "" && !b.kept {
		os.Remove(b.path)
	}
}

// write decodes a piece of base64 text. White space may stand anywhere.
// It fails only if the file cannot be written.
func (b *Blob) write(p []byte) error {
	for len(p) > 0 {
		n, err := b.take(p)
		if err != nil {
			return err
		}
		if p = p[n:]; len(p) == 0 {
			break
		}
		switch c := p[0]; {
		case c == '=':
			b.padding++
		default: // no base64, or more of it after the padding
			b.err = errBase64
		}
		p = p[1:]
	}
	return nil
}

// take decodes the beginning of p as far as it is base64 and white space, none
// of which means anything else in XML, and returns how much that is. It fails
// only if the file cannot be written.
func (b *Blob) take(p []byte) (taken int, err error) {
	for taken < len(p) {
		if b.n == 0 && b.padding == 0 && len(p)-taken >= 8 {
			n, err := b.run(p[taken:])
			if taken += n; err != nil || taken == len(p) {
				return taken, err
			}
		}
		c := p[taken]
		switch {
		case isSpace(c):
		case !isBase64[c] || b.padding > 0:
			return taken, nil
		default:
			b.group[b.n] = c
			if b.n++; b.n == len(b.group) {
				if err := b.decodeGroup(); err != nil {
					return taken, err
				}
			}
		}
		taken++
	}
	return taken, nil
}

// run decodes what stands at the beginning of p without anything between.
func (b *Blob) run(p []byte) (taken int, err error) {
	for len(p)-taken >= 8 {
		if err := b.makeRoom(); err != nil {
			return taken, err
		}
		written, read := decodeRun(b.data[len(b.data):cap(b.data)], p[taken:])
		if read == 0 {
			break
		}
		b.data = b.data[:len(b.data)+written]
		b.size += int64(written)
		taken += read
	}
	return taken, nil
}

// decodeGroup takes the waiting characters: four, or two or three at the end.
func (b *Blob) decodeGroup() error {
	if err := b.makeRoom(); err != nil {
		return err
	}
	var bytes [3]byte
	n, err := base64.RawStdEncoding.Decode(bytes[:], b.group[:b.n])
	if err != nil {
		b.err = errBase64
	}
	b.n = 0
	b.data = append(b.data, bytes[:n]...)
	b.size += int64(n)
	return nil
}

// makeRoom sees to it that b.data has room for eight bytes: a piece that is full
// goes to the file.
func (b *Blob) makeRoom() error {
	if cap(b.data)-len(b.data) >= 8 {
		return nil
	}
	if b.data != nil {
		if err := b.handOver(); err != nil {
			return err
		}
	}
	b.data = pieces.Get().(*piece)[:0]
	return nil
}

// handOver gives what is in memory to the spooler, which it starts if need be.
func (b *Blob) handOver() error {
	if b.reserve != nil {
		if err := b.reserve(len(b.data)); err != nil {
			return err
		}
	}
	if b.spool == nil {
		if err := b.create(); err != nil {
			return err
		}
		b.spool = newSpooler(b.file, b.places)
	}
	b.spool.take(b.data)
	b.data = nil
	return nil
}

// finish decodes the rest. The padding must fill the last group of four.
func (b *Blob) finish() error {
	if b.padding > 2 || (b.n+b.padding)%4 != 0 {
		b.err = errBase64
	}
	if b.n > 0 {
		if err := b.decodeGroup(); err != nil {
			return err
		}
	}
	if b.spool == nil && b.size <= spoolSize {
		return nil
	}
	if err := b.handOver(); err != nil {
		return err
	}
	var err error
	b.sum, err = b.spool.finish()
	b.spool = nil
	return errors.Join(err, b.closeFile())
}

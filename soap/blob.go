package soap

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"sync"
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
	data []byte
	file *os.File
	path string
	size int64
	err  error
	kept bool

	work    *workspace // while the text comes in
	n       int        // characters waiting in work.text
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
	f, err := os.CreateTemp(b.dir, "soap-*.part")
	if err != nil {
		return err
	}
	b.file, b.path = f, f.Name()
	_, err = f.Write(b.data)
	b.data = nil
	return err
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
	b.closeFile()
	if b.path != "" && !b.kept {
		os.Remove(b.path)
	}
}

// isBase64 tells the characters of base64 without padding.
var isBase64 = func() (t [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		t[c] = true
	}
	return
}()

// workspace is where text is decoded; its size is that of the writes to a file.
type workspace struct {
	text [32 << 10]byte
	data [24 << 10]byte
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// write decodes a piece of base64 text. White space may stand anywhere.
// It fails only if the file cannot be written.
func (b *Blob) write(p []byte) error {
	if b.work == nil {
		b.work = workspaces.Get().(*workspace)
	}
	for len(p) > 0 {
		n := 0
		for n < len(p) && isBase64[p[n]] {
			n++
		}
		if n > 0 && b.padding > 0 {
			b.err = errBase64
			p = p[n:]
			continue
		}
		for run := p[:n]; len(run) > 0; {
			k := copy(b.work.text[b.n:], run)
			run = run[k:]
			if b.n += k; b.n == len(b.work.text) {
				if err := b.decode(); err != nil {
					return err
				}
			}
		}
		for p = p[n:]; len(p) > 0 && !isBase64[p[0]]; p = p[1:] {
			switch c := p[0]; {
			case isSpace(c):
			case c == '=':
				b.padding++
			default:
				b.err = errBase64
			}
		}
	}
	return nil
}

// decode takes the waiting characters.
func (b *Blob) decode() error {
	n, err := base64.RawStdEncoding.Decode(b.work.data[:], b.work.text[:b.n])
	if err != nil {
		b.err = errBase64
	}
	b.n = 0
	b.size += int64(n)
	data := b.work.data[:n]
	if b.file == nil {
		if len(b.data)+n <= spoolSize {
			b.data = append(b.data, data...)
			return nil
		}
		if err := b.spill(); err != nil {
			return err
		}
	}
	_, err = b.file.Write(data)
	return err
}

// finish decodes the rest. The padding must fill the last group of four.
func (b *Blob) finish() error {
	if b.work == nil {
		return nil
	}
	if b.padding > 2 || (b.n+b.padding)%4 != 0 {
		b.err = errBase64
	}
	err := b.decode()
	workspaces.Put(b.work)
	b.work = nil
	if err != nil {
		return err
	}
	return b.closeFile()
}

package soap

import (
	"bytes"
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
	data []byte
	file *os.File
	path string
	size int64
	err  error
	kept bool

	quad   [4096]byte // characters waiting to be decoded
	n      int
	padded bool
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

// write decodes a piece of base64 text. White space may stand anywhere.
// It fails only if the file cannot be written.
func (b *Blob) write(p []byte) error {
	for _, c := range p {
		switch {
		case isBase64[c] && !b.padded:
			b.quad[b.n] = c
			if b.n++; b.n == len(b.quad) {
				if err := b.decode(); err != nil {
					return err
				}
			}
		case isSpace(c):
		case c == '=':
			b.padded = true
		default:
			b.err = errBase64
		}
	}
	return nil
}

// decode takes the waiting characters.
func (b *Blob) decode() error {
	var out [len(b.quad)]byte
	n, err := base64.RawStdEncoding.Decode(out[:], b.quad[:b.n])
	if err != nil {
		b.err = errBase64
	}
	b.n = 0
	b.size += int64(n)
	if b.file == nil {
		if len(b.data)+n <= spoolSize {
			b.data = append(b.data, out[:n]...)
			return nil
		}
		if err := b.spill(); err != nil {
			return err
		}
	}
	_, err = b.file.Write(out[:n])
	return err
}

// finish decodes the rest. Missing padding is forgiven.
func (b *Blob) finish() error {
	if err := b.decode(); err != nil {
		return err
	}
	return b.closeFile()
}

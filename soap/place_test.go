package soap

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"os"
	"testing"
)

// A small body that is large when it is inflated takes a place among the large
// ones, and leaves it between two bites.
func TestInflatedBodyTakesPlace(t *testing.T) {
	var small bytes.Buffer
	z := gzip.NewWriter(&small)
	z.Write(make([]byte, 4*heavySize))
	z.Close()
	if small.Len() > heavySize {
		t.Fatalf("%d bytes are no small body", small.Len())
	}
	b := &body{src: &small, left: 1 << 20, heavy: make(chan struct{}, 1)}
	src, err := inflate(b, "gzip", 8*heavySize)
	if err != nil {
		t.Fatal(err)
	}
	got, bite := 0, make([]byte, heavySize/4)
	for {
		n, err := src.Read(bite)
		got += n
		if held := len(b.heavy) == 1; held != (got > heavySize) {
			t.Fatalf("after %d bytes: a place is held: %v", got, held)
		}
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if b.rest(); len(b.heavy) != 0 || got != 4*heavySize {
		t.Errorf("at the end: %d places are held, got %d bytes", len(b.heavy), got)
	}
}

// Where there is no place for another spooler, who decodes a blob also writes
// it, and nothing is different.
func TestBlobsWithAndWithoutSpooler(t *testing.T) {
	places := make(chan struct{}, 1)
	var blobs [2]*Blob
	var contents, texts [2][]byte
	for i := range blobs {
		blobs[i] = &Blob{dir: t.TempDir(), places: places}
		contents[i] = make([]byte, 5*spoolSize+i)
		rand.NewChaCha8([32]byte{byte(i)}).Read(contents[i])
		texts[i] = []byte(base64.StdEncoding.EncodeToString(contents[i]))
	}
	for len(texts[1]) > 0 {
		for i, b := range blobs { // in turns
			n := min(len(texts[i]), 10_000)
			if err := b.write(texts[i][:n]); err != nil {
				t.Fatal(err)
			}
			texts[i] = texts[i][n:]
		}
	}
	if blobs[0].spool.pieces == nil || blobs[1].spool.pieces != nil {
		t.Error("not the first blob alone has a spooler beside it")
	}
	for i, b := range blobs {
		if err := b.finish(); err != nil {
			t.Fatal(err)
		}
		sum, ok := b.Sum()
		stored, err := os.ReadFile(b.Path())
		if !ok || sum != sha256.Sum256(contents[i]) || err != nil || !bytes.Equal(stored, contents[i]) {
			t.Errorf("blob %d: got %d bytes, %v, %v", i, len(stored), ok, err)
		}
	}
	if len(places) != 0 {
		t.Error("a place was not given back")
	}
}

package soap

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// The decoder agrees with that of the standard library, however the text is
// broken into lines and pieces, in memory and in a file.
func TestBlobDecodes(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	for _, size := range []int{0, 1, 2, 3, 4, 5, 6, 7, 100, spoolSize - 1, spoolSize, spoolSize + 1, spoolSize + 60, spoolSize + 64, spoolSize + 65, 3*spoolSize + 7} {
		content := make([]byte, size)
		for i := range content {
			content[i] = byte(draw.Uint32())
		}
		plain := base64.StdEncoding.EncodeToString(content)
		var lines strings.Builder
		for rest := plain; rest != ""; {
			n := min(76, len(rest))
			lines.WriteString(rest[:n] + "\r\n")
			rest = rest[n:]
		}
		for _, text := range []string{plain, lines.String(), " \t" + plain[:len(plain)/3] + "\n \n" + plain[len(plain)/3:]} {
			for _, most := range []int{1 << 20, 100, 7} {
				b := &Blob{dir: dir}
				for rest := []byte(text); len(rest) > 0; {
					n := min(len(rest), 1+draw.IntN(most))
					if err := b.write(rest[:n]); err != nil {
						t.Fatal(err)
					}
					rest = rest[n:]
				}
				if err := b.finish(); err != nil {
					t.Fatal(err)
				}
				checkBlob(t, b, content)
				b.discard()
			}
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func checkBlob(t *testing.T, b *Blob, want []byte) {
	t.Helper()
	r, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil || b.Err() != nil || b.Size() != int64(len(want)) || !bytes.Equal(got, want) {
		t.Errorf("got %d bytes of %d, %v, %v, want %d", len(got), b.Size(), err, b.Err(), len(want))
	}
	sum, ok := b.Sum()
	if ok != (len(want) > spoolSize) || ok && sum != sha256.Sum256(want) {
		t.Errorf("%d bytes: got the sum %x, %v", len(want), sum, ok)
	}
}

func TestBlobRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"YWJj!ZGVm":                    "abcdef",
		"YWJj=ZGVm":                    "abc",
		"YQ":                           "a",
		"YQ=":                          "a",
		"YQ===":                        "a",
		"YWJj=":                        "abc",
		"Y":                            "",
		"=":                            "",
		"YWJjZGVmYWJjZGVm-YWJj":        "abcdefabcdefabc",
		"YWJjZGVmYWJjZGVmYWJ\x80jZGVm": "abcdefabcdefabcdef",
	} {
		b := &Blob{}
		if err := b.write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := b.finish(); err != nil {
			t.Fatal(err)
		}
		if b.Err() == nil || string(b.data) != want {
			t.Errorf("%q: got %q, %v, want %q and that it is malformed", text, b.data, b.Err(), want)
		}
		b.discard()
	}
}

func TestEncode(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 4))
	for size := range 200 {
		content := make([]byte, size)
		for i := range content {
			content[i] = byte(draw.Uint32())
		}
		if got, want := string(appendBase64([]byte("x"), content)), "x"+base64.StdEncoding.EncodeToString(content); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

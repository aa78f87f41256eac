package store_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

func name(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func keep(t *testing.T, blobs *store.Blobs, content []byte) string {
	t.Helper()
	w, err := blobs.Create()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if _, err := io.Copy(w, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	sha, size, err := w.Commit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if sha != name(content) || size != int64(len(content)) {
		t.Errorf("got %s of %d bytes, want %s of %d", sha, size, name(content), len(content))
	}
	return sha
}

func wantBlob(t *testing.T, blobs *store.Blobs, content []byte) {
	t.Helper()
	f, size, err := blobs.Open(t.Context(), name(content))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := io.ReadAll(f)
	if err != nil || !bytes.Equal(got, content) || size != int64(len(content)) {
		t.Errorf("got %d bytes, size %d (%v), want the %d bytes written", len(got), size, err, len(content))
	}
	if at, err := f.Seek(1, io.SeekStart); err != nil || at != 1 {
		t.Errorf("seeking: got %d (%v)", at, err)
	}
}

// eachShelf runs fn on contents in files and on contents in a bucket: whoever
// uses them notices no difference.
func eachShelf(t *testing.T, fn func(*testing.T, *store.Blobs)) {
	t.Helper()
	for shelf, in := range map[string]store.Bucket{"files": {}, "bucket": storetest.NewS3(t).Bucket()} {
		t.Run(shelf, func(t *testing.T) {
			blobs, err := store.OpenBlobs(t.TempDir(), in)
			if err != nil {
				t.Fatal(err)
			}
			fn(t, blobs)
		})
	}
}

func TestBlobs(t *testing.T) { eachShelf(t, testBlobs) }

func testBlobs(t *testing.T, blobs *store.Blobs) {
	big, small, empty := bytes.Repeat([]byte("blåbær\x00"), 50_000), []byte("x"), []byte{}
	for _, content := range [][]byte{big, small, empty, big} {
		keep(t, blobs, content)
		wantBlob(t, blobs, content)
	}

	var names []string
	var sizes int64
	err := blobs.Each(t.Context(), func(sha string, size int64, _ time.Time) error {
		names = append(names, sha)
		sizes += size
		return nil
	})
	if err != nil || len(names) != 3 || sizes != int64(len(big)+1) {
		t.Errorf("got %d blobs of %d bytes (%v), want 3 of %d", len(names), sizes, err, len(big)+1)
	}
	boom := errors.New("boom")
	if err := blobs.Each(t.Context(), func(string, int64, time.Time) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("got %v, want the function's own error", err)
	}

	if err := blobs.Remove(t.Context(), name(small)); err != nil {
		t.Error(err)
	}
	wantCode(t, blobs.Remove(t.Context(), name(small)), skranke.CodeFileNotFound)
	_, _, err = blobs.Open(t.Context(), name(small))
	wantCode(t, err, skranke.CodeFileNotFound)
	wantBlob(t, blobs, big)
}

// TestBlobNames tries names that would lead out of the folder.
func TestBlobNames(t *testing.T) { eachShelf(t, testBlobNames) }

func testBlobNames(t *testing.T, blobs *store.Blobs) {
	sha := keep(t, blobs, []byte("x"))
	for _, bad := range []string{
		"", "..", "../skranke.db", strings.ToUpper(sha), sha[:63], sha + "0", "../" + sha[:61], sha[:2] + "/" + sha,
		"..%2f" + sha[5:], sha[:63] + "\x00", strings.Repeat("../", 21) + "x", strings.Repeat("å", 32),
	} {
		_, _, err := blobs.Open(t.Context(), bad)
		wantCode(t, err, skranke.CodeFileNotFound)
		wantCode(t, blobs.Remove(t.Context(), bad), skranke.CodeFileNotFound)
	}
	wantBlob(t, blobs, []byte("x"))
}

func TestBlobAbortAndAdopt(t *testing.T) { eachShelf(t, testBlobAbortAndAdopt) }

func testBlobAbortAndAdopt(t *testing.T, blobs *store.Blobs) {
	w, err := blobs.Create()
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("given up"))
	w.Abort()
	w.Abort()

	content := []byte("adopted")
	for range 2 { // the second time the contents are there already
		path := filepath.Join(blobs.SpoolDir(), "upload")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := blobs.Adopt(path, sha256.Sum256(content))
		if err != nil {
			t.Fatal(err)
		}
		sha, size, err := w.Commit(t.Context())
		w.Abort()
		if err != nil || sha != name(content) || size != int64(len(content)) {
			t.Fatalf("got %s of %d bytes (%v), want %s of %d", sha, size, err, name(content), len(content))
		}
		wantBlob(t, blobs, content)
	}
	if _, err := blobs.Adopt(filepath.Join(blobs.SpoolDir(), "not there"), [32]byte{}); err == nil {
		t.Error("adopted a file that is not there")
	}
	left, err := os.ReadDir(blobs.SpoolDir())
	if err != nil || len(left) != 0 {
		t.Errorf("%d files are left in the spool (%v), want none", len(left), err)
	}
}

// Who has written contents can store them again, whoever stored or removed them meanwhile.
func TestBlobIsCommittedAgain(t *testing.T) { eachShelf(t, testBlobIsCommittedAgain) }

func testBlobIsCommittedAgain(t *testing.T, blobs *store.Blobs) {
	content := bytes.Repeat([]byte("blåbær "), 50_000)
	for range 2 { // the second time they are there already
		w, err := blobs.Create()
		if err != nil {
			t.Fatal(err)
		}
		defer w.Abort()
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			sha, size, err := w.Commit(t.Context())
			if err != nil || sha != name(content) || size != int64(len(content)) {
				t.Fatalf("got %s of %d bytes (%v), want %s of %d", sha, size, err, name(content), len(content))
			}
			wantBlob(t, blobs, content)
			if err := blobs.Remove(t.Context(), sha); err != nil {
				t.Fatal(err)
			}
		}
		keep(t, blobs, content)
		w.Abort()
		wantBlob(t, blobs, content)
	}
	wantEmptySpool(t, blobs)
}

func TestBlobsAtOnce(t *testing.T) { eachShelf(t, testBlobsAtOnce) }

func testBlobsAtOnce(t *testing.T, blobs *store.Blobs) {
	var group sync.WaitGroup
	for n := range 16 {
		group.Go(func() { keep(t, blobs, []byte{byte(n % 4)}) })
	}
	group.Wait()
	count := 0
	if err := blobs.Each(t.Context(), func(string, int64, time.Time) error { count++; return nil }); err != nil || count != 4 {
		t.Errorf("got %d blobs (%v), want 4", count, err)
	}
}

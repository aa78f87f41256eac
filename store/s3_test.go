package store_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// What holds for every shelf holds with a real store.
func TestS3IsAShelf(t *testing.T) {
	storetest.EachRealS3(t, func(t *testing.T, in store.Bucket) {
		for word, test := range map[string]func(*testing.T, *store.Blobs){
			"blobs": testBlobs, "names": testBlobNames, "adopt": testBlobAbortAndAdopt, "again": testBlobIsCommittedAgain, "at once": testBlobsAtOnce,
		} {
			t.Run(word, func(t *testing.T) {
				own := in
				own.URL += "/" + strings.ReplaceAll(word, " ", "/")
				test(t, bucketOf(t, own))
			})
		}
		in.Region = os.Getenv("AWS_REGION") // the store is not asked where it is
		keep(t, bucketOf(t, in), []byte("x"))
	})
}

// A list has everything once, in order, over more than a page, and nothing of
// neighbours whose prefix begins alike.
func TestS3Lists(t *testing.T) {
	in := storetest.RealS3(t)
	const many = 1100 // S3 lists 1000 at a time
	blobs := bucketOf(t, in)
	names := make([]string, many)
	var group sync.WaitGroup
	for part := range 8 {
		group.Go(func() {
			for n := part; n < many; n += 8 {
				content := []byte(strconv.Itoa(n))
				if names[n] = name(content); tryKeep(t, blobs, content) != nil {
					t.Errorf("storing %s: failed", content)
				}
			}
		})
	}
	group.Wait()
	in.URL += "2"
	keep(t, bucketOf(t, in), []byte("a neighbour's"))
	slices.Sort(names)
	var got []string
	err := blobs.Each(t.Context(), func(sha string, size int64, stored time.Time) error {
		if age := time.Since(stored); size < 1 || size > 4 || age < -time.Minute || age > time.Hour {
			t.Errorf("%s: got %d bytes, stored at %v", sha, size, stored)
		}
		got = append(got, sha)
		return nil
	})
	if err != nil || !slices.Equal(got, names) {
		t.Errorf("got %d names (%v), want %d, in order", len(got), err, many)
	}
	copied, err := store.OpenBlobs(t.TempDir(), store.Bucket{})
	if err != nil {
		t.Fatal(err)
	}
	if files, err := blobs.CopyTo(t.Context(), copied, nil); err != nil || files != many {
		t.Errorf("copied %d files (%v), want %d", files, err, many)
	}
	wantBlob(t, copied, []byte("1099"))
}

// A large file goes there and back, in pieces as they come, and is found to be the
// same; it has an age, and goes when it is old enough.
func TestS3KeepsAndRemoves(t *testing.T) {
	storetest.EachRealS3(t, func(t *testing.T, in store.Bucket) {
		here, there := bucketOf(t, in), bucketOf(t, in) // two servers
		large := bytes.Repeat([]byte("blåbær "), 5<<20)
		sha := keep(t, here, large)
		wantBlob(t, there, large)
		if err := there.RemoveOlder(t.Context(), sha, time.Now().Add(-time.Hour)); err != nil {
			t.Error(err)
		}
		wantBlob(t, here, large)
		for range 2 { // the second time there is nothing
			if err := there.RemoveOlder(t.Context(), sha, time.Now().Add(time.Hour)); err != nil {
				t.Error(err)
			}
		}
		_, _, err := here.Open(t.Context(), sha)
		wantCode(t, err, skranke.CodeFileNotFound)
		_, err = here.Size(t.Context(), sha)
		wantCode(t, err, skranke.CodeFileNotFound)
		if err := here.Probe(t.Context()); err != nil {
			t.Error(err)
		}
		wantEmptySpool(t, here)
		wantEmptySpool(t, there)
	})
}

// The store compares what it gets with the hash that is signed.
func TestS3RefusesOtherContents(t *testing.T) {
	storetest.EachRealS3(t, func(t *testing.T, in store.Bucket) {
		blobs := bucketOf(t, in)
		path := filepath.Join(blobs.SpoolDir(), "upload")
		if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := blobs.Adopt(path, [32]byte{1})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Abort()
		if _, _, err := w.Commit(t.Context()); err == nil {
			t.Error("stored contents under the hash of others")
		}
		_, err = blobs.Size(t.Context(), w.Name())
		wantCode(t, err, skranke.CodeFileNotFound)
	})
}

// The first who claims a bucket has it, unless it is held.
func TestS3IsClaimed(t *testing.T) {
	storetest.EachRealS3(t, func(t *testing.T, in store.Bucket) {
		blobs := bucketOf(t, in)
		for _, owner := range []string{"first", "second", "first"} {
			mine, err := blobs.Claim(t.Context(), func() (string, error) { return owner, nil })
			if err != nil || mine != (owner == "first") {
				t.Errorf("%s: got %t, %v", owner, mine, err)
			}
		}
		release, err := blobs.Hold(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		first := func() (string, error) { return "first", nil }
		if _, err := blobs.Claim(t.Context(), first); !errors.Is(err, store.ErrHeld) {
			t.Errorf("got %v, want to hear of the backup", err)
		}
		release()
		if mine, err := blobs.Claim(t.Context(), first); err != nil || !mine {
			t.Errorf("after the backup: got %t, %v", mine, err)
		}
	})
}

// What is refused is an error that says why, and is not taken for a missing file.
func TestS3Refuses(t *testing.T) {
	storetest.EachRealS3(t, func(t *testing.T, in store.Bucket) {
		keep(t, bucketOf(t, in), []byte("x"))
		credentials := filepath.Join(t.TempDir(), "credentials")
		write := func(id, secret string) {
			t.Helper()
			text := "[default]\naws_access_key_id = " + id + "\naws_secret_access_key = " + secret + "\n"
			if err := os.WriteFile(credentials, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		id := os.Getenv("AWS_ACCESS_KEY_ID")
		for _, wrong := range []struct{ what, want string }{
			{"secret", "SignatureDoesNotMatch"},
			{"user", "access key"}, // for which each store has a code of its own
			{"bucket", "NoSuchBucket"},
		} {
			own := in
			switch wrong.what {
			case "secret":
				write(id, storetest.SecretKey+"x")
				own.CredentialsFile = credentials
			case "user":
				write(id+"x", storetest.SecretKey)
				own.CredentialsFile = credentials
			case "bucket":
				own.URL = "s3://skranke-is-not-there/files"
			}
			for _, region := range []string{"", os.Getenv("AWS_REGION")} {
				own.Region = region
				blobs := bucketOf(t, own)
				wantHarmless(t, blobs.Probe(t.Context()))
				_, _, opened := blobs.Open(t.Context(), name([]byte("x")))
				_, looked := blobs.Size(t.Context(), name([]byte("x")))
				stored, listed := tryKeep(t, blobs, []byte("y")), blobs.Each(t.Context(), func(string, int64, time.Time) error { return nil })
				removed := blobs.Remove(t.Context(), name([]byte("x")))
				for doing, err := range map[string]error{"opening": opened, "looking": looked, "storing": stored, "listing": listed, "removing": removed} {
					wantHarmless(t, err)
					if skranke.CodeOf(err) != skranke.CodeCustomError || errors.Is(err, store.ErrUnsettled) {
						t.Errorf("another %s, %s, region %q: got %v, want a refusal", wrong.what, doing, region, err)
					}
				}
				if listed == nil || !strings.Contains(strings.ToLower(listed.Error()), strings.ToLower(wrong.want)) {
					t.Errorf("another %s, region %q: got %v, want to be told %s", wrong.what, region, listed, wrong.want)
				}
				wantEmptySpool(t, blobs)
			}
		}
		wantBlob(t, bucketOf(t, in), []byte("x"))
	})
}

// A reader that stops in the middle leaves nothing behind and the store usable.
func TestS3IsReadInPart(t *testing.T) {
	storetest.EachRealS3(t, func(t *testing.T, in store.Bucket) {
		blobs, content := bucketOf(t, in), bytes.Repeat([]byte("0123456789"), 1<<20)
		sha := keep(t, blobs, content)
		f, _, err := blobs.Open(t.Context(), sha)
		if err != nil {
			t.Fatal(err)
		}
		part := make([]byte, 10)
		if _, err := f.Seek(1<<20, io.SeekStart); err != nil {
			t.Error(err)
		}
		if _, err := io.ReadFull(f, part); err != nil || !bytes.Equal(part, content[1<<20:1<<20+10]) {
			t.Errorf("got %q (%v)", part, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		wantEmptySpool(t, blobs)
		wantBlob(t, blobs, content)
	})
}

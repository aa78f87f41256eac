package store_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// bucketOf opens the contents in a store, with a spool of its own.
func bucketOf(t *testing.T, in store.Bucket) *store.Blobs {
	t.Helper()
	blobs, err := store.OpenBlobs(t.TempDir(), in)
	if err != nil {
		t.Fatal(err)
	}
	return blobs
}

func key(content []byte) string { sha := name(content); return "files/" + sha[:2] + "/" + sha }

// tryKeep stores contents, if it can.
func tryKeep(t *testing.T, blobs *store.Blobs, content []byte) error {
	t.Helper()
	w, err := blobs.Create()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	_, _, err = w.Commit(t.Context())
	return err
}

func wantEmptySpool(t *testing.T, blobs *store.Blobs) {
	t.Helper()
	left, err := os.ReadDir(blobs.SpoolDir())
	if err != nil || len(left) != 0 {
		t.Errorf("%d files are left in the spool (%v), want none", len(left), err)
	}
}

// wantHarmless wants an error that tells no secret.
func wantHarmless(t *testing.T, err error) {
	t.Helper()
	if err == nil || strings.Contains(err.Error(), storetest.SecretKey) {
		t.Errorf("got %v, want an error without the secret", err)
	}
}

// faults are those that may pass.
var faults = map[string]storetest.Fault{
	"busy": storetest.Busy, "failed": storetest.Failed, "away": storetest.Away, "lost": storetest.Lost, "half": storetest.Half, "mute": storetest.Mute, "wrong": storetest.Wrong,
}

// What goes wrong once or twice is tried again.
func TestBucketTriesAgain(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("blåbær "), 100_000)
	for word, fault := range faults {
		for _, method := range []string{"HEAD", "PUT", "GET"} {
			if method == "HEAD" && (fault == storetest.Half || fault == storetest.Wrong) {
				continue // has no body
			}
			t.Run(method+" "+word, func(t *testing.T) {
				t.Parallel()
				s3 := storetest.NewS3(t)
				blobs := bucketOf(t, s3.Bucket())
				s3.Break(storetest.Times(2, method, fault))
				keep(t, blobs, content)
				wantBlob(t, blobs, content)
				if got := s3.Keys(); !slices.Equal(got, []string{key(content)}) {
					t.Errorf("got objects %q, want one", got)
				}
				wantEmptySpool(t, blobs)
			})
		}
	}
}

// What goes on going wrong ends in an error, and nobody gets half of anything.
func TestBucketGivesUp(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("blåbær "), 100_000)
	all := map[string]storetest.Fault{"denied": storetest.Denied, "stranger": storetest.Stranger}
	for word, fault := range faults {
		all[word] = fault
	}
	for word, fault := range all {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			s3 := storetest.NewS3(t)
			blobs := bucketOf(t, s3.Bucket())
			s3.Break(storetest.Times(-1, "PUT", fault))
			wantHarmless(t, tryKeep(t, blobs, content))
			if got := s3.Keys(); fault != storetest.Mute && len(got) != 0 {
				t.Errorf("got objects %q, want none", got)
			}
			wantEmptySpool(t, blobs)
			refused := fault == storetest.Denied || fault == storetest.Stranger
			if asked := s3.Asked(); refused && len(asked) != 2 || len(asked) > 4 {
				t.Errorf("got requests %q, want a look and three tries at most, and one if it is refused", asked)
			}

			s3.Break(nil)
			keep(t, blobs, content) // as if nothing had been
			s3.Break(storetest.Times(-1, "GET", fault))
			if fault == storetest.Mute { // all of it has come, and more is not asked for
				wantBlob(t, blobs, content)
				return
			}
			_, _, err := blobs.Open(t.Context(), name(content))
			wantHarmless(t, err)
			if code := skranke.CodeOf(err); code != skranke.CodeCustomError {
				t.Errorf("got code %d, want %d", code, skranke.CodeCustomError)
			}
			wantEmptySpool(t, blobs)
			s3.Break(nil)
			wantBlob(t, blobs, content)
		})
	}
}

// A store that falls silent is given up, at each step.
func TestBucketFallsSilent(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"HEAD", "PUT", "GET", "DELETE"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s3 := storetest.NewS3(t)
			content := []byte(method)
			keep(t, bucketOf(t, s3.Bucket()), content)
			s3.Break(storetest.Times(-1, method, storetest.Silent))
			in := s3.Bucket()
			in.Patience = 200 * time.Millisecond
			blobs := bucketOf(t, in)
			var err error
			switch method {
			case "HEAD":
				_, err = blobs.Size(t.Context(), name(content))
				wantHarmless(t, blobs.Probe(t.Context()))
			case "PUT":
				err = tryKeep(t, blobs, []byte("another"))
			case "GET":
				_, _, err = blobs.Open(t.Context(), name(content))
				wantHarmless(t, blobs.Each(t.Context(), func(string, int64, time.Time) error { return nil }))
			case "DELETE":
				err = blobs.Remove(t.Context(), name(content))
			}
			wantHarmless(t, err)
			wantEmptySpool(t, blobs)
		})
	}
}

// What is to be removed is asked for once: an answer that does not come may mean
// that it is removed later.
func TestRemovalIsAskedForOnce(t *testing.T) {
	t.Parallel()
	s3 := storetest.NewS3(t)
	blobs, content := bucketOf(t, s3.Bucket()), []byte("x")
	answered := map[string]storetest.Fault{"busy": storetest.Busy, "failed": storetest.Failed, "denied": storetest.Denied}
	all := map[string]storetest.Fault{"lost": storetest.Lost, "mute": storetest.Mute, "late": storetest.Late, "away": storetest.Away}
	maps.Copy(all, answered)
	for word, fault := range all {
		keep(t, blobs, content)
		s3.Break(storetest.Times(1, "DELETE", fault))
		s3.Asked()
		err := blobs.RemoveOlder(t.Context(), name(content), time.Now().Add(time.Hour))
		wantHarmless(t, err)
		if _, settled := answered[word]; errors.Is(err, store.ErrUnsettled) == settled {
			t.Errorf("%s: got %v, want to be told that it is settled: %t", word, err, settled)
		}
		if got := s3.Asked(); len(got) != 2 {
			t.Errorf("%s: got %q, want a look and one removal", word, got)
		}
		s3.Strike()
	}
}

// While a store fails, each caller waits for one try alone.
func TestFailingBucketIsTriedOnce(t *testing.T) {
	t.Parallel()
	s3 := storetest.NewS3(t)
	blobs := bucketOf(t, s3.Bucket())
	keep(t, blobs, []byte("x"))
	s3.Break(storetest.Times(-1, "GET", storetest.Busy))
	s3.Asked()
	for _, want := range []int{3, 1, 1} {
		_, _, err := blobs.Open(t.Context(), name([]byte("x")))
		wantHarmless(t, err)
		if got := s3.Asked(); len(got) != want {
			t.Errorf("got %q, want %d tries", got, want)
		}
	}
	s3.Break(nil)
	if err := blobs.Probe(t.Context()); err != nil {
		t.Error(err)
	}
	s3.Break(storetest.Times(2, "GET", storetest.Busy))
	wantBlob(t, blobs, []byte("x"))
}

// Contents that are others in the store are not handed out.
func TestDamagedObject(t *testing.T) {
	t.Parallel()
	s3 := storetest.NewS3(t)
	blobs := bucketOf(t, s3.Bucket())
	keep(t, blobs, []byte("whole"))
	for _, contents := range []string{"whale", "who"} {
		s3.Overwrite(key([]byte("whole")), contents)
		_, _, err := blobs.Open(t.Context(), name([]byte("whole")))
		wantHarmless(t, err)
		wantEmptySpool(t, blobs)
	}
	keep(t, blobs, []byte("whole")) // the size is another one: so it is put again
	wantBlob(t, blobs, []byte("whole"))
}

// Equal contents are sent once, but for those a sweep might take for old.
func TestObjectIsPutOnce(t *testing.T) {
	t.Parallel()
	s3 := storetest.NewS3(t)
	blobs, content := bucketOf(t, s3.Bucket()), []byte("logo")
	want := func(doing string, asked ...string) {
		t.Helper()
		for i := range asked {
			asked[i] += " " + key(content)
		}
		if got := s3.Asked(); !slices.Equal(got, asked) {
			t.Errorf("%s: got %q, want %q", doing, got, asked)
		}
	}
	keep(t, blobs, content)
	want("new", "HEAD", "PUT")
	keep(t, blobs, content)
	want("again", "HEAD")
	s3.Age(2 * time.Hour)
	keep(t, blobs, content)
	want("old", "HEAD", "PUT")
	limit := time.Now().Add(-time.Hour)
	if err := blobs.RemoveOlder(t.Context(), name(content), limit); err != nil {
		t.Error(err)
	}
	want("sweeping what is young", "HEAD")
	s3.Age(2 * time.Hour)
	for range 2 {
		if err := blobs.RemoveOlder(t.Context(), name(content), limit); err != nil {
			t.Error(err)
		}
	}
	want("sweeping", "HEAD", "DELETE", "HEAD")
}

// A list that comes in pages, one of which breaks off, has everything once.
func TestBucketIsListed(t *testing.T) {
	t.Parallel()
	s3 := storetest.NewS3(t)
	blobs := bucketOf(t, s3.Bucket())
	var want []string
	for n := range 7 {
		want = append(want, keep(t, blobs, []byte{byte(n)}))
	}
	slices.Sort(want)
	s3.Page(3)
	pages := 0
	s3.Break(func(string, string) storetest.Fault {
		if pages++; pages == 2 {
			return storetest.Half
		}
		return storetest.None
	})
	var got []string
	err := blobs.Each(t.Context(), func(sha string, size int64, stored time.Time) error {
		if size != 1 || time.Since(stored) > time.Hour {
			t.Errorf("%s: got %d bytes of %v", sha, size, stored)
		}
		got = append(got, sha)
		return nil
	})
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
	s3.Break(storetest.Times(-1, "GET", storetest.Denied))
	wantHarmless(t, blobs.Each(t.Context(), func(string, int64, time.Time) error { return nil }))
}

// Two processes on two machines see each other's files at once.
func TestTwoOnOneBucket(t *testing.T) {
	t.Parallel()
	s3 := storetest.NewS3(t)
	here, there := bucketOf(t, s3.Bucket()), bucketOf(t, s3.Bucket())
	keep(t, here, []byte("from here"))
	wantBlob(t, there, []byte("from here"))
	keep(t, there, []byte("from here"))
	if err := there.Remove(t.Context(), name([]byte("from here"))); err != nil {
		t.Error(err)
	}
	_, _, err := here.Open(t.Context(), name([]byte("from here")))
	wantCode(t, err, skranke.CodeFileNotFound)
}

// 50 MB go there and back through a few hundred kilobytes: every byte that is
// allocated meanwhile is counted, those of the store included.
func TestBucketTakesLittleMemory(t *testing.T) {
	const size, most = 50 << 20, 4 << 20
	s3 := storetest.NewS3(t)
	blobs := bucketOf(t, s3.Bucket())
	keep(t, blobs, []byte("the connection is open"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)

	w, err := blobs.Create()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if _, err := io.CopyN(w, zeros{}, size); err != nil {
		t.Fatal(err)
	}
	sha, _, err := w.Commit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f, n, err := blobs.Open(t.Context(), sha)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.Copy(io.Discard, f); err != nil || got != size || n != size {
		t.Errorf("got %d bytes, size %d (%v), want %d", got, n, err, size)
	}

	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > most {
		t.Errorf("allocated %d bytes for %d there and back, want %d at most", got, size, most)
	} else {
		t.Logf("allocated %d bytes for %d there and back", got, size)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Settings that cannot work say so, without what stands in files of secrets.
func TestBucketThatCannotBe(t *testing.T) {
	s3 := storetest.NewS3(t)
	good := s3.Bucket()
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("HOME", t.TempDir())
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"} {
		t.Setenv(name, "")
	}
	for want, change := range map[string]func(*store.Bucket){
		"s3://bucket/prefix":       func(b *store.Bucket) { b.URL = "desk/files" },
		"http:// or https://":      func(b *store.Bucket) { b.Endpoint = "localhost:9000" },
		"no such file":             func(b *store.Bucket) { b.CredentialsFile += "-not" },
		"has no profile":           func(b *store.Bucket) { b.CredentialsFile = file(storetest.SecretKey) },
		"aws_secret_access_key":    func(b *store.Bucket) { b.CredentialsFile = file("[default]\naws_access_key_id = x\n") },
		"AWS_SECRET_ACCESS_KEY in": func(b *store.Bucket) { b.CredentialsFile = "" },
	} {
		in := good
		change(&in)
		_, err := store.OpenBlobs(t.TempDir(), in)
		wantHarmless(t, err)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	t.Setenv("AWS_ACCESS_KEY_ID", storetest.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", storetest.SecretKey)
	in := good
	in.CredentialsFile, in.Region = "", "" // the store is asked where it is
	keep(t, bucketOf(t, in), []byte("x"))

	in = good
	in.URL = "s3://another"
	blobs := bucketOf(t, in)
	wantHarmless(t, blobs.Probe(t.Context()))
	if err := tryKeep(t, blobs, []byte("x")); err == nil || errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want to hear that there is no such bucket", err)
	}
	_, _, opened := blobs.Open(t.Context(), name([]byte("x")))
	_, looked := blobs.Size(t.Context(), name([]byte("x")))
	for _, err := range []error{opened, looked} {
		if err == nil || skranke.CodeOf(err) == skranke.CodeFileNotFound {
			t.Errorf("got %v, want to hear that there is no such bucket", err)
		}
	}
}

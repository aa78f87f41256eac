package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"skranke/store"
	"skranke/store/storetest"
)

// An installation moves into a bucket, is looked at, backed up and restored
// there, and comes back.
func TestInstallationWithABucket(t *testing.T) {
	i, s3 := filled(t), storetest.NewS3(t)
	want := i.do("", "export")
	in := s3.Bucket()
	conf := i.file("bucket.toml", fmt.Sprintf("attachments = %q\nbucket_endpoint = %q\nbucket_region = %q\nbucket_credentials_file = %q\n",
		in.URL, in.Endpoint, in.Region, in.CredentialsFile))
	with := func(i installation, args ...string) string {
		t.Helper()
		return i.do("", append([]string{"-config", conf}, args...)...)
	}
	refuse := func(want string, args ...string) {
		t.Helper()
		code, out, errs := i.try("", append([]string{"-config", conf}, args...)...)
		if code != exitFailed || !strings.Contains(out+errs, want) || strings.Contains(out+errs, storetest.SecretKey) {
			t.Errorf("%q: got exit code %d, %q and %q, want %q", args, code, out, errs, want)
		}
	}
	refuse("missing", "verify")
	refuse("1 of 1 attachments", "doctor", "blobs")

	// There.
	for range 2 { // the second time it is there already
		if out := with(i, "attachments", "copy", "-from", i.dir, "-to", in.URL); !strings.Contains(out, "has the 1 files of "+i.dir) {
			t.Errorf("got %q", out)
		}
	}
	keys := s3.Keys()
	if puts := strings.Count(strings.Join(s3.Asked(), "\n"), "PUT"); puts != 1 || len(keys) != 1 {
		t.Errorf("got objects %q by %d requests, want one by one", keys, puts)
	}
	if err := os.RemoveAll(filepath.Join(i.dir, "blobs")); err != nil {
		t.Fatal(err)
	}
	if got := with(i, "export"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if out := with(i, "verify"); !strings.Contains(out, "no fault in") || !strings.Contains(out, "1 attachments") {
		t.Errorf("got %q", out)
	}
	if out := with(i, "doctor", "bucket", "blobs", "strays"); strings.Count(out, "ok  ") != 3 || !slices.Equal(s3.Keys(), keys) {
		t.Errorf("got %q and objects %q", out, s3.Keys())
	}
	with(i, "message", "add", "-body", "Hei", "-attach", i.file("b.txt", "mer innhold"), "1")
	want = with(i, "export")
	if keys = s3.Keys(); len(keys) != 2 {
		t.Errorf("got objects %q, want those of two attachments", keys)
	}
	if out := with(i, "config", "show"); strings.Contains(out, storetest.SecretKey) || !strings.Contains(out, in.URL) {
		t.Errorf("got %q", out)
	}

	// A backup is whole by itself, and becomes an installation in files or in a bucket.
	to := filepath.Join(t.TempDir(), "backup")
	if out := with(i, "backup", to); !strings.Contains(out, "2 attachments") {
		t.Errorf("got %q", out)
	}
	if asked := strings.Join(s3.Asked(), "\n"); strings.Count(asked, "PUT files/backup/") != 1 || strings.Count(asked, "DELETE files/backup/") != 1 {
		t.Errorf("got requests\n%s\nwant to see the bucket held meanwhile", asked)
	}
	i.do("", "verify", to)
	files := newInstallation(t)
	files.do("", "restore", to)
	if got := files.do("", "export"); got != want {
		t.Errorf("restored into files: got\n%s\nwant\n%s", got, want)
	}
	for _, key := range keys {
		s3.Remove(key)
	}
	again := newInstallation(t)
	with(again, "restore", to)
	if got := with(again, "export"); got != want || !slices.Equal(s3.Keys(), keys) {
		t.Errorf("restored into the bucket: got objects %q and\n%s\nwant\n%s", s3.Keys(), got, want)
	}
	if left := entries(t, filepath.Join(again.dir, "blobs")); !slices.Equal(left, []string{"spool"}) {
		t.Errorf("restored into the bucket: there are files %q as well", left)
	}

	// Another database beside the same bucket.
	moved := newInstallation(t)
	with(i, "copy", "-from", i.dir, "-to", moved.dir)
	if got := with(moved, "export"); got != want {
		t.Errorf("copied: got\n%s\nwant\n%s", got, want)
	}

	// And back.
	with(i, "attachments", "copy", "-from", in.URL, "-to", i.dir)
	if got := i.do("", "export"); got != want {
		t.Errorf("back in files: got\n%s\nwant\n%s", got, want)
	}
	i.do("", "verify")

	// What is wrong is found.
	s3.Overwrite(keys[0], "innhald")
	refuse("is damaged", "verify")
	refuse("lost the contents of 1 attachments", "backup", to+"2")
	s3.Remove(keys[0])
	refuse("is missing", "verify")
	refuse("1 of 2 attachments", "doctor", "blobs")
	s3.Break(storetest.Times(-1, "PUT", storetest.Denied))
	refuse("AccessDenied", "doctor", "bucket")
	refuse("AccessDenied", "message", "add", "-body", "Hei", "-attach", i.file("c.txt", "enda mer"), "1")
	if got, want := strings.Count(with(i, "export"), "\n"), strings.Count(want, "\n"); got != want {
		t.Errorf("got %d rows, want %d: nothing of a message whose file was refused", got, want)
	}
	i.refuse(exitUsage, "needs -from and -to", "attachments", "copy", "-from", i.dir)
	i.refuse(exitFailed, "there are no attachments in", "attachments", "copy", "-from", t.TempDir(), "-to", i.dir)
}

// The same with a real store, as far as nothing needs to go wrong.
func TestS3Installation(t *testing.T) {
	storetest.EachRealS3(t, func(t *testing.T, in store.Bucket) {
		i := filled(t)
		conf := ""
		configure := func(url string) {
			t.Helper()
			conf = i.file("bucket.toml", fmt.Sprintf("attachments = %q\nbucket_endpoint = %q\nbucket_addressing = %q\n", url, in.Endpoint, in.Addressing))
		}
		with := func(i installation, args ...string) string {
			t.Helper()
			return i.do("", append([]string{"-config", conf}, args...)...)
		}
		configure(in.URL)
		with(i, "attachments", "copy", "-from", i.dir, "-to", in.URL)
		if err := os.RemoveAll(filepath.Join(i.dir, "blobs")); err != nil {
			t.Fatal(err)
		}
		with(i, "message", "add", "-body", "Hei", "-attach", i.file("b.txt", "mer innhold"), "1")
		want := with(i, "export")
		if out := with(i, "verify"); !strings.Contains(out, "no fault in") || !strings.Contains(out, "2 attachments") {
			t.Errorf("got %q", out)
		}
		if out := with(i, "doctor", "bucket", "blobs", "strays"); strings.Count(out, "ok  ") != 3 {
			t.Errorf("got %q", out)
		}
		to := filepath.Join(t.TempDir(), "backup")
		if out := with(i, "backup", to); !strings.Contains(out, "2 attachments") {
			t.Errorf("got %q", out)
		}
		i.do("", "verify", to)
		again := newInstallation(t)
		configure(in.URL + "/again")
		with(again, "restore", to)
		if got := with(again, "export"); got != want {
			t.Errorf("restored into the bucket: got\n%s\nwant\n%s", got, want)
		}
		if out := with(again, "verify"); !strings.Contains(out, "no fault in") {
			t.Errorf("got %q", out)
		}
		with(again, "attachments", "copy", "-from", in.URL+"/again", "-to", again.dir)
		if got := again.do("", "export"); got != want {
			t.Errorf("back in files: got\n%s\nwant\n%s", got, want)
		}
		again.do("", "verify")
	})
}

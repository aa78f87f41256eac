package desk

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// bucketDesk is one process on a database whose attachments lie in a store.
// broken holds what the database is not to do.
func bucketDesk(t *testing.T, s3 *storetest.S3, dir, database string, now *time.Time, broken map[string]error) *world {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{
		Dir: dir, Database: database, Bucket: s3.Bucket(), Fail: func(doing string) error { return broken[doing] },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	d, err := New(t.Context(), db, Options{Now: func() time.Time { return *now }, PasswordCost: PasswordCost{MemoryKiB: 64, Passes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, db: db, desk: d}
}

// attached counts the attachments of which there are rows.
func (w *world) attached() (count int) {
	w.t.Helper()
	w.read(func(tx *store.ReadTx) error {
		count = 0
		return tx.EachAttachment(w.t.Context(), func(*skranke.Attachment) error { count++; return nil })
	})
	return count
}

// Two processes with one bucket and no disk in common have each other's files at
// once, and sweep them once.
//
// customer.getAttachment.1, customer.deleteAttachment.3
func TestTwoDesksWithOneBucket(t *testing.T) {
	t.Parallel()
	s3, now := storetest.NewS3(t), time.Now()
	database, here := storetest.Database(t), t.TempDir()
	there := here // of SQLite the database lies on a disk
	if database != "" {
		there = t.TempDir()
	}
	a, b := bucketDesk(t, s3, here, database, &now, nil), bucketDesk(t, s3, there, database, &now, nil)
	ola := Actor{Customer: a.customer(&skranke.Customer{FirstName: "Ola"})}
	ids := []skranke.AttachmentID{a.upload(ola, "equal"), b.upload(ola, "equal"), b.upload(ola, "other")}
	for i, want := range []string{"equal", "equal", "other"} {
		for _, w := range []*world{a, b} {
			_, content, err := w.desk.OpenAttachment(t.Context(), ola, ids[i])
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(content)
			content.Close()
			if err != nil || string(got) != want {
				t.Errorf("got %q (%v), want %q", got, err, want)
			}
		}
	}
	keys := s3.Keys()
	if len(keys) != 2 {
		t.Fatalf("got objects %q, want 2", keys)
	}

	if err := a.desk.DeleteAttachment(t.Context(), ola, ids[0]); err != nil {
		t.Fatal(err)
	}
	if err := a.desk.DeleteAttachment(t.Context(), ola, ids[2]); err != nil {
		t.Fatal(err)
	}
	a.sweepFiles()
	if got := s3.Keys(); !slices.Equal(got, keys) {
		t.Errorf("got objects %q, want %q: they are less than an hour old", got, keys)
	}
	s3.Age(2 * time.Hour)
	release, err := b.db.Blobs().Hold(t.Context()) // as a backup does
	if err != nil {
		t.Fatal(err)
	}
	a.sweepFiles()
	if got := s3.Keys(); len(got) != 4 {
		t.Errorf("got objects %q, want none removed while a backup is made", got)
	}
	release()
	for _, w := range []*world{b, a} {
		w.sweepFiles()
		if got := s3.Keys(); len(got) != 2 || !slices.Contains(got, "files/owner") {
			t.Errorf("got objects %q, want the one an attachment has, and whose they are", got)
		}
	}
	keys = s3.Keys()
	stranger := bucketDesk(t, s3, t.TempDir(), "", &now, nil)
	if err := stranger.desk.sweepAttachments(t.Context()); err == nil || !strings.Contains(err.Error(), "another installation") {
		t.Errorf("got %v, want another installation to be refused", err)
	}
	if got := s3.Keys(); !slices.Equal(got, keys) {
		t.Errorf("another installation left objects %q, want %q", got, keys)
	}
	if _, content, err := b.desk.OpenAttachment(t.Context(), ola, ids[1]); err != nil {
		t.Error(err)
	} else {
		content.Close()
	}
}

// Whatever fails while a file is stored, nobody hears that it was, there is no
// row of it, and all that was acknowledged before is there.
func TestStoringInABucketFails(t *testing.T) {
	t.Parallel()
	s3, now, broken := storetest.NewS3(t), time.Now(), map[string]error{}
	w := bucketDesk(t, s3, t.TempDir(), storetest.Database(t), &now, broken)
	ola := Actor{Customer: w.customer(&skranke.Customer{FirstName: "Ola"})}
	kept := w.upload(ola, "acknowledged")
	store := func(content string) error {
		_, err := w.desk.StoreAttachment(t.Context(), ola, "a.txt", "text/plain", strings.NewReader(content))
		return err
	}
	wantFailure := func(doing string) {
		t.Helper()
		err := store(doing)
		clear(broken)
		if skranke.CodeOf(err) != skranke.CodeCustomError || strings.Contains(err.Error(), storetest.SecretKey) {
			t.Errorf("%s: got %v, want an error with code %d", doing, err, skranke.CodeCustomError)
		}
		if got := w.attached(); got != 1 {
			t.Errorf("%s: there are %d attachments, want the one acknowledged", doing, got)
		}
	}
	for doing, fault := range map[string]storetest.Fault{
		"busy": storetest.Busy, "refused": storetest.Denied, "lost": storetest.Lost, "half": storetest.Half, "without answer": storetest.Mute,
	} {
		for _, method := range []string{"HEAD", "PUT"} {
			if method == "PUT" || fault != storetest.Half { // there is no half of nothing
				s3.Break(storetest.Times(-1, method, fault))
				wantFailure(method + " " + doing)
			}
		}
	}
	s3.Break(nil)
	broken["commit"] = errors.New("the database cannot commit")
	wantFailure("without a row")
	if err := store("without a row"); err != nil { // the contents are there already
		t.Error(err)
	}
	_, content, err := w.desk.OpenAttachment(t.Context(), ola, kept)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if got, err := io.ReadAll(content); err != nil || string(got) != "acknowledged" {
		t.Errorf("got %q (%v)", got, err)
	}

	// What was stored and not acknowledged goes; a store that fails keeps nobody
	// from writing for long, and loses nothing.
	s3.Age(2 * time.Hour)
	s3.Break(storetest.Times(-1, "DELETE", storetest.Busy))
	if err := w.desk.sweepAttachments(t.Context()); err == nil {
		t.Error("a sweep that failed was said to have gone well")
	}
	s3.Break(nil)
	w.sweepFiles()
	if got := s3.Keys(); len(got) != 3 {
		t.Errorf("got objects %q, want those of two attachments, and whose they are", got)
	}
}

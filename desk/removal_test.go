package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// place is where several processes keep what they have in common.
type place struct {
	t        *testing.T
	s3       *storetest.S3 // nil if contents lie elsewhere
	bucket   store.Bucket  // of a real store, or none
	dir      string
	database string
}

// onEachShelf runs fn with contents in files, and in a bucket.
func onEachShelf(t *testing.T, fn func(p *place)) {
	t.Helper()
	for _, shelf := range []string{"files", "bucket"} {
		t.Run(shelf, func(t *testing.T) {
			t.Parallel()
			p := &place{t: t, dir: t.TempDir(), database: storetest.Database(t)}
			if shelf == "bucket" {
				p.s3 = storetest.NewS3(t)
			}
			fn(p)
		})
	}
}

// process is a desk there. fail may be nil.
func (p *place) process(fail func(doing string) error) *world {
	p.t.Helper()
	o := store.Options{Dir: p.dir, Database: p.database, Bucket: p.bucket, Fail: fail}
	if p.s3 != nil {
		o.Bucket = p.s3.Bucket()
	}
	db, err := store.Open(p.t.Context(), o)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { db.Close() })
	w := &world{t: p.t, db: db, now: time.Now()}
	w.desk, err = New(p.t.Context(), db, Options{Now: func() time.Time { return w.now }, PasswordCost: PasswordCost{MemoryKiB: 64, Passes: 1}})
	if err != nil {
		p.t.Fatal(err)
	}
	return w
}

// age makes everything that is stored look as if it had been for two hours.
func (p *place) age() {
	if p.s3 != nil {
		p.s3.Age(2 * time.Hour)
		return
	}
	then := time.Now().Add(-2 * time.Hour)
	paths, err := filepath.Glob(filepath.Join(p.dir, "blobs", "??", "*"))
	for _, path := range paths {
		if err := os.Chtimes(path, then, then); err != nil && !errors.Is(err, fs.ErrNotExist) {
			p.t.Error(err)
		}
	}
	if err != nil {
		p.t.Error(err)
	}
}

// contents reads those of an attachment.
func (w *world) contents(a Actor, id skranke.AttachmentID) (string, error) {
	_, content, err := w.desk.OpenAttachment(w.t.Context(), a, id)
	if err != nil {
		return "", err
	}
	defer content.Close()
	text, err := io.ReadAll(content)
	return string(text), err
}

// Contents that are removed between being stored and having their row are stored
// again, whether they were there before or not, and as often as it takes.
func TestUploadIsSweptOnItsWay(t *testing.T) {
	t.Parallel()
	onEachShelf(t, func(p *place) {
		sweeping := p.process(nil)
		ola := Actor{Customer: sweeping.customer(&skranke.Customer{FirstName: "Ola"})}
		times := 0
		storing := p.process(func(doing string) error {
			if doing == "begin" && times > 0 { // the contents are stored
				times--
				p.age()
				sweeping.sweepFiles()
			}
			return nil
		})
		for n, there := range []bool{false, true, true, false} {
			content := fmt.Sprint("contents ", n)
			if there {
				if err := sweeping.desk.DeleteAttachment(t.Context(), ola, sweeping.upload(ola, content)); err != nil {
					t.Fatal(err)
				}
			}
			times = 1 + n/2
			id := storing.upload(ola, content)
			if times != 0 {
				t.Errorf("%q: there were %d sweeps less than wanted", content, times)
			}
			p.age()
			sweeping.sweepFiles()
			if got, err := sweeping.contents(ola, id); err != nil || got != content {
				t.Errorf("got %q (%v), want %q", got, err, content)
			}
		}
		if left, err := os.ReadDir(storing.db.Blobs().SpoolDir()); err != nil || len(left) != 0 {
			t.Errorf("%d files are left in the spool (%v), want none", len(left), err)
		}
	})
}

// As long as a removal may still take effect nobody gets an attachment with the same
// contents; afterwards everybody does.
func TestRemovalWithoutAnswer(t *testing.T) {
	t.Parallel()
	p := &place{t: t, s3: storetest.NewS3(t), dir: t.TempDir(), database: storetest.Database(t)}
	w := p.process(nil)
	w.desk.removalPatience = 0
	w.user(&skranke.User{ID: skranke.SystemUser, UserName: "system", Status: skranke.UserSystem})
	ola := Actor{Customer: w.customer(&skranke.Customer{FirstName: "Ola"})}
	if err := w.desk.DeleteAttachment(t.Context(), ola, w.upload(ola, "logo")); err != nil {
		t.Fatal(err)
	}
	keys := p.s3.Keys()
	p.age()
	p.s3.Break(storetest.Times(1, "DELETE", storetest.Late))
	if err := w.desk.sweepAttachments(t.Context()); !errors.Is(err, store.ErrUnsettled) {
		t.Errorf("sweeping without an answer: got %v", err)
	}

	p.s3.Asked()
	refused := func(doing string) {
		t.Helper()
		id, err := w.desk.StoreAttachment(t.Context(), ola, "a", "b", strings.NewReader("logo"))
		if !errors.Is(err, errBeingRemoved) || skranke.CodeOf(err) != skranke.CodeCustomError {
			t.Errorf("%s: got %d, %v, want to be told to try again", doing, id, err)
		}
		err = w.desk.Import(t.Context(), func(in *Intake) error {
			_, err := in.PutAttachment(t.Context(), &skranke.Attachment{ID: 99, Name: "a", CreatedAt: w.now}, strings.NewReader("logo"))
			return err
		})
		if !errors.Is(err, errBeingRemoved) {
			t.Errorf("%s: importing got %v, want to be told to try again", doing, err)
		}
		if got := w.attached(); got != 0 {
			t.Errorf("%s: there are %d attachments, want none", doing, got)
		}
	}
	refused("before it takes effect")
	w.sweepFiles() // leaves it alone
	if got := p.s3.Asked(); slices.Contains(got, "DELETE "+keys[0]) {
		t.Errorf("got requests %q, want no second removal", got)
	}
	p.s3.Strike()
	refused("when it has")
	w.now = w.now.Add(time.Hour - time.Second)
	refused("a second before the hour")
	w.now = w.now.Add(time.Second)
	id := w.upload(ola, "logo")
	if got, err := w.contents(ola, id); err != nil || got != "logo" {
		t.Errorf("got %q (%v), want what was stored", got, err)
	}
}

// A store that does not answer when something is to be removed keeps nobody from
// writing, and a server that is stopped meanwhile leaves the removal in doubt.
func TestSilentRemovalHoldsUpNobody(t *testing.T) {
	t.Parallel()
	p := &place{t: t, s3: storetest.NewS3(t), dir: t.TempDir(), database: storetest.Database(t)}
	w := p.process(nil)
	w.desk.removalPatience = 0
	ola := Actor{Customer: w.customer(&skranke.Customer{FirstName: "Ola"})}
	if err := w.desk.DeleteAttachment(t.Context(), ola, w.upload(ola, "logo")); err != nil {
		t.Fatal(err)
	}
	p.age()
	asked := make(chan struct{})
	p.s3.Break(func(method, _ string) storetest.Fault {
		if method != "DELETE" {
			return storetest.None
		}
		close(asked)
		return storetest.Silent
	})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	swept := make(chan error, 1)
	go func() { swept <- w.desk.sweepAttachments(ctx) }()
	<-asked
	w.upload(ola, "something else")
	select {
	case err := <-swept:
		t.Errorf("others had to wait until the sweep had ended with %v", err)
		swept <- err
	default:
	}
	stop()
	if err := <-swept; !errors.Is(err, store.ErrUnsettled) {
		t.Errorf("stopping the sweep: got %v", err)
	}
	if _, err := w.desk.StoreAttachment(t.Context(), ola, "a", "b", strings.NewReader("logo")); !errors.Is(err, errBeingRemoved) {
		t.Errorf("got %v, want to be told to try again", err)
	}
}

// A removal that is begun after an older one was forgotten is another one.
func TestUploadIsSweptAsOldRemovalsAreForgotten(t *testing.T) {
	t.Parallel()
	onEachShelf(t, func(p *place) {
		sweeping := p.sweeper()
		armed := false
		storing := p.process(func(doing string) error {
			if doing == "begin" && armed { // the contents are stored
				armed = false
				p.age()
				sweeping.sweepFiles()
			}
			return nil
		})
		ola := Actor{Customer: sweeping.customer(&skranke.Customer{FirstName: "Ola"})}
		sweeping.unused(ola, "logo")
		p.age()
		sweeping.sweepFiles()
		sweeping.unused(ola, "logo")
		sweeping.now = sweeping.now.Add(keepRemoval + 2*time.Hour)
		storing.now = sweeping.now
		armed = true
		id := storing.upload(ola, "logo")
		if armed {
			t.Error("there was no sweep")
		}
		if got, err := storing.contents(ola, id); err != nil || got != "logo" {
			t.Errorf("got %q (%v), want what was stored", got, err)
		}
	})
}

// sweeper is a process whose sweeps can delete uploads, too.
func (p *place) sweeper() *world {
	p.t.Helper()
	w := p.process(nil)
	w.user(&skranke.User{ID: skranke.SystemUser, UserName: "system", Status: skranke.UserSystem})
	return w
}

// unused stores contents that no attachment has, long ago, and returns their name.
func (w *world) unused(a Actor, content string) (sha string) {
	w.t.Helper()
	id := w.upload(a, content)
	sha = w.attachment(id).SHA256
	if err := w.desk.DeleteAttachment(w.t.Context(), a, id); err != nil {
		w.t.Fatal(err)
	}
	return sha
}

// pending says whether a removal of the contents may still take effect.
func (w *world) pending(sha string) (pending bool) {
	w.t.Helper()
	w.read(func(tx *store.ReadTx) (err error) {
		_, pending, err = tx.Removals(w.t.Context(), sha, w.desk.now())
		return err
	})
	return pending
}

// awaitEnded waits until no removal of the contents may take effect.
func (w *world) awaitEnded(sha string) {
	w.t.Helper()
	for end := time.Now().Add(20 * time.Second); w.pending(sha); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatal("the removal is still pending, want to hear that it has ended")
		}
	}
}

// An import that comes when a file is gone and the sweep is about to say so lets it.
func TestImportBesideSweep(t *testing.T) {
	t.Parallel()
	onEachShelf(t, func(p *place) {
		other := p.sweeper()
		ola := Actor{Customer: other.customer(&skranke.Customer{FirstName: "Ola"})}
		sha := other.unused(ola, "logo")
		p.age()
		uploader := other.attachment(other.upload(ola, "another")).Uploader
		begins := make(chan bool, 100)
		importing := p.process(func(doing string) error {
			if doing == "begin" {
				begins <- true
			}
			return nil
		})
		for len(begins) > 0 {
			<-begins
		}
		imported := make(chan error, 1)
		begun := false
		sweeping := p.process(func(doing string) error {
			if doing != "begin" || begun || !other.pending(sha) {
				return nil
			}
			begun = true
			go func() {
				imported <- importing.desk.Import(t.Context(), func(in *Intake) error {
					_, err := in.PutAttachment(t.Context(), &skranke.Attachment{ID: 99, Name: "a", CreatedAt: time.Now(), Uploader: uploader}, strings.NewReader("logo"))
					return err
				})
			}()
			<-begins
			select {
			case <-begins: // it has looked, and does again
			case err := <-imported:
				imported <- err
			}
			return nil
		})
		sweeping.sweepFiles()
		if !begun {
			t.Fatal("the sweep has removed nothing")
		}
		if err := <-imported; err != nil {
			t.Errorf("importing: got %v, want it to wait for the sweep", err)
		}
		if got, err := other.contents(ola, 99); err != nil || got != "logo" {
			t.Errorf("got %q (%v), want what was imported", got, err)
		}
	})
}

// That files are removed is stored when the database takes it again, by the work in
// the background or, at the latest, when the server stops.
func TestRemovalEndIsStoredLater(t *testing.T) {
	t.Parallel()
	onEachShelf(t, func(p *place) {
		other := p.sweeper()
		ola := Actor{Customer: other.customer(&skranke.Customer{FirstName: "Ola"})}
		var full atomic.Bool
		sweeping := p.process(func(doing string) error {
			if full.Load() && strings.Contains(doing, "SET ended = TRUE") {
				return errors.New("the disk is full")
			}
			return nil
		})
		sweep := func() (sha string) {
			t.Helper()
			sha = other.unused(ola, "logo")
			p.age()
			full.Store(true)
			if err := sweeping.desk.sweepAttachments(t.Context()); err == nil {
				t.Error("sweeping on a full disk: got no error")
			}
			if !other.pending(sha) {
				t.Error("the removal has ended, want it pending as that is not stored")
			}
			full.Store(false)
			return sha
		}
		sha := sweep()
		if err := sweeping.desk.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if other.pending(sha) {
			t.Error("after closing: the removal is pending, want it ended")
		}
		sha = sweep()
		sweeping.running()
		other.awaitEnded(sha)
	})
}

// Who stores what is removed already need not wait for the others in the same sweep.
func TestRemovalsEndBeforeTheSweep(t *testing.T) {
	t.Parallel()
	p := &place{t: t, s3: storetest.NewS3(t), dir: t.TempDir(), database: storetest.Database(t)}
	w := p.sweeper()
	ola := Actor{Customer: w.customer(&skranke.Customer{FirstName: "Ola"})}
	shas := []string{w.unused(ola, "logo"), w.unused(ola, "letter")}
	slices.Sort(shas) // they are removed in this order
	p.age()
	asked := make(chan struct{})
	p.s3.Break(func(method, key string) storetest.Fault {
		if method != "DELETE" || !strings.HasSuffix(key, shas[1]) {
			return storetest.None
		}
		close(asked)
		return storetest.Silent
	})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	w.running()
	swept := make(chan error, 1)
	go func() { swept <- w.desk.sweepAttachments(ctx) }()
	<-asked
	w.awaitEnded(shas[0])
	if !w.pending(shas[1]) {
		t.Error("the second removal has ended, want it pending")
	}
	select {
	case err := <-swept:
		t.Errorf("the sweep had ended with %v, want it to go on", err)
	default:
		stop()
		<-swept
	}
}

// What a killed server was about to remove is in doubt for some minutes if it lies on
// a disk, and for an hour in a bucket, which may do late what it was asked for.
func TestRemovalOfKilledServer(t *testing.T) {
	t.Parallel()
	onEachShelf(t, func(p *place) {
		killed, w := p.sweeper(), p.process(nil)
		ola := Actor{Customer: w.customer(&skranke.Customer{FirstName: "Ola"})}
		sha := w.unused(ola, "logo")
		w.now = killed.now
		if removals, err := killed.desk.beginRemovals(t.Context(), []string{sha}); err != nil || len(removals) != 1 {
			t.Fatalf("got %v, %v, want one removal", removals, err)
		}
		minutes := 5
		if p.s3 != nil {
			minutes = 60
		}
		for _, passed := range []int{0, minutes - 1, minutes} {
			w.now = killed.now.Add(time.Duration(passed) * time.Minute)
			if got, want := w.pending(sha), passed < minutes; got != want {
				t.Errorf("after %d minutes: got pending %t, want %t", passed, got, want)
			}
		}
		if got, err := w.contents(ola, w.upload(ola, "logo")); err != nil || got != "logo" {
			t.Errorf("got %q (%v), want what was stored", got, err)
		}
	})
}

// Some store the same few contents again and again while others sweep them: whoever
// was told that he has an attachment has it.
func TestUploadsAndSweepsAtOnce(t *testing.T) {
	t.Parallel()
	onEachShelf(t, func(p *place) { p.uploadAndSweep(60) })
}

// With a real store, whose objects are all old by the clocks of those who sweep.
func TestS3UploadsAndSweepsAtOnce(t *testing.T) {
	storetest.EachRealS3(t, func(t *testing.T, in store.Bucket) {
		p := &place{t: t, bucket: in, dir: t.TempDir(), database: storetest.Database(t)}
		p.uploadAndSweep(20)
	})
}

func (p *place) uploadAndSweep(times int) {
	t := p.t
	here, there := p.process(nil), p.process(nil)
	here.now, there.now = here.now.Add(2*time.Hour), there.now.Add(2*time.Hour)
	ola := Actor{Customer: here.customer(&skranke.Customer{FirstName: "Ola"})}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var uploads, sweeps sync.WaitGroup
	for _, w := range []*world{here, there} {
		sweeps.Go(func() {
			for ctx.Err() == nil {
				p.age()
				err := w.desk.sweepAttachments(ctx)
				if err != nil && ctx.Err() == nil && p.bucket.URL == "" { // real stores may fail at times, and the next sweep goes on
					t.Errorf("sweeping: %v", err)
				}
			}
		})
		for range 2 {
			uploads.Go(func() {
				for n := range times {
					content := fmt.Sprint("contents ", n%3)
					id, err := w.desk.StoreAttachment(ctx, ola, "a.txt", "text/plain", strings.NewReader(content))
					if err != nil {
						t.Errorf("storing: %v", err)
						continue
					}
					if got, err := w.contents(ola, id); err != nil || got != content {
						t.Errorf("got %q (%v), want %q", got, err, content)
					}
					if err := w.desk.DeleteAttachment(ctx, ola, id); err != nil {
						t.Errorf("deleting: %v", err)
					}
				}
			})
		}
	}
	uploads.Wait()
	stop()
	sweeps.Wait()
}

package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"skranke"
)

// Blobs keeps the contents of attachments, each under its SHA-256: in files, or
// as objects in a bucket. Equal contents are kept once. They are complete and
// last before they have their name, and never change after.
type Blobs struct {
	shelf shelf
	spool string
}

// shelf is where contents lie. Names that are given to it are names of contents;
// whatever has no such name is not seen.
type shelf interface {
	// put makes the contents of a file of the spool last; they have that SHA-256.
	// If they are there already, their time becomes a late one. If there is no error
	// the file has no name in the spool any more; it stays open and as it is.
	put(ctx context.Context, file *os.File, sha string) error

	// open gives contents and their size, and errDamaged if it finds on the way
	// that they are others than their name says.
	open(ctx context.Context, sha string) (io.ReadSeekCloser, int64, error)

	// stat tells the size of contents and when they were put the last time.
	stat(ctx context.Context, sha string) (int64, time.Time, error)

	// each hands fn all contents in the order of their names.
	each(ctx context.Context, fn func(sha string, size int64, stored time.Time) error) error

	// remove deletes contents. Some shelves do not tell that there were none. It
	// returns ErrUnsettled if they may still be deleted later.
	remove(ctx context.Context, sha string) error

	// doubt is how long a removal may take effect after it was announced.
	doubt() time.Duration

	// claim says whether the shelf belongs to who has the name that owner returns.
	// It belongs to the first who claims it. A shelf that cannot be shared asks nobody.
	claim(ctx context.Context, owner func() (string, error)) (bool, error)

	// hold makes claim return ErrHeld until release is called. A shelf whose contents
	// can have a second name has no need of it.
	hold(ctx context.Context) (release func(), err error)

	// probe says whether the shelf can be reached.
	probe(ctx context.Context) error
}

// spool is the folder for files that are still being written. It lies beside
// the others, so that they can be moved without copying.
const spool = "spool"

// openBlobs keeps contents in the folder dir, or in a bucket if there is one.
func openBlobs(dir string, in Bucket) (*Blobs, error) {
	b := &Blobs{shelf: &folders{dir}, spool: filepath.Join(dir, spool)}
	if err := os.MkdirAll(b.spool, 0o700); err != nil {
		return nil, fmt.Errorf("opening blobs: %w", err)
	}
	return b, b.use(in)
}

// use takes the bucket as shelf, if there is one.
func (b *Blobs) use(in Bucket) error {
	if in.URL == "" {
		return nil
	}
	bucket, err := newBucket(in, b.spool)
	if err != nil {
		return fmt.Errorf("attachments in %s: %w", in.URL, err)
	}
	b.shelf = bucket
	return nil
}

// OpenBlobs opens the contents of attachments without their database: those of
// the installation in the folder dir, or in a bucket, for which files are spooled
// below dir.
func OpenBlobs(dir string, in Bucket) (*Blobs, error) {
	return openBlobs(filepath.Join(dir, "blobs"), in)
}

// SpoolDir is a folder for temporary files that Adopt and Commit can move without copying.
func (b *Blobs) SpoolDir() string { return b.spool }

// isBlobName says whether sha is a name contents may have.
func isBlobName(sha string) bool {
	if len(sha) != 2*sha256.Size {
		return false
	}
	for _, ch := range []byte(sha) {
		if (ch < '0' || '9' < ch) && (ch < 'a' || 'f' < ch) {
			return false
		}
	}
	return true
}

// BlobWriter takes the contents of one blob. It ends with Abort.
type BlobWriter struct {
	blobs *Blobs
	file  *os.File
	hash  hash.Hash
	sha   string // "" as long as more may be written
	size  int64
	kept  bool // the file is not in the spool any more
}

// Create begins a blob.
func (b *Blobs) Create() (*BlobWriter, error) {
	file, err := os.CreateTemp(b.spool, "blob-*")
	if err != nil {
		return nil, fmt.Errorf("creating blob: %w", err)
	}
	return &BlobWriter{blobs: b, file: file, hash: sha256.New()}, nil
}

// Adopt makes a blob of a file that somebody has written into SpoolDir and hashed
// meanwhile. The file is gone after Abort, or after an error.
func (b *Blobs) Adopt(path string, sum [sha256.Size]byte) (*BlobWriter, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("adopting blob: %w", err)
	}
	w := &BlobWriter{blobs: b, file: file, sha: hex.EncodeToString(sum[:])}
	info, err := file.Stat()
	if err != nil {
		w.Abort()
		return nil, fmt.Errorf("adopting blob: %w", err)
	}
	w.size = info.Size()
	return w, nil
}

// Write appends to the blob. There is none after Name or Commit.
func (w *BlobWriter) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	w.hash.Write(p[:n])
	w.size += int64(n)
	return n, err
}

// Name is the name of what was written.
func (w *BlobWriter) Name() string {
	if w.sha == "" {
		w.sha = hex.EncodeToString(w.hash.Sum(nil))
	}
	return w.sha
}

// Size is how much was written.
func (w *BlobWriter) Size() int64 { return w.size }

// Commit makes the blob last and returns its name and size. It may be called again,
// should somebody have removed it meanwhile.
func (w *BlobWriter) Commit(ctx context.Context) (string, int64, error) {
	if err := w.spoolAgain(); err != nil {
		return "", 0, fmt.Errorf("committing blob again: %w", err)
	}
	if err := w.blobs.shelf.put(ctx, w.file, w.Name()); err != nil {
		return "", 0, fmt.Errorf("committing blob: %w", err)
	}
	w.kept = true
	return w.Name(), w.size, nil
}

// spoolAgain makes a file in the spool of what was committed.
func (w *BlobWriter) spoolAgain() error {
	if !w.kept {
		return nil
	}
	again, err := os.CreateTemp(w.blobs.spool, "blob-*")
	if err != nil {
		return err
	}
	_, err = w.file.Seek(0, io.SeekStart)
	if err == nil {
		_, err = io.Copy(again, w.file)
	}
	if err != nil {
		again.Close()
		os.Remove(again.Name())
		return err
	}
	w.file.Close()
	w.file, w.kept = again, false
	return nil
}

// Abort gives the blob up, unless it was committed. Calling it twice does nothing.
func (w *BlobWriter) Abort() {
	if w.file == nil {
		return
	}
	w.file.Close()
	if !w.kept {
		os.Remove(w.file.Name())
	}
	w.file = nil
}

// Open gives the contents of that name and their size. The caller closes them.
// It returns CodeFileNotFound if there are none or if sha is no such name.
func (b *Blobs) Open(ctx context.Context, sha string) (io.ReadSeekCloser, int64, error) {
	if err := nameOnly(sha); err != nil {
		return nil, 0, err
	}
	content, size, err := b.shelf.open(ctx, sha)
	if err != nil {
		return nil, 0, told(b.believe(ctx, err), sha, "opening")
	}
	return content, size, nil
}

// Size is the size of the contents of that name, and otherwise as Open.
func (b *Blobs) Size(ctx context.Context, sha string) (int64, error) {
	if err := nameOnly(sha); err != nil {
		return 0, err
	}
	size, _, err := b.shelf.stat(ctx, sha)
	if err != nil {
		return 0, told(b.believe(ctx, err), sha, "looking at")
	}
	return size, nil
}

// Each hands fn the name and size of every blob, in the order of names, and when
// it was stored the last time.
func (b *Blobs) Each(ctx context.Context, fn func(sha string, size int64, stored time.Time) error) error {
	return b.shelf.each(ctx, fn)
}

// RemoveOlder deletes the contents of that name unless somebody stored them
// after limit. Contents that are not there are no error. Somebody may store them
// just before they are deleted, see BeginRemoval. It returns ErrUnsettled if they
// may still be deleted later; after other errors they will not be.
func (b *Blobs) RemoveOlder(ctx context.Context, sha string, limit time.Time) error {
	if err := nameOnly(sha); err != nil {
		return err
	}
	_, stored, err := b.shelf.stat(ctx, sha)
	if err == nil && stored.Before(limit) {
		err = b.shelf.remove(ctx, sha)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return told(err, sha, "removing")
	}
	return nil
}

// RemovalDoubt is how long RemoveOlder may take effect after it was announced, if it is
// called within a minute and whoever called it is not heard of any more.
func (b *Blobs) RemovalDoubt() time.Duration { return b.shelf.doubt() }

// Remove deletes the contents of that name. It returns CodeFileNotFound if
// there are none, and otherwise as RemoveOlder.
func (b *Blobs) Remove(ctx context.Context, sha string) error {
	if _, err := b.Size(ctx, sha); err != nil {
		return err
	}
	if err := b.shelf.remove(ctx, sha); err != nil {
		return told(err, sha, "removing")
	}
	return nil
}

// Claim says whether the place of the contents belongs to the installation whose
// name, which no other has, owner returns. A bucket belongs to the first that
// claims it; a folder does to whoever has it, and owner is not called. It returns
// ErrHeld while a backup is made of a bucket: nothing is to be removed then.
func (b *Blobs) Claim(ctx context.Context, owner func() (string, error)) (bool, error) {
	return b.shelf.claim(ctx, owner)
}

// ErrHeld says that a backup is being made.
var ErrHeld = errors.New("a backup is being made")

// Hold makes Claim return ErrHeld, for all who share a bucket, until release is
// called. Files in folders are kept for a backup in another way.
func (b *Blobs) Hold(ctx context.Context) (release func(), err error) { return b.shelf.hold(ctx) }

// Probe says whether the place of the contents can be reached, should it be
// another one than the disk with SpoolDir.
func (b *Blobs) Probe(ctx context.Context) error { return b.shelf.probe(ctx) }

func nameOnly(sha string) error {
	if !isBlobName(sha) {
		return skranke.Err(skranke.CodeFileNotFound, "%q names no blob", sha)
	}
	return nil
}

// believe is err, which may say that there are no such contents, unless the shelf
// is not there: a store says the same then, and so may what stands before it.
func (b *Blobs) believe(ctx context.Context, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return cmp.Or(b.shelf.probe(ctx), err)
}

// told is the error of a shelf as callers know it.
func told(err error, sha, doing string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return skranke.Err(skranke.CodeFileNotFound, "no blob %s", sha)
	}
	return fmt.Errorf("%s blob %s: %w", doing, sha, err)
}

// SweepSpool deletes what was left in SpoolDir by programs that were killed
// while they wrote: files nobody has written to since limit.
func (b *Blobs) SweepSpool(limit time.Time) error {
	files, err := os.ReadDir(b.spool)
	if err != nil {
		return fmt.Errorf("sweeping the spool: %w", err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err == nil && info.Mode().IsRegular() && info.ModTime().Before(limit) {
			err = os.Remove(filepath.Join(b.spool, file.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("sweeping the spool: %w", err)
		}
	}
	return nil
}

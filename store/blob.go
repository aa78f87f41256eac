package store

import (
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
	// If they are there already, their time becomes a late one. The file is closed
	// and gone after that, also if there was an error.
	put(ctx context.Context, file *os.File, sha string) error

	// open gives contents and their size, and errDamaged if it finds on the way
	// that they are others than their name says.
	open(ctx context.Context, sha string) (io.ReadSeekCloser, int64, error)

	// stat tells the size of contents and when they were put the last time.
	stat(ctx context.Context, sha string) (int64, time.Time, error)

	// each hands fn all contents in the order of their names.
	each(ctx context.Context, fn func(sha string, size int64, stored time.Time) error) error

	// remove deletes contents. Some shelves do not tell that there were none.
	remove(ctx context.Context, sha string) error

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

// SpoolDir is a folder for temporary files AdoptHashed can move without copying.
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

// BlobWriter takes the contents of one blob. It ends with Commit or Abort.
type BlobWriter struct {
	blobs *Blobs
	file  *os.File
	hash  hash.Hash
	size  int64
}

// Create begins a blob.
func (b *Blobs) Create() (*BlobWriter, error) {
	file, err := os.CreateTemp(b.spool, "blob-*")
	if err != nil {
		return nil, fmt.Errorf("creating blob: %w", err)
	}
	return &BlobWriter{blobs: b, file: file, hash: sha256.New()}, nil
}

// Write appends to the blob.
func (w *BlobWriter) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	w.hash.Write(p[:n])
	w.size += int64(n)
	return n, err
}

// Commit makes the blob last and returns its name and size. After an error
// nothing is left of it here.
func (w *BlobWriter) Commit(ctx context.Context) (string, int64, error) {
	sha, file := hex.EncodeToString(w.hash.Sum(nil)), w.file
	w.file = nil
	if err := w.blobs.shelf.put(ctx, file, sha); err != nil {
		return "", 0, fmt.Errorf("committing blob: %w", err)
	}
	return sha, w.size, nil
}

// Abort gives the blob up. After Commit it does nothing, so it may be deferred.
func (w *BlobWriter) Abort() {
	if w.file != nil {
		w.file.Close()
		os.Remove(w.file.Name())
		w.file = nil
	}
}

// AdoptHashed takes over a file somebody has written into SpoolDir and hashed
// meanwhile, and returns its name and size. The file is gone after that, also if
// there was an error.
func (b *Blobs) AdoptHashed(ctx context.Context, path string, sum [sha256.Size]byte) (string, int64, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", 0, fmt.Errorf("adopting blob: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		os.Remove(path)
		return "", 0, fmt.Errorf("adopting blob: %w", err)
	}
	sha := hex.EncodeToString(sum[:])
	if err := b.shelf.put(ctx, file, sha); err != nil {
		return "", 0, fmt.Errorf("adopting blob: %w", err)
	}
	return sha, info.Size(), nil
}

// Open gives the contents of that name and their size. The caller closes them.
// It returns CodeFileNotFound if there are none or if sha is no such name.
func (b *Blobs) Open(ctx context.Context, sha string) (io.ReadSeekCloser, int64, error) {
	if err := nameOnly(sha); err != nil {
		return nil, 0, err
	}
	content, size, err := b.shelf.open(ctx, sha)
	if err != nil {
		return nil, 0, told(err, sha, "opening")
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
		return 0, told(err, sha, "looking at")
	}
	return size, nil
}

// Each hands fn the name and size of every blob, in the order of names, and when
// it was stored the last time.
func (b *Blobs) Each(ctx context.Context, fn func(sha string, size int64, stored time.Time) error) error {
	return b.shelf.each(ctx, fn)
}

// RemoveOlder deletes the contents of that name unless somebody stored them
// after limit. Contents that are not there are no error.
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

// Remove deletes the contents of that name. It returns CodeFileNotFound if
// there are none.
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

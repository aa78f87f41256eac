package store

import (
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

// Blobs keeps the contents of attachments, each in a file named by its
// SHA-256. Equal contents are kept once. A file is complete and on disk before
// it has its name, and never changes after.
type Blobs struct {
	dir string
}

// spool is the folder for files that are still being written. It lies beside
// the others, so that they can be moved without copying.
const spool = "spool"

func openBlobs(dir string) (*Blobs, error) {
	if err := os.MkdirAll(filepath.Join(dir, spool), 0o700); err != nil {
		return nil, fmt.Errorf("opening blobs: %w", err)
	}
	return &Blobs{dir: dir}, nil
}

// SpoolDir is a folder for temporary files Adopt can move without copying.
func (b *Blobs) SpoolDir() string { return filepath.Join(b.dir, spool) }

// path is where the contents of that name lie, false if it is no such name.
func (b *Blobs) path(sha string) (string, bool) {
	if len(sha) != 2*sha256.Size {
		return "", false
	}
	for _, ch := range []byte(sha) {
		if (ch < '0' || '9' < ch) && (ch < 'a' || 'f' < ch) {
			return "", false
		}
	}
	return filepath.Join(b.dir, sha[:2], sha), true
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
	file, err := os.CreateTemp(b.SpoolDir(), "blob-*")
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
// nothing is left of it.
func (w *BlobWriter) Commit() (string, int64, error) {
	sha := hex.EncodeToString(w.hash.Sum(nil))
	if err := w.blobs.keep(w.file, sha); err != nil {
		return "", 0, fmt.Errorf("committing blob: %w", err)
	}
	w.file = nil
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

// Adopt takes over a file somebody has written into SpoolDir, and returns its
// name and size. The file is gone after that, also if there was an error.
func (b *Blobs) Adopt(path string) (string, int64, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", 0, fmt.Errorf("adopting blob: %w", err)
	}
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		file.Close()
		os.Remove(path)
		return "", 0, fmt.Errorf("adopting blob: %w", err)
	}
	sha := hex.EncodeToString(hash.Sum(nil))
	if err := b.keep(file, sha); err != nil {
		return "", 0, fmt.Errorf("adopting blob: %w", err)
	}
	return sha, size, nil
}

// AdoptHashed is Adopt for somebody who has hashed the file while writing it,
// which spares reading it again.
func (b *Blobs) AdoptHashed(path string, sum [sha256.Size]byte) (string, int64, error) {
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
	if err := b.keep(file, sha); err != nil {
		return "", 0, fmt.Errorf("adopting blob: %w", err)
	}
	return sha, info.Size(), nil
}

// keep closes a spool file and gives it its name, unless the contents are
// there already. After an error the spool file is gone.
func (b *Blobs) keep(file *os.File, sha string) (err error) {
	defer func() {
		if err != nil {
			os.Remove(file.Name())
		}
	}()
	path, _ := b.path(sha)
	if _, err := os.Stat(path); err == nil {
		// Its time says that somebody wants it: RemoveOlder then leaves it.
		now := time.Now()
		if err := os.Chtimes(path, now, now); err != nil {
			return fmt.Errorf("renewing blob %s: %w", sha, err)
		}
		file.Close()
		if err := os.Remove(file.Name()); err != nil {
			return err
		}
		return syncDir(filepath.Dir(path)) // whoever wrote it may not have come to this yet
	}
	err = file.Sync()
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	folder := filepath.Dir(path)
	err = os.Mkdir(folder, 0o700)
	if err == nil {
		err = syncDir(b.dir)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	return syncDir(folder)
}

// syncDir makes the names in a folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Open gives the contents of that name and their size. The caller closes them.
// It returns CodeFileNotFound if there are none or if sha is no such name.
func (b *Blobs) Open(sha string) (io.ReadSeekCloser, int64, error) {
	path, ok := b.path(sha)
	if !ok {
		return nil, 0, skranke.Err(skranke.CodeFileNotFound, "%q names no blob", sha)
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, skranke.Err(skranke.CodeFileNotFound, "no blob %s", sha)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("opening blob: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, fmt.Errorf("opening blob: %w", err)
	}
	return file, info.Size(), nil
}

// Each hands fn the name and size of every blob, in the order of names.
func (b *Blobs) Each(fn func(sha string, size int64) error) error {
	folders, err := os.ReadDir(b.dir)
	if err != nil {
		return fmt.Errorf("listing blobs: %w", err)
	}
	for _, folder := range folders {
		if len(folder.Name()) != 2 {
			continue
		}
		files, err := os.ReadDir(filepath.Join(b.dir, folder.Name()))
		if err != nil {
			return fmt.Errorf("listing blobs: %w", err)
		}
		for _, file := range files {
			if _, ok := b.path(file.Name()); !ok {
				continue
			}
			info, err := file.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue // removed meanwhile
			}
			if err != nil {
				return fmt.Errorf("listing blobs: %w", err)
			}
			if err := fn(file.Name(), info.Size()); err != nil {
				return err
			}
		}
	}
	return nil
}

// RemoveOlder deletes the contents of that name unless somebody stored them
// after limit. Contents that are not there are no error.
func (b *Blobs) RemoveOlder(sha string, limit time.Time) error {
	path, ok := b.path(sha)
	if !ok {
		return skranke.Err(skranke.CodeFileNotFound, "%q names no blob", sha)
	}
	info, err := os.Stat(path)
	if err == nil && info.ModTime().Before(limit) {
		err = os.Remove(path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing blob: %w", err)
	}
	return nil
}

// SweepSpool deletes what was left in SpoolDir by programs that were killed
// while they wrote: files nobody has written to since limit.
func (b *Blobs) SweepSpool(limit time.Time) error {
	files, err := os.ReadDir(b.SpoolDir())
	if err != nil {
		return fmt.Errorf("sweeping the spool: %w", err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err == nil && info.Mode().IsRegular() && info.ModTime().Before(limit) {
			err = os.Remove(filepath.Join(b.SpoolDir(), file.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("sweeping the spool: %w", err)
		}
	}
	return nil
}

// Remove deletes the contents of that name. It returns CodeFileNotFound if
// there are none.
func (b *Blobs) Remove(sha string) error {
	path, ok := b.path(sha)
	if !ok {
		return skranke.Err(skranke.CodeFileNotFound, "%q names no blob", sha)
	}
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return skranke.Err(skranke.CodeFileNotFound, "no blob %s", sha)
	}
	if err != nil {
		return fmt.Errorf("removing blob: %w", err)
	}
	return nil
}

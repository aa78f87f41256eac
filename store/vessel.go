package store

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// vessel takes the files of a backup, one after the other.
type vessel interface {
	// put takes a file of so many bytes.
	put(name string, size int64, from io.Reader) error
	// finish makes everything last.
	finish() error
}

// folder is a backup in a folder.
type folder struct {
	dir   string
	known map[string]bool // folders that were made
	buf   []byte
}

func newFolder(dir string) *folder {
	return &folder{dir: dir, known: map[string]bool{}, buf: make([]byte, 256<<10)}
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// place makes the folder of a file and returns the file's path.
func (f *folder) place(name string) (string, error) {
	path := f.path(name)
	dir := filepath.Dir(path)
	if f.known[dir] {
		return path, nil
	}
	f.known[dir] = true
	return path, os.MkdirAll(dir, 0o700)
}

func (f *folder) put(name string, size int64, from io.Reader) error {
	path, err := f.place(name)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{file}, from, f.buf)
	if err == nil && n != size {
		err = fmt.Errorf("%s has %d bytes, not %d", name, n, size)
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// link takes a file over from another place of the same disk, and says whether
// that worked.
func (f *folder) link(name, from string) bool {
	path, err := f.place(name)
	return err == nil && os.Link(from, path) == nil
}

// finish makes the names last; the files are on disk already.
func (f *folder) finish() error {
	dirs := []string{f.dir, filepath.Join(f.dir, "blobs")}
	for dir := range f.known {
		dirs = append(dirs, dir)
	}
	for _, dir := range dirs {
		if err := syncDir(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// archive is a backup in one stream.
type archive struct {
	tar *tar.Writer
	at  time.Time
}

func (a *archive) put(name string, size int64, from io.Reader) error {
	err := a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: a.at, Format: tar.FormatPAX})
	if err != nil {
		return err
	}
	n, err := io.Copy(a.tar, from)
	if err == nil && n != size {
		err = fmt.Errorf("%s has %d bytes, not %d", name, n, size)
	}
	return err
}

func (a *archive) finish() error { return a.tar.Close() }

// source hands out the files of a backup, in no order but with the manifest last.
type source interface {
	// size is how many bytes the files have together, 0 if that shows at the end.
	size() int64
	each(fn func(name string, size int64, from io.Reader) error) error
}

// size is what the manifest says; whether it is one, each finds out.
func (f *folder) size() int64 {
	text, err := os.ReadFile(f.path(manifestFile))
	if err != nil {
		return 0
	}
	m, err := parseManifest(text)
	if err != nil {
		return 0
	}
	return m.size()
}

// each hands fn the files of the backup in a folder. What does not belong to
// a backup is passed over.
func (f *folder) each(fn func(name string, size int64, from io.Reader) error) error {
	manifest, err := os.ReadFile(f.path(manifestFile))
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: there is no %s in %s: it was not completed, or not all of it was copied; use another one", ErrNoBackup, manifestFile, f.dir)
	}
	if err != nil {
		return err
	}
	err = filepath.WalkDir(f.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(f.dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		if d.IsDir() || !belongs(name) || name == manifestFile {
			return nil
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			return err
		}
		return fn(name, info.Size(), file)
	})
	if err != nil {
		return err
	}
	return fn(manifestFile, int64(len(manifest)), bytes.NewReader(manifest))
}

// stream is a backup that is read from one stream.
type stream struct{ from io.Reader }

func (s stream) size() int64 { return 0 }

func (s stream) each(fn func(name string, size int64, from io.Reader) error) error {
	r := tar.NewReader(s.from)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %v", ErrNoBackup, err)
		}
		if h.Typeflag != tar.TypeReg || !belongs(h.Name) {
			continue
		}
		if err := fn(h.Name, h.Size, r); err != nil {
			return err
		}
	}
}

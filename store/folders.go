package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// folders is the shelf on a disk: a file for each contents, in a folder named by
// their first two letters.
type folders struct {
	dir string
}

func (f *folders) path(sha string) string { return filepath.Join(f.dir, sha[:2], sha) }

// put gives the file its name, unless the contents are there already.
func (f *folders) put(_ context.Context, file *os.File, sha string) error {
	path := f.path(sha)
	// Their time says that somebody wants them: RemoveOlder then leaves them.
	now := time.Now()
	err := os.Chtimes(path, now, now)
	if err == nil {
		if err := os.Remove(file.Name()); err != nil {
			return err
		}
		return syncDir(filepath.Dir(path)) // whoever wrote it may not have come to this yet
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("renewing blob %s: %w", sha, err)
	}
	if err := file.Sync(); err != nil {
		return err
	}
	folder := filepath.Dir(path)
	err = os.Mkdir(folder, 0o700)
	if err == nil {
		err = syncDir(f.dir)
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

func (f *folders) open(_ context.Context, sha string) (io.ReadSeekCloser, int64, error) {
	file, err := os.Open(f.path(sha))
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

func (f *folders) stat(_ context.Context, sha string) (int64, time.Time, error) {
	info, err := os.Stat(f.path(sha))
	if err != nil {
		return 0, time.Time{}, err
	}
	return info.Size(), info.ModTime(), nil
}

func (f *folders) each(_ context.Context, fn func(sha string, size int64, stored time.Time) error) error {
	dirs, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing was ever stored
	}
	if err != nil {
		return fmt.Errorf("listing blobs: %w", err)
	}
	for _, dir := range dirs {
		if len(dir.Name()) != 2 {
			continue
		}
		files, err := os.ReadDir(filepath.Join(f.dir, dir.Name()))
		if err != nil {
			return fmt.Errorf("listing blobs: %w", err)
		}
		for _, file := range files {
			if !isBlobName(file.Name()) {
				continue
			}
			info, err := file.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue // removed meanwhile
			}
			if err != nil {
				return fmt.Errorf("listing blobs: %w", err)
			}
			if err := fn(file.Name(), info.Size(), info.ModTime()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *folders) remove(ctx context.Context, sha string) error {
	if err := ctx.Err(); err != nil { // it may have been for long since the caller looked
		return err
	}
	return os.Remove(f.path(sha))
}

// doubt is short: what a killed process has not removed stays. It leaves room for the
// clocks of servers that share a disk, and for a disk that is slow.
func (f *folders) doubt() time.Duration { return 5 * time.Minute }

func (f *folders) claim(context.Context, func() (string, error)) (bool, error) { return true, nil }

func (f *folders) hold(context.Context) (func(), error) { return func() {}, nil }

// probe has nothing to ask: whoever can write in the spool can write here.
func (f *folders) probe(context.Context) error { return nil }

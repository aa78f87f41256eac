package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Backup is a backup that was made, in a folder or in a tar file.
type Backup struct{ from source }

// BackupIn is the backup in a folder.
func BackupIn(dir string) *Backup { return &Backup{newFolder(dir)} }

// BackupFrom is the backup in a tar file. It can be read once.
func BackupFrom(r io.Reader) *Backup { return &Backup{stream{r}} }

// received is what came out of a backup.
type received struct {
	manifest *Manifest
	database FileSum
	others   []FileSum
	contents Contents
	damaged  []string         // contents that are not what their name says
	sizes    map[string]int64 // of the contents
}

// read goes through the whole backup. take gets every file but the manifest and
// reads it to its end. progress is told how many bytes of how many are read, the
// latter 0 if it is not known.
func (b *Backup) read(ctx context.Context, progress func(done, total int64), take func(name string, size int64, from io.Reader) error) (*received, error) {
	got := &received{sizes: map[string]int64{}}
	done, total := int64(0), b.from.size()
	err := b.from.each(func(name string, size int64, from io.Reader) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if got.manifest != nil {
			return fmt.Errorf("%w: %s stands behind %s", ErrNoBackup, name, manifestFile)
		}
		if name == manifestFile {
			text, err := io.ReadAll(from)
			if err == nil {
				got.manifest, err = parseManifest(text)
			}
			return err
		}
		hash := sha256.New()
		from = countingReader{io.TeeReader(from, hash), func(n int) {
			done += int64(n)
			progress(done, total)
		}}
		if err := take(name, size, contextReader{ctx, from}); err != nil {
			return err
		}
		sum := FileSum{name, size, hex.EncodeToString(hash.Sum(nil))}
		sha, isBlob := blobOf(name)
		switch {
		case name == databaseFile:
			got.database = sum
		case !isBlob:
			got.others = append(got.others, sum)
		default:
			got.sizes[sha] = size
			got.contents.Files++
			got.contents.Bytes += size
			if sum.SHA256 != sha {
				got.damaged = append(got.damaged, sha)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if got.manifest == nil {
		return nil, fmt.Errorf("%w: it has no %s: was it cut off?", ErrNoBackup, manifestFile)
	}
	return got, nil
}

// countingReader tells how many bytes each read gave.
type countingReader struct {
	from io.Reader
	told func(n int)
}

func (r countingReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.told(n)
	return n, err
}

// faults tells everything in which the backup is not what its manifest says.
func (r *received) faults() (faults []Fault) {
	m := r.manifest
	add := func(file, format string, args ...any) {
		faults = append(faults, Fault{Table: "file", ID: file, Text: fmt.Sprintf(format, args...)})
	}
	switch {
	case r.database.Name == "":
		add(databaseFile, "is not in the backup")
	case r.database != m.Database:
		add(databaseFile, "is damaged: it does not have the SHA-256 of %s", manifestFile)
	}
	for _, want := range m.Others {
		if !slices.ContainsFunc(r.others, func(sum FileSum) bool { return sum.Name == want.Name }) {
			add(want.Name, "is not in the backup")
		}
	}
	for _, sum := range r.others {
		switch want := m.other(sum.Name); {
		case want == nil:
			add(sum.Name, "is in the backup, but not in %s", manifestFile)
		case *want != sum:
			add(sum.Name, "is damaged: it does not have the SHA-256 of %s", manifestFile)
		}
	}
	for _, sha := range r.damaged {
		if !slices.Contains(m.Damaged, sha) {
			add(blobName(sha), "is damaged: its contents do not have the SHA-256 of its name")
		}
	}
	if r.contents != m.Contents {
		add("blobs", "there are %d files with %d bytes, %s says %d with %d",
			r.contents.Files, r.contents.Bytes, manifestFile, m.Contents.Files, m.Contents.Bytes)
	}
	return faults
}

// RestoreOptions say how to restore a backup.
type RestoreOptions struct {
	CopyOptions // into a database on a server

	// Files is told how many bytes of files of how many are there; the latter is 0
	// for a tar file. May be nil.
	Files func(done, total int64)
}

// RestoreTo makes an installation out of the backup: the files in to.Dir, which
// must be empty or missing, and the database there as well, or in to.Database,
// which must hold nothing of ours. Either everything
// is as it was in the backup and on disk, or nothing is left but tables without
// rows, and what was put into to.Bucket. It returns ErrNoBackup if it is none,
// ErrNewerSchema if a newer skranke has made it, ErrNotEmpty if there is something
// in the database.
func (b *Backup) RestoreTo(ctx context.Context, to Options, with RestoreOptions) (_ *Manifest, err error) {
	if to.Database != "" {
		if err := emptyDatabase(ctx, to); err != nil {
			return nil, fmt.Errorf("restoring: %w", err)
		}
	}
	dir := to.Dir
	made, err := emptyDir(dir)
	if err != nil {
		return nil, fmt.Errorf("restoring: %w", err)
	}
	if made {
		defer func() {
			if err != nil {
				os.Remove(dir)
			}
		}()
	}
	part, err := os.MkdirTemp(dir, ".restore-*")
	if err != nil {
		return nil, fmt.Errorf("restoring: %w", err)
	}
	defer os.RemoveAll(part)

	files := newFolder(part)
	database := newFolder(part + "-database")
	if to.Database != "" {
		defer os.RemoveAll(database.dir)
	} else {
		database = files
	}
	blobs := &Blobs{spool: part} // without a shelf unless there is a bucket
	if err := blobs.use(to.Bucket); err != nil {
		return nil, fmt.Errorf("restoring: %w", err)
	}
	if with.Files == nil {
		with.Files = func(int64, int64) {}
	}
	got, err := b.read(ctx, with.Files, func(name string, size int64, from io.Reader) error {
		if name == databaseFile {
			return database.put(name, size, from)
		}
		if sha, ok := blobOf(name); ok && blobs.shelf != nil {
			return blobs.take(ctx, sha, from)
		}
		return files.put(name, size, from)
	})
	if err != nil {
		return nil, fmt.Errorf("restoring: %w", err)
	}
	if err := got.manifest.newer(); err != nil {
		return nil, fmt.Errorf("restoring: %w", err)
	}
	if faults := got.faults(); len(faults) > 0 {
		errs := make([]error, len(faults))
		for i, f := range faults {
			errs[i] = errors.New(f.String())
		}
		return nil, fmt.Errorf("the backup is damaged, nothing was restored: %w", errors.Join(errs...))
	}
	if err := errors.Join(os.MkdirAll(filepath.Join(part, "blobs", spool), 0o700), files.finish()); err != nil {
		return nil, fmt.Errorf("restoring: %w", err)
	}
	err = moveIn(part, dir, func() error {
		if to.Database == "" {
			return nil
		}
		return intoServer(ctx, to, database.dir, with.CopyOptions)
	})
	if err != nil {
		return nil, fmt.Errorf("restoring: %w", err)
	}
	return got.manifest, nil
}

// emptyDatabase returns ErrNotEmpty if there is something of ours in a database
// on a server. It makes nothing.
func emptyDatabase(ctx context.Context, o Options) error {
	db, err := Inspect(ctx, o)
	if errors.Is(err, ErrNoTables) {
		return nil
	}
	if err != nil {
		return err
	}
	defer db.Close()
	ours, err := newFresh(ctx, NewestSchema(), db)
	if err != nil {
		return err
	}
	return db.Read(ctx, func(tx *ReadTx) error {
		names, err := tx.tableNames(ctx)
		if err != nil {
			return err
		}
		return tx.mustBeEmpty(ctx, slices.DeleteFunc(names, func(name string) bool { return !ours.has(name) }))
	})
}

// intoServer copies the database of a backup that lies in from, of whatever version,
// into one on a server.
func intoServer(ctx context.Context, to Options, from string, o CopyOptions) error {
	source, err := Open(ctx, Options{Dir: from, Now: to.Now})
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := Open(ctx, to)
	if err != nil {
		return err
	}
	defer target.Close()
	_, err = source.CopyTo(ctx, target, o)
	if errors.Is(err, ErrUnknown) {
		err = fmt.Errorf("%w; the attachments are not there: empty the database and restore again", err)
	}
	return err
}

// take stores contents, unless they are others than their name says.
func (b *Blobs) take(ctx context.Context, sha string, from io.Reader) error {
	w, err := b.Create()
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.Copy(w, from); err != nil {
		return err
	}
	if hex.EncodeToString(w.hash.Sum(nil)) != sha {
		return nil // which the reader of the backup notices
	}
	_, _, err = w.Commit(ctx)
	return err
}

// emptyDir makes the folder, or looks whether there is nothing in it. What a
// restore that was killed left of itself does not count.
func emptyDir(dir string) (made bool, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true, os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		left, _ := filepath.Match(".restore-*", e.Name())
		switch {
		case left:
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return false, err
			}
		case e.Name() != "lost+found": // a disk of its own has that
			return false, fmt.Errorf("%s is not empty: there is %s", dir, e.Name())
		}
	}
	return false, nil
}

// moveIn gives what is in part its place in dir, and runs last. The database comes
// last, in whichever of the two: before it there is no installation.
func moveIn(part, dir string, last func() error) (err error) {
	entries, err := os.ReadDir(part)
	if err != nil {
		return err
	}
	slices.SortStableFunc(entries, func(a, b os.DirEntry) int {
		last := func(e os.DirEntry) int {
			if e.Name() == databaseFile {
				return 1
			}
			return 0
		}
		return last(a) - last(b)
	})
	var moved []string
	defer func() {
		if err != nil {
			for _, path := range moved {
				os.RemoveAll(path)
			}
		}
	}()
	for _, e := range entries {
		to := filepath.Join(dir, e.Name())
		if e.Name() == databaseFile {
			if err := syncDir(dir); err != nil {
				return err
			}
		}
		if err := os.Rename(filepath.Join(part, e.Name()), to); err != nil {
			return err
		}
		moved = append(moved, to)
	}
	if err := errors.Join(syncDir(dir), syncDir(filepath.Dir(filepath.Clean(dir)))); err != nil {
		return err
	}
	return last()
}

package store

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"skranke"
)

// BackupOptions say what a backup is made of beside the database and the
// contents of attachments.
type BackupOptions struct {
	Program string   // what makes it, for whoever reads the manifest
	Others  []string // paths of further files; those not there are passed over

	// Like is the folder of an earlier backup on the same disk: contents it has
	// are linked, not copied. "" for none.
	Like string

	// FaqWords is what searches find an entry of the FAQ by. The indexes of
	// databases other than SQLite are no use to a backup, and one is made anew.
	FaqWords func(*skranke.FaqEntry) FaqWords

	// Progress is told how many bytes of how many are done; may be nil.
	Progress func(done, total int64)
}

// snapshotter is a connection that can copy the file of its database, as its open
// transaction sees it, into a new one.
type snapshotter interface {
	snapshot(ctx context.Context, path string, progress func(done int64)) error
}

const (
	// snapshotPages is how many pages are copied between two looks at the context.
	snapshotPages = 256

	// pageSize is that of SQLite's files.
	pageSize = 4096
)

func (c *sqliteConn) snapshot(ctx context.Context, path string, progress func(done int64)) error {
	// As the transaction is open, no write of others makes the copy begin again.
	b, err := c.db.BackupInit("main", path)
	if err != nil {
		return c.fail(err, "beginning a copy")
	}
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			b.Close()
			return err
		}
		if done, err = b.Step(snapshotPages); err != nil {
			b.Close()
			return c.fail(err, "copying")
		}
		progress(pageSize * int64(b.PageCount()-b.Remaining()))
	}
	if err := b.Close(); err != nil {
		return c.fail(err, "ending a copy")
	}
	return syncFile(path)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// BackupTo makes a backup in the folder to, which must not exist: it gets its
// name when it is complete and on disk. Others may go on writing; all that was
// committed before is in it. What the installation itself has lost is told in
// the manifest and is no error.
func (db *DB) BackupTo(ctx context.Context, to string, o BackupOptions) (*Manifest, error) {
	parent := filepath.Dir(filepath.Clean(to))
	if err := free(to); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(parent, unfinished(to)+"*")
	if err != nil {
		return nil, fmt.Errorf("beginning the backup: %w", err)
	}
	defer os.RemoveAll(dir) // not there any more if all went well
	b := &backup{db: db, o: o, at: db.now().UTC(), scratch: dir, vessel: newFolder(dir), room: dir}
	m, err := b.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("making the backup: %w", err)
	}
	if err := free(to); err != nil {
		return nil, err
	}
	if err := errors.Join(os.Rename(dir, to), syncDir(parent)); err != nil {
		return nil, fmt.Errorf("naming the backup: %w", err)
	}
	return m, nil
}

// BackupToFile is BackupTo with a tar file instead of a folder.
func (db *DB) BackupToFile(ctx context.Context, to string, o BackupOptions) (*Manifest, error) {
	parent := filepath.Dir(to)
	if err := free(to); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(parent, unfinished(to)+"*")
	if err != nil {
		return nil, fmt.Errorf("beginning the backup: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	m, err := db.backupToStream(ctx, f, parent, o)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.Sync(), f.Close(), free(to)); err != nil {
		return nil, fmt.Errorf("ending the backup: %w", err)
	}
	if err := errors.Join(os.Rename(f.Name(), to), syncDir(parent)); err != nil {
		return nil, fmt.Errorf("naming the backup: %w", err)
	}
	return m, nil
}

// BackupToStream writes a backup to w as a tar file. Without a manifest at its
// end it is not complete. The database is copied to the system's temporary
// folder first.
func (db *DB) BackupToStream(ctx context.Context, w io.Writer, o BackupOptions) (*Manifest, error) {
	return db.backupToStream(ctx, w, "", o)
}

// backupToStream wants room for the whole backup in the folder room, unless it is "".
func (db *DB) backupToStream(ctx context.Context, w io.Writer, room string, o BackupOptions) (*Manifest, error) {
	scratch, err := os.MkdirTemp("", "skranke-backup-*")
	if err != nil {
		return nil, fmt.Errorf("beginning the backup: %w", err)
	}
	defer os.RemoveAll(scratch)
	at := db.now().UTC()
	b := &backup{db: db, o: o, at: at, scratch: scratch, vessel: &archive{tar.NewWriter(w), at}, room: room}
	m, err := b.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("making the backup: %w", err)
	}
	return m, nil
}

// unfinished is how the names of backups begin that are on their way to be to.
func unfinished(to string) string { return "." + filepath.Base(to) + ".part-" }

// free returns an error if there is something of that name.
func free(path string) error {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	return err
}

// backup is the making of a backup.
type backup struct {
	db      *DB
	o       BackupOptions
	at      time.Time
	scratch string // where the copy of the database is made
	vessel  vessel
	room    string // where the vessel's files go, "" if nobody knows

	kept     string // folder of links to the contents, "" if links cannot be made
	from     shelf  // where the contents are read: that folder, or where they are
	contents []content
	done     int64
	total    int64
	expected int64 // what total has for the database
	manifest Manifest
}

// content is the contents of an attachment, or of several.
type content struct {
	sha  string
	size int64 // as the attachment says
}

// run makes the backup. The order matters: the server may go on deleting files
// whose attachments are gone. So all files there are get a second name first,
// which keeps them; then the moment begins at which the database is copied, and
// what came meanwhile gets its second name, as files are there before their
// attachments are and stay for an hour even if nobody wants them. Only then is
// there time to copy.
func (b *backup) run(ctx context.Context) (*Manifest, error) {
	if release, err := b.db.blobs.Hold(ctx); err == nil { // who may only read can still make a backup
		defer release()
	}
	if err := b.hold(ctx); err != nil {
		return nil, err
	}
	b.from = b.db.blobs.shelf
	if b.kept != "" {
		defer os.RemoveAll(b.kept)
		b.from = &folders{b.kept}
	}
	database := filepath.Join(b.scratch, databaseFile)
	if err := b.snapshot(ctx, database); err != nil {
		return nil, err
	}
	if err := b.putDatabase(ctx, database); err != nil {
		return nil, err
	}
	for i := range b.contents {
		if err := b.putContent(ctx, &b.contents[i]); err != nil {
			return nil, err
		}
	}
	for _, path := range b.o.Others {
		if err := b.putOther(path); err != nil {
			return nil, err
		}
	}
	m := &b.manifest
	m.Format, m.MadeAt, m.Program = manifestFormat, b.at.Truncate(time.Second), b.o.Program
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	text = append(text, '\n')
	if err := b.vessel.put(manifestFile, int64(len(text)), bytes.NewReader(text)); err != nil {
		return nil, err
	}
	return m, b.vessel.finish()
}

// staleHold is the age at which links were left by a backup that was killed.
const staleHold = 7 * 24 * time.Hour

// hold gives every file of contents a second name in the spool.
func (b *backup) hold(ctx context.Context) error {
	if _, ok := b.db.blobs.shelf.(*folders); !ok {
		return nil
	}
	spool := b.db.blobs.SpoolDir()
	old, err := filepath.Glob(filepath.Join(spool, "backup-*"))
	if err != nil {
		return err
	}
	for _, dir := range old {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > staleHold {
			os.RemoveAll(dir)
		}
	}
	dir, err := os.MkdirTemp(spool, "backup-*")
	if err != nil { // a disk that is full or may only be read can still be backed up
		return nil
	}
	b.kept = dir
	err = b.db.blobs.Each(ctx, func(sha string, _ int64, _ time.Time) error {
		if err := b.keep(sha); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	if err != nil { // no links here: files are read where they are
		os.RemoveAll(dir)
		b.kept = ""
	}
	return nil
}

// keep gives contents a second name, if they have none.
func (b *backup) keep(sha string) error {
	if b.kept == "" {
		return nil
	}
	disk, ok := b.db.blobs.shelf.(*folders)
	if !ok || !isBlobName(sha) {
		return fs.ErrNotExist
	}
	from := disk.path(sha)
	dir := filepath.Join(b.kept, sha[:2])
	err := os.Link(from, filepath.Join(dir, sha))
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		err = os.Link(from, filepath.Join(dir, sha))
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// snapshot notes what is in the database and copies it, in one transaction, which
// holds up nobody who writes.
func (b *backup) snapshot(ctx context.Context, path string) error {
	return b.db.readLong(ctx, func(tx *ReadTx) (err error) {
		m := &b.manifest
		// The first statement is what the transaction's view begins with.
		if m.Schema, err = tx.number(ctx, schemaVersion); err != nil {
			return fmt.Errorf("looking for the version of the schema: %w", err)
		}
		err = tx.apart(func() error {
			if m.Rows, err = tx.Counts(ctx); err != nil {
				return err
			}
			b.contents, err = tx.contents(ctx)
			return err
		})
		if err != nil {
			return err
		}
		for _, c := range b.contents {
			if err := b.keep(c.sha); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		size, err := tx.number(ctx, tx.dialect.size)
		if err != nil {
			return err
		}
		if err := b.checkSpace(size); err != nil {
			return err
		}
		b.expected = size
		tables, err := b.db.writeTo(ctx, tx, path, b.o.FaqWords, func(done int64) { b.progress(min(done, size)) })
		if err != nil {
			return err
		}
		return allCopied(tables, m.Rows)
	})
}

// allCopied compares the rows that were copied with those that were counted: a
// server that gives a table a new form meanwhile may show it empty.
func allCopied(tables []CopiedTable, rows map[string]int64) error {
	for _, t := range tables {
		for _, kind := range counted {
			if want := rows[kind.word]; kind.table.name == t.Name && t.Rows != want {
				return fmt.Errorf("the tables were changed meanwhile: %s has %d rows, not %d; try again", t.Name, t.Rows, want)
			}
		}
	}
	return nil
}

// contents lists what attachments have as contents. Those without a hash are
// known to have lost theirs.
func (tx *ReadTx) contents(ctx context.Context) (all []content, err error) {
	err = tx.each(ctx, `SELECT sha256, MAX(size) FROM attachment WHERE sha256 <> '' GROUP BY sha256 ORDER BY sha256`,
		func(r *rows) { all = append(all, content{r.text(), r.int64()}) })
	if err != nil {
		return nil, fmt.Errorf("listing the contents of attachments: %w", err)
	}
	return all, nil
}

// spare is what is left free at least.
const spare = 1 << 20

// checkSpace refuses a backup for which there is no room.
func (b *backup) checkSpace(database int64) error {
	need := map[string]int64{b.scratch: database + spare}
	b.total = database
	for _, c := range b.contents {
		if b.o.Like == "" || !b.alike(c) {
			b.total += c.size
		}
	}
	if b.room != "" {
		need[b.room] = b.total + spare
	}
	for dir, need := range need {
		if have, ok := freeSpace(dir); ok && have < need {
			return fmt.Errorf("not enough space: the backup needs %d MiB, and %s has %d MiB left", need>>20+1, filepath.Dir(dir), have>>20)
		}
	}
	return nil
}

// alike says whether the earlier backup has the contents.
func (b *backup) alike(c content) bool {
	info, err := os.Stat(filepath.Join(b.o.Like, filepath.FromSlash(blobName(c.sha))))
	return err == nil && info.Mode().IsRegular() && info.Size() == c.size
}

func (b *backup) progress(done int64) {
	if b.o.Progress != nil {
		b.o.Progress(b.done+done, b.total)
	}
}

func (b *backup) advance(n int64) {
	b.done += n
	b.progress(0)
}

// putDatabase puts the copy in, unless it is in its place already.
func (b *backup) putDatabase(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	hash := sha256.New()
	from := contextReader{ctx, io.TeeReader(f, hash)}
	if _, inPlace := b.vessel.(*folder); inPlace {
		if _, err := io.Copy(io.Discard, from); err != nil {
			return err
		}
		if err := f.Chmod(0o600); err != nil {
			return err
		}
	} else if err := b.vessel.put(databaseFile, info.Size(), from); err != nil {
		return err
	}
	b.total += info.Size() - b.expected
	b.manifest.Database = FileSum{databaseFile, info.Size(), hex.EncodeToString(hash.Sum(nil))}
	b.advance(info.Size())
	return nil
}

// contextReader ends with its context.
type contextReader struct {
	ctx  context.Context
	from io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

// putContent puts contents in, and looks whether they are what they should be.
func (b *backup) putContent(ctx context.Context, c *content) error {
	m := &b.manifest
	name := c.sha
	if !isBlobName(c.sha) { // not even a name: verify tells whose it is
		m.Missing = append(m.Missing, name)
		return nil
	}
	name = blobName(c.sha)
	if f, ok := b.vessel.(*folder); ok && b.o.Like != "" && b.alike(*c) {
		if f.link(name, filepath.Join(b.o.Like, filepath.FromSlash(name))) {
			m.Contents.Files++
			m.Contents.Bytes += c.size
			return ctx.Err()
		}
	}
	file, size, err := b.from.open(ctx, c.sha)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		m.Missing = append(m.Missing, c.sha)
		return nil
	case errors.Is(err, errDamaged):
		m.Damaged = append(m.Damaged, c.sha)
		return nil
	case err != nil:
		return err
	}
	defer file.Close()
	hash := sha256.New()
	if err := b.vessel.put(name, size, contextReader{ctx, io.TeeReader(file, hash)}); err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != c.sha {
		m.Damaged = append(m.Damaged, c.sha)
	}
	m.Contents.Files++
	m.Contents.Bytes += size
	b.advance(size)
	return nil
}

func (b *backup) putOther(path string) error {
	name := filepath.Base(path)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !otherName.MatchString(name) || strings.ContainsRune(name, '/') {
		return fmt.Errorf("%s is no file of an installation", name)
	}
	sum := sha256.Sum256(text)
	b.manifest.Others = append(b.manifest.Others, FileSum{name, int64(len(text)), hex.EncodeToString(sum[:])})
	return b.vessel.put(name, int64(len(text)), bytes.NewReader(text))
}

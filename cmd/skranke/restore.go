package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"skranke/desk"
	"skranke/server"
	"skranke/store"
)

func restore() command {
	return command{
		name:    "restore",
		group:   groupMove,
		summary: "Make an installation out of a backup",
		usage:   "[-data DIR] FROM",
		about: `Reads a backup that "skranke backup" has made, a folder or a tar file, also one
packed with gzip, or - for stdin, and makes the data directory out of it. That must be
empty or missing. Every file is compared with its checksum; either everything is
restored and on disk, or nothing is. A backup of an older version is brought up
to date when the server starts; one of a newer version is refused.

If the setting database names a PostgreSQL database, the database goes there,
and attachments and adopted WSDLs into the data directory. It must be empty. It
does not matter which of the two the backup was made of. Every table is read back
and compared; until all is there, there are tables without rows.

Mails that were waiting when the backup was made are sent again.`,
		examples: []string{"skranke restore -data /var/lib/skranke /var/backups/skranke-2026-11-24", "ssh vault cat skranke.tar | skranke restore -data new -"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				if len(c.args) != 1 || c.args[0] == "" {
					return c.usagef("restore takes one argument, a backup, or - for stdin")
				}
				return c.restore(ctx, c.args[0])
			}
		},
	}
}

func (c *call) restore(ctx context.Context, name string) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	from, done, err := c.openBackup(name)
	if err != nil {
		return err
	}
	defer done()
	to := store.Options{Dir: conf.Data, Database: conf.Database, Bucket: server.Bucket(conf.Config)}
	meter := newMeter(c.stderr)
	m, err := from.RestoreTo(ctx, to, restoring(meter))
	meter.end()
	if err != nil {
		return told(err, name)
	}
	for _, sha := range append(m.Missing, m.Damaged...) {
		complain(c.stderr, "warning: the installation had lost the contents of an attachment before the backup was made: "+sha)
	}
	return c.print(fmt.Sprintf("%s: restored as of %s, %s of database, %d attachments with %s\n", place(to),
		m.MadeAt.Format(time.DateTime+" UTC"), mib(m.Database.Size), m.Contents.Files, mib(m.Contents.Bytes)))
}

// restoring is how a backup is restored, with progress: of its files, and of the
// tables if they go to a server.
func restoring(m *meter) store.RestoreOptions {
	return store.RestoreOptions{
		CopyOptions: store.CopyOptions{
			FaqWords: desk.FaqWords,
			Progress: func(t store.CopiedTable, _ bool) { m.text(fmt.Sprintf("%s: %d rows", t.Name, t.Rows)) },
		},
		Files: m.bytes,
	}
}

// told adds to an error of reading a backup what an operator can do.
func told(err error, name string) error {
	switch {
	case errors.Is(err, store.ErrNoBackup):
		return fmt.Errorf("%s: %w", name, err)
	case errors.Is(err, store.ErrNotEmpty):
		return fmt.Errorf("nothing was restored: %w; restore into an empty database", err)
	case errors.Is(err, store.ErrNewerSchema):
		return fmt.Errorf("%s cannot be used: %w; use that version", name, err)
	}
	return err
}

// openBackup opens a backup: a folder, a file, or stdin.
func (c *call) openBackup(name string) (*store.Backup, func() error, error) {
	if name == "-" {
		r, err := unpacked(c.stdin)
		if err != nil {
			return nil, nil, fmt.Errorf("reading the backup: %w", err)
		}
		return store.BackupFrom(r), func() error { return nil }, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	if info.IsDir() {
		return store.BackupIn(filepath.Clean(name)), f.Close, nil
	}
	r, err := unpacked(f)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("reading the backup: %w", err), f.Close())
	}
	return store.BackupFrom(r), f.Close, nil
}

const gzipMagic = "\x1f\x8b"

// unpacked is r, through gzip if it is packed.
func unpacked(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	start, err := b.Peek(len(gzipMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(start) != gzipMagic {
		return b, nil
	}
	return gzip.NewReader(b)
}

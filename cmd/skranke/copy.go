package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"skranke/desk"
	"skranke/server"
	"skranke/store"
)

func copyAll() command {
	var from, to string
	return command{
		name:    "copy",
		group:   groupMove,
		summary: "Move an installation to PostgreSQL, or back",
		usage:   "-from TARGET -to TARGET",
		about: `Copies everything, ids, sessions and mail that waits included, from one database
into another. A TARGET is the directory of an installation, or the URL of a
PostgreSQL database. The database of -to must be empty, or not there yet; that
of -from stays as it is. Stop the server first: what it writes meanwhile is not
copied.

Attachments and adopted WSDLs lie in a directory whichever database is used: for
a URL that is -data. They are copied too, unless both directories are the same.
Attachments in a bucket stay there, and belong to both; "skranke attachments copy"
moves those.

At the end every table is compared, row for row by its SHA-256, and the table of
numbers and sums is printed. The exit code is 1 if anything differs, and then
the database of -to is left empty: all is copied or nothing.

A password need not stand in a URL, where others may see it: PGPASSWORD and
~/.pgpass are looked at. See docs/postgresql.md.`,
		examples: []string{
			"skranke copy -data /var/lib/skranke -from /var/lib/skranke -to postgres://skranke@db.example.com/skranke",
			"skranke copy -data /var/lib/skranke -from postgres://skranke@db.example.com/skranke -to /srv/skranke",
		},
		start: func(fs *flag.FlagSet) action {
			from, to = "", ""
			fs.StringVar(&from, "from", "", "copy from the database in this directory or at this URL, `TARGET`")
			fs.StringVar(&to, "to", "", "copy to the database in this directory or at this URL, `TARGET`")
			return func(ctx context.Context, c *call) error {
				if len(c.args) > 0 || from == "" || to == "" {
					return c.usagef("copy takes no arguments and needs -from and -to: a directory or a postgres:// URL each")
				}
				return c.copyAll(ctx, from, to)
			}
		},
	}
}

// target is one side of a copy: options to open it with.
func (c *call) target(name, data string) store.Options {
	if strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://") {
		return store.Options{Dir: data, Database: name}
	}
	return store.Options{Dir: filepath.Clean(name)}
}

func (c *call) copyAll(ctx context.Context, fromName, toName string) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	from, to := c.target(fromName, conf.Data), c.target(toName, conf.Data)
	from.Bucket = server.Bucket(conf.Config)
	to.Bucket = from.Bucket
	if from.Dir == to.Dir && from.Database == to.Database {
		return c.usagef("-from and -to are the same database")
	}
	if from.Database == "" {
		if _, err := os.Stat(filepath.Join(from.Dir, "skranke.db")); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no installation in %s", from.Dir)
		}
	}
	source, err := store.Open(ctx, from)
	if err != nil {
		return fmt.Errorf("opening what to copy: %w", err)
	}
	defer source.Close()
	copied, err := store.Open(ctx, to)
	if err != nil {
		return fmt.Errorf("opening where to copy to: %w", err)
	}
	defer copied.Close()

	meter := newMeter(c.stderr)
	defer meter.end()
	files := 0
	if from.Dir != to.Dir {
		if conf.Attachments == "" {
			files, err = source.Blobs().CopyTo(ctx, copied.Blobs(), func(files int, bytes int64) {
				meter.text(fmt.Sprintf("%d attachments, %s", files, mib(bytes)))
			})
		}
		if err != nil {
			return err
		}
		if err := copyFiles(adoptedFiles(from.Dir), adoptedFiles(to.Dir)); err != nil {
			return err
		}
	}
	tables, err := source.CopyTo(ctx, copied, store.CopyOptions{
		FaqWords: desk.FaqWords,
		Progress: func(t store.CopiedTable, done bool) { meter.text(fmt.Sprintf("%s: %d rows", t.Name, t.Rows)) },
	})
	meter.end()
	if errors.Is(err, store.ErrNotEmpty) {
		return fmt.Errorf("nothing was copied: %w", err)
	}
	var b strings.Builder
	rows := int64(0)
	for _, t := range tables {
		word := "same"
		if !t.Same() {
			word = fmt.Sprintf("DIFFERS: %d rows, %s", t.Found, t.To)
		}
		fmt.Fprintf(&b, "%-22s %10d rows  %s  %s\n", t.Name, t.Rows, t.From[:16], word)
		rows += t.Rows
	}
	if err == nil {
		fmt.Fprintf(&b, "copied %d rows of %d tables and %d attachments; every table was read back and is the same\n", rows, len(tables), files)
	}
	return errors.Join(err, c.print(b.String()))
}

// copyFiles copies the files that are there, each under the name beside it.
func copyFiles(from, to []string) error {
	for i, name := range from {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to[i]), 0o700)
		}
		if err == nil {
			err = os.WriteFile(to[i], text, 0o600)
		}
		if err != nil {
			return fmt.Errorf("copying %s: %w", name, err)
		}
	}
	return nil
}

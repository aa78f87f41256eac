package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"skranke"
	"skranke/desk"
	"skranke/transfer"
)

func exportFile() command {
	var files string
	return command{
		name:    "export",
		group:   groupMove,
		summary: "Hand everything out as a JSON Lines file",
		usage:   "[-files DIR] [FILE]",
		about: `Writes everything the installation keeps, as it is at one moment, to FILE, or to
stdout without one: settings, lists, people with their hashed passwords, tickets,
messages and attachments. "skranke import" reads it; docs/import-format.md
describes it. The server may run meanwhile. Not in it are open sessions, failed
log-ins, the change log, notifications, and mail that is not sent yet.

Contents of attachments stand in the file, unless -files names a folder beside
it for them: then each has a file of its own there. FILE appears when it is
complete, readable by its owner only.`,
		examples: []string{"skranke export backup.jsonl", "skranke export | gzip > backup.jsonl.gz", "skranke export -files contents backup.jsonl"},
		start: func(fs *flag.FlagSet) action {
			fs.StringVar(&files, "files", "", "write the contents of attachments to files in `DIR`, which lies in the folder of FILE")
			return func(ctx context.Context, c *call) error {
				if len(c.args) > 1 {
					return c.usagef("export takes one argument, the file to write")
				}
				if files != "" && (len(c.args) == 0 || !filepath.IsLocal(files)) {
					return c.usagef("-files needs a FILE, and names a folder below that of FILE")
				}
				return c.withDesk(ctx, func(d *desk.Desk) error {
					if len(c.args) == 0 {
						return c.exportTo(ctx, d, c.stdout, transfer.ExportOptions{})
					}
					return c.exportInto(ctx, d, c.args[0], files)
				})
			}
		},
	}
}

// exportInto writes to a file that gets its name when it is complete. What is
// there and is no file, such as a pipe or a device, is written to directly.
func (c *call) exportInto(ctx context.Context, d *desk.Desk, name, files string) (err error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return c.exportToDevice(ctx, d, name, files)
	}
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, ".export-*")
	if err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	o := transfer.ExportOptions{}
	if files != "" {
		o.Save = saver(dir, files)
	}
	if err := c.exportTo(ctx, d, f, o); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close(), os.Rename(f.Name(), name)); err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	return nil
}

func (c *call) exportToDevice(ctx context.Context, d *desk.Desk, name, files string) error {
	if files != "" {
		return c.usagef("-files needs a FILE to lie beside, and %s is none", name)
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	return errors.Join(c.exportTo(ctx, d, f, transfer.ExportOptions{}), f.Close())
}

func (c *call) exportTo(ctx context.Context, d *desk.Desk, w io.Writer, o transfer.ExportOptions) error {
	p := newProgress(c.stderr, 0)
	o.Progress = p.told
	sum, err := transfer.Export(ctx, d, w, o)
	p.end()
	if err != nil {
		return err
	}
	if sum.Lost > 0 {
		complain(c.stderr, fmt.Sprintf("warning: the contents of %d attachments are missing on this server", sum.Lost))
	}
	fmt.Fprint(c.stderr, tally("exported", sum.Rows))
	return nil
}

// saver writes contents to files in the folder files below dir, named by
// their hash: equal contents are written once.
func saver(dir, files string) func(*skranke.Attachment, io.Reader) (string, error) {
	return func(a *skranke.Attachment, contents io.Reader) (string, error) {
		if err := os.MkdirAll(filepath.Join(dir, files), 0o700); err != nil {
			return "", err
		}
		path := filepath.Join(files, a.SHA256)
		name := filepath.ToSlash(path)
		f, err := os.OpenFile(filepath.Join(dir, path), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return "", err
		}
		w := bufio.NewWriter(f)
		_, err = io.Copy(w, contents)
		return name, errors.Join(err, w.Flush(), f.Close())
	}
}

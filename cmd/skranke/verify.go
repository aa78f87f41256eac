package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"skranke/desk"
	"skranke/soap"
	"skranke/store"
)

func verify() command {
	return command{
		name:    "verify",
		group:   groupInspect,
		summary: "Look whether everything stored is whole",
		usage:   "[-data DIR | BACKUP]",
		about: `Looks at every row of the installation, or of a backup: the database's own
structure, its tables and indexes, every value, references, numbers that stand
for something, folded texts, the index of the FAQ, the contents of every
attachment and the adopted WSDLs. Tells every fault with its table and id; exit
code 1 if there is one. A backup must also be what its manifest says; a folder
with the files of a backup and no manifest is none. With -data a folder is always
taken for an installation.

Nothing is changed. The server may run meanwhile. A database of an older version
is copied to the temporary folder and brought up to date there: run the new
program on a backup before an upgrade to see what it will do.`,
		examples: []string{"skranke verify", "skranke verify -data /var/lib/skranke", "skranke verify /var/backups/skranke-2026-11-24"},
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				if len(c.args) > 1 {
					return c.usagef("verify takes one argument at most, a backup")
				}
				if len(c.args) == 1 {
					return c.verifyBackup(ctx, c.args[0])
				}
				_, look, err := c.looking()
				if err != nil {
					return err
				}
				return c.verifyInstallation(ctx, look)
			}
		},
	}
}

// verifying is what verify wants, and the number of faults it was told of.
func (c *call) verifying(m *meter, faults *int) store.VerifyOptions {
	return store.VerifyOptions{
		FaqWords: desk.FaqWords,
		Report: func(f store.Fault) {
			*faults++
			m.end()
			fmt.Fprintln(c.stdout, f)
		},
		Progress: func(what string) { m.text("looking at " + what) },
		Files:    m.bytes,
	}
}

func (c *call) verifyInstallation(ctx context.Context, look store.Options) error {
	dir := look.Dir
	m, faults := newMeter(c.stderr), 0
	o := c.verifying(m, &faults)
	v, err := store.Verify(ctx, look, o)
	m.end()
	if err != nil {
		return explained(err, look)
	}
	return c.verdict(dir, v, o, &faults, dir)
}

func (c *call) verifyBackup(ctx context.Context, name string) error {
	dir := ""
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		dir = name
		if store.IsInstallation(name) {
			return c.verifyInstallation(ctx, store.Options{Dir: name})
		}
	}
	from, done, err := c.openBackup(name)
	if err != nil {
		return err
	}
	defer done()
	m, faults := newMeter(c.stderr), 0
	o := c.verifying(m, &faults)
	v, err := from.Verify(ctx, o)
	m.end()
	if errors.Is(err, store.ErrNoBackup) && dir != "" {
		return fmt.Errorf("%w. If it is a data directory, name it with -data", told(err, name))
	}
	if err != nil {
		return told(err, name)
	}
	return c.verdict(name, v, o, &faults, dir)
}

// verdict looks at the adopted WSDLs in dir, which is "" if they cannot be
// looked into, and tells the result.
func (c *call) verdict(name string, v *store.Verified, o store.VerifyOptions, faults *int, dir string) error {
	if dir != "" {
		for _, path := range adoptedFiles(dir) {
			if err := readWSDL(path); err != nil {
				o.Report(store.Fault{Table: "file", ID: filepath.Base(path), Text: "cannot be used: " + err.Error()})
			}
		}
	}
	upgrade := ""
	if newest := store.NewestSchema(); v.Schema < newest {
		upgrade = fmt.Sprintf(", brought up to %d in a copy", newest)
	}
	if *faults > 0 {
		return fmt.Errorf("%s: %d faults in %d rows and %d attachments, schema %d%s", name, *faults, v.Rows, v.Contents.Files, v.Schema, upgrade)
	}
	return c.print(fmt.Sprintf("%s: no fault in %d rows and %d attachments with %s, schema %d%s\n", name, v.Rows, v.Contents.Files, mib(v.Contents.Bytes), v.Schema, upgrade))
}

func readWSDL(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = soap.ParseWSDL(f)
	return err
}

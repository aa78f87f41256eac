package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"skranke"
	"skranke/desk"
	"skranke/server"
	"skranke/store"
)

func backup() command {
	var o backupFlags
	return command{
		name:    "backup",
		group:   groupMove,
		summary: "Copy everything, while the server runs, into a folder or a tar file",
		usage:   "[-keep N] [-link] TO",
		about: `Copies the database as it is at one moment, with the attachments it names and
the adopted WSDLs, to TO: a folder, a tar file if its name ends in .tar, or, for
-, a tar file on stdout. A database in PostgreSQL is written as an SQLite file,
so that "skranke restore" makes either out of it; nobody waits for that. If TO ends in a slash the backup gets a name of its own
in that folder, such as skranke-20261124-023000. Nothing is overwritten; TO
appears when it is complete and on disk. The settings file is not in it.

With -keep the oldest backups beside the new one go until N are left: those
whose names differ from its name in digits only. With -link, attachments the
newest of them has already are not copied but linked, so that they take space
once; then a damaged disk damages them in all of them.

Whatever the installation itself has lost is told and ends in exit code 1; the
backup is made nevertheless, and none is removed. See docs/backup.md.`,
		examples: []string{
			"skranke backup /var/backups/skranke-$(date +%F)", "skranke backup -keep 14 -link /var/backups/skranke/",
			"skranke backup - | ssh vault 'cat > skranke.tar'",
		},
		start: func(fs *flag.FlagSet) action {
			o = backupFlags{}
			fs.IntVar(&o.keep, "keep", 0, "remove the oldest backups of such a name until `N` are left; 0 removes none")
			fs.BoolVar(&o.link, "link", false, "link attachments the newest backup of such a name has already")
			return func(ctx context.Context, c *call) error {
				if len(c.args) != 1 || c.args[0] == "" {
					return c.usagef("backup takes one argument: a folder or a .tar file to make, or - for stdout")
				}
				if err := o.place(c, c.args[0], time.Now()); err != nil {
					return err
				}
				return c.backup(ctx, &o)
			}
		},
	}
}

// backupFlags says where a backup goes.
type backupFlags struct {
	keep int
	link bool

	to     string         // "" for stdout
	tar    bool           // to is a tar file
	family *regexp.Regexp // names of backups like this one
}

var digits = regexp.MustCompile(`[0-9]+`)

// place finds out where the backup goes and how those like it are called.
func (o *backupFlags) place(c *call, to string, now time.Time) error {
	if o.keep < 0 {
		return c.usagef("-keep: want a number from 1 on, or 0 to keep all")
	}
	if to == "-" {
		if o.keep > 0 || o.link {
			return c.usagef("-keep and -link need a folder or a file, and stdout is none")
		}
		return nil
	}
	if strings.HasSuffix(to, "/") {
		to = filepath.Join(to, "skranke-"+now.UTC().Format("20060102-150405"))
	}
	o.to = filepath.Clean(to)
	o.tar = strings.HasSuffix(o.to, ".tar")
	base := filepath.Base(o.to)
	if o.keep > 0 && !digits.MatchString(base) {
		return c.usagef("-keep tells backups by the digits in their names, and %q has none: put the date in, or end it in a slash", base)
	}
	if o.link && o.tar {
		return c.usagef("-link needs a folder: in a tar file nothing is linked")
	}
	parts := digits.Split(base, -1)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	o.family = regexp.MustCompile("^" + strings.Join(parts, "[0-9]+") + "$")
	return nil
}

// looking is the settings of an installation that is there, and what it is
// looked at with.
func (c *call) looking() (settings, store.Options, error) {
	conf, err := c.load()
	if err == nil {
		err = installed(conf)
	}
	return conf, store.Options{Dir: conf.Data, Database: conf.Database, Bucket: server.Bucket(conf.Config)}, err
}

func (c *call) backup(ctx context.Context, o *backupFlags) error {
	conf, look, err := c.looking()
	if err != nil {
		return err
	}
	db, err := store.Inspect(ctx, look)
	if err != nil {
		return explained(err, look)
	}
	defer db.Close()

	begun := time.Now()
	meter := newMeter(c.stderr)
	with := store.BackupOptions{Program: versionText(), Others: adoptedFiles(conf.Data), FaqWords: desk.FaqWords, Progress: meter.bytes}
	if o.link {
		if with.Like, err = o.newest(); err != nil {
			return err
		}
	}
	var m *store.Manifest
	told := c.stdout
	switch {
	case o.to == "":
		m, err = db.BackupToStream(ctx, c.stdout, with)
		told = c.stderr
	case o.tar:
		m, err = db.BackupToFile(ctx, o.to, with)
	default:
		m, err = db.BackupTo(ctx, o.to, with)
	}
	meter.end()
	if err != nil {
		return explained(err, look)
	}
	name := o.to
	if name == "" {
		name = "stdout"
	}
	fmt.Fprintf(told, "%s: %s, %d attachments with %s, in %.1f s\n", name, mib(m.Database.Size)+" of database",
		m.Contents.Files, mib(m.Contents.Bytes), time.Since(begun).Seconds())
	for _, sha := range m.Missing {
		complain(c.stderr, "warning: the contents of an attachment are missing: "+sha)
	}
	for _, sha := range m.Damaged {
		complain(c.stderr, "warning: the contents of an attachment are damaged: "+sha)
	}
	if n := len(m.Missing) + len(m.Damaged); n > 0 {
		return fmt.Errorf("the backup is complete, but the installation has lost the contents of %d attachments: \"skranke verify\" tells which", n)
	}
	mark(conf.Data, time.Now())
	return c.prune(o)
}

// mark notes when the last backup was made, for doctor. Where data can only be
// read nobody asks.
func mark(data string, now time.Time) {
	path := filepath.Join(data, backupMarker)
	if f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600); err == nil {
		f.Close()
		os.Chtimes(path, now, now)
	}
}

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// explained adds to an error what an operator can do.
func explained(err error, at store.Options) error {
	switch {
	case errors.Is(err, store.ErrNewerSchema):
		return fmt.Errorf("the data in %s cannot be used: %w; use that version", place(at), err)
	case errors.Is(err, store.ErrDamaged):
		return fmt.Errorf("the data in %s cannot be used: %w; restore a backup into an empty directory", place(at), err)
	case errors.Is(err, store.ErrNoTables):
		return fmt.Errorf("%w: name another one in database, or make an installation with \"skranke setup\"", err)
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%w; a backup overwrites nothing", err)
	}
	return err
}

// place says where an installation is. The URL of a database may hold a password.
func place(at store.Options) string {
	if at.Database == "" {
		return at.Dir
	}
	return at.Dir + " and PostgreSQL"
}

// adoptedFiles are the files of adopted WSDLs, whether they are there or not.
func adoptedFiles(dir string) []string {
	adopted := server.NewAdopted(dir, nil)
	var files []string
	for _, port := range skranke.Ports() {
		files = append(files, adopted.Path(port))
	}
	return files
}

// earlier lists the backups like this one, oldest first. Only what is a whole
// backup counts; a tar file is taken for one.
func (o *backupFlags) earlier() ([]string, error) {
	dir := filepath.Dir(o.to)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	type made struct {
		path string
		at   time.Time
	}
	var all []made
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !o.family.MatchString(e.Name()) || path == o.to || e.IsDir() == o.tar {
			continue
		}
		mark := path
		if e.IsDir() {
			mark = filepath.Join(path, "manifest.json")
		}
		info, err := os.Lstat(mark)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		all = append(all, made{path, info.ModTime()})
	}
	slices.SortFunc(all, func(a, b made) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return strings.Compare(a.path, b.path)
	})
	paths := make([]string, len(all))
	for i := range all {
		paths[i] = all[i].path
	}
	return paths, nil
}

// newest is the youngest of the earlier backups, "" if there is none.
func (o *backupFlags) newest() (string, error) {
	all, err := o.earlier()
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[len(all)-1], nil
}

// prune removes the oldest backups like the new one.
func (c *call) prune(o *backupFlags) error {
	if o.keep == 0 {
		return nil
	}
	all, err := o.earlier()
	if err != nil {
		return fmt.Errorf("the backup is made, but looking for older ones failed: %w", err)
	}
	for _, path := range all[:max(0, len(all)-(o.keep-1))] {
		// Without its manifest it is no backup any more, should we be stopped here.
		os.Remove(filepath.Join(path, "manifest.json"))
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("the backup is made, but removing an older one failed: %w", err)
		}
		fmt.Fprintf(c.stderr, "removed %s\n", path)
	}
	return nil
}

// meter tells on a terminal how far a long job is; elsewhere it is silent.
type meter struct {
	w    io.Writer // nil if nobody watches
	next time.Time
}

func newMeter(w io.Writer) *meter {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &meter{w: f}
	}
	return &meter{}
}

// bytes tells how many of how many are done, the latter 0 if nobody knows.
func (m *meter) bytes(done, total int64) {
	if m.w == nil || time.Now().Before(m.next) {
		return
	}
	m.next = time.Now().Add(terminalPace)
	if total == 0 {
		m.text(mib(done))
		return
	}
	m.text(fmt.Sprintf("%s of %s, %d %%", mib(done), mib(total), min(100, done*100/total)))
}

func (m *meter) text(text string) {
	if m.w != nil {
		fmt.Fprintf(m.w, "\r\x1b[K%s", text)
	}
}

// end leaves the terminal clean.
func (m *meter) end() { m.text("") }

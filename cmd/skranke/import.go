package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"skranke/server"
	"skranke/transfer"
)

func importFile() command {
	var partial bool
	return command{
		name:    "import",
		group:   groupMove,
		summary: "Take rows in from a JSON Lines file",
		usage:   "[-partial] FILE",
		about: `Reads FILE, or stdin for -, one JSON object a line, packed with gzip or not;
docs/import-format.md describes them. Rows keep their ids; a row whose id exists
replaces the one there, so importing twice is the same as once. A row without an
id is new. The data directory is made if it is missing.

Either the whole file is taken in or, if a line is bad, nothing: then the bad
lines are listed. With -partial the good lines are kept, and the exit code is 1
if any was left out. While a file is taken in nobody else can write.`,
		examples: []string{"skranke import backup.jsonl", "skranke import old.jsonl.gz", "skranke import -partial customers.jsonl"},
		start: func(fs *flag.FlagSet) action {
			fs.BoolVar(&partial, "partial", false, "keep the good lines, leave the bad ones out")
			return func(ctx context.Context, c *call) error {
				if len(c.args) != 1 {
					return c.usagef("import takes one argument, a file, or - for stdin")
				}
				conf, err := c.load()
				if err != nil {
					return err
				}
				return c.withInstallation(ctx, conf, func(s *server.Server) error { return c.importInto(ctx, s, c.args[0], partial) })
			}
		},
	}
}

func (c *call) importInto(ctx context.Context, s *server.Server, name string, partial bool) error {
	o := transfer.ImportOptions{Name: name, Partial: partial}
	if name == "-" {
		o.Name = "stdin"
	}
	file, size, err := c.openImport(ctx, s, name)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := checkText(file, o.Name); err != nil {
		return err
	}
	if name != "-" {
		if o.Files, err = filesBeside(name); err != nil {
			return err
		}
	}
	progress := newProgress(c.stderr, size)
	o.Progress = progress.told
	sum, err := transfer.Import(ctx, s.Desk, file, size, o)
	progress.end()
	if err != nil {
		return err
	}
	if sum.Plain > 0 {
		complain(c.stderr, fmt.Sprintf("warning: %d passwords stood in %s as they are; they are stored hashed, but the file gives them away. Remove it.", sum.Plain, o.Name))
	}
	if sum.Lost > 0 {
		complain(c.stderr, fmt.Sprintf("warning: %d attachments have no contents: neither data nor file, and no such contents are here", sum.Lost))
	}
	if err := c.print(tally("imported", sum.Rows)); err != nil {
		return err
	}
	if len(sum.Problems) == 0 {
		return nil
	}
	for _, p := range sum.Problems {
		complain(c.stderr, p.Error())
	}
	return fmt.Errorf("%d of %d lines were left out", len(sum.Problems), sum.Lines)
}

// filesBeside gives the folder a file lies in, and nothing outside of it.
func filesBeside(name string) (fs.FS, error) {
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return nil, fmt.Errorf("opening the folder of %s: %w", name, err)
	}
	return root.FS(), nil
}

// openImport opens the file to be read. What cannot be read twice, such as a
// pipe or what gzip has packed, is copied to the disk first.
func (c *call) openImport(ctx context.Context, s *server.Server, name string) (*os.File, int64, error) {
	from := c.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, 0, err
		}
		info, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, 0, err
		}
		if info.IsDir() {
			f.Close()
			return nil, 0, fmt.Errorf("%s is a directory: want a file", name)
		}
		if info.Mode().IsRegular() && !beginsWith(f, gzipMagic) {
			return f, info.Size(), nil
		}
		defer f.Close()
		from = f
	}
	spooled, err := os.CreateTemp(s.SpoolDir(), "import-*")
	if err != nil {
		return nil, 0, fmt.Errorf("copying what is to be imported: %w", err)
	}
	os.Remove(spooled.Name()) // it lives as long as it is open
	size, err := copyUnpacked(spooled, contextReader{ctx, from})
	if err != nil {
		spooled.Close()
		return nil, 0, fmt.Errorf("copying what is to be imported: %w", err)
	}
	return spooled, size, nil
}

func copyUnpacked(to io.Writer, from io.Reader) (int64, error) {
	r, err := unpacked(from)
	if err != nil {
		return 0, err
	}
	return io.Copy(to, r)
}

// unreadable are forms of files that hold no lines of JSON, by how they begin.
var unreadable = []struct{ begin, what, first string }{
	{"\xff\xfe", "UTF-16", `make it UTF-8 first, for instance with "iconv -f UTF-16 -t UTF-8"`},
	{"\xfe\xff", "UTF-16", `make it UTF-8 first, for instance with "iconv -f UTF-16 -t UTF-8"`},
	{"{\x00", "UTF-16", `make it UTF-8 first, for instance with "iconv -f UTF-16LE -t UTF-8"`},
	{"\x00{", "UTF-16", `make it UTF-8 first, for instance with "iconv -f UTF-16BE -t UTF-8"`},
	{"PK\x03\x04", "a zip archive", `unpack it first, for instance with "unzip"`},
	{"BZh", "packed with bzip2", `unpack it first with "bunzip2"`},
	{"\xfd7zXZ\x00", "packed with xz", `unpack it first with "unxz"`},
	{"\x28\xb5\x2f\xfd", "packed with zstd", `unpack it first with "unzstd"`},
}

// checkText refuses a file that is clearly none to import, instead of each of
// its lines.
func checkText(f io.ReaderAt, name string) error {
	for _, form := range unreadable {
		if beginsWith(f, form.begin) {
			return fmt.Errorf("%s is %s: %s", name, form.what, form.first)
		}
	}
	return nil
}

func beginsWith(f io.ReaderAt, begin string) bool {
	start := make([]byte, len(begin))
	n, _ := f.ReadAt(start, 0)
	return string(start[:n]) == begin
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// tally says how many rows there were of each kind.
func tally(done string, rows map[string]int) string {
	var parts []string
	total := 0
	for _, kind := range transfer.Kinds() {
		if n := rows[kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind))
			total += n
		}
	}
	if total == 0 {
		return done + " nothing\n"
	}
	return fmt.Sprintf("%s %d rows: %s\n", done, total, strings.Join(parts, ", "))
}

// progress tells on a terminal, or every few seconds elsewhere, how far a long
// job is.
type progress struct {
	w        io.Writer
	size     int64 // 0 if it is not known
	terminal bool
	begun    time.Time
	next     time.Time
	shown    bool
	n        int
}

const (
	terminalPace = 200 * time.Millisecond
	filePace     = 5 * time.Second
)

func newProgress(w io.Writer, size int64) *progress {
	p := &progress{w: w, size: size, begun: time.Now()}
	if f, ok := w.(*os.File); ok {
		p.terminal = term.IsTerminal(int(f.Fd()))
	}
	p.next = p.begun.Add(p.pace())
	return p
}

func (p *progress) pace() time.Duration {
	if p.terminal {
		return terminalPace
	}
	return filePace
}

// told takes how many lines and bytes are done.
func (p *progress) told(lines int, bytes int64) {
	if p.n++; p.n%64 != 0 && bytes < 1<<20 {
		return // the clock is not for nothing
	}
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(p.pace())
	text := fmt.Sprintf("%d lines", lines)
	if p.size > 0 {
		text += fmt.Sprintf(", %d %%", bytes*100/p.size)
	} else {
		text += fmt.Sprintf(", %d MiB", bytes>>20)
	}
	text += fmt.Sprintf(", %.0f lines/s", float64(lines)/now.Sub(p.begun).Seconds())
	if p.terminal {
		fmt.Fprintf(p.w, "\r\x1b[K%s", text)
		p.shown = true
		return
	}
	complain(p.w, text)
}

// end leaves the terminal clean.
func (p *progress) end() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

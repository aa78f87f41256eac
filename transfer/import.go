package transfer

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"skranke"
	"skranke/desk"
)

const (
	// MaxLine is the longest line Import takes, in bytes. Larger contents of
	// attachments go into files of their own.
	MaxLine = 128 << 20

	// maxProblems is how many faults are told of a file of which nothing is kept.
	maxProblems = 20
)

// ImportOptions say how to import.
type ImportOptions struct {
	Name    string // of the file, for messages
	Files   fs.FS  // what the field file of attachments names; may be nil
	Partial bool   // keep the good lines and leave out the bad ones

	// Progress is told after every line how many lines and bytes were read; may be nil.
	Progress func(lines int, bytes int64)
}

// Summary is what an import or export did.
type Summary struct {
	Rows     map[string]int // by kind
	Lines    int
	Plain    int       // passwords that stood in the file as they are
	Lost     int       // attachments without contents
	Problems []Problem // the lines a partial import left out
}

// Problem is a line that cannot be imported.
type Problem struct {
	File string
	Line int
	Row  string // kind and id, as far as they can be read
	Text string
}

func (p Problem) Error() string {
	at := fmt.Sprintf("%s:%d: ", p.File, p.Line)
	if p.Row != "" {
		at += p.Row + ": "
	}
	return at + p.Text
}

// Problems is the error of an import that was refused: nothing was kept.
type Problems struct {
	List []Problem
	More bool // the file was not read to its end
}

func (p *Problems) Error() string {
	var b strings.Builder
	for _, one := range p.List {
		b.WriteString(one.Error() + "\n")
	}
	if p.More {
		b.WriteString("there may be more faults further down\n")
	}
	b.WriteString("nothing was imported: correct the file, or leave bad lines out with -partial")
	return b.String()
}

// errTryOnly ends a pass whose rows are not to be kept.
var errTryOnly = errors.New("not to be kept")

// Import reads size bytes of JSON Lines from src and puts the rows into the
// desk, all in one transaction. A row whose id exists replaces the one there,
// so importing a file twice is the same as once. Rows may refer to rows further
// down. If any line is bad nothing is kept and the error is *Problems, unless
// o.Partial: then the file is read until no line is bad among those that are
// left, and the others are in the Summary.
func Import(ctx context.Context, d *desk.Desk, src io.ReaderAt, size int64, o ImportOptions) (Summary, error) {
	if o.Name == "" {
		o.Name = "line"
	}
	left := map[int]Problem{}
	hashes := map[int]desk.Secret{}
	for {
		l := &loading{src: src, size: size, opts: o, skip: left, hashes: hashes}
		err := d.Import(ctx, func(in *desk.Intake) error {
			l.in = in
			if err := l.load(ctx); err != nil {
				return err
			}
			if len(l.problems) > 0 {
				return errTryOnly
			}
			return nil
		})
		if err != nil && !errors.Is(err, errTryOnly) {
			return Summary{}, err
		}
		slices.SortStableFunc(l.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
		if err != nil && !o.Partial {
			return Summary{}, &Problems{l.problems, l.cut}
		}
		for _, p := range l.problems {
			left[p.Line] = p
		}
		if err == nil {
			for _, p := range left {
				l.sum.Problems = append(l.sum.Problems, p)
			}
			slices.SortFunc(l.sum.Problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
			return l.sum, nil
		}
	}
}

// loading is one pass through a file.
type loading struct {
	src    io.ReaderAt
	size   int64
	opts   ImportOptions
	skip   map[int]Problem     // lines left out
	hashes map[int]desk.Secret // passwords hashed in a pass before, by line

	in       *desk.Intake
	line     int
	sum      Summary
	seen     map[idBlock]uint64 // the ids in this file, a bit each
	later    []place            // lines that wait for a row further down
	problems []Problem
	cut      bool // stopped at too many problems
}

// place is where a line stands.
type place struct {
	line   int
	offset int64
	length int
}

type idBlock struct {
	kind  string
	block int64
}

func (l *loading) load(ctx context.Context) error {
	l.sum.Rows = map[string]int{}
	l.seen = map[idBlock]uint64{}
	table := map[string]kind{}
	for _, k := range kinds() {
		table[k.word] = k
	}
	r := &lines{r: bufio.NewReaderSize(io.NewSectionReader(l.src, 0, l.size), 256<<10)}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := r.offset
		line, err := r.next()
		if err == io.EOF {
			break
		}
		l.line++
		if err != nil && !errors.Is(err, errLongLine) {
			return fmt.Errorf("reading %s: %w", l.opts.Name, err)
		}
		if l.line == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if _, skip := l.skip[l.line]; !skip {
			if err == nil {
				err = l.take(ctx, table, line, place{l.line, at, int(r.offset - at)})
			}
			if err := l.judge(err); err != nil {
				return err
			}
		}
		if l.opts.Progress != nil {
			l.opts.Progress(l.line, r.offset)
		}
		if l.full() {
			l.cut = true
			return nil
		}
	}
	l.sum.Lines = l.line
	if err := l.catchUp(ctx, table); err != nil {
		return err
	}
	owed, err := l.in.Owed(ctx)
	if err != nil {
		return err
	}
	for _, o := range owed {
		l.problems = append(l.problems, Problem{l.opts.Name, o.Mark, "", (&desk.NotYet{Row: o.Row}).Error()})
	}
	return nil
}

func (l *loading) full() bool { return !l.opts.Partial && len(l.problems) >= maxProblems }

// take puts the row of one line, or remembers the line if it has to wait.
func (l *loading) take(ctx context.Context, table map[string]kind, line []byte, at place) error {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	err := l.put(ctx, table, line)
	var wait *desk.NotYet
	if errors.As(err, &wait) {
		l.later = append(l.later, at)
		return nil
	}
	return err
}

// catchUp puts the lines that had to wait, until that helps no more.
func (l *loading) catchUp(ctx context.Context, table map[string]kind) error {
	for len(l.later) > 0 {
		waiting := l.later
		l.later = nil
		for _, at := range waiting {
			line, err := l.reread(at)
			if err != nil {
				return err
			}
			l.line = at.line
			if err := l.judge(l.take(ctx, table, line, at)); err != nil {
				return err
			}
		}
		if len(l.later) < len(waiting) {
			continue
		}
		for _, at := range l.later {
			line, err := l.reread(at)
			if err != nil {
				return err
			}
			l.line = at.line
			if err := l.judge(l.put(ctx, table, line)); err != nil {
				return err
			}
			if l.full() {
				l.cut = true
				return nil
			}
		}
		l.later = nil
	}
	return nil
}

func (l *loading) reread(at place) ([]byte, error) {
	line := make([]byte, at.length)
	if _, err := l.src.ReadAt(line, at.offset); err != nil && err != io.EOF {
		return nil, fmt.Errorf("reading %s: %w", l.opts.Name, err)
	}
	return line, nil
}

// put puts the row of one line.
func (l *loading) put(ctx context.Context, table map[string]kind, line []byte) error {
	members, err := membersOf(line)
	if err != nil {
		return err
	}
	word := ""
	for _, m := range members {
		if m.name == "kind" {
			if err := readString(m.value, &word); err != nil {
				return inField("kind", err)
			}
		}
	}
	k, ok := table[word]
	if !ok {
		return badf("unknown kind %q: want one of %s", word, strings.Join(Kinds(), ", "))
	}
	l.in.Mark = l.line
	id, err := k.put(ctx, l, members)
	if err == nil {
		l.sum.Rows[word]++
		return nil
	}
	var refusal *skranke.Error
	if errors.As(err, &refusal) {
		err = badf("%s", reason(refusal))
	}
	return &inRow{desk.Row{Kind: word, ID: id}, err}
}

// reason is a refusal in words. That of an unspecified error are its text.
func reason(e *skranke.Error) string {
	if e.Code == skranke.CodeCustomError && e.Text != "" {
		return e.Text
	}
	return e.Error()
}

// inRow says which row an error is about.
type inRow struct {
	row desk.Row
	err error
}

func (e *inRow) Error() string { return e.err.Error() }
func (e *inRow) Unwrap() error { return e.err }

// judge turns faults of a line into problems and returns all other errors.
func (l *loading) judge(err error) error {
	if err == nil {
		return nil
	}
	var row *inRow
	var fault *bad
	var wait *desk.NotYet
	if !errors.As(err, &fault) && !errors.As(err, &wait) && !errors.Is(err, errLongLine) {
		return fmt.Errorf("%s:%d: %w", l.opts.Name, l.line, err)
	}
	p := Problem{File: l.opts.Name, Line: l.line, Text: err.Error()}
	if errors.As(err, &row) {
		p.Row = row.row.Kind
		if row.row.ID != 0 {
			p.Row = row.row.String()
		}
	}
	l.problems = append(l.problems, p)
	return nil
}

// once refuses an id that stood in the file already.
func (l *loading) once(kind string, id int64) error {
	block, bit := idBlock{kind, id >> 6}, uint64(1)<<(id&63)
	if id != 0 && l.seen[block]&bit != 0 {
		return badf("this id stands further up as well")
	}
	l.seen[block] |= bit
	return nil
}

// notYet takes back what once has noted of a row that has to wait.
func (l *loading) notYet(kind string, id int64) {
	l.seen[idBlock{kind, id >> 6}] &^= uint64(1) << (id & 63)
}

// secret is the password of a person as his row has it.
func (l *loading) secret(hash string, aside map[string][]byte) (desk.Secret, error) {
	raw, plain := aside["password"]
	_, hashed := aside["password_hash"]
	switch {
	case plain && hashed:
		return desk.Secret{}, badf("password and password_hash exclude each other")
	case hashed:
		return desk.Secret{Hash: hash, Hashed: true}, nil
	case !plain:
		return desk.Secret{}, nil
	}
	if s, ok := l.hashes[l.line]; ok {
		return s, nil
	}
	var password string
	if err := readString(raw, &password); err != nil {
		return desk.Secret{}, inField("password", err)
	}
	if password == "" {
		return desk.Secret{}, inField("password", badf("it is empty"))
	}
	return desk.Secret{Password: password}, nil
}

// stored counts a password that stood in the file as it is, and keeps its hash
// for a further pass: hashing takes its time.
func (l *loading) stored(aside map[string][]byte, hash string) {
	if _, plain := aside["password"]; plain {
		l.sum.Plain++
		l.hashes[l.line] = desk.Secret{Hash: hash, Hashed: true}
	}
}

// errLongLine is a line that cannot be held.
var errLongLine = fmt.Errorf("the line is longer than %d MiB: put the contents of large attachments into files and name them in the field file", MaxLine>>20)

// lines reads lines up to MaxLine.
type lines struct {
	r      *bufio.Reader
	buf    []byte
	offset int64 // of the next line
}

// next returns the next line without its end, valid until the next call. A
// line that is too long is passed over with errLongLine.
func (r *lines) next() ([]byte, error) {
	r.buf = r.buf[:0]
	long := false
	for {
		part, err := r.r.ReadSlice('\n')
		r.offset += int64(len(part))
		if long = long || len(r.buf)+len(part) > MaxLine; !long {
			r.buf = append(r.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF && len(part) == 0 && len(r.buf) == 0 && !long:
			return nil, io.EOF
		case err != nil && err != io.EOF:
			return nil, err
		case long:
			return nil, errLongLine
		}
		return bytes.TrimSuffix(r.buf, []byte("\n")), nil
	}
}

// Kinds lists the words of all kinds.
func Kinds() []string {
	var words []string
	for _, k := range kinds() {
		words = append(words, k.word)
	}
	return words
}

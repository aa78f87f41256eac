package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"skranke"
)

// CopyOptions say how to copy a database.
type CopyOptions struct {
	// FaqWords is what searches find an entry by. Indexes of words differ between
	// databases and are made anew.
	FaqWords func(*skranke.FaqEntry) FaqWords

	// Progress is told of every few thousand rows, and with done set when the
	// table is complete; may be nil.
	Progress func(t CopiedTable, done bool)
}

func (o *CopyOptions) tell(t CopiedTable, done bool) {
	if o.Progress != nil {
		o.Progress(t, done)
	}
}

// CopiedTable is a table and how it reads in both databases.
type CopiedTable struct {
	Name     string
	Rows     int64  // copied
	Bytes    int64  // of their values
	Found    int64  // in the target afterwards
	From, To string // SHA-256 over the rows of the source and of the target, in no order
}

// Same says whether the target has what the source has.
func (t *CopiedTable) Same() bool { return t.Rows == t.Found && t.From == t.To }

var (
	// ErrNotEmpty says that there is something in the target of a copy already.
	ErrNotEmpty = errors.New("the target is not empty")

	// ErrCopyDiffers says that the target did not give back what was put in.
	ErrCopyDiffers = errors.New("the copy differs from the original")
)

// CopyTo copies everything the database keeps, as it is at one moment, into
// another one, which must be empty, and compares what is in both afterwards.
// Tables that are none of ours stay where they are. After an error the other one
// is as it was. Files of attachments are not copied.
func (db *DB) CopyTo(ctx context.Context, to *DB, o CopyOptions) (list []CopiedTable, err error) {
	err = db.readLong(ctx, func(from *ReadTx) error {
		list, err = from.copyTo(ctx, to, o)
		return err
	})
	return list, err
}

// copyTo is CopyTo from what the transaction sees.
func (tx *ReadTx) copyTo(ctx context.Context, to *DB, o CopyOptions) (list []CopiedTable, err error) {
	err = to.Write(ctx, func(into *WriteTx) error {
		if err := into.takeTime(ctx); err != nil {
			return err
		}
		c := &copying{from: tx, to: into, o: o}
		err := c.run(ctx)
		list = c.done
		return err
	})
	if err != nil {
		return list, fmt.Errorf("copying the database: %w", err)
	}
	return list, nil
}

// apart runs fn, which reads, as a part of a long transaction that may fail by
// itself. Other databases than SQLite lock each table that is read against changes
// of its form, and queue whoever reads it behind who wants to change it; those
// locks are let go with the part. What the transaction sees stays the same.
func (tx *ReadTx) apart(fn func() error) error {
	if err := tx.conn.mark(); err != nil {
		return err
	}
	err := fn()
	if undone := tx.conn.undo(); err == nil {
		err = undone
	}
	return err
}

// copying is a copy on its way.
type copying struct {
	from *ReadTx
	to   *WriteTx
	o    CopyOptions
	done []CopiedTable
}

func (c *copying) run(ctx context.Context) error {
	known, err := c.to.tableNames(ctx)
	if err != nil {
		return err
	}
	if err := c.to.mustBeEmpty(ctx, known); err != nil {
		return err
	}
	tables, err := c.tables(ctx, known)
	if err != nil {
		return err
	}
	if _, err := c.to.exec(ctx, "DELETE FROM catalog"); err != nil {
		return err
	}
	for i := range tables {
		if tables[i].rows { // the definitions are there by now
			if err := c.define(ctx, &tables[i]); err != nil {
				return err
			}
		}
		if err := c.from.apart(func() error { return c.table(ctx, &tables[i]) }); err != nil {
			return fmt.Errorf("%s: %w", tables[i].name, err)
		}
	}
	err = c.to.EachFaqEntry(ctx, func(e *skranke.FaqEntry) error { return c.to.indexFaqEntry(ctx, e.ID, c.o.FaqWords(e)) })
	if err != nil {
		return err
	}
	if slices.Contains(known, "ticket_title_late") { // older schemas have no such index
		for _, sql := range c.to.dialect.titles.catchUp {
			if _, err := c.to.exec(ctx, sql); err != nil {
				return err
			}
		}
	}
	return c.sequences(ctx)
}

// tableNames lists the tables, those others refer to first.
func (tx *ReadTx) tableNames(ctx context.Context) (names []string, err error) {
	err = tx.each(ctx, tx.dialect.tables, func(r *rows) { names = append(names, r.text()) })
	if err != nil {
		return nil, fmt.Errorf("listing the tables: %w", err)
	}
	return names, nil
}

// mustBeEmpty returns ErrNotEmpty if there is something in one of the tables
// that a new database has nothing in.
func (tx *ReadTx) mustBeEmpty(ctx context.Context, tables []string) error {
	for _, name := range tables {
		if ofIndex(name) || name == "migration" || name == "catalog" {
			continue
		}
		n := int64(1) // a new database has no extra table
		if _, extra := extraTableOf(name); !extra {
			var err error
			if n, err = tx.number(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM "+name+" LIMIT 1) n"); err != nil {
				return err
			}
		}
		if n > 0 {
			return fmt.Errorf("%w: there is something in %s", ErrNotEmpty, name)
		}
	}
	return nil
}

// ofIndex says whether the table is kept by an index that each database has of
// its own.
func ofIndex(table string) bool {
	return strings.HasPrefix(table, "faq_index") || strings.HasPrefix(table, "ticket_title")
}

// copyTable is a table to be copied.
type copyTable struct {
	name    string
	columns []copyColumn
	rows    bool // it holds the rows of an extra table
}

type copyColumn struct {
	name string
	kind argKind
}

// tables lists the tables of the source that the target knows, and those of
// extra tables, those others refer to first.
func (c *copying) tables(ctx context.Context, known []string) ([]copyTable, error) {
	names, err := c.from.tableNames(ctx)
	if err != nil {
		return nil, err
	}
	var own, extra []copyTable
	for _, name := range names {
		t := copyTable{name: name}
		_, t.rows = extraTableOf(name)
		if name == "migration" || ofIndex(name) || !t.rows && !slices.Contains(known, name) {
			continue
		}
		var unknown error
		err := c.from.each(ctx, c.from.dialect.columns, func(r *rows) {
			column, typ := r.text(), strings.ToLower(r.text())
			kind, ok := columnKinds[typ]
			if !ok {
				unknown = fmt.Errorf("%s.%s is of type %s", name, column, typ)
			}
			t.columns = append(t.columns, copyColumn{column, kind})
		}, text(name))
		if err := errors.Join(err, unknown); err != nil {
			return nil, err
		}
		if t.rows {
			extra = append(extra, t)
		} else {
			own = append(own, t)
		}
	}
	return append(own, extra...), nil
}

// columnKinds are the types columns have in either database.
var columnKinds = map[string]argKind{
	"integer": argInt, "bigint": argInt, "boolean": argBool, "double precision": argFloat,
	"text": argText, "blob": argBlob, "bytea": argBlob,
}

// extraTableOf is the extra table whose rows the table of that name holds.
func extraTableOf(name string) (skranke.ExtraTableID, bool) {
	number, ok := strings.CutPrefix(name, "y_")
	n, err := strconv.ParseInt(number, 10, 64)
	return skranke.ExtraTableID(n), ok && err == nil
}

// define makes room for the rows of an extra table as it was made in the source.
func (c *copying) define(ctx context.Context, t *copyTable) error {
	table, _ := extraTableOf(t.name)
	if err := c.to.MakeExtraRows(ctx, table); err != nil {
		return err
	}
	has := map[string]bool{}
	for _, column := range t.columns {
		has[column.name] = true
	}
	return c.to.EachExtraField(ctx, func(f *skranke.ExtraField) error {
		if f.Domain != skranke.DomainTable || f.Table != table || !has[columnName(f.ID)] {
			return nil
		}
		return c.to.AddExtraColumn(ctx, f)
	})
}

const (
	copiedValues = 900  // how many values an INSERT carries at most
	toldRows     = 5000 // rows between two words of progress
)

// table copies the rows and compares them with what was stored.
func (c *copying) table(ctx context.Context, t *copyTable) error {
	names := make([]string, len(t.columns))
	for i, column := range t.columns {
		names[i] = column.name
	}
	list := strings.Join(names, ", ")
	selected := "SELECT " + list + " FROM " + t.name
	insert := "INSERT INTO " + t.name + " (" + list + ") VALUES "
	full := max(1, copiedValues/len(names))
	done := CopiedTable{Name: t.name}
	var sum tableSum
	var batch []arg
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		_, err := c.to.exec(ctx, insert+rowPlaces(len(batch)/len(names), len(names)), batch...)
		batch = batch[:0]
		return err
	}
	r := c.from.query(ctx, selected)
	defer r.close()
	for r.next() {
		values := t.values(r)
		sum.add(values)
		batch = append(batch, values...)
		done.Rows++
		for i := range values {
			done.Bytes += int64(8 + len(values[i].s))
		}
		if len(batch) == full*len(names) {
			if err := flush(); err != nil {
				return err
			}
		}
		if done.Rows%toldRows == 0 {
			c.o.tell(done, false)
		}
	}
	if err := errors.Join(r.err, flush()); err != nil {
		return err
	}
	done.From = sum.String()
	sum = tableSum{}
	back := c.to.query(ctx, selected)
	defer back.close()
	for back.next() {
		sum.add(t.values(back))
		done.Found++
	}
	if back.err != nil {
		return back.err
	}
	done.To = sum.String()
	c.done = append(c.done, done)
	c.o.tell(done, true)
	if !done.Same() {
		return fmt.Errorf("%w: %d rows of %s, found %d of %s", ErrCopyDiffers, done.Rows, done.From, done.Found, done.To)
	}
	return nil
}

// values reads the present row as parameters.
func (t *copyTable) values(r *rows) []arg {
	values := make([]arg, len(t.columns))
	for i, column := range t.columns {
		if r.cur.null(i) {
			continue
		}
		v := arg{kind: column.kind}
		switch column.kind {
		case argFloat:
			v.f = r.cur.float(i)
		case argText, argBlob:
			v.s = r.cur.text(i)
		default:
			v.n = r.cur.int64(i)
		}
		values[i] = v
	}
	return values
}

// rowPlaces lists the placeholders of several rows: ($1, $2), ($3, $4).
func rowPlaces(rows, columns int) string {
	var b strings.Builder
	for n := range rows * columns {
		switch {
		case n == 0:
			b.WriteString("(")
		case n%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(n+1))
	}
	b.WriteString(")")
	return b.String()
}

// tableSum adds up the SHA-256 of rows, so that their order does not matter and
// a row that is there twice counts twice.
type tableSum [4]uint64

func (s *tableSum) add(values []arg) {
	hash := sha256.New()
	var head [9]byte
	for _, v := range values {
		head[0] = byte(v.kind)
		n := uint64(v.n)
		switch v.kind {
		case argFloat:
			n = math.Float64bits(v.f)
		case argText, argBlob:
			n = uint64(len(v.s))
		}
		binary.BigEndian.PutUint64(head[1:], n)
		hash.Write(head[:])
		io.WriteString(hash, v.s)
	}
	row := hash.Sum(nil)
	var carry uint64
	for i := range s {
		s[i], carry = bits.Add64(s[i], binary.LittleEndian.Uint64(row[8*i:]), carry)
	}
}

func (s *tableSum) String() string {
	var b []byte
	for _, n := range s {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return hex.EncodeToString(b)
}

// sequences makes the target give the ids next that the source would have given.
func (c *copying) sequences(ctx context.Context) error {
	last := map[string]int64{}
	err := c.from.each(ctx, c.from.dialect.sequences, func(r *rows) { last[r.text()] = r.int64() })
	if err != nil {
		return err
	}
	for table, n := range last {
		if n == 0 {
			continue
		}
		for _, sql := range c.to.dialect.setSequence {
			if _, err := c.to.exec(ctx, strings.ReplaceAll(sql, "@", table), num(n)); err != nil {
				return fmt.Errorf("setting the ids of %s: %w", table, err)
			}
		}
	}
	return nil
}

// CopyTo copies every file that others has not, checks its contents on the way
// and returns how many there are. progress may be nil.
func (b *Blobs) CopyTo(ctx context.Context, to *Blobs, progress func(files int, bytes int64)) (files int, err error) {
	var bytes int64
	err = b.Each(ctx, func(sha string, size int64, _ time.Time) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		files++
		bytes += size
		if progress != nil {
			progress(files, bytes)
		}
		n, _, err := to.shelf.stat(ctx, sha)
		if err == nil && n == size {
			return nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return b.copyOne(ctx, to, sha)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return files, fmt.Errorf("copying attachments: %w", err)
	}
	return files, err
}

func (b *Blobs) copyOne(ctx context.Context, to *Blobs, sha string) error {
	r, _, err := b.Open(ctx, sha)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := to.Create()
	if err != nil {
		return err
	}
	defer w.Abort()
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w, hash), r); err != nil {
		return err
	}
	if found := hex.EncodeToString(hash.Sum(nil)); found != sha {
		return fmt.Errorf("%w: contents %s read as %s", ErrCopyDiffers, sha, found)
	}
	_, _, err = w.Commit(ctx)
	return err
}

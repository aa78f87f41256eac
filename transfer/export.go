package transfer

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"skranke"
	"skranke/desk"
)

// ExportOptions say how to export.
type ExportOptions struct {
	// Save stores the contents of an attachment in a file of its own and
	// returns the name for the field file. Nil: contents stand in the rows.
	Save func(a *skranke.Attachment, contents io.Reader) (name string, err error)

	// Progress is told after every row how many rows and bytes were written; may be nil.
	Progress func(lines int, bytes int64)
}

// maxData is the size of contents whose row Import still takes.
const maxData = MaxLine/4*3 - 1<<20

// Export writes everything the desk keeps, as it was at one moment, to w as
// JSON Lines: settings, lists, people, tickets, messages and files, deleted
// rows too. Sessions, failed log-ins, the change log, notifications and mail
// on its way are not in it. The same installation gives the same bytes.
func Export(ctx context.Context, d *desk.Desk, w io.Writer, o ExportOptions) (Summary, error) {
	sum := Summary{Rows: map[string]int{}}
	err := d.Export(ctx, func(out *desk.Outgo) error {
		fields := map[skranke.ExtraFieldID]*skranke.ExtraField{}
		err := out.ExtraFields(ctx, func(f *skranke.ExtraField) error {
			fields[f.ID] = f
			return nil
		})
		if err != nil {
			return err
		}
		wr := &writer{
			out: out, opts: o, sum: &sum, to: bufio.NewWriterSize(w, 256<<10),
			defs: func(id skranke.ExtraFieldID) (*skranke.ExtraField, error) {
				if f, ok := fields[id]; ok {
					return f, nil
				}
				return nil, fmt.Errorf("there is no extra field %d", id)
			},
		}
		for _, k := range kinds() {
			if err := k.each(ctx, wr); err != nil {
				return fmt.Errorf("exporting %s: %w", k.word, err)
			}
		}
		return wr.to.Flush()
	})
	return sum, err
}

// writer writes rows.
type writer struct {
	out   *desk.Outgo
	opts  ExportOptions
	to    *bufio.Writer
	buf   []byte
	defs  Definitions
	sum   *Summary
	bytes int64
}

// writeRow writes one row as a line.
func writeRow[T any](ctx context.Context, w *writer, t *Table[T], row *T) error {
	var err error
	if w.buf, err = t.appendOpen(w.buf[:0], row, w.defs); err != nil {
		return err
	}
	if err := w.put(w.buf); err != nil {
		return err
	}
	if a, ok := any(row).(*skranke.Attachment); ok {
		if err := w.contents(ctx, a); err != nil {
			return fmt.Errorf("attachment %d: %w", a.ID, err)
		}
	}
	if err := w.put([]byte("}\n")); err != nil {
		return err
	}
	w.sum.Rows[t.Kind]++
	w.sum.Lines++
	if w.opts.Progress != nil {
		w.opts.Progress(w.sum.Lines, w.bytes)
	}
	return nil
}

func (w *writer) put(b []byte) error {
	n, err := w.to.Write(b)
	w.bytes += int64(n)
	return err
}

// Write makes writer the end of an encoder.
func (w *writer) Write(b []byte) (int, error) { return len(b), w.put(b) }

// contents writes the field with the contents of a, none if they are lost.
func (w *writer) contents(ctx context.Context, a *skranke.Attachment) error {
	file, err := w.out.Contents(ctx, a)
	if skranke.CodeOf(err) == skranke.CodeFileNotFound {
		w.sum.Lost++
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if w.opts.Save != nil {
		name, err := w.opts.Save(a, file)
		if err != nil {
			return err
		}
		return w.put(appendString([]byte(`,"file":`), name))
	}
	if a.Size > maxData {
		return errors.New("its contents are too large for a line: have contents written to files of their own")
	}
	if err := w.put([]byte(`,"data":"`)); err != nil {
		return err
	}
	encoder := base64.NewEncoder(base64.StdEncoding, w)
	if _, err := io.Copy(encoder, file); err != nil {
		return err
	}
	if err := encoder.Close(); err != nil {
		return err
	}
	return w.put([]byte(`"`))
}

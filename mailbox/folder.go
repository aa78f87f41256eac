package mailbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// folder is a transport that writes each mail into a file of its own, named by
// when it was made and its number, so that a mail that is sent again replaces
// its file.
type folder struct{ dir string }

func openFolder(dir string) (transport, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of mails: %w", err)
	}
	return &folder{dir}, nil
}

func (f *folder) close() {}

// send writes the mail below lines that name everybody who would get it. The
// file is whole once it has its name.
func (f *folder) send(ctx context.Context, l *letter) (refusals, error) {
	file, err := os.CreateTemp(f.dir, ".mail-*")
	if err != nil {
		return nil, &unusableError{fmt.Errorf("writing a mail: %w", err)}
	}
	err = writeFolder(ctx, file, l)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(f.dir, fmt.Sprintf("%s-%d.eml", l.date, l.id)))
	}
	if err == nil {
		err = syncDir(f.dir)
	}
	if err != nil {
		os.Remove(file.Name())
		return nil, &unusableError{fmt.Errorf("writing a mail: %w", err)}
	}
	return nil, nil
}

func writeFolder(ctx context.Context, file *os.File, l *letter) error {
	w := bufio.NewWriter(file)
	var h header
	for _, to := range l.to {
		h.field("X-Skranke-Envelope-To", to)
	}
	w.Write(h.Bytes())
	if err := l.writeTo(ctx, w); err != nil {
		return err
	}
	return errors.Join(w.Flush(), file.Sync())
}

// syncDir makes a new name last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
)

// busyDesk writes tickets with an attachment each, and deletes and sweeps
// attachments, until it is stopped.
type busyDesk struct {
	t    *testing.T
	db   *DB
	stop context.CancelFunc
	done sync.WaitGroup

	mu   sync.Mutex
	kept map[skranke.TicketID]string // acknowledged tickets and the hash of their attachment
}

func newBusyDesk(t *testing.T, dir string) *busyDesk {
	t.Helper()
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	ctx, stop := context.WithCancel(t.Context())
	d := &busyDesk{t: t, db: db, stop: stop, kept: map[skranke.TicketID]string{}}
	for caller := range 2 {
		d.done.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if err := d.write(ctx, fmt.Sprintf("%d contents %d", caller, n)); err != nil && ctx.Err() == nil {
					t.Errorf("writing: %v", err)
					return
				}
				time.Sleep(5 * time.Millisecond) // enough goes on, and the backups stay small
			}
		})
	}
	return d
}

// write stores a ticket with its attachment, and an attachment that does not live long.
func (d *busyDesk) write(ctx context.Context, text string) error {
	kept, err := d.blob(text)
	if err != nil {
		return err
	}
	short, err := d.blob("short " + text)
	if err != nil {
		return err
	}
	ticket, gone := &skranke.Ticket{Title: text}, &skranke.Attachment{SHA256: short, Size: int64(len("short " + text))}
	err = d.db.Write(ctx, func(tx *WriteTx) error {
		ticket.ID, gone.ID = 0, 0
		a := &skranke.Attachment{SHA256: kept, Size: int64(len(text))}
		if err := errors.Join(tx.InsertTicket(ctx, ticket), tx.InsertAttachment(ctx, a), tx.InsertAttachment(ctx, gone)); err != nil {
			return err
		}
		return tx.InsertMessage(ctx, &skranke.Message{Ticket: ticket.ID, SLevel: skranke.External, Attachments: []skranke.AttachmentID{a.ID}})
	})
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.kept[ticket.ID] = kept
	d.mu.Unlock()
	return d.db.Write(ctx, func(tx *WriteTx) error {
		if err := tx.DeleteAttachment(ctx, gone.ID); err != nil {
			return err
		}
		return d.db.Blobs().RemoveOlder(ctx, short, time.Now().Add(-time.Hour)) // as the desk does
	})
}

func (d *busyDesk) blob(text string) (string, error) {
	w, err := d.db.Blobs().Create()
	if err != nil {
		return "", err
	}
	defer w.Abort()
	if _, err := io.WriteString(w, text); err != nil {
		return "", err
	}
	sha, _, err := w.Commit(d.t.Context())
	return sha, err
}

// acknowledged are the tickets that are stored, once there are at least so many.
func (d *busyDesk) acknowledged(atLeast int) map[skranke.TicketID]string {
	for {
		d.mu.Lock()
		all := make(map[skranke.TicketID]string, len(d.kept))
		for id, sha := range d.kept {
			all[id] = sha
		}
		d.mu.Unlock()
		if len(all) >= atLeast || d.t.Failed() {
			return all
		}
		time.Sleep(time.Millisecond)
	}
}

func (d *busyDesk) end() {
	d.stop()
	d.done.Wait()
}

// mustHold looks for everything that was acknowledged in an installation.
func mustHold(t *testing.T, dir string, want map[skranke.TicketID]string) {
	t.Helper()
	if faults := faultsIn(t, dir); len(faults) > 0 {
		t.Errorf("got %q, want no fault", faults)
	}
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Read(t.Context(), func(tx *ReadTx) error {
		for id, sha := range want {
			n, err := tx.number(t.Context(), `SELECT COUNT(*) FROM message m JOIN message_attachment l ON l.message_id = m.id
				JOIN attachment a ON a.id = l.attachment_id WHERE m.ticket_id = $1 AND a.sha256 = $2`, num(id), text(sha))
			if err != nil || n != 1 {
				t.Errorf("ticket %d: got %d attachments, %v, want its own", id, n, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// faults are those of a backup.
func (b *Backup) faults(t *testing.T) (faults []string, err error) {
	t.Helper()
	_, err = b.Verify(t.Context(), VerifyOptions{Report: func(f Fault) { faults = append(faults, f.String()) }})
	return faults, err
}

// names lists what is in a folder.
func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestBackupUnderWrites(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	desk := newBusyDesk(t, dir)
	defer desk.end()
	to := t.TempDir()
	like := ""
	for round := range 2 {
		want := desk.acknowledged((round + 1) * 20)
		// Another connection, as another process has it.
		db, err := Inspect(t.Context(), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		told := int64(0)
		o := BackupOptions{Program: "test", Like: like, Progress: func(done, total int64) { told = max(told, done) }}
		made := filepath.Join(to, fmt.Sprint(round))
		m, err := db.BackupTo(t.Context(), made, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Missing)+len(m.Damaged) > 0 || m.Rows["ticket"] < int64(len(want)) || m.Schema != NewestSchema() || told == 0 {
			t.Errorf("round %d: got %+v, progress %d", round, m, told)
		}
		restored := filepath.Join(t.TempDir(), "new", "data")
		if round > 0 { // a tar file into an empty folder
			restored = t.TempDir()
			var tar bytes.Buffer
			if _, err := db.BackupToStream(t.Context(), &tar, BackupOptions{}); err != nil {
				t.Fatal(err)
			}
			_, err = BackupFrom(&tar).RestoreTo(t.Context(), Options{Dir: restored}, RestoreOptions{})
		} else {
			_, err = BackupIn(made).RestoreTo(t.Context(), Options{Dir: restored}, RestoreOptions{})
		}
		if err != nil {
			t.Fatal(err)
		}
		mustHold(t, restored, want)
		if faults, err := BackupIn(made).faults(t); err != nil || len(faults) > 0 {
			t.Errorf("round %d: got %q, %v, want no fault", round, faults, err)
		}
		db.Close()
		like = made
	}
	desk.end()
	if got := names(t, filepath.Join(dir, "blobs", spool)); len(got) > 0 {
		t.Errorf("the backups left %q in the spool", got)
	}
	if got := names(t, to); !slices.Equal(got, []string{"0", "1"}) {
		t.Errorf("got %q, want the backups alone", got)
	}
	t.Logf("%d tickets", len(desk.kept))
}

// Contents the sweep removes while a backup is made are in it nevertheless, if
// the database that is in it names them.
func TestBackupKeepsWhatIsSwept(t *testing.T) {
	t.Parallel()
	dir := oldDatabase(t, int(NewestSchema()))
	db, err := Inspect(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	swept := false
	made := filepath.Join(t.TempDir(), "backup")
	blob := theBlob(t, dir)
	m, err := db.BackupTo(t.Context(), made, BackupOptions{Progress: func(int64, int64) {
		if !swept {
			os.Remove(blob)
		}
		swept = true
	}})
	if err != nil || len(m.Missing) > 0 || !swept {
		t.Errorf("got %+v, %v, swept %t, want nothing missing", m, err, swept)
	}
	if _, err := os.Stat(theBlob(t, made)); err != nil {
		t.Error(err)
	}
}

// What the installation has lost already stops no backup, but is told.
func TestBackupOfADamagedInstallation(t *testing.T) {
	t.Parallel()
	whole := oldDatabase(t, int(NewestSchema()))
	for name, damage := range map[string]func(dir string){
		"missing": func(dir string) { os.Remove(theBlob(t, dir)) },
		"damaged": func(dir string) { flip(t, theBlob(t, dir), 0) },
	} {
		dir := copyDir(t, whole)
		sha := filepath.Base(theBlob(t, dir))
		damage(dir)
		db, err := Inspect(t.Context(), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		made := filepath.Join(t.TempDir(), "backup")
		m, err := db.BackupTo(t.Context(), made, BackupOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := append(m.Missing, m.Damaged...); !slices.Equal(got, []string{sha}) {
			t.Errorf("%s: got %q, want %q", name, got, sha)
		}
		if _, err := BackupIn(made).RestoreTo(t.Context(), Options{Dir: t.TempDir()}, RestoreOptions{}); err != nil {
			t.Errorf("%s: restoring what there is: %v", name, err)
		}
	}
}

func TestDamagedBackup(t *testing.T) {
	t.Parallel()
	dir := oldDatabase(t, int(NewestSchema()))
	if err := os.WriteFile(filepath.Join(dir, "wsdl-customer.xml"), []byte("<definitions/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := Inspect(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	o := BackupOptions{Others: []string{filepath.Join(dir, "wsdl-customer.xml"), filepath.Join(dir, "wsdl-ticket.xml")}}
	made := filepath.Join(t.TempDir(), "backup")
	if _, err := db.BackupTo(t.Context(), made, o); err != nil {
		t.Fatal(err)
	}
	if faults, err := BackupIn(made).faults(t); err != nil || len(faults) > 0 {
		t.Fatalf("got %q, %v, want no fault", faults, err)
	}
	for _, c := range []struct {
		name   string
		damage func(dir string)
		want   string
	}{
		{"a bit of the database", func(dir string) { flip(t, filepath.Join(dir, databaseFile), -100) }, "skranke.db: is damaged"},
		{"no database", func(dir string) { os.Remove(filepath.Join(dir, databaseFile)) }, "skranke.db: is not in the backup"},
		{"a bit of an attachment", func(dir string) { flip(t, theBlob(t, dir), 0) }, "is damaged: its contents do not have"},
		{"no attachment", func(dir string) { os.Remove(theBlob(t, dir)) }, "there are 0 files"},
		{"a bit of a WSDL", func(dir string) { flip(t, filepath.Join(dir, "wsdl-customer.xml"), 3) }, "wsdl-customer.xml: is damaged"},
		{"no WSDL", func(dir string) { os.Remove(filepath.Join(dir, "wsdl-customer.xml")) }, "wsdl-customer.xml: is not in the backup"},
		{"no manifest", func(dir string) { os.Remove(filepath.Join(dir, manifestFile)) }, "no complete backup"},
		{"half a manifest", func(dir string) { os.Truncate(filepath.Join(dir, manifestFile), 50) }, "no complete backup"},
		{"a manifest of the future", func(dir string) { replace(t, filepath.Join(dir, manifestFile), `"format": 1`, `"format": 2`) }, "newer version of skranke"},
		{"a schema of the future", func(dir string) { replace(t, filepath.Join(dir, manifestFile), `"schema": `, `"schema": 9`) }, ErrNewerSchema.Error()},
	} {
		bad := copyDir(t, made)
		c.damage(bad)
		faults, err := BackupIn(bad).faults(t)
		if got := fmt.Sprint(strings.Join(faults, "\n"), err); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %s, want %q", c.name, got, c.want)
		}
		empty := t.TempDir()
		if _, err := BackupIn(bad).RestoreTo(t.Context(), Options{Dir: empty}, RestoreOptions{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: restoring: got %v, want %q", c.name, err, c.want)
		}
		if got := names(t, empty); len(got) > 0 {
			t.Errorf("%s: half a restore left %q", c.name, got)
		}
	}

	// What only a look into the database shows.
	older := fmt.Sprintf(`"schema": %d`, NewestSchema()-1)
	for _, c := range []struct{ old, new, want string }{
		{fmt.Sprintf(`"schema": %d`, NewestSchema()), older, fmt.Sprintf("file manifest.json: says schema %d, skranke.db has %d", NewestSchema()-1, NewestSchema())},
		{`"ticket": 2`, `"ticket": 3`, "file manifest.json: says 3 rows of the kind ticket, skranke.db has 2"},
		{`"rows": `, `"lines": `, "file manifest.json: counts no rows"},
		{`"bytes": 1`, `"bytes": 2`, "file blobs: there are 1 files with 1 bytes, manifest.json says 1 with 2"},
	} {
		bad := copyDir(t, made)
		replace(t, filepath.Join(bad, manifestFile), c.old, c.new)
		faults, err := BackupIn(bad).faults(t)
		if err != nil || len(faults) != 1 || !strings.HasPrefix(faults[0], c.want) {
			t.Errorf("%s: got %q, %v, want %q", c.new, faults, err, c.want)
		}
	}

	var tar bytes.Buffer
	if _, err := db.BackupToStream(t.Context(), &tar, o); err != nil {
		t.Fatal(err)
	}
	whole := tar.Bytes()
	if faults, err := BackupFrom(bytes.NewReader(whole)).faults(t); err != nil || len(faults) > 0 {
		t.Errorf("tar: got %q, %v, want no fault", faults, err)
	}
	for _, n := range []int{0, 100, len(whole) / 2, len(whole) - 4096} { // the end of a tar file is empty
		missing := filepath.Join(t.TempDir(), "data")
		if _, err := BackupFrom(bytes.NewReader(whole[:n])).RestoreTo(t.Context(), Options{Dir: missing}, RestoreOptions{}); err == nil {
			t.Errorf("%d of %d bytes: got no error", n, len(whole))
		}
		if _, err := os.Stat(missing); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%d of %d bytes: half a restore left %v", n, len(whole), err)
		}
	}
}

func replace(t *testing.T, path, old, new string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fullWriter takes so many bytes and no more.
type fullWriter struct{ room int }

var errFull = errors.New("disk full")

func (w *fullWriter) Write(p []byte) (int, error) {
	if w.room -= len(p); w.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestFailedBackupLeavesNothing(t *testing.T) {
	dir := oldDatabase(t, int(NewestSchema()))
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	db, err := Inspect(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, room := range []int{0, 5000, 300000} {
		if _, err := db.BackupToStream(t.Context(), &fullWriter{room}, BackupOptions{}); !errors.Is(err, errFull) {
			t.Errorf("room for %d bytes: got %v, want the writer's error", room, err)
		}
	}
	to := t.TempDir()
	stopped, stop := context.WithCancel(t.Context())
	o := BackupOptions{Progress: func(int64, int64) { stop() }}
	if _, err := db.BackupTo(stopped, filepath.Join(to, "b"), o); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: got %v", err)
	}
	foreign := filepath.Join(dir, "foreign")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, make := range []func(context.Context, string, BackupOptions) (*Manifest, error){db.BackupTo, db.BackupToFile} {
		if _, err := make(t.Context(), filepath.Join(to, "b"), BackupOptions{Others: []string{foreign}}); err == nil {
			t.Error("a foreign file: got no error")
		}
		if _, err := make(t.Context(), dir, BackupOptions{}); !errors.Is(err, fs.ErrExist) {
			t.Errorf("an existing place: got %v, want that it exists", err)
		}
		if _, err := make(t.Context(), filepath.Join(to, "no", "folder"), BackupOptions{}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("no such folder: got %v", err)
		}
	}
	for _, dir := range []string{temp, to, filepath.Join(dir, "blobs", spool)} {
		if got := names(t, dir); len(got) > 0 {
			t.Errorf("left in %s: %q", dir, got)
		}
	}
	if _, err := BackupIn(dir).RestoreTo(t.Context(), Options{Dir: to}, RestoreOptions{}); !errors.Is(err, ErrNoBackup) {
		t.Errorf("restoring a data directory: got %v, want ErrNoBackup", err)
	}
}

// Who restores or verifies a backup hears of each part of it, up to the whole.
func TestFilesAreTold(t *testing.T) {
	t.Parallel()
	db, err := Inspect(t.Context(), Options{Dir: oldDatabase(t, int(NewestSchema()))})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	made := filepath.Join(t.TempDir(), "backup")
	m, err := db.BackupTo(t.Context(), made, BackupOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var tar bytes.Buffer
	if _, err := db.BackupToStream(t.Context(), &tar, BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	whole := m.Database.Size + m.Contents.Bytes
	last, totals, times := int64(0), map[int64]bool{}, 0
	told := func(done, total int64) {
		if done < last {
			t.Errorf("got %d after %d", done, last)
		}
		last = done
		totals[total] = true
		times++
	}
	for name, c := range map[string]struct {
		read  func() error
		total int64
	}{
		"restore a folder": {func() error {
			_, err := BackupIn(made).RestoreTo(t.Context(), Options{Dir: t.TempDir()}, RestoreOptions{Files: told})
			return err
		}, whole},
		"restore a tar file": {func() error {
			_, err := BackupFrom(bytes.NewReader(tar.Bytes())).RestoreTo(t.Context(), Options{Dir: t.TempDir()}, RestoreOptions{Files: told})
			return err
		}, 0},
		"read a folder": {func() error {
			_, err := BackupIn(made).read(t.Context(), told, func(_ string, _ int64, from io.Reader) error {
				_, err := io.Copy(io.Discard, from)
				return err
			})
			return err
		}, whole},
	} {
		last, totals, times = 0, map[int64]bool{}, 0
		if err := c.read(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if last != whole || len(totals) != 1 || !totals[c.total] || times < 3 {
			t.Errorf("%s: got %d bytes of %v in %d steps, want %d of %d", name, last, totals, times, whole, c.total)
		}
	}
}

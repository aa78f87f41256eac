package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// The options of backups and copies in these tests.
var (
	words    = func(*skranke.FaqEntry) store.FaqWords { return store.FaqWords{Head: "title"} }
	asBackup = store.BackupOptions{Program: "test", FaqWords: words}
	asCopy   = store.RestoreOptions{CopyOptions: store.CopyOptions{FaqWords: words}}
)

// caller writes a ticket with an attachment, and deletes another attachment, again
// and again, as one of several processes.
type caller struct {
	name string
	db   *store.DB

	mu   sync.Mutex
	kept map[skranke.TicketID]string // acknowledged tickets and the hash of their attachment
}

func (c *caller) blob(ctx context.Context, text string) (string, error) {
	w, err := c.db.Blobs().Create()
	if err != nil {
		return "", err
	}
	defer w.Abort()
	if _, err := io.WriteString(w, text); err != nil {
		return "", err
	}
	sha, _, err := w.Commit(ctx)
	return sha, err
}

// call stores a ticket with an attachment that stays and one that does not.
func (c *caller) call(ctx context.Context, n int) error {
	texts := [2]string{fmt.Sprintf("%s %d stays", c.name, n), fmt.Sprintf("%s %d goes", c.name, n)}
	var shas [2]string
	for i, text := range texts {
		var err error
		if shas[i], err = c.blob(ctx, text); err != nil {
			return err
		}
	}
	var ticket skranke.Ticket
	var files [2]skranke.Attachment
	err := c.db.Write(ctx, func(tx *store.WriteTx) error {
		ticket = skranke.Ticket{Title: texts[0]}
		if err := tx.InsertTicket(ctx, &ticket); err != nil {
			return err
		}
		for i := range files {
			files[i] = skranke.Attachment{SHA256: shas[i], Size: int64(len(texts[i]))}
			if err := tx.InsertAttachment(ctx, &files[i]); err != nil {
				return err
			}
		}
		return tx.InsertMessage(ctx, &skranke.Message{Ticket: ticket.ID, SLevel: skranke.External, Body: strings.Repeat("å", 3000), Attachments: []skranke.AttachmentID{files[0].ID}})
	})
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.kept[ticket.ID] = shas[0]
	c.mu.Unlock()
	err = c.db.Write(ctx, func(tx *store.WriteTx) error { return tx.DeleteAttachment(ctx, files[1].ID) })
	return errors.Join(err, c.db.Blobs().RemoveOlder(ctx, shas[1], time.Now().Add(-time.Hour))) // as the desk does
}

// acknowledged are the tickets that were stored so far.
func (c *caller) acknowledged() map[skranke.TicketID]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.kept)
}

// with is a URL with further parameters.
func with(url, parameters string) string {
	if strings.Contains(url, "?") {
		return url + "&" + parameters
	}
	return url + "?" + parameters
}

// faultless looks through an installation or a backup.
func faultless(t *testing.T, verify func(store.VerifyOptions) (*store.Verified, error)) *store.Verified {
	t.Helper()
	v, err := verify(store.VerifyOptions{Report: func(f store.Fault) { t.Errorf("found %s", f) }})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// holds looks for tickets and the contents of their attachments.
func holds(t *testing.T, o store.Options, want map[skranke.TicketID]string) {
	t.Helper()
	faultless(t, func(v store.VerifyOptions) (*store.Verified, error) { return store.Verify(t.Context(), o, v) })
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	newest := skranke.TicketID(0)
	read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
		got := map[skranke.TicketID]string{}
		err := tx.EachMessage(ctx, func(m *skranke.Message) error {
			newest = max(newest, m.Ticket)
			files, err := tx.Attachments(ctx, m.ID)
			if err != nil || len(files) != 1 {
				return fmt.Errorf("ticket %d: got %d attachments, %w", m.Ticket, len(files), err)
			}
			content, _, err := db.Blobs().Open(t.Context(), files[0].SHA256)
			if err != nil {
				return err
			}
			got[m.Ticket] = files[0].SHA256
			return content.Close()
		})
		for id, sha := range want {
			if got[id] != sha {
				t.Errorf("ticket %d: got attachment %q, want %s", id, got[id], sha)
			}
		}
		return err
	})
	// Ids go on where they were.
	next := &skranke.Ticket{Title: "next"}
	write(t, db, func(ctx context.Context, tx *store.WriteTx) error { next.ID = 0; return tx.InsertTicket(ctx, next) })
	if next.ID <= newest {
		t.Errorf("a new ticket got id %d, which is not after %d", next.ID, newest)
	}
}

// A backup of PostgreSQL is made while two processes write, who need not wait for
// it, and becomes an installation of either kind.
func TestPostgresBackupUnderWrites(t *testing.T) {
	onPostgres(t)
	url, dir := storetest.Postgres(t), t.TempDir()
	var callers [2]*caller
	for i := range callers {
		db, err := store.Open(t.Context(), store.Options{Dir: dir, Database: url})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		callers[i] = &caller{name: fmt.Sprint("caller ", i), db: db, kept: map[skranke.TicketID]string{}}
		for n := range 10 {
			if err := callers[i].call(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := map[skranke.TicketID]string{}
	var writing sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	defer writing.Wait()
	defer stop()
	for _, c := range callers {
		maps.Copy(want, c.acknowledged())
		writing.Go(func() {
			for n := 10; ctx.Err() == nil; n++ {
				time.Sleep(5 * time.Millisecond) // enough goes on, and the backups stay small
				if err := c.call(ctx, n); err != nil && ctx.Err() == nil {
					t.Errorf("writing: %v", err)
					return
				}
			}
		})
	}
	db, err := store.Inspect(t.Context(), store.Options{Dir: dir, Database: url})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// In the middle of the copy each writer gets through once more: the backup
	// goes on only then.
	o, held := asBackup, false
	o.Progress = func(done, total int64) {
		if held {
			return
		}
		held = true
		for _, c := range callers {
			for before := len(c.acknowledged()); len(c.acknowledged()) == before && !t.Failed(); {
				time.Sleep(time.Millisecond)
			}
		}
	}
	made := filepath.Join(t.TempDir(), "backup")
	m, err := db.BackupTo(t.Context(), made, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Missing)+len(m.Damaged) > 0 || !held || m.Rows["ticket"] < int64(len(want)) || m.Schema != store.NewestSchema() {
		t.Errorf("got %+v, want all of %d tickets and more", m, len(want))
	}
	var tar bytes.Buffer
	if _, err := db.BackupToStream(t.Context(), &tar, asBackup); err != nil {
		t.Fatal(err)
	}
	stop()
	writing.Wait()
	v := faultless(t, func(v store.VerifyOptions) (*store.Verified, error) {
		v.FaqWords = words
		return store.BackupIn(made).Verify(t.Context(), v)
	})
	if v.Contents.Files < int64(len(want)) || v.Contents.Files != m.Contents.Files {
		t.Errorf("got %d attachments, want %d", v.Contents.Files, m.Contents.Files)
	}

	other := store.Options{Dir: filepath.Join(t.TempDir(), "new"), Database: storetest.Postgres(t)}
	if _, err := store.BackupIn(made).RestoreTo(t.Context(), other, asCopy); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(other.Dir); err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v in the data directory, want blobs alone", entries, err)
	}
	holds(t, other, want)
	embedded := store.Options{Dir: t.TempDir()}
	if _, err := store.BackupFrom(&tar).RestoreTo(t.Context(), embedded, asCopy); err != nil {
		t.Fatal(err)
	}
	holds(t, embedded, want)

	// Into what is filled nothing is restored.
	again := other
	again.Dir = filepath.Join(t.TempDir(), "again")
	if _, err := store.BackupIn(made).RestoreTo(t.Context(), again, asCopy); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("into a filled database: got %v, want ErrNotEmpty", err)
	}
	if _, err := os.Stat(again.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into a filled database: got %v, want no directory", err)
	}
}

// What was written to SQLite comes to PostgreSQL by a backup, and a damaged one
// does not.
func TestRestoreToPostgres(t *testing.T) {
	onPostgres(t)
	dir := t.TempDir()
	db, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c := &caller{name: "caller", db: db, kept: map[skranke.TicketID]string{}}
	for n := range 3 {
		if err := c.call(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	made := filepath.Join(t.TempDir(), "backup")
	if _, err := db.BackupTo(t.Context(), made, asBackup); err != nil {
		t.Fatal(err)
	}
	to := store.Options{Dir: filepath.Join(t.TempDir(), "new"), Database: storetest.Postgres(t)}
	nothing := func() {
		t.Helper()
		if _, err := os.Stat(to.Dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v, want no directory", err)
		}
		empty, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Database: to.Database})
		if err != nil {
			t.Fatal(err)
		}
		defer empty.Close()
		read(t, empty, func(ctx context.Context, tx *store.ReadTx) error {
			rows, err := tx.Counts(ctx)
			if rows["ticket"]+rows["attachment"] > 0 {
				t.Errorf("got %v, want nothing", rows)
			}
			return err
		})
	}

	bad := t.TempDir()
	if err := os.CopyFS(bad, os.DirFS(made)); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(filepath.Join(bad, "skranke.db"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteAt([]byte{0x55}, 70_000)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.BackupIn(bad).RestoreTo(t.Context(), to, asCopy); err == nil || !strings.Contains(err.Error(), "damaged, nothing was restored") {
		t.Errorf("a damaged backup: got %v", err)
	}
	nothing()

	// The connection is lost and does not come back.
	w := newWire(t, to.Database)
	over, once := to, false
	over.Database = w.url
	o := asCopy
	ctx, stop := context.WithCancel(t.Context())
	o.Progress = func(table store.CopiedTable, done bool) {
		if table.Name == "message" && !once {
			once = true
			w.mu.Lock()
			w.refuse = 1 << 30
			w.mu.Unlock()
			w.cut()
			stop()
		}
	}
	if _, err := store.BackupIn(made).RestoreTo(ctx, over, o); err == nil || !once {
		t.Errorf("cut off: got %v after a cut %t, want an error", err, once)
	}
	nothing()

	// It is lost and comes back: then all is there, once.
	w = newWire(t, to.Database)
	over.Database, once = w.url, false
	o.Progress = func(table store.CopiedTable, done bool) {
		if table.Name == "message" && !once {
			once = true
			w.cut()
		}
	}
	for { // on a slow machine it may give up
		_, err := store.BackupIn(made).RestoreTo(t.Context(), over, o)
		if !once {
			t.Fatalf("got %v without a cut", err)
		}
		if err == nil {
			break
		}
		nothing()
	}
	holds(t, to, c.acknowledged())
}

// A backup whose connection is lost leaves nothing behind that looks like one.
func TestPostgresBackupCut(t *testing.T) {
	onPostgres(t)
	db, w := openOver(t)
	c := &caller{name: "caller", db: db, kept: map[skranke.TicketID]string{}}
	if err := c.call(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	to, o, once := t.TempDir(), asBackup, false
	o.Progress = func(int64, int64) {
		if !once {
			w.cut()
		}
		once = true
	}
	for _, make := range []func(context.Context, string, store.BackupOptions) (*store.Manifest, error){db.BackupTo, db.BackupToFile} {
		once = false
		_, err := make(t.Context(), filepath.Join(to, "backup"), o)
		if err == nil || !strings.Contains(err.Error(), "connection to the database lost") || !once {
			t.Errorf("got %v after a cut %t, want that the connection was lost", err, once)
		}
	}
	for _, dir := range []string{to, db.Blobs().SpoolDir()} {
		if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
			t.Errorf("%s: got %v, %v, want nothing left", dir, entries, err)
		}
	}
	if _, err := db.BackupTo(t.Context(), filepath.Join(to, "backup"), asBackup); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// A database that is none of ours, bounds that its administrator has set, and
// tables of his own.
func TestPostgresOfOthers(t *testing.T) {
	onPostgres(t)
	url := storetest.Postgres(t)
	admin, err := pgconn.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	run := func(sql string) {
		t.Helper()
		if _, err := admin.Exec(t.Context(), sql).ReadAll(); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	run(`DROP SCHEMA IF EXISTS bare CASCADE; DROP TABLE IF EXISTS report; CREATE TABLE report (month TEXT, sums NUMERIC); INSERT INTO report VALUES ('May', 1.5)`)
	run(`CREATE SCHEMA bare`)
	defer run(`DROP TABLE report; DROP SCHEMA bare CASCADE`)
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Database: url})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c := &caller{name: "caller", db: db, kept: map[skranke.TicketID]string{}}
	if err := c.call(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	hasty, err := store.Inspect(t.Context(), store.Options{
		Dir: filepath.Dir(filepath.Dir(db.Blobs().SpoolDir())), Database: with(url, "statement_timeout=3600000&idle_in_transaction_session_timeout=3600000"),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer hasty.Close()
	bounds, err := hasty.Bounds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, bounds, []string{"0", "0"})
	made := filepath.Join(t.TempDir(), "backup")
	o, once := asBackup, false
	o.Progress = func(int64, int64) {
		if !once { // a table that is not being read may be changed
			once = true
			run(`SET lock_timeout = '60s'; BEGIN; LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE; ROLLBACK`)
		}
	}
	if _, err := hasty.BackupTo(t.Context(), made, o); err != nil || !once {
		t.Fatal(err, once)
	}
	bare := store.Options{Dir: filepath.Join(t.TempDir(), "new"), Database: with(url, "search_path=bare")}
	if _, err := store.Inspect(t.Context(), bare); !errors.Is(err, store.ErrNoTables) {
		t.Errorf("a database without tables: got %v, want ErrNoTables", err)
	}
	if _, err := store.BackupIn(made).RestoreTo(t.Context(), bare, asCopy); err != nil {
		t.Fatal(err)
	}
	holds(t, bare, c.acknowledged())

	// A sequence that was put back is found.
	run(`SELECT setval('bare.ticket_id_seq', 1)`)
	var faults []string
	v := store.VerifyOptions{Report: func(f store.Fault) { faults = append(faults, f.String()) }}
	if _, err := store.Verify(t.Context(), bare, v); err != nil {
		t.Fatal(err)
	}
	equal(t, faults, []string{"sequence ticket: the last id given is said to be 1, but there is 2"})
}

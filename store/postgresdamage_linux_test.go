package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

// page is the size of PostgreSQL's.
const page = 8192

// overwrite changes the pages of a table, or of whatever else of that name, while
// the server is down.
func overwrite(t *testing.T, server *storetest.Server, relation string, with byte, pages ...int64) {
	t.Helper()
	path := filepath.Join(server.Query(`SHOW data_directory`), server.Query(`SELECT pg_relation_filepath(`+relation+`)`))
	server.Stop("fast")
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range pages {
		if _, err := file.WriteAt([]byte(strings.Repeat(string(with), page)), n*page); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		t.Fatal(err)
	}
	server.Start()
}

// What a damaged disk has made unreadable is found, row by row, and all the rest
// is looked at.
func TestPostgresVerifyDamage(t *testing.T) {
	server := storetest.NewServer(t)
	server.Init()
	const messages = 40
	o := store.Options{Dir: t.TempDir(), Database: server.URL()}
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	write(t, db, func(ctx context.Context, tx *store.WriteTx) error {
		ticket := &skranke.Ticket{Title: "blåbær"}
		if err := tx.InsertTicket(ctx, ticket); err != nil {
			return err
		}
		for range messages {
			body := make([]byte, 8000) // that nobody can compress into the row
			for i := range body {
				body[i] = ' ' + byte(random.IntN(90))
			}
			if err := tx.InsertMessage(ctx, &skranke.Message{Ticket: ticket.ID, SLevel: skranke.External, Body: string(body)}); err != nil {
				return err
			}
		}
		for i := range 1000 {
			if err := tx.SetSetting(ctx, fmt.Sprintf("setting %04d", i), strings.Repeat("x", 100)); err != nil {
				return err
			}
		}
		return nil
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	faults, whole := looked(t, o)
	equal(t, faults, []string{})
	server.Query(`DROP INDEX ticket_title`)
	faults, _ = looked(t, o)
	equal(t, faults, []string{"ticket_title: there is no such index"})

	overwrite(t, server, `(SELECT reltoastrelid FROM pg_class WHERE relname = 'message')`, 0, 0, 1)
	faults, got := looked(t, o)
	unread := slices.DeleteFunc(slices.Clone(faults), func(f string) bool { return !strings.HasPrefix(f, "message ") })
	if n := len(unread); n < 2 || n > messages/2 || !strings.HasPrefix(unread[0], "message 1: cannot be read: ERROR: ") || !strings.HasPrefix(unread[1], "message 2: cannot be read: ERROR: ") {
		t.Errorf("got %q, want the first messages and few others, which cannot be read", faults)
	}
	if got.Rows != whole.Rows {
		t.Errorf("got %d rows, want %d as before", got.Rows, whole.Rows)
	}

	overwrite(t, server, `'setting'`, 0x55, 3)
	inPage := int64(page / 144) // about
	faults, got = looked(t, o)
	if !slices.ContainsFunc(faults, func(f string) bool {
		return strings.HasPrefix(f, "setting: the rows of page 3 cannot be read: ERROR: invalid page in block 3")
	}) {
		t.Errorf("got %q, want a page that cannot be read", faults)
	}
	if lost := whole.Rows - got.Rows; lost < inPage/2 || lost > 2*inPage {
		t.Errorf("got %d rows less than before, want those of one page", lost)
	}
}

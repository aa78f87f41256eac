package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

// crashDir tells a copy of the test program, by its environment, to be the
// writer that is going to be killed.
const crashDir = "SKRANKE_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		fmt.Fprintln(os.Stderr, writeForEver(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForEver stores tickets with their message and prints each id when the
// store says that it is on disk.
func writeForEver(dir string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for range 4 {
		go func() { failed <- writeOn(ctx, db) }()
	}
	return <-failed
}

func writeOn(ctx context.Context, db *store.DB) error {
	for {
		t := &skranke.Ticket{Title: hard, Extra: []skranke.ExtraValue{{Field: 1, Value: skranke.IntValue(1)}}}
		err := db.Write(ctx, func(tx *store.WriteTx) error {
			t.ID = 0
			if err := tx.InsertTicket(ctx, t); err != nil {
				return err
			}
			return tx.InsertMessage(ctx, &skranke.Message{Ticket: t.ID, SLevel: skranke.External, Body: hard})
		})
		if err != nil {
			return err
		}
		fmt.Printf("%d\n", t.ID) // one write of the system
	}
}

// TestCrash kills a program in the middle of its writes, several times, and
// looks for all it was told to be stored.
func TestCrash(t *testing.T) {
	dir := t.TempDir()
	var acknowledged []skranke.TicketID
	for round := range 5 {
		ids := writeAndKill(t, dir, 60*time.Millisecond+time.Duration(round)*17*time.Millisecond)
		if len(ids) == 0 {
			t.Fatalf("round %d: nothing was written", round)
		}
		acknowledged = append(acknowledged, ids...)

		db := open(t, dir)
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			for _, id := range acknowledged {
				got, err := tx.TicketFor(ctx, id, store.Viewer{}, store.TicketParts{Internal: true, Extra: true})
				if err != nil {
					return fmt.Errorf("round %d: %w", round, err)
				}
				if len(got.Messages) != 1 || len(got.Ticket.Extra) != 1 || got.Ticket.Title != hard {
					return fmt.Errorf("round %d: ticket %d is not whole: %+v", round, id, got)
				}
			}
			counts, err := tx.Counts(ctx)
			if counts["ticket"] != counts["message"] {
				t.Errorf("round %d: got %d tickets and %d messages, want as many", round, counts["ticket"], counts["message"])
			}
			return err
		})
		if err := db.Check(t.Context()); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("round %d: closing: %v", round, err)
		}
	}
	t.Logf("%d acknowledged tickets are all there", len(acknowledged))
}

// writeAndKill runs a writer, kills it after the first ticket and some time
// more, and returns the ids it has acknowledged.
func writeAndKill(t *testing.T, dir string, after time.Duration) []skranke.TicketID {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	var ids []skranke.TicketID
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF { // a line cut short was not acknowledged
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		id, err := strconv.ParseInt(line[:len(line)-1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if ids = append(ids, skranke.TicketID(id)); len(ids) == 1 {
			time.AfterFunc(after, func() { cmd.Process.Kill() })
		}
	}
	cmd.Wait()
	return ids
}

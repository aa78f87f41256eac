package desk

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

func (w *world) upload(a Actor, content string) skranke.AttachmentID {
	w.t.Helper()
	id, err := w.desk.StoreAttachment(w.t.Context(), a, "a.txt", "text/plain", strings.NewReader(content))
	if err != nil {
		w.t.Fatalf("storing a file: %v", err)
	}
	return id
}

// has says whether the attachment is there.
func (w *world) has(id skranke.AttachmentID) bool {
	w.t.Helper()
	found := false
	w.read(func(tx *store.ReadTx) error {
		_, err := tx.Attachment(w.t.Context(), id)
		found = err == nil
		if skranke.CodeOf(err) == skranke.CodeUnknownAttachment {
			return nil
		}
		return err
	})
	return found
}

func (w *world) sweepFiles() {
	w.t.Helper()
	if err := w.desk.sweepAttachments(w.t.Context()); err != nil {
		w.t.Fatalf("sweeping: %v", err)
	}
}

// customer.addAttachment.7: what nobody linked goes once it is older than 24 hours.
func TestStrayUploadsAreSwept(t *testing.T) {
	inWorld(t, func(w *world) {
		a := Actor{Customer: w.customer(&skranke.Customer{FirstName: "Ola"})}
		category := w.category(&skranke.Category{})
		w.priority(&skranke.Priority{})
		ticket := w.newTicket(a, TicketDraft{Category: category})
		stray, anonymous, agents := w.upload(a, "stray"), w.upload(Actor{}, "anonymous"), w.upload(Actor{User: skranke.SystemUser}, "an agent's")
		linked, inTemplate, inFaq := w.upload(a, "linked"), w.upload(a, "in a template"), w.upload(a, "in the FAQ")
		w.addMessage(a, MessageDraft{Ticket: ticket.ID, Attachments: []skranke.AttachmentID{linked}})
		w.template(&skranke.ReplyTemplate{Attachments: []skranke.AttachmentID{inTemplate}})
		w.write(func(tx *store.WriteTx) error {
			e := &skranke.FaqEntry{Title: "With a file", Access: skranke.FaqEveryone, State: skranke.FaqPublished, Attachments: []skranke.AttachmentID{inFaq}}
			return tx.InsertFaqEntry(t.Context(), e, FaqWords(e))
		})
		named := w.upload(a, "in an extra field")
		w.write(func(tx *store.WriteTx) error {
			f := &skranke.ExtraField{Domain: skranke.DomainTicket, Kind: skranke.ExtraAttachment, FieldName: "x_contract"}
			if err := tx.InsertExtraField(t.Context(), f); err != nil {
				return err
			}
			row, err := tx.Ticket(t.Context(), ticket.ID)
			if err != nil {
				return err
			}
			row.Extra = append(row.Extra, skranke.ExtraValue{Field: f.ID, Value: skranke.Value{Set: true, Int: int64(named)}})
			return tx.UpdateTicket(t.Context(), row)
		})
		if err := w.desk.DeleteAttachment(t.Context(), Actor{}, named); skranke.CodeOf(err) != skranke.CodeAttachmentInUse { // customer.deleteAttachment.1
			t.Errorf("deleting what an extra field points to: %v", err)
		}
		all := []skranke.AttachmentID{stray, anonymous, agents, linked, inTemplate, inFaq, named}

		w.now = noon.Add(24 * time.Hour)
		young := w.upload(a, "young")
		w.sweepFiles()
		for _, id := range append(all, young) {
			if !w.has(id) {
				t.Errorf("upload %d was swept when it was 24 hours old, not older", id)
			}
		}
		w.now = w.now.Add(time.Millisecond)
		w.sweepFiles()
		for _, id := range []skranke.AttachmentID{stray, anonymous, agents} {
			if w.has(id) {
				t.Errorf("upload %d, linked to nothing, was kept for more than 24 hours", id)
			}
			if err := w.desk.DeleteAttachment(t.Context(), Actor{}, id); skranke.CodeOf(err) != skranke.CodeUnknownAttachment {
				t.Errorf("deleting what was swept: %v", err)
			}
		}
		w.now = w.now.Add(365 * 24 * time.Hour)
		w.sweepFiles()
		for _, id := range []skranke.AttachmentID{linked, inTemplate, inFaq, named} {
			if !w.has(id) {
				t.Errorf("upload %d is linked and was swept", id)
			}
		}
		_, content, err := w.desk.OpenAttachment(t.Context(), a, linked)
		if err != nil {
			t.Fatalf("opening what is linked: %v", err)
		}
		defer content.Close()
		if got, err := io.ReadAll(content); err != nil || string(got) != "linked" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

// What a server that was killed left half-written goes a day later.
func TestSpoolIsSwept(t *testing.T) {
	inWorld(t, func(w *world) {
		left := func(name string, age time.Duration) string {
			path := filepath.Join(w.desk.db.Blobs().SpoolDir(), name)
			if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, w.now.Add(-age), w.now.Add(-age)); err != nil {
				t.Fatal(err)
			}
			return path
		}
		old, young := left("soap-1.part", 25*time.Hour), left("blob-2", 23*time.Hour)
		w.sweepFiles()
		if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a day old: got %v, want it gone", err)
		}
		if _, err := os.Stat(young); err != nil {
			t.Errorf("somebody may be writing it: %v", err)
		}
	})
}

// customer.deleteAttachment.3: the file goes as well, once no attachment has
// its contents; one stored within the last hour may be about to get one.
func TestUnusedFilesAreSwept(t *testing.T) {
	inWorld(t, func(w *world) {
		a := Actor{Customer: w.customer(&skranke.Customer{FirstName: "Ola"})}
		// file is where contents lie, made to look as if stored at a time.
		file := func(id skranke.AttachmentID, stored time.Time) string {
			t.Helper()
			var sha string
			w.read(func(tx *store.ReadTx) error {
				row, err := tx.Attachment(t.Context(), id)
				if err == nil {
					sha = row.SHA256
				}
				return err
			})
			path := filepath.Join(filepath.Dir(w.db.Blobs().SpoolDir()), sha[:2], sha)
			if err := os.Chtimes(path, stored, stored); err != nil {
				t.Fatal(err)
			}
			return path
		}
		there := func(path string) bool {
			_, err := os.Stat(path)
			return err == nil
		}
		remove := func(id skranke.AttachmentID) {
			t.Helper()
			if err := w.desk.DeleteAttachment(t.Context(), Actor{}, id); err != nil {
				t.Fatal(err)
			}
		}

		one, twin, fresh := w.upload(a, "equal"), w.upload(a, "equal"), w.upload(a, "fresh")
		equal, recent := file(one, noon.Add(-2*time.Hour)), file(fresh, noon.Add(-59*time.Minute))
		remove(one)
		remove(fresh)
		w.sweepFiles()
		if !there(equal) || !there(recent) {
			t.Error("a file was removed that an attachment has, or that was stored within the hour")
		}
		remove(twin)
		w.now = noon.Add(2 * time.Minute)
		w.sweepFiles()
		if there(equal) || there(recent) {
			t.Error("a file that nobody has any more was kept")
		}

		// Storing the same contents anew makes them new.
		again := w.upload(a, "equal")
		remove(again)
		if err := os.Chtimes(equal, noon.Add(-5*time.Hour), noon.Add(-5*time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.now = time.Now()
		third := w.upload(a, "equal")
		remove(third)
		w.sweepFiles()
		if !there(equal) {
			t.Error("a file stored a moment ago was removed: its row might have been on its way")
		}
	})
}

// A file that lies in the spool becomes the attachment's without being copied.
func TestStoreSpooled(t *testing.T) {
	inWorld(t, func(w *world) {
		w.desk.opts.MaxAttachment = 10
		put := func(content string) (skranke.AttachmentID, error) {
			path := filepath.Join(w.db.Blobs().SpoolDir(), "soap")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			id, err := w.desk.StoreSpooled(t.Context(), Actor{User: 7, Auth: 7}, "../a.txt", "text/plain", path, sha256.Sum256([]byte(content)))
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%q is still in the spool: %v", content, err)
			}
			return id, err
		}
		for range 2 { // the second time the content is there already
			id, err := put("0123456789")
			if err != nil {
				t.Fatal(err)
			}
			file := w.attachment(id)
			if file.Size != 10 || file.Name != "a.txt" || file.Uploader.User != 7 {
				t.Errorf("got %+v", file)
			}
			content, _, err := w.db.Blobs().Open(t.Context(), file.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(content)
			content.Close()
			if err != nil || string(text) != "0123456789" {
				t.Errorf("got %q, %v", text, err)
			}
		}
		if _, err := put("0123456789a"); skranke.CodeOf(err) != skranke.CodeCustomError { // types.limit.2
			t.Errorf("a file that is too large: got %v", err)
		}
	})
}

// A file that is too large leaves nothing behind, and is not read to its end.
func TestTooLargeUpload(t *testing.T) {
	inWorld(t, func(w *world) {
		w.desk.opts.MaxAttachment = 1000
		contents := bytes.NewReader(make([]byte, 1<<20))
		_, err := w.desk.StoreAttachment(t.Context(), Actor{}, "a", "b", contents)
		if skranke.CodeOf(err) != skranke.CodeCustomError { // types.limit.2
			t.Errorf("got %v, want code 7", err)
		}
		if read := contents.Size() - int64(contents.Len()); read > 64<<10 {
			t.Errorf("read %d bytes of a file that may have 1000", read)
		}
		left, err := os.ReadDir(w.db.Blobs().SpoolDir())
		if err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
}

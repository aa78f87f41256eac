package ports_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/soap"
	"skranke/store"
)

func b64(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

// upload stores a file for the holder of the key and returns its id.
func (w *world) upload(key, name, contentType, content string) string {
	w.t.Helper()
	return w.customer("addAttachment", key, name, contentType, b64([]byte(content))).must().text("attachmentId")
}

// download is what getAttachment says of a file: name, type and content.
func (w *world) download(key, id string) []string {
	w.t.Helper()
	a := w.customer("getAttachment", key, id).must()
	content, err := base64.StdEncoding.Strict().DecodeString(a.text("data"))
	if err != nil {
		w.t.Errorf("attachment %s: %v", id, err)
	}
	return []string{a.text("attachmentName"), a.text("contentType"), string(content)}
}

func attachmentID(t testing.TB, text string) skranke.AttachmentID {
	t.Helper()
	return skranke.AttachmentID(idOf(t, text))
}

func (w *world) attachment(id string) *skranke.Attachment {
	w.t.Helper()
	var a *skranke.Attachment
	w.read(func(ctx context.Context, tx *store.ReadTx) (err error) {
		a, err = tx.Attachment(ctx, attachmentID(w.t, id))
		return err
	})
	return a
}

// files counts the rows of attachments and the files of their contents.
func (w *world) files() (rows, blobs int) {
	w.t.Helper()
	w.read(func(ctx context.Context, tx *store.ReadTx) error {
		rows = 0
		return tx.EachAttachment(ctx, func(*skranke.Attachment) error { rows++; return nil })
	})
	if err := w.db.Blobs().Each(w.t.Context(), func(string, int64, time.Time) error { blobs++; return nil }); err != nil {
		w.t.Fatal(err)
	}
	return rows, blobs
}

// keepsFiles runs fn and reports attachments and files that came or went.
func (w *world) keepsFiles(fn func()) {
	w.t.Helper()
	rows, blobs := w.files()
	fn()
	if r, b := w.files(); r != rows || b != blobs {
		w.t.Errorf("%d attachments and %d files became %d and %d", rows, blobs, r, b)
	}
}

// attach links a file to a new message.
func (w *world) attach(ticket skranke.TicketID, level skranke.SLevel, files ...string) {
	w.t.Helper()
	m := &skranke.Message{Ticket: ticket, SLevel: level, Kind: skranke.Plain, CreatedAt: morning, CreatedBy: ada}
	for _, id := range files {
		m.Attachments = append(m.Attachments, attachmentID(w.t, id))
	}
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		m.ID = 0
		return tx.InsertMessage(ctx, m)
	})
}

// customer.addAttachment.1, customer.getAttachment.2, customer.getAttachment.4: every
// byte comes back as it went in, from files of no byte to some that leave memory.
func TestAttachmentRoundTrip(t *testing.T) {
	var all []byte
	for i := range 256 {
		all = append(all, byte(i))
	}
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		contents := [][]byte{nil, {0}, {0xff, 0xfe}, []byte("<![CDATA[ & ]]>"), all}
		for _, size := range []int{24<<10 - 1, 24 << 10, 24<<10 + 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 300_000} {
			contents = append(contents, bytes.Repeat(all, size/256+1)[:size])
		}
		for _, content := range contents {
			id := w.upload(key, "all.bin", "application/octet-stream", string(content))
			a := w.customer("getAttachment", key, id).must()
			if got := a.text("data"); got != b64(content) { // customer.getAttachment.4: one line, padded
				t.Errorf("%d bytes: got %d characters of base64, want %d", len(content), len(got), len(b64(content)))
			}
			if stored := w.attachment(id); stored.Size != int64(len(content)) {
				t.Errorf("%d bytes are stored as %d", len(content), stored.Size)
			}
		}
		a := w.customer("getAttachment", key, w.upload(key, "a", "b", "c")).must()
		var parts []string
		for _, p := range a.parts { // data is the last part, though the table leaves it out
			parts = append(parts, p.name)
		}
		same(t, "parts", parts, []string{"errorCode", "attachmentName", "contentType", "data"})

		// customer.addAttachment.5: white space may stand anywhere
		spread := strings.Join(strings.Split(b64(all), ""), " \r\n\t")
		for _, data := range []string{"\n  " + spread + "\n", strings.Join(slicesOf(b64(all), 76), "\r\n"), strings.Join(slicesOf(b64(all), 1), "\n")} {
			id := w.customer("addAttachment", key, "x", "y", data).must().text("attachmentId")
			if got := w.download(key, id)[2]; got != string(all) {
				t.Errorf("%.40q: got %d bytes, want 256", data, len(got))
			}
		}
		// Toolkits that know the parameter as binary send the same text with another type.
		body := bytes.Replace(request(t, w.style, "customer", "addAttachment", []any{key, "x", "y", b64(all)}),
			[]byte(`<data i:type="x:string">`), []byte(`<data i:type="x:base64Binary">`), 1)
		if got := w.download(key, w.post("customer", "addAttachment", body).must().text("attachmentId"))[2]; got != string(all) {
			t.Errorf("sent as base64Binary: got %d bytes, want 256", len(got))
		}
		// customer.addAttachment.5: nothing is a file of 0 bytes
		for _, nothing := range []any{"", " \n", absent{}} {
			id := w.customer("addAttachment", key, "x", "y", nothing).must().text("attachmentId")
			same(t, "an empty file", w.download(key, id), []string{"x", "y", ""})
		}
	})
}

func slicesOf(s string, n int) []string {
	var list []string
	for ; len(s) > n; s = s[n:] {
		list = append(list, s[:n])
	}
	return append(list, s)
}

func TestAddAttachmentRefuses(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		// customer.addAttachment.5
		for _, bad := range []string{"*", "QUJD*", "QUJ_", "QU-D", "Q", "QQ", "QQ=", "QQ===", "QUI", "QUI==", "QUJD=", "QUJD====", "=", "====", "Q=Q=", "=QUJ", "QQ==QQ==", "QUJD,QUJD", "hello world!", "å"} {
			w.keepsFiles(func() {
				w.customer("addAttachment", key, "x", "y", bad).want("16").empty("customer", "addAttachment")
			})
			if got := w.lastError(key); got != skranke.CodeUnknownAttachment.Text() {
				t.Errorf("%q: the last error is %q", bad, got)
			}
		}
		w.keepsFiles(func() { w.customer("addAttachment", "", "x", "y", "*").want("16") })
		w.keepsFiles(func() {
			for _, dead := range []string{"x", w.logInUser("ada")} { // types.session.6: never taken for nobody
				w.customer("addAttachment", dead, "x", "y", "QQ==").want("5").empty("customer", "addAttachment")
			}
			w.customer("addAttachment", "x", "x", "y", "*").want("5") // types.check_order
		})
	})
	w := newWorld(t, func(o *desk.Options) { o.MaxAttachment = 100_000 })
	key := w.logIn("kari")
	w.upload(key, "x", "y", strings.Repeat("x", 100_000))
	w.keepsFiles(func() { // types.limit.2
		w.customer("addAttachment", key, "x", "y", b64(make([]byte, 100_001))).want("7").empty("customer", "addAttachment")
		w.customer("addAttachment", "", "x", "y", b64(make([]byte, 200_000))).want("7")
	})
	if strings.Contains(w.log.String(), "call failed") {
		t.Errorf("a file that is too large is no failure of the server: %s", w.log)
	}
}

// customer.addAttachment.4, customer.addAttachment.6, types.limit.1
func TestAttachmentNames(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		long := strings.Repeat("å", 255)
		for _, c := range []struct{ name, contentType, wantName, wantType string }{
			{"log.txt", "text/plain", "log.txt", "text/plain"},
			{`C:\Documents and Settings\John\My Documents\log.txt`, "text/html", "log.txt", "text/html"}, // as in the example
			{"/etc/passwd", "application/msword", "passwd", "application/msword"},
			{`a/b\c.d`, "application/x-zip", "c.d", "application/x-zip"},
			{`a\b/c.d`, "anything at all; charset=\"x\"", "c.d", "anything at all; charset=\"x\""},
			{"../../up.txt", "Text/HTML", "up.txt", "Text/HTML"},
			{"", "", "attachment", "application/octet-stream"},
			{"folder/", "x", "attachment", "x"}, {`\`, "x", "attachment", "x"}, {" \t ", "x", "attachment", "x"},
			{"a\tb\nc\u0085d\u007f.txt", "x", "abcd.txt", "x"},
			{" Årsrapport <2020> & 日本 \U0001F4C4.pdf ", "x", " Årsrapport <2020> & 日本 \U0001F4C4.pdf ", "x"}, // types.input.1: names are not trimmed
			{long, long, long, long}, {long + "æ.txt", long + "æ", long, long}, // types.input.5: code points
			{"/" + long + "/" + long + "x", "x", long, "x"},
		} {
			same(t, fmt.Sprintf("%.40q", c.name), w.download(key, w.upload(key, c.name, c.contentType, "content")), []string{c.wantName, c.wantType, "content"})
		}
		id := w.customer("addAttachment", key, absent{}, absent{}, "QQ==").must().text("attachmentId")
		same(t, "neither name nor type", w.download(key, id), []string{"attachment", "application/octet-stream", "A"})
	})
}

// customer.addAttachment.2, customer.addAttachment.3, customer.addAttachment.7
func TestUploadsAreLinked(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		anonymous, own := w.upload("", "a.txt", "text/a", "of nobody"), w.upload(key, "b.txt", "text/b", "of Kari")
		if anonymous == own || w.attachment(anonymous).Uploader != (skranke.Uploader{}) || w.attachment(own).Uploader != (skranke.Uploader{Customer: kari}) {
			t.Errorf("got %s of %+v and %s of %+v", anonymous, w.attachment(anonymous).Uploader, own, w.attachment(own).Uploader)
		}
		for _, caller := range []string{"", key, w.logIn("ola")} { // what nobody stored nobody gets back
			w.customer("getAttachment", caller, anonymous).want("16").empty("customer", "getAttachment")
		}
		w.customer("addMessage", w.logIn("ola"), "not his", "1012", "2", []string{own}).want("16")
		message := w.customer("addMessage", key, "see the files", "1012", "2", []string{own, anonymous}).must().text("messageId")
		for _, reader := range []string{key, w.logIn("ola")} {
			info := w.customer("getMessage", reader, message, []string{}).must().rows("attachmentInfo")
			same(t, "attachmentInfo", info, []string{own + "|b.txt|text/b", anonymous + "|a.txt|text/a"})
			same(t, "fetched", w.download(reader, own), []string{"b.txt", "text/b", "of Kari"})
			same(t, "fetched", w.download(reader, " 000"+anonymous+"\n"), []string{"a.txt", "text/a", "of nobody"}) // types.input.2
		}
	})
}

// customer.getAttachment.1, customer.getAttachment.3, types.acl.1, types.acl.4
func TestWhoGetsAttachments(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addFaq)
		keys := map[string]string{"": ""}
		for _, name := range []string{"kari", "ola", "siv", "lone", "lars", "gro"} {
			keys[name] = w.logIn(name)
		}
		who := func(what, id string, may ...string) {
			t.Helper()
			want := map[string]bool{}
			for _, name := range may {
				want[name] = true
			}
			for name, key := range keys {
				refused := w.customer("getAttachment", key, "99999").want("16").raw
				a := w.customer("getAttachment", key, id)
				if want[name] {
					a.want("0")
				} else if a.want("16").empty("customer", "getAttachment"); a.raw != refused { // types.acl.4
					t.Errorf("%s: %q is refused with another answer:\n%s\n%s", what, name, a.raw, refused)
				}
				if a.code != "0" && a.code != "16" {
					t.Errorf("%s as %q", what, name)
				}
			}
		}
		file := func(n int) string {
			return w.upload(keys["lars"], fmt.Sprint("file ", n), "text/plain", fmt.Sprint("content ", n))
		}

		shared := file(1)
		who("a stray", shared, "lars")
		w.attach(1012, skranke.External, shared)
		who("in a readable message", shared, "kari", "ola") // no longer Lars, who stored it
		inner := file(2)
		w.attach(1012, skranke.Internal, inner)
		who("in an internal message", inner)
		who("in an internal message, by its fixed id", "3")
		noLevel := file(3)
		w.attach(1012, 0, noLevel)
		who("in a message of no level", noLevel)
		closed := file(4)
		w.attach(1013, skranke.External, closed)
		w.attach(1015, skranke.External, closed)
		who("in an internal and in a deleted ticket", closed)
		both := file(5)
		w.attach(1018, skranke.External, both)
		who("of Siv", both, "siv")
		w.attach(1012, skranke.Internal, both)
		who("of Siv, and internal", both, "siv")
		w.attach(1017, skranke.External, both)
		who("of Siv, Lone and Kari", both, "siv", "lone", "kari") // one readable link is enough
		ownInner := w.upload(keys["kari"], "own", "x", "own")
		who("Kari's stray", ownInner, "kari")
		w.customer("addMessage", keys["kari"], "among us", "1012", "1", []string{ownInner}).must()
		who("which she made internal", ownInner)

		// customer.getAttachment.1: of the FAQ anybody gets what he sees
		everybody := []string{"", "kari", "ola", "siv", "lone", "lars", "gro"}
		public, member, internal := file(6), file(7), file(8)
		entry := func(id skranke.FaqEntryID, access skranke.FaqAccess, state skranke.FaqState, file string) {
			w.putFaq(faqEntry(id, 2, "entry", func(e *skranke.FaqEntry) {
				e.Access, e.State, e.Attachments = access, state, []skranke.AttachmentID{attachmentID(t, file)}
			}))
		}
		entry(701, skranke.FaqEveryone, skranke.FaqPublished, public)
		entry(702, skranke.FaqRegistered, skranke.FaqPublished, member)
		entry(703, skranke.FaqInternal, skranke.FaqPublished, internal)
		who("of a public entry", public, everybody...)
		who("of an entry for customers", member, everybody[1:]...)
		who("of an entry for agents", internal)
		entry(703, skranke.FaqEveryone, skranke.FaqPublished, inner)
		who("internal in a message, public in the FAQ", inner, everybody...)
		same(t, "anonymously", w.download("", inner), []string{"file 2", "text/plain", "content 2"})
		entry(701, skranke.FaqEveryone, skranke.FaqPublished+1, public)
		who("of an entry that is not published any more", public)
		w.write(func(ctx context.Context, tx *store.WriteTx) error { return tx.SetSetting(ctx, "faq_module", "off") })
		who("of the FAQ, which is switched off", member)
		who("of messages, with the FAQ switched off", shared, "kari", "ola")

		for _, id := range []string{"", "0", "-1", "x", "1.0", "99999999999999999999"} { // types.input.2
			w.customer("getAttachment", keys["kari"], id).want("16").empty("customer", "getAttachment")
		}
		for _, dead := range []string{"x", w.logInUser("ada")} {
			w.customer("getAttachment", dead, shared).want("5").empty("customer", "getAttachment")
		}
		if got := w.lastError(keys["kari"]); got != skranke.CodeUnknownAttachment.Text() {
			t.Errorf("the last error is %q", got)
		}
		w.unchanged(func() { w.customer("getAttachment", keys["ola"], shared).must() })
	})
}

// A file that is gone is told only to those who may have it.
func TestMissingFile(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		id := w.upload(key, "gone.txt", "text/plain", "gone")
		if err := w.db.Blobs().Remove(t.Context(), w.attachment(id).SHA256); err != nil {
			t.Fatal(err)
		}
		w.customer("getAttachment", key, id).want("27").empty("customer", "getAttachment")
		if got := w.lastError(key); got != skranke.CodeFileNotFound.Text() {
			t.Errorf("the last error is %q", got)
		}
		for _, other := range []string{"", w.logIn("ola")} { // types.check_order: access goes before state
			w.customer("getAttachment", other, id).want("16").empty("customer", "getAttachment")
		}
		w.customer("getAttachment", key, "1").want("27") // in a message, and never had a file
		// Stored once more, the same contents are there for both.
		w.upload(key, "again.txt", "text/plain", "gone")
		same(t, "found again", w.download(key, id), []string{"gone.txt", "text/plain", "gone"})
	})
}

func TestDeleteAttachment(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		w.write(addFaq)
		key := w.logIn("kari")
		id := w.upload(key, "a.txt", "text/plain", "deleted")
		a := w.customer("deleteAttachment", " 00"+id+" ").want("0") // customer.deleteAttachment.2: no key is sent
		if len(a.parts) != 1 {
			t.Errorf("the answer has %d parts, want the errorCode alone", len(a.parts))
		}
		w.customer("getAttachment", key, id).want("16")
		w.keepsFiles(func() { w.customer("deleteAttachment", id).want("16") }) // customer.deleteAttachment.3
		w.customer("addMessage", key, "x", "1012", "2", []string{id}).want("16")
		for _, stray := range []string{"50", "51", "52", "53"} { // whoever stored it
			w.customer("deleteAttachment", stray).want("0")
		}

		// customer.deleteAttachment.1: to a message, internal or not, a FAQ entry, a template
		template := w.upload(key, "t.txt", "x", "of a template")
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.InsertReplyTemplate(ctx, &skranke.ReplyTemplate{Name: "With file", Attachments: []skranke.AttachmentID{attachmentID(t, template)}})
		})
		own := w.upload(key, "b.txt", "x", "kept")
		w.customer("addMessage", key, "x", "1012", "2", []string{own}).must()
		for _, linked := range []string{"1", "3", "901", template, own} {
			w.keepsFiles(func() { w.customer("deleteAttachment", linked).want("24") })
		}
		same(t, "what stayed", w.download(key, own), []string{"b.txt", "x", "kept"})

		for _, id := range []string{"", "0", "-1", "x", "99999"} {
			w.keepsFiles(func() { w.customer("deleteAttachment", id).want("16") })
		}

		// Equal contents are one file; deleting one attachment leaves the other's.
		one, other := w.upload(key, "one", "x", "equal"), w.upload(key, "other", "x", "equal")
		w.customer("deleteAttachment", one).want("0")
		same(t, "the other", w.download(key, other), []string{"other", "x", "equal"})
	})
}

// Deleting and linking at one moment: either the file is gone or the message has it.
func TestDeleteWhileLinking(t *testing.T) {
	w := newWorld(t)
	key := w.logIn("kari")
	for range 10 {
		id := w.upload(key, "a.txt", "text/plain", "contended")
		var both sync.WaitGroup
		var deleted, second, linked string
		both.Go(func() { deleted = w.customer("deleteAttachment", id).code })
		both.Go(func() { second = w.customer("deleteAttachment", id).code })
		both.Go(func() { linked = w.customer("addMessage", key, "x", "1012", "2", []string{id}).code })
		both.Wait()
		switch deleted + " " + second + " " + linked {
		case "0 16 16", "16 0 16":
			w.customer("getAttachment", key, id).want("16")
		case "24 24 0":
			w.customer("getAttachment", key, id).want("0")
		default:
			t.Errorf("got delete %s and %s, link %s", deleted, second, linked)
		}
	}
}

// What was uploaded is there after the server was stopped and started.
func TestAttachmentsLast(t *testing.T) {
	w := newWorld(t)
	w.style = soap.Document
	id := w.upload(w.logIn("kari"), "a.txt", "text/plain", "for long")
	w.restart()
	same(t, "after a restart", w.download(w.logIn("kari"), id), []string{"a.txt", "text/plain", "for long"})
}

package ports_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"skranke"
	"skranke/desk"
	"skranke/store"
)

func TestAgentLists(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		// ticket.getCategories.1, ticket.getCategories.2, ticket.getCategories.3, ticket.common.13, tt.struct.7
		same(t, "categories", w.agent("getCategories", key).want("0").rows("categoryIds"), []string{
			"1|Help|-1|false", "6|Account|1|false", "7|account|1|false", "4|billing|1|false", "2|Hardware|1|true", "3|Apps|2|false", "5|Not for customers|-1|true",
		})
		// ticket.getPriorities.1, ticket.getPriorities.2
		same(t, "priorities", w.agent("getPriorities", key).want("0").rows("priorities"), []string{
			"6|Idle|1", "1|Low|10", "5|Also low|10", "2|Normal|20", "3|High|30",
		})
		// ticket.getExtraFields.2, ticket.getExtraFields.3
		same(t, "fields of customers", w.agent("getExtraFields", key, " CUSTOMER ").want("0").rows("extraFields"), []string{
			"customer.x_301|Shoe size|301|TypeVarchar", "customer.x_302|Mood|302|TypeVarchar",
		})
		fields := w.agent("getExtraFields", key, "ticket").want("0").rows("extraFields")
		if len(fields) != len(extraKinds)+12 || fields[0] != "ticket.x_210|First|210|TypeVarchar" {
			t.Errorf("got %d fields of tickets: %q", len(fields), fields)
		}
		var names []string
		for _, f := range fields {
			name, _, _ := strings.Cut(f, "|")
			names = append(names, name)
		}
		if slices.Contains(names, "ticket.x_202") || !slices.Contains(names, "ticket.x_203") || !slices.Contains(names, "ticket.x_201") { // a deleted, a hidden, an internal one
			t.Errorf("got %q", names)
		}
		if got := w.agent("getTicket", key, "1012", names).want("0").rows("ticketResult"); len(got) != len(names) {
			t.Errorf("getTicket knows %d of %d names", len(got), len(names))
		}
		for _, bad := range []string{"", "user", "ticket.", "x"} { // ticket.getExtraFields.1
			w.agent("getExtraFields", key, bad).want("11").empty("ticket", "getExtraFields")
		}
		for _, name := range []string{"getCategories", "getPriorities", "getExtraFields", "getActiveTicketsStatus"} {
			w.agent(name, w.logIn("kari")).want("5").empty("ticket", name)
		}
	})
}

func TestActiveTicketsStatus(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		of := func(user string) []string {
			t.Helper()
			return w.agent("getActiveTicketsStatus", w.logInUser(user)).want("0").rows("ticketStatusResult")
		}
		same(t, "of Ada", of("ada"), []string{"1012|1"})
		same(t, "of Bo", of("bo"), []string{}) // ticket.getActiveTicketsStatus.3
		for id, status := range map[skranke.TicketID]skranke.ReadStatus{1018: skranke.Yellow, 1016: skranke.Red, 1030: 0, 1027: skranke.Red, 1028: skranke.Red, 1015: skranke.Red, 1019: skranke.Red} {
			w.updateTicket(id, func(t *skranke.Ticket) { t.Owner, t.ReadStatus = ada, status })
		}
		// ticket.getActiveTicketsStatus.1, ticket.getActiveTicketsStatus.2
		want := []string{"1012|1", "1016|3", "1018|2", "1030|3"}
		same(t, "of Ada", of("ada"), want)
		// ticket.common.11: the user acted for counts, not the one whose password it was
		acting := w.agent("loginAsUser", "2", "bo", userPassword).must().text("sessionKey")
		same(t, "acting for Ada", w.agent("getActiveTicketsStatus", acting).want("0").rows("ticketStatusResult"), want)
	})
}

func TestLoginAsUser(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		// ticket.loginAsUser.1, ticket.loginAsUser.2, ticket.loginAsUser.3, ticket.loginAsUser.4
		emils := w.agent("loginAsUser", " 06 ", "ada", userPassword).must().text("sessionKey") // no administrator himself
		own := w.agent("loginAsUser", "2", "ADA", userPassword).must().text("sessionKey")
		w.agent("getTicket", own, "1012").want("0")
		id := ticketID(t, w.newTicket(newTicketArgs{key: emils, sLevel: "2", category: "1", priority: "1", owner: "1"}))
		if got := w.ticket(id); got.CreatedBy != emil || got.Author != "emil" { // ticket.common.11
			t.Errorf("made by %d, %q", got.CreatedBy, got.Author)
		}
		for _, bad := range []struct{ id, name, password, code string }{
			{"6", "ada", "wrong", "2"}, {"6", "nobody", userPassword, "2"}, {"6", "ron", userPassword, "2"}, {"99", "ada", "", "2"},
			{"2", "emil", userPassword, "4"}, {"99", "emil", userPassword, "4"}, // the credentials go first
			{"99", "ada", userPassword, "34"}, {"5", "ada", userPassword, "34"}, {"1", "ada", userPassword, "34"}, {"", "ada", userPassword, "34"},
			{"0", "ada", userPassword, "34"}, {"-1", "ada", userPassword, "34"}, {"x", "ada", userPassword, "34"}, {"4", "ada", userPassword, "34"},
		} {
			w.agent("loginAsUser", bad.id, bad.name, bad.password).want(bad.code).empty("ticket", "loginAsUser")
		}
		w.updateUser(ada, func(u *skranke.User) { u.Access = 0 })
		w.agent("getTicket", emils, "1012").want("4") // ticket.common.10: the right of who logged in
		w.agent("logout", emils).want("0")
	})
}

// ticket.common.20, types.sec.1
func TestLoginAsUserIsBraked(t *testing.T) {
	w := newWorld(t)
	for range 10 {
		w.agent("loginAsUser", "6", "ada", "wrong").want("2")
	}
	w.agent("loginAsUser", "6", "ada", userPassword).want("2")
	w.agent("login", "ada", userPassword).want("2")
	w.agent("loginAsUser", "6", "bo", userPassword).want("0")
}

func TestOlderAddMessages(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("bo")
		// ticket.addMessage.1, ticket.addMessage.2, ticket.addMessage.4, ticket.addMessage.6, ticket.addMessage.7
		a := w.agent("addMessage", key, " <b>plain</b> ", "1012", "1", []string{"52", "3", "52"}, true).want("0")
		m := w.message(messageID(t, a, "messageID"))
		if m.Body != " <b>plain</b> " || m.HTMLBody != "" || m.Kind != skranke.Plain || m.SLevel != skranke.Internal || m.CreatedBy != bo ||
			m.Author != "Bo Berg" || !slices.Equal(m.Attachments, []skranke.AttachmentID{52, 3}) {
			t.Errorf("stored %+v", m)
		}
		ids := w.agent("getTicket", key, "1012").list("messageIds")
		if ids[len(ids)-1] != a.text("messageID") {
			t.Errorf("%s is not the last of %q", a.text("messageID"), ids)
		}
		same(t, "of Ada", w.notifications(ada), []string{"type 2 ticket 1012 by 7"})
		same(t, "log", w.logActions(1012), []string{"16 customer 0 user 7 message false", "10011 customer 0 user 7 message true"})
		if got := w.mails(); got != 0 {
			t.Errorf("%d mails", got)
		}
		// ticket.addMessage.3
		before := w.ticket(1028)
		w.agent("addMessage", key, "", "1028", "2").want("0")
		if got := w.ticket(1028); got.Status != before.Status || got.TicketStatus != before.TicketStatus || !got.ClosedAt.Equal(before.ClosedAt) {
			t.Errorf("ticket: %+v", got)
		}
		for _, bad := range []struct {
			ticket, sLevel string
			files          []string
			code           string
		}{
			{"9999", "3", []string{"99"}, "13"}, {"1012", "3", []string{"99"}, "10"}, {"1012", "2", []string{"1", "99"}, "16"}, // ticket.addMessage.8
		} {
			w.unchanged(func() {
				w.agent("addMessage", key, "b", bad.ticket, bad.sLevel, bad.files, true).want(bad.code).empty("ticket", "addMessage")
				w.agent("addMessage2", key, "b", "", bad.ticket, bad.sLevel, bad.files, true).want(bad.code).empty("ticket", "addMessage2")
				w.agent("addMessage2", key, "b", "999", bad.ticket, bad.sLevel, bad.files, true).want("7").empty("ticket", "addMessage2") // ticket.addMessage2.3
			})
		}

		// ticket.addMessage2.1, ticket.addMessage2.2, ticket.addMessage2.4
		a = w.agent("addMessage2", key, "own words", "0", "1016", "1", []string{}, false, "per@example.no", []string{"nonsense"}, []string{"bcc@example.no"}).want("0")
		m = w.message(messageID(t, a, "messageID"))
		if got := fmt.Sprint(m.Body, m.Kind, m.To, m.Cc, m.Bcc); got != fmt.Sprint("own words", skranke.Plain, []string{"per@example.no"}, []string(nil), []string{"bcc@example.no"}) {
			t.Errorf("stored %s", got)
		}
		if got := w.mails(); got != 1 {
			t.Errorf("%d mails, want 1", got)
		}
		// ticket.addMessage2.5
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.InsertReplyTemplate(ctx, &skranke.ReplyTemplate{ID: 5, Name: "Both", Bodies: []skranke.TemplateBody{
				{Flags: skranke.BodyDefault | skranke.BodyPlain | skranke.BodyHTML, Plain: "plain [[message.body]]", HTML: "<p>[[message.bodyHtml]]</p>"}}})
		})
		a = w.agent("addMessage2", key, "a\nb", "5", "1016", "2").want("0")
		same(t, "from a template", w.agent("getMessage", key, a.text("messageID"), []string{"message.body", "message.html_body"}).rows("messageResult"),
			[]string{"message.body|plain a\nb|TypeClob", "message.html_body|<p>a<br>\nb</p>|TypeClob"})
		if got := w.message(messageID(t, a, "messageID")).Kind; got != skranke.HTML {
			t.Errorf("kind %d", got)
		}
	})
}

func TestAgentAttachments(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		content := strings.Repeat("\x00\xff<bytes>", 10_000)
		add := func(name, contentType string, data any) skranke.AttachmentID {
			t.Helper()
			a := w.agent("addAttachment", key, name, contentType, data).must()
			return attachmentID(t, a.text("attachmentId"))
		}
		// ticket.addAttachment.1, ticket.addAttachment.2, ticket.addAttachment.3, ticket.addAttachment.4, ticket.addAttachment.5
		id := add(`C:\x/y.txt`, "", b64([]byte(content)))
		file := w.attachment(fmt.Sprint(id))
		if file.Name != "y.txt" || file.ContentType != "application/octet-stream" || file.Uploader != (skranke.Uploader{User: ada}) {
			t.Errorf("stored %+v", file)
		}
		if len(file.Key) < 22 || len(file.Key) > 255 || w.attachment(fmt.Sprint(add("", "x", ""))).Key == file.Key { // tt.struct.5
			t.Errorf("key %q", file.Key)
		}
		message := w.agent("addMessage", key, "b", "1018", "2", []string{fmt.Sprint(id)}).must().text("messageID")
		info := strings.Split(w.agent("getMessage", key, message).rows("attachmentInfo")[0], "|")
		// ticket.getAttachment.1, ticket.getAttachment.5, ticket.getMessage.4
		a := w.agent("getAttachment", key, info[0], info[3]).must()
		got, err := base64.StdEncoding.DecodeString(a.text("data"))
		if err != nil || string(got) != content || a.text("attachmentName") != "y.txt" || a.text("contentType") != "application/octet-stream" {
			t.Errorf("got %d bytes, %v, %q", len(got), err, a.text("attachmentName"))
		}
		spread := w.agent("getAttachment", key, fmt.Sprint(id), file.Key).must()
		if spread.text("data") != a.text("data") {
			t.Error("the same file twice is two files")
		}
		empty := add("e", "x", absent{})
		if a := w.agent("getAttachment", key, fmt.Sprint(empty), w.attachment(fmt.Sprint(empty)).Key).must(); a.text("data") != "" {
			t.Errorf("an empty file has %q", a.text("data"))
		}
		w.agent("addAttachment", key, "x", "y", "*").want("16").empty("ticket", "addAttachment")
		w.agent("addAttachment", "", "x", "y", "QQ==").want("5").empty("ticket", "addAttachment")

		// ticket.getAttachment.3
		right := file.Key
		for _, bad := range []struct{ key, id, secret, code string }{
			{key, "99999", right, "16"}, {key, "x", right, "16"}, {key, "", "", "16"},
			{key, info[0], "", "16"}, {key, info[0], right + "x", "16"}, {key, info[0], right[1:], "16"}, {key, info[0], strings.ToLower(right) + " ", "16"},
			{"", info[0], "wrong", "16"}, {"", "99999", right, "16"}, {"", info[0], right, "5"}, // ticket.getAttachment.2
			{"x", info[0], right, "5"}, {w.logIn("siv"), info[0], right, "5"},
		} {
			w.agent("getAttachment", bad.key, bad.id, bad.secret).want(bad.code).empty("ticket", "getAttachment")
		}
		w.updateUser(bo, func(u *skranke.User) { u.Access = 0 })
		if err := w.db.Blobs().Remove(t.Context(), file.SHA256); err != nil {
			t.Fatal(err)
		}
		w.agent("getAttachment", key, info[0], right).want("27").empty("ticket", "getAttachment") // ticket.getAttachment.4
		w.agent("getAttachment", key, info[0], "wrong").want("16")
		w.write(func(ctx context.Context, tx *store.WriteTx) error { // a file that came without a key is nobody's
			return tx.InsertAttachment(ctx, &skranke.Attachment{ID: 77, Name: "no key"})
		})
		w.agent("getAttachment", key, "77", "").want("16")

		w.write(addFaq) // ticket.getAttachment.2
		public, members := add("p", "x", "QQ=="), add("m", "x", "QQ==")
		w.putFaq(
			faqEntry(701, 2, "entry", func(e *skranke.FaqEntry) {
				e.Access, e.State, e.Attachments = skranke.FaqEveryone, skranke.FaqPublished, []skranke.AttachmentID{public}
			}),
			faqEntry(702, 2, "entry", func(e *skranke.FaqEntry) {
				e.Access, e.State, e.Attachments = skranke.FaqRegistered, skranke.FaqPublished, []skranke.AttachmentID{members}
			}))
		for id, code := range map[skranke.AttachmentID]string{public: "0", members: "5"} {
			w.agent("getAttachment", "", fmt.Sprint(id), w.attachment(fmt.Sprint(id)).Key).want(code)
			w.agent("getAttachment", "", fmt.Sprint(id), "wrong").want("16")
			w.agent("getAttachment", key, fmt.Sprint(id), w.attachment(fmt.Sprint(id)).Key).want("0")
		}
	})
	w := newWorld(t, func(o *desk.Options) { o.MaxAttachment = 1000 })
	key := w.logInUser("ada")
	w.agent("addAttachment", key, "x", "y", b64(make([]byte, 1001))).want("7").empty("ticket", "addAttachment")
	w.agent("addAttachment", key, "x", "y", b64(make([]byte, 1000))).want("0")
}

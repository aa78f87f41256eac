package ports_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/store"
)

// tell makes a notification for a user.
func (w *world) tell(user skranke.UserID, kind skranke.NotificationType, ticket skranke.TicketID, message string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		return tx.InsertNotification(ctx, &skranke.Notification{User: user, Type: kind, CreatedBy: skranke.SystemUser, Ticket: ticket, Message: message, CreatedAt: w.clock.now()})
	})
}

func (w *world) alloc(key, source string) string {
	w.t.Helper()
	return w.agent("allocUserNotifications", key, source).must().text("notificationKey")
}

func TestNotifications(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		adas, bos := w.logInUser("ada"), w.logInUser("bo")
		fetch := func(session, key string) []string {
			t.Helper()
			return w.agent("getUserNotifications", session, key).want("0").rows("userNotifications")
		}
		refused := func(session, key string) {
			t.Helper()
			w.agent("getUserNotifications", session, key).want("26").empty("ticket", "getUserNotifications")
		}
		w.tell(ada, skranke.NotifyNewTicket, 1012, "before anybody asked")
		w.tell(bo, skranke.NotifyAlert, 1013, "of Bo")
		key := w.alloc(adas, "desk") // ticket.allocUserNotifications.4: nothing is discarded, and Bo is not blocked
		bosKey := w.alloc(bos, "desk")
		w.newTicket(newTicketArgs{key: bos, sLevel: "2", category: "1", priority: "1", owner: "2", notify: true}).must()
		w.tell(ada, skranke.NotifyCustom, 0, "own words") // ticket.getUserNotifications.5
		got := fetch(adas, key)
		// ticket.getUserNotifications.1, ticket.getUserNotifications.4, tt.notification.1, tt.notification.2
		if len(got) != 3 || got[0] != "1|1|1012|before anybody asked" || !strings.HasPrefix(got[1], "1|7|") || !strings.Contains(got[1], ", title") || got[2] != "1024|1|-1|own words" {
			t.Errorf("got %q", got)
		}
		same(t, "once", fetch(adas, key), []string{})
		refused(adas, bosKey) // ticket.getUserNotifications.3: another user's
		refused(bos, key)
		same(t, "of Bo", fetch(bos, bosKey), []string{"4|1|1013|of Bo"})

		w.tell(ada, skranke.NotifyTakeOver, 1012, "second")
		for _, bad := range []string{"", "x", strings.ToLower(key), key + "x"} {
			refused(adas, bad)
		}
		// ticket.allocUserNotifications.2: the first holds on
		w.agent("allocUserNotifications", adas, "other").want("26").empty("ticket", "allocUserNotifications")
		w.agent("allocUserNotifications", adas, "Desk").want("26")
		// ticket.allocUserNotifications.1, ticket.getUserNotifications.2: every use renews it, also when there is nothing
		for range 3 {
			w.clock.advance(5 * time.Minute)
			fetch(adas, key)
		}
		w.tell(ada, skranke.NotifyTakeOver, 1012, "third")
		w.agent("allocUserNotifications", adas, "other").want("26")
		again := w.alloc(adas, "desk") // ticket.allocUserNotifications.3
		refused(adas, key)
		w.clock.advance(5*time.Minute + time.Millisecond)
		refused(adas, again)
		other := w.alloc(adas, "")
		refused(adas, again)
		same(t, "after the others", fetch(adas, other), []string{"64|1|1012|third"})

		w.agent("allocUserNotifications", adas, strings.Repeat("x", 256)).want("7").empty("ticket", "allocUserNotifications")
		// ticket.logout.2: the key outlives the session
		w.agent("logout", adas).must()
		adas = w.agent("loginAsUser", "2", "bo", userPassword).must().text("sessionKey")
		same(t, "in another session", fetch(adas, other), []string{})
		w.agent("getUserNotifications", "x", other).want("5")
		w.holdsNoText(other, key)

		// ticket.common.19
		w.tell(ada, skranke.NotifyAlert, 1012, "misspelt")
		body := strings.ReplaceAll(string(request(t, w.style, "ticket", "getUserNotifications", []any{adas, other})), "getUserNotifications", "getUserNotfications")
		same(t, "misspelt", w.post("ticket", "getUserNotfications", []byte(body)).want("0").rows("userNotifications"), []string{"4|1|1012|misspelt"})
	})
}

// ticket.getUserNotifications.1: delivered once, also when calls race.
func TestNotificationsAtOnce(t *testing.T) {
	w := newWorld(t)
	session := w.logInUser("ada")
	key := w.alloc(session, "desk")
	want := []string{}
	for i := range 40 {
		w.tell(ada, skranke.NotifyAlert, 1012, fmt.Sprintf("%02d", i))
		want = append(want, fmt.Sprintf("4|1|1012|%02d", i))
	}
	var mu sync.Mutex
	var got []string
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			rows := w.agent("getUserNotifications", session, key).want("0").rows("userNotifications")
			mu.Lock()
			defer mu.Unlock()
			got = append(got, rows...)
		})
	}
	all.Wait()
	slices.Sort(got)
	same(t, "of all calls", got, want)
}

func TestSetUserIdleTime(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.agent("loginAsUser", "6", "ada", userPassword).must().text("sessionKey")
		idle := func(user skranke.UserID) (d time.Duration) {
			w.read(func(ctx context.Context, tx *store.ReadTx) (err error) {
				d, err = tx.Idle(ctx, user)
				return err
			})
			return d
		}
		// ticket.setUserIdleTime.1, ticket.setUserIdleTime.2
		for _, seconds := range []int{30, 700, 0, 9} {
			w.agent("setUserIdleTime", key, fmt.Sprintf(" %d ", seconds)).want("0")
			if got := idle(emil); got != time.Duration(seconds)*time.Second {
				t.Errorf("%d seconds are stored as %v", seconds, got)
			}
		}
		for _, bad := range []string{"", "-1", "x", "1.5", "99999999999999999999"} { // ticket.setUserIdleTime.3
			w.agent("setUserIdleTime", key, bad).want("7")
		}
		if idle(emil) != 9*time.Second || idle(ada) != 0 {
			t.Errorf("Emil %v, Ada %v", idle(emil), idle(ada))
		}
		w.agent("setUserIdleTime", "x", "1").want("5")
	})
}

func TestReplyTemplates(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		same(t, "no folders", w.agent("getReplyTemplateFolders", key).want("0").rows("replyTemplateFolders"), []string{})
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			for _, f := range []skranke.TemplateFolder{
				{ID: 1, Name: "mail", Parent: 3}, {ID: 2, Name: "Chat", Description: "In a chat", Parent: 3}, {ID: 3, Name: "Zoo"}, {ID: 4, Name: "all", Parent: 99},
				{ID: 5, Name: "round", Parent: 6}, {ID: 6, Name: "Round", Parent: 5}, {ID: 7, Name: "chat", Parent: 3},
			} {
				if err := tx.InsertTemplateFolder(ctx, &f); err != nil {
					return err
				}
			}
			for _, r := range []skranke.ReplyTemplate{
				{ID: 9, Folder: 2, Name: "b", Description: "Second"}, {ID: 8, Folder: 2, Name: "B"}, {ID: 7, Folder: 1, Name: "only", Bodies: []skranke.TemplateBody{
					{ID: 3, Language: 2, Subject: "Emne [[ticket.id]]", Header: "X-A: 1\r\n", Plain: "norsk %x%", HTML: "<p>", Flags: skranke.BodyPlain},
					{ID: 4, Language: 1, Plain: "english", Flags: skranke.BodyDefault | skranke.BodyHTML},
				}}, {ID: 6, Name: "loose", Bodies: []skranke.TemplateBody{{ID: 9, Plain: "nine"}, {ID: 8, Plain: "eight"}}}, {ID: 5, Folder: 3, Name: "empty"},
			} {
				if err := tx.InsertReplyTemplate(ctx, &r); err != nil {
					return err
				}
			}
			return nil
		})
		// ticket.getReplyTemplateFolders.1
		same(t, "folders", w.agent("getReplyTemplateFolders", key).want("0").rows("replyTemplateFolders"), []string{
			"4||all|-1", "3||Zoo|-1", "2|In a chat|Chat|3", "7||chat|3", "1||mail|3", "5||round|-1", "6||Round|5",
		})
		// ticket.getReplyTemplates.1, ticket.getReplyTemplates.2
		a := w.agent("getReplyTemplates", key, "2").want("0")
		same(t, "in a folder", append(a.rows("replyTemplates"), a.text("description"), a.text("name")), []string{"8|B|2", "9|Second|2", "In a chat", "Chat"})
		a = w.agent("getReplyTemplates", key, "3").want("0") // no subfolders
		same(t, "in a folder", append(a.rows("replyTemplates"), a.text("description"), a.text("name")), []string{"5|empty|3", "", "Zoo"})
		for _, all := range []string{"-1", "", " -1 "} {
			a = w.agent("getReplyTemplates", key, all).want("0")
			same(t, "all", append(a.rows("replyTemplates"), a.text("description"), a.text("name")), []string{"6|loose|-1", "7|only|1", "8|B|2", "9|Second|2", "5|empty|3", "", ""})
		}
		for _, bad := range []string{"0", "99", "x", "-2"} { // ticket.getReplyTemplates.3
			w.agent("getReplyTemplates", key, bad).want("7").empty("ticket", "getReplyTemplates")
		}

		template := func(id, language string) string {
			t.Helper()
			var texts []string
			for _, p := range w.agent("getReplyTemplate", key, id, language).want("0").parts[1:] {
				texts = append(texts, p.text)
			}
			return strings.Join(texts, "|")
		}
		for _, test := range []struct{ id, language, want string }{
			{"7", "2", "Emne [[ticket.id]]|X-A: 1\r\n|norsk %x%|<p>|true|false"},                                                                               // ticket.getReplyTemplate.1, ticket.getReplyTemplate.4: stored, though off
			{"7", "1", "||english||false|true"}, {"7", "-1", "||english||false|true"}, {"7", "", "||english||false|true"}, {"7", "0", "||english||false|true"}, // ticket.getReplyTemplate.2
			{"6", "1", "||eight||false|false"}, {"5", "1", "||||false|false"},
		} {
			if got := template(test.id, test.language); got != test.want {
				t.Errorf("template %s in %s: got %q, want %q", test.id, test.language, got, test.want)
			}
		}
		for _, bad := range []struct{ id, language, code string }{
			{"7", "3", "23"}, {"7", "x", "23"}, // ticket.getReplyTemplate.3
			{"99", "1", "7"}, {"", "1", "7"}, {"-1", "1", "7"}, {"99", "99", "7"}, // ticket.getReplyTemplate.5
		} {
			w.agent("getReplyTemplate", key, bad.id, bad.language).want(bad.code).empty("ticket", "getReplyTemplate")
		}
		// The names as they are printed
		body := strings.NewReplacer("sessionKey", "psessionKey", "replyTemplateId", "p_replyTemplateId", "languageId", "p-languageId").Replace(
			string(request(t, w.style, "ticket", "getReplyTemplate", []any{key, "7", "2"})))
		if got := w.post("ticket", "getReplyTemplate", []byte(body)).want("0").text("plainBody"); got != "norsk %x%" {
			t.Errorf("got %q", got)
		}
	})
	w := newWorldOf(t, func(ctx context.Context, tx *store.WriteTx) error {
		for _, fill := range []func(context.Context, *store.WriteTx) error{addRanges, addUsers} {
			if err := fill(ctx, tx); err != nil {
				return err
			}
		}
		return tx.InsertReplyTemplate(ctx, &skranke.ReplyTemplate{ID: 7, Name: "x", Bodies: []skranke.TemplateBody{{Language: 2, Plain: "norsk"}, {Plain: "default", Flags: skranke.BodyDefault}}})
	})
	key := w.logInUser("ada")
	for _, any := range []string{"2", "99", "x", "-1"} { // ticket.getReplyTemplate.3: no languages, no matter
		if got := w.agent("getReplyTemplate", key, "7", any).want("0").text("plainBody"); got != "default" {
			t.Errorf("language %q: got %q", any, got)
		}
	}
}

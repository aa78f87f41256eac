package ports_test

import (
	"fmt"
	"slices"
	"testing"

	"skranke"
)

var messageFields = []string{"message.id", "message.body", "message.html_body", "message.header", "message.created_at", "message.author"}

func TestGetMessage(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logIn("kari")
		// customer.getMessage.1, customer.getMessage.2, customer.getMessage.5
		a := w.customer("getMessage", key, "11", messageFields).want("0")
		same(t, "message 11", a.rows("messageResult"), []string{
			"message.id|11|TypeInteger", "message.body|first|TypeClob", "message.html_body||TypeClob", "message.header||TypeClob",
			"message.created_at|2021-01-25 09-00-00.000|TypeDateTime", "message.author|Ada Byron Lind|TypeVarchar",
		})
		// customer.getMessage.3, customer.getMessage.6: in the order of linking, and without a key
		same(t, "files of 11", a.rows("attachmentInfo"), []string{"2|smile.png|image/png", "1|log.txt|text/plain"})
		same(t, "files of 11, nothing asked", w.customer("getMessage", key, "11").want("0").rows("attachmentInfo"), []string{"2|smile.png|image/png", "1|log.txt|text/plain"})
		if len(a.parts) != 3 || a.parts[1].name != "messageResult" || a.parts[2].name != "attachmentInfo" {
			t.Errorf("got other parts:\n%s", a.raw)
		}

		// customer.getMessage.5, customer.getMessage.6: no Bcc line, with its continuation, gets out
		a = w.customer("getMessage", key, "13", messageFields).want("0")
		same(t, "message 13", a.rows("messageResult"), []string{
			"message.id|13|TypeInteger", "message.body|same moment|TypeClob", "message.html_body|<p>same&nbsp;moment</p>\r\n|TypeClob",
			"message.header|From: a@example.no\r\nSubject: x\r\nX-Bcc-Not: kept\r\n|TypeClob",
			"message.created_at|2021-01-25 11-00-00.000|TypeDateTime", "message.author||TypeVarchar",
		})
		// Texts as stored, save for what XML forbids: types.transport.11
		a = w.customer("getMessage", key, "15", []string{"message.body"}).want("0")
		same(t, "message 15", a.rows("messageResult"), []string{"message.body| body\tkept\r\n as <is> & with \U0001F600 |TypeClob"})

		// customer.getMessage.2: order as asked, illegal names skipped, spellings as asked
		a = w.customer("getMessage", key, "13", []string{"message.slevel", "Message.MD_Body", "", "body", "message.bodyHtml", " message.id ", "ticket.id", "message.id", "message.x_1"}).want("0")
		same(t, "spellings", a.rows("messageResult"), []string{
			"Message.MD_Body|<p>same&nbsp;moment</p>\r\n|TypeClob", "message.bodyHtml|<p>same&nbsp;moment</p>\r\n|TypeClob",
			"message.id|13|TypeInteger", "message.id|13|TypeInteger",
		})
	})
}

func TestWhoMayReadMessages(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		for name, may := range map[string][]int{
			"kari": {11, 13, 14, 15, 23, 24}, "ola": {11, 13, 14, 15, 23, 24}, "siv": {22}, "lone": {}, "lars": {}, "gro": {},
		} {
			key := w.logIn(name)
			refused := w.customer("getMessage", key, "99999", messageFields).want("18").empty("customer", "getMessage").raw
			for id := 10; id <= 25; id++ {
				a := w.customer("getMessage", key, fmt.Sprint(id), messageFields)
				if slices.Contains(may, id) {
					a.want("0") // customer.getMessage.1
					continue
				}
				if a.want("18"); a.raw != refused { // customer.getMessage.4, types.acl.1, types.acl.4
					t.Errorf("%s can tell message %d from one that is not there:\n%s", name, id, a.raw)
				}
				if got := w.lastError(key); got != skranke.CodeUnknownMessage.Text() {
					t.Errorf("message %d: last error %q", id, got)
				}
			}
			for _, id := range []string{"", "0", "-1", "11.0", "x", "99999999999999"} { // types.input.2
				if a := w.customer("getMessage", key, id, messageFields).want("18"); a.raw != refused {
					t.Errorf("message %q: got %s", id, a.raw)
				}
			}
		}
		key := w.logIn("kari")
		w.unchanged(func() { w.customer("getMessage", key, " 0011 ", messageFields).want("0") }) // customer.getMessage.6, types.input.2
	})
}

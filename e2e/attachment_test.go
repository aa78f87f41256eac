package e2e

import (
	"encoding/base64"
	"testing"
)

func checkAttachments(t *testing.T, c *client, key string) {
	all := make([]byte, 1000)
	for i := range all {
		all[i] = byte(i)
	}
	data := base64.StdEncoding.EncodeToString(all)

	// customer.addAttachment.1 customer.addAttachment.2 customer.addAttachment.4 customer.addAttachment.6
	// customer.getAttachment.2 customer.getAttachment.3 customer.getAttachment.4 customer.addMessage.3
	// customer.deleteAttachment.1
	t.Run("a file of every byte", func(t *testing.T) {
		r := c.call(t, "addAttachment", key, `C:\Brukere\Åse\alle & <æøå>.bin`, "application/x-zip; navn=\"ø\"", data)
		r.wantCode(t, "0")
		sent := file{r.text(t, "attachmentId"), "alle & <æøå>.bin", "application/x-zip; navn=\"ø\"", ""}
		r = c.call(t, "newTicket", key, "x", "2", demo.category, "-1", []pair{})
		r.wantCode(t, "0")
		r = c.call(t, "addMessage", key, "se vedlegg", r.text(t, "ticketId"), "2", []string{sent.id})
		r.wantCode(t, "0")
		r = c.call(t, "getMessage", key, r.text(t, "messageId"), []string{})
		r.wantCode(t, "0")
		wantEqual(t, "attachmentInfo", files(t, r), []file{sent})

		wantFile(t, c, key, sent, data)
		wantNoFile(t, c, "", sent.id)
		c.call(t, "deleteAttachment", sent.id).wantCode(t, "24")
		wantFile(t, c, key, sent, data)
	})

	// customer.getAttachment.1
	t.Run("a file of the FAQ", func(t *testing.T) {
		wantFile(t, c, "", demo.publicFile, demo.publicData)
		wantFile(t, c, key, demo.publicFile, demo.publicData)
		wantNoFile(t, c, key, demo.internal.files[0].id)
		wantNoFile(t, c, key, demo.missing)
	})

	// customer.addAttachment.3 customer.deleteAttachment.2 customer.deleteAttachment.3
	t.Run("deleteAttachment", func(t *testing.T) {
		for _, data := range []string{data, ""} {
			r := c.call(t, "addAttachment", "", "tom.txt", "text/plain", data)
			r.wantCode(t, "0")
			id := r.text(t, "attachmentId")
			c.call(t, "deleteAttachment", id).wantCode(t, "0")
			c.call(t, "deleteAttachment", id).wantCode(t, "16")
		}
	})

	// customer.addAttachment.5
	t.Run("addAttachment refused", func(t *testing.T) {
		r := c.call(t, "addAttachment", key, "x.txt", "text/plain", "this is no Base64!")
		r.wantCode(t, "16")
		if got := r.text(t, "attachmentId"); got != "" {
			t.Errorf("attachmentId: got %q, want none", got)
		}
		c.call(t, "addAttachment", "no such key", "x.txt", "text/plain", data).wantCode(t, "5")
	})
}

func wantFile(t *testing.T, c *client, key string, want file, data string) {
	t.Helper()
	r := c.call(t, "getAttachment", key, want.id)
	r.wantCode(t, "0")
	got := file{want.id, r.text(t, "attachmentName"), r.text(t, "contentType"), ""}
	wantEqual(t, "attachment", []file{got}, []file{want})
	if got := r.text(t, "data"); got != data {
		t.Errorf("data: got %q, want %q", got, data)
	}
}

func wantNoFile(t *testing.T, c *client, key, id string) {
	t.Helper()
	r := c.call(t, "getAttachment", key, id)
	r.wantCode(t, "16")
	if got := r.text(t, "attachmentName") + r.text(t, "contentType") + r.text(t, "data"); got != "" {
		t.Errorf("attachment: got %q, want nothing", got)
	}
}

package ports_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"skranke"
	"skranke/ports"
	"skranke/soap"
	"skranke/store"
)

// envelope is a document/literal call as foreign clients write it.
func envelope(content string) []byte {
	return []byte(`<Envelope xmlns="` + envelopeSpace + `"><Body>` + content + `</Body></Envelope>`)
}

func TestForeignSpellings(t *testing.T) {
	w := newWorld(t)
	key := w.logIn("kari")
	const want = "ticket.id|1012|TypeRequestId"
	for what, content := range map[string]string{
		// types.transport.9
		"other order":             `<getTicket xmlns="urn:skranke:customer"><ticketFields><item>ticket.id</item></ticketFields><ticketId>1012</ticketId><sessionKey>KEY</sessionKey></getTicket>`,
		"other namespace":         `<getTicket xmlns="urn:elsewhere"><sessionKey xmlns="urn:a">KEY</sessionKey><b:ticketId xmlns:b="urn:b">1012</b:ticketId><ticketFields><item>ticket.id</item></ticketFields></getTicket>`,
		"other case":              `<getTicket xmlns=""><SESSIONKEY>KEY</SESSIONKEY><TicketID>1012</TicketID><ticketfields><x>ticket.id</x></ticketfields></getTicket>`,
		"positions":               `<getTicket xmlns=""><param0>KEY</param0><param1>1012</param1><param2><a>ticket.id</a></param2></getTicket>`,
		"left over in order":      `<getTicket xmlns=""><sessionKey>KEY</sessionKey><number>1012</number><names><a>ticket.id</a></names></getTicket>`,
		"one too many":            `<getTicket xmlns=""><sessionKey>KEY</sessionKey><ticketId>1012</ticketId><ticketFields><a>ticket.id</a></ticketFields><more>x</more></getTicket>`,
		"wrong type named":        `<getTicket xmlns="" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><sessionKey i:type="int">KEY</sessionKey><ticketId i:type="boolean">1012</ticketId><ticketFields><a>ticket.id</a></ticketFields></getTicket>`,
		"operation in other case": `<GETticket xmlns=""><sessionKey>KEY</sessionKey><ticketId>1012</ticketId><ticketFields><a>ticket.id</a></ticketFields></GETticket>`,
		"scalar for an array":     `<getTicket xmlns=""><sessionKey>KEY</sessionKey><ticketId>1012</ticketId><ticketFields>ticket.id</ticketFields></getTicket>`,
	} {
		a := w.post("customer", what, envelope(strings.ReplaceAll(content, "KEY", key)))
		if a.want("0"); a.code == "0" {
			same(t, what, a.rows("ticketResult"), []string{want})
		}
		// ticket.common.3: the same on the ticket port
		a = w.post("ticket", what, envelope(strings.ReplaceAll(content, "KEY", w.logInUser("ada"))))
		if a.want("0"); a.code == "0" {
			same(t, what+" on the ticket port", a.rows("ticketResult"), []string{want})
		}
	}
	// types.transport.9: nil and missing texts are '', nil and missing arrays empty
	for _, content := range []string{
		`<getTicket xmlns=""><sessionKey>KEY</sessionKey><ticketId>1012</ticketId><ticketFields nil="true"/></getTicket>`,
		`<getTicket xmlns="" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><sessionKey>KEY</sessionKey><ticketId>1012</ticketId><ticketFields i:nil="true"/></getTicket>`,
		`<getTicket xmlns=""><sessionKey>KEY</sessionKey><ticketId>1012</ticketId></getTicket>`,
	} {
		w.post("customer", "nil array", envelope(strings.ReplaceAll(content, "KEY", key))).want("0")
	}
	w.post("customer", "nil id", envelope(`<getTicket xmlns="" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><sessionKey>`+key+`</sessionKey><ticketId i:nil="true">1012</ticketId></getTicket>`)).want("13")
	w.post("customer", "nil key", envelope(`<getTicket xmlns="" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><sessionKey i:nil="1"/><ticketId>1012</ticketId></getTicket>`)).want("5")
}

func TestFaults(t *testing.T) {
	w := newWorld(t)
	key := w.logInUser("ada")
	bomb := `<!DOCTYPE a [<!ENTITY b "c">]>`
	for what, body := range map[string][]byte{ // types.transport.7
		"malformed":            []byte(`<Envelope`),
		"no envelope":          []byte(`<a/>`),
		"nothing":              {},
		"no operation":         envelope(``),
		"unknown operation":    envelope(`<dropTickets xmlns="urn:skranke:ticket"/>`),
		"of the customer port": envelope(`<checkPassword xmlns="urn:skranke:ticket"/>`),
		"no getErrorMessage":   envelope(`<getErrorMessage xmlns="urn:skranke:ticket"><sessionKey>` + key + `</sessionKey></getErrorMessage>`),
		"document type":        []byte(bomb + string(envelope(`<logout xmlns=""/>`))),
		"undecodable boolean":  envelope(`<newTicket xmlns=""><sessionKey>` + key + `</sessionKey><sendNotification>perhaps</sendNotification></newTicket>`), // ticket.common.4
	} {
		a := w.post("ticket", what, body)
		if a.fault == "" || a.status != http.StatusInternalServerError {
			t.Errorf("%s: got status %d, %s", what, a.status, a.raw)
		}
		for _, inner := range []string{".go", "panic", "sql", w.dir} {
			if strings.Contains(a.raw, inner) {
				t.Errorf("%s: the fault tells of %q:\n%s", what, inner, a.raw)
			}
		}
	}
	w.agent("getTicket", key, "1012").want("0")
}

// types.limit.2: a body over the maximum is a Fault.
func TestLargeRequests(t *testing.T) {
	w := newWorld(t)
	body := envelope(`<login xmlns=""><username>` + strings.Repeat("x", 65<<20) + `</username></login>`)
	if a := w.post("customer", "large", body); a.fault == "" || a.status != http.StatusInternalServerError {
		t.Errorf("got status %d, %.300s", a.status, a.raw)
	}
}

func TestPortAccess(t *testing.T) {
	w := newWorld(t)
	key, userKey := w.logIn("kari"), w.logInUser("ada")
	for _, test := range []struct {
		from             string
		customer, ticket bool
	}{
		{"", true, true},
		// types.portaccess.1, types.portaccess.3: both ends inclusive, by number
		{"10.0.0.8", false, false}, {"10.0.0.9", true, false}, {"10.0.0.10", true, false}, {"10.0.0.11", false, false}, {"10.0.0.1", false, false},
		{"::ffff:10.0.0.9", true, false},                                                   // mapped addresses count as IPv4
		{"10.0.5.9", false, false}, {"10.0.5.5", false, false}, {"10.0.5.1", false, false}, // from > to
		{"2001:db8::9", false, true}, {"2001:db8::a", false, true}, {"2001:db8::10", false, true}, {"2001:db8::11", false, false}, // types.portaccess.4
		{"127.0.0.2", false, false}, {"::1", false, false},
	} {
		w.from = test.from
		for _, port := range []string{"customer", "ticket"} {
			permitted, own := test.customer, key
			if port == "ticket" {
				permitted, own = test.ticket, userKey // ticket.common.14
			}
			for _, k := range []string{own, "no key"} { // types.portaccess.5: before the session is looked at
				a := w.call(port, "getTicket", k, "1012", []string{})
				if permitted != (a.fault == "") || !permitted && a.status != http.StatusInternalServerError {
					t.Errorf("%s from %q: got status %d, fault %q, want permitted %v", port, test.from, a.status, a.fault, permitted)
				}
			}
			r, err := http.NewRequest(http.MethodGet, w.http.URL+"/scripts/SOAP?action="+port, nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.from != "" {
				r.Header.Set("X-Forwarded-For", test.from)
			}
			res, err := w.http.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if want := map[bool]int{true: 200, false: 403}[permitted]; res.StatusCode != want { // types.portaccess.5
				t.Errorf("declaration of %s from %q: got status %d, want %d", port, test.from, res.StatusCode, want)
			}
		}
	}
	w.from = ""
	// types.portaccess.3: a mapped address counts as IPv4, wherever it stands
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		return tx.InsertRange(ctx, &skranke.Range{Port: skranke.PortCustomer, From: "::ffff:10.0.7.1", To: "10.0.7.3"})
	})
	w.customer("getPriorities", key).want("0") // and so the lists are read anew
	for address, want := range map[string]bool{"10.0.7.2": true, "::ffff:10.0.7.3": true, "::ffff:10.0.0.10": true, "::ffff:10.0.0.11": false, "::a00:9": false} {
		if got := w.desk.Allowed(skranke.PortCustomer, netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: allowed %v, want %v", address, got, want)
		}
	}
	// types.portaccess.4: a port without ranges refuses everybody
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		var all []skranke.Range
		if err := tx.EachRange(ctx, func(r *skranke.Range) error { all = append(all, *r); return nil }); err != nil {
			return err
		}
		for _, r := range all {
			if r.Port == skranke.PortCustomer {
				if err := tx.DeleteRange(ctx, r.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
	w.agent("newTicket", userKey, "t", "2", "1", "1", "1").want("0") // and so the lists are read anew
	if a := w.customer("getPriorities", key); a.fault == "" {        // types.portaccess.2
		t.Errorf("a port without ranges answers %s", a.raw)
	}
}

// types.portaccess.5: a forwarded address counts only from a proxy that is trusted.
func TestForwardedAddressesAreNotBelieved(t *testing.T) {
	w := newWorld(t)
	w.http.Config.Handler = soap.NewHandler(soap.Options{Ports: declaredBy(w), Allow: allowedBy(w)})
	w.from = "10.0.0.8" // refused, were it believed
	w.customer("getPriorities", w.logIn("kari")).want("0")
}

// An answer has the same values in both styles, whatever is asked.
func TestStylesAgree(t *testing.T) {
	w := newWorld(t)
	key := w.logIn("kari")
	for _, m := range needingKey {
		if m.port != "customer" || m.name == "logout" || m.name == "newTicket" || m.name == "addMessage" {
			continue
		}
		var told []string
		for _, style := range []soap.Style{soap.RPC, soap.Document} {
			w.style = style
			w.clock.advance(0)
			a := w.call(m.port, m.name, append([]any{key}, m.args...)...).want("0")
			var b strings.Builder
			for _, p := range a.parts {
				fmt.Fprintf(&b, "%s=%s%v;", p.name, p.text, rowsOf(p))
			}
			told = append(told, b.String())
		}
		if told[0] != told[1] {
			t.Errorf("%s:\n%s\n%s", m.name, told[0], told[1])
		}
	}
}

func rowsOf(n *node) (rows []string) {
	for _, k := range n.kids {
		rows = append(rows, k.text+"/"+members(k))
	}
	return rows
}

// Non-ASCII texts survive however a client encodes them: as base64, in
// ISO-8859-1, as references.
func TestTextsSurviveEncodings(t *testing.T) {
	w := newWorld(t)
	key := w.logIn("kari")
	const title = "Blåbær & <søt>"
	latin1 := []byte("<?xml version='1.0' encoding='ISO-8859-1'?>" + string(envelope(`<newTicket xmlns=""><sessionKey>`+key+"</sessionKey><title>Bl\xe5b\xe6r &amp; &lt;s\xf8t&gt;</title><sLevel>2</sLevel><categoryId>1</categoryId><priorityId>1</priorityId></newTicket>")))
	refs := envelope(`<newTicket xmlns=""><sessionKey>` + key + `</sessionKey><title>Bl&#xE5;b&#230;r &amp; <![CDATA[<s]]>&#xF8;t&gt;</title><sLevel>2</sLevel><categoryId>1</categoryId><priorityId>1</priorityId></newTicket>`)
	b64 := envelope(`<newTicket xmlns="" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><sessionKey>` + key + `</sessionKey><title i:type="b:base64Binary">` +
		base64.StdEncoding.EncodeToString([]byte(title)) + `</title><sLevel>2</sLevel><categoryId>1</categoryId><priorityId>1</priorityId></newTicket>`)
	for what, body := range map[string][]byte{"latin1": latin1, "references": refs, "base64": b64} {
		r, err := http.NewRequest(http.MethodPost, w.http.URL+"/scripts/soap.exe?action=customer", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "text/xml")
		res, err := w.http.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		id := ticketID(t, readAnswer(t, what, res))
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if got := w.ticket(id).Title; got != title {
			t.Errorf("%s: got %q, want %q", what, got, title)
		}
	}
}

func declaredBy(w *world) []*soap.Port {
	return ports.New(w.desk, w.opts.Zone, w.opts.Log).All()
}

func allowedBy(w *world) func(context.Context, string, netip.Addr) bool {
	return func(_ context.Context, port string, addr netip.Addr) bool {
		return w.desk.Allowed(skranke.Port(port), addr)
	}
}

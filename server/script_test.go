package server

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/config"
	"skranke/desk"
	"skranke/script"
)

func TestMain(m *testing.M) {
	script.Child()
	os.Exit(m.Run())
}

// journal is a log that can be read while it is written.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// scripting is a server that runs scripts and a way to call it.
type scripting struct {
	t    *testing.T
	rpc  bool // calls are RPC/encoded
	s    *Server
	log  *journal
	base string
	key  string
}

func newScripting(t *testing.T, timeout time.Duration) *scripting {
	t.Helper()
	if script.New(script.Limits{}) == nil {
		t.Skip("this system cannot hold scripts to limits")
	}
	conf := config.Default()
	conf.Data, conf.ScriptTimeout = t.TempDir(), timeout
	w := &scripting{t: t, log: new(journal)}
	s, err := Open(t.Context(), Options{Config: conf, PasswordCost: desk.PasswordCost{MemoryKiB: 8, Passes: 1}, Log: slog.New(slog.NewTextHandler(w.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	w.s = s
	ctx := t.Context()
	for _, err := range []error{
		s.Desk.Seed(ctx),
		s.Desk.AddUser(ctx, &skranke.User{LoginName: "ada", UserName: "Ada", FirstName: "Ada", LastName: "Lind", Status: skranke.UserNormal, Access: skranke.AccessAdministration}, "pw"),
		s.Desk.AddUser(ctx, &skranke.User{LoginName: "bo", UserName: "Bo", Status: skranke.UserNormal}, "pw"),
		s.Desk.AddCategory(ctx, &skranke.Category{Name: "Help", Method: skranke.DelegateNone}),
		s.Desk.AddPriority(ctx, &skranke.Priority{Name: "Normal", External: true, Default: true}),
		s.Desk.AddCustomer(ctx, &skranke.Customer{FirstName: "Kari", LastName: "Nordmann"}, ""),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var stop func()
	w.base, stop = serve(t, s)
	t.Cleanup(func() {
		stop()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w.key = w.call("login", "userName", "ada", "password", "pw")["sessionKey"]
	return w
}

var part = regexp.MustCompile(`(?s)<(\w+)(?: [^>]*)?>([^<]*)</`)

// call makes a call of parts and their texts, and returns the parts of the
// answer. A text that begins with < is sent as it is.
func (w *scripting) call(method string, parts ...string) map[string]string {
	w.t.Helper()
	body := w.callRaw(method, parts...)
	answer := map[string]string{}
	for _, m := range part.FindAllStringSubmatch(body, -1) {
		answer[m[1]] = html.UnescapeString(m[2])
	}
	if answer["errorCode"] == "" {
		w.t.Fatalf("%s: %s", method, body)
	}
	return answer
}

// callRaw is call for an answer as it came.
func (w *scripting) callRaw(method string, parts ...string) string {
	w.t.Helper()
	var b strings.Builder
	address := "/soap/ticket"
	open, end := `<`+method+` xmlns="urn:skranke:ticket">`, "</"+method+">"
	if w.rpc {
		address = "/scripts/SOAP?action=ticket"
		open, end = `<t:`+method+` xmlns:t="urn:skranke:ticket" e:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">`, "</t:"+method+">"
	}
	b.WriteString(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>` + open)
	for i := 0; i < len(parts); i += 2 {
		b.WriteString("<" + parts[i] + ">")
		if strings.HasPrefix(parts[i+1], "<") {
			b.WriteString(parts[i+1])
		} else if err := xml.EscapeText(&b, []byte(parts[i+1])); err != nil {
			w.t.Fatal(err)
		}
		b.WriteString("</" + parts[i] + ">")
	}
	b.WriteString(end + "</e:Body></e:Envelope>")
	res, err := http.Post(w.base+address, "text/xml", strings.NewReader(b.String()))
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(body)
}

// run stores a script and runs it.
func (w *scripting) run(source string, parameters ...string) (code, result string) {
	w.t.Helper()
	if err := w.s.Desk.SetScript(w.t.Context(), &skranke.Script{IncludeID: "Test Script", Source: source}); err != nil {
		w.t.Fatal(err)
	}
	var items strings.Builder
	for i := 0; i < len(parameters); i += 2 {
		fmt.Fprintf(&items, "<item><field>%s</field><value>%s</value></item>", parameters[i], parameters[i+1])
	}
	answer := w.call("executeScript", "sessionKey", w.key, "includeId", " test SCRIPT ", "parameters", items.String()) // ticket.executeScript.1
	if _, ok := answer["scriptResult"]; !ok {
		w.t.Errorf("no scriptResult in %v", answer)
	}
	return answer["errorCode"], answer["scriptResult"]
}

func (w *scripting) want(source, result string, parameters ...string) {
	w.t.Helper()
	if code, got := w.run(source, parameters...); code != "0" || got != result {
		w.t.Errorf("%s: got %s, %q, want 0, %q\n%s", source, code, got, result, w.log)
	}
}

func TestExecuteScript(t *testing.T) {
	w := newScripting(t, time.Minute)
	for _, rpc := range []bool{true, false} {
		w.rpc = rpc
		w.executeScripts()
	}
}

func (w *scripting) executeScripts() {
	w.t.Helper()
	t := w.t
	w.want(`print(getVariable("a") + getVariable("none") + getVariable("b"))`, "23", "a", "1", "b", "3", "a", "2") // ticket.executeScript.2
	w.want(`print("one "); printLine("two"); exitWithMessage("end"); print("never")`, "one two\nend")              // ticket.executeScript.3
	w.want(`var u = getActiveUser(); print(u.id + u.loginName + u.name)`, "2adaAda Lind")                          // ticket.executeScript.4
	w.want(`log("for the log <&>"); printDebug("also")`, "")
	if text := w.log.String(); !strings.Contains(text, "for the log <&>") || !strings.Contains(text, "also") {
		t.Errorf("the log says nothing of what the script logged:\n%s", text)
	}
	w.want(`var t = ticket.create({title: "Made <here>", category: 1, customers: [1], slevel: 2, owner: 1});
		ticket.addMessage({ticket: t, body: "hello"});
		var seen = ticket.get({id: t, fields: ["ticket.title", "ticket.created_by", "nothing"]});
		print(JSON.stringify(seen.fields) + seen.messages.length)`, `{"ticket.created_by":"2","ticket.title":"Made <here>"}1`)
	w.want(`customer.set({id: 1, values: {phone: "+47 1"}});
		print(customer.get({id: 1, fields: ["customer.phone"]}).fields["customer.phone"]);
		print(customer.find({criteria: [{field: "customer.lastname", op: "OperatorEquals", value: "nordmann"}], fields: ["customer.id"]})[0]["customer.id"])`, "+47 11")
	w.want(`try { ticket.get({id: 99, fields: []}) } catch (e) { print("refused") }`, "refused")
	w.want(`try { mail.send({ticket: 1, body: "x"}) } catch (e) { print(e.message) }`, "unspecified error: a mail needs somebody to go to")

	// In a session that acts for somebody, he is the active user.
	own := w.key
	w.key = w.call("loginAsUser", "userId", "3", "username", "ada", "password", "pw")["sessionKey"]
	w.want(`print(getActiveUser().loginName)`, "bo") // ticket.executeScript.4
	w.key = own

	for _, name := range []string{"", "other", "test"} { // ticket.executeScript.1
		if a := w.call("executeScript", "sessionKey", w.key, "includeId", name); a["errorCode"] != "7" || a["scriptResult"] != "" {
			t.Errorf("script %q: got %v", name, a)
		}
	}
	if a := w.call("executeScript", "sessionKey", "no key", "includeId", "test script"); a["errorCode"] != "5" || a["scriptResult"] != "" {
		t.Errorf("without a key: got %v", a)
	}
}

// What scripts may do beside reading, each through the rules of the ticket port.
func TestScriptsAtWork(t *testing.T) {
	w := newScripting(t, time.Minute)
	ctx := t.Context()
	every := skranke.NotifyMask(1<<11 - 1)
	table := &skranke.ExtraTable{TableName: "y_part", Label: "Part"}
	for _, err := range []error{
		w.s.Desk.SetUser(ctx, 3, func(u *skranke.User) error { u.NotifyMask = every; return nil }),
		w.s.Desk.AddExtraTable(ctx, table),
		w.s.Desk.AddExtraField(ctx, &skranke.ExtraField{Domain: skranke.DomainTable, Table: table.ID, Kind: skranke.ExtraText, FieldName: "x_what", Label: "What"}),
		w.s.Desk.AddExtraField(ctx, &skranke.ExtraField{Domain: skranke.DomainTable, Table: table.ID, Kind: skranke.ExtraCustomer, FieldName: "x_who", Label: "Who"}),
		w.s.Desk.AddExtraField(ctx, &skranke.ExtraField{Domain: skranke.DomainTicket, Kind: skranke.ExtraInteger, FieldName: "x_count", Label: "Count"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, rpc := range []bool{false, true} {
		w.rpc = rpc
		// Tickets are changed and closed, found and answered.
		w.want(`var t = ticket.create({title: "Heat " + getVariable("n"), category: 1, owner: 1, extra: {x_3: 7}});
			ticket.set({id: t, values: {"ticket.customerId": [-1, 1], "ticket.owner": 3, title: "Cold", x_3: "8"}});
			var f = ticket.get({id: t, fields: ["ticket.title", "ticket.owned_by", "ticket.cust_id", "ticket.x_3"]}).fields;
			ticket.close({id: t});
			var found = ticket.find({criteria: [{field: "ticket.id", op: "OperatorEquals", value: t}, {field: "ticket.status", op: "OperatorEquals", value: 2}],
				fields: ["ticket.title"], max: 5, orderBy: "ticket.id", descending: true});
			print(JSON.stringify([f, found]));
			var m = ticket.addMessage({ticket: t, body: "one", htmlBody: "<b>one</b>", slevel: 2});
			message.set({id: m, values: {body: "two", important: true}});
			print(message.get({id: m, fields: ["message.body"]}).fields["message.body"] + message.get({id: m}).attachments.length)`,
			`[{"ticket.cust_id":"1","ticket.owned_by":"3","ticket.title":"Cold","ticket.x_3":"8"},[{"ticket.title":"Cold"}]]two0`)
		// A mail waits in the outbox, with the message it is.
		w.want(`var t = ticket.create({title: "Mail", category: 1, owner: 1});
			var m = mail.send({ticket: t, body: "hello", to: ["kari@example.com"], bcc: ["copy@example.com"]});
			print(ticket.get({id: t, fields: []}).messages[0] === m)`, "true")
		// Customers and companies are made, changed and found.
		w.want(`var c = company.create({name: "Bakeriet"}); company.set({id: c, values: {"company.phone": "+47 2"}});
			var k = customer.create(); customer.set({id: k, values: {firstname: "Per", lastname: "Lie", company: c}});
			print([company.get({id: c, fields: ["company.name"]}).fields["company.name"],
				company.find({criteria: [{field: "contact.id", op: "OperatorEquals", value: c}], fields: ["contact.phone"]})[0]["contact.phone"],
				customer.get({id: k, fields: ["customer.company"]}).fields["customer.company"] === String(c),
				customer.find({criteria: [{field: "person.person_id", op: "OperatorEquals", value: k}], fields: ["person.firstname"]})[0]["person.firstname"]].join())`,
			"Bakeriet,+47 2,true,Per")
		// ticket.getUserNotifications.5
		w.want(`user.notify({user: user.find({name: "bo"}), ticket: 1, message: "Look\nhere"}); user.notify({user: 3, message: "or there"})`, "")
		// Rows of extra tables
		w.want(`var r = table.insert({table: "y_part", values: {x_what: "pump", x_2: 1}});
			table.update({table: 1, id: r, values: {x_1: "valve"}});
			var q = {table: 1, criteria: [{column: "x_what", op: "OperatorEquals", value: "valve", join: "or"}, {column: -1, op: "OperatorEquals", value: 4711}], orderBy: -1, descending: true, max: 1};
			var row = table.query(q)[0];
			print([row.id === String(r), row.x_1, row.x_2, row["x_2.value"]].join());
			table.delete({table: 1, id: r}); print(table.query(q).length)`, "true,valve,1,Kari Nordmann0")
	}
	bo := w.call("loginAsUser", "userId", "3", "username", "ada", "password", "pw")["sessionKey"]
	key := w.call("allocUserNotifications", "sessionKey", bo, "source", "desk")["notificationKey"]
	told := w.callRaw("getUserNotifications", "sessionKey", bo, "notificationKey", key)
	if strings.Count(told, ">1024<") != 4 || strings.Count(told, ">Look here<") != 2 || strings.Count(told, ">or there<") != 2 {
		t.Errorf("the scripts told Bo\n%s", told)
	}
	mails, err := w.s.Desk.Outbox(ctx)
	if err != nil || len(mails) != 2 {
		t.Errorf("got mails %v, %v, want those of the two scripts", mails, err)
	}
}

// What a script may not do it is told of, and nothing happens.
func TestScriptsAreRefused(t *testing.T) {
	w := newScripting(t, time.Minute)
	w.want(`print(ticket.create({title: "stays", category: 1, owner: 1}))`, "1")
	var tried strings.Builder
	for _, call := range []string{
		`ticket.set({id: 99, values: {title: "x"}})`, `ticket.set({id: 1, values: {nothing: 1}})`, `ticket.close({id: 99})`, `ticket.find({criteria: [{field: "ticket.id", op: "OperatorIn", value: "1-x"}]})`,
		`ticket.set({id: 1, values: {title: {}}})`, `ticket.set({id: 1, values: {title: [[1]]}})`, `message.get({id: 99})`, `message.set({id: 99, values: {}})`, `customer.create({firstname: "x"})`,
		`customer.set({id: 99, values: {}})`, `company.get({id: 99})`, `company.set({id: 99, values: {}})`, `user.find({name: "nobody"})`, `user.notify({user: 99, message: "x"})`, `user.notify({user: 1, message: "x"})`,
		`user.notify({user: 2, message: " \n"})`, `user.notify({user: 2, ticket: 99, message: "x"})`, `table.query({table: "y_none"})`, `table.insert({table: "y_none"})`, `table.update({table: 1, id: -1})`, `table.delete({table: 9, id: 1})`,
		`mail.send({ticket: 99, to: ["a@example.com"]})`, `ticket.addMessage({ticket: 1, to: ["a@example.com"]})`, `ticket.addMessage({ticket: 99, template: -1})`, `ticket.create({title: "x", category: 9})`,
	} {
		tried.WriteString("try { " + call + "; print(" + strconv.Quote(call) + ") } catch (e) {}\n")
	}
	w.want(tried.String(), "")
	w.want(`print(JSON.stringify(ticket.find({fields: ["ticket.title"]})) + ticket.get({id: 1}).messages.length)`, `[{"ticket.title":"stays"}]0`)
}

// Each call is answered, refuses members it does not know, and is explained.
func TestScriptCallsAreExplained(t *testing.T) {
	w := newScripting(t, time.Minute)
	text, err := os.ReadFile("../docs/scripts.md")
	if err != nil {
		t.Fatal(err)
	}
	for object, names := range script.Calls {
		for _, name := range names {
			call := object + "." + name
			if !strings.Contains(string(text), "\n| `"+call+"` |") {
				t.Errorf("docs/scripts.md has no row for %s", call)
			}
			w.want(`try { `+call+`({nonsense: 1}) } catch (e) { print(e.message) }`, `unspecified error: the argument does not fit: json: unknown field "nonsense"`)
		}
	}
}

// A script that does not come to its end gives code 7 and nothing else; why, and
// what it was doing, only the log knows. What it stored stays.
func TestExecuteScriptFails(t *testing.T) {
	w := newScripting(t, time.Minute)
	for source, logged := range map[string]string{ // ticket.executeScript.5
		`print("lost"); customer.set({id: 1, values: {note: "kept"}}); missing()`: "missing is not defined",
		`print(1`:             "SyntaxError",
		`throw "thrown text"`: "thrown text",
		`for (;;) print("many letters ".repeat(10000))`: "printed more",
		`ticket.get({id: 1, title: "x"})`:               "unknown field",
	} {
		if code, result := w.run(source); code != "7" || result != "" {
			t.Errorf("%s: got %s, %.50q, want 7 and nothing", source, code, result)
		}
		if !strings.Contains(w.log.String(), logged) {
			t.Errorf("%s: the log does not say %q:\n%s", source, logged, w.log)
		}
	}
	w.want(`print(customer.get({id: 1, fields: ["customer.note"]}).fields["customer.note"])`, "kept")

	hasty := newScripting(t, time.Second)
	if code, result := hasty.run(`while (true) {}`); code != "7" || result != "" || !strings.Contains(hasty.log.String(), "limits") {
		t.Errorf("a script without end: got %s, %.50q, want 7 and nothing\n%s", code, result, hasty.log)
	}

	off := newScripting(t, 0)
	if code, result := off.run(`print("x")`); code != "6" || result != "" { // ticket.executeScript.6
		t.Errorf("without an engine: got %s, %q, want 6", code, result)
	}
}

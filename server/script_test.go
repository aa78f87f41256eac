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

var part = regexp.MustCompile(`(?s)<(\w+)>([^<]*)</`)

// call makes a call of parts and their texts, and returns the parts of the
// answer. A text that begins with < is sent as it is.
func (w *scripting) call(method string, parts ...string) map[string]string {
	w.t.Helper()
	var b strings.Builder
	b.WriteString(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><` + method + ` xmlns="urn:skranke:ticket">`)
	for i := 0; i < len(parts); i += 2 {
		b.WriteString("<" + parts[i] + ">")
		if strings.HasPrefix(parts[i+1], "<") {
			b.WriteString(parts[i+1])
		} else if err := xml.EscapeText(&b, []byte(parts[i+1])); err != nil {
			w.t.Fatal(err)
		}
		b.WriteString("</" + parts[i] + ">")
	}
	b.WriteString("</" + method + "></e:Body></e:Envelope>")
	res, err := http.Post(w.base+"/soap/ticket", "text/xml", strings.NewReader(b.String()))
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	answer := map[string]string{}
	for _, m := range part.FindAllSubmatch(body, -1) {
		answer[string(m[1])] = html.UnescapeString(string(m[2]))
	}
	if answer["errorCode"] == "" {
		w.t.Fatalf("%s: %s", method, body)
	}
	return answer
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

// A script that does not come to its end gives code 7 and nothing else; why, and
// what it was doing, only the log knows. What it stored stays.
func TestExecuteScriptFails(t *testing.T) {
	w := newScripting(t, 2*time.Second)
	for source, logged := range map[string]string{ // ticket.executeScript.5
		`print("lost"); customer.set({id: 1, values: {note: "kept"}}); missing()`: "missing is not defined",
		`print(1`:             "SyntaxError",
		`throw "thrown text"`: "thrown text",
		`while (true) {}`:     "limits",
		`for (;;) print("many many many letters")`: "printed more",
		`ticket.get({id: 1, title: "x"})`:          "unknown field",
	} {
		if code, result := w.run(source); code != "7" || result != "" {
			t.Errorf("%s: got %s, %.50q, want 7 and nothing", source, code, result)
		}
		if !strings.Contains(w.log.String(), logged) {
			t.Errorf("%s: the log does not say %q:\n%s", source, logged, w.log)
		}
	}
	w.want(`print(customer.get({id: 1, fields: ["customer.note"]}).fields["customer.note"])`, "kept")

	off := newScripting(t, 0)
	if code, result := off.run(`print("x")`); code != "6" || result != "" { // ticket.executeScript.6
		t.Errorf("without an engine: got %s, %q, want 6", code, result)
	}
}

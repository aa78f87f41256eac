package ports_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/store"
)

// Where the calls of the audit's story come from.
const (
	customerAddr = "10.0.0.9"
	agentAddr    = "2001:db8::9"
	adminAddr    = "127.0.0.1"
)

// The passwords of the story. All but those of the world begin alike.
const (
	secretMark   = "Geheim"
	kariPassword = secretMark + " Kari 1"
	newPassword  = secretMark + " neu 2"
	adaPassword  = secretMark + " Ada 3"
	agentsChoice = secretMark + " Ola 4"
	wrong        = secretMark + " wrong 5"
)

// audit is a world whose calls are told with what they leave in the log.
type audit struct {
	*world
	story   strings.Builder
	seen    int64               // the last entry told
	records map[string][]string // by method, what it leaves
	secrets []string            // of this run
}

// entries are the entries of the log nobody has told yet. What was read is
// gathered and stands there some time later, so it is passed over.
func (w *audit) entries() []*desk.AuditEntry {
	w.t.Helper()
	var list []*desk.AuditEntry
	err := w.desk.Audit(context.Background(), desk.AuditFilter{}, func(e *desk.AuditEntry) error {
		if e.ID > w.seen && e.Action != "read-ticket" {
			list = append(list, e)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range list {
		w.seen = max(w.seen, e.ID)
	}
	return list
}

// random are values that differ from run to run.
var random = regexp.MustCompile(`(message_id: "" > ").*"`)

// tell writes down what was recorded since.
func (w *audit) tell(what string, list []*desk.AuditEntry) {
	w.story.WriteString(what + "\n")
	for _, e := range list {
		line := fmt.Sprintf("  %s %s %d %s: ticket %d message %d, by user %d customer %d logged in %d, from %s through %s\n",
			e.Action, e.Kind, e.Row, e.Detail, e.Ticket, e.Message, e.User, e.Customer, e.LoggedIn, e.Addr, e.Via)
		w.story.WriteString(line)
		for _, c := range e.Changes {
			line := fmt.Sprintf("    %d %s: %q > %q", c.Number, c.Name, c.Before, c.After)
			if c.Secret() {
				line = fmt.Sprintf("    %d %s: a secret", c.Number, c.Name)
			}
			w.story.WriteString(random.ReplaceAllString(line, "$1*\"") + "\n")
		}
	}
}

// call makes a call from where callers of the port are, and tells what it leaves.
func (w *audit) call(port, name, code string, args ...any) answer {
	w.t.Helper()
	w.clock.advance(time.Second)
	w.from = map[string]string{"customer": customerAddr, "ticket": agentAddr}[port]
	a := w.world.call(port, name, args...).want(code)
	list := w.entries()
	method := port + "." + name
	w.tell(method+" "+code, list)
	for _, e := range list {
		if code != "0" && e.Action != "failed-log-in" { // ticket.common.8
			w.t.Errorf("%s was refused with %s and left %+v", method, code, e)
		}
		from := map[string]string{"customer": customerAddr, "ticket": agentAddr, "admin": adminAddr}[port]
		if e.Via != method || e.Addr != from {
			w.t.Errorf("%s from %s: recorded as %s from %s", method, from, e.Via, e.Addr)
		}
		if !slices.Contains(w.records[method], e.Action) {
			w.records[method] = append(w.records[method], e.Action)
		}
	}
	if w.records[method] == nil {
		w.records[method] = []string{}
	}
	return a
}

// scripted is an engine whose only script adds a message; it knows no JavaScript.
type scripted struct{}

func (scripted) RunScript(ctx context.Context, run desk.ScriptRun) (string, error) {
	argument, err := json.Marshal(map[string]any{"ticket": 1012, "body": run.Source})
	if err != nil {
		return "", err
	}
	_, err = run.Host(ctx, "ticket.addMessage", argument)
	return "done", err
}

func newAudit(t *testing.T) *audit {
	t.Helper()
	w := &audit{records: map[string][]string{}}
	w.world = newFaqWorld(t, func(o *desk.Options) { o.Mailing, o.Scripts = true, scripted{} })
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		return tx.InsertScript(ctx, &skranke.Script{IncludeID: "greet", Source: "Hello from a script."})
	})
	return w
}

// auditReads are the methods that change nothing, with arguments that do; KEY
// stands for a session key. They leave no record.
var auditReads = map[string][]any{
	"customer.checkPassword":             {"kari", customerPassword},
	"customer.getErrorMessage":           {"KEY"},
	"customer.getTicket":                 {"KEY", "1012", []string{"ticket.title"}}, // the reading itself is gathered and logged later
	"customer.getMessage":                {"KEY", "11", []string{"message.body"}},
	"customer.findTickets":               {"KEY", []criterion{}, []string{"ticket.title"}},
	"customer.getExtraFields":            {"KEY", "ticket"},
	"customer.getPriorities":             {"KEY"},
	"customer.getCategories":             {"KEY"},
	"customer.getCategory":               {"KEY", "1"},
	"customer.getAttachment":             {"KEY", "FILE"},
	"customer.getCustomer":               {"KEY", []string{"customer.name"}},
	"customer.getCompany":                {"KEY", []string{"company.name"}},
	"customer.getLanguages":              {},
	"customer.getCustLangCategories":     {"KEY"},
	"customer.faq_findEntries":           {"KEY", "printer", "-1"},
	"customer.faq_findEntries2":          {"KEY", "printer", []string{"-1"}},
	"customer.faq_getCategory":           {"KEY", "-1"},
	"customer.faq_getEntry":              {"KEY", "101"},
	"customer.faq_getGroupEntries":       {"KEY", "51"},
	"customer.faq_getMostPopularEntries": {"KEY", "-1", "3"},
	"customer.faq_getMostReadEntries":    {"KEY", "-1", "3"},

	"ticket.getTicket":               {"KEY", "1012", []string{"ticket.title"}},
	"ticket.getMessage":              {"KEY", "11", []string{"message.body"}},
	"ticket.findTickets":             {"KEY", []criterion{}, []string{"ticket.title"}, "5", "ticket.id", true},
	"ticket.getAttachment":           {"KEY", "FILE", "FILEKEY"},
	"ticket.getActiveTicketsStatus":  {"KEY"},
	"ticket.getCategories":           {"KEY"},
	"ticket.getPriorities":           {"KEY"},
	"ticket.getExtraFields":          {"KEY", "ticket"},
	"ticket.getReplyTemplateFolders": {"KEY"},
	"ticket.getReplyTemplates":       {"KEY", "-1"},
	"ticket.getReplyTemplate":        {"KEY", "TEMPLATE", "1"},
	"ticket.getCustomer":             {"KEY", "1", []string{"customer.name"}},
	"ticket.getCompany":              {"KEY", "1", []string{"company.name"}},
	"ticket.findCustomers":           {"KEY", []criterion{}, []string{"customer.name"}, "5", "", true},
	"ticket.findCustomerFromEmail":   {"ada", userPassword, "EMAIL"},
	"ticket.findCompanies":           {"KEY", []criterion{}, []string{"company.name"}, "5", "", true},
	"ticket.findUser":                {"KEY", "loginName", "ada"},
	"ticket.getExtraTables":          {"KEY"},
	"ticket.getExtraTable":           {"KEY", "TABLE"},
	"ticket.queryExtraTable":         {"KEY", "TABLE", []string{"-1"}, rowCriteria(), "-1", "5", "true"},

	"admin.checkAgentVersion": {"KEY", "1.0"},
	"admin.getAgent":          {},
	"admin.getErrorMessage":   {"KEY"},
	"admin.getModulePaths":    {"KEY"},
	"admin.getTag":            {"KEY"},
	"admin.getUser":           {"KEY", []string{"user.name"}},
	"admin.getUserById":       {"KEY", "2", []string{"user.name"}},
	"admin.getUsers":          {"KEY", true},
}

func isChange(action string) bool { return action != "failed-log-in" }

const auditStory = "testdata/audit.txt"

// Every call that writes leaves a record of who did what from where, and what
// each value was and became; a refused one leaves none, nor does one that only
// reads; and no secret stands anywhere in it. A method that is declared without
// being called here fails the test. The records are golden: -update writes them.
//
// ticket.common.18, ticket.common.8, customer.newTicket.10, customer.addMessage.9, customer.closeTicket.5, types.sec.3
func TestEveryWriteIsRecorded(t *testing.T) {
	w := newAudit(t)
	table := w.newTable(skranke.ExtraTable{TableName: "y_car", Label: "Cars"})
	color := w.newColumn(table, skranke.ExtraText, nil)
	doors := w.newColumn(table, skranke.ExtraInteger, nil)
	cars := fmt.Sprint(table)

	w.tellCustomers()
	w.tellAgents(cars, color, doors)
	w.tellAdmin()
	w.tellSystem()
	w.tellReads(cars)

	for _, port := range declared() {
		for _, op := range port.Ops {
			method := port.Name + "." + op.Name()
			_, reads := auditReads[method]
			records, called := w.records[method]
			switch {
			case !called:
				t.Errorf("%s is not called here: add it to the story, or to the methods that change nothing", method)
			case reads && slices.ContainsFunc(records, isChange):
				t.Errorf("%s changes nothing and left %v", method, records)
			case !reads && !slices.ContainsFunc(records, isChange):
				t.Errorf("%s writes and left no record", method)
			}
		}
	}
	w.wantNoSecrets()
	if *update {
		if err := os.WriteFile(auditStory, []byte(w.story.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(auditStory)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.story.String(); got != string(want) {
		t.Errorf("%s is not what is recorded now; go test ./ports -update rewrites it\n%s", auditStory, firstDifference(string(want), got))
	}
	w.wantAuditPage()
}

// secret remembers a text that must not be in the log.
func (w *audit) secret(text string) string {
	w.secrets = append(w.secrets, text)
	return text
}

func (w *audit) tellCustomers() {
	kari := w.secret(w.call("customer", "login", "0", "kari", customerPassword).text("sessionKey"))
	w.call("customer", "login", "1", "kari", wrong)
	w.call("customer", "login", "1", wrong, wrong) // people type it into the wrong box
	w.call("customer", "checkPassword", "1", "ola", wrong)
	other := w.secret(w.call("customer", "loginAsCustomer", "0", "ada", userPassword, "ola").text("sessionKey"))
	w.call("customer", "loginAsCustomer", "1", "ada", wrong, "ola")
	w.call("customer", "loginAsCustomer", "3", "ada", userPassword, "nobody")

	made := w.call("customer", "newTicket", "0", kari, "Printer", "2", "1", "1", []pair{{"x_110", "short"}}).text("ticketId")
	w.call("customer", "newTicket", "8", kari, "Printer", "2", "999", "1", []pair{})
	file := w.call("customer", "addAttachment", "0", kari, "a.txt", "text/plain", b64([]byte("content"))).text("attachmentId")
	stray := w.call("customer", "addAttachment", "0", "", "b.txt", "text/plain", b64([]byte("more"))).text("attachmentId")
	w.call("customer", "addAttachment", "5", "x", "b.txt", "text/plain", b64([]byte("more")))
	w.call("customer", "addMessage", "0", kari, "It burns.\n"+strings.Repeat("Much. ", 500), made, "2", []string{file})
	w.call("customer", "addMessage", "13", kari, "It burns.", "9999", "2", []string{})
	w.call("customer", "addMessage", "0", other, "Through loginAsCustomer", "1016", "2", []string{})
	w.call("customer", "deleteAttachment", "0", stray)
	w.call("customer", "deleteAttachment", "24", file)
	w.call("customer", "closeTicket", "0", kari, made)
	w.call("customer", "closeTicket", "0", kari, made) // is closed already
	w.call("customer", "closeTicket", "13", kari, "9999")
	w.call("customer", "addMessage", "0", kari, "Again.", made, "2", []string{}) // opens it again

	w.call("customer", "newCustomer", "0", "newcomer", kariPassword)
	w.call("customer", "newCustomer", "14", "newcomer", kariPassword)
	w.call("customer", "setCustomer", "0", kari, []pair{{"name", "Kari Hansen"}, {"phone", "22 33"}, {"email", "kari@new.example"}, {"x_301", "39"}, {"language", "no"}, {"password", newPassword}})
	w.call("customer", "setCustomer", "15", kari, []pair{{"phone", "44"}, {"password", ""}})
	w.call("customer", "faq_scoreEntry", "0", kari, "101", "8")
	w.call("customer", "faq_scoreEntry", "0", kari, "101", "0")
	w.call("customer", "faq_scoreEntry", "0", kari, "101", "0") // changes nothing
	w.call("customer", "faq_scoreEntry", "0", "", "101", "3")
	w.call("customer", "faq_scoreEntry", "22", kari, "101", "11")
	w.call("customer", "sendPassword", "0", "Kari@New.example")
	for _, mail := range w.sent() {
		if mail.PasswordFor == 0 {
			continue
		}
		w.tell("a password is mailed", w.entries())
		w.call("customer", "login", "0", "kari", w.secret(mailedPassword.FindString(mail.Plain)))
	}
	w.call("customer", "logout", "0", kari)
	w.call("customer", "logout", "5", kari)
	w.call("customer", "logout", "0", other)
}

func (w *audit) tellAgents(cars, color, doors string) {
	key := w.secret(w.call("ticket", "login", "0", "ada", userPassword).text("sessionKey"))
	w.call("ticket", "login", "2", "ada", wrong)
	w.call("ticket", "login", "4", "emil", userPassword)
	as := w.secret(w.call("ticket", "loginAsUser", "0", "7", "ada", userPassword).text("sessionKey"))
	w.call("ticket", "loginAsUser", "34", "999", "ada", userPassword)
	w.call("ticket", "loginAsUser", "2", "7", "ada", wrong)
	w.call("ticket", "findCustomerFromEmail", "2", "ada", wrong, "only@lars.example")

	made := w.call("ticket", "newTicket", "0", key, "Door", "2", "1", "2", "7", []string{"1", "2"}, []pair{}, true).text("ticketId")
	w.call("ticket", "newTicket", "29", key, "Door", "2", "1", "2", "999", []string{}, []pair{}, true)
	w.call("ticket", "setTicket", "0", as, made, []pair{{"title", "Doors"}, {"owner", "2"}, {"status", "close"}, {"x_110", "v"}, {"customerId", "-1"}})
	w.call("ticket", "setTicket", "17", as, made, []pair{{"title", "No doors"}, {"nothing", "x"}})
	w.call("ticket", "setTicket", "0", as, made, []pair{})
	file := w.call("ticket", "addAttachment", "0", key, "c.txt", "text/plain", b64([]byte("of an agent"))).text("attachmentId")
	w.secret(w.attachment(file).Key)
	message := w.call("ticket", "addMessage", "0", key, "Plain.", made, "1", []string{}, false).text("messageID")
	w.call("ticket", "addMessage2", "0", key, "Mailed.", "-1", made, "2", []string{}, false, []string{"a@b.example"}, []string{}, []string{"c@d.example"})
	w.call("ticket", "addMessage3", "0", as, "", "<p>HTML</p>", "-1", made, "2", []string{file}, true, []string{}, []string{}, []string{})
	w.call("ticket", "addMessage3", "10", as, "", "<p>HTML</p>", "-1", made, "9", []string{file}, true, []string{}, []string{}, []string{})
	w.call("ticket", "editMessage", "0", key, message, []pair{{"body", "Plainer."}, {"ticketId", "1012"}, {"important", "1"}})
	w.call("ticket", "editMessage", "18", key, "9999", []pair{{"body", "x"}})

	customer := w.call("ticket", "newCustomer", "0", key).text("customerId")
	w.call("ticket", "setCustomer", "0", as, customer, []pair{{"userName", "olga"}, {"firstName", "Olga"}, {"company", "1"}, {"password", agentsChoice}, {"x_302", "fine"}})
	w.call("ticket", "setCustomer", "14", as, customer, []pair{{"phone", "1"}, {"userName", "kari"}})
	w.call("ticket", "setCustomer", "0", as, customer, []pair{})
	company := w.call("ticket", "newCompany", "0", key, "Gamma").text("companyId")
	w.call("ticket", "newCompany", "7", key, strings.Repeat("x", 300))
	w.call("ticket", "setCompany", "0", key, company, []pair{{"phone", "55"}, {"domain", "a.example, b.example"}, {"ourContact", "2"}, {"x_401", "1"}})
	w.call("ticket", "setCompany", "34", key, company, []pair{{"phone", "66"}, {"ourContact", "999"}})

	row := w.call("ticket", "insertIntoExtraTable", "0", key, cars, "-1", []pair{{color, "red"}, {doors, "3"}}).text("rowId")
	w.call("ticket", "insertIntoExtraTable", "0", key, cars, row, []pair{{color, "blue"}, {doors, "3"}})
	w.call("ticket", "insertIntoExtraTable", "0", key, cars, row, []pair{{color, "blue"}}) // changes nothing
	w.call("ticket", "insertIntoExtraTable", "12", key, cars, row, []pair{{color, "green"}, {doors, "x"}})
	w.call("ticket", "deleteExtraTableRow", "0", key, cars, row)
	w.call("ticket", "deleteExtraTableRow", "0", key, cars, row) // is gone

	notes := w.secret(w.call("ticket", "allocUserNotifications", "0", key, "desk").text("notificationKey"))
	w.call("ticket", "allocUserNotifications", "26", key, "other")
	w.tell2("Something happened")
	w.call("ticket", "getUserNotifications", "0", key, notes)
	w.call("ticket", "getUserNotifications", "0", key, notes) // none waits
	w.call("ticket", "setUserIdleTime", "0", key, "60")
	w.call("ticket", "setUserIdleTime", "0", key, "60") // the same once more
	w.call("ticket", "setUserIdleTime", "7", key, "x")
	w.call("ticket", "executeScript", "0", key, "greet", []pair{})
	w.call("ticket", "executeScript", "7", key, "nothing", []pair{})
	w.call("ticket", "logout", "0", as)
	w.call("ticket", "logout", "0", key)
}

// tell2 makes a notification for Ada, past all the others she has.
func (w *audit) tell2(message string) {
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		_, err := tx.DeleteNotifications(ctx, ada, 1<<30)
		return err
	})
	w.world.tell(ada, skranke.NotifyCustom, 0, message)
}

func (w *audit) tellAdmin() {
	key := w.secret(w.call("ticket", "login", "0", "ada", userPassword).text("sessionKey"))
	w.call("admin", "setUser", "0", key, []pair{{"firstname", "Augusta"}, {"email", "ada@new.example"}, {"password", adaPassword}})
	w.call("admin", "setUser", "15", key, []pair{{"firstname", "Nobody"}, {"password", ""}, {"nothing", "x"}})
	w.call("admin", "setUser", "0", key, []pair{{"firstname", "Augusta"}}) // is called so already
	w.call("ticket", "login", "0", "ada", adaPassword)
}

// tellSystem tells what happens without a call.
func (w *audit) tellSystem() {
	w.updateTicket(1012, func(t *skranke.Ticket) {
		t.Status, t.TicketStatus, t.Activate = skranke.Postponed, statusWaiting, w.clock.now()
	})
	w.clock.advance(time.Minute)
	if _, err := w.desk.DoDue(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	w.tell("the clock", w.entries())
}

func (w *audit) tellReads(cars string) {
	w.from = ""
	w.updateUser(ada, func(u *skranke.User) { u.PasswordHash = userHash })
	w.updateCustomer(kari, func(c *skranke.Customer) { c.PasswordHash = customerHash })
	w.updateCustomer(lars, func(c *skranke.Customer) { c.Emails = []string{"only@lars.example"} })
	template := &skranke.ReplyTemplate{Name: "Hello", Bodies: []skranke.TemplateBody{{Language: 1, Plain: "Hello"}}}
	w.write(func(ctx context.Context, tx *store.WriteTx) error { return tx.InsertReplyTemplate(ctx, template) })
	keys := map[string]string{"customer": w.logIn("kari"), "ticket": w.logInUser("ada")}
	keys["admin"] = keys["ticket"]
	file := w.upload(keys["customer"], "own.txt", "text/plain", "content")
	stand := map[string]string{"FILE": file, "FILEKEY": w.attachment(file).Key, "TEMPLATE": fmt.Sprint(template.ID), "TABLE": cars, "EMAIL": "only@lars.example"}
	w.secrets = append(w.secrets, stand["FILEKEY"], keys["customer"], keys["ticket"])
	w.entries()
	for _, method := range slices.Sorted(maps.Keys(auditReads)) {
		port, name, _ := strings.Cut(method, ".")
		args := slices.Clone(auditReads[method])
		for i, arg := range args {
			text, _ := arg.(string)
			if text == "KEY" {
				args[i] = keys[port]
			} else if value, ok := stand[text]; ok {
				args[i] = value
			}
		}
		code := "0"
		switch name {
		case "getErrorMessage": // which answers none
			code = ""
		case "getAgent": // there is none
			code = "27"
		}
		w.call(port, name, code, args...)
	}
}

// wantNoSecrets looks for every secret of the story in the whole log, and for
// what is stored of them.
func (w *audit) wantNoSecrets() {
	w.t.Helper()
	var log strings.Builder
	w.read(func(ctx context.Context, tx *store.ReadTx) error {
		for id := range skranke.CustomerID(200) {
			if c, err := tx.Customer(ctx, id); err == nil && c.PasswordHash != "" {
				w.secrets = append(w.secrets, c.PasswordHash, c.PasswordHash[strings.LastIndexByte(c.PasswordHash, '$')+1:])
			}
		}
		err := tx.EachUser(ctx, func(u *skranke.User) error {
			w.secrets = append(w.secrets, u.PasswordHash)
			return nil
		})
		if err != nil {
			return err
		}
		return tx.EachLog(ctx, store.LogFilter{}, func(e *store.LogEntry) error {
			fmt.Fprintf(&log, "%+v\n", *e)
			return nil
		})
	})
	secrets := append(w.secrets, secretMark, customerPassword, userPassword, "argon2")
	for _, secret := range secrets {
		if len(secret) < 6 {
			w.t.Errorf("%q is no secret", secret)
		}
		if strings.Contains(strings.ToLower(log.String()), strings.ToLower(secret)) {
			w.t.Errorf("the log holds %q", secret)
		}
	}
	w.holdsNoText(kariPassword, newPassword, adaPassword, agentsChoice)
	if !strings.Contains(log.String(), "Name:password") {
		w.t.Error("the log does not say that passwords were changed")
	}
}

const auditPage = "../docs/audit.md"

// The lists of the page about the log are made from what is recorded.
func (w *audit) wantAuditPage() {
	w.t.Helper()
	page, err := os.ReadFile(auditPage)
	if err != nil {
		w.t.Fatal(err)
	}
	const begin = "<!-- made by go test ./ports -update -->\n"
	prose, _, ok := strings.Cut(string(page), begin)
	if !ok {
		w.t.Fatalf("%s has no line %q", auditPage, begin)
	}
	var b strings.Builder
	b.WriteString(prose + begin + "\n## Methods\n\n| method | actions |\n| --- | --- |\n")
	for _, port := range declared() {
		for _, op := range port.Ops {
			method := port.Name + "." + op.Name()
			if records := w.records[method]; len(records) > 0 {
				fmt.Fprintf(&b, "| `%s` | %s |\n", method, strings.Join(records, ", "))
			}
		}
	}
	b.WriteString("\nAll other methods change nothing and leave no entry.\n\n## Actions\n\n| action | number | what it says |\n| --- | --- | --- |\n")
	for _, a := range desk.LogActions() {
		fmt.Fprintf(&b, "| `%s` | %d | %s |\n", a.Name, a.Number, a.Doc)
	}
	b.WriteString("\n## Values\n\n| of a | values |\n| --- | --- |\n")
	values := desk.AuditedValues()
	for _, kind := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", kind, strings.Join(values[kind], ", "))
	}
	if *update {
		if err := os.WriteFile(auditPage, []byte(b.String()), 0o644); err != nil {
			w.t.Fatal(err)
		}
		return
	}
	if b.String() != string(page) {
		w.t.Errorf("%s is not what is recorded now; go test ./ports -update rewrites it\n%s", auditPage, firstDifference(string(page), b.String()))
	}
}

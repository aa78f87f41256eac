package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/config"
	"skranke/server"
)

// output is what a running command has written so far.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// running is a server command that was started.
type running struct {
	t           *testing.T
	base        string
	stop        context.CancelFunc
	code        chan int
	out, errors *output
}

var baseAddress = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// start runs a command that serves until it is stopped.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{t: t, stop: cancel, code: make(chan int, 1), out: &output{}, errors: &output{}}
	go func() {
		r.code <- run(ctx, args, strings.NewReader(""), r.out, r.errors, os.Environ())
	}()
	for range 1000 {
		if r.base = baseAddress.FindString(r.out.String() + r.errors.String()); r.base != "" {
			return r
		}
		select {
		case code := <-r.code:
			t.Fatalf("%q ended with %d: %s", args, code, r.errors)
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatalf("%q named no address: %s", args, r.errors)
	return nil
}

// end stops the server and waits for its end.
func (r *running) end() {
	r.t.Helper()
	r.stop()
	select {
	case code := <-r.code:
		if code != exitOK {
			r.t.Errorf("the server ended with %d: %s", code, r.errors)
		}
	case <-time.After(20 * time.Second):
		r.t.Fatal("the server did not stop")
	}
}

// ask makes a SOAP call on the customer port and returns the answer.
func (r *running) ask(body string) (string, error) {
	envelope := `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>` + body + `</Body></Envelope>`
	res, err := http.Post(r.base+"/soap/customer", "text/xml; charset=utf-8", strings.NewReader(envelope))
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

// part is the text of the first element called name.
func part(answer, name string) string {
	m := regexp.MustCompile(`<` + name + `(?: [^>]*)?>([^<]*)<`).FindStringSubmatch(answer)
	if m == nil {
		return ""
	}
	return m[1]
}

func (r *running) logIn(name, password string) string {
	r.t.Helper()
	answer, err := r.ask(fmt.Sprintf(`<login xmlns="urn:skranke:customer"><username>%s</username><password>%s</password></login>`, name, password))
	if err != nil || part(answer, "errorCode") != "0" {
		r.t.Fatalf("login: %v, %s", err, answer)
	}
	return part(answer, "sessionKey")
}

func getTicket(key, ticket string, fields ...string) string {
	items := ""
	for _, f := range fields {
		items += "<item>" + f + "</item>"
	}
	return fmt.Sprintf(`<getTicket xmlns="urn:skranke:customer"><sessionKey>%s</sessionKey><ticketId>%s</ticketId><ticketFields>%s</ticketFields></getTicket>`, key, ticket, items)
}

func TestDemo(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	r := start(t, "demo", "-listen", "127.0.0.1:0")
	first, _, _ := strings.Cut(r.out.String(), "\n")
	if first != "skranke demo "+r.base {
		t.Errorf("first line: got %q", first)
	}
	answer, err := r.ask(getTicket(r.logIn("johndoe", "pw"), "1012", "ticket.title", "ticket.created_at"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<errorCode>0<", "<value>Blåbærsyltetøyet kom ikke fram<", "<value>2021-01-25 13-05-09.000<", "<item>1</item><item>3</item><item>5</item>"} {
		if !strings.Contains(answer, want) {
			t.Errorf("getTicket: no %s in %s", want, answer)
		}
	}

	// What is printed can be called.
	for _, address := range regexp.MustCompile(r.base+`/\S+`).FindAllString(r.out.String(), -1) {
		if !strings.Contains(address, "?") {
			continue
		}
		res, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || !bytes.Contains(text, []byte("definitions")) {
			t.Errorf("GET %s: got %s, %v", address, res.Status, err)
		}
	}

	_, _, stderr := execute(t, nil, "demo", "-listen", strings.TrimPrefix(r.base, "http://"))
	if !strings.Contains(stderr, "is taken") || !strings.Contains(stderr, "-listen 127.0.0.1:8081") {
		t.Errorf("a port that is taken: got %q", stderr)
	}
	r.end()
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("the demo left %v, %v", left, err)
	}
}

// A demo that other machines reach says so, and what to do; what it prints can be
// called all the same.
func TestDemoIsCareful(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, listen := range []string{":0", "127.0.0.1:0"} {
		r := start(t, "demo", "-listen", listen)
		answer, err := r.ask(getTicket(r.logIn("johndoe", "pw"), "1012", "ticket.title"))
		if err != nil || part(answer, "errorCode") != "0" {
			t.Errorf("-listen %s: got %v, %s", listen, err, answer)
		}
		warned := true
		for _, want := range []string{"warning: other machines reach the demo", "from this machine alone", "skranke range add -data " + os.Getenv("TMPDIR"), `"skranke setup"`} {
			warned = warned && strings.Contains(r.errors.String(), want)
		}
		if warned != (listen == ":0") || !warned && r.errors.String() != "" {
			t.Errorf("-listen %s: got warning %q", listen, r.errors)
		}
		r.end()
	}
}

// This machine may also call a demo that listens on one of its addresses alone.
func TestDemoAdmitsItsAddress(t *testing.T) {
	i := newInstallation(t)
	i.do("pw\n", "setup")
	conf := config.Default()
	conf.Data = i.dir
	s, err := server.Open(t.Context(), server.Options{Config: conf})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, addr := range []string{"0.0.0.0", "::", "192.0.2.7"} {
		if err := admit(t.Context(), s, netip.MustParseAddr(addr)); err != nil {
			t.Fatal(err)
		}
	}
	for _, port := range skranke.Ports() {
		for addr, want := range map[string]bool{"192.0.2.7": true, "192.0.2.8": false, "198.51.100.1": false, "2001:db8::1": false, "127.0.0.1": true} {
			if got := s.Desk.Allowed(port, netip.MustParseAddr(addr)); got != want {
				t.Errorf("%s from %s: got %v, want %v", port, addr, got, want)
			}
		}
	}
}

// What a program needs that was made from the WSDL of another server: it works
// at its own path on a running server, under its own names.
//
// customer.faq_getEntry.3
func TestAdoptWhileServing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	r := start(t, "demo", "-listen", "127.0.0.1:0")
	defer r.end()
	dirs, err := filepath.Glob(filepath.Join(temp, "skranke-demo-*"))
	if err != nil || len(dirs) != 1 {
		t.Fatalf("got %v, %v", dirs, err)
	}
	call := func(path, body string) string {
		res, err := http.Post(r.base+path, "text/xml; charset=utf-8", strings.NewReader(
			`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body e:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">`+body+`</e:Body></e:Envelope>`))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	const entry = `<n:faq_getEntry xmlns:n="urn:customer"><sessionKey></sessionKey><entryId>2</entryId></n:faq_getEntry>`
	if got := call("/any/customer", entry); !strings.Contains(got, "there is no SOAP port at this address") {
		t.Errorf("before adopting: got %s", got)
	}
	code, out, stderr := execute(t, nil, "wsdl", "adopt", "-data", dirs[0], "../../soap/testdata/wsdl/original-guess.wsdl")
	if code != exitOK || strings.Contains(out, "BREAKS    ") {
		t.Fatalf("got %d, %s%s", code, out, stderr)
	}
	got := call("/any/customer", entry)
	for _, want := range []string{
		`<errorCode xsi:type="xsd:string">0<`,
		`<attachmentIds xsi:type="SOAP-ENC:Array" SOAP-ENC:arrayType="xsd:string[2]"><item xsi:type="xsd:string">3</item><item xsi:type="xsd:string">2</item></attachmentIds><hasHtml`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "attachmentInfo") {
		t.Errorf("a part that the WSDL has not: %s", got)
	}
	key := part(call("/any/customer", `<n:login xmlns:n="urn:customer"><username>johndoe</username><password>pw</password></n:login>`), "sessionKey")
	if got := call("/any/customer", `<n:getAttachment xmlns:n="urn:customer"><sessionKey>`+key+`</sessionKey><attachmentId>1</attachmentId></n:getAttachment>`); !strings.Contains(got, `<data xsi:type="xsd:base64Binary">JVBERi0`) {
		t.Errorf("got %s", got)
	}
	// Programs made from our own WSDL notice nothing.
	if got := call("/scripts/SOAP?action=customer", strings.Replace(entry, "urn:customer", "urn:skranke:customer", 1)); !strings.Contains(got, `<attachmentInfo xsi:type="SOAP-ENC:Array" SOAP-ENC:arrayType="ns1:AttachmentInfoStruct[2]">`) || strings.Contains(got, "attachmentIds") {
		t.Errorf("in our own namespace: got %s", got)
	}
}

// A fresh server answers this machine, tells that nobody can log in, and takes
// notice of what other commands do meanwhile.
func TestServe(t *testing.T) {
	i := newInstallation(t)
	r := start(t, "serve", "-data", i.dir, "-listen", "127.0.0.1:0")
	defer r.end()
	if !strings.Contains(r.errors.String(), `"skranke setup"`) || !strings.Contains(r.errors.String(), "-data "+i.dir) {
		t.Errorf("no word of the missing administrator: %s", r.errors)
	}
	if answer, err := r.ask(getTicket("", "1")); err != nil || part(answer, "errorCode") != "5" {
		t.Errorf("got %s, %v", answer, err)
	}
	i.do("pw\n", "setup")
	i.do("hemmelig\n", "customer", "add", "-user-name", "kari")
	key := r.logIn("kari", "hemmelig")
	i.do("ny\n", "customer", "password", "1")
	if answer, err := r.ask(getTicket(key, "1")); err != nil || part(answer, "errorCode") != "5" {
		t.Errorf("a session after a new password: got %s, %v", answer, err)
	}
	// types.portaccess.4: without its ranges the port answers nobody.
	i.do("", "range", "delete", "1")
	i.do("", "range", "delete", "2")
	for range 50 {
		if answer, err := r.ask(getTicket("", "1")); err != nil || strings.Contains(answer, "address not permitted") {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("the port still answers a machine whose range was deleted")
}

// What was answered is there after the server was stopped in the middle of work.
func TestStopUnderLoadLosesNothing(t *testing.T) {
	i := newInstallation(t)
	data := `{"kind":"priority","id":1,"name":"Normal"}
{"kind":"category","id":1,"name":"Support","method":4}
{"kind":"customer","id":1,"user_name":"kari","password":"pw"}
`
	const tickets = 4
	for n := 1; n <= tickets; n++ {
		data += fmt.Sprintf(`{"kind":"ticket","id":%d,"category":1,"priority":1,"status":1,"slevel":2,"customers":[1],"owner":1,"created_by":1,"read_status":1}`+"\n", n)
	}
	i.do("", "import", i.file("data.jsonl", data))
	r := start(t, "serve", "-data", i.dir, "-listen", "127.0.0.1:0")
	key := r.logIn("kari", "pw")

	var mu sync.Mutex
	acknowledged := map[string]string{}
	lastRead := map[string]time.Time{}
	var workers sync.WaitGroup
	for n := 1; n <= tickets; n++ {
		ticket := fmt.Sprint(n)
		workers.Go(func() {
			for k := 0; ; k++ {
				body := fmt.Sprintf("melding %s-%d", ticket, k)
				answer, err := r.ask(fmt.Sprintf(`<addMessage xmlns="urn:skranke:customer"><sessionKey>%s</sessionKey><messageBody>%s</messageBody><ticketId>%s</ticketId><sLevel>2</sLevel></addMessage>`, key, body, ticket))
				if err != nil {
					return
				}
				if part(answer, "errorCode") != "0" {
					t.Errorf("addMessage: %s", answer)
					return
				}
				began := time.Now()
				read, err := r.ask(getTicket(key, ticket))
				mu.Lock()
				acknowledged[part(answer, "messageId")] = body
				if err == nil && part(read, "errorCode") == "0" {
					lastRead[ticket] = began
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	time.Sleep(700 * time.Millisecond)
	r.end()
	workers.Wait()

	list := i.do("", "message", "list", "-json")
	for id, body := range acknowledged {
		if !strings.Contains(list, `{"kind":"message","id":`+id+`,`) || !strings.Contains(list, `"body":"`+body+`"`) {
			t.Errorf("message %s, %q, was acknowledged and is gone", id, body)
		}
	}
	for ticket, at := range lastRead {
		shown := i.do("", "ticket", "show", ticket)
		m := regexp.MustCompile(`read_by_customer: (\S+)`).FindStringSubmatch(shown)
		if m == nil {
			t.Errorf("ticket %s was read, and nothing says so", ticket)
			continue
		}
		stamp, err := time.Parse(time.RFC3339Nano, m[1])
		if err != nil || stamp.Before(at.Truncate(time.Millisecond)) {
			t.Errorf("ticket %s was read at %v, the stamp says %v, %v", ticket, at, stamp, err)
		}
	}
	t.Logf("%d messages were acknowledged", len(acknowledged))
	if len(acknowledged) < tickets || len(lastRead) < tickets {
		t.Errorf("got %d messages and %d readings, too few to say anything", len(acknowledged), len(lastRead))
	}
}

func TestServeRefuses(t *testing.T) {
	i := newInstallation(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	i.refuse(exitFailed, "is taken", "serve", "-listen", ln.Addr().String())
	if _, err := os.Stat(i.dir); err == nil {
		t.Error("a server that could not listen made a data directory")
	}
	i.refuse(exitUsage, "takes no arguments", "serve", "x")
}

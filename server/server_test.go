package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/config"
	"skranke/desk"
	"skranke/script"
	"skranke/soap"
	"skranke/store"
	"skranke/store/storetest"
)

func open(t *testing.T, change func(*config.Config)) *Server {
	t.Helper()
	conf := config.Default()
	conf.Data, conf.Database = t.TempDir(), storetest.Database(t)
	if change != nil {
		change(&conf)
	}
	s, err := Open(t.Context(), Options{Config: conf, PasswordCost: desk.PasswordCost{MemoryKiB: 8, Passes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Desk.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// serve serves until the returned stop is called, which waits for the end.
func serve(t *testing.T, s *Server) (base string, stop func()) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, ln) }()
	return "http://" + ln.Addr().String(), func() {
		t.Helper()
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the server did not stop")
		}
	}
}

// What the clock does is done while the server runs, at once when it starts:
// also what scripts of levels do.
//
// ticket.escalate.3
func TestServeDoesWhatIsDue(t *testing.T) {
	s := open(t, nil)
	late := &skranke.Script{IncludeID: "late", Source: `ticket.set({id: Number(getVariable("ticketId")), values: {title: "At level " + getVariable("level") + " says " + getActiveUser().id}})`}
	if err := s.Desk.SetScript(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	priority := &skranke.Priority{Levels: []skranke.AlertLevel{{Level: 3, Timeout: 1, Script: late.ID}}}
	if err := s.Desk.AddPriority(t.Context(), priority); err != nil {
		t.Fatal(err)
	}
	ticket := &skranke.Ticket{
		Status: skranke.Active, SLevel: skranke.Internal, Owner: skranke.SystemUser, CreatedBy: skranke.SystemUser,
		Priority: priority.ID, AlertTimeout: time.Now().Add(-time.Hour),
	}
	if err := s.db.Write(t.Context(), func(tx *store.WriteTx) error { return tx.InsertTicket(t.Context(), ticket) }); err != nil {
		t.Fatal(err)
	}
	_, stop := serve(t, s)
	defer stop()
	title := "At level 3 says 1"
	if script.New(script.Limits{}) == nil { // this system cannot hold scripts to limits
		title = ""
	}
	seen := func() (now *skranke.Ticket) {
		err := s.db.Read(t.Context(), func(tx *store.ReadTx) (err error) {
			now, err = tx.Ticket(t.Context(), ticket.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	now := seen()
	for patience := time.Now().Add(2 * time.Minute); now.AlertLevel != 3 || now.Title != title; now = seen() {
		if time.Now().After(patience) {
			t.Fatalf("got level %d and title %q, want 3 and %q", now.AlertLevel, now.Title, title)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func get(t *testing.T, address string) string {
	t.Helper()
	res, err := http.Get(address)
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

// An adopted WSDL is served as soon as it is there, with this server's address,
// and no longer than it is there.
func TestAdoptedWSDL(t *testing.T) {
	original, err := os.ReadFile("../soap/testdata/wsdl/original-guess.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, nil)
	base, stop := serve(t, s)
	defer stop()
	address := base + "/scripts/SOAP?action=customer"
	own := get(t, address)
	if !strings.Contains(own, "urn:skranke:customer") {
		t.Fatalf("got %.300s", own)
	}
	var log bytes.Buffer
	a := NewAdopted(s.conf.Data, slog.New(slog.NewTextHandler(&log, nil)))
	if err := a.Adopt(skranke.PortCustomer, original); err != nil {
		t.Fatal(err)
	}
	// Its own path answers, and is what it names, wherever it is asked for.
	for _, path := range []string{"/scripts/SOAP?action=customer", "/any/customer", "/Any//Customer?wsdl"} {
		if got := get(t, base+path); got == own || !strings.Contains(got, `location="`+base+`/any/customer"`) {
			t.Errorf("after adopting, %s: got %.300s", path, got)
		}
	}
	if got := get(t, base+"/soap/customer?wsdl"); !strings.Contains(got, "urn:skranke:customer") {
		t.Errorf("document/literal: got %.300s", got)
	}
	// Calls make do with what was known a second ago, and no longer.
	calls := NewAdopted(s.conf.Data, s.log)
	if calls.find("customer", false) == nil || calls.find("ticket", false) != nil || calls.find("nobody", false) != nil {
		t.Error("calls do not find what was adopted, or find what was not")
	}
	if err := a.Adopt(skranke.PortCustomer, []byte("<html/>")); err != nil {
		t.Fatal(err)
	}
	calls.files["customer"].looked.Add(-int64(2 * adoptedFresh))
	if calls.find("customer", false) != nil {
		t.Error("calls rely on a look that is two seconds old")
	}
	if a.Port("customer") != nil || !strings.Contains(log.String(), "cannot be used") {
		t.Errorf("a file that is no WSDL: got %s", log.String())
	}
	if got := get(t, address); got != own {
		t.Errorf("a file that is no WSDL: got %.300s", got)
	}
	if had, err := a.Drop(skranke.PortCustomer); !had || err != nil {
		t.Errorf("got %v, %v", had, err)
	}
	if had, err := a.Drop(skranke.PortCustomer); had || err != nil {
		t.Errorf("dropped twice: got %v, %v", had, err)
	}
	files, err := os.ReadDir(s.conf.Data)
	for _, f := range files {
		if strings.Contains(f.Name(), "wsdl") {
			t.Errorf("left over: %s, %v", f.Name(), err)
		}
	}
}

// A call is answered at the path of an adopted WSDL from the moment that is
// there, and not when it is gone or was never anybody's.
func TestAdoptedPath(t *testing.T) {
	original, err := os.ReadFile("../soap/testdata/wsdl/original-guess.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, func(c *config.Config) { c.PathPrefix = "/Cust1/CS" })
	a := NewAdopted(s.conf.Data, s.log)
	moved := func(address string) []byte {
		return bytes.Replace(original, []byte("http://127.0.0.1:8099/any/customer"), []byte("http://help.example"+address), 1)
	}
	call := func(path string) (int, string) {
		r := httptest.NewRequest("POST", path, strings.NewReader(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body e:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><n:login xmlns:n="urn:customer"><username>x</username><password>y</password></n:login></e:Body></e:Envelope>`))
		r.RemoteAddr = "127.0.0.1:1"
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	for _, c := range []struct{ address, path string }{
		{"/any/customer.cgi", "/any/customer.cgi"},
		{"/any/customer.cgi", "//ANY/Customer.cgi/"},
		{"/Cust1/CS/scripts/soap.exe?action=customer", "/cust1/cs/scripts/soap.exe?action=customer"},
		{"/Other/scripts/soap.exe?action=customer", "/other/scripts/soap.exe?Action=Customer"},
	} {
		if err := a.Adopt(skranke.PortCustomer, moved(c.address)); err != nil {
			t.Fatal(err)
		}
		if code, body := call(c.path); code != 200 || !strings.Contains(body, `<errorCode xsi:type="xsd:string">1<`) {
			t.Errorf("adopted %s: POST %s: got %d %s", c.address, c.path, code, body)
		}
		for _, path := range []string{"/any/customer", "/x", "/scripts/soap.exe?action=customer"} {
			if code, _ := call(path); code != 404 {
				t.Errorf("adopted %s: POST %s: got %d, want 404", c.address, path, code)
			}
		}
	}
	// The server's own addresses stay what they are, also in another spelling.
	for _, address := range []string{"/healthz", "/READYZ", "/Healthz/?action=customer"} {
		if err := a.Adopt(skranke.PortCustomer, moved(address)); err != nil {
			t.Fatal(err)
		}
		if w := ask(s.Handler(), "GET", "/healthz", ""); w.Code != 200 || w.Body.String() != "ok\n" {
			t.Errorf("adopted %s: /healthz: got %d %s", address, w.Code, w.Body)
		}
		for _, path := range []string{"/HEALTHZ", "//readyz", "/healthz/?action=customer"} {
			if w := ask(s.Handler(), "GET", path, ""); w.Code != 404 {
				t.Errorf("adopted %s: %s: got %d, want 404", address, path, w.Code)
			}
		}
		if w := ask(s.Handler(), "GET", "/Cust1/CS/scripts/SOAP?action=customer", ""); !strings.Contains(w.Body.String(), "/Cust1/CS/scripts/SOAP?action=customer\"") {
			t.Errorf("adopted %s: its WSDL leads elsewhere: %.300s", address, w.Body)
		}
	}
	// Ports of one path are told apart by what else the addresses say.
	if err := errors.Join(a.Adopt(skranke.PortCustomer, moved("/cgi?action=customer")), a.Adopt(skranke.PortTicket, moved("/cgi?action=ticket"))); err != nil {
		t.Fatal(err)
	}
	for _, port := range []string{"customer", "ticket"} {
		w := ask(s.Handler(), "GET", "/CGI?Action="+port, "")
		if w.Code != 200 || !strings.Contains(w.Body.String(), "/cgi?action="+port+"\"") {
			t.Errorf("%s: got %d %.300s", port, w.Code, w.Body)
		}
	}
	for path, want := range map[string]skranke.Port{"/cgi": skranke.PortCustomer, "/cgi?action=admin": "", "/x": ""} {
		wsdl, err := soap.ParseWSDL(bytes.NewReader(moved(path)))
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Clash(skranke.PortAdmin, wsdl); got != want {
			t.Errorf("%s for the admin port: got a clash with %q, want %q", path, got, want)
		}
	}
	for _, port := range []skranke.Port{skranke.PortCustomer, skranke.PortTicket} {
		if _, err := a.Drop(port); err != nil {
			t.Fatal(err)
		}
	}
	if w := ask(s.Handler(), "GET", "/cgi?action=customer", ""); w.Code != 404 {
		t.Errorf("after both were dropped: got %d", w.Code)
	}
}

func TestDataThatIsNone(t *testing.T) {
	conf := config.Default()
	conf.Data = t.TempDir()
	if err := os.WriteFile(filepath.Join(conf.Data, "skranke.db"), []byte(strings.Repeat("no database\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), Options{Config: conf})
	if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), conf.Data) || !strings.Contains(err.Error(), "restore a backup") || strings.Contains(err.Error(), "sql:") {
		t.Errorf("got %v, want what to do, and no step of the schema", err)
	}
}

func TestNewerData(t *testing.T) {
	err := explain(fmt.Errorf("%w: its schema is version 9", store.ErrNewerSchema), "dir")
	if !errors.Is(err, store.ErrNewerSchema) || !strings.Contains(err.Error(), "install that version again") || !strings.Contains(err.Error(), "dir") {
		t.Errorf("got %v", err)
	}
}

// A call that takes longer than a stopping server waits is cut off, so that the
// server does stop.
func TestStoppingHasAnEnd(t *testing.T) {
	s := open(t, func(c *config.Config) { c.ShutdownTimeout = 200 * time.Millisecond })
	base, stop := serve(t, s)
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST /soap/customer HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // so that the call has begun
	began := time.Now()
	stop()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

// What is said to be served is there, also where only the configuration file
// says where the server is.
func TestModulesAreServed(t *testing.T) {
	// admin.getModulePaths.2, admin.getModulePaths.3
	s := open(t, func(c *config.Config) { c.PathPrefix, c.PublicURL = "/Cust1/CS", "https://help.example.com" })
	base, stop := serve(t, s)
	defer stop()
	list, err := s.Desk.Modules(t.Context())
	if err != nil || len(list) != 1 || list[0] != (desk.Module{Name: "soap", URL: "https://help.example.com/Cust1/CS/scripts/SOAP"}) {
		t.Fatalf("got %v, %v", list, err)
	}
	for _, port := range []string{"customer", "ticket", "admin"} {
		address := strings.Replace(list[0].URL, "https://help.example.com", base, 1) + "?action=" + port
		if got := get(t, address); !strings.Contains(got, "<definitions") && !strings.Contains(got, ":definitions") {
			t.Errorf("%s is no WSDL: %.200s", address, got)
		}
	}
	if err := s.Desk.SetSetting(t.Context(), "config.cgiUrl", "http://cs.example.com"); err != nil {
		t.Fatal(err)
	}
	if list, err = s.Desk.Modules(t.Context()); err != nil || len(list) != 1 || list[0].URL != "http://cs.example.com/scripts/SOAP" {
		t.Errorf("with the setting: got %v, %v", list, err)
	}
}

func TestPathPrefix(t *testing.T) {
	s := open(t, func(c *config.Config) { c.PathPrefix, c.PublicURL = "/Cust1/CS", "https://help.example.com" })
	base, stop := serve(t, s)
	defer stop()
	if got := get(t, base+"/Cust1/CS/scripts/SOAP.exe?action=ticket"); !strings.Contains(got, `location="https://help.example.com/Cust1/CS/scripts/SOAP.exe?action=ticket"`) {
		t.Errorf("got %.300s", got)
	}
}

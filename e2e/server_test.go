package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"
)

// scratch holds what a test run builds; it goes when the run ends.
var scratch string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "skranke-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	scratch = dir
	if err := prune(cacheRoot(), time.Now()); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// program builds skranke, once, and returns where it is.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "skranke")
	build := exec.Command("go", "build", "-o", path, "skranke/cmd/skranke")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building skranke: %w\n%s", err, out)
	}
	return path, nil
})

// A server is a running "skranke demo". Tests that fail logins on purpose have
// one each, for the server brakes after ten failures.
type server struct {
	base  string
	mails string // folder of the mails it sends
}

var (
	address    = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	mailFolder = regexp.MustCompile(`^  (/.*/mail)$`)
)

func start(t *testing.T) *server {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "demo", "-listen", "127.0.0.1:0")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "TMPDIR="+cmd.Dir)
	var log bytes.Buffer
	cmd.Stderr = &log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	found := make(chan *server, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		lines := bufio.NewScanner(stdout)
		var s server
		for lines.Scan() {
			if s.base == "" {
				s.base = address.FindString(lines.Text())
			}
			if folder := mailFolder.FindStringSubmatch(lines.Text()); folder != nil && s.mails == "" {
				s.mails = folder[1]
				found <- &server{s.base, s.mails}
			}
		}
		close(found)
	}()
	t.Cleanup(func() {
		kill := time.AfterFunc(patience, func() {
			t.Errorf("the server did not stop within %v of an interrupt", patience)
			_ = cmd.Process.Kill()
		})
		defer kill.Stop()
		_ = cmd.Process.Signal(os.Interrupt)
		<-drained
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server ended with: %v", err)
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", log.String())
		}
	})

	select {
	case s, ok := <-found:
		if !ok {
			t.Fatal("the server ended before it named its address and its mail folder")
		}
		return s
	case <-time.After(patience):
		t.Fatalf("the server did not name its address and its mail folder within %v", patience)
	}
	return nil
}

// The two styles a port is declared in, as the clients call them.
const (
	rpc = "rpc" // RPC/encoded
	doc = "doc" // document/literal wrapped
)

var styles = []string{rpc, doc}

// wsdl is the address of a port's WSDL in a style.
func (s *server) wsdl(port, style string) string {
	if style == rpc {
		return s.base + "/scripts/SOAP?action=" + port
	}
	return s.base + "/soap/" + port + "?wsdl"
}

var location = regexp.MustCompile(`location="([^"]*)"`)

// A declaration is a WSDL that proxies are made from.
type declaration struct {
	port, style string
	wsdl        string // where it is
	text        string // what it says, without the server's own address: two servers say the same
	endpoint    string // where calls go
}

// declares fetches one of the server's own WSDLs.
func (s *server) declares(t *testing.T, port, style string) declaration {
	t.Helper()
	d := declaration{port: port, style: style, wsdl: s.wsdl(port, style)}
	res, err := http.Get(d.wsdl)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: got %s: %s", d.wsdl, res.Status, body)
	}
	at := location.FindSubmatch(body)
	if at == nil {
		t.Fatalf("GET %s: no soap:address in\n%s", d.wsdl, body)
	}
	d.text = string(bytes.ReplaceAll(body, []byte(s.base), nil))
	d.endpoint = string(bytes.ReplaceAll(at[1], []byte("&amp;"), []byte("&")))
	return d
}

// another is the WSDL of another server, RPC/encoded like the original's but
// with its own namespaces and names of array types, and few methods; its calls
// go to this server.
func (s *server) another(t *testing.T) declaration {
	t.Helper()
	text, err := os.ReadFile("testdata/another.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	d := declaration{port: "customer", style: rpc, text: string(text), endpoint: s.wsdl("customer", rpc)}
	if len(location.FindAll(text, -1)) != 1 {
		t.Fatal("testdata/another.wsdl has not one soap:address")
	}
	d.wsdl = filepath.Join(t.TempDir(), "another.wsdl")
	if err := os.WriteFile(d.wsdl, location.ReplaceAll(text, []byte(`location="`+d.endpoint+`"`)), 0o644); err != nil {
		t.Fatal(err)
	}
	return d
}

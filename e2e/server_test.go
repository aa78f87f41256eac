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
type server struct{ base string }

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

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

	found := make(chan string, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		lines := bufio.NewScanner(stdout)
		for said := false; lines.Scan(); {
			if at := address.FindString(lines.Text()); at != "" && !said {
				said = true
				found <- at
			}
		}
		close(found)
	}()
	t.Cleanup(func() {
		kill := time.AfterFunc(15*time.Second, func() {
			t.Error("the server did not stop within 15 seconds of an interrupt")
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
	case at, ok := <-found:
		if !ok {
			t.Fatal("the server ended before it named its address")
		}
		return &server{at}
	case <-time.After(30 * time.Second):
		t.Fatal("the server named no address within 30 seconds")
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

// declaration fetches a WSDL. It returns the text with this server's own
// address taken out, so that two servers' texts can be compared, and the
// address that calls go to.
func (s *server) declaration(t *testing.T, port, style string) (text, endpoint string) {
	t.Helper()
	res, err := http.Get(s.wsdl(port, style))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: got %s: %s", s.wsdl(port, style), res.Status, body)
	}
	at := location.FindSubmatch(body)
	if at == nil {
		t.Fatalf("GET %s: no soap:address in\n%s", s.wsdl(port, style), body)
	}
	return string(bytes.ReplaceAll(body, []byte(s.base), nil)), string(bytes.ReplaceAll(at[1], []byte("&amp;"), []byte("&")))
}

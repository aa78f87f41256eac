package e2e

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A toolkit is one foreign SOAP client, in clients/<name>.
type toolkit struct {
	name string
	// has is a shell command that succeeds where the toolkit is installed.
	has string
	// dropsCR: the toolkit writes a carriage return into a request as it is,
	// and XML turns that into a newline.
	dropsCR bool
}

var toolkits = []toolkit{
	{name: "mono", has: "command -v wsdl && command -v mcs && command -v mono", dropsCR: true},
	{name: "gsoap", has: "command -v wsdl2h && command -v soapcpp2 && command -v g++ && echo '#include <stdsoap2.h>' | g++ -E -x c++ -"},
	{name: "php-soap", has: `php -r 'exit(class_exists("SoapClient") ? 0 : 1);'`},
	{name: "python-zeep", has: "python3 -c 'import zeep' || /usr/bin/python3 -c 'import zeep'"},
	{name: "perl-soaplite", has: "perl -MSOAP::Lite -e 1"},
	{name: "node-soap", has: `cd clients/node-soap && node -e 'require("soap")'`, dropsCR: true},
}

// need skips the test if a toolkit is missing; under SKRANKE_REQUIRE_TOOLKITS=1
// it fails it.
func need(t *testing.T, name, has string) {
	t.Helper()
	out, err := exec.Command("sh", "-c", has).CombinedOutput()
	if err == nil {
		return
	}
	if os.Getenv("SKRANKE_REQUIRE_TOOLKITS") == "1" {
		t.Fatalf("%s is not installed (%s): %v\n%s", name, has, err, out)
	}
	t.Skipf("%s is not installed (make interop installs it)", name)
}

// cache is where generated proxies are kept between runs. What lies there is
// named after everything it was made from, so it is never stale.
func cache(t *testing.T, from ...string) string {
	t.Helper()
	sum := sha256.New()
	for _, text := range from {
		fmt.Fprintf(sum, "%d:%s", len(text), text)
	}
	root, err := os.UserCacheDir()
	if err != nil {
		root = os.TempDir()
	}
	dir := filepath.Join(root, "skranke-e2e", fmt.Sprintf("%x", sum.Sum(nil)[:12]))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// sources is every file of a client, as one text.
func sources(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		if f.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "%s %d\n%s", f.Name(), len(text), text)
	}
	return all.String()
}

// building keeps the compilers of parallel tests from running all at once.
var building sync.Mutex

// A client is a running toolkit with a proxy of one port in one style.
type client struct {
	toolkit
	port string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// connect makes the toolkit's proxy from a WSDL and starts it.
func (k toolkit) connect(t *testing.T, d declaration) *client {
	t.Helper()
	dir := filepath.Join("clients", k.name)
	env := append(os.Environ(), "PORT="+d.port, "STYLE="+d.style, "WSDL="+d.wsdl, "ENDPOINT="+d.endpoint,
		"BUILD="+cache(t, d.text, d.port, d.style, sources(t, dir)), "LC_ALL=C.UTF-8")

	building.Lock()
	began := time.Now()
	build := exec.Command("sh", filepath.Join(dir, "run.sh"), "build")
	build.Env = env
	out, err := build.CombinedOutput()
	building.Unlock()
	if err != nil {
		t.Fatalf("%s makes no proxy of %s: %v\n%s", k.name, d.wsdl, err, out)
	}
	t.Logf("proxy made in %v", time.Since(began).Round(100*time.Millisecond))

	c := &client{toolkit: k, port: d.port, cmd: exec.Command("sh", filepath.Join(dir, "run.sh"), "talk")}
	c.cmd.Env = env
	var complaints bytes.Buffer
	c.cmd.Stderr = &complaints
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewReader(stdout)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.in.Close()
		if err := c.cmd.Wait(); err != nil {
			t.Errorf("the client ended with: %v", err)
		}
		if complaints.Len() > 0 && t.Failed() {
			t.Logf("the client complained:\n%s", complaints.String())
		}
	})
	return c
}

// A pair is a ValuePairStruct.
type pair struct{ field, value string }

// call makes one call through the toolkit; args are in the declared order. A
// fault, or a toolkit that gave up, ends the test.
func (c *client) call(t *testing.T, method string, args ...any) answer {
	t.Helper()
	m, ok := methods[c.port][method]
	if !ok || len(m.in) != len(args) {
		t.Fatalf("%s.%s is declared with %d parameters, called with %d", c.port, method, len(m.in), len(args))
	}
	words := []string{method}
	for i, arg := range args {
		switch v := arg.(type) {
		case string:
			words = append(words, "s", m.in[i], v)
		case bool:
			words = append(words, "b", m.in[i], strconv.FormatBool(v))
		case []string:
			words = append(words, "l", m.in[i], strconv.Itoa(len(v)))
			words = append(words, v...)
		case []pair:
			words = append(words, "p", m.in[i], strconv.Itoa(len(v)))
			for _, p := range v {
				words = append(words, p.field, p.value)
			}
		default:
			t.Fatalf("no client knows a %T", arg)
		}
	}
	line, err := c.say(words)
	if err != nil {
		t.Fatalf("%s through %s: %v", method, c.name, err)
	}
	a, err := readAnswer(line, m.out)
	if err != nil {
		t.Fatalf("%s through %s: %v", method, c.name, err)
	}
	return a
}

const patience = 60 * time.Second

func (c *client) say(words []string) (string, error) {
	for i := range words {
		words[i] = escape.Replace(words[i])
	}
	if _, err := io.WriteString(c.in, strings.Join(words, "\t")+"\n"); err != nil {
		return "", err
	}
	hung := time.AfterFunc(patience, func() { _ = c.cmd.Process.Kill() })
	line, err := c.out.ReadString('\n')
	if !hung.Stop() {
		return "", fmt.Errorf("no answer within %v", patience)
	}
	return strings.TrimSuffix(line, "\n"), err
}

var (
	escape   = strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)
	unescape = strings.NewReplacer(`\\`, "\\", `\t`, "\t", `\n`, "\n", `\r`, "\r")
)

// An answer is the out parts of a call as the toolkit understood them.
type answer struct {
	texts map[string]string
	lists map[string][]string
	rows  map[string][]map[string]string
}

// readAnswer reads a client's line. Clients that do not know the names of the
// out parts leave them out; then position decides.
func readAnswer(line string, names []string) (answer, error) {
	a := answer{texts: map[string]string{}, lists: map[string][]string{}, rows: map[string][]map[string]string{}}
	words := strings.Split(line, "\t")
	for i := range words {
		words[i] = unescape.Replace(words[i])
	}
	at := 0
	next := func() string {
		if at == len(words) {
			at++
		}
		if at > len(words) {
			return ""
		}
		at++
		return words[at-1]
	}
	count := func() int {
		n, err := strconv.Atoi(next())
		if err != nil || n < 0 || n > len(words) {
			at = len(words) + 1
			return 0
		}
		return n
	}
	switch word := next(); word {
	case "ok":
	case "fault":
		return a, errors.New("fault: " + next())
	default:
		return a, fmt.Errorf("got %q, want ok or fault", line)
	}
	position := 0
	for ; at < len(words); position++ {
		kind, name := next(), next()
		if position >= len(names) {
			return a, fmt.Errorf("got more than the %d out parts %q: %q", len(names), names, line)
		}
		if name == "" {
			name = names[position]
		}
		if name != names[position] {
			return a, fmt.Errorf("out part %d: got %q, want %q", position, name, names[position])
		}
		switch kind {
		case "s":
			a.texts[name] = next()
		case "l":
			list := make([]string, count())
			for i := range list {
				list[i] = next()
			}
			a.lists[name] = list
		case "r":
			rows := make([]map[string]string, count())
			for i := range rows {
				rows[i] = map[string]string{}
				for members := count(); members > 0; members-- {
					member := next()
					rows[i][member] = next()
				}
			}
			a.rows[name] = rows
		default:
			return a, fmt.Errorf("out part of kind %q in %q", kind, line)
		}
	}
	if at > len(words) {
		return a, fmt.Errorf("cut short: %q", line)
	}
	if position != len(names) {
		return a, fmt.Errorf("got %d out parts, want %q: %q", position, names, line)
	}
	return a, nil
}

// wantCode fails the test unless the call answered that errorCode.
func (a answer) wantCode(t *testing.T, want string) {
	t.Helper()
	if got := a.text(t, "errorCode"); got != want {
		t.Fatalf("errorCode: got %q, want %q", got, want)
	}
}

func (a answer) text(t *testing.T, name string) string {
	t.Helper()
	text, ok := a.texts[name]
	if !ok && len(a.lists[name])+len(a.rows[name]) > 0 {
		t.Fatalf("%s: got an array, want a text", name)
	}
	return text
}

// list is an array of texts. An empty array may have come as no value at all:
// many toolkits cannot tell.
func (a answer) list(t *testing.T, name string) []string {
	t.Helper()
	if a.texts[name] != "" || len(a.rows[name]) > 0 {
		t.Fatalf("%s: got %q and %d structs, want an array of texts", name, a.texts[name], len(a.rows[name]))
	}
	return a.lists[name]
}

// structs is an array of structs, or the one struct of a part that is no array.
func (a answer) structs(t *testing.T, name string) []map[string]string {
	t.Helper()
	if a.texts[name] != "" || len(a.lists[name]) > 0 {
		t.Fatalf("%s: got %q and %q, want structs", name, a.texts[name], a.lists[name])
	}
	return a.rows[name]
}

// A result is a ResultStruct.
type result struct{ field, value, typ string }

func (a answer) results(t *testing.T, name string) []result {
	t.Helper()
	var all []result
	for _, m := range a.structs(t, name) {
		all = append(all, result{m["field"], m["value"], m["type"]})
	}
	return all
}

package e2e

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	// dropsRows: of an encoded array of arrays the toolkit drops the arrays that
	// are empty.
	dropsRows bool
}

var toolkits = []toolkit{
	{name: "mono", has: "command -v wsdl && command -v mcs && command -v mono", dropsCR: true},
	{name: "gsoap", has: "command -v wsdl2h && command -v soapcpp2 && command -v g++ && echo '#include <stdsoap2.h>' | g++ -E -x c++ -"},
	{name: "php-soap", has: `php -r 'exit(class_exists("SoapClient") ? 0 : 1);'`},
	{name: "python-zeep", has: "python3 -c 'import zeep' || /usr/bin/python3 -c 'import zeep'", dropsRows: true},
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

// cacheRoot is where generated proxies are kept between runs.
func cacheRoot() string {
	root, err := os.UserCacheDir()
	if err != nil {
		root = scratch
	}
	return filepath.Join(root, "skranke-e2e")
}

// cacheLife is how long a proxy nobody has used is kept.
const cacheLife = 14 * 24 * time.Hour

// prune removes from root what was not used for as long as that.
func prune(root string, now time.Time) error {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || now.Sub(info.ModTime()) <= cacheLife { // gone: another run prunes, too
			continue
		}
		if err := os.RemoveAll(filepath.Join(root, e.Name())); err != nil {
			return err
		}
	}
	return err
}

func TestPrune(t *testing.T) {
	root, now := t.TempDir(), time.Now()
	for name, age := range map[string]time.Duration{"old": cacheLife + time.Hour, "young": cacheLife - time.Hour} {
		dir := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Join(dir, "inner"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(dir, time.Time{}, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := prune(root, now); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(root); err != nil || len(left) != 1 || left[0].Name() != "young" {
		t.Errorf("left: %v, %v, want the young one", left, err)
	}
	if err := prune(filepath.Join(root, "missing"), now); err != nil {
		t.Errorf("without a cache: %v", err)
	}
}

// cache is the folder of a generated proxy. What lies there is named after
// everything it was made from, so it is never stale; its time is that of its
// last use.
func cache(t *testing.T, from ...string) string {
	t.Helper()
	sum := sha256.New()
	for _, text := range from {
		fmt.Fprintf(sum, "%d:%s", len(text), text)
	}
	dir := filepath.Join(cacheRoot(), fmt.Sprintf("%x", sum.Sum(nil)[:12]))
	now := time.Now()
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chtimes(dir, now, now)); err != nil {
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

// patience is how long other programs may take for one thing on a machine that
// has much else to do. Only what hangs takes that long.
const patience = 3 * time.Minute

// combined runs a program and returns all it printed.
func combined(cmd *exec.Cmd) ([]byte, error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	// Of a script that is killed the children may live on and hold its output.
	cmd.WaitDelay = patience
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	hung := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	if !hung.Stop() {
		err = fmt.Errorf("not done within %v", patience)
	}
	return out.Bytes(), err
}

// building keeps the compilers of parallel tests from running all at once.
var building sync.Mutex

// A client is a running toolkit with a proxy of one port in one style.
type client struct {
	toolkit
	port, style string
	cmd         *exec.Cmd
	in          io.WriteCloser
	out         *bufio.Reader

	called map[string]bool // the methods that answered
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
	out, err := combined(build)
	building.Unlock()
	if err != nil {
		t.Fatalf("%s makes no proxy of %s: %v\n%s", k.name, d.wsdl, err, out)
	}
	t.Logf("proxy made in %v", time.Since(began).Round(100*time.Millisecond))

	c := &client{toolkit: k, port: d.port, style: d.style, called: map[string]bool{}, cmd: exec.Command("sh", filepath.Join(dir, "run.sh"), "talk")}
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
		hung := time.AfterFunc(patience, func() { _ = c.cmd.Process.Kill() })
		defer hung.Stop()
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

// A criterion is a CriteriaStruct.
type criterion struct{ field, op, value string }

// A rowCriterion is an ExtraTableCriteriaStruct.
type rowCriterion struct{ column, op, value, logical string }

// null in a list of texts is no text at all; toolkits that have no such thing
// send an empty one.
const null = "\x00"

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
		case []criterion:
			words = append(words, "c", m.in[i], strconv.Itoa(len(v)))
			for _, c := range v {
				words = append(words, c.field, c.op, c.value)
			}
		case []rowCriterion:
			words = append(words, "q", m.in[i], strconv.Itoa(len(v)))
			for _, c := range v {
				words = append(words, c.column, c.op, c.value, c.logical)
			}
		case []byte:
			words = append(words, "x", m.in[i], base64.StdEncoding.EncodeToString(v))
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
	c.called[method] = true
	return a
}

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
	escape   = strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, null, `\0`)
	unescape = strings.NewReplacer(`\\`, "\\", `\t`, "\t", `\n`, "\n", `\r`, "\r")
)

// A value is what a toolkit made of an out part, or of something in it: a text,
// an array of values or a struct.
type value struct {
	text    string
	items   []value
	members map[string]value
}

// An answer is the out parts of a call as the toolkit understood them.
type answer map[string]value

// readAnswer reads a client's line. Clients that do not know the names of the
// out parts leave them out; then position decides.
func readAnswer(line string, names []string) (answer, error) {
	r := reader{words: strings.Split(line, "\t")}
	for i := range r.words {
		r.words[i] = unescape.Replace(r.words[i])
	}
	switch word := r.next(); word {
	case "ok":
	case "fault":
		return nil, errors.New("fault: " + r.next())
	default:
		return nil, fmt.Errorf("got %q, want ok or fault", line)
	}
	a := answer{}
	position := 0
	for ; r.at < len(r.words); position++ {
		name, v := r.part()
		if position >= len(names) {
			return nil, fmt.Errorf("got more than the %d out parts %q: %q", len(names), names, line)
		}
		if name == "" {
			name = names[position]
		}
		if name != names[position] {
			return nil, fmt.Errorf("out part %d: got %q, want %q", position, name, names[position])
		}
		a[name] = v
	}
	if r.wrong != "" {
		return nil, fmt.Errorf("%s in %q", r.wrong, line)
	}
	if position != len(names) {
		return nil, fmt.Errorf("got %d out parts, want %q: %q", position, names, line)
	}
	return a, nil
}

// A reader takes values out of the words of an answer.
type reader struct {
	words []string
	at    int
	wrong string // what is wrong with the words, once something is
}

func (r *reader) fail(wrong string) {
	if r.wrong == "" {
		r.wrong = wrong
	}
	r.at = len(r.words)
}

func (r *reader) next() string {
	if r.at >= len(r.words) {
		r.fail("too few words")
		return ""
	}
	r.at++
	return r.words[r.at-1]
}

func (r *reader) count() int {
	word := r.next()
	n, err := strconv.Atoi(word)
	if err != nil || n < 0 || n > len(r.words) {
		r.fail(fmt.Sprintf("%q is no count", word))
		return 0
	}
	return n
}

// part reads kind, name and value.
func (r *reader) part() (string, value) {
	kind, name := r.next(), r.next()
	var v value
	switch kind {
	case "s":
		v.text = r.next()
	case "l":
		v.items = make([]value, r.count())
		for i := range v.items {
			v.items[i].text = r.next()
		}
	case "r":
		v.items = make([]value, r.count())
		for i := range v.items {
			v.items[i].members = map[string]value{}
			for members := r.count(); members > 0; members-- {
				member, inner := r.part()
				v.items[i].members[member] = inner
			}
		}
	case "a":
		v.items = make([]value, r.count())
		for i := range v.items {
			_, v.items[i] = r.part()
		}
	default:
		r.fail(fmt.Sprintf("%q is no kind", kind))
	}
	return name, v
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
	if len(a[name].items) > 0 {
		t.Fatalf("%s: got an array, want a text", name)
	}
	return a[name].text
}

func (a answer) boolean(t *testing.T, name string) bool {
	t.Helper()
	return boolean(t, name, a.text(t, name))
}

// boolean is true, false or the toolkit's words for it.
func boolean(t *testing.T, name, text string) bool {
	t.Helper()
	switch text {
	case "true", "1":
		return true
	case "false", "0":
		return false
	default:
		t.Fatalf("%s: got %q, want a boolean", name, text)
		return false
	}
}

// array is the items of an array. An empty array may have come as no value at
// all: many toolkits cannot tell.
func (v value) array(t *testing.T, name string) []value {
	t.Helper()
	if v.text != "" || len(v.members) > 0 {
		t.Fatalf("%s: got %v, want an array", name, v)
	}
	return v.items
}

// list is an array of texts.
func (a answer) list(t *testing.T, name string) []string {
	t.Helper()
	var all []string
	for _, item := range a[name].array(t, name) {
		if len(item.items)+len(item.members) > 0 {
			t.Fatalf("%s: got %v, want an array of texts", name, a[name])
		}
		all = append(all, item.text)
	}
	return all
}

// structs is an array of structs, or the one struct of a part that is no array.
func (a answer) structs(t *testing.T, name string) []map[string]value {
	t.Helper()
	return a[name].structs(t, name)
}

func (v value) structs(t *testing.T, name string) []map[string]value {
	t.Helper()
	var all []map[string]value
	for _, item := range v.array(t, name) {
		if item.members == nil {
			t.Fatalf("%s: got %v, want an array of structs", name, v)
		}
		all = append(all, item.members)
	}
	return all
}

// A result is a ResultStruct.
type result struct{ field, value, typ string }

func (a answer) results(t *testing.T, name string) []result {
	t.Helper()
	return a[name].results(t, name)
}

func (v value) results(t *testing.T, name string) []result {
	t.Helper()
	var all []result
	for _, m := range v.structs(t, name) {
		all = append(all, result{m["field"].text, m["value"].text, m["type"].text})
	}
	return all
}

// table is an array of arrays of ResultStructs.
func (a answer) table(t *testing.T, name string) [][]result {
	t.Helper()
	var rows [][]result
	for _, row := range a[name].array(t, name) {
		rows = append(rows, row.results(t, name))
	}
	return rows
}

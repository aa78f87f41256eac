package skranke_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms is the import law: which of our packages a package may import, and
// which modules of others. A package that is not in the list may not exist.
var rooms = map[string]struct{ own, foreign []string }{
	"skranke":                 {},
	"skranke/store":           {own: []string{"skranke"}, foreign: []string{"github.com/ncruces/go-sqlite3", "github.com/jackc/pgx", "github.com/VictoriaMetrics/fastcache", "github.com/minio/minio-go", "golang.org/x/sys/unix"}},
	"skranke/store/storetest": {own: []string{"skranke", "skranke/store"}, foreign: []string{"github.com/jackc/pgx", "github.com/minio/minio-go"}},
	"skranke/desk":            {own: []string{"skranke", "skranke/store"}, foreign: []string{"golang.org/x/crypto", "golang.org/x/net", "golang.org/x/text"}},
	"skranke/soap":            {foreign: []string{"golang.org/x/text"}},
	"skranke/brisk":           {},
	"skranke/ports":           {own: []string{"skranke", "skranke/desk", "skranke/soap"}},
	"skranke/mailbox":         {own: []string{"skranke", "skranke/desk"}, foreign: []string{"github.com/wneessen/go-mail", "github.com/emersion/go-smtp", "github.com/emersion/go-sasl"}},
	"skranke/script":          {foreign: []string{"github.com/dop251/goja"}},
	"skranke/config":          {own: []string{"skranke"}, foreign: []string{"github.com/BurntSushi/toml"}},
	"skranke/transfer":        {own: []string{"skranke", "skranke/desk"}, foreign: []string{"github.com/yuin/goldmark", "github.com/microcosm-cc/bluemonday"}},
	"skranke/watch":           {own: []string{"skranke", "skranke/store", "skranke/desk", "skranke/soap"}, foreign: []string{"github.com/prometheus/client_golang"}},
	"skranke/deploy":          {},
	"skranke/server":          {own: []string{"skranke", "skranke/brisk", "skranke/store", "skranke/desk", "skranke/soap", "skranke/ports", "skranke/mailbox", "skranke/script", "skranke/config", "skranke/watch"}},
	"skranke/demo":            {own: []string{"skranke", "skranke/desk", "skranke/transfer"}},
	"skranke/e2e":             {},
	"skranke/bench":           {own: everything},
	"skranke/soak":            {own: everything},
	"skranke/cmd/skranke":     {own: everything, foreign: []string{"golang.org/x/term", "golang.org/x/sys"}},
}

// everything is every room that is no program.
var everything = []string{"skranke", "skranke/store", "skranke/desk", "skranke/soap", "skranke/brisk", "skranke/ports", "skranke/mailbox", "skranke/script", "skranke/config", "skranke/transfer", "skranke/watch", "skranke/deploy", "skranke/server", "skranke/demo"}

// testRooms may be imported by tests as well, by those of any room that may
// import what they hand out.
var testRooms = []string{"skranke/store/storetest"}

// source is a parsed Go file of the module.
type source struct {
	path string // from the root, with slashes
	pkg  string // import path of its folder
	test bool
	text []byte
	ast  *ast.File
}

// sources parses every Go file of the module.
func sources(t *testing.T) (*token.FileSet, []source) {
	t.Helper()
	var all []source
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if d.IsDir() {
			if base := d.Name(); name != "." && (base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_') {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(files, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		all = append(all, source{name, path.Join("skranke", path.Dir(name)), strings.HasSuffix(name, "_test.go"), text, file})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, all
}

func TestImportLaw(t *testing.T) {
	_, all := sources(t)
	seen := map[string]bool{}
	for _, s := range all {
		law, known := rooms[s.pkg]
		if !known {
			if !seen[s.pkg] {
				t.Errorf("package %s is not in the list of rooms", s.pkg)
			}
			seen[s.pkg] = true
			continue
		}
		own := law.own
		if s.test {
			own = testLaw(s.pkg)
		}
		for _, spec := range s.ast.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(imported, "/")
			switch {
			case first == "skranke":
				if !slices.Contains(own, imported) {
					t.Errorf("%s imports %s; it may import %q", s.path, imported, own)
				}
			case strings.Contains(first, "."):
				if !slices.ContainsFunc(law.foreign, func(module string) bool { return imported == module || strings.HasPrefix(imported, module+"/") }) {
					t.Errorf("%s imports %s; of others it may import %q", s.path, imported, law.foreign)
				}
			case imported == "C":
				t.Errorf("%s imports C", s.path)
			}
		}
	}
}

// testLaw is what the tests of a package may import of ours: the package, and
// everything it may import, directly or not.
func testLaw(pkg string) []string {
	may := []string{pkg}
	for i := 0; i < len(may); i++ {
		for _, next := range rooms[may[i]].own {
			if !slices.Contains(may, next) {
				may = append(may, next)
			}
		}
	}
	for _, room := range testRooms {
		if !slices.ContainsFunc(rooms[room].own, func(needs string) bool { return !slices.Contains(may, needs) }) {
			may = append(may, room)
		}
	}
	return may
}

// ARCHITECTURE.md has a row for every room, and none for others.
func TestArchitectureNamesEveryRoom(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| (`[^|]*) \\|").FindAllSubmatch(text, -1)
	var named []string
	for _, row := range rows {
		for _, name := range regexp.MustCompile("`([a-z0-9/]+)`").FindAllSubmatch(row[1], -1) {
			named = append(named, path.Join("skranke", strings.TrimPrefix(string(name[1]), "skranke")))
		}
	}
	for _, room := range slices.Sorted(maps.Keys(rooms)) {
		if !slices.Contains(named, room) && !slices.Contains(testRooms, room) {
			t.Errorf("ARCHITECTURE.md has no row for %s", room)
		}
	}
	for _, name := range named {
		if _, ok := rooms[name]; !ok {
			t.Errorf("ARCHITECTURE.md has a row for %s, which is no room", name)
		}
	}
}

func TestPackageNamesSayWhatTheyGive(t *testing.T) {
	nothing := []string{"base", "common", "core", "helper", "helpers", "lib", "misc", "model", "models", "pkg", "shared", "types", "util", "utils"}
	_, all := sources(t)
	for _, s := range all {
		if slices.Contains(nothing, path.Base(s.pkg)) || slices.Contains(nothing, s.ast.Name.Name) {
			t.Errorf("%s: a package called %s says nothing", s.path, s.ast.Name.Name)
		}
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	// What an interface of the standard library says of these methods is enough.
	said := []string{"Close", "Error", "Is", "Len", "Less", "MarshalText", "Read", "Scan", "ServeHTTP", "String", "Swap", "UnmarshalText", "Unwrap", "Value", "Write"}
	files, all := sources(t)
	documented := map[string]bool{}
	for _, s := range all {
		if s.test {
			continue
		}
		documented[s.pkg] = documented[s.pkg] || s.ast.Doc != nil
		complain := func(at token.Pos, name string) { t.Errorf("%s: %s has no comment", files.Position(at), name) }
		for _, decl := range s.ast.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if !d.Name.IsExported() || d.Doc != nil {
					continue
				}
				if d.Recv == nil || exportedReceiver(d) && !slices.Contains(said, d.Name.Name) {
					complain(d.Pos(), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					for _, name := range undocumented(spec) {
						if d.Doc == nil {
							complain(name.Pos(), name.Name)
						}
					}
				}
			}
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(documented)) {
		if !documented[pkg] {
			t.Errorf("package %s has no comment", pkg)
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	receiver := d.Recv.List[0].Type
	for {
		switch r := receiver.(type) {
		case *ast.StarExpr:
			receiver = r.X
		case *ast.IndexExpr:
			receiver = r.X
		case *ast.IndexListExpr:
			receiver = r.X
		case *ast.Ident:
			return r.IsExported()
		default:
			return false
		}
	}
}

// undocumented is the exported names of a declaration that has no comment.
func undocumented(spec ast.Spec) []*ast.Ident {
	var names []*ast.Ident
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Doc == nil && s.Comment == nil {
			names = []*ast.Ident{s.Name}
		}
	case *ast.ValueSpec:
		if s.Doc == nil && s.Comment == nil {
			names = s.Names
		}
	}
	return slices.DeleteFunc(slices.Clone(names), func(n *ast.Ident) bool { return !n.IsExported() })
}

// A rule of the documented interface, as testdata/rules.txt lists them.
type rule struct {
	port, method, id, src string
	should                bool // recommended only
}

func rules(t *testing.T) []rule {
	t.Helper()
	text, err := os.ReadFile("testdata/rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []rule
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Split(strings.TrimSpace(line), "\t")
		if len(words) < 4 {
			t.Fatalf("testdata/rules.txt: %q", line)
		}
		all = append(all, rule{words[0], words[1], words[2], words[3], len(words) > 4 && words[4] == "should"})
	}
	return all
}

// sections are the parts of the documented interface that have no rules of
// their own, only tables.
var sections = []string{
	"types/access", "types/check_order", "types/enums", "types/field_types", "types/limits", "types/minus_one", "types/operators", "types/structs",
	"tt/template_variables",
}

var specLine = regexp.MustCompile(`(?m)^Spec: (.*)$`)

// Comments say where a behaviour is from: "Spec: " and, separated by commas,
// port/method or port/method.number; what follows a blank is a quotation.
func TestSpecReferencesExist(t *testing.T) {
	known := map[string]bool{}
	for _, s := range sections {
		known[s] = true
	}
	for _, r := range rules(t) {
		known[r.port+"/"+r.method] = true
		known[strings.Replace(r.id, ".", "/", 1)] = true
	}
	files, all := sources(t)
	for _, s := range all {
		for _, group := range s.ast.Comments {
			for _, match := range specLine.FindAllStringSubmatch(group.Text(), -1) {
				for _, reference := range strings.Split(match[1], ",") {
					reference, _, _ = strings.Cut(strings.TrimSpace(reference), " ")
					if reference = strings.TrimSuffix(reference, "."); !known[reference] {
						t.Errorf("%s: there is no %q", files.Position(group.Pos()), reference)
					}
				}
			}
		}
	}
}

// shared are the groups of rules that finished methods have in common.
var shared = []string{
	"ticket.delegate", "ticket.escalate", "ticket.mail", "ticket.search", "ticket.template", "tt.dot", "tt.var",
	"types.transport", "types.portaccess", "types.session", "types.lasterror", "types.struct", "types.error", "types.ftype", "types.op",
	"types.input", "types.acl", "types.extra", "types.module", "types.faq", "types.sec", "types.limit",
}

// finished is what works, and so must be held to every one of its rules: every
// method a port publishes, by its frozen WSDL, and the shared groups.
func finished(t *testing.T) []string {
	t.Helper()
	wsdls, err := filepath.Glob("ports/testdata/*-rpc.wsdl")
	if err != nil || len(wsdls) == 0 {
		t.Fatalf("no WSDL in ports/testdata: %v", err)
	}
	all := slices.Clone(shared)
	for _, name := range wsdls {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		port := strings.TrimSuffix(filepath.Base(name), "-rpc.wsdl")
		all = append(all, port+".common")
		for _, m := range regexp.MustCompile(`<wsdl:operation name="([^"]+)"`).FindAllSubmatch(text, -1) {
			if method := port + "." + string(m[1]); !slices.Contains(all, method) {
				all = append(all, method)
			}
		}
	}
	return all
}

// leftOut are rules of finished groups that only unfinished methods can keep.
var leftOut = map[string]string{}

var ruleID = regexp.MustCompile(`\b(?:customer|ticket|admin|types|tt)\.[A-Za-z0-9_]+\.[0-9]+\b`)

// Every rule of what is finished stands, by its id, in a test that holds it.
func TestEveryRuleHasATest(t *testing.T) {
	known, groups := map[string]bool{}, map[string]bool{}
	all := rules(t)
	for _, r := range all {
		known[r.id], groups[r.port+"."+r.method] = true, true
	}

	named := map[string]bool{}
	_, files := sources(t)
	for _, s := range files {
		if !s.test || s.path == "house_test.go" {
			continue
		}
		for _, text := range commentsAndStrings(s.text) {
			for _, id := range ruleID.FindAllString(text, -1) {
				named[id] = true
				if group := id[:strings.LastIndexByte(id, '.')]; groups[group] && !known[id] {
					t.Errorf("%s names %s, which is no rule", s.path, id)
				}
			}
		}
	}

	finished := finished(t)
	for _, group := range finished {
		if !groups[group] {
			t.Errorf("finished: %s has no rules", group)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(leftOut)) {
		if named[id] {
			t.Errorf("leftOut: %s has a test by now", id)
		}
		if !known[id] {
			t.Errorf("leftOut: %s is no rule", id)
		}
	}
	missing := map[string][]string{}
	for _, r := range all {
		group := r.port + "." + r.method
		if slices.Contains(finished, group) && leftOut[r.id] == "" && !r.should && !named[r.id] {
			missing[group] = append(missing[group], r.id)
		}
	}
	for _, group := range finished {
		if ids := missing[group]; len(ids) > 0 {
			t.Errorf("no test names %s", strings.Join(ids, " "))
		}
	}
}

// commentsAndStrings is the text of the comments and string literals of a file.
func commentsAndStrings(text []byte) []string {
	var s scanner.Scanner
	files := token.NewFileSet()
	s.Init(files.AddFile("", files.Base(), len(text)), text, nil, scanner.ScanComments)
	var all []string
	for {
		_, kind, literal := s.Scan()
		switch kind {
		case token.EOF:
			return all
		case token.COMMENT, token.STRING:
			all = append(all, literal)
		}
	}
}

var (
	shellBlock = regexp.MustCompile("(?s)```(?:sh|shell|bash|console)\n(.*?)```")
	ourCommand = regexp.MustCompile(`^(?:go run \./cmd/skranke|(?:\./)?skranke)((?: [a-z][a-z-]*)*)`)
	makeTarget = regexp.MustCompile(`^make ([a-z-]+)`)
)

// What the README tells a newcomer to type exists: commands of skranke, and
// targets of make.
func TestReadmeCommandsExist(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	targets := makeTargets(t)
	commands := commandNames(t)
	told := 0
	for _, block := range shellBlock.FindAllSubmatch(readme, -1) {
		for line := range strings.Lines(string(block[1])) {
			line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "$ "))
			if m := makeTarget.FindStringSubmatch(line); m != nil {
				told++
				if !slices.Contains(targets, m[1]) {
					t.Errorf("README: make has no target %s", m[1])
				}
			}
			m := ourCommand.FindStringSubmatch(line)
			if m == nil || strings.TrimSpace(m[1]) == "" {
				continue
			}
			told++
			words := strings.Fields(m[1])
			if !slices.Contains(commands, words[0]) && !slices.Contains(commands, strings.Join(words[:min(2, len(words))], " ")) {
				t.Errorf("README: skranke has no command %q; it has %q", strings.Join(words, " "), commands)
			}
		}
	}
	if told == 0 {
		t.Error("README tells no command in a ```sh block")
	}
}

func makeTargets(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllSubmatch(text, -1) {
		all = append(all, string(m[1]))
	}
	return all
}

// commandNames reads the names of skranke's commands from their declarations:
// composite literals with a field name and a field start.
func commandNames(t *testing.T) []string {
	t.Helper()
	var all []string
	_, files := sources(t)
	for _, s := range files {
		if s.pkg != "skranke/cmd/skranke" || s.test {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			fields := map[string]string{}
			for _, element := range literal.Elts {
				if kv, ok := element.(*ast.KeyValueExpr); ok {
					value := ""
					if basic, ok := kv.Value.(*ast.BasicLit); ok && basic.Kind == token.STRING {
						value, _ = strconv.Unquote(basic.Value)
					}
					fields[fmt.Sprint(kv.Key)] = value
				}
			}
			if _, ok := fields["start"]; ok && fields["name"] != "" {
				all = append(all, fields["name"])
			}
			return true
		})
	}
	if len(all) == 0 {
		t.Fatal("found no command in cmd/skranke")
	}
	return all
}

// The project speaks of itself alone: its files name no folder of the machine
// they were written on and no host that hands out packages.
func TestFilesSpeakOfTheProjectAlone(t *testing.T) {
	registries := regexp.MustCompile(`\b(?:registry\.npmjs|proxy\.golang|pypi|deb\.debian|rubygems|repo\.maven)\.[a-z]+`)
	for _, name := range []string{".ci/run", "Makefile", "README.md", "e2e/clients/node-soap/package-lock.json", "go.mod", ".gitignore"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if host := registries.Find(text); host != nil {
			t.Errorf("%s names %s", name, host)
		}
		if bytes.Contains(text, []byte(`"resolved"`)) {
			t.Errorf("%s names addresses to download from", name)
		}
	}
}

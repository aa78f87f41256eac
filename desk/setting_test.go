package desk

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What the code reads of the settings, read from the code: keys of maps called
// settings, constants called setting..., and what templates may name.
func settingsInCode(t *testing.T) []string {
	t.Helper()
	var names []string
	literal := func(e ast.Expr) {
		if basic, ok := e.(*ast.BasicLit); ok && basic.Kind == token.STRING {
			name, err := strconv.Unquote(basic.Value)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if name := n.Names[0].Name; (strings.HasPrefix(name, "setting") || strings.HasSuffix(name, "Setting")) && len(n.Values) == 1 {
					literal(n.Values[0])
				}
			case *ast.IndexExpr:
				switch of := n.X.(type) {
				case *ast.SelectorExpr:
					if of.Sel.Name == "settings" {
						literal(n.Index)
					}
				case *ast.Ident:
					if of.Name == "settings" {
						literal(n.Index)
					}
				}
			}
			return true
		})
	}
	for _, name := range configNames {
		names = append(names, "config."+name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// The settings people are told of, those the code reads, and those of
// docs/settings.md are the same.
func TestSettingsAreKnown(t *testing.T) {
	var known, rows []string
	for _, s := range KnownSettings() {
		if s.Name != settingPasswordMail+".CODE" {
			known = append(known, s.Name)
		}
		values := "a text"
		if s.Words != nil {
			values = "`" + strings.Join(s.Words, "` or `") + "`"
		}
		rows = append(rows, "| `"+s.Name+"` | "+values+" | "+s.Doc+" |")
	}
	slices.Sort(known)
	if code := settingsInCode(t); !slices.Equal(known, code) {
		t.Errorf("got settings %q, the code reads %q", known, code)
	}

	text, err := os.ReadFile("../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	if got := regexp.MustCompile("(?m)^\\| `.*$").FindAllString(string(text), -1); !slices.Equal(got, rows) {
		t.Errorf("docs/settings.md: got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(rows, "\n"))
	}
}

func TestSetSetting(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := t.Context()
		for _, try := range []struct{ name, value, want string }{
			{"faq_module", "off", ""},
			{"faq_module", "no", `faq_module: want on or off, got "no"`},
			{"faq_modul", "off", `there is no setting "faq_modul"`},
			{"password_mail.nb", "Passord\n\n[[password]]", ""},
			{"password_mail.", "x", `there is no setting "password_mail."`},
			{"seeded", "", `skranke writes "seeded" itself`},
		} {
			err := w.desk.SetSetting(ctx, try.name, try.value)
			if got := try.want; err == nil && got != "" || err != nil && (got == "" || !strings.Contains(err.Error(), got)) {
				t.Errorf("%s = %q: got %v, want %q", try.name, try.value, err, try.want)
			}
		}
		all, err := w.desk.Settings(ctx)
		if err != nil || all["faq_module"] != "off" || all["password_mail.nb"] != "Passord\n\n[[password]]" {
			t.Errorf("got %q, %v", all, err)
		}
	})
}

package config

import (
	"bytes"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// The tags are data, so what the compiler cannot check is checked here.
func TestTags(t *testing.T) {
	conf := reflect.ValueOf(Default())
	seen := map[string]bool{}
	for i, o := range options() {
		name := conf.Type().Field(i).Name
		if !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(o.key) {
			t.Errorf("%s: got key %q, want words in snake case", name, o.key)
		}
		if seen[o.key] {
			t.Errorf("%s: key %q is taken", name, o.key)
		}
		seen[o.key] = true
		if !strings.HasSuffix(o.doc, ".") {
			t.Errorf("%s: got doc %q, want sentences", o.key, o.doc)
		}
		if o.is != "" && ruleOf(o.is).clean == nil {
			t.Errorf("%s: tag is:%q names no rule", o.key, o.is)
		}
		if o.want(conf) == "" {
			t.Errorf("%s: nothing says what is allowed", o.key)
		}
		scratch := Default()
		if err := o.set(reflect.ValueOf(&scratch).Elem(), o.text(conf)); err != nil {
			t.Errorf("%s: its default %q is refused: %v", o.key, o.text(conf), err)
		}
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	type conf struct {
		Name   string `key:"name" doc:"A name."`
		Secret string `key:"mail_password" secret:"yes" doc:"A secret."`
		Unset  string `key:"other_password" secret:"yes" doc:"A secret."`
		Port   int    `key:"pin" secret:"yes" min:"0" max:"9" doc:"A secret."`
	}
	c := conf{Name: "anna", Secret: "hunter2"}
	v := reflect.ValueOf(&c).Elem()
	opts := optionsOf(v.Type())
	var out bytes.Buffer
	if err := show(&out, v, opts, Provenance{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "hunter2") || !strings.Contains(out.String(), `mail_password = "********"`) {
		t.Errorf("got\n%s\nwant the secret masked", out.String())
	}
	if !strings.Contains(out.String(), `name = "anna"`) || !strings.Contains(out.String(), `other_password = ""`) {
		t.Errorf("got\n%s\nwant what is no secret, and that a secret is unset, in clear", out.String())
	}

	l := loader{conf: v, opts: opts, from: Provenance{}}
	l.set(opts[3], "12345", Source{Kind: FromEnv, Name: "SKRANKE_PIN"})
	if len(l.problems) != 1 || strings.Contains(l.problems[0].Error(), "12345") {
		t.Errorf("got %v, want one problem without the value", l.problems)
	}
}

func TestNearest(t *testing.T) {
	words := []string{"serve", "version", "config show", "listen", "public_url"}
	for _, tt := range []struct{ word, want string }{
		{"sevre", "serve"}, {"SERVE", "serve"}, {"verson", "version"}, {"public-url", "public_url"},
		{"zebra", ""}, {"", ""}, {strings.Repeat("serve", 1000), ""},
	} {
		if got := Nearest(tt.word, words); got != tt.want {
			t.Errorf("Nearest(%q): got %q, want %q", tt.word, got, tt.want)
		}
	}
}

package main

import (
	"regexp"
	"testing"
)

func TestSettings(t *testing.T) {
	i := newInstallation(t)
	i.do("secret\n", "setup", "-user", "kari")
	i.do("", "setting", "set", "faq_module", "off")
	i.do("Passord\n\n[[password]]\n", "setting", "set", "password_mail.nb")
	i.do(`{"kind":"setting","name":"old.habit","value":"kept"}`, "import", "-")
	list := i.do("", "setting", "list")
	for _, want := range []string{`faq_module +off`, `password_mail\.nb +Passord  \[\[password\]\]`, `old\.habit +kept`, `self_registration`} {
		if !regexp.MustCompile("(?m)^" + want + " *$").MatchString(list) {
			t.Errorf("setting list: got\n%s\nwant %s", list, want)
		}
	}
	i.do("", "setting", "set", "faq_module", "")
	if list := i.do("", "setting", "list"); !regexp.MustCompile(`(?m)^faq_module *$`).MatchString(list) {
		t.Errorf("after taking faq_module away: got\n%s", list)
	}
	i.refuse(exitFailed, "want on or off", "setting", "set", "faq_module", "no")
	i.refuse(exitFailed, `did you mean "faq_module"?`, "setting", "set", "faq_modul", "off")
	i.refuse(exitFailed, `"skranke setting list" lists them`, "setting", "set", "colour", "red")
	i.refuse(exitUsage, "is empty", "setting", "set", "faq_module")
	i.refuse(exitUsage, "takes a name", "setting", "set")
}

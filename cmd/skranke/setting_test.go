package main

import (
	"regexp"
	"strings"
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

// What stands in a list and in an error is what an operator can use.
func TestListsLineUpAndErrorsName(t *testing.T) {
	i := newInstallation(t)
	i.do("secret\n", "setup", "-user", "kari")
	list := i.do("", "user", "list")
	if !regexp.MustCompile(`(?m)^2 .* 1       64 *$`).MatchString(list) {
		t.Errorf("user list: got\n%s\nwant status and access below their heads", list)
	}
	i.do("", "category", "add", "-name", "Returns")
	id := strings.TrimSpace(i.do("", "ticket", "add", "-title", "x", "-category", "1"))
	i.refuse(exitFailed, "-extra: there is no extra field 9\n", "ticket", "set", "-extra", `{"x_9":"A4"}`, id)
	i.refuse(exitFailed, "there is no range 99\n", "range", "delete", "99")
	i.refuse(exitFailed, "user 99\n", "user", "show", "99")
	i.refuse(exitFailed, "set smtp_host, or mail_folder\n", "mail", "test", "a@b.example")
	i.refuse(exitFailed, "-password-file\n", "user", "password", "2")
	if got, want := i.do("", "version"), versionText()+"\n"; got != want {
		t.Errorf("version: got %q, want %q", got, want)
	}
}

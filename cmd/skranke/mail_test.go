package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// mails waits until the folder holds n mails and returns their texts.
func mails(t *testing.T, dir string, n int) []string {
	t.Helper()
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(10 * time.Millisecond) {
		names, err := filepath.Glob(filepath.Join(dir, "*.eml"))
		if err != nil {
			t.Fatal(err)
		}
		if len(names) < n {
			continue
		}
		var texts []string
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
		}
		return texts
	}
	t.Fatalf("%s does not hold %d mails", dir, n)
	return nil
}

// A customer who has forgotten his password gets into the demo with the one
// that is mailed to him.
func TestDemoMailsPasswords(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	r := start(t, "demo", "-listen", "127.0.0.1:0")
	defer r.end()
	dir := regexp.MustCompile(`(?m)^  (/.*/mail)$`).FindStringSubmatch(r.out.String())
	if dir == nil {
		t.Fatalf("the demo does not say where its mails are:\n%s", r.out)
	}
	answer, err := r.ask(`<sendPassword xmlns="urn:skranke:customer"><emailCode>JOHNDOE@post.example</emailCode></sendPassword>`)
	if err != nil || part(answer, "errorCode") != "0" {
		t.Fatalf("sendPassword: %v, %s", err, answer)
	}
	mail := mails(t, dir[1], 1)[0]
	password := regexp.MustCompile(`\w{5}(-\w{5}){3}`).FindString(mail)
	if !strings.Contains(mail, "johndoe") || password == "" {
		t.Fatalf("got\n%s", mail)
	}
	r.logIn("johndoe", password)
}

func TestMailCommands(t *testing.T) {
	i := newInstallation(t)
	i.refuse(exitFailed, "there is no installation", "mail", "test", "a@b.example")
	i.do("hemmelig\n", "setup", "-user", "kari", "-category", "Hjelp")
	customer := strings.TrimSpace(i.do("", "customer", "add", "-no-password", "-user-name", "ola", "-emails", "ola@acme.example"))
	if customer == "" {
		t.Fatal("made no customer")
	}

	i.refuse(exitFailed, "no way to send mail", "mail", "test", "a@b.example")
	i.refuse(exitUsage, "no address", "mail", "test", "nobody")
	i.refuse(exitUsage, "one argument", "mail", "test")
	i.refuse(exitUsage, "neither an id nor", "mail", "retry", "x")
	i.refuse(exitUsage, "one argument", "mail", "retry")
	i.refuse(exitFailed, "there is no mail 5", "mail", "retry", "5")
	if out := i.do("", "mail", "retry", "all"); out != "0\n" {
		t.Errorf("retry of nothing: got %q", out)
	}
	if out := i.do("", "mail", "list"); !strings.HasPrefix(out, "ID ") || strings.Count(out, "\n") != 1 {
		t.Errorf("list of nothing: got %q", out)
	}

	dir := filepath.Join(filepath.Dir(i.dir), "mails")
	settings := i.file("settings.toml", "mail_folder = \""+dir+"\"\nmail_from = \"help@desk.example\"\n")
	if out := i.do("", "mail", "test", "-config", settings, "Me <me@b.example>"); out != "sent to me@b.example\n" {
		t.Errorf("got %q", out)
	}
	if mail := mails(t, dir, 1)[0]; !strings.Contains(mail, "X-Skranke-Envelope-To: me@b.example\r\n") || !strings.Contains(mail, "From: <help@desk.example>\r\n") {
		t.Errorf("got\n%s", mail)
	}
	unreachable := i.file("smtp.toml", "smtp_host = \"127.0.0.1\"\nsmtp_port = 1\nsmtp_security = \"none\"\nsmtp_password = \"hunter2\"\nmail_from = \"help@desk.example\"\n")
	i.refuse(exitFailed, "the mail was not sent: connecting to the mail server", "mail", "test", "-config", unreachable, "me@b.example")

	// A letter waits, is listed, and leaves once there is a way.
	ticket := strings.TrimSpace(i.do("", "ticket", "add", "-title", "Hjelp", "-customer", customer, "-category", "1"))
	i.do("", "message", "add", "-to", "ola@acme.example", "-body", "Hei", ticket)
	out := i.do("", "mail", "list")
	if !regexp.MustCompile(`(?m)^\d+ +waiting +20\S+ \S+ +0 +ola@acme\.example +\[ejTag: \d+\] Hjelp$`).MatchString(out) {
		t.Errorf("list: got\n%s", out)
	}
	if out := i.do("", "mail", "retry", "all"); out != "1\n" {
		t.Errorf("retry: got %q", out)
	}
	r := start(t, "-data", i.dir, "serve", "-config", settings, "-listen", "127.0.0.1:0")
	defer r.end()
	mails(t, dir, 2)
}

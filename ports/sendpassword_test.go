package ports_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/soap"
	"skranke/store"
)

// newMailingWorld is a world that mail can leave; nobody takes it away but the
// test. Beside the others it has people who share an address.
func newMailingWorld(t *testing.T, change ...func(*desk.Options)) *world {
	t.Helper()
	w := newWorld(t, append([]func(*desk.Options){func(o *desk.Options) { o.Mailing = true }}, change...)...)
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		for _, c := range []skranke.Customer{
			{ID: 101, UserName: "ane", PasswordHash: customerHash, Emails: []string{"Post@Example.no"}},
			{ID: 102, UserName: "arne", Emails: []string{"other@example.no", "post@example.NO"}},
			{ID: 103, Emails: []string{"post@example.no"}},
			{ID: 104, UserName: "retired", Retired: true, Emails: []string{"post@example.no"}},
			{ID: 105, UserName: "deleted", Deleted: true, Emails: []string{"post@example.no"}},
			{ID: 106, UserName: "gone", Retired: true, Emails: []string{"gone@example.no"}},
		} {
			if err := tx.InsertCustomer(ctx, &c); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

// sent takes every mail that is due out of the outbox.
func (w *world) sent() []desk.Mail {
	w.t.Helper()
	var mails []desk.Mail
	for {
		m, err := w.desk.ClaimMail(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		if m == nil {
			return mails
		}
		mails = append(mails, m.Mail)
		if err := w.desk.MailSent(context.Background(), m); err != nil {
			w.t.Fatal(err)
		}
	}
}

var mailedPassword = regexp.MustCompile(`[a-zA-Z2-9]{5}(-[a-zA-Z2-9]{5}){3}`)

// mailed asks for a password for the address and returns the one that comes.
func (w *world) mailed(address string) string {
	w.t.Helper()
	w.customer("sendPassword", address).want("0")
	mails := w.sent()
	if len(mails) != 1 {
		w.t.Fatalf("sendPassword(%q): got %d mails, want one", address, len(mails))
	}
	password := mailedPassword.FindString(mails[0].Plain)
	if password == "" {
		w.t.Fatalf("sendPassword(%q): no password in %q", address, mails[0].Plain)
	}
	return password
}

func TestSendPassword(t *testing.T) {
	for _, style := range []soap.Style{soap.RPC, soap.Document} {
		t.Run(style.String(), func(t *testing.T) {
			w := newMailingWorld(t)
			w.style = style
			for address, want := range map[string]map[string]string{ // user name to address
				" TOVE@example.no\n": {"tove": "tove@example.no"},                                                           // customer.sendPassword.1
				"post@EXAMPLE.no":    {"ane": "Post@Example.no", "arne": "post@example.NO"},                                 // customer.sendPassword.2
				"nobody@example.no":  {}, "": {}, "gone@example.no": {}, "no address": {}, strings.Repeat("x", 100_000): {}, // customer.sendPassword.1, customer.sendPassword.2
			} {
				a := w.customer("sendPassword", address).want("0") // customer.sendPassword.2
				if len(a.parts) != 1 {
					t.Errorf("sendPassword: the answer has %d parts, want the errorCode alone", len(a.parts))
				}
				mails := w.sent()
				if len(mails) != len(want) {
					t.Errorf("sendPassword(%.20q): got %d mails, want %d", address, len(mails), len(want))
				}
				seen := map[string]bool{}
				for _, m := range mails {
					password := mailedPassword.FindString(m.Plain)
					if len(m.To) != 1 || len(m.Cc)+len(m.Bcc) != 0 || password == "" || seen[password] || !m.Automatic() {
						t.Errorf("got %+v, want a mail to one address with a password of its own", m)
					}
					seen[password] = true
					for name, to := range want {
						if to == m.To[0] && !strings.Contains(m.Plain, name+"\n") { // customer.sendPassword.1
							t.Errorf("the mail to %s does not name %s:\n%s", to, name, m.Plain)
						}
					}
				}
			}
		})
	}
}

// customer.sendPassword errors: 6. types.module.2
func TestSendPasswordWithoutMail(t *testing.T) {
	w := newWorld(t)
	w.unchanged(func() {
		w.customer("sendPassword", "tove@example.no").want("6")
		w.customer("sendPassword", "nobody@example.no").want("6")
	})
}

// customer.sendPassword.2: the call itself looks nobody up. It leaves the same
// in the database whether or not anybody has the address.
func TestSendPasswordTellsNothing(t *testing.T) {
	w := newMailingWorld(t)
	w.customer("sendPassword", "tove@example.no").want("0")
	w.customer("sendPassword", "nobody@example.no").want("0")
	w.read(func(ctx context.Context, tx *store.ReadTx) error {
		jobs, err := tx.Outbox(ctx)
		if len(jobs) != 2 || jobs[0].Kind != jobs[1].Kind || jobs[0].Payload != "tove@example.no" || jobs[1].Payload != "nobody@example.no" {
			t.Errorf("got %+v, want two requests that differ in the address alone", jobs)
		}
		return err
	})
	if n := len(w.sent()); n != 1 {
		t.Errorf("got %d mails, want one", n)
	}
}

func TestOneTimePassword(t *testing.T) {
	w := newMailingWorld(t)
	session := w.logIn("tove")
	once := w.mailed("tove@example.no")
	w.holdsNoText(once) // types.sec.3

	// customer.sendPassword.3: beside the old one, for as long as nobody logs in with it
	w.customer("login", "tove", customerPassword).want("0")
	for range 2 {
		w.customer("checkPassword", "tove", once).want("0")
		w.customer("checkPassword", "tove", customerPassword).want("0")
	}
	w.customer("login", "ane", once).want("1") // somebody else's
	w.customer("login", "tove", strings.ToLower(once)).want("1")
	w.customer("checkPassword", "tove", once+" ").want("1")

	// customer.sendPassword.3: its first use replaces the old one
	w.customer("login", "tove", once).want("0")
	w.customer("login", "tove", customerPassword).want("1")
	w.customer("login", "tove", once).want("0")
	w.customer("checkPassword", "tove", once).want("0")
	w.clock.advance(25 * time.Hour) // by now it is a password like any other
	w.customer("login", "tove", once).want("0")
	w.customer("getTicket", session, "1012", []string{}).want("5") // 25 hours idle
	w.holdsNoText(once)
}

func TestOneTimePasswordLeavesSessions(t *testing.T) {
	w := newMailingWorld(t)
	session := w.logIn("tove")
	w.customer("login", "tove", w.mailed("t@example.no")).want("0")
	w.customer("getPriorities", session).want("0")
}

// customer.sendPassword.3: valid for 24 hours
func TestOneTimePasswordExpires(t *testing.T) {
	w := newMailingWorld(t)
	once := w.mailed("tove@example.no")
	w.clock.advance(24*time.Hour - time.Second)
	w.customer("checkPassword", "tove", once).want("0")
	w.clock.advance(time.Second)
	w.customer("checkPassword", "tove", once).want("1")
	w.customer("login", "tove", once).want("1")
	w.customer("login", "tove", customerPassword).want("0")
}

func TestOneTimePasswordEndsWithAnother(t *testing.T) {
	w := newMailingWorld(t)
	first := w.mailed("tove@example.no")
	w.clock.advance(6 * time.Minute)
	second := w.mailed("tove@example.no")
	w.customer("checkPassword", "tove", first).want("0") // its mail may be the one that arrives
	w.customer("login", "tove", second).want("0")
	w.customer("login", "tove", first).want("1")

	w.clock.advance(6 * time.Minute)
	third := w.mailed("tove@example.no")
	if err := w.desk.SetCustomerPassword(context.Background(), tove, "quite another"); err != nil {
		t.Fatal(err)
	}
	w.customer("login", "tove", third).want("1") // who sets a password wants that one

	w.clock.advance(6 * time.Minute)
	fourth := w.mailed("tove@example.no")
	w.updateCustomer(tove, func(c *skranke.Customer) { c.Retired = true })
	w.customer("login", "tove", fourth).want("1").empty("customer", "login")
}

// customer.sendPassword.3: at most one mail per address per 5 minutes
func TestSendPasswordPauses(t *testing.T) {
	w := newMailingWorld(t)
	for range 3 {
		w.customer("sendPassword", "tove@example.no").want("0")
		w.customer("sendPassword", "TOVE@example.no").want("0")
	}
	if n := len(w.sent()); n != 1 {
		t.Errorf("after 6 requests: got %d mails, want one", n)
	}
	w.clock.advance(5*time.Minute - time.Millisecond)
	w.customer("sendPassword", "tove@example.no").want("0")
	if n := len(w.sent()); n != 0 {
		t.Errorf("within 5 minutes: got %d mails, want none", n)
	}
	w.mailed("t@example.no") // another address
	w.clock.advance(time.Millisecond)
	w.mailed("tove@example.no")
}

// A request nobody answered for a day is not answered any more.
func TestOldRequestForPassword(t *testing.T) {
	w := newMailingWorld(t)
	w.customer("sendPassword", "tove@example.no").want("0")
	w.clock.advance(24*time.Hour + time.Millisecond)
	if n := len(w.sent()); n != 0 {
		t.Errorf("got %d mails, want none", n)
	}
	w.mailed("tove@example.no")
}

// types.sec.1: requests are braked like failures, but counted apart
func TestSendPasswordBrake(t *testing.T) {
	w := newMailingWorld(t, func(o *desk.Options) { o.Brake.PerAddress = 3 })
	w.from = "10.0.0.9"
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		return tx.InsertRange(ctx, &skranke.Range{Port: skranke.PortCustomer, From: "10.0.0.0", To: "10.0.0.255"})
	})
	w.restartDesk()
	for range 3 {
		w.customer("sendPassword", "nobody@example.no").want("0")
	}
	w.customer("sendPassword", "tove@example.no").want("0") // and is dropped
	if n := len(w.sent()); n != 0 {
		t.Errorf("after too many requests: got %d mails, want none", n)
	}
	w.customer("login", "tove", customerPassword).want("0")
	w.from = "10.0.0.10"
	w.mailed("tove@example.no")
	w.from = "10.0.0.9"
	w.clock.advance(16 * time.Minute)
	w.mailed("tove@example.no")
}

// customer.sendPassword.1: the configured text
func TestPasswordMailText(t *testing.T) {
	w := newMailingWorld(t)
	set := func(name, value string) {
		t.Helper()
		if err := w.desk.SetSetting(context.Background(), name, value); err != nil {
			t.Fatal(err)
		}
	}
	text := func() desk.Mail {
		t.Helper()
		w.clock.advance(5 * time.Minute)
		w.customer("sendPassword", "tove@example.no").want("0")
		mails := w.sent()
		if len(mails) != 1 || mailedPassword.FindString(mails[0].Plain) == "" || !strings.Contains(mails[0].Plain, "tove") {
			t.Fatalf("got %+v, want one mail with user name and password", mails)
		}
		return mails[0]
	}
	language := func(code string) {
		w.write(func(ctx context.Context, tx *store.WriteTx) error {
			return tx.UpdateLanguage(ctx, &skranke.Language{ID: 2, Name: "x", Code: code})
		})
	}
	for code, want := range map[string]string{"en": "Password", "en-GB": "Password", "nb": "Passord", "NO": "Passord", "de": "Passord / Password"} {
		language(code)
		if got := text(); got.Subject != want || strings.Contains(got.Plain, "Hei") == strings.Contains(want, "Password") && want != "Passord / Password" {
			t.Errorf("language %s: got %q, %q, want %q", code, got.Subject, got.Plain, want)
		}
	}
	set("password_mail", "Nøkkel til [[customer.username]]\r\n\r\nBruk [[password]], [[customer.username]].[[nothing]]\n")
	if got := text(); got.Subject != "Nøkkel til tove" || !regexp.MustCompile(`^Bruk [a-zA-Z0-9-]{23}, tove\.\n$`).MatchString(got.Plain) {
		t.Errorf("got %q, %q", got.Subject, got.Plain)
	}
	language("de")
	set("password_mail.de", "Kennwort\nohne alles")
	if got := text(); got.Subject != "Kennwort" || !strings.HasPrefix(got.Plain, "ohne alles") {
		t.Errorf("got %q, %q", got.Subject, got.Plain)
	}
}

// A drawn password is one the policy allows.
func TestOneTimePasswordObeysThePolicy(t *testing.T) {
	w := newMailingWorld(t, func(o *desk.Options) {
		o.Password = desk.PasswordPolicy{MinLength: 40, Digit: true, Lower: true, Upper: true, Specials: true}
	})
	w.customer("sendPassword", "tove@example.no").want("0")
	mails := w.sent()
	if len(mails) != 1 {
		t.Fatalf("got %d mails, want one", len(mails))
	}
	password := regexp.MustCompile(`[a-zA-Z2-9-]{40,}`).FindString(mails[0].Plain)
	if !strings.ContainsAny(password, "23456789") {
		t.Errorf("got %q", mails[0].Plain)
	}
	w.customer("login", "tove", password).want("0")
}

// A customer who is gone when his mail is about to leave gets none.
func TestPasswordMailForSomebodyGone(t *testing.T) {
	w := newMailingWorld(t)
	w.customer("sendPassword", "tove@example.no").want("0")
	first, err := w.desk.ClaimMail(context.Background())
	if err != nil || first == nil {
		t.Fatalf("got %v, %v, want the mail", first, err)
	}
	if err := w.desk.MailFailed(context.Background(), first, desk.MailFailure{Reason: "busy"}); err != nil {
		t.Fatal(err)
	}
	w.updateCustomer(tove, func(c *skranke.Customer) { c.Deleted = true })
	w.clock.advance(time.Hour)
	if n := len(w.sent()); n != 0 {
		t.Errorf("got %d mails, want none", n)
	}
	if jobs, err := w.desk.Outbox(context.Background()); err != nil || len(jobs) != 0 {
		t.Errorf("got %+v, %v in the outbox, want nothing", jobs, err)
	}
}

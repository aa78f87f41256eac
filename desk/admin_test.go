package desk

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"skranke"
	"skranke/store"
)

func TestSeed(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := t.Context()
		local, other := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.0.2.1")
		if w.desk.Allowed(skranke.PortTicket, local) {
			t.Error("a port without ranges answers")
		}
		if err := w.desk.Seed(ctx); err != nil {
			t.Fatal(err)
		}
		ranges, err := w.desk.Ranges(ctx)
		if err != nil || len(ranges) != 6 {
			t.Fatalf("got %v, %v, want 127.0.0.1 and ::1 for each port", ranges, err)
		}
		for _, port := range skranke.Ports() { // types.portaccess.4
			if !w.desk.Allowed(port, local) || !w.desk.Allowed(port, netip.IPv6Loopback()) || w.desk.Allowed(port, other) {
				t.Errorf("port %s: want this machine and nobody else", port)
			}
		}
		for _, r := range ranges {
			if err := w.desk.DeleteRange(ctx, r.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.desk.Seed(ctx); err != nil {
			t.Fatal(err)
		}
		if ranges, err := w.desk.Ranges(ctx); err != nil || len(ranges) > 0 {
			t.Errorf("seeding gave back what an operator took away: %v, %v", ranges, err)
		}
		if has, err := w.desk.HasAdministrator(ctx); err != nil || has {
			t.Errorf("a new installation has an administrator: %v, %v", has, err)
		}
	})
}

func TestCustomerPasswordsOfAnOperator(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := t.Context()
		w.desk.opts.Password = PasswordPolicy{MinLength: 4}
		c := &skranke.Customer{UserName: " kari ", Emails: []string{" kari@example.com "}}
		if err := w.desk.AddCustomer(ctx, c, "langt nok"); err != nil {
			t.Fatal(err)
		}
		if c.ID == 0 || c.UserName != "kari" || c.Emails[0] != "kari@example.com" {
			t.Errorf("got %+v, want an id and trimmed names", c)
		}
		logIn := func(password string) (string, error) {
			return w.desk.LogInCustomer(ctx, Credentials{Name: "kari", Password: password})
		}
		key, err := logIn("langt nok")
		if err != nil {
			t.Fatal(err)
		}
		// types.sec.4
		for password, code := range map[string]skranke.Code{"": skranke.CodeEmptyPassword, "abc": skranke.CodeCustomError} {
			if err := w.desk.SetCustomerPassword(ctx, c.ID, password); skranke.CodeOf(err) != code {
				t.Errorf("password %q: got %v, want %d", password, err, code)
			}
		}
		if _, err := w.desk.Resume(ctx, key, ForCustomer); err != nil {
			t.Errorf("a refused password ended the session: %v", err)
		}
		if err := w.desk.SetCustomerPassword(ctx, c.ID, "et nytt"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.desk.Resume(ctx, key, ForCustomer); skranke.CodeOf(err) != skranke.CodeInvalidSessionKey {
			t.Errorf("the session outlived the password: %v", err)
		}
		if _, err := logIn("et nytt"); err != nil {
			t.Error(err)
		}
		if err := w.desk.SetCustomer(ctx, c.ID, func(c *skranke.Customer) error { c.Phone = "1"; return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := logIn("et nytt"); err != nil {
			t.Errorf("a change of the phone changed the password: %v", err)
		}
		if err := w.desk.SetCustomerPassword(ctx, 99, "et nytt"); skranke.CodeOf(err) != skranke.CodeUnknownCustomerID {
			t.Errorf("an unknown customer: got %v", err)
		}
	})
}

func TestUsersOfAnOperator(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := t.Context()
		u := &skranke.User{LoginName: "kari", UserName: "kn", Status: skranke.UserNormal, Access: skranke.AccessAdministration}
		if err := w.desk.AddUser(ctx, u, "pw"); err != nil {
			t.Fatal(err)
		}
		if has, err := w.desk.HasAdministrator(ctx); err != nil || !has {
			t.Errorf("got %v, %v, want an administrator", has, err)
		}
		key, err := w.desk.LogInUser(ctx, Credentials{Name: "kn", Password: "pw"})
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range []skranke.User{{LoginName: "KARI"}, {UserName: "kari"}, {LoginName: "kn"}} {
			if err := w.desk.AddUser(ctx, &other, ""); skranke.CodeOf(err) != skranke.CodeUserNameExists {
				t.Errorf("%+v: got %v, want %d", other, err, skranke.CodeUserNameExists)
			}
		}
		if err := w.desk.SetUserPassword(ctx, u.ID, "nytt"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.desk.Resume(ctx, key, ForUser); skranke.CodeOf(err) != skranke.CodeInvalidSessionKey {
			t.Errorf("the session outlived the password: %v", err)
		}
		if err := w.desk.SetUserPassword(ctx, skranke.SystemUser, "nytt"); err == nil {
			t.Error("the system user got a password")
		}
		// The names of a deleted user are free.
		if err := w.desk.SetUser(ctx, u.ID, func(u *skranke.User) error { u.Status = skranke.UserDeleted; return nil }); err != nil {
			t.Fatal(err)
		}
		if err := w.desk.AddUser(ctx, &skranke.User{LoginName: "kari", Status: skranke.UserNormal}, ""); err != nil {
			t.Error(err)
		}
		a, err := w.desk.Operator(ctx, "kari")
		if err != nil || a.User == u.ID || a.IsCustomer() {
			t.Errorf("got %+v, %v, want the new user", a, err)
		}
		if _, err := w.desk.Operator(ctx, "nobody"); skranke.CodeOf(err) != skranke.CodeUserNotFound {
			t.Errorf("got %v", err)
		}
	})
}

func TestOperatorsAreHeldToTheRules(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := t.Context()
		long := strings.Repeat("æ", 3000)
		dead := w.company(&skranke.Company{Deleted: true})
		customer := w.customer(&skranke.Customer{UserName: "ola"})
		for _, tt := range []struct {
			what string
			err  error
			code skranke.Code
		}{
			{"unknown company", w.desk.AddCustomer(ctx, &skranke.Customer{Company: 9}, ""), skranke.CodeUnknownCompany},
			{"deleted company", w.desk.AddCustomer(ctx, &skranke.Customer{Company: dead}, ""), skranke.CodeUnknownCompany},
			{"unknown language", w.desk.AddCustomer(ctx, &skranke.Customer{Language: 9}, ""), skranke.CodeUnknownLanguage},
			{"unknown priority", w.desk.AddCustomer(ctx, &skranke.Customer{Priority: 9}, ""), skranke.CodeInvalidPriority},
			{"unknown contact", w.desk.AddCustomer(ctx, &skranke.Customer{OurContact: 9}, ""), skranke.CodeUnknownUserID},
			{"taken user name", w.desk.AddCustomer(ctx, &skranke.Customer{UserName: "OLA"}, ""), skranke.CodeUserNameExists},
			{"no address", w.desk.AddCustomer(ctx, &skranke.Customer{Emails: []string{"ola"}}, ""), skranke.CodeCustomError},
			{"long name", w.desk.AddCustomer(ctx, &skranke.Customer{FirstName: long}, ""), skranke.CodeCustomError}, // types.limit.1
			{"long note", w.desk.SetCustomer(ctx, customer, func(c *skranke.Customer) error { c.Note = long; return nil }), skranke.CodeCustomError},
			{"unknown field", w.desk.AddCustomer(ctx, &skranke.Customer{Extra: []skranke.ExtraValue{{Field: 7, Value: skranke.TextValue("x")}}}, ""), skranke.CodeInvalidExtraField},
			{"unknown contact of a company", w.desk.AddCompany(ctx, &skranke.Company{PrimContact: 99}), skranke.CodeUnknownCustomerID},
			{"unknown parent", w.desk.AddCategory(ctx, &skranke.Category{Name: "x", Parent: 9}), skranke.CodeInvalidCategory},
			{"unknown member", w.desk.AddCategory(ctx, &skranke.Category{Name: "x", Members: []skranke.CategoryMember{{User: 9}}}), skranke.CodeUnknownUserID},
			{"long category", w.desk.AddCategory(ctx, &skranke.Category{Name: long}), skranke.CodeCustomError},
			{"level twice", w.desk.AddPriority(ctx, &skranke.Priority{Levels: []skranke.AlertLevel{{Level: 1}, {Level: 1}}}), skranke.CodeCustomError},
			{"no base", w.desk.AddTicketStatus(ctx, &skranke.TicketStatus{Name: "x"}), skranke.CodeUnknownTicketStatus},
			{"no domain", w.desk.AddExtraField(ctx, &skranke.ExtraField{Kind: skranke.ExtraText}), skranke.CodeInvalidDomain},
			{"no type", w.desk.AddExtraField(ctx, &skranke.ExtraField{Domain: skranke.DomainTicket}), skranke.CodeInvalidExtraField},
			{"odd name", w.desk.AddExtraField(ctx, &skranke.ExtraField{Domain: skranke.DomainTicket, Kind: skranke.ExtraText, FieldName: "Order"}), skranke.CodeInvalidExtraField},
			{"default that does not fit", w.desk.AddExtraField(ctx, &skranke.ExtraField{Domain: skranke.DomainTicket, Kind: skranke.ExtraInteger, Default: "x"}), skranke.CodeInvalidExtraField},
			{"long language code", w.desk.AddLanguage(ctx, &skranke.Language{Code: "norsk_"}), skranke.CodeCustomError},
			{"range of nothing", w.desk.AddRange(ctx, &skranke.Range{Port: skranke.PortTicket, From: "10.0.0.9", To: "10.0.0.1"}), skranke.CodeCustomError},
			{"range of names", w.desk.AddRange(ctx, &skranke.Range{Port: skranke.PortTicket, From: "localhost"}), skranke.CodeCustomError},
			{"unknown port", w.desk.AddRange(ctx, &skranke.Range{Port: "faq", From: "10.0.0.9"}), skranke.CodeCustomError},
			{"unknown file of a template", w.desk.AddReplyTemplate(ctx, &skranke.ReplyTemplate{Attachments: []skranke.AttachmentID{9}}), skranke.CodeUnknownAttachment},
			{"unknown customer", w.desk.SetCustomer(ctx, 99, func(*skranke.Customer) error { return nil }), skranke.CodeUnknownCustomerID},
			{"unknown user", w.desk.SetUser(ctx, 99, func(*skranke.User) error { return nil }), skranke.CodeUnknownUserID},
			{"unknown company", w.desk.SetCompany(ctx, 99, func(*skranke.Company) error { return nil }), skranke.CodeUnknownCompany},
			{"unknown category", w.desk.SetCategory(ctx, 99, func(*skranke.Category) error { return nil }), skranke.CodeInvalidCategory},
			{"unknown ticket", w.desk.SetTicketRow(ctx, 99, func(*skranke.Ticket) error { return nil }), skranke.CodeUnknownTicket},
		} {
			if skranke.CodeOf(tt.err) != tt.code {
				t.Errorf("%s: got %v, want %d", tt.what, tt.err, tt.code)
			}
		}
		var counts map[string]int64
		err := w.desk.Export(ctx, func(o *Outgo) (err error) {
			counts, err = o.Counts(ctx)
			return err
		})
		if err != nil || counts["customer"] != 1 || counts["category"] != 0 || counts["company"] != 1 {
			t.Errorf("what was refused is stored: %v, %v", counts, err)
		}
	})
}

// types.portaccess.2: ranges come and go by port, and count as soon as they are there.
func TestRangesOfAnOperator(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := t.Context()
		r := &skranke.Range{Port: skranke.PortTicket, From: " 10.0.0.9 ", To: "10.0.0.10"}
		if err := w.desk.AddRange(ctx, r); err != nil {
			t.Fatal(err)
		}
		allowed := func(port skranke.Port, addr string) bool {
			return w.desk.Allowed(port, netip.MustParseAddr(addr))
		}
		if !allowed(skranke.PortTicket, "10.0.0.10") || allowed(skranke.PortCustomer, "10.0.0.10") || allowed(skranke.PortTicket, "10.0.0.11") {
			t.Error("the range does not count, or for too much")
		}
		if err := w.desk.DeleteRange(ctx, r.ID); err != nil {
			t.Fatal(err)
		}
		if allowed(skranke.PortTicket, "10.0.0.10") {
			t.Error("a deleted range counts")
		}
	})
}

func TestStoreAttachment(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := t.Context()
		w.desk.opts.MaxAttachment = 10
		for _, tt := range []struct{ name, contentType, wantName, wantType string }{
			{`C:\Users\kari\år\notat.txt`, "text/plain", "notat.txt", "text/plain"},
			{"/etc/passwd", "x", "passwd", "x"},
			{"a\x00b\nc\u0085d.txt", "", "abcd.txt", "application/octet-stream"},
			{"", "", "attachment", "application/octet-stream"},
			{"folder/", "", "attachment", "application/octet-stream"},
			{strings.Repeat("æ", 300), strings.Repeat("x", 300), strings.Repeat("æ", 255), strings.Repeat("x", 255)},
		} { // customer.addAttachment.6, types.limit.1
			id, err := w.desk.StoreAttachment(ctx, Actor{Customer: 7}, tt.name, tt.contentType, strings.NewReader("innhold"))
			if err != nil {
				t.Fatal(err)
			}
			a := w.attachment(id)
			if a.Name != tt.wantName || a.ContentType != tt.wantType || !utf8.ValidString(a.Name) {
				t.Errorf("%q: got %q, %q, want %q, %q", tt.name, a.Name, a.ContentType, tt.wantName, tt.wantType)
			}
			if a.Size != 7 || len(a.Key) < 22 || a.Uploader.Customer != 7 || !a.CreatedAt.Equal(noon) {
				t.Errorf("got %+v", a)
			}
			file, _, err := w.db.Blobs().Open(t.Context(), a.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(file)
			file.Close()
			if err != nil || string(text) != "innhold" {
				t.Errorf("got %q, %v", text, err)
			}
		}
		if _, err := w.desk.StoreAttachment(ctx, Actor{}, "x", "", strings.NewReader("0123456789")); err != nil {
			t.Errorf("a file of the largest size: %v", err)
		}
		if _, err := w.desk.StoreAttachment(ctx, Actor{}, "x", "", strings.NewReader("0123456789a")); skranke.CodeOf(err) != skranke.CodeCustomError { // types.limit.2
			t.Errorf("a file that is too large: got %v", err)
		}
	})
}

func (w *world) attachment(id skranke.AttachmentID) (a *skranke.Attachment) {
	w.t.Helper()
	w.read(func(tx *store.ReadTx) (err error) {
		a, err = tx.Attachment(w.t.Context(), id)
		return err
	})
	return a
}

// What an import that fails has put is gone, and others do not see it before.
func TestImportIsAllOrNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := t.Context()
		stop := errors.New("stop")
		err := w.desk.Import(ctx, func(in *Intake) error {
			if err := in.PutCustomer(ctx, &skranke.Customer{ID: 5, UserName: "kari"}, Secret{}); err != nil {
				return err
			}
			if err := w.desk.SetCustomer(contextEnded(ctx), 5, func(*skranke.Customer) error { return nil }); !errors.Is(err, context.Canceled) {
				t.Errorf("somebody else: got %v", err)
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Errorf("got %v", err)
		}
		err = w.desk.Export(ctx, func(o *Outgo) error {
			_, err := o.Customer(ctx, 5)
			return err
		})
		if skranke.CodeOf(err) != skranke.CodeUnknownCustomerID {
			t.Errorf("got %v, want no customer", err)
		}
	})
}

func contextEnded(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

func TestIntakeWaitsForRows(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := t.Context()
		err := w.desk.Import(ctx, func(in *Intake) error {
			in.Mark = 17
			var wait *NotYet
			message := &skranke.Message{Ticket: 4}
			if err := in.PutMessage(ctx, message); !errors.As(err, &wait) || wait.Row != (Row{"ticket", 4}) {
				t.Errorf("a message before its ticket: got %v", err)
			}
			if err := in.PutTicket(ctx, &skranke.Ticket{ID: 4, Category: 8, MergedInto: 5}); err != nil {
				return err
			}
			if err := in.PutMessage(ctx, message); err != nil || message.ID == 0 {
				t.Errorf("a message after its ticket: got %+v, %v", message, err)
			}
			in.Mark = 18
			if err := in.PutTicket(ctx, &skranke.Ticket{ID: 5}); err != nil {
				return err
			}
			owed, err := in.Owed(ctx)
			if err != nil || len(owed) != 1 || owed[0] != (Owed{Row{"category", 8}, 17}) {
				t.Errorf("got %v, %v, want the category owed to 17", owed, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

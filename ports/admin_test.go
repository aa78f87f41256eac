package ports_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"skranke"
	"skranke/desk"
	"skranke/store"
)

func (w *world) admin(name string, args ...any) answer {
	w.t.Helper()
	return w.call("admin", name, args...)
}

// actions lists the log of what belongs to no ticket.
func (w *world) actions() []string {
	w.t.Helper()
	list := []string{}
	w.read(func(ctx context.Context, tx *store.ReadTx) error {
		entries, err := tx.Logs(ctx, 0)
		for _, e := range entries {
			line := fmt.Sprintf("%d user %d", e.Action, e.User)
			for _, c := range e.Changes {
				line += " " + c.Name
			}
			list = append(list, line)
		}
		return err
	})
	return list
}

func TestAdminSessions(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		// admin.common.1, admin.common.2, ticket.common.12
		w.admin("getTag", key).want("0")
		for _, name := range []string{"checkAgentVersion", "getModulePaths", "getTag", "getUser", "getUserById", "getUsers", "setUser"} {
			for _, dead := range []string{"", "x", w.logIn("kari")} {
				w.admin(name, dead).want("5").empty("admin", name)
			}
		}
		// admin.getErrorMessage.1, admin.getErrorMessage.2, admin.common.3
		text := func(key string) string {
			t.Helper()
			a := w.admin("getErrorMessage", key)
			if a.code != "" || a.fault != "" || len(a.parts) != 1 {
				t.Errorf("got %s", a.raw)
			}
			return a.text("errorMessage")
		}
		if got := text(key); got != skranke.CodeOK.Text() {
			t.Errorf("at first %q", got)
		}
		w.agent("getTicket", key, "9999").want("13")
		w.admin("getTag", key).want("0")
		for range 2 {
			if got := text(key); got != skranke.CodeUnknownTicket.Text() {
				t.Errorf("got %q", got)
			}
		}
		w.admin("getUserById", key, "99").want("34")
		if got := text(key); got != skranke.CodeUnknownUserID.Text() {
			t.Errorf("got %q", got)
		}
		for _, dead := range []string{"", "x", w.logIn("kari")} {
			if got := text(dead); got != skranke.CodeInvalidSessionKey.Text() {
				t.Errorf("key %q: got %q", dead, got)
			}
		}
		w.updateUser(ada, func(u *skranke.User) { u.Access = 0 }) // admin.common.4
		w.agent("getTicket", key, "1012").want("4")
		w.admin("getTag", key).want("0")
		w.agent("logout", key).want("0")
		w.admin("getTag", key).want("5")
	})
}

func TestAdminAgentAndPaths(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		for _, version := range []string{"", "1", "99.99", "x"} {
			// admin.checkAgentVersion.1, admin.checkAgentVersion.2, admin.checkAgentVersion.3, admin.checkAgentVersion.4
			a := w.admin("checkAgentVersion", key, version).want("0")
			if a.text("newVersion") != "false" || a.text("forceUpgrade") != "false" {
				t.Errorf("version %q: got %s", version, a.raw)
			}
		}
		w.admin("getAgent").want("27").empty("admin", "getAgent") // admin.getAgent.1, admin.getAgent.2

		if got := w.admin("getTag", key).want("0").text("tag"); got != "ejTag:" { // admin.getTag.1, admin.getTag.2
			t.Errorf("tag %q", got)
		}
		// admin.getModulePaths.1, admin.getModulePaths.2, admin.getModulePaths.3
		same(t, "nobody knows where", w.admin("getModulePaths", key).want("0").rows("paths"), []string{})
		setting := func(name, value string) {
			w.write(func(ctx context.Context, tx *store.WriteTx) error { return tx.SetSetting(ctx, name, value) })
		}
		setting("config.cgiUrl", "http://cs.example.no/")
		same(t, "paths", w.admin("getModulePaths", key).want("0").rows("paths"), []string{"soap|http://cs.example.no/scripts/SOAP"})
		setting("config.cgiBin", "/desk")
		same(t, "paths", w.admin("getModulePaths", key).want("0").rows("paths"), []string{"soap|http://cs.example.no/desk/SOAP"})
	})
	w := newWorld(t, func(o *desk.Options) { o.MailTag = "[#" })
	if got := w.admin("getTag", w.logInUser("ada")).want("0").text("tag"); got != "[#" {
		t.Errorf("tag %q", got)
	}
}

func TestGetUser(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		w.updateUser(ada, func(u *skranke.User) { u.Language = "NO" })
		w.updateUser(bo, func(u *skranke.User) { u.Language, u.FirstName = "de", "" })
		names := []string{"user.id", "none", " USER.name ", "user.firstname", "user.middlename", "", "user.lastname", "user.email", "user.loginname", "user.username", "user.language", "user.password", "name", "user.status"}
		// admin.getUser.1, admin.getUser.2, admin.getUser.3, admin.getUser.4
		want := []string{"user.id|2|TypeUserId", "USER.name|Ada Byron Lind|TypeVarchar", "user.firstname|Ada|TypeVarchar", "user.middlename|Byron|TypeVarchar", "user.lastname|Lind|TypeVarchar",
			"user.email|ada@desk.example|TypeVarchar", "user.loginname|ada|TypeVarchar", "user.username|Lovelace|TypeVarchar", "user.language|1|TypeInteger", "user.status|1|TypeInteger"}
		same(t, "Ada", w.admin("getUser", key, names).want("0").rows("userResult"), want)
		same(t, "Ada by id", w.admin("getUserById", w.logInUser("bo"), " 02 ", names).want("0").rows("userResult"), want) // admin.getUserById.1
		same(t, "nothing", w.admin("getUser", key, []string{}).want("0").rows("userResult"), []string{})                  // admin.getUser.5
		// admin.common.6
		acting := w.agent("loginAsUser", "7", "ada", userPassword).must().text("sessionKey")
		same(t, "Bo", w.admin("getUser", acting, []string{"user.name", "user.language"}).want("0").rows("userResult"), []string{"user.name|Berg|TypeVarchar", "user.language|0|TypeInteger"})
		for id, want := range map[string]string{"1": "system|127", "4": "ron|4", "5": "dora|3", "3": "ada|2"} { // admin.getUserById.2, admin.getUserById.3
			rows := w.admin("getUserById", key, id, []string{"user.name", "user.status"}).want("0").rows("userResult")
			name, status, _ := strings.Cut(want, "|")
			same(t, "user "+id, rows, []string{"user.name|" + name + "|TypeVarchar", "user.status|" + status + "|TypeInteger"})
		}
		for _, bad := range []string{"", "0", "-1", "99", "x"} {
			w.admin("getUserById", key, bad, []string{}).want("34").empty("admin", "getUserById")
		}
	})
}

func TestGetUsers(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		w.updateUser(bo, func(u *skranke.User) { u.UserName = "BO" })
		// admin.getUsers.1, admin.getUsers.2, admin.getUsers.3: nora is called ada, ada Lovelace
		for flag, want := range map[any]string{
			"true": "7 6 2", "1": "7 6 2", "TRUE": "7 6 2", "false": "3 7 6 2", "0": "3 7 6 2", "": "3 7 6 2", absent{}: "3 7 6 2", // admin.getUsers.4
		} {
			if got := strings.Join(w.admin("getUsers", key, flag).want("0").list("users"), " "); got != want {
				t.Errorf("%v: got %s, want %s", flag, got, want)
			}
		}
		if a := w.admin("getUsers", key, "yes"); a.fault == "" {
			t.Errorf("got %s", a.raw)
		}
		w.updateUser(emil, func(u *skranke.User) { u.Status = 5 })
		if got := w.admin("getUsers", key, false).list("users"); slices.Contains(got, "6") {
			t.Errorf("got %q", got)
		}
	})
}

func TestSetUser(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		// admin.setUser.1, admin.setUser.2, admin.setUser.3, admin.setUser.6
		w.admin("setUser", key, []pair{{"user.firstname", "A"}, {" LastName ", " L "}, {"middlename", ""}, {"user.email", " new@desk.example "}, {"loginname", "first"}, {"loginname", " countess "},
			{"username", "Ada L"}, {"user.language", "1"}, {"user.status", "2"}, {"user.password", "Another one"}}).want("0")
		var got *skranke.User
		w.read(func(ctx context.Context, tx *store.ReadTx) (err error) {
			got, err = tx.User(ctx, ada)
			return err
		})
		if got.FirstName != "A" || got.LastName != " L " || got.MiddleName != "" || got.Email != "new@desk.example" || got.LoginName != "countess" || got.UserName != "Ada L" || got.Language != "no" || got.Status != skranke.UserNotAvailable {
			t.Errorf("stored %+v", got)
		}
		same(t, "log", w.actions(), []string{"20012 user 2", "20001 user 2 login_name user_name password first_name middle_name last_name email language status"})
		w.admin("getTag", key).want("0") // admin.setUser.5: the session stays
		w.agent("login", "countess", "Another one").want("0")
		w.agent("login", "countess", userPassword).want("2")
		w.holdsNoText("Another one")
		w.admin("setUser", key, []pair{{"username", "ADA L"}, {"loginname", "Countess"}}).want("0") // his own names
		w.unchanged(func() { w.admin("setUser", key, []pair{}).want("0") })

		for _, bad := range []struct{ code, field, value string }{ // admin.setUser.4, admin.setUser.5, admin.common.5
			{"17", "user.id", "3"}, {"17", "user.name", "x"}, {"17", "nonsense", "x"}, {"17", "", ""}, {"17", "access", "64"},
			{"17", "language", "2"}, {"17", "language", ""}, {"17", "status", "3"}, {"17", "status", "4"}, {"17", "status", ""}, {"17", "status", "127"},
			{"17", "loginname", " "}, {"17", "username", ""}, {"17", "email", ""}, {"17", "email", "nonsense"},
			{"17", "loginname", strings.Repeat("x", 64)}, {"17", "username", strings.Repeat("x", 64)}, {"17", "firstname", strings.Repeat("x", 128)}, {"17", "email", strings.Repeat("x", 255) + "@example.no"},
			{"14", "loginname", "BO"}, {"14", "username", "Emil"}, {"14", "username", "ada"}, {"15", "password", ""},
		} {
			w.unchanged(func() {
				a := w.admin("setUser", key, []pair{{"firstname", "new"}, {bad.field, bad.value}, {"password", "fine"}})
				a.call = fmt.Sprintf("setUser %+v", bad)
				a.want(bad.code)
			})
		}
		w.admin("setUser", key, []pair{{"username", "Dora"}}).want("0") // of a deleted user
	})
	w := newWorld(t, func(o *desk.Options) { o.Password = desk.PasswordPolicy{MinLength: 8} })
	key := w.logInUser("ada")
	w.unchanged(func() { w.admin("setUser", key, []pair{{"password", "long enough"}, {"password", "weak"}}).want("7") })
	w.admin("setUser", key, []pair{{"password", "weak"}, {"password", "long enough"}}).want("7")
	w.admin("setUser", key, []pair{{"password", "long enough"}}).want("0")
	w.agent("login", "ada", "long enough").want("0")
}

package e2e

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestAdminPort calls every method of the admin port through every toolkit, in
// both styles. Its sessions are made by the same toolkit on the ticket port.
func TestAdminPort(t *testing.T) {
	for _, k := range toolkits {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			need(t, k.name, k.has)
			for _, style := range styles {
				t.Run(style, func(t *testing.T) {
					s := start(t)
					d := s.declares(t, "admin", style)
					c := k.connect(t, d)
					checkAdminPort(t, s, c, k.connect(t, s.declares(t, "ticket", style)))
					wantCalled(t, c, d)
				})
			}
		})
	}
}

// checkAdminPort calls the admin port as c, with sessions that tickets makes.
func checkAdminPort(t *testing.T, s *server, c, tickets *client) {
	// admin.common.1
	r := tickets.call(t, "login", demo.agent, demo.agentPassword)
	r.wantCode(t, "0")
	key := r.text(t, "sessionKey")

	// admin.common.3 admin.getErrorMessage.1 admin.getErrorMessage.2
	t.Run("getErrorMessage", func(t *testing.T) {
		wantLastError(t, c, key, noError)
		tickets.call(t, "getTicket", key, demo.missing, []string{}).wantCode(t, "13")
		wantLastError(t, c, key, unknownTicket)
		c.call(t, "getTag", key).wantCode(t, "0")
		wantLastError(t, c, key, unknownTicket)
		c.call(t, "getUserById", key, demo.missing, []string{}).wantCode(t, "34")
		wantLastError(t, c, key, unknownUser)
		wantLastError(t, c, "", invalidSession)
	})

	// admin.checkAgentVersion.4
	t.Run("checkAgentVersion", func(t *testing.T) {
		r := c.call(t, "checkAgentVersion", key, "13.1")
		r.wantCode(t, "0")
		if r.boolean(t, "newVersion") || r.boolean(t, "forceUpgrade") {
			t.Errorf("got %v, want no newer version", r)
		}
	})

	// admin.getAgent.1
	t.Run("getAgent", func(t *testing.T) {
		r := c.call(t, "getAgent")
		r.wantCode(t, "27")
		if got := r.text(t, "binaryData"); got != "" {
			t.Errorf("binaryData: got %q, want nothing", got)
		}
	})

	// admin.getTag.1 admin.getTag.2
	t.Run("getTag", func(t *testing.T) {
		r := c.call(t, "getTag", key)
		r.wantCode(t, "0")
		if got := r.text(t, "tag"); got != demo.mailTag {
			t.Errorf("tag: got %q, want %q", got, demo.mailTag)
		}
	})

	// admin.getModulePaths.1 admin.getModulePaths.2
	t.Run("getModulePaths", func(t *testing.T) {
		r := c.call(t, "getModulePaths", key)
		r.wantCode(t, "0")
		if got := r.structs(t, "paths"); len(got) > 0 {
			t.Errorf("paths before anybody said where the installation is: got %v, want none", got)
		}
		s.set(t, "config.cgiBin", "/cgi & bin")
		s.set(t, "config.cgiUrl", "https://hjelp.example")
		// A running server takes notice within a second.
		for began := time.Now(); len(r.structs(t, "paths")) == 0 && time.Since(began) < patience; time.Sleep(50 * time.Millisecond) {
			r = c.call(t, "getModulePaths", key)
		}
		r.wantCode(t, "0")
		var got []modulePath
		for _, m := range r.structs(t, "paths") {
			got = append(got, modulePath{m["module"].text, m["path"].text})
		}
		wantEqual(t, "paths", got, []modulePath{{"soap", "https://hjelp.example/cgi & bin/SOAP"}})
	})

	// admin.getUser.1 admin.getUser.3 admin.getUser.4 admin.getUser.5
	t.Run("getUser", func(t *testing.T) {
		wantUser(t, c, key, demo.user, "user.password", "no such field")
		wantUser(t, c, key, nil)
	})

	// admin.common.6
	t.Run("getUser of another user's session", func(t *testing.T) {
		r := tickets.call(t, "loginAsUser", demo.clerkID, demo.agent, demo.agentPassword)
		r.wantCode(t, "0")
		clerk := r.text(t, "sessionKey")
		wantUser(t, c, clerk, []result{{"user.id", demo.clerkID, "TypeUserId"}, {"user.loginname", demo.clerk, "TypeVarchar"}})
		tickets.call(t, "logout", clerk).wantCode(t, "0")
		// admin.common.2
		c.call(t, "getUser", clerk, []string{}).wantCode(t, "5")
	})

	// admin.getUserById.1 admin.getUserById.2 admin.getUserById.3
	t.Run("getUserById", func(t *testing.T) {
		for id, want := range demo.users {
			r := c.call(t, "getUserById", key, id, names(want))
			r.wantCode(t, "0")
			wantEqual(t, "userResult", r.results(t, "userResult"), want)
		}
		for _, id := range []string{demo.missing, "x"} {
			r := c.call(t, "getUserById", key, id, []string{"user.name"})
			r.wantCode(t, "34")
			wantEqual(t, "userResult", r.results(t, "userResult"), nil)
		}
	})

	// admin.getUsers.1 admin.getUsers.2 admin.getUsers.3
	t.Run("getUsers", func(t *testing.T) {
		for onlyNormal, want := range map[bool][]string{true: demo.normalUsers, false: demo.workingUsers} {
			r := c.call(t, "getUsers", key, onlyNormal)
			r.wantCode(t, "0")
			wantEqual(t, "users", r.list(t, "users"), want)
		}
	})

	// admin.common.2
	t.Run("without a session", func(t *testing.T) {
		for _, key := range []string{"", "no such key"} {
			c.call(t, "checkAgentVersion", key, "1").wantCode(t, "5")
			r := c.call(t, "getModulePaths", key)
			r.wantCode(t, "5")
			if got := r.structs(t, "paths"); len(got) > 0 {
				t.Errorf("paths: got %v, want none", got)
			}
			r = c.call(t, "getTag", key)
			r.wantCode(t, "5")
			if got := r.text(t, "tag"); got != "" {
				t.Errorf("tag: got %q, want none", got)
			}
			r = c.call(t, "getUser", key, []string{"user.name"})
			r.wantCode(t, "5")
			wantEqual(t, "userResult", r.results(t, "userResult"), nil)
			c.call(t, "getUserById", key, demo.clerkID, []string{}).wantCode(t, "5")
			r = c.call(t, "getUsers", key, false)
			r.wantCode(t, "5")
			wantEqual(t, "users", r.list(t, "users"), nil)
			c.call(t, "setUser", key, []pair{{"user.firstname", "x"}}).wantCode(t, "5")
		}
	})

	checkSetUser(t, c, tickets, key)

	// admin.common.2 ticket.logout.1
	t.Run("logout", func(t *testing.T) {
		tickets.call(t, "logout", key).wantCode(t, "0")
		c.call(t, "getTag", key).wantCode(t, "5")
	})
}

func checkSetUser(t *testing.T, c, tickets *client, key string) {
	// admin.setUser.2 admin.setUser.4 admin.setUser.5 admin.common.5
	t.Run("setUser refused", func(t *testing.T) {
		for _, refused := range []struct {
			last pair
			code string
		}{
			{pair{"user.id", "7"}, "17"},
			{pair{"user.language", "2"}, "17"},
			{pair{"user.status", "3"}, "17"},
			{pair{"user.username", ""}, "17"},
			{pair{"user.loginname", demo.clerk}, "14"},
			{pair{"user.password", ""}, "15"},
		} {
			c.call(t, "setUser", key, []pair{{"user.firstname", "x"}, refused.last}).wantCode(t, refused.code)
		}
		wantUser(t, c, key, demo.user)
	})

	// admin.setUser.1 admin.setUser.3 admin.setUser.5 admin.setUser.6
	t.Run("setUser", func(t *testing.T) {
		const password = `hemmelig "<æ>" & Ø`
		c.call(t, "setUser", key, []pair{}).wantCode(t, "0")
		wantUser(t, c, key, demo.user)

		c.call(t, "setUser", key, []pair{
			{"user.firstname", "x"}, {"user.firstname", "Åse & <b>"}, {"middlename", ""}, {"user.lastname", `Ødegård "jr."`},
			{"user.email", "aase@hjelp.example"}, {"user.loginname", "åse"}, {"user.username", "Åse"}, {"user.password", password},
			{"user.language", "1"}, {"user.status", "2"},
		}).wantCode(t, "0")
		wantUser(t, c, key, []result{
			{"user.id", demo.agentID, "TypeUserId"},
			{"user.name", `Åse & <b> Ødegård "jr."`, "TypeVarchar"},
			{"user.firstname", "Åse & <b>", "TypeVarchar"},
			{"user.middlename", "", "TypeVarchar"},
			{"user.lastname", `Ødegård "jr."`, "TypeVarchar"},
			{"user.email", "aase@hjelp.example", "TypeVarchar"},
			{"user.loginname", "åse", "TypeVarchar"},
			{"user.username", "Åse", "TypeVarchar"},
			{"user.language", "1", "TypeInteger"},
			{"user.status", "2", "TypeInteger"},
		})
		tickets.call(t, "login", "åse", demo.agentPassword).wantCode(t, "2")
		tickets.call(t, "login", "åse", password).wantCode(t, "0")
	})
}

// wantUser fails the test unless the user of the session has these values;
// besides their fields it asks for others, which must not be answered.
func wantUser(t *testing.T, c *client, key string, want []result, others ...string) {
	t.Helper()
	r := c.call(t, "getUser", key, slices.Concat([]string{}, others, names(want)))
	r.wantCode(t, "0")
	wantEqual(t, "userResult", r.results(t, "userResult"), want)
}

// set changes a setting of the running server from the command line.
func (s *server) set(t *testing.T, name, value string) {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	output(t, exec.Command(path, "setting", "set", "-data", filepath.Dir(s.mails), name, value))
}

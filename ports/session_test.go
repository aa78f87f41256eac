package ports_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/store"
)

var sessionKey = regexp.MustCompile(`^[0-9A-Za-z]{32}$`)

func TestLogin(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		var keys []string
		// types.input.1: names are trimmed; customer.login.4: they ignore case
		for _, name := range []string{"Kari", "kari", " KARI\n"} {
			a := w.customer("login", name, customerPassword).want("0") // customer.login.1
			key := a.text("sessionKey")
			if !sessionKey.MatchString(key) || slices.Contains(keys, key) { // types.session.2, customer.login.2
				t.Errorf("login as %q: got key %q after %q", name, key, keys)
			}
			keys = append(keys, key)
		}
		for _, key := range keys { // customer.login.5, types.session.1: older sessions go on
			w.customer("getTicket", key, "1012", []string{}).want("0")
		}

		refused := []struct{ name, password string }{
			{"kari", ""}, {"kari", "sesam-öffne dich "}, {"kari", strings.TrimSpace(customerPassword)}, // customer.login.4, types.input.1
			{"kari", customerPassword + " "}, {"rita", customerPassword}, {"dag", customerPassword}, // customer.login.4
			{"nils", ""}, {"nils", customerPassword}, {"nobody", customerPassword}, {"", ""}, {"", customerPassword},
			{"kari", customerHash}, {"ada", userPassword}, {"nobody", "no such password"}, {"nils", "no such password"},
		}
		for _, r := range refused {
			a := w.customer("login", r.name, r.password).want("1").empty("customer", "login") // customer.login.1, types.sec.2
			if got := a.text("sessionKey"); got != "" {                                       // customer.login.2
				t.Errorf("refused login of %q answers key %q", r.name, got)
			}
		}
	})
}

func TestCheckPassword(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		pairs := []struct{ name, password string }{
			{"kari", customerPassword}, {" KARI ", customerPassword}, {"kari", ""}, {"kari", "wrong"}, {"rita", customerPassword},
			{"dag", customerPassword}, {"nobody", "x"}, {"nils", ""}, {"una", customerPassword},
		}
		for _, p := range pairs {
			before := w.sessions()
			w.unchanged(func() { // customer.checkPassword.2
				a := w.customer("checkPassword", p.name, p.password)
				if len(a.parts) != 1 || w.sessions() != before {
					t.Errorf("checkPassword(%q): the answer has %d parts, want the errorCode alone and no session", p.name, len(a.parts))
				}
				a.want(w.customer("login", p.name, p.password).code) // customer.checkPassword.1
			})
		}
		w.customer("checkPassword", "kari", customerPassword).want("0") // customer.checkPassword.1
		w.customer("checkPassword", "kari", "wrong").want("1")
	})
}

func TestLoginAsCustomer(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		// customer.loginAsCustomer.1, customer.loginAsCustomer.2
		key := w.customer("loginAsCustomer", "ada", userPassword, " KARI ").want("0").text("sessionKey")
		if !sessionKey.MatchString(key) {
			t.Errorf("got key %q", key)
		}
		w.customer("loginAsCustomer", "NORA", userPassword, "nils").want("0") // not available, and a customer without password

		// customer.loginAsCustomer.3, types.acl.7: the rights of that customer, no more and no less
		own := w.logIn("kari")
		for id := 1011; id <= 1035; id++ {
			for _, name := range []string{"getTicket", "getMessage"} {
				number := fmt.Sprint(id)
				if name == "getMessage" {
					number = fmt.Sprint(id - 1001)
				}
				a := w.customer(name, key, number, []string{"ticket.title", "message.body"})
				b := w.customer(name, own, number, []string{"ticket.title", "message.body"})
				if a.raw != b.raw {
					t.Errorf("%s %s differs between the sessions:\n%s\n%s", name, number, a.raw, b.raw)
				}
			}
		}
		w.agent("getTicket", key, "1012", []string{}).want("5")

		// customer.loginAsCustomer.4: the customer's name counts only once the user is proven
		for _, r := range []struct{ user, password, customer, code string }{
			{"ada", "wrong", "kari", "1"}, {"ada", "wrong", "nobody", "1"}, {"nobody", userPassword, "kari", "1"},
			{"ron", userPassword, "kari", "1"}, {"dora", userPassword, "kari", "1"}, {"system", userPassword, "kari", "1"},
			{"ada", "", "kari", "1"}, {"kari", customerPassword, "kari", "1"},
			{"emil", userPassword, "kari", "4"}, {"emil", userPassword, "nobody", "4"}, {"emil", "wrong", "nobody", "1"},
			{"ada", userPassword, "nobody", "3"}, {"ada", userPassword, "", "3"}, {"ada", userPassword, "rita", "3"}, {"ada", userPassword, "dag", "3"},
		} {
			w.customer("loginAsCustomer", r.user, r.password, r.customer).want(r.code).empty("customer", "loginAsCustomer")
		}
	})
}

func TestUserLogin(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		first := w.agent("login", "ada", userPassword).want("0").text("sessionKey") // ticket.login.1
		second := w.agent("login", "ADA", userPassword).want("0").text("sessionKey")
		if !sessionKey.MatchString(first) || first == second {
			t.Errorf("got keys %q and %q", first, second)
		}
		for _, key := range []string{first, second} { // ticket.login.1: earlier keys stay valid
			w.agent("getTicket", key, "1012", []string{}).want("0")
		}

		// ticket.login.2: the login name goes before the user name; Nora is called ada, and Ada Lovelace
		made := w.agent("newTicket", second, "t", "2", "1", "", "1", []string{}, []pair{}, false).must().text("ticketId")
		if got := w.agent("getTicket", second, made, []string{"ticket.created_by"}).rows("ticketResult"); !slices.Equal(got, []string{"ticket.created_by|2|TypeUserId"}) {
			t.Errorf("the session of ada acts as %q", got)
		}
		w.agent("login", " lovelace ", userPassword).want("0")

		w.agent("login", "nora", userPassword).want("0") // ticket.login.3
		for _, r := range []struct{ name, password, code string }{
			// ticket.login.3, ticket.login.4, ticket.common.20
			{"ron", userPassword, "2"}, {"dora", userPassword, "2"}, {"system", userPassword, "2"}, {"ada", "", "2"},
			{"ada", strings.ToLower(userPassword), "2"}, {"nobody", userPassword, "2"}, {"", "", "2"}, {"kari", customerPassword, "2"},
			{"nobody", "no such password", "2"}, {"emil", "wrong", "2"}, {"emil", userPassword, "4"}, // ticket.common.10
		} {
			w.agent("login", r.name, r.password).want(r.code).empty("ticket", "login")
		}
	})
}

// Every method that needs a key, with arguments that would do.
var needingKey = []struct {
	port, name string
	args       []any
}{
	{"customer", "getTicket", []any{"1012", []string{"ticket.title"}}},
	{"customer", "getMessage", []any{"11", []string{"message.body"}}},
	{"customer", "newTicket", []any{"t", "2", "1", "1", []pair{}}},
	{"customer", "addMessage", []any{"b", "1012", "2", []string{}}},
	{"customer", "getExtraFields", []any{"ticket"}},
	{"customer", "getPriorities", []any{}},
	{"ticket", "newTicket", []any{"t", "2", "1", "1", "1", []string{}, []pair{}, false}},
	{"ticket", "getTicket", []any{"1012", []string{"ticket.title"}}},
	{"ticket", "addMessage3", []any{"b", "", "", "1012", "2", []string{}, false, []string{}, []string{}, []string{}}},
	{"ticket", "getMessage", []any{"11", []string{"message.body"}}},
	{"customer", "getCategories", []any{}},
	{"customer", "getCategory", []any{"1"}},
	{"customer", "logout", []any{}},
	{"ticket", "logout", []any{}},
}

func TestKeys(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		customerKey, userKey := w.logIn("kari"), w.logInUser("ada")
		ended := w.logIn("kari")
		w.customer("logout", ended).want("0")
		damaged := customerKey[:31]
		swapped := strings.Map(func(r rune) rune { // types.session.10: keys are compared exactly
			if r >= 'a' && r <= 'z' {
				return r - 32
			}
			return r
		}, customerKey)
		for _, m := range needingKey {
			foreign := userKey // types.session.7
			if m.port == "ticket" {
				foreign = customerKey // ticket.common.9
			}
			open := m.name == "getCategories" || m.name == "getCategory"
			for _, key := range []string{"", "  ", "x", damaged, damaged + "é", customerKey + "A", swapped, ended, foreign, strings.Repeat("A", 32)} {
				if open && strings.TrimSpace(key) == "" {
					continue
				}
				// types.session.5, types.session.6, customer.common.1, customer.getTicket.18
				w.unchanged(func() {
					w.call(m.port, m.name, append([]any{key}, m.args...)...).want("5").empty(m.port, m.name) // types.transport.8
				})
			}
			if open || m.name == "logout" {
				continue
			}
			own := customerKey
			if m.port == "ticket" {
				own = userKey
			}
			w.call(m.port, m.name, append([]any{" \t" + own + "\n"}, m.args...)...).want("0") // types.session.10, types.input.1
			w.call(m.port, m.name, absent{}).want("5")                                        // types.transport.9: a missing text is ''
		}
	})
}

func TestLogout(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		ending, going := w.logIn("kari"), w.logIn("kari")
		w.customer("logout", ending).want("0")
		for _, m := range needingKey { // customer.logout.1: every method refuses it
			if m.port == "customer" {
				w.call(m.port, m.name, append([]any{ending}, m.args...)...).want("5")
			}
		}
		w.customer("getTicket", going, "1012", []string{}).want("0") // customer.logout.1
		w.customer("logout", ending).want("5")                       // customer.logout.2
		if got, want := w.lastError(ending), skranke.CodeInvalidSessionKey.Text(); got != want {
			t.Errorf("after logout: got %q, want %q", got, want) // customer.logout.2
		}

		ending, going = w.logInUser("ada"), w.logInUser("ada")
		w.agent("logout", ending).want("0")
		for _, m := range needingKey { // ticket.logout.1
			w.call(m.port, m.name, append([]any{ending}, m.args...)...).want("5")
		}
		w.agent("getTicket", going, "1012", []string{}).want("0") // ticket.logout.2
		w.updateUser(ada, func(u *skranke.User) { u.Access = 0 })
		w.agent("getTicket", going, "1012", []string{}).want("4")
		w.agent("logout", going).want("0") // ticket.logout.3
		w.agent("logout", going).want("5") // ticket.logout.1
	})
}

func TestLostRights(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		key := w.logInUser("ada")
		w.updateUser(ada, func(u *skranke.User) { u.Access &^= skranke.AccessAdministration })
		for _, m := range needingKey {
			if m.port != "ticket" || m.name == "logout" {
				continue
			}
			// ticket.common.10: checked at every call; ticket.common.7: before any argument
			for _, args := range [][]any{m.args, {}} {
				w.unchanged(func() { w.call(m.port, m.name, append([]any{key}, args...)...).want("4").empty(m.port, m.name) })
			}
		}
		w.agent("getTicket", "", "1012", []string{}).want("5") // the key goes before the rights
		w.updateUser(ada, func(u *skranke.User) { u.Access |= skranke.AccessAdministration })
		w.agent("getTicket", key, "1012", []string{}).want("0")
	})
}

func TestSessionsEnd(t *testing.T) {
	w := newWorld(t)
	live := func(key string) string { return w.customer("getTicket", key, "1012", []string{}).code }

	key := w.logIn("kari")
	for range 3 { // types.session.3, types.session.4, customer.login.3: any call restarts the clock
		w.clock.advance(30 * time.Minute)
		if got := live(key); got != "0" {
			t.Fatalf("idle for 30 minutes: got %q", got)
		}
	}
	for what, call := range map[string]func(){ // types.session.4
		"a failing call":  func() { w.customer("getTicket", key, "1", []string{}).want("13") },
		"getErrorMessage": func() { w.lastError(key) },
		"getCategories":   func() { w.customer("getCategories", key).want("0") },
	} {
		w.clock.advance(29 * time.Minute)
		call()
		w.clock.advance(29 * time.Minute)
		if got := live(key); got != "0" {
			t.Fatalf("%s did not restart the clock: got %q", what, got)
		}
	}
	w.clock.advance(30*time.Minute + time.Millisecond)
	if got := live(key); got != "5" { // types.session.3
		t.Errorf("idle for more than 30 minutes: got %q, want 5", got)
	}
	if got := live(key); got != "5" { // the refused call has not woken it
		t.Errorf("a dead session woke up: got %q", got)
	}

	// types.session.8
	for what, end := range map[string]func(*skranke.Customer){
		"deleted": func(c *skranke.Customer) { c.Deleted = true },
		"retired": func(c *skranke.Customer) { c.Retired = true },
	} {
		key := w.logIn("kari")
		w.updateCustomer(kari, end)
		if got := live(key); got != "5" {
			t.Errorf("customer %s: got %q, want 5", what, got)
		}
		w.updateCustomer(kari, func(c *skranke.Customer) { c.Deleted, c.Retired = false, false })
	}
	for status, want := range map[skranke.UserStatus]string{
		skranke.UserNormal: "0", skranke.UserNotAvailable: "0", skranke.UserDeleted: "5", skranke.UserReadOnly: "5", skranke.UserSystem: "5", 0: "5", 5: "5",
	} {
		w.updateUser(bo, func(u *skranke.User) { u.Status = skranke.UserNormal })
		key := w.logInUser("bo")
		w.updateUser(bo, func(u *skranke.User) { u.Status = status })
		w.agent("getTicket", key, "1012", []string{}).want(want)
	}
}

func TestUserSessionsEnd(t *testing.T) {
	// types.session.9
	for _, test := range []struct {
		idle  time.Duration
		alive time.Duration
		dead  time.Duration // 0 for never
	}{
		{0, 30 * time.Minute, 30*time.Minute + time.Millisecond},
		{time.Hour, time.Hour, time.Hour + time.Millisecond},
		{-1, 1000 * time.Hour, 0},
	} {
		w := newWorld(t, func(o *desk.Options) { o.UserIdle = test.idle })
		key := w.logInUser("ada")
		w.clock.advance(test.alive)
		w.agent("getTicket", key, "1012", []string{}).want("0")
		if test.dead > 0 {
			w.clock.advance(test.dead)
			w.agent("getTicket", key, "1012", []string{}).want("5")
		}
	}
	// types.session.3, customer.login.3: the time of customers is a setting too
	w := newWorld(t, func(o *desk.Options) { o.SessionIdle = time.Minute })
	key := w.logIn("kari")
	w.clock.advance(time.Minute)
	w.customer("getPriorities", key).want("0")
	w.clock.advance(time.Minute + time.Millisecond)
	w.customer("getPriorities", key).want("5")
}

func TestSessionsOutliveTheServer(t *testing.T) {
	w := newWorld(t)
	key := w.logIn("kari")
	w.customer("getTicket", key, "1", []string{}).want("13")
	w.clock.advance(20 * time.Minute)
	w.customer("getPriorities", key).want("0")
	w.restart()
	w.clock.advance(20 * time.Minute) // types.session.4: idle since the last call, not since the login
	w.customer("getPriorities", key).want("0")
	if got, want := w.lastError(key), skranke.CodeUnknownTicket.Text(); got != want {
		t.Errorf("last error after a restart: got %q, want %q", got, want)
	}
}

func TestLastError(t *testing.T) {
	inBothStyles(t, func(t *testing.T, w *world) {
		one, other := w.logIn("kari"), w.logIn("kari")
		want := func(key string, code skranke.Code, what string) {
			t.Helper()
			if got := w.lastError(key); got != code.Text() { // customer.getErrorMessage.2, types.error.2
				t.Errorf("%s: got %q, want %q", what, got, code.Text())
			}
		}
		a := w.customer("getErrorMessage", one) // customer.getErrorMessage.1, types.transport.5
		if len(a.parts) != 1 || a.parts[0].name != "errorMessage" || a.fault != "" {
			t.Errorf("got %s", a.raw)
		}
		want(one, skranke.CodeOK, "nothing has failed yet") // types.lasterror.3, customer.getErrorMessage.3

		w.customer("getTicket", one, "1", []string{}).want("13")
		want(one, skranke.CodeUnknownTicket, "after getTicket failed") // customer.getTicket.20, types.lasterror.2
		want(one, skranke.CodeUnknownTicket, "asked again")            // types.lasterror.3
		want(other, skranke.CodeOK, "another session")                 // types.lasterror.1, types.session.2
		w.customer("getExtraFields", one, "nothing").want("11")
		w.customer("getExtraFields", other, "nothing").want("11")
		want(one, skranke.CodeInvalidDomain, "the newest counts") // types.lasterror.1
		w.customer("getPriorities", one).want("0")
		want(one, skranke.CodeInvalidDomain, "success keeps the text") // types.lasterror.2, customer.getErrorMessage.3
		w.customer("getCategory", one, "99").want("8")
		want(one, skranke.CodeInvalidCategory, "of a method that needs no key") // types.lasterror.2
		want(other, skranke.CodeInvalidDomain, "another session")

		w.customer("getCustomer", one, []string{"kuztumer.name"}).want("17")
		want(one, skranke.CodeInvalidField, "the example") // customer.getErrorMessage.4
		w.customer("getCategory", one, "99").want("8")

		// types.lasterror.2: calls without a live key store nothing
		w.customer("login", "kari", "wrong").want("1")
		w.customer("getTicket", "", "1", []string{}).want("5")
		w.customer("getCategory", "", "99").want("8")
		want(one, skranke.CodeInvalidCategory, "calls of others")

		// types.lasterror.4, customer.getErrorMessage.3
		ended := w.logIn("kari")
		w.customer("logout", ended).want("0")
		for _, key := range []string{"", "x", ended, w.logInUser("ada"), strings.Repeat("z", 32)} {
			if a := w.customer("getErrorMessage", key); a.fault != "" || a.text("errorMessage") != skranke.CodeInvalidSessionKey.Text() {
				t.Errorf("key %q: got %s", key, a.raw)
			}
		}

		// types.lasterror.5: the texts are those of the table
		for _, code := range []skranke.Code{skranke.CodeInvalidSLevel, skranke.CodeInvalidCategory, skranke.CodeInvalidPriority, skranke.CodeInvalidExtraField} {
			args := map[skranke.Code][]any{
				skranke.CodeInvalidSLevel:     {one, "t", "3", "1", "1"},
				skranke.CodeInvalidCategory:   {one, "t", "2", "99", "1"},
				skranke.CodeInvalidPriority:   {one, "t", "2", "1", "99"},
				skranke.CodeInvalidExtraField: {one, "t", "2", "1", "1", []pair{{"x_999", ""}}},
			}[code]
			w.customer("newTicket", args...).want(code.String()) // types.error.1
			want(one, code, "newTicket")
		}
	})
}

func TestBrake(t *testing.T) {
	w := newWorld(t)
	tries := func(n int, port, method string, args ...any) {
		t.Helper()
		for range n {
			if a := w.call(port, method, args...); a.code == "0" {
				t.Fatalf("%s: a wrong password was taken", method)
			}
		}
	}
	// types.sec.1: the failures of all three methods count together
	tries(4, "customer", "login", "kari", "wrong")
	tries(5, "customer", "checkPassword", " KARI", "wrong")
	w.customer("login", "kari", customerPassword).want("0") // nine are not enough
	tries(1, "customer", "login", "kari", "wrong")
	w.customer("login", "kari", customerPassword).want("1").empty("customer", "login")
	w.customer("checkPassword", "Kari", customerPassword).want("1")
	w.customer("login", "ola", customerPassword).want("0") // another name
	w.clock.advance(15*time.Minute - time.Millisecond)
	w.customer("login", "kari", customerPassword).want("1")
	w.clock.advance(2 * time.Millisecond)
	w.customer("login", "kari", customerPassword).want("0") // tries while braked have not counted

	tries(5, "customer", "loginAsCustomer", "ada", "wrong", "kari")
	tries(5, "ticket", "login", "ADA", "wrong") // ticket.common.20
	w.customer("loginAsCustomer", "ada", userPassword, "kari").want("1")
	w.agent("login", "ada", userPassword).want("2")
	w.agent("login", "bo", userPassword).want("0")
}

func TestBrakeOfAnAddress(t *testing.T) {
	w := newWorld(t, func(o *desk.Options) { o.Brake.PerAddress = 0 }) // the default, 50
	w.from = "10.0.0.9"
	for i := range 50 { // types.sec.1
		w.customer("checkPassword", fmt.Sprint("guess", i), "wrong").want("1")
		if i == 48 {
			w.customer("login", "kari", customerPassword).want("0")
		}
	}
	w.customer("login", "kari", customerPassword).want("1")
	w.customer("loginAsCustomer", "ada", userPassword, "kari").want("1")
	w.from = "10.0.0.10"
	w.customer("login", "kari", customerPassword).want("0")
	w.from = "10.0.0.9"
	w.clock.advance(15*time.Minute + time.Millisecond)
	w.customer("login", "kari", customerPassword).want("0")
}

// Many guesses sent at once do not slip past the brake: of twenty only ten are
// looked at.
func TestBrakeHoldsAtOnce(t *testing.T) {
	w := newWorld(t, func(o *desk.Options) { o.PasswordCost.AtOnce = 1 })
	var wg sync.WaitGroup
	body := request(t, w.style, "customer", "login", []any{"kari", "wrong"})
	for range 20 {
		wg.Go(func() { w.post("customer", "login", body).want("1") })
	}
	wg.Wait()
	w.read(func(ctx context.Context, tx *store.ReadTx) error {
		n, err := tx.Failures(ctx, "name:customer:kari", morning.Add(-time.Hour))
		if n != 10 { // types.sec.1
			t.Errorf("%d guesses were looked at, want 10", n)
		}
		return err
	})
}

// A full disk does not let anybody guess on: what cannot be stored is counted all
// the same, and the operator is told once.
func TestBrakeHoldsOnAFullDisk(t *testing.T) {
	w := newWorld(t)
	var full atomic.Bool
	full.Store(true)
	filled := w.beside(func(doing string) error {
		if full.Load() && strings.HasPrefix(strings.TrimSpace(doing), "INSERT") {
			return errors.New("the disk is full")
		}
		return nil
	})
	for range 9 {
		filled.customer("checkPassword", "kari", "wrong").want("1")
		filled.agent("login", "ada", "wrong").want("2")
	}
	filled.customer("checkPassword", "kari", customerPassword).want("0")
	filled.customer("checkPassword", "KARI", "wrong").want("1")
	filled.agent("login", "ada", "wrong").want("2")
	filled.customer("checkPassword", "kari", customerPassword).want("1") // types.sec.1
	filled.customer("login", "kari", customerPassword).want("1")
	filled.agent("login", "ada", userPassword).want("2")
	filled.customer("checkPassword", "ola", customerPassword).want("0")
	if n := strings.Count(w.log.String(), "failed log-ins cannot be stored"); n != 1 {
		t.Errorf("the operator is told %d times, want once", n)
	}
	w.clock.advance(15*time.Minute + time.Millisecond)
	filled.customer("checkPassword", "kari", customerPassword).want("0")
	full.Store(false) // to close it
}

// Whatever is wrong with a login, a password is hashed: the memory that takes
// is there to be counted.
func TestRefusedLoginsCostTheSame(t *testing.T) {
	const hash = 24 << 20
	w := newWorld(t, func(o *desk.Options) { o.PasswordCost = desk.PasswordCost{MemoryKiB: hash >> 10, Passes: 1} })
	// The stored hashes are cheap; these people have one of the present cost.
	dear := func(cheap string) string { return strings.Replace(cheap, "m=64,", fmt.Sprintf("m=%d,", hash>>10), 1) }
	for _, id := range []skranke.CustomerID{kari, rita, dag} {
		w.updateCustomer(id, func(c *skranke.Customer) { c.PasswordHash = dear(c.PasswordHash) })
	}
	for _, id := range []skranke.UserID{ada, ron, dora} {
		w.updateUser(id, func(u *skranke.User) { u.PasswordHash = dear(u.PasswordHash) })
	}
	taken := func(call func()) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		call()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	// types.sec.2, ticket.login.4
	for _, test := range []struct {
		port, method string
		args         []any
		code         string
	}{
		{"customer", "login", []any{"kari", "wrong"}, "1"},
		{"customer", "login", []any{"kari", ""}, "1"},
		{"customer", "login", []any{"nobody", "wrong"}, "1"},
		{"customer", "login", []any{"rita", "wrong"}, "1"},
		{"customer", "login", []any{"dag", "wrong"}, "1"},
		{"customer", "login", []any{"nils", "wrong"}, "1"},
		{"customer", "checkPassword", []any{"nobody", "wrong"}, "1"},
		{"customer", "loginAsCustomer", []any{"nobody", "wrong", "kari"}, "1"},
		{"customer", "loginAsCustomer", []any{"ron", "wrong", "kari"}, "1"},
		{"ticket", "login", []any{"ada", "wrong"}, "2"},
		{"ticket", "login", []any{"nobody", "wrong"}, "2"},
		{"ticket", "login", []any{"ron", "wrong"}, "2"},
		{"ticket", "login", []any{"dora", "wrong"}, "2"},
	} {
		got := taken(func() { w.call(test.port, test.method, test.args...).want(test.code) })
		if got < hash || got >= 2*hash {
			t.Errorf("%s.%s %q: %d bytes were taken, want those of one hash, %d", test.port, test.method, test.args, got, hash)
		}
	}
	for range 8 {
		w.customer("login", "kari", "wrong").want("1")
	}
	// types.sec.1: a braked try is not looked at
	if got := taken(func() { w.customer("login", "kari", customerPassword).want("1") }); got >= hash {
		t.Errorf("a braked login took %d bytes, as if it had been hashed", got)
	}
}

// No password and no session key gets into the database, the log or an answer
// other than the login's own.
func TestSecretsStaySecret(t *testing.T) {
	w := newWorld(t)
	key, userKey := w.logIn("kari"), w.logInUser("ada")
	w.customer("login", "kari", "Wrong-Geheimnis").want("1")
	w.agent("login", "ada", "Wrong-Geheimnis").want("2")
	w.customer("getTicket", key, "1", []string{}).want("13")
	var answers strings.Builder
	for _, m := range needingKey {
		own := key
		if m.port == "ticket" {
			own = userKey
		}
		if m.name != "logout" {
			answers.WriteString(w.call(m.port, m.name, append([]any{own}, m.args...)...).raw)
		}
	}
	db := w.db
	if err := db.Close(); err != nil { // now every call fails, and is logged
		t.Fatal(err)
	}
	for _, m := range needingKey {
		answers.WriteString(w.call(m.port, m.name, append([]any{key}, m.args...)...).want("7").raw) // types.transport.7, customer.common.4
	}
	answers.WriteString(w.customer("login", "kari", customerPassword).want("7").raw)
	if got := w.lastError(key); got != skranke.CodeCustomError.Text() {
		t.Errorf("getErrorMessage without a database: got %q", got)
	}
	log := w.log.String()
	if !strings.Contains(log, "getTicket") {
		t.Errorf("the log does not tell of the failures:\n%s", log)
	}
	w.openStore()
	w.restartDesk()
	for _, secret := range []string{customerPassword, userPassword, strings.TrimSpace(customerPassword), "Wrong-Geheimnis", key, userKey, customerHash, userHash, "argon2"} {
		if strings.Contains(log, secret) { // types.sec.3
			t.Errorf("the log holds the secret %q", secret)
		}
		if strings.Contains(answers.String(), secret) { // types.sec.3
			t.Errorf("an answer holds the secret %q", secret)
		}
	}
	for _, inner := range []string{"sql", "SELECT", "skranke.db", w.dir, ".go:", "closed"} { // types.transport.7
		if strings.Contains(answers.String(), inner) {
			t.Errorf("an answer holds %q", inner)
		}
	}
	w.holdsNoText(customerPassword, userPassword, key, userKey, "Geheimnis") // types.sec.3
}

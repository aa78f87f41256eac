package e2e

import (
	"bytes"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"
)

func checkOwnValues(t *testing.T, c *client, key string) {
	// customer.getCustomer.1 customer.getCustomer.3 customer.getCustomer.4 customer.getCustomer.5 customer.getCustomer.6
	t.Run("getCustomer", func(t *testing.T) {
		wantCustomer(t, c, key, demo.self, demo.emails)
		wantCustomer(t, c, key, nil, demo.emails)
	})

	// customer.getCustomer.2
	t.Run("getCustomer refused", func(t *testing.T) {
		for field, code := range map[string]string{"kuztumer.name": "17", "customer.x_28": "12"} {
			r := c.call(t, "getCustomer", key, append(names(demo.self), field))
			r.wantCode(t, code)
			wantEqual(t, "customerResult", r.results(t, "customerResult"), nil)
			wantEqual(t, "customerEmail", r.list(t, "customerEmail"), nil)
		}
	})

	// customer.getCompany.1 customer.getCompany.4 customer.getCompany.5 types.input.1 types.input.4
	t.Run("getCompany as on its page", func(t *testing.T) {
		fields := names(demo.company)
		fields[1] = " " + fields[1]
		r := c.call(t, "getCompany", key, append(fields, null))
		r.wantCode(t, "0")
		wantEqual(t, "companyResult", r.results(t, "companyResult"), demo.company)
		r = c.call(t, "getCompany", key, slices.Insert(fields, 1, "", null))
		r.wantCode(t, "0")
		wantEqual(t, "companyResult", r.results(t, "companyResult"), demo.company)
	})

	// customer.getCompany.2
	t.Run("getCompany refused", func(t *testing.T) {
		r := c.call(t, "getCompany", key, append(names(demo.company), "company.nome"))
		r.wantCode(t, "17")
		wantEqual(t, "companyResult", r.results(t, "companyResult"), nil)
	})

	// customer.setCustomer.1 customer.setCustomer.2 customer.setCustomer.9
	t.Run("setCustomer", func(t *testing.T) {
		c.call(t, "setCustomer", key, []pair{{"phone", "0"}, {"username", "x"}}).wantCode(t, "17")
		c.call(t, "setCustomer", key, []pair{}).wantCode(t, "0")
		wantCustomer(t, c, key, demo.self, demo.emails)

		c.call(t, "setCustomer", key, []pair{{"note", c.body(hardBody)}, {demo.ownExtra, hardTitle}}).wantCode(t, "0")
		wantCustomer(t, c, key, []result{
			{"customer.note", c.body(hardBody), "TypeClob"}, {"customer." + demo.ownExtra, hardTitle, "TypeVarchar"},
		}, demo.emails)
	})
}

func wantCustomer(t *testing.T, c *client, key string, want []result, emails []string) {
	t.Helper()
	r := c.call(t, "getCustomer", key, append([]string{}, names(want)...))
	r.wantCode(t, "0")
	wantEqual(t, "customerResult", r.results(t, "customerResult"), want)
	wantEqual(t, "customerEmail", r.list(t, "customerEmail"), emails)
}

func checkNewCustomer(t *testing.T, s *server, c *client) {
	const name, password = "Øyvind & Søn", `hemmelig "<æ>" & Ø`

	// customer.newCustomer.1 customer.newCustomer.4
	t.Run("newCustomer", func(t *testing.T) {
		c.call(t, "newCustomer", name, password).wantCode(t, "0")
		r := c.call(t, "login", name, password)
		r.wantCode(t, "0")
		key := r.text(t, "sessionKey")
		wantCustomer(t, c, key, []result{
			{"customer.name", "", "TypeVarchar"}, {"customer.username", name, "TypeVarchar"}, {"customer.extTable", "-1", "TypeForeignKey"},
		}, nil)

		// customer.getCompany.3
		r = c.call(t, "getCompany", key, names(demo.company))
		r.wantCode(t, "0")
		var want []result
		for _, f := range demo.company {
			want = append(want, result{f.field, "", f.typ})
		}
		wantEqual(t, "companyResult", r.results(t, "companyResult"), want)

		// customer.setCustomer.3 customer.setCustomer.5 customer.setCustomer.10
		c.call(t, "setCustomer", key, []pair{{"name", "Johnny X"}, {"email", "johnny@x.com"}}).wantCode(t, "0")
		wantCustomer(t, c, key, []result{
			{"customer.name", "Johnny X", "TypeVarchar"}, {"customer.firstname", "Johnny", "TypeVarchar"}, {"customer.lastname", "X", "TypeVarchar"},
		}, []string{"johnny@x.com"})
	})

	// customer.newCustomer.2 customer.newCustomer.3
	t.Run("newCustomer refused", func(t *testing.T) {
		c.call(t, "newCustomer", "øyvind & søn", password).wantCode(t, "14")
		c.call(t, "newCustomer", "x", "").wantCode(t, "15")
	})

	// customer.sendPassword.1 customer.sendPassword.2 customer.sendPassword.3
	t.Run("sendPassword", func(t *testing.T) {
		c.call(t, "sendPassword", "nobody@x.com").wantCode(t, "0")
		c.call(t, "sendPassword", "Johnny@X.com").wantCode(t, "0")
		mail := s.mail(t)
		if !bytes.Contains(mail, []byte(name)) {
			t.Errorf("the mail does not name %s:\n%s", name, mail)
		}
		sent := mailedPassword.Find(mail)
		if sent == nil {
			t.Fatalf("the mail has no password:\n%s", mail)
		}
		c.call(t, "login", name, password).wantCode(t, "0")
		c.call(t, "login", name, string(sent)).wantCode(t, "0")
		c.call(t, "login", name, password).wantCode(t, "1")
	})
}

var mailedPassword = regexp.MustCompile(`\w{5}(-\w{5}){3}`)

// mail waits for the one mail that the server sends and returns its text.
func (s *server) mail(t *testing.T) []byte {
	t.Helper()
	for began := time.Now(); time.Since(began) < patience; time.Sleep(10 * time.Millisecond) {
		mails, err := filepath.Glob(filepath.Join(s.mails, "*.eml"))
		if err != nil {
			t.Fatal(err)
		}
		if len(mails) > 1 {
			t.Fatalf("got %d mails, want one", len(mails))
		}
		if len(mails) == 0 {
			continue
		}
		text, err := os.ReadFile(mails[0])
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := bytes.Cut(text, []byte("\r\n\r\n"))
		var plain bytes.Buffer
		if _, err := plain.ReadFrom(quotedprintable.NewReader(bytes.NewReader(body))); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		return plain.Bytes()
	}
	t.Fatalf("no mail within %v", patience)
	return nil
}

func checkLanguages(t *testing.T, c *client, key string) {
	// customer.getLanguages.1 customer.getLanguages.3
	t.Run("getLanguages", func(t *testing.T) {
		r := c.call(t, "getLanguages")
		r.wantCode(t, "0")
		var got []language
		for _, m := range r.structs(t, "languageEntries") {
			got = append(got, language{m["languageCode"].text, m["languageName"].text, m["virtualDomain"].text})
		}
		wantEqual(t, "languageEntries", got, demo.languages)
	})

	// customer.getCustLangCategories.1 customer.getCustLangCategories.2 customer.getCustLangCategories.3 customer.getCustLangCategories.4
	t.Run("getCustLangCategories", func(t *testing.T) {
		for _, key := range []string{key, ""} {
			r := c.call(t, "getCustLangCategories", key)
			r.wantCode(t, "0")
			wantEqual(t, "categoryIds", categories(t, r, "categoryIds"), nil)
		}
		r := c.call(t, "getCustLangCategories", logIn(t, c, demo.englishCustomer))
		r.wantCode(t, "0")
		wantEqual(t, "categoryIds", categories(t, r, "categoryIds"), demo.languageCategories)
	})
}

// logIn makes a session of another customer of the demo data.
func logIn(t *testing.T, c *client, customer string) string {
	t.Helper()
	r := c.call(t, "login", customer, demo.password)
	r.wantCode(t, "0")
	return r.text(t, "sessionKey")
}

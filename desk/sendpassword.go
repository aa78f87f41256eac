package desk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
	"net/netip"
	"strings"
	"time"

	"skranke"
	"skranke/store"
)

// jobPassword is the kind of outbox jobs whose payload is the folded address
// somebody wants a password for.
const jobPassword = "password"

const (
	oneTimeLife       = 24 * time.Hour  // of a one-time password
	passwordMailPause = 5 * time.Minute // between two mails to the same address
)

// SendPassword asks for a mail with a one-time password to the address. Whether
// anybody has the address is looked up later, so the call neither tells nor
// lets it be timed. Requests are braked per caller address like failed logins,
// by the same limit but counted apart; those beyond are dropped silently. It
// returns CodeOperationIllegal if no mail leaves the installation.
//
// Spec: customer/sendPassword, types/module.2
func (d *Desk) SendPassword(ctx context.Context, caller Actor, address string) error {
	if !d.opts.Mailing {
		return skranke.Err(skranke.CodeOperationIllegal, "no way to send mail is set")
	}
	address = skranke.Fold(strings.TrimSpace(address))
	if address == "" || len(address) > maxAddress {
		return nil // nobody can have it
	}
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		dropped, err := d.brakePasswordRequest(ctx, tx, caller.Addr)
		if err != nil || dropped {
			return err
		}
		if err := tx.Enqueue(ctx, &store.Job{Kind: jobPassword, Payload: address}); err != nil {
			return err
		}
		return d.record(ctx, tx, caller, logSendPassword, "", 0, oneChange("email", "", address))
	})
}

// brakePasswordRequest counts a request and says whether the address it came
// from has had its share.
func (d *Desk) brakePasswordRequest(ctx context.Context, tx *store.WriteTx, from netip.Addr) (bool, error) {
	limit := d.opts.Brake.PerAddress
	if limit < 0 || !from.IsValid() {
		return false, nil
	}
	subject := "password:" + subject(from)
	n, err := tx.Failures(ctx, subject, d.now().Add(-d.opts.Brake.Window))
	if err != nil || n >= limit {
		return true, err
	}
	return false, tx.AddFailure(ctx, subject, d.now())
}

// answerPasswordRequest turns a request into a mail for each customer who has
// the address and may log in, unless there were mails to it a moment ago.
//
// Spec: customer/sendPassword.1, customer/sendPassword.2, customer/sendPassword.3
func (d *Desk) answerPasswordRequest(ctx context.Context, tx *store.WriteTx, job *store.Job) error {
	if _, err := tx.DeleteJob(ctx, job.ID); err != nil {
		return err
	}
	address, now := job.Payload, d.now()
	if now.Sub(job.Created) > oneTimeLife {
		return nil // by now nobody waits for it
	}
	subject := "password mail:" + address
	sent, err := tx.Failures(ctx, subject, now.Add(-passwordMailPause+time.Millisecond))
	if err != nil || sent > 0 {
		return err
	}
	customers, err := tx.CustomersByEmail(ctx, address)
	if err != nil {
		return err
	}
	from, err := d.sender(ctx, &tx.ReadTx, new(skranke.Ticket))
	if err != nil {
		return err
	}
	for _, c := range customers {
		to := addresses([]string{addressOf(c, address)})
		if !mayHavePassword(c) || len(to) != 1 {
			continue
		}
		payload, err := json.Marshal(Mail{From: from, To: to, PasswordFor: c.ID})
		if err != nil {
			return err
		}
		if err := tx.Enqueue(ctx, &store.Job{Kind: JobMail, Payload: string(payload)}); err != nil {
			return err
		}
		sent++
	}
	if sent == 0 {
		return nil
	}
	return tx.AddFailure(ctx, subject, now)
}

func mayHavePassword(c *skranke.Customer) bool {
	return c.UserName != "" && !c.Retired && !c.Deleted
}

// addressOf is the customer's own spelling of the folded address, "" if it is
// not his.
func addressOf(c *skranke.Customer, address string) string {
	for _, own := range c.Emails {
		if skranke.Fold(strings.TrimSpace(own)) == address {
			return own
		}
	}
	return ""
}

// writePasswordMail draws a one-time password for the customer of the mail and
// writes its text. Passwords drawn before stay good, for their mails may be on
// the way. It says false if the customer may not have one any more.
func (d *Desk) writePasswordMail(ctx context.Context, tx *store.WriteTx, m *Mail) (bool, error) {
	customer, err := tx.Customer(ctx, m.PasswordFor)
	if missing(err) || err == nil && !mayHavePassword(customer) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	password, err := d.drawPassword()
	if err != nil {
		return false, err
	}
	err = tx.AddOneTimePassword(ctx, customer.ID, oneTimeHash(password), d.now().Add(oneTimeLife))
	if err != nil {
		return false, err
	}
	drawn := system(viaOutbox).entry(d.now(), logMailPassword, rowCustomer, int64(customer.ID))
	drawn.Changes = append(oneChange("email", "", strings.Join(m.To, ", ")), store.Change{Name: "one_time_password"}) // a secret
	if err := tx.Log(ctx, []store.LogEntry{drawn}); err != nil {
		return false, err
	}
	c, err := d.catalogOf(ctx, &tx.ReadTx)
	if err != nil {
		return false, err
	}
	language, err := c.languageOf(ctx, &tx.ReadTx, Actor{Customer: customer.ID, Company: customer.Company})
	if err != nil {
		return false, err
	}
	code := ""
	if l := c.languages[language]; l != nil {
		code = skranke.Fold(l.Code)
	}
	text, err := render(passwordTemplate(c, code), false, passwordVariables{customer, password})
	if err != nil {
		return false, err
	}
	m.Subject, m.Plain = splitPasswordMail(text)
	for _, needed := range [...]string{customer.UserName, password} { // whatever was configured
		if !strings.Contains(m.Plain, needed) {
			m.Plain += "\n" + needed + "\n"
		}
	}
	return true, nil
}

// settingPasswordMail is the text of the mail: its first line is the subject.
// With a dot and the code of a language behind it, it is that of customers of
// the language. Variables are those of reply templates that begin with
// customer., and [[password]].
const settingPasswordMail = "password_mail"

// passwordTemplate is the text for customers of a language, the most particular
// there is.
func passwordTemplate(c *catalog, code string) string {
	if code != "" {
		if text := c.settings[settingPasswordMail+"."+code]; strings.TrimSpace(text) != "" {
			return text
		}
	}
	if text := c.settings[settingPasswordMail]; strings.TrimSpace(text) != "" {
		return text
	}
	short, _, _ := strings.Cut(strings.ReplaceAll(code, "_", "-"), "-")
	switch short {
	case "no", "nb", "nn":
		return "Passord\n\n" + passwordMailNorwegian
	case "en":
		return "Password\n\n" + passwordMailEnglish
	}
	return "Passord / Password\n\n" + passwordMailNorwegian + "\n* * *\n\n" + passwordMailEnglish
}

const passwordMailNorwegian = `Hei [[customer.name]],

noen, forhåpentligvis du, har bedt om et passord.

Brukernavn: [[customer.username]]
Engangspassord: [[password]]

Engangspassordet gjelder i 24 timer. Når du logger inn med det, blir det
passordet ditt; til da virker det gamle. Har ikke du bedt om det, trenger du
ikke gjøre noe.
`

const passwordMailEnglish = `Hello [[customer.name]],

somebody, hopefully you, has asked for a password.

User name: [[customer.username]]
One-time password: [[password]]

The one-time password is good for 24 hours. When you log in with it, it becomes
your password; until then the old one works. If it was not you who asked, there
is nothing to do.
`

// splitPasswordMail cuts the subject off.
func splitPasswordMail(text string) (subject, body string) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	subject, body, _ = strings.Cut(strings.TrimLeft(text, "\n"), "\n")
	return oneLine(subject), strings.TrimLeft(body, "\n")
}

// passwordVariables are what the text may name.
type passwordVariables struct {
	customer *skranke.Customer
	password string
}

func (v passwordVariables) variable(name string) (string, bool, bool) {
	if name == "password" {
		return v.password, false, true
	}
	if value, ok := customerNames[name]; ok {
		return value(&templateVars{customer: v.customer, catalog: new(catalog)}), false, true
	}
	return "", false, false
}

func (v passwordVariables) function(string, string) (string, bool) { return "", false }

// One-time passwords are groups of letters and digits that are hard to mistake
// for one another: four groups are 116 bits.
const (
	passwordAlphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	passwordGroup    = 5
	passwordGroups   = 4
)

// drawPassword draws a one-time password that may be a password here.
func (d *Desk) drawPassword() (string, error) {
	for {
		var b strings.Builder
		for n := 0; n < passwordGroup*passwordGroups || b.Len() < d.opts.Password.MinLength; n++ {
			if n > 0 && n%passwordGroup == 0 {
				b.WriteByte('-')
			}
			i, err := rand.Int(rand.Reader, big.NewInt(int64(len(passwordAlphabet))))
			if err != nil {
				return "", fmt.Errorf("drawing a password: %w", err)
			}
			b.WriteByte(passwordAlphabet[i.Int64()])
		}
		if password := b.String(); d.opts.Password.check(password) == nil {
			return password, nil
		}
	}
}

// oneTimeHash is what is stored of a one-time password.
func oneTimeHash(password string) store.OneTimeHash { return sha256.Sum256([]byte(password)) }

// adoptOneTimePassword makes a one-time password the customer's password and
// forgets all that were mailed to him. His sessions go on. It says false if it
// is good no more.
//
// Spec: customer/sendPassword.3
func (d *Desk) adoptOneTimePassword(ctx context.Context, id skranke.CustomerID, c Credentials) (adopted bool, err error) {
	hash, err := d.hashPassword(ctx, c.Password)
	if err != nil {
		return false, err
	}
	err = d.db.Write(ctx, func(tx *store.WriteTx) error {
		adopted, err = tx.FitsOneTime(ctx, id, oneTimeHash(c.Password), d.now())
		if err != nil || !adopted {
			return err
		}
		customer, err := tx.Customer(ctx, id)
		if err != nil {
			return err
		}
		before := *customer
		customer.PasswordHash = hash
		if err := tx.UpdateCustomer(ctx, customer); err != nil {
			return err
		}
		if _, err := tx.DeleteOneTimePasswords(ctx, id); err != nil {
			return err
		}
		own := c.caller()
		own.Customer = id
		return d.record(ctx, tx, own, logSetCustomer, rowCustomer, int64(id), customerChanges(&before, customer))
	})
	if err != nil {
		return false, fmt.Errorf("changing to a one-time password: %w", err)
	}
	return adopted, nil
}

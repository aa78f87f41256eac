package desk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"skranke"
	"skranke/store"
)

// JobMail is the kind of outbox jobs whose payload is a Mail in JSON.
const JobMail = "mail"

// Mail is a mail to be sent. Addresses are 'a@b' or 'Name <a@b>'. Those of Bcc
// get the mail but must not be named in it.
type Mail struct {
	From        string                 `json:"from,omitempty"` // "" for the address of the installation
	To          []string               `json:"to,omitempty"`
	Cc          []string               `json:"cc,omitempty"`
	Bcc         []string               `json:"bcc,omitempty"`
	Subject     string                 `json:"subject"`
	Header      []string               `json:"header,omitempty"` // further lines, 'Name: value'
	MessageID   string                 `json:"messageId,omitempty"`
	Plain       string                 `json:"plain"`
	HTML        string                 `json:"html,omitempty"`
	Attachments []skranke.AttachmentID `json:"attachments,omitempty"`
	Ticket      skranke.TicketID       `json:"ticket"`
	Message     skranke.MessageID      `json:"message,omitempty"` // 0 if the mail is no message of the ticket

	// PasswordFor is the customer the mail brings a one-time password. It is
	// drawn, and the text written, when the mail is taken from the outbox: no
	// password is kept in clear.
	PasswordFor skranke.CustomerID `json:"passwordFor,omitempty"`

	// Left are those who still have to get it, if some have it already.
	Left []string `json:"left,omitempty"`
}

// Recipients are the bare addresses that still have to get the mail.
func (m *Mail) Recipients() []string {
	if len(m.Left) > 0 {
		return m.Left
	}
	var all []string
	for _, list := range [...][]string{m.To, m.Cc, m.Bcc} {
		for _, address := range list {
			all = append(all, bareAddress(address))
		}
	}
	return all
}

// Automatic says whether no person wrote the mail.
func (m *Mail) Automatic() bool { return m.Message == 0 }

// letter is what a mail needs beside the message it carries.
type letter struct {
	To, Cc, Bcc []string
	Subject     string
	Headers     []string // lines, 'Name: value'
}

func (l *letter) hasRecipients() bool { return len(l.To)+len(l.Cc)+len(l.Bcc) > 0 }

// dropRepeated leaves each address once: where it stands first.
//
// Spec: ticket/mail.2
func (l *letter) dropRepeated() {
	seen := map[string]bool{}
	for _, list := range [...]*[]string{&l.To, &l.Cc, &l.Bcc} {
		var kept []string
		for _, address := range *list {
			bare := skranke.Fold(bareAddress(address))
			if !seen[bare] {
				seen[bare] = true
				kept = append(kept, address)
			}
		}
		*list = kept
	}
}

// bareAddress is a@b of 'Name <a@b>'.
func bareAddress(address string) string {
	if i := strings.LastIndexByte(address, '<'); i >= 0 {
		return strings.TrimSuffix(address[i+1:], ">")
	}
	return address
}

// maxAddress is the longest entry looked at: 254 characters of address, a name
// and some room.
const maxAddress = 1000

// addresses reads the addresses of a mail: 'a@b' or 'Name <a@b>', an entry may
// hold several separated by , or ;. What is none is left out.
//
// Spec: ticket/mail.2
func addresses(entries []string) []string {
	var list []string
	for _, entry := range entries {
		for _, one := range splitAddresses(entry) {
			if address, ok := parseAddress(one); ok {
				list = append(list, address)
			}
		}
	}
	return list
}

// splitAddresses cuts at commas and semicolons outside of quoted names.
func splitAddresses(entry string) []string {
	paired := (strings.Count(entry, `"`)-strings.Count(entry, `\"`))%2 == 0 // else a quote is just a letter
	quoted, escaped := false, false
	return strings.FieldsFunc(entry, func(r rune) bool {
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case paired && r == '"':
			quoted = !quoted
		case !quoted && (r == ',' || r == ';'):
			return true
		}
		return false
	})
}

func parseAddress(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxAddress {
		return "", false
	}
	a, err := mail.ParseAddress(text)
	if err != nil || strings.ContainsFunc(a.Address, notInAddress) {
		return "", false
	}
	name := oneLine(a.Name)
	if name == "" {
		return a.Address, true
	}
	if strings.ContainsFunc(name, needsQuotes) {
		name = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
	}
	return name + " <" + a.Address + ">", true
}

func notInAddress(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`<>"(),;:\`, r)
}

func needsQuotes(r rune) bool { return strings.ContainsRune(`()<>[]:;@\,."`, r) }

// settingDefaultMail names the setting with the address mails come from.
const settingDefaultMail = "config.defaultMail"

// sender is the address mails about t come from: its filter address, else the
// default of the installation, which may be "".
//
// Spec: ticket/mail.3
func (d *Desk) sender(ctx context.Context, tx *store.ReadTx, t *skranke.Ticket) (string, error) {
	c, err := d.catalogOf(ctx, tx)
	if err != nil {
		return "", err
	}
	for _, candidate := range [...]string{t.FilterAddress, c.settings[settingDefaultMail]} {
		if list := addresses([]string{candidate}); len(list) > 0 {
			return list[0], nil
		}
	}
	return "", nil
}

// newMessageID draws a Message-Id. It names no host: mail about a ticket may
// come from several, and none of them is the reader's business.
//
// Spec: ticket/mail.4
func newMessageID() (string, error) {
	var draw [16]byte
	if _, err := rand.Read(draw[:]); err != nil {
		return "", fmt.Errorf("drawing a message id: %w", err)
	}
	return fmt.Sprintf("<%x@skranke>", draw), nil
}

// enqueueLetter hands a letter about t to the outbox, in the transaction that
// stores what it tells of. m is the message it carries.
//
// Spec: ticket/mail.1, ticket/mail.3, ticket/mail.4
func (d *Desk) enqueueLetter(ctx context.Context, tx *store.WriteTx, t *skranke.Ticket, m *skranke.Message, l letter) error {
	from, err := d.sender(ctx, &tx.ReadTx, t)
	if err != nil {
		return err
	}
	payload, err := json.Marshal(Mail{
		From:        from,
		To:          l.To,
		Cc:          l.Cc,
		Bcc:         l.Bcc,
		Subject:     taggedSubject(l.Subject, d.opts.MailTag, t.ID),
		Header:      l.Headers,
		MessageID:   m.MessageID,
		Plain:       m.Body,
		HTML:        m.HTMLBody,
		Attachments: m.Attachments,
		Ticket:      t.ID,
		Message:     m.ID,
	})
	if err != nil {
		return fmt.Errorf("writing a letter about ticket %d: %w", t.ID, err)
	}
	return tx.Enqueue(ctx, &store.Job{Kind: JobMail, Payload: string(payload)})
}

// taggedSubject makes the subject name the ticket exactly once: the first mark
// with its number stays where it is, marks of other tickets go, and a subject
// without one gets it in front. With the usual tag a mark is 'ejTag: 1012';
// brackets around it are part of it.
//
// Spec: ticket/mail.3
func taggedSubject(subject, tag string, ticket skranke.TicketID) string {
	subject = oneLine(subject)
	marked := false
	number := regexp.QuoteMeta(strings.TrimSpace(tag)) + `\s*([0-9]+)`
	marks := regexp.MustCompile(`(?i)\[\s*` + number + `\s*\]|` + number)
	subject = marks.ReplaceAllStringFunc(subject, func(mark string) string {
		parts := marks.FindStringSubmatch(mark)
		n, err := strconv.ParseInt(parts[1]+parts[2], 10, 64)
		if err != nil || marked || skranke.TicketID(n) != ticket {
			return ""
		}
		marked = true
		return mark
	})
	subject = strings.TrimSpace(subject)
	if marked {
		return subject
	}
	return strings.TrimSpace(fmt.Sprintf("[%s %d] %s", strings.TrimSpace(tag), ticket, subject))
}

// headerLines reads the extra header lines of a template. Lines the mail gets
// anyway, and lines that would break it, are left out.
//
// Spec: ticket/mail.3
func headerLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			if len(lines) > 0 { // goes on with the line before
				lines[len(lines)-1] = oneLine(lines[len(lines)-1] + line)
			}
			continue
		}
		lines = append(lines, oneLine(line))
	}
	kept := lines[:0]
	for _, line := range lines {
		name, _, ok := strings.Cut(line, ":")
		if ok && isHeaderName(name) && !setByMail(name) {
			kept = append(kept, line)
		}
	}
	return kept
}

func isHeaderName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' })
}

// setByMail says whether a mail has the header line of itself: its addresses,
// its subject, the id answers are found by, and what tells its parts apart.
func setByMail(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "from", "to", "cc", "bcc", "subject", "message-id", "date", "mime-version":
		return true
	}
	return strings.HasPrefix(name, "content-") || strings.HasPrefix(name, "resent-")
}

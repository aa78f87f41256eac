package mailbox

import (
	"bytes"
	"encoding/base64"
	"mime"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	lineLength = 76  // lines are folded where they are longer
	wordLength = 200 // longer words are encoded, so that no line passes the limit of 998
)

// header is the head of a mail, or of a part of one. Whatever it is given, it
// writes one field, in ASCII unless an address is not.
type header struct{ bytes.Buffer }

// field writes a line whose value is fit to be written: pieces may be parted by
// single blanks, where it is folded.
func (h *header) field(name, value string) {
	line := name + ":"
	for _, word := range strings.Fields(value) {
		if len(line) > len(name)+1 && len(line)+1+len(word) > lineLength {
			h.WriteString(line + "\r\n")
			line = ""
		}
		line += " " + word
	}
	h.WriteString(line + "\r\n")
}

// text writes a line whose value is any text.
func (h *header) text(name, value string) { h.field(name, encodeText(value)) }

// addresses writes a line of addresses, 'a@b' or 'Name <a@b>'. Those that are
// none are left out; without any there is no line.
func (h *header) addresses(name string, list []string) bool {
	var all []string
	for _, one := range list {
		if a, err := mail.ParseAddress(one); err == nil {
			all = append(all, addressText(a))
		}
	}
	if len(all) == 0 {
		return false
	}
	h.field(name, strings.Join(all, ", "))
	return true
}

func addressText(a *mail.Address) string {
	if strings.Contains(a.Name, "=?") || tooLong(a.Name) {
		return encodeText(a.Name) + " <" + strings.TrimPrefix((&mail.Address{Address: a.Address}).String(), "<")
	}
	return a.String()
}

// oneLine takes out what would end a line.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s))
}

// encodeText makes a text fit for a header line: printable ASCII stays, all
// else becomes encoded words. So does a text that looks like them.
func encodeText(s string) string {
	s = oneLine(strings.ToValidUTF8(s, "\uFFFD"))
	plain := !strings.Contains(s, "=?") && !strings.Contains(s, "  ") && !tooLong(s)
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] < utf8.RuneSelf
	}
	if plain {
		return s
	}
	const most = 45 // bytes in a word, 60 in Base64
	var words []string
	for len(s) > 0 {
		n := min(most, len(s))
		for n < len(s) && !utf8.RuneStart(s[n]) {
			n--
		}
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, " ")
}

func tooLong(s string) bool {
	for word := range strings.FieldsSeq(s) {
		if len(word) > wordLength {
			return true
		}
	}
	return false
}

// ownFields are lines a mail has of itself; nobody else may write them.
var ownFields = []string{
	"from", "to", "cc", "bcc", "subject", "date", "message-id", "mime-version", "return-path", "received", "x-skranke-envelope-to",
}

// addressFields are further lines that hold addresses.
var addressFields = []string{"reply-to", "sender", "errors-to", "disposition-notification-to", "return-receipt-to"}

var isFieldName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,60}$`)

// extra writes a line somebody wrote, 'Name: value', unless it would break the
// mail, and returns its name in lower case, "" if it was left out.
func (h *header) extra(line string) string {
	name, value, ok := strings.Cut(oneLine(line), ":")
	low := strings.ToLower(name)
	if !ok || !isFieldName.MatchString(name) || slices.Contains(ownFields, low) || strings.HasPrefix(low, "content-") || strings.HasPrefix(low, "resent-") {
		return ""
	}
	if slices.Contains(addressFields, low) {
		list, err := mail.ParseAddressList(value)
		if err != nil {
			return ""
		}
		var all []string
		for _, a := range list {
			all = append(all, addressText(a))
		}
		h.field(name, strings.Join(all, ", "))
		return low
	}
	h.text(name, value)
	return low
}

// typed writes a line of a value with parameters, such as Content-Type. Values
// that are not ASCII are encoded as RFC 2231 says.
func (h *header) typed(name, value string, params map[string]string) {
	h.field(name, strings.ReplaceAll(mime.FormatMediaType(value, params), "\r\n", " "))
}

package mailbox

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"skranke"
	"skranke/desk"
)

// letter is a mail ready to be sent: its envelope, and writeTo for what is in
// it. Attachments are read while they are sent; no mail is in memory as a whole.
type letter struct {
	id   int64
	date string // of the file a folder keeps it in
	from string // bare address
	to   []string

	desk     *desk.Desk
	head     header // the lines above those of the content
	plain    string
	html     string
	files    []skranke.AttachmentID
	boundary string
}

// compose makes the letter of a mail. It returns a *permanentError if there is
// none that could be sent.
func (s *Sender) compose(ctx context.Context, m *desk.QueuedMail) (*letter, error) {
	from := m.From
	if strings.TrimSpace(from) == "" {
		from = s.opts.From
	}
	if strings.TrimSpace(from) == "" {
		return nil, fmt.Errorf("no address to send from: set mail_from")
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, &permanentError{fmt.Errorf("%q is no address to send from", from)}
	}
	l := &letter{
		id:    m.ID,
		date:  m.Created.UTC().Format("20060102T150405Z"),
		from:  sender.Address,
		desk:  s.desk,
		plain: m.Plain,
		html:  m.HTML,
		files: m.Attachments,
	}
	for _, to := range slices.Concat(m.To, m.Cc, m.Bcc, m.Recipients()) {
		if a, err := mail.ParseAddress(to); err != nil || strings.ContainsAny(a.Address, "\r\n<> ") {
			return nil, &permanentError{fmt.Errorf("%q is no address", to)}
		}
	}
	l.to = m.Recipients()
	if len(l.to) == 0 {
		return nil, &permanentError{fmt.Errorf("there is nobody to send it to")}
	}
	messageID := m.MessageID
	if !isMessageID.MatchString(messageID) {
		messageID = derivedID(m)
	}
	// A boundary with = and _ in it stands in no Base64 and no quoted-printable.
	l.boundary = fmt.Sprintf("=_%x", sha256.Sum256([]byte(messageID)))[:34]

	h := &l.head
	h.field("Date", m.Created.In(s.opts.Zone).Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	h.field("From", addressText(sender))
	named := h.addresses("To", m.To)
	named = h.addresses("Cc", m.Cc) || named
	if !named {
		h.field("To", "undisclosed-recipients:;")
	}
	h.text("Subject", m.Subject)
	h.field("Message-ID", messageID)
	said := map[string]bool{}
	for _, line := range m.Header {
		said[h.extra(line)] = true
	}
	if m.Automatic() && !said["auto-submitted"] {
		h.field("Auto-Submitted", "auto-generated")
	}
	h.field("MIME-Version", "1.0")
	return l, l.checkFiles(ctx)
}

var isMessageID = regexp.MustCompile(`^<[!-;=?-~]{1,250}>$`)

// derivedID is the Message-Id of a mail that has none: the same each time it is
// tried, so that a copy can be known as one.
func derivedID(m *desk.QueuedMail) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %q %q", m.ID, m.Created.UnixNano(), m.To, m.Subject))
	return fmt.Sprintf("<%x@skranke>", sum[:16])
}

// checkFiles opens every attachment once, so that a lost one shows before the
// server is talked to.
func (l *letter) checkFiles(ctx context.Context) error {
	for _, id := range l.files {
		_, file, err := l.desk.MailAttachment(ctx, id)
		if skranke.CodeOf(err) == skranke.CodeFileNotFound || skranke.CodeOf(err) == skranke.CodeUnknownAttachment {
			return &permanentError{fmt.Errorf("attachment %d: %w", id, err)}
		}
		if err != nil {
			return err
		}
		file.Close()
	}
	return nil
}

// needsUTF8 says whether an address of the letter is not ASCII.
func (l *letter) needsUTF8() bool {
	for _, text := range append([]string{l.from, l.head.String()}, l.to...) {
		for i := range len(text) {
			if text[i] >= utf8.RuneSelf {
				return true
			}
		}
	}
	return false
}

// writeTo writes the whole mail, lines ended by CR LF.
func (l *letter) writeTo(ctx context.Context, w io.Writer) error {
	out := &errWriter{w: w}
	out.Write(l.head.Bytes())
	if len(l.files) == 0 {
		l.writeText(out, "a")
		return out.err
	}
	outer := l.boundary + "m"
	var h header
	h.typed("Content-Type", "multipart/mixed", map[string]string{"boundary": outer})
	out.text(h.String() + "\r\n--" + outer + "\r\n")
	l.writeText(out, "a")
	for _, id := range l.files {
		if out.err != nil {
			return out.err
		}
		out.text("\r\n--" + outer + "\r\n")
		if err := l.writeFile(ctx, out, id); err != nil {
			return err
		}
	}
	out.text("\r\n--" + outer + "--\r\n")
	return out.err
}

// writeText writes the text, in both forms if there are both.
func (l *letter) writeText(out *errWriter, suffix string) {
	if l.plain == "" && l.html != "" {
		writePart(out, "text/html", l.html)
		return
	}
	if l.html == "" {
		writePart(out, "text/plain", l.plain)
		return
	}
	boundary := l.boundary + suffix
	var h header
	h.typed("Content-Type", "multipart/alternative", map[string]string{"boundary": boundary})
	out.text(h.String() + "\r\n--" + boundary + "\r\n")
	writePart(out, "text/plain", l.plain)
	out.text("\r\n--" + boundary + "\r\n")
	writePart(out, "text/html", l.html)
	out.text("\r\n--" + boundary + "--\r\n")
}

func writePart(out *errWriter, contentType, text string) {
	var h header
	h.typed("Content-Type", contentType, map[string]string{"charset": "utf-8"})
	h.field("Content-Transfer-Encoding", "quoted-printable")
	out.text(h.String() + "\r\n")
	q := quotedprintable.NewWriter(out)
	io.WriteString(q, strings.ToValidUTF8(text, "\uFFFD"))
	q.Close() // out keeps the errors of both
}

// writeFile writes an attachment in Base64.
func (l *letter) writeFile(ctx context.Context, out *errWriter, id skranke.AttachmentID) error {
	file, contents, err := l.desk.MailAttachment(ctx, id)
	if err != nil {
		return fmt.Errorf("attachment %d: %w", id, err)
	}
	defer contents.Close()
	name := fileName(file.Name)
	var h header
	h.typed("Content-Type", fileType(file.ContentType), map[string]string{"name": name})
	h.typed("Content-Disposition", "attachment", map[string]string{"filename": name})
	h.field("Content-Transfer-Encoding", "base64")
	out.text(h.String() + "\r\n")
	encoder := base64.NewEncoder(base64.StdEncoding, &lineBreaker{out: out})
	n, err := io.Copy(encoder, contents)
	if err == nil {
		err = encoder.Close()
	}
	if err == nil && n != file.Size {
		err = fmt.Errorf("%d bytes instead of %d", n, file.Size)
	}
	if err != nil {
		return fmt.Errorf("attachment %d: %w", id, err)
	}
	return out.err
}

// fileName is a name no mail program takes for a path.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' {
			return '_'
		}
		return r
	}, oneLine(strings.ToValidUTF8(name, "\uFFFD")))
	if name == "" || name == "." || name == ".." {
		return "attachment"
	}
	ext := path.Ext(name)
	if skranke.Longer(ext, 10) {
		ext = ""
	}
	return skranke.Cut(strings.TrimSuffix(name, ext), maxFileName) + ext
}

// maxFileName is the longest name before its ending, in characters: encoded, a
// character may take twelve of the 998 of a line.
const maxFileName = 60

// fileType is the type of an attachment, without parameters. Types whose parts
// may not be in Base64 are only given as bytes.
func fileType(contentType string) string {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.Contains(kind, "/") || strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "message/") || len(kind) > 100 {
		return "application/octet-stream"
	}
	return kind
}

// errWriter keeps the first error and writes nothing after it.
type errWriter struct {
	w   io.Writer
	err error
}

func (e *errWriter) Write(p []byte) (int, error) {
	if e.err != nil {
		return 0, e.err
	}
	n, err := e.w.Write(p)
	e.err = err
	return n, err
}

func (e *errWriter) text(s string) { io.WriteString(e, s) }

// lineBreaker ends a line after every 76 bytes.
type lineBreaker struct {
	out  io.Writer
	used int
}

func (b *lineBreaker) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		if b.used == lineLength {
			if _, err := io.WriteString(b.out, "\r\n"); err != nil {
				return written, err
			}
			b.used = 0
		}
		n := min(lineLength-b.used, len(p))
		if _, err := b.out.Write(p[:n]); err != nil {
			return written, err
		}
		b.used += n
		written += n
		p = p[n:]
	}
	return written, nil
}

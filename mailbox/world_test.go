package mailbox_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"encoding/base64"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"skranke"
	"skranke/desk"
	"skranke/mailbox"
	"skranke/store"
	"skranke/store/storetest"
)

// noon is when the clock of a world stands at first.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// world is a desk with a clock the test sets, and a user who writes letters.
type world struct {
	t    *testing.T
	db   *store.DB
	desk *desk.Desk
	ada  desk.Actor

	mu sync.Mutex
	at time.Time
}

const (
	kari skranke.CustomerID = 1
	ola  skranke.CustomerID = 2
	ada  skranke.UserID     = 2
)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, at: noon, ada: desk.Actor{User: ada, Auth: ada}}
	var err error
	if w.db, err = store.Open(t.Context(), store.Options{Dir: t.TempDir(), Database: storetest.Database(t), Now: w.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.db.Close() })
	w.desk = w.newDesk()
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		all := skranke.NotifyMask(0xFFFFFFFF)
		return errors.Join(
			tx.InsertUser(ctx, &skranke.User{ID: skranke.SystemUser, UserName: "system", Status: skranke.UserSystem}),
			tx.InsertUser(ctx, &skranke.User{ID: ada, LoginName: "ada", UserName: "ada", Email: "ada@desk.example", Status: skranke.UserNormal, EmailMask: all}),
			tx.InsertPriority(ctx, &skranke.Priority{ID: 1, Name: "normal", External: true, Default: true}),
			tx.InsertCategory(ctx, &skranke.Category{ID: 1, Name: "General"}),
			tx.InsertCustomer(ctx, &skranke.Customer{ID: kari, UserName: "kari", FirstName: "Kari", Emails: []string{"kari@acme.example"}}),
			tx.InsertCustomer(ctx, &skranke.Customer{ID: ola, UserName: "ola", Emails: []string{"ola@acme.example"}}),
			tx.SetSetting(ctx, "config.defaultMail", "Brukerstøtte <help@desk.example>"),
		)
	})
	return w
}

// newDesk is another desk on the same database, as another process has it.
func (w *world) newDesk() *desk.Desk {
	w.t.Helper()
	d, err := desk.New(w.t.Context(), w.db, desk.Options{
		Now: w.now, Zone: time.UTC, Mailing: true, PasswordCost: desk.PasswordCost{MemoryKiB: 64, Passes: 1},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func (w *world) write(fn func(context.Context, *store.WriteTx) error) {
	w.t.Helper()
	if err := w.db.Write(w.t.Context(), func(tx *store.WriteTx) error { return fn(w.t.Context(), tx) }); err != nil {
		w.t.Fatal(err)
	}
}

// ticket makes a ticket of Kari's.
func (w *world) ticket(title string) skranke.TicketID {
	w.t.Helper()
	id, err := w.desk.NewTicket(w.t.Context(), w.ada, desk.TicketDraft{
		Title: title, SLevel: skranke.External, Category: 1, Priority: 1, Owner: ada, Customers: []skranke.CustomerID{kari},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// message writes a message, with the letter the draft asks for.
func (w *world) message(draft desk.MessageDraft) *skranke.Message {
	w.t.Helper()
	if draft.Ticket == 0 {
		draft.Ticket = w.ticket("Help")
	}
	if draft.SLevel == 0 {
		draft.SLevel = skranke.External
	}
	id, err := w.desk.AddMessage(w.t.Context(), w.ada, draft)
	if err != nil {
		w.t.Fatal(err)
	}
	var m *skranke.Message
	err = w.db.Read(w.t.Context(), func(tx *store.ReadTx) (err error) {
		m, err = tx.Message(w.t.Context(), id)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

func (w *world) file(name, contentType string, contents []byte) skranke.AttachmentID {
	w.t.Helper()
	id, err := w.desk.StoreAttachment(w.t.Context(), w.ada, name, contentType, bytes.NewReader(contents))
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// lose removes the contents of a file.
func (w *world) lose(id skranke.AttachmentID) {
	w.t.Helper()
	err := w.db.Read(w.t.Context(), func(tx *store.ReadTx) error {
		a, err := tx.Attachment(w.t.Context(), id)
		if err != nil {
			return err
		}
		return w.db.Blobs().Remove(w.t.Context(), a.SHA256)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// outbox is what has not left yet.
func (w *world) outbox() []desk.OutboxEntry {
	w.t.Helper()
	list, err := w.desk.Outbox(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// only is the one entry of the outbox.
func (w *world) only() desk.OutboxEntry {
	w.t.Helper()
	list := w.outbox()
	if len(list) != 1 {
		w.t.Fatalf("got %d mails in the outbox, want one: %+v", len(list), list)
	}
	return list[0]
}

// sender delivers to the server.
func (w *world) sender(p *postOffice, change ...func(*mailbox.Options)) *mailbox.Sender {
	o := mailbox.Options{Addr: p.addr, Security: mailbox.None, From: "fallback@desk.example", Timeout: 5 * time.Second}
	for _, c := range change {
		c(&o)
	}
	return mailbox.New(w.desk, o)
}

func (w *world) deliver(s *mailbox.Sender) {
	w.t.Helper()
	if err := s.Deliver(w.t.Context()); err != nil {
		w.t.Fatalf("delivering: %v", err)
	}
}

// received is a mail as the server got it.
type received struct {
	from string
	to   []string
	raw  []byte
	utf8 bool
}

// postOffice is a real SMTP server that keeps what it takes.
type postOffice struct {
	addr string

	mu      sync.Mutex
	mails   []received
	refuse  map[string]*smtp.SMTPError // by what is asked: MAIL, DATA or a recipient
	cut     int                        // connections to cut in the middle of a mail
	stall   chan struct{}              // if there is one, mails are not read before it is closed
	begun   int                        // mails whose text was asked for
	ended   int                        // those that came, or broke off
	logins  int
	secured int // mails over encrypted connections
}

// wait waits until so many mails have begun and ended.
func (p *postOffice) wait(t *testing.T, begun, ended int) {
	t.Helper()
	for start := time.Now(); time.Since(start) < 10*time.Second; time.Sleep(time.Millisecond) {
		p.mu.Lock()
		done := p.begun >= begun && p.ended >= ended
		p.mu.Unlock()
		if done {
			return
		}
	}
	t.Fatalf("not %d mails began and %d ended", begun, ended)
}

func (p *postOffice) got() []received {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.mails)
}

// answer makes the server refuse what is asked; code 0 takes that back.
func (p *postOffice) answer(what string, code int, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if code == 0 {
		delete(p.refuse, what)
		return
	}
	p.refuse[what] = &smtp.SMTPError{Code: code, Message: text, EnhancedCode: smtp.NoEnhancedCode}
}

func (p *postOffice) refusal(what string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err, ok := p.refuse[what]; ok {
		return err
	}
	return nil
}

// certificate is one for 127.0.0.1 and who trusts it.
func certificate(t *testing.T) (server, client *tls.Config) {
	web := httptest.NewUnstartedServer(nil)
	web.StartTLS()
	t.Cleanup(web.Close)
	pool := x509.NewCertPool()
	pool.AddCert(web.Certificate())
	return &tls.Config{Certificates: web.TLS.Certificates}, &tls.Config{RootCAs: pool}
}

// openPostOffice starts a server; change may set it up before.
func openPostOffice(t *testing.T, change ...func(*smtp.Server)) *postOffice {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return openPostOfficeOn(t, ln, change...)
}

func openPostOfficeOn(t *testing.T, ln net.Listener, change ...func(*smtp.Server)) *postOffice {
	t.Helper()
	p := &postOffice{addr: ln.Addr().String(), refuse: map[string]*smtp.SMTPError{}}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{office: p, conn: c}, nil }))
	server.Domain = "post.example"
	server.ErrorLog = silent{}
	for _, c := range change {
		c(server)
	}
	go server.Serve(ln)
	t.Cleanup(func() { server.Close() })
	return p
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

type session struct {
	office *postOffice
	conn   *smtp.Conn
	mail   received
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "desk" || password != "s3cret" {
			return smtp.ErrAuthFailed
		}
		s.office.mu.Lock()
		s.office.logins++
		s.office.mu.Unlock()
		return nil
	}), nil
}

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	s.mail = received{from: from, utf8: o.UTF8}
	return s.office.refusal("MAIL")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.office.refusal(to); err != nil {
		return err
	}
	s.mail.to = append(s.mail.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	s.office.mu.Lock()
	s.office.begun++
	cut, stall := s.office.cut > 0, s.office.stall
	if cut {
		s.office.cut--
	}
	s.office.mu.Unlock()
	defer func() {
		s.office.mu.Lock()
		defer s.office.mu.Unlock()
		s.office.ended++
	}()
	if stall != nil {
		<-stall
	}
	if cut {
		io.CopyN(io.Discard, r, 10)
		return s.conn.Conn().Close()
	}
	var err error
	if s.mail.raw, err = io.ReadAll(r); err != nil {
		return err
	}
	if err := s.office.refusal("DATA"); err != nil {
		return err
	}
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	if _, ok := s.conn.TLSConnectionState(); ok {
		s.office.secured++
	}
	s.office.mails = append(s.office.mails, s.mail)
	return nil
}

func (s *session) Reset()        { s.mail = received{} }
func (s *session) Logout() error { return nil }

// opened is a mail as its reader sees it.
type opened struct {
	header      mail.Header
	subject     string
	plain, html string
	files       []file
	kinds       []string // content types of all parts, in order
}

type file struct {
	name, kind string
	contents   []byte
}

// open reads a mail with the standard library alone.
func open(t *testing.T, raw []byte) *opened {
	t.Helper()
	for i, line := range bytes.Split(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
			t.Errorf("line %d has %d bytes, or a bare CR or LF", i+1, len(line))
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("reading a mail: %v\n%s", err, raw)
	}
	o := &opened{header: m.Header}
	if o.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	o.part(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), "", m.Body)
	return o
}

func (o *opened) part(t *testing.T, contentType, encoding, disposition string, body io.Reader) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("content type %q: %v", contentType, err)
	}
	o.kinds = append(o.kinds, kind)
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatalf("reading %s: %v", kind, err)
			}
			o.part(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.Header.Get("Content-Disposition"), p)
		}
	}
	switch encoding {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	default:
		t.Fatalf("encoding %q", encoding)
	}
	contents, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("reading %s: %v", kind, err)
	}
	switch {
	case disposition != "":
		_, params, err := mime.ParseMediaType(disposition)
		if err != nil {
			t.Fatalf("disposition %q: %v", disposition, err)
		}
		o.files = append(o.files, file{params["filename"], kind, contents})
	case kind == "text/html":
		o.html = strings.ReplaceAll(string(contents), "\r\n", "\n")
	default:
		o.plain = strings.ReplaceAll(string(contents), "\r\n", "\n")
	}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// tlsListener encrypts connections from their first byte.
type tlsListener struct {
	net.Listener
	config *tls.Config
}

func (l tlsListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return tls.Server(conn, l.config), nil
}

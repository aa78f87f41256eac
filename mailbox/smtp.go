package mailbox

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// maxRecipients is how many recipients a server must take at once.
const maxRecipients = 100

// line is a connection to an SMTP server. Of go-mail it uses the protocol
// alone: that library's own messages are held in memory as a whole, attachments
// too, and it sends a mail to all of its recipients or to none.
type line struct {
	client  *smtp.Client
	conn    net.Conn
	timeout time.Duration
	broken  bool // only to be closed, without another command
}

// dial connects, encrypts and logs in.
func (s *Sender) dial(ctx context.Context) (_ transport, err error) {
	host, _, err := net.SplitHostPort(s.opts.Addr)
	if err != nil {
		return nil, fmt.Errorf("connecting to the mail server: %w", err)
	}
	dialer := net.Dialer{Timeout: s.opts.Timeout}
	conn, err := dialer.DialContext(ctx, "tcp", s.opts.Addr)
	if err != nil {
		return nil, fmt.Errorf("connecting to the mail server: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer func() {
		if err != nil {
			conn.Close()
		}
	}()
	if err := conn.SetDeadline(time.Now().Add(s.opts.Timeout)); err != nil {
		return nil, err
	}
	security := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.opts.TLS != nil {
		security = s.opts.TLS.Clone()
	}
	if security.ServerName == "" {
		security.ServerName = host
	}
	talk := conn
	if s.opts.Security == TLS {
		talk = tls.Client(conn, security)
	}
	client, err := smtp.NewClient(talk, host)
	if err != nil {
		return nil, fmt.Errorf("greeting the mail server: %w", err)
	}
	if err := client.Hello(localName()); err != nil {
		return nil, fmt.Errorf("greeting the mail server: %w", err)
	}
	if s.opts.Security == StartTLS {
		if ok, _ := client.Extension("STARTTLS"); !ok {
			return nil, errors.New("the mail server does not offer STARTTLS")
		}
		if err := client.StartTLS(security); err != nil {
			return nil, fmt.Errorf("encrypting the connection to the mail server: %w", err)
		}
	}
	if s.opts.User != "" {
		auth, err := s.auth(client, host)
		if err != nil {
			return nil, err
		}
		if err := client.Auth(auth); err != nil {
			return nil, fmt.Errorf("logging in to the mail server: %w", err)
		}
	}
	return &line{client: client, conn: conn, timeout: s.opts.Timeout}, nil
}

// auth picks the best way to log in that the server offers. Those that send
// the password itself only count on encrypted connections.
func (s *Sender) auth(client *smtp.Client, host string) (smtp.Auth, error) {
	_, list := client.Extension("AUTH")
	offered := strings.Fields(strings.ToUpper(list))
	// What does not leave this machine needs no encryption.
	safe := s.opts.Security != None || slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, host)
	switch {
	case slices.Contains(offered, "SCRAM-SHA-256"):
		return smtp.ScramSHA256Auth(s.opts.User, s.opts.Password), nil
	case slices.Contains(offered, "SCRAM-SHA-1"):
		return smtp.ScramSHA1Auth(s.opts.User, s.opts.Password), nil
	case safe && slices.Contains(offered, "PLAIN"):
		return smtp.PlainAuth("", s.opts.User, s.opts.Password, host, false), nil
	case safe && slices.Contains(offered, "LOGIN"):
		return smtp.LoginAuth(s.opts.User, s.opts.Password, host, false), nil
	case slices.Contains(offered, "CRAM-MD5"):
		return smtp.CRAMMD5Auth(s.opts.User, s.opts.Password), nil
	}
	return nil, fmt.Errorf("the mail server offers no way to log in that is safe here (it has %q)", list)
}

// localName is how this machine calls itself.
func localName() string {
	name, err := os.Hostname()
	if err != nil || name == "" || strings.ContainsAny(name, " \r\n") {
		return "localhost"
	}
	return name
}

// close says goodbye, unless the connection is broken: a command after half a
// mail would make the library end that mail as if it were whole.
func (c *line) close() {
	if !c.broken {
		c.more()
		c.client.Quit() // it is over, however that ends
	}
	c.conn.Close()
}

func (c *line) broke(err error) error {
	c.broken = true
	return &brokenError{err}
}

// more gives the next command its time.
func (c *line) more() { c.conn.SetDeadline(time.Now().Add(c.timeout)) }

// send hands the letter to the server for all who still have to get it, so many
// at a time. What some of them got is not said to have failed.
func (c *line) send(ctx context.Context, l *letter) (refusals, error) {
	stop := context.AfterFunc(ctx, func() { c.conn.Close() })
	defer stop()
	utf8 := l.needsUTF8()
	if ok, _ := c.client.Extension("SMTPUTF8"); utf8 && !ok {
		return nil, &permanentError{errors.New("the mail server takes no addresses with other than English letters")}
	}
	c.client.SkipSMTPUTF8(!utf8)
	var refused refusals
	for from := 0; from < len(l.to); from += maxRecipients {
		to := l.to[from:min(from+maxRecipients, len(l.to))]
		some, err := c.sendTo(ctx, l, to)
		refused = append(refused, some...)
		if err == nil {
			continue
		}
		if from == 0 {
			return nil, err
		}
		for _, one := range l.to[from:] { // those before have got it
			refused = append(refused, refusal{one, err, isPermanent(err)})
		}
		break
	}
	return refused, nil
}

// sendTo is one transaction.
func (c *line) sendTo(ctx context.Context, l *letter, to []string) (refusals, error) {
	c.more()
	if err := c.client.Mail("<" + l.from + ">"); err != nil {
		return nil, c.failed(err)
	}
	var refused refusals
	for _, one := range to {
		c.more()
		err := c.client.Rcpt("<" + one + ">")
		if err == nil {
			continue
		}
		var answer *textproto.Error
		if !errors.As(err, &answer) || answer.Code == shuttingDown {
			return nil, c.broke(err)
		}
		refused = append(refused, refusal{one, err, answer.Code >= 500 && answer.Code != tooMany})
	}
	if len(refused) == len(to) {
		c.more()
		if err := c.client.Reset(); err != nil {
			return nil, c.broke(err)
		}
		return refused, nil
	}
	c.more()
	data, err := c.client.Data()
	if err != nil {
		return nil, c.failed(err)
	}
	buffered := bufio.NewWriterSize(&patient{c, data.Write}, 32<<10)
	err = l.writeTo(ctx, buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil { // half a mail must not be ended as if it were a whole one
		return nil, c.broke(fmt.Errorf("sending the text: %w", err))
	}
	c.more()
	if err := data.Close(); err != nil {
		return nil, c.failed(err)
	}
	return refused, nil
}

// Answers that do not mean what their first digit says.
const (
	shuttingDown = 421
	authRequired = 530 // and the next: the fault is in the settings, not in the mail
	authFailed   = 535
	tooMany      = 552 // to RCPT, as RFC 5321 4.5.3.1.10 says
)

// failed says what an answer to the whole mail means.
func (c *line) failed(err error) error {
	var answer *textproto.Error
	switch {
	case !errors.As(err, &answer), answer.Code == shuttingDown:
		return c.broke(err)
	case answer.Code == authRequired, answer.Code == authFailed:
		return c.broke(&unusableError{err})
	}
	c.more()
	if resetErr := c.client.Reset(); resetErr != nil {
		return c.broke(err)
	}
	if answer.Code >= 500 {
		return &permanentError{err}
	}
	return err
}

// patient gives every write its time.
type patient struct {
	line  *line
	write func([]byte) (int, error)
}

func (p *patient) Write(b []byte) (int, error) {
	p.line.more()
	return p.write(b)
}

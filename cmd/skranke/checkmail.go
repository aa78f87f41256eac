package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/smtp"
	"time"
)

// mailTime is how long a mail server may take to answer doctor.
const mailTime = 5 * time.Second

func checkMail(ctx context.Context, p *patient) finding {
	c := p.conf
	switch {
	case !c.Mailing():
		return doubts("no mail leaves: set smtp_host, or mail_folder to write mails into files")
	case c.SMTPHost == "":
		return good("mails are written into %s", c.MailFolder)
	}
	if _, err := c.SMTPSecret(); err != nil {
		return fails("%v: give the file to the user the server runs as", err)
	}
	if err := greet(ctx, c.SMTPAddress(), c.SMTPHost, c.SMTPSecurity, mailTime); err != nil {
		return fails("%s: %v: see smtp_host, smtp_port and smtp_security, the firewall and that server", c.SMTPAddress(), err)
	}
	return good("%s answers; \"skranke mail test ADDRESS\" sends a mail", c.SMTPAddress())
}

// greet says hello to a mail server, and no more.
func greet(ctx context.Context, address, host, security string, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	settings := &tls.Config{ServerName: host}
	if security == "tls" {
		conn = tls.Client(conn, settings)
	}
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	if err := client.Hello("localhost"); err != nil {
		return fmt.Errorf("EHLO: %w", err)
	}
	if security == "starttls" {
		if offered, _ := client.Extension("STARTTLS"); !offered {
			return fmt.Errorf("it does not offer STARTTLS")
		}
		if err := client.StartTLS(settings); err != nil {
			return fmt.Errorf("STARTTLS: %w", err)
		}
	}
	return client.Quit()
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"skranke"
	"skranke/config"
	"skranke/demo"
	"skranke/server"
)

func demoServer() command {
	var listen string
	return command{
		name:    "demo",
		group:   groupRun,
		summary: "Try skranke: a server with sample data that vanishes at exit",
		usage:   "[-listen HOST:PORT]",
		about: `Starts a server on this machine with customers, tickets and messages of a
made-up Norwegian help desk, and prints where its ports are, who can log in and
a call to try. Nothing has to be set up, and nothing is kept: the data lie in a
temporary directory that is removed when the server stops (Ctrl-C). It takes no
notice of the configuration file and of -data. Its passwords are no secret, so
wherever it listens only this machine may call its ports.`,
		examples: []string{"skranke demo", "skranke demo -listen 127.0.0.1:9000"},
		start: func(fs *flag.FlagSet) action {
			fs.StringVar(&listen, "listen", "127.0.0.1:8080", "listen on `HOST:PORT` of this machine; port 0 picks a free one")
			return func(ctx context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				return c.demo(ctx, listen)
			}
		},
	}
}

// demo runs a server with the sample data until ctx ends.
func (c *call) demo(ctx context.Context, listen string) (err error) {
	ln, err := c.listen(ctx, listen)
	if err != nil {
		return err
	}
	defer ln.Close()
	dir, err := os.MkdirTemp("", "skranke-demo-")
	if err != nil {
		return fmt.Errorf("making a directory for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	conf := config.Default()
	conf.Data = dir
	conf.MailFolder = filepath.Join(dir, "mail")
	conf.MailFrom = "Brukerstøtte <support@skranke.example>"
	conf.LogLevel = slog.LevelWarn
	if conf.TimeZone, err = time.LoadLocation(demo.Zone); err != nil {
		return err
	}
	s, err := server.Open(ctx, server.Options{Config: conf, Log: newLog(c.stderr, conf), Version: versionNumber()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := demo.Fill(ctx, s.Desk); err != nil {
		return err
	}
	if err := s.Desk.Seed(ctx); err != nil {
		return err
	}
	if addr := ipOf(ln.Addr()); !addr.IsLoopback() {
		complain(c.stderr, exposed(ln.Addr(), dir))
		if err := admit(ctx, s, addr); err != nil {
			return err
		}
	}
	if err := c.print(demoText(s, "http://"+reachable(ln.Addr()), conf.MailFolder)); err != nil {
		return err
	}
	return s.Serve(ctx, ln)
}

// exposed warns of a demo that other machines reach.
func exposed(addr net.Addr, dir string) string {
	return fmt.Sprintf(`warning: other machines reach the demo at %s, and everybody knows its passwords.
Its ports answer calls from this machine alone, all others get "address not permitted".
Stop it and leave -listen away if this machine is all you want. To let another machine
in until the demo ends: "skranke range add -data %s all ADDRESS".
For more than a try make an installation of your own: "skranke setup", "skranke serve".`, addr, dir)
}

// admit lets this machine call a demo that listens on one of its addresses
// alone: such calls come from that address.
func admit(ctx context.Context, s *server.Server, addr netip.Addr) error {
	if !addr.IsValid() || addr.IsUnspecified() {
		return nil
	}
	for _, port := range skranke.Ports() {
		if err := s.Desk.AddRange(ctx, &skranke.Range{Port: port, From: addr.String()}); err != nil {
			return err
		}
	}
	return nil
}

// ipOf is the address of a TCP listener, the zero one of others.
func ipOf(addr net.Addr) netip.Addr {
	if tcp, ok := addr.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// listen opens a port and explains why it cannot.
func (c *call) listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", address)
	if err == nil {
		return ln, nil
	}
	switch {
	case isInUse(err):
		return nil, fmt.Errorf("%s is taken, perhaps by another skranke: stop that program, or choose another port, for instance -listen 127.0.0.1:8081 (-listen 127.0.0.1:0 picks a free one)", address)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("this user may not listen on %s: ports below 1024 are reserved; choose a higher one, and let a proxy listen on the low one: %w", address, err)
	}
	return nil, fmt.Errorf("listening on %s: %w", address, err)
}

// reachable is an address a program on this machine can call.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return addr.String()
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, fmt.Sprint(tcp.Port))
}

// demoText says what to do with a demo server. The first line is for programs.
func demoText(s *server.Server, base, mails string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "skranke demo %s\n\nPorts (the WSDL of each; calls go to the same address)\n", base)
	for _, port := range s.Ports() {
		fmt.Fprintf(&b, "  %-8s  RPC/encoded       %s/scripts/SOAP?action=%s\n", port.Name, base, port.Name)
		fmt.Fprintf(&b, "            document/literal  %s/soap/%s?wsdl\n", base, port.Name)
	}
	fmt.Fprintf(&b, `
Log in
  customer  user name %s, password %s (customer port)
  agent     user name %s, password %s (ticket port)

Mail is not sent but written to
  %s

Try it: ask for ticket %d as the customer

%s
The data vanish when this program ends. Ctrl-C ends it.
`, demo.Customer, demo.Password, demo.Agent, demo.Password, mails, demo.Ticket, tryIt(base))
	return b.String()
}

// tryIt is a shell script that logs in and prints the ticket.
func tryIt(base string) string {
	return fmt.Sprintf(`ask() {
  curl -s -H 'Content-Type: text/xml; charset=utf-8' --data-binary @- %s/soap/customer <<END
<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>$1</Body></Envelope>
END
}
KEY=$(ask '<login xmlns="urn:skranke:customer"><username>%s</username><password>%s</password></login>' |
  sed -n 's/.*<sessionKey[^>]*>\([^<]*\)<.*/\1/p')
ask "<getTicket xmlns=\"urn:skranke:customer\"><sessionKey>$KEY</sessionKey><ticketId>%d</ticketId>
<ticketFields><item>ticket.title</item><item>ticket.created_at</item><item>ticket.category</item></ticketFields>
</getTicket>" | sed 's/></>\
</g'
`, base, demo.Customer, demo.Password, demo.Ticket)
}

package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"

	"skranke"
	"skranke/server"
	"skranke/soap"
)

func wsdlShow() command {
	var style string
	return command{
		name:    "wsdl show",
		group:   groupInspect,
		summary: "Print the WSDL of a port",
		usage:   "[-style rpc|doc] PORT",
		about: `Prints what the server answers: for -style rpc (the default) the RPC/encoded
WSDL, or the one that was adopted in its place; for -style doc the
document/literal one. The address in it is public_url, or else listen; an adopted
one keeps its own path behind that.`,
		examples: []string{"skranke wsdl show customer", "skranke wsdl show -style doc ticket > ticket.wsdl"},
		keys:     []string{"listen", "public_url", "path_prefix"},
		start: func(fs *flag.FlagSet) action {
			fs.StringVar(&style, "style", "rpc", "`rpc` or doc")
			return func(_ context.Context, c *call) error {
				conf, port, err := c.portArg()
				if err != nil {
					return err
				}
				base := strings.TrimSuffix(conf.PublicURL, "/")
				if base == "" {
					base = "http://" + callable(conf.Listen)
				}
				below := base + conf.PathPrefix
				switch style {
				case "doc":
					return soap.WriteWSDL(c.stdout, port, soap.Document, below+"/soap/"+port.Name)
				case "rpc":
				default:
					return c.usagef("unknown style %q: want rpc or doc", style)
				}
				address := below + documentedPath(port)
				a := server.NewAdopted(conf.Data, newLog(c.stderr, conf.Config)).Port(port.Name)
				if a == nil {
					return soap.WriteWSDL(c.stdout, port, soap.RPC, address)
				}
				if path, _ := server.Address(declaredPorts(conf), conf.PathPrefix, port, a); path != "" {
					address = base + path
				}
				return a.WriteWSDL(c.stdout, address)
			}
		},
	}
}

// documentedPath is the documented address of a port, below path_prefix.
func documentedPath(port *soap.Port) string {
	return "/scripts/SOAP?action=" + url.QueryEscape(port.Name)
}

// callable is the address of a listener without a host as this machine calls it.
func callable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err == nil && (host == "" || net.ParseIP(host).IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}

// portArg is the argument of a command about one port.
func (c *call) portArg() (settings, *soap.Port, error) {
	conf, err := c.load()
	if err != nil {
		return settings{}, nil, err
	}
	var names []string
	for _, p := range declaredPorts(conf) {
		if len(c.args) == 1 && strings.EqualFold(c.args[0], p.Name) {
			return conf, p, nil
		}
		names = append(names, p.Name)
	}
	return settings{}, nil, c.usagef("%s takes one argument, a port: %s", c.cmd.name, strings.Join(names, ", "))
}

// declaredPorts are the ports as they are declared, without a desk behind them.
func declaredPorts(conf settings) []*soap.Port {
	return server.Ports(nil, conf.Config, slog.New(slog.DiscardHandler))
}

func wsdlAdopt() command {
	var portName string
	var check bool
	return command{
		name:    "wsdl adopt",
		group:   groupFill,
		summary: "Answer with the WSDL of the server that was here before",
		usage:   "[-port PORT] [-check] FILE",
		about: `Proxies are made from a WSDL and carry its names and its address. So that
programs made for another server need not be made anew, save that server's WSDL of
each port (GET .../scripts/SOAP?action=customer) and adopt it. Then skranke

- answers at the path that the WSDL names as well, with and without ?wsdl, so that
  a program made from it needs another host name and nothing else. A proxy in
  front of skranke has to pass that path on;
- hands that WSDL out at /scripts/SOAP and at its own path, with its own path
  behind public_url or the host that was asked;
- answers calls at that path, and those in the namespace of the WSDL, with its
  names of parts, structs and types, in its order. Calls in skranke's own
  namespace are answered as ever.

The differences between the WSDL and what skranke does are printed, with what
they mean; -check prints them and adopts nothing. A running server takes notice
within a second.`,
		examples: []string{"skranke wsdl adopt customer.wsdl", "skranke wsdl adopt -check -port ticket saved.xml"},
		keys:     []string{"path_prefix"},
		start: func(fs *flag.FlagSet) action {
			fs.StringVar(&portName, "port", "", "the `PORT`; without it the WSDL tells")
			fs.BoolVar(&check, "check", false, "only look at it: exit code 1 if some operation would not work")
			return func(_ context.Context, c *call) error {
				if len(c.args) != 1 {
					return c.usagef("wsdl adopt takes one argument, a file with a WSDL")
				}
				conf, err := c.load()
				if err != nil {
					return err
				}
				return c.adopt(conf, c.args[0], portName, check)
			}
		},
	}
}

// maxWSDL bounds what is read of a file that turns out to be no WSDL.
const maxWSDL = 16 << 20

func (c *call) adopt(conf settings, name, portName string, check bool) error {
	if err := installed(conf); err != nil {
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxWSDL))
	if err != nil {
		return fmt.Errorf("reading the WSDL: %w", err)
	}
	wsdl, err := soap.ParseWSDL(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	port, err := c.portOf(declaredPorts(conf), wsdl, portName)
	if err != nil {
		return err
	}
	store := server.NewAdopted(conf.Data, newLog(c.stderr, conf.Config))
	if other := store.Clash(skranke.Port(port.Name), wsdl); other != "" {
		return fmt.Errorf("the adopted WSDL of the port %s has the same address, %s: nobody could tell which of the two a call there is for. "+
			"If the ports had the same path, let the addresses in the saved files end in ?action=%s and ?action=%s, and the programs call these; else name the right port with -port, or take that one back with \"skranke wsdl drop %s\"",
			other, wsdl.Path, other, port.Name, other)
	}
	fatal := 0
	var b strings.Builder
	for _, d := range wsdl.Diff(port) {
		what := "harmless"
		if d.Fatal {
			what = "BREAKS  "
			fatal++
		}
		fmt.Fprintf(&b, "%s  %s\n", what, d)
	}
	if b.Len() > 0 {
		b.WriteString("\nharmless: once the WSDL is adopted, proxies made from it work as they did: they are answered with its names.\n" +
			"BREAKS: a proxy made from it fails there, or lacks what the line names; the rest of it works. A program that needs it has to be made anew, " +
			"from skranke's own WSDL: /soap/" + port.Name + "/rpc?wsdl, or /soap/" + port.Name + "?wsdl.\n")
	}
	if err := c.print(b.String()); err != nil {
		return err
	}
	switch {
	case check && fatal > 0:
		return fmt.Errorf("as the WSDL of the port %s it has %d differences that break an operation", port.Name, fatal)
	case check:
		return c.print("it can be the WSDL of the port " + port.Name + "\n")
	}
	if err := store.Adopt(skranke.Port(port.Name), text); err != nil {
		return err
	}
	return c.print(fmt.Sprintf("adopted as the WSDL of the port %s (%d operations, namespace %s)\n%s", port.Name, len(wsdl.Ops), wsdl.Namespace, adoptedAt(conf, port, wsdl)))
}

// adoptedAt says at which path the port answers because of its adopted WSDL.
func adoptedAt(conf settings, port *soap.Port, wsdl *soap.Adopted) string {
	documented := conf.PathPrefix + documentedPath(port)
	path, why := server.Address(declaredPorts(conf), conf.PathPrefix, port, wsdl)
	switch {
	case path == "":
		return fmt.Sprintf("there is no other path for it (%s): programs have to call %s\n", why, documented)
	case soap.PortAt(declaredPorts(conf), conf.PathPrefix, path) != nil:
		return fmt.Sprintf("its path is one that answers anyway: %s\n", path)
	}
	return fmt.Sprintf("from now on it also answers at %s, beside %s\n", path, documented)
}

// portOf finds the port a WSDL is of: the named one, or the one its address
// names, or the one that has most of its operations.
func (c *call) portOf(all []*soap.Port, wsdl *soap.Adopted, name string) (*soap.Port, error) {
	var names []string
	for _, p := range all {
		names = append(names, p.Name)
		if strings.EqualFold(name, p.Name) {
			return p, nil
		}
	}
	if name != "" {
		return nil, c.usagef("unknown port %q: want one of %s", name, strings.Join(names, ", "))
	}
	var best *soap.Port
	most := 0
	for _, p := range all {
		shared := 0
		for _, op := range wsdl.Ops {
			for _, ours := range p.Ops {
				if strings.EqualFold(op.Name, ours.Name()) {
					shared++
				}
			}
		}
		if strings.HasSuffix(strings.ToLower(wsdl.Path), "action="+p.Name) {
			shared += len(wsdl.Ops) + 1
		}
		if shared > most {
			best, most = p, shared
		}
	}
	if best == nil {
		return nil, fmt.Errorf("the WSDL looks like none of the ports %s: name the port with -port", strings.Join(names, ", "))
	}
	return best, nil
}

func wsdlDrop() command {
	return command{
		name:     "wsdl drop",
		group:    groupFill,
		summary:  "Answer with skranke's own WSDL again",
		usage:    "PORT",
		about:    "Takes back \"skranke wsdl adopt\". Programs made from the adopted WSDL go on working.",
		examples: []string{"skranke wsdl drop customer"},
		start: func(*flag.FlagSet) action {
			return func(_ context.Context, c *call) error {
				conf, port, err := c.portArg()
				if err != nil {
					return err
				}
				had, err := server.NewAdopted(conf.Data, newLog(c.stderr, conf.Config)).Drop(skranke.Port(port.Name))
				if err != nil {
					return err
				}
				if !had {
					return fmt.Errorf("the port %s has no adopted WSDL", port.Name)
				}
				return nil
			}
		},
	}
}

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

func health() command {
	var url *string
	return command{
		name:    "health",
		group:   groupInspect,
		summary: "Ask a running server whether it can take calls",
		usage:   "[-url URL]",
		about: `Asks /readyz and ends with exit code 0 if the server is ready, else with 1 and the
reason. Containers and scripts need no other program for that. Without -url it
asks the address in the setting listen, on this machine.`,
		examples: []string{"skranke health", "skranke health -url https://help.example.com", "skranke health -listen :8080"},
		keys:     []string{"listen"},
		start: func(fs *flag.FlagSet) action {
			url = fs.String("url", "", "the `URL` of the server, without /readyz")
			return func(ctx context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				base := *url
				if base == "" {
					conf, err := c.load()
					if err != nil {
						return err
					}
					base = "http://" + onThisMachine(conf.Listen)
				}
				return c.health(ctx, base)
			}
		},
	}
}

// onThisMachine is where a program on this machine reaches a server on listen.
func onThisMachine(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// healthTime is how long a server may take to say how it is; its own probe takes less.
const healthTime = 20 * time.Second

func (c *call) health(ctx context.Context, base string) error {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(base, "/")+"/readyz", nil)
	if err != nil {
		return c.usagef("-url %q is no address: want one such as http://127.0.0.1:8080", base)
	}
	transport := &http.Transport{Proxy: nil} // it is this server that is asked
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("no answer from %s: %w; is the server running, and is this its address?", base, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 200))
	if err != nil {
		return fmt.Errorf("reading the answer of %s: %w", base, err)
	}
	said := strings.TrimSpace(string(text))
	switch {
	case res.StatusCode == http.StatusOK && said == "ok":
		return c.print("ready\n")
	case res.StatusCode == http.StatusServiceUnavailable:
		return fmt.Errorf("%s is not ready: %s", base, said)
	}
	return fmt.Errorf("%s answered %s: that is no skranke", base, res.Status)
}

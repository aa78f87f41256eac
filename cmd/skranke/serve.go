package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"syscall"

	"skranke/config"
	"skranke/server"
)

func serve() command {
	return command{
		name:    "serve",
		group:   groupRun,
		summary: "Run the server",
		usage:   "[flags]",
		about: `Opens the data directory, makes it if it is missing, brings it up to date and
answers calls until it is told to stop (Ctrl-C, SIGTERM). Calls that have begun
are finished first, for at most shutdown_timeout. In a new installation this
machine alone may call the ports ("skranke range add" lets others), and nobody
can log in ("skranke setup" makes the first user). Other commands may be used
while it runs; it takes notice within a second.`,
		examples: []string{"skranke serve", "skranke serve -listen :8080 -data /var/lib/skranke", "skranke serve -config /etc/skranke.toml"},
		keys:     config.Keys(),
		start: func(*flag.FlagSet) action {
			return func(ctx context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				return c.serve(ctx)
			}
		},
	}
}

// serve runs the server until ctx ends.
func (c *call) serve(ctx context.Context) (err error) {
	conf, err := c.loadValid()
	if err != nil {
		return err
	}
	ln, err := c.listen(ctx, conf.Listen)
	if err != nil {
		return err
	}
	defer ln.Close()
	metrics, err := c.listenMetrics(ctx, conf.MetricsListen)
	if err != nil {
		return err
	}
	if metrics != nil {
		defer metrics.Close()
	}
	log := newLog(c.stderr, conf.Config)
	s, err := server.Open(ctx, server.Options{Config: conf.Config, Log: log, Version: versionNumber()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Desk.Seed(ctx); err != nil {
		return err
	}
	if ok, err := s.Desk.HasAdministrator(ctx); err != nil {
		return err
	} else if !ok {
		complain(c.stderr, "there is no administrator yet, so nobody can use the ticket and admin ports.\n"+
			`Make one in another terminal: "skranke setup", or "skranke user add -admin"`+dataHint(conf)+".")
	}
	log.InfoContext(ctx, "serving", "address", "http://"+reachable(ln.Addr()), "data", conf.Data)
	if metrics != nil {
		defer s.ServeMetrics(metrics, versionText())()
		log.InfoContext(ctx, "serving metrics", "on", reachable(metrics.Addr()))
	}
	defer c.tellSystemd(ctx, log, s)()
	if err := s.Serve(ctx, ln); err != nil {
		return err
	}
	log.InfoContext(context.WithoutCancel(ctx), "stopped")
	return nil
}

// dataHint repeats where the data are, should other commands not find them by
// themselves.
func dataHint(conf settings) string {
	if conf.from["data"].Kind != config.FromFlag {
		return ""
	}
	return " (with -data " + conf.Data + ")"
}

// newLog makes the log the settings ask for.
func newLog(w io.Writer, conf config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: conf.LogLevel}
	if conf.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// isInUse says whether err means that somebody else has the port.
func isInUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

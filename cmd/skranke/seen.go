package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"

	"skranke/server"
	"skranke/watch"
)

// listenMetrics opens the port for metrics, if there is to be one.
func (c *call) listenMetrics(ctx context.Context, address string) (net.Listener, error) {
	if address == "" {
		return nil, nil
	}
	ln, err := c.listen(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("metrics_listen: %w", err)
	}
	return ln, nil
}

// tellSystemd tells systemd, if it has started this program, that the server is
// ready, that it stops once ctx ends, and meanwhile that it lives. The returned
// function ends that.
func (c *call) tellSystemd(ctx context.Context, log *slog.Logger, s *server.Server) func() {
	always := context.WithoutCancel(ctx)
	tell := func(state string) {
		if err := watch.Notify(always, c.getenv, state); err != nil {
			log.WarnContext(always, "systemd was not told", "error", err)
		}
	}
	tell("READY=1")
	stop := context.AfterFunc(ctx, func() { tell("STOPPING=1") })
	alive, end := context.WithCancel(always)
	var keeping sync.WaitGroup
	keeping.Go(func() { watch.KeepAlive(alive, c.getenv, s.Alive) })
	return func() {
		stop()
		end()
		keeping.Wait()
	}
}

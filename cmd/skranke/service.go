package main

import (
	"context"
	"flag"

	"skranke/deploy"
)

func configService() command {
	return command{
		name:    "config service",
		group:   groupInspect,
		summary: "Print a systemd unit for the server",
		about: `The unit runs the server as a user of its own that may do nothing but serve, and
restarts it when it hangs. What to do with it stands at its top.`,
		examples: []string{"skranke config service > /etc/systemd/system/skranke.service"},
		start: func(*flag.FlagSet) action {
			return func(_ context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				return c.print(deploy.Service)
			}
		},
	}
}

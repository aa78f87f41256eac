package main

import (
	"context"
	"flag"

	"skranke/config"
)

func configDescribe() command {
	return command{
		name:     "config describe",
		group:    groupInspect,
		summary:  "Print an example configuration file with every setting explained",
		about:    "Every setting stands in it as a comment with its default, so the file as\nprinted changes nothing. It is TOML.",
		examples: []string{"skranke config describe > skranke.toml"},
		start: func(*flag.FlagSet) action {
			return func(_ context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				return config.Describe(c.stdout)
			}
		},
	}
}

func configShow() command {
	return command{
		name:    "config show",
		group:   groupInspect,
		summary: "Print the settings in force and where each came from",
		usage:   "[flags]",
		about: `Settings come from the defaults, the configuration file, the environment
(SKRANKE_ and the key in upper case) and the flags; later ones win. Variables
that begin so and set nothing are told on stderr. Secrets are masked. What it prints can be used as a configuration file.`,
		examples: []string{"skranke config show", "SKRANKE_LISTEN=:80 skranke config show -log-level debug"},
		keys:     config.Keys(),
		start: func(*flag.FlagSet) action {
			return func(_ context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				s, err := c.load()
				if err != nil {
					return err
				}
				return s.Show(c.stdout, s.from)
			}
		},
	}
}

func configTest() command {
	return command{
		name:    "config test",
		group:   groupInspect,
		summary: "Check the settings, as the server would at its start",
		usage:   "[flags]",
		about: `Says which settings cannot be used (exit code 1) and warns of those that will
be regretted (exit code 0). It also looks whether the data directory can be
written, so run it as the user the server runs as. It changes nothing.`,
		examples: []string{"skranke config test", "skranke config test -config /etc/skranke.toml"},
		keys:     config.Keys(),
		start: func(*flag.FlagSet) action {
			return func(_ context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				s, err := c.loadValid()
				if err != nil {
					return err
				}
				if s.file == "" {
					return c.print("the settings are good (no configuration file)\n")
				}
				return c.print("the settings are good (" + s.file + ")\n")
			}
		},
	}
}

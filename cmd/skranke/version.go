package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
)

func version() command {
	return command{
		name:     "version",
		group:    groupInspect,
		summary:  "Print the version of this program",
		about:    "Prints the version, the commit it was built from if the build recorded one,\nthe Go version and the platform: what a bug report needs.",
		examples: []string{"skranke version"},
		start: func(*flag.FlagSet) action {
			return func(_ context.Context, c *call) error {
				if err := c.noArgs(); err != nil {
					return err
				}
				return c.print(versionText() + "\n")
			}
		},
	}
}

// versionText is the version of the running program, as the build recorded it.
func versionText() string {
	commit := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				commit = " commit " + s.Value + commit
			case s.Key == "vcs.modified" && s.Value == "true":
				commit += " (changed)"
			}
		}
	}
	return fmt.Sprintf("skranke %s%s %s %s/%s", versionNumber(), commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// versionNumber is the number alone.
func versionNumber() string {
	info, ok := debug.ReadBuildInfo()
	switch {
	case !ok:
		return "(unknown)"
	case info.Main.Version == "":
		return "(devel)"
	}
	return info.Main.Version
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"skranke/config"
	"skranke/server"
)

const (
	skrankeRole = "skranke"
	profiled    = "profiled"
	besieged    = "besieged"
)

// openServer opens a help desk as the command line does that is told nothing.
func openServer(ctx context.Context, dir string, more ...func(*config.Config)) (*server.Server, error) {
	conf := config.Default()
	conf.Data = dir
	conf.TimeZone = time.UTC
	for _, change := range more {
		change(&conf)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return server.Open(ctx, server.Options{Config: conf, Log: log})
}

// serveSkranke is the role of the server. Its arguments are the folder of the
// help desk and, if it is to be profiled or besieged, that word.
func serveSkranke(args []string, in io.Reader, out io.Writer) error {
	if len(args) < 1 {
		return errors.New("the server needs a folder")
	}
	var change []func(*config.Config)
	if len(args) > 1 && args[1] == besieged {
		// A bound is tested where the help desk is not remembered.
		change = append(change, func(c *config.Config) { c.MemoryMiB, c.SlowCall = 32, 0 })
	}
	if len(args) > 1 && args[1] == profiled {
		runtime.MemProfileRate = 16 << 10
		runtime.SetMutexProfileFraction(10)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	s, err := openServer(ctx, args[0], change...)
	if err != nil {
		return err
	}
	if len(args) > 1 && args[1] == besieged {
		near := fromNear
		if err := s.Desk.AddRange(ctx, &near); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, s.Close())
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	var cpu *os.File
	err = converse(in, out, listener.Addr().String(), func(q question) (err error) {
		switch q.Word {
		case "rest":
			debug.FreeOSMemory()
			return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // forget the peak, too
		case "profile":
			if cpu, err = os.Create(filepath.Join(q.Text, "cpu.pprof")); err != nil {
				return err
			}
			return pprof.StartCPUProfile(cpu)
		case "profiled":
			pprof.StopCPUProfile()
			return errors.Join(cpu.Close(), writeProfile(q.Text, "allocs"), writeProfile(q.Text, "mutex"))
		}
		return fmt.Errorf("the server knows no %q", q.Word)
	})
	stop()
	return errors.Join(err, <-served, s.Close())
}

func writeProfile(dir, name string) error {
	file, err := os.Create(filepath.Join(dir, name+".pprof"))
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup(name).WriteTo(file, 0), file.Close())
}

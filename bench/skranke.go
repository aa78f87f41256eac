package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/ports"
	"skranke/soap"
	"skranke/store"
)

const skrankeRole = "skranke"

// service is the whole of skranke but the command line.
type service struct {
	db      *store.DB
	desk    *desk.Desk
	handler http.Handler
	stop    func()
	running sync.WaitGroup
}

func newService(ctx context.Context, dir string) (*service, error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	db, err := store.Open(ctx, store.Options{Dir: dir, Log: log})
	if err != nil {
		return nil, err
	}
	d, err := desk.New(ctx, db, desk.Options{Log: log})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := &service{db: db, desk: d}
	s.handler = soap.NewHandler(soap.Options{
		Ports: ports.New(d, time.UTC, log).All(),
		Allow: func(_ context.Context, port string, addr netip.Addr) bool { return d.Allowed(skranke.Port(port), addr) },
		Log:   log,
	})
	ctx, s.stop = context.WithCancel(ctx)
	s.running.Go(func() { d.Run(ctx) })
	return s, nil
}

func (s *service) close() error {
	s.stop()
	s.running.Wait()
	return errors.Join(s.desk.Close(context.Background()), s.db.Close())
}

// serveSkranke is the role of the server. Its arguments are the folder of the
// help desk and, if it is to be profiled, "profiled".
func serveSkranke(args []string, in io.Reader, out io.Writer) error {
	if len(args) < 1 {
		return errors.New("the server needs a folder")
	}
	if len(args) > 1 && args[1] == "profiled" {
		runtime.MemProfileRate = 16 << 10
		runtime.SetMutexProfileFraction(10)
	}
	s, err := newService(context.Background(), args[0])
	if err != nil {
		return err
	}
	var cpu *os.File
	return errors.Join(serve(s.handler, in, out, func(q question) (err error) {
		switch q.Word {
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
	}), s.close())
}

func writeProfile(dir, name string) error {
	file, err := os.Create(filepath.Join(dir, name+".pprof"))
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup(name).WriteTo(file, 0), file.Close())
}

// Soak kills real servers at random moments while callers write to them, and
// looks after each kill whether everything that was acknowledged is there and
// nothing is there by half. Chance is drawn from a seed that is printed: the
// same seed makes the same calls, though not the same moments.
//
//	go run ./soak                  300 kills or ten minutes
//	go run ./soak -kills 20 -for 1m -seed 7
//
// Start reading in soak.go; ledger.go knows what must be there.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o := options{told: os.Stderr}
	flag.IntVar(&o.kills, "kills", 300, "how often servers are killed")
	flag.DurationVar(&o.most, "for", 10*time.Minute, "how long at most")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "where chance begins")
	flag.IntVar(&o.callers, "callers", 4, "how many write at the same time")
	flag.StringVar(&o.database, "database", os.Getenv("SKRANKE_SOAK_DATABASE"), "URL of an empty PostgreSQL database to soak instead")
	keep := flag.String("keep", "", "a new directory for the data, which then stay; empty is a temporary one")
	flag.Parse()
	if err := run(ctx, &o, *keep); err != nil {
		fmt.Fprintf(os.Stderr, "soak: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o *options, keep string) error {
	temp, err := os.MkdirTemp("", "skranke-soak-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if o.dir = keep; keep == "" {
		o.dir = temp
	} else if err := os.MkdirAll(keep, 0o700); err != nil {
		return err
	}
	if o.program, err = build(ctx, temp); err != nil {
		return err
	}
	fmt.Fprintf(o.told, "seed %d\n", o.seed)
	s, err := soak(ctx, o)
	if err != nil {
		return fmt.Errorf("seed %d: %w", o.seed, err)
	}
	fmt.Println(&s.sum)
	if n := len(s.sum.faults); n > 0 {
		return fmt.Errorf("seed %d: %d faults, see above", o.seed, n)
	}
	return nil
}

// build makes the program that is to be killed.
func build(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "skranke")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", program, "skranke/cmd/skranke")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("building skranke: %w", err)
	}
	return program, nil
}

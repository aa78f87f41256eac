// Bench measures getTicket over HTTP against a floor in the same run: a bare
// net/http handler that reads the request and answers the very same bytes with
// the same headers. So it does with searches; writes are measured against what
// the disk can do, and files against base64 of the coreutils. Server and floor run as processes of their own, so that
// their processor time can be told apart; this process makes the load. They are
// measured in turn, round after round, so that what else the machine does hits
// all of them alike: trust the ratios and the processor time per call.
//
//	go run ./bench            1,000 and 1,000,000 tickets
//	go run ./bench -quick     1,000 and 20,000 tickets
//	go run ./bench -only faq,attachment
//	go run ./bench -siege     getTicket while somebody attacks
//	go run ./bench -profile DIR
//
// Start reading in measure.go; what is measured besides getTicket is in trial.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// options is what a run was asked to do.
type options struct {
	sizes       []int // of the help desk, in tickets, ascending
	connections []int
	rounds      int
	slot        time.Duration // how long each one is under load in a round
	calls       int           // and with how many calls at most
	settle      time.Duration // how long a server is left alone afterwards, before its processor time is read
	own         int           // percent of calls by the ticket's own customer
	only        []string      // groups of measurements
	brief       time.Duration // slot of all but getTicket
	entries     int           // of the FAQ
	file        int           // size of attachments in KiB
	cache       string
	fresh       bool
	json        bool
	profile     string
	siege       bool
	progress    io.Writer
}

func main() {
	if role := roleOf(os.Args); role != nil {
		if err := role(os.Args[2:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if o.siege {
		all, err := siege(ctx, o)
		if err != nil {
			return err
		}
		return errors.Join(writeSiege(stdout, all, o.json), all.breached())
	}
	result, err := measure(ctx, o)
	if err != nil {
		return err
	}
	if o.profile != "" {
		if err := profile(ctx, o); err != nil {
			return err
		}
	}
	if o.json {
		return result.writeJSON(stdout)
	}
	return result.writeTable(stdout)
}

func parse(args []string, stderr io.Writer) (*options, error) {
	o := &options{progress: stderr}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(stderr)
	sizes := fs.String("tickets", "1000,1000000", "`sizes` of the help desk, separated by commas")
	connections := fs.String("connections", "1,2,8", "`numbers` of connections, separated by commas")
	quick := fs.Bool("quick", false, "1,000 and 20,000 tickets, half a second each")
	fs.IntVar(&o.rounds, "rounds", 5, "rounds; the table shows medians")
	fs.DurationVar(&o.slot, "slot", 3*time.Second, "time under load of each in a round")
	fs.IntVar(&o.calls, "calls", 200_000, "calls of each in a round, at most")
	fs.DurationVar(&o.settle, "settle", 1200*time.Millisecond, "time a server is given to write what the calls left behind, which counts as theirs")
	fs.IntVar(&o.own, "own", 75, "`percent` of calls made by the ticket's own customer, the others by a colleague with company access")
	only := fs.String("only", "", "what to measure, separated by commas: "+strings.Join(groups, ",")+"; of a siege the attacks")
	fs.DurationVar(&o.brief, "brief", time.Second, "time under load of everything but getTicket, and of a slot of a siege")
	fs.IntVar(&o.entries, "entries", 10_000, "entries of the FAQ")
	fs.IntVar(&o.file, "file", 10<<10, "size of attachments in `KiB`")
	fs.StringVar(&o.cache, "cache", filepath.Join(os.TempDir(), "skranke-bench"), "`folder` that keeps the help desks between runs")
	fs.BoolVar(&o.fresh, "fresh", false, "make the help desks anew")
	fs.BoolVar(&o.json, "json", false, "print JSON")
	fs.BoolVar(&o.siege, "siege", false, "measure nothing but getTicket at the smallest size while somebody attacks")
	fs.StringVar(&o.profile, "profile", "", "afterwards write profiles of the server at the largest size to `folder`")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("bench takes no arguments, but was given %q", fs.Args())
	}
	if *quick {
		*sizes, o.slot, o.brief = "1000,20000", 500*time.Millisecond, 300*time.Millisecond
	}
	var err error
	if o.sizes, err = numbers(*sizes); err != nil {
		return nil, fmt.Errorf("-tickets: %w", err)
	}
	slices.Sort(o.sizes)
	if o.connections, err = numbers(*connections); err != nil {
		return nil, fmt.Errorf("-connections: %w", err)
	}
	known := groups
	if o.siege {
		known = attackNames()
	}
	if *only == "" {
		o.only = known
	}
	for name := range strings.SplitSeq(*only, ",") {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(known, name) {
			return nil, fmt.Errorf("-only: %q is none of %s", name, strings.Join(known, ", "))
		} else if name != "" {
			o.only = append(o.only, name)
		}
	}
	if o.brief <= 0 || o.entries < entriesPerFolder || o.file < 1 {
		return nil, fmt.Errorf("-brief and -file must be positive, -entries at least %d", entriesPerFolder)
	}
	if o.rounds < 1 || o.slot <= 0 || o.calls < 1 || o.own < 0 || o.own > 100 {
		return nil, errors.New("-rounds, -slot and -calls must be positive, -own a percentage")
	}
	return o, nil
}

func numbers(list string) ([]int, error) {
	var all []int
	for _, word := range strings.Split(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no positive number", word)
		}
		all = append(all, n)
	}
	return all, nil
}

// say reports progress.
func (o *options) say(format string, args ...any) {
	fmt.Fprintf(o.progress, format+"\n", args...)
}

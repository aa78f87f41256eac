package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"skranke/store"
)

// options say what a soak does.
type options struct {
	kills    int
	most     time.Duration
	seed     uint64
	callers  int
	database string
	dir      string // an empty directory
	program  string
	told     io.Writer // is told how it goes
}

// result is what became of a soak.
type result struct {
	kills, acks, unknown, mails, twice int
	early                              int // kills before the server had started
	took                               time.Duration
	faults                             []string
}

func (r *result) String() string {
	text := fmt.Sprintf("%d kills (%d of them while the server started) in %v, %d acknowledged writes, %d calls without an answer, %d mails (%d twice): %d faults",
		r.kills, r.early, r.took.Round(time.Second), r.acks, r.unknown, r.mails, r.twice, len(r.faults))
	return strings.Join(append(r.faults, text), "\n")
}

// thorough is after how many kills everything is looked through, not only what
// was written since the kill before.
const thorough = 20

// soak kills servers and looks what is left, until it has done so often enough,
// for long enough, or something is wrong.
func soak(ctx context.Context, o *options) (*soaking, error) {
	p := &place{program: o.program, data: filepath.Join(o.dir, "data"), mails: filepath.Join(o.dir, "mails"), database: o.database}
	if err := p.furnish(ctx, o.callers); err != nil {
		return nil, err
	}
	s := &soaking{options: o, place: p, ledger: newLedger(o.callers), rand: rand.New(rand.NewPCG(o.seed, 0))}
	begun := time.Now()
	for s.sum.kills < o.kills && time.Since(begun) < o.most && len(s.sum.faults) == 0 {
		if err := s.round(ctx); err != nil {
			return nil, fmt.Errorf("after %d kills: %w", s.sum.kills, err)
		}
		if s.sum.kills%thorough == 0 {
			if err := s.everything(ctx); err != nil {
				return nil, fmt.Errorf("after %d kills: %w", s.sum.kills, err)
			}
			fmt.Fprintf(o.told, "%d kills, %d acknowledged writes, %v\n", s.sum.kills, s.ledger.acks, time.Since(begun).Round(time.Second))
		}
	}
	if err := s.end(ctx); err != nil {
		return nil, fmt.Errorf("after %d kills: %w", s.sum.kills, err)
	}
	s.sum.acks, s.sum.unknown, s.sum.mails, s.sum.took = s.ledger.acks, s.ledger.unknown, len(s.ledger.mails), time.Since(begun)
	return s, nil
}

type soaking struct {
	*options
	place   *place
	ledger  *ledger
	rand    *rand.Rand
	callers []*caller // made in the first round
	token   atomic.Int64
	sum     result
}

// round starts a server, lets callers write, kills it, and looks.
func (s *soaking) round(ctx context.Context) error {
	server, err := s.place.start()
	if err != nil {
		return err
	}
	defer server.cmd.Process.Kill()
	s.sum.kills++
	if s.callers != nil && s.rand.IntN(8) == 0 { // while it starts
		select {
		case <-time.After(time.Duration(s.rand.IntN(40)) * time.Millisecond):
		case <-server.done:
		}
		s.sum.early++
		return server.kill()
	}
	if err := server.await(ctx); err != nil {
		return err
	}
	if err := s.meet(ctx, server.base); err != nil {
		return err
	}
	begun := s.ledger.acknowledged()
	wait := time.Duration(s.rand.IntN(300)) * time.Millisecond
	failed := make(chan error, len(s.callers))
	var writing sync.WaitGroup
	for _, c := range s.callers {
		writing.Go(func() { failed <- s.write(ctx, c) })
	}
	for s.ledger.acknowledged() == begun && len(failed) == 0 { // the first write may be slow
		time.Sleep(time.Millisecond)
	}
	time.Sleep(wait)
	if err := server.kill(); err != nil {
		return err
	}
	writing.Wait()
	close(failed)
	for err := range failed {
		var f fault
		if errors.As(err, &f) {
			s.sum.faults = append(s.sum.faults, f.Error())
		} else if err != nil {
			return fmt.Errorf("%w; the server said: %s", err, server.log())
		}
	}
	return s.fresh(ctx)
}

// meet gives the callers the new address. Their sessions live on; those of the
// first round are opened.
func (s *soaking) meet(ctx context.Context, base string) error {
	first := s.callers == nil
	for n := range s.options.callers {
		if first {
			s.callers = append(s.callers, &caller{
				number: n + 1, rand: rand.New(rand.NewPCG(s.seed, uint64(n+1))), ledger: s.ledger,
				tokens: func() string { return fmt.Sprintf("t%d-%d", n+1, s.token.Add(1)) },
			})
		}
		c := s.callers[n]
		c.base, c.client = base, &http.Client{Transport: &http.Transport{}}
		if !first {
			continue
		}
		if err := c.logIn(ctx); err != nil {
			return err
		}
	}
	return nil
}

// write makes one call after the other until no answer comes.
func (s *soaking) write(ctx context.Context, c *caller) error {
	defer c.client.CloseIdleConnections()
	for {
		err := c.write(ctx)
		if errors.Is(err, errGone) {
			s.ledger.lost()
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (l *ledger) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acks
}

func (l *ledger) lost() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unknown++
}

func (s *soaking) store() store.Options {
	return store.Options{Dir: s.place.data, Database: s.place.database}
}

// fresh looks for what was acknowledged since the last look, in what the killed
// server has left, before another one has opened it.
func (s *soaking) fresh(ctx context.Context) error { return s.inspect(ctx, false) }

func (s *soaking) inspect(ctx context.Context, all bool) error {
	db, err := store.Inspect(ctx, s.store())
	if err != nil {
		return err
	}
	defer db.Close()
	faults, err := s.ledger.look(ctx, db, all)
	s.sum.faults = append(s.sum.faults, faults...)
	if err != nil || !all {
		return err
	}
	for _, search := range []func(context.Context, *store.DB) ([]string, error){halves, s.ledger.doubles} {
		faults, err := search(ctx, db)
		s.sum.faults = append(s.sum.faults, faults...)
		if err != nil {
			return err
		}
	}
	return nil
}

// everything looks through all there is.
func (s *soaking) everything(ctx context.Context) error {
	if err := s.inspect(ctx, true); err != nil {
		return err
	}
	faults, err := verify(ctx, s.store())
	s.sum.faults = append(s.sum.faults, faults...)
	return err
}

// drainTime is how long the mails may take that nobody has begun to send.
const drainTime = 5 * time.Minute

// end lets a last server send what waits, stops it, and looks through everything.
// Mails a killed server was sending wait for the end of its lease, which is
// longer than anybody wants to: they count as not lost.
func (s *soaking) end(ctx context.Context) error {
	server, err := s.place.start()
	if err != nil {
		return err
	}
	defer server.cmd.Process.Kill()
	if err := server.await(ctx); err != nil {
		return err
	}
	var leased []string
	for end := time.Now().Add(drainTime); ; time.Sleep(50 * time.Millisecond) {
		var waiting int
		if waiting, leased, err = s.waiting(ctx); err != nil {
			return err
		}
		if waiting == 0 {
			break
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d mails are not sent: %s", waiting, server.log())
		}
	}
	if err := server.stop(); err != nil {
		return err
	}
	faults, twice, err := s.ledger.sent(s.place.mails, leased)
	if err != nil {
		return err
	}
	s.sum.faults, s.sum.twice = append(s.sum.faults, faults...), twice
	return s.everything(ctx)
}

// waiting counts the mails in the outbox nobody is sending, and gives the others.
func (s *soaking) waiting(ctx context.Context) (n int, leased []string, err error) {
	db, err := store.Inspect(ctx, s.store())
	if err != nil {
		return 0, nil, err
	}
	defer db.Close()
	err = db.Read(ctx, func(tx *store.ReadTx) error {
		jobs, err := tx.Outbox(ctx)
		for _, job := range jobs {
			if job.LeasedUntil.After(time.Now()) {
				leased = append(leased, job.Payload)
			} else {
				n++
			}
		}
		return err
	})
	return n, leased, err
}

package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"skranke/store"
	"skranke/store/storetest"
)

// TestWritesTogether lets many write at the same time, of whom some fail, some
// panic and some go away, and looks for exactly what was reported as written.
func TestWritesTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const writers, rounds = 12, 25
		boom := errors.New("boom")
		var group sync.WaitGroup
		var mu sync.Mutex
		want := map[string]string{}
		for writer := range writers {
			group.Go(func() {
				for round := range rounds {
					name := fmt.Sprintf("%d.%d", writer, round)
					ctx, cancel := context.WithCancel(t.Context())
					turn := writer*rounds + round
					err := func() (err error) {
						defer func() {
							if v := recover(); v != nil {
								err = boom
							}
						}()
						return db.Write(ctx, func(tx *store.WriteTx) error {
							if err := tx.SetSetting(ctx, name, "half"); err != nil {
								return err
							}
							switch turn % 11 {
							case 3:
								return boom
							case 5:
								cancel()
							case 7:
								if turn%3 == 0 {
									panic(boom)
								}
							case 9:
								tx.Settings(ctx) // a result that was not asked for any more
							}
							return tx.SetSetting(ctx, name, "whole")
						})
					}()
					cancel()
					switch {
					case err == nil:
						mu.Lock()
						want[name] = "whole"
						mu.Unlock()
					case errors.Is(err, boom), errors.Is(err, context.Canceled):
					default:
						t.Errorf("%s: %v", name, err)
					}
				}
			})
		}
		group.Wait()
		if len(want) < writers*rounds/2 {
			t.Errorf("only %d of %d writes were reported as done", len(want), writers*rounds)
		}
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			got, err := tx.Settings(ctx)
			equal(t, got, want)
			return err
		})
	})
}

// TestWriteLeftAlone finishes a write while another one waits that then goes away.
func TestWriteLeftAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		waiting, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		done := make(chan error)
		inside := make(chan struct{})
		go func() {
			done <- db.Write(t.Context(), func(tx *store.WriteTx) error {
				close(inside)
				time.Sleep(30 * time.Millisecond)
				cancel()
				return tx.SetSetting(t.Context(), "a", "1")
			})
		}()
		<-inside
		go func() { gone <- db.Write(waiting, func(tx *store.WriteTx) error { return nil }) }()
		for name, c := range map[string]chan error{"the write": done, "the one that went": gone} {
			select {
			case err := <-c:
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("%s: %v", name, err)
				}
			case <-time.After(5 * time.Second):
				t.Fatalf("%s waits for ever", name)
			}
		}
		read(t, db, func(ctx context.Context, tx *store.ReadTx) error {
			got, err := tx.Settings(ctx)
			equal(t, got, map[string]string{"a": "1"})
			return err
		})
	})
}

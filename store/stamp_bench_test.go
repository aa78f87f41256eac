package store

import (
	"math/rand/v2"
	"testing"
	"time"

	"skranke"
)

// BenchmarkStampRead is the cost of a read stamp among a million of them.
func BenchmarkStampRead(b *testing.B) {
	db, err := Open(b.Context(), Options{Dir: b.TempDir(), Memory: 32 << 20})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	ctx := b.Context()
	draw := rand.New(rand.NewPCG(1, 2))
	stamp := func(ids func(int) int, n int, at time.Time) {
		stamps := make([]ReadStamp, n)
		for i := range stamps {
			stamps[i] = ReadStamp{Ticket: skranke.TicketID(ids(i)), At: at, Customer: 7}
		}
		if err := db.Write(ctx, func(tx *WriteTx) error {
			_, err := tx.StampRead(ctx, stamps, time.Hour)
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
	now := time.Now()
	for i := range 50 {
		stamp(func(n int) int { return i*10000 + n }, 10000, now)
	}
	b.ResetTimer()
	const portion = 2000
	for i := 0; i < b.N; i += portion {
		now = now.Add(time.Second)
		base := draw.IntN(490000)
		stamp(func(n int) int { return base + n*5 }, portion, now) // as of a tenth of all
	}
}

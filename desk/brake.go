package desk

import (
	"context"
	"net/netip"
	"time"

	"skranke"
	"skranke/store"
)

// Brake slows the guessing of passwords: after so many failures in the window
// further tries fail like a wrong password, without a look at it. A limit below
// 0 switches that limit off.
//
// Spec: types/sec.1
type Brake struct {
	PerName    int           // default 10
	PerAddress int           // default 50
	Window     time.Duration // default 15 minutes

	// VotesPerAddress is how many anonymous votes for FAQ entries an address has
	// in the window; default 50. Further ones are refused.
	VotesPerAddress int
}

func (b *Brake) setDefaults() {
	if b.PerName == 0 {
		b.PerName = 10
	}
	if b.PerAddress == 0 {
		b.PerAddress = 50
	}
	if b.VotesPerAddress == 0 {
		b.VotesPerAddress = 50
	}
	if b.Window == 0 {
		b.Window = 15 * time.Minute
	}
}

// try is one attempt to prove a name with a password.
type try struct {
	name, address string // subjects of the brake; address "" is not counted
}

func customerTry(name string, from netip.Addr) try { return newTry("customer", name, from) }
func userTry(name string, from netip.Addr) try     { return newTry("user", name, from) }

func newTry(kind, name string, from netip.Addr) try {
	// Longer names are nobody's; whoever sends one must not fill the disk with it.
	t := try{name: "name:" + kind + ":" + skranke.Cut(skranke.Fold(name), skranke.MaxUserName+1)}
	if from.IsValid() {
		t.address = "address:" + subject(from)
	}
	return t
}

// subject is what the brake counts of an address: IPv4 addresses each, of IPv6
// the network, for whoever has one address of it has all 2^64.
func subject(from netip.Addr) string {
	from = from.Unmap().WithZone("")
	if from.Is4() {
		return from.String()
	}
	return netip.PrefixFrom(from, 64).Masked().String()
}

// braked says whether the try must fail unseen.
func (d *Desk) braked(ctx context.Context, tx *store.ReadTx, t try) (bool, error) {
	since := d.now().Add(-d.opts.Brake.Window)
	limits := []struct {
		subject string
		limit   int
	}{{t.name, d.opts.Brake.PerName}, {t.address, d.opts.Brake.PerAddress}}
	for _, l := range limits {
		if l.limit < 0 || l.subject == "" {
			continue
		}
		n, err := tx.Failures(ctx, l.subject, since)
		if err != nil || n >= l.limit {
			return true, err
		}
	}
	return false, nil
}

// failed counts a failure for the name and the address of the try, and logs what
// there is to log of it.
func (d *Desk) failed(ctx context.Context, t try, entries ...store.LogEntry) error {
	return d.db.Write(ctx, func(tx *store.WriteTx) error {
		if err := tx.Log(ctx, entries); err != nil {
			return err
		}
		if err := tx.AddFailure(ctx, t.name, d.now()); err != nil || t.address == "" {
			return err
		}
		return tx.AddFailure(ctx, t.address, d.now())
	})
}

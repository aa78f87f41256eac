package desk

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
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

	// The same of customers who register themselves, default 100, and of files
	// stored without a session, default 500.
	RegistrationsPerAddress int
	UploadsPerAddress       int
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
	if b.RegistrationsPerAddress == 0 {
		b.RegistrationsPerAddress = 100
	}
	if b.UploadsPerAddress == 0 {
		b.UploadsPerAddress = 500
	}
	if b.Window == 0 {
		b.Window = 15 * time.Minute
	}
}

// share is what an address may have in the window of something that needs no
// log-in; below 0 there is no limit.
type share struct {
	kind  string // of subject
	limit int
}

func (b *Brake) votes() share         { return share{"vote", b.VotesPerAddress} }
func (b *Brake) registrations() share { return share{"registration", b.RegistrationsPerAddress} }
func (b *Brake) uploads() share       { return share{"upload", b.UploadsPerAddress} }

// subject is what is counted of the address, "" if nothing is.
func (s share) subject(from netip.Addr) string {
	if s.limit < 0 || !from.IsValid() {
		return ""
	}
	return s.kind + ":" + subject(from)
}

// shareLeft refuses an address that has had its share.
func (d *Desk) shareLeft(ctx context.Context, tx *store.ReadTx, from netip.Addr, s share) error {
	subject := s.subject(from)
	if subject == "" {
		return nil
	}
	n, err := tx.Failures(ctx, subject, d.now().Add(-d.opts.Brake.Window))
	if err == nil && n >= s.limit {
		return skranke.Err(skranke.CodeCustomError, "%d times %s from %s", n, s.kind, from)
	}
	return err
}

// takeShare counts one, and refuses an address that has had its share.
func (d *Desk) takeShare(ctx context.Context, tx *store.WriteTx, from netip.Addr, s share) error {
	subject := s.subject(from)
	if subject == "" {
		return nil
	}
	if err := d.shareLeft(ctx, &tx.ReadTx, from, s); err != nil {
		return err
	}
	return tx.AddFailure(ctx, subject, d.now())
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

// subjects are those that are counted.
func (t try) subjects() []string {
	return slices.DeleteFunc([]string{t.name, t.address}, func(s string) bool { return s == "" })
}

// forgive lets the names of a person who was given a new password log in at once:
// what was tried before was another one, and whoever asked for help is waiting.
// The counts of addresses stay.
func forgive(ctx context.Context, tx *store.WriteTx, tries ...try) error {
	for _, t := range tries {
		if err := tx.ForgetFailures(ctx, t.name); err != nil {
			return err
		}
	}
	return nil
}

func forgiveCustomer(ctx context.Context, tx *store.WriteTx, c *skranke.Customer) error {
	return forgive(ctx, tx, customerTry(c.UserName, netip.Addr{}))
}

func forgiveUser(ctx context.Context, tx *store.WriteTx, u *skranke.User) error {
	return forgive(ctx, tx, userTry(u.LoginName, netip.Addr{}), userTry(u.UserName, netip.Addr{}))
}

// braked says whether the try must fail unseen, else how many failures are
// counted of its address. unstored was to be found out before the snapshot of tx
// was taken.
func (d *Desk) braked(ctx context.Context, tx *store.ReadTx, t try, unstored unstoredCount) (failures int, braked bool, err error) {
	since := d.now().Add(-d.opts.Brake.Window)
	limits := []struct {
		subject         string
		limit, unstored int
	}{{t.name, d.opts.Brake.PerName, unstored.name}, {t.address, d.opts.Brake.PerAddress, unstored.address}}
	for _, l := range limits {
		if l.limit < 0 || l.subject == "" {
			continue
		}
		n, err := tx.Failures(ctx, l.subject, since)
		if n += l.unstored; err != nil || n >= l.limit || unstored.full {
			return 0, true, err
		}
		if l.subject == t.address {
			failures = n
		}
	}
	return failures, false, nil
}

// failed counts a failure for the name and the address of the try, also if its
// caller is gone, and logs what there is to log of it. What the database cannot
// take is counted in memory.
func (d *Desk) failed(ctx context.Context, t try, entries ...store.LogEntry) {
	ctx = context.WithoutCancel(ctx)
	f := &failure{t, d.now(), entries}
	err := d.db.Write(ctx, func(tx *store.WriteTx) error { return storeFailures(ctx, tx, []*failure{f}) })
	if err == nil {
		return
	}
	first, filled := d.unstored.add(f, d.now().Add(-d.opts.Brake.Window))
	if first {
		d.log.WarnContext(ctx, "failed log-ins cannot be stored, this process counts them in memory", "error", err)
	}
	if filled {
		d.log.WarnContext(ctx, "failed log-ins cannot be stored and memory is full of them, every log-in is refused", "error", err)
	}
}

func storeFailures(ctx context.Context, tx *store.WriteTx, failures []*failure) error {
	for _, f := range failures {
		if err := tx.Log(ctx, f.entries); err != nil {
			return err
		}
		for _, subject := range f.try.subjects() {
			if err := tx.AddFailure(ctx, subject, f.at); err != nil {
				return err
			}
		}
	}
	return nil
}

// storeUnstored stores the failures that are counted in memory. One whose commit
// nobody knows the end of counts twice, rather than not at all.
func (d *Desk) storeUnstored(ctx context.Context) error {
	waiting := d.unstored.waiting()
	for some := range slices.Chunk(waiting, 100) { // little is done in vain if the first do not go
		if err := d.db.Write(ctx, func(tx *store.WriteTx) error { return storeFailures(ctx, tx, some) }); err != nil {
			return fmt.Errorf("storing failed log-ins: %w", err)
		}
		d.unstored.remove(some)
	}
	if len(waiting) > 0 {
		d.log.InfoContext(ctx, "failed log-ins are stored again")
	}
	return nil
}

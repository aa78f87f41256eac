package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"skranke"
	"skranke/server"
	"skranke/soap"
	"skranke/store"
)

// checks is what doctor looks at, in this order.
func checks() []check {
	return []check{
		{"config", "the settings can be used and fit together", needsNothing, checkConfig},
		{"data", "the data directory is there, writable and nobody else's", needsConfig, checkData},
		{"space", "the disk has room", needsConfig, checkSpace},
		{"files", "enough files and connections may be open", needsConfig, checkFiles},
		{"schema", "the database is of this program's version", needsSchema, func(_ context.Context, p *patient) finding { return p.schema }},
		{"database", "the database is not damaged", needsDatabase, checkDatabase},
		{"bucket", "attachments can be stored in the bucket, read and removed", needsConfig, checkBucket},
		{"blobs", "the contents of every attachment are there", needsDatabase, checkBlobs},
		{"strays", "no files lie about that nobody needs", needsDatabase, checkStrays},
		{"public_url", "WSDLs name an address clients can use, and the server answers there", needsConfig, checkPublicURL},
		{"proxies", "only proxies are trusted", needsConfig, checkProxies},
		{"ranges", "somebody may call each port, and not everybody", needsDesk, checkRanges},
		{"passwords", "there is an administrator, without an obvious password", needsDesk, checkPasswords},
		{"brakes", "nobody is locked out for failed log-ins", needsDesk, checkBrakes},
		{"mail", "the mail server answers; no mail is sent", needsConfig, checkMail},
		{"parked", "no mail waits for a person", needsDesk, checkParked},
		{"traces", "the collector of traces answers; no trace is sent", needsConfig, checkTraces},
		{"wsdl", "adopted WSDLs can be read and are whole", needsConfig, checkWSDL},
		{"clock", "the clock does not run behind", needsConfig, checkClock},
		{"zone", "the time zone is a real one", needsConfig, checkZone},
		{"backup", "the last backup is not old", needsConfig, checkBackup},
	}
}

const correctSettings = `Correct that where it says; "skranke config describe" explains every setting`

func checkConfig(_ context.Context, p *patient) finding {
	if p.confErr != nil {
		return fails("%s. %s", oneLine(p.confErr.Error()), correctSettings)
	}
	warnings, err := p.conf.Validate(p.conf.from)
	if err != nil {
		return fails("%s. %s", oneLine(err.Error()), correctSettings)
	}
	if len(warnings) > 0 {
		return doubts("%s", strings.Join(warnings, " "))
	}
	if p.conf.file == "" {
		return good("no configuration file")
	}
	return good("%s", p.conf.file)
}

func oneLine(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "\n", "; ") }

func checkData(_ context.Context, p *patient) finding {
	dir := p.conf.Data
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fails("%s is not there: name the directory with -data, or make one with \"skranke setup\"", dir)
	case err != nil:
		return fails("%v: run doctor as the user the server runs as", err)
	case !info.IsDir():
		return fails("%s is a file: name a directory with -data", dir)
	}
	f, err := os.CreateTemp(dir, ".skranke-write-test-*")
	if err != nil {
		return fails("%v: give the directory to the user the server runs as: chown -R USER %s", err, dir)
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return fails("%v: see what the system says about the disk (dmesg), and move the data if it fails", err)
	}
	if other := foreignOwner(info); other != "" {
		return doubts("%s belongs to %s: run doctor as the user the server runs as, or chown -R USER %s", dir, other, dir)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return doubts("%s may be read by others (mode %o): chmod 700 %s", dir, mode, dir)
	}
	return good("%s", dir)
}

// Free bytes below which there is a warning, and a failure.
const (
	littleSpace = 2 << 30
	noSpace     = 200 << 20
)

func checkSpace(_ context.Context, p *patient) finding {
	free, err := freeSpace(p.conf.Data)
	if err != nil {
		return doubts("not known, %v: see the check data", err)
	}
	return judgeSpace(free)
}

func judgeSpace(free uint64) finding {
	text := fmt.Sprintf("%d MiB are free", free>>20)
	switch {
	case free < noSpace:
		return fails("%s: make room on the disk at once, or calls that write will fail", text)
	case free < littleSpace:
		return doubts("%s: make room on the disk", text)
	}
	return good("%s", text)
}

func checkFiles(_ context.Context, p *patient) finding {
	limit, known := openFiles()
	if !known {
		return good("not known on this system")
	}
	return judgeFiles(limit, p.conf.MaxConnections)
}

// ownFiles is what the program needs besides connections.
const ownFiles = 256

func judgeFiles(limit uint64, connections int) finding {
	if need := uint64(connections) + ownFiles; limit < need {
		return doubts("%d files may be open, max_connections = %d needs %d: raise it (LimitNOFILE= in the unit, ulimit -n), or lower max_connections", limit, connections, need)
	}
	return good("%d", limit)
}

func checkDatabase(ctx context.Context, p *patient) finding {
	if p.conf.Database != "" {
		return good("not looked through: in PostgreSQL, \"skranke verify\" reads every row and pg_amcheck looks through indexes")
	}
	if err := p.db.Check(ctx); err != nil {
		return fails("%s: stop the server, keep a copy of the data, and \"skranke restore\" a backup", oneLine(err.Error()))
	}
	return good("undamaged")
}

func checkBucket(ctx context.Context, p *patient) finding {
	if p.conf.Attachments == "" {
		return good("none: attachments lie in %s", filepath.Join(p.conf.Data, "blobs"))
	}
	if err := tryBucket(ctx, server.Bucket(p.conf.Config)); err != nil {
		return fails("%v: see docs/attachments.md for the settings and the rights that are needed", err)
	}
	return good("%s", p.conf.Attachments)
}

// tryBucket stores something nobody else has, reads it and removes it.
func tryBucket(ctx context.Context, in store.Bucket) (err error) {
	dir, err := os.MkdirTemp("", "skranke-doctor-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	blobs, err := store.OpenBlobs(dir, in)
	if err != nil {
		return err
	}
	if err := blobs.Probe(ctx); err != nil {
		return err
	}
	w, err := blobs.Create()
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.WriteString(w, "skranke doctor "+rand.Text()); err != nil {
		return err
	}
	sha, _, err := w.Commit(ctx)
	if err != nil {
		return err
	}
	content, _, err := blobs.Open(ctx, sha)
	if err == nil {
		err = content.Close()
	}
	err = errors.Join(err, blobs.Remove(ctx, sha))
	if err == nil {
		err = blobs.Each(ctx, func(string, int64, time.Time) error { return errSeen })
	}
	if errors.Is(err, errSeen) {
		return nil
	}
	return err
}

// errSeen ends a listing.
var errSeen = errors.New("there is something")

func checkBlobs(ctx context.Context, p *patient) finding {
	var missing []string
	count := 0
	sizes := map[string]int64{}
	err := p.db.Blobs().Each(ctx, func(sha string, size int64, _ time.Time) error {
		sizes[sha] = size
		return nil
	})
	if err != nil {
		return fails("%v: see the checks data and bucket", err)
	}
	err = p.db.Read(ctx, func(tx *store.ReadTx) error {
		return tx.EachAttachment(ctx, func(a *skranke.Attachment) error {
			count++
			if size, ok := sizes[a.SHA256]; !ok || size != a.Size {
				missing = append(missing, fmt.Sprint(a.ID))
			}
			return nil
		})
	})
	if err != nil {
		return p.unreadable(err)
	}
	if len(missing) > 0 {
		return fails("the contents of %d of %d attachments are missing or cut short, of attachment %s: bring them back from a backup (\"skranke verify\" lists them)", len(missing), count, strings.Join(missing[:min(3, len(missing))], ", "))
	}
	return good("%d attachments", count)
}

// strayAge is how old a file nobody needs must be; younger ones may be in the making.
const strayAge = 25 * time.Hour

func checkStrays(ctx context.Context, p *patient) finding {
	strays := 0
	old := func(at time.Time) bool { return p.now.Sub(at) > strayAge }
	var shas []string
	err := p.db.Blobs().Each(ctx, func(sha string, _ int64, stored time.Time) error {
		if old(stored) {
			shas = append(shas, sha)
		}
		return nil
	})
	if err != nil {
		return fails("%v: see the checks data and bucket", err)
	}
	err = p.db.Read(ctx, func(tx *store.ReadTx) error {
		for _, sha := range shas {
			used, err := tx.BlobInUse(ctx, sha)
			if err != nil {
				return err
			}
			if !used {
				strays++
			}
		}
		return nil
	})
	if err != nil {
		return p.unreadable(err)
	}
	place := filepath.Join(p.conf.Data, "blobs")
	spool, err := os.ReadDir(filepath.Join(place, "spool"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // the server makes it when it starts
		return fails("%v: let the user the server runs as read it, and run doctor as him", err)
	}
	for _, f := range spool {
		if info, err := f.Info(); err == nil && info.Mode().IsRegular() && old(info.ModTime()) {
			strays++
		}
	}
	if p.conf.Attachments != "" {
		place = p.conf.Attachments
	}
	if strays > 0 {
		return doubts("%d files are of no use to anybody: a running server removes its own within hours; if it runs, look who writes into %s", strays, place)
	}
	return good("none")
}

func checkProxies(_ context.Context, p *patient) finding {
	for _, proxy := range p.conf.TrustedProxies {
		if wide := proxy.Addr().Is4() && proxy.Bits() < 8 || proxy.Addr().Is6() && proxy.Bits() < 16; wide {
			return fails("trusted_proxies holds %s: whoever calls from there can pretend to be anybody. List the addresses of the proxies", proxy)
		}
		if !proxy.Addr().IsPrivate() && !proxy.Addr().IsLoopback() && !proxy.Addr().IsLinkLocalUnicast() && !proxy.IsSingleIP() {
			return doubts("trusted_proxies holds the public network %s: list the addresses of the proxies", proxy)
		}
	}
	return good("%d trusted", len(p.conf.TrustedProxies))
}

func checkRanges(ctx context.Context, p *patient) finding {
	list, err := p.desk.Ranges(ctx)
	if err != nil {
		return p.unreadable(err)
	}
	return judgeRanges(list)
}

func judgeRanges(list []skranke.Range) finding {
	for _, port := range skranke.Ports() {
		of := slices.DeleteFunc(slices.Clone(list), func(r skranke.Range) bool { return r.Port != port })
		if len(of) == 0 {
			return doubts("nobody may call the port %s: let somebody with \"skranke range add %s FROM TO\"", port, port)
		}
		for _, r := range of {
			from, _ := netip.ParseAddr(r.From)
			to, _ := netip.ParseAddr(r.To)
			if port != skranke.PortCustomer && from.IsUnspecified() && to.IsValid() && to.BitLen() == from.BitLen() && !to.Next().IsValid() {
				return doubts("everybody may call the port %s, by range %d: \"skranke range delete %d\", and add the addresses of its users", port, r.ID, r.ID)
			}
		}
	}
	return good("%d ranges", len(list))
}

// weakLimit is how many administrators' passwords are tried; it takes a second for a few.
const weakLimit = 20

func checkPasswords(ctx context.Context, p *patient) finding {
	has, err := p.desk.HasAdministrator(ctx)
	if err != nil {
		return p.unreadable(err)
	}
	if !has {
		return doubts("there is no administrator: make one with \"skranke setup\"")
	}
	weak, err := p.desk.WeakPasswords(ctx, weakLimit)
	if err != nil {
		return p.unreadable(err)
	}
	if len(weak) > 0 {
		return fails("the password of the administrator %d is the first one anybody tries: change it with \"skranke user password %d\"", weak[0], weak[0])
	}
	if p.conf.PasswordMinLength < 8 {
		return doubts("new passwords may be shorter than 8 characters: set password_min_length")
	}
	return good("none is obvious")
}

func checkBrakes(ctx context.Context, p *patient) finding {
	f, err := p.desk.Figures(ctx)
	if err != nil {
		return p.unreadable(err)
	}
	if f.NamesBraked+f.AddressesBraked > 0 {
		return doubts("%d names and %d addresses cannot log in for now, after too many failures: somebody guesses, or a portal has an old password. They are free again after %s, a name also with a new password (skranke customer password, skranke user password); for the address of a portal raise login_failures_per_address", f.NamesBraked, f.AddressesBraked, p.conf.LoginFailureWindow)
	}
	return good("none")
}

func checkParked(ctx context.Context, p *patient) finding {
	f, err := p.desk.Figures(ctx)
	switch {
	case err != nil:
		return p.unreadable(err)
	case f.MailParked > 0:
		return doubts("%d mails were given up: \"skranke mail list\" says why, \"skranke mail retry all\" tries again", f.MailParked)
	case f.MailOldest > time.Hour:
		return doubts("%d mails wait, the oldest for %s: see that the server runs, and the check mail", f.MailWaiting, f.MailOldest.Round(time.Minute))
	}
	return good("%d wait", f.MailWaiting)
}

func checkWSDL(_ context.Context, p *patient) finding {
	adopted := server.NewAdopted(p.conf.Data, slog.New(slog.DiscardHandler))
	count := 0
	for _, port := range declaredPorts(p.conf) {
		f, err := os.Open(adopted.Path(skranke.Port(port.Name)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fails("%v: let the user the server runs as read it, and run doctor as him", err)
		}
		wsdl, err := soap.ParseWSDL(f)
		f.Close()
		if err != nil {
			return fails("that of the port %s cannot be read, so our own is served: %v; \"skranke wsdl adopt\" it again, or \"skranke wsdl drop %s\"", port.Name, err, port.Name)
		}
		count++
		if other := adopted.Clash(skranke.Port(port.Name), wsdl); other != "" {
			return doubts("those of the ports %s and %s have the same address, %s, which cannot lead to both: \"skranke wsdl drop\" one of them, or let ?action= tell them apart in the files and adopt them again", port.Name, other, wsdl.Path)
		}
		for _, d := range wsdl.Diff(port) {
			if d.Fatal {
				return doubts("that of the port %s differs: %v. \"skranke wsdl adopt -check\" lists all; adopt that of the server that was here before, or \"skranke wsdl drop %s\"", port.Name, d, port.Name)
			}
		}
	}
	return good("%d adopted", count)
}

func checkClock(_ context.Context, p *patient) finding {
	newest := time.Time{}
	for _, name := range []string{"skranke.db", "skranke.db-wal"} {
		if info, err := os.Stat(filepath.Join(p.conf.Data, name)); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return judgeClock(p.now, newest)
}

// released is before any time this program can run at.
var released = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func judgeClock(now, written time.Time) finding {
	switch {
	case now.Before(released):
		return fails("it says %s, which is before this program was made: set the clock, and let NTP keep it", now.UTC().Format(time.DateTime))
	case written.After(now.Add(time.Minute)):
		return fails("the database was written at %s, which is yet to come: the clock has been put back. Set it, and let NTP keep it", written.UTC().Format(time.DateTime))
	}
	return good("%s UTC", now.UTC().Format(time.DateTime))
}

func checkZone(_ context.Context, p *patient) finding {
	zone := p.conf.TimeZone
	if _, offset := p.now.In(zone).Zone(); zone == time.Local && offset == 0 && p.call.getenv("TZ") == "" {
		return doubts("time_zone is Local, and this machine's is UTC: set time_zone to that of the help desk, such as Europe/Oslo, because times on the wire carry no offset")
	}
	return good("%s, now %s", zone, p.now.In(zone).Format("15:04"))
}

// backupMarker is a file in the data directory whose time is that of the last
// backup: the command backup touches it, and so may whoever makes backups in
// another way.
const (
	backupMarker = "last-backup"
	oldBackup    = 48 * time.Hour
)

func checkBackup(_ context.Context, p *patient) finding {
	marker := filepath.Join(p.conf.Data, backupMarker)
	info, err := os.Stat(marker)
	if errors.Is(err, fs.ErrNotExist) {
		return good("not known: touch %s after each backup to have its age watched", marker)
	}
	if err != nil {
		return fails("%v: run doctor as the user the server runs as", err)
	}
	age := p.now.Sub(info.ModTime())
	if age > oldBackup {
		return doubts("the last one is %d days old: run \"skranke backup\", and see why nothing has", int(age.Hours()/24))
	}
	return good("%s ago", age.Round(time.Minute))
}

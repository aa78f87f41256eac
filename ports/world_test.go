package ports_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"skranke"
	"skranke/desk"
	"skranke/ports"
	"skranke/soap"
	"skranke/store"
	"skranke/store/storetest"
)

// The passwords of everybody in the world, with their hashes.
const (
	customerPassword = "Sesam-öffne dich "
	customerHash     = "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$sWBEtXDU+zpxVU2xCQdDkFJ8Waijf8TE5IPce29B2NM"
	userPassword     = "Nøkkel 7"
	userHash         = "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$Q4AU5Ajn+R25CFas9wRyxo/CVDorMC9MJMyMElv3mCM"
)

// clock is the time, under the test's control.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// logged is what the server wrote to its log.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// world is a whole server over a database full of people and tickets.
type world struct {
	t        testing.TB
	style    soap.Style
	dir      string
	database string // "" for SQLite
	opts     desk.Options
	clock    *clock
	log      *logged
	db       *store.DB
	desk     *desk.Desk
	http     *httptest.Server
	from     string // X-Forwarded-For; "" calls from 127.0.0.1
}

// morning is when everything begins; in Oslo the clock shows an hour more.
var morning = time.Date(2021, 1, 25, 12, 5, 9, 0, time.UTC)

func oslo(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func newWorld(t testing.TB, change ...func(*desk.Options)) *world {
	t.Helper()
	return newWorldOf(t, populate, change...)
}

// newWorldOf is a server over a database of its own making.
func newWorldOf(t testing.TB, populate func(context.Context, *store.WriteTx) error, change ...func(*desk.Options)) *world {
	t.Helper()
	w := &world{t: t, style: soap.RPC, dir: t.TempDir(), database: storetest.Database(t), clock: &clock{at: morning}, log: new(logged)}
	w.opts = desk.Options{
		Now:          w.clock.now,
		PasswordCost: desk.PasswordCost{MemoryKiB: 64, Passes: 1},
		Zone:         oslo(t),
		Log:          slog.New(slog.NewTextHandler(w.log, nil)),
		Brake:        desk.Brake{PerAddress: -1},
	}
	for _, c := range change {
		c(&w.opts)
	}
	w.openStore()
	w.write(func(ctx context.Context, tx *store.WriteTx) error { return populate(ctx, tx) })
	w.openDesk()
	t.Cleanup(w.close)
	return w
}

// inBothStyles runs the test as an RPC/encoded and as a document/literal client.
func inBothStyles(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	for _, style := range []soap.Style{soap.RPC, soap.Document} {
		t.Run(style.String(), func(t *testing.T) {
			w := newWorld(t)
			w.style = style
			test(t, w)
		})
	}
}

func (w *world) openStore() {
	w.t.Helper()
	db, err := store.Open(context.Background(), store.Options{Dir: w.dir, Database: w.database, Memory: 32 << 20, Now: w.clock.now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.db = db
}

func (w *world) openDesk() {
	w.t.Helper()
	d, err := desk.New(context.Background(), w.db, w.opts)
	if err != nil {
		w.t.Fatal(err)
	}
	w.desk = d
	w.http = httptest.NewServer(soap.NewHandler(soap.Options{
		Ports:          ports.New(d, w.opts.Zone, w.opts.Log).All(),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Allow: func(_ context.Context, port string, addr netip.Addr) bool {
			return d.Allowed(skranke.Port(port), addr)
		},
		Log: w.opts.Log,
	}))
}

func (w *world) close() {
	w.http.Close()
	if err := w.desk.Close(context.Background()); err != nil {
		w.t.Errorf("closing the desk: %v", err)
	}
	if err := w.db.Close(); err != nil {
		w.t.Errorf("closing the database: %v", err)
	}
}

// restart stops the server as an operator does and starts it again.
func (w *world) restart() {
	w.t.Helper()
	w.close()
	w.openStore()
	w.openDesk()
}

// restartDesk starts a new server over the open database; the old one is gone.
func (w *world) restartDesk() {
	w.t.Helper()
	w.http.Close()
	w.openDesk()
}

// holdsNoText reports texts that stand in any file of the database.
func (w *world) holdsNoText(texts ...string) {
	w.t.Helper()
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, text := range texts {
			if bytes.Contains(content, []byte(text)) {
				w.t.Errorf("%s holds %q", d.Name(), text)
			}
		}
		return err
	})
	if err != nil {
		w.t.Error(err)
	}
}

func (w *world) write(fn func(context.Context, *store.WriteTx) error) {
	w.t.Helper()
	ctx := context.Background()
	if err := w.db.Write(ctx, func(tx *store.WriteTx) error { return fn(ctx, tx) }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(fn func(context.Context, *store.ReadTx) error) {
	w.t.Helper()
	ctx := context.Background()
	if err := w.db.Read(ctx, func(tx *store.ReadTx) error { return fn(ctx, tx) }); err != nil {
		w.t.Fatal(err)
	}
}

// call sends a call of a documented method, arguments in documented order.
func (w *world) call(port, name string, args ...any) answer {
	w.t.Helper()
	return w.post(port, name, request(w.t, w.style, port, name, args))
}

func (w *world) customer(name string, args ...any) answer {
	w.t.Helper()
	return w.call("customer", name, args...)
}

func (w *world) agent(name string, args ...any) answer {
	w.t.Helper()
	return w.call("ticket", name, args...)
}

func (w *world) post(port, name string, body []byte) answer {
	w.t.Helper()
	r, err := http.NewRequest(http.MethodPost, w.http.URL+"/scripts/SOAP?action="+port, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.Header.Set("SOAPAction", `""`)
	if w.from != "" {
		r.Header.Set("X-Forwarded-For", w.from)
	}
	res, err := w.http.Client().Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	return readAnswer(w.t, port+"."+name, res)
}

// logIn returns a session key of a customer.
func (w *world) logIn(userName string) string {
	w.t.Helper()
	return w.customer("login", userName, customerPassword).must().text("sessionKey")
}

// logInUser returns a session key of a user.
func (w *world) logInUser(loginName string) string {
	w.t.Helper()
	return w.agent("login", loginName, userPassword).must().text("sessionKey")
}

// lastError is what getErrorMessage says.
func (w *world) lastError(key string) string {
	w.t.Helper()
	return w.customer("getErrorMessage", key).text("errorMessage")
}

func (w *world) ticket(id skranke.TicketID) *skranke.Ticket {
	w.t.Helper()
	var found *skranke.Ticket
	w.read(func(ctx context.Context, tx *store.ReadTx) (err error) {
		found, err = tx.Ticket(ctx, id)
		return err
	})
	return found
}

func (w *world) message(id skranke.MessageID) *skranke.Message {
	w.t.Helper()
	var found *skranke.Message
	w.read(func(ctx context.Context, tx *store.ReadTx) (err error) {
		found, err = tx.Message(ctx, id)
		return err
	})
	return found
}

func (w *world) updateTicket(id skranke.TicketID, change func(*skranke.Ticket)) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		t, err := tx.Ticket(ctx, id)
		if err != nil {
			return err
		}
		change(t)
		return tx.UpdateTicket(ctx, t)
	})
}

func (w *world) updateCustomer(id skranke.CustomerID, change func(*skranke.Customer)) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		c, err := tx.Customer(ctx, id)
		if err != nil {
			return err
		}
		change(c)
		return tx.UpdateCustomer(ctx, c)
	})
}

func (w *world) updateUser(id skranke.UserID, change func(*skranke.User)) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.WriteTx) error {
		u, err := tx.User(ctx, id)
		if err != nil {
			return err
		}
		change(u)
		return tx.UpdateUser(ctx, u)
	})
}

// sessions counts the sessions of customers.
func (w *world) sessions() int {
	w.t.Helper()
	count, stop := 0, errors.New("only counting")
	err := w.db.Write(context.Background(), func(tx *store.WriteTx) error {
		count = 0
		for id := kari; id <= gro; id++ {
			n, err := tx.DeleteSessionsOf(context.Background(), id, 0)
			if err != nil {
				return err
			}
			count += n
		}
		return stop // and so nothing is deleted
	})
	if !errors.Is(err, stop) {
		w.t.Fatal(err)
	}
	return count
}

// Actions of the log that are about sessions.
const (
	logIn       = 20012
	logOut      = 20013
	failedLogIn = 20014
)

// dump is everything in the database that a refused call may not change, and
// nothing else: sessions and counted failures are left out.
func (w *world) dump() string {
	w.t.Helper()
	var b strings.Builder
	w.read(func(ctx context.Context, tx *store.ReadTx) error {
		err := tx.EachTicket(ctx, func(t *skranke.Ticket) error {
			_, err := fmt.Fprintf(&b, "%+v\n", *t)
			return err
		})
		if err != nil {
			return err
		}
		err = tx.EachLog(ctx, store.LogFilter{}, func(e *store.LogEntry) error {
			switch e.Action {
			case logIn, logOut, failedLogIn:
				return nil
			}
			_, err := fmt.Fprintf(&b, "%+v\n", *e)
			return err
		})
		if err != nil {
			return err
		}
		err = tx.EachMessage(ctx, func(m *skranke.Message) error {
			_, err := fmt.Fprintf(&b, "%+v\n", *m)
			return err
		})
		if err != nil {
			return err
		}
		err = tx.EachCustomer(ctx, func(c *skranke.Customer) error {
			_, err := fmt.Fprintf(&b, "%+v\n", *c)
			return err
		})
		if err != nil {
			return err
		}
		err = tx.EachCategory(ctx, func(c *skranke.Category) error {
			_, err := fmt.Fprintf(&b, "%+v\n", *c)
			return err
		})
		if err != nil {
			return err
		}
		err = tx.EachUser(ctx, func(u *skranke.User) error {
			waiting, err := tx.Notifications(ctx, u.ID)
			fmt.Fprintf(&b, "%+v %+v\n", *u, waiting)
			return err
		})
		if err != nil {
			return err
		}
		jobs, err := tx.Outbox(ctx)
		fmt.Fprintf(&b, "%+v\n", jobs)
		return err
	})
	return b.String()
}

// unchanged runs fn and reports any change it makes to the database.
func (w *world) unchanged(fn func()) {
	w.t.Helper()
	before := w.dump()
	fn()
	if after := w.dump(); after != before {
		w.t.Errorf("the database was changed:\n%s", firstDifference(before, after))
	}
}

func firstDifference(a, b string) string {
	before, after := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(before), len(after)) {
		if before[i] != after[i] {
			return "- " + before[i] + "\n+ " + after[i]
		}
	}
	return fmt.Sprintf("%d lines became %d", len(before), len(after))
}

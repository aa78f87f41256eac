// Package server puts the rooms together: an installation opened from its
// settings, its ports behind HTTP, and a clean stop. It holds no rule and reads
// no command line. Start with Open.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"skranke"
	"skranke/brisk"
	"skranke/config"
	"skranke/desk"
	"skranke/mailbox"
	"skranke/ports"
	"skranke/script"
	"skranke/soap"
	"skranke/store"
	"skranke/watch"
)

// Options are what an installation is opened with. Only Config is needed.
type Options struct {
	Config       config.Config
	Log          *slog.Logger     // nil is silent
	Now          func() time.Time // nil is time.Now
	PasswordCost desk.PasswordCost
	Version      string                 // of the program, for traces
	Observe      func(soap.Observation) // is told of each call; may be nil
}

// Server is an open installation.
type Server struct {
	Desk *desk.Desk
	Mail *mailbox.Sender

	db      *store.DB
	conf    config.Config
	log     *slog.Logger
	calls   http.Handler // the ports
	ports   []*soap.Port
	ready   readiness
	meter   *watch.Meter
	spans   *watch.Spans // nil if no traces are sent
	told    func(soap.Observation)
	verbose bool // the log takes a line for each call

	connections *connections
	strangers   strangers

	attachments attachmentFigures
}

// Open opens the installation in the data directory of the settings, makes it
// if it is missing and brings it up to date. It returns store.ErrNewerSchema if
// a newer skranke has done so, store.ErrDamaged if there is no database in the
// file. Close must follow.
func Open(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Log = slog.New(callLog{o.Log.Handler()})
	db, err := store.Open(ctx, store.Options{
		Dir: o.Config.Data, Database: o.Config.Database, Bucket: Bucket(o.Config), Memory: o.Config.MemoryBytes(), Log: o.Log, Now: o.Now,
	})
	if err != nil {
		return nil, explain(err, o.Config.Data)
	}
	d, err := desk.New(ctx, db, deskOptions(o))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	mail, err := mailOptions(o)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	spans := Traces(o.Config, o.Version, o.Log)
	var newTrace func() string
	if spans != nil {
		newTrace, mail.Observe = spans.NewTrace, mailObserver(spans)
	}
	s := &Server{Desk: d, Mail: mailbox.New(d, mail), db: db, conf: o.Config, log: o.Log, ports: Ports(d, o.Config, o.Log)}
	s.meter, s.told, s.verbose = watch.NewMeter(s.ports), o.Observe, o.Log.Enabled(ctx, slog.LevelDebug)
	s.connections = newConnections(o.Config.MaxConnections, o.Config.MaxConnectionsPerAddress,
		slices.Concat(o.Config.UnlimitedFrom, o.Config.TrustedProxies), s.meter.Closed)
	s.spans = spans
	s.ready.probe = s.probe
	s.calls = soap.NewHandler(soap.Options{
		Ports:          s.ports,
		Prefix:         o.Config.PathPrefix,
		PublicURL:      o.Config.PublicURL,
		TrustedProxies: o.Config.TrustedProxies,
		Allow: func(_ context.Context, port string, addr netip.Addr) bool {
			return d.Allowed(skranke.Port(port), addr)
		},
		Adopted:   NewAdopted(o.Config.Data, o.Log).find,
		Limits:    limits(o.Config),
		Unlimited: o.Config.UnlimitedFrom,
		Guess:     isGuess,
		SpoolDir:  db.Blobs().SpoolDir(),
		Log:       o.Log,
		NewTrace:  newTrace,
		Observe:   s.observe,
	})
	return s, nil
}

// Look opens the rules over a database that is open for reading, for who looks
// at an installation and changes nothing. The database has to be up to date.
func Look(ctx context.Context, db *store.DB, o Options) (*desk.Desk, error) {
	return desk.New(ctx, db, deskOptions(o))
}

// Ports declares the ports of a desk.
func Ports(d *desk.Desk, conf config.Config, log *slog.Logger) []*soap.Port {
	return ports.New(d, conf.TimeZone, log).All()
}

// Bucket is where the contents of attachments are kept, the zero value if that
// is the data directory.
func Bucket(c config.Config) store.Bucket {
	return store.Bucket{
		URL: c.Attachments, Endpoint: c.BucketEndpoint, Region: c.BucketRegion, Addressing: c.BucketAddressing,
		CredentialsFile: c.BucketCredentialsFile,
	}
}

func explain(err error, dir string) error {
	switch {
	case errors.Is(err, store.ErrNewerSchema):
		return fmt.Errorf("the data in %s cannot be used: %w; install that version again, or use a copy of the data from before it", dir, err)
	case errors.Is(err, store.ErrDamaged):
		return fmt.Errorf(`the data in %s cannot be used: %w; restore a backup into an empty directory ("skranke restore"), or name another directory with -data DIR`, dir, err)
	}
	return fmt.Errorf("opening the data in %s: %w", dir, err)
}

// baseURL is where clients find the server, "" if nobody has said.
func baseURL(c config.Config) string {
	if c.PublicURL == "" {
		return ""
	}
	return c.PublicURL + c.PathPrefix
}

func deskOptions(o Options) desk.Options {
	c := o.Config
	if o.PasswordCost.Waiting == 0 { // half of the calls are for others
		o.PasswordCost.Waiting = max(1, min(32, c.MaxCalls/2))
	}
	idle := c.UserIdle()
	if idle == 0 {
		idle = -1 // the desk's word for never
	}
	options := desk.Options{
		BaseURL:     baseURL(c),
		SessionIdle: c.SessionIdle,
		UserIdle:    idle,
		Brake: desk.Brake{
			PerName:                 c.LoginFailuresPerName,
			PerAddress:              c.LoginFailuresPerAddress,
			VotesPerAddress:         c.VotesPerAddress,
			RegistrationsPerAddress: c.RegistrationsPerAddress,
			UploadsPerAddress:       c.UploadsPerAddress,
			Window:                  c.LoginFailureWindow,
		},
		Password: desk.PasswordPolicy{
			MinLength: c.PasswordMinLength,
			Digit:     c.PasswordNeedsDigit,
			Lower:     c.PasswordNeedsLower,
			Upper:     c.PasswordNeedsUpper,
			Specials:  c.PasswordNeedsSpecial,
		},
		MaxAttachment: c.MaxAttachmentBytes(),
		Log:           o.Log,
		Now:           o.Now,
		PasswordCost:  o.PasswordCost,
		Zone:          c.TimeZone,
		Mailing:       c.Mailing(),
		MailRetryFor:  c.MailRetryFor,
		NoticeLife:    c.NotificationKeep,
		SearchTime:    c.SearchTime,
	}
	if c.ScriptTimeout > 0 {
		if engine := script.New(script.Limits{Time: c.ScriptTimeout}); engine != nil {
			options.Scripts = scripts{engine}
		}
	}
	return options
}

func mailOptions(o Options) (mailbox.Options, error) {
	c := o.Config
	mail := mailbox.Options{
		From:     c.MailFrom,
		Security: mailbox.Security(c.SMTPSecurity),
		User:     c.SMTPUser,
		Folder:   c.MailFolder,
		Zone:     c.TimeZone,
		Log:      o.Log,
	}
	if c.SMTPHost == "" {
		return mail, nil
	}
	mail.Addr = c.SMTPAddress()
	var err error
	mail.Password, err = c.SMTPSecret()
	return mail, err
}

// Handler answers everything the server answers.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serveHTTP) }

// Ports lists the ports the server answers on.
func (s *Server) Ports() []*soap.Port { return s.ports }

// SpoolDir is a folder for files that are needed for a while.
func (s *Server) SpoolDir() string { return s.db.Blobs().SpoolDir() }

// Close ends the installation's work, after everything gathered was written.
// Nobody may use it meanwhile or afterwards.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	return errors.Join(s.Desk.Close(ctx), s.db.Close())
}

// workingMemory is what the process should get along with beside what
// memory_mib allows.
const workingMemory = 160 << 20

// closing is how long the last write may take.
const closing = 30 * time.Second

// What a connection may take before it has made a call; what the call itself
// may take is the business of package soap.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = headerTimeout + 5*time.Second // of what is answered unread; package soap looks after bodies it reads
	idleTimeout   = 2 * time.Minute
	writeTimeout  = 30 * time.Minute // until an answer begins; then package soap looks after it
	maxHeader     = 64 << 10
)

// announcing is how long the first call waits for other processes to hear of this one.
const announcing = 5 * time.Second

// announce tells other processes on the database of this one. If that cannot be
// done now, the desk goes on trying.
func (s *Server) announce(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, announcing)
	defer cancel()
	if err := s.Desk.Announce(ctx); err != nil {
		s.log.WarnContext(ctx, "starting all the same", "error", err)
	}
}

// Serve answers calls on ln until ctx ends. Then it takes no more calls, lets
// those that have begun end, for at most the configured time, and returns. What
// was answered is on disk after Close. Serve closes ln.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	// Calls outlive the signal that stops the server.
	calls := context.WithoutCancel(ctx)
	defer s.runTraces(calls)() // after the work has ended, which it tells of
	s.announce(calls)
	work, stopWork := context.WithCancel(calls)
	var working sync.WaitGroup
	working.Go(func() { s.Desk.Run(work) })
	working.Go(func() { s.Desk.RunSchedule(work) })
	working.Go(func() { s.Mail.Run(work) })
	defer working.Wait()
	defer stopWork()

	// Calls leave garbage of which little lives: to collect it seldom costs a few
	// megabytes and spares processor time. GOGC in the environment has its way.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	// Opening has left some as well, above all what hashing the first password took.
	debug.FreeOSMemory()
	// Under load what is alive is not little: then garbage goes sooner. The limit
	// is no bound for what is alive; that has bounds of its own.
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(workingMemory + s.conf.MemoryBytes())
	}
	web := brisk.New(&http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		IdleTimeout:       idleTimeout,
		WriteTimeout:      writeTimeout,
		ConnState:         s.connections.changed,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return calls },
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	})
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(patient{ln}) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving on %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	s.ready.stopping.Store(true)
	if s.conf.ShutdownDelay > 0 {
		s.log.InfoContext(calls, "not ready any more, stopping soon", "in", s.conf.ShutdownDelay)
		time.Sleep(s.conf.ShutdownDelay)
	}
	s.log.InfoContext(calls, "stopping", "patience", s.conf.ShutdownTimeout)
	patience, cancel := context.WithTimeout(calls, s.conf.ShutdownTimeout)
	defer cancel()
	if err := web.Shutdown(patience); err != nil {
		s.log.WarnContext(calls, "calls were cut off: they took longer than shutdown_timeout")
		web.Close()
	}
	<-ended
	return nil
}

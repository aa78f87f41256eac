package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

const (
	// pgPatience is how long calls wait for a server that cannot be reached,
	// counted from when that was noticed. Later one of them tries, at most once in
	// pgPause, and the others are told at once.
	pgPatience = 10 * time.Second
	pgPause    = 500 * time.Millisecond

	// pgDialTimeout is how long a try of one host takes at most.
	pgDialTimeout = 5 * time.Second

	// pgSilence is after how long without an answer it is looked whether the
	// server is still there: one that is frozen keeps its connections.
	pgSilence = 5 * time.Second

	// pgCommitTime is how long a commit is waited for. One that waits for a standby
	// that is away would be waited for without end.
	pgCommitTime = 20 * time.Second

	// pgSetup makes a session one of ours. Other processes that write are waited
	// for as long as SQLite does. Results come in the order they are written in,
	// which parallel plans do not keep. A peer that has vanished lets go of the
	// lock of writers soon. What is acknowledged is on disk.
	pgSetup = `SET lock_timeout = '5s';
		SET max_parallel_workers_per_gather = 0;
		SET tcp_keepalives_idle = 10;
		SET tcp_keepalives_interval = 5;
		SET tcp_keepalives_count = 3;
		SET client_min_messages = warning;
		SET timezone = 'UTC';`
	pgSetupWriter = `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';`
)

// pgServer is where sessions come from: one host, or several of which one takes
// writes.
type pgServer struct {
	hosts []*pgconn.Config // each by itself

	patience, silence, commitTime time.Duration // pgPatience, pgSilence, pgCommitTime

	writes atomic.Bool // so that servers which take no writes are of no use, also to read from

	mu        sync.Mutex
	last      int               // the host that was connected to last
	timelines map[string]string // of each cluster that was met: the newest one
	downSince time.Time         // when none could be reached first; zero if one can
	tried     time.Time         // when that was found again
	trying    bool              // somebody finds out
	why       error             // what he found
	era       atomic.Int64      // sessions of an earlier one are not used
}

func newPgServer(url string) (*pgServer, error) {
	if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		return nil, errors.New("opening database: its URL must begin with postgres://")
	}
	config, err := pgconn.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("opening database: %w", err)
	}
	if config.ConnectTimeout == 0 || config.ConnectTimeout > pgDialTimeout {
		config.ConnectTimeout = pgDialTimeout
	}
	if config.ValidateConnect == nil { // a replica would answer with what was once
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "skranke"
	}
	dialer := &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3},
		Control:         boundUnanswered,
	}
	config.DialFunc = dialer.DialContext
	return &pgServer{
		hosts: hostsOf(config), patience: pgPatience, silence: pgSilence, commitTime: pgCommitTime, timelines: map[string]string{},
	}, nil
}

// hostsOf takes a configuration of several hosts apart. Ways to speak to the
// same host stay together.
func hostsOf(config *pgconn.Config) (hosts []*pgconn.Config) {
	ways := append([]*pgconn.FallbackConfig{{Host: config.Host, Port: config.Port, TLSConfig: config.TLSConfig}}, config.Fallbacks...)
	for _, way := range ways {
		if n := len(hosts); n > 0 && hosts[n-1].Host == way.Host && hosts[n-1].Port == way.Port {
			hosts[n-1].Fallbacks = append(hosts[n-1].Fallbacks, way)
			continue
		}
		one := config.Copy()
		one.Host, one.Port, one.TLSConfig, one.Fallbacks = way.Host, way.Port, way.TLSConfig, nil
		hosts = append(hosts, one)
	}
	return hosts
}

// dial opens a session, and waits for a server that is starting or moving.
func (s *pgServer) dial(ctx context.Context, writer bool) (*pgSession, error) {
	if writer {
		s.writes.Store(true)
	}
	for {
		if err := s.enter(); err != nil {
			return nil, err
		}
		session, err := s.try(ctx, writer)
		waited := s.leave(ctx, err)
		if err == nil {
			return session, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !errors.Is(err, errLost) {
			return nil, fmt.Errorf("connecting to the database: %w", err)
		}
		if waited > s.patience {
			return nil, fmt.Errorf("%w: %w", errAway, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// enter says no to who need not try, as others do.
func (s *pgServer) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.downSince.IsZero() || time.Since(s.downSince) <= s.patience {
		return nil
	}
	if s.trying || time.Since(s.tried) < pgPause {
		return fmt.Errorf("%w: %w", errAway, s.why)
	}
	s.trying = true
	return nil
}

// leave notes how a try went, and says for how long no server could be reached.
func (s *pgServer) leave(ctx context.Context, err error) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trying = false
	switch {
	case err == nil || !errors.Is(err, errLost):
		s.downSince = time.Time{}
		return 0
	case ctx.Err() != nil: // that says nothing of the server
		return 0
	case s.downSince.IsZero():
		s.downSince = time.Now()
	}
	s.tried, s.why = time.Now(), err
	return time.Since(s.downSince)
}

// try opens a session on the host that was connected to last, else on the next
// one that can be had. At first it looks at all of them: of two that take
// writes, the one that was promoted later is the primary.
func (s *pgServer) try(ctx context.Context, writer bool) (*pgSession, error) {
	s.mu.Lock()
	first, met := s.last, len(s.timelines) > 0
	s.mu.Unlock()
	var best *pgSession
	var failures []error
	lost := false
	for i := range s.hosts {
		session, err := s.open(ctx, (first+i)%len(s.hosts), writer)
		if err != nil {
			failures = append(failures, err)
			lost = lost || mayPass(err)
			continue
		}
		if best != nil && (best.cluster != session.cluster || best.timeline >= session.timeline) {
			session.close()
			continue
		}
		if best != nil {
			best.close()
		}
		if best = session; met {
			break
		}
	}
	if best == nil {
		err := errors.Join(failures...)
		if lost {
			err = fmt.Errorf("%w: %v", errLost, err)
		}
		return nil, err
	}
	if err := s.meet(best); err != nil {
		best.close()
		return nil, err
	}
	return best, nil
}

// mayPass says whether what is refused now may be had later.
func mayPass(err error) bool {
	var refused *pgconn.PgError
	return !errors.As(err, &refused) || lostCode(refused.Code) || refused.Code == "53300" // of too many, some will go
}

// open opens a session on a host.
func (s *pgServer) open(ctx context.Context, host int, writer bool) (*pgSession, error) {
	pg, err := pgconn.ConnectConfig(ctx, s.hosts[host])
	if err != nil {
		return nil, err
	}
	session := &pgSession{server: s, host: host, writer: writer, pg: pg, front: pg.Frontend(), status: 'I', stmts: map[string]*pgStmt{}}
	bounded, cancel := context.WithTimeout(ctx, pgDialTimeout)
	defer cancel()
	if s.writes.Load() { // whatever the URL says
		if err := pgconn.ValidateConnectTargetSessionAttrsReadWrite(bounded, pg); err != nil {
			session.close()
			return nil, err
		}
	}
	if session.cluster, session.timeline, err = timeline(bounded, pg); err != nil {
		session.close()
		return nil, err
	}
	if s.isPast(session) {
		session.close()
		return nil, errPast
	}
	setup := pgSetup
	if writer {
		setup += pgSetupWriter
	}
	if err := session.simple(bounded, setup); err != nil {
		session.close()
		return nil, err
	}
	return session, nil
}

// errPast refuses a server that was the primary before another one was promoted,
// and does not know of that.
var errPast = errors.New("the server takes writes, but another one was promoted after it")

// timeline says which cluster a server belongs to and how often, in hexadecimal
// digits, a standby of it was promoted. Servers that are no standby and hide it
// are all the same.
func timeline(ctx context.Context, pg *pgconn.PgConn) (cluster, timeline string, err error) {
	results, err := pg.Exec(ctx, `SELECT system_identifier, CASE WHEN NOT pg_is_in_recovery()
		THEN substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END FROM pg_control_system()`).ReadAll()
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	return string(results[0].Rows[0][0]), string(results[0].Rows[0][1]), nil
}

// isPast says whether a later primary than the session's was met.
func (s *pgServer) isPast(session *pgSession) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return session.timeline < s.timelines[session.cluster]
}

// meet makes the session's server the one to go to. If it was promoted since the
// last look, all earlier sessions are of the past.
func (s *pgServer) meet(session *pgSession) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, met := s.timelines[session.cluster]
	if session.timeline < known {
		return fmt.Errorf("%w: %w", errLost, errPast)
	}
	if !met || session.timeline > known {
		s.timelines[session.cluster] = session.timeline
		s.era.Add(1)
	}
	s.last, session.era = session.host, s.era.Load()
	return nil
}

// abandon has the session's host tried after all others, and no session with it
// used any more.
func (s *pgServer) abandon(session *pgSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session.era == s.era.Load() {
		s.era.Add(1)
		s.last = (session.host + 1) % len(s.hosts)
	}
}

// pgSession is one session with a server, which may break.
type pgSession struct {
	server            *pgServer
	host              int    // which of the server's
	writer            bool   // it is to write
	cluster, timeline string // what the server was when it was connected to
	era               int64

	pg     *pgconn.PgConn
	front  *pgproto3.Frontend
	status byte // of the transaction: I there is none, T it is open, E it has failed
	broken bool // nothing more can be asked
	heard  bool // a statement was answered, or should have been
	stmts  map[string]*pgStmt
	named  int    // how many statements had a name so far
	params []byte // room for the values of a statement
	values [][]byte

	mu    sync.Mutex
	asked int // counts questions and their answers
}

// pgStmt is a prepared statement.
type pgStmt struct {
	name    string
	sent    bool // the server was told of it
	ready   bool // the server knows it
	params  []uint32
	columns []uint32
}

// pgStep is a statement to be run.
type pgStep struct {
	sql    string
	args   []arg
	cursor *pgCursor // takes what comes back; nil if nobody asks
	limit  uint32    // rows to send at first, 0 for all
	fetch  bool      // more rows of the cursor's statement, which is running already

	stmt  *pgStmt
	parse bool
}

// usable says whether something new may be begun.
func (s *pgSession) usable() bool { return s != nil && !s.broken && s.era == s.server.era.Load() }

func (s *pgSession) failed() bool { return s == nil || s.status == 'E' }

func (s *pgSession) close() {
	s.broken = true
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s.pg.Close(ctx) // who has gone needs no farewell
}

// lose says that the session is of no more use, and why.
func (s *pgSession) lose(ctx context.Context, err error) error {
	s.broken = true
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %v", errLost, err)
}

// watch lets the end of ctx end the wait for an answer: the server is asked to
// stop, and the session is given up. stop must be called when the answer is there.
func (s *pgSession) watch(ctx context.Context) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	cancelled := make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		defer close(cancelled)
		s.pg.Conn().SetDeadline(time.Unix(1, 0))
		short, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.pg.CancelRequest(short) // the server may not know it is not needed any more
	})
	return func() {
		if !unwatch() {
			<-cancelled
			s.broken = true
		}
	}
}

// vigil looks after a server that does not answer for long, and gives the session
// up if it does not answer others either. stop must be called when the answer is
// there.
func (s *pgSession) vigil() (stop func()) {
	s.mu.Lock()
	s.asked++
	asked := s.asked
	s.mu.Unlock()
	alarm := time.AfterFunc(s.server.silence, func() { s.look(asked) })
	return func() {
		alarm.Stop()
		s.mu.Lock()
		s.asked++
		s.mu.Unlock()
	}
}

func (s *pgSession) look(asked int) {
	over := func() bool { return s.asked != asked }
	s.mu.Lock()
	answered := over()
	s.mu.Unlock()
	if answered {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), pgDialTimeout)
	defer cancel()
	pg, err := pgconn.ConnectConfig(ctx, s.server.hosts[s.host])
	if err == nil {
		pg.Close(ctx)
	}
	var refused *pgconn.PgError
	silent := err != nil && !errors.As(err, &refused) && !errors.Is(err, pgconn.ErrReadOnlyConnection)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case over():
	case silent:
		s.server.abandon(s)
		s.pg.Conn().SetDeadline(time.Unix(1, 0))
	default:
		time.AfterFunc(s.server.silence, func() { s.look(asked) })
	}
}

// run sends the steps at once and reads the answers to all of them. The error is
// that of the first step that failed; those after it are not run.
func (s *pgSession) run(ctx context.Context, steps []pgStep) error {
	stop := s.watch(ctx)
	defer stop()
	defer s.vigil()()
	s.evict()
	for i := range steps {
		if err := s.send(&steps[i]); err != nil {
			s.broken = true // half a message may be waiting
			return err
		}
	}
	s.front.SendSync(&pgproto3.Sync{})
	if err := s.front.Flush(); err != nil {
		return s.lose(ctx, err)
	}
	return s.receive(ctx, steps)
}

// evict makes room for another statement. Any one will do.
func (s *pgSession) evict() {
	for sql, stmt := range s.stmts {
		if len(s.stmts) < maxStatements {
			return
		}
		if stmt.ready {
			s.front.SendClose(&pgproto3.Close{ObjectType: 'S', Name: stmt.name})
		}
		delete(s.stmts, sql)
	}
}

func (s *pgSession) send(step *pgStep) error {
	portal := ""
	if step.cursor != nil && step.limit > 0 {
		portal = step.cursor.portal
	}
	if step.fetch {
		s.front.SendExecute(&pgproto3.Execute{Portal: portal, MaxRows: step.limit})
		return nil
	}
	step.stmt = s.stmts[step.sql]
	if step.stmt == nil {
		s.named++
		step.stmt = &pgStmt{name: fmt.Sprintf("s%d", s.named)}
		s.stmts[step.sql] = step.stmt
	}
	if !step.stmt.sent { // an earlier one of these steps may be the same
		step.parse, step.stmt.sent = true, true
		step.stmt.params = make([]uint32, len(step.args))
		for i := range step.args {
			step.stmt.params[i] = oidOf[step.args[i].kind]
		}
		s.front.SendParse(&pgproto3.Parse{Name: step.stmt.name, Query: step.sql, ParameterOIDs: step.stmt.params})
		s.front.SendDescribe(&pgproto3.Describe{ObjectType: 'S', Name: step.stmt.name})
	}
	if len(step.args) != len(step.stmt.params) {
		return fmt.Errorf("%d values for %d parameters, in %.300q", len(step.args), len(step.stmt.params), step.sql)
	}
	if portal != "" { // one of an earlier result may still be there
		s.front.SendClose(&pgproto3.Close{ObjectType: 'P', Name: portal})
	}
	if err := s.encode(step.args, step.stmt.params); err != nil {
		return fmt.Errorf("%w, in %.300q", err, step.sql)
	}
	s.front.SendBind(&pgproto3.Bind{
		DestinationPortal: portal, PreparedStatement: step.stmt.name,
		ParameterFormatCodes: binaryFormat, Parameters: s.values, ResultFormatCodes: binaryFormat,
	})
	s.front.SendExecute(&pgproto3.Execute{Portal: portal, MaxRows: step.limit})
	return nil
}

var binaryFormat = []int16{1}

// receive reads until the server is ready for the next statement.
func (s *pgSession) receive(ctx context.Context, steps []pgStep) error {
	var failure error
	at := 0 // the step that is being answered
	for {
		message, err := s.front.Receive()
		if err != nil {
			if failure != nil { // its last words
				err = failure
			}
			return s.lose(ctx, err)
		}
		step := &steps[min(at, len(steps)-1)]
		switch m := message.(type) {
		case *pgproto3.ReadyForQuery:
			s.status = m.TxStatus
			s.forget(steps)
			return failure
		case *pgproto3.ErrorResponse:
			failure = s.fail(m, step.sql)
			if m.Code == pgReadOnly && s.writer { // then it is no place to read from either
				s.server.abandon(s)
			}
			if s.broken || lostCode(m.Code) {
				return s.lose(ctx, failure)
			}
		case *pgproto3.NoticeResponse:
			// Nobody waited for the standby to the end: it may not have what was committed.
			if step.sql == pgCommit && m.SeverityUnlocalized == "WARNING" {
				failure = fmt.Errorf("%w: %s", ErrUnknown, m.Message)
			}
		case *pgproto3.ParseComplete:
			step.stmt.ready = true
		case *pgproto3.ParameterDescription:
			step.stmt.params = append(step.stmt.params[:0], m.ParameterOIDs...)
		case *pgproto3.RowDescription:
			for _, f := range m.Fields {
				if !step.parse {
					break
				}
				step.stmt.columns = append(step.stmt.columns, f.DataTypeOID)
			}
		case *pgproto3.DataRow:
			if step.cursor != nil {
				if !step.fetch { // else they are those of before
					step.cursor.columns = step.stmt.columns
				}
				step.cursor.add(m.Values)
			}
		case *pgproto3.CommandComplete:
			if step.cursor != nil {
				step.cursor.tag, step.cursor.more = string(m.CommandTag), false
			}
			at++
		case *pgproto3.PortalSuspended:
			step.cursor.tag, step.cursor.more = "SELECT", true
			at++
		case *pgproto3.EmptyQueryResponse:
			at++
		}
	}
}

// forget drops the statements the server has refused to prepare.
func (s *pgSession) forget(steps []pgStep) {
	for i := range steps {
		if stmt := steps[i].stmt; stmt != nil && !stmt.ready {
			delete(s.stmts, steps[i].sql)
		}
	}
}

// simple runs several statements without parameters.
func (s *pgSession) simple(ctx context.Context, sql string) error {
	stop := s.watch(ctx)
	defer stop()
	defer s.vigil()()
	s.front.SendQuery(&pgproto3.Query{String: sql})
	if err := s.front.Flush(); err != nil {
		return s.lose(ctx, err)
	}
	return s.receive(ctx, []pgStep{{sql: sql}})
}

// fail turns an error of the server into one of this package, by its code.
func (s *pgSession) fail(m *pgproto3.ErrorResponse, sql string) error {
	err := pgconn.ErrorResponseToPgError(m)
	switch {
	case m.Code == "22012" && strings.HasPrefix(sql, pgExpect[:strings.IndexByte(pgExpect, '%')]):
		return ErrNewerSchema
	case m.Code == "23505":
		return fmt.Errorf("%w: %v", ErrExists, err)
	case m.Code == "23503":
		return fmt.Errorf("%w: %v", ErrReference, err)
	case m.Code == "40001", m.Code == "40P01", m.Code == "55P03":
		return fmt.Errorf("%w: %v", errBusy, err)
	case m.Severity == "FATAL", m.Severity == "PANIC", m.SeverityUnlocalized == "FATAL", m.SeverityUnlocalized == "PANIC":
		s.broken = true
	}
	return fmt.Errorf("%w, in %.300q", err, sql)
}

// pgReadOnly is the code of what is refused where nothing may be written.
const pgReadOnly = "25006"

// lostCode says whether an error of that code means that this session, or this
// server, is of no more use while another one may be.
func lostCode(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03", "57P05", pgReadOnly: // stopped, crashed, starting, idle for too long
		return true
	}
	return strings.HasPrefix(code, "08")
}

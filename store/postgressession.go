package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

const (
	// pgPatience is how long calls wait for a server that cannot be reached,
	// counted from when that was noticed. Later ones try once.
	pgPatience = 10 * time.Second

	// pgDialTimeout is how long one try takes at most.
	pgDialTimeout = 5 * time.Second

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

// pgServer is where sessions come from.
type pgServer struct {
	config   *pgconn.Config
	patience time.Duration

	mu        sync.Mutex
	downSince time.Time // when it could not be reached first; zero if it can
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
	return &pgServer{config: config, patience: pgPatience}, nil
}

// dial opens a session, and waits for a server that is starting or moving.
func (s *pgServer) dial(ctx context.Context, writer bool) (*pgSession, error) {
	for {
		session, err := s.try(ctx, writer)
		if err == nil {
			s.mu.Lock()
			s.downSince = time.Time{}
			s.mu.Unlock()
			return session, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var refused *pgconn.PgError
		if errors.As(err, &refused) && !lostCode(refused.Code) && refused.Code != "53300" { // of too many, some will go
			return nil, fmt.Errorf("connecting to the database: %w", err)
		}
		s.mu.Lock()
		if s.downSince.IsZero() {
			s.downSince = time.Now()
		}
		waited := time.Since(s.downSince)
		s.mu.Unlock()
		if waited > s.patience {
			return nil, fmt.Errorf("%w: connecting: %v", errLost, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (s *pgServer) try(ctx context.Context, writer bool) (*pgSession, error) {
	pg, err := pgconn.ConnectConfig(ctx, s.config)
	if err != nil {
		return nil, err
	}
	session := &pgSession{pg: pg, front: pg.Frontend(), status: 'I', stmts: map[string]*pgStmt{}}
	setup := pgSetup
	if writer {
		setup += pgSetupWriter
	}
	if err := session.simple(ctx, setup); err != nil {
		session.close()
		return nil, err
	}
	return session, nil
}

// pgSession is one session with a server, which may break.
type pgSession struct {
	pg     *pgconn.PgConn
	front  *pgproto3.Frontend
	status byte // of the transaction: I there is none, T it is open, E it has failed
	broken bool // nothing more can be asked
	stmts  map[string]*pgStmt
	named  int    // how many statements had a name so far
	params []byte // room for the values of a statement
	values [][]byte
}

// pgStmt is a prepared statement.
type pgStmt struct {
	name    string
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

// run sends the steps at once and reads the answers to all of them. The error is
// that of the first step that failed; those after it are not run.
func (s *pgSession) run(ctx context.Context, steps []pgStep) error {
	stop := s.watch(ctx)
	defer stop()
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
	if !step.stmt.ready {
		step.parse = true
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
			if s.broken || lostCode(m.Code) {
				return s.lose(ctx, failure)
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

// lostCode says whether an error of that code means that this session, or this
// server, is of no more use while another one may be.
func lostCode(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03", "57P05", "25006": // stopped, crashed, starting, idle for too long; only read from
		return true
	}
	return strings.HasPrefix(code, "08")
}

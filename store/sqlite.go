package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/ext/fts5"
)

var sqlite = dialect{
	name: "SQLite",
	words: strings.NewReplacer(
		"{ID}", "INTEGER PRIMARY KEY AUTOINCREMENT",
		"{KEY}", "INTEGER PRIMARY KEY",
		"{BLOB}", "BLOB",
		"{TEXT}", "TEXT",
		"{CLUSTERED}", "WITHOUT ROWID",
		"{FAQ_INDEX}", sqliteFaqIndex.create,
		"{TITLE_INDEX}", sqliteTitleIndex.create,
		" {UNSET_FIRST}", "", // as it does itself
	),
	byKey:  " NOT INDEXED",
	faq:    sqliteFaqIndex,
	titles: sqliteTitleIndex,
	open:   openSQLite,
	pulse:  newSQLitePulse,
	check:  `PRAGMA integrity_check`,
	// What leads from one table or index to another finds most of it in memory.
	unhurried: `PRAGMA cache_size = -65536`,

	size: `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`,

	tables:    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY rowid`,
	columns:   `SELECT name, type FROM pragma_table_info($1) ORDER BY cid`,
	sequences: `SELECT name, seq FROM sqlite_sequence`,
	stored: `SELECT t.name, c.name, c.type, c.pk FROM pragma_table_list() t, pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.schema = 'main' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY t.name, c.cid`,
	definitions: `SELECT type, name, tbl_name, COALESCE(sql, '') FROM sqlite_schema`,
	row:         `rowid`,
	hex:         `lower(hex(@))`,
	typeOf:      `typeof(@)`,
	sequence:    `sqlite_sequence`,
	setSequence: []string{
		`UPDATE sqlite_sequence SET seq = $1 WHERE name = '@'`,
		`INSERT INTO sqlite_sequence (name, seq) SELECT '@', $1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = '@')`,
	},
}

const (
	// busyTimeout is how long a statement waits for another process.
	busyTimeout = 5 * time.Second

	// maxStatements is how many prepared statements a connection keeps.
	// Searches make new texts all the time; the fixed queries are fewer.
	maxStatements = 200

	// bigText is the size from which on a bound text is let go after use,
	// instead of when the statement is used next.
	bigText = 4096
)

// sqliteConn is a connection to an SQLite file.
type sqliteConn struct {
	db    *sqlite3.Conn
	stmts map[string]*sqliteStmt // by the text of the query
	loose map[*sqliteStmt]bool   // second copies of running statements, closed after use
	busy  int                    // statements in use

	changes *changes // nil unless somebody wants to know them
	frames  int      // length of the write-ahead log after the last commit, in pages
}

// sqliteStmt is a prepared statement and the cursor over its result.
type sqliteStmt struct {
	rows rows
	conn *sqliteConn
	stmt *sqlite3.Stmt
	sql  string
	kept bool // in conn.stmts
	busy bool
	big  bool // a large text is bound
}

// openSQLite opens a connection. While another program makes the same new
// database, SQLite refuses some steps at once instead of waiting; so we wait.
func openSQLite(ctx context.Context, path string, writer bool) (conn, error) {
	for end := time.Now().Add(busyTimeout); ; {
		c, err := connect(ctx, path, writer)
		if err == nil {
			return c, nil
		}
		err = fmt.Errorf("opening %s: %w", path, err)
		if !errors.Is(err, errBusy) || time.Now().After(end) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func connect(ctx context.Context, path string, writer bool) (_ *sqliteConn, err error) {
	db, err := sqlite3.OpenFlags(path, sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE)
	if err != nil {
		return nil, err
	}
	c := &sqliteConn{db: db, stmts: map[string]*sqliteStmt{}, loose: map[*sqliteStmt]bool{}}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	if err := db.BusyTimeout(busyTimeout); err != nil {
		return nil, err
	}
	if err := fts5.Register(db); err != nil {
		return nil, c.fail(err, "registering fts5")
	}
	// Page caches are small: the operating system caches the file as well, and
	// memory a connection has taken it never gives back.
	setup := `PRAGMA journal_mode = wal;
		PRAGMA synchronous = full;
		PRAGMA foreign_keys = on;
		PRAGMA trusted_schema = off;
		PRAGMA cache_size = -2048;
		PRAGMA journal_size_limit = 67108864;`
	if !writer {
		setup += `PRAGMA query_only = on;`
	}
	return c, c.script(ctx, setup)
}

func (c *sqliteConn) begin(ctx context.Context, write bool) error {
	sql := "BEGIN"
	if write {
		sql = "BEGIN IMMEDIATE"
	}
	_, err := c.exec(ctx, sql, nil)
	return err
}

func (c *sqliteConn) expect(ctx context.Context, schema int64) error {
	return (&ReadTx{conn: c, schema: schema}).knowSchema(ctx)
}

// What ends a transaction or a part of it runs to its end even if the caller
// has gone: a transaction left open would hold up everybody.

func (c *sqliteConn) commit() error { return c.finish("COMMIT") }
func (c *sqliteConn) keep() error   { return c.finish("RELEASE part") }

func (c *sqliteConn) mark() error {
	if c.changes != nil {
		c.changes.mark()
	}
	return c.finish("SAVEPOINT part")
}

func (c *sqliteConn) undo() error {
	if c.changes != nil {
		c.changes.undo()
	}
	if err := c.finish("ROLLBACK TO part"); err != nil {
		return err
	}
	return c.keep()
}

func (c *sqliteConn) rollback() error {
	if c.changes != nil {
		c.changes.reset()
	}
	if !c.active() { // an error has rolled back already
		c.release()
		return nil
	}
	return c.finish("ROLLBACK")
}

func (c *sqliteConn) active() bool { return !c.db.GetAutocommit() }

func (c *sqliteConn) finish(sql string) error {
	c.release()
	_, err := c.exec(context.Background(), sql, nil)
	return err
}

// release ends statements a caller did not close.
func (c *sqliteConn) release() {
	if c.busy == 0 {
		return
	}
	for _, s := range c.stmts {
		s.done()
	}
	for s := range c.loose {
		s.done()
	}
}

func (c *sqliteConn) query(ctx context.Context, sql string, args []arg) *rows {
	s, err := c.prepare(ctx, sql, args)
	if err != nil {
		return &rows{err: err}
	}
	s.rows = rows{cur: s}
	return &s.rows
}

func (c *sqliteConn) exec(ctx context.Context, sql string, args []arg) (int64, error) {
	s, err := c.prepare(ctx, sql, args)
	if err != nil {
		return 0, err
	}
	defer s.done()
	if err := s.stmt.Exec(); err != nil {
		return 0, c.fail(err, sql)
	}
	return c.db.Changes(), nil
}

func (c *sqliteConn) script(ctx context.Context, sql string) error {
	c.db.SetInterrupt(ctx)
	if err := c.db.Exec(sql); err != nil {
		return c.fail(err, sql)
	}
	return nil
}

// close ends the connection, whatever state it is in.
func (c *sqliteConn) era() int64 { return 0 }

func (c *sqliteConn) close() error {
	var open []*sqlite3.Stmt
	for s := range c.db.Stmts() {
		open = append(open, s)
	}
	for _, s := range open {
		s.Close()
	}
	clear(c.stmts)
	clear(c.loose)
	return c.db.Close()
}

// prepare readies the statement for a run with the args. A statement that is
// still running further up in the call chain is prepared a second time.
func (c *sqliteConn) prepare(ctx context.Context, sql string, args []arg) (*sqliteStmt, error) {
	c.db.SetInterrupt(ctx)
	s := c.stmts[sql]
	if s == nil || s.busy {
		var err error
		if s, err = c.compile(sql, s == nil); err != nil {
			return nil, err
		}
	}
	s.busy = true
	c.busy++
	for i := range args {
		if err := s.bind(i+1, &args[i]); err != nil {
			s.done()
			return nil, c.fail(err, sql)
		}
	}
	return s, nil
}

func (c *sqliteConn) compile(sql string, keep bool) (*sqliteStmt, error) {
	stmt, tail, err := c.db.Prepare(numbered(sql))
	if err != nil {
		return nil, c.fail(err, sql)
	}
	if stmt == nil || strings.TrimSpace(tail) != "" {
		stmt.Close()
		return nil, fmt.Errorf("not one statement: %q", sql)
	}
	s := &sqliteStmt{conn: c, stmt: stmt, sql: sql, kept: keep}
	if !keep {
		c.loose[s] = true
		return s, nil
	}
	if len(c.stmts) >= maxStatements {
		for key, old := range c.stmts { // any one will do
			if !old.busy {
				old.stmt.Close()
				delete(c.stmts, key)
				break
			}
		}
	}
	c.stmts[sql] = s
	return s, nil
}

// numbered turns the placeholders $1 of PostgreSQL into ?1. SQLite knows $1 as
// well, but as a name: it would number it by first appearance.
func numbered(sql string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(sql); i++ {
		ch := sql[i]
		if ch == '\'' {
			quoted = !quoted
		}
		if ch == '$' && !quoted && i+1 < len(sql) && '0' <= sql[i+1] && sql[i+1] <= '9' {
			ch = '?'
		}
		b.WriteByte(ch)
	}
	return b.String()
}

func (s *sqliteStmt) bind(param int, a *arg) error {
	switch a.kind {
	case argInt, argBool:
		return s.stmt.BindInt64(param, a.n)
	case argFloat:
		return s.stmt.BindFloat(param, a.f)
	case argText:
		s.big = s.big || len(a.s) >= bigText
		return s.stmt.BindText(param, a.s)
	case argBlob:
		s.big = s.big || len(a.s) >= bigText
		return s.stmt.BindBlob(param, []byte(a.s))
	}
	return s.stmt.BindNull(param)
}

func (s *sqliteStmt) step() (bool, error) {
	if s.stmt.Step() {
		return true, nil
	}
	if err := s.stmt.Err(); err != nil {
		return false, s.conn.fail(err, s.sql)
	}
	return false, nil
}

func (s *sqliteStmt) int64(col int) int64   { return s.stmt.ColumnInt64(col) }
func (s *sqliteStmt) float(col int) float64 { return s.stmt.ColumnFloat(col) }
func (s *sqliteStmt) text(col int) string   { return s.stmt.ColumnText(col) }
func (s *sqliteStmt) null(col int) bool     { return s.stmt.ColumnType(col) == sqlite3.NULL }

func (s *sqliteStmt) done() {
	if !s.busy {
		return
	}
	s.busy = false
	s.conn.busy--
	if !s.kept {
		delete(s.conn.loose, s)
		s.stmt.Close()
		return
	}
	s.stmt.Reset() // repeats the error the last step has reported
	if s.big {
		s.big = false
		s.stmt.ClearBindings()
	}
}

// fail turns an error of the driver into one of this package, by its code.
func (c *sqliteConn) fail(err error, sql string) error {
	var code sqlite3.ExtendedErrorCode
	if !errors.As(err, &code) {
		return fmt.Errorf("%w, in %.300q", err, sql)
	}
	switch code {
	case sqlite3.CONSTRAINT_UNIQUE, sqlite3.CONSTRAINT_PRIMARYKEY, sqlite3.CONSTRAINT_ROWID:
		return fmt.Errorf("%w: %v", ErrExists, err)
	case sqlite3.CONSTRAINT_FOREIGNKEY:
		return fmt.Errorf("%w: %v", ErrReference, err)
	}
	switch code.Code() {
	case sqlite3.BUSY, sqlite3.LOCKED:
		if ctx := c.db.GetInterrupt(); ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %v", errBusy, err)
	case sqlite3.INTERRUPT:
		if ctx := c.db.GetInterrupt(); ctx.Err() != nil {
			return ctx.Err()
		}
	case sqlite3.NOTADB: // whatever was to be done: it shows in the first step
		return ErrDamaged
	case sqlite3.CORRUPT:
		return fmt.Errorf("%w: %w, in %.300q", ErrDamaged, err, sql)
	}
	return fmt.Errorf("%w, in %.300q", err, sql)
}

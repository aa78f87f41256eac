package store

import (
	"context"
	"strings"
)

// dialect is everything in which one database differs from another. Queries
// themselves are written once, in the common language of both.
type dialect struct {
	name string

	// words replaces the words in braces of the migrations.
	words *strings.Replacer

	// open makes a connection; writer says whether it may write.
	open func(ctx context.Context, target string, writer bool) (conn, error)

	// check is a query that finds damage: rows other than "ok". "" if there is none.
	check string

	// byKey follows the name of a table whose rows are to be found by their ids
	// alone. It keeps a database that knows nothing of its data from guessing
	// that an index on something else leads to fewer rows.
	byKey string

	// size is a query of about how many bytes the database has.
	size string

	// unhurried is a statement that readies the open transaction for reading or
	// writing everything: without bounds on its time, with more memory.
	unhurried string

	// pulse watches for commits of any process; nil if that cannot be done
	// without asking the database each time.
	pulse func(ctx context.Context, target string) (pulse, error)

	// used follows an INSERT into the table @ that gives the id, and keeps ids
	// made later above it. "" if that needs no telling.
	used string

	// What a copy of the whole database needs to know: queries of the tables,
	// those others refer to first; of names and types of the columns of table $1;
	// of tables and the last id they gave. setSequence makes $1 the last id that
	// table @ gave.
	tables, columns, sequences string
	setSequence                []string

	// What a look at everything needs to know: queries of the tables that hold
	// rows, and their columns: names of both, the type, and the place in the
	// primary key; and of what the schema is made of: kind, name, table and
	// definition. row is what tells a row from others of its table whatever is in
	// it, hex writes the bytes @ in digits. typeOf is the type of the value @, ""
	// if that is always its column's. sequence is where the last ids are kept.
	stored, definitions string
	row, hex, typeOf    string
	sequence            string

	// apart are statements after which an open transaction that reads makes
	// tables that are gone when it ends. nil for a database that is a file, and
	// can be made anew in another one.
	apart []string

	// pages is for a database that can still tell what lies beside damage.
	pages pages

	// faq is the full text index of the FAQ.
	faq faqIndex

	// titles is the index of the tickets' titles.
	titles titleIndex
}

// pages is how rows are come by page by page: a query of how many pages table @
// has, and conditions for the rows of the pages from $1 to before $2, and for
// the row that dialect.row says is $1.
type pages struct{ count, between, one string }

func (d *dialect) usedIn(table string) string {
	if d.used == "" {
		return ""
	}
	return strings.ReplaceAll(d.used, "@", table)
}

// conn is one connection to a database. It serves one goroutine at a time.
// Errors are those of errors.go where one fits.
type conn interface {
	// begin opens a transaction. A writing one waits for other processes that write.
	begin(ctx context.Context, write bool) error
	commit() error
	rollback() error
	active() bool // a transaction is open

	// expect has the writing transaction that was just begun fail with ErrNewerSchema,
	// with its first statement at the latest, if the schema is newer than that.
	expect(ctx context.Context, schema int64) error

	// mark begins a part of a transaction; keep or undo ends it.
	mark() error
	keep() error
	undo() error

	// query runs a statement with results. The rows must be closed.
	query(ctx context.Context, sql string, args []arg) *rows
	// exec runs a statement and returns how many rows it changed.
	exec(ctx context.Context, sql string, args []arg) (int64, error)
	// script runs several statements without parameters.
	script(ctx context.Context, sql string) error

	// era is another number whenever another server may have taken over, which
	// knows less than the one before it did.
	era() int64

	close() error
}

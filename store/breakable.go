package store

import "context"

// breakable is a connection whose operations fail when a test has them fail, as
// those of a full or dying disk do.
type breakable struct {
	conn
	fail func(doing string) error // before each operation; nil lets it be done
}

// connect opens a connection to the database.
func (db *DB) connect(ctx context.Context, write bool) (conn, error) {
	c, err := db.dialect.open(ctx, db.target, write)
	if err != nil || db.fail == nil {
		return c, err
	}
	return &breakable{c, db.fail}, nil
}

func (b *breakable) begin(ctx context.Context, write bool) error {
	if err := b.fail("begin"); err != nil {
		return err
	}
	return b.conn.begin(ctx, write)
}

func (b *breakable) commit() error {
	if err := b.fail("commit"); err != nil {
		return err
	}
	return b.conn.commit()
}

func (b *breakable) mark() error {
	if err := b.fail("mark"); err != nil {
		return err
	}
	return b.conn.mark()
}

func (b *breakable) keep() error {
	if err := b.fail("keep"); err != nil {
		return err
	}
	return b.conn.keep()
}

func (b *breakable) undo() error {
	if err := b.fail("undo"); err != nil {
		return err
	}
	return b.conn.undo()
}

func (b *breakable) query(ctx context.Context, sql string, args []arg) *rows {
	if err := b.fail(sql); err != nil {
		return &rows{err: err}
	}
	return b.conn.query(ctx, sql, args)
}

func (b *breakable) exec(ctx context.Context, sql string, args []arg) (int64, error) {
	if err := b.fail(sql); err != nil {
		return 0, err
	}
	return b.conn.exec(ctx, sql, args)
}

package store

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"

	"skranke"
)

// watch has the connection note which rows its statements change, of whatever
// text they are, and whether a commit wrote something. Checkpoints are for who
// has it watch, from then on.
func (c *sqliteConn) watch() {
	c.changes = new(changes)
	c.db.PreUpdateHook(func(row sqlite3.PreUpdateData) { c.changes.note(&row) })
	c.db.WALHook(func(_ *sqlite3.Conn, _ string, frames int) error {
		c.changes.written = true
		c.frames = frames
		return nil
	})
}

func (c *sqliteConn) changed() *changes { return c.changes }

func (c *sqliteConn) logged() int { return c.frames }

func (c *sqliteConn) checkpoint() error {
	_, _, err := c.db.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE)
	if err != nil && !errors.Is(err, sqlite3.BUSY) { // another one is at it
		return fmt.Errorf("checkpointing: %w", err)
	}
	return nil
}

// note is told of every row before it is changed.
func (c *changes) note(row *sqlite3.PreUpdateData) {
	switch row.Table {
	case "ticket":
		c.tickets = append(c.tickets, skranke.TicketID(row.OldRowID))
		if row.NewRowID != row.OldRowID {
			c.tickets = append(c.tickets, skranke.TicketID(row.NewRowID))
		}
	case "ticket_customer":
		c.noteTickets(row, 0)
	case "message":
		c.noteTickets(row, 1)
	case "extra_value":
		domains, owners := c.values(row, 0), c.values(row, 1)
		for i, domain := range domains {
			if domain.Int64() == int64(skranke.DomainTicket) {
				c.tickets = append(c.tickets, skranke.TicketID(owners[i].Int64()))
			}
		}
	case "ticket_read":
		c.noteRead(row)
	case "customer", "agent":
		c.persons = true
	case "session":
		if row.Op == sqlite3.AUTH_UPDATE && c.onlyChanges(row, sessionLastUsed) {
			return
		}
		for _, v := range c.values(row, 0) {
			var id SessionID
			copy(id[:], v.RawBlob())
			c.sessions = append(c.sessions, id)
		}
	case "catalog":
		c.noteVersion(row)
	}
}

func (c *changes) noteTickets(row *sqlite3.PreUpdateData, column int) {
	for _, v := range c.values(row, column) {
		c.tickets = append(c.tickets, skranke.TicketID(v.Int64()))
	}
}

// noteRead keeps a new read stamp; what else may be done to one is seldom.
func (c *changes) noteRead(row *sqlite3.PreUpdateData) {
	if row.Op == sqlite3.AUTH_DELETE {
		c.lost = true
		return
	}
	ticket, err := row.New(0)
	if err != nil {
		c.lost = true
		return
	}
	id := skranke.TicketID(ticket.Int64())
	at, err := row.New(1)
	if err != nil {
		c.lost = true
		return
	}
	c.stamps = append(c.stamps, readStamp{id, at.Int64()})
}

// noteVersion keeps what a version is changed to.
func (c *changes) noteVersion(row *sqlite3.PreUpdateData) {
	if row.Op != sqlite3.AUTH_UPDATE {
		c.lost = true
		return
	}
	// The number of the row is none of its columns here: it may be any.
	id, err := row.New(0)
	if err != nil {
		c.lost = true
		return
	}
	which := id.Int64()
	version, err := row.New(1)
	if err != nil {
		c.lost = true
		return
	}
	change := versionChange{changed: true, version: version.Int64()}
	switch which {
	case catalogVersionID:
		c.catalog = change
	case peopleVersionID:
		c.people = change
	}
}

// onlyChanges says whether an update changes nothing but that column.
func (c *changes) onlyChanges(row *sqlite3.PreUpdateData, column int) bool {
	for i := range row.Count() {
		if i == column {
			continue
		}
		before, err := row.Old(i)
		if err != nil {
			return false
		}
		after, err := row.New(i)
		if err != nil || before.Type() != after.Type() {
			return false
		}
		// As bytes, which changes the value: so what is a number must be read as one.
		if before.Type() == sqlite3.INTEGER {
			if before.Int64() != after.Int64() {
				return false
			}
		} else if !bytes.Equal(before.RawBlob(), after.RawBlob()) {
			return false
		}
	}
	return true
}

// values are those of a column before and after the change, where there are such.
func (c *changes) values(row *sqlite3.PreUpdateData, column int) []sqlite3.Value {
	var values []sqlite3.Value
	if row.Op != sqlite3.AUTH_INSERT {
		v, err := row.Old(column)
		c.lost = c.lost || err != nil
		values = append(values, v)
	}
	if row.Op != sqlite3.AUTH_DELETE {
		v, err := row.New(column)
		c.lost = c.lost || err != nil
		values = append(values, v)
	}
	return values
}

package store

import "errors"

var (
	// ErrExists says that a row with this id, or with this unique name, exists already.
	ErrExists = errors.New("row exists already")

	// ErrReference says that a row names another row that is not there, or that
	// a row to be deleted is still named by others.
	ErrReference = errors.New("reference to a missing row, or row still in use")

	// ErrNewerSchema says that the database was made by a newer skranke.
	ErrNewerSchema = errors.New("database was made by a newer version of skranke")

	// ErrDamaged says that a file is no database, or that one is damaged.
	ErrDamaged = errors.New("this is no database of skranke, or a damaged one")

	// ErrNoTables says that a database on a server is not one of skranke yet.
	ErrNoTables = errors.New("the database has no tables of skranke")

	// ErrClosed says that the database was closed.
	ErrClosed = errors.New("database is closed")

	// errBusy says that another process holds the database; trying again may help.
	errBusy = errors.New("database is busy")

	// errLost says that the connection to the database was lost, or cannot be
	// made, and that the transaction has certainly changed nothing.
	errLost = errors.New("connection to the database lost")

	// errAway says, beside errLost, that no server can be had and that it was waited
	// for long enough.
	errAway = errors.New("the database cannot be reached")

	// ErrUnknown says that the connection was lost while the transaction was
	// being committed, so that nobody knows whether it was.
	ErrUnknown = errors.New("connection to the database lost: whether the write was done is not known")
)

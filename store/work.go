package store

import (
	"sync/atomic"
	"time"
)

// work counts what a database has done since it was opened.
type work struct {
	commits, failed, parts, nanos atomic.Int64
}

// Work is what a database has done since it was opened, and what it is at.
type Work struct {
	Commits    int64         // that went well
	Failed     int64         // commits that did not
	Writes     int64         // that shared those commits
	CommitTime time.Duration // of all of them together
	Waiting    int           // writes that wait for their turn
	Reading    int           // reads in progress
	Readers    int           // that may be in progress at once
}

// Work says what the database has done. It asks nothing of it.
func (db *DB) Work() Work {
	return Work{
		Commits:    db.work.commits.Load(),
		Failed:     db.work.failed.Load(),
		Writes:     db.work.parts.Load(),
		CommitTime: time.Duration(db.work.nanos.Load()),
		Waiting:    int(db.waiting.Load()),
		Reading:    len(db.readTurn),
		Readers:    cap(db.readTurn),
	}
}

// commitTimed commits the open transaction and counts it.
func (db *DB) commitTimed() error {
	start := time.Now()
	err := db.writer.commit()
	db.work.nanos.Add(int64(time.Since(start)))
	if err != nil {
		db.work.failed.Add(1)
		return err
	}
	db.work.commits.Add(1)
	db.work.parts.Add(int64(db.group.parts))
	return nil
}

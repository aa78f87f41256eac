//go:build linux || darwin

package store

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sqlitePulse watches the header of an SQLite WAL-index, the file "-shm" beside
// a database that all its connections share in memory. Every commit of whatever
// process writes that header anew before it is done, and nothing else that
// readers could see happens without it: as long as the header is the same, so is
// the database. The form of the header is documented in the SQLite file format.
type sqlitePulse struct {
	header *[2][beatWords]uint32 // two copies, the second written first
	conn   conn                  // keeps the file in place
}

// newSQLitePulse begins to watch the database at path.
func newSQLitePulse(ctx context.Context, path string) (pulse, error) {
	c, err := openSQLite(ctx, path, false)
	if err != nil {
		return nil, err
	}
	// The file is there as soon as something was read.
	if err := c.script(ctx, "SELECT COUNT(*) FROM sqlite_schema"); err != nil {
		c.close()
		return nil, err
	}
	p, err := mapPulse(path + "-shm")
	if err != nil {
		c.close()
		return nil, fmt.Errorf("watching the database: %w", err)
	}
	p.conn = c
	return p, nil
}

func mapPulse(path string) (*sqlitePulse, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	// Pages of memory may be larger than the file: that is no reason to touch more.
	size := int(unsafe.Sizeof([2][beatWords]uint32{}))
	if info, err := file.Stat(); err != nil {
		return nil, err
	} else if info.Size() < int64(size) {
		return nil, fmt.Errorf("%s has %d bytes only", path, info.Size())
	}
	data, err := unix.Mmap(int(file.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", path, err)
	}
	p := &sqlitePulse{header: (*[2][beatWords]uint32)(unsafe.Pointer(unsafe.SliceData(data)))}
	// Whoever reads the header holds p, so the mapping goes when nobody can.
	runtime.AddCleanup(p, func(data []byte) { unix.Munmap(data) }, data)
	return p, nil
}

// beat reads the header. It says no while somebody is writing it, and to one that
// nobody has written yet.
func (p *sqlitePulse) beat() (beat, bool) {
	var b beat
	for range 3 {
		for i := range b {
			b[i] = atomic.LoadUint32(&p.header[0][i])
		}
		same := true
		for i := range b {
			same = same && b[i] == atomic.LoadUint32(&p.header[1][i])
		}
		if same {
			runtime.KeepAlive(p)
			return b, b[0] != 0 // the version of its form
		}
	}
	runtime.KeepAlive(p)
	return b, false
}

func (p *sqlitePulse) close() error { return p.conn.close() }

//go:build linux || darwin

package main

import (
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// foreignOwner is the number of the user a file belongs to, "" if that is us.
func foreignOwner(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) == os.Geteuid() {
		return ""
	}
	return "user " + strconv.Itoa(int(stat.Uid))
}

// freeSpace is how many bytes we may still write to dir.
func freeSpace(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}

// openFiles is how many files we may have open.
func openFiles() (uint64, bool) {
	var l syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l)
	return l.Cur, err == nil
}

//go:build linux || darwin

package store

import "syscall"

// freeSpace is how many bytes may still be written below dir, false if that
// cannot be known.
func freeSpace(dir string) (int64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}

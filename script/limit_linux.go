package script

import "syscall"

// program is what a child is started from: this very program, even if its file
// has been replaced meanwhile.
const program = "/proc/self/exe"

// limit bounds the process, for good.
func limit(seconds int) error {
	for _, l := range [...]struct {
		resource int
		most     uint64
	}{
		{syscall.RLIMIT_AS, memoryFactor * 2 << 30},
		{syscall.RLIMIT_DATA, memoryFactor * 256 << 20},
		{syscall.RLIMIT_CPU, uint64(seconds)},
		{syscall.RLIMIT_CORE, 0},
	} {
		if err := syscall.Setrlimit(l.resource, &syscall.Rlimit{Cur: l.most, Max: l.most}); err != nil {
			return err
		}
	}
	return nil
}

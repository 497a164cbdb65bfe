//go:build unix

package journal

import (
	"os"
	"syscall"
)

// lock keeps a second process from the file; the lock ends with the process.
func lock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

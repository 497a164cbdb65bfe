package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrNotRunning says that no runner has a stack up in the folder.
var ErrNotRunning = errors.New("no stack runs in this folder")

// Runner is what a process that keeps a stack up tells about itself, for commands given elsewhere.
type Runner struct {
	Mark  mark  `json:"process"`
	Ports Ports `json:"ports"`
}

// announce writes down that this process keeps the stack up, so that it can be stopped from elsewhere while it still starts.
func (s *Stack) announce() error {
	started, err := startTime(os.Getpid())
	if err != nil {
		return err
	}
	b, err := json.Marshal(Runner{Mark: mark{PID: os.Getpid(), Started: started, Stop: syscall.SIGTERM}, Ports: s.o.Ports})
	if err != nil {
		return fmt.Errorf("encode runner file: %w", err)
	}
	if err := os.WriteFile(runnerFile(s.o.Dir), b, 0o644); err != nil {
		return fmt.Errorf("write runner file: %w", err)
	}
	return nil
}

// FindRunner returns the runner that keeps a stack up in dir, or ErrNotRunning.
func FindRunner(dir string) (Runner, error) {
	var r Runner
	b, err := os.ReadFile(runnerFile(dir))
	if errors.Is(err, os.ErrNotExist) {
		return r, ErrNotRunning
	}
	if err != nil {
		return r, fmt.Errorf("read runner file: %w", err)
	}
	if err := json.Unmarshal(b, &r); err != nil || !r.Mark.alive() {
		return r, ErrNotRunning
	}
	return r, nil
}

// Down asks the runner to stop its stack and waits until it has.
func (r Runner) Down(limit time.Duration) error {
	if err := syscall.Kill(r.Mark.PID, r.Mark.Stop); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("ask the runner (process %d) to stop: %w", r.Mark.PID, err)
	}
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if !r.Mark.alive() {
			return nil
		}
	}
	return fmt.Errorf("the runner (process %d) has not stopped within %s", r.Mark.PID, limit)
}

// Reset removes all data of the stack in dir. It refuses while one runs there, and touches only what a stack makes.
func Reset(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("folder of the stack: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "run")); errors.Is(err, os.ErrNotExist) {
		return nil // never started
	}
	lock, err := lockFile(filepath.Join(dir, "run", "lock"))
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	defer lock.Close()
	if err := stopLeftovers(filepath.Join(dir, "run")); err != nil {
		return err
	}
	var errs []error
	for _, name := range []string{"asterisk", "postgres", "redis", "state", "log", "secrets.json", "run"} {
		errs = append(errs, os.RemoveAll(filepath.Join(dir, name)))
	}
	errs = append(errs, os.RemoveAll(PostgresFallback(dir)), os.RemoveAll(runFallback(dir)))
	return errors.Join(errs...)
}

func runnerFile(dir string) string { return filepath.Join(dir, "run", "runner.json") }

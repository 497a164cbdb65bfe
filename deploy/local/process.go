package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopGrace is how long a service may take to end after it was asked, before it is killed. Asterisk takes 1–3 s, and 15 s more when a channel has leaked.
const stopGrace = 25 * time.Second

// process is one service that this runner started.
type process struct {
	cmd  *exec.Cmd
	log  string
	stop syscall.Signal
	mark string        // pid file
	done chan struct{} // closed when the service has ended
	err  error         // how it ended; read it after done
}

// launch describes a service: what runs, where it logs, and which signal asks it to end.
type launch struct {
	name string // of the log and the pid file
	args []string
	cred *syscall.Credential // nil: as this user
	stop syscall.Signal
	dir  string
	env  []string // added to the environment of the runner
}

// launch starts a service. It has its own process group, so that Ctrl-C in the terminal reaches only the runner, and the kernel
// asks it to end when the runner ends in whatever way.
func (s *Stack) launch(l launch) (*process, error) {
	logPath := s.path("log", l.name+".log")
	log, err := os.OpenFile(logPath, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return nil, fmt.Errorf("open its log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(l.args[0], l.args[1:]...)
	cmd.Dir = l.dir
	cmd.Env = append(os.Environ(), l.env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: l.stop, Credential: l.cred}
	p := &process{cmd: cmd, log: logPath, stop: l.stop, mark: s.path("run", l.name+".pid"), done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// Pdeathsig fires when the *thread* that started the child ends (prctl(2)): this one stays until the child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		os.Remove(p.mark)
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	if err := writeMark(p.mark, cmd.Process.Pid, l.stop); err != nil {
		return nil, errors.Join(err, p.end())
	}
	return p, nil
}

// end asks the service to end and kills it when it does not within the grace.
func (p *process) end() error {
	select {
	case <-p.done:
		return nil
	default:
	}
	// It may have ended in between: the wait below tells.
	_ = p.cmd.Process.Signal(p.stop)
	select {
	case <-p.done:
		return nil
	case <-time.After(stopGrace):
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill process %d: %w", p.cmd.Process.Pid, err)
	}
	<-p.done
	return fmt.Errorf("process %d (%s) did not end in %s and was killed", p.cmd.Process.Pid, filepath.Base(p.mark), stopGrace)
}

// await polls ready until it is nil, the service ends, or limit passes.
func (p *process) await(ctx context.Context, limit time.Duration, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			how := "exit status 0"
			if p.err != nil {
				how = p.err.Error()
			}
			return fmt.Errorf("it ended at once (%s), see %s:\n%s", how, p.log, tail(p.log, 5))
		case <-ctx.Done():
			return fmt.Errorf("not ready after %s, see %s: %w", limit, p.log, err)
		case <-tick.C:
		}
	}
}

// mark identifies a process across runs: a pid alone may have been given to another since.
type mark struct {
	PID     int            `json:"pid"`
	Started uint64         `json:"started"` // clock ticks since boot, field 22 of /proc/PID/stat (proc(5))
	Stop    syscall.Signal `json:"stop"`
}

func writeMark(path string, pid int, stop syscall.Signal) error {
	started, err := startTime(pid)
	if err != nil {
		return err
	}
	b, err := json.Marshal(mark{PID: pid, Started: started, Stop: stop})
	if err != nil {
		return fmt.Errorf("encode pid file: %w", err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		return fmt.Errorf("write pid file: %w", err)
	}
	return nil
}

// alive tells whether the marked process still runs, and is the same one.
func (m mark) alive() bool {
	started, err := startTime(m.PID)
	return err == nil && started == m.Started
}

func startTime(pid int) (uint64, error) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, fmt.Errorf("look at process %d: %w", pid, err)
	}
	return parseStartTime(string(b))
}

// parseStartTime reads field 22 of a /proc/PID/stat line. The second field, a name in parentheses, may hold anything. A zombie
// counts as ended.
func parseStartTime(stat string) (uint64, error) {
	i := strings.LastIndexByte(stat, ')')
	fields := strings.Fields(stat[i+1:])
	if i < 0 || len(fields) < 20 {
		return 0, fmt.Errorf("unknown form of /proc stat: %q", stat)
	}
	if fields[0] == "Z" {
		return 0, os.ErrProcessDone
	}
	return strconv.ParseUint(fields[19], 10, 64)
}

// stopLeftovers ends services of an earlier runner that was killed so hard that they outlived it.
func stopLeftovers(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.pid"))
	if err != nil {
		return fmt.Errorf("list pid files: %w", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return fmt.Errorf("read pid file: %w", err)
		}
		var m mark
		// A file cut short by a crash names nobody that could be stopped safely.
		if json.Unmarshal(b, &m) == nil && m.PID > 1 && m.alive() {
			if err := m.end(); err != nil {
				return fmt.Errorf("stop what an earlier run left (%s): %w", filepath.Base(f), err)
			}
		}
		if err := os.Remove(f); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("remove pid file: %w", err)
		}
	}
	return nil
}

func (m mark) end() error {
	if err := syscall.Kill(m.PID, m.Stop); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("ask process %d to end: %w", m.PID, err)
	}
	for deadline := time.Now().Add(stopGrace); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if !m.alive() {
			return nil
		}
	}
	if err := syscall.Kill(m.PID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill process %d: %w", m.PID, err)
	}
	return nil
}

// tail returns the last n lines of a file, or nothing.
func tail(path string, n int) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimRight(string(b), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// run runs one command to its end and returns what it wrote to stdout; an error holds the end of its stderr. Neither the
// arguments' values nor the environment are part of the error.
func run(ctx context.Context, env []string, stdin string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), env...)
	if stdin != "" {
		cmd.Stdin = strings.NewReader(stdin)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		what := strings.TrimSpace(stderr.String())
		if what == "" {
			what = strings.TrimSpace(stdout.String())
		}
		return nil, fmt.Errorf("run %s: %w: %s", filepath.Base(args[0]), err, what)
	}
	return stdout.Bytes(), nil
}

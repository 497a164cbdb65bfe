// Package local runs a private copy of everything the hotline needs on one machine: Postgres, Redis and Asterisk, each with its
// own folder, ports and secrets under one folder, never the machine's own services. `make up` and the whole-stack tests use it.
package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Slots is the number of Stasis applications hotline-0 … that the dialplan chooses from.
const Slots = 4

// ErrRunning says that another process already runs a stack in the same folder.
var ErrRunning = errors.New("a stack already runs in this folder")

// Options says where and how a stack runs. Dir, Root and, unless Alone is set, Binary are required.
type Options struct {
	Dir      string    // everything the stack writes; made when missing
	Root     string    // source tree: deploy/asterisk is read from it
	Binary   string    // the hotline binary, called with migrate, seed and phones
	Ports    Ports     // a zero port is replaced by a free one
	Demo     bool      // load demo data
	Fast     bool      // tests only: Postgres does not wait for the disk, so a crash of the machine loses data
	Progress io.Writer // one line for each step with its seconds; nil for none

	// Alone starts Asterisk and nothing else: Binary is not called, no announcements are made.
	Alone *Alone
}

// Alone is what an Asterisk without the hotline is given beside the templates.
type Alone struct {
	Phones   []byte // what the templates include as pjsip_phones.conf
	Dialplan []byte // added at the end of extensions.conf
}

// Stack is a running stack. Its methods may be called from one goroutine at a time.
type Stack struct {
	o        Options
	secrets  Secrets
	lock     *os.File
	asterisk Installation
	pgBase   string // the folder of Postgres, which its unprivileged user can reach

	mu    sync.Mutex
	procs map[string]*process
}

// Start brings up Postgres, Redis and Asterisk, with the schema migrated, the demo data loaded when asked for, and the phones of
// all agents known to Asterisk. The stack is ready when it returns; after an error everything that was started is stopped.
// Cancelling ctx later does not stop the stack: Stop does.
func Start(ctx context.Context, o Options) (*Stack, error) {
	s := &Stack{o: o, procs: map[string]*process{}}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context) error {
	var err error
	if s.o.Dir, err = filepath.Abs(s.o.Dir); err != nil {
		return fmt.Errorf("folder of the stack: %w", err)
	}
	if s.o.Root, err = filepath.Abs(s.o.Root); err != nil {
		return fmt.Errorf("source tree: %w", err)
	}
	for _, d := range []string{"", "log", "run"} {
		// Other users may pass through: Postgres runs as one. What is secret has its own mode.
		if err := os.MkdirAll(s.path(d), 0o755); err != nil {
			return fmt.Errorf("make the folder of the stack: %w", err)
		}
	}
	if s.lock, err = lockFile(s.path("run", "lock")); err != nil {
		return fmt.Errorf("%s: %w", s.o.Dir, err)
	}
	if err := stopLeftovers(s.path("run")); err != nil {
		return err
	}
	if s.secrets, err = loadSecrets(s.path("secrets.json")); err != nil {
		return err
	}
	if s.o.Ports, err = s.o.Ports.fill(); err != nil {
		return err
	}
	if err := s.announce(); err != nil {
		return err
	}
	if s.asterisk, err = FindAsterisk(ctx); err != nil {
		return err
	}
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"Postgres", s.StartPostgres},
		{"Redis", s.StartRedis},
		{"schema", s.migrate},
		{"demo data", s.seed},
		{"announcements", s.prompts},
		{"Asterisk configuration", s.configure},
		{"Asterisk", s.StartAsterisk},
	}
	if s.o.Alone != nil {
		steps = steps[len(steps)-2:]
	}
	for _, step := range steps {
		if step.name == "demo data" && !s.o.Demo {
			continue
		}
		began := time.Now()
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		if s.o.Progress != nil {
			fmt.Fprintf(s.o.Progress, "  %-24s %5.1f s\n", step.name, time.Since(began).Seconds())
		}
	}
	return nil
}

// Stop ends what Start and the Start… methods began, in reverse order, and nothing else. It may be called twice.
func (s *Stack) Stop() error {
	err := errors.Join(s.StopHotline(), s.StopAsterisk(), s.StopRedis(), s.StopPostgres())
	if s.lock != nil {
		if e := os.Remove(runnerFile(s.o.Dir)); e != nil && !os.IsNotExist(e) {
			err = errors.Join(err, fmt.Errorf("remove runner file: %w", e))
		}
		s.lock.Close()
		s.lock = nil
	}
	return err
}

// Ports returns the ports in use, with the free ones that were picked.
func (s *Stack) Ports() Ports { return s.o.Ports }

// Secrets returns the passwords of this stack.
func (s *Stack) Secrets() Secrets { return s.secrets }

// Recordings is the folder that Asterisk writes recordings to.
func (s *Stack) Recordings() string { return s.path("asterisk", "spool", "recording") }

// Env returns the HOTLINE_… variables with which the binary uses this stack, in the form of os.Environ.
func (s *Stack) Env() []string {
	p := s.o.Ports
	return []string{
		"HOTLINE_LISTEN=" + local(p.Web),
		"HOTLINE_ADMIN_LISTEN=" + local(p.Admin),
		"HOTLINE_POSTGRES_URL=postgres://hotline@" + local(p.Postgres) + "/hotline?sslmode=disable",
		"HOTLINE_POSTGRES_PASSWORD=" + s.secrets.Postgres,
		"HOTLINE_REDIS_ADDR=" + local(p.Redis),
		"HOTLINE_REDIS_PASSWORD=" + s.secrets.Redis,
		"HOTLINE_ARI_URL=http://" + local(p.HTTP) + "/ari",
		"HOTLINE_ARI_USER=" + ariUser,
		"HOTLINE_ARI_PASSWORD=" + s.secrets.ARI,
		"HOTLINE_PHONE_WS_URL=ws://" + local(p.HTTP) + "/ws",
		"HOTLINE_SIP_DOMAIN=" + local(p.SIP),
		"HOTLINE_SLOTS=" + strconv.Itoa(Slots),
		"HOTLINE_RECORDINGS=" + s.Recordings(),
		"HOTLINE_STATE=" + s.path("state"),
		"HOTLINE_DEMO_PASSWORD=" + s.secrets.Demo,
	}
}

func (s *Stack) path(elem ...string) string {
	return filepath.Join(append([]string{s.o.Dir}, elem...)...)
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// lockFile takes the lock at path, which the kernel gives back when this process ends in whatever way.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrRunning
		}
		return nil, fmt.Errorf("take the lock: %w", err)
	}
	return f, nil
}

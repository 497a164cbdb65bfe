package local

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Oldest Asterisk that the hotline is built for: the first 20 with REST over WebSocket and the transfer events.
const (
	oldestMajor = 20
	oldestMinor = 14
)

// Installation is an Asterisk on this machine.
type Installation struct {
	Binary  string
	Major   int
	Minor   int
	Modules string // folder of its modules
	Data    string // folder with documentation/ and rest-api/
}

// FindAsterisk returns the Asterisk on the PATH when it is 20.14 or newer, else the one that deploy/asterisk/get.sh unpacked.
func FindAsterisk(ctx context.Context) (Installation, error) {
	var tooOld string
	if p, err := exec.LookPath("asterisk"); err == nil {
		in, err := inspect(ctx, p)
		if err != nil {
			return Installation{}, err
		}
		if in.newEnough() {
			if in.Modules, in.Data, err = systemFolders(); err != nil {
				return Installation{}, err
			}
			return in, nil
		}
		tooOld = fmt.Sprintf(" (the one on the PATH is %d.%d)", in.Major, in.Minor)
	}
	prefix, err := privatePrefix()
	if err != nil {
		return Installation{}, err
	}
	bin := filepath.Join(prefix, "bin", "asterisk")
	if _, err := os.Stat(filepath.Join(prefix, ".ready")); err != nil {
		return Installation{}, fmt.Errorf("no Asterisk %d.%d or newer is installed%s: run deploy/asterisk/get.sh",
			oldestMajor, oldestMinor, tooOld)
	}
	in, err := inspect(ctx, bin)
	if err != nil {
		return Installation{}, err
	}
	in.Modules, in.Data = filepath.Join(prefix, "modules"), filepath.Join(prefix, "share")
	return in, nil
}

func privatePrefix() (string, error) {
	cache := os.Getenv("XDG_CACHE_HOME") // the same rule as get.sh
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the cache folder: %w", err)
		}
		cache = filepath.Join(home, ".cache")
	}
	return filepath.Join(cache, "hotline", "asterisk"), nil
}

func inspect(ctx context.Context, bin string) (Installation, error) {
	out, err := run(ctx, nil, "", bin, "-V")
	if err != nil {
		return Installation{}, fmt.Errorf("ask %s for its version: %w", bin, err)
	}
	major, minor, err := parseVersion(string(out))
	if err != nil {
		return Installation{}, fmt.Errorf("version of %s: %w", bin, err)
	}
	return Installation{Binary: bin, Major: major, Minor: minor}, nil
}

var versionForm = regexp.MustCompile(`^Asterisk (?:certified[/-])?(\d+)\.(\d+)`)

// parseVersion reads what asterisk -V prints, e.g. "Asterisk 22.10.1+dfsg-1".
func parseVersion(s string) (major, minor int, err error) {
	m := versionForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, 0, fmt.Errorf("unknown version %q", strings.TrimSpace(s))
	}
	major, err = strconv.Atoi(m[1])
	if err != nil {
		return 0, 0, fmt.Errorf("unknown version %q", s)
	}
	minor, err = strconv.Atoi(m[2])
	if err != nil {
		return 0, 0, fmt.Errorf("unknown version %q", s)
	}
	return major, minor, nil
}

func (in Installation) newEnough() bool {
	return in.Major > oldestMajor || in.Major == oldestMajor && in.Minor >= oldestMinor
}

// authType is what a PJSIP auth section with a plain password is called: "digest" came with 22 (configs/samples/pjsip.conf.sample).
func (in Installation) authType() string {
	if in.Major >= 22 {
		return "digest"
	}
	return "userpass"
}

// systemFolders finds the modules and the data of an Asterisk that was installed in one of the usual places.
func systemFolders() (modules, data string, err error) {
	for _, pattern := range []string{"/usr/lib/*-linux-gnu/asterisk/modules", "/usr/lib64/asterisk/modules", "/usr/lib/asterisk/modules",
		"/usr/local/lib/asterisk/modules"} {
		found, err := filepath.Glob(filepath.Join(pattern, "chan_pjsip.so"))
		if err == nil && len(found) > 0 {
			modules = filepath.Dir(found[0])
			break
		}
	}
	for _, d := range []string{"/usr/share/asterisk", "/var/lib/asterisk", "/usr/local/share/asterisk"} {
		if _, err := os.Stat(filepath.Join(d, "documentation")); err == nil {
			data = d
			break
		}
	}
	if modules == "" || data == "" {
		return "", "", errors.New("the modules or the documentation of the Asterisk on the PATH are in no usual folder: take it off the PATH and run deploy/asterisk/get.sh")
	}
	return modules, data, nil
}

// StartAsterisk starts the private Asterisk and waits until its modules are up. The configuration must be there.
func (s *Stack) StartAsterisk(ctx context.Context) error {
	conf := s.path("asterisk", "conf", "asterisk.conf")
	p, err := s.launch(launch{
		name: "asterisk", args: []string{s.asterisk.Binary, "-f", "-C", conf}, stop: syscall.SIGTERM, dir: s.path("asterisk"),
	})
	if err != nil {
		return err
	}
	s.keep("asterisk", p)
	ready := func(ctx context.Context) error {
		out, err := s.Asterisk(ctx, "core waitfullybooted")
		if err == nil && !strings.Contains(out, "fully booted") {
			return fmt.Errorf("it says %q", out)
		}
		return err
	}
	if err := p.await(ctx, 60*time.Second, ready); err != nil {
		return fmt.Errorf("%w\n%s", err, tail(s.path("asterisk", "log", "messages.log"), 5))
	}
	return nil
}

// StopAsterisk ends the private Asterisk and with it every call.
func (s *Stack) StopAsterisk() error { return s.drop("asterisk") }

// KillAsterisk ends the private Asterisk as a crash would: at once, with nothing said.
func (s *Stack) KillAsterisk() error { return s.kill("asterisk") }

// Asterisk runs a command of Asterisk's console and returns its output.
func (s *Stack) Asterisk(ctx context.Context, cmd string) (string, error) {
	out, err := run(ctx, nil, "", s.asterisk.Binary, "-C", s.path("asterisk", "conf", "asterisk.conf"), "-rx", cmd)
	return strings.TrimRight(string(out), "\n"), err
}

// runDir is where Asterisk puts its control socket, whose path may have 107 bytes at most (unix(7)).
func runDir(dir string) string {
	d := filepath.Join(dir, "asterisk", "run")
	if len(filepath.Join(d, "asterisk.ctl")) > 100 {
		return runFallback(dir)
	}
	return d
}

func runFallback(dir string) string {
	return filepath.Join("/var/tmp", fmt.Sprintf("hotline-run-%x", sha256.Sum256([]byte(dir)))[:28])
}

// keep remembers a running service under its name.
func (s *Stack) keep(name string, p *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.procs[name] = p
}

// drop ends the service of that name, if it runs.
func (s *Stack) drop(name string) error {
	s.mu.Lock()
	p := s.procs[name]
	delete(s.procs, name)
	s.mu.Unlock()
	if p == nil {
		return nil
	}
	if err := p.end(); err != nil {
		return fmt.Errorf("stop %s: %w", name, err)
	}
	return nil
}

// kill ends the service of that name without asking it.
func (s *Stack) kill(name string) error {
	s.mu.Lock()
	p := s.procs[name]
	s.mu.Unlock()
	if p == nil {
		return fmt.Errorf("%s does not run", name)
	}
	p.stop = syscall.SIGKILL
	return s.drop(name)
}

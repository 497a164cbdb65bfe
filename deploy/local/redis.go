package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// StartRedis starts the private Redis with what it held when it stopped.
func (s *Stack) StartRedis(ctx context.Context) error {
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		return errors.New("redis-server is not installed: run deploy/local/install.sh")
	}
	dir := s.path("redis")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make its folder: %w", err)
	}
	// The password is in a file, not in the arguments that every user of the machine can read.
	conf := fmt.Sprintf("bind 127.0.0.1\nport %d\ndir %s\nrequirepass %s\nappendonly yes\nappendfsync everysec\nsave \"\"\ndaemonize no\n",
		s.o.Ports.Redis, quoteRedis(dir), s.secrets.Redis)
	if err := os.WriteFile(s.path("redis", "redis.conf"), []byte(conf), 0o600); err != nil {
		return fmt.Errorf("write its configuration: %w", err)
	}
	p, err := s.launch(launch{name: "redis", args: []string{bin, s.path("redis", "redis.conf")}, stop: syscall.SIGTERM, dir: dir})
	if err != nil {
		return err
	}
	s.keep("redis", p)
	return p.await(ctx, 30*time.Second, s.pingRedis)
}

// StopRedis ends the private Redis; what it holds is on disk.
func (s *Stack) StopRedis() error { return s.drop("redis") }

func (s *Stack) pingRedis(ctx context.Context) error {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", local(s.o.Ports.Redis))
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(c, "AUTH %s\r\nPING\r\n", s.secrets.Redis); err != nil {
		return err
	}
	r := bufio.NewReader(c)
	for _, want := range []string{"+OK", "+PONG"} {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.TrimSpace(line) != want {
			return fmt.Errorf("it answered %q", strings.TrimSpace(line)) // e.g. LOADING
		}
	}
	return nil
}

func quoteRedis(path string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(path) + `"`
}

package floor

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// server is a private Redis for this package's tests. Without a redis-server on
// the PATH the tests fail: they are about what Redis does.
var server string

func TestMain(m *testing.M) {
	code, err := withRedis(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "floor tests:", err)
		code = 1
	}
	os.Exit(code)
}

func withRedis(run func() int) (int, error) {
	dir, err := os.MkdirTemp("", "floor-redis-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 1, err
	}
	server = l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(server)
	cmd := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--daemonize", "no")
	if err := cmd.Start(); err != nil {
		return 1, fmt.Errorf("start redis-server (apt-get install redis-server): %w", err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	db := redis.NewClient(&redis.Options{Addr: server})
	defer db.Close()
	for range 100 {
		if db.Ping(context.Background()).Err() == nil {
			return run(), nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return 1, fmt.Errorf("redis-server on %s does not answer", server)
}

func newFloor(t *testing.T) (*Floor, *redis.Client) {
	t.Helper()
	db := redis.NewClient(&redis.Options{Addr: server})
	t.Cleanup(func() { db.Close() })
	return New(db, strings.ReplaceAll(t.Name(), "/", "-")), db
}

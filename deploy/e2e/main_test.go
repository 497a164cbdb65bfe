// Package e2e places real calls: SIPp callers and desk phones through the real
// Asterisk, the real binary, Postgres and Redis. Nothing is skipped: a part that
// is missing is a failure.
package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/ari"
	"hotline/deploy/local"
)

// The one stack of this package's tests.
var (
	stack    *local.Stack
	binary   string
	database *pgxpool.Pool
	asterisk *ari.Client
)

func TestMain(m *testing.M) {
	code, err := withStack(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "whole-stack tests:", err)
		code = 1
	}
	os.Exit(code)
}

func withStack(run func() int) (code int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "hotline-e2e-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "hotline")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "hotline/cmd/hotline")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build the binary: %w: %s", err, out)
	}
	os.Setenv("HOTLINE_RING_FOR", "4s") // the binary inherits it: nobody wants to wait for 20 s of ringing
	stack, err = local.Start(ctx, local.Options{
		Dir: filepath.Join(dir, "stack"), Root: filepath.Join("..", ".."), Binary: binary, Demo: true, Fast: true, Progress: os.Stdout,
	})
	if err != nil {
		return 1, err
	}
	defer func() {
		if stopErr := stack.Stop(); stopErr != nil && err == nil {
			err = stopErr
		}
	}()
	if err := stack.StartHotline(ctx); err != nil {
		return 1, err
	}
	p, secrets := stack.Ports(), stack.Secrets()
	database, err = pgxpool.New(ctx, fmt.Sprintf("postgres://hotline:%s@127.0.0.1:%d/hotline?sslmode=disable", secrets.Postgres, p.Postgres))
	if err != nil {
		return 1, err
	}
	defer database.Close()
	asterisk, err = ari.New(ari.Options{URL: fmt.Sprintf("http://127.0.0.1:%d/ari", p.HTTP), User: "hotline", Password: secrets.ARI})
	if err != nil {
		return 1, err
	}
	code = run()
	if code != 0 {
		keepLogs(filepath.Join(dir, "stack"))
	}
	return code, nil
}

// keepLogs saves what the parts said, for whoever must find the fault.
func keepLogs(from string) {
	to := filepath.Join("..", "..", "artifacts", "e2e")
	if err := os.MkdirAll(to, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	logs, _ := filepath.Glob(filepath.Join(from, "log", "*.log")) // the pattern is well-formed
	for _, path := range append(logs, filepath.Join(from, "asterisk", "log", "messages.log")) {
		b, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(filepath.Join(to, filepath.Base(path)), b, 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	fmt.Fprintln(os.Stderr, "the logs are in artifacts/e2e")
}

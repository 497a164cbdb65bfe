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
	if code != 0 { // what the hotline itself said, for whoever must find the fault
		if log, err := os.ReadFile(stack.HotlineLog()); err == nil {
			os.Stderr.Write(log[max(0, len(log)-20_000):])
		}
	}
	return code, nil
}

// Package e2e_test answers real calls in a real browser: SIPp dials in, Asterisk, Postgres, Redis and the hotline's binary run
// privately, and Chromium shows the binary's own pages. What the pages must do is written in the .test.mjs files.
package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hotline/deploy/local"
)

// root is the source tree, seen from this folder.
const root = "../.."

var stack *local.Stack

func TestMain(m *testing.M) {
	code, err := withStack(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "browser test:", err)
		code = 1
	}
	os.Exit(code)
}

// withStack runs the tests on a stack of their own, in a folder that is removed when they pass.
func withStack(run func() int) (code int, err error) {
	if _, err := os.Stat(filepath.Join(root, "web/app/dist/index.html")); err != nil {
		return 1, errors.New("the pages are not built: run make build")
	}
	if err := installLibraries(); err != nil {
		return 1, err
	}
	dir, err := os.MkdirTemp("", "hotline-browser-")
	if err != nil {
		return 1, fmt.Errorf("make a folder for the stack: %w", err)
	}
	defer func() {
		if code != 0 || err != nil {
			fmt.Fprintln(os.Stderr, "the stack's logs are in", filepath.Join(dir, "log"))
			return
		}
		err = errors.Join(local.Reset(dir), os.RemoveAll(dir))
	}()
	binary := filepath.Join(dir, "hotline")
	build := exec.Command("go", "build", "-trimpath", "-o", binary, "./cmd/hotline")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	// Postgres runs as another user, who must be able to reach its data.
	if err := os.Chmod(dir, 0o755); err != nil {
		return 1, fmt.Errorf("open the stack's folder: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	stack, err = local.Start(ctx, local.Options{Dir: dir, Root: root, Binary: binary, Demo: true, Fast: true, Progress: os.Stdout})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stack.Stop()) }()
	if err := stack.StartHotline(ctx); err != nil {
		return 1, fmt.Errorf("start the hotline: %w", err)
	}
	return run(), nil
}

// installLibraries brings the test's own libraries when the lock file is newer than what is there.
func installLibraries() error {
	const mark = "node_modules/.installed"
	lock, err := os.Stat("package-lock.json")
	if err != nil {
		return fmt.Errorf("look at the lock file: %w", err)
	}
	if st, err := os.Stat(mark); err == nil && !st.ModTime().Before(lock.ModTime()) {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at the libraries: %w", err)
	}
	if out, err := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error").CombinedOutput(); err != nil {
		return fmt.Errorf("install the browser test's libraries: %w\n%s", err, out)
	}
	if err := os.WriteFile(mark, nil, 0o644); err != nil {
		return fmt.Errorf("mark the libraries as installed: %w", err)
	}
	return nil
}

// TestBrowser runs each scenario file in order, one at a time: they share the agents. A call is left over when one fails, so
// what Asterisk still holds is asked after each.
func TestBrowser(t *testing.T) {
	shots, err := filepath.Abs(filepath.Join(root, "artifacts/browser"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(shots); err != nil { // a picture of an earlier run would tell a lie
		t.Fatal(err)
	}
	if err := os.MkdirAll(shots, 0o755); err != nil {
		t.Fatal(err)
	}
	helper := startHelper(t)
	for _, name := range []string{"language", "call", "recall", "reload"} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, "node", "--test", "--test-reporter=spec", name+".test.mjs")
			cmd.Env = append(os.Environ(),
				fmt.Sprintf("PAGES=http://127.0.0.1:%d", stack.Ports().Web), "HELPER="+helper, "PASSWORD="+stack.Secrets().Demo, "SHOTS="+shots)
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			// Chromium is node's child: SIGTERM lets node end it, and the group is killed when that takes too long.
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
			cmd.WaitDelay = 10 * time.Second
			err := cmd.Run()
			t.Log(out.String())
			if err != nil {
				if e := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); e != nil && !errors.Is(e, syscall.ESRCH) {
					t.Error(e)
				}
				t.Errorf("%s: %v", name, err)
			}
			awaitSilence(t)
		})
	}
}

// awaitSilence waits until Asterisk holds no channel and no bridge.
func awaitSilence(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		channels, err := stack.Asterisk(t.Context(), "core show channels count")
		if err != nil {
			t.Fatal(err)
		}
		bridges, err := stack.Asterisk(t.Context(), "bridge show all")
		if err != nil {
			t.Fatal(err)
		}
		// The list of bridges is one line, its head, when there is none.
		if strings.HasPrefix(channels, "0 active channels") && strings.Count(strings.TrimSpace(bridges), "\n") == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("Asterisk still holds:\n%s\n%s", channels, bridges)
			return
		}
	}
}

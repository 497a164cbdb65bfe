package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
	"time"
)

// StartHotline runs the binary's serve command on this stack, logging to log/hotline.log, and waits until it is ready for calls.
func (s *Stack) StartHotline(ctx context.Context) error {
	p, err := s.launch(launch{name: "hotline", args: []string{s.o.Binary, "serve"}, stop: syscall.SIGTERM, dir: s.o.Dir, env: s.Env()})
	if err != nil {
		return err
	}
	s.keep("hotline", p)
	return p.await(ctx, 60*time.Second, s.readyz)
}

// StopHotline ends the binary that StartHotline started.
func (s *Stack) StopHotline() error { return s.drop("hotline") }

// KillHotline ends the binary as a crash would: at once, with nothing said or written.
func (s *Stack) KillHotline() error { return s.kill("hotline") }

// HotlineEnded is closed when the binary that StartHotline started has ended, by itself or not.
func (s *Stack) HotlineEnded() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.procs["hotline"]; p != nil {
		return p.done
	}
	ended := make(chan struct{})
	close(ended)
	return ended
}

// HotlineLog is the log of the binary that StartHotline started.
func (s *Stack) HotlineLog() string { return s.path("log", "hotline.log") }

func (s *Stack) readyz(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+local(s.o.Ports.Web)+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("ask whether it is ready: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask whether it is ready: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		return nil
	}
	const most = 500
	why, err := io.ReadAll(io.LimitReader(res.Body, most))
	return errors.Join(fmt.Errorf("/readyz says %d: %s", res.StatusCode, why), err)
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"hotline/deploy/local"
)

// up runs until ctx ends or the hotline does.
func up(ctx context.Context, root, dir, binary string) (err error) {
	if _, err := os.Stat(binary); err != nil {
		return fmt.Errorf("there is no %s: build it first (make build)", binary)
	}
	ports, err := local.PortsFromEnv(os.Getenv)
	if err != nil {
		return err
	}
	began := time.Now()
	fmt.Println("Starting the local stack in", dir)
	s, err := local.Start(ctx, local.Options{Dir: dir, Root: root, Binary: binary, Ports: ports, Demo: true, Progress: os.Stdout})
	if errors.Is(err, local.ErrRunning) {
		return errors.New("a stack is running already: make down stops it")
	}
	if err != nil {
		return err
	}
	defer func() {
		fmt.Println("\nStopping…")
		err = errors.Join(err, s.Stop())
	}()
	step := time.Now()
	if err := s.StartHotline(ctx); err != nil {
		return fmt.Errorf("hotline: %w", err)
	}
	fmt.Printf("  %-24s %5.1f s\n", "hotline", time.Since(step).Seconds())
	watched := make(chan struct{})
	watching, unwatch := context.WithCancel(ctx)
	go func() {
		defer close(watched)
		warnings(watching, s.HotlineLog(), os.Stderr)
	}()
	defer func() { unwatch(); <-watched }()
	welcome(s, time.Since(began))
	select {
	case <-ctx.Done():
		return nil
	case <-s.HotlineEnded():
		return fmt.Errorf("the hotline has ended by itself, see %s", s.HotlineLog())
	}
}

func welcome(s *local.Stack, took time.Duration) {
	p, secrets := s.Ports(), s.Secrets()
	fmt.Printf(`
Ready after %.0f s.

  Page        http://127.0.0.1:%d
  Agents      1001 王芳 · 1002 刘洋      Supervisor  2001 赵敏
  Password    %s   (the same for all)

  Demo call   make call        (presses 3 for repairs, then 5 in the survey)
  Soft phone  on this machine: account customer, password %s,
              server 127.0.0.1:%d over UDP, codec G.711; then dial 4000
  Logs        %s

Ctrl-C stops everything that was started here.
`, took.Seconds(), p.Web, secrets.Demo, secrets.Customer, p.SIP, s.HotlineLog())
}

// warnings copies what the hotline logs from now on with level warn or above, one JSON object a line, until ctx ends.
func warnings(ctx context.Context, path string, to io.Writer) {
	f, err := os.Open(path)
	if err != nil {
		fmt.Fprintln(to, "stack: watch the log:", err)
		return
	}
	defer f.Close()
	if _, err := f.Seek(0, io.SeekEnd); err != nil {
		fmt.Fprintln(to, "stack: watch the log:", err)
		return
	}
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	r := bufio.NewReader(f)
	var line []byte
	for {
		part, err := r.ReadBytes('\n')
		line = append(line, part...)
		if err == nil {
			if worthShowing(line) {
				fmt.Fprintf(to, "hotline: %s", line)
			}
			line = nil
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// worthShowing tells whether a log line is a warning or worse. What is no JSON is a panic or the like.
func worthShowing(line []byte) bool {
	var l struct {
		Level string `json:"level"`
	}
	if json.Unmarshal(line, &l) != nil {
		return true
	}
	switch l.Level {
	case "debug", "info", "":
		return false
	}
	return true
}

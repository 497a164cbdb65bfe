// Package sipp runs scripted callers and agents' phones with SIPp (Debian: sip-tester), which speaks real SIP and RTP. Sending
// media needs root, because SIPp sends it through a raw socket.
package sipp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Event is something that a caller or a phone saw or did.
type Event struct {
	At     time.Time
	Word   string // e.g. answered, ringing, hung-up, other-side-hung-up, cancelled
	Detail string // what follows it, e.g. the From header of the INVITE
}

// job is one run of SIPp. Its log is a pipe that one goroutine reads into events.
type job struct {
	cmd  *exec.Cmd
	dir  string
	done chan struct{}

	mu     sync.Mutex
	events []Event
	more   chan struct{} // closed and replaced when an event comes
	err    error         // valid after done
}

// start writes the scenario into dir and runs it; dir is removed when it has ended. SIPp ends with the thread that started it.
func start(ctx context.Context, dir string, scenario []byte, target, localIP string, port int, args ...string) (*job, error) {
	file := filepath.Join(dir, "scenario.xml")
	if err := os.WriteFile(file, scenario, 0o600); err != nil {
		return nil, fmt.Errorf("write scenario: %w", err)
	}
	mediaPort, err := mediaPort(localIP)
	if err != nil {
		return nil, err
	}
	logs, logEnd, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	all := append([]string{target, "-sf", file, "-i", localIP, "-p", strconv.Itoa(port), "-mi", localIP, "-mp", strconv.Itoa(mediaPort),
		"-nostdin", "-trace_logs", "-log_file", "/dev/fd/3", "-trace_err", "-error_file", filepath.Join(dir, "errors")}, args...)
	cmd := exec.CommandContext(ctx, "sipp", all...)
	cmd.Dir = dir
	cmd.ExtraFiles = []*os.File{logEnd}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGKILL) }
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	j := &job{cmd: cmd, dir: dir, done: make(chan struct{}), more: make(chan struct{})}
	started := make(chan error)
	go func() {
		// Pdeathsig is about the thread, see prctl(2).
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		logEnd.Close()
		started <- err
		if err != nil {
			logs.Close()
			return
		}
		j.read(logs)
		err = cmd.Wait()
		if err != nil {
			err = fmt.Errorf("sipp ended with %w: %s", err, j.complaint())
		}
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		j.mu.Lock()
		j.err = err
		j.mu.Unlock()
		os.RemoveAll(dir)
		close(j.done)
	}()
	if err := <-started; err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("start sipp (Debian: sip-tester): %w", err)
	}
	return j, nil
}

// read collects the log until SIPp has ended.
func (j *job) read(logs io.ReadCloser) {
	defer logs.Close()
	for lines := bufio.NewScanner(logs); lines.Scan(); {
		word, detail, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if word == "" {
			continue
		}
		j.mu.Lock()
		j.events = append(j.events, Event{At: time.Now(), Word: word, Detail: strings.TrimSpace(detail)})
		close(j.more)
		j.more = make(chan struct{})
		j.mu.Unlock()
	}
}

// complaint is the first thing that SIPp wrote about an unexpected message.
func (j *job) complaint() string {
	b, err := os.ReadFile(filepath.Join(j.dir, "errors"))
	if err != nil {
		return "it gave no reason"
	}
	const most = 600
	return strings.TrimSpace(string(b[:min(len(b), most)]))
}

// Events returns what happened so far.
func (j *job) Events() []Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Event(nil), j.events...)
}

// errEnded says that SIPp ended before the awaited event.
var errEnded = errors.New("sipp has ended without it")

// Await waits for the nth event (from 1) with one of the words and returns it.
func (j *job) Await(ctx context.Context, nth int, words ...string) (Event, error) {
	for {
		ended := false
		select {
		case <-j.done:
			ended = true
		default:
		}
		j.mu.Lock()
		events, more := j.events, j.more
		j.mu.Unlock()
		seen := 0
		for _, e := range events {
			for _, w := range words {
				if e.Word == w {
					seen++
				}
			}
			if seen == nth {
				return e, nil
			}
		}
		if ended {
			return Event{}, errors.Join(fmt.Errorf("await %s: %w", strings.Join(words, " or "), errEnded), j.err)
		}
		select {
		case <-more:
		case <-j.done:
		case <-ctx.Done():
			return Event{}, fmt.Errorf("await %s: %w", strings.Join(words, " or "), ctx.Err())
		}
	}
}

// awaitPort waits until SIPp listens on ip:port. It looks at /proc/net/udp (proc(5)): binding the port to see whether it is
// taken could take it from SIPp.
func (j *job) awaitPort(ctx context.Context, ip string, port int) error {
	b := net.ParseIP(ip).To4()
	if b == nil {
		return fmt.Errorf("%q is no IPv4 address", ip)
	}
	entry := fmt.Sprintf(" %02X%02X%02X%02X:%04X ", b[3], b[2], b[1], b[0], port) // little-endian
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		table, err := os.ReadFile("/proc/net/udp")
		if err != nil {
			return fmt.Errorf("look whether sipp listens: %w", err)
		}
		if strings.Contains(string(table), entry) {
			return nil
		}
		select {
		case <-tick.C:
		case <-j.done:
			return errors.Join(errors.New("sipp ended before it listened"), j.err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// freePort returns a UDP port that is free on ip.
func freePort(ip string) (int, error) {
	c, err := net.ListenPacket("udp4", net.JoinHostPort(ip, "0"))
	if err != nil {
		return 0, fmt.Errorf("find a free port on %s: %w", ip, err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port, nil
}

// mediaPort returns an even UDP port such that it and the next three are free: SIPp binds audio and video with their RTCP.
func mediaPort(ip string) (int, error) {
	for range 100 {
		p, err := freePort(ip)
		if err != nil {
			return 0, err
		}
		p &^= 1
		if allFree(ip, p, 4) {
			return p, nil
		}
	}
	return 0, fmt.Errorf("no free media ports on %s", ip)
}

func allFree(ip string, first, count int) bool {
	for p := first; p < first+count; p++ {
		c, err := net.ListenPacket("udp4", net.JoinHostPort(ip, strconv.Itoa(p)))
		if err != nil {
			return false
		}
		c.Close()
	}
	return true
}

func tempDir() (string, error) {
	dir, err := os.MkdirTemp("", "hotline-sipp-")
	if err != nil {
		return "", fmt.Errorf("make a folder for sipp: %w", err)
	}
	return dir, nil
}

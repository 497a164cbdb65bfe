package sipp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Phone is an agent's desk phone: it registers with its user name and password and treats every call alike.
type Phone struct {
	User, Password string
	LocalIP        string        // default 127.0.0.3
	Target         string        // host:port of Asterisk
	RingFor        time.Duration // until it is picked up; at least a millisecond
	Never          bool          // never picked up
	Reject         bool          // "busy" after RingFor
	TalkFor        time.Duration // until it hangs up; 0 waits for the other side
}

// Set is a running phone.
type Set struct {
	*job
	phone Phone
	port  int
}

// Start registers the phone and waits for calls until Stop; cancelling ctx kills it without unregistering.
func (p Phone) Start(ctx context.Context) (*Set, error) {
	if p.LocalIP == "" {
		p.LocalIP = "127.0.0.3"
	}
	p.RingFor = max(p.RingFor, time.Millisecond)
	port, err := freePort(p.LocalIP)
	if err != nil {
		return nil, err
	}
	if err := p.register(ctx, port, 3600); err != nil {
		return nil, fmt.Errorf("register phone %s: %w", p.User, err)
	}
	dir, err := tempDir()
	if err != nil {
		return nil, err
	}
	j, err := p.start(ctx, dir, port)
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("phone %s: %w", p.User, err)
	}
	set := &Set{job: j, phone: p, port: port}
	if err := j.awaitPort(ctx, p.LocalIP, port); err != nil {
		return nil, errors.Join(fmt.Errorf("phone %s: %w", p.User, err), set.Stop(ctx))
	}
	return set, nil
}

// Stop takes the phone off: it unregisters it and ends SIPp. A call that is up is left without a word.
func (s *Set) Stop(ctx context.Context) error {
	var err error
	select {
	case <-s.done:
		err = s.err
	default:
		if e := s.cmd.Process.Signal(syscall.SIGKILL); e != nil && !errors.Is(e, os.ErrProcessDone) {
			err = fmt.Errorf("end sipp: %w", e)
		}
		<-s.done
	}
	if e := s.phone.register(ctx, s.port, 0); e != nil {
		err = errors.Join(err, fmt.Errorf("unregister phone %s: %w", s.phone.User, e))
	}
	return err
}

func (p Phone) register(ctx context.Context, port, expires int) error {
	scenario, err := render("register.xml", struct {
		Phone
		Expires int
	}{p, expires})
	if err != nil {
		return err
	}
	dir, err := tempDir()
	if err != nil {
		return err
	}
	j, err := start(ctx, dir, scenario, p.Target, p.LocalIP, port, "-m", "1")
	if err != nil {
		os.RemoveAll(dir)
		return err
	}
	<-j.done
	return j.err
}

func (p Phone) start(ctx context.Context, dir string, port int) (*job, error) {
	data := struct {
		Phone
		Loop  *part
		Parts []part
	}{Phone: p}
	switch {
	case p.Never || p.Reject:
	case p.TalkFor > 0:
		parts, err := writeParts(dir, []Step{Say(p.TalkFor)})
		if err != nil {
			return nil, err
		}
		data.Parts = parts
	default:
		data.Loop = &part{File: filepath.Join(dir, "talk.pcap"), D: longest}
		m := &media{ssrc: rand.Uint32()}
		if err := m.speech(data.Loop.File, longest); err != nil {
			return nil, err
		}
	}
	scenario, err := render("phone.xml", data)
	if err != nil {
		return nil, err
	}
	return start(ctx, dir, scenario, p.Target, p.LocalIP, port)
}

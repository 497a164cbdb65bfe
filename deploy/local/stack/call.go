package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"hotline/deploy/local"
	"hotline/deploy/local/sipp"
)

// demoCall is one caller with menu and survey keys.
type demoCall struct {
	from, to, menu, rate string
	talk                 time.Duration
}

// SIP does not tell a caller that the agent has left and the survey began, so the key is pressed again and again; while the agent
// is still there it means nothing.
const (
	rateEvery = 8 * time.Second
	rateTries = 100
)

func (c demoCall) place(ctx context.Context, dir string) error {
	r, err := local.FindRunner(dir)
	if errors.Is(err, local.ErrNotRunning) {
		return errors.New("no stack is running: make up starts one")
	}
	if err != nil {
		return err
	}
	if _, err := exec.LookPath("sipp"); err != nil {
		return errors.New("SIPp is not installed: run deploy/local/install.sh")
	}
	caller, err := c.script(net.JoinHostPort("127.0.0.1", strconv.Itoa(r.Ports.SIP)))
	if err != nil {
		return err
	}
	call, err := caller.Start(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	say := func(format string, args ...any) {
		fmt.Printf("%5.1f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
	say("dialling %s as %s", c.to, c.from)
	for n := 1; ; n++ {
		e, err := call.Await(ctx, n, "answered", "key", "hung-up", "other-side-hung-up", "cancelled")
		if err != nil {
			break // Wait below tells why
		}
		switch e.Word {
		case "answered":
			say("the hotline answered; greeting and menu")
		case "key":
			say("pressed %s", e.Detail)
		}
	}
	res, err := call.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("demo call: %w", err)
	}
	switch res.EndedBy {
	case "hotline":
		say("the hotline ended the call")
	case "caller":
		say("the caller hung up")
	case "cancelled":
		return errors.New("nobody answered the call, the caller gave up")
	}
	return nil
}

// script is the caller's part. Keys must be those of a telephone.
func (c demoCall) script(target string) (sipp.Caller, error) {
	if len(c.menu) != 1 || !strings.Contains("0123456789*#", c.menu) {
		return sipp.Caller{}, fmt.Errorf("--menu is %q: it must be one key", c.menu)
	}
	if c.rate != "" && (len(c.rate) != 1 || !strings.Contains("12345", c.rate)) {
		return sipp.Caller{}, fmt.Errorf("--rate is %q: it must be a key from 1 to 5, or empty", c.rate)
	}
	if c.talk < time.Second || c.talk > time.Hour {
		return sipp.Caller{}, fmt.Errorf("--talk is %s: it must be from 1s to 1h", c.talk)
	}
	steps := []sipp.Step{sipp.Wait(4 * time.Second), sipp.Key(rune(c.menu[0])), sipp.Say(c.talk)}
	if c.rate == "" {
		steps = append(steps, sipp.AwaitHangUp(rateTries*rateEvery))
	}
	for range rateTries {
		if c.rate == "" {
			break
		}
		steps = append(steps, sipp.Key(rune(c.rate[0])), sipp.Wait(rateEvery))
	}
	return sipp.Caller{From: c.from, To: c.to, Target: target, Steps: append(steps, sipp.HangUp())}, nil
}

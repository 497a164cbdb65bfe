package sipp

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// longest is the longest piece of speech in one file.
const longest = 30 * time.Second

// Caller is one scripted caller. It dials, and from the answer on does its steps in order; after the last it hangs up. When the
// other side hangs up earlier, it answers that and ends well.
type Caller struct {
	From, To    string        // numbers; From is in the From header
	LocalIP     string        // default 127.0.0.2, which the stack's trunk is known by
	Target      string        // host:port of Asterisk
	AnswerLimit time.Duration // CANCEL when not answered by then; default 30 s
	Steps       []Step
}

// Call is a running caller.
type Call struct{ *job }

// Result is how a call ended.
type Result struct {
	Answered bool
	EndedBy  string // "caller", "hotline", or "cancelled" when it was never answered
	Talked   time.Duration
}

// Start dials. The call ends by its steps; cancelling ctx kills it without a BYE, as a phone does that loses its power.
func (c Caller) Start(ctx context.Context) (*Call, error) {
	if c.LocalIP == "" {
		c.LocalIP = "127.0.0.2"
	}
	if c.AnswerLimit == 0 {
		c.AnswerLimit = 30 * time.Second
	}
	dir, err := tempDir()
	if err != nil {
		return nil, err
	}
	j, err := c.start(ctx, dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("caller: %w", err)
	}
	return &Call{j}, nil
}

func (c Caller) start(ctx context.Context, dir string) (*job, error) {
	parts, err := writeParts(dir, c.Steps)
	if err != nil {
		return nil, err
	}
	scenario, err := render("caller.xml", struct {
		Caller
		Parts []part
	}{c, parts})
	if err != nil {
		return nil, err
	}
	port, err := freePort(c.LocalIP)
	if err != nil {
		return nil, err
	}
	return start(ctx, dir, scenario, c.Target, c.LocalIP, port, "-m", "1")
}

// Wait returns when the call has ended. The error tells of a refused call or of a message that no telephone should get.
func (c *Call) Wait() (Result, error) {
	<-c.done
	var r Result
	var answered time.Time
	for _, e := range c.Events() {
		switch e.Word {
		case "answered":
			r.Answered, answered = true, e.At
		case "hung-up":
			r.EndedBy, r.Talked = "caller", e.At.Sub(answered)
		case "other-side-hung-up":
			r.EndedBy, r.Talked = "hotline", e.At.Sub(answered)
		case "cancelled":
			r.EndedBy = "cancelled"
		}
	}
	if c.err == nil && r.EndedBy == "" {
		return r, fmt.Errorf("caller: sipp said nothing of the call's end")
	}
	return r, c.err
}

// part is one pause of a scenario with the media that is sent in it.
type part struct {
	Kind stepKind
	Note string // event at its beginning
	File string
	D    time.Duration
	N    int
}

// writeParts makes the media files of the steps.
func writeParts(dir string, steps []Step) ([]part, error) {
	m := &media{ssrc: rand.Uint32()}
	var parts []part
	add := func(p part) {
		p.N = len(parts)
		parts = append(parts, p)
	}
	file := func() string { return filepath.Join(dir, fmt.Sprintf("media%d.pcap", len(parts))) }
	for _, s := range steps {
		switch s.kind {
		case say:
			for left := s.d; left > 0; left -= longest {
				p := part{Kind: say, File: file(), D: min(left, longest)}
				if err := m.speech(p.File, p.D); err != nil {
					return nil, err
				}
				add(p)
			}
		case key:
			p := part{Kind: key, Note: "key " + s.digit, File: file(), D: keyTime}
			if err := m.press(p.File, s.digit); err != nil {
				return nil, err
			}
			add(p)
		case wait, awaitHangUp:
			m.skip(s.d)
			add(part{Kind: s.kind, D: s.d})
		case hangUp:
			add(part{Kind: hangUp})
		}
	}
	return parts, nil
}

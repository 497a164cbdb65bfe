package conform

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/ari"
)

// patience is how long a case waits for something that must come.
const patience = 5 * time.Second

// bench is a case at work: the site, a client, and a tap on the application.
type bench struct {
	*testing.T
	Site
	ctx context.Context
	api *ari.Client
	tap *tap

	mu    sync.Mutex
	names map[string]string // channel ids that Asterisk chose → short names
}

func newBench(t *testing.T, ctx context.Context, site Site) *bench {
	b := &bench{T: t, Site: site, ctx: ctx, names: map[string]string{}}
	b.api = b.client()
	b.tap = b.listen(site.App())
	b.Cleanup(b.tidy)
	return b
}

// tidy hangs up what the case left in its application.
func (b *bench) tidy() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	app, err := b.api.Applications.Get(ctx, b.App())
	if err != nil {
		return // forgotten: it had nothing
	}
	for _, id := range app.ChannelIDs {
		_ = b.api.Channels.Hangup(ctx, id, "") // it may be ending
	}
}

// id makes a short name unique among cases that run at the same time.
func (b *bench) id(name string) string { return b.App() + "-" + name }

// short undoes id, and names the channels that Asterisk named: in1, in2, … in
// the order in which they entered the application.
func (b *bench) short(id string) string {
	if name, ours := strings.CutPrefix(id, b.App()+"-"); ours {
		return name
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if name, known := b.names[id]; known {
		return name
	}
	name := fmt.Sprintf("in%d", len(b.names)+1)
	b.names[id] = name
	return name
}

// long is the id behind a short name.
func (b *bench) long(short string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, name := range b.names {
		if name == short {
			return id
		}
	}
	return b.App() + "-" + short
}

// tap keeps what came over one event socket, in words.
type tap struct {
	b      *bench
	hangUp func()

	mu    sync.Mutex
	lines []string
	raw   []ari.Event
	end   error
	wake  chan struct{} // closed and replaced when something came
	done  chan struct{}
}

func (b *bench) listen(app string) *tap {
	b.Helper()
	stream, err := b.client().Listen(b.ctx, app)
	if err != nil {
		b.Fatal(err)
	}
	t := &tap{b: b, wake: make(chan struct{}), done: make(chan struct{}), hangUp: func() {
		_ = stream.Close() // it always returns nil
	}}
	go func() {
		defer close(t.done)
		for event, err := range stream.All() {
			t.put(event, err)
		}
	}()
	b.Cleanup(t.close)
	return t
}

// put keeps an event, or the end of the stream.
func (t *tap) put(event ari.Event, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.end = err
	} else if line := t.b.describe(event); line != "" {
		t.lines, t.raw = append(t.lines, line), append(t.raw, event)
	}
	close(t.wake)
	t.wake = make(chan struct{})
}

func (t *tap) close() {
	t.hangUp()
	<-t.done
}

func (t *tap) trace() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.lines)
}

func (t *tap) find(line string) ari.Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.lines, line); i >= 0 {
		return t.raw[i]
	}
	return nil
}

// await waits for all lines, in any order, and returns the event of the last.
func (t *tap) await(lines ...string) (event ari.Event) {
	t.b.Helper()
	for _, line := range lines {
		event = t.awaitOne(line)
	}
	return event
}

func (t *tap) awaitOne(line string) ari.Event {
	t.b.Helper()
	late := time.After(patience)
	for {
		t.mu.Lock()
		wake := t.wake
		t.mu.Unlock()
		if event := t.find(line); event != nil {
			return event
		}
		select {
		case <-wake:
		case <-late:
			t.b.Fatalf("%q did not come within %v, but:\n  %s", line, patience, strings.Join(t.trace(), "\n  "))
		}
	}
}

// ended waits for the end of the stream.
func (t *tap) ended() error {
	t.b.Helper()
	select {
	case <-t.done:
	case <-time.After(patience):
		t.b.Fatalf("the stream did not end within %v", patience)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.end
}

// inOrder waits until the lines have come in this order, others between them
// or not.
func (t *tap) inOrder(lines ...string) {
	t.b.Helper()
	late := time.After(patience)
	for {
		t.mu.Lock()
		wake := t.wake
		t.mu.Unlock()
		at, trace := 0, t.trace()
		for _, line := range trace {
			if at < len(lines) && line == lines[at] {
				at++
			}
		}
		if at == len(lines) {
			return
		}
		select {
		case <-wake:
		case <-late:
			t.b.Fatalf("%q did not come in the order\n  %s\nbut\n  %s", lines[at], strings.Join(lines, "\n  "), strings.Join(trace, "\n  "))
		}
	}
}

// never asserts that no line begins with the prefix, now. Let something that
// comes later arrive first.
func (t *tap) never(prefix string) {
	t.b.Helper()
	for _, line := range t.trace() {
		if strings.HasPrefix(line, prefix) {
			t.b.Errorf("%q came:\n  %s", line, strings.Join(t.trace(), "\n  "))
			return
		}
	}
}

// describe puts an event into one line; what no case asserts gives "".
func (b *bench) describe(event ari.Event) string {
	name := event.Header().Type
	switch e := event.(type) {
	case *ari.StasisStart:
		line := fmt.Sprintf("%s %s %s", name, b.short(e.Channel.ID), strings.Join(e.Args, ","))
		if e.ReplaceChannel != nil {
			line += "replaces " + b.short(e.ReplaceChannel.ID)
		}
		return line
	case *ari.StasisEnd:
		return name + " " + b.short(e.Channel.ID)
	case *ari.ChannelStateChange:
		return name + " " + b.short(e.Channel.ID) + " " + e.Channel.State
	case *ari.ChannelHangupRequest: // its cause is not one to rely on, see hangupCause
		return name + " " + b.short(e.Channel.ID)
	case *ari.ChannelDestroyed:
		return fmt.Sprintf("%s %s %d", name, b.short(e.Channel.ID), e.Cause)
	case *ari.ChannelDtmfReceived:
		return name + " " + b.short(e.Channel.ID) + " " + e.Digit
	case *ari.DialEvent:
		return name + " " + b.short(e.Peer.ID) + " " + e.DialStatus
	case *ari.ChannelEnteredBridge:
		return name + " " + b.short(e.Bridge.ID) + " " + b.short(e.Channel.ID)
	case *ari.ChannelLeftBridge:
		return name + " " + b.short(e.Bridge.ID) + " " + b.short(e.Channel.ID)
	case *ari.BridgeCreated:
		return name + " " + b.short(e.Bridge.ID)
	case *ari.BridgeDestroyed:
		return name + " " + b.short(e.Bridge.ID)
	case *ari.PlaybackStarted:
		return name + " " + b.short(e.Playback.ID)
	case *ari.PlaybackContinuing:
		return name + " " + b.short(e.Playback.ID)
	case *ari.PlaybackFinished:
		return name + " " + b.short(e.Playback.ID) + " " + e.Playback.State
	case *ari.RecordingStarted:
		return name + " " + b.short(e.Recording.Name)
	case *ari.RecordingFinished:
		return name + " " + b.short(e.Recording.Name) + " " + e.Recording.State
	case *ari.RecordingFailed:
		return name + " " + b.short(e.Recording.Name) + " " + e.Recording.State
	case *ari.ChannelHold:
		return name + " " + b.short(e.Channel.ID)
	case *ari.ChannelUnhold:
		return name + " " + b.short(e.Channel.ID)
	case *ari.ChannelTransfer:
		return strings.TrimSpace(name + " " + b.short(e.ReferredBy.SourceChannel.ID) + " " + e.ReferTo.RequestedDestination.Destination + " " + e.State)
	case *ari.BridgeBlindTransfer:
		return name + " " + b.short(e.Channel.ID) + " " + e.Exten + " " + e.Result
	case *ari.BridgeAttendedTransfer:
		return name + " " + b.short(e.TransfererFirstLeg.ID) + " " + e.DestinationType + " " + e.Result
	case *ari.ChannelUserevent:
		return name + " " + e.Name
	case *ari.ApplicationReplaced:
		return name
	}
	return ""
}

// caller places a call to the application and returns its channel's id.
func (b *bench) caller() (Caller, string) {
	b.Helper()
	before := len(b.tap.trace())
	c := b.Call(b.App())
	return c, b.long(b.tap.entered(before))
}

// entered waits for a call to the application, behind the first lines of the
// trace, and returns its channel's short name.
func (t *tap) entered(behind int) string {
	t.b.Helper()
	late := time.After(patience)
	for {
		t.mu.Lock()
		wake := t.wake
		t.mu.Unlock()
		for _, line := range t.trace()[behind:] {
			if strings.HasPrefix(line, "StasisStart ") && strings.HasSuffix(line, " in,"+t.b.App()) {
				return strings.Fields(line)[1]
			}
		}
		select {
		case <-wake:
		case <-late:
			t.b.Fatalf("the call did not enter the application; events:\n  %s", strings.Join(t.trace(), "\n  "))
		}
	}
}

// leg creates and dials a leg to an endpoint.
func (b *bench) leg(name, endpoint string, timeout time.Duration) string {
	b.Helper()
	id := b.create(name, endpoint)
	b.ok(b.api.Channels.Dial(b.ctx, id, ari.Dial{Timeout: timeout}))
	return id
}

func (b *bench) create(name, endpoint string) string {
	b.Helper()
	_, err := b.api.Channels.Create(b.ctx, ari.CreateChannel{
		ID: b.id(name), Endpoint: endpoint, App: b.App(), AppArgs: name, Formats: []string{"alaw"},
	})
	b.ok(err)
	b.tap.await("StasisStart " + name + " " + name)
	return b.id(name)
}

// answered is a leg to telephone n that is up.
func (b *bench) answered(name string, n int) string {
	b.Helper()
	b.Phone(n).Answers(0)
	id := b.leg(name, b.Phone(n).Endpoint(), 10*time.Second)
	b.tap.await("ChannelStateChange " + name + " Up")
	return id
}

func (b *bench) bridge(name string, channels ...string) string {
	b.Helper()
	_, err := b.api.Bridges.Create(b.ctx, ari.CreateBridge{ID: b.id(name), Type: "mixing,dtmf_events"})
	b.ok(err)
	b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = b.api.Bridges.Destroy(ctx, b.id(name)) // the case may have done it
	})
	if len(channels) > 0 {
		b.ok(b.api.Bridges.AddChannels(b.ctx, b.id(name), channels, ari.AddChannels{}))
	}
	return b.id(name)
}

func (b *bench) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("%v; events:\n  %s", err, strings.Join(b.tap.trace(), "\n  "))
	}
}

// is asserts the class of an error and, if it is an answer, its status.
func (b *bench) is(err, class error, status int) {
	b.Helper()
	var answer *ari.Error
	if !errors.Is(err, class) || !errors.As(err, &answer) || answer.Status != status {
		b.Errorf("error is %v; it should be %d, %v", err, status, class)
	}
}

// within waits for a channel to be closed.
func (b *bench) within(what string, done <-chan struct{}) {
	b.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		b.Fatalf("%s did not happen within %v; events:\n  %s", what, patience, strings.Join(b.tap.trace(), "\n  "))
	}
}

// eventually asks until it is so.
func (b *bench) eventually(what string, so func() bool) {
	b.Helper()
	for began := time.Now(); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > patience {
			b.Fatalf("not within %v: %s; events:\n  %s", patience, what, strings.Join(b.tap.trace(), "\n  "))
		}
	}
}

package control

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"hotline/ari"
	"hotline/ari/call"
)

// Deps is what every slot needs.
type Deps struct {
	ARI       *ari.Client
	Journal   Journal
	Directory Directory
	Floor     Floor
	Plans     Plans
	Meter     Meter
	Log       *zap.Logger
	Owner     string // this instance's name
}

// Slot runs the calls of one Stasis application.
type Slot struct {
	Deps
	number int
	app    string
	fault  atomic.Pointer[error] // why the slot is not served; nil while it is
}

// NewSlot makes slot number n, whose Stasis application is "hotline-n".
func NewSlot(n int, d Deps) *Slot {
	s := &Slot{Deps: d, number: n, app: fmt.Sprintf("hotline-%d", n)}
	s.Log = d.Log.With(zap.Int("slot", n))
	s.unserved(errors.New("not connected yet"))
	return s
}

func (s *Slot) unserved(err error) { s.fault.Store(&err) }

// Ready is nil while the slot listens to Asterisk, and otherwise says why not.
func (s *Slot) Ready() error {
	if err := s.fault.Load(); err != nil {
		return fmt.Errorf("slot %d: %w", s.number, *err)
	}
	return nil
}

// Back-off between sessions. The first retry is at once: a cut socket is mostly
// just that.
const (
	retryFirst = 50 * time.Millisecond
	retryMost  = 2 * time.Second
)

// Run serves the slot until ctx ends or another instance has taken it. A session
// that ends for another reason is followed by the next one, which reconciles:
// what happened in between is found by looking.
func (s *Slot) Run(ctx context.Context) error {
	wait := retryFirst
	for {
		began := time.Now()
		err := s.session(ctx)
		s.Meter.SlotOwned(s.number, false)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.unserved(err)
		if lost(err) {
			return errLost(s.number, err)
		}
		s.Log.Warn("slot session ended", zap.Error(err))
		if time.Since(began) > 10*time.Second {
			wait = retryFirst
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait/2 + rand.N(wait)):
		}
		wait = min(wait*2, retryMost)
	}
}

// session is one life of the slot: from listening to the end of the socket.
type session struct {
	*Slot
	epoch    int64
	calls    map[string]*actor // by call id
	channels map[string]string // caller's channel → call id
	ended    *mailbox[*actor]  // actors whose call is over, or who had to stop
	floorOps *mailbox[floorOp]

	background *group // everything that is not an actor
	probing    bool   // a probe was sent and not heard yet
}

func (s *Slot) session(parent context.Context) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)

	// Listen first: from here on nothing is missed. What happened before is
	// found by reconcile. Owning the epoch before listening would fence a
	// predecessor whose socket we do not replace.
	stream, err := s.ARI.Listen(ctx, s.app)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer stream.Close()
	epoch, err := s.take(ctx)
	if err != nil {
		return err
	}
	if err := s.ARI.Applications.SetEventFilter(ctx, s.app, wanted); err != nil {
		return fmt.Errorf("filter events: %w", err)
	}
	n := &session{
		Slot: s, epoch: epoch,
		calls: map[string]*actor{}, channels: map[string]string{},
		ended: newMailbox[*actor](), floorOps: newMailbox[floorOp](),
	}
	n.background = newGroup(ctx, cancel)
	defer n.background.wait()
	defer cancel(nil)
	n.background.start(n.runFloorOps)
	defer n.waitForActors()
	defer cancel(nil)

	events, inbox := make(chan ari.Event), make(chan letter)
	n.background.start(func(ctx context.Context) error { return forward(ctx, stream, events) })
	early, err := n.prove(ctx, events)
	if err != nil {
		return err
	}
	if err := n.reconcile(ctx); err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	for _, ev := range early {
		n.dispatch(ctx, ev)
	}
	s.fault.Store(nil)
	s.Meter.SlotOwned(s.number, true)
	s.Log.Info("slot is served", zap.Int64("epoch", epoch), zap.Int("open_calls", len(n.calls)))

	n.background.start(func(ctx context.Context) error { return n.readInbox(ctx, inbox) })
	audit := time.NewTicker(auditEvery)
	defer audit.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case ev := <-events:
			n.dispatch(ctx, ev)
		case l := <-inbox:
			n.deliver(ctx, l)
		case <-n.ended.wake:
			if err := n.forget(n.ended.take()); err != nil {
				return err
			}
		case <-audit.C:
			n.auditAgents(ctx)
			if err := n.probe(ctx); err != nil {
				return err
			}
		}
	}
}

// takeWait bounds how long the log may keep us from the slot. We listen already,
// so that new callers come to us: when the log is away they are better served by
// the dialplan's fallback, which they get when the session ends.
const takeWait = 3 * time.Second

func (s *Slot) take(ctx context.Context) (epoch int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, takeWait)
	defer cancel()
	if epoch, err = s.Journal.TakeSlot(ctx, s.number, s.Owner); err != nil {
		return 0, fmt.Errorf("take slot: %w", err)
	}
	return epoch, nil
}

// forward hands over Asterisk's events; the stream queues without bound, so a
// slow session never makes Asterisk cut us off.
func forward(ctx context.Context, stream *ari.Stream, to chan<- ari.Event) error {
	for ev, err := range stream.All() {
		if err != nil {
			return err
		}
		select {
		case to <- ev:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.New("event stream ended")
}

type letter struct {
	call  string
	event call.Event
}

func (n *session) readInbox(ctx context.Context, to chan<- letter) error {
	for ctx.Err() == nil {
		id, e, ok, err := n.Floor.Next(ctx, n.number)
		if err != nil {
			if ctx.Err() == nil {
				n.Log.Warn("inbox", zap.Error(err))
				pause(ctx, time.Second) // Redis is away: conversations go on, offers wait
			}
			continue
		}
		if !ok {
			continue
		}
		select {
		case to <- letter{id, e}:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (n *session) dispatch(ctx context.Context, ev ari.Event) {
	if isProbe(ev) {
		n.probing = false
		return
	}
	if start, ok := ev.(*ari.StasisStart); ok && len(start.Args) >= 2 && start.Args[0] == "in" {
		n.admit(ctx, start.Channel, start.Args[1])
		return
	}
	resource, t, ok := translate(ev)
	if !ok {
		return
	}
	id, known := n.channels[resource]
	if !known {
		id, _ = callOf(resource)
	}
	if a := n.calls[id]; a != nil {
		a.mail.put(t)
	}
}

// admit takes in a new caller. A channel that is known already is one that
// reconcile found before its event was read.
func (n *session) admit(ctx context.Context, c ari.Channel, called string) {
	if _, known := n.channels[c.ID]; known {
		return
	}
	id, err := uuid.NewV7()
	if err != nil { // no randomness: nothing works on this machine
		n.Log.Error("new call id", zap.Error(err))
		return
	}
	a := n.start(ctx, call.Record{State: call.State{ID: id.String(), Channel: c.ID}})
	a.mail.put(told{event: call.Arrived{
		ID: id.String(), Channel: c.ID, Caller: c.Caller.Number, Called: called, Plan: n.Plans(called),
	}})
	n.Meter.CallStarted()
}

// start gives a call its actor. The zero phase means that nothing is logged yet.
func (n *session) start(ctx context.Context, r call.Record) *actor {
	a := newActor(n, r)
	n.calls[r.State.ID] = a
	n.channels[r.State.Channel] = r.State.ID
	go func() { // waitForActors waits for it
		a.fault = a.run(ctx)
		n.ended.put(a)
	}()
	return a
}

// forget removes actors that are done. A fenced one means that the slot has
// another owner: then nothing of it may be touched any more.
func (n *session) forget(done []*actor) error {
	var fenced error
	for _, a := range done {
		delete(n.calls, a.state.ID)
		delete(n.channels, a.state.Channel)
		if errors.Is(a.fault, call.ErrFenced) {
			fenced = a.fault
		}
	}
	return fenced
}

func (n *session) waitForActors() {
	for len(n.calls) > 0 {
		<-n.ended.wake
		_ = n.forget(n.ended.take()) // the session is ending already
	}
}

// deliver hands an event from a desk or the matcher to its call. An offer for a
// call that is over gives the agent back.
func (n *session) deliver(_ context.Context, l letter) {
	if a := n.calls[l.call]; a != nil {
		a.mail.put(told{event: l.event})
		return
	}
	if r, ok := l.event.(call.AgentReserved); ok {
		n.floorOps.put(floorOp{l.call, call.Dequeue{}}) // a place that outlived its call would be offered again
		n.floorOps.put(floorOp{l.call, call.ReleaseAgent{Agent: r.Agent, Attempt: r.Attempt, Why: call.ReleaseVoid}})
	}
}

// appData splits what Stasis was started with: "hotline-0,in,4000".
func appData(c ari.Channel) (app string, args []string) {
	if c.Dialplan.AppName != "Stasis" {
		return "", nil
	}
	parts := strings.Split(c.Dialplan.AppData, ",")
	return parts[0], parts[1:]
}

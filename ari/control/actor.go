package control

import (
	"context"
	"errors"
	"reflect"
	"time"

	"go.uber.org/zap"

	"hotline/ari/call"
)

// actor owns one call: the only goroutine that changes its state.
type actor struct {
	*session
	state call.State
	seq   int64
	mail  *mailbox[told]
	log   *zap.Logger

	fault error // set when run returns, read after it was put into ended
}

func newActor(n *session, r call.Record) *actor {
	return &actor{session: n, state: r.State, seq: r.Seq, mail: newMailbox[told](), log: n.Log.With(zap.String("call", r.State.ID))}
}

// run takes events one by one until the call has ended (nil), the slot is lost
// (call.ErrFenced), or ctx ends.
func (a *actor) run(ctx context.Context) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Stop()
		if !a.state.Deadline.IsZero() {
			timer.Reset(time.Until(a.state.Deadline))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			if err := a.handle(ctx, call.DeadlinePassed{}); err != nil {
				return err
			}
		case <-a.mail.wake:
			for _, t := range a.mail.take() {
				if err := a.hear(ctx, t); err != nil {
					return err
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
			}
		}
		if a.state.Phase == call.Ended {
			return nil
		}
	}
}

// legEndWait is how long the end of a leg that left the application is awaited.
const legEndWait = time.Second

// hear takes what concerns only the shell, and hands the rest to the core.
func (a *actor) hear(ctx context.Context, t told) error {
	switch {
	case t.legEntered != "":
		a.dial(ctx, t.legEntered, t.leg)
		return nil
	case t.legLeft:
		// Should the end itself be lost, this stands in for it.
		time.AfterFunc(legEndWait, func() { a.mail.put(told{event: legEnd(t.leg, 0)}) })
		return nil
	}
	return a.handle(ctx, t.event)
}

// handle decides, writes down, acts: in this order, in this one place.
func (a *actor) handle(ctx context.Context, e call.Event) error {
	at := time.Now().UTC().Truncate(time.Microsecond) // what Postgres keeps
	began := time.Now()
	before := a.state.Phase
	next, effects := call.Step(a.state, e, at)
	if len(effects) == 0 && reflect.DeepEqual(next, a.state) {
		return nil // means nothing here
	}
	if before != call.Ended { // after the end only offers are given back
		entry := call.Entry{Call: next.ID, Slot: a.number, Epoch: a.epoch, Seq: a.seq + 1, At: at, Event: e}
		if err := a.write(ctx, entry, next); err != nil {
			return err
		}
		a.state, a.seq = next, a.seq+1
	}
	if next.Phase != before {
		a.log.Info("call", zap.String("event", call.TypeOf(e)), zap.String("from", string(before)), zap.String("to", string(next.Phase)), zap.Int64("seq", a.seq))
	}
	for _, f := range effects {
		a.perform(ctx, f)
	}
	a.Meter.Transition(time.Since(began))
	if next.Phase == call.Ended && before != call.Ended {
		a.Meter.CallEnded(next.Outcome)
	}
	return nil
}

// write appends until it is done. While the store is away the call waits here:
// Asterisk goes on playing music or bridging, and nothing is done that was not
// written down.
func (a *actor) write(ctx context.Context, e call.Entry, after call.State) error {
	wait := 50 * time.Millisecond
	for {
		err := a.Journal.Append(ctx, e, after)
		if err == nil || errors.Is(err, call.ErrFenced) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		a.log.Warn("log is not writable, trying again", zap.Error(err))
		pause(ctx, wait)
		wait = min(wait*2, 2*time.Second)
	}
}

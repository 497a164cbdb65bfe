package agent

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrNotNow is wrapped by every refusal of Step: the request is well-formed but
// the present state does not allow it.
var ErrNotNow = errors.New("not possible in this state")

// Event is something that happens to an agent. The set is closed.
type Event interface{ event() }

// What an agent asks for.
type (
	// GoReady asks for calls, on the given device.
	GoReady struct{ Device Device }
	// GoAway asks for a pause; while bound to a call it becomes Next.
	GoAway struct{ Reason string }
	// GoOffline signs off; while bound to a call it becomes Next.
	GoOffline struct{}
	// FinishWrapUp ends wrap-up at once.
	FinishWrapUp struct{}
	// ExtendWrapUp moves the end of wrap-up.
	ExtendWrapUp struct{ By time.Duration }
)

// What the floor does.
type (
	// Reserve binds a ready agent to an offer.
	Reserve struct {
		Call    string
		Attempt int
		Slot    int
	}
	// Ring tells that the agent's phone is being called.
	Ring struct {
		Call    string
		Attempt int
	}
	// Connect tells that agent and caller are bridged.
	Connect struct {
		Call    string
		Attempt int
	}
	// Release ends the agent's part in a call.
	Release struct {
		Call    string
		Attempt int
		Why     Outcome
		WrapUp  time.Duration // for Finished: how long wrap-up lasts at most
	}
	// Tick lets time pass; it ends a wrap-up that is over.
	Tick struct{}
	// DeskOpened and DeskLost tell whether a page of the agent is there.
	DeskOpened struct{}
	DeskLost   struct{}
)

// Outcome is how an offer or a conversation ended for the agent.
type Outcome string

// The outcomes.
const (
	Finished      Outcome = "finished"        // talked; wrap-up follows
	OfferMissed   Outcome = "missed"          // rang out
	OfferRejected Outcome = "rejected"        // refused by the agent
	OfferFailed   Outcome = "unreachable"     // the phone could not be reached
	OfferVoid     Outcome = "caller_withdrew" // the caller left, or the offer came too late: the agent is ready again, at the old place
)

func (GoReady) event()      {}
func (GoAway) event()       {}
func (GoOffline) event()    {}
func (FinishWrapUp) event() {}
func (ExtendWrapUp) event() {}
func (Reserve) event()      {}
func (Ring) event()         {}
func (Connect) event()      {}
func (Release) event()      {}
func (Tick) event()         {}
func (DeskOpened) event()   {}
func (DeskLost) event()     {}

// maxWrapUp bounds what repeated extensions can reach, from the last call's end.
const maxWrapUp = 10 * time.Minute

// Step applies one event. An event of the floor that means nothing here (late,
// repeated, about another call) returns the agent unchanged and no error; a
// request that the state does not allow returns an error that wraps ErrNotNow.
func Step(a Agent, e Event, at time.Time) (Agent, error) {
	switch e := e.(type) {
	case GoReady:
		return a.goReady(e, at)
	case GoAway:
		if !slices.Contains([]string{Break, Meal, Training, Meeting, Other}, e.Reason) {
			return a, fmt.Errorf("away reason %q is not known", e.Reason)
		}
		return a.leave(Next{State: Away, Reason: e.Reason}, at), nil
	case GoOffline:
		return a.leave(Next{State: Offline}, at), nil
	case FinishWrapUp:
		if a.State != WrapUp {
			return a, fmt.Errorf("finish wrap-up: %w", ErrNotNow)
		}
		return a.endWrapUp(at), nil
	case ExtendWrapUp:
		if a.State != WrapUp {
			return a, fmt.Errorf("extend wrap-up: %w", ErrNotNow)
		}
		a.WrapUntil = a.WrapUntil.Add(e.By)
		if limit := a.Since.Add(maxWrapUp); a.WrapUntil.After(limit) {
			a.WrapUntil = limit
		}
		return a, nil
	case Reserve:
		if !a.Available() {
			return a, fmt.Errorf("reserve: %w", ErrNotNow)
		}
		a = a.enter(Reserved, "", at)
		a.Call, a.Attempt, a.Slot = e.Call, e.Attempt, e.Slot
		return a, nil
	case Ring:
		if a.State == Reserved && a.at(e.Call, e.Attempt) {
			a = a.enter(Ringing, "", at)
		}
		return a, nil
	case Connect:
		if (a.State == Reserved || a.State == Ringing) && a.at(e.Call, e.Attempt) {
			a = a.enter(Talking, "", at)
			a.Missed = 0
		}
		return a, nil
	case Release:
		return a.release(e, at), nil
	case Tick:
		if a.State == WrapUp && !at.Before(a.WrapUntil) {
			a = a.endWrapUp(at)
		}
		return a, nil
	case DeskOpened:
		a.Connected, a.LostAt = true, time.Time{}
		return a, nil
	case DeskLost:
		if a.Connected {
			a.Connected, a.LostAt = false, at
		}
		return a, nil
	}
	return a, fmt.Errorf("unknown agent event %T", e)
}

// at tells whether an event is about the call and offer that bind the agent.
func (a Agent) at(call string, attempt int) bool { return a.Call == call && a.Attempt == attempt }

func (a Agent) enter(s State, reason string, at time.Time) Agent {
	a.State, a.Reason, a.Since = s, reason, at
	return a
}

// free enters a state that belongs to no call.
func (a Agent) free(s State, reason string, at time.Time) Agent {
	a.Call, a.Attempt, a.Slot, a.WrapUntil, a.Next = "", 0, 0, time.Time{}, nil
	return a.enter(s, reason, at)
}

func (a Agent) goReady(e GoReady, at time.Time) (Agent, error) {
	if e.Device != Browser && e.Device != DeskPhone {
		return a, fmt.Errorf("device %q is not known", e.Device)
	}
	if a.Busy() && a.State != WrapUp {
		if e.Device != a.Device {
			return a, fmt.Errorf("change of device during a call: %w", ErrNotNow)
		}
		a.Next = nil // takes back a pending pause
		return a, nil
	}
	a.Device = e.Device
	if a.State == WrapUp {
		a.Next = nil
		return a.endWrapUp(at), nil
	}
	if a.State == Ready {
		return a, nil // keeps the place among the idle
	}
	a.Missed = 0
	a = a.free(Ready, "", at)
	a.IdleSince = at
	return a, nil
}

// leave pauses or signs off, at once or after the present call. Wrap-up counts
// as part of the call: leaving during it is remembered, not obeyed at once.
func (a Agent) leave(n Next, at time.Time) Agent {
	if a.Busy() {
		a.Next = &n
		return a
	}
	if a.State == n.State && a.Reason == n.Reason {
		return a
	}
	return a.free(n.State, n.Reason, at)
}

func (a Agent) release(e Release, at time.Time) Agent {
	if !a.Busy() || a.State == WrapUp || !a.at(e.Call, e.Attempt) {
		return a
	}
	switch e.Why {
	case Finished:
		a = a.enter(WrapUp, "", at)
		a.WrapUntil = at.Add(e.WrapUp)
		a.IdleSince = at
		return a
	case OfferVoid:
		next := a.Next
		if next != nil {
			return a.free(next.State, next.Reason, at)
		}
		return a.free(Ready, "", at) // IdleSince is kept: the agent did not cause this
	}
	// Missed, refused and failed offers make the agent away, so that the caller
	// is not offered to the same silent phone again and again.
	missed := a.Missed + 1
	if a.Next != nil && a.Next.State == Offline {
		return a.free(Offline, "", at)
	}
	a = a.free(Away, string(e.Why), at)
	a.Missed = missed
	return a
}

func (a Agent) endWrapUp(at time.Time) Agent {
	if n := a.Next; n != nil {
		return a.free(n.State, n.Reason, at)
	}
	a = a.free(Ready, "", at)
	a.IdleSince = at
	return a
}

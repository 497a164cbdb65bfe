// Package agent is the presence of one agent as a pure state machine: what the
// agent intends (ready, away, offline) and what the floor does with them
// (reserved, ringing, talking, wrap-up). It has no clock, no store and no
// logger; package floor keeps the value in Redis and applies Step to it.
//
// Two promises are kept here and nowhere else: an agent is offered one call at
// a time, and wrap-up holds until it is finished, expires, or the agent leaves.
package agent

import (
	"errors"
	"time"
)

// State is where an agent stands. The zero value is not a state.
type State string

// The states. Reserved, Ringing, Talking and WrapUp belong to one call, named
// in Agent.Call; the others belong to none.
const (
	Offline  State = "offline"
	Away     State = "away"
	Ready    State = "ready"
	Reserved State = "reserved" // chosen for a call, the pop is on its way
	Ringing  State = "ringing"  // the agent's phone is being called
	Talking  State = "talking"
	WrapUp   State = "wrap_up"
)

// Reasons for being away. The first five are chosen by the agent; the others
// are set by the floor when an offer came to nothing.
const (
	Break    = "break"
	Meal     = "meal"
	Training = "training"
	Meeting  = "meeting"
	Other    = "other"

	Missed      = "missed"      // the phone rang out
	Rejected    = "rejected"    // the agent refused the offer
	Unreachable = "unreachable" // the phone is not registered or failed
)

// Device is where an agent's calls ring.
type Device string

// The devices of this version.
const (
	Browser   Device = "browser"
	DeskPhone Device = "desk_phone"
)

// Next is the state that an agent asked for while busy; it is entered when the
// present call is over (after wrap-up).
type Next struct {
	State  State  `json:"state"`
	Reason string `json:"reason,omitempty"`
}

// Agent is the whole presence of one agent. It is a value: copy it freely.
type Agent struct {
	ID        string   `json:"id"` // user id
	Name      string   `json:"name"`
	Extension string   `json:"extension"`
	Queues    []string `json:"queues"`

	State  State     `json:"state"`
	Reason string    `json:"reason,omitempty"` // why away
	Since  time.Time `json:"since"`            // start of the present state
	Device Device    `json:"device"`
	Next   *Next     `json:"next,omitempty"`

	Call      string    `json:"call,omitempty"`    // of Reserved … WrapUp
	Slot      int       `json:"slot,omitempty"`    // whose controller owns that call
	Attempt   int       `json:"attempt,omitempty"` // the offer's number within the call
	WrapUntil time.Time `json:"wrap_until,omitzero"`
	IdleSince time.Time `json:"idle_since,omitzero"` // end of the last call, or first ready: the key of "longest idle"
	Missed    int       `json:"missed,omitempty"`    // offers missed in a row

	// Connected tells whether a desk page of this agent is open. An agent whose
	// page is gone is not offered calls: nobody would see the pop. A call that
	// is running goes on.
	Connected bool      `json:"connected"`
	LostAt    time.Time `json:"lost_at,omitzero"` // when the last desk page went away

	// Version counts the changes of the stored value; the store sets it, and a
	// request that names an older one is refused with ErrStale.
	Version int64 `json:"version"`
}

// ErrStale tells that the agent has changed since the version that a request
// was based on.
var ErrStale = errors.New("the agent's state has changed meanwhile")

// Change is what the floor announces: whose presence changed, or which
// call has ended (and who had it). Whoever shows it reads the present state anew.
type Change struct {
	Agent     string `json:"agent,omitempty"`
	CallEnded string `json:"call_ended,omitempty"`
}

// New is an agent who has never signed in on this floor.
func New(id, name, extension string, queues []string, at time.Time) Agent {
	return Agent{ID: id, Name: name, Extension: extension, Queues: queues, State: Offline, Since: at, Device: Browser}
}

// Available tells whether a call may be offered now.
func (a Agent) Available() bool { return a.State == Ready && a.Connected }

// OnDuty tells whether waiting for this agent makes sense at the given time:
// signed in, and the page not lost for longer than grace.
func (a Agent) OnDuty(now time.Time, grace time.Duration) bool {
	if a.State == Offline {
		return false
	}
	return a.Connected || a.Busy() || now.Sub(a.LostAt) < grace
}

// Busy tells whether the agent is bound to a call.
func (a Agent) Busy() bool {
	switch a.State {
	case Reserved, Ringing, Talking, WrapUp:
		return true
	}
	return false
}

// Phone names the telephone that the agent's calls ring: the extension itself
// is the desk phone, and the browser registers beside it.
func (a Agent) Phone() string {
	if a.Device == Browser {
		return a.Extension + "-web"
	}
	return a.Extension
}

// Serves tells whether the agent answers for a queue.
func (a Agent) Serves(queue string) bool {
	for _, q := range a.Queues {
		if q == queue {
			return true
		}
	}
	return false
}

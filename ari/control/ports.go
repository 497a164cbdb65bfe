// Package control runs calls: it listens to Asterisk, owns one goroutine for
// every conversation, and does what package call decides: decide, write down,
// act, in that order.
//
// A slot is a Stasis application and the unit of ownership. One code path
// serves the start, a cut connection and a takeover: listen, then reconcile,
// then dispatch.
package control

import (
	"context"
	"time"

	"hotline/ari/call"
)

// Journal is the durable log. Append refuses with call.ErrFenced when somebody
// else owns the slot now; any other error means that the store is in trouble
// and the same entry may be tried again.
type Journal interface {
	TakeSlot(ctx context.Context, slot int, owner string) (epoch int64, err error)
	OpenCalls(ctx context.Context, slot int) ([]call.Record, error)
	Append(ctx context.Context, e call.Entry, after call.State) error
}

// Directory knows who has which number.
type Directory interface {
	Identify(ctx context.Context, number string) (customer string, matches int, err error)
}

// Floor is the queue and the agents' presence. Repeating a call of any method
// is harmless.
type Floor interface {
	Enqueue(ctx context.Context, slot int, callID string, e call.Enqueue) error
	Dequeue(ctx context.Context, callID string) error
	MarkRinging(ctx context.Context, callID string, e call.MarkRinging) error
	MarkTalking(ctx context.Context, callID string, e call.MarkTalking) error
	Release(ctx context.Context, callID string, e call.ReleaseAgent) error
	// Changed announces that the agent's call stands differently now.
	Changed(ctx context.Context, agentID string) error
	// Ended announces that a call is over; agentID may be empty.
	Ended(ctx context.Context, callID, agentID string) error
	// Bound lists the agents that are bound to calls of a slot at this moment,
	// wrap-up aside.
	Bound(ctx context.Context, slot int) ([]Binding, error)
	// Next waits a moment for the next event that somebody sent to a call
	// of this slot; ok is false when there was none.
	Next(ctx context.Context, slot int) (callID string, e call.Event, ok bool, err error)
}

// Binding is an agent who is bound to a call.
type Binding struct {
	Agent, Endpoint, Call string
	Attempt               int
}

// Plans finds the plan of a dialled number. It must always answer: a caller on
// a number that nobody configured is a caller all the same.
type Plans func(called string) call.Plan

// Meter counts what an operator wants to see. Methods must not block.
type Meter interface {
	CallStarted()
	CallEnded(outcome call.Outcome)
	Transition(took time.Duration) // from the event's arrival at the actor to its effects done
	EffectFailed(effect string)
	SlotOwned(slot int, owned bool)
}

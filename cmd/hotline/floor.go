package main

import (
	"context"
	"errors"

	"hotline/agent"
	"hotline/agent/floor"
	"hotline/ari/call"
	"hotline/ari/control"
)

// callFloor is the floor as calls see it: it maps the words of package call to
// those of package agent, which do not know each other.
type callFloor struct{ floor *floor.Floor }

var _ control.Floor = callFloor{}

func (f callFloor) Enqueue(ctx context.Context, slot int, callID string, e call.Enqueue) error {
	return f.floor.Enqueue(ctx, floor.Place{
		Call: callID, Slot: slot, Queue: e.Queue, Priority: e.Priority, EnteredAt: e.EnteredAt, Attempt: e.Attempt,
	})
}

func (f callFloor) Dequeue(ctx context.Context, callID string) error {
	return f.floor.Dequeue(ctx, callID)
}

func (f callFloor) MarkRinging(ctx context.Context, callID string, e call.MarkRinging) error {
	return f.apply(ctx, e.Agent, agent.Ring{Call: callID, Attempt: e.Attempt})
}

func (f callFloor) MarkTalking(ctx context.Context, callID string, e call.MarkTalking) error {
	return f.apply(ctx, e.Agent, agent.Connect{Call: callID, Attempt: e.Attempt})
}

// apply moves an agent's presence. An agent whom the floor does not know, as
// after a Redis that came back empty, has nothing to be moved.
func (f callFloor) apply(ctx context.Context, id string, e agent.Event) error {
	_, err := f.floor.Command(ctx, id, -1, e)
	if errors.Is(err, floor.ErrUnknownAgent) {
		return nil
	}
	return err
}

var outcomes = map[call.Release]agent.Outcome{
	call.ReleaseFinished:    agent.Finished,
	call.ReleaseMissed:      agent.OfferMissed,
	call.ReleaseRejected:    agent.OfferRejected,
	call.ReleaseUnreachable: agent.OfferFailed,
	call.ReleaseVoid:        agent.OfferVoid,
}

func (f callFloor) Release(ctx context.Context, callID string, e call.ReleaseAgent) error {
	return f.apply(ctx, e.Agent, agent.Release{Call: callID, Attempt: e.Attempt, Why: outcomes[e.Why], WrapUp: e.WrapUp})
}

func (f callFloor) Changed(ctx context.Context, agentID string) error {
	return f.floor.Announce(ctx, agent.Change{Agent: agentID})
}

func (f callFloor) Ended(ctx context.Context, callID, agentID string) error {
	return f.floor.Announce(ctx, agent.Change{Agent: agentID, CallEnded: callID})
}

func (f callFloor) Bound(ctx context.Context, slot int) ([]control.Binding, error) {
	agents, err := f.floor.Agents(ctx)
	if err != nil {
		return nil, err
	}
	var out []control.Binding
	for _, a := range agents {
		if a.Busy() && a.State != agent.WrapUp && a.Slot == slot {
			out = append(out, control.Binding{Agent: a.ID, Endpoint: a.Phone(), Call: a.Call, Attempt: a.Attempt})
		}
	}
	return out, nil
}

func (f callFloor) Next(ctx context.Context, slot int) (string, call.Event, bool, error) {
	return f.floor.Next(ctx, slot)
}

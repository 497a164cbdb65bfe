package desk

import (
	"context"

	"hotline/agent"
)

// Feed announces what changes on the floor. It is a hint, never the truth: the
// hub reads the present state anew for everything it is told of.
type Feed interface {
	// Changes subscribes. The channel is closed when the subscription is lost
	// or ctx is done; changes between two subscriptions are gone, so the hub
	// refreshes everything after each one.
	Changes(ctx context.Context) (<-chan agent.Change, error)
}

// Presence is told which agents can see a pop. All calls come from one
// goroutine, in order; one that fails is made again a second later.
type Presence interface {
	// Opened: a desk page of the agent is there.
	Opened(ctx context.Context, agentID string) error
	// Kept: the desk pages of these agents are still there. Every 5 s.
	Kept(ctx context.Context, agentIDs []string) error
	// Lost: the agent's last desk page has been gone for 3 s.
	Lost(ctx context.Context, agentID string) error
}

// Source composes what is shown. The values are marshalled as JSON. It is
// called from several goroutines, but never twice at once for the same agent.
type Source interface {
	Desk(ctx context.Context, agentID string) (any, error)
	Floor(ctx context.Context) (any, error)
	// CallEnded comes before the refresh that a call's end causes: figures
	// kept from before are to be counted anew. agentID may be empty.
	CallEnded(agentID string)
}

// Log takes what went wrong and what the hub did about it.
type Log interface {
	Warn(message string, err error)
}

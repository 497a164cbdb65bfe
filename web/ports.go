package web

import (
	"context"
	"time"

	"github.com/gorilla/websocket"

	"hotline/agent"
	"hotline/agent/acd"
	"hotline/ari/call"
	"hotline/crm"
)

// Users knows who may sign in.
type Users interface {
	// Authenticate returns crm.ErrBadCredentials for a wrong password and for
	// an unknown user alike, after the same work.
	Authenticate(ctx context.Context, username, password string) (crm.User, error)
	User(ctx context.Context, id string) (crm.User, error)
}

// Calls reads conversations and keeps what agents write about them.
type Calls interface {
	Call(ctx context.Context, id string) (crm.Call, error)
	LiveCalls(ctx context.Context) ([]crm.Call, error)
	Calls(ctx context.Context, filter crm.CallFilter) (items []crm.CallSummary, next string, err error)
	CallLog(ctx context.Context, id string) ([]crm.LogLine, error)
	Pop(ctx context.Context, callID string) (crm.Pop, error)
	// RevealNumber returns the caller's full number and writes down who asked
	// and why, or does neither.
	RevealNumber(ctx context.Context, userID, callID, reason string) (string, error)
	Note(ctx context.Context, callID string) (crm.Note, error)
	SaveNote(ctx context.Context, userID, callID, text string, revision int) (crm.Note, error)
	Queues(ctx context.Context) ([]crm.Queue, error)
	Today(ctx context.Context, now time.Time) (crm.Today, error)
	HandledToday(ctx context.Context, agentID string, now time.Time) (int, error)
}

// Tickets keeps what customers were promised.
type Tickets interface {
	CreateTicket(ctx context.Context, userID, idempotencyKey string, t crm.NewTicket, now time.Time) (crm.Ticket, error)
	Ticket(ctx context.Context, id string) (crm.Ticket, error)
	Tickets(ctx context.Context, filter crm.TicketFilter) (items []crm.TicketSummary, next string, err error)
	// CallTickets are those written about one call, oldest first.
	CallTickets(ctx context.Context, callID string) ([]crm.TicketSummary, error)
	Categories(ctx context.Context) ([]crm.Category, error)
}

// Floor is what is happening now.
type Floor interface {
	// Agent returns an offline agent for somebody who was never on the floor.
	Agent(ctx context.Context, id string) (agent.Agent, error)
	Agents(ctx context.Context) ([]agent.Agent, error)
	Waiting(ctx context.Context) ([]acd.Waiting, error)
	// Command applies what an agent asks for; agent.ErrStale when the presence
	// is not of that version any more, agent.ErrNotNow when it is refused.
	Command(ctx context.Context, id string, version int64, e agent.Event) (agent.Agent, error)
	// Tell hands an event to the controller that owns the call's slot.
	Tell(ctx context.Context, slot int, callID string, e call.Event) error
}

// Viewer is who opened a socket and what it may carry. The fields are those of
// the hub's subscriber, so that one converts to the other.
type Viewer struct {
	UserID  string // empty: not signed in
	Session string
	AgentID string
	Desk    bool
	Floor   bool
	Valid   func(context.Context) bool
}

// Sockets serves the live streams.
type Sockets interface {
	// Serve blocks for the connection's life and closes it. It refuses by close
	// code a viewer who is not signed in, or for whom nothing is permitted.
	Serve(ctx context.Context, ws *websocket.Conn, who Viewer)
	CloseSession(session string)
}

// Check is one thing that must work before requests are sent here.
type Check struct {
	Name string
	Run  func(context.Context) error
}
